//! Delimited text in all its dialects.

use crate::world::{Table, file, open};
use pipewright_tabular::{Format, Options, RowProblem, Source, TabularError, sample};

#[test]
fn utf8_is_recognised_with_and_without_a_byte_order_mark() {
    for start in ["", "\u{feff}"] {
        let table = open(format!("{start}Name,Ort\r\nJürgen,Köln\r\nZoë,東京 🎌\r\n"));
        assert_eq!(table.detected.encoding.as_deref(), Some("UTF-8"));
        assert_eq!(table.headers, ["Name", "Ort"]);
        assert_eq!(table.cells(), [["Jürgen", "Köln"], ["Zoë", "東京 🎌"]]);
    }
}

#[test]
fn windows_1252_is_recognised_by_its_umlauts_and_euro_sign() {
    let text =
        "Name;Straße;Umsatz\r\nMüller & Söhne GmbH;Königsallee 1;1.200,50 €\r\nBäckerei Weiß;Größenweg 2;80,00 €\r\n";
    let (bytes, _, lost) = encoding_rs::WINDOWS_1252.encode(text);
    assert!(!lost);
    let table = open(bytes);
    assert_eq!(table.detected.encoding.as_deref(), Some("windows-1252"));
    assert_eq!(table.headers, ["Name", "Straße", "Umsatz"]);
    assert_eq!(table.cells()[0], ["Müller & Söhne GmbH", "Königsallee 1", "1.200,50 €"]);
}

/// The encoding found, a cell, and the word that decided.
fn encoding_of(bytes: &[u8]) -> (String, String, Option<(String, u64)>) {
    let table = open(bytes);
    let evidence = table.detected.encoding_evidence.clone().map(|evidence| (evidence.value, evidence.line));
    (table.detected.encoding.clone().unwrap(), table.rows[0].cells[0].clone(), evidence)
}

#[test]
fn a_single_special_character_is_read_as_western_text_and_shown() {
    for (word, name) in
        [("M\u{fc}ller", "Müller"), ("caf\u{e9}", "café"), ("Stra\u{df}e", "Straße"), ("\u{80} 50", "€ 50")]
    {
        let mut bytes = b"Name,Sum\nx,1\n".to_vec();
        bytes.splice(9..10, word.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap()));
        let (encoding, cell, evidence) = encoding_of(&bytes);
        assert_eq!((encoding.as_str(), cell.as_str()), ("windows-1252", name));
        let (value, line) = evidence.unwrap();
        assert!(name.contains(&value) && line == 2, "{value} in line {line}");
    }
}

#[test]
fn an_odd_byte_in_a_text_of_utf8_costs_its_row_only() {
    let mut bytes = "Name,Town\nJürgen,Köln\nZoë,Zürich\nAnaïs,Orléans\n".as_bytes().to_vec();
    bytes.extend(b"M\xfcller,Bonn\n");
    let table = open(&bytes);
    assert_eq!(table.detected.encoding.as_deref(), Some("UTF-8"));
    assert_eq!(table.rows.len(), 3);
    assert_eq!((table.errors[0].number, table.errors[0].raw.contains("ller,Bonn")), (5, true));
    let evidence = table.detected.encoding_evidence.unwrap();
    assert_eq!(evidence.line, 5);
}

