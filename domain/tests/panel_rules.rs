//! What each council's documents say of its panel, read back from the profile that comes with the program.

use domain::authority::{Bar, PostHolder};
use domain::panel::{AssessmentKind, Capacity, PaperworkPart};
use domain::profile::{MemberRole, Number, PanelPolicy, Posts};
use domain::{Pence, Profile, Unit};
use std::collections::BTreeMap;

const COUNCILS: [&str; 5] = ["tameside", "kirklees", "warwickshire", "manchester", "knowsley"];

fn council(code: &str) -> Profile {
    Profile::bundled(code).expect("sound")
}

fn number(value: &Option<Number>) -> Option<u16> {
    value.as_ref().map(|number| number.value)
}

fn posts(value: &Option<Posts>) -> Vec<&str> {
    value.iter().flat_map(|posts| posts.posts.iter().map(String::as_str)).collect()
}

fn members(panel: &PanelPolicy) -> Vec<&str> {
    panel.members.iter().map(|role: &MemberRole| role.code.as_str()).collect()
}

/// Who may authorise a total, of people who hold every post of the profile and some that it does not list.
fn who_may(profile: &Profile, pence: i64) -> Vec<String> {
    let listed = profile.posts.iter().map(|post| post.code.as_str());
    let in_post: Vec<_> = listed
        .chain(["chief_executive", "any_manager"])
        .map(|post| PostHolder { user_id: post.to_owned(), username: post.to_owned(), post: post.to_owned(), capacity: Capacity::Holder })
        .collect();
    let day = "2024-06-03".parse().expect("a date");
    let authority = profile.authority(Pence(pence), day, &in_post, &BTreeMap::new());
    authority.people.into_iter().filter(|person| person.may_authorise).map(|person| person.post).collect()
}

#[test]
fn the_panels_numbers_are_those_of_the_documents() {
    // Weeks from panel to panel, days for papers, months of an assessment, weeks to panel, months of a signature, days of an appeal,
    // voting members of a panel beside its chair.
    let expected = [
        ("tameside", [Some(2), None, Some(12), Some(4), Some(12), None, Some(2)]),
        ("kirklees", [Some(2), Some(7), None, None, None, Some(29), Some(2)]),
        ("warwickshire", [None; 7]),
        ("manchester", [None, None, Some(6), None, None, None, None]),
        ("knowsley", [None, None, Some(12), None, None, None, None]),
    ];
    for (code, numbers) in expected {
        let panel = council(code).panel;
        let read = [
            &panel.every_weeks,
            &panel.papers_days_before,
            &panel.assessment_current_months,
            &panel.assessment_to_panel_weeks,
            &panel.signatures_last_months,
            &panel.appeal_days,
            &panel.quorum_members,
        ];
        assert_eq!(read.map(number), numbers, "{code}");
    }
}

#[test]
fn limits_are_those_of_the_documents_and_where_there_is_none_nobody_authorises_even_nothing() {
    let chairs: &[&str] = &["service_manager", "team_manager"];
    for (code, pence, who) in [
        ("tameside", 0, &["service_unit_manager"][..]),
        ("tameside", 1_400_000, &["service_unit_manager"]),
        ("tameside", 1_400_001, &["head_of_service"]),
        ("tameside", 2_000_000, &["head_of_service"]),
        ("tameside", 2_000_001, &["assistant_director", "director"]),
        ("tameside", i64::MAX, &["assistant_director", "director"]),
        ("kirklees", 0, chairs),
        ("kirklees", i64::MAX, chairs),
        ("warwickshire", 0, &[]),
        ("manchester", 0, &[]),
        ("knowsley", 0, &[]),
    ] {
        assert_eq!(who_may(&council(code), pence), who, "{code} {pence}");
    }
    for code in ["warwickshire", "manchester", "knowsley"] {
        let profile = council(code);
        let holder = PostHolder { user_id: "a".into(), username: "a".into(), post: "head_of_service".into(), capacity: Capacity::Holder };
        let authority = profile.authority(Pence::ZERO, "2024-06-03".parse().expect("a date"), &[holder], &BTreeMap::new());
        assert!(authority.tier.is_empty() && authority.people[0].why_not == [Bar::LimitNotSet], "{code}");
        assert!(profile.posts.is_empty() && profile.panel.chair.is_none(), "{code}: no post is named");
    }
}

#[test]
fn seven_thousand_pounds_only_marks_a_decision_in_tameside() {
    let thresholds = council("tameside").delegation.reporting_thresholds;
    assert_eq!((thresholds.len(), thresholds[0].post.as_str(), thresholds[0].above_pence), (1, "service_unit_manager", 700_000));
    assert!(COUNCILS[1..].iter().all(|code| council(code).delegation.reporting_thresholds.is_empty()));
}

