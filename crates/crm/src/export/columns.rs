//! The columns of an exported file and their headers.

use std::{collections::HashMap, sync::Arc};

use language::tr;
use model::{Model, Path, Table};

use crate::{Error, Result, import, process};

/// One column of the file.
pub(super) struct Column {
    pub path: Path,
    /// The table the column belongs to; another one where the path leads through lookups.
    pub table: Arc<Table>,
    pub declared: model::Column,
    pub header: String,
}

impl Column {
    /// The participation of a list of parties, which is no column of the row.
    pub fn participation(&self) -> Option<i64> {
        match self.declared.kind {
            model::ColumnType::PartyList { participation, .. } if self.path.is_own() => Some(i64::from(participation)),
            _ => None,
        }
    }

    /// True where cells name rows of other tables, which an import finds by these names.
    pub fn names_rows(&self) -> bool {
        self.path.is_own() && !self.declared.targets().is_empty() && import::may_fill(&self.table, &self.declared)
    }
}

/// Every column that rows of the table have, the name first, the engine's own helpers left out.
pub(super) fn all(table: &Table) -> Vec<Path> {
    const HELPERS: &[&str] = &["versionnumber", "processid", "stageid", "traversedpath"];
    let name = table.column(&table.primary_name);
    let others = table.columns.values().filter(|column| column.name != table.primary_name);
    name.into_iter()
        .chain(others)
        .filter(|column| column.is_stored() || matches!(column.kind, model::ColumnType::PartyList { .. }))
        .filter(|column| !HELPERS.contains(&column.name.as_str()) || process::tells_path(table, &column.name))
        .filter(|column| !matches!(column.kind, model::ColumnType::File { .. } | model::ColumnType::Image { .. }))
        .map(|column| Path::column(column.name.as_str()))
        .collect()
}

/// The columns whose cells stand for files, with what tells how these are called.
pub(super) fn of_files(table: &Table) -> impl Iterator<Item = Path> {
    let is_file = |column: &model::Column| {
        matches!(column.kind, model::ColumnType::File { .. } | model::ColumnType::Image { .. })
    };
    let brought_in = table.columns.values().filter(move |column| import::may_fill(table, column) && is_file(column));
    let named = |column: &model::Column| match column.name.as_str() {
        "documentbody" => vec!["filename", "mimetype", "documentbody"],
        _ => Vec::new(),
    };
    brought_in.flat_map(move |column| {
        let names = named(column);
        let names = if names.is_empty() { vec![column.name.as_str()] } else { names };
        names.into_iter().filter(|name| table.column(name).is_some()).map(Path::column).collect::<Vec<_>>()
    })
}

/// The columns with their headers, the primary key first.
pub(super) fn of(model: &Model, table: &Arc<Table>, paths: Vec<Path>, raw: bool) -> Result<Vec<Column>> {
    let key = Path::column(table.primary_key.as_str());
    let mut wanted = vec![key.clone()];
    wanted.extend(paths.into_iter().filter(|path| *path != key));
    wanted.dedup();
    let mut columns = Vec::with_capacity(wanted.len());
    for path in wanted {
        let (of, declared) = declared(model, table, &path)?;
        columns.push(Column { header: path.to_string(), table: of, declared, path });
    }
    if !raw {
        label(table, &mut columns);
    }
    Ok(columns)
}

/// Labels as headers; where two are the same, or a path leads to another table, the logical name
/// follows in brackets. The key keeps its logical name, by which an import knows it.
fn label(table: &Table, columns: &mut [Column]) {
    let mut count: HashMap<String, usize> = HashMap::new();
    for column in columns.iter() {
        *count.entry(column.declared.label.to_lowercase()).or_default() += 1;
    }
    for column in columns {
        if column.path.is_own() && column.declared.name == table.primary_key {
            continue;
        }
        let label = column.declared.label.clone();
        let repeated = count.get(&label.to_lowercase()).is_some_and(|count| *count > 1);
        column.header = if repeated || !column.path.is_own() { format!("{label} ({})", column.path) } else { label };
    }
}

fn declared(model: &Model, table: &Arc<Table>, path: &Path) -> Result<(Arc<Table>, model::Column)> {
    let unknown = || Error::Unknown(tr!("{} has no column '{path}'", table.name, path));
    let mut table_here = table.clone();
    for step in &path.steps {
        let lookup = table_here.column(&step.lookup).ok_or_else(unknown)?;
        let target = step.target.as_ref().or_else(|| lookup.targets().first()).ok_or_else(unknown)?;
        table_here = model.table(target).cloned().ok_or_else(unknown)?;
    }
    let column = table_here.column(&path.column).cloned().ok_or_else(unknown)?;
    Ok((table_here, column))
}
