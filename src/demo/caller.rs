//! Calls the API's own application, without a socket: routes, tokens, schemas and all.

use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::header::{AUTHORIZATION, IF_MATCH};
use actix_web::test::{TestRequest, read_body, try_call_service};
use actix_web::web::Data;
use anyhow::{Context, anyhow, bail};
use api::App;
use api::auth::CallerKind;
use domain::{Permission, Role};
use serde_json::Value;
use strum::VariantArray;

/// Somebody with every permission but those of an administrator.
pub struct Caller<'s, S> {
    service: &'s S,
    token: String,
}

impl<'s, S, B> Caller<'s, S>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    /// A caller of the application's.
    pub fn new(service: &'s S, app: &Data<App>) -> anyhow::Result<Self> {
        let permissions = Permission::VARIANTS.iter().copied().filter(|permission| !permission.as_str().starts_with("access:"));
        let token = app.keys.sign("demo", CallerKind::User, permissions.collect()).map_err(|problem| anyhow!("{problem}"))?;
        Ok(Caller { service, token })
    }

    /// A person who has logged in.
    pub fn person(service: &'s S, app: &Data<App>, user_id: &str, role: Role) -> anyhow::Result<Self> {
        let permissions = role.permissions().to_vec();
        let token = app.keys.sign(user_id, CallerKind::User, permissions).map_err(|problem| anyhow!("{problem}"))?;
        Ok(Caller { service, token })
    }

    /// Posts a body; answers with the new record's `id`.
    pub async fn post(&self, path: &str, body: Value) -> anyhow::Result<String> {
        let answer = self.send(TestRequest::post().uri(path).set_json(&body), path).await.with_context(|| body.to_string())?;
        Ok(answer["id"].as_str().unwrap_or_default().to_owned())
    }

    /// Posts a body; answers with the whole answer.
    pub async fn answer(&self, path: &str, body: Value) -> anyhow::Result<Value> {
        self.send(TestRequest::post().uri(path).set_json(&body), path).await.with_context(|| body.to_string())
    }

    /// Changes what is at a path, of which that version was read.
    pub async fn put(&self, path: &str, version: &Value, body: Value) -> anyhow::Result<Value> {
        let request = TestRequest::put().uri(path).insert_header((IF_MATCH, format!("\"{version}\""))).set_json(&body);
        self.send(request, path).await.with_context(|| body.to_string())
    }

    /// Reads what is at a path.
    pub async fn get(&self, path: &str) -> anyhow::Result<Value> {
        self.send(TestRequest::get().uri(path), path).await
    }

    async fn send(&self, request: TestRequest, path: &str) -> anyhow::Result<Value> {
        let request = request.insert_header((AUTHORIZATION, format!("Bearer {}", self.token)));
        let response = try_call_service(self.service, request.to_request()).await.map_err(|error| anyhow!("{path}: {error}"))?;
        let status = response.status();
        let answer: Value = serde_json::from_slice(&read_body(response).await)?;
        if !status.is_success() {
            bail!("{path} answered {status}: {answer}");
        }
        Ok(answer)
    }
}
