//! Everything that happens, in the order in which it happens.

use crate::{Plan, customer::Customer, deal::Deal, lead::Lead, world::World};

/// A customer is entered, a lead comes in, or an opportunity begins, each with what follows
/// from it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Story {
    Customer(Box<Customer>),
    Lead(Box<Lead>),
    Deal(Box<Deal>),
}

impl Story {
    /// About how many rows it makes.
    pub fn rows(&self) -> usize {
        let deal = |deal: &Deal| {
            1 + deal.touches.len() * 3 + deal.notes.len() + 3 * deal.lines.len() + 2 * deal.moves.len() + 2
        };
        match self {
            Self::Customer(customer) => 1 + customer.contacts.len(),
            Self::Deal(one) => deal(one),
            Self::Lead(lead) => {
                let follows = match &lead.fate {
                    crate::lead::Fate::Qualified { deal: one, .. } => 6 + deal(one),
                    _ => 1,
                };
                1 + lead.touches.len() * 3 + follows
            }
        }
    }

    /// When it began.
    #[cfg(test)]
    pub fn at(&self) -> jiff::Timestamp {
        match self {
            Self::Customer(customer) => customer.at,
            Self::Lead(lead) => lead.at,
            Self::Deal(deal) => deal.at,
        }
    }
}

/// The stories of an organisation, made one after the other: none is kept.
pub(crate) struct Stories {
    pub world: World,
    customer: u64,
    lead: u64,
    deal: u64,
}

impl Stories {
    pub fn of(plan: Plan) -> Self {
        Self { world: World::new(plan), customer: 0, lead: 0, deal: 0 }
    }
}

impl Iterator for Stories {
    type Item = Story;

    /// The next of three rows of stories, by day; customers come before those who deal with them.
    fn next(&mut self) -> Option<Story> {
        let (world, sizes) = (&self.world, &self.world.sizes);
        let customer = (self.customer < sizes.direct_accounts()).then(|| world.customer_day(self.customer));
        let lead = (self.lead < sizes.leads).then(|| Lead::day(world, self.lead));
        let deal = (self.deal < sizes.direct_opportunities()).then(|| Deal::day(world, self.deal));
        let first = [customer, lead, deal].into_iter().flatten().min()?;
        if customer == Some(first) {
            self.customer += 1;
            return Some(Story::Customer(Box::new(Customer::new(world, self.customer - 1))));
        }
        if lead == Some(first) {
            self.lead += 1;
            return Some(Story::Lead(Box::new(Lead::new(world, self.lead - 1))));
        }
        self.deal += 1;
        Some(Story::Deal(Box::new(Deal::direct(world, self.deal - 1))))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::calendar::days_between;

    fn stories(seed: u64) -> Vec<Story> {
        Stories::of(Plan { leads: 300, seed, today: date(2027, 3, 1) }).collect()
    }

    #[test]
    fn the_same_seed_tells_the_same_stories() {
        assert_eq!(stories(7), stories(7));
        assert_ne!(stories(7), stories(8));
    }

    #[test]
    fn stories_are_told_day_after_day() {
        let stories = stories(1);
        assert!(stories.len() >= 300);
        assert!(stories.windows(2).all(|pair| days_between(pair[1].at(), pair[0].at()) < 1.0));
    }
}
