//! A program makes and changes tables, columns, keys, relationships and choices as it would in Dataverse.

use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};
use serde_json::{Value, json};

use crate::world::*;

const REPRESENTATION: (&str, &str) = ("prefer", "return=representation");

pub fn label(text: &str) -> Value {
    json!({
        "@odata.type": "Microsoft.Dynamics.CRM.Label",
        "LocalizedLabels": [{
            "@odata.type": "Microsoft.Dynamics.CRM.LocalizedLabel", "Label": text, "LanguageCode": 1033
        }],
    })
}

pub fn attribute(kind: &str, schema_name: &str, more: &Value) -> Value {
    let mut attribute = json!({
        "@odata.type": format!("Microsoft.Dynamics.CRM.{kind}AttributeMetadata"),
        "SchemaName": schema_name,
        "DisplayName": label(schema_name),
        "RequiredLevel": {
            "Value": "None", "CanBeChanged": true,
            "ManagedPropertyLogicalName": "canmodifyrequirementlevelsettings",
        },
    });
    attribute.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    attribute
}

/// The example of Microsoft's documentation.
pub fn bank_account() -> Value {
    json!({
        "@odata.type": "Microsoft.Dynamics.CRM.EntityMetadata",
        "Attributes": [attribute("String", "new_AccountName", &json!({
            "AttributeType": "String", "AttributeTypeName": {"Value": "StringType"},
            "Description": label("Type the name of the bank account"),
            "IsPrimaryName": true, "FormatName": {"Value": "Text"}, "MaxLength": 100,
        }))],
        "Description": label("A table to store information about customer bank accounts"),
        "DisplayCollectionName": label("Bank Accounts"),
        "DisplayName": label("Bank Account"),
        "HasActivities": false,
        "HasNotes": false,
        "IsActivity": false,
        "OwnershipType": "UserOwned",
        "SchemaName": "new_BankAccount",
    })
}

/// Writes a definition and returns the address of it, below the version.
pub async fn wrote(world: &World, method: &str, path: &str, body: &Value) -> String {
    let headers = [("mscrm.solutionuniquename", "Any"), ("mscrm.mergelabels", "true")];
    let answer = world.send(method, path, &headers, Some(body)).await;
    assert_eq!(answer.status, 204, "{method} {path} {body}: {}", answer.body);
    answer.header("odata-entityid").split_once(BASE).expect("an address").1.to_owned()
}

pub async fn acted(world: &World, action: &str, body: Value) -> Value {
    let answer = world.send("POST", action, &[], Some(&body)).await;
    assert!(answer.status.is_success(), "{action} {body}: {}", answer.body);
    if answer.body.is_empty() { Value::Null } else { answer.json() }
}

