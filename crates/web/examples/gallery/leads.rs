//! A list of fifty leads, and an empty one.

use maud::{Markup, Render};
use pipewright_web::components::fields::ChoiceOption;
use pipewright_web::components::*;

use crate::framed;

pub const COMPANIES: [&str; 14] = [
    "Baltic Freight AB",
    "Hansa Maschinenbau GmbH",
    "Meridian Foods",
    "Oakridge Hospitals Trust",
    "Kestrel Aerospace",
    "Vantaa Paper Oy",
    "Città Verde S.p.A.",
    "Brightwater Utilities",
    "Sokol Metallwerke",
    "Lumière Optique",
    "Iberia Cold Chain",
    "Fjordline Shipping",
    "Prairie Seed Co-operative",
    "Tamar Precision Ltd",
];

pub const PEOPLE: [&str; 12] = [
    "Jonas Becker",
    "Amélie Laurent",
    "Priya Raman",
    "Tomasz Nowak",
    "Sofia Marín",
    "Henrik Dahl",
    "Grace Okafor",
    "Luca Bianchi",
    "Elif Yılmaz",
    "Noor van Dijk",
    "Daniel Osei",
    "Hanna Virtanen",
];

const TOPICS: [&str; 10] = [
    "Palletising cell for the new cold store",
    "Replace two welding lines",
    "Pilot with three picking robots",
    "Service contract for existing arms",
    "Vision inspection for blister packs",
    "Retrofit of press line 4",
    "Autonomous transport between halls",
    "Interest after Hannover trade fair",
    "Training for maintenance team",
    "Framework agreement 2026",
];

const OWNERS: [&str; 4] = ["Mara Lindqvist", "Ben Achterberg", "Yuki Tanaka", "Carlos Mendes"];

pub fn page(theme: Theme) -> Markup {
    let toast = Toast {
        tone: Tone::Green,
        text: "Lead “Retrofit of press line 4” qualified.".to_owned(),
        link: Some(("/opportunity".to_owned(), "Open opportunity".to_owned())),
        undo: Some(ToastUndo { action: "/undo".to_owned(), csrf: "gallery".to_owned(), label: "Undo".to_owned() }),
    };
    framed("Open leads", theme, PageLayout::Filling, "/", vec![toast], grid().render())
}

pub fn empty_page(theme: Theme) -> Markup {
    let grid = Grid {
        id: "accounts".to_owned(),
        title: "Accounts".to_owned(),
        icon: "building".to_owned(),
        views: vec![ViewChoice { label: "Active accounts".to_owned(), current: true, ..ViewChoice::default() }],
        commands: CommandBar {
            commands: vec![Command::new("New account", "plus", Action::Dialog("/quick-create".to_owned())).primary()],
            more: Vec::new(),
        },
        empty: EmptyState {
            icon: "building".to_owned(),
            title: "No accounts yet".to_owned(),
            text: "Accounts are the companies you sell to. They come from qualified leads, from a spreadsheet, or one at a time.".to_owned(),
            commands: vec![
                Command::new("Import a spreadsheet", "file-import", Action::Link("/import".to_owned())).primary(),
                Command::new("New account", "plus", Action::Dialog("/quick-create".to_owned())),
            ],
        },
        live: None,
        paging: Paging { text: "No rows".to_owned(), ..Paging::default() },
        ..Grid::default()
    };
    framed("Active accounts", theme, PageLayout::Filling, "/leads/empty", Vec::new(), grid.render())
}

pub fn filter_editor() -> Markup {
    let option = |value: &str, label: &str, chosen: bool| (value.to_owned(), label.to_owned(), chosen);
    FilterEditor {
        refresh: "/leads/filter".to_owned(),
        action: "/".to_owned(),
        hidden: Vec::new(),
        submit: "Apply filter".to_owned(),
        columns: vec![option("subject", "Topic", false), option("leadqualitycode", "Rating", true)],
        operators: vec![option("eq", "is", true), option("null", "is empty", false)],
        values: vec![
            Field::new(
                "filter_value",
                "Value",
                Control::Choice {
                    options: ["Hot", "Warm", "Cold"]
                        .map(|label| ChoiceOption {
                            value: label.to_owned(),
                            label: label.to_owned(),
                            chosen: label == "Hot",
                        })
                        .to_vec(),
                },
            )
            .required(),
        ],
    }
    .render()
}

