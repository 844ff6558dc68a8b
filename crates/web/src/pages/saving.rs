//! What a record's form writes: values, files and the people of an activity, in one act.

use crm::{NewRecord, Origin, Row, activities::parties::PartyList};
use model::{Reference, Table};
use uuid::Uuid;

use super::duplicate_warning;
use crate::{
    app::Site,
    posted::Typed,
    session::Me,
    view::{fields, parties, record},
};

/// Creates the row with its files and parties in one act. A form that comes a second time, because its
/// answer was lost on the way, changes what it made the first time.
pub(super) async fn insert(
    site: &Site,
    me: &Me,
    table: &Table,
    mut values: Row,
    parties: Vec<PartyList>,
    typed: &Typed,
) -> crm::Result<Uuid> {
    let files = files(table, typed);
    let has_looked = duplicate_warning::has_looked(typed);
    let name = table.name.clone();
    let once: Option<Uuid> = typed.get("once").and_then(|id| id.parse().ok());
    let made = match once {
        Some(id) => site.app.get(&me.caller, &name, id, Some(Vec::new())).await.is_ok(),
        None => false,
    };
    site.app
        .work(&me.caller, Origin::Page, move |work| {
            if !has_looked && !made {
                work.warn_of_duplicates();
            }
            for (column, bytes) in files {
                let stored = match bytes {
                    Some(bytes) => work.store_file(&bytes)?,
                    None => model::Value::Null,
                };
                values.set(column, stored);
            }
            let id = match once.filter(|_| made) {
                Some(id) => work.update(&name, id, values, None).map(|_| id)?,
                None => work.create_all(NewRecord { id: once, ..NewRecord::of(name.as_str(), values) })?,
            };
            work.set_parties(&Reference::new(name, id), parties)?;
            Ok(id)
        })
        .await
}

/// What is to become of a record.
pub(super) struct Change<'a> {
    pub table: &'a Table,
    pub id: Uuid,
    pub reading: FormReading,
    pub typed: &'a Typed,
    /// Only where the row still has this version.
    pub version: Option<i64>,
    /// The act that this goes on with, so that both are taken back as one.
    pub earlier: Option<Uuid>,
}

/// What was written.
pub(super) struct Saved {
    pub act: Uuid,
    pub version: Option<i64>,
}

/// Changes the row with its files and parties in one act.
pub(super) async fn update(site: &Site, me: &Me, change: Change<'_>) -> crm::Result<Saved> {
    let Change { table, id, reading, typed, version, earlier } = change;
    let (mut changes, parties) = (reading.values, reading.parties);
    let files = files(table, typed);
    let has_looked = duplicate_warning::has_looked(typed);
    let name = table.name.clone();
    site.app
        .work(&me.caller, Origin::Page, move |work| {
            let record = Reference::new(name.as_str(), id);
            if let Some(act) = earlier {
                work.go_on_with(act, &record)?;
            }
            if !has_looked {
                work.warn_of_duplicates();
            }
            for (column, bytes) in files {
                let stored = match bytes {
                    Some(bytes) => work.store_file(&bytes)?,
                    None => model::Value::Null,
                };
                changes.set(column, stored);
            }
            work.update(&name, id, changes, version)?;
            work.set_parties(&record, parties)?;
            let version = work.load(&name, id)?.value("versionnumber").as_whole();
            Ok(Saved { act: work.act(), version })
        })
        .await
}

/// The files that were sent, and the columns whose file is to go.
fn files(table: &Table, typed: &Typed) -> Vec<(String, Option<Vec<u8>>)> {
    let columns = table.columns.values().filter(|column| record::is_file(column));
    let mut files = Vec::new();
    for column in columns {
        if let Some(upload) = typed.file(&column.name) {
            files.push((column.name.clone(), Some(upload.bytes.to_vec())));
        } else if typed.get(&format!("{}_remove", column.name)) == Some("true") {
            files.push((column.name.clone(), None));
        }
    }
    files
}

/// What a record's form holds.
pub(super) struct FormReading {
    pub values: Row,
    pub parties: Vec<PartyList>,
    pub errors: Vec<(String, String)>,
}

/// Reads what was typed into the table's main form.
pub(super) fn read_form(me: &Me, table: &Table, row: Option<&Row>, typed: &Typed) -> FormReading {
    let form = record::main_form(table);
    let columns: Vec<String> = record::form_columns(&form).map(str::to_owned).collect();
    let mut reading = fields::read(me, table, columns.iter().map(String::as_str), row, typed);
    let (parties, wrong) = parties::read(table, &columns, typed);
    reading.errors.extend(wrong);
    // A new record about another one carries the lookup that its form may not show.
    if row.is_none() {
        let hidden = fields::read(me, table, table.lookups().map(|column| column.name.as_str()), None, typed);
        for (column, value) in hidden.values {
            if !reading.values.contains(&column) {
                reading.values.set(column, value);
            }
        }
    }
    if let Some(upload) = typed.file("documentbody").filter(|_| table.name == "annotation") {
        reading.values.set("filename", upload.name.chars().take(255).collect::<String>());
        reading.values.set("mimetype", upload.content_type.chars().take(255).collect::<String>());
    }
    FormReading { values: reading.values, parties, errors: reading.errors }
}
