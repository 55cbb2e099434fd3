//! What SMS a phone should have got, against those it has.

use super::{
    finding::{Finding, Kind},
    person::Person,
    shows::Shows,
};

/// A message that somebody's journey promised.
#[derive(Clone)]
pub struct Promised {
    pub(super) journey: String,
    pub(super) line: usize,
    pub(super) shows: Shows,
    /// Whether it may come more than once: a code that was not reported delivered goes out by the next route as well.
    pub(super) may_repeat: bool,
}

/// A phone's messages: who owns it, what was promised, and whether its journey came to its end.
pub struct Inbox {
    /// The owner.
    pub person: Person,
    /// In the order of the journey.
    pub promised: Vec<Promised>,
    /// If not, there may be messages that nobody promised.
    pub came_to_its_end: bool,
}

impl Inbox {
    /// Whether everything promised is there.
    pub fn is_complete(&self, got: &[String]) -> bool {
        self.promised.iter().all(|promised| got.iter().any(|text| promised.shows.is(text, &self.person)))
    }

    /// What is wrong with the messages that came. The same words oftener than promised are one intent's effect twice.
    pub fn judge(&self, got: &[String]) -> Vec<Finding> {
        let mut findings = vec![];
        for promised in &self.promised {
            if !got.iter().any(|text| promised.shows.is(text, &self.person)) {
                findings.push(self.finding(Kind::MissingSms, Some(promised), None));
            }
        }
        for (at, text) in got.iter().enumerate() {
            let wanted = self.promised.iter().filter(|promised| promised.shows.is(text, &self.person));
            let (wanted, earlier) =
                (wanted.count(), got.iter().take(at).filter(|other| *other == text).count());
            let may_repeat = self.nearest(text).is_some_and(|promised| promised.may_repeat);
            if earlier >= wanted.max(1) && !may_repeat {
                findings.push(self.finding(Kind::DoubleEffect, self.nearest(text), Some(text)));
            } else if wanted == 0 && self.came_to_its_end {
                findings.push(self.finding(Kind::WrongSms, None, Some(text)));
            }
        }
        findings
    }

    fn nearest(&self, text: &str) -> Option<&Promised> {
        self.promised.iter().find(|promised| promised.shows.is(text, &self.person))
    }

    fn finding(&self, kind: Kind, promised: Option<&Promised>, got: Option<&String>) -> Finding {
        let lines = |promised: &Promised| promised.shows.lines(self.person.language).to_vec();
        Finding {
            kind,
            journey: promised.map_or_else(|| "(SMS)".to_owned(), |promised| promised.journey.clone()),
            line: promised.map_or(0, |promised| promised.line),
            step: if kind == Kind::DoubleEffect { "sms, once more" } else { "sms" }.to_owned(),
            expected: promised.map(lines).unwrap_or_default(),
            got: got.map(|text| self.person.redact(text)).into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(promised: &[&str], got: &[&str], came_to_its_end: bool) -> Vec<Kind> {
        let shows = |text: &&str| Shows { en: vec![(*text).to_owned()], sw: vec![(*text).to_owned()] };
        let promised = promised.iter().map(|text| Promised {
            journey: "j".into(),
            line: 1,
            shows: shows(text),
            may_repeat: text.contains("code"),
        });
        let person = Person::new(1, 1, 0.5, "*1#").unwrap();
        let inbox = Inbox { person, promised: promised.collect(), came_to_its_end };
        let got: Vec<String> = got.iter().map(|text| inbox.person.fill(text)).collect();
        inbox.judge(&got).into_iter().map(|finding| finding.kind).collect()
    }

    #[test]
    fn a_promise_kept_once_is_right_and_twice_is_a_double_effect() {
        let open = "Your account {username} is open.";
        assert_eq!(kinds(&[open], &[open], true), []);
        assert_eq!(kinds(&[open], &[open, open], true), [Kind::DoubleEffect]);
        assert_eq!(kinds(&[open, open], &[open, open], true), []);
        assert_eq!(kinds(&[open], &[], true), [Kind::MissingSms]);
        assert_eq!(kinds(&["A code."], &["A code.", "A code."], true), [], "by the next route as well");
        assert_eq!(kinds(&[open], &["Win a car", open], true), [Kind::WrongSms]);
    }

    #[test]
    fn of_a_journey_that_broke_off_only_doubles_are_told() {
        assert_eq!(kinds(&[], &["Your account is open."], false), []);
        assert_eq!(kinds(&[], &["Open.", "Open."], false), [Kind::DoubleEffect]);
    }
}
