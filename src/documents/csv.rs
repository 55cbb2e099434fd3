//! The register as CSV: a row a person, a column a day, and rows about the days at the end. For machines; whoever signs
//! wants the PDF.

use super::{
    CantWrite, Marked, RegisterDocument, RegisterPerson,
    cells::quoted,
    register::{mark_word, state_word},
};

/// The columns before the days.
const BEFORE: [&str; 5] = ["series", "centre", "number", "name", "role"];
/// The columns after them.
const AFTER: [&str; 4] = ["present", "absent", "state", "code"];

/// Write it, UTF-8.
pub fn register(document: &RegisterDocument) -> Result<Vec<u8>, CantWrite> {
    let mut writer = ::csv::Writer::from_writer(vec![]);
    let dates = document.days.iter().map(|day| day.on.to_string());
    let header = BEFORE.map(str::to_owned).into_iter().chain(dates).chain(AFTER.map(str::to_owned));
    writer.write_record(header)?;
    for row in rows(document) {
        writer.write_record(row.iter().map(|cell| quoted(cell).into_owned()))?;
    }
    Ok(writer.into_inner().map_err(::csv::IntoInnerError::into_error)?)
}

fn rows(document: &RegisterDocument) -> Vec<Vec<String>> {
    let days = 0..document.days.len();
    let person = |person: &RegisterPerson| {
        let totals = document.of_person(person);
        let marks = days.clone().map(|day| mark_word(document.mark(person, day)).to_owned()).collect();
        let waits = if person.waits { " (waits)" } else { "" };
        let named =
            [person.number.to_string(), person.full_name.clone(), format!("{}{waits}", person.role.word())];
        row(document, named, marks, [totals.present, totals.absent].map(Some))
    };
    let sums = |name: &str, sums: Vec<usize>, totals| {
        row(document, about(name), sums.iter().map(usize::to_string).collect(), totals)
    };
    let said = |name: &str, what: fn(&Marked) -> String| {
        let cells = document.days.iter().map(|day| day.marked.as_ref().map(what).unwrap_or_default());
        row(document, about(name), cells.collect(), [None, None])
    };
    let totals = document.totals();
    let present = days.clone().map(|day| document.of_day(day).present).collect();
    let absent = days.clone().map(|day| document.of_day(day).absent).collect();
    let of_days = [
        sums("Present", present, [Some(totals.present), None]),
        sums("Absent", absent, [None, Some(totals.absent)]),
        said("Held", |said| said.shape.word().to_owned()),
        said("Marked at", |said| said.at.format("%Y-%m-%d %H:%M").to_string()),
        said("Reference", |said| said.reference.clone()),
    ];
    document.people.iter().map(person).chain(of_days).collect()
}

/// A row that is about the days has a name and neither number nor role.
fn about(name: &str) -> [String; 3] {
    [String::new(), name.to_owned(), String::new()]
}

fn row(
    document: &RegisterDocument,
    named: [String; 3],
    days: Vec<String>,
    totals: [Option<usize>; 2],
) -> Vec<String> {
    let place = [document.series.clone(), document.centre.as_str().to_owned()];
    let totals = totals.map(|total| total.map(|total| total.to_string()).unwrap_or_default());
    let code = document.code().map(ToString::to_string).unwrap_or_default();
    let state = [state_word(&document.standing).to_owned(), code];
    place.into_iter().chain(named).chain(days).chain(totals).chain(state).collect()
}
