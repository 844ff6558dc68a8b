//! What happens to a declaration on its way into the model.

use crate::fixture::{app, complaints, deal};
use pipewright_model::{Cascade, ColumnType, DefaultValue, Ownership, Path, RequiredLevel, Value};

#[test]
fn every_table_has_a_key_and_knows_who_made_and_owns_a_row() {
    let model = deal("").unwrap();
    let table = model.table("deal").unwrap();
    assert_eq!(
        (table.primary_key.as_str(), table.primary_name.as_str(), table.set_name.as_str()),
        ("dealid", "name", "deals")
    );
    assert_eq!(table.ownership, Ownership::User);
    let names: Vec<_> = table.columns.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "dealid",
            "name",
            "createdon",
            "createdby",
            "modifiedon",
            "modifiedby",
            "createdonbehalfby",
            "modifiedonbehalfby",
            "versionnumber",
            "importsequencenumber",
            "overriddencreatedon",
            "ownerid",
            "owningbusinessunit",
            "owninguser",
            "owningteam",
        ]
    );
    let owner = table.column("ownerid").unwrap();
    assert_eq!((owner.default.clone(), owner.required), (Some(DefaultValue::Caller), RequiredLevel::System));
    assert_eq!(model.table("team").unwrap().column("ownerid"), None);
}

#[test]
fn an_amount_brings_its_currency_and_its_base_amount() {
    let model = deal("[columns.value]\nlabel = \"Value\"\ntype = \"money\"\nmin = 0").unwrap();
    let table = model.table("deal").unwrap();
    assert!(table.has_money());
    let names: Vec<_> = table.columns.keys().take(4).map(String::as_str).collect();
    assert_eq!(names, ["dealid", "value", "value_base", "name"]);
    assert!(table.column("value_base").unwrap().is_computed());
    assert!(table.column("value").unwrap().check(&Value::from(-1)).is_err());
}

#[test]
fn a_new_row_begins_in_the_first_state_with_its_usual_reason() {
    let model = deal(
        "[[state]]\nvalue = 0\nlabel = \"Open\"\ndefault_status = 2\nstatuses = [{ value = 1, label = \"New\" }, { value = 2, label = \"Warm\" }]\n\
         [[state]]\nvalue = 1\nlabel = \"Won\"\ndefault_status = 3\nclosed = true\nstatuses = [{ value = 3, label = \"Won\" }]",
    )
    .unwrap();
    let table = model.table("deal").unwrap();
    assert_eq!(table.column("statecode").unwrap().default, Some(DefaultValue::Constant(Value::from(0))));
    assert_eq!(table.column("statuscode").unwrap().default, Some(DefaultValue::Constant(Value::from(2))));
    assert_eq!(table.check("statuscode", &Value::from(3)), Ok(Value::from(3)));
    let refused = table.check("statuscode", &Value::from(9)).unwrap_err().to_string();
    assert_eq!(refused, "9 is not a status reason; there are 1 New, 2 Warm, 3 Won");
    assert_eq!(table.coerce("statecode", Value::from("won")), Ok(Value::from(1)));
}

#[test]
fn a_lookup_is_a_relationship_for_each_table_it_may_point_at() {
    let model = deal(
        "[[relationship]]\ncolumn = \"customer\"\ntarget = \"team\"\nname = \"deal_teams\"\non_delete = \"restrict\"\n\
         [columns.customer]\nlabel = \"Customer\"\ntype = \"lookup\"\ntargets = [\"team\", \"systemuser\"]\n\
         [columns.unit]\nlabel = \"Unit\"\ntype = \"lookup\"\ntargets = [\"businessunit\"]",
    )
    .unwrap();
    let found: Vec<_> = model
        .pointing_from("deal")
        .filter(|it| ["customer", "unit"].contains(&it.column.as_str()))
        .map(|it| (it.name.as_str(), it.navigation.as_str(), it.on_delete))
        .collect();
    assert_eq!(
        found,
        [
            ("deal_teams", "customer_team", Cascade::Restrict),
            ("deal_customer_systemuser", "customer_systemuser", Cascade::RemoveLink),
            ("deal_unit", "unit", Cascade::RemoveLink),
        ]
    );
    let path: Path = "customer(systemuser).fullname".parse().unwrap();
    assert_eq!(model.resolve("deal", &path).unwrap().1.label, "Name");
    let unsaid: Path = "customer.fullname".parse().unwrap();
    let refused = model.resolve("deal", &unsaid).unwrap_err().to_string();
    assert_eq!(refused, "customer may point at team or systemuser; write for instance customer(team).fullname");
}

