//! The frame around every page: navigation, search, what can be created, who is signed in.

use language::tr;
use maud::{DOCTYPE, Markup, Render, html};

use super::avatar::avatar;
use super::command::Command;
use super::frame::{Density, PinToggle, pinned_places};
use super::icon::icon;
use super::toast::Toast;
use crate::assets::asset;

/// Light or dark; read from the cookie `theme` so that a page never flashes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// As the device says.
    #[default]
    Auto,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// The theme that a `theme` cookie names; anything unknown is [`Theme::Auto`].
    pub fn from_cookie(value: &str) -> Self {
        match value {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::Auto,
        }
    }

    /// As the cookie names it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    fn attribute(self) -> Option<&'static str> {
        (self != Self::Auto).then_some(self.name())
    }
}

/// A place to go.
#[derive(Debug, Clone, Default)]
pub struct NavItem {
    /// Its name.
    pub label: String,
    /// Its address.
    pub href: String,
    /// Its icon.
    pub icon: String,
    /// Whether the page is there.
    pub current: bool,
    /// The letter that leads there after `g`.
    pub key: Option<char>,
}

/// Places that belong together.
#[derive(Debug, Clone, Default)]
pub struct NavGroup {
    /// Their heading; empty for none.
    pub label: String,
    /// The places.
    pub items: Vec<NavItem>,
}

/// Who is signed in and what they can do about themselves.
#[derive(Debug, Clone, Default)]
pub struct UserMenu {
    /// Who they are to scripts: what is kept in the browser belongs to them alone.
    pub id: String,
    /// Their name.
    pub name: String,
    /// Their e-mail address.
    pub email: String,
    /// Links such as their settings.
    pub commands: Vec<Command>,
    /// Where signing out posts to.
    pub sign_out: String,
}

/// How a page uses the room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PageLayout {
    /// The page scrolls; the default.
    #[default]
    Scrolling,
    /// On wide screens the content fills the window and scrolls inside, as a grid does.
    Filling,
}

/// What stays the same from page to page.
#[derive(Debug, Clone, Default)]
pub struct Shell {
    /// Name of the organisation.
    pub organisation: String,
    /// Language of the pages, such as `en`.
    pub language: String,
    /// Locale by which numbers are written and read on these pages, such as `de-DE`; empty for the
    /// browser's own, which scripts also send as the cookie `locale`.
    pub locale: String,
    /// Light or dark.
    pub theme: Theme,
    /// How much room a row takes.
    pub density: Density,
    /// Single keys are no commands for this person.
    pub without_shortcuts: bool,
    /// Where to go.
    pub navigation: Vec<NavGroup>,
    /// What the person keeps at hand.
    pub pinned: Vec<NavItem>,
    /// Keeps what is shown at hand; none where it cannot be pinned.
    pub pin: Option<PinToggle>,
    /// Address of the search: the page with `?q=`.
    pub search: String,
    /// What was searched for.
    pub search_value: String,
    /// What can be created from everywhere.
    pub quick_create: Vec<Command>,
    /// Who is signed in.
    pub user: UserMenu,
    /// The session's token against forged requests; also sent by scripts as `X-CSRF-Token`.
    pub csrf: String,
    /// What others did that concerns the person.
    pub bell: Option<super::notifications::Bell>,
    /// What was just done.
    pub toasts: Vec<Toast>,
    /// Up to where in the change feed the page surely knows everything; empty for a page without news.
    pub live: String,
}

/// A whole page.
#[derive(Debug, Clone)]
pub struct Page {
    /// Title of the window, before the product's name.
    pub title: String,
    /// The frame.
    pub shell: Shell,
    /// How the page uses the room.
    pub layout: PageLayout,
    /// The content.
    pub content: Markup,
}

