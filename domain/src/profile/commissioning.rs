//! The profile's rules of commissioning: the steps that are asked for, what a provider must hold, how an order is coded.

use super::number::{Number, Post};
use super::toml_text::{codes, optional_date};
use crate::commissioning::CommissioningStep;
use chrono::{Months, NaiveDate};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// How an approval becomes a package in force. A council that names no step has none on its list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommissioningPolicy {
    /// The steps asked for, in the order they are listed in.
    #[serde(default)]
    pub steps: Vec<StepDemand>,
    /// Working days from the approval after which a package with a step missing is drift; absent, none is named.
    #[serde(default)]
    pub drift_after_working_days: Option<Number>,
    /// What a provider must hold before it takes a placement; absent, nothing is asked.
    #[serde(default)]
    pub governance: Option<Governance>,
    /// How orders are coded, by budget line; a budget line that is not here takes any coding.
    #[serde(default)]
    pub coding: Vec<Coding>,
}

/// A step that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CommissioningStepDemand)]
pub struct StepDemand {
    /// The step.
    pub step: CommissioningStep,
    /// As a list prints it.
    pub name: String,
    /// Only of support that these budget lines pay; none named, of all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub budget_lines: Vec<String>,
    /// Whether no package line is recorded without it.
    #[serde(default)]
    pub before_start: bool,
    /// Steps that come first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<CommissioningStep>,
    /// Of a signature: the posts that may sign for the authority; none named, anybody with an account.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub posts: Vec<String>,
    /// Asked of what is decided from this day on; absent, of everything.
    #[serde(default, deserialize_with = "optional_date", skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub from: Option<NaiveDate>,
    /// Where the authority asks for it.
    pub clause: String,
}

/// What a provider must hold. Red in one item takes no placement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = GovernancePolicy)]
pub struct Governance {
    /// Only for support that these budget lines pay; none named, for all.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub budget_lines: Vec<String>,
    /// The items.
    pub items: Vec<GovernanceItem>,
    /// Where the authority says so.
    pub clause: String,
}

/// An item of a provider's governance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GovernanceItem {
    /// The code: `public_liability_insurance`.
    pub code: String,
    /// As a list prints it.
    pub name: String,
    /// Months after which it must be shown anew; absent, the record says when it ends, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_for_months: Option<u16>,
    /// Where the authority asks for it.
    pub clause: String,
}

/// How orders for the support of a budget line are coded in the finance system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PurchaseOrderCoding)]
pub struct Coding {
    /// The budget line.
    pub budget_line: String,
    /// Its cost centre.
    pub cost_centre: String,
    /// Its expense code.
    pub expense_code: String,
    /// Where the authority says so.
    pub clause: String,
}

/// A line that was agreed, as far as its steps go.
#[derive(Debug, Clone, Copy)]
pub struct AgreedLine<'l> {
    /// The request line's id.
    pub id: &'l str,
    /// The budget line that pays.
    pub budget_line: &'l str,
}

/// A step that an approval needs: of one of its lines, or of the whole of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needed<'p> {
    /// What asks for it.
    pub demand: &'p StepDemand,
    /// The request line; none, the whole.
    pub line: Option<&'p str>,
}

impl StepDemand {
    /// Whether it is asked of support that a budget line pays.
    pub fn takes(&self, budget_line: &str) -> bool {
        self.budget_lines.is_empty() || self.budget_lines.iter().any(|code| code == budget_line)
    }
}

