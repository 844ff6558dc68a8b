//! Companies in the market: customers, and those whose people become leads.

use crm::Row;
use model::Reference;
use rust_decimal::Decimal;

use crate::{
    Plan,
    dice::Dice,
    text::{digits, plain},
    words::{City, Line, Title, words},
};

/// A company as the world knows it. Its number says everything about it.
#[derive(Debug, Clone)]
pub(crate) struct Company {
    pub number: u64,
    pub name: String,
    /// Name without the legal form.
    pub short: String,
    pub domain: String,
    pub city: &'static City,
    pub line: &'static Line,
    pub street: String,
    pub postal_code: String,
    pub phone: String,
    pub employees: i64,
    /// Yearly revenue in the currency of its country.
    pub revenue: Decimal,
    /// Position of the seller who looks after it.
    pub seller: usize,
}

/// Somebody who works at a company.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    pub given: &'static str,
    pub family: &'static str,
    pub title: &'static Title,
    pub email: String,
    pub phone: String,
    pub mobile: Option<String>,
}

impl Company {
    /// Company number so and so of the market.
    pub fn new(plan: &Plan, staff: &crate::staff::Staff, number: u64) -> Self {
        let words = words();
        let mut dice = Dice::new(plan.seed, "company", number);
        let city = dice.weighted(&words.cities, |city| city.weight);
        let (short, line) = name(plan.seed, number);
        let form = dice.pick(&words.forms[city.country]);
        let employees = dice.log_normal(220.0, 1.1).clamp(12.0, 60_000.0) as i64;
        let street = {
            let pattern = *dice.pick(&words.streets[city.language]);
            digits(pattern, &mut dice)
        };
        let revenue = (employees as f64 * dice.within(120.0, 320.0)).round() as i64;
        Self {
            number,
            name: format!("{short} {form}"),
            domain: format!("{}.example", plain(&short)),
            short,
            city,
            line,
            street,
            postal_code: digits(city.postal_code, &mut dice),
            phone: digits(city.telephone, &mut dice),
            employees,
            revenue: Decimal::from(revenue * 1000),
            seller: staff.seller_in(city.region, &mut dice),
        }
    }

    /// Person number so and so of this company.
    pub fn person(&self, plan: &Plan, number: u64) -> Person {
        let words = words();
        let mut dice = Dice::new(plan.seed, "person", self.number.wrapping_mul(1009) + number);
        let (given, family) = &words.people[self.city.language];
        let (given, family) = (*dice.pick(given), *dice.pick(family));
        let country = self.city.telephone.split(' ').next().unwrap_or_default();
        let mobile = words.mobiles.get(country).copied().unwrap_or(self.city.telephone);
        Person {
            given,
            family,
            title: dice.weighted(&words.titles, |title| title.weight),
            email: format!("{}.{}@{}", plain(given), plain(family), self.domain),
            phone: digits(self.city.telephone, &mut dice),
            mobile: dice.chance(0.6).then(|| digits(mobile, &mut dice)),
        }
    }

    /// Columns that account and lead share.
    pub fn profile(&self) -> Row {
        self.address()
            .with("industrycode", self.line.industry)
            .with("numberofemployees", self.employees)
            .with("websiteurl", format!("https://www.{}", self.domain))
    }

    /// The address as columns of an account, contact or lead.
    pub fn address(&self) -> Row {
        Row::new()
            .with("address1_line1", self.street.as_str())
            .with("address1_city", self.city.name)
            .with("address1_stateorprovince", self.city.state)
            .with("address1_postalcode", self.postal_code.as_str())
            .with("address1_country", self.city.country)
    }

    /// Columns of the account.
    pub fn account(&self, plan: &Plan, owner: &Reference) -> Row {
        let mut dice = Dice::new(plan.seed, "account", self.number);
        let mut row = self.profile();
        row.merge(
            &Row::new()
                .with("name", self.name.as_str())
                .with("accountnumber", format!("C-{:06}", 10_000 + self.number))
                .with("telephone1", self.phone.as_str())
                .with("emailaddress1", format!("info@{}", self.domain))
                .with("revenue", self.revenue)
                .with("customertypecode", if dice.chance(0.7) { 3 } else { 8 })
                .with("accountcategorycode", if dice.chance(0.2) { 1 } else { 2 })
                .with("ownershipcode", *dice.pick(&[1, 2, 2, 2, 3]))
                .with("paymenttermscode", *dice.pick(&[1, 1, 1, 2, 3, 4]))
                .with("description", format!("Makes {}. Plant in {}.", self.line.makes, self.city.name))
                .with("ownerid", owner.clone()),
        );
        row
    }
}

impl Person {
    pub fn name(&self) -> String {
        format!("{} {}", self.given, self.family)
    }

    /// Columns of the contact.
    pub fn contact(&self, company: &Company, owner: &Reference) -> Row {
        let mut row = company.address();
        row.merge(
            &Row::new()
                .with("firstname", self.given)
                .with("lastname", self.family)
                .with("jobtitle", self.title.name)
                .with("department", self.title.department)
                .with("accountrolecode", self.title.role)
                .with("emailaddress1", self.email.as_str())
                .with("telephone1", self.phone.as_str())
                .with("mobilephone", self.mobile.clone())
                .with("ownerid", owner.clone()),
        );
        row
    }
}

/// From one name to the next: a prime above every factor of the number of combinations, so that
/// names wander through all of them before one comes back.
const STEP: u64 = 15_485_863;

/// The name of company number so and so, without its legal form, and its line of business.
fn name(seed: u64, number: u64) -> (String, &'static Line) {
    let words = words();
    let (beginnings, endings, lines) =
        (words.beginnings.len() as u64, words.endings.len() as u64, words.lines.len() as u64);
    let all = beginnings * endings * lines;
    let place = (number.wrapping_mul(STEP) % all + Dice::new(seed, "names", 0).below(all)) % all;
    let line = &words.lines[(place % lines) as usize];
    let beginning = words.beginnings[(place / lines % beginnings) as usize];
    let ending = words.endings[(place / lines / beginnings) as usize];
    (format!("{beginning}{ending} {}", line.word), line)
}
