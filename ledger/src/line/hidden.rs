//! A payment in one cell: a whole line in quotation marks, one with another sign between its cells, or marks around several cells.

use super::{Lines, is_blank_cell};
use crate::problem::{Problem, ProblemCode};
use crate::row::{DELIMITERS, Row};
use csv::ByteRecord;

impl Lines<'_> {
    /// Refuses a line that is a payment which a rule would pick, once its text is split otherwise.
    pub(super) fn check_hidden(&mut self, row: &Row<'_>, is_short: bool) {
        let encoding = self.cells.encoding;
        let filled: Vec<&[u8]> = row.cells.iter().filter(|cell| !is_blank_cell(cell, encoding)).take(2).collect();
        let alone = if let [one] = filled.as_slice() { Some(*one) } else { None };
        if !is_short && alone.is_none() {
            return;
        }
        let most = self.cells.layout.headers.len().max(row.cells.len());
        if !split_otherwise(row, alone, most).iter().any(|cells| !self.picked_as_payment(cells).is_empty()) {
            return;
        }
        let detail = "this line is a payment when its text is split otherwise: it stands in one cell, or quotation marks run over several cells, \
                      or another sign parts them; put its marks and its signs right";
        self.problems.push(Problem::of_line(row.line, ProblemCode::TooFewCells, detail));
    }
}

/// The records of at most `most` cells, or a few more, that a line's text makes by each sign, with quotation marks and without.
fn split_otherwise(row: &Row<'_>, alone: Option<&[u8]>, most: usize) -> Vec<ByteRecord> {
    let (raw, own) = row.raw.map_or((&[][..], b','), |raw| (raw.text.trim_ascii(), raw.delimiter));
    let has_sign = |text: &[u8]| text.iter().any(|byte| *byte == b'"' || *byte == own || DELIMITERS.contains(byte));
    let mut found = Vec::new();
    for text in [Some(raw), alone].into_iter().flatten().filter(|text| has_sign(text)) {
        let bare: Vec<u8> = text.iter().copied().filter(|byte| *byte != b'"').collect();
        for delimiter in DELIMITERS.into_iter().filter(|sign| *sign != own).chain([own]) {
            if !bare.contains(&delimiter) {
                continue;
            }
            found.extend(read_as_csv(text, delimiter));
            found.push(bare.split(|byte| *byte == delimiter).collect::<ByteRecord>());
        }
    }
    // Where another sign parts the cells, a comma may part pounds from pence.
    let pointed: Vec<ByteRecord> = found.iter().filter_map(with_points).collect();
    found.extend(pointed);
    // As it was read it was seen already, and what is much longer is something else.
    found.retain(|cells| cells.len() <= most.saturating_mul(2) && cells != row.cells);
    found
}

/// The record with points in amounts that have a decimal comma; none, it has none such.
fn with_points(cells: &ByteRecord) -> Option<ByteRecord> {
    let pointed = |cell: &[u8]| {
        let text = std::str::from_utf8(cell).ok()?.trim();
        let (pounds, pence) = text.rsplit_once(',')?;
        let is_pence =
            pence.len() >= 2 && pence.as_bytes()[..2].iter().all(u8::is_ascii_digit) && !pence[2..].contains(|c: char| c.is_ascii_digit());
        let bare: String = pounds.chars().filter(|letter| *letter != '.').collect();
        (is_pence && bare.bytes().any(|byte| byte.is_ascii_digit())).then(|| format!("{bare}.{pence}").into_bytes())
    };
    let has_one = cells.iter().any(|cell| pointed(cell).is_some());
    has_one.then(|| cells.iter().map(|cell| pointed(cell).unwrap_or_else(|| cell.to_vec())).collect())
}

fn read_as_csv(text: &[u8], delimiter: u8) -> Option<ByteRecord> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).delimiter(delimiter).buffer_capacity(text.len() + 1).flexible(true).from_reader(text);
    let mut record = ByteRecord::new();
    reader.read_byte_record(&mut record).ok().filter(|is_record| *is_record).map(|_| record)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::row::Raw;

    #[test]
    fn a_line_is_split_in_every_usual_way() {
        let record = |cells: &[&str]| cells.iter().collect::<ByteRecord>();
        for (raw, cells, expected) in [
            ("\"a,b,\"\"c, d\"\",5\"", &["a,b,\"c, d\",5"][..], &["a", "b", "c, d", "5"][..]),
            ("a;b;5", &["a;b;5"], &["a", "b", "5"]),
            ("a|b|1,5", &["a|b|1", "5"], &["a", "b", "1,5"]),
            ("a,\"Fred,b,\"5", &["a", "Fred,b,5"], &["a", "Fred", "b", "5"]),
            ("a;b;250,00", &["a;b;250", "00"], &["a", "b", "250.00"]),
            ("a;b;-1.250,50", &["a;b;-1.250", "50"], &["a", "b", "-1250.50"]),
            ("a;Smith, J;1,5", &["a;Smith", " J;1", "5"], &["a", "Smith, J", "1,5"]),
        ] {
            let cells = record(cells);
            let row = Row { raw: Some(Raw { text: raw.as_bytes(), delimiter: b',' }), ..Row::whole(&cells, 2) };
            let alone = (cells.len() == 1).then(|| &cells[0]);
            assert!(split_otherwise(&row, alone, 4).contains(&record(expected)), "{raw}");
        }
        let plain = record(&["Total"]);
        assert_eq!(split_otherwise(&Row::whole(&plain, 2), Some(b"Total"), 4), Vec::<ByteRecord>::new());
    }
}
