//! Who is deployed: people, and where they are in which series. Writing them in bulk is left to `season_import`, what
//! they were on a day to `marks`.

use chrono::{DateTime, NaiveDate, Utc};
use sqlx::FromRow;
use uuid::Uuid;

use super::engine::{Result, StoreError, Tx};
use crate::{
    model::{AccountId, CentreCode, DeploymentId, Msisdn, PersonId, RosterNumber, season::DeployedAs},
    secrets::{Place, Sealed},
};

/// The column of the look-up of people's national IDs.
pub const ID_COLUMN: &str = "people.national_id";

/// What the seal of a person's national ID is bound to.
pub fn id_place(id: &PersonId) -> Place<'_> {
    Place { table: "people", column: "national_id", row: id.0.as_bytes() }
}

/// Somebody who is deployed.
#[derive(Debug, Clone)]
pub struct Person {
    /// The id.
    pub id: PersonId,
    /// The whole name, as it was imported or typed at a centre.
    pub full_name: String,
    /// The phone, where one is known.
    pub msisdn: Option<Msisdn>,
    /// The national ID, sealed at [`id_place`], where one is known.
    pub national_id: Option<Sealed>,
    /// The account that sees these deployments.
    pub account: Option<AccountId>,
    /// Since when.
    pub tied_at: Option<DateTime<Utc>>,
    /// Who said so: `import`, `sign-up`, `number change`, or `officer` and an id.
    pub tied_by: Option<String>,
    /// Since when somebody says that this is wrong: pay rests.
    pub contested_at: Option<DateTime<Utc>>,
}

#[derive(FromRow)]
struct PersonRow {
    id: Uuid,
    full_name: String,
    msisdn: Option<String>,
    national_id: Option<Vec<u8>>,
    national_id_key: Option<String>,
    account: Option<Uuid>,
    tied_at: Option<DateTime<Utc>>,
    tied_by: Option<String>,
    contested_at: Option<DateTime<Utc>>,
}

impl TryFrom<PersonRow> for Person {
    type Error = StoreError;

    fn try_from(row: PersonRow) -> Result<Self> {
        Ok(Self {
            id: PersonId(row.id),
            full_name: row.full_name,
            msisdn: line(row.msisdn)?,
            national_id: sealed(row.national_id, row.national_id_key),
            account: row.account.map(AccountId),
            tied_at: row.tied_at,
            tied_by: row.tied_by,
            contested_at: row.contested_at,
        })
    }
}

fn line(text: Option<String>) -> Result<Option<Msisdn>> {
    text.map(|text| Msisdn::from_network(&text).ok_or(StoreError::Unreadable("a person's line"))).transpose()
}

fn sealed(bytes: Option<Vec<u8>>, key_id: Option<String>) -> Option<Sealed> {
    bytes.zip(key_id).map(|(bytes, key_id)| Sealed { key_id, bytes })
}

/// One person at one centre in one series, from a day to a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deployment {
    /// The id.
    pub id: DeploymentId,
    /// The series.
    pub series: String,
    /// The centre.
    pub centre: CentreCode,
    /// Who.
    pub person: PersonId,
    /// As what.
    pub role: DeployedAs,
    /// What the office that deploys calls it.
    pub reference: Option<String>,
    /// The number on the roster.
    pub number: RosterNumber,
    /// The first day.
    pub from_on: NaiveDate,
    /// The last day.
    pub to_on: NaiveDate,
    /// Whether somebody at the centre added it, because the person turned up.
    pub added: bool,
    /// What the director said of that; none: nothing yet.
    pub accepted: Option<bool>,
    /// Since when it no longer counts; what was marked stays.
    pub removed_at: Option<DateTime<Utc>>,
}

#[derive(FromRow)]
struct DeploymentRow {
    id: Uuid,
    series: String,
    centre: String,
    person: Uuid,
    role: DeployedAs,
    #[sqlx(rename = "ref")]
    reference: Option<String>,
    number: i64,
    from_on: NaiveDate,
    to_on: NaiveDate,
    origin: String,
    accepted: Option<bool>,
    removed_at: Option<DateTime<Utc>>,
}

impl TryFrom<DeploymentRow> for Deployment {
    type Error = StoreError;

    fn try_from(row: DeploymentRow) -> Result<Self> {
        Ok(Self {
            id: DeploymentId(row.id),
            series: row.series,
            centre: CentreCode::parse(&row.centre).ok_or(StoreError::Unreadable("a centre's code"))?,
            person: PersonId(row.person),
            role: row.role,
            reference: row.reference,
            number: RosterNumber::new(row.number).ok_or(StoreError::Unreadable("a roster number"))?,
            from_on: row.from_on,
            to_on: row.to_on,
            added: row.origin == ADDED,
            accepted: row.accepted,
            removed_at: row.removed_at,
        })
    }
}

/// The origin of a deployment that was imported.
pub const IMPORTED: &str = "import";
/// The origin of one that was added at a centre.
pub const ADDED: &str = "added";

/// A person.
pub async fn person(tx: &mut Tx, id: PersonId) -> Result<Option<Person>> {
    let row: Option<PersonRow> = tx
        .query(
            "SELECT id, full_name, msisdn, national_id, national_id_key, account, tied_at, tied_by, contested_at
             FROM people WHERE id = $1",
        )
        .bind(id.0)
        .optional()
        .await?;
    row.map(Person::try_from).transpose()
}

