//! A record's page from the table's main form.

use std::collections::BTreeSet;

use crm::{Row, access::Privilege, process::Journey, reading::Names};
use language::{Language, tr};
use model::{Form, FormKind, Model, Section, Tab, Table};
use uuid::Uuid;

use super::{
    cells::{Cells, tone},
    commands,
    fields::{self, Fields},
    follows,
    parties::Parties,
    people, process, tables,
};
use crate::{
    components::{
        Action, Badge, Banner, Command, CommandBar, CommandStyle, Fact, FieldError, FormSection, FormTab, ProcessBar,
        RecordForm, RecordHeader, SectionItem, Subgrid, Timeline, Tone,
    },
    posted::Typed,
    session::Me,
};

/// Most facts in the header.
const FACTS: usize = 4;

/// What a record's page is made of.
pub(crate) struct Record<'a> {
    pub me: &'a Me,
    pub model: &'a Model,
    pub table: &'a Table,
    pub names: &'a Names,
    pub row: &'a Row,
    /// None for a new record.
    pub id: Option<Uuid>,
    /// What was typed and refused.
    pub typed: Option<&'a Typed>,
    /// What is wrong, by column; an empty column means the record as a whole.
    pub errors: &'a [(String, String)],
    pub journey: Option<&'a Journey>,
    pub timeline: Option<Timeline>,
    pub notice: Option<Banner>,
    /// What the person may do with the record; everything with a new one.
    pub rights: &'a BTreeSet<Privilege>,
    /// By which the qualification of this lead can be undone.
    pub qualification: Option<Uuid>,
    /// Who takes part in an activity.
    pub parties: Option<&'a Parties>,
    /// Whether the form saves by itself what is typed.
    pub saves_itself: bool,
    /// Whether the person follows the record; none for what cannot be followed.
    pub following: Option<bool>,
}

