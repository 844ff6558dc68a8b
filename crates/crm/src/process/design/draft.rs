//! The rows that keep drafts.
//!
//! Who may shape the model may design every flow, whatever their roles say of the table of drafts: the
//! designer's verbs ask that before, and what they do here follows from it.

use std::sync::Arc;

use language::tr;
use model::{Filter, Model, Process, Stage, StageCategory};
use store::{Query, Reader, Row, Scope};
use uuid::Uuid;

use super::{Draft, Revision, unknown};
use crate::{Caller, Error, FieldError, Result, records::Work};

/// The table of drafts.
pub(super) const DRAFTS: &str = "processdraft";
/// Longest label of a flow or a stage, in characters.
pub(super) const LONGEST: usize = 200;
const COLUMNS: [&str; 8] =
    ["processdraftid", "name", "uniquename", "baseversion", "definition", "modifiedby", "modifiedon", "versionnumber"];

/// The draft of a flow.
pub(super) fn find(reader: &mut Reader<'_>, caller: &Caller, flow: &str) -> Result<Option<Row>> {
    let query = Query::of(DRAFTS, Arc::new(Scope::default()), caller.zone())
        .select(COLUMNS)
        .matching(Filter::eq("uniquename", flow))
        .take(1);
    Ok(reader.query(&query)?.to_rows().next())
}

/// The flow that a row keeps.
pub(super) fn process(row: &Row) -> Result<Process> {
    serde_json::from_str(row.text("definition"))
        .map_err(|error| Error::refused(tr!("the definition of this draft cannot be read: {error}", error)))
}

/// What is known of a draft beside its flow.
pub(super) fn of(row: &Row) -> Option<Draft> {
    Some(Draft {
        id: row.value("processdraftid").as_id()?,
        revision: version_of(row)?,
        base: row.value("baseversion").as_whole().and_then(|version| u32::try_from(version).ok()),
        by: row.value("modifiedby").as_reference().cloned(),
        at: row.value("modifiedon").as_date_time(),
    })
}

fn version_of(row: &Row) -> Option<i64> {
    row.value("versionnumber").as_whole()
}

/// A flow that is new altogether.
pub(super) fn begin(work: &mut Work<'_, '_>, label: &str, table: &str, like: Option<&str>) -> Result<String> {
    let label = labelled(label)?;
    let model = work.model().clone();
    if model.table(table).is_none_or(|table| table.kind != model::TableKind::Standard) {
        return Err(wrong("table", &tr!("Table"), &tr!("choose a table of business records")));
    }
    let name = free_name(work, &model, &label)?;
    let stages = match like {
        None => vec![Stage {
            name: "start".to_owned(),
            label: "Start".to_owned(),
            id: Uuid::nil(),
            category: StageCategory::Qualify,
            table: table.to_owned(),
            relationship: None,
            condition: None,
            steps: Vec::new(),
        }],
        Some(like) => {
            let like = model.process(like).filter(|process| process.table == table);
            like.ok_or_else(|| wrong("like", &tr!("Begin with"), &tr!("choose a flow of the same table")))?
                .stages
                .clone()
        }
    };
    let process = Process {
        name: name.clone(),
        label,
        description: String::new(),
        id: Uuid::nil(),
        table: table.to_owned(),
        order: 0,
        active: true,
        roles: Vec::new(),
        rule: None,
        version: 0,
        earlier: Vec::new(),
        stages,
    };
    keep(work, &process, None)?;
    Ok(name)
}

/// A name that no flow, draft or table has: `new_large_deals`, `new_large_deals2` …
fn free_name(work: &mut Work<'_, '_>, model: &Model, label: &str) -> Result<String> {
    let stem = format!("new_{}", short_name(label, 40));
    for number in 1..1000 {
        let name = if number == 1 { stem.clone() } else { format!("{stem}{number}") };
        let caller = work.caller().clone();
        if model.table(&name).is_none()
            && model.process(&name).is_none()
            && find(work.writer(), &caller, &name)?.is_none()
        {
            return Ok(name);
        }
    }
    Err(wrong("label", &tr!("Name"), &tr!("choose another name; many flows are called so")))
}

