//! Actions of the sales process: `QualifyLead`, `WinOpportunity`, `LoseOpportunity`.

use axum::{http::StatusCode, response::Response};
use crm::{Origin, opportunities::CloseRequest};
use model::{Reference, Value};

use super::{Bound, Call, Kind, Operation, Parameter, Parameters, Property, Returns, Type};
use crate::{
    error::{Error, Result},
    handlers::{Request, empty, object, resolve_links},
    translate::known_table,
    wire::{Json, read_draft, to_json},
};

const YES_OR_NO: &str = "true or false";
const CLOSING: &[Parameter] = &[
    Parameter::required("Status", Type::Int32, "the number of a status reason, for instance 3 (won) or 4 (lost)"),
    Parameter::required(
        "OpportunityClose",
        Type::Row("opportunityclose"),
        "{\"subject\": \"…\", \"opportunityid@odata.bind\": \"/opportunities(id)\"}",
    ),
];

/// What can be done here.
pub static OPERATIONS: &[Operation] = &[
    Operation {
        name: "QualifyLead",
        kind: Kind::Action,
        bound: Bound::Row(&["lead"]),
        parameters: &[
            Parameter::required("CreateAccount", Type::Boolean, YES_OR_NO),
            Parameter::required("CreateContact", Type::Boolean, YES_OR_NO),
            Parameter::required("CreateOpportunity", Type::Boolean, YES_OR_NO),
            Parameter::required(
                "Status",
                Type::Int32,
                "the number of a status reason of a qualified lead, for instance 3",
            ),
            Parameter::optional(
                "OpportunityCurrencyId",
                Type::Row("transactioncurrency"),
                "a row of transactioncurrency: {\"transactioncurrencyid\": \"…\"}",
            ),
            Parameter::optional(
                "OpportunityCustomerId",
                Type::AnyRow,
                "a row of account or contact: {\"@odata.type\": \"Microsoft.Dynamics.CRM.account\", \"accountid\": \"…\"}",
            ),
            Parameter::optional("SourceCampaignId", Type::AnyRow, "null, as there are no campaigns"),
            Parameter::optional("ProcessInstanceId", Type::AnyRow, "null: the process that leads the lead goes on"),
        ],
        returns: Returns::Written,
        handler: |call| Box::pin(qualify(call)),
    },
    Operation {
        name: "WinOpportunity",
        kind: Kind::Action,
        bound: Bound::Nothing,
        parameters: CLOSING,
        returns: Returns::Nothing,
        handler: |call| Box::pin(win(call)),
    },
    Operation {
        name: "LoseOpportunity",
        kind: Kind::Action,
        bound: Bound::Nothing,
        parameters: CLOSING,
        returns: Returns::Nothing,
        handler: |call| Box::pin(lose(call)),
    },
    Operation {
        name: "CalculatePrice",
        kind: Kind::Action,
        bound: Bound::Nothing,
        parameters: &[Parameter::required(
            "Target",
            Type::AnyRow,
            "a deal: {\"@odata.type\": \"Microsoft.Dynamics.CRM.opportunity\", \"opportunityid\": \"…\"}",
        )],
        returns: Returns::Nothing,
        handler: |call| Box::pin(calculate_price(call)),
    },
    Operation {
        name: "CalculateActualValueOpportunity",
        kind: Kind::Function,
        bound: Bound::Nothing,
        parameters: &[Parameter::required("OpportunityId", Type::Guid, "the id of a won deal")],
        returns: Returns::Response(&[Property::new("Value", Type::Decimal)]),
        handler: |call| Box::pin(actual_value(call)),
    },
];

