//! Dialogs, the import wizard, history, sign-in, errors and suggestions.

use maud::{Markup, Render, html};
use pipewright_web::components::fields::{ChoiceOption, LookupControl};
use pipewright_web::components::*;

use crate::{framed, shell};

fn text(value: &str) -> Control {
    Control::Text { value: value.to_owned(), max_length: Some(100), autocomplete: None }
}

pub fn quick_create() -> Markup {
    QuickCreate {
        title: "New lead".to_owned(),
        icon: "target".to_owned(),
        action: "/quick-create".to_owned(),
        csrf: "gallery".to_owned(),
        for_lookup: None,
        hidden: Vec::new(),
        fields: vec![
            Field::new("subject", "Topic", text("")).required(),
            Field::new("firstname", "First name", text("")).recommended(),
            Field::new("lastname", "Last name", text("")).required(),
            Field::new("companyname", "Company name", text("")).recommended(),
            Field::new("emailaddress1", "E-mail", Control::Email { value: String::new() }),
            Field::new("telephone1", "Business phone", Control::Phone { value: String::new() }),
            Field::new(
                "budgetamount",
                "Budget amount",
                Control::Money { value: String::new(), precision: 2, currency: "€".to_owned() },
            ),
            Field::new(
                "ownerid",
                "Owner",
                Control::Lookup(LookupControl {
                    value: Some(LookupValue {
                        table: "systemuser".to_owned(),
                        id: "1".to_owned(),
                        label: "Mara Lindqvist".to_owned(),
                        href: None,
                    }),
                    source: "/lookup/lead/ownerid".to_owned(),
                    icons: vec![("systemuser".to_owned(), "user".to_owned()), ("team".to_owned(), "users".to_owned())],
                    offered: Vec::new(),
                    create: Vec::new(),
                }),
            )
            .required(),
        ],
        errors: Vec::new(),
        ..QuickCreate::default()
    }
    .render()
}

pub fn disqualify() -> Markup {
    Dialog {
        id: "disqualify".to_owned(),
        title: "Disqualify 3 leads".to_owned(),
        icon: "ban".to_owned(),
        action: Some("/leads/disqualify".to_owned()),
        csrf: "gallery".to_owned(),
        text: "They stay in the system and can be reactivated at any time.".to_owned(),
        fields: vec![
            Field::new(
                "statuscode",
                "Reason",
                Control::Choice {
                    options: ["Lost", "Cannot contact", "No longer interested", "Canceled"]
                        .map(|label| ChoiceOption { value: label.to_owned(), label: label.to_owned(), chosen: false })
                        .to_vec(),
                },
            )
            .required(),
            Field::new(
                "description",
                "Remark",
                Control::Memo { value: String::new(), max_length: Some(2000), rows: 3 },
            ),
        ],
        submit: "Disqualify".to_owned(),
        ..Dialog::default()
    }
    .render()
}

pub fn import(theme: Theme) -> Markup {
    let step = |label: &str, state: StepState| Step {
        label: label.to_owned(),
        state,
        href: (state == StepState::Done).then(|| "/import".to_owned()),
    };
    let column = |label: &str| TableColumn { label: label.to_owned(), number: false };
    let mapping = [
        ("Opportunity ID", "1C1I7A6R", "External number", "8,800 of 8,800", Tone::Green),
        ("Sales Agent", "Moses Frase", "Owner", "8,800 of 8,800", Tone::Green),
        ("Product", "GTXPro", "Product", "7,320 of 8,800; “GTXPro” is not a product", Tone::Yellow),
        ("Account", "Cancity", "Account", "7,375 of 8,800; 1,425 are empty", Tone::Yellow),
        ("Engage Date", "10/20/2016", "Created on", "Month first, from 500 unambiguous rows", Tone::Green),
        ("Close Value", "1054", "Actual revenue", "8,800 of 8,800", Tone::Green),
    ];
    let rows = mapping
        .iter()
        .enumerate()
        .map(|(index, (source, sample, target, result, tone))| {
            let label = format!("Goes into, for {source}");
            vec![
                html! { strong { (source) } },
                html! { code { (sample) } },
                html! { select.form-select name={ "column-" (index) } aria-label=(label) { option { (target) } option { "Do not import" } } },
                Badge::new(*result, *tone).render(),
            ]
        })
        .collect();
    let content = html! {
        div.page-plain {
            header { h1 { "Import opportunities" } p { "sales_pipeline.csv · 8,800 rows · comma separated · UTF-8" } }
            (Steps { steps: vec![step("File", StepState::Done), step("Columns", StepState::Current), step("Check", StepState::Ahead), step("Import", StepState::Ahead)] })
            (PlainTable { caption: "Columns of the file and where they go".to_owned(), columns: vec![column("Column in the file"), column("First value"), column("Goes into"), column("Understood")], rows })
            section.page-card {
                h2 { "Trial run" }
                (Progress { label: "Checking rows without writing".to_owned(), done: 4200, total: Some(8800), text: "4,200 of 8,800 rows".to_owned(), poll: None, commands: vec![Command::new("Cancel", "player-stop", Action::Link("/import".to_owned()))] })
            }
            section.page-card {
                h2 { "Last import" }
                dl.numbers {
                    @for (label, value) in [("Created", "85"), ("Updated", "12"), ("Skipped", "3"), ("Failed", "2")] { div { dt { (label) } dd { (value) } } }
                }
            }
            div.page-commands {
                (Command::new("Back", "arrow-left", Action::Link("/import".to_owned())))
                (Command::new("Check 8,800 rows", "arrow-right", Action::Link("/import".to_owned())).primary())
            }
        }
    };
    framed("Import", theme, PageLayout::Scrolling, "/import", Vec::new(), content)
}

