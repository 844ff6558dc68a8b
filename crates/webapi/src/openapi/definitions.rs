//! Addresses that are the same for every model: the service document, `$metadata`, definitions, views,
//! batches and search.

use serde_json::{Map, Value, json};

use super::{
    shared::{Call, body, definition_options},
    told::{Told, parameter, schema},
};

/// The tag of what tells of tables.
pub const TAG: &str = "Definitions";
/// The tag of what concerns several tables or requests.
pub const SEVERAL: &str = "Several";

/// What a definition of a table leads to.
const BEHIND: [&str; 5] =
    ["Attributes", "Keys", "OneToManyRelationships", "ManyToOneRelationships", "ManyToManyRelationships"];
/// Definitions that are listed on their own.
const LISTED: [(&str, &str); 4] = [
    ("RelationshipDefinitions", "Read how tables are related"),
    ("GlobalOptionSetDefinitions", "Read choices that several columns share"),
    ("savedqueries", "Read the views of the organisation"),
    ("sdkmessagefilters", "Read what can be done with the rows of tables"),
];

/// Adds them.
pub fn paths(told: &Told<'_>, paths: &mut Map<String, Value>) {
    let base = &told.base;
    let service =
        Call::new("service", TAG, "Read the names of all sets").answers("200", "The sets.", &schema("definitions"));
    paths.insert(base.clone(), json!({"get": service.reads()}));
    let metadata = Call::new("metadata", TAG, "Read the schema of OData (CSDL)")
        .with(parameter("if-none-match"))
        .answers_as("200", "The schema.", "application/xml", &json!({"type": "string"}))
        .answers_nothing("304", "The client has it.");
    paths.insert(format!("{base}$metadata"), json!({"get": metadata.reads()}));
    paths.insert(format!("{base}{}", super::NAME), json!({"get": itself().reads()}));
    let list = |id: &str, summary: &str| {
        Call::new(id, TAG, summary).with_all(definition_options()).answers(
            "200",
            "Definitions.",
            &schema("definitions"),
        )
    };
    paths.insert(
        format!("{base}EntityDefinitions"),
        json!({"get": list("list_tables", "Read the definitions of tables").reads()}),
    );
    let table = table_name(told);
    let one = format!("{base}EntityDefinitions(LogicalName='{{LogicalName}}')");
    paths.insert(
        one.clone(),
        json!({"get": single("read_table", "Read the definition of a table").with(table.clone()).reads()}),
    );
    for behind in BEHIND {
        let call = list(&format!("list_{behind}"), &format!("Read {behind} of a table")).with(table.clone());
        paths.insert(format!("{one}/{behind}"), json!({"get": call.reads()}));
    }
    let attribute = single("read_column_definition", "Read the definition of a column")
        .with(table)
        .with(json!({"name": "Attribute", "in": "path", "required": true, "description": "A column by its logical name.", "schema": {"type": "string", "pattern": "^[a-z_0-9]+$"}}));
    paths.insert(format!("{one}/Attributes(LogicalName='{{Attribute}}')"), json!({"get": attribute.reads()}));
    for (set, summary) in LISTED {
        paths.insert(format!("{base}{set}"), json!({"get": list(&format!("list_{set}"), summary).reads()}));
    }
    paths.insert(format!("{base}$batch"), json!({"post": batch().writes()}));
    paths.insert("/api/search/v2.0/query".to_owned(), json!({"post": search().writes()}));
}

fn itself() -> Call {
    let tables = json!({
        "name": "tables",
        "in": "query",
        "description": "Only these tables, by their logical names with commas between.",
        "schema": {"type": "string"},
    });
    Call::new("openapi", TAG, "Read this document")
        .with(tables)
        .with(parameter("if-none-match"))
        .answers("200", "The document.", &json!({"type": "object"}))
        .answers_nothing("304", "The client has it.")
}

fn single(id: &str, summary: &str) -> Call {
    Call::new(id, TAG, summary).with_all([parameter("select"), parameter("expand"), parameter("caller")]).answers(
        "200",
        "The definition.",
        &schema("definition"),
    )
}

fn table_name(told: &Told<'_>) -> Value {
    let names: Vec<&str> = told.tables.iter().map(|table| table.name.as_str()).collect();
    json!({
        "name": "LogicalName",
        "in": "path",
        "required": true,
        "description": "A table by its logical name.",
        "schema": {"type": "string", "enum": names},
    })
}

fn batch() -> Call {
    let parts = json!({"type": "string", "description": "Parts of type application/http, each one request; change sets are parts of type multipart/mixed."});
    Call::new("batch", SEVERAL, "Send several requests in one")
        .described("Up to 1000 requests. What is in a change set is done whole or not at all.")
        .with(json!({"name": "Prefer", "in": "header", "description": "odata.continue-on-error goes on where one of the requests is refused.", "schema": {"type": "string"}}))
        .with(parameter("caller"))
        .taking(json!({"required": true, "content": {"multipart/mixed": {"schema": parts}}}))
        .answers_as("200", "The answers, in the same order.", "multipart/mixed", &json!({"type": "string"}))
}

fn search() -> Call {
    let asked = json!({
        "type": "object",
        "properties": {
            "search": {"type": "string", "minLength": 1, "maxLength": 100, "description": "Words that must all be in a row."},
            "entities": {"type": "string", "description": "Tables to look into, as JSON in a text: [{\"name\":\"account\",\"selectColumns\":[\"name\"]}]."},
            "count": {"type": "boolean", "description": "Also the number of rows."},
            "top": {"type": "integer", "minimum": 0, "description": "At most so many rows; 100 at most."},
            "skip": {"type": "integer", "minimum": 0, "description": "So many rows are left out at the beginning; 500 at most."},
        },
        "required": ["search"],
        "additionalProperties": false,
    });
    let found = json!({
        "type": "object",
        "properties": {"response": {"type": "string", "description": "What was found, as JSON in a text: Value, Count."}},
        "required": ["response"],
    });
    Call::new("search", SEVERAL, "Search rows of several tables by their words")
        .with(parameter("caller"))
        .taking(body(&asked, true))
        .answers("200", "What was found.", &found)
}
