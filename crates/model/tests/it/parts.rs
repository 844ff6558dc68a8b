//! The customisations as named parts.

use pipewright_model::{Depth, Model, Overlay, PartAddress, PartKind, PartOrigin, Privilege, Table};
use serde_json::{Value as Json, json};

fn address(kind: &str, name: &str) -> PartAddress {
    PartAddress::new(kind.parse().unwrap(), name).unwrap()
}

fn show(overlay: &Overlay, kind: &str, name: &str) -> Json {
    overlay.part(&address(kind, name)).unwrap().unwrap_or_else(|| panic!("no {kind} {name}")).document
}

fn origin(overlay: &Overlay, kind: &str, name: &str) -> PartOrigin {
    overlay.part(&address(kind, name)).unwrap().unwrap().origin
}

fn put(overlay: &mut Overlay, kind: &str, name: &str, document: Json) -> String {
    overlay.put_part(&address(kind, name), &document).unwrap_or_else(|error| panic!("{error}")).name()
}

fn change(overlay: &mut Overlay, kind: &str, name: &str, patch: Json) {
    overlay.change_part(&address(kind, name), &patch).unwrap_or_else(|error| panic!("{error}"));
}

fn refused(overlay: &Overlay, kind: &str, name: &str, document: Json) -> String {
    overlay.clone().put_part(&address(kind, name), &document).unwrap_err().to_string()
}

fn remove(overlay: &mut Overlay, kind: &str, name: &str) {
    assert!(overlay.remove_part(&address(kind, name)).unwrap(), "no {kind} {name}");
}

fn merged(overlay: &Overlay) -> Model {
    Model::merge(overlay, 1).unwrap_or_else(|error| panic!("{error}"))
}

fn lead(overlay: &Overlay) -> Table {
    (**merged(overlay).table("lead").unwrap()).clone()
}

#[test]
fn every_shipped_part_can_be_shown_and_put_back_unchanged() {
    let overlay = Overlay::default();
    let mut count = 0;
    for kind in PartKind::ALL {
        for part in overlay.parts(kind, None).unwrap() {
            assert_eq!(part.origin, PartOrigin::Shipped, "{}", part.address);
            let document = overlay.part(&part.address).unwrap().unwrap_or_else(|| panic!("{}", part.address)).document;
            if count % 7 == 0 || !matches!(kind, PartKind::Column | PartKind::Option | PartKind::Relationship) {
                let mut edited = overlay.clone();
                match edited.put_part(&part.address, &document) {
                    Ok(_) => assert!(edited.is_empty(), "{}: {}", part.address, edited.to_toml().unwrap()),
                    Err(error) => panic!("{error}"),
                }
            }
            count += 1;
        }
    }
    assert!(count > 1000, "{count}");
}

#[test]
fn an_own_column_is_added_changed_and_removed() {
    let mut overlay = Overlay::default();
    put(&mut overlay, "column", "lead/new_budgetyear", json!({ "label": "Budget year", "type": "whole", "min": 2000 }));
    assert_eq!(lead(&overlay).column("new_budgetyear").unwrap().label, "Budget year");
    change(&mut overlay, "column", "lead/new_budgetyear", json!({ "label": "Year", "max": 2100, "min": null }));
    assert_eq!(
        show(&overlay, "column", "lead/new_budgetyear"),
        json!({ "label": "Year", "type": "whole", "max": 2100 })
    );
    assert_eq!(origin(&overlay, "column", "lead/new_budgetyear"), PartOrigin::Own);
    remove(&mut overlay, "column", "lead/new_budgetyear");
    assert!(overlay.is_empty());
    assert!(!overlay.remove_part(&address("column", "lead/new_budgetyear")).unwrap(), "it is gone");
}

