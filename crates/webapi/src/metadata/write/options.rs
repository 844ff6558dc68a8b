//! Options, states and status reasons, one at a time.

use axum::{http::StatusCode, response::Response};
use crm::Origin;
use model::{ColumnType, Model, ModelError, Overlay, PartAddress, PartKind, PartOrigin, Problem};
use serde_json::{Map, Value, json};

use super::{label, may_write, part, put_new, sent::Sent};
use crate::{
    error::{Error, Result},
    handlers::{empty, object},
    operations::Call,
    translate::known_table,
    wire::Json,
};

/// Whose options are meant.
struct Options {
    kind: PartKind,
    /// The address of the list: `lead/leadsourcecode`, or the name of a shared one.
    list: String,
}

impl Options {
    fn of(call: &Call<'_>, model: &Model) -> Result<Self> {
        let text = |name: &str| Ok::<_, Error>(call.parameters.get::<String>(name)?.filter(|text| !text.is_empty()));
        if let Some(name) = text("OptionSetName")? {
            if !model.choices.contains_key(&name) {
                return Err(Error::BadRequest(format!(
                    "OptionSetName: there is no global choice '{name}' of the organisation's own; name a column by EntityLogicalName and AttributeLogicalName"
                )));
            }
            return Ok(Self { kind: PartKind::Option, list: name });
        }
        let (Some(table), Some(column)) = (text("EntityLogicalName")?, text("AttributeLogicalName")?) else {
            return Err(Error::BadBody(
                "name a column by EntityLogicalName and AttributeLogicalName, or a global choice by OptionSetName"
                    .to_owned(),
            ));
        };
        let table = known_table(model, &table)?;
        let found = table.column(&column).ok_or_else(|| {
            Error::BadRequest(format!("AttributeLogicalName: the table {} has no column '{column}'", table.name))
        })?;
        let kind = match found.value_type() {
            ColumnType::Choice { .. } | ColumnType::MultiChoice { .. } => PartKind::Option,
            ColumnType::State => PartKind::State,
            ColumnType::Status => PartKind::Status,
            _ => {
                return Err(Error::BadRequest(format!(
                    "AttributeLogicalName: the column {column} has no list of options"
                )));
            }
        };
        let list = match (kind, &found.choice) {
            (PartKind::Option, Some(shared)) => {
                return Err(Error::BadRequest(format!(
                    "{}.{column} has the options of the global choice {shared}; name it by OptionSetName",
                    table.name
                )));
            }
            (PartKind::Option, None) => format!("{}/{column}", table.name),
            _ => table.name.clone(),
        };
        Ok(Self { kind, list })
    }

    fn at(&self, number: &str) -> Result<PartAddress> {
        part(self.kind, &format!("{}/{number}", self.list))
    }

    /// Refuses other columns than those an action is for.
    fn only(self, kinds: &[PartKind], what: &str) -> Result<Self> {
        if kinds.contains(&self.kind) { Ok(self) } else { Err(Error::BadRequest(format!("this action is for {what}"))) }
    }
}

/// `InsertOptionValue`
pub async fn insert(call: &Call<'_>) -> Result<Response> {
    may_write(call.request)?;
    let what = "choices; InsertStatusValue is for status reasons";
    let options = Options::of(call, &call.request.app.model())?.only(&[PartKind::Option], what)?;
    add(call, &options, said(call)?).await
}

/// `InsertStatusValue`
pub async fn insert_status(call: &Call<'_>) -> Result<Response> {
    may_write(call.request)?;
    let options = Options::of(call, &call.request.app.model())?.only(&[PartKind::Status], "the column statuscode")?;
    let mut document = said(call)?;
    document.insert("state".to_owned(), json!(call.parameters.required::<i32>("StateCode")?));
    add(call, &options, document).await
}

async fn add(call: &Call<'_>, options: &Options, document: Map<String, Value>) -> Result<Response> {
    let number = call.parameters.get::<i32>("Value")?;
    let address = options.at(&number.map_or_else(|| "next".to_owned(), |number| number.to_string()))?;
    let document = Value::Object(document);
    let chosen = publish(call, |overlay| match number {
        Some(number) => put_new(overlay, &address, &document).map(|()| number.to_string()),
        None => overlay.put_part(&address, &document).map(|address| address.name()),
    });
    let chosen = chosen.await?;
    let number = chosen.rsplit('/').next().and_then(|number| number.parse().ok()).unwrap_or_default();
    Ok(object(StatusCode::OK, call.context(), vec![("NewOptionValue".into(), Json::Whole(number))]))
}

