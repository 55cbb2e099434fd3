//! Transcripts that hold, that don't, and that can't be told from what was written.

use std::sync::Mutex;

use daftari::{
    model::{Msisdn, Network},
    phones::{
        Line, PhoneFault, Wire, WireFault,
        transcript::{self, Act, CantDo, Cause, Entry, Mismatch, Stage, Step, Transcript},
        wire::Flaw,
    },
};
use proptest::prelude::*;

use crate::{Gateway, IsRight, Says, aggregator, con, end};

/// A stage on one gateway: a restart moves it to another port, and time that passes brings a message.
pub struct TestStage {
    gateway: Gateway,
    url: Mutex<String>,
    done: Mutex<Vec<String>>,
    sms: Mutex<Vec<String>>,
}

impl TestStage {
    pub async fn new(says: impl IntoIterator<Item = Says>) -> Self {
        let (gateway, url) = Gateway::serve(says).await;
        Self { gateway, url: Mutex::new(url), done: Mutex::default(), sms: Mutex::default() }
    }

    pub async fn run(&self, text: &str) -> Result<(), Mismatch> {
        let transcript = transcript::parse(text).map_err(|fault| fault.to_string()).unwrap();
        transcript::run(&transcript, &aggregator(&self.base_url(), Wire::AfricasTalking), self).await
    }
}

impl Stage for TestStage {
    fn base_url(&self) -> String {
        self.url.lock().unwrap().clone()
    }

    async fn messages_to(&self, _: &Msisdn) -> Result<Vec<String>, CantDo> {
        Ok(self.sms.lock().unwrap().clone())
    }

    async fn flush_sessions(&self) -> Result<(), CantDo> {
        self.done.lock().unwrap().push("flushed".to_owned());
        Ok(())
    }

    async fn restart(&self) -> Result<(), CantDo> {
        let url = self.gateway.listen().await;
        *self.url.lock().unwrap() = url;
        self.done.lock().unwrap().push("restarted".to_owned());
        Ok(())
    }

    async fn advance(&self, minutes: u32) -> Result<(), CantDo> {
        self.done.lock().unwrap().push(format!("{minutes} minutes passed"));
        self.sms.lock().unwrap().push(format!("{minutes} minutes\nare over"));
        Ok(())
    }
}

#[tokio::test]
async fn a_transcript_that_holds_runs_to_its_end() {
    let stage = TestStage::new([
        con("Choose:\n1: Open an account"),
        con("Your name?"),
        con("Your name?"),
        con("Your name?"),
        con("Your name?"),
        con("Dial *384*2547# and say K7Q2"),
        end("Your account is open."),
    ])
    .await;
    stage.sms.lock().unwrap().push("an old message".to_owned());
    let text = "\
# All there is in one session
phone +254700000010 on 63902
dial *384*2547#
  | Choose:
  | 1: Open an account
type 1
repeat                    # the same again
repeat 2 times at once
flush sessions
restart gateway
no sms
type Asha
  | Dial *384*2547# and say {any}
wait 30 minutes
type
ends
sms
  | 30 minutes
  | are over
no sms
";
    stage.run(text).await.unwrap();
    assert_eq!(*stage.done.lock().unwrap(), ["flushed", "restarted", "30 minutes passed"]);
    assert_eq!(stage.gateway.got().last().map(|over| over.field("input")).as_deref(), Some("1*Asha*"));
}

#[tokio::test]
async fn a_mismatch_names_the_line_and_shows_both_sides() {
    let stage = TestStage::new([con("Choose:\n1: Sign in")]).await;
    let text = "# One\n\nphone +254700000010\ndial *384*2547#\n  | Choose:\n  | 1: Open an account\n";
    let told = stage.run(text).await.unwrap_err();
    assert_eq!(told.line, 4);
    assert!(told.to_string().contains("\n> 1: Open an account | 1: Sign in"), "{told}");
}

#[tokio::test]
async fn every_kind_of_mismatch_is_told() {
    let start = "phone +254700000010\ndial *384*2547#\n";
    let cases: [(&str, Vec<Says>, IsRight<Cause>); 8] = [
        ("ends", vec![con("1")], |cause| *cause == Cause::GoesOn),
        ("repeat", vec![con("1"), con("2")], |cause| matches!(cause, Cause::Differs { .. })),
        ("repeat", vec![con("1"), end("1")], |cause| matches!(cause, Cause::Differs { .. })),
        ("repeat 2 times at once", vec![con("1"), con("1"), con("2")], |cause| {
            matches!(cause, Cause::Differs { .. })
        }),
        ("type 1", vec![end("1")], |cause| *cause == Cause::Phone(PhoneFault::NoCall)),
        ("type 1", vec![con("1")], |cause| *cause == Cause::Phone(PhoneFault::Wire(WireFault::Status(500)))),
        ("type 1", vec![con("1"), con(&"x".repeat(161))], |cause| {
            *cause == Cause::Flawed(Flaw::TooLong(161))
        }),
        ("wait 1 minute\nno sms", vec![con("1")], |cause| matches!(cause, Cause::Differs { .. })),
    ];
    for (step, says, is_right) in cases {
        let stage = TestStage::new(says).await;
        let told = stage.run(&format!("{start}{step}\n")).await.unwrap_err();
        assert!(is_right(&told.cause), "{told}");
    }
    let stage = TestStage::new([]).await;
    assert!(matches!(stage.run("dial *384*2547#").await.unwrap_err().cause, Cause::NoPhone));
}

proptest! {
    #[test]
    fn what_is_written_reads_the_same(
        lines in prop::collection::vec(
            (0..16_usize, "[^\r\n]{0,20}", 0..200_u32, prop::collection::vec("[^\r\n]{0,30}", 0..4)),
            0..20,
        )
    ) {
        let entries = lines.into_iter().map(|(kind, words, n, shows)| entry(kind, &words, n, shows));
        let transcript = Transcript { entries: entries.collect() };
        let text = transcript::write(&transcript);
        prop_assert!(transcript::parse(&text).is_ok_and(|read| read == transcript), "{}", text);
    }

    #[test]
    fn whatever_can_be_read_is_written_so_that_it_reads_the_same(
        text in "((phone|dial|type|wait|repeat|drop|sms) ?(a|1| # |[+]254700000010)?\n( *[|] ?.?\n)?){0,6}.*"
    ) {
        if let Ok(read) = transcript::parse(&text) {
            let written = transcript::write(&read);
            prop_assert!(transcript::parse(&written).is_ok_and(|again| again == read), "{}", written);
        }
    }
}

/// An entry of each kind in turn, out of words and a number.
fn entry(kind: usize, words: &str, n: u32, shows: Vec<String>) -> Entry {
    let msisdn = Msisdn::from_network(&format!("+2547000000{:02}", n % 100)).unwrap();
    let network = Network::from_code("63902").filter(|_| n > 50);
    let act = match kind {
        0 if n.is_multiple_of(2) => return Entry::Note(format!("# {words}")),
        0 => return Entry::Note(String::new()),
        1 => Act::Phone(Line { msisdn, network }),
        2 => Act::Dial(format!("*{n}#")),
        3 => Act::Drop,
        4 => Act::Repeat,
        5 => Act::RepeatMany(n as usize),
        6 => Act::Ends,
        7 => Act::Sms,
        8 => Act::NoSms,
        9 => Act::FlushSessions,
        10 => Act::RestartGateway,
        11 => Act::Wait(n),
        _ => Act::Type(words.to_owned()),
    };
    Entry::Step(Step { act, shows })
}
