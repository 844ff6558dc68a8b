//! What holds for every query: what is written is read as the same, and no text makes a reader panic.

use model::{Condition, Filter, Model, Operator, Order, Path, Related, Table, Value, View, ViewColumn};
use proptest::prelude::*;
use rust_decimal::Decimal;

use super::{of_view, plan, read, write};

const COLUMNS: [&str; 7] =
    ["subject", "budgetamount", "leadsourcecode", "estimatedclosedate", "createdon", "donotphone", "ownerid"];
const PATHS: [&str; 3] =
    ["parentaccountid.name", "parentaccountid.primarycontactid.fullname", "ownerid(systemuser).fullname"];

fn path(text: &str) -> Path {
    text.parse().unwrap()
}

fn own(column: &str, operator: Operator, values: Vec<Value>) -> Filter {
    Filter::Condition(Condition { column: column.into(), operator, values, other: None })
}

/// Conditions on a lead's own columns.
fn condition() -> impl Strategy<Value = Filter> {
    use Operator as O;
    let text = "[a-zA-Z%_\\[\\]<&\"' \n\tÄ日]{1,8}";
    let texts = prop::sample::select(vec![
        O::Eq,
        O::Ne,
        O::BeginsWith,
        O::NotBeginWith,
        O::EndsWith,
        O::Contains,
        O::NotContains,
    ]);
    let numbers = prop::sample::select(vec![O::Eq, O::Ne, O::Gt, O::Ge, O::Lt, O::Le]);
    let windows =
        prop::sample::select(vec![O::Today, O::ThisFiscalPeriod, O::LastSevenDays, O::NextYear, O::Null, O::NotNull]);
    let spans = prop::sample::select(vec![O::LastXDays, O::NextXFiscalPeriods, O::OlderThanXMonths, O::LastXHours]);
    let decimal = |number: i32| Value::Decimal(Decimal::new(number.into(), 2).normalize());
    prop_oneof![
        (texts, text).prop_map(|(operator, text)| own("subject", operator, vec![Value::Text(text)])),
        "[a-z][a-z%_]{0,3}[_%][a-z]".prop_map(|text| own("subject", Operator::Like, vec![Value::Text(text)])),
        (numbers, any::<i32>()).prop_map(move |(operator, number)| own(
            "budgetamount",
            operator,
            vec![decimal(number)]
        )),
        (any::<i32>(), any::<i32>()).prop_map(move |(a, b)| own(
            "budgetamount",
            Operator::Between,
            vec![decimal(a), decimal(b)]
        )),
        prop::collection::vec(any::<i32>(), 2..5).prop_map(|numbers| {
            own("leadsourcecode", Operator::In, numbers.into_iter().map(|n| Value::Whole(n.into())).collect())
        }),
        windows.prop_map(|operator| own("createdon", operator, Vec::new())),
        (spans, 1..500_i64).prop_map(|(operator, number)| own("createdon", operator, vec![Value::Whole(number)])),
        (1990_i16..2100, 1_i8..13, 1_i8..29).prop_map(|(year, month, day)| {
            own("estimatedclosedate", Operator::OnOrAfter, vec![Value::Date(jiff::civil::date(year, month, day))])
        }),
        any::<bool>().prop_map(|yes| own("donotphone", Operator::Eq, vec![Value::Boolean(yes)])),
        any::<u128>().prop_map(|id| own("ownerid", Operator::Ne, vec![Value::Id(uuid::Uuid::from_u128(id))])),
        Just(own("ownerid", Operator::EqUseroruserteams, Vec::new())),
        Just(Filter::Condition(Condition {
            column: "companyname".into(),
            operator: Operator::Ne,
            values: Vec::new(),
            other: Some("subject".into())
        })),
    ]
}

fn several(inner: impl Strategy<Value = Filter> + Clone) -> impl Strategy<Value = Filter> {
    prop_oneof![
        prop::collection::vec(inner.clone(), 2..4).prop_map(Filter::All),
        prop::collection::vec(inner, 2..4).prop_map(Filter::Any),
    ]
}

