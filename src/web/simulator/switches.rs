//! What a phone's network does wrong, as the page's switches say it, and what that means for the played aggregator and
//! the simulated route.

use std::time::Duration;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use crate::{
    gateways::simulator::{Behaviour, Reports, Simulator},
    model::{Msisdn, message::RefusalReason},
    phones::wire::{DEADLINE, Lateness},
};

/// How late a late report comes.
const LATE_REPORT_S: i32 = 20;
/// No answer is held up for longer.
const LATEST_S: u32 = 30;
/// Time may run at most so much faster.
const FASTEST: u32 = 1000;

/// The switches of one phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switches {
    /// How many seconds answers are held up.
    pub late_s: u32,
    /// How much faster than the clock the page's time runs; 0 means 1.
    pub speed: u32,
    /// Whether every request goes out twice at once.
    pub twice: bool,
    /// What becomes of SMS to the phone.
    pub sms: Lot,
    /// How reports of them come.
    pub reports: Reporting,
}

/// What becomes of SMS to the phone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lot {
    /// They arrive.
    #[default]
    Arrive,
    /// They are refused at once, as Africa's Talking's `406 UserInBlacklist`.
    Refused,
    /// They are accepted and get lost without any report.
    Lost,
    /// They are accepted, and reported as not delivered because the phone is off.
    Away,
}

/// How reports come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reporting {
    /// At once.
    #[default]
    OnTime,
    /// Twenty seconds later.
    Late,
    /// Two times.
    Twice,
    /// The final one before an interim one.
    OutOfOrder,
}

impl Switches {
    /// How they stand for a phone that is new to the page, but maybe not to the simulated route.
    pub fn found(route: &Simulator, of: &Msisdn) -> Self {
        let sms = match route.behaviour(of) {
            Behaviour::Refuse(RefusalReason::LineBlocks) => Lot::Refused,
            Behaviour::Lose => Lot::Lost,
            Behaviour::Away => Lot::Away,
            _ => Lot::Arrive,
        };
        Self { sms, ..Self::default() }
    }

    /// What happens to answers on their way to the phone: past the aggregator's own deadline nobody waits for them.
    pub fn lateness(&self) -> Lateness {
        let late = Duration::from_secs(self.late_s.min(LATEST_S).into());
        Lateness { wait: late.min(DEADLINE) / self.speed(), lost: late >= DEADLINE }
    }

    /// Tell the simulated route.
    pub fn tell(&self, route: &Simulator, to: &Msisdn) {
        route.behave(
            to,
            match self.sms {
                Lot::Arrive => Behaviour::Deliver,
                Lot::Refused => Behaviour::Refuse(RefusalReason::LineBlocks),
                Lot::Lost => Behaviour::Lose,
                Lot::Away => Behaviour::Away,
            },
        );
        let late = TimeDelta::seconds(LATE_REPORT_S.into()) / i32::try_from(self.speed()).unwrap_or(1);
        route.report(
            to,
            match self.reports {
                Reporting::OnTime => Reports::OnTime,
                Reporting::Late => Reports::Late(late),
                Reporting::Twice => Reports::Twice,
                Reporting::OutOfOrder => Reports::OutOfOrder,
            },
        );
    }

    fn speed(&self) -> u32 {
        self.speed.clamp(1, FASTEST)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_waits_past_the_aggregators_deadline() {
        let lateness = |late_s, speed| Switches { late_s, speed, ..Switches::default() }.lateness();
        assert_eq!(lateness(0, 0), Lateness::default());
        assert_eq!(lateness(3, 1), Lateness { wait: Duration::from_secs(3), lost: false });
        assert_eq!(lateness(12, 1), Lateness { wait: DEADLINE, lost: true });
        assert_eq!(lateness(12, 100), Lateness { wait: DEADLINE / 100, lost: true });
    }
}
