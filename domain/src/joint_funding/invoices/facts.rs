//! What an invoice's lines are held against: the shares of a package line, what its days cost, and what stands invoiced of them.

use crate::Pence;
use crate::joint_funding::{Asked, FundedArrangements};
use chrono::NaiveDate;
use std::collections::HashMap;

/// A share of a package line, as far as invoices go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineShare {
    /// Its id.
    pub funding_id: String,
    /// The first line of the arrangement that it pays for.
    pub line_id: String,
    /// The body that pays.
    pub provider_id: String,
    /// The budget line that receives.
    pub budget_line: String,
    /// Whether it never counted.
    pub is_reversed: bool,
    /// The first day it pays for.
    pub valid_from: NaiveDate,
    /// The first day it no longer pays for; none, open-ended.
    pub valid_to: Option<NaiveDate>,
}

impl LineShare {
    /// Whether it pays for every day from `from` to the day before `to`.
    pub fn pays_throughout(&self, from: NaiveDate, to: NaiveDate) -> bool {
        !self.is_reversed && self.valid_from <= from && self.valid_to.is_none_or(|ends| to <= ends)
    }
}

/// A line of an invoice that was not taken back, less what was credited of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvoicedLine {
    /// Its id.
    pub id: String,
    /// Its invoice's number.
    pub invoice_number: String,
    /// The share it asks under.
    pub funding_id: String,
    /// Its first day.
    pub from: NaiveDate,
    /// The first day after.
    pub to: NaiveDate,
    /// The earlier line that it corrects; none, it asks for its days first.
    pub adjusts_line_id: Option<String>,
    /// What was expected, less what was credited because less was.
    pub expected: Pence,
    /// What it asked for, less everything credited.
    pub asked: Pence,
}

/// Days of a share that an invoice asks for, which nobody took back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Billed {
    /// The line that asks for them first.
    pub line_id: String,
    /// The share.
    pub funding_id: String,
    /// The first day.
    pub from: NaiveDate,
    /// The first day after.
    pub to: NaiveDate,
    /// The number of that line's invoice.
    pub invoice_number: String,
    /// What was expected for the days up to now: of the line, of later corrections of it, less what was credited because less was
    /// expected.
    pub expected: Pence,
    /// What still stands asked for: by the line and later corrections of it, less everything credited of them.
    pub asked: Pence,
    /// What of that each invoice asks for, by its number: the line's own first, then those of its corrections, which may be less than
    /// nothing.
    pub by_invoice: Vec<(String, Pence)>,
}

impl Billed {
    /// Whether some of its days are among those from `from` to the day before `to`.
    pub fn overlaps(&self, from: NaiveDate, to: NaiveDate) -> bool {
        self.from < to && from < self.to
    }

    /// What is asked for its days.
    pub(super) fn asked_for(&self) -> Asked {
        Asked { from: self.from, to: self.to, amount: self.asked }
    }
}

/// By share, what is billed of it, in the order of the lines: each first line with the corrections of it.
pub fn billed_by_share(lines: Vec<InvoicedLine>) -> HashMap<String, Vec<Billed>> {
    let mut corrections: HashMap<String, Vec<(Pence, Pence, String)>> = HashMap::new();
    for line in &lines {
        if let Some(first) = &line.adjusts_line_id {
            corrections.entry(first.clone()).or_default().push((line.expected, line.asked, line.invoice_number.clone()));
        }
    }
    let mut billed: HashMap<String, Vec<Billed>> = HashMap::new();
    for line in lines.into_iter().filter(|line| line.adjusts_line_id.is_none()) {
        let InvoicedLine { id, invoice_number, funding_id, from, to, mut expected, mut asked, .. } = line;
        let mut by_invoice = vec![(invoice_number.clone(), asked)];
        for (more_expected, more_asked, number) in corrections.remove(&id).unwrap_or_default() {
            expected.0 += more_expected.0;
            asked.0 += more_asked.0;
            by_invoice.push((number, more_asked));
        }
        let days = Billed { line_id: id, funding_id: funding_id.clone(), from, to, invoice_number, expected, asked, by_invoice };
        billed.entry(funding_id).or_default().push(days);
    }
    billed
}

/// Everything that the lines of an invoice are held against.
#[derive(Debug, Clone, Default)]
pub struct InvoiceFacts<'p> {
    /// Every share of the package lines that are invoiced, by its id; also those that the invoice is not about.
    pub shares: HashMap<String, LineShare>,
    /// The package lines with their shares.
    pub arrangements: FundedArrangements<'p>,
    /// What is billed, by share.
    pub billed: HashMap<String, Vec<Billed>>,
}

impl InvoiceFacts<'_> {
    /// The shares of a package line, by its first line: in the same order whenever it is asked.
    pub(super) fn shares_of(&self, first_line: &str) -> impl Iterator<Item = &LineShare> {
        let mut shares: Vec<_> = self.shares.values().filter(|share| share.line_id == first_line).collect();
        shares.sort_by_key(|share| &share.funding_id);
        shares.into_iter()
    }

    /// What is billed of a share.
    pub fn billed_of(&self, funding_id: &str) -> &[Billed] {
        self.billed.get(funding_id).map(Vec::as_slice).unwrap_or_default()
    }

    /// What stands billed of a package line, under all its shares.
    pub(super) fn billed_of_line(&self, first_line: &str) -> Vec<&Billed> {
        self.shares_of(first_line).flat_map(|share| self.billed_of(&share.funding_id)).collect()
    }

    /// What is billed of the other shares of a share's package line.
    pub(super) fn billed_beside(&self, own: &LineShare) -> impl Iterator<Item = (&LineShare, &Billed)> {
        let others = self.shares_of(&own.line_id).filter(|other| other.funding_id != own.funding_id);
        others.flat_map(|other| self.billed_of(&other.funding_id).iter().map(move |billed| (other, billed)))
    }
}
