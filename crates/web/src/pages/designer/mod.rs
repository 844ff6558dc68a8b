//! Designing process flows: the list of them, a flow's stages, steps and conditions, trying it on a
//! record, publishing it.
//!
//! Every change posts one edit of the draft and answers with the flow as it is then; without a script
//! it leads back to the flow's page. It is only made to the state of the flow that was shown: where
//! somebody changed the flow meanwhile, it is shown again and nothing is done.

pub(crate) mod conditions;
pub(crate) mod flow;
pub(crate) mod flows;
pub(crate) mod publication;
pub(crate) mod stages;
pub(crate) mod steps;
pub(crate) mod trial;

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use crm::{
    Origin,
    process::design::{Edit, Revision},
};
use language::{spoken, text, tr};
use maud::{Render, html};
use uuid::Uuid;

use crate::{
    app::Site,
    components::{Dialog, Field, FieldError},
    failure::{Failure, sentence},
    flash::Flash,
    posted::Typed,
    respond::{html as answer, set_header},
    session::Me,
    view::{
        designer::{BODY, SEEN, href},
        record::errors_of,
    },
};

/// What is said where a change was meant for another state of the flow.
const MOVED_ON: &str = text!("Somebody changed this flow meanwhile, so nothing was done. Look at it again.");

/// The state of the flow that a form was shown for.
fn seen(typed: &Typed) -> Result<Revision, Failure> {
    typed.text(SEEN).parse().map_err(|_| Failure::Bad(tr!("say which state of the flow this was; open it again")))
}

/// A dialog for this state of the flow.
fn for_state(mut dialog: Dialog, seen: Revision) -> Dialog {
    dialog.hidden.push((SEEN.to_owned(), seen.to_string()));
    dialog
}

/// The answer to a form whose flow has moved on; none where it has not. What a form names by its position
/// is looked up behind this.
async fn moved_on(site: &Site, me: &Me, flow: &str, seen: Revision) -> Result<Option<Response>, Failure> {
    if site.app.designer().open(&me.caller, flow).await?.revision() == seen {
        return Ok(None);
    }
    changed(site, me, flow, &Flash::failed(spoken(MOVED_ON))).await.map(Some)
}

/// Makes one change and shows the flow again; what is refused is told as a message.
async fn edit(site: &Site, me: &Me, flow: &str, seen: Revision, edit: Edit, words: &str) -> Result<Response, Failure> {
    match site.app.designer().edit(&me.caller, Origin::Page, flow, Some(seen), edit).await {
        Ok(act) => changed(site, me, flow, &Flash::done(words).undo(act)).await,
        Err(crm::Error::Changed { .. }) => changed(site, me, flow, &Flash::failed(spoken(MOVED_ON))).await,
        Err(error @ (crm::Error::Refused(_) | crm::Error::Invalid(_))) => {
            changed(site, me, flow, &Flash::failed(Failure::from(error).text())).await
        }
        Err(error) => Err(error.into()),
    }
}

/// Makes the change that a dialog asked for; the dialog comes again with what is wrong.
async fn edit_from(
    site: &Site,
    me: &Me,
    flow: &str,
    seen: Revision,
    edit: Edit,
    words: &str,
    dialog: Dialog,
) -> Result<Response, Failure> {
    match site.app.designer().edit(&me.caller, Origin::Page, flow, Some(seen), edit).await {
        Ok(act) => changed(site, me, flow, &Flash::done(words).undo(act)).await,
        Err(crm::Error::Changed { .. }) => changed(site, me, flow, &Flash::failed(spoken(MOVED_ON))).await,
        Err(error) => {
            let errors = errors_of(&error).ok_or(error)?;
            Ok(again(for_state(dialog, seen), &errors))
        }
    }
}

/// The flow as it is now in the place of what was shown, with what was done.
async fn changed(site: &Site, me: &Me, flow: &str, flash: &Flash) -> Result<Response, Failure> {
    if !me.browser.htmx {
        return Ok(me.go(&href(flow), Some(flash.clone())));
    }
    let body = flow::body(site, me, flow).await?;
    let content = html! { (body) div hx-swap-oob="beforeend:#toasts" { (flash.toast(&me.csrf)) } };
    let mut response = answer(StatusCode::OK, content).into_response();
    set_header(&mut response, "hx-retarget", &format!("#{BODY}"));
    set_header(&mut response, "hx-reswap", "outerHTML");
    set_header(&mut response, "hx-trigger", "dialog-done");
    Ok(response)
}

/// A dialog with what was wrong with what it sent.
fn again(mut dialog: Dialog, errors: &[(String, String)]) -> Response {
    for (name, message) in errors {
        let shown = dialog.fields.iter_mut().find(|field| field.name == *name && !name.is_empty());
        match shown {
            Some(field) => {
                field.error = Some(sentence(message));
                dialog.errors.push(FieldError {
                    field: Some(format!("{}-{name}", dialog.id)),
                    label: field.label.clone(),
                    message: sentence(message),
                });
            }
            None => dialog.errors.push(FieldError { field: None, label: String::new(), message: sentence(message) }),
        }
    }
    answer(StatusCode::UNPROCESSABLE_ENTITY, dialog.render())
}

/// One of several fields to be filled in, over the whole width of a dialog.
fn asked(field: Field) -> Field {
    field.full()
}

/// A dialog of this session that posts to `action`.
fn dialog(me: &Me, title: impl Into<String>, symbol: &str, action: String) -> Dialog {
    Dialog {
        id: "designing".to_owned(),
        title: title.into(),
        icon: symbol.to_owned(),
        action: Some(action),
        csrf: me.csrf.clone(),
        size: crate::components::DialogSize::Medium,
        ..Dialog::default()
    }
}

fn undoable(words: impl Into<String>, act: Uuid) -> Flash {
    Flash::done(words).undo(act)
}
