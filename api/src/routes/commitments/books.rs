//! The books of one financial year and budget line: everything that its commitments follow from, read from the store.

use crate::problem::Problem;
use crate::routes::budget_lines::BudgetLine;
use chrono::{Days, NaiveDate};
use db::AnyConnection;
use db::schema::{
    budget_movements, commitment_carry_forwards, commitment_releases, grant_instalments, grants, ledger_entries, ledger_matches,
    package_lines, purchase_order_lines, purchase_orders, year_closures,
};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::commitment::{Account, Carried, Match, Owner, OwnerKind, Payment, Plan, Planned, Release, Scope, Settlement};
use domain::costing::Line;
use domain::profile::CostingPolicy;
use domain::{Direction, FinancialYear, Frequency, LineState, Pence, Quantity, UnitRate};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

/// Values bound in one statement; both databases take many more.
const CHUNK: usize = 500;

/// A package line in the last version known.
struct LineRow {
    arrangement: String,
    provider_id: Option<String>,
    line: Line,
}

/// An award that stands, or an instalment of one.
struct GrantRow {
    grant_id: String,
    provider_id: String,
    amount: Pence,
    from: NaiveDate,
    to: NaiveDate,
}

/// An open commitment of a closed year, or what was carried of it again.
pub struct CarriedRow {
    owner: String,
    kind: OwnerKind,
    provider_id: Option<String>,
    amount: Pence,
}

struct ReleaseRow {
    provider_id: Option<String>,
    line_id: Option<String>,
    up_to: NaiveDate,
}

/// A payment as the ledger has it.
struct EntryRow {
    id: String,
    posted_on: NaiveDate,
    amount: Pence,
    provider_id: Option<String>,
    purchase_order: Option<String>,
}

/// What is on record for one financial year and budget line.
pub struct Books {
    /// The financial year.
    pub year: FinancialYear,
    /// The budget line's code.
    pub budget_line: String,
    /// Whether it pays or receives.
    pub direction: Direction,
    /// Whether the year was closed.
    pub is_closed: bool,
    /// The sum of the line's movements; income is negative.
    pub budget: Pence,
    lines: Vec<LineRow>,
    grants: Vec<GrantRow>,
    carried: Vec<CarriedRow>,
    releases: Vec<ReleaseRow>,
    entries: Vec<EntryRow>,
    /// By entry: the arrangement that it was matched to, or none.
    matches: HashMap<String, Option<String>>,
    /// By number: the purchase order's id. Only those that an entry names.
    orders: HashMap<String, String>,
    /// By arrangement: the purchase order it is on. Only those that an entry names.
    ordered: BTreeMap<String, String>,
}

impl Books {
    /// Reads them. Costs what is on the budget line in the year, whatever else is in the store.
    pub fn load(connection: &mut AnyConnection, year: FinancialYear, budget_line: &BudgetLine) -> Result<Self, Problem> {
        let code = budget_line.code.as_str();
        let entries = entries_of(connection, year, code)?;
        let numbers: BTreeSet<&str> = entries.iter().filter_map(|entry| entry.purchase_order.as_deref()).collect();
        let orders = orders_of(connection, &numbers.into_iter().collect::<Vec<_>>())?;
        Ok(Books {
            year,
            budget_line: code.to_owned(),
            direction: budget_line.direction,
            is_closed: diesel::select(exists(year_closures::table.find(year))).get_result(connection)?,
            budget: budget_of(connection, year, code)?,
            lines: lines_of(connection, year, code)?,
            grants: grants_of(connection, year, code)?,
            carried: carried_of(connection, year, code)?,
            releases: releases_of(connection, year, code)?,
            matches: matches_of(connection, year, code)?,
            ordered: ordered_on(connection, &orders.values().map(String::as_str).collect::<Vec<_>>())?,
            orders,
            entries,
        })
    }

    /// What the ledger has of the year; income is negative.
    pub fn actual(&self) -> Result<Pence, Problem> {
        Pence::checked_sum(self.entries.iter().map(|entry| entry.amount)).map_err(Problem::internal)
    }

    /// The order numbers that entries carry, by entry.
    pub fn order_numbers(&self) -> HashMap<&str, &str> {
        self.entries.iter().filter_map(|entry| Some((entry.id.as_str(), entry.purchase_order.as_deref()?))).collect()
    }

