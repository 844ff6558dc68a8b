//! The document as a whole.

use std::io;

use model::Model;

use super::{container, definitions, entity, operation, xml::Xml};

const EDMX: &str = "http://docs.oasis-open.org/odata/ns/edmx";
const EDM: &str = "http://docs.oasis-open.org/odata/ns/edm";

/// Vocabularies that annotations are of: address and namespace.
const VOCABULARIES: [(&str, &str); 2] = [
    ("https://oasis-tcs.github.io/odata-vocabularies/vocabularies/Org.OData.Core.V1.xml", "Org.OData.Core.V1"),
    ("http://vocabularies.odata.org/OData.Community.Keys.V1.xml", "OData.Community.Keys.V1"),
];

/// The document of a model.
pub fn write(model: &Model) -> io::Result<Vec<u8>> {
    let mut xml = Xml::new()?;
    xml.element("edmx:Edmx", &[("Version", "4.0"), ("xmlns:edmx", EDMX)], |xml| {
        for (address, namespace) in VOCABULARIES {
            xml.element("edmx:Reference", &[("Uri", address)], |xml| {
                xml.empty("edmx:Include", &[("Namespace", namespace)])
            })?;
        }
        xml.element("edmx:DataServices", &[], |xml| {
            let names = [("Namespace", "Microsoft.Dynamics.CRM"), ("Alias", "mscrm"), ("xmlns", EDM)];
            xml.element("Schema", &names, |xml| schema(xml, model))
        })
    })?;
    Ok(xml.finish())
}

fn schema(xml: &mut Xml, model: &Model) -> io::Result<()> {
    xml.empty("EntityType", &[("Name", "crmbaseentity"), ("Abstract", "true")])?;
    xml.empty("EntityType", &[("Name", "principal"), ("BaseType", entity::BASE), ("Abstract", "true")])?;
    model.tables.values().try_for_each(|table| entity::write(xml, model, table))?;
    definitions::write(xml)?;
    operation::write(xml)?;
    container::write(xml, model)
}
