//! What is written can be read back without loss.
use crate::world;

use crate::world::Table;
use jiff::civil::{date, datetime};
use pipewright_tabular::{Cell, CsvOptions, Kind, Options, Profile, TabularError, Writer, Written, parse};
use proptest::prelude::*;
use tempfile::NamedTempFile;

const TRICKY: &[&str] = &[
    "=HYPERLINK(\"http://example.com\")",
    "'=1+1",
    "''=1+1",
    "'quoted'",
    "'",
    "'-5",
    "-5",
    "-5,00",
    "-cmd|' /C calc'!A0",
    "+49 30 123456",
    "@mention",
    "\ttab first",
    "\rreturn first",
    "two\nlines",
    "two\r\nlines",
    "say \"hi\"",
    "a,b;c|d",
    "  spaces  ",
    "Zoë 🎌 東京",
    "_x0041_ is no A",
    "bell \u{7} sign",
    "<b>&amp;</b>",
    "00123",
    "1e5",
    "true",
];

fn headers(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn text_rows() -> Vec<Vec<Cell>> {
    TRICKY.iter().map(|text| vec![Cell::Text("row".into()), Cell::Text((*text).to_owned()), Cell::Empty]).collect()
}

fn reading() -> Options {
    Options { has_header: Some(true), strip_guard: true, ..Options::default() }
}

fn write_csv(headers: &[String], rows: &[Vec<Cell>], options: &CsvOptions) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut writer = Writer::csv(&mut bytes, headers, options).unwrap();
    for row in rows {
        writer.row(row).unwrap();
    }
    writer.finish().unwrap();
    bytes
}

fn write_xlsx(headers: &[String], rows: &[Vec<Cell>]) -> (NamedTempFile, Written) {
    let file = NamedTempFile::new().unwrap();
    let mut writer = Writer::xlsx_file(file.path(), headers, "Leads / open").unwrap();
    for row in rows {
        writer.row(row).unwrap();
    }
    let written = writer.finish().unwrap();
    (file, written)
}

fn typed_row() -> Vec<Cell> {
    vec![
        Cell::Text("Ada".into()),
        Cell::Number("1234.50".parse().unwrap()),
        Cell::Boolean(true),
        Cell::Date(date(2024, 2, 29)),
        Cell::DateTime(datetime(2024, 2, 29, 23, 59, 58, 0)),
        Cell::Empty,
    ]
}

fn typed_headers() -> Vec<String> {
    headers(&["Name", "Sum", "Active", "Since", "Seen", "Note"])
}

#[test]
fn text_that_looks_like_a_formula_is_disarmed_in_csv_and_comes_back_as_it_was() {
    let names = headers(&["Kind", "=Text", "Empty"]);
    let bytes = write_csv(&names, &text_rows(), &CsvOptions::default());
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(text.starts_with("\u{feff}Kind,'=Text,Empty\r\n"));
    assert!(text.contains("\r\nrow,'+49 30 123456,\r\n"));
    assert!(text.contains("\r\nrow,-5,\r\n"), "a number stays a number");
    assert!(!text.contains(",="), "nothing that runs");
    let table = Table::read(&world::file(bytes), &reading());
    assert_eq!(table.headers, names);
    let read: Vec<&str> = table.rows.iter().map(|row| row.cells[1].as_str()).collect();
    assert_eq!(read, TRICKY);
}

#[test]
fn without_the_option_the_guard_stays_visible() {
    let bytes = write_csv(
        &headers(&["Kind", "Text"]),
        &[vec![Cell::Text("a".into()), Cell::Text("=1".into())]],
        &CsvOptions::default(),
    );
    assert_eq!(Table::read(&world::file(bytes), &Options::default()).cells(), [["a", "'=1"]]);
}

#[test]
fn csv_can_be_written_for_other_readers() {
    let options = CsvOptions { byte_order_mark: false, delimiter: ';', guard_formulas: false };
    let bytes = write_csv(&headers(&["A", "B"]), &[vec![Cell::Text("=1;2".into())]], &options);
    assert_eq!(String::from_utf8(bytes).unwrap(), "A;B\r\n\"=1;2\";\r\n");
}

