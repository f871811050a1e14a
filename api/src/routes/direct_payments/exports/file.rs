//! The pay file's text, layout `v1`. A reader of one layout never meets another under its name.

use crate::routes::direct_payments::payments::DirectPayment;
use chrono::NaiveDate;
use domain::Pence;
use sha2::{Digest, Sha256};

/// The layout that is written.
pub const LAYOUT: &str = "v1";

/// How a header ends unless the file is a copy.
const ORIGINAL: &str = "original";

/// What the file names of whoever is paid.
pub struct Payee<'p> {
    /// The account's own reference.
    pub account: &'p str,
    /// The bank account by its last four digits.
    pub bank: &'p str,
    /// What the finance system calls the payee.
    pub payee: &'p str,
}

/// A detail record.
pub fn detail(payee: &Payee<'_>, payment: &DirectPayment) -> String {
    record(&[
        "D",
        payee.account,
        payee.bank,
        payee.payee,
        payment.kind.as_str(),
        &payment.period_from.to_string(),
        &payment.period_to.to_string(),
        &payment.due_on.to_string(),
        &payment.amount_pence.to_pounds(),
    ])
}

/// What a file's header says.
pub struct Header<'h> {
    pub layout: &'h str,
    pub number: i64,
    pub authority: &'h str,
    pub pay_on: NaiveDate,
    pub payments: i64,
    pub total: Pence,
}

impl Header<'_> {
    /// The header record.
    pub fn record(&self) -> String {
        let (number, payments) = (self.number.to_string(), self.payments.to_string());
        record(&["H", self.layout, &number, self.authority, &self.pay_on.to_string(), &payments, &self.total.to_pounds(), ORIGINAL])
    }
}

/// The whole file: header, details, trailer.
pub fn whole(header: &Header<'_>, details: &str) -> String {
    let trailer = record(&["T", &header.payments.to_string(), &header.total.to_pounds(), &sha256(details)]);
    format!("{}{details}{trailer}", header.record())
}

/// The text of a file given out again: its own, but for the last word of its header.
pub fn copy_of(file: &str, number: i64, copy: i64) -> String {
    let (header, rest) = file.split_once('\n').unwrap_or((file, ""));
    format!("{}{}\n{rest}", header.strip_suffix(ORIGINAL).unwrap_or(header), copy_words(number, copy))
}

/// No commas, so that it needs no quotes.
fn copy_words(number: i64, copy: i64) -> String {
    format!("copy {copy} of export {number}: not to be paid twice")
}

/// Lower-case hexadecimal.
pub fn sha256(text: &str) -> String {
    db::audit::hex(&Sha256::digest(text.as_bytes()))
}

/// One line, each field quoted where it needs to be.
fn record(fields: &[&str]) -> String {
    let needs_quotes = |field: &str| field.contains([',', '"', '\n', '\r']);
    let quoted = |field: &&str| if needs_quotes(field) { format!("\"{}\"", field.replace('"', "\"\"")) } else { (*field).to_owned() };
    let mut line = fields.iter().map(quoted).collect::<Vec<_>>().join(",");
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header() -> Header<'static> {
        let pay_on = "2024-06-24".parse().expect("a date");
        Header { layout: LAYOUT, number: 17, authority: "Anywhere, \"Council\"", pay_on, payments: 2, total: Pence(80_005) }
    }

    #[test]
    fn a_file_opens_with_its_header_and_ends_with_what_it_adds_up_to() {
        let file = whole(&header(), "D,a\nD,b\n");
        let lines: Vec<_> = file.lines().collect();
        assert_eq!(lines[0], "H,v1,17,\"Anywhere, \"\"Council\"\"\",2024-06-24,2,800.05,original");
        assert_eq!(lines[3], format!("T,2,800.05,{}", sha256("D,a\nD,b\n")));
        assert!(file.ends_with('\n') && lines.len() == 4);
    }

    #[test]
    fn a_copy_differs_in_its_header_alone_and_says_what_it_is() {
        let first = whole(&header(), "D,a\n");
        let second = copy_of(&first, 17, 2);
        assert!(second.lines().next().is_some_and(|line| line.ends_with(",copy 2 of export 17: not to be paid twice")));
        assert_eq!(first.split_once('\n').map(|(_, rest)| rest), second.split_once('\n').map(|(_, rest)| rest));
    }
}
