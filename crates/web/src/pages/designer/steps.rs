//! The steps of a stage.

use axum::{extract::State, response::Response};
use crm::process::design::{Edit, Revision};
use language::tr;
use model::{Model, Process, StageStep, Table};

use super::{again, asked, dialog, edit, edit_from, for_state, moved_on, seen};
use crate::{
    address::Address,
    app::Site,
    components::{Control, Dialog, Field},
    failure::Failure,
    posted::{Posted, Typed},
    respond::fragment,
    session::Me,
    view::designer::{action_named, chosen_of, href, step_options},
};

/// The stage that steps belong to.
struct Place {
    process: Process,
    revision: Revision,
    stage: String,
    at: Option<usize>,
}

impl Place {
    async fn open(site: &Site, me: &Me, flow: &str, stage: String, at: Option<usize>) -> Result<Self, Failure> {
        let design = site.app.designer().open(&me.caller, flow).await?;
        let place = Self { revision: design.revision(), process: design.process, stage, at };
        if place.stage().is_none() || at.is_some() && place.step().is_none() {
            return Err(Failure::NoPage);
        }
        Ok(place)
    }

    fn stage(&self) -> Option<&model::Stage> {
        self.process.stages.iter().find(|stage| stage.name == self.stage)
    }

    fn step(&self) -> Option<&StageStep> {
        self.stage()?.steps.get(self.at?)
    }

    fn table<'m>(&self, model: &'m Model) -> Result<&'m Table, Failure> {
        let table = self.stage().map(|stage| if stage.table.is_empty() { &self.process.table } else { &stage.table });
        table.and_then(|table| model.table(table)).map(AsRef::as_ref).ok_or(Failure::NoPage)
    }

    fn dialog(&self, me: &Me, table: &Table, step: &StageStep) -> Dialog {
        let what = Control::Choice { options: step_options(table, &chosen_of(step)) };
        let label = Control::Text { value: step.label.clone(), max_length: Some(200), autocomplete: None };
        let required = Control::Boolean { value: step.required, yes: tr!("Yes"), no: tr!("No") };
        let fields = vec![
            Field {
                searchable: true,
                autofocus: true,
                ..asked(Field::new("what", tr!("Column or button"), what).required())
            },
            asked(Field::new("label", tr!("Name"), label)).help(tr!("Where it is empty, the column's own name.")),
            asked(Field::new("required", tr!("Required"), required))
                .help(tr!("Must be filled before the stage is left; a yes-or-no column must be yes.")),
        ];
        let steps = format!("{}/stages/{}/steps", href(&self.process.name), self.stage);
        match self.at {
            None => Dialog { fields, submit: tr!("Add"), ..dialog(me, tr!("Add step"), "plus", steps) },
            Some(at) => Dialog { fields, ..dialog(me, tr!("Change step"), "edit", format!("{steps}/{at}")) },
        }
    }
}

fn typed_step(typed: &Typed) -> StageStep {
    let what = typed.text("what");
    let action = action_named(what);
    StageStep {
        column: if action.is_some() { String::new() } else { what.to_owned() },
        action,
        label: typed.text("label").trim().to_owned(),
        required: typed.text("required") == "true",
    }
}

/// Asks what a new step is.
pub(crate) async fn ask_new(
    State(site): State<Site>,
    me: Me,
    Address((flow, stage)): Address<(String, String)>,
) -> Result<Response, Failure> {
    let place = Place::open(&site, &me, &flow, stage, None).await?;
    let model = site.model();
    let empty = StageStep { column: String::new(), action: None, label: String::new(), required: false };
    Ok(fragment(for_state(place.dialog(&me, place.table(&model)?, &empty), place.revision)))
}

/// Adds a step.
pub(crate) async fn create(
    State(site): State<Site>,
    Address((flow, stage)): Address<(String, String)>,
    posted: Posted,
) -> Result<Response, Failure> {
    keep(&site, &flow, stage, None, posted).await
}

/// Asks what a step shall be.
pub(crate) async fn ask(
    State(site): State<Site>,
    me: Me,
    Address((flow, stage, at)): Address<(String, String, usize)>,
) -> Result<Response, Failure> {
    let place = Place::open(&site, &me, &flow, stage, Some(at)).await?;
    let model = site.model();
    let step = place.step().ok_or(Failure::NoPage)?;
    Ok(fragment(for_state(place.dialog(&me, place.table(&model)?, step), place.revision)))
}

/// Changes a step.
pub(crate) async fn save(
    State(site): State<Site>,
    Address((flow, stage, at)): Address<(String, String, usize)>,
    posted: Posted,
) -> Result<Response, Failure> {
    keep(&site, &flow, stage, Some(at), posted).await
}

async fn keep(site: &Site, flow: &str, stage: String, at: Option<usize>, posted: Posted) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let seen = seen(&typed)?;
    if let Some(answer) = moved_on(site, &me, flow, seen).await? {
        return Ok(answer);
    }
    let place = Place::open(site, &me, flow, stage.clone(), at).await?;
    let model = site.model();
    let table = place.table(&model)?;
    let step = typed_step(&typed);
    let dialog = place.dialog(&me, table, &step);
    let known = step.action.is_some() || table.column(&step.column).is_some();
    let wrong = match () {
        () if !known => Some(("what", tr!("choose a column or a button"))),
        () if step.action.is_some() && step.required => {
            Some(("required", tr!("a button cannot be required; require a column that tells that it was done")))
        }
        () if step.label.chars().count() > 200 => Some(("label", tr!("is too long; 200 characters are allowed"))),
        () => None,
    };
    if let Some((field, message)) = wrong {
        return Ok(again(for_state(dialog, seen), &[(field.to_owned(), message)]));
    }
    match at {
        None => edit_from(site, &me, flow, seen, Edit::AddStep(stage, step), &tr!("Step added."), dialog).await,
        Some(at) => {
            edit_from(site, &me, flow, seen, Edit::ChangeStep(stage, at, step), &tr!("Step changed."), dialog).await
        }
    }
}

/// Puts a step elsewhere in its stage.
pub(crate) async fn place(
    State(site): State<Site>,
    Address((flow, stage, at)): Address<(String, String, usize)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let to = typed.text("to").parse().map_err(|_| Failure::Bad(tr!("name the place to move to")))?;
    edit(&site, &me, &flow, seen(&typed)?, Edit::MoveStep(stage, at, to), &tr!("Step moved.")).await
}

/// Takes a step out.
pub(crate) async fn remove(
    State(site): State<Site>,
    Address((flow, stage, at)): Address<(String, String, usize)>,
    posted: Posted,
) -> Result<Response, Failure> {
    edit(&site, &posted.me, &flow, seen(&posted.typed)?, Edit::RemoveStep(stage, at), &tr!("Step removed.")).await
}
