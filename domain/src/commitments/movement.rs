//! Why what is planned for a year is other today than it was on an earlier day.
//!
//! An arrangement's lines as known on the earlier and on the later day are compared on stretches of days, cut at the dates of both sets
//! of lines and at months. Where both have a line, another quantity or frequency is volume: what the new line would cost at the old
//! rate, less what the old one cost; another rate is rate: the rest. With the same terms, a difference is the rounding of other dates:
//! timing. Where several lines of one arrangement overlap on a day, the difference there is volume.
//!
//! Where only the later day has a line: new, if the arrangement had no line that stood, or the days come after the last one that was known;
//! timing, if not. Where only the earlier day had one: correction, if all of the arrangement is gone or a correction took the line back;
//! ended, if no day comes after; timing, if one does, as after a suspension or with a later start. Where a line was made by a correction
//! of an arrangement already known, all of the difference on its days is correction.
//!
//! An award, or another body's share, is new or corrected. What payments, releases, closures, what was carried forward, and the pauses and
//! closures of families' accounts do to a forecast is what is left when these are taken off: [`Cause::Payment`].

use super::cells::by_month;
use super::{CannotCommit, Planned};
use crate::costing::Line;
use crate::profile::CostingPolicy;
use crate::{FinancialYear, Pence, Period};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use strum::VariantArray;
use utoipa::ToSchema;

/// Why a forecast moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, VariantArray, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ForecastCause)]
pub enum Cause {
    /// An arrangement or award that was not known, or days after the last that was.
    New,
    /// Days no longer planned, and none after them.
    Ended,
    /// More or less of it, or more or less often.
    Volume,
    /// Another rate for the same.
    Rate,
    /// The same, on other days: a later start, a suspension.
    Timing,
    /// It was recorded wrongly.
    Correction,
    /// Paid otherwise than planned: spend that settles nothing, what was released, closed or carried forward, what a pause leaves unpaid.
    Payment,
}

impl Cause {
    /// The word in columns and JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Cause::New => "new",
            Cause::Ended => "ended",
            Cause::Volume => "volume",
            Cause::Rate => "rate",
            Cause::Timing => "timing",
            Cause::Correction => "correction",
            Cause::Payment => "payment",
        }
    }
}

/// A line of an arrangement as known on a day: its last version by then.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownLine<'a> {
    /// The line.
    pub line_id: &'a str,
    /// What decides its cost.
    pub terms: Line,
    /// Whether that version takes it back: it never counted.
    pub is_reversed: bool,
    /// Whether a variation of the kind `correction` made the line, or took it back.
    pub by_correction: bool,
}

/// How much a month's plan moved, and why. Positive where more is planned, on an income line too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// The month.
    pub period: Period,
    /// Why.
    pub cause: Cause,
    /// By how much; not nothing.
    pub amount: Pence,
}

type Moves = BTreeMap<(Period, Cause), Pence>;

