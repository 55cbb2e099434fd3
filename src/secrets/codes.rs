//! One-time codes, derived and never stored (`security.md` 1 and 5): whoever has the challenge's nonce and the code key
//! can say the code again, a dump of the database can't. Lifetimes, tries and resends are left to `services/`.

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;

use super::keys::{Keys, Purpose};
use crate::model::pin::folded_digits;

/// How many digits a code has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeLength {
    /// For people.
    Six,
    /// For centres, officers and the console, and for all while somebody is guessing across accounts.
    Eight,
}

/// Whom and what a code is for: another subject or purpose has another code.
#[derive(Clone, Copy)]
pub struct CodeFor<'a> {
    /// What it allows.
    pub purpose: &'a str,
    /// Whose it is: the id of an account or a centre, as bytes.
    pub subject: &'a [u8],
}

/// A one-time code: six or eight digits. Its `Debug` shows nothing.
#[derive(Clone)]
pub struct Code(SecretString);

impl CodeLength {
    /// The number of digits.
    pub fn digits(self) -> usize {
        match self {
            Self::Six => 6,
            Self::Eight => 8,
        }
    }

    /// The length with so many digits.
    pub fn of_digits(digits: i64) -> Option<Self> {
        match digits {
            6 => Some(Self::Six),
            8 => Some(Self::Eight),
            _ => None,
        }
    }

    fn codes(self) -> u128 {
        match self {
            Self::Six => 1_000_000,
            Self::Eight => 100_000_000,
        }
    }
}

impl Keys {
    /// The code of a challenge: HMAC-SHA256 under the code key `key_id` of the challenge's random nonce and what it is
    /// for. `None` when that key was retired, or this node has not got the new key file. A new challenge takes
    /// [`Keys::current_id`] of [`Purpose::Code`] and keeps it beside its nonce.
    pub fn code(
        &self,
        key_id: &str,
        nonce: &[u8; 16],
        what: CodeFor<'_>,
        length: CodeLength,
    ) -> Option<Code> {
        let key = self.set(Purpose::Code).get(key_id)?;
        let label = format!("code of {} digits", length.digits());
        let derived = key.short_digest(&label, &[nonce, what.purpose.as_bytes(), what.subject]);
        // 128 bits modulo 10^8 at most: no code is likelier than another by more than 2^-101 of the whole.
        let number = u128::from_be_bytes(derived) % length.codes();
        Some(Code(format!("{number:0width$}", width = length.digits()).into()))
    }
}

impl Keys {
    /// The four digits of a centre's day in a series, under the code key `key_id`: others tomorrow, others at the next
    /// centre, and never kept. `None` when this node lacks the key.
    pub fn day_code(&self, key_id: &str, series: &str, centre: &str, day: &str) -> Option<Code> {
        let key = self.set(Purpose::Code).get(key_id)?;
        let of_what = [series.as_bytes(), centre.as_bytes(), day.as_bytes()];
        let number = u128::from_be_bytes(key.short_digest("code of a day", &of_what)) % DAY_CODES;
        Some(Code(format!("{number:04}").into()))
    }
}

/// As many as four digits make.
const DAY_CODES: u128 = 10_000;

impl Code {
    /// The digits, for the message that carries them.
    pub fn digits(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whether `typed` is this code; blanks and dashes are dropped, digits of other scripts folded. Takes the same time
    /// wherever the first difference is.
    pub fn matches(&self, typed: &str) -> bool {
        let typed = SecretString::from(folded_digits(typed).unwrap_or_default());
        self.digits().as_bytes().ct_eq(typed.expose_secret().as_bytes()).into()
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(…)")
    }
}

impl fmt::Debug for CodeFor<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CodeFor({})", self.purpose)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::keys::counted_chance;

    const RESET: CodeFor<'static> = CodeFor { purpose: "reset_pin", subject: b"account 1" };

    fn keys() -> Keys {
        Keys::generate(counted_chance())
    }

    fn digits(keys: &Keys, nonce: u128, what: CodeFor<'_>, length: CodeLength) -> String {
        keys.code("c1", &nonce.to_be_bytes(), what, length).unwrap().digits().to_owned()
    }

