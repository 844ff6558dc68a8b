//! What definitions are: tables, columns of each type, keys, relationships, lists of options.

use super::Property;

/// A type of definitions.
pub struct Kind {
    pub name: &'static str,
    pub base: Option<&'static str>,
    pub is_abstract: bool,
    pub properties: &'static [Property],
    pub leads_to: &'static [Property],
}

/// A type that others are made from.
const fn base(name: &'static str, base: Option<&'static str>, properties: &'static [Property]) -> Kind {
    Kind { name, base, is_abstract: true, properties, leads_to: &[] }
}

/// A type.
const fn kind(name: &'static str, base: &'static str, properties: &'static [Property]) -> Kind {
    Kind { name, base: Some(base), is_abstract: false, properties, leads_to: &[] }
}

/// A type of columns.
const fn column(name: &'static str, properties: &'static [Property]) -> Kind {
    kind(name, "AttributeMetadata", properties)
}

/// A type of columns with options.
const fn choice(name: &'static str, properties: &'static [Property]) -> Kind {
    kind(name, "EnumAttributeMetadata", properties)
}

const TEXT: &str = "Edm.String";
const WHOLE: &str = "Edm.Int32";
const LONG: &str = "Edm.Int64";
const NUMBER: &str = "Edm.Decimal";
const YES_OR_NO: &str = "Edm.Boolean";
const LABEL: &str = "mscrm.Label";
const MANAGED: &str = "mscrm.BooleanManagedProperty";

/// All of them.
pub const KINDS: &[Kind] = &[
    base("MetadataBase", None, &[]),
    Kind {
        leads_to: &[
            ("Attributes", "Collection(mscrm.AttributeMetadata)"),
            ("Keys", "Collection(mscrm.EntityKeyMetadata)"),
            ("OneToManyRelationships", "Collection(mscrm.OneToManyRelationshipMetadata)"),
            ("ManyToOneRelationships", "Collection(mscrm.OneToManyRelationshipMetadata)"),
            ("ManyToManyRelationships", "Collection(mscrm.ManyToManyRelationshipMetadata)"),
        ],
        ..kind("EntityMetadata", "MetadataBase", ENTITY)
    },
    base("AttributeMetadata", Some("MetadataBase"), ATTRIBUTE),
    Kind {
        leads_to: &[("OptionSet", "mscrm.OptionSetMetadata"), ("GlobalOptionSet", "mscrm.OptionSetMetadata")],
        ..base("EnumAttributeMetadata", Some("AttributeMetadata"), &[])
    },
    Kind {
        leads_to: &[
            ("OptionSet", "mscrm.BooleanOptionSetMetadata"),
            ("GlobalOptionSet", "mscrm.BooleanOptionSetMetadata"),
        ],
        ..column("BooleanAttributeMetadata", &[("DefaultValue", YES_OR_NO)])
    },
    choice("PicklistAttributeMetadata", &[("DefaultFormValue", WHOLE)]),
    choice("MultiSelectPicklistAttributeMetadata", &[]),
    choice("StateAttributeMetadata", &[]),
    choice("StatusAttributeMetadata", &[]),
    column("UniqueIdentifierAttributeMetadata", &[]),
    column(
        "StringAttributeMetadata",
        &[
            ("MaxLength", WHOLE),
            ("Format", "mscrm.StringFormat"),
            ("FormatName", "mscrm.StringFormatName"),
            ("AutoNumberFormat", TEXT),
        ],
    ),
    column(
        "MemoAttributeMetadata",
        &[("MaxLength", WHOLE), ("Format", "mscrm.StringFormat"), ("FormatName", "mscrm.MemoFormatName")],
    ),
    column("BigIntAttributeMetadata", &[("MinValue", LONG), ("MaxValue", LONG)]),
    column("IntegerAttributeMetadata", &[("MinValue", WHOLE), ("MaxValue", WHOLE), ("Format", "mscrm.IntegerFormat")]),
    column("DecimalAttributeMetadata", &[("MinValue", NUMBER), ("MaxValue", NUMBER), ("Precision", WHOLE)]),
    column(
        "MoneyAttributeMetadata",
        &[
            ("MinValue", NUMBER),
            ("MaxValue", NUMBER),
            ("Precision", WHOLE),
            ("PrecisionSource", WHOLE),
            ("IsBaseCurrency", YES_OR_NO),
            ("CalculationOf", TEXT),
        ],
    ),
    column(
        "DateTimeAttributeMetadata",
        &[("Format", "mscrm.DateTimeFormat"), ("DateTimeBehavior", "mscrm.DateTimeBehavior")],
    ),
    column("LookupAttributeMetadata", &[("Targets", "Collection(Edm.String)")]),
    column("FileAttributeMetadata", &[("MaxSizeInKB", WHOLE)]),
    column("ImageAttributeMetadata", &[("MaxSizeInKB", WHOLE)]),
    kind("EntityKeyMetadata", "MetadataBase", KEY),
    base("RelationshipMetadataBase", Some("MetadataBase"), RELATIONSHIP),
    kind("OneToManyRelationshipMetadata", "RelationshipMetadataBase", ONE_TO_MANY),
    kind("ManyToManyRelationshipMetadata", "RelationshipMetadataBase", MANY_TO_MANY),
    base("OptionSetMetadataBase", Some("MetadataBase"), OPTION_SET),
    kind("OptionSetMetadata", "OptionSetMetadataBase", &[("Options", "Collection(mscrm.OptionMetadata)")]),
    kind(
        "BooleanOptionSetMetadata",
        "OptionSetMetadataBase",
        &[("TrueOption", "mscrm.OptionMetadata"), ("FalseOption", "mscrm.OptionMetadata")],
    ),
];

