//! Relationships read as declarations: a lookup with its behaviour, or pairs.

use serde_json::{Map, Value, json};

use super::{column, sent::Sent};
use crate::error::{Error, Result};

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
/// always carried over.
pub const JUDGED: [&str; 4] = ["Lookup", "CascadeConfiguration", "DisplayName", "Description"];

/// Reads a new relationship; its schema name, and what it consists of.
pub fn read(sent: &Sent<'_>) -> Result<(String, Read)> {
    let name = sent.needed("SchemaName")?.to_owned();
    let is_name = name.len() <= 100
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if !is_name {
        return Err(sent.wrong(
            "SchemaName",
            "a name is letters, digits and _, begins with a letter and has at most 100 characters",
        ));
    }
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

fn kind(sent: &Sent<'_>) -> Error {
    sent.wrong(
        "@odata.type",
        "send Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata or Microsoft.Dynamics.CRM.ManyToManyRelationshipMetadata",
    )
}

fn one_to_many(sent: &Sent<'_>, name: &str) -> Result<Read> {
    let referenced = sent.needed("ReferencedEntity")?;
    let missing = || sent.wrong("Lookup", "this is missing; send a LookupAttributeMetadata, the column that is made");
    let lookup_sent = sent.object("Lookup")?.ok_or_else(missing)?;
    let lookup = column::read_lookup(&lookup_sent, referenced)?;
    // Where nothing is said it is the lookup's schema name, as in Dataverse.
    let navigation = match sent.text("ReferencingEntityNavigationPropertyName")?.filter(|text| !text.is_empty()) {
        Some(navigation) => navigation,
        None => lookup_sent.needed("SchemaName")?,
    };
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
