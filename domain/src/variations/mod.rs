//! Variations of a package line: more, less, another rate or provider, a suspension, an end, a later end, a correction.
//!
//! A variation changes nothing that is on record: it says what becomes of the line it names and which lines carry its arrangement on.
//! Before its first day everything costs what it did.

pub mod carried_out;
pub mod checks;
mod words;

pub use words::{VariationBasis, VariationKind, VariationState};

use crate::costing::{CannotCost, Line, own_year};
use crate::money::{TooLarge, divide_half_away_from_zero};
use crate::profile::{CostingPolicy, PartYear};
use crate::{FieldError, Frequency, Pence, Quantity, UnitRate};
use chrono::{Datelike, Months, NaiveDate};
use serde::Serialize;
use std::cmp::Ordering;
use utoipa::ToSchema;

/// What a variation says of a line. Terms that are absent stay as they were.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// What kind of change.
    pub kind: VariationKind,
    /// The day it starts. Of an extension the line's end; of a correction the day on which the line really started.
    pub valid_from: NaiveDate,
    /// The first day after it. Of an extension and a correction the line's end, of the latter none where that was right.
    pub valid_to: Option<NaiveDate>,
    /// Units each time.
    pub quantity: Option<Quantity>,
    /// How often.
    pub frequency: Option<Frequency>,
    /// The price of a unit.
    pub unit_rate: Option<UnitRate>,
    /// Whether something beside these terms differs, another provider for one, so that a longer line is a new one.
    pub needs_new_line: bool,
}

/// What becomes of the line that is varied, and the lines that carry it on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Varied {
    /// The line itself: as it was, shorter or longer; none, it is reversed.
    pub original: Option<Line>,
    /// The line with the changed terms.
    pub changed: Option<Line>,
    /// The line that goes on with the old terms after a change for a time.
    pub resumed: Option<Line>,
}

impl Varied {
    /// The lines there are afterwards, in order of their dates.
    pub fn lines(&self) -> impl Iterator<Item = Line> {
        [self.original, self.changed, self.resumed].into_iter().flatten()
    }
}

impl Change {
    /// What the change makes of a line.
    pub fn of(&self, line: &Line) -> Varied {
        match self.kind {
            VariationKind::Extension => self.extended(line),
            VariationKind::Correction => {
                let changed = Line { valid_from: self.valid_from, valid_to: self.valid_to.or(line.valid_to), ..self.terms(line) };
                Varied { original: None, changed: Some(changed), resumed: None }
            }
            _ => self.starting_on_its_day(line),
        }
    }

    fn extended(&self, line: &Line) -> Varied {
        if self.is_other(line) || self.needs_new_line {
            let changed = Line { valid_from: self.valid_from, valid_to: self.valid_to, ..self.terms(line) };
            return Varied { original: Some(*line), changed: Some(changed), resumed: None };
        }
        Varied { original: Some(Line { valid_to: self.valid_to, ..*line }), changed: None, resumed: None }
    }

    fn starting_on_its_day(&self, line: &Line) -> Varied {
        let (from, to) = (self.valid_from, self.valid_to.or(line.valid_to));
        let is_stopped = matches!(self.kind, VariationKind::Suspension | VariationKind::End);
        let resumes = self.valid_to.filter(|back| line.valid_to.is_none_or(|ends| *back < ends));
        Varied {
            original: (from > line.valid_from).then_some(Line { valid_to: Some(from), ..*line }),
            changed: (!is_stopped).then_some(Line { valid_from: from, valid_to: to, ..self.terms(line) }),
            resumed: resumes.map(|back| Line { valid_from: back, ..*line }),
        }
    }

    /// The line's terms with those that the change gives, over the line's dates.
    fn terms(&self, line: &Line) -> Line {
        Line {
            quantity: self.quantity.unwrap_or(line.quantity),
            frequency: self.frequency.unwrap_or(line.frequency),
            unit_rate: self.unit_rate.unwrap_or(line.unit_rate),
            ..*line
        }
    }

    fn is_other(&self, line: &Line) -> bool {
        self.terms(line) != *line
    }

