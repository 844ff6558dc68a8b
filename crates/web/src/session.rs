//! Who asks, and by what browser.

use std::net::IpAddr;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use crm::{
    Caller, FeedPosition,
    format::Style,
    identity::{Device, Entry, SignedIn, Stage},
    notifications::Unread,
    workspace::Pinned,
};
use jiff::Timestamp;
use percent_encoding::percent_decode_str;

use crate::{
    app::Site,
    components::{Density, Theme},
    failure::Failure,
    flash::{self, Flash},
};

/// Name of the session's cookie.
pub(crate) const COOKIE: &str = "pipewright_session";
/// Begins the name of every cookie that came over HTTPS: browsers then take it from this host
/// only, encrypted only.
const HOST_ONLY: &str = "__Host-";
/// How long a device remembers how pages look: a year.
const LOOK_SECONDS: u32 = 31_536_000;

/// What the browser says about itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Browser {
    /// Asked by a script for a part of a page.
    pub htmx: bool,
    /// Id of the element that the answer goes into.
    pub target: Option<String>,
    /// Id of the element that asked.
    pub trigger: Option<String>,
    /// The page on which this was asked for: path and query.
    pub page: Option<String>,
    /// Reached over HTTPS, so that cookies may be limited to it.
    pub secure: bool,
    /// Light or dark.
    pub theme: Theme,
    /// How much room a row takes.
    pub density: Density,
    /// What timelines show, as it was left.
    pub timeline: String,
    /// The panel of a process stage stands beside the record.
    pub stage_pinned: bool,
    /// Its name and version.
    pub agent: String,
    /// The address it asks from; the server has settled which header tells it.
    pub address: Option<IpAddr>,
    /// The site as the browser sees it: `https://crm.example.com`.
    pub origin: String,
}

/// The person who is signed in, with what belongs to this one request.
#[derive(Clone)]
pub(crate) struct Me {
    pub caller: Caller,
    /// Token that every form of this session carries.
    pub csrf: String,
    /// How numbers and dates are written for this person.
    pub style: Style,
    pub browser: Browser,
    /// What the page before wants told.
    pub flash: Option<Flash>,
    /// The session, for what concerns signing in itself.
    pub session: SignedIn,
    /// Up to where in the change feed this answer surely knows everything.
    pub since: FeedPosition,
    /// What the person keeps at hand; read for whole pages only.
    pub pinned: Vec<Pinned>,
    /// What the person was told and has not seen yet; read for whole pages only.
    pub unread: Option<Unread>,
    /// Path and query of the page that is asked for; empty where a form is sent.
    pub at: String,
}

/// Somebody whose session may still be half open: a second factor is to be proved or set up.
pub(crate) struct Entrant {
    pub session: SignedIn,
    pub browser: Browser,
}

impl Browser {
    /// Reads the headers.
    pub fn of(headers: &HeaderMap) -> Self {
        let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        Self {
            htmx: text("hx-request") == Some("true"),
            target: text("hx-target").map(str::to_owned),
            trigger: text("hx-trigger").map(str::to_owned),
            page: text("hx-current-url").or_else(|| text("referer")).and_then(path_of).map(str::to_owned),
            secure: is_secure(headers),
            theme: Theme::from_cookie(cookie(headers, "theme").unwrap_or_default()),
            density: Density::from_cookie(cookie(headers, "density").unwrap_or_default()),
            timeline: cookie(headers, "timeline").unwrap_or_default().to_owned(),
            stage_pinned: cookie(headers, "stage") == Some("pinned"),
            agent: text("user-agent").unwrap_or_default().to_owned(),
            address: text("x-forwarded-for").and_then(|address| address.trim().parse().ok()),
            origin: format!(
                "{}://{}",
                if is_secure(headers) { "https" } else { "http" },
                text("x-forwarded-host").or_else(|| text("host")).unwrap_or_default()
            ),
        }
    }

    /// The same for the domain.
    pub fn device(&self) -> Device {
        Device { agent: self.agent.clone(), address: self.address }
    }

    /// The cookie that keeps a session in this browser.
    pub fn session_cookie(&self, entry: &Entry) -> String {
        self.cookie(COOKIE, &entry.secret, entry.expires.duration_since(Timestamp::now()).as_secs().max(1))
    }

