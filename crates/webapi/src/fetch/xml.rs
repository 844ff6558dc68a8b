//! XML as a tree of elements. Documents that bring definitions of their own are refused: a few
//! bytes of them can mean gigabytes.

use quick_xml::{
    Reader, XmlVersion,
    events::{BytesStart, Event},
};

use super::{limits, wrong};
use crate::error::Result;

/// An element.
#[derive(Debug, Default)]
pub struct Element {
    /// Its name.
    pub name: String,
    attributes: Vec<(String, String)>,
    /// The elements in it.
    pub children: Vec<Element>,
    /// The text in it.
    pub text: String,
}

impl Element {
    /// An attribute, where it is there.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// An attribute that is there and says something.
    pub fn need(&self, name: &str) -> Result<&str> {
        let given = self.get(name).map(str::trim).filter(|value| !value.is_empty());
        given.ok_or_else(|| wrong(format!("<{}> needs the attribute '{name}'", self.name)))
    }

    /// True or false, written in any of the ways Dataverse takes.
    pub fn flag(&self, name: &str) -> Result<bool> {
        match self.get(name).map(str::trim) {
            None | Some("false" | "0" | "False") => Ok(false),
            Some("true" | "1" | "True") => Ok(true),
            Some(other) => Err(wrong(format!("{name}=\"{other}\" of <{}> must be true or false", self.name))),
        }
    }

    /// A whole number from 1.
    pub fn number(&self, name: &str) -> Result<Option<u32>> {
        let Some(text) = self.get(name) else { return Ok(None) };
        let number = text.trim().parse().ok().filter(|number| *number > 0);
        let message = || wrong(format!("{name}=\"{text}\" of <{}> must be a whole number from 1", self.name));
        number.map(Some).ok_or_else(message)
    }

    /// Refuses attributes that mean nothing here, rather than answering something else than was asked.
    pub fn only(&self, known: &[&str]) -> Result<()> {
        match self.attributes.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            None => Ok(()),
            Some((name, _)) => Err(wrong(format!(
                "the attribute '{name}' of <{}> is not supported; there are {}",
                self.name,
                known.join(", ")
            ))),
        }
    }
}

/// The document's one element.
pub fn parse(text: &str) -> Result<Element> {
    if text.len() > limits::SIZE {
        return Err(wrong(format!("longer than {} bytes; compare with fewer values", limits::SIZE)));
    }
    let mut reader = Reader::from_str(text);
    let mut tree = Tree::default();
    loop {
        let event = reader.read_event().map_err(|error| broken(&error, reader.error_position()))?;
        match event {
            Event::Start(tag) => tree.open(element(&tag)?)?,
            Event::Empty(tag) => {
                tree.open(element(&tag)?)?;
                tree.close()?;
            }
            Event::End(_) => tree.close()?,
            Event::Text(text) => tree.write(&text.xml10_content())?,
            Event::CData(text) => tree.write(&text.xml10_content())?,
            Event::GeneralRef(reference) => {
                let letter = reference.resolve_char_ref().map_err(|error| broken(&error, reader.error_position()))?;
                let known = letter.map(String::from).or_else(|| predefined(&reference).map(str::to_owned));
                let text = known.ok_or_else(|| wrong(format!("the entity '&{};' is not known", &*reference)))?;
                tree.write(&text)?;
            }
            Event::Comment(_) | Event::Decl(_) => {}
            Event::DocType(_) => return Err(wrong("document types are not possible; leave <!DOCTYPE …> out")),
            Event::PI(_) => return Err(wrong("processing instructions are not possible; leave <?…?> out")),
            Event::Eof => return tree.finish(),
        }
    }
}

fn predefined(name: &str) -> Option<&'static str> {
    quick_xml::escape::resolve_predefined_entity(name)
}

fn broken(error: &dyn std::fmt::Display, at: u64) -> crate::error::Error {
    wrong(format!("no well-formed XML at byte {at}: {error}"))
}

fn element(tag: &BytesStart<'_>) -> Result<Element> {
    let mut attributes = Vec::new();
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|error| wrong(format!("no well-formed XML: {error}")))?;
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|error| wrong(format!("no well-formed XML: {error}")))?;
        attributes.push((attribute.key.as_ref().to_owned(), value.into_owned()));
    }
    Ok(Element { name: tag.name().as_ref().to_owned(), attributes, ..Element::default() })
}

/// The elements read so far.
#[derive(Default)]
struct Tree {
    open: Vec<Element>,
    root: Option<Element>,
    count: usize,
}

impl Tree {
    fn open(&mut self, element: Element) -> Result<()> {
        self.count += 1;
        if self.open.len() >= limits::DEPTH {
            return Err(wrong(format!("elements are nested deeper than {} times", limits::DEPTH)));
        }
        if self.count > limits::ELEMENTS {
            return Err(wrong(format!("more than {} elements", limits::ELEMENTS)));
        }
        if self.open.is_empty() && self.root.is_some() {
            return Err(wrong("there is more behind </fetch>"));
        }
        self.open.push(element);
        Ok(())
    }

    fn close(&mut self) -> Result<()> {
        let done = self.open.pop().ok_or_else(|| wrong("an element ends that did not begin"))?;
        match self.open.last_mut() {
            Some(parent) => parent.children.push(done),
            None => self.root = Some(done),
        }
        Ok(())
    }

    fn write(&mut self, text: &str) -> Result<()> {
        match self.open.last_mut() {
            Some(element) => element.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err(wrong("text stands outside of <fetch>")),
        }
        Ok(())
    }

    fn finish(mut self) -> Result<Element> {
        if let Some(open) = self.open.pop() {
            return Err(wrong(format!("<{}> does not end", open.name)));
        }
        self.root.ok_or_else(|| wrong("write <fetch><entity name='lead'><attribute name='subject'/></entity></fetch>"))
    }
}
