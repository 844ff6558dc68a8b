use model::{Condition, Filter, Model, Operator};
use proptest::prelude::*;

use super::*;
use crate::odata::{QueryOptions, encode};

fn filter_over(model: &Model, table: &str, text: &str) -> crate::error::Result<Filter> {
    let options = QueryOptions::parse(&format!("$filter={}", encode(text)))?;
    let expression = options.filter()?.expect("a filter");
    translate_filter(model, model.table(table).expect("a table"), &expression)
}

#[test]
fn long_lists_of_alternatives_become_one_comparison() {
    let model = Model::base();
    let many: Vec<String> = (0..2_000).map(|number| format!("leadsourcecode eq {number}")).collect();
    let Ok(Filter::Condition(Condition { operator: Operator::In, values, .. })) =
        filter_over(&model, "lead", &many.join(" or "))
    else {
        panic!("not one list");
    };
    assert_eq!(values.len(), 2_000);
    let none: Vec<String> = (0..600).map(|number| format!("leadsourcecode ne {number}")).collect();
    let filter = filter_over(&model, "lead", &none.join(" and ")).unwrap();
    assert!(matches!(filter, Filter::Condition(Condition { operator: Operator::NotIn, .. })), "{filter:?}");
}

#[test]
fn what_cannot_be_asked_is_refused_with_the_way_that_works() {
    let model = Model::base();
    for (filter, expected) in [
        ("Lead_Tasks/any(t:subject eq 'x')", "does not begin with 't/'"),
        ("Lead_Tasks eq 'x'", "Could not find a property named 'Lead_Tasks'"),
        ("Lead_Tasks/subject eq 'x'", "is a collection; ask about its rows with Lead_Tasks/any(o:o/name eq 'x')"),
        ("contains(leadsourcecode,'x')", "contains needs a text column"),
        ("donotphone gt true", "can be compared by eq and ne only"),
        ("budgetamount gt null", "can be compared with null by eq and ne only"),
        ("subject", "alone is no condition; compare it: subject eq a text in quotes: 'x'"),
        ("subject eq budgetamount", "hold different types of data"),
        (
            "Microsoft.Dynamics.CRM.Nonsense(PropertyName='subject')",
            "the function 'Microsoft.Dynamics.CRM.Nonsense' is not known",
        ),
        ("Microsoft.Dynamics.CRM.LastXDays(PropertyName='createdon',PropertyValue=0)", "needs a whole number from 1"),
        ("Microsoft.Dynamics.CRM.Between(PropertyName='budgetamount',PropertyValues=['1'])", "needs two values"),
        ("Microsoft.Dynamics.CRM.Today(Property='createdon')", "has no parameter 'Property'"),
    ] {
        let error = filter_over(&model, "lead", filter).expect_err(filter).to_string();
        assert!(error.contains(expected), "{filter}: {error}");
    }
}

proptest! {
    #[test]
    fn any_filter_over_any_table_is_translated_or_refused(
        table in 0_usize..40,
        columns in prop::collection::vec("[a-z_/$]{0,12}", 1..4),
        comparison in prop::sample::select(vec!["eq", "ne", "gt", "le"]),
        constant in prop::sample::select(vec!["null", "1", "'x'", "1.5", "2027-02-28", "true", "6f9619ff-8b86-d011-b42d-00c04fc964ff", "99999999999999999999999"]),
    ) {
        let model = Model::base();
        let table = &model.tables[table % model.tables.len()].name;
        let known: Vec<&String> = model.tables[table].columns.keys().collect();
        for (number, column) in columns.iter().enumerate() {
            let known = known[number % known.len()];
            for name in [column.as_str(), known, &format!("_{known}_value"), &format!("{known}/{known}")] {
                let _ = filter_over(&model, table, &format!("{name} {comparison} {constant}"));
                let _ = filter_over(&model, table, &format!("Microsoft.Dynamics.CRM.In(PropertyName='{name}',PropertyValues=['{column}'])"));
            }
        }
    }
}