fn grid() -> Grid {
    let dialog = |label: &str, icon: &str| Command::new(label, icon, Action::Dialog("/leads/disqualify".to_owned()));
    let view = |label: &str, group: &str, current: bool| ViewChoice {
        label: label.to_owned(),
        href: "/".to_owned(),
        group: group.to_owned(),
        current,
    };
    Grid {
        id: "leads".to_owned(),
        title: "Leads".to_owned(),
        icon: "target".to_owned(),
        views: vec![
            view("My open leads", "My views", false),
            view("Trade fair follow-up", "My views", false),
            view("Open leads", "Shared views", true),
            view("All leads", "Shared views", false),
            view("Disqualified leads", "Shared views", false),
        ],
        commands: CommandBar {
            commands: vec![
                Command::new("Import", "file-import", Action::Link("/import".to_owned())),
                Command::new("New lead", "plus", Action::Dialog("/quick-create".to_owned())).primary(),
            ],
            more: vec![
                Command::new("Export to Excel", "file-spreadsheet", Action::Link("/".to_owned())),
                Command::new("Export to CSV", "download", Action::Link("/".to_owned())),
                Command::new("Reload", "refresh", Action::Reload),
            ],
        },
        bulk: CommandBar {
            commands: vec![
                dialog("Qualify", "circle-check"),
                dialog("Disqualify", "ban"),
                dialog("Assign", "user-share"),
                dialog("Delete", "trash").danger(),
            ],
            more: vec![dialog("Reactivate", "arrow-back-up")],
        },
        quick_filter: Some(QuickFilter {
            action: "/".to_owned(),
            value: String::new(),
            placeholder: "Filter by topic, name or company".to_owned(),
            hidden: vec![("view".to_owned(), "open".to_owned())],
        }),
        chips: vec![
            FilterChip {
                column: "Created on".to_owned(),
                condition: "in the last 6 months".to_owned(),
                remove: "/".to_owned(),
                ..FilterChip::default()
            },
            FilterChip {
                column: "Rating".to_owned(),
                condition: "is not empty".to_owned(),
                remove: "/".to_owned(),
                ..FilterChip::default()
            },
        ],
        add_filter: Some("/leads/filter".to_owned()),
        clear_filters: Some("/".to_owned()),
        keep: vec![dialog("Save as my view", "bookmark-plus")],
        columns: columns(),
        rows: (0..50).map(row).collect(),
        paging: Paging {
            text: "1–50 of 9,240".to_owned(),
            count: None,
            previous: None,
            next: Some("/?after=50".to_owned()),
            ..Paging::default()
        },
        jumps: Some(JumpBar {
            column: "Topic".to_owned(),
            jumps: ('A'..='Z').map(jump).collect(),
            complete: None,
            results: "leads-results".to_owned(),
        }),
        acts: Some(GridActs { place: "/leads".to_owned(), list: "view=open".to_owned(), more: true }),
        ..Grid::default()
    }
}

fn jump(letter: char) -> Jump {
    Jump {
        label: letter.to_string(),
        name: String::new(),
        href: (!"QXZ".contains(letter)).then(|| "/".to_owned()),
        current: letter == 'M',
    }
}

fn columns() -> Vec<GridColumn> {
    let sortable = |label: &str, number: bool, state: SortState| GridColumn {
        label: label.to_owned(),
        number,
        sort: Some(Sort { href: "/".to_owned(), state, ..Sort::default() }),
        edit: number.then(|| label.to_lowercase()),
        ..GridColumn::default()
    };
    vec![
        sortable("Topic", false, SortState::None),
        sortable("Name", false, SortState::None),
        sortable("Company", false, SortState::None),
        sortable("Rating", false, SortState::None),
        sortable("Budget", true, SortState::None),
        sortable("E-mail", false, SortState::None),
        sortable("Business phone", false, SortState::None),
        sortable("Owner", false, SortState::None),
        sortable("Created on", false, SortState::Descending),
    ]
}

fn row(index: usize) -> GridRow {
    let topic = TOPICS[index * 7 % TOPICS.len()];
    let person = PEOPLE[index * 5 % PEOPLE.len()];
    let company = COMPANIES[index * 3 % COMPANIES.len()];
    let (rating, tone) = [("Hot", Tone::Red), ("Warm", Tone::Yellow), ("Cold", Tone::Blue)][index * 11 % 3];
    let address = format!(
        "{}@{}.example",
        person.split_whitespace().next().unwrap_or_default().to_lowercase(),
        company.split_whitespace().next().unwrap_or_default().to_lowercase()
    );
    let amount = (index * 37 % 90 + 4) * 2_500;
    GridRow {
        id: format!("{index:032x}"),
        label: topic.to_owned(),
        cells: vec![
            Cell::Link { text: topic.to_owned(), href: "/opportunity".to_owned() },
            Cell::Text(person.to_owned()),
            Cell::Lookup { text: company.to_owned(), href: Some("/".to_owned()), icon: "building".to_owned() },
            Cell::Badge(Badge::new(rating, tone)),
            if index % 6 == 4 {
                Cell::Empty
            } else {
                Cell::Money(format!("€{},{:03}.00", amount / 1000, amount % 1000))
            },
            Cell::Email(address),
            if index % 5 == 3 {
                Cell::Empty
            } else {
                Cell::Phone(format!("+49 40 {:04} {:02}", 2000 + index * 31, index))
            },
            Cell::Person { name: OWNERS[index * 3 % OWNERS.len()].to_owned(), href: None },
            Cell::Moment(Moment::new(
                format!("2025-11-{:02}T09:12:00Z", 24 - index / 3),
                format!("{} Nov 2025", 24 - index / 3),
            )),
        ],
        muted: index == 7,
    }
}
