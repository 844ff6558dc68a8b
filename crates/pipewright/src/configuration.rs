//! One configuration: a file, over it the environment, over it flags.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use crm::identity::{BreachedPasswords, Secret, SignInSettings, SingleSignOn, SingleSignOnConfiguration, Vault};
use outgoing::Network;
use serde::Deserialize;
use store::{Copies, DatabaseUrl, StoreOptions};

use crate::{
    arguments::{Global, LogFormat},
    failure::Failure,
};

/// Where the configuration is read from when no file is named.
const DEFAULT_FILE: &str = "pipewright.toml";

/// Everything that can be configured.
#[derive(Debug, Clone)]
pub struct Configuration {
    /// Where the data is.
    pub database: DatabaseUrl,
    /// Where the server listens.
    pub listen: SocketAddr,
    /// The address people use, where a proxy stands in front: `https://crm.example.com`.
    pub public_url: Option<String>,
    /// Proxies that are believed whom they speak for, beside those on this machine.
    pub trusted_proxies: Vec<Network>,
    /// How the log is written.
    pub log_format: LogFormat,
    /// Where the copy goes that is made before a release changes the database.
    upgrade_copies: Copies,
    /// How people sign in.
    sign_in: SignIn,
}

#[derive(Debug, Clone, Default)]
struct SignIn {
    key: Option<Secret>,
    key_file: Option<PathBuf>,
    allow_outgoing: Vec<Network>,
    api_requests: u32,
    breached_passwords: Option<PathBuf>,
    single_sign_on: Option<SingleSignOnConfiguration>,
}

/// Requests of one person to the Web API in five minutes, as Dataverse allows them.
const API_REQUESTS: u32 = 6000;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(clippy::struct_field_names, reason = "named as people write them")]
struct File {
    database: Option<String>,
    listen: Option<SocketAddr>,
    public_url: Option<String>,
    trusted_proxies: Option<Vec<String>>,
    upgrade_copies: Option<String>,
    secret_key_file: Option<PathBuf>,
    allow_outgoing: Option<Vec<String>>,
    api_requests: Option<u32>,
    breached_passwords: Option<PathBuf>,
    log_format: Option<LogFormat>,
    single_sign_on: Option<SingleSignOnConfiguration>,
}

impl Configuration {
    /// Reads the file named by `--config` (which must exist) or `pipewright.toml` (which may
    /// not), then lets environment and flags speak.
    pub fn load(global: &Global) -> Result<Self, Failure> {
        let file = match &global.config {
            Some(path) => read(path)?,
            None if Path::new(DEFAULT_FILE).exists() => read(Path::new(DEFAULT_FILE))?,
            None => File::default(),
        };
        let database = global.database.clone().or(file.database).unwrap_or_else(|| "sqlite:pipewright.db".to_owned());
        let listen = global.listen.or(file.listen).unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080)));
        let public_url = global.public_url.clone().or(file.public_url);
        // Programs on the same machine are nobody's burden.
        let api_requests = if listen.ip().is_loopback() && public_url.is_none() { 0 } else { API_REQUESTS };
        Ok(Self {
            database: database.parse()?,
            listen,
            public_url,
            trusted_proxies: networks(file.trusted_proxies)?,
            log_format: global.log_format.or(file.log_format).unwrap_or_default(),
            upgrade_copies: match global.upgrade_copies.clone().or(file.upgrade_copies).as_deref() {
                None => Copies::Usual,
                Some("none") => Copies::Nowhere,
                Some(folder) => Copies::In(folder.into()),
            },
            sign_in: SignIn {
                key: global.secret_key.clone().map(Secret),
                key_file: global.secret_key_file.clone().or(file.secret_key_file),
                allow_outgoing: networks(file.allow_outgoing)?,
                api_requests: file.api_requests.unwrap_or(api_requests),
                breached_passwords: global.breached_passwords.clone().or(file.breached_passwords),
                single_sign_on: file.single_sign_on.map(|sign_on| with_secret(sign_on, global)).transpose()?,
            },
        })
    }

    /// How the database is opened.
    pub fn store_options(&self) -> StoreOptions {
        StoreOptions { copies: self.upgrade_copies.clone(), ..StoreOptions::default() }
    }

    /// How people sign in, for the application.
    pub fn sign_in(&self) -> Result<SignInSettings, Failure> {
        let vault = match (&self.sign_in.key, &self.sign_in.key_file, &self.database) {
            (Some(key), _, _) => Vault::of_key(&key.0)?,
            (None, Some(file), _) => Vault::in_file(file),
            (None, None, DatabaseUrl::Sqlite(path)) => Vault::beside(path),
            (None, None, DatabaseUrl::Postgres(_)) => Vault::default(),
        };
        let client = outgoing::Client::new(outgoing::Policy { allowed: self.sign_in.allow_outgoing.clone() });
        let breached_passwords = self.sign_in.breached_passwords.as_deref().map(BreachedPasswords::open);
        Ok(SignInSettings {
            vault,
            single_sign_on: self
                .sign_in
                .single_sign_on
                .clone()
                .map(|sign_on| SingleSignOn::new(sign_on, client.clone())),
            api_requests: self.sign_in.api_requests,
            breached_passwords: breached_passwords.transpose().map_err(|error| Failure::Usage(error.to_string()))?,
            outgoing: client,
        })
    }

    /// The address people use.
    pub fn address(&self) -> String {
        self.address_at(self.listen)
    }

    /// The address people use when the server listens at `socket`.
    pub fn address_at(&self, socket: SocketAddr) -> String {
        self.public_url.as_ref().map_or_else(|| format!("http://{socket}"), |url| url.trim_end_matches('/').to_owned())
    }
}

fn networks(written: Option<Vec<String>>) -> Result<Vec<Network>, Failure> {
    written.unwrap_or_default().iter().map(|network| network.parse().map_err(Failure::Usage)).collect()
}

/// The client's secret, from the environment or its file: it does not stand in the configuration.
fn with_secret(mut sign_on: SingleSignOnConfiguration, global: &Global) -> Result<SingleSignOnConfiguration, Failure> {
    if let Some(secret) = &global.single_sign_on_secret {
        sign_on.client_secret = Some(Secret(secret.clone()));
    } else if let Some(path) = &sign_on.client_secret_file {
        let text = std::fs::read_to_string(path).map_err(|error| {
            Failure::Usage(format!("the client's secret {} cannot be read: {error}", path.display()))
        })?;
        sign_on.client_secret = Some(Secret(text.trim().to_owned()));
    }
    Ok(sign_on)
}

fn read(path: &Path) -> Result<File, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::Usage(format!("the configuration {} cannot be read: {error}", path.display())))?;
    toml::from_str(&text).map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))
}
