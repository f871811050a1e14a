//! Recording a variation: what an approved request allows takes effect at once, everything else is proposed.

use crate::error::Error;
use crate::packages as packages_of;
use crate::packages::lines::{PackageLine, standing};
use crate::text::{Id, Text};
use crate::variations::authority::{Totals, changes_of};
use crate::variations::checks;
use crate::variations::effect::Effect;
use crate::variations::reading::{PackageVariation, whole};
use crate::variations::steps::{Taken, add_step};
use crate::variations::support_days::within_age;
use crate::variations::taking_effect::apply;
use crate::variations::variation::{Variation, tier_text};
use chrono::NaiveDate;
use db::schema::{open_package_variations, package_lines, package_variations};
use db::{Event, Write, new_id};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::{FieldError, Frequency, Pence, Profile, Quantity, Refusal, UnitRate, VariationBasis, VariationKind, VariationState};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// A variation to record, or to look at.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPackageVariation, example = json!({
    "line_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a21", "kind": "increase", "valid_from": "2024-05-06", "quantity_thousandths": 5000,
    "reason": "His mother is in hospital"
}))]
pub struct NewVariation {
    /// The line to vary.
    pub line_id: Id,
    /// What it does: anything but `uprating`, which is proposed at `/v1/uprating-proposals`.
    pub kind: VariationKind,
    /// The day it starts, past or to come, on which the line is in force. Of an extension the line's end; of a correction the day the
    /// line really started.
    pub valid_from: NaiveDate,
    /// The first day after a change for a time: the line then goes on as it was. A suspension needs it. Of an extension the new end,
    /// without it none; of a correction the end that is right, without it as it was.
    pub valid_to: Option<NaiveDate>,
    /// How many units each time, in thousandths; without it, as before.
    pub quantity_thousandths: Option<Quantity>,
    /// How often; without it, as before.
    pub frequency: Option<Frequency>,
    /// The price of a unit, in ten-thousandths of a pound; without it, as before.
    pub unit_rate_ten_thousandths: Option<UnitRate>,
    /// Who provides it; without it, as before.
    pub provider_id: Option<Id>,
    /// The line of an approved request that it carries out, which replaces the line or was carried out by it. It then needs no
    /// agreement, and takes effect at once. More than the line has is carried out so once, and not after a post agreed a variation of the
    /// line or a later decision replaced it: without this field it is proposed.
    pub request_line_id: Option<Id>,
    /// In words.
    pub reason: Text<500>,
    /// Why the line goes on after the last age that the profile has for its budget line: in words, without names. Without it an extension, or a
    /// correction of the end, ends on that birthday at the latest.
    pub beyond_age_reason: Option<Text<500>>,
}

/// A variation that could be recorded, and what it would do.
pub(crate) struct Drafted {
    pub variation: Variation,
    pub line: PackageLine,
    pub effect: Effect,
    pub totals: Totals,
}

/// The variation as it would be recorded, or everything that is wrong with it.
pub(crate) fn draft(write: &mut Write<'_>, profile: &Profile, new: NewVariation) -> Result<Drafted, Error> {
    let line_exists = package_lines::table.filter(package_lines::line_id.eq(&new.line_id.0));
    if !diesel::select(exists(line_exists)).get_result::<bool>(write.connection)? {
        return Err(Error::invalid(vec![FieldError::new("/line_id", "unknown_reference", "no package line has this id")]));
    }
    let line = standing(write.connection, &new.line_id.0)?;
    let variation = Variation {
        id: new_id(),
        package_id: line.package_id.clone(),
        line_id: line.line_id.clone(),
        line_version: line.version,
        arrangement_id: line.arrangement().to_owned(),
        kind: new.kind,
        valid_from: new.valid_from,
        valid_to: new.valid_to,
        quantity_thousandths: new.quantity_thousandths,
        frequency: new.frequency,
        unit_rate_ten_thousandths: new.unit_rate_ten_thousandths,
        provider_id: new.provider_id.map(|id| id.0),
        basis: if new.request_line_id.is_some() { VariationBasis::RequestLine } else { VariationBasis::Agreement },
        request_line_id: new.request_line_id.map(|id| id.0),
        uprating_id: None,
        total_before_pence: Pence::ZERO,
        total_after_pence: Pence::ZERO,
        tier_before: None,
        tier_after: None,
        beyond_percent: None,
        reason: new.reason.0,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
        ends_by_age_on: None,
        beyond_age_reason: new.beyond_age_reason.map(|reason| reason.0),
    };
    let variation = within_age(write.connection, profile, variation, &line)?;
    Refusal::unless_valid(checks::mistakes(write, profile, &variation, &line)?)?;
    let effect = Effect::of(write.connection, profile, &variation, &line)?;
    let child = packages_of::find(write.connection, &line.package_id)?.child_id;
    let today = write.today();
    let totals = Totals::of(write.connection, profile, &child, &variation, &changes_of(&effect, &line), today)?;
    let variation = Variation {
        total_before_pence: totals.before.total,
        total_after_pence: totals.after.total,
        tier_before: tier_text(&profile.tier(totals.before.total, today)),
        tier_after: tier_text(&profile.tier(totals.after.total, today)),
        ..variation
    };
    Ok(Drafted { variation, line, effect, totals })
}

/// Varies a package line: what an approved request allows takes effect at once, everything else is proposed.
pub fn propose(write: &mut Write<'_>, profile: &Profile, new: NewVariation) -> Result<PackageVariation, Error> {
    let Drafted { variation, line, effect, .. } = draft(write, profile, new)?;
    diesel::insert_into(package_variations::table).values(&variation).execute(write.connection)?;
    let detail = json!({ "kind": variation.kind, "basis": variation.basis, "line_id": variation.line_id });
    if variation.basis == VariationBasis::RequestLine {
        write.record(Event::new("vary", "package_variations", &variation.id).with(detail))?;
        add_step(write, &variation, Taken::without_post(VariationState::Agreed, None))?;
        apply(write, profile, (&variation, &line), effect)?;
    } else {
        diesel::insert_into(open_package_variations::table)
            .values((
                open_package_variations::variation_id.eq(&variation.id),
                open_package_variations::package_id.eq(&variation.package_id),
                open_package_variations::variation_seq.eq(variation.recorded_seq),
            ))
            .execute(write.connection)?;
        write.record(Event::new("propose", "package_variations", &variation.id).with(detail))?;
    }
    let today = write.today();
    whole(write.connection, profile, variation, today)
}
