//! A register's text cut into numbers, dashes and words, whatever stands between them; `register` reads what they say.

use super::words::{GUESSES, Idea, words};

/// A piece of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Word {
    /// Digits.
    Digits(String),
    /// One dash or more.
    Dash,
    /// A known word.
    Idea(Idea),
    /// Any other.
    Strange(String),
}

/// The words of a text that is normalised.
pub(super) fn lex(text: &str) -> Vec<Word> {
    let kind = |c: char| match c {
        '-' => 1,
        _ if c.is_ascii_digit() => 2,
        _ if c.is_alphanumeric() => 3,
        _ => 0,
    };
    let mut runs: Vec<(u8, String)> = vec![];
    let mut before = 0;
    for c in text.chars() {
        let this = kind(c);
        match runs.last_mut() {
            Some((_, run)) if this == before && this != 0 => run.push(c),
            _ if this != 0 => runs.push((this, c.to_string())),
            _ => {}
        }
        before = this;
    }
    let mut guesses = GUESSES;
    runs.into_iter().map(|(kind, run)| word(kind, run, &mut guesses)).collect()
}

fn word(kind: u8, run: String, guesses: &mut usize) -> Word {
    match kind {
        1 => Word::Dash,
        2 => Word::Digits(run),
        _ => match words().find_within(&run, guesses).map(|found| found.idea) {
            Some(Idea::Plain) | None => Word::Strange(run),
            Some(idea) => Word::Idea(idea),
        },
    }
}
