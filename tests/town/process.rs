//! The program itself, as an operator runs it: a process of its own, with a configuration file on SQLite.

use std::{
    env,
    fs::{self, File},
    net::TcpListener,
    path::Path,
    process::{Child, Command, ExitStatus, Output, Stdio},
    time::{Duration, Instant},
};

use daftari::{
    clock::{Chance, Clock},
    gateways::http_client,
    phones::wire::{Aggregator, Sources, Wire},
    storage::{IfMissing, Store},
};
use secrecy::SecretString;

use crate::town::{CODE, SECRET};

mod commands;
mod demo;
mod drill;
mod kills;
mod log;

/// A folder with a configuration, and the program on it.
struct Program {
    folder: tempfile::TempDir,
    port: u16,
    process: Option<Child>,
    /// What it is told beside its configuration file.
    environment: Vec<(String, String)>,
}

impl Program {
    fn new(environment: Vec<(String, String)>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        Self { folder, port: free_port(), process: None, environment }
    }

    /// One more node over what a town's nodes share.
    fn beside(environment: &[(String, String)]) -> Self {
        let shared = environment.iter().filter(|(key, _)| key != "DAFTARI_SERVER__LISTEN");
        let program = Self::new(shared.cloned().collect());
        let text = format!("[server]\nlisten = \"127.0.0.1:{}\"\n", program.port);
        fs::write(program.path().join("daftari.toml"), text).expect("a configuration");
        program
    }

    /// A configuration whose database is not made yet.
    fn configured() -> Self {
        let program = Self::new(vec![]);
        let database = program.path().join("gateway.db");
        let text = format!(
            "[server]\nlisten = \"127.0.0.1:{}\"\nadmin_listen = \"127.0.0.1:0\"\ncallback_secret = \"{SECRET}\"\n\
             [database]\nurl = \"sqlite://{}\"\n[[sms.route]]\nname = \"simulated\"\nkind = \"simulator\"\n",
            program.port,
            database.display()
        );
        fs::write(program.path().join("daftari.toml"), text).expect("a configuration");
        program
    }

    /// The same with its database, serving.
    async fn serving() -> Self {
        let mut program = Self::configured();
        assert!(program.run(&["migrate"]).status.success());
        program.serve().await;
        program
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn command(&self, args: &[&str]) -> Command {
        // `tests/drill` kills what is released, without building all tests like that.
        let program = env::var_os("DAFTARI_TEST_PROGRAM");
        let mut command = Command::new(program.unwrap_or_else(|| env!("CARGO_BIN_EXE_daftari").into()));
        let environment = self.environment.iter().map(|(key, value)| (key, value));
        command
            .current_dir(self.path())
            .env_clear()
            .envs(environment)
            .env("DAFTARI_CONFIG", "daftari.toml")
            .args(args);
        command
    }

    /// Run a command to its end.
    fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("the program runs")
    }

    /// Start `serve` and wait until it is ready.
    async fn serve(&mut self) {
        self.start(&["serve"]).await;
    }

    /// Start a command that serves, and wait until it is ready. What it prints goes to files in its folder.
    async fn start(&mut self, args: &[&str]) {
        let file = |name: &str| File::create(self.path().join(name)).map(Stdio::from).expect("a file");
        let process = self.command(args).stdout(file("stdout")).stderr(file("stderr")).spawn();
        self.process = Some(process.expect("the program starts"));
        let (client, url) = (http_client().expect("a client"), format!("{}/readyz", self.url()));
        let guard = Instant::now() + Duration::from_secs(30);
        while !client.get(&url).send().await.is_ok_and(|answer| answer.status().is_success()) {
            let ended = self.process.as_mut().and_then(|process| process.try_wait().expect("it is ours"));
            assert!(ended.is_none() && Instant::now() < guard, "it is not ready: {}", self.printed("stderr"));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// What it has printed since it was started.
    fn printed(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap_or_default()
    }

    fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The aggregator with this gateway behind it.
    fn aggregator(&self, secret: &str) -> Aggregator {
        let chance = Chance::from_system();
        let sources = Sources::new(move || chance.bytes(), || Clock::System.now());
        let secret = SecretString::from(secret);
        Aggregator::new(&self.url(), secret, CODE, Wire::AfricasTalking, sources).expect("an aggregator")
    }

    /// `kill -9`.
    fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("it can be killed");
            process.wait().expect("it ends");
        }
    }

    /// `SIGTERM`; then it must be gone within the 20 seconds that it promises.
    async fn terminate(&mut self) -> ExitStatus {
        let mut process = self.process.take().expect("it runs");
        let killed = Command::new("kill").args(["-TERM", &process.id().to_string()]).status();
        assert!(killed.expect("kill runs").success());
        let guard = Instant::now() + Duration::from_secs(20);
        loop {
            if let Some(status) = process.try_wait().expect("it is ours") {
                return status;
            }
            if Instant::now() > guard {
                process.kill().expect("it can be killed");
                panic!("it is still there after 20 s");
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The texts that a query gives, from the database of a program that is stopped.
    async fn texts(&self, sql: &'static str) -> Vec<String> {
        let url = format!("sqlite://{}", self.path().join("gateway.db").display());
        let store = Store::connect(&url, 1, IfMissing::Refuse).await.expect("the database is there");
        let mut tx = store.read().await.expect("a read");
        let rows: Vec<(String,)> = tx.query(sql).all().await.expect("rows");
        rows.into_iter().map(|(text,)| text).collect()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Free when asked, and below the ports that the system gives to whoever connects: it stays free while the program is
/// down between two starts.
fn free_port() -> u16 {
    let chance = Chance::from_system();
    loop {
        let port = 22_000 + u16::from_be_bytes(chance.bytes()) % 10_000;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
