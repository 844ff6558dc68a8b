//! What people read all day.

use std::{path::Path, sync::Arc};

use crm::{Aggregate, AggregateFunction, App, Caller, Grouping, Query};
use model::{Filter, Operator, Order, View};

use crate::{
    BenchError, Result, aims,
    arguments::Arguments,
    measure::{Limits, Measured, measure, measure_threads},
    raw,
    report::Case,
    restricted::restricted,
    subject::{Subject, of_turn},
};

/// Rows of a list.
const PAGE: u32 = 50;
/// What the raw list reads; the product's view shows the same.
const LEAD_COLUMNS: &str = "leadid, fullname, subject, companyname, leadqualitycode, statuscode, emailaddress1, \
    telephone1, createdon, ownerid, ownerid_type";

/// All reading cases.
pub(crate) async fn cases(arguments: &Arguments, subject: &Subject) -> Result<Vec<Case>> {
    let limits = Limits::of(arguments.time());
    let mut cases = Vec::new();
    if arguments.wants(aims::READ) {
        cases.push(Case::beside(aims::READ, by_id(subject, limits).await?, raw_by_id(subject, limits)?));
    }
    if arguments.wants(aims::LIST) {
        cases.push(Case::beside(aims::LIST, list(subject, limits).await?, raw_list(subject, limits)?));
    }
    if arguments.wants(aims::OWN) {
        let (own, everything) = own_list(subject, limits).await?;
        cases.push(Case::beside(aims::OWN, own, Some(everything)));
    }
    if arguments.wants(aims::DEEP) {
        cases.push(Case::beside(aims::DEEP, deep_page(subject, limits).await?, raw_deep_page(subject, limits)?));
    }
    if arguments.wants(aims::SEARCH) {
        cases.push(Case::beside(aims::SEARCH, search(subject, limits, 2).await?, raw_search(subject, limits, 2)?));
    }
    if arguments.wants(aims::SEARCH_WORD) {
        cases.push(Case::beside(aims::SEARCH_WORD, search(subject, limits, 1).await?, raw_search(subject, limits, 1)?));
    }
    if arguments.wants(aims::STAGES_ALL) {
        cases.push(Case::beside(
            aims::STAGES_ALL,
            stages(subject, limits, false).await?,
            raw_stages(subject, limits, false)?,
        ));
    }
    if arguments.wants(aims::STAGES_OWN) {
        cases.push(Case::beside(
            aims::STAGES_OWN,
            stages(subject, limits, true).await?,
            raw_stages(subject, limits, true)?,
        ));
    }
    Ok(cases)
}

async fn by_id(subject: &Subject, limits: Limits) -> Result<Measured> {
    let (app, caller, leads) = (subject.app.clone(), subject.administrator.clone(), Arc::clone(&subject.leads));
    measure(limits, move |turn| {
        let (app, caller, id) = (app.clone(), caller.clone(), *of_turn(&leads, turn));
        async move { Ok(app.get(&caller, "lead", id, None).await.map(|_| 1)?) }
    })
    .await
}

pub(crate) fn raw_by_id(subject: &Subject, limits: Limits) -> Result<Option<Measured>> {
    beside(subject, |file| {
        measure_threads(
            limits,
            || raw::reader(file),
            |connection, turn| {
                let id = of_turn(&subject.leads, turn);
                raw::fetch(connection, "SELECT * FROM lead WHERE leadid = ?1", [id.as_bytes()])
            },
        )
    })
}

/// "My Open Leads" of one seller after another, with the owner and the names of what rows point at.
async fn list(subject: &Subject, limits: Limits) -> Result<Measured> {
    let view = Arc::new(view(&subject.app, "my_open")?);
    let (app, sellers) = (subject.app.clone(), Arc::clone(&subject.sellers));
    measure(limits, move |turn| {
        let (app, seller, view) = (app.clone(), of_turn(&sellers, turn).clone(), Arc::clone(&view));
        async move {
            let query = through(&app, &seller, &view).select(["ownerid"]);
            Ok(app.query_with_names(&seller, query).await.map(|(found, _)| found.rows.len())?)
        }
    })
    .await
}

