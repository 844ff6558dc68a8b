//! Views on the wire: `savedqueries`, which the model declares; `?savedQuery=` and `?userQuery=`; and
//! what FetchXML says of the views that people keep for themselves.

use axum::{http::Method, response::Response};
use crm::{Query, Row, Rows, views::Definition};
use model::{Filter, Table, View};
use uuid::Uuid;

use super::{expansion::Members, fetch, request::Request};
use crate::{
    error::{Error, Result},
    fetch::{layout, of_view, write},
    metadata::{self, Item},
    odata::{KeyPart, Literal, Segment},
    wire::Json,
};

const SYSTEM: &str = "savedqueries";
const OWN: &str = "userquery";
/// Properties of a person's own view that are made from its definition.
const MADE: [&str; 3] = ["fetchxml", "layoutxml", "querytype"];
/// What they are made from.
const MADE_FROM: [&str; 2] = ["definition", "returnedtypecode"];

/// Answers where the address is that of the views everybody has.
pub fn serve(request: &Request, first: &Segment, rest: &[Segment]) -> Option<Result<Response>> {
    if first.name != SYSTEM {
        return None;
    }
    Some(match (rest, &request.method) {
        (_, method) if *method != Method::GET => Err(request.not_allowed("a view of the organisation", "GET")),
        ([], _) => system_views(request, first),
        ([Segment { name, key: None }], _) if name == "$count" && first.key.is_none() => {
            metadata::count(request, all(request).map(|(table, view)| item(request, table, view)).collect())
        }
        ([next, ..], _) => Err(Error::UnknownResource(next.name.clone())),
    })
}

fn system_views(request: &Request, set: &Segment) -> Result<Response> {
    let Some(key) = &set.key else {
        let items = all(request).map(|(table, view)| item(request, table, view)).collect();
        return metadata::all(request, SYSTEM, items);
    };
    let id = match key.as_slice() {
        [KeyPart { name: None, value: Literal::Guid(id) }] => Some(*id),
        [KeyPart { name: Some(name), value: Literal::Guid(id) }] if name == "savedqueryid" => Some(*id),
        _ => None,
    };
    let found = all(request).find(|(_, view)| Some(view.id) == id);
    let (table, view) = found.ok_or_else(|| Error::NotFound {
        table: "savedquery".to_owned(),
        key: id.map(|id| id.to_string()).unwrap_or_default(),
    })?;
    metadata::one(request, SYSTEM, &item(request, table, view))
}

fn all(request: &Request) -> impl Iterator<Item = (&Table, &View)> {
    request.model.tables.values().flat_map(|table| table.views.iter().map(move |view| (&**table, view)))
}

fn item(request: &Request, table: &Table, view: &View) -> Item<'static> {
    Item::new("savedquery", "savedqueryid")
        .with("savedqueryid", view.id.to_string())
        .with("name", view.label.as_str())
        .with("returnedtypecode", table.name.as_str())
        .with("querytype", Json::Whole(0))
        .with("fetchxml", fetchxml(request, table, view))
        .with("layoutxml", layout(table, view))
        .with("isdefault", view.default)
        .with("isquickfindquery", false)
        .with("statecode", Json::Whole(0))
        .with("statuscode", Json::Whole(1))
}

/// The view in FetchXML; null where that has no words for it.
fn fetchxml(request: &Request, table: &Table, view: &View) -> Json {
    of_view(&request.model, table, view).map_or(Json::Null, |fetch| Json::Text(write(&fetch)))
}

/// The rows of a view of the organisation, among those within `within`.
pub async fn system(request: &Request, table: &Table, id: &str, within: Filter) -> Result<Response> {
    let wanted = guid("savedQuery", id)?;
    let Some((owner, view)) = all(request).find(|(_, view)| view.id == wanted) else {
        return Err(Error::NotFound { table: "savedquery".to_owned(), key: wanted.to_string() });
    };
    shown(request, table, &owner.name, view, within).await
}

/// The rows of a view that a person keeps, if the caller may read it.
pub async fn own(request: &Request, table: &Table, id: &str, within: Filter) -> Result<Response> {
    let wanted = guid("userQuery", id)?;
    let row = request.app.get(&request.caller, OWN, wanted, None).await?;
    let view = kept(&row).ok_or_else(|| {
        Error::BadRequest(format!("userQuery: the definition of the view '{}' cannot be read", row.text("name")))
    })?;
    shown(request, table, row.text("returnedtypecode"), &view, within).await
}

async fn shown(request: &Request, table: &Table, of: &str, view: &View, within: Filter) -> Result<Response> {
    if of != table.name {
        return Err(Error::BadRequest(format!(
            "the view '{}' shows rows of '{of}', not of '{}'",
            view.label, table.name
        )));
    }
    fetch::view(request, table, &of_view(&request.model, table, view)?, within).await
}

fn guid(option: &str, text: &str) -> Result<Uuid> {
    Uuid::try_parse(text.trim_matches(['{', '}']))
        .map_err(|_| Error::BadRequest(format!("{option}: give the GUID of a view")))
}

fn kept(row: &Row) -> Option<View> {
    let definition: Definition = serde_json::from_str(row.text("definition")).ok()?;
    Some(View {
        name: String::new(),
        label: row.text("name").to_owned(),
        id: Uuid::nil(),
        default: false,
        columns: definition.columns,
        filter: definition.filter,
        order: definition.order,
    })
}

/// What is asked of people's own views beside their columns.
#[derive(Debug, Default)]
pub struct Made(Vec<&'static str>);

impl Made {
    /// Tells the columns among the names asked for from what is made.
    pub fn split(table: &Table, names: Option<Vec<String>>) -> (Option<Vec<String>>, Self) {
        if table.name != OWN {
            return (names, Self::default());
        }
        let Some(mut names) = names.filter(|names| !names.iter().any(|name| name == "*")) else {
            return (None, Self(MADE.to_vec()));
        };
        let wanted = MADE.into_iter().filter(|made| names.iter().any(|name| name == made)).collect();
        names.retain(|name| !MADE.contains(&name.as_str()));
        (Some(names), Self(wanted))
    }

    /// The query with what it is made from.
    pub fn query(&self, query: Query) -> Query {
        if self.0.is_empty() { query } else { query.select(MADE_FROM) }
    }

    /// Puts it into the rows shown.
    pub fn put(&self, request: &Request, rows: &Rows, shown: &mut [Members]) {
        if self.0.is_empty() {
            return;
        }
        for (row, members) in rows.to_rows().zip(shown) {
            let table = request.model.table(row.text("returnedtypecode"));
            let view = table.and_then(|table| Some((table, kept(&row)?)));
            for name in &self.0 {
                let value = match (*name, &view) {
                    ("querytype", _) => Json::Whole(0),
                    ("fetchxml", Some((table, view))) => fetchxml(request, table, view),
                    ("layoutxml", Some((table, view))) => Json::Text(layout(table, view)),
                    _ => Json::Null,
                };
                members.push(((*name).into(), value));
            }
        }
    }
}
