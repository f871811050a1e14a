//! What of providers' governance expires. The list holds the ends of the records that count, so that reading it costs what is on it.

use super::GovernanceRecord;
use crate::app::App;
use crate::auth::Caller;
use crate::auth::permission::ReferenceRead;
use crate::extract::Params;
use crate::page::{Cursor, Limit, Page};
use crate::period::day_parameter;
use crate::problem::{Code, FieldError, Problem};
use actix_web::get;
use actix_web::web::{Data, Json};
use chrono::NaiveDate;
use db::Write;
use db::schema::{governance_expiries, provider_governance_records};
use diesel::prelude::*;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Something that expires.
#[derive(Debug, Serialize, ToSchema)]
pub struct GovernanceExpiry {
    /// The record.
    #[serde(flatten)]
    pub record: GovernanceRecord,
    /// Whether it has expired by today.
    pub is_expired: bool,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListExpiries {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only what expires before this day; without it, everything with an end.
    #[serde(default, deserialize_with = "day_parameter")]
    before: Option<NaiveDate>,
}

/// List what of providers' governance expires, the first to expire coming first
///
/// Of each item of the authority's profile the record that counts, with those that have expired and were not renewed.
#[utoipa::path(tag = "providers", params(ListExpiries), security(("bearer" = ["reference:read"])),
    responses((status = 200, description = "A page of what expires", body = Page<GovernanceExpiry>)))]
#[get("/governance-expiries")]
pub async fn list_governance_expiries(
    app: Data<App>,
    _: Caller<ReferenceRead>,
    params: Params<ListExpiries>,
) -> Result<Json<Page<GovernanceExpiry>>, Problem> {
    let ListExpiries { limit, cursor, before } = params.0;
    let (day, id) = place(&cursor.after())?;
    let (profile, today) = (app.profile.clone(), app.store.clock().today());
    app.read(move |connection| {
        let asked: Vec<&String> = profile.commissioning.governance.iter().flat_map(|asked| &asked.items).map(|item| &item.code).collect();
        let mut query = governance_expiries::table
            .inner_join(provider_governance_records::table)
            .select(GovernanceRecord::as_select())
            .filter(governance_expiries::item.eq_any(asked))
            .filter(governance_expiries::expires_on.ge(day))
            .filter(governance_expiries::expires_on.gt(day).or(governance_expiries::record_id.gt(id)))
            .into_boxed();
        if let Some(before) = before {
            query = query.filter(governance_expiries::expires_on.lt(before));
        }
        let in_order = (governance_expiries::expires_on, governance_expiries::record_id);
        let rows: Vec<GovernanceRecord> = query.order(in_order).limit(limit.and_one()).load(connection)?;
        let rows = rows.into_iter().map(|record| (record.expires_on.unwrap_or(today), record));
        let rows = rows.map(|(end, record)| GovernanceExpiry { is_expired: end <= today, record }).collect();
        let key = |row: &GovernanceExpiry| format!("{} {}", row.record.expires_on.unwrap_or(today), row.record.id);
        Ok(Json(limit.page(rows, key)))
    })
    .await
}

/// Puts the end of a record on the list of what expires, and takes off what it follows. A record that begins only after another's end
/// leaves that end on the list: in between there is nothing.
pub(super) fn follow(write: &mut Write<'_>, row: &GovernanceRecord) -> Result<(), Problem> {
    use governance_expiries as expiries;
    let of_item = expiries::table.filter(expiries::provider_id.eq(&row.provider_id).and(expiries::item.eq(&row.item)));
    if row.valid_from <= write.at.date() {
        diesel::delete(of_item).execute(write.connection)?;
    } else {
        diesel::delete(of_item.filter(expiries::expires_on.ge(row.valid_from))).execute(write.connection)?;
    }
    if let Some(end) = row.expires_on {
        let new = (
            expiries::record_id.eq(&row.id),
            expiries::provider_id.eq(&row.provider_id),
            expiries::item.eq(&row.item),
            expiries::expires_on.eq(end),
        );
        diesel::insert_into(expiries::table).values(new).execute(write.connection)?;
    }
    Ok(())
}

/// A cursor's place among days of expiry; before all of them when there is none.
fn place(key: &str) -> Result<(NaiveDate, String), Problem> {
    if key.is_empty() {
        return Ok((NaiveDate::default(), String::new()));
    }
    let parts = key.split_once(' ').and_then(|(day, id)| Some((day.parse().ok()?, id.to_owned())));
    let foreign = || FieldError::new("?cursor", "invalid", "not a cursor that a page of this list gave");
    parts.ok_or_else(|| Problem::with_errors(Code::InvalidParameter, vec![foreign()]))
}
