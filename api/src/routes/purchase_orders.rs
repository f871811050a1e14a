//! Purchase orders: what was ordered of a provider for a package, under which number and coding. An arrangement is on one order.

use super::commissioning::{self, Arrangement, standing};
use super::year_closures::{Changed, carrying_again, closed_since};
use super::{governance, packages as packages_of};
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{PackagesRead, PackagesWrite};
use crate::extract::{Body, Params};
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::problem::{Code, FieldError, Problem};
use crate::text::{Id, Text};
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use chrono::NaiveDate;
use db::schema::{ledger_entries, packages, providers, purchase_order_lines, purchase_orders};
use db::{AnyConnection, Event, Write, new_id};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::{FinancialYear, Profile};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap};
use utoipa::{IntoParams, ToSchema};

/// A purchase order, without its lines.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = purchase_orders)]
#[schema(as = PurchaseOrderHead)]
pub struct OrderHead {
    /// The order's id.
    pub id: String,
    /// Its number in the finance system.
    pub number: String,
    /// The package.
    pub package_id: String,
    /// The provider.
    pub provider_id: String,
    /// The cost centre it is charged to.
    pub cost_centre: String,
    /// The expense code it is charged to.
    pub expense_code: String,
    /// When it was raised.
    pub raised_on: NaiveDate,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// A purchase order.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a96", "number": "PO-4410031", "package_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a11",
    "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13", "cost_centre": "CS410", "expense_code": "4310", "raised_on": "2024-06-12",
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-06-12T09:00:00Z", "recorded_seq": 744,
    "line_ids": ["0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a21"]
}))]
pub struct PurchaseOrder {
    /// The order.
    #[serde(flatten)]
    pub order: OrderHead,
    /// What is ordered: the first package line of each arrangement.
    pub line_ids: Vec<String>,
}

impl Located for PurchaseOrder {
    fn location(&self) -> String {
        format!("/v1/purchase-orders/{}", self.order.id)
    }
}

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

/// List purchase orders
#[utoipa::path(tag = "commissioning", params(ListPurchaseOrders), security(("bearer" = ["packages:read"])),
    responses((status = 200, description = "A page of purchase orders, in the order recorded", body = Page<PurchaseOrder>)))]
#[get("/purchase-orders")]
pub async fn list_purchase_orders(
    app: Data<App>,
    caller: Caller<PackagesRead>,
    params: Params<ListPurchaseOrders>,
) -> Result<Json<Page<PurchaseOrder>>, Problem> {
    let ListPurchaseOrders { limit, cursor, package_id, provider_id } = params.0;
    let after = cursor.after_record()?;
    app.write(caller.actor(), move |write| {
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
        Ok(Json(Page { items, next_cursor: page.next_cursor }))
    })
    .await
}

/// Read a purchase order
#[utoipa::path(tag = "commissioning", params(("id" = Id, Path, description = "The order's id")), security(("bearer" = ["packages:read"])),
    responses((status = 200, description = "The order", body = PurchaseOrder)))]
#[get("/purchase-orders/{id}")]
pub async fn get_purchase_order(app: Data<App>, caller: Caller<PackagesRead>, id: Path<Id>) -> Result<Json<PurchaseOrder>, Problem> {
    app.write(caller.actor(), move |write| {
        let order = purchase_orders::table.find(&id.0).select(OrderHead::as_select()).first(write.connection).optional()?;
        let order = order.ok_or_else(|| Problem::not_found("purchase order"))?;
        let order = with_lines(write.connection, vec![order])?.pop().ok_or_else(|| Problem::not_found("purchase order"))?;
        record_read(write, &order)?;
        Ok(Json(order))
    })
    .await
}

/// Record a purchase order
///
/// It is the step of commissioning of the agreed lines that its package lines carry out. A provider that is red takes no placement, and
/// so no order.
#[utoipa::path(tag = "commissioning", request_body = NewPurchaseOrder, security(("bearer" = ["packages:write"])),
    responses((status = 201, description = "The order", body = PurchaseOrder)))]
#[post("/purchase-orders")]
pub async fn create_purchase_order(
    app: Data<App>,
    caller: Caller<PackagesWrite>,
    key: IdempotencyKey,
    body: Body<NewPurchaseOrder>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| record(write, &profile, body.value)).await
}

/// An order is part of its package, and so of its child's record.
fn record_read(write: &mut Write<'_>, order: &PurchaseOrder) -> Result<(), Problem> {
    write.record(Event::new("read", "purchase_orders", &order.order.id))?;
    let package = packages_of::find(write.connection, &order.order.package_id)?;
    packages_of::record_read(write, &package)
}

fn with_lines(connection: &mut AnyConnection, orders: Vec<OrderHead>) -> Result<Vec<PurchaseOrder>, Problem> {
    let ids: Vec<&String> = orders.iter().map(|order| &order.id).collect();
    let rows: Vec<(String, String)> = purchase_order_lines::table
        .filter(purchase_order_lines::purchase_order_id.eq_any(ids))
        .order((purchase_order_lines::purchase_order_id, purchase_order_lines::line_id))
        .select((purchase_order_lines::purchase_order_id, purchase_order_lines::line_id))
        .load(connection)?;
    let mut of_order: HashMap<String, Vec<String>> = HashMap::new();
    for (order, line) in rows {
        of_order.entry(order).or_default().push(line);
    }
    let with_own = |order: OrderHead| PurchaseOrder { line_ids: of_order.remove(&order.id).unwrap_or_default(), order };
    Ok(orders.into_iter().map(with_own).collect())
}

