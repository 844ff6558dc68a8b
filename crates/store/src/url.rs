//! Where the database is.

use std::{fmt, path::PathBuf, str::FromStr};

use crate::StoreError;

/// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST:PORT/NAME`.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// The embedded database in this file.
    Sqlite(PathBuf),
    /// A PostgreSQL server; the whole address, password included.
    Postgres(String),
}

impl FromStr for DatabaseUrl {
    type Err = StoreError;

    fn from_str(text: &str) -> Result<Self, StoreError> {
        if let Some(path) = text.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() {
                return Err(StoreError::BadUrl("give the database file after 'sqlite:'".to_owned()));
            }
            return Ok(Self::Sqlite(PathBuf::from(path)));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        Err(StoreError::BadUrl("a database address is sqlite:PATH or postgres://USER@HOST/NAME".to_owned()))
    }
}

impl fmt::Display for DatabaseUrl {
    /// Without a password, so that it may be logged.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(out, "sqlite:{}", path.display()),
            Self::Postgres(url) => {
                let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
                // Parameters may hold a password, too.
                let rest = rest.split_once('?').map_or(rest, |(place, _)| place);
                match rest.rsplit_once('@') {
                    None => write!(out, "{scheme}://{rest}"),
                    Some((credentials, host)) => {
                        let user = credentials.split(':').next().unwrap_or_default();
                        write!(out, "{scheme}://{user}@{host}")
                    }
                }
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

#[cfg(test)]
mod tests {
    use super::DatabaseUrl;

    #[test]
    fn a_shown_address_holds_no_password() {
        for address in ["postgres://crm:secret@db.example/crm", "postgres://crm@db.example/crm?password=secret"] {
            let shown = address.parse::<DatabaseUrl>().unwrap().to_string();
            assert_eq!(shown, "postgres://crm@db.example/crm");
        }
    }
}
