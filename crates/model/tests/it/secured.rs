//! Secured columns: which can be, and what is secured with them.

use pipewright_model::{ColumnChange, ColumnDeclaration, ColumnKind, Model, Overlay, SecuredColumn};

fn secure(overlay: &mut Overlay, table: &str, column: &str) {
    let change = ColumnChange { secured: Some(true), ..ColumnChange::default() };
    overlay.change_column(table, column, change).unwrap();
}

fn secured(columns: &[(&str, &str)]) -> Result<Model, String> {
    let mut overlay = Overlay::default();
    for (table, column) in columns {
        secure(&mut overlay, table, column);
    }
    Model::merge(&overlay, 1).map_err(|error| error.to_string())
}

fn guards(model: &Model, table: &str, column: &str) -> Vec<String> {
    model.table(table).unwrap().column(column).unwrap().guards.iter().map(ToString::to_string).collect()
}

#[test]
fn nothing_shipped_is_secured() {
    let model = Model::base();
    assert!(model.secured.is_empty());
    assert!(model.tables.values().flat_map(|table| table.columns.values()).all(|column| column.guards.is_empty()));
}

#[test]
fn what_is_made_from_a_secured_column_is_secured_with_it() {
    let mut overlay = Overlay::default();
    secure(&mut overlay, "opportunity", "estimatedvalue");
    secure(&mut overlay, "account", "revenue");
    let mut share = ColumnDeclaration::new(ColumnKind::Calculated, "Share");
    share.result = Some(ColumnKind::Decimal);
    share.formula = Some("revenue * 2 + numberofemployees".to_owned());
    overlay.add_column("account", "new_share", share).unwrap();
    let mut half = ColumnDeclaration::new(ColumnKind::Calculated, "Half");
    half.result = Some(ColumnKind::Decimal);
    half.formula = Some("new_share / 2".to_owned());
    overlay.add_column("account", "new_half", half).unwrap();
    let model = Model::merge(&overlay, 1).unwrap();
    assert!(model.secured.contains(&SecuredColumn::new("account", "revenue")));
    for (table, column, by) in [
        ("account", "revenue", "account.revenue"),
        ("account", "revenue_base", "account.revenue"),
        ("account", "new_share", "account.revenue"),
        ("account", "new_half", "account.revenue"),
        ("opportunity", "estimatedvalue_base", "opportunity.estimatedvalue"),
        ("account", "openrevenue", "opportunity.estimatedvalue"),
    ] {
        assert_eq!(guards(&model, table, column), [by], "{table}.{column}");
    }
    assert_eq!(guards(&model, "account", "numberofemployees"), [""; 0]);
    assert_eq!(guards(&model, "account", "opendeals"), [""; 0], "a count of rows tells no value");
}

#[test]
fn the_twin_of_an_activity_hides_what_any_kind_of_activity_hides() {
    let model = secured(&[("task", "description")]).unwrap();
    assert_eq!(guards(&model, "activitypointer", "description"), ["task.description"]);
    assert_eq!(guards(&model, "phonecall", "description"), [""; 0]);
}

#[test]
fn a_secured_column_is_not_searched() {
    let searchable = |model: &Model| model.table("account").unwrap().column("telephone1").unwrap().searchable;
    assert!(searchable(&Model::base()));
    assert!(!searchable(&secured(&[("account", "telephone1")]).unwrap()));
}

#[test]
fn what_everybody_must_see_or_give_cannot_be_secured() {
    for (table, column, reason) in [
        ("account", "name", "it is the name by which people know a row"),
        ("account", "parentaccountid", "it says what belongs together"),
        ("account", "merged", "the engine works by it"),
        ("lead", "stageid", "the engine knows rows by it"),
        ("email", "to", "it says what belongs together"),
        ("product", "productnumber", "it belongs to an alternate key"),
        ("systemuser", "mobilephone", "the engine works by the shipped columns of this table"),
        ("importjob", "name", "it is the name by which people know a row"),
        ("activitypointer", "description", "secure the column of each kind of activity"),
    ] {
        let refused = secured(&[(table, column)]).unwrap_err();
        assert!(refused.contains("this column cannot be secured") && refused.contains(reason), "{refused}");
    }
    let refused = secured(&[("contact", "lastname")]).unwrap_err();
    assert!(refused.contains("made from contact.lastname; that column cannot be secured"), "{refused}");
}

#[test]
fn what_the_engine_keeps_of_every_row_cannot_be_secured() {
    let mut overlay = Overlay::default();
    for column in ["createdon", "ownerid", "statecode", "versionnumber"] {
        let change = ColumnChange { secured: Some(true), ..ColumnChange::default() };
        let refused = overlay.change_column("account", column, change);
        let refused = refused.and_then(|()| Model::merge(&overlay, 1).map(drop));
        assert!(refused.is_err(), "{column}");
        overlay = Overlay::default();
    }
}