#[test]
fn a_process_has_a_table_of_its_instances_that_points_at_each_table_it_visits() {
    let model = app(&[
        ("deal/table.toml", "label = \"Deal\"\nprimary_name = \"dealid\""),
        ("order/table.toml", "label = \"Order\"\nprimary_name = \"orderid\"\n[columns.dealid]\nlabel = \"Deal\"\ntype = \"lookup\"\ntargets = [\"deal\"]"),
        (
            "_processes/selling.toml",
            "name = \"selling\"\nlabel = \"Selling\"\ntable = \"deal\"\n\
             [[stage]]\nname = \"talk\"\nlabel = \"Talk\"\ncategory = \"qualify\"\n[[stage.step]]\ncolumn = \"ownerid\"\n\
             [[stage]]\nname = \"deliver\"\nlabel = \"Deliver\"\ncategory = \"close\"\ntable = \"order\"\nrelationship = \"dealid\"",
        ),
    ])
    .unwrap();
    let table = model.table("selling").unwrap();
    assert_eq!(table.primary_key, "businessprocessflowinstanceid");
    assert_eq!(table.column("orderid").unwrap().targets(), ["order"]);
    assert_eq!(table.column("dealid").unwrap().targets(), ["deal"]);
    let process = model.process("selling").unwrap();
    assert_eq!(process.stages[0].table, "deal");
    assert!(!process.id.is_nil() && process.stages[0].id != process.stages[1].id);
}

#[test]
fn pairs_of_a_many_to_many_relationship_have_a_table_and_go_with_either_side() {
    let model = app(&[
        ("deal/table.toml", "label = \"Deal\"\nprimary_name = \"dealid\"\n[[many_to_many]]\nname = \"deal_rivals\"\nother = \"rival\"\nintersect = \"dealrivals\""),
        ("rival/table.toml", "label = \"Rival\"\nprimary_name = \"rivalid\""),
    ])
    .unwrap();
    let pairs = model.table("dealrivals").unwrap();
    assert_eq!(pairs.keys[0].columns, ["dealid", "rivalid"]);
    let deletes = model.pointing_from("dealrivals").filter(|it| it.on_delete == Cascade::Cascade).count();
    assert_eq!(deletes, 2);
}

#[test]
fn a_rollup_gives_what_it_combines() {
    let model = app(&[
        ("deal/table.toml", "label = \"Deal\"\nprimary_name = \"dealid\"\n[columns.teamid]\nlabel = \"Team\"\ntype = \"lookup\"\ntargets = [\"club\"]\n[columns.value]\nlabel = \"Value\"\ntype = \"money\""),
        (
            "club/table.toml",
            "label = \"Club\"\nprimary_name = \"clubid\"\n\
             [columns.total]\nlabel = \"Total\"\ntype = \"rollup\"\nfunction = \"sum\"\ntable = \"deal\"\nthrough = \"teamid\"\ncolumn = \"value_base\"\n\
             filter = { column = \"createdon\", op = \"not-null\" }",
        ),
    ])
    .unwrap();
    let club = model.table("club").unwrap();
    assert!(matches!(club.column("total").unwrap().value_type(), ColumnType::Money { base: true, .. }));
    assert!(!club.has_money(), "an amount in the base currency needs no currency of its own");
}

