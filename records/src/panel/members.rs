//! Recording members of the panel: a role of the profile and a job title, with the account of whoever has one. No names.

use crate::error::Error;
pub use crate::panel::member::{ListPanelMembers, PanelMember, PanelMemberWithSignatures, list, read};
use crate::text::{CodeText, Id, Text};
use db::schema::{panel_members, users};
use db::{Event, Write, new_id};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::panel::seats::role_mistake;
use domain::{FieldError, Profile, Refusal};
use serde::Deserialize;
use utoipa::ToSchema;

/// A member to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "role": "health_representative", "title": "Community children's nurse" }))]
pub struct NewPanelMember {
    /// A role of the authority's profile.
    pub role: CodeText,
    /// The job title, not a name: it is on every agenda.
    pub title: Text<100>,
    /// The member's account, needed to chair; none, the member has none.
    pub user_id: Option<Id>,
}

/// Records a member of the panel.
pub fn record(write: &mut Write<'_>, profile: &Profile, new: NewPanelMember) -> Result<PanelMember, Error> {
    let mut errors: Vec<FieldError> = role_mistake(&profile.panel, &new.role.0).into_iter().collect();
    if let Some(user) = &new.user_id {
        let known: bool = diesel::select(exists(users::table.find(&user.0))).get_result(write.connection)?;
        if !known {
            errors.push(FieldError::new("/user_id", "unknown_reference", "no user has this id"));
        }
    }
    Refusal::unless_valid(errors)?;
    let member = PanelMember {
        id: new_id(),
        role: new.role.0,
        title: new.title.0,
        user_id: new.user_id.map(|id| id.0),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(panel_members::table).values(&member).execute(write.connection)?;
    write.record(Event::new("record", "panel_members", &member.id))?;
    Ok(member)
}
