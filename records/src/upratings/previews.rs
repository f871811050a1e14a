//! What an uprating would do, for whoever is to propose it and for whoever is to agree it.

use crate::error::Error;
use crate::packages as packages_of;
use crate::upratings::matching::{Matching, Now, UpratingPreview};
use crate::upratings::terms::NewUpratingProposal;
use crate::upratings::{matching, proposal, terms};
use db::{Event, Write};
use domain::Profile;
use serde::Serialize;
use utoipa::ToSchema;

/// What a proposal would do today.
#[derive(Debug, Serialize, ToSchema)]
pub struct UpratingProposalPreview {
    /// What it would do.
    #[serde(flatten)]
    pub preview: UpratingPreview,
    /// Whether the same lines, rates and costs are raised as when it was proposed: otherwise it cannot be agreed.
    pub is_as_proposed: bool,
}

/// Every package that is told of was read; where there is none, that somebody looked.
fn record_previewed(write: &mut Write<'_>, matching: &Matching) -> Result<(), Error> {
    for package in matching.packages() {
        packages_of::record_read(write, package)?;
    }
    if matching.packages().next().is_none() {
        write.record(Event::new("preview", "upratings", ""))?;
    }
    Ok(())
}

/// What a proposal of an uprating would do today.
pub fn of_proposal(write: &mut Write<'_>, profile: &Profile, id: &str) -> Result<UpratingProposalPreview, Error> {
    let found = proposal::find(write.connection, id)?.ok_or_else(|| Error::not_found("uprating proposal"))?;
    proposal::require_open(&found, write.zone)?;
    let terms = terms::still_possible(write.connection, &found.proposal)?;
    let (matching, preview) = matching::preview_proposed(write.connection, profile, &terms, Now { today: write.today(), at: write.at })?;
    record_previewed(write, &matching)?;
    let is_as_proposed = preview.preview_sha256 == found.proposal.preview_sha256;
    Ok(UpratingProposalPreview { preview, is_as_proposed })
}

/// What an uprating would do today.
pub fn of_rise(write: &mut Write<'_>, profile: &Profile, new: NewUpratingProposal) -> Result<UpratingPreview, Error> {
    let terms = terms::sound(write.connection, &new)?;
    let (matching, preview) = matching::preview(write.connection, profile, &terms, Now { today: write.today(), at: write.at })?;
    record_previewed(write, &matching)?;
    Ok(preview)
}
