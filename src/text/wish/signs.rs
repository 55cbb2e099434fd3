//! The tokens of a text as signs: each word with the idea it stands for and whether it is negated where it stands. What
//! they add up to is decided in `evidence` and `orders`.

use super::{
    numbers::Line,
    tokens::Token,
    words::{Form, Found, GUESSES, Idea, LONGEST_PHRASE, words},
};
use crate::model::Language;

/// How a sign is negated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Negation {
    /// Not at all.
    None,
    /// It is not so.
    Not,
    /// It shall not be done.
    Forbidden,
    /// Somebody is not able to.
    Unable,
}

/// A piece of a text with its meaning.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Sign {
    /// A known word or phrase.
    Known(Found, Negation),
    /// Any other word.
    Unknown(String),
    /// Digits.
    Number(String),
    /// A phone number.
    Line(Line),
    /// A web address.
    Address,
    /// The end of a sentence.
    Break,
}

impl Sign {
    /// The idea of a known word.
    pub fn idea(&self) -> Option<Idea> {
        match self {
            Self::Known(found, _) => Some(found.idea),
            _ => None,
        }
    }

    /// Whether it is a known word with one of these ideas.
    pub fn is(&self, ideas: &[Idea]) -> bool {
        self.idea().is_some_and(|idea| ideas.contains(&idea))
    }

    /// How it is negated.
    pub fn negation(&self) -> Negation {
        match self {
            Self::Known(_, negation) => *negation,
            _ => Negation::None,
        }
    }

    /// Whether it is a word that says something, and not what we know.
    pub fn is_strange(&self) -> bool {
        matches!(self, Self::Unknown(_)) || self.is(&[Idea::Plain])
    }
}

/// What can be negated across the words between, and ends the negation's reach.
const DEEDS: &[Idea] = &[
    Idea::Forgot,
    Idea::Lost,
    Idea::Reset,
    Idea::Change,
    Idea::Arrive,
    Idea::Arrived,
    Idea::Enter,
    Idea::SignIn,
    Idea::Work,
    Idea::Fail,
    Idea::Know,
    Idea::Remembered,
    Idea::Have,
    Idea::Want,
    Idea::Ask,
    Idea::Send,
    Idea::Stop,
    Idea::Leave,
    Idea::Start,
    Idea::Disturb,
    Idea::Help,
    Idea::Tongue,
];

/// What can be missing.
const THINGS: &[Idea] =
    &[Idea::Secret, Idea::Code, Idea::Message, Idea::Account, Idea::English, Idea::Kiswahili];

/// So many signs a negation reaches.
const REACH: usize = 5;

/// The signs of a text.
pub(super) fn signs(tokens: &[Token]) -> Vec<Sign> {
    let mut signs = negated(foreign(read(tokens)));
    signs.dedup_by(|a, b| *a == Sign::Break && *b == Sign::Break);
    signs
}

fn read(tokens: &[Token]) -> Vec<Sign> {
    let (mut signs, mut rest, mut guesses) = (vec![], tokens, GUESSES);
    while let Some((first, behind)) = rest.split_first() {
        let (sign, taken) = match first {
            Token::Word(word) => known(rest).unwrap_or_else(|| (alone(word, &mut guesses), 1)),
            Token::Number(digits) => (Sign::Number(digits.clone()), 1),
            Token::Line(line) => (Sign::Line(*line), 1),
            Token::Address => (Sign::Address, 1),
            Token::Break => (Sign::Break, 1),
        };
        signs.push(sign);
        rest = behind.get(taken - 1..).unwrap_or_default();
    }
    signs
}

/// The longest phrase that begins here.
fn known(tokens: &[Token]) -> Option<(Sign, usize)> {
    let begins = tokens.iter().take(LONGEST_PHRASE).map_while(|token| match token {
        Token::Word(word) => Some(word.as_str()),
        _ => None,
    });
    let spelt: Vec<&str> = begins.collect();
    (2..=spelt.len()).rev().find_map(|n| {
        let phrase = words().phrase(&spelt.get(..n)?.join(" "))?;
        Some((Sign::Known(phrase, Negation::None), n))
    })
}

