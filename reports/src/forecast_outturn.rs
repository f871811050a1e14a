//! `forecast-outturn`: what a year will come to by budget line and month, as known on a day, and how that moved since an earlier one.

use crate::error::Error;
use crate::origin::Origin;
use crate::panel::MartRows;
use crate::years::{require, require_budget_lines};
use chrono::NaiveDate;
use domain::commitments::Cause;
use domain::{FinancialYear, Profile};
use etl::{History, MonthMovement, Outturn, Question, Snapshot, Which, texts};
use serde::Serialize;
use sheets::{Cell, Column, Sheet};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use utoipa::ToSchema;

/// What a forecast is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutturnQuery {
    /// The financial year.
    pub year: FinancialYear,
    /// Only these budget lines, by code; none named, all.
    pub budget_lines: Vec<String>,
    /// Only what was recorded by the end of that day, in the authority's time zone, counts; none, all that the snapshot holds.
    pub as_known_on: Option<NaiveDate>,
    /// The end of an earlier day, since which the movement is told; none, it is not.
    pub since: Option<NaiveDate>,
}

/// What a year will come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ForecastOutturn {
    /// The snapshot it is from.
    pub snapshot_id: String,
    /// The financial year.
    pub year: FinancialYear,
    /// Only what was recorded by the end of that day, in the authority's time zone, counts; null, all that the snapshot holds.
    pub as_known_on: Option<NaiveDate>,
    /// The day since whose end the movement is told; null, it is not.
    pub since: Option<NaiveDate>,
    /// By budget line and month, every month.
    pub rows: Vec<OutturnRow>,
    /// What payments have settled, where they were too much, and which settle nothing.
    pub payments: Vec<PaymentRow>,
    /// When that snapshot was made.
    #[serde(skip)]
    #[schema(ignore)]
    pub origin: Origin,
}

/// A month of a budget line. Expenditure is positive, income negative.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ForecastOutturnRow)]
pub struct OutturnRow {
    /// The budget line's code.
    #[schema(example = "home_care")]
    pub budget_line: String,
    /// The calendar month.
    #[schema(example = "2024-06")]
    pub month: String,
    /// What the ledger has, in pence; what was posted in a year that was closed counts in the first month.
    pub actual_pence: i64,
    /// What is still to be paid of what is planned for the month's days, in pence.
    pub committed_pence: i64,
    /// Of what is committed, what rests on package lines that nobody with the authority has confirmed, in pence.
    pub unconfirmed_pence: i64,
    /// Actual and committed.
    pub forecast_pence: i64,
    /// What requests that no package carries out yet would cost in the month, weighted by the state they stand in; gross of their own
    /// lines.
    pub pending_pence: i64,
    /// Forecast and pending.
    pub forecast_with_pending_pence: i64,
    /// How the forecast moved; null where that was not asked for.
    pub movement: Option<OutturnMovement>,
}

/// How a month's forecast moved since the end of an earlier day, in pence: the causes add up to the difference.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ForecastMovement)]
pub struct OutturnMovement {
    /// The forecast then.
    pub forecast_before_pence: i64,
    /// Arrangements and awards that were not known, or days after the last that was.
    pub new_pence: i64,
    /// Days no longer planned, and none after them.
    pub ended_pence: i64,
    /// More or less, or more or less often.
    pub volume_pence: i64,
    /// Another rate.
    pub rate_pence: i64,
    /// The same on other days: a later start, a suspension.
    pub timing_pence: i64,
    /// What had been recorded wrongly.
    pub correction_pence: i64,
    /// Paid otherwise than planned: spend that settles nothing, what was released, closed or carried forward.
    pub payment_pence: i64,
    /// How what requests weigh moved; no part of the forecast.
    pub pending_pence: i64,
}

/// What became of the payments for one target and provider, in pence. Expenditure is positive, income negative.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SettledPaymentRow)]
pub struct PaymentRow {
    /// The budget line's code.
    #[schema(example = "home_care")]
    pub budget_line: String,
    /// What they settle: `invoice` (a receipt says so), `arrangement` (they were matched), `order` (they name it), `provider`, `budget_line` (they name no provider); or
    /// `unmatched`.
    #[schema(example = "provider")]
    pub target: String,
    /// The provider's code; null where that is no one provider.
    #[schema(example = "willow_house")]
    pub provider: Option<String>,
    /// The provider's name.
    pub provider_name: Option<String>,
    /// Why they settle nothing; null where they do.
    #[schema(example = "provider_not_planned")]
    pub reason: Option<String>,
    /// What they add up to: paid + overpaid − credit + unmatched.
    pub payments_pence: i64,
    /// What they have settled.
    pub paid_pence: i64,
    /// What is beyond all that was planned.
    pub overpaid_pence: i64,
    /// What was credited beyond all that had been paid.
    pub credit_pence: i64,
    /// What settles nothing.
    pub unmatched_pence: i64,
}

