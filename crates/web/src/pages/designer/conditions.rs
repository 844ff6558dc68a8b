//! Conditions of stages and the rule of a flow: groups of AND and OR, with the value editors that lists
//! are filtered by.

use axum::{
    extract::{RawQuery, State},
    response::Response,
};
use crm::{
    process::design::{ConditionEdit, Edit, Join, Revision, Spot, is_group, parts},
    reading::Names,
};
use language::{Language, tr, translated};
use maud::{Markup, html};
use model::{Filter, Model, Process, Table};

use super::{again, dialog, edit, edit_from, for_state, moved_on, seen};
use crate::{
    address::Address,
    app::Site,
    components::Dialog,
    failure::Failure,
    posted::{Posted, Typed},
    respond::fragment,
    session::Me,
    view::{
        designer::{href, references},
        filters::{Condition, condition_editor},
        list::address,
    },
};

/// The part of a condition that a form speaks of.
struct Part {
    process: Process,
    revision: Revision,
    names: Names,
    /// `rule` or `stage:NAME`, as it was sent.
    of: String,
    spot: Spot,
    at: Vec<usize>,
    replace: bool,
}

impl Part {
    async fn open(site: &Site, me: &Me, flow: &str, typed: &Typed) -> Result<Self, Failure> {
        let design = site.app.designer().open(&me.caller, flow).await?;
        let (revision, process) = (design.revision(), design.process);
        let names = site.app.names(&me.caller, references(&process)).await?;
        let of = typed.text("of").to_owned();
        let (spot, at) = spot(typed)?;
        Ok(Self { process, revision, names, of, spot, at, replace: typed.text("replace") == "1" })
    }

    /// The table whose record is asked: that of the stage before.
    fn table<'m>(&self, model: &'m Model) -> Result<&'m Table, Failure> {
        let process = &self.process;
        let name = match &self.spot {
            Spot::Rule => process.table.as_str(),
            Spot::Stage(name) => {
                let at = process.stages.iter().position(|stage| stage.name == *name);
                let before = at.and_then(|at| at.checked_sub(1)).map(|before| &process.stages[before].table);
                before.filter(|table| !table.is_empty()).unwrap_or(&process.table)
            }
        };
        model.table(name).map(AsRef::as_ref).ok_or(Failure::NoPage)
    }

    /// The condition that is to be replaced.
    fn present(&self) -> Option<&Filter> {
        let root = match &self.spot {
            Spot::Rule => self.process.rule.as_ref(),
            Spot::Stage(name) => self.process.stages.iter().find(|stage| stage.name == *name)?.condition.as_ref(),
        }?;
        let mut here = root;
        for (depth, position) in self.at.iter().enumerate() {
            if depth > 0 && !is_group(here) {
                return None;
            }
            here = parts(here).1.get(*position)?;
        }
        Some(here).filter(|_| self.replace)
    }

    fn editor(&self, me: &Me, model: &Model, chosen: &Typed) -> Result<Markup, Failure> {
        let table = self.table(model)?;
        let edited = self.present().and_then(|present| Condition::of_filter(me, present));
        let mut editor = condition_editor(me, model, &self.names, table, chosen, edited.as_ref(), None);
        editor.refresh = address(&format!("{}/condition/editor", href(&self.process.name)), &[]);
        Ok(html! { div.filter-editor data-filter-editor hx-disinherit="hx-disabled-elt" { (editor.fields()) } })
    }

    fn dialog(&self, me: &Me, model: &Model, chosen: &Typed) -> Result<Dialog, Failure> {
        let at = self.at.iter().map(usize::to_string).collect::<Vec<_>>().join(".");
        let mut hidden = vec![("of".to_owned(), self.of.clone()), ("at".to_owned(), at)];
        hidden.extend(self.replace.then(|| ("replace".to_owned(), "1".to_owned())));
        let table = Language::within_sentence(&translated(&self.table(model)?.label));
        let title = if self.replace { tr!("Change condition") } else { tr!("Add condition") };
        Ok(Dialog {
            hidden,
            text: tr!("Asked of the {}.", table),
            body: self.editor(me, model, chosen)?,
            submit: if self.replace { tr!("Change") } else { tr!("Add") },
            ..dialog(me, title, "filter", format!("{}/condition", href(&self.process.name)))
        })
    }
}

