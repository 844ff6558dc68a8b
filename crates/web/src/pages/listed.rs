//! The list that an address speaks of.

use std::sync::Arc;

use axum::{extract::FromRequestParts, http::request::Parts};
use model::{Model, Table};

use super::list::with_view;
use crate::{
    address::Address,
    app::Site,
    failure::Failure,
    posted::Typed,
    session::Me,
    view::{list::List, tables},
};

/// What every part of a list's page begins with.
pub(crate) struct Listed {
    pub site: Site,
    /// Who asks.
    pub me: Me,
    pub model: Arc<Model>,
    pub table: Arc<Table>,
    /// All that the address asks for.
    pub asked: Typed,
    /// The list of it, with the view of one's own where it names one.
    pub list: List,
}

impl FromRequestParts<Site> for Listed {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Failure> {
        let me = Me::from_request_parts(parts, site).await?;
        let Address(set_name) = Address::<String>::from_request_parts(parts, site).await?;
        let model = site.model();
        let table = tables::named(&model, &me.caller, &set_name)?;
        let asked = Typed::parse(parts.uri.query().unwrap_or_default());
        let list = with_view(site, &me, &table, &asked).await?;
        Ok(Self { site: site.clone(), me, model, table, asked, list })
    }
}
