//! Certificates for tests, made anew for each.

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, PKCS_ECDSA_P256_SHA256, SigningKey,
    date_time_ymd,
};
use testkit::ServerCertificate;
use x509_cert::{
    Certificate, Version,
    der::{Decode, Encode, asn1::BitString},
};

/// One that signs certificates.
pub struct Authority(CertifiedIssuer<'static, KeyPair>);

/// A certificate and its key, in PEM form.
pub struct Certified {
    pub certificate: String,
    pub key: String,
}

impl Authority {
    pub fn new(name: &str) -> Self {
        let mut wanted = named(name, &[]);
        wanted.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Self(CertifiedIssuer::self_signed(wanted, new_key()).unwrap())
    }

    pub fn pem(&self) -> String {
        self.0.pem()
    }

    /// A certificate for somebody, with these host names and addresses.
    pub fn sign(&self, name: &str, hosts: &[&str]) -> Certified {
        let key = new_key();
        let certificate = named(name, hosts).signed_by(&key, &self.0).unwrap();
        Certified { certificate: certificate.pem(), key: key.serialize_pem() }
    }
}

impl Certified {
    /// As `openssl req -x509` makes them: signed by itself, and marked as an authority.
    pub fn by_itself(hosts: &[&str], last_year: i32) -> Self {
        let key = new_key();
        let mut wanted = named("database server", hosts);
        wanted.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        wanted.not_after = date_time_ymd(last_year, 12, 31);
        Self { certificate: wanted.self_signed(&key).unwrap().pem(), key: key.serialize_pem() }
    }

    /// In the first version of the form, which has no extensions, as `openssl x509 -req` makes them.
    pub fn of_version_1() -> Self {
        let key = new_key();
        let modern = named("database server", &[]).self_signed(&key).unwrap();
        let mut certificate = Certificate::from_der(modern.der()).unwrap();
        certificate.tbs_certificate.version = Version::V1;
        certificate.tbs_certificate.extensions = None;
        let signature = key.sign(&certificate.tbs_certificate.to_der().unwrap()).unwrap();
        certificate.signature = BitString::from_bytes(&signature).unwrap();
        Self { certificate: pem("CERTIFICATE", &certificate.to_der().unwrap()), key: key.serialize_pem() }
    }

    pub fn for_server(&self) -> ServerCertificate {
        ServerCertificate { certificate: self.certificate.clone(), key: self.key.clone(), client_authority: None }
    }
}

fn named(name: &str, hosts: &[&str]) -> CertificateParams {
    let hosts: Vec<String> = hosts.iter().map(|host| (*host).to_owned()).collect();
    let mut wanted = CertificateParams::new(hosts).unwrap();
    wanted.distinguished_name.push(DnType::CommonName, name);
    wanted
}

fn new_key() -> KeyPair {
    KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap()
}

fn pem(kind: &str, der: &[u8]) -> String {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {kind}-----\n{}\n-----END {kind}-----\n", lines.join("\n"))
}
