//! Columns, as `AttributeMetadata` of their types.

use model::{Column, ColumnType, DefaultValue, Model, RequiredLevel, Table, Value};

use super::{
    item::{Item, Related, label, managed, object},
    options::{self, Named},
    shared,
};
use crate::wire::Json;

/// The columns of a table.
pub fn all<'m>(model: &'m Model, table: &'m Table) -> Vec<Item<'m>> {
    table.columns.values().enumerate().map(|(place, column)| attribute(model, table, column, place)).collect()
}

/// The column of this name.
pub fn one<'m>(model: &'m Model, table: &'m Table, name: &str) -> Option<Item<'m>> {
    let (place, _, column) = table.columns.get_full(name)?;
    Some(attribute(model, table, column, place))
}

fn attribute<'m>(model: &'m Model, table: &'m Table, column: &'m Column, place: usize) -> Item<'m> {
    let typed = Typed::of(table, column);
    let item = Item { is_subtype: true, ..Item::new(typed.metadata, "MetadataId") }
        .with("MetadataId", model::column_id(&table.name, &column.name).to_string())
        .with("LogicalName", column.name.as_str())
        .with("SchemaName", column.schema_name.as_str())
        .with("EntityLogicalName", table.name.as_str())
        .with("AttributeType", typed.kind)
        .with("AttributeTypeName", object([("Value", typed.name.into())]))
        .with("AttributeOf", Json::Null)
        .with("ColumnNumber", Json::Whole(i64::try_from(place + 1).unwrap_or(i64::MAX)))
        .with("DisplayName", label(&column.label))
        .with("Description", label(&column.description))
        .with("RequiredLevel", required(column))
        .and(abilities(table, column))
        .and(limits(column));
    with_options(item, model, table, column)
}

fn with_options<'m>(item: Item<'m>, model: &'m Model, table: &'m Table, column: &'m Column) -> Item<'m> {
    match column.value_type() {
        ColumnType::Boolean { .. }
        | ColumnType::Choice { .. }
        | ColumnType::MultiChoice { .. }
        | ColumnType::State
        | ColumnType::Status => {
            let shared = move || shared::of(model, table, column);
            item.leading_to("OptionSet", move || {
                Related::One(Some(shared().unwrap_or_else(|| options::of(table, column, Named::Own))))
            })
            .leading_to("GlobalOptionSet", move || Related::One(shared()))
        }
        _ => item,
    }
}

/// A type under its three names.
struct Typed {
    /// `StringAttributeMetadata`
    metadata: &'static str,
    /// `String`
    kind: &'static str,
    /// `StringType`
    name: &'static str,
}

impl Typed {
    const fn new(metadata: &'static str, kind: &'static str, name: &'static str) -> Self {
        Self { metadata, kind, name }
    }

    fn of(table: &Table, column: &Column) -> Self {
        match column.value_type() {
            ColumnType::Id => {
                Self::new("UniqueIdentifierAttributeMetadata", "Uniqueidentifier", "UniqueidentifierType")
            }
            ColumnType::Text { .. } | ColumnType::AutoNumber(_) => {
                Self::new("StringAttributeMetadata", "String", "StringType")
            }
            ColumnType::Memo { .. } | ColumnType::RichText { .. } => {
                Self::new("MemoAttributeMetadata", "Memo", "MemoType")
            }
            ColumnType::Whole { min, max } if is_long(*min, *max) => {
                Self::new("BigIntAttributeMetadata", "BigInt", "BigIntType")
            }
            ColumnType::Whole { .. } => Self::new("IntegerAttributeMetadata", "Integer", "IntegerType"),
            ColumnType::Decimal { .. } => Self::new("DecimalAttributeMetadata", "Decimal", "DecimalType"),
            ColumnType::Money { .. } => Self::new("MoneyAttributeMetadata", "Money", "MoneyType"),
            ColumnType::Boolean { .. } => Self::new("BooleanAttributeMetadata", "Boolean", "BooleanType"),
            ColumnType::Choice { .. } => Self::new("PicklistAttributeMetadata", "Picklist", "PicklistType"),
            ColumnType::MultiChoice { .. } => {
                Self::new("MultiSelectPicklistAttributeMetadata", "Virtual", "MultiSelectPicklistType")
            }
            ColumnType::Date | ColumnType::DateTime => {
                Self::new("DateTimeAttributeMetadata", "DateTime", "DateTimeType")
            }
            ColumnType::Lookup { targets } => Self::lookup(&column.name, targets),
            ColumnType::PartyList { .. } => Self::new("LookupAttributeMetadata", "PartyList", "PartyListType"),
            ColumnType::State => Self::new("StateAttributeMetadata", "State", "StateType"),
            ColumnType::Status => Self::new("StatusAttributeMetadata", "Status", "StatusType"),
            ColumnType::File { .. } => Self::new("FileAttributeMetadata", "Virtual", "FileType"),
            ColumnType::Image { .. } => Self::new("ImageAttributeMetadata", "Virtual", "ImageType"),
            // A result is never computed itself.
            ColumnType::Calculated { .. } | ColumnType::Rollup(_) => {
                tracing::warn!(table = table.name, column = column.name, "a computed column of a computed type");
                Self::new("AttributeMetadata", "Virtual", "VirtualType")
            }
        }
    }

    fn lookup(column: &str, targets: &[String]) -> Self {
        match targets {
            _ if column == "ownerid" => Self::new("LookupAttributeMetadata", "Owner", "OwnerType"),
            [first, second] if [first.as_str(), second] == ["account", "contact"] => {
                Self::new("LookupAttributeMetadata", "Customer", "CustomerType")
            }
            _ => Self::new("LookupAttributeMetadata", "Lookup", "LookupType"),
        }
    }
}

