//! An opportunity: open, refused with errors, and closed.

use maud::{Markup, Render, html};
use pipewright_web::components::fields::{ChoiceOption, LookupControl, NewRecord, ReadOnlyReason, StoredFile};
use pipewright_web::components::timeline::{Compose, TimelineDay, TimelineEntry, TimelineList, TimelineText};
use pipewright_web::components::*;

use crate::framed;

pub fn page(theme: Theme, errors: bool) -> Markup {
    framed("Palletising cell", theme, PageLayout::Scrolling, "/opportunity", Vec::new(), form(errors).render())
}

pub fn closed(theme: Theme) -> Markup {
    let mut form = form(false);
    form.read_only = true;
    form.header.badge = Some(Badge::new("Won", Tone::Green));
    form.banner = Some(Banner {
        tone: Tone::Green,
        icon: "trophy".to_owned(),
        text: "Won on 18 November 2025 for €182,000.00. Closed opportunities are read-only.".to_owned(),
        commands: vec![Command::new(
            "Reopen",
            "arrow-back-up",
            Action::Post { href: "/undo".to_owned(), confirm: None },
        )],
    });
    form.commands = CommandBar::default();
    for field in form.tabs.iter_mut().flat_map(|tab| &mut tab.sections).flat_map(|section| &mut section.items) {
        if let SectionItem::Field(field) = field {
            field.control = Control::ReadOnly { value: Cell::Text(field.label.clone()), reason: None };
        }
    }
    framed("Palletising cell", theme, PageLayout::Scrolling, "/opportunity", Vec::new(), form.render())
}

pub fn competitors() -> Markup {
    PlainTable {
        caption: "Competitors".to_owned(),
        columns: vec![
            TableColumn { label: "Name".to_owned(), number: false },
            TableColumn { label: "Threat".to_owned(), number: false },
            TableColumn { label: "Won against".to_owned(), number: true },
        ],
        rows: vec![
            vec![
                html! { a href="/" { "Armatic Systems" } },
                Badge::new("High", Tone::Red).render(),
                html! { "3 of 7" },
            ],
            vec![html! { a href="/" { "Pallet Genius" } }, Badge::new("Low", Tone::Green).render(), html! { "5 of 6" }],
        ],
    }
    .render()
}

fn form(errors: bool) -> RecordForm {
    let fact = |label: &str, value: Cell| Fact { label: label.to_owned(), value };
    RecordForm {
        id: "record-form".to_owned(),
        action: "/opportunity".to_owned(),
        csrf: "gallery".to_owned(),
        version: Some("12".to_owned()),
        autosave: None,
        calculation: None,
        checks: None,
        header: RecordHeader {
            follow: Some(FollowToggle { action: "/".to_owned(), following: true }),
            icon: "cash".to_owned(),
            table: "Opportunity".to_owned(),
            list: ("Opportunities".to_owned(), "/".to_owned()),
            title: "Palletising cell for the new cold store".to_owned(),
            badge: Some(Badge::new("In progress", Tone::Blue)),
            facts: vec![
                fact("Est. revenue", Cell::Money("€185,000.00".to_owned())),
                fact("Est. close date", Cell::Moment(Moment::new("2026-01-30", "30 Jan 2026"))),
                fact("Probability", Cell::Number("60 %".to_owned())),
                fact(
                    "Account",
                    Cell::Lookup {
                        text: "Iberia Cold Chain".to_owned(),
                        href: Some("/".to_owned()),
                        icon: "building".to_owned(),
                    },
                ),
                fact("Owner", Cell::Person { name: "Mara Lindqvist".to_owned(), href: None }),
            ],
        },
        commands: CommandBar {
            commands: vec![
                Command::new("Close as won", "trophy", Action::Dialog("/leads/disqualify".to_owned())),
                Command::new("Close as lost", "circle-x", Action::Dialog("/leads/disqualify".to_owned())),
                Command::new("Save", "device-floppy", Action::Submit { form: "record-form".to_owned(), value: None })
                    .primary()
                    .shortcut("Control+S"),
            ],
            more: vec![
                Command::new("Assign", "user-plus", Action::Dialog("/leads/disqualify".to_owned())),
                Command::new("History", "history", Action::Link("/history".to_owned())),
                Command::new("Recalculate", "calculator", Action::Reload).disabled("Revenue is entered by hand"),
                Command::new("Delete", "trash", Action::Dialog("/leads/disqualify".to_owned())).danger(),
            ],
        },
        banner: None,
        process: Some(process()),
        errors: if errors { form_errors() } else { Vec::new() },
        tabs: vec![summary(errors), products(), details()],
        read_only: false,
        has_files: false,
        live: None,
        once: None,
    }
}

