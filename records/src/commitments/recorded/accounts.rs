//! Pauses, resumptions and closures of the accounts that pay families: what they leave unpaid is not committed.

use crate::commitments::recorded::asked_for::{Asked, recorded_before};
use crate::error::Error;
use chrono::{NaiveDate, NaiveDateTime};
use db::AnyConnection;
use db::schema::{direct_payment_accounts, direct_payment_steps, package_lines};
use diesel::prelude::*;
use domain::commitments::RecordedAccountStep;
use domain::direct_payments::StepKind;
use std::collections::HashMap;

/// Steps of all accounts; of a book only of those that pay an arrangement of its budget line.
pub(super) fn account_steps(connection: &mut AnyConnection, asked: &Asked<'_>) -> Result<Vec<RecordedAccountStep>, Error> {
    use direct_payment_steps as steps;
    type Row = (String, Option<String>, String, StepKind, NaiveDate, Option<NaiveDate>, NaiveDateTime);
    let mut query = steps::table
        .inner_join(direct_payment_accounts::table.on(direct_payment_accounts::id.eq(steps::account_id)))
        .filter(steps::kind.eq_any([StepKind::Pause, StepKind::Resume, StepKind::Close]))
        .select((
            steps::id,
            steps::reverses_id,
            direct_payment_accounts::line_id,
            steps::kind,
            steps::taken_on,
            steps::until_on,
            steps::recorded_at,
        ))
        .into_boxed();
    if let Some((_, budget_line)) = asked.book {
        let own = package_lines::table.filter(package_lines::version.eq(1).and(package_lines::budget_line.eq(budget_line.to_owned())));
        query = query.filter(direct_payment_accounts::line_id.eq_any(own.select(package_lines::line_id)));
    }
    let query = recorded_before!(query, steps, asked);
    let rows: Vec<Row> = query.order((steps::account_id, steps::number)).load(connection)?;
    let taken_back: HashMap<String, NaiveDate> = rows.iter().filter_map(|row| Some((row.1.clone()?, asked.zone.day_of(row.6)))).collect();
    let standing = rows.into_iter().filter(|row| row.1.is_none());
    let step = |(id, _, arrangement, kind, on, until, recorded_at): Row| RecordedAccountStep {
        reversed_on: taken_back.get(&id).copied(),
        arrangement,
        kind,
        on,
        until,
        recorded_on: asked.zone.day_of(recorded_at),
    };
    Ok(standing.map(step).collect())
}