fn is_long(min: i64, max: i64) -> bool {
    i32::try_from(min).is_err() || i32::try_from(max).is_err()
}

fn required(column: &Column) -> Json {
    let level = match column.required {
        RequiredLevel::None => "None",
        RequiredLevel::Recommended => "Recommended",
        RequiredLevel::Required => "ApplicationRequired",
        RequiredLevel::System => "SystemRequired",
    };
    managed(level, "canmodifyrequirementlevelsettings")
}

fn abilities(table: &Table, column: &Column) -> impl Iterator<Item = (&'static str, Json)> {
    let is_key = column.name == table.primary_key;
    let is_written = !column.read_only && !column.is_computed();
    let source = match column.kind {
        ColumnType::Calculated { .. } => 1,
        ColumnType::Rollup(_) => 2,
        _ => 0,
    };
    let yes_and_no = [
        ("IsCustomAttribute", column.custom),
        ("IsPrimaryId", is_key),
        ("IsPrimaryName", column.name == table.primary_name),
        ("IsValidForCreate", is_written),
        ("IsValidForRead", true),
        ("IsValidForUpdate", is_written && !is_key),
        ("IsValidODataAttribute", true),
        ("IsSecured", column.secured),
        ("IsSearchable", column.searchable),
        ("IsFilterable", column.is_stored()),
        ("IsRetrievable", true),
        ("IsLogical", !column.is_stored()),
        ("IsManaged", !column.custom),
        ("IsDataSourceSecret", false),
    ];
    let managed = [
        ("IsAuditEnabled", managed(column.audited, "canmodifyauditsettings")),
        ("IsValidForAdvancedFind", managed(column.is_stored(), "canmodifysearchsettings")),
        ("IsCustomizable", managed(true, "iscustomizable")),
    ];
    yes_and_no
        .into_iter()
        .map(|(name, value)| (name, Json::Boolean(value)))
        .chain([("SourceType", Json::Whole(source))])
        .chain(managed)
}

/// What only some types have.
fn limits(column: &Column) -> Vec<(&'static str, Json)> {
    let number = |number: i64| Json::Whole(number);
    let of_length = |length: u32, format: &'static str| {
        let name = object([("Value", format.into())]);
        vec![("MaxLength", number(length.into())), ("Format", format.into()), ("FormatName", name)]
    };
    match column.value_type() {
        ColumnType::Text { length, format } => of_length(*length, text_format(*format)),
        ColumnType::Memo { length } => of_length(*length, "TextArea"),
        ColumnType::RichText { length } => of_length(*length, "RichText"),
        ColumnType::AutoNumber(auto) => {
            let format = format!("{}{{SEQNUM:{}}}{}", auto.prefix, auto.digits, auto.suffix);
            let mut limits = of_length(100, "Text");
            limits.push(("AutoNumberFormat", format.into()));
            limits
        }
        ColumnType::Whole { min, max } if is_long(*min, *max) => {
            vec![("MinValue", number(*min)), ("MaxValue", number(*max))]
        }
        ColumnType::Whole { min, max } => {
            vec![("MinValue", number(*min)), ("MaxValue", number(*max)), ("Format", "None".into())]
        }
        ColumnType::Decimal { precision, min, max } => vec![
            ("MinValue", Json::Decimal(*min)),
            ("MaxValue", Json::Decimal(*max)),
            ("Precision", number((*precision).into())),
        ],
        ColumnType::Money { min, max, base } => vec![
            ("MinValue", Json::Decimal(*min)),
            ("MaxValue", Json::Decimal(*max)),
            ("Precision", number(4)),
            // The places of the currency.
            ("PrecisionSource", number(2)),
            ("IsBaseCurrency", Json::Boolean(*base)),
            ("CalculationOf", column.name.strip_suffix("_base").filter(|_| *base).into()),
        ],
        ColumnType::Boolean { .. } => {
            vec![("DefaultValue", Json::Boolean(constant(column) == Some(&Value::Boolean(true))))]
        }
        ColumnType::Choice { .. } => {
            let default = constant(column).and_then(Value::as_whole);
            vec![("DefaultFormValue", number(default.unwrap_or(-1)))]
        }
        ColumnType::Date => dates("DateOnly", "DateOnly"),
        ColumnType::DateTime => dates("DateAndTime", "UserLocal"),
        ColumnType::Lookup { targets } | ColumnType::PartyList { targets, .. } => {
            vec![("Targets", Json::List(targets.iter().map(|target| target.as_str().into()).collect()))]
        }
        ColumnType::File { max_bytes } | ColumnType::Image { max_bytes } => {
            vec![("MaxSizeInKB", number(i64::try_from(max_bytes / 1024).unwrap_or(i64::MAX)))]
        }
        _ => Vec::new(),
    }
}

/// What every new row has.
const fn constant(column: &Column) -> Option<&Value> {
    match &column.default {
        Some(DefaultValue::Constant(value)) => Some(value),
        _ => None,
    }
}

fn dates(format: &'static str, behavior: &'static str) -> Vec<(&'static str, Json)> {
    vec![("Format", format.into()), ("DateTimeBehavior", object([("Value", behavior.into())]))]
}

const fn text_format(format: model::TextFormat) -> &'static str {
    match format {
        // Dataverse has no format for names of tables.
        model::TextFormat::Text | model::TextFormat::Table => "Text",
        model::TextFormat::Email => "Email",
        model::TextFormat::Phone => "Phone",
        model::TextFormat::Url => "Url",
        model::TextFormat::TickerSymbol => "TickerSymbol",
    }
}
