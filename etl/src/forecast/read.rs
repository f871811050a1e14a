//! Reading what commitments follow from, with its history: every version and every row that takes another back.

use super::pending::{self, PendingLine};
use crate::error::Error;
use chrono::{Days, NaiveDate, NaiveDateTime};
use db::AnyConnection;
use db::schema::{
    commitment_carry_forwards, commitment_releases, grant_instalments, grants, joint_fundings, ledger_matches, package_lines,
    package_variations, purchase_order_lines, purchase_orders, year_closures,
};
use diesel::prelude::*;
use domain::costing::Line;
use domain::joint_funding::{FundingState, Share, ShareFrequency};
use domain::{FinancialYear, Frequency, LineState, Pence, Quantity, UnitRate};
use std::collections::{BTreeMap, HashMap};

/// The kind of variation that says a line was wrong from the start.
const CORRECTION: &str = "correction";

/// All of it, as recorded before an instant.
pub(crate) struct Commitments {
    /// By line and version.
    pub(super) versions: Vec<Version>,
    pub(super) awards: Vec<Award>,
    /// By the order in which the funder's share was first recorded, then by version.
    pub(super) fundings: Vec<FundingVersion>,
    pub(super) orders: Vec<Order>,
    pub(super) order_lines: Vec<OrderLine>,
    /// In the order recorded.
    pub(super) matches: Vec<Match>,
    pub(super) releases: Vec<Release>,
    pub(super) carried: Vec<Carried>,
    pub(super) closures: Vec<(FinancialYear, NaiveDateTime)>,
    pub(super) pending: Vec<PendingLine>,
}

/// A version of a package line.
pub(super) struct Version {
    pub(super) line_id: String,
    pub(super) version: i64,
    /// The first line of its arrangement.
    pub(super) arrangement: String,
    pub(super) state: LineState,
    pub(super) by_correction: bool,
    pub(super) budget_line: String,
    pub(super) provider_id: Option<String>,
    pub(super) terms: Line,
    pub(super) request_line_id: Option<String>,
    pub(super) recorded_on: NaiveDate,
}

/// A part of an award: all of a grant, or one instalment; negative where a reversal takes it back.
pub(super) struct Award {
    pub(super) grant_id: String,
    pub(super) provider_id: String,
    pub(super) budget_line: String,
    pub(super) from: NaiveDate,
    pub(super) to: NaiveDate,
    pub(super) amount: Pence,
    pub(super) recorded_on: NaiveDate,
}

/// A version of a funder's share of an arrangement.
pub(super) struct FundingVersion {
    pub(super) funding_id: String,
    pub(super) version: i64,
    pub(super) arrangement: String,
    pub(super) provider_id: String,
    pub(super) budget_line: String,
    pub(super) state: FundingState,
    pub(super) share: Share,
    pub(super) valid_from: NaiveDate,
    pub(super) valid_to: Option<NaiveDate>,
    pub(super) recorded_on: NaiveDate,
}

#[derive(Queryable)]
pub(super) struct Order {
    pub(super) id: String,
    pub(super) number: String,
    pub(super) recorded_at: NaiveDateTime,
}

#[derive(Queryable)]
pub(super) struct OrderLine {
    pub(super) order_id: String,
    pub(super) arrangement: String,
    pub(super) recorded_at: NaiveDateTime,
}

/// What an entry was said to be for, and until when.
pub(super) struct Match {
    pub(super) entry_id: String,
    pub(super) arrangement: Option<String>,
    pub(super) recorded_on: NaiveDate,
    pub(super) reversed_on: Option<NaiveDate>,
}

pub(super) struct Release {
    pub(super) year: FinancialYear,
    pub(super) budget_line: String,
    pub(super) provider_id: Option<String>,
    pub(super) arrangement: Option<String>,
    pub(super) up_to: NaiveDate,
    pub(super) recorded_on: NaiveDate,
    pub(super) reversed_on: Option<NaiveDate>,
}

#[derive(Queryable)]
pub(super) struct Carried {
    pub(super) from_year: FinancialYear,
    pub(super) to_year: FinancialYear,
    pub(super) budget_line: String,
    pub(super) provider_id: Option<String>,
    pub(super) arrangement: Option<String>,
    pub(super) grant_id: Option<String>,
    pub(super) amount: Pence,
    pub(super) recorded_at: NaiveDateTime,
}

