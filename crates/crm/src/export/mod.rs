//! Taking rows out: any view, or all columns, as CSV or XLSX, page by page.
//!
//! The primary key comes first, so that the file can be brought in again and changes the rows it
//! came from. With labels the file is for people; raw (logical names, numbers, identifiers) it
//! comes back without loss.

pub(crate) mod archive;
mod cells;
mod columns;
mod namesakes;

use std::{collections::HashMap, io::Write, sync::Arc};

use language::{Carried, Language, tr, translated};
use model::{Filter, Model, Order, Path, Reference, Table, Value};
use serde::Serialize;
use store::Query;
use tabular::{CsvOptions, Writer};
use uuid::Uuid;

use crate::{App, Caller, Error, Result, activities::parties::StoredParty};
use archive::Archive;
use columns::Column;
use namesakes::{Keyed, Namesakes};

/// Rows read in one go.
const PAGE: u32 = 2_000;
/// Activities whose parties are read in one go.
const ACTIVITIES: usize = 200;

/// Who takes part in activities, by activity.
type Parties = HashMap<Uuid, Vec<StoredParty>>;

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
    /// A ZIP with the rows as comma-separated text and the files that belong to them.
    Zip,
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

/// True where files may belong to rows of the table, which only [`Format::Zip`] takes along.
pub fn has_files(table: &Table) -> bool {
    columns::of_files(table).next().is_some()
}

impl Exports<'_> {
    /// Writes the rows that `caller` may see to `target`.
    pub async fn run(
        &self,
        caller: &Caller,
        request: ExportRequest,
        target: impl Write + Send + 'static,
    ) -> Result<Exported> {
        let plan = self.prepare(caller, request)?;
        let (headers, sheet) = (plan.headers(), plan.table.plural_label.clone());
        let columns = headers.len();
        let written = match plan.format {
            Format::Zip => Box::pin(self.with_files(plan, headers, target)).await?,
            Format::Csv | Format::Xlsx => {
                let is_csv = plan.format == Format::Csv;
                let begin = move || {
                    if is_csv {
                        Writer::csv(target, &headers, &CsvOptions::default())
                    } else {
                        Writer::xlsx(target, &headers, &sheet)
                    }
                };
                let writer = off_the_runtime(begin).await?;
                Box::pin(self.rows(plan, writer, None::<Archive<std::io::Sink>>)).await?.0
            }
        };
        Ok(Exported { rows: written.rows, columns, cut_cells: written.cut_cells })
    }

    /// The files as their rows come; the rows themselves wait in a file of their own meanwhile.
    async fn with_files(
        &self,
        plan: Plan,
        headers: Vec<String>,
        target: impl Write + Send + 'static,
    ) -> Result<tabular::Written> {
        let no_room = |error: std::io::Error| Error::File(tr!("there is no room for the rows: {error}", error));
        let table = tempfile::tempfile().map_err(no_room)?;
        let rows = std::io::BufWriter::new(table.try_clone().map_err(no_room)?);
        let name = if plan.page.raw { plan.table.name.clone() } else { plan.table.plural_label.clone() };
        let begin = move || Writer::csv(rows, &headers, &CsvOptions::default());
        let writer = off_the_runtime(begin).await?;
        let (written, archive) = Box::pin(self.rows(plan, writer, Some(Archive::new(target)))).await?;
        if let Some(archive) = archive {
            archive.finish(format!("{name}.csv"), table).await?;
        }
        Ok(written)
    }

    /// Writes row after row, and the files of each page where there is an archive for them.
    async fn rows<A: Write + Send + 'static>(
        &self,
        plan: Plan,
        mut writer: Writer<'static>,
        mut archive: Option<Archive<A>>,
    ) -> Result<(tabular::Written, Option<Archive<A>>)> {
        let Plan { table, page: shared, mut query, .. } = plan;
        let caller = &shared.caller;
        let has_parties = shared.columns.iter().any(|column| column.participation().is_some());
        let mut namesakes = Namesakes::new(self.app, caller);
        loop {
            let (rows, names) = if shared.raw {
                (self.app.query(caller, query.clone()).await?, crate::reading::Names::default())
            } else {
                self.app.query_with_names(caller, query.clone()).await?
            };
            let next = rows.next.clone();
            let parties = if has_parties { self.parties(caller, &table, &rows).await? } else { Parties::new() };
            let mut keyed = Keyed::new();
            if !shared.raw {
                keyed = namesakes.of(&shared.columns, &rows.rows, &names).await?;
                keyed.extend(namesakes.of_parties(&shared.columns, &parties).await?);
            }
            if let Some(open) = archive.take() {
                let files = rows.rows.iter().flat_map(|row| archive::kept(&shared.columns, row)).collect();
                archive = Some(open.add_files(self.app, caller, files).await?);
            }
            let page = shared.clone();
            writer = off_the_runtime(move || {
                for row in &rows.rows {
                    writer.row(&page.row(row, &names, &parties, &keyed))?;
                }
                Ok(writer)
            })
            .await?;
            match next {
                Some(next) => query.page.cursor = Some(next),
                None => break,
            }
        }
        Ok((off_the_runtime(move || writer.finish()).await?, archive))
    }

    /// Who takes part in the activities of one page, by activity.
    async fn parties(&self, caller: &Caller, table: &Table, rows: &store::Rows) -> Result<Parties> {
        // The key is the first of the columns.
        let ids: Vec<Uuid> = rows.rows.iter().filter_map(|row| row.first().and_then(Value::as_id)).collect();
        let mut parties = Parties::new();
        for part in ids.chunks(ACTIVITIES) {
            for party in self.app.parties(caller, &table.name, part.to_vec()).await? {
                parties.entry(party.activity).or_default().push(party);
            }
        }
        Ok(parties)
    }

    fn prepare(&self, caller: &Caller, request: ExportRequest) -> Result<Plan> {
        let table = &self.app.table(&request.table)?;
        let view = request.view.as_ref().map(|name| view_named(table, name)).transpose()?;
        let mut paths = match (&request.columns, view) {
            (Some(paths), _) => paths.clone(),
            (None, Some(view)) => view.columns.iter().map(|column| column.column.clone()).collect(),
            (None, None) => columns::all(table),
        };
        if request.format == Format::Zip {
            let known: Vec<Path> = columns::of_files(table).filter(|path| !paths.contains(path)).collect();
            paths.extend(known);
        }
        let model = if request.raw { self.app.model() } else { in_current_language(self.app.model()) };
        let labelled = model.table(&table.name).unwrap_or(table);
        let columns = columns::of(&model, labelled, paths, request.raw)?;
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
        let with_files = request.format == Format::Zip;
        let page = Arc::new(Page { columns, caller: caller.clone(), raw: request.raw, with_files });
        Ok(Plan { table: labelled.clone(), page, query, format: request.format })
    }
}

