//! What formulas say.

use std::collections::BTreeMap;

use jiff::civil::date;
use pipewright_model::{Formula, Value};
use proptest::prelude::*;
use rust_decimal::Decimal;

fn result(formula: &str, row: &[(&str, Value)]) -> Value {
    let row: BTreeMap<_, _> = row.iter().cloned().collect();
    Formula::parse(formula).unwrap().evaluate(&|name| row.get(name).cloned().unwrap_or_default())
}

fn number(text: &str) -> Value {
    Value::Decimal(text.parse::<Decimal>().unwrap())
}

#[test]
fn a_name_is_joined_of_the_parts_there_are() {
    let row = [("firstname", "Ada".into()), ("middlename", Value::Null), ("lastname", "Byron".into())];
    assert_eq!(result("join(' ', firstname, middlename, lastname)", &row), "Ada Byron".into());
    assert_eq!(result("join(' ', middlename)", &row), Value::Null);
}

#[test]
fn reckoning_is_exact_and_follows_the_usual_order() {
    assert_eq!(result("0.1 + 0.2", &[]), number("0.3"));
    assert_eq!(result("2 + 3 * 4 - -1", &[]), number("15"));
    assert_eq!(result("(2 + 3) * 4", &[]), number("20"));
    assert_eq!(result("round(10 / 3, 2)", &[]), number("3.33"));
    assert_eq!(result("round(2.5)", &[]), number("3"));
}

#[test]
fn what_is_unknown_stays_unknown() {
    assert_eq!(result("value * 2", &[]), Value::Null);
    assert_eq!(result("1 / 0", &[]), Value::Null);
    assert_eq!(result("79228162514264337593543950335 * 10", &[]), Value::Null);
    assert_eq!(result("value > 1", &[]), Value::Null);
    assert_eq!(result("value > 1 and 1 > 2", &[]), Value::Boolean(false));
    assert_eq!(result("coalesce(value, 7)", &[]), number("7"));
    assert_eq!(result("if(value > 1, 'large', 'small')", &[]), "small".into());
    assert_eq!(result("is_empty(value)", &[]), Value::Boolean(true));
}

#[test]
fn days_are_counted() {
    let row = [("from", date(2027, 2, 27).into()), ("to", date(2028, 3, 1).into())];
    assert_eq!(result("days_between(from, to)", &row), Value::from(368));
    assert_eq!(result("year(to) * 100 + month(to)", &row), number("202803"));
}

#[test]
fn text_is_compared_without_regard_to_case() {
    assert_eq!(result("name = 'acme'", &[("name", "ACME".into())]), Value::Boolean(true));
    assert_eq!(result("'it''s' = \"it's\"", &[]), Value::Boolean(true));
}

#[test]
fn mistakes_are_told_with_their_place() {
    let said = |text| Formula::parse(text).unwrap_err().to_string();
    assert_eq!(said("1 +"), "the formula ends where a number, text, a column or a function should stand");
    assert_eq!(said("1 $ 2"), "at character 3: '$' has no meaning here");
    assert!(said("sine(1)").starts_with("at character 1: there is no function sine; there are if, coalesce, join"));
    assert_eq!(said("if(1 = 1)"), "at character 1: if takes 2 to 3 arguments, not 1");
    assert_eq!(said("'open"), "at character 1: the text that begins here is not closed by a quote");
    assert!(said(&"(".repeat(3_000)).contains("at most"));
}

#[test]
fn the_columns_it_reads_are_known() {
    assert_eq!(Formula::parse("if(a > b, a, coalesce(c, 'd'))").unwrap().columns(), ["a", "b", "c"]);
}

proptest! {
    #[test]
    fn no_text_whatever_makes_the_reader_fall_over(text in ".{0,200}") {
        let _ = Formula::parse(&text);
    }

    #[test]
    fn no_formula_like_text_makes_reading_or_reckoning_fall_over(
        parts in prop::collection::vec(prop::sample::select(vec![
            "1", "2.5", "a", "b", "'x'", "+", "-", "*", "/", "=", "<", "and", "or", "not", "(", ")", ",",
            "if(", "join(", "round(", "min(", "days_between(", "year(", "is_empty(", "null", "99999999999999999999999999",
        ]), 0..40),
        a in any::<i64>(),
    ) {
        if let Ok(formula) = Formula::parse(&parts.join(" ")) {
            formula.evaluate(&|name| if name == "a" { Value::Whole(a) } else { Value::Null });
        }
    }

    #[test]
    fn a_long_chain_does_not_exhaust_the_stack(length in 400_usize..600) {
        let text = vec!["a"; length].join("+");
        if let Ok(formula) = Formula::parse(&text) {
            formula.evaluate(&|_| Value::Whole(1));
        }
    }
}