/// Reads all of it. `before` is the instant from which on nothing recorded counts.
pub(crate) fn read(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<Commitments, Error> {
    let versions = versions(connection, before)?;
    Ok(Commitments {
        pending: pending::read(connection, before, &versions)?,
        versions,
        awards: awards(connection, before)?,
        fundings: fundings(connection, before)?,
        orders: purchase_orders::table
            .filter(purchase_orders::recorded_at.lt(before))
            .select((purchase_orders::id, purchase_orders::number, purchase_orders::recorded_at))
            .order(purchase_orders::id)
            .load(connection)?,
        order_lines: purchase_order_lines::table
            .filter(purchase_order_lines::recorded_at.lt(before))
            .select((purchase_order_lines::purchase_order_id, purchase_order_lines::line_id, purchase_order_lines::recorded_at))
            .order(purchase_order_lines::line_id)
            .load(connection)?,
        matches: matches(connection, before)?,
        releases: releases(connection, before)?,
        carried: carried(connection, before)?,
        closures: year_closures::table
            .filter(year_closures::recorded_at.lt(before))
            .select((year_closures::year, year_closures::recorded_at))
            .order(year_closures::year)
            .load(connection)?,
    })
}

type VersionColumns = (
    (String, i64, Option<String>, Option<String>, LineState, String, Option<String>),
    (Quantity, Frequency, UnitRate, NaiveDate, Option<NaiveDate>),
    Option<String>,
    NaiveDateTime,
);

fn versions(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<Vec<Version>, Error> {
    let corrections: Vec<String> = package_variations::table
        .filter(package_variations::kind.eq(CORRECTION))
        .select(package_variations::id)
        .order(package_variations::id)
        .load(connection)?;
    let rows: Vec<VersionColumns> = package_lines::table
        .filter(package_lines::recorded_at.lt(before))
        .select((
            (
                package_lines::line_id,
                package_lines::version,
                package_lines::continues_line_id,
                package_lines::variation_id,
                package_lines::state,
                package_lines::budget_line,
                package_lines::provider_id,
            ),
            (
                package_lines::quantity_thousandths,
                package_lines::frequency,
                package_lines::unit_rate_ten_thousandths,
                package_lines::valid_from,
                package_lines::valid_to,
            ),
            package_lines::request_line_id,
            package_lines::recorded_at,
        ))
        .order((package_lines::line_id, package_lines::version))
        .load(connection)?;
    let version = |(line, terms, request_line_id, recorded_at): VersionColumns| {
        let (line_id, version, continues, variation, state, budget_line, provider_id) = line;
        let (quantity, frequency, unit_rate, valid_from, valid_to) = terms;
        Version {
            arrangement: continues.unwrap_or_else(|| line_id.clone()),
            by_correction: variation.is_some_and(|id| corrections.binary_search(&id).is_ok()),
            line_id,
            version,
            state,
            budget_line,
            provider_id,
            terms: Line { quantity, frequency, unit_rate, valid_from, valid_to },
            request_line_id,
            recorded_on: recorded_at.date(),
        }
    };
    Ok(rows.into_iter().map(version).collect())
}

type GrantColumns = (String, Option<String>, String, String, NaiveDate, NaiveDate, Pence, NaiveDateTime);

/// A grant is its instalments where some were agreed, each on its day, and else one amount over its period. A reversal takes back the
/// same.
fn awards(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<Vec<Award>, Error> {
    let rows: Vec<GrantColumns> = grants::table
        .filter(grants::recorded_at.lt(before))
        .select((
            grants::id,
            grants::reverses_id,
            grants::provider_id,
            grants::budget_line,
            grants::period_from,
            grants::period_to,
            grants::amount_pence,
            grants::recorded_at,
        ))
        .order(grants::id)
        .load(connection)?;
    let agreed: Vec<(String, NaiveDate, Pence)> = grant_instalments::table
        .filter(grant_instalments::recorded_at.lt(before))
        .select((grant_instalments::grant_id, grant_instalments::due_on, grant_instalments::amount_pence))
        .order((grant_instalments::grant_id, grant_instalments::number))
        .load(connection)?;
    let mut instalments: HashMap<String, Vec<(NaiveDate, Pence)>> = HashMap::new();
    for (grant, due_on, amount) in agreed {
        instalments.entry(grant).or_default().push((due_on, amount));
    }
    let mut awards = Vec::new();
    for (id, reverses, provider_id, budget_line, from, to, amount, recorded_at) in rows {
        let is_reversal = reverses.is_some();
        let grant_id = reverses.unwrap_or(id);
        let award = |from, to, amount| Award {
            grant_id: grant_id.clone(),
            provider_id: provider_id.clone(),
            budget_line: budget_line.clone(),
            from,
            to,
            amount,
            recorded_on: recorded_at.date(),
        };
        match instalments.get(&grant_id) {
            None => awards.push(award(from, to, amount)),
            Some(agreed) => awards.extend(agreed.iter().map(|(due_on, amount)| {
                let amount = if is_reversal { Pence(-amount.0) } else { *amount };
                award(*due_on, *due_on + Days::new(1), amount)
            })),
        }
    }
    Ok(awards)
}

type FundingColumns = (
    (String, i64, String, String, String, FundingState),
    (Option<i64>, Option<Pence>, Option<ShareFrequency>),
    (NaiveDate, Option<NaiveDate>, NaiveDateTime, i64),
);

fn fundings(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<Vec<FundingVersion>, Error> {
    let rows: Vec<FundingColumns> = joint_fundings::table
        .filter(joint_fundings::recorded_at.lt(before))
        .select((
            (
                joint_fundings::funding_id,
                joint_fundings::version,
                joint_fundings::line_id,
                joint_fundings::provider_id,
                joint_fundings::budget_line,
                joint_fundings::state,
            ),
            (joint_fundings::percentage_ten_thousandths, joint_fundings::amount_pence, joint_fundings::amount_frequency),
            (joint_fundings::valid_from, joint_fundings::valid_to, joint_fundings::recorded_at, joint_fundings::recorded_seq),
        ))
        .order((joint_fundings::funding_id, joint_fundings::version))
        .load(connection)?;
    let mut first_seq = HashMap::new();
    let mut fundings = Vec::with_capacity(rows.len());
    for (funding, share, dates) in rows {
        let (funding_id, version, arrangement, provider_id, budget_line, state) = funding;
        let (valid_from, valid_to, recorded_at, recorded_seq) = dates;
        let share = match share {
            (Some(percentage), _, _) => Share::Percentage(percentage),
            (None, Some(amount), Some(every)) => Share::Fixed { amount, every },
            // The table's checks leave no other.
            (None, _, _) => return Err(Error::Definition("a joint funding is neither a percentage nor an amount".to_owned())),
        };
        first_seq.entry(funding_id.clone()).or_insert(recorded_seq);
        let recorded_on = recorded_at.date();
        fundings.push(FundingVersion {
            funding_id,
            version,
            arrangement,
            provider_id,
            budget_line,
            state,
            share,
            valid_from,
            valid_to,
            recorded_on,
        });
    }
    fundings.sort_by_cached_key(|row| (first_seq.get(&row.funding_id).copied(), row.funding_id.clone(), row.version));
    Ok(fundings)
}

/// The day on which each row was taken back, by the row's id.
type TakenBack = HashMap<String, NaiveDate>;

fn matches(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<Vec<Match>, Error> {
    type Row = (String, String, Option<String>, Option<String>, NaiveDateTime);
    let rows: Vec<Row> = ledger_matches::table
        .filter(ledger_matches::recorded_at.lt(before))
        .select((
            ledger_matches::id,
            ledger_matches::entry_id,
            ledger_matches::line_id,
            ledger_matches::reverses_id,
            ledger_matches::recorded_at,
        ))
        .order((ledger_matches::recorded_seq, ledger_matches::id))
        .load(connection)?;
    let taken_back: TakenBack = rows.iter().filter_map(|row| Some((row.3.clone()?, row.4.date()))).collect();
    let standing = rows.into_iter().filter(|row| row.3.is_none());
    let row = |(id, entry_id, arrangement, _, recorded_at): Row| Match {
        reversed_on: taken_back.get(&id).copied(),
        entry_id,
        arrangement,
        recorded_on: recorded_at.date(),
    };
    Ok(standing.map(row).collect())
}

fn releases(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<Vec<Release>, Error> {
    use commitment_releases as releases;
    type Row = (String, FinancialYear, String, Option<String>, Option<String>, NaiveDate, Option<String>, NaiveDateTime);
    let rows: Vec<Row> = releases::table
        .filter(releases::recorded_at.lt(before))
        .select((
            releases::id,
            releases::year,
            releases::budget_line,
            releases::provider_id,
            releases::line_id,
            releases::up_to,
            releases::reverses_id,
            releases::recorded_at,
        ))
        .order(releases::id)
        .load(connection)?;
    let taken_back: TakenBack = rows.iter().filter_map(|row| Some((row.6.clone()?, row.7.date()))).collect();
    let standing = rows.into_iter().filter(|row| row.6.is_none());
    let row = |(id, year, budget_line, provider_id, arrangement, up_to, _, recorded_at): Row| Release {
        reversed_on: taken_back.get(&id).copied(),
        year,
        budget_line,
        provider_id,
        arrangement,
        up_to,
        recorded_on: recorded_at.date(),
    };
    Ok(standing.map(row).collect())
}

fn carried(connection: &mut AnyConnection, before: NaiveDateTime) -> Result<Vec<Carried>, Error> {
    use commitment_carry_forwards as carried;
    Ok(carried::table
        .filter(carried::recorded_at.lt(before))
        .select((
            carried::from_year,
            carried::to_year,
            carried::budget_line,
            carried::provider_id,
            carried::line_id,
            carried::grant_id,
            carried::amount_pence,
            carried::recorded_at,
        ))
        .order(carried::id)
        .load(connection)?)
}

impl Commitments {
    /// Every arrangement and grant, by id: its place in this order is its number in the warehouse, so that ties are settled as they are
    /// where ids are known.
    pub(super) fn owners(&self) -> BTreeMap<&str, &'static str> {
        let arrangements = self.versions.iter().map(|row| (row.arrangement.as_str(), "arrangement"));
        arrangements.chain(self.awards.iter().map(|row| (row.grant_id.as_str(), "grant"))).collect()
    }
}