#[test]
fn chairs_and_members_are_those_of_the_documents() {
    let panel = council("tameside").panel;
    assert_eq!(posts(&panel.chair), ["service_unit_manager"]);
    assert_eq!(posts(&panel.deputy_chair), ["partnership_manager", "team_manager"]);
    assert_eq!(posts(&panel.ratified_by), ["head_of_service"]);
    assert_eq!(posts(&panel.case_management_decision), ["team_manager", "partnership_manager"]);
    assert_eq!(members(&panel).len(), 10);
    let panel = council("kirklees").panel;
    assert_eq!(posts(&panel.chair), ["team_manager", "service_manager"]);
    assert!(panel.deputy_chair.is_none() && panel.ratified_by.is_none() && panel.case_management_decision.is_none());
    assert_eq!(members(&panel).len(), 6);
    for code in ["warwickshire", "manchester", "knowsley"] {
        assert!(members(&council(code).panel).is_empty(), "{code}");
    }
}

#[test]
fn paperwork_and_assessments_are_those_of_the_documents() {
    use PaperworkPart as P;
    let (cf, eh) = (AssessmentKind::ChildAndFamily, AssessmentKind::EarlyHelp);
    for (code, parts, kinds) in [
        ("tameside", vec![P::Strengths, P::Worries, P::InPlace, P::LocalOffer, P::Outcomes], Some(vec![cf, eh])),
        ("kirklees", vec![P::UnmetNeed, P::Outcomes, P::OutcomeMeasures, P::InPlace, P::Impact], Some(vec![cf, eh])),
        ("warwickshire", vec![], Some(vec![AssessmentKind::Single])),
        ("manchester", vec![], None),
        ("knowsley", vec![], None),
    ] {
        let panel = council(code).panel;
        assert_eq!(panel.paperwork.iter().map(|demand| demand.part).collect::<Vec<_>>(), parts, "{code}");
        assert_eq!(panel.assessments.map(|assessments| assessments.kinds), kinds, "{code}");
    }
}

#[test]
fn only_kirklees_lets_a_manager_agree_four_hours_of_social_support_or_fourteen_of_personal_care() {
    let rules: Vec<_> = council("kirklees")
        .delegation
        .without_panel
        .into_iter()
        .map(|rule| (rule.services, rule.unit, rule.up_to_thousandths_per_week, rule.posts))
        .collect();
    let posts = vec!["team_leader".to_owned(), "team_manager".to_owned()];
    let rule = |service: &str, most| (vec![service.to_owned()], Unit::Hour, most, posts.clone());
    assert_eq!(rules, [rule("social_support", 4_000), rule("personal_care", 14_000)]);
    for code in COUNCILS.iter().filter(|code| **code != "kirklees") {
        assert!(council(code).delegation.without_panel.is_empty(), "{code}");
    }
}

#[test]
fn only_warwickshire_demands_a_single_assessment_and_the_panel_for_overnight_respite() {
    let demands = council("warwickshire").delegation.demands;
    let [demand] = demands.as_slice() else { panic!("one demand: {demands:?}") };
    assert!(demand.panel_only && demand.assessments == [AssessmentKind::Single]);
    assert!(demand.is_for("overnight_respite", Unit::Week), "by its budget line");
    assert!(demand.is_for("direct_payments", Unit::Night), "by its unit");
    assert!(!demand.is_for("direct_payments", Unit::Hour));
    for code in COUNCILS.iter().filter(|code| **code != "warwickshire") {
        assert!(council(code).delegation.demands.is_empty(), "{code}");
    }
}

#[test]
fn each_profile_keeps_only_the_budget_lines_that_its_document_names() {
    for (code, lines) in [
        ("kirklees", &["overnight_respite", "home_care", "direct_payments", "chc_income"][..]),
        ("warwickshire", &["community_short_breaks", "overnight_respite", "direct_payments"]),
        ("manchester", &["community_short_breaks", "direct_payments"]),
        ("knowsley", &["overnight_respite", "direct_payments"]),
    ] {
        let profile = council(code);
        assert_eq!(profile.budget_lines.iter().map(|line| line.code.as_str()).collect::<Vec<_>>(), lines, "{code}");
        let tameside = council("tameside");
        for line in &profile.budget_lines {
            let common = tameside.budget_lines.iter().find(|common| common.code == line.code).expect("a common code");
            assert_eq!(common.direction, line.direction, "{code} {}", line.code);
        }
    }
}
