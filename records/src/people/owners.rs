//! Who answers for a tool.

use crate::error::Error;
use db::AnyConnection;
use db::schema::api_clients;
use diesel::prelude::*;
use std::collections::BTreeSet;

/// These callers, with whoever answers for the tools among them: what a tool recorded counts as its owner's.
pub fn behind(connection: &mut AnyConnection, mut callers: BTreeSet<String>) -> Result<BTreeSet<String>, Error> {
    let owners: Vec<Option<String>> =
        api_clients::table.filter(api_clients::id.eq_any(&callers)).select(api_clients::owner_id).load(connection)?;
    callers.extend(owners.into_iter().flatten());
    Ok(callers)
}
