//! The PDF, page by page, by the letters that it draws.

use std::io::Read as _;

use daftari::documents::{self, RegisterDocument, Standing};
use flate2::read::ZlibDecoder;

use crate::{keep, sample};

/// What each page draws, text by text.
fn pages(document: &RegisterDocument, name: &str) -> Vec<Vec<String>> {
    let bytes = documents::pdf::register(document).expect("a PDF");
    keep(&format!("{name}.pdf"), &bytes);
    assert!(bytes.starts_with(b"%PDF-1.") && bytes.ends_with(b"%%EOF"));
    let pages: Vec<_> = streams(&bytes).iter().map(|stream| shown(stream)).collect();
    let count = format!("/Count {}", pages.len());
    assert!(
        bytes.windows(count.len()).any(|window| window == count.as_bytes()),
        "the page tree says {count}"
    );
    pages
}

/// The streams of a file, inflated.
fn streams(bytes: &[u8]) -> Vec<Vec<u8>> {
    const BEGIN: &[u8] = b"stream\n";
    let mut found = vec![];
    let mut at = 0;
    while let Some(begin) = find(&bytes[at..], BEGIN).map(|n| at + n + BEGIN.len()) {
        let end = begin + find(&bytes[begin..], b"endstream").expect("a stream ends");
        let mut plain = vec![];
        ZlibDecoder::new(&bytes[begin..end]).read_to_end(&mut plain).expect("a compressed stream");
        found.push(plain);
        at = end + b"endstream".len();
    }
    found
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// The texts of a page's content, in the order in which they are drawn; Latin-1 is enough here.
fn shown(content: &[u8]) -> Vec<String> {
    let lines = content.split(|byte| *byte == b'\n');
    let texts = lines.filter_map(|line| line.strip_suffix(b" Tj"));
    texts.map(text).collect()
}

fn text(operand: &[u8]) -> String {
    if let Some(hex) = operand.strip_prefix(b"<") {
        let digits: Vec<u8> = hex.iter().copied().filter(u8::is_ascii_hexdigit).collect();
        let byte =
            |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).expect("hex"), 16).expect("a byte");
        return digits.chunks(2).map(|pair| char::from(byte(pair))).collect();
    }
    let inner = &operand[1..operand.len() - 1];
    inner.iter().filter(|byte| **byte != b'\\').map(|byte| char::from(*byte)).collect()
}

fn has(page: &[String], text: &str) -> bool {
    page.iter().any(|shown| shown.contains(text))
}

#[test]
fn everybody_stands_on_it_once_with_every_day_and_the_totals() {
    let document = sample::register(60, 25);
    let pages = pages(&document, "register-60x25");
    let all: Vec<&String> = pages.iter().flatten().collect();
    for n in 1..=60 {
        let number = n.to_string();
        let rows = all.windows(3).filter(|cells| {
            *cells[0] == number
                && ["Centre manager", "Supervisor", "Invigilator", "Security", "Driver"]
                    .contains(&cells[2].as_str())
        });
        let two_lines = all.windows(4).filter(|cells| *cells[0] == number && *cells[3] == "Invigilator");
        assert!(rows.count() + two_lines.count() >= 1, "number {n}");
    }
    let mark = |word: &str| all.iter().filter(|text| text.as_str() == word).count();
    let totals = document.totals();
    // Beside the marks, each page's header has the signs once.
    let tables = pages.iter().filter(|page| has(page, "Name / Jina") && has(page, "Role / Kazi")).count();
    assert_eq!(mark("P"), totals.present + tables);
    assert_eq!(mark("Ab"), totals.absent + tables);
    assert!(has(&pages[0], "12345001 Mfano Secondary School"));
    assert!(has(&pages[0], &format!("{} times present", totals.present)));
}

#[test]
fn every_page_has_its_number_and_the_header_of_the_table() {
    for (people, days) in [(1, 3), (20, 10), (60, 25), (300, 25), (40, 45)] {
        let document = sample::register(people, days);
        let pages = pages(&document, &format!("register-{people}x{days}"));
        for (n, page) in pages.iter().enumerate() {
            assert!(page.iter().any(|text| *text == format!("{} / {}", n + 1, pages.len())), "page {n}");
            assert!(has(page, "12345001 Mfano Secondary School"), "page {n} says which register it is");
            assert!(has(page, &sample::code().to_string()), "page {n} has the code");
            let marks = page.iter().any(|text| text == "P");
            assert_eq!(
                marks,
                has(page, "Name / Jina") && has(page, "Role / Kazi"),
                "page {n}: marks under a header"
            );
        }
        let last = pages.last().expect("a page");
        for block in [
            "Centre manager / Meneja wa kituo",
            "Sub-county director",
            "Signature / Sahihi",
            "Stamp / Muhuri",
        ] {
            assert!(has(last, block), "{block} for {people} people and {days} days");
        }
    }
}

#[test]
fn a_signed_register_shows_how_to_check_it_and_who_signed_when() {
    let pages = pages(&sample::register(20, 10), "register-signed");
    let code = sample::code();
    assert!(has(&pages[0], &format!("CHECK {}", code.digits())) && has(&pages[0], "*384*2547#"));
    let last = pages.last().expect("a page");
    assert!(has(last, "Centre 12345001, 20/11/2026 17:42"));
    assert!(has(last, "Jane Atieno Mfano, 21/11/2026 09:05"));
    assert!(!pages.iter().any(|page| has(page, "DRAFT")));
}

#[test]
fn a_draft_says_so_on_every_page_and_has_no_code() {
    let document = RegisterDocument { standing: Standing::Draft, ..sample::register(60, 25) };
    let pages = pages(&document, "register-draft");
    assert!(pages.len() > 2);
    for page in &pages {
        assert!(has(page, "DRAFT / RASIMU"));
        assert!(!has(page, "CHECK") && !has(page, &sample::code().to_string()));
    }
    assert!(has(pages.last().expect("a page"), "Not signed on the phone yet"));
}

#[test]
fn practice_says_so_on_every_page() {
    let document = RegisterDocument { practice: true, standing: Standing::Draft, ..sample::register(60, 5) };
    for page in pages(&document, "register-practice") {
        assert!(has(&page, "PRACTICE / MAZOEZI") && has(&page, "nothing of this counts"));
    }
}

#[test]
fn names_beyond_the_fonts_letters_are_folded_and_long_ones_are_whole() {
    let pages = pages(&sample::register(10, 25), "register-names");
    assert!(has(&pages[0], "Wanjiku wa Thiri"));
    assert!(has(&pages[0], "Zo\u{eb} Achieng-Otieno"));
    let text = pages[0].join(" ");
    assert!(
        text.contains("Mohamed Abdirahman Abdullahi Noor Hussein Sheikh Ibrahim"),
        "on two lines, with nothing lost"
    );
}

#[test]
fn the_same_register_gives_the_same_file() {
    let write = || documents::pdf::register(&sample::register(60, 25)).expect("a PDF");
    assert_eq!(write(), write());
}

#[test]
fn a_register_of_nobody_and_nothing_is_a_page_all_the_same() {
    let empty = RegisterDocument { standing: Standing::Draft, ..sample::register(0, 0) };
    let pages = pages(&empty, "register-empty");
    assert_eq!(pages.len(), 1);
    assert!(has(&pages[0], "Nobody is deployed here."));
}
