//! A flow as its designer sees it: stages, steps, conditions, the picture, what is wrong where.

mod conditions;
mod options;
mod stage;

use crm::{
    process::{design::Design, phase},
    reading::Names,
};
use language::{Language, tr, translated};
use maud::{Markup, html};
use model::{Filter, Model, Process, Reference, StageCategory};

use crate::{
    components::{Badge, FlowPicture, PictureStage, Tone, icon},
    session::Me,
};

pub(crate) use conditions::words;
pub(crate) use options::{action_named, categories, category_named, chosen_of, lookups, steps as step_options, tables};

/// Where the designer is.
pub(crate) const ADDRESS: &str = "/process-designer";
/// Element that every change of a flow is shown in.
pub(crate) const BODY: &str = "designer";
/// What every form sends beside its own: the state of the flow that it was shown for.
pub(crate) const SEEN: &str = "seen";

/// What showing a flow needs beside it.
pub(crate) struct Scene<'a> {
    pub me: &'a Me,
    pub model: &'a Model,
    pub names: &'a Names,
    pub design: &'a Design,
}

/// The page of a flow.
pub(crate) fn href(flow: &str) -> String {
    format!("{ADDRESS}/{flow}")
}

/// The records that the conditions of a flow name.
pub(crate) fn references(process: &Process) -> Vec<Reference> {
    let conditions = process.stages.iter().filter_map(|stage| stage.condition.as_ref()).chain(&process.rule);
    let values = conditions.flat_map(Filter::conditions).flat_map(|condition| &condition.values);
    values.filter_map(|value| value.as_reference().cloned()).collect()
}

/// What a phase of the pipeline is called.
pub(crate) fn category(category: StageCategory) -> String {
    format!("{category:?}")
}

/// Any of these roles, in words.
pub(crate) fn any_of(roles: &[String]) -> String {
    roles.iter().cloned().reduce(|said, next| tr!("{} or {}", said, next)).unwrap_or_default()
}

/// What a table is called.
pub(crate) fn table_label(model: &Model, table: &str) -> String {
    model.table(table).map_or_else(|| table.to_owned(), |table| translated(&table.label).into_owned())
}

