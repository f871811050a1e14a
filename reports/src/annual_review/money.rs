//! Money: spend against budget by line and month, what moved it, and what the next year bears.

use super::figures::{Figures, number, pence, words};
use super::gathered::{Gathered, YearOfReview};
use super::section::{Section, month_in_words};
use crate::forecast_outturn::{OutturnMovement, OutturnRow};
use documents::Value;
use sheets::{Cell, Column, Error, SheetChartKind};
use std::collections::BTreeMap;

const SIGNS: &str = "Expenditure is positive, income negative. A positive variance is overspent, or income missed.";

/// Spend against budget, by line and by month.
pub(super) fn spend(gathered: &Gathered) -> Result<Section, Error> {
    let figures = vec![by_line(gathered)?, by_month(gathered)?, by_sector(gathered)?, budget_changes(gathered)?];
    let year = gathered.now.year.as_str();
    let so_far = (!gathered.has_ended).then(|| format!("{year} is not over: actual spend is what was paid so far."));
    Ok(Section { title: "Spend against budget", words: so_far.into_iter().collect(), figures })
}

fn by_line(gathered: &Gathered) -> Result<Figures, Error> {
    let (now, year) = (&gathered.now, gathered.now.year.as_str());
    let mut columns = vec![Column::text("budget_line").labelled("Budget line")];
    columns
        .extend(["budget", "actual", "commitment", "forecast", "variance"].map(|name| Column::pounds(format!("{name}_pounds")).summed()));
    columns.extend(gathered.before.iter().flat_map(|before| {
        ["budget", "actual", "variance"].map(|name| {
            let label = format!("{} {} (£)", words(name), before.year.as_str());
            Column::pounds(format!("{name}_before_pounds")).labelled(label).summed()
        })
    }));
    let rows = now.position.rows.iter().map(|row| {
        let of = &row.amounts;
        let amounts = [of.budget_pence, of.actual_pence, of.commitment_pence, of.forecast_pence, of.variance_pence];
        let before = gathered.before.iter().flat_map(|before| {
            let row = before.position.rows.iter().find(|one| one.budget_line == row.budget_line);
            [row.map(|row| row.amounts.budget_pence), row.map(|row| row.amounts.actual_pence), row.map(|row| row.amounts.variance_pence)]
        });
        std::iter::once(Cell::text(&row.name)).chain(amounts.map(Cell::Pence)).chain(before.map(pence)).collect()
    });
    let title = format!("Spend against budget by line, {year}");
    Ok(Figures::of(title, "By line", format!("No budget line is kept in {year}."), columns, rows)?
        .noted(SIGNS)
        .noted("Forecast is actual and commitment; a closed year has no commitment. The total is the net position.")
        .drawn(SheetChartKind::Bars, format!("Budget and forecast by line, {year}"), "budgeted", vec![1, 4]))
}

/// What is summed of the months: by calendar month.
fn sums(rows: &[OutturnRow], of: impl Fn(&OutturnRow) -> i64) -> BTreeMap<&str, i64> {
    let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
    for row in rows {
        *sums.entry(row.month.as_str()).or_default() += of(row);
    }
    sums
}

