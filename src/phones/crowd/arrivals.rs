//! When phones dial: an arrival curve over a window. The instants are fixed before the first hop, so a gateway that
//! slows down is dialled as often as one that keeps up.

use std::time::Duration;

use super::dice::Dice;

/// The shape of the curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Arrivals {
    /// As many in each second.
    #[default]
    Constant,
    /// From none to twice as many at the end.
    Ramp,
    /// A few, then more and more up to the middle of the window, then fewer: a centre's morning.
    Morning,
}

impl Arrivals {
    /// The instants of `count` dials within a window from its beginning, in order.
    pub fn instants(self, count: u32, window: Duration, seed: u64) -> Vec<Duration> {
        let mut dice = Dice::of(seed, "arrivals", 0);
        let share = |n: u32, dice: &mut Dice| (f64::from(n) + dice.fraction()) / f64::from(count.max(1));
        (0..count).map(|n| window.mul_f64(self.place(share(n, &mut dice)).clamp(0.0, 1.0))).collect()
    }

    /// Where in the window (0 to 1) so large a share of all phones has dialled.
    fn place(self, share: f64) -> f64 {
        match self {
            Self::Constant => share,
            Self::Ramp => share.sqrt(),
            Self::Morning if share < 0.5 => (share / 2.0).sqrt(),
            Self::Morning => 1.0 - ((1.0 - share) / 2.0).sqrt(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_quarters(arrivals: Arrivals) -> [usize; 4] {
        let instants = arrivals.instants(1_000, Duration::from_secs(100), 5);
        assert!(instants.is_sorted() && instants.len() == 1_000);
        let quarter = |n: u64| move |at: &&Duration| (n * 25..n * 25 + 25).contains(&at.as_secs());
        [0, 1, 2, 3].map(|n| instants.iter().filter(quarter(n)).count())
    }

    #[test]
    fn each_curve_has_its_shape() {
        let [first, second, third, last] = in_quarters(Arrivals::Constant);
        assert!([first, second, third, last].iter().all(|n| (249..=251).contains(n)));
        let [first, _, _, last] = in_quarters(Arrivals::Ramp);
        assert!(first < 70 && last > 430, "{first} {last}");
        let [first, second, third, last] = in_quarters(Arrivals::Morning);
        assert!(first < 130 && second > 370 && third > 370 && last < 130);
    }

    #[test]
    fn a_seed_gives_the_same_instants() {
        let instants = |seed| Arrivals::Morning.instants(50, Duration::from_secs(9), seed);
        assert_eq!(instants(3), instants(3));
        assert_ne!(instants(3), instants(4));
    }
}