fn alone(word: &str, guesses: &mut usize) -> Sign {
    words()
        .find_within(word, guesses)
        .map_or_else(|| Sign::Unknown(word.to_owned()), |found| Sign::Known(found, Negation::None))
}

/// Turn other people's secrets ("mpesa pin", "password ya wifi") into what they are.
fn foreign(mut signs: Vec<Sign>) -> Vec<Sign> {
    let is_foreign =
        |at: Option<usize>| at.and_then(|at| signs.get(at)).is_some_and(|s| s.is(&[Idea::Foreign]));
    let links = |at: usize| signs.get(at).is_some_and(|s| s.is(&[Idea::Of, Idea::My, Idea::Filler]));
    let of_another = |at: usize| {
        let behind = (1..=3).find(|n| !links(at + n)).map(|n| at + n);
        let linked = behind.filter(|behind| *behind > at + 1);
        is_foreign(at.checked_sub(1)) || is_foreign(linked)
    };
    // A centre has a PIN of ours, but "exam code" and "centre code" are none.
    let is_number_of = |at: usize| {
        let before = at.checked_sub(1).and_then(|at| signs.get(at));
        signs.get(at).is_some_and(|s| s.is(&[Idea::Code])) && before.is_some_and(|s| s.is(&[Idea::Thing]))
    };
    let others: Vec<usize> = (0..signs.len())
        .filter(|at| {
            signs.get(*at).is_some_and(|s| s.is(&[Idea::Secret, Idea::Account])) && of_another(*at)
                || is_number_of(*at)
        })
        .collect();
    for at in others {
        if let Some(Sign::Known(found, _)) = signs.get_mut(at) {
            found.idea = Idea::Foreign;
        }
    }
    signs
}

/// Work out what is negated: by its own form, by a word before it, or by one right behind ("received nothing").
fn negated(mut signs: Vec<Sign>) -> Vec<Sign> {
    let mut running: Option<(Negation, usize)> = None;
    let mut bare = true;
    for at in 0..signs.len() {
        let nothing_behind =
            [1, 2].iter().any(|n| signs.get(at + n).is_some_and(|sign| sign.is(&[Idea::Not])));
        let Some(Sign::Known(found, negation)) = signs.get_mut(at) else {
            let broken = signs.get(at) == Some(&Sign::Break);
            bare = broken;
            running = if broken { None } else { running.and_then(shorter) };
            continue;
        };
        let came = [Idea::Arrive, Idea::Arrived].contains(&found.idea);
        let by_before = running.map_or(Negation::None, |(negation, _)| negation);
        if DEEDS.contains(&found.idea) {
            *negation = match found.form {
                Form::Forbidding => Negation::Forbidden,
                Form::Negative => Negation::Not,
                Form::Plain if by_before == Negation::None && came && nothing_behind => Negation::Not,
                Form::Plain => by_before,
            };
            running = None;
        } else if THINGS.contains(&found.idea) {
            *negation = by_before;
        }
        running = match found.idea {
            Idea::Not => Some((Negation::Not, REACH)),
            // "They don't send": only with nobody before it is it a request.
            Idea::DoNot => Some((if bare { Negation::Forbidden } else { Negation::Not }, REACH)),
            Idea::Cannot => Some((Negation::Unable, REACH)),
            Idea::Able if found.form == Form::Negative || by_before != Negation::None => {
                Some((Negation::Unable, REACH))
            }
            Idea::But => None,
            _ => running.and_then(shorter),
        };
        bare = found.idea == Idea::But || bare && matches!(found.idea, Idea::Filler | Idea::And | Idea::Help);
    }
    signs
}

fn shorter((negation, reach): (Negation, usize)) -> Option<(Negation, usize)> {
    (reach > 1).then(|| (negation, reach - 1))
}

/// The language that most of the words are of; with as many of each it is Kiswahili, which borrows from English.
pub(super) fn language(signs: &[Sign]) -> Option<Language> {
    let of = |language| {
        let known =
            signs.iter().filter(|s| matches!(s, Sign::Known(found, _) if found.language == Some(language)));
        known.count()
    };
    match (of(Language::En), of(Language::Sw)) {
        (0, 0) => None,
        (en, sw) if en > sw => Some(Language::En),
        _ => Some(Language::Sw),
    }
}