fn by_month(gathered: &Gathered) -> Result<Figures, Error> {
    let (now, year) = (&gathered.now, gathered.now.year.as_str());
    let actual = sums(&now.months, |row| row.actual_pence);
    let committed = sums(&now.months, |row| row.committed_pence);
    // Months of two years stand beside one another by their place in the year.
    let before: Vec<i64> = gathered.before.iter().flat_map(|before| sums(&before.months, |row| row.actual_pence).into_values()).collect();
    let mut columns = vec![Column::text("month"), Column::pounds("all_actual_pounds").labelled("All lines (£)").summed()];
    columns.push(Column::pounds("all_committed_pounds").labelled("Still committed (£)").summed());
    columns.extend(
        gathered
            .before
            .iter()
            .map(|before| Column::pounds("all_before_pounds").labelled(format!("All lines {} (£)", before.year.as_str())).summed()),
    );
    let lines: Vec<&str> = now.position.rows.iter().map(|row| row.budget_line.as_str()).collect();
    columns.extend(
        lines.iter().map(|code| Column::pounds(format!("{code}_pounds")).labelled(format!("{} (£)", now.line_name(code))).summed()),
    );
    let of_line: BTreeMap<(&str, &str), i64> =
        now.months.iter().map(|row| ((row.month.as_str(), row.budget_line.as_str()), row.actual_pence)).collect();
    // Of a month to come nothing is known yet: a nought would look as if spending had stopped.
    let this_month = gathered.made_on().format("%Y-%m").to_string();
    let spent = |month: &str, pence: i64| if pence == 0 && month > this_month.as_str() { Cell::Blank } else { Cell::Pence(pence) };
    let rows = actual.iter().enumerate().map(|(place, (month, pence))| {
        let mut cells = vec![Cell::text(month_in_words(month)), spent(month, *pence)];
        cells.push(Cell::Pence(committed.get(month).copied().unwrap_or_default()));
        cells.extend(gathered.before.iter().map(|_| before.get(place).map_or(Cell::Blank, |pence| Cell::Pence(*pence))));
        cells.extend(lines.iter().map(|line| spent(month, of_line.get(&(*month, *line)).copied().unwrap_or_default())));
        cells
    });
    let series = if gathered.before.is_some() { vec![1, 3] } else { vec![1] };
    Ok(Figures::of(format!("Spend by month and line, {year}"), "By month", format!("Nothing was spent in {year}."), columns, rows)?
        .noted("What was posted in a year that was closed counts in the first month. Nothing is spent yet in a month that is blank.")
        .drawn(SheetChartKind::Lines, format!("Net spend by month, {year}"), "spent", series))
}

fn by_sector(gathered: &Gathered) -> Result<Figures, Error> {
    let year = gathered.now.year.as_str();
    let of = |one: &YearOfReview| -> BTreeMap<String, (i64, i64)> {
        one.sectors.iter().map(|row| (row.sector.clone().flatten().unwrap_or_default(), (row.actual_pence, row.entries))).collect()
    };
    let (now, before) = (of(&gathered.now), gathered.before.as_ref().map(of));
    let codes: std::collections::BTreeSet<&String> = now.keys().chain(before.iter().flat_map(BTreeMap::keys)).collect();
    let mut columns = vec![Column::text("sector"), Column::pounds("actual_pounds").summed(), Column::integer("entries").summed()];
    columns.extend(
        gathered
            .before
            .iter()
            .map(|before| Column::pounds("before_pounds").labelled(format!("Actual {} (£)", before.year.as_str())).summed()),
    );
    let rows = codes.into_iter().map(|code| {
        let name = if code.is_empty() { "No provider named".to_owned() } else { words(code) };
        let (actual, entries) = now.get(code).copied().unwrap_or_default();
        let mut cells = vec![Cell::text(name), Cell::Pence(actual), Cell::Integer(entries)];
        cells.extend(before.iter().map(|before| Cell::Pence(before.get(code).map_or(0, |(pence, _)| *pence))));
        cells
    });
    Figures::of(
        format!("Spend by the provider's sector, {year}"),
        "Spend by sector",
        format!("Nothing was spent in {year}."),
        columns,
        rows,
    )
}

fn budget_changes(gathered: &Gathered) -> Result<Figures, Error> {
    let (now, year) = (&gathered.now, gathered.now.year.as_str());
    let names = ["original", "virements", "adjustments", "carried_forward", "reversed", "budget"];
    let columns = std::iter::once(Column::text("budget_line"))
        .chain(names.map(|name| Column::pounds(format!("{name}_pounds")).summed()))
        .collect::<Vec<_>>();
    let kept = now.changes.iter().filter(|row| row.amounts_pence != [0; 6]);
    let rows =
        kept.map(|row| std::iter::once(Cell::text(now.line_name(&row.budget_line))).chain(row.amounts_pence.map(Cell::Pence)).collect());
    Figures::of(
        format!("How the budget came about, {year}"),
        "Budget changes",
        format!("No budget is on record for {year}."),
        columns,
        rows,
    )
}

