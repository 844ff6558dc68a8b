//! Rows as JSON objects.

use std::{collections::HashMap, sync::Arc};

use crm::reading::Names;
use model::{Column, Model, Table, Value};
use uuid::Uuid;

use super::{
    ASSOCIATED_NAVIGATION, Annotations, EntityTag, FORMATTED_VALUE, Formatter, Json, LOOKUP_LOGICAL_NAME, is_file,
    to_json,
};
use crate::translate::{ExpandPlan, Navigation, SelectPlan, wire_name};

const VERSION: &str = "versionnumber";
const CURRENCY: &str = "transactioncurrencyid";

/// What the rows mention that does not stand in them.
#[derive(Default)]
pub struct Known {
    /// Names of rows pointed at.
    pub names: Names,
    /// Contents of stored files, in base64.
    pub files: HashMap<Uuid, String>,
}

/// How the rows of one query become JSON: every name is made once, not once a row.
pub struct RowShape<'m> {
    table: &'m Table,
    members: Vec<Member<'m>>,
    etag: Arc<str>,
    version: Option<usize>,
    currency: Option<usize>,
    formatter: Option<Formatter<'m>>,
    logical_names: bool,
}

struct Member<'m> {
    column: &'m Column,
    position: usize,
    name: Arc<str>,
    formatted: Arc<str>,
    logical_name: Arc<str>,
    navigation: Arc<str>,
    /// For each table a lookup may point at, the navigation property that leads there; empty
    /// where this is not wanted.
    navigations: Vec<(&'m str, &'m str)>,
}

/// The columns a query must fetch to show `select` and to find what `expand` leads to.
pub fn fetched_columns(select: &SelectPlan<'_>, expand: &[ExpandPlan<'_>]) -> Vec<String> {
    let mut names: Vec<String> = select.columns.iter().map(|column| column.name.clone()).collect();
    let mut also = vec![select.table.primary_key.as_str(), VERSION];
    if select.columns.iter().any(|column| column.is_money()) {
        also.push(CURRENCY);
    }
    for plan in expand {
        if let Navigation::Single { lookup, .. } = &plan.navigation {
            also.push(lookup);
        }
    }
    for name in also {
        if select.table.columns.contains_key(name) && !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    names
}

impl<'m> RowShape<'m> {
    /// The shape of rows with these `columns` (as the query returned them) showing `select`.
    pub fn new(
        model: &'m Model,
        select: &SelectPlan<'m>,
        columns: &[String],
        annotations: &Annotations,
        caller: &'m crm::Caller,
    ) -> Self {
        let position = |name: &str| columns.iter().position(|column| column == name);
        let with_navigations = annotations.wants(ASSOCIATED_NAVIGATION);
        let member = |column: &&'m Column| {
            let name = wire_name(column);
            Some(Member {
                column,
                position: position(&column.name)?,
                formatted: format!("{name}@{FORMATTED_VALUE}").into(),
                logical_name: format!("{name}@{LOOKUP_LOGICAL_NAME}").into(),
                navigation: format!("{name}@{ASSOCIATED_NAVIGATION}").into(),
                navigations: if with_navigations { navigations(model, select.table, &column.name) } else { Vec::new() },
                name: name.into(),
            })
        };
        Self {
            table: select.table,
            members: select.columns.iter().filter_map(member).collect(),
            etag: "@odata.etag".into(),
            version: position(VERSION),
            currency: position(CURRENCY),
            formatter: annotations.wants(FORMATTED_VALUE).then(|| Formatter::new(caller)),
            logical_names: annotations.wants(LOOKUP_LOGICAL_NAME),
        }
    }

    /// The row as JSON members, its etag first.
    pub fn write(&self, values: &[Value], known: &Known) -> Vec<(Arc<str>, Json)> {
        let mut members = Vec::with_capacity(self.members.len() + 1);
        if let Some(version) = self.version.and_then(|position| values.get(position)).and_then(Value::as_whole) {
            members.push((self.etag.clone(), Json::Text(EntityTag(version).to_string())));
        }
        let currency = self.currency.and_then(|position| values.get(position)).and_then(Value::as_id);
        for member in &self.members {
            let value = values.get(member.position).unwrap_or(&Value::Null);
            self.annotate(member, value, currency, &known.names, &mut members);
            members.push((member.name.clone(), shown(member.column, value, known)));
        }
        members
    }

    fn annotate(
        &self,
        member: &Member<'_>,
        value: &Value,
        currency: Option<Uuid>,
        names: &Names,
        members: &mut Vec<(Arc<str>, Json)>,
    ) {
        if let Some(text) =
            self.formatter.as_ref().and_then(|f| f.format(self.table, member.column, value, currency, names))
        {
            members.push((member.formatted.clone(), Json::Text(text)));
        }
        let Value::Reference(reference) = value else { return };
        if let Some((_, navigation)) = member.navigations.iter().find(|(target, _)| *target == reference.table) {
            members.push((member.navigation.clone(), (*navigation).into()));
        }
        if self.logical_names {
            members.push((member.logical_name.clone(), Json::Text(reference.table.clone())));
        }
    }
}

fn shown(column: &Column, value: &Value, known: &Known) -> Json {
    match value {
        Value::Id(id) if is_file(column) => known.files.get(id).cloned().map_or(Json::Null, Json::Text),
        other => to_json(Some(column), other),
    }
}

/// The tables that `lookup` may point at, with the navigation properties that lead there.
pub fn navigations<'m>(model: &'m Model, table: &Table, lookup: &str) -> Vec<(&'m str, &'m str)> {
    model
        .relationships
        .iter()
        .filter(|relationship| relationship.referencing == table.name && relationship.column == lookup)
        // The owner keeps one name for users and teams, as Dataverse's `principal`.
        .map(|relationship| {
            let navigation = if lookup == "ownerid" { "ownerid" } else { relationship.navigation.as_str() };
            (relationship.referenced.as_str(), navigation)
        })
        .collect()
}
