//! Upratings: the rates of a provider or a service raised at once. What a rise may say, which lines it is for, and that it is agreed
//! as it was proposed.

pub mod untested;

use crate::costing::{CannotCost, Line, own_year};
use crate::profile::{CostingPolicy, PartYear};
use crate::variations::uprated;
use crate::{Code, FieldError, FinancialYear, Frequency, Pence, Refusal, UnitRate};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

/// Whose rates rise, from when and by how much.
#[derive(Debug, Clone, Copy)]
pub struct Rise<'r> {
    /// Lines of this provider; none, of any.
    pub provider_id: Option<&'r str>,
    /// Lines of this service; none, of any.
    pub service: Option<&'r str>,
    /// The first day of the new rates.
    pub from: NaiveDate,
    /// By how much, in ten-thousandths of one per cent.
    pub percentage_ten_thousandths: Option<i64>,
    /// Or the new price of a unit.
    pub unit_rate: Option<UnitRate>,
}

impl Rise<'_> {
    /// Everything that a rise may not say. `closed` is the last year that is closed; what it cost stays as it was reported.
    pub fn mistakes(&self, closed: Option<FinancialYear>, provider_exists: bool) -> Vec<FieldError> {
        let mut errors = Vec::new();
        let mut refuse = |field: &str, code: &str, detail: String| errors.push(FieldError::new(&format!("/{field}"), code, detail));
        if self.provider_id.is_none() && self.service.is_none() {
            refuse("provider_id", "missing", "say of which provider, of which service, or both".to_owned());
        }
        match (self.percentage_ten_thousandths, self.unit_rate) {
            (None, None) => refuse("percentage_ten_thousandths", "missing", "say by how much, or the new rate".to_owned()),
            (Some(_), Some(_)) => refuse("unit_rate_ten_thousandths", "one_of_two", "a percentage or a new rate, not both".to_owned()),
            (Some(0), None) => refuse("percentage_ten_thousandths", "nothing_changes", "rates stay as they are".to_owned()),
            _ => {}
        }
        match FinancialYear::of(self.from) {
            Err(error) => refuse("from", "out_of_range", error.to_string()),
            Ok(_) => {
                if let Some(closed) = closed.filter(|closed| self.from < closed.next_starts_on()) {
                    let first = closed.next_starts_on();
                    refuse("from", "closed_year", format!("years up to {closed} are closed: the first day possible is {first}"));
                }
            }
        }
        if self.provider_id.is_some() && !provider_exists {
            refuse("provider_id", "unknown_reference", "no provider has this id".to_owned());
        }
        errors
    }

    /// The new rate of a line, or the field by which it would cost more than a record may carry, or less than nothing.
    pub fn new_rate(&self, policy: &CostingPolicy, line: &Line) -> Result<UnitRate, &'static str> {
        let (rate, pointer) = match self.unit_rate {
            Some(rate) => (Ok(rate), "/unit_rate_ten_thousandths"),
            None => {
                let rate = uprated(line.unit_rate, self.percentage_ten_thousandths.unwrap_or_default());
                (rate.map_err(|_| ()), "/percentage_ten_thousandths")
            }
        };
        let costed = |rate| policy.full_year(&Line { unit_rate: rate, ..*line }).map(|_| rate).map_err(|_: CannotCost| ());
        rate.and_then(costed).map_err(|()| pointer)
    }

    /// Why a line that matches is left as it is; none, it is raised. Once a year: only the yearly rise needs no agreement of its own, and
    /// a second is a variation of each line.
    pub fn leaves(&self, policy: &CostingPolicy, line: &Line, new_rate: UnitRate, is_raised_this_year: bool) -> Option<NotUprated> {
        if is_raised_this_year {
            Some(NotUprated::AlreadyUprated)
        } else if line.valid_from < self.from && (line.frequency == Frequency::OneOff || self.comes_after_award(policy, line)) {
            Some(NotUprated::BoughtOnce)
        } else {
            (new_rate == line.unit_rate).then_some(NotUprated::RateUnchanged)
        }
    }
}