impl Record<'_> {
    /// The page.
    pub fn form(mut self) -> RecordForm {
        let read_only = self.is_read_only();
        let form = main_form(self.table);
        let side = self
            .timeline
            .take()
            .filter(|_| form.tabs.iter().flat_map(|tab| &tab.sections).any(|section| section.timeline));
        let has_files = !read_only && form_columns(&form).any(|name| self.table.column(name).is_some_and(is_file));
        let mut tabs: Vec<FormTab> =
            form.tabs.iter().enumerate().map(|(position, tab)| self.tab(&form, position, tab, read_only)).collect();
        tabs.extend(self.hierarchy());
        tabs.retain(|tab| !tab.sections.is_empty());
        if let (Some(first), Some(timeline)) = (tabs.first_mut(), side) {
            first.side = Some(maud::Render::render(&timeline));
        }
        RecordForm {
            id: "record-form".to_owned(),
            // The address the form is at, so that it stays there when the record is refused.
            action: self
                .id
                .map_or_else(|| format!("/{}/new", self.table.set_name), |id| tables::row_href(self.table, id)),
            csrf: self.me.csrf.clone(),
            version: self.row.value("versionnumber").as_whole().map(|version| version.to_string()),
            header: self.header(&form),
            commands: self.commands(read_only),
            banner: self.notice.take().or_else(|| self.closed_notice()).or_else(|| self.refused_notice()),
            process: self.journey.and_then(|journey| self.process(journey)),
            errors: self.error_list(),
            tabs,
            read_only,
            has_files,
            once: self.id.is_none().then(|| once(self.typed)),
            calculation: self
                .id
                .filter(|_| form_columns(&form).any(|name| self.table.column(name).is_some_and(is_calculated)))
                .map(|id| format!("{}/calculation", tables::row_href(self.table, id))),
            autosave: self
                .id
                .filter(|_| self.saves_itself)
                .map(|id| format!("{}/autosave", tables::row_href(self.table, id))),
            checks: Some(tables::checks_href(self.table)),
            live: self.id.map(|id| format!("{}:{id}", self.table.name)),
        }
    }

    fn process(&self, journey: &Journey) -> Option<ProcessBar> {
        let writes = self.rights.contains(&Privilege::Write);
        process::Bar { me: self.me, model: self.model, table: self.table, id: self.id?, journey, writes }.bar()
    }

    fn fields(&self, closed: bool) -> Fields<'_> {
        Fields {
            me: self.me,
            model: self.model,
            table: self.table,
            names: self.names,
            row: self.row,
            typed: self.typed,
            new: self.id.is_none(),
            closed,
            scope: "field",
            errors: self.errors,
            parties: self.parties,
        }
    }

    fn is_read_only(&self) -> bool {
        self.id.is_some() && !(self.is_open() && self.rights.contains(&Privilege::Write))
    }

    /// Whether the record's own state lets it be changed.
    pub fn is_open(&self) -> bool {
        !is_closed(self.table, self.row) && !is_merged(self.row) && tables::is_writable(self.table)
    }

    fn header(&self, form: &Form) -> RecordHeader {
        let cells = Cells { me: self.me, model: self.model, names: self.names };
        let currency = self.row.value("transactioncurrencyid").as_id();
        let name = self.row.text(&self.table.primary_name);
        let title = match self.id {
            None => tr!("New {}", Language::within_sentence(&self.table.label)),
            Some(_) if name.trim().is_empty() => tr!("{} without a name", self.table.label),
            Some(_) => name.to_owned(),
        };
        let facts = form.header.iter().filter_map(|name| self.table.column(name)).take(FACTS).map(|column| Fact {
            label: column.label.clone(),
            value: cells.cell(self.table, column, self.row.value(&column.name), currency),
        });
        RecordHeader {
            icon: self.table.icon.clone(),
            table: self.table.label.clone(),
            list: (self.table.plural_label.clone(), format!("/{}", self.table.set_name)),
            title,
            badge: self.id.and_then(|_| self.state_badge()),
            facts: if self.id.is_some() { facts.collect() } else { Vec::new() },
            follow: self.id.zip(self.following).map(|(id, following)| follows::toggle(self.table, id, following)),
        }
    }

    fn state_badge(&self) -> Option<Badge> {
        let number = self.row.value("statecode").as_whole()?;
        let state = self.table.state(i32::try_from(number).ok()?)?;
        Some(Badge::new(state.label.clone(), tone(self.table, self.table.column("statecode")?, number)))
    }

    fn commands(&self, read_only: bool) -> CommandBar {
        match self.id {
            Some(id) => {
                let mut bar = commands::record(self, id, !read_only);
                if self.me.caller.administrator && crm::privacy::PEOPLE.contains(&self.table.name.as_str()) {
                    let href = format!("/privacy/person?record={}/{id}", self.table.name);
                    // Before what deletes.
                    let place = bar.more.len().saturating_sub(1);
                    bar.more.insert(place, Command::new(tr!("Personal data"), "shield-lock", Action::Link(href)));
                    bar.more.insert(place + 1, self.legal_hold(id));
                }
                bar
            }
            None => CommandBar {
                commands: vec![Command {
                    style: CommandStyle::Primary,
                    ..Command::new(
                        tr!("Save"),
                        "device-floppy",
                        Action::Submit { form: "record-form".to_owned(), value: None },
                    )
                    .shortcut("Control+S")
                }],
                more: Vec::new(),
            },
        }
    }

    /// Keeps the record whatever a privacy request or a retention rule says, also where it is closed
    /// and its form is not to be filled in; or ends that.
    fn legal_hold(&self, id: Uuid) -> Command {
        let held = self.row.value(crm::privacy::HOLD).as_boolean() == Some(true);
        let href = format!("{}/legal-hold/{}", tables::row_href(self.table, id), !held);
        let label = if held { tr!("End legal hold") } else { tr!("Place under legal hold") };
        Command::new(label, "lock", Action::Post { href, confirm: None })
    }

    /// Why nothing can be changed.
    fn closed_notice(&self) -> Option<Banner> {
        self.id?;
        if !is_closed(self.table, self.row) {
            return None;
        }
        let number = self.row.value("statecode").as_whole()?;
        let state = self.table.state(i32::try_from(number).ok()?)?;
        let status =
            self.row.value("statuscode").as_whole().and_then(|status| self.table.status(i32::try_from(status).ok()?));
        let reason = status
            .filter(|status| status.label != state.label)
            .map(|status| format!(" ({})", status.label))
            .unwrap_or_default();
        let verb = match self.table.name.as_str() {
            "lead" => tr!("Reactivate it to change it."),
            "opportunity" => tr!("Reopen it to change it."),
            _ => tr!("Open it again to change it."),
        };
        Some(Banner {
            tone: tone(self.table, self.table.column("statecode")?, number),
            icon: "lock".to_owned(),
            text: tr!(
                "This {label} is {state}{reason} and read-only. {verb}",
                label = Language::within_sentence(&self.table.label),
                state = Language::within_sentence(&state.label),
                reason,
                verb
            ),
            commands: Vec::new(),
        })
    }

    /// That nothing can be changed because the person may not.
    fn refused_notice(&self) -> Option<Banner> {
        let refused = self.is_open() && !self.rights.contains(&Privilege::Write);
        self.id.filter(|_| refused)?;
        Some(Banner {
            tone: Tone::Grey,
            icon: "lock".to_owned(),
            text: tr!("You may read this {}, but not change it.", Language::within_sentence(&self.table.label)),
            commands: Vec::new(),
        })
    }

    fn tab(&self, form: &Form, position: usize, tab: &Tab, read_only: bool) -> FormTab {
        let fields = self.fields(read_only);
        let before: usize = form.tabs[..position].iter().map(|tab| tab.sections.len()).sum();
        let sections =
            tab.sections.iter().enumerate().filter_map(|(at, section)| self.section(&fields, before + at, section));
        FormTab { id: format!("tab-{position}"), label: tab.label.clone(), sections: sections.collect(), side: None }
    }

    /// The tree of accounts around an account, or around the one a contact is of.
    fn hierarchy(&self) -> Option<FormTab> {
        let account = match self.table.name.as_str() {
            "account" => self.id,
            "contact" => {
                let company = self.row.value("parentcustomerid").as_reference();
                company.filter(|company| company.table == "account").map(|company| company.id)
            }
            _ => None,
        };
        let list = Subgrid {
            label: tr!("Accounts above and below"),
            href: format!("/accounts/{}/hierarchy", account.filter(|_| self.id.is_some())?),
            table: "account".to_owned(),
        };
        let section = FormSection { label: String::new(), columns: 1, items: vec![SectionItem::Subgrid(list)] };
        Some(FormTab { id: "tab-hierarchy".to_owned(), label: tr!("Hierarchy"), sections: vec![section], side: None })
    }

    fn section(&self, fields: &Fields<'_>, number: usize, section: &Section) -> Option<FormSection> {
        if let Some(side) = section.people {
            let id = self.id?;
            return Some(FormSection {
                label: String::new(),
                columns: 1,
                items: vec![SectionItem::Subgrid(people::list(&section.label, self.table, id, side))],
            });
        }
        if let Some(subgrid) = &section.subgrid {
            let id = self.id?;
            let known =
                self.model.table(&subgrid.table).is_some_and(|table| tables::is_open_to(&self.me.caller, table));
            return known.then(|| FormSection {
                label: String::new(),
                columns: 1,
                items: vec![SectionItem::Subgrid(Subgrid {
                    label: section.label.clone(),
                    href: format!("{}/related/{number}", tables::row_href(self.table, id)),
                    table: subgrid.table.clone(),
                })],
            });
        }
        let items: Vec<SectionItem> =
            section.columns.iter().filter_map(|name| fields.field(name)).map(SectionItem::from).collect();
        (!items.is_empty()).then(|| FormSection { label: section.label.clone(), columns: 2, items })
    }

    fn error_list(&self) -> Vec<FieldError> {
        let on_form: Vec<String> = form_columns(&main_form(self.table)).map(str::to_owned).collect();
        error_list(self.table, self.errors, "field", |column| on_form.iter().any(|name| name == column))
    }
}

