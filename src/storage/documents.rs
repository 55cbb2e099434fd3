//! Closing documents: what was signed of a register, and by which code anybody can check it. Written only under the
//! register's lock. A document is never changed but for its countersignature and its end.

use chrono::{DateTime, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    engine::{Result, StoreError, Tx, assert_safe},
    scopes::Territory,
};
use crate::model::{CentreCode, DocumentCode, Msisdn};

/// What a document comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, FromRow)]
pub struct Sums {
    /// How many people have marks.
    pub people: i64,
    /// How many days are marked.
    pub days: i64,
    /// Marks that say present, over all people and days.
    pub present: i64,
    /// Marks that say absent.
    pub absent: i64,
}

/// A document to keep.
#[derive(Debug, Clone, Copy)]
pub struct NewDocument<'a> {
    /// By which it is checked.
    pub code: &'a DocumentCode,
    /// The series.
    pub series: &'a str,
    /// The centre.
    pub centre: &'a CentreCode,
    /// The entry that signed it.
    pub seq: i64,
    /// The digest of what it says.
    pub digest: &'a [u8],
    /// What it comes to.
    pub sums: Sums,
    /// When it was signed.
    pub signed_at: DateTime<Utc>,
    /// By which credential.
    pub signed_by: Uuid,
    /// From which line.
    pub signed_line: &'a Msisdn,
}

/// Keep a document. `false` when its code is taken.
pub async fn insert(tx: &mut Tx, new: &NewDocument<'_>) -> Result<bool> {
    let inserted = tx
        .query(
            "INSERT INTO register_documents (code, series, centre, seq, digest, people, days, present, absent,
                signed_at, signed_by, signed_line)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) ON CONFLICT (code) DO NOTHING",
        )
        .bind(new.code.digits())
        .bind(new.series)
        .bind(new.centre.as_str())
        .bind(new.seq)
        .bind(new.digest)
        .bind(new.sums.people)
        .bind(new.sums.days)
        .bind(new.sums.present)
        .bind(new.sums.absent)
        .bind(new.signed_at)
        .bind(new.signed_by)
        .bind(new.signed_line.as_e164())
        .execute()
        .await?;
    Ok(inserted == 1)
}

/// A document as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// By which it is checked.
    pub code: DocumentCode,
    /// The series.
    pub series: String,
    /// The centre.
    pub centre: CentreCode,
    /// The centre's name, as it is now.
    pub centre_name: String,
    /// The entry that signed it.
    pub seq: i64,
    /// The digest of what it says.
    pub digest: Vec<u8>,
    /// What it comes to.
    pub sums: Sums,
    /// When it was signed.
    pub signed_at: DateTime<Utc>,
    /// By which credential.
    pub signed_by: Uuid,
    /// From which line, in E.164.
    pub signed_line: String,
    /// When it was countersigned.
    pub countersigned_at: Option<DateTime<Utc>>,
    /// By which officer.
    pub countersigned_by: Option<Uuid>,
    /// When it ceased to count.
    pub replaced_at: Option<DateTime<Utc>>,
}

#[derive(FromRow)]
struct DocumentRow {
    code: String,
    series: String,
    centre: String,
    centre_name: String,
    seq: i64,
    digest: Vec<u8>,
    #[sqlx(flatten)]
    sums: Sums,
    signed_at: DateTime<Utc>,
    signed_by: Uuid,
    signed_line: String,
    countersigned_at: Option<DateTime<Utc>>,
    countersigned_by: Option<Uuid>,
    replaced_at: Option<DateTime<Utc>>,
}

impl TryFrom<DocumentRow> for Document {
    type Error = StoreError;

    fn try_from(row: DocumentRow) -> Result<Self> {
        Ok(Self {
            code: DocumentCode::parse(&row.code).map_err(|_| StoreError::Unreadable("a document's code"))?,
            series: row.series,
            centre: CentreCode::parse(&row.centre).ok_or(StoreError::Unreadable("a centre's code"))?,
            centre_name: row.centre_name,
            seq: row.seq,
            digest: row.digest,
            sums: row.sums,
            signed_at: row.signed_at,
            signed_by: row.signed_by,
            signed_line: row.signed_line,
            countersigned_at: row.countersigned_at,
            countersigned_by: row.countersigned_by,
            replaced_at: row.replaced_at,
        })
    }
}

