//! Lines whose entries were corrected, and lines that the ledger seems to have in another form.

use crate::support::{Desk, HEADER, MAPPING, desks};
use ledger::ProblemCode::*;
use ledger::{FileReport, FileStatus, Mode, ProblemCode};

fn text() -> String {
    format!("{HEADER}2024-04-01,10,A1,DP01,6401,X\n2024-04-02,20,A2,DP01,6401,X\n")
}

/// (already present, reversed, lines counted by budget line)
fn counts(report: &FileReport) -> (i64, i64, i64) {
    assert_eq!(report.problems, []);
    (report.counts.already_present, report.counts.reversed, report.by_budget_line.iter().map(|line| line.lines).sum())
}

/// Imports the same lines as a file of other bytes.
fn again(desk: &Desk, mapping: &str) -> FileReport {
    let remark = desk.ledger().3;
    desk.take_with(&format!("# {remark}\n{mapping}"), text())
}

#[test]
fn a_line_that_was_only_reversed_stays_out_and_is_told() {
    for desk in desks() {
        desk.take(text());
        let entry = desk.entry("A1");
        let reversal = desk.correct(&entry, None);
        let report = again(&desk, MAPPING);
        assert_eq!(counts(&report), (1, 1, 1), "{:?}", desk.backend);
        assert_eq!(report.by_budget_line[0].amount_pence.0, 2_000);
        assert!(report.warnings[0].contains("reverse the reversal"), "{:?}", report.warnings);
        // The very file again says so too, and so does a mapping that would put the line elsewhere.
        assert_eq!(counts(&desk.take(text())), (1, 1, 1));
        let recoded = MAPPING.replace("\"direct_payments\"", "\"home_care\"");
        assert_eq!(again_codes(&desk, &recoded), [Recoded], "only of the entry that stands");
        // A reversed reversal counts again; a third one takes it back again.
        let second = desk.correct(&reversal, None);
        assert_eq!(counts(&again(&desk, MAPPING)), (2, 0, 2));
        desk.correct(&second, None);
        assert_eq!(counts(&again(&desk, MAPPING)), (1, 1, 1));
        assert_eq!(desk.ledger().0, 5, "nothing was loaded twice");
    }
}

fn again_codes(desk: &Desk, mapping: &str) -> Vec<ProblemCode> {
    again(desk, mapping).problems.iter().map(|problem| problem.code).collect()
}

#[test]
fn the_way_that_a_refusal_names_works() {
    for desk in desks() {
        desk.take(text());
        let recoded = MAPPING.replace("\"direct_payments\"", "\"home_care\"");
        let refused = again(&desk, &recoded);
        let (first, second) = (desk.entry("A1"), desk.entry("A2"));
        assert!(refused.problems[0].detail.contains(&format!("/v1/ledger-entries/{first}/reversal with \"recode_to\": \"home_care\"")));
        let replacement = desk.correct(&first, Some("home_care"));
        desk.correct(&second, Some("home_care"));
        let report = again(&desk, &recoded);
        assert_eq!((report.status, counts(&report)), (FileStatus::Loaded, (2, 0, 2)), "{:?}", desk.backend);
        assert_eq!(desk.ledger().1, 3_000, "each counts once");
        // A replacement that is taken back takes the line with it.
        desk.correct(&replacement, None);
        assert_eq!(counts(&again(&desk, &recoded)), (1, 1, 1));
        assert_eq!(counts(&again(&desk, MAPPING)), (1, 1, 1), "a recoded line is not compared");
    }
}

