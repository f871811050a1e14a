//! What keeps an invoice from asking for days twice over, whichever share they are asked for: a funder, and all funders together, never
//! owe more than the days cost.

use super::HealthInvoiceLine;
use super::billed::Billed;
use super::issuing::{Expected, Known};
use super::proposal::change_of;
use crate::problem::{Code, FieldError, Problem};
use crate::routes::joint_fundings::JointFunding;
use chrono::NaiveDate;
use domain::Pence;
use domain::joint_funding::{Asked, FundingState};
use std::collections::{BTreeSet, HashMap};

/// Why a line asks for more than its days cost, whatever its reason; none, it does not.
pub(super) fn beyond_gross(
    known: &Known<'_>,
    funding: &JointFunding,
    (from, to): (NaiveDate, NaiveDate),
    asked: Pence,
) -> Result<Option<String>, Problem> {
    let gross = match known.arrangements.get(&funding.line_id) {
        Some(arrangement) => arrangement.gross(from, to).map_err(Problem::internal)?,
        None => Pence::ZERO,
    };
    let detail =
        || format!("{} would be asked for days that cost {} in all; no reason is enough for more", asked.to_pounds(), gross.to_pounds());
    Ok((asked > gross).then(detail))
}

/// Refuses days that stand invoiced under another share of the line, which no longer pays for them: that is put right first, or by a
/// correction on the same invoice. A correction that asks for more asks for its days as a first line does.
pub(super) fn refuse_replaced(known: &Known<'_>, lines: &[Expected]) -> Result<(), Problem> {
    let corrections = lines.iter().filter_map(|Expected { line, .. }| Some((line.adjusts_line_id.as_ref()?.0.as_str(), line.amount_pence)));
    let corrected: HashMap<&str, Pence> = corrections.collect();
    let asks = |line: &&Expected| line.line.adjusts_line_id.is_none() || line.line.amount_pence > Pence::ZERO;
    for Expected { line, .. } in lines.iter().filter(asks) {
        let Some(own) = known.fundings.get(&line.funding_id.0) else { continue };
        for (other, billed) in billed_beside(known, own) {
            let (from, to) = (billed.line.period_from.max(line.period_from), billed.line.period_to.min(line.period_to));
            if from >= to || pays_throughout(other, from, to) {
                continue;
            }
            let correction = corrected.get(billed.line.id.as_str()).copied().unwrap_or(Pence::ZERO);
            let still = no_longer_owed(known, other, billed)?.checked_add(correction).map_err(Problem::internal)?;
            if still > Pence::ZERO {
                let detail = format!(
                    "Invoice {} asks for {} of the days from {from} up to but not including {to} under joint funding {}, which no longer \
                     pays for them: credit that, or correct it on this invoice.",
                    billed.invoice_number,
                    still.to_pounds(),
                    other.funding_id
                );
                return Err(Problem::new(Code::PeriodOverlaps, detail));
            }
        }
    }
    Ok(())
}

/// What is billed of the other shares of a share's package line.
fn billed_beside<'k>(known: &'k Known<'_>, own: &'k JointFunding) -> impl Iterator<Item = (&'k JointFunding, &'k Billed)> {
    let others = known.of_line(&own.line_id).filter(|other| other.funding_id != own.funding_id);
    others.flat_map(|other| known.billed_of(&other.funding_id).iter().map(move |billed| (other, billed)))
}

/// What is asked for days though it is expected no longer: what neither a correction nor a credit has taken back yet.
fn no_longer_owed(known: &Known<'_>, funding: &JointFunding, billed: &Billed) -> Result<Pence, Problem> {
    let fallen = change_of(&known.arrangements, &funding.line_id, billed)?.checked_neg().map_err(Problem::internal)?;
    let now = billed.expected.checked_sub(fallen).map_err(Problem::internal)?;
    Ok(billed.asked.checked_sub(now).map_err(Problem::internal)?.min(fallen))
}

fn pays_throughout(funding: &JointFunding, from: NaiveDate, to: NaiveDate) -> bool {
    funding.state != FundingState::Reversed && funding.valid_from <= from && funding.valid_to.is_none_or(|ends| to <= ends)
}

