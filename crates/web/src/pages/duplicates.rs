//! Possible duplicates: of one record, compared and merged; of a whole table, as a list.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use crm::{
    Origin, Row,
    duplicates::{Match, Pair, Pairs},
    merge::{Merge, is_mergeable},
    reading::Names,
};
use language::{Language, tr};
use maud::{Markup, Render, html};
use model::{Reference, Table};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use uuid::Uuid;

use crate::{
    address::Address,
    app::Site,
    components::{EmptyState, PageLayout, PlainTable, TableColumn, icon},
    failure::{Failure, sentence},
    flash::Flash,
    posted::{Posted, Typed},
    session::Me,
    view::{
        duplicates::{self, Comparison, choosable},
        tables,
    },
};

/// Pairs of one page of the list.
const SHOWN: usize = 50;

/// What may be the same as one record; the first of its own table, or the one named in `with`,
/// side by side with it.
pub(crate) async fn show(
    State(site): State<Site>,
    me: Me,
    Address((set_name, id)): Address<(String, Uuid)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let model = site.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let asked = Typed::parse(&query.unwrap_or_default());
    let (row, names) = site.app.get_with_names(&me.caller, &table.name, id).await?;
    let matches = site.app.duplicates().of(&me.caller, &table.name, id).await?;
    let chosen = asked.get("with").and_then(|other| other.parse::<Uuid>().ok());
    let first = matches.iter().find(|found| found.reference.table == table.name).map(|found| found.reference.id);
    let other = chosen.or(first).filter(|other| *other != id && is_mergeable(&table));
    let comparison = match other {
        Some(other) => Some(compared(&site, &me, &table, (&row, names), (id, other)).await?),
        None => None,
    };
    let name = row.text(&table.primary_name).to_owned();
    let href = tables::row_href(&table, id);
    let title = tr!("Possible duplicates of {}", name);
    let content = html! {
        div.page-plain {
            header {
                nav.record-trail aria-label=(tr!("Where this is")) { a href=(href) { (icon("chevron-left")) span { (name) } } }
                h1 { (tr!("Possible duplicates")) }
                p { (tr!("{} “{}”", table.label, name)) }
            }
            section.page-card aria-labelledby="found" {
                h2 #found { (tr!("Found by the duplicate rules")) }
                @if matches.is_empty() {
                    p { (tr!("No published rule finds another record that may be the same.")) }
                } @else {
                    (found(&me, &model, &table, id, &matches))
                }
            }
            @if let Some(comparison) = comparison { (comparison) }
        }
    };
    Ok(me.page(&model, &title, PageLayout::Scrolling, &table.set_name, content))
}

/// The matches, each with the way to compare it.
fn found(me: &Me, model: &model::Model, table: &Table, id: Uuid, matches: &[Match]) -> Markup {
    let others: Vec<&Match> =
        matches.iter().filter(|found| found.reference.table == table.name && is_mergeable(table)).collect();
    html! {
        (duplicates::matches(me, model, matches))
        @if others.len() > 1 {
            p { (tr!("Compare with")) " " @for (place, found) in others.iter().enumerate() {
                @if place > 0 { ", " }
                a href={ (tables::row_href(table, id)) "/duplicates?with=" (found.reference.id) } { (found.name) }
            } }
        }
    }
}

async fn compared(
    site: &Site,
    me: &Me,
    table: &Table,
    (row, mut names): (&Row, Names),
    (id, other): (Uuid, Uuid),
) -> Result<Markup, Failure> {
    let model = site.model();
    let (second, more) = site.app.get_with_names(&me.caller, &table.name, other).await?;
    for (reference, name) in more.iter() {
        names.insert(reference.clone(), name.to_owned());
    }
    let comparison = Comparison { me, model: &model, table, names: &names, one: row, other: &second };
    let kind = Language::within_sentence(&table.label);
    Ok(html! {
        section.page-card aria-labelledby="merge" {
            h2 #merge { (tr!("Merge")) }
            p {
                (tr!("Choose the {} that stays and the values it keeps. Everything that hangs on the other one (activities, notes, deals, connections) moves to it; the other one stays readable, closed as merged. A merge can be undone as long as nobody changed what it touched.", kind))
            }
            form method="post" action={ (tables::row_href(table, id)) "/merge" } {
                input type="hidden" name="csrf" value=(me.csrf);
                input type="hidden" name="with" value=(other);
                (comparison)
                div.page-commands {
                    a.btn href=(tables::row_href(table, id)) { (tr!("Cancel")) }
                    button.btn.btn-primary type="submit" { (tr!("Merge")) }
                }
            }
        }
    })
}

/// Merges the two records as chosen.
pub(crate) async fn merge(
    State(site): State<Site>,
    Address((set_name, id)): Address<(String, Uuid)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let model = site.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let other: Uuid =
        typed.text("with").parse().map_err(|_| Failure::Bad(tr!("name the record to merge with in “with”")))?;
    let keeps_other = typed.text("master") == "other";
    let (master, subordinate) = if keeps_other { (other, id) } else { (id, other) };
    let rows = (
        site.app.get(&me.caller, &table.name, master, None).await?,
        site.app.get(&me.caller, &table.name, subordinate, None).await?,
    );
    let from_subordinate = if keeps_other { "one" } else { "other" };
    let mut content = Row::new();
    for column in choosable(&me, &table) {
        let chosen = typed.text(&format!("pick.{}", column.name)) == from_subordinate;
        if chosen && rows.0.value(&column.name) != rows.1.value(&column.name) {
            content.set(column.name.as_str(), rows.1.value(&column.name).clone());
        }
    }
    let request = Merge { table: table.name.clone(), master, subordinate, content, check_parents: false };
    match site.app.merge(&me.caller, Origin::Page, request).await {
        Ok(done) => {
            let merged = tr!("{} merged.", table.label);
            let told = match done.moved {
                0 => merged,
                count => {
                    let moved = tr!("One related record moved with it." | "{n} related records moved with it." % count);
                    format!("{merged} {moved}")
                }
            };
            let flash = Flash::done(told).undo(done.act);
            Ok(me.go(&tables::row_href(&table, master), Some(flash)))
        }
        Err(error @ (crm::Error::Refused(_) | crm::Error::Forbidden(_) | crm::Error::Invalid(_))) => {
            let back = format!("{}/duplicates?with={other}", tables::row_href(&table, id));
            Ok(me.go(&back, Some(Flash::failed(sentence(&Failure::from(error).text())))))
        }
        Err(error) => Err(error.into()),
    }
}

