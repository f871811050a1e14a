//! What was said of an edition: consultations, what the Regulations require, what is disclosed, approvals.

use crate::error::Error;
use crate::instant::Instant;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::{
    statement_approvals, statement_consultation_reversals, statement_consultations, statement_disclosures, statement_requirements,
};
use diesel::prelude::*;
use domain::panel::Capacity;
use domain::statement_editions::checklist::RequirementWord;
use domain::statement_editions::{Disclosure, Requirement, RequirementStanding, Section};
use serde::Serialize;
use utoipa::ToSchema;

/// A consultation on an edition.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = statement_consultations)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2c11", "edition_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2c01",
    "with_whom": "The parent carer forum", "held_on": "2024-05-14", "what_changed": "The criteria stand first, in fewer words.",
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-05-15T09:00:00Z", "recorded_seq": 720
}))]
pub struct StatementConsultation {
    /// The consultation's id.
    pub id: String,
    /// The edition.
    pub edition_id: String,
    /// With whom: a forum or a group, and no person by name.
    pub with_whom: String,
    /// When.
    pub held_on: NaiveDate,
    /// What changed in consequence.
    pub what_changed: String,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// What was said of something that the Regulations require.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = statement_requirements)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2c21", "edition_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2c01",
    "requirement": "eligibility_criteria", "standing": "met", "section": "definitions", "reason": null,
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-05-15T09:00:00Z", "recorded_seq": 721
}))]
pub struct StatementRequirement {
    /// The record's id.
    pub id: String,
    /// The edition.
    pub edition_id: String,
    /// What is required.
    pub requirement: Requirement,
    /// Met, waived, or open again.
    pub standing: RequirementStanding,
    /// The section that sets it out.
    pub section: Option<Section>,
    /// Why it is waived, or open again.
    pub reason: Option<String>,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// What an edition makes of small counts.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = statement_disclosures)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2c31", "edition_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2c01", "disclosure": "as_counted",
    "reason": "The figures were published before, as counted", "accepts_narrower": false,
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11",
    "recorded_at": "2024-05-15T09:00:00Z", "recorded_seq": 722
}))]
pub struct StatementDisclosure {
    /// The choice's id.
    pub id: String,
    /// The edition.
    pub edition_id: String,
    /// Withheld, or as counted.
    pub disclosure: Disclosure,
    /// Why.
    pub reason: String,
    /// Whether the statement may go out although the rule cannot keep some withheld figures from being narrowed, for that reason.
    pub accepts_narrower: bool,
    /// Who chose: a user's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// A post's approval of an edition, of everything that was recorded of it before.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = statement_approvals)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2c41", "edition_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2c01",
    "user_id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a15", "post": "assistant_director", "capacity": "holder", "clause": "Our choice",
    "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a15", "recorded_at": "2024-05-20T09:00:00Z", "recorded_seq": 730,
    "snapshot_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2d01",
    "prints_sha256": "77ab5c1e0f1e9c2d77ab5c1e0f1e9c2d77ab5c1e0f1e9c2d77ab5c1e0f1e9c2d"
}))]
pub struct StatementApproval {
    /// The approval's id.
    pub id: String,
    /// The edition.
    pub edition_id: String,
    /// Who approved.
    pub user_id: String,
    /// In which post.
    pub post: String,
    /// As its holder or a deputy.
    pub capacity: Capacity,
    /// Where the authority says that the post approves.
    pub clause: String,
    /// Who recorded it: the same.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
    /// The snapshot whose figures were approved. The edition is published with them.
    pub snapshot_id: Option<String>,
    /// SHA-256 of everything else that the edition would have printed, but for the day.
    pub prints_sha256: Option<String>,
}

/// The consultations on an edition that were not taken back, in the order recorded.
pub fn consultations_of(connection: &mut AnyConnection, edition_id: &str) -> Result<Vec<StatementConsultation>, Error> {
    use statement_consultation_reversals as reversals;
    Ok(statement_consultations::table
        .filter(statement_consultations::edition_id.eq(edition_id))
        .filter(statement_consultations::id.ne_all(reversals::table.select(reversals::consultation_id)))
        .order((statement_consultations::recorded_seq, statement_consultations::id))
        .select(StatementConsultation::as_select())
        .load(connection)?)
}

/// The last word on each requirement of which there is one, in the order of the Regulations.
pub fn requirements_of(connection: &mut AnyConnection, edition_id: &str) -> Result<Vec<RequirementWord>, Error> {
    let rows: Vec<StatementRequirement> = statement_requirements::table
        .filter(statement_requirements::edition_id.eq(edition_id))
        .order((statement_requirements::recorded_seq, statement_requirements::id))
        .select(StatementRequirement::as_select())
        .load(connection)?;
    let mut words: Vec<RequirementWord> = Vec::new();
    for row in rows.into_iter().rev() {
        if words.iter().all(|word| word.requirement != row.requirement) {
            words.push(RequirementWord { requirement: row.requirement, standing: row.standing, section: row.section, reason: row.reason });
        }
    }
    words.sort_by_key(|word| word.requirement);
    Ok(words)
}

/// The last choice of what an edition discloses; none, small counts are withheld.
pub fn disclosure_of(connection: &mut AnyConnection, edition_id: &str) -> Result<Option<StatementDisclosure>, Error> {
    Ok(statement_disclosures::table
        .filter(statement_disclosures::edition_id.eq(edition_id))
        .order((statement_disclosures::recorded_seq.desc(), statement_disclosures::id.desc()))
        .select(StatementDisclosure::as_select())
        .first(connection)
        .optional()?)
}

/// The last approval of an edition.
pub fn approval_of(connection: &mut AnyConnection, edition_id: &str) -> Result<Option<StatementApproval>, Error> {
    Ok(statement_approvals::table
        .filter(statement_approvals::edition_id.eq(edition_id))
        .order((statement_approvals::recorded_seq.desc(), statement_approvals::id.desc()))
        .select(StatementApproval::as_select())
        .first(connection)
        .optional()?)
}