/// Refuses to take back an invoice whose corrections make room for what others ask for since. `taken_off` are its lines that ask for less
/// than nothing; `with` is how things stand, `without` how they would without the invoice.
pub(super) fn refuse_asked_again(
    with: &Known<'_>,
    without: &Known<'_>,
    number: &str,
    taken_off: &[&HealthInvoiceLine],
) -> Result<(), Problem> {
    for correction in taken_off {
        let Some(own) = without.fundings.get(&correction.funding_id) else { continue };
        let mut in_the_way = asked_since(without, own, correction);
        // With nothing else asked for the days, they stand as they did before the invoice.
        if in_the_way.is_empty() || !(grows_beyond_cost(with, without, &own.line_id)? || is_replaced(with, without, own, correction)?) {
            continue;
        }
        let last = in_the_way.pop_last().unwrap_or_default();
        let before = in_the_way.iter().map(|number| format!("{number}, ")).collect::<String>();
        let detail = format!(
            "Invoice {number} takes something off the days from {} up to but not including {}, which invoice {before}{last} asks for: \
             without it these would be asked for twice over. Reverse or credit invoice {before}{last} first.",
            correction.period_from, correction.period_to
        );
        return Err(Problem::new(Code::StateConflict, detail));
    }
    Ok(())
}

/// The numbers of the invoices that ask for a correction's days, but for the one that it corrects.
fn asked_since(without: &Known<'_>, own: &JointFunding, correction: &HealthInvoiceLine) -> BTreeSet<String> {
    let mut numbers = BTreeSet::new();
    for billed in without.of_line(&own.line_id).flat_map(|share| without.billed_of(&share.funding_id)) {
        let line = &billed.line;
        if line.period_from >= correction.period_to || correction.period_from >= line.period_to || billed.asked <= Pence::ZERO {
            continue;
        }
        // Of the line that is corrected, only other corrections of it.
        let own_first = usize::from(correction.adjusts_line_id.as_ref() == Some(&line.id));
        let asking = billed.by_invoice.iter().skip(own_first).filter(|(_, asked)| *asked > Pence::ZERO);
        numbers.extend(asking.map(|(number, _)| number.clone()));
    }
    numbers
}

/// Whether more is asked of a package line's days than they can bear, and more of it than before.
fn grows_beyond_cost(with: &Known<'_>, without: &Known<'_>, first_line: &str) -> Result<bool, Problem> {
    let Some(arrangement) = with.arrangements.get(first_line) else { return Ok(false) };
    let [before, after] = [with, without].map(|known| asked_of(&billed_of_line(known, first_line)));
    // The invoice's own lines are in what stands before, so its days are too.
    let bearing = arrangement.bearing(&before).map_err(Problem::internal)?;
    Ok(bearing.unborne(&after) > bearing.unborne(&before))
}