/// `leads(id)/Microsoft.Dynamics.CRM.QualifyLead`
async fn qualify(call: &Call<'_>) -> Result<Response> {
    let (request, parameters) = (call.request, &call.parameters);
    for name in ["SourceCampaignId", "ProcessInstanceId"] {
        if parameters.raw(name).is_some() {
            return Err(parameters.wrong(name));
        }
    }
    let wanted = (
        parameters.required("CreateAccount")?,
        parameters.required("CreateContact")?,
        parameters.required("CreateOpportunity")?,
    );
    let status: i64 = parameters.required("Status")?;
    let customer = parameters.row_of(request, "OpportunityCustomerId", &["account", "contact"])?;
    let currency = parameters.row_of(request, "OpportunityCurrencyId", &["transactioncurrency"])?;
    let lead = call.row().await?;
    let refuse_duplicates = request.detects_duplicates();
    let done = request
        .app
        .leads()
        .qualify_plainly(&request.caller, Origin::WebApi, lead.id, wanted, move |choice| {
            // -1 stands for the default of the state.
            choice.status = (status != -1).then_some(status);
            choice.refuse_duplicates = refuse_duplicates;
            choice.customer = customer;
            choice.currency = currency.map(|currency| currency.id);
        })
        .await?;
    let created = done.created.iter().map(|reference| created(request, reference)).collect::<Result<Vec<_>>>()?;
    let context = format!("{}$metadata#Collection(mscrm.crmbaseentity)", request.root);
    Ok(object(StatusCode::OK, context, vec![("value".into(), Json::List(created))]))
}

fn created(request: &Request, reference: &Reference) -> Result<Json> {
    let table = known_table(&request.model, &reference.table)?;
    Ok(Json::Object(vec![
        ("@odata.type".into(), Json::Text(format!("#Microsoft.Dynamics.CRM.{}", table.name))),
        (table.primary_key.as_str().into(), Json::Text(reference.id.to_string())),
    ]))
}

/// `WinOpportunity`
async fn win(call: &Call<'_>) -> Result<Response> {
    let closing = closing(call.request, &call.parameters).await?;
    call.request.app.opportunities().win(&call.request.caller, Origin::WebApi, closing).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// `LoseOpportunity`
async fn lose(call: &Call<'_>) -> Result<Response> {
    let closing = closing(call.request, &call.parameters).await?;
    call.request.app.opportunities().lose(&call.request.caller, Origin::WebApi, closing).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// `CalculatePrice`: the totals of a deal from its product lines.
async fn calculate_price(call: &Call<'_>) -> Result<Response> {
    let target = call.parameters.row(call.request, "Target").await?;
    if target.table != "opportunity" {
        return Err(call.parameters.wrong("Target"));
    }
    let request = call.request;
    request.app.opportunities().calculate_price(&request.caller, Origin::WebApi, target.id).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// `CalculateActualValueOpportunity(OpportunityId=…)`: what a won deal brought.
async fn actual_value(call: &Call<'_>) -> Result<Response> {
    let opportunity = call.parameters.required("OpportunityId")?;
    let value = call.request.app.opportunities().actual_value(&call.request.caller, opportunity).await?;
    let value = to_json(None, &value.map_or(Value::Null, Value::Decimal));
    Ok(object(StatusCode::OK, call.context(), vec![("Value".into(), value)]))
}

async fn closing(request: &Request, parameters: &Parameters) -> Result<CloseRequest> {
    let status: i64 = parameters.required("Status")?;
    let table = known_table(&request.model, "opportunityclose")?;
    let mut draft = read_draft(&request.model, table, parameters.raw("OpportunityClose").unwrap_or_default(), false)?;
    resolve_links(request, &mut draft).await?;
    let mut values = draft.values;
    let opportunity = values.remove("opportunityid").and_then(|value| value.as_id()).ok_or_else(|| {
        Error::BadBody(
            "OpportunityClose must name the deal: \"opportunityid@odata.bind\": \"/opportunities(id)\"".to_owned(),
        )
    })?;
    // A rule of the domain writes the closing, so what only the system may set is refused here.
    if let Some(column) =
        values.iter().filter_map(|(name, _)| table.column(name)).find(|c| c.read_only || c.is_computed())
    {
        return Err(Error::BadValue {
            column: column.name.clone(),
            message: "is set by the system and cannot be written".to_owned(),
        });
    }
    let status = (status != -1).then_some(status);
    Ok(CloseRequest { opportunity, status, also: values, ..CloseRequest::default() })
}
