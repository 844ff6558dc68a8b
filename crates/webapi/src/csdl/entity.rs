//! Tables as entity types.

use std::io;

use model::{AlternateKey, Column, Model, Table};

use super::{
    facets::Facets,
    navigation::{self, LeadsTo, Navigation},
    xml::{Attribute, Xml},
};
use crate::translate::wire_name;

/// The type that all rows are of.
pub const BASE: &str = "mscrm.crmbaseentity";
/// The type of users and teams.
pub const PRINCIPAL: &str = "mscrm.principal";

/// Writes the type of a table's rows.
pub fn write(xml: &mut Xml, model: &Model, table: &Table) -> io::Result<()> {
    let base = navigation::base_of(model, table);
    let base_type = match base {
        Some(base) => format!("mscrm.{}", base.name),
        None if is_principal(table) => PRINCIPAL.to_owned(),
        None => BASE.to_owned(),
    };
    xml.element("EntityType", &[("Name", &table.name), ("BaseType", &base_type)], |xml| {
        if base.is_none() {
            xml.element("Key", &[], |xml| xml.empty("PropertyRef", &[("Name", &table.primary_key)]))?;
        }
        for column in told(table).filter(|column| base.is_none_or(|base| !base.columns.contains_key(&column.name))) {
            property(xml, table, column)?;
        }
        for one in navigation::own(model, table) {
            navigation_property(xml, &one)?;
        }
        alternate_keys(xml, table)
    })
}

/// True for the tables that own rows.
fn is_principal(table: &Table) -> bool {
    matches!(table.name.as_str(), "systemuser" | "team")
}

/// The columns that rows are told with.
pub fn told(table: &Table) -> impl Iterator<Item = &Column> {
    table.columns.values().filter(|column| column.is_stored())
}

fn property(xml: &mut Xml, table: &Table, column: &Column) -> io::Result<()> {
    let (name, facets) = (wire_name(column), Facets::of(column));
    let mut attributes: Vec<Attribute<'_>> = vec![("Name", &name), ("Type", facets.kind)];
    let is_key = column.name == table.primary_key;
    if is_key {
        attributes.push(("Nullable", "false"));
    }
    attributes.extend(facets.limits.iter().map(|(name, value)| (*name, value.as_ref())));
    if is_key || !(column.read_only || column.is_computed()) {
        return xml.empty("Property", &attributes);
    }
    xml.element("Property", &attributes, |xml| {
        xml.empty("Annotation", &[("Term", "Org.OData.Core.V1.Computed"), ("Bool", "true")])
    })
}

fn navigation_property(xml: &mut Xml, one: &Navigation<'_>) -> io::Result<()> {
    let kind = match one.leads_to {
        LeadsTo::One(table) => format!("mscrm.{}", table.name),
        LeadsTo::Principal => PRINCIPAL.to_owned(),
        LeadsTo::Any => BASE.to_owned(),
        LeadsTo::Many(table) => format!("Collection(mscrm.{})", table.name),
    };
    let mut attributes: Vec<Attribute<'_>> = vec![("Name", one.name), ("Type", &kind)];
    attributes.extend(one.partner.map(|partner| ("Partner", partner)));
    let constraint = match (&one.leads_to, one.lookup) {
        (LeadsTo::One(table), Some(lookup)) => Some((format!("_{lookup}_value"), table.primary_key.as_str())),
        _ => None,
    };
    if constraint.is_none() && !one.cascades {
        return xml.empty("NavigationProperty", &attributes);
    }
    xml.element("NavigationProperty", &attributes, |xml| {
        if let Some((property, key)) = &constraint {
            xml.empty("ReferentialConstraint", &[("Property", property), ("ReferencedProperty", key)])?;
        }
        if one.cascades { xml.empty("OnDelete", &[("Action", "Cascade")]) } else { Ok(()) }
    })
}

/// Other names of a row, as the vocabulary of alternate keys tells them.
fn alternate_keys(xml: &mut Xml, table: &Table) -> io::Result<()> {
    if table.keys.is_empty() {
        return Ok(());
    }
    xml.element("Annotation", &[("Term", "OData.Community.Keys.V1.AlternateKeys")], |xml| {
        xml.element("Collection", &[], |xml| table.keys.iter().try_for_each(|key| alternate_key(xml, table, key)))
    })
}

fn alternate_key(xml: &mut Xml, table: &Table, key: &AlternateKey) -> io::Result<()> {
    xml.element("Record", &[("Type", "OData.Community.Keys.V1.AlternateKey")], |xml| {
        xml.element("PropertyValue", &[("Property", "Key")], |xml| {
            xml.element("Collection", &[], |xml| {
                for column in key.columns.iter().filter_map(|name| table.column(name)) {
                    let name = wire_name(column);
                    xml.element("Record", &[("Type", "OData.Community.Keys.V1.PropertyRef")], |xml| {
                        xml.empty("PropertyValue", &[("Property", "Alias"), ("String", &name)])?;
                        xml.empty("PropertyValue", &[("Property", "Name"), ("PropertyPath", &name)])
                    })?;
                }
                Ok(())
            })
        })
    })
}
