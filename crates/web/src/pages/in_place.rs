//! Values of a row that are changed where they stand: on a card, in a cell, in a short dialog.

use crm::{
    Origin, Row,
    access::{self, Privilege},
};
use language::tr;
use model::{Model, Table};
use uuid::Uuid;

use super::{
    duplicate_warning,
    record::with_typed_names,
    together::{Met, Said, at_once, mark, meet, version},
};
use crate::{
    app::Site,
    components::Field,
    failure::{Failure, sentence},
    flash::Flash,
    posted::Typed,
    session::Me,
    view::{
        board::editable,
        duplicates, fields,
        fields::Fields,
        parties::Parties,
        record::{errors_of, is_closed, is_merged},
    },
};

/// The row and those of its columns that are open.
pub(super) struct Place<'a> {
    pub site: &'a Site,
    pub me: &'a Me,
    pub model: &'a Model,
    pub table: &'a Table,
    pub id: Uuid,
    pub columns: Vec<String>,
}

/// Fields to fill in, and what goes along with them.
pub(super) struct Open {
    pub fields: Vec<Field>,
    /// What the row is called.
    pub name: String,
    /// The version of the row that the fields were made of, and what has been seen.
    pub hidden: Vec<(String, String)>,
}

/// What became of what was typed.
pub(super) enum Outcome {
    /// It is stored, with a message where anything changed.
    Kept(Option<Flash>),
    /// It is not: the fields are shown again.
    Refused(Refusal),
}

/// Why something typed was not stored.
#[derive(Default)]
pub(super) struct Refusal {
    /// By column; an empty one means the row as a whole.
    errors: Vec<(String, String)>,
    /// What others did meanwhile.
    contested: Vec<(String, String)>,
    /// Records seem to be the same, which a person may have seen now.
    asked: bool,
}

impl Refusal {
    /// What is wrong, by column.
    pub fn errors(&self) -> &[(String, String)] {
        &self.errors
    }
}

