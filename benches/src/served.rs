//! The same through a server on loopback, and pages: HTTP, sign-in, access, names, HTML or JSON and
//! all.

use std::{
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
const SIGNED_IN: usize = 16;
/// Pages and fragments that sellers ask for; `{lead}` and `{deal}` stand for one after the other.
const PAGES: [(&str, &str); 6] = [
    (aims::PAGE, "/leads?view=my_open"),
    (aims::HOME, "/home"),
    (aims::FORM, "/leads/{lead}"),
    (aims::DEAL, "/opportunities/{deal}"),
    (aims::BOARD, "/opportunities/board?view=open"),
    (aims::PALETTE, "/palette?q=rob"),
];
/// The same from the Web API; the owner is asked for by each seller's own number.
const COLLECTION: &str = "/api/data/v9.2/leads?$select=fullname,subject,companyname,leadqualitycode,statuscode,\
    emailaddress1,telephone1,createdon,_ownerid_value&$orderby=createdon%20desc&$top=50&$filter=";

/// Pages, and a list of the Web API.
pub(crate) async fn cases(arguments: &Arguments, subject: &Subject) -> Result<Vec<Case>> {
    let limits = Limits::of(arguments.time());
    let mut cases = Vec::new();
    for (name, address) in PAGES.into_iter().filter(|(name, _)| arguments.wants(name)) {
        let requests = requests_of_pages(subject, address).await?;
        let router = web::router(subject.app.clone());
        cases.push(Case::beside(name, answers(router, requests, limits).await?, None));
    }
    if arguments.wants(aims::API) {
        let requests = requests_of_tools(subject).await?;
        let router = webapi::router(subject.app.clone(), None);
        cases.push(Case::beside(aims::API, answers(router, requests, limits).await?, None));
    }
    Ok(cases)
}

/// An address with the header that says who asks.
type Asked = (String, header::HeaderName, String);

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
    (address, header::COOKIE, format!("pipewright_session={session}"))
}

pub(crate) async fn session(subject: &Subject, user: Uuid) -> Result<String> {
    let (device, proofs) = (crm::identity::Device::named("bench"), [crm::identity::Proof::Password]);
    Ok(subject.app.identity().open_session(user, &device, &proofs).await?.secret)
}

async fn requests_of_tools(subject: &Subject) -> Result<Vec<Asked>> {
    let mut requests = Vec::new();
    for seller in subject.sellers.iter().take(SIGNED_IN) {
        let token = subject.app.identity().create_token(&subject.administrator, seller.user, "bench", 1).await?;
        let address = format!("{COLLECTION}statecode%20eq%200%20and%20_ownerid_value%20eq%20{}", seller.user);
        requests.push((address, header::AUTHORIZATION, format!("Bearer {token}")));
    }
    Ok(requests)
}

/// The answers of a server on loopback, as programs and browsers get them.
async fn answers(router: Router, requests: Vec<Asked>, limits: Limits) -> Result<Measured> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    let serving = tokio::spawn(async move { axum::serve(listener, router.into_make_service()).await });
    let measured =
        measure_threads(limits, || Visitor::come(address), |visitor, turn| visitor.ask(of_turn(&requests, turn)));
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

    fn ask(&mut self, (address, who, secret): &Asked) -> Result<()> {
        let request = format!("GET {address} HTTP/1.1\r\nhost: localhost\r\n{who}: {secret}\r\n\r\n");
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
            return Ok(());
        }
        let begins = String::from_utf8_lossy(&body[..length.min(500)]);
        Err(BenchError::other(format!("{address} answered {status}: {begins}")))
    }
}
