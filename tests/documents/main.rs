//! Registers as CSV, XLSX and PDF: read again by others' readers, and by the letters that a page draws.
//! `DAFTARI_PICTURES=FOLDER` keeps the files that the tests write, to be looked at.

mod pdf;
mod sample;
mod tables;

/// Keep a file for whoever wants to look at it.
fn keep(name: &str, bytes: &[u8]) {
    if let Ok(folder) = std::env::var("DAFTARI_PICTURES") {
        std::fs::write(std::path::Path::new(&folder).join(name), bytes).expect("the file is kept");
    }
}
