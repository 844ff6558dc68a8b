//! Texts for people. An organisation's own are the same in every language, so that several texts for one
//! label are refused rather than all but one forgotten.

use language::{Language, translated_to};

use super::sent::Sent;
use crate::{
    error::{Error, Result},
    wire::Json,
};

/// Most characters of a label or description.
const LONGEST: usize = 2_000;

/// The text of a label; nothing where it is not sent. Beside `present`, the label as it is told now, also
/// nothing where it says the same; what is changed in one language then counts for all.
pub fn read(sent: &Sent<'_>, name: &str, present: Option<&Json>) -> Result<Option<String>> {
    let Some(label) = sent.object(name)? else { return Ok(None) };
    let mut texts = Vec::new();
    for one in label.objects("LocalizedLabels", 100)?.unwrap_or_default() {
        texts.push(localized(&one)?);
    }
    if texts.is_empty()
        && let Some(one) = label.object("UserLocalizedLabel")?
    {
        texts.push(localized(&one)?);
    }
    let is_empty = texts.is_empty();
    texts.retain(|(language, text)| present.and_then(|present| told(present, *language)) != Some(text));
    let base = texts.iter().find(|(language, _)| *language == Language::English).or(texts.first());
    let Some((_, base)) = base else {
        // An empty label takes away what is told.
        let is_told = present.is_some_and(|present| told(present, Language::English).is_some());
        return Ok((is_empty && is_told).then(String::new));
    };
    let other = texts.iter().find(|(language, text)| text != base && translated_to(*language, base) != text.as_str());
    if let Some((language, text)) = other {
        return Err(sent.wrong(
            name,
            &format!(
                "'{text}' for {} is another text than '{base}'; what an organisation names itself has one text for all languages, so send one",
                language.number()
            ),
        ));
    }
    Ok(Some(base.clone()))
}

fn localized(one: &Sent<'_>) -> Result<(Language, String)> {
    let text = one.text("Label")?.unwrap_or_default().trim();
    if text.chars().count() > LONGEST {
        return Err(one.wrong("Label", &format!("at most {LONGEST} characters")));
    }
    let code = one.whole("LanguageCode")?.unwrap_or(Language::English.number().into());
    let language = i32::try_from(code).ok().and_then(Language::of_number);
    let language = language.ok_or_else(|| {
        let known = Language::OFFERED.map(|language| format!("{} ({})", language.number(), language.own_name()));
        one.wrong("LanguageCode", &format!("there is no language {code} here; there are {}", known.join(" and ")))
    })?;
    Ok((language, text.to_owned()))
}

/// What a label is told as in a language.
fn told(label: &Json, language: Language) -> Option<&String> {
    let Json::Object(members) = label else { return None };
    let (_, Json::List(labels)) = members.iter().find(|(name, _)| &**name == "LocalizedLabels")? else { return None };
    labels.iter().find_map(|one| {
        let Json::Object(one) = one else { return None };
        let member = |wanted: &str| one.iter().find(|(name, _)| &**name == wanted).map(|(_, value)| value);
        match (member("LanguageCode"), member("Label")) {
            (Some(Json::Whole(code)), Some(Json::Text(text))) if *code == i64::from(language.number()) => Some(text),
            _ => None,
        }
    })
}

/// As [`read`] of what must be there: no label is empty.
pub fn needed(sent: &Sent<'_>, name: &str) -> Result<String> {
    let text = read(sent, name, None)?.filter(|text| !text.is_empty());
    text.ok_or_else(|| missing(sent, name))
}

fn missing(sent: &Sent<'_>, name: &str) -> Error {
    sent.wrong(name, "this is missing; send {\"LocalizedLabels\": [{\"Label\": \"…\", \"LanguageCode\": 1033}]}")
}