/// The forecast of a year. `profile` costs the lines and weighs the requests of an earlier day, and of a movement.
pub fn forecast_outturn(warehouse: &Path, which: &Which, profile: &Profile, query: &OutturnQuery) -> Result<ForecastOutturn, Error> {
    Snapshot::reading(warehouse, which, |snapshot| outturn_of(snapshot, profile, query), Error::is_gone)
}

pub(crate) fn outturn_of(snapshot: &Snapshot, profile: &Profile, query: &OutturnQuery) -> Result<ForecastOutturn, Error> {
    let OutturnQuery { year, budget_lines, as_known_on, since } = query;
    require(snapshot, *year)?;
    require_budget_lines(snapshot, budget_lines)?;
    refuse_days(snapshot, *as_known_on, *since)?;
    let (rows, payments) = match (as_known_on, since) {
        (None, None) => (published_rows(snapshot, query)?, published_payments(snapshot, query)?),
        _ => {
            let history = History::of(snapshot)?;
            let question = Question { profile, year: *year, budget_lines, known_on: *as_known_on };
            let (Outturn { months, payments }, movement) = history.outturn_since(&question, *since)?;
            let mut movement = movement.into_iter();
            let rows = months.into_iter().map(|month| {
                let moved = movement.next().map(|moved| moved_by(&moved));
                let label = year.period_starts_on(month.period).format("%Y-%m").to_string();
                row(month.budget_line, label, [month.actual.0, month.committed.0, month.unconfirmed.0, month.pending.0], moved)
            });
            (rows.collect(), settled(snapshot, payments)?)
        }
    };
    let snapshot_id = snapshot.id().to_owned();
    Ok(ForecastOutturn { snapshot_id, year: *year, as_known_on: *as_known_on, since: *since, rows, payments, origin: Origin::of(snapshot) })
}

/// A day that the snapshot cannot know, and a movement that would run backwards.
fn refuse_days(snapshot: &Snapshot, as_known_on: Option<NaiveDate>, since: Option<NaiveDate>) -> Result<(), Error> {
    let origin = Origin::of(snapshot);
    let last = origin.as_known_on.unwrap_or_else(|| origin.zone.day_of(origin.made_at));
    if let Some(day) = as_known_on.filter(|day| *day > last) {
        return Err(Error::NotYetKnown { day, last });
    }
    let known_on = as_known_on.unwrap_or(last);
    match since.filter(|since| *since > known_on) {
        Some(since) => Err(Error::SinceLater { since, known_on }),
        None => Ok(()),
    }
}

fn row(
    budget_line: String,
    month: String,
    [actual, committed, unconfirmed, pending]: [i64; 4],
    movement: Option<OutturnMovement>,
) -> OutturnRow {
    OutturnRow {
        budget_line,
        month,
        actual_pence: actual,
        committed_pence: committed,
        unconfirmed_pence: unconfirmed,
        forecast_pence: actual + committed,
        pending_pence: pending,
        forecast_with_pending_pence: actual + committed + pending,
        movement,
    }
}

fn moved_by(moved: &MonthMovement) -> OutturnMovement {
    let of = |cause: Cause| moved.causes.get(&cause).map_or(0, |amount| amount.0);
    OutturnMovement {
        forecast_before_pence: moved.before.0,
        new_pence: of(Cause::New),
        ended_pence: of(Cause::Ended),
        volume_pence: of(Cause::Volume),
        rate_pence: of(Cause::Rate),
        timing_pence: of(Cause::Timing),
        correction_pence: of(Cause::Correction),
        payment_pence: of(Cause::Payment),
        pending_pence: moved.pending.0,
    }
}

fn is_asked(query: &OutturnQuery, line: &String) -> bool {
    query.budget_lines.is_empty() || query.budget_lines.contains(line)
}

