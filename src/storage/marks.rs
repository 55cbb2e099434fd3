//! Marks and who has them: the roster of a day with what stands, a person's history, and what pay is counted from.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::{
    engine::{Result, Tx},
    registers::DayOf,
};
use crate::model::{
    DeploymentId, PersonId,
    season::{Act, Channel, DayKind, DayShape, DayState, DeployedAs},
};

/// Somebody on the roster of a day.
#[derive(Clone, PartialEq, Eq)]
pub struct OnRoster {
    /// As what and where.
    pub deployment: DeploymentId,
    /// Who.
    pub person: PersonId,
    /// The number on the roster.
    pub number: i64,
    /// The name as it was imported or typed.
    pub full_name: String,
    /// As what.
    pub role: DeployedAs,
    /// Whether somebody added them at the centre and the director has not answered.
    pub added: bool,
    /// The standing mark; `None` before there is one.
    pub mark: Option<bool>,
    /// Its version; 0 before there is one.
    pub version: i64,
}

impl std::fmt::Debug for OnRoster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OnRoster")
            .field("deployment", &self.deployment)
            .field("number", &self.number)
            .field("mark", &self.mark)
            .finish_non_exhaustive()
    }
}

/// What is said of a centre's day so far.
#[derive(Debug, Clone, PartialEq, Eq, Default, FromRow)]
pub struct Said {
    /// How far it has come; `None` when there is nothing of it.
    pub state: Option<DayState>,
    /// How much of it was held.
    pub shape: Option<DayShape>,
    /// The latest act that marked it.
    pub reference: Option<String>,
    /// When it was marked first.
    pub submitted_at: Option<DateTime<Utc>>,
    /// Until when the director has opened it.
    pub unlocked_until: Option<DateTime<Utc>>,
    /// Whether somebody is in the middle of it.
    pub has_draft: bool,
}

#[derive(FromRow)]
struct RosterRow {
    deployment: Uuid,
    person: Uuid,
    number: i64,
    full_name: String,
    role: DeployedAs,
    added: bool,
    mark: Option<bool>,
    version: i64,
    #[sqlx(flatten)]
    said: Said,
}

/// The text of [`roster`]; public so that a test can ask for its plan.
pub const ROSTER: &str = "SELECT d.id AS deployment, d.person, d.number, p.full_name, d.role,
        d.origin = 'added' AND d.accepted IS NULL AS added, m.present AS mark, COALESCE(m.version, 0) AS version,
        y.state, y.shape, y.reference, y.submitted_at, y.unlocked_until,
        EXISTS (SELECT 1 FROM register_drafts f WHERE f.series = $1 AND f.centre = $2 AND f.on_day = $3)
            AS has_draft
     FROM deployments d
     JOIN people p ON p.id = d.person
     LEFT JOIN marks m ON m.deployment = d.id AND m.on_day = $3
        AND m.version = (SELECT MAX(v.version) FROM marks v WHERE v.deployment = d.id AND v.on_day = $3)
     LEFT JOIN register_days y ON y.series = $1 AND y.on_day = $3 AND y.centre = $2
     WHERE d.series = $1 AND d.centre = $2 AND d.accepted IS NOT FALSE
        AND ((d.removed_at IS NULL AND d.from_on <= $3 AND d.to_on >= $3) OR m.version IS NOT NULL)
     ORDER BY d.number";

/// The roster of a day in the order of its numbers, with standing marks, and what is said of the day.
///
/// On the roster is who is deployed that day and not removed, and whoever was marked that day, removed since or not: a
/// mark is never lost. Whom the director rejected is not on it. Of a day with an empty roster nothing is said.
pub async fn roster(tx: &mut Tx, of: DayOf<'_>) -> Result<(Vec<OnRoster>, Said)> {
    let rows: Vec<RosterRow> =
        tx.query(ROSTER).bind(of.series).bind(of.centre.as_str()).bind(of.on).all().await?;
    let said = rows.first().map(|row| row.said.clone()).unwrap_or_default();
    Ok((rows.into_iter().map(on_roster).collect(), said))
}

fn on_roster(row: RosterRow) -> OnRoster {
    OnRoster {
        deployment: DeploymentId(row.deployment),
        person: PersonId(row.person),
        number: row.number,
        full_name: row.full_name,
        role: row.role,
        added: row.added,
        mark: row.mark,
        version: row.version,
    }
}

/// One mark of somebody, with the act that made it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct MarkView {
    /// Of which day.
    #[sqlx(rename = "on_day")]
    pub on: NaiveDate,
    /// Which one of that day, from 1.
    pub version: i64,
    /// Whether the person was there.
    pub present: bool,
    /// What it was before; `None` for the first.
    pub before: Option<bool>,
    /// When it was made.
    pub at: DateTime<Utc>,
    /// By which way.
    pub channel: Channel,
    /// By what act.
    pub act: Act,
    /// The act's reference.
    pub reference: String,
    /// The reason of the act, unless erased.
    pub reason: Option<String>,
}

