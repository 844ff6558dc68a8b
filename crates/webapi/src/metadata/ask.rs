//! What a client asks of metadata: which definitions, in what order, and what of each.

use std::{cmp::Ordering, sync::Arc};

use axum::{http::StatusCode, response::Response};

use super::{
    condition::{holds, order, unknown},
    item::{Item, Related},
};
use crate::{
    error::{Error, Result},
    handlers::{Request, object},
    odata::{ExpandItem, Expression, OrderItem},
    wire::Json,
};

/// Answers with those of these definitions that are asked for. They never come in pages.
pub fn all(request: &Request, set: &str, items: Vec<Item<'_>>) -> Result<Response> {
    request.options.allow(&["$select", "$filter", "$orderby", "$top", "$count", "$expand"])?;
    let options = &request.options;
    let shape = Shape { select: options.select()?, expand: options.expand()? };
    let kept = kept(items, options.filter()?.as_ref(), &options.order()?)?;
    let count = kept.len();
    let top = options.top()?.map_or(usize::MAX, |top| top as usize);
    let rows = kept.iter().take(top).map(|item| shape.of(item)).collect::<Result<Vec<_>>>()?;
    let mut members: Vec<(Arc<str>, Json)> = Vec::new();
    if options.count()? {
        members.push(("@odata.count".into(), Json::Whole(i64::try_from(count).unwrap_or(i64::MAX))));
    }
    members.push(("value".into(), Json::List(rows)));
    Ok(object(StatusCode::OK, shape.context(request, set), members))
}

/// Answers with how many of these definitions `$filter` lets through.
pub fn count(request: &Request, items: Vec<Item<'_>>) -> Result<Response> {
    request.options.allow(&["$filter"])?;
    let kept = kept(items, request.options.filter()?.as_ref(), &[])?;
    Ok(crate::handlers::text(kept.len().to_string()))
}

/// Answers with one definition.
pub fn one(request: &Request, set: &str, item: &Item<'_>) -> Result<Response> {
    request.options.allow(&["$select", "$expand"])?;
    let shape = Shape { select: request.options.select()?, expand: request.options.expand()? };
    let Json::Object(members) = shape.of(item)? else { return Err(unknown(item.kind, "")) };
    Ok(object(StatusCode::OK, format!("{}/$entity", shape.context(request, set)), members))
}

fn kept<'m>(items: Vec<Item<'m>>, filter: Option<&Expression>, sort: &[OrderItem]) -> Result<Vec<Item<'m>>> {
    let mut kept = Vec::new();
    for item in items {
        if filter.map_or(Ok(true), |filter| holds(&item, filter))? {
            kept.push(item);
        }
    }
    for OrderItem { path, descending } in sort.iter().rev() {
        let [name] = path.as_slice() else {
            return Err(Error::BadRequest("metadata is sorted by its own properties only".to_owned()));
        };
        if let Some(item) = kept.iter().find(|item| item.member(name).is_none()) {
            return Err(unknown(item.kind, name));
        }
        kept.sort_by(|left, right| {
            let order = left.member(name).zip(right.member(name)).and_then(|(left, right)| order(left, right));
            let order = order.unwrap_or(Ordering::Equal);
            if *descending { order.reverse() } else { order }
        });
    }
    Ok(kept)
}

/// What of a definition is told.
struct Shape {
    select: Option<Vec<String>>,
    expand: Vec<ExpandItem>,
}

impl Shape {
    fn of(&self, item: &Item<'_>) -> Result<Json> {
        let mut members: Vec<(Arc<str>, Json)> = Vec::new();
        if item.is_subtype {
            members.push(("@odata.type".into(), Json::Text(format!("#Microsoft.Dynamics.CRM.{}", item.kind))));
        }
        let selected = self.select.as_ref().filter(|names| !names.iter().any(|name| name == "*"));
        if let Some(name) = selected.and_then(|names| names.iter().find(|name| !is_known(item, name))) {
            return Err(unknown(item.kind, name));
        }
        let is_told =
            |name: &str| selected.is_none_or(|names| name == item.identity || names.iter().any(|own| own == name));
        members.extend(item.members.iter().filter(|(name, _)| is_told(name)).cloned());
        for expansion in &self.expand {
            let name = expansion.navigation.as_str();
            let related = item.lead(name).ok_or_else(|| unknown(item.kind, name))?;
            members.push((name.into(), expanded(expansion, related)?));
        }
        Ok(Json::Object(members))
    }

    fn context(&self, request: &Request, set: &str) -> String {
        let columns = self.select.as_ref().map(|names| format!("({})", names.join(","))).unwrap_or_default();
        format!("{}$metadata#{set}{columns}", request.root)
    }
}

/// A property of subtypes may be asked for among items of several types.
fn is_known(item: &Item<'_>, name: &str) -> bool {
    item.is_subtype || item.member(name).is_some()
}

fn expanded(expansion: &ExpandItem, related: Related<'_>) -> Result<Json> {
    let shape = Shape { select: expansion.select.clone(), expand: expansion.expand.clone() };
    match related {
        Related::One(item) => item.map_or(Ok(Json::Null), |item| shape.of(&item)),
        Related::Many(items) => {
            let top = expansion.top.map_or(usize::MAX, |top| top as usize);
            let kept = kept(items, expansion.filter.as_ref(), &expansion.order)?;
            kept.iter().take(top).map(|item| shape.of(item)).collect::<Result<Vec<_>>>().map(Json::List)
        }
    }
}
