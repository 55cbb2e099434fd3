//! The one way to record a day for a centre: in the ledger, and told to whom it takes a day from, while it can still be
//! put right.

use chrono::{DateTime, Utc};

use crate::{
    menu::{Menus, Var},
    model::message::Purpose,
    services::{
        Deps, disputes, messaging,
        register::{self, By, DaySummary, Recorded, Wish},
        season::calendar::day_of,
    },
    storage::{StoreError, Tx, absences, absences::Changed},
};

/// Record a day ([`register::record`]) and promise an SMS to everybody whom the act marked absent, or present after they
/// had been absent: once for each change, in the caller's unit of work. Ring [`Deps::outbox`] after its commit.
///
/// Nobody is told in a series for training, where `[attendance] tell_absent` is off, on the line that acts, or after
/// STOP. Disputes that a correction puts right are closed by it. One statement more where somebody is absent or was, and the message of each.
pub async fn record_and_tell(
    tx: &mut Tx,
    deps: &Deps,
    menus: &Menus,
    wish: &Wish,
    by: &By<'_>,
    now: DateTime<Utc>,
) -> Result<Recorded, StoreError> {
    let recorded = register::record(tx, deps, wish, by, now).await?;
    if let Recorded::Done { entry, day, changed } = &recorded {
        if deps.settings.attendance.tell_absent && concerns_absence(day, *changed) {
            tell(tx, deps, menus, wish, by, entry.seq).await?;
        }
        if can_settle(wish, day, *changed, now) {
            let act = (entry.seq, entry.reference.as_str());
            disputes::settled_by(tx, deps, wish.of(), act, by, now).await?;
        }
    }
    Ok(recorded)
}

/// Whether an act can have put right what somebody disputes: nobody disputes today before it is marked.
fn can_settle(wish: &Wish, day: &DaySummary, changed: usize, now: DateTime<Utc>) -> bool {
    let all = day.present + day.added + day.absent;
    changed > 0 && (changed < all || wish.on < day_of(now))
}

/// Whether an act can have made somebody absent, or no longer: not when it was the first and everybody is there.
fn concerns_absence(day: &DaySummary, changed: usize) -> bool {
    changed > 0 && (day.absent > 0 || changed < day.present + day.added)
}

async fn tell(
    tx: &mut Tx,
    deps: &Deps,
    menus: &Menus,
    wish: &Wish,
    by: &By<'_>,
    seq: i64,
) -> Result<(), StoreError> {
    let vars =
        [(Var::Day, wish.on.format("%d/%m").to_string().into()), (Var::Centre, wish.centre.as_str().into())];
    for Changed { present, line, language } in absences::changed_by(tx, wish.of(), seq).await? {
        if by.line == Some(&line) {
            continue;
        }
        let purpose = if present { Purpose::MarkedPresent } else { Purpose::MarkedAbsent };
        let language = language.unwrap_or_default();
        messaging::queue_with(deps, tx, menus, purpose, &line, language, &vars).await?;
    }
    Ok(())
}
