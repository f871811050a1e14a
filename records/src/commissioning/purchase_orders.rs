//! Purchase orders: what was ordered of a provider for a package, under which number and coding. An arrangement is on one order that stands for
//! each provider that it is with, one after another.

use crate::children::leaving;
use crate::commissioning::arrangements::{Arrangement, first_lines_of, standing_arrangements};
use crate::commissioning::before_start::refuse_early_order;
pub use crate::commissioning::purchase_order::{OrderHead, OrderState, PurchaseOrder};
use crate::commissioning::purchase_order::{find, has_standing, standing_orders, with_lines};
use crate::commitments::hold_order_against_budget;
use crate::error::Error;
use crate::packages as packages_of;
use crate::packages::commissioning_list::update_list;
use crate::packages::unconfirmed::door_mistakes;
use crate::page::{After, Cursor, Limit, Page};
use crate::providers::governance;
use crate::text::{Id, Text};
use crate::year_end::{carrying_lines_again, closed_since};
use chrono::NaiveDate;
use db::schema::{ledger_entries, packages, providers, purchase_order_cancellations, purchase_order_lines, purchase_orders};
use db::{AnyConnection, Event, Write, new_id};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::budgets::hold::BudgetWarning;
use domain::children::leaving::refuse_left;
use domain::commissioning::purchase_orders as rules;
use domain::commissioning::purchase_orders::{NamedLine, OrderTerms, OrderedDays, StandingOrder};
use domain::packages::unconfirmed::{Asked, Door};
use domain::{FieldError, FinancialYear, Profile, Refusal};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use utoipa::{IntoParams, ToSchema};

/// A purchase order to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "number": "PO-4410031", "package_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a11", "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13",
    "cost_centre": "CS410", "expense_code": "4310", "raised_on": "2024-05-31", "line_ids": ["0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a21"]
}))]
pub struct NewPurchaseOrder {
    /// Its number in the finance system, which no other order has that stands.
    pub number: Text<60>,
    /// The package.
    pub package_id: Id,
    /// The provider.
    pub provider_id: Id,
    /// The cost centre it is charged to: of the budget line, where the authority's profile gives its coding.
    pub cost_centre: Text<60>,
    /// The expense code it is charged to, likewise.
    pub expense_code: Text<60>,
    /// When it was raised, not in the future.
    pub raised_on: NaiveDate,
    /// What is ordered: package lines of that package and provider. Of a line that was varied the first stands for all; what a variation took to
    /// another provider is ordered of that one too.
    #[schema(min_items = 1, max_items = 50)]
    pub line_ids: Vec<Id>,
}

/// A purchase order as it is recorded: with what there is to warn of.
#[derive(Debug, Serialize, ToSchema)]
pub struct PurchaseOrderMade {
    /// The order.
    #[serde(flatten)]
    pub order: PurchaseOrder,
    /// That what is still open of what it orders is more than its budget lines have available, where the authority lets it count all the same.
    /// Absent where there is nothing to warn of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    pub warnings: Vec<BudgetWarning>,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListPurchaseOrders {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only this package's.
    package_id: Option<Id>,
    /// Only this provider's.
    provider_id: Option<Id>,
    /// Only those that stand so.
    state: Option<OrderState>,
}

/// An order is part of its package, and so of its child's record.
fn record_read(write: &mut Write<'_>, order: &PurchaseOrder) -> Result<(), Error> {
    write.record(Event::new("read", "purchase_orders", &order.order.id))?;
    let package = packages_of::find(write.connection, &order.order.package_id)?;
    packages_of::record_read(write, &package)
}

impl NewPurchaseOrder {
    /// The lines that it names.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.line_ids.iter().map(|id| id.0.clone()).collect()
    }

    fn terms(&self) -> OrderTerms<'_> {
        OrderTerms {
            package_id: &self.package_id.0,
            provider_id: &self.provider_id.0,
            cost_centre: &self.cost_centre.0,
            expense_code: &self.expense_code.0,
        }
    }
}

/// Records a purchase order. It is the step of commissioning of the agreed lines that its package lines carry out.
pub fn record(write: &mut Write<'_>, profile: &Profile, new: NewPurchaseOrder) -> Result<PurchaseOrderMade, Error> {
    let id = new_id();
    let numbers = numbers_touched(write.connection, &new.number.0, &new.lines())?;
    let placed = carrying_paid(write, profile, &id, &numbers, |write| place(write, profile, &id, new, None))?;
    placed.held(write, profile)
}

/// An order that was recorded, before it is held against its budget lines.
pub(crate) struct Placed {
    id: String,
    provider_id: String,
    ordered: Vec<Arrangement>,
}

impl Placed {
    /// Holds it against its budget lines; one that orders nothing else than the order whose place it takes asks for nothing.
    pub(crate) fn held(self, write: &mut Write<'_>, profile: &Profile) -> Result<PurchaseOrderMade, Error> {
        let ordered: Vec<&Arrangement> = self.ordered.iter().collect();
        let held = hold_order_against_budget(write, profile, (&self.id, &self.provider_id), &ordered)?;
        Ok(PurchaseOrderMade { order: find(write.connection, &self.id)?, warnings: held.warnings })
    }
}

