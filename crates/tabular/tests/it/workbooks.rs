//! Workbooks that are no honest ones, and honest ones that are large.
use crate::world;

use std::io::{Cursor, Write};

use pipewright_tabular::{Cell, Options, Source, Writer};
use tempfile::NamedTempFile;
use zip::{ZipWriter, write::SimpleFileOptions};

const MIB: usize = 1024 * 1024;
const RELATIONSHIPS: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";

/// A workbook of one sheet with these rows, and further parts as they are.
fn workbook(rows: &str, further: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let parts = [
        (
            "_rels/.rels",
            format!(
                r#"<Relationships xmlns="{package}"><Relationship Id="r1" Type="{RELATIONSHIPS}/officeDocument" Target="xl/workbook.xml"/></Relationships>"#
            ),
        ),
        (
            "xl/workbook.xml",
            format!(
                r#"<workbook xmlns="{MAIN}" xmlns:r="{RELATIONSHIPS}"><sheets><sheet name="Leads" sheetId="1" r:id="r1"/></sheets></workbook>"#
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                r#"<Relationships xmlns="{package}"><Relationship Id="r1" Type="{RELATIONSHIPS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>"#
            ),
        ),
        ("xl/worksheets/sheet1.xml", format!(r#"<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>"#)),
    ];
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let parts = parts.iter().map(|(name, text)| (*name, text.as_bytes()));
    for (name, content) in parts.chain(further.iter().map(|(name, bytes)| (*name, bytes.as_slice()))) {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn cell(place: &str, text: &str) -> String {
    format!(r#"<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>"#)
}

fn row(number: usize, cells: &str) -> String {
    format!(r#"<row r="{number}">{cells}</row>"#)
}

fn three_leads(middle: &str) -> String {
    [row(1, &cell("A1", "Name")), row(2, &cell("A2", "Ada")), row(3, middle), row(4, &cell("A4", "Grace"))].concat()
}

fn refusal(bytes: Vec<u8>) -> String {
    let file = world::file(bytes);
    let error = Source::open(file.path(), &Options::default()).err().unwrap().to_string();
    error.replace(&file.path().display().to_string(), "leads.xlsx")
}

const REFUSAL: &str = "the workbook leads.xlsx unpacks to more than 64 MiB, out of all proportion to its size; \
                       save the sheet as CSV, or divide it into several workbooks";

#[test]
fn a_workbook_that_unpacks_out_of_all_proportion_is_refused_and_the_limit_named() {
    let bomb = workbook(&three_leads(&cell("A3", &"a".repeat(65 * MIB))), &[]);
    assert!(bomb.len() < MIB, "{}", bomb.len());
    assert_eq!(refusal(bomb), REFUSAL);
}

#[test]
fn shared_texts_count_like_everything_else() {
    assert_eq!(refusal(workbook(&three_leads(""), &[("xl/sharedStrings.xml", vec![b' '; 65 * MIB])])), REFUSAL);
}

#[test]
fn a_part_is_not_unpacked_beyond_the_size_that_the_archive_tells() {
    let size = 65 * MIB;
    let mut bomb = workbook(&three_leads(""), &[("xl/sharedStrings.xml", vec![b' '; size])]);
    let (truth, lie) = (u32::try_from(size).unwrap().to_le_bytes(), 10_u32.to_le_bytes());
    let told: Vec<usize> = bomb.windows(4).enumerate().filter(|(_, bytes)| *bytes == truth).map(|(at, _)| at).collect();
    assert!(!told.is_empty());
    for at in told {
        bomb[at..at + 4].copy_from_slice(&lie);
    }
    let refusal = refusal(bomb);
    assert!(refusal.contains("larger than its declared uncompressed size"), "{refusal}");
}

#[test]
fn a_large_workbook_of_few_words_is_read_to_its_end() {
    let file = NamedTempFile::new().unwrap();
    let headers: Vec<String> = (1..=12).map(|number| format!("Column {number}")).collect();
    let mut writer = Writer::xlsx_file(file.path(), &headers, "Rows").unwrap();
    let cells: Vec<Cell> =
        (0..12).map(|number| Cell::Text(["Open", "Berlin", "Robotics"][number % 3].to_owned())).collect();
    for _ in 0..200_000 {
        writer.row(&cells).unwrap();
    }
    writer.finish().unwrap();
    let mut source = Source::open(file.path(), &Options::default()).unwrap();
    assert_eq!(source.rows().flatten().count(), 200_000);
}

#[test]
fn a_row_of_endless_text_is_an_error_of_its_own() {
    let text = "All work and no play. 0123456789".repeat(MIB / 32);
    let cells: String = ('A'..='Q').map(|column| cell(&format!("{column}3"), &text)).collect();
    let table = world::open(workbook(&three_leads(&cells), &[]));
    assert_eq!(table.cells().iter().map(|cells| cells[0].as_str()).collect::<Vec<_>>(), ["Ada", "Grace"]);
    assert_eq!(table.errors.len(), 1);
    assert!(table.errors[0].to_string().starts_with("row 3: the row is larger than 16 MiB"), "{}", table.errors[0]);
}

#[test]
fn a_cell_beyond_the_last_column_takes_no_memory() {
    let table = world::open(workbook(&three_leads(&cell("ZZZZZ3", "far out")), &[]));
    assert_eq!(table.cells(), [["Ada"], ["Grace"]]);
    assert!(
        table.errors[0].to_string().starts_with("row 3: ")
            && table.errors[0].to_string().contains("right of the last column"),
        "{}",
        table.errors[0]
    );
}
