//! PINs: what they are, and which are too easy to guess (`security.md` 10 and 11).

use std::fmt;

use secrecy::{ExposeSecret as _, SecretString};

/// A PIN somebody typed: digits only. Never shown, never stored; only its hash is.
#[derive(Clone)]
pub struct Pin(SecretString);

/// Why a typed PIN is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PinRefusal {
    /// Something else than digits.
    #[error("a PIN has digits only")]
    NotDigits,
    /// Not as many digits as this PIN has.
    #[error("the PIN has another number of digits")]
    WrongLength,
    /// One digit again and again, or a group of two or three repeated.
    #[error("the digits repeat")]
    Repeats,
    /// Digits that run up or down.
    #[error("the digits run up or down")]
    Runs,
    /// A year of birth or a date is in it.
    #[error("it holds a year or a date")]
    Date,
    /// It is part of the own phone number or ID.
    #[error("it is part of your number or ID")]
    Own,
    /// One of the PINs everybody tries first.
    #[error("many people choose it")]
    Common,
}

/// What a new PIN is compared with, so that it can't be guessed from what others know.
#[derive(Debug, Clone, Copy)]
pub struct PinContext<'a> {
    /// How many digits this PIN has: 6 for people, 8 for centres.
    pub length: usize,
    /// The own phone number, digits only.
    pub msisdn: &'a str,
    /// The own national ID, if known.
    pub national_id: Option<&'a str>,
    /// The digits of the service code.
    pub service_code: &'a str,
}

impl Pin {
    /// Read a PIN that is to be checked: digits, blanks dropped, of the given length.
    pub fn parse(typed: &str, length: usize) -> Result<Self, PinRefusal> {
        let digits = folded_digits(typed).ok_or(PinRefusal::NotDigits)?;
        if digits.len() != length {
            return Err(PinRefusal::WrongLength);
        }
        Ok(Self(digits.into()))
    }

    /// Read a PIN that is to be kept: like [`Pin::parse`], and not one that is easily guessed.
    pub fn choose(typed: &str, context: PinContext<'_>) -> Result<Self, PinRefusal> {
        let pin = Self::parse(typed, context.length)?;
        match weakness(pin.digits(), context) {
            Some(refusal) => Err(refusal),
            None => Ok(pin),
        }
    }

    /// The digits, for hashing.
    pub fn digits(&self) -> &str {
        self.0.expose_secret()
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(…)")
    }
}

/// The digits of what was typed, with blanks and dashes dropped and every script's digits folded to 0–9;
/// `None` when anything else is in it.
pub fn folded_digits(typed: &str) -> Option<String> {
    use unicode_normalization::UnicodeNormalization as _;
    typed
        .nfkc()
        .filter(|c| !matches!(c, ' ' | '-'))
        .map(|c| match u32::from(c) {
            ascii @ 0x30..=0x39 => char::from_u32(ascii),
            arabic @ 0x660..=0x669 => char::from_u32(arabic - 0x660 + 0x30),
            persian @ 0x6f0..=0x6f9 => char::from_u32(persian - 0x6f0 + 0x30),
            _ => None,
        })
        .collect()
}

fn weakness(pin: &str, context: PinContext<'_>) -> Option<PinRefusal> {
    let own = |whole: &str| whole.contains(pin);
    if (1..=3).any(|period| repeats(pin, period)) {
        Some(PinRefusal::Repeats)
    } else if runs(pin) {
        Some(PinRefusal::Runs)
    } else if own(context.msisdn) || context.national_id.is_some_and(own) {
        Some(PinRefusal::Own)
    } else if own(context.service_code) || is_pattern(pin) {
        Some(PinRefusal::Common)
    } else if holds_date(pin) {
        Some(PinRefusal::Date)
    } else {
        None
    }
}

/// Whether the PIN is its first `period` digits again and again (`131313`, `123123`).
fn repeats(pin: &str, period: usize) -> bool {
    let digits = pin.as_bytes();
    digits.len() > period && digits.iter().zip(digits.iter().skip(period)).all(|(a, b)| a == b)
}

