//! Reading who may authorise a request.

use crate::authority::explanation::{AuthorityExplanation, explain, ratification};
use crate::care_package::decided_revision;
use crate::error::Error;
use crate::requests::lines::lines_of;
use crate::requests::{find, record_read};
use db::Write;
use domain::authority::Bar;
use domain::{Profile, RequestState};

/// Who may authorise a request today, and why; that its record was read is recorded.
pub fn read(write: &mut Write<'_>, profile: &Profile, id: &str) -> Result<AuthorityExplanation, Error> {
    let request = find(write.connection, id)?;
    record_read(write, &request)?;
    let revision = decided_revision(write.connection, &request)?;
    let lines = lines_of(write.connection, &request.id, revision)?;
    let mut explanation = explain(write.connection, profile, &request, &lines, write.today())?;
    if request.state == RequestState::AwaitingRatification {
        // Nobody's authority counts before that; whoever ratifies gives theirs with it.
        explanation.authority.bar_everybody(Bar::AwaitsRatification);
        explanation.ratification = ratification(write.connection, profile, &explanation)?;
    }
    Ok(explanation)
}
