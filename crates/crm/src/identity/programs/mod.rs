//! Programs that sign in by OAuth 2.0 (RFC 6749): by themselves, as their application user, or in
//! the name of people who let them in by an authorisation code with PKCE (RFC 7636).
//!
//! A program is a row of `program`. What it holds lies among the secrets, as fingerprints only: its
//! own secrets, codes, access tokens (beside personal ones, see `token`), refresh tokens, and for
//! each time somebody let it in a *grant*, with which all its tokens end.

mod application_user;
mod authorise;
mod client;
mod exchange;
mod grants;
mod redirect;
mod refusal;
mod scope;
mod secrets;

use model::{Filter, Path};
use store::{Query, Reader, Row};
use uuid::Uuid;

use super::Identity;
use crate::{
    Caller, Result,
    access::{Ceiling, Within},
    records::Work,
};

pub(crate) use application_user::before_user;
pub(super) use authorise::KIND as CODE;
pub use authorise::{Asking, Authorisation, Unanswerable};
pub use client::ClientCredentials;
pub use exchange::{Issued, Presented};
pub use grants::LetIn;
pub(super) use grants::{KIND as GRANT, is_valid};
pub use refusal::{ProgramRefusal, RefusalCode};
pub use scope::{CHANGE, OFFLINE, READ, Scope};
pub use secrets::{ClientSecret, MOST_SECRET_DAYS, MOST_SECRETS};

/// Kind of secret a refresh token is kept as; its key is the fingerprint.
pub(super) const REFRESH: &str = "refresh-token";
/// The table of programs.
const TABLE: &str = "program";
/// Most programs that are named where a role limits them.
const MOST_NAMED: usize = 5;
/// Most roles that limit a program.
const MOST_ROLES: u32 = 500;
/// `accesscode` of a program that only reads.
const ONLY_READ: i64 = 2;

/// A program as it is registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    /// The row of `program`.
    pub id: Uuid,
    /// By which it names itself, `client_id`.
    pub client_id: Uuid,
    /// What people call it.
    pub name: String,
    /// What it does.
    pub description: String,
    /// Runs on people's devices and keeps no secret.
    pub public: bool,
    /// May only read.
    pub only_reads: bool,
    /// Gets no tokens, and those it has do not work.
    pub disabled: bool,
    /// Where people may be sent back to.
    pub redirects: Vec<String>,
    /// Names of the roles beyond which it may not go, whoever it works for; none for no such limit.
    pub roles: Vec<String>,
}

impl Program {
    fn of(row: &Row, roles: Vec<String>) -> Self {
        let is = |column: &str| row.value(column).as_boolean() == Some(true);
        Self {
            id: row.value("programid").as_id().unwrap_or_default(),
            client_id: row.value("applicationid").as_id().unwrap_or_default(),
            name: row.text("name").to_owned(),
            description: row.text("description").to_owned(),
            public: is("ispublic"),
            only_reads: row.value("accesscode").as_whole() == Some(ONLY_READ),
            disabled: is("isdisabled"),
            redirects: redirect::lines(row.text("redirecturis")).map(str::to_owned).collect(),
            roles,
        }
    }

    /// The registered program whose `column` holds this; read by the engine, which sees all.
    pub(super) fn find(reader: &mut Reader<'_>, engine: &Caller, column: &str, id: Uuid) -> Result<Option<Self>> {
        let query = |table: &str| Query::of(table, engine.scope().clone(), engine.zone());
        let columns = ["programid", "applicationid", "name", "description", "ispublic", "accesscode", "isdisabled"];
        let wanted = query(TABLE).select(columns).select(["redirecturis"]).matching(Filter::eq(column, id)).take(1);
        let Some(row) = reader.query(&wanted)?.to_rows().next() else { return Ok(None) };
        let program = row.value("programid").as_id().unwrap_or_default();
        let roles = query("programroles")
            .select([Path::through("roleid", "name")])
            .matching(Filter::eq("programid", program))
            .take(MOST_ROLES);
        let names = reader.query(&roles)?.rows.into_iter().flatten();
        let names = names.filter_map(|name| name.as_text().map(str::to_owned)).collect();
        Ok(Some(Self::of(&row, names)))
    }

