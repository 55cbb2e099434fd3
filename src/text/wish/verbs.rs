//! Kiswahili verbs in any person, tense and object, found by taking them apart: `ni-me-i-sahau`, `si-ja-pata`,
//! `usi-ni-tumie`. Sheng puts the same prefixes before English verbs (`hai-ja-come`).

use std::{cmp::Reverse, collections::HashMap};

use super::words::{Form, Found, Idea};
use crate::model::Language;

/// Who does it, and whether that prefix negates. `c` and `x` are how thumbs write `si`.
const SUBJECTS: &[(&str, Form, bool)] = &[
    ("usi", Form::Forbidding, false),
    ("msi", Form::Forbidding, false),
    ("tusi", Form::Forbidding, false),
    ("hatu", Form::Negative, false),
    ("hamu", Form::Negative, false),
    ("ham", Form::Negative, false),
    ("hawa", Form::Negative, true),
    ("haya", Form::Negative, false),
    ("hali", Form::Negative, false),
    ("haki", Form::Negative, false),
    ("havi", Form::Negative, false),
    ("hazi", Form::Negative, false),
    ("haku", Form::Negative, false),
    ("hai", Form::Negative, false),
    ("hau", Form::Negative, false),
    ("ha", Form::Negative, true),
    ("hu", Form::Negative, false),
    ("si", Form::Negative, false),
    ("c", Form::Negative, false),
    ("x", Form::Negative, false),
    ("ni", Form::Plain, false),
    ("n", Form::Plain, false),
    ("tu", Form::Plain, false),
    ("wa", Form::Plain, true),
    ("a", Form::Plain, true),
    ("u", Form::Plain, false),
    ("m", Form::Plain, false),
    ("i", Form::Plain, false),
    ("li", Form::Plain, false),
    ("ya", Form::Plain, false),
    ("ki", Form::Plain, false),
    ("vi", Form::Plain, false),
    ("zi", Form::Plain, false),
    ("", Form::Plain, false),
];

/// When, and whether that is over.
const TENSES: &[(&str, bool)] = &[
    ("mesha", true),
    ("sha", true),
    ("me", true),
    ("li", true),
    ("ja", false),
    ("na", false),
    ("ta", false),
    ("nge", false),
    ("ki", false),
    ("ka", false),
    ("ku", false),
    ("", false),
];

/// To whom or what, or which (`niliyotumiwa`).
const OBJECTS: &[&str] = &[
    "", "ni", "ku", "mw", "mu", "m", "tu", "wa", "i", "li", "ya", "ki", "vi", "zi", "u", "ji", "yo", "cho",
    "lo", "zo",
];

/// What stands behind the root of a verb in -a.
const ENDINGS: &[&str] = &[
    "a", "e", "i", "eni", "ani", "ia", "ie", "ii", "iwa", "iwe", "iwi", "ea", "ee", "ewa", "ewi", "wa", "we",
    "wi", "ana", "ika", "iki", "eka", "eki", "aje", "iaje", "eje", "isha", "ishe", "ishia", "ishwa", "iani",
    "ieni", "aga",
];

/// What stands behind any other.
const PLAIN_ENDINGS: &[&str] = &["", "ni", "je", "lia", "lika", "liwa", "ia", "iwa", "ishwa"];

/// English verbs that are lent to Kiswahili prefixes.
pub(super) const LENT: &[Idea] = &[
    Idea::Forgot,
    Idea::Lost,
    Idea::Reset,
    Idea::Change,
    Idea::Arrive,
    Idea::Enter,
    Idea::SignIn,
    Idea::Work,
    Idea::Help,
    Idea::Send,
    Idea::Know,
    Idea::Fail,
    Idea::Disturb,
];

/// All forms of the verbs without their prefixes.
pub(super) struct Verbs {
    forms: HashMap<String, Idea>,
    by_initial: HashMap<char, Vec<String>>,
}

struct Prefix<'a> {
    rest: &'a str,
    form: Form,
    past: bool,
    third: bool,
    length: usize,
}

