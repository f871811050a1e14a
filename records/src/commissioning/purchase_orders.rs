//! Purchase orders: what was ordered of a provider for a package, under which number and coding. An arrangement is on one order that stands for
//! each provider that it is with, one after another.

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
use crate::year_end::{Changed, carrying_again, closed_since};
use chrono::NaiveDate;
use db::schema::{ledger_entries, packages, providers, purchase_order_cancellations, purchase_order_lines, purchase_orders};
use db::{AnyConnection, Event, Write, new_id};
use diesel::dsl::{exists, not};
use diesel::prelude::*;
use domain::budgets::hold::BudgetWarning;
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
    place(write, profile, new, None)
}

/// Records an order, maybe in the place of one that was cancelled.
pub(crate) fn place(
    write: &mut Write<'_>,
    profile: &Profile,
    new: NewPurchaseOrder,
    corrects_id: Option<String>,
) -> Result<PurchaseOrderMade, Error> {
    let named = Named::read(write.connection, &new)?;
    let judged = rules::judge_lines(new.terms(), &named.lines(&new));
    let budget_lines = rules::budget_lines(named.arrangements.values());
    let mut errors = mistakes(write, &new)?;
    errors.extend(judged.mistakes);
    errors.extend(unconfirmed_mistakes(write.connection, &named, &new)?);
    errors.extend(rules::coding_mistakes(&profile.commissioning.coding, new.terms(), &budget_lines));
    for budget_line in budget_lines {
        let red = governance::red_mistake(write.connection, profile, &new.provider_id.0, budget_line, write.today())?;
        errors.extend(red.filter(|red| !errors.contains(red)));
    }
    Refusal::unless_valid(errors)?;
    rules::refuse_ordered(&judged.ordered_already)?;
    rules::refuse_taken_number(&new.number.0, has_standing(write.connection, &new.number.0)?)?;
    let carried: BTreeSet<String> = named.arrangements.values().flat_map(Arrangement::request_lines).cloned().collect();
    let requests = refuse_early_order(write.connection, profile, &carried)?;
    let order = OrderHead {
        id: new_id(),
        number: new.number.0,
        package_id: new.package_id.0,
        provider_id: new.provider_id.0,
        cost_centre: new.cost_centre.0,
        expense_code: new.expense_code.0,
        raised_on: new.raised_on,
        corrects_id,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    // Payments with its number settle its lines from now on, also those of a year that was closed.
    let paid = closed_and_paid(write.connection, &order.number)?;
    carrying_paid(write, profile, &order.id, &paid, &mut |write: &mut Write<'_>| insert(write, &order, &judged.ordered))?;
    requests.iter().try_for_each(|request| update_list(write, profile, request))?;
    let ordered: Vec<&Arrangement> = named.arrangements.values().collect();
    let held = hold_order_against_budget(write, profile, (&order.id, &order.provider_id), &ordered)?;
    Ok(PurchaseOrderMade { order: find(write.connection, &order.id)?, warnings: held.warnings })
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

/// The closed years and budget lines in which payments carry an order's number.
pub(crate) fn closed_and_paid(connection: &mut AnyConnection, number: &str) -> Result<Vec<(FinancialYear, String)>, Error> {
    let closed = closed_since(connection, NaiveDate::MIN)?;
    Ok(ledger_entries::table
        .filter(ledger_entries::purchase_order.eq(number).and(ledger_entries::year.eq_any(closed)))
        .select((ledger_entries::year, ledger_entries::budget_line))
        .distinct()
        .order((ledger_entries::year, ledger_entries::budget_line))
        .load(connection)?)
}

/// Makes a change of an order. What that leaves open in each of these closed years and budget lines is carried forward.
pub(crate) fn carrying_paid(
    write: &mut Write<'_>,
    profile: &Profile,
    order_id: &str,
    paid: &[(FinancialYear, String)],
    change: &mut dyn FnMut(&mut Write<'_>) -> Result<(), Error>,
) -> Result<(), Error> {
    let Some(((year, budget_line), rest)) = paid.split_first() else { return change(write) };
    let changed = Changed { id: order_id, budget_line, from: year.starts_on() };
    // A budget line's years after the first are carried with it.
    let rest: Vec<_> = rest.iter().filter(|(_, other)| other != budget_line).cloned().collect();
    carrying_again(write, profile, changed, |write| carrying_paid(write, profile, order_id, &rest, change))
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
