//! The crowd on its way: each phone a task that begins at its instant, sends, waits and counts.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, Utc};
use tokio::{task::JoinSet, time::Instant};
use tokio_util::sync::CancellationToken;

use super::{keep::Keep, tally::Tally, target::Target};
use crate::{
    clock::{Chance, Clock},
    phones::{
        crowd::{Caller, Finding, Kind, Next, Person, Sending, Twin, inbox::Inbox},
        wire::{Aggregator, CallEnd, EndStatus, Shown, Sources, Wire, WireFault},
    },
};

/// Every hop is answered within this (`security.md` 26).
const PROMISE: Duration = Duration::from_secs(8);

/// A run: the aggregator that is played, what was counted, and when it is enough.
pub struct Run {
    aggregator: Aggregator,
    late_after: Duration,
    tally: Mutex<Tally>,
    hops: AtomicU64,
    done: AtomicU64,
    most_hops: u64,
    stop: CancellationToken,
    began: Instant,
    took: Mutex<Option<Duration>>,
    keep: Option<Keep>,
    unkept: Mutex<Option<anyhow::Error>>,
}

/// A call that is open, for the event that tells its end.
struct Open {
    notes: Vec<String>,
    began_at: DateTime<Utc>,
    last: Option<Shown>,
    fault: Option<WireFault>,
}

impl Run {
    /// A run that has not begun.
    pub fn new(
        target: &Target,
        code: &str,
        seed: u64,
        late_after: Duration,
        most_hops: Option<u64>,
    ) -> anyhow::Result<Self> {
        let chance = Chance::seeded(seed);
        let sources = Sources::new(move || chance.bytes(), || Clock::System.now());
        let wire = Wire::AfricasTalking;
        let aggregator = Aggregator::new(&target.url, target.secret.clone(), code, wire, sources)?;
        Ok(Self {
            aggregator: aggregator.with_deadline(late_after),
            late_after,
            tally: Mutex::new(Tally::new()?),
            hops: AtomicU64::new(0),
            done: AtomicU64::new(0),
            most_hops: most_hops.unwrap_or(u64::MAX),
            stop: CancellationToken::new(),
            began: Instant::now(),
            took: Mutex::new(None),
            keep: None,
            unkept: Mutex::new(None),
        })
    }

    /// The same, with a file for what is shown.
    pub fn keeping(self, keep: Option<Keep>) -> Self {
        Self { keep, ..self }
    }

    /// The end of that file; what went wrong with it is told here.
    pub fn close(&self) -> anyhow::Result<()> {
        if let Some(error) = self.unkept.lock().unwrap_or_else(PoisonError::into_inner).take() {
            return Err(error);
        }
        self.keep.as_ref().map_or(Ok(()), Keep::close)
    }

    fn kept(&self, keeping: impl FnOnce(&Keep) -> anyhow::Result<()>) {
        if let Some(error) = self.keep.as_ref().and_then(|keep| keeping(keep).err()) {
            *self.unkept.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        }
    }

    /// Keep a message that a phone has got.
    pub fn keep_sms(&self, person: &Person, text: &str) {
        self.kept(|keep| keep.sms(person, text));
    }

    /// What was counted so far.
    pub fn tally(&self) -> MutexGuard<'_, Tally> {
        self.tally.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Hops that went out, and phones that are done.
    pub fn so_far(&self) -> (u64, u64) {
        (self.hops.load(Ordering::Relaxed), self.done.load(Ordering::Relaxed))
    }

    /// How long the crowd has called, up to now or to its end.
    pub fn took(&self) -> Duration {
        let took = *self.took.lock().unwrap_or_else(PoisonError::into_inner);
        took.unwrap_or_else(|| self.began.elapsed())
    }

    /// When the network hangs up.
    pub fn late_after(&self) -> Duration {
        self.late_after
    }

