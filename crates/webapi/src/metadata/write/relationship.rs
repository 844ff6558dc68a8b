//! Relationships read as declarations: a lookup with its behaviour, or pairs.

use model::{ColumnType, Model};
use serde_json::{Map, Value, json};

use super::{column, sent::Sent};
use crate::error::{Error, Result};

/// Most tables that a lookup leads to.
const MOST_TARGETS: usize = 50;

/// What a client may say about what happens to the rows of a lookup.
const CASCADES: [&str; 8] = ["Assign", "Delete", "Merge", "Reparent", "Share", "Unshare", "RollupView", "Archive"];

/// A relationship as it is to be declared.
pub enum Read {
    /// A lookup.
    OneToMany {
        /// The table with the lookup.
        referencing: String,
        /// The lookup.
        lookup: column::Read,
        /// Name and behaviour.
        document: Value,
    },
    /// Pairs.
    ManyToMany {
        /// The table it is declared with.
        first: String,
        /// The declaration.
        document: Value,
    },
}

/// Members that are read here; what came of all others is compared with what was sent. Of a merge rows are
/// always carried over, and a relationship has no texts of its own, in Dataverse as here.
pub const JUDGED: [&str; 4] = ["Lookup", "CascadeConfiguration", "DisplayName", "Description"];

/// Reads a new relationship; its schema name, and what it consists of.
pub fn read(sent: &Sent<'_>) -> Result<(String, Read)> {
    let name = sent.needed("SchemaName")?.to_owned();
    demand_name(sent, "SchemaName", &name)?;
    match sent.kind()? {
        Some("OneToManyRelationshipMetadata") => one_to_many(sent, &name).map(|read| (name, read)),
        Some("ManyToManyRelationshipMetadata") => {
            let first = sent.needed("Entity1LogicalName")?.to_owned();
            let intersect = sent.text("IntersectEntityName")?.map_or_else(|| name.to_lowercase(), str::to_lowercase);
            let document = json!({ "other": sent.needed("Entity2LogicalName")?, "intersect": intersect });
            Ok((name, Read::ManyToMany { first, document }))
        }
        _ => Err(kind(sent)),
    }
}

/// A name that stands in addresses and in `$metadata`.
fn demand_name(sent: &Sent<'_>, member: &str, name: &str) -> Result<()> {
    let is_name = name.len() <= 100
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_name {
        return Ok(());
    }
    let form = "a name is letters, digits and _, begins with a letter and has at most 100 characters";
    Err(sent.wrong(member, form))
}

/// Refuses names by which a row would lead to two things.
pub fn demand_apart(sent: &Sent<'_>, read: &Read, name: &str, model: &Model) -> Result<()> {
    let taken = |table: &str, wanted: &str, own: &str| {
        let column = model.table(table).and_then(|table| table.column(wanted));
        column.is_some_and(|column| !matches!(column.kind, ColumnType::Lookup { .. }))
            || model.pointing_from(table).any(|other| other.navigation == wanted && other.column != own)
            || model.pointing_at(table).any(|other| other.name == wanted && other.name != name)
    };
    let refused = |member: &str, table: &str, wanted: &str| {
        Err(sent.wrong(member, &format!("rows of {table} have a {wanted} already; choose another name")))
    };
    match read {
        Read::OneToMany { referencing, lookup, document } => {
            let navigation = document.get("navigation").and_then(Value::as_str).unwrap_or_default();
            let referenced = sent.needed("ReferencedEntity")?;
            if taken(referencing, navigation, &lookup.name) || (referencing == referenced && navigation == name) {
                return refused("ReferencingEntityNavigationPropertyName", referencing, navigation);
            }
            if taken(referenced, name, "") { refused("SchemaName", referenced, name) } else { Ok(()) }
        }
        Read::ManyToMany { first, document } => {
            let second = document.get("other").and_then(Value::as_str).unwrap_or_default();
            match [first.as_str(), second].into_iter().find(|table| taken(table, name, "")) {
                Some(table) => refused("SchemaName", table, name),
                None => Ok(()),
            }
        }
    }
}

fn kind(sent: &Sent<'_>) -> Error {
    sent.wrong(
        "@odata.type",
        "send Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata or Microsoft.Dynamics.CRM.ManyToManyRelationshipMetadata",
    )
}

