//! Help from officers, on the record: a recovery code that is read out or handed over, and accounts whose line is gone.
//!
//! An officer's code works on the account's own line alone, and is never sent, so neither a forged callback nor a dump
//! nor the officer has enough. Where the line is gone a second officer takes its place. Nobody who helps sees or sets a
//! PIN, and nobody helps their own account.

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use uuid::Uuid;

use super::{
    Deps,
    actions::{Prepared, Who},
    number_change::{self, By, Moved},
    posts, recovery, sim_swap,
    ussd::Fault,
};
use crate::{
    menu::{Menus, Outcome, Reply},
    model::{
        ChallengeId, Msisdn, Post,
        challenge::{Closed, Door, TypedCode},
        message::Purpose,
        reference::reference,
    },
    secrets::{CodeFor, CodeLength, Purpose as KeyPurpose},
    storage::{
        StoreError, Tx,
        accounts::{self, Account},
        audit,
        challenges::{self, Challenge},
        lines::{self, CANCELLABLE},
        moves::{self, Move},
        officers::{self, Officer, Role},
    },
};

/// Why an officer's act was refused. Each says what to do.
#[derive(Debug, thiserror::Error)]
pub enum OfficerRefused {
    /// Not in office.
    #[error("no officer in office has this line: see `daftari officer list`")]
    NotAnOfficer,
    /// No such account.
    #[error("no account is on this line: ask the person which line it was opened on")]
    NoAccount,
    /// An officer for themselves.
    #[error("nobody helps their own account: ask another officer")]
    OwnAccount,
    /// The first officer again.
    #[error("this officer asked for the move: another one must confirm it")]
    SameOfficer,
    /// The line is somebody's.
    #[error("an account is on that line already: one line has one account")]
    LineTaken,
    /// From a line to itself.
    #[error("both numbers are the same line")]
    SameLine,
    /// Not a line that can have an account.
    #[error("the new number is not a Kenyan mobile line")]
    NotMobile,
    /// Moved a short time ago.
    #[error("the account was moved within the last 72 hours: cancel that move first, if it was wrong")]
    MovedLately,
    /// No move of this reference.
    #[error(
        "no move with this reference can be confirmed or cancelled: it is over, cancelled, or was never asked for"
    )]
    NoMove,
    /// The second officer read another number.
    #[error("this is not the number that the first officer named: ask the person to read it out again")]
    NumberDiffers,
    /// On the list already.
    #[error("an officer in office has this line already")]
    InOffice,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The code can't be derived.
    #[error("the code can't be made: the key is missing")]
    NoKey,
}

/// An officer's code, to be said once.
pub struct Issued {
    /// The digits.
    pub code: SecretString,
    /// What the screen and the audit call it by.
    pub reference: String,
    /// Until when it counts.
    pub until: DateTime<Utc>,
}

/// Put somebody in office.
pub async fn add(
    deps: &Deps,
    full_name: &str,
    msisdn: Msisdn,
    role: Role,
    scope: &str,
) -> Result<Officer, OfficerRefused> {
    let now = deps.clock.now();
    let full_name = full_name.trim().to_owned();
    let scope = scope.trim().to_owned();
    let officer = Officer { id: deps.chance.id(now), full_name, msisdn, role, scope, added_at: now };
    let mut tx = deps.store.begin().await?;
    if !officers::insert(&mut tx, &officer).await? {
        return Err(OfficerRefused::InOffice);
    }
    record(&mut tx, "desk", officer.id, "officer_added", now).await?;
    tx.commit().await?;
    Ok(officer)
}

/// Everybody in office.
pub async fn list(deps: &Deps) -> Result<Vec<Officer>, StoreError> {
    officers::in_office(&mut deps.store.read().await?).await
}

/// Let an officer go, with the PIN and the line of the office.
pub async fn remove(deps: &Deps, line: &Msisdn) -> Result<Officer, OfficerRefused> {
    let now = deps.clock.now();
    let mut tx = deps.store.begin().await?;
    let officer = in_office(&mut tx, line).await?;
    officers::leave(&mut tx, officer.id, now).await?;
    posts::issue::revoke(&mut tx, deps, &Post::Officer(officer.id), ("desk", "cli"), now).await?;
    record(&mut tx, "desk", officer.id, "officer_left", now).await?;
    tx.commit().await?;
    Ok(officer)
}

async fn in_office(tx: &mut Tx, line: &Msisdn) -> Result<Officer, OfficerRefused> {
    officers::by_msisdn(tx, line).await?.ok_or(OfficerRefused::NotAnOfficer)
}

/// As the audit names an officer: by id, so that a name can be erased.
fn actor(officer: Uuid) -> String {
    format!("officer {officer}")
}

