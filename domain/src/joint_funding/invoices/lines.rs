//! What each line of a new invoice must be, and what is expected of it.

use super::Checked;
use super::asked::{AskedLine, ExpectedLine};
use super::bounds::{beyond_gross, refuse_beyond_cost, refuse_replaced};
use super::facts::{Billed, InvoiceFacts, LineShare};
use super::proposal::correction;
use crate::costing::CannotCost;
use crate::money::TooLarge;
use crate::{Code, FieldError, FinancialYear, Pence, Refusal};
use chrono::NaiveDate;
use std::collections::{BTreeSet, HashMap, HashSet};

/// The lines with what is expected of each; the errors say why one does not fit, and it is left out.
///
/// # Errors
/// When the days cannot be costed.
pub fn expected_lines(
    facts: &InvoiceFacts<'_>,
    provider_id: &str,
    lines: Vec<AskedLine>,
    errors: &mut Vec<FieldError>,
) -> Result<Vec<ExpectedLine>, CannotCost> {
    let mut expected = Vec::with_capacity(lines.len());
    for (place, line) in lines.into_iter().enumerate() {
        let (pence, mistakes) = expected_of(facts, provider_id, &line)?;
        let fits = mistakes.is_empty();
        let on_the_line = |mistake: FieldError| FieldError { pointer: format!("/lines/{place}{}", mistake.pointer), ..mistake };
        errors.extend(mistakes.into_iter().map(on_the_line));
        expected.extend(pence.filter(|_| fits).map(|pence| ExpectedLine { expected: pence, line }));
    }
    errors.extend(asked_twice(&expected));
    Ok(expected)
}

/// Refuses an invoice that asks for days twice: of its own share, of another share of the package line, or for more than they cost.
///
/// # Errors
/// When the days cannot be costed.
pub fn refuse_asked_before(facts: &InvoiceFacts<'_>, lines: &[ExpectedLine]) -> Checked {
    if let Err(refusal) = refuse_billed(facts, lines) {
        return Ok(Err(refusal));
    }
    match refuse_replaced(facts, lines)? {
        Err(refusal) => Ok(Err(refusal)),
        Ok(()) => refuse_beyond_cost(facts, lines),
    }
}

/// The budget line of the shares, of which an invoice has one; empty where no share is known.
pub fn budget_line_of(facts: &InvoiceFacts<'_>, lines: &[AskedLine], errors: &mut Vec<FieldError>) -> String {
    let codes: BTreeSet<&str> =
        lines.iter().filter_map(|line| facts.shares.get(&line.funding_id)).map(|share| share.budget_line.as_str()).collect();
    if codes.len() > 1 {
        let codes: Vec<_> = codes.iter().copied().collect();
        let detail = format!("the lines are of {}: give an invoice for each budget line", codes.join(", "));
        errors.push(FieldError::new("/lines", "two_budget_lines", detail));
    }
    codes.first().map(|code| (*code).to_owned()).unwrap_or_default()
}

/// Where an invoice asks for nothing, or for less: that goes on a credit note.
///
/// # Errors
/// When the lines come to more than can be added up.
pub fn total_mistake(lines: &[ExpectedLine]) -> Result<Option<FieldError>, TooLarge> {
    let total = Pence::checked_sum(lines.iter().map(|line| line.line.amount))?;
    if total > Pence::ZERO {
        return Ok(None);
    }
    let detail = format!("the lines come to {total}; what is not owed goes on a credit note");
    Ok(Some(FieldError::new("/lines", "not_positive", detail)))
}

/// The first day of the lines, and the first day after the last of them.
pub fn period_of(lines: &[ExpectedLine]) -> Option<(NaiveDate, NaiveDate)> {
    let days = lines.iter().map(|line| (line.line.from, line.line.to));
    days.reduce(|(from, to), (other_from, other_to)| (from.min(other_from), to.max(other_to)))
}

/// What is expected of a line, and everything that is wrong with it; pointers start at the line.
fn expected_of(facts: &InvoiceFacts<'_>, provider_id: &str, line: &AskedLine) -> Result<(Option<Pence>, Vec<FieldError>), CannotCost> {
    let mut mistakes: Vec<FieldError> = Vec::new();
    let Some(share) = facts.shares.get(&line.funding_id) else {
        return Ok((None, vec![FieldError::new("/funding_id", "unknown_reference", "no joint funding has this id")]));
    };
    if share.provider_id != provider_id {
        mistakes.push(FieldError::new(
            "/funding_id",
            "other_funder",
            format!("provider {} pays this share: ask that provider on an invoice of its own", share.provider_id),
        ));
    }
    if line.to <= line.from {
        let detail = "the end is the first day after the period: give a day after the start";
        mistakes.push(FieldError::new("/period_to", "before_start", detail));
        return Ok((None, mistakes));
    }
    if let Err(error) = FinancialYear::of(line.from).and(FinancialYear::of(line.to)) {
        mistakes.push(FieldError::new("/period_to", "out_of_range", error.to_string()));
        return Ok((None, mistakes));
    }
    let expected = match &line.adjusts_line_id {
        Some(first) => correction_of(facts, share, line, first, &mut mistakes)?,
        None => charge_of(facts, share, line, &mut mistakes)?,
    };
    if let Some(pence) = expected
        && pence != line.amount
        && !line.has_reason
    {
        mistakes.push(FieldError::new("/reason", "required", format!("{pence} is expected: another amount needs a reason")));
    }
    Ok((expected, mistakes))
}

