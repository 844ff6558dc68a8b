//! What columns seem to hold, and the parsers that go with it.

use crate::world::open;
use jiff::civil::{Date, date, datetime};
use pipewright_tabular::{ColumnProfile, DateOrder, Kind, NumberStyle, Profile, parse};
use rust_decimal::Decimal;

fn profile(text: &str) -> Profile {
    let table = open(text);
    Profile::of(&table.headers, &table.rows)
}

/// The profile of a single column with these values.
fn column(values: &[&str]) -> ColumnProfile {
    let lines: Vec<String> = values.iter().map(|value| format!("\"{value}\",-\n")).collect();
    profile(&format!("Value,Other\n{}", lines.concat())).columns.remove(0)
}

fn number(text: &str, style: NumberStyle) -> Option<String> {
    parse::decimal(text, style).map(|number: Decimal| number.to_string())
}

#[test]
fn a_month_above_twelve_decides_the_order_and_is_shown() {
    let column = column(&["3/1/2017", "10/20/2016", "3/11/2017"]);
    assert_eq!(column.kind, Kind::Date { order: DateOrder::MonthFirst });
    let evidence = column.evidence.unwrap();
    assert_eq!((evidence.row, evidence.value.as_str()), (3, "10/20/2016"));
    assert_eq!(evidence.column, "Value");
}

#[test]
fn the_order_is_day_first_or_year_first_where_the_values_say_so() {
    let order = |values: &[&str]| column(values).date_order().unwrap();
    assert_eq!(order(&["01.02.2017", "31.12.2016"]), DateOrder::DayFirst);
    assert_eq!(order(&["2017-01-02", "2016-12-31"]), DateOrder::YearFirst);
    assert_eq!(order(&["01/02/2017", "03/04/2016"]), DateOrder::Ambiguous);
    assert_eq!(order(&["99-12-31", "03-04-16"]), DateOrder::YearFirst);
    assert_eq!(order(&["20170102", "20161231"]), DateOrder::YearFirst);
}

#[test]
fn an_ambiguous_date_column_is_settled_by_another_of_the_file() {
    let text = "Opened,Closed\n01/02/2017,03/04/2017\n05/06/2017,25/07/2017\n";
    let mut profile = profile(text);
    assert_eq!(profile.columns[0].date_order(), Some(DateOrder::Ambiguous));
    profile.settle_dates();
    assert_eq!(profile.columns[0].date_order(), Some(DateOrder::DayFirst));
    assert_eq!(profile.columns[0].evidence.as_ref().unwrap().column, "Closed");
}

#[test]
fn columns_that_contradict_each_other_settle_nothing() {
    let mut profile = profile("A,B,C\n01/02/2017,25/04/2017,04/25/2017\n05/06/2017,25/07/2017,07/25/2017\n");
    profile.settle_dates();
    assert_eq!(profile.columns[0].date_order(), Some(DateOrder::Ambiguous));
}

#[test]
fn a_value_against_the_order_is_named() {
    let column = column(&["25/12/2016", "26/12/2016", "12/27/2016"]);
    assert_eq!(column.date_order(), Some(DateOrder::DayFirst));
    assert_eq!(column.contrary.unwrap().value, "12/27/2016");
}

#[test]
fn dates_with_times_are_told_from_dates_at_midnight() {
    let timed = column(&["2017-01-02 10:30:00", "2017-01-03 00:00:00"]);
    assert_eq!(timed.kind, Kind::DateTime { order: DateOrder::YearFirst });
    let midnight = column(&["2017-01-02 00:00:00", "2017-01-03 00:00:00"]);
    assert_eq!(midnight.kind, Kind::Date { order: DateOrder::YearFirst });
}

