//! The end of a series: some days after its last it closes for good, and the centres' PINs that were issued for it end.
//! Accounts go on, and what was marked stays readable.

use chrono::{DateTime, Days, Utc};

use super::super::{Deps, accounts::NAIROBI};
use crate::storage::{StoreError, audit, season};

/// Close every series whose time is over; gives their codes. Done twice, the second time finds nothing.
pub async fn close_ended(deps: &Deps) -> Result<Vec<String>, StoreError> {
    let now = deps.clock.now();
    let today = now.with_timezone(&NAIROBI).date_naive();
    let days = Days::new(u64::from(deps.settings.attendance.closing_days));
    let Some(before) = today.checked_sub_days(days) else { return Ok(vec![]) };
    let over = season::over(&mut deps.store.read().await?, before).await?;
    let mut closed = vec![];
    for code in over {
        if close(deps, &code, now).await? {
            closed.push(code);
        }
    }
    Ok(closed)
}

async fn close(deps: &Deps, code: &str, now: DateTime<Utc>) -> Result<bool, StoreError> {
    let mut tx = deps.store.begin().await?;
    if !season::close(&mut tx, code, now).await? {
        return Ok(false);
    }
    let credentials = season::end_credentials(&mut tx, code, now).await?;
    let detail = format!("{code}: {credentials} PINs of centres ended");
    let event = audit::Event {
        at: now,
        actor: "worker",
        action: "series_closed",
        subject: deps.chance.id(now),
        channel: "worker",
        detail: Some((&detail, deps.chance.bytes())),
    };
    audit::append(&mut tx, event).await?;
    tx.commit().await?;
    Ok(true)
}
