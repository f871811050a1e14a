//! Numbers that spreadsheets wrote anew: the lines they identify are the same lines.

use crate::support::{Desk, HEADER, MAPPING, desks};
use db::schema::ledger_entries;
use diesel::prelude::*;
use ledger::FileStatus;

fn by_reference() -> String {
    let orders = MAPPING.replace("reference = \"Ref\"", "reference = \"Ref\"\npurchase_order = \"PO\"");
    format!("identity = [\"reference\", \"date\", \"amount\"]\n{orders}")
}

fn line(reference: &str) -> String {
    format!("{HEADER}2024-04-03,250.0,{reference},DP01,6401,Anybody\n")
}

fn stored(desk: &Desk) -> Vec<(Option<String>, Option<String>)> {
    let mut connection = desk.store.connection().expect("a connection");
    ledger_entries::table.select((ledger_entries::reference, ledger_entries::purchase_order)).load(&mut *connection).expect("entries")
}

#[test]
fn a_number_saved_anew_is_the_same_number() {
    for (first, others) in [
        (
            "5100001234",
            &[
                "5100001234.0",
                "5100001234.00",
                "'5100001234",
                "=\"5100001234\"",
                "005100001234",
                "5.100001234E9",
                "\"5,100,001,234\"",
                "5100001234\u{200b}",
            ][..],
        ),
        ("700001", &["700001.0", "0700001", "'700001"]),
        ("5100001234.0", &["5100001234"]),
        ("0005100001234", &["5100001234", "5100001234.0"]),
        ("123456789012345678901234", &["123456789012345678901234.0"]),
        ("INV-1", &["'INV-1", "inv-1"][..1]),
    ] {
        for desk in desks() {
            for (place, mapping) in [by_reference(), MAPPING.to_owned()].into_iter().enumerate() {
                // The very same file under another source would be refused.
                let very_first = line(first) + &"\n".repeat(place);
                desk.take_with(&mapping.replace("test ledger", &mapping.len().to_string()), very_first);
                for other in others {
                    let report = desk.take_with(&mapping.replace("test ledger", &mapping.len().to_string()), line(other));
                    assert_eq!((report.counts.already_present, report.counts.look_alike), (1, 0), "{first} and {other}");
                }
            }
            assert_eq!(desk.ledger().0, 2, "{:?}", desk.backend);
        }
    }
}

#[test]
fn numbers_that_differ_stay_apart() {
    for desk in desks() {
        let numbers = ["5100001234", "5100001235", "51000012340", "510000123400", "5100001234.5", "A5100001234"];
        for number in numbers {
            assert_eq!(desk.take_with(&by_reference(), line(number)).counts.already_present, 0, "{number}");
        }
        assert_eq!(desk.ledger().0, 6);
    }
}

#[test]
fn references_and_orders_are_kept_as_the_finance_system_has_them() {
    for desk in desks() {
        let header = "Date,Amount,Ref,Cost Centre,Account,PO\n";
        desk.take_with(&by_reference(), format!("{header}2024-04-03,250.0,5100001234.0,DP01,6401.0,4500012345.0\n"));
        desk.take_with(&by_reference(), format!("{header}2024-04-04,250.0,'0012,DP01,6401,PO-7.0\n"));
        let mut kept = stored(&desk);
        kept.sort();
        let of = |reference: &str, order: &str| (Some(reference.to_owned()), Some(order.to_owned()));
        assert_eq!(kept, [of("0012", "PO-7.0"), of("5100001234", "4500012345")]);
    }
}

#[test]
fn digits_that_are_lost_are_told() {
    for desk in desks() {
        let report = desk.take_with(&by_reference(), line("1.2E+11"));
        assert_eq!((report.status, report.counts.lines_with_lost_digits), (FileStatus::Loaded, 1));
        assert!(report.warnings[0].contains("cut to an exponent") && report.warnings[0].contains("line 2"), "{:?}", report.warnings);
        for whole in ["120000000000", "5.100001234E+9", "12E4"] {
            assert_eq!(desk.take_with(&by_reference(), line(whole)).counts.lines_with_lost_digits, 0, "{whole}");
        }
        // An amount may be written so.
        assert_eq!(desk.take(format!("{HEADER}2024-04-03,1.2E+3,A1,DP01,6401,X\n")).counts.lines_with_lost_digits, 0);
    }
}

#[test]
fn codes_saved_anew_are_picked_or_told() {
    let mapping = MAPPING.replace("equals = \"DP01\"", "equals = \"6401\"");
    let of = |code: &str| format!("{HEADER}2024-04-03,250.0,A1,{code},1,X\n");
    for desk in desks() {
        for code in ["6401", "6401.0", "'6401", "6401\u{200e}", "=\"6401\""] {
            assert_eq!(desk.take_with(&mapping, of(code)).counts.matched, 1, "{code}");
        }
        for code in ["06401", "6.4E+03", "006401.0"] {
            let report = desk.take_with(&mapping, of(code));
            assert_eq!((report.counts.matched, report.counts.lines_with_unclear_cells), (0, 1), "{code}");
            assert!(report.warnings[0].contains("cannot be read where a rule looks") && report.warnings[0].contains("line 2"));
        }
        let report = desk.take_with(&mapping, of("6402"));
        assert_eq!((report.counts.kept_out, report.counts.lines_with_unclear_cells, report.warnings.len()), (1, 0, 0));
    }
}
