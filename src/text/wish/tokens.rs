//! The words, numbers and breaks of a text: letters folded to plain lower case, repetitions and disguises undone, phone
//! numbers taken out whole (`numbers`).

use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

use super::{
    numbers::{self, Line},
    words::words,
};
use crate::model::Msisdn;

/// More than the longest SMS has; what stands behind is not read.
const LONGEST: usize = 1_600;

/// A piece of a text.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// Letters, perhaps with a digit among them (`4got`).
    Word(String),
    /// Digits.
    Number(String),
    /// A phone number.
    Line(Line),
    /// A web address.
    Address,
    /// The end of a sentence.
    Break,
}

/// A text in plain lower-case letters and digits of one kind, with its punctuation.
pub(super) fn normalised(text: &str) -> String {
    let folded =
        text.chars().take(LONGEST).nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase);
    let plain: Vec<char> = folded.filter(|c| !is_silent(*c)).map(plain).take(2 * LONGEST).collect();
    let at = |n: usize| plain.get(n).copied().unwrap_or(' ');
    let fixed = plain.iter().enumerate().map(|(n, c)| match c {
        // `07o0 000 0l2`: a letter between two digits was meant for the digit it looks like.
        'o' if n > 0 && at(n - 1).is_ascii_digit() && at(n + 1).is_ascii_digit() => '0',
        'l' if n > 0 && at(n - 1).is_ascii_digit() && at(n + 1).is_ascii_digit() => '1',
        other => *other,
    });
    fixed.collect()
}

/// Apostrophes and invisible characters join what stands around them.
fn is_silent(c: char) -> bool {
    matches!(
        c,
        '\'' | '`' | '´' | '‘' | '’' | 'ʼ' | '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}' | '\u{ad}'
    )
}

fn plain(c: char) -> char {
    match u32::from(c) {
        arabic @ 0x660..=0x669 => char::from_u32(arabic - 0x660 + 0x30).unwrap_or(c),
        persian @ 0x6f0..=0x6f9 => char::from_u32(persian - 0x6f0 + 0x30).unwrap_or(c),
        0x2010..=0x2015 | 0x2212 => '-',
        _ => c,
    }
}

/// The tokens of a text that is normalised.
pub(super) fn tokens(text: &str, sender: Option<&Msisdn>) -> Vec<Token> {
    let mut tokens = vec![];
    let mut from = 0;
    for (range, line) in numbers::lines(text, sender) {
        tokens.extend(pieces(text.get(from..range.start).unwrap_or_default()));
        tokens.push(Token::Line(line));
        from = range.end;
    }
    tokens.extend(pieces(text.get(from..).unwrap_or_default()));
    tokens
}

fn pieces(text: &str) -> Vec<Token> {
    text.split_whitespace().flat_map(chunk).collect()
}

fn chunk(chunk: &str) -> Vec<Token> {
    if is_address(chunk) {
        return vec![Token::Address];
    }
    let mut tokens = vec![];
    let mut run = String::new();
    for c in chunk.chars() {
        match c {
            _ if c.is_alphanumeric() => run.push(c),
            // `p@ssword`, `pa$$word`.
            '@' | '$' if !run.is_empty() => run.push(if c == '@' { 'a' } else { 's' }),
            _ => {
                tokens.extend(split(&std::mem::take(&mut run)));
                if matches!(c, '.' | '!' | '?' | ';') && tokens.last().is_some_and(|t| *t != Token::Break) {
                    tokens.push(Token::Break);
                }
            }
        }
    }
    tokens.extend(split(&run));
    tokens
}

fn is_address(chunk: &str) -> bool {
    let ends = [".com", ".co.ke", ".ke", ".org", ".net", ".io", ".me", ".ly"];
    let bare = chunk.trim_matches(|c: char| !c.is_alphanumeric());
    chunk.contains("://") || bare.starts_with("www.") || ends.iter().any(|end| bare.ends_with(end))
}

/// One word if a word is known that is written so, else letters and digits apart (`reg4821`).
fn split(run: &str) -> Vec<Token> {
    if run.is_empty() {
        return vec![];
    }
    if run.bytes().all(|b| b.is_ascii_digit()) {
        return vec![Token::Number(run.to_owned())];
    }
    if !run.contains(|c: char| c.is_ascii_digit()) || words().known(run).is_some() {
        return vec![Token::Word(run.to_owned())];
    }
    let undisguised: String = run.chars().map(undisguised).collect();
    if words().known(&undisguised).is_some() {
        return vec![Token::Word(undisguised)];
    }
    apart(run)
}

/// The letter that a digit stands for in `passw0rd`, `p1n`.
fn undisguised(c: char) -> char {
    match c {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' => 'a',
        '5' => 's',
        other => other,
    }
}

fn apart(run: &str) -> Vec<Token> {
    let mut tokens: Vec<Token> = vec![];
    for c in run.chars() {
        match tokens.last_mut() {
            Some(Token::Number(digits)) if c.is_ascii_digit() => digits.push(c),
            Some(Token::Word(letters)) if !c.is_ascii_digit() => letters.push(c),
            _ if c.is_ascii_digit() => tokens.push(Token::Number(c.to_string())),
            _ => tokens.push(Token::Word(c.to_string())),
        }
    }
    tokens
}
