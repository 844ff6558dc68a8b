//! What a person can do: buttons, links and menu items that all look and behave alike.

use language::tr;
use maud::{Markup, Render, html};

use super::icon::icon;

/// What happens when a command is chosen.
#[derive(Debug, Clone)]
pub enum Action {
    /// Go to a page.
    Link(String),
    /// Open a dialog that the server renders at this address. Inside a grid's bulk bar the
    /// selected rows go along as `id` parameters.
    Dialog(String),
    /// Submit the form of this element id.
    Submit {
        /// Id of the form.
        form: String,
        /// A name and value that say which of several submit commands was chosen.
        value: Option<(String, String)>,
    },
    /// Post to an address. Inside a grid's bulk bar the selected rows go along as `id` values.
    Post {
        /// Where to.
        href: String,
        /// Question to confirm before posting, for what cannot be undone.
        confirm: Option<String>,
    },
    /// Load the same page again.
    Reload,
    /// Put the page on paper, all tabs of it.
    Print {
        /// With the timeline beside them.
        timeline: bool,
    },
}

/// How much a command stands out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CommandStyle {
    /// Quiet; the default.
    #[default]
    Plain,
    /// The one most people want here; at most one a bar.
    Primary,
    /// Destroys something.
    Danger,
}

/// One thing a person can do here.
#[derive(Debug, Clone)]
pub struct Command {
    /// The verb, such as `Qualify`.
    pub label: String,
    /// Icon before it.
    pub icon: Option<String>,
    /// What happens.
    pub action: Action,
    /// How much it stands out.
    pub style: CommandStyle,
    /// Keyboard shortcut as `aria-keyshortcuts` writes it, such as `Control+S`; for display, the
    /// scripts of the page know the shortcuts themselves.
    pub shortcut: Option<String>,
    /// Why it cannot be chosen now; `None` when it can.
    pub disabled: Option<String>,
    /// Whether it stays a button on a phone, where others wait in the menu; the primary one does.
    pub stays: bool,
    /// How many rows must be selected for it; `None` where it is about any number.
    pub selected: Option<usize>,
    /// Whether what it leads to is shown now, so that choosing it again puts that away.
    pub on: bool,
}

impl Command {
    /// A plain command.
    pub fn new(label: impl Into<String>, icon: &str, action: Action) -> Self {
        Self {
            label: label.into(),
            icon: (!icon.is_empty()).then(|| icon.to_owned()),
            action,
            style: CommandStyle::Plain,
            shortcut: None,
            disabled: None,
            stays: false,
            selected: None,
            on: false,
        }
    }

    /// The same command as the one most people want.
    #[must_use]
    pub fn primary(mut self) -> Self {
        self.style = CommandStyle::Primary;
        self
    }

    /// The same command as a button on a phone as well.
    #[must_use]
    pub fn stays(mut self) -> Self {
        self.stays = true;
        self
    }

    /// The same command, offered only while so many rows are selected.
    #[must_use]
    pub fn of_selected(mut self, count: usize) -> Self {
        self.selected = Some(count);
        self
    }

    /// The same command, marked where what it shows is shown now.
    #[must_use]
    pub fn shown(mut self, on: bool) -> Self {
        self.on = on;
        self
    }

    /// The same command, asked about before it posts.
    #[must_use]
    pub fn confirm(mut self, question: impl Into<String>) -> Self {
        if let Action::Post { confirm, .. } = &mut self.action {
            *confirm = Some(question.into());
        }
        self
    }

    /// The command as an icon alone, under this name, where it stands beside what it is about.
    pub fn quiet(&self, name: &str) -> Markup {
        let Action::Post { href, confirm } = &self.action else { return self.element("btn btn-sm") };
        html! {
            button.btn.btn-icon.btn-sm.btn-ghost type="button" data-post=(href) data-confirm=[confirm.as_deref()]
                aria-label=(name) title=(name) { @if let Some(symbol) = &self.icon { (icon(symbol)) } }
        }
    }

    fn is_always_shown(&self) -> bool {
        self.stays || self.style == CommandStyle::Primary
    }

    /// The same command marked as destroying something.
    #[must_use]
    pub fn danger(mut self) -> Self {
        self.style = CommandStyle::Danger;
        self
    }

