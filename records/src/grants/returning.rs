//! Recording a group's return of activity, and taking one back.

use crate::error::Error;
use crate::grants::activity_returns::{GrantActivityReturn, covering, find};
use crate::grants::grant::{self, is_reversed};
use crate::grants::open_returns::update_list;
use crate::period;
use crate::reversal::{already_reversed, refuse_overlap};
use crate::text::{Id, Text};
use chrono::NaiveDate;
use db::schema::grant_activity_returns;
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::grants::award::{outside_grant, refuse_reversed};
use domain::grants::terms::refuse_return_reversal;
use domain::{FieldError, Refusal};
use serde::Deserialize;
use utoipa::ToSchema;

/// A return to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "grant_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a11", "period_from": "2023-04-01", "period_to": "2023-07-01",
    "children_and_families_reached": 420, "sessions": 36, "reason": "First quarter's return"
}))]
pub struct NewGrantActivityReturn {
    /// The grant it is for.
    pub grant_id: Id,
    /// The period's first day, in the grant's period.
    pub period_from: NaiveDate,
    /// The first day after it, in the same financial year.
    pub period_to: NaiveDate,
    /// Children and families reached.
    #[schema(minimum = 0, maximum = 10000000)]
    pub children_and_families_reached: i64,
    /// Sessions held.
    #[schema(minimum = 0, maximum = 10000000)]
    pub sessions: i64,
    /// In words.
    pub reason: Text<500>,
}

/// Records a group's return for a period.
///
/// # Errors
/// When it is not valid, the grant was taken back, or another return covers some of its days.
pub fn record(write: &mut Write<'_>, new: NewGrantActivityReturn) -> Result<GrantActivityReturn, Error> {
    let days = (new.period_from, new.period_to);
    let mut errors = period::return_mistakes(new.period_from, new.period_to);
    let grant = grant::find(write.connection, &new.grant_id.0)?.filter(|grant| grant.reverses_id.is_none());
    errors.extend(match &grant {
        None => Some(FieldError::new("/grant_id", "unknown_reference", "no grant has this id")),
        Some(grant) => outside_grant((grant.period_from, grant.period_to), days),
    });
    Refusal::unless_valid(errors)?;
    refuse_reversed(is_reversed(write.connection, &new.grant_id.0)?)?;
    refuse_overlap(&covering(write.connection, &new.grant_id.0, days)?)?;
    let row = GrantActivityReturn {
        id: new_id(),
        grant_id: new.grant_id.0,
        period_from: new.period_from,
        period_to: new.period_to,
        children_and_families_reached: new.children_and_families_reached,
        sessions: new.sessions,
        reverses_id: None,
        reason: new.reason.0,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    insert(write, &row)?;
    if let Some(grant) = grant {
        update_list(write, &grant.id, &grant.provider_id)?;
    }
    write.record(Event::new("record", "grant_activity_returns", &row.id))?;
    Ok(row)
}

/// Takes a return back.
///
/// # Errors
/// When there is no such return, or it was taken back before.
pub fn reverse(write: &mut Write<'_>, id: &str, reason: String) -> Result<GrantActivityReturn, Error> {
    let row = find(write.connection, id)?;
    refuse_return_reversal(row.reverses_id.is_some())?;
    let reversing = GrantActivityReturn {
        id: new_id(),
        children_and_families_reached: -row.children_and_families_reached,
        sessions: -row.sessions,
        reverses_id: Some(row.id),
        reason,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
        ..row
    };
    insert(write, &reversing).map_err(|error| already_reversed(error, "grant_activity_returns_reverses_id_key"))?;
    if let Some(grant) = grant::find(write.connection, &reversing.grant_id)? {
        update_list(write, &grant.id, &grant.provider_id)?;
    }
    write.record(Event::new("reverse", "grant_activity_returns", id))?;
    Ok(reversing)
}

fn insert(write: &mut Write<'_>, row: &GrantActivityReturn) -> Result<(), db::Error> {
    diesel::insert_into(grant_activity_returns::table).values(row).execute(write.connection)?;
    Ok(())
}