/// What the run published.
fn published_rows(snapshot: &Snapshot, query: &OutturnQuery) -> Result<Vec<OutturnRow>, Error> {
    let mart = MartRows::of(snapshot, "forecast_outturn", query.year, "period")?;
    let (lines, months) = (mart.words::<String>("budget_line")?, mart.words::<String>("calendar_month")?);
    let [actual, committed, pending] = ["actual_pence", "committed_pence", "pending_pence"].map(|column| mart.numbers(column));
    let (actual, committed, pending) = (actual?, committed?, pending?);
    // A snapshot from before told nothing apart.
    let unconfirmed = if mart.has("unconfirmed_pence") { mart.numbers("unconfirmed_pence")? } else { vec![0; mart.len()] };
    let rows = (0..mart.len()).filter(|index| is_asked(query, &lines[*index]));
    let mut rows: Vec<_> = rows
        .map(|index| {
            let amounts = [actual[index], committed[index], unconfirmed[index], pending[index]];
            row(lines[index].clone(), months[index].clone(), amounts, None)
        })
        .collect();
    rows.sort_by(|a, b| (&a.budget_line, &a.month).cmp(&(&b.budget_line, &b.month)));
    Ok(rows)
}

fn published_payments(snapshot: &Snapshot, query: &OutturnQuery) -> Result<Vec<PaymentRow>, Error> {
    let mart = MartRows::of(snapshot, "payment_settlement", query.year, "budget_line")?;
    let (lines, targets) = (mart.words::<String>("budget_line")?, mart.words::<String>("target")?);
    let [codes, names, reasons] = ["provider_code", "provider_name", "reason"].map(|column| mart.optional::<String>(column));
    let (codes, names, reasons) = (codes?, names?, reasons?);
    let columns = ["payments_pence", "paid_pence", "overpaid_pence", "credit_pence", "unmatched_pence"];
    let amounts: Vec<Vec<i64>> = columns.iter().map(|column| mart.numbers(column)).collect::<Result<_, _>>()?;
    let rows = (0..mart.len()).filter(|index| is_asked(query, &lines[*index]));
    let mut rows: Vec<_> = rows
        .map(|index| PaymentRow {
            budget_line: lines[index].clone(),
            target: targets[index].clone(),
            provider: codes[index].clone(),
            provider_name: names[index].clone(),
            reason: reasons[index].clone(),
            payments_pence: amounts[0][index],
            paid_pence: amounts[1][index],
            overpaid_pence: amounts[2][index],
            credit_pence: amounts[3][index],
            unmatched_pence: amounts[4][index],
        })
        .collect();
    rows.sort_by(in_order);
    Ok(rows)
}

/// The same, of an earlier day.
fn settled(snapshot: &Snapshot, payments: Vec<etl::SettledPayments>) -> Result<Vec<PaymentRow>, Error> {
    let table = snapshot.table("dim_provider")?;
    let [keys, codes, names] = ["provider_key", "provider_code", "provider_name"].map(|column| texts(&table, column));
    let providers: HashMap<_, _> = keys?.into_iter().zip(codes?.into_iter().zip(names?)).collect();
    type Key = (String, &'static str, Option<String>, Option<&'static str>);
    let mut rows: BTreeMap<Key, PaymentRow> = BTreeMap::new();
    for one in payments {
        let key = (one.budget_line.clone(), one.target, one.provider.clone(), one.reason);
        let (provider, provider_name) = one.provider.and_then(|key| providers.get(&Some(key)).cloned()).unwrap_or_default();
        let row = rows.entry(key).or_insert_with(|| PaymentRow {
            budget_line: one.budget_line,
            target: one.target.to_owned(),
            provider,
            provider_name,
            reason: one.reason.map(str::to_owned),
            payments_pence: 0,
            paid_pence: 0,
            overpaid_pence: 0,
            credit_pence: 0,
            unmatched_pence: 0,
        });
        row.payments_pence += one.payments.0;
        row.paid_pence += one.paid.0;
        row.overpaid_pence += one.overpaid.0;
        row.credit_pence += one.credit.0;
        row.unmatched_pence += one.unmatched.0;
    }
    let mut rows: Vec<_> = rows.into_values().collect();
    rows.sort_by(in_order);
    Ok(rows)
}

