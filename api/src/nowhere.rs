//! What answers when no route does.

use crate::auth::RequestId;
use crate::problem::Problem;
use actix_web::dev::ResourceDef;
use actix_web::http::header::{ALLOW, HeaderValue};
use actix_web::web::Data;
use actix_web::{HttpMessage, HttpRequest, HttpResponse, ResponseError};
use domain::Code;
use utoipa::openapi::OpenApi;

/// 405 where the path exists with another method, else 404.
pub async fn nowhere(request: HttpRequest, document: Data<OpenApi>) -> HttpResponse {
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
