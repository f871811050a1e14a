//! What keeps an invoice from asking for days twice over, whichever share they are asked for: a funder, and all funders together, never
//! owe more than the days cost.

use super::Checked;
use super::asked::ExpectedLine;
use super::facts::{Billed, InvoiceFacts, LineShare};
use super::proposal::change;
use crate::costing::CannotCost;
use crate::joint_funding::Asked;
use crate::{Code, FieldError, Pence, Refusal};
use chrono::NaiveDate;
use std::collections::{BTreeSet, HashMap};

/// Why a line asks for more than its days cost, whatever its reason; none, it does not.
pub(super) fn beyond_gross(
    facts: &InvoiceFacts<'_>,
    share: &LineShare,
    (from, to): (NaiveDate, NaiveDate),
    asked: Pence,
) -> Result<Option<String>, CannotCost> {
    let gross = match facts.arrangements.get(&share.line_id) {
        Some(arrangement) => arrangement.gross(from, to)?,
        None => Pence::ZERO,
    };
    let detail = || format!("{asked} would be asked for days that cost {gross} in all; no reason is enough for more");
    Ok((asked > gross).then(detail))
}

/// Refuses days that stand invoiced under another share of the line, which no longer pays for them: that is put right first, or by a
/// correction on the same invoice. A correction that asks for more asks for its days as a first line does.
///
/// # Errors
/// When the days cannot be costed.
pub fn refuse_replaced(facts: &InvoiceFacts<'_>, lines: &[ExpectedLine]) -> Checked {
    let corrections = lines.iter().filter_map(|ExpectedLine { line, .. }| Some((line.adjusts_line_id.as_deref()?, line.amount)));
    let corrected: HashMap<&str, Pence> = corrections.collect();
    let asks = |line: &&ExpectedLine| line.line.adjusts_line_id.is_none() || line.line.amount > Pence::ZERO;
    for ExpectedLine { line, .. } in lines.iter().filter(asks) {
        let Some(own) = facts.shares.get(&line.funding_id) else { continue };
        for (other, billed) in facts.billed_beside(own) {
            let (from, to) = (billed.from.max(line.from), billed.to.min(line.to));
            if from >= to || other.pays_throughout(from, to) {
                continue;
            }
            let correction = corrected.get(billed.line_id.as_str()).copied().unwrap_or(Pence::ZERO);
            let still = no_longer_owed(facts, other, billed)?.checked_add(correction)?;
            if still > Pence::ZERO {
                let detail = format!(
                    "Invoice {} still asks for {still} for the days from {from} up to but not including {to}, under joint funding {}. \
                     That joint funding no longer pays for these days. Credit that amount, or correct it on this invoice.",
                    billed.invoice_number, other.funding_id
                );
                return Ok(Err(Refusal::new(Code::PeriodOverlaps, detail)));
            }
        }
    }
    Ok(Ok(()))
}

/// What is asked for days though it is expected no longer: what neither a correction nor a credit has taken back yet.
fn no_longer_owed(facts: &InvoiceFacts<'_>, share: &LineShare, billed: &Billed) -> Result<Pence, CannotCost> {
    let change = match facts.arrangements.get(&share.line_id) {
        Some(arrangement) => change(arrangement, billed)?,
        None => Pence::ZERO,
    };
    let fallen = change.checked_neg()?;
    let now = billed.expected.checked_sub(fallen)?;
    Ok(billed.asked.checked_sub(now)?.min(fallen))
}

/// Days from which a correction took something off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenOff {
    /// The share.
    pub funding_id: String,
    /// The first day.
    pub from: NaiveDate,
    /// The first day after.
    pub to: NaiveDate,
    /// The line that was corrected.
    pub adjusts_line_id: Option<String>,
}

