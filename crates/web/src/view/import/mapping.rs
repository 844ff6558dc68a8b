//! What becomes of the columns of the files, and of rows that are there already.

use crm::import::{
    Inspected, Report,
    plan::{ColumnPlan, Duplicates, FilePlan, LookupTarget, Mapping, Reading, Target, ValueTarget},
};
use language::tr;
use maud::{Markup, html};
use model::{ColumnType, Model, Table};
use rust_decimal::Decimal;

use super::{super::fields, by_label, report};
use crate::{
    components::{
        Action, Badge, Command, Control as FieldControl, Field, PlainTable, TableColumn, Tone, fields::ChoiceOption,
    },
    drafts::Draft,
    posted::Typed,
    session::Me,
};

/// Values of a column shown as examples.
const EXAMPLES: usize = 3;

/// What would be done with each column, to be changed, and what is done next.
pub(super) fn form(me: &Me, model: &Model, draft: &Draft, mapping: &Mapping, trial: Option<&Report>) -> Markup {
    let action = format!("/import/{}", draft.id);
    html! {
        @if let Some(report) = trial { (report::trial(me, model, draft.id, report)) }
        form id="mapping" method="post" action=(action) {
            input type="hidden" name="csrf" value=(me.csrf);
        }
        @for (place, file) in mapping.files.iter().enumerate() { (file_card(me, model, draft, place, file)) }
        @if !mapping.left_out.is_empty() {
            section.page-card {
                h2 { (tr!("Left out")) }
                ul { @for file in &mapping.left_out { li { strong { (file.file) } ": " (file.reason) } } }
            }
        }
        div.page-commands {
            (Command::new(tr!("Other files"), "arrow-left", Action::Link("/import".to_owned())))
            button.btn type="submit" form="mapping" name="then" value="check" { (tr!("Try without writing")) }
            button.btn.btn-primary type="submit" form="mapping" name="then" value="run" { (tr!("Import now")) }
        }
        section.page-card {
            details {
                summary { (tr!("The mapping as text, with everything it can say")) }
                form method="post" action=(action) {
                    input type="hidden" name="csrf" value=(me.csrf);
                    (Field::new("text", tr!("Mapping"), FieldControl::Memo { value: mapping.to_toml().unwrap_or_default(), max_length: None, rows: 20 }))
                    div.page-commands { button.btn type="submit" { (tr!("Take this text")) } }
                }
            }
        }
    }
}

fn file_card(me: &Me, model: &Model, draft: &Draft, place: usize, file: &FilePlan) -> Markup {
    let inspected = draft.inspected.iter().find(|inspected| inspected.name.eq_ignore_ascii_case(&file.name));
    let table = model.table(&file.table);
    let rows = file.columns.iter().enumerate().map(|(number, column)| {
        let label = tr!("Goes into, for {}", column.source);
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
            div.import-columns { (PlainTable {
                caption: tr!("Columns of {} and where they go", file.name),
                columns: [tr!("Column in the file"), tr!("Values"), tr!("Goes into"), tr!("Understood")].into_iter().map(|label| TableColumn { label, number: false }).collect(),
                rows: rows.collect(),
            }) }
            (duplicates(place, file, table.map(AsRef::as_ref)))
        }
    }
}

/// How the file is written.
fn written(me: &Me, inspected: Option<&Inspected>) -> String {
    let Some(inspected) = inspected else { return String::new() };
    let detected = &inspected.detected;
    let delimiter = detected.delimiter.map(|sign| match sign {
        '\t' => tr!("separated by tabs"),
        ',' => tr!("separated by commas"),
        ';' => tr!("separated by semicolons"),
        other => tr!("separated by “{}”", other),
    });
    let rows = tr!(
        "one row looked at" | "{count} rows looked at" % inspected.profile.rows,
        count = me.style.number(Decimal::from(inspected.profile.rows), 0)
    );
    let unreadable = (inspected.unreadable > 0)
        .then(|| tr!("one row cannot be read" | "{n} rows cannot be read" % inspected.unreadable));
    let sheet = detected.sheet.as_ref().map(|sheet| tr!("sheet “{}”", sheet));
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
            let filled = tr!("{} of {} filled", number(profile.filled), number(inspected.profile.rows));
            let order = profile.evidence.as_ref().map(|evidence| tr!("decided by “{}”", short(&evidence.value)));
            let odd = (profile.exceptions > 0).then(|| tr!("{} of another kind", number(profile.exceptions)));
            let tone = if profile.exceptions > 0 { Tone::Yellow } else { Tone::Green };
            ([Some(filled), order, odd].into_iter().flatten().collect::<Vec<_>>().join(", "), tone)
        }
        (_, None) => (tr!("as the mapping says"), Tone::Grey),
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
        Target::NewColumn(_, new) => option("keep".to_owned(), tr!("New column “{}”", new.label), true),
        Target::Lookup(target) => option("keep".to_owned(), label_of(&target.to), true),
        Target::PersonName(_) => option("keep".to_owned(), tr!("First and last name"), true),
        Target::ProductLine(_) => option("keep".to_owned(), tr!("Product line"), true),
        Target::Part => option("keep".to_owned(), tr!("Part of another column"), true),
        Target::Ignore(_) => option("keep".to_owned(), tr!("Do not import"), true),
    }];
    let mut others: Vec<&model::Column> = table
        .map(|table| table.columns.values().filter(|column| column.importable && fields::is_editable(column)).collect())
        .unwrap_or_default();
    others.sort_by_key(|column| by_label(&column.label));
    options.extend(
        others.into_iter().map(|column| option(format!("column:{}", column.name), column.label.clone(), false)),
    );
    if !matches!(column.target, Target::Ignore(_)) {
        options.push(option("ignore".to_owned(), tr!("Do not import"), false));
    }
    options
}

