//! What a client learns from `$metadata`.

use std::collections::{BTreeMap, BTreeSet};

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};
use serde_json::{Value, json};

use crate::world::*;

/// The document as a client understands it.
#[derive(Default)]
struct Schema {
    types: BTreeMap<String, Kind>,
    /// Entity sets with their types.
    sets: BTreeMap<String, String>,
    /// Navigation property bindings: set, path, target set.
    bindings: Vec<(String, String, String)>,
    /// Operations that are called by name alone.
    imports: BTreeSet<String>,
    /// Operations with the types of their parameters and results.
    operations: BTreeMap<String, Vec<String>>,
    /// Every type that something is said to be of.
    named: BTreeSet<String>,
}

#[derive(Default)]
struct Kind {
    base: Option<String>,
    keys: Vec<String>,
    /// Names with their attributes.
    properties: BTreeMap<String, BTreeMap<String, String>>,
    navigations: BTreeMap<String, BTreeMap<String, String>>,
    /// For each navigation property, the property that holds the key.
    constraints: BTreeMap<String, String>,
}

impl Schema {
    fn read(xml: &str) -> Self {
        let mut schema = Self::default();
        let mut reader = Reader::from_str(xml);
        let (mut kind, mut navigation, mut set, mut operation) = Default::default();
        loop {
            match reader.read_event().unwrap() {
                Event::Start(element) | Event::Empty(element) => {
                    schema.element(&element, &mut kind, &mut navigation, &mut set, &mut operation);
                }
                Event::Eof => return schema,
                _ => {}
            }
        }
    }

    fn element(
        &mut self,
        element: &BytesStart<'_>,
        kind: &mut String,
        navigation: &mut String,
        set: &mut String,
        operation: &mut String,
    ) {
        let attributes = attributes(element);
        let said = |name: &str| attributes.get(name).cloned().unwrap_or_default();
        for name in ["Type", "BaseType", "EntityType"] {
            self.named.extend(attributes.get(name).map(|name| bare(name)));
        }
        match element.name().as_ref() {
            "EntityType" | "ComplexType" | "EnumType" => {
                *kind = said("Name");
                let base = attributes.get("BaseType").map(|base| bare(base));
                let before = self.types.insert(kind.clone(), Kind { base, ..Kind::default() });
                assert!(before.is_none(), "{kind} is declared twice");
            }
            "PropertyRef" => self.types.get_mut(kind).unwrap().keys.push(said("Name")),
            "Property" => {
                let before = self.types.get_mut(kind).unwrap().properties.insert(said("Name"), attributes.clone());
                assert!(before.is_none(), "{kind}.{} is declared twice", said("Name"));
            }
            "NavigationProperty" => {
                *navigation = said("Name");
                let before = self.types.get_mut(kind).unwrap().navigations.insert(said("Name"), attributes.clone());
                assert!(before.is_none(), "{kind}.{} is declared twice", said("Name"));
            }
            "ReferentialConstraint" => {
                self.types.get_mut(kind).unwrap().constraints.insert(navigation.clone(), said("Property"));
            }
            "Action" | "Function" => *operation = said("Name"),
            "Parameter" | "ReturnType" => self.operations.entry(operation.clone()).or_default().push(said("Type")),
            "EntitySet" => {
                *set = said("Name");
                self.sets.insert(said("Name"), bare(&said("EntityType")));
            }
            "NavigationPropertyBinding" => self.bindings.push((set.clone(), said("Path"), said("Target"))),
            "ActionImport" | "FunctionImport" => {
                self.imports.insert(said("Name"));
            }
            _ => {}
        }
    }

    /// A type and those it is derived from.
    fn line(&self, name: &str) -> Vec<&Kind> {
        let mut line = Vec::new();
        let mut next = Some(name);
        while let Some(kind) = next.map(|name| &self.types[name]) {
            line.push(kind);
            next = kind.base.as_deref();
        }
        line
    }

    fn properties(&self, name: &str) -> BTreeSet<String> {
        self.line(name).into_iter().flat_map(|kind| kind.properties.keys().cloned()).collect()
    }

    fn navigations(&self, name: &str) -> BTreeMap<String, String> {
        let all = self.line(name).into_iter().flat_map(|kind| &kind.navigations);
        all.map(|(name, attributes)| (name.clone(), attributes["Type"].clone())).collect()
    }
}

