//! One flow as it is being designed.

use axum::{extract::State, response::Response};
use crm::{Origin, process::design::Edit};
use language::{spoken, tr};
use maud::{Markup, html};

use super::{MOVED_ON, asked, changed, dialog, edit_from, for_state, seen, undoable};
use crate::{
    address::Address,
    app::Site,
    assets::asset,
    components::{Action, Command, Control, Dialog, Field, PageLayout, fields::ChoiceOption, icon},
    failure::{Failure, sentence},
    flash::Flash,
    posted::Posted,
    respond::fragment,
    session::Me,
    view::designer::{ADDRESS, BODY, SEEN, Scene, href, references},
};

/// The page.
pub(crate) async fn show(
    State(site): State<Site>,
    me: Me,
    Address(flow): Address<String>,
) -> Result<Response, Failure> {
    let content = body(&site, &me, &flow).await?;
    Ok(me.page(&site.model(), &tr!("Flow designer"), PageLayout::Scrolling, "process-designer", content))
}

/// Everything on it that changes.
pub(super) async fn body(site: &Site, me: &Me, flow: &str) -> Result<Markup, Failure> {
    let design = site.app.designer().open(&me.caller, flow).await?;
    let names = site.app.names(&me.caller, references(&design.process)).await?;
    let model = site.model();
    let scene = Scene { me, model: &model, names: &names, design: &design };
    // What is dragged posts from the body itself; buttons and dialogs have it in their forms.
    let dragged = serde_json::json!({ SEEN: design.revision().to_string() }).to_string();
    Ok(html! {
        div.page-plain.designer id=(BODY) data-designer data-script=(asset("designer.js")) data-sortable=(asset("sortable.js"))
            hx-vals=(dragged) hx-disinherit="hx-vals" {
            (head(&scene))
            @if !design.problems.is_empty() { (problems(&scene)) }
            @if design.is_outdated() { (outdated()) }
            div.designer-columns {
                div.designer-main {
                    (scene.applies())
                    h2.designer-heading { (tr!("Stages")) }
                    (scene.stages())
                    (scene.versions())
                }
                aside.designer-aside aria-label=(tr!("Picture of the flow")) { (scene.picture()) }
            }
        }
    })
}

fn head(scene: &Scene<'_>) -> Markup {
    let (process, href) = (scene.process(), scene.href());
    let drafted = scene.design.draft.is_some();
    html! {
        header.designer-title {
            div {
                nav.record-trail aria-label=(tr!("Where this is")) { a href=(ADDRESS) { (icon("chevron-left")) span { (tr!("Flow designer")) } } }
                h1 { (process.label) }
                @if !process.description.is_empty() { p { (process.description) } }
                p.designer-badges { (scene.badges()) }
            }
            div.designer-commands {
                (Command::new(tr!("Try it"), "search", Action::Link(format!("{href}/trial"))))
                @if drafted {
                    @if scene.design.in_force.is_some() {
                        (Command::new(tr!("Discard draft"), "trash", Action::Dialog(format!("{href}/discarding"))))
                    }
                    (Command::new(tr!("Publish"), "upload", Action::Dialog(format!("{href}/publication"))).primary())
                }
            }
        }
    }
}

fn problems(scene: &Scene<'_>) -> Markup {
    let whole = format!("process {}", scene.process().name);
    html! {
        section.designer-problems role="status" aria-labelledby="problems" {
            h2 id="problems" { (icon("alert-triangle")) (tr!("To be mended before publishing")) }
            ul {
                @for problem in &scene.design.problems {
                    @let place = problem.place.strip_prefix(&whole).unwrap_or(&problem.place).trim_start_matches(": ");
                    li {
                        @match stage_of(scene, place) {
                            Some((stage, inside)) => { a href={ "#stage-" (stage.name) } { (tr!("Stage “{}”", stage.label)) (inside) } ": " },
                            None => @if !place.is_empty() { b { (part(place)) } ": " },
                        }
                        (sentence(&problem.message))
                    }
                }
            }
        }
    }
}

/// The stage that a place such as `stage approve: step 2` is in, and where inside.
fn stage_of<'s>(scene: &'s Scene<'_>, place: &str) -> Option<(&'s model::Stage, String)> {
    let rest = place.strip_prefix("stage ")?;
    let (name, inside) = rest.split_once(':').unwrap_or((rest, ""));
    let stage = scene.process().stages.iter().find(|stage| stage.name == name)?;
    Some((stage, if inside.is_empty() { String::new() } else { format!(", {}", part(inside.trim_start())) }))
}

