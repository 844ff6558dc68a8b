//! Pages and fragments in HTML.
//!
//! A request meets, in this order: [`app`] (the routes), [`session`] and [`posted`] (who asks, and
//! whether a form is genuine), one handler of `pages` (parse, one call of the domain, show), which
//! builds what it shows with `view` (model and rows to view models) from [`components`] (plain
//! view models that know how to show themselves). What goes wrong on the way becomes a page in
//! [`failure`]. [`assets`] serves the styles and scripts.

mod address;
mod app;
pub mod assets;
pub mod components;
mod drafts;
mod failure;
mod flash;
mod languages;
mod origin;
mod pages;
mod posted;
mod respond;
mod session;
mod tasks;
mod turns;
mod view;
mod web_api;

pub use address::for_log;
pub use app::{router, router_at};
pub use view::rich_text::clean as safe_formatting;
pub use web_api::{Answering, WebApi};
