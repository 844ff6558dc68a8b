//! The forms by which timelines are added to and entries changed in their place.

use crm::{
    Row,
    activities::{LARGEST_FILE, parties::Party},
    reading::Names,
    timeline::{FollowUp, LoggedCall, NOTE, POST},
};
use language::{Language, tr};
use model::{ColumnType, FormKind, Model, Reference, Table, TableKind, TextFormat, Value};
use uuid::Uuid;

use super::{View, entry::Block};
use crate::{
    components::{
        Control, Field,
        fields::{ChoiceOption, LookupControl, PartiesControl},
        timeline::{Compose, Composer, Dialling, Number},
    },
    posted::Typed,
    view::{
        cells::{formatted_text, plain_text},
        commands,
        fields::{self, Fields},
        input::Notation,
        parties::{self, Parties},
        record::{error_list, form_columns},
        rich_text,
    },
};

/// What can be added, in this order; an organisation's own kinds of activity follow.
const COMPOSED: [&str; 6] = [NOTE, "phonecall", "task", "appointment", "email", POST];
/// Prefix of the element ids of what is added.
const SCOPE: &str = "compose";
/// Whom one spoke with, of a call.
const WITH: &str = "with";
/// A note's text with its tags may be this many times as long as the text that is kept: much of what
/// comes along with a pasted text is taken out.
const TAGS: usize = 8;
/// Where people are found by `@`, and records by `#`.
pub(crate) const MENTIONS: (&str, &str) = ("/lookup/posts/createdby", "/lookup/posts/regardingobjectid");

/// A form for one entry.
pub(crate) struct Composing<'a> {
    pub view: &'a View<'a>,
    pub kind: &'a Table,
    /// What it holds, or begins with.
    pub row: &'a Row,
    pub names: &'a Names,
    pub parties: &'a Parties,
    /// What was typed and refused.
    pub typed: Option<&'a Typed>,
    /// What is wrong, by column.
    pub errors: &'a [(String, String)],
    /// The entry that is changed, and where it stands.
    pub editing: Option<(Uuid, Block)>,
    /// Numbers to call.
    pub numbers: Vec<Number>,
}

/// What can be added to a timeline.
pub(super) fn compose(view: &View<'_>) -> Vec<Compose> {
    let own = view.model.tables.values().filter(|table| table.custom && table.kind == TableKind::Activity);
    let kinds = COMPOSED.iter().filter_map(|name| view.model.table(name)).chain(own);
    let fits = |kind: &&std::sync::Arc<Table>| can_compose(view, kind);
    let one = |kind: &std::sync::Arc<Table>| Compose {
        label: kind.label.clone(),
        icon: kind.icon.clone(),
        href: view.href(&format!("/new/{}", kind.name)),
    };
    kinds.filter(fits).map(one).collect()
}

/// True where the reader may add rows of this kind about the record.
pub(crate) fn can_compose(view: &View<'_>, kind: &Table) -> bool {
    let is_entry = COMPOSED.contains(&kind.name.as_str()) || (kind.custom && kind.kind == TableKind::Activity);
    let lookup = if kind.name == NOTE { "objectid" } else { "regardingobjectid" };
    let about = kind.column(lookup).is_some_and(|column| column.targets().contains(&view.table.name));
    // A post needs no right of its own: whoever may add to the record may post on it.
    let may = kind.name == POST || commands::may_create(view.me, view.model, kind);
    is_entry && about && may
}

/// The columns of the short form of a kind.
pub(crate) fn columns(kind: &Table, is_new: bool) -> Vec<String> {
    let named: &[&str] = match kind.name.as_str() {
        NOTE => &["subject", "notetext"],
        POST => &["text"],
        "task" if is_new => &["subject", "scheduledend", "prioritycode", "ownerid", "description"],
        "task" => &["subject", "scheduledend", "prioritycode", "description"],
        "appointment" => &[
            "subject",
            "scheduledstart",
            "scheduledend",
            "isalldayevent",
            "location",
            "requiredattendees",
            "optionalattendees",
            "description",
        ],
        "email" => &["to", "cc", "subject", "description"],
        "phonecall" => &["subject", "scheduledend", "directioncode", "from", "to", "phonenumber", "description"],
        _ => {
            let form = kind.form(FormKind::QuickCreate);
            let columns = form.map(|form| form_columns(form).map(str::to_owned).collect::<Vec<_>>());
            let columns = columns.unwrap_or_else(|| vec!["subject".to_owned(), "description".to_owned()]);
            return columns.into_iter().filter(|column| column != "regardingobjectid").collect();
        }
    };
    named.iter().map(|name| (*name).to_owned()).collect()
}

