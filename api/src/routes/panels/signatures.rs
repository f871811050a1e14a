//! What panel members sign: the terms of reference and the statement of confidentiality, each for as long as the profile says.

use super::members;
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::PanelsWrite;
use crate::extract::Body;
use crate::instant::Instant;
use crate::problem::{Code, FieldError, Problem};
use crate::text::Id;
use actix_web::post;
use actix_web::web::{Data, Path};
use chrono::{Months, NaiveDate};
use db::schema::panel_signatures;
use db::{AnyConnection, Event, Write, new_id};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::panel::SignedDocument;
use domain::{FinancialYear, Profile};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

/// What must be signed before a seat is taken.
const DOCUMENTS: [SignedDocument; 2] = [SignedDocument::TermsOfReference, SignedDocument::Confidentiality];

/// A member's signature under a document.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = panel_signatures)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a54", "member_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a53", "document": "confidentiality",
    "signed_on": "2024-04-08", "expires_on": "2025-04-08", "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11",
    "recorded_at": "2024-05-01T09:00:00Z", "recorded_seq": 631
}))]
pub struct PanelSignature {
    /// The signature's id.
    pub id: String,
    /// Who signed.
    pub member_id: String,
    /// What was signed.
    pub document: SignedDocument,
    /// The first day on which it counts.
    pub signed_on: NaiveDate,
    /// The first day on which it no longer counts.
    pub expires_on: NaiveDate,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

impl Located for PanelSignature {
    fn location(&self) -> String {
        format!("/v1/panel-members/{}", self.member_id)
    }
}

/// A signature to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "document": "confidentiality", "signed_on": "2024-04-08" }))]
pub struct NewPanelSignature {
    /// What was signed.
    pub document: SignedDocument,
    /// When: not in the future.
    pub signed_on: NaiveDate,
}

/// A document that a member has no current signature under.
pub(super) struct Lacking {
    /// The document.
    pub document: SignedDocument,
    /// The day on which the last signature before that day stopped counting; none, there was none.
    pub expired_on: Option<NaiveDate>,
}

/// Record a signature
///
/// It counts from the day it was given for as many months as the profile says.
#[utoipa::path(tag = "panels", params(("id" = Id, Path, description = "The member's id")), request_body = NewPanelSignature,
    security(("bearer" = ["panels:write"])), responses((status = 201, description = "The signature", body = PanelSignature)))]
#[post("/panel-members/{id}/signatures")]
pub async fn create_panel_signature(
    app: Data<App>,
    caller: Caller<PanelsWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewPanelSignature>,
) -> Answer {
    let (once, profile) = (Once { key, request_sha256: body.request_sha256 }, app.profile.clone());
    app.create(caller.actor(), once, move |write| {
        let member = members::find(write.connection, &id.0)?.ok_or_else(|| Problem::not_found("panel member"))?;
        sign(write, &profile, member.id, &body.value)
    })
    .await
}

/// The signatures of these members, by the day they were given.
pub(super) fn signatures_of(connection: &mut AnyConnection, member_ids: &[&str]) -> Result<Vec<PanelSignature>, Problem> {
    Ok(panel_signatures::table
        .filter(panel_signatures::member_id.eq_any(member_ids))
        .select(PanelSignature::as_select())
        .order((panel_signatures::signed_on, panel_signatures::recorded_seq, panel_signatures::id))
        .load(connection)?)
}

/// What a member would sit without on a day; nothing where the profile asks for no signature.
pub(super) fn lacking(profile: &Profile, signatures: &[PanelSignature], day: NaiveDate) -> Vec<Lacking> {
    if profile.panel.signatures_last_months.is_none() {
        return Vec::new();
    }
    let lacks = |document: &SignedDocument| {
        let begun = || signatures.iter().filter(|signature| signature.document == *document && signature.signed_on <= day);
        if begun().any(|signature| day < signature.expires_on) {
            return None;
        }
        Some(Lacking { document: *document, expired_on: begun().map(|signature| signature.expires_on).max() })
    };
    DOCUMENTS.iter().filter_map(lacks).collect()
}

/// The first day on which a document will need another signature; none where one was never signed.
pub(super) fn may_sit_until(signatures: &[PanelSignature]) -> Option<NaiveDate> {
    let last = |document| signatures.iter().filter(|signature| signature.document == document).map(|signature| signature.expires_on).max();
    DOCUMENTS.iter().map(|document| last(*document)).min().flatten()
}

fn sign(write: &mut Write<'_>, profile: &Profile, member_id: String, new: &NewPanelSignature) -> Result<PanelSignature, Problem> {
    let refuse = |field: &str, code: &str, detail: &str| Err(Problem::invalid(vec![FieldError::new(field, code, detail)]));
    let Some(months) = &profile.panel.signatures_last_months else {
        return refuse("/document", "not_asked_for", "the profile asks for no signature of panel members");
    };
    if new.signed_on > write.at.date() {
        return refuse("/signed_on", "future", "a signature is recorded once it is given");
    }
    let expires_on = new.signed_on.checked_add_months(Months::new(u32::from(months.value)));
    let (Some(expires_on), Ok(_)) = (expires_on, FinancialYear::of(new.signed_on)) else {
        return refuse("/signed_on", "out_of_range", "the day is outside the supported years");
    };
    let same = panel_signatures::table
        .filter(panel_signatures::member_id.eq(&member_id))
        .filter(panel_signatures::document.eq(new.document))
        .filter(panel_signatures::signed_on.eq(new.signed_on));
    if diesel::select(exists(same)).get_result(write.connection)? {
        let detail = format!("The member's signature of {} under `{}` is on record.", new.signed_on, new.document);
        return Err(Problem::new(Code::AlreadyExists, detail));
    }
    let signature = PanelSignature {
        id: new_id(),
        member_id,
        document: new.document,
        signed_on: new.signed_on,
        expires_on,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(panel_signatures::table).values(&signature).execute(write.connection)?;
    write.record(Event::new("record", "panel_signatures", &signature.id).with(json!({ "member_id": signature.member_id })))?;
    Ok(signature)
}
