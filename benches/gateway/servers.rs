//! The processes that are measured: started on free ports, asked for their CPU and memory by `/proc`, killed at the end.

use std::{
    fs::{self, File},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context as _, bail, ensure};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{script::SECRET, shared};

/// What the kernel counts CPU in (`USER_HZ`: 100 on every Linux there is).
const TICK: Duration = Duration::from_millis(10);

/// A server that runs.
pub struct Server {
    child: Child,
    pub port: u16,
}

impl Server {
    /// Start a command that serves on `port`, and wait until it is ready; what it prints goes to `log`.
    pub async fn start(mut command: Command, port: u16, log: &Path) -> anyhow::Result<Self> {
        let file = File::create(log)?;
        let child = command.stdin(Stdio::null()).stdout(file.try_clone()?).stderr(file).spawn()?;
        let mut server = Self { child, port };
        let guard = Instant::now() + Duration::from_secs(30);
        while !is_ready(port).await {
            if server.child.try_wait()?.is_some() || Instant::now() > guard {
                bail!("a server does not start: {}", fs::read_to_string(log).unwrap_or_default());
            }
            tokio::time::sleep(Duration::from_micros(500)).await;
        }
        Ok(server)
    }

    /// The CPU it has used so far, in user and kernel mode.
    pub fn cpu(&self) -> anyhow::Result<Duration> {
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        // The name in parentheses may hold blanks.
        let (_, rest) = stat.rsplit_once(')').context("no name")?;
        let ticks = rest.split_whitespace().skip(11).take(2).map(str::parse::<u32>);
        Ok(ticks.sum::<Result<u32, _>>()? * TICK)
    }

    /// Its process.
    #[allow(dead_code, reason = "only the morning peak needs it")]
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// The memory it has resident, in bytes.
    pub fn resident(&self) -> anyhow::Result<u64> {
        shared::resident(&self.child.id().to_string())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn is_ready(port: u16) -> bool {
    let asked = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.write_all(b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n").await?;
        let mut answer = vec![];
        stream.read_to_end(&mut answer).await?;
        std::io::Result::Ok(answer.starts_with(b"HTTP/1.1 200"))
    };
    asked.await.unwrap_or(false)
}

/// Free when asked, below the ports that the system gives to whoever connects, and given out once.
pub fn free_port() -> anyhow::Result<u16> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let mut ports = std::iter::repeat_with(|| std::process::id() + NEXT.fetch_add(1, Ordering::Relaxed));
    let free = ports.by_ref().take(10_000).filter_map(|n| u16::try_from(22_000 + n % 10_000).ok());
    free.into_iter().find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok()).context("no port is free")
}

/// A daftari: its folder, its database and its state.
pub struct Daftari {
    folder: tempfile::TempDir,
    environment: Vec<(&'static str, String)>,
    port: u16,
}

impl Daftari {
    /// One with a database at this program's version; on SQLite where no database is named.
    pub fn new(database: Option<&str>, state: &str) -> anyhow::Result<Self> {
        let (folder, port) = (tempfile::tempdir()?, free_port()?);
        let file = folder.path().join("gateway.db");
        let database = database.map_or_else(|| format!("sqlite://{}", file.display()), ToOwned::to_owned);
        let environment = vec![
            ("DAFTARI_SERVER__LISTEN", format!("127.0.0.1:{port}")),
            ("DAFTARI_SERVER__ADMIN_LISTEN", "127.0.0.1:0".to_owned()),
            ("DAFTARI_SERVER__CALLBACK_SECRET", SECRET.to_owned()),
            ("DAFTARI_DATABASE__URL", database),
            ("DAFTARI_STATE__URL", state.to_owned()),
            ("DAFTARI_KEYS__FILE", folder.path().join("keys").display().to_string()),
        ];
        let daftari = Self { folder, environment, port };
        daftari.run(&["keys", "make", "keys"])?;
        daftari.run(&["migrate"])?;
        Ok(daftari)
    }

    /// The same with one more setting.
    #[allow(dead_code, reason = "only the morning peak needs it")]
    pub fn with(mut self, key: &'static str, value: &str) -> Self {
        self.environment.push((key, value.to_owned()));
        self
    }

    /// Its folder, in which its keys are.
    #[allow(dead_code, reason = "only the morning peak needs it")]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Serve.
    pub async fn serve(&self) -> anyhow::Result<Server> {
        Server::start(self.command(&["serve"]), self.port, &self.folder.path().join("log")).await
    }

    /// Run a command to its end.
    pub fn run(&self, args: &[&str]) -> anyhow::Result<()> {
        let output = self.command(args).output()?;
        ensure!(output.status.success(), "daftari {args:?}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(())
    }

    /// A command with its settings.
    pub fn command(&self, args: &[&str]) -> Command {
        // Another build can be held against the same floor.
        let program = std::env::var_os("DAFTARI_BENCH_PROGRAM").map(PathBuf::from);
        let mut command = Command::new(program.unwrap_or_else(|| env!("CARGO_BIN_EXE_daftari").into()));
        let environment = self.environment.iter().map(|(name, value)| (name, value));
        command.current_dir(self.folder.path()).env_clear().envs(environment).args(args);
        command
    }
}

/// The floor on this Redis.
pub async fn floor(redis: &str, folder: &Path) -> anyhow::Result<Server> {
    let port = free_port()?;
    let mut command = Command::new(variable("DAFTARI_BENCH_FLOOR")?);
    command.args([&port.to_string(), redis]);
    Server::start(command, port, &folder.join("floor.log")).await
}

/// The peer on this Redis.
pub async fn peer(redis: &str, folder: &Path) -> anyhow::Result<Server> {
    let port = free_port()?;
    let mut command = Command::new("node");
    command.env("NODE_ENV", "production").current_dir(variable("DAFTARI_BENCH_PEER")?);
    command.args(["server.js", &port.to_string(), redis]);
    Server::start(command, port, &folder.join("peer.log")).await
}

/// What `benches/run` sets.
pub fn variable(name: &str) -> anyhow::Result<String> {
    std::env::var(name).with_context(|| format!("{name} is not set: run benches/run"))
}
