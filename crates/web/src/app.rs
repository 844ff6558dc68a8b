//! Which address leads to which handler.

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware::{from_fn, from_fn_with_state},
    routing::{get, post},
};
use model::Model;

use crate::{
    assets,
    drafts::Drafts,
    failure,
    languages::{self, Labelled},
    origin, pages,
    session::Me,
    tasks::Tasks,
    turns::{self, Turns},
    web_api::WebApi,
};

/// Largest form, in bytes; files on records included, import files excepted.
const LARGEST_FORM: usize = 40 * 1024 * 1024;

/// What every handler can reach.
#[derive(Clone)]
pub(crate) struct Site {
    pub app: crm::App,
    /// Imports that are being prepared or run.
    pub drafts: Drafts,
    /// What is being done to many rows.
    pub tasks: Tasks,
    /// The declarations in the languages of the pages.
    labelled: Labelled,
    /// The address people use, where it is configured.
    public_url: Option<Arc<str>>,
    /// The Web API, where this server has one.
    pub web_api: Option<WebApi>,
}

impl Site {
    /// The declarations in force, labelled in the language of the request.
    pub fn model(&self) -> Arc<Model> {
        self.labelled.in_current_language(&self.app.model())
    }

    /// This server as programs know it; the same as its metadata say, see `webapi`.
    pub fn issuer<'a>(&'a self, me: &'a Me) -> &'a str {
        self.public_url.as_deref().unwrap_or(&me.browser.origin)
    }
}

/// All pages over an application.
pub fn router(app: crm::App) -> Router {
    router_at(app, None, None)
}

/// All pages over an application that people reach at `public_url`, `https://crm.example.com`; with the
/// Web API that its page for developers asks. Without one there is no such page.
pub fn router_at(app: crm::App, public_url: Option<&str>, web_api: Option<WebApi>) -> Router {
    language::start();
    let turns = Turns::of(&app);
    let public_url = public_url.map(|url| url.trim_end_matches('/').into());
    let site = Site {
        app,
        drafts: Drafts::default(),
        tasks: Tasks::default(),
        labelled: Labelled::default(),
        public_url,
        web_api,
    };
    Router::new()
        .merge(identity())
        .merge(leads())
        .merge(opportunities())
        .merge(accounts())
        .merge(imports())
        .merge(privacy())
        .merge(timelines())
        .merge(boards())
        .merge(rows())
        .merge(designer())
        .merge(webhooks())
        .merge(developer())
        .merge(lists())
        .merge(tables())
        .fallback(pages::missing)
        .layer(DefaultBodyLimit::max(LARGEST_FORM))
        .layer(from_fn_with_state(site.clone(), failure::show))
        .layer(from_fn(origin::refuse_foreign))
        .layer(from_fn(languages::answer))
        .layer(from_fn_with_state(turns, turns::take))
        .with_state(site)
        .merge(assets::routes())
}

