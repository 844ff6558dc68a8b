//! What a program sends: a form, in which nothing stands twice, and how it proves who it is.

use std::collections::HashMap;

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, header, request::Parts},
};
use base64::Engine;
use crm::identity::{ClientCredentials, Device, RefusalCode};

use super::refuse;

/// Largest form, in bytes.
const LARGEST: usize = 64 * 1024;
/// Most values of a form.
const MOST: usize = 50;

/// A form with who sent it.
pub struct Form {
    values: HashMap<String, String>,
    /// The program, as it names itself.
    pub client: ClientCredentials,
    /// From where it asks.
    pub device: Device,
}

impl Form {
    /// Reads the request.
    pub async fn read(parts: &Parts, body: Body) -> crm::Result<Self> {
        let kind = parts.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded") {
            let message = "send a form: Content-Type: application/x-www-form-urlencoded";
            return Err(refuse(RefusalCode::InvalidRequest, message));
        }
        let body = to_bytes(body, LARGEST).await;
        let body = body.map_err(|_| refuse(RefusalCode::InvalidRequest, "the form is larger than 64 KB"))?;
        let values = values(&body)?;
        let client = client(&parts.headers, &values)?;
        Ok(Self { values, client, device: device(&parts.headers) })
    }

    /// The value of a field, or "".
    pub fn text(&self, name: &str) -> &str {
        self.values.get(name).map(String::as_str).unwrap_or_default()
    }

    /// The value of a field that must be there.
    pub fn needed(&self, name: &str) -> crm::Result<String> {
        match self.text(name) {
            "" => Err(refuse(RefusalCode::InvalidRequest, format!("{name} is missing"))),
            value => Ok(value.to_owned()),
        }
    }
}

fn values(body: &[u8]) -> crm::Result<HashMap<String, String>> {
    let mut values = HashMap::new();
    for (name, value) in form_urlencoded::parse(body) {
        if values.len() >= MOST {
            return Err(refuse(RefusalCode::InvalidRequest, format!("the form has more than {MOST} fields")));
        }
        if values.insert(name.clone().into_owned(), value.into_owned()).is_some() {
            let name: String = name.chars().take(50).collect();
            return Err(refuse(RefusalCode::InvalidRequest, format!("{name} is there more than once; send it once")));
        }
    }
    Ok(values)
}

/// The program, by the header or the form, never by both (RFC 6749, section 2.3).
fn client(headers: &HeaderMap, values: &HashMap<String, String>) -> crm::Result<ClientCredentials> {
    let field = |name: &str| values.get(name).filter(|value| !value.is_empty()).cloned();
    let (id, secret) = (field("client_id"), field("client_secret"));
    let Some(header) = headers.get(header::AUTHORIZATION) else {
        return Ok(ClientCredentials { id: id.unwrap_or_default(), secret });
    };
    let basic = header.to_str().ok().and_then(basic).ok_or_else(|| {
        refuse(RefusalCode::InvalidClient, "the Authorization header must be Basic with client_id:client_secret")
    })?;
    if secret.is_some() || id.is_some_and(|id| id != basic.id) {
        let message = "the program names itself twice; use the Authorization header or the form";
        return Err(refuse(RefusalCode::InvalidRequest, message));
    }
    Ok(basic)
}

fn basic(header: &str) -> Option<ClientCredentials> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let bytes = base64::engine::general_purpose::STANDARD.decode(encoded.trim()).ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (id, secret) = text.split_once(':')?;
    Some(ClientCredentials { id: decoded(id)?, secret: Some(decoded(secret)?) })
}

/// Both parts are encoded as in a form first.
fn decoded(text: &str) -> Option<String> {
    let spaced = text.replace('+', " ");
    percent_encoding::percent_decode_str(&spaced).decode_utf8().ok().map(std::borrow::Cow::into_owned)
}

/// The address is settled before a request comes here, as for pages.
fn device(headers: &HeaderMap) -> Device {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    Device {
        agent: text("user-agent").unwrap_or_default().to_owned(),
        address: text("x-forwarded-for").and_then(|address| address.trim().parse().ok()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_names_itself_by_the_header_with_both_parts_encoded() {
        let encoded = base64::engine::general_purpose::STANDARD.encode("my%20app:a%2Bb%3A");
        let client = basic(&format!("Basic {encoded}")).unwrap();
        assert_eq!((client.id.as_str(), client.secret.as_deref()), ("my app", Some("a+b:")));
        assert!(basic("Basic !").is_none() && basic("Bearer x").is_none());
    }

    #[test]
    fn nothing_stands_twice_in_a_form() {
        assert!(values(b"code=1&state=2").is_ok());
        assert!(values(b"code=1&code=2").unwrap_err().to_string().contains("code is there more than once"));
    }
}