#[test]
fn of_a_shipped_column_only_the_difference_is_kept() {
    let mut overlay = Overlay::default();
    change(&mut overlay, "column", "lead/subject", json!({ "label": "Wish", "description": "What is wished" }));
    let kept = overlay.tables["lead"].column_changes["subject"].clone();
    assert_eq!((kept.label.as_deref(), kept.length, kept.required), (Some("Wish"), None, None));
    assert_eq!(origin(&overlay, "column", "lead/subject"), PartOrigin::Changed);

    let said = refused(&overlay, "column", "lead/subject", json!({ "label": "Wish", "type": "memo" }));
    assert!(
        said.contains("column lead/subject: type: this is shipped as \"text\" and cannot become \"memo\""),
        "{said}"
    );

    change(&mut overlay, "column", "lead/ownerid", json!({ "label": "Seller" }));
    assert_eq!(lead(&overlay).column("ownerid").unwrap().label, "Seller");
    let said = overlay.clone().change_part(&address("column", "lead/ownerid"), &json!({ "type": "text" })).unwrap_err();
    assert!(said.to_string().contains("column lead/ownerid: type"), "{said}");

    remove(&mut overlay, "column", "lead/subject");
    remove(&mut overlay, "column", "lead/ownerid");
    assert!(overlay.is_empty());
    let said = overlay.remove_part(&address("column", "lead/subject")).unwrap_err().to_string();
    assert!(said.starts_with("column lead/subject: this is shipped and cannot be removed"), "{said}");
}

#[test]
fn options_are_added_relabelled_ordered_hidden_and_removed() {
    let mut overlay = Overlay::default();
    let added = put(&mut overlay, "option", "lead/leadsourcecode/next", json!({ "label": "Podcast" }));
    assert_eq!(added, "lead/leadsourcecode/100000000");
    put(&mut overlay, "option", "lead/leadsourcecode/1", json!({ "label": "Advert" }));
    let source = |overlay: &Overlay| lead(overlay).column("leadsourcecode").unwrap().options().to_vec();
    assert_eq!(source(&overlay)[0].label, "Advert");
    assert_eq!(source(&overlay).last().unwrap().label, "Podcast");

    let mut choice = show(&overlay, "choice", "lead/leadsourcecode");
    choice["options"].as_array_mut().unwrap().reverse();
    choice["options"][1]["hidden"] = json!(true);
    put(&mut overlay, "choice", "lead/leadsourcecode", choice.clone());
    assert_eq!(source(&overlay)[0].label, "Podcast");
    assert!(source(&overlay)[1].hidden);

    choice["options"].as_array_mut().unwrap().pop();
    let said = refused(&overlay, "choice", "lead/leadsourcecode", choice);
    assert!(said.contains("option 1 (Advertisement) is shipped and cannot be removed"), "{said}");
    let said = refused(&overlay, "option", "lead/leadsourcecode/55", json!({ "label": "Fair" }));
    assert!(said.contains("from 100000000 on"), "{said}");

    remove(&mut overlay, "option", "lead/leadsourcecode/100000000");
    remove(&mut overlay, "option", "lead/leadsourcecode/1");
    remove(&mut overlay, "choice", "lead/leadsourcecode");
    assert!(overlay.is_empty(), "{}", overlay.to_toml().unwrap());
    let said = overlay.remove_part(&address("option", "lead/leadsourcecode/1")).unwrap_err().to_string();
    assert!(said.contains("hidden = true"), "{said}");
}

#[test]
fn options_may_be_given_by_their_labels_alone_and_keep_their_numbers() {
    let mut overlay = Overlay::default();
    let mood = json!({ "label": "Mood", "type": "choice", "options": ["Good", "Bad"] });
    put(&mut overlay, "column", "lead/new_mood", mood);
    change(&mut overlay, "column", "lead/new_mood", json!({ "options": ["Bad", "Good", "Mixed"] }));
    let numbers: Vec<(i32, String)> = lead(&overlay)
        .column("new_mood")
        .unwrap()
        .options()
        .iter()
        .map(|option| (option.value, option.label.clone()))
        .collect();
    assert_eq!(numbers, [(2, "Bad".to_owned()), (1, "Good".to_owned()), (3, "Mixed".to_owned())]);
    let said = overlay.remove_part(&address("choice", "lead/new_mood")).unwrap_err().to_string();
    assert!(said.contains("remove column lead/new_mood"), "{said}");
}

