//! The OpenAPI document: what the handlers declare, and the answers that all of them share.

use crate::format::Format;
use crate::problem::Problem;
use domain::{FinancialYear, RequestState, Sector};
use records::text::{CodeText, Id};
use reports::GroupBy;
use reports::annual_review::ReviewFormat;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ContentBuilder, ObjectBuilder, OpenApi, Ref, RefOr, Required, Response, ResponseBuilder, Type};
use utoipa::{OpenApi as _, PartialSchema, ToSchema};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(
        title = "Short Breaks",
        description = "Commission, pay for and account for short breaks for disabled children. Money is whole pence (`*_pence`), \
            unit rates are ten-thousandths of a pound, quantities thousandths of a unit; periods are half-open; expenditure is \
            positive and income negative. Errors are `application/problem+json` with a stable `code`.",
        license(name = "MIT", identifier = "MIT")
    ),
    // Only parameters use these, and parameters bring no schemas along.
    components(schemas(CodeText, Format, FinancialYear, GroupBy, Id, RequestState, ReviewFormat, Sector)),
    servers((url = "/", description = "This server")),
    tags(
        (name = "access", description = "Tokens, users and API clients"),
        (name = "authority", description = "The authority's own policy"),
        (name = "posts", description = "Who holds which post, and who stands in"),
        (name = "budgets", description = "Financial years, budget lines and their movements"),
        (name = "budget control", description = "What is committed, what is left of a budget, and the end of a financial year"),
        (name = "providers", description = "Who delivers"),
        (name = "children", description = "Children known to the service; every read is audited"),
        (name = "packages", description = "What is commissioned for a child, and what it costs"),
        (name = "direct payments", description = "What families are paid to buy support themselves: accounts, pay files, returns and audits; every read of an account is audited"),
        (name = "nights", description = "Nights away from home, against the limits of the law and the authority; every read is audited"),
        (name = "commissioning", description = "From an approval to a package in force: its steps, purchase orders, drift and delay"),
        (name = "joint funding", description = "What health pays of packages: shares, invoices, receipts, disputes and debt; every read of a child's share is audited"),
        (name = "assessments", description = "Assessments of children's needs, their completion, authorisation and consent; every read is audited"),
        (name = "requests", description = "What is asked of the resource panel, its paperwork, costs and authority"),
        (name = "decisions", description = "What was decided, with whose authority, and what follows"),
        (name = "panels", description = "The resource panel: its days, agendas, members, attendance and declared interests"),
        (name = "grants and activity", description = "Grants to the voluntary sector and returns of activity"),
        (name = "ledger", description = "What was really spent"),
        (name = "statement", description = "The Short Breaks Service Statement: editions from draft to published, and their documents"),
        (name = "reports", description = "Figures from the last published snapshot"),
        (name = "audit", description = "Who did and read what"),
        (name = "operations", description = "For those who run the server")
    )
)]
struct Base;

/// Creating operations that take no idempotency key: secrets and passwords are kept in no answer, and a ledger file is known by
/// its own bytes.
const WITHOUT_KEY: [&str; 3] = ["/v1/api-clients", "/v1/users", "/v1/ledger-imports"];

/// The document before the operations are added to it. What may be done to a request follows from the table of its states.
pub fn base() -> OpenApi {
    let mut document = Base::openapi();
    for tag in document.tags.iter_mut().flatten().filter(|tag| tag.name == "requests") {
        let words = tag.description.take().unwrap_or_default();
        tag.description = Some(format!("{words}. What may be done in each state:\n\n{}", domain::requests::description()));
    }
    document
}

/// Adds what every operation shares: the bearer scheme, the problems it may answer with, idempotency keys.
pub fn complete(mut document: OpenApi) -> OpenApi {
    let components = document.components.get_or_insert_default();
    let mut schemas = vec![(Problem::name().into_owned(), Problem::schema())];
    Problem::schemas(&mut schemas);
    components.schemas.extend(schemas);
    let mut bearer = Http::new(HttpAuthScheme::Bearer);
    bearer.bearer_format = Some("JWT".to_owned());
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer));
    for (path, item) in &mut document.paths.paths {
        for (method, operation) in [(Method::Get, &mut item.get), (Method::Post, &mut item.post), (Method::Put, &mut item.put)] {
            if let Some(operation) = operation {
                add_shared(path, method, operation);
            }
        }
    }
    document
}

/// The methods that the API takes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Method {
    Get,
    Post,
    Put,
}

fn add_shared(path: &str, method: Method, operation: &mut Operation) {
    let needs_token = operation.security.iter().flatten().any(|requirement| {
        serde_json::to_value(requirement).is_ok_and(|value| value.as_object().is_some_and(|schemes| schemes.contains_key("bearer")))
    });
    let takes_body = operation.request_body.is_some();
    let is_created = operation.responses.responses.contains_key("201");
    let mut answers = Vec::new();
    if needs_token {
        answers.push(("401", "No valid access token"));
        answers.push(("403", "The token does not allow this"));
    }
    if path.contains('{') {
        answers.push(("404", "There is no such thing"));
    }
    if method != Method::Get && (takes_body || path.contains('{')) {
        answers.push(("409", "The record's state, or another record, does not allow it"));
    }
    if method == Method::Put {
        answers.push(("412", "It changed since it was read"));
        answers.push(("428", "`If-Match` is missing"));
    }
    if takes_body {
        answers.push(("400", "The body cannot be read"));
        answers.push(("408", "The body did not arrive in time"));
        answers.push(("413", "The body is too large"));
        answers.push(("415", "The body is of the wrong media type"));
    }
    if takes_body || path.starts_with("/v1") {
        answers.push(("422", "The body or a parameter is not valid"));
    }
    if path.starts_with("/v1") {
        answers.push(("500", "A fault of the server"));
        answers.push(("503", "The database cannot be reached"));
    }
    for (status, description) in answers {
        operation.responses.responses.entry(status.to_owned()).or_insert_with(|| RefOr::T(problem(description)));
    }
    if method == Method::Post && is_created && !WITHOUT_KEY.contains(&path) {
        operation.parameters.get_or_insert_default().push(RefOr::T(idempotency_key()));
    }
    if is_created && let Some(RefOr::T(created)) = operation.responses.responses.get_mut("201") {
        created.headers.insert("location".to_owned(), RefOr::T(location()));
    }
}

fn problem(description: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    ResponseBuilder::new().description(description).content("application/problem+json", content).build()
}

fn idempotency_key() -> Parameter {
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some("For a week the same key and request get the first answer again; another request with the key is refused"))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[!-~]{1,200}$"))))
        .build()
}

fn location() -> utoipa::openapi::Header {
    HeaderBuilder::new()
        .description(Some("Where the record can be read"))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)))
        .build()
}
