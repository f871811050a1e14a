//! The route table: every path the server answers, and nothing else.

use crate::app::App;
use crate::auth::RequestId;
use crate::problem::{Code, Problem};
use crate::routes::{
    activity_returns, api_clients, audit_events, budget_lines, budget_movements, children, costings, financial_years,
    grant_activity_returns, grants, health, ledger_entries, ledger_imports, package_lines, packages, profile, providers, reports, tokens,
    users, virements,
};
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
        // audit
        .service(audit_events::list_audit_events)
        .service(audit_events::verify_audit_trail);
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
