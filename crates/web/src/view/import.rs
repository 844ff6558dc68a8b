//! The pages of an import.

use crm::import::{
    Control, FileReport, Inspected, Report,
    plan::{ColumnPlan, Duplicates, FilePlan, LookupTarget, Mapping, Reading, Target, Unresolved, ValueTarget},
};
use maud::{Markup, Render, html};
use model::{ColumnType, Model, Table};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{fields, tables};
use crate::{
    components::{
        Action, Badge, Banner, Command, Control as FieldControl, Field, PlainTable, Progress, Step, StepState, Steps,
        TableColumn, Tone, fields::ChoiceOption,
    },
    drafts::{Draft, Stage},
    posted::Typed,
    session::Me,
};

/// Values of a column shown as examples.
const EXAMPLES: usize = 3;

/// The page with the upload.
pub(crate) fn upload(me: &Me, model: &Model, wanted: &str) -> Markup {
    let mut importable: Vec<&Table> = model
        .tables
        .values()
        .map(AsRef::as_ref)
        .filter(|table| table.importable && tables::is_open_to(&me.caller, table))
        .collect();
    importable.sort_by_key(|table| table.label.clone());
    let options = importable.iter().map(|table| ChoiceOption {
        value: table.name.clone(),
        label: table.plural_label.clone(),
        chosen: table.name == wanted,
    });
    let table = Field::new("table", "What is in the files", FieldControl::Choice { options: options.collect() })
        .help("Left open, it is recognised for each file from its name and columns.");
    let missing = FieldControl::Boolean {
        value: false,
        yes: "Create what is missing".to_owned(),
        no: "Create nothing besides".to_owned(),
    };
    let missing = Field::new("create_missing", "Columns, options and names that are not there yet", missing);
    html! {
        div.page-plain {
            header { h1 { "Import" } p { "Bring spreadsheets in: CSV or Excel, of any size. Nothing is written before you have seen what would be done." } }
            (steps(0, None))
            section.form-section {
                h2 { "Choose the files" }
                // The token goes first, so that it is known before a file arrives.
                form method="post" action="/import" enctype="multipart/form-data" {
                    input type="hidden" name="csrf" value=(me.csrf);
                    div.form-grid.columns-2 {
                        (table) (missing)
                        div.field.is-full {
                            label.form-label for="import-files" { "Files" span.field-required aria-hidden="true" { "*" } }
                            div.field-control {
                                input.form-control type="file" id="import-files" name="files" multiple required accept=".csv,.tsv,.txt,.xlsx,.xls,.ods" aria-describedby="import-files-help";
                                p.field-help id="import-files-help" { "Files that belong together, such as accounts and their opportunities, go in together." }
                            }
                        }
                    }
                    div.page-commands { button.btn.btn-primary type="submit" { "Look into the files" } }
                }
            }
            p { a href="/importjobs" { "Imports so far" } }
        }
    }
}

/// An import as it is now.
pub(crate) fn draft(me: &Me, model: &Model, draft: &Draft) -> Markup {
    let now = draft.now();
    let here = format!("/import/{}", draft.id);
    let names = draft.files.iter().map(|file| file.name.as_str()).collect::<Vec<_>>().join(", ");
    let at = match &now.stage {
        Stage::Mapping | Stage::Failed(_) if now.trial.is_none() => 1,
        Stage::Mapping | Stage::Failed(_) | Stage::Running { trial: true, .. } => 2,
        Stage::Running { trial: false, .. } | Stage::Done(_) => 3,
    };
    html! {
        div.page-plain {
            header { h1 { "Import" } p { (names) } }
            (steps(at, Some(&here)))
            @match &now.stage {
                Stage::Running { control, trial } => { section.page-card { h2 { @if *trial { "Trial" } @else { "Import" } } (running(me, draft.id, control, *trial)) } }
                Stage::Done(report) => { (done(me, model, draft.id, report)) }
                Stage::Failed(message) => {
                    (Banner { tone: Tone::Red, icon: "alert-circle".to_owned(), text: message.clone(), commands: Vec::new() })
                    (mapping(me, model, draft, &now.mapping, None))
                }
                Stage::Mapping => { (mapping(me, model, draft, &now.mapping, now.trial.as_deref())) }
            }
        }
    }
}

