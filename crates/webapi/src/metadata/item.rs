//! A definition as it is told: its properties, and what it leads to.

use std::sync::Arc;

use language::{Language, translated_to};

use crate::wire::Json;

/// A piece of metadata.
pub struct Item<'m> {
    /// Its type, without the namespace: `EntityMetadata`.
    pub kind: &'static str,
    /// The type is told with it, because items of several types stand together.
    pub is_subtype: bool,
    /// The property that is always told.
    pub identity: &'static str,
    /// Its properties, in the order told.
    pub members: Vec<(Arc<str>, Json)>,
    /// What it leads to, made only where somebody asks for it.
    pub leads_to: Vec<(&'static str, Lead<'m>)>,
}

/// Makes what a definition leads to.
pub type Lead<'m> = Box<dyn Fn() -> Related<'m> + 'm>;

/// What a definition leads to.
pub enum Related<'m> {
    /// At most one.
    One(Option<Item<'m>>),
    /// Any number.
    Many(Vec<Item<'m>>),
}

impl<'m> Item<'m> {
    /// A definition of this type that is known by `identity`.
    pub fn new(kind: &'static str, identity: &'static str) -> Self {
        Self { kind, is_subtype: false, identity, members: Vec::new(), leads_to: Vec::new() }
    }

    /// With a property.
    pub fn with(mut self, name: &'static str, value: impl Into<Json>) -> Self {
        self.members.push((name.into(), value.into()));
        self
    }

    /// With these properties, behind those it has.
    pub fn and(mut self, members: impl IntoIterator<Item = (&'static str, Json)>) -> Self {
        self.members.extend(members.into_iter().map(|(name, value)| (name.into(), value)));
        self
    }

    /// With something it leads to.
    pub fn leading_to(mut self, name: &'static str, lead: impl Fn() -> Related<'m> + 'm) -> Self {
        self.leads_to.push((name, Box::new(lead)));
        self
    }

    /// A property.
    pub fn member(&self, name: &str) -> Option<&Json> {
        self.members.iter().find(|(own, _)| &**own == name).map(|(_, value)| value)
    }

    /// What the property of this name leads to.
    pub fn lead(&self, name: &str) -> Option<Related<'m>> {
        self.leads_to.iter().find(|(own, _)| *own == name).map(|(_, lead)| lead())
    }

    /// True where a property is this text, as names are compared: to the letter.
    pub fn is(&self, name: &str, text: &str) -> bool {
        matches!(self.member(name), Some(Json::Text(own)) if own == text)
    }

    /// All of its properties.
    pub fn whole(&self) -> Json {
        Json::Object(self.members.clone())
    }
}

/// An object of a few members.
pub fn object<const N: usize>(members: [(&'static str, Json); N]) -> Json {
    Json::Object(members.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

/// A property that Dataverse lets an administrator manage.
pub fn managed(value: impl Into<Json>, name: &'static str) -> Json {
    object([
        ("Value", value.into()),
        ("CanBeChanged", Json::Boolean(true)),
        ("ManagedPropertyLogicalName", name.into()),
    ])
}

/// A text for people in every language of the product, and in that of the task at work, which is the
/// caller's; none where it is empty. What an organisation wrote itself is the same in all of them.
pub fn label(text: &str) -> Json {
    if text.is_empty() {
        return object([("LocalizedLabels", Json::List(Vec::new())), ("UserLocalizedLabel", Json::Null)]);
    }
    let labels = Language::OFFERED.map(|language| localized(language, text));
    let own = localized(Language::current(), text);
    object([("LocalizedLabels", Json::List(labels.into())), ("UserLocalizedLabel", own)])
}

fn localized(language: Language, text: &str) -> Json {
    object([
        ("Label", translated_to(language, text).as_ref().into()),
        ("LanguageCode", Json::Whole(language.number().into())),
        ("IsManaged", Json::Boolean(false)),
        ("MetadataId", Json::Null),
        ("HasChanged", Json::Null),
    ])
}
