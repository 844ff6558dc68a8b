//! The pane beside a list that charts its rows: what is charted can be chosen, and bars narrow the list.

use language::tr;
use maud::{Markup, Render, html};

use super::builder::{OptionGroup, option_groups};
use super::icon::icon;

/// Length of the longest bar.
pub(crate) const WHOLE: u16 = 1000;

/// The pane; its bars come once the page stands, so that the list waits for nothing.
#[derive(Debug, Clone, Default)]
pub struct ChartPane {
    /// Logical name of the table, by whose changes the bars are drawn anew.
    pub table: String,
    /// Address of the [`ChartBars`].
    pub bars: String,
    /// Address of the list.
    pub action: String,
    /// What the list shows otherwise, which stays.
    pub hidden: Vec<(String, String)>,
    /// What can have a bar each.
    pub by: Vec<OptionGroup>,
    /// What bars can measure.
    pub measures: Vec<OptionGroup>,
    /// Address of the list without the pane.
    pub close: String,
}

impl ChartPane {
    /// The pane of the grid of this id. All of the grid follows a choice: what leads on from there
    /// says it, too.
    pub(super) fn markup(&self, grid: &str) -> Markup {
        let target = format!("#{grid}");
        html! {
            aside.chart-pane aria-label=(tr!("Chart")) {
                form.chart-choices method="get" action=(self.action) hx-get=(self.action) hx-trigger="change, submit"
                    hx-target=(target) hx-select=(target) hx-swap="outerHTML" hx-push-url="true" {
                    @for (name, value) in &self.hidden { input type="hidden" name=(name) value=(value); }
                    (select("chart", &tr!("Group by"), &self.by))
                    (select("measure", &tr!("Show"), &self.measures))
                    noscript { button.btn.btn-sm type="submit" { (tr!("Apply")) } }
                }
                a.btn.btn-icon.btn-sm.btn-ghost.chart-close href=(self.close) aria-label=(tr!("Hide the chart")) title=(tr!("Hide the chart")) { (icon("x")) }
                div.chart-body data-live-refresh=(self.table) hx-get=(self.bars) hx-trigger="load, live-changed delay:1s"
                    hx-sync="this:replace" {
                    p.chart-note { (tr!("Drawing the chart …")) }
                }
            }
        }
    }
}

fn select(name: &str, label: &str, options: &[OptionGroup]) -> Markup {
    let id = format!("chart-by-{name}");
    html! {
        label for=(id) { (label) }
        select.form-select.form-select-sm id=(id) name=(name) { (option_groups(options)) }
    }
}

/// One group of rows.
#[derive(Debug, Clone, Default)]
pub struct ChartBar {
    /// What its rows have in common.
    pub label: String,
    /// How many they are, or what they come to.
    pub number: String,
    /// Both in words: `Web: 12 leads`.
    pub name: String,
    /// How long the bar is, in thousandths of the longest one; none where no bar is drawn.
    pub length: Option<u16>,
    /// Address of the list with only these rows.
    pub href: Option<String>,
}

/// The bars, drawn below each other by the server, as a list of links.
#[derive(Debug, Clone, Default)]
pub struct ChartBars {
    /// The bars.
    pub bars: Vec<ChartBar>,
    /// What they leave out, or why there are none.
    pub note: Option<String>,
}

impl ChartBars {
    /// No bars, but a sentence.
    pub fn said(sentence: String) -> Self {
        Self { bars: Vec::new(), note: Some(sentence) }
    }
}

impl Render for ChartBars {
    fn render(&self) -> Markup {
        html! {
            @if self.bars.is_empty() && self.note.is_none() { p.chart-note { (tr!("No rows to chart.")) } }
            @if !self.bars.is_empty() {
                ul.chart-bars {
                    @for bar in &self.bars {
                        li {
                            @match &bar.href {
                                Some(href) => a.chart-bar href=(href) title=(bar.label) { (face(bar)) },
                                None => div.chart-bar title=(bar.label) { (face(bar)) },
                            }
                        }
                    }
                }
            }
            @if let Some(note) = &self.note { p.chart-note { (note) } }
        }
    }
}

fn face(bar: &ChartBar) -> Markup {
    html! {
        span.visually-hidden { (bar.name) }
        span.chart-label aria-hidden="true" { (bar.label) }
        span.chart-number aria-hidden="true" { (bar.number) }
        @if let Some(length) = bar.length {
            svg viewBox={ "0 0 " (WHOLE) " 10" } preserveAspectRatio="none" aria-hidden="true" focusable="false" {
                rect x="0" y="0" height="10" width=(length) {}
            }
        }
    }
}
