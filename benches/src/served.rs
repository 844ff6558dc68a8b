//! The same through the routers the server mounts, and pages: sign-in, access, names, HTML or JSON
//! and all.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use tower::ServiceExt;
use uuid::Uuid;

use crate::{
    Arguments, BenchError, Result, aims,
    measure::{Limits, Measured, measure},
    report::Case,
    subject::{Subject, of_turn},
};

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

async fn answers(router: Router, requests: Vec<Asked>, limits: Limits) -> Result<Measured> {
    let requests = Arc::new(requests);
    measure(limits, move |turn| {
        let (router, asked) = (router.clone(), of_turn(&requests, turn).clone());
        async move { answer(router, asked).await }
    })
    .await
}

async fn answer(router: Router, (address, who, secret): Asked) -> Result<()> {
    let wrong = |error: axum::Error| BenchError::other(format!("an answer cannot be read: {error}"));
    let request = Request::get(&address)
        .header(header::HOST, "localhost")
        .header(who, secret)
        .body(Body::empty())
        .map_err(|error| BenchError::other(error.to_string()))?;
    let Ok(response) = router.oneshot(request).await;
    let status = response.status();
    let body = to_bytes(response.into_body(), usize::MAX).await.map_err(wrong)?;
    if status == StatusCode::OK {
        return Ok(());
    }
    Err(BenchError::other(format!(
        "{address} answered {status}: {}",
        String::from_utf8_lossy(&body[..body.len().min(500)])
    )))
}
