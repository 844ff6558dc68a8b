//! Posts on a record, replies to them, and whom and what they mention. A mention stands in the text as
//! Dataverse writes it: `@[8,GUID,"Name"]`, with the number of the table.

use language::{spoken, text, tr};
use model::{Model, Privilege, Reference};
use store::Row;
use uuid::Uuid;

use super::POST;
use crate::{Error, NewRecord, Result, access, records::Work};

/// Tables whose rows a post mentions, by `#`; people are mentioned by `@`.
pub const MENTIONED: [&str; 4] = ["lead", "opportunity", "account", "contact"];
const PERSON: &str = "systemuser";
const REPLY: &str = "postcomment";
/// Columns that hold what somebody said.
const WORDS: [&str; 2] = ["text", "largetext"];

/// A part of a post's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part<'t> {
    /// Words.
    Text(&'t str),
    /// Somebody or something named in it.
    Mention(Mention<'t>),
}

/// Somebody or something named in a post.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mention<'t> {
    /// Who or what.
    pub of: Reference,
    /// The name at the time of writing.
    pub name: &'t str,
}

/// The parts of a post's text.
pub fn parts<'t>(model: &Model, text: &'t str) -> Vec<Part<'t>> {
    let (mut parts, mut rest, mut from) = (Vec::new(), text, 0);
    while let Some(at) = rest[from..].find("@[").map(|at| from + at) {
        match mention(model, &rest[at + 2..]) {
            Some((mention, length)) => {
                if at > 0 {
                    parts.push(Part::Text(&rest[..at]));
                }
                parts.push(Part::Mention(mention));
                rest = &rest[at + 2 + length..];
                from = 0;
            }
            None => from = at + 2,
        }
    }
    if !rest.is_empty() {
        parts.push(Part::Text(rest));
    }
    parts
}

/// Reads `8,GUID,"Name"]`; what it says and how long it is.
fn mention<'t>(model: &Model, text: &'t str) -> Option<(Mention<'t>, usize)> {
    let (code, rest) = text.split_once(',')?;
    let (id, rest) = rest.split_once(",\"")?;
    let (name, _) = rest.split_once("\"]")?;
    let code: i32 = code.parse().ok()?;
    let table = model.tables.values().find(|table| table.object_type_code == code && is_mentioned(&table.name))?;
    let length = text.len() - rest.len() + name.len() + 2;
    Some((Mention { of: Reference::new(&table.name, id.parse().ok()?), name }, length))
}

fn is_mentioned(table: &str) -> bool {
    table == PERSON || MENTIONED.contains(&table)
}

/// Puts mentions into a text that names people as `@Name` and records as `#Name`. Of names that begin
/// alike the longest counts. Names are looked for in what was typed only, never in the mentions.
pub fn with_mentions(model: &Model, text: &str, named: &[(Reference, String)]) -> String {
    let mut marks: Vec<(String, String)> = named.iter().filter_map(|(of, name)| mark(model, of, name)).collect();
    marks.sort_by_key(|(typed, _)| std::cmp::Reverse(typed.len()));
    let (mut marked, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find(['@', '#']) {
        let (before, from) = rest.split_at(at);
        marked.push_str(before);
        let named = marks.iter().find(|(typed, _)| from.starts_with(typed.as_str()));
        let (typed, put) =
            named.map_or((&from[..1], &from[..1]), |(typed, mark)| (&from[..typed.len()], mark.as_str()));
        marked.push_str(put);
        rest = &from[typed.len()..];
    }
    marked + rest
}

/// How something is named as it is typed, and the mention of it.
fn mark(model: &Model, of: &Reference, name: &str) -> Option<(String, String)> {
    let table = model.table(&of.table).filter(|table| is_mentioned(&table.name) && !name.is_empty())?;
    let sign = if of.table == PERSON { '@' } else { '#' };
    let plain = name.replace(['"', ']', '['], "");
    Some((format!("{sign}{name}"), format!("@[{},{},\"{plain}\"]", table.object_type_code, of.id)))
}

/// The text as it is typed again: mentions as `@Name` and `#Name`.
pub fn as_typed(model: &Model, text: &str) -> String {
    parts(model, text)
        .into_iter()
        .map(|part| match part {
            Part::Text(text) => text.to_owned(),
            Part::Mention(mention) if mention.of.table == PERSON => format!("@{}", mention.name),
            Part::Mention(mention) => format!("#{}", mention.name),
        })
        .collect()
}

impl Work<'_, '_> {
    /// Writes a post on a record.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the text is missing or too long.
    pub fn post(&mut self, record: &Reference, text: &str) -> Result<Uuid> {
        self.require_may_add_to(record)?;
        let row = Row::new().with("text", text).with("regardingobjectid", record.clone());
        self.as_consequence(|work| work.create_all(NewRecord::of(POST, row)))
    }

    /// Answers a post.
    ///
    /// # Errors
    /// [`Error::Invalid`] where the text is missing or too long.
    pub fn reply(&mut self, post: Uuid, text: &str) -> Result<Uuid> {
        let record = self.record_of(post)?;
        self.require_may_add_to(&record)?;
        let row = Row::new().with("text", text).with("postid", Reference::new(POST, post));
        self.as_consequence(|work| work.create_all(NewRecord::of(REPLY, row)))
    }

    /// Changes the text of one's own post or reply.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for somebody else's.
    pub fn rewrite(&mut self, of: &Reference, text: &str) -> Result<()> {
        let row = self.load(&of.table, of.id)?;
        self.require_author(&of.table, &row, text!("change"))?;
        let changes = Row::new().with("text", text);
        self.as_consequence(|work| work.update(&of.table, of.id, changes, None).map(drop))
    }

    /// Deletes a post or a reply: one's own, or as somebody who may change the record.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for everybody else.
    pub fn withdraw(&mut self, of: &Reference) -> Result<()> {
        let row = self.load(&of.table, of.id)?;
        let post = if of.table == REPLY { row.value("postid").as_id().unwrap_or_default() } else { of.id };
        let record = self.record_of(post)?;
        let table = self.table(&record.table)?;
        let about = self.load(&record.table, record.id)?;
        if !self.may(Privilege::Write, &table, &about)? {
            self.require_author(&of.table, &row, text!("delete"))?;
        }
        self.as_consequence(|work| work.delete(&of.table, of.id, None))
    }

    /// A post on a record belongs to the record, and whoever may change that may change all of it but
    /// the words of others.
    pub(crate) fn require_own_words(&mut self, table: &str, old: &Row, changes: &Row) -> Result<()> {
        if WORDS.into_iter().any(|column| changes.contains(column)) {
            self.require_author(table, old, text!("change"))?;
        }
        Ok(())
    }

    fn record_of(&mut self, post: Uuid) -> Result<Reference> {
        let row = self.load(POST, post)?;
        let missing = || Error::NotFound { table: POST.to_owned(), id: post };
        row.value("regardingobjectid").as_reference().cloned().ok_or_else(missing)
    }

    fn require_author(&mut self, table: &str, row: &Row, verb: &'static str) -> Result<()> {
        if row.value("createdby").as_id() == Some(self.caller().user) || self.caller().administrator {
            return Ok(());
        }
        let words = tr!("only who wrote this can {verb} it", verb = spoken(verb));
        Err(access::refused(self.caller(), verb, Some(table), words))
    }
}
