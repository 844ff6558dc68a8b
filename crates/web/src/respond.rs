//! How handlers answer: a page in its frame, a part of one, or the way to another.

use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use maud::{Markup, Render};

use crate::{
    components::{Page, PageLayout, Shell},
    flash::{self, Flash},
    session::{Browser, Me},
    view::navigation,
};

/// How long a message waits for the next page, in seconds.
const FLASH_SECONDS: i64 = 60;

impl Me {
    /// The frame around a page at the address `here`.
    pub fn shell(&self, model: &model::Model, here: &str) -> Shell {
        navigation::shell(self, model, here)
    }

    /// A whole page.
    pub fn page(&self, model: &model::Model, title: &str, layout: PageLayout, here: &str, content: Markup) -> Response {
        let page = Page { title: title.to_owned(), shell: self.shell(model, here), layout, content };
        self.told(html(StatusCode::OK, page.render()))
    }

    /// The status of a page or dialog that was refused: scripts show 422 like any answer.
    pub fn refused(&self, status: StatusCode) -> StatusCode {
        if self.browser.htmx { StatusCode::UNPROCESSABLE_ENTITY } else { status }
    }

    /// Go on at `href`, from a dialog or a page.
    pub fn go(&self, href: &str, flash: Option<Flash>) -> Response {
        go(&self.browser, href, flash)
    }

    /// The list or board that one works on; `href`, a place of the same table, for whoever came from
    /// elsewhere.
    pub fn list_or(&self, href: &str) -> String {
        let end = href.get(1..).and_then(|rest| rest.find(['/', '?'])).map_or(href.len(), |end| end + 1);
        let (list, path) = (&href[..end], |page: &str| page.split('?').next().unwrap_or_default().to_owned());
        let is_it = |page: &&str| path(page) == list || path(page).ends_with("/board");
        self.browser.page.as_deref().filter(is_it).unwrap_or(href).to_owned()
    }

    /// Takes the message away that this answer has told.
    fn told(&self, mut response: Response) -> Response {
        if self.flash.is_some() {
            set_cookie(&mut response, &self.browser.cookie(flash::COOKIE, "", 0));
        }
        response
    }
}

/// HTML that may not be kept by caches on the way.
pub(crate) fn html(status: StatusCode, markup: Markup) -> Response {
    let mut response = (status, markup).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response.headers_mut().insert(header::VARY, HeaderValue::from_static("HX-Request, Cookie, Accept-Language"));
    response
}

/// A part of a page.
pub(crate) fn fragment(markup: impl Render) -> Response {
    html(StatusCode::OK, markup.render())
}

/// Go on at `href`. A dialog is left by a header that scripts follow, a page by a redirect.
pub(crate) fn go(browser: &Browser, href: &str, flash: Option<Flash>) -> Response {
    let in_dialog = browser.htmx && browser.target.as_deref() != Some("record");
    let mut response = if in_dialog {
        let mut response = StatusCode::NO_CONTENT.into_response();
        set_header(&mut response, "hx-redirect", href);
        response
    } else {
        let mut response = StatusCode::SEE_OTHER.into_response();
        set_header(&mut response, "location", href);
        response
    };
    if let Some(flash) = flash {
        set_cookie(&mut response, &browser.cookie(flash::COOKIE, &flash.cookie(), FLASH_SECONDS));
    }
    response
}

/// Sets a header whose value is made of an address or JSON in ASCII.
pub(crate) fn set_header(response: &mut Response, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(HeaderName::from_static(name), value);
    }
}

/// Adds a cookie.
pub(crate) fn set_cookie(response: &mut Response, cookie: &str) {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
}