fn in_order(a: &PaymentRow, b: &PaymentRow) -> std::cmp::Ordering {
    (&a.budget_line, &a.target, &a.provider, &a.reason).cmp(&(&b.budget_line, &b.target, &b.provider, &b.reason))
}

impl OutturnMovement {
    fn cells(&self) -> [Cell; 9] {
        [
            self.forecast_before_pence,
            self.new_pence,
            self.ended_pence,
            self.volume_pence,
            self.rate_pence,
            self.timing_pence,
            self.correction_pence,
            self.payment_pence,
            self.pending_pence,
        ]
        .map(Cell::Pence)
    }
}

impl ForecastOutturn {
    /// One line a budget line and month; with the movement beside it where it was asked for.
    pub fn to_sheet(&self) -> Result<Sheet, sheets::Error> {
        let mut columns = vec![Column::text("budget_line"), Column::text("month")];
        let amounts = [
            "actual_pounds",
            "committed_pounds",
            "forecast_pounds",
            "pending_pounds",
            "forecast_with_pending_pounds",
            "unconfirmed_pounds",
        ];
        columns.extend(amounts.map(|header| Column::pounds(header).summed()));
        if self.since.is_some() {
            let causes = ["new", "ended", "volume", "rate", "timing", "correction", "payment", "pending"];
            columns.push(Column::pounds("forecast_before_pounds").summed());
            columns.extend(causes.map(|cause| Column::pounds(format!("moved_{cause}_pounds")).summed()));
        }
        let rows = self.rows.iter().map(|row| {
            let amounts = [
                row.actual_pence,
                row.committed_pence,
                row.forecast_pence,
                row.pending_pence,
                row.forecast_with_pending_pence,
                row.unconfirmed_pence,
            ];
            let words = [Cell::text(&row.budget_line), Cell::text(&row.month)];
            let movement = row.movement.iter().flat_map(OutturnMovement::cells);
            words.into_iter().chain(amounts.map(Cell::Pence)).chain(movement).collect()
        });
        let mut sheet = Sheet::new(format!("Forecast outturn {}", self.year.as_str()), columns).tab("Forecast outturn").heading(
            "Expenditure is positive, income negative; forecast is actual and committed, and what requests may add is shown apart",
        );
        sheet = sheet.heading("Unconfirmed is how much of what is committed rests on lines that nobody with the authority has confirmed");
        if let Some(day) = self.as_known_on {
            sheet = sheet.heading(format!("As known on {}", day.format("%-d %B %Y")));
        }
        if let Some(day) = self.since {
            sheet = sheet.heading(format!("Moved since {}: the causes from new to payment add up", day.format("%-d %B %Y")));
        }
        sheet.heading(self.origin.heading(&self.snapshot_id)).with_rows(rows)
    }

    /// One line a budget line, target, provider and reason.
    pub fn payments_sheet(&self) -> Result<Sheet, sheets::Error> {
        let mut columns = vec![
            Column::text("budget_line"),
            Column::text("target").labelled("Paid for"),
            Column::text("provider").labelled("Provider code"),
            Column::text("provider_name").labelled("Provider"),
            Column::text("reason").labelled("Why unmatched"),
        ];
        let amounts = ["payments_pounds", "paid_pounds", "overpaid_pounds", "credit_pounds", "unmatched_pounds"];
        columns.extend(amounts.map(|header| Column::pounds(header).summed()));
        let rows = self.payments.iter().map(|row| {
            let words = [
                Cell::text(&row.budget_line),
                Cell::text(&row.target),
                Cell::from(row.provider.clone()),
                Cell::from(row.provider_name.clone()),
                Cell::from(row.reason.clone()),
            ];
            let amounts = [row.payments_pence, row.paid_pence, row.overpaid_pence, row.credit_pence, row.unmatched_pence];
            words.into_iter().chain(amounts.map(Cell::Pence)).collect()
        });
        Sheet::new(format!("Payments {}", self.year.as_str()), columns)
            .tab("Payments")
            .heading("Payments are what they have settled, and overpaid, less credit, and unmatched")
            .heading(self.origin.heading(&self.snapshot_id))
            .with_rows(rows)
    }

    /// The months and the payments, as a workbook has them.
    pub fn to_sheets(&self) -> Result<Vec<Sheet>, sheets::Error> {
        Ok(vec![self.to_sheet()?, self.payments_sheet()?])
    }
}