/// Records an order, maybe in the place of one that was cancelled.
pub(crate) fn place(
    write: &mut Write<'_>,
    profile: &Profile,
    id: &str,
    new: NewPurchaseOrder,
    corrected: Option<&PurchaseOrder>,
) -> Result<Placed, Error> {
    let named = Named::read(write.connection, &new)?;
    let judged = rules::judge_lines(new.terms(), &named.lines(&new));
    let orders_more = !corrected.is_some_and(|order| {
        let before: Vec<_> = order.lines.iter().map(|line| (line.line_id.as_str(), line.covers_from)).collect();
        order.order.provider_id == new.provider_id.0 && rules::are_ordered(&judged.ordered, &before)
    });
    let budget_lines = rules::budget_lines(named.arrangements.values());
    if orders_more {
        refuse_left(leaving::left_on_of_package(write.connection, &new.package_id.0)?, write.today())?;
    }
    let mut errors = mistakes(write, &new)?;
    errors.extend(judged.mistakes);
    if orders_more {
        errors.extend(unconfirmed_mistakes(write.connection, &named, &new)?);
    }
    errors.extend(rules::coding_mistakes(&profile.commissioning.coding, new.terms(), &budget_lines));
    for budget_line in budget_lines.into_iter().filter(|_| orders_more) {
        let red = governance::red_mistake(write.connection, profile, &new.provider_id.0, budget_line, write.today())?;
        errors.extend(red.filter(|red| !errors.contains(red)));
    }
    Refusal::unless_valid(errors)?;
    rules::refuse_ordered(&judged.ordered_already)?;
    rules::refuse_taken_number(&new.number.0, has_standing(write.connection, &new.number.0)?)?;
    let carried: BTreeSet<String> = named.arrangements.values().flat_map(Arrangement::request_lines).cloned().collect();
    let requests = refuse_early_order(write.connection, profile, &carried)?;
    let order = OrderHead {
        id: id.to_owned(),
        number: new.number.0,
        package_id: new.package_id.0,
        provider_id: new.provider_id.0,
        cost_centre: new.cost_centre.0,
        expense_code: new.expense_code.0,
        raised_on: new.raised_on,
        corrects_id: corrected.map(|order| order.order.id.clone()),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    insert(write, &order, &judged.ordered)?;
    requests.iter().try_for_each(|request| update_list(write, profile, request))?;
    let ordered = named.arrangements.into_values().filter(|_| orders_more).collect();
    Ok(Placed { id: order.id, provider_id: order.provider_id, ordered })
}

/// The arrangements that an order names, and the orders that they are on.
struct Named {
    first_lines: HashMap<String, String>,
    arrangements: HashMap<String, Arrangement>,
    orders: HashMap<String, Vec<StandingOrder>>,
}

impl Named {
    fn read(connection: &mut AnyConnection, new: &NewPurchaseOrder) -> Result<Self, Error> {
        let line_ids: Vec<String> = new.line_ids.iter().map(|id| id.0.clone()).collect();
        let first_lines = first_lines_of(connection, &line_ids)?;
        let firsts: Vec<String> = first_lines.values().cloned().collect::<BTreeSet<_>>().into_iter().collect();
        let arrangements = standing_arrangements(connection, &firsts)?;
        let orders = standing_orders(connection, &firsts)?;
        let orders = orders.into_iter().map(|(line, orders)| (line, orders.into_iter().map(|(_, order)| order).collect())).collect();
        Ok(Named { first_lines, arrangements, orders })
    }

    fn lines<'n>(&'n self, new: &'n NewPurchaseOrder) -> Vec<NamedLine<'n>> {
        let named = |id: &'n Id| {
            let first = self.first_lines.get(&id.0);
            NamedLine {
                line_id: &id.0,
                arrangement: first.and_then(|first| self.arrangements.get(first)),
                orders: first.and_then(|first| self.orders.get(first)).map(Vec::as_slice).unwrap_or_default(),
            }
        };
        new.line_ids.iter().map(named).collect()
    }
}

/// The numbers of orders whose payments settle other lines when an order with this number for these lines comes or goes: its own, and those
/// of the orders that its arrangements are on.
pub(crate) fn numbers_touched(connection: &mut AnyConnection, number: &str, line_ids: &[String]) -> Result<BTreeSet<String>, Error> {
    let firsts = first_lines_of(connection, line_ids)?.into_values().collect::<BTreeSet<_>>();
    let orders = standing_orders(connection, &firsts.into_iter().collect::<Vec<_>>())?;
    let others = orders.into_values().flatten().map(|(_, order)| order.number);
    Ok(others.chain([number.to_owned()]).collect())
}

