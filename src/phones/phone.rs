//! A phone with one line: it dials, types, drops, and sends the same request again as aggregators do. It remembers
//! what is on show, how many hops a call took and how many keys were pressed for it.

use chrono::{DateTime, Utc};
use futures_util::future::join_all;

use super::wire::{Aggregator, Call, CallEnd, EndStatus, Line, Shown, WireFault};

/// Why a phone can't do what it is asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PhoneFault {
    /// Nothing to type into.
    #[error("no call is open: dial first")]
    NoCall,
    /// The answer was no screen.
    #[error(transparent)]
    Wire(#[from] WireFault),
}

/// One phone.
pub struct Phone {
    aggregator: Aggregator,
    line: Line,
    end_events: bool,
    twice: bool,
    call: Option<Dialled>,
}

/// A call since its dial, open or over.
struct Dialled {
    sent: Call,
    open: bool,
    shown: Option<Shown>,
    second: Option<Result<Shown, WireFault>>,
    notes: Vec<String>,
    started_at: DateTime<Utc>,
    end_fault: Option<WireFault>,
}

impl Phone {
    /// A phone on a line of this aggregator's.
    pub fn new(aggregator: Aggregator, line: Line) -> Self {
        Self { aggregator, line, end_events: true, twice: false, call: None }
    }

    /// The same phone on an aggregator that never tells the end of a session.
    #[must_use]
    pub fn without_end_events(mut self) -> Self {
        self.end_events = false;
        self
    }

    /// Go on with another aggregator (the gateway has moved); an open call stays open.
    pub fn use_aggregator(&mut self, aggregator: Aggregator) {
        self.aggregator = aggregator;
    }

    /// From now on each request goes out twice at once, as aggregators sometimes do, or once again.
    pub fn send_twice(&mut self, twice: bool) {
        self.twice = twice;
    }

    /// Dial a code. `*384*2547*1#` is a deep dial when the aggregator rents out `*384*2547#`. A call that is still
    /// open drops first.
    pub async fn dial(&mut self, code: &str) -> Result<Shown, PhoneFault> {
        self.over(EndStatus::Incomplete, None).await;
        let sent = self.aggregator.open(&self.line, code);
        let started_at = self.aggregator.now();
        self.call = Some(Dialled {
            sent,
            open: true,
            shown: None,
            second: None,
            notes: vec![],
            started_at,
            end_fault: None,
        });
        self.send().await
    }

    /// Dial the rented code with inputs behind it: `deep_dial("1*2")` dials `*384*2547*1*2#`.
    pub async fn deep_dial(&mut self, inputs: &str) -> Result<Shown, PhoneFault> {
        let stem = self.aggregator.service_code().trim_end_matches('#').to_owned();
        self.dial(&format!("{stem}*{inputs}#")).await
    }

    /// Type an answer to the screen on show; it may be blank.
    pub async fn answer(&mut self, input: &str) -> Result<Shown, PhoneFault> {
        let call = self.call.as_mut().filter(|call| call.open).ok_or(PhoneFault::NoCall)?;
        call.sent.inputs.push(input.to_owned());
        call.sent.hop = call.sent.hop.saturating_add(1);
        call.sent.note = call.shown.as_ref().and_then(|shown| shown.note.clone());
        self.send().await
    }

    /// Send the last request again, as it was; its answer is on show then.
    pub async fn repeat(&mut self) -> Result<Shown, PhoneFault> {
        let call = self.call.as_mut().ok_or(PhoneFault::NoCall)?;
        let shown = self.aggregator.hop(&call.sent).await?;
        call.shown = Some(shown.clone());
        if shown.ends {
            self.over(EndStatus::Success, None).await;
        }
        Ok(shown)
    }

    /// Send the last request `n` times at once. What is on show stays.
    pub async fn repeat_many(&self, n: usize) -> Result<Vec<Result<Shown, WireFault>>, PhoneFault> {
        let call = self.call.as_ref().ok_or(PhoneFault::NoCall)?;
        Ok(join_all((0..n).map(|_| self.aggregator.hop(&call.sent))).await)
    }

    /// Drop the call; the aggregator tells the gateway. Without an open call nothing happens.
    pub async fn drop_call(&mut self) -> Result<(), PhoneFault> {
        self.over(EndStatus::Incomplete, None).await;
        self.take_end_fault().map_or(Ok(()), |fault| Err(fault.into()))
    }

    /// What went wrong when the gateway was told of the end of a session; told once.
    pub fn take_end_fault(&mut self) -> Option<WireFault> {
        self.call.as_mut().and_then(|call| call.end_fault.take())
    }

    /// Whether a call is open.
    pub fn is_open(&self) -> bool {
        self.call.as_ref().is_some_and(|call| call.open)
    }

    /// The screen on show, also after the call is over.
    pub fn shown(&self) -> Option<&Shown> {
        self.call.as_ref().and_then(|call| call.shown.as_ref())
    }

    /// What came to the second copy of the last request, if it went out twice.
    pub fn second(&self) -> Option<&Result<Shown, WireFault>> {
        self.call.as_ref().and_then(|call| call.second.as_ref())
    }

    /// The last request, as it can be repeated.
    pub fn sent(&self) -> Option<&Call> {
        self.call.as_ref().map(|call| &call.sent)
    }

    /// Hops of the call, the dial included.
    pub fn hops(&self) -> u32 {
        self.sent().map_or(0, |sent| sent.hop)
    }

    /// Keys pressed since the dial, by [`super::keypad::presses`].
    pub fn presses(&self) -> usize {
        self.sent().map_or(0, Call::presses)
    }

    /// The line.
    pub fn line(&self) -> &Line {
        &self.line
    }

    /// The aggregator that the phone is on.
    pub fn aggregator(&self) -> &Aggregator {
        &self.aggregator
    }

    async fn send(&mut self) -> Result<Shown, PhoneFault> {
        let call = self.call.as_mut().ok_or(PhoneFault::NoCall)?;
        let (first, second) = asked(&self.aggregator, &call.sent, self.twice).await;
        call.second = second;
        match first {
            Ok(shown) => {
                call.notes.extend(shown.note.clone());
                call.shown = Some(shown.clone());
                if shown.ends {
                    self.over(EndStatus::Success, None).await;
                }
                Ok(shown)
            }
            Err(fault) => {
                self.over(EndStatus::Failed, Some(&fault)).await;
                // What is wrong already says more than that its end could not be told either.
                self.take_end_fault();
                Err(fault.into())
            }
        }
    }

    async fn over(&mut self, status: EndStatus, error: Option<&WireFault>) {
        let Some(call) = self.call.as_mut().filter(|call| call.open) else { return };
        call.open = false;
        if self.end_events {
            let (started_at, last) = (call.started_at, call.shown.as_ref());
            let end = CallEnd { call: &call.sent, status, started_at, notes: &call.notes, last, error };
            call.end_fault = self.aggregator.end(&end).await.err();
        }
    }
}

/// The answer to a request, and that to its copy if it goes out twice.
async fn asked(
    aggregator: &Aggregator,
    call: &Call,
    twice: bool,
) -> (Result<Shown, WireFault>, Option<Result<Shown, WireFault>>) {
    if !twice {
        return (aggregator.hop(call).await, None);
    }
    let (first, second) = tokio::join!(aggregator.hop(call), aggregator.hop(call));
    (first, Some(second))
}
