//! What a person may see, as rules the store adds to every query.

use model::{Filter, Model, Privilege, Related, Table, TableKind};
use store::Scope;

use super::{Access, Governed, SHARES, governed, governed::ACTIVITIES, reach::Reach};

/// The rules for somebody with this access.
pub(crate) fn scope(access: &Access, model: &Model) -> Scope {
    let mut scope = Scope::default();
    for table in model.tables.values() {
        let name = &table.name;
        let read = |governing: &str| access.reach(governing, Privilege::Read).cloned().unwrap_or_default();
        match governed(model, table) {
            Governed::Settings(_) => {}
            Governed::Whole(governing) => {
                if !read(&governing).everywhere {
                    scope.rules.insert(name.clone(), nothing());
                }
            }
            Governed::ByOwner(governing) => restrict(&mut scope, access, model, name, &read(&governing)),
            Governed::Twin => restrict(&mut scope, access, model, name, &read(ACTIVITIES)),
            Governed::Following(lookups) | Governed::Pair(lookups) => {
                if lookups.is_empty() {
                    scope.rules.insert(name.clone(), nothing());
                } else {
                    scope.follows.insert(name.clone(), lookups);
                }
            }
        }
    }
    forget_open(&mut scope, model);
    let whole = model.tables.keys().filter(|name| !scope.restricts(name)).cloned().collect();
    scope.whole = Some(whole);
    scope.readable = Some(access.columns.read.clone());
    scope
}

fn nothing() -> Filter {
    Filter::Any(Vec::new())
}

fn restrict(scope: &mut Scope, access: &Access, model: &Model, table: &str, reach: &Reach) {
    if reach.everywhere {
        return;
    }
    let mut ways = Vec::new();
    if !reach.owners.is_empty() {
        ways.push(Filter::is_in("ownerid", reach.owners.iter().copied()));
    }
    if !reach.units.is_empty() {
        ways.push(Filter::is_in("owningbusinessunit", reach.units.iter().copied()));
    }
    let shareable = model.table(table).is_some_and(|table| may_be_shared(model, table));
    if reach.shared && access.has_shares && shareable {
        let with_me = Filter::is_in("principalid", access.principals.iter().copied());
        let shared = with_me.and(Filter::eq("canread", true));
        let (table, through) = (SHARES.to_owned(), "objectid".to_owned());
        let related = Related { table, through, filter: Box::new(shared), at: None };
        ways.push(Filter::Related(related));
    }
    scope.rules.insert(table.to_owned(), Filter::Any(ways));
}

/// Whether single rows of the table are shared by themselves: they have an owner.
pub fn is_shareable(model: &Model, table: &Table) -> bool {
    table.kind != TableKind::Pointer && may_be_shared(model, table)
}

/// Whether single rows of the table can be shared; an activity's twin is with the activity.
fn may_be_shared(model: &Model, table: &Table) -> bool {
    let objects = model.table(SHARES).and_then(|shares| shares.column("objectid"));
    let is_twin = table.kind == TableKind::Pointer;
    objects.is_some_and(|column| is_twin || column.targets().contains(&table.name))
}

/// A row that follows rows of tables seen whole is seen itself, so that nothing need be asked.
fn forget_open(scope: &mut Scope, model: &Model) {
    loop {
        let open: Vec<String> = scope
            .follows
            .iter()
            .filter(|(table, lookups)| {
                let Some(table) = model.table(table) else { return false };
                lookups.iter().all(|lookup| {
                    let column = table.column(lookup);
                    column.is_some_and(|column| column.targets().iter().all(|target| !scope.restricts(target)))
                }) && table.kind != TableKind::System
            })
            .map(|(table, _)| table.clone())
            .collect();
        if open.is_empty() {
            return;
        }
        for table in open {
            scope.follows.remove(&table);
        }
    }
}
