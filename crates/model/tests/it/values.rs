//! Values: whether they fit, what text and JSON mean.

use crate::fixture::deal;
use jiff::Timestamp;
use pipewright_model::{Column, Reference, Value};
use proptest::prelude::*;
use rust_decimal::Decimal;
use serde_json::json;
use uuid::Uuid;

const COLUMNS: &str = r#"
[columns.short]
label = "Short"
type = "text"
length = 5
[columns.long]
label = "Long"
type = "memo"
[columns.count]
label = "Count"
type = "whole"
min = 0
max = 100
[columns.rate]
label = "Rate"
type = "decimal"
precision = 2
[columns.value]
label = "Value"
type = "money"
[columns.hot]
label = "Hot"
type = "boolean"
yes = "Hot"
no = "Cold"
[columns.source]
label = "Source"
type = "choice"
options = [{ value = 1, label = "Web" }, { value = 2, label = "Fair, Hall 3" }]
[columns.interests]
label = "Interests"
type = "multi_choice"
options = [{ value = 1, label = "Robots" }, { value = 3, label = "Pumps" }]
[columns.due]
label = "Due"
type = "date"
[columns.seen]
label = "Seen"
type = "date_time"
[columns.who]
label = "Who"
type = "lookup"
targets = ["team", "systemuser"]
[columns.unit]
label = "Unit"
type = "lookup"
targets = ["businessunit"]
"#;

fn column(name: &str) -> Column {
    deal(COLUMNS).unwrap().table("deal").unwrap().column(name).unwrap().clone()
}

fn decimal(text: &str) -> Value {
    Value::Decimal(text.parse().unwrap())
}

fn refused(name: &str, value: impl Into<Value>) -> String {
    column(name).check(&value.into()).unwrap_err().to_string()
}

#[test]
fn text_is_trimmed_at_its_end_and_measured_in_characters() {
    assert_eq!(column("short").check(&"Müßig \n".into()), Ok("Müßig".into()));
    assert_eq!(column("short").check(&"   ".into()), Ok(Value::Null));
    assert_eq!(column("short").check(&"a\r\nb".into()), Ok("a b".into()));
    assert_eq!(column("long").check(&"a\nb".into()), Ok("a\nb".into()));
    assert_eq!(refused("short", "Müßiger"), "at most 5 characters fit, this has 7");
    assert!(refused("short", "a\0b").contains("U+0000"));
}

#[test]
fn figures_are_never_changed_silently() {
    assert_eq!(column("rate").check(&decimal("1.250")), Ok(decimal("1.25")));
    assert_eq!(
        refused("rate", decimal("1.255").as_decimal()),
        "at most 2 decimal places fit, 1.255 has 3; write for instance 1.26"
    );
    assert_eq!(refused("count", 101), "a number from 0 to 100 is needed, not 101");
    assert_eq!(column("count").check(&decimal("3.0")), Ok(Value::from(3)));
    assert!(column("value").check(&decimal("0.00001")).is_err());
}

#[test]
fn lookups_know_where_they_may_point() {
    let id = Uuid::from_u128(7);
    assert_eq!(column("unit").check(&id.into()), Ok(Reference::new("businessunit", id).into()));
    assert_eq!(refused("who", id), "say which table is meant: team or systemuser");
    assert_eq!(
        refused("who", Reference::new("deal", id)),
        "this cannot point at deal; it may point at team or systemuser"
    );
}

#[test]
fn text_from_a_file_becomes_what_the_column_holds() {
    let parsed = |name: &str, text: &str| column(name).parse_text(text);
    assert_eq!(parsed("source", "fair, hall 3"), Ok(Value::from(2)));
    assert_eq!(parsed("source", "1"), Ok(Value::from(1)));
    assert_eq!(parsed("interests", "Pumps; 1"), Ok(vec![1, 3].into()));
    assert_eq!(parsed("hot", "cold"), Ok(false.into()));
    assert_eq!(parsed("due", "2027-03-01T23:00:00-05:00"), Ok(jiff::civil::date(2027, 3, 1).into()));
    assert_eq!(
        parsed("seen", "2027-03-01T10:30:00.1239+02:00"),
        Ok("2027-03-01T08:30:00.123Z".parse::<Timestamp>().unwrap().into())
    );
    assert_eq!(parsed("count", " "), Ok(Value::Null));
    assert_eq!(parsed("count", "many").unwrap_err().to_string(), "a whole number is needed, not 'many'");
    assert_eq!(parsed("rate", "1e1"), Ok(decimal("10")));
}