/// The numbers by which the person can be called.
pub(crate) fn numbers(table: &Table, row: &Row) -> Vec<Number> {
    let is_number = |column: &&model::Column| {
        let kind = column.value_type();
        let is_phone = matches!(kind, model::ColumnType::Text { format: TextFormat::Phone, .. });
        is_phone && !column.name.contains("fax") && !column.name.contains("pager") && row.has(&column.name)
    };
    let number =
        |column: &model::Column| Number { label: column.label.clone(), number: row.text(&column.name).to_owned() };
    table.columns.values().filter(is_number).map(number).take(3).collect()
}

impl Composing<'_> {
    /// The form.
    pub fn composer(&self) -> Composer {
        if self.kind.name == "phonecall" && self.editing.is_none() {
            return self.call();
        }
        let columns = columns(self.kind, self.editing.is_none());
        let scope = self.scope();
        let mut fields: Vec<Field> = columns.iter().filter_map(|name| self.field(name)).collect();
        // A note begins with its text: its title may stay empty.
        let begins = |field: &&mut Field| match self.kind.name.as_str() {
            NOTE => field.name == "notetext",
            _ => !matches!(field.control, Control::Parties(_)),
        };
        if let Some(first) = fields.iter_mut().find(begins) {
            first.autofocus = true;
        }
        let on_form = |column: &str| columns.iter().any(|name| name == column);
        let label = Language::within_sentence(&self.kind.label);
        Composer {
            title: if self.editing.is_some() { tr!("Edit {}", label) } else { tr!("New {}", label) },
            errors: error_list(self.kind, self.errors, &scope, on_form),
            text: self.text(),
            fields,
            files: (self.kind.name == NOTE && self.editing.is_none()).then_some(LARGEST_FILE),
            formatted: (self.kind.name == NOTE).then(|| ("notetext".to_owned(), self.note_text())),
            mentions: (self.kind.name == POST).then(|| (MENTIONS.0.to_owned(), MENTIONS.1.to_owned())),
            submit: match self.kind.name.as_str() {
                _ if self.editing.is_some() => tr!("Save"),
                "email" => tr!("Save draft"),
                POST => tr!("verb" => "Post"),
                _ => tr!("Add {}", label),
            },
            ..self.blank(scope)
        }
    }

    /// The text of a note as it is written on.
    fn note_text(&self) -> String {
        match self.typed {
            Some(typed) => match html_of(self.kind, typed) {
                Ok(Some(html)) => rich_text::clean(html),
                Ok(None) | Err(_) => formatted_text(typed.text("notetext")),
            },
            None => rich_text::clean(self.row.text("notetext")),
        }
    }

    fn blank(&self, scope: String) -> Composer {
        let of = |id: Uuid| format!("/{}/{id}", self.kind.name);
        Composer {
            scope,
            icon: self.kind.icon.clone(),
            action: match self.editing {
                Some((id, block)) => self.view.href(&format!("{}/edit?in={}", of(id), block.name())),
                None => self.view.href(&format!("/new/{}", self.kind.name)),
            },
            csrf: self.view.me.csrf.clone(),
            version: self.editing.and_then(|_| self.version()),
            entry: self.editing.map(|(id, block)| self.view.href(&format!("{}?in={}", of(id), block.name()))),
            ..Composer::default()
        }
    }

    /// What was typed belongs to the version it came with.
    fn version(&self) -> Option<String> {
        let typed = self.typed.and_then(|typed| typed.get("version")).map(str::to_owned);
        typed.or_else(|| self.row.value("versionnumber").as_whole().map(|version| version.to_string()))
    }

    fn scope(&self) -> String {
        self.editing.map_or_else(|| SCOPE.to_owned(), |(id, block)| format!("edit-{}-{id}", block.name()))
    }

    fn text(&self) -> String {
        match self.kind.name.as_str() {
            "email" => tr!("Kept as a draft on this record. Pipewright does not send e-mail yet."),
            POST => tr!("Name people with @ and records with #."),
            NOTE if self.editing.is_none() => tr!("Pictures can be pasted into the note."),
            _ => String::new(),
        }
    }

    fn fields(&self) -> Fields<'_> {
        Fields {
            me: self.view.me,
            model: self.view.model,
            table: self.kind,
            names: self.names,
            row: self.row,
            typed: self.typed,
            new: self.editing.is_none(),
            closed: false,
            scope: SCOPE,
            errors: self.errors,
            parties: Some(self.parties),
        }
    }

    fn field(&self, name: &str) -> Option<Field> {
        let mut field = self.fields().field(name)?;
        // What the form itself says need not be said beside every field.
        field.help = None;
        Some(field)
    }

    fn typed(&self, name: &str) -> &str {
        self.typed.map(|typed| typed.text(name)).unwrap_or_default()
    }

    /// A call: made just now, or planned.
    fn call(&self) -> Composer {
        let scope = self.scope();
        let planned = self.typed("when") == "later";
        let follows = self.typed("follow") == "task";
        let choice = |name: &str, label: String, options: [(&str, String); 2], second: bool| {
            let option = |(place, (value, label)): (usize, (&str, String))| ChoiceOption {
                value: value.to_owned(),
                label,
                chosen: (place == 1) == second,
            };
            let options = options.into_iter().enumerate().map(option).collect();
            Field::new(name, label, Control::Choice { options })
        };
        let only = |field: Option<Field>, name: &str, value: &str, holds: bool| {
            field.map(|field| Field { only_when: Some(only_when(name, value, holds)), ..field })
        };
        let subject = self.field("subject").map(|field| Field { autofocus: true, ..field });
        let follow_subject = self.follow_up("followsubject", &tr!("What is to be done"), "subject", follows);
        let follow_due = self.follow_up("followdue", &tr!("Until when"), "scheduledend", follows);
        let fields = [
            subject,
            Some(choice(
                "when",
                tr!("When"),
                [("", tr!("It just took place")), ("later", tr!("Plan it for later"))],
                planned,
            )),
            only(self.field("scheduledend"), "when", "later", planned),
            self.field("directioncode"),
            Some(self.with()),
            self.field("phonenumber"),
            only(self.field("outcomecode"), "when", "", !planned),
            only(self.field("actualdurationminutes"), "when", "", !planned),
            self.field("description"),
            Some(choice("follow", tr!("Follow-up"), [("", tr!("None")), ("task", tr!("Plan a task"))], follows)),
            follow_subject,
            follow_due,
        ];
        let fields: Vec<Field> = fields.into_iter().flatten().collect();
        let on_form = |column: &str| fields.iter().any(|field| field.name == column);
        Composer {
            title: tr!("Phone call"),
            errors: error_list(self.kind, self.errors, &scope, on_form),
            dialling: Some(Dialling {
                numbers: self.numbers.clone(),
                number_field: format!("{scope}-phonenumber"),
                minutes_field: format!("{scope}-actualdurationminutes"),
            }),
            submit: tr!("Save call"),
            fields: fields.clone(),
            ..self.blank(scope)
        }
    }

    /// Whom one calls or is called by; which of the two the direction says.
    fn with(&self) -> Field {
        let to = self.kind.column("to");
        let values = match (self.typed, to) {
            (Some(typed), Some(to)) => {
                let renamed = with_as(to.name.as_str(), typed);
                self.parties.values(self.view.me, self.view.model, self.names, to, Some(&renamed))
            }
            (None, Some(to)) => self.parties.values(self.view.me, self.view.model, self.names, to, None),
            (_, None) => Vec::new(),
        };
        let lookup = to.map(|to| fields::lookup(self.view.me, self.view.model, self.kind, to)).unwrap_or_default();
        let lookup = LookupControl { create: Vec::new(), ..lookup };
        let control = Control::Parties(PartiesControl { values, lookup, addresses: false });
        let mut field = Field::new(WITH, tr!("With"), control).required();
        field.error = self.errors.iter().find(|(name, _)| name == WITH).map(|(_, text)| crate::failure::sentence(text));
        field
    }

    fn follow_up(&self, name: &str, label: &str, column: &str, holds: bool) -> Option<Field> {
        let mut field = self.field(column)?;
        let typed = self.typed(name).to_owned();
        match &mut field.control {
            Control::Text { value, .. } | Control::DateTime { value, .. } => *value = typed,
            _ => {}
        }
        name.clone_into(&mut field.name);
        label.clone_into(&mut field.label);
        field.requirement = crate::components::Requirement::Optional;
        field.error =
            self.errors.iter().find(|(wrong, _)| wrong == name).map(|(_, text)| crate::failure::sentence(text));
        field.only_when = Some(only_when("follow", "task", holds));
        Some(field)
    }
}

