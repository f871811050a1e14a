//! A profile as a whole: read from its file, and checked across its sections.

use super::ages::AgePolicy;
use super::budget::BudgetControlPolicy;
use super::budget_lines::BudgetLine;
use super::commissioning::CommissioningPolicy;
use super::costing::CostingPolicy;
use super::delegation::Delegation;
use super::direct_payments::DirectPaymentPolicy;
use super::disclosure::DisclosurePolicy;
use super::forecast::ForecastPolicy;
use super::grants::{GrantPolicy, UnitCostPolicy};
use super::joint_funding::JointFundingPolicy;
use super::nights::NightsPolicy;
use super::number::Post;
use super::panel::PanelPolicy;
use super::returns::ReturnsPolicy;
use super::review::ReviewPolicy;
use super::statement::StatementPolicy;
use super::toml_text::codes;
use super::{
    ages, budget, commissioning, costing, direct_payments, disclosure, forecast, grants, joint_funding, nights, panel, returns, review,
    statement,
};
use crate::{Direction, TimeZone};
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
    /// The time zone whose days are the authority's days, by its name in the IANA list.
    #[serde(default)]
    #[schema(value_type = String, example = "Europe/London")]
    pub time_zone: TimeZone,
    /// For which ages support is bought; absent, age ends nothing.
    #[serde(default)]
    pub ages: AgePolicy,
    /// How a line is costed.
    pub costing: CostingPolicy,
    /// The budget lines the authority keeps.
    pub budget_lines: Vec<BudgetLine>,
    /// The Short Breaks Service Statement.
    pub statement: StatementPolicy,
    /// Which counts a publication withholds; absent, nothing is published but by an explicit choice to print figures as they were counted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disclosure: Option<DisclosurePolicy>,
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
    /// What happens when a decision or another change would take more than its budget has; absent, it is told and nothing is stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget_control: Option<BudgetControlPolicy>,
    /// How health's share is invoiced.
    #[serde(default)]
    pub joint_funding: JointFundingPolicy,
    /// How nights away from home are counted.
    #[serde(default)]
    pub nights: NightsPolicy,
    /// What goes out to government and to the public.
    #[serde(default)]
    pub returns: ReturnsPolicy,
    /// How the annual review counts children by age; absent, by the bands of the Department for Education and the birthdays of the law.
    #[serde(default)]
    pub annual_review: ReviewPolicy,
}

/// Why a profile file cannot be used: everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the authority profile cannot be used: {}", .0.join("; "))]
pub struct BadProfile(pub Vec<String>);

/// The profiles that come with the program, by code; the first is used where none is named.
const BUNDLED: &[(&str, &str)] = &[
    ("tameside", include_str!("../../profiles/tameside.toml")),
    ("kirklees", include_str!("../../profiles/kirklees.toml")),
    ("warwickshire", include_str!("../../profiles/warwickshire.toml")),
    ("manchester", include_str!("../../profiles/manchester.toml")),
    ("knowsley", include_str!("../../profiles/knowsley.toml")),
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

    /// Whether undecided requests are taken off what is available to a decision.
    pub fn counts_pending(&self) -> bool {
        self.budget_control.as_ref().is_some_and(|policy| policy.count_pending)
    }

    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        let lines = codes("budget line", self.budget_lines.iter().map(|line| &line.code), &mut problems);
        let paying = self.direct_payments.budget_line.as_ref().map(|line| line.code.as_str());
        // One that cannot pay is told where direct payments are checked.
        let can_pay = |code: &str| self.budget_lines.iter().any(|line| line.code == code && line.direction == Direction::Expenditure);
        let checked = paying.is_none_or(can_pay).then_some(paying);
        ages::check(&self.ages, &lines, &mut problems);
        statement::check(&self.statement, &lines, checked, &mut problems);
        disclosure::check(self.disclosure.as_ref(), &mut problems);
        costing::check(&self.costing, &mut problems);
        forecast::check(&self.forecast, &mut problems);
        self.check_posts(&mut problems);
        panel::check(&self.panel, &self.delegation, &lines, &mut problems);
        budget::check(self.budget_control.as_ref(), &self.forecast, &mut problems);
        direct_payments::check(&self.direct_payments, &self.budget_lines, &mut problems);
        nights::check(&self.nights, &mut problems);
        joint_funding::check(&self.joint_funding, &mut problems);
        commissioning::check(&self.commissioning, &lines, &self.posts, &mut problems);
        grants::check(&self.grants, &self.unit_costs, &mut problems);
        returns::check(&self.returns, &lines, &mut problems);
        review::check(&self.annual_review, &mut problems);
        problems
    }

    /// Posts that rules name and the profile does not list.
    fn check_posts(&self, problems: &mut Vec<String>) {
        codes("panel member", self.panel.members.iter().chain(&self.panel.attends).map(|role| &role.code), problems);
        let posts = codes("post", self.posts.iter().map(|post| &post.code), problems);
        let (delegation, panel) = (&self.delegation, &self.panel);
        let named = [&panel.chair, &panel.deputy_chair, &panel.ratified_by, &panel.case_management_decision];
        for empty in named.into_iter().flatten().filter(|named| named.posts.is_empty()) {
            problems.push(format!("a rule of the panel ({}) names no post; leave it out if there is none", empty.clause));
        }
        let all = named
            .into_iter()
            .flatten()
            .flat_map(|named| &named.posts)
            .chain(delegation.limits.iter().map(|limit| &limit.post))
            .chain(delegation.reporting_thresholds.iter().map(|threshold| &threshold.post))
            .chain(delegation.without_panel.iter().flat_map(|rule| &rule.posts))
            .chain(self.nights.acknowledged_by.iter().flat_map(|named| &named.posts))
            .chain(self.statement.approved_by.iter().flat_map(|named| &named.posts));
        let unknown: BTreeSet<_> = all.filter(|post| !posts.contains(post.as_str())).collect();
        problems.extend(unknown.into_iter().map(|post| format!("the post `{post}` is used and not listed")));
    }
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
        let text = include_str!("../../profiles/tameside.toml")
            .replace("code = \"nursery\"", "code = \"Nursery 2\"")
            .replace("budget_lines = [\"home_care\"]", "budget_lines = [\"homecare\"]")
            .replace("value = 38", "value = 60");
        let BadProfile(problems) = Profile::parse(&text).expect_err("three mistakes, one of them met thrice");
        // A step of commissioning, an age and the section 251 return name the budget line whose code was broken.
        assert_eq!(problems.len(), 6, "{problems:?}");
    }

    #[test]
    fn a_time_zone_that_is_none_is_refused_and_one_left_out_is_britains() {
        let text = include_str!("../../profiles/tameside.toml");
        let with = |line: &str| Profile::parse(&text.replace("time_zone = \"Europe/London\"\n", line));
        assert!(with("time_zone = \"Europe/Londn\"\n").expect_err("no zone").to_string().contains("Europe/Londn"));
        assert_eq!(with("").expect("sound").time_zone.name(), "Europe/London");
        assert_eq!(with("time_zone = \"Europe/Lisbon\"\n").expect("sound").time_zone.name(), "Europe/Lisbon");
    }

    #[test]
    fn an_unknown_key_is_a_mistake_not_a_comment() {
        let text = format!("suppresion = 5\n{}", include_str!("../../profiles/tameside.toml"));
        assert!(Profile::parse(&text).expect_err("a misspelt key").to_string().contains("suppresion"));
    }
}
