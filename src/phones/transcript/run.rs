//! A transcript played through phones against a gateway, step by step, until something is not as expected.

use std::{future::Future, time::Duration};

use super::{
    Act, Entry, Line, Lot, Step, Transcript, lines,
    mismatch::{Cause, Mismatch, matches},
};
use crate::{
    model::Msisdn,
    phones::{
        phone::Phone,
        wire::{Aggregator, Shown},
    },
    text::spoken,
};

/// How often a message that is not there yet is looked for, and how long between two looks: 10 s in all.
const LOOKS: usize = 200;
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// The stage has no means to do what a step asks.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this can't be done here: {0}")]
pub struct CantDo(pub String);

/// What stands around the gateway: whoever runs transcripts provides what theirs need.
pub trait Stage: Sync {
    /// Where the gateway listens now.
    fn base_url(&self) -> String;

    /// The messages that have reached a phone so far, oldest first.
    fn messages_to(&self, msisdn: &Msisdn) -> impl Future<Output = Result<Vec<String>, CantDo>> + Send;

    /// Throw away what the gateway holds of sessions.
    fn flush_sessions(&self) -> impl Future<Output = Result<(), CantDo>> + Send {
        async { Err(CantDo("flush sessions".to_owned())) }
    }

    /// Stop the gateway and start it again, perhaps at another address.
    fn restart(&self) -> impl Future<Output = Result<(), CantDo>> + Send {
        async { Err(CantDo("restart gateway".to_owned())) }
    }

    /// Have an officer give the person of a line a code; the code.
    fn officer_code(&self, _line: &Msisdn) -> impl Future<Output = Result<String, CantDo>> + Send {
        async { Err(CantDo("officer code".to_owned())) }
    }

    /// Have this hold for a route.
    fn route(&self, _name: &str, _lot: Lot) -> impl Future<Output = Result<(), CantDo>> + Send {
        async { Err(CantDo("route".to_owned())) }
    }

    /// Let it be seven in the morning of a day of the demo's season.
    fn demo_data(&self) -> impl Future<Output = Result<(), CantDo>> + Send {
        async { Err(CantDo("demo data".to_owned())) }
    }

    /// Have a register stand ready to be signed.
    fn register_to_sign(&self) -> impl Future<Output = Result<(), CantDo>> + Send {
        async { Err(CantDo("register to sign".to_owned())) }
    }

    /// Make it the morning of a running series at centre 12345001.
    fn register_to_mark(&self) -> impl Future<Output = Result<(), CantDo>> + Send {
        async { Err(CantDo("register to mark".to_owned())) }
    }

    /// Have the payer pay every claim that is ready, or fail to for this reason.
    fn payer(&self, _refuses: Option<&str>) -> impl Future<Output = Result<(), CantDo>> + Send {
        async { Err(CantDo("payer".to_owned())) }
    }

    /// Let minutes pass.
    fn advance(&self, _minutes: u32) -> impl Future<Output = Result<(), CantDo>> + Send {
        async { Err(CantDo("wait".to_owned())) }
    }
}

/// Play a transcript through an aggregator. Messages that were there before it began count as read.
pub async fn run(
    transcript: &Transcript,
    aggregator: &Aggregator,
    stage: &impl Stage,
) -> Result<(), Mismatch> {
    let mut run = Run { aggregator: aggregator.clone(), stage, phones: vec![], in_hand: None, code: None };
    let mut line = 1;
    for entry in &transcript.entries {
        if let Entry::Step(Step { act: Act::Phone(phone), .. }) = entry {
            run.lay_out(phone).await.map_err(|cause| told(line, entry, cause))?;
        }
        line += entry.lines();
    }
    line = 1;
    for entry in &transcript.entries {
        if let Entry::Step(step) = entry {
            run.step(step).await.map_err(|cause| told(line, entry, cause))?;
        }
        line += entry.lines();
    }
    Ok(())
}

fn told(line: usize, entry: &Entry, cause: Cause) -> Mismatch {
    let step = entry.to_string().lines().next().unwrap_or_default().to_owned();
    Mismatch { line, step, cause }
}

