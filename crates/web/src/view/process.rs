//! A record's flow as the bar above its form.

use crm::process::{Journey, JourneyState, StageState as State, StageView};
use jiff::SignedDuration;
use language::tr;
use model::{Model, Table};
use uuid::Uuid;

use crate::{
    components::{Action, Command, ProcessBar, ProcessStage, StageState},
    session::Me,
};

/// What the bar is made of.
pub(crate) struct Bar<'a> {
    pub me: &'a Me,
    pub model: &'a Model,
    pub table: &'a Table,
    pub id: Uuid,
    pub journey: &'a Journey,
    /// Whether the person may change the record.
    pub writes: bool,
}

impl Bar<'_> {
    /// The bar; none for a flow without stages.
    pub fn bar(&self) -> Option<ProcessBar> {
        let journey = self.journey;
        if journey.stages.is_empty() {
            return None;
        }
        Some(ProcessBar {
            name: journey.label.clone(),
            note: note(journey),
            stages: journey.stages.iter().map(|stage| self.stage(stage)).collect(),
            commands: self.commands(),
            more: self.more(),
            pinned: journey.current().filter(|_| self.me.browser.stage_pinned).map(|stage| self.panel(stage)),
        })
    }

    fn stage(&self, stage: &StageView) -> ProcessStage {
        ProcessStage {
            name: stage.label.clone(),
            state: match stage.state {
                State::Done if self.stopped_at() == Some(stage.id) => StageState::Stopped,
                State::Done => StageState::Done,
                State::Active => StageState::Active,
                State::Ahead => StageState::Ahead,
            },
            note: stage.visited.then(|| duration(stage.spent)),
            href: Some(self.panel(stage)),
        }
    }

    /// Where the flow stood when it was abandoned.
    fn stopped_at(&self) -> Option<Uuid> {
        let current = self.journey.current().filter(|_| self.journey.state == JourneyState::Abandoned);
        current.map(|stage| stage.id)
    }

    fn panel(&self, stage: &StageView) -> String {
        format!("/{}/{}/stages/{}", self.table.set_name, self.id, stage.id)
    }

    fn moves(&self) -> bool {
        self.writes && self.journey.is_for_caller
    }

    fn commands(&self) -> Vec<Command> {
        let ended = matches!(self.journey.state, JourneyState::Finished | JourneyState::Abandoned);
        let reactivate = self.post(&tr!("Reactivate flow"), "arrow-back-up", "reactivate");
        if ended && self.moves() { vec![reactivate] } else { Vec::new() }
    }

    fn more(&self) -> Vec<Command> {
        let mut more = Vec::new();
        let is_other = |other: &model::Process| {
            other.active && other.id != self.journey.process && other.works_on(&self.table.name)
        };
        if self.writes && self.model.processes.iter().any(|other| is_other(other)) {
            let href = format!("/{}/{}/process", self.table.set_name, self.id);
            more.push(Command::new(tr!("Switch flow"), "switch-horizontal", Action::Dialog(href)));
        }
        if self.moves() && self.journey.is_active() {
            more.push(self.post(&tr!("Abandon flow"), "ban", "abandon"));
        }
        let statistics = format!("/process-flows/{}", self.journey.name);
        more.push(Command::new(tr!("Stage statistics"), "chart-bar", Action::Link(statistics)));
        more
    }

    fn post(&self, label: &str, icon: &str, step: &str) -> Command {
        let href = format!("/{}/{}/process?move={step}", self.table.set_name, self.id);
        Command::new(label, icon, Action::Post { href, confirm: None })
    }
}

fn note(journey: &Journey) -> String {
    let spent: SignedDuration = journey.stages.iter().map(|stage| stage.spent).sum();
    match journey.state {
        JourneyState::Active => tr!("Active for {}", duration(spent)),
        JourneyState::Finished => tr!("Completed in {}", duration(spent)),
        JourneyState::Abandoned => tr!("Abandoned"),
        JourneyState::Switched => tr!("Switched to another flow"),
    }
}

/// A span of time in its largest fitting unit.
pub(crate) fn duration(span: SignedDuration) -> String {
    let minutes = span.as_mins();
    match minutes {
        ..1 => tr!("under a minute"),
        1..60 => tr!("1 minute" | "{n} minutes" % minutes.unsigned_abs()),
        60..1440 => tr!("1 hour" | "{n} hours" % (minutes / 60).unsigned_abs()),
        _ => tr!("1 day" | "{n} days" % (minutes / 1440).unsigned_abs()),
    }
}
