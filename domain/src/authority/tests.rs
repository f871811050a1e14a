use super::*;
use crate::Pence;
use crate::profile::Profile;
use crate::{Frequency, Quantity, Unit};
use chrono::NaiveDate;
use proptest::prelude::*;
use std::collections::BTreeMap;

const TODAY: &str = "2024-06-03";

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn tameside() -> Profile {
    Profile::bundled("tameside").expect("sound")
}

fn person(name: &str, post: &str) -> PostHolder {
    PostHolder { user_id: name.to_owned(), username: name.to_owned(), post: post.to_owned(), capacity: Capacity::Holder }
}

fn everybody() -> Vec<PostHolder> {
    vec![
        person("sum", "service_unit_manager"),
        person("hos", "head_of_service"),
        person("ad", "assistant_director"),
        person("director", "director"),
        person("pm", "partnership_manager"),
        person("tm", "team_manager"),
    ]
}

fn who_may(total: i64, barred: &BTreeMap<String, Vec<Bar>>) -> Vec<String> {
    let authority = tameside().authority(Pence(total), day(TODAY), &everybody(), barred);
    authority.people.into_iter().filter(|person| person.may_authorise).map(|person| person.user_id).collect()
}

#[test]
fn a_limit_includes_its_own_penny() {
    for (total, who) in [
        (0, vec!["sum"]),
        (1_399_999, vec!["sum"]),
        (1_400_000, vec!["sum"]),
        (1_400_001, vec!["hos"]),
        (2_000_000, vec!["hos"]),
        (2_000_001, vec!["ad", "director"]),
    ] {
        assert_eq!(who_may(total, &BTreeMap::new()), who, "{total}");
    }
}

#[test]
fn whoever_costed_or_presents_may_not_and_the_next_post_stands_in() {
    for bar in [Bar::CostedIt, Bar::PresentsIt, Bar::DeclaredInterest] {
        assert_eq!(who_may(100, &BTreeMap::from([("sum".to_owned(), vec![bar])])), ["hos"]);
        assert!(who_may(2_000_001, &BTreeMap::from([("ad".to_owned(), vec![bar]), ("director".to_owned(), vec![bar])])).is_empty());
    }
}

#[test]
fn a_post_without_a_limit_authorises_nothing() {
    let mut profile = tameside();
    profile.delegation.limits.clear();
    let authority = profile.authority(Pence(0), day(TODAY), &everybody(), &BTreeMap::new());
    assert!(authority.tier.is_empty() && authority.people.iter().all(|person| person.why_not == [Bar::LimitNotSet]));
}

#[test]
fn a_changed_limit_applies_from_its_day() {
    let mut profile = tameside();
    let mut changed = profile.delegation.limits.iter().find(|limit| limit.post == "service_unit_manager").expect("listed").clone();
    changed.from = Some(day("2024-06-03"));
    changed.up_to_pence = Some(1_500_000);
    profile.delegation.limits.insert(0, changed);
    let may = |on: &str| profile.authority(Pence(1_450_000), day(on), &everybody(), &BTreeMap::new()).may("sum").is_some();
    assert!(!may("2024-06-02") && may("2024-06-03"));
}

#[test]
fn a_limit_of_nought_takes_the_authority_away_from_its_day() {
    let mut profile = tameside();
    let mut taken = profile.delegation.limits.iter().find(|limit| limit.post == "service_unit_manager").expect("listed").clone();
    taken.from = Some(day("2024-06-03"));
    taken.up_to_pence = Some(0);
    profile.delegation.limits.push(taken);
    let who = |on: &str| profile.authority(Pence(0), day(on), &everybody(), &BTreeMap::new());
    assert!(who("2024-06-02").may("sum").is_some());
    let after = who("2024-06-03");
    assert!(after.may("sum").is_none() && after.may("hos").is_some());
    assert_eq!(after.people.iter().find(|person| person.user_id == "sum").expect("listed").why_not, [Bar::LimitNotSet]);
}

#[test]
fn what_waits_for_ratification_nobody_authorises() {
    let mut authority = tameside().authority(Pence(100), day(TODAY), &everybody(), &BTreeMap::new());
    assert!(authority.may("sum").is_some());
    authority.bar_everybody(Bar::AwaitsRatification);
    assert!(authority.people.iter().all(|person| !person.may_authorise && person.why_not.ends_with(&[Bar::AwaitsRatification])));
}

