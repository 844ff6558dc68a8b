//! The one place where connections to a server are made.

use std::{path::Path, pin::Pin, sync::Arc};

use deadpool_postgres::{ConfigConnectImpl, Connect};
use rustls::{
    ClientConfig, RootCertStore,
    crypto::{CryptoProvider, ring},
    pki_types::{
        CertificateDer, PrivateKeyDer,
        pem::{self, PemObject},
    },
};
use tokio::task::JoinHandle;
use tokio_postgres::{Client, Config, Error, NoTls, config::SslMode, error::SqlState};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::{
    address::{Authorities, Check, Encryption, Identity},
    certificate::{CertificateCheck, Trusted},
    handshake,
};
use crate::StoreError;

/// What newer servers and proxies in front of them expect to hear in the handshake.
const PROTOCOL: &[u8] = b"postgresql";

/// Connects with or without encryption, as the address wants it.
pub(super) struct Connector {
    plain: ConfigConnectImpl<NoTls>,
    encrypted: Option<ConfigConnectImpl<MakeRustlsConnect>>,
    /// Whether an unencrypted connection will do where no encrypted one can be had.
    optional: bool,
}

impl Connector {
    /// Reads the certificates; later changes of the files go unnoticed. Blocks.
    pub(super) fn new(encryption: &Encryption, identity: Option<&Identity>) -> Result<Self, StoreError> {
        let check = match encryption {
            Encryption::Off => None,
            Encryption::IfOffered => Some(&Check::Nothing),
            Encryption::Always(check) => Some(check),
        };
        let encrypted = check.map(|check| client_config(check, identity)).transpose()?;
        Ok(Self {
            plain: ConfigConnectImpl { tls: NoTls },
            encrypted: encrypted.map(|config| ConfigConnectImpl { tls: MakeRustlsConnect::new(config) }),
            optional: *encryption == Encryption::IfOffered,
        })
    }
}

type Connecting<'a> = Pin<Box<dyn Future<Output = Result<(Client, JoinHandle<()>), Error>> + Send + 'a>>;

impl Connect for Connector {
    fn connect(&self, config: &Config) -> Connecting<'_> {
        let mut config = config.clone();
        Box::pin(async move {
            let Some(encrypted) = &self.encrypted else {
                return self.plain.connect(&config).await;
            };
            match encrypted.connect(&config).await {
                Err(error) if self.optional && may_work_unencrypted(&error) => {
                    config.ssl_mode(SslMode::Disable);
                    // Where this fails, too, the first reason says more.
                    let Ok(plain) = self.plain.connect(&config).await else { return Err(error) };
                    let reason = super::errors::translate(error);
                    tracing::warn!(%reason, "connected to PostgreSQL without encryption, which sslmode=prefer allows");
                    Ok(plain)
                }
                outcome => outcome,
            }
        })
    }
}

/// As in libpq: the handshake failed, or the server lets this user in without encryption only.
fn may_work_unencrypted(error: &Error) -> bool {
    handshake::explain(error).is_some() || error.code() == Some(&SqlState::INVALID_AUTHORIZATION_SPECIFICATION)
}

fn client_config(check: &Check, identity: Option<&Identity>) -> Result<ClientConfig, StoreError> {
    let provider = Arc::new(ring::default_provider());
    let check = Arc::new(certificate_check(check, &provider)?);
    let builder = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| StoreError::Internal(error.to_string()))?
        .dangerous()
        .with_custom_certificate_verifier(check);
    let mut config = match identity {
        None => builder.with_no_client_auth(),
        Some(Identity { certificate, key }) => builder
            .with_client_auth_cert(certificates("sslcert", certificate)?, private_key(key)?)
            .map_err(|error| refused("sslkey", key, &format!("does not fit the certificate of sslcert: {error}")))?,
    };
    config.alpn_protocols = vec![PROTOCOL.to_vec()];
    Ok(config)
}

fn certificate_check(check: &Check, provider: &CryptoProvider) -> Result<CertificateCheck, StoreError> {
    let trusted = match check {
        Check::Nothing => None,
        Check::Authority(authorities) | Check::AuthorityAndHost(authorities) => Some(trusted(authorities)?),
    };
    let host = matches!(check, Check::AuthorityAndHost(_));
    Ok(CertificateCheck { trusted, host, algorithms: provider.signature_verification_algorithms })
}

fn trusted(authorities: &Authorities) -> Result<Trusted, StoreError> {
    let mut roots = RootCertStore::empty();
    match authorities {
        Authorities::System => {
            let found = rustls_native_certs::load_native_certs();
            for error in &found.errors {
                tracing::warn!(%error, "authorities of the operating system could not be read");
            }
            if roots.add_parsable_certificates(found.certs).0 == 0 {
                return Err(StoreError::BadUrl(
                    "this machine trusts no certificate authority; install its ca-certificates, or name the \
                     authority's certificate with sslrootcert=PATH in the database address"
                        .to_owned(),
                ));
            }
            Ok(Trusted { roots, listed: Vec::new() })
        }
        Authorities::File(path) => {
            let listed = certificates("sslrootcert", path)?;
            roots.add_parsable_certificates(listed.iter().cloned());
            Ok(Trusted { roots, listed })
        }
    }
}

fn certificates(parameter: &str, path: &Path) -> Result<Vec<CertificateDer<'static>>, StoreError> {
    let found: Vec<_> = CertificateDer::pem_file_iter(path)
        .and_then(Iterator::collect)
        .map_err(|error| unreadable(parameter, path, &error))?;
    if found.is_empty() {
        return Err(refused(parameter, path, "holds no certificate in PEM form (BEGIN CERTIFICATE)"));
    }
    Ok(found)
}

fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, StoreError> {
    PrivateKeyDer::from_pem_file(path).map_err(|error| match error {
        pem::Error::NoItemsFound => {
            refused("sslkey", path, "holds no private key in PEM form; one with a passphrase must be decrypted first")
        }
        other => unreadable("sslkey", path, &other),
    })
}

fn unreadable(parameter: &str, path: &Path, error: &pem::Error) -> StoreError {
    let reason = match error {
        pem::Error::Io(error) => format!("cannot be read: {error}"),
        // The others may quote the file.
        _ => "is not in PEM form".to_owned(),
    };
    refused(parameter, path, &reason)
}

fn refused(parameter: &str, path: &Path, reason: &str) -> StoreError {
    StoreError::BadUrl(format!("the file {} of {parameter} in the database address {reason}", path.display()))
}