    #[test]
    fn a_code_is_the_same_each_time_and_another_for_anything_else() {
        let keys = keys();
        let code = digits(&keys, 1, RESET, CodeLength::Eight);
        assert_eq!(code, digits(&keys, 1, RESET, CodeLength::Eight));
        for (nonce, purpose, subject) in [
            (2, "reset_pin", &b"account 1"[..]),
            (1, "new_number", b"account 1"),
            (1, "reset_pin", b"account 2"),
            (1, "reset_pina", b"ccount 1"),
        ] {
            assert_ne!(code, digits(&keys, nonce, CodeFor { purpose, subject }, CodeLength::Eight));
        }
        assert!(!code.ends_with(&digits(&keys, 1, RESET, CodeLength::Six)));
    }

    #[test]
    fn a_challenge_keeps_its_code_while_the_key_changes() {
        let mut chance = counted_chance();
        let old = Keys::generate(&mut chance);
        let new = old.with_new_key(Purpose::Code, chance);
        let nonce = [5; 16];
        let said = |keys: &Keys, id| {
            keys.code(id, &nonce, RESET, CodeLength::Six).map(|code| code.digits().to_owned())
        };
        assert_eq!(said(&old, "c1"), said(&new, "c1"));
        assert_ne!(said(&new, "c2"), said(&new, "c1"));
        assert_eq!(said(&old, "c2"), None);
    }

    #[test]
    fn every_day_of_every_centre_and_series_has_a_code_of_its_own() {
        let keys = keys();
        let said =
            |series, centre, day| keys.day_code("c1", series, centre, day).unwrap().digits().to_owned();
        let code = said("KCSE", "12345001", "2026-11-24");
        assert_eq!((code.len(), &code), (4, &said("KCSE", "12345001", "2026-11-24")));
        for (series, centre, day) in [
            ("KPSEA", "12345001", "2026-11-24"),
            ("KCSE", "12345002", "2026-11-24"),
            ("KCSE", "12345001", "2026-11-25"),
            ("KCSE1", "2345001", "2026-11-24"),
        ] {
            assert_ne!(code, said(series, centre, day), "{series} {centre} {day}");
        }
        assert!(keys.day_code("c2", "KCSE", "12345001", "2026-11-24").is_none());
    }

    #[test]
    fn codes_are_compared_as_people_type_them() {
        let code = Code("042917".to_owned().into());
        for right in ["042917", "042 917", "042-917", "٠٤٢٩١٧"] {
            assert!(code.matches(right), "{right}");
        }
        for wrong in ["042918", "42917", "0429170", "", "042917x", "142917"] {
            assert!(!code.matches(wrong), "{wrong}");
        }
        assert_eq!(format!("{code:?} {RESET:?}"), "Code(…) CodeFor(reset_pin)");
    }

    /// Pearson's chi-square of counts that should all be alike.
    fn chi_square(counts: &[u32]) -> f64 {
        let expected =
            f64::from(counts.iter().sum::<u32>()) / f64::from(u32::try_from(counts.len()).unwrap());
        counts.iter().map(|count| (f64::from(*count) - expected).powi(2) / expected).sum()
    }

    #[test]
    fn a_hundred_thousand_codes_are_spread_evenly_with_their_leading_zeros() {
        let keys = keys();
        let mut places = [[0_u32; 10]; 6];
        let mut beginnings = vec![0_u32; 1000];
        for nonce in 0..100_000 {
            let code = digits(&keys, nonce, RESET, CodeLength::Six);
            assert_eq!(code.len(), 6);
            for (place, digit) in places.iter_mut().zip(code.bytes()) {
                place[usize::from(digit - b'0')] += 1;
            }
            beginnings[code[..3].parse::<usize>().unwrap()] += 1;
        }
        // One in a million lies above 45 with 9 degrees of freedom, and above 1,220 with 999.
        for place in &places {
            assert!(chi_square(place) < 45.0, "{place:?}");
        }
        assert!(chi_square(&beginnings) < 1_220.0, "{}", chi_square(&beginnings));
        assert!(places[0][0] > 9_000, "a leading zero is as likely as any digit");
    }
}
