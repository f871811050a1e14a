//! What panel members signed: the terms of reference and the statement of confidentiality.

use crate::error::Error;
use crate::instant::Instant;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::panel_signatures;
use diesel::prelude::*;
use domain::panel::SignedDocument;
use domain::panel::signatures::Signature;
use serde::Serialize;
use utoipa::ToSchema;

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

impl PanelSignature {
    /// The days for which it counts.
    pub fn days(&self) -> Signature {
        Signature { document: self.document, signed_on: self.signed_on, expires_on: self.expires_on }
    }
}

/// The signatures of these members, by the day they were given.
pub fn signatures_of(connection: &mut AnyConnection, member_ids: &[&str]) -> Result<Vec<PanelSignature>, Error> {
    Ok(panel_signatures::table
        .filter(panel_signatures::member_id.eq_any(member_ids))
        .select(PanelSignature::as_select())
        .order((panel_signatures::signed_on, panel_signatures::recorded_seq, panel_signatures::id))
        .load(connection)?)
}
