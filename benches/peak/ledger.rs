//! What phones were told against what is in the ledger, and how long their hops took.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{BufRead as _, BufReader},
    path::Path,
};

use serde::Deserialize;
use sqlx::{PgConnection, query_as};

/// A line of what `simulate --keep` has kept.
#[derive(Deserialize)]
struct Kept {
    step: String,
    ms: Option<f64>,
    text: String,
}

/// What phones were told.
#[derive(Default)]
pub struct Told {
    /// Every reference, from screens and receipts.
    pub references: BTreeSet<String>,
    /// Times in milliseconds of hops with a PIN, and of all others.
    pub sign_ins: Vec<f64>,
    pub others: Vec<f64>,
    /// Hops with a PIN, also those that went out twice.
    pub pins: u64,
}

impl Told {
    /// Read what was kept.
    pub fn read(file: &Path) -> anyhow::Result<Self> {
        let mut told = Self::default();
        for line in BufReader::new(File::open(file)?).lines() {
            let Kept { step, ms, text } = serde_json::from_str(&line?)?;
            told.references.extend(reference(&text));
            let is_sign_in = step == "type {post_pin}";
            told.pins += u64::from(is_sign_in);
            let times = if is_sign_in { &mut told.sign_ins } else { &mut told.others };
            times.extend(ms);
        }
        told.sign_ins.sort_by(f64::total_cmp);
        told.others.sort_by(f64::total_cmp);
        Ok(told)
    }
}

/// The reference in a screen or a receipt.
fn reference(text: &str) -> Option<String> {
    let before = ["Reference ", "Kumbukumbu ", "Ref "];
    let (_, after) = before.into_iter().find_map(|before| text.split_once(before))?;
    let reference: String = after.chars().take_while(char::is_ascii_alphanumeric).collect();
    (!reference.is_empty()).then_some(reference)
}

/// A percentile of sorted figures.
pub fn percentile(sorted: &[f64], share: f64) -> f64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place"
    )]
    let at = (share * sorted.len() as f64) as usize;
    sorted.get(at.min(sorted.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}

/// What is in the ledger.
pub struct Ledger {
    pub registers: i64,
    pub marks: i64,
    /// References that somebody was told and that no act has.
    pub lost: usize,
    /// Centres with more acts than one.
    pub doubled: usize,
    /// Registers whose counts are not those of their marks, or not of everybody.
    pub wrong: i64,
}

impl Ledger {
    /// Hold what was told against it.
    pub async fn of(db: &mut PgConnection, told: &Told, people: usize) -> anyhow::Result<Self> {
        let acts: Vec<(String, String)> =
            query_as("SELECT centre, reference FROM register_entries").fetch_all(&mut *db).await?;
        let mut of_centre = BTreeMap::<&str, usize>::new();
        for (centre, _) in &acts {
            *of_centre.entry(centre).or_default() += 1;
        }
        let known: BTreeSet<&str> = acts.iter().map(|(_, reference)| reference.as_str()).collect();
        let (registers, wrong): (i64, i64) = query_as(
            "SELECT COUNT(*), COUNT(*) FILTER (WHERE d.present <> m.present OR d.absent <> m.all - m.present OR m.all <> $1)
             FROM register_days d JOIN (SELECT p.centre, COUNT(*) AS all, COUNT(*) FILTER (WHERE m.present) AS present
                FROM marks m JOIN deployments p ON p.id = m.deployment GROUP BY p.centre) m USING (centre)",
        )
        .bind(i64::try_from(people)?)
        .fetch_one(&mut *db)
        .await?;
        let (marks,): (i64,) = query_as("SELECT COUNT(*) FROM marks").fetch_one(db).await?;
        Ok(Self {
            registers,
            marks,
            lost: told.references.iter().filter(|reference| !known.contains(reference.as_str())).count(),
            doubled: of_centre.values().filter(|acts| **acts > 1).count(),
            wrong,
        })
    }
}