impl Render for Page {
    fn render(&self) -> Markup {
        let shell = &self.shell;
        document(
            &self.title,
            &Reader {
                language: &shell.language,
                locale: &shell.locale,
                theme: shell.theme,
                density: shell.density,
                without_shortcuts: shell.without_shortcuts,
            },
            Some(&shell.csrf),
            html! {
                a.skip-link href="#main" { (tr!("Skip to content")) }
                div.app-shell .is-filling[self.layout == PageLayout::Filling]
                    data-live=[(!shell.live.is_empty()).then_some(&shell.live)] data-live-worker=(asset("live-worker.js")) {
                    (shell.sidebar())
                    (shell.top_bar())
                    main.app-main id="main" tabindex="-1" { (self.content) }
                }
                (layers(&shell.toasts))
            },
        )
    }
}

/// For whom a document is made.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Reader<'a> {
    /// Language of the page; English where empty.
    pub language: &'a str,
    /// Locale by which numbers are written; the browser's where empty.
    pub locale: &'a str,
    pub theme: Theme,
    pub density: Density,
    pub without_shortcuts: bool,
}

/// The HTML document around a body; also of pages without the frame.
pub(super) fn document(title: &str, reader: &Reader<'_>, csrf: Option<&str>, body: Markup) -> Markup {
    let language = if reader.language.is_empty() { "en" } else { reader.language };
    let locale = Some(reader.locale).filter(|locale| !locale.is_empty());
    let headers = csrf.map(|token| serde_json::json!({ "X-CSRF-Token": token }).to_string());
    html! {
        (DOCTYPE)
        html lang=(language) data-bs-theme=[reader.theme.attribute()] data-density=[reader.density.attribute()] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover";
                meta name="color-scheme" content="light dark";
                meta name="referrer" content="same-origin";
                meta name="htmx-config" content=(HTMX_CONFIG);
                @if let Some(token) = csrf { meta name="csrf" content=(token); }
                title { (title) " · Pipewright" }
                (installing(reader.theme))
                link rel="icon" type="image/svg+xml" href=(asset("icon.svg"));
                link rel="stylesheet" href=(asset("app.css"));
                link rel="preload" href=(asset("icons.woff2")) as="font" type="font/woff2" crossorigin;
                @if let Some(words) = words_of(language) { script src=(asset(words)) defer {} }
                script src=(asset("app.js")) defer {}
            }
            body data-locale=[locale] data-shortcuts=[reader.without_shortcuts.then_some("off")] hx-headers=[headers] { (body) }
        }
    }
}

/// The texts of scripts in a language, where it is another than theirs.
fn words_of(language: &str) -> Option<&'static str> {
    (language == "de").then_some("words.de.js")
}

/// What a phone needs to keep the site among its apps, in the colours of the top bar.
fn installing(theme: Theme) -> Markup {
    let (light, dark) = ("#ffffff", "#161b23");
    html! {
        link rel="manifest" href="/manifest.webmanifest";
        link rel="apple-touch-icon" href=(asset("icon-180.png"));
        meta name="apple-mobile-web-app-title" content="Pipewright";
        @match theme {
            Theme::Light => meta name="theme-color" content=(light);,
            Theme::Dark => meta name="theme-color" content=(dark);,
            Theme::Auto => {
                meta name="theme-color" media="(prefers-color-scheme: light)" content=(light);
                meta name="theme-color" media="(prefers-color-scheme: dark)" content=(dark);
            },
        }
    }
}

/// No styles (nor those of old elements carried over to new ones), scripts or evaluated attributes
/// from htmx, so that a strict content security policy holds; a refused save (422) is shown like any answer.
/// What comes is made ready at once and not 20 ms later: nobody can type into a form before its values are remembered.
const HTMX_CONFIG: &str = r#"{"includeIndicatorStyles":false,"allowEval":false,"allowScriptTags":false,"selfRequestsOnly":true,"attributesToSettle":[],"defaultSettleDelay":0,"historyCacheSize":0,"refreshOnHistoryMiss":true,"scrollIntoViewOnBoost":false,"responseHandling":[{"code":"204","swap":false},{"code":"[23]..","swap":true},{"code":"422","swap":true},{"code":"[45]..","swap":false,"error":true}]}"#;

