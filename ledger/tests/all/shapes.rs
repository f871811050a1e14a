//! Lines with more or fewer cells than the header: told once, with the line.

use crate::support::{HEADER, MAPPING, desks};
use ledger::ProblemCode::{TooFewCells, TooManyCells};
use ledger::{FileStatus, Mode};

#[test]
fn a_file_whose_lines_all_have_a_cell_more_is_told_so_once() {
    for desk in desks() {
        let text =
            format!("{HEADER}2024-04-01,10,A1,DP01,6401,X,#N/A\n2024-04-02,10,A2,DP01,6401,X,#N/A\n2024-04-02,10,A2,XX,6401,X,#N/A\n");
        let report = desk.refuses(MAPPING, &text, &[TooManyCells]);
        assert_eq!((report.problems[0].line, report.problems_not_shown), (Some(2), 0));
        assert!(
            report.problems[0].detail.starts_with("every line has 7 cells under 6 headers")
                && report.problems[0].detail.contains("the header row")
        );
        assert_eq!(report.warnings.len(), 0, "{:?}", report.warnings);
    }
}

#[test]
fn many_lines_of_a_wrong_shape_are_one_problem() {
    for desk in desks() {
        let mut text = format!("{HEADER}2024-04-01,10,A0,DP01,6401,X\n");
        (0..70).for_each(|_| text.push_str("2024-04-01,10,A1,DP01,6401,Smith, Jones\n"));
        let report = desk.refuses(MAPPING, &text, &[TooManyCells]);
        assert!(report.problems[0].detail.contains("(so it is in 70 lines: lines 3, 4, 5, 6, 7 and 65 more)"), "{:?}", report.problems);
        (0..70).for_each(|_| text.push_str("2024-04-01 10,A1,DP01,DP01\n"));
        desk.refuses(MAPPING, &text, &[TooManyCells, TooFewCells]);
    }
}

#[test]
fn a_short_line_is_taken_where_nothing_is_missing_and_told() {
    for desk in desks() {
        let report = desk.take(format!("{HEADER}2024-04-01,10,A1,DP01\nTotal,10\n2024-04-02,20,A2,DP01,6401,X\n"));
        assert_eq!((report.status, report.counts.matched, report.counts.lines_with_too_few_cells), (FileStatus::Loaded, 2, 1));
        assert!(
            report.warnings[0].contains("fewer cells than the header") && report.warnings[0].contains("line 2"),
            "{:?}",
            report.warnings
        );
        // One that no rule picks is told where it looks like a payment.
        let report = desk.take(format!("{HEADER}2024-04-01,10,DP01\nnotes,of,this\n"));
        assert_eq!((report.counts.kept_out, report.counts.lines_with_too_few_cells), (2, 1));
    }
}

#[test]
fn what_was_refused_is_added_up_apart() {
    for desk in desks() {
        let files = [
            desk.file("a.csv", format!("{HEADER}2024-04-01,10,A1,DP01,6401,X\n")),
            desk.file("b.csv", format!("{HEADER}2024-04-02,20,A2,DP01,6401,X\nnever,30,A3,DP01,6401,X\n")),
        ];
        for mode in [Mode::DryRun, Mode::Load] {
            let report = desk.run(MAPPING, &files, mode);
            assert_eq!(
                (report.total.counts.matched, report.total.by_budget_line[0].amount_pence.0, report.total.files_refused),
                (1, 1_000, 1)
            );
            assert_eq!(
                (report.refused.counts.matched, report.refused.by_budget_line[0].amount_pence.0, report.refused.files_refused),
                (2, 2_000, 1)
            );
        }
        assert_eq!(desk.ledger().1, 1_000, "the total is what the ledger has");
    }
}
