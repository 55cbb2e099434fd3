//! What a centre is in the middle of: one draft a day of its register, with people by id and never by name, and the length
//! of the chain that it began from.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use sqlx::FromRow;

use super::{
    engine::{Result, StoreError, Tx},
    registers::DayOf,
};
use crate::model::{
    CentreCode, DeploymentId,
    season::{DayShape, DeployedAs},
};

/// How a day is being marked: where somebody goes on who was in the middle of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum View {
    /// Another day than today was chosen, and nothing said of it yet.
    Chosen,
    /// By the numbers of the absent alone.
    #[default]
    Numbers,
    /// Everybody, one by one.
    Everybody,
    /// By role, none chosen yet.
    Roles,
    /// Everybody of a role.
    Role(DeployedAs),
    /// Said to the end, and to be confirmed.
    Summed,
}

/// A draft of a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterDraft {
    /// Which day.
    pub on: NaiveDate,
    /// How much of it was held.
    pub shape: DayShape,
    /// Who was not there.
    pub absent: BTreeSet<DeploymentId>,
    /// The length of the chain that it began from.
    pub base_seq: i64,
    /// The numbers of the roster that it began from.
    pub base_roster: Option<BTreeSet<i64>>,
    /// How it was being marked.
    pub view: View,
    /// When it was touched last.
    pub changed_at: DateTime<Utc>,
}

#[derive(Serialize, Deserialize)]
struct Body {
    shape: DayShape,
    absent: BTreeSet<DeploymentId>,
    roster: Option<BTreeSet<i64>>,
    #[serde(default)]
    view: View,
}

#[derive(FromRow)]
struct Row {
    on_day: NaiveDate,
    body: String,
    base_seq: i64,
    changed_at: DateTime<Utc>,
}

/// Keep a draft in place of the one before.
pub async fn keep(tx: &mut Tx, of: DayOf<'_>, draft: &RegisterDraft) -> Result<()> {
    let body = Body {
        shape: draft.shape,
        absent: draft.absent.clone(),
        roster: draft.base_roster.clone(),
        view: draft.view,
    };
    let body = serde_json::to_string(&body).map_err(|_| StoreError::Unreadable("a register's draft"))?;
    tx.query(
        "INSERT INTO register_drafts (series, centre, on_day, body, base_seq, changed_at) VALUES ($1, $2, $3, $4, $5, $6)
         ON CONFLICT (series, centre, on_day) DO UPDATE
         SET body = excluded.body, base_seq = excluded.base_seq, changed_at = excluded.changed_at",
    )
    .bind(of.series)
    .bind(of.centre.as_str())
    .bind(of.on)
    .bind(body)
    .bind(draft.base_seq)
    .bind(draft.changed_at)
    .execute_exactly(1)
    .await
}

/// The draft of a day.
pub async fn find(tx: &mut Tx, of: DayOf<'_>) -> Result<Option<RegisterDraft>> {
    let row: Option<Row> = tx
        .query(
            "SELECT on_day, body, base_seq, changed_at FROM register_drafts
             WHERE series = $1 AND centre = $2 AND on_day = $3",
        )
        .bind(of.series)
        .bind(of.centre.as_str())
        .bind(of.on)
        .optional()
        .await?;
    row.as_ref().map(draft).transpose()
}

/// The drafts of a centre that were touched last, whatever days they are of: five, for a centre can mark only
/// a few days at a time.
pub async fn latest(tx: &mut Tx, series: &str, centre: &CentreCode) -> Result<Vec<RegisterDraft>> {
    let rows: Vec<Row> = tx
        .query(
            "SELECT on_day, body, base_seq, changed_at FROM register_drafts WHERE series = $1 AND centre = $2
             ORDER BY changed_at DESC, on_day DESC LIMIT 5",
        )
        .bind(series)
        .bind(centre.as_str())
        .all()
        .await?;
    rows.iter().map(draft).collect()
}

fn draft(row: &Row) -> Result<RegisterDraft> {
    let body: Body =
        serde_json::from_str(&row.body).map_err(|_| StoreError::Unreadable("a register's draft"))?;
    Ok(RegisterDraft {
        on: row.on_day,
        shape: body.shape,
        absent: body.absent,
        base_seq: row.base_seq,
        base_roster: body.roster,
        view: body.view,
        changed_at: row.changed_at,
    })
}

/// Throw a draft away.
pub async fn remove(tx: &mut Tx, of: DayOf<'_>) -> Result<()> {
    tx.query("DELETE FROM register_drafts WHERE series = $1 AND centre = $2 AND on_day = $3")
        .bind(of.series)
        .bind(of.centre.as_str())
        .bind(of.on)
        .execute()
        .await?;
    Ok(())
}
