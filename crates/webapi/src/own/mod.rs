//! What Pipewright offers beside the Dataverse contract: the model's customisations and imports.

mod customization;
mod imports;

use axum::{
    Router,
    routing::{delete, get, post},
};
use crm::App;

/// `/api/customization` and `/api/imports`.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/api/customization", get(customization::show).put(customization::publish))
        .route("/api/customization/tables/{table}/columns", post(customization::add_column))
        .route("/api/imports", post(imports::create))
        .route("/api/imports/proposals", post(imports::propose))
        .route("/api/imports/{number}", delete(imports::undo))
        .with_state(app)
}