/// The key that a form for a new record carries: the same as long as it is refused.
pub(crate) fn once(typed: Option<&Typed>) -> String {
    typed.and_then(|typed| typed.get("once")).map_or_else(|| Uuid::now_v7().to_string(), str::to_owned)
}

/// Mistakes as the summary above a form lists them.
pub(crate) fn error_list(
    table: &Table,
    errors: &[(String, String)],
    scope: &str,
    shown: impl Fn(&str) -> bool,
) -> Vec<FieldError> {
    let one = |(name, message): &(String, String)| {
        let label = table.column(name).map_or(name.as_str(), |column| column.label.as_str());
        let message = without_label(label, message);
        if shown(name) {
            return FieldError { field: Some(format!("{scope}-{name}")), label: label.to_owned(), message };
        }
        let message = if name.is_empty() { message } else { format!("{label}: {message}") };
        FieldError { field: None, label: String::new(), message }
    };
    errors.iter().map(one).collect()
}

/// A message without the label at its beginning, which stands beside it anyway.
pub(crate) fn without_label(label: &str, message: &str) -> String {
    let rest = message.strip_prefix(label).filter(|rest| !label.is_empty() && rest.starts_with(' '));
    rest.map_or(message, str::trim_start).to_owned()
}

/// What the domain found wrong, by column.
pub(crate) fn errors_of(error: &crm::Error) -> Option<Vec<(String, String)>> {
    match error {
        crm::Error::Invalid(errors) => {
            let one = |error: &crm::FieldError| (error.column.clone(), without_label(&error.label, &error.message));
            Some(errors.iter().map(one).collect())
        }
        crm::Error::Refused(message) | crm::Error::Forbidden(message) => {
            Some(vec![(String::new(), crate::failure::sentence(message))])
        }
        crm::Error::Duplicates(_) => Some(vec![(String::new(), crate::failure::sentence(&error.to_string()))]),
        crm::Error::Exists { columns, .. } => {
            let column = columns.first().cloned().unwrap_or_default();
            Some(vec![(column, crate::failure::sentence(&error.to_string()))])
        }
        _ => None,
    }
}

