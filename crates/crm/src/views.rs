//! Views that a person made for themselves: rows of `userquery`, whose definition is a view as
//! JSON (columns, filter, order).

use model::{Filter, Order, Reference, View, ViewColumn};
use serde::{Deserialize, Serialize};
use store::Row;
use uuid::Uuid;

use crate::{App, Caller, Error, NewRecord, Origin, Result, access, records::Work};

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
}

impl App {
    /// The caller's own views of a table, by name. Those whose definition cannot be read are left
    /// out. A view's short name is its identifier.
    pub async fn personal_views(&self, caller: &Caller, table: &str) -> Result<Vec<View>> {
        let own = Filter::eq("ownerid", Reference::new("systemuser", caller.user));
        let query = self
            .new_query(caller, "userquery")
            .select(["userqueryid", "name", "definition", "isdefault"])
            .matching(own.and(Filter::eq("returnedtypecode", table)).and(Filter::eq("statecode", 0)))
            .order_by(Order::ascending("name"))
            .take(MOST);
        let rows = self.query(caller, query).await?;
        Ok(rows.to_rows().filter_map(|row| view(&row)).collect())
    }

    /// The caller's own views of all tables by name, each with its table.
    pub async fn own_views(&self, caller: &Caller) -> Result<Vec<(String, View)>> {
        let own = Filter::eq("ownerid", Reference::new("systemuser", caller.user));
        let query = self
            .new_query(caller, "userquery")
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
        self.create(caller, origin, NewRecord::of("userquery", row)).await
    }

    /// Gives one of the caller's views another name or definition.
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
            require_own(work, id)?;
            work.update("userquery", id, changes, None).map(|_| ())
        })
        .await
    }

    /// Deletes one of the caller's views; returns the act, by which it is undone.
    pub async fn delete_personal_view(&self, caller: &Caller, origin: Origin, id: Uuid) -> Result<Uuid> {
        self.work(caller, origin, move |work| {
            require_own(work, id)?;
            work.delete("userquery", id, None)?;
            Ok(work.act())
        })
        .await
    }
}

fn require_own(work: &mut Work<'_, '_>, id: Uuid) -> Result<()> {
    let owner = work.load("userquery", id)?.value("ownerid").as_reference().map(|owner| owner.id);
    if owner == Some(work.caller().user) {
        return Ok(());
    }
    let words = "this view belongs to somebody else; save a copy of your own".to_owned();
    Err(access::refused(work.caller(), "change somebody else's view", Some("userquery"), words))
}

fn text(definition: &Definition) -> Result<String> {
    serde_json::to_string(definition).map_err(|error| Error::refused(format!("the view cannot be kept: {error}")))
}

/// The view that a row keeps; none where its definition cannot be read.
pub(crate) fn view(row: &Row) -> Option<View> {
    let id = row.value("userqueryid").as_id()?;
    let definition: Definition = serde_json::from_str(row.text("definition")).ok()?;
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
