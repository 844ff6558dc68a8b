//! The pages, a file a resource. A handler parses, asks the domain once, and shows the answer.

pub(crate) mod assignment;
pub(crate) mod autosave;
pub(crate) mod board;
pub(crate) mod bulk;
pub(crate) mod calculation;
pub(crate) mod cell;
pub(crate) mod chart;
pub(crate) mod checks;
pub(crate) mod closure;
pub(crate) mod columns;
pub(crate) mod customizations;
pub(crate) mod deleted;
pub(crate) mod deletion;
pub(crate) mod designer;
pub(crate) mod developer;
pub(crate) mod disqualification;
pub(crate) mod duplicate_warning;
pub(crate) mod duplicates;
pub(crate) mod entrance;
pub(crate) mod export;
pub(crate) mod files;
pub(crate) mod filters;
pub(crate) mod follows;
pub(crate) mod groups;
pub(crate) mod hierarchy;
pub(crate) mod history;
pub(crate) mod home;
pub(crate) mod import;
mod in_place;
pub(crate) mod installing;
pub(crate) mod letters;
pub(crate) mod list;
mod listed;
pub(crate) mod live;
pub(crate) mod live_list;
pub(crate) mod live_record;
pub(crate) mod lookup;
pub(crate) mod notifications;
pub(crate) mod others_sign_in;
pub(crate) mod own_sign_in;
pub(crate) mod palette;
pub(crate) mod password;
pub(crate) mod people;
pub(crate) mod pins;
pub(crate) mod privacy;
pub(crate) mod process;
pub(crate) mod process_flows;
pub(crate) mod profile;
pub(crate) mod programs;
pub(crate) mod qualification;
pub(crate) mod quick_create;
pub(crate) mod record;
pub(crate) mod related;
pub(crate) mod row_menu;
pub(crate) mod saving;
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
pub(crate) mod webhooks;

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
