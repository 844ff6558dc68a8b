//! Who changed what on a record: looked through by field and person, compared, and put back.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use crm::{Error, Origin, reading::LookedFor, records::Reversal};
use language::{Language, tr};
use maud::{Markup, Render, html};
use model::Table;
use uuid::Uuid;

use crate::{
    address::Address,
    app::Site,
    components::{Control, Field, History, PageLayout, fields::ChoiceOption, icon},
    failure::Failure,
    flash::Flash,
    posted::{Posted, Typed},
    session::Me,
    view::{cells::Cells, history, tables},
};

/// Changes on the page; "older" shows ten times as many, and so on.
const SHOWN: u32 = 100;
/// Most changes on one page.
const MOST: u32 = 5_000;

/// The history. `column` and `by` say what is looked for.
pub(crate) async fn show(
    State(site): State<Site>,
    me: Me,
    Address((set_name, id)): Address<(String, Uuid)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let model = site.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let asked = Typed::parse(&query.unwrap_or_default());
    let wanted = asked.text("limit").parse().unwrap_or(SHOWN).clamp(SHOWN, MOST);
    let looked_for = looked_for(&table, &asked);
    let is_filtered = looked_for != LookedFor::default();
    let (row, _) = site.app.get_with_names(&me.caller, &table.name, id).await?;
    let (all, mut names) = site.app.history(&me.caller, &table.name, id, wanted).await?;
    let entries = if is_filtered {
        // Further back than what is shown unasked: there are fewer.
        let (found, more) = site.app.history_of(&me.caller, (&table.name, id), looked_for.clone(), MOST).await?;
        for (reference, name) in more.iter() {
            names.insert(reference.clone(), name.to_owned());
        }
        found
    } else {
        all.clone()
    };
    let cells = Cells { me: &me, model: &model, names: &names };
    let href = format!("{}/history", tables::row_href(&table, id));
    let older = !is_filtered && all.len() as u32 >= wanted && wanted < MOST;
    let shown = History {
        entries: entries.iter().map(|change| history::told(&cells, &table, id, &row, change)).collect(),
        older: older.then(|| format!("{href}?limit={}", wanted * 10)),
    };
    let people = history::people(&cells, &all, looked_for.user);
    let columns = history::columns(&table, &all, looked_for.column.as_deref());
    let name = row.text(&table.primary_name);
    let content = html! {
        div.page-plain {
            header {
                nav.record-trail aria-label=(tr!("Where this is")) {
                    a href=(tables::row_href(&table, id)) { (icon("chevron-left")) span { (name) } }
                }
                h1 { (tr!("History")) }
                p { (tr!("{} “{}”", table.label, name)) }
            }
            section.page-card {
                (search(&href, columns, people, is_filtered))
                @if shown.entries.is_empty() { p.loading { (tr!("Nothing of this kind happened to the record.")) } } @else { (shown) }
            }
        }
    };
    Ok(me.page(&model, &tr!("History of {}", name), PageLayout::Scrolling, &table.set_name, content.render()))
}

fn looked_for(table: &Table, asked: &Typed) -> LookedFor {
    LookedFor {
        column: asked.get("column").filter(|name| table.column(name).is_some()).map(str::to_owned),
        user: asked.text("by").parse().ok(),
    }
}

/// Looks for what happened to one field, or what one person did.
fn search(href: &str, columns: Vec<ChoiceOption>, people: Vec<ChoiceOption>, is_filtered: bool) -> Markup {
    let field = |name: &str, label: &str, all: &str, mut options: Vec<ChoiceOption>| {
        let chosen = !options.iter().any(|option| option.chosen);
        options.insert(0, ChoiceOption { value: String::new(), label: all.to_owned(), chosen });
        Field { scope: "history".to_owned(), ..Field::new(name, label, Control::Choice { options }) }
    };
    html! {
        form.history-search method="get" action=(href) {
            (field("column", &tr!("Field"), &tr!("All fields"), columns))
            (field("by", &tr!("Changed by"), &tr!("Anybody"), people))
            div.page-commands {
                button.btn type="submit" { (icon("filter")) span { (tr!("Show")) } }
                @if is_filtered { a.btn href=(href) { (tr!("Show everything")) } }
            }
        }
    }
}

/// Takes one change back and says so above the history.
pub(crate) async fn put_back(
    State(site): State<Site>,
    Address((set_name, id, change)): Address<(String, Uuid, u64)>,
    RawQuery(query): RawQuery,
    posted: Posted,
) -> Result<Response, Failure> {
    let reversal = Reversal { change, only: None, version: Some(version(query)) };
    reverse(&site, &posted.me, (&set_name, id), reversal).await
}

/// Takes back what one change did to one column.
pub(crate) async fn put_back_column(
    State(site): State<Site>,
    Address((set_name, id, change, column)): Address<(String, Uuid, u64, String)>,
    RawQuery(query): RawQuery,
    posted: Posted,
) -> Result<Response, Failure> {
    let reversal = Reversal { change, only: Some(column), version: Some(version(query)) };
    reverse(&site, &posted.me, (&set_name, id), reversal).await
}

/// The version of the row that the page showed. Without one it counts as an old one.
fn version(query: Option<String>) -> i64 {
    Typed::parse(&query.unwrap_or_default()).text("version").parse().unwrap_or_default()
}

async fn reverse(site: &Site, me: &Me, (set_name, id): (&str, Uuid), reversal: Reversal) -> Result<Response, Failure> {
    let table = tables::named(&site.model(), &me.caller, set_name)?;
    let column = reversal.only.as_deref().and_then(|name| table.column(name));
    let label = column.map(|column| column.label.clone());
    let flash = match site.app.put_back(&me.caller, Origin::Page, &table.name, id, reversal).await {
        Ok(act) => match label {
            Some(label) => Flash::done(tr!("{} has its former value again.", label)).undo(act),
            None => Flash::done(tr!("The former values are back.")).undo(act),
        },
        Err(Error::Changed { .. }) => Flash::failed(tr!(
            "This {} was changed since you opened its history, so nothing was put back. Here is its history as it is now.",
            Language::within_sentence(&table.label)
        )),
        Err(error) => Flash::failed(Failure::from(error).text()),
    };
    Ok(me.go(&format!("{}/history", tables::row_href(&table, id)), Some(flash)))
}
