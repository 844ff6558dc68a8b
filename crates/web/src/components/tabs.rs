//! Several panels of which one is shown.

use maud::{Markup, Render, html};

/// One panel with its tab.
#[derive(Debug, Clone)]
pub struct Tab {
    /// Unique on the page; also the address's `#fragment` that opens it.
    pub id: String,
    /// Word on the tab.
    pub label: String,
    /// Small number behind the word, such as the errors within.
    pub count: Option<String>,
    /// Whether the count is of errors.
    pub alarming: bool,
    /// What the panel holds.
    pub content: Markup,
}

/// Panels of which the first, or the one named in the address, is shown.
#[derive(Debug, Clone)]
pub struct Tabs {
    /// What the tabs are of, for screen readers.
    pub label: String,
    /// The panels.
    pub tabs: Vec<Tab>,
    /// Index of the panel to show first.
    pub active: usize,
}

impl Render for Tabs {
    fn render(&self) -> Markup {
        html! {
            div.tab-strip {
                div.nav.nav-underline role="tablist" aria-label=(self.label) {
                    @for (index, tab) in self.tabs.iter().enumerate() {
                        @let active = index == self.active;
                        button.nav-link .active[active] type="button" role="tab" id={ (tab.id) "-tab" }
                            data-bs-toggle="tab" data-bs-target={ "#" (tab.id) } aria-controls=(tab.id)
                            aria-selected=(active) tabindex=(if active { "0" } else { "-1" }) {
                            (tab.label)
                            @if let Some(count) = &tab.count { span.tab-count .is-alarming[tab.alarming] { (count) } }
                        }
                    }
                }
            }
            div.tab-content {
                @for (index, tab) in self.tabs.iter().enumerate() {
                    @let active = index == self.active;
                    div.tab-pane .active[active] .show[active] id=(tab.id) role="tabpanel" aria-labelledby={ (tab.id) "-tab" } {
                        (tab.content)
                    }
                }
            }
        }
    }
}
