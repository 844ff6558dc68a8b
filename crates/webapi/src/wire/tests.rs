use axum::http::HeaderMap;

use super::*;

fn preferences(values: &[&str]) -> Preferences {
    let mut headers = HeaderMap::new();
    for value in values {
        headers.append("prefer", value.parse().unwrap());
    }
    Preferences::read(&headers)
}

#[test]
fn preferences_come_in_one_header_or_several_quoted_or_not() {
    let one = preferences(&[
        "return=representation, odata.maxpagesize=5,odata.include-annotations=\"a.b,Microsoft.Dynamics.CRM.*\", foo=bar; x=1",
    ]);
    let several = preferences(&[
        "return=representation",
        "odata.maxpagesize=5",
        "odata.include-annotations='a.b,Microsoft.Dynamics.CRM.*'",
    ]);
    assert!(one.representation && one.annotations.wants("a.b") && !one.annotations.wants("a.c"));
    assert!(one.annotations.wants(LOOKUP_LOGICAL_NAME) && !one.annotations.wants(FORMATTED_VALUE));
    assert_eq!(one.page_size, Some(5));
    // Quotes that are no quotes to the header split at the comma; the first pattern is kept.
    assert!(several.representation && several.annotations.wants("a.b"));
    assert_eq!(
        one.applied(false, true).as_deref(),
        Some("odata.maxpagesize=5,odata.include-annotations=\"a.b,Microsoft.Dynamics.CRM.*\"")
    );
    assert_eq!(preferences(&["odata.maxpagesize=0", "garbage"]), Preferences::default());
    let without = preferences(&["odata.include-annotations=\"*,-Microsoft.Dynamics.CRM.*\""]);
    assert!(without.annotations.wants(FORMATTED_VALUE) && !without.annotations.wants(LOOKUP_LOGICAL_NAME));
}

#[test]
fn version_tags_are_read_in_every_spelling() {
    let expectation = |value: &str| {
        let mut headers = HeaderMap::new();
        headers.insert("if-match", value.parse().unwrap());
        Expectation::if_match(&headers)
    };
    assert_eq!(expectation("null"), None);
    assert_eq!(expectation("*"), Some(Expectation::Exists));
    assert_eq!(expectation("W/\"12\""), Some(Expectation::Versions(vec![12])));
    assert_eq!(expectation("\"12\", W/\"13\",rubbish"), Some(Expectation::Versions(vec![12, 13, -1])));
    assert_eq!(EntityTag(12).to_string(), "W/\"12\"");
}

#[test]
fn addresses_of_rows_are_judged_by_their_path() {
    for text in [
        "/accounts(6f9619ff-8b86-d011-b42d-00c04fc964ff)",
        "accounts({6F9619FF-8B86-D011-B42D-00C04FC964FF})",
        "https://a.b/api/data/v9.0/accounts(6f9619ff-8b86-d011-b42d-00c04fc964ff)",
    ] {
        assert_eq!(parse_link("x", text).unwrap().set_name, "accounts", "{text}");
    }
    for text in [
        "accounts",
        "",
        "/",
        "https://a.b/accounts(6f9619ff-8b86-d011-b42d-00c04fc964ff)",
        "$1",
        "a(1)/b(2)",
        "accounts()",
        "accounts(')",
    ] {
        assert!(parse_link("x", text).is_err(), "{text}");
    }
}

#[test]
fn values_keep_their_meaning_both_ways() {
    let model = model::Model::base();
    let lead = model.table("lead").unwrap();
    let read = |column: &str, raw: &str| scalar::from_json(lead.column(column).unwrap(), raw);
    let shown =
        |column: &str, value: &model::Value| String::from_utf8(to_json(lead.column(column), value).to_bytes()).unwrap();
    for (column, raw, back) in [
        ("budgetamount", "922337203685477.5807", "922337203685477.5807"),
        ("budgetamount", "1e2", "100.0000"),
        ("donotphone", "false", "false"),
        ("leadsourcecode", "3.0", "3"),
        ("subject", "\"\\u00e9\\n\\\"\"", "\"é\\n\\\"\""),
        ("createdon", "\"2027-03-01T10:30:00.5+02:00\"", "\"2027-03-01T08:30:00Z\""),
        ("createdon", "\"2027-03-01\"", "\"2027-03-01T00:00:00Z\""),
        ("subject", "null", "null"),
    ] {
        assert_eq!(shown(column, &read(column, raw).unwrap()), back, "{column} {raw}");
    }
    for (column, raw) in [
        ("budgetamount", "\"1\""),
        ("budgetamount", "[]"),
        ("donotphone", "0"),
        ("subject", "5"),
        ("createdon", "\"soon\""),
        ("leadsourcecode", "1.5"),
        ("leadsourcecode", "99999999999999999999"),
    ] {
        assert!(read(column, raw).is_err(), "{column} {raw}");
    }
}
