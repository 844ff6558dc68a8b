//! Who asks.

use std::sync::Arc;

use jiff::{Timestamp, tz::TimeZone};
use language::Language;
use store::{Actor, Reader, Scope, Zone};
use uuid::Uuid;

use crate::{
    Organization, Result,
    access::{self, People, Person},
    workspace::Arrangement,
};

/// A person (or the engine itself) in whose name something is read or written.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The `systemuser`.
    pub user: Uuid,
    /// Name shown to people.
    pub name: String,
    /// Address the person signs in with.
    pub email: String,
    /// Business unit the person belongs to.
    pub business_unit: Uuid,
    /// Teams the person is a member of.
    pub teams: Vec<Uuid>,
    /// Names of the person's roles, through teams too.
    pub roles: Vec<String>,
    /// Time zone for relative dates and display.
    pub time_zone: TimeZone,
    /// BCP 47 tag for display of numbers and dates: `en-US`.
    pub locale: String,
    /// The engine itself or an administrator.
    pub administrator: bool,
    /// The program that this user stands for (`applicationid`); such a user signs in on no page.
    pub application: Option<Uuid>,
    /// Chose a time zone, and a locale, of their own.
    chose: (bool, bool),
    arrangement: Arc<Arrangement>,
    organization: Arc<Organization>,
    access: Arc<access::Access>,
    scope: Arc<Scope>,
    within: Arc<access::Within>,
}

/// By what way a change comes in; kept in the change feed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it")]
pub enum Origin {
    Page,
    WebApi,
    Import,
    CommandLine,
    Demo,
    Engine,
}

impl Origin {
    /// As it stands in the feed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Page => "page",
            Self::WebApi => "webapi",
            Self::Import => "import",
            Self::CommandLine => "command",
            Self::Demo => "demo",
            Self::Engine => "engine",
        }
    }

    /// As it stands in the feed where somebody (`acting`) acts on behalf of the author: the history is
    /// sealed over it, so that both are told for good.
    fn told(self, acting: Option<Uuid>) -> String {
        let name = self.name();
        acting.map_or_else(|| name.to_owned(), |acting| format!("{name}{ON_BEHALF}{acting}"))
    }
}

/// Stands in the feed between the way and whoever acted on behalf of the author.
const ON_BEHALF: &str = " by ";

/// The way by which a change of the feed came in, and whoever acted on behalf of its author.
pub fn way_of(origin: &str) -> (&str, Option<Uuid>) {
    match origin.split_once(ON_BEHALF) {
        Some((way, acting)) => (way, acting.parse().ok()),
        None => (origin, None),
    }
}

impl Caller {
    /// The engine itself: sees and does everything; used for set-up, import of people, checks.
    pub fn engine(organization: Arc<Organization>) -> Self {
        Self {
            user: Uuid::nil(),
            name: "Pipewright".to_owned(),
            email: String::new(),
            business_unit: organization.root_business_unit,
            teams: Vec::new(),
            roles: Vec::new(),
            time_zone: organization.time_zone.clone(),
            locale: organization.locale.clone(),
            administrator: true,
            application: None,
            chose: (true, true),
            arrangement: Arc::default(),
            organization,
            access: Arc::default(),
            scope: Arc::default(),
            within: Arc::default(),
        }
    }

    /// The person with this id, with teams and roles as they are now.
    ///
    /// # Errors
    /// [`crate::Error::NotSignedIn`] where the person is unknown or disabled.
    pub(crate) fn load(reader: &mut Reader<'_>, organization: &Arc<Organization>, user: Uuid) -> Result<Self> {
        Self::load_within(reader, organization, user, access::Within::default())
    }

    /// As [`Caller::load`], for a request in which the person may do no more than `within` says.
    pub(crate) fn load_within(
        reader: &mut Reader<'_>,
        organization: &Arc<Organization>,
        user: Uuid,
        within: access::Within,
    ) -> Result<Self> {
        let Person {
            name,
            email,
            unit,
            teams,
            roles,
            administrator,
            application,
            chosen: (time_zone, locale),
            arrangement,
            access,
            scope,
        } = Person::clone(&*People::person(reader, organization, user, &within)?);
        Ok(Self {
            user,
            name,
            email,
            business_unit: unit,
            teams,
            roles,
            chose: (time_zone.is_some(), locale.is_some()),
            time_zone: time_zone.unwrap_or_else(|| organization.time_zone.clone()),
            locale: locale.unwrap_or_else(|| organization.locale.clone()),
            administrator,
            application,
            arrangement,
            organization: organization.clone(),
            access,
            scope,
            within: Arc::new(within),
        })
    }

    /// The organisation's settings.
    pub fn organization(&self) -> &Arc<Organization> {
        &self.organization
    }

    /// What pages are written in for the person.
    pub fn language(&self) -> Language {
        self.arrangement.language(&self.locale)
    }

    /// What the person has arranged for themselves.
    pub fn arrangement(&self) -> &Arrangement {
        &self.arrangement
    }

    /// The same caller with settings that have changed since.
    pub(crate) fn in_organization(mut self, organization: Arc<Organization>) -> Self {
        self.organization = organization;
        self
    }

    /// Whether a role lets the caller change the model.
    pub fn customizes(&self) -> bool {
        self.administrator || self.access.customizes
    }

    /// Whoever acts on this person's behalf, where somebody does.
    pub fn acting(&self) -> Option<Uuid> {
        self.within.acting
    }

    /// What holds for this request beside the person.
    pub(crate) fn within(&self) -> &access::Within {
        &self.within
    }

    /// What the caller may do.
    pub(crate) fn access(&self) -> &access::Access {
        &self.access
    }

    /// The same person with nothing hidden or forbidden, for what follows from an act that was
    /// authorised.
    pub(crate) fn unrestricted(mut self) -> Self {
        self.administrator = true;
        self.scope = Arc::default();
        self
    }

    /// What the caller may see, added to every query.
    pub fn scope(&self) -> &Arc<Scope> {
        &self.scope
    }

    /// What relative dates and `eq-userid` mean for the caller now.
    pub fn zone(&self) -> Arc<Zone> {
        Arc::new(Zone {
            user: self.user,
            teams: self.teams.clone(),
            business_unit: self.business_unit,
            now: Timestamp::now(),
            time_zone: self.time_zone.clone(),
            fiscal_start_month: self.organization.fiscal_start_month,
            week_starts: self.organization.week_starts,
        })
    }

    /// The caller as the author of one act.
    pub fn actor(&self, origin: Origin) -> Actor {
        Actor { user: self.user, origin: origin.told(self.acting()), act: Uuid::now_v7(), at: None }
    }

    /// The same person with the browser's time zone and locale, where they chose none; empty or
    /// unknown ones change nothing.
    #[must_use]
    pub fn as_browser_says(mut self, time_zone: &str, locale: &str) -> Self {
        if let (false, Some(zone)) = (self.chose.0, zone_named(time_zone)) {
            self.time_zone = zone;
        }
        let is_tag = locale.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-');
        if !self.chose.1 && is_tag && (2..=35).contains(&locale.len()) {
            locale.clone_into(&mut self.locale);
        }
        self
    }

    /// The same person in another time zone (the browser's, where the person chose none).
    #[must_use]
    pub fn in_time_zone(mut self, name: &str) -> Self {
        if let Some(zone) = zone_named(name) {
            self.time_zone = zone;
        }
        self
    }
}

pub(crate) fn zone_named(name: &str) -> Option<TimeZone> {
    if name.is_empty() { None } else { TimeZone::get(name).ok() }
}