fn form_errors() -> Vec<FieldError> {
    vec![
        FieldError {
            field: Some("field-name".to_owned()),
            label: "Topic".to_owned(),
            message: "enter a topic of up to 300 characters".to_owned(),
        },
        FieldError {
            field: Some("field-estimatedvalue".to_owned()),
            label: "Est. revenue".to_owned(),
            message: "“about 185k” is not an amount; write it like 185,000.00".to_owned(),
        },
    ]
}

fn process() -> ProcessBar {
    let stage = |name: &str, state: StageState, note: Option<&str>| ProcessStage {
        name: name.to_owned(),
        state,
        note: note.map(str::to_owned),
        href: Some("/leads/disqualify".to_owned()),
    };
    ProcessBar {
        name: "Opportunity sales process".to_owned(),
        note: "Active for 34 days".to_owned(),
        stages: vec![
            stage("Qualify", StageState::Done, Some("9 days")),
            stage("Develop", StageState::Done, Some("13 days")),
            stage("Propose", StageState::Active, Some("12 days")),
            stage("Close", StageState::Ahead, None),
        ],
        ..ProcessBar::default()
    }
}

fn choice(value: &str, chosen: bool) -> ChoiceOption {
    ChoiceOption { value: value.to_owned(), label: value.to_owned(), chosen }
}

fn account_lookup() -> Control {
    Control::Lookup(LookupControl {
        value: Some(LookupValue {
            table: "account".to_owned(),
            id: "0".to_owned(),
            label: "Iberia Cold Chain".to_owned(),
            href: Some("/".to_owned()),
        }),
        source: "/lookup/opportunity/customerid".to_owned(),
        icons: vec![("account".to_owned(), "building".to_owned()), ("contact".to_owned(), "user".to_owned())],
        offered: Vec::new(),
        create: vec![
            NewRecord { label: "New account".to_owned(), href: "/quick-create".to_owned() },
            NewRecord { label: "New contact".to_owned(), href: "/quick-create".to_owned() },
        ],
    })
}

fn summary(errors: bool) -> FormTab {
    let mut name = Field::new(
        "name",
        "Topic",
        Control::Text {
            value: if errors { String::new() } else { "Palletising cell for the new cold store".to_owned() },
            max_length: Some(300),
            autocomplete: None,
        },
    )
    .required()
    .full();
    let mut revenue = Field::new(
        "estimatedvalue",
        "Est. revenue",
        Control::Money {
            value: if errors { "about 185k".to_owned() } else { "185,000.00".to_owned() },
            precision: 2,
            currency: "€".to_owned(),
        },
    );
    if errors {
        name = name.error("Enter a topic of up to 300 characters.");
        revenue = revenue.error("“about 185k” is not an amount. Write it like 185,000.00.");
    }
    let deal = vec![
        name,
        Field::new("customerid", "Customer", account_lookup()).required(),
        Field::new(
            "parentcontactid",
            "Contact",
            Control::Lookup(LookupControl {
                source: "/lookup/opportunity/parentcontactid".to_owned(),
                icons: vec![("contact".to_owned(), "user".to_owned()), ("account".to_owned(), "building".to_owned())],
                ..LookupControl::default()
            }),
        )
        .recommended(),
        revenue,
        Field::new("estimatedclosedate", "Est. close date", Control::Date { value: "2026-01-30".to_owned() }).recommended(),
        Field::new(
            "closeprobability",
            "Probability",
            Control::Decimal { value: "60".to_owned(), precision: 0, unit: Some("%".to_owned()) },
        ),
        Field::new(
            "msdyn_forecastcategory",
            "Forecast category",
            Control::Choice { options: vec![choice("Pipeline", false), choice("Best case", true), choice("Committed", false)] },
        )
        .required(),
        Field::new(
            "description",
            "Description",
            Control::Memo {
                value: "Two palletising robots behind the freezer tunnel, 1,200 boxes an hour, washdown rated.\nCustomer wants commissioning before the season starts in May.".to_owned(),
                max_length: Some(2000),
                rows: 3,
            },
        ),
    ];
    let fields = |fields: Vec<Field>| fields.into_iter().map(SectionItem::from).collect::<Vec<_>>();
    let buying = vec![
        Field::new(
            "purchaseprocess",
            "Purchase process",
            Control::Choice {
                options: vec![choice("Individual", false), choice("Committee", true), choice("Unknown", false)],
            },
        ),
        Field::new(
            "budgetamount",
            "Budget amount",
            Control::Money { value: "200,000.00".to_owned(), precision: 2, currency: "€".to_owned() },
        )
        .help("As named by the customer."),
        Field::new(
            "decisionmaker",
            "Decision maker identified?",
            Control::Boolean { value: true, yes: "Yes".to_owned(), no: "No".to_owned() },
        ),
        Field::new(
            "presentproposal",
            "Proposal presented?",
            Control::Boolean { value: false, yes: "Yes".to_owned(), no: "No".to_owned() },
        ),
        Field::new(
            "finaldecisiondate",
            "Final decision",
            Control::DateTime { value: "2026-01-16T10:00".to_owned(), zone: "Europe/Berlin".to_owned() },
        ),
        Field::new(
            "totalamount",
            "Total amount",
            Control::ReadOnly {
                value: Cell::Money("€182,400.00".to_owned()),
                reason: Some(ReadOnlyReason::Calculated),
            },
        ),
        Field::new(
            "new_interests",
            "Interested in",
            Control::MultiChoice {
                options: vec![
                    choice("Robots", true),
                    choice("Vision", true),
                    choice("Service", false),
                    choice("Training", false),
                ],
            },
        )
        .full(),
    ];
    FormTab {
        id: "summary".to_owned(),
        label: "Summary".to_owned(),
        sections: vec![
            FormSection { label: "Deal".to_owned(), columns: 2, items: fields(deal) },
            FormSection { label: "Buying".to_owned(), columns: 3, items: fields(buying) },
        ],
        side: Some(timeline().render()),
    }
}

