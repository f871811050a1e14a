//! An operation that takes no query parameters takes none: what it would ignore is refused by name, before anything is done. An operation that
//! takes some reads them with `Params`, which refuses every other.

use crate::problem::Problem;
use actix_web::dev::ServiceRequest;
use actix_web::web::Data;
use domain::{Code, FieldError, Refusal};
use std::collections::{BTreeSet, HashSet};
use std::sync::OnceLock;
use utoipa::openapi::path::{Operation, ParameterIn};
use utoipa::openapi::{OpenApi, RefOr};

/// Mistakes told at once.
const MOST_ERRORS: usize = 50;

/// Method and path of every operation under `/v1` that takes no query parameters.
fn taking_none(document: &OpenApi) -> HashSet<(&'static str, String)> {
    let of_path = |(path, item): (&String, &utoipa::openapi::PathItem)| {
        let taking_none = |(method, operation): (&'static str, &Option<Operation>)| {
            operation.as_ref().is_some_and(|operation| !takes_query(operation)).then(|| (method, path.clone()))
        };
        [("GET", &item.get), ("POST", &item.post), ("PUT", &item.put)].into_iter().filter_map(taking_none).collect::<Vec<_>>()
    };
    document.paths.paths.iter().filter(|(path, _)| path.starts_with("/v1")).flat_map(of_path).collect()
}

fn takes_query(operation: &Operation) -> bool {
    let is_query = |parameter: &RefOr<utoipa::openapi::path::Parameter>| match parameter {
        RefOr::T(parameter) => parameter.parameter_in == ParameterIn::Query,
        RefOr::Ref(_) => true,
    };
    operation.parameters.iter().flatten().any(is_query)
}

/// Refuses query parameters of an operation that takes none.
pub fn refuse_unknown(request: &ServiceRequest) -> Result<(), Problem> {
    if request.query_string().is_empty() {
        return Ok(());
    }
    let (Some(path), Some(document)) = (request.match_pattern(), request.app_data::<Data<OpenApi>>()) else { return Ok(()) };
    // Every application of this process has the same document.
    static TAKING_NONE: OnceLock<HashSet<(&'static str, String)>> = OnceLock::new();
    let method = request.method().as_str();
    if !TAKING_NONE.get_or_init(|| taking_none(document)).contains(&(method, path)) {
        return Ok(());
    }
    let names: BTreeSet<String> = form_urlencoded::parse(request.query_string().as_bytes()).map(|(name, _)| name.into_owned()).collect();
    if names.iter().any(|name| name.chars().any(char::is_control)) {
        return Err(Problem::new(Code::InvalidParameter, "A parameter holds a control character."));
    }
    let unknown = names.iter().map(|name| FieldError::new(&format!("?{name}"), "invalid", "this operation takes no query parameters"));
    Err(Refusal::with_errors(Code::InvalidParameter, unknown.take(MOST_ERRORS).collect()).into())
}
