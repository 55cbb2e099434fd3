//! Disputes over days, and what was said in them. Who may say what is decided in `services/disputes`.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    engine::{Dialect, Result, StoreError, Tx, assert_safe},
    registers::DayOf,
    scopes::Territory,
};
use crate::model::{
    AccountId, CentreCode, DeploymentId, DisputeId,
    dispute::{DisputeState, Party, StandsWith, Step},
};

/// A dispute over a day of somebody at a centre.
#[derive(Clone, PartialEq, Eq)]
pub struct Dispute {
    /// Its id.
    pub id: DisputeId,
    /// Whose day.
    pub deployment: DeploymentId,
    /// The series.
    pub series: String,
    /// The centre.
    pub centre: CentreCode,
    /// The number on its roster.
    pub number: i64,
    /// The whole name.
    pub full_name: String,
    /// Which day.
    pub on: NaiveDate,
    /// Who says so.
    pub account: AccountId,
    /// How far it has come.
    pub state: DisputeState,
    /// Who has to answer while it is open.
    pub stands_with: StandsWith,
    /// Since when.
    pub opened_at: DateTime<Utc>,
    /// Whether the person is marked present now; `None` where there is no mark.
    pub mark: Option<bool>,
}

impl Dispute {
    /// Which day of which register.
    pub fn of(&self) -> DayOf<'_> {
        DayOf { series: &self.series, centre: &self.centre, on: self.on }
    }
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    deployment: Uuid,
    series: String,
    centre: String,
    number: i64,
    full_name: String,
    on_day: NaiveDate,
    account: Uuid,
    state: DisputeState,
    stands_with: StandsWith,
    opened_at: DateTime<Utc>,
    mark: Option<bool>,
}

impl TryFrom<Row> for Dispute {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: DisputeId(row.id),
            deployment: DeploymentId(row.deployment),
            series: row.series,
            centre: CentreCode::parse(&row.centre).ok_or(StoreError::Unreadable("a centre's code"))?,
            number: row.number,
            full_name: row.full_name,
            on: row.on_day,
            account: AccountId(row.account),
            state: row.state,
            stands_with: row.stands_with,
            opened_at: row.opened_at,
            mark: row.mark,
        })
    }
}

/// Deployments first: what a centre or a place has open is found by its rosters, from an index.
const DISPUTE: &str = "SELECT x.id, x.deployment, d.series, d.centre, d.number, p.full_name, x.on_day, x.account, x.state, \
     x.stands_with, x.opened_at, \
     (SELECT m.present FROM marks m WHERE m.deployment = x.deployment AND m.on_day = x.on_day \
      ORDER BY m.version DESC LIMIT 1) AS mark \
     FROM deployments d JOIN disputes x ON x.deployment = d.id JOIN people p ON p.id = d.person";

/// A dispute about to be opened.
#[derive(Debug, Clone, Copy)]
pub struct NewDispute {
    /// Its id.
    pub id: DisputeId,
    /// Whose day.
    pub deployment: DeploymentId,
    /// Which day.
    pub on: NaiveDate,
    /// Who says so.
    pub account: AccountId,
    /// When.
    pub at: DateTime<Utc>,
}

/// Open a dispute, with the centre; false when one is open over the day already.
pub async fn open(tx: &mut Tx, new: &NewDispute) -> Result<bool> {
    let rows = tx
        .query(
            "INSERT INTO disputes (id, deployment, on_day, account, state, stands_with, opened_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
        )
        .bind(new.id.0)
        .bind(new.deployment.0)
        .bind(new.on)
        .bind(new.account.0)
        .bind(DisputeState::Open)
        .bind(StandsWith::Centre)
        .bind(new.at)
        .execute()
        .await?;
    Ok(rows == 1)
}

/// A dispute.
pub async fn by_id(tx: &mut Tx, id: DisputeId) -> Result<Option<Dispute>> {
    let row: Option<Row> =
        tx.query(assert_safe(format!("{DISPUTE} WHERE x.id = $1"))).bind(id.0).optional().await?;
    row.map(Dispute::try_from).transpose()
}

/// A dispute, locked until the unit of work ends.
pub async fn lock(tx: &mut Tx, id: DisputeId) -> Result<Option<Dispute>> {
    let locked = match tx.dialect() {
        Dialect::Sqlite => "",
        Dialect::Postgres => "FOR UPDATE OF x",
    };
    let row: Option<Row> =
        tx.query(assert_safe(format!("{DISPUTE} WHERE x.id = $1 {locked}"))).bind(id.0).optional().await?;
    row.map(Dispute::try_from).transpose()
}

/// The disputes that an account has opened, the newest first.
pub async fn of_account(tx: &mut Tx, account: AccountId) -> Result<Vec<Dispute>> {
    let sql = format!("{DISPUTE} WHERE x.account = $1 ORDER BY x.opened_at DESC, x.id");
    let rows: Vec<Row> = tx.query(assert_safe(sql)).bind(account.0).all().await?;
    rows.into_iter().map(Dispute::try_from).collect()
}

