//! `REG`: a centre's roster asked for, or its register marked by SMS. Read strictly: what can't be read for certain is a
//! named fault, because marks are pay.

use std::{collections::BTreeSet, fmt};

use super::{
    marks_text::{Word, lex},
    tokens::Token,
    words::Idea,
};
use crate::model::roster::{self, NumbersRefusal};

/// What a centre wants of its register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegisterWish {
    /// The numbered roster with the day's code.
    Roster,
    /// The day's marks, with the code that came with the roster.
    Mark(DayCode, Marks),
    /// It can't be read for certain.
    Fault(RegisterFault),
}

/// Who is present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Marks {
    /// Everybody on the roster.
    AllPresent,
    /// Everybody but these numbers of the roster.
    AllBut(BTreeSet<u16>),
}

/// The four digits that prove that the real phone got today's roster. Never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct DayCode(String);

impl DayCode {
    /// The digits, to be compared.
    pub fn digits(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for DayCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DayCode(…)")
    }
}

/// Why a register by SMS can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RegisterFault {
    /// Marks without the day's code.
    #[error("the day's code is missing")]
    NoCode,
    /// The code has another length.
    #[error("the day's code has four digits")]
    BadCode,
    /// A code, and nothing about who is there.
    #[error("it does not say who is there: ALL, or AB and numbers")]
    NoMarks,
    /// `AB` without numbers.
    #[error("it does not say who is absent")]
    NoNumbers,
    /// A number that no roster has.
    #[error("a number is not of the roster")]
    NumberOutOfRange,
    /// `7-3`.
    #[error("a range runs backwards")]
    BackwardRange,
    /// All present, and some absent.
    #[error("it says both that all are there and that some are not")]
    Both,
    /// Something between that is neither a number nor a known word.
    #[error("something in it can't be read")]
    Unreadable,
}

const DAY_CODE_DIGITS: usize = 4;

/// The register's part of a text that is normalised, if it has one.
pub(super) fn read(text: &str, tokens: &[Token]) -> Option<RegisterWish> {
    if tokens.iter().any(|token| matches!(token, Token::Line(_) | Token::Address)) {
        return None;
    }
    let words = lex(text);
    let (named, behind) = behind_head(&words)?;
    let behind: Vec<&Word> = behind.iter().skip_while(|word| **word == Word::Dash).collect();
    let courtesy =
        |word: &&Word| matches!(word, Word::Idea(Idea::Filler | Idea::And | Idea::You) | Word::Dash);
    match behind.split_first() {
        Some((Word::Digits(code), rest)) => Some(marked(code, rest)),
        Some((Word::Idea(Idea::Every | Idea::Absent | Idea::Away), _)) if named => {
            Some(RegisterWish::Fault(RegisterFault::NoCode))
        }
        _ if named && behind.iter().all(courtesy) => Some(RegisterWish::Roster),
        _ => None,
    }
}

/// What stands behind `REG`, wherever that stands first; or a text that begins with a code and marks.
fn behind_head(words: &[Word]) -> Option<(bool, &[Word])> {
    let head = Word::Idea(Idea::Register);
    let code = |word: Option<&Word>| matches!(word, Some(Word::Digits(d)) if d.len() == DAY_CODE_DIGITS);
    let begins = words.iter().position(|word| !matches!(word, Word::Idea(Idea::Filler)))?;
    if words.get(begins) == Some(&head) {
        return Some((true, words.get(begins + 1..)?));
    }
    let with_code = (0..words.len()).find(|at| words.get(*at) == Some(&head) && code(words.get(at + 1)));
    if let Some(at) = with_code {
        return Some((true, words.get(at + 1..)?));
    }
    let marks = matches!(words.get(begins + 1), Some(Word::Idea(Idea::Every | Idea::Absent | Idea::Away)));
    // One letter of REG may be wrong where everything else is as it must be.
    let nearly = code(words.get(begins + 1))
        && matches!(words.get(begins + 2), Some(Word::Idea(Idea::Every | Idea::Absent | Idea::Away)));
    match words.get(begins) {
        Some(first) if marks && code(Some(first)) => Some((false, words.get(begins..)?)),
        Some(Word::Strange(word)) if nearly && strsim::osa_distance(word, "reg") <= 1 => {
            Some((true, words.get(begins + 1..)?))
        }
        _ => None,
    }
}

