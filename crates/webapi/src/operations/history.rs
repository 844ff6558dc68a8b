//! `RetrieveRecordChangeHistory` and `RetrieveAttributeChangeHistory`: what a row went through, as the
//! history of changes keeps it.

use std::sync::Arc;

use axum::{http::StatusCode, response::Response};
use crm::{FeedEntry, FeedOperation, reading::changes::Begins};
use model::{Table, Value};
use uuid::Uuid;

use super::{
    Bound, Call, Complex, Kind, Operation, Parameter, Property, Returns, Type,
    paging::{PAGING, Paging},
};
use crate::{
    error::{Error, Result},
    fetch::{PagingCookie, inner_cookie, read_cookie},
    handlers::object,
    translate::{known_table, unknown, wire_name},
    wire::{Json, is_file, to_json},
};

/// Changes of a page where nobody says how many.
const USUAL: usize = 100;

static DETAIL: Complex = Complex {
    name: "AttributeAuditDetail",
    open: true,
    properties: &[
        Property::new("OldValue", Type::AnyRow),
        Property::new("NewValue", Type::AnyRow),
        Property::new("AuditRecord", Type::AnyRow),
    ],
};

static DETAILS: Complex = Complex {
    name: "AuditDetailCollection",
    open: false,
    properties: &[
        Property::new("MoreRecords", Type::Boolean),
        Property::new("PagingCookie", Type::Text),
        Property::new("TotalRecordCount", Type::Int32),
        Property::new("AuditDetails", Type::Collection(&Type::Complex(&DETAIL))),
    ],
};

const TARGET: Parameter =
    Parameter::required("Target", Type::AnyRow, "the address of a row: (Target=@t)?@t={'@odata.id':'accounts(id)'}");
const PAGE: Parameter =
    Parameter::optional("PagingInfo", Type::Complex(&PAGING), "a page: {\"PageNumber\": 1, \"Count\": 50}");
const RETURNS: Returns = Returns::Response(&[Property::new("AuditDetailCollection", Type::Complex(&DETAILS))]);

/// What can be asked here.
pub static OPERATIONS: &[Operation] = &[
    Operation {
        name: "RetrieveRecordChangeHistory",
        kind: Kind::Function,
        bound: Bound::Nothing,
        parameters: &[TARGET, PAGE],
        returns: RETURNS,
        handler: |call| Box::pin(of_record(call)),
    },
    Operation {
        name: "RetrieveAttributeChangeHistory",
        kind: Kind::Function,
        bound: Bound::Nothing,
        parameters: &[
            TARGET,
            Parameter::required("AttributeLogicalName", Type::Text, "the logical name of a column"),
            PAGE,
        ],
        returns: RETURNS,
        handler: |call| Box::pin(of_column(call)),
    },
];

async fn of_record(call: &Call<'_>) -> Result<Response> {
    answer(call, None).await
}

async fn of_column(call: &Call<'_>) -> Result<Response> {
    let column = call.parameters.required("AttributeLogicalName")?;
    answer(call, Some(column)).await
}

async fn answer(call: &Call<'_>, column: Option<String>) -> Result<Response> {
    let request = call.request;
    let target = call.parameters.row(request, "Target").await?;
    let table = known_table(&request.model, &target.table)?;
    if let Some(name) = &column
        && table.column(name).is_none()
    {
        return Err(unknown(table, name));
    }
    let paging = Paging::of(&call.parameters, USUAL)?;
    let of = format!("{}_{}", target.id, column.as_deref().unwrap_or_default());
    let (page, begins) = place(&paging, &of)?;
    let count = u32::try_from(paging.count).unwrap_or(u32::MAX);
    let row = (table.name.as_str(), target.id);
    let changes = request.app.page_of_changes(&request.caller, row, column, (begins, count)).await?;
    let cookie = changes.next.map(|place| inner_cookie(&PagingCookie { page, marker: Some(format!("{place}_{of}")) }));
    let details: Vec<Json> = changes.entries.iter().map(|entry| detail(table, entry)).collect();
    let collection: Vec<(Arc<str>, Json)> = vec![
        ("MoreRecords".into(), Json::Boolean(cookie.is_some())),
        ("PagingCookie".into(), Json::Text(cookie.unwrap_or_default())),
        // As in Dataverse, where nobody asks to count.
        ("TotalRecordCount".into(), Json::Whole(-1)),
        ("AuditDetails".into(), Json::List(details)),
    ];
    let members = vec![("AuditDetailCollection".into(), Json::Object(collection))];
    Ok(object(StatusCode::OK, call.context(), members))
}