/// What the declarations call a part of a flow, as people read it.
fn part(place: &str) -> String {
    match (place, place.strip_prefix("step ")) {
        ("condition", _) => tr!("condition"),
        ("rule", _) => tr!("rule"),
        (_, Some(number)) => tr!("step {}", number),
        (other, None) => other.to_owned(),
    }
}

fn outdated() -> Markup {
    html! {
        p.designer-mistake { (icon("info-circle")) span {
            (tr!("Another version was published since this draft was begun. Publishing the draft puts its stages in that one's place."))
        } }
    }
}

/// Asks what the flow is called and whom it leads.
pub(crate) async fn ask(State(site): State<Site>, me: Me, Address(flow): Address<String>) -> Result<Response, Failure> {
    let design = site.app.designer().open(&me.caller, &flow).await?;
    let process = &design.process;
    let asked = properties(&site, &me, &flow, &process.label, &process.description, &process.roles);
    Ok(fragment(for_state(asked, design.revision())))
}

fn properties(site: &Site, me: &Me, flow: &str, label: &str, description: &str, roles: &[String]) -> Dialog {
    let model = site.model();
    let role = |role: &std::sync::Arc<model::Role>| ChoiceOption {
        value: role.label.clone(),
        label: role.label.clone(),
        chosen: roles.contains(&role.label),
    };
    let name = Control::Text { value: label.to_owned(), max_length: Some(200), autocomplete: None };
    let what = Control::Memo { value: description.to_owned(), max_length: Some(2000), rows: 2 };
    let fields = vec![
        asked(Field::new("label", tr!("Name"), name).required()),
        asked(Field::new("description", tr!("What it is for"), what)),
        asked(Field::new(
            "roles",
            tr!("Only for these roles"),
            Control::MultiChoice { options: model.roles.values().map(role).collect() },
        ))
        .help(tr!("None: for everybody. Administrators are always led by it.")),
    ];
    Dialog { fields, ..dialog(me, tr!("Change flow"), "edit", format!("{}/properties", href(flow))) }
}

/// Changes what the flow is called and whom it leads.
pub(crate) async fn save(
    State(site): State<Site>,
    Address(flow): Address<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let roles: Vec<String> = typed.all("roles").map(str::to_owned).collect();
    let (label, description) = (typed.text("label"), typed.text("description"));
    let again = properties(&site, &me, &flow, label, description, &roles);
    let edit = Edit::Describe { label: label.to_owned(), description: description.to_owned(), roles };
    edit_from(&site, &me, &flow, seen(&typed)?, edit, &tr!("Flow changed."), again).await
}

/// Asks before the draft goes.
pub(crate) async fn ask_to_discard(me: Me, Address(flow): Address<String>) -> Response {
    fragment(Dialog {
        text: tr!("All changes that are not published go. What is in force stays. You can undo this right afterwards."),
        submit: tr!("Discard"),
        danger: true,
        size: crate::components::DialogSize::Small,
        ..dialog(&me, tr!("Discard the draft?"), "trash", format!("{}/discarding", href(&flow)))
    })
}

/// Throws the draft away.
pub(crate) async fn discard(
    State(site): State<Site>,
    Address(flow): Address<String>,
    posted: Posted,
) -> Result<Response, Failure> {
    let me = posted.me;
    let act = site.app.designer().discard(&me.caller, Origin::Page, &flow).await?;
    Ok(me.go(&href(&flow), Some(undoable(tr!("Draft discarded."), act))))
}

/// Takes the stages of an earlier version into the draft.
pub(crate) async fn take_version(
    State(site): State<Site>,
    Address((flow, version)): Address<(String, u32)>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let seen = Some(seen(&typed)?);
    let flash = match site.app.designer().take_version(&me.caller, Origin::Page, &flow, seen, version).await {
        Ok(act) => undoable(tr!("The draft has the stages of version {}.", version), act),
        Err(crm::Error::Changed { .. }) => Flash::failed(spoken(MOVED_ON)),
        Err(error @ crm::Error::Refused(_)) => Flash::failed(Failure::from(error).text()),
        Err(error) => return Err(error.into()),
    };
    changed(&site, &me, &flow, &flash).await
}
