//! What health pays, nights away, and what grants brought.

use super::figures::{Figures, number, pence, words};
use super::gathered::{Gathered, YearOfReview};
use super::section::{Section, month_in_words};
use crate::JointFundingRow;
use documents::Value;
use domain::Pence;
use sheets::{Cell, Column, Error, SheetChartKind};
use std::collections::{BTreeMap, BTreeSet};

/// Health's share: expected, invoiced, received and owed.
pub(super) fn health(gathered: &Gathered) -> Result<Section, Error> {
    let (now, year) = (&gathered.now, gathered.now.year.as_str());
    let owed = Value::Money(Pence(now.joint.totals.outstanding_pence));
    let mut said = Vec::new();
    if let Some(last) = now.joint.rows.last() {
        said.push(format!("{owed} was owed by health at the end of {}.", month_in_words(&last.month)));
        said.push(
            "Which invoices are overdue, and for how long, is in the list of aged debt: the warehouse has what is owed by month."
                .to_owned(),
        );
    }
    let figures = vec![
        health_by(gathered, "Month", "Health by month", |row| row.month.clone())?,
        health_by(gathered, "Funder", "Health by funder", |row| row.provider_name.clone())?,
    ];
    let beside = gathered.before.as_ref().map(|before| {
        let totals = &before.joint.totals;
        let [received, owed] = [totals.received_pence, totals.outstanding_pence].map(|pence| Value::Money(Pence(pence)));
        format!("In {} {received} was received, and {owed} owed at its end.", before.year.as_str())
    });
    said.push(format!("In {year} {} was received.", Value::Money(Pence(now.joint.totals.received_pence))));
    said.extend(beside);
    Ok(Section { title: "Continuing health care: income and debt", words: said, figures })
}

fn health_by(gathered: &Gathered, first: &str, tab: &str, key: impl Fn(&JointFundingRow) -> String) -> Result<Figures, Error> {
    let (rows, year) = (&gathered.now.joint.rows, gathered.now.year.as_str());
    let last = rows.last().map(|row| row.month.as_str()).unwrap_or_default();
    let is_month = first == "Month";
    let mut sums: BTreeMap<String, [i64; 5]> = BTreeMap::new();
    for row in rows {
        // What is owed at a month's end stands for itself; of a funder it is what is owed at the last.
        let owed = if is_month || row.month == last { row.outstanding_pence } else { 0 };
        let amounts = [row.expected_pence, row.invoiced_pence, row.credited_pence, row.received_pence, owed];
        sums.entry(key(row)).or_default().iter_mut().zip(amounts).for_each(|(sum, amount)| *sum += amount);
    }
    let moved = ["expected", "invoiced", "credited", "received"].map(|name| Column::pounds(format!("{name}_pounds")).summed());
    let owed =
        Column::pounds("owed_pounds").labelled(if is_month { "Owed at the month's end (£)" } else { "Owed at the last month's end (£)" });
    let columns: Vec<_> = std::iter::once(Column::text(first.to_lowercase()).labelled(first)).chain(moved).chain([owed]).collect();
    let rows = sums.into_iter().map(|(name, amounts)| {
        let name = if is_month { month_in_words(&name) } else { name };
        std::iter::once(Cell::text(name)).chain(amounts.map(Cell::Pence)).collect()
    });
    let nothing = format!("Health was expected to pay nothing in {year}, and owed nothing.");
    let figures = Figures::of(format!("{tab}, {year}"), tab, nothing, columns, rows)?;
    if !is_month {
        return Ok(figures);
    }
    Ok(figures.drawn(SheetChartKind::Lines, format!("Health's share by month, {year}"), "received", vec![4, 5]))
}

/// Nights away.
pub(super) fn nights(gathered: &Gathered) -> Result<Section, Error> {
    let year = gathered.now.year.as_str();
    let figures = vec![nights_by_setting(gathered)?, nights_by_month(gathered)?];
    let intro = format!("Nights away from home in {year}. A night whose stay nobody has confirmed is still booked.");
    Ok(Section { title: "Nights away", words: vec![intro], figures })
}

/// Nights of a setting: booked, stayed, cancelled, and the most children at a warning and above the limit in a month.
fn of_settings(year: &YearOfReview) -> BTreeMap<(String, String), [i64; 5]> {
    let mut settings: BTreeMap<(String, String), [i64; 5]> = BTreeMap::new();
    for row in &year.nights.rows {
        let [booked, stayed, cancelled, warned, above] = settings.entry((row.provider_name.clone(), row.location.clone())).or_default();
        *booked += row.booked_nights;
        *stayed += row.stayed_nights;
        *cancelled += row.cancelled_nights;
        *warned = (*warned).max(row.children_at_warning);
        *above = (*above).max(row.children_above_limit);
    }
    settings
}