/// A label as a short name: lower-case letters, digits and `_`.
pub(super) fn short_name(label: &str, longest: usize) -> String {
    let mut name = String::new();
    for letter in label.chars().flat_map(char::to_lowercase) {
        match letter {
            'a'..='z' | '0'..='9' => name.push(letter),
            _ if !name.is_empty() && !name.ends_with('_') => name.push('_'),
            _ => {}
        }
    }
    name.truncate(longest);
    let name = name.trim_matches('_');
    if name.is_empty() { "flow".to_owned() } else { name.to_owned() }
}

/// Changes a draft, which is begun from what is in force where there is none. Refused where the flow is
/// in another state than `seen`.
pub(super) fn change(
    work: &mut Work<'_, '_>,
    flow: &str,
    seen: Option<Revision>,
    edit: impl FnOnce(&Model, &mut Process) -> Result<()>,
) -> Result<()> {
    let model = work.model().clone();
    let caller = work.caller().clone();
    let Some(found) = find(work.writer(), &caller, flow)? else {
        let mut process = (**model.process(flow).ok_or_else(|| unknown(flow))?).clone();
        let base = process.version;
        refuse_unseen(seen, Revision::InForce(base), Uuid::nil())?;
        edit(&model, &mut process)?;
        return keep(work, &process, Some(base));
    };
    let id = found.value("processdraftid").as_id().unwrap_or_default();
    work.as_consequence(|work| {
        // Locked, so that two changes made at the same time come one after the other.
        let row = work.load(DRAFTS, id)?;
        refuse_unseen(seen, Revision::Draft(version_of(&row).unwrap_or_default()), id)?;
        let mut process = process(&row)?;
        edit(&model, &mut process)?;
        let changes = Row::new().with("name", process.label.as_str()).with("definition", text(&process)?);
        work.update(DRAFTS, id, changes, None).map(drop)
    })
}

fn refuse_unseen(seen: Option<Revision>, now: Revision, draft: Uuid) -> Result<()> {
    match seen {
        Some(seen) if seen != now => Err(changed(draft)),
        _ => Ok(()),
    }
}

/// Somebody changed the flow since it was looked at.
pub(super) fn changed(draft: Uuid) -> Error {
    Error::Changed { table: DRAFTS.to_owned(), id: draft }
}

fn keep(work: &mut Work<'_, '_>, process: &Process, base: Option<u32>) -> Result<()> {
    let mut row = Row::new()
        .with("name", process.label.as_str())
        .with("uniquename", process.name.as_str())
        .with("definition", text(process)?);
    if let Some(base) = base {
        row.set("baseversion", i64::from(base));
    }
    work.as_consequence(|work| work.create(DRAFTS, None, row).map(drop))
}

/// Throws a draft away; refused where it has another version number than `if_version`.
pub(super) fn discard(work: &mut Work<'_, '_>, flow: &str, if_version: Option<i64>) -> Result<()> {
    let caller = work.caller().clone();
    let row =
        find(work.writer(), &caller, flow)?.ok_or_else(|| Error::refused(tr!("there is no draft of this flow")))?;
    let id = row.value("processdraftid").as_id().unwrap_or_default();
    work.as_consequence(|work| work.delete(DRAFTS, id, if_version))
}

fn text(process: &Process) -> Result<String> {
    serde_json::to_string(process).map_err(|error| Error::refused(tr!("the draft cannot be kept: {error}", error)))
}

/// A label that was typed.
pub(super) fn labelled(text: &str) -> Result<String> {
    let label = text.trim();
    match label.chars().count() {
        0 => Err(wrong("label", &tr!("Name"), &tr!("give it a name"))),
        count if count > LONGEST => {
            Err(wrong("label", &tr!("Name"), &tr!("is {count} characters long; {LONGEST} are allowed", count, LONGEST)))
        }
        _ => Ok(label.to_owned()),
    }
}

/// A field of the designer's forms that holds what it must not.
pub(super) fn wrong(field: &str, label: &str, message: &str) -> Error {
    Error::Invalid(vec![FieldError { column: field.to_owned(), label: label.to_owned(), message: message.to_owned() }])
}
