//! Accounts, their PINs as hashes with the count of wrong tries, and consents.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::engine::{Dialect, Result, StoreError, Tx};
use crate::{
    model::{AccountId, Language, Msisdn, NamePart, PersonName},
    secrets::{Lookup, PinHash, Place, Sealed},
};

/// An account as it is kept.
#[derive(Debug, Clone)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// The name as on the M-Pesa line.
    pub name: PersonName,
    /// The national ID, sealed.
    pub national_id: Sealed,
    /// Raised when every sign-in of the account must end.
    pub epoch: i64,
    /// When it was opened.
    pub opened_at: DateTime<Utc>,
}

#[derive(FromRow)]
struct AccountRow {
    id: Uuid,
    given_names: String,
    surname: String,
    national_id: Vec<u8>,
    national_id_key: String,
    epoch: i64,
    opened_at: DateTime<Utc>,
}

/// An account to be opened.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Its id.
    pub id: AccountId,
    /// The line.
    pub msisdn: Msisdn,
    /// The name.
    pub name: PersonName,
    /// The national ID, sealed at [`id_place`].
    pub national_id: Sealed,
    /// The national ID's keyed look-ups.
    pub lookup: Lookup,
    /// The PIN's hash.
    pub pin: PinHash,
    /// When.
    pub opened_at: DateTime<Utc>,
}

/// The column of the look-up of national IDs.
pub const ID_COLUMN: &str = "accounts.national_id";

/// What the seal of an account's national ID is bound to.
pub fn id_place(id: &AccountId) -> Place<'_> {
    Place { table: "accounts", column: "national_id", row: id.0.as_bytes() }
}

/// Open an account: false when the line or the national ID has one already.
pub async fn insert(tx: &mut Tx, new: NewAccount) -> Result<bool> {
    let inserted = tx
        .query(
            "INSERT INTO accounts (id, msisdn, given_names, surname, national_id, national_id_key,
                                   national_id_a, national_id_b, epoch, opened_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9)
             ON CONFLICT DO NOTHING",
        )
        .bind(new.id.0)
        .bind(new.msisdn.as_e164().to_owned())
        .bind(new.name.given.as_str().to_owned())
        .bind(new.name.surname.as_str().to_owned())
        .bind(new.national_id.bytes)
        .bind(new.national_id.key_id)
        .bind(new.lookup.a.map(|hash| hash.to_vec()))
        .bind(new.lookup.b.map(|hash| hash.to_vec()))
        .bind(new.opened_at)
        .execute()
        .await?;
    if inserted == 0 {
        return Ok(false);
    }
    tx.query(
        "INSERT INTO credentials (account_id, phc, pepper_id, failures, changed_at) VALUES ($1, $2, $3, 0, $4)",
    )
    .bind(new.id.0)
    .bind(new.pin.phc)
    .bind(new.pin.pepper_id)
    .bind(new.opened_at)
    .execute_exactly(1)
    .await?;
    Ok(true)
}

/// The account of a line.
pub async fn by_msisdn(tx: &mut Tx, line: &Msisdn) -> Result<Option<Account>> {
    let row: Option<AccountRow> = tx
        .query(
            "SELECT id, given_names, surname, national_id, national_id_key, epoch, opened_at
             FROM accounts WHERE msisdn = $1",
        )
        .bind(line.as_e164().to_owned())
        .optional()
        .await?;
    row.map(account).transpose()
}

fn account(row: AccountRow) -> Result<Account> {
    let part = |text: &str| NamePart::parse(text).map_err(|_| StoreError::Unreadable("a name"));
    Ok(Account {
        id: AccountId(row.id),
        name: PersonName { given: part(&row.given_names)?, surname: part(&row.surname)? },
        national_id: Sealed { key_id: row.national_id_key, bytes: row.national_id },
        epoch: row.epoch,
        opened_at: row.opened_at,
    })
}

/// Whether a sign-in still counts: the account has not been raised above its epoch.
pub async fn is_epoch(tx: &mut Tx, account: AccountId, epoch: i64) -> Result<bool> {
    let row: Option<(i64,)> =
        tx.query("SELECT epoch FROM accounts WHERE id = $1").bind(account.0).optional().await?;
    Ok(row == Some((epoch,)))
}

/// A PIN's hash and how often it was typed wrong.
#[derive(Debug, Clone)]
pub struct Credential {
    /// The hash.
    pub pin: PinHash,
    /// Wrong tries in a row.
    pub failures: i64,
    /// No try counts before then.
    pub wait_until: Option<DateTime<Utc>>,
}

