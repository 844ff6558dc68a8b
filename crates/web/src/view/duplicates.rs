//! Records that seem to be the same, as people meet them: asked about before saving, told on the
//! record's page, compared side by side.

use crm::{
    Row,
    access::Setting,
    duplicates::{Action as RuleAction, Found, Match},
    reading::Names,
};
use language::tr;
use maud::{Markup, Render, html};
use model::{Column, ColumnType, Model, Table, Value};

use super::{cells::Cells, fields, tables};
use crate::{
    components::{Action, Banner, Command, Dialog, DialogSize, PlainTable, TableColumn, Tone},
    failure::sentence,
    session::Me,
};

/// The field by which a form says that a person has looked at the matches.
pub(crate) const SEEN: &str = "duplicates";
/// What it says then.
pub(crate) const YES: &str = "seen";

/// The question before a record is saved that seems to be there already. The form it is about
/// stays as it is below; choosing to save anyway sends that form again.
pub(crate) fn dialog(me: &Me, model: &Model, found: &Found, form: &str) -> Dialog {
    let text = if found.blocked {
        sentence(&found.to_string())
    } else {
        tr!("This may be there already. Look at the records below: use one of them, or save yours anyway.")
    };
    Dialog {
        id: "duplicates".to_owned(),
        title: tr!("Duplicate records detected"),
        icon: "copy".to_owned(),
        size: DialogSize::Large,
        text,
        body: html! {
            (matches(me, model, &found.matches))
            @if !found.blocked {
                input type="hidden" name=(SEEN) value=(YES) form=(form);
                div.page-commands {
                    button.btn.btn-primary type="submit" form=(form) data-dialog-close { (tr!("Save anyway")) }
                }
            }
        },
        ..Dialog::default()
    }
}

/// The same within a form that is shown again: saving it once more saves it.
pub(crate) fn within(me: &Me, model: &Model, found: &Found) -> Markup {
    html! {
        @if !found.matches.is_empty() { h3 { (tr!("Duplicate records detected")) } (matches(me, model, &found.matches)) }
    }
}

/// What a form is told that has been sent for the first time.
pub(crate) fn asked(found: &Found) -> String {
    if found.blocked {
        sentence(&found.to_string())
    } else {
        tr!("{} Choose Save again to make a new one.", sentence(&told(&found.matches)))
    }
}

/// What is told where a value in its place makes a row seem the same as another one.
pub(crate) fn asked_again(found: &Found) -> String {
    if found.blocked {
        sentence(&found.to_string())
    } else {
        tr!("{} Save again to keep it all the same.", sentence(&told(&found.matches)))
    }
}

fn told(matches: &[Match]) -> String {
    let names: Vec<String> = matches.iter().take(3).map(|found| tr!("“{}” ({})", found.name, found.reason)).collect();
    tr!("there may already be {}", names.join(", "))
}

/// A notice on a page that is loaded whole, without scripts.
pub(crate) fn notice(found: &Found, form: &str) -> Banner {
    let save = Action::Submit { form: form.to_owned(), value: Some((SEEN.to_owned(), YES.to_owned())) };
    Banner {
        tone: Tone::Orange,
        icon: "copy".to_owned(),
        text: if found.blocked { sentence(&found.to_string()) } else { sentence(&told(&found.matches)) },
        commands: if found.blocked {
            Vec::new()
        } else {
            vec![Command::new(tr!("Save anyway"), "device-floppy", save)]
        },
    }
}

/// On the page of a record that others may be the same as.
pub(crate) fn banner(href: &str, matches: &[Match]) -> Option<Banner> {
    let first = matches.first()?;
    let text = match matches.len() {
        1 => tr!("1 possible duplicate: “{}” ({}).", first.name, first.reason),
        count => tr!("{} possible duplicates, among them “{}” ({}).", count, first.name, first.reason),
    };
    let action = Action::Link(format!("{href}/duplicates"));
    Some(Banner {
        tone: if matches.iter().any(|found| found.action > RuleAction::Mark) { Tone::Orange } else { Tone::Blue },
        icon: "copy".to_owned(),
        text,
        commands: vec![Command::new(tr!("Compare"), "arrows-exchange", action)],
    })
}

/// The matches with why they match and whose they are.
pub(crate) fn matches(me: &Me, model: &Model, matches: &[Match]) -> Markup {
    let row = |found: &Match| {
        let href = tables::reference_href(model, &me.caller, &found.reference);
        let name = if found.name.is_empty() { tr!("(no name)") } else { found.name.clone() };
        let label = model.table(&found.reference.table).map_or("", |table| table.label.as_str());
        vec![
            html! { @match href { Some(href) => a href=(href) target="_blank" rel="noopener" { (name) span.visually-hidden { " (" (tr!("opens beside")) ")" } }, None => (name) } },
            html! { (label) },
            html! { (found.reason) },
            html! { (found.owner.as_deref().unwrap_or("")) },
        ]
    };
    let column = |label: String| TableColumn { label, number: false };
    PlainTable {
        caption: tr!("Records that may be the same"),
        columns: [tr!("Name"), tr!("Kind"), tr!("Why"), tr!("Owner")].map(column).into(),
        rows: matches.iter().map(row).collect(),
    }
    .render()
}