#[test]
fn dates_are_read_in_the_order_of_their_column() {
    let christmas = Some(date(2016, 12, 25));
    for (text, order) in [
        ("25.12.2016", DateOrder::DayFirst),
        ("25/12/16", DateOrder::DayFirst),
        ("25. 12. 2016", DateOrder::DayFirst),
        ("12/25/2016", DateOrder::MonthFirst),
        ("12-25-16", DateOrder::MonthFirst),
        ("2016-12-25", DateOrder::DayFirst),
        ("2016/12/25", DateOrder::MonthFirst),
        ("20161225", DateOrder::YearFirst),
        ("16-12-25", DateOrder::YearFirst),
        ("25 December 2016", DateOrder::Ambiguous),
        ("Dec 25, 2016", DateOrder::Ambiguous),
        ("December 25th, 2016", DateOrder::Ambiguous),
        ("25-Dec-16", DateOrder::Ambiguous),
        ("Sonntag, 25. Dezember 2016", DateOrder::Ambiguous),
        ("25 décembre 2016", DateOrder::Ambiguous),
        ("25 de diciembre de 2016", DateOrder::Ambiguous),
        ("12/25/2016", DateOrder::Ambiguous),
        ("2016-12-25 00:00:00", DateOrder::YearFirst),
    ] {
        assert_eq!(parse::date(text, order), christmas, "{text} {order:?}");
    }
    assert_eq!(parse::date("1er mars 2017", DateOrder::Ambiguous), Some(date(2017, 3, 1)));
    assert_eq!(parse::date("3. März 2017", DateOrder::Ambiguous), Some(date(2017, 3, 3)));
}

#[test]
fn what_is_no_date_is_not_read_as_one() {
    for text in
        ["31.02.2017", "25/13/2016", "1.2.3", "2017", "May", "12/2016", "hello 2016", "", "1-2/2016", "+49 30 123456"]
    {
        assert_eq!(parse::date(text, DateOrder::DayFirst), None::<Date>, "{text}");
    }
    assert_eq!(parse::date("03/04/2017", DateOrder::Ambiguous), None, "two readings are not guessed");
    assert_eq!(parse::date("2017-01-02 10:30", DateOrder::YearFirst), None, "a time is not dropped silently");
}

#[test]
fn times_are_read_with_halves_of_the_day_fractions_and_zones() {
    let at = datetime(2017, 3, 1, 14, 5, 0, 0);
    for text in [
        "3/1/2017 2:05 PM",
        "3/1/2017 14:05",
        "2017-03-01T14:05:00",
        "2017-03-01T14:05:00Z",
        "Mar 1, 2017, 02:05:00 p.m.",
    ] {
        assert_eq!(parse::date_time(text, DateOrder::MonthFirst), Some(at), "{text}");
    }
    assert_eq!(parse::date_time("2017-03-01", DateOrder::YearFirst), Some(datetime(2017, 3, 1, 0, 0, 0, 0)));
    assert_eq!(
        parse::date_time("2017-03-01 00:00:00.250", DateOrder::YearFirst),
        Some(datetime(2017, 3, 1, 0, 0, 0, 250_000_000))
    );
    let (_, offset) = parse::date_time_with_offset("2017-03-01T14:05:00+02:00", DateOrder::YearFirst).unwrap();
    assert_eq!(offset.unwrap().seconds(), 7200);
    assert_eq!(parse::date_time("2017-03-01 25:00", DateOrder::YearFirst), None);
}

#[test]
fn numbers_are_read_in_the_style_of_their_column() {
    use NumberStyle::{Comma, Point};
    for (text, style, expected) in [
        ("1,054", Point, Some("1054")),
        ("1,054", Comma, Some("1.054")),
        ("€ 1.234,50", Comma, Some("1234.50")),
        ("1.234,50 EUR", Comma, Some("1234.50")),
        ("1 234 567,5", Comma, Some("1234567.5")),
        ("CHF 1'234.50", Point, Some("1234.50")),
        ("12,34,567.00", Point, Some("1234567.00")),
        ("(12.00)", Point, Some("-12.00")),
        ("-$5", Point, Some("-5")),
        ("$-5", Point, Some("-5")),
        ("5-", Point, Some("-5")),
        ("−7,5", Comma, Some("-7.5")),
        (".5", Point, Some("0.5")),
        ("65 %", Point, Some("65")),
        ("1.5E+3", Point, Some("1500")),
        ("0.1", Point, Some("0.1")),
        ("1.5", Comma, None),
        ("1,5", Point, None),
        ("1.2.3", Point, None),
        ("12 apples", Point, None),
        ("1,23,4", Point, None),
        ("--5", Point, None),
        ("$", Point, None),
        ("", Point, None),
    ] {
        assert_eq!(number(text, style).as_deref(), expected, "{text} {style:?}");
    }
}

