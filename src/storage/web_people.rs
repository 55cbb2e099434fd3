//! People as the portal knows them: the account, its line's language, its password as a hash.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::engine::{Result, StoreError, Tx};
use crate::{
    model::{AccountId, Language, Msisdn, NamePart, PersonName},
    secrets::{PinHash, Sealed},
};

/// A person with an account.
#[derive(Debug, Clone)]
pub struct Person {
    /// The account.
    pub account: AccountId,
    /// The line, whose digits are the user name.
    pub msisdn: Msisdn,
    /// The name.
    pub name: PersonName,
    /// The national ID, sealed.
    pub national_id: Sealed,
    /// Raised when every sign-in of the account must end.
    pub epoch: i64,
    /// When the account was opened.
    pub opened_at: DateTime<Utc>,
    /// The line's language.
    pub language: Language,
    /// The password, once one was chosen.
    pub password: Option<PinHash>,
}

#[derive(FromRow)]
struct PersonRow {
    id: Uuid,
    msisdn: String,
    given_names: String,
    surname: String,
    national_id: Vec<u8>,
    national_id_key: String,
    epoch: i64,
    opened_at: DateTime<Utc>,
    language: Option<String>,
    phc: Option<String>,
    pepper_id: Option<String>,
}

impl TryFrom<PersonRow> for Person {
    type Error = StoreError;

    fn try_from(row: PersonRow) -> Result<Self> {
        let part = |text: &str| NamePart::parse(text).map_err(|_| StoreError::Unreadable("a name"));
        let password = row.phc.zip(row.pepper_id);
        Ok(Self {
            account: AccountId(row.id),
            msisdn: Msisdn::from_network(&row.msisdn).ok_or(StoreError::Unreadable("a line"))?,
            name: PersonName { given: part(&row.given_names)?, surname: part(&row.surname)? },
            national_id: Sealed { key_id: row.national_id_key, bytes: row.national_id },
            epoch: row.epoch,
            opened_at: row.opened_at,
            language: row.language.as_deref().and_then(Language::from_code).unwrap_or_default(),
            password: password.map(|(phc, pepper_id)| PinHash { phc, pepper_id }),
        })
    }
}

/// The person of a line. `None` of a line asks all the same, and finds nobody.
pub async fn by_line(tx: &mut Tx, line: Option<&Msisdn>) -> Result<Option<Person>> {
    let row: Option<PersonRow> = tx
        .query(
            "SELECT a.id, a.msisdn, a.given_names, a.surname, a.national_id, a.national_id_key, a.epoch, a.opened_at,
                    l.language, p.phc, p.pepper_id
             FROM accounts a
             LEFT JOIN lines l ON l.msisdn = a.msisdn
             LEFT JOIN portal_passwords p ON p.account_id = a.id
             WHERE a.msisdn = $1",
        )
        .bind(line.map_or("", Msisdn::as_e164).to_owned())
        .optional()
        .await?;
    row.map(Person::try_from).transpose()
}

/// The person of an account, unless it has been raised above this epoch.
pub async fn signed_in(tx: &mut Tx, account: AccountId, epoch: i64) -> Result<Option<Person>> {
    let row: Option<PersonRow> = tx
        .query(
            "SELECT a.id, a.msisdn, a.given_names, a.surname, a.national_id, a.national_id_key, a.epoch, a.opened_at,
                    l.language, p.phc, p.pepper_id
             FROM accounts a
             LEFT JOIN lines l ON l.msisdn = a.msisdn
             LEFT JOIN portal_passwords p ON p.account_id = a.id
             WHERE a.id = $1 AND a.epoch = $2",
        )
        .bind(account.0)
        .bind(epoch)
        .optional()
        .await?;
    row.map(Person::try_from).transpose()
}

/// Give an account a password and end every sign-in of it; gives the new epoch, or `None` when the account is no longer
/// at this one.
pub async fn set_password(
    tx: &mut Tx,
    account: AccountId,
    epoch: i64,
    password: PinHash,
    now: DateTime<Utc>,
) -> Result<Option<i64>> {
    let raised = end_sign_ins(tx, account, epoch).await?;
    if raised.is_some() {
        tx.query(
            "INSERT INTO portal_passwords (account_id, phc, pepper_id, changed_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (account_id) DO UPDATE
             SET phc = excluded.phc, pepper_id = excluded.pepper_id, changed_at = excluded.changed_at",
        )
        .bind(account.0)
        .bind(password.phc)
        .bind(password.pepper_id)
        .bind(now)
        .execute_exactly(1)
        .await?;
    }
    Ok(raised)
}

/// End every sign-in of an account; gives the new epoch, or `None` when it is no longer at this one.
pub async fn end_sign_ins(tx: &mut Tx, account: AccountId, epoch: i64) -> Result<Option<i64>> {
    let rows = tx
        .query("UPDATE accounts SET epoch = epoch + 1 WHERE id = $1 AND epoch = $2")
        .bind(account.0)
        .bind(epoch)
        .execute()
        .await?;
    Ok((rows == 1).then_some(epoch + 1))
}

/// Put a password's hash made anew in place of the one it was checked against.
pub async fn rehash(tx: &mut Tx, account: AccountId, old: &PinHash, new: PinHash) -> Result<()> {
    tx.query("UPDATE portal_passwords SET phc = $1, pepper_id = $2 WHERE account_id = $3 AND phc = $4")
        .bind(new.phc)
        .bind(new.pepper_id)
        .bind(account.0)
        .bind(old.phc.clone())
        .execute()
        .await?;
    Ok(())
}
