//! Which account sees a person's deployments (`design.md` 1): tied where the imported number is the account's line and the
//! national ID agrees; else by the director of the place, or by two officers. An ID alone ties nothing, and an ID that
//! speaks against it is never overruled: the import must be put right first.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::super::Deps;
use crate::{
    model::{AccountId, CentreCode, Msisdn, NationalId, PersonId, RosterNumber},
    secrets::Sealed,
    storage::{
        StoreError, Tx, accounts, audit,
        officers::{self, Officer, Role},
        people::{self, ID_COLUMN},
        scopes,
        ties::{self, Asked, Candidate, Contested, OnRoster},
    },
};

/// How many people one transaction ties.
const BATCH: i64 = 200;
/// How long the word of one officer waits for another's.
const WAITS: TimeDelta = TimeDelta::hours(24);

/// A place on a roster, as officers name a person: `KCSE2026/12345001/7`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlaceOnRoster {
    /// The series.
    pub series: String,
    /// The centre.
    pub centre: CentreCode,
    /// The number.
    pub number: RosterNumber,
}

impl PlaceOnRoster {
    /// Read `SERIES/CENTRE/NUMBER`.
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.trim().rsplitn(3, '/');
        let number = RosterNumber::new(parts.next()?.parse().ok()?)?;
        let centre = CentreCode::parse(parts.next()?)?;
        let series = parts.next().filter(|series| !series.is_empty())?.to_owned();
        Some(Self { series, centre, number })
    }
}

/// Why a tie was refused. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum TieRefused {
    /// Not in office.
    #[error("no officer in office has this line: see `daftari officer list`")]
    NotAnOfficer,
    /// No such account.
    #[error("no account is on this line: ask the person which line it was opened on")]
    NoAccount,
    /// Nobody has the number.
    #[error("nobody has this number on that roster: see the centre's register")]
    NobodyThere,
    /// An officer for themselves.
    #[error("nobody ties their own account: ask another officer")]
    OwnAccount,
    /// Tied to another account.
    #[error("this person is tied to another account: contest and undo that first")]
    TiedElsewhere,
    /// The IDs say that these are two people.
    #[error("the national ID of the account is not the one that was imported: put the import right first")]
    IdDiffers,
    /// The officer who asked.
    #[error("this officer asked for it: another one must say so too")]
    SameOfficer,
    /// The place is another director's.
    #[error("this centre is not in the officer's place")]
    OutOfScope,
    /// Nothing to contest or to look at.
    #[error("there is nothing to say of this tie: there is none, or it is said already")]
    NothingToSay,
    /// Not one who decides.
    #[error("the director of the place or headquarters must look at this")]
    NotForThisOfficer,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What came of an officer's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tied {
    /// The account sees the deployments now.
    Done,
    /// It is so already.
    AlreadySo,
    /// Another officer must say so too, until then.
    Asked(DateTime<Utc>),
}

/// Tie the person of a line and a national ID to the account that has both; says whether there was one.
pub async fn on_line(
    tx: &mut Tx,
    deps: &Deps,
    account: AccountId,
    (line, digits): (&Msisdn, &str),
    (by, channel): (&str, &str),
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let lookup = deps.keys.current().lookup(ID_COLUMN, digits);
    let Some(person) = ties::untied(tx, line, &lookup).await? else { return Ok(false) };
    if !ties::tie(tx, person, account, by, now).await? {
        return Ok(false);
    }
    record(tx, deps, ("self", channel), account, "person_tied", person, now).await?;
    Ok(true)
}

/// The same for an account whose line has changed: its national ID is read from what is sealed.
pub async fn after_move(
    tx: &mut Tx,
    deps: &Deps,
    account: AccountId,
    channel: &str,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let Some((found, line)) = accounts::by_id(tx, account).await? else { return Ok(false) };
    let id = id_of(deps, account, &found.national_id)?;
    on_line(tx, deps, account, (&line, id.digits()), ("number change", channel), now).await
}

fn id_of(deps: &Deps, account: AccountId, sealed: &Sealed) -> Result<NationalId, StoreError> {
    let unreadable = || StoreError::Unreadable("a national ID");
    let plain = deps.keys.open(accounts::id_place(&account), sealed).map_err(|_| unreadable())?;
    let digits = std::str::from_utf8(&plain).map_err(|_| unreadable())?;
    NationalId::parse(digits).map_err(|_| unreadable())
}

