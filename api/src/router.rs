//! The route table: every path the server answers, and nothing else.

use crate::app::App;
use crate::problem::Problem;
use crate::routes::{
    annual_review, assessments, audit_trail, authority, children, commissioning, commitments, confirmations, costings, decisions,
    direct_payments, grants, health, joint_funding, leavings, ledger_entries, money, next_year, nights, packages, panel, panel_sheets,
    people, profile, providers, reports, requests, returns, tokens, upratings, variations, year_end,
};
use crate::{door, nowhere, openapi};
use actix_web::body::MessageBody;
use actix_web::dev::{ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{Data, PathConfig};
use actix_web::{App as ActixApp, Error, web};
use domain::Refusal;
use std::sync::{Arc, LazyLock};
use utoipa::openapi::OpenApi;
use utoipa_actix_web::service_config::ServiceConfig;
use utoipa_actix_web::{AppExt, scope};
use utoipa_swagger_ui::SwaggerUi;

mod statement;

fn v1(routes: &mut ServiceConfig<'_>) {
    who(routes);
    money(routes);
    budget_control(routes);
    grant_terms(routes);
    joint_funding(routes);
    support(routes);
    paid_to_families(routes);
    panel(routes);
    statement::statement(routes);
}

/// Who may do what.
fn who(routes: &mut ServiceConfig<'_>) {
    routes
        // access
        .service(tokens::create_tokens)
        .service(tokens::revoke_token)
        .service(people::users::get_me)
        .service(people::users::list_users)
        .service(people::users::get_user)
        .service(people::users::create_user)
        .service(people::users::disable_user)
        .service(people::users::change_password)
        .service(people::users::reset_password)
        .service(people::clients::list_api_clients)
        .service(people::clients::get_api_client)
        .service(people::clients::create_api_client)
        .service(people::clients::disable_api_client)
        .service(people::clients::list_own_api_clients)
        .service(people::clients::accept_api_client)
        .service(people::agreements::list_waiting_log_ins)
        .service(people::agreements::agree_user)
        .service(people::agreements::agree_api_client)
        // authority
        .service(profile::get_profile)
        // posts
        .service(people::directory::list_people)
        .service(people::post_holdings::list_post_holdings)
        .service(people::post_holdings::get_post_holding)
        .service(people::post_holdings::create_post_holding)
        .service(people::post_holdings::agree_post_holding)
        .service(people::post_holdings::end_post_holding)
        .service(people::post_holdings::reverse_post_holding)
        // audit
        .service(audit_trail::list_audit_events)
        .service(audit_trail::verify_audit_trail);
}

/// What there is to spend, what was spent, and what it brought.
fn money(routes: &mut ServiceConfig<'_>) {
    routes
        // budgets
        .service(money::financial_years::list_financial_years)
        .service(money::financial_years::get_financial_year)
        .service(money::financial_years::create_financial_year)
        .service(money::budget_lines::list_budget_lines)
        .service(money::budget_lines::get_budget_line)
        .service(money::budget_lines::create_budget_line)
        .service(money::budget_movements::list_budget_movements)
        .service(money::budget_movements::get_budget_movement)
        .service(money::budget_movements::create_budget_movement)
        .service(money::budget_movements::reverse_budget_movement)
        .service(money::virements::get_virement)
        .service(money::virements::create_virement)
        // providers
        .service(providers::list_providers)
        .service(providers::get_provider)
        .service(providers::create_provider)
        .service(providers::governance::create_governance_record)
        .service(providers::governance::list_governance_records)
        .service(providers::governance::get_provider_governance)
        .service(providers::governance::expiries::list_governance_expiries)
        // grants and activity
        .service(grants::list_grants)
        .service(grants::get_grant)
        .service(grants::create_grant)
        .service(grants::reverse_grant)
        .service(grants::activity_returns::list_grant_activity_returns)
        .service(grants::activity_returns::get_grant_activity_return)
        .service(grants::activity_returns::create_grant_activity_return)
        .service(grants::activity_returns::reverse_grant_activity_return)
        .service(providers::activity_returns::list_activity_returns)
        .service(providers::activity_returns::get_activity_return)
        .service(providers::activity_returns::create_activity_return)
        .service(providers::activity_returns::reverse_activity_return)
        // ledger
        .service(ledger_entries::imports::list_ledger_imports)
        .service(ledger_entries::imports::get_ledger_import)
        .service(ledger_entries::imports::create_ledger_import)
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
        .service(providers::registrations::list_provider_registrations)
        .service(providers::registrations::get_provider_registration)
        .service(providers::registrations::create_provider_registration)
        .service(providers::registrations::reverse_provider_registration)
        // grants and activity
        .service(grants::returns_due::list_grant_returns_due)
        .service(grants::conditions::complete_grant_condition)
        .service(grants::conditions::reverse_grant_condition_completion)
        .service(grants::instalments::pay_grant_instalment)
        .service(grants::instalments::reverse_grant_instalment_payment)
        // reports
        .service(reports::get_grant_activity)
        .service(reports::get_unit_costs)
        .service(returns::get_spending_over_500)
        .service(returns::get_voluntary_sector_grants)
        .service(returns::get_grants_360giving)
        .service(returns::get_section_251)
        .service(returns::get_freedom_of_information)
        .service(annual_review::get_annual_review);
}

/// What is committed, what is left of a budget, and the end of a year.
fn budget_control(routes: &mut ServiceConfig<'_>) {
    routes
        // budget control
        .service(commitments::control::get_budget_control)
        .service(commitments::releases::list_commitment_releases)
        .service(commitments::releases::get_commitment_release)
        .service(commitments::releases::create_commitment_release)
        .service(commitments::releases::reverse_commitment_release)
        .service(year_end::get_year_closure)
        .service(year_end::preview_year_closure)
        .service(year_end::close_year)
        .service(year_end::carried::list_commitment_carry_forwards)
        // ledger
        .service(ledger_entries::matches::match_ledger_entry)
        .service(ledger_entries::matches::list_ledger_matches)
        .service(ledger_entries::matches::get_ledger_match)
        .service(ledger_entries::matches::reverse_ledger_match)
        .service(commitments::payments::list_unmatched_payments)
        .service(commitments::payments::list_overpayments)
        .service(commitments::unrecorded_orders::list_unrecorded_orders)
        // reports
        .service(reports::get_forecast_outturn)
        .service(reports::get_commitments_by_week)
        .service(next_year::report_next_year)
        // nights
        .service(reports::get_nights)
        .service(nights::listing::list_stays)
        .service(nights::listing::get_stay)
        .service(nights::create_stay)
        .service(nights::steps::record_actual_stay)
        .service(nights::steps::cancel_stay)
        .service(nights::steps::reverse_stay)
        .service(nights::acknowledging::acknowledge_stay)
        .service(nights::standing::get_child_nights)
        .service(nights::warnings::list_night_warnings)
        // packages
        .service(commitments::package_weeks::get_package_commitments);
}

/// What health pays of packages, and its invoices.
fn joint_funding(routes: &mut ServiceConfig<'_>) {
    routes
        // joint funding
        .service(joint_funding::shares::list_joint_fundings)
        .service(joint_funding::shares::get_joint_funding)
        .service(joint_funding::shares::create_joint_funding)
        .service(joint_funding::shares::end_joint_funding)
        .service(joint_funding::shares::reverse_joint_funding)
        .service(joint_funding::invoices::list_health_invoices)
        // Before an invoice's own path, which would take it for an id.
        .service(joint_funding::invoices::aged_debt::get_aged_debt)
        .service(joint_funding::invoices::get_health_invoice)
        .service(joint_funding::invoices::create_health_invoice)
        .service(joint_funding::invoices::proposal::propose_health_invoice)
        .service(joint_funding::invoices::reversal::reverse_health_invoice)
        .service(joint_funding::invoices::credit_notes::create_health_credit_note)
        .service(joint_funding::invoices::receipts::create_health_receipt)
        .service(joint_funding::invoices::receipts::reverse_health_receipt)
        .service(joint_funding::invoices::disputes::create_health_dispute)
        .service(joint_funding::invoices::disputes::resolve_health_dispute)
        // reports
        .service(reports::get_joint_funding_report);
}

/// Children, and what is commissioned for them.
fn support(routes: &mut ServiceConfig<'_>) {
    routes
        // children
        .service(children::look_up_child)
        .service(children::list_children)
        .service(children::get_child)
        .service(children::create_child)
        // leavings
        .service(leavings::create_child_leaving)
        .service(leavings::get_child_leaving)
        .service(leavings::reverse_child_leaving)
        // packages
        .service(costings::cost_line)
        .service(packages::list_packages)
        .service(packages::get_package)
        .service(packages::create_package)
        .service(packages::lines::list_package_lines)
        .service(packages::lines::get_package_line)
        .service(packages::lines::create_package_line)
        .service(packages::lines::end_package_line)
        .service(packages::lines::reverse_package_line)
        .service(confirmations::list_package_line_confirmations)
        .service(confirmations::confirm_package_line)
        .service(confirmations::list_unconfirmed_package_lines)
        .service(confirmations::preview_package_line_confirmations)
        .service(confirmations::confirm_package_lines)
        .service(variations::list_package_variations)
        .service(variations::proposing::create_package_variation)
        .service(variations::preview::preview_package_variation)
        .service(variations::get_package_variation)
        .service(variations::authority::explain_variation_authority)
        .service(variations::steps::agree_package_variation)
        .service(variations::steps::refuse_package_variation)
        .service(variations::steps::withdraw_package_variation)
        .service(upratings::list_upratings)
        .service(upratings::create_uprating)
        .service(upratings::previews::preview_uprating)
        .service(upratings::get_uprating)
        .service(upratings::proposals::list_uprating_proposals)
        .service(upratings::proposals::create_uprating_proposal)
        .service(upratings::proposals::get_uprating_proposal)
        .service(upratings::previews::preview_uprating_proposal)
        .service(upratings::proposals::withdraw_uprating_proposal)
        // commissioning
        .service(commissioning::get_commissioning)
        .service(commissioning::steps::create_commissioning_step)
        .service(commissioning::steps::reverse_commissioning_step)
        .service(commissioning::workers::name_commissioning_worker)
        .service(commissioning::drift::list_drift)
        .service(commissioning::purchase_orders::list_purchase_orders)
        .service(commissioning::purchase_orders::get_purchase_order)
        .service(commissioning::purchase_orders::create_purchase_order)
        .service(commissioning::purchase_orders::cancel_purchase_order)
        .service(commissioning::purchase_orders::correct_purchase_order);
}

/// What families are paid to buy support themselves.
fn paid_to_families(routes: &mut ServiceConfig<'_>) {
    routes
        // direct payments
        .service(direct_payments::accounts::list_direct_payment_accounts)
        .service(direct_payments::page::get_direct_payment_account)
        .service(direct_payments::accounts::create_direct_payment_account)
        .service(direct_payments::steps::create_direct_payment_step)
        .service(direct_payments::steps::reverse_direct_payment_step)
        .service(direct_payments::returns::create_direct_payment_return)
        .service(direct_payments::returns::reverse_direct_payment_return)
        .service(direct_payments::audits::create_direct_payment_audit)
        .service(direct_payments::audits::reverse_direct_payment_audit)
        .service(direct_payments::bounces::create_direct_payment_bounce)
        .service(direct_payments::bounces::reverse_direct_payment_bounce)
        .service(direct_payments::breaches::create_direct_payment_breach)
        .service(direct_payments::breaches::reverse_direct_payment_breach)
        .service(direct_payments::repayments::create_direct_payment_repayment)
        .service(direct_payments::repayments::reverse_direct_payment_repayment)
        .service(direct_payments::repayments::confirm_direct_payment_repayment)
        .service(direct_payments::exports::list_direct_payment_exports)
        .service(direct_payments::exports::get_direct_payment_export)
        .service(direct_payments::exports::create_direct_payment_export)
        .service(direct_payments::exports::get_direct_payment_file)
        .service(direct_payments::exports::create_direct_payment_re_export)
        // reports
        .service(reports::get_direct_payment_accounts);
}

/// From an assessment to a decision with authority.
fn panel(routes: &mut ServiceConfig<'_>) {
    routes
        // assessments
        .service(assessments::list_assessments)
        .service(assessments::get_assessment)
        .service(assessments::create_assessment)
        .service(assessments::steps::create_assessment_step)
        .service(assessments::steps::authorise_assessment)
        // requests
        .service(requests::list_requests)
        .service(requests::get_request)
        .service(requests::create_request)
        .service(requests::paperwork::list_request_revisions)
        .service(requests::paperwork::revise_request)
        .service(requests::own_parts::confirm_own_parts)
        .service(requests::steps::submit_request)
        .service(requests::steps::withdraw_request)
        .service(requests::steps::list_request_transitions)
        .service(authority::explain_authority)
        // panels
        .service(panel::calendars::create_panel_calendar)
        .service(panel::list_panels)
        .service(panel::get_panel)
        .service(panel::create_panel)
        .service(panel::cancellations::cancel_panel)
        .service(panel::bookings::list_panel_bookings)
        .service(panel::bookings::create_panel_booking)
        .service(panel::bookings::release_panel_booking)
        .service(panel::members::list_panel_members)
        .service(panel::members::get_panel_member)
        .service(panel::members::create_panel_member)
        .service(panel::signatures::create_panel_signature)
        .service(panel::attendances::list_panel_attendances)
        .service(panel::attendances::create_panel_attendance)
        .service(panel::interests::list_interests)
        .service(panel::interests::create_interest)
        .service(panel::interests::create_own_interest)
        .service(panel::interests::reverse_interest)
        .service(panel::notes::list_panel_notes)
        .service(panel::notes::create_panel_notes)
        .service(panel_sheets::get_panel_agenda)
        .service(panel_sheets::get_panel_minutes)
        .service(panel_sheets::get_outcomes_of_panel)
        .service(panel_sheets::get_panel_projection)
        .service(panel_sheets::list_panel_outcomes)
        // decisions
        .service(decisions::list_decisions)
        .service(decisions::get_decision)
        .service(decisions::deciding::decide_request)
        .service(decisions::without_panel::agree_request_without_panel)
        .service(decisions::authorisations::ratify_decision)
        .service(decisions::authorisations::authorise_decision)
        .service(decisions::case_management::record_case_management_decision)
        .service(decisions::actions::list_decision_actions)
        .service(decisions::actions::complete_decision_action)
        .service(decisions::appeals::list_appeals)
        .service(decisions::appeals::get_appeal)
        .service(decisions::appeals::create_appeal)
        .service(decisions::appeals::decide_appeal);
}

fn operations(routes: &mut ServiceConfig<'_>) {
    routes.service(health::live).service(health::ready).service(health::metrics);
}

/// The OpenAPI document of this server, put together once.
pub fn document() -> Arc<OpenApi> {
    static DOCUMENT: LazyLock<Arc<OpenApi>> = LazyLock::new(|| {
        let (_, document) = ActixApp::new()
            .into_utoipa_app()
            .openapi(openapi::base())
            .service(scope::scope("/v1").configure(v1))
            .configure(operations)
            .split_for_parts();
        Arc::new(openapi::complete(document))
    });
    DOCUMENT.clone()
}

/// The application with its routes, for a server or a test.
pub fn application(
    app: Data<App>,
) -> ActixApp<impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse<impl MessageBody>, Error = Error, InitError = ()>>
{
    let document = document();
    let served = document.as_ref().clone();
    ActixApp::new()
        .app_data(app)
        .app_data(Data::from(document))
        .app_data(PathConfig::default().error_handler(|_, _| Problem::from(Refusal::not_found("record")).into()))
        .into_utoipa_app()
        .service(scope::scope("/v1").configure(v1))
        .configure(operations)
        .into_app()
        .service(SwaggerUi::new("/docs/{_:.*}").url("/openapi.json", served))
        .service(web::redirect("/docs", "/docs/"))
        .default_service(web::to(nowhere::nowhere))
        .wrap(from_fn(door::door))
        .wrap(Compress::default())
}