fn attributes(element: &BytesStart<'_>) -> BTreeMap<String, String> {
    let all = element.attributes().map(Result::unwrap);
    all.map(|attribute| (attribute.key.as_ref().to_owned(), attribute.value.to_string())).collect()
}

/// `Collection(mscrm.account)` is about `account`.
fn bare(name: &str) -> String {
    name.trim_start_matches("Collection(").trim_end_matches(')').trim_start_matches("mscrm.").to_owned()
}

async fn schema(world: &World) -> Schema {
    Schema::read(&world.send("GET", "$metadata", &[], None).await.body)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_finds_every_name_of_the_answers_in_the_schema_and_no_other() {
    let world = World::new(false).await;
    let schema = schema(&world).await;
    let sets = world.get("").await;
    let sets: BTreeSet<&str> =
        sets["value"].as_array().unwrap().iter().map(|set| set["name"].as_str().unwrap()).collect();
    assert_eq!(sets, schema.sets.keys().map(String::as_str).collect());
    let definitions = world.get("EntityDefinitions?$expand=Attributes($select=LogicalName,AttributeType),OneToManyRelationships,ManyToOneRelationships,ManyToManyRelationships").await;
    for table in definitions["value"].as_array().unwrap() {
        let (set, name) = (table["EntitySetName"].as_str().unwrap(), table["LogicalName"].as_str().unwrap());
        assert_eq!(schema.sets[set], name);
        let properties = schema.properties(name);
        assert_eq!(properties, told(table), "properties of {name}");
        let key = table["PrimaryIdAttribute"].as_str().unwrap();
        let keys: Vec<&String> = schema.line(name).into_iter().flat_map(|kind| &kind.keys).collect();
        assert_eq!(keys, [key]);
        let navigations = schema.navigations(name);
        for known in relationships(table, name) {
            assert!(navigations.contains_key(&known) || known.starts_with("ownerid_"), "{name}.{known}");
        }
        // What is declared can be asked for, and what comes is declared.
        let select = properties.iter().cloned().collect::<Vec<_>>().join(",");
        let expand: Vec<String> =
            navigations.iter().map(|(name, kind)| expansion(&schema, name, &bare(kind))).collect();
        for some in expand.chunks(40) {
            let path = format!("{set}?$select={select}&$expand={}&$top=2", some.join(","));
            for row in world.get(&path).await["value"].as_array().unwrap() {
                for member in row.as_object().unwrap().keys().filter(|member| !member.contains('@')) {
                    assert!(properties.contains(member) || navigations.contains_key(member), "{name}.{member}");
                }
            }
        }
    }
}

/// A navigation property expanded by no more than keys.
fn expansion(schema: &Schema, name: &str, kind: &str) -> String {
    let key = schema.line(kind).into_iter().find_map(|kind| kind.keys.first());
    key.map_or_else(|| name.to_owned(), |key| format!("{name}($select={key})"))
}

/// The properties that the columns of a table are told as.
fn told(table: &Value) -> BTreeSet<String> {
    let columns = table["Attributes"].as_array().unwrap();
    let told = columns.iter().filter_map(|column| {
        let name = column["LogicalName"].as_str().unwrap();
        match column["AttributeType"].as_str().unwrap() {
            "PartyList" => None,
            "Lookup" | "Customer" | "Owner" => Some(format!("_{name}_value")),
            _ => Some(name.to_owned()),
        }
    });
    told.collect()
}

/// The navigation properties of a table, as its relationships name them.
fn relationships(table: &Value, name: &str) -> Vec<String> {
    let each = |what: &str, property: &str| {
        let all = table[what].as_array().unwrap().iter();
        all.map(|one| one[property].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let mut all = each("OneToManyRelationships", "ReferencedEntityNavigationPropertyName");
    all.extend(each("ManyToOneRelationships", "ReferencingEntityNavigationPropertyName"));
    all.extend(each("ManyToManyRelationships", "Entity1NavigationPropertyName"));
    assert!(!all.is_empty(), "{name}");
    all
}

/// Every member of a definition is a property of its type, and every property is there.
fn assert_declared(schema: &Schema, definition: &Value, kind: &str) {
    let members = definition.as_object().unwrap().keys().filter(|name| !name.contains('@'));
    let members: BTreeSet<String> = members.cloned().collect();
    let declared = schema.properties(kind);
    let navigations = schema.navigations(kind);
    let unknown: Vec<&String> =
        members.iter().filter(|name| !declared.contains(*name) && !navigations.contains_key(*name)).collect();
    assert!(unknown.is_empty(), "{kind}: {unknown:?} are told and not declared");
    // A number that the engine gives has a format that other texts lack.
    let missing: Vec<&String> =
        declared.iter().filter(|name| !members.contains(*name) && *name != "AutoNumberFormat").collect();
    assert!(missing.is_empty(), "{kind}: {missing:?} are declared and not told");
    for (name, value) in definition.as_object().unwrap().iter().filter(|(_, value)| value.is_object()) {
        let of = schema.line(kind).into_iter().find_map(|kind| kind.properties.get(name));
        let of = of.map(|attributes| bare(&attributes["Type"]));
        if let Some(of) = of.filter(|of| schema.types.contains_key(of)) {
            let known = schema.properties(&of);
            assert!(value.as_object().unwrap().keys().all(|name| known.contains(name)), "{kind}.{name}: {value}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_finds_the_definitions_themselves_in_the_schema() {
    let world = World::new(false).await;
    let schema = schema(&world).await;
    for (set, kind) in [
        ("EntityDefinitions", "EntityMetadata"),
        ("GlobalOptionSetDefinitions", "OptionSetMetadataBase"),
        ("RelationshipDefinitions", "RelationshipMetadataBase"),
    ] {
        assert_eq!(schema.sets[set], kind);
        assert_eq!(schema.line(kind).into_iter().flat_map(|kind| &kind.keys).collect::<Vec<_>>(), ["MetadataId"]);
    }
    let one = "EntityDefinitions(LogicalName='opportunity')";
    assert_declared(&schema, &world.get(one).await, "EntityMetadata");
    let mut kinds = BTreeSet::new();
    for table in ["opportunity", "contact", "annotation", "appointment", "organization"] {
        let path = format!("EntityDefinitions(LogicalName='{table}')/Attributes");
        for column in world.get(&path).await["value"].as_array().unwrap() {
            let kind = column["@odata.type"].as_str().unwrap().rsplit('.').next().unwrap().to_owned();
            assert_declared(&schema, column, &kind);
            kinds.insert(kind);
        }
    }
    assert!(kinds.len() > 12, "{kinds:?}");
    for relationship in world.get("RelationshipDefinitions").await["value"].as_array().unwrap() {
        let kind = relationship["@odata.type"].as_str().unwrap().rsplit('.').next().unwrap();
        assert_declared(&schema, relationship, kind);
    }
    for set in world.get("GlobalOptionSetDefinitions").await["value"].as_array().unwrap() {
        assert_declared(&schema, set, "OptionSetMetadata");
    }
    let keys = world.get("EntityDefinitions(LogicalName='account')/Keys").await;
    keys["value"].as_array().unwrap().iter().for_each(|key| assert_declared(&schema, key, "EntityKeyMetadata"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_holds_together() {
    let world = World::new(false).await;
    let schema = schema(&world).await;
    for name in schema.named.iter().filter(|name| !name.starts_with("Edm.") && !name.starts_with("OData.")) {
        assert!(schema.types.contains_key(name), "{name} is named and not declared");
    }
    for (set, path, target) in &schema.bindings {
        let kind = &schema.navigations(&schema.sets[set])[path];
        assert_eq!(&schema.sets[target], &bare(kind), "{set}.{path}");
    }
    for (name, kind) in &schema.types {
        for (navigation, attributes) in &kind.navigations {
            let Some(partner) = attributes.get("Partner") else { continue };
            let back =
                schema.line(&bare(&attributes["Type"])).iter().find_map(|kind| kind.navigations.get(partner)).cloned();
            let back = back.unwrap_or_else(|| panic!("{name}.{navigation}: no partner {partner}"));
            assert_eq!(bare(&back["Type"]), *name, "{name}.{navigation}");
        }
        for (navigation, property) in &kind.constraints {
            assert!(schema.properties(name).contains(property), "{name}.{navigation}: {property}");
        }
    }
    for name in ["WhoAmI", "WinOpportunity", "GrantAccess", "Merge"] {
        assert!(schema.imports.contains(name), "{name}");
        // Asked for in the wrong way, but there.
        assert_ne!(world.send("PATCH", name, &[], None).await.status, 404, "{name}");
    }
    assert!(!schema.imports.contains("QualifyLead"), "it is bound to a lead");
    assert_eq!(schema.operations["QualifyLead"][0], "mscrm.lead");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_learns_types_and_limits_from_the_schema() {
    let world = World::new(false).await;
    let schema = schema(&world).await;
    let opportunity = &schema.types["opportunity"];
    for (name, wanted) in [
        ("name", json!({"Type": "Edm.String"})),
        ("statecode", json!({"Type": "Edm.Int32"})),
        ("_customerid_value", json!({"Type": "Edm.Guid"})),
        ("estimatedvalue", json!({"Type": "Edm.Decimal", "Scale": "4"})),
        ("estimatedclosedate", json!({"Type": "Edm.Date"})),
        ("modifiedon", json!({"Type": "Edm.DateTimeOffset"})),
        ("versionnumber", json!({"Type": "Edm.Int64"})),
        ("opportunityid", json!({"Type": "Edm.Guid", "Nullable": "false"})),
    ] {
        for (facet, value) in wanted.as_object().unwrap() {
            assert_eq!(opportunity.properties[name].get(facet), value.as_str().map(str::to_owned).as_ref(), "{name}");
        }
    }
    assert!(opportunity.properties["name"]["MaxLength"].parse::<u32>().unwrap() >= 100);
    assert_eq!(opportunity.base.as_deref(), Some("crmbaseentity"));
    let customer = &opportunity.navigations["customerid_account"];
    assert_eq!(
        (customer["Type"].as_str(), customer["Partner"].as_str()),
        ("mscrm.account", "opportunity_customer_accounts")
    );
    assert_eq!(opportunity.constraints["customerid_account"], "_customerid_value");
    assert_eq!(opportunity.navigations["ownerid"]["Type"], "mscrm.principal");
    let task = &schema.types["task"];
    assert_eq!(task.base.as_deref(), Some("activitypointer"));
    assert!(!task.properties.contains_key("subject") && task.properties.contains_key("percentcomplete"));
    // What a task takes from all activities works on tasks, too.
    let lead = world.create("leads", json!({"subject": "A", "lastname": "B"})).await;
    let linked = json!({"subject": "Call back", "regardingobjectid_lead@odata.bind": format!("/leads({lead})")});
    let made = world.create("tasks", linked).await;
    let read =
        world.get(&format!("tasks({made})?$select=subject&$expand=regardingobjectid_lead($select=subject)")).await;
    assert_eq!(read["regardingobjectid_lead"]["subject"], "A");
}

#[tokio::test(flavor = "multi_thread")]
async fn descriptions_are_read_again_only_when_they_changed() {
    let world = World::new(false).await;
    let descriptions = [("$metadata", "application/xml"), ("openapi.json?tables=lead", "application/json")];
    let mut tags = Vec::new();
    for (path, kind) in descriptions {
        let first = world.send("GET", path, &[("accept", "application/json")], None).await;
        assert_eq!((first.status.as_u16(), first.header("content-type")), (200, kind), "{:?}", first.headers);
        let tag = first.header("etag").to_owned();
        let again = world.send("GET", path, &[("if-none-match", &tag)], None).await;
        assert_eq!((again.status.as_u16(), again.body.len()), (304, 0), "{path}");
        tags.push(tag);
    }
    let column = json!({"label": "Budget year", "type": "whole", "min": 2000, "max": 2999});
    let token = format!("Bearer {}", world.token);
    let headers = [("authorization", token.as_str()), ("content-type", "application/json")];
    let added = world.raw("PUT", "/api/customization/column/lead/new_budgetyear", &headers, column.to_string()).await;
    assert_eq!(added.status, 200, "{}", added.body);
    let changed = async |place: usize| {
        let changed = world.send("GET", descriptions[place].0, &[("if-none-match", &tags[place])], None).await;
        assert_eq!((changed.status.as_u16(), changed.header("odata-version")), (200, "4.0"));
        changed
    };
    let schema = Schema::read(&changed(0).await.body);
    assert_eq!(schema.types["lead"].properties["new_budgetyear"]["Type"], "Edm.Int32");
    let document = changed(1).await.json();
    let year = &document["components"]["schemas"]["lead.create"]["properties"]["new_budgetyear"];
    assert_eq!((&year["minimum"], &year["maximum"]), (&json!(2000), &json!(2999)));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_schema_takes_no_options_and_no_changes() {
    let world = World::new(false).await;
    for (method, path, status) in [
        ("POST", "$metadata", 405),
        ("GET", "$metadata?$format=json", 400),
        ("GET", "$metadata?$select=a", 400),
        ("GET", "$metadata/x", 404),
    ] {
        world.refused(method, path, None, status).await;
    }
}
