//! Giving a pay file out again.

use crate::direct_payments::exports::export::{DirectPaymentReExport, copies, find, sha256, stored};
use crate::error::Error;
use crate::text::Text;
use db::schema::direct_payment_re_exports;
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::direct_payments::{pay_file, refuse_bank_details_in_reason};
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

/// Why a pay file is given out again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "The finance system lost the first" }))]
pub struct NewDirectPaymentReExport {
    /// In words.
    pub reason: Text<500>,
}

/// Makes a copy of a pay file, which says that it is one.
pub fn make_copy(write: &mut Write<'_>, id: &str, reason: String) -> Result<DirectPaymentReExport, Error> {
    refuse_bank_details_in_reason(&reason)?;
    let export = find(write.connection, id)?;
    let copy = copies(write.connection, id)?.last().map_or(1, |last| last.copy) + 1;
    let text = pay_file::copy_of(&stored(write.connection, id)?, export.number, copy);
    let made = DirectPaymentReExport {
        id: new_id(),
        export_id: export.id,
        copy,
        reason,
        file_sha256: sha256(&text),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    diesel::insert_into(direct_payment_re_exports::table).values(&made).execute(write.connection)?;
    write.record(Event::new("export_again", "direct_payment_exports", id).with(json!({ "copy": copy })))?;
    Ok(made)
}
