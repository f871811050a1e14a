//! Recording what panel members sign, each for as long as the profile says.

use crate::error::Error;
use crate::panel::member;
pub use crate::panel::signature::PanelSignature;
use chrono::NaiveDate;
use db::schema::panel_signatures;
use db::{Event, Write, new_id};
use diesel::dsl::exists;
use diesel::prelude::*;
use domain::panel::SignedDocument;
use domain::panel::signatures::signature;
use domain::{Code, Profile};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

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

/// Records a member's signature. It counts from the day it was given for as many months as the profile says.
pub fn sign(write: &mut Write<'_>, profile: &Profile, member_id: &str, new: &NewPanelSignature) -> Result<PanelSignature, Error> {
    let member = member::find(write.connection, member_id)?.ok_or_else(|| Error::not_found("panel member"))?;
    let lasts_months = profile.panel.signatures_last_months.as_ref();
    let days = signature(lasts_months, new.document, new.signed_on, write.today())?;
    let same = panel_signatures::table
        .filter(panel_signatures::member_id.eq(&member.id))
        .filter(panel_signatures::document.eq(new.document))
        .filter(panel_signatures::signed_on.eq(new.signed_on));
    if diesel::select(exists(same)).get_result(write.connection)? {
        let detail = format!("The member's signature of {} under `{}` is on record.", new.signed_on, new.document);
        return Err(Error::refused(Code::AlreadyExists, detail));
    }
    let signature = PanelSignature {
        id: new_id(),
        member_id: member.id,
        document: new.document,
        signed_on: new.signed_on,
        expires_on: days.expires_on,
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(panel_signatures::table).values(&signature).execute(write.connection)?;
    write.record(Event::new("record", "panel_signatures", &signature.id).with(json!({ "member_id": signature.member_id })))?;
    Ok(signature)
}