/// Whether every step between digits is the same +1, −1, +2 or −2, going round at the ends (`890123`, `246802`).
fn runs(pin: &str) -> bool {
    let digits = pin.as_bytes();
    [1, 2, 8, 9].iter().any(|step| digits.windows(2).all(|w| (w[0] - b'0' + step) % 10 == w[1] - b'0'))
}

/// Whether it is drawn, not thought of: a mirror (`123321`), doubled digits (`112233`), or lines over the keypad
/// (`147258`, `159753`): what leads every published list of common PINs once runs and repeats are gone.
fn is_pattern(pin: &str) -> bool {
    const LINES: &[&str] = &[
        "147", "258", "369", "741", "852", "963", "159", "357", "951", "753", "123", "456", "789", "321",
        "654", "987", "080", "000", "520", "025", "007",
    ];
    let digits = pin.as_bytes();
    let mirrored = digits.iter().eq(digits.iter().rev());
    let doubled = digits.chunks(2).all(|pair| pair.iter().all(|d| Some(d) == pair.first()));
    let drawn =
        pin.get(..3).is_some_and(|a| LINES.contains(&a)) && pin.get(3..6).is_some_and(|b| LINES.contains(&b));
    mirrored || doubled || drawn
}

/// Whether a birth year stands at either end, or the whole is a date in any usual order of day, month and year.
fn holds_date(pin: &str) -> bool {
    let part = |from: usize, to: usize| pin.get(from..to).and_then(|p| p.parse::<u32>().ok()).unwrap_or(0);
    let day_and_month = |a: u32, b: u32| (1..=31).contains(&a) && (1..=12).contains(&b);
    let either = |a: u32, b: u32| day_and_month(a, b) || day_and_month(b, a);
    let birth_year = |y: u32| (1940..=2012).contains(&y);
    let short_year = |y: u32| y <= 12 || (40..=99).contains(&y);
    match pin.len() {
        6 => {
            birth_year(part(0, 4))
                || birth_year(part(2, 6))
                || (short_year(part(4, 6)) && either(part(0, 2), part(2, 4)))
                || (short_year(part(0, 2)) && day_and_month(part(4, 6), part(2, 4)))
        }
        8 => {
            (birth_year(part(4, 8)) && either(part(0, 2), part(2, 4)))
                || (birth_year(part(0, 4)) && either(part(4, 6), part(6, 8)))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTEXT: PinContext<'static> = PinContext {
        length: 6,
        msisdn: "254700000010",
        national_id: Some("28461937"),
        service_code: "3842547",
    };

    fn refusal(typed: &str) -> Option<PinRefusal> {
        Pin::choose(typed, CONTEXT).err()
    }

    #[test]
    fn each_weakness_is_named() {
        use PinRefusal::*;
        for (typed, why) in [
            ("12a456", NotDigits),
            ("12345", WrongLength),
            ("777777", Repeats),
            ("131313", Repeats),
            ("407407", Repeats),
            ("345678", Runs),
            ("432109", Runs),
            ("246802", Runs),
            ("700000", Own),
            ("461937", Own),
            ("842547", Common),
            ("147258", Common),
            ("118811", Common),
            ("113399", Common),
            ("241187", Date),
            ("198843", Date),
            ("431988", Date),
            ("871124", Date),
        ] {
            assert_eq!(refusal(typed), Some(why), "{typed}");
        }
        for good in ["135790", "907318", "46 20 85"] {
            assert_eq!(refusal(good), None, "{good}");
        }
    }

    #[test]
    fn less_than_15_percent_of_the_space_is_refused() {
        let refused = (0..1_000_000).filter(|n| weakness(&format!("{n:06}"), CONTEXT).is_some()).count();
        assert!((60_000..150_000).contains(&refused), "{refused} of 1,000,000");
    }

    #[test]
    fn eight_digits_are_judged_alike() {
        let context = PinContext { length: 8, ..CONTEXT };
        assert_eq!(Pin::choose("24111987", context).err(), Some(PinRefusal::Date));
        assert_eq!(Pin::choose("28461937", context).err(), Some(PinRefusal::Own));
        assert!(Pin::choose("24681357", context).is_ok());
    }

    #[test]
    fn a_pin_never_shows() {
        assert_eq!(format!("{:?}", Pin::parse("907318", 6)), "Ok(Pin(…))");
    }
}
