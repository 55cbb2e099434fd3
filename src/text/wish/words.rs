//! The words of `config/words.toml` and how a written word finds its entry: exactly, with doubled letters squeezed, as a
//! Kiswahili verb (`verbs`), or with a letter or two wrong. What the ideas add up to is decided in `evidence`.

use std::{collections::HashMap, sync::LazyLock};

use serde::Deserialize;

pub(super) use super::ideas::Idea;
use super::verbs::{self, Verbs};
use crate::model::Language;

/// A table of the file.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Entry {
    en: String,
    sw: String,
    both: String,
    verbs: String,
    /// How strongly it speaks for a reset.
    pub reset: i32,
    /// The same when it is negated.
    pub reset_if_not: i32,
    /// How strongly it speaks for asking what has become of something.
    pub status: i32,
}

/// How a verb or a word is negated by its own form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Form {
    /// It is not.
    #[default]
    Plain,
    /// It says that something is not so: `sijapata`.
    Negative,
    /// It forbids: `usinitumie`.
    Forbidding,
}

/// What a written word was found to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Found {
    /// The idea.
    pub idea: Idea,
    /// The language it tells.
    pub language: Option<Language>,
    /// Its own negation.
    pub form: Form,
    /// Whether it says that it has happened: `nimepata`.
    pub past: bool,
    /// Whether it is about a third person: `amesahau`.
    pub third: bool,
}

impl Found {
    fn word(idea: Idea, language: Option<Language>) -> Self {
        Self { idea, language, form: Form::Plain, past: false, third: false }
    }
}

/// The file, ready for looking up.
pub(super) struct Words {
    entries: HashMap<Idea, Entry>,
    exact: HashMap<String, Found>,
    by_initial: HashMap<char, Vec<String>>,
    verbs: Verbs,
}

/// No phrase of the file has more words.
pub(super) const LONGEST_PHRASE: usize = 4;

/// So many words of a text are guessed at; more unknown ones no honest text has.
pub(super) const GUESSES: usize = 60;

const FILE: &str = include_str!("../../../config/words.toml");

static WORDS: LazyLock<Words> =
    LazyLock::new(|| Words::read(FILE).expect("config/words.toml is read by a test of this module"));

/// The embedded file.
pub(super) fn words() -> &'static Words {
    &WORDS
}

impl Words {
    fn read(file: &str) -> Result<Self, toml::de::Error> {
        let entries: HashMap<Idea, Entry> = toml::from_str(file)?;
        let exact = exact(&entries);
        let mut by_initial: HashMap<char, Vec<String>> = HashMap::new();
        let fit = |(word, found): &(&String, &Found)| {
            !word.contains(' ') && word.len() > 3 && found.idea != Idea::Plain
        };
        for (word, _) in exact.iter().filter(fit) {
            by_initial.entry(initial(word)).or_default().push(word.clone());
        }
        // Two entries may be equally near: the order must not depend on the map's.
        for words in by_initial.values_mut() {
            words.sort_unstable();
        }
        let verbs = Verbs::new(entries.iter().map(|(idea, entry)| (*idea, list(&entry.verbs))));
        Ok(Self { entries, exact, by_initial, verbs })
    }

    /// The weights of an idea.
    pub fn entry(&self, idea: Idea) -> Option<&Entry> {
        self.entries.get(&idea)
    }

    /// A phrase, word for word.
    pub fn phrase(&self, phrase: &str) -> Option<Found> {
        self.exact.get(phrase).copied()
    }

    /// A word as it stands in the file, or with its letters doubled or not.
    pub fn known(&self, word: &str) -> Option<Found> {
        self.exact.get(word).or_else(|| self.exact.get(&squeezed(word))).copied()
    }

    /// A word in any spelling that can be told.
    pub fn find(&self, word: &str) -> Option<Found> {
        self.known(word)
            .or_else(|| self.verbs.find(word, |stem| self.loan(stem)))
            .or_else(|| self.misspelt(word))
            .or_else(|| self.verbs.misspelt(word))
    }

    /// The same, with so many guesses left for words that are not known as they stand: no text takes long.
    pub fn find_within(&self, word: &str, guesses: &mut usize) -> Option<Found> {
        self.known(word).or_else(|| {
            *guesses = guesses.checked_sub(1)?;
            self.find(word)
        })
    }

    /// An English verb that may stand behind a Kiswahili prefix.
    fn loan(&self, stem: &str) -> Option<Idea> {
        let found = self.exact.get(stem).filter(|found| found.language != Some(Language::Sw))?;
        verbs::LENT.contains(&found.idea).then_some(found.idea)
    }

    fn misspelt(&self, word: &str) -> Option<Found> {
        let near = |other: &&String| {
            let shorter = word.len().min(other.len());
            let slips = match shorter {
                0..=3 => 0,
                4..=6 => 1,
                // Kiswahili words differ by a letter or two where their persons and tenses do.
                _ if self.known(other).is_some_and(|found| found.language == Some(Language::Sw)) => 1,
                _ => 2,
            };
            word.len().abs_diff(other.len()) <= slips && strsim::osa_distance(word, other) <= slips
        };
        let candidates = self.by_initial.get(&initial(word))?;
        let nearest =
            candidates.iter().filter(near).min_by_key(|other| strsim::osa_distance(word, other.as_str()))?;
        self.exact.get(nearest).copied()
    }
}

fn exact(entries: &HashMap<Idea, Entry>) -> HashMap<String, Found> {
    let mut exact = HashMap::new();
    for (idea, entry) in entries {
        let columns = [(&entry.en, Some(Language::En)), (&entry.sw, Some(Language::Sw)), (&entry.both, None)];
        for (column, language) in columns {
            for word in list(column) {
                exact.insert(word.to_owned(), Found::word(*idea, language));
            }
        }
    }
    let singles: Vec<(String, Found)> = exact.iter().map(|(w, f): (&String, _)| (squeezed(w), *f)).collect();
    for (word, found) in singles {
        exact.entry(word).or_insert(found);
    }
    exact
}

fn list(column: &str) -> Vec<&str> {
    column.split(',').map(str::trim).filter(|word| !word.is_empty()).collect()
}

fn initial(word: &str) -> char {
    word.chars().next().unwrap_or_default()
}

/// A word with no letter twice in a row.
pub(super) fn squeezed(word: &str) -> String {
    let mut squeezed = String::with_capacity(word.len());
    for letter in word.chars() {
        if !squeezed.ends_with(letter) {
            squeezed.push(letter);
        }
    }
    squeezed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_word_stands_in_two_tables() {
        let words = words();
        let mut seen: HashMap<&str, Idea> = HashMap::new();
        let mut twice = vec![];
        for (idea, entry) in &words.entries {
            for word in [&entry.en, &entry.sw, &entry.both].into_iter().flat_map(|column| list(column)) {
                if let Some(other) = seen.insert(word, *idea).filter(|other| other != idea) {
                    twice.push(format!("{word}: {other:?}, {idea:?}"));
                }
            }
        }
        assert!(twice.is_empty(), "{twice:#?}");
    }

    #[test]
    fn phrases_are_no_longer_than_they_are_looked_for() {
        let long = words().exact.keys().filter(|word| word.split(' ').count() > LONGEST_PHRASE);
        assert_eq!(long.collect::<Vec<_>>(), Vec::<&String>::new());
    }

    #[test]
    fn words_are_as_texts_are_normalised() {
        let odd =
            |word: &&String| !word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == ' ');
        assert_eq!(words().exact.keys().filter(odd).collect::<Vec<_>>(), Vec::<&String>::new());
    }
}
