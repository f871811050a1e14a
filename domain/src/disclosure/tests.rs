//! Publications, and what is withheld of them.

use super::samples::{RULE, Sample, table};
use super::*;

#[test]
fn one_table_with_its_total() {
    for (parts, expected) in [
        // Nothing small.
        (&[("a", 6), ("b", 39), ("c", 12)][..], &[][..]),
        // Noughts are no small counts.
        (&[("a", 0), ("b", 39)], &[]),
        // The first of what would do, whichever is smaller: which it was would tell of their sizes.
        (&[("a", 1), ("b", 39), ("c", 12)], &["a", "b"]),
        // Nought stays nought, though it is smaller.
        (&[("a", 0), ("b", 3), ("c", 20)], &["b", "c"]),
        // Two hide one another: 1 and 5, 2 and 4, … 5 and 1.
        (&[("a", 1), ("b", 5), ("c", 34)], &["a", "b"]),
        // 3 and 4 as well: the same stands in place of both, so that either may be what protects the other.
        (&[("a", 3), ("b", 4), ("c", 34)], &["a", "b"]),
        (&[("a", 5), ("b", 5)], &["a", "b"]),
        (&[("a", 2), ("b", 6)], &["a", "b"]),
        // 1 and 3 are each 1, 2 or 3, whatever protects the other.
        (&[("a", 1), ("b", 3), ("c", 34)], &["a", "b", "c"]),
    ] {
        assert_eq!(table(parts).withheld(), expected, "{parts:?}");
    }
}

#[test]
fn where_everything_is_small_it_is_said_which_count_has_fewer_values() {
    let sample = table(&[("a", 1), ("b", 2)]);
    let outcome = sample.outcome();
    assert_eq!(sample.withheld(), ["a", "b", "all"]);
    assert!(outcome.narrower.is_empty(), "the parts may be any");
    // An earlier edition shows the total.
    let mut sample = Sample::default();
    sample.counts(&[("a", 1), ("b", 2)]);
    sample.before(Before::Shown, &[("all", 3)]);
    sample.total("all", &["a", "b"]);
    let outcome = sample.outcome();
    let narrower: Vec<_> = outcome.narrower.iter().map(|(cell, values)| (sample.0.name(*cell), *values)).collect();
    assert_eq!(narrower, [("a", 2), ("b", 2)]);
    assert_eq!(outcome.withheld(&sample.0)[0].why, "It is a count from 1 to 5. What is shown leaves it 2 values.");
}

#[test]
fn two_tables_that_share_a_total() {
    for (parts, expected) in [
        // Without the total, both small counts are free together.
        ([("a", 2), ("b", 10), ("x", 2), ("y", 10)], &["a", "x", "all"][..]),
        // Here the total would leave a count always one below the other, and so never 5.
        ([("a", 2), ("b", 10), ("x", 3), ("y", 9)], &["a", "b", "x", "y"]),
        ([("a", 2), ("b", 10), ("x", 6), ("y", 6)], &["a", "b"]),
    ] {
        let mut sample = Sample::default();
        sample.counts(&parts);
        sample.counts(&[("all", 12)]);
        sample.total("all", &["a", "b"]);
        sample.total("all", &["x", "y"]);
        assert_eq!(sample.withheld(), expected, "{parts:?}");
    }
}

#[test]
fn rows_and_columns_of_one_table() {
    // The classic: one small cell takes three others with it, the corners of a rectangle.
    let mut sample = Sample::default();
    sample.counts(&[("a1", 2), ("a2", 10), ("a3", 20), ("b1", 30), ("b2", 11), ("b3", 40), ("c1", 50), ("c2", 60), ("c3", 9)]);
    sample.counts(&[("a", 32), ("b", 81), ("c", 119), ("1", 82), ("2", 81), ("3", 69), ("all", 232)]);
    for (whole, parts) in [
        ("a", ["a1", "a2", "a3"]),
        ("b", ["b1", "b2", "b3"]),
        ("c", ["c1", "c2", "c3"]),
        ("1", ["a1", "b1", "c1"]),
        ("2", ["a2", "b2", "c2"]),
        ("3", ["a3", "b3", "c3"]),
        ("all", ["a", "b", "c"]),
        ("all", ["1", "2", "3"]),
    ] {
        sample.total(whole, &parts);
    }
    assert_eq!(sample.withheld(), ["a1", "a2", "b1", "b2"]);
}