async fn record(
    tx: &mut Tx,
    actor: &str,
    subject: Uuid,
    action: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    audit::append(tx, audit::Event { at: now, actor, action, subject, channel: "cli", detail: None }).await
}

/// Make a code for the account of a line, in place of the one before. The line is told that an officer did, not the code.
pub async fn issue_code(
    deps: &Deps,
    menus: &Menus,
    officer: &Msisdn,
    line: &Msisdn,
) -> Result<Issued, OfficerRefused> {
    let now = deps.clock.now();
    let mut tx = deps.store.begin().await?;
    let officer = in_office(&mut tx, officer).await?;
    let account = accounts::by_msisdn(&mut tx, line).await?.ok_or(OfficerRefused::NoAccount)?;
    if officer.msisdn == *line {
        return Err(OfficerRefused::OwnAccount);
    }
    let challenge = renew(&mut tx, deps, &account, line, now).await?;
    sim_swap::ask_when_needed(&mut tx, deps, account.id, line, now).await?;
    number_change::tell(&mut tx, deps, menus, line, Purpose::OfficerHelped).await?;
    record(&mut tx, &actor(officer.id), account.id.0, "officer_code_issued", now).await?;
    let issued = said(deps, challenge).ok_or(OfficerRefused::NoKey)?;
    tx.commit().await?;
    deps.outbox.notify_one();
    deps.swaps.notify_one();
    Ok(issued)
}

async fn renew(
    tx: &mut Tx,
    deps: &Deps,
    account: &Account,
    line: &Msisdn,
    now: DateTime<Utc>,
) -> Result<Challenge, StoreError> {
    let door = Door::Officer;
    if let Some(open) = challenges::open(tx, account.id.0, door).await? {
        let closed = if open.has_tries() { Closed::Replaced } else { Closed::Dead };
        challenges::close(tx, open.id, closed, now).await?;
    }
    let new = Challenge {
        id: ChallengeId(deps.chance.id(now)),
        subject: account.id.0,
        door,
        msisdn: line.clone(),
        language: lines::language(tx, line).await?.unwrap_or_default(),
        nonce: deps.chance.bytes(),
        code_key: deps.keys.current().current_id(KeyPurpose::Code).to_owned(),
        length: CodeLength::Eight,
        reference: reference(deps.chance.bytes()),
        tries: 0,
        created_at: now,
        expires_at: now + door.lifetime(),
        passed: None,
        closed: None,
    };
    if challenges::insert(tx, &new).await? {
        return Ok(new);
    }
    // Another officer was at it at the same moment: one code counts.
    challenges::open(tx, account.id.0, door).await?.ok_or(StoreError::Unreadable("a challenge"))
}

fn said(deps: &Deps, challenge: Challenge) -> Option<Issued> {
    let keys = deps.keys.with(KeyPurpose::Code, &challenge.code_key);
    let what = CodeFor { purpose: challenge.door.name(), subject: challenge.subject.as_bytes() };
    let code = keys.code(&challenge.code_key, &challenge.nonce, what, challenge.length)?;
    let code = SecretString::from(code.digits());
    Some(Issued { code, reference: challenge.reference, until: challenge.expires_at })
}

/// Count an officer's code that was typed on a phone: it opens the account of that phone's own line, or nothing.
pub(super) async fn check_code(
    tx: &mut Tx,
    who: &Who<'_>,
    code: Option<&TypedCode>,
    counted: bool,
) -> Result<Prepared, Fault> {
    let account = accounts::by_msisdn(tx, who.msisdn).await?;
    let (Some(account), Some(code)) = (account, code) else {
        return Ok(Prepared::Settled(Reply::of(Outcome::NoAccount)));
    };
    recovery::menu::check_for(tx, who, (account.id, Door::Officer), code, counted).await
}

/// The first officer: the account of a line that is gone shall move. Nothing moves before another officer confirms it.
pub async fn ask_move(
    deps: &Deps,
    officer: &Msisdn,
    old: &Msisdn,
    new: &Msisdn,
) -> Result<Move, OfficerRefused> {
    let now = deps.clock.now();
    let mut tx = deps.store.begin().await?;
    let officer = in_office(&mut tx, officer).await?;
    let account = accounts::by_msisdn(&mut tx, old).await?.ok_or(OfficerRefused::NoAccount)?;
    may_move(&mut tx, &officer, &account, (old, new), now).await?;
    if let Some(open) = moves::open(&mut tx, account.id).await? {
        moves::cancel(&mut tx, open.id, Some(officer.id), now).await?;
    }
    let moving = number_change::new_move(deps, account.id, (old.clone(), new.clone()), Some(officer.id), now);
    if !moves::insert(&mut tx, &moving).await? {
        return Err(OfficerRefused::NoMove);
    }
    record(&mut tx, &actor(officer.id), account.id.0, "number_change_asked", now).await?;
    tx.commit().await?;
    Ok(moving)
}

