//! The metrics: their names, one helper each so that labels can't drift, and the text that `/metrics` serves. Labels
//! are words of ours, never a number or an id of anybody.

use std::{sync::OnceLock, thread, time::Duration};

use metrics::{counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};

/// Hops answered, by `provider` and `outcome`.
pub const HOPS: &str = "daftari_hops_total";
/// Seconds from a hop's arrival to its answer.
pub const HOP_SECONDS: &str = "daftari_hop_seconds";
/// Times the state store failed or was too slow.
pub const STATE_ERRORS: &str = "daftari_state_errors_total";
/// Callbacks refused, by `reason`.
pub const CALLBACKS_REFUSED: &str = "daftari_callbacks_refused_total";
/// Messages that reached a fate, by `route` and `fate`.
pub const MESSAGES: &str = "daftari_messages_total";
/// What became of messages, by `route`, `network` and `fate`.
pub const ROUTE_MESSAGES: &str = "daftari_route_messages_total";
/// Codes used of those sent within a quarter of an hour, by `route` and `network`: 0 to 1.
pub const ROUTE_CONVERSION: &str = "daftari_route_conversion";
/// Whether a route that kept failing is left alone just now, by `route`.
pub const ROUTE_RESTING: &str = "daftari_route_resting";
/// Codes that were kept from a route because few of those before to the same prefix were used, by `route`.
pub const CODES_STOPPED: &str = "daftari_codes_stopped_total";
/// Messages waiting in the outbox.
pub const OUTBOX_WAITING: &str = "daftari_outbox_waiting";
/// Codes asked for and typed, by `outcome`.
pub const CODES: &str = "daftari_codes_total";
/// Alarms about codes, by `alarm`.
pub const CODE_ALARMS: &str = "daftari_code_alarms_total";
/// SMS that people sent us, by `wish` and whether they were `answered`.
pub const INBOUND: &str = "daftari_inbound_total";
/// Sign-ins waiting for a core to check their PIN.
pub const ARGON2_WAITING: &str = "daftari_argon2_waiting";

/// Upper bounds in seconds. The promise is 2 s at p99 and 8 s always (`security.md` 26).
const BUCKETS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0];

/// How often samples are folded into the buckets; unfolded they only pile up where nobody asks for `/metrics`.
const UPKEEP: Duration = Duration::from_secs(5);

static METRICS: OnceLock<Result<Metrics, BuildError>> = OnceLock::new();

/// The metrics of this process.
#[derive(Clone, Debug)]
pub struct Metrics {
    handle: PrometheusHandle,
}

/// The metrics can't be set up: another recorder was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the metrics can't be set up: another recorder was there before")]
pub struct RecorderTaken;

impl Metrics {
    /// The metrics of this process, set up by whoever asks first.
    pub fn install() -> Result<Self, RecorderTaken> {
        METRICS.get_or_init(set_up).as_ref().map_err(|_| RecorderTaken).cloned()
    }

    /// The Prometheus text of all metrics.
    pub fn render(&self) -> String {
        self.handle.render()
    }
}

fn set_up() -> Result<Metrics, BuildError> {
    let handle = PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Full(HOP_SECONDS.to_owned()), &BUCKETS)?
        .install_recorder()?;
    describe();
    let kept = handle.clone();
    // Without the thread metrics are still right, they only take more memory.
    let _ = thread::Builder::new().name("metrics".to_owned()).spawn(move || {
        loop {
            thread::sleep(UPKEEP);
            kept.run_upkeep();
        }
    });
    Ok(Metrics { handle })
}

fn describe() {
    describe_counter!(HOPS, "Hops answered, by provider and outcome");
    describe_histogram!(HOP_SECONDS, "Seconds from a hop's arrival to its answer");
    describe_counter!(STATE_ERRORS, "Times the state store failed or was too slow");
    describe_counter!(CALLBACKS_REFUSED, "Callbacks refused, by reason");
    describe_counter!(MESSAGES, "Messages that reached a fate, by route and fate");
    describe_counter!(ROUTE_MESSAGES, "What became of messages, by route, network and fate");
    describe_gauge!(ROUTE_CONVERSION, "Codes used of those sent within 15 minutes, by route and network");
    describe_gauge!(ROUTE_RESTING, "Whether a failing route is left alone just now");
    describe_counter!(CODES_STOPPED, "Codes kept from a route because few to their prefix were used");
    describe_counter!(INBOUND, "SMS that people sent us, by wish and whether they were answered");
    describe_gauge!(OUTBOX_WAITING, "Messages waiting in the outbox");
    describe_counter!(CODES, "Codes asked for and typed, by outcome");
    describe_counter!(CODE_ALARMS, "Alarms about codes, by alarm");
    describe_gauge!(ARGON2_WAITING, "Sign-ins waiting for a core to check their PIN");
}

