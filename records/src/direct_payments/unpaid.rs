//! The days that accounts leave unpaid: paused, or after the account.

use crate::error::Error;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{direct_payment_accounts, direct_payment_steps};
use diesel::prelude::*;
use domain::direct_payments::{AccountDays, StandingStep, StepKind, Stretch};
use std::collections::{HashMap, HashSet};

/// Values bound in one statement; both databases take many more.
const CHUNK: usize = 500;

/// Of the arrangements with these first lines, by the first line; those that no account pays are left out. No day stands twice.
pub fn unpaid_days(connection: &mut AnyConnection, first_lines: &[String]) -> Result<HashMap<String, Vec<Stretch>>, Error> {
    use direct_payment_steps as steps;
    type Row = (String, Option<String>, String, StepKind, NaiveDate, Option<NaiveDate>);
    let mut unpaid = HashMap::new();
    for chunk in first_lines.chunks(CHUNK) {
        let rows: Vec<Row> = steps::table
            .inner_join(direct_payment_accounts::table.on(direct_payment_accounts::id.eq(steps::account_id)))
            .filter(direct_payment_accounts::line_id.eq_any(chunk))
            .filter(steps::kind.eq_any([StepKind::Pause, StepKind::Resume, StepKind::Close]))
            .order((direct_payment_accounts::line_id, steps::number))
            .select((steps::id, steps::reverses_id, direct_payment_accounts::line_id, steps::kind, steps::taken_on, steps::until_on))
            .load(connection)?;
        let taken_back: HashSet<&str> = rows.iter().filter_map(|row| row.1.as_deref()).collect();
        for of_line in rows.chunk_by(|one, other| one.2 == other.2) {
            let standing = of_line.iter().filter(|row| row.1.is_none() && !taken_back.contains(row.0.as_str()));
            let steps: Vec<StandingStep> = standing.map(|row| StandingStep { kind: row.3, on: row.4, until: row.5 }).collect();
            unpaid.insert(of_line[0].2.clone(), AccountDays::of(&steps).unpaid());
        }
    }
    Ok(unpaid)
}
