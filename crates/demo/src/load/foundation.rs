//! What stands before the first customer: units, people, currencies, products, competitors.

use std::{collections::HashMap, sync::Arc};

use crm::{App, Error, Origin, Result, Row, Work};
use jiff::{Span, civil::Date};
use model::Filter;
use rust_decimal::{Decimal, prelude::FromPrimitive};
use uuid::Uuid;

use super::{
    opening, reference,
    telling::{Ground, PriceList},
};
use crate::{
    calendar,
    matter::price,
    staff::{Colleague, DOMAIN, unit},
    text::plain,
    words::words,
    world::World,
};

/// Currencies the organisation sells in: code, name, sign, units for one euro a year ago.
const CURRENCIES: [(&str, &str, &str, f64); 3] =
    [("EUR", "Euro", "€", 1.0), ("USD", "US Dollar", "$", 1.10), ("GBP", "Pound Sterling", "£", 0.855)];

/// Writes it all: first the currencies, which prices need, then the rest in one act.
pub(super) async fn lay(app: &App, world: &Arc<World>) -> Result<Ground> {
    let told = Arc::clone(world);
    let currencies =
        app.work(&app.engine().await?, Origin::Demo, move |work| Layer { work, world: &told }.currencies()).await?;
    let world = Arc::clone(world);
    app.work(&app.engine().await?, Origin::Demo, move |work| {
        let mut layer = Layer { work, world: &world };
        let root = layer.work.organization().root_business_unit;
        layer.units(root)?;
        layer.people(root)?;
        layer.teams(root)?;
        layer.territories()?;
        let families = layer.families()?;
        layer.products(&families, &currencies)?;
        let price_lists = layer.price_lists(&currencies)?;
        layer.competitors()?;
        let roles = layer.names("connectionrole")?;
        Ok(Ground { currencies, price_lists, roles })
    })
    .await
}

struct Layer<'l, 'w, 's> {
    work: &'l mut Work<'w, 's>,
    world: &'l World,
}