    /// Settles payments against plans, and looks at the outcome.
    pub fn settle<T>(&self, policy: &CostingPolicy, look: impl FnOnce(&Settlement<'_>) -> T) -> Result<T, Problem> {
        self.settle_with(policy, None, look)
    }

    /// The same, as it would be with one release more.
    pub fn settle_with<'b, T>(
        &'b self,
        policy: &CostingPolicy,
        release: Option<Release<'b>>,
        look: impl FnOnce(&Settlement<'_>) -> T,
    ) -> Result<T, Problem> {
        let ordered: BTreeMap<&str, &str> = self.ordered.iter().map(|(line, order)| (line.as_str(), order.as_str())).collect();
        let account = Account {
            is_closed: self.is_closed,
            plans: self.plans(),
            carried: self.carried.iter().map(CarriedRow::carried).collect(),
            releases: self.releases.iter().map(ReleaseRow::release).chain(release).collect(),
            payments: self.entries.iter().map(|entry| self.payment(entry)).collect(),
            ..Account::empty(self.year, self.direction, &ordered)
        };
        Ok(look(&account.settle(policy).map_err(Problem::internal)?))
    }

    fn plans(&self) -> Vec<Planned<'_>> {
        let lines = self.lines.iter().map(|row| Planned {
            owner: Owner { id: &row.arrangement, kind: OwnerKind::Arrangement },
            provider: row.provider_id.as_deref(),
            plan: Plan::Line(row.line),
        });
        let grants = self.grants.iter().map(|row| Planned {
            owner: Owner { id: &row.grant_id, kind: OwnerKind::Grant },
            provider: Some(&row.provider_id),
            plan: Plan::Spread { amount: row.amount, from: row.from, to: row.to },
        });
        lines.chain(grants).collect()
    }

    fn payment<'b>(&'b self, entry: &'b EntryRow) -> Payment<'b> {
        let matched = self.matches.get(&entry.id).map(|line| line.as_deref().map_or(Match::NotForAPackage, Match::Arrangement));
        Payment {
            id: &entry.id,
            posted_on: entry.posted_on,
            amount: entry.amount,
            provider: entry.provider_id.as_deref(),
            matched,
            order: entry.purchase_order.as_ref().and_then(|number| self.orders.get(number)).map(String::as_str),
        }
    }
}

impl CarriedRow {
    fn of((line_id, grant_id, provider_id, amount): CarriedColumns) -> Self {
        match line_id {
            Some(owner) => CarriedRow { owner, kind: OwnerKind::Arrangement, provider_id, amount },
            None => CarriedRow { owner: grant_id.unwrap_or_default(), kind: OwnerKind::Grant, provider_id, amount },
        }
    }

    /// As the settlement takes it.
    pub fn carried(&self) -> Carried<'_> {
        Carried { owner: Owner { id: &self.owner, kind: self.kind }, provider: self.provider_id.as_deref(), amount: self.amount }
    }
}

impl ReleaseRow {
    fn release(&self) -> Release<'_> {
        Release { scope: scope(self.provider_id.as_deref(), self.line_id.as_deref()), up_to: self.up_to }
    }
}

/// Whose cells a release with these columns is about.
pub fn scope<'s>(provider_id: Option<&'s str>, line_id: Option<&'s str>) -> Scope<'s> {
    match (provider_id, line_id) {
        (_, Some(line)) => Scope::Arrangement(line),
        (Some(provider), None) => Scope::Provider(provider),
        (None, None) => Scope::BudgetLine,
    }
}

/// A line's budget for a year; income is negative.
pub fn budget_of(connection: &mut AnyConnection, year: FinancialYear, code: &str) -> Result<Pence, Problem> {
    let amounts: Vec<Pence> = budget_movements::table
        .filter(budget_movements::year.eq(year).and(budget_movements::budget_line.eq(code)))
        .select(budget_movements::amount_pence)
        .load(connection)?;
    Pence::checked_sum(amounts).map_err(Problem::internal)
}

type LineColumns = (String, Option<String>, Option<String>, Quantity, Frequency, UnitRate, NaiveDate, Option<NaiveDate>);

