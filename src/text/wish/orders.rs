//! What must be clearly meant to be done: no more messages, messages again, another language, a document's check.

use super::{
    signs::{Negation, Sign},
    tokens::Token,
    words::{Found, Idea, words},
};
use crate::model::Language;

/// What may stand before an order without changing it.
const BEFORE: &[Idea] = &[
    Idea::Filler,
    Idea::Want,
    Idea::How,
    Idea::Me,
    Idea::My,
    Idea::You,
    Idea::Help,
    Idea::To,
    Idea::And,
    Idea::Of,
];

/// What may stand behind it.
const BEHIND: &[Idea] = &[
    Idea::Filler,
    Idea::Me,
    Idea::My,
    Idea::Every,
    Idea::Message,
    Idea::Send,
    Idea::Disturb,
    Idea::Stop,
    Idea::To,
    Idea::And,
    Idea::Of,
    Idea::Want,
    Idea::You,
];

/// What the order is about.
const MESSAGES: &[Idea] = &[Idea::Message, Idea::Send, Idea::Disturb];

/// So near behind the order it must stand.
const NEAR: usize = 4;

/// Whether no more messages are clearly wanted.
pub(super) fn is_stop(signs: &[Sign]) -> bool {
    let forbids = |sign: &Sign| sign.is(MESSAGES) && sign.negation() == Negation::Forbidden;
    let unwanted = |at: usize, sign: &Sign| {
        sign.is(&[Idea::Want])
            && sign.negation() != Negation::None
            && near(signs, at, &[Idea::Message, Idea::Disturb])
            && !near(signs, at, &[Idea::Stop, Idea::Leave])
    };
    let leaves = signs.iter().any(|s| s.is(&[Idea::Leave]) && s.negation() == Negation::None);
    let begins = signs.iter().position(forbids).is_some_and(|at| {
        // Forbidding what one waits for is no wish to hear nothing more.
        ordered(signs, at) && (signs.get(at).is_some_and(|s| s.is(&[Idea::Disturb])) || has_object(signs, at))
    });
    leaves
        || begins
        || signs.iter().enumerate().any(|(at, sign)| unwanted(at, sign))
        || is_order(signs, Idea::Stop, MESSAGES)
}

/// Whether messages are clearly wanted again.
pub(super) fn is_start(signs: &[Sign]) -> bool {
    is_order(signs, Idea::Start, &[Idea::Message, Idea::Send])
}

fn has_object(signs: &[Sign], at: usize) -> bool {
    near(signs, at, &[Idea::Message, Idea::Code, Idea::Secret])
        || rest(signs, at).iter().all(|sign| sign.is(BEHIND) || *sign == Sign::Break)
}

fn is_order(signs: &[Sign], order: Idea, objects: &[Idea]) -> bool {
    let Some(at) = signs.iter().position(|sign| sign.is(&[order])) else { return false };
    let alone = || {
        let fits =
            |sign: &Sign| sign.is(BEHIND) || matches!(sign, Sign::Break | Sign::Line(_)) || sign.is(&[order]);
        rest(signs, at).iter().all(fits)
    };
    let meant = signs.get(at).is_some_and(|sign| sign.negation() == Negation::None);
    meant && ordered(signs, at) && (near(signs, at, objects) || alone())
}

/// Whether nothing but courtesies stands before it in its sentence.
fn ordered(signs: &[Sign], at: usize) -> bool {
    let before = signs.get(..at).unwrap_or_default();
    let sentence = before.rsplit(|sign| *sign == Sign::Break).next().unwrap_or_default();
    sentence.iter().all(|sign| sign.is(BEFORE) || sign.is(&[Idea::DoNot, Idea::Not]))
}

fn near(signs: &[Sign], at: usize, ideas: &[Idea]) -> bool {
    rest(signs, at).iter().take(NEAR).any(|sign| sign.is(ideas))
}

fn rest(signs: &[Sign], at: usize) -> &[Sign] {
    signs.get(at + 1..).unwrap_or_default()
}

/// The language asked for, if nothing else is.
pub(super) fn language(signs: &[Sign]) -> Option<Language> {
    let about =
        [BEFORE, &[Idea::Tongue, Idea::Change, Idea::Send, Idea::Message, Idea::Not, Idea::DoNot]].concat();
    let about = [&about[..], &[Idea::Cannot, Idea::But, Idea::Question, Idea::Know, Idea::English]].concat();
    let fits = |s: &Sign| s.is(&about) || s.is(&[Idea::Kiswahili]) || *s == Sign::Break;
    if !signs.iter().all(fits) {
        return None;
    }
    let denied = signs.iter().any(|s| s.is(&[Idea::Tongue]) && s.negation() != Negation::None);
    let denied = denied || signs.iter().any(|s| s.is(&[Idea::Tongue]) && starts_negative(s));
    let named = signs.iter().filter_map(|sign| {
        let Sign::Known(Found { idea, .. }, negation) = sign else { return None };
        let language = match idea {
            Idea::English => Language::En,
            Idea::Kiswahili => Language::Sw,
            _ => return None,
        };
        Some((language, denied || *negation != Negation::None))
    });
    let named: Vec<(Language, bool)> = named.collect();
    let wanted = named.iter().rev().find(|(_, denied)| !denied).map(|(language, _)| *language);
    wanted.or_else(|| named.last().map(|(language, _)| other(*language)))
}

/// `sielewi` is negative by itself.
fn starts_negative(sign: &Sign) -> bool {
    matches!(sign, Sign::Known(found, _) if found.form != super::words::Form::Plain)
}

fn other(language: Language) -> Language {
    match language {
        Language::En => Language::Sw,
        Language::Sw => Language::En,
    }
}

/// How long a document's code may be.
const CODE: std::ops::RangeInclusive<usize> = 4..=16;

/// The code behind `CHECK`, in capitals without blanks and dashes.
pub(super) fn check(tokens: &[Token]) -> Option<String> {
    let is = |token: &Token, idea: Idea| matches!(token, Token::Word(w) if words().find(w).is_some_and(|f| f.idea == idea));
    let begins = tokens.iter().skip_while(|token| **token == Token::Break || is(token, Idea::Filler));
    let tokens: Vec<&Token> = begins.filter(|token| **token != Token::Break).collect();
    let (_, behind) = tokens.split_first().filter(|(first, _)| is(first, Idea::Check))?;
    let behind = match behind.split_first() {
        Some((first, rest)) if is(first, Idea::Code) => rest,
        _ => behind,
    };
    let parts: Option<Vec<&str>> = behind.iter().map(|token| code_part(token)).collect();
    let code = parts?.concat().to_uppercase();
    let digits = code.bytes().filter(u8::is_ascii_digit).count();
    (CODE.contains(&code.len()) && digits >= 4).then_some(code)
}

/// No code has a part that is a word.
fn code_part(token: &Token) -> Option<&str> {
    match token {
        Token::Number(digits) => Some(digits),
        Token::Word(letters)
            if letters.len() < 3 || letters.len() < 5 && words().known(letters).is_none() =>
        {
            Some(letters)
        }
        _ => None,
    }
}
