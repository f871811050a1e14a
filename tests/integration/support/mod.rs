//! The server under test, on either database, and those who call it.

pub mod approved;
pub mod captured_log;
pub mod client;
pub mod confirming;
pub mod families;
pub mod health;
pub mod held_panel;
pub mod kirklees;
pub mod ledger_files;
pub mod panel_day;
pub mod payments;
pub mod people;
pub mod program;
pub mod records;
pub mod statement_office;
pub mod varying;
pub mod workbooks;

pub use client::{Answer, Client, send};
pub use test_databases::Backend;

use ::records::people::clients;
use ::records::people::password;
use ::records::people::sign_in;
use ::records::people::users;
use actix_web::dev::ServerHandle;
use api::auth::CallerKind;
use api::auth::keys::SigningKeys;
use api::auth::lock_out::LockOut;
use api::{App, Metrics, Turns};
use chrono::NaiveDateTime;
use db::audit::{Verdict, verify};
use db::{Actor, ActorKind, AnyConnection, Clock, DatabaseUrl, Error, Store};
use diesel::RunQueryDsl;
use domain::{Permission, Profile, Role};
use serde_json::json;
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, mpsc};
use std::thread;
use strum::VariantArray;
use tempfile::TempDir;

/// The password of every user the tests make.
pub const PASSWORD: &str = "four words and a number 7";

/// The real server, on a port and a database of its own.
pub struct TestApp {
    pub backend: Backend,
    pub store: Store,
    pub clock: Clock,
    /// What the server signs tokens with.
    pub keys: SigningKeys,
    /// The server's data folder.
    pub folder: TempDir,
    url: String,
    http: reqwest::Client,
    base: String,
    server: ServerHandle,
}

/// Somebody who may log in with [`PASSWORD`].
pub struct User {
    pub id: String,
    pub name: String,
    pub role: Role,
}

/// Runs a test on every database, and looks at its end whether the audit trail is sound.
pub fn on_both(test: impl AsyncFn(&TestApp)) {
    on_both_with(&Profile::bundled("tameside").unwrap(), test);
}

/// As [`on_both`], for an authority with another profile.
pub fn on_both_with(profile: &Profile, test: impl AsyncFn(&TestApp)) {
    on_each_with(profile, async |app| {
        test(app).await;
        let verdict = app.store.read(|connection| Ok::<_, Error>(verify(connection)?)).unwrap();
        assert!(matches!(verdict, Verdict::Sound { .. }), "{verdict:?}");
    });
}

/// As [`on_both`], for a test that breaks the audit trail.
pub fn on_each(test: impl AsyncFn(&TestApp)) {
    on_each_with(&Profile::bundled("tameside").unwrap(), test);
}

fn on_each_with(profile: &Profile, test: impl AsyncFn(&TestApp)) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    for backend in Backend::all() {
        // Shown when the test fails.
        println!("on {backend:?}");
        runtime.block_on(async {
            let app = TestApp::start_with(backend, profile.clone());
            test(&app).await;
            app.server.stop(false).await;
            test_databases::drop_database(&app.url);
        });
    }
}

/// The standing instant that every test starts at.
pub fn start_of_tests() -> NaiveDateTime {
    instant("2024-06-03T09:00:00")
}

/// An instant from its text.
pub fn instant(text: &str) -> NaiveDateTime {
    text.parse().unwrap()
}

/// Runs statements that must succeed.
pub fn sql(connection: &mut AnyConnection, statements: &str) {
    diesel::sql_query(statements).execute(connection).unwrap();
}

/// A number that no other caller in this process got.
pub fn next_number() -> usize {
    static NUMBER: AtomicUsize = AtomicUsize::new(1);
    NUMBER.fetch_add(1, Ordering::Relaxed)
}

impl TestApp {
    /// Starts a server of the core authority.
    pub fn start(backend: Backend) -> Self {
        Self::start_with(backend, Profile::bundled("tameside").unwrap())
    }

