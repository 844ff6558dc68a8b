//! A definition as a client sends it: an object whose members are asked for by name.

use rust_decimal::Decimal;
use serde_json::{Map, Value};

use crate::{
    error::{Error, Result},
    metadata::NAMESPACE,
};

/// An object of a body, and where it stands in it.
pub struct Sent<'b> {
    place: String,
    /// Its members.
    pub members: &'b Map<String, Value>,
}

impl<'b> Sent<'b> {
    /// What stands at this place of a body.
    pub fn at(place: impl Into<String>, value: &'b Value) -> Result<Self> {
        let place = place.into();
        match value {
            Value::Object(members) => Ok(Self { place, members }),
            _ => Err(Error::BadBody(format!("{place}: send an object"))),
        }
    }

    /// The same place with other members.
    pub fn with<'o>(&self, members: &'o Map<String, Value>) -> Sent<'o> {
        Sent { place: self.place.clone(), members }
    }

    /// The place of a member, for people.
    pub fn place_of(&self, name: &str) -> String {
        if self.place.is_empty() { name.to_owned() } else { format!("{}.{name}", self.place) }
    }

    /// That a member is not what it must be.
    pub fn wrong(&self, name: &str, form: &str) -> Error {
        Error::BadBody(format!("{}: {form}", self.place_of(name)))
    }

    /// A member; null is as good as none.
    pub fn get(&self, name: &str) -> Option<&'b Value> {
        self.members.get(name).filter(|value| !value.is_null())
    }

    /// A text.
    pub fn text(&self, name: &str) -> Result<Option<&'b str>> {
        self.get(name).map(|value| value.as_str().ok_or_else(|| self.wrong(name, "send a text"))).transpose()
    }

    /// A text that must be there.
    pub fn needed(&self, name: &str) -> Result<&'b str> {
        let text = self.text(name)?.map(str::trim).filter(|text| !text.is_empty());
        text.ok_or_else(|| self.wrong(name, "this is missing; send a text"))
    }

    /// True or false.
    pub fn boolean(&self, name: &str) -> Result<Option<bool>> {
        let read = |value: &Value| value.as_bool().ok_or_else(|| self.wrong(name, "send true or false"));
        self.get(name).map(read).transpose()
    }

    /// A whole number.
    pub fn whole(&self, name: &str) -> Result<Option<i64>> {
        let read = |value: &Value| {
            let number = decimal(value).filter(|number| number.fract().is_zero());
            number.and_then(|number| i64::try_from(number).ok()).ok_or_else(|| self.wrong(name, "send a whole number"))
        };
        self.get(name).map(read).transpose()
    }

    /// A number.
    pub fn decimal(&self, name: &str) -> Result<Option<Decimal>> {
        let read = |value: &Value| decimal(value).ok_or_else(|| self.wrong(name, "send a number"));
        self.get(name).map(read).transpose()
    }

    /// What a managed property says: `{"Value": …}`.
    pub fn managed(&self, name: &str) -> Result<Option<&'b Value>> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let inner = value.get("Value").ok_or_else(|| self.wrong(name, "send {\"Value\": …}"))?;
        Ok(Some(inner).filter(|value| !value.is_null()))
    }

    /// A managed property that is true or false.
    pub fn managed_boolean(&self, name: &str) -> Result<Option<bool>> {
        let read = |value: &Value| {
            value.as_bool().ok_or_else(|| self.wrong(name, "send {\"Value\": true} or {\"Value\": false}"))
        };
        self.managed(name)?.map(read).transpose()
    }

    /// A managed property that is a text.
    pub fn managed_text(&self, name: &str) -> Result<Option<&'b str>> {
        let read = |value: &'b Value| value.as_str().ok_or_else(|| self.wrong(name, "send {\"Value\": \"…\"}"));
        self.managed(name)?.map(read).transpose()
    }

    /// An object.
    pub fn object(&self, name: &str) -> Result<Option<Sent<'b>>> {
        self.get(name).map(|value| Sent::at(self.place_of(name), value)).transpose()
    }

    /// Objects, at most so many.
    pub fn objects(&self, name: &str, most: usize) -> Result<Option<Vec<Sent<'b>>>> {
        let Some(value) = self.get(name) else { return Ok(None) };
        let list = value.as_array().ok_or_else(|| self.wrong(name, "send a list"))?;
        if list.len() > most {
            return Err(self.wrong(name, &format!("at most {most} at a time; send them in several requests")));
        }
        let place = self.place_of(name);
        let each = list.iter().enumerate().map(|(number, value)| Sent::at(format!("{place}[{number}]"), value));
        each.collect::<Result<_>>().map(Some)
    }

    /// Refuses members beside these that say something: it could not be kept.
    pub fn nothing_beside(&self, known: &[&str]) -> Result<()> {
        let said = self.members.iter().find(|(name, value)| {
            !name.contains('@') && !known.contains(&name.as_str()) && !super::agreement::is_neutral(value)
        });
        said.map_or(Ok(()), |(name, _)| Err(self.wrong(name, "this cannot be kept here; leave it out")))
    }

    /// What `@odata.type` says, without the namespace and without what `CreateEntities` puts before it:
    /// `StringAttributeMetadata`.
    pub fn kind(&self) -> Result<Option<&'b str>> {
        let kind = self.text("@odata.type")?.map(|kind| {
            let kind = kind.trim_start_matches('#');
            let kind = kind.strip_prefix(NAMESPACE).or_else(|| kind.strip_prefix("mscrm.")).unwrap_or(kind);
            kind.strip_prefix("Complex").unwrap_or(kind)
        });
        Ok(kind)
    }
}

/// A number with all its places; none where it is none.
pub fn decimal(value: &Value) -> Option<Decimal> {
    let text = value.as_number()?.to_string();
    text.parse().ok().or_else(|| Decimal::from_scientific(&text).ok())
}
