//! Taking rows out: any view, or all columns, as CSV or XLSX, page by page.
//!
//! The primary key comes first, so that the file can be brought in again and changes the rows it
//! came from. With labels the file is for people; raw (logical names, numbers, identifiers) it
//! comes back without loss.

mod cells;
mod columns;

use std::{collections::HashMap, io::Write, sync::Arc};

use model::{Filter, Order, Path, Reference, Table, Value};
use serde::Serialize;
use store::Query;
use tabular::{CsvOptions, Writer};
use uuid::Uuid;

use crate::{App, Caller, Error, Result, activities::parties::StoredParty};
use columns::Column;

/// Rows read in one go.
const PAGE: u32 = 2_000;
/// Activities whose parties are read in one go.
const ACTIVITIES: usize = 200;

/// What can be done about exports.
pub struct Exports<'a> {
    app: &'a App,
}

/// The kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// Comma-separated text.
    #[default]
    Csv,
    /// An Excel workbook.
    Xlsx,
}

/// What is taken out.
#[derive(Debug, Clone, Default)]
pub struct ExportRequest {
    /// Logical name of the table.
    pub table: String,
    /// The view whose rows and columns are meant, by name or label.
    pub view: Option<String>,
    /// These columns instead of the view's; all of the table where there is no view either.
    pub columns: Option<Vec<Path>>,
    /// Only rows that also satisfy this.
    pub filter: Filter,
    /// In this order instead of the view's.
    pub order: Vec<Order>,
    /// The kind of file.
    pub format: Format,
    /// Logical names, numbers and identifiers instead of labels and names.
    pub raw: bool,
}

/// What was taken out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Exported {
    /// Rows written.
    pub rows: u64,
    /// Columns of the file.
    pub columns: usize,
    /// Texts that were cut because a workbook's cell holds no more; 0 for CSV.
    pub cut_cells: u64,
}

impl App {
    /// What can be done about exports.
    pub const fn exports(&self) -> Exports<'_> {
        Exports { app: self }
    }
}

impl Exports<'_> {
    /// Writes the rows that `caller` may see to `target`.
    pub async fn run(
        &self,
        caller: &Caller,
        request: ExportRequest,
        target: impl Write + Send + 'static,
    ) -> Result<Exported> {
        let table = self.app.table(&request.table)?;
        let (columns, query) = self.prepare(caller, &table, &request)?;
        let headers: Vec<String> = columns.iter().map(|column| column.header.clone()).collect();
        let count = headers.len();
        let (format, sheet) = (request.format, table.plural_label.clone());
        let mut writer = off_the_runtime(move || match format {
            Format::Csv => Writer::csv(target, &headers, &CsvOptions::default()),
            Format::Xlsx => Writer::xlsx(target, &headers, &sheet),
        })
        .await?;
        let has_parties = columns.iter().any(|column| column.participation().is_some());
        let shared = Arc::new(Page { columns, caller: caller.clone(), raw: request.raw });
        let mut query = query;
        loop {
            let (rows, names) = if request.raw {
                (self.app.query(caller, query.clone()).await?, crate::reading::Names::default())
            } else {
                self.app.query_with_names(caller, query.clone()).await?
            };
            let next = rows.next.clone();
            let parties = if has_parties { self.parties(caller, &table, &rows).await? } else { HashMap::new() };
            let page = shared.clone();
            writer = off_the_runtime(move || {
                for row in &rows.rows {
                    writer.row(&page.row(row, &names, &parties))?;
                }
                Ok(writer)
            })
            .await?;
            match next {
                Some(next) => query.page.cursor = Some(next),
                None => break,
            }
        }
        let written = off_the_runtime(move || writer.finish()).await?;
        Ok(Exported { rows: written.rows, columns: count, cut_cells: written.cut_cells })
    }

    /// Who takes part in the activities of one page, by activity.
    async fn parties(
        &self,
        caller: &Caller,
        table: &Table,
        rows: &store::Rows,
    ) -> Result<HashMap<Uuid, Vec<StoredParty>>> {
        // The key is the first of the columns.
        let ids: Vec<Uuid> = rows.rows.iter().filter_map(|row| row.first().and_then(Value::as_id)).collect();
        let mut parties: HashMap<Uuid, Vec<StoredParty>> = HashMap::new();
        for part in ids.chunks(ACTIVITIES) {
            for party in self.app.parties(caller, &table.name, part.to_vec()).await? {
                parties.entry(party.activity).or_default().push(party);
            }
        }
        Ok(parties)
    }

    fn prepare(&self, caller: &Caller, table: &Arc<Table>, request: &ExportRequest) -> Result<(Vec<Column>, Query)> {
        let view = request.view.as_ref().map(|name| view_named(table, name)).transpose()?;
        let paths = match (&request.columns, view) {
            (Some(paths), _) => paths.clone(),
            (None, Some(view)) => view.columns.iter().map(|column| column.column.clone()).collect(),
            (None, None) => columns::all(table),
        };
        let columns = columns::of(&self.app.model(), table, paths, request.raw)?;
        let mut query = self
            .app
            .new_query(caller, &table.name)
            .select(columns.iter().filter(|c| c.participation().is_none()).map(|column| column.path.clone()))
            .matching(view.map(|view| view.filter.clone()).unwrap_or_default())
            .matching(request.filter.clone())
            .take(PAGE);
        let order = if request.order.is_empty() {
            let order = view.map(|view| view.order.clone()).unwrap_or_default();
            caller.readable_order(&self.app.model(), &table.name, order)
        } else {
            request.order.clone()
        };
        for key in order {
            query = query.order_by(key);
        }
        Ok((columns, query))
    }
}

fn view_named<'t>(table: &'t Table, name: &str) -> Result<&'t model::View> {
    let found =
        table.views.iter().find(|view| view.name.eq_ignore_ascii_case(name) || view.label.eq_ignore_ascii_case(name));
    found.ok_or_else(|| {
        let known: Vec<&str> = table.views.iter().map(|view| view.name.as_str()).collect();
        Error::Unknown(format!("{} has no view '{name}'; there are {}", table.name, known.join(", ")))
    })
}

/// What is needed to write rows of one export.
struct Page {
    columns: Vec<Column>,
    caller: Caller,
    raw: bool,
}

impl Page {
    fn row(
        &self,
        values: &[Value],
        names: &crate::reading::Names,
        parties: &HashMap<Uuid, Vec<StoredParty>>,
    ) -> Vec<tabular::Cell> {
        let key = values.first().and_then(Value::as_id);
        let of_row = key.and_then(|key| parties.get(&key)).map(Vec::as_slice).unwrap_or_default();
        let mut values = values.iter();
        let cell = |column: &Column| {
            if let Some(participation) = column.participation() {
                let list = of_row.iter().filter(|party| party.participation == participation);
                return cells::parties(list, self.raw);
            }
            let value = values.next().unwrap_or(&Value::Null);
            if self.raw {
                return cells::raw(&column.declared, value);
            }
            cells::readable(&column.table, &column.declared, value, &self.caller, |reference: &Reference| {
                names.get(reference)
            })
        };
        self.columns.iter().map(cell).collect()
    }
}

/// Files are written on a thread where waiting is allowed.
async fn off_the_runtime<T: Send + 'static>(
    write: impl FnOnce() -> std::result::Result<T, tabular::TabularError> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(write)
        .await
        .map_err(|error| Error::File(format!("the file could not be written: {error}")))?
        .map_err(|error| Error::File(error.to_string()))
}