/// What is expected of days that are invoiced for the first time.
fn charge_of(
    facts: &InvoiceFacts<'_>,
    share: &LineShare,
    line: &AskedLine,
    mistakes: &mut Vec<FieldError>,
) -> Result<Option<Pence>, CannotCost> {
    mistakes.extend(outside(share, line));
    if line.amount < Pence::ZERO {
        mistakes.push(FieldError::new("/amount_pence", "minimum", "only a correction of an earlier line is negative"));
    }
    let beyond = beyond_gross(facts, share, (line.from, line.to), line.amount)?;
    mistakes.extend(beyond.map(|detail| FieldError::new("/amount_pence", "too_much", detail)));
    let Some(arrangement) = facts.arrangements.get(&share.line_id) else { return Ok(None) };
    Ok(Some(arrangement.part(&share.funding_id, line.from, line.to)?.income))
}

/// What is expected of a correction of the line `first`.
fn correction_of(
    facts: &InvoiceFacts<'_>,
    share: &LineShare,
    line: &AskedLine,
    first: &str,
    mistakes: &mut Vec<FieldError>,
) -> Result<Option<Pence>, CannotCost> {
    let Some(billed) = facts.billed_of(&share.funding_id).iter().find(|billed| billed.line_id == first) else {
        let detail = "this joint funding has no invoice line of this id that can be corrected: name a line that is no correction and \
            was not reversed";
        mistakes.push(FieldError::new("/adjusts_line_id", "unknown_reference", detail));
        return Ok(None);
    };
    if (billed.from, billed.to) != (line.from, line.to) {
        let detail = format!("the line that it corrects is for {} up to but not including {}", billed.from, billed.to);
        mistakes.push(FieldError::new("/period_from", "other_days", detail));
        return Ok(None);
    }
    mistakes.extend(no_correction(facts, share, billed, line.amount)?);
    match facts.arrangements.get(&share.line_id) {
        Some(arrangement) => correction(arrangement, billed).map(Some),
        None => Ok(Some(Pence::ZERO)),
    }
}

/// Why days billed cannot be corrected by an amount: it changes nothing, or leaves less than nothing or more than they cost.
fn no_correction(facts: &InvoiceFacts<'_>, share: &LineShare, billed: &Billed, amount: Pence) -> Result<Option<FieldError>, CannotCost> {
    let asked = billed.asked.checked_add(amount)?;
    if amount == Pence::ZERO {
        return Ok(Some(FieldError::new("/amount_pence", "nothing", "a correction of £0.00 changes nothing: ask for more or for less")));
    }
    if amount < Pence::ZERO && asked < Pence::ZERO {
        let detail = format!("only {} is asked for these days: take off no more than that", billed.asked);
        return Ok(Some(FieldError::new("/amount_pence", "below_nothing", detail)));
    }
    if amount < Pence::ZERO {
        return Ok(None);
    }
    let beyond = beyond_gross(facts, share, (billed.from, billed.to), asked)?;
    Ok(beyond.map(|detail| FieldError::new("/amount_pence", "too_much", detail)))
}

/// Where days lie outside those that a share pays for.
fn outside(share: &LineShare, line: &AskedLine) -> Option<FieldError> {
    let mistake = |pointer: &str, detail: String| Some(FieldError::new(pointer, "outside_funding", detail));
    if share.is_reversed {
        return mistake("/funding_id", "the joint funding was reversed".to_owned());
    }
    if line.from < share.valid_from {
        return mistake("/period_from", format!("the share starts on {}", share.valid_from));
    }
    let ends = share.valid_to.filter(|ends| line.to > *ends)?;
    mistake("/period_to", format!("the share ends: {ends} is the first day it does not pay for"))
}

/// Lines of one invoice that ask for the same days of a share, or correct the same line.
fn asked_twice(lines: &[ExpectedLine]) -> Vec<FieldError> {
    let mut corrected = HashSet::new();
    let mut charged: HashMap<&str, Vec<(NaiveDate, NaiveDate)>> = HashMap::new();
    let mut errors = Vec::new();
    for ExpectedLine { line, .. } in lines {
        let is_twice = match &line.adjusts_line_id {
            Some(first) => !corrected.insert(first.as_str()),
            None => {
                let days = charged.entry(line.funding_id.as_str()).or_default();
                let overlaps = days.iter().any(|(from, to)| *from < line.to && line.from < *to);
                days.push((line.from, line.to));
                overlaps
            }
        };
        if is_twice {
            let detail = format!("two lines are for joint funding {} and the same days", line.funding_id);
            errors.push(FieldError::new("/lines", "asked_twice", detail));
        }
    }
    errors
}

/// Refuses days that an invoice asks for already under the same share.
fn refuse_billed(facts: &InvoiceFacts<'_>, lines: &[ExpectedLine]) -> Result<(), Refusal> {
    for ExpectedLine { line, .. } in lines.iter().filter(|line| line.line.adjusts_line_id.is_none()) {
        if let Some(billed) = facts.billed_of(&line.funding_id).iter().find(|billed| billed.overlaps(line.from, line.to)) {
            let detail = format!(
                "Invoice {} asks for joint funding {} from {} up to but not including {}.",
                billed.invoice_number, line.funding_id, billed.from, billed.to
            );
            return Err(Refusal::new(Code::PeriodOverlaps, detail));
        }
    }
    Ok(())
}
