//! One stage of a record's flow as the panel that it opens.

use std::sync::Arc;

use crm::{
    Row,
    process::{Journey, JourneyState, LeaveReason, StageState, StageView, StepView, Visit},
    reading::Names,
};
use language::{Language, tr};
use model::{Model, Reference, StepAction, Table};

use super::{
    commands,
    fields::Fields,
    process::duration,
    record::{error_list, is_closed},
    tables,
};
use crate::{
    components::{Action, Command, Field, NamedStep, StageMove, StagePanel, Stay, stage_panel::SCOPE},
    posted::Typed,
    session::Me,
    view::cells::Cells,
};

/// The record that a stage works on, as far as the person sees it.
pub(crate) struct Worked {
    pub table: Arc<Table>,
    pub row: Row,
    pub names: Names,
    /// Whether the person may change it.
    pub writes: bool,
}

/// What the panel is made of.
pub(crate) struct Opened<'a> {
    pub me: &'a Me,
    pub model: &'a Model,
    /// The record whose page it is opened on.
    pub record: &'a Reference,
    pub journey: &'a Journey,
    pub stage: &'a StageView,
    /// None where the record is not there yet, or hidden.
    pub worked: Option<&'a Worked>,
    pub visits: &'a (Vec<Visit>, Names),
    pub typed: Option<&'a Typed>,
    pub errors: &'a [(String, String)],
}

