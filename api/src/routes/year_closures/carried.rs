//! Commitments that were carried forward when a year was closed, or something dated in it was changed after.

use crate::app::App;
use crate::auth::Caller;
use crate::auth::permission::BudgetsRead;
use crate::extract::Params;
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::problem::Problem;
use crate::routes::ledger_matches::record_packages_read;
use crate::text::CodeText;
use actix_web::get;
use actix_web::web::{Data, Json};
use db::Event;
use db::schema::commitment_carry_forwards as carried;
use diesel::prelude::*;
use domain::{FinancialYear, Pence};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// What was still committed when a year was closed, and stands in the next.
#[derive(Debug, Clone, Serialize, Queryable, Selectable, Insertable, ToSchema)]
#[diesel(table_name = carried)]
#[schema(as = CommitmentCarryForward, example = json!({
    "id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a91", "from_year": "2023-24", "to_year": "2024-25", "budget_line": "home_care",
    "provider_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a13", "line_id": "0199c1f4-5b1e-7c61-9d2b-6a1d0f6f2a21", "grant_id": null,
    "amount_pence": 58000, "changed_id": null, "recorded_by": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "recorded_at": "2024-05-31T16:00:00Z", "recorded_seq": 912
}))]
pub struct CarryForward {
    /// The record's id.
    pub id: String,
    /// The year that was closed.
    pub from_year: FinancialYear,
    /// The year it stands in now.
    pub to_year: FinancialYear,
    /// The budget line.
    pub budget_line: String,
    /// Who is to be paid.
    pub provider_id: Option<String>,
    /// The first line of the arrangement; null, it is of a grant.
    pub line_id: Option<String>,
    /// The grant; null, it is of an arrangement.
    pub grant_id: Option<String>,
    /// How much; below nought where less is open in the closed year than was carried before.
    pub amount_pence: Pence,
    /// The package line, grant or purchase order that was changed after the close, with days in the closed year; null, it was carried at
    /// the close.
    pub changed_id: Option<String>,
    /// Who closed the year, or recorded the change: a user's or client's id.
    pub recorded_by: String,
    /// When, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListCarryForwards {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
    /// Only what was carried out of this financial year.
    from_year: Option<FinancialYear>,
    /// Only this budget line's.
    budget_line: Option<CodeText>,
}

/// List commitments carried forward
#[utoipa::path(tag = "budget control", params(ListCarryForwards), security(("bearer" = ["budgets:read"])),
    responses((status = 200, description = "A page of what closed years left committed, in the order recorded", body = Page<CarryForward>)))]
#[get("/commitment-carry-forwards")]
pub async fn list_commitment_carry_forwards(
    app: Data<App>,
    caller: Caller<BudgetsRead>,
    params: Params<ListCarryForwards>,
) -> Result<Json<Page<CarryForward>>, Problem> {
    let ListCarryForwards { limit, cursor, from_year, budget_line } = params.0;
    let after = cursor.after_record()?;
    app.write(caller.actor(), move |write| {
        let mut query = carried::table
            .select(CarryForward::as_select())
            .filter(carried::recorded_seq.ge(after.seq))
            .filter(carried::recorded_seq.gt(after.seq).or(carried::id.gt(after.id)))
            .into_boxed();
        if let Some(year) = from_year {
            query = query.filter(carried::from_year.eq(year));
        }
        if let Some(line) = budget_line {
            query = query.filter(carried::budget_line.eq(line.0));
        }
        let rows = query.order((carried::recorded_seq, carried::id)).limit(limit.and_one()).load(write.connection)?;
        let page = limit.page(rows, |row: &CarryForward| After::key(row.recorded_seq, &row.id));
        write.record(Event::new("list", "commitment_carry_forwards", ""))?;
        let lines = page.items.iter().flat_map(|row| [row.line_id.as_deref(), row.changed_id.as_deref()]);
        record_packages_read(write, lines.flatten())?;
        Ok(Json(page))
    })
    .await
}
