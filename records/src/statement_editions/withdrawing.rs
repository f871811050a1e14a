//! Taking back what an edition under way says: the whole edition, a consultation, or what it says that it changed.

use crate::error::Error;
use crate::instant::Instant;
use crate::people::persons::refuse_tools;
use crate::statement_editions::changed::{StatementWhatChanged, last_change};
use crate::statement_editions::edition::find_open;
use crate::text::{Paragraphs, Text};
use db::schema::{statement_consultation_reversals, statement_consultations, statement_what_changed, statement_withdrawals};
use db::{AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::Code;
use domain::versions::refuse_stale;
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// Why an edition never goes out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "Begun for the wrong year" }))]
pub struct NewStatementWithdrawal {
    /// Why.
    pub reason: Text<500>,
}

/// The withdrawal of an edition.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = statement_withdrawals)]
#[schema(example = json!({
    "edition_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2c01", "reason": "Begun for the wrong year",
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-05-15T09:00:00Z", "recorded_seq": 743
}))]
pub struct StatementWithdrawal {
    /// The edition.
    pub edition_id: String,
    /// Why.
    pub reason: String,
    /// Who withdrew it: a user's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// Why a consultation is taken back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "Recorded of the wrong edition" }))]
pub struct NewConsultationReversal {
    /// Why. It names no person.
    pub reason: Text<500>,
}

/// A consultation that was taken back.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = statement_consultation_reversals)]
#[schema(example = json!({
    "consultation_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2c11", "edition_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2c01",
    "reason": "Recorded of the wrong edition", "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11",
    "recorded_at": "2024-05-15T09:00:00Z", "recorded_seq": 744
}))]
pub struct StatementConsultationReversal {
    /// The consultation.
    pub consultation_id: String,
    /// Its edition.
    pub edition_id: String,
    /// Why.
    pub reason: String,
    /// Who took it back: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// What a correction says instead.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "what_changed": "The number of sessions was wrong." }))]
pub struct NewWhatChanged {
    /// What it says that the edition it corrects did not.
    pub what_changed: Paragraphs<2000>,
}

/// Refuses the documents of an edition that was withdrawn: they are no draft, and never go out.
pub fn refuse_withdrawn(connection: &mut AnyConnection, edition_id: &str) -> Result<(), Error> {
    let withdrawn = statement_withdrawals::table.find(edition_id).select(statement_withdrawals::edition_id);
    match withdrawn.first::<String>(connection).optional()? {
        None => Ok(()),
        Some(_) => Err(Error::refused(Code::StateConflict, "This edition was withdrawn: it has no documents. Its sections can be read.")),
    }
}

/// Withdraws an edition that is not out. It stays on record, and the year may begin another.
pub fn withdraw(write: &mut Write<'_>, edition_id: &str, new: NewStatementWithdrawal) -> Result<StatementWithdrawal, Error> {
    refuse_tools(write.actor)?;
    find_open(write.connection, edition_id)?;
    let row = StatementWithdrawal {
        edition_id: edition_id.to_owned(),
        reason: new.reason.0,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(statement_withdrawals::table).values(&row).execute(write.connection)?;
    write.record(Event::new("withdraw", "statement_editions", edition_id))?;
    Ok(row)
}

/// Takes a consultation back: it is not printed, and counts for nothing. An approval that was given on it is taken back with it.
pub fn reverse_consultation(
    write: &mut Write<'_>,
    edition_id: &str,
    consultation_id: &str,
    new: NewConsultationReversal,
) -> Result<StatementConsultationReversal, Error> {
    refuse_tools(write.actor)?;
    find_open(write.connection, edition_id)?;
    let of: Option<String> = statement_consultations::table
        .find(consultation_id)
        .select(statement_consultations::edition_id)
        .first(write.connection)
        .optional()?;
    if of.as_deref() != Some(edition_id) {
        return Err(Error::not_found("consultation on this edition"));
    }
    let row = StatementConsultationReversal {
        consultation_id: consultation_id.to_owned(),
        edition_id: edition_id.to_owned(),
        reason: new.reason.0,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    let before = statement_consultation_reversals::table.find(consultation_id).select(statement_consultation_reversals::recorded_seq);
    if before.first::<i64>(write.connection).optional()?.is_some() {
        return Err(Error::refused(Code::StateConflict, "This consultation was taken back already."));
    }
    diesel::insert_into(statement_consultation_reversals::table).values(&row).execute(write.connection)?;
    write.record(Event::new("reverse", "statement_consultations", consultation_id).with(json!({ "edition_id": edition_id })))?;
    Ok(row)
}

/// Changes what a correction says that it changed, as a section's text is changed. `read` is the version that was read, 1 for what the
/// edition began with.
pub fn say_what_changed(write: &mut Write<'_>, edition_id: &str, read: i64, new: NewWhatChanged) -> Result<StatementWhatChanged, Error> {
    let edition = find_open(write.connection, edition_id)?;
    if edition.corrects_id.is_none() {
        return Err(Error::refused(Code::StateConflict, "This edition corrects no other: there is nothing that it says it changed."));
    }
    let current = last_change(write.connection, edition_id)?.map_or(1, |last| last.version);
    refuse_stale(read, current)?;
    let row = StatementWhatChanged {
        id: new_id(),
        edition_id: edition_id.to_owned(),
        version: current + 1,
        what_changed: new.what_changed.0,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(statement_what_changed::table).values(&row).execute(write.connection)?;
    let detail = json!({ "edition_id": edition_id, "version": row.version });
    write.record(Event::new("record", "statement_what_changed", &row.id).with(detail))?;
    Ok(row)
}