/// The people that an account is tied to, in the order in which they were tied.
pub async fn of_account(tx: &mut Tx, account: AccountId) -> Result<Vec<Person>> {
    let rows: Vec<PersonRow> = tx
        .query(
            "SELECT id, full_name, msisdn, national_id, national_id_key, account, tied_at, tied_by, contested_at
             FROM people WHERE account = $1 ORDER BY tied_at, id",
        )
        .bind(account.0)
        .all()
        .await?;
    rows.into_iter().map(Person::try_from).collect()
}

/// The people with this number in what was imported of them, tied or not.
pub async fn on_line(tx: &mut Tx, line: &Msisdn) -> Result<Vec<Person>> {
    let rows: Vec<PersonRow> = tx
        .query(
            "SELECT id, full_name, msisdn, national_id, national_id_key, account, tied_at, tied_by, contested_at
             FROM people WHERE msisdn = $1 ORDER BY full_name, id",
        )
        .bind(line.as_e164())
        .all()
        .await?;
    rows.into_iter().map(Person::try_from).collect()
}

/// A deployment, also one that was removed.
pub async fn deployment(tx: &mut Tx, id: DeploymentId) -> Result<Option<Deployment>> {
    let row: Option<DeploymentRow> =
        tx.query("SELECT * FROM deployments WHERE id = $1").bind(id.0).optional().await?;
    row.map(Deployment::try_from).transpose()
}

/// The deployments of a person that count, in every series, the latest first.
pub async fn deployments_of(tx: &mut Tx, person: PersonId) -> Result<Vec<Deployment>> {
    let rows: Vec<DeploymentRow> = tx
        .query(
            "SELECT * FROM deployments WHERE person = $1 AND removed_at IS NULL
             ORDER BY from_on DESC, series, centre, number",
        )
        .bind(person.0)
        .all()
        .await?;
    rows.into_iter().map(Deployment::try_from).collect()
}

/// The deployments that an account sees in every series, the latest first.
pub async fn deployments_of_account(tx: &mut Tx, account: AccountId) -> Result<Vec<Deployment>> {
    let rows: Vec<DeploymentRow> = tx
        .query(
            "SELECT d.* FROM people p JOIN deployments d ON d.person = p.id
             WHERE p.account = $1 AND d.removed_at IS NULL
             ORDER BY d.from_on DESC, d.series, d.centre, d.number",
        )
        .bind(account.0)
        .all()
        .await?;
    rows.into_iter().map(Deployment::try_from).collect()
}

/// Somebody on a centre's roster.
#[derive(Debug, Clone)]
pub struct OnRoster {
    /// The deployment.
    pub deployment: Deployment,
    /// The whole name.
    pub full_name: String,
    /// The phone, where one is known.
    pub msisdn: Option<Msisdn>,
    /// The account, where the person is tied to one.
    pub account: Option<AccountId>,
}

#[derive(FromRow)]
struct RosterRow {
    #[sqlx(flatten)]
    deployment: DeploymentRow,
    full_name: String,
    msisdn: Option<String>,
    account: Option<Uuid>,
}

impl TryFrom<RosterRow> for OnRoster {
    type Error = StoreError;

    fn try_from(row: RosterRow) -> Result<Self> {
        Ok(Self {
            deployment: row.deployment.try_into()?,
            full_name: row.full_name,
            msisdn: line(row.msisdn)?,
            account: row.account.map(AccountId),
        })
    }
}

/// Who is on the roster of a centre on a day, by number; who was added and refused is not.
pub async fn roster(tx: &mut Tx, series: &str, centre: &CentreCode, on: NaiveDate) -> Result<Vec<OnRoster>> {
    let rows: Vec<RosterRow> = tx
        .query(
            "SELECT d.*, p.full_name, p.msisdn, p.account
             FROM deployments d JOIN people p ON p.id = d.person
             WHERE d.series = $1 AND d.centre = $2 AND d.from_on <= $3 AND d.to_on >= $3
               AND d.removed_at IS NULL AND COALESCE(d.accepted, TRUE)
             ORDER BY d.number",
        )
        .bind(series)
        .bind(centre.as_str())
        .bind(on)
        .all()
        .await?;
    rows.into_iter().map(OnRoster::try_from).collect()
}

/// Everybody who was ever deployed at a centre in a series, by number.
pub async fn everybody(tx: &mut Tx, series: &str, centre: &CentreCode) -> Result<Vec<OnRoster>> {
    let rows: Vec<RosterRow> = tx
        .query(
            "SELECT d.*, p.full_name, p.msisdn, p.account
             FROM deployments d JOIN people p ON p.id = d.person
             WHERE d.series = $1 AND d.centre = $2 ORDER BY d.number",
        )
        .bind(series)
        .bind(centre.as_str())
        .all()
        .await?;
    rows.into_iter().map(OnRoster::try_from).collect()
}

/// The number that nobody at a centre has had in a series, also nobody who was removed; none when all are given.
pub async fn next_number(tx: &mut Tx, series: &str, centre: &CentreCode) -> Result<Option<RosterNumber>> {
    let (highest,): (i64,) = tx
        .query("SELECT COALESCE(MAX(number), 0) FROM deployments WHERE series = $1 AND centre = $2")
        .bind(series)
        .bind(centre.as_str())
        .one()
        .await?;
    Ok(RosterNumber::next(highest))
}
