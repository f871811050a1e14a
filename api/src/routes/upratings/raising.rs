//! Agreeing an uprating: a variation and its lines for each line that was proposed, all in one write.

use super::matching::{self, Matched, Matching, UpratingPreview};
use super::proposals::{self, Proposal};
use super::terms;
use super::{NewUprating, Uprating, UpratingMade};
use crate::problem::{Code, FieldError, Problem};
use crate::routes::commitments::holding_against_budget;
use crate::routes::decisions::why_not;
use crate::routes::package_variations::{Effect, Taken, Variation, add, add_step};
use crate::routes::post_holdings::in_post_on;
use db::schema::{package_variations, upratings};
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::delegation::{Authority, Bar, Candidate};
use domain::{Profile, VariationState};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Raises the rates as somebody else proposed it, if the same lines are raised to the same rates as then.
pub(super) fn agree(write: &mut Write<'_>, profile: &Profile, new: NewUprating) -> Result<UpratingMade, Problem> {
    let found = proposals::find(write.connection, &new.proposal_id.0)?;
    let mut errors = Vec::new();
    if found.is_none() {
        errors.push(FieldError::new("/proposal_id", "unknown_reference", "no proposal of an uprating has this id"));
    }
    if !profile.posts.iter().any(|post| post.code == new.post.0) {
        errors.push(FieldError::new("/post", "unknown_reference", format!("the profile has no post `{}`", new.post.0)));
    }
    let Some(found) = found.filter(|_| errors.is_empty()) else { return Err(Problem::invalid(errors)) };
    proposals::require_open(&found)?;
    let proposal = &found.proposal;
    let person = agreeing(write, profile, proposal, &new.post.0)?;
    let terms = terms::still_possible(write.connection, proposal)?;
    let (matching, preview) = matching::preview_proposed(write.connection, profile, &terms, write.at.date())?;
    refuse_other_than_proposed(proposal, &preview)?;
    let uprating = Uprating {
        id: new_id(),
        provider_id: terms.provider_id,
        service: terms.service,
        valid_from: terms.from,
        percentage_ten_thousandths: terms.percentage_ten_thousandths,
        unit_rate_ten_thousandths: terms.unit_rate_ten_thousandths,
        lines: preview.line_count()?,
        full_year_before_pence: preview.full_year_before_pence,
        full_year_after_pence: preview.full_year_after_pence,
        preview_sha256: preview.preview_sha256.clone(),
        reason: proposal.reason.clone(),
        proposal_id: Some(proposal.id.clone()),
        post: Some(person.post.clone()),
        capacity: Some(person.capacity),
        clause: person.limit.as_ref().map(|limit| limit.clause.clone()),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(upratings::table).values(&uprating).execute(write.connection)?;
    proposals::close(write, proposal)?;
    write.record(Event::new("agree", "uprating_proposals", &proposal.id))?;
    let detail = json!({ "lines": uprating.lines, "proposal_id": proposal.id, "post": uprating.post });
    write.record(Event::new("record", "upratings", &uprating.id).with(detail))?;
    let drawn = draw(write, profile, &matching, &preview, &uprating)?;
    let codes: BTreeSet<String> = drawn.iter().map(|one| one.found.line.budget_line.clone()).collect();
    let ((), budget) = holding_against_budget(write, profile, ("uprating_id", &uprating.id), (&codes, uprating.valid_from), |write| {
        drawn.into_iter().try_for_each(|one| raise(write, &uprating, one))
    })?;
    Ok(UpratingMade { uprating, budget })
}

/// The caller in the post they name, which has a limit; or why they may not agree it in that post, and who may.
fn agreeing(write: &mut Write<'_>, profile: &Profile, proposal: &Proposal, post: &str) -> Result<Candidate, Problem> {
    let today = write.at.date();
    let in_post = in_post_on(write.connection, today)?;
    let barred = BTreeMap::from([(proposal.recorded_by.clone(), vec![Bar::ProposedIt])]);
    let Authority { tier, people } = profile.authority_over_no_rise(today, &in_post, &barred);
    let own = people.into_iter().find(|person| person.user_id == write.actor.id && person.post == post);
    let why = match own {
        Some(person) if person.may_authorise => return Ok(person),
        Some(person) => why_not(&person.why_not),
        None => "you are not in that post today".to_owned(),
    };
    let who: Vec<_> = tier.iter().map(|limit| format!("{} ({})", limit.post, limit.clause)).collect();
    let who = if who.is_empty() { "No post has a limit".to_owned() } else { format!("Any post with a limit may: {}", who.join(", ")) };
    Err(Problem::new(Code::NoAuthority, format!("You may not agree it as {post}: {why}. {who}.")))
}

fn refuse_other_than_proposed(proposal: &Proposal, preview: &UpratingPreview) -> Result<(), Problem> {
    if preview.preview_sha256 == proposal.preview_sha256 {
        return Ok(());
    }
    let detail = format!(
        "The lines or their costs are not what they were: proposed were {} lines, from {} to {} a year; now it would be {}, from {} to \
         {}. Withdraw the proposal and propose it anew.",
        proposal.lines,
        proposal.full_year_before_pence,
        proposal.full_year_after_pence,
        preview.line_count()?,
        preview.full_year_before_pence,
        preview.full_year_after_pence
    );
    Err(Problem::new(Code::StateConflict, detail))
}

/// The variation of a line, and what it makes of it.
struct Drawn<'m> {
    found: &'m Matched,
    variation: Variation,
    effect: Effect,
}

fn draw<'m>(
    write: &mut Write<'_>,
    profile: &Profile,
    matching: &'m Matching,
    preview: &UpratingPreview,
    uprating: &Uprating,
) -> Result<Vec<Drawn<'m>>, Problem> {
    let by_line: HashMap<&str, &Matched> = matching.lines.iter().map(|found| (found.line.line_id.as_str(), found)).collect();
    let mut drawn = Vec::new();
    for told in &preview.lines {
        let Some(found) = by_line.get(told.line_id.as_str()) else { continue };
        let variation = matching::variation_of(found, told, uprating, new_id());
        let effect = Effect::of(write.connection, profile, &variation, &found.line)?;
        drawn.push(Drawn { found, variation, effect });
    }
    Ok(drawn)
}

fn raise(write: &mut Write<'_>, uprating: &Uprating, drawn: Drawn<'_>) -> Result<(), Problem> {
    let Drawn { variation, effect, .. } = drawn;
    diesel::insert_into(package_variations::table).values(&variation).execute(write.connection)?;
    let detail = json!({ "kind": variation.kind, "basis": variation.basis, "line_id": variation.line_id });
    write.record(Event::new("vary", "package_variations", &variation.id).with(detail))?;
    let taken = Taken {
        post: uprating.post.clone(),
        capacity: uprating.capacity,
        clause: uprating.clause.clone(),
        ..Taken::without_post(VariationState::Agreed, None)
    };
    add_step(write, &variation, taken)?;
    add(write, effect)
}
