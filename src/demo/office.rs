//! Everybody who has an account, and what each looks up before doing something.

use super::caller::Caller;
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{Service, ServiceResponse};
use actix_web::web::Data;
use anyhow::{Context, anyhow};
use api::App;
use db::Store;
use db::schema::users;
use diesel::prelude::*;
use domain::Role;
use serde_json::{Value, json};

/// The people of the demonstration, logged in.
pub struct Office<'s, S> {
    people: Vec<(String, String, Caller<'s, S>)>,
}

impl<'s, S, B> Office<'s, S>
where
    S: Service<actix_http::Request, Response = ServiceResponse<B>, Error = Error>,
    B: MessageBody,
{
    /// Everybody in the store.
    pub fn open(service: &'s S, app: &Data<App>, store: &Store) -> anyhow::Result<Self> {
        let rows: Vec<(String, String, Role)> = store.read(|connection| {
            Ok::<_, db::Error>(users::table.select((users::username, users::id, users::role)).order(users::username).load(connection)?)
        })?;
        let logged_in = |(name, id, role): (String, String, Role)| {
            let caller = Caller::person(service, app, &id, role)?;
            anyhow::Ok((name, id, caller))
        };
        Ok(Office { people: rows.into_iter().map(logged_in).collect::<Result<_, _>>()? })
    }

    /// Somebody by user name.
    pub fn of(&self, name: &str) -> anyhow::Result<&Caller<'s, S>> {
        self.people.iter().find(|(own, ..)| own == name).map(|(.., caller)| caller).ok_or_else(|| anyhow!("nobody is called {name}"))
    }

    /// Somebody by id.
    pub fn with_id(&self, id: &str) -> anyhow::Result<&Caller<'s, S>> {
        self.people.iter().find(|(_, own, _)| own == id).map(|(.., caller)| caller).ok_or_else(|| anyhow!("nobody has the id {id}"))
    }

    /// The id of the provider with that code.
    pub async fn provider(&self, code: &str) -> anyhow::Result<String> {
        let page = self.of("panel.support")?.get("/v1/providers?limit=500").await?;
        let found = items(&page).find(|provider| provider["code"] == code).with_context(|| format!("no provider is called {code}"))?;
        Ok(text(&found["id"]))
    }

    /// The id of the provider with that name.
    pub async fn provider_named(&self, name: &str) -> anyhow::Result<String> {
        let page = self.of("panel.support")?.get("/v1/providers?limit=500").await?;
        let found = items(&page).find(|provider| provider["name"] == name).with_context(|| format!("no provider is named {name}"))?;
        Ok(text(&found["id"]))
    }

    /// The id of a child's package, the child by number.
    pub async fn package(&self, child: usize) -> anyhow::Result<String> {
        let support = self.of("panel.support")?;
        let child_id = support.post("/v1/child-lookups", json!({ "case_reference": format!("DEMO-{child:04}") })).await?;
        self.package_of(&child_id).await
    }

    /// The id of a child's package.
    pub async fn package_of(&self, child_id: &str) -> anyhow::Result<String> {
        let packages = self.of("panel.support")?.get(&format!("/v1/packages?child_id={child_id}")).await?;
        Ok(text(&packages["items"][0]["id"]))
    }

    /// The line of a service that a child has on a day.
    pub async fn line(&self, child: usize, service: &str, day: &str) -> anyhow::Result<Value> {
        let package = self.package(child).await?;
        let lines = self.of("panel.support")?.get(&format!("/v1/package-lines?package_id={package}&as_at={day}")).await?;
        let is_meant = |line: &&Value| line["service"] == service && line["state"] != "reversed";
        let found = items(&lines).find(is_meant).with_context(|| format!("child {child} has no {service} on {day}"))?;
        Ok(found.clone())
    }
}

/// The records of a page.
pub fn items(page: &Value) -> impl Iterator<Item = &Value> {
    page["items"].as_array().into_iter().flatten()
}

/// A text that a record has; empty where it has none.
pub fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