impl<'a> Place<'a> {
    /// A place in which these columns may be changed by the person.
    ///
    /// # Errors
    /// [`Failure::NoPage`] where one of them may not, or there is none.
    pub fn new(
        site: &'a Site,
        me: &'a Me,
        model: &'a Model,
        (table, id): (&'a Table, Uuid),
        columns: Vec<String>,
    ) -> Result<Self, Failure> {
        let is_open = |name: &String| table.column(name).is_some_and(|column| editable(me, table, column));
        if columns.is_empty() || !columns.iter().all(is_open) {
            return Err(Failure::NoPage);
        }
        Ok(Self { site, me, model, table, id, columns })
    }

    /// The fields as they are stored. Refused where the row may not be changed, before anybody types.
    pub async fn begin(&self, scope: &str) -> Result<Open, Failure> {
        let row = self.site.app.get(&self.me.caller, &self.table.name, self.id, None).await?;
        let table = self.site.app.table(&self.table.name)?;
        let rights = self.site.app.rights_on(&self.me.caller, &table, &row).await?;
        if !rights.contains(&Privilege::Write) {
            return Err(access::refusal(&self.me.caller, Privilege::Write, self.table).into());
        }
        if is_closed(self.table, &row) || is_merged(&row) {
            let name = row.text(&self.table.primary_name);
            let text = tr!("{} “{name}” is closed and read-only; open it again first", self.table.label, name);
            return Err(crm::Error::refused(text).into());
        }
        self.open(scope, None, &Refusal::default()).await
    }

    /// The fields with what was typed, and why it was refused.
    pub async fn again(&self, scope: &str, typed: &Typed, why: &Refusal) -> Result<Open, Failure> {
        self.open(scope, Some(typed), why).await
    }

    async fn open(&self, scope: &str, typed: Option<&Typed>, why: &Refusal) -> Result<Open, Failure> {
        let Self { site, me, model, table, id, .. } = *self;
        let (row, mut names) = site.app.get_with_names(&me.caller, &table.name, id).await?;
        if let Some(typed) = typed {
            names = with_typed_names(site, me, table, names, typed).await?;
        }
        let made = Fields {
            me,
            model,
            table,
            names: &names,
            row: &row,
            typed,
            new: false,
            closed: false,
            scope,
            errors: &why.errors,
            parties: None,
        };
        let mut fields: Vec<Field> = self.columns.iter().filter_map(|name| made.field(name)).collect();
        let said = Said { errors: &why.errors, contested: &why.contested };
        if let Some(first) = fields.first_mut() {
            first.autofocus = true;
        }
        if let [only] = fields.as_mut_slice() {
            only.help = None;
            if only.error.is_none() {
                // A rule that no single field breaks is told beside the one that was changed.
                only.error = said.errors.first().map(|(_, message)| sentence(message));
            }
        }
        mark(fields.iter_mut(), said.contested);
        // What was typed belongs to the version it came with.
        let stored = || row.value("versionnumber").as_whole().unwrap_or_default();
        let version = typed.and_then(version).unwrap_or_else(stored);
        let mut hidden: Vec<(String, String)> =
            self.columns.iter().map(|name| ("column".to_owned(), name.clone())).collect();
        hidden.push(("version".to_owned(), version.to_string()));
        if why.asked {
            hidden.push((duplicates::SEEN.to_owned(), duplicates::YES.to_owned()));
        }
        Ok(Open { fields, name: row.text(&table.primary_name).to_owned(), hidden })
    }

    /// Stores what was typed, together with what others saved after the fields were opened.
    pub async fn keep(&self, typed: &mut Typed) -> Result<Outcome, Failure> {
        let Self { site, me, table, id, .. } = *self;
        let mut met = self.meanwhile(typed).await?;
        let row = site.app.get(&me.caller, &table.name, id, None).await?;
        let reading = fields::read(me, table, self.columns.iter().map(String::as_str), Some(&row), typed);
        let mut why = Refusal { errors: reading.errors, ..Refusal::default() };
        why.errors.append(&mut met.errors);
        why.contested = met.contested;
        if !why.errors.is_empty() {
            return Ok(Outcome::Refused(why));
        }
        if reading.values.is_empty() {
            return Ok(Outcome::Kept(None));
        }
        let wanted = reading.values.clone();
        match self.change(reading.values, typed).await {
            Ok((act, now)) => {
                let told = self.told(row.text(&table.primary_name), &wanted, &now);
                return Ok(Outcome::Kept(Some(Flash::done(told).undo(act))));
            }
            // Once more, at this very moment.
            Err(crm::Error::Changed { .. }) => {
                why.contested = self.meanwhile(typed).await?.contested;
                why.errors = vec![at_once()];
            }
            Err(crm::Error::Duplicates(found)) => {
                why.asked = !found.blocked;
                why.errors = vec![(String::new(), duplicates::asked_again(&found))];
            }
            Err(error) => why.errors = errors_of(&error).ok_or(error)?,
        }
        Ok(Outcome::Refused(why))
    }

    async fn meanwhile(&self, typed: &mut Typed) -> Result<Met, Failure> {
        let Self { site, me, table, id, .. } = *self;
        let (row, names) = site.app.get_with_names(&me.caller, &table.name, id).await?;
        meet(site, me, (table, id), &self.columns, (&row, &names, &Parties::default()), typed).await
    }

    async fn change(&self, values: Row, typed: &Typed) -> crm::Result<(Uuid, Row)> {
        let (table, id, version) = (self.table.name.clone(), self.id, version(typed));
        let has_looked = duplicate_warning::has_looked(typed);
        let change = self.site.app.work(&self.me.caller, Origin::Page, move |work| {
            if !has_looked {
                work.warn_of_duplicates();
            }
            let row = work.update(&table, id, values, version)?;
            Ok((work.act(), row))
        });
        change.await
    }

    fn told(&self, name: &str, wanted: &Row, now: &Row) -> String {
        let labels = wanted.iter().filter_map(|(name, _)| self.table.column(name)).map(|column| column.label.as_str());
        let labels = labels.collect::<Vec<_>>().join(", ");
        // A rule may have its own idea of the value: revenue that product lines sum up to.
        let is_kept = wanted.iter().all(|(name, value)| now.value(name) == value);
        if is_kept {
            tr!("{} of “{name}” changed.", labels, name)
        } else {
            tr!("{} of “{name}” is calculated and stays.", labels, name)
        }
    }
}
