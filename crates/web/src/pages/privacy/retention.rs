//! For how long records are kept.

use axum::{extract::State, response::Response};
use crm::{
    Origin,
    privacy::{Report, RetentionPreview},
};
use language::tr;
use maud::html;
use model::Reference;
use uuid::Uuid;

use super::{ADDRESS, back, label, table};
use crate::{
    address::Address,
    app::Site,
    components::{Action, Command, EmptyState, PageLayout},
    failure::Failure,
    flash::Flash,
    posted::Posted,
    session::Me,
};

/// The retention rules with what each would do now.
pub(crate) async fn show(State(site): State<Site>, me: Me) -> Result<Response, Failure> {
    let rules = site.app.privacy().retention(&me.caller).await?;
    let model = site.model();
    let row = |rule: &RetentionPreview| {
        let href = format!("{ADDRESS}/retention/{}/run", rule.rule);
        let question = tr!("Carry out “{}” now? What it concerns is gone for good.", rule.name);
        let run = Command::new(tr!("Carry out now"), "check", Action::Post { href, confirm: Some(question) }).danger();
        vec![
            html! { a href={ "/retentionrules/" (rule.rule) } { (rule.name) } },
            html! { (label(&model, &Reference::new(rule.table.as_str(), Uuid::nil()))) },
            html! { (me.style.date_time(rule.before)) },
            html! { (rule.concerned) },
            html! { @if rule.on { (tr!("On")) } @else { (tr!("Off")) } },
            html! { (run) },
        ]
    };
    let content = html! {
        div.page-plain {
            header {
                (back())
                h1 { (tr!("Retention")) }
                p { (tr!("For how long records are kept. A rule that is on is carried out once a day; records under legal hold are left alone.")) }
            }
            section.page-card {
                @if rules.is_empty() {
                    (EmptyState {
                        icon: "clock".to_owned(),
                        title: tr!("No retention rule"),
                        text: tr!("A rule says, for instance, that disqualified leads are anonymised 24 months after their last change."),
                        ..EmptyState::default()
                    })
                } @else {
                    (table(
                        &tr!("Retention rules"),
                        &[(tr!("Rule"), false), (tr!("Table"), false), (tr!("Older than"), false), (tr!("Concerned now"), true), (tr!("State"), false), (tr!("Command"), false)],
                        rules.iter().map(row),
                    ))
                }
                div.page-commands { (Command::new(tr!("New rule"), "plus", Action::Link("/retentionrules/new".to_owned())).primary()) }
            }
        }
    };
    Ok(me.page(&model, &tr!("Retention"), PageLayout::Scrolling, "privacy", content))
}

/// Carries a rule out.
pub(crate) async fn carry_out(
    State(site): State<Site>,
    Address(rule): Address<Uuid>,
    posted: Posted,
) -> Result<Response, Failure> {
    let me = posted.me;
    let flash = match site.app.privacy().carry_out(&me.caller, Origin::Page, rule).await {
        Ok(reports) => {
            let records: usize = reports.iter().map(Report::records).sum();
            Flash::done(tr!("Carried out: one record." | "Carried out: {n} records." % records))
        }
        Err(error @ crm::Error::Refused(_)) => Flash::failed(Failure::from(error).text()),
        Err(error) => return Err(error.into()),
    };
    Ok(me.go(&format!("{ADDRESS}/retention"), Some(flash)))
}
