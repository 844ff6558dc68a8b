//! The figures, as a table for people and as JSON.

use std::fmt::Write;

use serde::Serialize;

use crate::{
    aims::{self, Verdict},
    measure::{CLIENTS, Measured},
};

/// Everything measured.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    pub engine: String,
    pub cores: usize,
    pub sizes: Vec<Sized>,
}

/// What was measured on an organisation of one size.
#[derive(Debug, Serialize)]
pub(crate) struct Sized {
    pub leads: u32,
    /// Bytes of the database file, where it is one.
    pub file_bytes: Option<u64>,
    pub cases: Vec<Case>,
    pub figures: Vec<Figure>,
}

/// One thing done over and over.
#[derive(Debug, Serialize)]
pub(crate) struct Case {
    pub name: String,
    pub ours: Measured,
    /// The same statement without us.
    pub raw: Option<Measured>,
}

/// A single number.
#[derive(Debug, Serialize)]
pub(crate) struct Figure {
    pub name: String,
    pub value: f64,
}

impl Case {
    pub(crate) fn beside(name: &str, ours: Measured, raw: Option<Measured>) -> Self {
        Self { name: name.to_owned(), ours, raw }
    }

    /// How many times the raw statement's median time one client of ours waits.
    pub(crate) fn ratio_alone(&self) -> Option<f64> {
        self.raw.map(|raw| self.ours.alone.p50 / raw.alone.p50)
    }

    /// How many times the work of ours the raw statement does with 16 clients.
    fn ratio_together(&self) -> Option<f64> {
        self.raw.map(|raw| raw.per_second / self.ours.per_second)
    }
}

impl Figure {
    pub(crate) fn new(name: &str, value: f64) -> Self {
        Self { name: name.to_owned(), value }
    }
}

impl Report {
    /// For people.
    pub(crate) fn table(&self) -> String {
        let mut text = String::new();
        let mut verdicts = Vec::new();
        for size in &self.sizes {
            put_size(&mut text, &self.engine, self.cores, size, &mut verdicts);
        }
        if let [small, large] = self.sizes.as_slice() {
            put_growth(&mut text, small, large, &mut verdicts);
        }
        let met = verdicts.iter().filter(|met| **met).count();
        line(&mut text, format_args!("\n{met} of {} aims met, {} missed.", verdicts.len(), verdicts.len() - met));
        text
    }
}

fn put_size(text: &mut String, engine: &str, cores: usize, size: &Sized, verdicts: &mut Vec<bool>) {
    let file = size.file_bytes.map(|bytes| format!(", a file of {:.1} GB", bytes as f64 / 1e9)).unwrap_or_default();
    line(
        text,
        format_args!(
            "\n{} leads on {engine}{file}; {cores} cores. Times in µs, × is ours to raw (below 1: faster than raw).\n",
            size.leads
        ),
    );
    let clients = format!("{CLIENTS} clients/s");
    line(
        text,
        format_args!(
            "{:<45}{:>9}{:>9}{:>9}{:>14}{:>9}{:>10}{:>7}{:>12}{:>7}  aim",
            "", "p50", "p90", "p99", clients, "p99", "raw p50", "×", "raw /s", "×"
        ),
    );
    for case in &size.cases {
        let Measured { alone, together, per_second, .. } = case.ours;
        let raw = case.raw;
        line(
            text,
            format_args!(
                "{:<45}{:>9.0}{:>9.0}{:>9.0}{per_second:>14.0}{:>9.0}{:>10}{:>7}{:>12}{:>7}  {}",
                case.name,
                alone.p50,
                alone.p90,
                alone.p99,
                together.p99,
                shown(raw.map(|raw| raw.alone.p50), 0),
                shown(case.ratio_alone(), 2),
                shown(raw.map(|raw| raw.per_second), 0),
                shown(case.ratio_together(), 2),
                judged(aims::of_case(case), verdicts)
            ),
        );
    }
    line(text, format_args!(""));
    for figure in &size.figures {
        line(
            text,
            format_args!("{:<45}{:>9.0}  {}", figure.name, figure.value, judged(aims::of_figure(figure), verdicts)),
        );
    }
}

fn put_growth(text: &mut String, small: &Sized, large: &Sized, verdicts: &mut Vec<bool>) {
    line(text, format_args!("\nAt ten times the data, how many times as much:\n"));
    line(text, format_args!("{:<45}{:>9}{:>9}{:>9}  aim", "", "median", "answer", "raw"));
    for case in &large.cases {
        let Some(before) = small.cases.iter().find(|before| before.name == case.name) else { continue };
        let growth = case.ours.alone.p50 / before.ours.alone.p50;
        let answer = case.ours.answer / before.ours.answer;
        let raw = case.raw.zip(before.raw).map(|(raw, before)| raw.alone.p50 / before.alone.p50);
        line(
            text,
            format_args!(
                "{:<45}{growth:>9.2}{answer:>9.2}{:>9}  {}",
                case.name,
                shown(raw, 2),
                judged(Some(aims::of_growth(growth)), verdicts)
            ),
        );
    }
}

fn judged(verdict: Option<Verdict>, verdicts: &mut Vec<bool>) -> String {
    let Some((aim, met)) = verdict else { return String::new() };
    verdicts.push(met);
    format!("{aim} {}", if met { "met" } else { "missed" })
}

fn shown(number: Option<f64>, places: usize) -> String {
    number.map_or_else(|| "-".to_owned(), |number| format!("{number:.places$}"))
}

fn line(text: &mut String, content: std::fmt::Arguments<'_>) {
    // Writing to a text cannot fail.
    let _ = writeln!(text, "{content}");
}
