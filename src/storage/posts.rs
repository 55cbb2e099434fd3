//! PINs of posts and the lines they are used from: centres, their deputies, officers. A first PIN is a challenge's code and
//! has no hash; whoever chooses their own puts a hash in its place.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::engine::{Result, StoreError, Tx};
use crate::{
    model::{CredentialId, Msisdn, Post},
    secrets::PinHash,
};

/// Whether somebody holds a post or stands in for its holder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::Type)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Part {
    /// Whoever has the post.
    Holder,
    /// Whoever stands in until the PIN expires.
    Deputy,
}

/// A PIN of a post.
#[derive(Debug, Clone)]
pub struct Credential {
    /// Its id, by which the ledger and the audit know who acted.
    pub id: CredentialId,
    /// Whose it is.
    pub post: Post,
    /// The holder's or a deputy's.
    pub part: Part,
    /// The hash of the PIN that was chosen; `None` while only the first PIN counts.
    pub pin: Option<PinHash>,
    /// The line the first PIN went to, and the only one it works from.
    pub issued_to: Msisdn,
    /// Who issued it, as the audit names them.
    pub issued_by: String,
    /// When.
    pub issued_at: DateTime<Utc>,
    /// From when it no longer counts.
    pub expires_at: Option<DateTime<Utc>>,
    /// When the holder chose a PIN of their own.
    pub chosen_at: Option<DateTime<Utc>>,
    /// Raised when every sign-in that stands on it must end.
    pub epoch: i64,
}

impl Credential {
    /// Whether a line is its own although it is not bound: the first PIN went there, or it is that of a deputy.
    pub fn is_for(&self, line: &Msisdn) -> bool {
        (self.chosen_at.is_none() || self.part == Part::Deputy) && self.issued_to == *line
    }
}

const COLUMNS: &str = "id, post_kind, post, part, phc, pepper_id, issued_to, issued_by, issued_at, expires_at, \
                       chosen_at, epoch";

#[derive(FromRow)]
struct CredentialRow {
    id: Uuid,
    post_kind: String,
    post: String,
    part: Part,
    phc: String,
    pepper_id: String,
    issued_to: String,
    issued_by: String,
    issued_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    chosen_at: Option<DateTime<Utc>>,
    epoch: i64,
}

impl TryFrom<CredentialRow> for Credential {
    type Error = StoreError;

    fn try_from(row: CredentialRow) -> Result<Self> {
        let unreadable = || StoreError::Unreadable("a credential of a post");
        Ok(Self {
            id: CredentialId(row.id),
            post: Post::of(&row.post_kind, &row.post).ok_or_else(unreadable)?,
            part: row.part,
            pin: row.chosen_at.map(|_| PinHash { phc: row.phc, pepper_id: row.pepper_id }),
            issued_to: Msisdn::from_network(&row.issued_to).ok_or_else(unreadable)?,
            issued_by: row.issued_by,
            issued_at: row.issued_at,
            expires_at: row.expires_at,
            chosen_at: row.chosen_at,
            epoch: row.epoch,
        })
    }
}

/// Put a credential whose PIN is still to be chosen, for a series. Call [`revoke`] for the one before.
pub async fn insert(tx: &mut Tx, new: &Credential, series: Option<&str>) -> Result<()> {
    tx.query(
        "INSERT INTO post_credentials (id, post_kind, post, part, phc, pepper_id, issued_to, issued_by, issued_at,
            expires_at, epoch, series)
         VALUES ($1, $2, $3, $4, '', '', $5, $6, $7, $8, $9, $10)",
    )
    .bind(new.id.0)
    .bind(new.post.kind())
    .bind(new.post.name())
    .bind(new.part)
    .bind(new.issued_to.as_e164())
    .bind(new.issued_by.as_str())
    .bind(new.issued_at)
    .bind(new.expires_at)
    .bind(new.epoch)
    .bind(series.map(str::to_owned))
    .execute_exactly(1)
    .await
}

