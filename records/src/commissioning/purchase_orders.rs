//! Purchase orders: what was ordered of a provider for a package, under which number and coding. An arrangement is on one order.

use crate::commissioning::arrangements::{Arrangement, standing_arrangements};
use crate::commissioning::before_start::refuse_early_order;
use crate::commissioning::purchase_order::with_lines;
pub use crate::commissioning::purchase_order::{OrderHead, PurchaseOrder};
use crate::error::Error;
use crate::packages as packages_of;
use crate::packages::commissioning_list::update_list;
use crate::page::{After, Cursor, Limit, Page};
use crate::providers::governance;
use crate::text::{Id, Text};
use crate::year_end::{Changed, carrying_again, closed_since};
use chrono::NaiveDate;
use db::schema::{ledger_entries, packages, providers, purchase_order_lines, purchase_orders};
use db::{AnyConnection, Event, Write, new_id};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::commissioning::purchase_orders as rules;
use domain::commissioning::purchase_orders::OrderTerms;
use domain::{Code, FieldError, FinancialYear, Profile, Refusal};
use serde::Deserialize;
use std::collections::BTreeSet;
use utoipa::{IntoParams, ToSchema};

/// A purchase order to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "number": "PO-4410031", "package_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a11", "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13",
    "cost_centre": "CS410", "expense_code": "4310", "raised_on": "2024-05-31", "line_ids": ["0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a21"]
}))]
pub struct NewPurchaseOrder {
    /// Its number in the finance system, which no other order has.
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
    /// What is ordered: package lines of that package and provider, of a line that was varied the first.
    #[schema(min_items = 1, max_items = 50)]
    pub line_ids: Vec<Id>,
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
pub fn record(write: &mut Write<'_>, profile: &Profile, new: NewPurchaseOrder) -> Result<PurchaseOrder, Error> {
    let line_ids: Vec<String> = new.line_ids.iter().map(|id| id.0.clone()).collect();
    let arrangements = standing_arrangements(write.connection, &line_ids)?;
    let budget_lines = rules::budget_lines(&arrangements);
    let mut errors = mistakes(write, &new)?;
    errors.extend(rules::line_mistakes(new.terms(), &line_ids, &arrangements));
    errors.extend(rules::coding_mistakes(&profile.commissioning.coding, new.terms(), &budget_lines));
    for budget_line in budget_lines {
        let red = governance::red_mistake(write.connection, profile, &new.provider_id.0, budget_line, write.today())?;
        errors.extend(red.filter(|red| !errors.contains(red)));
    }
    Refusal::unless_valid(errors)?;
    refuse_ordered(write.connection, &line_ids)?;
    let carried: BTreeSet<String> = arrangements.values().flat_map(Arrangement::request_lines).cloned().collect();
    let requests = refuse_early_order(write.connection, profile, &carried)?;
    let order = OrderHead {
        id: new_id(),
        number: new.number.0,
        package_id: new.package_id.0,
        provider_id: new.provider_id.0,
        cost_centre: new.cost_centre.0,
        expense_code: new.expense_code.0,
        raised_on: new.raised_on,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    // Payments with its number settle its lines from now on, also those of a year that was closed.
    let paid = closed_and_paid(write.connection, &order.number)?;
    insert_carrying(write, profile, &order, &paid, &line_ids)?;
    requests.iter().try_for_each(|request| update_list(write, profile, request))?;
    with_lines(write.connection, vec![order])?.pop().ok_or_else(|| Error::fault("an order that was just recorded"))
}

/// The closed years and budget lines in which payments carry an order's number.
fn closed_and_paid(connection: &mut AnyConnection, number: &str) -> Result<Vec<(FinancialYear, String)>, Error> {
    let closed = closed_since(connection, NaiveDate::MIN)?;
    Ok(ledger_entries::table
        .filter(ledger_entries::purchase_order.eq(number).and(ledger_entries::year.eq_any(closed)))
        .select((ledger_entries::year, ledger_entries::budget_line))
        .distinct()
        .order((ledger_entries::year, ledger_entries::budget_line))
        .load(connection)?)
}

/// Adds the order. What that leaves open in each of these closed years and budget lines is carried forward.
fn insert_carrying(
    write: &mut Write<'_>,
    profile: &Profile,
    order: &OrderHead,
    paid: &[(FinancialYear, String)],
    line_ids: &[String],
) -> Result<(), Error> {
    let Some(((year, budget_line), rest)) = paid.split_first() else { return insert(write, order, line_ids) };
    let changed = Changed { id: &order.id, budget_line, from: year.starts_on() };
    // A budget line's years after the first are carried with it.
    let rest: Vec<_> = rest.iter().filter(|(_, other)| other != budget_line).cloned().collect();
    carrying_again(write, profile, changed, |write| insert_carrying(write, profile, order, &rest, line_ids))
}

fn insert(write: &mut Write<'_>, order: &OrderHead, line_ids: &[String]) -> Result<(), Error> {
    diesel::insert_into(purchase_orders::table).values(order).execute(write.connection)?;
    for line in line_ids {
        let row = (
            purchase_order_lines::id.eq(new_id()),
            purchase_order_lines::purchase_order_id.eq(&order.id),
            purchase_order_lines::line_id.eq(line),
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

fn refuse_ordered(connection: &mut AnyConnection, line_ids: &[String]) -> Result<(), Error> {
    let before: Option<(String, String)> = purchase_order_lines::table
        .filter(purchase_order_lines::line_id.eq_any(line_ids))
        .order(purchase_order_lines::line_id)
        .select((purchase_order_lines::line_id, purchase_order_lines::purchase_order_id))
        .first(connection)
        .optional()?;
    let Some((line, order)) = before else { return Ok(()) };
    let number: String = purchase_orders::table.find(&order).select(purchase_orders::number).first(connection)?;
    Err(Error::refused(Code::StateConflict, format!("Package line {line} is on order {number} already.")))
}

/// List purchase orders.
pub fn list(write: &mut Write<'_>, wanted: ListPurchaseOrders) -> Result<Page<PurchaseOrder>, Error> {
    let ListPurchaseOrders { limit, cursor, package_id, provider_id } = wanted;
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
    let order = purchase_orders::table.find(id).select(OrderHead::as_select()).first(write.connection).optional()?;
    let order = order.ok_or_else(|| Error::not_found("purchase order"))?;
    let order = with_lines(write.connection, vec![order])?.pop().ok_or_else(|| Error::not_found("purchase order"))?;
    record_read(write, &order)?;
    Ok(order)
}
