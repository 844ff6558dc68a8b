//! The word lists in `data/`, parsed once.

use std::{collections::HashMap, sync::OnceLock};

use crate::dice::Dice;

/// Everything the generator can say.
pub(crate) struct Words {
    pub regions: Vec<Region>,
    pub cities: Vec<City>,
    /// Given and family names by language.
    pub people: HashMap<&'static str, (Vec<&'static str>, Vec<&'static str>)>,
    /// Patterns of mobile phone numbers by country code.
    pub mobiles: HashMap<&'static str, &'static str>,
    pub streets: HashMap<&'static str, Vec<&'static str>>,
    pub beginnings: Vec<&'static str>,
    pub endings: Vec<&'static str>,
    /// Legal forms by country.
    pub forms: HashMap<&'static str, Vec<&'static str>>,
    pub lines: Vec<Line>,
    pub titles: Vec<Title>,
    pub topics: Vec<Topic>,
    pub products: Vec<Product>,
    pub competitors: Vec<Competitor>,
    /// Sentences by the name of their section.
    sayings: HashMap<&'static str, Vec<&'static str>>,
}

/// A sales region with its business unit.
#[derive(Debug)]
pub(crate) struct Region {
    pub name: &'static str,
    pub unit: &'static str,
    pub languages: Vec<(&'static str, f64)>,
    /// When work begins, in UTC.
    pub hour: i64,
    pub cost_center: &'static str,
}

/// A place where customers sit.
#[derive(Debug)]
pub(crate) struct City {
    /// Position of its region.
    pub region: usize,
    pub country: &'static str,
    pub language: &'static str,
    pub currency: &'static str,
    pub name: &'static str,
    pub state: &'static str,
    pub postal_code: &'static str,
    pub telephone: &'static str,
    pub weight: f64,
}

/// A line of business.
#[derive(Debug)]
pub(crate) struct Line {
    pub word: &'static str,
    pub industry: i32,
    pub makes: &'static str,
    pub areas: Vec<&'static str>,
}

/// A job.
#[derive(Debug)]
pub(crate) struct Title {
    pub name: &'static str,
    pub department: &'static str,
    pub role: i32,
    pub weight: f64,
}

/// What a project is about.
#[derive(Debug)]
pub(crate) struct Topic {
    pub text: &'static str,
    /// Positions of the products it leads to.
    pub products: Vec<usize>,
    pub euro: f64,
    pub weight: f64,
}

/// Something the organisation sells.
#[derive(Debug)]
pub(crate) struct Product {
    pub number: &'static str,
    pub family: &'static str,
    pub name: &'static str,
    pub kind: &'static str,
    pub euro: f64,
    pub cost: f64,
}

/// Somebody who sells to the same customers.
#[derive(Debug)]
pub(crate) struct Competitor {
    pub name: &'static str,
    pub product: &'static str,
    pub strengths: &'static str,
    pub weaknesses: &'static str,
    pub weight: f64,
}

/// The word lists.
pub(crate) fn words() -> &'static Words {
    static WORDS: OnceLock<Words> = OnceLock::new();
    WORDS.get_or_init(Words::read)
}

impl Words {
    fn read() -> Self {
        let regions: Vec<Region> = table(include_str!("../data/regions.txt")).map(region).collect();
        let products: Vec<Product> = table(include_str!("../data/products.txt")).map(product).collect();
        let companies = sections(include_str!("../data/companies.txt"));
        let form = pairs(&companies["legal forms"]);
        Self {
            cities: table(include_str!("../data/cities.txt")).map(|cells| city(&cells, &regions)).collect(),
            people: people(include_str!("../data/people.txt")),
            mobiles: table(include_str!("../data/mobiles.txt")).map(|cells| (cells[0], cells[1])).collect(),
            streets: sections(include_str!("../data/streets.txt")).into_iter().map(|(k, v)| (k, list(v))).collect(),
            beginnings: list(companies["beginnings"].clone()),
            endings: list(companies["endings"].clone()),
            forms: pairs(&companies["country to form"])
                .into_iter()
                .map(|(country, nation)| (country, form[nation].split(" / ").collect()))
                .collect(),
            lines: table(include_str!("../data/lines.txt")).map(line).collect(),
            titles: table(include_str!("../data/titles.txt")).map(title).collect(),
            topics: table(include_str!("../data/topics.txt")).map(|cells| topic(&cells, &products)).collect(),
            competitors: table(include_str!("../data/competitors.txt")).map(competitor).collect(),
            sayings: [
                include_str!("../data/needs.txt"),
                include_str!("../data/conversations.txt"),
                include_str!("../data/notes.txt"),
            ]
            .into_iter()
            .flat_map(sections)
            .collect(),
            regions,
            products,
        }
    }