#[test]
fn polish_czech_turkish_greek_and_cyrillic_are_found_where_they_clearly_are() {
    use encoding_rs::{ISO_8859_2, KOI8_R, WINDOWS_1250, WINDOWS_1251, WINDOWS_1253, WINDOWS_1254};
    let polish = "Imię;Miasto\nMałgorzata Wiśniewska;Łódź\nPaweł Dąbrowski;Gdańsk\nŻaneta Wójcik;Częstochowa\n";
    let czech = "Jméno;Město\nJiří Dvořák;Plzeň\nŽofie Růžičková;České Budějovice\nŠtěpán Němec;Děčín\n";
    let turkish = "Ad;Şehir\nAyşe Yıldız;İstanbul\nOğuz Çağlar;Diyarbakır\nGülşen Şahin;Eskişehir\n";
    let greek = "Όνομα;Πόλη\nΓιώργος Παπαδόπουλος;Αθήνα\nΜαρία Νικολάου;Θεσσαλονίκη\n";
    let russian = "Имя;Город\nАнна Кузнецова;Новосибирск\nПётр Соколов;Екатеринбург\n";
    for (text, encoding) in [
        (polish, WINDOWS_1250),
        (polish, ISO_8859_2),
        (czech, WINDOWS_1250),
        (turkish, WINDOWS_1254),
        (greek, WINDOWS_1253),
        (russian, WINDOWS_1251),
        (russian, KOI8_R),
    ] {
        let (bytes, _, lost) = encoding.encode(text);
        assert!(!lost);
        let (_, cell, evidence) = encoding_of(&bytes);
        assert_eq!(
            Some(cell.as_str()),
            text.lines().nth(1).and_then(|line| line.split(';').next()),
            "{}",
            encoding.name()
        );
        assert_eq!(evidence.unwrap().1, 1, "{}", encoding.name());
    }
}

#[test]
fn an_umlaut_far_behind_plain_text_still_decides_the_encoding() {
    let mut bytes = b"Number,Name\n".to_vec();
    for number in 0..120_000 {
        bytes.extend(format!("{number},Smith and Sons\n").bytes());
    }
    assert!(bytes.len() > 2_000_000);
    bytes.extend(b"120000,M\xfcller\n");
    let table = open(&bytes);
    assert_eq!(table.detected.encoding.as_deref(), Some("windows-1252"));
    assert_eq!(table.rows.last().unwrap().cells[1], "Müller");
}

#[test]
fn utf16_is_recognised_with_a_mark_and_without() {
    let text = "Name\tCity\r\nAnna\tMünchen\r\n";
    let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for (bytes, name) in [
        ([&[0xff, 0xfe], little.as_slice()].concat(), "UTF-16LE"),
        ([&[0xfe, 0xff], big.as_slice()].concat(), "UTF-16BE"),
        (little, "UTF-16LE"),
        (big, "UTF-16BE"),
    ] {
        let table = open(bytes);
        assert_eq!(table.detected.encoding.as_deref(), Some(name));
        assert_eq!(table.detected.delimiter, Some('\t'));
        assert_eq!(table.cells(), [["Anna", "München"]]);
    }
}

#[test]
fn the_encoding_can_be_given() {
    let options = Options { encoding: Some("macintosh".into()), ..Options::default() };
    assert_eq!(Table::read(&file(b"Name,Town\nM\x9fller,Ulm\n"), &options).cells(), [["Müller", "Ulm"]]);
    let unknown = Options { encoding: Some("klingon".into()), ..Options::default() };
    let error = Source::open(file("a,b\n1,2\n").path(), &unknown).err().unwrap();
    assert!(error.to_string().contains("klingon"), "{error}");
}

#[test]
fn bytes_that_are_not_in_the_encoding_are_reported_with_their_row() {
    let options = Options { encoding: Some("utf-8".into()), ..Options::default() };
    let table = Table::read(&file(b"Name,Town\nAnna,Ulm\nM\xfcller,Bonn\nBen,Kiel\n"), &options);
    assert_eq!(table.cells(), [["Anna", "Ulm"], ["Ben", "Kiel"]]);
    assert_eq!(table.errors[0].number, 3);
    assert_eq!(table.errors[0].problem, RowProblem::NotInEncoding("UTF-8".into()));
}

#[test]
fn every_usual_delimiter_is_found() {
    for delimiter in [',', ';', '\t', '|'] {
        let text = ["Name|Note|Sum", "Ada|fine|1", "\"Byron; Lord, of\t|\"|well|2"]
            .map(|line| {
                let (quoted, rest) = line
                    .strip_prefix("\"Byron; Lord, of\t|\"")
                    .map_or(("", line), |rest| ("\"Byron; Lord, of\t|\"", rest));
                format!("{quoted}{}\n", rest.replace('|', &delimiter.to_string()))
            })
            .concat();
        let table = open(text);
        assert_eq!(table.detected.delimiter, Some(delimiter));
        assert_eq!(table.cells()[1], ["Byron; Lord, of\t|", "well", "2"]);
    }
}