/// The declarations with the labels that the file is to bear.
pub(crate) fn in_current_language(model: Arc<Model>) -> Arc<Model> {
    match Language::current() {
        Language::English => model,
        _ => Arc::new(model.in_other_words(|word| *word = translated(word).into_owned())),
    }
}

/// What is to be written.
struct Plan {
    table: Arc<Table>,
    page: Arc<Page>,
    query: Query,
    format: Format,
}

impl Plan {
    fn headers(&self) -> Vec<String> {
        self.page.columns.iter().map(|column| column.header.clone()).collect()
    }
}

fn view_named<'t>(table: &'t Table, name: &str) -> Result<&'t model::View> {
    let found =
        table.views.iter().find(|view| view.name.eq_ignore_ascii_case(name) || view.label.eq_ignore_ascii_case(name));
    found.ok_or_else(|| {
        let known: Vec<&str> = table.views.iter().map(|view| view.name.as_str()).collect();
        Error::Unknown(tr!("{} has no view '{name}'; there are {}", table.name, known.join(", "), name))
    })
}

/// What is needed to write rows of one export.
struct Page {
    columns: Vec<Column>,
    caller: Caller,
    raw: bool,
    /// Files lie beside the rows.
    with_files: bool,
}

impl Page {
    fn row(
        &self,
        values: &[Value],
        names: &crate::reading::Names,
        parties: &Parties,
        keyed: &Keyed,
    ) -> Vec<tabular::Cell> {
        let key = values.first().and_then(Value::as_id);
        let of_row = key.and_then(|key| parties.get(&key)).map(Vec::as_slice).unwrap_or_default();
        let (all, mut values) = (values, values.iter());
        let cell = |(place, column): (usize, &Column)| {
            let is_keyed = |reference: &Reference| keyed.contains(&(place, reference.id));
            if let Some(participation) = column.participation() {
                let list = of_row.iter().filter(|party| party.participation == participation);
                return cells::parties(list, self.raw, is_keyed);
            }
            let value = values.next().unwrap_or(&Value::Null);
            if self.with_files && archive::holds_file(column) {
                let path = if value.is_null() { None } else { archive::path(&self.columns, all, column) };
                return path.map_or(tabular::Cell::Empty, tabular::Cell::Text);
            }
            if self.raw {
                return cells::raw(&column.declared, value);
            }
            cells::readable(&column.table, &column.declared, value, &self.caller, |reference: &Reference| {
                names.get(reference).filter(|name| !name.is_empty()).map(|name| (name, is_keyed(reference)))
            })
        };
        self.columns.iter().enumerate().map(cell).collect()
    }
}

/// Files are written on a thread where waiting is allowed.
async fn off_the_runtime<T: Send + 'static>(
    write: impl FnOnce() -> std::result::Result<T, tabular::TabularError> + Send + 'static,
) -> Result<T> {
    let language = Carried::here();
    tokio::task::spawn_blocking(move || language.in_scope(write))
        .await
        .map_err(|error| Error::File(tr!("the file could not be written: {error}", error)))?
        .map_err(|error| Error::File(error.to_string()))
}
