//! Related rows on a record's page.

use std::{collections::BTreeSet, sync::Arc};

use axum::{extract::State, http::StatusCode, response::Response};
use crm::{Origin, access::Privilege};
use language::{Language, tr};
use maud::{Markup, Render, html};
use model::{Filter, Model, Path as ColumnPath, Reference, Related, Subgrid, Table};
use uuid::Uuid;

use super::people::changed;
use crate::{
    address::Address,
    app::Site,
    components::{Action, Command, Control, Dialog, DialogSize, Field, PlainTable, TableColumn, icon},
    failure::{Failure, sentence},
    flash::Flash,
    posted::Posted,
    respond::{fragment, html},
    session::Me,
    view::{commands, fields, grid::Sheet, input, record, tables},
};

/// Rows shown; a link leads to the rest.
const SHOWN: u32 = 25;
/// Element id of the dialog, and prefix of those within.
const ID: &str = "related";
/// A list of related rows on a record's page.
struct Place {
    model: Arc<Model>,
    table: Arc<Table>,
    id: Uuid,
    section: usize,
    label: String,
    subgrid: Subgrid,
    other: Arc<Table>,
}

impl Place {
    /// The list in the form's section of this number.
    fn of(site: &Site, me: &Me, set_name: &str, id: Uuid, section: usize) -> Result<Self, Failure> {
        let model = site.model();
        let table = tables::named(&model, &me.caller, set_name)?;
        let form = record::main_form(&table);
        let found = form.tabs.iter().flat_map(|tab| &tab.sections).nth(section).ok_or(Failure::NoPage)?;
        let subgrid = found.subgrid.clone().ok_or(Failure::NoPage)?;
        let other = model
            .table(&subgrid.table)
            .filter(|other| tables::is_open_to(&me.caller, other))
            .cloned()
            .ok_or(Failure::NoPage)?;
        Ok(Self { label: found.label.clone(), model, table, id, section, subgrid, other })
    }

    fn here(&self) -> Reference {
        Reference::new(self.table.name.as_str(), self.id)
    }

    fn href(&self) -> String {
        format!("{}/related/{}", tables::row_href(&self.table, self.id), self.section)
    }

    /// The columns shown.
    fn columns(&self) -> Vec<ColumnPath> {
        if !self.subgrid.columns.is_empty() {
            return self.subgrid.columns.iter().filter_map(|column| column.parse().ok()).collect();
        }
        let view = self.other.default_view();
        // The row that is looked at anyway needs no column of its own.
        let columns = view.map(|view| view.columns.iter().map(|column| column.column.clone()).collect::<Vec<_>>());
        columns.unwrap_or_default().into_iter().filter(|path| path.column != self.subgrid.through).take(6).collect()
    }

    /// Whether the person may tie the record, on which they have these rights, to others.
    fn may_tie(&self, rights: &BTreeSet<Privilege>) -> bool {
        self.subgrid.many_to_many
            && [Privilege::Append, Privilege::AppendTo].iter().any(|privilege| rights.contains(privilege))
    }

    /// What adds to the list.
    fn command(&self, me: &Me, rights: &BTreeSet<Privilege>) -> Option<Command> {
        if self.may_tie(rights) {
            let label = tr!("Add existing {}", Language::within_sentence(&self.other.label));
            return Some(Command::new(label, "link-plus", Action::Dialog(format!("{}/new", self.href()))));
        }
        let may = !self.subgrid.many_to_many
            && rights.contains(&Privilege::AppendTo)
            && commands::may_create(me, &self.model, &self.other);
        may.then(|| {
            let href = format!(
                "/{}/quick-create?{}={}:{}",
                self.other.set_name, self.subgrid.through, self.table.name, self.id
            );
            Command::new(tr!("New {}", Language::within_sentence(&self.other.label)), "plus", Action::Dialog(href))
        })
    }

    /// Takes a row out of the list.
    fn remover(&self, id: &str, label: &str) -> Markup {
        let href = format!("{}/{id}/removal", self.href());
        html! {
            button.btn.btn-icon.btn-sm.btn-ghost type="button" hx-post=(href) hx-swap="none"
                aria-label=(tr!("Remove {}", label)) title=(tr!("Remove from this list")) { (icon("unlink")) }
        }
    }
}

/// The rows.
pub(crate) async fn show(
    State(site): State<Site>,
    me: Me,
    Address((set_name, id, section)): Address<(String, Uuid, usize)>,
) -> Result<Response, Failure> {
    let place = Place::of(&site, &me, &set_name, id, section)?;
    let row = site.app.get(&me.caller, &place.table.name, id, None).await?;
    let rights = site.app.rights_on(&me.caller, &place.table, &row).await?;
    let sheet = Sheet::new(&place.model, &place.other, place.columns());
    let filter = filter(&place.model, &place.table, &place.subgrid, id).ok_or(Failure::NoPage)?;
    let mut query = sheet.select(site.app.new_query(&me.caller, &place.other.name)).matching(filter).take(SHOWN);
    let order = place.other.default_view().map(|view| view.order.clone()).unwrap_or_default();
    query.order = me.caller.readable_order(&place.model, &place.other.name, order);
    let (rows, names) = site.app.query_with_names(&me.caller, query).await?;
    let shown = sheet.rows(&me, &rows, &names, &[]);
    let pairs = place.may_tie(&rights);
    let mut columns: Vec<TableColumn> = sheet
        .columns(|_| None)
        .into_iter()
        .map(|column| TableColumn { label: column.label, number: column.number })
        .collect();
    columns.extend(pairs.then(|| TableColumn { label: tr!("Remove"), number: true }));
    let plain = PlainTable {
        caption: place.other.plural_label.clone(),
        columns,
        rows: shown
            .iter()
            .map(|row| {
                let cells = row.cells.iter().map(Render::render);
                cells.chain(pairs.then(|| place.remover(&row.id, &row.label))).collect()
            })
            .collect(),
    };
    Ok(fragment(html! {
        @if shown.is_empty() { p.loading { (tr!("No {} yet.", Language::within_sentence(&place.other.plural_label))) } } @else { (plain) }
        @if rows.next.is_some() { p.loading { (tr!("These are the first {}.", SHOWN)) } }
        @if let Some(command) = place.command(&me, &rights) { div.timeline-compose { (command) } }
    }))
}

