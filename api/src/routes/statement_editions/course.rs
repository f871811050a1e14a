//! The course of an edition: who was consulted, what the Regulations require, what becomes of small counts, a post's approval, and what is
//! taken back.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{StatementApprove, StatementWrite};
use crate::extract::{Body, IfMatch};
use crate::routes::statement_editions::publishing::made;
use crate::statement_files::{require_current, require_kept};
use actix_web::http::header::ETAG;
use actix_web::web::{Data, Path};
use actix_web::{HttpResponse, post, put};
use domain::statement_editions::Requirement;
use records::Error;
use records::statement_editions::{
    NewConsultationReversal, NewRequirementWord, NewStatementApproval, NewStatementConsultation, NewStatementDisclosure,
    NewStatementWithdrawal, NewWhatChanged, StatementApproval, StatementConsultation, StatementConsultationReversal, StatementDisclosure,
    StatementRequirement, StatementWhatChanged, StatementWithdrawal, ToCompose, approve, choose_disclosure, consult, reverse_consultation,
    say_of_requirement, say_what_changed, to_approve, withdraw,
};
use records::text::Id;
use reports::statement::{Composed, Stage};

fn of_edition(id: &str) -> String {
    format!("/v1/statement-editions/{id}")
}

impl Located for StatementConsultation {
    fn location(&self) -> String {
        of_edition(&self.edition_id)
    }
}

impl Located for StatementRequirement {
    fn location(&self) -> String {
        of_edition(&self.edition_id)
    }
}

impl Located for StatementDisclosure {
    fn location(&self) -> String {
        of_edition(&self.edition_id)
    }
}

impl Located for StatementConsultationReversal {
    fn location(&self) -> String {
        of_edition(&self.edition_id)
    }
}

impl Located for StatementWithdrawal {
    fn location(&self) -> String {
        of_edition(&self.edition_id)
    }
}

impl Located for StatementApproval {
    fn location(&self) -> String {
        of_edition(&self.edition_id)
    }
}

/// Record a consultation
///
/// On the text as it stands, what changed in consequence being in it. A later change of the text wants another.
#[utoipa::path(tag = "statement", params(("id" = Id, Path, description = "The edition's id")), request_body = NewStatementConsultation,
    security(("bearer" = ["statement:write"])), responses((status = 201, description = "The consultation", body = StatementConsultation)))]
#[post("/statement-editions/{id}/consultations")]
pub async fn create_statement_consultation(
    app: Data<App>,
    caller: Caller<StatementWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewStatementConsultation>,
) -> Answer {
    app.create(caller.actor(), key, body, move |write, body| consult(write, &id.0, body)).await
}

/// Say how a requirement of the Regulations is met
///
/// By the section that sets it out; or that it is waived, with a reason. The last word counts. Until each of the three is met or waived, the
/// edition is not approved.
#[utoipa::path(tag = "statement",
    params(("id" = Id, Path, description = "The edition's id"), ("code" = Requirement, Path, description = "What is required")),
    request_body = NewRequirementWord, security(("bearer" = ["statement:write"])),
    responses((status = 201, description = "What was said", body = StatementRequirement)))]
#[post("/statement-editions/{id}/requirements/{code}")]
pub async fn create_statement_requirement(
    app: Data<App>,
    caller: Caller<StatementWrite>,
    path: Path<(Id, Requirement)>,
    key: IdempotencyKey,
    body: Body<NewRequirementWord>,
) -> Answer {
    let (id, requirement) = path.into_inner();
    app.create(caller.actor(), key, body, move |write, body| say_of_requirement(write, &id.0, requirement, body)).await
}

/// Choose what becomes of small counts
///
/// They are withheld unless somebody chose otherwise for this edition, and said why. Whoever chose does not approve the edition.
#[utoipa::path(tag = "statement", params(("id" = Id, Path, description = "The edition's id")), request_body = NewStatementDisclosure,
    security(("bearer" = ["statement:write"])), responses((status = 201, description = "The choice", body = StatementDisclosure)))]
#[post("/statement-editions/{id}/disclosure")]
pub async fn create_statement_disclosure(
    app: Data<App>,
    caller: Caller<StatementWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewStatementDisclosure>,
) -> Answer {
    app.create(caller.actor(), key, body, move |write, body| choose_disclosure(write, &id.0, body)).await
}

