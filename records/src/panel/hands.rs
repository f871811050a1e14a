//! Whose word a seat at a panel rests on.

use crate::error::Error;
use crate::panel::attendance::last_versions;
use crate::panel::day::Panel;
use crate::panel::signature::signatures_of;
use crate::people::owners::behind;
use db::AnyConnection;
use std::collections::{BTreeMap, BTreeSet};

/// Whoever recorded each member of a panel, what the member signed for that day, or that the member was there: by the member's id. What a
/// tool recorded counts as its owner's too.
pub fn hands_of_seats(connection: &mut AnyConnection, panel: &Panel) -> Result<BTreeMap<String, Vec<String>>, Error> {
    let seats = last_versions(connection, &panel.id)?;
    let ids: Vec<&str> = seats.iter().map(|(_, member)| member.id.as_str()).collect();
    let mut signatures = signatures_of(connection, &ids)?;
    signatures.retain(|signed| signed.signed_on <= panel.held_on && panel.held_on < signed.expires_on);
    let mut hands = BTreeMap::new();
    for (attended, member) in &seats {
        let signed = signatures.iter().filter(|signed| signed.member_id == member.id).map(|signed| signed.recorded_by.clone());
        let own: BTreeSet<String> = signed.chain([attended.recorded_by.clone(), member.recorded_by.clone()]).collect();
        hands.insert(member.id.clone(), behind(connection, own)?.into_iter().collect());
    }
    Ok(hands)
}