#[test]
fn typed_cells_are_plain_and_unmistakable_in_csv() {
    let bytes =
        write_csv(&typed_headers(), &[typed_row()], &CsvOptions { byte_order_mark: false, ..CsvOptions::default() });
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!(text.lines().nth(1).unwrap(), "Ada,1234.50,true,2024-02-29,2024-02-29T23:59:58,");
}

#[test]
fn text_comes_back_from_a_workbook_as_it_was() {
    let (file, _) = write_xlsx(&headers(&["Kind", "=Text", "Empty"]), &text_rows());
    let table = Table::read(&file, &reading());
    assert_eq!(table.detected.sheet.as_deref(), Some("Leads  open"));
    let read: Vec<&str> = table.rows.iter().map(|row| row.cells[1].as_str()).collect();
    assert_eq!(read, TRICKY);
}

#[test]
fn typed_cells_come_back_from_a_workbook() {
    let (file, written) = write_xlsx(&typed_headers(), &[typed_row(), typed_row()]);
    assert_eq!(written, Written { rows: 2, sheets: 1, cut_cells: 0 });
    let table = Table::read(&file, &Options::default());
    assert!(table.detected.header);
    assert_eq!(table.headers, typed_headers());
    assert_eq!(table.cells()[0][..5], ["Ada", "1234.5", "true", "2024-02-29", "2024-02-29T23:59:58"]);
    assert_eq!(table.rows[1].number, 3);
    let kinds: Vec<Kind> =
        Profile::of(&table.headers, &table.rows).columns.into_iter().map(|column| column.kind).collect();
    assert!(matches!(
        kinds[..],
        [Kind::Text, Kind::Decimal, Kind::Boolean, Kind::Date { .. }, Kind::DateTime { .. }, ..]
    ));
}

#[test]
fn numbers_come_back_from_a_workbook_without_noise() {
    let numbers =
        ["1.1", "0.3", "12", "-7", "1234567890.12", "100000000000000", "12345678901234567890", "0.000001", "0"];
    let rows: Vec<Vec<Cell>> = numbers.iter().map(|text| vec![Cell::Number(text.parse().unwrap())]).collect();
    let (file, _) = write_xlsx(&headers(&["Sum"]), &rows);
    let read: Vec<String> = Table::read(&file, &reading()).cells().concat();
    assert_eq!(read, numbers);
}

#[test]
fn days_that_a_workbook_does_not_have_are_written_as_text() {
    let rows =
        [vec![Cell::Date(date(1815, 12, 10))], vec![Cell::Date(date(1900, 2, 28))], vec![Cell::Date(date(1900, 3, 1))]];
    let (file, _) = write_xlsx(&headers(&["Born"]), &rows);
    assert_eq!(Table::read(&file, &reading()).cells().concat(), ["1815-12-10", "1900-02-28", "1900-03-01"]);
}

#[test]
fn text_too_long_for_a_workbook_cell_is_cut_visibly_and_counted() {
    let (file, written) = write_xlsx(&headers(&["Note"]), &[vec![Cell::Text("x🎌".repeat(20_000))]]);
    assert_eq!(written.cut_cells, 1);
    let cells = Table::read(&file, &reading()).cells();
    assert!(cells[0][0].ends_with("… [cut]") && cells[0][0].encode_utf16().count() <= 32_767);
}

#[test]
fn empty_rows_and_gaps_in_a_workbook_keep_the_numbers_that_a_person_sees() {
    let rows =
        [vec![Cell::Text("a".into()), Cell::Text("b".into())], vec![], vec![Cell::Empty, Cell::Text("c".into())]];
    let (file, _) = write_xlsx(&headers(&["A", "B"]), &rows);
    let table = Table::read(&file, &reading());
    assert_eq!(table.cells(), [["a", "b"], ["", "c"]]);
    assert_eq!(table.rows[1].number, 4);
}

