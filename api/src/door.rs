//! What every request passes on its way in and out: an id, the log, the metrics, and one form of answer for every error.

use crate::app::App;
use crate::auth::RequestId;
use crate::parameters;
use crate::problem::Problem;
use actix_web::body::{BoxBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS};
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error, HttpMessage, ResponseError};
use domain::Code;
use std::time::Instant;

/// Gives the request an id, times it, and turns every error into a problem.
pub async fn door(request: ServiceRequest, next: Next<impl MessageBody + 'static>) -> Result<ServiceResponse<BoxBody>, Error> {
    let started = Instant::now();
    let request_id = db::new_id();
    request.extensions_mut().insert(RequestId(request_id.clone()));
    let method = method_label(request.method().as_str());
    let app = request.app_data::<Data<App>>().cloned();
    let mut response = match parameters::refuse_unknown(&request) {
        Ok(()) => next.call(request).await?.map_into_boxed_body(),
        Err(problem) => request.into_response(problem.for_request(&request_id).error_response()),
    };
    // The route's pattern, never the path: a path may hold an id.
    let route = response.request().match_pattern().unwrap_or_else(|| "unmatched".to_owned());
    if let Some(problem) = problem_of(&response) {
        let problem = problem.for_request(&request_id);
        response = ServiceResponse::new(response.request().clone(), problem.error_response());
    }
    let headers = response.headers_mut();
    if let Ok(id) = HeaderValue::from_str(&request_id) {
        headers.insert(HeaderName::from_static("x-request-id"), id);
    }
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if !headers.contains_key(CACHE_CONTROL) && route.starts_with("/v1") {
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    let (status, took) = (response.status().as_u16(), started.elapsed());
    if let Some(app) = app {
        app.metrics.count(method, &route, status, took);
    }
    log::info!("{method} {route} {status} {}ms request={request_id}", took.as_millis());
    Ok(response)
}

/// Only methods that exist become a label: a caller must not be able to make new ones.
fn method_label(method: &str) -> &'static str {
    ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"].into_iter().find(|known| *known == method).unwrap_or("other")
}

/// Our own problem, or the one that an error of the framework amounts to.
fn problem_of(response: &ServiceResponse) -> Option<Problem> {
    let error = response.response().error();
    if let Some(problem) = error.and_then(|error| error.as_error::<Problem>()) {
        return Some(problem.clone());
    }
    let status = response.status();
    if error.is_none() || !(status.is_client_error() || status.is_server_error()) {
        return None;
    }
    Some(match status {
        StatusCode::NOT_FOUND => Problem::new(Code::NotFound, "There is nothing at this path."),
        StatusCode::METHOD_NOT_ALLOWED => Problem::new(Code::MethodNotAllowed, "See the API's description for what it takes."),
        StatusCode::PAYLOAD_TOO_LARGE => Problem::new(Code::TooLarge, "Send less at once."),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => Problem::new(Code::UnsupportedMediaType, "See the API's description for what it takes."),
        status if status.is_client_error() => Problem::new(Code::InvalidParameter, "The request cannot be read."),
        _ => Problem::internal(error.map(ToString::to_string).unwrap_or_default()),
    })
}
