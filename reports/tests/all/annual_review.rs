//! The annual review: its workbook says what the marts say, its page what an officer reads, and neither names anybody.

use crate::common::{Fixture, LineVersion, cells, day};
use calamine::{Data, Reader, Xlsx};
use domain::FinancialYear;
use reports::annual_review::{AnnualReview, ReviewFormat, annual_review};
use reports::{Error, Which};
use std::collections::BTreeMap;
use std::io::Cursor;

/// As Tameside's profile names the line.
const HOME_CARE: &str = "Home care (excluding direct payments)";

type Book = Xlsx<Cursor<Vec<u8>>>;

fn year(text: &str) -> FinancialYear {
    text.parse().unwrap()
}

/// Two years with something of everything that the review tells.
fn filled() -> impl Iterator<Item = Fixture> {
    Fixture::on_each_database().inspect(|fixture| {
        let star = fixture.provider("star", "voluntary", "in_borough");
        for (year, pence) in [("2023-24", 900_000), ("2024-25", 1_000_000)] {
            fixture.movement(year, "home_care", "original", pence);
            fixture.movement(year, "home_care", "adjustment", -50_000);
        }
        fixture.entries(&[
            ("home_care", Some(&star), day("2023-05-30"), 123_456),
            ("home_care", Some(&star), day("2024-04-10"), 40_001),
            ("home_care", Some(&star), day("2024-06-10"), 60_002),
            ("chc_income", None, day("2024-06-11"), -7_003),
        ]);
        let born = |case: &str, born: &str| fixture.package_born(case, born);
        fixture.confirmed_line(&LineVersion {
            budget_line: "home_care",
            provider: Some(star.clone()),
            rate: 2_000_000,
            ..LineVersion::new(&born("CASE-4711", "2009-02-02"), "2023-06-01")
        });
        fixture.confirmed_line(&LineVersion::new(&born("CASE-4712", "2011-11-11"), "2024-05-01"));
        let grant = fixture.grant(&star, "2024-04-01", "2025-04-01", 365_000, None);
        fixture.grant_return(&grant, "2024-04-01", "2024-07-01", 12, None);
        fixture.nights();
        fixture.story();
        fixture.run();
    })
}

fn review(fixture: &Fixture, of: &str) -> AnnualReview {
    annual_review(&fixture.warehouse(), &Which::Current, &fixture.profile, year(of)).unwrap()
}

fn text_of(review: &AnnualReview) -> String {
    String::from_utf8(review.written(ReviewFormat::Html).unwrap().bytes).unwrap()
}

fn book_of(review: &AnnualReview) -> Book {
    Xlsx::new(Cursor::new(review.written(ReviewFormat::Xlsx).unwrap().bytes)).unwrap()
}

/// A number of a workbook in pence or as it counts: 12.34 is 1234, and 3 is 300.
fn hundredths(cell: &Data) -> i64 {
    let Data::Float(number) = cell else { panic!("{cell:?} is no number") };
    format!("{number:.2}").replace('.', "").parse().unwrap()
}

/// The rows of a sheet below its header, by the words in their first cell; the total is named "Total".
fn rows_of(book: &mut Book, tab: &str, header: &str) -> BTreeMap<String, Vec<Data>> {
    let range = book.worksheet_range(tab).unwrap_or_else(|error| panic!("{tab}: {error}"));
    let first = range.rows().position(|row| row[0] == header).unwrap_or_else(|| panic!("{tab} has no {header}"));
    let rows = range.rows().skip(first + 1).filter(|row| !row[0].to_string().is_empty());
    rows.map(|row| (row[0].to_string(), row[1..].to_vec())).collect()
}

#[test]
fn the_workbook_says_of_each_line_what_the_marts_say() {
    for fixture in filled() {
        let mut book = book_of(&review(&fixture, "2024-25"));
        let rows = rows_of(&mut book, "By line", "Budget line");
        let position = cells(
            &fixture.current().table("budget_position").unwrap(),
            &["financial_year", "name", "budget_pence", "actual_pence", "commitment_pence", "forecast_pence", "variance_pence"],
        );
        let of_year = |of: &str| -> BTreeMap<String, Vec<i64>> {
            let rows = position.iter().filter_map(|row| row.strip_prefix(&format!("{of}|")));
            rows.map(|row| row.split_once('|').unwrap())
                .map(|(name, rest)| (name.to_owned(), rest.split('|').map(|n| n.parse().unwrap()).collect()))
                .collect()
        };
        let (now, before) = (of_year("2024-25"), of_year("2023-24"));
        assert_eq!(now.len(), 8);
        for (name, amounts) in &now {
            let found: Vec<i64> = rows[name].iter().map(hundredths).collect();
            let beside = [before[name][0], before[name][1], before[name][4]];
            assert_eq!(found, [amounts.as_slice(), &beside].concat(), "{name}");
        }
        assert_eq!(hundredths(&rows[HOME_CARE][1]), 100_003);
        assert_eq!(hundredths(&rows[HOME_CARE][6]), 123_456);
        assert_eq!(hundredths(&rows["Total"][1]), 100_003 - 7_003);
        let effect = rows_of(&mut book, "Full-year effect", "Budget line");
        let mart = fixture.current().table("full_year_effect").unwrap();
        let stored = cells(&mart, &["financial_year", "budget_line", "full_year_pence"]);
        assert!(stored.contains(&"2024-25|home_care|1040000".to_owned()), "{stored:?}");
        assert_eq!(hundredths(&effect[HOME_CARE][1]), 1_040_000);
        let changes = rows_of(&mut book, "Budget changes", "Budget line");
        let amounts: Vec<i64> = changes[HOME_CARE].iter().map(hundredths).collect();
        assert_eq!(amounts, [1_000_000, 0, -50_000, 0, 0, 950_000]);
    }
}

