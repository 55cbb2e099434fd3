//! The log: lines for people or for machines, to standard error. Whatever the operator asks for, what other crates
//! would tell of statements, addresses and bodies stays out; what our own lines may hold is their writers' care.

use std::io::{self, IsTerminal as _};

use tracing::{Subscriber, level_filters::LevelFilter};
use tracing_subscriber::{
    Layer, filter::Targets, fmt, fmt::MakeWriter, layer::SubscriberExt as _, registry::LookupSpan,
    util::SubscriberInitExt as _,
};

use crate::config::{Log, LogFormat};

/// Crates that print statements, URIs, headers or bodies below `warn`. A callback's body and URI carry the PIN and the
/// path secret (`security.md` 25). Each counts for every target that begins so: `hyper` for `hyper_util` too.
const TALKATIVE: [&str; 10] =
    ["sqlx", "tower", "hyper", "h2", "reqwest", "redis", "rustls", "axum", "config", "want"];

/// The log is already set up in this process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the log is already set up in this process")]
pub struct AlreadySetUp;

/// Set up the log of this process, once, and keep the words of panics out of it.
pub fn install(log: &Log) -> Result<(), AlreadySetUp> {
    let colours = log.format == LogFormat::Text && io::stderr().is_terminal();
    subscriber(log, io::stderr, colours).try_init().map_err(|_| AlreadySetUp)?;
    withhold_panic_words();
    Ok(())
}

/// From now on a panic tells only where it was. One over a text quotes the text, and the text may be what somebody
/// typed.
pub fn withhold_panic_words() {
    std::panic::set_hook(Box::new(|panic| {
        let at = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!(panic.at = at, "a panic; its words are withheld");
    }));
}

/// The same subscriber for any writer, for tests that look at every line.
pub fn subscriber<W>(log: &Log, writer: W, colours: bool) -> impl Subscriber + Send + Sync + use<W>
where
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    tracing_subscriber::registry()
        .with(lines(log.format, writer, colours).with_filter(log.level.clone()))
        .with(cap())
}

fn lines<S, W>(format: LogFormat, writer: W, colours: bool) -> Box<dyn Layer<S> + Send + Sync>
where
    S: Subscriber + for<'s> LookupSpan<'s>,
    W: for<'w> MakeWriter<'w> + Send + Sync + 'static,
{
    let layer = fmt::layer().with_writer(writer).with_ansi(colours);
    match format {
        LogFormat::Text => layer.boxed(),
        LogFormat::Json => layer.json().flatten_event(true).boxed(),
    }
}

/// A filter over all layers, so that no directive of the operator's can be more particular than it.
fn cap() -> Targets {
    let talkative = TALKATIVE.map(|target| (target, LevelFilter::WARN));
    Targets::new().with_default(LevelFilter::TRACE).with_targets(talkative)
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Default)]
    struct Captured(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Captured {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().expect("no test panics while writing").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn captured(format: LogFormat, level: &str, tell: impl FnOnce()) -> String {
        let log = Log { format, level: level.parse().expect("a level") };
        let captured = Captured::default();
        let writer = captured.clone();
        tracing::subscriber::with_default(subscriber(&log, move || writer.clone(), false), tell);
        let bytes = captured.0.lock().expect("no test panics while writing").clone();
        String::from_utf8(bytes).expect("lines are UTF-8")
    }

    fn talk() {
        let pin = "135790";
        tracing::debug!(target: "sqlx::query", statement = pin, "summary");
        tracing::info!(target: "sqlx::query", statement = pin, "summary");
        tracing::debug!(target: "tower_http::trace::on_request", uri = pin, "started");
        tracing::trace!(target: "hyper::proto::h1::role", uri = pin, "parsed");
        tracing::trace!(target: "hyper_util::client", uri = pin, "connecting");
        tracing::trace!(target: "h2::codec", headers = pin, "received");
        tracing::trace!(target: "reqwest::connect", url = pin, "starting");
        tracing::info!(target: "redis::cluster", command = pin, "sent");
        tracing::warn!(target: "sqlx::pool", "the pool is slow");
        tracing::debug!(target: "daftari::web", "our own");
    }

    #[test]
    fn no_level_makes_other_crates_tell_what_was_typed() {
        for level in ["trace", "debug,sqlx=trace,sqlx::query=trace,hyper::proto::h1::role=trace,redis=info"] {
            let told = captured(LogFormat::Text, level, talk);
            assert!(!told.contains("135790"), "{level}: {told}");
            assert!(told.contains("the pool is slow") && told.contains("our own"), "{level}: {told}");
        }
    }

    #[test]
    fn a_span_of_another_crate_adds_nothing_to_our_lines() {
        let told = captured(LogFormat::Text, "trace", || {
            tracing::debug_span!(target: "tower_http::trace::make_span", "request", uri = "135790")
                .in_scope(|| tracing::error!(target: "daftari::web", "within"));
        });
        assert!(told.contains("within") && !told.contains("135790"), "{told}");
    }

    #[test]
    fn the_level_holds_for_our_own_lines() {
        let told = captured(LogFormat::Text, "info", talk);
        assert!(!told.contains("our own") && told.contains("the pool is slow"), "{told}");
        assert!(!told.contains('\u{1b}'), "no colours unless on a terminal");
    }

    #[test]
    fn json_is_one_object_a_line() {
        let told = captured(LogFormat::Json, "debug", talk);
        let lines: Vec<serde_json::Value> =
            told.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[1]["message"], "our own");
    }
}