/// "Open Leads" of somebody who sees only their own and their team's, and of an administrator.
async fn own_list(subject: &Subject, limits: Limits) -> Result<(Measured, Measured)> {
    let [seller, colleague, ..] = subject.sellers.as_slice() else {
        return Err(BenchError::other("the organisation has too few sellers"));
    };
    let seller = restricted(&subject.app, &subject.administrator, seller, colleague).await?;
    let view = Arc::new(view(&subject.app, "open")?);
    let list = |caller: Caller| {
        let (app, view) = (subject.app.clone(), Arc::clone(&view));
        measure(limits, move |_| {
            let (app, caller, view) = (app.clone(), caller.clone(), Arc::clone(&view));
            async move {
                let query = through(&app, &caller, &view).select(["ownerid"]);
                Ok(app.query_with_names(&caller, query).await.map(|(found, _)| found.rows.len())?)
            }
        })
    };
    Ok((list(seller).await?, list(subject.administrator.clone()).await?))
}

pub(crate) fn raw_list(subject: &Subject, limits: Limits) -> Result<Option<Measured>> {
    let sql = format!(
        "SELECT {LEAD_COLUMNS} FROM lead WHERE statecode = 0 AND ownerid = ?1 \
         ORDER BY createdon DESC, leadid DESC LIMIT 51"
    );
    beside(subject, |file| {
        measure_threads(
            limits,
            || raw::reader(file),
            |connection, turn| {
                let seller = of_turn(&subject.sellers, turn).user;
                let owners = raw::fetch_keys(connection, &sql, [seller.as_bytes()], 9)?;
                names_of(connection, owners)
            },
        )
    })
}

/// The names of those whom rows name as their owners, by one statement; how many rows there were.
fn names_of(connection: &rusqlite::Connection, mut ids: Vec<Vec<u8>>) -> Result<usize> {
    let rows = ids.len();
    ids.sort_unstable();
    ids.dedup();
    let places = vec!["?"; ids.len()].join(", ");
    let sql = format!("SELECT systemuserid, fullname FROM systemuser WHERE systemuserid IN ({places})");
    raw::fetch(connection, &sql, rusqlite::params_from_iter(ids)).map(|_| rows)
}

/// "Open Leads" of everybody, the 41st page, found by key.
async fn deep_page(subject: &Subject, limits: Limits) -> Result<Measured> {
    let view = view(&subject.app, "open")?;
    let (app, caller) = (subject.app.clone(), subject.administrator.clone());
    let mut query = through(&app, &caller, &view).select(["ownerid"]);
    for _ in 0..40 {
        let Some(next) = app.query(&caller, query.clone()).await?.next else { break };
        query.page.cursor = Some(next);
    }
    measure(limits, move |_| {
        let (app, caller, query) = (app.clone(), caller.clone(), query.clone());
        async move { Ok(app.query_with_names(&caller, query).await.map(|(found, _)| found.rows.len())?) }
    })
    .await
}

fn raw_deep_page(subject: &Subject, limits: Limits) -> Result<Option<Measured>> {
    beside(subject, |file| {
        let connection = raw::reader(file)?;
        let place = "SELECT createdon, leadid FROM lead WHERE statecode = 0 ORDER BY createdon DESC, leadid DESC \
                     LIMIT 1 OFFSET min(2000, (SELECT count(*) FROM lead WHERE statecode = 0) / 2)";
        let (created, id): (i64, Vec<u8>) = connection.query_row(place, [], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let sql = format!(
            "SELECT {LEAD_COLUMNS} FROM lead WHERE statecode = 0 AND (createdon, leadid) < (?1, ?2) \
             ORDER BY createdon DESC, leadid DESC LIMIT 51"
        );
        measure_threads(
            limits,
            || raw::reader(file),
            |connection, _| {
                let owners = raw::fetch_keys(connection, &sql, rusqlite::params![created, id], 9)?;
                names_of(connection, owners)
            },
        )
    })
}

/// Leads whose words begin with those typed: the last name, or first and last name.
async fn search(subject: &Subject, limits: Limits, words: usize) -> Result<Measured> {
    let view = Arc::new(view(&subject.app, "open")?);
    let (app, caller, names) = (subject.app.clone(), subject.administrator.clone(), Arc::clone(&subject.names));
    measure(limits, move |turn| {
        let (app, caller, view) = (app.clone(), caller.clone(), Arc::clone(&view));
        let name: &String = of_turn(&names, turn);
        let text = typed(name, words);
        async move {
            let mut query = through(&app, &caller, &view);
            query.filter = Filter::Search(text);
            // As a page asks: newest first, from the index.
            query.order.clear();
            Ok(app.query_with_names(&caller, query).await.map(|(found, _)| found.rows.len())?)
        }
    })
    .await
}

fn raw_search(subject: &Subject, limits: Limits, words: usize) -> Result<Option<Measured>> {
    let sql = format!(
        "SELECT {LEAD_COLUMNS} FROM lead_search CROSS JOIN lead ON lead.seq = lead_search.rowid WHERE lead_search MATCH ?1 \
         ORDER BY lead_search.rowid DESC LIMIT 51"
    );
    beside(subject, |file| {
        measure_threads(
            limits,
            || raw::reader(file),
            |connection, turn| {
                let name: &String = of_turn(&subject.names, turn);
                let text = typed(name, words);
                let terms: Vec<String> = text.split(' ').map(|word| format!("\"{word}\"*")).collect();
                let owners = raw::fetch_keys(connection, &sql, [terms.join(" ")], 9)?;
                names_of(connection, owners)
            },
        )
    })
}

/// The last words of a name, letters and digits only.
fn typed(name: &str, words: usize) -> String {
    let all: Vec<&str> =
        name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty()).collect();
    all[all.len().saturating_sub(words)..].join(" ").to_lowercase()
}

