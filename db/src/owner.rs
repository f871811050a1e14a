//! Whose store a database is, asked before anything in it is brought up to date: another authority's is left as it was.

use crate::reference::{first_adopted_by, kept_owner, refuse_other};
use crate::{AnyConnection, DatabaseUrl, Error};
use diesel::RunQueryDsl;
use diesel::sql_types::BigInt;
use domain::Profile;

/// Refuses a store that belongs to another authority than the profile's, whatever version it is of. A database that is not there yet, or is
/// empty, is nobody's.
pub fn refuse_other_authority(url: &DatabaseUrl, profile: &Profile) -> Result<(), Error> {
    if let DatabaseUrl::Sqlite(path) = url
        && !path.exists()
    {
        return Ok(());
    }
    let mut connection = url.connect()?;
    let kept = if has_table(&mut connection, "authority")? { kept_owner(&mut connection)? } else { None };
    let owner = match kept {
        None if has_table(&mut connection, "audit_events")? => first_adopted_by(&mut connection)?,
        kept => kept,
    };
    refuse_other(owner, profile)
}

#[derive(diesel::QueryableByName)]
struct Tables {
    #[diesel(sql_type = BigInt)]
    tables: i64,
}

/// Whether the database has a table: one from before it was made has not.
fn has_table(connection: &mut AnyConnection, name: &str) -> Result<bool, Error> {
    let query = match connection {
        AnyConnection::Sqlite(_) => format!("SELECT count(*) AS tables FROM sqlite_master WHERE type = 'table' AND name = '{name}'"),
        AnyConnection::Postgres(_) => format!("SELECT count(*) AS tables FROM pg_class WHERE oid = to_regclass('{name}')"),
    };
    let found: Tables = diesel::sql_query(query).get_result(connection)?;
    Ok(found.tables > 0)
}
