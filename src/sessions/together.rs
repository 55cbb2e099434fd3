//! What several hops ask of one Redis goes out in one write, and their answers come back in one read. Most of what a
//! small command costs, here and in Redis, is not the command but the system calls and wake-ups around it.
//!
//! Whoever asks while nobody waits begins a task that first lets everything run that could run now, and then sends all
//! that was asked meanwhile; whoever makes it enough sends it at once. A hop that is alone waits for nothing: there is
//! nothing else to run.

use std::{
    mem,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use redis::{
    Cmd, Pipeline, RedisResult, Value,
    aio::{ConnectionLike, ConnectionManager},
};
use tokio::sync::oneshot;

/// How many hops go out in one write at most: Redis answers them while the next come together.
const MOST: usize = 8;

/// What is asked and not sent yet; clones are the same.
#[derive(Clone, Default)]
pub(super) struct Together(Arc<Mutex<Waiting>>);

/// Commands one after the other, and who gets how many of their answers.
#[derive(Default)]
struct Waiting {
    commands: Pipeline,
    asked: Vec<(usize, oneshot::Sender<RedisResult<Vec<Value>>>)>,
}

impl Together {
    /// The answers to these commands, each of which may be a refusal. They are sent one after the other, with
    /// commands of others before and behind them.
    pub(super) async fn ask<const N: usize>(
        &self,
        commands: [Cmd; N],
        connection: impl FnOnce() -> ConnectionManager,
    ) -> RedisResult<Vec<Value>> {
        let (to, answers) = oneshot::channel();
        let next = self.waiting().add(commands, to);
        match next {
            Next::Wait => {}
            Next::Gather => {
                tokio::spawn(Turn(Some(self.clone())).gather(connection()));
            }
            Next::Send(enough) => {
                tokio::spawn(enough.send(connection()));
            }
        }
        // A turn that was dropped with its runtime has dropped whoever waited for it.
        answers.await.unwrap_or_else(|_| Err(std::io::Error::from(std::io::ErrorKind::BrokenPipe).into()))
    }

    fn take(&self) -> Waiting {
        mem::take(&mut *self.waiting())
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The task of whoever asked first. It takes what waits, also when it is dropped before its time: then all who wait are
/// told so, and the next to ask is first again.
struct Turn(Option<Together>);

impl Turn {
    async fn gather(mut self, connection: ConnectionManager) {
        tokio::task::yield_now().await;
        let all = self.0.take().map(|together| together.take()).unwrap_or_default();
        // Nothing is left where it has become enough meanwhile.
        if !all.asked.is_empty() {
            all.send(connection).await;
        }
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if let Some(together) = self.0.take() {
            together.take();
        }
    }
}

/// What whoever has asked does next.
enum Next {
    /// Others send it.
    Wait,
    /// See what comes together, and send it.
    Gather,
    /// Send this: it is enough.
    Send(Waiting),
}

impl Waiting {
    /// Put commands behind those that wait.
    fn add<const N: usize>(
        &mut self,
        commands: [Cmd; N],
        to: oneshot::Sender<RedisResult<Vec<Value>>>,
    ) -> Next {
        for command in commands {
            self.commands.add_command(command);
        }
        self.asked.push((N, to));
        match self.asked.len() {
            1 => Next::Gather,
            MOST.. => Next::Send(mem::take(self)),
            _ => Next::Wait,
        }
    }

    async fn send(self, mut connection: ConnectionManager) {
        // Whoever doesn't wait any more has been told that it is not known what became of it.
        match connection.req_packed_commands(&self.commands, 0, self.commands.len()).await {
            Ok(answers) => {
                let mut answers = answers.into_iter();
                for (count, to) in self.asked {
                    let _ = to.send(Ok(answers.by_ref().take(count).collect()));
                }
            }
            Err(error) => {
                for (_, to) in self.asked {
                    let _ = to.send(Err(error.clone()));
                }
            }
        }
    }
}
