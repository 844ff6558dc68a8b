//! Declarations to model: derived names, system columns, relationships, identifiers.

mod about;
mod choices;
mod column;
mod generated;
pub(crate) mod names;
mod relationships;
mod system;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, OnceLock},
};

use indexmap::IndexMap;

use crate::{
    ByName, Column, ColumnType, ManyToMany, Model, ModelError, Overlay, Problem, Process, ProcessVersion,
    RollupFunction, Table, TableDeclaration, files::Declarations, secured, validate::validate,
};

pub(crate) use names::{plural, process_id, stage_id, view_id};

impl Model {
    /// The shipped app without customisations. Cheap: built once, shared afterwards.
    pub fn base() -> Self {
        Self::shipped().expect("the shipped declarations are sound; tests/base.rs says so before every release")
    }

    /// As [`Model::base`], telling what is wrong with the shipped files; for the test of them.
    pub fn shipped() -> Result<Self, ModelError> {
        static BUILT: OnceLock<Result<Model, ModelError>> = OnceLock::new();
        BUILT.get_or_init(|| build(Declarations::base()?.clone(), 0)).clone()
    }

    /// The shipped app with an organisation's customisations; `version` counts their
    /// publications. All mistakes are told at once.
    pub fn merge(overlay: &Overlay, version: u64) -> Result<Self, ModelError> {
        if overlay.is_empty() {
            return Ok(Self { version, ..Self::shipped()? });
        }
        build(overlay.over(Declarations::base()?)?, version)
    }

    /// An app from other files than the shipped ones, given as path and text; for tools that
    /// check a folder of declarations, and for tests.
    pub fn from_files<'a>(
        files: impl IntoIterator<Item = (&'a str, &'a str)>,
        overlay: &Overlay,
        version: u64,
    ) -> Result<Self, ModelError> {
        build(overlay.over(&Declarations::read(files)?)?, version)
    }
}

fn build(mut declared: Declarations, version: u64) -> Result<Model, ModelError> {
    let mut problems = Vec::new();
    finish_processes(&mut declared.processes, std::mem::take(&mut declared.process_versions));
    choices::resolve(&mut declared, &mut problems);
    let many_to_many = many_to_many(&declared);
    generated::add_intersect_tables(&mut declared, &mut problems);
    generated::add_process_tables(&mut declared);
    about::add_targets(&mut declared.tables);
    let codes = object_type_codes(&declared.tables);

    let mut tables = ByName::default();
    for (name, declaration) in &declared.tables {
        tables.insert(name.clone(), table(name, declaration, &codes, &mut problems));
    }
    resolve_rollups(&mut tables);
    let secured = secured::guard(&mut tables);
    let relationships = relationships::all(&declared.tables, &tables, &mut problems);
    let model = Model {
        tables: tables.into_iter().map(|(name, table)| (name, Arc::new(table))).collect(),
        relationships,
        many_to_many,
        processes: declared.processes.into_iter().map(Arc::new).collect(),
        mappings: declared.mappings,
        roles: declared.roles.into_iter().map(|(name, role)| (name, Arc::new(role))).collect(),
        choices: declared.choices.into_iter().map(|(name, choice)| (name, Arc::new(choice))).collect(),
        version,
        secured,
    };
    problems.extend(validate(&model));
    if problems.is_empty() { Ok(model) } else { Err(ModelError { problems }) }
}

fn table(name: &str, declared: &TableDeclaration, codes: &BTreeMap<String, i32>, problems: &mut Vec<Problem>) -> Table {
    let primary_key = declared.primary_key.clone().unwrap_or_else(|| format!("{name}id"));
    let mut columns = ByName::default();
    columns.insert(primary_key.clone(), system::primary_key(&primary_key, &declared.label));
    for (column_name, declaration) in &declared.columns {
        let column = column::column(name, column_name, declaration, problems);
        let base = column.clone();
        columns.insert(column_name.clone(), column);
        if let ColumnType::Money { base: false, .. } = base.kind {
            let companion = system::base_money(&base);
            columns.insert(companion.name.clone(), companion);
        }
    }
    system::tell_base_results(&mut columns);
    system::add(&mut columns, declared);
    system::change(name, &mut columns, declared, problems);
    let primary_name = declared
        .primary_name
        .clone()
        .unwrap_or_else(|| if columns.contains_key("name") { "name".to_owned() } else { primary_key.clone() });
    let mut views = declared.views.clone();
    for view in &mut views {
        view.id = view_id(name, &view.name);
    }
    Table {
        name: name.to_owned(),
        set_name: declared.set_name.clone().unwrap_or_else(|| names::plural(name)),
        schema_name: declared.schema_name.clone().unwrap_or_else(|| names::schema_name(name, declared.custom)),
        label: declared.label.clone(),
        plural_label: declared.plural_label.clone().unwrap_or_else(|| names::plural(&declared.label)),
        description: declared.description.clone(),
        icon: declared.icon.clone().unwrap_or_else(|| "table".to_owned()),
        object_type_code: codes.get(name).copied().unwrap_or_default(),
        primary_key,
        primary_name,
        ownership: declared.ownership,
        kind: declared.kind,
        audited: declared.audited,
        searchable: declared.searchable,
        importable: declared.importable,
        has_notes: declared.notes,
        has_activities: declared.activities,
        custom: declared.custom,
        columns,
        states: declared.states.clone(),
        indexes: declared.indexes.clone(),
        keys: declared.keys.clone(),
        views,
        forms: declared.forms.clone(),
        summaries: declared.summaries.clone(),
    }
}