/// Asks which row shall be added.
pub(crate) async fn ask(
    State(site): State<Site>,
    me: Me,
    Address((set_name, id, section)): Address<(String, Uuid, usize)>,
) -> Result<Response, Failure> {
    let place = Place::of(&site, &me, &set_name, id, section)?;
    Ok(fragment(dialog(&me, &place, None)?))
}

fn dialog(me: &Me, place: &Place, error: Option<&str>) -> Result<Dialog, Failure> {
    let (intersect, _, theirs) = pair(&place.model, &place.table, &place.subgrid).ok_or(Failure::NoPage)?;
    let column = intersect.column(&theirs).ok_or(Failure::NoPage)?;
    let control = Control::Lookup(fields::lookup(me, &place.model, intersect, column));
    let field = Field::new("other", place.other.label.clone(), control).required();
    Ok(Dialog {
        id: ID.to_owned(),
        title: tr!("Add to {}", Language::within_sentence(&place.label)),
        icon: place.other.icon.clone(),
        size: DialogSize::Medium,
        action: Some(place.href()),
        csrf: me.csrf.clone(),
        fields: vec![Field { autofocus: true, error: error.map(sentence), ..field }],
        submit: tr!("Add"),
        ..Dialog::default()
    })
}

/// Adds a row.
pub(crate) async fn add(
    State(site): State<Site>,
    Address((set_name, id, section)): Address<(String, Uuid, usize)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let place = Place::of(&site, &me, &set_name, id, section)?;
    let text = typed.text("other");
    let chosen = if text.is_empty() {
        Err(tr!("choose one from the list"))
    } else {
        input::reference(text, std::slice::from_ref(&place.other.name))
    };
    let other = match chosen {
        Ok(other) => other,
        Err(message) => {
            return Ok(html(StatusCode::UNPROCESSABLE_ENTITY, dialog(&me, &place, Some(&message))?.render()));
        }
    };
    let flash = tie(&site, &me, &place, other, true).await?;
    Ok(changed(&me, &flash, true))
}

/// Takes a row out; the row itself stays.
pub(crate) async fn remove(
    State(site): State<Site>,
    Address((set_name, id, section, other)): Address<(String, Uuid, usize, Uuid)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let me = posted.me;
    let place = Place::of(&site, &me, &set_name, id, section)?;
    let other = Reference::new(place.other.name.as_str(), other);
    let flash = tie(&site, &me, &place, other, false).await?;
    Ok(changed(&me, &flash, false))
}

/// Ties the record and another one together, or apart.
async fn tie(site: &Site, me: &Me, place: &Place, other: Reference, together: bool) -> Result<Flash, Failure> {
    let (name, here, there) = (place.subgrid.through.clone(), place.here(), other.clone());
    let done = site.app.work(&me.caller, Origin::Page, move |work| {
        let done =
            if together { work.associate(&name, &here, &there)? } else { work.dissociate(&name, &here, &there)? };
        Ok((done, work.act()))
    });
    let (done, act) = done.await?;
    let names = site.app.names(&me.caller, vec![other.clone()]).await?;
    let name = names.get(&other).map_or_else(|| tr!("it"), str::to_owned);
    let list = Language::within_sentence(&place.label);
    Ok(match (together, done) {
        (true, true) => Flash::done(tr!("“{}” added to {}.", name, list)).undo(act),
        (false, true) => Flash::done(tr!("“{}” removed from {}.", name, list)).undo(act),
        (true, false) => Flash::done(tr!("“{}” is among the {} already.", name, list)),
        (false, false) => Flash::done(tr!("“{}” is not among the {} any more.", name, list)),
    })
}

/// The pairs' table, its lookup that points at the record and the one that points at the rows.
fn pair<'m>(model: &'m Model, table: &Table, subgrid: &Subgrid) -> Option<(&'m Table, String, String)> {
    let pairs = model.many_to_many.iter().find(|pairs| pairs.name == subgrid.through)?;
    let intersect = model.table(&pairs.intersect)?;
    let lookup_of =
        |target: &str| intersect.lookups().find(|column| column.targets().iter().any(|name| name == target));
    Some((intersect, lookup_of(&table.name)?.name.clone(), lookup_of(&subgrid.table)?.name.clone()))
}

/// Which rows: those whose lookup points here, or those that a pair leads to.
fn filter(model: &Model, table: &Table, subgrid: &Subgrid, id: Uuid) -> Option<Filter> {
    let here = Reference::new(table.name.as_str(), id);
    if !subgrid.many_to_many {
        return Some(Filter::eq(subgrid.through.as_str(), here));
    }
    let (intersect, own, theirs) = pair(model, table, subgrid)?;
    Some(Filter::Related(Related {
        table: intersect.name.clone(),
        through: theirs,
        filter: Box::new(Filter::eq(own.as_str(), here)),
        at: None,
    }))
}
