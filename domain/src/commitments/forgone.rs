//! What credit notes give up of what funders were to pay.
//!
//! An invoice is for days, and what was expected of them is the share's. A credit note for a dispute or an error asks for less than that: the
//! rest will not come, and is expected no longer. One for an adjustment follows a share that fell by itself, and a reversal takes the invoice
//! back as if it had not been: neither gives anything up. What a correction asks for less than was expected is given up too, and what one asks
//! for again is expected again. No more is given up than what was expected of the days and is not asked for.

use super::{Recorded, RecordedCredit, RecordedInvoiceLine};
use crate::Pence;
use crate::costing::CannotCost;
use crate::joint_funding::FundedLines;
use crate::money::divide_half_away_from_zero;
use chrono::NaiveDate;
use std::collections::HashMap;

/// What is given up of a share's days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Forgone {
    /// The first day.
    pub from: NaiveDate,
    /// The first day after.
    pub to: NaiveDate,
    /// How much; more than nothing.
    pub amount: Pence,
}

/// What stands of one line, in pence.
#[derive(Default, Clone, Copy)]
struct Standing {
    expected: i64,
    asked: i64,
    /// What was credited because it will not come.
    conceded: i64,
}

/// By share, what was given up by the end of a day.
pub(super) fn forgone(recorded: &Recorded, day: NaiveDate) -> HashMap<&str, Vec<Forgone>> {
    let mut credits: HashMap<&str, Vec<&RecordedCredit>> = HashMap::new();
    for credit in recorded.credits.iter().filter(|credit| credit.recorded_on <= day) {
        credits.entry(&credit.line).or_default().push(credit);
    }
    let stands = |line: &&RecordedInvoiceLine| line.recorded_on <= day && line.reversed_on.is_none_or(|reversed_on| reversed_on > day);
    let mut standing: HashMap<&str, Standing> = HashMap::new();
    for line in recorded.invoice_lines.iter().filter(stands) {
        let mut own = Standing { expected: line.expected.0, asked: line.asked.0, conceded: 0 };
        if line.adjusts.is_some() {
            own.conceded = (own.expected - own.asked).max(0);
        }
        for credit in credits.get(line.id.as_str()).into_iter().flatten() {
            own.asked -= credit.amount.0;
            match credit.is_adjustment {
                true => own.expected -= credit.amount.0,
                false => own.conceded += credit.amount.0,
            }
        }
        let sum = standing.entry(line.adjusts.as_deref().unwrap_or(&line.id)).or_default();
        *sum = Standing { expected: sum.expected + own.expected, asked: sum.asked + own.asked, conceded: sum.conceded + own.conceded };
    }
    let mut forgone: HashMap<&str, Vec<Forgone>> = HashMap::new();
    for line in recorded.invoice_lines.iter().filter(stands).filter(|line| line.adjusts.is_none()) {
        let Standing { expected, asked, conceded } = standing.get(line.id.as_str()).copied().unwrap_or_default();
        let amount = Pence(conceded.min(expected - asked));
        if amount > Pence::ZERO {
            forgone.entry(&line.funding_id).or_default().push(Forgone { from: line.from, to: line.to, amount });
        }
    }
    forgone
}