/// `UpdateOptionValue`
pub async fn update(call: &Call<'_>) -> Result<Response> {
    may_write(call.request)?;
    let options = Options::of(call, &call.request.app.model())?;
    let what = "choices and status reasons; UpdateStateValue is for states";
    change(call, &options.only(&[PartKind::Option, PartKind::Status], what)?, said(call)?).await
}

/// `UpdateStateValue`
pub async fn update_state(call: &Call<'_>) -> Result<Response> {
    may_write(call.request)?;
    let options = Options::of(call, &call.request.app.model())?.only(&[PartKind::State], "the column statecode")?;
    let mut document = said(call)?;
    if let Some(status) = call.parameters.get::<i32>("DefaultStatusCode")? {
        document.insert("default_status".to_owned(), json!(status));
    }
    change(call, &options, document).await
}

async fn change(call: &Call<'_>, options: &Options, patch: Map<String, Value>) -> Result<Response> {
    let address = options.at(&call.parameters.required::<i32>("Value")?.to_string())?;
    let patch = Value::Object(patch);
    let changed = publish(call, |overlay| match overlay.part(&address)? {
        Some(_) => overlay.change_part(&address, &patch).map(drop),
        None => refuse(&address, "there is no such option"),
    });
    changed.await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// `DeleteOptionValue`
pub async fn delete(call: &Call<'_>) -> Result<Response> {
    may_write(call.request)?;
    let what = "choices and status reasons";
    let options = Options::of(call, &call.request.app.model())?.only(&[PartKind::Option, PartKind::Status], what)?;
    let address = options.at(&call.parameters.required::<i32>("Value")?.to_string())?;
    let deleted = publish(call, |overlay| match overlay.part(&address)?.map(|part| part.origin) {
        Some(PartOrigin::Own) => overlay.remove_part(&address).map(drop),
        Some(_) => refuse(&address, "this is shipped and cannot be deleted"),
        None => refuse(&address, "there is no such option"),
    });
    deleted.await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// `OrderOption`
pub async fn order(call: &Call<'_>) -> Result<Response> {
    may_write(call.request)?;
    let options = Options::of(call, &call.request.app.model())?.only(&[PartKind::Option], "choices")?;
    let wanted: Vec<i64> = call.parameters.required("Values")?;
    let address = part(PartKind::Choice, &options.list)?;
    let ordered = publish(call, |overlay| {
        let Some(list) = overlay.part(&address)? else { return refuse(&address, "there is no such choice") };
        let present = list.document.get("options").and_then(Value::as_array).cloned().unwrap_or_default();
        let number = |option: &Value| option.get("value").and_then(Value::as_i64);
        let place = |option: &Value| wanted.iter().position(|value| Some(*value) == number(option));
        if wanted.len() != present.len() || present.iter().any(|option| place(option).is_none()) {
            let known = present.iter().filter_map(number).map(|number| number.to_string()).collect::<Vec<_>>();
            return refuse(&address, &format!("name each option once; there are {}", known.join(", ")));
        }
        let mut sorted = present;
        sorted.sort_by_key(place);
        overlay.change_part(&address, &json!({ "options": sorted })).map(drop)
    });
    ordered.await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

/// What is said of an option: its label and colour.
fn said(call: &Call<'_>) -> Result<Map<String, Value>> {
    let mut members = Map::new();
    for name in ["Label", "Description", "Color"] {
        members.extend(call.parameters.get::<Value>(name)?.map(|value| (name.to_owned(), value)));
    }
    let members = Value::Object(members);
    let sent = Sent::at("", &members)?;
    let mut document = Map::new();
    if sent.get("Label").is_some() {
        document.insert("label".to_owned(), json!(label::needed(&sent, "Label")?));
    }
    if label::read(&sent, "Description", None)?.is_some_and(|text| !text.is_empty()) {
        return Err(sent.wrong("Description", "options have none here; leave it out"));
    }
    if let Some(color) = super::choice::color(&sent)? {
        document.insert("color".to_owned(), json!(color));
    }
    Ok(document)
}

fn refuse(address: &PartAddress, message: &str) -> std::result::Result<(), ModelError> {
    Err(Problem::new(address.to_string(), message).into())
}

async fn publish<T: Send>(
    call: &Call<'_>,
    edit: impl FnOnce(&mut Overlay) -> std::result::Result<T, ModelError> + Send,
) -> Result<T> {
    let customization = call.request.app.customization();
    let changed = customization.change_together::<_, Error>(&call.request.caller, Origin::WebApi, edit, |_, _| Ok(()));
    Ok(Box::pin(changed).await?.1)
}
