//! Whether support was agreed: what a version of a package line rests on.
//!
//! A line that carries out an agreed request rests on that. A line that somebody simply recorded is unconfirmed until a post confirms
//! it. Whatever was agreed covers what brings no more. Neither ending a line nor varying it confirms anything: what is made of a line is
//! agreed as that was, and whoever agrees more of it was not asked about the days behind it.

use crate::costing::Line;
use crate::{Frequency, LineState};
use chrono::NaiveDate;
use std::collections::{BTreeMap, HashMap};

/// How a version of a line came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ground {
    /// It carries out a line of an agreed request.
    Request,
    /// A variation made it, which some post agreed: what brings more on the child's total. Or it gives back what a child's leaving took.
    Variation {
        /// The line that was varied, or taken.
        line_id: String,
        /// Its version then.
        version: i64,
    },
    /// Somebody recorded it, or nobody with the authority agreed what was made of it.
    Recorded,
}

/// That support is agreed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Agreement {
    /// Since when.
    pub on: NaiveDate,
    /// The first day that is paid here: what came before was paid by another system. None, every day of it.
    pub paid_from: Option<NaiveDate>,
}

/// A version of a package line, as far as its agreement goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// The line.
    pub line_id: String,
    /// 1, 2, 3 … of the line.
    pub version: i64,
    /// What it says.
    pub state: LineState,
    /// Its terms and dates.
    pub terms: Line,
    /// How it came about.
    pub ground: Ground,
    /// When it was recorded.
    pub recorded_on: NaiveDate,
    /// What a post said that confirmed this version; none, none did.
    pub confirmed: Option<Agreement>,
}

/// A line that stands, in its last version.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing<'v> {
    /// The version.
    pub version: &'v Version,
    /// What agreed it; none, it is unconfirmed.
    pub agreed: Option<Agreement>,
}

impl Standing<'_> {
    /// Since when what it says is agreed; none, it is unconfirmed.
    pub fn agreed_on(&self) -> Option<NaiveDate> {
        self.agreed.map(|agreed| agreed.on)
    }

    /// What of it is paid here: its terms over the days that no other system paid. None, that paid all of it.
    pub fn paid(&self) -> Option<Line> {
        let terms = self.version.terms;
        let Some(from) = self.agreed.and_then(|agreed| agreed.paid_from) else { return Some(terms) };
        if terms.frequency == Frequency::OneOff {
            return (terms.valid_from >= from).then_some(terms);
        }
        let is_over = terms.valid_to.is_some_and(|ends| ends <= from);
        (!is_over).then_some(Line { valid_from: terms.valid_from.max(from), ..terms })
    }
}

/// What agreed each version, in the order recorded; none, nothing did.
fn agreements(versions: &[Version]) -> Vec<Standing<'_>> {
    let mut agreed: HashMap<(&str, i64), Agreement> = HashMap::new();
    // Of each line the terms that were agreed last, and by what.
    let mut covered: HashMap<&str, (Line, Agreement)> = HashMap::new();
    let mut all = Vec::with_capacity(versions.len());
    for version in versions {
        let line_id = version.line_id.as_str();
        let of = |line_id: &str, version: i64| agreed.get(&(line_id, version)).copied();
        let carried = match &version.ground {
            Ground::Request if version.version == 1 => Some(Agreement { on: version.recorded_on, paid_from: None }),
            // Ended or reversed, it carries out what it did before: that may have been raised beyond what was agreed.
            Ground::Request => of(line_id, version.version - 1),
            Ground::Variation { line_id, version: varied } => of(line_id, *varied),
            Ground::Recorded => None,
        };
        let own = carried.or(version.confirmed);
        let covering = covered.get(line_id).filter(|(terms, _)| covers(terms, &version.terms)).map(|(_, agreement)| *agreement);
        let standing = Standing { version, agreed: own.or(covering) };
        if let Some(agreement) = standing.agreed {
            agreed.insert((line_id, version.version), agreement);
        }
        if let Some(agreement) = own {
            covered.insert(line_id, (version.terms, agreement));
        } else if matches!(version.ground, Ground::Variation { .. }) {
            // What it left was never agreed, and the line is no longer what was.
            covered.remove(line_id);
        }
        all.push(standing);
    }
    all
}

