//! The route table: every path the server answers, and nothing else.

use crate::app::App;
use crate::auth::RequestId;
use crate::problem::{Code, Problem};
use crate::routes::reports_commitments;
use crate::routes::{
    activity_returns, api_clients, appeals, assessments, audit_events, budget_lines, budget_movements, children, commissioning,
    commitments, costings, decisions, financial_years, governance, grant_activity_returns, grants, health, health_invoices, joint_fundings,
    ledger_entries, ledger_imports, ledger_matches, package_lines, package_variations, packages, panel_sheets, panels, people,
    post_holdings, profile, providers, purchase_orders, registrations, reports, reports_grants, reports_joint_funding, reports_nights,
    requests, stays, tokens, upratings, users, virements, year_closures,
};
use crate::routes::{direct_payments, reports_direct_payments};
use crate::{door, openapi};
use actix_web::body::MessageBody;
use actix_web::dev::{ResourceDef, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{Data, PathConfig};
use actix_web::{App as ActixApp, Error, HttpMessage, HttpRequest, HttpResponse, ResponseError, web};
use std::sync::Arc;
use utoipa::openapi::OpenApi;
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_actix_web::{AppExt, scope};
use utoipa_swagger_ui::SwaggerUi;

fn v1(routes: &mut ServiceConfig<'_>) {
    who(routes);
    money(routes);
    budget_control(routes);
    grant_terms(routes);
    joint_funding(routes);
    support(routes);
    paid_to_families(routes);
    panel(routes);
}

/// Who may do what.
fn who(routes: &mut ServiceConfig<'_>) {
    routes
        // access
        .service(tokens::create_tokens)
        .service(tokens::revoke_token)
        .service(users::get_me)
        .service(users::list_users)
        .service(users::get_user)
        .service(users::create_user)
        .service(users::disable_user)
        .service(users::change_password)
        .service(users::reset_password)
        .service(api_clients::list_api_clients)
        .service(api_clients::get_api_client)
        .service(api_clients::create_api_client)
        .service(api_clients::disable_api_client)
        // authority
        .service(profile::get_profile)
        // posts
        .service(people::list_people)
        .service(post_holdings::list_post_holdings)
        .service(post_holdings::get_post_holding)
        .service(post_holdings::create_post_holding)
        .service(post_holdings::end_post_holding)
        .service(post_holdings::reverse_post_holding)
        // audit
        .service(audit_events::list_audit_events)
        .service(audit_events::verify_audit_trail);
}

/// What there is to spend, what was spent, and what it brought.
fn money(routes: &mut ServiceConfig<'_>) {
    routes
        // budgets
        .service(financial_years::list_financial_years)
        .service(financial_years::get_financial_year)
        .service(financial_years::create_financial_year)
        .service(budget_lines::list_budget_lines)
        .service(budget_lines::get_budget_line)
        .service(budget_lines::create_budget_line)
        .service(budget_movements::list_budget_movements)
        .service(budget_movements::get_budget_movement)
        .service(budget_movements::create_budget_movement)
        .service(budget_movements::reverse_budget_movement)
        .service(virements::get_virement)
        .service(virements::create_virement)
        // providers
        .service(providers::list_providers)
        .service(providers::get_provider)
        .service(providers::create_provider)
        .service(governance::create_governance_record)
        .service(governance::list_governance_records)
        .service(governance::get_provider_governance)
        .service(governance::list_governance_expiries)
        // grants and activity
        .service(grants::list_grants)
        .service(grants::get_grant)
        .service(grants::create_grant)
        .service(grants::reverse_grant)
        .service(grant_activity_returns::list_grant_activity_returns)
        .service(grant_activity_returns::get_grant_activity_return)
        .service(grant_activity_returns::create_grant_activity_return)
        .service(grant_activity_returns::reverse_grant_activity_return)
        .service(activity_returns::list_activity_returns)
        .service(activity_returns::get_activity_return)
        .service(activity_returns::create_activity_return)
        .service(activity_returns::reverse_activity_return)
        // ledger
        .service(ledger_imports::list_ledger_imports)
        .service(ledger_imports::get_ledger_import)
        .service(ledger_imports::create_ledger_import)
        .service(ledger_entries::list_ledger_entries)
        .service(ledger_entries::get_ledger_entry)
        .service(ledger_entries::reverse_ledger_entry)
        // reports
        .service(reports::get_spend)
        .service(reports::get_budget_position)
        .service(reports::get_statement_figures)
        .service(reports::get_panel_decisions)
        .service(reports::get_panel_outcomes);
}

/// What grants are awarded on, and what one of anything cost.
fn grant_terms(routes: &mut ServiceConfig<'_>) {
    routes
        // providers
        .service(registrations::list_provider_registrations)
        .service(registrations::get_provider_registration)
        .service(registrations::create_provider_registration)
        .service(registrations::reverse_provider_registration)
        // grants and activity
        .service(grants::list_grant_returns_due)
        .service(grants::complete_grant_condition)
        .service(grants::reverse_grant_condition_completion)
        .service(grants::pay_grant_instalment)
        .service(grants::reverse_grant_instalment_payment)
        // reports
        .service(reports_grants::get_grant_activity)
        .service(reports_grants::get_unit_costs);
}

/// What is committed, what is left of a budget, and the end of a year.
fn budget_control(routes: &mut ServiceConfig<'_>) {
    routes
        // budget control
        .service(commitments::get_budget_control)
        .service(commitments::list_commitment_releases)
        .service(commitments::get_commitment_release)
        .service(commitments::create_commitment_release)
        .service(commitments::reverse_commitment_release)
        .service(year_closures::get_year_closure)
        .service(year_closures::preview_year_closure)
        .service(year_closures::close_year)
        .service(year_closures::list_commitment_carry_forwards)
        // ledger
        .service(ledger_matches::match_ledger_entry)
        .service(ledger_matches::list_ledger_matches)
        .service(ledger_matches::get_ledger_match)
        .service(ledger_matches::reverse_ledger_match)
        .service(commitments::list_unmatched_payments)
        .service(commitments::list_overpayments)
        // reports
        .service(reports_commitments::get_forecast_outturn)
        .service(reports_commitments::get_commitments_by_week)
        // nights
        .service(reports_nights::get_nights)
        .service(stays::list_stays)
        .service(stays::get_stay)
        .service(stays::create_stay)
        .service(stays::record_actual_stay)
        .service(stays::cancel_stay)
        .service(stays::reverse_stay)
        .service(stays::acknowledge_stay)
        .service(stays::get_child_nights)
        .service(stays::list_night_warnings)
        // packages
        .service(commitments::get_package_commitments);
}

/// What health pays of packages, and its invoices.
fn joint_funding(routes: &mut ServiceConfig<'_>) {
    routes
        // joint funding
        .service(joint_fundings::list_joint_fundings)
        .service(joint_fundings::get_joint_funding)
        .service(joint_fundings::create_joint_funding)
        .service(joint_fundings::end_joint_funding)
        .service(joint_fundings::reverse_joint_funding)
        .service(health_invoices::list_health_invoices)
        // Before an invoice's own path, which would take it for an id.
        .service(health_invoices::get_aged_debt)
        .service(health_invoices::get_health_invoice)
        .service(health_invoices::create_health_invoice)
        .service(health_invoices::propose_health_invoice)
        .service(health_invoices::reverse_health_invoice)
        .service(health_invoices::create_health_credit_note)
        .service(health_invoices::create_health_receipt)
        .service(health_invoices::reverse_health_receipt)
        .service(health_invoices::create_health_dispute)
        .service(health_invoices::resolve_health_dispute)
        // reports
        .service(reports_joint_funding::get_joint_funding_report);
}

/// Children, and what is commissioned for them.
fn support(routes: &mut ServiceConfig<'_>) {
    routes
        // children
        .service(children::look_up_child)
        .service(children::list_children)
        .service(children::get_child)
        .service(children::create_child)
        // packages
        .service(costings::cost_line)
        .service(packages::list_packages)
        .service(packages::get_package)
        .service(packages::create_package)
        .service(package_lines::list_package_lines)
        .service(package_lines::get_package_line)
        .service(package_lines::create_package_line)
        .service(package_lines::end_package_line)
        .service(package_lines::reverse_package_line)
        .service(package_lines::confirmations::list_package_line_confirmations)
        .service(package_lines::confirmations::confirm_package_line)
        .service(package_variations::list_package_variations)
        .service(package_variations::create_package_variation)
        .service(package_variations::preview_package_variation)
        .service(package_variations::get_package_variation)
        .service(package_variations::explain_variation_authority)
        .service(package_variations::agree_package_variation)
        .service(package_variations::refuse_package_variation)
        .service(package_variations::withdraw_package_variation)
        .service(upratings::list_upratings)
        .service(upratings::create_uprating)
        .service(upratings::preview_uprating)
        .service(upratings::get_uprating)
        .service(upratings::list_uprating_proposals)
        .service(upratings::create_uprating_proposal)
        .service(upratings::get_uprating_proposal)
        .service(upratings::preview_uprating_proposal)
        .service(upratings::withdraw_uprating_proposal)
        // commissioning
        .service(commissioning::get_commissioning)
        .service(commissioning::create_commissioning_step)
        .service(commissioning::reverse_commissioning_step)
        .service(commissioning::name_commissioning_worker)
        .service(commissioning::list_drift)
        .service(purchase_orders::list_purchase_orders)
        .service(purchase_orders::get_purchase_order)
        .service(purchase_orders::create_purchase_order);
}

/// What families are paid to buy support themselves.
fn paid_to_families(routes: &mut ServiceConfig<'_>) {
    use direct_payments::{accounts, audits, breaches, exports, page, repayments, returns, steps};
    routes
        // direct payments
        .service(accounts::list_direct_payment_accounts)
        .service(page::get_direct_payment_account)
        .service(accounts::create_direct_payment_account)
        .service(steps::create_direct_payment_step)
        .service(steps::reverse_direct_payment_step)
        .service(returns::create_direct_payment_return)
        .service(returns::reverse_direct_payment_return)
        .service(audits::create_direct_payment_audit)
        .service(audits::reverse_direct_payment_audit)
        .service(breaches::create_direct_payment_breach)
        .service(breaches::reverse_direct_payment_breach)
        .service(repayments::create_direct_payment_repayment)
        .service(repayments::reverse_direct_payment_repayment)
        .service(exports::list_direct_payment_exports)
        .service(exports::get_direct_payment_export)
        .service(exports::create_direct_payment_export)
        .service(exports::get_direct_payment_file)
        .service(exports::create_direct_payment_re_export)
        // reports
        .service(reports_direct_payments::get_direct_payment_accounts);
}

/// From an assessment to a decision with authority.
fn panel(routes: &mut ServiceConfig<'_>) {
    routes
        // assessments
        .service(assessments::list_assessments)
        .service(assessments::get_assessment)
        .service(assessments::create_assessment)
        .service(assessments::create_assessment_step)
        .service(assessments::authorise_assessment)
        // requests
        .service(requests::list_requests)
        .service(requests::get_request)
        .service(requests::create_request)
        .service(requests::list_request_revisions)
        .service(requests::revise_request)
        .service(requests::submit_request)
        .service(requests::withdraw_request)
        .service(requests::list_request_transitions)
        .service(requests::explain_authority)
        // panels
        .service(panels::create_panel_calendar)
        .service(panels::list_panels)
        .service(panels::get_panel)
        .service(panels::create_panel)
        .service(panels::cancel_panel)
        .service(panels::list_panel_bookings)
        .service(panels::create_panel_booking)
        .service(panels::release_panel_booking)
        .service(panels::list_panel_members)
        .service(panels::get_panel_member)
        .service(panels::create_panel_member)
        .service(panels::create_panel_signature)
        .service(panels::list_panel_attendances)
        .service(panels::create_panel_attendance)
        .service(panels::list_interests)
        .service(panels::create_interest)
        .service(panels::create_own_interest)
        .service(panels::reverse_interest)
        .service(panels::list_panel_notes)
        .service(panels::create_panel_notes)
        .service(panel_sheets::get_panel_agenda)
        .service(panel_sheets::get_panel_minutes)
        .service(panel_sheets::get_outcomes_of_panel)
        .service(panel_sheets::get_panel_projection)
        .service(panel_sheets::list_panel_outcomes)
        // decisions
        .service(decisions::list_decisions)
        .service(decisions::get_decision)
        .service(decisions::decide_request)
        .service(decisions::agree_request_without_panel)
        .service(decisions::ratify_decision)
        .service(decisions::authorise_decision)
        .service(decisions::record_case_management_decision)
        .service(decisions::list_decision_actions)
        .service(decisions::complete_decision_action)
        .service(appeals::list_appeals)
        .service(appeals::get_appeal)
        .service(appeals::create_appeal)
        .service(appeals::decide_appeal);
}

fn operations(routes: &mut ServiceConfig<'_>) {
    routes.service(health::live).service(health::ready).service(health::metrics);
}

/// The OpenAPI document of this server.
pub fn document() -> OpenApi {
    let (_, document) = ActixApp::new()
        .into_utoipa_app()
        .openapi(openapi::base())
        .service(scope::scope("/v1").configure(v1))
        .configure(operations)
        .split_for_parts();
    openapi::complete(document)
}

/// The application with its routes, for a server or a test.
pub fn application(
    app: Data<App>,
    document: Arc<OpenApi>,
) -> ActixApp<impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<impl MessageBody>, Error = Error, InitError = ()>>
{
    let served = document.as_ref().clone();
    ActixApp::new()
        .app_data(app)
        .app_data(Data::from(document))
        .app_data(PathConfig::default().error_handler(|_, _| Problem::not_found("record").into()))
        .into_utoipa_app()
        .service(scope::scope("/v1").configure(v1))
        .configure(operations)
        .into_app()
        .service(SwaggerUi::new("/docs/{_:.*}").url("/openapi.json", served))
        .service(web::redirect("/docs", "/docs/"))
        .default_service(web::to(nowhere))
        .wrap(from_fn(door::door))
        .wrap(Compress::default())
}

/// What answers when no route does: 405 where the path exists with another method, else 404.
async fn nowhere(request: HttpRequest, document: Data<OpenApi>) -> HttpResponse {
    let request_id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let problem = |code, detail: &str| Problem::new(code, detail).for_request(&request_id).error_response();
    let item = document.paths.paths.iter().find(|(pattern, _)| ResourceDef::new(pattern.as_str()).is_match(request.path()));
    let Some((_, item)) = item else {
        return problem(Code::NotFound, "There is nothing at this path.");
    };
    let methods: Vec<_> =
        [("GET", &item.get), ("POST", &item.post)].into_iter().filter(|(_, operation)| operation.is_some()).map(|(name, _)| name).collect();
    let mut response = problem(Code::MethodNotAllowed, &format!("It takes {}.", methods.join(" and ")));
    if let Ok(allow) = HeaderValue::from_str(&methods.join(", ")) {
        response.headers_mut().insert(ALLOW, allow);
    }
    response
}
