//! What becomes of a proposed variation: a post agrees or refuses it, or it is withdrawn.

use crate::commitments::{Holding, Years, holding_against_budget};
use crate::decisions::{Reasoning, refuse_tools};
use crate::error::Error;
use crate::packages as packages_of;
use crate::people::post_holdings::in_post_on;
use crate::requests::{lacking_for_support, refuse_missing};
use crate::text::Text;
use crate::variations::authority::explain;
use crate::variations::checks;
use crate::variations::effect::Effect;
use crate::variations::reading::{PackageVariation, whole};
use crate::variations::steps::{Taken, close, require_proposed};
use crate::variations::taking_effect::apply;
use crate::variations::variation::find;
use db::Write;
use domain::budgets::hold::Reach;
use domain::profile::HeldChange;
use domain::{Code, Profile, VariationState};
use serde::Deserialize;
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// An agreement.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewVariationAgreement, example = json!({ "reason": "Spoken about with the worker" }))]
pub struct NewAgreement {
    /// Why, in words.
    pub reason: Option<Text<500>>,
}

/// A refusal, or a withdrawal.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewVariationStep, example = json!({ "reason": "The panel hears it with the yearly review" }))]
pub struct NewStep {
    /// Why, in words.
    pub reason: Text<500>,
}

/// Agrees a variation, which takes effect at once.
pub fn agree(write: &mut Write<'_>, profile: &Profile, id: &str, new: NewAgreement) -> Result<PackageVariation, Error> {
    let variation = find(write.connection, id)?;
    refuse_tools(write.actor)?;
    require_proposed(write.connection, &variation)?;
    let today = write.today();
    let line = checks::still_standing(write, profile, &variation)?;
    let effect = Effect::of(write.connection, profile, &variation, &line)?;
    let explanation = explain(write.connection, profile, &variation, &line, &effect, today)?;
    let (person, clause) = explanation.case().require("agree", &write.actor.id)?;
    if explanation.is_tested {
        let child = packages_of::find(write.connection, &variation.package_id)?.child_id;
        let kinds = [(line.budget_line.as_str(), line.unit)];
        refuse_missing(lacking_for_support(write.connection, profile, &child, &kinds, today)?)?;
    }
    let taken = Taken {
        state: VariationState::Agreed,
        post: Some(person.post),
        capacity: Some(person.capacity),
        clause,
        totals: Some((explanation.total_before_pence, explanation.total_after_pence)),
        explanation: Some(Reasoning::of(&explanation)?),
        reason: new.reason.map(|reason| reason.0),
    };
    let holding = Holding {
        change: HeldChange::Variation,
        about: ("variation_id", &variation.id),
        codes: &BTreeSet::from([line.budget_line.clone()]),
        years: Years::Reached(Reach { from: variation.changes_from(&line), to: None }),
    };
    let ((), held) = holding_against_budget(write, profile, holding, |write| {
        close(write, &variation, taken)?;
        apply(write, profile, (&variation, &line), effect)
    })?;
    Ok(PackageVariation { held, ..whole(write.connection, profile, variation, today)? })
}

/// Refuses a variation, in whatever post.
pub fn refuse(write: &mut Write<'_>, profile: &Profile, id: &str, new: NewStep) -> Result<PackageVariation, Error> {
    let variation = find(write.connection, id)?;
    refuse_tools(write.actor)?;
    require_proposed(write.connection, &variation)?;
    let in_post = in_post_on(write.connection, write.today())?;
    let own = in_post.into_iter().find(|person| person.user_id == write.actor.id);
    let own = own.ok_or_else(|| Error::refused(Code::NoAuthority, "You hold no post today."))?;
    let taken = Taken::without_post(VariationState::Refused, Some(new.reason.0));
    close(write, &variation, Taken { post: Some(own.post), capacity: Some(own.capacity), ..taken })?;
    let today = write.today();
    whole(write.connection, profile, variation, today)
}

/// Withdraws a variation that is still proposed.
pub fn withdraw(write: &mut Write<'_>, profile: &Profile, id: &str, new: NewStep) -> Result<PackageVariation, Error> {
    let variation = find(write.connection, id)?;
    require_proposed(write.connection, &variation)?;
    close(write, &variation, Taken::without_post(VariationState::Withdrawn, Some(new.reason.0)))?;
    let today = write.today();
    whole(write.connection, profile, variation, today)
}
