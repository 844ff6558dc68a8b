//! Actions and functions, and the types that only they speak of.

use std::{collections::BTreeMap, io};

use super::{
    entity::{BASE, PRINCIPAL},
    xml::Xml,
};
use crate::operations::{Bound, Complex, Enumeration, Kind, Operation, Property, Returns, Type, all};

/// The parameter that stands for what an operation is called on. Any name would do; python-odata knows
/// this one.
const BINDING: &str = "bindingParameter";

/// Writes the operations and their types.
pub fn write(xml: &mut Xml) -> io::Result<()> {
    let mut named = Named::default();
    for operation in all() {
        let returned = match operation.returns {
            Returns::Response(properties) => properties,
            _ => &[],
        };
        let given = operation.parameters.iter().map(|parameter| parameter.kind);
        for kind in given.chain(returned.iter().map(|property| property.kind)) {
            named.take(kind);
        }
    }
    named.enumerations.values().try_for_each(|one| enumeration(xml, one))?;
    named.objects.values().try_for_each(|one| object(xml, one.name, one.open, one.properties))?;
    for operation in all() {
        if let Returns::Response(properties) = operation.returns {
            object(xml, &response(operation), false, properties)?;
        }
        match operation.bound {
            Bound::Nothing => overload(xml, operation, None)?,
            Bound::Set => overload(xml, operation, Some(&format!("Collection({BASE})")))?,
            Bound::Row(tables) => {
                for table in tables {
                    overload(xml, operation, Some(&format!("mscrm.{table}")))?;
                }
            }
        }
    }
    Ok(())
}

/// Types that parameters and results name, each once.
#[derive(Default)]
struct Named {
    objects: BTreeMap<&'static str, &'static Complex>,
    enumerations: BTreeMap<&'static str, &'static Enumeration>,
}

impl Named {
    fn take(&mut self, kind: Type) {
        match kind {
            Type::Collection(items) => self.take(*items),
            Type::Enumeration(one) => {
                self.enumerations.insert(one.name, one);
            }
            // A type may speak of itself.
            Type::Complex(one) if self.objects.insert(one.name, one).is_none() => {
                for property in one.properties {
                    self.take(property.kind);
                }
            }
            _ => {}
        }
    }
}

fn overload(xml: &mut Xml, operation: &Operation, bound: Option<&str>) -> io::Result<()> {
    let name = if operation.kind == Kind::Action { "Action" } else { "Function" };
    let mut attributes = vec![("Name", operation.name)];
    if bound.is_some() {
        attributes.push(("IsBound", "true"));
    }
    xml.element(name, &attributes, |xml| {
        if let Some(kind) = bound {
            xml.empty("Parameter", &[("Name", BINDING), ("Type", kind), ("Nullable", "false")])?;
        }
        for parameter in operation.parameters {
            let nullable = if parameter.required { "false" } else { "true" };
            let kind = type_name(parameter.kind);
            xml.empty("Parameter", &[("Name", parameter.name), ("Type", &kind), ("Nullable", nullable)])?;
        }
        let returned = match operation.returns {
            Returns::Nothing => return Ok(()),
            Returns::Response(_) => format!("mscrm.{}", response(operation)),
            Returns::Row => BASE.to_owned(),
            Returns::Rows | Returns::Written => format!("Collection({BASE})"),
        };
        xml.empty("ReturnType", &[("Type", &returned), ("Nullable", "false")])
    })
}

fn response(operation: &Operation) -> String {
    format!("{}Response", operation.name)
}

fn object(xml: &mut Xml, name: &str, open: bool, properties: &[Property]) -> io::Result<()> {
    let mut attributes = vec![("Name", name)];
    if open {
        attributes.push(("OpenType", "true"));
    }
    xml.element("ComplexType", &attributes, |xml| {
        for property in properties {
            // Rows are led to, never held.
            let element = if leads_to_rows(property.kind) { "NavigationProperty" } else { "Property" };
            xml.empty(element, &[("Name", property.name), ("Type", &type_name(property.kind))])?;
        }
        Ok(())
    })
}

fn leads_to_rows(kind: Type) -> bool {
    match kind {
        Type::AnyRow | Type::Principal | Type::Row(_) => true,
        Type::Collection(items) => leads_to_rows(*items),
        _ => false,
    }
}

fn enumeration(xml: &mut Xml, one: &Enumeration) -> io::Result<()> {
    let mut attributes = vec![("Name", one.name)];
    if one.flags {
        attributes.push(("IsFlags", "true"));
    }
    xml.element("EnumType", &attributes, |xml| {
        one.members
            .iter()
            .try_for_each(|(name, value)| xml.empty("Member", &[("Name", name), ("Value", &value.to_string())]))
    })
}

fn type_name(kind: Type) -> String {
    match kind {
        Type::Boolean => "Edm.Boolean".to_owned(),
        Type::Int32 => "Edm.Int32".to_owned(),
        Type::Int64 => "Edm.Int64".to_owned(),
        Type::Decimal => "Edm.Decimal".to_owned(),
        Type::DateTime => "Edm.DateTimeOffset".to_owned(),
        Type::Guid => "Edm.Guid".to_owned(),
        Type::Text => "Edm.String".to_owned(),
        Type::AnyRow => BASE.to_owned(),
        Type::Principal => PRINCIPAL.to_owned(),
        Type::Row(table) => format!("mscrm.{table}"),
        Type::Complex(one) => format!("mscrm.{}", one.name),
        Type::Enumeration(one) => format!("mscrm.{}", one.name),
        Type::Collection(items) => format!("Collection({})", type_name(*items)),
    }
}
