//! What notes and activities may be about, and what may be shared and have access teams.
//!
//! The shipped tables name each other as targets of `objectid`, `regardingobjectid` and the
//! activity parties. A table an organisation adds is not named there: that it carries notes or
//! activities, or is itself a kind of activity, is said on the table and lands here.

use indexmap::IndexMap;

use crate::{Cascade, Ownership, RelationshipDeclaration, TableDeclaration, TableKind};

/// Adds tables to the targets of the lookups by which notes and activities are on them.
pub(super) fn add_targets(tables: &mut IndexMap<String, TableDeclaration>) {
    let named = |wanted: fn(&TableDeclaration) -> bool| -> Vec<String> {
        tables.iter().filter(|(_, table)| table.custom && wanted(table)).map(|(name, _)| name.clone()).collect()
    };
    let with_notes = named(|table| table.notes);
    let with_activities = named(|table| table.activities);
    let owned = |(_, table): &(&String, &TableDeclaration)| {
        table.ownership == Ownership::User && table.kind != TableKind::Pointer
    };
    let shareable: Vec<String> = tables.iter().filter(owned).map(|(name, _)| name.clone()).collect();
    let own_activities = named(|table| table.kind == TableKind::Activity);
    if let Some(share) = tables.get_mut("principalobjectaccess") {
        for target in &shareable {
            let name = format!("{target}_PrincipalObjectAccess");
            add(share, "objectid", target, Link { name, ..Link::default() });
        }
    }
    if let Some(team) = tables.get_mut("team") {
        for target in &shareable {
            add(team, "regardingobjectid", target, Link { name: format!("{target}_Teams"), ..Link::default() });
        }
    }
    if let Some(note) = tables.get_mut("annotation") {
        for target in &with_notes {
            add(note, "objectid", target, Link { name: format!("{target}_Annotations"), ..Link::default() });
        }
    }
    if let Some(pin) = tables.get_mut("msdyn_timelinepin") {
        for target in &with_activities {
            let name = format!("{target}_msdyn_timelinepins");
            add(pin, "regardingobjectid", target, Link { name, ..Link::default() });
        }
        for target in &own_activities {
            let name = format!("{target}_msdyn_timelinepin_objects");
            add(pin, "objectid", target, Link { name, stays: true, ..Link::default() });
        }
    }
    if let Some(follow) = tables.get_mut("postfollow") {
        for target in &with_activities {
            let name = format!("{target}_PostFollows");
            add(follow, "regardingobjectid", target, Link { name, keeps_owner: true, ..Link::default() });
        }
    }
    for (name, activity) in tables.iter_mut() {
        if matches!(activity.kind, TableKind::Activity | TableKind::Pointer) {
            let schema_name = activity.schema_name.clone().unwrap_or_else(|| name.clone());
            for target in &with_activities {
                let navigation =
                    (activity.kind == TableKind::Activity).then(|| format!("regardingobjectid_{target}_{name}"));
                let name = format!("{target}_{schema_name}s");
                add(activity, "regardingobjectid", target, Link { name, navigation, ..Link::default() });
            }
        }
    }
    if let Some(party) = tables.get_mut("activityparty") {
        for target in &own_activities {
            add(party, "activityid", target, Link { name: format!("{target}_activity_parties"), ..Link::default() });
        }
        for target in with_activities.iter().filter(|target| !own_activities.contains(target)) {
            let name = format!("{target}_activity_parties");
            add(party, "partyid", target, Link { name, stays: true, ..Link::default() });
        }
    }
}

/// How a lookup is called for one more target.
#[derive(Default)]
struct Link {
    name: String,
    navigation: Option<String>,
    /// Rows stay when the row they point at goes; else they go with it.
    stays: bool,
    /// Rows stay whose they are when the row they point at is given or shared.
    keeps_owner: bool,
}

fn add(table: &mut TableDeclaration, lookup: &str, target: &str, link: Link) {
    let follows_owner =
        !link.stays && !link.keeps_owner && table.ownership == Ownership::User && table.kind != TableKind::Pointer;
    let Some(column) = table.columns.get_mut(lookup) else { return };
    if column.targets.iter().any(|known| known == target) {
        return;
    }
    column.targets.push(target.to_owned());
    let declared = |it: &RelationshipDeclaration| it.column == lookup && it.target == target;
    if !table.relationships.iter().any(declared) {
        table.relationships.push(RelationshipDeclaration {
            column: lookup.to_owned(),
            target: target.to_owned(),
            name: Some(link.name),
            navigation: link.navigation,
            on_delete: if link.stays { Cascade::RemoveLink } else { Cascade::Cascade },
            cascade_assign: follows_owner,
            cascade_share: follows_owner,
        });
    }
}