/// How rows are found that are there already, and what is done with them.
fn duplicates(place: usize, file: &FilePlan, table: Option<&Table>) -> Markup {
    let Some(table) = table else { return html! {} };
    let label = |keys: &[Vec<String>]| {
        let named = |name: &String| match file.columns.iter().find(|column| column.to() == Some(name)) {
            Some(ColumnPlan { target: Target::NewColumn(_, new), .. }) => new.label.clone(),
            _ => crm::import::found_by(table, std::iter::once(&vec![name.clone()])),
        };
        let keys: Vec<String> =
            keys.iter().map(|key| key.iter().map(named).collect::<Vec<_>>().join(&tr!(" and "))).collect();
        keys.join(&tr!(", else "))
    };
    let proposed: Vec<Vec<String>> = file.keys().cloned().collect();
    let option = |value: String, label: String, chosen: bool| ChoiceOption { value, label, chosen };
    let mut options = Vec::new();
    if !proposed.is_empty() {
        options.push(option(written_key(&proposed), label(&proposed), true));
    }
    for key in possible_keys(file, table) {
        let keys = [key];
        if keys[..] != proposed[..] {
            options.push(option(written_key(&keys), label(&keys), false));
        }
    }
    options.push(option("none".to_owned(), tr!("Nothing: every row is new"), proposed.is_empty()));
    let mut found_by = Field::new(
        format!("f{place}key"),
        tr!("Records that are there already are found by"),
        FieldControl::Choice { options },
    )
    .required();
    found_by.form = Some("mapping".to_owned());
    let choices = [
        ("skip", tr!("Leave it as it is"), Duplicates::Skip),
        ("update", tr!("Update it from the file"), Duplicates::Update),
        ("create", tr!("Create another one"), Duplicates::Create),
    ];
    let options = choices.map(|(value, label, kind)| option(value.to_owned(), label, kind == file.duplicates));
    let mut then = Field::new(
        format!("f{place}duplicates"),
        tr!("When such a record is found"),
        FieldControl::Choice { options: options.to_vec() },
    )
    .required();
    then.form = Some("mapping".to_owned());
    html! { div.form-grid.columns-2 { (found_by) (then) } }
}

/// Keys that the file fills: those the table declares, then single columns that tell rows apart.
fn possible_keys(file: &FilePlan, table: &Table) -> Vec<Vec<String>> {
    let own = std::iter::once(vec![table.primary_key.clone()]);
    let declared = table.keys.iter().map(|key| key.columns.clone());
    let names = [vec!["firstname".to_owned(), "lastname".to_owned()]];
    let single = file.columns.iter().filter_map(|column| match &column.target {
        Target::Column(target) | Target::NewColumn(target, _) => Some(vec![target.to.clone()]),
        _ => None,
    });
    let simple = |key: &Vec<String>| {
        key.iter().all(|name| {
            table.column(name).is_none_or(|column| {
                column.is_text()
                    || matches!(column.kind, ColumnType::Id | ColumnType::Whole { .. } | ColumnType::Lookup { .. })
            })
        })
    };
    let mut keys: Vec<Vec<String>> = Vec::new();
    for key in own.chain(declared).chain(names).chain(single) {
        if key.iter().all(|name| file.fills(name)) && simple(&key) && !keys.contains(&key) {
            keys.push(key);
        }
    }
    keys
}

fn written_key(keys: &[Vec<String>]) -> String {
    keys.iter().map(|key| key.join("+")).collect::<Vec<_>>().join(",")
}

fn read_key(text: &str) -> Vec<Vec<String>> {
    let keys = text.split(',').filter(|key| !key.is_empty());
    keys.map(|key| key.split('+').map(str::to_owned).collect()).collect()
}

/// The mapping with what was chosen in the form.
pub(crate) fn read(model: &Model, mut mapping: Mapping, typed: &Typed) -> Mapping {
    for (place, file) in mapping.files.iter_mut().enumerate() {
        let table = model.table(&file.table).cloned();
        if let Ok(duplicates) = typed.text(&format!("f{place}duplicates")).parse() {
            file.duplicates = duplicates;
        }
        match typed.text(&format!("f{place}key")) {
            "" => {}
            "none" => file.find_by(Vec::new()),
            keys => file.find_by(read_key(keys)),
        }
        for (number, column) in file.columns.iter_mut().enumerate() {
            let chosen = typed.text(&format!("f{place}c{number}"));
            if chosen == "ignore" {
                column.target = Target::Ignore(tr!("left out by hand"));
                column.note = None;
            } else if let Some(declared) = chosen.strip_prefix("column:").and_then(|name| table.as_ref()?.column(name))
            {
                column.target = target(declared, &column.target);
                column.note = None;
            }
        }
    }
    mapping
}

/// A column chosen by hand; how cells are read stays as it was found.
fn target(declared: &model::Column, before: &Target) -> Target {
    if let ColumnType::Lookup { targets } | ColumnType::PartyList { targets, .. } = &declared.kind {
        let tables = targets.clone();
        return Target::Lookup(LookupTarget { to: declared.name.clone(), tables, ..LookupTarget::default() });
    }
    let reading = match before {
        Target::Column(target) | Target::NewColumn(target, _) => target.reading.clone(),
        _ => Reading::default(),
    };
    Target::Column(ValueTarget { to: declared.name.clone(), reading })
}
