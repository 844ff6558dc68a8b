//! What stands beside `/api/data`: the model's customisations, imports, people's data and webhooks, which
//! only Pipewright has, and the search that Dataverse has there, too.

mod customization;
mod imports;
mod privacy;
mod search;
mod webhooks;

use axum::{
    Extension, Router,
    routing::{delete, get, post},
};
use crm::App;

/// `/api/customization`, `/api/imports`, `/api/privacy`, `/api/search` and `/api/webhooks`.
pub fn router(app: App, public_url: Option<String>) -> Router {
    Router::new()
        .route("/api/customization", get(customization::show).put(customization::publish))
        .route("/api/customization/history", get(customization::history))
        .route("/api/customization/kept", get(customization::kept))
        .route("/api/customization/kept/{*name}", delete(customization::purge))
        .route("/api/customization/{kind}", get(customization::list))
        .route(
            "/api/customization/{kind}/{*name}",
            get(customization::part)
                .put(customization::put_part)
                .patch(customization::change_part)
                .delete(customization::remove_part),
        )
        .route("/api/imports", post(imports::create))
        .route("/api/imports/proposals", post(imports::propose))
        .route("/api/imports/{number}", get(imports::show).delete(imports::undo))
        .route("/api/imports/{number}/failed/{file}", get(imports::failed_rows))
        .route("/api/search/{version}/{kind}", post(search::search))
        .route("/api/privacy/findings", post(privacy::find))
        .route("/api/privacy/packages", post(privacy::export))
        .route("/api/privacy/erasures", post(privacy::erase))
        .route("/api/privacy/ledger", get(privacy::ledger))
        .route("/api/webhooks/{id}/secret", post(webhooks::renew_secret))
        .route("/api/webhooks/{id}/tests", post(webhooks::send_test))
        .route("/api/webhooks/deliveries/{id}/sending", post(webhooks::send_again))
        .layer(Extension(search::PublicUrl(public_url)))
        .with_state(app)
}
