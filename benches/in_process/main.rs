//! The engine alone, and a hop without HTTP: time and allocations. Allocations are counted by the allocator of this
//! process (on the thread that asks), which costs it a few ns each; so this is a process of its own.
//!
//! `in_process engine BATCHES`, `in_process hop BATCHES HELD`: prints a figure a line, as JSON.

use std::{hint::black_box, time::Instant};

use anyhow::Context as _;
use serde_json::json;

mod engine;
mod hop;
#[path = "../shared/mod.rs"]
mod shared;

fn main() -> anyhow::Result<()> {
    let mut args = std::env::args().skip(1).filter(|arg| arg != "--bench");
    let part = args.next();
    let mut number = || args.next().context("a number is missing")?.parse::<u32>().context("no number");
    match part.as_deref() {
        Some("engine") => engine::measure(number()?),
        Some("hop") => hop::measure(number()?, number()?),
        _ => {
            eprintln!("This is started by benches/run.");
            Ok(())
        }
    }
}

/// What a piece of work took, over many.
struct Cost {
    nanos: f64,
    allocations: f64,
    bytes: f64,
}

/// The median of some batches; each gives how many pieces of work it did.
fn cost(batches: u32, mut batch: impl FnMut() -> u32) -> Cost {
    black_box(batch());
    let measured: Vec<(f64, f64, f64)> = (0..batches)
        .map(|_| {
            let (mut took, mut pieces) = (0.0, 1.0);
            let counted = allocation_counter::measure(|| {
                let began = Instant::now();
                pieces = f64::from(batch());
                took = began.elapsed().as_secs_f64();
            });
            let each = |count| shared::figure(count) / pieces;
            (took * 1e9 / pieces, each(counted.count_total), each(counted.bytes_total))
        })
        .collect();
    let middle = |of: fn(&(f64, f64, f64)) -> f64| shared::median(measured.iter().map(of).collect());
    Cost { nanos: middle(|m| m.0), allocations: middle(|m| m.1), bytes: middle(|m| m.2) }
}

impl Cost {
    fn print(&self, what: &str) {
        print(&format!("{what}: time"), self.nanos, "ns");
        print(&format!("{what}: allocations"), self.allocations, "");
        print(&format!("{what}: allocated"), self.bytes, "bytes");
    }
}

fn print(what: &str, measured: f64, unit: &str) {
    println!("{}", json!({ "what": what, "measured": measured, "unit": unit }));
}
