//! What waits for an acknowledgement, and what is refused without a word on it.

use super::*;
use crate::profile::Posts;
use chrono::NaiveDate;

fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

fn nights(first: &str, last: &str) -> NightsAt {
    NightsAt { setting: "a".to_owned(), first_night: day(first), last_night: day(last) }
}

fn limit(kind: NightLimitKind, counted: i64) -> LimitPassed {
    LimitPassed { kind, setting: None, most: 75, counted, passed_on: day("2024-06-08"), clause: "reg 48".to_owned() }
}

/// Passed by the nights from 7 to 9 June 2024, with a count of 77.
fn before(is_acknowledged: bool, is_open: bool) -> PassedBefore {
    let nights = nights("2024-06-07", "2024-06-09");
    PassedBefore { kind: NightLimitKind::Rolling, setting: None, most: 75, counted: 77, nights, is_acknowledged, is_open }
}

fn policy() -> NightsPolicy {
    let named = Posts { posts: vec!["head_of_service".to_owned()], clause: "reg 2(1)".to_owned() };
    NightsPolicy { acknowledged_by: Some(named), ..NightsPolicy::default() }
}

#[test]
fn what_was_acknowledged_for_these_nights_and_so_large_a_count_waits_no_longer() {
    let rolling = limit(NightLimitKind::Rolling, 77);
    let own = nights("2024-06-07", "2024-06-09");
    for (earlier, nights, passed, is_open, why) in [
        (None, own.clone(), rolling.clone(), true, "nothing came before"),
        (Some(before(true, false)), own.clone(), rolling.clone(), false, "acknowledged"),
        (Some(before(true, false)), nights("2024-06-08", "2024-06-08"), rolling.clone(), false, "for more nights"),
        (Some(before(true, false)), nights("2024-06-07", "2024-06-10"), rolling.clone(), true, "for fewer nights"),
        (Some(before(true, false)), nights("2024-06-07", "2024-06-10"), limit(NightLimitKind::SingleStay, 18), true, "another limit"),
        (Some(before(false, true)), own.clone(), rolling.clone(), true, "it waits"),
        (Some(before(false, false)), own.clone(), rolling.clone(), false, "it did not wait there"),
        (Some(before(false, false)), nights("2024-06-07", "2024-06-10"), rolling.clone(), true, "other nights"),
    ] {
        let earlier = Earlier { last_nights: earlier.as_ref().map(|one| one.nights.clone()), passings: earlier.into_iter().collect() };
        assert_eq!(earlier.leaves_open(&nights, &passed), is_open, "{why}");
    }
}

#[test]
fn an_acknowledgement_covers_no_larger_count_and_no_other_limit() {
    // The last version has other nights than the acknowledged one, so that nothing is known from it.
    let last_nights = Some(nights("2024-07-01", "2024-07-02"));
    let earlier = Earlier { last_nights, passings: vec![before(true, false)] };
    let own = nights("2024-06-07", "2024-06-09");
    for (passed, is_open) in [
        (limit(NightLimitKind::Rolling, 76), false),
        (limit(NightLimitKind::Rolling, 77), false),
        (limit(NightLimitKind::Rolling, 78), true),
        (LimitPassed { most: 70, ..limit(NightLimitKind::Rolling, 77) }, true),
        (LimitPassed { setting: Some("a".to_owned()), ..limit(NightLimitKind::Rolling, 77) }, true),
        (limit(NightLimitKind::SingleStay, 77), true),
    ] {
        assert_eq!(earlier.leaves_open(&own, &passed), is_open, "{passed:?}");
    }
    let unacknowledged = Earlier { passings: vec![before(false, false)], ..earlier };
    assert!(unacknowledged.leaves_open(&own, &limit(NightLimitKind::Rolling, 77)));
}

