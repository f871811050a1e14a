//! A confirmation, and what it rests on.

use crate::care_package::CarePackageLine;
use crate::decisions::Reasoning;
use crate::instant::Instant;
use crate::text::{CodeText, Text};
use chrono::NaiveDate;
use db::schema::package_line_confirmations;
use diesel::prelude::*;
use domain::Pence;
use domain::authority::{Answer, Authority, Bar, Case};
use domain::panel::Capacity;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// A post's word that a line is agreed as it was in a version.
#[derive(Debug, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = package_line_confirmations)]
#[schema(as = PackageLineConfirmation, example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a25", "line_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a21", "version": 1,
    "confirmed_on": "2024-06-03", "post": "service_unit_manager", "capacity": "holder", "clause": "4.2", "paid_from": "2024-06-17",
    "total_pence": 520000, "explanation": {}, "reason": "Panel of 14 March 2023, minute 7", "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11",
    "recorded_at": "2024-06-03T09:00:00Z", "recorded_seq": 412
}))]
pub struct Confirmation {
    /// The confirmation's id.
    pub id: String,
    /// The line.
    pub line_id: String,
    /// The version that was looked at. It covers later ones that bring no more.
    pub version: i64,
    /// On which day.
    pub confirmed_on: NaiveDate,
    /// The post that confirmed it.
    pub post: String,
    /// As its holder, or standing in.
    pub capacity: Capacity,
    /// Where the authority of the post is written.
    pub clause: String,
    /// The first day that is paid here: another system paid what came before. Null of a line that is not paid to a family.
    pub paid_from: Option<NaiveDate>,
    /// The child's total care package with the line, as tested that day.
    #[schema(value_type = i64)]
    pub total_pence: Pence,
    /// The whole reasoning on that day.
    pub explanation: Reasoning,
    /// Why, in words.
    pub reason: Option<String>,
    /// Who recorded it: a user's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// A confirmation to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewPackageLineConfirmation, example = json!({
    "post": "service_unit_manager", "version": 1, "paid_from": "2024-06-17", "reason": "Panel of 14 March 2023, minute 7"
}))]
pub struct NewConfirmation {
    /// The post acted in, which the caller holds today.
    pub post: CodeText,
    /// The version looked at: the line's last.
    #[schema(minimum = 1)]
    pub version: i64,
    /// Of a line on the budget line of direct payments, and needed there: the first day that is paid here. What came before was paid by
    /// another system, and is not paid again. Of a line that is over by then nothing is paid.
    pub paid_from: Option<NaiveDate>,
    /// Of support that only a panel may agree, and needed there: the panel that agreed it before panels were kept here.
    pub panel: Option<PanelBefore>,
    /// Why, in words.
    pub reason: Option<Text<500>>,
}

/// A panel that agreed support before panels were kept here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PanelBeforeThisRecord, example = json!({ "held_on": "2023-03-14", "minute": "7" }))]
pub struct PanelBefore {
    /// Its day: before the line was recorded, and before the first panel that is kept here. The support had begun when its line was recorded,
    /// and both were before that panel.
    pub held_on: NaiveDate,
    /// Where its minutes say so.
    pub minute: Text<60>,
}

/// Whether a line is agreed, and what confirmed it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PackageLineConfirmations)]
pub struct Confirmations {
    /// The line's last version.
    pub version: i64,
    /// Since when that is agreed: by a request or a confirmation, or as what a variation made it of was. Null: it is not, or the line
    /// was reversed.
    pub agreed_on: Option<NaiveDate>,
    /// The first day that is paid here, as it was confirmed; null, every day is.
    pub paid_from: Option<NaiveDate>,
    /// Who may confirm it today, and why; null where nothing is to be confirmed.
    pub authority: Option<ConfirmationAuthority>,
    /// In the order recorded.
    pub items: Vec<Confirmation>,
}

/// Who may confirm a line, and why.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConfirmationAuthority {
    /// The line.
    pub line_id: String,
    /// Its version.
    pub version: i64,
    /// The day it is looked at from.
    pub on: NaiveDate,
    /// Every line of the child's total care package with it.
    pub lines: Vec<CarePackageLine>,
    /// What they cost together, gross, in a full year: this is tested.
    #[schema(value_type = i64)]
    pub total_pence: Pence,
    /// The posts responsible, with their limit and clause, and everybody in a post.
    #[serde(flatten)]
    pub authority: Authority,
    /// Whoever is ruled out whatever their post, by the user's id, and why: who recorded a line of the arrangement, or proposed a variation
    /// of one.
    pub ruled_out: BTreeMap<String, Vec<Bar>>,
    /// The clauses that let only a panel agree such support: it is asked for in a request.
    pub demanded_by: Vec<String>,
    /// Whether no post may agree it alone: it is asked for in a request, or a panel agreed it before panels were kept here.
    pub needs_panel: bool,
    /// The panel that the confirmation rests on; null, none.
    pub panel: Option<PanelBefore>,
}

impl ConfirmationAuthority {
    /// What was answered, for whoever may not confirm it.
    pub(crate) fn case<'c>(&'c self, answer: &'c Answer) -> Case<'c> {
        Case {
            total: self.total_pence,
            authority: &answer.authority,
            barred: &self.ruled_out,
            needs_panel: answer.needs_panel,
            demanded_by: &answer.demanded_by,
            without_panel: answer.without_panel.as_ref(),
        }
    }
}

/// What is said beside the line that is confirmed.
#[derive(Debug, Clone, Default)]
pub struct Said {
    /// The first day that is paid here.
    pub paid_from: Option<NaiveDate>,
    /// The panel that agreed it before panels were kept here.
    pub panel: Option<PanelBefore>,
}
