//! Two selected rows side by side, to become one.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use crm::merge::is_mergeable;
use language::{Language, tr};

use super::Chosen;
use crate::{
    address::Address, app::Site, components::Dialog, failure::Failure, posted::Typed, respond::fragment, session::Me,
    view::tables,
};

/// Leads to the comparison; says how where other than two rows are selected.
pub(crate) async fn ask(
    State(site): State<Site>,
    me: Me,
    Address(set_name): Address<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let table = tables::named(&site.model(), &me.caller, &set_name)?;
    if !is_mergeable(&table) {
        return Err(Failure::NoPage);
    }
    let chosen = Chosen::of(&Typed::parse(&query.unwrap_or_default()))?;
    if let [one, other] = chosen.named() {
        return Ok(me.go(&format!("{}/duplicates?with={other}", tables::row_href(&table, *one)), None));
    }
    let kind = Language::within_sentence(&table.plural_label);
    Ok(fragment(Dialog {
        id: "merge".to_owned(),
        title: tr!("Select two {}", kind),
        icon: "copy".to_owned(),
        text: tr!("A merge makes one record of two. Select exactly two {}, then choose Merge again.", kind),
        ..Dialog::default()
    }))
}