/// The lines of an arrangement that stand, reversed ones not, by line. The versions come in the order recorded.
pub fn standing(versions: &[Version]) -> Vec<Standing<'_>> {
    let last: BTreeMap<&str, Standing<'_>> =
        agreements(versions).into_iter().map(|standing| (standing.version.line_id.as_str(), standing)).collect();
    last.into_values().filter(|line| line.version.state != LineState::Reversed).collect()
}

/// Since when each version is agreed, in the order recorded; none, it was never.
pub fn agreed_since(versions: &[Version]) -> Vec<Option<NaiveDate>> {
    agreements(versions).iter().map(Standing::agreed_on).collect()
}

/// A line that stands and waits to be confirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unconfirmed<'v> {
    /// Its last version.
    pub last: &'v Version,
    /// The first version since which it waits.
    pub first: &'v Version,
}

/// The lines of an arrangement that stand and that nothing agreed, by line. One waits since the first version that nothing agreed any more.
pub fn unconfirmed(versions: &[Version]) -> Vec<Unconfirmed<'_>> {
    let mut waiting: BTreeMap<&str, Unconfirmed<'_>> = BTreeMap::new();
    for Standing { version, agreed } in agreements(versions) {
        let line_id = version.line_id.as_str();
        if agreed.is_some() || version.state == LineState::Reversed {
            waiting.remove(line_id);
        } else {
            waiting.entry(line_id).or_insert(Unconfirmed { last: version, first: version }).last = version;
        }
    }
    waiting.into_values().collect()
}

/// Since when everything is agreed that lines bring, at the earliest `from`; none, something of it is unconfirmed. Where nothing stands,
/// nothing has to be agreed.
pub fn agreed_on<'v>(lines: impl IntoIterator<Item = Standing<'v>>, from: NaiveDate) -> Option<NaiveDate> {
    lines.into_iter().try_fold(from, |latest, line| Some(latest.max(line.agreed_on()?)))
}

