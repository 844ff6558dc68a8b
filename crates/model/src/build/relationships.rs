//! One relationship for each lookup and each table it may point at.

use indexmap::IndexMap;

use crate::{ByName, Column, Problem, Relationship, RelationshipDeclaration, Table, TableDeclaration};

pub(super) fn all(
    declared: &IndexMap<String, TableDeclaration>,
    tables: &ByName<Table>,
    problems: &mut Vec<Problem>,
) -> Vec<Relationship> {
    let mut relationships = Vec::new();
    for table in tables.values() {
        let named = declared.get(&table.name).map_or(&[][..], |table| &table.relationships);
        for column in table.lookups() {
            for target in column.targets() {
                let found = named.iter().find(|named| named.column == column.name && named.target == *target);
                relationships.push(relationship(table, column, target, found));
            }
        }
        refuse_loose(table, named, problems);
    }
    relationships
}

fn relationship(
    table: &Table,
    column: &Column,
    target: &str,
    declared: Option<&RelationshipDeclaration>,
) -> Relationship {
    let (navigation, name) = if column.is_polymorphic() {
        (format!("{}_{target}", column.name), format!("{}_{}_{target}", table.name, column.name))
    } else {
        (column.name.clone(), format!("{}_{}", table.name, column.name))
    };
    Relationship {
        name: declared.and_then(|declared| declared.name.clone()).unwrap_or(name),
        referencing: table.name.clone(),
        column: column.name.clone(),
        referenced: target.to_owned(),
        navigation: declared.and_then(|declared| declared.navigation.clone()).unwrap_or(navigation),
        on_delete: declared.map(|declared| declared.on_delete).unwrap_or_default(),
        cascade_assign: declared.is_some_and(|declared| declared.cascade_assign),
        cascade_share: declared.is_some_and(|declared| declared.cascade_share),
    }
}

/// A relationship without a lookup says that one of the two is misspelt.
fn refuse_loose(table: &Table, named: &[RelationshipDeclaration], problems: &mut Vec<Problem>) {
    for declared in named {
        let lookup = table.column(&declared.column).filter(|column| column.targets().contains(&declared.target));
        if lookup.is_none() {
            problems.push(Problem::new(
                format!("{}/table.toml: relationship on {}", table.name, declared.column),
                format!("there is no lookup {} that points at {}", declared.column, declared.target),
            ));
        }
    }
}