/// Tie everybody whose number and national ID are those of an account, a batch at a time; says how many there were.
pub async fn everybody(deps: &Deps) -> Result<u64, StoreError> {
    let slot = deps.keys.current().lookup(ID_COLUMN, "").slot;
    let (mut tied, mut after) = (0, None);
    loop {
        let mut tx = deps.store.begin().await?;
        let found = ties::candidates(&mut tx, slot, after, BATCH).await?;
        let Some(last) = found.last() else { return Ok(tied) };
        after = Some(last.person);
        tied += tie_batch(&mut tx, deps, &found).await?;
        tx.commit().await?;
    }
}

/// First every person, then the audit in the order of its chains: who else ties somebody at the same moment does it in
/// this order too, so that nobody waits in a circle.
async fn tie_batch(tx: &mut Tx, deps: &Deps, found: &[Candidate]) -> Result<u64, StoreError> {
    let now = deps.clock.now();
    let mut tied = vec![];
    for candidate in found {
        let id = id_of(deps, candidate.account, &candidate.national_id)?;
        let agrees = candidate.hash == deps.keys.current().lookup(ID_COLUMN, id.digits()).value;
        if agrees && ties::tie(tx, candidate.person, candidate.account, "import", now).await? {
            tied.push(candidate);
        }
    }
    tied.sort_by_key(|candidate| audit::chain_of(candidate.account.0));
    for candidate in &tied {
        record(tx, deps, ("import", "cli"), candidate.account, "person_tied", candidate.person, now).await?;
    }
    Ok(tied.len() as u64)
}

/// An officer says that an account is a person's. The director of the person's centre is enough; of others it takes two.
pub async fn by_officer(
    deps: &Deps,
    officer: &Msisdn,
    line: &Msisdn,
    place: &PlaceOnRoster,
) -> Result<Tied, TieRefused> {
    let now = deps.clock.now();
    let mut tx = deps.store.begin().await?;
    let officer = in_office(&mut tx, officer).await?;
    let account = accounts::by_msisdn(&mut tx, line).await?.ok_or(TieRefused::NoAccount)?;
    if officer.msisdn == *line {
        return Err(TieRefused::OwnAccount);
    }
    let found = find(&mut tx, place).await?;
    match found.account {
        Some(tied) if tied == account.id => return Ok(Tied::AlreadySo),
        Some(_) => return Err(TieRefused::TiedElsewhere),
        None => {}
    }
    let id = id_of(deps, account.id, &account.national_id)?;
    let lookup = deps.keys.current().lookup(ID_COLUMN, id.digits());
    let ours = [lookup.a, lookup.b].map(|hash| hash.map(|hash| hash.to_vec()));
    if found
        .hashes
        .iter()
        .zip(&ours)
        .any(|(theirs, ours)| theirs.is_some() && ours.is_some() && theirs != ours)
    {
        return Err(TieRefused::IdDiffers);
    }
    let tied = said(&mut tx, &officer, account.id, &found, now).await?;
    let action = if tied == Tied::Done { "person_tied" } else { "person_tie_asked" };
    record(&mut tx, deps, (&actor(officer.id), "cli"), account.id, action, found.person, now).await?;
    tx.commit().await?;
    Ok(tied)
}

async fn said(
    tx: &mut Tx,
    officer: &Officer,
    account: AccountId,
    found: &OnRoster,
    now: DateTime<Utc>,
) -> Result<Tied, TieRefused> {
    let standing = found.asked.filter(|asked| asked.account == account && now - asked.at < WAITS);
    let is_over = officer.role != Role::SubCountyDirector || is_over(tx, officer, found).await?;
    let enough = match officer.role {
        Role::SubCountyDirector if !is_over => return Err(TieRefused::OutOfScope),
        Role::SubCountyDirector => true,
        Role::Support | Role::Headquarters => match standing {
            Some(asked) if asked.by == officer.id => return Err(TieRefused::SameOfficer),
            Some(_) => true,
            None => false,
        },
    };
    if !enough {
        ties::ask(tx, found.person, &Asked { account, by: officer.id, at: now }).await?;
        return Ok(Tied::Asked(now + WAITS));
    }
    if !ties::tie(tx, found.person, account, &actor(officer.id), now).await? {
        return Err(TieRefused::TiedElsewhere);
    }
    Ok(Tied::Done)
}