fn nights_by_setting(gathered: &Gathered) -> Result<Figures, Error> {
    let year = gathered.now.year.as_str();
    let (now, before) = (of_settings(&gathered.now), gathered.before.as_ref().map(of_settings));
    let mut columns = vec![
        Column::text("setting"),
        Column::text("place"),
        Column::integer("booked").summed(),
        Column::integer("stayed").summed(),
        Column::integer("cancelled").summed(),
        Column::integer("warned").labelled("Most children at a warning in a month"),
        Column::integer("above").labelled("Most children above the limit in a month"),
    ];
    columns.extend(
        gathered.before.iter().map(|before| Column::integer("stayed_before").labelled(format!("Stayed {}", before.year.as_str())).summed()),
    );
    let keys: BTreeSet<&(String, String)> = now.keys().chain(before.iter().flat_map(BTreeMap::keys)).collect();
    let rows = keys.into_iter().map(|key| {
        let counts = now.get(key).copied().unwrap_or_default();
        let mut cells: Vec<_> = [Cell::text(&key.0), Cell::text(words(&key.1))].into_iter().chain(counts.map(Cell::Integer)).collect();
        cells.extend(before.iter().map(|before| Cell::Integer(before.get(key).map_or(0, |counts| counts[1]))));
        cells
    });
    let nothing = format!("No nights away are on record in {year}.");
    Ok(Figures::of(format!("Nights by setting, {year}"), "Nights by setting", nothing, columns, rows)?.drawn(
        SheetChartKind::Bars,
        format!("Nights stayed by setting, {year}"),
        "nights stayed",
        vec![3],
    ))
}

fn nights_by_month(gathered: &Gathered) -> Result<Figures, Error> {
    let year = gathered.now.year.as_str();
    let mut months: BTreeMap<&str, [i64; 3]> = BTreeMap::new();
    for row in &gathered.now.nights.rows {
        let counts = [row.booked_nights, row.stayed_nights, row.cancelled_nights];
        months.entry(&row.month).or_default().iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }
    let columns = [
        Column::text("month"),
        Column::integer("booked").summed(),
        Column::integer("stayed").summed(),
        Column::integer("cancelled").summed(),
    ];
    let rows = months
        .into_iter()
        .map(|(month, counts)| std::iter::once(Cell::text(month_in_words(month))).chain(counts.map(Cell::Integer)).collect());
    let nothing = format!("No nights away are on record in {year}.");
    Ok(Figures::of(format!("Nights by month, {year}"), "Nights by month", nothing, columns, rows)?.drawn(
        SheetChartKind::Lines,
        format!("Nights stayed by month, {year}"),
        "nights stayed",
        vec![2],
    ))
}

/// Grants and what they brought.
pub(super) fn grants(gathered: &Gathered) -> Result<Section, Error> {
    let (now, year) = (&gathered.now, gathered.now.year.as_str());
    let columns = [
        Column::text("group"),
        Column::date("period_from").labelled("First day"),
        Column::date("period_to").labelled("First day after"),
        Column::pounds("planned_pounds").labelled(format!("To be paid in {year} (£)")).summed(),
        Column::pounds("paid_pounds").labelled("Paid of instalments (£)").summed(),
        Column::integer("returns_due").summed(),
        Column::integer("returns_received").summed(),
        Column::integer("returns_overdue").summed(),
        Column::integer("sessions").summed(),
        Column::integer("reached").labelled("Children and families reached").summed(),
        Column::pounds("per_session_pounds").labelled("Cost of a session (£)"),
        Column::pounds("per_child_pounds").labelled("Cost of a child or family (£)"),
    ];
    let rows = now.grants.rows.iter().map(|row| {
        vec![
            Cell::text(&row.provider_name),
            row.period_from.into(),
            row.period_to.into(),
            Cell::Pence(row.planned_pence),
            Cell::Pence(row.paid_pence),
            Cell::Integer(row.returns_due),
            Cell::Integer(row.returns_received),
            Cell::Integer(row.returns_overdue),
            number(row.sessions),
            number(row.children_and_families_reached),
            pence(row.cost_per_session_pence),
            pence(row.cost_per_child_or_family_pence),
        ]
    });
    let nothing = format!("No grant has a day, an instalment, a payment or a return due in {year}.");
    let figures = Figures::of(format!("Grants and activity, {year}"), "Grants", nothing, columns, rows)?
        .noted("A blank is not known: nothing was returned yet. A grant without instalments is paid in the ledger alone.");
    Ok(Section { title: "Grants and activity", words: Vec::new(), figures: vec![figures] })
}
