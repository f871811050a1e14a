//! The list of returns still to come: brought up to date after a return, and without a grant that was taken back.

use crate::error::Error;
use crate::grants::returns_due::{returns_of, rows_of};
use db::Write;
use db::schema::open_grant_returns;
use diesel::prelude::*;
use domain::grants::is_covered;

/// Brings the list up to date after a return of the grant was recorded or taken back.
pub(crate) fn update_list(write: &mut Write<'_>, grant_id: &str, provider_id: &str) -> Result<(), Error> {
    let rows = rows_of(write.connection, grant_id)?;
    if rows.is_empty() {
        return Ok(());
    }
    let days: Vec<_> = returns_of(write.connection, grant_id, write.zone)?.into_iter().map(|row| row.recorded.days).collect();
    for (id, _, from, to, due_on) in rows {
        // Put back or left out anew: which of the two it was before does not matter.
        diesel::delete(open_grant_returns::table.find(&id)).execute(write.connection)?;
        if !is_covered(from, to, &days) {
            diesel::insert_into(open_grant_returns::table)
                .values((
                    open_grant_returns::return_due_id.eq(&id),
                    open_grant_returns::provider_id.eq(provider_id),
                    open_grant_returns::due_on.eq(due_on),
                ))
                .execute(write.connection)?;
        }
    }
    Ok(())
}

/// Takes a grant's returns off the list: a grant that was taken back asks for none.
pub(crate) fn close(write: &mut Write<'_>, grant_id: &str) -> Result<(), Error> {
    for (id, ..) in rows_of(write.connection, grant_id)? {
        diesel::delete(open_grant_returns::table.find(&id)).execute(write.connection)?;
    }
    Ok(())
}
