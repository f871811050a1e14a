//! Approving an edition: a post's word that it may go out as it stands.

use crate::error::Error;
use crate::people::owners::{behind, has_ownerless};
use crate::people::posts::in_post_on;
use crate::statement_editions::content::{ToCompose, content};
use crate::statement_editions::edition::{StatementEdition, course, find};
use crate::statement_editions::hands::hands_in;
use crate::statement_editions::sections::sections_of;
use crate::statement_editions::standing::written;
use crate::statement_editions::words::{StatementApproval, approval_of, requirements_of};
use crate::text::Id;
use chrono::NaiveDate;
use db::schema::statement_approvals;
use db::{Actor, ActorKind, AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::Profile;
use domain::authority::PostHolder;
use domain::statement_editions::Prints;
use domain::statement_editions::approving::WouldApprove;
use domain::statement_editions::checklist::refuse_incomplete;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// What is approved.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "revision": 728, "snapshot_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2d01" }))]
pub struct NewStatementApproval {
    /// The edition's revision, as it was read.
    #[schema(minimum = 1)]
    pub revision: i64,
    /// The snapshot whose figures were read. The edition is published with them.
    pub snapshot_id: Id,
}

/// What decides whether somebody may approve an edition.
fn would_approve(
    connection: &mut AnyConnection,
    (actor, today): (&Actor, NaiveDate),
    profile: &Profile,
    edition: &StatementEdition,
) -> Result<WouldApprove, Error> {
    let people = match &profile.statement.approved_by {
        None => Vec::new(),
        Some(named) => {
            let mut people = in_post_on(connection, today)?;
            people.retain(|person| named.posts.contains(&person.post));
            people
        }
    };
    let hands = hands_in(connection, edition, today)?;
    let has_unknown_hand = has_ownerless(connection, &hands)?;
    Ok(WouldApprove {
        is_person: actor.kind == ActorKind::User,
        in_post: people.into_iter().find(|person| person.user_id == actor.id),
        had_a_hand: behind(connection, hands)?.contains(&actor.id),
        has_unknown_hand,
    })
}

/// What may be approved: the post and clause, and what it would print.
struct Approvable {
    holder: PostHolder,
    clause: String,
    told: ToCompose,
    prints_sha256: String,
}

fn approvable(
    connection: &mut AnyConnection,
    (actor, today): (&Actor, NaiveDate),
    profile: &Profile,
    edition_id: &str,
    new: &NewStatementApproval,
) -> Result<Approvable, Error> {
    let edition = find(connection, edition_id)?;
    let course = course(connection, edition_id)?;
    let would = would_approve(connection, (actor, today), profile, &edition)?;
    let (holder, clause) = would.post_and_clause(profile.statement.approved_by.as_ref())?;
    let content = content(connection, edition_id, today)?;
    let prints_sha256 = content.prints_sha256(profile)?;
    let is_same = approval_of(connection, edition_id)?
        .is_some_and(|last| last.prints_sha256.as_ref() == Some(&prints_sha256) && last.snapshot_id.as_ref() == Some(&new.snapshot_id.0));
    course.refuse_approval(if is_same { Prints::WhatWasApproved } else { Prints::SomethingElse })?;
    course.refuse_unread(edition.recorded_seq, new.revision)?;
    let sections = sections_of(connection, edition_id)?;
    refuse_incomplete(&requirements_of(connection, edition_id)?, &written(&sections))?;
    Ok(Approvable {
        holder,
        clause,
        told: ToCompose { content, snapshot_id: Some(new.snapshot_id.0.clone()), approved: None },
        prints_sha256,
    })
}

/// What an approval would be of, so that it can be composed before it is given: a mistake in the text refuses it. Fails where the caller may
/// not approve the edition.
pub fn to_approve(
    connection: &mut AnyConnection,
    (actor, today): (&Actor, NaiveDate),
    profile: &Profile,
    edition_id: &str,
    new: &NewStatementApproval,
) -> Result<ToCompose, Error> {
    Ok(approvable(connection, (actor, today), profile, edition_id, new)?.told)
}

/// Approves an edition as it stands, with the figures of a snapshot. Whatever is recorded of it afterwards takes the approval back.
pub fn approve(write: &mut Write<'_>, profile: &Profile, edition_id: &str, new: &NewStatementApproval) -> Result<StatementApproval, Error> {
    let (actor, today) = (write.actor.clone(), write.today());
    let Approvable { holder, clause, prints_sha256, .. } = approvable(write.connection, (&actor, today), profile, edition_id, new)?;
    let row = StatementApproval {
        id: new_id(),
        edition_id: edition_id.to_owned(),
        user_id: holder.user_id,
        post: holder.post,
        capacity: holder.capacity,
        clause,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
        snapshot_id: Some(new.snapshot_id.0.clone()),
        prints_sha256: Some(prints_sha256),
    };
    diesel::insert_into(statement_approvals::table).values(&row).execute(write.connection)?;
    let detail = json!({ "edition_id": row.edition_id, "revision": new.revision, "post": row.post, "snapshot_id": row.snapshot_id });
    write.record(Event::new("approve", "statement_approvals", &row.id).with(detail))?;
    Ok(row)
}
