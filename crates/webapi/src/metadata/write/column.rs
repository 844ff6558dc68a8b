//! Columns: `AttributeMetadata` of its types read as a declaration.

use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::{choice, label, sent::Sent};
use crate::{error::Result, metadata::Item, wire::Json};

/// A column as it is to be declared.
pub struct Read {
    /// Its logical name.
    pub name: String,
    /// The declaration, in the words of the declaration files.
    pub document: Map<String, Value>,
}

/// Members of a column of this type that are read here; what came of all others is compared with what was
/// sent.
pub fn judged(kind: &str, is_new: bool) -> &'static [&'static str] {
    match (kind, is_new) {
        // Of the two that say how a text is shown one may be as it was.
        ("StringAttributeMetadata", _) | ("MemoAttributeMetadata", true) => {
            &["DisplayName", "Description", "FormatName", "Format"]
        }
        ("MoneyAttributeMetadata", true) => &["DisplayName", "Description", "Precision"],
        ("BooleanAttributeMetadata" | "PicklistAttributeMetadata" | "MultiSelectPicklistAttributeMetadata", true) => {
            &["DisplayName", "Description", "OptionSet", "GlobalOptionSet@odata.bind"]
        }
        _ => &["DisplayName", "Description"],
    }
}

/// Names where schema names are: `new_BankName` is `new_bankname`.
pub fn logical_name(sent: &Sent<'_>) -> Result<(String, String)> {
    let schema_name = sent.needed("SchemaName")?;
    let name = schema_name.to_lowercase();
    match sent.text("LogicalName")?.filter(|said| *said != name) {
        Some(said) => Err(sent.wrong(
            "LogicalName",
            &format!("'{said}' is not '{name}', the schema name in small letters; leave it out"),
        )),
        None => Ok((name, schema_name.to_owned())),
    }
}

/// Reads a new column of any type but a lookup, which comes with its relationship.
pub fn read(sent: &Sent<'_>) -> Result<Read> {
    let (name, schema_name) = logical_name(sent)?;
    let kind = kind_of(sent)?;
    if kind == "Lookup" {
        return Err(sent.wrong(
            "@odata.type",
            "a lookup comes with its relationship; POST a OneToManyRelationshipMetadata with this as its Lookup to RelationshipDefinitions",
        ));
    }
    let mut document = common(sent, None)?;
    document.entry("label").or_insert_with(|| json!(schema_name));
    document.insert("schema_name".to_owned(), json!(schema_name));
    of_kind(sent, kind, &mut document)?;
    Ok(Read { name, document })
}

/// Reads the lookup of a new relationship.
pub fn read_lookup(sent: &Sent<'_>, target: &str) -> Result<Read> {
    let (name, schema_name) = logical_name(sent)?;
    if let Some(other) = sent.kind()?.filter(|kind| *kind != "LookupAttributeMetadata") {
        return Err(sent.wrong("@odata.type", &format!("send a LookupAttributeMetadata, not '{other}'")));
    }
    let mut document = common(sent, None)?;
    document.entry("label").or_insert_with(|| json!(schema_name));
    document.insert("schema_name".to_owned(), json!(schema_name));
    document.insert("type".to_owned(), json!("lookup"));
    document.insert("targets".to_owned(), json!([target]));
    Ok(Read { name, document })
}

/// What is to change in a column, which is told as `present` now, in the words of the declaration files.
pub fn changes(sent: &Sent<'_>, present: &Item<'_>) -> Result<Map<String, Value>> {
    if let Some(kind) = sent.kind()?
        && !matches!(kind, "AttributeMetadata" | "EnumAttributeMetadata")
        && kind != present.kind
    {
        return Err(sent.wrong("@odata.type", &format!("a column keeps its type; this one is a {}", present.kind)));
    }
    let mut document = common(sent, Some(present))?;
    limits(sent, &mut document)?;
    set(&mut document, "length", sent.whole("MaxLength")?.map(|length| json!(length)));
    match present.kind {
        "StringAttributeMetadata" => {
            set(&mut document, "autonumber", auto_number(sent)?.map(|format| json!(format)));
            set(&mut document, "format", text_format(sent)?.map(|format| json!(format)));
        }
        "DecimalAttributeMetadata" => {
            set(&mut document, "precision", sent.whole("Precision")?.map(|places| json!(places)));
        }
        "BooleanAttributeMetadata" => yes_and_no(sent, &mut document)?,
        "PicklistAttributeMetadata" => set(&mut document, "default", default_option(sent)?),
        "FileAttributeMetadata" | "ImageAttributeMetadata" => size(sent, &mut document)?,
        _ => {}
    }
    Ok(document)
}

