//! Tables, as `EntityMetadata`.

use model::{Model, Ownership, Table, TableKind};

use super::{
    attribute,
    item::{Item, Related, label, managed},
    key, relationship,
};
use crate::wire::Json;

/// The table as a definition.
pub fn entity<'m>(model: &'m Model, table: &'m Table) -> Item<'m> {
    Item::new("EntityMetadata", "MetadataId")
        .with("MetadataId", model::table_id(&table.name).to_string())
        .and(names(table))
        .and(abilities(model, table))
        .leading_to("Attributes", || Related::Many(attribute::all(model, table)))
        .leading_to("Keys", || Related::Many(key::all(table)))
        .leading_to("OneToManyRelationships", || Related::Many(relationship::pointing_at(model, &table.name)))
        .leading_to("ManyToOneRelationships", || Related::Many(relationship::pointing_from(model, &table.name)))
        .leading_to("ManyToManyRelationships", || Related::Many(relationship::pairs_of(model, &table.name)))
}

fn names(table: &Table) -> [(&'static str, Json); 14] {
    let plural = plural_schema_name(table);
    [
        ("LogicalName", table.name.as_str().into()),
        ("SchemaName", table.schema_name.as_str().into()),
        ("EntitySetName", table.set_name.as_str().into()),
        ("LogicalCollectionName", table.set_name.as_str().into()),
        ("CollectionSchemaName", plural.into()),
        ("PrimaryIdAttribute", table.primary_key.as_str().into()),
        ("PrimaryNameAttribute", Some(table.primary_name.as_str()).filter(|name| !name.is_empty()).into()),
        ("PrimaryImageAttribute", primary_image(table).into()),
        ("ObjectTypeCode", Json::Whole(table.object_type_code.into())),
        ("DisplayName", label(&table.label)),
        ("DisplayCollectionName", label(&table.plural_label)),
        ("Description", label(&table.description)),
        ("ExternalName", Json::Null),
        ("EntityColor", Json::Null),
    ]
}

fn abilities(model: &Model, table: &Table) -> impl Iterator<Item = (&'static str, Json)> {
    let is_shown = !matches!(table.kind, TableKind::Intersect | TableKind::Process);
    let yes_and_no = [
        ("IsActivity", matches!(table.kind, TableKind::Activity | TableKind::Pointer)),
        ("IsActivityParty", table.column("emailaddress1").is_some()),
        ("IsCustomEntity", table.custom),
        ("IsIntersect", table.kind == TableKind::Intersect),
        ("IsBPFEntity", table.kind == TableKind::Process),
        (
            "IsBusinessProcessEnabled",
            model.processes.iter().any(|process| {
                process.table == table.name || process.stages.iter().any(|stage| stage.table == table.name)
            }),
        ),
        ("IsPrivate", false),
        ("IsManaged", !table.custom),
        ("IsLogicalEntity", false),
        ("IsChildEntity", table.ownership == Ownership::Parent),
        ("IsImportable", table.importable),
        ("IsStateModelAware", table.has_state()),
        ("EnforceStateTransitions", false),
        ("IsOptimisticConcurrencyEnabled", true),
        ("ChangeTrackingEnabled", true),
        ("IsQuickCreateEnabled", table.form(model::FormKind::QuickCreate).is_some()),
        ("IsEnabledForCharts", is_shown),
        ("HasActivities", table.has_activities),
        ("HasNotes", table.has_notes),
        ("HasFeedback", false),
        ("HasEmailAddresses", table.column("emailaddress1").is_some()),
        ("SyncToExternalSearchIndex", table.searchable),
    ];
    let ownership = match table.ownership {
        Ownership::User => "UserOwned",
        Ownership::Organization => "OrganizationOwned",
        Ownership::Parent => "None",
    };
    let managed = [
        ("IsAuditEnabled", managed(table.audited, "canmodifyauditsettings")),
        ("IsValidForAdvancedFind", managed(is_shown, "canmodifysearchsettings")),
        ("IsCustomizable", managed(true, "iscustomizable")),
        ("IsDuplicateDetectionEnabled", managed(is_shown, "canmodifyduplicatedetectionsettings")),
    ];
    yes_and_no
        .into_iter()
        .map(|(name, value)| (name, Json::Boolean(value)))
        .chain([("OwnershipType", ownership.into()), ("TableType", "Standard".into())])
        .chain(managed)
}

fn primary_image(table: &Table) -> Option<&str> {
    let image = table.columns.values().find(|column| matches!(column.kind, model::ColumnType::Image { .. }));
    image.map(|column| column.name.as_str())
}

/// `Lead` and `leads` make `Leads`.
fn plural_schema_name(table: &Table) -> String {
    let ending = table.set_name.strip_prefix(table.name.as_str());
    match ending {
        Some(ending) => format!("{}{ending}", table.schema_name),
        None => table.set_name.clone(),
    }
}
