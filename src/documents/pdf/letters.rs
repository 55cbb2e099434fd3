//! Letters of the PDF's own fonts: the `WinAnsi` encoding (PDF 32000-1, annex D), what becomes of letters beyond it, and how
//! wide Helvetica draws them (Adobe's font metrics, in thousandths of the size).

use unicode_normalization::UnicodeNormalization as _;

/// The two faces that are used; every reader has them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Face {
    Plain,
    Bold,
}

/// A text in `WinAnsi`: accents that it lacks are dropped, letters of other alphabets become `?`.
pub(super) fn encoded(text: &str) -> Vec<u8> {
    text.nfc().flat_map(|c| winansi(c).map_or_else(|| folded(c), |byte| vec![byte])).collect()
}

/// The byte of a character that `WinAnsi` has.
fn winansi(c: char) -> Option<u8> {
    match c {
        ' '..='~' => u8::try_from(c).ok(),
        '\u{a0}'..='\u{ff}' => u8::try_from(u32::from(c)).ok(),
        '€' => Some(0x80),
        '‚' => Some(0x82),
        'ƒ' => Some(0x83),
        '„' => Some(0x84),
        '…' => Some(0x85),
        '†' => Some(0x86),
        '‡' => Some(0x87),
        'ˆ' => Some(0x88),
        '‰' => Some(0x89),
        'Š' => Some(0x8a),
        '‹' => Some(0x8b),
        'Œ' => Some(0x8c),
        'Ž' => Some(0x8e),
        '\u{2018}' => Some(0x91),
        '\u{2019}' => Some(0x92),
        '\u{201c}' => Some(0x93),
        '\u{201d}' => Some(0x94),
        '•' => Some(0x95),
        '–' => Some(0x96),
        '—' => Some(0x97),
        '˜' => Some(0x98),
        '™' => Some(0x99),
        'š' => Some(0x9a),
        '›' => Some(0x9b),
        'œ' => Some(0x9c),
        'ž' => Some(0x9e),
        'Ÿ' => Some(0x9f),
        _ => None,
    }
}

/// What stands for a character that `WinAnsi` lacks. Kikuyu's ĩ and ũ lose their tildes, as on an identity card.
fn folded(c: char) -> Vec<u8> {
    let plain: &[u8] = match c {
        'ŋ' => b"ng'",
        'Ŋ' => b"Ng'",
        'đ' => b"d",
        'Đ' => b"D",
        'ħ' => b"h",
        'Ħ' => b"H",
        'ł' => b"l",
        'Ł' => b"L",
        'ı' => b"i",
        'ɓ' => b"b",
        'Ɓ' => b"B",
        'ɗ' => b"d",
        'Ɗ' => b"D",
        'ɛ' | 'ə' => b"e",
        'Ɛ' | 'Ə' => b"E",
        'ɔ' => b"o",
        'Ɔ' => b"O",
        '\u{2bc}' | '\u{2bb}' | '\u{2b9}' => b"'",
        '\u{2010}' | '\u{2011}' | '\u{2212}' => b"-",
        '\u{2009}' | '\u{202f}' | '\t' => b" ",
        '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' => b"",
        _ => {
            let letters: Vec<u8> = std::iter::once(c).nfkd().filter_map(winansi).collect();
            // A mark that stands alone is dropped; a letter never is.
            let alone = unicode_normalization::char::is_combining_mark(c);
            return if letters.is_empty() && !alone { vec![b'?'] } else { letters };
        }
    };
    plain.to_vec()
}

/// How wide a text is drawn at a size.
pub(super) fn width(encoded: &[u8], face: Face, size: f32) -> f32 {
    let thousandths: u32 = encoded.iter().map(|byte| u32::from(thousandths(*byte, face))).sum();
    // A line of text is far from where this loses a digit.
    #[allow(clippy::cast_precision_loss, reason = "some thousands")]
    let wide = thousandths as f32;
    wide * size / 1000.0
}

/// As much of a text as fits a width, with an ellipsis where something is missing.
pub(super) fn cut(text: &[u8], face: Face, size: f32, room: f32) -> Vec<u8> {
    const ELLIPSIS: u8 = 0x85;
    if width(text, face, size) <= room {
        return text.to_vec();
    }
    let room = room - width(&[ELLIPSIS], face, size);
    let mut cut: Vec<u8> = vec![];
    for byte in text {
        cut.push(*byte);
        if width(&cut, face, size) > room {
            cut.pop();
            break;
        }
    }
    cut.push(ELLIPSIS);
    cut
}

fn thousandths(byte: u8, face: Face) -> u16 {
    let widths = match face {
        Face::Plain => &PLAIN,
        Face::Bold => &BOLD,
    };
    let of = |byte: u8| widths.get(usize::from(byte.wrapping_sub(b' '))).copied();
    of(byte).unwrap_or_else(|| match byte {
        0x85 | 0x89 | 0x97 | 0x99 | 0x8c | 0x9c | 0xc6 | 0xe6 => 1000,
        0x91 | 0x92 | 0x82 => 278,
        // An accented letter is as wide as the letter.
        _ => base_of(byte).and_then(of).unwrap_or(556),
    })
}

fn base_of(byte: u8) -> Option<u8> {
    let letter = char::from_u32(u32::from(byte)).filter(|_| byte >= 0xa0)?;
    std::iter::once(letter).nfd().next().and_then(|base| u8::try_from(base).ok()).filter(u8::is_ascii)
}

#[rustfmt::skip]
const PLAIN: [u16; 95] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556, 1015, 667, 667, 722, 722, 667, 611, 778,
    722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278,
    278, 278, 469, 556, 333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
];

#[rustfmt::skip]
const BOLD: [u16; 95] = [
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556,
    556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611, 975, 722, 722, 722, 722, 667, 611, 778,
    722, 278, 556, 722, 611, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333,
    278, 333, 584, 556, 333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611,
    611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_that_the_font_lacks_are_folded_and_never_lost() {
        for (name, plain) in [
            ("Zoë Müller", &b"Zo\xeb M\xfcller"[..]),
            ("Wanjikũ wa Thĩrĩ", b"Wanjiku wa Thiri"),
            ("Ngʼang'a", b"Ng'ang'a"),
            ("Łukasz Đoković", b"Lukasz Dokovic"),
            ("Nyiŋo", b"Nying'o"),
            ("e\u{301}", b"\xe9"),
            ("Ali علي", b"Ali ???"),
            ("ﬁnch", b"finch"),
        ] {
            assert_eq!(encoded(name), plain, "{name}");
        }
    }

    #[test]
    fn a_text_is_as_wide_as_its_letters_and_is_cut_to_fit() {
        assert!((width(b"Ab", Face::Plain, 10.0) - 12.23).abs() < 0.001);
        assert!((width(b"Zo\xeb", Face::Plain, 10.0) - 17.23).abs() < 0.001, "ë is as wide as e");
        assert_eq!(cut(b"Mfano", Face::Plain, 10.0, 100.0), b"Mfano");
        let short = cut(b"Mfano Secondary School", Face::Plain, 10.0, 60.0);
        assert!(short.ends_with(b"\x85") && width(&short, Face::Plain, 10.0) <= 60.0, "{short:?}");
    }
}
