//! Pages through a server on loopback: HTTP, sign-in, access, names, HTML and all.

use std::{
    borrow::Cow,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    time::Duration,
};

use axum::{Router, http::header};
use tokio::net::TcpListener;
use uuid::Uuid;

use crate::{
    Arguments, BenchError, Result, aims,
    measure::{Limits, Measured, measure_threads},
    report::Case,
    subject::{Subject, of_turn},
};

/// An answer must be there by then.
const PATIENCE: Duration = Duration::from_secs(20);
/// Sellers who are signed in.
pub(crate) const SIGNED_IN: usize = 16;
/// Pages and fragments that sellers ask for; `{lead}` and `{deal}` stand for one after the other.
const PAGES: [(&str, &str); 6] = [
    (aims::PAGE, "/leads?view=my_open"),
    (aims::HOME, "/home"),
    (aims::FORM, "/leads/{lead}"),
    (aims::DEAL, "/opportunities/{deal}"),
    (aims::BOARD, "/opportunities/board?view=open"),
    (aims::PALETTE, "/palette?q=rob"),
];
/// All pages.
pub(crate) async fn cases(arguments: &Arguments, subject: &Subject) -> Result<Vec<Case>> {
    let limits = Limits::of(arguments.time());
    let mut cases = Vec::new();
    for (name, address) in PAGES.into_iter().filter(|(name, _)| arguments.wants(name)) {
        let requests = requests_of_pages(subject, address).await?;
        let router = web::router(subject.app.clone());
        let measured = answers(router, limits, |turn| Cow::Borrowed(of_turn(&requests, turn))).await?;
        cases.push(Case::beside(name, measured, None));
    }
    Ok(cases)
}

/// A request, with the header that says who asks.
#[derive(Clone)]
pub(crate) struct Asked {
    /// Method and address.
    pub line: String,
    pub who: header::HeaderName,
    pub secret: String,
    /// JSON; empty where nothing is sent.
    pub body: String,
}

/// The page as each of some sellers asks for it. Records are asked for by an administrator, who may
/// read all of them.
async fn requests_of_pages(subject: &Subject, address: &str) -> Result<Vec<Asked>> {
    if !address.contains('{') {
        let mut requests = Vec::new();
        for seller in subject.sellers.iter().take(SIGNED_IN) {
            requests.push(page(address.to_owned(), &session(subject, seller.user).await?));
        }
        return Ok(requests);
    }
    let session = session(subject, subject.administrator.user).await?;
    let records = subject.open_leads.iter().zip(subject.open_deals.iter());
    let addresses =
        records.map(|(lead, deal)| address.replace("{lead}", &lead.to_string()).replace("{deal}", &deal.to_string()));
    Ok(addresses.map(|address| page(address, &session)).collect())
}

fn page(address: String, session: &str) -> Asked {
    Asked {
        line: format!("GET {address}"),
        who: header::COOKIE,
        secret: format!("pipewright_session={session}"),
        body: String::new(),
    }
}

pub(crate) async fn session(subject: &Subject, user: Uuid) -> Result<String> {
    let (device, proofs) = (crm::identity::Device::named("bench"), [crm::identity::Proof::Password]);
    Ok(subject.app.identity().open_session(user, &device, &proofs).await?.secret)
}

/// The answers of a server on loopback, as programs and browsers get them.
pub(crate) async fn answers<'a>(
    router: Router,
    limits: Limits,
    asked: impl Fn(u64) -> Cow<'a, Asked> + Sync,
) -> Result<Measured> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let serving = tokio::spawn(async move { axum::serve(listener, router.into_make_service()).await });
    let measured = measure_threads(limits, || Visitor::come(address), |visitor, turn| visitor.ask(&asked(turn)));
    serving.abort();
    measured
}

/// Somebody with a connection that stays open.
struct Visitor(BufReader<TcpStream>);

impl Visitor {
    fn come(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        Ok(Self(BufReader::new(stream)))
    }

    fn ask(&mut self, Asked { line, who, secret, body: sent }: &Asked) -> Result<usize> {
        let mut request = format!("{line} HTTP/1.1\r\nhost: localhost\r\n{who}: {secret}\r\n");
        if !sent.is_empty() {
            request += "content-type: application/json\r\ncontent-length: ";
            request += &sent.len().to_string();
            request += "\r\n";
        }
        request += "\r\n";
        request += sent;
        self.0.get_mut().write_all(request.as_bytes())?;
        let (mut status, mut length) = (String::new(), 0);
        self.0.read_line(&mut status)?;
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line)?;
            let Some((name, value)) = line.split_once(':') else { break };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().unwrap_or_default();
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        if status.contains(" 200 ") {
            return Ok(length);
        }
        let begins = String::from_utf8_lossy(&body[..length.min(500)]);
        Err(BenchError::other(format!("{line} answered {status}: {begins}")))
    }
}
