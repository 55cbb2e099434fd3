//! What goes to the payer: a batch of claims that nothing is in the way of, each of them once, and its file. The batch is
//! kept first, and the file made from what was kept, so that it can be made again.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::{Claim, claims_of_all};
use crate::{
    model::{
        PersonId,
        pay::{Block, ClaimState, PaymentState},
        reference::long_reference,
    },
    services::{Deps, attendance::written},
    storage::{
        StoreError, Tx, accounts, audit,
        payments::{self, Payee, Payment},
        people,
        season::{self, Series},
    },
};

/// How many people are looked at at a time.
pub(super) const BATCH_OF_PEOPLE: i64 = 1000;

/// Why nothing can be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportRefused {
    /// No such series.
    #[error("there is no series {0:?}: see `daftari import series`")]
    NoSeries(String),
    /// For training.
    #[error("{0} is a series for training: nothing of it is paid")]
    Practice(String),
    /// No such batch.
    #[error("there is no batch {0:?} in this series")]
    NoBatch(String),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What went into a batch, and what did not.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Batch {
    /// Its name; empty where nothing was to be paid.
    pub name: String,
    /// How many claims.
    pub claims: u64,
    /// How much they come to, in cents.
    pub cents: i64,
    /// How many claims are blocked, by reason, in the order of the reasons.
    pub blocked: Vec<(Block, u64)>,
    /// How many are still being counted.
    pub counting: u64,
}

/// The series of a code, if anything of it is paid.
pub(super) async fn paid_series(tx: &mut Tx, code: &str) -> Result<Series, ExportRefused> {
    let series = season::series(tx, code).await?;
    let series = series.ok_or_else(|| ExportRefused::NoSeries(code.to_owned()))?;
    if series.practice { Err(ExportRefused::Practice(series.code)) } else { Ok(series) }
}

/// Approve every claim that nothing is in the way of, in one unit of work. `again`: also those that the payer could not pay
/// before, as far as only that is in their way.
pub async fn begin_batch(deps: &Deps, code: &str, again: bool) -> Result<Batch, ExportRefused> {
    let now = deps.clock.now();
    let mut tx = deps.store.begin().await?;
    let series = paid_series(&mut tx, code).await?;
    payments::hold(&mut tx, &series.code).await?;
    let mut batch = Batch { name: long_reference(deps.chance.bytes()), ..Batch::default() };
    let mut after = None;
    loop {
        let claims = claims_of_all(&mut tx, &series, after, BATCH_OF_PEOPLE, now).await?;
        let Some(last) = claims.last() else { break };
        after = Some(last.payee.person);
        for claim in &claims {
            take(&mut tx, deps, &series, (&mut batch, claim, again), now).await?;
        }
    }
    batch.blocked.sort_unstable();
    if batch.claims == 0 {
        return Ok(Batch { name: String::new(), ..batch });
    }
    let detail = format!("series {}, {} claims, {} cents", series.code, batch.claims, batch.cents);
    let action = "claims_exported";
    record(&mut tx, deps, (&batch.name, action), &detail, now).await?;
    tx.commit().await?;
    Ok(batch)
}

async fn take(
    tx: &mut Tx,
    deps: &Deps,
    series: &Series,
    (batch, claim, again): (&mut Batch, &Claim, bool),
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let failed_only = claim.block.is_some_and(Block::is_payers);
    let cents = claim.cents - claim.approved_cents;
    match claim.state {
        ClaimState::Submitted => {}
        ClaimState::Blocked if again && failed_only && cents > 0 => {}
        ClaimState::Blocked => {
            let Some(block) = claim.block else { return Ok(()) };
            match batch.blocked.iter_mut().find(|(known, _)| *known == block) {
                Some((_, count)) => *count += 1,
                None => batch.blocked.push((block, 1)),
            }
            return Ok(());
        }
        ClaimState::Counting => {
            batch.counting += 1;
            return Ok(());
        }
        ClaimState::Approved | ClaimState::Paid => return Ok(()),
    }
    batch.claims += 1;
    batch.cents += cents;
    let payment = Payment {
        id: deps.chance.id(now),
        series: series.code.clone(),
        person: claim.payee.person.0,
        state: PaymentState::Approved,
        hundredths_of_days: claim.hundredths - claim.approved_hundredths,
        cents,
        batch: batch.name.clone(),
        payer_ref: None,
        reason: None,
        approved_at: now,
    };
    payments::approve(tx, &payment).await
}