#[test]
fn of_whom_tells_no_more_than_that_it_is_part() {
    let mut sample = Sample::default();
    sample.counts(&[("respite", 13), ("out of borough", 1)]);
    sample.of_whom("out of borough", "respite");
    assert_eq!(sample.withheld(), ["out of borough"]);
    // The rest gives it away.
    sample.counts(&[("in the borough", 12)]);
    sample.total("respite", &["in the borough", "out of borough"]);
    assert_eq!(sample.withheld(), ["out of borough", "in the borough"]);
}

#[test]
fn a_count_of_different_children_is_no_more_than_all_lines_together() {
    let mut sample = Sample::default();
    sample.counts(&[("a", 2), ("b", 10), ("children", 12)]);
    let [a, b, children] = ["a", "b", "children"].map(|name| sample.cell(name));
    sample.0.no_more_than("children by line", children, &[a, b]);
    sample.of_whom("a", "children");
    sample.of_whom("b", "children");
    // 12 children and 10 of one line: the other has 2 at least.
    assert_eq!(sample.withheld(), ["a", "b"]);
}

#[test]
fn money_goes_with_the_count_that_it_tells_of_and_is_not_worked_out_either() {
    let mut sample = Sample::default();
    sample.counts(&[("a", 2), ("b", 20), ("c", 30)]);
    sample.amounts(&[("£a", 500_000), ("£b", 900_000), ("£c", 700_000), ("£all", 2_100_000)]);
    for line in ["a", "b", "c"] {
        sample.0.tie(sample.cell(&format!("£{line}")), sample.cell(line));
    }
    assert_eq!(sample.withheld(), ["a", "£a"]);
    sample.total("£all", &["£a", "£b", "£c"]);
    assert_eq!(sample.withheld(), ["a", "£a", "£b"]);
    let why: Vec<_> = sample.outcome().withheld(&sample.0).into_iter().map(|withheld| withheld.why).collect();
    let expected = [
        "It is a count from 1 to 5.",
        "It tells of \"a\", which is withheld.",
        "Without it, \"£a\" could be narrowed by \"parts of £all\".",
    ];
    assert_eq!(why, expected);
}

#[test]
fn a_small_amount_does_not_hide_a_large_one() {
    let mut sample = Sample::default();
    sample.counts(&[("a", 2)]);
    sample.amounts(&[("£a", 500_000), ("£b", 0), ("£c", 700_000), ("£all", 1_200_000)]);
    sample.0.tie(sample.cell("£a"), sample.cell("a"));
    sample.total("£all", &["£a", "£b", "£c"]);
    // Nought hides nothing: the same £5,000.00 would be left.
    assert_eq!(sample.withheld(), ["a", "£a", "£c"]);
    // Neither does what is less than half of it.
    let mut sample = Sample::default();
    sample.counts(&[("a", 2)]);
    sample.amounts(&[("£a", 500_000), ("£b", 240_000), ("£c", 700_000), ("£all", 1_440_000)]);
    sample.0.tie(sample.cell("£a"), sample.cell("a"));
    sample.total("£all", &["£a", "£b", "£c"]);
    assert_eq!(sample.withheld(), ["a", "£a", "£c"]);
    // Where credits are possible, nothing bounds them.
    let mut sample = table(&[]);
    sample.counts(&[("a", 2)]);
    sample.amounts(&[("£a", 500_000), ("£all", 500_000)]);
    sample.0.tie(sample.cell("£a"), sample.cell("a"));
    sample.total("£all", &["£a"]);
    assert_eq!(sample.withheld(), ["a", "£a", "£all"]);
}