/// Two records of a table side by side, to choose which stays and with which values.
pub(crate) struct Comparison<'a> {
    pub me: &'a Me,
    pub model: &'a Model,
    pub table: &'a Table,
    pub names: &'a Names,
    pub one: &'a Row,
    pub other: &'a Row,
}

/// Columns whose values a merge lets choose. What the reader may not see or set stays as the record
/// has it that is kept.
pub(crate) fn choosable<'t>(me: &Me, table: &'t Table) -> impl Iterator<Item = &'t Column> {
    let open = |column: &Column| me.caller.may_read(column) && me.caller.may_set(Setting::Update, table, column);
    table.columns.values().filter(move |column| {
        let is_file = matches!(column.kind, ColumnType::File { .. } | ColumnType::Image { .. });
        let is_kept = matches!(column.name.as_str(), "ownerid" | "overriddencreatedon" | "importsequencenumber");
        let is_state = matches!(column.kind, ColumnType::State | ColumnType::Status);
        fields::is_editable(column) && column.is_stored() && !is_file && !is_kept && !is_state && open(column)
    })
}

impl Render for Comparison<'_> {
    fn render(&self) -> Markup {
        let name = |row: &Row| match row.text(&self.table.primary_name) {
            "" => tr!("(no name)"),
            name => name.to_owned(),
        };
        let (one, other) = (name(self.one), name(self.other));
        let cells = Cells { me: self.me, model: self.model, names: self.names };
        let mut rows =
            vec![master_row(&one, &other), self.fact_row(&cells, "createdon"), self.fact_row(&cells, "ownerid")];
        // What is to be chosen first; that a switch stands alike in both says little.
        let (differing, alike): (Vec<&Column>, Vec<&Column>) = choosable(self.me, self.table)
            .filter(|column| is_filled(self.one.value(&column.name)) || is_filled(self.other.value(&column.name)))
            .partition(|column| self.one.value(&column.name) != self.other.value(&column.name));
        let is_switch = |column: &&Column| matches!(column.kind, ColumnType::Boolean { .. });
        for column in differing.into_iter().chain(alike.into_iter().filter(|column| !is_switch(column))) {
            let (left, right) = (self.one.value(&column.name), self.other.value(&column.name));
            rows.push(self.value_row(&cells, column, left, right));
        }
        let column = |label: &str| TableColumn { label: label.to_owned(), number: false };
        PlainTable {
            caption: tr!("“{}” and “{}” side by side", one, other),
            columns: vec![column(&tr!("Column")), column(&one), column(&other)],
            rows,
        }
        .render()
    }
}

impl Comparison<'_> {
    fn fact_row(&self, cells: &Cells<'_>, name: &str) -> Vec<Markup> {
        let Some(column) = self.table.column(name) else { return vec![html! {}, html! {}, html! {}] };
        let shown = |row: &Row| cells.cell(self.table, column, row.value(name), None).render();
        vec![html! { (column.label) }, shown(self.one), shown(self.other)]
    }

    fn value_row(&self, cells: &Cells<'_>, column: &Column, left: &Value, right: &Value) -> Vec<Markup> {
        let shown = |row: &Row, value: &Value| {
            let text = cells.text(self.table, column, value, row.value("transactioncurrencyid").as_id());
            if text.is_empty() {
                html! { span.text-secondary { (tr!("empty")) } }
            } else {
                html! { (text) }
            }
        };
        let (one, other) = (shown(self.one, left), shown(self.other, right));
        if left == right {
            return vec![
                html! { (column.label) },
                one.clone(),
                html! { (other) " " span.text-secondary { "(" (tr!("the same")) ")" } },
            ];
        }
        let prefers_one = is_filled(left);
        let name = format!("pick.{}", column.name);
        let said = |markup: Markup| html! { span.visually-hidden { (column.label) ": " } (markup) };
        vec![
            html! { (column.label) },
            radio(&name, "one", prefers_one, said(one)),
            radio(&name, "other", !prefers_one, said(other)),
        ]
    }
}

/// Which of the two stays.
fn master_row(one: &str, other: &str) -> Vec<Markup> {
    vec![
        html! { strong { (tr!("Keep this record")) } },
        radio("master", "one", true, html! { (tr!("Keep {}", one)) }),
        radio("master", "other", false, html! { (tr!("Keep {}", other)) }),
    ]
}

fn radio(name: &str, value: &str, checked: bool, label: Markup) -> Markup {
    html! {
        label.form-check.m-0 {
            input.form-check-input type="radio" name=(name) value=(value) checked[checked];
            span.form-check-label { (label) }
        }
    }
}

fn is_filled(value: &Value) -> bool {
    !value.is_null() && value.as_text() != Some("")
}
