//! What the address of a PostgreSQL database says: where it is, and how the way there is encrypted.
//!
//! The parameters are those of libpq: `sslmode`, `sslrootcert`, `sslcert`, `sslkey`. All others
//! are left to the driver, which knows nothing of certificates.

use std::{error::Error as _, path::PathBuf};

use percent_encoding::percent_decode_str;
use tokio_postgres::{
    Config,
    config::{Host, SslMode, SslNegotiation},
};

use crate::StoreError;

/// Where to connect and how.
pub(super) struct Address {
    pub config: Config,
    pub encryption: Encryption,
    /// The certificate we show to the server.
    pub identity: Option<Identity>,
}

/// Whether a connection is encrypted, and what is asked of the server's certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Encryption {
    /// Never.
    Off,
    /// Where the server offers it, whoever the server is.
    IfOffered,
    /// Always.
    Always(Check),
}

/// What is asked of the server's certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Check {
    /// Nothing.
    Nothing,
    /// That an authority has signed it.
    Authority(Authorities),
    /// And that it is for the host the address names.
    AuthorityAndHost(Authorities),
}

/// Whose signature counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Authorities {
    /// The authorities the operating system trusts.
    System,
    /// Those in this PEM file.
    File(PathBuf),
}

/// Files in PEM form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    /// Our certificate, followed by those that lead to its authority.
    pub certificate: PathBuf,
    pub key: PathBuf,
}

/// What `sslrootcert` says for the authorities of the operating system.
const SYSTEM: &str = "system";

impl Address {
    /// Takes an address apart; files are not looked at yet.
    pub(super) fn parse(url: &str) -> Result<Self, StoreError> {
        let (place, parameters) = split(url);
        let mut ours = Parameters::default();
        let mut others = Vec::new();
        for parameter in parameters.split('&').filter(|parameter| !parameter.is_empty()) {
            if !ours.take(parameter)? {
                others.push(parameter);
            }
        }
        let mut config = parse_config(&format!("{place}?{}", others.join("&")))?;
        name_hosts(&mut config);
        let encryption = if has_sockets_only(&config) { Encryption::Off } else { ours.encryption()? };
        config.ssl_mode(match encryption {
            Encryption::Off => SslMode::Disable,
            Encryption::IfOffered => SslMode::Prefer,
            Encryption::Always(_) => SslMode::Require,
        });
        if encryption == Encryption::IfOffered && config.get_ssl_negotiation() == SslNegotiation::Direct {
            return Err(bad("sslnegotiation=direct needs sslmode=require, verify-ca or verify-full".to_owned()));
        }
        Ok(Self { config, encryption, identity: ours.identity()? })
    }
}

/// The address up to its parameters, and these. As the driver reads it, what stands before the
/// first `@` is a name and a password, which may hold a question mark.
fn split(url: &str) -> (&str, &str) {
    let credentials = url.find('@').unwrap_or_default();
    match url[credentials..].find('?') {
        None => (url, ""),
        Some(mark) => (&url[..credentials + mark], &url[credentials + mark + 1..]),
    }
}

/// The driver's reading of an address. What it complains about may be a piece of a password that
/// holds an `@` of its own, so nothing is quoted then.
fn parse_config(url: &str) -> Result<Config, StoreError> {
    let stray = || {
        bad("the address of the PostgreSQL database holds more than one @; in a name or password write %40 for @, %3A \
             for a colon, %2F for a slash and %3F for a question mark"
            .to_owned())
    };
    let several = url.matches('@').count() > 1;
    let config: Config = url.parse().map_err(|error: tokio_postgres::Error| {
        if several {
            return stray();
        }
        let cause = error.source().map(|cause| format!(": {cause}")).unwrap_or_default();
        bad(format!("the address of the PostgreSQL database cannot be understood: {error}{cause}"))
    })?;
    let astray = |host: &Host| matches!(host, Host::Tcp(name) if name.contains('@'));
    if config.get_hosts().iter().any(astray) { Err(stray()) } else { Ok(config) }
}