struct Run<'a, S> {
    aggregator: Aggregator,
    stage: &'a S,
    phones: Vec<Held>,
    in_hand: Option<usize>,
    /// The code that was read last, on any phone.
    code: Option<String>,
}

/// A phone, and how many of its messages have been read.
struct Held {
    phone: Phone,
    read: usize,
    /// The code at the beginning of the last message that was read and had one.
    code: Option<String>,
}

/// What stands for that code in something typed.
const CODE: &str = "{code}";
/// Where SMS to us go.
const SHORT_CODE: &str = "22345";

impl<S: Stage> Run<'_, S> {
    async fn lay_out(&mut self, line: &Line) -> Result<(), Cause> {
        if self.place_of(line).is_none() {
            let read = self.stage.messages_to(&line.msisdn).await.map_err(Cause::Stage)?.len();
            let phone = Phone::new(self.aggregator.clone(), line.clone());
            self.phones.push(Held { phone, read, code: None });
        }
        Ok(())
    }

    /// The network counts where a number is named first.
    fn place_of(&self, line: &Line) -> Option<usize> {
        self.phones.iter().position(|held| held.phone.line().msisdn == line.msisdn)
    }

    fn held(&mut self) -> Result<&mut Held, Cause> {
        self.in_hand.and_then(|at| self.phones.get_mut(at)).ok_or(Cause::NoPhone)
    }

    async fn step(&mut self, step: &Step) -> Result<(), Cause> {
        match &step.act {
            Act::Phone(line) => self.in_hand = self.place_of(line),
            Act::Dial(code) => {
                let shown = self.held()?.phone.dial(code).await.map_err(Cause::Phone)?;
                return self.judge(&shown, &step.shows);
            }
            Act::Type(input) => {
                let input = self.with_code(input)?;
                let shown = self.held()?.phone.answer(&input).await.map_err(Cause::Phone)?;
                return self.judge(&shown, &step.shows);
            }
            Act::Drop => self.held()?.phone.drop_call().await.map_err(Cause::EndEvent)?,
            Act::Repeat => return self.repeat(&step.shows).await,
            Act::RepeatMany(n) => return self.repeat_many(*n, &step.shows).await,
            Act::Ends => return self.ends(),
            Act::Sms => return self.sms(&step.shows).await,
            Act::NoSms => return self.no_sms().await,
            Act::FlushSessions => self.stage.flush_sessions().await.map_err(Cause::Stage)?,
            Act::RestartGateway => return self.restart().await,
            Act::Wait(minutes) => self.stage.advance(*minutes).await.map_err(Cause::Stage)?,
            Act::OfficerCode => {
                let stage = self.stage;
                let held = self.held()?;
                let code = stage.officer_code(&held.phone.line().msisdn).await.map_err(Cause::Stage)?;
                held.code = Some(code);
            }
            Act::Route(name, lot) => self.stage.route(name, *lot).await.map_err(Cause::Stage)?,
            Act::RegisterToMark => self.stage.register_to_mark().await.map_err(Cause::Stage)?,
            Act::DemoData => self.stage.demo_data().await.map_err(Cause::Stage)?,
            Act::RegisterToSign => self.stage.register_to_sign().await.map_err(Cause::Stage)?,
            Act::Payer(refuses) => self.stage.payer(refuses.as_deref()).await.map_err(Cause::Stage)?,
            Act::Text(words) => {
                let words = self.with_code(words)?;
                let line = self.held()?.phone.line().clone();
                let sent = self.aggregator.sms(&line, SHORT_CODE, &words).await;
                sent.map_err(|fault| Cause::Phone(fault.into()))?;
            }
        }
        Ok(())
    }

    /// What is typed or written, with the code that was read last in its place.
    fn with_code(&mut self, words: &str) -> Result<String, Cause> {
        let any = self.code.clone();
        let code = self.held()?.code.clone().or(any);
        Ok(code.map_or_else(|| words.to_owned(), |code| words.replace(CODE, &code)))
    }

    fn judge(&mut self, shown: &Shown, expected: &[String]) -> Result<(), Cause> {
        if !expected.is_empty() {
            compare(expected, &lines(&shown.text))?;
        }
        shown.flaw().map_or(Ok(()), |flaw| Err(Cause::Flawed(flaw)))?;
        let fault = self.held()?.phone.take_end_fault();
        fault.map_or(Ok(()), |fault| Err(Cause::EndEvent(fault.into())))
    }

    /// The same answer is expected, unless the transcript says another.
    async fn repeat(&mut self, expected: &[String]) -> Result<(), Cause> {
        let phone = &mut self.held()?.phone;
        let before = phone.shown().cloned();
        let shown = phone.repeat().await.map_err(Cause::Phone)?;
        same(before.as_ref(), expected, &shown)
    }

    async fn repeat_many(&mut self, n: usize, expected: &[String]) -> Result<(), Cause> {
        let phone = &self.held()?.phone;
        for shown in phone.repeat_many(n).await.map_err(Cause::Phone)? {
            let shown = shown.map_err(|fault| Cause::Phone(fault.into()))?;
            same(phone.shown(), expected, &shown)?;
        }
        Ok(())
    }

    fn ends(&mut self) -> Result<(), Cause> {
        let phone = &self.held()?.phone;
        if phone.shown().is_some_and(|shown| shown.ends) { Ok(()) } else { Err(Cause::GoesOn) }
    }

    async fn sms(&mut self, expected: &[String]) -> Result<(), Cause> {
        let stage = self.stage;
        let held = self.held()?;
        for _ in 0..LOOKS {
            let messages = stage.messages_to(&held.phone.line().msisdn).await.map_err(Cause::Stage)?;
            if let Some(message) = messages.get(held.read) {
                held.read += 1;
                let code = code_of(message);
                held.code = code.clone().or(held.code.take());
                let message = message.clone();
                self.code = code.or(self.code.take());
                return if expected.is_empty() { Ok(()) } else { compare(expected, &lines(&message)) };
            }
            tokio::time::sleep(BETWEEN_LOOKS).await;
        }
        Err(Cause::NoSms)
    }

    async fn no_sms(&mut self) -> Result<(), Cause> {
        let stage = self.stage;
        let held = self.held()?;
        let messages = stage.messages_to(&held.phone.line().msisdn).await.map_err(Cause::Stage)?;
        match messages.get(held.read) {
            Some(message) => Err(Cause::Differs { expected: vec![], got: lines(message) }),
            None => Ok(()),
        }
    }

    async fn restart(&mut self) -> Result<(), Cause> {
        self.stage.restart().await.map_err(Cause::Stage)?;
        let moved = self.aggregator.moved_to(&self.stage.base_url());
        self.aggregator = moved.map_err(|fault| Cause::Phone(fault.into()))?;
        for held in &mut self.phones {
            held.phone.use_aggregator(self.aggregator.clone());
        }
        Ok(())
    }
}

