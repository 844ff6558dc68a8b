//! The person whom the provider speaks of.

use std::collections::BTreeSet;

use language::tr;
use model::{Filter, Reference};
use store::{Row, Secret};
use uuid::Uuid;

use super::{GroupMapping, SingleSignOnConfiguration, provider::Claims};
use crate::{
    Error, Origin, Result,
    identity::{Identity, fingerprint, roles, user_by_email},
    records::Work,
};

/// Kind of secret that ties the provider's identifier to a person; its key is a fingerprint of the
/// provider and the identifier.
const KIND: &str = "provider";

/// What the provider says of somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Person {
    /// The provider and its identifier of the person, which never changes.
    key: String,
    /// Their address, where it is verified.
    email: Option<String>,
    first_name: String,
    last_name: String,
    groups: BTreeSet<String>,
}

impl Person {
    /// From the claims of a verified token.
    pub(super) fn of(configuration: &SingleSignOnConfiguration, claims: &Claims) -> Result<Self> {
        let other = &claims.additional_claims().claims;
        let verified = configuration.trust_email || claims.email_verified() == Some(true);
        let email = claims.email().map(|email| email.as_str().trim().to_owned());
        let name = |claim: Option<&str>| claim.unwrap_or_default().trim().to_owned();
        let first_name = name(claims.given_name().and_then(|name| name.get(None)).map(|name| name.as_str()));
        let last_name = name(claims.family_name().and_then(|name| name.get(None)).map(|name| name.as_str()));
        let whole = name(claims.name().and_then(|name| name.get(None)).map(|name| name.as_str()));
        let (first_name, last_name) = match (first_name.is_empty(), last_name.is_empty()) {
            (_, false) => (first_name, last_name),
            _ => whole
                .rsplit_once(' ')
                .map_or((String::new(), whole.clone()), |(first, last)| (first.into(), last.into())),
        };
        let groups = match other.get(&configuration.groups_claim) {
            Some(serde_json::Value::Array(groups)) => {
                groups.iter().filter_map(|group| group.as_str().map(str::to_owned)).collect()
            }
            Some(serde_json::Value::String(group)) => BTreeSet::from([group.clone()]),
            _ => BTreeSet::new(),
        };
        let person = Self {
            key: fingerprint(&format!("{} {}", claims.issuer().as_str(), claims.subject().as_str())),
            email: email.filter(|email| verified && model::is_email(email)),
            first_name,
            last_name,
            groups,
        };
        if !configuration.group.is_empty() && person.mappings(configuration).next().is_none() {
            tracing::warn!(target: "security", groups = ?person.groups, "somebody in no mapped group wanted to sign in");
            return Err(Error::refused(tr!(
                "you are in none of the groups that may use Pipewright; ask an administrator of your directory"
            )));
        }
        Ok(person)
    }

    fn mappings<'c>(&self, configuration: &'c SingleSignOnConfiguration) -> impl Iterator<Item = &'c GroupMapping> {
        configuration.group.iter().filter(|mapping| self.groups.contains(&mapping.name))
    }
}

impl Identity<'_> {
    /// The user for a person of the provider's: the one they are known as, the one with their
    /// address, or a new one, with the roles, teams and business unit of their groups.
    pub(super) async fn person_of_provider(
        &self,
        configuration: &SingleSignOnConfiguration,
        person: Person,
    ) -> Result<Uuid> {
        let (engine, configuration) = (self.app.engine().await?, configuration.clone());
        self.app
            .work(&engine, Origin::Engine, move |work| {
                let user = find(work, &configuration, &person)?;
                let user = match user {
                    Some(user) => user,
                    None => create(work, &configuration, &person)?,
                };
                adjust(work, &configuration, &person, user)?;
                Ok(user)
            })
            .await
    }
}

fn find(work: &mut Work<'_, '_>, configuration: &SingleSignOnConfiguration, person: &Person) -> Result<Option<Uuid>> {
    if let Some(user) = work.writer().secret(KIND, &person.key)?.and_then(|known| known.owner) {
        return Ok(Some(user));
    }
    let email = person.email.as_deref().ok_or_else(|| {
        Error::refused(tr!(
            "the identity provider does not vouch for your e-mail address; verify it there, then sign in again"
        ))
    })?;
    if !configuration.link_by_email {
        return Ok(None);
    }
    let engine = work.caller().clone();
    let user = user_by_email(work.writer(), &engine, email)?;
    if let Some(user) = user {
        link(work, person, user)?;
        tracing::warn!(target: "security", user = %user, "linked to the identity provider by their e-mail address");
    }
    Ok(user)
}