impl Opened<'_> {
    /// The panel.
    pub fn panel(&self) -> StagePanel {
        let href = self.model.table(&self.record.table).map(|table| tables::row_href(table, self.record.id));
        let fields = self.fields();
        let fills = self.is_open() && !fields.is_empty();
        let moves = self.moves(fills);
        let instead = self.instead();
        let id_of = |step: &StepView| {
            fields.iter().any(|field| field.name == step.column).then(|| format!("{SCOPE}-{}", step.column))
        };
        StagePanel {
            title: self.stage.label.clone(),
            text: self.said(),
            action: href.filter(|_| !moves.is_empty() || instead.is_some()).map(|href| format!("{href}/stage")),
            csrf: self.me.csrf.clone(),
            stage: self.stage.id.to_string(),
            version: self.version(),
            seen: Vec::new(),
            shares: (self.stage.record.as_ref() == Some(self.record)).then(|| "record-form".to_owned()),
            missing: self
                .stage
                .missing()
                .filter(|_| self.worked.is_some() && self.journey.is_active())
                .map(|step| (step.label.clone(), id_of(step)))
                .collect(),
            errors: self.error_list(&fields),
            named: if self.worked.is_some() { Vec::new() } else { self.named() },
            actions: self.stage.steps.iter().filter_map(|step| self.action(step)).collect(),
            elsewhere: self.elsewhere(),
            stays: self.stays(),
            fields,
            moves,
            instead,
        }
    }

    /// What was typed belongs to the version it came with.
    fn version(&self) -> Option<String> {
        let typed = self.typed.and_then(|typed| typed.get("version")).map(str::to_owned);
        let stored = || self.worked?.row.value("versionnumber").as_whole().map(|version| version.to_string());
        typed.or_else(stored)
    }

    fn writes(&self) -> bool {
        self.worked.is_some_and(|worked| worked.writes)
    }

    fn is_open(&self) -> bool {
        self.writes() && self.worked.is_some_and(|worked| !is_closed(&worked.table, &worked.row))
    }

    fn fields(&self) -> Vec<Field> {
        let Some(worked) = self.worked else { return Vec::new() };
        let fields = Fields {
            me: self.me,
            model: self.model,
            table: &worked.table,
            names: &worked.names,
            row: &worked.row,
            typed: self.typed,
            new: false,
            closed: !self.is_open(),
            scope: SCOPE,
            errors: self.errors,
            parties: None,
        };
        let steps = self.stage.steps.iter().filter_map(|step| {
            let mut field = fields.field(&step.column)?;
            field.label.clone_from(&step.label);
            Some(if step.required { field.required() } else { field }.full())
        });
        steps.collect()
    }

    fn error_list(&self, fields: &[Field]) -> Vec<crate::components::FieldError> {
        let table = self.worked.map(|worked| &worked.table).or_else(|| self.model.table(&self.stage.table));
        let Some(table) = table else { return Vec::new() };
        let shown = |column: &str| fields.iter().any(|field| field.name == column);
        let mut errors = error_list(table, self.errors, SCOPE, shown);
        for error in &mut errors {
            // Steps are called here as the flow calls them.
            let field = fields.iter().find(|field| error.field.as_deref() == Some(&field.id()));
            if let Some(field) = field {
                error.label.clone_from(&field.label);
            }
        }
        errors
    }

    fn named(&self) -> Vec<NamedStep> {
        let columns = self.stage.steps.iter().filter(|step| step.action.is_none());
        columns.map(|step| NamedStep { label: step.label.clone(), required: step.required, done: step.done }).collect()
    }

    /// Saves the steps first, then moves.
    fn moves(&self, fills: bool) -> Vec<StageMove> {
        let step = |label: String, value: &str| StageMove { label, value: value.to_owned(), primary: false };
        let mut moves = Vec::new();
        let is_led = self.journey.is_active() && self.journey.is_for_caller;
        let active = self.stage.state == StageState::Active;
        if is_led && active && self.may_move() && self.journey.previous.is_some() {
            moves.push(step(tr!("Back"), "back"));
        }
        if fills {
            moves.push(step(tr!("Save"), "save"));
        }
        match (active, self.journey.next) {
            // A deal that was won can still be brought to the end of its flow.
            (true, None) if is_led && self.writes() => moves.push(step(tr!("Finish"), "finish")),
            _ if !is_led || !self.may_move() || self.instead().is_some() => {}
            (true, _) => moves.push(step(tr!("Next stage"), "next")),
            (false, _) => moves.push(step(tr!("Set active"), "active")),
        }
        if let Some(last) = moves.last_mut() {
            last.primary = self.instead().is_none();
        }
        moves
    }

    /// The person may change this stage's record, and it is open, or the one at the other end is.
    fn may_move(&self) -> bool {
        if !self.writes() {
            return false;
        }
        let here = self.journey.current().filter(|_| self.stage.state != StageState::Active);
        self.is_open() || here.is_some_and(|here| here.record != self.stage.record) || self.leads_elsewhere()
    }

    /// From a closed record the flow goes on where the next stage works on another one.
    fn leads_elsewhere(&self) -> bool {
        let next = self.journey.next.and_then(|next| self.journey.stage(next));
        next.is_some_and(|next| next.table != self.stage.table && next.record.is_some())
    }

    /// A lead moves on by being qualified.
    fn instead(&self) -> Option<Command> {
        let next = self.journey.stage(self.journey.next?)?;
        let by_qualifying = self.stage.state == StageState::Active
            && self.stage.table == "lead"
            && next.table == "opportunity"
            && next.record.is_none()
            && self.is_open();
        by_qualifying.then(|| self.command(StepAction::Qualify, &tr!("Qualify")).map(Command::primary)).flatten()
    }

    fn action(&self, step: &StepView) -> Option<Command> {
        self.worked.filter(|_| self.is_open())?;
        self.command(step.action?, &step.label)
    }

    fn command(&self, action: StepAction, label: &str) -> Option<Command> {
        let worked = self.worked?;
        let record = self.stage.record.as_ref()?;
        let href = tables::row_href(&worked.table, record.id);
        let dialog = |icon: &str, href: String| Some(Command::new(label, icon, Action::Dialog(href)));
        match (action, action.activity()) {
            (StepAction::Qualify, _) => dialog("circle-check", format!("{href}/qualification")),
            (StepAction::CloseAsWon, _) => dialog("trophy", format!("{href}/closure?outcome=won")),
            (StepAction::CloseAsLost, _) => dialog("circle-x", format!("{href}/closure?outcome=lost")),
            // Where notes are written.
            (StepAction::AddNote, _) => {
                Some(Command::new(label, "notes", Action::Link(format!("{href}#timeline-heading"))))
            }
            (_, Some(activity)) => {
                let kind = self.model.table(activity).filter(|kind| commands::may_create(self.me, self.model, kind))?;
                let about = format!("regardingobjectid={}:{}", record.table, record.id);
                dialog(&kind.icon, format!("/{}/quick-create?{about}", kind.set_name))
            }
            (_, None) => None,
        }
    }

    fn elsewhere(&self) -> Option<Command> {
        let other = self.stage.record.as_ref().filter(|other| *other != self.record)?;
        let href = self.worked.and_then(|_| tables::reference_href(self.model, &self.me.caller, other))?;
        let label = Language::within_sentence(&self.model.table(&other.table)?.label);
        Some(Command::new(tr!("Open the {}", label), "external-link", Action::Link(href)))
    }

    fn said(&self) -> String {
        let spent = duration(self.stage.spent);
        let table = self.model.table(&self.stage.table);
        let table = table.map(|table| Language::within_sentence(&table.label)).unwrap_or_default();
        match (self.stage.state, self.journey.is_active()) {
            _ if self.journey.state == JourneyState::Switched => tr!("The record follows another flow now."),
            (_, false) if self.stage.visited => tr!("This flow has ended; {} were spent here.", spent),
            (_, false) => tr!("This flow has ended."),
            (StageState::Active, _) => tr!("The active stage, for {}.", spent),
            (StageState::Done, _) => tr!("Gone through; {} were spent here.", spent),
            (StageState::Ahead, _) if self.stage.record.is_none() => {
                tr!("Still to come. It works on the {}, which is not there yet.", table)
            }
            (StageState::Ahead, _) if self.stage.visited => tr!("Ahead again; {} were spent here before.", spent),
            (StageState::Ahead, _) => tr!("Still to come."),
        }
    }

    fn stays(&self) -> Vec<Stay> {
        let (visits, names) = self.visits;
        let cells = Cells { me: self.me, model: self.model, names };
        let name = |person: Option<&Reference>| person.map(|person| cells.person(person.id));
        let stay = |visit: &Visit| Stay { entered: cells.moment(visit.entered), text: told(visit, name) };
        visits.iter().map(stay).collect()
    }
}

/// How long a stay lasted, and how and by whom it was ended.
fn told(visit: &Visit, name: impl Fn(Option<&Reference>) -> Option<String>) -> String {
    let Some(spent) = visit.spent else {
        return match name(visit.entered_by.as_ref()) {
            Some(person) => tr!("since then, moved here by {}", person),
            None => tr!("since then"),
        };
    };
    let spent = duration(spent);
    let told = match visit.reason {
        Some(LeaveReason::Next) => tr!("{}, then moved on", spent),
        Some(LeaveReason::Earlier) => tr!("{}, then moved back", spent),
        Some(LeaveReason::Finished) => tr!("{}, then finished", spent),
        Some(LeaveReason::Abandoned) => tr!("{}, then abandoned", spent),
        Some(LeaveReason::Switched) => tr!("{}, then switched to another flow", spent),
        Some(LeaveReason::Transferred) => tr!("{}, then moved to a new version of the flow", spent),
        None => spent,
    };
    match name(visit.left_by.as_ref()) {
        Some(person) => tr!("{} by {}", told, person),
        None => told,
    }
}
