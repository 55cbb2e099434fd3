//! Chance from a seed. Everybody has a stream of their own, so that what one phone does never depends on how far the
//! others have come. The same seed gives the same streams in every run of the same build of daftari.

use std::f64::consts::TAU;

use rand::{RngExt as _, SeedableRng as _, rngs::StdRng};

/// A stream of chance.
pub struct Dice(StdRng);

impl Dice {
    /// The stream of the `n`th of a kind (`what`: a word that tells phones from messages) under a seed.
    pub fn of(seed: u64, what: &str, n: u64) -> Self {
        let named = what.bytes().fold(seed, |mixed, byte| scatter(mixed ^ u64::from(byte)));
        Self(StdRng::seed_from_u64(scatter(named ^ scatter(n))))
    }

    /// From 0 to below 1.
    pub fn fraction(&mut self) -> f64 {
        self.0.random::<f64>()
    }

    /// True in so many of one cases.
    pub fn happens(&mut self, share: f64) -> bool {
        self.fraction() < share
    }

    /// From 0 to below `n`; 0 when there is nothing below it.
    pub fn below(&mut self, n: u64) -> u64 {
        if n == 0 { 0 } else { self.0.random_range(0..n) }
    }

    /// One of several.
    pub fn one_of<'a, T>(&mut self, all: &'a [T]) -> Option<&'a T> {
        let at = self.below(all.len() as u64);
        usize::try_from(at).ok().and_then(|at| all.get(at))
    }

    /// About 1, spread as people are: the logarithm is normal with this deviation.
    pub fn around_one(&mut self, deviation: f64) -> f64 {
        let (length, angle) = (1.0 - self.fraction(), self.fraction());
        let normal = (-2.0 * length.ln()).sqrt() * (TAU * angle).cos();
        (normal * deviation).exp()
    }

    /// 128 random bits, for the id of a session.
    pub fn id(&mut self) -> u128 {
        self.0.random::<u128>()
    }
}

/// Neighbouring numbers to far ones: `SplitMix64`'s finisher.
fn scatter(n: u64) -> u64 {
    let n = n.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_and_neighbours_differ() {
        let throw = |seed, n| Dice::of(seed, "phone", n).id();
        assert_eq!(throw(7, 3), throw(7, 3));
        assert_ne!(throw(7, 3), throw(7, 4));
        assert_ne!(throw(7, 3), throw(8, 3));
        assert_ne!(throw(7, 3), Dice::of(7, "sms", 3).id());
    }

    #[test]
    fn people_are_spread_about_one() {
        let mut dice = Dice::of(1, "pace", 0);
        let mut many: Vec<f64> = (0..1_000).map(|_| dice.around_one(0.4)).collect();
        many.sort_by(f64::total_cmp);
        assert!((0.9..1.1).contains(&many[500]) && many[0] > 0.1 && many[999] < 6.0);
    }
}
