//! Who asks, and by what address the browser knows this server, where a proxy stands in front.
//!
//! Anybody can write `X-Forwarded-For`. So these headers are settled once, before anything looks at
//! them: they are believed of a proxy that is trusted, and replaced with what is known otherwise.

use std::{
    net::{IpAddr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use outgoing::Network;

const FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// What is known of the proxies in front.
#[derive(Debug, Clone, Default)]
pub struct Proxies {
    /// Those whose word counts, beside this machine's own.
    pub trusted: Vec<Network>,
    /// The address people use: scheme and host.
    pub public: Option<(String, String)>,
}

impl Proxies {
    /// With the address people use, `https://crm.example.com`.
    pub fn new(trusted: Vec<Network>, public_url: Option<&str>) -> Self {
        let public = public_url.and_then(|url| url.trim_end_matches('/').split_once("://"));
        Self { trusted, public: public.map(|(scheme, host)| (scheme.to_lowercase(), host.to_lowercase())) }
    }

    fn trusts(&self, address: IpAddr) -> bool {
        address.to_canonical().is_loopback() || self.trusted.iter().any(|network| network.contains(address))
    }

    /// Writes into the headers what is so.
    fn settle(&self, headers: &mut HeaderMap, peer: IpAddr) {
        let trusted = self.trusts(peer);
        let said = |name: &HeaderName| {
            let value =
                headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect::<Vec<_>>().join(",");
            Some(value).filter(|value| trusted && !value.is_empty())
        };
        let client = said(&FOR).and_then(|chain| self.client(&chain)).unwrap_or(peer).to_canonical();
        let host = said(&HOST).map(|hosts| hosts.split(',').next().unwrap_or_default().trim().to_owned());
        let host = host.or_else(|| headers.get(header::HOST)?.to_str().ok().map(str::to_owned)).unwrap_or_default();
        let scheme = match &self.public {
            Some((scheme, public)) if host.eq_ignore_ascii_case(public) => scheme.clone(),
            _ => said(&PROTO)
                .filter(|scheme| scheme.eq_ignore_ascii_case("https"))
                .map_or("http".to_owned(), |_| "https".to_owned()),
        };
        for (name, value) in [(FOR, client.to_string()), (PROTO, scheme), (HOST, host)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                headers.insert(name, value);
            }
        }
    }

    /// The last address in the chain that no trusted proxy has.
    fn client(&self, chain: &str) -> Option<IpAddr> {
        let addresses = chain.split(',').rev().map(|address| address.trim().parse::<IpAddr>().ok());
        addresses.take_while(Option::is_some).flatten().find(|address| !self.trusts(*address))
    }
}

/// Settles the headers of a request.
pub async fn settle(
    State(proxies): State<Arc<Proxies>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    proxies.settle(request.headers_mut(), peer.ip());
    next.run(request).await
}

/// True for a request that came over HTTPS, once its headers are settled.
pub fn is_secure(headers: &HeaderMap) -> bool {
    headers.get(PROTO).is_some_and(|scheme| scheme == "https")
}

/// The address that asks, once [`settle`] has settled it.
pub fn client(headers: &HeaderMap) -> Option<&str> {
    headers.get(FOR)?.to_str().ok()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn settled(proxies: &Proxies, peer: &str, said: &[(&'static str, &str)]) -> [String; 3] {
        let mut headers = HeaderMap::new();
        for (name, value) in said {
            headers.append(HeaderName::from_static(name), value.parse().unwrap());
        }
        proxies.settle(&mut headers, peer.parse().unwrap());
        [FOR, PROTO, HOST].map(|name| headers[name].to_str().unwrap().to_owned())
    }

    #[test]
    fn a_stranger_is_not_believed_who_they_are() {
        let said = [
            ("host", "crm.example"),
            ("x-forwarded-for", "10.0.0.1"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "evil.example"),
        ];
        assert_eq!(settled(&Proxies::default(), "203.0.113.9", &said), ["203.0.113.9", "http", "crm.example"]);
    }

    #[test]
    fn a_trusted_proxy_is_believed_as_far_as_it_saw_itself() {
        let proxies = Proxies::new(vec!["192.0.2.0/24".parse().unwrap()], None);
        let said = [
            ("host", "inside"),
            ("x-forwarded-for", "6.6.6.6, 203.0.113.9, 192.0.2.7"),
            ("x-forwarded-proto", "https"),
            ("x-forwarded-host", "crm.example"),
        ];
        for proxy in ["192.0.2.8", "127.0.0.1", "::ffff:127.0.0.1"] {
            assert_eq!(settled(&proxies, proxy, &said), ["203.0.113.9", "https", "crm.example"], "{proxy}");
        }
        assert_eq!(
            settled(&proxies, "127.0.0.1", &[("host", "localhost:8080")]),
            ["127.0.0.1", "http", "localhost:8080"]
        );
    }

    #[test]
    fn what_is_reached_by_its_public_address_is_reached_by_its_scheme() {
        let proxies = Proxies::new(Vec::new(), Some("https://CRM.example/"));
        assert_eq!(settled(&proxies, "127.0.0.1", &[("host", "crm.example")])[1], "https");
        assert_eq!(settled(&proxies, "127.0.0.1", &[("host", "localhost:8080")])[1], "http");
    }
}