/// Pairs of records of a table that may be the same, by one of its rules at a time.
pub(crate) async fn list(
    State(site): State<Site>,
    me: Me,
    Address(set_name): Address<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let model = site.model();
    let table = tables::named(&model, &me.caller, &set_name)?;
    let asked = Typed::parse(&query.unwrap_or_default());
    let rules = site.app.duplicates().rules_of(&me.caller, &table.name).await?;
    let wanted = asked.get("rule").and_then(|rule| rule.parse::<Uuid>().ok());
    let after = asked.get("after").and_then(|after| after.parse::<i64>().ok());
    let (rule, pairs) = first_with_pairs(&site, &me, &rules, wanted, after).await?;
    let address = |rule: Uuid| format!("/{}/duplicates?rule={rule}", table.set_name);
    let next = pairs.next.zip(rule).map(|(after, rule)| {
        format!("{}&after={}", address(rule), utf8_percent_encode(&after.to_string(), NON_ALPHANUMERIC))
    });
    let title = tr!("Possible duplicates among {}", Language::within_sentence(&table.plural_label));
    let content = html! {
        div.page-plain {
            header {
                nav.record-trail aria-label=(tr!("Where this is")) {
                    a href={ "/" (table.set_name) } { (icon("chevron-left")) span { (table.plural_label) } }
                }
                h1 { (title) }
                p { (tr!("By the published duplicate rules; merged records are left out.")) }
            }
            @if rules.is_empty() {
                section.page-card {
                    (EmptyState {
                        icon: "copy".to_owned(),
                        title: tr!("No duplicate rule is published"),
                        text: tr!("An administrator publishes rules under Duplicate Detection Rules."),
                        ..EmptyState::default()
                    })
                }
            } @else {
                nav.page-card aria-label=(tr!("Duplicate rules")) {
                    ul {
                        @for (id, name) in &rules {
                            li { a href=(address(*id)) aria-current=[(Some(*id) == rule).then_some("page")] { (name) } }
                        }
                    }
                }
                section.page-card aria-label=(tr!("Pairs")) {
                    @if pairs.pairs.is_empty() && next.is_none() {
                        p { (tr!("This rule finds no two records that may be the same.")) }
                    } @else {
                        (listed(&me, &model, &table, &pairs.pairs))
                    }
                    @if let Some(next) = next { div.page-commands { a.btn href=(next) { (tr!("Look further")) } } }
                }
            }
        }
    };
    Ok(me.page(&model, &title, PageLayout::Scrolling, &table.set_name, content))
}

/// The rule that was asked for, else the first one that finds something.
async fn first_with_pairs(
    site: &Site,
    me: &Me,
    rules: &[(Uuid, String)],
    wanted: Option<Uuid>,
    after: Option<i64>,
) -> Result<(Option<Uuid>, Pairs), Failure> {
    let ids = || rules.iter().map(|(id, _)| *id);
    if let Some(rule) = ids().find(|id| Some(*id) == wanted) {
        return Ok((Some(rule), site.app.duplicates().pairs(&me.caller, rule, after, SHOWN).await?));
    }
    for rule in ids() {
        let pairs = site.app.duplicates().pairs(&me.caller, rule, None, SHOWN).await?;
        if !pairs.pairs.is_empty() {
            return Ok((Some(rule), pairs));
        }
    }
    Ok((ids().next(), Pairs::default()))
}

fn listed(me: &Me, model: &model::Model, table: &Table, pairs: &[Pair]) -> Markup {
    let link = |reference: &Reference, name: &str| {
        let name = if name.is_empty() { tr!("(no name)") } else { name.to_owned() };
        html! {
            @match tables::reference_href(model, &me.caller, reference) {
                Some(href) => a href=(href) { (name) },
                None => (name),
            }
        }
    };
    let row = |pair: &Pair| {
        let compare = pair.base.table == pair.matching.table && is_mergeable(table);
        let href = format!("{}/duplicates?with={}", tables::row_href(table, pair.base.id), pair.matching.id);
        vec![
            link(&pair.base, &pair.base_name),
            link(&pair.matching, &pair.matching_name),
            html! { (pair.reason) },
            html! { @if compare { a href=(href) aria-label=(tr!("Compare {} with {}", pair.base_name, pair.matching_name)) { (tr!("Compare")) } } },
        ]
    };
    let column = |label: String| TableColumn { label, number: false };
    PlainTable {
        caption: tr!("Pairs that may be the same"),
        columns: [tr!("Record"), tr!("May be the same as"), tr!("Why"), tr!("What to do")].map(column).into(),
        rows: pairs.iter().map(row).collect(),
    }
    .render()
}
