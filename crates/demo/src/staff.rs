//! The people of the organisation itself.

use std::collections::HashSet;

use uuid::Uuid;

use crate::{
    Sizes,
    dice::{Dice, id},
    text::{digits, plain},
    words::{Region, words},
};

/// The organisation's name.
pub const ORGANIZATION: &str = "Brennmoor Automation";
/// Where its e-mail addresses end.
pub const DOMAIN: &str = "brennmoor.example";

/// Somebody who works there.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Colleague {
    pub id: Uuid,
    pub given: &'static str,
    pub family: &'static str,
    pub title: &'static str,
    pub email: String,
    pub phone: String,
    /// Position of the region.
    pub region: usize,
    pub unit: Uuid,
    /// Whom they report to.
    pub superior: Option<Uuid>,
    /// How well they sell; 1 is usual.
    pub talent: f64,
}

impl Colleague {
    pub fn name(&self) -> String {
        format!("{} {}", self.given, self.family)
    }

    pub fn region(&self) -> &'static Region {
        &words().regions[self.region]
    }
}

/// Everybody.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Staff {
    pub director: Colleague,
    pub managers: Vec<Colleague>,
    pub sellers: Vec<Colleague>,
    /// Positions of the sellers of each region, each as often as they take part.
    by_region: Vec<Vec<usize>>,
}

impl Staff {
    pub fn hire(seed: u64, sizes: &Sizes) -> Self {
        let mut hiring = Hiring { seed, hired: 0, addresses: HashSet::from(["admin".to_owned()]) };
        let director = hiring.hire(1, "Vice President of Sales", None);
        let regions = words().regions.len();
        let managers: Vec<Colleague> = (0..sizes.managers)
            .map(|number| hiring.hire(region_of(number, regions), "Sales Manager", Some(director.id)))
            .collect();
        let mut sellers = Vec::new();
        let mut by_region = vec![Vec::new(); regions];
        for number in 0..sizes.sellers {
            let region = region_of(number, regions);
            let own: Vec<&Colleague> = managers.iter().filter(|manager| manager.region == region).collect();
            let superior = own.get(number as usize / 5 % own.len().max(1)).map(|manager| manager.id);
            let title = ["Account Manager", "Sales Engineer", "Account Manager", "Key Account Manager"];
            let seller = hiring.hire(region, title[number as usize % title.len()], superior.or(Some(director.id)));
            // Good sellers are also given more to do.
            let parts = (seller.talent * 4.0).round().max(1.0) as usize;
            by_region[region].extend(std::iter::repeat_n(sellers.len(), parts));
            sellers.push(seller);
        }
        Self { director, managers, sellers, by_region }
    }

    /// The position of a seller of the region.
    pub fn seller_in(&self, region: usize, dice: &mut Dice) -> usize {
        *dice.pick(&self.by_region[region])
    }

    pub fn all(&self) -> impl Iterator<Item = &Colleague> {
        std::iter::once(&self.director).chain(&self.managers).chain(&self.sellers)
    }
}

/// The business unit of a region.
pub(crate) fn unit(seed: u64, region: usize) -> Uuid {
    id(seed, "businessunit", region as u64)
}

/// Two of five in the Americas and in Europe, one in Asia Pacific.
fn region_of(number: u64, regions: usize) -> usize {
    [1, 0, 2, 1, 0][number as usize % 5] % regions
}

struct Hiring {
    seed: u64,
    hired: u64,
    addresses: HashSet<String>,
}

impl Hiring {
    fn hire(&mut self, region: usize, title: &'static str, superior: Option<Uuid>) -> Colleague {
        let mut dice = Dice::new(self.seed, "colleague", self.hired);
        let at = &words().regions[region];
        let language = dice.weighted(&at.languages, |(_, weight)| *weight).0;
        let (given, family) = &words().people[language];
        let (given, family) = (*dice.pick(given), *dice.pick(family));
        let area = ["+1 312 555 01##", "+49 711 91####", "+65 6555 ####"][region.min(2)];
        let colleague = Colleague {
            id: id(self.seed, "systemuser", self.hired),
            given,
            family,
            title,
            email: self.address(given, family),
            phone: digits(area, &mut dice),
            region,
            unit: unit(self.seed, region),
            superior,
            talent: dice.log_normal(1.0, 0.3).clamp(0.45, 1.9),
        };
        self.hired += 1;
        colleague
    }

    /// Two people of the same name get different addresses.
    fn address(&mut self, given: &str, family: &str) -> String {
        let name = format!("{}.{}", plain(given), plain(family));
        let mut free = name.clone();
        let mut number = 2;
        while !self.addresses.insert(free.clone()) {
            free = format!("{name}{number}");
            number += 1;
        }
        format!("{free}@{DOMAIN}")
    }
}
