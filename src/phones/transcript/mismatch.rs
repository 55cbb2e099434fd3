//! What a transcript expected and what came instead, told side by side.

use std::fmt;

use super::run::CantDo;
use crate::phones::{phone::PhoneFault, wire::Flaw};

/// Where a run left its transcript. It shows screens and messages: transcripts hold demo data only.
#[derive(Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The line of the step, from 1.
    pub line: usize,
    /// The step as written.
    pub step: String,
    /// What is not as expected.
    pub cause: Cause,
}

/// What is not as expected.
#[derive(Clone, PartialEq, Eq)]
pub enum Cause {
    /// Other lines.
    Differs {
        /// As the transcript has it.
        expected: Vec<String>,
        /// As it came.
        got: Vec<String>,
    },
    /// A screen that arrives crippled.
    Flawed(Flaw),
    /// No screen came, or there was no call.
    Phone(PhoneFault),
    /// The gateway could not be told that the session is over.
    EndEvent(PhoneFault),
    /// No phone has been taken in hand.
    NoPhone,
    /// The session goes on.
    GoesOn,
    /// No message came.
    NoSms,
    /// The stage can't do it.
    Stage(CantDo),
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, {}: ", self.line, self.step)?;
        match &self.cause {
            Cause::Differs { expected, got } => {
                f.write_str("something else is shown\n")?;
                side_by_side(f, expected, got)
            }
            Cause::Flawed(flaw) => write!(f, "{flaw}"),
            Cause::Phone(fault) => write!(f, "{fault}"),
            Cause::EndEvent(fault) => write!(f, "the end of the session could not be told: {fault}"),
            Cause::NoPhone => {
                f.write_str("there is no phone yet: begin with a line like phone +254700000010")
            }
            Cause::GoesOn => f.write_str("the session goes on"),
            Cause::NoSms => f.write_str("no message came"),
            Cause::Stage(cant) => write!(f, "{cant}"),
        }
    }
}

/// The same as shown to people, so that an `unwrap` in a test is readable.
impl fmt::Debug for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl std::error::Error for Mismatch {}

fn side_by_side(f: &mut fmt::Formatter<'_>, expected: &[String], got: &[String]) -> fmt::Result {
    let width = expected.iter().map(|line| line.chars().count()).max().unwrap_or(0).max("expected".len());
    write!(f, "  {:width$} | got", "expected")?;
    for n in 0..expected.len().max(got.len()) {
        let (left, right) = (expected.get(n), got.get(n));
        let same = left.zip(right).is_some_and(|(left, right)| matches(left, right));
        let text = |line: Option<&String>| line.cloned().unwrap_or_default();
        write!(f, "\n{} {:width$} | {}", if same { ' ' } else { '>' }, text(left), text(right))?;
    }
    Ok(())
}

/// Whether a line is as expected; `{any}` stands for anything, also nothing.
pub(in crate::phones) fn matches(expected: &str, got: &str) -> bool {
    let Some((begin, rest)) = expected.split_once("{any}") else { return expected == got };
    let Some(mut left) = got.strip_prefix(begin) else { return false };
    let mut parts: Vec<&str> = rest.split("{any}").collect();
    let end = parts.pop().unwrap_or_default();
    for part in parts {
        match left.split_once(part) {
            Some((_, behind)) => left = behind,
            None => return false,
        }
    }
    left.ends_with(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_stands_for_anything_and_a_star_for_itself() {
        assert!(matches("Dial *384*2547#", "Dial *384*2547#"));
        assert!(!matches("Dial *#", "Dial *384*2547#"));
        assert!(matches("{any}", ""));
        assert!(matches("Ref {any}.", "Ref K7Q2."));
        assert!(matches("{any} of {any}: {any}", "2 of 12: left"));
        assert!(!matches("Ref {any}.", "Ref K7Q2"));
        assert!(!matches("a{any}b{any}c", "abd"));
        assert!(!matches("ab{any}bc", "abc"), "the beginning and the end don't share letters");
    }

    #[test]
    fn a_mismatch_shows_both_sides() {
        let lines = |text: &str| text.lines().map(str::to_owned).collect();
        let cause = Cause::Differs {
            expected: lines("Choose:\n1: Open an account"),
            got: lines("Choose:\n1: Sign in\n2: Help"),
        };
        let told = Mismatch { line: 7, step: "dial *384*2547#".to_owned(), cause }.to_string();
        assert_eq!(
            told,
            "line 7, dial *384*2547#: something else is shown\n  expected           | got\n  Choose:            | Choose:\n\
             > 1: Open an account | 1: Sign in\n>                    | 2: Help"
        );
    }
}
