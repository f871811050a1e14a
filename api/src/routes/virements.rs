//! Virements: budget moved from one line to another, both sides in one transaction.

use super::budget_lines;
use super::budget_movements::{Movement, insert, missing_references, refuse_turned_budget};
use super::year_closures::refuse_closed;
use crate::app::{Answer, App, IdempotencyKey, Located, Once};
use crate::auth::Caller;
use crate::auth::permission::{BudgetsRead, BudgetsWrite};
use crate::extract::Body;
use crate::problem::{FieldError, Problem};
use crate::text::{CodeText, Id, Text};
use actix_web::web::{Data, Json, Path};
use actix_web::{get, post};
use chrono::NaiveDate;
use db::schema::budget_movements;
use db::{Event, Write, new_id};
use diesel::prelude::*;
use domain::{Direction, FinancialYear, MovementKind, Pence};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A virement with its sides, and what reversed them if anything did.
#[derive(Debug, Serialize, ToSchema)]
pub struct Virement {
    /// What the sides share.
    pub id: String,
    /// First the line that gave, then the line that received.
    pub movements: Vec<Movement>,
}

impl Located for Virement {
    fn location(&self) -> String {
        format!("/v1/virements/{}", self.id)
    }
}

/// A virement to record.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({
    "year": "2023-24", "from_budget_line": "nursery", "to_budget_line": "overnight_respite", "amount_pence": 1500000,
    "effective_on": "2023-10-01", "reason": "Two placements more than planned"
}))]
pub struct NewVirement {
    /// The financial year, which must be open.
    pub year: FinancialYear,
    /// The line of expenditure that gives.
    pub from_budget_line: CodeText,
    /// The line of expenditure that receives.
    pub to_budget_line: CodeText,
    /// How much, more than nought and no more than the giving line's budget.
    #[schema(value_type = i64, minimum = 1, maximum = 100000000000i64)]
    pub amount_pence: Pence,
    /// The day from which it counts.
    pub effective_on: NaiveDate,
    /// In words.
    pub reason: Text<500>,
}

/// Read a virement
#[utoipa::path(tag = "budgets", params(("id" = Id, Path, description = "The virement's id")), security(("bearer" = ["budgets:read"])),
    responses((status = 200, description = "The virement", body = Virement)))]
#[get("/virements/{id}")]
pub async fn get_virement(app: Data<App>, _: Caller<BudgetsRead>, id: Path<Id>) -> Result<Json<Virement>, Problem> {
    app.read(move |connection| {
        let movements: Vec<Movement> = budget_movements::table
            .select(Movement::as_select())
            .filter(budget_movements::virement_id.eq(&id.0))
            .filter(budget_movements::kind.ne(MovementKind::CarryForward))
            .order(budget_movements::id)
            .load(connection)?;
        if movements.is_empty() { Err(Problem::not_found("virement")) } else { Ok(Json(Virement { id: id.0.clone(), movements })) }
    })
    .await
}

/// Record a virement
#[utoipa::path(tag = "budgets", request_body = NewVirement, security(("bearer" = ["budgets:write"])),
    responses((status = 201, description = "The virement", body = Virement)))]
#[post("/virements")]
pub async fn create_virement(app: Data<App>, caller: Caller<BudgetsWrite>, key: IdempotencyKey, body: Body<NewVirement>) -> Answer {
    let once = Once { key, request_sha256: body.request_sha256 };
    app.create(caller.actor(), once, move |write| record(write, body.value)).await
}

fn record(write: &mut Write<'_>, new: NewVirement) -> Result<Virement, Problem> {
    let lines = [("/from_budget_line", &*new.from_budget_line.0), ("/to_budget_line", &*new.to_budget_line.0)];
    let mut errors = missing_references(write.connection, new.year, &lines)?;
    for (pointer, code) in lines {
        if budget_lines::find(write.connection, code)?.is_some_and(|line| line.direction == Direction::Income) {
            errors.push(FieldError::new(pointer, "income", "a virement is between lines of expenditure; adjust a line of income"));
        }
    }
    if new.from_budget_line == new.to_budget_line {
        errors.push(FieldError::new("/to_budget_line", "same_line", "a virement is between two lines"));
    }
    if FinancialYear::of(new.effective_on) != Ok(new.year) {
        errors.push(FieldError::new("/effective_on", "outside_year", format!("the day is not in {}", new.year)));
    }
    if !errors.is_empty() {
        return Err(Problem::invalid(errors));
    }
    refuse_closed(write.connection, new.year)?;
    let id = new_id();
    let side = |budget_line: &CodeText, amount_pence| Movement {
        id: new_id(),
        year: new.year,
        budget_line: budget_line.0.clone(),
        kind: MovementKind::Virement,
        amount_pence,
        effective_on: new.effective_on,
        virement_id: Some(id.clone()),
        reverses_id: None,
        reason: new.reason.0.clone(),
        recorded_by: write.actor.id.clone(),
        recorded_at: write.at.into(),
        recorded_seq: write.seq(),
    };
    let given = new.amount_pence.checked_neg().map_err(Problem::internal)?;
    let movements = vec![side(&new.from_budget_line, given), side(&new.to_budget_line, new.amount_pence)];
    for movement in &movements {
        insert(write, movement)?;
        refuse_turned_budget(write.connection, new.year, &movement.budget_line)?;
    }
    write.record(Event::new("vire", "budget_movements", &id))?;
    Ok(Virement { id, movements })
}
