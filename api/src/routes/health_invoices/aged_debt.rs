//! Aged debt: what funders owe, by how long it is past due, on a day and as it was known on a day.

use crate::app::{Answer, App};
use crate::auth::Caller;
use crate::auth::permission::JointFundingRead;
use crate::extract::Params;
use crate::format::{Format, Workbook};
use crate::period::day_parameter;
use crate::problem::{Code, FieldError, Problem};
use actix_web::web::Data;
use actix_web::{HttpRequest, get};
use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime};
use db::AnyConnection;
use db::schema::providers;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Text, Timestamp};
use domain::joint_funding::band_of;
use domain::{FinancialYear, Pence, Profile};
use reports::{Cell, Column, Sheet};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use utoipa::{IntoParams, ToSchema};

/// On which day, as known when, and in which form.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct AgedDebtParams {
    /// The day; today unless said. What was issued, credited or received later does not count.
    #[serde(default, deserialize_with = "day_parameter")]
    on: Option<NaiveDate>,
    /// As the store knew it at the end of this day, UTC; now unless said.
    #[serde(default, deserialize_with = "day_parameter")]
    as_known_on: Option<NaiveDate>,
    /// The form; without it, by the `Accept` header.
    format: Option<Format>,
}

/// What is past due by so many days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct OverdueBand {
    /// At least so many days past due.
    pub from_days: i64,
    /// At most so many; null, without end.
    pub to_days: Option<i64>,
    /// How much.
    #[schema(value_type = i64)]
    pub pence: Pence,
}

/// What is owed, by age.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DebtByAge {
    /// What is not due yet.
    #[schema(value_type = i64)]
    pub current_pence: Pence,
    /// What is past due, the youngest first.
    pub overdue: Vec<OverdueBand>,
    /// All of it.
    #[schema(value_type = i64)]
    pub total_pence: Pence,
    /// What of all that is disputed.
    #[schema(value_type = i64)]
    pub disputed_pence: Pence,
}

/// What one funder owes.
#[derive(Debug, Serialize, ToSchema)]
pub struct FunderDebt {
    /// The funder.
    pub provider_id: String,
    /// Its short name.
    pub provider_code: String,
    /// Its name.
    pub provider_name: String,
    /// What it owes.
    #[serde(flatten)]
    pub debt: DebtByAge,
}

/// What funders owe.
#[derive(Debug, Serialize, ToSchema)]
pub struct AgedDebt {
    /// The day.
    pub on: NaiveDate,
    /// The day at whose end it was known so; null, now.
    pub as_known_on: Option<NaiveDate>,
    /// By funder, by code; those that owe nothing and are owed nothing left out.
    pub rows: Vec<FunderDebt>,
    /// All together.
    pub totals: DebtByAge,
}

/// An invoice's debt.
#[derive(Debug, QueryableByName)]
struct Debt {
    #[diesel(sql_type = Text)]
    provider_id: String,
    #[diesel(sql_type = Date)]
    due_on: NaiveDate,
    #[diesel(sql_type = BigInt)]
    outstanding: i64,
    #[diesel(sql_type = BigInt)]
    disputed: i64,
}