/// Number and value of open deals by stage: everybody's or one seller's.
async fn stages(subject: &Subject, limits: Limits, own: bool) -> Result<Measured> {
    let app = subject.app.clone();
    let callers = if own { Arc::clone(&subject.sellers) } else { Arc::new(vec![subject.administrator.clone()]) };
    measure(limits, move |turn| {
        let (app, caller) = (app.clone(), of_turn(&callers, turn).clone());
        async move {
            let mut query = app.new_query(&caller, "opportunity").matching(Filter::eq("statecode", 0));
            if own {
                query = query.matching(Filter::unary("ownerid", Operator::EqUserid));
            }
            query.group_by.push(Grouping { path: "stepname".into(), part: None, alias: "stage".to_owned() });
            query.aggregates.push(total(AggregateFunction::Sum, Some("estimatedvalue_base"), "value"));
            query.aggregates.push(total(AggregateFunction::Count, None, "deals"));
            Ok(app.query(&caller, query).await.map(|found| found.rows.len())?)
        }
    })
    .await
}

fn raw_stages(subject: &Subject, limits: Limits, own: bool) -> Result<Option<Measured>> {
    let owner = if own { "AND ownerid = ?1" } else { "AND ?1 IS NOT NULL" };
    let sql = format!(
        "SELECT stepname, sum(estimatedvalue_base), count(*) FROM opportunity WHERE statecode = 0 {owner} GROUP BY stepname"
    );
    beside(subject, |file| {
        measure_threads(
            limits,
            || raw::reader(file),
            |connection, turn| {
                let seller = of_turn(&subject.sellers, turn).user;
                raw::fetch(connection, &sql, [seller.as_bytes()])
            },
        )
    })
}

fn total(function: AggregateFunction, column: Option<&str>, alias: &str) -> Aggregate {
    Aggregate { function, path: column.map(Into::into), alias: alias.to_owned() }
}

/// A shipped view of leads.
pub(crate) fn view(app: &App, name: &str) -> Result<View> {
    let views = &app.table("lead")?.views;
    views
        .iter()
        .find(|view| view.name == name)
        .cloned()
        .ok_or_else(|| BenchError::other(format!("leads have no view '{name}'")))
}

/// A view as a query in the caller's name.
pub(crate) fn through(app: &App, caller: &Caller, view: &View) -> Query {
    let mut query = app
        .new_query(caller, "lead")
        .select(["leadid"])
        .select(view.columns.iter().map(|column| column.column.clone()))
        .matching(view.filter.clone())
        .take(PAGE);
    query.order.clone_from(&view.order);
    if query.order.is_empty() {
        query.order.push(Order::descending("createdon"));
    }
    query
}

/// What is run raw, where there is a file to run it on.
pub(crate) fn beside(subject: &Subject, run: impl FnOnce(&Path) -> Result<Measured>) -> Result<Option<Measured>> {
    subject.file.as_deref().map(run).transpose()
}
