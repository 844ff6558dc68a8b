//! What can be done with the rows of a table, as `sdkmessagefilters`: clients look there whether a
//! server takes many rows at once.

use model::{Model, Table, TableKind};

use super::item::{Item, Related};

const READ: [&str; 2] = ["Retrieve", "RetrieveMultiple"];
const WRITE: [&str; 6] = ["Create", "Update", "Delete", "CreateMultiple", "UpdateMultiple", "UpsertMultiple"];

/// What can be done, a table and a message each.
pub fn all(model: &Model) -> Vec<Item<'_>> {
    model.tables.values().flat_map(|table| messages(table).map(|message| filter(table, message))).collect()
}

fn messages(table: &Table) -> impl Iterator<Item = &'static str> {
    let is_written = table.kind != TableKind::Pointer;
    READ.into_iter().chain(WRITE.into_iter().filter(move |_| is_written))
}

fn filter<'m>(table: &'m Table, message: &'static str) -> Item<'m> {
    Item::new("sdkmessagefilter", "sdkmessagefilterid")
        .with("sdkmessagefilterid", model::message_id(&table.name, message).to_string())
        .with("primaryobjecttypecode", table.name.as_str())
        .with("secondaryobjecttypecode", "none")
        .leading_to("sdkmessageid", move || {
            let id = model::message_id("", message).to_string();
            Related::One(Some(Item::new("sdkmessage", "sdkmessageid").with("sdkmessageid", id).with("name", message)))
        })
}