/// People and their access.
fn identity() -> Router<Site> {
    Router::new()
        .route("/sign-in", get(pages::sign_in::show).post(pages::sign_in::create))
        .route("/sign-in/passkey", post(pages::sign_in::by_passkey))
        .route("/sign-in/passkey/options", post(pages::sign_in::passkey_options))
        .route("/sign-in/provider", get(pages::sign_in::to_provider))
        .route("/sign-in/provider/answer", get(pages::sign_in::from_provider))
        .route("/sign-in/confirmation", get(pages::entrance::show).post(pages::entrance::create))
        .route("/sign-in/confirmation/passkey", post(pages::entrance::by_passkey))
        .route("/sign-in/confirmation/passkey/options", post(pages::entrance::passkey_options))
        .route("/sign-in/set-up", get(pages::set_up::show))
        .route("/sign-in/set-up/code", post(pages::set_up::create_code))
        .route("/sign-in/set-up/passkey", post(pages::set_up::create_passkey))
        .route("/sign-in/set-up/passkey/options", post(pages::set_up::passkey_options))
        .route("/sign-out", post(pages::sign_in::destroy))
        .route("/password/{secret}", get(pages::password::show).post(pages::password::create))
        .route("/settings/profile", get(pages::profile::show).post(pages::profile::save))
        .route("/settings/display", post(pages::profile::save_display))
        .route("/settings/sign-in", get(pages::own_sign_in::show))
        .route("/settings/password", post(pages::own_sign_in::change_password))
        .route("/settings/sessions/end", post(pages::own_sign_in::end_other_sessions))
        .route("/settings/sessions/{key}/end", post(pages::own_sign_in::end_session))
        .route("/settings/tokens", post(pages::own_sign_in::create_token))
        .route("/settings/tokens/{key}/end", post(pages::own_sign_in::revoke_token))
        .route("/settings/code/removal", post(pages::own_sign_in::remove_code))
        .route("/settings/recovery-codes", post(pages::own_sign_in::renew_recovery_codes))
        .route("/settings/passkeys/{key}/name", post(pages::own_sign_in::rename_passkey))
        .route("/settings/passkeys/{key}/removal", post(pages::own_sign_in::remove_passkey))
        .route(
            pages::programs::consent::ADDRESS,
            get(pages::programs::consent::show).post(pages::programs::consent::answer),
        )
        .route("/settings/programs/{id}/removal", post(pages::own_sign_in::shut_out))
        .route("/programs/{id}/sign-in", get(pages::programs::sign_in::show))
        .route("/programs/{id}/secrets", post(pages::programs::sign_in::create_secret))
        .route("/programs/{id}/secrets/{key}/removal", post(pages::programs::sign_in::remove_secret))
        .route("/programs/{id}/user", post(pages::programs::sign_in::make_user))
        .route("/systemusers/{id}/programs/{program}/removal", post(pages::others_sign_in::shut_out))
        .route("/systemusers/{id}/sign-in", get(pages::others_sign_in::show))
        .route("/systemusers/{id}/sign-in/link", post(pages::others_sign_in::make_link))
        .route("/systemusers/{id}/sign-in/reset", post(pages::others_sign_in::reset))
        .route("/systemusers/{id}/sessions/end", post(pages::others_sign_in::end_sessions))
        .route("/systemusers/{id}/sessions/{key}/end", post(pages::others_sign_in::end_session))
        .route("/systemusers/{id}/tokens/{key}/end", post(pages::others_sign_in::revoke_token))
}

/// What is done with leads beyond what every table has.
fn leads() -> Router<Site> {
    Router::new()
        .route("/leads/{id}/qualification", get(pages::qualification::show).post(pages::qualification::create))
        .route(
            "/leads/{id}/disqualification",
            get(pages::disqualification::ask_one).post(pages::disqualification::create_one),
        )
        .route("/leads/disqualifications", get(pages::disqualification::ask).post(pages::disqualification::create))
        .route(
            "/leads/{id}/reactivation",
            get(pages::disqualification::ask_to_reactivate_one).post(pages::disqualification::reactivate_one),
        )
        .route(
            "/leads/reactivations",
            get(pages::disqualification::ask_to_reactivate).post(pages::disqualification::reactivate),
        )
}

/// What is done with opportunities beyond what every table has.
fn opportunities() -> Router<Site> {
    Router::new()
        .route("/opportunities/{id}/closure", get(pages::closure::show).post(pages::closure::create))
        .route("/opportunities/{id}/reopening", post(pages::closure::reopen))
}

/// What accounts have beyond what every table has.
fn accounts() -> Router<Site> {
    Router::new()
        .route("/accounts/{id}/hierarchy", get(pages::hierarchy::show))
        .route("/accounts/{id}/hierarchy/parts", get(pages::hierarchy::parts))
}

/// Bringing files in.
fn imports() -> Router<Site> {
    Router::new()
        // Files are streamed to disk, so that their size is not a matter of memory.
        .route("/import", get(pages::import::show).post(pages::import::create).layer(DefaultBodyLimit::disable()))
        .route("/import/{draft}", get(pages::import::draft).post(pages::import::advance))
        .route("/import/{draft}/progress", get(pages::import::progress))
        .route("/import/{draft}/cancellation", post(pages::import::cancel))
        .route("/import/{draft}/undo", post(pages::import::undo))
        .route("/import/{draft}/failed/{file}", get(pages::import::failed_rows))
}

