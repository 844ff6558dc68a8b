//! One request, one answer.

use std::{
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::Bytes;
use http::{HeaderValue, Request, Response, Uri, header};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use rustls::{ClientConfig, RootCertStore, pki_types::ServerName};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
};
use tokio_rustls::TlsConnector;

use crate::Policy;

/// How long a whole request may take.
const LONGEST: Duration = Duration::from_secs(10);
/// Largest answer, in bytes.
const LARGEST: usize = 2 * 1024 * 1024;

/// Why a request was not answered.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address cannot be used.
    #[error("{0}")]
    Address(String),
    /// The address is inside the network, and the configuration does not allow it.
    #[error(
        "{host} is at {address}, which is inside the network; allow it in the configuration (allow_outgoing) if that is meant"
    )]
    Refused {
        /// As it was named.
        host: String,
        /// Where it is.
        address: std::net::IpAddr,
    },
    /// The other server cannot be reached, or its answer cannot be read.
    #[error("{host} cannot be reached: {reason}")]
    Unreachable {
        /// As it was named.
        host: String,
        /// What happened.
        reason: String,
    },
}

/// A client that reaches what the policy allows. Cheap to clone.
#[derive(Clone, Default)]
pub struct Client {
    policy: Policy,
    tls: Arc<OnceLock<TlsConnector>>,
}

impl Client {
    /// A client under this policy.
    pub fn new(policy: Policy) -> Self {
        Self { policy, tls: Arc::default() }
    }

    /// Sends a request and reads the answer whole.
    ///
    /// # Errors
    /// See [`Error`]; an answer that says no is none.
    pub async fn send(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Error> {
        let host = request.uri().host().unwrap_or_default().to_owned();
        let late = |_| Error::Unreachable { host: host.clone(), reason: "it took too long".to_owned() };
        tokio::time::timeout(LONGEST, self.exchange(request)).await.map_err(late)?
    }

    async fn exchange(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, Error> {
        let target = Target::of(request.uri())?;
        let stream = self.connect(&target).await?;
        if !target.encrypted {
            return talk(stream, request, &target).await;
        }
        let name = ServerName::try_from(target.host.clone()).map_err(|error| Error::Address(error.to_string()))?;
        let stream = self.tls()?.connect(name, stream).await.map_err(|error| target.unreachable(&error))?;
        talk(stream, request, &target).await
    }

    /// Connects to an address that was looked at: the first allowed one that answers.
    async fn connect(&self, target: &Target) -> Result<TcpStream, Error> {
        let found: Vec<SocketAddr> = tokio::net::lookup_host((target.host.as_str(), target.port))
            .await
            .map_err(|error| target.unreachable(&error))?
            .collect();
        if let Some(inside) = found.iter().find(|address| !self.policy.allows(address.ip())) {
            return Err(Error::Refused { host: target.host.clone(), address: inside.ip() });
        }
        let mut failure = target.unreachable(&"it has no address");
        for address in found {
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(error) => failure = target.unreachable(&error),
            }
        }
        Err(failure)
    }

    fn tls(&self) -> Result<&TlsConnector, Error> {
        if let Some(ready) = self.tls.get() {
            return Ok(ready);
        }
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::Address(error.to_string()))?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(self.tls.get_or_init(|| TlsConnector::from(Arc::new(config))))
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Client").field("policy", &self.policy).finish_non_exhaustive()
    }
}

/// Where a request goes.
struct Target {
    host: String,
    port: u16,
    encrypted: bool,
}

impl Target {
    fn of(uri: &Uri) -> Result<Self, Error> {
        let encrypted = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(Error::Address(format!("“{uri}” does not begin with https:// or http://"))),
        };
        let host = uri.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned();
        if host.is_empty() {
            return Err(Error::Address(format!("“{uri}” names no host")));
        }
        Ok(Self { host, port: uri.port_u16().unwrap_or(if encrypted { 443 } else { 80 }), encrypted })
    }

    fn unreachable(&self, reason: &impl std::fmt::Display) -> Error {
        Error::Unreachable { host: self.host.clone(), reason: reason.to_string() }
    }
}

async fn talk(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    request: Request<Vec<u8>>,
    target: &Target,
) -> Result<Response<Vec<u8>>, Error> {
    let (mut sender, connection) =
        http1::handshake(TokioIo::new(stream)).await.map_err(|error| target.unreachable(&error))?;
    let driver = tokio::spawn(connection);
    let response = sender.send_request(prepared(request)?).await.map_err(|error| target.unreachable(&error))?;
    let (parts, body) = response.into_parts();
    let body = Limited::new(body, LARGEST).collect().await.map_err(|error| target.unreachable(&error))?;
    driver.abort();
    Ok(Response::from_parts(parts, body.to_bytes().to_vec()))
}

/// As HTTP/1.1 wants it on the wire: the path alone, and the host in its header.
fn prepared(request: Request<Vec<u8>>) -> Result<Request<Full<Bytes>>, Error> {
    let wrong = |error: &dyn std::fmt::Display| Error::Address(error.to_string());
    let (mut parts, body) = request.into_parts();
    let authority = parts.uri.authority().map(http::uri::Authority::as_str).unwrap_or_default();
    // Never a name and password that stand in the address.
    let host = authority.rsplit('@').next().unwrap_or_default();
    parts.headers.insert(header::HOST, HeaderValue::from_str(host).map_err(|error| wrong(&error))?);
    let path = parts.uri.path_and_query().map_or("/", |path| path.as_str()).to_owned();
    parts.uri = path.parse().map_err(|error| wrong(&error))?;
    Ok(Request::from_parts(parts, Full::new(Bytes::from(body))))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    async fn server(answer: &'static str) -> u16 {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut asked = [0; 1024];
                let _ = stream.read(&mut asked).await;
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        port
    }

    fn get(address: String) -> Request<Vec<u8>> {
        Request::get(address).body(Vec::new()).unwrap()
    }

    #[tokio::test]
    async fn this_machine_is_not_reached_unless_it_is_allowed() {
        let port = server("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello").await;
        for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]"] {
            let error = Client::default().send(get(format!("http://{host}:{port}/"))).await.unwrap_err();
            assert!(matches!(error, Error::Refused { .. }), "{error}");
        }
        let policy = Policy { allowed: vec!["127.0.0.0/8".parse().unwrap()] };
        let answer = Client::new(policy).send(get(format!("http://127.0.0.1:{port}/"))).await.unwrap();
        assert_eq!(answer.body(), b"hello");
    }

    #[tokio::test]
    async fn a_redirect_is_an_answer_and_not_followed() {
        let port = server("HTTP/1.1 302 Found\r\nlocation: http://10.0.0.1/\r\ncontent-length: 0\r\n\r\n").await;
        let policy = Policy { allowed: vec!["127.0.0.0/8".parse().unwrap()] };
        let answer = Client::new(policy).send(get(format!("http://127.0.0.1:{port}/"))).await.unwrap();
        assert_eq!(answer.status(), 302);
    }

    #[tokio::test]
    async fn other_schemes_are_refused() {
        let error = Client::default().send(get("ftp://example.com/x".to_owned())).await.unwrap_err();
        assert!(matches!(error, Error::Address(_)), "{error}");
    }
}
