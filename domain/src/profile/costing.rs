//! The profile's rules of costing: the weeks of a year and the school calendar.

use super::number::Weeks;
use super::toml_text::toml_date;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How a line is costed (panel practice standard 2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CostingPolicy {
    /// Weeks of service in a full year.
    pub weeks_per_year: Weeks,
    /// Of which school term; the rest is holiday.
    pub term_time_weeks_per_year: Weeks,
    /// What part of a year costs of a line that is bought once a year; absent, its days.
    #[serde(default)]
    pub part_year: Option<PartYearRule>,
    /// The school calendar, as far as it is published.
    #[serde(default)]
    pub terms: Vec<Term>,
}

/// What part of a year costs, and where the authority says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PartYearRule {
    /// The rule.
    pub value: PartYear,
    /// Where the authority says so.
    pub clause: String,
}

/// What part of a year costs of a line that is bought once a year. Its years are its own, from its first day to the day before its
/// anniversary, and a whole one costs all of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PartYear {
    /// Its days, of the days of that year.
    #[default]
    Days,
    /// A twelfth for each month on whose first day the line is in force.
    WholeMonths,
    /// All of it, on the first day of the year.
    WholeYear,
}

impl CostingPolicy {
    /// What part of a year costs.
    pub fn part_year(&self) -> PartYear {
        self.part_year.as_ref().map(|rule| rule.value).unwrap_or_default()
    }
}

/// A stretch of school term, both days included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Term {
    /// First day of term.
    #[schema(value_type = String, format = Date)]
    #[serde(deserialize_with = "toml_date")]
    pub from: NaiveDate,
    /// Last day of term.
    #[schema(value_type = String, format = Date)]
    #[serde(deserialize_with = "toml_date")]
    pub to: NaiveDate,
}

/// Adds what is wrong with these rules: weeks that fit no year, terms that end before they start or overlap. `terms` are in order.
pub(super) fn check(costing: &CostingPolicy, problems: &mut Vec<String>) {
    let (weeks, term_weeks) = (costing.weeks_per_year.value, costing.term_time_weeks_per_year.value);
    if !(1..=53).contains(&weeks) || term_weeks > weeks {
        problems.push(format!("{term_weeks} term-time weeks in a year of {weeks}: a year has at most 53, and term is part of it"));
    }
    for term in costing.terms.iter().filter(|term| term.to < term.from) {
        problems.push(format!("the term from {} ends before it starts, on {}", term.from, term.to));
    }
    for pair in costing.terms.windows(2).filter(|pair| pair[1].from <= pair[0].to) {
        problems.push(format!("the term from {} starts before the one from {} ends", pair[1].from, pair[0].from));
    }
}
