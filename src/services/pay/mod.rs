//! Pay: a claim for each person and series, counted from the marks (`register::days_counted`), with the reason why it may
//! not be paid yet. What went to the payer and came back is in `exchange`.

use chrono::{DateTime, Utc};

use super::{Deps, register, register::Counted, season::calendar::day_of};
use crate::{
    model::{
        PersonId,
        pay::{Block, ClaimState, PaymentState},
        season::RegisterState,
    },
    storage::{
        StoreError, Tx,
        payments::{self, Payee, Payment},
        people,
        season::Series,
    },
};

mod exchange;
mod names;
mod screen;
mod taking_in;

pub use exchange::{Batch, ExportRefused, Line, begin_batch, lines};
pub use screen::show;
pub use taking_in::{Report, TakeInRefused, take_in, template};

/// What a person is owed for a series.
#[derive(Debug, Clone)]
pub struct Claim {
    /// Who, as the payer knows them.
    pub payee: Payee,
    /// The days that count, in hundredths.
    pub hundredths: i64,
    /// What they come to, in cents.
    pub cents: i64,
    /// How much of that the payer has been told to pay, and has not failed to.
    pub approved_cents: i64,
    /// How many days that was for, in hundredths.
    pub approved_hundredths: i64,
    /// How far it has come.
    pub state: ClaimState,
    /// What is in the way, where something is.
    pub block: Option<Block>,
}

/// A person's claim in a series; `None` where nobody is deployed, or nothing is paid because it is for training.
pub async fn claim_of(
    tx: &mut Tx,
    series: &Series,
    person: PersonId,
    now: DateTime<Utc>,
) -> Result<Option<Claim>, StoreError> {
    let deployed = people::deployments_of(tx, person).await?.iter().any(|one| one.series == series.code);
    let counted = register::days_counted(tx, person, &series.code).await?;
    if series.practice || (!deployed && counted.is_empty()) {
        return Ok(None);
    }
    Ok(claims(tx, series, vec![(person, counted)], now).await?.pop())
}

/// The claims of people of a series after one of them, as many as `limit`, in the order of their ids. An empty list is the
/// end. Six statements.
pub async fn claims_of_all(
    tx: &mut Tx,
    series: &Series,
    after: Option<PersonId>,
    limit: i64,
    now: DateTime<Utc>,
) -> Result<Vec<Claim>, StoreError> {
    let counted = register::days_counted_of_all(tx, &series.code, after, limit).await?;
    claims(tx, series, counted, now).await
}

/// The claims of people in the order of their ids, from what their days count.
async fn claims(
    tx: &mut Tx,
    series: &Series,
    counted: Vec<(PersonId, Vec<Counted>)>,
    now: DateTime<Utc>,
) -> Result<Vec<Claim>, StoreError> {
    let (Some((first, _)), Some((last, _))) = (counted.first(), counted.last()) else { return Ok(vec![]) };
    let span = (*first, *last);
    let mut payees = payments::payees(tx, &series.code, span, now).await?.into_iter();
    let registers = payments::registers(tx, &series.code, span).await?;
    let paid = payments::of_people(tx, &series.code, span).await?;
    let over = series.ends_on < day_of(now) || series.closed_at.is_some_and(|at| at <= now);
    let mut claims = vec![];
    for (person, counted) in counted {
        let Some(payee) = payees.by_ref().find(|payee| payee.person == person) else { continue };
        let register = registers.binary_search_by_key(&person, |(person, _)| *person).ok();
        let register = register.and_then(|n| registers.get(n)).map(|(_, state)| *state);
        let from = paid.partition_point(|payment| payment.person < person.0);
        let to = paid.partition_point(|payment| payment.person <= person.0);
        let payments = paid.get(from..to).unwrap_or_default();
        claims.push(claim(payee, &counted, payments, (register, over)));
    }
    Ok(claims)
}

