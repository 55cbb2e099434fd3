//! What pay rests on beside the marks: who a person is to the payer, how far their registers have come, and what was paid.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    engine::{Dialect, Result, Tx, assert_safe},
    holds::HoldKind,
};
use crate::{
    model::{PersonId, pay::PaymentState, season::RegisterState},
    secrets::Sealed,
};

/// People from one to another, both of them in.
pub type Span = (PersonId, PersonId);

/// A person as the payer knows them.
#[derive(Debug, Clone)]
pub struct Payee {
    /// Who.
    pub person: PersonId,
    /// The name as it was imported.
    pub full_name: String,
    /// The number as it was imported, in E.164.
    pub msisdn: Option<String>,
    /// The imported national ID, sealed for the person.
    pub national_id: Option<Sealed>,
    /// Whether somebody says that the account is another's.
    pub contested: bool,
    /// The account that the person is tied to.
    pub account: Option<PayeeAccount>,
    /// Whether the person has a deployment that waits for the director's word.
    pub waiting: bool,
}

/// The account of a payee.
#[derive(Debug, Clone)]
pub struct PayeeAccount {
    /// Its id.
    pub id: Uuid,
    /// Its name, which is that of the M-Pesa line.
    pub full_name: String,
    /// Its line, in E.164.
    pub msisdn: String,
    /// Its national ID, sealed for the account.
    pub national_id: Sealed,
    /// Until when pay rests.
    pub held_until: Option<DateTime<Utc>>,
}

#[derive(FromRow)]
struct PayeeRow {
    id: Uuid,
    full_name: String,
    msisdn: Option<String>,
    national_id: Option<Vec<u8>>,
    national_id_key: Option<String>,
    contested: bool,
    waiting: bool,
    account: Option<Uuid>,
    given_names: Option<String>,
    surname: Option<String>,
    account_msisdn: Option<String>,
    account_id: Option<Vec<u8>>,
    account_id_key: Option<String>,
    held_until: Option<DateTime<Utc>>,
}

/// The people of a span, in the order of their ids.
pub async fn payees(
    tx: &mut Tx,
    series: &str,
    (first, last): Span,
    now: DateTime<Utc>,
) -> Result<Vec<Payee>> {
    let rows: Vec<PayeeRow> = tx
        .query(
            "SELECT p.id, p.full_name, p.msisdn, p.national_id, p.national_id_key,
                p.contested_at IS NOT NULL AS contested,
                EXISTS (SELECT 1 FROM deployments d WHERE d.person = p.id AND d.series = $1
                        AND d.origin = 'added' AND d.accepted IS NULL AND d.removed_at IS NULL) AS waiting,
                a.id AS account, a.given_names, a.surname, a.msisdn AS account_msisdn,
                a.national_id AS account_id, a.national_id_key AS account_id_key,
                (SELECT h.until FROM holds h WHERE h.account = a.id AND h.kind = $4 AND h.until > $5
                 ORDER BY h.until DESC LIMIT 1) AS held_until
             FROM people p LEFT JOIN accounts a ON a.id = p.account
             WHERE p.id >= $2 AND p.id <= $3 ORDER BY p.id",
        )
        .bind(series)
        .bind(first.0)
        .bind(last.0)
        .bind(HoldKind::PayDetails)
        .bind(now)
        .all()
        .await?;
    Ok(rows.into_iter().map(Payee::from).collect())
}

impl From<PayeeRow> for Payee {
    fn from(row: PayeeRow) -> Self {
        let sealed = |bytes: Option<Vec<u8>>, key_id: Option<String>| {
            bytes.zip(key_id).map(|(bytes, key_id)| Sealed { key_id, bytes })
        };
        let name = row.given_names.zip(row.surname).map(|(given, surname)| format!("{given} {surname}"));
        let account = row.account.zip(name).zip(row.account_msisdn);
        let account = account.zip(sealed(row.account_id, row.account_id_key));
        Self {
            person: PersonId(row.id),
            full_name: row.full_name,
            msisdn: row.msisdn,
            national_id: sealed(row.national_id, row.national_id_key),
            contested: row.contested,
            waiting: row.waiting,
            account: account.map(|(((id, full_name), msisdn), national_id)| PayeeAccount {
                id,
                full_name,
                msisdn,
                national_id,
                held_until: row.held_until,
            }),
        }
    }
}