const ENTITY: &[Property] = &[
    ("LogicalName", TEXT),
    ("SchemaName", TEXT),
    ("EntitySetName", TEXT),
    ("LogicalCollectionName", TEXT),
    ("CollectionSchemaName", TEXT),
    ("PrimaryIdAttribute", TEXT),
    ("PrimaryNameAttribute", TEXT),
    ("PrimaryImageAttribute", TEXT),
    ("ObjectTypeCode", WHOLE),
    ("DisplayName", LABEL),
    ("DisplayCollectionName", LABEL),
    ("Description", LABEL),
    ("ExternalName", TEXT),
    ("EntityColor", TEXT),
    ("IsActivity", YES_OR_NO),
    ("IsActivityParty", YES_OR_NO),
    ("IsCustomEntity", YES_OR_NO),
    ("IsIntersect", YES_OR_NO),
    ("IsBPFEntity", YES_OR_NO),
    ("IsBusinessProcessEnabled", YES_OR_NO),
    ("IsPrivate", YES_OR_NO),
    ("IsManaged", YES_OR_NO),
    ("IsLogicalEntity", YES_OR_NO),
    ("IsChildEntity", YES_OR_NO),
    ("IsImportable", YES_OR_NO),
    ("IsStateModelAware", YES_OR_NO),
    ("EnforceStateTransitions", YES_OR_NO),
    ("IsOptimisticConcurrencyEnabled", YES_OR_NO),
    ("ChangeTrackingEnabled", YES_OR_NO),
    ("IsQuickCreateEnabled", YES_OR_NO),
    ("IsEnabledForCharts", YES_OR_NO),
    ("HasActivities", YES_OR_NO),
    ("HasNotes", YES_OR_NO),
    ("HasFeedback", YES_OR_NO),
    ("HasEmailAddresses", YES_OR_NO),
    ("SyncToExternalSearchIndex", YES_OR_NO),
    ("OwnershipType", "mscrm.OwnershipTypes"),
    ("TableType", TEXT),
    ("IsAuditEnabled", MANAGED),
    ("IsValidForAdvancedFind", MANAGED),
    ("IsCustomizable", MANAGED),
    ("IsDuplicateDetectionEnabled", MANAGED),
];

