//! An entry of a timeline as it is shown, with what can be done with it.

use crm::{
    Row,
    access::Privilege,
    process::FlowChange,
    reading::Names,
    timeline::{Entry, Event, Item, Part, What, parts},
};
use jiff::Timestamp;
use language::{Language, tr};
use maud::html;
use model::{Reference, Table, Value};
use uuid::Uuid;

use super::{View, activity};
use crate::{
    components::{
        Moment, Tone,
        fields::StoredFile,
        timeline::{EntryAct, EntryAction, TimelineEntry, TimelineReply, TimelineText},
    },
    view::{
        cells::{Cells, plain_text},
        commands,
        fields::size_in_words,
        rich_text, tables,
    },
};

/// Where an entry stands: the same one may stand in two places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Block {
    Pinned,
    ToDo,
    Past,
}

impl Block {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pinned => "pinned",
            Self::ToDo => "todo",
            Self::Past => "past",
        }
    }

    pub fn named(name: &str) -> Self {
        [Self::Pinned, Self::ToDo].into_iter().find(|block| block.name() == name).unwrap_or(Self::Past)
    }
}

/// How entries are shown in one place of a timeline.
pub(crate) struct Shown<'a> {
    pub view: &'a View<'a>,
    pub names: &'a Names,
    pub block: Block,
    /// When the reader was here before.
    pub visited: Option<Timestamp>,
    /// What is pinned.
    pub pinned: &'a [Uuid],
}