#[test]
fn a_booking_says_what_it_waits_for_and_what_was_stayed_says_why() {
    use NightLimitKind::{Rolling, SingleStay};
    let own = nights("2024-06-07", "2024-06-09");
    let said =
        |waits_for: &[NightLimitKind], has_reason, had_reason| SaidOfLimits { waits_for: waits_for.to_vec(), has_reason, had_reason };
    let (one, two) = (vec![limit(Rolling, 77)], vec![limit(Rolling, 77), limit(SingleStay, 18)]);
    let open = |limits: &[LimitPassed]| Ok(PassingsChecked { open: limits.to_vec(), is_above: !limits.is_empty() });
    for (state, passed, said, expected) in [
        (StayState::Booked, vec![], said(&[], false, false), open(&[])),
        (StayState::Booked, one.clone(), said(&[], false, false), Err(PassingsRefused::NotSaid(one.clone()))),
        (StayState::Booked, one.clone(), said(&[Rolling], false, false), open(&one)),
        (StayState::Booked, two.clone(), said(&[Rolling], false, false), Err(PassingsRefused::NotSaid(two[1..].to_vec()))),
        (StayState::Booked, two.clone(), said(&[SingleStay, Rolling], false, false), open(&two)),
        (StayState::Stayed, vec![], said(&[], false, false), open(&[])),
        (StayState::Stayed, one.clone(), said(&[], false, false), Err(PassingsRefused::TookPlaceWithout(one.clone()))),
        (StayState::Stayed, one.clone(), said(&[], true, false), open(&one)),
        (StayState::Stayed, one.clone(), said(&[], false, true), open(&one)),
        (StayState::Stayed, vec![], said(&[], false, true), open(&[])),
        (StayState::Stayed, vec![], said(&[], true, false), Err(PassingsRefused::Mistaken(nothing_passed()))),
    ] {
        let found = check_passings(&policy(), state, &own, passed.clone(), &Earlier::default(), &said);
        assert_eq!(found, expected, "{state} {passed:?} {said:?}");
    }
    let wrong = check_passings(&policy(), StayState::Booked, &own, one.clone(), &Earlier::default(), &said(&[SingleStay], false, false));
    assert!(matches!(wrong, Err(PassingsRefused::Mistaken(mistake)) if mistake.pointer == "/waits_for"), "it passes no such limit");
    let vain = check_passings(
        &NightsPolicy::default(),
        StayState::Booked,
        &own,
        one.clone(),
        &Earlier::default(),
        &said(&[Rolling], false, false),
    );
    assert_eq!(vain, Err(PassingsRefused::NotSaid(one)), "nobody may acknowledge it");
}

#[test]
fn what_is_acknowledged_is_above_and_does_not_wait_and_what_other_stays_brought_about_is_neither() {
    let own = nights("2024-06-07", "2024-06-09");
    let last_nights = Some(own.clone());
    for (passings, is_above) in [(vec![before(true, false)], true), (vec![], false)] {
        let earlier = Earlier { last_nights: last_nights.clone(), passings };
        let passed = vec![limit(NightLimitKind::Rolling, 77)];
        let found = check_passings(&policy(), StayState::Stayed, &own, passed, &earlier, &SaidOfLimits::default());
        assert_eq!(found, Ok(PassingsChecked { open: Vec::new(), is_above }));
    }
}

#[test]
fn a_refusal_says_what_is_passed_when_and_who_may_acknowledge_it() {
    let passed = vec![LimitPassed { setting: Some("a".to_owned()), ..limit(NightLimitKind::SingleStay, 18) }];
    let words = "the stay at the setting comes to 18 nights, above 75 from 2024-06-08 on (reg 48)";
    for (refused, who, pointer, detail) in [
        (
            PassingsRefused::NotSaid(passed.clone()),
            Some("Ann may."),
            "/waits_for",
            "The booking passes a limit. To book it all the same, name the limit in `waits_for`. The stay then waits until somebody else acknowledges it. Ann may.",
        ),
        (
            PassingsRefused::NotSaid(passed.clone()),
            None,
            "/waits_for",
            "The booking passes a limit. The profile names no post that may acknowledge it, so it cannot be booked.",
        ),
        (
            PassingsRefused::TookPlaceWithout(passed.clone()),
            Some("Ann may."),
            "/unacknowledged_reason",
            "The nights stayed pass a limit that nobody has acknowledged. Ann may. To record them without it, say why in `unacknowledged_reason`.",
        ),
    ] {
        let refusal = refused.refusal(NightCounting::Nights, who.map(str::to_owned));
        assert_eq!((refusal.code, refusal.detail.as_str()), (Code::NotReady, detail));
        assert_eq!(refusal.errors, [FieldError::new(pointer, "single_stay", words)]);
    }
}
