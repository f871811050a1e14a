//! The number of the purchase order that a payment was made on.

use crate::support::{Desk, HEADER, MAPPING, desks};
use db::schema::ledger_entries;
use diesel::prelude::*;
use ledger::ProblemCode;

fn with_orders() -> String {
    MAPPING.replace("reference = \"Ref\"", "reference = \"Ref\"\npurchase_order = [\"PO\", \"Order No\"]")
}

fn orders(desk: &Desk) -> Vec<Option<String>> {
    let mut connection = desk.store.connection().expect("a connection");
    ledger_entries::table.select(ledger_entries::purchase_order).order(ledger_entries::line_number).load(&mut *connection).expect("entries")
}

#[test]
fn an_order_number_comes_along_where_the_file_has_one() {
    for desk in desks() {
        let text = "Date,Amount,Ref,Cost Centre,Account,Order No\n2024-04-01,1,A1,DP01,6401, PO-77 \n2024-04-02,2,A2,DP01,6401,\n";
        assert_eq!(desk.take_with(&with_orders(), text).problems, [], "{:?}", desk.backend);
        assert_eq!(orders(&desk), [Some("PO-77".to_owned()), None]);
        // A file without the column is read all the same.
        let report = desk.take_with(&with_orders(), format!("{HEADER}2024-05-01,3,A3,DP01,6401,X\n"));
        assert_eq!((report.problems.len(), desk.ledger().0), (0, 3));
    }
}

#[test]
fn naming_the_order_later_does_not_make_lines_others() {
    for desk in desks() {
        let text = "Date,Amount,Ref,Cost Centre,Account,PO\n2024-04-01,1,A1,DP01,6401,PO-77\n";
        desk.take(text);
        let report = desk.take_with(&with_orders(), text);
        assert_eq!((report.counts.already_present, desk.ledger().0), (1, 1), "{:?}", desk.backend);
        // An entry keeps what it was loaded with.
        assert_eq!(orders(&desk), [None]);
    }
}

#[test]
fn what_is_no_order_number_is_refused() {
    for desk in desks() {
        let long = "9".repeat(101);
        let text =
            format!("Date,Amount,Ref,Cost Centre,Account,PO\n2024-04-01,1,A1,DP01,6401,{long}\n2024-04-01,1,A2,DP01,6401,PO\u{7}7\n");
        let report = desk.refuses(&with_orders(), text, &[ProblemCode::ReferenceTooLong, ProblemCode::UnreadableText]);
        assert!(report.problems[0].detail.contains("the purchase order is the finance system's order number"), "{report:?}");
        assert_eq!(report.problems[0].column.as_deref(), Some("PO"));
    }
}