impl Forgone {
    /// How much of it falls on the days from `from` to the day before `to`, of a share in that place: as what is expected of its days does, and
    /// never more than that.
    pub(super) fn between(&self, lines: &FundedLines<'_>, place: usize, from: NaiveDate, to: NaiveDate) -> Result<Pence, CannotCost> {
        if from >= self.to || to <= self.from {
            return Ok(Pence::ZERO);
        }
        let share = |to: NaiveDate| -> Result<i64, CannotCost> {
            Ok(lines.parts_between(self.from, to)?.get(place).map_or(0, |part| part.income.0.max(0)))
        };
        let whole = share(self.to)?;
        if whole == 0 {
            return Ok(Pence::ZERO);
        }
        let amount = i128::from(self.amount.0.min(whole));
        let up_to = |day: NaiveDate| -> Result<i128, CannotCost> {
            let share = if day <= self.from { 0 } else { share(day.min(self.to))? };
            Ok(divide_half_away_from_zero(amount * i128::from(share.min(whole)), i128::from(whole)))
        };
        // At most `whole`, which is an amount.
        Ok(Pence(i64::try_from(up_to(to)? - up_to(from)?).unwrap_or_default().max(0)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    /// April, recorded on 2 May: £150.00 is expected.
    fn line(id: &str, adjusts: Option<&str>, expected: i64, asked: i64) -> RecordedInvoiceLine {
        RecordedInvoiceLine {
            id: id.to_owned(),
            invoice: format!("invoice of {id}"),
            funding_id: "f".to_owned(),
            arrangement: "a".to_owned(),
            provider: "icb".to_owned(),
            budget_line: "health".to_owned(),
            from: day("2024-04-01"),
            to: day("2024-05-01"),
            adjusts: adjusts.map(str::to_owned),
            expected: Pence(expected),
            asked: Pence(asked),
            recorded_on: day("2024-05-02"),
            reversed_on: None,
        }
    }

    fn credit(of: &str, is_adjustment: bool, pence: i64) -> RecordedCredit {
        RecordedCredit { line: of.to_owned(), is_adjustment, amount: Pence(pence), recorded_on: day("2024-06-03") }
    }

    fn given_up(invoice_lines: Vec<RecordedInvoiceLine>, credits: Vec<RecordedCredit>, on: &str) -> i64 {
        let recorded = Recorded { invoice_lines, credits, ..Recorded::default() };
        forgone(&recorded, day(on)).get("f").map_or(0, |all| all.iter().map(|one| one.amount.0).sum())
    }

    #[test]
    fn what_is_credited_and_was_expected_is_given_up() {
        let april = || line("l", None, 15_000, 15_000);
        let gone = |reversed_on: &str| RecordedInvoiceLine { reversed_on: Some(day(reversed_on)), ..april() };
        let (error, adjusted) = (|pence| credit("l", false, pence), |pence| credit("l", true, pence));
        for (case, lines, credits, expected) in [
            ("nothing credited", vec![april()], vec![], 0),
            ("an error or a dispute", vec![april()], vec![error(5_000)], 5_000),
            ("two", vec![april()], vec![error(5_000), error(10_000)], 15_000),
            ("less was expected anyway", vec![april()], vec![adjusted(5_000)], 0),
            ("both", vec![april()], vec![adjusted(5_000), error(2_000)], 2_000),
            ("more was asked than expected", vec![line("l", None, 15_000, 20_000)], vec![error(5_000)], 0),
            ("and more credited than that", vec![line("l", None, 15_000, 20_000)], vec![error(6_000)], 1_000),
            ("less was asked than expected, and nothing credited", vec![line("l", None, 15_000, 9_000)], vec![], 0),
            ("asked again by a correction", vec![april(), line("c", Some("l"), 0, 5_000)], vec![error(5_000)], 0),
            ("a correction that asks for less", vec![april(), line("c", Some("l"), 0, -4_000)], vec![], 4_000),
            ("a correction that follows the share", vec![april(), line("c", Some("l"), -4_000, -4_000)], vec![], 0),
            ("of a correction", vec![april(), line("c", Some("l"), 2_000, 2_000)], vec![credit("c", false, 2_000)], 2_000),
            ("the invoice was reversed", vec![gone("2024-06-04")], vec![error(5_000)], 0),
            ("and will be", vec![gone("2024-08-01")], vec![error(5_000)], 5_000),
        ] {
            assert_eq!(given_up(lines, credits, "2024-07-01"), expected, "{case}");
        }
        assert_eq!(given_up(vec![april()], vec![error(5_000)], "2024-06-02"), 0, "not credited yet");
    }
}
