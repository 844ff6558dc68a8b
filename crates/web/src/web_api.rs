//! The Web API as pages reach it. `web` does not know `webapi`; whoever starts both hands the one to the
//! other.

use std::{future::Future, pin::Pin, sync::Arc};

use axum::{extract::Request, response::Response};
use crm::Caller;

/// An answer of the Web API that is being made.
pub type Answering = Pin<Box<dyn Future<Output = Response> + Send>>;

/// Answers a request to the Web API in the name of a person who is signed in on a page. It asks for no
/// token, so the page makes sure that the request is the person's own.
pub type WebApi = Arc<dyn Fn(Caller, Request) -> Answering + Send + Sync>;