/// Whose condition, and the way to the part of it.
fn spot(typed: &Typed) -> Result<(Spot, Vec<usize>), Failure> {
    let unknown = || Failure::Bad(tr!("name a part of a condition"));
    let spot = match typed.text("of") {
        "rule" => Spot::Rule,
        of => Spot::Stage(of.strip_prefix("stage:").ok_or_else(unknown)?.to_owned()),
    };
    let way = typed.text("at").split('.').filter(|position| !position.is_empty());
    let at = way.map(str::parse).collect::<Result<Vec<usize>, _>>().map_err(|_| unknown())?;
    Ok((spot, at))
}

/// Asks for a condition.
pub(crate) async fn ask(
    State(site): State<Site>,
    me: Me,
    Address(flow): Address<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let typed = Typed::parse(&query.unwrap_or_default());
    let part = Part::open(&site, &me, &flow, &typed).await?;
    Ok(fragment(for_state(part.dialog(&me, &site.model(), &typed)?, part.revision)))
}

/// The fields of a condition for another column or operator.
pub(crate) async fn editor(
    State(site): State<Site>,
    me: Me,
    Address(flow): Address<String>,
    RawQuery(query): RawQuery,
) -> Result<Response, Failure> {
    let typed = Typed::parse(&query.unwrap_or_default());
    let part = Part::open(&site, &me, &flow, &typed).await?;
    Ok(fragment(part.editor(&me, &site.model(), &typed)?))
}

/// Adds a condition, or puts it in the place of another.
pub(crate) async fn save(
    State(site): State<Site>,
    Address(flow): Address<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let seen = seen(&typed)?;
    if let Some(answer) = moved_on(&site, &me, &flow, seen).await? {
        return Ok(answer);
    }
    let part = Part::open(&site, &me, &flow, &typed).await?;
    let model = site.model();
    let table = part.table(&model)?;
    let dialog = part.dialog(&me, &model, &typed)?;
    let typed = Condition::typed(&me, &model, table, &typed);
    let filter = match typed.and_then(|condition| condition.filter(&me, &model, table)) {
        Ok(filter) => filter,
        Err(message) => return Ok(again(for_state(dialog, seen), &[(String::new(), message)])),
    };
    let (change, words) = if part.replace {
        (ConditionEdit::Replace(part.at, filter), tr!("Condition changed."))
    } else {
        (ConditionEdit::Add(part.at, filter), tr!("Condition added."))
    };
    edit_from(&site, &me, &flow, seen, Edit::Condition(part.spot, change), &words, dialog).await
}

/// Joins a group otherwise, adds a group to it, or takes a part out.
pub(crate) async fn change(
    State(site): State<Site>,
    Address(flow): Address<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let (spot, at) = spot(&typed)?;
    let (change, words) = match typed.text("do") {
        "join" if typed.text("join") == "any" => {
            (ConditionEdit::Join(at, Join::Any), tr!("One of them is enough now."))
        }
        "join" => (ConditionEdit::Join(at, Join::All), tr!("All of them must hold now.")),
        "group" => (ConditionEdit::Add(at, Filter::Any(Vec::new())), tr!("Group added. Add conditions to it.")),
        "remove" => (ConditionEdit::Remove(at), tr!("Condition removed.")),
        _ => return Err(Failure::Bad(tr!("say what is to be done with the condition"))),
    };
    edit(&site, &me, &flow, seen(&typed)?, Edit::Condition(spot, change), &words).await
}
