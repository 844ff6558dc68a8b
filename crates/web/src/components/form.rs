//! A record's page: what it is, where it stands, what can be done, and all its fields.

use language::tr;
use maud::{Markup, Render, html};

use super::badge::Badge;
use super::banner::Banner;
use super::cell::Cell;
use super::command::CommandBar;
use super::fields::Field;
use super::follow::FollowToggle;
use super::icon::icon;
use super::process_bar::ProcessBar;
use super::tabs::{Tab, Tabs};

/// A key fact in a record's header.
#[derive(Debug, Clone, Default)]
pub struct Fact {
    /// Its label.
    pub label: String,
    /// Its value.
    pub value: Cell,
}

/// What a record is and where it stands.
#[derive(Debug, Clone, Default)]
pub struct RecordHeader {
    /// Icon of the table.
    pub icon: String,
    /// The table in the singular, such as `Opportunity`.
    pub table: String,
    /// Words and address of the list it belongs to.
    pub list: (String, String),
    /// The record's name, or `New opportunity`.
    pub title: String,
    /// Its state.
    pub badge: Option<Badge>,
    /// What to see at a glance; four at most.
    pub facts: Vec<Fact>,
    /// Whether the reader follows it; none for what cannot be followed.
    pub follow: Option<FollowToggle>,
}

impl From<Field> for SectionItem {
    fn from(field: Field) -> Self {
        Self::Field(Box::new(field))
    }
}

/// A list of related records, loaded when it is shown.
#[derive(Debug, Clone, Default)]
pub struct Subgrid {
    /// Heading, such as `Competitors`.
    pub label: String,
    /// Address of the fragment.
    pub href: String,
    /// Logical name of the rows' table, whose changes bring the list anew; empty for none.
    pub table: String,
}

/// What stands in a section.
#[derive(Debug, Clone)]
pub enum SectionItem {
    /// A column to fill in.
    Field(Box<Field>),
    /// Related records.
    Subgrid(Subgrid),
    /// Anything else, such as the timeline; over all columns.
    Other(Markup),
}

/// A group of fields.
#[derive(Debug, Clone)]
pub struct FormSection {
    /// Its heading; empty for none.
    pub label: String,
    /// Fields side by side where there is room: 1 to 3.
    pub columns: u8,
    /// What stands in it.
    pub items: Vec<SectionItem>,
}

/// A page of a form.
#[derive(Debug, Clone)]
pub struct FormTab {
    /// Unique on the page, such as `summary`.
    pub id: String,
    /// Word on the tab.
    pub label: String,
    /// Its groups.
    pub sections: Vec<FormSection>,
    /// A column at the right on wide screens, under the sections on narrow ones: the timeline.
    pub side: Option<Markup>,
}

/// Something wrong with what was sent.
#[derive(Debug, Clone, Default)]
pub struct FieldError {
    /// Element id of the field, from [`Field::id`]; `None` for the record as a whole.
    pub field: Option<String>,
    /// Label of the field; empty for the record as a whole.
    pub label: String,
    /// What is wrong and what would be right.
    pub message: String,
}

/// A record to read and change.
///
/// It posts to `action`, which should be the address it is shown at: a refused save answers 422
/// with the same page and what was typed, an accepted one 303 to the record. The element
/// `#record` is replaced in place, so nothing typed is lost when the network fails.
#[derive(Debug, Clone)]
pub struct RecordForm {
    /// Id of the form, which [`super::Action::Submit`] names; `record-form` is fine.
    pub id: String,
    /// Where it posts to.
    pub action: String,
    /// The session's token against forged requests.
    pub csrf: String,
    /// Row version that was read, sent back as `version` to notice changes by others.
    pub version: Option<String>,
    /// What the record is.
    pub header: RecordHeader,
    /// What can be done.
    pub commands: CommandBar,
    /// A notice about the whole, such as why it is read-only.
    pub banner: Option<Banner>,
    /// The stages it goes through.
    pub process: Option<ProcessBar>,
    /// What was wrong with what was sent.
    pub errors: Vec<FieldError>,
    /// Its pages.
    pub tabs: Vec<FormTab>,
    /// Whether any field can be changed; without, no guard against leaving is needed.
    pub read_only: bool,
    /// Whether files can be sent.
    pub has_files: bool,
    /// Key that a new record is to have: a form that is sent twice makes one record.
    pub once: Option<String>,
    /// Where what is typed is saved by itself; none where that is off.
    pub autosave: Option<String>,
    /// Where calculated fields are worked out while one types; none where there are none.
    pub calculation: Option<String>,
    /// Where what was typed into a field is checked when the field is left.
    pub checks: Option<String>,
    /// The record as `TABLE:ID`, so that changes of others show while it is open; none for a new one.
    pub live: Option<String>,
}

impl RecordForm {
    /// All fields, in whatever tab they stand.
    pub fn fields_mut(&mut self) -> impl Iterator<Item = &mut Field> {
        let items = self.tabs.iter_mut().flat_map(|tab| &mut tab.sections).flat_map(|section| &mut section.items);
        items.filter_map(|item| match item {
            SectionItem::Field(field) => Some(field.as_mut()),
            SectionItem::Subgrid(_) | SectionItem::Other(_) => None,
        })
    }

    /// Whether somebody else changed fields that were typed into.
    fn is_contested(&self) -> bool {
        let mut items = self.tabs.iter().flat_map(|tab| &tab.sections).flat_map(|section| &section.items);
        items.any(|item| matches!(item, SectionItem::Field(field) if field.theirs.is_some()))
    }

