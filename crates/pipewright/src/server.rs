//! The HTTP server: pages and Web API on one port, with limits and headers for all.

use std::{future::IntoFuture, net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    http::Request,
    middleware::{from_fn, from_fn_with_state},
};
use crm::App;
use store::StoreError;
use tokio::{net::TcpListener, signal::unix};
use tower_http::{CompressionLevel, compression::CompressionLayer, limit::RequestBodyLimitLayer, trace::TraceLayer};
use tracing::{Span, field};
use uuid::Uuid;

use crate::{
    configuration::Configuration,
    failure::Failure,
    forwarded::{self, Proxies},
    headers,
};

/// Largest request, in bytes: an import file may be large, everything else is far below.
const LARGEST_REQUEST: usize = 4 * 1024 * 1024 * 1024;
/// How long open requests may take to end after SIGTERM, in seconds: less than the ten after which
/// container engines kill, also where somebody holds a connection open and says nothing.
const GRACE_SECONDS: u64 = 7;

/// Serves until SIGTERM or Ctrl-C; prints one line when it is ready, and after it the link by
/// which a `newcomer` without a password sets one.
pub async fn serve(app: App, configuration: &Configuration, newcomer: Option<Uuid>) -> Result<(), Failure> {
    // One server a database file; held until the server ends.
    let _alone = app.store().serve_alone().map_err(|error| match error {
        StoreError::Unavailable(reason) => Failure::Refused(reason),
        other => other.into(),
    })?;
    // Listened to before anybody is told that the server is ready and may send one.
    let mut signals = Signals::listen()?;
    tokio::spawn(forget_expired(app.clone()));
    let listener = TcpListener::bind(configuration.listen).await.map_err(|error| {
        Failure::Environment(format!(
            "cannot listen on {}: {error}; choose another with --listen",
            configuration.listen
        ))
    })?;
    let address = configuration.address_at(listener.local_addr()?);
    println!("Pipewright is ready on {address}");
    if let Some(user) = newcomer {
        let link = crate::commands::password_link(&app, &address, user).await?;
        println!("Set the first administrator's password here: {link}");
    }
    let (stop, stopped) = tokio::sync::watch::channel(false);
    let mut stopping = stopped.clone();
    let service = router(&app, configuration).into_make_service_with_connect_info::<SocketAddr>();
    let server = axum::serve(listener, service).with_graceful_shutdown(async move {
        let _ = stopping.wait_for(|stop| *stop).await;
    });
    let mut running = tokio::spawn(server.into_future());
    signals.told_to_stop().await;
    let _ = stop.send(true);
    app.live().stop();
    let grace = Duration::from_secs(GRACE_SECONDS);
    if tokio::time::timeout(grace, &mut running).await.is_err() {
        running.abort();
    }
    if let Err(error) = app.store().seal(std::time::Duration::from_secs(1)).await {
        tracing::warn!(%error, "the last changes were not sealed; the next start does it");
    }
    app.close().await;
    Ok(())
}

/// From time to time, what has expired is forgotten: sessions, tokens, links, counts of attempts.
async fn forget_expired(app: App) {
    let mut hour = tokio::time::interval(Duration::from_secs(3600));
    loop {
        hour.tick().await;
        if let Err(error) = app.identity().forget_expired().await {
            tracing::warn!(%error, "what has expired could not be forgotten");
        }
    }
}

fn router(app: &App, configuration: &Configuration) -> Router {
    let proxies = Arc::new(Proxies::new(configuration.trusted_proxies.clone(), configuration.public_url.as_deref()));
    let door = webapi::Door::of(app.clone(), configuration.public_url.clone());
    let web_api: web::WebApi = Arc::new(move |caller, request| {
        let door = door.clone();
        Box::pin(async move { door.answer(caller, request).await })
    });
    web::router_at(app.clone(), configuration.public_url.as_deref(), Some(web_api))
        .merge(webapi::router(app.clone(), configuration.public_url.clone()))
        .layer(RequestBodyLimitLayer::new(LARGEST_REQUEST))
        // Pages are made for one reader: packing them best would take longer than making them. What is
        // the same for everybody comes packed by the build.
        .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
        .layer(TraceLayer::new_for_http().make_span_with(told))
        .layer(from_fn(headers::guard))
        .layer(from_fn_with_state(proxies, forwarded::settle))
}

/// What the log tells of a request beside what happened: the rest of its address, its headers and
/// its body may hold secrets or say something of people. Who asks is added once that is known.
fn told(request: &Request<Body>) -> Span {
    tracing::info_span!(
        target: "security",
        "request",
        method = %request.method(),
        path = &*web::for_log(request.uri()),
        address = forwarded::client(request.headers()),
        user = field::Empty,
    )
}

/// What a service manager or a person at the keyboard ends a program with.
pub struct Signals {
    terminate: unix::Signal,
    interrupt: unix::Signal,
}

impl Signals {
    /// Listens from here on.
    pub fn listen() -> Result<Self, Failure> {
        let listen = |kind| unix::signal(kind).map_err(Failure::from);
        Ok(Self {
            terminate: listen(unix::SignalKind::terminate())?,
            interrupt: listen(unix::SignalKind::interrupt())?,
        })
    }

    /// Waits for one of them.
    pub async fn told_to_stop(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}
