//! One effect: the opening of every session, and what each of its actions came out as. A row of the journal is
//! written in the transaction of the effect; whoever comes second finds it and gets the same outcome.

use chrono::{DateTime, Utc};
use sqlx::FromRow;

use super::engine::{Result, StoreError, Tx};
use crate::{
    model::{Language, Msisdn, SessionId},
    secrets::{Mark, Place, Sealed},
};

/// A session by its aggregator and id.
#[derive(Debug, Clone, Copy)]
pub struct SessionRef<'a> {
    /// The aggregator.
    pub provider: &'a str,
    /// Its id of the session.
    pub session: &'a SessionId,
}

/// The first hop of a session, and the facts that chose its first screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The line it is bound to.
    pub msisdn: Msisdn,
    /// The service code it is bound to.
    pub service_code: String,
    /// The caller's network.
    pub network: Option<String>,
    /// The menus it began with.
    pub menu_version: String,
    /// The language of the line, or the first of ours.
    pub language: Language,
    /// The caller's situation, as the engine's flags.
    pub flags: i64,
    /// What the first screen may show, as JSON from variable to value.
    pub facts: Option<String>,
    /// The screen it opened on, for whoever reads the table.
    pub entry_screen: String,
    /// Which key its marks are made with.
    pub mark_key: String,
    /// How many inputs a deep dial brought along.
    pub deep: i64,
    /// When.
    pub opened_at: DateTime<Utc>,
}

#[derive(FromRow)]
struct OpeningRow {
    msisdn: String,
    service_code: String,
    network: Option<String>,
    menu_version: String,
    language: String,
    flags: i64,
    facts: Option<String>,
    entry_screen: String,
    mark_key: String,
    deep: i64,
    opened_at: DateTime<Utc>,
}

/// Write the opening of a session, or give the one that another copy of the hop has written.
pub async fn open(tx: &mut Tx, of: SessionRef<'_>, opening: Opening) -> Result<Opening> {
    let written = tx
        .query(
            "INSERT INTO openings (provider, session_id, msisdn, service_code, network, menu_version, language,
                                   flags, entry_screen, mark_key, deep, opened_at, facts)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
             ON CONFLICT (provider, session_id) DO NOTHING",
        )
        .bind(of.provider.to_owned())
        .bind(of.session.as_str().to_owned())
        .bind(opening.msisdn.as_e164().to_owned())
        .bind(opening.service_code.clone())
        .bind(opening.network.clone())
        .bind(opening.menu_version.clone())
        .bind(opening.language.code())
        .bind(opening.flags)
        .bind(opening.entry_screen.clone())
        .bind(opening.mark_key.clone())
        .bind(opening.deep)
        .bind(opening.opened_at)
        .bind(opening.facts.clone())
        .execute()
        .await?;
    if written == 1 {
        return Ok(opening);
    }
    find(tx, of).await?.ok_or(StoreError::Unreadable("an opening"))
}

/// The opening of a session.
pub async fn find(tx: &mut Tx, of: SessionRef<'_>) -> Result<Option<Opening>> {
    let row: Option<OpeningRow> = tx
        .query("SELECT * FROM openings WHERE provider = $1 AND session_id = $2")
        .bind(of.provider.to_owned())
        .bind(of.session.as_str().to_owned())
        .optional()
        .await?;
    row.map(|row| {
        Ok(Opening {
            msisdn: Msisdn::from_network(&row.msisdn).ok_or(StoreError::Unreadable("a number"))?,
            service_code: row.service_code,
            network: row.network,
            menu_version: row.menu_version,
            language: Language::from_code(&row.language).ok_or(StoreError::Unreadable("a language"))?,
            flags: row.flags,
            facts: row.facts,
            entry_screen: row.entry_screen,
            mark_key: row.mark_key,
            deep: row.deep,
            opened_at: row.opened_at,
        })
    })
    .transpose()
}

/// What the seal of a recorded outcome is bound to.
pub fn place(mark: &Mark) -> Place<'_> {
    Place { table: "journal", column: "reply", row: &mark.0 }
}

