//! Who people are and what they may do, kept so that not every request reads and works it out anew.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::tz::TimeZone;
use model::Model;
use store::{Reader, Scope};
use uuid::Uuid;

use super::{Access, Ceiling, Within, membership::Membership, membership::membership, scope};
use crate::{
    Caller, Error, Organization, Result,
    records::{Version, version_of_people},
    workspace::Arrangement,
};

/// Most people who are kept.
const MOST: usize = 500;

/// A person as their row, teams and roles say.
#[derive(Clone)]
pub(crate) struct Person {
    pub name: String,
    pub email: String,
    pub unit: Uuid,
    pub teams: Vec<Uuid>,
    pub roles: Vec<String>,
    pub administrator: bool,
    pub application: Option<Uuid>,
    /// The time zone and the locale they chose.
    pub chosen: (Option<TimeZone>, Option<String>),
    pub arrangement: Arc<Arrangement>,
    pub access: Arc<Access>,
    pub scope: Arc<Scope>,
}

/// A person, the program that asks in their name, and whoever acts on their behalf.
type For = (Uuid, Option<Uuid>, Option<Uuid>);

/// By whom it is for. Kept with the organisation that it follows from, and so forgotten with it.
#[derive(Default)]
pub(crate) struct People(Mutex<HashMap<For, Arc<Known>>>);

/// A person, and all that they follow from beside the organisation.
struct Known {
    version: Version,
    model: Arc<Model>,
    membership: Membership,
    person: Arc<Person>,
}

impl People {
    /// The person with this id in a request of `within`.
    ///
    /// # Errors
    /// [`Error::NotSignedIn`] where they are unknown or disabled.
    pub fn person(
        reader: &mut Reader<'_>,
        organization: &Arc<Organization>,
        user: Uuid,
        within: &Within,
    ) -> Result<Arc<Person>> {
        let people = &organization.people;
        let key = (user, within.program, within.acting);
        let version = version_of_people(reader)?;
        let known = people.known(&key).filter(|known| Arc::ptr_eq(&known.model, reader.model()));
        if let Some(known) = &known
            && reader.is_committed()
            && known.version == version
            && known.membership.ceilings == within.ceilings
        {
            return Ok(Arc::clone(&known.person));
        }
        let (membership, person) = read(reader, organization, user, &within.ceilings, known.as_deref())?;
        let person = Arc::new(person);
        if reader.is_committed() {
            let model = Arc::clone(reader.model());
            people.keep(key, Known { version, model, membership, person: Arc::clone(&person) });
        }
        Ok(person)
    }

    fn known(&self, key: &For) -> Option<Arc<Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(key).cloned()
    }

    fn keep(&self, key: For, known: Known) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Of an earlier model nothing counts any more.
        all.retain(|_, other| Arc::ptr_eq(&other.model, &known.model));
        if all.len() >= MOST
            && let Some(one) = all.keys().next().copied()
        {
            all.remove(&one);
        }
        all.insert(key, Arc::new(known));
    }
}

/// Reads a person. What they may do is worked out anew only where it does not follow from what was
/// `known` of them.
fn read(
    reader: &mut Reader<'_>,
    organization: &Arc<Organization>,
    user: Uuid,
    ceilings: &[Ceiling],
    known: Option<&Known>,
) -> Result<(Membership, Person)> {
    let engine = Caller::engine(Arc::clone(organization));
    let row = reader
        .get("systemuser", user, None, engine.scope(), &engine.zone())?
        .filter(|row| row.value("isdisabled").as_boolean() != Some(true))
        .ok_or(Error::NotSignedIn)?;
    let unit = row.value("businessunitid").as_id().unwrap_or(organization.root_business_unit);
    let mut held = membership(reader, &engine, user, unit)?;
    held.ceilings = ceilings.to_vec();
    let model = reader.model();
    let (access, scope) = if let Some(known) = known.filter(|known| known.membership == held) {
        (Arc::clone(&known.person.access), Arc::clone(&known.person.scope))
    } else {
        let access = Access::of(model, &organization.business_units, &held);
        let scope = if held.is_administrator() { Scope::default() } else { scope(&access, model) };
        (Arc::new(access), Arc::new(scope))
    };
    let locale = Some(row.text("locale").to_owned()).filter(|locale| !locale.is_empty());
    let person = Person {
        name: row.text("fullname").to_owned(),
        email: row.text("internalemailaddress").to_owned(),
        unit,
        teams: held.principals.iter().copied().filter(|principal| *principal != user).collect(),
        roles: held.roles.clone(),
        administrator: held.is_administrator(),
        application: row.value("applicationid").as_id(),
        chosen: (crate::caller::zone_named(row.text("timezone")), locale),
        arrangement: Arc::new(Arrangement::of(&row)),
        access,
        scope,
    };
    Ok((held, person))
}

/// A copy of an organisation may be changed and so begins without them.
impl Clone for People {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl fmt::Debug for People {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("People")
    }
}
