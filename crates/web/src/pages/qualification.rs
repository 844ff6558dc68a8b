//! Qualifying leads: the dialog that shows what would be made, and the act.

use axum::{extract::State, http::StatusCode, response::Response};
use crm::{
    Origin, Row,
    leads::{AccountChoice, ContactChoice, OpportunityDraft, Preview, Qualification, QualifyChoice, duplicates::Match},
    reading::Names,
};
use language::{Language, tr};
use maud::{Markup, Render, html};
use model::{FormKind, Reference, Table};
use uuid::Uuid;

use super::record::labelled;
use crate::{
    address::Address,
    app::Site,
    components::{
        Control, Dialog, DialogSize, Field,
        fields::{ChoiceOption, OnlyWhen},
    },
    failure::{Failure, sentence},
    flash::Flash,
    posted::{Posted, Typed},
    respond::{fragment, html},
    session::Me,
    view::{
        fields::{self, Fields},
        input,
        record::{errors_of, form_columns},
        tables,
    },
};

/// Element id of the dialog, and prefix of those within.
const ID: &str = "qualification";
/// Most opportunities of one lead in this dialog.
const MOST: usize = 10;

/// Most existing records named in the hint under a choice.
const SEEN: usize = 3;
/// Sent back once the dialog has said that two opportunities bear the same topic.
const SAME_TOPIC: &str = "same_topic";

/// What the dialog is made of.
struct Asked {
    lead: Row,
    preview: Preview,
    names: Names,
}

/// What is wrong with what was sent.
#[derive(Default)]
struct Wrong {
    /// Field by field.
    errors: Vec<(String, String)>,
    /// Nothing but topics that two opportunities bear, which may be meant.
    only_topics: bool,
}

impl From<Vec<(String, String)>> for Wrong {
    fn from(errors: Vec<(String, String)>) -> Self {
        Self { errors, only_topics: false }
    }
}

/// The dialog.
pub(crate) async fn show(State(site): State<Site>, me: Me, Address(id): Address<Uuid>) -> Result<Response, Failure> {
    let asked = ask(&site, &me, id, &Typed::default()).await?;
    Ok(fragment(dialog(&site, &me, id, &asked, &Typed::default(), 1, &Wrong::default())?))
}

async fn ask(site: &Site, me: &Me, id: Uuid, typed: &Typed) -> Result<Asked, Failure> {
    let (lead, mut names) = site.app.get_with_names(&me.caller, "lead", id).await?;
    let preview = site.app.leads().preview(&me.caller, id).await?;
    let table = labelled(site, "opportunity")?;
    let mut pointed: Vec<Reference> =
        preview.existing_account.iter().chain(&preview.existing_contact).cloned().collect();
    pointed.extend(["account_other", "contact_other"].iter().filter_map(|name| any_reference(typed.text(name))));
    for number in 0..MOST {
        pointed.extend(fields::references(&table, &preview.opportunity, Some(&typed.with_prefix(&prefix(number)))));
    }
    for (reference, name) in site.app.names(&me.caller, pointed).await?.iter() {
        names.insert(reference.clone(), name.to_owned());
    }
    Ok(Asked { lead, preview, names })
}

fn any_reference(text: &str) -> Option<Reference> {
    input::reference(text, &["account".to_owned(), "contact".to_owned()]).ok()
}

fn prefix(number: usize) -> String {
    format!("o{number}.")
}

/// Qualifies; `then=new` only adds the fields of one more opportunity.
pub(crate) async fn create(
    State(site): State<Site>,
    Address(id): Address<Uuid>,
    posted: Posted,
) -> Result<Response, Failure> {
    let Posted { me, typed } = posted;
    let asked = ask(&site, &me, id, &typed).await?;
    let count = typed.text("opportunities").parse().unwrap_or(1).clamp(1, MOST);
    if typed.get("then") == Some("new") {
        return Ok(fragment(dialog(&site, &me, id, &asked, &typed, (count + 1).min(MOST), &Wrong::default())?));
    }
    let wrong = match choice(&site, &me, &asked, &typed, count)? {
        Ok(choice) => match site.app.leads().qualify(&me.caller, Origin::Page, id, choice).await {
            Ok(done) => {
                let model = site.model();
                let href = match done.opportunities.first() {
                    Some(primary) => tables::href_of(&model, "opportunity", *primary),
                    None => tables::href_of(&model, "lead", id),
                };
                let words = in_words(&site, &me, &done).await?;
                return Ok(me.go(&href, Some(Flash::done(words).undo(done.act))));
            }
            Err(error) => errors_of(&error).ok_or(error)?.into(),
        },
        Err(wrong) => wrong,
    };
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, dialog(&site, &me, id, &asked, &typed, count, &wrong)?.render()))
}