/// How an arrangement's plan for a year moved between two days. Adds up to the difference of its plans, month by month.
pub fn arrangement_movement(
    policy: &CostingPolicy,
    year: FinancialYear,
    before: &[KnownLine<'_>],
    after: &[KnownLine<'_>],
) -> Result<Vec<Moved>, CannotCommit> {
    if before == after {
        return Ok(Vec::new());
    }
    let stands = |line: &&KnownLine<'_>| !line.is_reversed;
    let comparison = Comparison {
        policy,
        old: before.iter().filter(stands).copied().collect(),
        new: after.iter().filter(stands).copied().collect(),
        taken_back: after.iter().filter(|line| line.is_reversed && line.by_correction).map(|line| line.line_id).collect(),
    };
    let mut moves = Moves::new();
    for pair in comparison.cuts(year).windows(2) {
        comparison.compare(pair[0], pair[1], &mut moves)?;
    }
    Ok(listed(moves))
}

/// How the plan of an award, or of another body's share, moved.
pub fn single_movement(
    policy: &CostingPolicy,
    year: FinancialYear,
    before: &[Planned<'_>],
    after: &[Planned<'_>],
) -> Result<Vec<Moved>, CannotCommit> {
    if before == after {
        return Ok(Vec::new());
    }
    let cause = if before.is_empty() { Cause::New } else { Cause::Correction };
    let (old, new) = (by_month(policy, year, before)?, by_month(policy, year, after)?);
    let mut moves = Moves::new();
    for ((period, old), new) in Period::all().zip(old).zip(new) {
        add(&mut moves, period, cause, new.checked_sub(old)?)?;
    }
    Ok(listed(moves))
}

fn add(moves: &mut Moves, period: Period, cause: Cause, amount: Pence) -> Result<(), CannotCommit> {
    let sum = moves.entry((period, cause)).or_default();
    *sum = sum.checked_add(amount)?;
    Ok(())
}

fn listed(moves: Moves) -> Vec<Moved> {
    let moved = moves.into_iter().filter(|(_, amount)| *amount != Pence::ZERO);
    moved.map(|((period, cause), amount)| Moved { period, cause, amount }).collect()
}

/// The standing lines of one arrangement on two days.
struct Comparison<'a> {
    policy: &'a CostingPolicy,
    old: Vec<KnownLine<'a>>,
    new: Vec<KnownLine<'a>>,
    /// Lines that a correction took back.
    taken_back: Vec<&'a str>,
}

impl Comparison<'_> {
    /// The days of the year at which a line starts or ends, or a month does.
    fn cuts(&self, year: FinancialYear) -> Vec<NaiveDate> {
        let (starts, ends) = (year.starts_on(), year.next_starts_on());
        let lines = self.old.iter().chain(&self.new).map(|line| &line.terms);
        let dates = lines.flat_map(|line| [Some(line.valid_from), line.valid_to]).flatten();
        let mut cuts: BTreeSet<NaiveDate> = dates.filter(|day| starts < *day && *day < ends).collect();
        cuts.extend(Period::all().map(|period| year.period_starts_on(period)));
        cuts.insert(ends);
        cuts.into_iter().collect()
    }

    fn compare(&self, from: NaiveDate, to: NaiveDate, moves: &mut Moves) -> Result<(), CannotCommit> {
        let (old, new) = (in_force(&self.old, from), in_force(&self.new, from));
        let (old_cost, new_cost) = (self.cost(&old, from, to)?, self.cost(&new, from, to)?);
        let period = Period::of(from);
        let mut moved = |cause, amount| add(moves, period, cause, amount);
        let difference = new_cost.checked_sub(old_cost)?;
        let is_corrected = !self.old.is_empty() && new.iter().any(|line| line.by_correction);
        match (old.as_slice(), new.as_slice()) {
            ([], []) => Ok(()),
            _ if is_corrected => moved(Cause::Correction, difference),
            ([], _) => moved(self.why_only_new(from), difference),
            (gone, []) => moved(self.why_only_old(gone, from), difference),
            ([old], [new]) => {
                let (old, new) = (&old.terms, &new.terms);
                let is_other_volume = (old.quantity, old.frequency) != (new.quantity, new.frequency);
                match (is_other_volume, old.unit_rate != new.unit_rate) {
                    (false, false) => moved(Cause::Timing, difference),
                    (false, true) => moved(Cause::Rate, difference),
                    (true, false) => moved(Cause::Volume, difference),
                    (true, true) => {
                        let at_old_rate = self.line_cost(&Line { unit_rate: old.unit_rate, ..*new }, "", from, to)?;
                        moved(Cause::Volume, at_old_rate.checked_sub(old_cost)?)?;
                        moved(Cause::Rate, new_cost.checked_sub(at_old_rate)?)
                    }
                }
            }
            _ => moved(Cause::Volume, difference),
        }
    }

    fn why_only_new(&self, from: NaiveDate) -> Cause {
        let is_after_all = self.old.iter().all(|line| line.terms.valid_to.is_some_and(|ends| ends <= from));
        if is_after_all { Cause::New } else { Cause::Timing }
    }

    fn why_only_old(&self, gone: &[&KnownLine<'_>], from: NaiveDate) -> Cause {
        let is_taken_back = gone.iter().all(|line| self.taken_back.contains(&line.line_id));
        if self.new.is_empty() || is_taken_back {
            return Cause::Correction;
        }
        let goes_on = self.new.iter().any(|line| line.terms.valid_to.is_none_or(|ends| ends > from));
        if goes_on { Cause::Timing } else { Cause::Ended }
    }

    fn cost(&self, lines: &[&KnownLine<'_>], from: NaiveDate, to: NaiveDate) -> Result<Pence, CannotCommit> {
        lines.iter().try_fold(Pence::ZERO, |sum, line| Ok(sum.checked_add(self.line_cost(&line.terms, line.line_id, from, to)?)?))
    }

    fn line_cost(&self, line: &Line, line_id: &str, from: NaiveDate, to: NaiveDate) -> Result<Pence, CannotCommit> {
        let cost = self.policy.cost_between(line, from, to);
        cost.map_err(|reason| CannotCommit::Owner { owner: line_id.to_owned(), reason })
    }
}

fn in_force<'l, 'a>(lines: &'l [KnownLine<'a>], day: NaiveDate) -> Vec<&'l KnownLine<'a>> {
    let is_in_force = |line: &&KnownLine<'_>| line.terms.valid_from <= day && line.terms.valid_to.is_none_or(|ends| ends > day);
    lines.iter().filter(is_in_force).collect()
}
