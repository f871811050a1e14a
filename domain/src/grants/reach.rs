//! How many children and families a grant's returns tell of, and how many returns are still to come.

use super::{Returned, is_covered};
use crate::FinancialYear;
use crate::profile::ReachOfReturns;
use crate::year::Period;
use chrono::NaiveDate;

/// A return with its count, or the row that takes one back, with the opposite count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reached {
    /// Its days.
    pub days: Returned,
    /// Children and families.
    pub count: i64,
}

/// The returns that stand: neither taken back nor what takes one back.
fn standing(rows: &[Reached]) -> Vec<Reached> {
    let mut standing: Vec<Reached> = rows.iter().filter(|row| !row.days.is_reversal).copied().collect();
    for reversal in rows.iter().filter(|row| row.days.is_reversal) {
        let taken_back = |row: &Reached| (row.days.from, row.days.to, row.count) == (reversal.days.from, reversal.days.to, -reversal.count);
        if let Some(place) = standing.iter().position(taken_back) {
            standing.remove(place);
        }
    }
    standing
}

/// How many children and families the returns of one grant tell of together; none, nothing was returned.
pub fn reach(rule: ReachOfReturns, rows: &[Reached]) -> Option<i64> {
    let standing = standing(rows);
    match rule {
        ReachOfReturns::Sum => standing.iter().map(|row| row.count).reduce(i64::saturating_add),
        ReachOfReturns::Largest => standing.iter().map(|row| row.count).max(),
        ReachOfReturns::Last => standing.iter().max_by_key(|row| (row.days.to, row.days.from)).map(|row| row.count),
    }
}

/// How many returns of a grant's year have not come. `asked` are the first and end days of all that the grant asks for; one that asks
/// for none owes one a year.
pub fn missing_returns(year: FinancialYear, asked: &[(NaiveDate, NaiveDate)], returned: &[Returned]) -> i64 {
    let is_of_year = |day: NaiveDate| (year.starts_on()..year.next_starts_on()).contains(&day);
    let missing = if asked.is_empty() {
        let of_year = returned.iter().filter(|one| is_of_year(one.from));
        usize::from(of_year.map(|one| if one.is_reversal { -1 } else { 1 }).sum::<i64>() <= 0)
    } else {
        let in_year = |(from, to): &(NaiveDate, NaiveDate)| ((*from).max(year.starts_on()), (*to).min(year.next_starts_on()));
        asked.iter().map(in_year).filter(|(from, to)| from < to && !is_covered(*from, *to, returned)).count()
    };
    i64::try_from(missing).unwrap_or(i64::MAX)
}

/// How many months of a year have a day of which a service's returns do not tell. Each service that was returned has returns of its own;
/// where none was, all months are missing.
pub fn missing_months(year: FinancialYear, services: &[&[Returned]]) -> i64 {
    let starts = Period::all().map(|period| year.period_starts_on(period));
    let ends = Period::all().skip(1).map(|period| year.period_starts_on(period)).chain([year.next_starts_on()]);
    let is_told = |from: NaiveDate, to: NaiveDate| !services.is_empty() && services.iter().all(|returned| is_covered(from, to, returned));
    let missing = starts.zip(ends).filter(|(from, to)| !is_told(*from, *to)).count();
    i64::try_from(missing).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().expect("a date")
    }

    fn year() -> FinancialYear {
        "2024-25".parse().expect("a year")
    }

    fn returned(from: &str, to: &str, count: i64) -> Reached {
        Reached { days: Returned { from: day(from), to: day(to), is_reversal: count < 0 }, count }
    }

    #[test]
    fn three_returns_of_one_family_are_one_family_thrice_or_three() {
        let rows =
            [returned("2024-04-01", "2024-07-01", 40), returned("2024-10-01", "2025-01-01", 30), returned("2024-07-01", "2024-10-01", 50)];
        let all = |rows: &[Reached]| [ReachOfReturns::Sum, ReachOfReturns::Largest, ReachOfReturns::Last].map(|rule| reach(rule, rows));
        assert_eq!(all(&rows), [Some(120), Some(50), Some(30)]);
        assert_eq!(all(&rows[..1]), [Some(40); 3]);
        assert_eq!(all(&[]), [None; 3]);
        // The last one is taken back, and then the largest.
        let with = |more: &[Reached]| rows.iter().chain(more).copied().collect::<Vec<_>>();
        assert_eq!(all(&with(&[returned("2024-10-01", "2025-01-01", -30)])), [Some(90), Some(50), Some(50)]);
        assert_eq!(all(&with(&[returned("2024-07-01", "2024-10-01", -50)])), [Some(70), Some(40), Some(30)]);
        assert_eq!(all(&[returned("2024-04-01", "2024-07-01", 0)]), [Some(0); 3], "a return of nobody is a return");
    }

    #[test]
    fn a_return_is_missing_until_its_days_are_returned() {
        let asked = [("2024-01-01", "2024-04-01"), ("2024-04-01", "2024-07-01"), ("2024-07-01", "2025-01-01")];
        let asked = asked.map(|(from, to)| (day(from), day(to)));
        let first = returned("2024-04-01", "2024-07-01", 40).days;
        let back = Returned { is_reversal: true, ..first };
        for (returned, expected) in [(&[][..], 2), (&[first], 1), (&[first, back], 2)] {
            assert_eq!(missing_returns(year(), &asked, returned), expected);
        }
        for (returned, expected) in [(&[][..], 1), (&[first], 0), (&[first, back], 1)] {
            assert_eq!(missing_returns(year(), &[], returned), expected, "a grant that asks for none");
        }
    }

    #[test]
    fn a_month_is_missing_while_a_day_of_it_is() {
        let months = |from: &str, to: &str| missing_months(year(), &[&[returned(from, to, 1).days]]);
        assert_eq!(months("2024-04-01", "2025-04-01"), 0);
        assert_eq!(months("2024-04-01", "2024-07-01"), 9);
        assert_eq!(months("2024-04-02", "2024-07-01"), 10);
        assert_eq!(missing_months(year(), &[]), 12);
        // Two services' half months are not a month.
        let half = |from: &str, to: &str| returned(from, to, 1).days;
        let (first, second) = (half("2024-04-01", "2024-04-16"), half("2024-04-01", "2024-04-16"));
        assert_eq!(missing_months(year(), &[&[first], &[second]]), 12);
        assert_eq!(missing_months(year(), &[&[first, half("2024-04-16", "2024-05-01")]]), 11);
    }
}