/// A hop was answered (`outcome`: `continue`, `end`, `again`…) after `seconds`.
pub fn hop(provider: &'static str, outcome: &'static str, seconds: f64) {
    counter!(HOPS, "provider" => provider, "outcome" => outcome).increment(1);
    histogram!(HOP_SECONDS).record(seconds);
}

/// The state store failed or was too slow.
pub fn state_error() {
    counter!(STATE_ERRORS).increment(1);
}

/// A callback was refused (`reason`: `secret`, `source`, `body`…).
pub fn callback_refused(reason: &'static str) {
    counter!(CALLBACKS_REFUSED, "reason" => reason).increment(1);
}

/// An SMS came in (`wish`: `reset`, `not_understood`…; `unread` from what is no line of a person).
pub fn inbound(wish: &'static str, answered: bool) {
    let answered = if answered { "yes" } else { "no" };
    counter!(INBOUND, "wish" => wish, "answered" => answered).increment(1);
}

/// A message reached a fate on a route of the configuration.
pub fn message(route: &str, fate: &'static str) {
    counter!(MESSAGES, "route" => route.to_owned(), "fate" => fate).increment(1);
}

/// A try on a route of the configuration came to something (`sent`, `delivered`, `refused`, `failed`…).
pub fn route_message(route: &str, network: &'static str, fate: &'static str) {
    let route = route.to_owned();
    counter!(ROUTE_MESSAGES, "route" => route, "network" => network, "fate" => fate).increment(1);
}

/// So many of the codes sent by a route to a network within a quarter of an hour were used.
pub fn route_conversion(route: &str, network: &'static str, used_of_sent: f64) {
    gauge!(ROUTE_CONVERSION, "route" => route.to_owned(), "network" => network).set(used_of_sent);
}

/// A route is left alone, or not any more.
pub fn route_resting(route: &str, resting: bool) {
    gauge!(ROUTE_RESTING, "route" => route.to_owned()).set(u32::from(resting));
}

/// A code was kept from a route.
pub fn code_stopped(route: &str) {
    counter!(CODES_STOPPED, "route" => route.to_owned()).increment(1);
}

/// So many messages wait in the outbox.
pub fn outbox_waiting(messages: u32) {
    gauge!(OUTBOX_WAITING).set(messages);
}

/// A code was asked for or typed, and this came of it.
pub fn code(outcome: &'static str) {
    counter!(CODES, "outcome" => outcome).increment(1);
}

/// Somebody has to look at what codes cost, or at who guesses them.
pub fn code_alarm(alarm: &'static str) {
    counter!(CODE_ALARMS, "alarm" => alarm).increment(1);
}

/// So many sign-ins wait for a core.
pub fn argon2_waiting(sign_ins: u32) {
    gauge!(ARGON2_WAITING).set(sign_ins);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_apps_in_one_process_share_the_metrics() {
        let one = Metrics::install().expect("the first");
        let other = Metrics::install().expect("the second");
        callback_refused("shared");
        let line = "daftari_callbacks_refused_total{reason=\"shared\"} 1";
        assert!(one.render().contains(line) && other.render().contains(line));
    }

    #[test]
    fn every_metric_is_told_in_prometheus_text() {
        let metrics = Metrics::install().expect("metrics");
        hop("africastalking", "continue", 0.03);
        state_error();
        message("at", "delivered");
        outbox_waiting(7);
        argon2_waiting(2);
        let text = metrics.render();
        for line in [
            "daftari_hops_total{provider=\"africastalking\",outcome=\"continue\"} 1",
            "daftari_hop_seconds_bucket{le=\"0.025\"} 0",
            "daftari_hop_seconds_bucket{le=\"0.05\"} 1",
            "daftari_hop_seconds_bucket{le=\"8\"} 1",
            "daftari_state_errors_total 1",
            "daftari_messages_total{route=\"at\",fate=\"delivered\"} 1",
            "daftari_outbox_waiting 7",
            "# TYPE daftari_argon2_waiting gauge",
        ] {
            assert!(text.contains(line), "{line} in\n{text}");
        }
    }
}
