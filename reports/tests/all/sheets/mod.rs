//! Sheets with everything in them that could go wrong in a workbook.

use chrono::{NaiveDate, NaiveDateTime};
use reports::{Cell, Column, Sheet};

pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub fn noon() -> NaiveDateTime {
    day("2024-05-02").and_hms_opt(12, 0, 0).unwrap()
}

/// Text that a careless writer would turn into a formula, or that would break the file.
pub const AWKWARD: [&str; 12] = [
    "=1+1",
    "+44 161 000 0000",
    "-3",
    "@SUM(A1)",
    "\tafter a tab",
    "00123",
    "R&D <b>\"bold\"</b>",
    "<r>not markup</r>",
    "_x0041_ is no escape",
    "two\nlines",
    "Zoë Ó Briain 🧭 日本",
    " spaces ",
];

fn columns() -> [Column; 5] {
    [
        Column::text("item"),
        Column::date("received_on"),
        Column::integer("hours").summed(),
        Column::pounds("this_year_pounds").summed(),
        Column::pounds("full_year_pounds").summed(),
    ]
}

/// Amounts to the penny on both sides of nought, from a fixed sequence.
pub fn amounts(count: usize) -> Vec<i64> {
    let mut state = 20_240_502_u64;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(state >> 33).unwrap() % 3_000_001 - 1_000_000
    };
    (0..count).map(|_| next()).collect()
}

/// Thousands of lines, some of them incomplete.
pub fn long() -> Sheet {
    let days = day("2023-12-01").iter_days().cycle();
    let rows = amounts(5_000).into_iter().zip(days).enumerate().map(|(number, (pence, day))| {
        let day = if number % 7 == 0 { Cell::Blank } else { Cell::Date(day) };
        let full_year = if number % 11 == 0 { Cell::Blank } else { Cell::Pence(pence * 2) };
        vec![Cell::text(format!("R-{number:04}")), day, Cell::Integer(pence % 40), Cell::Pence(pence), full_year]
    });
    Sheet::new("Requests & decisions", columns()).heading("Every request").heading("as at 2 May 2024").with_rows(rows).unwrap()
}

/// Awkward text, and days on either side of a leap day.
pub fn awkward() -> Sheet {
    let rows = AWKWARD.into_iter().zip(day("2024-02-27").iter_days()).enumerate();
    let rows = rows.map(|(number, (words, day))| {
        let pence = [-1, 10, 20, 1_399_999, 2_000_001][number % 5];
        vec![Cell::text(words), Cell::Date(day), Cell::Integer(-1), Cell::Pence(pence), Cell::Pence(-pence)]
    });
    Sheet::new("Panel: 'awkward' [words]/2024", columns()).with_rows(rows).unwrap()
}

/// No rows.
pub fn empty() -> Sheet {
    Sheet::new("Nothing yet", columns()).heading("An empty panel")
}

/// A page as panel business support would hand round.
pub fn projection() -> Sheet {
    let columns = [
        Column::text("item").labelled("Item"),
        Column::text("budget_line"),
        Column::text("decision"),
        Column::date("decided_on"),
        Column::text("rationale"),
        Column::pounds("before_pounds").labelled("Before (£)").summed(),
        Column::pounds("this_year_pounds").summed(),
        Column::pounds("full_year_pounds").summed(),
        Column::integer("children").summed(),
    ];
    let lines = ["Direct payments", "Home care", "Overnight respite", "Nursery places"];
    let decisions = ["approved", "approved in part", "deferred until 16 May 2024", "declined"];
    let reasons = [
        "Two hours a week were added, with a review after six months by the allocated worker.",
        "",
        "The assessment of overnight needs is not complete; the panel asks for it before it decides, and for the family's own account.",
    ];
    let rows = amounts(45).into_iter().enumerate().map(|(number, pence)| {
        vec![
            Cell::text(format!("{:02}", number + 1)),
            Cell::text(lines[number % 4]),
            Cell::text(decisions[number % 3]),
            if number % 4 == 2 { Cell::Blank } else { Cell::Date(day("2024-05-02")) },
            Cell::text(reasons[number % 3]),
            Cell::Pence(pence * 3),
            Cell::Pence(pence),
            Cell::Pence(pence * 2),
            Cell::Integer(1),
        ]
    });
    Sheet::new("Financial projection", columns)
        .heading("Resource panel of 2 May 2024")
        .heading("Expenditure is positive, income negative")
        .heading("as at 2 May 2024 at 12:00 UTC")
        .with_rows(rows)
        .unwrap()
}
