//! A record's flow as the bar above its form.

use crm::process::{Journey, StageState as State, StageView};
use jiff::SignedDuration;
use model::Table;
use uuid::Uuid;

use crate::{
    components::{ProcessBar, ProcessStage, StageState},
    session::Me,
};

/// The bar.
pub(crate) fn bar(_me: &Me, table: &Table, id: Uuid, journey: &Journey) -> Option<ProcessBar> {
    if journey.stages.is_empty() {
        return None;
    }
    let spent: SignedDuration = journey.stages.iter().map(|stage| stage.spent).sum();
    let note = match (journey.active, journey.finished) {
        (true, _) => format!("Active for {}", duration(spent)),
        (false, true) => format!("Completed in {}", duration(spent)),
        (false, false) => "Abandoned".to_owned(),
    };
    let stage = |stage: &StageView| ProcessStage {
        name: stage.label.clone(),
        state: match stage.state {
            State::Done => StageState::Done,
            State::Active => StageState::Active,
            State::Ahead => StageState::Ahead,
        },
        note: (stage.spent >= SignedDuration::from_mins(1)).then(|| duration(stage.spent)),
        href: Some(format!("/{}/{id}/stages/{}", table.set_name, stage.id)),
    };
    Some(ProcessBar { name: journey.label.clone(), note, stages: journey.stages.iter().map(stage).collect() })
}

/// A span of time in its largest fitting unit.
pub(crate) fn duration(span: SignedDuration) -> String {
    let counted = |count: i64, unit: &str| if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") };
    let minutes = span.as_mins();
    match minutes {
        ..1 => "less than a minute".to_owned(),
        1..60 => counted(minutes, "minute"),
        60..1440 => counted(minutes / 60, "hour"),
        _ => counted(minutes / 1440, "day"),
    }
}
