//! The `daftari` command as an operator runs it: its output and its exit code.

use std::{process::Stdio, time::Duration};

use tokio::process::Command;

/// What a command has said and how it ended.
pub struct Said {
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// Run `daftari` with these arguments and nothing but these variables. A command that does not end fails the test.
pub async fn daftari(arguments: &[&str], environment: &[(String, String)]) -> Said {
    let running = Command::new(env!("CARGO_BIN_EXE_daftari"))
        .args(arguments)
        .env_clear()
        .envs(environment.iter().map(|(key, value)| (key, value)))
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = tokio::time::timeout(Duration::from_mins(1), running)
        .await
        .unwrap_or_else(|_| panic!("`daftari {}` goes on and on", arguments.join(" ")))
        .expect("the command runs");
    Said {
        code: output.status.code().expect("an exit code"),
        out: String::from_utf8(output.stdout).expect("text"),
        err: String::from_utf8(output.stderr).expect("text"),
    }
}