    fn header(&self) -> Markup {
        let header = &self.header;
        html! {
            header.record-head {
                nav.record-trail aria-label=(tr!("Where this is")) {
                    a href=(header.list.1) { (icon("chevron-left")) span { (header.list.0) } }
                }
                div.record-line {
                    span.record-icon { (icon(&header.icon)) }
                    div.record-name {
                        h1 { (header.title) }
                        p {
                            span { (header.table) }
                            @if let Some(badge) = &header.badge { (badge) }
                            span.record-dirty data-dirty-mark hidden { (tr!("Unsaved changes")) }
                            @if self.autosave.is_some() { span.record-state data-save-state {} }
                        }
                    }
                    @if let Some(follow) = &header.follow { (follow.markup(&self.csrf)) }
                    (self.commands)
                }
                @if !header.facts.is_empty() {
                    dl.record-facts {
                        @for fact in &header.facts {
                            div { dt { (fact.label) } dd { (fact.value) } }
                        }
                    }
                }
            }
        }
    }

    fn panels(&self) -> Tabs {
        let tabs: Vec<Tab> = self.tabs.iter().map(|tab| self.panel(tab)).collect();
        let active = tabs.iter().position(|tab| tab.alarming).unwrap_or(0);
        Tabs { label: tr!("{} sections", self.header.table), tabs, active }
    }

    fn panel(&self, tab: &FormTab) -> Tab {
        let errors = tab.sections.iter().flat_map(|section| &section.items).filter(|item| has_error(item)).count();
        Tab {
            id: tab.id.clone(),
            label: tab.label.clone(),
            count: (errors > 0).then(|| errors.to_string()),
            alarming: errors > 0,
            content: html! {
                div.form-columns {
                    div.form-sections { @for section in &tab.sections { (self.section(section)) } }
                    @if let Some(side) = &tab.side { aside.form-side aria-label=(tr!("Beside the record")) { (side) } }
                }
            },
        }
    }

    fn section(&self, section: &FormSection) -> Markup {
        html! {
            section.form-section {
                @if !section.label.is_empty() { h2 { (section.label) } }
                div class={ "form-grid columns-" (section.columns.clamp(1, 3)) } {
                    @for item in &section.items {
                        @match item {
                            SectionItem::Field(field) => (Field { form: Some(self.id.clone()), ..field.as_ref().clone() }),
                            SectionItem::Subgrid(subgrid) => (subgrid),
                            SectionItem::Other(markup) => div.is-full { (markup) },
                        }
                    }
                }
            }
        }
    }
}

impl Render for RecordForm {
    fn render(&self) -> Markup {
        html! {
            div.record-page.has-pinned-stage[self.process.as_ref().is_some_and(|process| process.pinned.is_some())]
                id="record" data-live-record=[self.live.as_deref()] data-read-only[self.read_only] {
                form id=(self.id) method="post" action=(self.action) hx-post=(self.action) hx-target="#record"
                    hx-select="#record" hx-select-oob="#toasts" hx-swap="outerHTML show:window:top" hx-push-url="true"
                    hx-disabled-elt={ "[form='" (self.id) "'][type=submit]" }
                    enctype=[self.has_files.then_some("multipart/form-data")]
                    hx-encoding=[self.has_files.then_some("multipart/form-data")]
                    data-record-form data-guard[!self.read_only] data-autosave=[self.autosave.as_deref().filter(|_| !self.read_only)]
                    data-calculation=[self.calculation.as_deref().filter(|_| !self.read_only)]
                    data-checks=[self.checks.as_deref().filter(|_| !self.read_only)]
                    data-refused[!self.errors.is_empty() || self.is_contested()] novalidate {
                    input type="hidden" name="csrf" value=(self.csrf);
                    @if let Some(once) = &self.once { input type="hidden" name="once" value=(once); }
                    @if let Some(version) = &self.version { input type="hidden" name="version" value=(version); }
                }
                (self.header())
                @if let Some(process) = &self.process { (process) }
                @if let Some(banner) = &self.banner { (banner) }
                (error_summary(&self.errors))
                @if let [only] = self.tabs.as_slice() { (self.panel(only).content) } @else { (self.panels()) }
            }
        }
    }
}

impl Render for Subgrid {
    fn render(&self) -> Markup {
        html! {
            div.subgrid.is-full {
                h2 { (self.label) }
                div hx-get=(self.href) hx-swap="innerHTML"
                    hx-trigger="intersect once, related-changed from:body, live-changed delay:300ms"
                    data-live-refresh=[(!self.table.is_empty()).then_some(&self.table)] {
                    p.loading { span.spinner-border.spinner-border-sm aria-hidden="true" {} " " (tr!("Loading {}…", self.label)) }
                }
            }
        }
    }
}

/// The list of everything wrong, each leading to its field; focused when it appears.
pub fn error_summary(errors: &[FieldError]) -> Markup {
    html! {
        @if !errors.is_empty() {
            div.error-summary role="alert" tabindex="-1" data-error-summary {
                (icon("alert-circle"))
                div {
                    strong {
                        (tr!("Not saved yet. One thing needs your attention:" | "Not saved yet. {n} things need your attention:" % errors.len()))
                    }
                    ul {
                        @for error in errors {
                            li {
                                @match &error.field {
                                    Some(field) => { a href={ "#" (field) } data-goto-field { (error.label) } ": " (error.message) },
                                    None => (error.message),
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn has_error(item: &SectionItem) -> bool {
    matches!(item, SectionItem::Field(field) if field.error.is_some() || field.theirs.is_some())
}
