//! Where the database is.

use std::{fmt, path::PathBuf, str::FromStr};

use crate::{StoreError, engine::check_postgres};

/// `sqlite:PATH` or `postgres://USER:PASSWORD@HOST:PORT/NAME`, where `?sslmode=` and other parameters
/// of libpq may follow.
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

impl DatabaseUrl {
    /// Whether the address can be understood, parameters included; nobody is connected to, and no
    /// file is looked at. Opening a database does the same first.
    pub fn check(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(url) => check_postgres(url),
        }
    }
}

/// The address of a PostgreSQL database without its password, for a program whose arguments everybody
/// on the machine can read.
pub(crate) fn without_password(url: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
    let (place, parameters) = rest.split_once('?').map_or((rest, None), |(place, more)| (place, Some(more)));
    let place = place
        .rsplit_once('@')
        .map_or(place.to_owned(), |(user, host)| format!("{}@{host}", user.split(':').next().unwrap_or_default()));
    let kept = parameters.into_iter().flat_map(|all| all.split('&')).filter(|one| !one.starts_with("password="));
    let kept = kept.collect::<Vec<_>>().join("&");
    if kept.is_empty() { format!("{scheme}://{place}") } else { format!("{scheme}://{place}?{kept}") }
}

impl fmt::Display for DatabaseUrl {
    /// Without a password, so that it may be logged.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(out, "sqlite:{}", path.display()),
            Self::Postgres(url) => {
                let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
                let mut parts = rest.split('@');
                let (first, second, more) = (parts.next().unwrap_or_default(), parts.next(), parts.next());
                let user = first.split([':', '?']).next().unwrap_or_default();
                // Parameters may hold a password, too.
                let place = second.unwrap_or(first).split('?').next().unwrap_or_default();
                match (second, more) {
                    (None, _) => write!(out, "{scheme}://{place}"),
                    (Some(_), None) => write!(out, "{scheme}://{user}@{place}"),
                    // A password that holds an @ itself, though it should not: nobody knows where it ends.
                    (Some(_), Some(_)) => write!(out, "{scheme}://{user}@…"),
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
    use super::{DatabaseUrl, without_password};

    #[test]
    fn a_shown_address_holds_no_password() {
        let shown = |address: &str| address.parse::<DatabaseUrl>().unwrap().to_string();
        for address in [
            "postgres://crm:secret@db.example/crm",
            "postgres://crm@db.example/crm?password=secret",
            "postgres://crm:sec?ret@db.example/crm?sslmode=require",
        ] {
            assert_eq!(shown(address), "postgres://crm@db.example/crm");
        }
        for address in ["postgres://crm:s@cret@db.example/crm", "postgres://crm@db.example/crm?password=s@cret"] {
            assert_eq!(shown(address), "postgres://crm@…");
        }
        assert_eq!(shown("postgres://db.example/crm?password=secret"), "postgres://db.example/crm");
    }
    #[test]
    fn another_program_is_told_the_address_without_its_password() {
        for (address, told) in [
            ("postgres://crm:secret@db.example/crm", "postgres://crm@db.example/crm"),
            ("postgres://crm@a.example:1,b.example/crm?password=secret", "postgres://crm@a.example:1,b.example/crm"),
            ("postgres://crm:s@b/crm?sslmode=require&password=s&port=5", "postgres://crm@b/crm?sslmode=require&port=5"),
        ] {
            assert_eq!(without_password(address), told);
        }
    }
}
