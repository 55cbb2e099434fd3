//! Phone numbers in free text, told from IDs, codes, amounts and dates by their shape; and whether one is the sender's own.

use std::ops::Range;

use crate::model::{Msisdn, msisdn::MsisdnRefusal};

/// Whose line a number in a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// The sender's own.
    Own,
    /// Somebody else's.
    Another,
}

/// Digits that stand together.
struct Group {
    range: Range<usize>,
    plus: bool,
    /// Whether no more than one blank, dash or dot stands between the group before and this one.
    joined: bool,
}

/// The most groups that one number is written in: `07 00 00 00 10`.
const MOST_GROUPS: usize = 5;

/// Where phone numbers stand in a text, in order; a number that is not the sender's is another's.
pub(super) fn lines(text: &str, sender: Option<&Msisdn>) -> Vec<(Range<usize>, Line)> {
    let groups = groups(text);
    let (mut lines, mut at) = (vec![], 0);
    while at < groups.len() {
        let found = (1..=MOST_GROUPS).find_map(|n| {
            let number =
                groups.get(at..at + n).filter(|gs| gs.iter().skip(1).all(|g| g.joined && !g.plus))?;
            line(text, number, sender).map(|line| (n, number, line))
        });
        match found {
            Some((n, number, line)) => {
                let ends = number.first().zip(number.last());
                lines.extend(ends.map(|(first, last)| (first.range.start..last.range.end, line)));
                at += n;
            }
            None => at += 1,
        }
    }
    lines
}

fn groups(text: &str) -> Vec<Group> {
    let mut groups: Vec<Group> = vec![];
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        if c.is_ascii_digit() {
            match groups.last_mut().filter(|group| group.range.end == at) {
                Some(group) => group.range.end = at + 1,
                None => {
                    let between = groups.last().map(|last| text.get(last.range.end..at).unwrap_or_default());
                    let joined = between.is_some_and(|b| matches!(b, " " | "-" | "." | " - " | "  " | ") "));
                    groups.push(Group { range: at..at + 1, plus: before == '+', joined });
                }
            }
        }
        before = c;
    }
    groups
}

fn line(text: &str, groups: &[Group], sender: Option<&Msisdn>) -> Option<Line> {
    let sizes: Vec<usize> = groups.iter().map(|group| group.range.len()).collect();
    let digits: String = groups.iter().filter_map(|group| text.get(group.range.clone())).collect();
    let plus = groups.first().is_some_and(|group| group.plus);
    let national = national(&digits, &sizes, plus);
    match (national, plus) {
        (Some(rest), _) => match Msisdn::from_typed(&format!("0{rest}")) {
            Ok(msisdn) => Some(if Some(&msisdn) == sender { Line::Own } else { Line::Another }),
            Err(_) => None,
        },
        (None, true) => foreign(&digits),
        (None, false) => None,
    }
}

/// The nine digits of a Kenyan mobile number, if these digits are written as one.
fn national<'a>(digits: &'a str, sizes: &[usize], plus: bool) -> Option<&'a str> {
    let international = ["002540", "00254", "2540", "254"].iter().find_map(|code| digits.strip_prefix(code));
    let rest = match international {
        Some(rest) if rest.len() == 9 => rest,
        _ if plus => return None,
        _ => match digits.strip_prefix('0') {
            Some(rest) => rest,
            // Without the 0 it must be written as one, or by threes, as IDs and amounts are not.
            None if matches!(sizes, [9] | [3, 3, 3] | [3, 6]) => digits,
            None => return None,
        },
    };
    // `07 10 2026 12` is a date and an hour.
    let dated = matches!(sizes, [2, 2, 4, _]);
    (rest.len() == 9 && rest.starts_with(['7', '1']) && !dated).then_some(rest)
}

/// A line of another country, which is never the sender's: only Kenyan mobile lines are served.
fn foreign(digits: &str) -> Option<Line> {
    let typed = Msisdn::from_typed(&format!("+{digits}"));
    let is_line = (10..=15).contains(&digits.len()) && typed == Err(MsisdnRefusal::NotKenyanMobile);
    is_line.then_some(Line::Another)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<Line> {
        let sender = Msisdn::from_typed("+254700000010").ok();
        lines(text, sender.as_ref()).into_iter().map(|(_, line)| line).collect()
    }

    #[test]
    fn the_own_number_is_known_in_every_spelling() {
        for text in [
            "0700000010",
            "+254700000010",
            "254 700 000 010",
            "+2540700000010",
            "00254700000010",
            "700000010",
            "700 000 010",
            "07-00000010",
            "07 00 00 00 10",
            "my no.0700-000-010.",
            "pin0700000010now",
            "0700 000010",
        ] {
            assert_eq!(found(text), [Line::Own], "{text}");
        }
    }

    #[test]
    fn another_number_is_another() {
        for text in ["0700000012", "for +254 700 000 012 please", "0110000010", "+256700000010"] {
            assert_eq!(found(text), [Line::Another], "{text}");
        }
        assert_eq!(found("0700000010 0700000012"), [Line::Own, Line::Another]);
    }

    #[test]
    fn other_digits_are_no_numbers() {
        for text in [
            "28461937",
            "ID 284 619 37",
            "12345001",
            "12345001001",
            "135790",
            "07/10/2026 12:30",
            "07 10 2026 12",
            "ksh 1,000,000",
            "REG 4821 AB 3 7",
            "070000001",
            "07000000100",
            "+1",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }
}
