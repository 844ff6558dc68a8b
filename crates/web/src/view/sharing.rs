//! With whom a record is shared, and its access teams.

use std::collections::BTreeSet;

use crm::{
    access::{self, Privilege, RecordTeam, SHAREABLE, Share},
    reading::Names,
};
use language::{Language, tr};
use maud::{Markup, Render, html};
use model::{Model, Reference, Table};
use uuid::Uuid;

use super::{fields, input};
use crate::{
    components::{
        Control, Field, FieldError, LookupValue, PlainTable, TableColumn,
        fields::{ChoiceOption, LookupControl},
        form::error_summary,
        icon,
    },
    posted::Typed,
    session::Me,
};

/// The fields of the forms.
pub(crate) const WHOM: &str = "principalid";
pub(crate) const WHAT: &str = "privileges";
pub(crate) const MEMBER: &str = "member";

/// What the page is shown with beyond the record.
#[derive(Default)]
pub(crate) struct Shown {
    /// What was typed, where it was refused.
    pub typed: Typed,
    /// The share that is changed.
    pub changing: Option<Reference>,
    /// The template of the access team to which somebody was to be added.
    pub template: Option<Uuid>,
    /// What is wrong, by field; an empty name means the form as a whole.
    pub errors: Vec<(&'static str, String)>,
}

/// The page.
pub(crate) struct Sharing<'a> {
    pub me: &'a Me,
    pub model: &'a Model,
    pub table: &'a Table,
    /// The record's page.
    pub href: String,
    pub name: &'a str,
    /// What the person may do with the record themselves.
    pub rights: &'a BTreeSet<Privilege>,
    pub shares: &'a [Share],
    /// Of those it is shared with.
    pub names: &'a Names,
    pub teams: &'a [RecordTeam],
    /// The names of the members of the teams.
    pub members: &'a Names,
    /// Users and teams to choose from without a script.
    pub offered: &'a [LookupValue],
    pub shown: &'a Shown,
}