/// The recorded outcomes of a session, by mark; what is still being worked on is left out.
pub async fn outcomes(tx: &mut Tx, of: SessionRef<'_>) -> Result<Vec<(Mark, Sealed)>> {
    let rows: Vec<(Vec<u8>, Vec<u8>, String)> = tx
        .query(
            "SELECT mark, reply, reply_key FROM journal
             WHERE provider = $1 AND session_id = $2 AND reply IS NOT NULL",
        )
        .bind(of.provider.to_owned())
        .bind(of.session.as_str().to_owned())
        .all()
        .await?;
    let entry = |(mark, bytes, key_id): (Vec<u8>, Vec<u8>, String)| {
        let mark = mark.try_into().map_err(|_| StoreError::Unreadable("a mark"))?;
        Ok((Mark(mark), Sealed { key_id, bytes }))
    };
    rows.into_iter().map(entry).collect()
}

/// Who an action belongs to.
#[derive(Debug)]
pub enum Claim {
    /// To this hop: nobody else has it.
    Ours,
    /// Somebody has done it; this came out.
    Done(Sealed),
    /// Somebody is at it, since then.
    Theirs(DateTime<Utc>),
}

/// Claim an action for this hop. On Postgres this waits for another transaction that is about to.
pub async fn claim(
    tx: &mut Tx,
    of: SessionRef<'_>,
    mark: &Mark,
    action: &'static str,
    now: DateTime<Utc>,
) -> Result<Claim> {
    let written = tx
        .query(
            "INSERT INTO journal (provider, session_id, mark, action, claimed_at) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (provider, session_id, mark) DO NOTHING",
        )
        .bind(of.provider.to_owned())
        .bind(of.session.as_str().to_owned())
        .bind(mark.0.to_vec())
        .bind(action)
        .bind(now)
        .execute()
        .await?;
    if written == 1 { Ok(Claim::Ours) } else { standing(tx, of, mark).await }
}

/// How an action that somebody has claimed stands now.
pub async fn standing(tx: &mut Tx, of: SessionRef<'_>, mark: &Mark) -> Result<Claim> {
    let (claimed_at, reply, key): (DateTime<Utc>, Option<Vec<u8>>, Option<String>) = tx
        .query(
            "SELECT claimed_at, reply, reply_key FROM journal
             WHERE provider = $1 AND session_id = $2 AND mark = $3",
        )
        .bind(of.provider.to_owned())
        .bind(of.session.as_str().to_owned())
        .bind(mark.0.to_vec())
        .one()
        .await?;
    Ok(match (reply, key) {
        (Some(bytes), Some(key_id)) => Claim::Done(Sealed { key_id, bytes }),
        _ => Claim::Theirs(claimed_at),
    })
}

/// Take over an action whose hop has died: true for exactly one of those who try.
pub async fn take_over(
    tx: &mut Tx,
    of: SessionRef<'_>,
    mark: &Mark,
    claimed_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<bool> {
    let taken = tx
        .query(
            "UPDATE journal SET claimed_at = $1
             WHERE provider = $2 AND session_id = $3 AND mark = $4 AND claimed_at = $5 AND reply IS NULL",
        )
        .bind(now)
        .bind(of.provider.to_owned())
        .bind(of.session.as_str().to_owned())
        .bind(mark.0.to_vec())
        .bind(claimed_at)
        .execute()
        .await?;
    Ok(taken == 1)
}

/// Record what an action came out as, once: false when somebody else has recorded it meanwhile.
pub async fn record(tx: &mut Tx, of: SessionRef<'_>, mark: &Mark, reply: Sealed) -> Result<bool> {
    let recorded = tx
        .query(
            "UPDATE journal SET reply = $1, reply_key = $2
             WHERE provider = $3 AND session_id = $4 AND mark = $5 AND reply IS NULL",
        )
        .bind(reply.bytes)
        .bind(reply.key_id)
        .bind(of.provider.to_owned())
        .bind(of.session.as_str().to_owned())
        .bind(mark.0.to_vec())
        .execute()
        .await?;
    Ok(recorded == 1)
}
