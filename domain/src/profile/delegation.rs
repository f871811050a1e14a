//! The profile's rules of delegated authority.

use super::number::Number;
use super::toml_text::optional_date;
use crate::Unit;
use crate::panel::AssessmentKind;
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// Which post may authorise what.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Delegation {
    /// Limits on the child's total care package, per post. A post that is not here authorises nothing.
    #[serde(default)]
    pub limits: Vec<PostLimit>,
    /// Totals above which a decision is marked in reports, though the authority is the same.
    #[serde(default)]
    pub reporting_thresholds: Vec<ReportingThreshold>,
    /// Small packages that a manager may agree without a panel.
    #[serde(default)]
    pub without_panel: Vec<WithoutPanel>,
    /// Support that only some assessments, or only a panel, may lead to.
    #[serde(default)]
    pub demands: Vec<AssessmentDemand>,
    /// What holds where a child is to have more than before; absent, the same as of any support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub increases: Option<IncreaseRule>,
    /// How much a yearly rise of rates may add to a rate, in per cent, before each child's new total is tested as any increase is. Absent,
    /// every rise is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub untested_rise_percent: Option<Number>,
    /// Support whose assessment is brought up to date again and again.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub updates: Vec<AssessmentUpdate>,
}

/// What holds where a child is to have more than before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IncreaseRule {
    /// Whether only a panel may agree it, however little it is.
    pub panel_only: bool,
    /// How much more, in per cent of what the child has, needs an assessment that is brought up to date: completed since what the child has
    /// began. Absent, none does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub updated_assessment_above_percent: Option<Number>,
    /// Where the authority says so.
    pub clause: String,
}

/// What becomes of support that is asked for while the update of its assessment is late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhenLate {
    /// It is not agreed before the update.
    Refuse,
    /// It may be agreed, and the reasoning says that the update is late.
    Mark,
}

/// Support whose assessment is brought up to date again and again. A line is meant if its budget line or its unit is named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssessmentUpdate {
    /// The budget lines it is for.
    #[serde(default)]
    pub budget_lines: Vec<String>,
    /// The units it is for, whatever the budget line.
    #[serde(default)]
    pub units: Vec<Unit>,
    /// The kinds of assessment that are brought up to date.
    pub assessments: Vec<AssessmentKind>,
    /// Months from one to the next.
    pub months: u16,
    /// What becomes of support that is asked for while it is late.
    pub when_late: WhenLate,
    /// Where the authority says so.
    pub clause: String,
}

impl AssessmentUpdate {
    /// Whether a line is meant.
    pub fn is_for(&self, budget_line: &str, unit: Unit) -> bool {
        self.units.contains(&unit) || self.budget_lines.iter().any(|code| code == budget_line)
    }
}

/// The largest total that a post may authorise, from a day on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PostLimit {
    /// The post.
    pub post: String,
    /// The first day it applies; absent, since ever. The latest that has begun counts.
    #[serde(default, deserialize_with = "optional_date", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub from: Option<NaiveDate>,
    /// The largest total in pence, this included. Nought takes the authority away.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to_pence: Option<i64>,
    /// Whether there is no largest total: said in so many words, never by leaving the amount out.
    #[serde(default)]
    pub any_amount: bool,
    /// Where the authority says so.
    pub clause: String,
}

/// A total above which a decision is marked in reports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportingThreshold {
    /// The post within whose authority it lies.
    pub post: String,
    /// Above this total, in pence.
    pub above_pence: i64,
    /// Where the authority says so.
    pub clause: String,
}

/// A small package that a manager may agree without a panel. All support of these services that the child has counts together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithoutPanel {
    /// The posts that may.
    pub posts: Vec<String>,
    /// The services it is for, by code.
    pub services: Vec<String>,
    /// The budget lines that may pay it: a service is only a word, and its word alone agrees nothing.
    pub budget_lines: Vec<String>,
    /// The unit that is counted.
    pub unit: Unit,
    /// Units a week, in thousandths, this included.
    pub up_to_thousandths_per_week: i64,
    /// What all of it may cost in a full year, in pence, this included. Absent: the post's own limit holds, and a post that has none agrees
    /// nothing by the rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to_pence_per_year: Option<i64>,
    /// Where the authority says so.
    pub clause: String,
}

