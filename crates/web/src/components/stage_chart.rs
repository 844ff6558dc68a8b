//! A flow as bars: how many came into each stage, and how many of them went on.

use maud::{Markup, Render, html};

/// One stage as a bar.
#[derive(Debug, Clone, Default)]
pub struct StageBar {
    /// The stage's name.
    pub label: String,
    /// How many came.
    pub value: u64,
    /// How many of them went on.
    pub part: u64,
    /// Words at the end of the bar, such as `48, 60 % moved on`.
    pub text: String,
}

/// Bars below each other, drawn as a picture by the server. The same numbers stand in a table
/// beside it, so the picture is described shortly.
#[derive(Debug, Clone, Default)]
pub struct StageChart {
    /// What it shows, in a sentence.
    pub description: String,
    /// What the full bar means.
    pub whole: String,
    /// What the darker part of it means.
    pub part: String,
    /// The bars.
    pub bars: Vec<StageBar>,
}

impl Render for StageChart {
    fn render(&self) -> Markup {
        let most = self.bars.iter().map(|bar| bar.value).max().unwrap_or_default().max(1);
        html! {
            figure.stage-chart {
                div role="img" aria-label=(self.description) {
                    @for bar in &self.bars {
                        div.stage-chart-row {
                            span.stage-chart-label { (bar.label) }
                            svg viewBox="0 0 1000 20" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
                                rect.is-whole x="0" y="0" height="20" width=(width(bar.value, most)) {}
                                rect.is-part x="0" y="0" height="20" width=(width(bar.part, most)) {}
                            }
                            span.stage-chart-text { (bar.text) }
                        }
                    }
                }
                figcaption {
                    span.stage-chart-key { i.is-part {} (self.part) }
                    span.stage-chart-key { i.is-whole {} (self.whole) }
                }
            }
        }
    }
}

/// In thousandths of the widest bar.
fn width(value: u64, most: u64) -> u64 {
    value.saturating_mul(1000) / most
}