/// The number of the page, and where it begins: behind the place that the cookie of the page before tells, which
/// holds for this history (`of`) alone, or counted off to.
fn place(paging: &Paging, of: &str) -> Result<(u32, Begins)> {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let Some(cookie) = &paging.cookie else {
        return Ok((number(paging.number.unwrap_or(1)), Begins::After(number(paging.skipped()))));
    };
    let wrong = |what: &str| Error::BadRequest(format!("PagingInfo.PagingCookie: {what}"));
    let strange = || wrong("send it as the answer before gave it, for the same row and column, or leave it out");
    let PagingCookie { page, marker } = read_cookie(cookie).map_err(|_| strange())?;
    let marker = marker.ok_or_else(strange)?;
    let (sequence, whose) = marker.split_once('_').ok_or_else(strange)?;
    let sequence = sequence.parse().ok().filter(|_| whose == of).ok_or_else(strange)?;
    let page = page.saturating_add(1);
    match paging.number {
        Some(asked) if number(asked) != page => Err(wrong(&format!(
            "it leads to page {page}, but PageNumber is {asked}; send {page}, or leave one of them out"
        ))),
        _ => Ok((page, Begins::Behind(sequence))),
    }
}

/// One change: what the columns held before and behind it.
fn detail(table: &Table, entry: &FeedEntry) -> Json {
    let side = |after: bool| {
        let mut members: Vec<(Arc<str>, Json)> =
            vec![("@odata.type".into(), Json::Text(format!("#Microsoft.Dynamics.CRM.{}", table.name)))];
        for (name, old, new) in &entry.changes {
            let value: &Value = if after { new } else { old };
            let Some(column) = table.column(name).filter(|column| !is_file(column) && !value.is_null()) else {
                continue;
            };
            members.push((wire_name(column).into(), to_json(Some(column), value)));
        }
        Json::Object(members)
    };
    Json::Object(vec![
        ("@odata.type".into(), "#Microsoft.Dynamics.CRM.AttributeAuditDetail".into()),
        ("InvalidNewValueAttributes".into(), Json::List(Vec::new())),
        ("OldValue".into(), side(false)),
        ("NewValue".into(), side(true)),
        ("AuditRecord".into(), record(table, entry)),
    ])
}

/// Who changed what, how and when, in the words of Dataverse's `audit`.
fn record(table: &Table, entry: &FeedEntry) -> Json {
    let number = match entry.operation {
        FeedOperation::Create => 1,
        FeedOperation::Update | FeedOperation::Erase => 2,
        FeedOperation::Delete => 3,
    };
    let text = |text: String| Json::Text(text);
    let acting = crm::way_of(&entry.actor.origin).1;
    Json::Object(vec![
        ("auditid".into(), text(Uuid::from_u64_pair(entry.position.transaction, entry.position.sequence).to_string())),
        ("createdon".into(), to_json(None, &Value::DateTime(entry.at))),
        ("operation".into(), Json::Whole(number)),
        ("action".into(), Json::Whole(number)),
        ("objecttypecode".into(), text(table.name.clone())),
        ("_objectid_value".into(), text(entry.id.to_string())),
        ("_userid_value".into(), text(entry.actor.user.to_string())),
        ("_callinguserid_value".into(), acting.map_or(Json::Null, |acting| text(acting.to_string()))),
        ("transactionid".into(), text(entry.actor.act.to_string())),
    ])
}