/// What people outside may ask for.
fn privacy() -> Router<Site> {
    Router::new()
        .route("/{table}/{id}/legal-hold/{held}", post(pages::privacy::hold))
        .route("/privacy", get(pages::privacy::show))
        .route("/privacy/person", get(pages::privacy::person))
        .route("/privacy/person/package", post(pages::privacy::export))
        .route("/privacy/person/erasure", post(pages::privacy::erase))
        .route("/privacy/reports/{id}", get(pages::privacy::reports::show))
        .route("/privacy/reports/{id}/json", get(pages::privacy::reports::json))
        .route("/privacy/ledger", get(pages::privacy::reports::ledger))
        .route("/privacy/retention", get(pages::privacy::retention::show))
        .route("/privacy/retention/{rule}/run", post(pages::privacy::retention::carry_out))
}

/// What administrators do with webhooks beyond what every table has.
fn webhooks() -> Router<Site> {
    Router::new()
        .route("/webhooks/{id}/test", post(pages::webhooks::test))
        .route("/webhooks/{id}/secret", post(pages::webhooks::renew_secret))
        .route("/webhookdeliveries/{id}/sending", post(pages::webhooks::send_again))
}

/// The Web API, for whoever writes programs.
fn developer() -> Router<Site> {
    Router::new()
        .route(pages::developer::ADDRESS, get(pages::developer::show))
        .route("/developer/openapi.json", get(pages::developer::table::openapi))
        .route("/developer/requests", post(pages::developer::request::create))
        .route("/developer/{table}", get(pages::developer::table::show))
}

/// What happened around a record.
fn timelines() -> Router<Site> {
    use pages::timeline::{calendar, compose, edit, filter, items, posts, show, visit};
    Router::new()
        .route("/{table}/{id}/timeline", get(show))
        .route("/{table}/{id}/timeline/filter", get(filter))
        .route("/{table}/{id}/timeline/visit", post(visit))
        .route("/{table}/{id}/timeline/new/{kind}", get(compose::show).post(compose::create))
        .route("/{table}/{id}/timeline/{kind}/{item}", get(edit::entry))
        .route("/{table}/{id}/timeline/{kind}/{item}/edit", get(edit::show).post(edit::save))
        .route("/{table}/{id}/timeline/{kind}/{item}/state", post(items::state))
        .route("/{table}/{id}/timeline/{kind}/{item}/assignment", get(items::ask_to_assign).post(items::assign))
        .route("/{table}/{id}/timeline/{kind}/{item}/deletion", post(items::delete))
        .route("/{table}/{id}/timeline/{kind}/{item}/pin", post(items::pin))
        .route("/{table}/{id}/timeline/{kind}/{item}/replies", get(posts::ask).post(posts::reply))
        .route("/{table}/{id}/timeline/{kind}/{item}/calendar.ics", get(calendar::show))
}

/// Tables in lanes.
fn boards() -> Router<Site> {
    Router::new()
        .route("/{table}/board", get(pages::board::show))
        .route("/{table}/board/filter", get(pages::list::filter_editor))
        .route("/{table}/board/totals", get(pages::board::totals))
        .route("/{table}/board/lanes/{lane}", get(pages::board::more))
        .route("/{table}/board/moves", post(pages::board::moves::create))
        .route("/{table}/board/moves/new", get(pages::board::moves::ask))
        .route("/{table}/board/lanes/{lane}/fold", post(pages::board::kept::fold))
        .route("/{table}/board/cards", get(pages::board::changed::show))
        .route("/{table}/board/cards/{id}", get(pages::board::card::show).post(pages::board::card::save))
}

/// What is done with rows of a list, one or many.
fn rows() -> Router<Site> {
    use pages::bulk::{self, edit, merge, qualify, reopen, share};
    Router::new()
        .route("/bulk/{task}", get(bulk::show))
        .route("/bulk/{task}/progress", get(bulk::progress))
        .route("/bulk/{task}/cancellation", post(bulk::cancel))
        .route("/leads/qualifications", get(qualify::ask).post(qualify::create))
        .route("/opportunities/reopenings", post(reopen::create))
        .route("/{table}/letters", get(pages::letters::show))
        .route("/{table}/selection", get(bulk::selection))
        .route("/{table}/edits", get(edit::ask).post(edit::create))
        .route("/{table}/edits/column", get(edit::column))
        .route("/{table}/shares", get(share::ask).post(share::create))
        .route("/{table}/merges", get(merge::ask))
        .route("/{table}/{id}/commands", get(pages::row_menu::show))
        .route("/{table}/{id}/cell", get(pages::cell::show).post(pages::cell::save))
        .route("/{table}/{id}/edit", get(pages::cell::ask).post(pages::cell::save_all))
}

