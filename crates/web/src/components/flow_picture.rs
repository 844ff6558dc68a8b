//! A process flow as boxes with the ways between them: drawn for the eye, told in a list for the ear.

use language::tr;
use maud::{Markup, Render, html};

/// Where the column of boxes begins; the ways around stages run left of it.
const LEFT: usize = 56;
/// How far stages that are not always taken stand to the right.
const INDENT: usize = 26;
const WIDTH: usize = 218;
const HEIGHT: usize = 50;
/// Room between two boxes, in which the condition of the lower one stands.
const GAP: usize = 40;
/// Letters that fit.
const LETTERS: usize = 28;

/// One stage.
#[derive(Debug, Clone, Default)]
pub struct PictureStage {
    /// Its label.
    pub label: String,
    /// Phase and table, such as `Develop · Opportunity`.
    pub note: String,
    /// The condition under which it is taken, in words; none where it always is.
    pub condition: Option<String>,
    /// Whether something in it is wrong.
    pub wrong: bool,
}

/// The stages of a flow, in order.
#[derive(Debug, Clone, Default)]
pub struct FlowPicture {
    /// What the flow is called.
    pub label: String,
    /// Its stages.
    pub stages: Vec<PictureStage>,
}

impl FlowPicture {
    /// Where a flow can go on after the stage at `from`: over stages with a condition up to the first
    /// without. One beyond the last stage is its end.
    fn ways(&self, from: usize) -> Vec<usize> {
        let mut ways = Vec::new();
        for to in from + 1..=self.stages.len() {
            ways.push(to);
            if self.stages.get(to).is_none_or(|stage| stage.condition.is_none()) {
                break;
            }
        }
        ways
    }

    fn left(&self, at: usize) -> usize {
        let branch = self.stages.get(at).is_some_and(|stage| stage.condition.is_some());
        if branch { LEFT + INDENT } else { LEFT }
    }

    fn top(at: usize) -> usize {
        8 + at * (HEIGHT + GAP)
    }

    fn arrows(&self) -> Markup {
        let middle = LEFT + INDENT / 2 + WIDTH / 2;
        html! {
            @for from in 0..self.stages.len() {
                @for to in self.ways(from) {
                    @if to == from + 1 {
                        path.flow-way d={ "M" (middle) " " (Self::top(from) + HEIGHT) "V" (Self::top(to) - 7) } {}
                        path.flow-tip d={ "M" (middle - 5) " " (Self::top(to) - 8) "h10l-5 7z" } {}
                    } @else { (self.around(from, to)) }
                }
            }
        }
    }

    /// A way that leaves stages out: out of the left side of one box and into that of another, the
    /// further out the more it leaves out.
    fn around(&self, from: usize, to: usize) -> Markup {
        let lane = LEFT.saturating_sub(10 + 12 * (to - from - 1).min(3));
        let (start, end) =
            (Self::top(from) + HEIGHT / 2, Self::top(to) + if to == self.stages.len() { 14 } else { HEIGHT / 2 });
        let into = if to == self.stages.len() { LEFT + INDENT / 2 + WIDTH / 2 - 24 } else { self.left(to) };
        html! {
            path.flow-way.is-around d={ "M" (self.left(from)) " " (start) "H" (lane + 8) "q-8 0 -8 8V" (end - 8) "q0 8 8 8H" (into - 7) } {}
            path.flow-tip d={ "M" (into - 8) " " (end - 5) "v10l7 -5z" } {}
        }
    }

    fn box_of(&self, at: usize, stage: &PictureStage) -> Markup {
        let (left, top) = (self.left(at), Self::top(at));
        html! {
            rect.flow-box .is-branch[stage.condition.is_some()] .is-wrong[stage.wrong] x=(left) y=(top) width=(WIDTH) height=(HEIGHT) rx="8" {}
            text.flow-name x=(left + 14) y=(top + 21) { (at + 1) ". " (short(&stage.label, LETTERS)) }
            text.flow-note x=(left + 14) y=(top + 38) { (short(&stage.note, LETTERS + 6)) }
            @if let Some(condition) = &stage.condition {
                text.flow-condition x=(LEFT + INDENT / 2 + WIDTH / 2 + 10) y=(top - 16) { (tr!("if {}", short(condition, 17))) title { (condition) } }
            }
        }
    }

    /// Each stage with what follows, in words.
    fn told(&self) -> Markup {
        let end = tr!("the end of the flow");
        let way = |(place, to): (usize, usize)| {
            let stage = self.stages.get(to);
            let name = stage.map_or(end.as_str(), |stage| stage.label.as_str());
            let name = match stage.and_then(|stage| stage.condition.as_ref()) {
                Some(condition) => tr!("{} if {}", name, condition),
                None => name.to_owned(),
            };
            if place == 0 { tr!("Goes on to {}", name) } else { tr!("otherwise to {}", name) }
        };
        html! {
            ol.visually-hidden aria-label=(tr!("Stages of {}", self.label)) {
                @for (at, stage) in self.stages.iter().enumerate() {
                    li {
                        (stage.label) ", " (stage.note) ". "
                        @if stage.wrong { (tr!("Something in it is wrong.")) " " }
                        (self.ways(at).into_iter().enumerate().map(way).collect::<Vec<_>>().join("; ")) "."
                    }
                }
            }
        }
    }
}

impl Render for FlowPicture {
    fn render(&self) -> Markup {
        let height = Self::top(self.stages.len()) + 36;
        let width = LEFT + INDENT + WIDTH + 8;
        let end = LEFT + INDENT / 2 + WIDTH / 2;
        html! {
            div.flow-picture {
                svg viewBox={ "0 0 " (width) " " (height) } width=(width) height=(height) aria-hidden="true" focusable="false" {
                    (self.arrows())
                    @for (at, stage) in self.stages.iter().enumerate() { (self.box_of(at, stage)) }
                    rect.flow-end x=(end - 24) y=(Self::top(self.stages.len())) width="48" height="28" rx="14" {}
                    text.flow-note.is-middle x=(end) y=(Self::top(self.stages.len()) + 18) { (tr!("End")) }
                }
                (self.told())
            }
        }
    }
}

fn short(text: &str, letters: usize) -> String {
    if text.chars().count() <= letters {
        return text.to_owned();
    }
    text.chars().take(letters.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stage(label: &str, condition: Option<&str>) -> PictureStage {
        PictureStage { label: label.to_owned(), condition: condition.map(str::to_owned), ..PictureStage::default() }
    }

    #[test]
    fn a_flow_goes_on_over_its_branches_to_where_they_merge() {
        let stages = vec![stage("A", None), stage("B", Some("x")), stage("C", Some("y")), stage("D", None)];
        let picture = FlowPicture { label: "Flow".to_owned(), stages };
        assert_eq!(picture.ways(0), [1, 2, 3]);
        assert_eq!(picture.ways(2), [3]);
        assert_eq!(picture.ways(3), [4], "the end");
        let told = picture.render().into_string();
        assert!(told.contains("Goes on to B if x; otherwise to C if y; otherwise to D."), "{told}");
    }
}
