//! Redis servers of a test's own, to be killed, paused and flushed; they die with the test.

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use redis::{Commands as _, Connection, FromRedisValue};

/// One redis-server on a free port of loopback, without persistence.
pub struct Server {
    port: u16,
    bus: Option<u16>,
    without: Option<&'static str>,
    home: tempfile::TempDir,
    process: Option<Child>,
}

impl Server {
    /// A running server.
    pub fn start() -> Self {
        let mut server = Self::absent();
        server.run();
        server
    }

    /// A server that is down and can be started.
    pub fn absent() -> Self {
        let home = tempfile::tempdir().expect("a directory");
        Self { port: free_port(), bus: None, without: None, home, process: None }
    }

    /// A running server that does not know this command; scripts don't either.
    pub fn without(command: &'static str) -> Self {
        let mut server = Self::absent();
        server.without = Some(command);
        server.run();
        server
    }

    fn node() -> Self {
        let mut server = Self::absent();
        server.bus = Some(free_port());
        server.run();
        server
    }

    pub fn url(&self) -> String {
        format!("redis://{}", self.address())
    }

    fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Starts it on its port, empty, and waits until it answers.
    pub fn run(&mut self) {
        let mut command = Command::new("redis-server");
        command.args([
            "--bind",
            "127.0.0.1",
            "--port",
            &self.port.to_string(),
            "--save",
            "",
            "--appendonly",
            "no",
        ]);
        command.arg("--dir").arg(self.home.path());
        if let Some(command_name) = self.without {
            command.args(["--rename-command", command_name, ""]);
        }
        if let Some(bus) = self.bus {
            command.args(["--cluster-enabled", "yes", "--cluster-port", &bus.to_string()]);
            command.args(["--cluster-node-timeout", "60000", "--cluster-require-full-coverage", "no"]);
        }
        let process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        self.process = Some(process.expect("redis-server is needed: apt-get install redis-server"));
        wait_for("redis-server answers", || self.answers());
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().expect("it can be killed");
            process.wait().expect("it ends");
        }
    }

    /// Stops it in the middle of whatever it does; connections stay open and silent.
    pub fn pause(&self) {
        self.signal("-STOP");
    }

    /// Lets a paused server go on.
    pub fn go_on(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, signal: &str) {
        let pid = self.process.as_ref().expect("it runs").id().to_string();
        assert!(Command::new("kill").args([signal, &pid]).status().expect("kill runs").success());
    }

    /// Sends a command past the store.
    pub fn ask<T: FromRedisValue>(&self, command: &[&str]) -> T {
        ask(&self.url(), command)
    }

    /// Sends a command with a password.
    pub fn ask_with(&self, password: &str, command: &[&str]) {
        ask::<()>(&self.url().replace("://", &format!("://:{password}@")), command);
    }

    fn answers(&self) -> bool {
        connect(&self.url()).is_some_and(|mut server| server.ping::<String>().is_ok())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Three masters, a third of the slots each, no replicas. A dead one leaves the others serving.
pub struct Cluster(pub [Server; 3]);

impl Cluster {
    pub fn start() -> Self {
        let nodes = [Server::node(), Server::node(), Server::node()];
        for (node, slots) in nodes.iter().zip([["0", "5460"], ["5461", "10922"], ["10923", "16383"]]) {
            node.ask::<String>(&["CLUSTER", "ADDSLOTSRANGE", slots[0], slots[1]]);
        }
        for (node, epoch) in nodes.iter().zip(["1", "2", "3"]) {
            node.ask::<String>(&["CLUSTER", "SET-CONFIG-EPOCH", epoch]);
        }
        for other in &nodes[1..] {
            let bus = other.bus.expect("a node has a bus").to_string();
            nodes[0].ask::<String>(&["CLUSTER", "MEET", "127.0.0.1", &other.port.to_string(), &bus]);
        }
        wait_for("all three know all slots", || nodes.iter().all(knows_all_slots));
        Self(nodes)
    }

    pub fn url(&self) -> String {
        format!("redis+cluster://{}", self.0.each_ref().map(Server::address).join(","))
    }
}

fn ask<T: FromRedisValue>(url: &str, command: &[&str]) -> T {
    let mut asked = redis::cmd(command[0]);
    asked.arg(&command[1..]);
    asked.query(&mut connect(url).expect("it runs")).expect("it answers")
}

fn connect(url: &str) -> Option<Connection> {
    redis::Client::open(url).ok()?.get_connection_with_timeout(Duration::from_secs(1)).ok()
}

fn knows_all_slots(node: &Server) -> bool {
    let info: String = node.ask(&["CLUSTER", "INFO"]);
    info.contains("cluster_state:ok") && info.contains("cluster_slots_assigned:16384")
}

/// Free when asked; whoever starts takes it soon.
fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port()
}

fn wait_for(what: &str, mut ask: impl FnMut() -> bool) {
    let guard = Instant::now() + Duration::from_secs(30);
    while !ask() {
        assert!(Instant::now() < guard, "it never happened: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