fn only_when(name: &str, value: &str, holds: bool) -> crate::components::fields::OnlyWhen {
    crate::components::fields::OnlyWhen { name: name.to_owned(), value: value.to_owned(), holds }
}

/// What was typed, with the people one spoke with under the name of a column.
fn with_as(column: &str, typed: &Typed) -> Typed {
    let mut renamed = Typed::parse("");
    renamed.add(column, "");
    for value in typed.all(WITH) {
        renamed.add(column, value);
    }
    renamed
}

/// The text of a note that was written with formatting, none where it was written without; or what is
/// wrong with it.
pub(crate) fn formatted(kind: &Table, typed: &Typed) -> Result<Option<Value>, (String, String)> {
    let value = |html: &str| {
        let clean = rich_text::clean(html);
        if plain_text(&clean).is_empty() { Value::Null } else { Value::Text(clean) }
    };
    Ok(html_of(kind, typed)?.map(value))
}

/// What was written with formatting, as the browser sends it; only notes are.
pub(crate) fn html_of<'t>(kind: &Table, typed: &'t Typed) -> Result<Option<&'t str>, (String, String)> {
    let Some(html) = typed.get("notetext_html").filter(|_| kind.name == NOTE) else { return Ok(None) };
    match kind.column("notetext").map(model::Column::value_type) {
        Some(ColumnType::RichText { length }) if html.len() > TAGS.saturating_mul(*length as usize) => {
            Err(("notetext".to_owned(), tr!("is too long with its formatting; paste it without")))
        }
        _ => Ok(Some(html)),
    }
}

