//! The table of people and days. It goes on over as many pages as it needs, its header on each; where there are more days
//! than a page is wide, the people come once for each part of the days.

use std::ops::Range;

use super::{
    super::{
        RegisterDay, RegisterDocument, RegisterPerson,
        register::{Totals, mark_word},
    },
    canvas::{Area, Canvas, Stands, bold, plain},
    frame::{MARGIN, Pages, ROOM},
    letters::{Face, encoded, width},
};
use crate::model::season::{DayKind, DayShape, DeployedAs};

/// The most days that a page holds, each wide enough for its date.
const MOST_DAYS: usize = 28;
const HEADER: f32 = 40.0;
/// High enough to sign in.
const ROW: f32 = 20.0;
const TOTAL: f32 = 14.0;

/// The columns of one part of the days.
struct Columns {
    days: Range<usize>,
    name: f32,
    day: f32,
    /// Room for totals and signature, on the last part only.
    end: Option<f32>,
}

const NUMBER: f32 = 22.0;
const ROLE: f32 = 58.0;
const SUM: f32 = 20.0;
const SIGNATURE: f32 = 88.0;
const NAME: f32 = 124.0;

impl Columns {
    fn of(days: Range<usize>, last: bool) -> Self {
        let ends = if last { 2.0 * SUM + SIGNATURE } else { 0.0 };
        let many = f32::from(u8::try_from(days.len().max(1)).unwrap_or(u8::MAX));
        let room = ROOM - NUMBER - ROLE - NAME - ends;
        let day = (room / many).min(30.0);
        // What few days leave over goes to the names first, then to the signatures.
        let spare = room - day * many;
        let (name, signature) =
            if last { (spare.min(120.0), (spare - 120.0).max(0.0)) } else { (spare, 0.0) };
        Self { days, name: NAME + name, day, end: last.then_some(SIGNATURE + signature) }
    }
}

/// The table with its totals and what its signs mean.
pub(super) fn draw(pages: &mut Pages<'_>) {
    let days = pages.document.days.len();
    let parts = days.div_ceil(MOST_DAYS).max(1);
    let most = days.div_ceil(parts).max(1);
    for part in 0..parts {
        let days = (part * most).min(days)..((part + 1) * most).min(days);
        let columns = Columns::of(days, part + 1 == parts);
        if part > 0 {
            pages.turn();
        }
        table(pages, &columns);
    }
}

fn table(pages: &mut Pages<'_>, columns: &Columns) {
    let document = pages.document;
    header(pages, columns);
    for (n, person) in document.people.iter().enumerate() {
        // Totals never stand alone on a page: the last person goes with them.
        let with_it = if n + 1 == document.people.len() { 2.0 * TOTAL } else { 0.0 };
        if !pages.has_room(ROW + with_it) {
            pages.turn();
            header(pages, columns);
        }
        row(&mut pages.page, document, (person, columns), pages.y);
        pages.y += ROW;
    }
    if document.people.is_empty() {
        let area = Area::new(MARGIN, pages.y, ROOM, ROW);
        pages.page.frame(area);
        pages.page.cell(
            area,
            "Nobody is deployed here. / Hakuna aliyepangiwa hapa.",
            plain(9.0),
            Stands::Middle,
        );
        pages.y += ROW;
    }
    totals(pages, columns, "Present / Waliokuwepo", |totals| totals.present);
    totals(pages, columns, "Absent / Wasiokuwepo", |totals| totals.absent);
    meaning(pages);
}

/// Cells from left to right.
struct Cells<'c> {
    page: &'c mut Canvas,
    x: f32,
    y: f32,
    high: f32,
}

impl Cells<'_> {
    fn next(&mut self, wide: f32) -> Area {
        let area = Area::new(self.x, self.y, wide, self.high);
        self.x += wide;
        area
    }

    fn text(&mut self, wide: f32, text: &str, of: super::canvas::Type, stands: Stands) {
        let area = self.next(wide);
        self.page.frame(area);
        self.page.cell(area, text, of, stands);
    }
}

fn header(pages: &mut Pages<'_>, columns: &Columns) {
    let document = pages.document;
    let shade = Area::new(MARGIN, pages.y, wide(columns), HEADER);
    pages.page.fill(shade, 0.93);
    let mut cells = Cells { page: &mut pages.page, x: MARGIN, y: pages.y, high: HEADER };
    cells.text(NUMBER, "No.", bold(7.5), Stands::Middle);
    cells.text(columns.name, "Name / Jina", bold(8.0), Stands::Left);
    cells.text(ROLE, "Role / Kazi", bold(8.0), Stands::Left);
    for day in document.days.get(columns.days.clone()).unwrap_or_default() {
        let area = cells.next(columns.day);
        day_header(cells.page, area, day);
    }
    if let Some(signature) = columns.end {
        cells.text(SUM, "P", bold(8.0), Stands::Middle);
        cells.text(SUM, "Ab", bold(8.0), Stands::Middle);
        cells.text(signature, "Signature / Sahihi", bold(8.0), Stands::Left);
    }
    pages.y += HEADER;
}

/// How wide the table is.
fn wide(columns: &Columns) -> f32 {
    let days = f32::from(u8::try_from(columns.days.len()).unwrap_or(u8::MAX)) * columns.day;
    NUMBER + columns.name + ROLE + days + columns.end.map_or(0.0, |signature| 2.0 * SUM + signature)
}

