//! The stages of a draft.

use axum::{extract::State, response::Response};
use crm::process::design::{Edit, StageForm};
use language::tr;
use model::{Model, Process, Stage, StageCategory};

use super::{asked, dialog, edit, edit_from, for_state, seen};
use crate::{
    address::Address,
    app::Site,
    components::{Control, Dialog, Field},
    failure::Failure,
    posted::{Posted, Typed},
    respond::fragment,
    session::Me,
    view::designer::{categories, category, category_named, href, lookups, tables},
};

/// A stage as its form shows it.
struct Shown {
    label: String,
    category: String,
    table: String,
    relationship: String,
}

impl Shown {
    fn of(stage: &Stage, process: &Process) -> Self {
        let table = if stage.table.is_empty() { &process.table } else { &stage.table };
        Self {
            label: stage.label.clone(),
            category: category(stage.category),
            table: table.clone(),
            relationship: stage.relationship.as_ref().map(|lookup| format!("{table}/{lookup}")).unwrap_or_default(),
        }
    }

    fn typed(typed: &Typed) -> Self {
        let text = |name: &str| typed.text(name).to_owned();
        Self {
            label: text("label"),
            category: text("category"),
            table: text("table"),
            relationship: text("relationship"),
        }
    }

    /// A lookup of another table than the chosen one is left out: the form offers those of all.
    fn form(&self) -> StageForm {
        let lookup = self.relationship.split_once('/').filter(|(table, _)| *table == self.table);
        StageForm {
            label: self.label.clone(),
            category: category_named(&self.category).unwrap_or(StageCategory::Qualify),
            table: self.table.clone(),
            relationship: lookup.map(|(_, lookup)| lookup.to_owned()),
        }
    }

    fn dialog(&self, me: &Me, model: &Model, process: &Process, stage: Option<&str>) -> Dialog {
        let label = Control::Text { value: self.label.clone(), max_length: Some(200), autocomplete: None };
        let fields = vec![
            Field { autofocus: true, ..asked(Field::new("label", tr!("Name"), label).required()) },
            asked(
                Field::new("category", tr!("Phase"), Control::Choice { options: categories(Some(&self.category)) })
                    .required(),
            )
            .help(tr!("The phase of the pipeline: boards and reports put the stages of all flows together by it.")),
            Field {
                searchable: true,
                ..asked(
                    Field::new("table", tr!("Table"), Control::Choice { options: tables(model, &self.table) })
                        .required(),
                )
                .help(tr!("The record that is worked on in the stage."))
            },
            Field {
                searchable: true,
                ..asked(Field::new(
                    "relationship",
                    tr!("Record found by"),
                    Control::Choice { options: lookups(model, process, &self.relationship) },
                ))
                .help(tr!(
                    "Only for a stage on another table: the lookup that leads from its record back to the earlier one."
                ))
            },
        ];
        let stages = format!("{}/stages", href(&process.name));
        match stage {
            None => Dialog { fields, submit: tr!("Add"), ..dialog(me, tr!("Add stage"), "plus", stages) },
            Some(stage) => Dialog { fields, ..dialog(me, tr!("Change stage"), "edit", format!("{stages}/{stage}")) },
        }
    }
}

/// Asks what a new stage is.
pub(crate) async fn ask_new(
    State(site): State<Site>,
    me: Me,
    Address(flow): Address<String>,
) -> Result<Response, Failure> {
    let design = site.app.designer().open(&me.caller, &flow).await?;
    let (seen, process) = (design.revision(), design.process);
    // A flow goes on where it was: on the table of its last stage.
    let last = process.stages.last().map(|stage| Shown::of(stage, &process));
    let shown = Shown {
        label: String::new(),
        category: last.as_ref().map_or_else(|| category(StageCategory::Qualify), |last| last.category.clone()),
        table: last.map_or_else(|| process.table.clone(), |last| last.table),
        relationship: String::new(),
    };
    Ok(fragment(for_state(shown.dialog(&me, &site.model(), &process, None), seen)))
}

/// Adds a stage.
pub(crate) async fn create(
    State(site): State<Site>,
    Address(flow): Address<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let process = site.app.designer().open(&me.caller, &flow).await?.process;
    let shown = Shown::typed(&typed);
    let again = shown.dialog(&me, &site.model(), &process, None);
    edit_from(&site, &me, &flow, seen(&typed)?, Edit::AddStage(shown.form()), &tr!("Stage added."), again).await
}

/// Asks what a stage shall be.
pub(crate) async fn ask(
    State(site): State<Site>,
    me: Me,
    Address((flow, stage)): Address<(String, String)>,
) -> Result<Response, Failure> {
    let design = site.app.designer().open(&me.caller, &flow).await?;
    let (seen, process) = (design.revision(), design.process);
    let found = process.stages.iter().find(|known| known.name == stage).ok_or(Failure::NoPage)?;
    let dialog = Shown::of(found, &process).dialog(&me, &site.model(), &process, Some(&stage));
    Ok(fragment(for_state(dialog, seen)))
}

/// Changes a stage.
pub(crate) async fn save(
    State(site): State<Site>,
    Address((flow, stage)): Address<(String, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let process = site.app.designer().open(&me.caller, &flow).await?.process;
    let shown = Shown::typed(&typed);
    let again = shown.dialog(&me, &site.model(), &process, Some(&stage));
    let change = Edit::ChangeStage(stage, shown.form());
    edit_from(&site, &me, &flow, seen(&typed)?, change, &tr!("Stage changed."), again).await
}

/// Puts a stage elsewhere.
pub(crate) async fn place(
    State(site): State<Site>,
    Address((flow, stage)): Address<(String, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let to = typed.text("to").parse().map_err(|_| Failure::Bad(tr!("name the place to move to")))?;
    edit(&site, &me, &flow, seen(&typed)?, Edit::MoveStage(stage, to), &tr!("Stage moved.")).await
}

/// Takes a stage out.
pub(crate) async fn remove(
    State(site): State<Site>,
    Address((flow, stage)): Address<(String, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    edit(&site, &posted.me, &flow, seen(&posted.typed)?, Edit::RemoveStage(stage), &tr!("Stage removed.")).await
}
