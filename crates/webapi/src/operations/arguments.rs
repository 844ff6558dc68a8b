//! Arguments of functions as JSON: an address carries objects with quotes of either kind.

use serde_json::value::RawValue;

use super::Type;
use crate::odata::Literal;

/// The argument as JSON; nothing where it cannot be of this type.
pub fn as_json(kind: Type, value: &Literal) -> Option<Box<RawValue>> {
    let json = match value {
        Literal::Null => "null".to_owned(),
        Literal::Boolean(yes) => yes.to_string(),
        // Members of enumerations are written by name or by number.
        Literal::Whole(number) => match kind {
            Type::Enumeration(known) => format!("\"{}\"", known.members.iter().find(|(_, value)| value == number)?.0),
            _ => number.to_string(),
        },
        Literal::Decimal(number) => number.to_string(),
        Literal::Text(text) if kind.is_structured() => double_quoted(text),
        Literal::Text(text) => serde_json::to_string(text).ok()?,
        Literal::Guid(id) => format!("\"{id}\""),
        Literal::Date(day) => format!("\"{day}\""),
        Literal::DateTime(moment) => format!("\"{moment}\""),
    };
    RawValue::from_string(json).ok()
}

/// `{'name':'O''Brien'}` becomes `{"name":"O'Brien"}`; what stands in double quotes stays as it is.
fn double_quoted(text: &str) -> String {
    let mut json = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' => {
                json.push('"');
                while let Some(inside) = characters.next() {
                    json.push(inside);
                    match inside {
                        '\\' => json.extend(characters.next()),
                        '"' => break,
                        _ => {}
                    }
                }
            }
            '\'' => {
                let mut inner = String::new();
                while let Some(inside) = characters.next() {
                    match inside {
                        '\'' if characters.peek() == Some(&'\'') => inner.extend(characters.next()),
                        '\'' => break,
                        other => inner.push(other),
                    }
                }
                json.push_str(&serde_json::Value::String(inner).to_string());
            }
            other => json.push(other),
        }
    }
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_in_addresses_are_written_with_either_kind_of_quotes() {
        for (written, meant) in [
            ("{'name':'O''Brien \"Bob\"'}", r#"{"name":"O'Brien \"Bob\""}"#),
            (r#"{"name":"O'Brien"}"#, r#"{"name":"O'Brien"}"#),
            ("['account','contact']", r#"["account","contact"]"#),
            (r#"{"a":"\"it's\""}"#, r#"{"a":"\"it's\""}"#),
        ] {
            let json = as_json(Type::AnyRow, &Literal::Text(written.to_owned()));
            assert_eq!(json.unwrap().get(), meant, "{written}");
        }
        assert!(as_json(Type::AnyRow, &Literal::Text("{'name'".to_owned())).is_none());
    }
}
