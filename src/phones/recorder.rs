//! What was done on phones, session by session, so that it can be looked at again and saved as a transcript. It keeps
//! the latest sessions in memory only; what was typed is in them, PINs too, so nothing here has a `Debug`.

use std::collections::VecDeque;

use chrono::{DateTime, Utc};

use super::{
    transcript::{Act, Transcript},
    wire::{Line, Shown},
};

/// How many sessions are kept; the oldest go first.
const SESSIONS: usize = 50;
/// How many steps of a session are kept; a session has at most 60 hops, the rest is for repeats.
const STEPS: usize = 200;

/// The latest sessions of all phones.
#[derive(Default)]
pub struct Recorder {
    sessions: VecDeque<Session>,
    last: u64,
}

/// One session.
pub struct Session {
    /// Its number, from 1.
    pub number: u64,
    /// Whose it was.
    pub line: Line,
    /// When it was dialled.
    pub started_at: DateTime<Utc>,
    /// The dial and everything after it.
    pub steps: Vec<Step>,
}

/// Something done on a phone, and what came of it.
pub struct Step {
    /// What was done.
    pub act: Act,
    /// Whether it was typed on a screen that asks for a secret.
    pub secret: bool,
    /// Whether the request went out twice at once.
    pub twice: bool,
    /// What came.
    pub came: Came,
}

/// What came of a step.
pub enum Came {
    /// A screen.
    Screen(Shown),
    /// No screen, for this reason; the session is over.
    Fault(String),
    /// Nothing: the call dropped.
    Nothing,
}

/// A message as it reached the phone, for a transcript.
pub struct Read {
    /// When.
    pub at: DateTime<Utc>,
    /// The words.
    pub words: String,
}

impl Recorder {
    /// Begin a session with its dial; gives its number.
    pub fn begin(&mut self, line: Line, started_at: DateTime<Utc>, dial: Step) -> u64 {
        self.last += 1;
        if self.sessions.len() >= SESSIONS {
            self.sessions.pop_front();
        }
        self.sessions.push_back(Session { number: self.last, line, started_at, steps: vec![dial] });
        self.last
    }

    /// Add a step to a session that is still kept.
    pub fn add(&mut self, number: u64, step: Step) {
        if let Some(session) = self.sessions.iter_mut().find(|session| session.number == number)
            && session.steps.len() < STEPS
        {
            session.steps.push(step);
        }
    }

    /// The sessions, latest first.
    pub fn latest(&self) -> impl Iterator<Item = &Session> {
        self.sessions.iter().rev()
    }

    /// A session by its number.
    pub fn session(&self, number: u64) -> Option<&Session> {
        self.sessions.iter().find(|session| session.number == number)
    }

    /// A session as a transcript, with the sessions of the same phone before it if `earlier`, and with what the phone
    /// read since. It holds where the phone's line is as it was before the first of them.
    pub fn transcript(&self, number: u64, earlier: bool, read: &[Read]) -> Option<Transcript> {
        let last = self.session(number)?;
        let same_line = |session: &&Session| session.line.msisdn == last.line.msisdn;
        let chosen = |session: &Session| session.number == number || (earlier && session.number < number);
        let mut transcript = Transcript::default();
        transcript.remark("Saved from the simulator. The line is as it was before the first dial.");
        transcript.record(Act::Phone(last.line.clone()), "");
        let mut sessions = self.sessions.iter().filter(same_line).peekable();
        while let Some(session) = sessions.next() {
            if chosen(session) {
                let until = sessions.peek().map(|next| next.started_at);
                let while_it_lasted =
                    |one: &&Read| one.at >= session.started_at && until.is_none_or(|until| one.at < until);
                session.write(&mut transcript);
                for message in read.iter().filter(while_it_lasted) {
                    transcript.record(Act::Sms, &timeless(&message.words));
                }
            }
        }
        Some(transcript)
    }
}

impl Session {
    /// How it stands: the last screen ended it, no screen came, the call dropped, or it is open.
    pub fn standing(&self) -> &'static str {
        match self.steps.last().map(|step| &step.came) {
            Some(Came::Screen(shown)) if shown.ends => "ended",
            Some(Came::Screen(_)) | None => "open",
            Some(Came::Fault(_)) => "failed",
            Some(Came::Nothing) => "dropped",
        }
    }

    fn write(&self, transcript: &mut Transcript) {
        let mut over = false;
        for step in &self.steps {
            match &step.came {
                Came::Screen(shown) => {
                    transcript.record(step.act.clone(), &timeless(&shown.text));
                    if step.twice {
                        transcript.record(Act::Repeat, "");
                    }
                    if shown.ends && !over {
                        transcript.record(Act::Ends, "");
                        over = true;
                    }
                }
                Came::Nothing => transcript.record(step.act.clone(), ""),
                Came::Fault(why) => {
                    transcript.remark(why);
                    transcript.record(step.act.clone(), "");
                    // A repeat that comes to nothing leaves the call as it is.
                    if matches!(step.act, Act::Dial(_) | Act::Type(_)) {
                        transcript.record(Act::Drop, "");
                    }
                }
            }
        }
    }
}

