//! Checking a code: the try is counted and committed first (`count`), then the code is compared outside any transaction
//! (`look`), then what came out is kept (`judge`). The three are apart so that a call which dies in between has spent its
//! try, and parallel guesses are counted one by one (`security.md` 4 and 12).

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{MOST_WRONG, WRONG_WITHIN, guesses};
use crate::{
    model::{
        ChallengeId,
        challenge::{Closed, Door, MOST_TRIES, Pass, TypedCode},
    },
    secrets::{CodeFor, Purpose as KeyPurpose, Unsealable},
    services::Deps,
    storage::{
        StoreError, Tx, audit,
        challenges::{self, Challenge},
    },
    telemetry::metrics,
};

/// A code that somebody typed.
#[derive(Debug, Clone)]
pub struct Try {
    /// The account whose code it should be.
    pub subject: Uuid,
    /// What it should open.
    pub door: Door,
    /// The mark of the session it was typed in.
    pub by: [u8; 16],
    /// What was typed.
    pub code: TypedCode,
    /// By which channel, for the audit.
    pub channel: &'static str,
}

/// Why a code is not looked at, or no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeRefused {
    /// There is none that counts.
    Over,
    /// Its tries are used up.
    Dead,
    /// It is typed, or was right, in another session.
    UsedElsewhere,
    /// Too many wrong codes for this account within a day.
    OfficerOnly,
}

/// What comes of counting a try.
#[derive(Debug)]
pub enum Counted {
    /// It may be looked at; commit first.
    Look(Box<Look>),
    /// It may not.
    Refused(CodeRefused),
}

/// A try that is counted.
#[derive(Debug)]
pub struct Look {
    typed: Try,
    challenge: Challenge,
    /// Wrong codes of the account within a day, were this one wrong.
    wrong: i64,
}

/// A try that was looked at.
#[derive(Debug)]
pub struct Looked {
    look: Look,
    right: bool,
}

impl Looked {
    /// What the code was typed for.
    pub fn door(&self) -> Door {
        self.look.typed.door
    }

    /// Whose door it is.
    pub fn subject(&self) -> Uuid {
        self.look.typed.subject
    }

    /// The challenge.
    pub fn challenge(&self) -> ChallengeId {
        self.look.challenge.id
    }
}

/// What came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judged {
    /// Right, and this session may go on with it.
    Right,
    /// Wrong.
    Wrong {
        /// Tries left.
        left: i64,
    },
    /// Wrong for the last time, or right too late.
    Refused(CodeRefused),
}

/// Count a try. `counted`: a hop that died over it has counted it.
pub async fn count(
    tx: &mut Tx,
    typed: Try,
    now: DateTime<Utc>,
    counted: bool,
) -> Result<Counted, StoreError> {
    let refused = |why| Ok(Counted::Refused(why));
    let open = challenges::open(tx, typed.subject, typed.door).await?;
    let Some(mut challenge) = open.filter(|open| open.counts(now)) else {
        return refused(CodeRefused::Over);
    };
    if challenge.passed.is_some_and(|pass| pass.by != typed.by) {
        return refused(CodeRefused::UsedElsewhere);
    }
    let mut wrong = challenges::wrong_since(tx, typed.subject, now - WRONG_WITHIN).await?;
    if !counted {
        // An officer's code is what helps then.
        if wrong >= MOST_WRONG && typed.door != Door::Officer {
            return refused(CodeRefused::OfficerOnly);
        }
        if !challenge.has_tries() {
            // The last try is being looked at this moment, or the challenge would be closed.
            return refused(CodeRefused::UsedElsewhere);
        }
        challenges::count_try(tx, challenge.id).await?;
        challenge.tries += 1;
        wrong += 1;
    }
    Ok(Counted::Look(Box::new(Look { typed, challenge, wrong })))
}

