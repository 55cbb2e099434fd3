//! How many messages a route was given in each second, over all nodes.

use chrono::{DateTime, Utc};

use super::engine::{Result, Tx};

/// Take up to `wanted` of the route's `per_second` places in the second that it is now; says how many there were.
///
/// The row is locked until the unit of work ends, so that nodes never give out more together than the route takes.
pub async fn take(
    tx: &mut Tx,
    route: &str,
    per_second: u32,
    wanted: usize,
    now: DateTime<Utc>,
) -> Result<usize> {
    let limit = i64::from(per_second);
    let mut wanted = i64::try_from(wanted).unwrap_or(limit).min(limit);
    // The second round can't fail: even a refused update has locked the row, so nobody takes more in between.
    for _ in 0..2 {
        if wanted <= 0 {
            return Ok(0);
        }
        if try_take(tx, route, now, wanted, limit).await? {
            return Ok(usize::try_from(wanted).unwrap_or(0));
        }
        wanted = wanted.min(limit - taken(tx, route, now).await?);
    }
    Ok(0)
}

async fn try_take(tx: &mut Tx, route: &str, now: DateTime<Utc>, wanted: i64, limit: i64) -> Result<bool> {
    let changed = tx
        .query(
            "INSERT INTO route_seconds (route, second, taken) VALUES ($1, $2, $3)
             ON CONFLICT (route, second) DO UPDATE SET taken = route_seconds.taken + $3
             WHERE route_seconds.taken + $3 <= $4",
        )
        .bind(route)
        .bind(now.timestamp())
        .bind(wanted)
        .bind(limit)
        .execute()
        .await?;
    Ok(changed == 1)
}

async fn taken(tx: &mut Tx, route: &str, now: DateTime<Utc>) -> Result<i64> {
    let row: Option<(i64,)> = tx
        .query("SELECT taken FROM route_seconds WHERE route = $1 AND second = $2")
        .bind(route)
        .bind(now.timestamp())
        .optional()
        .await?;
    Ok(row.map_or(0, |(taken,)| taken))
}
