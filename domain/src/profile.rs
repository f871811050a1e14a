//! The authority profile: what one council's policy says, read from one TOML file in which every value names its clause.

mod budget;
mod commissioning;
mod direct_payments;
mod forecast;
mod grants;
mod joint_funding;
mod nights;
mod panel;

pub use budget::{BudgetControlPolicy, WhenExceeded};
pub use commissioning::{AgreedLine, Coding, CommissioningPolicy, Governance, GovernanceItem, Needed, StepDemand};
pub use direct_payments::{DirectPaymentPolicy, PayingLine, PreconditionDemand};
pub use forecast::{ForecastPolicy, ForecastStage};
pub use grants::{GrantHold, GrantPolicy, HoldPaymentFor, OutlierRule, UnitCostPolicy};
pub use joint_funding::{AgedDebtDays, JointFundingPolicy};
pub use nights::{NightLimit, NightThreshold, NightsCounted, NightsPolicy};
pub use panel::{
    AssessmentDemand, AssessmentKinds, Delegation, MemberRole, Number, PanelPolicy, PaperworkDemand, Post, PostLimit, Posts,
    ReportingThreshold, WithoutPanel,
};

use crate::{Direction, Location};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// One council's policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Short name, `tameside`: the file's name and the warehouse's label.
    pub code: String,
    /// The place, as a sentence would name it.
    pub name: String,
    /// The council's full name.
    pub authority: String,
    /// How a line is costed.
    pub costing: CostingPolicy,
    /// The budget lines the authority keeps.
    pub budget_lines: Vec<BudgetLine>,
    /// The Short Breaks Service Statement.
    pub statement: StatementPolicy,
    /// The posts that people hold.
    #[serde(default)]
    pub posts: Vec<Post>,
    /// Which post may authorise what.
    #[serde(default)]
    pub delegation: Delegation,
    /// How the resource panel works.
    #[serde(default)]
    pub panel: PanelPolicy,
    /// How direct payments are made and checked.
    #[serde(default)]
    pub direct_payments: DirectPaymentPolicy,
    /// How an approval becomes a package in force.
    #[serde(default)]
    pub commissioning: CommissioningPolicy,
    /// How grants are paid.
    #[serde(default)]
    pub grants: GrantPolicy,
    /// How the cost of a unit is judged.
    #[serde(default)]
    pub unit_costs: UnitCostPolicy,
    /// How requests weigh in the forecast.
    #[serde(default)]
    pub forecast: ForecastPolicy,
    /// What happens when a decision would cost more than its budget has; absent, it is told and nothing is stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_control: Option<BudgetControlPolicy>,
    /// How health's share is invoiced.
    #[serde(default)]
    pub joint_funding: JointFundingPolicy,
    /// How nights away from home are counted.
    #[serde(default)]
    pub nights: NightsPolicy,
}

/// A number of the policy and where it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Weeks {
    /// Whole weeks.
    pub value: u8,
    /// Where the authority says so.
    pub clause: String,
}

/// How a line is costed (panel practice standard 2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CostingPolicy {
    /// Weeks of service in a full year.
    pub weeks_per_year: Weeks,
    /// Of which school term; the rest is holiday.
    pub term_time_weeks_per_year: Weeks,
    /// The school calendar, as far as it is published.
    #[serde(default)]
    pub terms: Vec<Term>,
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

/// A line of the budget.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ProfileBudgetLine)]
pub struct BudgetLine {
    /// The code used everywhere: `direct_payments`.
    pub code: String,
    /// As a report prints it.
    pub name: String,
    /// Whether it pays or receives.
    pub direction: Direction,
    /// Where the authority lists it.
    pub clause: String,
}

/// What the statement counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatementPolicy {
    /// What a package line may be counted as, apart from its budget line.
    pub categories: Vec<StatementCategory>,
    /// The figures, in the statement's order.
    pub figures: Vec<Figure>,
}

/// A kind of support the statement counts that no budget line tells apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StatementCategory {
    /// The code a package line carries.
    pub code: String,
    /// As the statement words it.
    pub label: String,
    /// The statement's section.
    pub clause: String,
}

