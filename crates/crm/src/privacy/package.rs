//! Handing out everything about a person (articles 15 and 20): one ZIP with a page to read, JSON and
//! CSV for machines, the files, and the history.

use std::{
    collections::BTreeMap,
    io::{Seek, Write},
    sync::{Arc, Mutex, PoisonError},
};

use language::{Language, spoken, text, tr};
use model::{Column, ColumnType, Filter, Model, Reference, Table, Value};
use serde::Serialize;
use serde_json::json;
use store::{FeedOperation, Row};
use uuid::Uuid;
use zip::{ZipWriter, write::SimpleFileOptions};

use super::{
    Privacy,
    find::{Findings, Item, Kind, Mention},
    imports,
    report::{Did, Report, ReportKind},
    require_administrator,
    terms::{Person, Terms},
};
use crate::{
    Caller, Error, Origin, Result,
    export::{ExportRequest, in_current_language},
    format,
    reading::Names,
};

/// Changes of one record that are told.
const CHANGES: u32 = 10_000;
/// Columns that say nothing about anybody.
const SILENT: [&str; 8] = [
    "versionnumber",
    "exchangerate",
    "traversedpath",
    "processid",
    "stageid",
    "owningbusinessunit",
    "owninguser",
    "owningteam",
];

/// What was put together.
#[derive(Debug)]
pub struct Package<W> {
    /// What it holds.
    pub report: Report,
    /// Where it was written.
    pub target: W,
}

/// One record as it is told.
#[derive(Serialize)]
struct Told {
    table: String,
    table_label: String,
    id: Uuid,
    name: String,
    why: String,
    values: Vec<ToldValue>,
    files: Vec<String>,
    history: Vec<ToldChange>,
}

#[derive(Serialize)]
struct ToldValue {
    column: String,
    label: String,
    value: serde_json::Value,
    /// As people read it.
    text: String,
}

#[derive(Serialize)]
struct ToldChange {
    at: String,
    what: &'static str,
    changes: Vec<ToldDifference>,
}

#[derive(Serialize)]
struct ToldDifference {
    column: String,
    label: String,
    before: String,
    after: String,
}