#[test]
fn a_row_with_too_many_cells_is_refused() {
    let mut writer = Writer::csv(Vec::new(), &headers(&["A"]), &CsvOptions::default()).unwrap();
    let error = writer.row(&[Cell::Empty, Cell::Empty]).unwrap_err();
    assert!(matches!(error, TabularError::TooManyCells { row: 1, cells: 2, columns: 1 }));
}

#[test]
fn a_workbook_continues_on_a_further_sheet_when_the_first_is_full() {
    let row = [Cell::Number(7.into())];
    let file = NamedTempFile::new().unwrap();
    let mut writer = Writer::xlsx_file(file.path(), &headers(&["Sum"]), "Data").unwrap();
    for _ in 0..1_048_577 {
        writer.row(&row).unwrap();
    }
    assert_eq!(writer.finish().unwrap(), Written { rows: 1_048_577, sheets: 2, cut_cells: 0 });
    let second = Options { sheet: Some(pipewright_tabular::SheetChoice::Index(1)), ..reading() };
    let table = Table::read(&file, &second);
    assert_eq!(table.detected.sheets, ["Data", "Data 2"]);
    assert_eq!(table.headers, ["Sum"]);
    assert_eq!(table.rows.len(), 2);
}

#[test]
fn a_sheet_that_does_not_exist_is_refused_with_those_that_do() {
    let (file, _) = write_xlsx(&headers(&["A"]), &[vec![Cell::Text("a".into())]]);
    let options =
        Options { sheet: Some(pipewright_tabular::SheetChoice::Name("Contacts".into())), ..Options::default() };
    let error = pipewright_tabular::Source::open(file.path(), &options).err().unwrap();
    assert!(error.to_string().contains("Contacts") && error.to_string().contains("Leads  open"), "{error}");
}

#[test]
fn booleans_read_back_are_understood() {
    assert_eq!(parse::boolean("true"), Some(true));
    assert_eq!(parse::boolean("false"), Some(false));
    assert_eq!(parse::boolean("perhaps"), None);
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~äöü€🎌\t\r\n]{0,20}",
        "['=+@\t\r\n,;\"-]{0,6}",
        any::<String>(),
        proptest::sample::select(TRICKY).prop_map(str::to_owned),
    ]
    // A byte order mark at the start of the file is none of its text, and NUL is no text at all.
    .prop_map(|text| text.replace(['\u{feff}', '\0'], "?"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn any_text_survives_csv(
        rows in proptest::collection::vec(proptest::collection::vec(any_text(), 3), 1..12),
        byte_order_mark: bool,
        delimiter in proptest::sample::select(vec![',', ';', '\t', '|']),
    ) {
        // Rows without any text are left out on purpose.
        let rows: Vec<Vec<String>> =
            rows.into_iter().filter(|row| row.iter().any(|text| !text.trim().is_empty())).collect();
        let cells: Vec<Vec<Cell>> =
            rows.iter().map(|row| row.iter().map(|text| Cell::Text(text.clone())).collect()).collect();
        let options = CsvOptions { byte_order_mark, delimiter, guard_formulas: true };
        let bytes = write_csv(&headers(&["First", "Second", "Third"]), &cells, &options);
        let reading = Options { delimiter: Some(delimiter), encoding: Some("utf-8".into()), ..reading() };
        let table = Table::read(&world::file(bytes), &reading);
        prop_assert!(table.errors.is_empty(), "{:?}", table.errors);
        prop_assert_eq!(table.cells(), rows);
    }

    #[test]
    fn any_bytes_are_read_or_refused_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let file = world::file(bytes);
        if let Ok(mut source) = pipewright_tabular::Source::open(file.path(), &Options::default()) {
            let headers = source.headers().to_vec();
            let rows: Vec<_> = source.rows().filter_map(Result::ok).collect();
            prop_assert!(rows.iter().all(|row| row.cells.len() == headers.len()));
            Profile::of(&headers, &rows).settle_dates();
        }
    }
}