/// What moved the forecast away from what was known when the year began.
pub(super) fn causes(gathered: &Gathered) -> Result<Section, Error> {
    let (now, year) = (&gathered.now, gathered.now.year);
    let moved = gathered.moved.as_deref().unwrap_or_default();
    let by = |key: fn(&OutturnRow) -> &str| {
        let mut sums: BTreeMap<String, (OutturnMovement, i64)> = BTreeMap::new();
        for (row, movement) in moved.iter().filter_map(|row| Some((row, row.movement?))) {
            let sum = sums.entry(key(row).to_owned()).or_default();
            *sum = (added(sum.0, movement), sum.1 + row.forecast_pence);
        }
        sums
    };
    let nothing = format!("The snapshot is from before {} began, so nothing has moved since.", year.as_str());
    let table = |title: String, tab: &str, first: &str, rows: Vec<(String, (OutturnMovement, i64))>| {
        let names = ["known_before", "new", "ended", "volume", "rate", "timing", "correction", "payment", "forecast"];
        let labels = names.map(|name| match name {
            "known_before" => Column::pounds("known_before_pounds").labelled("Known when the year began (£)").summed(),
            name => Column::pounds(format!("{name}_pounds")).summed(),
        });
        let columns: Vec<_> = std::iter::once(Column::text(first)).chain(labels).collect();
        let rows = rows.into_iter().map(|(name, (movement, forecast))| {
            std::iter::once(Cell::text(name)).chain(causes_of(movement).map(Cell::Pence)).chain([Cell::Pence(forecast)]).collect()
        });
        Figures::of(title, tab, nothing.clone(), columns, rows)
    };
    let mut lines: BTreeMap<String, (OutturnMovement, i64)> = by(|row| &row.budget_line);
    let in_order = now.position.rows.iter().filter_map(|row| Some((row.name.clone(), lines.remove(&row.budget_line)?)));
    let months = by(|row| &row.month).into_iter().map(|(month, sums)| (month_in_words(&month), sums)).collect();
    let of_lines = table(
        format!("What moved the forecast, by line, {}", year.as_str()),
        "Causes by line",
        "budget_line",
        in_order.collect(),
    )?
    .noted("New, ended, volume, rate, timing and correction are of packages and awards; payment is what was paid otherwise than planned.")
    .noted("What was recorded only after the year began counts as new, also where the support is older.");
    let of_months = table(format!("What moved the forecast, by month, {}", year.as_str()), "Causes by month", "month", months)?;
    let intro = "The forecast as it was known at the end of the day before the year began, each cause that moved it since, and the forecast as it is now. The causes add up to the difference.";
    Ok(Section { title: "Why spend differs from the plan", words: vec![intro.to_owned()], figures: vec![of_lines, of_months] })
}

fn added(a: OutturnMovement, b: OutturnMovement) -> OutturnMovement {
    OutturnMovement {
        forecast_before_pence: a.forecast_before_pence + b.forecast_before_pence,
        new_pence: a.new_pence + b.new_pence,
        ended_pence: a.ended_pence + b.ended_pence,
        volume_pence: a.volume_pence + b.volume_pence,
        rate_pence: a.rate_pence + b.rate_pence,
        timing_pence: a.timing_pence + b.timing_pence,
        correction_pence: a.correction_pence + b.correction_pence,
        payment_pence: a.payment_pence + b.payment_pence,
        pending_pence: a.pending_pence + b.pending_pence,
    }
}

fn causes_of(movement: OutturnMovement) -> [i64; 8] {
    [
        movement.forecast_before_pence,
        movement.new_pence,
        movement.ended_pence,
        movement.volume_pence,
        movement.rate_pence,
        movement.timing_pence,
        movement.correction_pence,
        movement.payment_pence,
    ]
}

/// What packages in force at the year's end cost in a full year, beside what this year bears of packages.
pub(super) fn full_year_effect(gathered: &Gathered) -> Result<Section, Error> {
    let (now, year) = (&gathered.now, gathered.now.year.as_str());
    let columns = [
        Column::text("budget_line"),
        Column::pounds("planned_pounds").labelled(format!("In {year} (£)")).summed(),
        Column::pounds("full_year_pounds").labelled("In a full year (£)").summed(),
        Column::pounds("effect_pounds").labelled("Full-year effect (£)").summed(),
    ];
    let rows = now
        .effect
        .iter()
        .filter(|row| row.amounts_pence != [0; 3])
        .map(|row| std::iter::once(Cell::text(now.line_name(&row.budget_line))).chain(row.amounts_pence.map(Cell::Pence)).collect());
    let figures =
        Figures::of(format!("Next year's full-year effect of {year}"), "Full-year effect", format!("No package was in force in {year}."), columns, rows)?
            .noted("Only support that somebody with the authority agreed counts, gross of health's share. Lines that end next year count with a full year.")
            .noted("A full year is the weeks that the profile says. A year in force costs a little more.")
            .drawn(SheetChartKind::Bars, format!("Packages in {year} and in a full year"), "planned", vec![1, 2]);
    let intro = "What the next year bears more, or less, of packages if nothing else changes: those in force at its end count whole, and those that ended no longer.";
    Ok(Section { title: "Next year's full-year effect", words: vec![intro.to_owned()], figures: vec![figures] })
}

