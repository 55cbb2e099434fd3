//! The weighing of signs where a text is free: whether somebody can't get in, asks what has become of something, or needs
//! help; whether it is about himself. The weights stand in `config/words.toml`.

use std::collections::BTreeMap;

use super::{
    Topic,
    numbers::Line,
    signs::{Negation, Sign},
    words::{Idea, words},
};

/// So much must speak for a wish.
const ENOUGH: i32 = 4;

/// Signs that belong together stand so near each other.
const WINDOW: usize = 20;

/// What a reset can be about.
const SUBJECTS: &[Idea] = &[Idea::Secret, Idea::Code, Idea::Account, Idea::Message, Idea::SignIn];

/// What speaks for a reset even if its subject is not named.
const STRONG: &[Idea] =
    &[Idea::Forgot, Idea::Reset, Idea::SignIn, Idea::Enter, Idea::Arrive, Idea::Arrived, Idea::Locked];

/// What somebody says who has trouble; other evidence is only a wish.
const TROUBLE: &[Idea] = &[Idea::Forgot, Idea::Lost, Idea::Reset, Idea::Change, Idea::Fail, Idea::Locked];

/// What may stand around a lone subject.
const AROUND: &[Idea] =
    &[Idea::Filler, Idea::My, Idea::Me, Idea::Of, Idea::And, Idea::To, Idea::New, Idea::You];

/// What this text asks for, if its signs are enough for anything.
pub(super) fn topic(signs: &[Sign]) -> Option<Topic> {
    if is_junk(signs) {
        return None;
    }
    let windows = || signs.windows(WINDOW.min(signs.len()).max(1));
    let reset = if is_vetoed(signs) { 0 } else { windows().map(reset).max().unwrap_or(0) };
    let status = windows().map(status).max().unwrap_or(0);
    let asked = signs.iter().any(|sign| sign.is(&[Idea::Status]));
    if status >= ENOUGH && (asked || status >= reset) {
        Some(Topic::Status)
    } else if reset >= ENOUGH {
        Some(Topic::Reset)
    } else {
        is_help(signs).then_some(Topic::Help)
    }
}

/// Whether somebody has trouble to get in, and does not only ask for something.
pub(super) fn has_trouble(signs: &[Sign]) -> bool {
    !is_vetoed(signs)
        && signs.iter().any(|sign| {
            sign.is(TROUBLE)
                || sign.negation() != Negation::None && sign.is(&[Idea::Work, Idea::SignIn, Idea::Enter])
        })
}

/// Whether it forbids, or says that nothing was asked for.
fn is_vetoed(signs: &[Sign]) -> bool {
    signs.iter().any(|sign| match sign.negation() {
        Negation::Forbidden => {
            sign.is(&[Idea::Reset, Idea::Change, Idea::Ask, Idea::Want, Idea::Send, Idea::Stop])
        }
        Negation::Not => sign.is(&[Idea::Ask, Idea::Want]),
        _ => false,
    })
}

fn reset(signs: &[Sign]) -> i32 {
    let named = |ideas: &[Idea]| signs.iter().any(|sign| sign.is(ideas));
    let secret = named(&[Idea::Secret, Idea::Code]);
    let around = |s: &Sign| s.is(AROUND) || matches!(s, Sign::Break | Sign::Line(_));
    if secret && signs.iter().all(|s| s.is(&[Idea::Secret, Idea::Code]) || around(s)) {
        return ENOUGH;
    }
    let subject = signs.iter().filter(|s| s.is(SUBJECTS)).map(|s| weights(s).0).max().unwrap_or(0);
    let counts = |sign: &&Sign| subject > 0 || sign.is(STRONG);
    let problems = heaviest(signs.iter().filter(counts), problem);
    let strange = signs.iter().any(|sign| sign.is_strange() || matches!(sign, Sign::Number(_)));
    let clear = i32::from(subject == 0 && problems > 0 && !strange);
    let elsewhere = match (named(&[Idea::Thing, Idea::Foreign]), named(&[Idea::Money])) {
        (true, _) if !secret && !named(&[Idea::Reset]) => 3,
        (_, true) => 2,
        _ => 0,
    };
    subject + problems + clear - elsewhere
}

