//! Agreeing an uprating: a variation and its lines for each line that was proposed, all in one write.

use crate::commitments::{Holding, Years, holding_against_budget};
use crate::decisions::refuse_tools;
use crate::error::Error;
use crate::people::owners::behind;
use crate::people::post_holdings::in_post_on;
use crate::upratings::beyond::{Agreeing, lines_beyond};
use crate::upratings::matching::{Matched, Matching, Now, UpratingPreview};
use crate::upratings::proposal::Proposal;
use crate::upratings::uprating::{NewUprating, Uprating, UpratingMade};
use crate::upratings::{matching, proposal, proposals, terms};
use crate::variations::{Effect, Taken, Variation, add, add_step};
use db::schema::{package_variations, upratings};
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::authority::{Bar, Question, in_named_post};
use domain::budgets::hold::Reach;
use domain::profile::HeldChange;
use domain::upratings::refuse_other_than_proposed;
use domain::{FieldError, Profile, VariationState};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

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
    let in_post = in_post_on(write.connection, write.today())?;
    let barred = barred(write, proposed)?;
    let authority = profile.who_may(&Question::of_no_rise(write.today(), &in_post, &barred)).authority;
    let person = in_named_post(&authority, &write.actor.id, &new.post.0)?;
    let terms = terms::still_possible(write.connection, proposed)?;
    let (matching, preview) = matching::preview_proposed(write.connection, profile, &terms, Now { today: write.today(), at: write.at })?;
    refuse_other_than_proposed(&preview.raised()?, &proposed.raised())?;
    let agreeing = Agreeing { person: &person, in_post: &in_post, barred: &barred, on: write.today(), at: write.at };
    let beyond = lines_beyond(write.connection, profile, &terms, &matching.lines, &agreeing)?;
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
    let drawn = draw(write, profile, (&matching, &beyond), &preview, &uprating)?;
    let codes: BTreeSet<String> = drawn.iter().map(|one| one.found.line.budget_line.clone()).collect();
    let holding = Holding {
        change: HeldChange::Uprating,
        about: ("uprating_id", &uprating.id),
        codes: &codes,
        years: Years::Reached(Reach { from: uprating.valid_from, to: None }),
    };
    let ((), held) =
        holding_against_budget(write, profile, holding, |write| drawn.into_iter().try_for_each(|one| raise(write, &uprating, one)))?;
    Ok(UpratingMade { uprating, held })
}

/// Whoever may not agree it in whatever post: whoever proposed it.
fn barred(write: &mut Write<'_>, proposal: &Proposal) -> Result<BTreeMap<String, Vec<Bar>>, Error> {
    let proposers = behind(write.connection, BTreeSet::from([proposal.recorded_by.clone()]))?;
    Ok(proposers.into_iter().map(|person| (person, vec![Bar::ProposedIt])).collect())
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
    (matching, beyond): (&'m Matching, &HashSet<String>),
    preview: &UpratingPreview,
    uprating: &Uprating,
) -> Result<Vec<Drawn<'m>>, Error> {
    let by_line: HashMap<&str, &Matched> = matching.lines.iter().map(|found| (found.line.line_id.as_str(), found)).collect();
    let mut drawn = Vec::new();
    for told in &preview.lines {
        let Some(found) = by_line.get(told.line_id.as_str()) else { continue };
        let bound = profile.delegation.untested_rise_percent.as_ref().map_or(0, |bound| i64::from(bound.value));
        let beyond_percent = beyond.contains(&told.line_id).then_some(bound);
        let variation = Variation { beyond_percent, ..matching::variation_of(found, told, uprating, new_id()) };
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