const DOCUMENT: &str = "SELECT d.code, d.series, d.centre, c.name AS centre_name, d.seq, d.digest, d.people, d.days, \
     d.present, d.absent, d.signed_at, d.signed_by, d.signed_line, d.countersigned_at, d.countersigned_by, d.replaced_at \
     FROM register_documents d JOIN centres c ON c.code = d.centre";

/// The document of a register that counts now; `None` while nobody has signed.
pub async fn standing(tx: &mut Tx, series: &str, centre: &CentreCode) -> Result<Option<Document>> {
    let sql = format!("{DOCUMENT} WHERE d.series = $1 AND d.centre = $2 AND d.replaced_at IS NULL");
    let query = tx.query(assert_safe(sql)).bind(series).bind(centre.as_str());
    query.optional::<DocumentRow>().await?.map(Document::try_from).transpose()
}

/// The document of a code, whether it counts or not.
pub async fn by_code(tx: &mut Tx, code: &DocumentCode) -> Result<Option<Document>> {
    let sql = format!("{DOCUMENT} WHERE d.code = $1");
    let query = tx.query(assert_safe(sql)).bind(code.digits());
    query.optional::<DocumentRow>().await?.map(Document::try_from).transpose()
}

/// The documents that count of the centres of a place, those that wait for a countersignature first, by centre; as many as
/// a list on a phone can have.
pub async fn within(tx: &mut Tx, series: &str, place: &Territory) -> Result<Vec<Document>> {
    /// What the menu check allows a list.
    const MOST: i64 = 60;
    let sql = format!(
        "{DOCUMENT} WHERE d.series = $1 AND d.replaced_at IS NULL AND ($2 = '' OR c.county_code = $2)
            AND ($3 = '' OR c.sub_county = $3)
         ORDER BY d.countersigned_at IS NOT NULL, d.centre LIMIT $4"
    );
    let query = tx.query(assert_safe(sql)).bind(series);
    let query = query
        .bind(place.county().unwrap_or_default())
        .bind(place.sub_county().map_or("", |(_, name)| name))
        .bind(MOST);
    query.all::<DocumentRow>().await?.into_iter().map(Document::try_from).collect()
}

/// The document that counts is countersigned.
pub async fn countersigned(
    tx: &mut Tx,
    code: &DocumentCode,
    officer: Option<Uuid>,
    now: DateTime<Utc>,
) -> Result<()> {
    tx.query("UPDATE register_documents SET countersigned_at = $1, countersigned_by = $2 WHERE code = $3")
        .bind(now)
        .bind(officer)
        .bind(code.digits())
        .execute_exactly(1)
        .await
}

/// The document counts no more.
pub async fn replaced(tx: &mut Tx, code: &DocumentCode, now: DateTime<Utc>) -> Result<()> {
    tx.query("UPDATE register_documents SET replaced_at = $1 WHERE code = $2 AND replaced_at IS NULL")
        .bind(now)
        .bind(code.digits())
        .execute_exactly(1)
        .await
}

/// How many disputes about a register's marks nobody has answered.
pub async fn open_disputes(tx: &mut Tx, series: &str, centre: &CentreCode) -> Result<i64> {
    let (open,): (i64,) = tx
        .query(
            "SELECT COUNT(*) FROM deployments d JOIN disputes x ON x.deployment = d.id AND x.state = 'open'
             WHERE d.series = $1 AND d.centre = $2",
        )
        .bind(series)
        .bind(centre.as_str())
        .one()
        .await?;
    Ok(open)
}

/// Whether a centre was ever marked from this line: whoever holds it is not another person than the signer.
pub async fn is_line_of_centre(tx: &mut Tx, centre: &CentreCode, line: &Msisdn) -> Result<bool> {
    let (is,): (bool,) = tx
        .query(
            "SELECT EXISTS (SELECT 1 FROM post_lines WHERE post_kind = 'centre' AND post = $1 AND msisdn = $2)",
        )
        .bind(centre.as_str())
        .bind(line.as_e164())
        .one()
        .await?;
    Ok(is)
}
