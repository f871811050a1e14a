//! Where things are and which policy holds: by flag, then environment, then a TOML file, then defaults. What is empty counts as not said.

use anyhow::{Context, bail};
use api::auth::keys::{SigningKeys, create_private_folder};
use api::auth::lock_out::LockOut;
use api::{App, Metrics, Turns};
use clap::Args;
use db::{Clock, DatabaseUrl, Store};
use domain::Profile;
use serde::Deserialize;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const DEFAULT_FILE: &str = "short-breaks.toml";

/// What may be said on the command line or in the environment.
#[derive(Debug, Args)]
pub struct SettingsArgs {
    /// Folder for keys, snapshots and the embedded database [default: short-breaks-data]
    #[arg(long, global = true, env = "SHORT_BREAKS_DATA_DIR", value_name = "DIR")]
    data_dir: Option<OsString>,
    /// sqlite:PATH or postgres://USER@HOST/NAME [default: the embedded database in the data folder]
    #[arg(long, global = true, env = "DATABASE_URL", value_name = "URL", hide_env_values = true)]
    database_url: Option<String>,
    /// The authority's profile: the name of one that is built in, or a TOML file [default: the first that is built in]
    #[arg(long, global = true, env = "SHORT_BREAKS_PROFILE", value_name = "NAME|FILE")]
    profile: Option<String>,
    /// Address to serve on [default: 127.0.0.1:8080]
    #[arg(long, global = true, env = "SHORT_BREAKS_LISTEN", value_name = "HOST:PORT")]
    listen: Option<String>,
    /// Settings file [default: short-breaks.toml, if there is one]
    #[arg(long, global = true, env = "SHORT_BREAKS_CONFIG", value_name = "FILE")]
    config: Option<OsString>,
}

/// The same in a TOML file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct SettingsFile {
    data_dir: Option<String>,
    database_url: Option<String>,
    profile: Option<String>,
    listen: Option<String>,
}

/// The settings in force.
#[derive(Debug)]
pub struct Settings {
    /// Folder for keys, snapshots and the embedded database.
    pub data_dir: PathBuf,
    /// Where the store is.
    pub database: DatabaseUrl,
    /// The authority's policy.
    pub profile: Arc<Profile>,
    /// Address to serve on.
    pub listen: String,
}

impl SettingsArgs {
    /// Settles every value.
    pub fn settle(self) -> anyhow::Result<Settings> {
        let file = match said(self.config) {
            Some(path) => read_file(Path::new(&path))?,
            None if Path::new(DEFAULT_FILE).exists() => read_file(Path::new(DEFAULT_FILE))?,
            None => SettingsFile::default(),
        };
        let data_dir =
            said(self.data_dir).or(said(file.data_dir.map(OsString::from))).map_or_else(|| "short-breaks-data".into(), PathBuf::from);
        let database = match said(self.database_url).or(said(file.database_url)) {
            Some(url) => url.parse()?,
            None => DatabaseUrl::Sqlite(data_dir.join("short-breaks.sqlite")),
        };
        let profile = said(self.profile).or(said(file.profile)).unwrap_or_else(|| Profile::default_code().to_owned());
        let listen = said(self.listen).or(said(file.listen)).unwrap_or_else(|| "127.0.0.1:8080".to_owned());
        Ok(Settings { data_dir, database, profile: Arc::new(read_profile(&profile)?), listen })
    }
}

/// What is said; an empty variable, as `DATABASE_URL=` leaves it, says nothing and hides nothing.
fn said<T: AsRef<OsStr>>(value: Option<T>) -> Option<T> {
    value.filter(|value| !value.as_ref().is_empty())
}

fn read_file(path: &Path) -> anyhow::Result<SettingsFile> {
    let text = fs::read_to_string(path).with_context(|| format!("the settings file {} cannot be read", path.display()))?;
    toml::from_str(&text).with_context(|| format!("the settings file {} is not right", path.display()))
}

fn read_profile(name: &str) -> anyhow::Result<Profile> {
    if !name.ends_with(".toml") {
        return Ok(Profile::bundled(name)?);
    }
    let text = fs::read_to_string(name).with_context(|| format!("the profile {name} cannot be read"))?;
    Ok(Profile::parse(&text)?)
}

impl Settings {
    /// Opens the store, making it where there is none, as the profile's authority's, with its budget lines in it.
    pub fn open_store(&self, clock: Clock) -> anyhow::Result<Store> {
        create_private_folder(&self.data_dir).with_context(|| format!("the data folder {} cannot be made", self.data_dir.display()))?;
        if let DatabaseUrl::Sqlite(path) = &self.database
            && let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty() && !folder.is_dir())
        {
            bail!("there is no folder {} for the database", folder.display());
        }
        db::refuse_other_authority(&self.database, &self.profile)?;
        let store = Store::open(&self.database, clock)?;
        db::adopt_profile(&store, &self.profile)?;
        Ok(store)
    }

    /// Where snapshots are published.
    pub fn warehouse(&self) -> PathBuf {
        self.data_dir.join("warehouse")
    }

    /// Where keys are kept.
    pub fn keys(&self) -> PathBuf {
        self.data_dir.join("keys")
    }

    /// The application over a store.
    pub fn app(&self, store: Store) -> anyhow::Result<App> {
        let keys = SigningKeys::open(&self.keys()).context("the signing keys cannot be read")?;
        Ok(App {
            store,
            profile: self.profile.clone(),
            keys,
            warehouse: self.warehouse(),
            metrics: Metrics::new()?,
            turns: Turns::default(),
            lock_out: LockOut::default(),
        })
    }
}
