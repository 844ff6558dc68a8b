//! What properties of definitions hold: objects and names. Labels are declared with the actions that take
//! them.

use super::Property;

const CASCADE: &str = "mscrm.CascadeType";

/// Objects.
pub const COMPLEX: &[(&str, &[Property])] = &[
    (
        "BooleanManagedProperty",
        &[("Value", "Edm.Boolean"), ("CanBeChanged", "Edm.Boolean"), ("ManagedPropertyLogicalName", "Edm.String")],
    ),
    (
        "AttributeRequiredLevelManagedProperty",
        &[
            ("Value", "mscrm.AttributeRequiredLevel"),
            ("CanBeChanged", "Edm.Boolean"),
            ("ManagedPropertyLogicalName", "Edm.String"),
        ],
    ),
    ("AttributeTypeDisplayName", &[("Value", "Edm.String")]),
    ("StringFormatName", &[("Value", "Edm.String")]),
    ("MemoFormatName", &[("Value", "Edm.String")]),
    ("DateTimeBehavior", &[("Value", "Edm.String")]),
    (
        "CascadeConfiguration",
        &[
            ("Assign", CASCADE),
            ("Delete", CASCADE),
            ("Archive", CASCADE),
            ("Merge", CASCADE),
            ("Reparent", CASCADE),
            ("Share", CASCADE),
            ("Unshare", CASCADE),
            ("RollupView", CASCADE),
        ],
    ),
    (
        "OptionMetadata",
        &[
            ("Value", "Edm.Int32"),
            ("Label", "mscrm.Label"),
            ("Description", "mscrm.Label"),
            ("Color", "Edm.String"),
            ("IsManaged", "Edm.Boolean"),
            ("ExternalValue", "Edm.String"),
            ("ParentValues", "Collection(Edm.Int32)"),
            ("IsHidden", "Edm.Boolean"),
        ],
    ),
];

/// Objects that are options of states and status reasons, with what they have beside that.
pub const OPTIONS: &[(&str, &[Property])] = &[
    ("StateOptionMetadata", &[("DefaultStatus", "Edm.Int32"), ("InvariantName", "Edm.String")]),
    ("StatusOptionMetadata", &[("State", "Edm.Int32"), ("TransitionData", "Edm.String")]),
];

/// Names, numbered in this order.
pub const ENUMERATIONS: &[(&str, &[&str])] = &[
    (
        "AttributeTypeCode",
        &[
            "Boolean",
            "Customer",
            "DateTime",
            "Decimal",
            "Double",
            "Integer",
            "Lookup",
            "Memo",
            "Money",
            "Owner",
            "PartyList",
            "Picklist",
            "State",
            "Status",
            "String",
            "Uniqueidentifier",
            "CalendarRules",
            "Virtual",
            "BigInt",
            "ManagedProperty",
            "EntityName",
        ],
    ),
    ("AttributeRequiredLevel", &["None", "SystemRequired", "ApplicationRequired", "Recommended"]),
    ("CascadeType", &["NoCascade", "Cascade", "Active", "UserOwned", "RemoveLink", "Restrict"]),
    ("DateTimeFormat", &["DateOnly", "DateAndTime"]),
    ("EntityKeyIndexStatus", &["Pending", "InProgress", "Active", "Failed"]),
    ("IntegerFormat", &["None", "Duration", "TimeZone", "Language", "Locale"]),
    ("OptionSetType", &["Picklist", "State", "Status", "Boolean"]),
    ("OwnershipTypes", &["None", "UserOwned", "TeamOwned", "BusinessOwned", "OrganizationOwned"]),
    ("RelationshipType", &["OneToManyRelationship", "ManyToManyRelationship"]),
    ("SecurityTypes", &["None", "Append", "ParentChild", "Pointer", "Inheritance"]),
    (
        "StringFormat",
        &[
            "Email",
            "Text",
            "TextArea",
            "Url",
            "TickerSymbol",
            "PhoneticGuide",
            "VersionNumber",
            "Phone",
            "Json",
            "RichText",
        ],
    ),
];
