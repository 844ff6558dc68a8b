//! What a program may not do to definitions, and who may not at all.

use serde_json::{Value, json};

use crate::{
    access::helper,
    metadata_writes::{acted, attribute, bank_account, label, wrote},
    world::*,
};

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_refused_with_what_would_be_right() {
    let world = World::new(false).await;
    let lead = "EntityDefinitions(LogicalName='lead')";
    let attributes = format!("{lead}/Attributes");
    let mut nameless = bank_account();
    nameless["Attributes"] = json!([]);
    let with = |name: &str, value: Value| {
        let mut table = bank_account();
        table[name] = value;
        table
    };
    let one_option = |member: &str, value: Value| {
        let mut option = json!({"Value": 10, "Label": label("Bronze")});
        option[member] = value;
        attribute("Picklist", "new_Kind", &json!({"OptionSet": {"IsGlobal": false, "Options": [option]}}))
    };
    let two_languages = json!({"LocalizedLabels": [
        {"Label": "Bank", "LanguageCode": 1033}, {"Label": "Konto", "LanguageCode": 1031}]});
    let french = json!({"LocalizedLabels": [{"Label": "Compte", "LanguageCode": 1036}]});
    for (method, path, body, wrong) in [
        ("POST", "EntityDefinitions", nameless, "Attributes: send the column of the primary name"),
        ("POST", "EntityDefinitions", with("SchemaName", json!("BankAccount")), "new_bankaccount"),
        ("POST", "EntityDefinitions", with("OwnershipType", json!("None")), "write UserOwned or OrganizationOwned"),
        (
            "POST",
            "EntityDefinitions",
            with("IsActivity", json!(true)),
            "IsActivity: this cannot become true; it is false",
        ),
        ("POST", "EntityDefinitions", with("DataProviderId", json!("x")), "DataProviderId: this cannot be"),
        ("POST", "EntityDefinitions", with("DisplayName", two_languages), "one text for all languages"),
        ("POST", "EntityDefinitions", with("DisplayName", french), "there is no language 1036"),
        ("POST", "EntityDefinitions", with("@odata.type", json!("#Microsoft.Dynamics.CRM.account")), "EntityMetadata"),
        ("POST", "EntityDefinitions", with("EntitySetName", json!("WhoAmI")), "EntitySetName: a set is named"),
        ("POST", "EntityDefinitions", json!([]), "send an object"),
        ("POST", &attributes, attribute("String", "Budget", &json!({})), "new_budget"),
        ("POST", &attributes, attribute("String", "Subject", &json!({})), "has a column subject already"),
        ("POST", &attributes, attribute("Lookup", "new_Bank", &json!({})), "RelationshipDefinitions"),
        ("POST", &attributes, attribute("Double", "new_Ratio", &json!({})), "DecimalAttributeMetadata"),
        ("POST", &attributes, attribute("State", "new_State", &json!({})), "cannot be made here"),
        ("POST", &attributes, attribute("Decimal", "new_Sum", &json!({"SourceType": 1})), "formulas"),
        ("POST", &attributes, attribute("String", "new_Note", &json!({"FormatName": {"Value": "TextArea"}})), "Memo"),
        (
            "POST",
            &attributes,
            attribute("String", "new_Note", &json!({"MaxLength": "a"})),
            "MaxLength: send a whole number",
        ),
        ("POST", &attributes, attribute("String", "new_Note", &json!({"MaxLength": -1})), "length"),
        ("POST", &attributes, attribute("String", "new_No", &json!({"OptionSet": {"IsGlobal": true}})), "OptionSet"),
        (
            "POST",
            &attributes,
            attribute(
                "String",
                "new_No",
                &json!({"AutoNumberFormat": "N-{SEQNUM:4}", "FormatName": {"Value": "Email"}}),
            ),
            "plain text",
        ),
        (
            "POST",
            &attributes,
            attribute("String", "new_No", &json!({"AutoNumberFormat": "N-{RANDSTRING:4}"})),
            "{SEQNUM:digits}",
        ),
        (
            "POST",
            &attributes,
            attribute("String", "new_No", &json!({"Format": "Url", "FormatName": {"Value": "Email"}})),
            "another format",
        ),
        (
            "POST",
            &attributes,
            attribute("String", "new_No", &json!({"MetadataId": "6f9619ff-8b86-4011-b42d-00c04fc964ff"})),
            "MetadataId",
        ),
        ("POST", &attributes, attribute("Picklist", "new_Kind", &json!({})), "OptionSet: this is missing"),
        (
            "POST",
            &attributes,
            attribute("Picklist", "new_Kind", &json!({"OptionSet": {"IsGlobal": true, "Name": "new_none"}})),
            "no shared choice new_none",
        ),
        (
            "POST",
            &attributes,
            attribute("DateTime", "new_At", &json!({"DateTimeBehavior": {"Value": "TimeZoneIndependent"}})),
            "UserLocal",
        ),
        (
            "PUT",
            &format!("{attributes}(LogicalName='subject')"),
            attribute("Memo", "Subject", &json!({})),
            "keeps its type",
        ),
        (
            "PUT",
            &format!("{attributes}(LogicalName='leadsourcecode')"),
            json!({"OptionSet": {"Options": []}}),
            "InsertOptionValue",
        ),
        (
            "PUT",
            &format!("{attributes}(LogicalName='subject')"),
            json!({"RequiredLevel": {"Value": "SystemRequired"}}),
            "RequiredLevel: write None",
        ),
        (
            "PUT",
            "EntityDefinitions(LogicalName='post')/Attributes(LogicalName='text')",
            json!({"RequiredLevel": {"Value": "None"}}),
            "stays SystemRequired",
        ),
        ("POST", &attributes, one_option("ExternalValue", json!("P")), "ExternalValue: this cannot be kept"),
        ("POST", &attributes, one_option("ParentValues", json!([7])), "ParentValues: this cannot be kept"),
        (
            "POST",
            &attributes,
            attribute(
                "Boolean",
                "new_Yes",
                &json!({"OptionSet": {
                "TrueOption": {"Value": 1, "Label": label("Yes"), "Color": "#00ff00"},
                "FalseOption": {"Value": 0, "Label": label("No")}}}),
            ),
            "TrueOption.Color: this cannot be kept",
        ),
        (
            "PUT",
            "RelationshipDefinitions(SchemaName='product_opportunities')",
            json!({"CascadeConfiguration": {"Delet": "Restrict"}}),
            "CascadeConfiguration.Delet: this cannot be kept",
        ),
        ("PUT", lead, json!({"OwnershipType": "OrganizationOwned"}), "OwnershipType: this cannot become"),
        ("PUT", lead, json!({"SchemaName": "Prospect"}), "SchemaName"),
        ("DELETE", lead, Value::Null, "shipped and cannot be deleted"),
        ("DELETE", &format!("{attributes}(LogicalName='subject')"), Value::Null, "shipped and cannot be deleted"),
        ("DELETE", "RelationshipDefinitions(SchemaName='opportunity_customer_accounts')", Value::Null, "shipped"),
        (
            "POST",
            "PublishXml",
            json!({"ParameterXml": "<importexportxml><entities><entity>leed</entity></entities></importexportxml>"}),
            "leed",
        ),
        ("POST", "PublishXml", json!({"ParameterXml": "<a/>"}), "importexportxml"),
    ] {
        let said = world.refused(method, path, Some(body), 400).await;
        assert!(said.contains(wrong), "{method} {path}: {wrong}: {said}");
    }
    acted(&world, "PublishAllXml", json!({})).await;
    let named = "<importexportxml><entities><entity>lead</entity></entities></importexportxml>";
    acted(&world, "PublishXml", json!({"ParameterXml": named})).await;
    for (method, path, status) in [
        ("PUT", "EntityDefinitions", 405),
        ("POST", lead, 405),
        ("PUT", "EntityDefinitions(LogicalName='account')/Keys(LogicalName='x')", 405),
        ("DELETE", "EntityDefinitions(LogicalName='account')/Keys(LogicalName='x')", 404),
        ("PUT", "EntityDefinitions(LogicalName='nowhere')", 404),
    ] {
        let answer = world.send(method, path, &[], Some(&json!({}))).await;
        assert_eq!(answer.status, status, "{method} {path}: {}", answer.body);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_may_customise_writes_definitions_and_german_readers_read_german() {
    let mut world = World::new(false).await;
    let (seller, id) = helper(&world).await;
    let own = wrote(&world, "POST", "EntityDefinitions", &bank_account()).await;
    let chosen = world.patch(&format!("systemusers({id})"), &[], json!({"uilanguageid": 1031})).await;
    assert_eq!(chosen.status, 204, "{}", chosen.body);
    let administrator = std::mem::replace(&mut world.token, seller);
    for (method, path) in [("POST", "EntityDefinitions"), ("DELETE", own.as_str()), ("POST", "PublishAllXml")] {
        let answer = world.send(method, path, &[], Some(&json!({}))).await;
        assert_eq!(answer.status, 403, "{method} {path}: {}", answer.body);
    }
    let lead = "EntityDefinitions(LogicalName='lead')/Attributes(LogicalName='leadsourcecode')";
    let told = world.get(lead).await["DisplayName"].clone();
    assert_eq!(told["LocalizedLabels"][0]["LanguageCode"], 1033);
    assert_eq!(told["LocalizedLabels"][1]["LanguageCode"], 1031);
    assert_eq!(told["UserLocalizedLabel"], told["LocalizedLabels"][1]);
    assert_ne!(told["LocalizedLabels"][0]["Label"], told["LocalizedLabels"][1]["Label"]);
    let written = world.get(&own).await["DisplayName"]["UserLocalizedLabel"]["Label"].clone();
    assert_eq!(written, "Bank Account", "what an organisation names has one name");

    // A post is seen with what it is about, whatever lookups an organisation adds.
    let lead = world.create("leads", json!({"subject": "Noted", "lastname": "Berg"})).await;
    let post = json!({"text": "Call back", "regardingobjectid_lead@odata.bind": format!("/leads({lead})")});
    let post = format!("posts({})?$select=text", world.create("posts", post).await);
    let seller = std::mem::replace(&mut world.token, administrator);
    let lookup = json!({
        "@odata.type": "Microsoft.Dynamics.CRM.OneToManyRelationshipMetadata", "SchemaName": "new_account_posts",
        "ReferencedEntity": "account", "ReferencingEntity": "post", "CascadeConfiguration": {"Delete": "Cascade"},
        "Lookup": attribute("Lookup", "new_Account", &json!({})),
    });
    wrote(&world, "POST", "RelationshipDefinitions", &lookup).await;
    let told = world.get("RelationshipDefinitions(SchemaName='product_opportunities')").await;
    let parts = json!({"CascadeConfiguration": {"Delete": "RemoveLink"}});
    let parts = world.refused("PUT", "RelationshipDefinitions(SchemaName='product_opportunities')", Some(parts), 400);
    let said = parts.await;
    assert!(said.contains("are parts of the opportunity they belong to"), "{told}: {said}");
    world.token = seller;
    assert_eq!(world.get(&post).await["text"], "Call back");
}
