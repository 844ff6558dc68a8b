//! What the organisation and the roles demand of signing in. The strictest demand holds.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use store::Row;

use crate::Caller;

/// What is proved at sign-in beside the password.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum SecondFactor {
    /// Nothing, unless the person has set something up.
    #[default]
    NotRequired,
    /// A one-time code or a passkey.
    Any,
    /// A passkey.
    Passkey,
}

/// The demands on one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignInPolicy {
    /// What is proved beside the password.
    pub second_factor: SecondFactor,
    /// Shortest new password, in characters.
    pub password_length: usize,
    /// After how long without a request a session ends.
    pub idle: SignedDuration,
    /// After how long a session ends in any case.
    pub lifetime: SignedDuration,
    /// Whether programs may work in the person's name.
    pub tokens: bool,
    /// How long a token may live, in days.
    pub token_days: u32,
}

/// The demands as the organisation and its roles state them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Demands {
    everybody: Demand,
    roles: BTreeMap<String, Demand>,
}

/// What one row says; nothing where it is silent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Demand {
    second_factor: Option<SecondFactor>,
    password_length: Option<i64>,
    idle_minutes: Option<i64>,
    hours: Option<i64>,
    tokens: Option<bool>,
    token_days: Option<i64>,
}

/// Shortest password where nobody says anything (NIST SP 800-63B asks for at least 8).
const PASSWORD_LENGTH: i64 = 10;
const IDLE_MINUTES: i64 = 3 * 24 * 60;
const HOURS: i64 = 30 * 24;
const TOKEN_DAYS: i64 = 365;

impl Demand {
    fn of(row: &Row) -> Self {
        let whole = |column: &str| row.value(column).as_whole();
        Self {
            second_factor: whole("secondfactor").map(|value| match value {
                2 => SecondFactor::Passkey,
                1 => SecondFactor::Any,
                _ => SecondFactor::NotRequired,
            }),
            password_length: whole("passwordlength"),
            idle_minutes: whole("sessionidleminutes"),
            hours: whole("sessionhours"),
            tokens: row.value("apitokens").as_boolean(),
            token_days: whole("apitokendays"),
        }
    }
}

impl Demands {
    /// From the organisation's row and those of the roles.
    pub(crate) fn of(organization: &Row, roles: &[Row]) -> Self {
        Self {
            everybody: Demand::of(organization),
            roles: roles.iter().map(|role| (role.text("name").to_owned(), Demand::of(role))).collect(),
        }
    }

    /// What holds for somebody with these roles.
    pub(crate) fn on(&self, roles: &[String]) -> SignInPolicy {
        let all: Vec<&Demand> =
            std::iter::once(&self.everybody).chain(roles.iter().filter_map(|role| self.roles.get(role))).collect();
        let least = |value: fn(&Demand) -> Option<i64>, otherwise: i64| {
            all.iter().filter_map(|demand| value(demand)).min().unwrap_or(otherwise).max(1)
        };
        let length = all.iter().filter_map(|demand| demand.password_length).max().unwrap_or(PASSWORD_LENGTH);
        SignInPolicy {
            second_factor: all.iter().filter_map(|demand| demand.second_factor).max().unwrap_or_default(),
            password_length: usize::try_from(length).unwrap_or(usize::MAX),
            idle: SignedDuration::from_mins(least(|demand| demand.idle_minutes, IDLE_MINUTES)),
            lifetime: SignedDuration::from_hours(least(|demand| demand.hours, HOURS)),
            tokens: all.iter().all(|demand| demand.tokens != Some(false)),
            token_days: u32::try_from(least(|demand| demand.token_days, TOKEN_DAYS)).unwrap_or(u32::MAX),
        }
    }
}

impl Caller {
    /// What is demanded of this person's sign-in.
    pub fn sign_in_policy(&self) -> SignInPolicy {
        self.organization().sign_in_demands.on(&self.roles)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strictest_of_several_demands_holds() {
        let organization = Row::new().with("passwordlength", 10_i64).with("sessionidleminutes", 600_i64);
        let strict = Row::new()
            .with("name", "Vault keeper")
            .with("secondfactor", 2_i64)
            .with("passwordlength", 16_i64)
            .with("sessionidleminutes", 30_i64)
            .with("apitokens", false);
        let lax = Row::new().with("name", "Guest").with("sessionidleminutes", 9000_i64).with("passwordlength", 8_i64);
        let demands = Demands::of(&organization, &[strict, lax]);
        let both = demands.on(&["Vault keeper".to_owned(), "Guest".to_owned()]);
        assert_eq!(both.second_factor, SecondFactor::Passkey);
        assert_eq!(both.password_length, 16);
        assert_eq!(both.idle, SignedDuration::from_mins(30));
        assert!(!both.tokens);
        let guest = demands.on(&["Guest".to_owned()]);
        assert_eq!((guest.password_length, guest.idle), (10, SignedDuration::from_mins(600)));
        assert!(guest.tokens);
    }
}