#[test]
fn several_columns_share_a_choice() {
    let mut overlay = Overlay::default();
    put(&mut overlay, "choice", "new_region", json!({ "label": "Region", "options": ["North", "South"] }));
    for table in ["lead", "account"] {
        let column = json!({ "label": "Region", "type": "choice", "choice": "new_region" });
        put(&mut overlay, "column", &format!("{table}/new_region"), column);
    }
    put(&mut overlay, "option", "new_region/next", json!({ "label": "East" }));
    let model = merged(&overlay);
    for table in ["lead", "account"] {
        let options = model.table(table).unwrap().column("new_region").unwrap().options();
        assert_eq!(options.iter().map(|option| option.label.as_str()).collect::<Vec<_>>(), ["North", "South", "East"]);
    }
    let again = Overlay::from_toml(&overlay.to_toml().unwrap()).unwrap();
    assert_eq!(again, overlay);
    remove(&mut overlay, "choice", "new_region");
    let said = Model::merge(&overlay, 1).unwrap_err().to_string();
    assert!(said.contains("lead.new_region: there is no shared choice new_region"), "{said}");
}

#[test]
fn a_new_table_can_be_used_at_once() {
    let mut overlay = Overlay::default();
    put(&mut overlay, "table", "new_project", json!({ "label": "Project", "notes": true, "activities": true }));
    let model = merged(&overlay);
    let project = model.table("new_project").unwrap();
    assert_eq!(project.primary_name, "name");
    assert_eq!(project.states.len(), 2);
    assert_eq!(project.views[0].label, "Active Projects");
    assert_eq!(project.forms.len(), 2);
    for (table, lookup) in
        [("annotation", "objectid"), ("task", "regardingobjectid"), ("activitypointer", "regardingobjectid")]
    {
        let targets = model.table(table).unwrap().column(lookup).unwrap().targets();
        assert!(targets.iter().any(|target| target == "new_project"), "{table}.{lookup}: {targets:?}");
    }
    assert!(model.pointing_at("new_project").any(|it| it.name == "new_project_Tasks"));

    put(&mut overlay, "column", "new_project/budget", json!({ "label": "Budget", "type": "money" }));
    put(&mut overlay, "table", "new_project", json!({ "label": "Undertaking" }));
    let project = merged(&overlay).table("new_project").unwrap().clone();
    assert_eq!(project.label, "Undertaking");
    assert!(project.column("budget").is_some(), "what was not spoken of stays");
    remove(&mut overlay, "table", "new_project");
    assert!(overlay.is_empty());
}

#[test]
fn of_a_shipped_table_labels_change_and_its_parts_are_put_one_by_one() {
    let mut overlay = Overlay::default();
    change(&mut overlay, "table", "opportunity", json!({ "label": "Deal", "plural_label": "Deals" }));
    assert_eq!(merged(&overlay).table("opportunity").unwrap().plural_label, "Deals");
    let said = overlay.change_part(&address("table", "opportunity"), &json!({ "ownership": "parent" })).unwrap_err();
    assert!(said.to_string().contains("table opportunity: ownership"), "{said}");
    let said = overlay.change_part(&address("table", "opportunity"), &json!({ "columns": {} })).unwrap_err();
    assert!(said.to_string().contains("one by one"), "{said}");
    remove(&mut overlay, "table", "opportunity");
    assert!(overlay.is_empty());
}

