//! What somebody who sent us an SMS wants: a pure reading of free text in English, Kiswahili and Sheng, spelt as people
//! spell. It knows words, not people: what is done about a wish, and for whom, is decided in `services/inbound`.
//!
//! A text becomes `tokens`, the tokens `signs` (`words` and `verbs` know what they stand for), and the signs are read by
//! the strictest reader first: `register`, `orders`, then `evidence`. Harm decides how sure a reader must be: a reset
//! only sends a code to the sender's own phone, so evidence is enough; "stop" lasts, and marks are pay, so they must be
//! plain.

mod evidence;
mod ideas;
mod marks_text;
mod numbers;
mod orders;
mod register;
mod secrets;
mod signs;
#[cfg(test)]
mod tests;
mod tokens;
mod verbs;
mod words;

pub use register::{DayCode, Marks, RegisterFault, RegisterWish};

use self::{
    numbers::Line,
    secrets::Told,
    signs::Sign,
    tokens::Token,
    words::{Idea, words},
};
use crate::model::{Language, Msisdn};

/// What a text asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wish {
    /// A reset code for the sender's own account: he can't get in, or waits for a code.
    Reset,
    /// What has become of his code, his account, his marks.
    Status,
    /// How things work.
    Help,
    /// No more reminders and notices.
    Stop,
    /// Reminders and notices again.
    Start,
    /// To be written to in this language.
    Language(Language),
    /// A centre's roster, or its marks.
    Register(RegisterWish),
    /// Whether a closing document is genuine, by its code: capitals and digits, without blanks and dashes.
    Check(String),
    /// Something for somebody else's line or account: only its owner can, from his own line.
    AboutAnother(Topic),
    /// Nothing, but it tells a PIN or password, which nobody should.
    ToldSecret,
    /// A one-time code sent here, which belongs into the dial.
    SentCode,
    /// Anything else.
    NotUnderstood,
}

/// What is wanted for somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    /// A reset.
    Reset,
    /// What has become of something.
    Status,
    /// Help, or nothing that can be told.
    Help,
    /// No more messages, or messages again.
    Messages,
}

/// A text that was read. It holds no number and no secret of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// What it asks for.
    pub wish: Wish,
    /// The language it is written in, where its words tell.
    pub language: Option<Language>,
    /// Whether a phone number stands in it that is not the sender's.
    pub names_another: bool,
    /// Whether a PIN, a password or a code seems to stand in it, whatever its wish: keep it from being shown.
    pub tells_secret: bool,
}

/// Read a text; without a sender, every number in it is another's. What is longer than an SMS can be is cut.
pub fn read(text: &str, sender: Option<&Msisdn>) -> Reading {
    let text = tokens::normalised(text);
    let tokens = tokens::tokens(&text, sender);
    let signs = signs::signs(&tokens);
    let wish = ordered(&text, &tokens, &signs).unwrap_or_else(|| free(&signs));
    let language = match wish {
        Wish::Language(language) if signs.len() == 1 => Some(language),
        _ => signs::language(&signs),
    };
    Reading {
        language,
        names_another: tokens.contains(&Token::Line(Line::Another)),
        tells_secret: secrets::told(&signs).is_some() && !matches!(wish, Wish::Register(_) | Wish::Check(_)),
        wish,
    }
}

/// What is ordered in plain words.
fn ordered(text: &str, tokens: &[Token], signs: &[Sign]) -> Option<Wish> {
    let messages = |wish: Wish| {
        if evidence::names_line(signs) { Wish::AboutAnother(Topic::Messages) } else { wish }
    };
    register::read(text, tokens)
        .map(Wish::Register)
        .or_else(|| keyword(tokens))
        .or_else(|| orders::check(tokens).map(Wish::Check))
        .or_else(|| orders::language(signs).map(Wish::Language))
        .or_else(|| orders::is_stop(signs).then(|| messages(Wish::Stop)))
        .or_else(|| orders::is_start(signs).then(|| messages(Wish::Start)))
}

/// What free words come to.
fn free(signs: &[Sign]) -> Wish {
    let topic = evidence::topic(signs);
    let told = secrets::told(signs);
    if evidence::names_line(signs) {
        let strange = signs.iter().filter(|sign| sign.is_strange()).count();
        let called = signs.iter().any(|sign| sign.is(&[Idea::Call]));
        return match topic {
            Some(topic) => Wish::AboutAnother(topic),
            None if strange <= 2 && !called && signs.len() <= 5 => Wish::AboutAnother(Topic::Help),
            None => Wish::NotUnderstood,
        };
    }
    match (topic, told) {
        (Some(topic), _) if topic != Topic::Help && evidence::is_of_another(signs) => {
            Wish::AboutAnother(topic)
        }
        (Some(Topic::Reset), Some(Told::Secret)) if !evidence::has_trouble(signs) => Wish::ToldSecret,
        (Some(Topic::Reset), _) => Wish::Reset,
        (Some(Topic::Status), _) => Wish::Status,
        (_, Some(Told::Secret)) => Wish::ToldSecret,
        (_, Some(Told::Code)) => Wish::SentCode,
        (Some(Topic::Help), None) => Wish::Help,
        _ => Wish::NotUnderstood,
    }
}

/// The keywords of four letters and more, which are known with any one letter wrong when they stand alone.
const KEYWORDS: &[(&str, Wish)] = &[
    ("reset", Wish::Reset),
    ("nimesahau", Wish::Reset),
    ("status", Wish::Status),
    ("hali", Wish::Status),
    ("help", Wish::Help),
    ("msaada", Wish::Help),
    ("stop", Wish::Stop),
    ("acha", Wish::Stop),
    ("start", Wish::Start),
    ("anza", Wish::Start),
];

/// A lone word that is no word we know, but nearly a keyword.
fn keyword(tokens: &[Token]) -> Option<Wish> {
    let mut spelt = tokens.iter().filter(|token| **token != Token::Break);
    let (Some(Token::Word(word)), None) = (spelt.next(), spelt.next()) else { return None };
    if words().known(word).is_some() {
        return None;
    }
    let near = KEYWORDS.iter().find(|(keyword, _)| strsim::osa_distance(word, keyword) <= 1);
    near.map(|(_, wish)| wish.clone())
}