impl Sharing<'_> {
    /// Everything below the page's frame; none where the model lacks what it is made of.
    pub fn content(&self) -> Option<Markup> {
        let label = Language::within_sentence(&self.table.label);
        // The access teams of the record stand below, with their members.
        let by_team = |share: &Share| self.teams.iter().any(|team| team.team == Some(share.principal.id));
        let others: Vec<&Share> = self.shares.iter().filter(|share| !by_team(share)).collect();
        let teams = self.teams.iter().map(|team| self.team(team)).collect::<Option<Vec<_>>>()?;
        let form = self.form()?;
        Some(html! {
            div.page-plain {
                header {
                    nav.record-trail aria-label=(tr!("Where this is")) {
                        a href=(self.href) { (icon("chevron-left")) span { (self.name) } }
                    }
                    h1 { (tr!("Sharing")) }
                    p { (tr!("{} “{}”", self.table.label, self.name)) }
                }
                section.page-card aria-labelledby="shared-with" {
                    h2 id="shared-with" { (tr!("Shared with")) }
                    @if others.is_empty() {
                        p { (tr!("Nobody. Its owner sees this {}, and whoever sees it by their security roles.", label)) }
                    } @else {
                        (self.list(&others))
                    }
                }
                (form)
                @if !teams.is_empty() { div id="access-teams" { @for team in &teams { (team) } } }
            }
        })
    }

    fn list(&self, shares: &[&Share]) -> Markup {
        let row = |share: &&Share| {
            let name = self.names.get(&share.principal).map_or_else(|| tr!("(no name)"), str::to_owned);
            let followed: BTreeSet<Privilege> = share.privileges.difference(&share.direct).copied().collect();
            vec![
                html! { (name) @if share.principal.table == "team" { " (" (tr!("team")) ")" } },
                html! {
                    (labels(&share.direct))
                    @if !followed.is_empty() {
                        @if !share.direct.is_empty() { "; " }
                        (tr!("{} with what it hangs on", labels(&followed)))
                    }
                },
                html! { @if !share.direct.is_empty() { (self.commands(share, &name)) } },
            ]
        };
        table(
            &tr!("Users and teams it is shared with"),
            [tr!("User or team"), tr!("May")],
            shares.iter().map(row).collect(),
        )
    }

    fn commands(&self, share: &Share, name: &str) -> Markup {
        let Reference { table, id } = &share.principal;
        html! {
            div.page-commands {
                a.btn.btn-sm href={ (self.href) "/shares?" (WHOM) "=" (table) ":" (id) "#share" }
                    aria-label=(tr!("Change what {} may do", name)) { (tr!("Change")) }
                form method="post" action={ (self.href) "/shares/" (table) "/" (id) "/end" } {
                    input type="hidden" name="csrf" value=(self.me.csrf);
                    button.btn.btn-sm type="submit" aria-label=(tr!("Stop sharing with {}", name)) { (tr!("Stop sharing")) }
                }
            }
        }
    }

    /// The form that shares, or changes a share.
    fn form(&self) -> Option<Markup> {
        let changing = self.shown.changing.as_ref().map(|whom| (whom, self.label_of(whom)));
        let title = match &changing {
            Some((_, name)) => tr!("Change what {} may do", name),
            None => tr!("Share with somebody"),
        };
        let whom = self.whom()?;
        let what =
            self.field(Field::new(WHAT, tr!("They may"), Control::MultiChoice { options: self.options() }).required());
        let errors: Vec<FieldError> = self
            .shown
            .errors
            .iter()
            .filter(|(name, _)| *name != MEMBER)
            .map(|(name, message)| {
                let field = [&whom, &what].into_iter().find(|field| field.name == *name);
                FieldError {
                    field: field.map(Field::id),
                    label: field.map(|field| field.label.clone()).unwrap_or_default(),
                    message: message.clone(),
                }
            })
            .collect();
        Some(html! {
            section.form-section aria-labelledby="share" {
                h2 id="share" { (title) }
                (error_summary(&errors))
                @if changing.is_none() { (self.search()) }
                form method="post" action={ (self.href) "/shares" } novalidate {
                    input type="hidden" name="csrf" value=(self.me.csrf);
                    @if let Some((whom, _)) = &changing {
                        input type="hidden" name=(WHOM) value={ (whom.table) ":" (whom.id) };
                        input type="hidden" name="change" value="true";
                    }
                    div.form-grid.columns-2 {
                        @if changing.is_none() { (whom) }
                        (what)
                    }
                    div.page-commands {
                        @if changing.is_some() { a.btn href={ (self.href) "/shares" } { (tr!("Cancel")) } }
                        button.btn.btn-primary type="submit" { @if changing.is_some() { (tr!("Save")) } @else { (tr!("Share")) } }
                    }
                }
            }
        })
    }

    /// How users and teams beyond the first are found where no script does it.
    fn search(&self) -> Markup {
        html! {
            noscript {
                form method="get" action={ (self.href) "/shares#share" } {
                    label for="find" { (tr!("Find users and teams called")) }
                    input.form-control id="find" name="find" value=(self.shown.typed.text("find"));
                    div.page-commands { button.btn type="submit" { (tr!("Find")) } }
                }
            }
        }
    }

    fn whom(&self) -> Option<Field> {
        let shares = self.model.table("principalobjectaccess")?;
        let column = shares.column(WHOM)?;
        let chosen = input::reference(self.shown.typed.text(WHOM), column.targets()).ok();
        let value = chosen.map(|whom| LookupValue {
            label: self.label_of(&whom),
            id: whom.id.to_string(),
            table: whom.table,
            href: None,
        });
        let control = LookupControl {
            value,
            create: Vec::new(),
            offered: self.offered.to_vec(),
            ..fields::lookup(self.me, self.model, shares, column)
        };
        Some(self.field(Field::new(WHOM, tr!("User or team"), Control::Lookup(control)).required()))
    }

    fn label_of(&self, whom: &Reference) -> String {
        let id = whom.id.to_string();
        let offered = || self.offered.iter().find(|offered| offered.id == id).map(|offered| offered.label.as_str());
        self.names.get(whom).or_else(offered).map_or_else(|| tr!("this user or team"), str::to_owned)
    }

    /// What the person may share: what they may do themselves, and what is shared already.
    fn options(&self) -> Vec<ChoiceOption> {
        let changing = self.shown.changing.as_ref();
        let present = changing.and_then(|whom| self.shares.iter().find(|share| share.principal == *whom));
        let present = present.map(|share| share.direct.clone()).unwrap_or_default();
        let is_chosen = |privilege: Privilege| {
            if self.shown.typed.has(WHAT) {
                self.shown.typed.all(WHAT).any(|typed| typed == key(privilege))
            } else if changing.is_some() {
                present.contains(&privilege)
            } else {
                privilege == Privilege::Read
            }
        };
        let may = |privilege: &Privilege| self.rights.contains(privilege) || present.contains(privilege);
        SHAREABLE
            .into_iter()
            .filter(may)
            .map(|privilege| ChoiceOption {
                value: key(privilege).to_owned(),
                label: access::label(privilege),
                chosen: is_chosen(privilege),
            })
            .collect()
    }

    fn field(&self, field: Field) -> Field {
        let error = self.shown.errors.iter().find(|(name, _)| *name == field.name).map(|(_, message)| message.clone());
        Field { error, scope: "share".to_owned(), ..field }
    }

    /// One access team of the record.
    fn team(&self, team: &RecordTeam) -> Option<Markup> {
        let template = &team.template;
        let action = format!("{}/access-teams/{}", self.href, template.id);
        let heading = format!("team-{}", template.id);
        let row = |member: &Reference| {
            let name = self.members.get(member).map_or_else(|| tr!("(no name)"), str::to_owned);
            let remove = html! {
                form method="post" action={ (action) "/" (member.id) "/removal" } {
                    input type="hidden" name="csrf" value=(self.me.csrf);
                    button.btn.btn-sm type="submit" aria-label=(tr!("Remove {} from {}", name, template.name)) { (tr!("Remove")) }
                }
            };
            vec![html! { (name) }, remove]
        };
        let field = self.member(template.id)?;
        Some(html! {
            section.page-card aria-labelledby=(heading) {
                h2 id=(heading) { (tr!("Access team: {}", template.name)) }
                p { (tr!("Its members may: {}.", labels(&template.privileges))) }
                @if !team.members.is_empty() {
                    (table(&tr!("Members of {}", template.name), [tr!("Member")], team.members.iter().map(row).collect()))
                }
                form method="post" action=(action) novalidate {
                    input type="hidden" name="csrf" value=(self.me.csrf);
                    (field)
                    div.page-commands { button.btn type="submit" { (tr!("Add to {}", template.name)) } }
                }
            }
        })
    }

    /// Who is to be added to the team of a template.
    fn member(&self, template: Uuid) -> Option<Field> {
        let memberships = self.model.table("teammembership")?;
        let control = LookupControl {
            create: Vec::new(),
            offered: self.offered.iter().filter(|offered| offered.table == "systemuser").cloned().collect(),
            ..fields::lookup(self.me, self.model, memberships, memberships.column("systemuserid")?)
        };
        let field = self.field(Field::new(MEMBER, tr!("User"), Control::Lookup(control)).required());
        let error = field.error.clone().filter(|_| self.shown.template == Some(template));
        Some(Field { scope: format!("member-{template}"), error, ..field })
    }
}

/// A table with these columns, and one of commands.
fn table<const N: usize>(caption: &str, columns: [String; N], rows: Vec<Vec<Markup>>) -> Markup {
    let columns = columns.map(|label| TableColumn { label, number: false });
    let commands = TableColumn { label: tr!("Commands"), number: true };
    PlainTable { caption: caption.to_owned(), columns: columns.into_iter().chain([commands]).collect(), rows }.render()
}

fn labels(privileges: &BTreeSet<Privilege>) -> String {
    let ordered = SHAREABLE.into_iter().filter(|privilege| privileges.contains(privilege));
    ordered.map(access::label).collect::<Vec<_>>().join(", ")
}

/// A privilege as the form sends it.
pub(crate) const fn key(privilege: Privilege) -> &'static str {
    match privilege {
        Privilege::Create => "create",
        Privilege::Read => "read",
        Privilege::Write => "write",
        Privilege::Delete => "delete",
        Privilege::Append => "append",
        Privilege::AppendTo => "append_to",
        Privilege::Assign => "assign",
        Privilege::Share => "share",
    }
}
