//! Ending a package line, and reversing one that was recorded by mistake.

use crate::error::Error;
use crate::packages::commissioning_list::update_list_for_line;
use crate::packages::lines::adding::add_version;
use crate::packages::lines::line::PackageLine;
use crate::packages::lines::versions::standing;
use crate::reversal::NewReversal;
use crate::text::Text;
use crate::year_end::carrying_again;
use chrono::NaiveDate;
use db::Write;
use domain::packages::ending::refuse_end;
use domain::{LineState, Profile};
use serde::Deserialize;
use utoipa::ToSchema;

/// When a line ends.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "valid_to": "2023-10-01", "reason": "Moved to a direct payment" }))]
pub struct EndOfLine {
    /// The first day no longer in force, after the line's start.
    pub valid_to: NaiveDate,
    /// In words.
    pub reason: Text<500>,
}

/// End a package line.
pub fn end_package_line(write: &mut Write<'_>, profile: &Profile, id: &str, new: EndOfLine) -> Result<PackageLine, Error> {
    let EndOfLine { valid_to, reason } = new;
    let latest = standing(write.connection, id)?;
    refuse_end(latest.valid_from, latest.valid_to, valid_to)?;
    let ended = PackageLine { valid_to: Some(valid_to), state: LineState::Ended, reason: reason.0, variation_id: None, ..latest };
    let changed = ended.clone();
    carrying_again(write, profile, changed.changed(valid_to), |write| add_version(write, ended, "end"))
}

/// Reverse a package line.
pub fn reverse_package_line(write: &mut Write<'_>, profile: &Profile, id: &str, new: NewReversal) -> Result<PackageLine, Error> {
    let latest = standing(write.connection, id)?;
    let reversed = PackageLine { state: LineState::Reversed, reason: new.reason.0, variation_id: None, ..latest };
    let changed = reversed.clone();
    carrying_again(write, profile, changed.changed(changed.valid_from), |write| {
        let reversed = add_version(write, reversed, "reverse")?;
        update_list_for_line(write, profile, reversed.request_line_id.as_deref())?;
        Ok(reversed)
    })
}
