//! Recording the case management decision.

use super::note::{CaseManagementDecision, case_management_decision_of};
use crate::commissioning;
use crate::decisions::deciding::refuse_tools;
use crate::decisions::decision::find;
use crate::error::Error;
use crate::people::post_holdings::in_post_on;
use crate::requests;
use crate::text::Text;
use chrono::NaiveDate;
use db::schema::{case_management_decisions, outstanding_case_management_decisions};
use db::{Event, Write};
use diesel::prelude::*;
use domain::decisions::refuse_before_ratified;
use domain::{Code, FieldError, Profile};
use serde::Deserialize;
use utoipa::ToSchema;

/// A case management decision to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "made_on": "2024-05-03", "reference": "CN-88123" }))]
pub struct NewCaseManagementDecision {
    /// The day, from the decision's on, not in the future.
    pub made_on: NaiveDate,
    /// The case management system's number for the note.
    pub reference: Text<60>,
}

/// Records that the case management decision was made.
pub fn record(write: &mut Write<'_>, profile: &Profile, id: &str, new: NewCaseManagementDecision) -> Result<CaseManagementDecision, Error> {
    refuse_tools(write.actor)?;
    let decision = find(write.connection, id)?;
    let request = requests::find(write.connection, &decision.request_id)?;
    refuse_before_ratified(request.state, request.decision_id.as_ref() == Some(&decision.id))?;
    let today = write.today();
    if let Some(named) = &profile.panel.case_management_decision {
        let in_post = in_post_on(write.connection, today)?;
        let may = in_post.iter().any(|person| person.user_id == write.actor.id && named.posts.contains(&person.post));
        if !may {
            let detail = format!(
                "The case management decision is recorded by somebody in the post of {} ({}).",
                named.posts.join(" or "),
                named.clause
            );
            return Err(Error::refused(Code::NoAuthority, detail));
        }
    }
    if new.made_on < decision.decided_on || new.made_on > today {
        let detail = format!("a day from {}, the decision's, to today", decision.decided_on);
        return Err(Error::invalid(vec![FieldError::new("/made_on", "out_of_range", detail)]));
    }
    if let Some(before) = case_management_decision_of(write.connection, &decision.id)? {
        return Err(Error::refused(Code::StateConflict, format!("The case management decision was made on {} already.", before.made_on)));
    }
    let row = CaseManagementDecision {
        decision_id: decision.id,
        made_on: new.made_on,
        reference: new.reference.0,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(case_management_decisions::table).values(&row).execute(write.connection)?;
    diesel::delete(outstanding_case_management_decisions::table.find(&row.decision_id)).execute(write.connection)?;
    write.record(Event::new("record", "case_management_decisions", &row.decision_id))?;
    commissioning::settle(write, profile, &request.id)?;
    Ok(row)
}
