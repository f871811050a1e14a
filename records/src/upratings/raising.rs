//! Agreeing an uprating: a variation and its lines for each line that was proposed, all in one write.

use crate::commitments::holding_against_budget;
use crate::decisions::refuse_tools;
use crate::error::Error;
use crate::people::owners::behind;
use crate::people::post_holdings::in_post_on;
use crate::upratings::matching::{Matched, Matching, UpratingPreview};
use crate::upratings::proposal::Proposal;
use crate::upratings::uprating::{NewUprating, Uprating, UpratingMade};
use crate::upratings::{matching, proposal, proposals, terms};
use crate::variations::{Effect, Taken, Variation, add, add_step};
use db::schema::{package_variations, upratings};
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::authority::{Bar, Candidate, Question, in_named_post};
use domain::upratings::refuse_other_than_proposed;
use domain::{FieldError, Profile, VariationState};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Agrees an uprating: raises the rates as somebody else proposed it, if the same lines are raised to the same rates as then.
pub fn agree(write: &mut Write<'_>, profile: &Profile, new: NewUprating) -> Result<UpratingMade, Error> {
    refuse_tools(write.actor)?;
    let found = proposal::find(write.connection, &new.proposal_id.0)?;
    let mut errors = Vec::new();
    if found.is_none() {
        errors.push(FieldError::new("/proposal_id", "unknown_reference", "no proposal of an uprating has this id"));
    }
    if !profile.posts.iter().any(|post| post.code == new.post.0) {
        errors.push(FieldError::new("/post", "unknown_reference", format!("the profile has no post `{}`", new.post.0)));
    }
    let Some(found) = found.filter(|_| errors.is_empty()) else { return Err(Error::invalid(errors)) };
    proposal::require_open(&found, write.zone)?;
    let proposed = &found.proposal;
    let person = agreeing(write, profile, proposed, &new.post.0)?;
    let terms = terms::still_possible(write.connection, proposed)?;
    let (matching, preview) = matching::preview_proposed(write.connection, profile, &terms, write.today())?;
    refuse_other_than_proposed(&preview.raised()?, &proposed.raised())?;
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
        reason: proposed.reason.clone(),
        proposal_id: Some(proposed.id.clone()),
        post: Some(person.post.clone()),
        capacity: Some(person.capacity),
        clause: person.limit.as_ref().map(|limit| limit.clause.clone()),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(upratings::table).values(&uprating).execute(write.connection)?;
    proposals::close(write, proposed)?;
    write.record(Event::new("agree", "uprating_proposals", &proposed.id))?;
    let detail = json!({ "lines": uprating.lines, "proposal_id": proposed.id, "post": uprating.post });
    write.record(Event::new("record", "upratings", &uprating.id).with(detail))?;
    let drawn = draw(write, profile, &matching, &preview, &uprating)?;
    let codes: BTreeSet<String> = drawn.iter().map(|one| one.found.line.budget_line.clone()).collect();
    let ((), budget) = holding_against_budget(write, profile, ("uprating_id", &uprating.id), (&codes, uprating.valid_from), |write| {
        drawn.into_iter().try_for_each(|one| raise(write, &uprating, one))
    })?;
    Ok(UpratingMade { uprating, budget })
}

/// The caller in the post they name, which has a limit; or why they may not agree it in that post, and who may.
fn agreeing(write: &mut Write<'_>, profile: &Profile, proposal: &Proposal, post: &str) -> Result<Candidate, Error> {
    let today = write.today();
    let in_post = in_post_on(write.connection, today)?;
    let proposers = behind(write.connection, BTreeSet::from([proposal.recorded_by.clone()]))?;
    let barred = proposers.into_iter().map(|person| (person, vec![Bar::ProposedIt])).collect::<BTreeMap<_, _>>();
    let authority = profile.who_may(&Question::of_no_rise(today, &in_post, &barred)).authority;
    Ok(in_named_post(&authority, &write.actor.id, post)?)
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
) -> Result<Vec<Drawn<'m>>, Error> {
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

fn raise(write: &mut Write<'_>, uprating: &Uprating, drawn: Drawn<'_>) -> Result<(), Error> {
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
