//! A real Kannel for a test: bearerbox, smsbox and, when the test asks for it, a fake SMSC, on free loopback ports, from
//! a generated configuration in a folder of its own. It ends with the test, also when that panics or is killed.

use std::{
    env,
    fs::{self, File},
    io,
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::Duration,
};

pub const USER: &str = "daftari";
pub const PASSWORD: &str = "only-tests-know";
pub const SENDER: &str = "22384";
/// Lines that only the refusing SMSC is for.
pub const REFUSED_LINES: &str = "+25470000002";
/// Lines that no SMSC is for.
pub const UNROUTED_LINES: &str = "+25470000003";

/// How long anything may take to come about; only a failing test takes so long.
const PATIENCE: Duration = Duration::from_mins(1);

/// Kannel, running.
pub struct Boxes {
    /// Where smsbox takes messages.
    pub sendsms: String,
    smsc_port: u16,
    processes: Vec<Child>,
    folder: tempfile::TempDir,
}

impl Boxes {
    /// Bearerbox and smsbox; `refusing` is the HTTP SMSC that the refused lines go to. Between our look for free ports and
    /// the boxes another process may take one: then they end at once, and are started on others.
    pub async fn start(refusing: &str) -> Self {
        let mut ended = String::new();
        for _ in 0..4 {
            match Self::started(refusing).await {
                Ok(kannel) => return kannel,
                Err(log) => ended = log,
            }
        }
        panic!("Kannel ends whenever it is started: {ended}");
    }

    /// Kannel, or what a box that has ended wrote.
    async fn started(refusing: &str) -> Result<Self, String> {
        let folder = tempfile::tempdir().expect("a folder");
        let ports: [u16; 5] = free_ports();
        let [admin, boxes, sendsms, smsc, http_smsc] = ports;
        let config = configuration(&ports, refusing);
        fs::write(folder.path().join("kannel.conf"), config).expect("a configuration");
        let sendsms = format!("http://127.0.0.1:{sendsms}");
        let mut kannel = Self { sendsms, smsc_port: smsc, processes: vec![], folder };
        kannel.run("bearerbox", &["kannel.conf"]);
        for port in [admin, boxes, smsc, http_smsc] {
            kannel.listens(port, "bearerbox").await?;
        }
        kannel.run("smsbox", &["kannel.conf"]);
        kannel.listens(ports[2], "smsbox").await?;
        Ok(kannel)
    }

    /// Connect a fake SMSC, which takes everything and reports it as delivered.
    pub fn connect_smsc(&mut self) {
        let port = self.smsc_port.to_string();
        // It sends none of its own: the words are only there because it wants some.
        self.run("fakesmsc", &["-H", "127.0.0.1", "-r", &port, "-i", "3600", "-m", "0", "0 0 text none"]);
    }

    /// Wait until the fake SMSC has got a message that holds these words, and give its line of the log.
    pub async fn arrived(&self, words: &str) -> String {
        until("the SMS is at the fake SMSC", async || {
            let log = self.log("fakesmsc");
            log.lines().find(|line| line.contains("Got message") && line.contains(words)).map(str::to_owned)
        })
        .await
    }

    /// What a box has written so far.
    pub fn log(&self, name: &str) -> String {
        let bytes = fs::read(self.folder.path().join(format!("{name}.log"))).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn run(&mut self, name: &str, arguments: &[&str]) {
        let log = File::create(self.folder.path().join(format!("{name}.log"))).expect("a log");
        // Should this process be killed, the kernel kills them too.
        let child = Command::new(program("setpriv"))
            .args(["--pdeathsig", "KILL"])
            .arg(program(name))
            .args(arguments)
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a second handle"))
            .stderr(log)
            .spawn();
        self.processes.push(child.expect("setpriv runs: it is part of util-linux"));
    }

    /// Wait until somebody listens there; what the box wrote if one of ours has ended.
    async fn listens(&mut self, port: u16, name: &str) -> Result<(), String> {
        until(name, async || {
            let ended = self.processes.iter_mut().any(|process| !matches!(process.try_wait(), Ok(None)));
            if ended {
                return Some(Err(format!("{name} waited for: {}", self.log(name))));
            }
            let there = TcpStream::connect(("127.0.0.1", port)).ok()?;
            // While nobody listens, a connection may come to be with itself.
            (there.local_addr().ok() != there.peer_addr().ok()).then_some(Ok(()))
        })
        .await
    }
}

impl Drop for Boxes {
    fn drop(&mut self) {
        for process in self.processes.iter_mut().rev() {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

/// Wait until `look` finds something.
pub async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let found = tokio::time::timeout(PATIENCE, async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    found.await.unwrap_or_else(|_| panic!("it never came about: {what}"))
}

fn program(name: &str) -> PathBuf {
    let path = env::var_os("PATH").unwrap_or_default();
    let places = env::split_paths(&path).chain(["/usr/sbin".into(), "/usr/lib/kannel/test".into()]);
    let found = places.map(|place: PathBuf| place.join(name)).find(|file| is_program(file));
    found.unwrap_or_else(|| {
        panic!("{name} is missing; run: sudo apt-get update && sudo apt-get install kannel kannel-extras util-linux")
    })
}

fn is_program(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|there| there.is_file())
}

/// Ports that were free a moment ago, each another.
pub fn free_ports<const N: usize>() -> [u16; N] {
    let held: io::Result<Vec<TcpListener>> = (0..N).map(|_| TcpListener::bind("127.0.0.1:0")).collect();
    let held = held.expect("free ports");
    std::array::from_fn(|at| held[at].local_addr().expect("an address").port())
}

fn configuration([admin, boxes, sendsms, smsc, http_smsc]: &[u16; 5], refusing: &str) -> String {
    format!(
        "group = core
admin-port = {admin}
admin-interface = 127.0.0.1
admin-password = {PASSWORD}
admin-allow-ip = 127.0.0.1
smsbox-port = {boxes}
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
dlr-storage = internal

group = smsc
smsc = fake
smsc-id = fake
host = 127.0.0.1
port = {smsc}
connect-allow-ip = 127.0.0.1
denied-prefix = \"{REFUSED_LINES};{UNROUTED_LINES}\"

group = smsc
smsc = http
system-type = kannel
smsc-id = refusing
port = {http_smsc}
connect-allow-ip = 127.0.0.1
send-url = \"{refusing}\"
smsc-username = any
smsc-password = any
allowed-prefix = \"{REFUSED_LINES}\"

group = smsbox
bearerbox-host = 127.0.0.1
sendsms-port = {sendsms}
sendsms-interface = 127.0.0.1

group = sendsms-user
username = {USER}
password = {PASSWORD}

group = sms-service
keyword = default
text = \"\"
max-messages = 0
"
    )
}