/// What the lead became.
async fn in_words(site: &Site, me: &Me, done: &Qualification) -> Result<String, Failure> {
    let parties = [("account", done.account), ("contact", done.contact)];
    let parties = parties.into_iter().filter_map(|(table, id)| Some(Reference::new(table, id?)));
    let deals = done.opportunities.iter().map(|id| Reference::new("opportunity", *id));
    let records: Vec<Reference> = parties.chain(deals).collect();
    let names = site.app.names(&me.caller, records.clone()).await?;
    let model = site.model();
    let named = records.iter().filter_map(|of| {
        let label = Language::within_sentence(&model.table(&of.table)?.label);
        let name = names.get(of)?;
        Some(format!("{label} {}", tr!("“{}”", name)))
    });
    let named: Vec<String> = named.collect();
    Ok(match named.as_slice() {
        [] => tr!("Lead qualified."),
        named => tr!("Lead qualified. It became: {}.", named.join(", ")),
    })
}

/// What was chosen, or what is wrong with it.
fn choice(
    site: &Site,
    me: &Me,
    asked: &Asked,
    typed: &Typed,
    count: usize,
) -> Result<Result<QualifyChoice, Wrong>, Failure> {
    let table = labelled(site, "opportunity")?;
    let mut errors = Vec::new();
    let chosen = |name: &str, errors: &mut Vec<(String, String)>| match typed.text(name) {
        "create" => Some(None),
        "skip" => None,
        "other" => match any_reference(typed.text(&format!("{name}_other"))) {
            Some(reference) if reference.table == name => Some(Some(reference.id)),
            _ => {
                errors.push((format!("{name}_other"), choose_one(name)));
                None
            }
        },
        text => {
            if let Some(id) = text.strip_prefix("use:").and_then(|id| id.parse().ok()) {
                Some(Some(id))
            } else {
                errors.push((name.to_owned(), say_what(name)));
                None
            }
        }
    };
    let account = match chosen("account", &mut errors) {
        None => AccountChoice::Skip,
        Some(None) => AccountChoice::Create,
        Some(Some(id)) => AccountChoice::Use(id),
    };
    let contact = match chosen("contact", &mut errors) {
        None => ContactChoice::Skip,
        Some(None) => ContactChoice::Create,
        Some(Some(id)) => ContactChoice::Use(id),
    };
    let mut opportunities = Vec::new();
    for number in 0..count {
        let part = typed.with_prefix(&prefix(number));
        if part.get("wanted") != Some("true") {
            continue;
        }
        let reading =
            fields::read(me, &table, columns(&table).iter().map(String::as_str), Some(&beginning(asked)), &part);
        errors.extend(
            reading.errors.into_iter().map(|(column, message)| (format!("{}{column}", prefix(number)), message)),
        );
        opportunities.push((number, OpportunityDraft { values: reading.values }));
    }
    if errors.is_empty() && typed.get(SAME_TOPIC) != Some("true") {
        let errors = same_topics(&opportunities, &beginning(asked));
        if !errors.is_empty() {
            return Ok(Err(Wrong { errors, only_topics: true }));
        }
    }
    let opportunities = opportunities.into_iter().map(|(_, draft)| draft).collect();
    let choice = QualifyChoice { account, contact, opportunities, ..QualifyChoice::default() };
    Ok(if errors.is_empty() { Ok(choice) } else { Err(errors.into()) })
}

/// Opportunities that bear the topic of an earlier one: hardly what was meant, but possible.
fn same_topics(drafts: &[(usize, OpportunityDraft)], beginning: &Row) -> Vec<(String, String)> {
    let topic = |draft: &OpportunityDraft| {
        let own = draft.values.get("name").and_then(model::Value::as_text);
        own.unwrap_or(beginning.text("name")).trim().to_lowercase()
    };
    let mut errors = Vec::new();
    for (at, (number, draft)) in drafts.iter().enumerate() {
        if drafts[..at].iter().any(|(_, earlier)| topic(earlier) == topic(draft)) {
            let told =
                tr!("is the same as that of another one here; tell them apart, or choose Qualify again to keep it");
            errors.push((format!("{}name", prefix(*number)), told));
        }
    }
    errors
}