/// What columns of all types have.
fn common(sent: &Sent<'_>, present: Option<&Item<'_>>) -> Result<Map<String, Value>> {
    let mut document = Map::new();
    let told = |name: &str| present.and_then(|item| item.member(name));
    set(&mut document, "label", label::read(sent, "DisplayName", told("DisplayName"))?.map(Value::String));
    let description = label::read(sent, "Description", told("Description"))?;
    // The absence of a description is no description.
    set(
        &mut document,
        "description",
        description.filter(|text| present.is_some() || !text.is_empty()).map(Value::String),
    );
    let is_system = |json: &Json| {
        matches!(json, Json::Object(members)
        if members.iter().any(|(name, value)| &**name == "Value" && matches!(value, Json::Text(text) if text == "SystemRequired")))
    };
    let required = sent.managed_text("RequiredLevel")?.map(|level| match level {
        _ if told("RequiredLevel").is_some_and(is_system) => {
            Err(sent.wrong("RequiredLevel", "the engine needs a value here; this stays SystemRequired"))
        }
        "None" => Ok("none"),
        "Recommended" => Ok("recommended"),
        "ApplicationRequired" => Ok("required"),
        // What the engine itself demands is not for a client to say.
        _ => Err(sent.wrong("RequiredLevel", "write None, Recommended or ApplicationRequired")),
    });
    set(&mut document, "required", required.transpose()?.map(|level| json!(level)));
    set(&mut document, "audited", sent.managed_boolean("IsAuditEnabled")?.map(Value::Bool));
    set(&mut document, "secured", sent.boolean("IsSecured")?.map(Value::Bool));
    set(&mut document, "searchable", sent.boolean("IsSearchable")?.map(Value::Bool));
    if sent.whole("SourceType")?.is_some_and(|source| source != 0 && present.is_none())
        || sent.text("FormulaDefinition")?.is_some_and(|formula| !formula.trim().is_empty())
    {
        return Err(sent.wrong(
            "FormulaDefinition",
            "calculated and rollup columns have formulas of Pipewright's own; declare them by PUT /api/customization/column/TABLE/COLUMN",
        ));
    }
    Ok(document)
}

fn kind_of<'b>(sent: &Sent<'b>) -> Result<&'b str> {
    let missing = || {
        sent.wrong("@odata.type", "this is missing; send for instance Microsoft.Dynamics.CRM.StringAttributeMetadata")
    };
    let kind = sent.kind()?.ok_or_else(missing)?;
    kind.strip_suffix("AttributeMetadata").filter(|kind| !kind.is_empty()).ok_or_else(missing)
}

