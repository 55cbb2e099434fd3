//! `daftari routes`: what each route has done for each network.

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use anyhow::{Context as _, bail};
use chrono::Duration;
use clap::Args;
use serde_json::json;

use crate::{
    app,
    clock::Clock,
    config::Config,
    model::Network,
    services::accounts::NAIROBI,
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
    "tries",
    "taken",
    "delivered",
    "refused",
    "failed",
    "silent",
    "moved on",
    "codes",
    "used",
    "median",
    "state",
];

/// What the columns mean.
const LEGEND: &str = "\
taken: by the route, of all tries. delivered, refused: of those taken, by its reports; refused also at once.
silent: no report in time. moved on: tried by another route afterwards. used: of the codes taken, those that opened
what they are for. median: from sending to the report of delivery. state: failing when half of the last 8 tries failed;
no reports when 8 or more were taken and none was reported delivered.
";

impl Routes {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<ExitCode> {
        let store = app::open_store(&config).await?;
        let mut tx = store.read().await?;
        let since = Clock::System.now() - self.since;
        let stats = route_stats::since(&mut tx, since).await.context("the database can't be read")?;
        if self.json {
            let rows: Vec<_> = stats.iter().map(as_json).collect();
            let json = serde_json::to_string_pretty(&json!({ "since": since, "routes": rows }))?;
            return print(&format!("{json}\n"));
        }
        let idle = config.sms.routes.iter().filter(|route| stats.iter().all(|row| row.route != route.name));
        let rows: Vec<[String; 13]> = stats.iter().map(cells).chain(idle.map(|r| nothing(&r.name))).collect();
        let from = since.with_timezone(&NAIROBI).format("%d/%m %H:%M");
        print(&format!("{}\nSince {from} in Nairobi.\n{LEGEND}", table(&rows)))
    }
}

/// Whoever reads only the first lines (`| head`) has read enough.
fn print(text: &str) -> anyhow::Result<ExitCode> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(ExitCode::SUCCESS),
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
    if row.is_failing() {
        "failing"
    } else if row.is_unreported() {
        "no reports"
    } else {
        "works"
    }
}

fn cells(row: &RouteStats) -> [String; 13] {
    let reason = row.top_reason.as_ref().filter(|_| row.refused > 0);
    let mostly = reason.map_or_else(String::new, |reason| format!(" ({})", reason.replace('_', " ")));
    [
        row.route.clone(),
        network(&row.network),
        row.tries.to_string(),
        row.sent.to_string(),
        share(row.delivered, row.arrived()),
        format!("{}{mostly}", row.refused),
        row.failed.to_string(),
        row.silent.to_string(),
        row.moved_on.to_string(),
        row.codes.to_string(),
        if row.codes > 0 { share(row.codes_used, row.conversion()) } else { String::new() },
        row.median_ms.map_or_else(String::new, seconds),
        state(row).to_owned(),
    ]
}

fn share(count: i64, percent: Option<i64>) -> String {
    percent.map_or_else(|| count.to_string(), |percent| format!("{count} ({percent} %)"))
}

fn seconds(ms: i64) -> String {
    if ms < 100 {
        return "under 0.1 s".to_owned();
    }
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
    fn a_row_says_how_many_of_how_many_and_how_the_route_does() {
        let row = RouteStats {
            route: "at".to_owned(),
            network: "63903".to_owned(),
            tries: 26,
            sent: 24,
            delivered: 18,
            refused: 2,
            failed: 0,
            silent: 4,
            moved_on: 6,
            codes: 8,
            codes_used: 2,
            top_reason: Some("line_blocks".to_owned()),
            median_ms: Some(3_250),
            latest: (0, 8),
        };
        let says = "at airtel 26 24 18 (75 %) 2 (line blocks) 0 4 6 8 2 (25 %) 3.2 s works";
        assert_eq!(cells(&row).join(" "), says);
        let unreported = RouteStats { delivered: 0, median_ms: None, ..row.clone() };
        assert_eq!((state(&unreported), cells(&unreported)[4].as_str()), ("no reports", "0 (0 %)"));
        assert_eq!(state(&RouteStats { latest: (4, 8), ..unreported.clone() }), "failing");
        assert_eq!(state(&RouteStats { sent: 7, ..unreported }), "works", "too few to tell");
        let quick = RouteStats { median_ms: Some(24), refused: 0, ..row };
        assert_eq!((cells(&quick)[11].as_str(), cells(&quick)[5].as_str()), ("under 0.1 s", "0"));
    }

    #[test]
    fn columns_are_as_wide_as_their_cells() {
        let text = table(&[nothing("at")]);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0].find("state"), lines[1].find("idle"));
    }
}
