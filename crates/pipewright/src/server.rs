//! The HTTP server: pages and Web API on one port, with limits and headers for all.

use std::future::IntoFuture;

use axum::{
    Router,
    http::{HeaderValue, header},
};
use crm::App;
use store::StoreError;
use tokio::{net::TcpListener, signal::unix};
use tower_http::{
    compression::CompressionLayer, limit::RequestBodyLimitLayer, set_header::SetResponseHeaderLayer, trace::TraceLayer,
};
use uuid::Uuid;

use crate::{configuration::Configuration, failure::Failure};

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
    let server = axum::serve(listener, router(&app, configuration)).with_graceful_shutdown(async move {
        let _ = stopping.wait_for(|stop| *stop).await;
    });
    let mut running = tokio::spawn(server.into_future());
    signals.told_to_stop().await;
    let _ = stop.send(true);
    let grace = std::time::Duration::from_secs(GRACE_SECONDS);
    if tokio::time::timeout(grace, &mut running).await.is_err() {
        running.abort();
    }
    if let Err(error) = app.store().seal().await {
        tracing::warn!(%error, "the last changes were not sealed; the next start does it");
    }
    app.close().await;
    Ok(())
}

fn router(app: &App, configuration: &Configuration) -> Router {
    let header = |name, value| SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value));
    web::router(app.clone())
        .merge(webapi::router(app.clone(), configuration.public_url.clone()))
        .layer(RequestBodyLimitLayer::new(LARGEST_REQUEST))
        .layer(CompressionLayer::new())
        .layer(TraceLayer::new_for_http())
        .layer(header(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(header::X_FRAME_OPTIONS, "DENY"))
        .layer(header(header::REFERRER_POLICY, "same-origin"))
        .layer(header(
            header::CONTENT_SECURITY_POLICY,
            "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        ))
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
