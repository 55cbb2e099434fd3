//! The register as a workbook: a sheet as it would be signed, and a sheet of who marked which day.

use chrono::{Datelike as _, Timelike as _};
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet,
};

use super::{
    CantWrite, Marked, RegisterDocument, RegisterPerson,
    cells::is_dangerous,
    register::{Standing, mark_word, state_word},
};

/// The columns before the days: number, name, role.
const BEFORE: u16 = 3;
/// A4, as Excel numbers papers.
const A4: u8 = 9;

/// Write it.
pub fn register(document: &RegisterDocument) -> Result<Vec<u8>, CantWrite> {
    let mut book = Workbook::new();
    book.set_properties(&properties(document)?);
    people(book.add_worksheet(), document)?;
    days(book.add_worksheet(), document)?;
    Ok(book.save_to_buffer()?)
}

fn properties(document: &RegisterDocument) -> Result<DocProperties, CantWrite> {
    let at = document.made_at;
    let year = u16::try_from(at.year()).unwrap_or(1900);
    let [month, day, minute, second] = [at.month(), at.day(), at.minute(), at.second()].map(two_digits);
    let made = ExcelDateTime::from_ymd(year, month, day)?;
    let made = made.and_hms(u16::try_from(at.hour()).unwrap_or(0), minute, f64::from(second))?;
    let title = format!("Register of centre {}, {}", document.centre, document.series);
    Ok(DocProperties::new().set_title(title).set_author("daftari").set_creation_datetime(&made))
}

fn two_digits(n: u32) -> u8 {
    u8::try_from(n).unwrap_or(0)
}

/// Where columns and rows lie.
struct Grid {
    /// The row of the table's header.
    header: u32,
    /// The first column after the days.
    after: u16,
}

fn people(sheet: &mut Worksheet, document: &RegisterDocument) -> Result<(), CantWrite> {
    sheet.set_name("Register")?;
    let about = about(document);
    for (row, line) in (0..).zip(&about) {
        text(sheet, (row, 0), line, &if row == 0 { bold() } else { Format::new() })?;
    }
    let columns = u16::try_from(document.days.len()).unwrap_or(u16::MAX);
    let grid =
        Grid { header: u32::try_from(about.len()).unwrap_or(0) + 1, after: BEFORE.saturating_add(columns) };
    header(sheet, document, &grid)?;
    for (row, person) in (grid.header + 1..).zip(&document.people) {
        of_person(sheet, document, (row, person), &grid)?;
    }
    let last = grid.header + 1 + u32::try_from(document.people.len()).unwrap_or(0);
    totals(sheet, document, (last, &grid))?;
    sheet.set_freeze_panes(grid.header + 1, BEFORE)?;
    sheet.set_repeat_rows(grid.header, grid.header)?;
    sheet.set_paper_size(A4).set_landscape().set_print_fit_to_pages(1, 0);
    sheet.set_footer(format!(
        "&L{}&RPage &P / &N",
        about.first().map_or("", String::as_str).replace('&', "&&")
    ));
    Ok(())
}

/// What stands above the table.
fn about(document: &RegisterDocument) -> Vec<String> {
    let practice = if document.practice { "PRACTICE / MAZOEZI - " } else { "" };
    let draft = if document.standing == Standing::Draft { "DRAFT / RASIMU - " } else { "" };
    let mut lines = vec![
        format!("{practice}{draft}Register of attendance / Daftari la mahudhurio"),
        format!("{} {} ({})", document.exam, document.year, document.series),
        format!("Centre / Kituo {} {}", document.centre, document.centre_name),
        format!("{}, {}", document.sub_county, document.county),
    ];
    if let Standing::Signed { code, centre, director } = &document.standing {
        lines.push(format!("Code / Namba ya uhakiki {code}"));
        lines.push(format!("Signed / Imesainiwa {} {}", centre.at.format("%d/%m/%Y %H:%M"), centre.by));
        lines.extend(director.as_ref().map(|director| {
            format!("Countersigned / Imethibitishwa {} {}", director.at.format("%d/%m/%Y %H:%M"), director.by)
        }));
    }
    lines
}

fn header(sheet: &mut Worksheet, document: &RegisterDocument, grid: &Grid) -> Result<(), CantWrite> {
    let head =
        framed().set_bold().set_background_color(Color::RGB(0x00E0_E0E0)).set_align(FormatAlign::Center);
    for (column, name) in (0..).zip(["No.", "Name / Jina", "Role / Kazi"]) {
        text(sheet, (grid.header, column), name, &head)?;
    }
    for (column, day) in (BEFORE..).zip(&document.days) {
        text(sheet, (grid.header, column), &day.on.format("%d/%m").to_string(), &head)?;
        sheet.set_column_width(column, 6)?;
    }
    for (column, name) in (grid.after..).zip(["P", "Ab"]) {
        text(sheet, (grid.header, column), name, &head)?;
        sheet.set_column_width(column, 6)?;
    }
    sheet.set_column_width(0, 6)?.set_column_width(1, 32)?.set_column_width(2, 18)?;
    Ok(())
}

