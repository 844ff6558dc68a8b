//! Why an encrypted connection did not come about, and what to do about it.

use std::error::Error as StdError;

use rustls::{AlertDescription, CertificateError};
use tokio_postgres::Error;

/// How the driver begins all that goes wrong between its question for encryption and the end of
/// the handshake; it has no other mark.
const HANDSHAKE: &str = "error performing TLS handshake";
/// How the driver says that the server declined.
const DECLINED: &str = "does not support TLS";

/// A sentence for what has to do with encryption; none for everything else.
pub(super) fn explain(error: &Error) -> Option<String> {
    if let Some(failure) = failure(error) {
        return Some(describe(failure));
    }
    let shown = error.to_string();
    if !shown.starts_with(HANDSHAKE) {
        return None;
    }
    let cause = error.source().map(ToString::to_string).unwrap_or_default();
    Some(if cause.contains(DECLINED) {
        "the PostgreSQL server does not offer encryption; set ssl = on in its postgresql.conf, or allow an unencrypted \
         connection with sslmode=prefer or sslmode=disable in the database address"
            .to_owned()
    } else {
        format!("the encrypted connection to PostgreSQL failed: {cause}; the server's log may say more")
    })
}

/// What the encryption itself reported; it hides in errors of reading and writing.
fn failure(error: &Error) -> Option<&rustls::Error> {
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(one) = cause {
        let inner = one.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        if let Some(found) = inner.and_then(|inner| inner.downcast_ref()).or_else(|| one.downcast_ref()) {
            return Some(found);
        }
        cause = one.source();
    }
    None
}

fn describe(failure: &rustls::Error) -> String {
    match failure {
        rustls::Error::InvalidCertificate(reason) => describe_certificate(reason),
        rustls::Error::AlertReceived(
            alert @ (AlertDescription::CertificateRequired
            | AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateRevoked
            | AlertDescription::CertificateExpired
            | AlertDescription::CertificateUnknown
            | AlertDescription::UnknownCA
            | AlertDescription::DecryptError),
        ) => format!(
            "the PostgreSQL server did not accept our certificate ({alert:?}); name one that an authority of the \
             server's ssl_ca_file has signed with sslcert=PATH and sslkey=PATH in the database address"
        ),
        rustls::Error::PeerIncompatible(_) | rustls::Error::AlertReceived(_) => format!(
            "Pipewright and the PostgreSQL server found no common way to encrypt ({failure}); the server must allow \
             TLS 1.2 or 1.3"
        ),
        other => format!("the encrypted connection to PostgreSQL failed: {other}"),
    }
}

fn describe_certificate(reason: &CertificateError) -> String {
    const SUBJECT: &str = "the certificate of the PostgreSQL server";
    match reason {
        CertificateError::UnknownIssuer => format!(
            "{SUBJECT} is not signed by a trusted authority; name the certificate of the authority that signed it \
             with sslrootcert=PATH in the database address"
        ),
        CertificateError::NotValidForNameContext { expected, presented } => {
            let names: Vec<&str> = presented.iter().map(|name| bare(name)).collect();
            let for_whom = if names.is_empty() {
                "names no host at all in its subjectAltName".to_owned()
            } else {
                format!("is for {}", names.join(" and "))
            };
            format!(
                "{SUBJECT} {for_whom}, not for {}; use a host name of the certificate in the database address, or \
                 have it issued anew with this name in its subjectAltName, or, if the authority signs for your \
                 servers only, leave the name out of account with sslmode=verify-ca",
                expected.to_str()
            )
        }
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            format!("{SUBJECT} or of an authority above it has expired; renew it, or correct the clock of this machine")
        }
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            format!("{SUBJECT} is not valid yet; correct the clock of this machine or of the one that issued it")
        }
        CertificateError::Other(other) => match other.to_string().as_str() {
            "CaUsedAsEndEntity" => format!(
                "{SUBJECT} is that of an authority; if it is its own authority, name a copy of it with \
                 sslrootcert=PATH in the database address"
            ),
            "UnsupportedCertVersion" => format!(
                "{SUBJECT} has the outdated form version 1; have it issued anew as version 3 with the host in its \
                 subjectAltName, or name a copy of it with sslrootcert=PATH and use sslmode=verify-ca"
            ),
            reason => format!("{SUBJECT} was refused: {reason}"),
        },
        other => format!("{SUBJECT} was refused: {other}"),
    }
}

/// `db.example` of `DnsName("db.example")`, `10.0.0.7` of `IpAddress(10.0.0.7)`.
fn bare(name: &str) -> &str {
    let inner = name.split_once('(').map_or(name, |(_, inner)| inner);
    inner.trim_end_matches(')').trim_matches('"')
}
