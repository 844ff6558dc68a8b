//! Requests that somebody makes in the name of somebody else (Dataverse: impersonation). Rows bear
//! the other's name, and beside it whoever acted; what may be done is what both may do.

use std::sync::Arc;

use language::tr;
use model::{Filter, Model, Role};
use store::{Query, Reader};
use uuid::Uuid;

use super::{Ceiling, Within, refused};
use crate::{App, Caller, Error, Organization, Result};

/// In whose name a request is to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnBehalfOf {
    /// A user by their key, `systemuserid`.
    User(Uuid),
    /// A user by their identifier in an outside directory, `azureactivedirectoryobjectid`.
    Directory(Uuid),
}

impl OnBehalfOf {
    const fn id(self) -> Uuid {
        match self {
            Self::User(id) | Self::Directory(id) => id,
        }
    }
}

impl App {
    /// The person `whom`, as far as the caller may act for them: with the rights that both have.
    /// Whoever names themselves stays who they are.
    ///
    /// # Errors
    /// [`Error::Forbidden`] where no role lets the caller act for others, [`Error::NotFound`] where
    /// there is no such user, [`Error::UserDisabled`] where they may not sign in.
    /// Forbidden, too, where the policy on the person allows no tokens.
    pub async fn acting_for(&self, caller: &Caller, whom: OnBehalfOf) -> Result<Caller> {
        if whom == OnBehalfOf::User(caller.user) {
            return Ok(caller.clone());
        }
        let caller = caller.clone();
        self.read_in_organization(move |reader, organization| {
            let person = acting(reader, organization, &caller, whom)?;
            if person.user != caller.user {
                tracing::info!(target: "security", user = %person.user, by = %caller.user, "acts on behalf of a user");
            }
            Ok(person)
        })
        .await
    }
}

/// The person `whom` as far as the caller may act for them now; see [`App::acting_for`].
pub(super) fn acting(
    reader: &mut Reader<'_>,
    organization: &Arc<Organization>,
    caller: &Caller,
    whom: OnBehalfOf,
) -> Result<Caller> {
    if !caller.administrator && !caller.access().acts_for_others {
        return Err(missing_privilege(caller));
    }
    let engine = Caller::engine(Arc::clone(organization));
    let user = enabled_user(reader, &engine, whom)?;
    if user == caller.user {
        return Ok(caller.clone());
    }
    let person = Caller::load_within(reader, organization, user, within(caller, reader.model()))?;
    // What no token of theirs may do, nobody does in their name either. An application user is let
    // in by whoever registered the program.
    if person.application.is_none() && !person.sign_in_policy().tokens {
        return Err(no_programs(caller));
    }
    Ok(person)
}

fn missing_privilege(caller: &Caller) -> Error {
    let words = tr!(
        "Principal user (Id={}) is missing prvActOnBehalfOfAnotherUser privilege; ask an administrator for the role Delegate",
        caller.user
    );
    refused(caller, "act on behalf of somebody", None, words)
}

fn no_programs(caller: &Caller) -> Error {
    let words =
        tr!("the organisation lets nobody and no program work in the name of a person with these security roles");
    refused(caller, "act on behalf of somebody", None, words)
}

/// The key of the user who is meant.
fn enabled_user(reader: &mut Reader<'_>, engine: &Caller, whom: OnBehalfOf) -> Result<Uuid> {
    let column = match whom {
        OnBehalfOf::User(_) => "systemuserid",
        OnBehalfOf::Directory(_) => "azureactivedirectoryobjectid",
    };
    let query = Query::of("systemuser", Arc::clone(engine.scope()), engine.zone())
        .select(["systemuserid", "isdisabled"])
        .matching(Filter::eq(column, whom.id()))
        .take(2);
    let found: Vec<_> = reader.query(&query)?.to_rows().collect();
    // Two people under one identifier: nobody can say who is meant.
    let [row] = found.as_slice() else {
        return Err(Error::NotFound { table: "systemuser".to_owned(), id: whom.id() });
    };
    let user = row.value("systemuserid").as_id().unwrap_or_default();
    if row.value("isdisabled").as_boolean() == Some(true) {
        return Err(Error::UserDisabled { user });
    }
    Ok(user)
}

/// What the caller leaves of the other's rights: no more than their own roles and profiles allow, and
/// no more than the caller themselves may do in this request.
fn within(caller: &Caller, model: &Model) -> Within {
    let held = |role: &&Arc<Role>| caller.roles.contains(&role.label);
    let mut ceilings = caller.within().ceilings.clone();
    ceilings.push(Ceiling::Roles(model.roles.values().filter(held).cloned().collect()));
    if !caller.administrator {
        ceilings.push(Ceiling::Columns(caller.access().columns.clone()));
    }
    Within { acting: Some(caller.user), ceilings, ..caller.within().clone() }
}
