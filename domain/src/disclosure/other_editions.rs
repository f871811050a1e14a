//! What other editions show or withhold, and what follows for this one.

use super::samples::{RULE, Sample};
use super::*;

#[test]
fn what_last_years_edition_withheld_stays_unknown() {
    for (then, before, now, expected) in [
        (3, Before::Withheld, 7, &["then", "more"][..]),
        (9, Before::Shown, 2, &["now", "more"]),
        (9, Before::Shown, 7, &[]),
        // Not small itself: it protects another of that edition.
        (9, Before::Withheld, 7, &["then", "more"]),
    ] {
        let mut sample = Sample::default();
        sample.before(before, &[("then", then)]);
        sample.counts(&[("now", now)]);
        let more = (sample.cell("now"), sample.cell("then"));
        sample.0.difference("more", more.0, more.1, Before::New);
        assert_eq!(sample.withheld(), expected, "{then} {before:?} {now}");
    }
}

#[test]
fn this_years_table_does_not_undo_what_last_years_withheld() {
    let mut sample = Sample::default();
    sample.before(Before::Withheld, &[("a", 2), ("b", 12)]);
    sample.before(Before::Shown, &[("all", 14)]);
    sample.total("all", &["a", "b"]);
    assert_eq!(sample.withheld(), ["a", "b"]);
    sample.counts(&[("c", 20), ("b and c", 32)]);
    sample.total("b and c", &["b", "c"]);
    assert_eq!(sample.withheld(), ["a", "b", "c"]);
}

#[test]
fn what_this_edition_narrows_is_told_apart_from_what_was_as_narrow_before() {
    for (before, expected) in [(Before::New, &[][..]), (Before::Shown, &["a then"])] {
        let mut sample = Sample::default();
        sample.before(Before::Shown, &[("all then", 3)]);
        sample.before(Before::Withheld, &[("a then", 3)]);
        // A nought is never withheld: with it, the rest is told.
        sample.before(before, &[("b then", 0)]);
        sample.total("all then", &["a then", "b then"]);
        let outcome = sample.outcome();
        assert_eq!(outcome.narrower, [(sample.cell("a then"), 1)]);
        let as_narrow: Vec<_> = outcome.as_narrow_before.iter().map(|cell| sample.0.name(*cell)).collect();
        assert_eq!(as_narrow, expected, "{before:?}");
    }
}

#[test]
fn a_share_that_an_earlier_edition_shows_narrows_what_it_is_of() {
    let mut sample = Sample::default();
    sample.before(Before::Shown, &[("all", 20)]);
    sample.before(Before::Withheld, &[("part", 3)]);
    let (part, all) = (sample.cell("part"), sample.cell("all"));
    sample.0.share("share", part, all, 100, Before::Shown);
    assert_eq!(sample.outcome().narrower, [(part, 1)]);
}

#[test]
fn as_counted_what_other_editions_withheld_stays_withheld() {
    let mut sample = Sample::default();
    sample.before(Before::Withheld, &[("then", 3)]);
    sample.counts(&[("now", 2), ("others", 40), ("all then", 43)]);
    sample.total("all then", &["then", "others"]);
    let more = (sample.cell("now"), sample.cell("then"));
    sample.0.difference("more", more.0, more.1, Before::New);
    let choice = Disclosure::AsCounted { reason: "The council published these figures.".to_owned() };
    let outcome = apply(&sample.0, RULE, &choice).expect("sound");
    let withheld: Vec<_> = outcome.withheld(&sample.0).into_iter().map(|withheld| withheld.name).collect();
    assert_eq!(withheld, ["then", "others", "more"]);
    assert!(outcome.is_shown(sample.cell("now")) && outcome.as_counted.is_some());
}