/// How much a sign speaks for trouble; a subject does so only when it is missing.
fn problem(sign: &Sign) -> i32 {
    let (plain, negated) = weights(sign);
    let past = matches!(sign, Sign::Known(found, _) if found.past && found.idea == Idea::Arrive);
    match sign.negation() {
        Negation::None if past || sign.is(SUBJECTS) => 0,
        Negation::None => plain,
        // "I can't reset it", "it did not reset".
        _ if sign.is(&[Idea::Reset, Idea::Change]) => plain,
        _ => negated,
    }
}

fn weights(sign: &Sign) -> (i32, i32) {
    let entry = sign.idea().and_then(|idea| words().entry(idea));
    entry.map_or((0, 0), |entry| (entry.reset, entry.reset_if_not))
}

fn status(signs: &[Sign]) -> i32 {
    let weight =
        |sign: &Sign| sign.idea().and_then(|idea| words().entry(idea)).map_or(0, |entry| entry.status);
    let strange = signs.iter().any(Sign::is_strange);
    let alone = !strange && signs.iter().any(|sign| sign.is(&[Idea::Marked]));
    heaviest(signs.iter(), weight) + i32::from(alone)
}

/// The sum over the ideas, each counted once.
fn heaviest<'a>(signs: impl Iterator<Item = &'a Sign>, weight: impl Fn(&Sign) -> i32) -> i32 {
    let mut best: BTreeMap<Idea, i32> = BTreeMap::new();
    for (idea, sign) in signs.filter_map(|sign| sign.idea().map(|idea| (idea, sign))) {
        let best = best.entry(idea).or_default();
        *best = weight(sign).max(*best);
    }
    best.values().sum()
}

fn is_help(signs: &[Sign]) -> bool {
    let strange = signs.iter().filter(|sign| sign.is_strange()).count();
    let plain = signs.iter().any(|s| s.is(&[Idea::Help]) && s.negation() == Negation::None);
    let at_a_loss = signs.iter().any(|s| s.is(&[Idea::Know]) && s.negation() != Negation::None)
        && signs.iter().any(|s| s.is(&[Idea::How]));
    let asked = plain || at_a_loss;
    asked && strange <= 4 && !signs.iter().any(|sign| sign.is(&[Idea::Money, Idea::Thing, Idea::Foreign]))
}

/// Adverts, money transfers, and phones that answer by themselves.
fn is_junk(signs: &[Sign]) -> bool {
    let count = |ideas: &[Idea]| signs.iter().filter(|sign| sign.is(ideas)).count();
    let adverts = count(&[Idea::Advert]);
    let addresses = signs.iter().filter(|sign| **sign == Sign::Address).count();
    let transfer = adverts > 0 && count(&[Idea::Money]) > 0;
    count(&[Idea::AutoReply]) > 0 || adverts >= 2 || transfer || adverts + addresses >= 2
}

/// Whether the text names a line that is not the sender's as the one to be served. A number to call back is none.
pub(super) fn names_line(signs: &[Sign]) -> bool {
    signs.iter().enumerate().any(|(at, sign)| {
        let before = signs.get(at.saturating_sub(3)..at).unwrap_or_default();
        *sign == Sign::Line(Line::Another) && !before.iter().any(|sign| sign.is(&[Idea::Call]))
    })
}

/// Whether it speaks of somebody else's account: `amesahau`, "his pin", "my friend's password".
pub(super) fn is_of_another(signs: &[Sign]) -> bool {
    let near = |at: usize, ideas: &[Idea], reach: usize| {
        let around = signs.get(at.saturating_sub(reach)..(at + reach + 1).min(signs.len()));
        around.unwrap_or_default().iter().any(|sign| sign.is(ideas))
    };
    signs.iter().enumerate().any(|(at, sign)| match sign {
        Sign::Known(found, _) if found.third => {
            [Idea::Forgot, Idea::Lost, Idea::Arrive, Idea::Know, Idea::Enter, Idea::SignIn]
                .contains(&found.idea)
        }
        Sign::Known(found, _) if found.idea == Idea::Theirs => near(at, SUBJECTS, 2),
        Sign::Known(found, _) if found.idea == Idea::Kin => near(at, &[Idea::My, Idea::Of], 1),
        _ => false,
    })
}