#[test]
fn a_free_lower_post_is_no_bar_to_whoever_ratifies_and_a_limit_is() {
    let barred = BTreeMap::from([("ad".to_owned(), vec![Bar::DecidedIt])]);
    let authority = tameside().authority(Pence(1_500_000), day(TODAY), &everybody(), &barred);
    for (user, post, has) in [
        ("hos", "head_of_service", true),
        ("director", "director", true),
        ("ad", "assistant_director", false),
        ("sum", "service_unit_manager", false),
        ("hos", "director", false),
    ] {
        assert_eq!(authority.has_in_post(user, post).is_some(), has, "{user} as {post}");
    }
}

fn leader() -> Vec<String> {
    vec!["team_leader".to_owned()]
}

fn weekly(service: &str, thousandths: i64) -> WeeklySupport<'_> {
    let (unit, frequency) = (Unit::Hour, Frequency::Weekly);
    WeeklySupport { service, budget_line: "home_care", unit, quantity: Quantity(thousandths), frequency, full_year: Pence::ZERO }
}

/// The clauses under which a team leader in Kirklees, where small packages need no panel, may agree the lines; none, to panel.
fn without_panel(asked: &[WeeklySupport<'_>], others: &[WeeklySupport<'_>]) -> Option<Vec<String>> {
    let profile = Profile::bundled("kirklees").expect("sound");
    let rules = profile.without_panel(&leader(), asked, others)?;
    Some(rules.into_iter().map(|rule| rule.clause.clone()).collect())
}

#[test]
fn four_hours_of_social_support_and_fourteen_of_personal_care_need_no_panel_and_a_thousandth_more_does() {
    for (service, most) in [("social_support", 4_000), ("personal_care", 14_000)] {
        assert_eq!(without_panel(&[weekly(service, most)], &[]).map(|rules| rules.len()), Some(1), "{service}");
        assert_eq!(without_panel(&[weekly(service, most + 1)], &[]), None, "{service}");
    }
}

#[test]
fn all_support_of_a_rule_costs_no_more_in_a_year_than_the_rule_allows() {
    let cost = |thousandths, pence| WeeklySupport { full_year: Pence(pence), ..weekly("social_support", thousandths) };
    // £8,320 a year for social hours, and £29,120 for personal care.
    assert!(without_panel(&[cost(1_000, 832_000)], &[]).is_some());
    assert_eq!(without_panel(&[cost(1_000, 832_001)], &[]), None);
    assert_eq!(without_panel(&[cost(1_000, 400_000)], &[cost(1_000, 432_001)]), None);
    assert!(
        without_panel(&[cost(1_000, 400_000)], &[WeeklySupport { full_year: Pence(3_000_000), ..weekly("outreach", 1_000) }]).is_some()
    );
    assert_eq!(without_panel(&[cost(1_000, i64::MAX)], &[cost(1_000, 1)]), None, "too much to add up");
}

#[test]
fn a_word_for_the_service_agrees_nothing_on_another_budget_line() {
    let nights = WeeklySupport { budget_line: "overnight_respite", ..weekly("social_support", 1_000) };
    assert_eq!(without_panel(&[nights], &[]), None);
    // It still counts beside a line that the rule is for.
    let direct = WeeklySupport { budget_line: "direct_payments", ..weekly("social_support", 3_001) };
    assert_eq!(without_panel(&[direct], &[nights]), None);
    assert!(without_panel(&[direct], &[]).is_some());
}

#[test]
fn support_of_one_kind_counts_together_in_one_request_and_over_several() {
    let (three, two, one) = (weekly("social_support", 3_000), weekly("social_support", 2_000), weekly("social_support", 1_000));
    assert_eq!(without_panel(&[three, two], &[]), None);
    assert_eq!(without_panel(&[two], &[three]), None);
    assert!(without_panel(&[one], &[three]).is_some());
    // What the child has of another kind is no part of it.
    assert!(without_panel(&[three], &[weekly("personal_care", 14_000), weekly("outreach", 20_000)]).is_some());
}

#[test]
fn other_support_goes_to_panel_and_takes_the_whole_request_with_it() {
    let (social, other) = (weekly("social_support", 1_000), weekly("outreach", 1_000));
    assert_eq!(without_panel(&[other], &[]), None);
    assert_eq!(without_panel(&[social, other], &[]), None);
    assert_eq!(without_panel(&[], &[]), None);
}

#[test]
fn what_happens_once_goes_to_panel() {
    let once = WeeklySupport { frequency: Frequency::OneOff, ..weekly("social_support", 1_000) };
    assert_eq!(without_panel(&[once], &[]), None);
    assert_eq!(without_panel(&[weekly("social_support", 1_000)], &[once]), None);
}