/// Report aged debt
///
/// By funder: what is not due yet, and what is past due by the bands of the profile. What is disputed is in it, and shown beside it. An
/// invoice in credit takes off its own band.
#[utoipa::path(tag = "joint funding", params(AgedDebtParams), security(("bearer" = ["joint_funding:read"])),
    responses((status = 200, description = "The debt", content((AgedDebt = "application/json"), (String = "text/csv"),
        (Workbook = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
        (status = 406, description = "Neither JSON nor CSV nor XLSX is accepted", body = Problem, content_type = "application/problem+json")))]
#[get("/health-invoices/aged-debt")]
pub async fn get_aged_debt(app: Data<App>, _: Caller<JointFundingRead>, params: Params<AgedDebtParams>, request: HttpRequest) -> Answer {
    let AgedDebtParams { on, as_known_on, format } = params.0;
    let format = Format::of(&request, format)?;
    let made_at = app.store.clock().now();
    let on = on.unwrap_or(made_at.date());
    for (pointer, day) in [("?on", Some(on)), ("?as_known_on", as_known_on)] {
        if let Some(Err(error)) = day.map(FinancialYear::of) {
            return Err(Problem::with_errors(Code::InvalidParameter, vec![FieldError::new(pointer, "out_of_range", error.to_string())]));
        }
    }
    let profile = app.profile.clone();
    let bytes = app.read(move |connection| {
        let debt = AgedDebt::of(connection, &profile, on, as_known_on)?;
        format.write(&debt, made_at, || debt.to_sheet(made_at))
    });
    Ok(format.respond(bytes.await?, &format!("aged-debt-{on}")))
}

impl AgedDebt {
    fn of(connection: &mut AnyConnection, profile: &Profile, on: NaiveDate, as_known_on: Option<NaiveDate>) -> Result<Self, Problem> {
        let bounds = profile.joint_funding.bounds();
        let mut by_funder: BTreeMap<String, DebtByAge> = BTreeMap::new();
        let mut totals = DebtByAge::empty(bounds);
        for debt in debts(connection, on, as_known_on)?.into_iter().filter(|debt| debt.outstanding != 0) {
            totals.add(bounds, &debt, on)?;
            by_funder.entry(debt.provider_id.clone()).or_insert_with(|| DebtByAge::empty(bounds)).add(bounds, &debt, on)?;
        }
        let mut names: HashMap<String, (String, String)> = HashMap::new();
        let ids: Vec<&String> = by_funder.keys().collect();
        for some in ids.chunks(crate::routes::joint_fundings::CHUNK) {
            let rows: Vec<(String, String, String)> = providers::table
                .filter(providers::id.eq_any(some.iter().copied()))
                .select((providers::id, providers::code, providers::name))
                .load(connection)?;
            names.extend(rows.into_iter().map(|(id, code, name)| (id, (code, name))));
        }
        let mut rows: Vec<FunderDebt> = by_funder
            .into_iter()
            .map(|(provider_id, debt)| {
                let (provider_code, provider_name) = names.remove(&provider_id).unwrap_or_default();
                FunderDebt { provider_id, provider_code, provider_name, debt }
            })
            .collect();
        rows.sort_by(|a, b| (&a.provider_code, &a.provider_id).cmp(&(&b.provider_code, &b.provider_id)));
        Ok(AgedDebt { on, as_known_on, rows, totals })
    }

    fn to_sheet(&self, made_at: NaiveDateTime) -> Result<Sheet, reports::Error> {
        let mut columns = vec![
            Column::text("provider_code").labelled("Code"),
            Column::text("provider_name").labelled("Funder"),
            Column::pounds("current_pounds").labelled("Not yet due (£)").summed(),
        ];
        for band in &self.totals.overdue {
            let (header, label) = match band.to_days {
                Some(to) => (format!("days_{}_to_{to}_pounds", band.from_days), format!("{} to {to} days past due (£)", band.from_days)),
                None => (format!("over_{}_days_pounds", band.from_days - 1), format!("Over {} days past due (£)", band.from_days - 1)),
            };
            columns.push(Column::pounds(header).labelled(label).summed());
        }
        columns.push(Column::pounds("total_pounds").summed());
        columns.push(Column::pounds("disputed_pounds").labelled("Of which disputed (£)").summed());
        let rows = self.rows.iter().map(|row| {
            let mut cells = vec![Cell::text(&row.provider_code), Cell::text(&row.provider_name), Cell::from(row.debt.current_pence)];
            cells.extend(row.debt.overdue.iter().map(|band| Cell::from(band.pence)));
            cells.extend([row.debt.total_pence, row.debt.disputed_pence].map(Cell::from));
            cells
        });
        let known = self.as_known_on.map_or_else(|| made_at.format("%-d %B %Y at %H:%M UTC").to_string(), |day| day.to_string());
        Sheet::new(format!("Aged debt of health on {}", self.on), columns)
            .tab("Aged debt")
            .heading(format!("As known on {known}"))
            .with_rows(rows)
    }
}

impl DebtByAge {
    /// Nothing, in the profile's bands; a profile without bands has one of everything past due.
    fn empty(bounds: &[u16]) -> Self {
        let starts = std::iter::once(1).chain(bounds.iter().map(|bound| i64::from(*bound) + 1));
        let ends = bounds.iter().map(|bound| Some(i64::from(*bound))).chain([None]);
        let overdue = starts.zip(ends).map(|(from_days, to_days)| OverdueBand { from_days, to_days, pence: Pence::ZERO });
        DebtByAge { current_pence: Pence::ZERO, overdue: overdue.collect(), total_pence: Pence::ZERO, disputed_pence: Pence::ZERO }
    }

    fn add(&mut self, bounds: &[u16], debt: &Debt, on: NaiveDate) -> Result<(), Problem> {
        let outstanding = Pence(debt.outstanding);
        let band = match band_of(bounds, debt.due_on, on).checked_sub(1) {
            None => Some(&mut self.current_pence),
            Some(place) => self.overdue.get_mut(place).map(|band| &mut band.pence),
        };
        if let Some(sum) = band {
            *sum = sum.checked_add(outstanding).map_err(Problem::internal)?;
        }
        self.total_pence = self.total_pence.checked_add(outstanding).map_err(Problem::internal)?;
        let disputed = Pence(debt.disputed.min(debt.outstanding.max(0)));
        self.disputed_pence = self.disputed_pence.checked_add(disputed).map_err(Problem::internal)?;
        Ok(())
    }
}

/// Every invoice's debt on a day, as known then.
fn debts(connection: &mut AnyConnection, on: NaiveDate, as_known_on: Option<NaiveDate>) -> Result<Vec<Debt>, Problem> {
    // Without a day, past every instant a record can carry.
    let known = as_known_on.or_else(|| NaiveDate::from_ymd_opt(9998, 12, 31)).unwrap_or(on);
    let before = known.checked_add_days(Days::new(1)).unwrap_or(known).and_time(NaiveTime::MIN);
    let query = diesel::sql_query(
        "SELECT i.provider_id, i.due_on, COALESCE(d.pence, 0) AS disputed, \
         COALESCE(l.pence, 0) - COALESCE(c.pence, 0) - COALESCE(r.pence, 0) AS outstanding \
         FROM health_invoices i \
         LEFT JOIN (SELECT invoice_id, CAST(SUM(amount_pence) AS BIGINT) AS pence FROM health_invoice_lines GROUP BY invoice_id) l \
         ON l.invoice_id = i.id \
         LEFT JOIN (SELECT n.invoice_id, CAST(SUM(nl.amount_pence) AS BIGINT) AS pence FROM health_credit_notes n \
         JOIN health_credit_note_lines nl ON nl.credit_note_id = n.id WHERE n.recorded_at < $1 AND n.issued_on <= $2 \
         GROUP BY n.invoice_id) c ON c.invoice_id = i.id \
         LEFT JOIN (SELECT invoice_id, CAST(SUM(amount_pence) AS BIGINT) AS pence FROM health_receipts \
         WHERE recorded_at < $1 AND received_on <= $2 GROUP BY invoice_id) r ON r.invoice_id = i.id \
         LEFT JOIN (SELECT p.invoice_id, CAST(SUM(p.amount_pence) AS BIGINT) AS pence FROM health_disputes p \
         LEFT JOIN health_dispute_resolutions s ON s.dispute_id = p.id AND s.recorded_at < $1 AND s.resolved_on <= $2 \
         WHERE p.recorded_at < $1 AND p.opened_on <= $2 AND s.dispute_id IS NULL GROUP BY p.invoice_id) d ON d.invoice_id = i.id \
         WHERE i.recorded_at < $1 AND i.issued_on <= $2",
    );
    Ok(query.bind::<Timestamp, _>(before).bind::<Date, _>(on).load(connection)?)
}
