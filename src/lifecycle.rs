//! Start and stop: signals, the soft stop that lets work finish, the hard stop that doesn't, and the tasks both wait
//! for. What a worker does between is its own.

use std::{
    io,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures_util::FutureExt as _;
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long a soft stop may take. Two seconds short of the 20 within which the process promises to be gone
/// (`security.md` B), for the hard stop itself.
const GRACE: Duration = Duration::from_secs(18);

/// How long a hard stop waits for the dropped tasks.
const LAST_WAIT: Duration = Duration::from_secs(1);

/// The life of one gateway in this process; clones are the same life.
#[derive(Clone, Debug)]
pub struct Lifecycle(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    soft: CancellationToken,
    hard: CancellationToken,
    tracker: TaskTracker,
    reload: watch::Sender<u64>,
    fallen: Mutex<Vec<&'static str>>,
    grace: Duration,
}

/// How a life ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Every task finished by itself.
    Softly,
    /// Some tasks had to be dropped.
    Hard,
}

impl Default for Lifecycle {
    fn default() -> Self {
        Self::new()
    }
}

impl Lifecycle {
    /// A life that no signal ends, with 18 s for a soft stop.
    pub fn new() -> Self {
        Self::with_grace(GRACE)
    }

    /// The same with another time for a soft stop.
    pub fn with_grace(grace: Duration) -> Self {
        Self(Arc::new(Inner {
            soft: CancellationToken::new(),
            hard: CancellationToken::new(),
            tracker: TaskTracker::new(),
            reload: watch::Sender::new(0),
            fallen: Mutex::default(),
            grace,
        }))
    }

    /// Cancelled when no new work should begin; what is in hand may be finished.
    pub fn soft(&self) -> &CancellationToken {
        &self.0.soft
    }

    /// Cancelled when everything must end now.
    pub fn hard(&self) -> &CancellationToken {
        &self.0.hard
    }

    /// Ask for a soft stop, and for a hard one when it is asked again.
    pub fn stop(&self) {
        if self.0.soft.is_cancelled() {
            self.0.hard.cancel();
        }
        self.0.soft.cancel();
    }

    /// Ask everybody to read again what can change while serving (menus).
    pub fn reload(&self) {
        self.0.reload.send_modify(|count| *count += 1);
    }

    /// Changes with every request to reload.
    pub fn reloads(&self) -> watch::Receiver<u64> {
        self.0.reload.subscribe()
    }

    /// Run a task that `wait` waits for and a hard stop drops. A panic ends only this task; `fallen` names it.
    pub fn spawn(&self, name: &'static str, task: impl Future<Output = ()> + Send + 'static) {
        let life = self.clone();
        self.0.tracker.spawn(async move {
            let ended = life.0.hard.run_until_cancelled(AssertUnwindSafe(task).catch_unwind()).await;
            // The panic's own words may hold what was typed: they are not told.
            if let Some(Err(_)) = ended {
                tracing::error!(task.name = name, "a task has fallen and does its work no more");
                life.0.fallen.lock().unwrap_or_else(PoisonError::into_inner).push(name);
            }
        });
    }

    /// The tasks that panicked: something is degraded until the next start.
    pub fn fallen(&self) -> Vec<&'static str> {
        self.0.fallen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Wait until a stop is asked for and every task has ended: by itself, or dropped when the grace is over.
    pub async fn wait(&self) -> Ended {
        self.0.soft.cancelled().await;
        self.0.tracker.close();
        tokio::select! {
            () = self.0.tracker.wait() => {}
            () = self.0.hard.cancelled() => {}
            () = tokio::time::sleep(self.0.grace) => self.0.hard.cancel(),
        }
        // A task that never yields can't be dropped; it must not hold the process either.
        let _ = tokio::time::timeout(LAST_WAIT, self.0.tracker.wait()).await;
        if self.0.hard.is_cancelled() { Ended::Hard } else { Ended::Softly }
    }

    /// Follow the process's signals: SIGTERM and SIGINT stop, softly and the second time hard; SIGHUP reloads.
    pub fn listen_to_signals(&self) -> io::Result<()> {
        let terminate = signal(SignalKind::terminate())?;
        let interrupt = signal(SignalKind::interrupt())?;
        let hang_up = signal(SignalKind::hangup())?;
        tokio::spawn(self.clone().follow(terminate, interrupt, hang_up));
        Ok(())
    }

    async fn follow(self, mut terminate: Signal, mut interrupt: Signal, mut hang_up: Signal) {
        loop {
            tokio::select! {
                () = self.0.hard.cancelled() => return,
                _ = terminate.recv() => self.stop(),
                _ = interrupt.recv() => self.stop(),
                _ = hang_up.recv() => self.reload(),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn a_soft_stop_lets_tasks_finish() {
        let life = Lifecycle::new();
        let (done, finished) = oneshot::channel();
        let soft = life.soft().clone();
        life.spawn("worker", async move {
            soft.cancelled().await;
            done.send("finished").expect("the test listens");
        });
        life.stop();
        assert_eq!(life.wait().await, Ended::Softly);
        assert_eq!(finished.await, Ok("finished"));
        assert!(life.fallen().is_empty());
    }

    #[tokio::test]
    async fn the_second_stop_is_hard() {
        let life = Lifecycle::new();
        life.spawn("stubborn", pending());
        life.stop();
        assert!(!life.hard().is_cancelled());
        life.stop();
        assert_eq!(life.wait().await, Ended::Hard);
    }

    #[tokio::test]
    async fn a_task_that_outstays_the_grace_is_dropped() {
        let life = Lifecycle::with_grace(Duration::from_millis(1));
        let (held, dropped) = oneshot::channel::<()>();
        life.spawn("stubborn", async move {
            let _held = held;
            pending::<()>().await;
        });
        life.stop();
        assert_eq!(life.wait().await, Ended::Hard);
        assert!(dropped.await.is_err(), "the task is gone with what it held");
    }

    #[tokio::test]
    async fn a_panic_ends_one_task_and_is_remembered() {
        let life = Lifecycle::new();
        let (go, may_go) = oneshot::channel();
        life.spawn("unlucky", async { panic!("on purpose") });
        life.spawn("steady", async move { may_go.await.expect("the test sends") });
        go.send(()).expect("the other task goes on");
        life.stop();
        assert_eq!(life.wait().await, Ended::Softly);
        assert_eq!(life.fallen(), ["unlucky"]);
    }

    #[tokio::test]
    async fn a_hang_up_asks_for_a_reload() {
        let life = Lifecycle::new();
        let mut reloads = life.reloads();
        life.listen_to_signals().expect("signals can be followed");
        let sent = tokio::process::Command::new("kill")
            .args(["-HUP", &std::process::id().to_string()])
            .status()
            .await
            .expect("kill runs");
        assert!(sent.success());
        reloads.changed().await.expect("the life goes on");
        assert!(!life.soft().is_cancelled());
        life.stop();
        life.stop();
    }
}
