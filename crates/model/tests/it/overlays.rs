//! An organisation's own customisations.

use pipewright_model::{
    Choice, ColumnChange, ColumnDeclaration, ColumnKind, Filter, Model, Operator, Order, Overlay, RequiredLevel,
    TableDeclaration, Value, View, ViewColumn,
};
use proptest::prelude::*;
use uuid::Uuid;

fn view(name: &str, columns: &[&str]) -> View {
    View {
        name: name.to_owned(),
        label: name.to_owned(),
        id: Uuid::nil(),
        default: false,
        columns: columns.iter().map(|name| ViewColumn { column: (*name).into(), width: Some(120) }).collect(),
        filter: Filter::eq("statecode", 0).and(Filter::unary("ownerid", Operator::EqUserid)),
        order: vec![Order::descending("createdon")],
    }
}

fn score() -> ColumnDeclaration {
    let mut column = ColumnDeclaration::new(ColumnKind::Decimal, "Score");
    column.min = Some(Value::from(0));
    column.max = Some(Value::from("99.5"));
    column.default = Some(Value::Decimal("12.5".parse().unwrap()));
    column
}

fn rich() -> Overlay {
    let mut overlay = Overlay::default();
    overlay.add_column("lead", "new_score", score()).unwrap();
    overlay
        .change_column(
            "lead",
            "subject",
            ColumnChange { label: Some("Wish".into()), length: Some(500), ..Default::default() },
        )
        .unwrap();
    overlay.set_view("lead", view("mine", &["fullname", "new_score"])).unwrap();
    // What a lead wishes becomes the name of its opportunity.
    overlay.change_column("opportunity", "name", ColumnChange { length: Some(500), ..Default::default() }).unwrap();
    overlay.add_option("lead", "leadsourcecode", "Podcast").unwrap();
    overlay.add_status("lead", 0, "Nurturing").unwrap();
    overlay.add_table("new_project", TableDeclaration::new("Project")).unwrap();
    let mut lead = ColumnDeclaration::new(ColumnKind::Lookup, "Lead");
    lead.targets = vec!["lead".into()];
    overlay.add_column("new_project", "leadid", lead).unwrap();
    overlay
}

#[test]
fn an_overlay_that_says_nothing_changes_nothing() {
    let merged = Model::merge(&Overlay::default(), 3).unwrap();
    assert_eq!(merged.version, 3);
    assert_eq!(merged.tables, Model::base().tables);
    assert_eq!(Overlay::default().to_toml().unwrap(), "");
}

#[test]
fn own_columns_options_status_reasons_and_tables_stand_beside_the_shipped() {
    let model = Model::merge(&rich(), 1).unwrap();
    let lead = model.table("lead").unwrap();
    let own = lead.column("new_score").unwrap();
    assert!(own.custom && !lead.custom);
    assert!(own.check(&Value::from(100)).is_err());
    let subject = lead.column("subject").unwrap();
    assert_eq!(subject.label, "Wish");
    assert!(subject.check(&"x".repeat(500).into()).is_ok());
    let podcast = lead.column("leadsourcecode").unwrap().options().last().unwrap();
    assert_eq!((podcast.value, podcast.label.as_str()), (100_000_000, "Podcast"));
    assert_eq!(lead.status(100_000_000).unwrap().label, "Nurturing");
    let project = model.table("new_project").unwrap();
    assert!(project.custom && project.object_type_code >= 10_000);
    assert_eq!(project.set_name, "new_projects");
    assert!(model.pointing_at("lead").any(|it| it.name == "new_project_leadid"));
}

#[test]
fn an_overlay_survives_its_file_and_the_database() {
    let overlay = rich();
    let file = overlay.to_toml().unwrap();
    assert_eq!(Overlay::from_toml(&file).unwrap(), overlay, "{file}");
    let json = serde_json::to_string(&overlay).unwrap();
    assert_eq!(serde_json::from_str::<Overlay>(&json).unwrap(), overlay);
}