impl Scene<'_> {
    pub fn process(&self) -> &Process {
        &self.design.process
    }

    pub fn href(&self) -> String {
        href(&self.process().name)
    }

    /// The table that a stage works on.
    pub fn table_of<'s>(&'s self, stage: &'s model::Stage) -> &'s str {
        if stage.table.is_empty() { &self.process().table } else { &stage.table }
    }

    /// What is wrong at a place of the flow and not further inside: `stage approve: step 2`.
    pub fn wrong(&self, place: &str) -> Vec<&str> {
        let whole = format!("process {}", self.process().name);
        let place = if place.is_empty() { whole } else { format!("{whole}: {place}") };
        self.design.problems.iter().filter(|it| it.place == place).map(|it| it.message.as_str()).collect()
    }

    fn is_wrong(&self, stage: &str) -> bool {
        let place = format!("process {}: stage {stage}", self.process().name);
        self.design.problems.iter().any(|it| it.place == place || it.place.starts_with(&format!("{place}: ")))
    }

    /// The mistakes at a place, told there.
    fn mistakes(&self, place: &str) -> Markup {
        html! {
            @for message in self.wrong(place) {
                p.designer-mistake { (icon("alert-circle")) span { (crate::failure::sentence(message)) } }
            }
        }
    }

    pub fn picture(&self) -> FlowPicture {
        let process = self.process();
        let stage = |(at, stage): (usize, &model::Stage)| PictureStage {
            label: stage.label.clone(),
            note: format!("{} · {}", phase(stage.category), table_label(self.model, self.table_of(stage))),
            condition: stage.condition.as_ref().map(|condition| {
                let asked = at.checked_sub(1).and_then(|before| process.stages.get(before));
                words(self, asked.map_or(&process.table, |asked| self.table_of(asked)), condition)
            }),
            wrong: self.is_wrong(&stage.name),
        };
        FlowPicture { label: process.label.clone(), stages: process.stages.iter().enumerate().map(stage).collect() }
    }

    /// Everything but the picture.
    pub fn stages(&self) -> Markup {
        let process = self.process();
        html! {
            ol.designer-stages data-sorted="stages" {
                @for (at, stage) in process.stages.iter().enumerate() { (self.stage(at, stage)) }
            }
            button.btn.designer-add #add-stage type="button" hx-get={ (self.href()) "/stages" } hx-target="#dialogs" hx-swap="innerHTML" {
                (icon("plus")) span { (tr!("Add stage")) }
            }
        }
    }

    /// Which new records the flow leads.
    pub fn applies(&self) -> Markup {
        let process = self.process();
        let table = self
            .model
            .table(&process.table)
            .map_or(process.table.as_str().into(), |table| translated(&table.plural_label));
        let table = Language::within_sentence(&table);
        html! {
            section.page-card aria-labelledby="applies" {
                div.designer-head {
                    h2 id="applies" { (tr!("Whom it leads")) }
                    (dialog_button("edit-roles", &format!("{}/properties", self.href()), "edit", &tr!("Change name, description and roles")))
                }
                p {
                    @if process.roles.is_empty() { (tr!("New {} made by everybody", table)) }
                    @else { (tr!("New {} made by people with the role", table)) " " b { (any_of(&process.roles)) } }
                    @if process.rule.is_some() { (tr!("what a flow leads" => ", where:")) }
                    @else { (tr!("what a flow leads" => ", whatever they hold.")) }
                }
                (self.mistakes(""))
                (self.condition("rule", &process.table, process.rule.as_ref(), "rule"))
                p.page-note {
                    (tr!("A new record gets the first active flow in order that leads it. Whoever works on a record can switch it to another flow at any time."))
                }
            }
        }
    }

    /// The versions that are kept.
    pub fn versions(&self) -> Markup {
        let Some(in_force) = &self.design.in_force else { return html! {} };
        if in_force.earlier.is_empty() {
            return html! {};
        }
        html! {
            section.page-card aria-labelledby="versions" {
                h2 id="versions" { (tr!("Earlier versions")) }
                p { (tr!("Records that were under way when a newer version was published are still led by theirs.")) }
                ul.designer-versions {
                    @for earlier in in_force.earlier.iter().rev() {
                        li {
                            span { b { (tr!("Version {}", earlier.version)) } " · "
                                (earlier.stages.iter().map(|stage| stage.label.as_str()).collect::<Vec<_>>().join(" → ")) }
                            (post_button(self, &format!("take-{}", earlier.version), &format!("{}/versions/{}", self.href(), earlier.version),
                                &[], "copy", &tr!("Take the stages of version {} into the draft", earlier.version)))
                        }
                    }
                }
                @if self.design.draft.is_none() {
                    div.page-commands {
                        button.btn #move-records type="button" hx-get={ (self.href()) "/publication" } hx-target="#dialogs" hx-swap="innerHTML" {
                            (icon("arrows-exchange")) span { (tr!("Move running records")) }
                        }
                    }
                }
            }
        }
    }

    /// How it stands with the flow.
    pub fn badges(&self) -> Markup {
        html! {
            @match &self.design.in_force {
                None => (Badge::new(tr!("Never published"), Tone::Grey)),
                Some(flow) => {
                    @if flow.active { (Badge::new(tr!("Active"), Tone::Green)) } @else { (Badge::new(tr!("Inactive"), Tone::Grey)) }
                    (Badge::new(tr!("Version {}", flow.version), Tone::Blue))
                },
            }
            @if self.design.draft.is_some() { (Badge::new(tr!("Unpublished changes"), Tone::Yellow)) }
        }
    }
}

/// A button with an icon alone that opens a dialog.
fn dialog_button(id: &str, href: &str, symbol: &str, label: &str) -> Markup {
    html! {
        button.btn.btn-icon.btn-sm id=(id) type="button" aria-label=(label) title=(label) hx-get=(href) hx-target="#dialogs" hx-swap="innerHTML" {
            (icon(symbol))
        }
    }
}

/// A button with an icon alone that changes the flow; it is a form, so that it works without a script.
fn post_button(scene: &Scene<'_>, id: &str, href: &str, values: &[(&str, &str)], symbol: &str, label: &str) -> Markup {
    html! {
        form.designer-button method="post" action=(href) hx-post=(href) hx-target={ "#" (BODY) } hx-swap="outerHTML" {
            input type="hidden" name="csrf" value=(scene.me.csrf);
            input type="hidden" name=(SEEN) value=(scene.design.revision());
            @for (name, value) in values { input type="hidden" name=(name) value=(value); }
            button.btn.btn-icon.btn-sm id=(id) type="submit" aria-label=(label) title=(label) { (icon(symbol)) }
        }
    }
}
