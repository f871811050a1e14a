//! Recording who was consulted, what the Regulations require, and what becomes of small counts.

use crate::error::Error;
use crate::people::persons::refuse_tools;
use crate::statement_editions::edition::find_open;
use crate::statement_editions::words::{StatementConsultation, StatementDisclosure, StatementRequirement, consultations_of};
use crate::text::{Paragraphs, Text};
use chrono::NaiveDate;
use db::schema::{statement_consultations, statement_disclosures, statement_requirements};
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::Refusal;
use domain::statement_editions::checklist::word_mistakes;
use domain::statement_editions::consulting::consultation_mistakes;
use domain::statement_editions::{Disclosure, Requirement, RequirementStanding, Section};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// A consultation to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "with_whom": "The parent carer forum", "held_on": "2024-05-14", "what_changed": "The criteria stand first, in fewer words."
}))]
pub struct NewStatementConsultation {
    /// With whom: a forum or a group, and no person by name.
    pub with_whom: Text<200>,
    /// When: not in the future.
    pub held_on: NaiveDate,
    /// What changed in consequence; that nothing did is said too.
    pub what_changed: Paragraphs<4000>,
}

/// What is said of something that the Regulations require.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(examples(
    json!({ "standing": "met", "section": "definitions" }),
    json!({ "standing": "waived", "reason": "It stands in the policy that the introduction links to" })
))]
pub struct NewRequirementWord {
    /// Met, waived, or open again.
    pub standing: RequirementStanding,
    /// The section that sets it out, where it is met.
    pub section: Option<Section>,
    /// Why, where it is not.
    pub reason: Option<Text<500>>,
}

/// What becomes of small counts.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "disclosure": "as_counted", "reason": "The figures were published before, as counted" }))]
pub struct NewStatementDisclosure {
    /// Withheld, or as counted.
    pub disclosure: Disclosure,
    /// Why.
    pub reason: Text<500>,
    /// Whether the statement may go out although the rule cannot keep some withheld figures from being narrowed, for that reason. Without
    /// it, nobody approves or publishes such a statement.
    #[serde(default)]
    pub accepts_narrower: bool,
}

/// Records a consultation on the text as it stands.
pub fn consult(write: &mut Write<'_>, edition_id: &str, new: NewStatementConsultation) -> Result<StatementConsultation, Error> {
    refuse_tools(write.actor)?;
    find_open(write.connection, edition_id)?;
    let before = i64::try_from(consultations_of(write.connection, edition_id)?.len()).unwrap_or(i64::MAX);
    Refusal::unless_valid(consultation_mistakes(new.held_on, write.today(), before))?;
    let row = StatementConsultation {
        id: new_id(),
        edition_id: edition_id.to_owned(),
        with_whom: new.with_whom.0,
        held_on: new.held_on,
        what_changed: new.what_changed.0,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(statement_consultations::table).values(&row).execute(write.connection)?;
    write.record(Event::new("record", "statement_consultations", &row.id).with(json!({ "edition_id": row.edition_id })))?;
    Ok(row)
}

/// Records what is said of something that the Regulations require.
pub fn say_of_requirement(
    write: &mut Write<'_>,
    edition_id: &str,
    requirement: Requirement,
    new: NewRequirementWord,
) -> Result<StatementRequirement, Error> {
    refuse_tools(write.actor)?;
    find_open(write.connection, edition_id)?;
    Refusal::unless_valid(word_mistakes(new.standing, new.section, new.reason.is_some()))?;
    let row = StatementRequirement {
        id: new_id(),
        edition_id: edition_id.to_owned(),
        requirement,
        standing: new.standing,
        section: new.section,
        reason: new.reason.map(|text| text.0),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(statement_requirements::table).values(&row).execute(write.connection)?;
    let detail = json!({ "edition_id": row.edition_id, "requirement": row.requirement, "standing": row.standing });
    write.record(Event::new("record", "statement_requirements", &row.id).with(detail))?;
    Ok(row)
}

/// Records what becomes of small counts in an edition.
pub fn choose_disclosure(write: &mut Write<'_>, edition_id: &str, new: NewStatementDisclosure) -> Result<StatementDisclosure, Error> {
    refuse_tools(write.actor)?;
    find_open(write.connection, edition_id)?;
    let row = StatementDisclosure {
        id: new_id(),
        edition_id: edition_id.to_owned(),
        disclosure: new.disclosure,
        reason: new.reason.0,
        accepts_narrower: new.accepts_narrower,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(statement_disclosures::table).values(&row).execute(write.connection)?;
    let detail = json!({ "edition_id": row.edition_id, "disclosure": row.disclosure, "accepts_narrower": row.accepts_narrower });
    write.record(Event::new("record", "statement_disclosures", &row.id).with(detail))?;
    Ok(row)
}