async fn may_move(
    tx: &mut Tx,
    officer: &Officer,
    account: &Account,
    (old, new): (&Msisdn, &Msisdn),
    now: DateTime<Utc>,
) -> Result<(), OfficerRefused> {
    if old == new {
        return Err(OfficerRefused::SameLine);
    }
    if !new.is_kenyan_mobile() {
        return Err(OfficerRefused::NotMobile);
    }
    if [old, new].contains(&&officer.msisdn) {
        return Err(OfficerRefused::OwnAccount);
    }
    if accounts::by_msisdn(tx, new).await?.is_some() {
        return Err(OfficerRefused::LineTaken);
    }
    match moves::done_since(tx, account.id, now - CANCELLABLE).await? {
        Some(_) => Err(OfficerRefused::MovedLately),
        None => Ok(()),
    }
}

/// The second officer: another than the first, who has heard the new number from the person as well. The account moves
/// at once.
pub async fn confirm_move(
    deps: &Deps,
    menus: &Menus,
    officer: &Msisdn,
    reference: &str,
    new: &Msisdn,
) -> Result<Move, OfficerRefused> {
    let now = deps.clock.now();
    let mut tx = deps.store.begin().await?;
    let officer = in_office(&mut tx, officer).await?;
    let asked = moves::by_reference(&mut tx, reference).await?.ok_or(OfficerRefused::NoMove)?;
    let Some(first) = asked.asked_by else { return Err(OfficerRefused::NoMove) };
    if first == officer.id {
        return Err(OfficerRefused::SameOfficer);
    }
    if [&asked.old, &asked.new].contains(&&officer.msisdn) {
        return Err(OfficerRefused::OwnAccount);
    }
    if asked.new != *new {
        return Err(OfficerRefused::NumberDiffers);
    }
    if !moves::confirm(&mut tx, asked.id, Some(officer.id), now).await? {
        return Err(OfficerRefused::NoMove);
    }
    let actor = actor(officer.id);
    let by = By { actor: &actor, channel: "cli", officer: Some(officer.id) };
    match number_change::carry_out(&mut tx, deps, menus, &asked, by, now).await? {
        Moved::Done => {}
        Moved::LineTaken => return Err(OfficerRefused::LineTaken),
        Moved::Over => return Err(OfficerRefused::NoMove),
    }
    tx.commit().await?;
    deps.outbox.notify_one();
    Ok(asked)
}

/// Cancel a move that waits, or undo one within 72 hours. Says whether the account went back.
pub async fn cancel_move(
    deps: &Deps,
    menus: &Menus,
    officer: &Msisdn,
    reference: &str,
) -> Result<(Move, bool), OfficerRefused> {
    let now = deps.clock.now();
    let mut tx = deps.store.begin().await?;
    let officer = in_office(&mut tx, officer).await?;
    let found = moves::by_reference(&mut tx, reference).await?.filter(|found| found.cancelled_at.is_none());
    let found = found.ok_or(OfficerRefused::NoMove)?;
    if [&found.old, &found.new].contains(&&officer.msisdn) {
        return Err(OfficerRefused::OwnAccount);
    }
    let actor = actor(officer.id);
    let by = By { actor: &actor, channel: "cli", officer: Some(officer.id) };
    match found.done_at {
        Some(at) if now - at >= CANCELLABLE => return Err(OfficerRefused::NoMove),
        Some(_) => match number_change::undo(&mut tx, deps, menus, &found, by, now).await? {
            Moved::Done => {}
            Moved::LineTaken => return Err(OfficerRefused::LineTaken),
            Moved::Over => return Err(OfficerRefused::NoMove),
        },
        None => {
            if !moves::cancel(&mut tx, found.id, Some(officer.id), now).await? {
                return Err(OfficerRefused::NoMove);
            }
            number_change::record(&mut tx, &found, by, "number_change_cancelled", now).await?;
        }
    }
    tx.commit().await?;
    deps.outbox.notify_one();
    let undone = found.done_at.is_some();
    Ok((found, undone))
}

/// Moves by officers that the old line objects to, and that can still be undone.
pub async fn objected(deps: &Deps) -> Result<Vec<Move>, StoreError> {
    let now = deps.clock.now();
    moves::objected(&mut deps.store.read().await?, now - CANCELLABLE - number_change::WAITS).await
}