fn products() -> FormTab {
    FormTab {
        id: "products".to_owned(),
        label: "Products".to_owned(),
        sections: vec![FormSection {
            label: String::new(),
            columns: 1,
            items: vec![SectionItem::Subgrid(Subgrid {
                label: "Competitors".to_owned(),
                href: "/opportunity/competitors".to_owned(),
                table: String::new(),
            })],
        }],
        side: None,
    }
}

fn details() -> FormTab {
    let stored = StoredFile { name: "Layout hall 3.pdf".to_owned(), size: "1.4 MB".to_owned(), href: "/".to_owned() };
    let items = vec![
        Field::new("websiteurl", "Website", Control::Url { value: "iberiacold.example".to_owned() }),
        Field::new("emailaddress", "E-mail", Control::Email { value: "compras@iberiacold.example".to_owned() }),
        Field::new("telephone1", "Phone", Control::Phone { value: "+34 91 555 0100".to_owned() }),
        Field::new("numberofsites", "Number of sites", Control::Whole { value: "14".to_owned() }),
        Field::new("layout", "Layout drawing", Control::File { stored: Some(stored), accept: None, largest: None }),
        Field::new("photo", "Photo", Control::Image { stored: None }),
    ];
    FormTab {
        id: "details".to_owned(),
        label: "Details".to_owned(),
        sections: vec![FormSection {
            label: "Details".to_owned(),
            columns: 2,
            items: items.into_iter().map(SectionItem::from).collect(),
        }],
        side: None,
    }
}

fn timeline() -> Timeline {
    let entry =
        |icon: &str, tone: Tone, title: &str, who: &str, when: &str, badge: Option<Badge>, body: Option<&str>| {
            TimelineEntry {
                id: String::new(),
                icon: icon.to_owned(),
                tone,
                title: title.to_owned(),
                href: Some("/".to_owned()),
                who: who.to_owned(),
                when: Moment::new("2025-11-21T10:00:00Z", when),
                badge,
                text: body.map_or(TimelineText::None, |body| TimelineText::Plain(body.to_owned())),
                ..TimelineEntry::default()
            }
        };
    Timeline {
        compose: ["Note", "Task", "Call", "E-mail"]
            .iter()
            .zip(["notes", "checkbox", "phone", "mail"])
            .map(|(label, icon)| Compose {
                label: (*label).to_owned(),
                icon: icon.to_owned(),
                href: "/quick-create".to_owned(),
            })
            .collect(),
        list: TimelineList {
            days: vec![TimelineDay {
                label: "Yesterday".to_owned(),
                entries: vec![
                    entry(
                        "phone",
                        Tone::Teal,
                        "Call about washdown rating",
                        "Mara Lindqvist",
                        "today, 09:40",
                        Some(Badge::new("Overdue", Tone::Red)),
                        Some("Ask Sofía whether IP67 is enough or IP69K is needed in the freezer tunnel."),
                    ),
                    entry(
                        "notes",
                        Tone::Yellow,
                        "Site visit",
                        "Ben Achterberg",
                        "21 Nov, 16:05",
                        None,
                        Some(
                            "Hall 3 has 6.2 m clear height. Floor load is fine.\nThey compare us with Armatic; price is not the first concern, delivery is.",
                        ),
                    ),
                    entry(
                        "mail",
                        Tone::Blue,
                        "Proposal v2",
                        "Mara Lindqvist",
                        "18 Nov, 11:20",
                        Some(Badge::new("Sent", Tone::Grey)),
                        None,
                    ),
                    entry(
                        "calendar-event",
                        Tone::Purple,
                        "Workshop with operations",
                        "Yuki Tanaka",
                        "12 Nov, 14:00",
                        Some(Badge::new("Done", Tone::Green)),
                        None,
                    ),
                    entry("target", Tone::Grey, "Lead qualified", "Mara Lindqvist", "21 Oct, 08:55", None, None),
                ],
            }],
            more: Some("/".to_owned()),
            ..TimelineList::default()
        },
        ..Timeline::default()
    }
}
