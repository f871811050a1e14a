//! Confirming many lines at once: a list that was looked at and signed off, all of it or nothing.

use crate::confirmations::checking::{Checked, CheckedList, LineToConfirm, LinesToConfirm, check};
use crate::confirmations::confirmation::Confirmation;
use crate::confirmations::confirming::add;
use crate::decisions::refuse_tools;
use crate::direct_payments::write_supports_anew;
use crate::error::Error;
use crate::packages as packages_of;
use crate::text::{CodeText, Text};
use chrono::NaiveDate;
use db::{Event, Write};
use domain::confirmations::TierTotal;
use domain::{Code, FieldError, Pence, Profile};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// A line of a list, as it was looked at.
#[derive(Debug, Serialize, ToSchema)]
pub struct LineLookedAt {
    /// The line.
    pub line_id: String,
    /// The version.
    pub version: i64,
    /// What the line costs in a full year.
    #[schema(value_type = i64)]
    pub full_year_pence: Pence,
    /// The child's total care package with it, as tested.
    #[schema(value_type = i64)]
    pub total_pence: Pence,
    /// The posts responsible for that total; none, only a panel agrees such support.
    pub posts: Vec<String>,
    /// Whether the caller may confirm it in the post named.
    pub may_confirm: bool,
}

/// What confirming a list would do today.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PackageLineConfirmationPreview)]
pub struct ConfirmationPreview {
    /// The day.
    pub on: NaiveDate,
    /// What the lines come to by the posts that are responsible.
    pub tiers: Vec<TierTotal>,
    /// What they come to in all, in a full year.
    #[schema(value_type = i64)]
    pub full_year_pence: Pence,
    /// The lines that are there and wait, in the order given.
    pub items: Vec<LineLookedAt>,
    /// Everything that keeps the list from being confirmed so.
    pub mistakes: Vec<FieldError>,
    /// The mark of what was looked at: the confirmation names it.
    pub preview_sha256: String,
}

/// A signed-off list of lines to confirm.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPackageLineConfirmationList, example = json!({
    "post": "service_unit_manager", "reason": "Packages in force on 1 April, list of 2 April",
    "preview_sha256": "5d41402abc4b2a76b9719d911017c5925d41402abc4b2a76b9719d911017c592",
    "items": [{ "line_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a21", "version": 1, "paid_from": "2024-06-17" }]
}))]
pub struct NewLineConfirmations {
    /// The post acted in, which the caller holds today.
    pub post: CodeText,
    /// The lines, each once, in the order of the preview.
    #[schema(min_items = 1, max_items = 500)]
    pub items: Vec<LineToConfirm>,
    /// The mark of the preview that was looked at.
    pub preview_sha256: Text<64>,
    /// Why, in words: of each of them.
    pub reason: Option<Text<500>>,
}

/// A list that was confirmed.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConfirmedPackageLines)]
pub struct ConfirmedLines {
    /// The day.
    pub confirmed_on: NaiveDate,
    /// The post.
    pub post: String,
    /// What the lines come to by the posts that are responsible.
    pub tiers: Vec<TierTotal>,
    /// What they come to in all, in a full year.
    #[schema(value_type = i64)]
    pub full_year_pence: Pence,
    /// The confirmations, in the order given.
    pub items: Vec<ConfirmedLine>,
}

/// A line that was confirmed with others.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConfirmedPackageLine)]
pub struct ConfirmedLine {
    /// The confirmation's id.
    pub id: String,
    /// The line.
    pub line_id: String,
    /// Its version.
    pub version: i64,
    /// The child's total care package with it, as tested.
    #[schema(value_type = i64)]
    pub total_pence: Pence,
    /// Where the authority of the post is written.
    pub clause: String,
}

fn in_all(tiers: &[TierTotal]) -> Result<Pence, Error> {
    Pence::checked_sum(tiers.iter().map(|tier| tier.full_year_pence)).map_err(Error::fault)
}