impl Shown<'_> {
    pub fn entry(&self, entry: &Entry) -> TimelineEntry {
        let mut shown = match &entry.item {
            Item::Activity(row) => activity::entry(self, row),
            Item::Note(row) => self.note(row),
            Item::Post { row, replies } => self.post(row, replies),
            Item::Event(event) => self.event(event),
        };
        if shown.when.text.is_empty() {
            shown.when = self.when(entry.moment);
        }
        if let Some(of) = entry.item.reference() {
            shown.id = format!("{}-{}", self.block.name(), of.id);
            shown.row = format!("{}:{}", of.table, of.id);
            shown.is_new = self.is_new(entry);
            shown.about = entry.item.about().and_then(|about| self.about(about));
            self.add_pin(&of, &mut shown);
        }
        shown
    }

    pub fn cells(&self) -> Cells<'_> {
        Cells { me: self.view.me, model: self.view.model, names: self.names }
    }

    /// The address of an entry, with what follows.
    pub fn item_href(&self, of: &Reference, rest: &str) -> String {
        self.view.href(&format!("/{}/{}{rest}", of.table, of.id))
    }

    /// The time of day under the heading of its day; day and time where there is none.
    fn when(&self, moment: Timestamp) -> Moment {
        let style = &self.view.me.style;
        let text = if self.block == Block::Past { style.time(moment) } else { style.date_time(moment) };
        Moment { iso: moment.to_string(), text, title: Some(style.date_time(moment)) }
    }

    /// What others did since the reader was here before.
    fn is_new(&self, entry: &Entry) -> bool {
        let Some(visited) = self.visited else { return false };
        let by = entry.item.row().and_then(|row| row.value("modifiedby").as_id());
        entry.changed() > visited && by != Some(self.view.me.caller.user)
    }

    /// The record it is about, where that is another one than the page's.
    fn about(&self, about: &Reference) -> Option<(String, Option<String>, String)> {
        if about.id == self.view.id {
            return None;
        }
        let View { me, model, .. } = self.view;
        let name = self.names.get(about).filter(|name| !name.is_empty())?.to_owned();
        Some((name, tables::reference_href(model, &me.caller, about), tables::icon_of(model, &about.table)))
    }

    fn add_pin(&self, of: &Reference, shown: &mut TimelineEntry) {
        let pins = self.view.model.table("msdyn_timelinepin");
        let fits = |lookup: &str, table: &str| {
            let column = pins.and_then(|pins| pins.column(lookup));
            column.is_some_and(|column| column.targets().iter().any(|target| target == table))
        };
        if !self.view.may_add || !fits("objectid", &of.table) || !fits("regardingobjectid", &self.view.table.name) {
            return;
        }
        let is_pinned = self.pinned.contains(&of.id);
        let (label, icon) = if is_pinned { (tr!("Unpin"), "pin") } else { (tr!("Pin to the top"), "pin") };
        let href = self.item_href(of, &format!("/pin?pinned={}", !is_pinned));
        let place = shown.actions.iter().position(|action| matches!(action.act, EntryAct::Destroy(_)));
        shown.actions.insert(place.unwrap_or(shown.actions.len()), EntryAction::new(label, icon, EntryAct::Post(href)));
    }

    /// What everybody's rows of a table allow; single rows may still be refused, which is told.
    pub fn may(&self, table: &Table, privilege: Privilege) -> bool {
        self.view.me.caller.may_anywhere(self.view.model, table, privilege)
    }

    /// The form for changing it stands in its place.
    pub fn edit(&self, of: &Reference) -> EntryAction {
        EntryAction::new(
            tr!("Edit"),
            "pencil",
            EntryAct::Form(self.item_href(of, &format!("/edit?in={}", self.block.name()))),
        )
    }

    fn note(&self, row: &Row) -> TimelineEntry {
        let file = row.text("filename");
        let title = [row.text("subject"), file].into_iter().find(|title| !title.is_empty());
        let words = plain_text(row.text("notetext"));
        let mut actions = Vec::new();
        let id = row.value("annotationid").as_id().unwrap_or_default();
        let of = Reference::new("annotation", id);
        if let Some(table) = self.view.model.table("annotation") {
            if self.may(table, Privilege::Write) {
                actions.push(self.edit(&of));
            }
            actions.push(EntryAction::new(
                tr!("verb" => "Open"),
                "external-link",
                EntryAct::Link(tables::row_href(table, id)),
            ));
            if self.may(table, Privilege::Delete) {
                let href = self.item_href(&of, "/deletion");
                actions.push(EntryAction::new(tr!("Delete"), "trash", EntryAct::Destroy(href)));
            }
        }
        let has_file = !file.is_empty() && row.has("documentbody");
        let href = format!("/files/annotations/{id}/documentbody");
        let is_picture = ["image/png", "image/jpeg", "image/gif", "image/webp"].contains(&row.text("mimetype"));
        TimelineEntry {
            icon: if file.is_empty() { "notes" } else { "paperclip" }.to_owned(),
            tone: Tone::Yellow,
            kind: tr!("Note"),
            title: title.map_or_else(|| tr!("Note"), str::to_owned),
            href: Some(tables::href_of(self.view.model, "annotation", id)),
            who: self.person(row.value("createdby")),
            text: if words.is_empty() {
                TimelineText::None
            } else {
                TimelineText::Formatted { html: rich_text::shown(row.text("notetext")), words }
            },
            picture: (has_file && is_picture).then(|| (href.clone(), tr!("Picture: {}", file))),
            file: has_file.then(|| StoredFile {
                name: file.to_owned(),
                size: row.value("filesize").as_whole().map(size_in_words).unwrap_or_default(),
                href,
            }),
            actions,
            ..TimelineEntry::default()
        }
    }

    fn post(&self, row: &Row, replies: &[Row]) -> TimelineEntry {
        let of = Reference::new("post", row.value("postid").as_id().unwrap_or_default());
        let mut actions = Vec::new();
        let mine = |row: &Row| {
            self.view.me.caller.administrator || row.value("createdby").as_id() == Some(self.view.me.caller.user)
        };
        if mine(row) {
            actions.push(self.edit(&of));
            actions.push(EntryAction::new(tr!("Delete"), "trash", EntryAct::Destroy(self.item_href(&of, "/deletion"))));
        }
        let reply = |reply: &Row| TimelineReply {
            who: self.person(reply.value("createdby")),
            when: reply.value("createdon").as_date_time().map(|moment| self.cells().moment(moment)).unwrap_or_default(),
            text: self.mentioning(reply.text("text")),
            deletion: reply
                .value("postcommentid")
                .as_id()
                .filter(|_| mine(reply))
                .map(|id| self.item_href(&Reference::new("postcomment", id), "/deletion")),
        };
        let author = self.person(row.value("createdby"));
        TimelineEntry {
            icon: "message".to_owned(),
            tone: Tone::Pink,
            kind: tr!("Post"),
            title: author,
            text: self.mentioning(row.text("text")),
            replies: replies.iter().map(reply).collect(),
            first: self.view.may_add.then(|| {
                let href = self.item_href(&of, "/replies");
                EntryAction::new(tr!("verb" => "Reply"), "message-reply", EntryAct::Below(href))
            }),
            actions,
            ..TimelineEntry::default()
        }
    }

    /// A post's text with links to whom and what it mentions.
    fn mentioning(&self, text: &str) -> TimelineText {
        let View { me, model, .. } = self.view;
        let parts = parts(model, text);
        let words = crm::timeline::as_typed(model, text);
        let html = html! {
            @for part in &parts {
                @match part {
                    Part::Text(text) => (text),
                    Part::Mention(mention) => {
                        @let sign = if mention.of.table == "systemuser" { "@" } else { "#" };
                        @match tables::reference_href(model, &me.caller, &mention.of) {
                            Some(href) => a.timeline-mention href=(href) { (sign) (mention.name) },
                            None => span.timeline-mention { (sign) (mention.name) },
                        }
                    },
                }
            }
        };
        TimelineText::Formatted { html, words }
    }

    fn event(&self, event: &Event) -> TimelineEntry {
        let (icon, tone, title) = self.event_in_words(&event.what);
        TimelineEntry {
            id: format!("event-{}-{icon}", event.at.as_millisecond()),
            icon: icon.to_owned(),
            tone,
            title,
            text: self.records(&event.with),
            who: self.cells().person(event.by),
            ..TimelineEntry::default()
        }
    }

    /// Records by kind and name, each leading there.
    fn records(&self, records: &[Reference]) -> TimelineText {
        let View { me, model, .. } = self.view;
        let named: Vec<(String, Option<String>)> = records
            .iter()
            .filter_map(|of| {
                let (label, name) = (&model.table(&of.table)?.label, self.names.get(of)?);
                let words = format!("{label} {}", tr!("“{}”", name));
                Some((words, tables::reference_href(model, &me.caller, of)))
            })
            .collect();
        if named.is_empty() {
            return TimelineText::None;
        }
        let words: Vec<&str> = named.iter().map(|(words, _)| words.as_str()).collect();
        let words = words.join(" · ");
        let html = html! {
            @for (place, (words, href)) in named.iter().enumerate() {
                @if place > 0 { " · " }
                @match href { Some(href) => a href=(href) { (words) }, None => (words) }
            }
        };
        TimelineText::Formatted { html, words }
    }

    fn event_in_words(&self, what: &What) -> (&'static str, Tone, String) {
        let table = self.view.table;
        let label = table.label.as_str();
        match what {
            What::Created => ("plus", Tone::Grey, tr!("{} created", label)),
            What::State { to, reason, .. } => {
                let state = |number: i64| i32::try_from(number).ok().and_then(|number| table.state(number));
                let status = reason.and_then(|reason| table.status(i32::try_from(reason).ok()?));
                let name = state(*to).map_or_else(|| tr!("changed"), |state| state.label.clone());
                let why = status.filter(|status| status.label != name);
                let why = why.map(|status| format!(" ({})", status.label)).unwrap_or_default();
                let opened = *to == 0;
                let words = match (opened, table.name.as_str()) {
                    (true, "opportunity") => tr!("{} reopened", label),
                    (true, _) => tr!("{} reactivated", label),
                    (false, _) => tr!(
                        "{record} {state}",
                        record = label,
                        state = format!("{}{why}", Language::within_sentence(&name))
                    ),
                };
                (if opened { "arrow-back-up" } else { "flag" }, Tone::Grey, words)
            }
            What::Stage { from, to } => {
                let from = from.and_then(|from| self.stage(from));
                let to = self.stage(*to).unwrap_or_else(|| tr!("another stage"));
                let words = from.map_or_else(|| tr!("Stage {}", to), |from| tr!("Stage {} → {}", from, to));
                ("arrow-right", Tone::Grey, words)
            }
            What::Switched { to } => {
                let flow = self.view.model.processes.iter().find(|process| process.id == *to);
                let words = flow.map_or_else(
                    || tr!("Another process flow was chosen"),
                    |flow| tr!("Process flow {} was chosen", tr!("“{}”", flow.label)),
                );
                ("arrow-right", Tone::Grey, words)
            }
            What::Flow { process, change } => {
                let label = self.view.model.table(process).map_or(process.as_str(), |table| table.label.as_str());
                let label = tr!("“{}”", label);
                match change {
                    FlowChange::Finished => ("check", Tone::Grey, tr!("Process flow {} finished", label)),
                    FlowChange::Abandoned => ("ban", Tone::Grey, tr!("Process flow {} abandoned", label)),
                    FlowChange::Reactivated | FlowChange::SwitchedAway | FlowChange::SwitchedBack => {
                        ("arrow-back-up", Tone::Grey, tr!("Process flow {} reactivated", label))
                    }
                }
            }
            What::Owner { to, .. } => {
                let name = self.names.get(to).map_or_else(|| tr!("somebody else"), str::to_owned);
                ("user-share", Tone::Grey, tr!("Assigned to {}", name))
            }
        }
    }

    fn stage(&self, id: Uuid) -> Option<String> {
        let mut stages = self.view.model.processes.iter().flat_map(|process| process.all_stages());
        stages.find(|stage| stage.id == id).map(|stage| tr!("“{}”", stage.label))
    }

    /// The name of a person that a column points at.
    pub fn person(&self, value: &Value) -> String {
        value.as_reference().and_then(|person| self.names.get(person)).unwrap_or_default().to_owned()
    }

    /// True where the reader may add activities of this kind.
    pub fn may_write(&self, table: &Table) -> bool {
        commands::is_assignable(table) && self.may(table, Privilege::Write)
    }
}