pub fn history(theme: Theme) -> Markup {
    let change = |column: &str, from: &str, to: &str| ColumnChange {
        column: column.to_owned(),
        from: from.to_owned(),
        to: to.to_owned(),
        ..ColumnChange::default()
    };
    let entry = |who: &str, when: &str, what: &str, changes: Vec<ColumnChange>| HistoryEntry {
        who: who.to_owned(),
        when: Moment::new("2025-11-24T09:30:00Z", when),
        what: what.to_owned(),
        changes,
        created: what.starts_with("created"),
        put_back: what.starts_with("updated").then(|| Command::new("Put back", "arrow-back-up", Action::Reload)),
    };
    let history = History {
        entries: vec![
            entry(
                "Mara Lindqvist",
                "today, 10:30",
                "updated this record",
                vec![
                    change("Est. revenue", "€170,000.00", "€185,000.00"),
                    change("Forecast category", "Pipeline", "Best case"),
                ],
            ),
            entry(
                "Ben Achterberg",
                "21 Nov, 16:05",
                "updated this record",
                vec![change("Decision maker identified?", "No", "Yes"), change("Contact", "", "Sofia Marín")],
            ),
            entry("Mara Lindqvist", "21 Oct, 08:55", "created this record by qualifying a lead", Vec::new()),
        ],
        older: None,
    };
    let content = html! {
        div.page-plain {
            header { h1 { "History" } p { "Palletising cell for the new cold store" } }
            section.page-card { (history) }
        }
    };
    framed("History", theme, PageLayout::Scrolling, "/history", Vec::new(), content)
}

pub fn login(theme: Theme) -> Markup {
    Login {
        organisation: "Nordlicht Robotics GmbH".to_owned(),
        language: "en".to_owned(),
        theme,
        action: "/login".to_owned(),
        csrf: "gallery".to_owned(),
        email: "mara@nordlicht.example".to_owned(),
        next: "/".to_owned(),
        error: Some("E-mail or password is not right. Check both and try again.".to_owned()),
        passwords: true,
        provider: Some(("Contoso".to_owned(), "/sign-in/provider".to_owned())),
    }
    .render()
}

pub fn missing(theme: Theme) -> Markup {
    ErrorPage {
        status: 404,
        title: "This opportunity is not here".to_owned(),
        text: "It may have been deleted, or you may not be allowed to see it. Ask its owner or an administrator."
            .to_owned(),
        reference: Some("01JDF7-4K2M".to_owned()),
        commands: vec![Command::new("Go to opportunities", "arrow-left", Action::Link("/".to_owned())).primary()],
        shell: Some(shell(theme, "")),
    }
    .render()
}

pub fn suggestions() -> Markup {
    let item = |label: &str, secondary: &str| Suggestion {
        label: label.to_owned(),
        secondary: secondary.to_owned(),
        href: "/opportunity".to_owned(),
    };
    Suggestions {
        groups: vec![
            SuggestionGroup {
                label: "Accounts".to_owned(),
                icon: "building".to_owned(),
                items: vec![item("Iberia Cold Chain", "Zaragoza"), item("Iberia Frigo", "Bilbao")],
            },
            SuggestionGroup {
                label: "Opportunities".to_owned(),
                icon: "cash".to_owned(),
                items: vec![item("Palletising cell for the new cold store", "Iberia Cold Chain")],
            },
        ],
        all: Some("/".to_owned()),
        query: "iberia".to_owned(),
    }
    .render()
}