/// The least that the registers have come in which each person of a span is marked present, person by person; nobody who is
/// present nowhere.
pub async fn registers(
    tx: &mut Tx,
    series: &str,
    (first, last): Span,
) -> Result<Vec<(PersonId, RegisterState)>> {
    let rows: Vec<(Uuid, i64)> = tx
        .query(
            "SELECT d.person, MIN(CASE COALESCE(r.state, 'open') WHEN 'open' THEN CAST(0 AS BIGINT)
                    WHEN 'signed' THEN 1 ELSE 2 END) AS state
             FROM deployments d LEFT JOIN registers r ON r.series = d.series AND r.centre = d.centre
             WHERE d.person >= $2 AND d.person <= $3 AND d.series = $1 AND d.accepted IS NOT FALSE
                AND EXISTS (SELECT 1 FROM marks m WHERE m.deployment = d.id AND m.present)
             GROUP BY d.person ORDER BY d.person",
        )
        .bind(series)
        .bind(first.0)
        .bind(last.0)
        .all()
        .await?;
    let state = |n| match n {
        0 => RegisterState::Open,
        1 => RegisterState::Signed,
        _ => RegisterState::Countersigned,
    };
    Ok(rows.into_iter().map(|(person, n)| (PersonId(person), state(n))).collect())
}

/// Something that went to the payer.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Payment {
    /// Its id: what the payer's file calls the claim.
    pub id: Uuid,
    /// The series.
    pub series: String,
    /// For whom.
    pub person: Uuid,
    /// What has become of it.
    pub state: PaymentState,
    /// How many days, in hundredths.
    pub hundredths_of_days: i64,
    /// How much, in cents.
    pub cents: i64,
    /// In which file it went.
    pub batch: String,
    /// The payer's own name for it.
    pub payer_ref: Option<String>,
    /// Why it was not paid.
    pub reason: Option<String>,
    /// When it went to the payer.
    pub approved_at: DateTime<Utc>,
}

const PAYMENT: &str = "SELECT id, series, person, state, hundredths_of_days, cents, batch, payer_ref, reason, approved_at \
     FROM payments";

/// The payments of a series to the people of a span, person by person, the oldest first.
pub async fn of_people(tx: &mut Tx, series: &str, (first, last): Span) -> Result<Vec<Payment>> {
    let sql = format!(
        "{PAYMENT} WHERE person >= $2 AND person <= $3 AND series = $1 ORDER BY person, approved_at, id"
    );
    tx.query(assert_safe(sql)).bind(series).bind(first.0).bind(last.0).all().await
}

/// The payments of a batch after one of them, as many as `limit`, in the order of the people.
pub async fn of_batch(
    tx: &mut Tx,
    (series, batch): (&str, &str),
    after: Option<PersonId>,
    limit: i64,
) -> Result<Vec<Payment>> {
    let sql = format!("{PAYMENT} WHERE series = $1 AND batch = $2 AND person > $3 ORDER BY person LIMIT $4");
    let after = after.map_or(Uuid::nil(), |person| person.0);
    tx.query(assert_safe(sql)).bind(series).bind(batch).bind(after).bind(limit).all().await
}

/// A payment.
pub async fn by_id(tx: &mut Tx, id: Uuid) -> Result<Option<Payment>> {
    tx.query(assert_safe(format!("{PAYMENT} WHERE id = $1"))).bind(id).optional().await
}

/// One export or import at a time: whoever comes second waits here until the first is done.
pub async fn hold(tx: &mut Tx, series: &str) -> Result<()> {
    if tx.dialect() == Dialect::Postgres {
        let _: Option<(String,)> =
            tx.query("SELECT code FROM series WHERE code = $1 FOR UPDATE").bind(series).optional().await?;
    }
    Ok(())
}

/// Keep that a claim goes to the payer.
pub async fn approve(tx: &mut Tx, payment: &Payment) -> Result<()> {
    tx.query(
        "INSERT INTO payments (id, series, person, state, hundredths_of_days, cents, batch, approved_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(payment.id)
    .bind(payment.series.as_str())
    .bind(payment.person)
    .bind(payment.state)
    .bind(payment.hundredths_of_days)
    .bind(payment.cents)
    .bind(payment.batch.as_str())
    .bind(payment.approved_at)
    .execute_exactly(1)
    .await
}

/// Keep what the payer has told of an approved payment; false when it was settled before.
pub async fn settle(
    tx: &mut Tx,
    id: Uuid,
    state: PaymentState,
    (payer_ref, reason): (Option<&str>, Option<&str>),
    now: DateTime<Utc>,
) -> Result<bool> {
    let rows = tx
        .query(
            "UPDATE payments SET state = $1, payer_ref = $2, reason = $3, settled_at = $4
             WHERE id = $5 AND state = $6",
        )
        .bind(state)
        .bind(payer_ref)
        .bind(reason)
        .bind(now)
        .bind(id)
        .bind(PaymentState::Approved)
        .execute()
        .await?;
    Ok(rows == 1)
}