impl Privacy<'_> {
    /// Writes everything about a person into one ZIP file, as the caller sees it: `index.html` to be
    /// read, `data.json` and a CSV file a table for machines, and the stored files. What was found but
    /// may be about somebody else is left out.
    ///
    /// # Errors
    /// As [`Privacy::find`]; [`Error::File`] where it cannot be written.
    pub async fn export<W: Write + Seek + Send + 'static>(
        &self,
        caller: &Caller,
        origin: Origin,
        person: Person,
        reference: &str,
        target: W,
    ) -> Result<Package<W>> {
        require_administrator(caller)?;
        let findings = self.find(caller, person).await?;
        let told: Vec<&Item> = findings.items.iter().filter(|item| is_told(item)).collect();
        if told.is_empty() {
            return Err(Error::refused(tr!("nothing about this person was found")));
        }
        let mut report = Report::new(ReportKind::Export, caller, reference);
        report.mentioned = findings.mentions.iter().map(|mention| mention.record.clone()).collect();
        let mut archive = Archive(ZipWriter::new(target));
        let (terms, model) = (Terms::of(&findings.person), in_current_language(self.app.model()));
        let mut all = Vec::new();
        for item in &told {
            all.push(self.tell(caller, (item, &terms, &model), &mut archive, &mut report).await?);
            report.note(&item.record, Did::Exported);
        }
        for (table, ids) in by_table(&told) {
            let csv = self.csv(caller, &table, ids).await?;
            archive.add(&format!("tables/{table}.csv"), &csv)?;
        }
        let data = json!({
            "made": report.at, "organisation": caller.organization().name, "person": findings.person,
            "records": all, "mentioned_in": findings.mentions,
        });
        let data = serde_json::to_vec_pretty(&data).map_err(|error| Error::File(error.to_string()))?;
        archive.add("data.json", &data)?;
        archive.add("index.html", page(caller, &report, &findings, &all).as_bytes())?;
        let target = archive.0.finish().map_err(cannot_write)?;
        let kept = report.clone();
        self.app.work(caller, origin, move |work| kept.store(work)).await?;
        Ok(Package { report, target })
    }

    async fn tell<W: Write + Seek>(
        &self,
        caller: &Caller,
        (item, terms, model): (&Item, &Terms, &Model),
        archive: &mut Archive<W>,
        report: &mut Report,
    ) -> Result<Told> {
        let record = &item.record;
        let table = model.table(&record.table).cloned();
        let mut told = Told {
            table: record.table.clone(),
            table_label: table.as_ref().map_or_else(|| record.table.clone(), |table| table.label.clone()),
            id: record.id,
            name: item.name.clone(),
            why: item.reason.clone(),
            values: Vec::new(),
            files: Vec::new(),
            history: Vec::new(),
        };
        let Some(table) = table else { return Ok(told) };
        if item.kind == Kind::Import {
            let rows = imports::theirs(self.app, caller, item.record.id, terms).await?;
            if !rows.is_empty() {
                let name = format!("files/import-{}.csv", item.record.id);
                archive.add(&name, &rows)?;
                told.files.push(name);
            }
            return Ok(told);
        }
        if !matches!(item.kind, Kind::Deleted | Kind::FormerValue) {
            let (row, names) = self.app.get_with_names(caller, &table.name, record.id).await?;
            told.values = values(caller, &table, &row, &names);
            for (column, file) in files(&table, &row) {
                let Some(content) = self.app.file(caller, file).await? else { continue };
                let given = if table.name == "annotation" { row.text("filename") } else { "" };
                let name = format!("files/{}-{file}-{}", table.name, safe(given, &column.name));
                archive.add(&name, &content)?;
                told.files.push(name);
                report.files += 1;
            }
        }
        told.history = self.history(caller, &table, item).await?;
        Ok(told)
    }

    /// The history of a record of theirs; of another one the changes that speak of them.
    async fn history(&self, caller: &Caller, table: &Arc<Table>, item: &Item) -> Result<Vec<ToldChange>> {
        let (name, id) = (table.name.clone(), item.record.id);
        let (entries, names) = self
            .app
            .read(move |reader| {
                let entries = reader.feed_of(&name, id, CHANGES)?;
                let values = entries.iter().flat_map(|entry| &entry.changes);
                let pointed: Vec<Reference> = values
                    .flat_map(|(_, before, after)| [before, after])
                    .filter_map(|value| value.as_reference().cloned())
                    .collect();
                let known = pointed
                    .into_iter()
                    .filter(|other| reader.model().table(&other.table).is_some())
                    .collect::<Vec<_>>();
                let names = reader.names(&known)?;
                Ok((entries, names))
            })
            .await?;
        let names = Names(names);
        let is_told = |entry: &&store::FeedEntry| {
            item.kind != Kind::FormerValue || item.sequences.contains(&entry.position.sequence)
        };
        let style = format::Style::of(caller);
        let change = |entry: &store::FeedEntry| ToldChange {
            at: entry.at.to_string(),
            what: match entry.operation {
                FeedOperation::Create => text!("created"),
                FeedOperation::Update => text!("changed"),
                FeedOperation::Delete => text!("deleted"),
                FeedOperation::Erase => text!("values erased"),
            },
            changes: entry
                .changes
                .iter()
                .filter(|(column, before, after)| before != after && !SILENT.contains(&column.as_str()))
                .filter_map(|(column, before, after)| {
                    let column = table.column(column)?;
                    let text = |value: &Value| format::value(caller, &style, table, column, value, None, &names);
                    Some(ToldDifference {
                        column: column.name.clone(),
                        label: column.label.clone(),
                        before: text(before),
                        after: text(after),
                    })
                })
                .collect(),
        };
        Ok(entries.iter().filter(is_told).map(change).collect())
    }

    /// The rows of one table, as every export writes them.
    async fn csv(&self, caller: &Caller, table: &str, ids: Vec<Uuid>) -> Result<Vec<u8>> {
        let key = self.app.table(table)?.primary_key.clone();
        let columns = self.app.table(table)?;
        let columns =
            columns.columns.values().filter(|column| column.is_stored() && !SILENT.contains(&column.name.as_str()));
        let request = ExportRequest {
            table: table.to_owned(),
            columns: Some(columns.map(|column| model::Path::column(column.name.as_str())).collect()),
            filter: Filter::is_in(key.as_str(), ids),
            ..ExportRequest::default()
        };
        let buffer = Buffer::default();
        self.app.exports().run(caller, request, buffer.clone()).await?;
        Ok(std::mem::take(&mut *buffer.0.lock().unwrap_or_else(PoisonError::into_inner)))
    }
}