async fn removed(world: &World, path: &str) {
    let answer = world.send("DELETE", path, &[("if-match", "*")], None).await;
    assert_eq!(answer.status, 204, "DELETE {path}: {}", answer.body);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_is_made_filled_changed_and_deleted() {
    in_every_world(async |world| {
        let table = wrote(&world, "POST", "EntityDefinitions", &bank_account()).await;
        let told = world.get(&table).await;
        for (name, value) in [
            ("LogicalName", "new_bankaccount"),
            ("SchemaName", "new_BankAccount"),
            ("EntitySetName", "new_bankaccounts"),
            ("PrimaryIdAttribute", "new_bankaccountid"),
            ("PrimaryNameAttribute", "new_accountname"),
            ("OwnershipType", "UserOwned"),
        ] {
            assert_eq!(told[name], value, "{name}");
        }
        assert_eq!(told["DisplayCollectionName"]["UserLocalizedLabel"]["Label"], "Bank Accounts");
        assert_eq!(told["IsCustomEntity"], true);

        let balance = attribute("Money", "new_Balance", &json!({"AttributeType": "Money", "PrecisionSource": 2}));
        let balance = wrote(&world, "POST", &format!("{table}/Attributes"), &balance).await;
        assert!(balance.starts_with(&format!("{table}/Attributes(")), "{balance}");
        let opened = attribute("DateTime", "new_Opened", &json!({"Format": "DateOnly"}));
        wrote(&world, "POST", &format!("{table}/Attributes"), &opened).await;
        let row = json!({"new_accountname": "Savings", "new_balance": 12.5, "new_opened": "2027-02-28"});
        let row = world.create("new_bankaccounts", row).await;
        assert_eq!(world.get(&format!("new_bankaccounts({row})")).await["new_opened"], "2027-02-28");

        // As it was read it is put back, with another label.
        let mut whole = told.clone();
        whole["DisplayName"] = label("Account at a bank");
        whole["HasNotes"] = json!(true);
        wrote(&world, "PUT", &table, &whole).await;
        let told = world.get(&table).await;
        assert_eq!(told["DisplayName"]["UserLocalizedLabel"]["Label"], "Account at a bank");
        assert_eq!((&told["HasNotes"], &told["SchemaName"]), (&json!(true), &json!("new_BankAccount")));
        let said = world.refused("PUT", &table, Some(json!({"HasNotes": false})), 400).await;
        assert!(said.contains("once true it stays true"), "{said}");
        let note =
            json!({"subject": "Opened", "objectid_new_bankaccount@odata.bind": format!("/new_bankaccounts({row})")});
        let note = format!("annotations({})", world.create("annotations", note).await);

        // What a table was made with stands on its forms, and goes from there, too.
        removed(&world, &balance).await;
        let gone = world.send("GET", &format!("new_bankaccounts({row})?$select=new_balance"), &[], None).await;
        assert_eq!(gone.status, 400, "{}", gone.body);
        removed(&world, &table).await;
        assert_eq!(world.send("GET", "new_bankaccounts", &[], None).await.status, 404);
        // What was about its rows is kept with them, in case it comes back.
        assert_eq!(world.get(&note).await["subject"], "Opened");
        assert_eq!(world.get("annotations?$expand=objectid_lead").await["value"][0]["subject"], "Opened");
        assert_eq!(world.app.store().check().await.unwrap().findings, []);
        assert_eq!(world.send("DELETE", &table, &[], None).await.status, 404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn columns_of_every_type_are_told_as_they_were_sent() {
    let world = World::new(false).await;
    let options = json!({"@odata.type": "Microsoft.Dynamics.CRM.OptionSetMetadata", "IsGlobal": false, "OptionSetType": "Picklist",
        "Options": [{"Value": 10, "Label": label("Bronze")}, {"Value": 20, "Label": label("Silver")}]});
    let two = json!({"@odata.type": "Microsoft.Dynamics.CRM.BooleanOptionSetMetadata", "IsGlobal": false,
        "TrueOption": {"Value": 1, "Label": label("Present")}, "FalseOption": {"Value": 0, "Label": label("Absent")}});
    for (kind, more) in [
        ("String", json!({"MaxLength": 30, "FormatName": {"Value": "Email"}})),
        ("String", json!({"AutoNumberFormat": "INV-{SEQNUM:5}-X", "MaxLength": 100})),
        ("Memo", json!({"MaxLength": 4000, "FormatName": {"Value": "Text"}, "ImeMode": "Auto"})),
        ("Memo", json!({"Format": "RichText", "MaxLength": 9000})),
        ("Integer", json!({"Format": "None", "MinValue": -2_147_483_648_i64, "MaxValue": 2_147_483_647})),
        ("BigInt", json!({})),
        ("Decimal", json!({"MinValue": -100_000_000_000.0, "MaxValue": 100_000_000_000.0, "Precision": 2})),
        ("Money", json!({"MinValue": 0, "PrecisionSource": 2, "Precision": 2})),
        ("Boolean", json!({"OptionSet": two, "DefaultValue": true})),
        ("Picklist", json!({"OptionSet": options, "DefaultFormValue": 20})),
        ("MultiSelectPicklist", json!({"OptionSet": options})),
        ("DateTime", json!({"Format": "DateOnly", "ImeMode": "Inactive"})),
        ("DateTime", json!({"Format": "DateAndTime", "DateTimeBehavior": {"Value": "UserLocal"}})),
        ("File", json!({"MaxSizeInKB": 2048})),
        ("Image", json!({"IsSecured": true})),
    ] {
        let name = format!("new_{kind}{}", more.to_string().len());
        let sent = attribute(kind, &name, &more);
        let answer = world
            .send("POST", "EntityDefinitions(LogicalName='lead')/Attributes", &[REPRESENTATION], Some(&sent))
            .await;
        assert_eq!(answer.status, 201, "{sent}: {}", answer.body);
        let made = answer.json();
        assert_eq!(made["@odata.type"], format!("#Microsoft.Dynamics.CRM.{kind}AttributeMetadata"));
        assert_eq!((&made["SchemaName"], &made["LogicalName"]), (&json!(name), &json!(name.to_lowercase())));
        // As a client changes a column: all of it, with one thing different.
        let path = answer.header("odata-entityid").split_once(BASE).unwrap().1.to_owned();
        let mut whole = world.get(&format!("{path}/Microsoft.Dynamics.CRM.{kind}AttributeMetadata")).await;
        whole["DisplayName"]["LocalizedLabels"][1]["Label"] = json!("Geändert");
        whole["RequiredLevel"]["Value"] = json!("Recommended");
        wrote(&world, "PUT", &path, &whole).await;
        let changed = world.get(&path).await;
        assert_eq!(changed["DisplayName"]["UserLocalizedLabel"]["Label"], "Geändert", "{kind}");
        assert_eq!(changed["RequiredLevel"]["Value"], "Recommended", "{kind}");
        whole["DisplayName"] = changed["DisplayName"].clone();
        for name in whole.as_object().unwrap().keys().filter(|name| !name.contains('@')) {
            assert_eq!(changed[name], whole[name], "{kind}: {name}");
        }
    }
    let set = "EntityDefinitions(LogicalName='lead')/Attributes/Microsoft.Dynamics.CRM.BooleanAttributeMetadata?$filter=LogicalName eq 'donotemail' or IsCustomAttribute eq true&$expand=OptionSet";
    let told = world.get(set).await;
    let own = told["value"].as_array().unwrap().iter().find(|it| it["IsCustomAttribute"] == true).unwrap().clone();
    assert_eq!(own["OptionSet"]["TrueOption"]["Label"]["UserLocalizedLabel"]["Label"], "Present");
    assert_eq!((&own["DefaultValue"], &told["value"][0]["AttributeType"]), (&json!(true), &json!("Boolean")));
}

/// A definition of a column that any client might send.
fn any_attribute() -> impl Strategy<Value = Value> {
    let text = "[A-Za-z][A-Za-z äöüß'\"<>&%]{0,30}[a-z]";
    let whole = (-1_000_000_000..0_i64, 0..1_000_000_000_i64)
        .prop_map(|(min, max)| ("Integer", json!({"MinValue": min, "MaxValue": max, "Format": "None"})));
    let decimal = (0..=10_u32, -1_000_000..0_i64, 0..1_000_000_i64)
        .prop_map(|(places, min, max)| ("Decimal", json!({"MinValue": min, "MaxValue": max, "Precision": places})));
    let string = (1..4000_u32, prop_oneof!["Text", "Email", "Url", "Phone", "TickerSymbol"])
        .prop_map(|(length, format)| ("String", json!({"MaxLength": length, "FormatName": {"Value": format}})));
    let choice =
        (prop::collection::btree_map(1..1_000_000_i32, text, 1..6), any::<bool>()).prop_map(|(options, several)| {
            let mut seen = std::collections::HashSet::new();
            let options = options.into_iter().filter(|(_, text)| seen.insert(text.trim().to_lowercase()));
            let options: Vec<Value> =
                options.map(|(number, text)| json!({"Value": number, "Label": label(&text)})).collect();
            let kind = if several { "MultiSelectPicklist" } else { "Picklist" };
            (kind, json!({"OptionSet": {"IsGlobal": false, "Options": options}}))
        });
    let typed = prop_oneof![whole, decimal, string, choice];
    let level = prop_oneof![Just("None"), Just("Recommended"), Just("ApplicationRequired")];
    (typed, text, text, level, any::<bool>()).prop_map(|((kind, more), name, description, level, audited)| {
        let mut attribute = attribute(kind, "new_Any", &more);
        attribute["DisplayName"] = label(&name);
        attribute["Description"] = label(&description);
        attribute["RequiredLevel"] = json!({"Value": level});
        attribute["IsAuditEnabled"] = json!({"Value": audited});
        attribute
    })
}

/// Every value that is sent is told, under the same name.
fn assert_told(sent: &Value, told: &Value, place: &str) {
    match (sent, told) {
        (Value::Object(sent), Value::Object(told)) => {
            for (name, value) in sent.iter().filter(|(name, _)| !name.starts_with('@')) {
                assert_told(value, told.get(name).unwrap_or(&Value::Null), &format!("{place}/{name}"));
            }
        }
        // Labels are told in further languages, too.
        (Value::Array(sent), Value::Array(told)) => {
            for (sent, told) in sent.iter().zip(told) {
                assert_told(sent, told, place);
            }
        }
        (Value::String(sent), Value::String(told)) => assert_eq!(sent.trim(), told, "{place}"),
        _ => assert_eq!(sent, told, "{place}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_column_is_sent_that_column_is_told() {
    let world = World::new(false).await;
    let table = wrote(&world, "POST", "EntityDefinitions", &bank_account()).await;
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    for number in 0..25 {
        let mut sent = any_attribute().new_tree(&mut runner).unwrap().current();
        sent["SchemaName"] = json!(format!("new_Any{number}"));
        let path = wrote(&world, "POST", &format!("{table}/Attributes"), &sent).await;
        let kind = sent["@odata.type"].as_str().unwrap();
        let expand = if sent["OptionSet"].is_object() { "?$expand=OptionSet" } else { "" };
        assert_told(&sent, &world.get(&format!("{path}/{kind}{expand}")).await, &sent.to_string());
        let condition = json!({"PropertyName": "SchemaName", "ConditionOperator": "Equals", "Value": {"Value": sent["SchemaName"]}});
        let query = json!({
            "Properties": {"PropertyNames": ["Attributes"]},
            "Criteria": {"Conditions": [{"PropertyName": "LogicalName", "ConditionOperator": "Equals", "Value": {"Value": "new_bankaccount"}}]},
            "AttributeQuery": {"Properties": {"AllProperties": true}, "Criteria": {"Conditions": [condition]}},
        });
        let changes = world.get(&format!("RetrieveMetadataChanges(Query=@q)?@q={}", encoded(&query))).await;
        assert_told(&sent, &changes["EntityMetadata"][0]["Attributes"][0], &sent.to_string());
    }
}

fn encoded(value: &Value) -> String {
    value.to_string().bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn several_tables_are_made_at_once_or_not_at_all() {
    in_every_world(async |world| {
        // As the Python client of Microsoft sends them.
        let table = |name: &str, kind: &str| {
            json!({
                "@odata.type": "Microsoft.Dynamics.CRM.ComplexEntityMetadata", "SchemaName": name,
                "DisplayName": label(name), "DisplayCollectionName": label(&format!("{name}s")),
                "Description": label("Custom entity"), "OwnershipType": "UserOwned",
                "HasActivities": false, "HasNotes": true, "IsActivity": false,
                "Attributes": [
                    attribute("ComplexString", "new_Name", &json!({"MaxLength": 200, "FormatName": {"Value": "Text"}, "IsPrimaryName": true})),
                    attribute(kind, "new_Amount", &json!({})),
                ],
            })
        };
        let bad = json!({"Entities": [table("new_Plan", "ComplexInteger"), table("new_Item", "ComplexDouble")]});
        let said = world.refused("POST", "CreateEntities?SolutionUniqueName=Any", Some(bad), 400).await;
        assert!(said.contains("Entities[1].Attributes[1].@odata.type") && said.contains("Decimal"), "{said}");
        assert_eq!(world.send("GET", "new_plans", &[], None).await.status, 404);
        let good = json!({"Entities": [table("new_Plan", "ComplexInteger"), table("new_Item", "ComplexDecimal")]});
        let made = acted(&world, "CreateEntities?SolutionUniqueName=Any", good).await;
        assert_eq!(made["EntityIds"].as_array().unwrap().len(), 2);
        world.create("new_items", json!({"new_name": "Bolt", "new_amount": 2.5})).await;

        // A part of a batch uses what the part before made.
        let boundary = "--b\r\nContent-Type: application/http\r\n\r\n";
        let path = "EntityDefinitions(LogicalName='new_plan')/Attributes";
        let batch = format!(
            "{boundary}POST {path} HTTP/1.1\r\n\r\n{}\r\n{boundary}POST new_plans HTTP/1.1\r\n\r\n{}\r\n--b--\r\n",
            attribute("Boolean", "new_Agreed", &json!({})),
            json!({"new_name": "Q1", "new_agreed": true}),
        );
        let token = format!("Bearer {}", world.token);
        let headers = [("authorization", token.as_str()), ("content-type", "multipart/mixed; boundary=b")];
        let answer = world.raw("POST", &format!("{BASE}$batch"), &headers, batch).await;
        assert_eq!(answer.body.matches("HTTP/1.1 204").count(), 2, "{}", answer.body);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn relationships_are_made_used_changed_and_deleted() {
    in_every_world(async |world| {
        wrote(&world, "POST", "EntityDefinitions", &bank_account()).await;
        let lookup = json!({
            "@odata.type": "Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata",
            "SchemaName": "new_account_bankaccounts", "ReferencedEntity": "account", "ReferencedAttribute": "accountid",
            "ReferencingEntity": "new_bankaccount",
            "AssociatedMenuConfiguration": {"Behavior": "UseCollectionName", "Group": "Details", "Order": 10000},
            "CascadeConfiguration": {"Assign": "Cascade", "Delete": "Cascade", "Merge": "Cascade", "Reparent": "Cascade", "Share": "Cascade", "Unshare": "Cascade"},
            "Lookup": attribute("Lookup", "new_Owning_Account", &json!({"AttributeType": "Lookup", "AttributeTypeName": {"Value": "LookupType"}})),
        });
        let path = wrote(&world, "POST", "RelationshipDefinitions", &lookup).await;
        let told = world.get(&path).await;
        assert_eq!(told["ReferencingAttribute"], "new_owning_account");
        assert_eq!(told["ReferencingEntityNavigationPropertyName"], "new_Owning_Account");
        let account = world.create("accounts", json!({"name": "Halden"})).await;
        let bind = json!({"new_accountname": "Savings", "new_Owning_Account@odata.bind": format!("/accounts({account})")});
        let row = world.create("new_bankaccounts", bind).await;
        let behind = world.get(&format!("accounts({account})/new_account_bankaccounts?$select=new_accountname")).await;
        assert_eq!(column(&behind, "new_accountname"), ["Savings"]);

        let mut whole = told.clone();
        whole["CascadeConfiguration"]["Delete"] = json!("Restrict");
        wrote(&world, "PUT", &path, &whole).await;
        assert_eq!(world.get(&path).await["CascadeConfiguration"]["Delete"], "Restrict");
        let kept = world.send("DELETE", &format!("accounts({account})"), &[], None).await;
        assert_eq!(kept.status, 400, "{}", kept.body);

        let pairs = json!({
            "@odata.type": "Microsoft.Dynamics.CRM.ManyToManyRelationshipMetadata", "SchemaName": "new_bankaccounts_contacts",
            "Entity1LogicalName": "new_bankaccount", "Entity2LogicalName": "contact", "IntersectEntityName": "new_bankaccounts_contacts",
        });
        let pairs = wrote(&world, "POST", "RelationshipDefinitions", &pairs).await;
        let contact = world.create("contacts", json!({"lastname": "Berg"})).await;
        let link = json!({"@odata.id": format!("http://crm.example{BASE}contacts({contact})")});
        let linked = world
            .send("POST", &format!("new_bankaccounts({row})/new_bankaccounts_contacts/$ref"), &[], Some(&link))
            .await;
        assert_eq!(linked.status, 204, "{}", linked.body);
        let one = |table: &str| {
            json!({"SchemaName": format!("new_{table}_about"), "ReferencedEntity": table, "ReferencingEntity": "new_bankaccount"})
        };
        let about = attribute("ComplexLookup", "new_About", &json!({"AttributeType": "Lookup"}));
        let several = |tables: &[&str]| {
            json!({"Lookup": about, "OneToManyRelationships": tables.iter().map(|table| one(table)).collect::<Vec<_>>()})
        };
        world.refused("POST", "CreateCustomerRelationships", Some(several(&["account", "lead"])), 400).await;
        let made = acted(&world, "CreatePolymorphicLookupAttribute", several(&["lead", "opportunity"])).await;
        assert_eq!(made["RelationshipIds"].as_array().unwrap().len(), 2, "{made}");
        let lead = world.create("leads", json!({"subject": "A", "lastname": "B"})).await;
        let led = json!({"new_accountname": "Loan", "new_About_lead@odata.bind": format!("/leads({lead})")});
        world.create("new_bankaccounts", led).await;
        let behind = world.get(&format!("leads({lead})/new_lead_about?$select=new_accountname")).await;
        assert_eq!(column(&behind, "new_accountname"), ["Loan"]);
        let kinds = ["lead", "opportunity", "contact", "account"];
        let mut many = several(&kinds);
        many["Lookup"] = attribute("ComplexLookup", "new_Behind", &json!({}));
        for (number, kind) in kinds.iter().enumerate() {
            many["OneToManyRelationships"][number]["SchemaName"] = json!(format!("new_{kind}_behind"));
        }
        many["OneToManyRelationships"][1]["ReferencingEntityNavigationPropertyName"] = json!("new_trusted");
        let mut taken = many.clone();
        taken["OneToManyRelationships"][0]["SchemaName"] = json!("new_bankaccounts_contacts");
        let said = world.refused("POST", "CreatePolymorphicLookupAttribute", Some(taken), 400).await;
        assert!(said.contains("new_bankaccounts_contacts"), "{said}");
        let mut long = many.clone();
        long["Lookup"]["SchemaName"] = json!(format!("new_{}", "x".repeat(55)));
        let said = world.refused("POST", "CreatePolymorphicLookupAttribute", Some(long), 400).await;
        assert!(said.contains("at most 58 characters"), "{said}");
        acted(&world, "CreatePolymorphicLookupAttribute", many).await;
        let named = attribute("String", "new_Trusted", &json!({}));
        let said = world.refused("POST", "EntityDefinitions(LogicalName='new_bankaccount')/Attributes", Some(named), 400).await;
        assert!(said.contains("the column new_trusted and the lookup new_behind"), "{said}");
        let behind = json!({"new_accountname": "Trust", "new_Behind_lead@odata.bind": format!("/leads({lead})")});
        let behind = world.create("new_bankaccounts", behind).await;
        let of = |kind: &str| format!("RelationshipDefinitions(SchemaName='new_{kind}_behind')");
        let said = world.refused("DELETE", &of("lead"), None, 400).await;
        assert!(said.contains("new_behind: 1 rows point at lead"), "{said}");
        // Who takes two away at the same time takes both away.
        let (one, other) = (of("contact"), of("account"));
        tokio::join!(removed(&world, &one), removed(&world, &other));
        let left = "EntityDefinitions(LogicalName='new_bankaccount')/Attributes(LogicalName='new_behind')";
        assert_eq!(world.get(left).await["Targets"], json!(["lead", "opportunity"]));
        world.send("DELETE", &format!("new_bankaccounts({behind})"), &[], None).await;
        removed(&world, &of("lead")).await;
        removed(&world, &of("opportunity")).await;
        assert_eq!(world.send("GET", left, &[], None).await.status, 404, "with the last goes the lookup");
        removed(&world, "RelationshipDefinitions(SchemaName='new_opportunity_about')").await;
        let left = world.get("EntityDefinitions(LogicalName='new_bankaccount')/Attributes(LogicalName='new_about')").await;
        assert_eq!(left["Targets"], json!(["lead"]));
        removed(&world, &pairs).await;
        removed(&world, &path).await;
        let gone = world.send("GET", &format!("new_bankaccounts({row})?$select=_new_owning_account_value"), &[], None).await;
        assert_eq!(gone.status, 400, "{}", gone.body);
        for (change, wrong) in [
            (json!({"CascadeConfiguration": {"Delete": "NoCascade"}}), "CascadeConfiguration.Delete: write Cascade"),
            (json!({"ReferencedAttribute": "name"}), "ReferencedAttribute"),
            (json!({"IsHierarchical": true}), "IsHierarchical"),
            (json!({"SchemaName": "new accounts"}), "SchemaName"),
            (json!({"SchemaName": "name"}), "rows of account have a name already"),
            (json!({"ReferencingEntityNavigationPropertyName": "createdon"}), "have a createdon already"),
            (json!({"ReferencedEntity": "nowhere"}), "nowhere"),
            (json!({"Lookup": null}), "Lookup: this is missing"),
        ] {
            let mut bad = lookup.clone();
            bad.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
            let said = world.refused("POST", "RelationshipDefinitions", Some(bad), 400).await;
            assert!(said.contains(wrong), "{wrong}: {said}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_and_shared_choices_are_made_used_and_deleted() {
    in_every_world(async |world| {
        let table = wrote(&world, "POST", "EntityDefinitions", &bank_account()).await;
        let key = json!({"SchemaName": "new_NameKey", "KeyAttributes": ["new_accountname"], "DisplayName": label("By name")});
        let keys = "EntityMetadata(LogicalName='new_bankaccount')/Keys";
        let key = wrote(&world, "POST", keys, &key).await;
        assert!(key.starts_with(&format!("{keys}(")), "its identifier is the only one in it: {key}");
        let told = world.get(&key).await;
        assert_eq!((&told["LogicalName"], &told["SchemaName"]), (&json!("new_namekey"), &json!("new_NameKey")));
        assert_eq!(told["DisplayName"]["UserLocalizedLabel"]["Label"], "By name");
        world.create("new_bankaccounts", json!({"new_accountname": "Savings"})).await;
        let found = world.get("new_bankaccounts(new_accountname='Savings')?$select=new_accountname").await;
        assert_eq!(found["new_accountname"], "Savings");
        removed(&world, &key).await;
        assert_eq!(world.send("GET", "new_bankaccounts(new_accountname='Savings')", &[], None).await.status, 400);
        // What only the rows can tell is told.
        world.create("new_bankaccounts", json!({"new_accountname": "Savings"})).await;
        let twice = json!({"SchemaName": "new_NameKey", "KeyAttributes": ["new_accountname"], "DisplayName": label("By name")});
        let said = world.refused("POST", keys, Some(twice), 400).await;
        assert!(said.contains("several rows have the same values"), "{said}");
        let name = format!("{table}/Attributes(LogicalName='new_accountname')");
        let said = world.refused("PUT", &name, Some(json!({"MaxLength": 3})), 400).await;
        assert!(said.contains("2 texts are longer than 3 characters"), "{said}");
        let other = format!("{name}/Microsoft.Dynamics.CRM.MemoAttributeMetadata");
        assert_eq!(world.send("DELETE", &other, &[], None).await.status, 404);
        assert_eq!(world.send("PUT", &other, &[], Some(&json!({"MaxLength": 90}))).await.status, 404);
        let other = format!("{table}/Attributes/Microsoft.Dynamics.CRM.MemoAttributeMetadata");
        let said = world.refused("POST", &other, Some(attribute("String", "new_Other", &json!({}))), 400).await;
        assert!(said.contains("what is sent here is a MemoAttributeMetadata"), "{said}");
        let of_type = format!("{name}/Microsoft.Dynamics.CRM.StringAttributeMetadata");
        wrote(&world, "PUT", &of_type, &json!({"MaxLength": 90})).await;

        let set = json!({
            "@odata.type": "Microsoft.Dynamics.CRM.OptionSetMetadata", "Name": "new_colours", "IsGlobal": true,
            "OptionSetType": "Picklist", "DisplayName": label("Colours"), "Description": label("Of our products"),
            "Options": [{"Value": 1, "Label": label("Red")}, {"Value": 2, "Label": label("Blue")}],
        });
        let set = wrote(&world, "POST", "GlobalOptionSetDefinitions", &set).await;
        let bind = json!({"GlobalOptionSet@odata.bind": format!("/{set}")});
        wrote(&world, "POST", &format!("{table}/Attributes"), &attribute("Picklist", "new_Colour", &bind)).await;
        let named = json!({"OptionSet": {"IsGlobal": true, "Name": "new_colours"}});
        let lead = "EntityDefinitions(LogicalName='lead')/Attributes";
        let second = wrote(&world, "POST", lead, &attribute("Picklist", "new_Colour", &named)).await;

        let of_set = json!({"OptionSetName": "new_colours", "Label": label("Green"), "SolutionUniqueName": "Any"});
        assert_eq!(acted(&world, "InsertOptionValue", of_set).await["NewOptionValue"], 3);
        let order = json!({"OptionSetName": "new_colours", "Values": [3, 1, 2]});
        acted(&world, "OrderOption", order).await;
        let told = world.get(&format!("{second}/Microsoft.Dynamics.CRM.PicklistAttributeMetadata?$expand=OptionSet,GlobalOptionSet")).await;
        assert_eq!(told["GlobalOptionSet"]["Name"], "new_colours");
        let values: Vec<&Value> = told["OptionSet"]["Options"].as_array().unwrap().iter().map(|it| &it["Value"]).collect();
        assert_eq!(values, [3, 1, 2]);
        let mut whole = world.get(&set).await;
        whole["DisplayName"] = label("Colours of products");
        wrote(&world, "PUT", &set, &whole).await;
        assert_eq!(world.get("GlobalOptionSetDefinitions(Name='new_colours')").await["DisplayName"]["UserLocalizedLabel"]["Label"], "Colours of products");
        let said = world.refused("DELETE", &set, None, 400).await;
        assert!(said.contains("new_colours") && said.contains("lead.new_colour"), "{said}");
        removed(&world, &second).await;
        removed(&world, &format!("{table}/Attributes(LogicalName='new_colour')")).await;
        removed(&world, &set).await;
        assert_eq!(world.send("GET", &set, &[], None).await.status, 404);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn options_states_and_status_reasons_are_added_renamed_and_deleted() {
    in_every_world(async |world| {
        let source = |more: Value| {
            let mut of = json!({"EntityLogicalName": "lead", "AttributeLogicalName": "leadsourcecode"});
            of.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            of
        };
        let added = acted(&world, "InsertOptionValue", source(json!({"Label": label("Podcast")}))).await;
        let number = added["NewOptionValue"].as_i64().unwrap();
        assert!(number >= 100_000_000, "{added}");
        let context = "http://crm.example/api/data/v9.2/$metadata#Microsoft.Dynamics.CRM.InsertOptionValueResponse";
        assert_eq!(added["@odata.context"], context);
        acted(&world, "UpdateOptionValue", source(json!({"Value": number, "Label": label("Our podcast"), "MergeLabels": true}))).await;
        let lead = world.create("leads", json!({"subject": "Heard us", "lastname": "Berg", "leadsourcecode": number})).await;
        let shown = world.get_with(&format!("leads({lead})?$select=leadsourcecode"), &[("prefer", "odata.include-annotations=\"*\"")]).await;
        assert_eq!(shown["leadsourcecode@OData.Community.Display.V1.FormattedValue"], "Our podcast");
        let delete = source(json!({"Value": number}));
        let said = world.refused("POST", "DeleteOptionValue", Some(delete.clone()), 400).await;
        assert!(said.contains("1 rows have"), "{said}");
        world.send("DELETE", &format!("leads({lead})"), &[], None).await;
        acted(&world, "DeleteOptionValue", delete).await;

        let status = json!({"EntityLogicalName": "lead", "AttributeLogicalName": "statuscode", "StateCode": 0, "Label": label("Nurtured")});
        let number = acted(&world, "InsertStatusValue", status).await["NewOptionValue"].as_i64().unwrap();
        world.create("leads", json!({"subject": "Later", "lastname": "Berg", "statuscode": number})).await;
        let state = json!({"EntityLogicalName": "lead", "AttributeLogicalName": "statecode", "Value": 0, "Label": label("In work"), "MergeLabels": false});
        acted(&world, "UpdateStateValue", state).await;
        let told = world.get("EntityDefinitions(LogicalName='lead')/Attributes(LogicalName='statecode')/Microsoft.Dynamics.CRM.StateAttributeMetadata?$expand=OptionSet").await;
        assert_eq!(told["OptionSet"]["Options"][0]["Label"]["UserLocalizedLabel"]["Label"], "In work");

        acted(&world, "InsertOptionValue", source(json!({"Label": label("Last"), "Value": i32::MAX}))).await;
        for (action, body, wrong) in [
            ("InsertOptionValue", source(json!({"Label": label("Behind")})), "no number behind 2147483647"),
            ("InsertOptionValue", json!({"Label": label("X")}), "AttributeLogicalName"),
            ("InsertOptionValue", source(json!({"Label": label("X"), "Value": 99})), "from 100000000 on"),
            ("InsertOptionValue", source(json!({"Label": {}})), "Label: this is missing"),
            ("InsertOptionValue", source(json!({"Label": label("X"), "Color": "#ff0000"})), "names of the design"),
            ("UpdateOptionValue", source(json!({"Value": 77_777, "Label": label("X")})), "no such option"),
            ("DeleteOptionValue", source(json!({"Value": 8})), "shipped"),
            ("OrderOption", source(json!({"Values": [1, 2]})), "name each option once"),
            ("OrderOption", json!({"OptionSetName": "preferredcontactmethodcode", "Values": [1]}), "OptionSetName"),
            ("InsertStatusValue", json!({"EntityLogicalName": "lead", "AttributeLogicalName": "statuscode", "StateCode": 9, "Label": label("X")}), "no state 9"),
            ("InsertStatusValue", source(json!({"StateCode": 0, "Label": label("X")})), "statuscode"),
        ] {
            let said = world.refused("POST", action, Some(body), 400).await;
            assert!(said.contains(wrong), "{action}: {said}");
        }
    })
    .await;
}
