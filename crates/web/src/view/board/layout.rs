//! How a board is laid out, as its address says it.

use crate::posted::Typed;

/// A card ages after so many days in its stage, where nobody chose otherwise.
const USUAL_DAYS: i64 = 14;

/// Element id of the form in which a layout is chosen.
pub(crate) const LAYOUT_FORM: &str = "board-layout";

/// How a board is laid out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Layout {
    /// Key of what the lanes stand for; what people expect where empty.
    pub by: String,
    /// Column that is summed, "" for none; the usual one where nothing is said.
    pub sum: Option<String>,
    /// Lanes for each owner.
    pub by_owner: bool,
    /// Columns on cards; those of the view where empty.
    pub fields: Vec<String>,
    /// Days after which a card ages, 0 for never; the usual number where nothing is said.
    pub days: Option<i64>,
}

impl Layout {
    /// Reads an address; none where it speaks of no board.
    pub fn of(asked: &Typed) -> Option<Self> {
        asked.has("by").then(|| Self {
            by: asked.text("by").to_owned(),
            sum: asked.get("sum").map(str::to_owned),
            by_owner: asked.text("rows") == "ownerid",
            fields: asked.all("field").map(str::to_owned).collect(),
            days: asked.get("days").and_then(|days| days.parse().ok()).filter(|days| (0..=3650).contains(days)),
        })
    }

    /// The parameters of its address.
    pub fn parameters(&self) -> Vec<(&'static str, String)> {
        let mut parameters = vec![("by", self.by.clone())];
        parameters.extend(self.sum.iter().map(|column| ("sum", column.clone())));
        parameters.extend(self.by_owner.then(|| ("rows", "ownerid".to_owned())));
        parameters.extend(self.fields.iter().map(|column| ("field", column.clone())));
        parameters.extend(self.days.map(|days| ("days", days.to_string())));
        parameters
    }

    /// Days after which a card ages.
    pub fn ages_after(&self) -> i64 {
        self.days.unwrap_or(USUAL_DAYS)
    }
}
