//! How long somebody takes between a screen and the next key that sends.

use std::time::Duration;

use super::dice::Dice;
use crate::phones::keypad;

/// Characters of a screen read in a second; a slow reader's pace, since screens are read once.
const READ_PER_SECOND: f64 = 25.0;
/// Seconds for a key press on twelve keys.
const PRESS_SECONDS: f64 = 0.35;
/// Seconds to find the phone's reply field and to send.
const HANDLING_SECONDS: f64 = 1.5;
/// Networks hang up after 30 s without an answer (`wire.md` 1); whoever is in time is done before.
const LONGEST: Duration = Duration::from_secs(25);

/// Think times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Think {
    /// Reading and typing, each person at their own pace.
    #[default]
    People,
    /// This long for everything.
    Fixed(Duration),
}

impl Think {
    /// The time before an input is sent, having read a screen.
    pub fn before(self, screen: &str, input: &str, dice: &mut Dice) -> Duration {
        let pace = dice.around_one(0.35);
        match self {
            Self::Fixed(time) => time,
            Self::People => {
                let reading = count(screen.chars().count()) / READ_PER_SECOND;
                let typing = count(keypad::presses(input)) * PRESS_SECONDS;
                Duration::from_secs_f64((HANDLING_SECONDS + reading + typing) * pace).min(LONGEST)
            }
        }
    }

    /// The pause before somebody whose call broke off dials again.
    pub fn before_redial(self, dice: &mut Dice) -> Duration {
        let pace = dice.around_one(0.35);
        match self {
            Self::Fixed(time) => time,
            Self::People => Duration::from_secs_f64(4.0 * pace).min(LONGEST),
        }
    }

    /// Whether a phone stays below 30 hops a minute by its own pace (`security.md` 28).
    pub fn is_slow(self) -> bool {
        match self {
            Self::People => true,
            Self::Fixed(time) => time >= Duration::from_millis(2_100),
        }
    }
}

fn count(n: usize) -> f64 {
    u32::try_from(n).map_or(f64::MAX, f64::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_screens_and_long_names_take_longer() {
        let time = |screen: &str, input: &str| Think::People.before(screen, input, &mut Dice::of(1, "x", 1));
        assert!(time(&"a".repeat(160), "1") > time("1: Yes", "1") * 2);
        assert!(time("Type your surname.", "Wanjiku") > time("Type your surname.", "1") * 2);
        assert!(time(&"a".repeat(160), &"z".repeat(100)) == LONGEST);
    }
}
