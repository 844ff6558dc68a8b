//! What programs ask of the Web API, over HTTP on loopback, beside the same statements run raw.

use std::borrow::Cow;

use axum::{Router, http::header};
use serde_json::json;

use crate::{
    Arguments, Result, aims,
    measure::{Limits, Measured},
    reading::{raw_by_id, raw_list},
    report::Case,
    served::{Asked, SIGNED_IN, answers},
    subject::{Subject, of_turn},
    whole,
};

/// Columns that programs ask for.
const COLUMNS: &str = "$select=fullname,subject,companyname,leadqualitycode,statuscode,emailaddress1,telephone1,\
    createdon,_ownerid_value";
/// Bytes of an answer with those columns of one row, about.
const ROW: usize = 600;
/// Rows of one request that creates: as many as the protocol's own clients send at once.
const AT_ONCE: u64 = 1000;

/// All cases of the Web API.
pub(crate) async fn cases(arguments: &Arguments, subject: &Subject) -> Result<Vec<Case>> {
    let limits = Limits::of(arguments.time());
    let mut cases = Vec::new();
    let ask = |requests: Vec<Asked>| {
        let router = webapi::router(subject.app.clone(), None);
        async move { answers(router, limits, |turn| Cow::Borrowed(of_turn(&requests, turn))).await }
    };
    if arguments.wants(aims::READY) {
        let requests = reads(subject).await?;
        let measured = answers(by_rote(), limits, |turn| Cow::Borrowed(of_turn(&requests, turn))).await?;
        cases.push(Case::beside(aims::READY, measured, None));
    }
    if arguments.wants(aims::API_READ) {
        let requests = reads(subject).await?;
        cases.push(Case::beside(aims::API_READ, ask(requests).await?, raw_by_id(subject, limits)?));
    }
    if arguments.wants(aims::API) {
        let requests = lists(subject).await?;
        cases.push(Case::beside(aims::API, ask(requests).await?, raw_list(subject, limits)?));
    }
    if arguments.wants(aims::API_CREATE) {
        let token = token(subject, subject.administrator.user).await?;
        let router = webapi::router(subject.app.clone(), None);
        let ours = answers(router, limits, |turn| Cow::Owned(creation(&token, turn))).await?;
        let raw = subject.file.as_deref().map(|file| whole::creates(file, limits, AT_ONCE)).transpose()?;
        let in_rows = |measured: Measured| measured.counting(AT_ONCE);
        cases.push(Case::beside(aims::API_CREATE, in_rows(ours), raw.map(in_rows)));
    }
    Ok(cases)
}

/// A server that reads nothing and answers everybody the same: an answer as long as that of a read by id.
fn by_rote() -> Router {
    let answer = || async { ([(header::CONTENT_TYPE, "application/json")], "x".repeat(ROW)) };
    Router::new().fallback(answer)
}

/// One lead after another, by an administrator, who may read all of them.
async fn reads(subject: &Subject) -> Result<Vec<Asked>> {
    let token = token(subject, subject.administrator.user).await?;
    let address = |lead: &uuid::Uuid| format!("/api/data/v9.2/leads({lead})?{COLUMNS}");
    Ok(subject.leads.iter().map(|lead| get(address(lead), &token)).collect())
}

/// Each seller's own open leads, newest first.
async fn lists(subject: &Subject) -> Result<Vec<Asked>> {
    let mut requests = Vec::new();
    for seller in subject.sellers.iter().take(SIGNED_IN) {
        let filter = format!("statecode%20eq%200%20and%20_ownerid_value%20eq%20{}", seller.user);
        let address = format!("/api/data/v9.2/leads?{COLUMNS}&$orderby=createdon%20desc&$top=50&$filter={filter}");
        requests.push(get(address, &token(subject, seller.user).await?));
    }
    Ok(requests)
}

fn creation(token: &str, turn: u64) -> Asked {
    let lead = |number: u64| {
        json!({
            "@odata.type": "Microsoft.Dynamics.CRM.lead",
            "subject": format!("Robotics line for plant {number}"),
            "firstname": "Ada",
            "lastname": format!("Lovelace {number}"),
            "companyname": "Analytical Engines Ltd.",
            "jobtitle": "Head of Production",
            "emailaddress1": format!("ada.{number}@engines.example"),
            "telephone1": "+44 20 7946 0000",
            "address1_city": "London",
            "leadsourcecode": 2,
            "numberofemployees": 250,
        })
    };
    let targets: Vec<_> = (turn * AT_ONCE..(turn + 1) * AT_ONCE).map(lead).collect();
    Asked {
        line: "POST /api/data/v9.2/leads/Microsoft.Dynamics.CRM.CreateMultiple".to_owned(),
        body: json!({ "Targets": targets }).to_string(),
        ..get(String::new(), token)
    }
}

async fn token(subject: &Subject, user: uuid::Uuid) -> Result<String> {
    Ok(subject.app.identity().create_token(&subject.administrator, user, "bench", 1).await?)
}

fn get(address: String, token: &str) -> Asked {
    Asked {
        line: format!("GET {address}"),
        who: header::AUTHORIZATION,
        secret: format!("Bearer {token}"),
        body: String::new(),
    }
}