fn of_kind(sent: &Sent<'_>, kind: &str, document: &mut Map<String, Value>) -> Result<()> {
    let declared = match kind {
        "String" => text(sent, document)?,
        "Memo" => memo(sent, document)?,
        "Integer" => whole(sent, document, i64::from(i32::MIN) + 1, i64::from(i32::MAX))?,
        "BigInt" => whole(sent, document, i64::MIN + 1, i64::MAX)?,
        "Decimal" => {
            limits(sent, document)?;
            set(document, "precision", sent.whole("Precision")?.map(|places| json!(places)));
            "decimal"
        }
        "Money" => money(sent, document)?,
        "Boolean" => {
            yes_and_no(sent, document)?;
            "boolean"
        }
        "Picklist" => {
            choice::of_column(sent, document)?;
            set(document, "default", default_option(sent)?);
            "choice"
        }
        "MultiSelectPicklist" => {
            choice::of_column(sent, document)?;
            "multi_choice"
        }
        "DateTime" => moment(sent)?,
        "File" => {
            size(sent, document)?;
            "file"
        }
        "Image" => {
            size(sent, document)?;
            "image"
        }
        "Double" => {
            return Err(
                sent.wrong("@odata.type", "numbers are exact here; send a DecimalAttributeMetadata in place of Double")
            );
        }
        other => {
            return Err(sent.wrong(
                "@odata.type",
                &format!(
                    "a column of type {other} cannot be made here; there are String, Memo, Integer, BigInt, Decimal, Money, Boolean, Picklist, MultiSelectPicklist, DateTime, File and Image"
                ),
            ));
        }
    };
    document.insert("type".to_owned(), json!(declared));
    Ok(())
}