fn marked(code: &str, rest: &[&Word]) -> RegisterWish {
    let marks = if code.len() == DAY_CODE_DIGITS { marks(rest) } else { Err(RegisterFault::BadCode) };
    match marks {
        Ok(marks) => RegisterWish::Mark(DayCode(code.to_owned()), marks),
        Err(fault) => RegisterWish::Fault(fault),
    }
}

fn marks(words: &[&Word]) -> Result<Marks, RegisterFault> {
    let idle = |w: &&Word| matches!(w, Word::Idea(Idea::Filler | Idea::And | Idea::Question));
    let ideas: Vec<Idea> = words
        .iter()
        .filter_map(|word| if let Word::Idea(idea) = word { Some(*idea) } else { None })
        .collect();
    let has = |wanted: &[Idea]| ideas.iter().any(|idea| wanted.contains(idea));
    let spoken = words.iter().filter(|word| !idle(word)).any(|word| **word != Word::Dash);
    let known = |idea: &Idea| KNOWN.contains(idea);
    if !spoken {
        return Err(RegisterFault::NoMarks);
    }
    if words.iter().any(|word| matches!(word, Word::Strange(_))) || !ideas.iter().all(known) {
        return Err(RegisterFault::Unreadable);
    }
    let numbers = numbers(words)?;
    let absent = has(&[Idea::Absent, Idea::Away]);
    match (has(&[Idea::Every]), has(&[Idea::Except]), absent) {
        // "None absent", "hakuna hayupo".
        (_, false, true) if numbers.is_empty() && has(&[Idea::Nobody, Idea::Not]) => Ok(Marks::AllPresent),
        (true, false, false) if numbers.is_empty() => Ok(Marks::AllPresent),
        (true, false, _) => Err(RegisterFault::Both),
        (_, true, _) | (_, _, true) if numbers.is_empty() => Err(RegisterFault::NoNumbers),
        // Who else is present would have to be guessed from a list of those that are.
        (_, _, _) if has(&[Idea::Present, Idea::Here]) && !has(&[Idea::Every]) => {
            Err(RegisterFault::Unreadable)
        }
        (true, true, _) | (false, _, true) => Ok(Marks::AllBut(numbers)),
        (false, _, false) => Err(RegisterFault::Unreadable),
    }
}

const KNOWN: &[Idea] = &[
    Idea::Every,
    Idea::Present,
    Idea::Here,
    Idea::Absent,
    Idea::Away,
    Idea::Except,
    Idea::Nobody,
    Idea::Not,
    Idea::And,
    Idea::To,
    Idea::Filler,
    Idea::Question,
];

/// The numbers, as the roster's own reader takes them: what stands between two of them parts them, and a word for "to" is a
/// dash.
fn numbers(words: &[&Word]) -> Result<BTreeSet<u16>, RegisterFault> {
    let mut written = String::new();
    for word in words {
        match word {
            Word::Digits(digits) => written.push_str(digits),
            Word::Idea(Idea::To) => written.push('-'),
            // `AB - 3 7`: a dash before any number parts them from the word.
            Word::Dash if written.trim().is_empty() => {}
            Word::Dash => written.push('-'),
            Word::Idea(_) | Word::Strange(_) => written.push(','),
        }
        written.push(' ');
    }
    if !written.contains(|c: char| c.is_ascii_digit() || c == '-') {
        return Ok(BTreeSet::new());
    }
    let read = roster::numbers(&written).map_err(|refusal| match refusal {
        NumbersRefusal::NotNumbers => RegisterFault::Unreadable,
        NumbersRefusal::OutOfRange => RegisterFault::NumberOutOfRange,
        NumbersRefusal::Backwards => RegisterFault::BackwardRange,
    })?;
    Ok(read.into_iter().filter_map(|number| u16::try_from(number.get()).ok()).collect())
}