fn steps(at: usize, here: Option<&str>) -> Steps {
    let step = |(place, label): (usize, &&str)| Step {
        label: (*label).to_owned(),
        state: match place.cmp(&at) {
            std::cmp::Ordering::Less => StepState::Done,
            std::cmp::Ordering::Equal => StepState::Current,
            std::cmp::Ordering::Greater => StepState::Ahead,
        },
        href: (place == 0 && here.is_some()).then(|| "/import".to_owned()),
    };
    Steps { steps: ["Files", "Columns", "Trial", "Import"].iter().enumerate().map(step).collect() }
}

/// How far a running one is; asks again every second.
pub(crate) fn running(me: &Me, id: Uuid, control: &Control, trial: bool) -> Progress {
    let progress = control.progress().borrow().clone();
    let number = |count: u64| me.style.number(Decimal::from(count), 0);
    let verb = if trial { "Checking without writing" } else { "Bringing in" };
    let failed = if progress.failed > 0 { format!(", {} left out", number(progress.failed)) } else { String::new() };
    Progress {
        label: format!("{verb} {}", progress.file),
        done: progress.processed,
        total: (progress.total > 0).then_some(progress.total),
        text: format!("{} of {} rows{failed}", number(progress.processed), number(progress.total)),
        poll: Some(format!("/import/{id}/progress")),
        commands: vec![Command::new(
            "Stop",
            "player-stop",
            Action::Post { href: format!("/import/{id}/cancellation"), confirm: None },
        )],
    }
}

fn mapping(me: &Me, model: &Model, draft: &Draft, mapping: &Mapping, trial: Option<&Report>) -> Markup {
    let action = format!("/import/{}", draft.id);
    html! {
        @if let Some(report) = trial { (trial_report(me, model, draft.id, report)) }
        form id="mapping" method="post" action=(action) {
            input type="hidden" name="csrf" value=(me.csrf);
        }
        @for (place, file) in mapping.files.iter().enumerate() { (file_card(me, model, draft, place, file)) }
        @if !mapping.left_out.is_empty() {
            section.page-card {
                h2 { "Left out" }
                ul { @for file in &mapping.left_out { li { strong { (file.file) } ": " (file.reason) } } }
            }
        }
        div.page-commands {
            (Command::new("Other files", "arrow-left", Action::Link("/import".to_owned())))
            button.btn type="submit" form="mapping" name="then" value="check" { "Try without writing" }
            button.btn.btn-primary type="submit" form="mapping" name="then" value="run" { "Import now" }
        }
        section.page-card {
            details {
                summary { "The mapping as text, with everything it can say" }
                form method="post" action=(action) {
                    input type="hidden" name="csrf" value=(me.csrf);
                    (Field::new("text", "Mapping", FieldControl::Memo { value: mapping.to_toml().unwrap_or_default(), max_length: None, rows: 20 }))
                    div.page-commands { button.btn type="submit" { "Take this text" } }
                }
            }
        }
    }
}