/// The credential of an account, locked until the unit of work ends, so that tries are counted one by one.
pub async fn credential(tx: &mut Tx, account: AccountId) -> Result<Credential> {
    let sql = match tx.dialect() {
        Dialect::Sqlite => {
            "SELECT phc, pepper_id, failures, wait_until FROM credentials WHERE account_id = $1"
        }
        Dialect::Postgres => {
            "SELECT phc, pepper_id, failures, wait_until FROM credentials WHERE account_id = $1 FOR UPDATE"
        }
    };
    let (phc, pepper_id, failures, wait_until) = tx.query(sql).bind(account.0).one().await?;
    Ok(Credential { pin: PinHash { phc, pepper_id }, failures, wait_until })
}

/// Set the count of wrong tries and the wait that goes with it.
pub async fn set_failures(
    tx: &mut Tx,
    account: AccountId,
    failures: i64,
    wait_until: Option<DateTime<Utc>>,
) -> Result<()> {
    tx.query("UPDATE credentials SET failures = $1, wait_until = $2 WHERE account_id = $3")
        .bind(failures)
        .bind(wait_until)
        .bind(account.0)
        .execute_exactly(1)
        .await
}

/// Put a PIN's hash made anew, with today's parameters, in place of the one it was checked against.
pub async fn rehash(tx: &mut Tx, account: AccountId, old: &PinHash, new: PinHash) -> Result<()> {
    tx.query("UPDATE credentials SET phc = $1, pepper_id = $2 WHERE account_id = $3 AND phc = $4")
        .bind(new.phc)
        .bind(new.pepper_id)
        .bind(account.0)
        .bind(old.phc.clone())
        .execute()
        .await?;
    Ok(())
}

/// Give an account a new PIN and end every sign-in of it.
pub async fn change_pin(tx: &mut Tx, account: AccountId, pin: PinHash, now: DateTime<Utc>) -> Result<()> {
    tx.query(
        "UPDATE credentials SET phc = $1, pepper_id = $2, failures = 0, wait_until = NULL, changed_at = $3
         WHERE account_id = $4",
    )
    .bind(pin.phc)
    .bind(pin.pepper_id)
    .bind(now)
    .bind(account.0)
    .execute_exactly(1)
    .await?;
    tx.query("UPDATE accounts SET epoch = epoch + 1 WHERE id = $1").bind(account.0).execute_exactly(1).await
}

/// Record a consent.
pub async fn consent(
    tx: &mut Tx,
    id: Uuid,
    line: &Msisdn,
    version: &str,
    language: Language,
    now: DateTime<Utc>,
) -> Result<()> {
    tx.query(
        "INSERT INTO consents (id, msisdn, version, language, channel, given_at) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(id)
    .bind(line.as_e164().to_owned())
    .bind(version.to_owned())
    .bind(language.code())
    .bind("ussd")
    .bind(now)
    .execute_exactly(1)
    .await
}

/// Whether the line has consented.
pub async fn has_consented(tx: &mut Tx, line: &Msisdn) -> Result<bool> {
    let (given,): (i64,) = tx
        .query("SELECT COUNT(*) FROM consents WHERE msisdn = $1")
        .bind(line.as_e164().to_owned())
        .one()
        .await?;
    Ok(given > 0)
}

/// An account and the line it is on.
pub async fn by_id(tx: &mut Tx, id: AccountId) -> Result<Option<(Account, Msisdn)>> {
    let row: Option<(String,)> =
        tx.query("SELECT msisdn FROM accounts WHERE id = $1").bind(id.0).optional().await?;
    let Some((line,)) = row else { return Ok(None) };
    let line = Msisdn::from_network(&line).ok_or(StoreError::Unreadable("a line"))?;
    Ok(by_msisdn(tx, &line).await?.filter(|account| account.id == id).map(|account| (account, line)))
}

/// Put an account on another line and end every sign-in of it; false when it is not on the line it should leave.
pub async fn change_line(tx: &mut Tx, id: AccountId, old: &Msisdn, new: &Msisdn) -> Result<bool> {
    let rows = tx
        .query("UPDATE accounts SET msisdn = $1, epoch = epoch + 1 WHERE id = $2 AND msisdn = $3")
        .bind(new.as_e164())
        .bind(id.0)
        .bind(old.as_e164())
        .execute()
        .await?;
    Ok(rows == 1)
}
