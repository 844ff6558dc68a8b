//! A name with the key of the row it means: `Contoso (0190…)`, or `Contoso (account:0190…)` where
//! rows of several tables may be meant.
//!
//! An export for people names rows. Where several rows bear the name it says which one this way, so
//! that a person sees that they differ and an import finds the right one.

use model::Reference;
use uuid::Uuid;

/// The name with the key behind it; the key alone of a row without a name.
pub(crate) fn write(name: &str, reference: &Reference, of_several_tables: bool) -> String {
    let Reference { table, id } = reference;
    let key = if of_several_tables { format!("{table}:{id}") } else { id.to_string() };
    if name.is_empty() { key } else { format!("{name} ({key})") }
}

/// The name and the row where `text` is written so and means a row of one of `tables`.
pub(crate) fn read<'t>(text: &'t str, tables: &[String]) -> Option<(&'t str, Reference)> {
    let text = text.trim();
    let bracketed = || text.strip_suffix(')')?.rsplit_once('(').map(|(name, key)| (name.trim_end(), key));
    let (name, key) = bracketed().unwrap_or(("", text));
    let reference = match (key.split_once(':'), tables) {
        (Some((table, id)), _) if tables.iter().any(|known| known == table) => Reference::new(table, key_of(id)?),
        (None, [only]) => Reference::new(only.as_str(), key_of(key)?),
        _ => return None,
    };
    Some((name, reference))
}

/// Only as it is written here: a number of 32 digits is a number, and may be a name.
fn key_of(text: &str) -> Option<Uuid> {
    let text = text.trim();
    if text.len() == uuid::fmt::Hyphenated::LENGTH { Uuid::parse_str(text).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tables(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn what_is_written_is_read_again() {
        let id = Uuid::now_v7();
        let account = Reference::new("account", id);
        for name in ["Contoso", "Contoso (Berlin)", "a:b (c", ""] {
            for several in [false, true] {
                let tables = if several { tables(&["account", "contact"]) } else { tables(&["account"]) };
                let text = write(name, &account, several);
                assert_eq!(read(&text, &tables), Some((name, account.clone())), "{text}");
            }
        }
    }

    #[test]
    fn a_plain_name_is_no_key() {
        let id = Uuid::now_v7();
        let accounts = tables(&["account"]);
        for text in ["Contoso", "Contoso (Berlin)", "12345678901234567890123456789012", "Contoso (", ")", ""] {
            assert_eq!(read(text, &accounts), None, "{text}");
        }
        assert_eq!(read(&format!("Contoso (lead:{id})"), &accounts), None, "leads are not meant here");
        let several = tables(&["account", "contact"]);
        assert_eq!(read(&format!("Contoso ({id})"), &several), None, "the table is not told");
    }
}