#[test]
fn relationships_are_named_and_cascade() {
    let mut overlay = Overlay::default();
    put(&mut overlay, "table", "new_project", json!({ "label": "Project" }));
    let lookup = json!({ "label": "Account", "type": "lookup", "targets": ["account"] });
    put(&mut overlay, "column", "new_project/accountid", lookup);
    let behaviour = json!({ "name": "new_account_projects", "on_delete": "cascade", "cascade_assign": true });
    put(&mut overlay, "relationship", "new_project/accountid", behaviour);
    let found = merged(&overlay);
    let found = found.relationships.iter().find(|it| it.name == "new_account_projects").unwrap();
    assert!(found.cascade_assign);
    assert_eq!(show(&overlay, "relationship", "new_project/accountid")["on_delete"], "cascade");

    put(&mut overlay, "relationship", "opportunity/customerid/account", json!({ "on_delete": "restrict" }));
    assert_eq!(show(&overlay, "relationship", "opportunity/customerid/account")["on_delete"], "restrict");
    let alone = json!({ "cascade_share": false });
    put(&mut overlay, "relationship", "contact/parentcustomerid/account", alone);
    assert_eq!(show(&overlay, "relationship", "contact/parentcustomerid/account")["cascade_share"], false);
    let said = refused(&overlay, "relationship", "opportunity/customerid", json!({ "on_delete": "cascade" }));
    assert!(said.contains("opportunity/customerid/account or opportunity/customerid/contact"), "{said}");
    let said = refused(&overlay, "relationship", "opportunity/customerid/account", json!({ "name": "x" }));
    assert!(said.contains("relationship opportunity/customerid/account: name"), "{said}");
    remove(&mut overlay, "relationship", "opportunity/customerid/account");
    remove(&mut overlay, "relationship", "new_project/accountid");
    let said = overlay.remove_part(&address("relationship", "new_project/accountid")).unwrap_err().to_string();
    assert!(said.contains("remove column new_project/accountid"), "{said}");

    let pairs = json!({ "other": "contact" });
    put(&mut overlay, "many_to_many", "new_project/new_project_contacts", pairs);
    let model = merged(&overlay);
    assert!(model.table("new_project_contacts").is_some());
    let said = refused(&overlay, "many_to_many", "new_project/x", json!({ "other": "contact", "intersekt": "new_x" }));
    assert!(said.contains("unknown field `intersekt`"), "{said}");
    remove(&mut overlay, "many_to_many", "new_project/new_project_contacts");
    merged(&overlay);
}

#[test]
fn views_and_forms_are_put_and_given_back() {
    let mut overlay = Overlay::default();
    let view = json!({
        "label": "Hot leads",
        "columns": ["fullname", { "column": "subject", "width": 300 }],
        "filter": { "column": "leadqualitycode", "op": "eq", "value": 1 },
        "order": ["createdon desc"],
    });
    put(&mut overlay, "view", "lead/new_hot", view.clone());
    assert_eq!(lead(&overlay).views.iter().filter(|view| view.name == "new_hot").count(), 1);
    let said = refused(&overlay, "view", "lead/new_hot", json!({ "label": "Hot", "columns": [], "order": ["x y z"] }));
    assert!(said.starts_with("view lead/new_hot: order[0]: 'x y z' is not an order"), "{said}");
    let said = refused(&overlay, "view", "lead/new_hot", json!({ "name": "cold", "label": "Hot", "columns": [] }));
    assert!(said.contains("write \"new_hot\" or leave it out"), "{said}");

    let name = lead(&overlay).forms[0].name.clone();
    let mut form = show(&overlay, "form", &format!("lead/{name}"));
    form["label"] = json!("Our lead");
    put(&mut overlay, "form", &format!("lead/{name}"), form);
    assert_eq!(origin(&overlay, "form", &format!("lead/{name}")), PartOrigin::Changed);
    remove(&mut overlay, "form", &format!("lead/{name}"));
    remove(&mut overlay, "view", "lead/new_hot");
    assert!(overlay.is_empty());
}

