//! Which account sees a person's deployments: ties, what speaks for them, and what was said against them.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::engine::{Dialect, Result, StoreError, Tx};
use crate::{
    model::{AccountId, CentreCode, Msisdn, PersonId, RosterNumber},
    secrets::{Lookup, Sealed, Slot},
};

/// A person and an account that have the same number.
#[derive(Debug)]
pub struct Candidate {
    /// The person.
    pub person: PersonId,
    /// The look-up of the person's national ID, in the slot that people are found by.
    pub hash: Vec<u8>,
    /// The account.
    pub account: AccountId,
    /// The account's national ID.
    pub national_id: Sealed,
}

#[derive(FromRow)]
struct CandidateRow {
    person: Uuid,
    hash: Vec<u8>,
    account: Uuid,
    national_id: Vec<u8>,
    national_id_key: String,
}

/// People after one of them (`None`: from the start) who are tied to nobody, have an ID, and have the number of an
/// account; a batch at a time.
pub async fn candidates(
    tx: &mut Tx,
    slot: Slot,
    after: Option<PersonId>,
    batch: i64,
) -> Result<Vec<Candidate>> {
    let sql = match slot {
        Slot::A => {
            "SELECT p.id AS person, p.national_id_a AS hash, a.id AS account, a.national_id, a.national_id_key
             FROM people p JOIN accounts a ON a.msisdn = p.msisdn
             WHERE p.account IS NULL AND p.national_id_a IS NOT NULL AND p.id > $1 ORDER BY p.id LIMIT $2"
        }
        Slot::B => {
            "SELECT p.id AS person, p.national_id_b AS hash, a.id AS account, a.national_id, a.national_id_key
             FROM people p JOIN accounts a ON a.msisdn = p.msisdn
             WHERE p.account IS NULL AND p.national_id_b IS NOT NULL AND p.id > $1 ORDER BY p.id LIMIT $2"
        }
    };
    let after = after.map_or(Uuid::nil(), |person| person.0);
    let rows: Vec<CandidateRow> = tx.query(sql).bind(after).bind(batch).all().await?;
    let candidate = |row: CandidateRow| Candidate {
        person: PersonId(row.person),
        hash: row.hash,
        account: AccountId(row.account),
        national_id: Sealed { key_id: row.national_id_key, bytes: row.national_id },
    };
    Ok(rows.into_iter().map(candidate).collect())
}

/// The person of this number and this national ID who is tied to nobody.
pub async fn untied(tx: &mut Tx, line: &Msisdn, id: &Lookup) -> Result<Option<PersonId>> {
    let sql = match id.slot {
        Slot::A => "SELECT id FROM people WHERE msisdn = $1 AND national_id_a = $2 AND account IS NULL",
        Slot::B => "SELECT id FROM people WHERE msisdn = $1 AND national_id_b = $2 AND account IS NULL",
    };
    let row: Option<(Uuid,)> = tx.query(sql).bind(line.as_e164()).bind(id.value.to_vec()).optional().await?;
    Ok(row.map(|(id,)| PersonId(id)))
}

/// Tie a person to an account; false when they are tied already.
pub async fn tie(
    tx: &mut Tx,
    person: PersonId,
    account: AccountId,
    by: &str,
    now: DateTime<Utc>,
) -> Result<bool> {
    let rows = tx
        .query(
            "UPDATE people SET account = $1, tied_at = $2, tied_by = $3, contested_at = NULL, tie_account = NULL,
                tie_asked_by = NULL, tie_asked_at = NULL
             WHERE id = $4 AND account IS NULL",
        )
        .bind(account.0)
        .bind(now)
        .bind(by)
        .bind(person.0)
        .execute()
        .await?;
    Ok(rows == 1)
}

/// What one officer asked for and another has not confirmed yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// The account.
    pub account: AccountId,
    /// The officer.
    pub by: Uuid,
    /// When.
    pub at: DateTime<Utc>,
}

/// What an officer wants to tie: a place on a roster.
#[derive(Debug, Clone)]
pub struct OnRoster {
    /// The person.
    pub person: PersonId,
    /// The look-up of the person's national ID in each slot, where one is known.
    pub hashes: [Option<Vec<u8>>; 2],
    /// The account that the person is tied to.
    pub account: Option<AccountId>,
    /// Since when somebody says that this is wrong.
    pub contested_at: Option<DateTime<Utc>>,
    /// What was asked for.
    pub asked: Option<Asked>,
    /// The code of the centre's county.
    pub county_code: String,
    /// The centre's sub-county.
    pub sub_county: String,
}

