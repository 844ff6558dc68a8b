//! `RetrieveDuplicates`, `Merge`, `PublishDuplicateRule` and `UnpublishDuplicateRule`.

use axum::{http::StatusCode, response::Response};
use crm::{Origin, Row, merge::Merge};
use model::{Filter, Table};
use uuid::Uuid;

use super::{
    Bound, Call, Kind, Operation, Parameter, Parameters, Returns, Type,
    paging::{MOST, PAGING, Paging},
    parameters::typed,
};
use crate::{
    error::{Error, Result},
    handlers::{Request, empty, list_rows, resolve_links},
    translate::known_table,
    wire::read_draft,
};

const ACCOUNT: &str = "a row: {\"@odata.type\": \"Microsoft.Dynamics.CRM.account\", \"accountid\": \"…\"}";

/// What can be done here.
pub static OPERATIONS: &[Operation] = &[
    Operation {
        name: "RetrieveDuplicates",
        kind: Kind::Function,
        bound: Bound::Nothing,
        parameters: &[
            Parameter::required(
                "BusinessEntity",
                Type::AnyRow,
                "a row with its type: @p1={\"@odata.type\": \"Microsoft.Dynamics.CRM.contact\", \"emailaddress1\": \"…\"}",
            ),
            Parameter::required("MatchingEntityName", Type::Text, "the logical name of a table"),
            Parameter::optional("PagingInfo", Type::Complex(&PAGING), "a page: {\"PageNumber\": 1, \"Count\": 50}"),
        ],
        returns: Returns::Rows,
        handler: |call| Box::pin(retrieve(call)),
    },
    Operation {
        name: "Merge",
        kind: Kind::Action,
        bound: Bound::Nothing,
        parameters: &[
            Parameter::required("Target", Type::AnyRow, ACCOUNT),
            Parameter::optional("Subordinate", Type::AnyRow, ACCOUNT),
            Parameter::optional("SubordinateId", Type::Guid, "the id of a row"),
            Parameter::optional("UpdateContent", Type::AnyRow, "what the remaining row shall hold: {…}"),
            Parameter::optional("PerformParentingChecks", Type::Boolean, "true or false"),
        ],
        returns: Returns::Nothing,
        handler: |call| Box::pin(merge(call)),
    },
    Operation {
        name: "PublishDuplicateRule",
        kind: Kind::Action,
        bound: Bound::Row(&["duplicaterule"]),
        parameters: &[],
        returns: Returns::Nothing,
        handler: |call| Box::pin(publish(call)),
    },
    Operation {
        name: "UnpublishDuplicateRule",
        kind: Kind::Action,
        bound: Bound::Nothing,
        parameters: &[Parameter::required("DuplicateRuleId", Type::Guid, "the id of a duplicate rule")],
        returns: Returns::Nothing,
        handler: |call| Box::pin(unpublish(call)),
    },
];

/// `RetrieveDuplicates(BusinessEntity=@p1,MatchingEntityName=@p2,PagingInfo=@p3)`: records that
/// may be the same as the given one, which need not be stored.
async fn retrieve(call: &Call<'_>) -> Result<Response> {
    let (request, parameters) = (call.request, &call.parameters);
    let matching: String = parameters.required("MatchingEntityName")?;
    let paging = Paging::of(parameters, MOST)?;
    if paging.cookie.is_some() {
        return Err(Error::BadRequest(
            "RetrieveDuplicates: its pages have no PagingCookie; send PageNumber and Count without one".to_owned(),
        ));
    }
    let (table, values, id) = entity_of(request, parameters).await?;
    let matching = known_table(&request.model, &matching)?;
    let found = request.app.duplicates().of_values(&request.caller, &table, (values, id), &matching.name).await?;
    let ids: Vec<Uuid> =
        found.iter().map(|found| found.reference.id).skip(paging.skipped()).take(paging.count).collect();
    let within =
        if ids.is_empty() { Filter::Any(Vec::new()) } else { Filter::is_in(matching.primary_key.as_str(), ids) };
    list_rows(request, matching, within).await
}

async fn entity_of(request: &Request, parameters: &Parameters) -> Result<(String, Row, Option<Uuid>)> {
    let text = parameters.raw("BusinessEntity").unwrap_or_default();
    let object = parameters.object("BusinessEntity")?;
    let table: &Table = typed(request, &object).ok_or_else(|| parameters.wrong("BusinessEntity"))?;
    let mut draft = read_draft(&request.model, table, text, false)?;
    resolve_links(request, &mut draft).await?;
    Ok((table.name.clone(), draft.values, draft.id))
}

/// `Merge`
async fn merge(call: &Call<'_>) -> Result<Response> {
    let (request, parameters) = (call.request, &call.parameters);
    let target = parameters.row(request, "Target").await?;
    let subordinate = if let Some(id) = parameters.get("SubordinateId")? {
        id
    } else {
        let subordinate = parameters.row(request, "Subordinate").await?;
        if subordinate.table != target.table {
            return Err(Error::BadBody("Merge: Target and Subordinate must be rows of one table".to_owned()));
        }
        subordinate.id
    };
    let check_parents = parameters.get("PerformParentingChecks")?.unwrap_or_default();
    let table = known_table(&request.model, &target.table)?;
    let content = match parameters.raw("UpdateContent") {
        None => Row::new(),
        Some(raw) => {
            let mut draft = read_draft(&request.model, table, raw, false)?;
            resolve_links(request, &mut draft).await?;
            draft.values
        }
    };
    let merge = Merge { table: target.table, master: target.id, subordinate, content, check_parents };
    request.app.merge(&request.caller, Origin::WebApi, merge).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// `duplicaterules(id)/Microsoft.Dynamics.CRM.PublishDuplicateRule`
async fn publish(call: &Call<'_>) -> Result<Response> {
    let rule = call.row().await?;
    set_state(call.request, rule.id, 1).await
}

/// `UnpublishDuplicateRule`
async fn unpublish(call: &Call<'_>) -> Result<Response> {
    set_state(call.request, call.parameters.required("DuplicateRuleId")?, 0).await
}

async fn set_state(request: &Request, rule: Uuid, state: i64) -> Result<Response> {
    let changes = Row::new().with("statecode", state);
    request.app.update(&request.caller, Origin::WebApi, "duplicaterule", rule, changes, None).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}