#[test]
fn all_mistakes_are_told_at_once_each_with_its_place() {
    let said = complaints(
        "[columns.a]\nlabel = \"A\"\ntype = \"text\"\nlength = 0\n\
         [columns.b]\nlabel = \"B\"\ntype = \"lookup\"\ntargets = [\"nowhere\"]\n\
         [columns.c]\nlabel = \"C\"\ntype = \"choice\"\ndefault = 3\noptions = [{ value = 1, label = \"X\" }, { value = 1, label = \"x\" }]\n\
         [columns.d]\nlabel = \"D\"\ntype = \"whole\"\nlength = 5\n\
         [columns.E]\nlabel = \"E\"\ntype = \"date\"\n\
         [[key]]\nname = \"k\"\ncolumns = [\"missing\"]",
    );
    for part in [
        "deal.a: a length is from 1 to 1000000",
        "deal.b: there is no table nowhere to point at",
        "deal.c: the default does not fit: 3 is not an option; there are 1 X, 1 x",
        "deal.c: option number 1 stands twice",
        "deal.c: option label x stands twice",
        "deal/table.toml:15: deal.d: 'length' does not belong to a column of this type; take it out",
        "deal.E: a name is lower-case letters",
        "deal/table.toml: key k: deal has no column missing",
    ] {
        assert!(said.contains(part), "{part}\nis missing in\n{said}");
    }
}

#[test]
fn a_misspelt_key_is_named_with_its_line() {
    let said = complaints("[columns.a]\nlabel = \"A\"\ntype = \"text\"\nlenght = 5");
    assert!(said.starts_with("deal/table.toml:5: unknown field `lenght`"), "{said}");
    let view = "[[view]]\nname = \"all\"\nlabel = \"All\"\ncolumns = [\"name\"]\n[view.filter]\nall = [{ colum = \"name\", op = \"eq\", value = 1 }]";
    let said = app(&[("team/views.toml", view)]).unwrap_err().to_string();
    assert!(said.contains("team/views.toml:6: unknown field `colum`"), "{said}");
}

#[test]
fn formulas_that_go_in_circles_or_mix_kinds_are_refused() {
    let said = complaints(
        "[columns.a]\nlabel = \"A\"\ntype = \"calculated\"\nresult = \"whole\"\nformula = \"b + 1\"\n\
         [columns.b]\nlabel = \"B\"\ntype = \"calculated\"\nresult = \"whole\"\nformula = \"a + 1\"\n\
         [columns.c]\nlabel = \"C\"\ntype = \"calculated\"\nresult = \"whole\"\nformula = \"name\"\n\
         [columns.d]\nlabel = \"D\"\ntype = \"calculated\"\nresult = \"text\"\nformula = \"upper(1\"",
    );
    for part in [
        "deal.a: the formula reads b, which in the end reads this column",
        "deal.c: formula: the formula gives text, but the column holds a number",
        "deal.d: formula: the formula ends where ')' should stand",
    ] {
        assert!(said.contains(part), "{part}\nis missing in\n{said}");
    }
}

#[test]
fn filters_of_views_are_checked_down_to_their_values() {
    let view = |filter: &str| {
        format!(
            "[[view]]\nname = \"all\"\nlabel = \"All\"\ncolumns = [\"name\", \"createdby.fullname\"]\nfilter = {filter}"
        )
    };
    let said = |filter: &str| {
        app(&[("team/views.toml", &view(filter))]).map_or_else(|error| error.to_string(), |_| String::new())
    };
    assert_eq!(said("{ column = \"createdon\", op = \"last-x-days\", value = 7 }"), "");
    assert_eq!(said("{ column = \"createdby\", op = \"eq-userid\" }"), "");
    assert_eq!(
        said("{ related = { table = \"businessunit\", through = \"createdby\", filter = { all = [] } } }"),
        "team/views.toml: view all: businessunit.createdby is not a lookup that points at team"
    );
    assert_eq!(
        said("{ column = \"name\", op = \"today\" }"),
        "team/views.toml: view all: Today needs a date, and name is none"
    );
    assert_eq!(
        said("{ column = \"createdon\", op = \"ge\", value = \"soon\" }"),
        "team/views.toml: view all: createdon: a moment is needed, for instance 2027-03-01T08:30:00Z, not 'soon'"
    );
    assert_eq!(
        said("{ column = \"createdon\", op = \"between\", values = [2027-01-01] }"),
        "team/views.toml: view all: Between on createdon needs 2 values, not 1"
    );
}
