//! Relationships: lookups seen from both of their ends, and pairs.

use model::{Cascade, ManyToMany, Model, Relationship};

use super::item::{Item, managed, object};
use crate::wire::Json;

/// Relationships of lookups that point at a table.
pub fn pointing_at<'m>(model: &'m Model, table: &'m str) -> Vec<Item<'m>> {
    model.pointing_at(table).map(|relationship| one_to_many(model, relationship)).collect()
}

/// Relationships of the lookups of a table.
pub fn pointing_from<'m>(model: &'m Model, table: &'m str) -> Vec<Item<'m>> {
    model.pointing_from(table).map(|relationship| one_to_many(model, relationship)).collect()
}

/// Relationships in which rows of a table are paired with others.
pub fn pairs_of<'m>(model: &'m Model, table: &str) -> Vec<Item<'m>> {
    let all = model.many_to_many.iter().filter(|pair| pair.first == table || pair.second == table);
    all.map(|pair| many_to_many(model, pair)).collect()
}

/// All relationships there are.
pub fn all(model: &Model) -> Vec<Item<'_>> {
    let lookups = model.relationships.iter().map(|relationship| one_to_many(model, relationship));
    let pairs = model.many_to_many.iter().map(|pair| many_to_many(model, pair));
    lookups.chain(pairs).map(|item| Item { is_subtype: true, ..item }).collect()
}

fn one_to_many<'m>(model: &'m Model, relationship: &Relationship) -> Item<'m> {
    let key = |name: &str| model.table(name).map(|table| table.primary_key.as_str());
    let is_custom = model
        .table(&relationship.referencing)
        .is_some_and(|table| table.column(&relationship.column).is_some_and(|column| column.custom));
    base("OneToManyRelationshipMetadata", &relationship.name, "OneToManyRelationship", is_custom)
        .with("ReferencedEntity", relationship.referenced.as_str())
        .with("ReferencedAttribute", key(&relationship.referenced))
        .with("ReferencedEntityNavigationPropertyName", relationship.name.as_str())
        .with("ReferencingEntity", relationship.referencing.as_str())
        .with("ReferencingAttribute", relationship.column.as_str())
        .with("ReferencingEntityNavigationPropertyName", relationship.navigation.as_str())
        .with("IsHierarchical", Json::Boolean(false))
        .with("CascadeConfiguration", cascades(relationship))
}

fn cascades(relationship: &Relationship) -> Json {
    let all = |cascades: bool| Json::from(if cascades { "Cascade" } else { "NoCascade" });
    let delete = match relationship.on_delete {
        Cascade::Cascade => "Cascade",
        Cascade::RemoveLink => "RemoveLink",
        Cascade::Restrict => "Restrict",
    };
    object([
        ("Assign", all(relationship.cascade_assign)),
        ("Delete", delete.into()),
        ("Archive", "NoCascade".into()),
        ("Merge", "Cascade".into()),
        ("Reparent", all(relationship.cascade_share)),
        ("Share", all(relationship.cascade_share)),
        ("Unshare", all(relationship.cascade_share)),
        ("RollupView", "NoCascade".into()),
    ])
}

fn many_to_many<'m>(model: &'m Model, pair: &ManyToMany) -> Item<'m> {
    let intersect = model.table(&pair.intersect);
    // The two lookups come first, in the order of the sides.
    let mut lookups = intersect.into_iter().flat_map(|table| table.lookups()).map(|column| column.name.as_str());
    let (first, second) = (lookups.next(), lookups.next());
    base(
        "ManyToManyRelationshipMetadata",
        &pair.name,
        "ManyToManyRelationship",
        intersect.is_some_and(|table| table.custom),
    )
    .with("Entity1LogicalName", pair.first.as_str())
    .with("Entity1IntersectAttribute", first)
    .with("Entity1NavigationPropertyName", pair.name.as_str())
    .with("Entity2LogicalName", pair.second.as_str())
    .with("Entity2IntersectAttribute", second)
    .with("Entity2NavigationPropertyName", pair.name.as_str())
    .with("IntersectEntityName", pair.intersect.as_str())
}

fn base<'m>(kind: &'static str, name: &str, relationship: &'static str, is_custom: bool) -> Item<'m> {
    Item::new(kind, "MetadataId")
        .with("MetadataId", model::relationship_id(name).to_string())
        .with("SchemaName", name)
        .with("RelationshipType", relationship)
        .with("IsCustomRelationship", Json::Boolean(is_custom))
        .with("IsManaged", Json::Boolean(!is_custom))
        .with("IsValidForAdvancedFind", Json::Boolean(true))
        .with("IsCustomizable", managed(true, "iscustomizable"))
        .with("SecurityTypes", "Append")
}
