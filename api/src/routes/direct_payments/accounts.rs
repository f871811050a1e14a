//! Accounts: one an arrangement that a family is paid for.

use crate::app::{Answer, App, IdempotencyKey, Located};
use crate::auth::Caller;
use crate::auth::permission::{DirectPaymentsRead, DirectPaymentsWrite};
use crate::extract::{Body, Params};
use crate::problem::Problem;
use actix_web::web::{Data, Json};
use actix_web::{get, post};
use records::direct_payments::account::DirectPaymentAccount;
use records::direct_payments::opening::{NewDirectPaymentAccount, open_account};
use records::direct_payments::reading::{ListDirectPaymentAccounts, ListedDirectPaymentAccount};
use records::direct_payments::{location_of, reading};
use records::page::Page;

impl Located for DirectPaymentAccount {
    fn location(&self) -> String {
        location_of(&self.id)
    }
}

/// List direct payment accounts
#[utoipa::path(tag = "direct payments", params(ListDirectPaymentAccounts), security(("bearer" = ["direct_payments:read"])),
    responses((status = 200, description = "A page of accounts, in the order recorded", body = Page<ListedDirectPaymentAccount>)))]
#[get("/direct-payment-accounts")]
pub async fn list_direct_payment_accounts(
    app: Data<App>,
    caller: Caller<DirectPaymentsRead>,
    params: Params<ListDirectPaymentAccounts>,
) -> Result<Json<Page<ListedDirectPaymentAccount>>, Problem> {
    let profile = app.profile.clone();
    app.write(caller.actor(), move |write| reading::list(write, &profile, params.0).map(Json)).await
}

/// Open a direct payment account
///
/// One an arrangement. Nothing is paid until everything that the policy demands is on record, and all support that is paid was agreed: by a
/// request, or confirmed by a post, which says from which day it is paid here. Days before that are not paid through the account.
#[utoipa::path(tag = "direct payments", request_body = NewDirectPaymentAccount, security(("bearer" = ["direct_payments:write"])),
    responses((status = 201, description = "The account", body = DirectPaymentAccount)))]
#[post("/direct-payment-accounts")]
pub async fn create_direct_payment_account(
    app: Data<App>,
    caller: Caller<DirectPaymentsWrite>,
    key: IdempotencyKey,
    body: Body<NewDirectPaymentAccount>,
) -> Answer {
    let profile = app.profile.clone();
    app.create(caller.actor(), key, body, move |write, body| open_account(write, &profile, body)).await
}
