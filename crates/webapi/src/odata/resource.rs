//! The path below `/api/data/v9.x/`: `leads(id)/Microsoft.Dynamics.CRM.QualifyLead`.

use uuid::Uuid;

use super::{
    Argument, Literal, QueryOptions, SyntaxError,
    expression::parse_argument,
    split::{name_and_brackets, split_outside},
};

/// A path, cut into segments.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ResourcePath {
    /// In order; none for the service document.
    pub segments: Vec<Segment>,
}

/// One segment of a path.
#[derive(Debug, Clone, PartialEq)]
pub struct Segment {
    /// The name before any bracket.
    pub name: String,
    /// What stands in brackets, empty brackets included; nothing without brackets.
    pub key: Option<Vec<KeyPart>>,
}

/// One part of a key or one parameter.
#[derive(Debug, Clone, PartialEq)]
pub struct KeyPart {
    /// The column or parameter; nothing for a bare primary key.
    pub name: Option<String>,
    /// The value.
    pub value: Literal,
}

impl ResourcePath {
    /// Read a percent-encoded path. Aliases in keys are looked up in `options`.
    pub fn parse(encoded: &str, options: &QueryOptions) -> Result<Self, SyntaxError> {
        let path = percent_encoding::percent_decode_str(encoded)
            .decode_utf8()
            .map_err(|_| error("the percent-encoded text is not UTF-8"))?;
        let segments = split_outside(&path, '/')
            .into_iter()
            .map(str::trim)
            .filter(|segment| !segment.is_empty())
            .map(|text| segment(text, options))
            .collect::<Result<_, _>>()?;
        Ok(Self { segments })
    }
}

impl Segment {
    /// The primary key, where the segment has a bare one.
    pub fn id(&self) -> Option<Uuid> {
        match self.key.as_deref() {
            Some([KeyPart { name: None, value: Literal::Guid(id) }]) => Some(*id),
            _ => None,
        }
    }

    /// True where it has brackets with something inside.
    pub fn is_keyed(&self) -> bool {
        self.key.as_ref().is_some_and(|key| !key.is_empty())
    }
}

fn segment(text: &str, options: &QueryOptions) -> Result<Segment, SyntaxError> {
    let (name, inner) =
        name_and_brackets(text).map_err(|()| error(format!("the brackets of '{text}' do not match")))?;
    let key = inner.map(|inner| key_parts(inner, options)).transpose()?;
    Ok(Segment { name: name.to_owned(), key })
}

fn key_parts(text: &str, options: &QueryOptions) -> Result<Vec<KeyPart>, SyntaxError> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    split_outside(text, ',').into_iter().map(|part| key_part(part.trim(), options)).collect()
}

fn key_part(text: &str, options: &QueryOptions) -> Result<KeyPart, SyntaxError> {
    let (name, value) = match text.split_once('=') {
        Some((name, value)) if !name.contains('\'') => (Some(name.trim().to_owned()), value.trim()),
        _ => (None, text),
    };
    let value = match value.strip_prefix('@') {
        Some(alias) => options
            .alias(alias)
            .ok_or_else(|| error(format!("@{alias} has no value; add ?@{alias}=… to the address")))?,
        None => value,
    };
    // An object as a parameter; whoever wants it reads it.
    if name.is_some() && value.starts_with('{') && value.contains(['"', '\'']) {
        return Ok(KeyPart { name, value: Literal::Text(value.to_owned()) });
    }
    if let Some(member) = name.as_ref().and_then(|_| enumeration_member(value)) {
        return Ok(KeyPart { name, value: Literal::Text(member.to_owned()) });
    }
    let braceless = value.strip_prefix('{').and_then(|value| value.strip_suffix('}')).unwrap_or(value);
    match parse_argument("address", braceless)? {
        Argument::One(Literal::Text(text)) if name.is_none() => match Uuid::try_parse(&text) {
            Ok(id) => Ok(KeyPart { name, value: Literal::Guid(id) }),
            Err(_) => {
                Err(error(format!("'{text}' is no GUID; write a row's key as (6f9619ff-8b86-d011-b42d-00c04fc964ff)")))
            }
        },
        Argument::One(value) => Ok(KeyPart { name, value }),
        // As a parameter; whoever wants it reads it.
        Argument::Many(_) if name.is_some() => Ok(KeyPart { name, value: Literal::Text(value.to_owned()) }),
        Argument::Many(_) => Err(error("a list is not possible in a key")),
    }
}

/// `Microsoft.Dynamics.CRM.TargetFieldType'All'` is `All`.
fn enumeration_member(value: &str) -> Option<&str> {
    let (kind, member) = value.strip_suffix('\'')?.split_once('\'')?;
    let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_');
    (kind.contains('.') && kind.chars().all(is_name) && !member.contains('\'')).then_some(member)
}

fn error(message: impl Into<String>) -> SyntaxError {
    SyntaxError::new("address", message)
}