    /// What a request of the program leaves of somebody's rights; `reading` where no more than that was
    /// granted.
    pub(super) fn within(&self, reader: &Reader<'_>, reading: bool) -> Within {
        let mut ceilings = Vec::new();
        if !self.roles.is_empty() {
            let model = reader.model();
            // A role that was taken out of the model allows nothing any more.
            let roles = self.roles.iter().filter_map(|name| model.role(name)).cloned().collect();
            ceilings.push(Ceiling::Roles(roles));
        }
        if self.only_reads || reading {
            ceilings.push(Ceiling::Reading);
        }
        Within { program: Some(self.id), ceilings, ..Within::default() }
    }
}

impl Identity<'_> {
    /// A program by its row.
    ///
    /// # Errors
    /// [`crate::Error::NotFound`] where there is none.
    pub async fn program(&self, id: Uuid) -> Result<Program> {
        let engine = self.app.engine().await?;
        let found = self.app.read(move |reader| Program::find(reader, &engine, "programid", id)).await?;
        found.ok_or_else(|| crate::Error::NotFound { table: TABLE.to_owned(), id })
    }

    /// The program that names itself so, unless it is disabled or unknown.
    async fn program_named(&self, client_id: &str) -> Result<Option<Program>> {
        let Ok(id) = Uuid::try_parse(client_id) else { return Ok(None) };
        let engine = self.app.engine().await?;
        let found = self.app.read(move |reader| Program::find(reader, &engine, "applicationid", id)).await?;
        Ok(found.filter(|program| !program.disabled))
    }
}

/// A new or changed row of `program`: it gets a name for itself, and sound addresses.
pub(crate) fn before_write(old: Option<&Row>, row: &mut Row) -> Result<()> {
    let (now, before) = (row.value("applicationid").as_id(), old.and_then(|old| old.value("applicationid").as_id()));
    match before {
        Some(before) if row.contains("applicationid") && now != Some(before) => {
            return Err(crate::Error::refused(language::tr!(
                "the application id {before} stays what it is, since programs bear it; register another program instead",
                before
            )));
        }
        None if now.is_none() => row.set("applicationid", Uuid::new_v4()),
        _ => {}
    }
    redirect::check(row)
}

/// A role that limits programs stays: with the last one that limits it a program would have no limit.
///
/// # Errors
/// Refused with the names of the programs.
pub(crate) fn refuse_deletion_of_role(work: &mut Work<'_, '_>, role: Uuid) -> Result<()> {
    let names: Vec<String> = work.as_consequence(|work| {
        let limited = work.find("programroles", Filter::eq("roleid", role), &["programid"])?;
        let ids: Vec<Uuid> = limited.iter().filter_map(|row| row.value("programid").as_id()).take(MOST_NAMED).collect();
        let mut names = Vec::new();
        for id in ids {
            let program = work.find(TABLE, Filter::eq("programid", id), &["name"])?;
            names.extend(program.first().map(|program| format!("“{}”", program.text("name"))));
        }
        Ok(names)
    })?;
    if names.is_empty() {
        return Ok(());
    }
    Err(crate::Error::refused(language::tr!(
        "the role limits what programs may do: {}; take it out of their limits first",
        names.join(", ")
    )))
}

/// What a program held goes with it.
pub(crate) fn after_delete(work: &mut Work<'_, '_>, row: &Row) -> Result<()> {
    let program = row.value("programid").as_id().unwrap_or_default();
    for secret in work.writer().secrets_of(secrets::KIND, program)? {
        work.writer().delete_secret(secrets::KIND, &secret.key)?;
    }
    Ok(())
}
