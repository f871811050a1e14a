//! Instalments of a grant, and which of them are paid.

use crate::error::Error;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{grant_instalment_payments, grant_instalments};
use diesel::prelude::*;
use domain::Pence;
use domain::grants::InstalmentState;
use domain::grants::terms::instalment_state;
use serde::Serialize;
use std::collections::{HashMap, HashSet};
use utoipa::ToSchema;

/// An instalment of a grant, and how it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct GrantInstalment {
    /// The grant.
    pub grant_id: String,
    /// Its place, from 1.
    pub number: i64,
    /// When it is to be paid.
    pub due_on: NaiveDate,
    /// How much.
    pub amount_pence: Pence,
    /// How it stands today.
    pub state: InstalmentState,
    /// What holds it back, and the clause that says so.
    pub held_for: Vec<String>,
    /// When it was paid.
    pub paid_on: Option<NaiveDate>,
    /// The finance system's number of the payment.
    pub payment_reference: Option<String>,
}

/// The id of the instalment with that number.
pub(crate) fn id_of(connection: &mut AnyConnection, grant_id: &str, number: i64) -> Result<String, Error> {
    let id = grant_instalments::table
        .filter(grant_instalments::grant_id.eq(grant_id).and(grant_instalments::number.eq(number)))
        .select(grant_instalments::id)
        .first(connection)
        .optional()?;
    id.ok_or_else(|| Error::not_found("instalment of this grant"))
}

/// A payment of an instalment, or the row that takes one back.
#[derive(Queryable)]
pub(crate) struct Payment {
    /// Its id.
    pub(crate) id: String,
    instalment_id: String,
    /// The day it was paid.
    pub(crate) paid_on: NaiveDate,
    /// The finance system's number of it.
    pub(crate) reference: String,
    /// How much.
    pub(crate) amount: Pence,
    reverses_id: Option<String>,
}

/// The payments of a grant's instalments that nothing took back, by instalment.
pub(crate) fn standing_payments(connection: &mut AnyConnection, grant_id: &str) -> Result<HashMap<String, Payment>, Error> {
    use grant_instalment_payments as payments;
    let rows: Vec<Payment> = payments::table
        .inner_join(grant_instalments::table)
        .filter(grant_instalments::grant_id.eq(grant_id))
        .select((
            payments::id,
            payments::instalment_id,
            payments::paid_on,
            payments::reference,
            payments::amount_pence,
            payments::reverses_id,
        ))
        .load(connection)?;
    let reversed: HashSet<String> = rows.iter().filter_map(|row| row.reverses_id.clone()).collect();
    let stands = |row: &Payment| row.reverses_id.is_none() && !reversed.contains(&row.id);
    Ok(rows.into_iter().filter(stands).map(|row| (row.instalment_id.clone(), row)).collect())
}

/// A grant's instalments; `held_for` says what one of a day waits for.
pub(crate) fn of_grant(
    connection: &mut AnyConnection,
    grant_id: &str,
    held_for: impl Fn(NaiveDate) -> Vec<String>,
) -> Result<Vec<GrantInstalment>, Error> {
    let mut paid = standing_payments(connection, grant_id)?;
    let rows: Vec<(String, i64, NaiveDate, Pence)> = grant_instalments::table
        .filter(grant_instalments::grant_id.eq(grant_id))
        .order(grant_instalments::number)
        .select((grant_instalments::id, grant_instalments::number, grant_instalments::due_on, grant_instalments::amount_pence))
        .load(connection)?;
    let instalment = |(id, number, due_on, amount_pence): (String, i64, NaiveDate, Pence)| {
        let payment = paid.remove(&id);
        // What is paid is paid: it waits for nothing.
        let held_for = if payment.is_some() { Vec::new() } else { held_for(due_on) };
        let state = instalment_state(payment.is_some(), !held_for.is_empty());
        let (paid_on, payment_reference) = payment.map(|payment| (payment.paid_on, payment.reference)).unzip();
        GrantInstalment { grant_id: grant_id.to_owned(), number, due_on, amount_pence, state, held_for, paid_on, payment_reference }
    };
    Ok(rows.into_iter().map(instalment).collect())
}

/// Numbers of the grant's instalments whose payment stands.
pub(crate) fn paid_numbers(connection: &mut AnyConnection, grant_id: &str) -> Result<Vec<i64>, Error> {
    let instalments = of_grant(connection, grant_id, |_| Vec::new())?;
    Ok(instalments.into_iter().filter(|instalment| instalment.state == InstalmentState::Paid).map(|instalment| instalment.number).collect())
}
