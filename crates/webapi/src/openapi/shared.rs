//! What many requests have in common: options, headers, refusals, and how a request is put together.

use serde_json::{Map, Value, json};

use super::told::{ANY_ROW, parameter, schema};
use crate::{
    oauth::{AUTHORIZE, TOKEN},
    wire::PAGE,
};

/// Refusals of every request.
const ALWAYS: [&str; 6] = ["400", "401", "403", "404", "429", "503"];
/// Refusals of requests that write.
const WRITING: [&str; 3] = ["405", "412", "413"];

/// One request of the document.
#[derive(Clone)]
pub struct Call {
    members: Map<String, Value>,
    parameters: Vec<Value>,
    responses: Map<String, Value>,
}

impl Call {
    /// A request by its id, unique in the document.
    pub fn new(id: impl Into<String>, tag: &str, summary: &str) -> Self {
        let mut members = Map::new();
        members.insert("operationId".to_owned(), id.into().into());
        members.insert("tags".to_owned(), json!([tag]));
        members.insert("summary".to_owned(), summary.into());
        Self { members, parameters: Vec::new(), responses: Map::new() }
    }

    /// With more to say.
    pub fn described(mut self, text: &str) -> Self {
        self.members.insert("description".to_owned(), text.into());
        self
    }

    /// With a parameter.
    pub fn with(mut self, parameter: Value) -> Self {
        self.parameters.push(parameter);
        self
    }

    /// With parameters.
    pub fn with_all(mut self, parameters: impl IntoIterator<Item = Value>) -> Self {
        self.parameters.extend(parameters);
        self
    }

    /// With a body.
    pub fn taking(mut self, body: Value) -> Self {
        self.members.insert("requestBody".to_owned(), body);
        self
    }

    /// An answer in JSON.
    pub fn answers(self, status: &str, description: &str, schema: &Value) -> Self {
        self.answers_as(status, description, "application/json", schema)
    }

    /// An answer of some type; several types may be told of one status.
    pub fn answers_as(mut self, status: &str, description: &str, kind: &str, schema: &Value) -> Self {
        let response =
            self.responses.entry(status).or_insert_with(|| json!({"description": description, "content": {}}));
        response["content"][kind] = json!({"schema": schema});
        self
    }

    /// An answer without a body.
    pub fn answers_nothing(mut self, status: &str, description: &str) -> Self {
        self.responses.insert(status.to_owned(), json!({"description": description}));
        self
    }

    /// A request that only reads.
    pub fn reads(self) -> Value {
        self.refused(&[])
    }

    /// A request that writes.
    pub fn writes(self) -> Value {
        self.refused(&WRITING)
    }

    /// A request for a bare number.
    pub fn counts(self) -> Value {
        self.answers_as("200", "The number.", "text/plain", &json!({"type": "string", "pattern": "^[0-9]+$"})).reads()
    }

    fn refused(mut self, also: &[&str]) -> Value {
        for status in ALWAYS.iter().chain(also) {
            self.responses.insert((*status).to_owned(), json!({"$ref": format!("#/components/responses/{status}")}));
        }
        if !self.parameters.is_empty() {
            self.members.insert("parameters".to_owned(), self.parameters.into());
        }
        self.members.insert("responses".to_owned(), Value::Object(self.responses));
        Value::Object(self.members)
    }
}

/// A body in JSON.
pub fn body(schema: &Value, required: bool) -> Value {
    json!({"required": required, "content": {"application/json": {"schema": schema}}})
}

/// Schemas that are not of one table.
pub fn schemas() -> Map<String, Value> {
    let rows = json!({"type": "array", "items": schema(ANY_ROW)});
    let named = [
        (
            "error",
            json!({
                "type": "object",
                "description": "Why a request is refused.",
                "properties": {
                    "error": {
                        "type": "object",
                        "properties": {
                            "code": {"type": "string", "description": "A code of Dataverse's, in hexadecimal; empty where there is none."},
                            "message": {"type": "string", "description": "A sentence that names what is wrong and what would be right."},
                        },
                        "required": ["code", "message"],
                    },
                },
                "required": ["error"],
            }),
        ),
        (ANY_ROW, json!({"type": "object", "description": "A row of some table."})),
        ("row.rows", json!({"type": "object", "properties": {"value": rows}, "required": ["value"]})),
        (
            "reference",
            json!({
                "type": "object",
                "properties": {"@odata.id": {"type": "string", "description": "The address of a row."}},
                "required": ["@odata.id"],
            }),
        ),
        (
            "references",
            json!({
                "type": "object",
                "properties": {"value": {"type": "array", "items": schema("reference")}},
                "required": ["value"],
            }),
        ),
        (
            "property",
            json!({
                "type": "object",
                "properties": {"@odata.context": {"type": "string"}, "value": {}},
                "required": ["value"],
            }),
        ),
        ("property.set", json!({"type": "object", "properties": {"value": {}}, "required": ["value"]})),
        ("definition", json!({"type": "object", "description": "A declaration, as Dataverse tells it."})),
        (
            "definitions",
            json!({
                "type": "object",
                "properties": {"value": {"type": "array", "items": schema("definition")}},
                "required": ["value"],
            }),
        ),
    ];
    named.into_iter().map(|(name, schema)| (name.to_owned(), schema)).collect()
}

/// Parameters that are not of one table.
pub fn parameters() -> Map<String, Value> {
    options().into_iter().chain(request_headers()).map(|(name, told)| (name.to_owned(), told)).collect()
}