/// One figure of the statement: what is counted, and of that, what passes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Figure {
    /// The figure's stable code.
    pub code: String,
    /// As the statement words it.
    pub label: String,
    /// What is counted.
    pub counts: Counted,
    /// Only lines of these budget lines; none named, all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub budget_lines: Vec<String>,
    /// Only lines counted as these; none named, all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statement_categories: Vec<String>,
    /// Only lines whose provider is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_location: Option<Location>,
    /// The statement's section.
    pub clause: String,
}

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Children, each once, with a line in force on any day of the year.
    Children,
    /// Children and families that grant-funded groups reached, from their returns for the year.
    GrantReach,
    /// Sessions of commissioned services, from their returns for the year.
    Sessions,
}

/// Why a profile file cannot be used: everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the authority profile cannot be used: {}", .0.join("; "))]
pub struct BadProfile(pub Vec<String>);

/// The profiles that come with the program, by code; the first is used where none is named.
const BUNDLED: &[(&str, &str)] = &[
    ("tameside", include_str!("../profiles/tameside.toml")),
    ("kirklees", include_str!("../profiles/kirklees.toml")),
    ("warwickshire", include_str!("../profiles/warwickshire.toml")),
    ("manchester", include_str!("../profiles/manchester.toml")),
    ("knowsley", include_str!("../profiles/knowsley.toml")),
];

impl Profile {
    /// A profile that comes with the program, or [`BadProfile`] naming those there are.
    pub fn bundled(code: &str) -> Result<Self, BadProfile> {
        let text = BUNDLED.iter().find(|(name, _)| *name == code).map(|(_, text)| text).ok_or_else(|| {
            let known: Vec<_> = BUNDLED.iter().map(|(name, _)| *name).collect();
            BadProfile(vec![format!("no profile is called `{code}`; there are: {}; or give a file's path", known.join(", "))])
        })?;
        Self::parse(text)
    }

    /// The name of the profile that is used where none is named.
    pub fn default_code() -> &'static str {
        BUNDLED[0].0
    }

    /// Reads a profile and checks it: codes well formed and unique, references to codes that exist, weeks that fit a year.
    pub fn parse(text: &str) -> Result<Self, BadProfile> {
        let mut profile: Profile = toml::from_str(text).map_err(|error| BadProfile(vec![error.to_string()]))?;
        profile.costing.terms.sort();
        let problems = profile.problems();
        if problems.is_empty() { Ok(profile) } else { Err(BadProfile(problems)) }
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let lines = codes("budget line", self.budget_lines.iter().map(|line| &line.code), &mut problems);
        let categories = codes("statement category", self.statement.categories.iter().map(|c| &c.code), &mut problems);
        codes("figure", self.statement.figures.iter().map(|figure| &figure.code), &mut problems);
        for figure in &self.statement.figures {
            for unknown in figure.budget_lines.iter().filter(|code| !lines.contains(code.as_str())) {
                problems.push(format!("figure `{}` filters on budget line `{unknown}`, which is not listed", figure.code));
            }
            for unknown in figure.statement_categories.iter().filter(|code| !categories.contains(code.as_str())) {
                problems.push(format!("figure `{}` filters on statement category `{unknown}`, which is not listed", figure.code));
            }
            let filtered = !figure.budget_lines.is_empty() || !figure.statement_categories.is_empty() || figure.provider_location.is_some();
            if filtered && figure.counts != Counted::Children {
                problems.push(format!("figure `{}` counts returns, which have no package line to filter on", figure.code));
            }
        }
        let (weeks, term_weeks) = (self.costing.weeks_per_year.value, self.costing.term_time_weeks_per_year.value);
        if !(1..=53).contains(&weeks) || term_weeks > weeks {
            problems.push(format!("{term_weeks} term-time weeks in a year of {weeks}: a year has at most 53, and term is part of it"));
        }
        for term in self.costing.terms.iter().filter(|term| term.to < term.from) {
            problems.push(format!("the term from {} ends before it starts, on {}", term.from, term.to));
        }
        for pair in self.costing.terms.windows(2).filter(|pair| pair[1].from <= pair[0].to) {
            problems.push(format!("the term from {} starts before the one from {} ends", pair[1].from, pair[0].from));
        }
        forecast::check(&self.forecast, &mut problems);
        panel::check(self, &mut problems);
        budget::check(self, &mut problems);
        direct_payments::check(self, &mut problems);
        nights::check(self, &mut problems);
        joint_funding::check(self, &mut problems);
        commissioning::check(self, &mut problems);
        grants::check(self, &mut problems);
        problems
    }
}

