//! Whose page is made next.

use std::{
    num::NonZero,
    sync::{Arc, Mutex, PoisonError},
    thread,
    time::Duration,
};

use axum::{
    extract::{Request, State},
    http::Method,
    middleware::Next,
    response::Response,
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinHandle,
};

/// How long a request keeps its turn: a page takes far less. What takes longer goes on beside the
/// others, so that nobody waits behind an export or a chart over all rows.
const TURN: Duration = Duration::from_millis(25);

/// As many pages are made at a time as there are processors, in the order in which they were asked
/// for. Made all at once, each would be ready only when nearly all are.
#[derive(Clone)]
pub(crate) struct Turns(Option<Arc<Semaphore>>);

impl Turns {
    /// Where the database is another server, pages mostly wait for it, and need no turns.
    pub fn of(app: &crm::App) -> Self {
        let processors = || thread::available_parallelism().map_or(1, NonZero::get);
        Self(app.reads_itself().then(|| Arc::new(Semaphore::new(processors()))))
    }
}

/// Has a request wait for its turn. What changes something does not: changes are made durable together
/// with others that wait at the same time.
pub(crate) async fn take(State(Turns(turns)): State<Turns>, request: Request, next: Next) -> Response {
    let is_page = matches!(*request.method(), Method::GET | Method::HEAD);
    let Some(turns) = turns.filter(|_| is_page) else { return next.run(request).await };
    let Ok(permit) = turns.acquire_owned().await else { return next.run(request).await };
    let _turn = Turn::begin(permit);
    next.run(request).await
}

/// A turn; it ends when this is dropped, or when it has lasted [`TURN`].
struct Turn {
    permit: Arc<Mutex<Option<OwnedSemaphorePermit>>>,
    watch: JoinHandle<()>,
}

impl Turn {
    fn begin(permit: OwnedSemaphorePermit) -> Self {
        let permit = Arc::new(Mutex::new(Some(permit)));
        let (late, over) = (Arc::clone(&permit), tokio::time::sleep(TURN));
        let watch = tokio::spawn(async move {
            over.await;
            end(&late);
        });
        Self { permit, watch }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        end(&self.permit);
        self.watch.abort();
    }
}

fn end(permit: &Mutex<Option<OwnedSemaphorePermit>>) {
    drop(permit.lock().unwrap_or_else(PoisonError::into_inner).take());
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        time::Instant,
    };

    use axum::{Router, body::Body, middleware::from_fn_with_state, routing::get};
    use tower::ServiceExt;

    use super::*;

    /// Two pages at a time; `/page` says how many were being made with it.
    fn site() -> Router {
        let making = Arc::new(AtomicUsize::new(0));
        let page = move || {
            let making = Arc::clone(&making);
            async move {
                let with_it = making.fetch_add(1, Ordering::SeqCst) + 1;
                tokio::time::sleep(Duration::from_millis(5)).await;
                making.fetch_sub(1, Ordering::SeqCst);
                with_it.to_string()
            }
        };
        let slow = || tokio::time::sleep(Duration::from_secs(20));
        let turns = Turns(Some(Arc::new(Semaphore::new(2))));
        let routes = Router::new().route("/page", get(page.clone()).post(page)).route("/slow", get(slow));
        routes.layer(from_fn_with_state(turns, take))
    }

    async fn ask(site: Router, method: Method, address: &'static str) -> usize {
        let request = Request::builder().method(method).uri(address).body(Body::empty()).unwrap();
        let answer = site.oneshot(request).await.unwrap();
        let body = axum::body::to_bytes(answer.into_body(), 100).await.unwrap();
        String::from_utf8_lossy(&body).parse().unwrap_or_default()
    }

    #[tokio::test]
    async fn no_more_pages_are_made_at_a_time_than_have_their_turn() {
        let site = site();
        let asked = (0..20).map(|_| tokio::spawn(ask(site.clone(), Method::GET, "/page")));
        for page in asked.collect::<Vec<_>>() {
            assert!((1..=2).contains(&page.await.unwrap()));
        }
    }

    #[tokio::test]
    async fn nobody_waits_behind_what_takes_long() {
        let site = site();
        for _ in 0..2 {
            tokio::spawn(ask(site.clone(), Method::GET, "/slow"));
        }
        tokio::task::yield_now().await;
        let begun = Instant::now();
        ask(site, Method::GET, "/page").await;
        assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    }

    #[tokio::test]
    async fn changes_wait_for_the_disk_together() {
        let site = site();
        let asked = (0..20).map(|_| tokio::spawn(ask(site.clone(), Method::POST, "/page")));
        let mut most = 0;
        for page in asked.collect::<Vec<_>>() {
            most = most.max(page.await.unwrap());
        }
        assert_eq!(most, 20);
    }

    #[tokio::test]
    async fn a_turn_is_given_back_when_the_browser_goes_away() {
        let turns = Arc::new(Semaphore::new(1));
        let turn = Turn::begin(Arc::clone(&turns).acquire_owned().await.unwrap());
        assert_eq!(turns.available_permits(), 0);
        drop(turn);
        assert_eq!(turns.available_permits(), 1);
    }
}
