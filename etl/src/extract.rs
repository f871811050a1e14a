//! Reading the store: everything but the ledger's entries, from the one picture a run sees.

use crate::direct_payments::{self, KnownAccount};
use crate::ends;
use crate::error::Error;
use crate::forecast::{self, Commitments};
use crate::grants::{self as grant_terms, GrantTerms};
use crate::joint_funding::{self as health_share, JointFunding};
use crate::manifest::{CommitmentTotals, ControlTotals, LineTotal, Watermark};
use crate::nights::{self, KnownStay};
use crate::packages::{self, Births};
use crate::registrations::{self, Registrations};
use crate::requests::{self, Requests};
use crate::services::{self, Service};
use chrono::{NaiveDate, NaiveDateTime};
use db::AnyConnection;
use db::schema::{
    activity_returns, audit_events, budget_lines, budget_movements, financial_years, grant_activity_returns, grants, package_lines,
    packages as care_packages, providers,
};
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Timestamp};
use domain::costing::Line;
use domain::{Direction, FinancialYear, Frequency, LineState, Location, Pence, Profile, Quantity, Sector, Unit, UnitRate};
use std::collections::BTreeSet;

/// The small tables of the store, as known before an instant.
pub(crate) struct Extract {
    pub(crate) years: Vec<FinancialYear>,
    pub(crate) budget_lines: Vec<BudgetLine>,
    pub(crate) providers: Vec<Provider>,
    pub(crate) registrations: Registrations,
    pub(crate) services: Vec<Service>,
    pub(crate) movements: Vec<Movement>,
    /// Each line once, as last known; reversed lines left out.
    pub(crate) lines: Vec<KnownLine>,
    pub(crate) grants: Vec<Grant>,
    pub(crate) grant_terms: GrantTerms,
    pub(crate) grant_returns: Vec<GrantReturn>,
    pub(crate) activity_returns: Vec<ActivityReturn>,
    pub(crate) joint_funding: JointFunding,
    pub(crate) requests: Requests,
    pub(crate) direct_payments: Vec<KnownAccount>,
    pub(crate) commitments: Commitments,
    /// Each stay once, as last known; those taken back left out.
    pub(crate) nights: Vec<KnownStay>,
    /// By child, for bands of age and counts of birthdays alone.
    pub(crate) births: Births,
    pub(crate) control: ControlTotals,
}

#[derive(Queryable)]
pub(crate) struct BudgetLine {
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) direction: Direction,
}

#[derive(Queryable)]
pub(crate) struct Provider {
    pub(crate) id: String,
    pub(crate) code: String,
    pub(crate) name: String,
    pub(crate) sector: Sector,
    pub(crate) location: Location,
}

#[derive(Queryable)]
pub(crate) struct Movement {
    pub(crate) id: String,
    pub(crate) year: FinancialYear,
    pub(crate) budget_line: String,
    pub(crate) kind: String,
    pub(crate) amount: Pence,
    pub(crate) effective_on: NaiveDate,
}

#[derive(Queryable)]
pub(crate) struct KnownLine {
    pub(crate) line_id: String,
    pub(crate) state: LineState,
    pub(crate) package_id: String,
    pub(crate) child_id: String,
    pub(crate) service: String,
    pub(crate) budget_line: String,
    pub(crate) provider_id: Option<String>,
    pub(crate) statement_category: Option<String>,
    pub(crate) unit: Unit,
    pub(crate) quantity: Quantity,
    pub(crate) frequency: Frequency,
    pub(crate) unit_rate: UnitRate,
    pub(crate) valid_from: NaiveDate,
    pub(crate) valid_to: Option<NaiveDate>,
    continues_line_id: Option<String>,
}

impl Extract {
    /// Grants that were not taken back.
    pub(crate) fn standing_grants(&self) -> Vec<&Grant> {
        let reversed: BTreeSet<&str> = self.grants.iter().filter_map(|grant| grant.reverses_id.as_deref()).collect();
        self.grants.iter().filter(|grant| grant.reverses_id.is_none() && !reversed.contains(grant.id.as_str())).collect()
    }
}

impl KnownLine {
    /// The first line of its arrangement.
    pub(crate) fn arrangement(&self) -> &str {
        self.continues_line_id.as_deref().unwrap_or(&self.line_id)
    }

    /// Its end as it may be written.
    pub(crate) fn written_end(&self) -> Option<NaiveDate> {
        ends::written(self.valid_to)
    }

    /// What decides the line's cost.
    pub(crate) fn costed(&self) -> Line {
        Line {
            quantity: self.quantity,
            frequency: self.frequency,
            unit_rate: self.unit_rate,
            valid_from: self.valid_from,
            valid_to: self.valid_to,
        }
    }
}