/// Where dialogs and toasts appear.
pub(super) fn layers(toasts: &[Toast]) -> Markup {
    html! {
        div id="dialogs" {}
        div.toasts id="toasts" { @for toast in toasts { (toast) } }
    }
}

impl Shell {
    fn sidebar(&self) -> Markup {
        html! {
            // Bootstrap makes the drawer of a narrow page a dialog, which a `nav` cannot be.
            div.app-sidebar.offcanvas-lg.offcanvas-start id="navigation" tabindex="-1" {
                nav.sidebar aria-label=(tr!("main navigation" => "Main")) {
                    div.sidebar-brand {
                        a href="/" {
                            img src=(asset("icon.svg")) alt="" width="24" height="24";
                            span { "Pipewright" }
                        }
                        button.btn-icon.sidebar-close type="button" data-bs-dismiss="offcanvas" data-bs-target="#navigation" aria-label=(tr!("Close navigation")) { (icon("x")) }
                    }
                    div.sidebar-nav {
                        @for (index, group) in self.navigation.iter().enumerate() {
                            @let heading = format!("nav-group-{index}");
                            @if !group.label.is_empty() { div.sidebar-heading id=(heading) { (group.label) } }
                            ul aria-labelledby=[(!group.label.is_empty()).then_some(&heading)] {
                                @for item in &group.items { li { (item.markup()) } }
                            }
                            // Below the first group, which is Home.
                            @if index == 0 { (pinned_places(&self.pinned, false)) }
                        }
                    }
                    div.sidebar-foot { (self.organisation) }
                }
            }
        }
    }

    fn top_bar(&self) -> Markup {
        html! {
            header.app-top {
                button.btn-icon.top-menu type="button" data-bs-toggle="offcanvas" data-bs-target="#navigation" aria-controls="navigation" aria-label=(tr!("Open navigation")) { (icon("menu-2")) }
                (self.palette())
                div.top-actions {
                    @if let Some(pin) = &self.pin { (pin.markup(&self.csrf)) }
                    (self.create_menu())
                    @if let Some(bell) = &self.bell { (bell) }
                    (theme_menu(self.theme))
                    (self.user_menu())
                }
            }
        }
    }

    fn user_menu(&self) -> Markup {
        html! {
            div.dropdown {
                button.top-user type="button" data-bs-toggle="dropdown" aria-expanded="false" { (avatar(&self.user.name)) span.visually-hidden { (tr!("Account of {}", self.user.name)) } }
                div.dropdown-menu.dropdown-menu-end {
                    div.user-card { strong { (self.user.name) } span { (self.user.email) } }
                    div.dropdown-divider {}
                    @for command in &self.user.commands { (command.menu_item()) }
                    form method="post" action=(self.user.sign_out) data-person=(self.user.id) {
                        input type="hidden" name="csrf" value=(self.csrf);
                        button.dropdown-item type="submit" { (icon("logout")) span { (tr!("Sign out")) } }
                    }
                }
            }
        }
    }
}

fn theme_menu(theme: Theme) -> Markup {
    let choices = [
        ("auto", Theme::Auto, "device-desktop", tr!("As on this device")),
        ("light", Theme::Light, "sun", tr!("Light")),
        ("dark", Theme::Dark, "moon", tr!("Dark")),
    ];
    html! {
        div.dropdown.top-theme {
            button.btn-icon type="button" data-bs-toggle="dropdown" aria-expanded="false" aria-label=(tr!("Light or dark")) title=(tr!("Light or dark")) { (icon("sun")) }
            div.dropdown-menu.dropdown-menu-end {
                @for (name, value, glyph, label) in choices {
                    button.dropdown-item type="button" data-theme-choice=(name) aria-pressed=(value == theme) {
                        (icon(glyph)) span { (label) } span.menu-check { (icon("check")) }
                    }
                }
            }
        }
    }
}
