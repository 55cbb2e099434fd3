//! The GSM 03.38 alphabet as lengths: how many septets a text takes, how many parts a message has, and how a name
//! written with other letters is folded into it. The table itself is the `gsm7` crate's.

use std::{collections::HashMap, io, sync::LazyLock};

use unicode_normalization::UnicodeNormalization as _;

/// Septets per character below this code point, 0 for what is not in the alphabet.
static LATIN: LazyLock<[u8; 256]> = LazyLock::new(|| {
    std::array::from_fn(|n| char::from_u32(u32::try_from(n).unwrap_or(0)).map_or(0, measured))
});

/// Septets of the few characters beyond Latin-1: Greek capitals and the euro.
static BEYOND: LazyLock<HashMap<char, u8>> =
    LazyLock::new(|| ('\u{100}'..'\u{2100}').map(|c| (c, measured(c))).filter(|(_, n)| *n > 0).collect());

/// What the `gsm7` crate writes for one character: 1 or 2 septets, 0 when it can't.
fn measured(c: char) -> u8 {
    // The escape character itself can be encoded, but means nothing alone.
    if c == '\u{1b}' {
        return 0;
    }
    let mut writer = gsm7::Gsm7Writer::new(io::sink());
    match writer.write_char(c) {
        Ok(()) => u8::try_from(gsm7_septets(c)).unwrap_or(0),
        Err(_) => 0,
    }
}

/// The extension table costs an escape septet more (3GPP 23.038, 6.2.1.1).
fn gsm7_septets(c: char) -> usize {
    if matches!(c, '^' | '{' | '}' | '\\' | '[' | ']' | '~' | '|' | '€' | '\u{c}') { 2 } else { 1 }
}

/// Septets of one character, `None` when GSM-7 has no such character.
pub fn char_septets(c: char) -> Option<usize> {
    let septets = match LATIN.get(c as usize) {
        Some(n) => *n,
        None => BEYOND.get(&c).copied().unwrap_or(0),
    };
    (septets > 0).then_some(usize::from(septets))
}

/// Septets of a text, or the first character that GSM-7 doesn't have.
pub fn septets(text: &str) -> Result<usize, char> {
    text.chars().map(|c| char_septets(c).ok_or(c)).sum()
}

/// The same text in GSM-7: accents dropped, quotes and dashes made plain, anything else a `?`.
pub fn fold(text: &str) -> String {
    if text.is_ascii() && septets(text).is_ok() {
        return text.to_owned();
    }
    text.nfc().flat_map(|c| if char_septets(c).is_some() { vec![c] } else { plain(c) }).collect()
}

fn plain(c: char) -> Vec<char> {
    match c {
        '\u{2018}' | '\u{2019}' | '`' | '\u{b4}' | '\u{2bc}' => vec!['\''],
        '\u{201c}' | '\u{201d}' => vec!['"'],
        '\u{2010}'..='\u{2015}' => vec!['-'],
        '\u{2026}' => vec!['.', '.', '.'],
        '\t' | '\u{a0}' => vec![' '],
        _ => {
            let letters: Vec<char> =
                std::iter::once(c).nfkd().filter(|d| char_septets(*d).is_some()).collect();
            if letters.is_empty() { vec!['?'] } else { letters }
        }
    }
}

/// The beginning of a text that takes at most `limit` septets; characters outside GSM-7 count as one.
pub fn truncate(text: &str, limit: usize) -> &str {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += char_septets(c).unwrap_or(1);
        if used > limit {
            return text.get(..at).unwrap_or_default();
        }
    }
    text
}

/// How a message goes over the air.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    /// How many parts it is billed as.
    pub parts: usize,
    /// Septets (GSM-7) or UTF-16 units (UCS-2) in all.
    pub units: usize,
    /// Whether it is GSM-7 throughout; one character outside turns all of it to UCS-2.
    pub gsm7: bool,
}

/// Count the parts of a message: 160 septets alone or 153 a part in GSM-7, 70 or 67 UTF-16 units in UCS-2.
pub fn parts(text: &str) -> Parts {
    let cost: Option<Vec<usize>> = text.chars().map(char_septets).collect();
    let (costs, alone, joined, gsm7) = match cost {
        Some(costs) => (costs, 160, 153, true),
        None => (text.chars().map(char::len_utf16).collect(), 70, 67, false),
    };
    let units = costs.iter().sum();
    if units <= alone {
        return Parts { parts: 1, units, gsm7 };
    }
    // A character of two units never lies across two parts.
    let (mut parts, mut used) = (1, 0);
    for cost in costs {
        if used + cost > joined {
            parts += 1;
            used = 0;
        }
        used += cost;
    }
    Parts { parts, units, gsm7 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_basic_table_costs_one_and_the_extension_two() {
        assert_eq!(septets("Habari\n@£$"), Ok(10));
        assert_eq!(septets("[a]€"), Ok(7));
        assert_eq!(septets("ΔΩ"), Ok(2));
        assert_eq!(septets("a`b"), Err('`'));
        assert_eq!(septets("ça"), Err('ç'));
        assert_eq!(septets("tab\t"), Err('\t'));
    }

    #[test]
    fn folding_leaves_only_gsm7() {
        assert_eq!(fold("Ng\u{2019}ang\u{2019}a — “Ŵanjirũ”…"), "Ng'ang'a - \"Wanjiru\"...");
        assert_eq!(fold("çà"), "cà");
        assert_eq!(fold("王"), "?");
    }

    #[test]
    fn parts_are_counted_as_they_are_billed() {
        assert_eq!(parts(&"a".repeat(160)).parts, 1);
        assert_eq!(parts(&"a".repeat(161)).parts, 2);
        assert_eq!(parts(&"a".repeat(307)).parts, 3);
        assert_eq!(parts(&"ş".repeat(71)), Parts { parts: 2, units: 71, gsm7: false });
        // 152 septets, then an escape pair that would straddle the boundary.
        assert_eq!(parts(&format!("{}{}{}", "a".repeat(152), "€", "a".repeat(152))).parts, 3);
    }

    #[test]
    fn truncation_counts_septets() {
        assert_eq!(truncate("ab€cd", 4), "ab€");
        assert_eq!(truncate("ab€cd", 3), "ab");
    }
}