/// The credentials of a post that count now, the holder's first. Whoever counts tries holds `post_tries` before.
pub async fn that_count(tx: &mut Tx, post: &Post, now: DateTime<Utc>) -> Result<Vec<Credential>> {
    let sql = format!(
        "SELECT {COLUMNS} FROM post_credentials
         WHERE post_kind = $1 AND post = $2 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $3)
         ORDER BY part DESC, issued_at"
    );
    let query = tx.query(super::engine::assert_safe(sql)).bind(post.kind()).bind(post.name()).bind(now);
    query.all::<CredentialRow>().await?.into_iter().map(Credential::try_from).collect()
}

/// Every credential a post has had, the latest first.
pub async fn history(
    tx: &mut Tx,
    post: &Post,
) -> Result<Vec<(Credential, Option<DateTime<Utc>>, Option<String>)>> {
    #[derive(FromRow)]
    struct Row {
        #[sqlx(flatten)]
        credential: CredentialRow,
        revoked_at: Option<DateTime<Utc>>,
        revoked_by: Option<String>,
    }
    let sql = format!(
        "SELECT {COLUMNS}, revoked_at, revoked_by FROM post_credentials WHERE post_kind = $1 AND post = $2
         ORDER BY issued_at DESC"
    );
    let query = tx.query(super::engine::assert_safe(sql)).bind(post.kind()).bind(post.name());
    let rows: Vec<Row> = query.all().await?;
    rows.into_iter().map(|row| Ok((row.credential.try_into()?, row.revoked_at, row.revoked_by))).collect()
}

/// Whether a sign-in at a post still counts: its PIN was chosen, and neither changed, revoked nor expired since.
pub async fn is_epoch(tx: &mut Tx, id: CredentialId, epoch: i64, now: DateTime<Utc>) -> Result<bool> {
    let row: Option<(i64,)> = tx
        .query(
            "SELECT epoch FROM post_credentials WHERE id = $1 AND revoked_at IS NULL AND chosen_at IS NOT NULL
             AND (expires_at IS NULL OR expires_at > $2)",
        )
        .bind(id.0)
        .bind(now)
        .optional()
        .await?;
    Ok(row == Some((epoch,)))
}

/// Put the PIN that was chosen; every sign-in that stands on the one before ends. A first PIN's time ends with it, a
/// deputy's does not. The new epoch; `None` when the credential has changed since or no longer counts.
pub async fn choose(
    tx: &mut Tx,
    of: &Credential,
    pin: PinHash,
    expires_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<Option<i64>> {
    let rows = tx
        .query(
            "UPDATE post_credentials SET phc = $1, pepper_id = $2, chosen_at = $3, expires_at = $4, epoch = epoch + 1
             WHERE id = $5 AND epoch = $6 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $3)",
        )
        .bind(pin.phc)
        .bind(pin.pepper_id)
        .bind(now)
        .bind(expires_at)
        .bind(of.id.0)
        .bind(of.epoch)
        .execute()
        .await?;
    Ok((rows == 1).then_some(of.epoch + 1))
}

/// Put a hash made anew in place of the one that a PIN was checked against.
pub async fn rehash(tx: &mut Tx, id: CredentialId, old: &PinHash, new: PinHash) -> Result<()> {
    tx.query("UPDATE post_credentials SET phc = $1, pepper_id = $2 WHERE id = $3 AND phc = $4")
        .bind(new.phc)
        .bind(new.pepper_id)
        .bind(id.0)
        .bind(old.phc.as_str())
        .execute()
        .await?;
    Ok(())
}

/// End every sign-in that stands on a PIN of a post; the PINs count on.
pub async fn end_sign_ins(tx: &mut Tx, post: &Post) -> Result<()> {
    tx.query(
        "UPDATE post_credentials SET epoch = epoch + 1 WHERE post_kind = $1 AND post = $2 AND revoked_at IS NULL",
    )
    .bind(post.kind())
    .bind(post.name())
    .execute()
    .await?;
    Ok(())
}

