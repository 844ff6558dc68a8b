//! Actions of the sales process: `QualifyLead`, `WinOpportunity`, `LoseOpportunity`.

use axum::{http::StatusCode, response::Response};
use crm::{Origin, opportunities::CloseRequest};
use indexmap::IndexMap;
use model::Reference;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::{
    key,
    request::Request,
    response::{empty, object},
};
use crate::{
    error::{Error, Result},
    odata::Segment,
    translate::known_table,
    wire::{Json, members, read_draft},
};

/// The parameters of an action by name.
pub(super) struct Parameters {
    action: &'static str,
    given: IndexMap<String, Box<RawValue>>,
}

impl Parameters {
    pub(super) fn read(request: &Request, action: &'static str, known: &[&str]) -> Result<Self> {
        let given = members(action, request.text()?)?;
        match given.keys().find(|name| !name.contains('@') && !known.contains(&name.as_str())) {
            Some(other) => {
                Err(Error::BadBody(format!("{action}: '{other}' is no parameter; there are {}", known.join(", "))))
            }
            None => Ok(Self { action, given }),
        }
    }

    pub(super) fn raw(&self, name: &str) -> Option<&str> {
        self.given.get(name).map(|raw| raw.get()).filter(|raw| raw.trim() != "null")
    }

    pub(super) fn required<T: DeserializeOwned>(&self, name: &str, form: &str) -> Result<T> {
        let raw = self.raw(name).ok_or_else(|| {
            Error::BadBody(format!("{}: the parameter '{name}' is missing; send {form}", self.action))
        })?;
        serde_json::from_str(raw).map_err(|_| Error::BadBody(format!("{}: '{name}' must be {form}", self.action)))
    }

    /// A row given as an object with its type and primary key.
    fn row(&self, request: &Request, name: &str, tables: &[&str]) -> Result<Option<Reference>> {
        let Some(raw) = self.raw(name) else { return Ok(None) };
        let object = members(name, raw)?;
        let found = tables.iter().filter_map(|table| request.model.table(table)).find_map(|table| {
            let id = serde_json::from_str::<String>(object.get(&table.primary_key)?.get()).ok()?;
            Some(Reference::new(table.name.as_str(), Uuid::try_parse(&id).ok()?))
        });
        found.map(Some).ok_or_else(|| {
            let form = format!("{{\"@odata.type\": \"Microsoft.Dynamics.CRM.{0}\", \"{0}id\": \"…\"}}", tables[0]);
            Error::BadBody(format!("{}: '{name}' must be a row of {}: {form}", self.action, tables.join(" or ")))
        })
    }
}

/// `leads(id)/Microsoft.Dynamics.CRM.QualifyLead`
pub async fn qualify(request: &Request, lead: &Segment) -> Result<Response> {
    const KNOWN: &[&str] = &[
        "CreateAccount",
        "CreateContact",
        "CreateOpportunity",
        "Status",
        "OpportunityCurrencyId",
        "OpportunityCustomerId",
        "SourceCampaignId",
        "ProcessInstanceId",
    ];
    let parameters = Parameters::read(request, "QualifyLead", KNOWN)?;
    let yes_or_no = "true or false";
    let wanted = (
        parameters.required("CreateAccount", yes_or_no)?,
        parameters.required("CreateContact", yes_or_no)?,
        parameters.required("CreateOpportunity", yes_or_no)?,
    );
    let status: i64 =
        parameters.required("Status", "the number of a status reason of a qualified lead, for instance 3")?;
    let customer = parameters.row(request, "OpportunityCustomerId", &["account", "contact"])?;
    let currency = parameters.row(request, "OpportunityCurrencyId", &["transactioncurrency"])?;
    let table = known_table(&request.model, "lead")?;
    let id = key::resolve(request, table, lead).await?;
    let refuse_duplicates = request.detects_duplicates();
    let done = request
        .app
        .leads()
        .qualify_plainly(&request.caller, Origin::WebApi, id, wanted, move |choice| {
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
pub async fn win(request: &Request) -> Result<Response> {
    let closing = closing(request, "WinOpportunity").await?;
    request.app.opportunities().win(&request.caller, Origin::WebApi, closing).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// `LoseOpportunity`
pub async fn lose(request: &Request) -> Result<Response> {
    let closing = closing(request, "LoseOpportunity").await?;
    request.app.opportunities().lose(&request.caller, Origin::WebApi, closing).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

async fn closing(request: &Request, action: &'static str) -> Result<CloseRequest> {
    let parameters = Parameters::read(request, action, &["Status", "OpportunityClose"])?;
    let status: i64 =
        parameters.required("Status", "the number of a status reason, for instance 3 (won) or 4 (lost)")?;
    let close = parameters.raw("OpportunityClose").ok_or_else(|| {
        let form = "{\"subject\": \"…\", \"opportunityid@odata.bind\": \"/opportunities(id)\"}";
        Error::BadBody(format!("{action}: the parameter 'OpportunityClose' is missing; send {form}"))
    })?;
    let table = known_table(&request.model, "opportunityclose")?;
    let mut draft = read_draft(&request.model, table, close, false)?;
    key::resolve_links(request, &mut draft).await?;
    let mut values = draft.values;
    let opportunity = values.remove("opportunityid").and_then(|value| value.as_id()).ok_or_else(|| {
        Error::BadBody(format!(
            "{action}: OpportunityClose must name the deal: \"opportunityid@odata.bind\": \"/opportunities(id)\""
        ))
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