fn of_person(
    sheet: &mut Worksheet,
    document: &RegisterDocument,
    (row, person): (u32, &RegisterPerson),
    grid: &Grid,
) -> Result<(), CantWrite> {
    let centred = framed().set_align(FormatAlign::Center);
    number(sheet, (row, 0), person.number, &centred)?;
    text(sheet, (row, 1), &person.full_name, &framed())?;
    let waits = if person.waits { " (waits)" } else { "" };
    text(sheet, (row, 2), &format!("{}{waits}", person.role.word()), &framed())?;
    for (column, day) in (BEFORE..grid.after).zip(0..) {
        let mark = document.mark(person, day);
        let absent = centred.clone().set_bold().set_background_color(Color::RGB(0x00F2_D0D0));
        let format = if mark == Some(false) { &absent } else { &centred };
        text(sheet, (row, column), mark_word(mark), format)?;
    }
    let totals = document.of_person(person);
    count(sheet, (row, grid.after), totals.present, &centred)?;
    count(sheet, (row, grid.after.saturating_add(1)), totals.absent, &centred)
}

fn totals(
    sheet: &mut Worksheet,
    document: &RegisterDocument,
    (row, grid): (u32, &Grid),
) -> Result<(), CantWrite> {
    let sum = framed().set_bold().set_align(FormatAlign::Center);
    let name = framed().set_bold();
    text(sheet, (row, 1), "Present / Waliokuwepo", &name)?;
    text(sheet, (row + 1, 1), "Absent / Wasiokuwepo", &name)?;
    for (column, day) in (BEFORE..grid.after).zip(0..) {
        let totals = document.of_day(day);
        count(sheet, (row, column), totals.present, &sum)?;
        count(sheet, (row + 1, column), totals.absent, &sum)?;
    }
    let all = document.totals();
    count(sheet, (row, grid.after), all.present, &sum)?;
    count(sheet, (row + 1, grid.after.saturating_add(1)), all.absent, &sum)
}

/// Who marked which day, and when.
fn days(sheet: &mut Worksheet, document: &RegisterDocument) -> Result<(), CantWrite> {
    sheet.set_name("Days")?;
    let head =
        ["Day", "Kind", "Held", "Present", "Absent", "Marked at", "By", "Line", "Reference", "Corrections"];
    for (column, name) in (0..).zip(head) {
        text(sheet, (0, column), name, &bold())?;
        sheet.set_column_width(column, 14)?;
    }
    let plain = Format::new();
    for ((row, n), day) in (1..).zip(0..).zip(&document.days) {
        text(sheet, (row, 0), &day.on.to_string(), &plain)?;
        text(sheet, (row, 1), day.kind.word(), &plain)?;
        let Some(said) = &day.marked else { continue };
        let totals = document.of_day(n);
        text(sheet, (row, 2), said.shape.word(), &plain)?;
        count(sheet, (row, 3), totals.present, &plain)?;
        count(sheet, (row, 4), totals.absent, &plain)?;
        for (column, cell) in (5..).zip(who_and_when(said)) {
            text(sheet, (row, column), &cell, &plain)?;
        }
        count(sheet, (row, 9), said.corrections, &plain)?;
    }
    let row = u32::try_from(document.days.len()).unwrap_or(0) + 2;
    text(sheet, (row, 0), &format!("State {}", state_word(&document.standing)), &plain)?;
    text(sheet, (row + 1, 0), &format!("Ledger {} {}", document.seq, document.head), &plain)?;
    text(sheet, (row + 2, 0), &format!("Digest {}", document.digest), &plain)?;
    Ok(())
}

fn who_and_when(said: &Marked) -> [String; 4] {
    [
        said.at.format("%Y-%m-%d %H:%M").to_string(),
        said.channel.word().to_owned(),
        said.line_end.as_ref().map(|end| format!("...{end}")).unwrap_or_default(),
        said.reference.clone(),
    ]
}

fn bold() -> Format {
    Format::new().set_bold()
}

fn framed() -> Format {
    Format::new().set_border(FormatBorder::Thin)
}

/// A text is always a text; one that looks like a formula is marked as quoted, for whoever edits the cell.
fn text(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    text: &str,
    format: &Format,
) -> Result<(), CantWrite> {
    let quoted = is_dangerous(text).then(|| format.clone().set_quote_prefix());
    sheet.write_string_with_format(row, column, text, quoted.as_ref().unwrap_or(format))?;
    Ok(())
}

fn count(sheet: &mut Worksheet, at: (u32, u16), count: usize, format: &Format) -> Result<(), CantWrite> {
    number(sheet, at, i64::try_from(count).unwrap_or(i64::MAX), format)
}

fn number(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    number: i64,
    format: &Format,
) -> Result<(), CantWrite> {
    let number = u32::try_from(number).unwrap_or(u32::MAX);
    sheet.write_number_with_format(row, column, number, format)?;
    Ok(())
}
