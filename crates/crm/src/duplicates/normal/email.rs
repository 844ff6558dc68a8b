//! E-mail addresses.

/// An address as mail servers tell them apart in practice: lower case, without a display name,
/// without what stands behind a `+` before the `@`.
pub fn email(text: &str) -> Option<String> {
    let address = match text.rsplit_once('<') {
        Some((_, rest)) => rest.split('>').next().unwrap_or_default(),
        None => text,
    };
    let address = address.trim().trim_start_matches("mailto:").to_lowercase();
    let (local, domain) = address.rsplit_once('@')?;
    let local = local.split('+').next().filter(|local| !local.is_empty()).unwrap_or(local);
    let domain = domain.trim_end_matches('.');
    if local.is_empty() || domain.is_empty() || address.contains(char::is_whitespace) {
        return None;
    }
    // Google reads these two domains as one, and no dots in the name.
    let is_google = matches!(domain, "gmail.com" | "googlemail.com");
    let local = if is_google { local.replace('.', "") } else { local.to_owned() };
    if local.is_empty() {
        return None;
    }
    Some(format!("{local}@{}", if is_google { "gmail.com" } else { domain }))
}