#[test]
fn the_wire_speaks_as_dataverse_does() {
    let id = Uuid::from_u128(7);
    let moment: Timestamp = "2027-03-01T08:30:00.250Z".parse().unwrap();
    assert_eq!(column("value").to_json(&decimal("1234.50")), json!(1234.5));
    assert_eq!(column("value").to_json(&decimal("100.00")).to_string(), "100");
    assert_eq!(column("interests").to_json(&vec![1, 3].into()), json!("1,3"));
    assert_eq!(column("seen").to_json(&moment.into()), json!("2027-03-01T08:30:00Z"));
    assert_eq!(column("who").to_json(&Reference::new("team", id).into()), json!(id));
    assert_eq!(column("who").to_feed_json(&Reference::new("team", id).into()), json!({ "table": "team", "id": id }));
}

#[test]
fn the_wire_is_read_strictly_but_not_pedantically() {
    let read = |name: &str, json: serde_json::Value| column(name).from_json(&json);
    assert_eq!(read("count", json!(3.0)), Ok(Value::from(3)));
    assert_eq!(read("value", json!(59.970_000_000_000_006)), Ok(decimal("59.97")));
    assert_eq!(read("value", json!(0.1)), Ok(decimal("0.1")));
    assert_eq!(read("interests", json!([3, 1, 3])), Ok(vec![1, 3].into()));
    assert_eq!(
        read("seen", json!("2027-03-01T10:30:00+02:00")),
        Ok("2027-03-01T08:30:00Z".parse::<Timestamp>().unwrap().into())
    );
    assert!(read("count", json!("3")).unwrap_err().to_string().contains("without quotes"));
    assert!(read("count", json!(3.5)).is_err());
    assert!(read("hot", json!(1)).is_err());
    assert_eq!(read("short", json!(7)).unwrap_err().to_string(), "text is needed, not the number 7");
}

fn any_decimal(places: u32) -> impl Strategy<Value = Decimal> {
    (-9_000_000_000_000_000_i64..9_000_000_000_000_000_i64).prop_map(move |digits| Decimal::new(digits, places))
}

fn any_value() -> impl Strategy<Value = (&'static str, Value)> {
    prop_oneof![
        "[a-z äß]{1,5}[a-z]".prop_map(|text| ("long", text.into())),
        (0_i64..=100).prop_map(|number| ("count", number.into())),
        any_decimal(2).prop_map(|number| ("rate", number.into())),
        any_decimal(4).prop_map(|number| ("value", number.into())),
        any::<bool>().prop_map(|yes| ("hot", yes.into())),
        (0_i64..4_000_000_000_000).prop_map(|ms| ("seen", Timestamp::from_millisecond(ms).unwrap().into())),
        any::<u128>().prop_map(|id| ("who", Reference::new("team", Uuid::from_u128(id)).into())),
        Just(("interests", Value::from(vec![1, 3]))),
        Just(("due", Value::from(jiff::civil::date(2027, 2, 28)))),
        Just(("source", Value::from(2))),
        Just(("unit", Value::Null)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn the_change_feed_loses_nothing((name, value) in any_value()) {
        let column = column(name);
        let written = serde_json::to_string(&column.to_feed_json(&value)).unwrap();
        let read = column.from_feed_json(&serde_json::from_str(&written).unwrap());
        prop_assert_eq!(read, Ok(value));
    }

    #[test]
    fn amounts_of_fifteen_digits_pass_the_wire_exactly(digits in -999_999_999_999_999_i64..=999_999_999_999_999) {
        let column = column("value");
        let value = Value::Decimal(Decimal::new(digits, 4));
        let written = serde_json::to_string(&column.to_json(&value)).unwrap();
        prop_assert_eq!(column.from_json(&serde_json::from_str(&written).unwrap()), Ok(value));
    }

    #[test]
    fn a_value_without_a_column_survives_json((_, value) in any_value()) {
        let written = serde_json::to_string(&value).unwrap();
        prop_assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), value);
    }
}