impl CommissioningPolicy {
    /// The steps that an approval decided on a day needs for these lines, in the profile's order and then in the lines'.
    pub fn needed<'p>(&'p self, lines: &[AgreedLine<'p>], decided_on: NaiveDate) -> Vec<Needed<'p>> {
        let mut needed = Vec::new();
        for demand in self.steps.iter().filter(|demand| demand.from.is_none_or(|from| from <= decided_on)) {
            let mut of_lines = lines.iter().filter(|line| demand.takes(line.budget_line));
            if demand.step.is_of_a_line() {
                needed.extend(of_lines.map(|line| Needed { demand, line: Some(line.id) }));
            } else if of_lines.next().is_some() {
                needed.push(Needed { demand, line: None });
            }
        }
        needed
    }

    /// What a provider must hold for support that a budget line pays; none where nothing is asked.
    pub fn governance_for(&self, budget_line: &str) -> Option<&Governance> {
        let takes =
            |governance: &&Governance| governance.budget_lines.is_empty() || governance.budget_lines.iter().any(|code| code == budget_line);
        self.governance.as_ref().filter(takes)
    }
}

impl GovernanceItem {
    /// The last day on which it may end if it was shown on a day: the first day it no longer holds. None where no months are named,
    /// or beyond the calendar.
    pub fn ends_by(&self, valid_from: NaiveDate) -> Option<NaiveDate> {
        valid_from.checked_add_months(Months::new(u32::from(self.valid_for_months?)))
    }
}

/// Everything wrong with these rules.
pub(super) fn check(policy: &CommissioningPolicy, lines: &BTreeSet<&str>, posts: &[Post], problems: &mut Vec<String>) {
    check_steps(policy, problems);
    check_references(policy, lines, posts, problems);
    if let Some(governance) = &policy.governance {
        codes("governance item", governance.items.iter().map(|item| &item.code), problems);
        if governance.items.is_empty() {
            problems.push(format!("the governance of providers ({}) names no item; leave it out if there is none", governance.clause));
        }
        for item in governance.items.iter().filter(|item| item.valid_for_months == Some(0)) {
            problems.push(format!("the governance item `{}` would be over before it begins", item.code));
        }
    }
    let mut coded = BTreeSet::new();
    for coding in policy.coding.iter().filter(|coding| !coded.insert(coding.budget_line.as_str())) {
        problems.push(format!("orders for `{}` are coded twice", coding.budget_line));
    }
}

fn check_steps(policy: &CommissioningPolicy, problems: &mut Vec<String>) {
    let mut before = BTreeSet::new();
    for demand in &policy.steps {
        let step = demand.step;
        for later in demand.after.iter().filter(|earlier| !before.contains(*earlier)) {
            problems.push(format!("the step `{step}` comes after `{later}`, which is not listed before it"));
        }
        if demand.before_start && step.follows_the_package_line() {
            problems.push(format!("the step `{step}` needs the package line, so it cannot come before it"));
        }
        if !demand.posts.is_empty() && step != CommissioningStep::PlacementAgreement {
            problems.push(format!("the step `{step}` has no signature, so no post signs it"));
        }
        if !before.insert(step) {
            problems.push(format!("the step `{step}` is listed twice"));
        }
    }
}

fn check_references(policy: &CommissioningPolicy, lines: &BTreeSet<&str>, posts: &[Post], problems: &mut Vec<String>) {
    let named = policy.steps.iter().flat_map(|demand| &demand.budget_lines);
    let named = named.chain(policy.governance.iter().flat_map(|governance| &governance.budget_lines));
    let named: BTreeSet<_> = named.chain(policy.coding.iter().map(|coding| &coding.budget_line)).collect();
    for unknown in named.into_iter().filter(|code| !lines.contains(code.as_str())) {
        problems.push(format!("a rule of commissioning is for the budget line `{unknown}`, which is not listed"));
    }
    let posts: BTreeSet<_> = posts.iter().map(|post| post.code.as_str()).collect();
    let signing: BTreeSet<_> = policy.steps.iter().flat_map(|demand| &demand.posts).collect();
    for unknown in signing.into_iter().filter(|post| !posts.contains(post.as_str())) {
        problems.push(format!("the post `{unknown}` signs and is not listed"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{BadProfile, Profile};

    const KIRKLEES: &str = include_str!("../../profiles/kirklees.toml");

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn step(step: &str, more: &str) -> String {
        format!("[[commissioning.steps]]\nstep = \"{step}\"\nname = \"A step\"\nclause = \"Here\"\n{more}\n")
    }

    /// The policy with these steps and nothing else of it.
    fn policy(steps: &str) -> CommissioningPolicy {
        #[derive(Deserialize)]
        struct File {
            commissioning: CommissioningPolicy,
        }
        toml::from_str::<File>(steps).expect("sound").commissioning
    }

    /// What is said of a profile with rules of commissioning of its own, which has none otherwise.
    fn problems_with(more: &str) -> Vec<String> {
        let (before, rest) = KIRKLEES.split_once("# The steps of commissioning").expect("the profile's start");
        let (_, after) = rest.split_once("\n[costing]\n").expect("the profile's end");
        let BadProfile(problems) = Profile::parse(&format!("{before}\n[costing]\n{after}\n{more}")).expect_err("a mistake");
        problems
    }

    #[test]
    fn a_step_of_a_line_is_needed_for_each_line_and_another_once() {
        let policy = policy(&[step("family_told", ""), step("provider_found", "budget_lines = [\"home_care\"]")].concat());
        let line = |id, budget_line| AgreedLine { id, budget_line };
        let lines = [line("a", "home_care"), line("b", "direct_payments"), line("c", "home_care")];
        let needed = |lines: &[AgreedLine<'static>]| {
            let needed = policy.needed(lines, day("2024-06-03"));
            needed.into_iter().map(|one| (one.demand.step.as_str(), one.line.map(str::to_owned))).collect::<Vec<_>>()
        };
        let of = |step, line: &str| (step, Some(line.to_owned()));
        assert_eq!(needed(&lines), [("family_told", None), of("provider_found", "a"), of("provider_found", "c")]);
        assert_eq!(needed(&lines[1..2]), [("family_told", None)]);
        assert_eq!(needed(&[]), []);
    }

    #[test]
    fn a_step_of_some_budget_lines_is_not_needed_where_they_pay_nothing() {
        let policy = policy(&step("family_told", "budget_lines = [\"home_care\"]"));
        let needed = |budget_line| policy.needed(&[AgreedLine { id: "a", budget_line }], day("2024-06-03")).len();
        assert_eq!((needed("home_care"), needed("direct_payments")), (1, 0));
    }

    #[test]
    fn a_step_is_asked_of_what_is_decided_from_its_day_on() {
        let policy = policy(&step("family_told", "from = 2024-06-03"));
        let needed = |on| policy.needed(&[AgreedLine { id: "a", budget_line: "home_care" }], day(on)).len();
        assert_eq!((needed("2024-06-02"), needed("2024-06-03"), needed("2024-06-04")), (0, 1, 1));
    }

    #[test]
    fn months_of_an_item_end_on_the_same_day_of_the_month_or_its_last() {
        let item = |months| GovernanceItem { code: "a".into(), name: "A".into(), valid_for_months: months, clause: "Here".into() };
        for (months, from, to) in [
            (Some(12), "2024-02-29", Some("2025-02-28")),
            (Some(12), "2023-06-03", Some("2024-06-03")),
            (Some(1), "2024-01-31", Some("2024-02-29")),
            (None, "2024-01-31", None),
        ] {
            assert_eq!(item(months).ends_by(day(from)), to.map(day), "{from}");
        }
    }

    #[test]
    fn a_step_comes_after_one_that_is_listed_before_it() {
        let said = problems_with(&[step("placement_agreement", "after = [\"provider_found\"]"), step("provider_found", "")].concat());
        assert_eq!(said, ["the step `placement_agreement` comes after `provider_found`, which is not listed before it"]);
        assert_eq!(problems_with(&[step("family_told", ""), step("family_told", "")].concat()), ["the step `family_told` is listed twice"]);
    }

    #[test]
    fn what_needs_the_package_line_does_not_come_before_it() {
        let said = problems_with(&step("purchase_order", "before_start = true"));
        assert_eq!(said, ["the step `purchase_order` needs the package line, so it cannot come before it"]);
    }

    #[test]
    fn budget_lines_and_posts_that_are_not_listed_are_named_once() {
        let twice =
            [step("family_told", "budget_lines = [\"homecare\"]"), step("provider_found", "budget_lines = [\"homecare\"]")].concat();
        assert_eq!(problems_with(&twice), ["a rule of commissioning is for the budget line `homecare`, which is not listed"]);
        let signed = step("placement_agreement", "posts = [\"mayor\"]");
        assert_eq!(problems_with(&signed), ["the post `mayor` signs and is not listed"]);
        let unsigned = step("family_told", "posts = [\"team_manager\"]");
        assert_eq!(problems_with(&unsigned), ["the step `family_told` has no signature, so no post signs it"]);
    }

    #[test]
    fn governance_and_coding_that_say_nothing_or_two_things_are_mistakes() {
        let coding =
            "[[commissioning.coding]]\nbudget_line = \"home_care\"\ncost_centre = \"C1\"\nexpense_code = \"4310\"\nclause = \"Here\"\n";
        assert_eq!(problems_with(&format!("{coding}{coding}")), ["orders for `home_care` are coded twice"]);
        let empty = "[commissioning.governance]\nclause = \"Here\"\nitems = []\n";
        assert_eq!(problems_with(empty), ["the governance of providers (Here) names no item; leave it out if there is none"]);
        let never = "[commissioning.governance]\nclause = \"Here\"\n[[commissioning.governance.items]]\ncode = \"insurance\"\nname = \"I\"\n\
                     valid_for_months = 0\nclause = \"Here\"\n";
        assert_eq!(problems_with(never), ["the governance item `insurance` would be over before it begins"]);
    }
}