/// Process flows as administrators design them.
fn designer() -> Router<Site> {
    use pages::designer::{conditions, flow, flows, publication, stages, steps, trial};
    const FLOW: &str = "/process-designer/{flow}";
    let at = |rest: &str| format!("{FLOW}{rest}");
    Router::new()
        .route("/process-designer", get(flows::show).post(flows::create))
        .route("/process-designer/new", get(flows::ask))
        .route(pages::customizations::ADDRESS, get(pages::customizations::show))
        .route(FLOW, get(flow::show))
        .route(&at("/properties"), get(flow::ask).post(flow::save))
        .route(&at("/discarding"), get(flow::ask_to_discard).post(flow::discard))
        .route(&at("/versions/{version}"), post(flow::take_version))
        .route(&at("/state"), post(flows::switch))
        .route(&at("/order"), post(flows::reorder))
        .route(&at("/deletion"), get(flows::ask_to_delete).post(flows::delete))
        .route(&at("/stages"), get(stages::ask_new).post(stages::create))
        .route(&at("/stages/{stage}"), get(stages::ask).post(stages::save))
        .route(&at("/stages/{stage}/place"), post(stages::place))
        .route(&at("/stages/{stage}/removal"), post(stages::remove))
        .route(&at("/stages/{stage}/steps"), get(steps::ask_new).post(steps::create))
        .route(&at("/stages/{stage}/steps/{step}"), get(steps::ask).post(steps::save))
        .route(&at("/stages/{stage}/steps/{step}/place"), post(steps::place))
        .route(&at("/stages/{stage}/steps/{step}/removal"), post(steps::remove))
        .route(&at("/condition"), get(conditions::ask).post(conditions::save))
        .route(&at("/condition/editor"), get(conditions::editor))
        .route(&at("/condition/part"), post(conditions::change))
        .route(&at("/publication"), get(publication::ask).post(publication::create))
        .route(&at("/trial"), get(trial::show))
}

/// What a list shows of a table.
fn lists() -> Router<Site> {
    use pages::{chart, columns, filters, groups, list, live_list, totals, view_shares, views};
    Router::new()
        .route("/{table}/filter", get(list::filter_editor))
        .route("/{table}/filters", get(filters::show).post(filters::apply))
        .route("/{table}/filters/edit", post(filters::edit))
        .route("/{table}/columns", get(columns::show).post(columns::apply))
        .route("/{table}/columns/edit", post(columns::edit))
        .route("/{table}/count", get(totals::count))
        .route("/{table}/totals", get(totals::show))
        .route("/{table}/chart", get(chart::show))
        .route("/{table}/groups", get(groups::show))
        .route("/{table}/groups/rows", get(groups::rows))
        .route("/{table}/rows", get(live_list::show))
        .route("/{table}/views", post(views::create))
        .route("/{table}/views/new", get(views::new))
        .route("/{table}/views/default", post(views::make_default))
        .route("/{table}/views/{view}", post(views::save))
        .route("/{table}/views/{view}/name", get(views::ask_name).post(views::rename))
        .route("/{table}/views/{view}/shares", get(view_shares::show).post(view_shares::save))
        .route("/{table}/views/{view}/shares/{kind}/{principal}/end", post(view_shares::end))
        .route("/{table}/views/{view}/deletion", get(views::ask_deletion).post(views::delete))
}