/// Lines in their last version, without reversed ones, that have a day in the year.
fn lines_of(connection: &mut AnyConnection, year: FinancialYear, code: &str) -> Result<Vec<LineRow>, Problem> {
    let later = diesel::alias!(package_lines as later);
    let newer = later
        .filter(later.field(package_lines::line_id).eq(package_lines::line_id))
        .filter(later.field(package_lines::version).gt(package_lines::version));
    let rows: Vec<LineColumns> = package_lines::table
        .filter(package_lines::budget_line.eq(code))
        .filter(package_lines::state.ne(LineState::Reversed))
        .filter(package_lines::valid_from.lt(year.next_starts_on()))
        .filter(package_lines::valid_to.is_null().or(package_lines::valid_to.gt(year.starts_on())))
        .filter(not(exists(newer)))
        .select((
            package_lines::line_id,
            package_lines::continues_line_id,
            package_lines::provider_id,
            package_lines::quantity_thousandths,
            package_lines::frequency,
            package_lines::unit_rate_ten_thousandths,
            package_lines::valid_from,
            package_lines::valid_to,
        ))
        .load(connection)?;
    let rows = rows.into_iter().map(|(line_id, continues, provider_id, quantity, frequency, unit_rate, valid_from, valid_to)| LineRow {
        arrangement: continues.unwrap_or(line_id),
        provider_id,
        line: Line { quantity, frequency, unit_rate, valid_from, valid_to },
    });
    Ok(rows.collect())
}

/// Awards that nothing took back: all of a grant, or its instalments where they were agreed.
fn grants_of(connection: &mut AnyConnection, year: FinancialYear, code: &str) -> Result<Vec<GrantRow>, Problem> {
    type Row = (String, Option<String>, String, Pence, NaiveDate, NaiveDate);
    let rows: Vec<Row> = grants::table
        .filter(grants::budget_line.eq(code))
        .select((grants::id, grants::reverses_id, grants::provider_id, grants::amount_pence, grants::period_from, grants::period_to))
        .load(connection)?;
    let reversed: HashSet<String> = rows.iter().filter_map(|row| row.1.clone()).collect();
    let standing = rows.into_iter().filter(|row| row.1.is_none() && !reversed.contains(&row.0));
    let mut instalments = instalments_of(connection, code)?;
    let mut plans = Vec::new();
    for (grant_id, _, provider_id, amount, from, to) in standing {
        match instalments.remove(&grant_id) {
            None => plans.push(GrantRow { grant_id, provider_id, amount, from, to }),
            Some(agreed) => plans.extend(agreed.into_iter().map(|(due_on, amount)| {
                let (grant_id, provider_id) = (grant_id.clone(), provider_id.clone());
                GrantRow { grant_id, provider_id, amount, from: due_on, to: due_on + Days::new(1) }
            })),
        }
    }
    plans.retain(|row| row.from < year.next_starts_on() && row.to > year.starts_on());
    Ok(plans)
}

/// What was agreed to be paid of each grant, and when; a grant without any is spread over its period.
fn instalments_of(connection: &mut AnyConnection, code: &str) -> Result<HashMap<String, Vec<(NaiveDate, Pence)>>, Problem> {
    let rows: Vec<(String, NaiveDate, Pence)> = grant_instalments::table
        .inner_join(grants::table.on(grants::id.eq(grant_instalments::grant_id)))
        .filter(grants::budget_line.eq(code))
        .select((grant_instalments::grant_id, grant_instalments::due_on, grant_instalments::amount_pence))
        .load(connection)?;
    let mut instalments: HashMap<String, Vec<(NaiveDate, Pence)>> = HashMap::new();
    for (grant, due_on, amount) in rows {
        instalments.entry(grant).or_default().push((due_on, amount));
    }
    Ok(instalments)
}

type CarriedColumns = (Option<String>, Option<String>, Option<String>, Pence);

fn carried_of(connection: &mut AnyConnection, year: FinancialYear, code: &str) -> Result<Vec<CarriedRow>, Problem> {
    use commitment_carry_forwards as carried;
    let rows: Vec<CarriedColumns> = carried::table
        .filter(carried::to_year.eq(year).and(carried::budget_line.eq(code)))
        .select((carried::line_id, carried::grant_id, carried::provider_id, carried::amount_pence))
        .load(connection)?;
    Ok(rows.into_iter().map(CarriedRow::of).collect())
}

