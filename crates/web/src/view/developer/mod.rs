//! What developers are shown: tables as the Web API knows them, requests to begin with, and answers.

mod answer;
mod examples;
mod pretty;
mod table;
mod trial;

pub(crate) use answer::{Answered, answer, confirmation};
pub(crate) use examples::examples;
pub(crate) use table::{columns, may_read, operations, relationships};
pub(crate) use trial::{METHODS, Trial, trial_form, trial_href};