#[derive(Queryable)]
pub(crate) struct Grant {
    pub(crate) id: String,
    pub(crate) provider_id: String,
    pub(crate) budget_line: String,
    pub(crate) awarded_on: NaiveDate,
    pub(crate) period_from: NaiveDate,
    pub(crate) period_to: NaiveDate,
    pub(crate) amount: Pence,
    /// The grant that this row takes back.
    pub(crate) reverses_id: Option<String>,
}

#[derive(Queryable)]
pub(crate) struct GrantReturn {
    pub(crate) id: String,
    pub(crate) grant_id: String,
    pub(crate) provider_id: String,
    pub(crate) period_from: NaiveDate,
    pub(crate) period_to: NaiveDate,
    pub(crate) reached: i64,
    pub(crate) sessions: i64,
    /// The return that this row takes back.
    pub(crate) reverses_id: Option<String>,
}

#[derive(Queryable)]
pub(crate) struct ActivityReturn {
    pub(crate) id: String,
    pub(crate) provider_id: String,
    pub(crate) service: String,
    pub(crate) period_from: NaiveDate,
    pub(crate) period_to: NaiveDate,
    pub(crate) sessions: i64,
    /// The return that this row takes back.
    pub(crate) reverses_id: Option<String>,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

/// Reads all of it. `before` is the instant from which on nothing recorded counts; dimensions are read as they are now. Days are those of
/// the profile's zone. `is_now` says that nothing was recorded after that instant.
pub(crate) fn extract(connection: &mut AnyConnection, before: NaiveDateTime, profile: &Profile, is_now: bool) -> Result<Extract, Error> {
    let zone = profile.time_zone;
    let accounts = direct_payments::read(connection, before, zone)?;
    let paid = direct_payments::totals(connection, before, &accounts, &profile.costing)?;
    Ok(Extract {
        years: financial_years::table.select(financial_years::year).order(financial_years::year).load(connection)?,
        budget_lines: budget_lines::table
            .select((budget_lines::code, budget_lines::name, budget_lines::direction))
            .order(budget_lines::code)
            .load(connection)?,
        providers: providers::table
            .select((providers::id, providers::code, providers::name, providers::sector, providers::location))
            .order(providers::id)
            .load(connection)?,
        registrations: registrations::read(connection)?,
        services: services::read(connection, before)?,
        movements: budget_movements::table
            .filter(budget_movements::recorded_at.lt(before))
            .select((
                budget_movements::id,
                budget_movements::year,
                budget_movements::budget_line,
                budget_movements::kind,
                budget_movements::amount_pence,
                budget_movements::effective_on,
            ))
            .order(budget_movements::id)
            .load(connection)?,
        lines: known_lines(connection, before)?,
        grants: grants::table
            .filter(grants::recorded_at.lt(before))
            .select((
                grants::id,
                grants::provider_id,
                grants::budget_line,
                grants::awarded_on,
                grants::period_from,
                grants::period_to,
                grants::amount_pence,
                grants::reverses_id,
            ))
            .order(grants::id)
            .load(connection)?,
        grant_terms: grant_terms::read(connection, before)?,
        grant_returns: grant_returns(connection, before)?,
        activity_returns: activity_returns::table
            .filter(activity_returns::recorded_at.lt(before))
            .select((
                activity_returns::id,
                activity_returns::provider_id,
                activity_returns::service,
                activity_returns::period_from,
                activity_returns::period_to,
                activity_returns::sessions,
                activity_returns::reverses_id,
            ))
            .order(activity_returns::id)
            .load(connection)?,
        joint_funding: health_share::read(connection, before)?,
        requests: requests::read(connection, before)?,
        direct_payments: accounts,
        commitments: forecast::read(connection, before, zone)?,
        nights: nights::read(connection, before)?,
        births: packages::births(connection)?,
        control: ControlTotals { direct_payments: paid, ..control_totals(connection, before, is_now)? },
    })
}

/// The last event of the trail, as the picture has it.
pub(crate) fn watermark(connection: &mut AnyConnection) -> Result<Watermark, Error> {
    let last: Option<(i64, String)> =
        audit_events::table.order(audit_events::seq.desc()).select((audit_events::seq, audit_events::hash)).first(connection).optional()?;
    Ok(last.map(|(seq, hash)| Watermark { seq, hash }).unwrap_or_default())
}

/// Whether the store's trail still passes through a watermark: it is the same store, not a copy that went another way.
pub(crate) fn passes_through(connection: &mut AnyConnection, watermark: &Watermark) -> Result<bool, Error> {
    if watermark.seq == 0 {
        return Ok(true);
    }
    let hash: Option<String> = audit_events::table.find(watermark.seq).select(audit_events::hash).first(connection).optional()?;
    Ok(hash.as_deref() == Some(watermark.hash.as_str()))
}

fn known_lines(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<Vec<KnownLine>, Error> {
    let versions: Vec<KnownLine> = package_lines::table
        .inner_join(care_packages::table)
        .filter(package_lines::recorded_at.lt(before))
        .select((
            package_lines::line_id,
            package_lines::state,
            package_lines::package_id,
            care_packages::child_id,
            package_lines::service,
            package_lines::budget_line,
            package_lines::provider_id,
            package_lines::statement_category,
            package_lines::unit,
            package_lines::quantity_thousandths,
            package_lines::frequency,
            package_lines::unit_rate_ten_thousandths,
            package_lines::valid_from,
            package_lines::valid_to,
            package_lines::continues_line_id,
        ))
        .order((package_lines::line_id, package_lines::version))
        .load(connection)?;
    let mut known: Vec<KnownLine> = Vec::new();
    for version in versions {
        match known.last_mut() {
            Some(last) if last.line_id == version.line_id => *last = version,
            _ => known.push(version),
        }
    }
    known.retain(|line| line.state != LineState::Reversed);
    Ok(known)
}

fn grant_returns(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<Vec<GrantReturn>, Error> {
    Ok(grant_activity_returns::table
        .inner_join(grants::table)
        .filter(grant_activity_returns::recorded_at.lt(before))
        .select((
            grant_activity_returns::id,
            grant_activity_returns::grant_id,
            grants::provider_id,
            grant_activity_returns::period_from,
            grant_activity_returns::period_to,
            grant_activity_returns::children_and_families_reached,
            grant_activity_returns::sessions,
            grant_activity_returns::reverses_id,
        ))
        .order(grant_activity_returns::id)
        .load(connection)?)
}

/// Computed by the database and by other SQL than the extraction, so that a fault in either shows.
fn control_totals(connection: &mut AnyConnection, before: NaiveDateTime, is_now: bool) -> Result<ControlTotals, Error> {
    let lines: Count = diesel::sql_query(
        "SELECT COUNT(*) AS n FROM package_lines l WHERE l.recorded_at < $1 AND l.state <> 'reversed' AND NOT EXISTS \
         (SELECT 1 FROM package_lines n WHERE n.line_id = l.line_id AND n.version > l.version AND n.recorded_at < $1)",
    )
    .bind::<Timestamp, _>(before)
    .get_result(connection)?;
    Ok(ControlTotals {
        ledger: line_totals(connection, "ledger_entries", before)?,
        budget: line_totals(connection, "budget_movements", before)?,
        package_lines: lines.n,
        requests: requests::totals(connection, before, is_now)?,
        direct_payments: Vec::new(),
        commitments: commitment_totals(connection, before)?,
        joint_funding: health_share::totals(connection, before)?,
        nights: nights::totals(connection, before)?,
        grants: grant_terms::totals(connection, before)?,
    })
}

fn line_totals(connection: &mut AnyConnection, table: &'static str, before: NaiveDateTime) -> Result<Vec<LineTotal>, Error> {
    Ok(diesel::sql_query(format!(
        "SELECT year AS financial_year, budget_line, COUNT(*) AS entries, CAST(SUM(amount_pence) AS BIGINT) AS amount_pence \
         FROM {table} WHERE recorded_at < $1 GROUP BY year, budget_line ORDER BY year, budget_line"
    ))
    .bind::<Timestamp, _>(before)
    .load(connection)?)
}

fn commitment_totals(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<CommitmentTotals, Error> {
    let mut count = |table: &str| -> Result<i64, Error> {
        let counted = diesel::sql_query(format!("SELECT COUNT(*) AS n FROM {table} recorded_at < $1"));
        Ok(counted.bind::<Timestamp, _>(before).get_result::<Count>(connection)?.n)
    };
    Ok(CommitmentTotals {
        line_versions: count("package_lines WHERE")?,
        order_lines: count("purchase_order_lines WHERE")?,
        // What takes a row back is a day of that row in the warehouse.
        matches: count("ledger_matches WHERE reverses_id IS NULL AND")?,
        releases: count("commitment_releases WHERE reverses_id IS NULL AND")?,
        closures: count("year_closures WHERE")?,
        carried: diesel::sql_query(
            "SELECT to_year AS financial_year, budget_line, COUNT(*) AS entries, CAST(SUM(amount_pence) AS BIGINT) AS amount_pence \
             FROM commitment_carry_forwards WHERE recorded_at < $1 GROUP BY to_year, budget_line ORDER BY to_year, budget_line",
        )
        .bind::<Timestamp, _>(before)
        .load(connection)?,
    })
}