#[test]
fn what_follows_from_a_withheld_count_goes_with_it() {
    let mut sample = Sample::default();
    sample.counts(&[("away", 1), ("here", 12), ("all", 13), ("others", 40)]);
    let [away, here, all, others] = ["away", "here", "all", "others"].map(|name| sample.cell(name));
    sample.of_whom("away", "all");
    sample.0.share("% away", away, all, 100, Before::New);
    assert_eq!(sample.withheld(), ["away", "% away"]);
    sample.0.share("% others", all, others, 100, Before::New);
    sample.0.difference("more others", others, all, Before::New);
    assert_eq!(sample.withheld(), ["away", "% away"]);
    sample.total("all", &["here", "away"]);
    sample.0.share("% here", here, all, 100, Before::New);
    assert_eq!(sample.withheld(), ["away", "here", "% away", "% here"]);
}

#[test]
fn what_everybody_can_look_up_is_not_protected_and_that_is_said() {
    let mut sample = Sample::default();
    sample.before(Before::Shown, &[("then", 3), ("all then", 20)]);
    sample.before(Before::Withheld, &[("a then", 2)]);
    sample.of_whom("a then", "then");
    let more = (sample.cell("all then"), sample.cell("a then"));
    assert_eq!(sample.withheld(), ["then", "a then"]);
    let outcome = sample.outcome();
    assert_eq!(outcome.known_already, [sample.cell("then")]);
    let rest = sample.cell("the rest of then, of whom a then");
    assert_eq!(outcome.narrower, [(sample.cell("a then"), 3), (rest, 3)]);
    // An earlier edition printed how much more one was than the other.
    sample.0.difference("more then", more.0, more.1, Before::Shown);
    assert_eq!(sample.outcome().narrower, [(sample.cell("a then"), 1), (rest, 1)]);
    let why = sample.outcome().withheld(&sample.0);
    assert_eq!(why[1].why, "It is a count from 1 to 5. What is shown tells it.");
}

#[test]
fn the_rest_of_a_whole_is_small_too_though_it_is_printed_nowhere() {
    for (whole, part, expected) in [
        // One child only is paid by the line and was not paid in the year.
        (41, 40, &["paid"][..]),
        (30, 29, &["paid"]),
        (120, 118, &["paid"]),
        (46, 40, &[]),
        (40, 40, &[]),
    ] {
        let mut sample = Sample::default();
        sample.counts(&[("whole", whole), ("paid", part)]);
        sample.of_whom("paid", "whole");
        assert_eq!(sample.withheld(), expected, "{whole} {part}");
        assert!(sample.outcome().narrower.is_empty());
    }
}

#[test]
fn what_covers_a_whole_tells_what_the_rest_is_at_least() {
    // 13 children, 8 of them in the borough: no fewer than 5 are out of it.
    let mut sample = Sample::default();
    sample.counts(&[("respite", 13), ("in", 8), ("out", 5)]);
    let [whole, here, away] = ["respite", "in", "out"].map(|name| sample.cell(name));
    sample.of_whom("in", "respite");
    sample.of_whom("out", "respite");
    sample.0.no_more_than("places", whole, &[here, away]);
    assert!(sample.withheld().len() > 1, "{:?}", sample.withheld());
    let outcome = sample.outcome();
    assert!(!outcome.is_shown(away) && outcome.narrower.is_empty());
}

/// The values that a count can have for somebody who knows what is printed, the rule, and how cells are chosen.
fn values_left(lines: [i64; 3], of: usize) -> Vec<i64> {
    let printed = |lines: [i64; 3]| {
        let sample = table(&[("a", lines[0]), ("b", lines[1]), ("c", lines[2])]);
        let outcome = sample.outcome();
        sample.0.cells().map(|cell| outcome.is_shown(cell).then(|| sample.0.value(cell))).collect::<Vec<_>>()
    };
    let seen = printed(lines);
    let mut values = std::collections::BTreeSet::new();
    let range = |at: usize| seen[at].map_or(0..=20, |value| value..=value);
    for a in range(0) {
        for b in range(1) {
            for c in range(2).filter(|c| seen[3].is_none_or(|all| a + b + c == all)) {
                if !values.contains(&[a, b, c][of]) && printed([a, b, c]) == seen {
                    values.insert([a, b, c][of]);
                }
            }
        }
    }
    values.into_iter().collect()
}

