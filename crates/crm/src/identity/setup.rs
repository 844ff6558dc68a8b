//! First set-up of an organisation.

use model::Reference;
use rust_decimal::Decimal;
use store::Row;
use uuid::Uuid;

use super::{Demands, Identity, password, roles};
use crate::{
    Error, Origin, Result, access,
    connections::{SALES_TEAM, STAKEHOLDER},
    locality,
    records::Work,
};

/// What an organisation begins with.
#[derive(Debug, Clone)]
pub struct SetUp {
    /// Name of the organisation and of its business unit at the top.
    pub organization: String,
    /// First administrator's e-mail address.
    pub admin_email: String,
    /// First administrator's first name.
    pub admin_first_name: String,
    /// First administrator's last name.
    pub admin_last_name: String,
    /// First administrator's password; set later by a one-time link where none is given.
    pub admin_password: Option<String>,
    /// ISO code of the base currency.
    pub currency: String,
    /// IANA time zone.
    pub time_zone: String,
    /// BCP 47 tag.
    pub locale: String,
}

impl Default for SetUp {
    fn default() -> Self {
        Self {
            organization: "My organisation".to_owned(),
            admin_email: String::new(),
            admin_first_name: "System".to_owned(),
            admin_last_name: "Administrator".to_owned(),
            admin_password: None,
            currency: "USD".to_owned(),
            time_zone: "UTC".to_owned(),
            locale: "en-US".to_owned(),
        }
    }
}

/// Roles a connection can bear, as shipped, each with its category.
const CONNECTION_ROLES: &[(&str, i64)] = &[
    ("Stakeholder", STAKEHOLDER),
    ("Decision Maker", STAKEHOLDER),
    ("Technical Buyer", STAKEHOLDER),
    ("Economic Buyer", STAKEHOLDER),
    ("Influencer", STAKEHOLDER),
    ("Champion", STAKEHOLDER),
    ("Sales Professional", SALES_TEAM),
    ("Account Manager", SALES_TEAM),
    ("Technical Sales", SALES_TEAM),
];

impl Identity<'_> {
    /// True once the organisation is set up.
    pub async fn is_set_up(&self) -> Result<bool> {
        Ok(!self.app.organization().await?.id.is_nil())
    }

    /// Sets the organisation up; returns the first administrator.
    ///
    /// # Errors
    /// Refused where it is set up already.
    pub async fn set_up(&self, set_up: SetUp) -> Result<Uuid> {
        if self.is_set_up().await? {
            return Err(Error::refused("this database is set up already"));
        }
        if !model::is_email(&set_up.admin_email) {
            let message =
                format!("'{}' is not an e-mail address; write one like ada@company.example", set_up.admin_email);
            return Err(Error::refused(message));
        }
        locality::time_zone(&set_up.time_zone).map_err(Error::refused)?;
        locality::locale(&set_up.locale).map_err(Error::refused)?;
        if set_up.organization.trim().is_empty() {
            return Err(Error::refused("the organisation needs a name"));
        }
        if set_up.currency.len() != 3 || !set_up.currency.chars().all(|letter| letter.is_ascii_alphabetic()) {
            return Err(Error::refused(format!(
                "'{}' is not a currency; write its ISO code of three letters like EUR",
                set_up.currency
            )));
        }
        let hash = match &set_up.admin_password {
            Some(password) => {
                let words = [set_up.admin_email.clone(), set_up.organization.clone()];
                let shortest = Demands::default().on(&[]).password_length;
                Some(self.hash(password.clone(), shortest, &words).await?)
            }
            None => None,
        };
        let engine = self.app.engine().await?;
        let admin = self
            .app
            .work(&engine, Origin::Engine, move |work| {
                let admin = create_organization(work, &set_up)?;
                if let Some(hash) = hash {
                    password::keep(work, admin, &hash)?;
                }
                Ok(admin)
            })
            .await?;
        crate::duplicates::publish::build(self.app).await?;
        Ok(admin)
    }
}

fn create_organization(work: &mut Work<'_, '_>, set_up: &SetUp) -> Result<Uuid> {
    let (name, symbol, precision) = currency_facts(&set_up.currency);
    let currency = create(
        work,
        "transactioncurrency",
        Row::new()
            .with("isocurrencycode", set_up.currency.to_uppercase())
            .with("currencyname", name)
            .with("currencysymbol", symbol)
            .with("currencyprecision", precision)
            .with("exchangerate", Decimal::ONE),
    )?;
    let unit = create(work, "businessunit", Row::new().with("name", set_up.organization.as_str()))?;
    create(
        work,
        "organization",
        Row::new()
            .with("name", set_up.organization.as_str())
            .with("basecurrencyid", Reference::new("transactioncurrency", currency))
            .with("timezone", set_up.time_zone.as_str())
            .with("locale", set_up.locale.as_str()),
    )?;
    roles::add_roles(work, unit)?;
    crate::duplicates::shipped::add_rules(work)?;
    for (role, category) in CONNECTION_ROLES {
        create(work, "connectionrole", Row::new().with("name", *role).with("category", *category))?;
    }
    let user = create(
        work,
        "systemuser",
        Row::new()
            .with("firstname", set_up.admin_first_name.as_str())
            .with("lastname", set_up.admin_last_name.as_str())
            .with("internalemailaddress", set_up.admin_email.trim())
            .with("businessunitid", Reference::new("businessunit", unit)),
    )?;
    let administrator = roles::role_named(work, access::ADMINISTRATOR)?;
    roles::give_role(work, user, administrator)?;
    Ok(user)
}

fn create(work: &mut Work<'_, '_>, table: &str, row: Row) -> Result<Uuid> {
    let table = work.table(table)?;
    let stored = work.create_trusted(&table, None, row)?;
    Ok(stored.value(&table.primary_key).as_id().unwrap_or_default())
}

/// Name, symbol and places of common currencies; others bear their code as name and symbol.
fn currency_facts(code: &str) -> (String, String, i64) {
    let code = code.to_uppercase();
    let (name, symbol, precision) = match code.as_str() {
        "USD" => ("US Dollar", "$", 2),
        "EUR" => ("Euro", "€", 2),
        "GBP" => ("Pound Sterling", "£", 2),
        "CHF" => ("Swiss Franc", "CHF", 2),
        "JPY" => ("Japanese Yen", "¥", 0),
        "CAD" => ("Canadian Dollar", "CA$", 2),
        "AUD" => ("Australian Dollar", "A$", 2),
        "INR" => ("Indian Rupee", "₹", 2),
        "SEK" => ("Swedish Krona", "kr", 2),
        "PLN" => ("Polish Złoty", "zł", 2),
        "BRL" => ("Brazilian Real", "R$", 2),
        other => (other, other, 2),
    };
    (name.to_owned(), symbol.to_owned(), precision)
}
