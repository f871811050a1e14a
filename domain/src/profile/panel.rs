//! The profile's rules of the resource panel.

use super::delegation::{Delegation, check_delegation};
use super::number::{Number, Posts, Rule};
use crate::panel::{AssessmentKind, PaperworkPart};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// Kinds of assessment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PolicyAssessments)]
pub struct AssessmentKinds {
    /// The kinds.
    pub kinds: Vec<AssessmentKind>,
    /// Where the authority says so.
    pub clause: String,
}

/// How the resource panel works. What a council's documents do not say is absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PanelPolicy {
    /// Weeks from one panel to the next.
    #[serde(default)]
    pub every_weeks: Option<Number>,
    /// Who chairs. No post named: nobody may, and no panel decides.
    #[serde(default)]
    pub chair: Option<Posts>,
    /// Who chairs in the chair's place.
    #[serde(default)]
    pub deputy_chair: Option<Posts>,
    /// Who must ratify what a deputy chair decides.
    #[serde(default)]
    pub ratified_by: Option<Posts>,
    /// The roles that sit on the panel.
    #[serde(default)]
    pub members: Vec<MemberRole>,
    /// Months for which a member's signature under the terms of reference and the statement of confidentiality counts; absent,
    /// no signature is asked for.
    #[serde(default)]
    pub signatures_last_months: Option<Number>,
    /// Those who attend a panel for their post and are no members: they neither vote nor count towards the quorum.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attends: Vec<MemberRole>,
    /// Members besides whoever chairs who must be there and not standing down for an item to be decided; absent, no quorum.
    #[serde(default)]
    pub quorum_members: Option<Number>,
    /// Days before the panel by which a request is on its agenda; absent, until the panel.
    #[serde(default)]
    pub papers_days_before: Option<Number>,
    /// The kinds of assessment a request may rest on; absent, any.
    #[serde(default)]
    pub assessments: Option<AssessmentKinds>,
    /// Months for which an assessment is current; absent, until the next.
    #[serde(default)]
    pub assessment_current_months: Option<Number>,
    /// Whether each request rests on a new assessment: one that carried a request carries no other. Absent, it may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub new_assessment_each_request: Option<Rule>,
    /// Weeks within which a request comes to panel after its assessment; shown where it is late.
    #[serde(default)]
    pub assessment_to_panel_weeks: Option<Number>,
    /// The parts of the paperwork that must be filled in. The local-offer answer is always asked for.
    #[serde(default)]
    pub paperwork: Vec<PaperworkDemand>,
    /// Days within which an appeal is normally considered; absent, no day is due.
    #[serde(default)]
    pub appeal_days: Option<Number>,
    /// Who records the case management decision; absent, any manager.
    #[serde(default)]
    pub case_management_decision: Option<Posts>,
}

/// A role on the panel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MemberRole {
    /// The code: `health_representative`.
    pub code: String,
    /// As the minutes print it.
    pub name: String,
    /// Where the authority lists it.
    pub clause: String,
}

/// A part of the paperwork that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PaperworkDemand {
    /// The part.
    pub part: PaperworkPart,
    /// Where the authority asks for it.
    pub clause: String,
}

/// Everything wrong with these rules: budget lines that are not listed, amounts left out or said twice, rules that name nothing. That
/// posts are listed is looked at with the posts of the other sections.
pub(super) fn check(panel: &PanelPolicy, delegation: &Delegation, lines: &BTreeSet<&str>, problems: &mut Vec<String>) {
    check_delegation(delegation, lines, problems);
    check_panel(panel, problems);
}

fn check_panel(panel: &PanelPolicy, problems: &mut Vec<String>) {
    if panel.every_weeks.as_ref().is_some_and(|weeks| weeks.value == 0) {
        problems.push("a panel every 0 weeks has no calendar".to_owned());
    }
    if panel.assessments.as_ref().is_some_and(|assessments| assessments.kinds.is_empty()) {
        problems.push("the panel takes no kind of assessment; leave the rule out if it takes any".to_owned());
    }
    let mut seen = BTreeSet::new();
    for twice in panel.paperwork.iter().filter(|demand| !seen.insert(demand.part)) {
        problems.push(format!("the paperwork asks for `{}` twice", twice.part));
    }
    if panel.deputy_chair.is_some() != panel.ratified_by.is_some() {
        problems.push("a deputy chair needs a post that ratifies, and the other way round".to_owned());
    }
}

#[cfg(test)]
mod tests {
    use crate::profile::{BadProfile, Profile};

    const TAMESIDE: &str = include_str!("../../profiles/tameside.toml");
    const KIRKLEES: &str = include_str!("../../profiles/kirklees.toml");
    const WARWICKSHIRE: &str = include_str!("../../profiles/warwickshire.toml");

    /// What is said of a profile in which every first text is replaced by the second.
    fn problems(profile: &str, changes: &[(&str, &str)]) -> Vec<String> {
        let text = changes.iter().fold(profile.to_owned(), |text, (from, to)| {
            assert!(text.contains(from), "nothing to change: {from}");
            text.replace(from, to)
        });
        let BadProfile(problems) = Profile::parse(&text).expect_err("a mistake");
        problems
    }

    /// What is said of a profile with more at its end.
    fn problems_with(profile: &str, more: &str) -> Vec<String> {
        let BadProfile(problems) = Profile::parse(&format!("{profile}\n{more}")).expect_err("a mistake");
        problems
    }