/// Weekday, day over month, and what is special about it.
fn day_header(page: &mut Canvas, area: Area, day: &RegisterDay) {
    page.frame(area);
    let said = match day.marked.as_ref().map(|said| said.shape) {
        Some(DayShape::Closed) => "X",
        Some(DayShape::Half) => "1/2",
        _ if day.kind == DayKind::Rehearsal => "R",
        _ => "",
    };
    let [weekday, date, month] = ["%a", "%-d", "%b"].map(|part| day.on.format(part).to_string());
    let lines = [(weekday.as_str(), plain(6.0)), (&date, bold(8.0)), (&month, plain(6.0)), (said, bold(6.5))];
    for (down, (text, of)) in [1.0, 10.5, 19.5, 29.0].into_iter().zip(lines) {
        page.cell(Area { y: area.y + down, high: 10.0, ..area }, text, of, Stands::Middle);
    }
}

fn row(
    page: &mut Canvas,
    document: &RegisterDocument,
    (person, columns): (&RegisterPerson, &Columns),
    y: f32,
) {
    let mut cells = Cells { page, x: MARGIN, y, high: ROW };
    cells.text(NUMBER, &person.number.to_string(), plain(8.0), Stands::Middle);
    let area = cells.next(columns.name);
    name(cells.page, area, person);
    cells.text(ROLE, role(person.role), plain(7.0), Stands::Left);
    for day in columns.days.clone() {
        let area = cells.next(columns.day);
        mark(cells.page, area, (document.mark(person, day), is_closed(document, day)));
    }
    if let Some(signature) = columns.end {
        let totals = document.of_person(person);
        cells.text(SUM, &totals.present.to_string(), bold(8.0), Stands::Middle);
        cells.text(SUM, &totals.absent.to_string(), plain(8.0), Stands::Middle);
        let area = cells.next(signature);
        cells.page.frame(area);
    }
}

fn is_closed(document: &RegisterDocument, day: usize) -> bool {
    let said = document.days.get(day).and_then(|day| day.marked.as_ref());
    said.is_some_and(|said| said.shape == DayShape::Closed)
}

fn mark(page: &mut Canvas, area: Area, (mark, closed): (Option<bool>, bool)) {
    if closed {
        page.fill(area, 0.8);
    } else if mark == Some(false) {
        page.fill(area, 0.88);
    }
    page.frame(area);
    let of = if mark == Some(false) { bold(8.0) } else { plain(8.0) };
    page.cell(area, mark_word(mark), of, Stands::Middle);
}

/// A name on one line, smaller if it must be, or on two.
fn name(page: &mut Canvas, area: Area, person: &RegisterPerson) {
    page.frame(area);
    let waits = if person.waits { "* " } else { "" };
    let whole = format!("{waits}{}", person.full_name);
    let room = area.wide - 4.0;
    let fits = |size: &f32| width(&encoded(&whole), Face::Plain, *size) <= room;
    if let Some(size) = [8.5, 7.5, 6.5].into_iter().find(fits) {
        page.cell(area, &whole, plain(size), Stands::Left);
        return;
    }
    let (first, second) = in_two(&whole, room);
    let half = |n: f32| Area { y: area.y + 1.0 + n * 9.0, high: 9.0, ..area };
    page.cell(half(0.0), &first, plain(6.5), Stands::Left);
    page.cell(half(1.0), &second, plain(6.5), Stands::Left);
}

/// As many words as fit, and the others.
fn in_two(text: &str, room: f32) -> (String, String) {
    let words: Vec<&str> = text.split(' ').collect();
    let fits = |n: &usize| width(&encoded(&words[..*n].join(" ")), Face::Plain, 6.5) <= room;
    let first = (1..words.len()).rev().find(fits).unwrap_or(1);
    (words[..first].join(" "), words[first..].join(" "))
}

fn totals(pages: &mut Pages<'_>, columns: &Columns, what: &str, count: fn(Totals) -> usize) {
    let document = pages.document;
    let shade = Area::new(MARGIN, pages.y, wide(columns), TOTAL);
    pages.page.fill(shade, 0.93);
    let mut cells = Cells { page: &mut pages.page, x: MARGIN, y: pages.y, high: TOTAL };
    cells.text(NUMBER + columns.name + ROLE, what, bold(8.0), Stands::Left);
    for day in columns.days.clone() {
        let said = document.days.get(day).is_some_and(|day| day.marked.is_some());
        let counted = if said { count(document.of_day(day)).to_string() } else { String::new() };
        cells.text(columns.day, &counted, bold(7.0), Stands::Middle);
    }
    if let Some(signature) = columns.end {
        cells.text(2.0 * SUM, &count(document.totals()).to_string(), bold(8.0), Stands::Middle);
        cells.text(signature, "", plain(8.0), Stands::Left);
    }
    pages.y += TOTAL;
}

/// What the signs of the table mean.
fn meaning(pages: &mut Pages<'_>) {
    let waits = if pages.document.somebody_waits() {
        "   * waits for the director's word, not counted / anasubiri mkurugenzi, hahesabiwi"
    } else {
        ""
    };
    let text = format!(
        "P present / yupo   Ab absent / hayupo   blank: not marked / tupu: haijajazwa   R rehearsal / maandalizi   1/2 half day / \
         nusu siku   X closed / ilifungwa{waits}"
    );
    if !pages.has_room(12.0) {
        pages.turn();
    }
    pages.page.text((MARGIN, pages.y + 10.0), &text, plain(7.0), ROOM);
    pages.y += 18.0;
}

fn role(role: DeployedAs) -> &'static str {
    match role {
        DeployedAs::CentreManager => "Centre manager",
        DeployedAs::Supervisor => "Supervisor",
        DeployedAs::Invigilator => "Invigilator",
        DeployedAs::Security => "Security",
        DeployedAs::Driver => "Driver",
        DeployedAs::Examiner => "Examiner",
    }
}
