//! The entity container: sets, where their navigation properties lead, and what is called by name alone.

use std::io;

use model::{Model, Table};

use super::{
    definitions,
    navigation::{self, LeadsTo},
    xml::Xml,
};
use crate::operations::{Bound, Kind, all};

/// Writes the container.
pub fn write(xml: &mut Xml, model: &Model) -> io::Result<()> {
    xml.element("EntityContainer", &[("Name", "System")], |xml| {
        model.tables.values().try_for_each(|table| set(xml, model, table))?;
        definitions::write_sets(xml)?;
        for operation in all().filter(|operation| operation.bound == Bound::Nothing) {
            let (element, refers) = match operation.kind {
                Kind::Action => ("ActionImport", "Action"),
                Kind::Function => ("FunctionImport", "Function"),
            };
            let full = format!("mscrm.{}", operation.name);
            xml.empty(element, &[("Name", operation.name), (refers, &full)])?;
        }
        Ok(())
    })
}

fn set(xml: &mut Xml, model: &Model, table: &Table) -> io::Result<()> {
    let kind = format!("mscrm.{}", table.name);
    xml.element("EntitySet", &[("Name", &table.set_name), ("EntityType", &kind)], |xml| {
        let inherited = navigation::base_of(model, table).map(|base| navigation::all(model, base)).unwrap_or_default();
        for one in inherited.iter().chain(&navigation::own(model, table)) {
            // A property that leads to several tables is bound to none.
            if let LeadsTo::One(target) | LeadsTo::Many(target) = one.leads_to {
                xml.empty("NavigationPropertyBinding", &[("Path", one.name), ("Target", &target.set_name)])?;
            }
        }
        Ok(())
    })
}