/// What confirming a list would do today, and what keeps it from being done: first what is wrong with the list, then everything else. That the
/// packages were read is recorded.
pub fn preview(write: &mut Write<'_>, profile: &Profile, list: LinesToConfirm) -> Result<ConfirmationPreview, Error> {
    let CheckedList { lines, packages, mistakes, tiers, sha256 } = check(write, profile, &list)?;
    record_reads(write, packages)?;
    let item = |line: Checked| LineLookedAt {
        line_id: line.line.line_id,
        version: line.line.version,
        full_year_pence: line.full_year,
        total_pence: line.explanation.total_pence,
        posts: line.posts,
        may_confirm: line.allowed.is_some(),
    };
    Ok(ConfirmationPreview {
        on: write.today(),
        full_year_pence: in_all(&tiers)?,
        tiers,
        items: lines.into_iter().map(item).collect(),
        mistakes,
        preview_sha256: sha256,
    })
}

/// Every package of the list was read, whatever is wrong with its lines; where there is none, somebody looked.
fn record_reads(write: &mut Write<'_>, packages: BTreeSet<String>) -> Result<(), Error> {
    if packages.is_empty() {
        return Ok(write.record(Event::new("preview", "package_line_confirmations", ""))?);
    }
    let ids: Vec<String> = packages.into_iter().collect();
    packages_of::find_all(write.connection, &ids)?.iter().try_for_each(|package| packages_of::record_read(write, package))
}

/// Confirms every line of a list in the post that the caller names, or none: each by the post that is responsible for its child's total.
pub fn confirm_many(write: &mut Write<'_>, profile: &Profile, new: NewLineConfirmations) -> Result<ConfirmedLines, Error> {
    refuse_tools(write.actor)?;
    let list = LinesToConfirm { post: new.post, items: new.items };
    let CheckedList { lines, mistakes, tiers, sha256, .. } = check(write, profile, &list)?;
    refuse_mistakes(mistakes, list.items.len())?;
    if sha256 != new.preview_sha256.0 {
        let detail =
            "The lines or their children's totals have changed since the preview, or the hash is of another list. Make a new preview.";
        return Err(Error::refused(Code::StateConflict, detail));
    }
    let reason = new.reason.map(|reason| reason.0);
    let arrangements: BTreeSet<String> = lines.iter().map(|line| line.line.arrangement().to_owned()).collect();
    let mut items = Vec::with_capacity(lines.len());
    for checked in lines {
        let Checked { line, explanation, said, allowed, .. } = checked;
        let allowed = allowed.ok_or_else(|| Error::fault("a line that nobody may confirm came through"))?;
        let Confirmation { id, line_id, version, total_pence, clause, .. } =
            add(write, &line, (explanation, allowed), said, reason.clone())?;
        items.push(ConfirmedLine { id, line_id, version, total_pence, clause });
    }
    write_supports_anew(write, &arrangements.into_iter().collect::<Vec<_>>())?;
    let detail = json!({ "lines": items.len(), "post": list.post.0, "preview_sha256": sha256 });
    write.record(Event::new("confirm_list", "package_line_confirmations", "").with(detail))?;
    Ok(ConfirmedLines { confirmed_on: write.today(), post: list.post.0, full_year_pence: in_all(&tiers)?, tiers, items })
}

/// Everything that is wrong with the list, at once. Where that is the caller's authority alone, that is what is said.
fn refuse_mistakes(mistakes: Vec<FieldError>, lines: usize) -> Result<(), Error> {
    if mistakes.is_empty() {
        return Ok(());
    }
    let is_authority_alone = mistakes.iter().all(|mistake| mistake.code == Code::NoAuthority.as_str());
    let wrong = mistakes.len();
    let refused = match is_authority_alone {
        true => Error::with_errors(Code::NoAuthority, mistakes),
        false => Error::invalid(mistakes),
    };
    Err(refused.detailed(format!("Nothing was confirmed: of the {lines} lines on the list, `errors` names {wrong} mistakes.")))
}
