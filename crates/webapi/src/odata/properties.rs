//! Properties that hold for every input: nothing panics, and what is printed is read as the same.

use jiff::{Timestamp, civil};
use proptest::prelude::*;
use uuid::Uuid;

use super::{expression::parse_filter, *};

fn name() -> impl Strategy<Value = String> {
    "[a-z_][a-z0-9_]{0,8}".prop_filter("no keyword", |name| {
        !matches!(
            name.as_str(),
            "null"
                | "true"
                | "false"
                | "not"
                | "and"
                | "or"
                | "in"
                | "eq"
                | "ne"
                | "gt"
                | "ge"
                | "lt"
                | "le"
                | "any"
                | "all"
        )
    })
}

fn path() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(name(), 1..4)
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        Just(Literal::Null),
        any::<bool>().prop_map(Literal::Boolean),
        any::<i64>().prop_map(Literal::Whole),
        (any::<i64>(), 0_u32..12)
            .prop_map(|(number, scale)| Literal::Decimal(rust_decimal::Decimal::new(number, scale))),
        ".{0,12}".prop_map(Literal::Text),
        any::<u128>().prop_map(|bits| Literal::Guid(Uuid::from_u128(bits))),
        (1_i16..9999, 1_i8..13, 1_i8..29).prop_map(|(year, month, day)| Literal::Date(civil::date(year, month, day))),
        (-60_000_000_000_i64..250_000_000_000)
            .prop_map(|second| Literal::DateTime(Timestamp::from_second(second).unwrap())),
    ]
}

fn operand() -> impl Strategy<Value = Operand> {
    prop_oneof![path().prop_map(Operand::Path), literal().prop_map(Operand::Literal)]
}

fn comparison() -> impl Strategy<Value = Comparison> {
    prop::sample::select(vec![
        Comparison::Eq,
        Comparison::Ne,
        Comparison::Gt,
        Comparison::Ge,
        Comparison::Lt,
        Comparison::Le,
    ])
}

fn leaf() -> impl Strategy<Value = Expression> {
    let how = prop::sample::select(vec![TextMatch::Contains, TextMatch::StartsWith, TextMatch::EndsWith]);
    let argument =
        prop_oneof![literal().prop_map(Argument::One), prop::collection::vec(literal(), 0..3).prop_map(Argument::Many)];
    prop_oneof![
        (operand(), comparison(), operand()).prop_map(|(left, comparison, right)| Expression::Compare {
            left,
            comparison,
            right
        }),
        (how, operand(), operand()).prop_map(|(how, column, text)| Expression::Match { how, column, text }),
        (path(), prop::collection::vec(operand(), 1..4))
            .prop_map(|(path, values)| Expression::In { column: Operand::Path(path), values }),
        (name(), prop::collection::vec((name(), argument), 0..3))
            .prop_map(|(name, arguments)| Expression::Function { name, arguments }),
        path().prop_map(|path| Expression::Alone(Operand::Path(path))),
    ]
}

fn expression() -> impl Strategy<Value = Expression> {
    leaf().prop_recursive(4, 32, 4, |inner| {
        let condition = prop::option::of((name(), inner.clone().prop_map(Box::new)));
        prop_oneof![
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expression::And),
            prop::collection::vec(inner.clone(), 2..4).prop_map(Expression::Or),
            inner.prop_map(|inner| Expression::Not(Box::new(inner))),
            (path(), condition).prop_map(|(path, condition)| {
                let quantifier = if condition.is_some() { Quantifier::All } else { Quantifier::Any };
                Expression::Lambda(Lambda { path, quantifier, condition })
            }),
        ]
    })
}

/// Text that looks like a filter without being one.
fn nearly_a_filter() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(vec![
            "(",
            ")",
            "'",
            "\"",
            ",",
            "/",
            ":",
            "=",
            "[",
            "]",
            "@",
            "@p",
            " and ",
            " or ",
            "not ",
            " eq ",
            " in ",
            "any(",
            "all(o:",
            "null",
            "-",
            "1.5",
            "2027-02-30",
            "2027-01-01T",
            "6f9619ff-8b86-d011-b42d-00c04fc964ff",
            "contains(",
            "Microsoft.Dynamics.CRM.In(",
            "$count",
            ";",
            "%",
            "\u{0}",
            "é",
            "日",
        ])
        .prop_map(str::to_owned),
        ".{0,4}",
    ];
    prop::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn a_printed_filter_is_read_as_the_same(expression in expression()) {
        let text = expression.to_string();
        let read = parse_filter("$filter", &text, &QueryOptions::default());
        prop_assert_eq!(read, Ok(expression), "{}", text);
    }

    #[test]
    fn no_text_makes_a_reader_panic(text in nearly_a_filter()) {
        let options = QueryOptions::default();
        let _ = parse_filter("$filter", &text, &options);
        let _ = ResourcePath::parse(&text, &options);
        let encoded = encode(&text);
        for option in ["$filter", "$select", "$orderby", "$expand", "$apply", "$top", "$count"] {
            if let Ok(options) = QueryOptions::parse(&format!("{option}={encoded}")) {
                let _ = (options.filter(), options.select(), options.order(), options.expand(), options.apply(), options.top(), options.count());
            }
        }
        let _ = QueryOptions::parse(&text);
    }

    #[test]
    fn any_value_survives_the_query_string(text in ".{0,40}") {
        let text = text.trim();
        let options = QueryOptions::parse(&format!("$filter={}", encode(text))).unwrap();
        prop_assert_eq!(options.get("$filter").unwrap_or_default(), text);
    }
}
