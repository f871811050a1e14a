//! Declaring interests, and taking back what was declared by mistake: whoever has one in a request stands down for it.

use crate::error::Error;
pub use crate::panel::interest::{DeclaredInterest, DeclaredInterests, InterestReversal, InterestWithReversal};
use crate::panel::interest::{every_interest_of, interests_of};
use crate::panel::member::find_named;
use crate::requests;
use crate::requests::Request;
use crate::text::Id;
use db::schema::{declared_interest_reversals, declared_interests};
use db::{ActorKind, Event, Write, new_id};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::Code;
use domain::panel::InterestNature;
use domain::panel::interests::{InterestOf, refuse_decided, refuse_repeated, refuse_reversal};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// A member's interest to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "member_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a53", "nature": "knows_family" }))]
pub struct NewInterest {
    /// The member who stands down.
    pub member_id: Id,
    /// Of what kind.
    pub nature: InterestNature,
}

/// An interest of the caller's own.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "nature": "colleague" }))]
pub struct NewOwnInterest {
    /// Of what kind.
    pub nature: InterestNature,
}

/// Takes an interest back that was declared by mistake: it rules nobody out any more.
pub fn reverse(write: &mut Write<'_>, id: &str, reason: String) -> Result<InterestWithReversal, Error> {
    let interest = declared_interests::table.find(id).select(DeclaredInterest::as_select()).first(write.connection).optional()?;
    let interest = interest.ok_or_else(|| Error::not_found("interest"))?;
    let reversed = declared_interest_reversals::table.find(&interest.id);
    let is_reversed = diesel::select(exists(reversed)).get_result(write.connection)?;
    refuse_reversal(interest.of(), is_reversed, &write.actor.id)?;
    let request = requests::find(write.connection, &interest.request_id)?;
    refuse_decided(request.state)?;
    let reversal = InterestReversal {
        interest_id: interest.id.clone(),
        reason,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(declared_interest_reversals::table).values(&reversal).execute(write.connection)?;
    write.record(Event::new("reverse", "declared_interests", &interest.id).with(json!({ "request_id": request.id })))?;
    Ok(InterestWithReversal { interest, reversal: Some(reversal) })
}

fn declare(
    write: &mut Write<'_>,
    request: &Request,
    member_id: Option<String>,
    user_id: Option<String>,
    nature: InterestNature,
) -> Result<DeclaredInterest, Error> {
    refuse_decided(request.state)?;
    let declared = interests_of(write.connection, &request.id)?;
    let declared: Vec<InterestOf<'_>> = declared.iter().map(DeclaredInterest::of).collect();
    refuse_repeated(&declared, InterestOf { member_id: member_id.as_deref(), user_id: user_id.as_deref() })?;
    let interest = DeclaredInterest {
        id: new_id(),
        request_id: request.id.clone(),
        member_id,
        user_id,
        nature,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(declared_interests::table).values(&interest).execute(write.connection)?;
    write.record(Event::new("record", "declared_interests", &interest.id).with(json!({ "request_id": request.id })))?;
    Ok(interest)
}

/// Lists the interests in a request.
pub fn list(write: &mut Write<'_>, id: &str) -> Result<DeclaredInterests, Error> {
    let request = requests::find(write.connection, id)?;
    requests::record_read(write, &request)?;
    Ok(DeclaredInterests { items: every_interest_of(write.connection, &request.id)? })
}

/// Declares a panel member's interest.
pub fn declare_for_member(write: &mut Write<'_>, id: &str, new: NewInterest) -> Result<DeclaredInterest, Error> {
    let request = requests::find(write.connection, id)?;
    let member = find_named(write.connection, &new.member_id)?;
    declare(write, &request, Some(member.id), member.user_id, new.nature)
}

/// Declares the caller's own interest in a request.
pub fn declare_own(write: &mut Write<'_>, request_id: &str, nature: InterestNature) -> Result<DeclaredInterest, Error> {
    let request = requests::find(write.connection, request_id)?;
    if write.actor.kind == ActorKind::Client {
        return Err(Error::refused(Code::NotAllowed, "A tool has no interest to declare; a person declares it, logged in."));
    }
    let user = write.actor.id.clone();
    declare(write, &request, None, Some(user), nature)
}