impl Verbs {
    pub fn new<'a>(verbs: impl Iterator<Item = (Idea, Vec<&'a str>)>) -> Self {
        let mut forms = HashMap::new();
        for (idea, verb) in verbs.flat_map(|(idea, verbs)| verbs.into_iter().map(move |verb| (idea, verb))) {
            let (root, endings) = match verb.strip_suffix('a') {
                Some(root) => (root, ENDINGS),
                None => (verb, PLAIN_ENDINGS),
            };
            forms.insert(verb.to_owned(), idea);
            for ending in endings.iter().filter(|ending| is_harmonious(root, ending)) {
                forms.entry(format!("{root}{ending}")).or_insert(idea);
            }
        }
        let mut by_initial: HashMap<char, Vec<String>> = HashMap::new();
        for form in forms.keys().filter(|form| form.len() > 4) {
            by_initial.entry(form.chars().next().unwrap_or_default()).or_default().push(form.clone());
        }
        for forms in by_initial.values_mut() {
            forms.sort_unstable();
        }
        Self { forms, by_initial }
    }

    /// A verb, or an English one that `lent` knows behind at least two letters of prefix.
    pub fn find(&self, word: &str, lent: impl Fn(&str) -> Option<Idea>) -> Option<Found> {
        let own = prefixes(word).filter_map(|p| self.forms.get(p.rest).map(|idea| (p, *idea)));
        // Of equally long ones the first: `hai-kuja`, not `ha-i-kuja`.
        let longest = own.min_by_key(|(p, _)| Reverse(p.rest.len()));
        let borrowed = || {
            let behind_two = prefixes(word).filter(|p| p.length >= 2);
            behind_two
                .filter_map(|p| lent(p.rest).map(|idea| (p, idea)))
                .min_by_key(|(p, _)| Reverse(p.rest.len()))
        };
        longest.or_else(borrowed).map(|(prefix, idea)| prefix.found(idea))
    }

    /// A verb with one letter wrong, its prefix right.
    pub fn misspelt(&self, word: &str) -> Option<Found> {
        let mut tried = vec![];
        let near = prefixes(word).filter(|p| p.rest.len() > 3).find_map(|p| {
            if tried.contains(&p.rest.len()) {
                return None;
            }
            tried.push(p.rest.len());
            self.near(p.rest).map(|idea| (p, idea))
        });
        near.map(|(prefix, idea)| prefix.found(idea))
    }

    fn near(&self, rest: &str) -> Option<Idea> {
        let candidates = self.by_initial.get(&rest.chars().next()?)?;
        let near =
            |form: &&String| form.len().abs_diff(rest.len()) <= 1 && strsim::osa_distance(form, rest) <= 1;
        candidates.iter().find(near).and_then(|form| self.forms.get(form).copied())
    }
}

impl Prefix<'_> {
    fn found(&self, idea: Idea) -> Found {
        Found {
            idea,
            language: Some(Language::Sw),
            form: self.form,
            past: self.past && self.form == Form::Plain,
            third: self.third,
        }
    }
}

/// Kiswahili's vowel harmony: behind e and o an extension begins with e, behind other vowels with i.
fn is_harmonious(root: &str, ending: &str) -> bool {
    let open = root.rsplit(|c| !"aeiou".contains(c)).find(|vowels| !vowels.is_empty());
    let open = open.is_some_and(|vowels| vowels.ends_with(['e', 'o']));
    match ending {
        "ea" | "ee" | "ewa" | "ewi" | "eka" | "eki" => open,
        "ia" | "ie" | "ii" | "iwa" | "iwe" | "iwi" | "ika" | "iki" => !open,
        _ => true,
    }
}

/// Every way to take a prefix off a word.
fn prefixes(word: &str) -> impl Iterator<Item = Prefix<'_>> {
    let subjects =
        SUBJECTS.iter().filter_map(|(s, form, third)| Some((word.strip_prefix(s)?, *form, *third)));
    let tenses = subjects.flat_map(|(rest, form, third)| {
        TENSES.iter().filter_map(move |(t, past)| Some((rest.strip_prefix(t)?, form, third, *past)))
    });
    tenses.flat_map(move |(rest, form, third, past)| {
        OBJECTS.iter().filter_map(move |object| {
            let rest = rest.strip_prefix(object)?;
            Some(Prefix { rest, form, past, third, length: word.len() - rest.len() })
        })
    })
}