const ATTRIBUTE: &[Property] = &[
    ("LogicalName", TEXT),
    ("SchemaName", TEXT),
    ("EntityLogicalName", TEXT),
    ("AttributeType", "mscrm.AttributeTypeCode"),
    ("AttributeTypeName", "mscrm.AttributeTypeDisplayName"),
    ("AttributeOf", TEXT),
    ("ColumnNumber", WHOLE),
    ("DisplayName", LABEL),
    ("Description", LABEL),
    ("RequiredLevel", "mscrm.AttributeRequiredLevelManagedProperty"),
    ("IsCustomAttribute", YES_OR_NO),
    ("IsPrimaryId", YES_OR_NO),
    ("IsPrimaryName", YES_OR_NO),
    ("IsValidForCreate", YES_OR_NO),
    ("IsValidForRead", YES_OR_NO),
    ("IsValidForUpdate", YES_OR_NO),
    ("IsValidODataAttribute", YES_OR_NO),
    ("IsSecured", YES_OR_NO),
    ("IsSearchable", YES_OR_NO),
    ("IsFilterable", YES_OR_NO),
    ("IsRetrievable", YES_OR_NO),
    ("IsLogical", YES_OR_NO),
    ("IsManaged", YES_OR_NO),
    ("IsDataSourceSecret", YES_OR_NO),
    ("SourceType", WHOLE),
    ("IsAuditEnabled", MANAGED),
    ("IsValidForAdvancedFind", MANAGED),
    ("IsCustomizable", MANAGED),
];

const KEY: &[Property] = &[
    ("LogicalName", TEXT),
    ("SchemaName", TEXT),
    ("EntityLogicalName", TEXT),
    ("KeyAttributes", "Collection(Edm.String)"),
    ("EntityKeyIndexStatus", "mscrm.EntityKeyIndexStatus"),
    ("DisplayName", LABEL),
    ("IsManaged", YES_OR_NO),
];

const RELATIONSHIP: &[Property] = &[
    ("SchemaName", TEXT),
    ("RelationshipType", "mscrm.RelationshipType"),
    ("IsCustomRelationship", YES_OR_NO),
    ("IsManaged", YES_OR_NO),
    ("IsValidForAdvancedFind", YES_OR_NO),
    ("IsCustomizable", MANAGED),
    ("SecurityTypes", "mscrm.SecurityTypes"),
];

const ONE_TO_MANY: &[Property] = &[
    ("ReferencedEntity", TEXT),
    ("ReferencedAttribute", TEXT),
    ("ReferencedEntityNavigationPropertyName", TEXT),
    ("ReferencingEntity", TEXT),
    ("ReferencingAttribute", TEXT),
    ("ReferencingEntityNavigationPropertyName", TEXT),
    ("IsHierarchical", YES_OR_NO),
    ("CascadeConfiguration", "mscrm.CascadeConfiguration"),
];

const MANY_TO_MANY: &[Property] = &[
    ("Entity1LogicalName", TEXT),
    ("Entity1IntersectAttribute", TEXT),
    ("Entity1NavigationPropertyName", TEXT),
    ("Entity2LogicalName", TEXT),
    ("Entity2IntersectAttribute", TEXT),
    ("Entity2NavigationPropertyName", TEXT),
    ("IntersectEntityName", TEXT),
];

const OPTION_SET: &[Property] = &[
    ("Name", TEXT),
    ("IsGlobal", YES_OR_NO),
    ("IsCustomOptionSet", YES_OR_NO),
    ("IsManaged", YES_OR_NO),
    ("OptionSetType", "mscrm.OptionSetType"),
    ("DisplayName", LABEL),
    ("Description", LABEL),
];