fn filter() -> impl Strategy<Value = Filter> {
    let leaf = prop_oneof![
        4 => condition(),
        1 => Just(Filter::Related(Related { table: "task".to_owned(), through: "regardingobjectid".to_owned(), filter: Box::new(Filter::eq("statecode", 0)), at: None })),
        1 => Just(Filter::Not(Box::new(Filter::Related(Related { table: "phonecall".to_owned(), through: "regardingobjectid".to_owned(), filter: Box::default(), at: None })))),
    ];
    let inner = leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![3 => several(inner.clone()), 1 => several(inner).prop_map(|inner| Filter::Not(Box::new(inner)))]
    });
    let by_path = prop::sample::select(PATHS.to_vec())
        .prop_map(|column| own_path(column, Operator::BeginsWith, Value::Text("x".to_owned())));
    prop_oneof![1 => Just(Filter::everything()), 4 => inner.clone(), 1 => (inner, by_path).prop_map(|(a, b)| Filter::Any(vec![a, b]))]
}

fn own_path(column: &str, operator: Operator, value: Value) -> Filter {
    Filter::Condition(Condition { column: path(column), operator, values: vec![value], other: None })
}

fn view() -> impl Strategy<Value = View> {
    let names = COLUMNS.into_iter().chain(PATHS).collect::<Vec<_>>();
    let columns = prop::sample::subsequence(names, 1..8);
    let orders = prop::collection::vec((prop::sample::select(COLUMNS.to_vec()), any::<bool>()), 0..3);
    (columns, filter(), orders).prop_map(|(columns, filter, orders)| View {
        name: "x".to_owned(),
        label: "X".to_owned(),
        id: uuid::Uuid::nil(),
        default: false,
        columns: columns.into_iter().map(|column| ViewColumn { column: path(column), width: None }).collect(),
        filter,
        order: orders.into_iter().map(|(column, descending)| Order { column: path(column), descending }).collect(),
    })
}

/// The view's query is what reading its FetchXML gives.
fn assert_same(model: &Model, table: &Table, view: &View) {
    let fetch = of_view(model, table, view).unwrap();
    let xml = write(&fetch);
    assert_eq!(read(&xml).unwrap(), fetch, "{xml}");
    let plan = plan(model, table, &read(&xml).unwrap()).unwrap();
    assert_eq!(plan.filter, view.filter, "{xml}");
    assert_eq!(plan.order, view.order, "{xml}");
    for column in &view.columns {
        assert!(plan.columns.iter().any(|output| output.path == column.column), "{} in {xml}", column.column);
    }
    assert!(plan.joins.is_empty(), "{xml}");
}

#[test]
fn every_shipped_view_is_told_in_fetchxml_and_read_as_the_same() {
    let model = Model::base();
    for table in model.tables.values() {
        for view in &table.views {
            let fetch =
                of_view(&model, table, view).unwrap_or_else(|error| panic!("{} {}: {error}", table.name, view.name));
            let xml = write(&fetch);
            assert_eq!(read(&xml).unwrap(), fetch, "{xml}");
            assert!(plan(&model, table, &fetch).is_ok(), "{} {}: {xml}", table.name, view.name);
        }
    }
}

#[test]
fn a_view_is_read_from_its_fetchxml_as_the_same() {
    let model = Model::base();
    let table = model.table("lead").unwrap();
    proptest!(|(view in view())| { assert_same(&model, table, &view); });
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(pieces in prop::collection::vec(prop_oneof![
        prop::sample::select(vec!["<fetch>", "</fetch>", "<entity name='lead'>", "</entity>", "<filter type='or'>", "</filter>",
            "<condition attribute='subject' operator='eq' value='x'/>", "<link-entity ", "name='account' from='accountid' to='parentaccountid'", ">", "/>",
            "<!DOCTYPE", "<![CDATA[", "]]>", "&lt;", "&#0;", "&x;", "<?", "<!--", "top='1'", "'", "\"", "\u{0}", "日"]).prop_map(str::to_owned),
        ".{0,6}",
    ], 0..20)) {
        let model = Model::base();
        if let Ok(fetch) = read(&pieces.concat()) {
            let _ = plan(&model, model.table("lead").unwrap(), &fetch);
            prop_assert_eq!(read(&write(&fetch)).unwrap(), fetch);
        }
        let _ = super::read_cookie(&pieces.concat());
    }
}
