//! Which rows of a list something is done to.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use crm::bulk::{MOST_ROWS, Selection};
use language::{Language, tr};
use maud::html;
use model::{Filter, Table};
use uuid::Uuid;

use crate::{
    address::Address,
    app::Site,
    failure::Failure,
    pages::list::with_view,
    posted::Typed,
    respond::fragment,
    session::Me,
    view::{
        bulk::{counted, number},
        tables,
    },
};

/// What a selection is sent as.
const WHOLE: &str = "all";
const COUNT: &str = "count";

/// The rows that were selected.
#[derive(Debug, Clone)]
pub(crate) enum Chosen {
    /// These.
    Rows(Vec<Uuid>),
    /// All of a list, as the query of its address says; as many as were counted.
    Whole { list: String, count: Option<usize> },
    /// So many, which the browser names when the dialog is sent.
    Later(usize),
}

impl Chosen {
    /// What a form or an address says.
    pub fn of(typed: &Typed) -> Result<Self, Failure> {
        let count = typed.get(COUNT).and_then(|count| count.parse().ok());
        if let Some(list) = typed.get(WHOLE) {
            return Ok(Self::Whole { list: list.to_owned(), count });
        }
        let rows = typed.ids()?;
        Ok(match count.filter(|_| rows.is_empty()) {
            Some(count) => Self::Later(count),
            None => Self::Rows(rows),
        })
    }

    /// How many, in words: `3 leads`.
    pub fn words(&self, me: &Me, table: &Table) -> String {
        match self {
            Self::Rows(rows) => counted(&me.style, table, rows.len()),
            Self::Whole { count: Some(count), .. } | Self::Later(count) => counted(&me.style, table, *count),
            Self::Whole { count: None, .. } => {
                tr!("all {} of this list", Language::within_sentence(&table.plural_label))
            }
        }
    }

    /// What a dialog sends on. Of a selection that the browser names it says so.
    pub fn hidden(&self) -> Vec<(String, String)> {
        let pair = |name: &str, value: String| (name.to_owned(), value);
        match self {
            Self::Rows(rows) => rows.iter().map(|row| pair("id", row.to_string())).collect(),
            Self::Whole { list, count } => {
                let count = count.map(|count| pair(COUNT, count.to_string()));
                [pair(WHOLE, list.clone())].into_iter().chain(count).collect()
            }
            Self::Later(count) => vec![pair(COUNT, count.to_string())],
        }
    }

    /// The rows where they are named, for a look at them before something is done.
    pub fn named(&self) -> &[Uuid] {
        match self {
            Self::Rows(rows) => rows,
            Self::Whole { .. } | Self::Later(_) => &[],
        }
    }

    /// What the rows satisfy, as far as they are named by now.
    pub async fn filter(&self, site: &Site, me: &Me, table: &Table) -> Result<Filter, Failure> {
        match self {
            Self::Whole { list, .. } => {
                let list = with_view(site, me, table, &Typed::parse(list)).await?;
                list.filter(me, &site.model(), table).map_err(Failure::Bad)
            }
            Self::Rows(_) | Self::Later(_) => {
                Ok(Filter::is_in(table.primary_key.as_str(), self.named().iter().copied()))
            }
        }
    }

    /// The rows, each once.
    ///
    /// # Errors
    /// [`crm::Error::Refused`] where there are more than may be changed at once.
    pub async fn rows(&self, site: &Site, me: &Me, table: &Table) -> Result<Vec<Uuid>, Failure> {
        let selection = match self {
            Self::Rows(rows) => Selection::Rows(rows.clone()),
            Self::Later(_) => Selection::Rows(Vec::new()),
            Self::Whole { .. } => Selection::Matching(self.filter(site, me, table).await?),
        };
        Ok(site.app.selected(&me.caller, &table.name, selection).await?)
    }

    /// The rows, where they are no more than the person was told and confirmed.
    ///
    /// # Errors
    /// As for [`Self::rows`]; and [`crm::Error::Refused`] where a whole list holds more by now, or
    /// nobody was told how many it holds.
    pub async fn confirmed(&self, site: &Site, me: &Me, table: &Table) -> Result<Vec<Uuid>, Failure> {
        let rows = self.rows(site, me, table).await?;
        match self {
            Self::Whole { count, .. } if count.is_none_or(|count| rows.len() > count) => {
                Err(crm::Error::refused(outgrown(me, table, rows.len(), *count)).into())
            }
            _ => Ok(rows),
        }
    }
}

/// Why nothing was done to a list that holds `found` rows, where `confirmed` ones were meant.
fn outgrown(me: &Me, table: &Table, found: usize, confirmed: Option<usize>) -> String {
    let found = counted(&me.style, table, found);
    match confirmed {
        Some(confirmed) => tr!(
            "this list holds {found} by now, more than the {confirmed} that you confirmed; nothing was done. Select the whole list again if you mean all of them.",
            found = found,
            confirmed = number(&me.style, confirmed)
        ),
        None => tr!(
            "this list holds {found} by now, and you were not told so before; nothing was done. Select the whole list again if you mean all of them.",
            found = found
        ),
    }
}

/// What is said when the whole list is selected: how many rows that are.
pub(crate) async fn selection(
    State(site): State<Site>,
    me: Me,
    Address(set_name): Address<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let table = tables::named(&site.model(), &me.caller, &set_name)?;
    let chosen = Chosen::of(&Typed::parse(&query.unwrap_or_default()))?;
    let (words, count) = match chosen.rows(&site, &me, &table).await {
        Ok(rows) => (tr!("All {} selected", counted(&me.style, &table, rows.len())), Some(rows.len())),
        Err(Failure::Domain(crm::Error::Refused(_))) => {
            let most = number(&me.style, MOST_ROWS);
            (tr!("Whole list selected; more than {} can only be exported", most), None)
        }
        Err(error) => return Err(error),
    };
    Ok(fragment(html! { span data-whole-list=[count] data-too-many[count.is_none()] { (words) } }))
}
