//! Who answers for a tool.

use crate::error::Error;
use db::AnyConnection;
use db::schema::api_clients;
use diesel::prelude::*;
use std::collections::{BTreeSet, HashMap};

/// These callers, with whoever answers for the tools among them: what a tool recorded counts as its owner's.
pub fn behind(connection: &mut AnyConnection, mut callers: BTreeSet<String>) -> Result<BTreeSet<String>, Error> {
    let owners: Vec<Option<String>> =
        api_clients::table.filter(api_clients::id.eq_any(&callers)).select(api_clients::owner_id).load(connection)?;
    callers.extend(owners.into_iter().flatten());
    Ok(callers)
}

/// Whether one of these callers is a tool that nobody answers for.
pub fn has_ownerless(connection: &mut AnyConnection, callers: &BTreeSet<String>) -> Result<bool, Error> {
    let ownerless = api_clients::table.filter(api_clients::id.eq_any(callers).and(api_clients::owner_id.is_null()));
    Ok(ownerless.count().get_result::<i64>(connection)? > 0)
}

/// Everything that a caller acts by: themselves, the tools that they answer for, and of a tool whoever answers for it.
pub fn hands_of(connection: &mut AnyConnection, caller: &str) -> Result<BTreeSet<String>, Error> {
    let mut hands = behind(connection, BTreeSet::from([caller.to_owned()]))?;
    let tools: Vec<String> = api_clients::table.filter(api_clients::owner_id.eq(caller)).select(api_clients::id).load(connection)?;
    hands.extend(tools);
    Ok(hands)
}

/// Whoever answers for each of these callers that is a tool, by its id.
pub fn owners_of(connection: &mut AnyConnection, callers: BTreeSet<&str>) -> Result<HashMap<String, String>, Error> {
    let owners: Vec<(String, Option<String>)> =
        api_clients::table.filter(api_clients::id.eq_any(callers)).select((api_clients::id, api_clients::owner_id)).load(connection)?;
    Ok(owners.into_iter().filter_map(|(id, owner)| Some((id, owner?))).collect())
}
