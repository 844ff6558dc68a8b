//! The pages, a file a resource. A handler parses, asks the domain once, and shows the answer.

pub(crate) mod assignment;
pub(crate) mod board;
pub(crate) mod closure;
pub(crate) mod columns;
pub(crate) mod deleted;
pub(crate) mod deletion;
pub(crate) mod disqualification;
pub(crate) mod duplicate_warning;
pub(crate) mod duplicates;
pub(crate) mod entrance;
pub(crate) mod export;
pub(crate) mod files;
pub(crate) mod filters;
pub(crate) mod groups;
pub(crate) mod history;
pub(crate) mod home;
pub(crate) mod import;
pub(crate) mod installing;
pub(crate) mod list;
pub(crate) mod live;
pub(crate) mod live_list;
pub(crate) mod live_record;
pub(crate) mod lookup;
pub(crate) mod others_sign_in;
pub(crate) mod own_sign_in;
pub(crate) mod palette;
pub(crate) mod password;
pub(crate) mod pins;
pub(crate) mod privacy;
pub(crate) mod process;
pub(crate) mod process_flows;
pub(crate) mod profile;
pub(crate) mod qualification;
pub(crate) mod quick_create;
pub(crate) mod record;
pub(crate) mod related;
pub(crate) mod search;
pub(crate) mod set_up;
pub(crate) mod sharing;
pub(crate) mod shortcuts;
pub(crate) mod sign_in;
pub(crate) mod stage;
pub(crate) mod state;
pub(crate) mod timeline;
pub(crate) mod together;
pub(crate) mod totals;
pub(crate) mod undo;
pub(crate) mod unsaved;
pub(crate) mod view_shares;
pub(crate) mod views;

use axum::response::{IntoResponse, Redirect, Response};

use crate::{assets::asset, failure::Failure};

/// The icon where browsers look for it by themselves.
pub(crate) async fn icon() -> Redirect {
    Redirect::permanent(&asset("icon.svg"))
}

/// No such address.
pub(crate) async fn missing() -> Response {
    Failure::NoPage.into_response()
}