fn file_card(me: &Me, model: &Model, draft: &Draft, place: usize, file: &FilePlan) -> Markup {
    let inspected = draft.inspected.iter().find(|inspected| inspected.name.eq_ignore_ascii_case(&file.name));
    let table = model.table(&file.table);
    let rows = file.columns.iter().enumerate().map(|(number, column)| {
        let label = format!("Goes into, for {}", column.source);
        let select = html! {
            select.form-select form="mapping" name={ "f" (place) "c" (number) } aria-label=(label) {
                @for option in targets(table.map(AsRef::as_ref), column) { option value=(option.value) selected[option.chosen] { (option.label) } }
            }
        };
        vec![html! { strong { (column.source) } }, samples(inspected, &column.source), select, remark(me, inspected, column)]
    });
    html! {
        section.page-card {
            h2 { (file.name) " → " (table.map_or(file.table.as_str(), |table| table.plural_label.as_str())) }
            p { (written(me, inspected)) }
            @if !file.notes.is_empty() { ul { @for note in &file.notes { li { (note) } } } }
            (PlainTable {
                caption: format!("Columns of {} and where they go", file.name),
                columns: ["Column in the file", "Values", "Goes into", "Understood"].iter().map(|label| TableColumn { label: (*label).to_owned(), number: false }).collect(),
                rows: rows.collect(),
            })
            (duplicates(place, file, table.map(AsRef::as_ref)))
        }
    }
}

/// How the file is written.
fn written(me: &Me, inspected: Option<&Inspected>) -> String {
    let Some(inspected) = inspected else { return String::new() };
    let detected = &inspected.detected;
    let delimiter = detected.delimiter.map(|sign| match sign {
        '\t' => "separated by tabs".to_owned(),
        ',' => "separated by commas".to_owned(),
        ';' => "separated by semicolons".to_owned(),
        other => format!("separated by “{other}”"),
    });
    let rows = format!("{} rows looked at", me.style.number(Decimal::from(inspected.profile.rows), 0));
    let unreadable = (inspected.unreadable > 0).then(|| format!("{} rows cannot be read", inspected.unreadable));
    let sheet = detected.sheet.as_ref().map(|sheet| format!("sheet “{sheet}”"));
    [Some(rows), detected.encoding.clone(), delimiter, sheet, unreadable]
        .into_iter()
        .flatten()
        .collect::<Vec<_>>()
        .join(" · ")
}

fn samples(inspected: Option<&Inspected>, source: &str) -> Markup {
    let profile = inspected.and_then(|inspected| inspected.columns().iter().find(|column| column.header == source));
    let values = profile
        .map(|profile| profile.distinct.iter().take(EXAMPLES).map(|value| short(&value.value)).collect::<Vec<_>>());
    html! { @for value in values.unwrap_or_default() { code { (value) } " " } }
}

fn short(text: &str) -> String {
    if text.chars().count() > 24 { text.chars().take(23).chain(['…']).collect() } else { text.to_owned() }
}

fn remark(me: &Me, inspected: Option<&Inspected>, column: &ColumnPlan) -> Markup {
    let profile = inspected.and_then(|inspected| {
        inspected.columns().iter().find(|known| known.header == column.source).map(|known| (inspected, known))
    });
    let (text, tone) = match (&column.target, profile) {
        (Target::Ignore(reason), _) => (reason.clone(), Tone::Grey),
        (_, Some((inspected, profile))) => {
            let number = |count: u64| me.style.number(Decimal::from(count), 0);
            let filled = format!("{} of {} filled", number(profile.filled), number(inspected.profile.rows));
            let order = profile.evidence.as_ref().map(|evidence| format!(", decided by “{}”", short(&evidence.value)));
            let odd = (profile.exceptions > 0).then(|| format!(", {} of another kind", number(profile.exceptions)));
            let tone = if profile.exceptions > 0 { Tone::Yellow } else { Tone::Green };
            (format!("{filled}{}{}", order.unwrap_or_default(), odd.unwrap_or_default()), tone)
        }
        (_, None) => ("as the mapping says".to_owned(), Tone::Grey),
    };
    html! { (Badge::new(text, tone)) @if let Some(note) = &column.note { p.field-help { (note) } } }
}

