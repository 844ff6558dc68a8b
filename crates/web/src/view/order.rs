//! In which order choices are offered.

use crm::duplicates::normal::folded;

/// By what labels are sorted, so that a reader finds them: small and capital letters alike, and
/// letters with marks beside those without, as `Änderungsdatum` among the words with an A.
pub(crate) fn by_label(label: &str) -> String {
    folded(label)
}

#[cfg(test)]
mod tests {
    use super::by_label;

    #[test]
    fn umlauts_stand_beside_their_letters() {
        let mut labels =
            ["Zustand", "Änderungsdatum", "straße", "Anrede", "Über uns", "Strasse 2", "angelegt", "Umsatz"];
        labels.sort_by_key(|label| by_label(label));
        assert_eq!(
            labels,
            ["Änderungsdatum", "angelegt", "Anrede", "straße", "Strasse 2", "Über uns", "Umsatz", "Zustand"]
        );
    }
}
