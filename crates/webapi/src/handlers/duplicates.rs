//! `RetrieveDuplicates`, `Merge`, `PublishDuplicateRule` and `UnpublishDuplicateRule`.

use axum::{http::StatusCode, response::Response};
use crm::{Origin, Row, merge::Merge};
use indexmap::IndexMap;
use model::{Filter, Reference, Table};
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{action::Parameters, collection, key, request::Request, response::empty};
use crate::{
    error::{Error, Result},
    odata::{Literal, Segment},
    translate::known_table,
    wire::{members, read_draft},
};

/// Most matches of an answer.
const MOST: usize = 5_000;

/// `RetrieveDuplicates(BusinessEntity=@p1,MatchingEntityName=@p2,PagingInfo=@p3)`: records that
/// may be the same as the given one, which need not be stored.
pub async fn retrieve(request: &Request, segment: &Segment) -> Result<Response> {
    let given = |name: &str| {
        let parts = segment.key.as_deref().unwrap_or_default();
        parts.iter().find(|part| part.name.as_deref() == Some(name)).and_then(|part| match &part.value {
            Literal::Text(text) => Some(text.clone()),
            _ => None,
        })
    };
    let missing = |name: &str, form: &str| Error::BadRequest(format!("RetrieveDuplicates: '{name}' must be {form}"));
    let form =
        "a row with its type: @p1={\"@odata.type\": \"Microsoft.Dynamics.CRM.contact\", \"emailaddress1\": \"…\"}";
    let entity = given("BusinessEntity").ok_or_else(|| missing("BusinessEntity", form))?;
    let matching =
        given("MatchingEntityName").ok_or_else(|| missing("MatchingEntityName", "the logical name of a table"))?;
    let (page, count) = paging(given("PagingInfo").as_deref())?;
    let (table, values, id) = entity_of(request, &as_json(&entity), form).await?;
    let matching = known_table(&request.model, &matching)?;
    let found = request.app.duplicates().of_values(&request.caller, &table, (values, id), &matching.name).await?;
    let ids: Vec<Uuid> = found.iter().map(|found| found.reference.id).skip((page - 1) * count).take(count).collect();
    let within =
        if ids.is_empty() { Filter::Any(Vec::new()) } else { Filter::is_in(matching.primary_key.as_str(), ids) };
    collection::list(request, matching, within).await
}

/// Addresses carry objects with either kind of quotes.
fn as_json(text: &str) -> String {
    if serde_json::from_str::<serde_json::Value>(text).is_ok() { text.to_owned() } else { text.replace('\'', "\"") }
}

/// Page and rows of a page.
fn paging(text: Option<&str>) -> Result<(usize, usize)> {
    let Some(text) = text else { return Ok((1, MOST)) };
    let object = members("PagingInfo", &as_json(text))?;
    let number = |name: &str| {
        object.get(name).and_then(|raw| serde_json::from_str::<usize>(raw.get()).ok()).filter(|number| *number > 0)
    };
    Ok((number("PageNumber").unwrap_or(1), number("Count").unwrap_or(MOST).min(MOST)))
}

async fn entity_of(request: &Request, text: &str, form: &str) -> Result<(String, Row, Option<Uuid>)> {
    let wrong = || Error::BadRequest(format!("RetrieveDuplicates: 'BusinessEntity' must be {form}"));
    let object = members("BusinessEntity", text)?;
    let table = typed(request, &object).ok_or_else(wrong)?;
    let mut draft = read_draft(&request.model, table, text, false)?;
    key::resolve_links(request, &mut draft).await?;
    Ok((table.name.clone(), draft.values, draft.id))
}

/// The table that `@odata.type` names.
fn typed<'r>(request: &'r Request, object: &IndexMap<String, Box<RawValue>>) -> Option<&'r Table> {
    let kind: String = serde_json::from_str(object.get("@odata.type")?.get()).ok()?;
    let name = kind.trim_start_matches('#').trim_start_matches("Microsoft.Dynamics.CRM.").to_owned();
    request.model.table(&name).map(|table| &**table)
}

/// `Merge`
pub async fn merge(request: &Request) -> Result<Response> {
    const KNOWN: &[&str] = &["Target", "Subordinate", "SubordinateId", "UpdateContent", "PerformParentingChecks"];
    let parameters = Parameters::read(request, "Merge", KNOWN)?;
    let target = row(request, "Target", parameters.raw("Target"))?;
    let subordinate = if let Some(raw) = parameters.raw("SubordinateId") {
        serde_json::from_str(raw)
            .map_err(|_| Error::BadBody("Merge: 'SubordinateId' must be the id of a row".to_owned()))?
    } else {
        let subordinate = row(request, "Subordinate", parameters.raw("Subordinate"))?;
        if subordinate.table != target.table {
            return Err(Error::BadBody("Merge: Target and Subordinate must be rows of one table".to_owned()));
        }
        subordinate.id
    };
    let check_parents = match parameters.raw("PerformParentingChecks") {
        Some(_) => parameters.required("PerformParentingChecks", "true or false")?,
        None => false,
    };
    let table = known_table(&request.model, &target.table)?;
    let content = match parameters.raw("UpdateContent") {
        None => Row::new(),
        Some(raw) => {
            let mut draft = read_draft(&request.model, table, raw, false)?;
            key::resolve_links(request, &mut draft).await?;
            draft.values
        }
    };
    let merge = Merge { table: target.table, master: target.id, subordinate, content, check_parents };
    request.app.merge(&request.caller, Origin::WebApi, merge).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

fn row(request: &Request, name: &str, raw: Option<&str>) -> Result<Reference> {
    let wrong = || {
        let form = "{\"@odata.type\": \"Microsoft.Dynamics.CRM.account\", \"accountid\": \"…\"}";
        Error::BadBody(format!("Merge: '{name}' must be a row: {form}"))
    };
    let object = members(name, raw.ok_or_else(wrong)?)?;
    let table = typed(request, &object).ok_or_else(wrong)?;
    let id = object.get(&table.primary_key).and_then(|raw| serde_json::from_str::<Uuid>(raw.get()).ok());
    Ok(Reference::new(table.name.as_str(), id.ok_or_else(wrong)?))
}

/// `duplicaterules(id)/Microsoft.Dynamics.CRM.PublishDuplicateRule`
pub async fn publish(request: &Request, rule: &Segment) -> Result<Response> {
    let table = known_table(&request.model, "duplicaterule")?;
    let id = key::resolve(request, table, rule).await?;
    set_state(request, id, 1).await
}

/// `UnpublishDuplicateRule`
pub async fn unpublish(request: &Request) -> Result<Response> {
    let parameters = Parameters::read(request, "UnpublishDuplicateRule", &["DuplicateRuleId"])?;
    let id: Uuid = parameters.required("DuplicateRuleId", "the id of a duplicate rule")?;
    set_state(request, id, 0).await
}

async fn set_state(request: &Request, rule: Uuid, state: i64) -> Result<Response> {
    let changes = Row::new().with("statecode", state);
    request.app.update(&request.caller, Origin::WebApi, "duplicaterule", rule, changes, None).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}
