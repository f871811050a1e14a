//! The fact of planned units: how much activity package lines were planned to provide, up to the day a snapshot looks from.

use crate::calendar::Calendar;
use crate::error::Error;
use crate::extract::Extract;
use crate::facts::Named;
use crate::manifest::TableKind;
use crate::pseudonym::{Kind, Pseudonyms};
use chrono::Days;
use domain::Profile;
use domain::profile::CostingPolicy;
use polars::prelude::*;

/// The fact, and the rule by which unit costs stand out, as a dimension of one row.
pub(crate) fn build(extract: &Extract, profile: &Profile, calendar: &Calendar, pseudonyms: &Pseudonyms) -> Result<Vec<Named>, Error> {
    Ok(vec![
        ("dim_unit_cost_rule", TableKind::Dimension, dim_unit_cost_rule(profile)?),
        ("fact_planned_units", TableKind::Fact, fact_planned_units(extract, &profile.costing, calendar, pseudonyms)?),
    ])
}

/// One row, of nulls where the authority has no rule.
fn dim_unit_cost_rule(profile: &Profile) -> Result<DataFrame, Error> {
    let rule = profile.unit_costs.outlier.as_ref();
    Ok(df!(
        "outlier_percent_of_median" => [rule.map(|rule| i64::from(rule.percent_of_median))],
        "least_comparables" => [rule.map(|rule| i64::from(rule.least_comparables))],
    )?)
}

/// One row a line and financial year with units planned in it. Days after the one the snapshot looks from do not count: they are not
/// in the ledger either.
fn fact_planned_units(extract: &Extract, policy: &CostingPolicy, calendar: &Calendar, pseudonyms: &Pseudonyms) -> Result<DataFrame, Error> {
    let tomorrow = calendar.as_at + Days::new(1);
    let (mut keys, mut years, mut lines, mut units) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for line in &extract.lines {
        let key = pseudonyms.of(Kind::Line, &line.line_id);
        for year in &calendar.years {
            let planned = policy.units_between(&line.costed(), year.starts_on(), year.next_starts_on().min(tomorrow));
            let planned = planned.map_err(|reason| Error::Costing { line: key.clone(), reason })?;
            if planned > 0 {
                keys.push(key.clone());
                years.push(year.as_str());
                lines.push(line);
                units.push(planned);
            }
        }
    }
    Ok(df!(
        "line_key" => keys,
        "financial_year" => years,
        "budget_line" => lines.iter().map(|line| line.budget_line.as_str()).collect::<Vec<_>>(),
        "provider_key" => lines.iter().map(|line| line.provider_id.as_deref()).collect::<Vec<_>>(),
        "unit" => lines.iter().map(|line| line.unit.as_str()).collect::<Vec<_>>(),
        "planned_units_thousandths" => units,
    )?)
}
