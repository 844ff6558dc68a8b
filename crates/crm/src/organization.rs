//! The organisation's settings and currencies, read once and kept until they change, be it through
//! another process.

use std::{collections::BTreeSet, str::FromStr, sync::Arc};

use jiff::{civil, tz::TimeZone};
use model::{Filter, Privilege, Value};
use rust_decimal::Decimal;
use store::{Query, Reader, Scope, Zone};
use uuid::Uuid;

use crate::{
    Result, access,
    identity::Demands,
    records::{Version, version_of_settings},
};

/// Settings that shape dates and money for everybody.
#[derive(Debug, Clone)]
pub struct Organization {
    /// The `organization` row; nil before set-up.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Business unit at the top.
    pub root_business_unit: Uuid,
    /// Time zone of people who chose none.
    pub time_zone: TimeZone,
    /// Locale of people who chose none.
    pub locale: String,
    /// First month of the fiscal year, 1 to 12.
    pub fiscal_start_month: i8,
    /// First day of the week.
    pub week_starts: civil::Weekday,
    /// All currencies with their rates; the base currency first.
    pub currencies: Vec<Currency>,
    /// All business units.
    pub(crate) business_units: Vec<BusinessUnit>,
    /// Along which line, and how deep, people see the records of those below them.
    pub(crate) hierarchy: Hierarchy,
    /// On records of which tables access teams are made, and for what.
    pub(crate) team_templates: Vec<TeamTemplate>,
    /// What is demanded of signing in, for everybody and by role.
    pub(crate) sign_in_demands: Demands,
    /// Forms save by themselves what is typed, for whoever has not turned that off.
    pub saves_forms: bool,
    /// Who people in it are and what they may do.
    pub(crate) people: access::People,
    /// Changes with every change of what stands here.
    version: Version,
}

/// Along which line people see the records of those below them, and how many levels deep.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hierarchy {
    Off,
    /// By the manager of each user.
    Managers {
        levels: u32,
    },
    /// By positions, across business units.
    Positions {
        levels: u32,
    },
}

/// By which the access teams of single records are made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamTemplate {
    /// The `teamtemplate` row.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Logical name of the table whose records may have such a team.
    pub table: String,
    /// What members may do with the record.
    pub privileges: BTreeSet<Privilege>,
}

/// A place in the tree of business units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct BusinessUnit {
    pub id: Uuid,
    /// None at the top.
    pub parent: Option<Uuid>,
}

/// A currency with its exchange rates.
#[derive(Debug, Clone)]
pub struct Currency {
    /// The `transactioncurrency` row.
    pub id: Uuid,
    /// ISO 4217: `EUR`.
    pub code: String,
    /// `€`.
    pub symbol: String,
    /// Places shown.
    pub precision: u32,
    /// Units of this currency for one of the base currency, where no dated rate applies.
    pub rate: Decimal,
    /// Dated rates, latest first: valid from that day on.
    pub dated: Vec<(civil::Date, Decimal)>,
}

impl Currency {
    /// Units of this currency for one of the base currency on `day`.
    pub fn rate_on(&self, day: civil::Date) -> Decimal {
        self.dated.iter().find(|(from, _)| *from <= day).map_or(self.rate, |(_, rate)| *rate)
    }
}

impl Organization {
    /// What holds before set-up.
    pub(crate) fn unset() -> Self {
        Self {
            id: Uuid::nil(),
            name: "Pipewright".to_owned(),
            root_business_unit: Uuid::nil(),
            time_zone: TimeZone::UTC,
            locale: "en-US".to_owned(),
            fiscal_start_month: 1,
            week_starts: civil::Weekday::Monday,
            currencies: Vec::new(),
            business_units: Vec::new(),
            hierarchy: Hierarchy::Off,
            team_templates: Vec::new(),
            sign_in_demands: Demands::default(),
            saves_forms: true,
            people: access::People::default(),
            version: None,
        }
    }

    /// The currency amounts are compared in.
    pub fn base_currency(&self) -> Option<&Currency> {
        self.currencies.first()
    }

    /// By which access teams are made on records of this table.
    pub fn team_templates<'o>(&'o self, table: &'o str) -> impl Iterator<Item = &'o TeamTemplate> {
        self.team_templates.iter().filter(move |template| template.table == table)
    }

    /// Whether one business unit stands right below another.
    pub(crate) fn is_right_below(&self, unit: Uuid, above: Uuid) -> bool {
        self.business_units.iter().any(|known| known.id == unit && known.parent == Some(above))
    }

    /// The currency with this id.
    pub fn currency(&self, id: Uuid) -> Option<&Currency> {
        self.currencies.iter().find(|currency| currency.id == id)
    }

    /// The currency with this ISO code, in any case.
    pub fn currency_by_code(&self, code: &str) -> Option<&Currency> {
        self.currencies.iter().find(|currency| currency.code.eq_ignore_ascii_case(code))
    }

    /// The known one where it is still the present one, else the present one.
    pub(crate) fn current(reader: &mut Reader<'_>, known: Option<Arc<Self>>) -> Result<Arc<Self>> {
        let version = version_of_settings(reader)?;
        match known {
            Some(known) if known.version == version && !known.id.is_nil() => Ok(known),
            _ => Ok(Arc::new(Self { version, ..Self::load(reader)? })),
        }
    }