/// What is surely about them, or is a record of business with their part in it.
fn is_told(item: &Item) -> bool {
    match item.kind {
        Kind::Candidate => false,
        Kind::Business => true,
        _ => item.certain,
    }
}

/// Rows that are there, by table.
fn by_table(told: &[&Item]) -> BTreeMap<String, Vec<Uuid>> {
    let mut tables: BTreeMap<String, Vec<Uuid>> = BTreeMap::new();
    let there = [Kind::Person, Kind::About, Kind::Party, Kind::Business];
    for item in told.iter().filter(|item| there.contains(&item.kind)) {
        let ids = tables.entry(item.record.table.clone()).or_default();
        if !ids.contains(&item.record.id) {
            ids.push(item.record.id);
        }
    }
    tables
}

fn values(caller: &Caller, table: &Table, row: &Row, names: &Names) -> Vec<ToldValue> {
    let style = format::Style::of(caller);
    let currency = row.value("transactioncurrencyid").as_id();
    let filled =
        table.columns.values().filter(|column| row.has(&column.name) && !SILENT.contains(&column.name.as_str()));
    filled
        .map(|column| ToldValue {
            column: column.name.clone(),
            label: column.label.clone(),
            value: raw(row.value(&column.name)),
            text: format::value(caller, &style, table, column, row.value(&column.name), currency, names),
        })
        .collect()
}

fn raw(value: &Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Boolean(yes) => (*yes).into(),
        Value::Whole(number) => (*number).into(),
        Value::Decimal(number) => number.to_string().into(),
        Value::Text(text) => text.as_str().into(),
        Value::Id(id) => id.to_string().into(),
        Value::Reference(reference) => json!({"table": reference.table, "id": reference.id}),
        Value::Date(day) => day.to_string().into(),
        Value::DateTime(moment) => moment.to_string().into(),
        Value::Choices(numbers) => json!(numbers),
    }
}

fn files<'t>(table: &'t Table, row: &Row) -> Vec<(&'t Column, Uuid)> {
    let is_file = |column: &&Column| matches!(column.kind, ColumnType::File { .. } | ColumnType::Image { .. });
    let columns = table.columns.values().filter(is_file);
    columns.filter_map(|column| Some((column, row.value(&column.name).as_id()?))).collect()
}

/// A name that can stand in an archive, whatever somebody called their file.
fn safe(given: &str, otherwise: &str) -> String {
    let given = if given.is_empty() { otherwise } else { given };
    let kept = |letter: char| if letter.is_alphanumeric() || matches!(letter, '.' | '-' | '_') { letter } else { '_' };
    given.chars().map(kept).take(100).collect()
}

/// A ZIP file at work.
struct Archive<W: Write + Seek>(ZipWriter<W>);

impl<W: Write + Seek> Archive<W> {
    fn add(&mut self, name: &str, content: &[u8]) -> Result<()> {
        let options = SimpleFileOptions::default().large_file(content.len() > u32::MAX as usize);
        self.0.start_file(name, options).map_err(cannot_write)?;
        self.0.write_all(content).map_err(|error| Error::File(tr!("the package cannot be written: {error}", error)))
    }
}

fn cannot_write(error: zip::result::ZipError) -> Error {
    Error::File(tr!("the package cannot be written: {error}", error))
}

