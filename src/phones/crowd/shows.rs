//! What a step is expected to show, in each language, and whether something shown is it.

use super::person::Person;
use crate::{model::Language, phones::transcript};

/// A line that stands for any number of lines, at the end.
const REST: &str = "...";

/// Lines expected in each language; none: anything is right.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Shows {
    pub(super) en: Vec<String>,
    pub(super) sw: Vec<String>,
}

impl Shows {
    /// The lines in a language, with variables still in braces.
    pub fn lines(&self, language: Language) -> &[String] {
        match language {
            Language::En => &self.en,
            Language::Sw => &self.sw,
        }
    }

    /// Whether a text is what this person is expected to see.
    pub fn is(&self, text: &str, person: &Person) -> bool {
        let expected = self.lines(person.language);
        let (expected, open) = match expected.split_last() {
            None => return true,
            Some((last, before)) if last == REST => (before, true),
            Some(_) => (expected, false),
        };
        let mut got = text.split('\n').map(|line| line.trim_end_matches('\r'));
        let begins = expected
            .iter()
            .all(|line| got.next().is_some_and(|got| transcript::line_matches(&person.fill(line), got)));
        begins && (open || got.next().is_none())
    }

    /// The same, where an expectation that anything fulfils tells nothing.
    pub fn is_surely(&self, text: &str, person: &Person) -> bool {
        are_telling(self.lines(person.language)) && self.is(text, person)
    }

    /// Whether something is expected in both languages that not anything fulfils.
    pub fn are_telling(&self) -> bool {
        are_telling(&self.en) && are_telling(&self.sw)
    }
}

fn are_telling(lines: &[String]) -> bool {
    lines.iter().any(|line| line != REST && line != "{any}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shows(lines: &[&str]) -> Shows {
        let lines: Vec<String> = lines.iter().map(|&line| line.to_owned()).collect();
        Shows { en: lines.clone(), sw: lines }
    }

    #[test]
    fn lines_are_compared_whole_unless_the_rest_is_open() {
        let person = Person::new(1, 1, 0.0, "*1#").unwrap();
        let screen = format!("Hello {}. Choose:\n1: My account\n2: Help", person.given_names);
        assert!(shows(&["Hello {given_names}. Choose:", "1: My account", "2: {any}"]).is(&screen, &person));
        assert!(shows(&["Hello {given_names}. Choose:", "..."]).is(&screen, &person));
        assert!(!shows(&["Hello {given_names}. Choose:", "1: My account"]).is(&screen, &person));
        assert!(!shows(&["Hello {surname}. Choose:", "..."]).is(&screen, &person));
        assert!(shows(&[]).is(&screen, &person) && !shows(&[]).is_surely(&screen, &person));
        assert!(!shows(&["..."]).is_surely(&screen, &person));
    }
}