#[test]
fn a_shipped_view_is_replaced_removed_and_given_back() {
    let shipped = Model::base();
    let name = shipped.table("lead").unwrap().views[0].name.clone();
    let mut overlay = Overlay::default();
    overlay.set_view("lead", view(&name, &["subject"])).unwrap();
    let changed = Model::merge(&overlay, 1).unwrap();
    let of = |model: &Model| model.table("lead").unwrap().views.iter().find(|view| view.name == name).cloned();
    assert_eq!(of(&changed).unwrap().columns.len(), 1);
    assert_eq!(of(&changed).unwrap().id, of(&shipped).unwrap().id, "links to the view stay good");
    overlay.remove_view("lead", &name).unwrap();
    assert_eq!(of(&Model::merge(&overlay, 2).unwrap()), None);
    overlay.reset_view("lead", &name);
    assert_eq!(of(&Model::merge(&overlay, 3).unwrap()), of(&shipped));
}

#[test]
fn a_hidden_option_is_still_known() {
    let mut overlay = Overlay::default();
    overlay.hide_option("lead", "leadsourcecode", 1).unwrap();
    overlay
        .change_column("lead", "leadsourcecode", ColumnChange { option_order: vec![8], ..Default::default() })
        .unwrap();
    let model = Model::merge(&overlay, 1).unwrap();
    let source = model.table("lead").unwrap().column("leadsourcecode").unwrap();
    assert_eq!(source.options()[0].value, 8);
    assert!(source.options().iter().any(|option| option.value == 1 && option.hidden));
    assert!(source.check(&Value::from(1)).is_ok());
}

#[test]
fn columns_that_come_by_themselves_can_be_called_otherwise_and_nothing_more() {
    let mut overlay = Overlay::default();
    overlay
        .change_column("lead", "ownerid", ColumnChange { label: Some("Seller".into()), ..Default::default() })
        .unwrap();
    let model = Model::merge(&overlay, 1).unwrap();
    assert_eq!(model.table("lead").unwrap().column("ownerid").unwrap().label, "Seller");
    overlay.change_column("lead", "createdon", ColumnChange { length: Some(5), ..Default::default() }).unwrap();
    let said = Model::merge(&overlay, 1).unwrap_err().to_string();
    assert!(said.starts_with("table.lead.change.createdon: the engine keeps this column"), "{said}");
    assert!(overlay.change_column("lead", "nothing", ColumnChange::default()).is_err());
}

#[test]
fn a_process_is_switched_off_replaced_and_given_back() {
    let shipped = Model::base();
    let name = shipped.processes[0].name.clone();
    let mut overlay = Overlay::default();
    overlay.set_process_active(&name, false);
    assert!(!Model::merge(&overlay, 1).unwrap().process(&name).unwrap().active);
    let mut shorter = (*shipped.processes[0]).clone();
    shorter.stages.truncate(1);
    shorter.active = true;
    overlay.reset_process(&name);
    overlay.set_process(shorter);
    let merged = Model::merge(&Overlay::from_toml(&overlay.to_toml().unwrap()).unwrap(), 2).unwrap();
    assert_eq!(merged.process(&name).unwrap().stages.len(), 1);
    assert_eq!(merged.process(&name).unwrap().stages[0].id, shipped.processes[0].stages[0].id);
    overlay.reset_process(&name);
    assert!(overlay.is_empty());
}

#[test]
fn a_mapping_loses_and_gains_pairs_and_keeps_the_rest() {
    let shipped = Model::base();
    let before = shipped.mapping("lead", "account").unwrap().columns.clone();
    let overlay = Overlay::from_toml(&format!(
        "[[mapping]]\nfrom = \"lead\"\nto = \"account\"\nremoved = [{{ from = \"{}\", to = \"{}\" }}]",
        before[0].from, before[0].to
    ))
    .unwrap();
    let after = Model::merge(&overlay, 1).unwrap().mapping("lead", "account").unwrap().columns.clone();
    assert_eq!(after, before[1..]);
}

