//! Navigation properties of a table: what its lookups lead to, what points at it, and pairs.

use model::{Cascade, Model, Relationship, Table, TableKind};

/// A navigation property.
pub struct Navigation<'m> {
    /// Its name.
    pub name: &'m str,
    /// What it leads to.
    pub leads_to: LeadsTo<'m>,
    /// The property that leads back.
    pub partner: Option<&'m str>,
    /// The lookup behind it.
    pub lookup: Option<&'m str>,
    /// Rows it leads to go with the row.
    pub cascades: bool,
}

/// What a navigation property leads to.
pub enum LeadsTo<'m> {
    /// A row of a table.
    One(&'m Table),
    /// A user or a team.
    Principal,
    /// A row of one of several tables.
    Any,
    /// Rows of a table.
    Many(&'m Table),
}

/// The type that activities are derived from.
pub fn base_of<'m>(model: &'m Model, table: &Table) -> Option<&'m Table> {
    if table.kind != TableKind::Activity {
        return None;
    }
    model.tables.values().find(|base| base.kind == TableKind::Pointer).map(|base| &**base)
}

/// Those that a table has itself, not by what it is derived from.
pub fn own<'m>(model: &'m Model, table: &'m Table) -> Vec<Navigation<'m>> {
    let inherited: Vec<&str> =
        base_of(model, table).map(|base| all(model, base)).unwrap_or_default().iter().map(|one| one.name).collect();
    all(model, table).into_iter().filter(|one| !inherited.contains(&one.name)).collect()
}

/// All that are declared of a table.
pub fn all<'m>(model: &'m Model, table: &'m Table) -> Vec<Navigation<'m>> {
    let mut found = single(model, table);
    found.extend(model.pointing_at(&table.name).filter_map(|relationship| collection(model, relationship)));
    found.extend(pairs(model, table));
    found
}

fn single<'m>(model: &'m Model, table: &'m Table) -> Vec<Navigation<'m>> {
    let mut found: Vec<Navigation<'m>> = Vec::new();
    for relationship in model.pointing_from(&table.name) {
        let name = relationship.navigation.as_str();
        if let Some(known) = found.iter_mut().find(|known| known.name == name) {
            // One name for several tables.
            (known.leads_to, known.partner) = (LeadsTo::Any, None);
            continue;
        }
        let Some(target) = model.table(&relationship.referenced) else { continue };
        found.push(Navigation {
            name,
            leads_to: LeadsTo::One(target),
            partner: Some(&relationship.name),
            lookup: Some(&relationship.column),
            cascades: false,
        });
    }
    if table.column("ownerid").is_some() {
        found.retain(|known| known.name != "ownerid");
        found.push(Navigation {
            name: "ownerid",
            leads_to: LeadsTo::Principal,
            partner: None,
            lookup: Some("ownerid"),
            cascades: false,
        });
    }
    found
}

fn collection<'m>(model: &'m Model, relationship: &'m Relationship) -> Option<Navigation<'m>> {
    let child: &Table = model.table(&relationship.referencing)?;
    // What a type takes from its base leads back to the base's own collection.
    let is_inherited = base_of(model, child).is_some_and(|base| {
        model.pointing_from(&base.name).any(|of_base| of_base.navigation == relationship.navigation)
    });
    let is_shared = relationship.navigation == "ownerid";
    Some(Navigation {
        name: &relationship.name,
        leads_to: LeadsTo::Many(child),
        partner: Some(relationship.navigation.as_str()).filter(|_| !is_inherited && !is_shared),
        lookup: None,
        cascades: relationship.on_delete == Cascade::Cascade,
    })
}

fn pairs<'m>(model: &'m Model, table: &'m Table) -> impl Iterator<Item = Navigation<'m>> {
    let all = model.many_to_many.iter().filter(|pair| pair.first == table.name || pair.second == table.name);
    all.filter_map(|pair| {
        let other = if pair.first == table.name { &pair.second } else { &pair.first };
        Some(Navigation {
            name: &pair.name,
            leads_to: LeadsTo::Many(model.table(other)?),
            partner: Some(pair.name.as_str()),
            lookup: None,
            cascades: false,
        })
    })
}