/// An address may give numbers only; a certificate is then asked for the number.
fn name_hosts(config: &mut Config) {
    if config.get_hosts().is_empty() {
        for number in config.get_hostaddrs().to_vec() {
            config.host(number.to_string());
        }
    }
}

/// PostgreSQL does not encrypt what passes through a socket of its own machine.
fn has_sockets_only(config: &Config) -> bool {
    let hosts = config.get_hosts();
    !hosts.is_empty() && hosts.iter().all(|host| !matches!(host, Host::Tcp(_)))
}

/// The parameters the driver is not asked about.
#[derive(Default)]
struct Parameters {
    mode: Option<String>,
    authorities: Option<String>,
    certificate: Option<String>,
    key: Option<String>,
}

impl Parameters {
    /// Takes `name=value` if it is one of ours. An empty value counts as none, as in libpq.
    fn take(&mut self, parameter: &str) -> Result<bool, StoreError> {
        let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
        let place = match name {
            "sslmode" => &mut self.mode,
            "sslrootcert" => &mut self.authorities,
            "sslcert" => &mut self.certificate,
            "sslkey" => &mut self.key,
            _ => return Ok(false),
        };
        let value = percent_decode_str(value)
            .decode_utf8()
            .map_err(|_| bad(format!("{name} in the address of the PostgreSQL database must be UTF-8")))?;
        *place = Some(value.into_owned()).filter(|value| !value.is_empty());
        Ok(true)
    }

    fn encryption(&self) -> Result<Encryption, StoreError> {
        let from_system = self.authorities.as_deref() == Some(SYSTEM);
        let default = if from_system { "verify-full" } else { "prefer" };
        let mode = self.mode.as_deref().unwrap_or(default);
        let authorities = || match self.authorities.as_deref() {
            None | Some(SYSTEM) => Authorities::System,
            Some(file) => Authorities::File(file.into()),
        };
        if from_system && !matches!(mode, "verify-full" | "disable") {
            return Err(bad(format!(
                "sslrootcert=system trusts every public authority, so the host name must be checked, too: use \
                 sslmode=verify-full instead of {mode}"
            )));
        }
        match mode {
            "disable" => Ok(Encryption::Off),
            "prefer" if self.authorities.is_some() => Err(bad(
                "sslrootcert has no use where a connection may go unencrypted: add sslmode=verify-full, or verify-ca \
                 if the certificate does not name the host"
                    .to_owned(),
            )),
            "prefer" => Ok(Encryption::IfOffered),
            // As in libpq: who names authorities wants them asked.
            "require" if self.authorities.is_some() => Ok(Encryption::Always(Check::Authority(authorities()))),
            "require" => Ok(Encryption::Always(Check::Nothing)),
            "verify-ca" => Ok(Encryption::Always(Check::Authority(authorities()))),
            "verify-full" => Ok(Encryption::Always(Check::AuthorityAndHost(authorities()))),
            _ => Err(bad(format!(
                "sslmode={mode} is unknown; it is one of disable, prefer, require, verify-ca and verify-full"
            ))),
        }
    }

    fn identity(&self) -> Result<Option<Identity>, StoreError> {
        match (&self.certificate, &self.key) {
            (None, None) => Ok(None),
            (Some(certificate), Some(key)) => Ok(Some(Identity { certificate: certificate.into(), key: key.into() })),
            (Some(_), None) => Err(bad("sslcert needs sslkey, the file of its private key".to_owned())),
            (None, Some(_)) => Err(bad("sslkey needs sslcert, the file of its certificate".to_owned())),
        }
    }
}

