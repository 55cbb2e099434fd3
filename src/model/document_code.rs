//! The short code of a closing document, by which anybody can ask what it said.
//!
//! Twelve digits, because a basic phone types digits and nothing else well. Eleven of them are random: a country's
//! season makes some 100,000 documents, so of 700,000 guesses one finds a document, and a line has 30 hops a minute and
//! five answers by SMS in half an hour. The twelfth is a check digit (Damm's: it finds every single wrong digit and every
//! swap of neighbours), so that a typo is told as a typo and never as a forgery. The first digit is 3 at least: no code
//! looks like a phone number, which begins with 0, 1, 2547 or 2541, or with 7 and is shorter.

use std::fmt;

/// A code such as `4821-3377-0195`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct DocumentCode(String);

/// Why a typed code is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeTypo {
    /// Something else than digits, or another number of them.
    #[error("a document's code has {} digits", DocumentCode::DIGITS)]
    WrongLength,
    /// The check digit does not follow from the others.
    #[error("a digit of the code is wrong, or two are swapped")]
    WrongDigit,
}

/// Eleven digits of which the first is 3 at least.
const FIRST: u64 = 30_000_000_000;
const MANY: u64 = 70_000_000_000;

impl DocumentCode {
    /// How many digits it has.
    pub const DIGITS: usize = 12;

    /// A code from random bytes.
    pub fn new(bytes: [u8; 8]) -> Self {
        let digits = (FIRST + u64::from_be_bytes(bytes) % MANY).to_string();
        let check = damm(&digits);
        Self(format!("{digits}{check}"))
    }

    /// Read a code as it was typed or copied: blanks, dashes and dots between its digits don't count.
    pub fn parse(typed: &str) -> Result<Self, CodeTypo> {
        let parted =
            |c: &char| !(c.is_whitespace() || matches!(c, '-' | '.' | '*' | '\u{2010}'..='\u{2015}'));
        let digits: String = typed.chars().filter(parted).collect();
        if digits.len() != Self::DIGITS || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(CodeTypo::WrongLength);
        }
        if damm(&digits) == 0 { Ok(Self(digits)) } else { Err(CodeTypo::WrongDigit) }
    }

    /// The digits alone.
    pub fn digits(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for DocumentCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (n, digit) in self.0.chars().enumerate() {
            if n > 0 && n % 4 == 0 {
                f.write_str("-")?;
            }
            write!(f, "{digit}")?;
        }
        Ok(())
    }
}

/// H. M. Damm's quasigroup of order 10, totally anti-symmetric.
const TABLE: [[u8; 10]; 10] = [
    [0, 3, 1, 7, 5, 9, 8, 6, 4, 2],
    [7, 0, 9, 2, 1, 5, 4, 8, 6, 3],
    [4, 2, 0, 6, 8, 7, 1, 3, 5, 9],
    [1, 7, 5, 0, 9, 8, 3, 4, 2, 6],
    [6, 1, 2, 3, 0, 4, 5, 9, 7, 8],
    [3, 6, 7, 4, 2, 0, 9, 5, 8, 1],
    [5, 8, 6, 9, 7, 2, 0, 1, 3, 4],
    [8, 9, 4, 5, 3, 6, 2, 0, 1, 7],
    [9, 4, 3, 8, 6, 1, 7, 2, 0, 5],
    [2, 5, 8, 1, 4, 3, 6, 7, 9, 0],
];

/// The check digit of digits; 0 over digits that end with theirs.
fn damm(digits: &str) -> u8 {
    let step = |row: u8, digit: u8| {
        let row = TABLE.get(usize::from(row)).unwrap_or(&TABLE[0]);
        row.get(usize::from(digit.wrapping_sub(b'0'))).copied().unwrap_or(0)
    };
    digits.bytes().fold(0, step)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_it_is_written_and_as_people_type_it() {
        let code = DocumentCode::new([1, 2, 3, 4, 5, 6, 7, 8]);
        assert_eq!(code.digits().len(), DocumentCode::DIGITS);
        let written = code.to_string();
        assert_eq!(written.len(), 14);
        let typed =
            [written.clone(), code.digits().to_owned(), written.replace('-', " "), format!(" {written}.")];
        for typed in typed {
            assert_eq!(DocumentCode::parse(&typed), Ok(code.clone()), "{typed}");
        }
        for wrong in ["", "4821", "4821-3377-019", "4821-3377-01955", "4821-3377-019x"] {
            assert_eq!(DocumentCode::parse(wrong), Err(CodeTypo::WrongLength), "{wrong}");
        }
    }

    #[test]
    fn every_wrong_digit_and_every_swap_of_neighbours_is_a_typo() {
        assert_eq!(damm("572"), 4, "the example that is always given");
        for n in 0..200_u64 {
            let code = DocumentCode::new(n.wrapping_mul(0x9E37_79B9_7F4A_7C15).to_be_bytes());
            let right: Vec<u8> = code.digits().bytes().collect();
            for at in 0..right.len() {
                for digit in b'0'..=b'9' {
                    let mut wrong = right.clone();
                    wrong[at] = digit;
                    refused_unless_right(&wrong, &right);
                }
                let mut swapped = right.clone();
                swapped.swap(at, (at + 1) % right.len());
                if at + 1 < right.len() {
                    refused_unless_right(&swapped, &right);
                }
            }
        }
    }

    fn refused_unless_right(typed: &[u8], right: &[u8]) {
        let read = DocumentCode::parse(std::str::from_utf8(typed).unwrap());
        assert_eq!(read.is_ok(), typed == right, "{typed:?}");
    }

    #[test]
    fn no_code_looks_like_a_phone_number() {
        for bytes in [[0; 8], [255; 8], [7; 8]] {
            let code = DocumentCode::new(bytes);
            assert!(!code.digits().starts_with(['0', '1', '2']), "{code}");
            assert_eq!(code.digits().len(), 12);
        }
    }
}