/// The main form; a table without one gets all its columns in one section.
pub(crate) fn main_form(table: &Table) -> Form {
    table.form(FormKind::Main).cloned().unwrap_or_else(|| plain_form(table))
}

fn plain_form(table: &Table) -> Form {
    let columns = table.columns.values().filter(|column| column.is_stored() && column.name != table.primary_key);
    let section = Section {
        label: table.label.clone(),
        columns: columns.map(|column| column.name.clone()).collect(),
        timeline: false,
        subgrid: None,
        people: None,
    };
    let tab = Tab { label: tr!("Summary"), sections: vec![section] };
    Form {
        name: "main".to_owned(),
        label: table.label.clone(),
        kind: FormKind::Main,
        header: Vec::new(),
        tabs: vec![tab],
    }
}

/// Every column on a form, in order.
pub(crate) fn form_columns(form: &Form) -> impl Iterator<Item = &str> {
    form.tabs.iter().flat_map(|tab| &tab.sections).flat_map(|section| &section.columns).map(String::as_str)
}

/// True where the row's state makes it read-only.
pub(crate) fn is_closed(table: &Table, row: &Row) -> bool {
    let state = row.value("statecode").as_whole().and_then(|state| i32::try_from(state).ok());
    state.and_then(|state| table.state(state)).is_some_and(|state| state.closed)
}

/// True for a record that became a part of another.
pub(crate) fn is_merged(row: &Row) -> bool {
    row.value("merged").as_boolean() == Some(true)
}

/// Where a merged record went, and the way back.
pub(crate) fn merged_notice(table: &Table, master: Uuid, name: &str, act: Option<Uuid>) -> Banner {
    let open = Command::new(tr!("Open “{}”", name), "arrows-exchange", Action::Link(tables::row_href(table, master)));
    let undo = act.map(|act| {
        let post = Action::Post { href: format!("/acts/{act}/undo"), confirm: None };
        Command::new(tr!("Undo merge"), "arrow-back-up", post)
            .confirm(tr!("Undo the merge? Both records are as they were before, with what hung on each of them."))
    });
    Banner {
        tone: Tone::Blue,
        icon: "lock".to_owned(),
        text: tr!("This {} was merged into “{name}” and is read-only.", Language::within_sentence(&table.label), name),
        commands: std::iter::once(open).chain(undo).collect(),
    }
}

/// True for columns that are worked out from others of the row.
fn is_calculated(column: &model::Column) -> bool {
    matches!(column.kind, model::ColumnType::Calculated { .. })
}

/// True for columns that hold a file.
pub(crate) fn is_file(column: &model::Column) -> bool {
    matches!(column.kind, model::ColumnType::File { .. } | model::ColumnType::Image { .. })
        && fields::is_editable(column)
}

/// True where the page has a timeline.
pub(crate) fn has_timeline(table: &Table) -> bool {
    (table.has_notes || table.has_activities)
        && main_form(table).tabs.iter().flat_map(|tab| &tab.sections).any(|section| section.timeline)
}

/// A notice in the colour of caution.
pub(crate) fn caution(text: String) -> Banner {
    Banner { tone: Tone::Orange, icon: "alert-triangle".to_owned(), text, commands: Vec::new() }
}
