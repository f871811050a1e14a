//! What a variation would do, before it is recorded: lines, costs, the child's total and tier, and the difference for past days.

use crate::error::Error;
use crate::packages as packages_of;
use crate::packages::lines::{PackageLine, arrangement_lines};
use crate::variations::adjusting::Adjustment;
use crate::variations::proposing::{Drafted, NewVariation, draft};
use crate::variations::variation::Variation;
use chrono::NaiveDate;
use db::Write;
use domain::authority::Limit;
use domain::children::ages::as_read;
use domain::costing::{Costing, Line};
use domain::{FinancialYear, Frequency, Pence, Profile, Quantity, UnitRate};
use serde::Serialize;
use utoipa::ToSchema;

/// What becomes of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = VariedLinePart)]
pub enum Part {
    /// The line as it is on record.
    AsRecorded,
    /// The line with an earlier end.
    Shortened,
    /// The line with a later end.
    Extended,
    /// A new line with the changed terms.
    Changed,
    /// A new line that goes on with the old terms.
    Resumed,
}

/// A line before or after a variation, with what it costs.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VariedLine {
    /// What becomes of it.
    pub part: Part,
    /// Who provides it.
    pub provider_id: Option<String>,
    /// How many units each time, in thousandths.
    #[schema(value_type = i64)]
    pub quantity_thousandths: Quantity,
    /// How often.
    pub frequency: Frequency,
    /// The price of a unit, in ten-thousandths of a pound.
    #[schema(value_type = i64)]
    pub unit_rate_ten_thousandths: UnitRate,
    /// The first day in force.
    pub valid_from: NaiveDate,
    /// The first day no longer in force; null, open-ended.
    pub valid_to: Option<NaiveDate>,
    /// What it costs, seen from the financial year in which the variation begins.
    pub costing: Costing,
}

/// What a variation would do.
#[derive(Debug, Serialize, ToSchema)]
pub struct VariationPreview {
    /// The financial year in which it begins, which counts as this year in every cost below.
    pub year: FinancialYear,
    /// The package.
    pub package_id: String,
    /// The first line of the arrangement.
    pub arrangement_id: String,
    /// The line as it is.
    pub before: VariedLine,
    /// The lines there would be instead; a line that is reversed is not among them.
    pub after: Vec<VariedLine>,
    /// Lines of the same arrangement that start after its first day: it leaves them as they are.
    pub later_lines: Vec<PackageLine>,
    /// What the line costs: in a full year of the terms in force on the variation's first day, in the financial year of
    /// that day, and later.
    pub cost_before: Costing,
    /// The same with the variation.
    pub cost_after: Costing,
    /// The child's total care package before, gross, in a full year.
    #[schema(value_type = i64)]
    pub total_before_pence: Pence,
    /// The total with it.
    #[schema(value_type = i64)]
    pub total_after_pence: Pence,
    /// The posts responsible for the total before.
    pub tier_before: Vec<Limit>,
    /// The posts responsible for the total with it.
    pub tier_after: Vec<Limit>,
    /// Whether it brings more, or raises the total, so that the total is tested before it is agreed.
    pub is_tested: bool,
    /// What it adds to days that are over. Nothing that was paid for them is written anew.
    pub adjustment: Adjustment,
}

fn preview(profile: &Profile, drafted: Drafted, later_lines: Vec<PackageLine>, today: NaiveDate) -> Result<VariationPreview, Error> {
    let Drafted { variation, line, effect, totals } = drafted;
    // Seen from the year in which it begins: from today's, a change of next year would have no effect.
    let year = FinancialYear::of(variation.valid_from).map_err(Error::fault)?;
    let of = |part: Part, line: &PackageLine, terms: Line| varied_line(profile, year, part, line, terms);
    let before = of(Part::AsRecorded, &line, line.costed())?;
    let mut after = Vec::new();
    if let Some(original) = effect.varied.original {
        let is_longer = original.valid_to.is_none_or(|to| line.valid_to.is_some_and(|ends| to > ends));
        let part = match original == line.costed() {
            true => Part::AsRecorded,
            false if is_longer => Part::Extended,
            false => Part::Shortened,
        };
        after.push(of(part, &line, original)?);
    }
    for (part, new) in [(Part::Changed, &effect.changed), (Part::Resumed, &effect.resumed)] {
        if let Some(new) = new {
            after.push(of(part, new, new.costed())?);
        }
    }
    let lines: Vec<Line> = effect.varied.lines().collect();
    Ok(VariationPreview {
        year,
        cost_before: together(&variation, year, std::slice::from_ref(&before))?,
        cost_after: together(&variation, year, &after)?,
        adjustment: Adjustment::between(profile, &[line.costed()], &lines, today)?,
        tier_before: profile.tier(totals.before.total, today),
        tier_after: profile.tier(totals.after.total, today),
        is_tested: effect.is_increase || totals.after.total > totals.before.total,
        total_before_pence: totals.before.total,
        total_after_pence: totals.after.total,
        package_id: variation.package_id,
        arrangement_id: variation.arrangement_id,
        before,
        after,
        later_lines,
    })
}

fn varied_line(profile: &Profile, year: FinancialYear, part: Part, line: &PackageLine, terms: Line) -> Result<VariedLine, Error> {
    Ok(VariedLine {
        part,
        provider_id: line.provider_id.clone(),
        quantity_thousandths: terms.quantity,
        frequency: terms.frequency,
        unit_rate_ten_thousandths: terms.unit_rate,
        valid_from: terms.valid_from,
        valid_to: terms.valid_to,
        costing: as_read(profile.costing.cost(&terms, year).map_err(Error::fault)?, &terms, line.ends_by_age_on),
    })
}

/// What lines of an arrangement cost together. A full year is one of the terms in force on the variation's first day.
fn together(variation: &Variation, year: FinancialYear, lines: &[VariedLine]) -> Result<Costing, Error> {
    let day = variation.valid_from;
    let in_force = lines.iter().find(|line| line.valid_from <= day && line.valid_to.is_none_or(|ends| day < ends));
    let sum = |amounts: &mut dyn Iterator<Item = Pence>| Pence::checked_sum(amounts).map_err(Error::fault);
    let later: Option<Vec<Pence>> = lines.iter().map(|line| line.costing.later_years_pence).collect();
    Ok(Costing {
        year,
        full_year_pence: in_force.map_or(Pence::ZERO, |line| line.costing.full_year_pence),
        this_year_pence: sum(&mut lines.iter().map(|line| line.costing.this_year_pence))?,
        later_years_pence: later.map(|later| sum(&mut later.into_iter())).transpose()?,
    })
}

/// What a variation would do; that its package was read is recorded.
pub fn read(write: &mut Write<'_>, profile: &Profile, new: NewVariation) -> Result<VariationPreview, Error> {
    let drafted = draft(write, profile, new)?;
    let package = packages_of::find(write.connection, &drafted.variation.package_id)?;
    packages_of::record_read(write, &package)?;
    let mut later_lines = arrangement_lines(write.connection, &drafted.variation.arrangement_id)?;
    later_lines.retain(|line| line.valid_from > drafted.variation.valid_from && line.line_id != drafted.line.line_id);
    preview(profile, drafted, later_lines, write.today())
}
