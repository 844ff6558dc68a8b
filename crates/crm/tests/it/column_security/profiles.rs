//! Columns that are secured, and profiles that allow something.

use std::collections::BTreeSet;

use crate::world::{World, crm, to};
use crm::{Error, Origin, Row};
use model::{ColumnChange, ColumnDeclaration, ColumnKind, Overlay, Reference};
use uuid::Uuid;

/// What can be done with a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Act {
    Read,
    Create,
    Update,
}

pub const ACTS: [(Act, &str); 3] = [(Act::Read, "canread"), (Act::Create, "cancreate"), (Act::Update, "canupdate")];

/// Secures shipped columns, and adds own ones that are secured.
pub async fn secure(world: &World, secured: impl IntoIterator<Item = (&'static str, &'static str)>) {
    let secured: BTreeSet<_> = secured.into_iter().collect();
    let mut overlay = Overlay::default();
    let mut text = ColumnDeclaration::new(ColumnKind::Text, "Secret");
    text.searchable = true;
    text.secured = secured.contains(&("account", "new_secret"));
    overlay.add_column("account", "new_secret", text).unwrap();
    let mut double = ColumnDeclaration::new(ColumnKind::Calculated, "Double");
    double.result = Some(ColumnKind::Whole);
    double.formula = Some("numberofemployees * 2".to_owned());
    overlay.add_column("account", "new_double", double).unwrap();
    let mut greatest = ColumnDeclaration::new(ColumnKind::Rollup, "Greatest probability");
    greatest.function = Some(model::RollupFunction::Max);
    greatest.table = Some("opportunity".to_owned());
    greatest.through = Some("parentaccountid".to_owned());
    greatest.column = Some("closeprobability".to_owned());
    overlay.add_column("account", "new_greatest", greatest).unwrap();
    for (table, column) in secured.into_iter().filter(|(_, column)| !column.starts_with("new_")) {
        let change = ColumnChange { secured: Some(true), ..ColumnChange::default() };
        overlay.change_column(table, column, change).unwrap();
    }
    world.app.customization().publish(&world.admin, Origin::Page, overlay).await.unwrap();
}

/// A profile that allows this.
pub async fn profile(world: &World, name: &str, allowed: &[(&str, &str, &[Act])]) -> Uuid {
    let profile = world.create_as_admin("fieldsecurityprofile", Row::new().with("name", name)).await;
    for (table, column, acts) in allowed {
        let mut row = Row::new()
            .with("fieldsecurityprofileid", to("fieldsecurityprofile", profile))
            .with("entityname", *table)
            .with("attributelogicalname", *column);
        for (act, name) in ACTS {
            row.set(name, if acts.contains(&act) { 4 } else { 0 });
        }
        world.create_as_admin("fieldpermission", row).await;
    }
    profile
}

pub async fn give(world: &World, profile: Uuid, to: Reference) {
    let relationship = if to.table == "team" { "teamprofiles_association" } else { "systemuserprofiles_association" };
    let profile = Reference::new("fieldsecurityprofile", profile);
    let act = move |work: &mut crm::Work<'_, '_>| work.associate(relationship, &profile, &to);
    world.app.work(&world.admin, Origin::Page, act).await.unwrap();
}

pub async fn give_seller(world: &World, allowed: &[(&str, &str, &[Act])]) -> Uuid {
    let profile = profile(world, "Tried", allowed).await;
    give(world, profile, Reference::new("systemuser", world.seller.user)).await;
    profile
}

pub fn key_of(table: &str) -> &'static str {
    if table == "account" { "accountid" } else { "opportunityid" }
}

/// Refused, and the refusal names the column.
pub fn is_refused<T: std::fmt::Debug>(result: crm::Result<T>, column: &str) -> bool {
    match result {
        Ok(_) => false,
        Err(Error::Forbidden(reason)) if reason.contains(&format!(".{column})")) => true,
        Err(other) => panic!("{column}: {other}"),
    }
}