/// Makes a change of orders, by its id. What it leaves open in closed years in which payments carry these numbers is carried forward, once.
pub(crate) fn carrying_paid<T>(
    write: &mut Write<'_>,
    profile: &Profile,
    changed_id: &str,
    numbers: &BTreeSet<String>,
    change: impl FnOnce(&mut Write<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    let closed = closed_since(write.connection, NaiveDate::MIN)?;
    let paid: Vec<(FinancialYear, String)> = ledger_entries::table
        .filter(ledger_entries::purchase_order.eq_any(numbers).and(ledger_entries::year.eq_any(closed)))
        .select((ledger_entries::year, ledger_entries::budget_line))
        .distinct()
        .load(write.connection)?;
    let Some(first) = paid.iter().map(|(year, _)| *year).min() else { return change(write) };
    let codes = paid.into_iter().map(|(_, code)| code).collect();
    carrying_lines_again(write, profile, (changed_id, &codes), first.starts_on(), change)
}

fn insert(write: &mut Write<'_>, order: &OrderHead, ordered: &[OrderedDays]) -> Result<(), Error> {
    diesel::insert_into(purchase_orders::table).values(order).execute(write.connection)?;
    for days in ordered {
        let row = (
            purchase_order_lines::id.eq(new_id()),
            purchase_order_lines::purchase_order_id.eq(&order.id),
            purchase_order_lines::line_id.eq(&days.arrangement),
            purchase_order_lines::covers_from.eq(days.covers_from),
            purchase_order_lines::recorded_at.eq(write.at),
            purchase_order_lines::recorded_seq.eq(write.seq()),
        );
        diesel::insert_into(purchase_order_lines::table).values(row).execute(write.connection)?;
    }
    write.record(Event::new("record", "purchase_orders", &order.id))?;
    Ok(())
}

/// What is wrong with the order itself.
fn mistakes(write: &mut Write<'_>, new: &NewPurchaseOrder) -> Result<Vec<FieldError>, Error> {
    let mut errors = Vec::new();
    if !diesel::select(exists(packages::table.find(&new.package_id.0))).get_result::<bool>(write.connection)? {
        errors.push(FieldError::new("/package_id", "unknown_reference", "no package has this id"));
    }
    if !diesel::select(exists(providers::table.find(&new.provider_id.0))).get_result::<bool>(write.connection)? {
        errors.push(FieldError::new("/provider_id", "unknown_reference", "no provider has this id"));
    }
    errors.extend(rules::day_mistake(new.raised_on, write.today()));
    Ok(errors)
}

/// Nothing is ordered on what nobody with the authority has agreed.
fn unconfirmed_mistakes(connection: &mut AnyConnection, named: &Named, new: &NewPurchaseOrder) -> Result<Vec<FieldError>, Error> {
    let firsts = new.line_ids.iter().enumerate().filter_map(|(place, id)| Some((place, named.first_lines.get(&id.0)?)));
    let asked: Vec<_> =
        firsts.map(|(place, first)| Asked { pointer: format!("/line_ids/{place}"), arrangement: first, days: None }).collect();
    door_mistakes(connection, Door::Order, &asked)
}

/// List purchase orders.
pub fn list(write: &mut Write<'_>, wanted: ListPurchaseOrders) -> Result<Page<PurchaseOrder>, Error> {
    let ListPurchaseOrders { limit, cursor, package_id, provider_id, state } = wanted;
    let after = cursor.after_record()?;
    let mut query = purchase_orders::table
        .select(OrderHead::as_select())
        .filter(purchase_orders::recorded_seq.ge(after.seq))
        .filter(purchase_orders::recorded_seq.gt(after.seq).or(purchase_orders::id.gt(after.id)))
        .into_boxed();
    if let Some(package) = package_id {
        query = query.filter(purchase_orders::package_id.eq(package.0));
    }
    if let Some(provider) = provider_id {
        query = query.filter(purchase_orders::provider_id.eq(provider.0));
    }
    let cancelled =
        || exists(purchase_order_cancellations::table.filter(purchase_order_cancellations::purchase_order_id.eq(purchase_orders::id)));
    query = match state {
        Some(OrderState::Open) => query.filter(not(cancelled())),
        Some(OrderState::Cancelled) => query.filter(cancelled()),
        None => query,
    };
    let in_order = (purchase_orders::recorded_seq, purchase_orders::id);
    let rows = query.order(in_order).limit(limit.and_one()).load(write.connection)?;
    let page = limit.page(rows, |row: &OrderHead| After::key(row.recorded_seq, &row.id));
    if page.items.is_empty() {
        write.record(Event::new("list", "purchase_orders", ""))?;
    }
    let items = with_lines(write.connection, page.items)?;
    items.iter().try_for_each(|order| record_read(write, order))?;
    Ok(Page { items, next_cursor: page.next_cursor })
}

/// Read a purchase order.
pub fn read(write: &mut Write<'_>, id: &str) -> Result<PurchaseOrder, Error> {
    let order = find(write.connection, id)?;
    record_read(write, &order)?;
    Ok(order)
}