/// The call that a form tells of, or what is wrong with it, by the form's fields.
pub(crate) fn log_call(view: &View<'_>, kind: &Table, typed: &Typed) -> Result<LoggedCall, Vec<(String, String)>> {
    let columns = ["subject", "phonenumber", "description", "outcomecode", "actualdurationminutes", "scheduledend"];
    let reading = fields::read(view.me, kind, columns, None, typed);
    let (mut row, mut errors) = (reading.values, reading.errors);
    let made = typed.text("when") != "later";
    let unused: &[&str] = if made { &["scheduledend"] } else { &["outcomecode", "actualdurationminutes"] };
    for column in unused {
        row.remove(column);
        errors.retain(|(name, _)| name != column);
    }
    if !typed.has("subject") {
        errors.push(("subject".to_owned(), tr!("must be filled")));
    }
    row.set("regardingobjectid", Reference::new(view.table.name.as_str(), view.id));
    let outgoing = typed.text("directioncode") != "false";
    let list = if outgoing { "to" } else { "from" };
    let (mut lists, wrong) = parties::read(kind, &[list.to_owned()], &with_as(list, typed));
    errors.extend(wrong.into_iter().map(|(_, message)| (WITH.to_owned(), message)));
    let with: Vec<Party> = lists.pop().map(|(_, parties)| parties).unwrap_or_default();
    let follow_up = if typed.text("follow") == "task" { follow_up(view, kind, typed, &mut errors) } else { None };
    if errors.is_empty() { Ok(LoggedCall { row, outgoing, with, made, follow_up }) } else { Err(errors) }
}

fn follow_up(view: &View<'_>, kind: &Table, typed: &Typed, errors: &mut Vec<(String, String)>) -> Option<FollowUp> {
    let notation = Notation::of(view.me);
    let mut read = |name: &str, column: &str| {
        let column = kind.column(column)?;
        let read = notation
            .read(column, typed.text(name))
            .and_then(|value| kind.check(&column.name, &value).map_err(|error| error.message));
        match read {
            Ok(value) => Some(value),
            Err(message) => {
                errors.push((name.to_owned(), message));
                None
            }
        }
    };
    let due = read("followdue", "scheduledend").and_then(|due| due.as_date_time());
    let subject = read("followsubject", "subject")?.as_text().unwrap_or_default().trim().to_owned();
    if subject.is_empty() {
        errors.push(("followsubject".to_owned(), tr!("say what is to be done")));
        return None;
    }
    Some(FollowUp { subject, due })
}

/// The kinds that people compose, by their names in addresses.
pub(crate) fn kind_named<'m>(model: &'m Model, name: &str) -> Option<&'m std::sync::Arc<Table>> {
    model.table(name).filter(|table| table.kind == TableKind::Activity || [NOTE, POST].contains(&table.name.as_str()))
}