impl Rise<'_> {
    /// Whether a line's year is paid whole before the rise, which comes after its first day: raised in that year, it would be paid twice.
    fn comes_after_award(&self, policy: &CostingPolicy, line: &Line) -> bool {
        let is_whole = line.frequency == Frequency::PerYear && policy.part_year() == PartYear::WholeYear;
        is_whole && own_year(line.valid_from, self.from).0 < self.from
    }
}

/// Why a line of the provider or service is left as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NotUprated {
    /// Its arrangement was raised in the same financial year before.
    AlreadyUprated,
    /// The new rate is the one it has.
    RateUnchanged,
    /// It was bought once before that day, or is an award of which that year is paid whole.
    BoughtOnce,
}

/// What a rise does in all, and the mark of its lines, rates and costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Raised<'r> {
    /// How many lines are raised.
    pub lines: i64,
    /// What a full year of them costs before.
    pub full_year_before: Pence,
    /// And after.
    pub full_year_after: Pence,
    /// SHA-256 over every line with its rates and costs: the same lines at the same rates have the same.
    pub sha256: &'r str,
}

/// Refuses to propose other than what was looked at, and what raises no line.
pub fn refuse_other_than_looked_at(now: &Raised<'_>, looked_at: &str) -> Result<(), Refusal> {
    let refuse = |detail: &str| Err(Refusal::new(Code::StateConflict, detail));
    if now.sha256 != looked_at {
        return refuse("The lines or their costs have changed since the preview, or the hash is of another preview. Make a new preview.");
    }
    if now.lines == 0 {
        return refuse("No line is raised: see what the preview skips.");
    }
    Ok(())
}

