//! What must hold of nights: by calendar month and state, the fact and the mart have as many as the store.

use crate::cells::{integers, texts};
use crate::checks::find;
use crate::error::Error;
use crate::manifest::{NightTotal, Table};
use crate::marts::scan;
use polars::prelude::DataFrame;
use std::collections::BTreeMap;
use std::path::Path;

/// Nights by calendar month and state.
type Nights = BTreeMap<(String, String), i64>;

/// Looks at the fact.
pub(super) fn check(directory: &Path, tables: &[Table], control: &[NightTotal], problems: &mut Vec<String>) -> Result<(), Error> {
    let fact = scan(directory, find(tables, "fact_nights")?)?.collect()?;
    let (months, states) = (texts(&fact, "calendar_month")?, texts(&fact, "state")?);
    let keys = months.into_iter().zip(states).map(|(month, state)| (month.unwrap_or_default(), state.unwrap_or_default()));
    let found = summed(keys.zip(integers(&fact, "nights")?));
    compare("fact_nights", &found, control, problems);
    Ok(())
}

/// Looks at a mart with a column for each state that counts.
pub(super) fn check_mart(
    name: &str,
    mart: &DataFrame,
    columns: [&str; 3],
    control: &[NightTotal],
    problems: &mut Vec<String>,
) -> Result<(), Error> {
    let months = texts(mart, "calendar_month")?;
    let mut found = Nights::new();
    for (column, state) in columns.into_iter().zip(["booked", "stayed", "cancelled"]) {
        let keys = months.iter().map(|month| (month.clone().unwrap_or_default(), state.to_owned()));
        found.extend(summed(keys.zip(integers(mart, column)?)));
    }
    compare(name, &found, control, problems);
    Ok(())
}

fn summed(rows: impl IntoIterator<Item = ((String, String), i64)>) -> Nights {
    let mut sums = Nights::new();
    for (key, nights) in rows {
        *sums.entry(key).or_default() += nights;
    }
    sums
}

fn compare(name: &str, found: &Nights, control: &[NightTotal], problems: &mut Vec<String>) {
    let expected = summed(control.iter().map(|total| ((total.calendar_month.clone(), total.state.clone()), total.nights)));
    for key in found.keys().chain(expected.keys().filter(|key| !found.contains_key(*key))) {
        let (found, stored) = (found.get(key).copied().unwrap_or_default(), expected.get(key).copied().unwrap_or_default());
        if found != stored {
            problems.push(format!("{name} has {found} {} nights in {}, and the store {stored}", key.1, key.0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use polars::prelude::df;

    #[test]
    fn a_night_a_state_or_a_month_that_differs_is_noticed() {
        let mart = df!("calendar_month" => ["2024-05", "2024-05", "2024-06"], "booked" => [0_i64, 0, 2], "stayed" => [1_i64, 4, 0],
            "cancelled" => [0_i64, 0, 3])
        .expect("a table");
        let total = |month: &str, state: &str, nights| NightTotal { calendar_month: month.into(), state: state.into(), nights };
        let right = vec![total("2024-05", "stayed", 5), total("2024-06", "booked", 2), total("2024-06", "cancelled", 3)];
        let problems = |control: &[NightTotal]| {
            let mut problems = Vec::new();
            check_mart("m", &mart, ["booked", "stayed", "cancelled"], control, &mut problems).expect("looked at");
            problems.len()
        };
        assert_eq!(problems(&right), 0);
        assert_eq!(problems(&right[..2]), 1);
        let swapped = [total("2024-05", "booked", 5), total("2024-06", "booked", 2), total("2024-06", "cancelled", 3)];
        assert_eq!(problems(&swapped), 2);
        let more = [right.clone(), vec![total("2024-07", "stayed", 1)]].concat();
        assert_eq!(problems(&more), 1);
    }
}