#[test]
fn how_the_further_cells_are_chosen_tells_nothing_either() {
    let cases = [
        ([8, 8, 5], 2),
        ([5, 6, 6], 0),
        ([0, 2, 6], 1),
        ([6, 1, 7], 1),
        ([3, 4, 14], 0),
        ([3, 4, 14], 1),
        ([1, 3, 12], 0),
        ([5, 12, 5], 0),
    ];
    for (lines, small) in cases {
        let left = values_left(lines, small);
        assert!(left.len() >= 5, "{lines:?}: {left:?}");
    }
}

#[test]
fn of_three_lines_with_their_total_none_is_given_away_or_it_is_said() {
    let mut told = Vec::new();
    for lines in (0..=8).flat_map(|a| (0..=8).flat_map(move |b| [3, 9].map(|c| [a, b, c]))) {
        let sample = table(&[("a", lines[0]), ("b", lines[1]), ("c", lines[2])]);
        let narrower = sample.outcome().narrower;
        told.extend(narrower.iter().map(|(cell, values)| (lines, sample.0.name(*cell).to_owned(), *values)));
    }
    assert_eq!(told, []);
}

#[test]
fn as_counted_everything_is_printed_and_the_reason_is_kept() {
    let sample = table(&[("a", 1), ("b", 2)]);
    let choice = Disclosure::AsCounted { reason: "The council published these figures.".to_owned() };
    let outcome = apply(&sample.0, RULE, &choice).expect("sound");
    assert!(sample.0.cells().all(|cell| outcome.is_shown(cell)));
    assert_eq!(outcome.as_counted.as_deref(), Some("The council published these figures."));
}

#[test]
fn a_publication_that_contradicts_itself_is_refused() {
    let mut sample = table(&[("a", 1), ("b", 2)]);
    sample.total("a", &["b"]);
    let said = apply(&sample.0, RULE, &Disclosure::Withheld).expect_err("1 is not 2");
    assert_eq!(said, ["the cells of `parts of a` do not agree"]);
}

#[test]
fn a_large_table_is_safe_though_not_every_set_was_looked_at() {
    let mut sample = Sample::default();
    let side = 9_usize;
    let value = |row: usize, column: usize| ((row * 7 + column * 11 + row * column * 5) % 23) as i64;
    let name = |row: usize, column: usize| format!("{row}.{column}");
    for row in 0..side {
        (0..side).for_each(|column| sample.counts(&[(&name(row, column), value(row, column))]));
    }
    for line in 0..side {
        let row: Vec<_> = (0..side).map(|column| name(line, column)).collect();
        let column: Vec<_> = (0..side).map(|row| name(row, line)).collect();
        for (whole, parts, sum) in [
            (format!("row {line}"), row, (0..side).map(|column| value(line, column)).sum()),
            (format!("column {line}"), column, (0..side).map(|row| value(row, line)).sum()),
        ] {
            sample.counts(&[(&whole, sum)]);
            sample.total(&whole, &parts.iter().map(String::as_str).collect::<Vec<_>>());
        }
    }
    let outcome = sample.outcome();
    let withheld: attacker::Set = sample.0.cells().filter(|cell| !outcome.is_shown(*cell)).collect();
    let reader = attacker::Attacker::new(&sample.0, RULE, true);
    assert!(withheld.iter().all(|cell| reader.width(&withheld, *cell) >= RULE.narrowest_width));
    assert!(withheld.len() < sample.0.cells().count() / 2, "{} withheld", withheld.len());
}
