//! The SIM swap look-up of the demo and of the tests: what it finds can be set per line, and nothing leaves the machine.

use std::{
    collections::{HashMap, VecDeque},
    future,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use chrono::NaiveDate;

use super::sim_swap::{SimSwap, SwapAnswer, SwapAsked, SwapFinding, SwapQuestion};
use crate::model::Msisdn;

/// How many answers nobody took are kept; the oldest go first.
const KEPT: usize = 10_000;

/// What is found of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    /// Its SIM was swapped on this day.
    SwappedOn(NaiveDate),
    /// It never was: so is every line of which nothing else was said.
    NeverSwapped,
    /// The question is taken, and no answer ever comes.
    NeverAnswered,
}

/// A look-up that asks nobody. Clones share what was asked.
#[derive(Clone, Default)]
pub struct SimulatedSwaps(Arc<Mutex<State>>);

#[derive(Default)]
struct State {
    lines: HashMap<Msisdn, Line>,
    answers: VecDeque<SwapAnswer>,
    asked: u64,
}

impl SimulatedSwaps {
    /// From now on, this is found of the line.
    pub fn behave(&self, line: &Msisdn, found: Line) {
        self.state().lines.insert(line.clone(), found);
    }

    /// The answers nobody has taken yet, oldest first; each is given once.
    pub fn take_answers(&self) -> Vec<SwapAnswer> {
        std::mem::take(&mut self.state().answers).into()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SimSwap for SimulatedSwaps {
    fn ask<'a>(&'a self, lines: &'a [Msisdn]) -> SwapQuestion<'a> {
        let mut state = self.state();
        let asked = lines.iter().map(|line| state.ask(line)).collect();
        Box::pin(future::ready(Ok(asked)))
    }
}

impl State {
    fn ask(&mut self, line: &Msisdn) -> SwapAsked {
        self.asked += 1;
        let request_id = format!("sim-swap-{}", self.asked);
        let found = self.lines.get(line).copied().unwrap_or(Line::NeverSwapped);
        if let Some(answer) = answer(&request_id, found) {
            if self.answers.len() >= KEPT {
                self.answers.pop_front();
            }
            self.answers.push_back(answer);
        }
        SwapAsked { msisdn: line.clone(), request_id }
    }
}

fn answer(request_id: &str, found: Line) -> Option<SwapAnswer> {
    let (finding, swapped_on, status) = match found {
        Line::SwappedOn(day) => (SwapFinding::Swapped, Some(day), "Swapped"),
        Line::NeverSwapped => (SwapFinding::NotSwapped, None, "NotSwapped"),
        Line::NeverAnswered => return None,
    };
    Some(SwapAnswer { request_id: request_id.to_owned(), finding, swapped_on, status: status.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(end: u8) -> Msisdn {
        Msisdn::from_network(&format!("+2547000000{end:02}")).unwrap()
    }

    #[tokio::test]
    async fn each_line_is_found_as_it_was_set() {
        let swaps = SimulatedSwaps::default();
        let day = NaiveDate::from_ymd_opt(2026, 3, 1).unwrap();
        swaps.behave(&line(11), Line::SwappedOn(day));
        swaps.behave(&line(12), Line::NeverAnswered);
        let asked = swaps.clone().ask(&[line(10), line(11), line(12)]).await.unwrap();
        assert_eq!(
            asked.iter().map(|asked| &asked.msisdn).collect::<Vec<_>>(),
            [&line(10), &line(11), &line(12)]
        );
        let answers = swaps.take_answers();
        let found: Vec<_> =
            answers.iter().map(|a| (a.request_id.as_str(), a.finding, a.swapped_on)).collect();
        let id = |at: usize| asked[at].request_id.as_str();
        assert_eq!(found, [(id(0), SwapFinding::NotSwapped, None), (id(1), SwapFinding::Swapped, Some(day))]);
        assert!(swaps.take_answers().is_empty(), "each answer is given once");
    }

    #[tokio::test]
    async fn every_question_has_a_request_of_its_own() {
        let swaps = SimulatedSwaps::default();
        let asked = [swaps.ask(&[line(10)]).await.unwrap(), swaps.ask(&[line(10)]).await.unwrap()].concat();
        assert_ne!(asked[0].request_id, asked[1].request_id);
    }
}
