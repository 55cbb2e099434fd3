//! `daftari routes`: what each route has done for each network.

use std::process::ExitCode;

use anyhow::{Context as _, bail};
use chrono::Duration;
use clap::Args;
use serde_json::json;

use crate::{
    app,
    clock::Clock,
    config::Config,
    model::Network,
    storage::route_stats::{self, RouteStats},
};

/// What each route has done for each network.
#[derive(Args)]
pub(super) struct Routes {
    /// How far back: minutes, hours or days, like 15m, 24h or 7d.
    #[arg(long, default_value = "1h", value_parser = span)]
    since: Duration,
    /// As JSON, for other programs.
    #[arg(long)]
    json: bool,
}

const HEADS: [&str; 13] = [
    "route",
    "network",
    "sent",
    "delivered",
    "refused",
    "mostly",
    "failed",
    "silent",
    "moved on",
    "codes",
    "used",
    "median",
    "state",
];

impl Routes {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<ExitCode> {
        let store = app::open_store(&config).await?;
        let mut tx = store.read().await?;
        let since = Clock::System.now() - self.since;
        let stats = route_stats::since(&mut tx, since).await.context("the database can't be read")?;
        if self.json {
            let rows: Vec<_> = stats.iter().map(as_json).collect();
            println!("{}", serde_json::to_string_pretty(&json!({ "since": since, "routes": rows }))?);
            return Ok(ExitCode::SUCCESS);
        }
        let idle = config.sms.routes.iter().filter(|route| stats.iter().all(|row| row.route != route.name));
        let rows: Vec<[String; 13]> = stats.iter().map(cells).chain(idle.map(|r| nothing(&r.name))).collect();
        print!("{}", table(&rows));
        println!(
            "Messages since {} (UTC). State: failing when half of the last 8 tries failed.",
            since.format("%d/%m %H:%M")
        );
        Ok(ExitCode::SUCCESS)
    }
}

fn span(text: &str) -> anyhow::Result<Duration> {
    let number = |unit: char| {
        text.strip_suffix(unit).and_then(|n| n.parse::<i64>().ok()).filter(|n| (1..=1000).contains(n))
    };
    let minutes = number('m').map(Duration::minutes);
    match minutes.or_else(|| number('h').map(Duration::hours)).or_else(|| number('d').map(Duration::days)) {
        Some(span) => Ok(span),
        None => bail!("takes minutes, hours or days, like 15m, 24h or 7d"),
    }
}

/// A network by its name, or its code where it has none with us.
fn network(code: &str) -> String {
    match Network::from_code(code) {
        Some(network) if network.label() != "other" => network.label().to_owned(),
        Some(network) => network.code().to_owned(),
        None => "unknown".to_owned(),
    }
}

fn state(row: &RouteStats) -> &'static str {
    if row.is_failing() { "failing" } else { "works" }
}

fn cells(row: &RouteStats) -> [String; 13] {
    let of_codes =
        row.conversion().map_or_else(String::new, |percent| format!("{} ({percent} %)", row.codes_used));
    [
        row.route.clone(),
        network(&row.network),
        row.sent.to_string(),
        row.delivered.to_string(),
        row.refused.to_string(),
        row.top_reason.clone().unwrap_or_default(),
        row.failed.to_string(),
        row.silent.to_string(),
        row.moved_on.to_string(),
        row.codes.to_string(),
        of_codes,
        row.median_ms.map_or_else(String::new, seconds),
        state(row).to_owned(),
    ]
}

fn seconds(ms: i64) -> String {
    format!("{}.{} s", ms / 1000, ms % 1000 / 100)
}

fn nothing(route: &str) -> [String; 13] {
    let mut cells = std::array::from_fn(|_| String::new());
    route.clone_into(&mut cells[0]);
    "idle".clone_into(&mut cells[12]);
    cells
}

fn as_json(row: &RouteStats) -> serde_json::Value {
    json!({
        "route": row.route,
        "network": network(&row.network),
        "tries": row.tries,
        "sent": row.sent,
        "delivered": row.delivered,
        "refused": row.refused,
        "top_reason": row.top_reason,
        "failed": row.failed,
        "silent": row.silent,
        "moved_on": row.moved_on,
        "codes": row.codes,
        "codes_used": row.codes_used,
        "conversion_percent": row.conversion(),
        "median_delivery_ms": row.median_ms,
        "state": state(row),
    })
}

/// Columns as wide as their longest cell.
fn table(rows: &[[String; 13]]) -> String {
    let heads = HEADS.map(str::to_owned);
    let widths: [usize; 13] = std::array::from_fn(|n| {
        std::iter::once(&heads).chain(rows).filter_map(|row| row.get(n)).map(String::len).max().unwrap_or(0)
    });
    let line = |row: &[String; 13]| {
        let cells = row.iter().zip(widths).map(|(cell, width)| format!("{cell:<width$}"));
        format!("{}\n", cells.collect::<Vec<_>>().join("  ").trim_end())
    };
    std::iter::once(&heads).chain(rows).map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_minutes_hours_and_days() {
        assert_eq!(span("15m").unwrap(), Duration::minutes(15));
        assert_eq!(span("24h").unwrap(), Duration::hours(24));
        assert_eq!(span("7d").unwrap(), Duration::days(7));
        for wrong in ["", "h", "0h", "-1h", "1w", "99999h"] {
            assert!(span(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn columns_are_as_wide_as_their_cells() {
        let text = table(&[nothing("at")]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0].find("state"), lines[1].find("idle"));
    }
}