    /// A sentence of a section.
    pub fn sentence(&self, section: &str, dice: &mut Dice) -> &'static str {
        self.sayings.get(section).map_or("…", |all| *dice.pick(all))
    }
}

/// Lines that say something.
fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("# "))
}

fn table(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    lines(text).map(|line| line.split('|').map(str::trim).collect())
}

fn sections(text: &'static str) -> HashMap<&'static str, Vec<&'static str>> {
    let mut sections: HashMap<&str, Vec<&str>> = HashMap::new();
    let mut name = "";
    for line in lines(text) {
        match line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            Some(section) => name = section,
            None => sections.entry(name).or_default().push(line),
        }
    }
    sections
}

fn list(lines: Vec<&'static str>) -> Vec<&'static str> {
    lines.into_iter().flat_map(|line| line.split(", ")).collect()
}

fn pairs(lines: &[&'static str]) -> HashMap<&'static str, &'static str> {
    lines.iter().filter_map(|line| line.split_once(": ")).collect()
}

fn people(text: &'static str) -> HashMap<&'static str, (Vec<&'static str>, Vec<&'static str>)> {
    let mut people: HashMap<&str, (Vec<&str>, Vec<&str>)> = HashMap::new();
    for (section, lines) in sections(text) {
        let (language, kind) = section.split_once(' ').unwrap_or((section, "given"));
        let names = people.entry(language).or_default();
        *(if kind == "given" { &mut names.0 } else { &mut names.1 }) = list(lines);
    }
    people
}

fn number(text: &str) -> f64 {
    text.parse().expect("the word lists hold numbers where numbers belong")
}

fn region(cells: Vec<&'static str>) -> Region {
    let languages = cells[2].split(", ").filter_map(|pair| pair.split_once(' '));
    Region {
        name: cells[0],
        unit: cells[1],
        languages: languages.map(|(language, weight)| (language, number(weight))).collect(),
        hour: number(cells[3]) as i64,
        cost_center: cells[4],
    }
}

fn city(cells: &[&'static str], regions: &[Region]) -> City {
    City {
        region: regions.iter().position(|region| region.name == cells[0]).unwrap_or_default(),
        country: cells[1],
        language: cells[2],
        currency: cells[3],
        name: cells[4],
        state: cells[5],
        postal_code: cells[6],
        telephone: cells[7],
        weight: number(cells[8]),
    }
}

fn line(cells: Vec<&'static str>) -> Line {
    Line { word: cells[0], industry: number(cells[1]) as i32, makes: cells[2], areas: cells[3].split(", ").collect() }
}

fn title(cells: Vec<&'static str>) -> Title {
    Title { name: cells[0], department: cells[1], role: number(cells[2]) as i32, weight: number(cells[3]) }
}

fn topic(cells: &[&'static str], products: &[Product]) -> Topic {
    let known = |wanted: &str| products.iter().position(|product| product.number == wanted);
    Topic {
        text: cells[0],
        products: cells[1].split(", ").filter_map(known).collect(),
        euro: number(cells[2]),
        weight: number(cells[3]),
    }
}

fn product(cells: Vec<&'static str>) -> Product {
    Product {
        number: cells[0],
        family: cells[1],
        name: cells[2],
        kind: cells[3],
        euro: number(cells[4]),
        cost: number(cells[5]),
    }
}

fn competitor(cells: Vec<&'static str>) -> Competitor {
    Competitor {
        name: cells[0],
        product: cells[1],
        strengths: cells[2],
        weaknesses: cells[3],
        weight: number(cells[4]),
    }
}
