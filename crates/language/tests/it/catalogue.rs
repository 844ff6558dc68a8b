//! What a catalogue has.

use std::{collections::BTreeMap, fs, path::Path};

use crate::sources::Text;

/// Texts and their translations, over all files of a language.
pub fn of(language: &str) -> BTreeMap<Text, Vec<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(language);
    let mut texts = BTreeMap::new();
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let content =
            rspolib::pofile(path.to_str().unwrap()).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for entry in content.entries {
            let text = Text { context: entry.msgctxt, english: entry.msgid, plural: entry.msgid_plural };
            let words = if text.plural.is_some() { entry.msgstr_plural } else { entry.msgstr.into_iter().collect() };
            let known = texts.insert(text.clone(), words);
            assert!(known.is_none(), "{text:?} stands in the catalogue twice, again in {}", path.display());
        }
    }
    texts
}
