//! Whether a row that is not read looks like a payment, whatever its columns are: so that none is passed over without a word.

use crate::amount;
use crate::date::{self, usual_formats};
use crate::mapping::Mapping;
use crate::text::{Encoding, tidy};
use csv::ByteRecord;
use std::sync::LazyLock;

static USUAL: LazyLock<Vec<date::DateFormat>> = LazyLock::new(usual_formats);

/// Whether a row has a date and, in another cell, an amount.
pub(crate) fn is_payment_like(row: &ByteRecord, encoding: Encoding, mapping: &Mapping) -> bool {
    let (mut dates, mut amounts, mut both) = (0, 0, 0);
    for cell in row.iter().filter(|cell| cell.iter().any(u8::is_ascii_digit)) {
        let text = encoding.decode(cell);
        let text = tidy(&text);
        let is_date = date::is_day(&text, &mapping.date_formats, mapping.zone) || date::is_day(&text, &USUAL, mapping.zone);
        let is_amount = amount::parse(&text).is_ok();
        match (is_date, is_amount) {
            (true, true) => both += 1,
            (true, false) => dates += 1,
            (false, true) => amounts += 1,
            (false, false) => {}
        }
    }
    // One cell cannot be both at once.
    (dates > 0 && amounts + both > 0) || (both > 0 && amounts + both > 1)
}

/// Whether a row has an amount.
pub(crate) fn has_amount(row: &ByteRecord, encoding: Encoding) -> bool {
    row.iter().any(|cell| cell.iter().any(u8::is_ascii_digit) && amount::parse(&tidy(&encoding.decode(cell))).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_and_an_amount_make_a_payment() {
        let mapping = "source = \"x\"\ndate_formats = [\"MM/DD/YYYY\"]\n[columns]\ndate = \"D\"\namount = \"A\"\n[[rules]]\nbudget_line = \"nursery\"\nwhen = [{ column = \"C\", equals = \"x\" }]\n";
        let mapping = Mapping::parse(mapping).expect("a mapping");
        for (row, expected) in [
            (&["Ann", "02/04/2024", "", "£1,000.00"][..], true),
            (&["2024-04-02 00:00:00", "-12"], true),
            (&["04/31/2024", "31/04/2024", "10"], false),
            (&["12/31/2024", "10"], true),
            (&["20240402", "6401"], true),
            (&["20240402"], false),
            (&["Printed on 02/04/2024", "10"], false),
            (&["Total", "1600.46"], false),
            (&["02/04/2024", "Notes"], false),
            (&["", "-"], false),
        ] {
            let row: ByteRecord = row.iter().collect();
            assert_eq!(is_payment_like(&row, Encoding::Auto, &mapping), expected, "{row:?}");
        }
    }
}