/// Refuses to take back an invoice whose corrections make room for what others ask for since. `taken_off` are its lines that ask for less
/// than nothing; `with` is how things stand, `without` how they would without the invoice.
///
/// # Errors
/// When the days cannot be costed.
pub fn refuse_asked_again(with: &InvoiceFacts<'_>, without: &InvoiceFacts<'_>, number: &str, taken_off: &[TakenOff]) -> Checked {
    for correction in taken_off {
        let Some(own) = without.shares.get(&correction.funding_id) else { continue };
        let mut in_the_way = asked_since(without, own, correction);
        // With nothing else asked for the days, they stand as they did before the invoice.
        if in_the_way.is_empty() || !(grows_beyond_cost(with, without, &own.line_id)? || is_replaced(with, without, own, correction)?) {
            continue;
        }
        let last = in_the_way.pop_last().unwrap_or_default();
        let before = in_the_way.iter().map(|number| format!("{number}, ")).collect::<String>();
        let detail = format!(
            "Invoice {number} lowers what was asked for the days from {} up to but not including {}. Invoice {before}{last} has since \
             asked for the same days. Without invoice {number} they would be asked for twice. Reverse or credit invoice {before}{last} first.",
            correction.from, correction.to
        );
        return Ok(Err(Refusal::new(Code::StateConflict, detail)));
    }
    Ok(Ok(()))
}

/// The numbers of the invoices that ask for a correction's days, but for the one that it corrects.
fn asked_since(without: &InvoiceFacts<'_>, own: &LineShare, correction: &TakenOff) -> BTreeSet<String> {
    let mut numbers = BTreeSet::new();
    for billed in without.billed_of_line(&own.line_id) {
        if !billed.overlaps(correction.from, correction.to) || billed.asked <= Pence::ZERO {
            continue;
        }
        // Of the line that is corrected, only other corrections of it.
        let own_first = usize::from(correction.adjusts_line_id.as_ref() == Some(&billed.line_id));
        let asking = billed.by_invoice.iter().skip(own_first).filter(|(_, asked)| *asked > Pence::ZERO);
        numbers.extend(asking.map(|(number, _)| number.clone()));
    }
    numbers
}

/// Whether more is asked of a package line's days than they can bear, and more of it than before.
fn grows_beyond_cost(with: &InvoiceFacts<'_>, without: &InvoiceFacts<'_>, first_line: &str) -> Result<bool, CannotCost> {
    let Some(arrangement) = with.arrangements.get(first_line) else { return Ok(false) };
    let [before, after] = [with, without].map(|facts| asked_of(&facts.billed_of_line(first_line)));
    // The invoice's own lines are in what stands before, so its days are too.
    let bearing = arrangement.bearing(&before)?;
    Ok(bearing.unborne(&after) > bearing.unborne(&before))
}

