//! Arrangements in all their versions, with what each version rests on: as accounts are paid, and as the warehouse counts them.

use crate::schema::{
    child_leaving_lines, direct_payment_accounts, direct_payment_standings, direct_payment_steps, package_line_confirmations,
    package_lines, package_variations,
};
use crate::{AnyConnection, Error};
use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use domain::costing::Line;
use domain::direct_payments::StepKind;
use domain::packages::ground::{Confirmation, Origin, VariationFacts};
use domain::packages::support::{Ground, Standing, Unconfirmed, Version, agreed_on, agreed_since, standing, unconfirmed};
use domain::{Frequency, LineState, Pence, Quantity, TimeZone, UnitRate, VariationBasis};
use std::collections::{HashMap, HashSet};

/// So many arrangements are asked for at once: databases take only so many values.
const CHUNK: usize = 1000;

/// Every version of some arrangements' lines, in the order recorded, by the arrangement's first line.
#[derive(Debug, Clone, Default)]
pub struct ArrangementVersions(HashMap<String, Vec<Version>>);

impl ArrangementVersions {
    /// The lines of an arrangement that stand, each in its last version, and what agreed that.
    pub fn standing(&self, first: &str) -> Vec<Standing<'_>> {
        self.0.get(first).map(|versions| standing(versions)).unwrap_or_default()
    }

    /// Of those, the lines that nothing agreed.
    pub fn unconfirmed(&self, first: &str) -> Vec<Unconfirmed<'_>> {
        self.0.get(first).map(|versions| unconfirmed(versions)).unwrap_or_default()
    }

    /// Since when each version of any of them is agreed, by line and version; those that nothing agreed are not there.
    pub fn agreed_since(&self) -> HashMap<(&str, i64), NaiveDate> {
        let of_each = self.0.values().flat_map(|versions| versions.iter().zip(agreed_since(versions)));
        of_each.filter_map(|(version, on)| Some(((version.line_id.as_str(), version.version), on?))).collect()
    }

    /// Of those, what decides their cost, over the days that are paid here.
    pub fn lines(&self, first: &str) -> Vec<Line> {
        self.standing(first).iter().filter_map(Standing::paid).collect()
    }
}

#[derive(Queryable)]
struct Row {
    line_id: String,
    version: i64,
    continues_line_id: Option<String>,
    state: LineState,
    quantity: Quantity,
    frequency: Frequency,
    unit_rate: UnitRate,
    valid_from: NaiveDate,
    valid_to: Option<NaiveDate>,
    request_line_id: Option<String>,
    recorded_at: NaiveDateTime,
    variation: Option<VariationRow>,
    confirmation: Option<ConfirmationRow>,
    gives_back_line_id: Option<String>,
    gives_back_version: Option<i64>,
}

#[derive(Queryable)]
struct VariationRow {
    line_id: String,
    version: i64,
    basis: VariationBasis,
    tier_before: Option<String>,
    tier_after: Option<String>,
    total_before_pence: Pence,
    total_after_pence: Pence,
    beyond_percent: Option<i64>,
}

#[derive(Queryable)]
struct ConfirmationRow {
    confirmed_on: NaiveDate,
    paid_from: Option<NaiveDate>,
    recorded_at: NaiveDateTime,
}

impl From<VariationRow> for VariationFacts {
    fn from(row: VariationRow) -> Self {
        let VariationRow { line_id, version, basis, tier_before, tier_after, total_before_pence, total_after_pence, beyond_percent } = row;
        let is_beyond = beyond_percent.is_some();
        VariationFacts { line_id, version, basis, tier_before, tier_after, total_before_pence, total_after_pence, is_beyond }
    }
}

impl From<ConfirmationRow> for Confirmation {
    fn from(row: ConfirmationRow) -> Self {
        let ConfirmationRow { confirmed_on, paid_from, recorded_at } = row;
        Confirmation { confirmed_on, paid_from, recorded_at }
    }
}

impl Row {
    /// The version with what it rests on, and what it was confirmed by, as known before an instant or now.
    fn version(self, before: Option<NaiveDateTime>, zone: TimeZone) -> Version {
        let origin = Origin {
            is_of_a_request: self.request_line_id.is_some(),
            variation: self.variation.map(VariationFacts::from),
            gives_back: self.gives_back_line_id.zip(self.gives_back_version),
        };
        Version {
            line_id: self.line_id,
            version: self.version,
            state: self.state,
            terms: Line {
                quantity: self.quantity,
                frequency: self.frequency,
                unit_rate: self.unit_rate,
                valid_from: self.valid_from,
                valid_to: self.valid_to,
            },
            ground: Ground::of(origin),
            recorded_on: zone.day_of(self.recorded_at),
            confirmed: self.confirmation.and_then(|row| Confirmation::from(row).known_before(before)),
        }
    }
}

/// The arrangements with these first lines, as known before an instant or now; the days are the zone's.
pub fn arrangement_versions(
    connection: &mut AnyConnection,
    firsts: &[String],
    before: Option<NaiveDateTime>,
    zone: TimeZone,
) -> Result<ArrangementVersions, Error> {
    let mut versions: HashMap<String, Vec<Version>> = HashMap::new();
    let mut firsts: Vec<&str> = firsts.iter().map(String::as_str).collect();
    firsts.sort_unstable();
    firsts.dedup();
    for firsts in firsts.chunks(CHUNK) {
        for mut row in rows(connection, firsts, before)? {
            let first = row.continues_line_id.take().unwrap_or_else(|| row.line_id.clone());
            versions.entry(first).or_default().push(row.version(before, zone));
        }
    }
    Ok(ArrangementVersions(versions))
}

