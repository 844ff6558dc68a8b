//! Rows as JSON members: under which names columns stand and how their values are written, the same in
//! the answers of the Web API as in what webhooks tell.

mod json;
mod value;

pub use json::Json;
pub use value::{moment_text, to_json, wire_name};