#[test]
fn a_rarer_support_counts_as_its_share_of_a_week_rounded_up() {
    for (frequency, most) in [
        (Frequency::Fortnightly, 8_000),
        (Frequency::FourWeekly, 16_000),
        // Twelve times 17.333 hours in 52 weeks are 3.9999.
        (Frequency::Monthly, 17_333),
        (Frequency::PerYear, 208_000),
        (Frequency::TermTimeWeeks, 4_000),
        (Frequency::HolidayWeeks, 4_000),
    ] {
        let line = |thousandths| WeeklySupport { frequency, ..weekly("social_support", thousandths) };
        assert!(without_panel(&[line(most)], &[]).is_some(), "{frequency}");
        assert_eq!(without_panel(&[line(most + 1)], &[]), None, "{frequency}");
    }
}

#[test]
fn support_counted_in_another_unit_goes_to_panel() {
    let nights = WeeklySupport { unit: Unit::Night, ..weekly("social_support", 1_000) };
    assert_eq!(without_panel(&[nights], &[]), None);
    assert_eq!(without_panel(&[weekly("social_support", 1_000)], &[nights]), None);
}

#[test]
fn only_the_posts_of_the_rule_agree_without_panel_and_nobody_where_there_is_no_rule() {
    let line = [weekly("social_support", 1_000)];
    let kirklees = Profile::bundled("kirklees").expect("sound");
    for (post, may) in [("team_leader", true), ("team_manager", true), ("service_manager", false)] {
        assert_eq!(kirklees.without_panel(&[post.to_owned()], &line, &[]).is_some(), may, "{post}");
    }
    assert!(kirklees.without_panel(&[], &line, &[]).is_none());
    assert!(tameside().without_panel(&["team_manager".to_owned()], &line, &[]).is_none());
}

proptest! {
    #[test]
    fn however_support_is_divided_the_whole_meets_the_limit(
        asked in prop::collection::vec(1_i64..3_000, 1..5),
        others in prop::collection::vec(1_i64..3_000, 0..5),
    ) {
        let total: i64 = asked.iter().chain(&others).sum();
        let lines = |hours: &[i64]| hours.iter().map(|hours| weekly("social_support", *hours)).collect::<Vec<_>>();
        prop_assert_eq!(without_panel(&lines(&asked), &lines(&others)).is_some(), total <= 4_000);
    }

    #[test]
    fn more_support_never_needs_less_authority(
        hours in 1_i64..6_000, more in 0_i64..6_000, frequency in prop::sample::select(vec![
            Frequency::Weekly, Frequency::Fortnightly, Frequency::FourWeekly, Frequency::Monthly, Frequency::PerYear,
        ]),
    ) {
        let line = |thousandths| [WeeklySupport { frequency, ..weekly("social_support", thousandths) }];
        if without_panel(&line(hours + more), &[]).is_some() {
            prop_assert!(without_panel(&line(hours), &[]).is_some());
        }
    }

    #[test]
    fn a_quantity_too_large_to_count_goes_to_panel(hours in (i64::MAX / 12)..i64::MAX) {
        let line = WeeklySupport { frequency: Frequency::Monthly, ..weekly("social_support", hours) };
        prop_assert_eq!(without_panel(&[line], &[weekly("social_support", i64::MAX)]), None);
    }

    #[test]
    fn nobody_authorises_above_their_limit_and_no_lower_post_could(total in 0_i64..5_000_000, barred in prop::collection::vec(0_usize..6, 0..4)) {
        let names = ["sum", "hos", "ad", "director", "pm", "tm"];
        let barred: BTreeMap<_, _> = barred.into_iter().map(|n| (names[n].to_owned(), vec![Bar::CostedIt])).collect();
        let authority = tameside().authority(Pence(total), day(TODAY), &everybody(), &barred);
        let may: Vec<_> = authority.people.iter().filter(|person| person.may_authorise).collect();
        for person in &may {
            let limit = person.limit.as_ref().expect("a limit");
            prop_assert!(limit.covers(Pence(total)) && !barred.contains_key(&person.user_id));
            let lower = authority.people.iter().filter(|other| other.limit.as_ref().is_some_and(|l| l.covers(Pence(total)) && l.rank() < limit.rank()));
            for other in lower {
                prop_assert!(barred.contains_key(&other.user_id));
            }
        }
        let covering = authority.people.iter().any(|p| p.limit.as_ref().is_some_and(|l| l.covers(Pence(total))) && !barred.contains_key(&p.user_id));
        prop_assert_eq!(covering, !may.is_empty());
    }
}