impl WithoutPanel {
    /// Whether the rule is about a service, whoever pays it.
    pub fn takes(&self, service: &str) -> bool {
        self.services.iter().any(|known| known == service)
    }
}

/// What a kind of support demands before it may be agreed. A line is meant if its budget line or its unit is named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AssessmentDemand {
    /// The budget lines it is for.
    #[serde(default)]
    pub budget_lines: Vec<String>,
    /// The units it is for, whatever the budget line.
    #[serde(default)]
    pub units: Vec<Unit>,
    /// The kinds of assessment that may lead to it.
    pub assessments: Vec<AssessmentKind>,
    /// Whether only a panel may agree it.
    pub panel_only: bool,
    /// Where the authority says so.
    pub clause: String,
}

impl AssessmentDemand {
    /// Whether a line is meant.
    pub fn is_for(&self, budget_line: &str, unit: Unit) -> bool {
        self.units.contains(&unit) || self.budget_lines.iter().any(|code| code == budget_line)
    }
}

/// Everything wrong with these rules: budget lines that are not listed, amounts left out or said twice, rules that name nothing.
pub(super) fn check_delegation(delegation: &Delegation, lines: &BTreeSet<&str>, problems: &mut Vec<String>) {
    check_limits(delegation, problems);
    check_support(delegation, lines, problems);
}

fn check_limits(delegation: &Delegation, problems: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    for limit in &delegation.limits {
        if limit.any_amount == limit.up_to_pence.is_some() || limit.up_to_pence.is_some_and(|pence| pence < 0) {
            problems.push(format!("the limit of `{}` needs either up_to_pence, not below 0, or any_amount = true", limit.post));
        }
        if !seen.insert((&limit.post, limit.from)) {
            problems.push(format!("the post `{}` has two limits from the same day", limit.post));
        }
    }
}

fn check_support(delegation: &Delegation, lines: &BTreeSet<&str>, problems: &mut Vec<String>) {
    for unknown in delegation.demands.iter().flat_map(|demand| &demand.budget_lines).filter(|code| !lines.contains(code.as_str())) {
        problems.push(format!("a demand is for the budget line `{unknown}`, which is not listed"));
    }
    for unknown in delegation.without_panel.iter().flat_map(|rule| &rule.budget_lines).filter(|code| !lines.contains(code.as_str())) {
        problems.push(format!("a rule without panel is for the budget line `{unknown}`, which is not listed"));
    }
    for demand in &delegation.demands {
        if (demand.budget_lines.is_empty() && demand.units.is_empty()) || demand.assessments.is_empty() {
            problems.push(format!("a demand ({}) names no support, or no assessment", demand.clause));
        }
    }
    for rule in &delegation.without_panel {
        if rule.posts.is_empty() || rule.services.is_empty() || rule.up_to_thousandths_per_week <= 0 {
            problems.push(format!("the rule of packages without panel ({}) names no post, no service or no support", rule.clause));
        }
        if rule.up_to_pence_per_year.is_some_and(|pence| pence <= 0) {
            problems.push(format!("the rule of packages without panel ({}) is for support that costs nothing", rule.clause));
        }
    }
    check_updates(delegation, lines, problems);
}

fn check_updates(delegation: &Delegation, lines: &BTreeSet<&str>, problems: &mut Vec<String>) {
    for update in &delegation.updates {
        for unknown in update.budget_lines.iter().filter(|code| !lines.contains(code.as_str())) {
            problems.push(format!("an update is for the budget line `{unknown}`, which is not listed"));
        }
        if (update.budget_lines.is_empty() && update.units.is_empty()) || update.assessments.is_empty() || update.months == 0 {
            problems.push(format!("an update ({}) names no support, no assessment or no months", update.clause));
        }
    }
}
