//! Checking a list of lines to confirm: everything wrong with all of them, who is responsible, and the mark of what was looked at.

use crate::confirmations::around::{Around, arrangements_of};
use crate::confirmations::asking::Looked;
use crate::confirmations::confirmation::{ConfirmationAuthority, PanelBefore, Said};
use crate::direct_payments::first_paid_days;
use crate::error::Error;
use crate::packages::lines::{PackageLine, last_of};
use crate::text::{CodeText, Id};
use chrono::NaiveDate;
use db::Write;
use domain::authority::{Answer, Candidate};
use domain::confirmations::{Found, Listed, OfTier, TierTotal, by_tier, list_mistakes};
use domain::{FieldError, LineState, Pence, Profile, Refusal};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap};
use utoipa::ToSchema;

/// A line of a list to confirm.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineToConfirm {
    /// The line.
    pub line_id: Id,
    /// The version looked at: its last.
    #[schema(minimum = 1)]
    pub version: i64,
    /// Of a line on the budget line of direct payments, and needed there: the first day that is paid here.
    pub paid_from: Option<NaiveDate>,
    /// Of support that only a panel may agree, and needed there: the panel that agreed it before panels were kept here.
    pub panel: Option<PanelBefore>,
}

/// A list of lines to confirm in one post.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PackageLineConfirmationList, example = json!({
    "post": "service_unit_manager",
    "items": [{ "line_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a21", "version": 1, "paid_from": "2024-06-17" }]
}))]
pub struct LinesToConfirm {
    /// The post acted in, which the caller holds today.
    pub post: CodeText,
    /// The lines, each once.
    #[schema(min_items = 1, max_items = 500)]
    pub items: Vec<LineToConfirm>,
}

/// A line of a list that could be looked at.
pub(super) struct Checked {
    pub line: PackageLine,
    pub child: String,
    pub explanation: ConfirmationAuthority,
    /// The posts responsible for the child's total; none, only a panel agrees it.
    pub posts: Vec<String>,
    pub full_year: Pence,
    pub said: Said,
    /// As whom the caller may confirm it, if nothing is wrong with it.
    pub allowed: Option<(Candidate, String)>,
}

/// A list that was looked at.
pub(super) struct CheckedList {
    pub lines: Vec<Checked>,
    /// The packages of all lines that are there, also of those with which something is wrong.
    pub packages: BTreeSet<String>,
    pub mistakes: Vec<FieldError>,
    pub tiers: Vec<TierTotal>,
    /// SHA-256 over the post and every line with its total, its cost and who is responsible.
    pub sha256: String,
}

/// Looks at every line of a list.
pub(super) fn check(write: &mut Write<'_>, profile: &Profile, list: &LinesToConfirm) -> Result<CheckedList, Error> {
    let ids: Vec<String> = list.items.iter().map(|item| item.line_id.0.clone()).collect();
    let found: HashMap<String, PackageLine> =
        last_of(write.connection, &ids)?.into_iter().map(|line| (line.line_id.clone(), line)).collect();
    let lines: Vec<PackageLine> = found.values().cloned().collect();
    let looked = Looked::at(write.connection, profile, &lines, write.today())?;
    let mut mistakes = list_mistakes(&list.items.iter().map(|item| listed(item, &found, &looked)).collect::<Vec<_>>());
    let wrong: Vec<bool> = places_of(&mistakes, list.items.len());
    let first_paid = first_paid_days(write.connection, &arrangements_of(&lines))?;
    let around = Around::at(write.connection, &lines, &looked, first_paid)?;
    let mut checked = Vec::new();
    for (place, item) in list.items.iter().enumerate().filter(|(place, _)| !wrong[*place]) {
        let Some(line) = found.get(&item.line_id.0) else { continue };
        let said = Said { paid_from: item.paid_from, panel: item.panel.clone() };
        let at = |mistake: FieldError| FieldError { pointer: format!("/items/{place}{}", mistake.pointer), ..mistake };
        mistakes.extend(around.said_mistakes(profile, line, &said).into_iter().map(at));
        let (explanation, answer) = looked.explain(profile, line, said.panel.as_ref())?;
        let allowed = explanation.case(&answer).require_in_post("confirm", &write.actor.id, &list.post.0);
        let allowed = allowed.map_err(|refused| mistakes.extend(of_refusal(place, refused))).ok();
        match around.refuse_unassessed(profile, &looked, line, &explanation) {
            Err(Error::Refused(refused)) => mistakes.extend(of_refusal(place, refused)),
            other => other?,
        }
        checked.push(Checked {
            child: looked.child(line)?.to_owned(),
            posts: responsible(&answer),
            full_year: profile.costing.full_year(&line.costed()).map_err(Error::fault)?,
            line: line.clone(),
            explanation,
            said,
            allowed,
        });
    }
    let tiers = by_tier(&checked.iter().map(of_tier).collect::<Vec<_>>()).map_err(Error::fault)?;
    let sha256 = fingerprint(&list.post.0, &checked)?;
    let packages = lines.into_iter().map(|line| line.package_id).collect();
    Ok(CheckedList { lines: checked, packages, mistakes, tiers, sha256 })
}

fn of_tier(line: &Checked) -> OfTier<'_> {
    OfTier { posts: &line.posts, child: &line.child, full_year: line.full_year }
}

fn listed<'i>(item: &'i LineToConfirm, found: &HashMap<String, PackageLine>, looked: &Looked) -> Listed<'i> {
    let of_line = |line: &PackageLine| Found {
        version: line.version,
        is_reversed: line.state == LineState::Reversed,
        agreed_on: looked.agreement(line).flatten().map(|agreed| agreed.on),
    };
    Listed { line_id: &item.line_id.0, version: item.version, found: found.get(&item.line_id.0).map(of_line) }
}

/// Of each place of the list whether something is wrong there.
fn places_of(mistakes: &[FieldError], places: usize) -> Vec<bool> {
    let mut wrong = vec![false; places];
    let place = |mistake: &FieldError| mistake.pointer.strip_prefix("/items/")?.split('/').next()?.parse::<usize>().ok();
    for place in mistakes.iter().filter_map(place).filter(|place| *place < places) {
        wrong[place] = true;
    }
    wrong
}

/// The posts responsible.
fn responsible(answer: &Answer) -> Vec<String> {
    match &answer.without_panel {
        Some(rule) => rule.posts.clone(),
        None if answer.needs_panel => Vec::new(),
        None => answer.authority.tier.iter().map(|limit| limit.post.clone()).collect(),
    }
}

/// A refusal of one line, as a mistake of the list.
fn of_refusal(place: usize, refused: Refusal) -> Vec<FieldError> {
    let pointer = format!("/items/{place}");
    match refused.errors.is_empty() {
        true => vec![FieldError { pointer, code: refused.code.as_str().to_owned(), detail: refused.detail }],
        false => refused.errors.into_iter().map(|error| FieldError { pointer: pointer.clone(), ..error }).collect(),
    }
}

fn fingerprint(post: &str, lines: &[Checked]) -> Result<String, Error> {
    let of_line = |line: &Checked| {
        let Checked { line, explanation, posts, full_year, said, .. } = line;
        (line.line_id.clone(), line.version, said.paid_from, said.panel.clone(), explanation.total_pence, *full_year, posts.clone())
    };
    let looked_at = (post, lines.iter().map(of_line).collect::<Vec<_>>());
    let text = serde_json::to_vec(&looked_at).map_err(Error::fault)?;
    Ok(db::audit::hex(&Sha256::digest(text)))
}
