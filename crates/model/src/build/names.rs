//! Names and identifiers that are derived from other names, always the same way.

use uuid::Uuid;

/// The namespace of Pipewright's derived identifiers. Never to be changed: views and stages are
/// known outside by what comes of it.
const NAMESPACE: Uuid = Uuid::from_u128(0x8f1c_5c52_7a3e_4b0d_9d1e_62b1_0c35_a7e4);

pub(crate) fn view_id(table: &str, view: &str) -> Uuid {
    derived(&format!("view:{table}:{view}"))
}

pub(crate) fn process_id(process: &str) -> Uuid {
    derived(&format!("process:{process}"))
}

pub(crate) fn stage_id(process: &str, stage: &str) -> Uuid {
    derived(&format!("stage:{process}:{stage}"))
}

/// The identifier by which metadata of a table is known outside.
pub fn table_id(table: &str) -> Uuid {
    derived(&format!("table:{table}"))
}

/// The identifier of a column.
pub fn column_id(table: &str, column: &str) -> Uuid {
    derived(&format!("column:{table}:{column}"))
}

/// The identifier of an alternate key.
pub fn key_id(table: &str, key: &str) -> Uuid {
    derived(&format!("key:{table}:{key}"))
}

/// The identifier of a relationship, of whatever kind.
pub fn relationship_id(relationship: &str) -> Uuid {
    derived(&format!("relationship:{relationship}"))
}

/// The identifier of the options of a column.
pub fn options_id(table: &str, column: &str) -> Uuid {
    derived(&format!("options:{table}:{column}"))
}

/// The identifier of what can be done with the rows of a table: `CreateMultiple`.
pub fn message_id(table: &str, message: &str) -> Uuid {
    derived(&format!("message:{table}:{message}"))
}

fn derived(name: &str) -> Uuid {
    Uuid::new_v5(&NAMESPACE, name.as_bytes())
}

/// First code of derived object type codes; Dataverse's own end below.
const FIRST_CODE: u32 = 10_000;
/// How many derived codes there are.
const CODES: u32 = 990_000;

/// FNV-1a: any even spread that never changes would do.
pub(super) fn derived_code(table: &str) -> i32 {
    let hash = table.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    i32::try_from(FIRST_CODE + hash % CODES).unwrap_or(i32::MAX)
}

/// English plural: good for nearly all names; the others are declared.
pub(crate) fn plural(name: &str) -> String {
    let consonant_y = name.ends_with('y')
        && !name.ends_with("ay")
        && !name.ends_with("ey")
        && !name.ends_with("oy")
        && !name.ends_with("uy");
    if consonant_y {
        format!("{}ies", &name[..name.len() - 1])
    } else if ["s", "x", "ch", "sh"].iter().any(|end| name.ends_with(end)) {
        format!("{name}es")
    } else {
        format!("{name}s")
    }
}

/// `estimatedvalue` becomes `Estimatedvalue`, `customerid` `CustomerId`; an organisation's own
/// names stay as they are.
pub(super) fn schema_name(name: &str, custom: bool) -> String {
    if custom {
        return name.to_owned();
    }
    let ended = ["id", "code"].into_iter().find_map(|end| {
        let stem = name.strip_suffix(end).filter(|stem| !stem.is_empty() && !stem.ends_with('_'))?;
        Some(capitalized(stem) + &capitalized(end))
    });
    ended.unwrap_or_else(|| capitalized(name))
}

fn capitalized(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