    /// Whether the change brings more than the line had: dearer terms, or days that the line did not have.
    pub fn is_increase(&self, policy: &CostingPolicy, line: &Line) -> Result<bool, CannotCost> {
        let varied = self.of(line);
        let adds_days = |to: &Line| {
            let runs_on = line.valid_to.is_some_and(|ends| to.valid_to.is_none_or(|new| new > ends));
            to.valid_from < line.valid_from || runs_on
        };
        if varied.lines().any(|to| adds_days(&to)) {
            return Ok(true);
        }
        let Some(changed) = varied.changed.filter(|_| self.is_other(line)) else { return Ok(false) };
        Ok(policy.more(&changed, line)?.is_some())
    }

    /// What the change may not say of the line, whatever else is on record. Whether its first day lies in the line is for the caller,
    /// who knows the arrangement's other lines.
    pub fn mistakes(&self, policy: &CostingPolicy, line: &Line) -> Vec<FieldError> {
        let mut mistakes = self.terms_mistakes(policy, line);
        mistakes.extend(self.date_mistakes(line));
        mistakes.extend(self.once_mistake(line));
        mistakes.extend(self.twice_mistake(policy, line));
        mistakes
    }

    fn terms_mistakes(&self, policy: &CostingPolicy, line: &Line) -> Vec<FieldError> {
        use VariationKind as K;
        let mut mistakes = Vec::new();
        let mut refuse = |field, code, detail: &str| mistakes.push(FieldError::new(field, code, detail));
        let has_volume = self.quantity.is_some() || self.frequency.is_some();
        let takes_volume = !matches!(self.kind, K::Rate | K::Provider | K::Suspension | K::End);
        let takes_rate = !matches!(self.kind, K::Suspension | K::End);
        for (field, is_given, is_taken) in [
            ("/quantity_thousandths", self.quantity.is_some(), takes_volume),
            ("/frequency", self.frequency.is_some(), takes_volume),
            ("/unit_rate_ten_thousandths", self.unit_rate.is_some(), takes_rate),
        ] {
            if is_given && !is_taken {
                refuse(field, "not_of_this_kind", &format!("a variation of the kind `{}` does not take this: leave it out", self.kind));
            }
        }
        let more = policy.compare_volume(&self.terms(line), line);
        match self.kind {
            K::Uprating => refuse("/kind", "has_its_own_path", "a rise of rates is proposed at POST /v1/uprating-proposals"),
            K::Increase | K::Decrease if !has_volume => {
                refuse("/quantity_thousandths", "missing", "it needs a new quantity or frequency");
            }
            K::Increase if more != Ordering::Greater => refuse("/quantity_thousandths", "not_more", "it is not more a year than now"),
            K::Decrease if more != Ordering::Less => refuse("/quantity_thousandths", "not_less", "it is not less a year than now"),
            K::Rate if self.unit_rate.is_none() => refuse("/unit_rate_ten_thousandths", "missing", "it needs the new rate"),
            K::Rate if self.unit_rate == Some(line.unit_rate) => {
                refuse("/unit_rate_ten_thousandths", "unchanged", "the line has it already")
            }
            K::Correction if self.of(line).changed == Some(*line) && !self.needs_new_line => {
                refuse("/kind", "nothing_changes", "the line says this already");
            }
            _ => {}
        }
        mistakes
    }

    fn date_mistakes(&self, line: &Line) -> Vec<FieldError> {
        use VariationKind as K;
        let refuse = |field, code, detail: String| vec![FieldError::new(field, code, detail)];
        match (self.kind, self.valid_to, line.valid_to) {
            (K::Extension, _, None) => refuse("/kind", "no_end", "the line has no end that could move".to_owned()),
            (K::Extension, _, Some(ends)) if self.valid_from != ends => {
                refuse("/valid_from", "not_the_end", "a line is extended from the day on which it ends".to_owned())
            }
            (K::Extension | K::Correction, ..) => Vec::new(),
            (K::End, Some(_), _) => refuse("/valid_to", "not_of_this_kind", "an end takes no `valid_to`: leave it out".to_owned()),
            (K::Suspension, None, _) => refuse("/valid_to", "missing", "say on which day it goes on".to_owned()),
            (K::Suspension, Some(back), Some(ends)) if back >= ends => {
                refuse("/valid_to", "after_end", format!("the line ends by then: end it on {} instead", self.valid_from))
            }
            (_, Some(to), Some(ends)) if to > ends => refuse(
                "/valid_to",
                "after_end",
                "the line ends before that day: from its end it is extended, which is a variation of its own".to_owned(),
            ),
            _ => Vec::new(),
        }
    }