    /// Reads everything.
    fn load(reader: &mut Reader<'_>) -> Result<Self> {
        let unset = Self::unset();
        let Some(row) = all(reader, "organization", Filter::everything(), &[])?.into_iter().next() else {
            return Ok(unset);
        };
        let business_units = business_units(reader)?;
        Ok(Self {
            id: row.value("organizationid").as_id().unwrap_or_default(),
            name: row.text("name").to_owned(),
            root_business_unit: business_units
                .iter()
                .find(|unit| unit.parent.is_none())
                .map_or_else(Uuid::nil, |unit| unit.id),
            time_zone: TimeZone::get(row.text("timezone")).unwrap_or(TimeZone::UTC),
            locale: non_empty(row.text("locale")).unwrap_or(unset.locale),
            fiscal_start_month: row
                .value("fiscalyearstartmonth")
                .as_whole()
                .and_then(|month| i8::try_from(month).ok())
                .filter(|month| (1..=12).contains(month))
                .unwrap_or(1),
            week_starts: weekday(row.value("weekstartdaycode")),
            currencies: currencies(reader, row.value("basecurrencyid").as_id())?,
            business_units,
            sign_in_demands: Demands::of(&row, &all(reader, "role", Filter::everything(), &[])?),
            hierarchy: hierarchy(&row),
            saves_forms: row.value("isautosaveenabled").as_boolean() != Some(false),
            team_templates: team_templates(reader)?,
            people: unset.people,
            version: None,
        })
    }
}

fn hierarchy(organization: &store::Row) -> Hierarchy {
    let levels = organization.value("maxdepthforhierarchicalsecuritymodel").as_whole();
    let levels = levels.and_then(|levels| u32::try_from(levels).ok()).unwrap_or_default();
    match (levels, organization.value("usepositionhierarchy").as_boolean()) {
        (0, _) => Hierarchy::Off,
        (levels, Some(true)) => Hierarchy::Positions { levels },
        (levels, _) => Hierarchy::Managers { levels },
    }
}

fn team_templates(reader: &mut Reader<'_>) -> Result<Vec<TeamTemplate>> {
    let rows = all(reader, "teamtemplate", Filter::everything(), &["teamtemplatename"])?;
    let template = |row: &store::Row| {
        Some(TeamTemplate {
            id: row.value("teamtemplateid").as_id()?,
            name: row.text("teamtemplatename").to_owned(),
            table: row.text("entityname").to_owned(),
            privileges: access::shared_in(row),
        })
    };
    Ok(rows.iter().filter_map(template).collect())
}

fn business_units(reader: &mut Reader<'_>) -> Result<Vec<BusinessUnit>> {
    let rows = all(reader, "businessunit", Filter::everything(), &[])?;
    let unit = |row: &store::Row| {
        let id = row.value("businessunitid").as_id()?;
        Some(BusinessUnit { id, parent: row.value("parentbusinessunitid").as_id() })
    };
    Ok(rows.iter().filter_map(unit).collect())
}

fn currencies(reader: &mut Reader<'_>, base: Option<Uuid>) -> Result<Vec<Currency>> {
    let rates = all(reader, "transactioncurrencyrate", Filter::everything(), &["validfrom desc"])?;
    let mut currencies: Vec<Currency> = all(reader, "transactioncurrency", Filter::everything(), &[])?
        .iter()
        .filter_map(|row| {
            let id = row.value("transactioncurrencyid").as_id()?;
            let dated = rates
                .iter()
                .filter(|rate| rate.value("transactioncurrencyid").as_id() == Some(id))
                .filter_map(|rate| Some((rate.value("validfrom").as_date()?, rate.value("exchangerate").as_decimal()?)))
                .collect();
            Some(Currency {
                id,
                code: row.text("isocurrencycode").to_owned(),
                symbol: row.text("currencysymbol").to_owned(),
                precision: row.value("currencyprecision").as_whole().and_then(|p| u32::try_from(p).ok()).unwrap_or(2),
                rate: row.value("exchangerate").as_decimal().unwrap_or(Decimal::ONE),
                dated,
            })
        })
        .collect();
    currencies.sort_by_key(|currency| (Some(currency.id) != base, currency.code.clone()));
    Ok(currencies)
}

pub(crate) fn all(reader: &mut Reader<'_>, table: &str, filter: Filter, order: &[&str]) -> Result<Vec<store::Row>> {
    let columns: Vec<String> = reader
        .model()
        .table(table)
        .map(|t| t.columns.values().filter(|c| c.is_stored()).map(|c| c.name.clone()).collect())
        .unwrap_or_default();
    let zone = Zone {
        user: Uuid::nil(),
        teams: Vec::new(),
        business_unit: Uuid::nil(),
        now: jiff::Timestamp::now(),
        time_zone: TimeZone::UTC,
        fiscal_start_month: 1,
        week_starts: civil::Weekday::Monday,
    };
    let mut query = Query::of(table, Arc::new(Scope::default()), Arc::new(zone))
        .select(columns.iter().map(String::as_str))
        .matching(filter)
        .take(5000);
    for key in order {
        query = query.order_by(model::Order::try_from((*key).to_owned()).map_err(crate::Error::BadQuery)?);
    }
    Ok(reader.query(&query)?.to_rows().collect())
}

fn weekday(value: &Value) -> civil::Weekday {
    // Dataverse numbers the days from Sunday, 0.
    let number = value.as_whole().and_then(|day| i8::try_from(day).ok()).unwrap_or(1);
    civil::Weekday::from_sunday_zero_offset(number).unwrap_or(civil::Weekday::Monday)
}

fn non_empty(text: &str) -> Option<String> {
    String::from_str(text).ok().filter(|text| !text.is_empty())
}