fn text(sent: &Sent<'_>, document: &mut Map<String, Value>) -> Result<&'static str> {
    if let Some(format) = auto_number(sent)? {
        if text_format(sent)?.is_some_and(|format| format != "text") {
            return Err(sent.wrong("FormatName", "a number that is given automatically is plain text; write Text"));
        }
        document.insert("autonumber".to_owned(), json!(format));
        return Ok("autonumber");
    }
    set(document, "length", sent.whole("MaxLength")?.map(|length| json!(length)));
    set(document, "format", text_format(sent)?.map(|format| json!(format)));
    Ok("text")
}

/// How a line of text is shown: by `FormatName`, or by `Format`, which older clients send.
fn text_format(sent: &Sent<'_>) -> Result<Option<&'static str>> {
    let (named, format) = (sent.managed_text("FormatName")?, sent.text("Format")?);
    if named.zip(format).is_some_and(|(named, format)| named != format) {
        return Err(sent.wrong("Format", "this is another format than FormatName; leave it out"));
    }
    let format = named.or(format);
    let read = |format: &str| match format {
        "Text" => Ok("text"),
        "Email" => Ok("email"),
        "Phone" => Ok("phone"),
        "Url" => Ok("url"),
        "TickerSymbol" => Ok("ticker_symbol"),
        "TextArea" | "RichText" => Err(sent.wrong("FormatName", "a text of several lines is a MemoAttributeMetadata")),
        _ => Err(sent.wrong("FormatName", "write Text, Email, Phone, Url or TickerSymbol")),
    };
    format.map(read).transpose()
}

/// `INV-{SEQNUM:5}` is `INV-{00000}` here.
fn auto_number(sent: &Sent<'_>) -> Result<Option<String>> {
    let Some(format) = sent.text("AutoNumberFormat")?.filter(|format| !format.is_empty()) else { return Ok(None) };
    let wrong = || sent.wrong("AutoNumberFormat", "write text around one {SEQNUM:digits}, with 1 to 18 digits");
    let (before, rest) = format.split_once("{SEQNUM:").ok_or_else(wrong)?;
    let (digits, behind) = rest.split_once('}').ok_or_else(wrong)?;
    let digits = digits.parse().ok().filter(|digits| (1..=18).contains(digits)).ok_or_else(wrong)?;
    if before.contains(['{', '}']) || behind.contains(['{', '}']) {
        return Err(wrong());
    }
    Ok(Some(format!("{before}{{{}}}{behind}", "0".repeat(digits))))
}

fn memo(sent: &Sent<'_>, document: &mut Map<String, Value>) -> Result<&'static str> {
    set(document, "length", sent.whole("MaxLength")?.map(|length| json!(length)));
    match sent.managed_text("FormatName")?.or(sent.text("Format")?) {
        None | Some("TextArea" | "Text") => Ok("memo"),
        Some("RichText") => Ok("rich_text"),
        Some(_) => Err(sent.wrong("FormatName", "write TextArea or RichText")),
    }
}

fn whole(sent: &Sent<'_>, document: &mut Map<String, Value>, least: i64, most: i64) -> Result<&'static str> {
    if sent.text("Format")?.is_some_and(|format| format != "None") {
        return Err(sent.wrong("Format", "whole numbers are shown as they are; write None"));
    }
    document.insert("min".to_owned(), json!(sent.whole("MinValue")?.unwrap_or(least)));
    document.insert("max".to_owned(), json!(sent.whole("MaxValue")?.unwrap_or(most)));
    Ok("whole")
}

/// Amounts have the places of their currency.
fn money(sent: &Sent<'_>, document: &mut Map<String, Value>) -> Result<&'static str> {
    limits(sent, document)?;
    let source = sent.whole("PrecisionSource")?;
    if source.is_some_and(|source| source != 2) {
        return Err(sent.wrong("PrecisionSource", "amounts are shown with the places of their currency; write 2"));
    }
    if source.is_none() && sent.whole("Precision")?.is_some_and(|places| places != 4) {
        return Err(sent.wrong(
            "Precision",
            "amounts are kept with 4 places and shown with those of their currency; leave it out",
        ));
    }
    Ok("money")
}

fn limits(sent: &Sent<'_>, document: &mut Map<String, Value>) -> Result<()> {
    set(document, "min", sent.decimal("MinValue")?.map(exact));
    set(document, "max", sent.decimal("MaxValue")?.map(exact));
    Ok(())
}

/// A number as text keeps its places.
fn exact(number: Decimal) -> Value {
    json!(number.normalize().to_string())
}

fn moment(sent: &Sent<'_>) -> Result<&'static str> {
    match (sent.text("Format")?, sent.managed_text("DateTimeBehavior")?) {
        (_, Some("TimeZoneIndependent")) => Err(sent.wrong(
            "DateTimeBehavior",
            "a moment is shown in everybody's own time zone (UserLocal), a day has none (DateOnly); write one of them",
        )),
        (Some("DateOnly"), None | Some("DateOnly")) | (None, Some("DateOnly")) => Ok("date"),
        (None | Some("DateAndTime"), None | Some("UserLocal")) => Ok("date_time"),
        _ => Err(sent.wrong("Format", "write DateOnly with the behaviour DateOnly, or DateAndTime with UserLocal")),
    }
}

fn yes_and_no(sent: &Sent<'_>, document: &mut Map<String, Value>) -> Result<()> {
    if let Some(options) = sent.object("OptionSet")? {
        if options.boolean("IsGlobal")? == Some(true) {
            return Err(options.wrong("IsGlobal", "the options of a column of two belong to it; write false"));
        }
        for (property, name, number) in [("yes", "TrueOption", 1), ("no", "FalseOption", 0)] {
            let Some(option) = options.object(name)? else { continue };
            option.nothing_beside(&["Value", "Label", "IsManaged", "MetadataId", "HasChanged"])?;
            if option.whole("Value")?.is_some_and(|value| value != number) {
                return Err(option.wrong("Value", &format!("{name} is {number}")));
            }
            set(document, property, Some(Value::String(label::needed(&option, "Label")?)));
        }
    }
    set(document, "default", sent.boolean("DefaultValue")?.map(Value::Bool));
    Ok(())
}

/// What a new row has: an option, or none (`-1`).
fn default_option(sent: &Sent<'_>) -> Result<Option<Value>> {
    Ok(sent.whole("DefaultFormValue")?.map(|value| if value == -1 { Value::Null } else { json!(value) }))
}

fn size(sent: &Sent<'_>, document: &mut Map<String, Value>) -> Result<()> {
    let Some(size) = sent.whole("MaxSizeInKB")? else { return Ok(()) };
    let bytes = u64::try_from(size).ok().filter(|size| *size > 0).and_then(|size| size.checked_mul(1024));
    let bytes = bytes.ok_or_else(|| sent.wrong("MaxSizeInKB", "send a number of kilobytes"))?;
    document.insert("max_bytes".to_owned(), json!(bytes));
    Ok(())
}

fn set(document: &mut Map<String, Value>, property: &str, value: Option<Value>) {
    if let Some(value) = value {
        document.insert(property.to_owned(), value);
    }
}