    /// A cookie about how pages look on this device, which scripts change too.
    pub fn look_cookie(&self, name: &str, value: &str) -> String {
        let (prefix, secure) = if self.secure { (HOST_ONLY, "; Secure") } else { ("", "") };
        format!("{prefix}{name}={value}; Path=/; SameSite=Lax; Max-Age={LOOK_SECONDS}{secure}")
    }

    /// A cookie that scripts cannot read, kept for `seconds` (0 removes it).
    pub fn cookie(&self, name: &str, value: &str, seconds: i64) -> String {
        let (prefix, secure) = if self.secure { (HOST_ONLY, "; Secure") } else { ("", "") };
        format!("{prefix}{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
    }
}

/// Path and query of an address.
fn path_of(address: &str) -> Option<&str> {
    let (_, rest) = address.split_once("://")?;
    rest.find('/').map(|at| &rest[at..])
}

/// True for a request that came over HTTPS, here or at the proxy in front.
fn is_secure(headers: &HeaderMap) -> bool {
    headers.get("x-forwarded-proto").is_some_and(|scheme| scheme == "https")
}

/// The value of a cookie; over HTTPS only of one that no neighbouring host can have set.
pub(crate) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let prefix = if is_secure(headers) { HOST_ONLY } else { "" };
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key.strip_prefix(prefix)? == name).then_some(value))
}

/// Set by scripts on what a page asks by itself: it does not count as use of the session.
const UNASKED: &str = "x-unasked";

/// The session with this secret; what is logged from here on bears whose it is.
async fn signed_in(secret: &str, headers: &HeaderMap, site: &Site) -> Result<SignedIn, Failure> {
    let identity = site.app.identity();
    let unasked = headers.contains_key(UNASKED);
    let session = if unasked { identity.by_idle_session(secret).await } else { identity.by_session(secret).await }?;
    tracing::Span::current().record("user", tracing::field::display(session.caller.user));
    Ok(session)
}

/// What the page before wants told: to the page that somebody goes to, not to a part that comes by itself.
fn message(headers: &HeaderMap) -> Option<Flash> {
    let waiting = cookie(headers, flash::COOKIE).filter(|_| !headers.contains_key(UNASKED));
    waiting.and_then(Flash::read)
}

/// The person with the browser's time zone and locale, where they chose none.
fn at_browser(caller: &Caller, headers: &HeaderMap) -> Caller {
    let decoded = |name: &str| {
        cookie(headers, name).and_then(|value| percent_decode_str(value).decode_utf8().ok()).unwrap_or_default()
    };
    caller.clone().as_browser_says(&decoded("tz"), &decoded("locale"))
}

impl Me {
    /// The person whose session the request carries.
    pub async fn of(headers: &HeaderMap, site: &Site) -> Result<Self, Failure> {
        let secret = cookie(headers, COOKIE).ok_or(crm::Error::NotSignedIn)?.to_owned();
        // Before anything is read for the answer: what comes later reaches the page as news.
        let since = site.app.live().position().await?;
        let signed_in = signed_in(&secret, headers, site).await?;
        if signed_in.stage != Stage::Full {
            return Err(Failure::HalfOpen(signed_in.stage));
        }
        let caller = at_browser(&signed_in.caller, headers);
        language::speak(caller.language());
        let browser = Browser::of(headers);
        let pinned = if browser.htmx { Vec::new() } else { site.app.pinned(&caller).await? };
        let unread = if browser.htmx { None } else { Some(site.app.notifications().unread(&caller).await?) };
        Ok(Self {
            style: Style::of(&caller),
            caller,
            csrf: signed_in.csrf.clone(),
            browser,
            flash: message(headers),
            session: signed_in,
            since,
            pinned,
            unread,
            at: String::new(),
        })
    }
}

impl Entrant {
    /// The person whose session the request carries, whatever its stage.
    pub async fn of(headers: &HeaderMap, site: &Site) -> Result<Self, Failure> {
        let secret = cookie(headers, COOKIE).ok_or(crm::Error::NotSignedIn)?;
        let session = signed_in(secret, headers, site).await?;
        language::speak(at_browser(&session.caller, headers).language());
        Ok(Self { session, browser: Browser::of(headers) })
    }
}

impl FromRequestParts<Site> for Entrant {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Failure> {
        Self::of(&parts.headers, site).await
    }
}

impl FromRequestParts<Site> for Me {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, site: &Site) -> Result<Self, Failure> {
        let mut me = Self::of(&parts.headers, site).await?;
        me.at = parts.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
        Ok(me)
    }
}
