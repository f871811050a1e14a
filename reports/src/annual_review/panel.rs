//! The panel: what was decided, how long it took from assessment to start, and what was deferred or declined.

use super::figures::{Figures, number, words};
use super::gathered::{Gathered, YearOfReview};
use super::section::{Section, month_in_words};
use crate::panel::{CountedAs, DecisionStanding};
use crate::panel_decisions::PanelDecisionRow;
use domain::panel::DecisionKind;
use sheets::{Cell, Column, Error, SheetChartKind};
use std::collections::BTreeMap;

/// What a decision can count as, in the order in which it is shown.
const COUNTED: [CountedAs; 7] = [
    CountedAs::Approved,
    CountedAs::ApprovedInPart,
    CountedAs::Deferred,
    CountedAs::Declined,
    CountedAs::Signposted,
    CountedAs::Waiting,
    CountedAs::Withdrawn,
];

/// The panel's year.
pub(super) fn panel(gathered: &Gathered) -> Result<Section, Error> {
    let (now, year) = (&gathered.now.decisions.rows, gathered.now.year.as_str());
    let (first, without) = (now.iter().filter(|row| row.number == 1).count(), now.iter().filter(|row| row.panel_on.is_none()).count());
    let words = vec![
        format!("{} decisions were made in {year}, {first} of them a request's first, {without} without a panel.", now.len()),
        "A request that was decided on twice counts each time. Costs are of the lines decided on, whatever was decided.".to_owned(),
        "Why the panel deferred is written in its minutes, in free words about a child, so it is not in the warehouse. The table of deferrals says by whom, until when, and whether they were heard again.".to_owned(),
    ];
    let figures = vec![outcomes(gathered)?, by_month(gathered)?, times(gathered)?, deferrals(gathered)?, declined(gathered)?];
    Ok(Section { title: "Panel outcomes", words, figures })
}

fn counted(year: &YearOfReview, as_what: CountedAs) -> Vec<&PanelDecisionRow> {
    year.decisions.rows.iter().filter(|row| row.decision == as_what).collect()
}

fn outcomes(gathered: &Gathered) -> Result<Figures, Error> {
    let year = gathered.now.year.as_str();
    let mut columns = vec![
        Column::text("decision"),
        Column::integer("decisions").summed(),
        Column::pounds("full_year_pounds").summed(),
        Column::pounds("this_year_pounds").labelled(format!("Cost in {year} (£)")).summed(),
    ];
    columns.extend(gathered.before.iter().flat_map(|before| {
        let year = before.year.as_str();
        [
            Column::integer("decisions_before").labelled(format!("Decisions {year}")).summed(),
            Column::pounds("full_year_before_pounds").labelled(format!("Full year, {year} (£)")).summed(),
        ]
    }));
    let of = |rows: &[&PanelDecisionRow]| {
        let sum = |pence: fn(&PanelDecisionRow) -> i64| rows.iter().map(|row| pence(row)).sum::<i64>();
        (count(rows.len()), sum(|row| row.full_year_pence), sum(|row| row.this_year_pence))
    };
    let both = |as_what: CountedAs| {
        let now = counted(&gathered.now, as_what);
        (now, gathered.before.as_ref().map(|before| counted(before, as_what)))
    };
    let some = COUNTED.into_iter().map(|as_what| (as_what, both(as_what)));
    let some = some.filter(|(_, (now, before))| !now.is_empty() || before.as_ref().is_some_and(|before| !before.is_empty()));
    let rows = some.map(|(as_what, (now, before))| {
        let (decisions, full_year, this_year) = of(&now);
        let mut cells =
            vec![Cell::text(words(<&str>::from(as_what))), Cell::Integer(decisions), Cell::Pence(full_year), Cell::Pence(this_year)];
        cells.extend(before.iter().flat_map(|before| {
            let (decisions, full_year, _) = of(before);
            [Cell::Integer(decisions), Cell::Pence(full_year)]
        }));
        cells
    });
    let nothing = format!("Nothing was decided in {year}.");
    Ok(Figures::of(format!("Panel outcomes, {year}"), "Panel outcomes", nothing, columns, rows)?
        .noted(
            "What a post declined after the panel counts as declined; what was not ratified counts as deferred, since it is heard again.",
        )
        .drawn(SheetChartKind::Bars, format!("Decisions by outcome, {year}"), "decisions", vec![1]))
}

fn by_month(gathered: &Gathered) -> Result<Figures, Error> {
    let year = gathered.now.year.as_str();
    let mut months: BTreeMap<String, Vec<&PanelDecisionRow>> = BTreeMap::new();
    for row in &gathered.now.decisions.rows {
        months.entry(row.decided_on.format("%Y-%m").to_string()).or_default().push(row);
    }
    let columns = [
        Column::text("month"),
        Column::integer("decisions").summed(),
        Column::integer("agreed").summed(),
        Column::integer("deferred").summed(),
        Column::integer("declined").summed(),
        Column::integer("other").labelled("Signposted, waiting or withdrawn").summed(),
        Column::pounds("agreed_full_year_pounds").labelled("A full year of what was agreed (£)").summed(),
    ];
    let rows = months.into_iter().map(|(month, rows)| {
        let of = |all: &[CountedAs]| Cell::Integer(count(rows.iter().filter(|row| all.contains(&row.decision)).count()));
        vec![
            Cell::text(month_in_words(&month)),
            Cell::Integer(count(rows.len())),
            of(&[CountedAs::Approved, CountedAs::ApprovedInPart]),
            of(&[CountedAs::Deferred]),
            of(&[CountedAs::Declined]),
            of(&[CountedAs::Signposted, CountedAs::Waiting, CountedAs::Withdrawn]),
            Cell::Pence(rows.iter().map(|row| row.decision.agreed(row.full_year_pence)).sum()),
        ]
    });
    let nothing = format!("Nothing was decided in {year}.");
    Ok(Figures::of(format!("Decisions by month, {year}"), "Decisions by month", nothing, columns, rows)?.drawn(
        SheetChartKind::Lines,
        format!("Decisions by month, {year}"),
        "decisions",
        vec![1, 2],
    ))
}