/// Whether terms bring no more than those that were agreed: the same rhythm, no day before or after, and no more money each time.
fn covers(agreed: &Line, new: &Line) -> bool {
    let each_time = |line: &Line| i128::from(line.quantity.0) * i128::from(line.unit_rate.0);
    let ends_by_then = agreed.valid_to.is_none_or(|ends| new.valid_to.is_some_and(|to| to <= ends));
    new.frequency == agreed.frequency && new.valid_from >= agreed.valid_from && ends_by_then && each_time(new) <= each_time(agreed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Quantity, UnitRate};
    use proptest::prelude::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn weekly(pounds: i64, from: &str, to: Option<&str>) -> Line {
        Line {
            quantity: Quantity(1000),
            frequency: Frequency::Weekly,
            unit_rate: UnitRate(pounds * 10_000),
            valid_from: day(from),
            valid_to: to.map(day),
        }
    }

    /// Version `number` of the line `a`, recorded in that month of 2024 by hand.
    fn version(number: i64, terms: Line) -> Version {
        Version {
            line_id: "a".to_owned(),
            version: number,
            state: LineState::Recorded,
            terms,
            ground: Ground::Recorded,
            recorded_on: NaiveDate::from_ymd_opt(2024, number as u32, 1).expect("a date"),
            confirmed: None,
        }
    }

    fn confirmed(number: i64, terms: Line) -> Version {
        Version { confirmed: on("2024-01-09"), ..version(number, terms) }
    }

    fn on(day_of_it: &str) -> Option<Agreement> {
        Some(Agreement { on: day(day_of_it), paid_from: None })
    }

    fn varied(line_id: &str, number: i64, terms: Line) -> Version {
        let ground = Ground::Variation { line_id: "a".to_owned(), version: 1 };
        Version { line_id: line_id.to_owned(), ground, recorded_on: day("2024-06-01"), ..version(number, terms) }
    }

    fn since(versions: &[Version]) -> Vec<(&str, Option<NaiveDate>)> {
        standing(versions).into_iter().map(|line| (line.version.line_id.as_str(), line.agreed_on())).collect()
    }

    #[test]
    fn what_somebody_records_is_unconfirmed_until_a_post_confirms_it() {
        let terms = weekly(100, "2024-01-01", None);
        assert_eq!(since(&[version(1, terms)]), [("a", None)]);
        assert_eq!(since(&[confirmed(1, terms)]), [("a", Some(day("2024-01-09")))]);
        let of_request = Version { ground: Ground::Request, ..version(1, terms) };
        assert_eq!(since(std::slice::from_ref(&of_request)), [("a", Some(day("2024-01-01")))]);
        let ended = Version { ground: Ground::Request, ..version(2, weekly(100, "2024-01-01", Some("2024-02-01"))) };
        assert_eq!(since(&[of_request.clone(), ended.clone()]), [("a", Some(day("2024-01-01")))], "it was agreed all along");
        // Raised beyond what was agreed it is nobody's, and stays so when it ends; confirmed by a post it is agreed from then on.
        let raised = version(1, terms);
        assert_eq!(since(&[raised.clone(), ended.clone()]), [("a", None)]);
        let confirmed = Version { confirmed: on("2024-02-09"), ..ended.clone() };
        assert_eq!(since(&[raised.clone(), confirmed]), [("a", Some(day("2024-02-09")))]);
        let reversed = Version { state: LineState::Reversed, ..ended };
        let carried_on = Version { line_id: "b".to_owned(), ..of_request };
        assert_eq!(since(&[raised, reversed, carried_on]), [("b", Some(day("2024-01-01")))]);
    }

    #[test]
    fn a_confirmation_covers_what_brings_no_more_and_nothing_that_does() {
        let first = confirmed(1, weekly(100, "2024-01-08", Some("2025-01-06")));
        for (terms, is_covered) in [
            (weekly(100, "2024-01-08", Some("2025-01-06")), true),
            (weekly(100, "2024-01-08", Some("2024-07-01")), true),
            (weekly(90, "2024-02-05", Some("2025-01-06")), true),
            (weekly(100, "2024-01-08", Some("2025-01-07")), false),
            (weekly(100, "2024-01-08", None), false),
            (weekly(100, "2024-01-07", Some("2025-01-06")), false),
            (weekly(101, "2024-01-08", Some("2025-01-06")), false),
            (Line { frequency: Frequency::OneOff, ..weekly(1, "2024-01-08", Some("2025-01-06")) }, false),
        ] {
            assert_eq!(since(&[first.clone(), version(2, terms)])[0].1.is_some(), is_covered, "{terms:?}");
        }
        // Shorter, and back to what was confirmed: still no more than that. Beyond it, and back: the same.
        let ends = |number: i64, to: &str| version(number, weekly(100, "2024-01-08", Some(to)));
        assert!(since(&[first.clone(), ends(2, "2024-07-01"), ends(3, "2025-01-06")])[0].1.is_some());
        assert!(since(&[first, ends(2, "2026-01-01"), ends(3, "2025-01-06")])[0].1.is_some());
    }

    #[test]
    fn a_later_version_is_confirmed_for_itself() {
        let (short, long) = (weekly(100, "2024-01-01", Some("2024-07-01")), weekly(100, "2024-01-01", None));
        let again = Version { confirmed: on("2024-03-03"), ..version(2, long) };
        assert_eq!(since(&[confirmed(1, short), again]), [("a", Some(day("2024-03-03")))]);
    }

    #[test]
    fn what_a_variation_makes_of_a_line_is_agreed_as_that_was() {
        let (old, ended) = (weekly(100, "2024-01-01", None), weekly(100, "2024-01-01", Some("2024-06-03")));
        let dearer = weekly(120, "2024-06-03", None);
        let both = |first: Version| {
            let versions = [first, varied("a", 2, ended), varied("b", 1, dearer)];
            since(&versions).iter().map(|(_, on)| *on).collect::<Vec<_>>()
        };
        assert_eq!(both(version(1, old)), [None; 2], "it confirms neither the days before it nor those after");
        assert_eq!(both(confirmed(1, old)), [Some(day("2024-01-09")); 2], "it was agreed all along");
        let of_request = Version { ground: Ground::Request, ..version(1, old) };
        assert_eq!(both(of_request), [Some(day("2024-01-01")); 2]);
        // Made without the authority it takes, the line that ends brings no more and the new one is nobody's.
        let versions = [
            confirmed(1, old),
            Version { ground: Ground::Recorded, ..varied("a", 2, ended) },
            Version { ground: Ground::Recorded, ..varied("b", 1, dearer) },
        ];
        assert_eq!(since(&versions), [("a", Some(day("2024-01-09"))), ("b", None)]);
    }

    #[test]
    fn what_an_unconfirmed_line_is_made_into_is_confirmed_line_by_line() {
        let (old, ended) = (weekly(100, "2024-01-01", None), weekly(100, "2024-01-01", Some("2024-06-03")));
        let resumed = varied("b", 1, weekly(100, "2024-07-01", None));
        let august = Some(day("2024-08-01"));
        let first = Version { confirmed: on("2024-08-01"), ..varied("a", 2, ended) };
        assert_eq!(since(&[version(1, old), first.clone(), resumed.clone()]), [("a", august), ("b", None)]);
        let second = Version { confirmed: on("2024-08-01"), ..resumed };
        assert_eq!(since(&[version(1, old), first, second]), [("a", august), ("b", august)]);
    }

    #[test]
    fn days_that_another_system_paid_are_not_paid_here() {
        let paid_from = Some(day("2024-04-01"));
        let from_april = |terms: Line| Version { confirmed: Some(Agreement { on: day("2024-03-25"), paid_from }), ..version(1, terms) };
        let paid = |versions: &[Version]| standing(versions).iter().map(Standing::paid).collect::<Vec<_>>();
        let (old, later) = (weekly(100, "2020-04-06", None), weekly(100, "2024-05-06", None));
        let april = Line { valid_from: day("2024-04-01"), ..old };
        assert_eq!(paid(&[version(1, old)]), [Some(old)], "nobody has said what was paid before");
        assert_eq!(paid(&[from_april(old)]), [Some(april)]);
        assert_eq!(paid(&[from_april(later)]), [Some(later)]);
        assert_eq!(paid(&[from_april(weekly(100, "2020-04-06", Some("2024-04-01")))]), [None]);
        let last_day = weekly(100, "2020-04-06", Some("2024-04-02"));
        assert_eq!(paid(&[from_april(last_day)]), [Some(Line { valid_from: day("2024-04-01"), ..last_day })]);
        let once = |from: &str| Line { frequency: Frequency::OneOff, ..weekly(100, from, None) };
        assert_eq!(paid(&[from_april(once("2024-03-31"))]), [None], "it is not paid a day later instead");
        assert_eq!(paid(&[from_april(once("2024-04-01"))]), [Some(once("2024-04-01"))]);
        // What it is made into, dated back, and what it covers pay nothing of those days either.
        let ended = varied("a", 2, weekly(100, "2020-04-06", Some("2023-04-03")));
        let dearer = varied("b", 1, weekly(120, "2023-04-03", None));
        assert_eq!(paid(&[from_april(old), ended, dearer]), [None, Some(weekly(120, "2024-04-01", None))]);
        let shorter = weekly(90, "2020-04-06", Some("2025-01-06"));
        assert_eq!(paid(&[from_april(old), version(2, shorter)]), [Some(Line { valid_from: day("2024-04-01"), ..shorter })]);
    }

    #[test]
    fn a_reversed_line_asks_for_nothing() {
        let terms = weekly(100, "2024-01-01", None);
        let reversed = Version { state: LineState::Reversed, ..version(2, terms) };
        let versions = [version(1, terms), reversed];
        assert_eq!(since(&versions), []);
        assert_eq!(agreed_on(standing(&versions), day("2024-05-01")), Some(day("2024-05-01")));
    }

    #[test]
    fn everything_is_agreed_since_the_last_of_it_was() {
        let other = Version { line_id: "b".to_owned(), recorded_on: day("2024-03-01"), ..version(1, weekly(1, "2024-01-01", None)) };
        let agreed = Version { ground: Ground::Request, ..other.clone() };
        let first = confirmed(1, weekly(100, "2024-01-01", None));
        assert_eq!(agreed_on(standing(&[first.clone(), agreed]), day("2023-01-01")), Some(day("2024-03-01")));
        assert_eq!(agreed_on(standing(&[first.clone(), other]), day("2023-01-01")), None);
        assert_eq!(agreed_on(standing(&[first]), day("2024-05-01")), Some(day("2024-05-01")), "not before the day it is asked from");
    }

    #[test]
    fn a_line_waits_since_nothing_agreed_it_any_more() {
        let (short, long) = (weekly(100, "2024-01-01", Some("2024-07-01")), weekly(100, "2024-01-01", None));
        let waits =
            |versions: &[Version]| unconfirmed(versions).iter().map(|line| (line.first.version, line.last.version)).collect::<Vec<_>>();
        let reversed = |number: i64| Version { state: LineState::Reversed, ..version(number, long) };
        for (name, versions, expected) in [
            ("recorded", vec![version(1, long)], vec![(1, 1)]),
            ("recorded and ended", vec![version(1, long), version(2, short)], vec![(1, 2)]),
            ("confirmed", vec![confirmed(1, long)], vec![]),
            ("confirmed and shortened", vec![confirmed(1, long), version(2, short)], vec![]),
            ("confirmed and lengthened", vec![confirmed(1, short), version(2, long)], vec![(2, 2)]),
            ("lengthened and confirmed again", vec![confirmed(1, short), confirmed(2, long)], vec![]),
            ("reversed", vec![version(1, long), reversed(2)], vec![]),
            ("of a request", vec![Version { ground: Ground::Request, ..version(1, long) }], vec![]),
        ] {
            assert_eq!(waits(&versions), expected, "{name}");
            assert_eq!(agreed_since(&versions).len(), versions.len(), "{name}");
        }
        assert_eq!(agreed_since(&[confirmed(1, short), version(2, long)]), [Some(day("2024-01-09")), None]);
    }

    proptest! {
        /// Without a request, a variation or a confirmation nothing is ever agreed, whatever is recorded.
        #[test]
        fn nobody_agrees_alone(pounds in proptest::collection::vec((0_i64..1000, 0_u64..400), 1..8)) {
            let versions: Vec<_> = (1..).zip(pounds).map(|(number, (pounds, days))| {
                let terms = weekly(pounds, "2024-01-01", None);
                version(number, Line { valid_to: Some(terms.valid_from + chrono::Days::new(days + 1)), ..terms })
            }).collect();
            prop_assert_eq!(since(&versions), vec![("a", None)]);
        }

        /// What was confirmed bounds what is paid: a line that stands agreed never costs more each week, nor runs longer.
        #[test]
        fn what_stands_agreed_is_within_what_was_confirmed(pounds in proptest::collection::vec((0_i64..1000, 0_u64..400), 1..8)) {
            let terms = |pounds, days| Line {
                valid_to: Some(day("2024-01-01") + chrono::Days::new(days + 1)), ..weekly(pounds, "2024-01-01", None)
            };
            let first = terms(500, 200);
            let later = (2..).zip(pounds).map(|(number, (pounds, days))| version(number, terms(pounds, days)));
            let versions: Vec<_> = std::iter::once(confirmed(1, first)).chain(later).collect();
            let line = standing(&versions)[0];
            let is_within = line.version.terms.unit_rate <= first.unit_rate && line.version.terms.valid_to <= first.valid_to;
            prop_assert_eq!(line.agreed.is_some(), is_within);
        }
    }
}
