//! The pay file's text, layout `v1`. A reader of one layout never meets another under its name.

use super::PaymentKind;
use crate::Pence;
use chrono::NaiveDate;

/// The layout that is written.
pub const LAYOUT: &str = "v1";

/// How a header ends unless the file is a copy.
const ORIGINAL: &str = "original";

/// What the file names of whoever is paid.
#[derive(Debug, Clone, Copy)]
pub struct Payee<'p> {
    /// The account's own reference.
    pub account: &'p str,
    /// The bank account by its last four digits.
    pub bank: &'p str,
    /// What the finance system calls the payee.
    pub payee: &'p str,
}

/// What a detail record says of a payment.
#[derive(Debug, Clone, Copy)]
pub struct Detail {
    /// What it is.
    pub kind: PaymentKind,
    /// The first day it pays.
    pub from: NaiveDate,
    /// The first day it no longer pays.
    pub to: NaiveDate,
    /// When it was due.
    pub due_on: NaiveDate,
    /// How much; an adjustment may be negative.
    pub amount: Pence,
}

impl Detail {
    /// The detail record of a payment to somebody.
    pub fn record(&self, payee: &Payee<'_>) -> String {
        let (from, to, due_on) = (self.from.to_string(), self.to.to_string(), self.due_on.to_string());
        record(&["D", payee.account, payee.bank, payee.payee, self.kind.as_str(), &from, &to, &due_on, &self.amount.to_pounds()])
    }
}

/// What a file's header says.
#[derive(Debug, Clone, Copy)]
pub struct Header<'h> {
    /// The file's layout.
    pub layout: &'h str,
    /// The export's number.
    pub number: i64,
    /// The authority that pays.
    pub authority: &'h str,
    /// The day on which the finance system pays.
    pub pay_on: NaiveDate,
    /// How many detail records there are.
    pub payments: i64,
    /// What they add up to.
    pub total: Pence,
}

impl Header<'_> {
    fn record(&self) -> String {
        let (number, payments) = (self.number.to_string(), self.payments.to_string());
        record(&["H", self.layout, &number, self.authority, &self.pay_on.to_string(), &payments, &self.total.to_pounds(), ORIGINAL])
    }

    /// The whole file: header, details, trailer.
    pub fn file(&self, details: &str, details_sha256: &str) -> String {
        let trailer = record(&["T", &self.payments.to_string(), &self.total.to_pounds(), details_sha256]);
        format!("{}{details}{trailer}", self.record())
    }
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
        let file = header().file("D,a\nD,b\n", "3f1c");
        let lines: Vec<_> = file.lines().collect();
        assert_eq!(lines[0], "H,v1,17,\"Anywhere, \"\"Council\"\"\",2024-06-24,2,800.05,original");
        assert_eq!(lines[1..3], ["D,a", "D,b"]);
        assert_eq!(lines[3], "T,2,800.05,3f1c");
        assert!(file.ends_with('\n') && lines.len() == 4);
    }

    #[test]
    fn fields_with_commas_or_quotes_are_quoted_each_for_itself() {
        assert_eq!(record(&["a,b", "c\"d", "e"]), "\"a,b\",\"c\"\"d\",e\n");
    }

    #[test]
    fn a_detail_names_the_account_and_its_money_in_pounds() {
        let day = |text: &str| text.parse().expect("a date");
        let (from, to, due_on) = (day("2024-06-03"), day("2024-07-01"), day("2024-06-24"));
        let detail = Detail { kind: PaymentKind::Adjustment, from, to, due_on, amount: Pence(-39_805) };
        let payee = Payee { account: "DP-0412", bank: "****4321", payee: "V-20417" };
        assert_eq!(detail.record(&payee), "D,DP-0412,****4321,V-20417,adjustment,2024-06-03,2024-07-01,2024-06-24,-398.05\n");
    }

    #[test]
    fn a_copy_differs_in_its_header_alone_and_says_what_it_is() {
        let first = header().file("D,a\n", "3f1c");
        let second = copy_of(&first, 17, 2);
        assert!(second.lines().next().is_some_and(|line| line.ends_with(",copy 2 of export 17: not to be paid twice")));
        assert_eq!(first.split_once('\n').map(|(_, rest)| rest), second.split_once('\n').map(|(_, rest)| rest));
    }
}
