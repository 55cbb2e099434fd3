//! The bench of a process of its own: started, and its figures read.

use std::process::Command;

use anyhow::ensure;

use crate::{servers::variable, table::Row};

/// The rows of a part of it.
pub fn table(args: &[&str]) -> anyhow::Result<Vec<Row>> {
    let output = Command::new(variable("DAFTARI_BENCH_IN_PROCESS")?).args(args).env_clear().output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let lines = String::from_utf8(output.stdout)?;
    lines.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
}
