//! What is still to be ended for a child who leaves.

use crate::children::leaving::ChildLeaving;
use crate::commissioning::purchase_order::{payments_with, standing_orders};
use crate::direct_payments::account::DirectPaymentAccount;
use crate::direct_payments::record;
use crate::error::Error;
use crate::joint_funding::shares::share::{Of, last_versions};
use crate::leavings::lines_left::lines_left;
use crate::nights::stay::standing_stays;
use crate::packages::lines::{self, arrangement_of};
use crate::requests::Request;
use crate::variations::variation::open_variations_of;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{direct_payment_accounts, packages, requests};
use diesel::prelude::*;
use domain::children::leaving::is_request_open;
use domain::joint_funding::FundingState;
use domain::nights::StayState;
use domain::{Pence, Profile, RequestState};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What may be still to be ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ThingToEnd {
    /// An account is open: close it.
    DirectPaymentAccount,
    /// The family was paid for days after: record what it pays back.
    Repayment,
    /// A booked stay has nights after: cancel it, or say what was stayed before.
    Stay,
    /// An order is for days after the day alone, and nothing was paid on it: tell the provider, and cancel it.
    PurchaseOrder,
    /// A request is not decided: withdraw it.
    Request,
    /// A variation is not agreed: withdraw it.
    PackageVariation,
    /// Somebody's share of the cost goes on: end it.
    JointFunding,
}

/// Something that is still to be ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ToEndForLeaving)]
pub struct ToEnd {
    /// What.
    pub kind: ThingToEnd,
    /// Its id; of a repayment the account's.
    pub id: String,
    /// The day it ends as recorded, or a stay's last night; null, none is said.
    pub until: Option<NaiveDate>,
    /// Of a repayment: how much is to be paid back.
    #[schema(value_type = Option<i64>)]
    pub amount_pence: Option<Pence>,
    /// Of a request: where it stands.
    pub state: Option<RequestState>,
}

impl ToEnd {
    fn of(kind: ThingToEnd, id: String) -> Self {
        ToEnd { kind, id, until: None, amount_pence: None, state: None }
    }
}

/// All of it, kind by kind.
pub(super) fn to_end(connection: &mut AnyConnection, profile: &Profile, leaving: &ChildLeaving) -> Result<Vec<ToEnd>, Error> {
    let mut all = accounts(connection, profile, leaving)?;
    let stays = standing_stays(connection, &leaving.child_id)?
        .into_iter()
        .filter(|stay| stay.state == StayState::Booked && stay.last_night >= leaving.left_on);
    all.extend(stays.map(|stay| ToEnd { until: Some(stay.last_night), ..ToEnd::of(ThingToEnd::Stay, stay.stay_id) }));
    all.extend(orders(connection, leaving)?);
    let requests: Vec<Request> = requests::table
        .filter(requests::child_id.eq(&leaving.child_id))
        .select(Request::as_select())
        .order((requests::recorded_seq, requests::id))
        .load(connection)?;
    let open = requests.into_iter().filter(|request| is_request_open(request.state));
    all.extend(open.map(|request| ToEnd { state: Some(request.state), ..ToEnd::of(ThingToEnd::Request, request.id) }));
    let packages: Vec<String> = packages::table
        .filter(packages::child_id.eq(&leaving.child_id))
        .select(packages::id)
        .order(packages::recorded_seq)
        .load(connection)?;
    let variations = open_variations_of(connection, &packages)?;
    all.extend(variations.into_iter().map(|variation| ToEnd::of(ThingToEnd::PackageVariation, variation.id)));
    for package in &packages {
        for share in last_versions(connection, Of::Package(package))? {
            let goes_on = share.valid_to.is_none_or(|ends| ends > leaving.left_on);
            if share.state != FundingState::Reversed && goes_on {
                all.push(ToEnd { until: share.valid_to, ..ToEnd::of(ThingToEnd::JointFunding, share.funding_id) });
            }
        }
    }
    Ok(all)
}

/// Accounts that nobody closed, and what was paid too much. Its lines have ended, whenever it closes.
fn accounts(connection: &mut AnyConnection, profile: &Profile, leaving: &ChildLeaving) -> Result<Vec<ToEnd>, Error> {
    let accounts: Vec<DirectPaymentAccount> = direct_payment_accounts::table
        .filter(direct_payment_accounts::child_id.eq(&leaving.child_id))
        .select(DirectPaymentAccount::as_select())
        .order((direct_payment_accounts::recorded_seq, direct_payment_accounts::id))
        .load(connection)?;
    let mut all = Vec::new();
    for record in record::load(connection, accounts, profile.time_zone)? {
        let id = record.account.id.clone();
        if record.days.closed_on.is_none() {
            all.push(ToEnd::of(ThingToEnd::DirectPaymentAccount, id.clone()));
        }
        let to_recover = record.money.to_recover(&profile.costing).map_err(Error::fault)?;
        if to_recover > Pence::ZERO {
            all.push(ToEnd { amount_pence: Some(to_recover), ..ToEnd::of(ThingToEnd::Repayment, id) });
        }
    }
    Ok(all)
}

/// Purchase orders for days after alone of the lines that the leaving ended, on which nothing was paid. One that was delivered on stays, since
/// its invoices name it, also those that have not come yet.
fn orders(connection: &mut AnyConnection, leaving: &ChildLeaving) -> Result<Vec<ToEnd>, Error> {
    // Each arrangement with the first of its lines' days.
    let mut began: BTreeMap<String, NaiveDate> = BTreeMap::new();
    for (line, _) in lines_left(connection, &leaving.id)? {
        let arrangement = arrangement_of(connection, &line)?;
        let first = lines::history(connection, &arrangement)?.first().map_or(leaving.left_on, |first| first.valid_from);
        began.insert(arrangement, first);
    }
    let standing = standing_orders(connection, &began.keys().cloned().collect::<Vec<_>>())?;
    // Whether every day that an order is for comes after, and the order's number.
    let mut orders: BTreeMap<String, (bool, String)> = BTreeMap::new();
    for (arrangement, of_arrangement) in standing {
        for (id, order) in of_arrangement {
            let from = order.covers_from.or(began.get(&arrangement).copied());
            let is_after = from.is_none_or(|from| from >= leaving.left_on);
            orders.entry(id).or_insert((true, order.number)).0 &= is_after;
        }
    }
    let mut all = Vec::new();
    for (id, number) in orders.into_iter().filter_map(|(id, (is_after, number))| is_after.then_some((id, number))) {
        if payments_with(connection, &number)?.count == 0 {
            all.push(ToEnd::of(ThingToEnd::PurchaseOrder, id));
        }
    }
    Ok(all)
}