/// Everything that was carried out of a closed year, at the close and after.
pub fn carried_out_of(connection: &mut AnyConnection, year: FinancialYear, code: &str) -> Result<Vec<CarriedRow>, Problem> {
    use commitment_carry_forwards as carried;
    let rows: Vec<CarriedColumns> = carried::table
        .filter(carried::from_year.eq(year).and(carried::budget_line.eq(code)))
        .select((carried::line_id, carried::grant_id, carried::provider_id, carried::amount_pence))
        .load(connection)?;
    Ok(rows.into_iter().map(CarriedRow::of).collect())
}

fn releases_of(connection: &mut AnyConnection, year: FinancialYear, code: &str) -> Result<Vec<ReleaseRow>, Problem> {
    use commitment_releases as releases;
    type Row = (String, Option<String>, Option<String>, Option<String>, NaiveDate);
    let rows: Vec<Row> = releases::table
        .filter(releases::year.eq(year).and(releases::budget_line.eq(code)))
        .select((releases::id, releases::reverses_id, releases::provider_id, releases::line_id, releases::up_to))
        .load(connection)?;
    let reversed: HashSet<String> = rows.iter().filter_map(|row| row.1.clone()).collect();
    let standing = rows.into_iter().filter(|row| row.1.is_none() && !reversed.contains(&row.0));
    Ok(standing.map(|(_, _, provider_id, line_id, up_to)| ReleaseRow { provider_id, line_id, up_to }).collect())
}

fn entries_of(connection: &mut AnyConnection, year: FinancialYear, code: &str) -> Result<Vec<EntryRow>, Problem> {
    type Row = (String, NaiveDate, Pence, Option<String>, Option<String>);
    let rows: Vec<Row> = ledger_entries::table
        .filter(ledger_entries::year.eq(year).and(ledger_entries::budget_line.eq(code)))
        .select((
            ledger_entries::id,
            ledger_entries::posted_on,
            ledger_entries::amount_pence,
            ledger_entries::provider_id,
            ledger_entries::purchase_order,
        ))
        .load(connection)?;
    let rows = rows.into_iter();
    let row = |(id, posted_on, amount, provider_id, purchase_order)| EntryRow { id, posted_on, amount, provider_id, purchase_order };
    Ok(rows.map(row).collect())
}

/// The last match of each entry that nothing took back.
fn matches_of(connection: &mut AnyConnection, year: FinancialYear, code: &str) -> Result<HashMap<String, Option<String>>, Problem> {
    type Row = (String, String, Option<String>, Option<String>);
    let rows: Vec<Row> = ledger_matches::table
        .inner_join(ledger_entries::table.on(ledger_entries::id.eq(ledger_matches::entry_id)))
        .filter(ledger_entries::year.eq(year).and(ledger_entries::budget_line.eq(code)))
        .select((ledger_matches::id, ledger_matches::entry_id, ledger_matches::line_id, ledger_matches::reverses_id))
        .order((ledger_matches::recorded_seq, ledger_matches::id))
        .load(connection)?;
    let reversed: HashSet<String> = rows.iter().filter_map(|row| row.3.clone()).collect();
    let standing = rows.into_iter().filter(|row| row.3.is_none() && !reversed.contains(&row.0));
    Ok(standing.map(|(_, entry, line, _)| (entry, line)).collect())
}

/// The purchase orders with these numbers, by number.
fn orders_of(connection: &mut AnyConnection, numbers: &[&str]) -> Result<HashMap<String, String>, Problem> {
    let mut orders = HashMap::new();
    for chunk in numbers.chunks(CHUNK) {
        let rows: Vec<(String, String)> = purchase_orders::table
            .filter(purchase_orders::number.eq_any(chunk.to_vec()))
            .select((purchase_orders::number, purchase_orders::id))
            .load(connection)?;
        orders.extend(rows);
    }
    Ok(orders)
}

/// The arrangements of these purchase orders, each with its order.
fn ordered_on(connection: &mut AnyConnection, order_ids: &[&str]) -> Result<BTreeMap<String, String>, Problem> {
    let mut ordered = BTreeMap::new();
    for chunk in order_ids.chunks(CHUNK) {
        let rows: Vec<(String, String)> = purchase_order_lines::table
            .filter(purchase_order_lines::purchase_order_id.eq_any(chunk.to_vec()))
            .select((purchase_order_lines::line_id, purchase_order_lines::purchase_order_id))
            .load(connection)?;
        ordered.extend(rows);
    }
    Ok(ordered)
}
