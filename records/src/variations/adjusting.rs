//! What a variation adds to days that are over, or takes from them. What was paid for them stays as it was; this is the difference
//! that finance sees corrected.

use crate::error::Error;
use crate::packages::lines::{PackageLine, history};
use crate::variations::variation::Variation;
use chrono::NaiveDate;
use db::AnyConnection;
use domain::costing::Line;
use domain::variations::AdjustmentMonth;
use domain::{LineState, Pence, Profile, variations as variation};
use serde::Serialize;
use utoipa::ToSchema;

/// The difference that a variation makes to what was planned for past days.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = VariationAdjustment)]
pub struct Adjustment {
    /// Only days before this one are in it: the day it was agreed, or today.
    pub up_to: NaiveDate,
    /// Per calendar month; months without a difference are left out.
    pub months: Vec<AdjustmentMonth>,
    /// All of it: above nought, more is due for those days.
    #[schema(value_type = i64)]
    pub difference_pence: Pence,
}

impl Adjustment {
    /// No difference.
    pub(crate) fn none(up_to: NaiveDate) -> Self {
        Adjustment { up_to, months: Vec::new(), difference_pence: Pence::ZERO }
    }

    /// Between what was planned and what is.
    pub(crate) fn between(profile: &Profile, before: &[Line], after: &[Line], up_to: NaiveDate) -> Result<Self, Error> {
        let months = variation::adjustment(&profile.costing, before, after, up_to).map_err(Error::fault)?;
        let difference_pence = Pence::checked_sum(months.iter().map(|month| month.difference_pence)).map_err(Error::fault)?;
        Ok(Adjustment { up_to, months, difference_pence })
    }
}

/// Of a variation that was agreed: between the versions that it made and those before them.
pub(crate) fn of_versions(
    connection: &mut AnyConnection,
    profile: &Profile,
    made: &[PackageLine],
    up_to: NaiveDate,
) -> Result<Adjustment, Error> {
    let after: Vec<Line> = made.iter().filter(|line| line.state != LineState::Reversed).map(PackageLine::costed).collect();
    let mut before = Vec::new();
    for version in made.iter().filter(|line| line.version > 1) {
        let versions = history(connection, &version.line_id)?;
        before.extend(versions.iter().filter(|earlier| earlier.version == version.version - 1).map(PackageLine::costed));
    }
    Adjustment::between(profile, &before, &after, up_to)
}

/// Of a variation that is proposed: as it would be today.
pub(crate) fn of_proposal(
    connection: &mut AnyConnection,
    profile: &Profile,
    proposed: &Variation,
    today: NaiveDate,
) -> Result<Adjustment, Error> {
    let versions = history(connection, &proposed.line_id)?;
    let Some(line) = versions.iter().find(|line| line.version == proposed.line_version) else { return Ok(Adjustment::none(today)) };
    let after: Vec<Line> = proposed.change(line).of(&line.costed()).lines().collect();
    Adjustment::between(profile, &[line.costed()], &after, today)
}