    #[test]
    fn a_post_that_is_not_listed_is_named_once_wherever_it_is_used() {
        for place in ["post = \"head_of_service\"", "{ posts = [\"head_of_service\"]", "\"partnership_manager\", \"team_manager\"]"] {
            let said = problems(TAMESIDE, &[(place, &place.replace("head_of_service", "mayor").replace("team_manager", "mayor"))]);
            assert_eq!(said, ["the post `mayor` is used and not listed"], "{place}");
        }
        let said = problems(KIRKLEES, &[("posts = [\"team_leader\"", "posts = [\"mayor\"")]);
        assert_eq!(said, ["the post `mayor` is used and not listed"]);
    }

    #[test]
    fn a_limit_is_an_amount_or_any_amount_and_never_left_out() {
        let needs = ["the limit of `service_unit_manager` needs either up_to_pence, not below 0, or any_amount = true"];
        let amount = "up_to_pence = 1_400_000";
        for wrong in ["", "any_amount = false", "up_to_pence = 1_400_000\nany_amount = true", "up_to_pence = -1"] {
            assert_eq!(problems(TAMESIDE, &[(amount, wrong)]), needs, "{wrong}");
        }
        for right in ["any_amount = true", "up_to_pence = 0", "up_to_pence = 0\nany_amount = false"] {
            assert!(Profile::parse(&TAMESIDE.replace(amount, right)).is_ok(), "{right}");
        }
    }

    #[test]
    fn a_post_has_one_limit_from_a_day() {
        let limit =
            |from: &str| format!("[[delegation.limits]]\npost = \"service_unit_manager\"\n{from}\nup_to_pence = 1\nclause = \"Cabinet\"\n");
        let twice = ["the post `service_unit_manager` has two limits from the same day"];
        let dated = limit("from = 2024-06-03");
        assert_eq!(problems_with(TAMESIDE, &limit("")), twice);
        assert_eq!(problems_with(TAMESIDE, &format!("{dated}{dated}")), twice);
        assert!(Profile::parse(&format!("{TAMESIDE}\n{dated}")).is_ok());
    }

    #[test]
    fn a_demand_is_for_support_that_is_listed_and_names_an_assessment() {
        let line = "budget_lines = [\"overnight_respite\"]";
        let said = problems(WARWICKSHIRE, &[(line, "budget_lines = [\"overnight\"]")]);
        assert_eq!(said, ["a demand is for the budget line `overnight`, which is not listed"]);
        let empty = ["a demand (7.3.3) names no support, or no assessment"];
        assert_eq!(problems(WARWICKSHIRE, &[(line, ""), ("units = [\"night\"]", "")]), empty);
        assert_eq!(problems(WARWICKSHIRE, &[("assessments = [\"single\"]", "assessments = []")]), empty);
    }

    #[test]
    fn a_deputy_chair_and_ratification_come_together() {
        let needs = ["a deputy chair needs a post that ratifies, and the other way round"];
        for alone in ["\nratified_by =", "\ndeputy_chair ="] {
            // The rule becomes a comment.
            assert_eq!(problems(TAMESIDE, &[(alone, &alone.replace('\n', "\n# "))]), needs);
        }
    }

    #[test]
    fn a_rule_that_names_nothing_is_a_mistake() {
        let empty = "a rule of the panel (15.3 (\"chaired by a manager\")) names no post; leave it out if there is none";
        let chair = "chair = { posts = [\"team_manager\", \"service_manager\"]";
        assert_eq!(problems(KIRKLEES, &[(chair, "chair = { posts = []")]), [empty]);
        let social = [
            "the rule of packages without panel (18.2 (social hours); the ceiling: a working choice, £40 an hour for 52 weeks) names no post, no service or no support",
        ];
        assert_eq!(problems(KIRKLEES, &[("services = [\"social_support\"]", "services = []")]), social);
        assert_eq!(problems(KIRKLEES, &[("per_week = 4_000", "per_week = 0")]), social);
        assert_eq!(
            problems(KIRKLEES, &[("every_weeks = { value = 2", "every_weeks = { value = 0")]),
            ["a panel every 0 weeks has no calendar"]
        );
        let kinds = "kinds = [\"child_and_family\", \"early_help\"]";
        assert_eq!(problems(KIRKLEES, &[(kinds, "kinds = []")]).len(), 1);
        assert_eq!(problems(KIRKLEES, &[("part = \"impact\"", "part = \"in_place\"")]), ["the paperwork asks for `in_place` twice"]);
    }

    #[test]
    fn an_update_of_assessments_names_support_kinds_and_months() {
        let said = problems(KIRKLEES, &[("months = 12\nwhen_late", "months = 0\nwhen_late")]);
        let clause = "7.1.1 (\"Child and family assessment to be updated every 12 months\")";
        assert_eq!(said, [format!("an update ({clause}) names no support, no assessment or no months")]);
        let line = "budget_lines = [\"overnight_respite\"]";
        assert_eq!(
            problems(KIRKLEES, &[(line, "budget_lines = [\"overnight\"]")]),
            ["an update is for the budget line `overnight`, which is not listed"]
        );
        let nothing = problems(KIRKLEES, &[("up_to_pence_per_year = 832_000", "up_to_pence_per_year = 0")]);
        assert_eq!(
            nothing,
            [
                "the rule of packages without panel (18.2 (social hours); the ceiling: a working choice, £40 an hour for 52 weeks) is for support that costs nothing"
            ]
        );
    }

    #[test]
    fn everything_wrong_with_the_rules_is_said_at_once() {
        let said = problems(
            TAMESIDE,
            &[
                ("post = \"director\"", "post = \"mayor\""),
                ("up_to_pence = 2_000_000", ""),
                ("\nratified_by =", "\n# ratified_by ="),
                ("code = \"health_representative\"", "code = \"commissioner\""),
            ],
        );
        assert_eq!(said.len(), 4, "{said:?}");
    }
}