#[test]
fn the_workbook_says_of_each_month_what_was_spent_in_it() {
    for fixture in filled() {
        let mut book = book_of(&review(&fixture, "2024-25"));
        let rows = rows_of(&mut book, "By month", "Month");
        assert_eq!(rows.len(), 13);
        let spend = cells(&fixture.current().table("spend_by_month").unwrap(), &["financial_year", "calendar_month", "actual_pence"]);
        let of = |month: &str| -> i64 {
            spend.iter().filter_map(|row| row.strip_prefix(&format!("2024-25|{month}|"))).map(|pence| pence.parse::<i64>().unwrap()).sum()
        };
        for (name, month) in [("April 2024", "2024-04"), ("May 2024", "2024-05"), ("June 2024", "2024-06")] {
            assert_eq!(hundredths(&rows[name][0]), of(month), "{name}");
        }
        assert_eq!(hundredths(&rows["June 2024"][0]), 60_002 - 7_003);
        // Of a month that is to come nothing is told, and no nought.
        assert_eq!((of("2025-03"), &rows["March 2025"][0]), (0, &Data::Empty));
        // May of the year before stands beside May.
        assert_eq!(hundredths(&rows["May 2024"][2]), 123_456);
    }
}

#[test]
fn the_workbook_counts_packages_decisions_and_nights_as_the_marts_do() {
    for fixture in filled() {
        let mut book = book_of(&review(&fixture, "2024-25"));
        let counts = |rows: &BTreeMap<String, Vec<Data>>, name: &str, columns: &[usize]| -> Vec<i64> {
            columns.iter().map(|column| hundredths(&rows[name][*column])).collect()
        };
        // Children, arrangements, children on the last day, a full year; and the year before.
        let ages = rows_of(&mut book, "Packages by age band", "Age on the year's last day");
        assert_eq!(counts(&ages, "16 to 17", &[0, 1, 3, 4, 5]), [100, 100, 100, 1_040_000, 0]);
        assert_eq!(counts(&ages, "14 to 15", &[0, 5]), [0, 100]);
        assert_eq!(counts(&ages, "10 to 13", &[0, 1, 3, 4, 5]), [100, 100, 100, 52_000, 0]);
        let transitions = rows_of(&mut book, "Transitions", "Birthday");
        assert_eq!(counts(&transitions, "16th", &[0, 1, 2]), [100, 1_040_000, 0]);
        assert_eq!(counts(&transitions, "14th", &[0, 2, 3]), [0, 100, 52_000]);
        let decisions = cells(&fixture.current().table("panel_decisions").unwrap(), &["financial_year", "decision"]);
        let of = |decision: &str, of: &str| decisions.iter().filter(|row| **row == format!("{of}|{decision}")).count();
        let outcomes = rows_of(&mut book, "Panel outcomes", "Decision");
        for (name, decision) in
            [("Approved", "approved"), ("Approved in part", "approved_in_part"), ("Declined", "declined"), ("Deferred", "deferred")]
        {
            let expected = [of(decision, "2024-25"), of(decision, "2023-24")].map(|count| i64::try_from(count).unwrap() * 100);
            assert_eq!(counts(&outcomes, name, &[0, 3]), expected, "{name}");
        }
        assert!(of("approved", "2024-25") > 1 && of("declined", "2024-25") > 1);
        let times = rows_of(&mut book, "Times", "From and to");
        assert!(hundredths(&times["Assessment authorised to panel"][0]) > 300);
        let nights = rows_of(&mut book, "Nights by setting", "Setting");
        let stayed = cells(&fixture.current().table("nights").unwrap(), &["financial_year", "stayed_nights"]);
        let all =
            |of: &str| stayed.iter().filter_map(|row| row.strip_prefix(&format!("{of}|"))).map(|n| n.parse::<i64>().unwrap()).sum::<i64>();
        assert_eq!(counts(&nights, "Total", &[2, 6]), [all("2024-25") * 100, all("2023-24") * 100]);
        let grants = rows_of(&mut book, "Grants", "Group");
        assert!(grants.values().flatten().any(|cell| *cell == Data::Float(12.0)), "{grants:?}");
    }
}

