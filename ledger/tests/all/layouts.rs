//! One mapping for files and sheets of several layouts.

use crate::support::books::{book, rows};
use crate::support::{HEADER, desks};
use ledger::ProblemCode::{MissingColumn, SheetNotRead};
use ledger::{BadMapping, Mapping};

const MAPPING: &str = r#"
source = "layouts"
identity = ["reference", "date", "amount"]
[columns]
reference = ["Ref", "Transaction"]
[[layouts]]
name = "until 2023"
columns = { date = "Date", amount = "Amount", centre = "Cost Centre" }
[[layouts]]
name = "from 2023"
columns = { date = "Posted", debit = "Debit", credit = "Credit", centre = "Code" }
[[rules]]
budget_line = "direct_payments"
when = [{ column = "centre", equals = "DP01" }]
"#;

const NEW: &str = "Amount,Posted,Transaction,Code,Debit,Credit\n999,2024-05-01,B1,DP01,20,\n999,2024-05-02,B2,DP01,,5\n";

#[test]
fn each_file_is_read_by_the_layout_that_fits_it() {
    for desk in desks() {
        let old = desk.take_with(MAPPING, format!("{HEADER}2024-04-01,10,A1,DP01,6401,X\n"));
        assert_eq!((old.problems.len(), old.by_budget_line[0].amount_pence.0), (0, 1_000));
        let new = desk.take_with(MAPPING, NEW);
        assert_eq!((new.problems.len(), new.by_budget_line[0].amount_pence.0), (0, 1_500));
        // A line is the same line in either.
        let again = desk.take_with(MAPPING, "Posted,Ref,Code,Debit,Credit\n01/04/2024,A1,DP01,10.00,\n");
        assert_eq!((again.counts.already_present, desk.ledger().0), (1, 3), "{:?}", desk.backend);
        let refused = desk.refuses(MAPPING, "Posted,Ref,Code,Debit\n01/04/2024,A1,DP01,10.00\n", &[MissingColumn]);
        assert!(refused.problems[0].detail.starts_with("in layout from 2023: no column for credit"), "{:?}", refused.problems);
    }
}

#[test]
fn a_workbook_may_have_a_layout_a_sheet() {
    let old: &[&[&str]] = &[&["Date", "Amount", "Ref", "Cost Centre"], &["01/04/2024", "10", "A1", "DP01"]];
    let new: &[&[&str]] = &[&["Posted", "Debit", "Credit", "Transaction", "Code"], &["01/05/2024", "20", "", "B1", "DP01"]];
    let other: &[&[&str]] = &[&["Posted", "Sum", "Transaction", "Code"], &["01/06/2024", "40", "B1", "DP01"]];
    for desk in desks() {
        let report = desk.take_with(MAPPING, book([rows("April", old), rows("May", new)]));
        assert_eq!((report.problems.len(), report.by_budget_line[0].amount_pence.0), (0, 3_000));
        desk.refuses(MAPPING, book([rows("April", old), rows("May", new), rows("June", other)]), &[SheetNotRead]);
    }
}

#[test]
fn what_is_wrong_with_a_layout_is_told() {
    let problems = |text: &str| Mapping::parse(text).err().map(|BadMapping(problems)| problems).unwrap_or_default();
    assert_eq!(problems(MAPPING), [] as [&str; 0]);
    let found = problems(&MAPPING.replace(", centre = \"Code\"", "").replace("date = \"Date\", ", "centers = \"C\", "));
    for expected in [
        "layout until 2023: `columns.date` is missing",
        "layout until 2023: `columns.date` is missing, which other layouts have",
        "layout from 2023: `columns.centre` is missing, which other layouts have and rules look at",
        "`columns.centers` is used by no rule",
    ] {
        assert!(found.iter().any(|problem| problem.contains(expected)), "{expected} is not among {found:#?}");
    }
    assert_eq!(found.len(), 4, "{found:#?}");
    assert!(problems(&MAPPING.replace("name = \"until 2023\"", "named = \"until 2023\""))[0].contains("layout 1: unknown field `named`"));
}