/// The latest dispute over a day of somebody.
pub async fn of_day(tx: &mut Tx, deployment: DeploymentId, on: NaiveDate) -> Result<Option<Dispute>> {
    let sql = format!(
        "{DISPUTE} WHERE x.deployment = $1 AND x.on_day = $2 ORDER BY x.opened_at DESC, x.id LIMIT 1"
    );
    let row: Option<Row> = tx.query(assert_safe(sql)).bind(deployment.0).bind(on).optional().await?;
    row.map(Dispute::try_from).transpose()
}

/// What stands open with a centre, the oldest first.
pub async fn of_centre(tx: &mut Tx, series: &str, centre: &CentreCode) -> Result<Vec<Dispute>> {
    let sql = format!(
        "{DISPUTE} WHERE d.series = $1 AND d.centre = $2 AND x.state = $3 AND x.stands_with = $4
         ORDER BY x.opened_at, x.id"
    );
    let query = tx.query(assert_safe(sql)).bind(series).bind(centre.as_str());
    let rows: Vec<Row> = query.bind(DisputeState::Open).bind(StandsWith::Centre).all().await?;
    rows.into_iter().map(Dispute::try_from).collect()
}

/// What a director has to decide in his place: what stands with him, and what a centre has left since before then; the
/// oldest first.
pub async fn within(
    tx: &mut Tx,
    series: &str,
    place: &Territory,
    left_before: DateTime<Utc>,
) -> Result<Vec<Dispute>> {
    let sql = format!(
        "{DISPUTE} JOIN centres c ON c.code = d.centre
         WHERE d.series = $1 AND ($2 = '' OR c.county_code = $2) AND ($3 = '' OR c.sub_county = $3)
            AND x.state = $4 AND (x.stands_with = $5 OR x.opened_at < $6)
         ORDER BY x.opened_at, x.id"
    );
    let query = tx.query(assert_safe(sql)).bind(series);
    let query =
        query.bind(place.county().unwrap_or_default()).bind(place.sub_county().map_or("", |(_, name)| name));
    let query = query.bind(DisputeState::Open).bind(StandsWith::Director).bind(left_before);
    let rows: Vec<Row> = query.all().await?;
    rows.into_iter().map(Dispute::try_from).collect()
}

/// The open disputes over days that an act of the ledger has put right by marking the person present.
pub async fn put_right_by(tx: &mut Tx, of: DayOf<'_>, seq: i64) -> Result<Vec<Dispute>> {
    let sql = format!(
        "{DISPUTE} JOIN marks n ON n.deployment = x.deployment AND n.on_day = x.on_day AND n.seq = $4 AND n.present
         WHERE d.series = $1 AND d.centre = $2 AND x.on_day = $3 AND x.state = $5"
    );
    let query = tx.query(assert_safe(sql)).bind(of.series).bind(of.centre.as_str()).bind(of.on).bind(seq);
    let rows: Vec<Row> = query.bind(DisputeState::Open).all().await?;
    rows.into_iter().map(Dispute::try_from).collect()
}

/// How far a dispute has come from here on; it must be locked. Whatever is not open is closed for good.
pub async fn set(
    tx: &mut Tx,
    id: DisputeId,
    (state, stands_with): (DisputeState, StandsWith),
    now: DateTime<Utc>,
) -> Result<()> {
    tx.query(
        "UPDATE disputes SET state = $1, stands_with = $2, closed_at = $3 WHERE id = $4 AND state = 'open'",
    )
    .bind(state)
    .bind(stands_with)
    .bind((state != DisputeState::Open).then_some(now))
    .bind(id.0)
    .execute_exactly(1)
    .await
}

/// Something that was said in a dispute.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Event {
    /// When.
    pub at: DateTime<Utc>,
    /// Whose word.
    #[sqlx(rename = "by_whom")]
    pub by: Party,
    /// The credential or the account that said it.
    pub actor: Option<Uuid>,
    /// What.
    pub what: Step,
    /// Why: a word of [`RefusedFor`](crate::model::dispute::RefusedFor), or the reference of the act that put it right.
    pub reason: Option<String>,
}

/// Keep what was said.
pub async fn say(tx: &mut Tx, id: DisputeId, event: &Event) -> Result<()> {
    tx.query(
        "INSERT INTO dispute_events (dispute, at, by_whom, actor, what, reason) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(id.0)
    .bind(event.at)
    .bind(event.by)
    .bind(event.actor)
    .bind(event.what)
    .bind(event.reason.as_deref())
    .execute_exactly(1)
    .await
}

/// What was said in a dispute, the oldest first.
pub async fn events(tx: &mut Tx, id: DisputeId) -> Result<Vec<Event>> {
    tx.query("SELECT at, by_whom, actor, what, reason FROM dispute_events WHERE dispute = $1 ORDER BY at")
        .bind(id.0)
        .all()
        .await
}
