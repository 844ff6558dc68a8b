//! Rows for a lookup, found while typing.

use axum::{
    Json,
    extract::{RawQuery, State},
    response::{IntoResponse, Response},
};
use crm::{Query, Rows};
use language::tr;
use model::{Column, Filter, Model, Operator, Order, Table};
use serde::Serialize;

use crate::{
    address::Address,
    app::Site,
    failure::Failure,
    posted::Typed,
    session::Me,
    view::{
        list::{is_searched, text_filter},
        tables,
    },
};

/// Rows offered of each table.
const OFFERED: u32 = 10;

/// `productstructure` of a family.
const PRODUCT_FAMILY: i64 = 2;

/// What tells rows of the same name apart, the best first.
const SECONDARY: &[&str] = &[
    "companyname",
    "parentcustomerid",
    "emailaddress1",
    "internalemailaddress",
    "address1_city",
    "customerid",
    "telephone1",
    "productnumber",
    "isocurrencycode",
    "jobtitle",
    "regardingobjectid",
];

/// A row offered.
#[derive(Serialize)]
pub(crate) struct Match {
    pub id: String,
    pub table: String,
    pub label: String,
    pub secondary: String,
}

/// The rows that a lookup column may hold and whose text begins with what was typed; where `only`
/// names tables, of those.
pub(crate) async fn show(
    State(site): State<Site>,
    me: Me,
    Address((set_name, column)): Address<(String, String)>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let model = site.model();
    let table = model.table_by_set(&set_name).cloned().ok_or(Failure::NoPage)?;
    let column = table.column(&column).ok_or(Failure::NoPage)?;
    let typed = Typed::parse(&query.unwrap_or_default());
    let words = typed.text("q").trim();
    let only: Vec<&str> = typed.text("only").split(',').filter(|name| !name.is_empty()).collect();
    let wanted = column.targets().iter().filter(|target| only.is_empty() || only.contains(&target.as_str()));
    let targets: Vec<_> = wanted.filter_map(|target| model.table(target)).collect();
    let queries = targets
        .iter()
        .map(|target| {
            let query = site.app.new_query(&me.caller, &target.name).matching(fitting(column, target));
            find(query, target, words, OFFERED)
        })
        .collect();
    let found = site.app.queries(&me.caller, queries).await?;
    let names = secondary_names(&site, &me, &found).await?;
    let matches: Vec<Match> =
        targets.iter().zip(&found).flat_map(|(target, rows)| matches(&me, &model, target, rows, &names)).collect();
    Ok(Json(matches).into_response())
}

/// Which rows of a table fit a lookup beyond its type: what is sold is an active product, not a
/// family of products; an owner is no access team, and the access team of a record is for it alone.
pub(crate) fn fitting(column: &Column, target: &Table) -> Filter {
    if target.name == "team" {
        let of_record = Filter::compare("systemmanaged", Operator::Ne, true);
        let owns = Filter::compare("teamtype", Operator::Ne, crm::access::ACCESS_TEAM);
        return if column.name == "ownerid" { of_record.and(owns) } else { of_record };
    }
    if target.name != "product" || column.name == "parentproductid" {
        return Filter::everything();
    }
    let family = Filter::compare("productstructure", Operator::Eq, PRODUCT_FAMILY);
    Filter::eq("statecode", 0).and(Filter::Not(Box::new(family)))
}

/// Asks for rows of a table by words; the newest where nothing is typed.
pub(crate) fn find(query: Query, table: &Table, words: &str, size: u32) -> Query {
    let secondary = SECONDARY.iter().copied().filter(|name| table.column(name).is_some());
    let mut query =
        query.select([table.primary_key.as_str(), table.primary_name.as_str()]).select(secondary).take(size);
    if table.column("isdisabled").is_some() {
        query = query.matching(Filter::compare("isdisabled", Operator::Ne, true));
    } else if table.states.len() == 2 && table.column("statecode").is_some() {
        query = query.matching(Filter::eq("statecode", 0));
    }
    if words.is_empty() {
        let newest = ["modifiedon", "createdon"].into_iter().find(|name| table.column(name).is_some());
        return match newest {
            Some(newest) => query.order_by(Order::descending(newest)),
            None => query.order_by(Order::ascending(table.primary_name.as_str())),
        };
    }
    let query = query.matching(text_filter(table, words));
    if is_searched(table, words) { query } else { query.order_by(Order::ascending(table.primary_name.as_str())) }
}

/// The names that rows found point at, for telling them apart.
pub(crate) async fn secondary_names(site: &Site, me: &Me, found: &[Rows]) -> Result<crm::reading::Names, Failure> {
    let references =
        found.iter().flat_map(|rows| &rows.rows).flatten().filter_map(|value| value.as_reference().cloned()).collect();
    Ok(site.app.names(&me.caller, references).await?)
}

/// The rows found, with what tells them apart.
pub(crate) fn matches(me: &Me, model: &Model, table: &Table, rows: &Rows, names: &crm::reading::Names) -> Vec<Match> {
    let cells = crate::view::cells::Cells { me, model, names };
    rows.to_rows()
        .filter_map(|row| {
            let secondary = SECONDARY.iter().filter_map(|name| {
                let column = table.column(name)?;
                let text = cells.text(table, column, row.value(name), None);
                (!text.is_empty()).then_some(text)
            });
            let label = row.text(&table.primary_name);
            Some(Match {
                id: row.value(&table.primary_key).as_id()?.to_string(),
                table: table.name.clone(),
                label: if label.is_empty() { tr!("(no name)") } else { label.to_owned() },
                secondary: secondary.take(2).collect::<Vec<_>>().join(" · "),
            })
        })
        .collect()
}

/// True where people may look rows of the table up in the search of everything.
pub(crate) fn is_found(me: &Me, table: &Table) -> bool {
    table.searchable && tables::is_open_to(&me.caller, table) && !matches!(table.kind, model::TableKind::Pointer)
}