/// What an opportunity begins with: what the lead gives it.
fn beginning(asked: &Asked) -> Row {
    let mut row = asked.preview.opportunity.clone();
    for column in ["ownerid", "transactioncurrencyid"] {
        if !row.has(column) {
            row.set(column, asked.lead.value(column).clone());
        }
    }
    row
}

/// The fields of each opportunity, from the form "qualify".
fn columns(table: &Table) -> Vec<String> {
    let form = table.forms.iter().find(|form| form.kind == FormKind::Dialog && form.name == "qualify");
    form.map_or_else(|| vec![table.primary_name.clone()], |form| form_columns(form).map(str::to_owned).collect())
}

fn dialog(
    site: &Site,
    me: &Me,
    id: Uuid,
    asked: &Asked,
    typed: &Typed,
    count: usize,
    wrong: &Wrong,
) -> Result<Dialog, Failure> {
    let model = site.model();
    let errors = wrong.errors.as_slice();
    let (lead, table) = (labelled(site, "lead")?, labelled(site, "opportunity")?);
    let row = beginning(asked);
    let party = |name: &str| party(me, &model, &lead, asked, typed, name, errors);
    let opportunity = |number: usize| -> Markup {
        let prefix = prefix(number);
        let part = typed.with_prefix(&prefix);
        let own: Vec<(String, String)> = errors
            .iter()
            .filter_map(|(name, message)| Some((name.strip_prefix(&prefix)?.to_owned(), message.clone())))
            .collect();
        let fields = Fields {
            me,
            model: &model,
            table: &table,
            names: &asked.names,
            row: &row,
            typed: Some(&part),
            new: true,
            closed: false,
            scope: ID,
            errors: &own,
            parties: None,
        };
        let wanted = Control::Boolean {
            value: part.get("wanted").is_none_or(|wanted| wanted == "true"),
            yes: tr!("Create"),
            no: tr!("Do not create"),
        };
        let label = if count == 1 { tr!("Opportunity") } else { tr!("Opportunity {}", number + 1) };
        let switch = Field {
            name: format!("{prefix}wanted"),
            scope: ID.to_owned(),
            ..Field::new("", tr!("Create an opportunity"), wanted)
        };
        let fields = columns(&table)
            .into_iter()
            .filter_map(|name| fields.field(&name))
            .map(|field| Field { name: format!("{prefix}{}", field.name), ..field });
        html! { h3 { (label) } (switch) @for field in fields { (field) } }
    };
    let name = asked.lead.text("fullname");
    let title = if name.is_empty() { tr!("Qualify this lead") } else { tr!("Qualify {}", name) };
    Ok(Dialog {
        id: ID.to_owned(),
        title,
        icon: "circle-check".to_owned(),
        size: DialogSize::Medium,
        action: Some(format!("/leads/{id}/qualification")),
        csrf: me.csrf.clone(),
        hidden: [("opportunities".to_owned(), count.to_string())]
            .into_iter()
            .chain(wrong.only_topics.then(|| (SAME_TOPIC.to_owned(), "true".to_owned())))
            .collect(),
        errors: summary(&lead, &table, errors),
        text: tr!(
            "Nothing is written before you choose Qualify. Notes and activities follow to the first opportunity."
        ),
        body: html! {
            @for field in party("account") { (field) }
            @for field in party("contact") { (field) }
            @for number in 0..count { (opportunity(number)) }
        },
        submit: tr!("Qualify"),
        submit_more: (count < MOST).then(|| tr!("Add opportunity")),
        ..Dialog::default()
    })
}

/// Everything that is wrong, each leading to its field.
fn summary(lead: &Table, opportunity: &Table, errors: &[(String, String)]) -> Vec<crate::components::FieldError> {
    let one = |(name, message): &(String, String)| {
        let in_dialog = name.starts_with('o') && name.contains('.')
            || matches!(name.as_str(), "account" | "contact" | "account_other" | "contact_other");
        let column = name.split_once('.').map_or(name.as_str(), |(_, column)| column);
        let known = opportunity.column(column).or_else(|| lead.column(column)).map(|column| column.label.clone());
        let label = known.unwrap_or_else(|| match name.as_str() {
            "account" | "account_other" => tr!("Company"),
            "contact" | "contact_other" => tr!("Person"),
            _ => String::new(),
        });
        match (in_dialog, label.is_empty()) {
            (true, _) => {
                crate::components::FieldError { field: Some(format!("{ID}-{name}")), label, message: message.clone() }
            }
            (false, true) => crate::components::FieldError { field: None, label, message: message.clone() },
            (false, false) => crate::components::FieldError {
                field: None,
                label: String::new(),
                message: format!("{label}: {message}"),
            },
        }
    };
    errors.iter().map(one).collect()
}