/// Checks that codes are lower-case words and unique; returns them.
fn codes<'p>(kind: &str, all: impl Iterator<Item = &'p String>, problems: &mut Vec<String>) -> BTreeSet<&'p str> {
    let mut seen = BTreeSet::new();
    for code in all {
        if !is_code(code) {
            problems.push(format!("{kind} code `{code}`: use lower-case letters, digits and underscores, 2 to 60 of them, a letter first"));
        }
        if !seen.insert(code.as_str()) {
            problems.push(format!("{kind} code `{code}` is listed twice"));
        }
    }
    seen
}

/// Whether a text may serve as a code: a lower-case letter, then letters, digits and underscores, 2 to 60 in all.
pub fn is_code(text: &str) -> bool {
    (2..=60).contains(&text.len())
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
}

/// Reads a TOML date or an ISO 8601 string.
pub(crate) fn toml_date<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<NaiveDate, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Written {
        Toml(toml::value::Datetime),
        Text(String),
    }
    let text = match Written::deserialize(deserializer)? {
        Written::Toml(date) => date.to_string(),
        Written::Text(text) => text,
    };
    text.parse().map_err(|_| serde::de::Error::custom(format!("`{text}` is not a date like 2023-09-04")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bundled_profile_is_sound() {
        for (code, _) in BUNDLED {
            assert_eq!(Profile::bundled(code).expect("sound").code, *code);
        }
    }

    #[test]
    fn the_first_bundled_profile_is_the_default_and_an_unknown_name_is_told_the_others() {
        assert_eq!(Profile::default_code(), "tameside");
        let refused = Profile::bundled("rutland").expect_err("not bundled").to_string();
        for (code, _) in BUNDLED {
            assert!(refused.contains(code), "{refused}");
        }
    }

    #[test]
    fn every_value_of_a_bundled_profile_names_its_clause() {
        fn walk(code: &str, value: &toml::Value) {
            match value {
                toml::Value::Table(table) => {
                    if let Some(clause) = table.get("clause") {
                        assert!(clause.as_str().is_some_and(|text| !text.trim().is_empty()), "{code}: {table:?}");
                    }
                    table.values().for_each(|inner| walk(code, inner));
                }
                toml::Value::Array(array) => array.iter().for_each(|inner| walk(code, inner)),
                _ => {}
            }
        }
        for (code, text) in BUNDLED {
            walk(code, &toml::from_str(text).expect("TOML"));
        }
    }

    #[test]
    fn tameside_keeps_seven_lines_of_expenditure_and_one_of_income() {
        let profile = Profile::bundled("tameside").expect("sound");
        let income: Vec<_> =
            profile.budget_lines.iter().filter(|line| line.direction == Direction::Income).map(|line| line.code.as_str()).collect();
        assert_eq!((profile.budget_lines.len(), income), (8, vec!["chc_income"]));
    }

    #[test]
    fn everything_wrong_is_said_at_once() {
        let text = include_str!("../profiles/tameside.toml")
            .replace("code = \"nursery\"", "code = \"Nursery 2\"")
            .replace("budget_lines = [\"home_care\"]", "budget_lines = [\"homecare\"]")
            .replace("value = 38", "value = 60");
        let BadProfile(problems) = Profile::parse(&text).expect_err("three mistakes, one of them met twice");
        // A step of commissioning names the budget line whose code was broken.
        assert_eq!(problems.len(), 4, "{problems:?}");
    }

    #[test]
    fn an_unknown_key_is_a_mistake_not_a_comment() {
        let text = format!("suppresion = 5\n{}", include_str!("../profiles/tameside.toml"));
        assert!(Profile::parse(&text).expect_err("a misspelt key").to_string().contains("suppresion"));
    }
}
