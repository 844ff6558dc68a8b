//! With whom a view of one's own is shared.

use std::collections::BTreeSet;

use axum::{extract::State, http::StatusCode, response::Response};
use crm::{
    Origin,
    access::{Privilege, Share},
    reading::Names,
};
use language::tr;
use maud::{Markup, Render, html};
use model::{Model, Reference, Table, View};
use uuid::Uuid;

use super::views::own;
use crate::{
    address::Address,
    app::Site,
    components::{
        Action, Command, Control, Dialog, Field,
        fields::{ChoiceOption, LookupControl},
    },
    failure::{Failure, sentence},
    flash::Flash,
    posted::{Posted, Typed},
    respond::{fragment, html as answer},
    session::Me,
    view::{fields, input, list::List, tables},
};

/// The table of people's own views, and of shares.
const VIEWS: &str = "userquery";
const SHARES: &str = "principalobjectaccess";
const WHOM: &str = "principalid";
const WHAT: &str = "may";
const CHANGE: &str = "change";

/// A view and with whom it is shared.
struct Shared {
    table: std::sync::Arc<Table>,
    view: View,
    shares: Vec<Share>,
    names: Names,
}

impl Shared {
    async fn of(site: &Site, me: &Me, set_name: &str, id: Uuid) -> Result<Self, Failure> {
        let table = tables::named(&site.model(), &me.caller, set_name)?;
        let view = own(site, me, &table, id).await?;
        let (shares, names) = site.app.shares(&me.caller, &Reference::new(VIEWS, id)).await?;
        Ok(Self { table, view, shares, names })
    }

    fn href(&self) -> String {
        List { view: self.view.name.clone(), ..List::default() }.href(&format!("/{}", self.table.set_name))
    }

    fn dialog(&self, me: &Me, model: &Model, typed: &Typed, error: Option<String>) -> Dialog {
        let at = format!("/{}/views/{}/shares", self.table.set_name, self.view.id);
        let fields = whom(me, model).map(|whom| Field { error: error.map(|text| sentence(&text)), ..whom });
        let option = |value: &str, label: &str| ChoiceOption {
            value: value.to_owned(),
            label: label.to_owned(),
            chosen: typed.text(WHAT) == value,
        };
        let options = vec![option("", &tr!("Use it")), option(CHANGE, &tr!("Use it and change it"))];
        let what = Field::new(WHAT, tr!("They may"), Control::Choice { options });
        Dialog {
            id: "view".to_owned(),
            title: tr!("Share “{}”", self.view.label),
            icon: "share".to_owned(),
            csrf: me.csrf.clone(),
            text: tr!("They see the rows that they may see, with the columns, order and filters of the view."),
            fields: fields.into_iter().chain([what]).collect(),
            body: self.list(&at),
            submit: tr!("Share"),
            action: Some(at),
            ..Dialog::default()
        }
    }

    fn list(&self, at: &str) -> Markup {
        let one = |share: &Share| {
            let Reference { table, id } = &share.principal;
            let stop = Action::Post { href: format!("{at}/{table}/{id}/end"), confirm: None };
            html! {
                li {
                    span {
                        b { (self.names.get(&share.principal).unwrap_or(&tr!("(no name)"))) }
                        @if table == "team" { " (" (tr!("team")) ")" }
                        @if share.privileges.contains(&Privilege::Write) { " " (tr!("may change it")) }
                    }
                    (Command::new(tr!("Stop sharing"), "", stop))
                }
            }
        };
        html! {
            div.view-shares {
                @if !self.shares.is_empty() {
                    h3 { (tr!("Shared with")) }
                    ul { @for share in &self.shares { (one(share)) } }
                }
            }
        }
    }
}

/// Asks with whom to share.
pub(crate) async fn show(
    State(site): State<Site>,
    me: Me,
    Address((set_name, id)): Address<(String, Uuid)>,
) -> Result<Response, Failure> {
    let shared = Shared::of(&site, &me, &set_name, id).await?;
    Ok(fragment(shared.dialog(&me, &site.model(), &Typed::default(), None)))
}

/// Shares the view, or changes for what it is shared.
pub(crate) async fn save(
    State(site): State<Site>,
    Address((set_name, id)): Address<(String, Uuid)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let shared = Shared::of(&site, &me, &set_name, id).await?;
    let targets = ["systemuser".to_owned(), "team".to_owned()];
    let refused = match typed.text(WHOM) {
        "" => tr!("choose the user or team to share it with"),
        text => match input::reference(text, &targets) {
            Ok(whom) if whom.id == me.caller.user => tr!("it is yours already; choose somebody else"),
            Ok(whom) => {
                let mut what = BTreeSet::from([Privilege::Read]);
                what.extend((typed.text(WHAT) == CHANGE).then_some(Privilege::Write));
                let act = share(&site, &me, id, whom.clone(), what).await?;
                let names = site.app.names(&me.caller, vec![whom.clone()]).await?;
                let text = tr!("View shared with {}.", names.get(&whom).unwrap_or(&tr!("them")));
                return Ok(me.go(&shared.href(), Some(Flash::done(text).undo(act))));
            }
            Err(message) => message,
        },
    };
    let dialog = shared.dialog(&me, &site.model(), &typed, Some(refused));
    Ok(answer(StatusCode::UNPROCESSABLE_ENTITY, dialog.render()))
}

/// Stops sharing the view with somebody.
pub(crate) async fn end(
    State(site): State<Site>,
    Address((set_name, id, kind, principal)): Address<(String, Uuid, String, Uuid)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let me = posted.me;
    let shared = Shared::of(&site, &me, &set_name, id).await?;
    let whom = Reference::new(kind, principal);
    let known = shared.shares.iter().find(|share| share.principal == whom).ok_or(Failure::NoPage)?;
    let name = shared.names.get(&known.principal).map_or_else(|| tr!("them"), str::to_owned);
    let act = share(&site, &me, id, whom, BTreeSet::new()).await?;
    Ok(me.go(&shared.href(), Some(Flash::done(tr!("View no longer shared with {}.", name)).undo(act))))
}

async fn share(site: &Site, me: &Me, id: Uuid, whom: Reference, what: BTreeSet<Privilege>) -> Result<Uuid, Failure> {
    let record = Reference::new(VIEWS, id);
    let done = site.app.work(&me.caller, Origin::Page, move |work| {
        work.share(&record, &whom, &what)?;
        Ok(work.act())
    });
    Ok(done.await?)
}

/// The field for the user or team.
fn whom(me: &Me, model: &Model) -> Option<Field> {
    let shares = model.table(SHARES)?;
    let lookup = fields::lookup(me, model, shares, shares.column(WHOM)?);
    let control = Control::Lookup(LookupControl { create: Vec::new(), ..lookup });
    Some(Field { autofocus: true, ..Field::new(WHOM, tr!("User or team"), control).required() })
}
