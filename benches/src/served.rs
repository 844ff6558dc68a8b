//! The same through the routers the server mounts: sign-in, access, names, HTML or JSON and all.

use std::sync::Arc;

use axum::{
    Router,
    body::{Body, to_bytes},
    http::{Request, StatusCode, header},
};
use tower::ServiceExt;

use crate::{
    Arguments, BenchError, Result, aims,
    measure::{Limits, Measured, measure},
    report::Case,
    subject::{Subject, of_turn},
};

/// Sellers who are signed in.
const SIGNED_IN: usize = 16;
/// "My Open Leads" as a page.
const PAGE: &str = "/leads?view=my_open";
/// The same from the Web API; the owner is asked for by each seller's own number.
const COLLECTION: &str = "/api/data/v9.2/leads?$select=fullname,subject,companyname,leadqualitycode,statuscode,\
    emailaddress1,telephone1,createdon,_ownerid_value&$orderby=createdon%20desc&$top=50&$filter=";

/// List page and list of the Web API.
pub(crate) async fn cases(arguments: &Arguments, subject: &Subject) -> Result<Vec<Case>> {
    let limits = Limits::of(arguments.time());
    let mut cases = Vec::new();
    if arguments.wants(aims::PAGE) {
        let requests = requests_of_pages(subject).await?;
        let router = web::router(subject.app.clone());
        cases.push(Case::beside(aims::PAGE, answers(router, requests, limits).await?, None));
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

async fn requests_of_pages(subject: &Subject) -> Result<Vec<Asked>> {
    let mut requests = Vec::new();
    for seller in subject.sellers.iter().take(SIGNED_IN) {
        let session = subject
            .app
            .identity()
            .open_session(seller.user, &crm::identity::Device::named("bench"), &[crm::identity::Proof::Password])
            .await?
            .secret;
        requests.push((PAGE.to_owned(), header::COOKIE, format!("pipewright_session={session}")));
    }
    Ok(requests)
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
