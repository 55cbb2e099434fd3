//! How long networks wait for people (`wire.md` 1). Who counts them down is whoever plays the phone.

use std::time::Duration;

use crate::model::Network;

/// How long a session lives in Kenya, from its dial.
pub const SESSION: Duration = Duration::from_mins(3);

/// How long the caller may think before the network drops the call: 60 s on Airtel, 30 s on Safaricom and Equitel.
/// For other networks nothing is documented; they get the shorter time.
pub fn thinking_time(network: Option<&Network>) -> Duration {
    let airtel = network.is_some_and(|network| network.label() == "airtel");
    Duration::from_secs(if airtel { 60 } else { 30 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn airtel_waits_longer_than_the_others() {
        let seconds = |code| thinking_time(Network::from_code(code).as_ref()).as_secs();
        assert_eq!(["63902", "63903", "63907", "63999"].map(seconds), [30, 60, 30, 30]);
        assert_eq!(thinking_time(None).as_secs(), 30);
    }
}