/// What one person is owed.
fn claim(
    payee: Payee,
    counted: &[Counted],
    payments: &[Payment],
    (register, over): (Option<RegisterState>, bool),
) -> Claim {
    // A hundredth of a day at so many shillings a day is that many cents.
    let cents = counted.iter().map(|one| one.hundredths * one.ksh_per_day.unwrap_or(0)).sum();
    let sum = |state: PaymentState, of: fn(&Payment) -> i64| -> i64 {
        payments.iter().filter(|payment| payment.state == state).map(of).sum()
    };
    let paid = sum(PaymentState::Paid, |payment| payment.cents);
    let approved_cents = paid + sum(PaymentState::Approved, |payment| payment.cents);
    let days = |payment: &Payment| payment.hundredths_of_days;
    let mut claim = Claim {
        hundredths: counted.iter().map(|one| one.hundredths).sum(),
        cents,
        approved_cents,
        approved_hundredths: sum(PaymentState::Paid, days) + sum(PaymentState::Approved, days),
        state: ClaimState::Blocked,
        block: None,
        payee,
    };
    let failed = payments.last().filter(|payment| payment.state == PaymentState::Failed);
    claim.block = match failed {
        _ if cents > 0 && approved_cents >= cents => None,
        Some(payment) => Some(Block::of_payer(payment.reason.as_deref().unwrap_or_default())),
        None => block(&claim, counted, (register, over)),
    };
    claim.state = match (claim.block, register) {
        (Some(_), _) => ClaimState::Blocked,
        _ if cents > 0 && paid >= cents => ClaimState::Paid,
        _ if cents > 0 && approved_cents >= cents => ClaimState::Approved,
        (None, Some(RegisterState::Countersigned)) if cents > 0 => ClaimState::Submitted,
        _ => ClaimState::Counting,
    };
    claim
}

/// The first thing in the way: what the person can see to comes at once, what the centre and the director must do only once
/// the days are over.
fn block(
    claim: &Claim,
    counted: &[Counted],
    (register, over): (Option<RegisterState>, bool),
) -> Option<Block> {
    let Payee { full_name, msisdn, national_id, contested, account, waiting, .. } = &claim.payee;
    let differs = |name: &str| !names::are_alike(name, full_name);
    let no_rate = |one: &Counted| one.ksh_per_day.is_none();
    match account {
        _ if *waiting && claim.hundredths == 0 => Some(Block::NotDeployed),
        _ if *contested => Some(Block::TieContested),
        None if national_id.is_none() => Some(Block::NoNationalId),
        None if msisdn.is_none() => Some(Block::NoPhone),
        Some(account) if differs(&account.full_name) => Some(Block::NameDiffers),
        Some(account) if account.held_until.is_some() => Some(Block::OnHold),
        _ if counted.iter().any(no_rate) => Some(Block::NoRate),
        _ if register == Some(RegisterState::Signed) => Some(Block::NotCountersigned),
        _ if !over => None,
        _ if claim.cents == 0 => Some(Block::NoDays),
        _ if register == Some(RegisterState::Open) => Some(Block::NotSigned),
        _ => None,
    }
}

/// Shillings as people write them: `5,500`; cents only where there are any.
pub fn shillings(cents: i64) -> String {
    let whole = (cents / 100).to_string();
    let grouped: Vec<&str> =
        whole.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    match cents % 100 {
        0 => grouped.join(","),
        part => format!("{}.{part:02}", grouped.join(",")),
    }
}

/// Every claim of a series, for whoever wants to see them without exporting.
pub async fn all(deps: &Deps, code: &str, mut each: impl FnMut(&Claim)) -> Result<(), ExportRefused> {
    let (mut after, now) = (None, deps.clock.now());
    let series = exchange::paid_series(&mut deps.store.read().await?, code).await?;
    loop {
        let mut tx = deps.store.read().await?;
        let claims = claims_of_all(&mut tx, &series, after, exchange::BATCH_OF_PEOPLE, now).await?;
        let Some(last) = claims.last() else { return Ok(()) };
        after = Some(last.payee.person);
        claims.iter().for_each(&mut each);
    }
}

#[cfg(test)]
mod tests {
    use super::shillings;

    #[test]
    fn shillings_are_grouped_and_cents_are_shown_where_there_are_any() {
        let written = [0, 55_000, 550_000, 123_456_789, 1_005].map(shillings);
        assert_eq!(written, ["0", "550", "5,500", "1,234,567.89", "10.05"]);
    }
}
