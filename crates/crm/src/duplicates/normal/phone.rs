//! Phone numbers in the form of E.164: `+4930901820`.

use std::{collections::HashMap, sync::LazyLock};

use super::folded;

/// How numbers are dialled in a region.
struct Region {
    code: &'static str,
    /// `49`
    calling: &'static str,
    /// Dialled before a number in another country: `00`.
    abroad: &'static str,
    /// Dialled before a number in another town: `0`; empty where there is none.
    trunk: &'static str,
    name: &'static str,
}

/// As the numbering plans say; the same facts as in libphonenumber's metadata.
static REGIONS: LazyLock<Vec<Region>> = LazyLock::new(|| {
    let lines = include_str!("regions.tsv").lines().filter(|line| !line.starts_with('#'));
    let region = |line: &'static str| {
        let mut parts = line.split('\t');
        let mut next = || parts.next().unwrap_or_default();
        let (code, calling, abroad, trunk, name) = (next(), next(), next(), next(), next());
        Region { code, calling, abroad, trunk: trunk.trim_matches('-'), name }
    };
    lines.map(region).collect()
});

/// Regions by code and by names that people write.
static BY_NAME: LazyLock<HashMap<String, usize>> = LazyLock::new(|| {
    let place = |code: &str| REGIONS.iter().position(|region| region.code == code);
    let mut names: HashMap<String, usize> = HashMap::new();
    for (at, region) in REGIONS.iter().enumerate() {
        names.insert(folded(region.code), at);
        names.insert(folded(region.name), at);
    }
    for (name, code) in OTHER_NAMES {
        names.extend(place(code).map(|at| (folded(name), at)));
    }
    names
});

const OTHER_NAMES: &[(&str, &str)] = &[
    ("usa", "US"),
    ("u.s.a.", "US"),
    ("u.s.", "US"),
    ("united states of america", "US"),
    ("vereinigte staaten", "US"),
    ("uk", "GB"),
    ("u.k.", "GB"),
    ("united kingdom", "GB"),
    ("great britain", "GB"),
    ("england", "GB"),
    ("scotland", "GB"),
    ("wales", "GB"),
    ("northern ireland", "GB"),
    ("deutschland", "DE"),
    ("allemagne", "DE"),
    ("österreich", "AT"),
    ("schweiz", "CH"),
    ("suisse", "CH"),
    ("svizzera", "CH"),
    ("frankreich", "FR"),
    ("italien", "IT"),
    ("italia", "IT"),
    ("spanien", "ES"),
    ("españa", "ES"),
    ("niederlande", "NL"),
    ("the netherlands", "NL"),
    ("nederland", "NL"),
    ("holland", "NL"),
    ("belgien", "BE"),
    ("belgique", "BE"),
    ("belgië", "BE"),
    ("polska", "PL"),
    ("polen", "PL"),
    ("czechia", "CZ"),
    ("česko", "CZ"),
    ("tschechien", "CZ"),
    ("south korea", "KR"),
    ("korea", "KR"),
    ("republic of korea", "KR"),
    ("türkiye", "TR"),
    ("turkey", "TR"),
    ("uae", "AE"),
    ("brasil", "BR"),
    ("méxico", "MX"),
    ("sverige", "SE"),
    ("schweden", "SE"),
    ("norge", "NO"),
    ("danmark", "DK"),
    ("dänemark", "DK"),
    ("suomi", "FI"),
    ("россия", "RU"),
    ("日本", "JP"),
    ("中国", "CN"),
];

/// The region of a country's name or code, as people write it in an address.
pub fn region_of(country: &str) -> Option<&'static str> {
    let at = BY_NAME.get(folded(country.trim()).as_str())?;
    REGIONS.get(*at).map(|region| region.code)
}

/// The number with calling code and without anything else; `region` is the one of numbers that
/// tell none. Extensions are left out: they are different desks at one number.
pub fn phone(text: &str, region: Option<&str>) -> Option<String> {
    let written = spoken_part(text);
    let is_abroad = written.trim_start().starts_with('+');
    let digits: String = written.chars().filter_map(|letter| letter.to_digit(10)).map(digit).collect();
    let home = region.and_then(|code| REGIONS.iter().find(|region| region.code.eq_ignore_ascii_case(code)));
    let number = if is_abroad {
        digits
    } else {
        let abroad = home.map_or("00", |home| home.abroad);
        let rest = digits.strip_prefix(abroad).or_else(|| digits.strip_prefix("00"));
        match (rest.filter(|rest| !rest.is_empty()), home) {
            (Some(rest), _) => rest.to_owned(),
            (None, Some(home)) => return within(&digits, home),
            // Nobody knows where: such numbers equal those written alike.
            (None, None) => return (digits.len() >= SHORTEST).then_some(digits),
        }
    };
    if number.len() < SHORTEST + 1 || number.len() > LONGEST {
        return None;
    }
    Some(format!("+{}", without_trunk(&number)))
}

/// Fewest digits of a number that tells anybody apart.
const SHORTEST: usize = 5;
/// Most digits of a number, as E.164 says.
const LONGEST: usize = 15;

fn digit(value: u32) -> char {
    char::from_digit(value, 10).unwrap_or('0')
}

/// The number without extension and remarks, and without `(0)`.
fn spoken_part(text: &str) -> String {
    let text = text.trim().trim_start_matches("tel:");
    let text = text.replace("(0)", "");
    let begins = text.find(|letter: char| letter == '+' || letter == '(' || letter.is_numeric()).unwrap_or(0);
    let rest = &text[begins..];
    let ends =
        rest.find(|letter: char| letter.is_alphabetic() || matches!(letter, '#' | ';' | ',')).unwrap_or(rest.len());
    rest[..ends].to_owned()
}

/// A number as it is dialled within its region.
fn within(digits: &str, home: &Region) -> Option<String> {
    let national = match home.trunk {
        "" => digits,
        trunk => digits.strip_prefix(trunk).filter(|rest| is_whole(rest, home)).unwrap_or(digits),
    };
    let length = home.calling.len() + national.len();
    (national.len() >= SHORTEST - 1 && length <= LONGEST).then(|| format!("+{}{national}", home.calling))
}

/// In North America and around Russia numbers begin with the digit of the trunk prefix, too: they
/// are told apart by their length.
fn is_whole(rest: &str, home: &Region) -> bool {
    match (home.calling, home.trunk) {
        ("1" | "7", _) => rest.len() >= 10,
        (_, "8" | "1") => rest.len() >= 7,
        _ => true,
    }
}

/// `490301234`, as some write for `+49 030 1234`, without the `0` that is not dialled.
fn without_trunk(number: &str) -> String {
    for length in 1..=3 {
        let Some((calling, rest)) = number.split_at_checked(length) else { break };
        let known = REGIONS.iter().find(|region| region.calling == calling);
        if let Some(region) = known {
            return match rest.strip_prefix('0').filter(|rest| region.trunk == "0" && rest.len() >= SHORTEST - 1) {
                Some(rest) => format!("{calling}{rest}"),
                None => number.to_owned(),
            };
        }
    }
    number.to_owned()
}