fn options() -> [(&'static str, Value); 14] {
    let text = |name: &str, description: &str| json!({"name": name, "in": "query", "description": description, "schema": {"type": "string"}});
    let guid = |name: &str, description: &str| json!({"name": name, "in": "query", "description": description, "schema": {"type": "string", "format": "uuid"}});
    [
        ("select", text("$select", "Columns to be told, with commas between.")),
        (
            "expand",
            text("$expand", "Navigation properties whose rows stand in the row: primarycontactid($select=fullname)."),
        ),
        ("orderby", text("$orderby", "Columns to sort by: createdon desc,name.")),
        ("filter", text("$filter", "Which rows: statecode eq 0 and contains(name,'Foods').")),
        (
            "top",
            json!({"name": "$top", "in": "query", "description": "At most so many rows, and no next page.", "schema": {"type": "integer", "minimum": 0, "maximum": PAGE}}),
        ),
        (
            "count",
            json!({"name": "$count", "in": "query", "description": "Also the number of rows that match.", "schema": {"type": "boolean"}}),
        ),
        ("apply", text("$apply", "Groups and totals: groupby((statuscode),aggregate($count as n)).")),
        ("skiptoken", text("$skiptoken", "Where the next page begins, as @odata.nextLink tells it.")),
        ("deltatoken", text("$deltatoken", "Since when changes are asked for, as @odata.deltaLink tells it.")),
        ("fetchxml", text("fetchXml", "A query in FetchXML, in place of all other options.")),
        ("savedquery", guid("savedQuery", "A view of the organisation, in place of all other options.")),
        ("userquery", guid("userQuery", "A view that a person keeps, in place of all other options.")),
        ("id", text("$id", "The address of the row that is unlinked from a collection.")),
        ("format", text("$format", "Ignored where it is application/json.")),
    ]
}

fn request_headers() -> [(&'static str, Value); 6] {
    let header = |name: &str, description: &str, schema: Value| json!({"name": name, "in": "header", "description": description, "schema": schema});
    let text = || json!({"type": "string"});
    [
        (
            "prefer.list",
            header("Prefer", "odata.maxpagesize=100, odata.include-annotations=\"*\", odata.track-changes", text()),
        ),
        ("prefer.write", header("Prefer", "return=representation answers with the row as it is then.", text())),
        (
            "if-match",
            header("If-Match", "Only if the row still has this version (its @odata.etag); * if it exists.", text()),
        ),
        (
            "if-none-match",
            header("If-None-Match", "Only if the row has another version; * if it does not exist.", text()),
        ),
        (
            "duplicates",
            header(
                "MSCRM.SuppressDuplicateDetection",
                "false refuses what published rules find to be there already.",
                text(),
            ),
        ),
        (
            "caller",
            header(
                "MSCRMCallerID",
                "A user in whose name the request is made, for whoever may act for others.",
                json!({"type": "string", "format": "uuid"}),
            ),
        ),
    ]
}

/// Refusals.
pub fn responses() -> Map<String, Value> {
    let refusals = [
        ("400", "The request says something that cannot be; the sentence names the column or the option."),
        ("401", "The token is missing, unknown, ended or taken back."),
        ("403", "The caller may not; the sentence names the privilege."),
        ("404", "No such row, or none that the caller may see."),
        ("405", "The method is not for this address."),
        ("412", "Somebody else changed the row, or it seems to be there already."),
        ("413", "The body is too large."),
        ("429", "Too many requests."),
        ("503", "The database is away for a moment."),
    ];
    let told = refusals.into_iter().map(|(status, description)| {
        let mut response =
            json!({"description": description, "content": {"application/json": {"schema": schema("error")}}});
        if matches!(status, "429" | "503") {
            response["headers"] = json!({"Retry-After": {"$ref": "#/components/headers/retry-after"}});
        }
        (status.to_owned(), response)
    });
    told.collect()
}

/// Headers of answers.
pub fn headers() -> Value {
    json!({"retry-after": {"description": "Seconds after which to try again.", "schema": {"type": "integer", "minimum": 0}}})
}

/// How a request says who makes it.
pub fn security(origin: &str) -> Value {
    let scopes = json!({
        crm::identity::CHANGE: "What the user may do.",
        crm::identity::READ: "What the user may see, without changing anything.",
    });
    let mut offline = scopes.clone();
    offline[crm::identity::OFFLINE] = "Also while the user is not there.".into();
    json!({
        "token": {
            "type": "http",
            "scheme": "bearer",
            "description": "A personal token, made under “Your sign-in” or by `pipewright token create`.",
        },
        "oauth": {
            "type": "oauth2",
            "description": format!("For programs; {origin}{} tells all of it.", crate::oauth::METADATA),
            "flows": {
                "authorizationCode": {
                    "authorizationUrl": format!("{origin}{AUTHORIZE}"),
                    "tokenUrl": format!("{origin}{TOKEN}"),
                    "refreshUrl": format!("{origin}{TOKEN}"),
                    "scopes": offline,
                },
                "clientCredentials": {"tokenUrl": format!("{origin}{TOKEN}"), "scopes": scopes},
            },
        },
    })
}

/// The parameters of a list of definitions.
pub fn definition_options() -> impl Iterator<Item = Value> {
    ["select", "filter", "orderby", "top", "count", "expand", "caller"].into_iter().map(parameter)
}
