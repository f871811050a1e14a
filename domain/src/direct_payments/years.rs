//! To which financial years money belongs that pays for days.

use crate::costing::spread_before;
use crate::year::NotAYear;
use crate::{FinancialYear, Pence};
use chrono::NaiveDate;

/// An amount spread evenly over the days from `from` to the day before `to`, by financial year. The years add up to it.
pub fn by_year_of_days(amount: Pence, from: NaiveDate, to: NaiveDate) -> Result<Vec<(FinancialYear, Pence)>, NotAYear> {
    let mut years = Vec::new();
    let mut year = FinancialYear::of(from)?;
    let mut so_far = Pence::ZERO;
    loop {
        let up_to = spread_before(amount, from, to, year.next_starts_on());
        years.push((year, Pence(up_to.0 - so_far.0)));
        so_far = up_to;
        // Asked before the next year, which the last supported one does not have.
        if to <= year.next_starts_on() {
            return Ok(years);
        }
        year = year.next()?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payment_belongs_to_the_years_of_its_days() {
        let day = |text: &str| text.parse::<NaiveDate>().expect("a date");
        for (pence, from, to, expected) in [
            (52_200, "2024-06-03", "2024-07-01", vec![("2024-25", 52_200)]),
            // Nine of 28 days come before April.
            (52_200, "2025-03-23", "2025-04-20", vec![("2024-25", 16_779), ("2025-26", 35_421)]),
            (-100, "2025-03-31", "2025-04-02", vec![("2024-25", -50), ("2025-26", -50)]),
            (52_200, "2025-03-04", "2025-04-01", vec![("2024-25", 52_200)]),
            (100, "2024-03-31", "2025-04-02", vec![("2023-24", 0), ("2024-25", 100), ("2025-26", 0)]),
        ] {
            let found = by_year_of_days(Pence(pence), day(from), day(to)).expect("years");
            let found: Vec<_> = found.iter().map(|(year, pence)| (year.as_str(), pence.0)).collect();
            assert_eq!(found, expected, "{from} to {to}");
        }
    }
}