/// What every table has.
fn tables() -> Router<Site> {
    Router::new()
        .route("/", get(pages::home::start))
        .route("/home", get(pages::home::show))
        .route("/favicon.ico", get(pages::icon))
        .route("/search", get(pages::search::show))
        .route("/live", get(pages::live::show))
        .route("/unsaved", get(pages::unsaved::show))
        .route("/unsaved/removal", post(pages::unsaved::forget))
        .route("/palette", get(pages::palette::show))
        .route("/pins", post(pages::pins::create))
        .route("/follows", get(pages::follows::list))
        .route("/notifications", get(pages::notifications::show))
        .route("/notifications/panel", get(pages::notifications::panel))
        .route("/notifications/news", get(pages::notifications::news))
        .route("/notifications/read", post(pages::notifications::mark_all))
        .route("/notifications/{id}", get(pages::notifications::open))
        .route("/notifications/{id}/read", post(pages::notifications::mark))
        .route("/settings/notifications", post(pages::notifications::choose))
        .route("/shortcuts", get(pages::shortcuts::show))
        .route("/manifest.webmanifest", get(pages::installing::manifest))
        .route("/lookup/{table}/{column}", get(pages::lookup::show))
        .route("/files/{table}/{id}/{column}", get(pages::files::show))
        .route("/acts/{act}/undo", post(pages::undo::create))
        .route("/deleted", get(pages::deleted::show))
        .route("/process-flows", get(pages::process_flows::first))
        .route("/process-flows/{flow}", get(pages::process_flows::show))
        .route("/{table}", get(pages::list::show).post(pages::record::create))
        .route("/{table}/new", get(pages::record::new).post(pages::record::create))
        .route("/{table}/quick-create", get(pages::quick_create::show).post(pages::quick_create::create))
        .route("/{table}/checks", post(pages::checks::create))
        .route("/{table}/deletions", get(pages::deletion::ask).post(pages::deletion::create))
        .route("/{table}/duplicates", get(pages::duplicates::list))
        .route("/{table}/states", post(pages::state::create))
        .route("/{table}/assignments", get(pages::assignment::ask).post(pages::assignment::create))
        .route("/{table}/exports", post(pages::export::selection))
        .route("/{table}/{id}", get(pages::record::show).post(pages::record::save))
        .route("/{table}/{id}/autosave", post(pages::autosave::create))
        .route("/{table}/{id}/calculation", post(pages::calculation::show))
        .route("/{table}/{id}/changes", get(pages::live_record::show))
        .route("/{table}/{id}/assignment", get(pages::assignment::ask_one).post(pages::assignment::create_one))
        .route("/{table}/{id}/deletion", get(pages::deletion::ask_one).post(pages::deletion::create_one))
        .route("/{table}/{id}/duplicates", get(pages::duplicates::show))
        .route("/{table}/{id}/merge", post(pages::duplicates::merge))
        .route("/{table}/{id}/shares", get(pages::sharing::show).post(pages::sharing::save))
        .route("/{table}/{id}/shares/{kind}/{principal}/end", post(pages::sharing::end))
        .route("/{table}/{id}/access-teams/{template}", post(pages::sharing::add_member))
        .route("/{table}/{id}/access-teams/{template}/{user}/removal", post(pages::sharing::remove_member))
        .route("/{table}/{id}/following", post(pages::follows::create))
        .route("/{table}/{id}/history", get(pages::history::show))
        .route("/{table}/{id}/history/{change}/reversal", post(pages::history::put_back))
        .route("/{table}/{id}/history/{change}/{column}/reversal", post(pages::history::put_back_column))
        .route("/{table}/{id}/related/{section}", get(pages::related::show).post(pages::related::add))
        .route("/{table}/{id}/related/{section}/new", get(pages::related::ask))
        .route("/{table}/{id}/related/{section}/{other}/removal", post(pages::related::remove))
        .route("/{table}/{id}/people/{side}", get(pages::people::show).post(pages::people::add))
        .route("/{table}/{id}/people/{side}/new", get(pages::people::ask))
        .route("/{table}/{id}/people/{side}/{connection}/part", post(pages::people::give_part))
        .route("/{table}/{id}/people/{side}/{connection}/removal", post(pages::people::remove))
        .route("/{table}/{id}/process", get(pages::process::show).post(pages::process::create))
        .route("/{table}/{id}/stage", post(pages::stage::create))
        .route("/{table}/{id}/stages/{stage}", get(pages::stage::show))
}