#[test]
fn status_reasons_processes_and_mappings_are_parts_too() {
    let mut overlay = Overlay::default();
    let added = put(&mut overlay, "status", "opportunity/next", json!({ "state": 2, "label": "No budget" }));
    assert_eq!(added, "opportunity/100000000");
    assert_eq!(merged(&overlay).table("opportunity").unwrap().status(100_000_000).unwrap().label, "No budget");
    let said = refused(&overlay, "status", "opportunity/77", json!({ "state": 2, "label": "No budget" }));
    assert!(said.contains("from 100000000 on"), "{said}");
    remove(&mut overlay, "status", "opportunity/100000000");

    let flow = "opportunitysalesprocess";
    change(&mut overlay, "process", flow, json!({ "active": false }));
    assert_eq!(overlay.processes.len(), 0, "its stages stay the shipped ones");
    assert!(!merged(&overlay).process(flow).unwrap().active);
    remove(&mut overlay, "process", flow);

    change(&mut overlay, "role", "salesperson", json!({ "tables": { "lead": { "all": "business_unit" } } }));
    let depth =
        |overlay: &Overlay| merged(overlay).role("Salesperson").unwrap().tables["lead"].depth(Privilege::Delete);
    assert_eq!(depth(&overlay), Depth::BusinessUnit);
    remove(&mut overlay, "role", "salesperson");
    assert_eq!(depth(&overlay), Depth::User);
    let mut wrong = overlay.clone();
    put(&mut wrong, "role", "new_sales", json!({ "label": "S", "tables": { "product": { "all": "user" } } }));
    let said = Model::merge(&wrong, 1).unwrap_err().to_string();
    assert!(said.contains("its rows have no owner"), "{said}");

    let mut mapping = show(&overlay, "mapping", "lead/account");
    mapping["column"].as_array_mut().unwrap().remove(0);
    mapping["column"].as_array_mut().unwrap().push(json!({ "from": "description", "to": "description" }));
    let before = merged(&overlay).mapping("lead", "account").unwrap().columns.len();
    put(&mut overlay, "mapping", "lead/account", mapping);
    let after = merged(&overlay).mapping("lead", "account").unwrap().columns.len();
    assert!((before - 1..=before).contains(&after), "{before} {after}");
    remove(&mut overlay, "mapping", "lead/account");
    assert!(overlay.is_empty());
}

#[test]
fn what_still_needs_a_part_is_told_with_its_place() {
    let mut overlay = Overlay::default();
    put(&mut overlay, "column", "lead/new_rate", json!({ "label": "Rate", "type": "decimal" }));
    let twice = json!({ "label": "Twice", "type": "calculated", "result": "decimal", "formula": "new_rate * 2" });
    put(&mut overlay, "column", "lead/new_twice", twice);
    put(&mut overlay, "view", "lead/new_rates", json!({ "label": "Rates", "columns": ["new_rate"] }));
    merged(&overlay);
    remove(&mut overlay, "column", "lead/new_rate");
    let said = Model::merge(&overlay, 1).unwrap_err().to_string();
    assert!(said.contains("lead.new_twice") && said.contains("view new_rates: column 1"), "{said}");
}

#[test]
fn a_wrong_address_is_told_how_it_is_written() {
    let said = PartAddress::new(PartKind::Column, "lead").unwrap_err().to_string();
    assert_eq!(said, "column lead: the name is written TABLE/COLUMN");
    assert!("colum".parse::<PartKind>().unwrap_err().to_string().contains("write table, column"));
    assert_eq!("many-to-many".parse::<PartKind>().unwrap(), PartKind::ManyToMany);
    let overlay = Overlay::default();
    assert_eq!(overlay.part(&address("column", "leadd/subject")).unwrap(), None);
    let said = refused(&overlay, "column", "leadd/new_x", json!({ "label": "X", "type": "text" }));
    assert!(said.contains("there is no table leadd"), "{said}");
    let said = refused(&overlay, "column", "lead/new_x", json!({ "labl": "X", "type": "text" }));
    assert!(said.starts_with("column lead/new_x: labl: unknown field"), "{said}");
}

#[test]
fn what_publishing_changes_is_told_in_sentences() {
    let mut overlay = Overlay::default();
    assert!(Model::base().changes_to(&merged(&overlay)).is_empty());
    put(&mut overlay, "table", "new_project", json!({ "label": "Project" }));
    put(&mut overlay, "column", "lead/new_x", json!({ "label": "X", "type": "text" }));
    change(&mut overlay, "column", "lead/subject", json!({ "label": "Wish" }));
    let told = Model::base().changes_to(&merged(&overlay));
    assert!(told.iter().any(|it| it.starts_with("table new_project (Project) is added")), "{told:?}");
    assert!(told.contains(&"column lead/new_x (X) is added".to_owned()), "{told:?}");
    assert!(told.contains(&"column lead/subject changes: label".to_owned()), "{told:?}");
    let back = merged(&overlay).changes_to(&Model::base());
    assert!(back.iter().any(|it| it.contains("its values are kept in the database")), "{back:?}");
}