/// Refuses to agree other than what was proposed: the same lines at the same rates and costs.
pub fn refuse_other_than_proposed(now: &Raised<'_>, proposed: &Raised<'_>) -> Result<(), Refusal> {
    if now.sha256 == proposed.sha256 {
        return Ok(());
    }
    let lines = |count: i64| if count == 1 { "1 line".to_owned() } else { format!("{count} lines") };
    let (raised, would_raise) = (lines(proposed.lines), lines(now.lines));
    let detail = format!(
        "The lines or their costs have changed since the proposal. It raised {raised}, from {} to {} a year. It would now raise \
         {would_raise}, from {} to {} a year. Withdraw the proposal and propose the uprating again.",
        proposed.full_year_before, proposed.full_year_after, now.full_year_before, now.full_year_after
    );
    Err(Refusal::new(Code::StateConflict, detail))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::PartYearRule;
    use crate::{Profile, Quantity};

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn rise() -> Rise<'static> {
        Rise { provider_id: Some("p"), service: None, from: day("2024-04-01"), percentage_ten_thousandths: Some(42_500), unit_rate: None }
    }

    fn line() -> Line {
        Line {
            quantity: Quantity(3_000),
            frequency: Frequency::Weekly,
            unit_rate: UnitRate(200_000),
            valid_from: day("2023-04-01"),
            valid_to: None,
        }
    }

    #[test]
    fn a_rise_says_whose_rates_by_how_much_and_from_a_day_in_no_closed_year() {
        let closed = FinancialYear::of(day("2023-06-01")).ok();
        let with = |percentage_ten_thousandths, unit_rate| Rise { percentage_ten_thousandths, unit_rate, ..rise() };
        for (name, rise, closed, exists, codes) in [
            ("a percentage", rise(), closed, true, vec![]),
            ("a rate", with(None, Some(UnitRate(1))), None, true, vec![]),
            ("a service alone", Rise { provider_id: None, service: Some("s"), ..rise() }, None, false, vec![]),
            ("of nobody", Rise { provider_id: None, ..rise() }, None, false, vec!["missing"]),
            ("by nothing", with(None, None), None, true, vec!["missing"]),
            ("by both", with(Some(1), Some(UnitRate(1))), None, true, vec!["one_of_two"]),
            ("by nought", with(Some(0), None), None, true, vec!["nothing_changes"]),
            ("in a closed year", Rise { from: day("2024-03-31"), ..rise() }, closed, true, vec!["closed_year"]),
            ("in no year", Rise { from: day("9000-01-01"), ..rise() }, closed, true, vec!["out_of_range"]),
            ("of an unknown provider", rise(), None, false, vec!["unknown_reference"]),
        ] {
            let found: Vec<String> = rise.mistakes(closed, exists).into_iter().map(|error| error.code).collect();
            assert_eq!(found, codes, "{name}");
        }
    }

    #[test]
    fn a_line_is_raised_once_a_year_unless_it_has_the_rate_or_was_bought_before() {
        let once = Line { frequency: Frequency::OneOff, ..line() };
        let by = |value| CostingPolicy {
            part_year: Some(PartYearRule { value, clause: "-".to_owned() }),
            ..Profile::bundled("tameside").expect("sound").costing
        };
        for (line, new, before, left) in [
            (line(), 208_500, false, None),
            (line(), 208_500, true, Some(NotUprated::AlreadyUprated)),
            (line(), 200_000, false, Some(NotUprated::RateUnchanged)),
            (once, 208_500, false, Some(NotUprated::BoughtOnce)),
            (Line { valid_from: day("2024-04-01"), ..once }, 208_500, false, None),
        ] {
            assert_eq!(rise().leaves(&by(PartYear::Days), &line, UnitRate(new), before), left, "{line:?}");
        }
        // A rise in a year of which the award is paid whole would pay it twice; one from that year's first day does not.
        let award = Line { frequency: Frequency::PerYear, ..line() };
        let of_june = Line { valid_from: day("2023-06-01"), ..award };
        let in_june = Rise { from: day("2024-06-01"), ..rise() };
        for (rise, line, part_year, left) in [
            (in_june, award, PartYear::WholeYear, Some(NotUprated::BoughtOnce)),
            (in_june, award, PartYear::Days, None),
            (in_june, award, PartYear::WholeMonths, None),
            (in_june, Line { valid_from: day("2024-06-01"), ..award }, PartYear::WholeYear, None),
            (in_june, of_june, PartYear::WholeYear, None),
            (rise(), of_june, PartYear::WholeYear, Some(NotUprated::BoughtOnce)),
            (in_june, line(), PartYear::WholeYear, None),
            (rise(), award, PartYear::WholeYear, None),
        ] {
            assert_eq!(rise.leaves(&by(part_year), &line, UnitRate(208_500), false), left, "{line:?} {part_year:?}");
        }
    }

    #[test]
    fn the_new_rate_is_the_one_given_or_so_much_more_and_can_be_paid() {
        let policy = Profile::bundled("tameside").expect("sound").costing;
        let to = |rate| Rise { percentage_ten_thousandths: None, unit_rate: Some(UnitRate(rate)), ..rise() };
        let by = |percentage| Rise { percentage_ten_thousandths: Some(percentage), ..rise() };
        for (rise, rate) in [
            (rise(), Ok(208_500)),
            (to(1), Ok(1)),
            (by(-2_000_000), Err("/percentage_ten_thousandths")),
            (to(i64::MAX), Err("/unit_rate_ten_thousandths")),
        ] {
            assert_eq!(rise.new_rate(&policy, &line()), rate.map(UnitRate), "{rise:?}");
        }
    }

    #[test]
    fn it_is_proposed_as_it_was_looked_at_and_agreed_as_it_was_proposed() {
        let raised = |lines, sha256| Raised { lines, full_year_before: Pence(100), full_year_after: Pence(104), sha256 };
        assert!(refuse_other_than_looked_at(&raised(1, "a"), "a").is_ok());
        let other = refuse_other_than_looked_at(&raised(1, "a"), "b").expect_err("another");
        assert!(other.detail.contains("Make a new preview"));
        assert!(refuse_other_than_looked_at(&raised(0, "a"), "a").expect_err("nothing").detail.contains("No line is raised"));
        assert!(refuse_other_than_proposed(&raised(2, "a"), &raised(2, "a")).is_ok());
        let refused = refuse_other_than_proposed(&raised(3, "b"), &raised(2, "a")).expect_err("another");
        let said = "It raised 2 lines, from £1.00 to £1.04 a year. It would now raise 3 lines, from £1.00 to £1.04 a year.";
        assert!(refused.detail.contains(said), "{}", refused.detail);
    }
}
