//! `short-breaks user add` and `client add`: the first accounts, before anybody can log in to make others.

use anyhow::{Context, anyhow};
use clap::{Args, Subcommand};
use db::{Actor, Store};
use domain::{Permission, Role};
use records::people::clients;
use records::people::password;
use records::people::users;
use std::io::Write;
use std::process::ExitCode;

/// People.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Add a user and print a password, this once
    Add(AddUser),
}

/// Who is added.
#[derive(Debug, Args)]
pub struct AddUser {
    /// The name to log in with: lower-case letters, digits, and . @ _ -
    username: String,
    /// finance_officer, panel_support, practitioner, manager, head_of_service, assistant_director, auditor or administrator
    #[arg(long)]
    role: Role,
}

/// Third-party tools.
#[derive(Debug, Subcommand)]
pub enum ClientCommand {
    /// Add an API client and print its secret, this once
    Add(AddClient),
}

/// What is added.
#[derive(Debug, Args)]
pub struct AddClient {
    /// What the tool is
    name: String,
    /// What it may do, such as reports:read; repeat it, or separate with commas
    #[arg(long, required = true, value_delimiter = ',')]
    scope: Vec<Permission>,
    /// The name of the user who answers for it: what it records counts as theirs
    #[arg(long)]
    owner: Option<String>,
}

impl UserCommand {
    /// Does it.
    pub fn run(self, store: &Store) -> anyhow::Result<ExitCode> {
        let UserCommand::Add(AddUser { username, role }) = self;
        let password = add_user(store, &username, role)?;
        writeln!(std::io::stdout(), "{username} may log in with the password {password}")?;
        Ok(ExitCode::SUCCESS)
    }
}

impl ClientCommand {
    /// Does it.
    pub fn run(self, store: &Store) -> anyhow::Result<ExitCode> {
        let ClientCommand::Add(AddClient { name, scope, owner }) = self;
        let owner = owner.map(|username| store.read(|connection| users::id_of(connection, &username))).transpose();
        let owner = owner.map_err(|problem| anyhow!("{problem}"))?;
        let has_owner = owner.is_some();
        let name = api::parse(serde_json::json!({ "name": name, "scope": scope }).to_string())
            .map(|new: clients::NewApiClient| new.name.0)
            .map_err(|problem| anyhow!("{problem}"))?;
        let added = store.write(&Actor::system("client add"), |write| clients::add(write, name, scope, owner));
        let added = added.map_err(|problem| anyhow!("{problem}"))?;
        writeln!(std::io::stdout(), "client_id {}\nclient_secret {}", added.client.id, added.client_secret)?;
        if has_owner {
            let id = &added.client.id;
            writeln!(std::io::stderr(), "Its owner accepts it before it may log in: POST /v1/me/api-clients/{id}/acceptance.")?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Adds a user and answers with the password made for them.
pub fn add_user(store: &Store, username: &str, role: Role) -> anyhow::Result<String> {
    let password = password::new_password().map_err(|problem| anyhow!("{problem}"))?;
    let new = serde_json::json!({ "username": username, "password": password, "role": role });
    let new: users::NewUser = api::parse(new.to_string()).map_err(|problem| anyhow!("{problem}"))?;
    let hash = password::hash(&password).map_err(|problem| anyhow!("{problem}")).context("the password cannot be hashed")?;
    store
        .write(&Actor::system("user add"), |write| users::add(write, new.username.0, hash, new.role))
        .map_err(|problem| anyhow!("the user {username} was not added: {problem}"))?;
    Ok(password)
}
