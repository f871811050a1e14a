//! A child's leaving with what it ended and what is still to be ended.

use crate::children::leaving::{self, ChildLeaving};
use crate::error::Error;
use crate::leavings::lines_left::lines_left;
use crate::leavings::to_end::{ToEnd, to_end};
use db::{AnyConnection, Event, Write};
use domain::Profile;
use serde::Serialize;
use utoipa::ToSchema;

/// A child's leaving, with what is still to be ended.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChildLeavingInFull, example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2b01", "child_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a12", "reason": "moved",
    "left_on": "2025-06-02", "reverses_id": null, "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11",
    "recorded_at": "2025-05-19T09:00:00Z", "recorded_seq": 5120, "line_ids": ["0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a21"],
    "to_end": [
        { "kind": "direct_payment_account", "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51", "until": null, "amount_pence": null, "state": null },
        { "kind": "repayment", "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a51", "until": null, "amount_pence": 30000, "state": null }
    ]
}))]
pub struct LeavingInFull {
    /// The record that stands.
    #[serde(flatten)]
    pub leaving: ChildLeaving,
    /// The package lines that ended on the day, or never begin.
    pub line_ids: Vec<String>,
    /// What is still to be ended. Nothing is in it once everybody has ended theirs.
    pub to_end: Vec<ToEnd>,
}

/// The leaving with everything that follows from it, as it stands now.
pub(super) fn whole(connection: &mut AnyConnection, profile: &Profile, leaving: ChildLeaving) -> Result<LeavingInFull, Error> {
    let line_ids = lines_left(connection, &leaving.id)?.into_iter().map(|(line_id, _)| line_id).collect();
    let to_end = to_end(connection, profile, &leaving)?;
    Ok(LeavingInFull { leaving, line_ids, to_end })
}

/// A child's leaving; that the child was read is recorded.
pub fn read(write: &mut Write<'_>, profile: &Profile, child_id: &str) -> Result<LeavingInFull, Error> {
    let standing = leaving::standing(write.connection, child_id)?;
    let standing = standing.ok_or_else(|| Error::not_found("record of a child's leaving"))?;
    write.record(Event::new("read", "children", child_id).with(serde_json::json!({ "in": "leaving" })))?;
    whole(write.connection, profile, standing)
}
