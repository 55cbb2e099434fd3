//! What routes have done with messages since an instant, for each route and network: what `daftari routes` and the
//! metrics show.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::engine::{Result, Tx};

/// What became of the messages that a route was given for a network.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct RouteStats {
    /// The route.
    pub route: String,
    /// The network's code; empty where nobody knows it.
    pub network: String,
    /// Tries.
    pub tries: i64,
    /// Those that the route took.
    pub sent: i64,
    /// Those that were delivered.
    pub delivered: i64,
    /// Those that were refused, at once or by a report.
    pub refused: i64,
    /// Those that the route failed.
    pub failed: i64,
    /// Those of which no report came in time.
    pub silent: i64,
    /// Those whose message was tried on another route afterwards.
    pub moved_on: i64,
    /// Codes that the route took.
    pub codes: i64,
    /// Those of them that were used.
    pub codes_used: i64,
    /// The reason most of the refused ones were refused for.
    #[sqlx(skip)]
    pub top_reason: Option<String>,
    /// Half of the delivered ones were reported sooner.
    #[sqlx(skip)]
    pub median_ms: Option<i64>,
    /// How the latest tries on the route came out: failed, of how many.
    #[sqlx(skip)]
    pub latest: (i64, i64),
}

/// Why and how long: a value for a route and network.
type Of<T> = HashMap<(String, String), T>;

/// How many of the latest tries of a route tell whether it works.
const LATEST: i64 = 8;

/// What every route has done since then, by name and network.
pub async fn since(tx: &mut Tx, since: DateTime<Utc>) -> Result<Vec<RouteStats>> {
    let mut all: Vec<RouteStats> = tx
        .query(
            "SELECT a.route, a.network,
                    CAST(COUNT(*) AS BIGINT) AS tries,
                    CAST(COUNT(CASE WHEN a.provider_id IS NOT NULL OR a.fate IN ('sent', 'silent') THEN 1 END)
                         AS BIGINT) AS sent,
                    CAST(COUNT(CASE WHEN a.fate = 'delivered' THEN 1 END) AS BIGINT) AS delivered,
                    CAST(COUNT(CASE WHEN a.fate = 'refused' THEN 1 END) AS BIGINT) AS refused,
                    CAST(COUNT(CASE WHEN a.fate IN ('failed', 'unclear') THEN 1 END) AS BIGINT) AS failed,
                    CAST(COUNT(CASE WHEN a.fate = 'silent' THEN 1 END) AS BIGINT) AS silent,
                    CAST(COUNT(CASE WHEN EXISTS (
                         SELECT 1 FROM message_attempts n WHERE n.message_id = a.message_id
                         AND n.attempt > a.attempt AND n.route <> a.route) THEN 1 END) AS BIGINT) AS moved_on,
                    CAST(COUNT(CASE WHEN a.prefix IS NOT NULL AND a.provider_id IS NOT NULL THEN 1 END) AS BIGINT)
                         AS codes,
                    CAST(COUNT(CASE WHEN a.provider_id IS NOT NULL AND c.closed_as = 'used' THEN 1 END) AS BIGINT)
                         AS codes_used
             FROM message_attempts a
             JOIN messages m ON m.id = a.message_id
             LEFT JOIN challenges c ON c.id = m.challenge
             WHERE a.begun_at >= $1 GROUP BY a.route, a.network ORDER BY a.route, a.network",
        )
        .bind(since)
        .all()
        .await?;
    let (mut reasons, mut medians) = (top_reasons(tx, since).await?, medians(tx, since).await?);
    let latest = latest(tx, since).await?;
    for one in &mut all {
        let key = (one.route.clone(), one.network.clone());
        one.top_reason = reasons.remove(&key);
        one.median_ms = medians.remove(&key);
        one.latest = latest.get(&one.route).copied().unwrap_or_default();
    }
    Ok(all)
}

async fn top_reasons(tx: &mut Tx, since: DateTime<Utc>) -> Result<Of<String>> {
    let rows: Vec<(String, String, String)> = tx
        .query(
            "SELECT route, network, reason FROM
                (SELECT route, network, reason,
                        ROW_NUMBER() OVER (PARTITION BY route, network ORDER BY COUNT(*) DESC, reason) AS place
                 FROM message_attempts WHERE begun_at >= $1 AND reason IS NOT NULL
                 GROUP BY route, network, reason) counted
             WHERE place = 1",
        )
        .bind(since)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(route, network, reason)| ((route, network), reason)).collect())
}

async fn medians(tx: &mut Tx, since: DateTime<Utc>) -> Result<Of<i64>> {
    let rows: Vec<(String, String, i64)> = tx
        .query(
            "SELECT route, network, took_ms FROM
                (SELECT route, network, took_ms,
                        ROW_NUMBER() OVER (PARTITION BY route, network ORDER BY took_ms) AS place,
                        COUNT(*) OVER (PARTITION BY route, network) AS total
                 FROM message_attempts WHERE begun_at >= $1 AND took_ms IS NOT NULL) timed
             WHERE place = (total + 1) / 2",
        )
        .bind(since)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(route, network, took)| ((route, network), took)).collect())
}

async fn latest(tx: &mut Tx, since: DateTime<Utc>) -> Result<HashMap<String, (i64, i64)>> {
    let rows: Vec<(String, i64, i64)> = tx
        .query(
            "SELECT route, CAST(COUNT(CASE WHEN fate IN ('failed', 'unclear') THEN 1 END) AS BIGINT),
                    CAST(COUNT(*) AS BIGINT)
             FROM (SELECT route, fate, ROW_NUMBER() OVER (PARTITION BY route ORDER BY begun_at DESC) AS place
                   FROM message_attempts WHERE begun_at >= $1 AND fate <> 'begun') tried
             WHERE place <= $2 GROUP BY route",
        )
        .bind(since)
        .bind(LATEST)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(route, failed, of)| (route, (failed, of))).collect())
}

impl RouteStats {
    /// Codes used of those sent, in per cent; `None` without codes.
    pub fn conversion(&self) -> Option<i64> {
        (self.codes > 0).then(|| self.codes_used.saturating_mul(100) / self.codes)
    }

    /// Messages delivered of those taken, in per cent; `None` without any.
    pub fn arrived(&self) -> Option<i64> {
        (self.sent > 0).then(|| self.delivered.saturating_mul(100) / self.sent)
    }

    /// Whether the route takes messages, and no report says that one arrived: either they don't, or the reports don't.
    pub fn is_unreported(&self) -> bool {
        self.sent >= LATEST && self.delivered == 0
    }

    /// Whether most of the route's latest tries failed: a breaker on the nodes is open then, or about to be.
    pub fn is_failing(&self) -> bool {
        let (failed, of) = self.latest;
        of >= LATEST && failed * 2 >= of
    }
}