    /// Whether time, hops or the operator ended it.
    pub fn was_stopped(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// Let every phone dial at its instant and walk its journey; ends when all have, or when it is enough. Ctrl-C ends
    /// it too, and what was counted stays.
    pub async fn drive(
        self: &std::sync::Arc<Self>,
        instants: Vec<Duration>,
        callers: impl Fn(u32) -> Option<Caller> + Send + 'static,
        longest: Duration,
    ) -> Vec<Inbox> {
        let (stop, began) = (self.stop.clone(), Instant::now());
        let bound = tokio::spawn(async move {
            tokio::select! {
                () = tokio::time::sleep(longest) => {}
                _ = tokio::signal::ctrl_c() => {}
            }
            stop.cancel();
        });
        let mut phones = JoinSet::new();
        let mut inboxes = vec![];
        for (n, at) in (0_u32..).zip(instants) {
            if !self.wait_until(began + at).await {
                break;
            }
            if let Some(caller) = callers(n) {
                phones.spawn(self.clone().walk(caller, began + at));
            }
            while let Some(ended) = phones.try_join_next() {
                inboxes.extend(ended);
            }
        }
        while let Some(ended) = phones.join_next().await {
            inboxes.extend(ended);
        }
        bound.abort();
        *self.took.lock().unwrap_or_else(PoisonError::into_inner) = Some(began.elapsed());
        inboxes
    }

    /// Whether the instant came before the run was over.
    async fn wait_until(&self, at: Instant) -> bool {
        tokio::select! {
            biased;
            () = self.stop.cancelled() => false,
            () = tokio::time::sleep_until(at) => true,
        }
    }

    /// One phone, from its dial to the end of its journey.
    async fn walk(self: std::sync::Arc<Self>, mut caller: Caller, dial_at: Instant) -> Inbox {
        let mut ready = dial_at;
        let mut open: Option<Open> = None;
        loop {
            match caller.go_on() {
                Next::Done => break,
                Next::HangUp => {
                    self.hang_up(&caller, open.take()).await;
                    ready = Instant::now();
                }
                Next::Send(sending) => {
                    let due = ready + sending.after;
                    if !self.wait_until(due).await || !self.may_send() {
                        break;
                    }
                    if sending.call.hop == 1 {
                        self.tally().calls += 1;
                    }
                    let came = self.send(&caller, &sending, due).await;
                    ready = Instant::now();
                    let call = open.get_or_insert_with(|| Open {
                        notes: vec![],
                        began_at: Clock::System.now(),
                        last: None,
                        fault: None,
                    });
                    call.takes(&came);
                    if let (Ok(shown), Some(step)) = (&came, caller.step()) {
                        let took = sending.twin.is_none().then(|| due.elapsed());
                        self.kept(|keep| keep.screen(caller.person(), &step, took, &shown.text));
                    }
                    let finding = caller.came(&came);
                    self.count(finding);
                }
            }
        }
        self.tally().ended(caller.journey(), caller.ended());
        self.done.fetch_add(1, Ordering::Relaxed);
        caller.into_inbox()
    }

    fn may_send(&self) -> bool {
        let may = self.hops.fetch_add(1, Ordering::Relaxed) < self.most_hops;
        if !may {
            self.hops.fetch_sub(1, Ordering::Relaxed);
            self.stop.cancel();
        }
        may
    }

    fn count(&self, finding: Option<Finding>) {
        if let Some(finding) = finding {
            self.tally().found(finding);
        }
    }

    async fn send(&self, caller: &Caller, sending: &Sending, due: Instant) -> Result<Shown, WireFault> {
        self.tally().lagged(due.elapsed());
        let hop = self.measured(caller, sending, due);
        let (first, second) = match sending.twin {
            None => (hop.await, None),
            Some(Twin::AtOnce) => {
                let (first, second) = tokio::join!(hop, self.measured(caller, sending, due));
                (first, Some(second))
            }
            Some(Twin::Afterwards) => {
                let first = hop.await;
                (first, Some(self.measured(caller, sending, Instant::now()).await))
            }
        };
        let Some(second) = second else { return first };
        self.hops.fetch_add(1, Ordering::Relaxed);
        self.tally().twins += 1;
        let (came, finding) = caller.twins_came(first, second);
        self.count(finding);
        came
    }

    async fn measured(&self, caller: &Caller, sending: &Sending, due: Instant) -> Result<Shown, WireFault> {
        let came = self.aggregator.hop(&sending.call).await;
        let took = due.elapsed();
        if !matches!(came, Err(WireFault::Unreachable)) {
            self.tally().answered(took, sending.after);
        }
        if came.is_ok() && took >= PROMISE {
            self.count(caller.too_slow(took));
        }
        came
    }

    /// Tell the gateway that the call is over, as the aggregator does.
    async fn hang_up(&self, caller: &Caller, open: Option<Open>) {
        let (Some(call), Some(open)) = (caller.call(), open) else { return };
        let ended = open.last.as_ref().is_some_and(|last| last.ends);
        let status = match &open.fault {
            Some(_) => EndStatus::Failed,
            None if ended => EndStatus::Success,
            None => EndStatus::Incomplete,
        };
        let end = CallEnd {
            call,
            status,
            started_at: open.began_at,
            notes: &open.notes,
            last: open.last.as_ref(),
            error: open.fault.as_ref(),
        };
        match self.aggregator.end(&end).await {
            Ok(()) => self.tally().ends += 1,
            // What a hop met already is told; the event that fails with it says nothing more.
            Err(_) if open.fault.is_some() => {}
            Err(fault) => self.count(Some(untold(caller, &fault))),
        }
    }
}

impl Open {
    fn takes(&mut self, came: &Result<Shown, WireFault>) {
        match came {
            Ok(shown) => {
                self.notes.extend(shown.note.clone());
                self.last = Some(shown.clone());
            }
            Err(fault) => self.fault = Some(fault.clone()),
        }
    }
}

fn untold(caller: &Caller, fault: &WireFault) -> Finding {
    Finding {
        kind: if matches!(fault, WireFault::Unreachable) { Kind::NoAnswer } else { Kind::BadAnswer },
        journey: caller.journey().to_owned(),
        line: 0,
        step: "the event that tells the end of a call".to_owned(),
        expected: vec![],
        got: vec![fault.to_string()],
    }
}