#[derive(FromRow)]
struct RosterRow {
    person: Uuid,
    national_id_a: Option<Vec<u8>>,
    national_id_b: Option<Vec<u8>>,
    account: Option<Uuid>,
    contested_at: Option<DateTime<Utc>>,
    tie_account: Option<Uuid>,
    tie_asked_by: Option<Uuid>,
    tie_asked_at: Option<DateTime<Utc>>,
    county_code: String,
    sub_county: String,
}

/// Whoever has this number on the roster of a centre in a series, locked until the unit of work ends.
pub async fn on_roster(
    tx: &mut Tx,
    series: &str,
    centre: &CentreCode,
    number: RosterNumber,
) -> Result<Option<OnRoster>> {
    const SQL: &str =
        "SELECT p.id AS person, p.national_id_a, p.national_id_b, p.account, p.contested_at, p.tie_account,
                p.tie_asked_by, p.tie_asked_at, c.county_code, c.sub_county
         FROM deployments d JOIN people p ON p.id = d.person JOIN centres c ON c.code = d.centre
         WHERE d.series = $1 AND d.centre = $2 AND d.number = $3";
    let sql = match tx.dialect() {
        Dialect::Sqlite => SQL.to_owned(),
        Dialect::Postgres => format!("{SQL} FOR UPDATE OF p"),
    };
    let query =
        tx.query(super::engine::assert_safe(sql)).bind(series).bind(centre.as_str()).bind(number.get());
    let row: Option<RosterRow> = query.optional().await?;
    Ok(row.map(|row| OnRoster {
        person: PersonId(row.person),
        hashes: [row.national_id_a, row.national_id_b],
        account: row.account.map(AccountId),
        contested_at: row.contested_at,
        asked: row.tie_account.zip(row.tie_asked_by).zip(row.tie_asked_at).map(|((account, by), at)| Asked {
            account: AccountId(account),
            by,
            at,
        }),
        county_code: row.county_code,
        sub_county: row.sub_county,
    }))
}

/// Note that an officer wants to tie a person to an account.
pub async fn ask(tx: &mut Tx, person: PersonId, asked: &Asked) -> Result<()> {
    tx.query("UPDATE people SET tie_account = $1, tie_asked_by = $2, tie_asked_at = $3 WHERE id = $4")
        .bind(asked.account.0)
        .bind(asked.by)
        .bind(asked.at)
        .bind(person.0)
        .execute_exactly(1)
        .await
}

/// Note that somebody says a tie is wrong; false when that is noted already or there is no tie.
pub async fn contest(tx: &mut Tx, person: PersonId, now: DateTime<Utc>) -> Result<bool> {
    let rows = tx
        .query(
            "UPDATE people SET contested_at = $1
             WHERE id = $2 AND account IS NOT NULL AND contested_at IS NULL",
        )
        .bind(now)
        .bind(person.0)
        .execute()
        .await?;
    Ok(rows == 1)
}

/// An officer has looked and the tie is right.
pub async fn keep(tx: &mut Tx, person: PersonId) -> Result<()> {
    tx.query("UPDATE people SET contested_at = NULL WHERE id = $1").bind(person.0).execute_exactly(1).await
}

/// An officer has looked and the tie is wrong.
pub async fn undo(tx: &mut Tx, person: PersonId) -> Result<()> {
    tx.query(
        "UPDATE people SET account = NULL, tied_at = NULL, tied_by = NULL, contested_at = NULL WHERE id = $1",
    )
    .bind(person.0)
    .execute_exactly(1)
    .await
}

/// A person whose tie somebody says is wrong, by a place on a roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contested {
    /// The series.
    pub series: String,
    /// The centre.
    pub centre: CentreCode,
    /// The number on the roster.
    pub number: i64,
    /// The whole name.
    pub full_name: String,
    /// Since when.
    pub at: DateTime<Utc>,
}

#[derive(FromRow)]
struct ContestedRow {
    series: String,
    centre: String,
    number: i64,
    full_name: String,
    contested_at: DateTime<Utc>,
}

/// Every tie that somebody says is wrong, the oldest first; by each place that counts.
pub async fn contested(tx: &mut Tx) -> Result<Vec<Contested>> {
    let rows: Vec<ContestedRow> = tx
        .query(
            "SELECT d.series, d.centre, d.number, p.full_name, p.contested_at
             FROM people p JOIN deployments d ON d.person = p.id
             WHERE p.contested_at IS NOT NULL AND d.removed_at IS NULL
             ORDER BY p.contested_at, d.series, d.centre, d.number",
        )
        .all()
        .await?;
    let contested = |row: ContestedRow| {
        Ok(Contested {
            series: row.series,
            centre: CentreCode::parse(&row.centre).ok_or(StoreError::Unreadable("a centre's code"))?,
            number: row.number,
            full_name: row.full_name,
            at: row.contested_at,
        })
    };
    rows.into_iter().map(contested).collect()
}
