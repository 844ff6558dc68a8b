//! What is asked of the certificate a server shows.

use std::time::Duration;

use rustls::{
    CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    client::{
        danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier},
        verify_server_cert_signed_by_trust_anchor, verify_server_name,
    },
    crypto::{
        WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature, verify_tls13_signature_with_raw_key,
    },
    pki_types::{CertificateDer, ServerName, SubjectPublicKeyInfoDer, UnixTime},
    server::ParsedCertificate,
};
use x509_cert::{
    Certificate,
    der::{Decode, Encode},
};

/// Those whose signature makes a certificate good.
#[derive(Debug)]
pub(super) struct Trusted {
    pub roots: RootCertStore,
    /// Certificates an administrator has listed one by one. A server may show one of them itself:
    /// that is how one made with `openssl req -x509` is trusted, which is its own authority and
    /// which the rules for authorities would refuse as a server's.
    pub listed: Vec<CertificateDer<'static>>,
}

/// The check of a server's certificate.
#[derive(Debug)]
pub(super) struct CertificateCheck {
    /// None: every certificate will do.
    pub trusted: Option<Trusted>,
    /// Whether it must be for the host of the address.
    pub host: bool,
    pub algorithms: WebPkiSupportedAlgorithms,
}

impl ServerCertVerifier for CertificateCheck {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(trusted) = &self.trusted else {
            return Ok(ServerCertVerified::assertion());
        };
        if trusted.listed.iter().any(|listed| listed == shown) {
            check_dates(shown, now)?;
        } else {
            let parsed = ParsedCertificate::try_from(shown)?;
            let roots = &trusted.roots;
            verify_server_cert_signed_by_trust_anchor(&parsed, roots, intermediates, now, self.algorithms.all)?;
        }
        if self.host {
            verify_server_name(&ParsedCertificate::try_from(shown)?, host)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, shown, signature, &self.algorithms)
    }

    /// Also where nothing else is asked: the server must own the certificate it shows, because a
    /// password may be bound to it (SCRAM with channel binding).
    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        match verify_tls13_signature(message, shown, signature, &self.algorithms) {
            // A certificate of version 1, as `openssl x509 -req` makes them, cannot be read there.
            // Its key can.
            Err(Error::InvalidCertificate(CertificateError::Other(unreadable))) => {
                let Some(key) = public_key(shown) else {
                    return Err(Error::InvalidCertificate(CertificateError::Other(unreadable)));
                };
                verify_tls13_signature_with_raw_key(message, &key, signature, &self.algorithms)
            }
            outcome => outcome,
        }
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}

fn public_key(certificate: &CertificateDer<'_>) -> Option<SubjectPublicKeyInfoDer<'static>> {
    let certificate = Certificate::from_der(certificate).ok()?;
    let key = certificate.tbs_certificate.subject_public_key_info.to_der().ok()?;
    Some(SubjectPublicKeyInfoDer::from(key))
}

fn check_dates(certificate: &CertificateDer<'_>, now: UnixTime) -> Result<(), Error> {
    let certificate = Certificate::from_der(certificate).map_err(|_| CertificateError::BadEncoding)?;
    let validity = certificate.tbs_certificate.validity;
    let now = Duration::from_secs(now.as_secs());
    if now < validity.not_before.to_unix_duration() {
        return Err(CertificateError::NotValidYet.into());
    }
    if now > validity.not_after.to_unix_duration() {
        return Err(CertificateError::Expired.into());
    }
    Ok(())
}
