//! The PDF file around its pages: two fonts that every reader has, compressed pages, a title.

use std::io::Write as _;

use chrono::{DateTime, Datelike as _, FixedOffset, Timelike as _};
use flate2::{Compression, write::ZlibEncoder};
use pdf_writer::{Date, Filter, Finish as _, Name, Pdf, Rect, Ref, TextStr};

use super::canvas::{BOLD, HIGH, PLAIN, WIDE};

const CATALOG: Ref = Ref::new(1);
const TREE: Ref = Ref::new(2);
const INFO: Ref = Ref::new(3);
const FONTS: [(Name<'_>, Ref, Name<'_>); 2] =
    [(PLAIN, Ref::new(4), Name(b"Helvetica")), (BOLD, Ref::new(5), Name(b"Helvetica-Bold"))];
/// The first of two numbers for each page.
const FIRST_PAGE: i32 = 6;

/// The file of these pages. The same pages give the same bytes.
pub(super) fn of(
    pages: &[Vec<u8>],
    title: &str,
    made_at: DateTime<FixedOffset>,
) -> Result<Vec<u8>, std::io::Error> {
    let mut pdf = Pdf::new();
    pdf.catalog(CATALOG).pages(TREE).lang(TextStr("en-KE"));
    pdf.document_info(INFO).title(TextStr(title)).creator(TextStr("daftari")).creation_date(date(made_at));
    for (_, id, font) in FONTS {
        pdf.type1_font(id).base_font(font).encoding_predefined(Name(b"WinAnsiEncoding"));
    }
    let ids: Vec<(Ref, Ref)> =
        (FIRST_PAGE..).step_by(2).map(|n| (Ref::new(n), Ref::new(n + 1))).take(pages.len()).collect();
    let count = i32::try_from(pages.len()).unwrap_or(i32::MAX);
    pdf.pages(TREE).kids(ids.iter().map(|(page, _)| *page)).count(count);
    for ((id, content_id), content) in ids.into_iter().zip(pages) {
        let mut page = pdf.page(id);
        page.media_box(Rect::new(0.0, 0.0, WIDE, HIGH)).parent(TREE).contents(content_id);
        page.resources().fonts().pairs(FONTS.map(|(name, id, _)| (name, id)));
        page.finish();
        pdf.stream(content_id, &compressed(content)?).filter(Filter::FlateDecode);
    }
    Ok(pdf.finish())
}

fn compressed(content: &[u8]) -> Result<Vec<u8>, std::io::Error> {
    let mut encoder = ZlibEncoder::new(vec![], Compression::default());
    encoder.write_all(content)?;
    encoder.finish()
}

fn date(at: DateTime<FixedOffset>) -> Date {
    let part = |n: u32| u8::try_from(n).unwrap_or(0);
    Date::new(u16::try_from(at.year()).unwrap_or(0))
        .month(part(at.month()))
        .day(part(at.day()))
        .hour(part(at.hour()))
        .minute(part(at.minute()))
        .second(part(at.second()))
        .utc_offset_hour(i8::try_from(at.offset().local_minus_utc() / 3600).unwrap_or(0))
}