/// Given codes, and for the others codes derived from the name, so that they do not depend on
/// what else is declared.
fn object_type_codes(tables: &IndexMap<String, TableDeclaration>) -> BTreeMap<String, i32> {
    let mut codes: BTreeMap<String, i32> =
        tables.iter().filter_map(|(name, table)| Some((name.clone(), table.object_type_code?))).collect();
    let mut taken: BTreeSet<i32> = codes.values().copied().collect();
    for name in tables.keys().filter(|name| tables[*name].object_type_code.is_none()) {
        let mut code = names::derived_code(name);
        while !taken.insert(code) {
            code += 1;
        }
        codes.insert(name.clone(), code);
    }
    codes
}

fn many_to_many(declared: &Declarations) -> Vec<ManyToMany> {
    let pairs = declared.tables.iter().flat_map(|(first, table)| {
        table.many_to_many.iter().map(|declared| ManyToMany {
            name: declared.name.clone(),
            intersect: declared.intersect.clone(),
            first: first.clone(),
            second: declared.other.clone(),
        })
    });
    pairs.collect()
}

/// Fills in what follows from names and from the other versions, and puts the flows in their order.
pub(crate) fn finish_processes(processes: &mut [Process], versions: Vec<ProcessVersion>) {
    for process in processes.iter_mut() {
        finish_process(process);
        process.earlier.clear();
        process.version = 1;
    }
    let mut versions = versions;
    versions.sort_by_key(|kept| kept.version);
    for kept in versions {
        let Some(process) = processes.iter_mut().find(|process| process.name == kept.process) else { continue };
        let mut earlier =
            Process { version: kept.version, earlier: Vec::new(), stages: kept.stages, ..process.clone() };
        finish_process(&mut earlier);
        process.version = process.version.max(kept.version.saturating_add(1));
        process.earlier.push(Arc::new(earlier));
    }
    processes.sort_by(|a, b| (a.order, &a.name).cmp(&(b.order, &b.name)));
}

/// Fills in what follows from names.
pub(crate) fn finish_process(process: &mut Process) {
    process.id = process_id(&process.name);
    for stage in &mut process.stages {
        stage.id = stage_id(&process.name, &stage.name);
        if stage.table.is_empty() {
            stage.table.clone_from(&process.table);
        }
    }
}

/// A rollup's result has the type of the column it combines.
fn resolve_rollups(tables: &mut ByName<Table>) {
    let mut results = Vec::new();
    for table in tables.values() {
        for column in table.columns.values() {
            if let ColumnType::Rollup(rollup) = &column.kind
                && let Some(source) = rollup.column.as_ref()
                && let Some(source) = tables.get(&rollup.table).and_then(|other| other.column(source))
            {
                results.push((table.name.clone(), column.name.clone(), rollup_result(rollup.function, source)));
            }
        }
    }
    for (table, column, result) in results {
        if let Some(Column { kind: ColumnType::Rollup(rollup), .. }) =
            tables.get_mut(&table).and_then(|table| table.columns.get_mut(&column))
        {
            *rollup.result = result;
        }
    }
}

/// A sum may be larger than each of its parts.
fn rollup_result(function: RollupFunction, source: &Column) -> ColumnType {
    match (function, source.value_type()) {
        (RollupFunction::Count, _) | (RollupFunction::Sum, ColumnType::Whole { .. }) => column::any_whole(),
        (RollupFunction::Sum, ColumnType::Decimal { precision, .. }) => {
            let most = column::largest(*precision);
            ColumnType::Decimal { precision: *precision, min: -most, max: most }
        }
        (RollupFunction::Sum, ColumnType::Money { base, .. }) => column::any_money(*base),
        (_, other) => other.clone(),
    }
}