/// Whether days would be asked for under a share that no longer pays for them while another share is invoiced for them.
fn is_replaced(with: &InvoiceFacts<'_>, without: &InvoiceFacts<'_>, own: &LineShare, correction: &TakenOff) -> Result<bool, CannotCost> {
    let still = |facts: &InvoiceFacts<'_>| {
        let first = facts.billed_of(&own.funding_id).iter().find(|billed| correction.adjusts_line_id.as_ref() == Some(&billed.line_id));
        first.map_or(Ok(Pence::ZERO), |billed| no_longer_owed(facts, own, billed))
    };
    if is_balanced(with, without, own, correction) {
        return Ok(false);
    }
    let grows = still(without)? > still(with)?.max(Pence::ZERO);
    for (other, billed) in without.billed_beside(own).filter(|(_, billed)| billed.asked > Pence::ZERO) {
        let (from, to) = (billed.from.max(correction.from), billed.to.min(correction.to));
        if from >= to {
            continue;
        }
        let other_is_owed = other.pays_throughout(from, to) || no_longer_owed(without, other, billed)? <= Pence::ZERO;
        if !other_is_owed || (grows && !own.pays_throughout(from, to)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether an invoice that takes something off some days gives as much to them under other shares: without it they stand as before.
fn is_balanced(with: &InvoiceFacts<'_>, without: &InvoiceFacts<'_>, own: &LineShare, correction: &TakenOff) -> bool {
    let before = with.billed_of_line(&own.line_id);
    let more = |billed: &&Billed| {
        let stood = before.iter().find(|one| one.line_id == billed.line_id).map_or(Pence::ZERO, |one| one.asked);
        i128::from(billed.asked.0) - i128::from(stood.0)
    };
    let after = without.billed_of_line(&own.line_id);
    after.iter().filter(|billed| billed.overlaps(correction.from, correction.to)).map(more).sum::<i128>() <= 0
}

fn asked_of(billed: &[&Billed]) -> Vec<Asked> {
    billed.iter().map(|billed| billed.asked_for()).collect()
}

/// Refuses what, with all that stands invoiced under any share of the line, is more than the days cost. What was too much before, since
/// the line changed, is put right by itself and keeps no other days from being invoiced.
///
/// # Errors
/// When the days cannot be costed.
pub fn refuse_beyond_cost(facts: &InvoiceFacts<'_>, lines: &[ExpectedLine]) -> Checked {
    let mut by_arrangement: HashMap<&str, Vec<usize>> = HashMap::new();
    for (place, ExpectedLine { line, .. }) in lines.iter().enumerate() {
        if let Some(share) = facts.shares.get(&line.funding_id) {
            by_arrangement.entry(share.line_id.as_str()).or_default().push(place);
        }
    }
    let mut refusals = Vec::new();
    for (first_line, places) in by_arrangement {
        refusals.extend(beyond_cost(facts, first_line, places, lines)?);
    }
    // The first of the invoice's lines, whatever the order in which arrangements were looked at.
    let Some((place, detail)) = refusals.into_iter().min_by_key(|(place, _)| *place) else { return Ok(Ok(())) };
    let error = FieldError::new(&format!("/lines/{place}/amount_pence"), "too_much", "more than its days have left to bear");
    Ok(Err(Refusal::with_errors(Code::StateConflict, vec![error]).detailed(detail)))
}

/// Of an arrangement's lines on the invoice, the first that its days cannot bear, and why.
fn beyond_cost(
    facts: &InvoiceFacts<'_>,
    first_line: &str,
    mut places: Vec<usize>,
    lines: &[ExpectedLine],
) -> Result<Option<(usize, String)>, CannotCost> {
    let Some(arrangement) = facts.arrangements.get(first_line) else { return Ok(None) };
    let billed = facts.billed_of_line(first_line);
    let mut asked = asked_of(&billed);
    let all = asked.iter().copied().chain(places.iter().map(|place| own_days(&lines[*place]))).collect::<Vec<_>>();
    let bearing = arrangement.bearing(&all)?;
    // What takes something off comes first, wherever it is on the invoice.
    places.sort_by_key(|place| (lines[*place].line.amount > Pence::ZERO, *place));
    let mut before = bearing.unborne(&asked);
    for place in places {
        let line = &lines[place].line;
        let corrects = line.adjusts_line_id.as_ref().and_then(|first| billed.iter().position(|billed| billed.line_id == *first));
        match corrects {
            Some(at) => asked[at].amount = asked[at].amount.checked_add(line.amount)?,
            None => asked.push(own_days(&lines[place])),
        }
        let after = bearing.unborne(&asked);
        if after > before {
            let gross = arrangement.gross(line.from, line.to)?;
            let beyond = Pence(after.0.saturating_sub(before.0));
            return Ok(Some((place, in_words((line.from, line.to), gross, beyond, &billed))));
        }
        before = after;
    }
    Ok(None)
}

fn own_days(ExpectedLine { line, .. }: &ExpectedLine) -> Asked {
    Asked { from: line.from, to: line.to, amount: line.amount }
}

/// What the days cost, how much too much would be asked, and which invoices ask for them already.
fn in_words((from, to): (NaiveDate, NaiveDate), gross: Pence, beyond: Pence, billed: &[&Billed]) -> String {
    let holds = |billed: &&&Billed| billed.asked > Pence::ZERO && billed.overlaps(from, to);
    let mut numbers: Vec<String> =
        billed.iter().filter(holds).map(|one| format!("invoice {} for {}", one.invoice_number, one.asked)).collect();
    if numbers.is_empty() {
        numbers.push("other lines of this invoice".to_owned());
    }
    format!(
        "The days from {from} up to but not including {to} cost {gross} in all, whoever pays. Asked for them so far: {}. This invoice \
         would ask for {beyond} more than they cost. Lower it, or credit another invoice first.",
        numbers.join(", ")
    )
}
