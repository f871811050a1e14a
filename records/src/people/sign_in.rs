//! Signing in: whose password or secret it is, and the refresh tokens that go on from there.
//!
//! A refresh token is good once: it is exchanged for a new one, and when a spent one comes back, somebody has a copy, so all that
//! descend from that log-in are revoked.

use crate::error::Error;
use crate::people::clients::scope_of;
use crate::people::waiting;
use chrono::{NaiveDateTime, TimeDelta};
use db::schema::{api_clients, refresh_tokens, users};
use db::{Actor, ActorKind, AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::people::access::refuse_unaccepted;
use domain::{Code, Permission, Role};

/// How long a refresh token lives unused.
const REFRESH_FOR: TimeDelta = TimeDelta::days(14);

/// A token outlives its log-in by some minutes; what it may still do is read what is no child's record.
pub fn refuse_disabled(connection: &mut AnyConnection, actor: &Actor) -> Result<(), Error> {
    let id = &actor.id;
    let disabled_at: Option<Option<NaiveDateTime>> = match actor.kind {
        ActorKind::User => users::table.find(id).select(users::disabled_at).first(connection).optional()?,
        ActorKind::Client => api_clients::table.find(id).select(api_clients::disabled_at).first(connection).optional()?,
        ActorKind::System => None,
    };
    match disabled_at.flatten() {
        None => {
            if actor.kind == ActorKind::Client {
                refuse_unaccepted_client(connection, id)?;
            }
            refuse_waiting(connection, id)
        }
        Some(_) => Err(Error::refused(Code::NotAuthenticated, "This log-in is disabled.")),
    }
}

/// A log-in with rights over money is good once a second administrator agreed to it.
pub fn refuse_waiting(connection: &mut AnyConnection, id: &str) -> Result<(), Error> {
    match waiting::of(connection, id)? {
        None => Ok(()),
        Some(_) => Err(Error::refused(Code::NotAuthenticated, "This log-in waits until a second administrator agrees to it.")),
    }
}

/// A tool is good once the user who answers for it accepted that.
pub fn refuse_unaccepted_client(connection: &mut AnyConnection, id: &str) -> Result<(), Error> {
    let row: Option<(Option<String>, Option<NaiveDateTime>)> =
        api_clients::table.find(id).select((api_clients::owner_id, api_clients::owner_accepted_at)).first(connection).optional()?;
    let (owner, accepted_at) = row.unwrap_or_default();
    Ok(refuse_unaccepted(owner.is_some(), accepted_at.is_some())?)
}

/// A user who may log in, with what is kept of the password.
pub struct Able {
    /// The user's id.
    pub id: String,
    /// What they may do.
    pub role: Role,
    /// The password's hash.
    pub password_hash: String,
}

/// The user with that name who is not disabled, if there is one.
pub fn able_user(connection: &mut AnyConnection, username: &str) -> Result<Option<Able>, Error> {
    // Nobody's name, and PostgreSQL takes no NUL in a text.
    let name = username.replace('\0', " ");
    let able = users::table.filter(users::username.eq(name)).filter(users::disabled_at.is_null());
    let found = able.select((users::id, users::role, users::password_hash)).first(connection).optional()?;
    Ok(found.map(|(id, role, password_hash)| Able { id, role, password_hash }))
}

/// Keeps a log-in with a new refresh token, by its digest.
pub fn log_in(write: &mut Write<'_>, user_id: &str, token_hash: String) -> Result<(), Error> {
    write.record(Event::new("log_in", "users", user_id))?;
    give_refresh(write, token_hash, user_id, &new_id())
}

/// Keeps that a wrong password was given for a user's name.
pub fn refuse_log_in(write: &mut Write<'_>, user_id: &str) -> Result<(), Error> {
    Ok(write.record(Event::new("refuse_log_in", "users", user_id))?)
}

/// What a client that is not disabled may do, if the digest is its secret's.
pub fn scope_of_client(connection: &mut AnyConnection, id: &str, secret_hash: &str) -> Result<Option<Vec<Permission>>, Error> {
    let able = api_clients::table.find(id).filter(api_clients::disabled_at.is_null());
    let able = able.filter(api_clients::secret_hash.eq(secret_hash));
    let scope: Option<String> = able.select(api_clients::scope).first(connection).optional()?;
    scope.map(|scope| scope_of(&scope)).transpose()
}

/// Keeps that a client logged in.
pub fn log_in_client(write: &mut Write<'_>, id: &str) -> Result<(), Error> {
    Ok(write.record(Event::new("log_in", "api_clients", id))?)
}

/// A refresh token as it is kept.
#[derive(Queryable, Selectable)]
#[diesel(table_name = refresh_tokens)]
pub struct Refresh {
    token_hash: String,
    /// Whose it is.
    pub user_id: String,
    family_id: String,
    expires_at: NaiveDateTime,
    spent_at: Option<NaiveDateTime>,
    revoked_at: Option<NaiveDateTime>,
}

/// The refresh token with that digest, if there is one.
pub fn find_refresh(connection: &mut AnyConnection, token_hash: &str) -> Result<Option<Refresh>, Error> {
    Ok(refresh_tokens::table.find(token_hash).select(Refresh::as_select()).first(connection).optional()?)
}

/// Spends the token for the next one. None when it is not good; one spent before revokes its family, and that stays.
pub fn exchange(write: &mut Write<'_>, token: &Refresh, next_hash: String) -> Result<Option<Role>, Error> {
    let token_hash = &token.token_hash;
    // Read again inside the write: of two exchanges at once, one finds the token spent.
    let found: Refresh = refresh_tokens::table.find(token_hash).select(Refresh::as_select()).first(write.connection)?;
    let role =
        users::table.find(&found.user_id).filter(users::disabled_at.is_null()).select(users::role).first(write.connection).optional()?;
    if found.spent_at.is_some() {
        revoke_family(write, &found, "reuse_refresh_token")?;
        return Ok(None);
    }
    if found.revoked_at.is_some() || found.expires_at < write.at || role.is_none() {
        write.record(Event::new("refuse_refresh", "users", &found.user_id))?;
        return Ok(None);
    }
    diesel::update(refresh_tokens::table.find(token_hash)).set(refresh_tokens::spent_at.eq(write.at)).execute(write.connection)?;
    write.record(Event::new("refresh", "users", &found.user_id))?;
    give_refresh(write, next_hash, &found.user_id, &found.family_id)?;
    Ok(role)
}

/// Logs out: the token and all that descend from its log-in are no longer good.
pub fn log_out(write: &mut Write<'_>, token: &Refresh) -> Result<(), Error> {
    revoke_family(write, token, "log_out")
}

fn give_refresh(write: &mut Write<'_>, token_hash: String, user_id: &str, family_id: &str) -> Result<(), Error> {
    diesel::insert_into(refresh_tokens::table)
        .values((
            refresh_tokens::token_hash.eq(token_hash),
            refresh_tokens::user_id.eq(user_id),
            refresh_tokens::family_id.eq(family_id),
            refresh_tokens::issued_at.eq(write.at),
            refresh_tokens::expires_at.eq(write.at + REFRESH_FOR),
        ))
        .execute(write.connection)?;
    Ok(())
}

fn revoke_family(write: &mut Write<'_>, token: &Refresh, action: &'static str) -> Result<(), Error> {
    let family = refresh_tokens::table.filter(refresh_tokens::family_id.eq(&token.family_id)).filter(refresh_tokens::revoked_at.is_null());
    diesel::update(family).set(refresh_tokens::revoked_at.eq(write.at)).execute(write.connection)?;
    write.record(Event::new(action, "users", &token.user_id))?;
    Ok(())
}
