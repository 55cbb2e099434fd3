//! SMS that people sent to us, and who wants no more of ours. What is answered is decided in `services/inbound`.

use chrono::{DateTime, Utc};

use super::{
    engine::{Result, Tx},
    locks,
};
use crate::{
    model::{Language, Msisdn},
    secrets::{Place, Sealed},
};

/// An inbound SMS as it is kept.
pub struct NewInbound<'a> {
    /// The aggregator.
    pub provider: &'a str,
    /// Its id, the same on every repeat.
    pub provider_id: &'a str,
    /// Who sent it: E.164 if it is a number, else as stated.
    pub sender: &'a str,
    /// Our short code.
    pub recipient: &'a str,
    /// The text, sealed for [`text_place`].
    pub text: &'a Sealed,
    /// A keyed digest by which the same text is known again.
    pub digest: &'a [u8],
    /// The sender's network.
    pub network: Option<&'a str>,
    /// When it was sent by the aggregator's clock.
    pub sent_at: Option<DateTime<Utc>>,
    /// Now.
    pub received_at: DateTime<Utc>,
}

/// Where an inbound text is sealed; `row` is from [`text_row`].
pub fn text_place(row: &[u8]) -> Place<'_> {
    Place { table: "inbound_messages", column: "text", row }
}

/// The row's id for sealing.
pub fn text_row(provider: &str, provider_id: &str) -> Vec<u8> {
    format!("{provider} {provider_id}").into_bytes()
}

/// Store an inbound SMS; `false` when it is a repeat.
pub async fn take_in(tx: &mut Tx, sms: &NewInbound<'_>) -> Result<bool> {
    let stored = tx
        .query(
            "INSERT INTO inbound_messages (provider, provider_id, sender, recipient, text, text_key, text_digest,
                network, sent_at, received_at, answered)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, FALSE) ON CONFLICT DO NOTHING",
        )
        .bind(sms.provider)
        .bind(sms.provider_id)
        .bind(sms.sender)
        .bind(sms.recipient)
        .bind(sms.text.bytes.as_slice())
        .bind(sms.text.key_id.as_str())
        .bind(sms.digest)
        .bind(sms.network)
        .bind(sms.sent_at)
        .bind(sms.received_at)
        .execute()
        .await?;
    Ok(stored == 1)
}

/// Count for nobody else at the same time what this sender was answered, until the unit of work ends.
pub async fn hold_sender(tx: &mut Tx, sender: &Msisdn) -> Result<()> {
    locks::hold(tx, &format!("inbound {}", sender.as_e164())).await
}

/// How many of a sender's SMS since then were answered; with a digest, only those with the same text.
pub async fn answered(
    tx: &mut Tx,
    sender: &Msisdn,
    since: DateTime<Utc>,
    digest: Option<&[u8]>,
) -> Result<i64> {
    let (count,): (i64,) = tx
        .query(
            "SELECT CAST(COUNT(*) AS BIGINT) FROM inbound_messages
             WHERE sender = $1 AND received_at > $2 AND answered AND text_digest = COALESCE($3, text_digest)",
        )
        .bind(sender.as_e164())
        .bind(since)
        .bind(digest)
        .one()
        .await?;
    Ok(count)
}

/// Note that an SMS was answered.
pub async fn set_answered(tx: &mut Tx, provider: &str, provider_id: &str) -> Result<()> {
    tx.query("UPDATE inbound_messages SET answered = TRUE WHERE provider = $1 AND provider_id = $2")
        .bind(provider)
        .bind(provider_id)
        .execute_exactly(1)
        .await
}

/// The language that a line has chosen.
pub async fn language_of(tx: &mut Tx, msisdn: &Msisdn) -> Result<Option<Language>> {
    let row: Option<(String,)> =
        tx.query("SELECT language FROM lines WHERE msisdn = $1").bind(msisdn.as_e164()).optional().await?;
    Ok(row.and_then(|(code,)| Language::from_code(&code)))
}

/// Keep that a line wants no more of a sender; the first time counts.
pub async fn opt_out(tx: &mut Tx, msisdn: &Msisdn, sender: &str, now: DateTime<Utc>) -> Result<()> {
    tx.query(
        "INSERT INTO opt_outs (msisdn, sender, opted_out_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
    )
    .bind(msisdn.as_e164())
    .bind(sender)
    .bind(now)
    .execute()
    .await?;
    Ok(())
}
