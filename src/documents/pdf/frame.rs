//! What every page has: what register it is, the code, and which page of how many. And when a new page begins.

use super::{
    super::{RegisterDocument, Standing},
    canvas::{Area, Canvas, HIGH, Stands, Type, WIDE, bold, plain},
    qr,
};

pub(super) const MARGIN: f32 = 30.0;
pub(super) const ROOM: f32 = WIDE - 2.0 * MARGIN;
/// Where the contents of a page end; the footer is below.
const BOTTOM: f32 = HIGH - 36.0;
/// The side of the QR symbol.
const QR: f32 = 76.0;

/// The pages of a document, and how far the last one is written.
pub(super) struct Pages<'a> {
    pub(super) document: &'a RegisterDocument,
    done: Vec<Canvas>,
    pub(super) page: Canvas,
    /// Where the next thing is drawn.
    pub(super) y: f32,
}

impl<'a> Pages<'a> {
    /// The first page, with its large header.
    pub(super) fn begin(document: &'a RegisterDocument) -> Self {
        let page = blank(document);
        let mut pages = Self { document, done: vec![], page, y: MARGIN };
        pages.large_header();
        pages
    }

    /// Whether something so high still fits on this page.
    pub(super) fn has_room(&self, high: f32) -> bool {
        self.y + high <= BOTTOM
    }

    /// Go on at the top of the next page.
    pub(super) fn turn(&mut self) {
        let full = std::mem::replace(&mut self.page, blank(self.document));
        self.done.push(full);
        self.y = MARGIN;
        self.small_header();
    }

    /// All pages, each with its number.
    pub(super) fn finish(mut self) -> Vec<Vec<u8>> {
        self.done.push(self.page);
        let of = self.done.len();
        let document = self.document;
        let numbered = |(n, mut page): (usize, Canvas)| {
            footer(&mut page, document, &format!("{} / {of}", n + 1));
            page.finish()
        };
        self.done.into_iter().enumerate().map(numbered).collect()
    }

    fn large_header(&mut self) {
        let document = self.document;
        let room = ROOM - QR - 200.0;
        let (x, y) = (MARGIN, self.y);
        let totals = document.totals();
        let page = &mut self.page;
        page.text((x, y + 12.0), "REGISTER OF ATTENDANCE / DAFTARI LA MAHUDHURIO", bold(14.0), room);
        page.text((x, y + 30.0), &format!("{} {}", document.centre, document.centre_name), bold(12.0), room);
        page.text((x, y + 44.0), &place(document), plain(9.0), room);
        page.text((x, y + 57.0), &season(document), plain(9.0), room);
        let counted = format!(
            "{} people / watu    {} days marked / siku zilizojazwa    {} times present / kuwepo    {} times absent / kutokuwepo",
            document.people.len(),
            document.days_marked(),
            totals.present,
            totals.absent
        );
        page.text((x, y + 70.0), &counted, plain(9.0), room);
        self.standing(Area::new(MARGIN + ROOM - QR - 200.0, y, 194.0, QR));
        self.y += QR + 8.0;
    }

    /// On the right: the code and how to check it, or that there is none yet.
    fn standing(&mut self, area: Area) {
        let Area { x, y, wide, .. } = area;
        let page = &mut self.page;
        let mut line = |down: f32, text: &str, of: Type| {
            page.cell(Area::new(x, y + down, wide, of.size), text, of, Stands::Right);
        };
        match &self.document.standing {
            Standing::Draft => {
                line(0.0, "DRAFT / RASIMU", bold(14.0));
                line(18.0, "Nobody has signed this register.", plain(8.0));
                line(28.0, "Daftari hili halijasainiwa.", plain(8.0));
            }
            Standing::Signed { code, director, .. } => {
                let state = if director.is_some() {
                    "COUNTERSIGNED / LIMETHIBITISHWA"
                } else {
                    "SIGNED / LIMESAINIWA"
                };
                line(0.0, state, bold(8.5));
                line(14.0, &code.to_string(), bold(15.0));
                line(34.0, "To check it / Kuhakiki:", plain(8.0));
                line(44.0, &format!("dial / piga {}", self.document.service_code), plain(8.0));
                line(54.0, &format!("or SMS / au SMS: CHECK {}", code.digits()), plain(8.0));
                qr::draw(page, Area::new(MARGIN + ROOM - QR, y - 6.0, QR, QR), code.digits());
            }
        }
    }

    fn small_header(&mut self) {
        let document = self.document;
        let (x, y) = (MARGIN, self.y);
        let what = format!(
            "Register / Daftari: {} {}, {} {}",
            document.centre, document.centre_name, document.exam, document.year
        );
        self.page.text((x, y + 8.0), &what, bold(10.0), ROOM - 160.0);
        let code = document.code().map_or_else(|| "DRAFT / RASIMU".to_owned(), ToString::to_string);
        self.page.cell(Area::new(x + ROOM - 150.0, y, 152.0, 10.0), &code, bold(10.0), Stands::Right);
        self.page.line((x, y + 14.0), (x + ROOM, y + 14.0));
        self.y += 22.0;
    }
}

fn blank(document: &RegisterDocument) -> Canvas {
    let mut page = Canvas::new();
    if document.practice {
        page.across("PRACTICE / MAZOEZI");
    } else if document.standing == Standing::Draft {
        page.across("DRAFT / RASIMU");
    }
    page
}

fn place(document: &RegisterDocument) -> String {
    format!("Sub-county / Kaunti ndogo: {}    County / Kaunti: {}", document.sub_county, document.county)
}

fn season(document: &RegisterDocument) -> String {
    let ends = document.days.first().zip(document.days.last());
    let dates = ends
        .map(|(first, last)| format!("    {} - {}", first.on.format("%d/%m/%Y"), last.on.format("%d/%m/%Y")));
    format!("{} {}  ({}){}", document.exam, document.year, document.series, dates.unwrap_or_default())
}

fn footer(page: &mut Canvas, document: &RegisterDocument, number: &str) {
    let y = HIGH - 30.0;
    let short = |hex: &str| hex.chars().take(16).collect::<String>();
    let practice = if document.practice {
        "Practice: nothing of this counts / Mazoezi: hili halihesabiwi.   "
    } else {
        ""
    };
    let ledger = format!(
        "{practice}Ledger entry / ingizo {} {}   Digest {}   Made / Imetolewa {}",
        document.seq,
        short(&document.head),
        short(&document.digest),
        document.made_at.format("%d/%m/%Y %H:%M")
    );
    page.line((MARGIN, y), (MARGIN + ROOM, y));
    page.text((MARGIN, y + 10.0), &ledger, plain(7.0), ROOM - 60.0);
    page.cell(Area::new(MARGIN + ROOM - 58.0, y + 2.0, 60.0, 10.0), number, bold(8.0), Stands::Right);
}
