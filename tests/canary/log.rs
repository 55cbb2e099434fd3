//! The log of this process, captured at the most talkative the configuration allows, and a panic on demand in the
//! middle of it.

use std::{
    io,
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use chrono::DateTime;
use daftari::{
    config::{Log, LogFormat},
    telemetry::logs,
};
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::PIN;

/// Everything, also of the crates that would tell what they were sent.
const LOUDEST: &str = "trace,daftari=trace,sqlx=trace,sqlx::query=trace,hyper=trace,hyper_util=trace,h2=trace,\
                       axum=trace,tower_http=trace,redis=trace,rustls=trace,reqwest=trace,config=trace";

static CAPTURED: Mutex<Vec<u8>> = Mutex::new(vec![]);
static PANICS_NEXT: AtomicBool = AtomicBool::new(false);

struct Writer;

impl io::Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        assert!(!PANICS_NEXT.swap(false, Ordering::SeqCst), "a panic whose words are {PIN}");
        CAPTURED.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Capture the log of this process from now on.
pub fn capture() {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        let log = Log { format: LogFormat::Text, level: LOUDEST.parse().expect("a level") };
        // As the program does it: lines of the `log` crate are captured too.
        logs::subscriber(&log, || Writer, false).try_init().expect("nothing else captures it");
    });
}

/// Do something of which the first line that it logs panics, with the PIN in its words.
pub async fn with_a_panic<T>(work: impl Future<Output = T>) -> T {
    let as_it_was = std::panic::take_hook();
    logs::withhold_panic_words();
    PANICS_NEXT.store(true, Ordering::SeqCst);
    let done = work.await;
    std::panic::set_hook(as_it_was);
    assert!(!PANICS_NEXT.swap(false, Ordering::SeqCst), "nothing panicked");
    done
}

/// What has been logged so far, without the time of each line: its microseconds are digits by chance.
pub fn text() -> String {
    let captured = CAPTURED.lock().unwrap_or_else(PoisonError::into_inner);
    let lines = String::from_utf8_lossy(&captured);
    let timeless = lines.lines().map(|line| match line.split_once(' ') {
        Some((time, rest)) if DateTime::parse_from_rfc3339(time).is_ok() => rest,
        _ => line,
    });
    timeless.collect::<Vec<_>>().join("\n")
}