fn one_to_many(sent: &Sent<'_>, name: &str) -> Result<Read> {
    let lookup = sent.object("Lookup")?.ok_or_else(|| missing(sent))?;
    // Where nothing is said it is the lookup's schema name, as in Dataverse.
    behaviour(sent, name, &lookup, lookup.needed("SchemaName")?)
}

fn missing(sent: &Sent<'_>) -> Error {
    sent.wrong("Lookup", "this is missing; send a LookupAttributeMetadata, the column that is made")
}

/// Reads the relationships of one new lookup that leads to several tables, with their schema names.
pub fn read_several(sent: &Sent<'_>) -> Result<Vec<(String, Read)>> {
    let lookup = sent.object("Lookup")?.ok_or_else(|| missing(sent))?;
    let ones = sent.objects("OneToManyRelationships", MOST_TARGETS)?.unwrap_or_default();
    let first =
        ones.first().ok_or_else(|| sent.wrong("OneToManyRelationships", "send one for each table it leads to"))?;
    let referencing = first.needed("ReferencingEntity")?;
    let mut read = Vec::new();
    for one in &ones {
        if one.kind()?.is_some_and(|kind| kind != "OneToManyRelationshipMetadata") {
            return Err(kind(one));
        }
        if one.needed("ReferencingEntity")? != referencing {
            return Err(one.wrong("ReferencingEntity", &format!("a lookup belongs to one table; write {referencing}")));
        }
        let name = one.needed("SchemaName")?.to_owned();
        demand_name(one, "SchemaName", &name)?;
        let navigation = format!("{}_{}", lookup.needed("SchemaName")?, one.needed("ReferencedEntity")?);
        read.push((name.clone(), behaviour(one, &name, &lookup, &navigation)?));
    }
    Ok(read)
}

/// A lookup, with the name and behaviour of its relationship.
fn behaviour(sent: &Sent<'_>, name: &str, lookup: &Sent<'_>, usual: &str) -> Result<Read> {
    let lookup = column::read_lookup(lookup, sent.needed("ReferencedEntity")?)?;
    let said = sent.text("ReferencingEntityNavigationPropertyName")?.filter(|text| !text.is_empty());
    let navigation = said.unwrap_or(usual);
    demand_name(sent, "ReferencingEntityNavigationPropertyName", navigation)?;
    let mut document = Map::new();
    document.insert("name".to_owned(), json!(name));
    document.insert("navigation".to_owned(), json!(navigation));
    document.extend(cascades(sent)?);
    Ok(Read::OneToMany { referencing: sent.needed("ReferencingEntity")?.to_owned(), lookup, document: document.into() })
}

/// What happens to the rows of a lookup, as far as it is said.
pub fn cascades(sent: &Sent<'_>) -> Result<Map<String, Value>> {
    let mut document = Map::new();
    let Some(said) = sent.object("CascadeConfiguration")? else { return Ok(document) };
    said.nothing_beside(&CASCADES)?;
    if let Some(delete) = said.text("Delete")? {
        let on_delete = match delete {
            "Cascade" => "cascade",
            "RemoveLink" => "remove_link",
            "Restrict" => "restrict",
            _ => return Err(said.wrong("Delete", "write Cascade, RemoveLink or Restrict")),
        };
        document.insert("on_delete".to_owned(), json!(on_delete));
    }
    let all = |member: &str| {
        let read = |text: &str| match text {
            "Cascade" => Ok(true),
            "NoCascade" => Ok(false),
            _ => Err(said.wrong(member, "write Cascade or NoCascade")),
        };
        said.text(member)?.map(read).transpose()
    };
    if let Some(assign) = all("Assign")? {
        document.insert("cascade_assign".to_owned(), json!(assign));
    }
    let shared = [all("Share")?, all("Unshare")?, all("Reparent")?];
    let mut shared = shared.into_iter().flatten();
    if let Some(share) = shared.next() {
        if shared.any(|other| other != share) {
            return Err(said.wrong("Share", "Share, Unshare and Reparent go together; write the same for all three"));
        }
        document.insert("cascade_share".to_owned(), json!(share));
    }
    all("Merge")?;
    for member in ["RollupView", "Archive"] {
        if all(member)? == Some(true) {
            return Err(said.wrong(member, "write NoCascade"));
        }
    }
    Ok(document)
}