/// A stretch of days of a decision, and what it is called.
type Stretch = (&'static str, fn(&PanelDecisionRow) -> Option<i64>);

const STRETCHES: [Stretch; 3] = [
    ("Assessment authorised to panel", |row| row.days_assessment_to_panel),
    ("Panel to authority for what it approved", |row| row.days_panel_to_authority),
    ("Panel to the first day of support", |row| row.days_panel_to_start),
];

fn times(gathered: &Gathered) -> Result<Figures, Error> {
    let year = gathered.now.year.as_str();
    let mut columns = vec![
        Column::text("stretch").labelled("From and to"),
        Column::integer("decisions").labelled("Decisions with both days"),
        Column::integer("median_days"),
        Column::integer("shortest_days"),
        Column::integer("longest_days"),
    ];
    columns.extend(
        gathered.before.iter().map(|before| Column::integer("median_before").labelled(format!("Median days {}", before.year.as_str()))),
    );
    let days =
        |year: &YearOfReview, of: fn(&PanelDecisionRow) -> Option<i64>| -> Vec<i64> { year.decisions.rows.iter().filter_map(of).collect() };
    let any = STRETCHES.into_iter().filter(|(_, of)| !days(&gathered.now, *of).is_empty());
    let rows = any.map(|(name, of)| {
        let found = days(&gathered.now, of);
        let mut cells = vec![
            Cell::text(name),
            Cell::Integer(count(found.len())),
            number(median(found.clone())),
            number(found.iter().min().copied()),
            number(found.iter().max().copied()),
        ];
        cells.extend(gathered.before.iter().map(|before| number(median(days(before, of)))));
        cells
    });
    let nothing = format!("No decision of {year} has two of the days that are compared.");
    Ok(Figures::of(format!("From assessment to panel to start, {year}"), "Times", nothing, columns, rows)?
        .noted("A median of an even number may end in a half day: it is rounded down. Days below nought are of support that was in force before the panel."))
}

fn deferrals(gathered: &Gathered) -> Result<Figures, Error> {
    let year = gathered.now.year.as_str();
    let columns = [
        Column::text("why").labelled("Deferred"),
        Column::integer("decisions").summed(),
        Column::integer("not_yet_heard_again").summed(),
        Column::integer("median_days_until").labelled("Median days until it was to be heard again"),
        Column::pounds("full_year_pounds").summed(),
    ];
    let deferred = counted(&gathered.now, CountedAs::Deferred);
    let by_panel: Vec<_> = deferred
        .iter()
        .copied()
        .filter(|row| row.kind == DecisionKind::Deferred && row.outcome != DecisionStanding::DeclinedAtRatification)
        .collect();
    let not_ratified: Vec<_> = deferred.iter().copied().filter(|row| row.outcome == DecisionStanding::DeclinedAtRatification).collect();
    let kinds = [("By the panel", by_panel), ("Because a deputy's decision was not ratified", not_ratified)];
    let rows = kinds.into_iter().filter(|(_, rows)| !rows.is_empty()).map(|(name, rows)| {
        let until = rows.iter().filter_map(|row| Some((row.deferred_until? - row.decided_on).num_days())).collect();
        vec![
            Cell::text(name),
            Cell::Integer(count(rows.len())),
            Cell::Integer(count(rows.iter().filter(|row| row.is_last).count())),
            number(median(until)),
            Cell::Pence(rows.iter().map(|row| row.full_year_pence).sum()),
        ]
    });
    Figures::of(format!("Deferrals, {year}"), "Deferrals", format!("Nothing was deferred in {year}."), columns, rows)
}

fn declined(gathered: &Gathered) -> Result<Figures, Error> {
    let year = gathered.now.year.as_str();
    let mut reasons: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for row in counted(&gathered.now, CountedAs::Declined) {
        let reason = row.decline_reason.map_or_else(|| "No reason on record".to_owned(), |reason| words(reason.as_str()));
        let (decisions, pence) = reasons.entry(reason).or_default();
        (*decisions, *pence) = (*decisions + 1, *pence + row.full_year_pence);
    }
    let columns = [Column::text("reason"), Column::integer("decisions").summed(), Column::pounds("full_year_pounds").summed()];
    let rows =
        reasons.into_iter().map(|(reason, (decisions, pence))| vec![Cell::text(reason), Cell::Integer(decisions), Cell::Pence(pence)]);
    Figures::of(format!("Declined, by reason, {year}"), "Declined", format!("Nothing was declined in {year}."), columns, rows)
}

/// The middle of some days; of an even number the mean of the middle two, a half day rounded down. None of none.
pub(super) fn median(mut days: Vec<i64>) -> Option<i64> {
    days.sort_unstable();
    let middle = days.len() / 2;
    match days.len() % 2 {
        1 => days.get(middle).copied(),
        _ => Some((days.get(middle.checked_sub(1)?)? + days.get(middle)?).div_euclid(2)),
    }
}

/// How many, as a cell counts.
pub(super) fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_is_the_middle_and_a_half_day_is_dropped() {
        for (days, expected) in
            [(vec![], None), (vec![7], Some(7)), (vec![28, 11], Some(19)), (vec![3, 1, 2], Some(2)), (vec![-2, -1], Some(-2))]
        {
            assert_eq!(median(days.clone()), expected, "{days:?}");
        }
    }
}
