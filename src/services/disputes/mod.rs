//! Disputes: somebody says "I was there". The centre answers: it puts the mark right while it may, passes it on when it may
//! no longer, or says why not. What it leaves or refuses, the director of the place decides; a grant after the centre's time
//! opens the day, puts the one mark right and closes the day again, in one unit of work.
//!
//! Every word is kept in the dispute, in the account's audit and, where it changes a mark, in the ledger.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use uuid::Uuid;

use super::{Deps, actions::Who, messaging, receipts};
use crate::{
    menu::{Menus, Var},
    model::{
        AccountId, DeploymentId, DisputeId, Post,
        dispute::{DisputeState, Party, StandsWith, Step},
        message::Purpose,
    },
    storage::{
        StoreError, Tx, accounts, audit,
        disputes::{self, Dispute, Event, NewDispute},
        inbound, people, posts, season,
    },
};

mod answers;
mod screens;

pub use answers::{Answer, Answered, by_centre, by_director, settled_by};
pub(super) use screens::{answer_as_centre, answer_as_director};
pub use screens::{
    centre_rows, event_rows, my_rows, open, place_rows, show_mine, show_to_centre, show_to_director, withdraw,
};

/// How long a centre has before the director sees a dispute too.
pub const CENTRES_TIME: TimeDelta = TimeDelta::hours(24);

/// What the ledger says of a correction that a dispute came to.
const REASON: &str = "dispute";

/// Who answers.
#[derive(Debug, Clone, Copy)]
struct Says {
    by: Party,
    actor: Option<Uuid>,
    what: Step,
}

/// Open a dispute over a day, and tell the centre's lines; `None` when one is open already.
pub async fn begin(
    tx: &mut Tx,
    deps: &Deps,
    menus: &Menus,
    account: AccountId,
    (deployment, on): (DeploymentId, NaiveDate),
    now: DateTime<Utc>,
) -> Result<Option<DisputeId>, StoreError> {
    let id = DisputeId(deps.chance.id(now));
    if !disputes::open(tx, &NewDispute { id, deployment, on, account, at: now }).await? {
        return Ok(None);
    }
    let says = Says { by: Party::Person, actor: Some(account.0), what: Step::Opened };
    keep(tx, deps, (id, account), says, None, now).await?;
    if let Some(at) = people::deployment(tx, deployment).await? {
        let vars = [
            (Var::RegisterAt, kind_of(tx, &at.series).await?.into()),
            (Var::Centre, at.centre.as_str().into()),
            (Var::Day, on.format("%d/%m").to_string().into()),
            (Var::RosterNumber, at.number.get().to_string().into()),
        ];
        for line in posts::lines_of(tx, &Post::Centre(at.centre.clone())).await? {
            let language = inbound::language_of(tx, &line).await?.unwrap_or_default();
            messaging::queue_with(deps, tx, menus, Purpose::DisputeOpened, &line, language, &vars).await?;
        }
    }
    Ok(Some(id))
}

/// Whether a series counts or is for training, as an SMS says it.
async fn kind_of(tx: &mut Tx, series: &str) -> Result<&'static str, StoreError> {
    Ok(receipts::kind(season::series(tx, series).await?.is_some_and(|series| series.practice)))
}

/// Keep what was said, in the dispute and in the account's audit.
async fn keep(
    tx: &mut Tx,
    deps: &Deps,
    (id, account): (DisputeId, AccountId),
    Says { by, actor, what }: Says,
    reason: Option<&str>,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let reason = reason.map(str::to_owned);
    disputes::say(tx, id, &Event { at: now, by, actor, what, reason }).await?;
    let actor = match (by, actor) {
        (Party::Person, _) | (_, None) => by.word().to_owned(),
        (_, Some(actor)) => format!("{} {actor}", by.word()),
    };
    let actor = if by == Party::Person { "self" } else { &actor };
    let action = match what {
        Step::Opened => "dispute_opened",
        Step::Withdrew => "dispute_withdrawn",
        Step::Granted => "dispute_granted",
        Step::Refused => "dispute_refused",
        Step::PassedOn => "dispute_passed_on",
    };
    let detail = format!("dispute {id}");
    let detail = Some((detail.as_str(), deps.chance.bytes()));
    audit::append(tx, audit::Event { at: now, actor, action, subject: account.0, channel: "ussd", detail })
        .await
}

/// Tell the person what was answered, on the line that the account has now.
async fn tell(
    tx: &mut Tx,
    deps: &Deps,
    menus: &Menus,
    (dispute, purpose): (&Dispute, Purpose),
) -> Result<(), StoreError> {
    let Some((_, line)) = accounts::by_id(tx, dispute.account).await? else { return Ok(()) };
    let vars = [
        (Var::RegisterKind, kind_of(tx, &dispute.series).await?.into()),
        (Var::Day, dispute.on.format("%d/%m").to_string().into()),
        (Var::Centre, dispute.centre.as_str().into()),
    ];
    let language = inbound::language_of(tx, &line).await?.unwrap_or_default();
    messaging::queue_with(deps, tx, menus, purpose, &line, language, &vars).await?;
    Ok(())
}

/// The person takes a dispute back; false when it is not open any more, or not theirs.
async fn take_back(
    tx: &mut Tx,
    deps: &Deps,
    account: AccountId,
    id: DisputeId,
    now: DateTime<Utc>,
) -> Result<bool, StoreError> {
    let mine = disputes::lock(tx, id).await?.filter(|dispute| dispute.account == account);
    let Some(dispute) = mine.filter(|dispute| dispute.state == DisputeState::Open) else { return Ok(false) };
    disputes::set(tx, id, (DisputeState::Withdrawn, dispute.stands_with), now).await?;
    let says = Says { by: Party::Person, actor: Some(account.0), what: Step::Withdrew };
    keep(tx, deps, (id, account), says, None, now).await?;
    Ok(true)
}

/// Whether a director may decide a dispute now: it stands with him, or the centre has left it.
fn is_directors(dispute: &Dispute, now: DateTime<Utc>) -> bool {
    dispute.stands_with == StandsWith::Director || dispute.opened_at + CENTRES_TIME < now
}

/// The dispute that a session has chosen.
fn chosen(who: &Who<'_>) -> Option<DisputeId> {
    let id = who.session.text(Var::Dispute)?;
    Uuid::parse_str(id).ok().map(DisputeId)
}