/// Where a column may go: as proposed, into any column, or nowhere.
fn targets(table: Option<&Table>, column: &ColumnPlan) -> Vec<ChoiceOption> {
    let option = |value: String, label: String, chosen: bool| ChoiceOption { value, label, chosen };
    let label_of = |name: &str| {
        table.and_then(|table| table.column(name)).map_or_else(|| name.to_owned(), |column| column.label.clone())
    };
    let mut options = vec![match &column.target {
        Target::Column(target) => option("keep".to_owned(), label_of(&target.to), true),
        Target::NewColumn(_, new) => option("keep".to_owned(), format!("New column “{}”", new.label), true),
        Target::Lookup(target) => option("keep".to_owned(), label_of(&target.to), true),
        Target::PersonName(_) => option("keep".to_owned(), "First and last name".to_owned(), true),
        Target::ProductLine(_) => option("keep".to_owned(), "Product line".to_owned(), true),
        Target::Part => option("keep".to_owned(), "Part of another column".to_owned(), true),
        Target::Ignore(_) => option("keep".to_owned(), "Do not import".to_owned(), true),
    }];
    let mut others: Vec<&model::Column> = table
        .map(|table| table.columns.values().filter(|column| column.importable && fields::is_editable(column)).collect())
        .unwrap_or_default();
    others.sort_by_key(|column| column.label.to_lowercase());
    options.extend(
        others.into_iter().map(|column| option(format!("column:{}", column.name), column.label.clone(), false)),
    );
    if !matches!(column.target, Target::Ignore(_)) {
        options.push(option("ignore".to_owned(), "Do not import".to_owned(), false));
    }
    options
}

fn duplicates(place: usize, file: &FilePlan, table: Option<&Table>) -> Markup {
    if file.key.is_empty() {
        return html! { p { "Every row is new: no column of the file tells whether it is there already." } };
    }
    let key: Vec<&str> = file
        .key
        .iter()
        .map(|name| table.and_then(|table| table.column(name)).map_or(name.as_str(), |column| column.label.as_str()))
        .collect();
    let choices = [
        ("skip", "leave it as it is", Duplicates::Skip),
        ("update", "update it from the file", Duplicates::Update),
        ("create", "create another one", Duplicates::Create),
    ];
    let options = choices.map(|(value, label, kind)| ChoiceOption {
        value: value.to_owned(),
        label: label.to_owned(),
        chosen: kind == file.duplicates,
    });
    let mut field = Field::new(
        format!("f{place}duplicates"),
        format!("When a record with the same {} exists", key.join(" and ").to_lowercase()),
        FieldControl::Choice { options: options.to_vec() },
    )
    .required();
    field.form = Some("mapping".to_owned());
    field.render()
}

/// The mapping with what was chosen in the form.
pub(crate) fn read_mapping(model: &Model, mut mapping: Mapping, typed: &Typed) -> Mapping {
    for (place, file) in mapping.files.iter_mut().enumerate() {
        let table = model.table(&file.table).cloned();
        match typed.text(&format!("f{place}duplicates")) {
            "skip" => file.duplicates = Duplicates::Skip,
            "update" => file.duplicates = Duplicates::Update,
            "create" => file.duplicates = Duplicates::Create,
            _ => {}
        }
        for (number, column) in file.columns.iter_mut().enumerate() {
            let chosen = typed.text(&format!("f{place}c{number}"));
            if chosen == "ignore" {
                column.target = Target::Ignore("left out by hand".to_owned());
                column.note = None;
            } else if let Some(declared) = chosen.strip_prefix("column:").and_then(|name| table.as_ref()?.column(name))
            {
                column.target = target(model, declared, &column.target);
                column.note = None;
            }
        }
    }
    mapping
}

/// A column chosen by hand; how cells are read stays as it was found.
fn target(model: &Model, declared: &model::Column, before: &Target) -> Target {
    if let ColumnType::Lookup { targets } = &declared.kind {
        let table = targets.first().cloned().unwrap_or_default();
        let by = model.table(&table).map(|table| vec![table.primary_name.clone()]).unwrap_or_default();
        return Target::Lookup(LookupTarget {
            to: declared.name.clone(),
            table,
            by,
            unresolved: Unresolved::Fail,
            ..LookupTarget::default()
        });
    }
    let reading = match before {
        Target::Column(target) | Target::NewColumn(target, _) => target.reading.clone(),
        _ => Reading::default(),
    };
    Target::Column(ValueTarget { to: declared.name.clone(), reading })
}

