//! What a file is, by its content: a name can say anything.

use language::tr;
use model::{ColumnType, Table, Value};
use store::Row;

use crate::{Error, Result, records::Work};

/// Kinds by the bytes they begin with.
const KINDS: &[(&[u8], &str)] = &[
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpeg"),
    (b"GIF87a", "gif"),
    (b"GIF89a", "gif"),
    (b"%PDF-", "pdf"),
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"MZ", "program"),
    (b"\x7fELF", "program"),
    (b"\xca\xfe\xba\xbe", "program"),
    (b"\xcf\xfa\xed\xfe", "program"),
];

/// Endings of names with the kind of content that they promise. Office's files are zip archives.
const ENDINGS: &[(&str, &str)] = &[
    ("png", "png"),
    ("jpg", "jpeg"),
    ("jpeg", "jpeg"),
    ("gif", "gif"),
    ("webp", "webp"),
    ("pdf", "pdf"),
    ("zip", "zip"),
    ("docx", "zip"),
    ("xlsx", "zip"),
    ("pptx", "zip"),
    ("odt", "zip"),
    ("ods", "zip"),
    ("odp", "zip"),
];

/// Endings of what runs when it is opened; nobody sends that to a customer's record for good.
const PROGRAMS: &[&str] = &[
    "exe",
    "dll",
    "com",
    "bat",
    "cmd",
    "msi",
    "msp",
    "scr",
    "pif",
    "cpl",
    "ps1",
    "psm1",
    "vbs",
    "vbe",
    "js",
    "jse",
    "wsf",
    "wsh",
    "hta",
    "jar",
    "lnk",
    "reg",
    "inf",
    "chm",
    "application",
    "gadget",
    "msc",
    "sh",
];

/// Pictures that browsers show and that cannot carry scripts.
const PICTURES: &[&str] = &["png", "jpeg", "gif", "webp"];

fn kind(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Some("webp");
    }
    KINDS.iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, kind)| *kind)
}

/// What a file without a name is called after its column: with the ending of its kind, where the kind is
/// known by its beginning.
pub(crate) fn named_after(column: &str, bytes: &[u8]) -> String {
    // An archive may be one of Office's files as well.
    match kind(bytes).filter(|kind| !matches!(*kind, "program" | "zip")) {
        Some("jpeg") => format!("{column}.jpg"),
        Some(kind) => format!("{column}.{kind}"),
        None => column.to_owned(),
    }
}

/// Refuses what is no picture in a column for pictures.
pub(crate) fn check_pictures(work: &mut Work<'_, '_>, table: &Table, row: &Row) -> Result<()> {
    for column in table.columns.values().filter(|column| matches!(column.kind, ColumnType::Image { .. })) {
        let Some(Value::Id(id)) = row.get(&column.name) else { continue };
        let bytes = work.writer().file(*id)?.unwrap_or_default();
        if !kind(&bytes).is_some_and(|kind| PICTURES.contains(&kind)) {
            return Err(Error::field(column, tr!("this is no picture; choose a PNG, JPEG, GIF or WebP file")));
        }
    }
    Ok(())
}

/// Refuses programs, and files whose content is not what their name says.
pub(crate) fn check_named(name: &str, bytes: &[u8]) -> Result<()> {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.trim().to_lowercase()).unwrap_or_default();
    let found = kind(bytes);
    if PROGRAMS.contains(&ending.as_str()) || found == Some("program") {
        return Err(Error::refused(tr!(
            "“{name}” is a program; programs cannot be attached, send a link instead",
            name
        )));
    }
    let promised = ENDINGS.iter().find(|(known, _)| *known == ending).map(|(_, kind)| *kind);
    if promised.is_some() && promised != found {
        return Err(Error::refused(tr!(
            "“{name}” is no {} file by its content; save it anew in the program it comes from, or correct its name",
            ending.to_uppercase(),
            name
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::check_named;

    #[test]
    fn a_file_must_be_what_its_name_says_and_no_program() {
        assert!(check_named("plan.pdf", b"%PDF-1.7 ...").is_ok());
        assert!(check_named("photo.JPG", b"\xff\xd8\xff\xe0").is_ok());
        assert!(check_named("offer.docx", b"PK\x03\x04...").is_ok());
        assert!(check_named("notes.txt", b"anything").is_ok());
        assert!(check_named("without ending", b"anything").is_ok());
        assert!(check_named("plan.pdf", b"<html><script>").is_err());
        assert!(check_named("photo.png", b"\xff\xd8\xff\xe0").is_err());
        assert!(check_named("game.exe", b"MZ").is_err());
        assert!(check_named("harmless.txt", b"MZ\x90").is_err());
        assert!(check_named("page.HTA ", b"").is_err());
    }
}
