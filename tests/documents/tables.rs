//! CSV and XLSX, read again.

use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};
use daftari::documents::{self, RegisterDocument, Standing};

use crate::{keep, sample};

/// Rows of cells.
type Rows = Vec<Vec<String>>;

fn csv(document: &RegisterDocument) -> Rows {
    let bytes = documents::csv::register(document).expect("CSV");
    keep("register.csv", &bytes);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(bytes.as_slice());
    reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect()
}

fn sheet(document: &RegisterDocument, name: &str) -> calamine::Range<Data> {
    let bytes = documents::xlsx::register(document).expect("XLSX");
    keep("register.xlsx", &bytes);
    let mut book = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
    book.worksheet_range(name).expect("a sheet")
}

fn texts(range: &calamine::Range<Data>) -> Rows {
    range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()
}

fn with_formulas() -> RegisterDocument {
    let mut document = sample::register(4, 5);
    for (person, name) in document.people.iter_mut().zip(["=1+1", "+254700000001", "-Asha", "@SUM(A1)"]) {
        name.clone_into(&mut person.full_name);
    }
    document
}

#[test]
fn the_csv_has_a_row_a_person_and_a_column_a_day() {
    let document = sample::register(20, 10);
    let rows = csv(&document);
    assert_eq!(rows[0][..6], ["series", "centre", "number", "name", "role", "2026-10-19"]);
    assert_eq!(rows[0].len(), 5 + 10 + 4);
    assert_eq!(rows.len(), 1 + 20 + 5);
    let second = &rows[2];
    assert_eq!(second[..5], ["KCSE-2026", "12345001", "2", "Wanjikũ wa Thĩrĩ", "supervisor"]);
    let totals = document.of_person(&document.people[1]);
    assert_eq!(
        second[15..],
        [
            totals.present.to_string(),
            totals.absent.to_string(),
            "countersigned".to_owned(),
            sample::code().to_string()
        ]
    );
    for (n, row) in rows[1..=20].iter().enumerate() {
        let count = |word: &str| row[5..15].iter().filter(|cell| *cell == word).count();
        let totals = document.of_person(&document.people[n]);
        assert_eq!((count("P"), count("Ab")), (totals.present, totals.absent), "row {n}");
        assert_eq!(row[5 + 8], "", "nobody is marked on a closed day");
    }
    assert_eq!(rows[8 + 1][5..10], ["", "", "", "", ""], "the ninth came later");
}

#[test]
fn the_workbook_says_the_same_as_the_csv() {
    let document = sample::register(20, 10);
    let (csv, sheet) = (csv(&document), texts(&sheet(&document, "Register")));
    let header = sheet.iter().position(|row| row[0] == "No.").expect("a header");
    for (n, person) in csv[1..=20].iter().enumerate() {
        let row = &sheet[header + 1 + n];
        assert_eq!(row[..2], person[2..4]);
        assert_eq!(row[3..13], person[5..15], "marks of row {n}");
        assert_eq!(row[13..15], person[15..17], "totals of row {n}");
    }
    let (present, absent) = (&sheet[header + 21], &sheet[header + 22]);
    assert_eq!(present[3..13], csv[21][5..15]);
    assert_eq!(absent[3..13], csv[22][5..15]);
    assert!(sheet[..header].iter().any(|row| row[0].contains(&sample::code().to_string())));
}

#[test]
fn the_workbook_tells_who_marked_which_day() {
    let rows = texts(&sheet(&sample::register(20, 10), "Days"));
    assert_eq!(rows[1][..3], ["2026-10-19", "rehearsal", "full"]);
    assert_eq!(rows[1][5..9], ["2026-10-19 07:41", "ussd", "...002", "K00QM9"]);
    assert_eq!(rows[9][2..5], ["closed", "0", "0"]);
    assert_eq!(rows[7][9], "1", "one correction");
}

#[test]
fn cells_that_look_like_formulas_are_only_text() {
    let document = with_formulas();
    let names: Vec<String> = csv(&document)[1..5].iter().map(|row| row[3].clone()).collect();
    assert_eq!(names, ["'=1+1", "'+254700000001", "'-Asha", "'@SUM(A1)"]);
    let range = sheet(&document, "Register");
    let found = |name: &str| range.used_cells().any(|(_, _, cell)| *cell == Data::String(name.to_owned()));
    for name in ["=1+1", "+254700000001", "-Asha", "@SUM(A1)"] {
        assert!(found(name), "{name} is a text");
    }
    let bytes = documents::xlsx::register(&document).expect("XLSX");
    let mut book = Xlsx::new(Cursor::new(bytes)).expect("a workbook");
    assert_eq!(book.worksheet_formula("Register").expect("a sheet").used_cells().count(), 0);
}

#[test]
fn a_draft_has_no_code_in_either() {
    let document = RegisterDocument { standing: Standing::Draft, ..sample::register(3, 5) };
    for row in &csv(&document)[1..] {
        assert_eq!(row[row.len() - 2..], ["open", ""]);
    }
    let sheet = texts(&sheet(&document, "Register"));
    assert!(sheet[0][0].starts_with("DRAFT / RASIMU"));
    assert!(!sheet.concat().concat().contains(&sample::code().to_string()));
}