    /// Starts a server of an authority with that profile.
    pub fn start_with(backend: Backend, profile: Profile) -> Self {
        captured_log::start();
        let folder = test_databases::new_folder();
        let url = backend.new_database(folder.path());
        let database: DatabaseUrl = url.parse().unwrap();
        let clock = Clock::stopped_at(start_of_tests(), profile.time_zone);
        let profile = Arc::new(profile);
        let store = Store::open(&database, clock.clone()).unwrap();
        db::adopt_profile(&store, &profile).unwrap();
        let open_keys = || SigningKeys::open(&folder.path().join("keys")).unwrap();
        let warehouse = folder.path().join("warehouse");
        let app = App {
            store: store.clone(),
            profile,
            keys: open_keys(),
            warehouse,
            metrics: Metrics::new().unwrap(),
            turns: Turns::default(),
            lock_out: LockOut::default(),
        };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let (send_handle, handle) = mpsc::channel();
        thread::spawn(move || {
            actix_web::rt::System::new().block_on(async move {
                let server = api::serve(app, listener, 1).unwrap();
                send_handle.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        let server = handle.recv().unwrap();
        TestApp { backend, store, clock, keys: open_keys(), folder, url, http: reqwest::Client::new(), base, server }
    }

    /// Opens the store once more, as the program does when it starts.
    pub fn open_store_again(&self) -> Store {
        Store::open(&self.url.parse().unwrap(), self.clock.clone()).unwrap()
    }

    /// The program over the same store and data folder, ready for arguments.
    pub fn program(&self) -> std::process::Command {
        let mut command = program::bare();
        command.env("DATABASE_URL", &self.url).env("SHORT_BREAKS_DATA_DIR", self.folder.path()).stdin(std::process::Stdio::null());
        command
    }

    /// A caller without a token.
    pub fn anonymous(&self) -> Client {
        let second_administrator = self.keys.sign(&db::new_id(), CallerKind::User, vec![Permission::PostsWrite]).unwrap();
        Client { http: self.http.clone(), base: self.base.clone(), token: None, second_administrator }
    }

    /// A caller with a token of whatever kind.
    pub fn with_token(&self, token: impl Into<String>) -> Client {
        Client { token: Some(token.into()), ..self.anonymous() }
    }

    /// A person of that role, with a token.
    pub fn as_role(&self, role: Role) -> Client {
        self.as_user(&self.add_user(role))
    }

    /// A user with the token that logging in would give them: a password is slow to check, on purpose.
    pub fn as_user(&self, user: &User) -> Client {
        self.with_token(self.keys.sign(&user.id, CallerKind::User, user.role.permissions().to_vec()).unwrap())
    }

    /// A tool with that scope, which logs in.
    pub async fn as_client(&self, scope: &[Permission]) -> Client {
        let name = format!("tool {}", next_number());
        let added = self.store.write(&Actor::system("test"), |write| clients::add(write, name, scope.to_vec(), None)).unwrap();
        let credentials = json!({ "grant_type": "client_credentials", "client_id": added.client.id, "client_secret": added.client_secret });
        let tokens = self.anonymous().post("/v1/tokens", &credentials).await.expect(200);
        self.with_token(tokens.body["access_token"].as_str().unwrap())
    }

    /// A tool with that scope, for which a person answers who has accepted that.
    pub fn tool_of(&self, owner: &str, scope: Vec<Permission>) -> Client {
        self.tool_and_id_of(owner, scope).0
    }

    /// The same, with its id.
    pub fn tool_and_id_of(&self, owner: &str, scope: Vec<Permission>) -> (Client, String) {
        let (name, named) = (format!("tool {}", next_number()), owner.to_owned().try_into().unwrap());
        let added = self.store.write(&Actor::system("test"), |write| clients::add(write, name, scope.clone(), Some(named))).unwrap();
        let id = added.client.id;
        let owner = Actor { kind: ActorKind::User, id: owner.to_owned(), request_id: None };
        self.store.write(&owner, |write| clients::accept(write, &id)).unwrap();
        (self.with_token(self.keys.sign(&id, CallerKind::Client, scope).unwrap()), id)
    }

    /// A person who may do everything, as no role does.
    pub async fn as_anyone(&self) -> Client {
        let user = self.add_user(Role::Auditor);
        let actor = Actor { kind: ActorKind::User, id: user.id.clone(), request_id: None };
        self.store.write(&actor, |write| sign_in::log_in(write, &user.id, db::new_id())).unwrap();
        self.with_token(self.keys.sign(&user.id, CallerKind::User, Permission::VARIANTS.to_vec()).unwrap())
    }

    /// A person's token that the server's key signed, though nobody logged in.
    pub fn signed_for(&self, scope: Vec<Permission>) -> Client {
        self.with_token(self.keys.sign(&db::new_id(), CallerKind::User, scope).unwrap())
    }

    /// Adds a user with [`PASSWORD`].
    pub fn add_user(&self, role: Role) -> User {
        self.add_named("user", role)
    }

    /// As [`TestApp::add_user`], with a name that begins so.
    pub fn add_named(&self, prefix: &str, role: Role) -> User {
        // Hashing is slow on purpose, so it is done once.
        static HASH: LazyLock<String> = LazyLock::new(|| password::hash(PASSWORD).unwrap());
        let name = format!("{prefix}{}", next_number());
        let added = self.store.write(&Actor::system("test"), |write| users::add(write, name.clone(), HASH.clone(), role));
        let id = added.unwrap_or_else(|error: ::records::Error| panic!("{error}")).id;
        User { id, name, role }
    }

    /// Asks for tokens with a name and [`PASSWORD`].
    pub async fn log_in(&self, username: &str) -> Answer {
        let credentials = json!({ "grant_type": "password", "username": username, "password": PASSWORD });
        self.anonymous().post("/v1/tokens", &credentials).await
    }

    /// Runs SQL behind the server's back.
    pub fn sql(&self, statement: &str) -> diesel::QueryResult<usize> {
        diesel::sql_query(statement).execute(&mut *self.store.connection().unwrap())
    }

    /// How many rows a table has.
    pub fn count(&self, table: &str) -> i64 {
        #[derive(diesel::QueryableByName)]
        struct Count {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            n: i64,
        }
        let query = diesel::sql_query(format!("SELECT COUNT(*) AS n FROM {table}"));
        query.get_result::<Count>(&mut *self.store.connection().unwrap()).unwrap().n
    }

    /// Events of an action on a kind of thing, the oldest first.
    pub async fn events(&self, entity: &str, action: &str) -> Vec<serde_json::Value> {
        let auditor = self.signed_for(vec![Permission::AuditRead]);
        let page = auditor.get(&format!("/v1/audit-events?limit=500&entity={entity}")).await.expect(200);
        page.body["items"].as_array().unwrap().iter().filter(|event| event["action"] == action).cloned().collect()
    }
}
