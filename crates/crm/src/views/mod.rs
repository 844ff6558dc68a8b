//! Views that a person made for themselves: rows of `userquery`, whose definition is a view as
//! JSON (columns, filter, order, group). They are shared like any record.

mod preferred;
mod shared;

use language::tr;
use model::{Filter, Order, Reference, View, ViewColumn};
use serde::{Deserialize, Serialize};
use store::{Query, Row};
use uuid::Uuid;

use crate::{App, Caller, Error, NewRecord, Origin, Result, access, records::Work};

/// The table of people's own views.
const VIEWS: &str = "userquery";
/// What of a row makes a view.
const COLUMNS: [&str; 5] = ["userqueryid", "name", "definition", "isdefault", "ownerid"];

/// Most views of one person on one table.
const MOST: u32 = 200;

/// The definition of a personal view.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Definition {
    /// Columns, in order.
    pub columns: Vec<ViewColumn>,
    /// Which rows.
    #[serde(default, skip_serializing_if = "Filter::is_everything")]
    pub filter: Filter,
    /// In which order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<Order>,
    /// By which column the rows are grouped, as pages write it: `statuscode`,
    /// `estimatedclosedate:month`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
}

/// A view that somebody made, as it is offered to the caller.
#[derive(Debug, Clone, PartialEq)]
pub struct PersonalView {
    /// Columns, rows and order. Its short name is its identifier.
    pub view: View,
    /// By which column the rows are grouped.
    pub group: Option<String>,
    /// Whether it is the caller's own; if not, it was shared with them or belongs to their team.
    pub mine: bool,
}

impl App {
    /// The views of a table that people made and the caller can use: their own by name, then those
    /// shared with them or their teams. Those whose definition cannot be read are left out.
    pub async fn personal_views(&self, caller: &Caller, table: &str) -> Result<Vec<PersonalView>> {
        let owners = std::iter::once(caller.user).chain(caller.teams.iter().copied());
        let own = self.views_of(caller, table).matching(Filter::is_in("ownerid", owners));
        let shared = shared::query(caller, table);
        let (caller, asked) = (caller.clone(), self.views_of(caller, table));
        self.read(move |reader| {
            let mut rows: Vec<Row> = reader.query(&own)?.to_rows().collect();
            let ids = match shared {
                Some(shares) => shared::views_in(&reader.query(&shares)?),
                None => Vec::new(),
            };
            if !ids.is_empty() {
                let found = reader.query(&asked.matching(Filter::is_in("userqueryid", ids)))?;
                rows.extend(found.to_rows());
            }
            let mut views: Vec<PersonalView> = rows.iter().filter_map(|row| personal(&caller, row)).collect();
            views.sort_by_key(|personal| (!personal.mine, personal.view.label.to_lowercase()));
            views.dedup_by_key(|personal| personal.view.id);
            Ok(views)
        })
        .await
    }

    fn views_of(&self, caller: &Caller, table: &str) -> Query {
        self.new_query(caller, VIEWS)
            .select(COLUMNS)
            .matching(Filter::eq("returnedtypecode", table).and(Filter::eq("statecode", 0)))
            .order_by(Order::ascending("name"))
            .take(MOST)
    }

    /// The caller's own views of all tables by name, each with its table.
    pub async fn own_views(&self, caller: &Caller) -> Result<Vec<(String, View)>> {
        let own = Filter::eq("ownerid", Reference::new("systemuser", caller.user));
        let query = self
            .new_query(caller, VIEWS)
            .select(["userqueryid", "name", "returnedtypecode", "definition", "isdefault"])
            .matching(own.and(Filter::eq("statecode", 0)))
            .order_by(Order::ascending("returnedtypecode"))
            .order_by(Order::ascending("name"))
            .take(MOST);
        let rows = self.query(caller, query).await?;
        Ok(rows.to_rows().filter_map(|row| Some((row.text("returnedtypecode").to_owned(), view(&row)?))).collect())
    }

    /// Keeps a view of `table` under this name; returns its identifier.
    pub async fn keep_personal_view(
        &self,
        caller: &Caller,
        origin: Origin,
        table: &str,
        name: &str,
        definition: &Definition,
    ) -> Result<Uuid> {
        self.table(table)?;
        let row = Row::new()
            .with("name", name)
            .with("returnedtypecode", table)
            .with("definition", text(definition)?)
            .with("ownerid", Reference::new("systemuser", caller.user));
        self.create(caller, origin, NewRecord::of(VIEWS, row)).await
    }

    /// Gives a view another name or definition: one's own, one of a team's, or one that was shared to
    /// be changed, too.
    pub async fn change_personal_view(
        &self,
        caller: &Caller,
        origin: Origin,
        id: Uuid,
        name: Option<&str>,
        definition: Option<&Definition>,
    ) -> Result<()> {
        let mut changes = Row::new();
        if let Some(name) = name {
            changes.set("name", name);
        }
        if let Some(definition) = definition {
            changes.set("definition", text(definition)?);
        }
        self.work(caller, origin, move |work| {
            if !shared::may_change(work, id)? {
                require_own(work, id)?;
            }
            work.update(VIEWS, id, changes, None).map(|_| ())
        })
        .await
    }

    /// Deletes one of the caller's views; returns the act, by which it is undone.
    pub async fn delete_personal_view(&self, caller: &Caller, origin: Origin, id: Uuid) -> Result<Uuid> {
        self.work(caller, origin, move |work| {
            require_own(work, id)?;
            work.delete(VIEWS, id, None)?;
            Ok(work.act())
        })
        .await
    }
}

fn require_own(work: &mut Work<'_, '_>, id: Uuid) -> Result<()> {
    let owner = work.load(VIEWS, id)?.value("ownerid").as_reference().map(|owner| owner.id);
    let caller = work.caller();
    if owner.is_some_and(|owner| owner == caller.user || caller.teams.contains(&owner)) {
        return Ok(());
    }
    let words = tr!("this view belongs to somebody else; save a copy of your own");
    Err(access::refused(work.caller(), "change somebody else's view", Some(VIEWS), words))
}

fn text(definition: &Definition) -> Result<String> {
    serde_json::to_string(definition).map_err(|error| Error::refused(tr!("the view cannot be kept: {error}", error)))
}

/// The view that a row keeps; none where its definition cannot be read.
pub(crate) fn view(row: &Row) -> Option<View> {
    let definition = serde_json::from_str(row.text("definition")).ok()?;
    defined(row, definition)
}

fn personal(caller: &Caller, row: &Row) -> Option<PersonalView> {
    let definition: Definition = serde_json::from_str(row.text("definition")).ok()?;
    let group = definition.group.clone();
    let mine = row.value("ownerid").as_reference().is_some_and(|owner| owner.id == caller.user);
    Some(PersonalView { view: defined(row, definition)?, group, mine })
}

fn defined(row: &Row, definition: Definition) -> Option<View> {
    let id = row.value("userqueryid").as_id()?;
    Some(View {
        name: id.to_string(),
        label: row.text("name").to_owned(),
        id,
        default: row.value("isdefault").as_boolean().unwrap_or_default(),
        columns: definition.columns,
        filter: definition.filter,
        order: definition.order,
    })
}
