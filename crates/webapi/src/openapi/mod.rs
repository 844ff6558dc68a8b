//! `openapi.json`: what there is, as an `OpenAPI` 3.1 description tells it, for tools that generate
//! clients, try requests out or test a server. It is made, as `$metadata` is, from the model and the table
//! of operations, but tells each caller only of the tables and columns they may read, and of writing only
//! where their roles allow it.

mod column;
mod definitions;
mod operation;
mod row;
mod set;
mod shared;
mod told;

use axum::{
    http::{Method, StatusCode, header},
    response::Response,
};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::{
    csdl::{said, with_tag},
    error::{Error, Result},
    handlers::{Request, empty, openapi_document as answer},
};
use told::Told;

/// What the document is called below the root.
pub const NAME: &str = "openapi.json";
/// The query option that narrows it to some tables.
const TABLES: &str = "tables";

/// Answers with the document, or 304 where the client has it.
pub fn serve(request: &Request) -> Result<Response> {
    if request.method != Method::GET {
        return Err(request.not_allowed(NAME, "GET"));
    }
    request.options.allow(&[])?;
    let told = Told::of(request, asked(request)?)?;
    let body = document(request, &told).to_string();
    let digest = Sha256::digest(&body);
    // Weak: on the way it may be packed.
    let tag = format!("W/\"{}\"", digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect::<String>());
    if said(&request.headers, &header::IF_NONE_MATCH).any(|known| known == "*" || known == tag) {
        return Ok(with_tag(empty(StatusCode::NOT_MODIFIED), &tag));
    }
    Ok(with_tag(answer(body), &tag))
}

/// Logical names of the tables that are asked for; nothing where all are.
fn asked(request: &Request) -> Result<Option<Vec<&str>>> {
    let Some(text) = request.options.get(TABLES) else { return Ok(None) };
    let names: Vec<&str> = text.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    if names.is_empty() || names.len() > request.model.tables.len() {
        return Err(Error::BadRequest(format!(
            "{TABLES}: name tables by their logical names, each once: {TABLES}=lead,opportunity"
        )));
    }
    Ok(Some(names))
}

fn document(request: &Request, told: &Told<'_>) -> Value {
    let mut paths = Map::new();
    definitions::paths(told, &mut paths);
    operation::unbound(told, &mut paths);
    for table in &told.tables {
        set::paths(told, table, &mut paths);
        operation::bound(told, table, &mut paths);
    }
    let mut schemas = shared::schemas();
    operation::schemas(told, &mut schemas);
    for table in &told.tables {
        row::schemas(told, table, &mut schemas);
    }
    json!({
        "openapi": "3.1.0",
        "info": info(request),
        "servers": [{"url": told.origin}],
        "security": [{"token": []}, {"oauth": [crm::identity::CHANGE]}],
        "tags": tags(told),
        "paths": paths,
        "components": {
            "schemas": schemas,
            "parameters": shared::parameters(),
            "responses": shared::responses(),
            "headers": shared::headers(),
            "securitySchemes": shared::security(&told.origin),
        },
    })
}

fn info(request: &Request) -> Value {
    json!({
        "title": format!("Web API of {}", request.caller.organization().name),
        "version": env!("CARGO_PKG_VERSION"),
        "summary": "Rows of all tables, and what is done with them, in the protocol of the Dataverse Web API.",
        "description": "Made from the declarations in force, for whoever asked: it tells of the tables and columns that \
                        they may read, and of writing where they may write. Every column, option and table is named \
                        exactly as it is spelt here. A key of a row is a GUID; columns that name a row from outside \
                        stand in the description of the key.",
        "license": {"name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0"},
    })
}

fn tags(told: &Told<'_>) -> Vec<Value> {
    let fixed = [
        (definitions::TAG, "Tables, columns and relationships as they are declared"),
        (operation::TAG, "Actions and functions that are called by name alone"),
        (definitions::SEVERAL, "Several requests in one, and search over several tables"),
    ];
    let fixed = fixed.into_iter().map(|(name, description)| json!({"name": name, "description": description}));
    fixed
        .chain(told.tables.iter().map(|table| {
            let description = if table.description.is_empty() { &table.plural_label } else { &table.description };
            json!({"name": table.set_name, "description": description})
        }))
        .collect()
}