fn trial_report(me: &Me, model: &Model, id: Uuid, report: &Report) -> Markup {
    html! {
        section.page-card {
            h2 { "What would be done" }
            @if report.customisations.is_empty() { p { "Nothing has been written yet." } } @else {
                p { "Nothing has been written yet. The import would also add:" }
                ul { @for added in &report.customisations { li { (added) } } }
            }
            @for (place, file) in report.files.iter().enumerate() { (file_report(me, model, id, place, file)) }
        }
    }
}

fn done(me: &Me, model: &Model, id: Uuid, report: &Report) -> Markup {
    let (tone, icon, text) = match (report.canceled, report.failed()) {
        (true, _) => {
            (Tone::Orange, "player-stop", "The import was stopped. What is in stays; you can undo it.".to_owned())
        }
        (false, 0) => (Tone::Green, "circle-check", "Everything is in.".to_owned()),
        (false, failed) => (
            Tone::Orange,
            "alert-triangle",
            format!(
                "{} rows were left out. Download them, correct them, and import that file again.",
                me.style.number(Decimal::from(failed), 0)
            ),
        ),
    };
    let undo =
        Action::Post { href: format!("/import/{id}/undo"), confirm: Some("Take the whole import back?".to_owned()) };
    html! {
        (Banner { tone, icon: icon.to_owned(), text, commands: vec![Command::new("Undo the import", "arrow-back-up", undo)] })
        section.page-card {
            h2 { "Report" }
            @if !report.customisations.is_empty() { ul { @for added in &report.customisations { li { (added) } } } }
            @for (place, file) in report.files.iter().enumerate() { (file_report(me, model, id, place, file)) }
        }
        div.page-commands { (Command::new("Import more", "file-import", Action::Link("/import".to_owned()))) }
    }
}

fn file_report(me: &Me, model: &Model, id: Uuid, place: usize, file: &FileReport) -> Markup {
    let number = |count: u64| me.style.number(Decimal::from(count), 0);
    let table = model.table(&file.table);
    let besides = file
        .created_besides
        .iter()
        .map(|(name, count)| (model.table(name).map_or(name.clone(), |table| table.plural_label.clone()), *count));
    let mut counts: Vec<(String, u64)> = [
        ("Rows", file.rows),
        ("Created", file.created),
        ("Updated", file.updated),
        ("Unchanged", file.unchanged),
        ("Skipped", file.skipped),
        ("Left out", file.failed),
    ]
    .into_iter()
    .filter(|(label, count)| *count > 0 || matches!(*label, "Rows" | "Created" | "Left out"))
    .map(|(label, count)| (label.to_owned(), count))
    .collect();
    counts.extend(besides.map(|(label, count)| (format!("{label} besides"), count)));
    html! {
        h3 { (file.file) " → " @match table {
            Some(table) => a href={ "/" (table.set_name) } { (table.plural_label) },
            None => (file.table),
        } }
        dl.numbers { @for (label, count) in counts { div { dt { (label) } dd { (number(count)) } } } }
        @if !file.warnings.is_empty() {
            ul {
                @for warning in &file.warnings {
                    li { (warning.message) " (" (number(warning.count)) (if warning.count == 1 { " row" } else { " rows" }) @if !warning.rows.is_empty() { ": " (rows(&warning.rows, warning.count)) } ")" }
                }
            }
        }
        @if file.failed_rows.is_some() { (Command::new("Download the rows left out", "download", Action::Link(format!("/import/{id}/failed/{place}")))) }
    }
}

fn rows(numbers: &[u64], count: u64) -> String {
    let listed = numbers.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
    if count > numbers.len() as u64 { format!("{listed} …") } else { listed }
}
