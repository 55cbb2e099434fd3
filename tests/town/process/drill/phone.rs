//! A phone that marks its centre's register whatever happens to the gateway meanwhile: it looks at the screen and does what
//! somebody would do who wants the register marked, and remembers every reference that it was shown.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use daftari::{
    model::Network,
    phones::wire::{Aggregator, Call, Line, Shown},
};

use super::{PEOPLE, SERIES};
use crate::{
    caller::SOMETHING_IS_BROKEN,
    town::{CODE, msisdn},
};

/// Between a hop without a screen and the next try.
const PAUSE: Duration = Duration::from_millis(100);
/// Hops that go elsewhere after a node did not answer.
const AVOIDED_FOR: usize = 10;
/// Sign-ins in a row that somebody dials again for when no screen comes. Each is a try that was counted before its PIN was
/// looked at, and a line waits after a few; so then the same hop is sent until it is answered.
const SIGN_INS_LOST: usize = 2;
/// The reason that is chosen for a change.
const CAME_LATE: &str = "1";

/// What somebody wants of a register, and of which.
#[derive(Debug, Clone)]
pub struct Asked {
    pub centre: String,
    pub number: String,
    pub pin: String,
    /// Numbers of the absent.
    pub absent: &'static [usize],
    /// Who is absent as well, as they find out later.
    pub later: Option<usize>,
}

impl Asked {
    /// How many are present and absent in the end.
    pub fn counts(&self) -> (usize, usize) {
        let absent = self.absent.len() + usize::from(self.later.is_some());
        (PEOPLE - absent, absent)
    }

    /// How many acts that takes.
    pub fn acts(&self) -> usize {
        1 + usize::from(self.later.is_some())
    }
}

/// The phone.
pub struct Phone {
    asked: Asked,
    nodes: Arc<Vec<Aggregator>>,
    /// Hops so far; they go to one node after the other.
    at: usize,
    /// The node that did not answer, and the hop until which the balancer leaves it out.
    avoided: Option<(usize, usize)>,
    call: Call,
    /// Whether the network sends a hop again that got no screen; else the person dials again.
    repeats: bool,
    /// Hops in a row with the PIN that got no screen.
    sign_ins_lost: usize,
    /// Whether the first marks stand, as far as the phone knows.
    marked: bool,
    confirmed: Vec<String>,
    /// What came of every hop, for whoever looks into a phone that does not come to its end.
    seen: Vec<String>,
}

enum Next {
    Type(String),
    Redial,
    Done,
}

impl Phone {
    pub fn new(asked: Asked, nodes: Arc<Vec<Aggregator>>, repeats: bool) -> Self {
        let call = open(&nodes[0], &asked);
        Self {
            asked,
            nodes,
            at: 0,
            avoided: None,
            call,
            repeats,
            sign_ins_lost: 0,
            marked: false,
            confirmed: vec![],
            seen: vec![],
        }
    }

    /// Go on until everything that was asked for is recorded; every reference that was shown.
    pub async fn mark(mut self, answered: &AtomicUsize) -> Vec<String> {
        let guard = Instant::now() + Duration::from_mins(5);
        loop {
            assert!(Instant::now() < guard, "{:?} is not done:\n{}", self.asked, self.seen.join("\n"));
            let Some(shown) = self.hop().await else { continue };
            answered.fetch_add(1, Ordering::Relaxed);
            match self.next(&shown) {
                Next::Type(typed) => self.call.inputs.push(typed),
                Next::Redial => self.redial(),
                Next::Done => return self.confirmed,
            }
        }
    }

    /// Send the hop that is due, to one node after the other; `None` where no screen came.
    async fn hop(&mut self) -> Option<Shown> {
        let node = self.node();
        let signs_in = self.call.inputs.last() == Some(&self.asked.pin);
        let came = self.nodes[node].hop(&self.call).await;
        self.seen.push(match &came {
            Ok(shown) => shown.text.lines().next().unwrap_or_default().to_owned(),
            Err(fault) => format!("({fault})"),
        });
        match came {
            Ok(shown) if !shown.text.starts_with(SOMETHING_IS_BROKEN) => {
                self.call.note.clone_from(&shown.note);
                self.sign_ins_lost *= usize::from(!signs_in);
                Some(shown)
            }
            _ => {
                self.avoided = Some((node, self.at + AVOIDED_FOR));
                tokio::time::sleep(PAUSE).await;
                self.sign_ins_lost += usize::from(signs_in);
                if !self.repeats && self.sign_ins_lost <= SIGN_INS_LOST {
                    self.redial();
                }
                None
            }
        }
    }