impl Layer<'_, '_, '_> {
    fn create(&mut self, table: &str, id: Uuid, row: Row) -> Result<Uuid> {
        let row = row.with("overriddencreatedon", opening(self.world));
        self.work.create(table, Some(id), row)?;
        Ok(id)
    }

    fn pair(&mut self, table: &str, (one, first): (&str, Uuid), (other, second): (&str, Uuid)) -> Result<()> {
        let row = Row::new()
            .with(format!("{one}id"), reference(one, first))
            .with(format!("{other}id"), reference(other, second));
        self.work.create(table, None, row).map(|_| ())
    }

    /// Keys of the rows of a table by their names.
    fn names(&mut self, table: &str) -> Result<HashMap<String, Uuid>> {
        let key = self.work.table(table)?.primary_key.clone();
        let rows = self.work.find(table, Filter::everything(), &[key.as_str(), "name"])?;
        Ok(rows.iter().filter_map(|row| Some((row.text("name").to_owned(), row.value(&key).as_id()?))).collect())
    }

    fn units(&mut self, root: Uuid) -> Result<()> {
        for (position, region) in words().regions.iter().enumerate() {
            let row = Row::new()
                .with("name", region.unit)
                .with("divisionname", region.name)
                .with("costcenter", region.cost_center)
                .with("emailaddress", format!("{}@{DOMAIN}", plain(region.name)))
                .with("websiteurl", format!("https://www.{DOMAIN}"))
                .with("parentbusinessunitid", reference("businessunit", root));
            self.create("businessunit", unit(self.world.plan.seed, position), row)?;
        }
        Ok(())
    }

    fn people(&mut self, root: Uuid) -> Result<()> {
        let roles = self.names("role")?;
        let world = self.world;
        self.person(&world.staff.director, root, roles.get("Vice President of Sales"))?;
        for manager in &world.staff.managers {
            self.person(manager, manager.unit, roles.get("Sales Manager"))?;
        }
        for seller in &world.staff.sellers {
            self.person(seller, seller.unit, roles.get("Salesperson"))?;
        }
        Ok(())
    }

    fn person(&mut self, person: &Colleague, unit: Uuid, role: Option<&Uuid>) -> Result<()> {
        let zone = ["America/Chicago", "Europe/Berlin", "Asia/Singapore"][person.region.min(2)];
        let row = Row::new()
            .with("firstname", person.given)
            .with("lastname", person.family)
            .with("internalemailaddress", person.email.as_str())
            .with("domainname", person.email.as_str())
            .with("title", person.title)
            .with("jobtitle", person.title)
            .with("mobilephone", person.phone.as_str())
            .with("timezone", zone)
            .with("businessunitid", reference("businessunit", unit))
            .with("parentsystemuserid", person.superior.map(|id| reference("systemuser", id)));
        self.create("systemuser", person.id, row)?;
        match role {
            Some(role) => self.pair("systemuserroles", ("systemuser", person.id), ("role", *role)),
            None => Ok(()),
        }
    }

    /// A team a region, and one for the large customers of all regions.
    fn teams(&mut self, root: Uuid) -> Result<()> {
        let world = self.world;
        let regions = words().regions.len();
        for (position, region) in words().regions.iter().enumerate() {
            let lead = world.staff.managers.iter().find(|manager| manager.region == position);
            let row = Row::new()
                .with("name", format!("Sales {}", region.name))
                .with("businessunitid", reference("businessunit", unit(world.plan.seed, position)))
                .with("administratorid", lead.map(|manager| reference("systemuser", manager.id)));
            let team = self.create("team", world.id("team", position as u64), row)?;
            for member in world.staff.all().filter(|person| person.region == position) {
                self.pair("teammembership", ("team", team), ("systemuser", member.id))?;
            }
        }
        let row = Row::new()
            .with("name", "Key Accounts")
            .with("description", "Looks after customers with plants in several regions.")
            .with("businessunitid", reference("businessunit", root))
            .with("administratorid", reference("systemuser", world.staff.director.id));
        let team = self.create("team", world.id("team", regions as u64), row)?;
        for member in world.staff.sellers.iter().filter(|seller| seller.title == "Key Account Manager") {
            self.pair("teammembership", ("team", team), ("systemuser", member.id))?;
        }
        Ok(())
    }

    fn territories(&mut self) -> Result<()> {
        let world = self.world;
        for (position, region) in words().regions.iter().enumerate() {
            let lead = world.staff.managers.iter().find(|manager| manager.region == position);
            let row = Row::new()
                .with("name", region.name)
                .with("managerid", lead.map(|manager| reference("systemuser", manager.id)));
            self.create("territory", world.id("territory", position as u64), row)?;
        }
        Ok(())
    }

    /// Currencies that are missing, and a rate a month for all but the base currency.
    fn currencies(&mut self) -> Result<HashMap<&'static str, Uuid>> {
        let organization = self.work.organization();
        let base =
            organization.base_currency().ok_or_else(|| Error::refused("the organisation has no base currency"))?;
        let rates = rates(self.world, &base.code);
        let mut known = HashMap::new();
        for (position, (code, name, sign, _)) in CURRENCIES.iter().enumerate() {
            let existing = organization.currency_by_code(code);
            let id = if let Some(currency) = existing {
                currency.id
            } else {
                let row = Row::new()
                    .with("isocurrencycode", *code)
                    .with("currencyname", *name)
                    .with("currencysymbol", *sign)
                    .with("currencyprecision", 2)
                    .with("exchangerate", rates.last().map(|(_, month)| month[position]));
                self.create("transactioncurrency", self.world.id("transactioncurrency", position as u64), row)?
            };
            known.insert(*code, id);
            // Rates that somebody entered stand.
            if id != base.id && existing.is_none_or(|currency| currency.dated.is_empty()) {
                self.rates(id, position, &rates)?;
            }
        }
        Ok(known)
    }

    fn rates(&mut self, currency: Uuid, position: usize, rates: &[(Date, Rates)]) -> Result<()> {
        for (number, (day, month)) in rates.iter().enumerate() {
            let row = Row::new()
                .with("transactioncurrencyid", reference("transactioncurrency", currency))
                .with("validfrom", *day)
                .with("exchangerate", month[position]);
            let key = self.world.id("transactioncurrencyrate", (position * 100 + number) as u64);
            self.create("transactioncurrencyrate", key, row)?;
        }
        Ok(())
    }

    fn families(&mut self) -> Result<HashMap<&'static str, Uuid>> {
        let mut families = HashMap::new();
        for product in &words().products {
            if families.contains_key(product.family) {
                continue;
            }
            let row = Row::new()
                .with("name", product.family)
                .with("productnumber", format!("BM-{}", plain(product.family).to_uppercase()))
                .with("productstructure", 2);
            let id = self.world.id("product", 1000 + families.len() as u64);
            families.insert(product.family, self.create("product", id, row)?);
        }
        Ok(families)
    }

    fn products(&mut self, families: &HashMap<&str, Uuid>, currencies: &HashMap<&str, Uuid>) -> Result<()> {
        for (position, product) in words().products.iter().enumerate() {
            let list = price(product, "EUR");
            let cost = Decimal::from_f64(product.euro * product.cost).unwrap_or(list).round_dp(0);
            let mut row = Row::new()
                .with("name", product.name)
                .with("productnumber", product.number)
                .with("producttypecode", if product.kind == "equipment" { 1 } else { 3 })
                .with("isstockitem", product.kind == "equipment")
                .with("vendorname", crate::ORGANIZATION)
                .with("price", list)
                .with("currentcost", cost)
                .with("standardcost", cost)
                .with("transactioncurrencyid", reference("transactioncurrency", currencies["EUR"]));
            if let Some(family) = families.get(product.family) {
                row.set("parentproductid", reference("product", *family));
            }
            self.create("product", self.world.id("product", position as u64), row)?;
        }
        Ok(())
    }

    fn price_lists(&mut self, currencies: &HashMap<&'static str, Uuid>) -> Result<HashMap<&'static str, PriceList>> {
        let mut lists = HashMap::new();
        for (position, (code, name)) in
            [("EUR", "Europe (EUR)"), ("USD", "International (USD)"), ("GBP", "United Kingdom (GBP)")]
                .into_iter()
                .enumerate()
        {
            let currency = reference("transactioncurrency", currencies[code]);
            let row = Row::new()
                .with("name", name)
                .with("transactioncurrencyid", currency.clone())
                .with("begindate", calendar::date(opening(self.world)).first_of_month());
            let list = self.create("pricelevel", self.world.id("pricelevel", position as u64), row)?;
            for (number, product) in words().products.iter().enumerate() {
                let row = Row::new()
                    .with("pricelevelid", reference("pricelevel", list))
                    .with("productid", reference("product", self.world.id("product", number as u64)))
                    .with("amount", price(product, code))
                    .with("transactioncurrencyid", currency.clone());
                self.create(
                    "productpricelevel",
                    self.world.id("productpricelevel", (position * 1000 + number) as u64),
                    row,
                )?;
            }
            lists.insert(code, PriceList { id: list });
        }
        Ok(lists)
    }

    fn competitors(&mut self) -> Result<()> {
        for (position, competitor) in words().competitors.iter().enumerate() {
            let row = Row::new()
                .with("name", competitor.name)
                .with("keyproduct", competitor.product)
                .with("strengths", competitor.strengths)
                .with("weaknesses", competitor.weaknesses)
                .with("websiteurl", format!("https://www.{}.example", plain(competitor.name)));
            self.create("competitor", self.world.id("competitor", position as u64), row)?;
        }
        Ok(())
    }
}

/// Units of each currency for one of the base currency.
type Rates = [Decimal; CURRENCIES.len()];

/// The rates from the first day of each month of the history on. A base currency that is none of
/// ours counts as a euro.
fn rates(world: &World, base: &str) -> Vec<(Date, Rates)> {
    let mut dice = world.dice("exchange rates", 0);
    let mut euro = CURRENCIES.map(|currency| currency.3);
    let first = calendar::date(opening(world)).first_of_month();
    let base = CURRENCIES.iter().position(|currency| currency.0 == base);
    (0..13)
        .map(|month| {
            for rate in &mut euro[1..] {
                *rate *= 1.0 + dice.within(-0.014, 0.016);
            }
            let one = base.map_or(1.0, |base| euro[base]);
            let day = first.checked_add(Span::new().months(month)).unwrap_or(first);
            (day, euro.map(|rate| Decimal::from_f64(rate / one).unwrap_or(Decimal::ONE).round_dp(5)))
        })
        .collect()
}
