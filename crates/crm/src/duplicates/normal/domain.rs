//! Web domains.

/// Domains of mail providers: that two people have an address there says nothing.
const SHARED: &[&str] = &[
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "live.com",
    "msn.com",
    "yahoo.com",
    "yahoo.co.uk",
    "yahoo.fr",
    "yahoo.de",
    "ymail.com",
    "aol.com",
    "icloud.com",
    "me.com",
    "mac.com",
    "proton.me",
    "protonmail.com",
    "gmx.de",
    "gmx.net",
    "gmx.at",
    "gmx.ch",
    "gmx.com",
    "web.de",
    "t-online.de",
    "freenet.de",
    "mail.com",
    "mail.ru",
    "yandex.ru",
    "yandex.com",
    "qq.com",
    "163.com",
    "126.com",
    "orange.fr",
    "wanadoo.fr",
    "free.fr",
    "laposte.net",
    "libero.it",
    "virgilio.it",
    "bluewin.ch",
    "comcast.net",
    "verizon.net",
    "att.net",
    "btinternet.com",
    "zoho.com",
    "rediffmail.com",
    "naver.com",
    "hanmail.net",
    "seznam.cz",
    "wp.pl",
    "o2.pl",
    "interia.pl",
    "telia.com",
];

/// Second-level names under which countries give out domains: `co.uk`, `com.au`.
const REGISTRIES: &[&str] = &["co", "com", "org", "net", "gov", "edu", "ac", "or", "ne", "go"];

/// The domain a web or e-mail address belongs to, without `www` and other hosts before it:
/// `https://www.shop.contoso.co.uk/x` and `ada@contoso.co.uk` are both `contoso.co.uk`.
pub fn domain(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let rest = text.split_once("://").map_or(text.as_str(), |(_, rest)| rest);
    let host = rest.split(['/', '?', '#', '>']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    let host = host.split(':').next().unwrap_or_default().trim_matches('.');
    if host.is_empty() || !host.contains('.') || host.contains(char::is_whitespace) {
        return None;
    }
    let labels: Vec<&str> = host.split('.').collect();
    if labels.iter().any(|label| label.is_empty()) || labels.iter().all(|label| label.parse::<u8>().is_ok()) {
        return None; // an address in numbers belongs to nobody in particular
    }
    let by_country =
        labels.len() > 2 && labels[labels.len() - 1].len() == 2 && REGISTRIES.contains(&labels[labels.len() - 2]);
    let kept = if by_country { 3 } else { 2 };
    Some(labels[labels.len().saturating_sub(kept)..].join("."))
}

/// True for the domains of mail providers.
pub fn is_shared_domain(domain: &str) -> bool {
    SHARED.contains(&domain)
}
