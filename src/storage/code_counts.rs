//! What is counted of codes over the whole service and all nodes: the budget, and wrong codes.

use chrono::{DateTime, Utc};

use super::engine::{Result, Tx};

/// Something that is counted, in pieces of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Codes sent, by the hour.
    Codes,
    /// What they cost in hundredths of a shilling, by the day.
    Cents,
    /// Wrong codes typed, by the minute.
    Wrong,
    /// Alarms about guessing, by ten minutes.
    GuessAlarm,
}

impl Counted {
    fn name(self) -> &'static str {
        match self {
            Self::Codes => "codes",
            Self::Cents => "cents",
            Self::Wrong => "wrong",
            Self::GuessAlarm => "guess_alarm",
        }
    }
}

/// How much may be counted.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// In all.
    pub all: i64,
    /// Of what has no share reserved; `None` for what has.
    pub unreserved: Option<i64>,
}

/// Count `amount` more if the limit allows it; gives the new count, or `None` when it does not. The row stays locked
/// until the unit of work ends.
pub async fn take(
    tx: &mut Tx,
    what: Counted,
    since: DateTime<Utc>,
    amount: i64,
    limit: Limit,
) -> Result<Option<i64>> {
    let unreserved = if limit.unreserved.is_some() { amount } else { 0 };
    let most_unreserved = limit.unreserved.unwrap_or(i64::MAX);
    if amount > limit.all || unreserved > most_unreserved {
        return Ok(None);
    }
    let row: Option<(i64,)> = tx
        .query(
            "INSERT INTO code_counts (what, since, counted, unreserved) VALUES ($1, $2, $3, $4)
             ON CONFLICT (what, since) DO UPDATE
             SET counted = code_counts.counted + $3, unreserved = code_counts.unreserved + $4
             WHERE code_counts.counted + $3 <= $5 AND code_counts.unreserved + $4 <= $6
             RETURNING counted",
        )
        .bind(what.name())
        .bind(since)
        .bind(amount)
        .bind(unreserved)
        .bind(limit.all)
        .bind(most_unreserved)
        .optional()
        .await?;
    Ok(row.map(|(counted,)| counted))
}

/// Take back what was counted in this unit of work.
pub async fn give_back(
    tx: &mut Tx,
    what: Counted,
    since: DateTime<Utc>,
    amount: i64,
    limit: Limit,
) -> Result<()> {
    let unreserved = if limit.unreserved.is_some() { amount } else { 0 };
    tx.query(
        "UPDATE code_counts SET counted = counted - $1, unreserved = unreserved - $2
         WHERE what = $3 AND since = $4",
    )
    .bind(amount)
    .bind(unreserved)
    .bind(what.name())
    .bind(since)
    .execute_exactly(1)
    .await
}

/// Count once: true for the first who does in this piece of time, over all nodes.
pub async fn first(tx: &mut Tx, what: Counted, since: DateTime<Utc>) -> Result<bool> {
    let written = tx
        .query(
            "INSERT INTO code_counts (what, since, counted, unreserved) VALUES ($1, $2, 1, 0)
             ON CONFLICT (what, since) DO NOTHING",
        )
        .bind(what.name())
        .bind(since)
        .execute()
        .await?;
    Ok(written == 1)
}

/// Wrong codes typed, and codes made, since then.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Guesses {
    /// Wrong codes.
    pub wrong: i64,
    /// Codes made.
    pub made: i64,
}

/// How much guessing there has been since then, over all accounts.
pub async fn guesses(tx: &mut Tx, since: DateTime<Utc>) -> Result<Guesses> {
    let (wrong, made) = tx
        .query(
            "SELECT CAST(COALESCE((SELECT SUM(counted) FROM code_counts WHERE what = $1 AND since > $2), 0) AS BIGINT),
                    (SELECT COUNT(*) FROM challenges WHERE created_at > $2)",
        )
        .bind(Counted::Wrong.name())
        .bind(since)
        .one()
        .await?;
    Ok(Guesses { wrong, made })
}
