//! Reports as CSV, safe to open in a spreadsheet.

use crate::Error;
use domain::Pence;

/// Writes a header and rows as CSV.
pub(crate) fn csv(header: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Result<String, Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header)?;
    for row in rows {
        writer.write_record(row)?;
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    // Every cell was a String, so this loses nothing.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A cell of text. One that a spreadsheet would take for a formula gets an apostrophe before it, which makes it text.
pub(crate) fn text(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) { format!("'{cell}") } else { cell.to_owned() }
}

/// A cell of money, in pounds with two decimals.
pub(crate) fn pounds(pence: i64) -> String {
    Pence(pence).to_pounds()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_becomes_text_and_a_negative_amount_stays_a_number() {
        assert_eq!(text("=HYPERLINK(\"x\")"), "'=HYPERLINK(\"x\")");
        assert_eq!((text("@a"), text("+1"), text("-1"), text("a-1")), ("'@a".into(), "'+1".into(), "'-1".into(), "a-1".into()));
        let sheet = csv(&["name", "amount"], [vec![text("=1,2"), pounds(-123_405)]].into_iter()).expect("written");
        assert_eq!(sheet, "name,amount\n\"'=1,2\",-1234.05\n");
    }
}
