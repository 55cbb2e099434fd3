//! Mobile networks as aggregators number them (MCC + MNC).

use serde::{Deserialize, Serialize};

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
