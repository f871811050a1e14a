//! The year beside the year before.

use super::figures::{Figures, number, pence};
use super::gathered::{Gathered, YearOfReview};
use super::panel::count;
use super::section::Section;
use crate::panel::CountedAs;
use sheets::{Cell, Column, Error, SheetChartKind};

/// What is told of a year in one number, and how it is read.
type Measure = (&'static str, fn(&YearOfReview) -> Option<i64>);

const MONEY: [Measure; 9] = [
    ("Net budget", |year| Some(year.position.totals.net.budget_pence)),
    ("Net spend", |year| Some(year.position.totals.net.actual_pence)),
    ("Gross spend", |year| Some(year.position.totals.expenditure.actual_pence)),
    ("Income", |year| Some(year.position.totals.income.actual_pence)),
    ("Net forecast", |year| Some(year.position.totals.net.forecast_pence)),
    ("Net variance", |year| Some(year.position.totals.net.variance_pence)),
    ("A full year of packages in force on the last day", |year| Some(year.effect.iter().map(|row| row.amounts_pence[1]).sum())),
    ("Received from health", |year| Some(year.joint.totals.received_pence)),
    ("Paid to direct payment accounts", |year| Some(year.accounts.rows.iter().map(|row| row.paid_pence).sum())),
];

const COUNTS: [Measure; 9] = [
    ("Children with support in force", |year| Some(year.children)),
    ("Decisions", |year| Some(count(year.decisions.rows.len()))),
    ("Approved, whole or in part", |year| Some(decided(year, &[CountedAs::Approved, CountedAs::ApprovedInPart]))),
    ("Deferred", |year| Some(decided(year, &[CountedAs::Deferred]))),
    ("Declined", |year| Some(decided(year, &[CountedAs::Declined]))),
    ("Nights stayed", |year| Some(year.nights.rows.iter().map(|row| row.stayed_nights).sum())),
    ("Direct payment accounts", |year| Some(count(year.accounts.rows.len()))),
    ("Grants", |year| Some(count(year.grants.rows.len()))),
    ("Sessions that grants returned", |year| known(year.grants.rows.iter().map(|row| row.sessions))),
];

fn decided(year: &YearOfReview, as_what: &[CountedAs]) -> i64 {
    count(year.decisions.rows.iter().filter(|row| as_what.contains(&row.decision)).count())
}

/// The sum of what is known; none, where nothing is.
fn known(values: impl Iterator<Item = Option<i64>>) -> Option<i64> {
    values.flatten().reduce(|sum, value| sum + value)
}

/// The two years side by side.
pub(super) fn year_on_year(gathered: &Gathered) -> Result<Section, Error> {
    let years = std::iter::once(&gathered.now).chain(&gathered.before).map(|year| year.year.as_str()).collect::<Vec<_>>().join(" and ");
    let said = match &gathered.before {
        Some(before) => format!("{} beside {}.", gathered.now.year.as_str(), before.year.as_str()),
        None => "The snapshot has no records of the year before, so there is nothing to compare with.".to_owned(),
    };
    let money = beside(gathered, format!("Money, {years}"), "Money year on year", Kind::Pounds, &rows_of(gathered, &MONEY))?;
    let mut counts = rows_of(gathered, &COUNTS);
    counts.extend(gathered.now.figures.iter().map(|figure| {
        let before =
            gathered.before.as_ref().map(|before| before.figures.iter().find(|one| one.code == figure.code).and_then(|one| one.value));
        (format!("Statement: {}", figure.label), figure.value, before)
    }));
    let activity = beside(gathered, format!("Activity, {years}"), "Activity year on year", Kind::Integer, &counts)?
        .noted("A blank is not known: nothing was returned yet. The statement's figures are as counted, without anything withheld.");
    let trend = match &gathered.before {
        Some(_) => money.drawn(SheetChartKind::Bars, format!("Money, {years}"), "of money", vec![1, 2]),
        None => money,
    };
    Ok(Section { title: "Year on year", words: vec![said], figures: vec![trend, activity] })
}

/// A measure's name, this year's value, and the value of the year before if there is such a year.
type Measured = (String, Option<i64>, Option<Option<i64>>);

fn rows_of(gathered: &Gathered, measures: &[Measure]) -> Vec<Measured> {
    let row = |(name, of): &Measure| ((*name).to_owned(), of(&gathered.now), gathered.before.as_ref().map(of));
    measures.iter().map(row).collect()
}

/// What the numbers are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Pounds,
    Integer,
}

fn beside(gathered: &Gathered, title: String, tab: &str, kind: Kind, measured: &[Measured]) -> Result<Figures, Error> {
    let column = |header: &str, label: String| match kind {
        Kind::Pounds => Column::pounds(format!("{header}_pounds")).labelled(format!("{label} (£)")),
        Kind::Integer => Column::integer(header).labelled(label),
    };
    let cell = |value: Option<i64>| if kind == Kind::Pounds { pence(value) } else { number(value) };
    let mut columns = vec![Column::text("measure"), column("this_year", gathered.now.year.as_str().to_owned())];
    columns.extend(
        gathered
            .before
            .iter()
            .flat_map(|before| [column("year_before", before.year.as_str().to_owned()), column("change", "Change".to_owned())]),
    );
    let rows = measured.iter().map(|(name, now, before)| {
        let change = before.and_then(|before| Some((*now)? - before?));
        let mut cells = vec![Cell::text(name), cell(*now)];
        cells.extend(before.iter().flat_map(|before| [cell(*before), cell(change)]));
        cells
    });
    Figures::of(title, tab, "There is no measure.", columns, rows)
}
