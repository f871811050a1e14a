//! Who writes at the command line: somebody who logs in there, so that whoever wrote a part does not approve it.

use anyhow::{Context, anyhow, bail};
use clap::Args;
use db::{Actor, ActorKind, Store, Write};
use domain::Permission;
use records::Error;
use records::people::password::is_right;
use records::people::sign_in::{able_user, refuse_disabled, refuse_log_in};
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::io::{BufRead, IsTerminal};
use utoipa::ToSchema;

/// Where the password may stand.
const PASSWORD: &str = "SHORT_BREAKS_PASSWORD";

/// Who writes.
#[derive(Debug, Args)]
pub struct AuthorArgs {
    /// The name you log in with; the password is read from SHORT_BREAKS_PASSWORD, or from standard input
    #[arg(long = "as", value_name = "NAME")]
    name: String,
}

/// Somebody who logged in at the command line.
pub struct Author<'s> {
    store: &'s Store,
    actor: Actor,
}

impl<'s> Author<'s> {
    /// Whoever has that name and password, if their role allows what they are about to do.
    pub fn of(store: &'s Store, AuthorArgs { name }: AuthorArgs, needed: Permission) -> anyhow::Result<Self> {
        let given = given_password()?;
        let able = store.read(|connection| able_user(connection, &name)).map_err(|error| anyhow!("{error}"))?;
        let is_known = is_right(&given, able.as_ref().map(|able| able.password_hash.as_str()));
        let Some(able) = able else { bail!("the name or the password is wrong") };
        let actor = Actor { kind: ActorKind::User, id: able.id.clone(), request_id: None };
        if !is_known {
            store.write(&actor, |write| refuse_log_in(write, &able.id)).map_err(|error| anyhow!("{error}"))?;
            bail!("the name or the password is wrong");
        }
        if !able.role.permissions().contains(&needed) {
            bail!("the role {} does not allow this; it needs {needed}", able.role);
        }
        Ok(Author { store, actor })
    }

    /// Does what is asked for, which is checked as the API checks a body.
    pub fn write<T, R>(&self, asked: &Value, doing: impl FnOnce(&mut Write<'_>, T) -> Result<R, Error>) -> anyhow::Result<R>
    where
        T: DeserializeOwned + ToSchema,
    {
        // What is absent is left out, as a caller of the API would leave it out.
        let given = asked.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
        let given: serde_json::Map<_, _> = given.map(|(name, value)| (name.clone(), value.clone())).collect();
        let new = api::parse(Value::Object(given).to_string()).map_err(|problem| anyhow!("{problem}"))?;
        self.act(|write| doing(write, new))
    }

    /// Does it, as they would over the API.
    pub fn act<R>(&self, doing: impl FnOnce(&mut Write<'_>) -> Result<R, Error>) -> anyhow::Result<R> {
        let done = self.store.write(&self.actor, |write| {
            refuse_disabled(write.connection, write.actor)?;
            doing(write)
        });
        done.map_err(|error| anyhow!("{error}"))
    }

    /// Who they are, as the audit trail names them.
    pub fn actor(&self) -> &Actor {
        &self.actor
    }

    /// The store.
    pub fn store(&self) -> &Store {
        self.store
    }
}

fn given_password() -> anyhow::Result<String> {
    if let Ok(password) = std::env::var(PASSWORD)
        && !password.is_empty()
    {
        return Ok(password);
    }
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        eprint!("Password: ");
    }
    let mut line = String::new();
    stdin.lock().read_line(&mut line).context("the password cannot be read")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
