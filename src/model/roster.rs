//! Roster numbers as they are typed: `3 7 12`, `3,7,12`, `3-5`. A number is given once per centre and series.

use std::{collections::BTreeSet, fmt};

/// The most people a roster can number.
pub const MOST_NUMBERS: u16 = 999;

/// The number of a person on a centre's roster: 1 to 999 without 98 and 99, which are keys of the phone's screens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RosterNumber(u16);

impl RosterNumber {
    /// A number that can stand on a roster.
    pub fn new(number: i64) -> Option<Self> {
        let number = u16::try_from(number).ok()?;
        ((1..=MOST_NUMBERS).contains(&number) && !Self::is_a_key(number)).then_some(Self(number))
    }

    /// The number given after this one.
    pub fn next(after: i64) -> Option<Self> {
        (after.max(0) + 1..=i64::from(MOST_NUMBERS)).find_map(Self::new)
    }

    /// The number.
    pub fn get(self) -> i64 {
        i64::from(self.0)
    }

    fn is_a_key(number: u16) -> bool {
        matches!(number, 98 | 99)
    }
}

impl fmt::Display for RosterNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why numbers can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumbersRefusal {
    /// Something else than digits, commas, blanks and dashes, or nothing at all.
    #[error("numbers such as 3 7 12 or 3-5 are expected")]
    NotNumbers,
    /// A number that no roster has.
    #[error("no roster has such a number")]
    OutOfRange,
    /// A range that runs backwards.
    #[error("a range goes from the lower number to the higher: 3-5")]
    Backwards,
}

/// Read the numbers of one input; the same number twice counts once.
pub fn numbers(typed: &str) -> Result<BTreeSet<RosterNumber>, NumbersRefusal> {
    let mut found = BTreeSet::new();
    let spaced = typed.replace([',', ';', '.', '*', '/', '&', '+', '#'], " ");
    // A dash belongs to the numbers beside it, however much room was left around it.
    let tight = spaced.split('-').map(str::trim).collect::<Vec<_>>().join("-");
    for part in tight.split_whitespace() {
        match part.split_once('-') {
            None => {
                found.insert(number(part)?);
            }
            Some((from, to)) => {
                let (from, to) = (number(from)?, number(to)?);
                if to < from {
                    return Err(NumbersRefusal::Backwards);
                }
                found.extend((from.get()..=to.get()).filter_map(RosterNumber::new));
            }
        }
    }
    if found.is_empty() { Err(NumbersRefusal::NotNumbers) } else { Ok(found) }
}

fn number(text: &str) -> Result<RosterNumber, NumbersRefusal> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(NumbersRefusal::NotNumbers);
    }
    let number = text.parse().map_err(|_| NumbersRefusal::OutOfRange)?;
    RosterNumber::new(number).ok_or(NumbersRefusal::OutOfRange)
}

/// Numbers as people write them: `3-5, 9`.
pub fn written(numbers: &BTreeSet<RosterNumber>) -> String {
    let mut runs: Vec<(RosterNumber, RosterNumber)> = vec![];
    for number in numbers {
        match runs.last_mut() {
            Some((_, last)) if RosterNumber::next(last.get()) == Some(*number) => *last = *number,
            _ => runs.push((*number, *number)),
        }
    }
    let run = |(from, to): (RosterNumber, RosterNumber)| match to.get() - from.get() {
        0 => from.to_string(),
        1 => format!("{from}, {to}"),
        _ => format!("{from}-{to}"),
    };
    runs.into_iter().map(run).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &str) -> Vec<i64> {
        numbers(typed).unwrap().into_iter().map(RosterNumber::get).collect()
    }

    #[test]
    fn numbers_are_read_however_they_are_parted() {
        for typed in ["3 7 12", "3,7,12", "3*7*12", " 12, 7 ,3,", "3.7.12", "3/7 & 12", "07 3 12 3"] {
            assert_eq!(read(typed), [3, 7, 12], "{typed}");
        }
        assert_eq!(read("3-5"), [3, 4, 5]);
        assert_eq!(read("3 - 5 9"), [3, 4, 5, 9]);
        assert_eq!(read("97-100"), [97, 100], "98 and 99 are keys of the phone's screens");
    }

    #[test]
    fn what_is_no_number_is_refused_and_says_why() {
        for typed in ["", " ", "x", "3 x", "3-", "-5", "3-5-9", "³"] {
            assert_eq!(numbers(typed), Err(NumbersRefusal::NotNumbers), "{typed}");
        }
        for typed in ["0", "98", "99", "1000", "99999999999999999999"] {
            assert_eq!(numbers(typed), Err(NumbersRefusal::OutOfRange), "{typed}");
        }
        assert_eq!(numbers("5-3"), Err(NumbersRefusal::Backwards));
    }

    #[test]
    fn numbers_are_written_as_short_as_people_do() {
        assert_eq!(written(&numbers("9 3 4 5 20 21").unwrap()), "3-5, 9, 20, 21");
        assert_eq!(
            written(&numbers("97 100 101").unwrap()),
            "97-101",
            "a run goes over the keys of the phone"
        );
    }

    #[test]
    fn the_number_after_leaves_out_the_keys() {
        assert_eq!(RosterNumber::next(0).map(RosterNumber::get), Some(1));
        assert_eq!(RosterNumber::next(97).map(RosterNumber::get), Some(100));
        assert_eq!(RosterNumber::next(999), None);
    }
}
