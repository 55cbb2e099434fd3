//! What the payer tells: what was paid and what was not, and why. The same file again changes nothing; a file with a fault
//! changes nothing either.

use std::io::Read;

use uuid::Uuid;

use super::exchange::record;
use crate::{
    model::pay::PaymentState,
    services::{
        Deps,
        season::import::{
            HeaderRefused,
            table::{Column, Row, Table},
            told::Told,
        },
    },
    storage::{
        StoreError, Tx,
        payments::{self, Payment},
    },
};

const COLUMNS: &[Column] = &[
    Column::new("claim", "0192f0c1d2e34f5a8b6c7d8e9f0a1b2c"),
    Column::new("outcome", "paid"),
    Column::optional("payer_ref", "TKX71HAQ2M"),
    Column::optional("reason", ""),
];

/// What a payment could not be made for: each is said to the person in words.
const REASONS: [&str; 4] = ["no_line", "name", "limit", "other"];

/// Why a file is not taken at all.
#[derive(Debug, thiserror::Error)]
pub enum TakeInRefused {
    /// Its header.
    #[error(transparent)]
    Header(#[from] HeaderRefused),
    /// It breaks off.
    #[error("the file can't be read: {0}")]
    Unreadable(#[from] csv::Error),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What came of a file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Report {
    /// How many claims are paid now and were not before.
    pub paid: u64,
    /// How many could not be paid.
    pub failed: u64,
    /// How many were known already.
    pub same: u64,
    /// What is wrong; then nothing was taken.
    pub told: Told,
}

/// A header and a row to begin a file from.
pub fn template() -> String {
    let row = |of: fn(&Column) -> &'static str| COLUMNS.iter().map(of).collect::<Vec<_>>().join(",");
    format!("{}\n{}\n", row(|column| column.name), row(|column| column.example))
}

/// Take in what the payer tells.
pub async fn take_in(deps: &Deps, input: impl Read, dry_run: bool) -> Result<Report, TakeInRefused> {
    let mut table = Table::open(input, COLUMNS)?;
    let mut report = Report::default();
    let mut tx = deps.store.begin().await?;
    let mut batches: Vec<String> = vec![];
    while let Some(row) = table.next(&mut report.told)? {
        if let Some(batch) = settle(&mut tx, deps, &row, &mut report).await?
            && !batches.contains(&batch)
        {
            batches.push(batch);
        }
    }
    if report.told.faults() > 0 || dry_run {
        return Ok(report);
    }
    let detail = format!("{} paid, {} failed", report.paid, report.failed);
    for batch in &batches {
        record(&mut tx, deps, (batch, "claims_settled"), &detail, deps.clock.now()).await?;
    }
    tx.commit().await?;
    Ok(report)
}

/// What a row says of a claim.
struct Said<'r> {
    claim: Uuid,
    state: PaymentState,
    payer_ref: Option<&'r str>,
    reason: Option<&'r str>,
}

/// Settle a claim as a row says; the batch it went in, if that changed anything.
async fn settle(
    tx: &mut Tx,
    deps: &Deps,
    row: &Row,
    report: &mut Report,
) -> Result<Option<String>, StoreError> {
    let Some(said) = read(row, &mut report.told) else { return Ok(None) };
    let Some(known) = payments::by_id(tx, said.claim).await? else {
        let words = || "no claim of this name went to the payer".to_owned();
        report.told.fault(row.line, "claim", words);
        return Ok(None);
    };
    if is_so(&known, &said) {
        report.same += 1;
        return Ok(None);
    }
    let about = (said.payer_ref, said.reason);
    if !payments::settle(tx, said.claim, said.state, about, deps.clock.now()).await? {
        let state = known.state.word();
        report.told.fault(row.line, "outcome", || {
            format!("this claim is {state} already, and was told otherwise: ask the payer which is right")
        });
        return Ok(None);
    }
    let count = if said.state == PaymentState::Paid { &mut report.paid } else { &mut report.failed };
    *count += 1;
    Ok(Some(known.batch))
}

fn is_so(known: &Payment, said: &Said<'_>) -> bool {
    let known_as = (known.state, known.payer_ref.as_deref(), known.reason.as_deref());
    known_as == (said.state, said.payer_ref, said.reason)
}

fn read<'r>(row: &'r Row, told: &mut Told) -> Option<Said<'r>> {
    let text = |column| Some(row.get(column)).filter(|text: &&str| !text.is_empty());
    let claim = Uuid::try_parse(row.get("claim")).ok();
    if claim.is_none() {
        told.fault(row.line, "claim", || "this is not the name of a claim: 32 letters and digits".to_owned());
    }
    let state = match row.get("outcome").to_ascii_lowercase().as_str() {
        "paid" => Some(PaymentState::Paid),
        "failed" => Some(PaymentState::Failed),
        _ => None,
    };
    if state.is_none() {
        told.fault(row.line, "outcome", || "is neither paid nor failed".to_owned());
    }
    let reason = text("reason");
    let fits = match state {
        Some(PaymentState::Failed) => reason.is_some_and(|reason| REASONS.contains(&reason)),
        _ => true,
    };
    if !fits {
        told.fault(row.line, "reason", || format!("a failed claim says why: {}", REASONS.join(", ")));
    }
    let reason = reason.filter(|_| state == Some(PaymentState::Failed));
    (claim.zip(state).filter(|_| fits)).map(|(claim, state)| Said {
        claim,
        state,
        payer_ref: text("payer_ref"),
        reason,
    })
}
