//! Members of the panel, as they were recorded, with what they signed.

use crate::error::Error;
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::panel::signature::{PanelSignature, signatures_of};
use crate::text::Id;
use chrono::NaiveDate;
use db::AnyConnection;
use db::schema::panel_members;
use diesel::prelude::*;
use domain::panel::SignedDocument;
use domain::panel::signatures::{Signature, lacking, may_sit_until};
use domain::{FieldError, Profile};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// A member of the panel.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = panel_members)]
#[schema(example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a53", "role": "health_representative", "title": "Community children's nurse",
    "user_id": null, "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-05-01T09:00:00Z",
    "recorded_seq": 630
}))]
pub struct PanelMember {
    /// The member's id.
    pub id: String,
    /// The role on the panel, by its code in the profile.
    pub role: String,
    /// The job title.
    pub title: String,
    /// The member's account; null, the member has none.
    pub user_id: Option<String>,
    /// Who recorded it: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// A member with what was signed.
#[derive(Debug, Serialize, ToSchema)]
pub struct PanelMemberWithSignatures {
    /// The member.
    #[serde(flatten)]
    pub member: PanelMember,
    /// Every signature, the oldest first.
    pub signatures: Vec<PanelSignature>,
    /// The first day on which a document will need another signature; null where one was never signed, and where the profile asks
    /// for no signature.
    pub may_sit_until: Option<NaiveDate>,
    /// The documents without a current signature today; empty, the member may sit.
    pub lacks: Vec<SignedDocument>,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListPanelMembers {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
}

/// The member with that id; none, there is none.
pub fn find(connection: &mut AnyConnection, id: &str) -> Result<Option<PanelMember>, Error> {
    Ok(panel_members::table.find(id).select(PanelMember::as_select()).first(connection).optional()?)
}

/// The member that a body names; the field is refused where there is none.
pub(crate) fn find_named(connection: &mut AnyConnection, id: &Id) -> Result<PanelMember, Error> {
    let unknown = || Error::invalid(vec![FieldError::new("/member_id", "unknown_reference", "no panel member has this id")]);
    find(connection, &id.0)?.ok_or_else(unknown)
}

/// Members with what they signed, and what they lack today.
fn with_signatures(
    connection: &mut AnyConnection,
    profile: &Profile,
    members: Vec<PanelMember>,
    today: NaiveDate,
) -> Result<Vec<PanelMemberWithSignatures>, Error> {
    let ids: Vec<&str> = members.iter().map(|member| member.id.as_str()).collect();
    let all = signatures_of(connection, &ids)?;
    let with = members.into_iter().map(|member| {
        let signatures: Vec<PanelSignature> = all.iter().filter(|signature| signature.member_id == member.id).cloned().collect();
        let days: Vec<Signature> = signatures.iter().map(PanelSignature::days).collect();
        let lacks = lacking(profile.panel.signatures_last_months.as_ref(), &days, today).into_iter().map(|lack| lack.document).collect();
        PanelMemberWithSignatures { may_sit_until: may_sit_until(&days), lacks, signatures, member }
    });
    Ok(with.collect())
}

/// Lists panel members with their signatures.
pub fn list(
    connection: &mut AnyConnection,
    profile: &Profile,
    today: NaiveDate,
    wanted: ListPanelMembers,
) -> Result<Page<PanelMemberWithSignatures>, Error> {
    let ListPanelMembers { limit, cursor } = wanted;
    let after = cursor.after_record()?;
    let rows: Vec<PanelMember> = panel_members::table
        .select(PanelMember::as_select())
        .filter(panel_members::recorded_seq.ge(after.seq))
        .filter(panel_members::recorded_seq.gt(after.seq).or(panel_members::id.gt(after.id)))
        .order((panel_members::recorded_seq, panel_members::id))
        .limit(limit.and_one())
        .load(connection)?;
    let rows = with_signatures(connection, profile, rows, today)?;
    Ok(limit.page(rows, |row: &PanelMemberWithSignatures| After::key(row.member.recorded_seq, &row.member.id)))
}

/// A panel member with their signatures.
pub fn read(connection: &mut AnyConnection, profile: &Profile, id: &str, today: NaiveDate) -> Result<PanelMemberWithSignatures, Error> {
    let member = find(connection, id)?.ok_or_else(|| Error::not_found("panel member"))?;
    let one = with_signatures(connection, profile, vec![member], today)?.pop();
    one.ok_or_else(|| Error::not_found("panel member"))
}