    /// Where a yearly award is paid whole for part of a year, two lines of it in one year would pay it twice.
    fn twice_mistake(&self, policy: &CostingPolicy, line: &Line) -> Option<FieldError> {
        if policy.part_year() != PartYear::WholeYear {
            return None;
        }
        let awards: Vec<Line> = self.of(line).lines().filter(|line| line.frequency == Frequency::PerYear).collect();
        let paid_until = |pair: &[Line]| {
            let last_day = pair[0].valid_to.and_then(|ends| ends.pred_opt())?;
            Some(own_year(pair[0].valid_from, last_day).1).filter(|until| *until > pair[1].valid_from)
        };
        awards.windows(2).find_map(paid_until).map(|until| {
            let detail =
                format!("its year up to but not including {until} is paid whole, and would be paid twice: let the change start there");
            FieldError::new("/valid_from", "paid_whole", detail)
        })
    }

    /// What is bought once costs all of it on its first day, so that dividing it would buy it twice.
    fn once_mistake(&self, line: &Line) -> Option<FieldError> {
        use VariationKind as K;
        if self.kind == K::Correction {
            return None;
        }
        let is_whole = self.valid_from == line.valid_from && (self.valid_to.is_none() || self.kind == K::Suspension);
        if line.frequency == Frequency::OneOff && (self.kind == K::Extension || !is_whole) {
            let detail = "a one-off line can be varied only as a whole: give its first day".to_owned();
            return Some(FieldError::new("/valid_from", "bought_once", detail));
        }
        if self.frequency == Some(Frequency::OneOff) && !is_whole {
            let detail = "a line can become one-off only as a whole: ask for a later purchase in a new request".to_owned();
            return Some(FieldError::new("/frequency", "bought_once", detail));
        }
        None
    }
}

/// A unit rate raised by a percentage, in ten-thousandths of one per cent (4.25 % is 42,500), below nought lowered; rounded half away
/// from zero to the ten-thousandth of a pound. Fails with [`TooLarge`] below nought or past what a rate may be.
pub fn uprated(rate: UnitRate, percentage_ten_thousandths: i64) -> Result<UnitRate, TooLarge> {
    const WHOLE: i128 = 1_000_000;
    let numerator = i128::from(rate.0) * (WHOLE + i128::from(percentage_ten_thousandths));
    match i64::try_from(divide_half_away_from_zero(numerator, WHOLE)) {
        Ok(new) if (0..=MOST_RATE).contains(&new) => Ok(UnitRate(new)),
        _ => Err(TooLarge),
    }
}

/// The highest unit rate, in ten-thousandths of a pound.
const MOST_RATE: i64 = 10_000_000_000;

/// What a change in the past adds to what was planned in one calendar month, or takes from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct AdjustmentMonth {
    /// The month's first day.
    pub month: NaiveDate,
    /// What was planned before.
    #[schema(value_type = i64)]
    pub before_pence: Pence,
    /// What is planned after.
    #[schema(value_type = i64)]
    pub after_pence: Pence,
    /// After less before.
    #[schema(value_type = i64)]
    pub difference_pence: Pence,
}

/// What lines planned and now plan over the days before `to`, per calendar month; months without a difference are left out.
pub fn adjustment(policy: &CostingPolicy, before: &[Line], after: &[Line], to: NaiveDate) -> Result<Vec<AdjustmentMonth>, CannotCost> {
    let mut months = Vec::new();
    let Some(first) = before.iter().chain(after).map(|line| line.valid_from).min() else { return Ok(months) };
    let mut month = first.with_day(1).unwrap_or(first);
    while month < to {
        let next = month.checked_add_months(Months::new(1)).ok_or(CannotCost::OutOfRange)?;
        let planned = |lines: &[Line]| -> Result<Pence, CannotCost> {
            lines.iter().try_fold(Pence::ZERO, |sum, line| {
                Ok(sum.checked_add(policy.cost_between(line, month.max(line.valid_from), next.min(to))?)?)
            })
        };
        let (before_pence, after_pence) = (planned(before)?, planned(after)?);
        if before_pence != after_pence {
            let difference_pence = after_pence.checked_sub(before_pence)?;
            months.push(AdjustmentMonth { month, before_pence, after_pence, difference_pence });
        }
        month = next;
    }
    Ok(months)
}

#[cfg(test)]
mod tests;
