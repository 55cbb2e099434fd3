//! National ID numbers.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};

/// A Kenyan national ID number: 6 to 9 digits. Never shown whole.
#[derive(Clone)]
pub struct NationalId(SecretString);

/// Why a typed ID is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NationalIdRefusal {
    /// Something else than digits.
    #[error("an ID number has digits only")]
    NotDigits,
    /// Under six digits.
    #[error("an ID number has at least six digits")]
    TooShort,
    /// More than nine digits.
    #[error("an ID number has at most nine digits")]
    TooLong,
}

impl NationalId {
    /// Read what was typed; blanks and dashes are dropped, digits of other scripts folded.
    pub fn parse(typed: &str) -> Result<Self, NationalIdRefusal> {
        let digits = super::pin::folded_digits(typed).ok_or(NationalIdRefusal::NotDigits)?;
        match digits.len() {
            0..6 => Err(NationalIdRefusal::TooShort),
            6..=9 => Ok(Self(digits.into())),
            _ => Err(NationalIdRefusal::TooLong),
        }
    }

    /// Whether the length is the usual 7 or 8; other lengths are asked about again.
    pub fn has_usual_length(&self) -> bool {
        matches!(self.digits().len(), 7 | 8)
    }

    /// The digits, for sealing and for look-up.
    pub fn digits(&self) -> &str {
        self.0.expose_secret()
    }

    /// All but the last three digits starred.
    pub fn masked(&self) -> String {
        let digits = self.digits();
        let (hidden, shown) = digits.split_at(digits.len().saturating_sub(3));
        format!("{}{shown}", "*".repeat(hidden.len()))
    }
}

impl PartialEq for NationalId {
    fn eq(&self, other: &Self) -> bool {
        self.digits() == other.digits()
    }
}

impl fmt::Debug for NationalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("NationalId(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_and_masked() {
        assert_eq!(NationalId::parse(" 1234-5678 ").unwrap().masked(), "*****678");
        assert_eq!(NationalId::parse("١٢٣٤٥٦٧٨").unwrap().digits(), "12345678");
        assert!(!NationalId::parse("123456").unwrap().has_usual_length());
    }

    #[test]
    fn what_is_no_id_is_refused() {
        assert_eq!(NationalId::parse("12345"), Err(NationalIdRefusal::TooShort));
        assert_eq!(NationalId::parse("1234567890"), Err(NationalIdRefusal::TooLong));
        assert_eq!(NationalId::parse("A1234567"), Err(NationalIdRefusal::NotDigits));
        assert_eq!(NationalId::parse(""), Err(NationalIdRefusal::TooShort));
    }
}