fn bad(message: String) -> StoreError {
    StoreError::BadUrl(message)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may fail")]
mod tests {
    use super::*;

    fn encryption(parameters: &str) -> Encryption {
        Address::parse(&format!("postgres://crm@db.example/crm{parameters}")).unwrap().encryption
    }

    fn complaint(url: &str) -> String {
        match Address::parse(url) {
            Err(StoreError::BadUrl(message)) => message,
            Err(other) => panic!("{other:?}"),
            Ok(_) => panic!("{url} is accepted"),
        }
    }

    #[test]
    fn modes_mean_what_they_mean_to_libpq() {
        let file = || Authorities::File("/etc/ca one.pem".into());
        assert_eq!(encryption(""), Encryption::IfOffered);
        assert_eq!(encryption("?sslmode=disable&sslrootcert=/etc/ca.pem"), Encryption::Off);
        assert_eq!(encryption("?sslmode=prefer"), Encryption::IfOffered);
        assert_eq!(encryption("?sslmode=require"), Encryption::Always(Check::Nothing));
        assert_eq!(
            encryption("?sslrootcert=/etc/ca%20one.pem&sslmode=require"),
            Encryption::Always(Check::Authority(file()))
        );
        assert_eq!(
            encryption("?sslmode=verify-full&sslrootcert=/etc/ca%20one.pem"),
            Encryption::Always(Check::AuthorityAndHost(file()))
        );
        assert_eq!(encryption("?sslmode=verify-ca"), Encryption::Always(Check::Authority(Authorities::System)));
        assert_eq!(encryption("?sslrootcert=system"), Encryption::Always(Check::AuthorityAndHost(Authorities::System)));
    }

    #[test]
    fn an_unknown_mode_is_refused_with_the_known_ones() {
        let message = complaint("postgres://crm:secret@db.example/crm?sslmode=always");
        assert_eq!(
            message,
            "sslmode=always is unknown; it is one of disable, prefer, require, verify-ca and verify-full"
        );
    }

    #[test]
    fn halves_and_contradictions_are_refused() {
        let of = |parameters: &str| complaint(&format!("postgres://crm@db.example/crm?{parameters}"));
        assert!(of("sslcert=/c.pem").contains("sslkey"));
        assert!(of("sslkey=/c.key").contains("sslcert"));
        assert!(of("sslrootcert=/ca.pem").contains("add sslmode=verify-full"));
        assert!(of("sslrootcert=system&sslmode=require").contains("use sslmode=verify-full"));
        assert!(of("sslnegotiation=direct").contains("needs sslmode=require"));
        assert!(of("sslmod=require").contains("unknown option `sslmod`"));
    }

    #[test]
    fn other_parameters_reach_the_driver() {
        let address =
            Address::parse("postgres://crm:wh?y@db.example/crm?connect_timeout=3&sslmode=require&options=-c%20a%3Db")
                .unwrap();
        assert_eq!(address.config.get_password(), Some(b"wh?y".as_slice()));
        assert_eq!(address.config.get_options(), Some("-c a=b"));
        assert_eq!(address.encryption, Encryption::Always(Check::Nothing));
    }

    #[test]
    fn no_piece_of_a_password_is_repeated() {
        for url in ["postgres://crm:top@se?cret=1@db.example/crm", "postgres://crm:top@secret@db.example/crm"] {
            let message = complaint(url);
            assert!(message.contains("%40"), "{message}");
            assert!(!message.contains("cret"), "{message}");
        }
    }

    #[test]
    fn a_socket_of_the_same_machine_needs_no_encryption() {
        let address = Address::parse("postgres://crm@/crm?host=/var/run/postgresql&sslmode=verify-full").unwrap();
        assert_eq!(address.encryption, Encryption::Off);
    }

    #[test]
    fn a_host_given_by_number_is_asked_for_by_number() {
        let address = Address::parse("postgres://crm@/crm?hostaddr=10.0.0.7&sslmode=require").unwrap();
        assert_eq!(address.config.get_hosts(), [Host::Tcp("10.0.0.7".to_owned())]);
    }
}