#[test]
fn decimal_commas_do_not_pass_for_delimiters() {
    let table = open("1,5;2,5;3,5\n1,0;2,0;3,0\n4,1;4,2;4,3\n");
    assert_eq!(table.detected.delimiter, Some(';'));
    assert!(!table.detected.header);
}

#[test]
fn a_line_that_declares_the_delimiter_is_followed_and_left_out() {
    let table = open("sep=;\r\nName;Sum\r\nAda, Countess;5\r\n");
    assert_eq!(table.headers, ["Name", "Sum"]);
    assert_eq!(table.cells(), [["Ada, Countess", "5"]]);
    assert_eq!(table.rows[0].number, 3);
}

#[test]
fn a_delimiter_that_cannot_be_one_is_refused() {
    let options = Options { delimiter: Some('"'), ..Options::default() };
    let error = Source::open(file("a,b\n").path(), &options).err().unwrap();
    assert!(matches!(error, TabularError::BadDelimiter('"')));
}

#[test]
fn one_column_is_a_table_too() {
    let table = open("Company\nAcme, Inc.\nBeta\nGamma\n".replace("Acme, Inc.", "\"Acme, Inc.\""));
    assert_eq!(table.headers, ["Company"]);
    assert_eq!(table.cells(), [["Acme, Inc."], ["Beta"], ["Gamma"]]);
}

#[test]
fn quoted_cells_keep_their_delimiters_quotes_and_line_breaks() {
    let table = open("Name,Note\r\nAda,\"first line\r\nsecond, with \"\"marks\"\"\"\r\nBen,short\r\n");
    assert_eq!(table.cells()[0], ["Ada", "first line\r\nsecond, with \"marks\""]);
    assert_eq!(table.rows[1].number, 4, "the number is the line in the file");
}

#[test]
fn every_line_end_is_understood() {
    for line_end in ["\n", "\r\n", "\r"] {
        let table = open(["Name,Sum", "Ada,1", "", "Ben,2"].join(line_end));
        assert_eq!(table.cells(), [["Ada", "1"], ["Ben", "2"]]);
        assert_eq!(table.rows[1].number, 4);
    }
}

#[test]
fn short_rows_are_filled_up_and_surplus_cells_kept_apart() {
    let table = open("Name,Town,Sum\nAda\nBen,Ulm,3,more,,\nCid,Bonn,4,,\n");
    assert_eq!(table.cells(), [["Ada", "", ""], ["Ben", "Ulm", "3"], ["Cid", "Bonn", "4"]]);
    assert_eq!(table.rows[1].surplus, ["more"]);
    assert!(table.rows[2].surplus.is_empty(), "empty cells at the end are nothing to report");
}

#[test]
fn a_comma_at_the_end_of_every_line_makes_no_column() {
    let table = open("Name,Sum,\nAda,1,\nBen,2,\n");
    assert_eq!(table.headers, ["Name", "Sum"]);
    assert!(table.rows.iter().all(|row| row.surplus.is_empty()));
}

#[test]
fn an_unnamed_last_column_with_data_is_kept() {
    let table = open("Name,Sum,\nAda,1,\nBen,2,remark\n");
    assert_eq!(table.headers, ["Name", "Sum", "Column 3"]);
    assert_eq!(table.cells()[1], ["Ben", "2", "remark"]);
}

#[test]
fn column_names_are_trimmed_filled_in_and_made_different() {
    let table = open(" Name ,,Name,Name (2),Name\na,b,c,d,1\n");
    assert_eq!(table.headers, ["Name", "Column 2", "Name (3)", "Name (2)", "Name (4)"]);
}

#[test]
fn rows_without_a_header_are_all_data() {
    let table = open("Ada,1,2020-01-01\nBen,2,2020-01-02\n");
    assert!(!table.detected.header);
    assert_eq!(table.headers, ["Column 1", "Column 2", "Column 3"]);
    assert_eq!(table.rows.len(), 2);
    assert_eq!(table.rows[0].number, 1);
}

#[test]
fn the_header_can_be_given_against_the_detection() {
    let options = Options { has_header: Some(false), ..Options::default() };
    let table = Table::read(&file("Name,Sum\nAda,1\n"), &options);
    assert_eq!(table.cells(), [["Name", "Sum"], ["Ada", "1"]]);
}

