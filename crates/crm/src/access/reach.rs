//! How far a person's privileges reach.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use model::{Depth, Model, Ownership, Privilege, Privileges, Role, Table};
use store::Row;
use uuid::Uuid;

use super::{
    ceiling::Ceiling,
    columns::ColumnRights,
    governed::{Governed, governed},
    membership::Membership,
};
use crate::organization::BusinessUnit;

/// A role as it is held: directly or through a team.
#[derive(Debug, Clone)]
pub(crate) struct Holding {
    pub role: Arc<Role>,
    /// The business unit of the person or team that holds it.
    pub unit: Uuid,
}

/// Of one model, so that the same role is the same object.
impl PartialEq for Holding {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.role, &other.role) && self.unit == other.unit
    }
}

impl Eq for Holding {}

/// Those whose manager the person is, directly and through others.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Reports {
    /// Direct reports and their teams.
    pub direct: BTreeSet<Uuid>,
    /// All others, as deep as the organisation looks, and their teams.
    pub deeper: BTreeSet<Uuid>,
}

/// Which rows one privilege on one table reaches.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Reach {
    /// All of them.
    pub everywhere: bool,
    /// Those of these business units.
    pub units: BTreeSet<Uuid>,
    /// Those of these users and teams.
    pub owners: BTreeSet<Uuid>,
    /// Those shared with the person or one of their teams.
    pub shared: bool,
}

impl Reach {
    /// True where no row is reached.
    pub fn is_nothing(&self) -> bool {
        *self == Self::default()
    }

    /// Whether the row is reached as it stands, shares not counted.
    pub fn covers(&self, row: &Row) -> bool {
        let holds = |ids: &BTreeSet<Uuid>, column: &str| row.value(column).as_id().is_some_and(|id| ids.contains(&id));
        self.everywhere || holds(&self.owners, "ownerid") || holds(&self.units, "owningbusinessunit")
    }

    fn add(&mut self, depth: Depth, unit: Uuid, own: &BTreeSet<Uuid>, units: &[BusinessUnit]) {
        match depth {
            Depth::None => return,
            Depth::User => {}
            Depth::BusinessUnit => {
                self.units.insert(unit);
            }
            Depth::ChildBusinessUnits => self.units.extend(with_children(unit, units)),
            Depth::Organization => self.everywhere = true,
        }
        self.owners.extend(own);
        self.shared = true;
    }
}

/// A business unit and all below it.
fn with_children(top: Uuid, units: &[BusinessUnit]) -> BTreeSet<Uuid> {
    let mut found = BTreeSet::from([top]);
    loop {
        let before = found.len();
        let below = units.iter().filter(|unit| unit.parent.is_some_and(|parent| found.contains(&parent)));
        let below: Vec<Uuid> = below.map(|unit| unit.id).collect();
        found.extend(below);
        if found.len() == before {
            return found;
        }
    }
}

/// What one person may do, from all their roles.
#[derive(Debug, Clone, Default)]
pub(crate) struct Access {
    /// By the name under which roles speak of a table.
    tables: HashMap<String, [Reach; 8]>,
    /// The person and their teams.
    pub principals: Vec<Uuid>,
    /// Whether a role lets the person change the model.
    pub customizes: bool,
    /// Whether a role lets the person make requests in the name of others.
    pub acts_for_others: bool,
    /// Whether anything at all was shared with one of the principals.
    pub has_shares: bool,
    /// The secured columns the person may read and set.
    pub columns: ColumnRights,
}

impl Access {
    /// Adds up what is held by a person and their teams.
    pub fn of(model: &Model, units: &[BusinessUnit], membership: &Membership) -> Self {
        let (holdings, ceilings) = (&membership.holdings, &membership.ceilings);
        let mut tables = HashMap::new();
        for table in model.tables.values() {
            let name = match governed(model, table) {
                Governed::ByOwner(name) | Governed::Whole(name) | Governed::Settings(name) => name,
                Governed::Following(_) | Governed::Pair(_) | Governed::Twin => continue,
            };
            if tables.contains_key(&name) {
                continue;
            }
            let mut reaches: [Reach; 8] = Default::default();
            let highest = highest(model, &name, ceilings);
            for holding in holdings {
                let given = privileges(&holding.role, model, &name);
                for privilege in Privilege::ALL {
                    let depth = given.depth(privilege).min(highest.depth(privilege));
                    reaches[privilege as usize].add(depth, holding.unit, &membership.owners, units);
                }
            }
            add_reports(&mut reaches, &membership.reports, highest);
            tables.insert(name, reaches);
        }
        let any =
            |allows: fn(&Role) -> bool| holdings.iter().any(|holding| holding.role.everything || allows(&holding.role));
        let customizes = any(|role| role.customizes) && ceilings.iter().all(Ceiling::leaves_customizing);
        let acts_for_others =
            any(|role| role.acts_for_others) && ceilings.iter().all(Ceiling::leaves_acting_for_others);
        let columns = ceilings.iter().fold(membership.columns.clone(), |columns, ceiling| match ceiling {
            Ceiling::Columns(most) => columns.and(most),
            _ => columns,
        });
        let principals = membership.principals.clone();
        Self { tables, principals, customizes, acts_for_others, has_shares: membership.has_shares, columns }
    }

    /// How far a privilege reaches; `name` is that under which roles speak of the table.
    pub fn reach(&self, name: &str, privilege: Privilege) -> Option<&Reach> {
        self.tables.get(name).map(|reaches| &reaches[privilege as usize])
    }
}

/// How far each privilege on a table may reach at most.
fn highest(model: &Model, name: &str, ceilings: &[Ceiling]) -> Privileges {
    Privilege::ALL.into_iter().fold(Privileges::all(Depth::Organization), |highest, privilege| {
        let lowest = ceilings.iter().map(|ceiling| ceiling.depth(model, name, privilege)).min();
        highest.with(privilege, lowest.unwrap_or(Depth::Organization))
    })
}

/// What a role gives on a table.
pub(super) fn privileges(role: &Role, model: &Model, name: &str) -> Privileges {
    if role.everything {
        return Privileges::all(Depth::Organization);
    }
    let own_table = || model.table(name).filter(|table| table.custom).map(|table| own_table(role, table));
    role.tables.get(name).copied().or_else(own_table).unwrap_or_default()
}

/// What a role gives on an organisation's own table it does not name. Rows without an owner are
/// everybody's own.
fn own_table(role: &Role, table: &Table) -> Privileges {
    if table.ownership == Ownership::User {
        return role.own_tables;
    }
    Privilege::ALL.into_iter().fold(Privileges::default(), |given, privilege| {
        let depth = role.own_tables.depth(privilege);
        given.with(privilege, if depth == Depth::None { depth } else { Depth::Organization })
    })
}

/// A manager who may see records of their own sees those of their people, and changes those of
/// the direct ones (Dataverse: hierarchy security).
fn add_reports(reaches: &mut [Reach; 8], reports: &Reports, highest: Privileges) {
    if reaches[Privilege::Read as usize].is_nothing() {
        return;
    }
    reaches[Privilege::Read as usize].owners.extend(reports.direct.union(&reports.deeper));
    let changes = [Privilege::Write, Privilege::Append, Privilege::AppendTo];
    for privilege in changes.into_iter().filter(|privilege| highest.depth(*privilege) != Depth::None) {
        reaches[privilege as usize].owners.extend(&reports.direct);
    }
}