/// Whether days would be asked for under a share that no longer pays for them while another share is invoiced for them.
fn is_replaced(with: &Known<'_>, without: &Known<'_>, own: &JointFunding, correction: &HealthInvoiceLine) -> Result<bool, Problem> {
    let still = |known: &Known<'_>| {
        let first = known.billed_of(&own.funding_id).iter().find(|billed| correction.adjusts_line_id.as_ref() == Some(&billed.line.id));
        first.map_or(Ok(Pence::ZERO), |billed| no_longer_owed(known, own, billed))
    };
    if is_balanced(with, without, own, correction) {
        return Ok(false);
    }
    let grows = still(without)? > still(with)?.max(Pence::ZERO);
    for (other, billed) in billed_beside(without, own).filter(|(_, billed)| billed.asked > Pence::ZERO) {
        let (from, to) = (billed.line.period_from.max(correction.period_from), billed.line.period_to.min(correction.period_to));
        if from >= to {
            continue;
        }
        let other_is_owed = pays_throughout(other, from, to) || no_longer_owed(without, other, billed)? <= Pence::ZERO;
        if !other_is_owed || (grows && !pays_throughout(own, from, to)) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether an invoice that takes something off some days gives as much to them under other shares: without it they stand as before.
fn is_balanced(with: &Known<'_>, without: &Known<'_>, own: &JointFunding, correction: &HealthInvoiceLine) -> bool {
    let before = billed_of_line(with, &own.line_id);
    let is_of_days = |billed: &&&Billed| billed.line.period_from < correction.period_to && correction.period_from < billed.line.period_to;
    let more = |billed: &&Billed| {
        let stood = before.iter().find(|one| one.line.id == billed.line.id).map_or(Pence::ZERO, |one| one.asked);
        i128::from(billed.asked.0) - i128::from(stood.0)
    };
    billed_of_line(without, &own.line_id).iter().filter(is_of_days).map(more).sum::<i128>() <= 0
}

/// What stands billed of a package line, under all its shares.
fn billed_of_line<'k>(known: &'k Known<'_>, first_line: &str) -> Vec<&'k Billed> {
    known.of_line(first_line).flat_map(|funding| known.billed_of(&funding.funding_id)).collect()
}

fn asked_of(billed: &[&Billed]) -> Vec<Asked> {
    billed.iter().map(|billed| of_days(&billed.line.period_from, &billed.line.period_to, billed.asked)).collect()
}

/// Refuses what, with all that stands invoiced under any share of the line, is more than the days cost. What was too much before, since
/// the line changed, is put right by itself and keeps no other days from being invoiced.
pub(super) fn refuse_beyond_cost(known: &Known<'_>, lines: &[Expected]) -> Result<(), Problem> {
    let mut by_arrangement: HashMap<&str, Vec<usize>> = HashMap::new();
    for (place, Expected { line, .. }) in lines.iter().enumerate() {
        if let Some(funding) = known.fundings.get(&line.funding_id.0) {
            by_arrangement.entry(funding.line_id.as_str()).or_default().push(place);
        }
    }
    let mut refusals = Vec::new();
    for (first_line, places) in by_arrangement {
        refusals.extend(beyond_cost(known, first_line, &places, lines)?);
    }
    // The first of the invoice's lines, whatever the order in which arrangements were looked at.
    match refusals.into_iter().min_by_key(|(place, _)| *place) {
        None => Ok(()),
        Some((place, detail)) => {
            let error = FieldError::new(&format!("/lines/{place}/amount_pence"), "too_much", "more than its days have left to bear");
            Err(Problem::with_errors(Code::StateConflict, vec![error]).detailed(detail))
        }
    }
}

/// Of an arrangement's lines on the invoice, the first that its days cannot bear, and why.
fn beyond_cost(known: &Known<'_>, first_line: &str, places: &[usize], lines: &[Expected]) -> Result<Option<(usize, String)>, Problem> {
    let Some(arrangement) = known.arrangements.get(first_line) else { return Ok(None) };
    let billed = billed_of_line(known, first_line);
    let mut asked = asked_of(&billed);
    let all = asked.iter().copied().chain(places.iter().map(|place| own_days(&lines[*place]))).collect::<Vec<_>>();
    let bearing = arrangement.bearing(&all).map_err(Problem::internal)?;
    // What takes something off comes first, wherever it is on the invoice.
    let mut places = places.to_vec();
    places.sort_by_key(|place| (lines[*place].line.amount_pence > Pence::ZERO, *place));
    let mut before = bearing.unborne(&asked);
    for place in places {
        let line = &lines[place].line;
        let corrects = line.adjusts_line_id.as_ref().and_then(|first| billed.iter().position(|billed| billed.line.id == first.0));
        match corrects {
            Some(at) => asked[at].amount = asked[at].amount.checked_add(line.amount_pence).map_err(Problem::internal)?,
            None => asked.push(own_days(&lines[place])),
        }
        let after = bearing.unborne(&asked);
        if after > before {
            let gross = arrangement.gross(line.period_from, line.period_to).map_err(Problem::internal)?;
            let beyond = Pence(after.0.saturating_sub(before.0));
            return Ok(Some((place, in_words(line.period_from..line.period_to, gross, beyond, &billed))));
        }
        before = after;
    }
    Ok(None)
}

fn of_days(from: &NaiveDate, to: &NaiveDate, amount: Pence) -> Asked {
    Asked { from: *from, to: *to, amount }
}

fn own_days(Expected { line, .. }: &Expected) -> Asked {
    of_days(&line.period_from, &line.period_to, line.amount_pence)
}

/// What the days cost, how much too much would be asked, and which invoices ask for them already.
fn in_words(days: std::ops::Range<NaiveDate>, gross: Pence, beyond: Pence, billed: &[&Billed]) -> String {
    let holds = |billed: &&&Billed| billed.asked > Pence::ZERO && billed.line.period_from < days.end && days.start < billed.line.period_to;
    let mut numbers: Vec<String> =
        billed.iter().filter(holds).map(|one| format!("invoice {} for {}", one.invoice_number, one.asked.to_pounds())).collect();
    if numbers.is_empty() {
        numbers.push("other lines of this invoice".to_owned());
    }
    format!(
        "The days from {} up to but not including {} cost {} in all, whoever pays, and are asked for by {}: this invoice would ask for {} \
         more than they can bear.",
        days.start,
        days.end,
        gross.to_pounds(),
        numbers.join(", "),
        beyond.to_pounds()
    )
}
