//! What one document tells of: for whom, of which tables, and which of them may be written.

use crm::access::Privilege;
use model::{Column, ColumnType, Model, Table, TableKind};
use serde_json::{Value, json};

use crate::{
    csdl::navigation,
    error::{Error, Result},
    handlers::Request,
    translate::{Navigation, navigation as named},
};

/// The whole from which the parts of a document are made.
pub struct Told<'r> {
    /// The declarations.
    pub model: &'r Model,
    /// Who asks.
    pub caller: &'r crm::Caller,
    /// Where the server is: `https://crm.example.com`.
    pub origin: String,
    /// What every address of the protocol begins with: `/api/data/v9.2/`.
    pub base: String,
    /// The tables told of.
    pub tables: Vec<&'r Table>,
}

/// A navigation property with what it leads to.
pub struct Leading<'m> {
    /// Its name.
    pub name: &'m str,
    /// What it leads to.
    pub to: Navigation,
}

impl<'r> Told<'r> {
    /// The tables of `asked`, or all that the caller may read.
    ///
    /// # Errors
    /// [`Error::BadRequest`] where one that is asked for is not there, or not for the caller to read.
    pub fn of(request: &'r Request, asked: Option<Vec<&str>>) -> Result<Self> {
        let (model, caller) = (&*request.model, &request.caller);
        let may_read = |table: &&Table| caller.may_anywhere(model, table, Privilege::Read);
        let tables = match asked {
            None => model.tables.values().map(AsRef::as_ref).filter(may_read).collect(),
            Some(names) => names
                .into_iter()
                .map(|name| {
                    model.table(name).map(AsRef::as_ref).filter(may_read).ok_or_else(|| {
                        Error::BadRequest(format!("tables: there is no table '{name}' that you may read"))
                    })
                })
                .collect::<Result<_>>()?,
        };
        let path = request.root.splitn(4, '/').nth(3).unwrap_or_default();
        let origin = request.root.strip_suffix(&format!("/{path}")).unwrap_or_default();
        Ok(Self { model, caller, origin: origin.to_owned(), base: format!("/{path}"), tables })
    }

    /// Whether the caller's roles allow this on rows of the table.
    pub fn may(&self, table: &Table, privilege: Privilege) -> bool {
        table.kind != TableKind::Pointer && self.caller.may_anywhere(self.model, table, privilege)
    }

    /// Whether the document has a description of the table's rows.
    pub fn has(&self, table: &str) -> bool {
        self.tables.iter().any(|told| told.name == table)
    }

    /// The description of a row of one of these tables; of any row where it is not in the document.
    pub fn row_of(&self, tables: &[String]) -> Value {
        match tables {
            [table] if self.has(table) => schema(table),
            _ => schema(ANY_ROW),
        }
    }

    /// The columns that stand in the rows of a table, as the caller reads them.
    pub fn columns<'m>(&self, table: &'m Table) -> impl Iterator<Item = &'m Column> {
        table.columns.values().filter(|column| column.is_stored() && self.caller.may_read(column))
    }

    /// Navigation properties of a table that lead to tables the caller may read.
    pub fn leading<'m>(&self, table: &'m Table) -> Vec<Leading<'m>>
    where
        'r: 'm,
    {
        let inherited = navigation::base_of(self.model, table).map(|base| navigation::all(self.model, base));
        let all = inherited.unwrap_or_default().into_iter().chain(navigation::own(self.model, table));
        let leading = all.filter_map(|one| Some(Leading { name: one.name, to: named(self.model, table, one.name)? }));
        leading.filter(|one| self.leads_somewhere(table, &one.to)).collect()
    }

    fn leads_somewhere(&self, table: &Table, to: &Navigation) -> bool {
        let may_read = |name: &String| {
            self.model.table(name).is_some_and(|other| self.caller.may_anywhere(self.model, other, Privilege::Read))
        };
        match to {
            Navigation::Single { lookup, targets } => {
                table.column(lookup).is_some_and(|column| self.caller.may_read(column)) && targets.iter().any(may_read)
            }
            Navigation::Collection { table: other, .. } | Navigation::Pairs { table: other, .. } => may_read(other),
        }
    }
}

/// A row of no table in particular.
pub const ANY_ROW: &str = "row";

/// A schema of the document by its name.
pub fn schema(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}

/// A parameter of the document by its name.
pub fn parameter(name: &str) -> Value {
    json!({"$ref": format!("#/components/parameters/{name}")})
}

/// True where clients may send the column as it is; lookups are set by what leads there.
pub fn is_written(column: &Column) -> bool {
    column.is_stored()
        && !column.read_only
        && !column.is_computed()
        && !matches!(column.kind, ColumnType::Lookup { .. } | ColumnType::Id)
}
