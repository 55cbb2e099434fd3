//! Wrong PINs of a post, counted by line, so that no stranger locks the line that is bound. All strangers together have a
//! row of their own. Whoever counts holds the post's credentials locked, or this module's own lock where there is none.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::FromRow;

use super::{
    engine::{Result, Tx},
    locks,
};
use crate::model::{Msisdn, Post};

/// Whose tries.
#[derive(Debug, Clone, Copy)]
pub enum Of<'a> {
    /// One line's.
    Line(&'a Msisdn),
    /// Those of all lines that are not bound, together.
    Strangers,
}

impl Of<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Line(line) => line.as_e164(),
            Self::Strangers => "unbound",
        }
    }
}

/// What was tried.
#[derive(Debug, Clone, Default, FromRow)]
pub struct Tries {
    /// Wrong tries in a row, or of a day.
    pub failures: i64,
    /// No try counts before then.
    pub wait_until: Option<DateTime<Utc>>,
    /// The day they belong to.
    pub on_day: NaiveDate,
}

/// Let nobody else count tries at a post until the unit of work ends.
pub async fn hold(tx: &mut Tx, post: &Post) -> Result<()> {
    locks::hold(tx, &format!("tries at {} {}", post.kind(), post.name())).await
}

/// What was tried so far.
pub async fn so_far(tx: &mut Tx, post: &Post, of: Of<'_>) -> Result<Tries> {
    let tries = tx
        .query(
            "SELECT failures, wait_until, on_day FROM post_tries WHERE post_kind = $1 AND post = $2 AND msisdn = $3",
        )
        .bind(post.kind())
        .bind(post.name())
        .bind(of.name())
        .optional()
        .await?;
    Ok(tries.unwrap_or_default())
}

/// Set it.
pub async fn set(tx: &mut Tx, post: &Post, of: Of<'_>, tries: &Tries) -> Result<()> {
    tx.query(
        "INSERT INTO post_tries (post_kind, post, msisdn, failures, wait_until, on_day)
         VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (post_kind, post, msisdn) DO UPDATE
         SET failures = excluded.failures, wait_until = excluded.wait_until, on_day = excluded.on_day",
    )
    .bind(post.kind())
    .bind(post.name())
    .bind(of.name())
    .bind(tries.failures)
    .bind(tries.wait_until)
    .bind(tries.on_day)
    .execute_exactly(1)
    .await
}

/// Forget all of a post's: it has a new PIN.
pub async fn forget(tx: &mut Tx, post: &Post) -> Result<()> {
    tx.query("DELETE FROM post_tries WHERE post_kind = $1 AND post = $2")
        .bind(post.kind())
        .bind(post.name())
        .execute()
        .await?;
    Ok(())
}