/// A target that can be looked into afterwards.
#[derive(Clone, Default)]
struct Buffer(Arc<Mutex<Vec<u8>>>);

impl Write for Buffer {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The page for people, which needs nothing beside it.
fn page(caller: &Caller, report: &Report, findings: &Findings, all: &[Told]) -> String {
    let style = format::Style::of(caller);
    let organisation = escaped(&caller.organization().name);
    let title = tr!("Your data at {}", organisation);
    let mut page = vec![format!(
        "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><title>{title}</title>\
         <style>body{{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#182433}}\
         table{{border-collapse:collapse;width:100%}}th,td{{text-align:left;vertical-align:top;padding:.3rem .6rem;\
         border-bottom:1px solid #dce1e7}}th{{width:16rem;font-weight:600}}section{{margin:2rem 0}}\
         h3{{margin-bottom:.2rem}}p.why{{margin-top:0;color:#49566c}}</style></head><body>\
         <h1>{title}</h1><p>{}</p>",
        Language::current().tag(),
        tr!(
            "Everything that {} keeps about you in its customer system, as of {}. The same stands in {} and in the folder {} for programs.",
            organisation,
            escaped(&style.date_time(report.at)),
            "<code>data.json</code>",
            "<code>tables</code>"
        )
    )];
    let known = [
        (tr!("E-mail"), &findings.person.emails),
        (tr!("Phone"), &findings.person.phones),
        (tr!("Name"), &findings.person.names),
    ];
    page.push(format!("<section><h2>{}</h2><table>", tr!("By what you were found")));
    for (label, values) in known.into_iter().filter(|(_, values)| !values.is_empty()) {
        page.push(format!("<tr><th scope=\"row\">{label}</th><td>{}</td></tr>", escaped(&values.join(", "))));
    }
    page.push("</table></section>".to_owned());
    let mut label = "";
    for record in all {
        if record.table_label != label {
            label = &record.table_label;
            page.push(format!("<h2>{}</h2>", escaped(label)));
        }
        tell_record(&mut page, record);
    }
    tell_mentions(&mut page, &findings.mentions);
    page.push("</body></html>".to_owned());
    page.concat()
}

fn tell_record(page: &mut Vec<String>, record: &Told) {
    let name = if record.name.is_empty() { tr!("Without a name") } else { record.name.clone() };
    page.push(format!("<section><h3>{}</h3><p class=\"why\">{}</p>", escaped(&name), escaped(&record.why)));
    if !record.values.is_empty() {
        page.push("<table>".to_owned());
        for value in &record.values {
            page.push(format!(
                "<tr><th scope=\"row\">{}</th><td>{}</td></tr>",
                escaped(&value.label),
                escaped(&value.text)
            ));
        }
        page.push("</table>".to_owned());
    }
    for file in &record.files {
        page.push(format!("<p>{} <a href=\"{1}\">{1}</a></p>", tr!("File:"), escaped(file)));
    }
    if !record.history.is_empty() {
        page.push(format!("<details><summary>{}</summary><table>", tr!("History")));
        for change in &record.history {
            let changes: Vec<String> = change
                .changes
                .iter()
                .map(|change| format!("{}: {} → {}", change.label, shown(&change.before), shown(&change.after)))
                .collect();
            page.push(format!(
                "<tr><th scope=\"row\">{} {}</th><td>{}</td></tr>",
                escaped(&change.at),
                spoken(change.what),
                escaped(&changes.join("\n")).replace('\n', "<br>")
            ));
        }
        page.push("</table></details>".to_owned());
    }
    page.push("</section>".to_owned());
}

fn tell_mentions(page: &mut Vec<String>, mentions: &[Mention]) {
    if mentions.is_empty() {
        return;
    }
    page.push(format!(
        "<section><h2>{}</h2><p>{}</p></section>",
        tr!("Also mentioned"),
        tr!("One further record mentions you among other things; a person looks at it."
            | "{n} further records mention you among other things; a person looks at them." % mentions.len())
    ));
}

fn shown(text: &str) -> String {
    if text.is_empty() { tr!("(empty)") } else { text.to_owned() }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