/// Whether a centre lies in an officer's place.
async fn is_over(tx: &mut Tx, officer: &Officer, found: &OnRoster) -> Result<bool, StoreError> {
    let territory = scopes::territory(tx, officer).await?;
    Ok(territory.is_some_and(|territory| territory.holds(&found.county_code, &found.sub_county)))
}

/// Somebody says that a tie is wrong: pay rests until an officer has looked. `by` is `self` or an officer, as the audit
/// names them. False when that was said before.
pub async fn contest(
    tx: &mut Tx,
    deps: &Deps,
    person: PersonId,
    by: (&str, &str),
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let account = people::person(tx, person).await?.and_then(|person| person.account);
    let Some(account) = account else { return Ok(false) };
    if !ties::contest(tx, person, now).await? {
        return Ok(false);
    }
    record(tx, deps, by, account, "person_tie_contested", person, now).await?;
    Ok(true)
}

/// An officer says that a tie is wrong.
pub async fn contest_by_officer(
    deps: &Deps,
    officer: &Msisdn,
    place: &PlaceOnRoster,
) -> Result<(), TieRefused> {
    let now = deps.clock.now();
    let mut tx = deps.store.begin().await?;
    let officer = in_office(&mut tx, officer).await?;
    let found = find(&mut tx, place).await?;
    if !contest(&mut tx, deps, found.person, (&actor(officer.id), "cli"), now).await? {
        return Err(TieRefused::NothingToSay);
    }
    Ok(tx.commit().await?)
}

/// An officer has looked at a contested tie: it stays, or is undone. The director of the place and headquarters decide.
pub async fn settle(
    deps: &Deps,
    officer: &Msisdn,
    place: &PlaceOnRoster,
    stays: bool,
) -> Result<(), TieRefused> {
    let now = deps.clock.now();
    let mut tx = deps.store.begin().await?;
    let officer = in_office(&mut tx, officer).await?;
    let found = find(&mut tx, place).await?;
    let Some((account, _)) = found.account.zip(found.contested_at) else {
        return Err(TieRefused::NothingToSay);
    };
    if officer.role == Role::Support {
        return Err(TieRefused::NotForThisOfficer);
    }
    if !is_over(&mut tx, &officer, &found).await? {
        return Err(TieRefused::OutOfScope);
    }
    if accounts::by_id(&mut tx, account).await?.is_some_and(|(_, line)| line == officer.msisdn) {
        return Err(TieRefused::OwnAccount);
    }
    let action = if stays {
        ties::keep(&mut tx, found.person).await?;
        "person_tie_kept"
    } else {
        ties::undo(&mut tx, found.person).await?;
        "person_tie_undone"
    };
    record(&mut tx, deps, (&actor(officer.id), "cli"), account, action, found.person, now).await?;
    Ok(tx.commit().await?)
}

/// Every tie that somebody says is wrong.
pub async fn contested(deps: &Deps) -> Result<Vec<Contested>, StoreError> {
    ties::contested(&mut deps.store.read().await?).await
}

async fn in_office(tx: &mut Tx, line: &Msisdn) -> Result<Officer, TieRefused> {
    officers::by_msisdn(tx, line).await?.ok_or(TieRefused::NotAnOfficer)
}

async fn find(tx: &mut Tx, place: &PlaceOnRoster) -> Result<OnRoster, TieRefused> {
    let found = ties::on_roster(tx, &place.series, &place.centre, place.number).await?;
    found.ok_or(TieRefused::NobodyThere)
}

fn actor(officer: Uuid) -> String {
    format!("officer {officer}")
}

/// In the account's chain; the person is in the detail, so that it can be erased.
async fn record(
    tx: &mut Tx,
    deps: &Deps,
    (actor, channel): (&str, &str),
    account: AccountId,
    action: &str,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let detail = format!("person {person}");
    let detail = Some((detail.as_str(), deps.chance.bytes()));
    audit::append(tx, audit::Event { at: now, actor, action, subject: account.0, channel, detail }).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_on_a_roster_is_read_from_its_end() {
        let place = PlaceOnRoster::parse(" KCSE/2026/12345001/7 ").unwrap();
        assert_eq!((place.series.as_str(), place.centre.as_str()), ("KCSE/2026", "12345001"));
        assert_eq!(place.number.get(), 7);
        for wrong in ["12345001/7", "/12345001/7", "S/1234/7", "S/12345001/98", "S/12345001", ""] {
            assert_eq!(PlaceOnRoster::parse(wrong), None, "{wrong}");
        }
    }
}