    /// The same command with its shortcut shown.
    #[must_use]
    pub fn shortcut(mut self, keys: impl Into<String>) -> Self {
        self.shortcut = Some(keys.into());
        self
    }

    /// The same command, not to be chosen now for this reason.
    #[must_use]
    pub fn disabled(mut self, reason: impl Into<String>) -> Self {
        self.disabled = Some(reason.into());
        self
    }

    fn button_class(&self) -> &'static str {
        match self.style {
            CommandStyle::Plain => "btn",
            CommandStyle::Primary => "btn btn-primary",
            CommandStyle::Danger => "btn btn-ghost-danger",
        }
    }

    fn menu_class(&self) -> &'static str {
        match self.style {
            CommandStyle::Danger => "dropdown-item text-danger",
            _ => "dropdown-item",
        }
    }

    /// The command as an item of a menu.
    pub fn menu_item(&self) -> Markup {
        self.element(self.menu_class())
    }

    fn element(&self, class: &str) -> Markup {
        if let Some(reason) = &self.disabled {
            return html! {
                button type="button" class={ (class) " disabled" } aria-disabled="true" title=(reason) { (self.face()) }
            };
        }
        let keys = self.shortcut.as_deref();
        match &self.action {
            Action::Link(href) => html! {
                a class={ (class) @if self.on { " is-on" } } href=(href) aria-current=[self.on.then_some("true")] aria-keyshortcuts=[keys] { (self.face()) }
            },
            Action::Dialog(href) => html! {
                button type="button" class=(class) hx-get=(href) hx-target="#dialogs" hx-swap="innerHTML"
                    aria-haspopup="dialog" aria-keyshortcuts=[keys] data-selected=[self.selected] { (self.face()) }
            },
            Action::Submit { form, value } => html! {
                button type="submit" class=(class) form=(form)
                    name=[value.as_ref().map(|(name, _)| name)] value=[value.as_ref().map(|(_, value)| value)]
                    aria-keyshortcuts=[keys] { (self.face()) }
            },
            Action::Post { href, confirm } => html! {
                button type="button" class=(class) data-post=(href) data-confirm=[confirm.as_deref()]
                    aria-keyshortcuts=[keys] { (self.face()) }
            },
            Action::Print { timeline } => html! {
                button type="button" class=(class) data-print=(if *timeline { "timeline" } else { "" }) aria-keyshortcuts=[keys] { (self.face()) }
            },
            Action::Reload => html! {
                button type="button" class=(class) data-reload aria-keyshortcuts=[keys] { (self.face()) }
            },
        }
    }

    fn face(&self) -> Markup {
        html! {
            @if let Some(name) = &self.icon { (icon(name)) }
            span { (self.label) }
        }
    }
}

impl Render for Command {
    fn render(&self) -> Markup {
        self.element(self.button_class())
    }
}

/// A row of commands; those that seldom matter wait in a menu, and on a phone all but the main
/// ones do.
#[derive(Debug, Clone, Default)]
pub struct CommandBar {
    /// Shown as buttons.
    pub commands: Vec<Command>,
    /// Shown in the menu at the end.
    pub more: Vec<Command>,
}

impl Render for CommandBar {
    fn render(&self) -> Markup {
        let folds = self.commands.iter().any(|command| !command.is_always_shown());
        html! {
            div.command-bar role="toolbar" aria-label=(tr!("Commands")) {
                @for command in &self.commands {
                    div.command-bar-item .is-primary[command.style == CommandStyle::Primary] .stays[command.is_always_shown()] { (command) }
                }
                @if !self.more.is_empty() || folds {
                    div.dropdown.command-bar-more .only-narrow[self.more.is_empty()] {
                        button.btn.btn-icon type="button" data-bs-toggle="dropdown" aria-expanded="false"
                            aria-label=(tr!("More commands")) title=(tr!("More commands")) { (icon("dots")) }
                        div.dropdown-menu.dropdown-menu-end {
                            @for command in self.commands.iter().filter(|command| !command.is_always_shown()) {
                                div.only-narrow { (command.menu_item()) }
                            }
                            @for command in &self.more { (command.menu_item()) }
                        }
                    }
                }
            }
        }
    }
}