fn choose_one(name: &str) -> String {
    if name == "account" {
        tr!("choose the account, or another option above")
    } else {
        tr!("choose the contact, or another option above")
    }
}

fn say_what(name: &str) -> String {
    if name == "account" {
        tr!("say what shall become of the account")
    } else {
        tr!("say what shall become of the contact")
    }
}

/// What shall become of the company or the person.
fn party(
    me: &Me,
    model: &model::Model,
    lead: &Table,
    asked: &Asked,
    typed: &Typed,
    name: &str,
    errors: &[(String, String)],
) -> Vec<Field> {
    let preview = &asked.preview;
    let (new, existing, matching, [label, another, none, other_label], lookup_column) = if name == "account" {
        (
            preview.account.as_ref().map(|row| row.text("name").to_owned()),
            &preview.existing_account,
            &preview.matching_accounts,
            [tr!("Account"), tr!("Use another account"), tr!("No account"), tr!("Other account")],
            "parentaccountid",
        )
    } else {
        let full = |row: &Row| {
            [row.text("firstname"), row.text("lastname")]
                .iter()
                .filter(|part| !part.is_empty())
                .copied()
                .collect::<Vec<_>>()
                .join(" ")
        };
        (
            preview.contact.as_ref().map(full),
            &preview.existing_contact,
            &preview.matching_contacts,
            [tr!("Contact"), tr!("Use another contact"), tr!("No contact"), tr!("Other contact")],
            "parentcontactid",
        )
    };
    let mut options: Vec<(String, String)> = Vec::new();
    if let Some(reference) = existing {
        let known = asked.names.get(reference).map_or_else(|| tr!("(no name)"), str::to_owned);
        let why = matching.iter().find(|found| found.reference == *reference).map(|found| found.reason.as_str());
        let words = match why {
            Some(why) => tr!("Use {} (already on the lead, {})", known, why),
            None => tr!("Use {} (already on the lead)", known),
        };
        options.push((format!("use:{}", reference.id), words));
    }
    let others = matching.iter().filter(|found| Some(&found.reference) != existing.as_ref());
    options
        .extend(others.map(|found: &Match| {
            (format!("use:{}", found.reference.id), tr!("Use {} ({})", found.name, found.reason))
        }));
    let first = options.first().map(|(value, _)| value.clone());
    if let Some(new) = new.filter(|new| !new.is_empty()) {
        options.push(("create".to_owned(), tr!("Create new: {}", new)));
    }
    options.push(("other".to_owned(), another));
    options.push(("skip".to_owned(), none));
    let creates = options.iter().any(|(value, _)| value == "create");
    let wanted = typed
        .get(name)
        .map(str::to_owned)
        .or(first)
        .unwrap_or_else(|| if creates { "create" } else { "skip" }.to_owned());
    let holds = wanted == "other";
    let options =
        options.into_iter().map(|(value, label)| ChoiceOption { chosen: value == wanted, value, label }).collect();
    let wrong = |name: &str| errors.iter().find(|(field, _)| field == name).map(|(_, message)| sentence(message));
    let mut choice =
        Field { scope: ID.to_owned(), error: wrong(name), ..Field::new(name, label, Control::Choice { options }) }
            .required();
    if !matching.is_empty() && existing.is_none() {
        let seen: Vec<String> =
            matching.iter().map(|found| format!("{} ({})", found.name, found.reason)).take(SEEN).collect();
        choice.help = Some(tr!("There seems to be one already: {}.", seen.join(", ")));
    }
    let other = format!("{name}_other");
    let Some(column) = lead.column(lookup_column) else { return vec![choice] };
    let mut control = fields::lookup(me, model, lead, column);
    control.value = any_reference(typed.text(&other)).map(|reference| crate::components::LookupValue {
        label: asked.names.get(&reference).map_or_else(|| tr!("(no name)"), str::to_owned),
        href: None,
        id: reference.id.to_string(),
        table: reference.table,
    });
    control.create = Vec::new();
    let field = Field {
        scope: ID.to_owned(),
        error: wrong(&other),
        ..Field::new(other.clone(), other_label, Control::Lookup(control))
    };
    let when = OnlyWhen { name: name.to_owned(), value: "other".to_owned(), holds };
    vec![choice, Field { only_when: Some(when), ..field }]
}
