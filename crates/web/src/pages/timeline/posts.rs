//! Posts and replies.

use axum::{extract::State, response::Response};
use crm::{
    Origin,
    timeline::{POST, with_mentions},
};
use language::tr;
use model::{Reference, Table, Value};
use uuid::Uuid;

use super::{Opened, again, changed, compose::Wrong, edit::ItemAddress, refused};
use crate::{
    address::Address,
    app::Site,
    components::{Control, Field, timeline::Composer},
    failure::{Failure, sentence},
    flash::Flash,
    posted::{Posted, Typed},
    respond::fragment,
    session::Me,
    view::record::errors_of,
};

/// Most names in one post.
const MENTIONS: usize = 50;
/// Table of the replies.
const COMMENT: &str = "postcomment";
/// Longest reply, in characters.
const REPLY: u32 = 1000;

/// Writes a post on a record.
pub(super) async fn create_on(site: &Site, opened: &Opened, kind: &Table, typed: &Typed) -> Result<Flash, Wrong> {
    let text = text(site, opened, kind, typed).await?;
    let record = opened.record();
    site.app.work(&opened.me.caller, Origin::Page, move |work| work.post(&record, &text)).await?;
    Ok(Flash::done(tr!("Posted.")))
}

/// What was typed, with those whom it names by `@` and `#`. The browser says whom it offered under
/// these names; only those count that the person may see.
pub(super) async fn text(site: &Site, opened: &Opened, kind: &Table, typed: &Typed) -> Result<String, Wrong> {
    let wrong = |message: String| Wrong::Typed(vec![("text".to_owned(), message)]);
    let text = typed.text("text").trim().replace("\r\n", "\n");
    if text.is_empty() {
        return Err(wrong(tr!("write something, or cancel")));
    }
    // Names only make it longer: what does not fit without them is not worth the search for them.
    kind.check("text", &Value::Text(text.clone())).map_err(|error| wrong(error.message))?;
    let named: Vec<Reference> = typed.all("mention").filter_map(reference).take(MENTIONS).collect();
    let names = site.app.names(&opened.me.caller, named).await?;
    let named: Vec<(Reference, String)> = names.iter().map(|(of, name)| (of.clone(), name.to_owned())).collect();
    Ok(with_mentions(&opened.model, &text, &named))
}

fn reference(text: &str) -> Option<Reference> {
    let (table, id) = text.split_once(':')?;
    Some(Reference::new(table, id.parse().ok()?))
}

/// The form for a reply.
pub(crate) async fn ask(
    State(site): State<Site>,
    me: Me,
    Address((set_name, id, kind, post)): ItemAddress,
) -> Result<Response, Failure> {
    let opened = on_post(&site, me, (&set_name, id), &kind).await?;
    Ok(fragment(form(&opened, post, "", None)))
}

async fn on_post(site: &Site, me: Me, (set_name, id): (&str, Uuid), kind: &str) -> Result<Opened, Failure> {
    if kind != POST {
        return Err(Failure::NoPage);
    }
    Opened::at(site, me, set_name, id, &Typed::default()).await
}

fn form(opened: &Opened, post: Uuid, typed: &str, error: Option<String>) -> Composer {
    let control = Control::Memo { value: typed.to_owned(), max_length: Some(REPLY), rows: 2 };
    let mut field = Field::new("text", tr!("Reply"), control).required();
    field.error = error.map(|error| sentence(&error));
    field.autofocus = true;
    let (people, records) = crate::view::timeline::MENTIONS;
    Composer {
        scope: format!("reply-{post}"),
        title: tr!("Reply"),
        icon: "message-reply".to_owned(),
        action: opened.view().href(&format!("/{POST}/{post}/replies")),
        csrf: opened.me.csrf.clone(),
        fields: vec![field],
        mentions: Some((people.to_owned(), records.to_owned())),
        submit: tr!("verb" => "Reply"),
        ..Composer::default()
    }
}

/// Answers a post.
pub(crate) async fn reply(
    State(site): State<Site>,
    Address((set_name, id, kind, post)): ItemAddress,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let opened = on_post(&site, me, (&set_name, id), &kind).await?;
    let comment = opened.model.table(COMMENT).cloned().ok_or(Failure::NoPage)?;
    let wrong = match text(&site, &opened, &comment, &typed).await {
        Ok(text) => {
            let replied = site.app.work(&opened.me.caller, Origin::Page, move |work| work.reply(post, &text));
            match replied.await {
                Ok(_) => return Ok(changed(&opened.me, &Flash::done(tr!("Reply added.")), "delete")),
                Err(error) => Wrong::Domain(error),
            }
        }
        Err(wrong) => wrong,
    };
    let errors = match wrong {
        Wrong::Typed(errors) => errors,
        Wrong::Domain(error) => match errors_of(&error) {
            Some(errors) => errors,
            None => return refused(&opened.me, error),
        },
    };
    let error = errors.into_iter().next().map(|(_, message)| message);
    Ok(again(&form(&opened, post, typed.text("text"), error)))
}
