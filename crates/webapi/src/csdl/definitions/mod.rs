//! The types of metadata itself: what `EntityDefinitions` and its like are told as. They are the same
//! whatever the model; a test compares them with what is told.

mod kinds;
mod values;

use std::io;

use super::xml::Xml;
use kinds::{KINDS, Kind};
use values::{COMPLEX, ENUMERATIONS, OPTIONS};

/// The sets of metadata and the types of what is in them.
pub const SETS: [(&str, &str); 3] = [
    ("EntityDefinitions", "EntityMetadata"),
    ("GlobalOptionSetDefinitions", "OptionSetMetadataBase"),
    ("RelationshipDefinitions", "RelationshipMetadataBase"),
];

/// A property or a navigation property: its name and type.
type Property = (&'static str, &'static str);

/// Types of definitions that Dataverse has and nothing here is of.
const EMPTY: [&str; 3] = ["DoubleAttributeMetadata", "EntityNameAttributeMetadata", "ManagedPropertyAttributeMetadata"];

/// True for the name of a type of definitions.
pub fn is_kind(name: &str) -> bool {
    KINDS.iter().any(|kind| kind.name == name) || EMPTY.contains(&name)
}

/// Writes the types.
pub fn write(xml: &mut Xml) -> io::Result<()> {
    KINDS.iter().try_for_each(|one| kind(xml, one))?;
    for (name, members) in COMPLEX {
        xml.element("ComplexType", &[("Name", name)], |xml| properties(xml, members))?;
    }
    for (name, members) in OPTIONS {
        let attributes = [("Name", *name), ("BaseType", "mscrm.OptionMetadata")];
        xml.element("ComplexType", &attributes, |xml| properties(xml, members))?;
    }
    for (name, members) in ENUMERATIONS {
        xml.element("EnumType", &[("Name", name)], |xml| {
            let mut numbered = members.iter().zip(0_u32..);
            numbered.try_for_each(|(name, value)| xml.empty("Member", &[("Name", name), ("Value", &value.to_string())]))
        })?;
    }
    Ok(())
}

/// Writes the sets.
pub fn write_sets(xml: &mut Xml) -> io::Result<()> {
    SETS.iter().try_for_each(|(name, kind)| {
        xml.empty("EntitySet", &[("Name", name), ("EntityType", &format!("mscrm.{kind}"))])
    })
}

fn kind(xml: &mut Xml, one: &Kind) -> io::Result<()> {
    let base = one.base.map(|base| format!("mscrm.{base}"));
    let mut attributes = vec![("Name", one.name)];
    attributes.extend(base.as_deref().map(|base| ("BaseType", base)));
    if one.is_abstract {
        attributes.push(("Abstract", "true"));
    }
    xml.element("EntityType", &attributes, |xml| {
        if one.base.is_none() {
            xml.element("Key", &[], |xml| xml.empty("PropertyRef", &[("Name", "MetadataId")]))?;
            xml.empty("Property", &[("Name", "MetadataId"), ("Type", "Edm.Guid"), ("Nullable", "false")])?;
        }
        properties(xml, one.properties)?;
        one.leads_to.iter().try_for_each(|(name, kind)| {
            let mut attributes = vec![("Name", *name), ("Type", *kind)];
            // Columns and keys are found below their table only.
            if kind.starts_with("Collection") {
                attributes.push(("ContainsTarget", "true"));
            }
            xml.empty("NavigationProperty", &attributes)
        })
    })
}

fn properties(xml: &mut Xml, properties: &[Property]) -> io::Result<()> {
    properties.iter().try_for_each(|(name, kind)| xml.empty("Property", &[("Name", name), ("Type", kind)]))
}