/// End the credentials of a post that stand: all, or those of one part. How many there were.
pub async fn revoke(
    tx: &mut Tx,
    post: &Post,
    part: Option<Part>,
    by: &str,
    now: DateTime<Utc>,
) -> Result<u64> {
    let part = part.map(|part| match part {
        Part::Holder => "holder",
        Part::Deputy => "deputy",
    });
    tx.query(
        "UPDATE post_credentials SET revoked_at = $1, revoked_by = $2
         WHERE post_kind = $3 AND post = $4 AND revoked_at IS NULL AND ($5 IS NULL OR part = $5)",
    )
    .bind(now)
    .bind(by)
    .bind(post.kind())
    .bind(post.name())
    .bind(part)
    .execute()
    .await
}

/// The posts that a line speaks for: those it is bound to, and those whose first PIN waits for it.
pub async fn of_line(tx: &mut Tx, line: &Msisdn, now: DateTime<Utc>) -> Result<Vec<Post>> {
    let rows: Vec<(String, String)> = tx
        .query(
            "SELECT post_kind, post FROM post_lines WHERE msisdn = $1 AND unbound_at IS NULL
             UNION
             SELECT post_kind, post FROM post_credentials
             WHERE issued_to = $1 AND (chosen_at IS NULL OR part = 'deputy') AND revoked_at IS NULL
                AND expires_at > $2
             ORDER BY 1, 2",
        )
        .bind(line.as_e164())
        .bind(now)
        .all()
        .await?;
    let post =
        |(kind, name): (String, String)| Post::of(&kind, &name).ok_or(StoreError::Unreadable("a post"));
    rows.into_iter().map(post).collect()
}

/// The lines that a post is used from, those bound first first.
pub async fn lines_of(tx: &mut Tx, post: &Post) -> Result<Vec<Msisdn>> {
    let rows: Vec<(String,)> = tx
        .query(
            "SELECT msisdn FROM post_lines WHERE post_kind = $1 AND post = $2 AND unbound_at IS NULL
             ORDER BY bound_at, msisdn",
        )
        .bind(post.kind())
        .bind(post.name())
        .all()
        .await?;
    let line =
        |(line,): (String,)| Msisdn::from_network(&line).ok_or(StoreError::Unreadable("a post's line"));
    rows.into_iter().map(line).collect()
}

/// Whether a post is used from a line.
pub async fn is_bound(tx: &mut Tx, post: &Post, line: &Msisdn) -> Result<bool> {
    Ok(lines_of(tx, post).await?.contains(line))
}

/// Bind a line to a post; false when it was.
pub async fn bind(tx: &mut Tx, post: &Post, line: &Msisdn, now: DateTime<Utc>) -> Result<bool> {
    let rows = tx
        .query(
            "INSERT INTO post_lines (post_kind, post, msisdn, bound_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (post_kind, post, msisdn) WHERE unbound_at IS NULL DO NOTHING",
        )
        .bind(post.kind())
        .bind(post.name())
        .bind(line.as_e164())
        .bind(now)
        .execute()
        .await?;
    Ok(rows == 1)
}

/// Let lines go: one, or all of a post. How many there were.
pub async fn unbind(tx: &mut Tx, post: &Post, line: Option<&Msisdn>, now: DateTime<Utc>) -> Result<u64> {
    tx.query(
        "UPDATE post_lines SET unbound_at = $1
         WHERE post_kind = $2 AND post = $3 AND unbound_at IS NULL AND ($4 IS NULL OR msisdn = $4)",
    )
    .bind(now)
    .bind(post.kind())
    .bind(post.name())
    .bind(line.map(|line| line.as_e164().to_owned()))
    .execute()
    .await
}
