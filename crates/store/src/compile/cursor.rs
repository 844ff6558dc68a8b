//! Places in a result as opaque text.

use std::hash::{DefaultHasher, Hash, Hasher};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use model::Value;
use serde::{Deserialize, Serialize};

use super::keyset::Key;
use crate::{Cursor, StoreError};

/// What a token holds: which order it belongs to, and the values of its keys.
#[derive(Serialize, Deserialize)]
struct Token {
    o: u64,
    k: Vec<Value>,
}

/// The cursor at a row with these key values.
pub(super) fn at(keys: &[Key<'_>], table: &str, place: Vec<Value>, backwards: bool) -> Result<Cursor, StoreError> {
    let token = Token { o: fingerprint(keys, table), k: place };
    let text = serde_json::to_vec(&token)
        .map_err(|error| StoreError::Database(format!("a place in the result cannot be written: {error}")))?;
    Ok(Cursor { token: URL_SAFE_NO_PAD.encode(text), backwards })
}

/// The key values of a cursor, if it belongs to this order.
pub(super) fn read(keys: &[Key<'_>], table: &str, cursor: &Cursor) -> Result<Vec<Value>, StoreError> {
    let token: Option<Token> =
        URL_SAFE_NO_PAD.decode(&cursor.token).ok().and_then(|text| serde_json::from_slice(&text).ok());
    token
        .filter(|token| token.o == fingerprint(keys, table) && token.k.len() == keys.len())
        .filter(|token| token.k.iter().zip(keys).all(|(value, key)| fits(key, value)))
        .map(|token| token.k)
        .ok_or_else(|| {
            StoreError::BadQuery(
                "this page marker belongs to another list or order; start from the first page".to_owned(),
            )
        })
}

/// Two orders have the same fingerprint only if a place in one is a place in the other. The
/// hasher's keys are fixed, so that tokens outlive the process.
fn fingerprint(keys: &[Key<'_>], table: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    table.hash(&mut hasher);
    for key in keys {
        (&key.name, key.descending).hash(&mut hasher);
    }
    // Whole numbers of JSON are signed here.
    hasher.finish() >> 1
}

/// Tokens come from outside: a value of the wrong type must not reach the engine.
fn fits(key: &Key<'_>, value: &Value) -> bool {
    use super::literal::{Family, family};
    if key.is_target {
        return matches!(value, Value::Null | Value::Text(_));
    }
    matches!(
        (family(key.column), value),
        (_, Value::Null)
            | (Family::Text, Value::Text(_))
            | (Family::Number(_), Value::Whole(_) | Value::Decimal(_))
            | (Family::Boolean, Value::Boolean(_))
            | (Family::Choice, Value::Whole(_))
            | (Family::MultiChoice, Value::Choices(_))
            | (Family::Date, Value::Date(_))
            | (Family::DateTime, Value::DateTime(_))
            | (Family::Key, Value::Id(_) | Value::Reference(_))
    )
}