fn rows(connection: &mut AnyConnection, firsts: &[&str], before: Option<NaiveDateTime>) -> Result<Vec<Row>, Error> {
    use package_line_confirmations as confirmations;
    let given_back = child_leaving_lines::table
        .on(child_leaving_lines::line_id.eq(package_lines::line_id).and(child_leaving_lines::version.eq(package_lines::version)));
    let mut query = package_lines::table
        .left_join(package_variations::table.on(package_lines::variation_id.eq(package_variations::id.nullable())))
        .left_join(
            confirmations::table
                .on(confirmations::line_id.eq(package_lines::line_id).and(confirmations::version.eq(package_lines::version))),
        )
        .left_join(given_back)
        .filter(package_lines::line_id.eq_any(firsts).or(package_lines::continues_line_id.eq_any(firsts)))
        .select((
            package_lines::line_id,
            package_lines::version,
            package_lines::continues_line_id,
            package_lines::state,
            package_lines::quantity_thousandths,
            package_lines::frequency,
            package_lines::unit_rate_ten_thousandths,
            package_lines::valid_from,
            package_lines::valid_to,
            package_lines::request_line_id,
            package_lines::recorded_at,
            (
                package_variations::line_id,
                package_variations::line_version,
                package_variations::basis,
                package_variations::tier_before,
                package_variations::tier_after,
                package_variations::total_before_pence,
                package_variations::total_after_pence,
                package_variations::beyond_percent,
            )
                .nullable(),
            (confirmations::confirmed_on, confirmations::paid_from, confirmations::recorded_at).nullable(),
            child_leaving_lines::gives_back_line_id.nullable(),
            child_leaving_lines::gives_back_version.nullable(),
        ))
        .order((package_lines::recorded_seq, package_lines::line_id, package_lines::version))
        .into_boxed();
    if let Some(before) = before {
        query = query.filter(package_lines::recorded_at.lt(before));
    }
    Ok(query.load(connection)?)
}

/// Accounts whose row of standing says of no day that their support is agreed, though it is, and since when: rows of before it was kept.
pub(crate) fn rows_without_agreed_on(connection: &mut AnyConnection, zone: TimeZone) -> Result<Vec<(String, NaiveDate)>, Error> {
    let (mut to_fill_in, mut after) = (Vec::new(), String::new());
    loop {
        let accounts: Vec<(String, String, NaiveDate)> = direct_payment_standings::table
            .inner_join(direct_payment_accounts::table.on(direct_payment_accounts::id.eq(direct_payment_standings::account_id)))
            .filter(direct_payment_standings::support_agreed_on.is_null())
            .filter(direct_payment_standings::account_id.gt(&after))
            .order(direct_payment_standings::account_id)
            .limit(i64::try_from(CHUNK).unwrap_or(i64::MAX))
            .select((direct_payment_accounts::id, direct_payment_accounts::line_id, direct_payment_accounts::opened_on))
            .load(connection)?;
        let Some(last) = accounts.last() else { return Ok(to_fill_in) };
        after.clone_from(&last.0);
        let ids: Vec<&str> = accounts.iter().map(|account| account.0.as_str()).collect();
        let set_ups = set_up_lines(connection, &ids)?;
        let firsts: Vec<String> = accounts.iter().map(|account| &account.1).chain(set_ups.values().flatten()).cloned().collect();
        let lines = arrangement_versions(connection, &firsts, None, zone)?;
        for (id, line_id, opened_on) in accounts {
            let paid = set_ups.get(&id).into_iter().flatten().chain([&line_id]);
            let agreed = agreed_on(paid.flat_map(|first| lines.standing(first)), opened_on);
            to_fill_in.extend(agreed.map(|on| (id, on)));
        }
    }
}

/// Writes down of these accounts since when their support is agreed.
pub(crate) fn fill_in_agreed_on(connection: &mut AnyConnection, zone: TimeZone) -> Result<(), Error> {
    for (id, agreed_on) in rows_without_agreed_on(connection, zone)? {
        diesel::update(direct_payment_standings::table.find(id))
            .set(direct_payment_standings::support_agreed_on.eq(agreed_on))
            .execute(connection)?;
    }
    Ok(())
}

/// The one-off lines that accounts pay, by account, of steps that nothing took back.
fn set_up_lines(connection: &mut AnyConnection, accounts: &[&str]) -> Result<HashMap<String, Vec<String>>, Error> {
    use direct_payment_steps as steps;
    let rows: Vec<(String, String, Option<String>, Option<String>)> = steps::table
        .filter(steps::account_id.eq_any(accounts).and(steps::kind.eq(StepKind::SetUpPayment)))
        .select((steps::id, steps::account_id, steps::line_id, steps::reverses_id))
        .load(connection)?;
    let reversed: HashSet<String> = rows.iter().filter_map(|row| row.3.clone()).collect();
    let mut lines: HashMap<String, Vec<String>> = HashMap::new();
    for (id, account, line, reverses) in rows {
        if let Some(line) = line.filter(|_| reverses.is_none() && !reversed.contains(&id)) {
            lines.entry(account).or_default().push(line);
        }
    }
    Ok(lines)
}
