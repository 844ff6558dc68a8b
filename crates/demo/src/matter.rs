//! What a lead or an opportunity is about: the project, its size, how people talk about it.

use rust_decimal::Decimal;

use crate::{
    company::Company,
    dice::Dice,
    text::{Scene, capital},
    words::{Product, Topic, words},
};

/// A project of a customer.
#[derive(Debug, Clone)]
pub(crate) struct Matter {
    pub title: String,
    pub topic: &'static Topic,
    pub scene: Scene,
    /// Its worth, in the currency of the customer.
    pub amount: Decimal,
}

impl Matter {
    pub fn of(company: &Company, dice: &mut Dice) -> Self {
        let topic = dice.weighted(&words().topics, |topic| topic.weight);
        // People mostly talk about the main thing, and never with all that its name says.
        let main = if dice.chance(0.7) { topic.products[0] } else { *dice.pick(&topic.products) };
        let product = &words().products[main];
        let mut scene = Scene {
            company: company.short.clone(),
            product: product.name.split(", ").next().unwrap_or_default().to_owned(),
            area: (*dice.pick(&company.line.areas)).to_owned(),
            makes: company.line.makes.to_owned(),
            site: company.city.name.to_owned(),
            number: dice.between(1, 6).max(dice.between(1, 4)),
            ..Scene::default()
        };
        let title = capital(&scene.tell(topic.text));
        scene.topic.clone_from(&title);
        // Large companies have larger projects.
        let scale = (company.employees as f64 / 220.0).powf(0.18) * factor(company.city.currency);
        let amount = dice.log_normal(topic.euro * 0.9 * scale, 0.45);
        Self { title, topic, scene, amount: rounded(amount) }
    }

    /// A sentence of this section about the project.
    pub fn say(&self, section: &str, dice: &mut Dice) -> String {
        self.scene.tell(words().sentence(section, dice))
    }
}

/// How prices in a currency compare with those in euro.
pub(crate) fn factor(currency: &str) -> f64 {
    match currency {
        "USD" => 1.12,
        "GBP" => 0.88,
        _ => 1.0,
    }
}

/// The price of a product in the list of a currency.
pub(crate) fn price(product: &Product, currency: &str) -> Decimal {
    Decimal::from((product.euro * factor(currency) / 10.0).round() as i64 * 10)
}

/// As people estimate: to hundreds, large amounts to thousands.
pub(crate) fn rounded(amount: f64) -> Decimal {
    let step = if amount > 200_000.0 { 1000.0 } else { 100.0 };
    Decimal::from(((amount / step).round().max(1.0) * step) as i64)
}