#[test]
fn own_choices_are_numbered_from_one() {
    let mut overlay = Overlay::default();
    let mut choice = ColumnDeclaration::new(ColumnKind::Choice, "Kind");
    choice.options = vec![Choice { value: 1, label: "Small".into(), color: None, hidden: false }];
    overlay.add_column("account", "new_kind", choice).unwrap();
    assert_eq!(overlay.add_option("account", "new_kind", "Large").unwrap(), 2);
}

#[test]
fn what_is_unsound_is_refused_whole_with_every_reason() {
    let mut overlay = Overlay::default();
    overlay.add_column("lead", "score", score()).unwrap();
    overlay.set_view("lead", view("bad", &["nothing"])).unwrap();
    let said = Model::merge(&overlay, 1).unwrap_err().to_string();
    assert!(said.contains("name it for instance new_score"), "{said}");
    assert!(said.contains("view bad: column 1: lead has no column nothing"), "{said}");
    let said = Overlay::default().add_column("lead", "subject", score()).unwrap_err().to_string();
    assert_eq!(said, "lead.subject: a column of this name exists already");
    assert!(
        Overlay::from_toml("[table.lead]\nlabl = \"X\"")
            .unwrap_err()
            .to_string()
            .starts_with("overlay:2: unknown field `labl`")
    );
}

#[test]
fn a_change_no_storage_can_carry_is_refused() {
    let before = Model::merge(&rich(), 1).unwrap();
    let mut overlay = rich();
    let own = overlay.tables.get_mut("lead").unwrap().columns.get_mut("new_score").unwrap();
    *own = ColumnDeclaration::new(ColumnKind::Date, "Score");
    let after = Model::merge(&overlay, 2).unwrap();
    let said = before.check_upgrade(&after).unwrap_err().to_string();
    assert_eq!(said, "lead.new_score: its values cannot become this type; make a new column instead");
    assert!(before.check_upgrade(&Model::base()).is_ok());
}

fn any_column() -> impl Strategy<Value = ColumnDeclaration> {
    let kinds = prop::sample::select(vec![
        ColumnKind::Text,
        ColumnKind::Memo,
        ColumnKind::Whole,
        ColumnKind::Money,
        ColumnKind::Date,
        ColumnKind::DateTime,
        ColumnKind::Boolean,
        ColumnKind::File,
    ]);
    (kinds, "\\PC{1,20}", "\\PC{0,40}", any::<bool>(), prop::option::of(1_u32..4000)).prop_map(
        |(kind, label, description, read_only, length)| {
            let mut column = ColumnDeclaration::new(kind, label);
            column.description = description;
            column.read_only = read_only;
            column.required = if read_only { RequiredLevel::None } else { RequiredLevel::Recommended };
            column.length = length;
            column
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_customised_survives_the_file(
        columns in prop::collection::btree_map("new_[a-z]{1,10}", any_column(), 0..6),
        label in "\\PC{0,30}",
        options in prop::collection::vec(("\\PC{1,12}", any::<i32>()), 0..4),
        number in any::<i64>(),
    ) {
        let mut overlay = Overlay::default();
        for (name, column) in columns {
            overlay.add_column("lead", &name, column).unwrap();
        }
        let options = options.into_iter().map(|(label, value)| Choice { value, label, color: None, hidden: false }).collect();
        overlay.change_column("lead", "leadsourcecode", ColumnChange { label: Some(label), options, ..Default::default() }).unwrap();
        let mut own = view("mine", &["subject"]);
        own.filter = Filter::Any(vec![Filter::Not(Box::new(Filter::eq("numberofemployees", number))), Filter::Search("x".into())]);
        overlay.set_view("lead", own).unwrap();
        prop_assert_eq!(Overlay::from_toml(&overlay.to_toml().unwrap()).unwrap(), overlay);
    }
}