/// The same text with `{any}` for days and hours, which are others when the transcript is played.
fn timeless(text: &str) -> String {
    let mut left = text;
    let mut written = String::new();
    let mut in_number = false;
    while let Some(c) = left.chars().next() {
        let length = if in_number { 0 } else { time_length(left) };
        if length > 0 {
            written.push_str("{any}");
            in_number = true;
        } else {
            written.push(c);
            in_number = c.is_ascii_digit();
        }
        left = left.get(length.max(c.len_utf8())..).unwrap_or_default();
    }
    written
}

/// How many bytes a day or an hour takes at the beginning of a text: 0 if there is none.
fn time_length(text: &str) -> usize {
    let fits = |form: &&str| {
        let is_next = |(f, b): (u8, u8)| if f == b'0' { b.is_ascii_digit() } else { f == b };
        let behind = text.as_bytes().get(form.len());
        text.len() >= form.len()
            && form.bytes().zip(text.bytes()).all(is_next)
            && !behind.is_some_and(u8::is_ascii_digit)
    };
    ["00/00/0000", "00/00", "00:00"].into_iter().find(|form| fits(form)).map_or(0, str::len)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::{
        model::{Msisdn, Network},
        phones::transcript::{parse, write},
    };

    fn line(end: u8) -> Line {
        let msisdn = Msisdn::from_network(&format!("+2547000000{end:02}")).unwrap();
        Line { msisdn, network: Network::from_code("63902") }
    }

    fn step(act: Act, text: &str, ends: bool) -> Step {
        let came = Came::Screen(Shown { text: text.to_owned(), ends, note: None });
        Step { act, secret: false, twice: false, came }
    }

    fn dial() -> Step {
        step(Act::Dial("*384*2547#".to_owned()), "Choose:\n1: Help", false)
    }

    #[test]
    fn days_and_hours_stand_for_any() {
        assert_eq!(timeless("1: 02/03 10:41 sent"), "1: {any} {any} sent");
        assert_eq!(timeless("Opened 02/03/2026."), "Opened {any}.");
        assert_eq!(timeless("ID 28461937, 0700 000 099, 1:2"), "ID 28461937, 0700 000 099, 1:2");
        assert_eq!(timeless("112/03 and 0:Back 00:Main"), "112/03 and 0:Back 00:Main");
    }

    #[test]
    fn a_session_is_written_with_what_the_phone_read_before_the_next_one() {
        let now = DateTime::<Utc>::UNIX_EPOCH;
        let after = |minutes| now + TimeDelta::minutes(minutes);
        let mut recorder = Recorder::default();
        let first = recorder.begin(line(10), now, dial());
        recorder.add(first, step(Act::Type("1".to_owned()), "Call us.", true));
        recorder.begin(line(11), after(1), dial());
        let second = recorder.begin(line(10), after(5), dial());
        recorder.add(second, Step { act: Act::Drop, secret: false, twice: false, came: Came::Nothing });
        let read = [("one", 2), ("two", 6)]
            .map(|(words, minute)| Read { at: after(minute), words: words.to_owned() });
        let saved = |earlier| write(&recorder.transcript(second, earlier, &read).unwrap());
        let last = "dial *384*2547#\n  | Choose:\n  | 1: Help\ndrop\nsms\n  | two\n";
        let head = "# Saved from the simulator. The line is as it was before the first dial.\n\
                    phone +254700000010 on 63902\n";
        assert_eq!(saved(false), format!("{head}{last}"));
        let before = "dial *384*2547#\n  | Choose:\n  | 1: Help\ntype 1\n  | Call us.\nends\nsms\n  | one\n";
        assert_eq!(saved(true), format!("{head}{before}{last}"));
        assert!(parse(&saved(true)).is_ok());
    }

    #[test]
    fn only_the_latest_sessions_are_kept() {
        let mut recorder = Recorder::default();
        for _ in 0..=SESSIONS {
            recorder.begin(line(10), DateTime::UNIX_EPOCH, dial());
        }
        assert_eq!(recorder.latest().count(), SESSIONS);
        assert!(recorder.session(1).is_none());
        assert_eq!(recorder.latest().next().map(|session| session.number), Some(51));
    }
}