#[test]
fn the_number_style_is_decided_by_a_value_that_reads_in_one_way_only() {
    let comma = column(&["1.054", "2.300", "12,5"]);
    assert_eq!((comma.kind, comma.number_style), (Kind::Decimal, Some(NumberStyle::Comma)));
    assert_eq!(comma.evidence.unwrap().value, "12,5");
    let open = column(&["1,054", "2,300"]);
    assert_eq!((open.kind, open.number_style), (Kind::Whole, Some(NumberStyle::Point)));
    assert_eq!(open.evidence, None);
}

#[test]
fn an_open_number_style_is_settled_by_another_column_of_the_file() {
    let profile = profile("A;B\n1,054;2,5\n2,310;1,25\n");
    assert_eq!(profile.columns[0].number_style, Some(NumberStyle::Comma));
    assert_eq!(profile.columns[0].kind, Kind::Decimal);
    assert_eq!(profile.columns[0].evidence.as_ref().unwrap().column, "B");
}

#[test]
fn money_is_known_by_its_currency() {
    let euro = column(&["€ 1.234,50", "€ 80,00", "12,00"]);
    assert_eq!(euro.kind, Kind::Money { currency: Some("€".into()) });
    assert_eq!(column(&["$1,000", "USD 5"]).kind, Kind::Money { currency: None });
    assert_eq!(parse::currency("1.234,50 EUR"), Some("EUR"));
}

#[test]
fn kinds_are_guessed_from_all_values() {
    assert_eq!(column(&["12", "7", "1054"]).kind, Kind::Whole);
    assert_eq!(column(&["00123", "00456"]).kind, Kind::Text, "codes with leading zeros are no numbers");
    assert_eq!(column(&["Yes", "no", "YES"]).kind, Kind::Boolean);
    assert_eq!(column(&["ja", "nein"]).kind, Kind::Boolean);
    assert_eq!(column(&["0", "1", "1"]).kind, Kind::Boolean);
    assert_eq!(column(&["1", "1"]).kind, Kind::Whole);
    assert_eq!(column(&["x", "", "X"]).kind, Kind::Boolean);
    assert_eq!(column(&["Yes", "No", "Maybe"]).kind, Kind::Text);
    assert_eq!(column(&["a@example.com", "b.c@mail.example.org"]).kind, Kind::Email);
    assert_eq!(column(&["+49 30 123456", "(555) 123-4567", "030 99887766"]).kind, Kind::Phone);
    assert_eq!(column(&["+4930123456", "+4940123456"]).kind, Kind::Phone);
    assert_eq!(column(&["https://example.com/a", "www.example.org"]).kind, Kind::Url);
    assert_eq!(column(&["7927b2df-8bba-4d29-b9a2-b6e0beafe620"]).kind, Kind::Uuid);
    assert_eq!(column(&["short", "words"]).kind, Kind::Text);
    assert_eq!(column(&["a line\nand another"]).kind, Kind::LongText);
    assert_eq!(column(&["", " "]).kind, Kind::Empty);
}

#[test]
fn a_few_exceptions_do_not_change_the_kind_but_are_named() {
    let mut values = vec!["5"; 40];
    values.push("unknown");
    let column = column(&values);
    assert_eq!((column.kind, column.exceptions), (Kind::Whole, 1));
    assert_eq!(column.first_exception.unwrap().row, 42);
}

#[test]
fn values_are_counted_the_most_frequent_first() {
    let column = column(&["Won", "Lost", "Won", " Won ", ""]);
    let counts: Vec<(&str, u64)> = column.distinct.iter().map(|v| (v.value.as_str(), v.count)).collect();
    assert_eq!(counts, [("Won", 3), ("Lost", 1)]);
    assert_eq!((column.filled, column.max_length, column.distinct_complete), (4, 4, true));
}

#[test]
fn only_two_hundred_values_are_kept() {
    let values: Vec<String> = (0..500).map(|number| format!("value {number}")).collect();
    let values: Vec<&str> = values.iter().map(String::as_str).collect();
    let column = column(&values);
    assert_eq!((column.distinct.len(), column.distinct_complete), (200, false));
}

#[test]
fn a_profile_can_be_stored_as_json() {
    let profile = profile("When,Sum\n10/20/2016,€ 5\n1/2/2017,€ 6\n");
    let text = serde_json::to_string(&profile).unwrap();
    assert!(text.contains(r#""kind":{"kind":"date","order":"month_first"}"#), "{text}");
    assert_eq!(serde_json::from_str::<Profile>(&text).unwrap(), profile);
}