/// The digits a message begins with, if it begins with a code, dashes between them or not; of a call, those that it says.
fn code_of(message: &str) -> Option<String> {
    if let Some(digits) = spoken::digits(message) {
        return Some(digits);
    }
    let first = message.split([' ', ':']).next()?.replace('-', "");
    // One-time codes have six digits or eight, a day's code has four.
    (first.len() >= 4 && first.bytes().all(|b| b.is_ascii_digit())).then_some(first)
}

fn same(before: Option<&Shown>, expected: &[String], shown: &Shown) -> Result<(), Cause> {
    let got = lines(&shown.text);
    if !expected.is_empty() {
        return compare(expected, &got);
    }
    match before {
        Some(before) if before.text != shown.text || before.ends != shown.ends => {
            Err(Cause::Differs { expected: marked(before), got: marked(shown) })
        }
        _ => Ok(()),
    }
}

/// With how the session goes on, since a repeat may differ in that alone.
fn marked(shown: &Shown) -> Vec<String> {
    let mut lines = lines(&shown.text);
    lines.push(if shown.ends { "(ends)" } else { "(goes on)" }.to_owned());
    lines
}

fn compare(expected: &[String], got: &[String]) -> Result<(), Cause> {
    let same_length = expected.len() == got.len();
    if same_length && expected.iter().zip(got).all(|(left, right)| matches(left, right)) {
        return Ok(());
    }
    Err(Cause::Differs { expected: expected.to_vec(), got: got.to_vec() })
}
