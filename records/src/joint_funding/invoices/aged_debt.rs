//! Aged debt: what funders owe, by how long it is past due, on a day and as it was known on a day.

use crate::error::Error;
use crate::joint_funding::shares::share::CHUNK;
use chrono::{NaiveDate, NaiveDateTime};
use db::AnyConnection;
use db::schema::providers;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Date, Text, Timestamp};
use domain::joint_funding::invoices::aged_debt::{Debt, DebtByAge, refuse_days};
use domain::{Pence, Profile, TimeZone};
use serde::Serialize;
use sheets::{Cell, Column, Sheet};
use std::collections::{BTreeMap, HashMap};
use utoipa::ToSchema;

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

/// An invoice's debt, and who owes it.
#[derive(Debug, QueryableByName)]
struct DebtRow {
    #[diesel(sql_type = Text)]
    provider_id: String,
    #[diesel(sql_type = Date)]
    due_on: NaiveDate,
    #[diesel(sql_type = BigInt)]
    outstanding: i64,
    #[diesel(sql_type = BigInt)]
    disputed: i64,
}

impl AgedDebt {
    /// What funders owe on a day, as known at the end of a day, or now.
    ///
    /// # Errors
    /// When a day lies outside the supported years, or a sum is beyond what can be added up.
    pub fn of(connection: &mut AnyConnection, profile: &Profile, on: NaiveDate, as_known_on: Option<NaiveDate>) -> Result<Self, Error> {
        refuse_days(on, as_known_on)?;
        let bounds = profile.joint_funding.bounds();
        let mut by_funder: BTreeMap<String, DebtByAge> = BTreeMap::new();
        let mut totals = DebtByAge::empty(bounds);
        for row in debts(connection, on, as_known_on, profile.time_zone)?.into_iter().filter(|row| row.outstanding != 0) {
            let debt = Debt { due_on: row.due_on, outstanding: Pence(row.outstanding), disputed: Pence(row.disputed) };
            let own = by_funder.entry(row.provider_id).or_insert_with(|| DebtByAge::empty(bounds));
            for sum in [&mut totals, own] {
                sum.add(bounds, &debt, on).map_err(Error::fault)?;
            }
        }
        let mut names: HashMap<String, (String, String)> = HashMap::new();
        let ids: Vec<&String> = by_funder.keys().collect();
        for some in ids.chunks(CHUNK) {
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

    /// The same as a sheet.
    ///
    /// # Errors
    /// When it is more than a sheet holds.
    pub fn to_sheet(&self, made_at: NaiveDateTime) -> Result<Sheet, sheets::Error> {
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

/// Every invoice's debt on a day, as known then.
fn debts(connection: &mut AnyConnection, on: NaiveDate, as_known_on: Option<NaiveDate>, zone: TimeZone) -> Result<Vec<DebtRow>, Error> {
    // Without a day, past every instant a record can carry.
    let known = as_known_on.or_else(|| NaiveDate::from_ymd_opt(9998, 12, 31)).unwrap_or(on);
    let before = zone.end_of(known);
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
