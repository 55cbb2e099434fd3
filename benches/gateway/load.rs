//! The load: connections that are kept alive, each sending the next hop as soon as the last is answered (a closed loop).
//! One thread on raw sockets, so that it takes as little as it can from the two cores it shares with what it measures.

use std::{
    cell::{Cell, RefCell},
    collections::VecDeque,
    rc::Rc,
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use hdrhistogram::Histogram;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    task::LocalSet,
};

use crate::{script::Session, shared};

/// Sessions that wait for a connection, and those that are through.
pub type Pool = Rc<RefCell<VecDeque<Session>>>;

/// What a load measured.
pub struct Measured {
    /// How many hops were answered.
    pub hops: u64,
    /// How long that took.
    pub took: Duration,
    /// How long each took, in nanoseconds.
    pub latency: Histogram<u64>,
}

impl Measured {
    /// Hops a second.
    pub fn rate(&self) -> f64 {
        per_second(self.hops, self.took)
    }

    /// A quantile of the latency in microseconds.
    pub fn micros(&self, quantile: f64) -> f64 {
        std::time::Duration::from_nanos(self.latency.value_at_quantile(quantile)).as_secs_f64() * 1e6
    }
}

/// So many a second.
pub fn per_second(count: u64, took: Duration) -> f64 {
    shared::figure(count) / took.as_secs_f64()
}

/// What is typed.
#[derive(Clone, Copy)]
pub enum Input {
    /// Nothing yet.
    Dial,
    /// The same by everybody.
    Typed(&'static str),
    /// To everybody their own.
    NationalId,
}

/// What a connection does with each session it takes.
#[derive(Clone, Copy)]
pub enum Work {
    /// One hop with this input, whose answer begins so; then the session goes back.
    Once(Input, &'static str),
    /// All of the script, hop by hop, each with its screen.
    Script,
    /// The same, whatever is shown.
    AnyScript,
}

/// Drive the sessions of `pool` over `connections` to `port`, until none is left or `limit` is over. Sessions that
/// did their one hop are given back.
pub async fn drive(
    port: u16,
    connections: usize,
    sessions: Vec<Session>,
    work: Work,
    limit: Duration,
) -> anyhow::Result<(Measured, Vec<Session>)> {
    let pool: Pool = Rc::new(RefCell::new(sessions.into()));
    let done = Rc::new(RefCell::new(vec![]));
    let over = Rc::new(Cell::new(false));
    let mut clients = vec![];
    for _ in 0..connections {
        clients.push(Client::connect(port).await?);
    }
    let began = Instant::now();
    let local = LocalSet::new();
    let tasks: Vec<_> = clients
        .into_iter()
        .map(|client| {
            let (pool, done, over) = (pool.clone(), done.clone(), over.clone());
            local.spawn_local(async move { client.work(&pool, &done, &over, work, began + limit).await })
        })
        .collect();
    let mut latency = histogram();
    let ends = local
        .run_until(async {
            for task in tasks {
                latency += task.await??;
            }
            anyhow::Ok(Instant::now())
        })
        .await?;
    let done = done.take();
    Ok((Measured { hops: latency.len(), took: ends - began, latency }, done))
}

fn histogram() -> Histogram<u64> {
    Histogram::new(3).expect("three digits are within its limits")
}

/// One connection.
pub struct Client {
    stream: TcpStream,
    request: Vec<u8>,
    body: String,
    answer: Vec<u8>,
}

impl Client {
    /// Connect to a server on loopback.
    pub async fn connect(port: u16) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, request: vec![], body: String::new(), answer: Vec::with_capacity(4096) })
    }

    async fn work(
        mut self,
        pool: &RefCell<VecDeque<Session>>,
        done: &RefCell<Vec<Session>>,
        over: &Cell<bool>,
        work: Work,
        until: Instant,
    ) -> anyhow::Result<Histogram<u64>> {
        let mut latency = histogram();
        while !over.get() {
            let Some(mut session) = pool.borrow_mut().pop_front() else { break };
            match work {
                Work::Once(input, begins) => {
                    match input {
                        Input::Dial => {}
                        Input::Typed(input) => session.typed(input),
                        Input::NationalId => session.typed(&session.national_id()),
                    }
                    latency += self.hop(&session, begins).await?;
                    done.borrow_mut().push(session);
                }
                Work::Script | Work::AnyScript => {
                    while let Some(words) = session.next().filter(|_| !over.get()) {
                        let begins = if matches!(work, Work::Script) { words } else { "CON " };
                        latency += self.hop(&session, begins).await?;
                        over.set(over.get() || Instant::now() > until);
                    }
                }
            }
            over.set(over.get() || Instant::now() > until);
        }
        // Nothing is measured with fewer connections than were asked for.
        if !matches!(work, Work::Once(..)) {
            over.set(true);
        }
        Ok(latency)
    }

    /// One hop; how long it took in nanoseconds.
    pub async fn hop(&mut self, session: &Session, begins: &str) -> anyhow::Result<u64> {
        session.request(&mut self.request, &mut self.body);
        let began = Instant::now();
        self.stream.write_all(&self.request).await?;
        let body = self.answer().await?;
        let took = began.elapsed();
        let body = self.answer.get(body..).unwrap_or_default();
        if !body.starts_with(begins.as_bytes()) {
            bail!("not the screen that was expected ({begins}…): {}", String::from_utf8_lossy(body));
        }
        Ok(u64::try_from(took.as_nanos())?)
    }

    /// Read an answer whole; where its body begins.
    async fn answer(&mut self) -> anyhow::Result<usize> {
        self.answer.clear();
        loop {
            ensure!(self.stream.read_buf(&mut self.answer).await? > 0, "the server hung up");
            let Some(head) = self.answer.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            let body = head + 4;
            let whole = body + length(self.answer.get(..head).unwrap_or_default())?;
            while self.answer.len() < whole {
                ensure!(self.stream.read_buf(&mut self.answer).await? > 0, "the server hung up");
            }
            return Ok(body);
        }
    }
}

fn length(head: &[u8]) -> anyhow::Result<usize> {
    let head = std::str::from_utf8(head)?;
    ensure!(head.starts_with("HTTP/1.1 200"), "not a 200: {head}");
    let mut lines = head.lines().filter_map(|line| line.split_once(": "));
    let length = lines.find(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    length.context("an answer without its length")?.1.parse().context("a length that is none")
}
