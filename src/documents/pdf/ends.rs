//! The end of the document: who marked which day, and the signatures of manager and director.

use super::{
    super::{RegisterDay, Signature, Standing},
    canvas::{Area, Canvas, Stands, bold, plain},
    frame::{MARGIN, Pages, ROOM},
};
use crate::model::season::{Channel, DayKind, DayShape};

const TITLE: f32 = 18.0;
const HEADER: f32 = 15.0;
const ROW: f32 = 13.0;
const SIGNATURES: f32 = 128.0;

/// The columns of the table of days, and how wide they are.
const COLUMNS: [(&str, f32); 9] = [
    ("Day / Siku", 92.0),
    ("Kind / Aina", 104.0),
    ("Held / Ilifanyika", 100.0),
    ("Present / Waliokuwepo", 98.0),
    ("Absent / Wasiokuwepo", 98.0),
    ("Marked / Ilijazwa", 90.0),
    ("By / Kwa", 76.0),
    ("Reference / Kumb.", 76.0),
    ("Changed", 48.0),
];

pub(super) fn draw(pages: &mut Pages<'_>) {
    days(pages);
    signatures(pages);
}

fn days(pages: &mut Pages<'_>) {
    let document = pages.document;
    if document.days.is_empty() {
        return;
    }
    // A title never stands without some rows.
    if !pages.has_room(TITLE + HEADER + 4.0 * ROW) {
        pages.turn();
    }
    pages.page.text(
        (MARGIN, pages.y + 12.0),
        "Who marked which day / Nani alijaza siku gani",
        bold(10.0),
        ROOM,
    );
    pages.y += TITLE;
    header(pages);
    for (n, day) in document.days.iter().enumerate() {
        if !pages.has_room(ROW) {
            pages.turn();
            header(pages);
        }
        let totals = document.of_day(n);
        row(pages, &said(day, (totals.present, totals.absent)));
    }
    pages.y += 8.0;
}

fn header(pages: &mut Pages<'_>) {
    pages.page.fill(Area::new(MARGIN, pages.y, ROOM, HEADER), 0.93);
    let mut x = MARGIN;
    for (name, wide) in COLUMNS {
        let area = Area::new(x, pages.y, wide, HEADER);
        pages.page.frame(area);
        pages.page.cell(area, name, bold(7.5), Stands::Left);
        x += wide;
    }
    pages.y += HEADER;
}

fn row(pages: &mut Pages<'_>, cells: &[String; 9]) {
    let mut x = MARGIN;
    for (cell, (_, wide)) in cells.iter().zip(COLUMNS) {
        let area = Area::new(x, pages.y, wide, ROW);
        pages.page.frame(area);
        pages.page.cell(area, cell, plain(7.5), Stands::Left);
        x += wide;
    }
    pages.y += ROW;
}

fn said(day: &RegisterDay, (present, absent): (usize, usize)) -> [String; 9] {
    let kind = match day.kind {
        DayKind::Rehearsal => "Rehearsal / Maandalizi",
        DayKind::Exam => "Exam / Mtihani",
    };
    let on = day.on.format("%a %d/%m/%Y").to_string();
    let Some(marked) = &day.marked else {
        let mut cells: [String; 9] = Default::default();
        cells[..3].clone_from_slice(&[on, kind.to_owned(), "Not marked / Haijajazwa".to_owned()]);
        return cells;
    };
    let shape = match marked.shape {
        DayShape::Full => "Full / Siku nzima",
        DayShape::Half => "Half / Nusu siku",
        DayShape::Closed => "Closed / Ilifungwa",
    };
    let changed = if marked.corrections == 0 { String::new() } else { format!("{} x", marked.corrections) };
    [
        on,
        kind.to_owned(),
        shape.to_owned(),
        present.to_string(),
        absent.to_string(),
        marked.at.format("%d/%m/%Y %H:%M").to_string(),
        by(marked.channel, marked.line_end.as_deref()),
        marked.reference.clone(),
        changed,
    ]
}

fn by(channel: Channel, line_end: Option<&str>) -> String {
    let channel = match channel {
        Channel::Ussd => "USSD",
        Channel::Sms => "SMS",
        Channel::Console => "Console",
        Channel::Cli => "Office",
    };
    line_end.map_or_else(|| channel.to_owned(), |end| format!("{channel} …{end}"))
}

/// Both blocks side by side, never parted by a page's end.
fn signatures(pages: &mut Pages<'_>) {
    if !pages.has_room(SIGNATURES) {
        pages.turn();
    }
    let (centre, director) = match &pages.document.standing {
        Standing::Draft => (None, None),
        Standing::Signed { centre, director, .. } => (Some(centre), director.as_ref()),
    };
    let wide = (ROOM - 16.0) / 2.0;
    let area = Area::new(MARGIN, pages.y, wide, SIGNATURES);
    let words = Block {
        title: "Centre manager / Meneja wa kituo",
        certifies: [
            "I certify that this register says who was present on each day.",
            "Ninathibitisha kuwa daftari hili linasema nani alikuwepo kila siku.",
        ],
    };
    block(&mut pages.page, area, &words, centre);
    let words = Block {
        title: "Sub-county director of education / Mkurugenzi wa elimu wa kaunti ndogo",
        certifies: [
            "I have looked at this register and countersign it.",
            "Nimelipitia daftari hili na ninalithibitisha.",
        ],
    };
    block(&mut pages.page, Area { x: MARGIN + wide + 16.0, ..area }, &words, director);
    pages.y += SIGNATURES;
}

struct Block {
    title: &'static str,
    certifies: [&'static str; 2],
}

fn block(page: &mut Canvas, area: Area, words: &Block, signed: Option<&Signature>) {
    page.frame(area);
    let (x, room) = (area.x + 8.0, area.wide - 16.0);
    page.text((x, area.y + 14.0), words.title, bold(9.0), room);
    for (y, sentence) in [26.0, 36.0].into_iter().zip(words.certifies) {
        page.text((x, area.y + y), sentence, plain(7.5), room);
    }
    page.text((x, area.y + 51.0), &on_the_phone(signed), bold(7.5), room);
    for (y, label) in [74.0, 96.0].into_iter().zip(["Name / Jina", "Signature / Sahihi"]) {
        page.text((x, area.y + y), label, plain(8.0), room);
        page.line((x + 80.0, area.y + y + 1.0), (x + room * 0.66, area.y + y + 1.0));
    }
    page.text((x, area.y + 118.0), "Date / Tarehe", plain(8.0), room);
    page.line((x + 80.0, area.y + 119.0), (x + room * 0.66, area.y + 119.0));
    let stamp = Area::new(x + room * 0.7, area.y + 60.0, room * 0.3, SIGNATURES - 68.0);
    page.frame(stamp);
    page.cell(Area { high: 12.0, ..stamp }, "Stamp / Muhuri", plain(7.0), Stands::Middle);
}

fn on_the_phone(signed: Option<&Signature>) -> String {
    let Some(signed) = signed else {
        return "Not signed on the phone yet / Bado haijasainiwa kwa simu".to_owned();
    };
    let line = signed.line_end.as_ref().map(|end| format!(", line / simu …{end}")).unwrap_or_default();
    format!(
        "On the phone / Kwa simu: {}, {}{line}, {}",
        signed.by,
        signed.at.format("%d/%m/%Y %H:%M"),
        signed.reference
    )
}
