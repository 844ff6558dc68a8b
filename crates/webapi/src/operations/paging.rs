//! `PagingInfo`: which page of its rows a function is asked for.

use super::{Complex, Parameters, Property, Type};
use crate::error::Result;

/// Which page of an answer is wanted.
pub static PAGING: Complex = Complex {
    name: "PagingInfo",
    open: false,
    properties: &[
        Property::new("PageNumber", Type::Int32),
        Property::new("Count", Type::Int32),
        Property::new("PagingCookie", Type::Text),
        Property::new("ReturnTotalRecordCount", Type::Boolean),
    ],
};

/// Most rows of a page.
pub const MOST: usize = 5_000;

/// A page as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paging {
    /// Its number, from 1, where one was sent.
    pub number: Option<usize>,
    /// Rows of a page.
    pub count: usize,
    /// The cookie that the page before came with.
    pub cookie: Option<String>,
}

impl Paging {
    /// As the parameter `PagingInfo` says; so many rows where it says nothing.
    pub fn of(parameters: &Parameters, usual: usize) -> Result<Self> {
        if parameters.raw("PagingInfo").is_none() {
            return Ok(Self { number: None, count: usual, cookie: None });
        }
        let object = parameters.object("PagingInfo")?;
        let number = |name: &str| {
            object.get(name).and_then(|raw| serde_json::from_str::<usize>(raw.get()).ok()).filter(|number| *number > 0)
        };
        let cookie = match object.get("PagingCookie") {
            None => None,
            Some(raw) => {
                let text: Option<String> =
                    serde_json::from_str(raw.get()).map_err(|_| parameters.wrong("PagingInfo"))?;
                text.filter(|text| !text.trim().is_empty())
            }
        };
        // A page far behind the end is empty; it must not overflow.
        let page = number("PageNumber").map(|page| page.min(1_000_000));
        Ok(Self { number: page, count: number("Count").unwrap_or(usual).min(MOST), cookie })
    }

    /// Rows of the pages before this one.
    pub fn skipped(&self) -> usize {
        (self.number.unwrap_or(1) - 1).saturating_mul(self.count)
    }
}
