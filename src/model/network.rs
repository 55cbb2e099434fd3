//! Mobile networks as aggregators number them (MCC + MNC).

use serde::{Deserialize, Serialize};

use super::Msisdn;

/// A network code from a callback. Codes never seen before are data, not errors.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Network(String);

impl Network {
    /// Take an aggregator's code: up to 16 letters and digits, anything else is no code.
    pub fn from_code(code: &str) -> Option<Self> {
        let code = code.trim();
        let fits = (1..=16).contains(&code.len()) && code.bytes().all(|b| b.is_ascii_alphanumeric());
        fits.then(|| Self(code.to_owned()))
    }

    /// The network that a Kenyan number was given out by (Communications Authority's numbering plan, 2024). It may have
    /// moved since: what a callback says counts more.
    pub fn usual_of(line: &Msisdn) -> Option<Self> {
        let code = Self::code_of_prefix(line.as_e164().strip_prefix("+254")?.get(..3)?.parse().ok()?)?;
        Some(Self(code.to_owned()))
    }

    fn code_of_prefix(prefix: u32) -> Option<&'static str> {
        Some(match prefix {
            700..=729 | 740..=743 | 745 | 746 | 748 | 757..=759 | 768 | 769 | 790..=799 | 110..=119 => {
                "63902"
            }
            730..=739 | 750..=756 | 762 | 780..=789 | 100..=109 => "63903",
            770..=779 => "63907",
            763..=766 => "63999",
            _ => return None,
        })
    }

    /// The code as sent, for tables.
    pub fn code(&self) -> &str {
        &self.0
    }

    /// The name a log or a metric shows: one of a fixed few, so that labels stay bounded.
    pub fn label(&self) -> &'static str {
        match self.0.as_str() {
            "63902" => "safaricom",
            "63903" => "airtel",
            "63907" => "telkom",
            "63999" => "equitel",
            "99999" => "sandbox",
            _ => "other",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_tells_who_gave_it_out() {
        let line = Msisdn::from_network("+254700000010");
        let usual = line.and_then(|line| Network::usual_of(&line));
        assert_eq!(usual.map(|network| network.label()), Some("safaricom"));
        let label = |prefix| Network::code_of_prefix(prefix).and_then(Network::from_code).map(|n| n.label());
        for (prefix, expected) in [(110, "safaricom"), (733, "airtel"), (100, "airtel"), (770, "telkom")] {
            assert_eq!(label(prefix), Some(expected), "{prefix}");
        }
        assert_eq!((label(763), label(747), label(200)), (Some("equitel"), None, None));
    }
}