    /// The node that the balancer gives the next hop to.
    fn node(&mut self) -> usize {
        self.at += 1;
        let all = self.nodes.len();
        match self.avoided {
            Some((node, until)) if node == self.at % all && self.at < until => (node + 1) % all,
            _ => self.at % all,
        }
    }

    fn redial(&mut self) {
        self.call = open(&self.nodes[0], &self.asked);
    }

    fn next(&mut self, shown: &Shown) -> Next {
        let text = shown.text.as_str();
        let numbers = |numbers: &[usize]| {
            let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
            Next::Type(numbers.join(" "))
        };
        let choose = |choice: &str| Next::Type(choice.to_owned());
        if text.contains(" is recorded") {
            self.confirmed.push(reference(text).unwrap_or_else(|| panic!("no reference: {text}")));
            return self.is_marked();
        }
        if text.starts_with("Centre ") || text.starts_with("Type the PIN of") {
            return choose(&self.asked.pin);
        }
        if text.starts_with(&format!("{} {SERIES} ", self.asked.centre)) {
            let stands = text.contains(" present, ");
            return match (stands, self.marked) {
                (false, false) if self.asked.absent.is_empty() => choose("1"),
                (false, false) => choose("2"),
                (false, true) => panic!("{} was recorded, and is not: {text}", self.asked.centre),
                // The screen that said so was lost.
                (true, false) => self.is_marked(),
                (true, true) if self.stands_as_wanted(text) => Next::Done,
                (true, true) => choose("2"),
            };
        }
        if text.contains("everybody is present") {
            return choose(if self.marked { "2" } else { "1" });
        }
        if text.contains("type the numbers") || text.starts_with("Type numbers") {
            return if self.marked {
                numbers(self.asked.later.as_slice())
            } else {
                numbers(self.asked.absent)
            };
        }
        if text.contains("Why is it changed?") {
            return choose(CAME_LATE);
        }
        if text.starts_with("You were marking ") {
            return choose("1");
        }
        if let Some(absent) = Self::summed_up(text) {
            return match (
                absent == self.wanted(),
                text.contains("99:Confirm") || text.contains("99: Confirm"),
            ) {
                (true, true) => choose("99"),
                (true, false) => choose("1"),
                // A draft of a change that was begun and not typed yet.
                (false, _) if text.contains("2: Change") => choose("2"),
                // What stands is shown, and who else is absent is added.
                (false, _) if self.marked => numbers(self.asked.later.as_slice()),
                (false, _) => panic!("{absent} absent of {:?}: {text}", self.asked),
            };
        }
        let is_shut = text.starts_with("Too many wrong PINs") || text.starts_with("Many calls came");
        assert!(shown.ends && !is_shut, "what is to be done here? {text}\n{}", self.seen.join("\n"));
        Next::Redial
    }

    /// How many are to be absent at this stage.
    fn wanted(&self) -> usize {
        self.asked.absent.len() + usize::from(self.marked && self.asked.later.is_some())
    }

    fn stands_as_wanted(&self, home: &str) -> bool {
        let (present, absent) = self.asked.counts();
        home.contains(&format!("{present} present, {absent} absent."))
    }

    fn is_marked(&mut self) -> Next {
        let first = !std::mem::replace(&mut self.marked, true);
        if first && self.asked.later.is_some() { Next::Redial } else { Next::Done }
    }

    /// The count of the absent on a screen that sums up.
    fn summed_up(text: &str) -> Option<usize> {
        let after = text.split_once("absent ")?.1;
        let count: String = after.chars().take_while(char::is_ascii_digit).collect();
        count.parse().ok()
    }
}

fn open(aggregator: &Aggregator, asked: &Asked) -> Call {
    aggregator.open(&Line { msisdn: msisdn(&asked.number), network: Network::from_code("63902") }, CODE)
}

/// The reference in a screen or a receipt.
pub fn reference(text: &str) -> Option<String> {
    let (_, after) = text.split_once("Reference ").or_else(|| text.split_once("Ref "))?;
    let reference: String = after.chars().take_while(char::is_ascii_alphanumeric).collect();
    (!reference.is_empty()).then_some(reference)
}