fn link(work: &mut Work<'_, '_>, person: &Person, user: Uuid) -> Result<()> {
    let data = serde_json::json!({ "since": work.now().to_string() });
    let secret = Secret { kind: KIND.into(), key: person.key.clone(), owner: Some(user), expires: None, data };
    Ok(work.writer().put_secret(&secret)?)
}

fn create(work: &mut Work<'_, '_>, configuration: &SingleSignOnConfiguration, person: &Person) -> Result<Uuid> {
    let unknown = tr!("nobody here has your e-mail address; ask an administrator to add you");
    let email =
        person.email.as_deref().filter(|_| configuration.create_people).ok_or_else(|| Error::refused(unknown))?;
    let table = work.table("systemuser")?;
    let last_name = if person.last_name.is_empty() { email } else { &person.last_name };
    let row = Row::new()
        .with("firstname", person.first_name.as_str())
        .with("lastname", last_name)
        .with("internalemailaddress", email)
        .with("businessunitid", Reference::new("businessunit", work.organization().root_business_unit));
    let user = work.create_trusted(&table, None, row)?.value("systemuserid").as_id().unwrap_or_default();
    link(work, person, user)?;
    tracing::warn!(target: "security", user = %user, "created at the first sign-in by the identity provider");
    Ok(user)
}

/// Gives what the person's groups stand for, and takes what only other groups stand for. What no
/// mapping names is left to the administrators here.
fn adjust(
    work: &mut Work<'_, '_>,
    configuration: &SingleSignOnConfiguration,
    person: &Person,
    user: Uuid,
) -> Result<()> {
    let named = |of: fn(&GroupMapping) -> &Vec<String>| -> BTreeSet<&str> {
        configuration.group.iter().flat_map(of).map(String::as_str).collect()
    };
    let granted = |of: fn(&GroupMapping) -> &Vec<String>| -> BTreeSet<&str> {
        person.mappings(configuration).flat_map(of).map(String::as_str).collect()
    };
    let own = Reference::new("systemuser", user);
    let given = granted(|mapping| &mapping.roles);
    for name in named(|mapping| &mapping.roles) {
        let role = Reference::new("role", roles::role_named(work, name)?);
        if given.contains(name) {
            work.associate("systemuserroles_association", &own, &role)?;
        } else {
            take(work, "systemuserroles_association", &own, &role)?;
        }
    }
    let joined = granted(|mapping| &mapping.teams);
    for name in named(|mapping| &mapping.teams) {
        let team = Reference::new("team", one_named(work, "team", "teamid", name)?);
        if joined.contains(name) {
            work.associate("teammembership_association", &team, &own)?;
        } else {
            take(work, "teammembership_association", &team, &own)?;
        }
    }
    if let Some(name) = person.mappings(configuration).find_map(|mapping| mapping.business_unit.as_deref()) {
        let unit = one_named(work, "businessunit", "businessunitid", name)?;
        let now = work.load("systemuser", user)?.value("businessunitid").as_id();
        if now != Some(unit) {
            work.update(
                "systemuser",
                user,
                Row::new().with("businessunitid", Reference::new("businessunit", unit)),
                None,
            )?;
        }
    }
    Ok(())
}

/// Takes something from a person, unless they are the last who may do everything: they can still sign in.
fn take(work: &mut Work<'_, '_>, relationship: &str, one: &Reference, other: &Reference) -> Result<()> {
    match work.attempt(|work| work.dissociate(relationship, one, other))? {
        Err(Error::Refused(reason)) => {
            tracing::warn!(target: "security", %reason, "the groups of a person say less than they keep");
            Ok(())
        }
        outcome => outcome.map(drop),
    }
}

fn one_named(work: &mut Work<'_, '_>, table: &str, key: &str, name: &str) -> Result<Uuid> {
    let found = work.find(table, Filter::eq("name", name), &[key])?;
    found.first().and_then(|row| row.value(key).as_id()).ok_or_else(|| {
        tracing::error!(target: "security", "the configuration of single sign-on names the {table} “{name}”, which is not there");
        Error::refused(tr!("single sign-on is not configured rightly; tell an administrator, who finds the reason in the log"))
    })
}
