//! The register as a PDF to sign: A4, everybody × every day with room for a signature each, totals, who marked which day,
//! the signatures of manager and director, and the code by which anybody can check it. English and Kiswahili side by side.

use super::{CantWrite, RegisterDocument};

mod canvas;
mod ends;
mod file;
mod frame;
mod letters;
mod people;
mod qr;

/// Write it. The same document gives the same bytes.
pub fn register(document: &RegisterDocument) -> Result<Vec<u8>, CantWrite> {
    let mut pages = frame::Pages::begin(document);
    people::draw(&mut pages);
    ends::draw(&mut pages);
    let title = format!("Register of centre {}, {}", document.centre, document.series);
    Ok(file::of(&pages.finish(), &title, document.made_at)?)
}