#[test]
fn a_changed_amount_is_refused_in_a_dry_run_of_two_files_too() {
    for desk in desks() {
        let mapping = format!("identity = [\"Ref\"]\n{MAPPING}");
        let files = [
            desk.file("a.csv", format!("{HEADER}2024-04-01,10,A1,DP01,6401,X\n")),
            desk.file("b.csv", format!("{HEADER}2024-04-01,11,A1,DP01,6401,X\n")),
        ];
        for mode in [Mode::DryRun, Mode::Load] {
            let report = desk.run(&mapping, &files, mode);
            assert_eq!(report.files[0].status, FileStatus::Loaded);
            assert_eq!(report.files[1].problems.iter().map(|problem| problem.code).collect::<Vec<_>>(), [Changed], "{mode:?}");
        }
        let entry = desk.entry("A1");
        let report = desk.run(&mapping, &files[1..], Mode::Load);
        assert!(report.files[0].problems[0].detail.contains(&format!("reverse that entry (POST /v1/ledger-entries/{entry}/reversal)")));
        // And so it is done.
        desk.correct(&entry, None);
        assert_eq!(desk.run(&mapping, &files[1..], Mode::Load).files[0].counts.reversed, 1);
        let other = mapping.replace("test ledger", "test ledger, changed lines");
        assert_eq!(desk.run(&other, &files[1..], Mode::Load).files[0].status, FileStatus::Loaded);
        assert_eq!(desk.ledger().1, 1_100, "{:?}", desk.backend);
    }
}

#[test]
fn cells_count_by_what_they_mean_in_every_column() {
    for desk in desks() {
        let header = "Date,Amount,Ref,Cost Centre,Account,Invoice Date,VAT\n";
        desk.take(format!("{header}2024-04-01,10,A1,DP01,6401,2024-03-01 00:00:00,2.5\n"));
        let report = desk.take(format!("{header}01/04/2024,10.00,A1,DP01,6401,01/03/2024,2.50\n"));
        assert_eq!((report.counts.already_present, desk.ledger().0), (1, 1), "{:?}", desk.backend);
        // What a penny or a time of day tells apart stays apart.
        for (day, vat) in [("01/03/2024 10:00", "2.50"), ("01/03/2024 11:00", "2.50"), ("01/03/2024", "2.501"), ("01/03/2024", "2.502")] {
            let report = desk.take(format!("{header}01/04/2024,10.00,A1,DP01,6401,{day},{vat}\n"));
            assert_eq!(report.counts.already_present, 0, "{day} {vat}");
        }
    }
}

#[test]
fn a_file_in_another_form_is_told() {
    for desk in desks() {
        desk.take(text());
        let renamed = text().replace("Payee", "Supplier Name");
        for mode in [Mode::DryRun, Mode::Load] {
            let report = desk.run(MAPPING, &[desk.file("again.csv", &renamed)], mode).files.remove(0);
            assert_eq!((report.counts.already_present, report.counts.look_alike), (0, 2), "{:?}", desk.backend);
            assert!(report.warnings[0].contains("identity"), "{:?}", report.warnings);
        }
        let next = desk.take(format!("{HEADER}2024-05-01,10,B1,DP01,6401,X\n"));
        assert_eq!((next.counts.look_alike, next.warnings.as_slice()), (0, [].as_slice()));
    }
}

#[test]
fn what_should_be_looked_at_is_counted_and_told() {
    for desk in desks() {
        let later = desk.store.clock().today() + chrono::Days::new(2);
        let report = desk.take(format!("{HEADER}{later},10,A1,DP01,6401,X\n2024-04-01,10,A1,Smith, Jones,DP01,6401,X\n"));
        assert_eq!((report.counts.future_dated, report.counts.lines_with_too_many_cells, report.warnings.len()), (1, 1, 2));
    }
}

#[test]
fn a_provider_named_later_is_told() {
    for desk in desks() {
        desk.provider("the_lodge");
        desk.take(text());
        let named = format!("{MAPPING}\n[[providers]]\nprovider = \"the_lodge\"\nwhen = [{{ column = \"Payee\", equals = \"x\" }}]\n");
        let report = again(&desk, &named);
        assert_eq!((report.status, report.counts.provider_differs), (FileStatus::Loaded, 2), "{:?}", desk.backend);
        assert!(report.warnings[0].contains("provider"));
    }
}
