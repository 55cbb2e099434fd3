//! CPU time of this process and of the gateway's, from `/proc`; elsewhere than on Linux there is none to tell.

use std::{collections::HashMap, fs};

/// Clock ticks a second in `/proc`, on every architecture that Linux has.
const TICKS: f64 = 100.0;

/// Processes that are watched, and what they had spent when watching began.
pub struct Processes {
    own: f64,
    server: Vec<(u32, f64)>,
}

/// Seconds of CPU.
#[derive(Debug, Clone, Copy, Default)]
pub struct Spent {
    /// By this process.
    pub own: f64,
    /// By those of the gateway, with their children; none when none was named.
    pub server: Option<f64>,
}

impl Processes {
    /// Begin to watch.
    pub fn of(server: &[u32]) -> Self {
        let all = all();
        Self { own: own(), server: server.iter().map(|pid| (*pid, with_children(*pid, &all))).collect() }
    }

    /// What was spent since.
    pub fn spent(&self) -> Spent {
        let all = all();
        let spent = |(pid, before): &(u32, f64)| (with_children(*pid, &all) - before).max(0.0);
        let server = (!self.server.is_empty()).then(|| self.server.iter().map(spent).sum());
        Spent { own: own() - self.own, server }
    }
}

/// A process's parent and its ticks: user and system time, its own and that of children it has waited for.
struct Process {
    parent: u32,
    ticks: f64,
}

fn own() -> f64 {
    read(std::process::id()).map_or(0.0, |process| process.ticks / TICKS)
}

fn all() -> HashMap<u32, Process> {
    let Ok(entries) = fs::read_dir("/proc") else { return HashMap::new() };
    let pids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    pids.filter_map(|pid| Some((pid, read(pid)?))).collect()
}

/// Postgres serves each connection by a child.
fn with_children(pid: u32, all: &HashMap<u32, Process>) -> f64 {
    let own = all.get(&pid).map_or(0.0, |process| process.ticks / TICKS);
    let children = all.iter().filter(|(child, process)| process.parent == pid && **child != pid);
    own + children.map(|(child, _)| with_children(*child, all)).sum::<f64>()
}

/// The name stands in brackets and may hold anything, so fields are counted from the last bracket (proc(5)).
fn read(pid: u32) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let number = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    let ticks = (11..=14).map(number).sum();
    Some(Process { parent: fields.get(1)?.parse().ok()?, ticks })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_that_works_spends_time() {
        let watched = Processes::of(&[std::process::id()]);
        let mut sum = 0_u64;
        while watched.spent().own == 0.0 {
            sum = (0..1_000_000).fold(sum, |sum, n| sum.wrapping_mul(31).wrapping_add(n));
        }
        assert!(sum != 1 && watched.spent().server.is_some_and(|spent| spent > 0.0));
    }
}
