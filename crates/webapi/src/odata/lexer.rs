//! Text of an expression into tokens.

use jiff::{Timestamp, civil};
use rust_decimal::Decimal;
use uuid::Uuid;

use super::{Literal, SyntaxError};

/// A piece of an expression with the place it begins at.
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// Character number, from 1.
    pub at: usize,
}

/// What a token is.
#[derive(Debug, Clone, PartialEq)]
pub enum TokenKind {
    /// A name, keyword or qualified name; also `$count`, `$it`.
    Word(String),
    /// `@p1`
    Alias(String),
    /// A constant other than `null`, `true` and `false`, which are words.
    Literal(Literal),
    /// One of `( ) , / : = [ ]`.
    Sign(char),
    /// The end of the text.
    End,
}

/// Cut `text` into tokens, an [`TokenKind::End`] last.
pub fn tokens(option: &str, text: &str) -> Result<Vec<Token>, SyntaxError> {
    let mut lexer = Lexer { option, rest: text, at: 1 };
    let mut found = Vec::new();
    loop {
        let token = lexer.next()?;
        let done = token.kind == TokenKind::End;
        found.push(token);
        if done {
            return Ok(found);
        }
    }
}

struct Lexer<'a> {
    option: &'a str,
    rest: &'a str,
    at: usize,
}

impl Lexer<'_> {
    fn next(&mut self) -> Result<Token, SyntaxError> {
        let trimmed = self.rest.trim_start();
        self.at += self.rest[..self.rest.len() - trimmed.len()].chars().count();
        self.rest = trimmed;
        let at = self.at;
        let kind = match self.rest.chars().next() {
            None => TokenKind::End,
            Some(quote @ ('\'' | '"')) => TokenKind::Literal(Literal::Text(self.quoted(quote)?)),
            Some(sign @ ('(' | ')' | ',' | '/' | ':' | '=' | '[' | ']')) => {
                self.advance(1);
                TokenKind::Sign(sign)
            }
            Some('@') => {
                self.advance(1);
                TokenKind::Alias(self.word())
            }
            Some(other) if other.is_ascii_digit() || other == '-' => self.constant_or_word()?,
            Some(other) if is_word(other) => match self.guid() {
                Some(guid) => guid,
                None => self.word_or_member()?,
            },
            Some(other) => return Err(self.error(format!("the character '{other}' is not expected here"))),
        };
        Ok(Token { kind, at })
    }

    fn constant_or_word(&mut self) -> Result<TokenKind, SyntaxError> {
        if let Some(guid) = self.guid() {
            return Ok(guid);
        }
        if let Some(literal) = self.date() {
            return Ok(TokenKind::Literal(literal));
        }
        self.number()
    }

    /// A word, or the member of an enumeration: `Microsoft.Dynamics.CRM.EntityFilters'Entity'`.
    fn word_or_member(&mut self) -> Result<TokenKind, SyntaxError> {
        let word = self.word();
        if word.contains('.') && self.rest.starts_with('\'') {
            return Ok(TokenKind::Literal(Literal::Text(self.quoted('\'')?)));
        }
        Ok(TokenKind::Word(word))
    }

    /// Text in quotes, a doubled quote standing for one.
    fn quoted(&mut self, quote: char) -> Result<String, SyntaxError> {
        let mut text = String::new();
        let mut characters = self.rest.char_indices().skip(1).peekable();
        let mut length = 1;
        while let Some((index, character)) = characters.next() {
            length += 1;
            if character != quote {
                text.push(character);
            } else if characters.peek().is_some_and(|(_, next)| *next == quote) {
                characters.next();
                length += 1;
                text.push(quote);
            } else {
                self.rest = &self.rest[index + quote.len_utf8()..];
                self.at += length;
                return Ok(text);
            }
        }
        Err(self.error("a text that begins here has no closing quote; write a quote inside a text twice: 'O''Brien'"))
    }

    fn guid(&mut self) -> Option<TokenKind> {
        const LENGTH: usize = 36;
        let candidate = self.rest.get(..LENGTH)?;
        if candidate.as_bytes()[8] != b'-' || self.rest[LENGTH..].starts_with(|c: char| is_word(c) || c == '-') {
            return None;
        }
        let guid = Uuid::try_parse(candidate).ok()?;
        self.advance(LENGTH);
        Some(TokenKind::Literal(Literal::Guid(guid)))
    }

    fn date(&mut self) -> Option<Literal> {
        const DAY: usize = 10;
        let candidate = self.rest.get(..DAY)?;
        let bytes = candidate.as_bytes();
        if bytes[4] != b'-' || bytes[7] != b'-' {
            return None;
        }
        let day: civil::Date = candidate.parse().ok()?;
        if !self.rest[DAY..].starts_with(['T', 't']) {
            self.advance(DAY);
            return Some(Literal::Date(day));
        }
        let length = self.rest[DAY..]
            .find(|c: char| !(c.is_ascii_digit() || matches!(c, 'T' | 't' | 'Z' | 'z' | ':' | '.' | '+' | '-')))
            .map_or(self.rest.len(), |found| DAY + found);
        let moment = parse_moment(&self.rest[..length])?;
        self.advance(length);
        Some(Literal::DateTime(moment))
    }

    fn number(&mut self) -> Result<TokenKind, SyntaxError> {
        let length = self.rest[1..]
            .find(|c: char| !(is_word(c) || matches!(c, '-' | '+')))
            .map_or(self.rest.len(), |found| 1 + found);
        let text = &self.rest[..length];
        let literal = parse_number(text).ok_or_else(|| {
            self.error(format!("'{text}' is no number, date or GUID; texts stand in quotes: '{text}'"))
        })?;
        self.advance(length);
        Ok(TokenKind::Literal(literal))
    }

    fn word(&mut self) -> String {
        let length = self.rest.find(|c: char| !is_word(c)).unwrap_or(self.rest.len());
        let word = self.rest[..length].to_owned();
        self.at += word.chars().count();
        self.rest = &self.rest[length..];
        word
    }

    /// Go on behind `bytes` bytes that are known to be ASCII.
    fn advance(&mut self, bytes: usize) {
        self.rest = &self.rest[bytes..];
        self.at += bytes;
    }

    fn error(&self, message: impl Into<String>) -> SyntaxError {
        SyntaxError::new(self.option, format!("at character {}: {}", self.at, message.into()))
    }
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || matches!(character, '_' | '.' | '$')
}

/// A moment with `Z`, an offset, or nothing, which means UTC; seconds may be left out.
pub fn parse_moment(text: &str) -> Option<Timestamp> {
    text.parse().ok().or_else(|| text.parse::<civil::DateTime>().ok().and_then(in_utc))
}

fn in_utc(moment: civil::DateTime) -> Option<Timestamp> {
    moment.to_zoned_datetime(jiff::tz::TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// A number as people and programs write it, without loss.
pub fn parse_number(text: &str) -> Option<Literal> {
    if let Ok(whole) = text.parse::<i64>() {
        return Some(Literal::Whole(whole));
    }
    // OData's suffixes of long, decimal, double and single constants.
    let bare = text.strip_suffix(['L', 'l', 'M', 'm', 'D', 'd', 'F', 'f']).unwrap_or(text);
    if let Ok(whole) = bare.parse::<i64>() {
        return Some(Literal::Whole(whole));
    }
    parse_decimal(bare).map(Literal::Decimal)
}

/// A decimal, with or without an exponent, without loss.
pub fn parse_decimal(text: &str) -> Option<Decimal> {
    if text.contains(['e', 'E']) { Decimal::from_scientific(text).ok() } else { Decimal::from_str_exact(text).ok() }
}
