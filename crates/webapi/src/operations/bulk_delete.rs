//! `BulkDelete`: rows are deleted in the background, by a job whose row tells how far it is.

use axum::{http::StatusCode, response::Response};
use crm::{
    Origin,
    jobs::{BulkDelete, MOST_QUERIES, RowsOf},
};
use jiff::Timestamp;
use serde_json::Value;

use super::{Bound, Call, Complex, Kind, Operation, Parameter, Parameters, Property, Returns, Type};
use crate::{
    domain,
    error::{Error, Result},
    fetch::{plan, read_expression},
    handlers::{Request, object},
    translate::known_table,
    wire::Json,
};

static QUERY: Complex = Complex {
    name: "QueryExpression",
    open: true,
    properties: &[Property::new("EntityName", Type::Text), Property::new("Query", Type::Text)],
};

const QUERIES: &str = "queries: [{\"EntityName\": \"account\", \"Criteria\": {\"Conditions\": [{\"AttributeName\": \"name\", \
                       \"Operator\": \"Equal\", \"Values\": [{\"Value\": \"x\", \"Type\": \"System.String\"}]}]}}]";
const NOBODY: &str = "an empty list: nobody is told by e-mail";

/// What can be done here.
pub static OPERATIONS: &[Operation] = &[Operation {
    name: "BulkDelete",
    kind: Kind::Action,
    bound: Bound::Nothing,
    parameters: &[
        Parameter::required("QuerySet", Type::Collection(&Type::Complex(&QUERY)), QUERIES),
        Parameter::required("JobName", Type::Text, "a name of 1 to 256 characters"),
        Parameter::optional("SendEmailNotification", Type::Boolean, "false: the job's row tells when it is over"),
        Parameter::optional("ToRecipients", Type::Collection(&Type::AnyRow), NOBODY),
        Parameter::optional("CCRecipients", Type::Collection(&Type::AnyRow), NOBODY),
        Parameter::optional(
            "RecurrencePattern",
            Type::Text,
            "empty: a job runs once; retention rules delete again and again",
        ),
        Parameter::optional("StartDateTime", Type::DateTime, "a moment such as 2027-03-01T08:30:00Z"),
        Parameter::optional(
            "SourceImportId",
            Type::Guid,
            "null; imports are taken back by DELETE /api/imports/{number}",
        ),
        Parameter::optional("RunNow", Type::Boolean, "true or false"),
    ],
    returns: Returns::Response(&[Property::new("JobId", Type::Guid)]),
    handler: |call| Box::pin(bulk_delete(call)),
}];

async fn bulk_delete(call: &Call<'_>) -> Result<Response> {
    let (request, parameters) = (call.request, &call.parameters);
    refuse_what_is_not_done(parameters)?;
    let name: String = parameters.required("JobName")?;
    if name.trim().is_empty() || name.chars().count() > 256 {
        return Err(parameters.wrong("JobName"));
    }
    let queries: Vec<Value> = parameters.required("QuerySet")?;
    if queries.is_empty() || queries.len() > MOST_QUERIES {
        return Err(Error::BadRequest(format!("QuerySet: send 1 to {MOST_QUERIES} queries")));
    }
    let mut rows = Vec::with_capacity(queries.len());
    for query in &queries {
        rows.push(rows_of(request, query).await?);
    }
    let runs_now = parameters.get::<bool>("RunNow")?.unwrap_or_default();
    let start = if runs_now { None } else { start(parameters)? };
    let wanted = BulkDelete { name, queries: rows, not_before: start };
    let job = request.app.jobs().bulk_delete(&request.caller, Origin::WebApi, wanted).await?;
    Ok(object(StatusCode::OK, call.context(), vec![("JobId".into(), Json::Text(job.to_string()))]))
}

fn refuse_what_is_not_done(parameters: &Parameters) -> Result<()> {
    if parameters.get::<bool>("SendEmailNotification")? == Some(true) {
        return Err(parameters.wrong("SendEmailNotification"));
    }
    for name in ["ToRecipients", "CCRecipients"] {
        if parameters.get::<Vec<Value>>(name)?.is_some_and(|recipients| !recipients.is_empty()) {
            return Err(parameters.wrong(name));
        }
    }
    if parameters.get::<String>("RecurrencePattern")?.is_some_and(|pattern| !pattern.trim().is_empty()) {
        return Err(parameters.wrong("RecurrencePattern"));
    }
    if parameters.raw("SourceImportId").is_some() {
        return Err(parameters.wrong("SourceImportId"));
    }
    Ok(())
}

fn start(parameters: &Parameters) -> Result<Option<Timestamp>> {
    let Some(text) = parameters.get::<String>("StartDateTime")? else { return Ok(None) };
    text.parse().map(Some).map_err(|_| parameters.wrong("StartDateTime"))
}

/// The rows that a query means. It is asked for one of them, so that what is wrong with it is said now.
async fn rows_of(request: &Request, query: &Value) -> Result<RowsOf> {
    let fetch = read_expression(query)?;
    let table = known_table(&request.model, &fetch.entity.name)?;
    let plan = plan(&request.model, table, &fetch)?;
    let meant = request.app.new_query(&request.caller, &table.name).select([table.primary_key.as_str()]);
    let filter = plan.condition().ok_or_else(|| {
        Error::BadRequest(
            "QuerySet: a link-entity that joins several rows is not possible here; ask whether there are any (link-type exists, or any inside a filter)".to_owned(),
        )
    })?;
    domain::query(&request.app, &request.caller, meant.matching(filter.clone()).take(1)).await?;
    Ok(RowsOf { table: table.name.clone(), filter: filter.clone() })
}
