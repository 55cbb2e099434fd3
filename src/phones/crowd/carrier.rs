//! The lot of an SMS at the aggregator that is played: whether it is taken, and which reports follow when.

use std::time::Duration;

use super::dice::Dice;

/// How often what goes wrong with messages, as shares from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Mishaps {
    /// Refused at once with 406: the line blocks messages.
    pub refused: f64,
    /// Not taken for now (503); the gateway tries again.
    pub busy: f64,
    /// No report ever comes.
    pub lost: f64,
    /// The report comes after some seconds.
    pub late: f64,
    /// The report comes twice.
    pub twice: f64,
    /// The report comes before the answer to the send.
    pub early: f64,
    /// The last report comes before the interim one.
    pub reordered: f64,
}

/// What becomes of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lot {
    /// Not taken for now.
    Busy,
    /// Refused.
    Refused,
    /// Taken; these reports follow.
    Taken {
        /// A report that is on its way before the send is answered.
        early: bool,
        /// Statuses, each with the time after the answer.
        reports: Vec<(Duration, &'static str)>,
    },
}

impl Mishaps {
    /// The lot of one message; each has dice of its own.
    pub fn lot(&self, dice: &mut Dice) -> Lot {
        let [busy, refused, lost, late, twice, early, reordered] =
            [self.busy, self.refused, self.lost, self.late, self.twice, self.early, self.reordered]
                .map(|share| dice.happens(share));
        let soon = Duration::from_millis(50 + dice.below(200));
        let delay = if late { Duration::from_millis(3_000 + dice.below(4_000)) } else { soon };
        if busy {
            return Lot::Busy;
        }
        if refused {
            return Lot::Refused;
        }
        let mut reports = if lost { vec![] } else { vec![(delay / 2, "Submitted"), (delay, "Success")] };
        if twice && !lost {
            reports.push((delay + soon, "Success"));
        }
        if reordered && !lost {
            reports.push((delay + soon, "Sent"));
        }
        Lot::Taken { early: early && !lost, reports }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lot(mishaps: Mishaps) -> Lot {
        mishaps.lot(&mut Dice::of(1, "sms", 1))
    }

    #[test]
    fn without_mishaps_a_message_is_taken_and_reported_once() {
        let Lot::Taken { early: false, reports } = lot(Mishaps::default()) else { panic!("it is not taken") };
        assert_eq!(reports.iter().map(|(_, status)| *status).collect::<Vec<_>>(), ["Submitted", "Success"]);
    }

    #[test]
    fn each_mishap_has_its_effect() {
        assert_eq!(lot(Mishaps { busy: 1.0, ..Mishaps::default() }), Lot::Busy);
        assert_eq!(lot(Mishaps { refused: 1.0, ..Mishaps::default() }), Lot::Refused);
        let reports = |mishaps| match lot(mishaps) {
            Lot::Taken { reports, .. } => {
                reports.iter().map(|(_, status)| *status).collect::<Vec<_>>().join(" ")
            }
            _ => String::new(),
        };
        assert_eq!(reports(Mishaps { lost: 1.0, ..Mishaps::default() }), "");
        assert_eq!(reports(Mishaps { twice: 1.0, ..Mishaps::default() }), "Submitted Success Success");
        assert_eq!(reports(Mishaps { reordered: 1.0, ..Mishaps::default() }), "Submitted Success Sent");
    }
}