/// Spend divided by activity.
pub(super) fn unit_costs(gathered: &Gathered) -> Result<Section, Error> {
    let (now, year) = (&gathered.now, gathered.now.year.as_str());
    let mut columns = vec![
        Column::text("provider"),
        Column::text("budget_line"),
        Column::text("unit"),
        Column::pounds("spend_pounds").summed(),
        Column::text("units").labelled("Units of activity"),
        Column::pounds("unit_cost_pounds"),
        Column::pounds("median_pounds").labelled("Median of its like (£)"),
        Column::text("stands_out"),
        Column::text("why_none").labelled("Why there is none"),
    ];
    columns.extend(
        gathered
            .before
            .iter()
            .map(|before| Column::pounds("unit_cost_before_pounds").labelled(format!("Unit cost {} (£)", before.year.as_str()))),
    );
    let rows = now.costs.rows.iter().map(|row| {
        let judged = match row.outlier {
            crate::Outlier::High => "high",
            crate::Outlier::Low => "low",
            crate::Outlier::No => "no",
            crate::Outlier::NotJudged => "",
        };
        let mut cells = vec![
            Cell::text(row.provider_name.clone().unwrap_or_else(|| "No provider named".to_owned())),
            row.budget_line.as_deref().map(|code| now.line_name(code)).into(),
            row.unit.map(|unit| words(unit.as_str())).into(),
            pence(row.spend_pence),
            row.activity_thousandths.map(|units| Value::Thousandths(units).to_string()).into(),
            pence(row.unit_cost_pence),
            pence(row.median_unit_cost_pence),
            Cell::text(judged),
            row.why_no_cost.map(|why| words(<&str>::from(why))).into(),
        ];
        cells.extend(gathered.before.iter().map(|before| {
            let is_same =
                |one: &&crate::UnitCostRow| (&one.budget_line, &one.provider, one.unit) == (&row.budget_line, &row.provider, row.unit);
            pence(before.costs.rows.iter().find(is_same).and_then(|one| one.unit_cost_pence))
        }));
        cells
    });
    let nothing = format!("Neither spend nor activity is on record in {year}.");
    let figures = Figures::of(format!("Unit costs, {year}"), "Unit costs", nothing, columns, rows)?.noted(
        "Spend of the ledger divided by activity: units that packages planned, up to the snapshot's day, and sessions that were returned.",
    );
    Ok(Section { title: "Unit costs", words: Vec::new(), figures: vec![figures] })
}

/// What families' direct payment accounts were paid and used.
pub(super) fn direct_payments(gathered: &Gathered) -> Result<Section, Error> {
    let (now, year) = (&gathered.now, gathered.now.year.as_str());
    let mut states: BTreeMap<&str, (i64, [i64; 7])> = BTreeMap::new();
    for row in &now.accounts.rows {
        let (accounts, sums) = states.entry(row.state.as_str()).or_default();
        let amounts = [
            row.paid_pence,
            row.planned_pence,
            row.evidenced_pence,
            row.audited_pence,
            row.required_pence,
            row.repaid_pence,
            row.owed_pence,
        ];
        *accounts += 1;
        sums.iter_mut().zip(amounts).for_each(|(sum, amount)| *sum += amount);
    }
    let names = ["paid", "still_to_be_paid", "spent_by_returns", "spent_by_audits", "asked_back", "paid_back", "owed"];
    let columns: Vec<_> = [Column::text("state").labelled("Accounts that are"), Column::integer("accounts").summed()]
        .into_iter()
        .chain(names.map(|name| Column::pounds(format!("{name}_pounds")).summed()))
        .collect();
    let rows = states.into_iter().map(|(state, (accounts, sums))| {
        [Cell::text(words(state)), number(Some(accounts))].into_iter().chain(sums.map(Cell::Pence)).collect()
    });
    let nothing = format!("No direct payment account was in force in {year}.");
    let figures = Figures::of(format!("Direct payment accounts, {year}"), "Direct payments", nothing, columns, rows)?
        .noted("As they stood at the year's end, or on the snapshot's day.");
    Ok(Section { title: "Direct payments", words: Vec::new(), figures: vec![figures] })
}