/// A name of six letters and digits, as an id.
fn subject_of(batch: &str) -> Uuid {
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(batch.bytes()).for_each(|(to, from)| *to = from);
    Uuid::from_bytes(bytes)
}

/// A batch has no account: it is a subject of its own in the audit, by its name.
pub(super) async fn record(
    tx: &mut Tx,
    deps: &Deps,
    (batch, action): (&str, &str),
    detail: &str,
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let subject = subject_of(batch);
    let detail = Some((detail, deps.chance.bytes()));
    audit::append(tx, audit::Event { at: now, actor: "desk", action, subject, channel: "cli", detail }).await
}

/// A line of the payer's file.
#[derive(Clone, PartialEq, Eq)]
pub struct Line {
    /// The claim, as the payer must name it.
    pub claim: String,
    /// The number, without a plus.
    pub msisdn: String,
    /// The name on the line.
    pub full_name: String,
    /// The national ID.
    pub national_id: String,
    /// Days.
    pub days: String,
    /// Shillings, with two decimals.
    pub amount: String,
}

/// The lines of a batch, as often as they are asked for.
pub async fn lines(deps: &Deps, code: &str, batch: &str) -> Result<Vec<Line>, ExportRefused> {
    let now = deps.clock.now();
    let mut tx = deps.store.begin().await?;
    let series = paid_series(&mut tx, code).await?;
    let (mut all, mut after) = (vec![], None);
    loop {
        let some = payments::of_batch(&mut tx, (&series.code, batch), after, BATCH_OF_PEOPLE).await?;
        let (Some(first), Some(last)) = (some.first(), some.last()) else { break };
        let span = (PersonId(first.person), PersonId(last.person));
        after = Some(span.1);
        let mut payees = payments::payees(&mut tx, &series.code, span, now).await?.into_iter();
        for payment in &some {
            if let Some(payee) = payees.by_ref().find(|payee| payee.person.0 == payment.person) {
                all.push(line(deps, &payee, payment)?);
            }
        }
    }
    if all.is_empty() {
        return Err(ExportRefused::NoBatch(batch.to_owned()));
    }
    // Personal data left the house: that is in the audit, however often it does.
    let detail = format!("series {code}, {} lines", all.len());
    record(&mut tx, deps, (batch, "claims_written"), &detail, now).await?;
    tx.commit().await?;
    Ok(all)
}

fn line(deps: &Deps, payee: &Payee, payment: &Payment) -> Result<Line, StoreError> {
    let unreadable = |_| StoreError::Unreadable("a national ID");
    let id = match (&payee.account, &payee.national_id) {
        (_, Some(sealed)) => deps.keys.open(people::id_place(&payee.person), sealed).map_err(unreadable)?,
        (Some(account), None) => {
            let id = crate::model::AccountId(account.id);
            deps.keys.open(accounts::id_place(&id), &account.national_id).map_err(unreadable)?
        }
        (None, None) => zeroize::Zeroizing::default(),
    };
    let national_id = std::str::from_utf8(&id).map_err(|_| StoreError::Unreadable("a national ID"))?;
    let (name, line) = match &payee.account {
        Some(account) => (&account.full_name, Some(&account.msisdn)),
        None => (&payee.full_name, payee.msisdn.as_ref()),
    };
    Ok(Line {
        claim: payment.id.simple().to_string(),
        msisdn: line.map(|line| line.trim_start_matches('+').to_owned()).unwrap_or_default(),
        full_name: name.clone(),
        national_id: national_id.to_owned(),
        days: written(payment.hundredths_of_days),
        amount: format!("{}.{:02}", payment.cents / 100, payment.cents % 100),
    })
}
