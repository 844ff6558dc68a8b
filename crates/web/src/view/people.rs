//! The people around a record, as lists on its page.

use std::{fmt, str::FromStr};

use crm::{Row, connections, reading::Names};
use language::tr;
use maud::{Markup, html};
use model::{Model, People, Reference, Table};
use uuid::Uuid;

use super::{fields, tables};
use crate::{
    components::{
        Control, Field, PlainTable, Subgrid, TableColumn,
        fields::{ChoiceOption, LookupControl},
        icon,
    },
    failure::Failure,
    session::Me,
};

/// A side of a record, as addresses name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Side(pub People);

impl FromStr for Side {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        match text {
            "stakeholders" => Ok(Self(People::Stakeholders)),
            "sales-team" => Ok(Self(People::SalesTeam)),
            _ => Err(Failure::NoPage),
        }
    }
}

impl fmt::Display for Side {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self.0 {
            People::Stakeholders => "stakeholders",
            People::SalesTeam => "sales-team",
        })
    }
}

impl Side {
    /// The list, as it is called within a sentence.
    pub fn words(self) -> String {
        match self.0 {
            People::Stakeholders => tr!("stakeholders"),
            People::SalesTeam => tr!("sales team"),
        }
    }

    /// The command that adds one.
    pub fn add(self) -> String {
        match self.0 {
            People::Stakeholders => tr!("Add stakeholder"),
            People::SalesTeam => tr!("Add member"),
        }
    }

    /// What is said of somebody who was added.
    pub fn added(self, name: &str) -> String {
        match self.0 {
            People::Stakeholders => tr!("{} added to the stakeholders.", name),
            People::SalesTeam => tr!("{} added to the sales team.", name),
        }
    }

    /// What is said of somebody who was taken out.
    pub fn removed(self, name: &str) -> String {
        match self.0 {
            People::Stakeholders => tr!("{} removed from the stakeholders.", name),
            People::SalesTeam => tr!("{} removed from the sales team.", name),
        }
    }

    /// What is said of an empty list.
    pub fn empty(self) -> String {
        match self.0 {
            People::Stakeholders => tr!("Nobody yet. Add the people who decide, advise or use what you sell."),
            People::SalesTeam => tr!("Nobody yet. Colleagues you add may see and change this record."),
        }
    }
}

/// Where a list is read and added to.
pub(crate) fn href(table: &Table, id: Uuid, side: Side) -> String {
    format!("{}/people/{side}", tables::row_href(table, id))
}

/// The list on the record's page.
pub(crate) fn list(label: &str, table: &Table, id: Uuid, side: People) -> Subgrid {
    Subgrid { label: label.to_owned(), href: href(table, id, Side(side)), table: "connection".to_owned() }
}

/// What the lists are made with.
pub(crate) struct Around<'a> {
    pub me: &'a Me,
    pub model: &'a Model,
    pub side: Side,
    /// Address of the list.
    pub href: String,
    /// The parts that are offered.
    pub parts: &'a [(Uuid, String)],
    /// The person may add people, change their parts and take them out.
    pub may_change: bool,
}

impl Around<'_> {
    /// The people, each with their part and how to reach them.
    pub fn table(&self, rows: &[Row], names: &Names, contacts: &[(Reference, String)]) -> PlainTable {
        let mut columns: Vec<TableColumn> =
            [tr!("Name"), tr!("Part"), tr!("How to reach")].map(|label| column(label, false)).into();
        columns.extend(self.may_change.then(|| column(tr!("Remove"), true)));
        PlainTable {
            caption: self.side.words(),
            columns,
            rows: rows.iter().filter_map(|row| self.row(row, names, contacts)).collect(),
        }
    }

    fn row(&self, row: &Row, names: &Names, contacts: &[(Reference, String)]) -> Option<Vec<Markup>> {
        let connection = row.value("connectionid").as_id()?;
        let who = row.value("record2id").as_reference()?;
        let unnamed = tr!("(no name)");
        let name = names.get(who).unwrap_or(&unnamed);
        let reach = contacts.iter().find(|(of, _)| of == who).map(|(_, text)| text.as_str()).unwrap_or_default();
        let address = tables::reference_href(self.model, &self.me.caller, who);
        let mut cells = vec![
            html! {
                span.people-name {
                    (icon(&tables::icon_of(self.model, &who.table)))
                    @match &address { Some(href) => a href=(href) { (name) }, None => span { (name) } }
                }
            },
            self.part(connection, name, row.value("record2roleid").as_reference(), names),
            html! { (reach) },
        ];
        cells.extend(self.may_change.then(|| self.remover(connection, name)));
        Some(cells)
    }

    /// The part, to be chosen in place.
    fn part(&self, connection: Uuid, name: &str, role: Option<&Reference>, names: &Names) -> Markup {
        let present = role.and_then(|role| names.get(role)).unwrap_or_default();
        if !self.may_change {
            return html! { (present) };
        }
        let offered = |id: Uuid| role.is_some_and(|role| role.id == id);
        let is_known = role.is_none_or(|role| self.parts.iter().any(|(id, _)| *id == role.id));
        html! {
            select.form-select.people-part name="part" aria-label=(tr!("Part of {}", name))
                hx-post={ (self.href) "/" (connection) "/part" } hx-trigger="change" hx-swap="none" {
                option value="" selected[role.is_none()] { "–" }
                @if let (false, Some(role)) = (is_known, role) { option value=(role.id) selected { (present) } }
                @for (id, label) in self.parts { option value=(id) selected[offered(*id)] { (label) } }
            }
        }
    }

    fn remover(&self, connection: Uuid, name: &str) -> Markup {
        html! {
            button.btn.btn-icon.btn-sm.btn-ghost type="button" hx-post={ (self.href) "/" (connection) "/removal" }
                hx-swap="none" aria-label=(tr!("Remove {}", name)) title=(tr!("Remove from this list")) { (icon("x")) }
        }
    }

    /// The fields of the dialog that adds somebody: who, with the way to make a new one, and the part.
    pub fn fields(&self, error: Option<&str>) -> Option<Vec<Field>> {
        let connections = self.model.table("connection")?;
        let wanted = connections::tables(self.side.0);
        let lookup = fields::lookup(self.me, self.model, connections, connections.column("record2id")?);
        let of_side = |address: &str| {
            let mut tables = wanted.iter().filter_map(|name| self.model.table(name));
            tables.any(|table| address.starts_with(&format!("/{}/", table.set_name)))
        };
        let control = LookupControl {
            source: format!("{}?only={}", lookup.source, wanted.join(",")),
            create: lookup.create.into_iter().filter(|new| of_side(&new.href)).collect(),
            ..lookup
        };
        let label = match self.side.0 {
            People::Stakeholders => tr!("Contact or account"),
            People::SalesTeam => tr!("User"),
        };
        let who = Field {
            scope: "people".to_owned(),
            autofocus: true,
            error: error.map(crate::failure::sentence),
            ..Field::new("who", label, Control::Lookup(control)).required()
        };
        let option =
            |(id, label): &(Uuid, String)| ChoiceOption { value: id.to_string(), label: label.clone(), chosen: false };
        let options = self.parts.iter().map(option).collect();
        let part = Field {
            scope: "people".to_owned(),
            ..Field::new("part", tr!("Part"), Control::Choice { options })
                .help(tr!("What they do in it; can be changed in the list."))
        };
        Some(vec![who, part])
    }
}

const fn column(label: String, number: bool) -> TableColumn {
    TableColumn { label, number }
}