/// Approve an edition
///
/// As it stands, by its revision, with the figures of the snapshot that was read: it is published with them. By somebody who is today in a post
/// that the profile names, and who wrote nothing that it prints. Whatever is recorded of it later, or of what providers offer, takes the
/// approval back. Mistakes in its text are told here, by section and line.
#[utoipa::path(tag = "statement", params(("id" = Id, Path, description = "The edition's id")), request_body = NewStatementApproval,
    security(("bearer" = ["statement:approve"])), responses((status = 201, description = "The approval", body = StatementApproval)))]
#[post("/statement-editions/{id}/approval")]
pub async fn approve_statement_edition(
    app: Data<App>,
    caller: Caller<StatementApprove>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewStatementApproval>,
) -> Answer {
    let (edition_id, today) = (id.into_inner().0, app.store.clock().today());
    let (asked, actor, new, profile) = (edition_id.clone(), caller.actor(), body.value.clone(), app.profile.clone());
    let told = app.read(move |connection| {
        // Its own answer may be asked for again; the write below tells.
        match to_approve(connection, (&actor, today), &profile, &asked, &new) {
            Ok(told) => Ok(Some(told)),
            Err(Error::Refused(_)) => Ok(None),
            Err(other) => Err(other),
        }
    });
    if let Some(told) = told.await? {
        let warehouse = app.warehouse.clone();
        let require = move |told: ToCompose, composed: Composed| {
            require_current(&warehouse, &told)?;
            require_kept(&told, &composed)
        };
        made(&app, told, Stage::Draft, require).await?;
    }
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| approve(write, &profile, &edition_id, &body)).await
}

/// Take a consultation back
///
/// It was recorded wrongly: it is not printed, and counts for nothing. An approval that was given on it is taken back with it.
#[utoipa::path(tag = "statement",
    params(("id" = Id, Path, description = "The edition's id"), ("consultation_id" = Id, Path, description = "The consultation's id")),
    request_body = NewConsultationReversal, security(("bearer" = ["statement:write"])),
    responses((status = 201, description = "The reversal", body = StatementConsultationReversal)))]
#[post("/statement-editions/{id}/consultations/{consultation_id}/reversal")]
pub async fn reverse_statement_consultation(
    app: Data<App>,
    caller: Caller<StatementWrite>,
    path: Path<(Id, Id)>,
    key: IdempotencyKey,
    body: Body<NewConsultationReversal>,
) -> Answer {
    let (id, consultation_id) = path.into_inner();
    app.create(caller.actor(), key, body, move |write, body| reverse_consultation(write, &id.0, &consultation_id.0, body)).await
}

/// Withdraw an edition
///
/// One that is not out, by a person, for a reason. It stays on record, and the year may begin another.
#[utoipa::path(tag = "statement", params(("id" = Id, Path, description = "The edition's id")), request_body = NewStatementWithdrawal,
    security(("bearer" = ["statement:write"])), responses((status = 201, description = "The withdrawal", body = StatementWithdrawal)))]
#[post("/statement-editions/{id}/withdrawal")]
pub async fn withdraw_statement_edition(
    app: Data<App>,
    caller: Caller<StatementWrite>,
    id: Path<Id>,
    key: IdempotencyKey,
    body: Body<NewStatementWithdrawal>,
) -> Answer {
    app.create(caller.actor(), key, body, move |write, body| withdraw(write, &id.0, body)).await
}

/// Change what a correction says that it changed
///
/// Adds a version. `If-Match` names the version that was read: `what_changed_version` of the edition. As a change of a section, it makes the
/// edition a draft again after a consultation.
#[utoipa::path(tag = "statement",
    params(("id" = Id, Path, description = "The edition's id"),
        ("If-Match" = String, Header, description = "The version that was read, `what_changed_version` of the edition", example = "\"1\"")),
    request_body = NewWhatChanged, security(("bearer" = ["statement:write"])),
    responses((status = 200, description = "What it says now; the `ETag` is its version", body = StatementWhatChanged)))]
#[put("/statement-editions/{id}/what-changed")]
pub async fn change_statement_what_changed(
    app: Data<App>,
    caller: Caller<StatementWrite>,
    id: Path<Id>,
    read: IfMatch,
    body: Body<NewWhatChanged>,
) -> Answer {
    let said = app.write(caller.actor(), move |write| say_what_changed(write, &id.0, read.0, body.value)).await?;
    Ok(HttpResponse::Ok().insert_header((ETAG, format!("\"{}\"", said.version))).json(said))
}