/// Count a try that can't be a code of anybody: the first statement of [`count`].
pub async fn count_nothing(tx: &mut Tx) -> Result<Counted, StoreError> {
    challenges::open(tx, Uuid::nil(), Door::ResetPassword).await?;
    Ok(Counted::Refused(CodeRefused::Over))
}

/// The statements that [`count`] would have gone on with, had it not refused: over the web the cost must not tell whether
/// there is a code. They change nothing.
pub async fn pad(tx: &mut Tx, why: CodeRefused, now: DateTime<Utc>) -> Result<(), StoreError> {
    if matches!(why, CodeRefused::Over | CodeRefused::UsedElsewhere) {
        challenges::wrong_since(tx, Uuid::nil(), now - WRONG_WITHIN).await?;
    }
    challenges::close(tx, ChallengeId(Uuid::nil()), Closed::Dead, now).await?;
    Ok(())
}

/// What [`judge`] does with a wrong code, where there was none to look at: it is a guess all the same.
pub async fn judge_nothing(tx: &mut Tx, now: DateTime<Utc>) -> Result<Judged, StoreError> {
    guesses::count(tx, now).await?;
    metrics::code("wrong");
    Ok(Judged::Refused(CodeRefused::Over))
}

/// Compare, in constant time.
pub fn look(deps: &Deps, look: Look) -> Result<Looked, Unsealable> {
    let challenge = &look.challenge;
    let keys = deps.keys.with(KeyPurpose::Code, &challenge.code_key);
    let what = CodeFor { purpose: challenge.door.name(), subject: challenge.subject.as_bytes() };
    let code = keys.code(&challenge.code_key, &challenge.nonce, what, challenge.length);
    let code = code.ok_or_else(|| Unsealable::UnknownKey(challenge.code_key.clone()))?;
    let right = code.matches(look.typed.code.digits());
    Ok(Looked { look, right })
}

/// Keep what came out.
pub async fn judge(tx: &mut Tx, looked: Looked, now: DateTime<Utc>) -> Result<Judged, StoreError> {
    let Looked { look, right } = looked;
    let judged = if right { take(tx, &look, now).await? } else { miss(tx, &look, now).await? };
    metrics::code(match judged {
        Judged::Right => "right",
        Judged::Wrong { .. } => "wrong",
        Judged::Refused(CodeRefused::Dead) => "dead",
        Judged::Refused(CodeRefused::OfficerOnly) => "blocked",
        Judged::Refused(_) => "too_late",
    });
    Ok(judged)
}

async fn take(tx: &mut Tx, look: &Look, now: DateTime<Utc>) -> Result<Judged, StoreError> {
    let id = look.challenge.id;
    challenges::give_back_try(tx, id).await?;
    if challenges::pass(tx, id, Pass { by: look.typed.by, at: now }).await? {
        return Ok(Judged::Right);
    }
    let closed = challenges::by_id(tx, id).await?.is_none_or(|challenge| challenge.closed.is_some());
    Ok(Judged::Refused(if closed { CodeRefused::Over } else { CodeRefused::UsedElsewhere }))
}

async fn miss(tx: &mut Tx, look: &Look, now: DateTime<Utc>) -> Result<Judged, StoreError> {
    let Look { typed, challenge, wrong } = look;
    let dead = challenge.tries >= MOST_TRIES;
    let blocked = *wrong >= MOST_WRONG && typed.door != Door::Officer;
    if dead || blocked {
        challenges::close(tx, challenge.id, Closed::Dead, now).await?;
    }
    guesses::count(tx, now).await?;
    if blocked {
        let (subject, channel) = (typed.subject, typed.channel);
        let event =
            audit::Event { at: now, actor: "self", action: "codes_blocked", subject, channel, detail: None };
        audit::append(tx, event).await?;
        return Ok(Judged::Refused(CodeRefused::OfficerOnly));
    }
    Ok(if dead {
        Judged::Refused(CodeRefused::Dead)
    } else {
        Judged::Wrong { left: MOST_TRIES - challenge.tries }
    })
}