#[test]
fn a_quote_that_is_never_closed_costs_one_row_only() {
    let table = open("Name,Note\nAda,fine\nBen,\"not closed\nCid,\"closed\"\nDan,fine\n");
    assert_eq!(table.cells(), [["Ada", "fine"], ["Cid", "closed"], ["Dan", "fine"]]);
    assert_eq!(table.errors.len(), 1);
    assert_eq!(table.errors[0].number, 3);
    assert_eq!(table.errors[0].raw, "Ben,\"not closed");
}

#[test]
fn an_unclosed_quote_in_a_large_file_neither_swallows_nor_stores_the_rest() {
    let mut text = String::from("Name,Note\nBen,\"not closed\n");
    for number in 0..1_000_000 {
        use std::fmt::Write;
        writeln!(text, "Name {number},a plain note").unwrap();
    }
    assert!(text.len() > 20 << 20);
    let table = open(text);
    assert_eq!(table.errors.len(), 1);
    assert_eq!(table.errors[0].problem, RowProblem::UnclosedQuote);
    assert_eq!(table.rows.len(), 1_000_000);
    assert_eq!(table.rows.last().unwrap().number, 1_000_002);
}

#[test]
fn unescaped_marks_within_a_quoted_cell_are_reported_with_the_line() {
    let table = open("Name,Note\nAda,\"said \"hi\" twice\"\nBen,5\" pipe\n");
    assert_eq!(table.errors[0].number, 2);
    assert_eq!(table.errors[0].problem, RowProblem::TextAfterQuote);
    assert_eq!(table.errors[0].raw, "Ada,\"said \"hi\" twice\"");
    assert_eq!(table.cells(), [["Ben", "5\" pipe"]], "a mark inside a plain cell is only a sign");
}

#[test]
fn files_that_are_no_tables_are_refused_with_advice() {
    for (bytes, word) in [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(), ".xlsx"),
        (b"%PDF-1.7 something", "PDF"),
        (b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0", "CSV"),
        (b"", "no rows"),
        (b"\n\n\n", "no rows"),
        (b"PK\x03\x04nothing that is a workbook", "workbook"),
    ] {
        let error = Source::open(file(bytes).path(), &Options::default()).err().unwrap();
        assert!(error.to_string().contains(word), "{error}");
    }
    let missing = Source::open(std::path::Path::new("no-such-file.csv"), &Options::default()).err().unwrap();
    assert!(matches!(missing, TabularError::Read { .. }));
}

#[test]
fn progress_runs_from_nothing_to_the_size_of_the_file() {
    let text = "Name,Sum\n".to_owned() + &"Ada Lovelace,1843\n".repeat(50_000);
    let stored = file(&text);
    let mut source = Source::open(stored.path(), &Options::default()).unwrap();
    let progress = source.progress();
    assert_eq!((progress.done(), progress.total()), (0, text.len() as u64));
    let mut rows = source.rows();
    rows.by_ref().take(25_000).for_each(drop);
    let half = progress.done() as f64 / progress.total() as f64;
    assert!((0.3..0.7).contains(&half), "{half}");
    rows.for_each(drop);
    assert_eq!(progress.done(), progress.total());
}

#[test]
fn a_source_can_be_read_again_and_sampled() {
    let stored = file("Name,Sum\nAda,1\nBen,2\nCid,3\n");
    let mut source = Source::open(stored.path(), &Options::default()).unwrap();
    assert_eq!(source.rows().count(), 3);
    assert_eq!(source.rows().count(), 3);
    let sample = sample(stored.path(), &Options::default(), 2).unwrap();
    assert_eq!((sample.rows.len(), sample.headers.len()), (2, 2));
    assert_eq!(sample.detected.format, Format::DelimitedText);
}

#[test]
fn a_source_can_move_to_another_thread() {
    let stored = file("Name,Sum\nAda,1\n");
    let mut source = Source::open(stored.path(), &Options::default()).unwrap();
    assert_eq!(std::thread::spawn(move || source.rows().count()).join().unwrap(), 1);
}