#[test]
fn a_shipped_view_is_hidden_and_shown_again_with_what_was_changed_in_it() {
    let mut overlay = Overlay::default();
    let table = lead(&overlay);
    let name = table.views.iter().find(|view| !view.default).unwrap().name.clone();
    let address = format!("lead/{name}");
    let sees = |overlay: &Overlay| lead(overlay).views.iter().any(|view| view.name == name);
    change(&mut overlay, "view", &address, json!({ "hidden": true }));
    assert!(!sees(&overlay));
    assert_eq!(origin(&overlay, "view", &address), PartOrigin::Changed);
    assert_eq!(show(&overlay, "view", &address)["hidden"], true);
    let listed = overlay.parts(PartKind::View, Some("lead")).unwrap();
    assert_eq!(listed.len(), table.views.len(), "what is hidden can be found and shown again");
    change(&mut overlay, "view", &address, json!({ "label": "Ours" }));
    assert!(!sees(&overlay), "it stays hidden when something else is changed");
    change(&mut overlay, "view", &address, json!({ "hidden": false }));
    assert!(sees(&overlay) && show(&overlay, "view", &address)["label"] == "Ours");
    put(&mut overlay, "view", &address, json!({ "hidden": true }));
    remove(&mut overlay, "view", &address);
    assert!(overlay.is_empty() && sees(&overlay));

    put(&mut overlay, "view", "lead/new_hot", json!({ "label": "Hot", "columns": ["fullname"] }));
    let own = json!({ "label": "Hot", "columns": ["fullname"], "hidden": true });
    assert!(refused(&overlay, "view", "lead/new_hot", own).contains("remove an own one"));
    let said = refused(&overlay, "view", &address, json!({ "hidden": "yes" }));
    assert!(said.contains("true or false"), "{said}");
    let said = overlay.clone().remove_part(&self::address("view", &address)).unwrap_err().to_string();
    assert!(said.contains("hidden = true"), "{said}");
}

#[test]
fn states_get_other_labels() {
    let mut overlay = Overlay::default();
    put(&mut overlay, "state", "lead/0", json!({ "label": "In work" }));
    assert_eq!(lead(&overlay).states[0].label, "In work");
    assert_eq!(origin(&overlay, "state", "lead/0"), PartOrigin::Changed);
    let said = refused(&overlay, "state", "lead/0", json!({ "label": "In work", "closed": true }));
    assert!(said.contains("closed") && said.contains("only label can be changed"), "{said}");
    assert!(refused(&overlay, "state", "lead/9", json!({ "label": "Lost" })).contains("there is no state 9"));
    remove(&mut overlay, "state", "lead/0");
    assert!(overlay.is_empty());

    put(&mut overlay, "table", "new_project", json!({ "label": "Project" }));
    put(&mut overlay, "state", "new_project/1", json!({ "label": "Done", "closed": true }));
    let project = merged(&overlay).table("new_project").unwrap().clone();
    assert_eq!((project.states[1].label.as_str(), project.states[1].statuses.len()), ("Done", 1));
    assert_eq!(origin(&overlay, "state", "new_project/1"), PartOrigin::Own);
}

#[test]
fn indexes_are_named_by_their_columns() {
    let mut overlay = Overlay::default();
    put(&mut overlay, "index", "lead/leadsourcecode,-createdon", json!({}));
    let index = lead(&overlay).indexes.last().unwrap().clone();
    assert_eq!(index.columns, ["leadsourcecode", "-createdon"]);
    assert_eq!(show(&overlay, "index", "lead/leadsourcecode,-createdon")["columns"][1], "-createdon");
    let said = refused(&overlay, "index", "lead/leadsourcecode", json!({ "columns": ["subject"] }));
    assert!(said.contains("put index lead/subject"), "{said}");
    put(&mut overlay, "index", "lead/nonsense", json!({}));
    let said = Model::merge(&overlay, 1).unwrap_err().to_string();
    assert!(said.contains("nonsense"), "{said}");
    remove(&mut overlay, "index", "lead/nonsense");
    remove(&mut overlay, "index", "lead/leadsourcecode,-createdon");
    assert!(overlay.is_empty());
    let shipped = lead(&overlay).indexes[0].columns.join(",");
    let said = overlay.clone().remove_part(&address("index", &format!("lead/{shipped}"))).unwrap_err().to_string();
    assert!(said.contains("shipped and cannot be removed"), "{said}");
}
