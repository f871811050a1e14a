//! Who counts in which figure, and when.

use super::*;
use crate::Profile;
use crate::profile::YearDay;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn year() -> FinancialYear {
    "2024-25".parse().expect("a year")
}

const HERE: ProviderToCount<'static> = ProviderToCount { code: "near", location: Location::InBorough };
const AWAY: ProviderToCount<'static> = ProviderToCount { code: "far", location: Location::OutOfBorough };

fn line(budget_line: &'static str, from: &str, to: Option<&str>) -> LineToCount<'static> {
    LineToCount {
        budget_line,
        service: "support",
        category: None,
        provider: Some(HERE),
        valid_from: day(from),
        valid_to: to.map(day),
        is_unconfirmed: false,
        payments: &[],
        stays: &[],
    }
}

/// The figure of the core authority with that code, and its policy.
fn figure(code: &str) -> (Figure, StatementPolicy) {
    let policy = Profile::bundled("tameside").expect("sound").statement;
    (policy.figures.iter().find(|figure| figure.code == code).expect("a figure").clone(), policy)
}

fn counts(code: &str, line: &LineToCount<'_>) -> bool {
    let (figure, policy) = figure(code);
    policy.standing(&figure, line, year(), day("2025-06-01")) == Some(Standing::Counted)
}

#[test]
fn a_line_that_was_never_paid_receives_no_direct_payment() {
    let paid = [(day("2024-04-01"), Pence(5_000))];
    let all_back = [(day("2024-04-01"), Pence::ZERO)];
    let before = [(day("2024-03-31"), Pence(5_000))];
    let after = [(day("2025-04-01"), Pence(5_000))];
    for (payments, expected) in [(&[][..], false), (&paid, true), (&all_back, false), (&before, false), (&after, false)] {
        let line = LineToCount { payments, ..line("direct_payments", "2022-09-05", None) };
        assert_eq!(counts("direct_payments_children", &line), expected, "{payments:?}");
    }
    // What is paid late, after the support ended, was received all the same.
    let ended = LineToCount { payments: &paid, ..line("direct_payments", "2022-09-05", Some("2024-03-01")) };
    assert!(counts("direct_payments_children", &ended));
}

#[test]
fn who_is_currently_supported_is_counted_on_a_day_and_who_was_on_any() {
    for (from, to, currently, ever) in [
        ("2023-05-01", None, true, true),
        ("2023-05-01", Some("2024-04-01"), false, false),
        ("2023-05-01", Some("2024-04-02"), false, true),
        ("2023-05-01", Some("2025-03-31"), false, true),
        ("2023-05-01", Some("2025-04-01"), true, true),
        ("2025-03-31", None, true, true),
        ("2025-04-01", None, false, false),
    ] {
        assert_eq!(counts("home_care_children", &line("home_care", from, to)), currently, "{from} {to:?}");
        assert_eq!(counts("targeted_outreach_children", &line("targeted_outreach", from, to)), ever, "{from} {to:?}");
    }
}

#[test]
fn while_the_year_runs_the_day_is_the_one_looked_from() {
    let (figure, policy) = figure("home_care_children");
    let ends = line("home_care", "2023-05-01", Some("2024-10-01"));
    let standing = |as_at| policy.standing(&figure, &ends, year(), day(as_at));
    assert_eq!((standing("2024-09-30"), standing("2024-10-01")), (Some(Standing::Counted), None));
}

#[test]
fn a_stay_counts_in_the_year_of_any_of_its_nights() {
    let (mut figure, policy) = figure("residential_respite_children");
    figure.evidence = Some(Evidence::StayedInYear);
    for (first, last, expected) in
        [("2024-03-30", "2024-03-31", false), ("2024-03-30", "2024-04-01", true), ("2025-03-31", "2025-04-02", true)]
    {
        let stays = [(day(first), day(last))];
        let line = LineToCount { category: Some("residential_respite"), stays: &stays, ..line("overnight_respite", "2023-04-01", None) };
        assert_eq!(policy.standing(&figure, &line, year(), day("2025-06-01")).is_some(), expected, "{first} {last}");
    }
}

#[test]
fn a_line_without_the_category_that_tells_stands_beside_the_figure() {
    let (figure, policy) = figure("residential_respite_children");
    let standing = |line: &LineToCount<'_>| policy.standing(&figure, line, year(), day("2025-06-01"));
    let overnight = line("overnight_respite", "2023-04-01", None);
    assert_eq!(standing(&overnight), Some(Standing::NoCategory));
    assert_eq!(standing(&LineToCount { category: Some("residential_respite"), ..overnight }), Some(Standing::Counted));
    assert_eq!(standing(&LineToCount { category: Some("overnight_elsewhere"), ..overnight }), None);
    assert_eq!(standing(&line("home_care", "2023-04-01", None)), None);
    assert_eq!(standing(&LineToCount { valid_to: Some(day("2024-04-01")), ..overnight }), None);
}

#[test]
fn what_nobody_agreed_is_no_support_in_force_and_what_was_paid_or_stayed_is_a_fact() {
    let (mut figure, policy) = figure("residential_respite_children");
    let paid = [(day("2024-04-30"), Pence(5_000))];
    let stays = [(day("2024-05-01"), day("2024-05-03"))];
    let overnight = LineToCount {
        category: Some("residential_respite"),
        payments: &paid,
        stays: &stays,
        ..line("overnight_respite", "2023-04-01", None)
    };
    for (evidence, unconfirmed) in [
        (Evidence::InForceInYear, Standing::Unconfirmed),
        (Evidence::InForceOnDay, Standing::Unconfirmed),
        (Evidence::PaidInYear, Standing::Counted),
        (Evidence::StayedInYear, Standing::Counted),
    ] {
        figure.evidence = Some(evidence);
        figure.day = Some(YearDay { month: 3, day: 31 });
        for (is_unconfirmed, expected) in [(false, Standing::Counted), (true, unconfirmed)] {
            let standing = |line: &LineToCount<'_>| policy.standing(&figure, line, year(), day("2025-06-01"));
            let line = LineToCount { is_unconfirmed, ..overnight };
            assert_eq!(standing(&line), Some(expected), "{evidence:?}");
            assert_eq!(standing(&LineToCount { category: None, ..line }), Some(Standing::NoCategory), "{evidence:?}");
            assert_eq!(standing(&LineToCount { category: Some("overnight_elsewhere"), ..line }), None, "{evidence:?}");
        }
    }
}

#[test]
fn a_figure_looks_at_the_provider_its_place_and_the_service() {
    let (mut figure, policy) = figure("residential_respite_out_of_borough_children");
    let away = LineToCount { category: Some("residential_respite"), provider: Some(AWAY), ..line("overnight_respite", "2024-04-01", None) };
    let standing = |figure: &Figure, line: &LineToCount<'_>| policy.standing(figure, line, year(), day("2025-06-01")).is_some();
    assert!(standing(&figure, &away));
    assert!(!standing(&figure, &LineToCount { provider: Some(HERE), ..away }));
    assert!(!standing(&figure, &LineToCount { provider: None, ..away }));
    figure.providers = vec!["near".to_owned()];
    assert!(!standing(&figure, &away));
    figure.providers = vec!["far".to_owned()];
    assert!(standing(&figure, &away));
    figure.services = vec!["overnight_stay".to_owned()];
    assert!(!standing(&figure, &away));
    assert!(standing(&figure, &LineToCount { service: "overnight_stay", ..away }));
    assert!(figure.takes_returns(AWAY, Some("overnight_stay")));
    assert!(!figure.takes_returns(HERE, Some("overnight_stay")) && !figure.takes_returns(AWAY, Some("swimming")));
}

#[test]
fn a_figure_looks_at_the_level_of_support_which_is_the_first_that_takes_it() {
    let (mut figure, mut policy) = figure("targeted_outreach_children");
    figure.budget_lines = Vec::new();
    let standing = |figure: &Figure, policy: &StatementPolicy, budget_line| {
        policy.standing(figure, &line(budget_line, "2024-04-01", None), year(), day("2025-06-01")).is_some()
    };
    figure.levels = vec!["targeted".to_owned()];
    for (budget_line, is_targeted) in [
        ("overnight_respite", true),
        ("direct_payments", true),
        ("home_care", true),
        ("targeted_outreach", true),
        ("community_short_breaks", false),
        ("nursery", false),
    ] {
        assert_eq!(standing(&figure, &policy, budget_line), is_targeted, "{budget_line}");
    }
    figure.levels = vec!["community".to_owned(), "targeted".to_owned()];
    assert!(standing(&figure, &policy, "community_short_breaks") && !standing(&figure, &policy, "nursery"));
    figure.levels = Vec::new();
    assert!(standing(&figure, &policy, "nursery"));
    let first = SupportLevel {
        code: "specialist".to_owned(),
        label: "Specialist".to_owned(),
        budget_lines: Vec::new(),
        services: vec!["support".to_owned()],
        clause: "Here".to_owned(),
    };
    policy.levels.insert(0, first);
    figure.levels = vec!["targeted".to_owned()];
    assert!(!standing(&figure, &policy, "home_care"), "it is of the first level that takes it");
    figure.levels = vec!["specialist".to_owned()];
    assert!(standing(&figure, &policy, "home_care"));
}

#[test]
fn a_figure_is_part_of_another_that_asks_for_less_by_the_same_evidence() {
    let (away, policy) = figure("residential_respite_out_of_borough_children");
    let (all, outreach) = (figure("residential_respite_children").0, figure("targeted_outreach_children").0);
    assert!(away.is_part_of(&all) && !all.is_part_of(&away) && !all.is_part_of(&all) && !away.is_part_of(&outreach));
    let on_a_day = Figure { evidence: Some(Evidence::InForceOnDay), ..all.clone() };
    assert!(!away.is_part_of(&on_a_day));
    let lines = [("residential_respite_children", Some("overnight_respite")), ("home_care_children", Some("home_care"))];
    for (code, expected) in lines.into_iter().chain([("grant_funded_reach", None), ("commissioned_sessions", None)]) {
        assert_eq!(policy.only_budget_line(&figure(code).0), expected, "{code}");
    }
    assert!(outreach.is_of_a_whole_budget_line() && !all.is_of_a_whole_budget_line());
}

#[test]
fn the_category_is_demanded_where_the_profile_says_so() {
    let policy = Profile::bundled("tameside").expect("sound").statement;
    for (budget_line, category, expected) in [
        ("overnight_respite", None, Some("required")),
        ("overnight_respite", Some("residential_respite"), None),
        ("overnight_respite", Some("community_setting"), Some("mismatch")),
        ("overnight_respite", Some("fun"), Some("unknown_reference")),
        ("community_short_breaks", None, Some("required")),
        ("community_short_breaks", Some("community_support_holiday"), None),
        ("home_care", None, None),
        ("home_care", Some("fun"), Some("unknown_reference")),
    ] {
        let mistake = policy.category_mistake(budget_line, "support", category);
        assert_eq!(mistake.map(|error| error.code.to_string()).as_deref(), expected, "{budget_line} {category:?}");
    }
    let silent = Profile::bundled("kirklees").expect("sound").statement;
    assert!(silent.category_mistake("overnight_respite", "support", None).is_none());
}
