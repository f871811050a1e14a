//! The support that is in force on a day of each year: its last, or while it runs the day that the snapshot looks from.

use crate::calendar::Calendar;
use crate::error::Error;
use crate::extract::{Extract, KnownLine};
use crate::facts::{Named, each};
use crate::manifest::TableKind;
use crate::planned::full_year;
use crate::pseudonym::{Kind, Pseudonyms};
use domain::{FinancialYear, Profile};
use polars::prelude::*;

/// One row a line that somebody with the authority agreed and a financial year on whose day it is in force. A year that is to come has none.
pub(crate) fn build(extract: &Extract, profile: &Profile, calendar: &Calendar, pseudonyms: &Pseudonyms) -> Result<Vec<Named>, Error> {
    let unconfirmed = extract.commitments.unconfirmed();
    let mut rows: Vec<(&KnownLine, String, FinancialYear, i64)> = Vec::new();
    for line in extract.lines.iter().filter(|line| !unconfirmed.contains(line.line_id.as_str())) {
        let key = pseudonyms.of(Kind::Line, &line.line_id);
        for year in calendar.years.iter().filter(|year| year.starts_on() <= calendar.as_at) {
            let day = calendar.as_at.min(year.ends_on());
            if line.valid_from <= day && line.valid_to.is_none_or(|to| to > day) {
                rows.push((line, key.clone(), *year, full_year(&profile.costing, line, &key)?.0));
            }
        }
    }
    let table = df!(
        "line_key" => each(&rows, |(_, key, ..)| key.clone()),
        "child_key" => each(&rows, |(line, ..)| pseudonyms.of(Kind::Child, &line.child_id)),
        "financial_year" => rows.iter().map(|(_, _, year, _)| year.as_str()).collect::<Vec<_>>(),
        "budget_line" => rows.iter().map(|(line, ..)| line.budget_line.as_str()).collect::<Vec<_>>(),
        "full_year_pence" => each(&rows, |(.., pence)| *pence),
    )?;
    Ok(vec![("fact_support_in_force", TableKind::Fact, table)])
}
