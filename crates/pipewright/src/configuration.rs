//! One configuration: a file, over it the environment, over it flags.

use std::{net::SocketAddr, path::Path};

use serde::Deserialize;
use store::DatabaseUrl;

use crate::{arguments::Global, failure::Failure};

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
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    database: Option<String>,
    listen: Option<SocketAddr>,
    public_url: Option<String>,
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
        Ok(Self {
            database: database.parse()?,
            listen: global.listen.or(file.listen).unwrap_or_else(|| SocketAddr::from(([127, 0, 0, 1], 8080))),
            public_url: global.public_url.clone().or(file.public_url),
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

fn read(path: &Path) -> Result<File, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::Usage(format!("the configuration {} cannot be read: {error}", path.display())))?;
    toml::from_str(&text).map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))
}