#[test]
fn the_causes_add_up_to_the_forecast() {
    for fixture in filled() {
        let mut book = book_of(&review(&fixture, "2024-25"));
        for tab in ["Causes by line", "Causes by month"] {
            let rows = rows_of(&mut book, tab, if tab == "Causes by line" { "Budget line" } else { "Month" });
            assert!(rows.len() > 8, "{tab}");
            for (name, cells) in rows.iter().filter(|(name, _)| *name != "Total") {
                let amounts: Vec<i64> = cells.iter().map(hundredths).collect();
                assert_eq!(amounts[..8].iter().sum::<i64>(), amounts[8], "{tab} {name}");
            }
            assert_ne!(hundredths(&rows["Total"][1]), 0, "{tab}: what was recorded since is new");
        }
    }
}

#[test]
fn the_page_has_every_section_and_says_that_it_is_not_for_publication() {
    for fixture in filled() {
        let review = review(&fixture, "2024-25");
        assert_eq!(review.document().faults(), []);
        let page = text_of(&review);
        assert!(
            page.contains("Annual review of short breaks") && page.contains("Not for publication") && page.contains("not for publication")
        );
        let headings = [
            "Year on year",
            "Spend against budget",
            "Why spend differs from the plan",
            "Next year's full-year effect",
            "Packages",
            "Transitions",
            "Panel outcomes",
            "Unit costs",
            "Continuing health care: income and debt",
            "Direct payments",
            "Nights away",
            "Grants and activity",
            "Timeliness",
            "Where the figures are from",
        ];
        let sections: Vec<_> = review.document().headings().into_iter().map(|heading| heading.text).collect();
        assert_eq!(sections, headings);
        assert!(page.contains("is not there yet") && page.contains(&review.snapshot_id));
        for figure in ["£1,000.03", "£1,234.56", "£10,400.00", "16 to 17", "up to £7,000.00", "2023-24", "<svg"] {
            assert!(page.contains(figure), "{figure}");
        }
        let pdf = review.written(ReviewFormat::Pdf).unwrap().bytes;
        assert!(pdf.starts_with(b"%PDF-") && pdf.len() > 10_000);
    }
}

#[test]
fn neither_page_nor_workbook_names_anybody() {
    for fixture in filled() {
        let review = review(&fixture, "2024-25");
        let mut text = text_of(&review);
        let mut book = book_of(&review);
        for name in book.sheet_names() {
            let range = book.worksheet_range(&name).unwrap();
            text.extend(range.rows().flatten().map(|cell| format!("{cell}\n")));
        }
        for never in ["CASE-47", "WHO-DECIDED", "2011-11-11", "11 November 2011", "NOBODY", "child away"] {
            assert!(!text.contains(never), "{never}");
        }
        // A pseudonym is 32 hexadecimal digits.
        let is_key = |word: &str| word.len() == 32 && word.bytes().all(|byte| byte.is_ascii_hexdigit());
        let keys: Vec<_> = text.split(|sign: char| !sign.is_ascii_alphanumeric()).filter(|word| is_key(word)).collect();
        assert_eq!(keys, Vec::<&str>::new());
    }
}

#[test]
fn a_year_without_records_says_so_in_words() {
    for fixture in Fixture::on_each_database() {
        fixture.run();
        let review = review(&fixture, "2024-25");
        assert_eq!((review.year_before, review.document().faults()), (None, Vec::new()));
        let page = text_of(&review);
        for said in [
            "no records of the year before",
            "No package was in force in 2024-25.",
            "Nothing was decided in 2024-25.",
            "No nights away are on record in 2024-25.",
            "Health was expected to pay nothing in 2024-25",
            "No grant has a day",
            "No direct payment account was in force in 2024-25.",
            "No budget is on record for 2024-25.",
        ] {
            assert!(page.contains(said), "{said}");
        }
        let book = book_of(&review);
        assert_eq!(book.sheet_names()[0], "Cover");
        assert!(!book.sheet_names().contains(&"Nights by setting".to_owned()));
        let refused = annual_review(&fixture.warehouse(), &Which::Current, &fixture.profile, year("2031-32"));
        assert!(matches!(refused, Err(Error::UnknownYear { .. })));
    }
}

#[test]
fn charts_of_the_workbook_are_drawn_from_its_own_cells() {
    for fixture in filled() {
        let bytes = review(&fixture, "2024-25").written(ReviewFormat::Xlsx).unwrap().bytes;
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let charts: Vec<String> =
            archive.file_names().map(|name| name.unwrap().into_owned()).filter(|name| name.starts_with("xl/charts/chart")).collect();
        assert!(charts.len() >= 10, "{charts:?}");
        let texts: Vec<String> = charts
            .iter()
            .map(|name| {
                let mut text = String::new();
                std::io::Read::read_to_string(&mut archive.by_name(name).unwrap(), &mut text).unwrap();
                text
            })
            .collect();
        assert!(texts.iter().any(|text| text.contains("'By line'!$B$") && text.contains("Budget and forecast by line, 2024-25")));
    }
}
