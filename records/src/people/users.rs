//! Users: people with a name, a role and a password.

use crate::error::Error;
use crate::instant::Instant;
use crate::page::{After, Cursor, Limit, Page};
use crate::people::agreements::{Subject, let_wait};
use crate::text::Id;
use db::schema::{refresh_tokens, users};
use db::{ActorKind, AnyConnection, Event, Write, new_id};
use diesel::prelude::*;
use domain::people::access::role_needs_another;
use domain::{Code, Role};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};

/// A user.
#[derive(Debug, Serialize, Queryable, Selectable, ToSchema)]
#[diesel(table_name = users)]
#[schema(example = json!({
    "id": "0199c1f4-0000-7c61-9d2b-6a1d0f6f2a11", "username": "finance.team", "role": "finance_officer", "disabled_at": null,
    "recorded_at": "2023-04-01T09:00:00Z", "recorded_seq": 412
}))]
pub struct User {
    /// The user's id, as the audit trail has it.
    pub id: String,
    /// What they log in with.
    pub username: String,
    /// What they may do.
    pub role: Role,
    /// Since when they may no longer log in, UTC.
    pub disabled_at: Option<Instant>,
    /// When they were added, UTC.
    pub recorded_at: Instant,
    /// The number of the audit event that recorded it.
    pub recorded_seq: i64,
}

/// A log-in name.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, pattern = "^[a-z0-9][a-z0-9.@_-]*$", min_length = 2, max_length = 100, example = "finance.team")]
pub struct Username(pub String);

/// A password: long rather than odd.
#[derive(Clone, Serialize, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = String, format = Password, min_length = 12, max_length = 200, example = "four words and a number 7")]
pub struct Password(pub String);

/// A user to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "username": "finance.team", "password": "four words and a number 7", "role": "finance_officer" }))]
pub struct NewUser {
    /// What they log in with.
    pub username: Username,
    /// Kept only as an argon2id hash.
    pub password: Password,
    /// What they may do.
    pub role: Role,
}

/// A new password for the old one.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "current_password": "four words and a number 7", "new_password": "another four words and 8" }))]
pub struct PasswordChange {
    /// The one in force.
    #[schema(max_length = 200, format = Password)]
    pub current_password: String,
    /// The one to be.
    pub new_password: Password,
}

/// A password made for a user, shown this once.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({ "password": "a2b3c4d5e6f7g8h9i2j3" }))]
pub struct PasswordReset {
    /// Kept only as a hash: it cannot be shown again.
    pub password: String,
}

/// What to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListUsers {
    /// Records on a page.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 500, default = 50)]
    limit: Limit,
    /// Where the last page ended.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    cursor: Cursor,
}

/// Gives a user a new password in their place, by its hash. Whoever does knows it: where the user has rights over money, the log-in waits
/// until another administrator agrees.
pub fn reset_password(write: &mut Write<'_>, id: &str, hash: &str) -> Result<(), Error> {
    set_password(write, id, hash, "reset_password")?;
    let role: Role = users::table.find(id).select(users::role).first(write.connection)?;
    if role_needs_another(write.actor.kind == ActorKind::User, role) {
        let_wait(write, Subject::User, id)?;
    }
    Ok(())
}

/// Gives a user another password, by its hash, and ends their log-ins.
pub fn set_password(write: &mut Write<'_>, id: &str, hash: &str, action: &'static str) -> Result<(), Error> {
    let changed = diesel::update(users::table.find(id)).set(users::password_hash.eq(hash)).execute(write.connection)?;
    if changed == 0 {
        return Err(Error::not_found("user"));
    }
    end_log_ins(write, id)?;
    write.record(Event::new(action, "users", id))?;
    Ok(())
}

/// Revokes every refresh token of a user that is not revoked yet.
pub fn end_log_ins(write: &mut Write<'_>, id: &str) -> Result<(), Error> {
    let standing = refresh_tokens::table.filter(refresh_tokens::user_id.eq(id)).filter(refresh_tokens::revoked_at.is_null());
    diesel::update(standing).set(refresh_tokens::revoked_at.eq(write.at)).execute(write.connection)?;
    Ok(())
}

/// Adds a user whose password is hashed already. One with rights over money whom a person adds waits until another administrator agrees.
pub fn add(write: &mut Write<'_>, username: String, password_hash: String, role: Role) -> Result<User, Error> {
    let user = User { id: new_id(), username, role, disabled_at: None, recorded_at: write.at.into(), recorded_seq: write.seq() };
    diesel::insert_into(users::table)
        .values((
            users::id.eq(&user.id),
            users::username.eq(&user.username),
            users::role.eq(user.role),
            users::password_hash.eq(password_hash),
            users::recorded_at.eq(write.at),
            users::recorded_seq.eq(write.seq()),
        ))
        .execute(write.connection)?;
    write.record(Event::new("add", "users", &user.id).with(json!({ "role": role })))?;
    if role_needs_another(write.actor.kind == ActorKind::User, role) {
        let_wait(write, Subject::User, &user.id)?;
    }
    Ok(user)
}

/// List users.
pub fn list(connection: &mut AnyConnection, wanted: ListUsers) -> Result<Page<User>, Error> {
    let ListUsers { limit, cursor } = wanted;
    let after = cursor.after_record()?;
    let query = users::table
        .select(User::as_select())
        .filter(users::recorded_seq.ge(after.seq))
        .filter(users::recorded_seq.gt(after.seq).or(users::id.gt(after.id)));
    let rows = query.order((users::recorded_seq, users::id)).limit(limit.and_one()).load(connection)?;
    Ok(limit.page(rows, |row: &User| After::key(row.recorded_seq, &row.id)))
}

/// The id of the user with that name.
pub fn id_of(connection: &mut AnyConnection, username: &str) -> Result<Id, Error> {
    let found: Option<String> = users::table.filter(users::username.eq(username)).select(users::id).first(connection).optional()?;
    let found = found.ok_or_else(|| Error::not_found("user"))?;
    Id::try_from(found).map_err(|_| Error::fault("a user's id is no id"))
}

/// Read a user.
pub fn read(connection: &mut AnyConnection, id: &str) -> Result<User, Error> {
    let user = users::table.find(id).select(User::as_select()).first(connection).optional()?;
    user.ok_or_else(|| Error::not_found("user"))
}

/// A user's name and what is kept of the password; none, a tool calls.
pub fn password_of(connection: &mut AnyConnection, id: &str) -> Result<Option<(String, String)>, Error> {
    Ok(users::table.find(id).select((users::username, users::password_hash)).first(connection).optional()?)
}

/// Disables a user and ends their log-ins.
pub fn disable(write: &mut Write<'_>, id: &str) -> Result<User, Error> {
    let user = users::table.find(id).select(User::as_select()).first(write.connection).optional()?;
    let user = user.ok_or_else(|| Error::not_found("user"))?;
    if user.disabled_at.is_some() {
        return Err(Error::refused(Code::StateConflict, "The user is disabled already."));
    }
    diesel::update(users::table.find(&user.id)).set(users::disabled_at.eq(write.at)).execute(write.connection)?;
    end_log_ins(write, &user.id)?;
    write.record(Event::new("disable", "users", &user.id))?;
    Ok(User { disabled_at: Some(write.at.into()), ..user })
}