fn record(write: &mut Write<'_>, profile: &Profile, new: NewPurchaseOrder) -> Result<PurchaseOrder, Problem> {
    let line_ids: Vec<String> = new.line_ids.iter().map(|id| id.0.clone()).collect();
    let arrangements = standing(write.connection, &line_ids)?;
    let mut errors = mistakes(write, &new)?;
    errors.extend(line_mistakes(&new, &arrangements));
    errors.extend(coding_mistakes(profile, &new, &arrangements));
    for budget_line in budget_lines(&arrangements) {
        let red = governance::red_mistake(write.connection, profile, &new.provider_id.0, budget_line, write.at.date())?;
        errors.extend(red.filter(|red| !errors.contains(red)));
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    refuse_ordered(write.connection, &line_ids)?;
    let carried: BTreeSet<String> = arrangements.values().flat_map(Arrangement::request_lines).cloned().collect();
    let requests = commissioning::refuse_early_order(write.connection, profile, &carried)?;
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
    requests.iter().try_for_each(|request| commissioning::settle(write, profile, request))?;
    with_lines(write.connection, vec![order])?.pop().ok_or_else(|| Problem::internal("an order that was just recorded"))
}

/// The closed years and budget lines in which payments carry an order's number.
fn closed_and_paid(connection: &mut AnyConnection, number: &str) -> Result<Vec<(FinancialYear, String)>, Problem> {
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
) -> Result<(), Problem> {
    let Some(((year, budget_line), rest)) = paid.split_first() else { return insert(write, order, line_ids) };
    let changed = Changed { id: &order.id, budget_line, from: year.starts_on() };
    // A budget line's years after the first are carried with it.
    let rest: Vec<_> = rest.iter().filter(|(_, other)| other != budget_line).cloned().collect();
    carrying_again(write, profile, changed, |write| insert_carrying(write, profile, order, &rest, line_ids))
}

fn insert(write: &mut Write<'_>, order: &OrderHead, line_ids: &[String]) -> Result<(), Problem> {
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
fn mistakes(write: &mut Write<'_>, new: &NewPurchaseOrder) -> Result<Vec<FieldError>, Problem> {
    let mut errors = Vec::new();
    if !diesel::select(exists(packages::table.find(&new.package_id.0))).get_result::<bool>(write.connection)? {
        errors.push(FieldError::new("/package_id", "unknown_reference", "no package has this id"));
    }
    if !diesel::select(exists(providers::table.find(&new.provider_id.0))).get_result::<bool>(write.connection)? {
        errors.push(FieldError::new("/provider_id", "unknown_reference", "no provider has this id"));
    }
    if let Err(error) = FinancialYear::of(new.raised_on) {
        errors.push(FieldError::new("/raised_on", "out_of_range", error.to_string()));
    } else if new.raised_on > write.at.date() {
        errors.push(FieldError::new("/raised_on", "out_of_range", "an order is recorded once it was raised, not before"));
    }
    Ok(errors)
}

/// What is wrong with the lines: each is an arrangement's first, that stands, of the order's package and provider, and named once.
fn line_mistakes(new: &NewPurchaseOrder, arrangements: &HashMap<String, Arrangement>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (place, id) in new.line_ids.iter().enumerate() {
        let mut refuse = |code: &str, detail: &str| errors.push(FieldError::new(&format!("/line_ids/{place}"), code, detail));
        if new.line_ids[..place].contains(id) {
            refuse("repeated", "this line is on the order already");
            continue;
        }
        let Some(arrangement) = arrangements.get(&id.0) else {
            refuse("unknown_reference", "no package line has this id that is the first of its kind and carries no other on");
            continue;
        };
        if arrangement.lines.is_empty() {
            refuse("reversed", "this package line was reversed");
        }
        if arrangement.lines.iter().any(|line| line.package_id != new.package_id.0) {
            refuse("another_package", "this line belongs to another package");
        }
        // A variation may have changed the provider: one of its lines is with the order's.
        let is_with = |provider: &Option<String>| provider.as_deref() == Some(new.provider_id.0.as_str());
        if !arrangement.lines.is_empty() && !arrangement.lines.iter().any(|line| is_with(&line.provider_id)) {
            refuse("another_provider", "this line is with another provider, or with none");
        }
    }
    errors
}

fn budget_lines(arrangements: &HashMap<String, Arrangement>) -> BTreeSet<&str> {
    arrangements.values().flat_map(|arrangement| &arrangement.lines).map(|line| line.budget_line.as_str()).collect()
}

/// Where the profile gives the coding of a budget line, an order for it has that one.
fn coding_mistakes(profile: &Profile, new: &NewPurchaseOrder, arrangements: &HashMap<String, Arrangement>) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for budget_line in budget_lines(arrangements) {
        let Some(coding) = profile.commissioning.coding.iter().find(|coding| coding.budget_line == budget_line) else { continue };
        for (field, given, right) in
            [("/cost_centre", &new.cost_centre.0, &coding.cost_centre), ("/expense_code", &new.expense_code.0, &coding.expense_code)]
        {
            if given != right {
                let detail = format!("`{budget_line}` is charged to {right} ({})", coding.clause);
                errors.push(FieldError::new(field, "wrong_coding", detail));
            }
        }
    }
    errors
}

fn refuse_ordered(connection: &mut AnyConnection, line_ids: &[String]) -> Result<(), Problem> {
    let before: Option<(String, String)> = purchase_order_lines::table
        .filter(purchase_order_lines::line_id.eq_any(line_ids))
        .order(purchase_order_lines::line_id)
        .select((purchase_order_lines::line_id, purchase_order_lines::purchase_order_id))
        .first(connection)
        .optional()?;
    let Some((line, order)) = before else { return Ok(()) };
    let number: String = purchase_orders::table.find(&order).select(purchase_orders::number).first(connection)?;
    Err(Problem::new(Code::StateConflict, format!("Package line {line} is on order {number} already.")))
}
