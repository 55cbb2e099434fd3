//! Names of people, as their M-Pesa line has them.

use std::fmt;

use serde::{Deserialize, Serialize};
use unicode_normalization::UnicodeNormalization as _;

/// One half of a name (given names, or surname) as typed, tidied: single blanks, capitals at the start of words.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NamePart(String);

/// Why a typed name is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameRefusal {
    /// Fewer than two letters.
    #[error("a name has at least two letters")]
    TooShort,
    /// More than 40 characters.
    #[error("a name has at most 40 characters")]
    TooLong,
    /// A whole name of more than 80 characters.
    #[error("a whole name has at most 80 characters")]
    FullTooLong,
    /// Digits or signs that no name has.
    #[error("a name has letters only")]
    NotLetters,
}

impl NamePart {
    /// The most characters one part may have.
    pub const MAX: usize = 40;

    /// Tidy and check what was typed. Letters of any script are taken; `'`, `-` and `.` may stand among them.
    pub fn parse(typed: &str) -> Result<Self, NameRefusal> {
        tidied(typed, Self::MAX).map(Self)
    }

    /// The tidied text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The most characters a whole name may have.
pub const LONGEST_FULL_NAME: usize = 80;

/// Tidy and check a whole name that stands in one piece, as in lists of deployed people.
pub fn full_name(typed: &str) -> Result<String, NameRefusal> {
    // Spreadsheets bend apostrophes.
    match tidied(&typed.replace(['\u{2018}', '\u{2019}', '`'], "'"), LONGEST_FULL_NAME) {
        Err(NameRefusal::TooLong) => Err(NameRefusal::FullTooLong),
        name => name,
    }
}

fn tidied(typed: &str, most: usize) -> Result<String, NameRefusal> {
    let tidy =
        typed.nfc().collect::<String>().split_whitespace().map(capitalised).collect::<Vec<_>>().join(" ");
    if tidy.chars().any(|c| !(c.is_alphabetic() || matches!(c, ' ' | '\'' | '-' | '.'))) {
        return Err(NameRefusal::NotLetters);
    }
    if tidy.chars().filter(|c| c.is_alphabetic()).count() < 2 {
        return Err(NameRefusal::TooShort);
    }
    if tidy.chars().count() > most {
        return Err(NameRefusal::TooLong);
    }
    Ok(tidy)
}

/// A keypad types either all small or all capital letters; a name that mixes them is left as it is.
fn capitalised(word: &str) -> String {
    let mixed = word.chars().any(char::is_lowercase) && word.chars().skip(1).any(char::is_uppercase);
    if mixed {
        return word.to_owned();
    }
    let mut start = true;
    word.chars()
        .flat_map(|c| {
            let cased: Vec<char> =
                if start { c.to_uppercase().collect() } else { c.to_lowercase().collect() };
            start = matches!(c, '-' | '.') || (c == '\'' && word.starts_with(['O', 'o', 'D', 'd']));
            cased
        })
        .collect()
}

impl fmt::Debug for NamePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NamePart(…)")
    }
}

/// Given names and surname.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonName {
    /// First and middle names.
    pub given: NamePart,
    /// Family name.
    pub surname: NamePart,
}

impl PersonName {
    /// Both parts with a blank between them.
    pub fn full(&self) -> String {
        format!("{} {}", self.given.0, self.surname.0)
    }
}

impl fmt::Debug for PersonName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PersonName(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_tidied() {
        for (typed, tidy) in [
            ("  asha   WANJIKU ", "Asha Wanjiku"),
            ("o'brien", "O'Brien"),
            ("achieng-otieno", "Achieng-Otieno"),
            ("McOdhiambo", "McOdhiambo"),
            ("NG'ANG'A", "Ng'ang'a"),
        ] {
            assert_eq!(NamePart::parse(typed).map(|n| n.0), Ok(tidy.to_owned()));
        }
    }

    #[test]
    fn what_is_no_name_is_refused() {
        assert_eq!(NamePart::parse("12345678"), Err(NameRefusal::NotLetters));
        assert_eq!(NamePart::parse("a"), Err(NameRefusal::TooShort));
        assert_eq!(NamePart::parse(" "), Err(NameRefusal::TooShort));
        assert_eq!(NamePart::parse(&"ab".repeat(21)), Err(NameRefusal::TooLong));
        assert_eq!(NamePart::parse("ab\u{202e}cd"), Err(NameRefusal::NotLetters));
    }
}