/// The text of [`history`]; public so that a test can ask for its plan.
pub const HISTORY: &str = "SELECT m.on_day, m.version, m.present, b.present AS before, e.at, e.channel, e.act, e.reference, e.reason
     FROM marks m
     JOIN deployments d ON d.id = m.deployment
     JOIN register_entries e ON e.series = d.series AND e.centre = d.centre AND e.seq = m.seq
     LEFT JOIN marks b ON b.deployment = m.deployment AND b.on_day = m.on_day AND b.version = m.version - 1
     WHERE m.deployment = $1 ORDER BY m.on_day, m.version";

/// Every mark of a deployment, day by day, the oldest first.
pub async fn history(tx: &mut Tx, deployment: DeploymentId) -> Result<Vec<MarkView>> {
    tx.query(HISTORY).bind(deployment.0).all().await
}

/// What stands of a person on one day at one centre.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonDay {
    /// Who.
    pub person: PersonId,
    /// As what and where.
    pub deployment: DeploymentId,
    /// The centre's code.
    pub centre: String,
    /// As what.
    pub role: DeployedAs,
    /// Which day.
    pub on: NaiveDate,
    /// What the day is in the series: only papers that count are paid for.
    pub kind: DayKind,
    /// Whether the person was there.
    pub present: bool,
    /// How much of the day the centre held.
    pub shape: DayShape,
    /// Whether somebody added them at the centre and the director has not answered: counted apart.
    pub added: bool,
    /// The latest act that marked the day.
    pub reference: Option<String>,
}

#[derive(FromRow)]
struct PersonDayRow {
    person: Uuid,
    deployment: Uuid,
    centre: String,
    role: DeployedAs,
    on_day: NaiveDate,
    kind: DayKind,
    present: bool,
    shape: DayShape,
    added: bool,
    reference: Option<String>,
}

const PERSON_DAY: &str = "SELECT d.person, d.id AS deployment, d.centre, d.role, m.on_day, m.present, y.shape, \
     COALESCE(t.kind, 'exam') AS kind, \
     d.origin = 'added' AND d.accepted IS NULL AS added, y.reference \
     FROM deployments d \
     JOIN marks m ON m.deployment = d.id \
        AND m.version = (SELECT MAX(v.version) FROM marks v WHERE v.deployment = m.deployment AND v.on_day = m.on_day) \
     JOIN register_days y ON y.series = d.series AND y.on_day = m.on_day AND y.centre = d.centre \
     LEFT JOIN series_days t ON t.series = d.series AND t.on_day = m.on_day";

/// What stands of a person in a series, day by day and centre by centre. Whom the director rejected has no days.
pub async fn of_person(tx: &mut Tx, person: PersonId, series: &str) -> Result<Vec<PersonDay>> {
    let query = tx.query(super::engine::assert_safe(of_person_sql()));
    let rows: Vec<PersonDayRow> = query.bind(person.0).bind(series).all().await?;
    Ok(rows.into_iter().map(person_day).collect())
}

/// The text of [`of_person`]; public so that a test can ask for its plan.
pub fn of_person_sql() -> String {
    format!(
        "{PERSON_DAY} WHERE d.person = $1 AND d.series = $2 AND d.accepted IS NOT FALSE
         ORDER BY m.on_day, d.centre, d.number"
    )
}

/// The text of [`people`]; public so that a test can ask for its plan.
pub const PEOPLE: &str =
    "SELECT DISTINCT person FROM deployments WHERE series = $1 AND person > $2 ORDER BY person LIMIT $3";

/// The people after one of them who are deployed in a series, as many as `limit`, in the order of their ids.
pub async fn people(tx: &mut Tx, series: &str, after: Option<PersonId>, limit: i64) -> Result<Vec<PersonId>> {
    let rows: Vec<(Uuid,)> = tx
        .query(PEOPLE)
        .bind(series)
        .bind(after.map_or(Uuid::nil(), |after| after.0))
        .bind(limit)
        .all()
        .await?;
    Ok(rows.into_iter().map(|(id,)| PersonId(id)).collect())
}

/// The same as [`of_person`] for everybody from one person to another, both of them in, person by person.
pub async fn of_people(
    tx: &mut Tx,
    series: &str,
    (first, last): (PersonId, PersonId),
) -> Result<Vec<PersonDay>> {
    let query = tx.query(super::engine::assert_safe(of_people_sql()));
    let rows: Vec<PersonDayRow> = query.bind(first.0).bind(last.0).bind(series).all().await?;
    Ok(rows.into_iter().map(person_day).collect())
}

/// The text of [`of_people`]; public so that a test can ask for its plan.
pub fn of_people_sql() -> String {
    format!(
        "{PERSON_DAY} WHERE d.person >= $1 AND d.person <= $2 AND d.series = $3 AND d.accepted IS NOT FALSE
         ORDER BY d.person, m.on_day, d.centre, d.number"
    )
}

fn person_day(row: PersonDayRow) -> PersonDay {
    PersonDay {
        person: PersonId(row.person),
        deployment: DeploymentId(row.deployment),
        centre: row.centre,
        role: row.role,
        on: row.on_day,
        kind: row.kind,
        present: row.present,
        shape: row.shape,
        added: row.added,
        reference: row.reference,
    }
}
