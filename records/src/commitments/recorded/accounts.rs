//! Pauses, resumptions and closures of the accounts that pay families: what they leave unpaid is not committed.

use crate::commitments::recorded::asked_for::{Asked, recorded_before};
use crate::error::Error;
use chrono::{NaiveDate, NaiveDateTime};
use db::AnyConnection;
use db::schema::{direct_payment_accounts, direct_payment_steps, joint_fundings, package_lines};
use diesel::prelude::*;
use domain::commitments::RecordedAccountStep;
use domain::direct_payments::StepKind;
use std::collections::HashMap;

#[derive(Queryable)]
struct Row {
    id: String,
    account_id: String,
    reverses_id: Option<String>,
    /// The first line of the arrangement that the account pays.
    arrangement: String,
    /// The line of a set-up payment.
    set_up_line: Option<String>,
    kind: StepKind,
    on: NaiveDate,
    until: Option<NaiveDate>,
    recorded_at: NaiveDateTime,
}

/// The steps of all accounts. For a book, only accounts that pay an arrangement of its budget line, or an arrangement that it shares.
pub(in crate::commitments) fn account_steps(connection: &mut AnyConnection, asked: &Asked<'_>) -> Result<Vec<RecordedAccountStep>, Error> {
    use direct_payment_steps as steps;
    let mut query = steps::table
        .inner_join(direct_payment_accounts::table.on(direct_payment_accounts::id.eq(steps::account_id)))
        .filter(steps::kind.eq_any([StepKind::Pause, StepKind::Resume, StepKind::Close, StepKind::SetUpPayment]))
        .select((
            steps::id,
            steps::account_id,
            steps::reverses_id,
            direct_payment_accounts::line_id,
            steps::line_id,
            steps::kind,
            steps::taken_on,
            steps::until_on,
            steps::recorded_at,
        ))
        .into_boxed();
    if let Some((_, budget_line)) = asked.book {
        let own = package_lines::table.filter(package_lines::version.eq(1).and(package_lines::budget_line.eq(budget_line.to_owned())));
        let shared = joint_fundings::table.filter(joint_fundings::budget_line.eq(budget_line.to_owned()));
        let is_own = direct_payment_accounts::line_id.eq_any(own.select(package_lines::line_id));
        query = query.filter(is_own.or(direct_payment_accounts::line_id.eq_any(shared.select(joint_fundings::line_id))));
    }
    let query = recorded_before!(query, steps, asked);
    let rows: Vec<Row> = query.order((steps::account_id, steps::number)).load(connection)?;
    let taken_back: HashMap<String, NaiveDate> =
        rows.iter().filter_map(|row| Some((row.reverses_id.clone()?, asked.zone.day_of(row.recorded_at)))).collect();
    let step = |row: &Row| RecordedAccountStep {
        reversed_on: taken_back.get(&row.id).copied(),
        arrangement: row.arrangement.clone(),
        kind: row.kind,
        on: row.on,
        until: row.until,
        recorded_on: asked.zone.day_of(row.recorded_at),
    };
    let (mut own, mut of_set_ups) = (Vec::new(), Vec::new());
    for of_account in rows.chunk_by(|a, b| a.account_id == b.account_id) {
        let standing = || of_account.iter().filter(|row| row.reverses_id.is_none());
        own.extend(standing().filter(|row| row.kind != StepKind::SetUpPayment).map(step));
        for (set_up, line) in standing().filter_map(|row| Some((step(row), row.set_up_line.as_ref()?))) {
            let closures = standing().filter(|row| row.kind == StepKind::Close).map(step);
            of_set_ups.extend(closures.map(|closure| closure.of_set_up(line, &set_up)));
        }
    }
    // The steps of an arrangement stand together.
    of_set_ups.sort_by(|a, b| a.arrangement.cmp(&b.arrangement));
    own.extend(of_set_ups);
    Ok(own)
}
