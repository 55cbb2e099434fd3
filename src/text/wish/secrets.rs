//! PINs and codes that people put in a text though nobody asks for them there.

use super::{signs::Sign, words::Idea};

/// What may stand between the word PIN and its digits.
const BETWEEN: &[Idea] = &[
    Idea::Filler,
    Idea::My,
    Idea::Me,
    Idea::To,
    Idea::Of,
    Idea::New,
    Idea::Question,
    Idea::Status,
    Idea::Wait,
];

/// So far from the word the digits may stand.
const REACH: usize = 4;

/// What is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// A PIN or password.
    Secret,
    /// A one-time code, or digits alone, which may be one.
    Code,
}

/// What secret stands in a text. It is not given out: nobody needs it.
pub(super) fn told(signs: &[Sign]) -> Option<Told> {
    let runs = runs(signs);
    let by_word = |word: Idea| runs.iter().any(|(from, to)| leads(signs, *from, *to, word));
    if by_word(Idea::Secret) {
        return Some(Told::Secret);
    }
    let around = |s: &Sign| s.is(BETWEEN) || matches!(s, Sign::Number(_) | Sign::Break);
    let alone = runs.len() == 1 && signs.iter().all(around);
    (alone || by_word(Idea::Code)).then_some(Told::Code)
}

/// Where four to eight digits stand, also in groups of one size (`135 790`), which dates are not.
fn runs(signs: &[Sign]) -> Vec<(usize, usize)> {
    let (mut runs, mut at) = (vec![], 0);
    while at < signs.len() {
        let sizes: Vec<usize> = signs.iter().skip(at).map_while(digits).collect();
        let even = sizes.iter().all(|size| Some(size) == sizes.first());
        if even && (4..=8).contains(&sizes.iter().sum::<usize>()) {
            runs.push((at, at + sizes.len()));
        }
        at += sizes.len().max(1);
    }
    runs
}

fn digits(sign: &Sign) -> Option<usize> {
    match sign {
        Sign::Number(digits) => Some(digits.len()),
        _ => None,
    }
}

/// Whether the word stands before the digits ("PIN is 1…") or behind ("1… is my PIN").
fn leads(signs: &[Sign], from: usize, to: usize, word: Idea) -> bool {
    let before = signs.get(from.saturating_sub(REACH)..from).unwrap_or_default();
    let behind = signs.get(to..(to + REACH).min(signs.len())).unwrap_or_default();
    let linked = behind.first().is_some_and(|sign| sign.is(BETWEEN));
    first_word(before.iter().rev()) == Some(word) || linked && first_word(behind.iter()) == Some(word)
}

/// The idea of the first sign that is no word between.
fn first_word<'a>(mut signs: impl Iterator<Item = &'a Sign>) -> Option<Idea> {
    signs.find(|sign| !sign.is(BETWEEN)).and_then(Sign::idea)
}
