//! What a drill came to: what phones were told against what is in the ledger.

use std::{collections::BTreeMap, fmt};

use super::phone::{Asked, reference};
use crate::town::Town;

/// An act of the ledger.
#[derive(sqlx::FromRow)]
struct Act {
    centre: String,
    #[sqlx(rename = "act")]
    kind: String,
    reference: String,
}

/// A day of a register, with its receipts.
#[derive(sqlx::FromRow)]
struct Day {
    centre: String,
    present: i64,
    absent: i64,
    marks: i64,
}

/// What was found.
#[derive(Default)]
pub struct Count {
    pub kills: usize,
    pub hops: usize,
    pub registers: usize,
    pub on_screens: usize,
    pub in_receipts: usize,
    /// References that somebody was told and that no act of the centre has.
    pub lost: Vec<String>,
    /// Acts that nobody asked for.
    pub doubled: Vec<String>,
    /// Days that stand otherwise than they were marked, and acts with no receipt or with two.
    pub wrong: Vec<String>,
}

impl Count {
    /// Hold what everybody was told against the ledger.
    pub async fn of(town: &Town, marked: &[(Asked, Vec<String>)], receipts: &[(String, String)]) -> Self {
        let mut tx = town.app().deps.store.read().await.expect("a read");
        let acts: Vec<Act> = tx
            .query("SELECT centre, act, reference FROM register_entries ORDER BY centre, seq")
            .all()
            .await
            .expect("acts");
        let days: Vec<Day> = tx
            .query(
                "SELECT d.centre, d.present, d.absent, (SELECT COUNT(*) FROM deployments p, marks m
                    WHERE p.centre = d.centre AND m.deployment = p.id AND m.version = 1) AS marks
                 FROM register_days d",
            )
            .all()
            .await
            .expect("days");
        let promised: Vec<(String, i64)> = tx
            .query("SELECT msisdn, COUNT(*) FROM messages WHERE purpose LIKE 'receipt%' GROUP BY msisdn")
            .all()
            .await
            .expect("receipts");
        let promised: BTreeMap<String, i64> = promised.into_iter().collect();
        let mut count = Self { registers: marked.len(), ..Self::default() };
        for (asked, confirmed) in marked {
            let of_centre: Vec<&Act> = acts.iter().filter(|act| act.centre == asked.centre).collect();
            let came = receipts.iter().filter(|(to, _)| *to == asked.number);
            let came: Vec<String> = came.filter_map(|(_, text)| reference(text)).collect();
            count.on_screens += confirmed.len();
            count.in_receipts += came.len();
            count.hold(asked, &of_centre, confirmed.iter().chain(&came));
            let receipts = promised.get(&asked.number).copied().unwrap_or(0);
            if usize::try_from(receipts).ok() != Some(of_centre.len()) {
                count.wrong.push(format!(
                    "{}: {receipts} receipts for {} acts",
                    asked.centre,
                    of_centre.len()
                ));
            }
            let (present, absent) = asked.counts();
            let stands = days.iter().filter(|day| day.centre == asked.centre);
            let stands: Vec<[i64; 3]> = stands.map(|day| [day.present, day.absent, day.marks]).collect();
            let wanted = [present, absent, present + absent].map(|n| i64::try_from(n).expect("few"));
            if stands != [wanted] {
                count.wrong.push(format!("{}: {stands:?}, and {wanted:?} is wanted", asked.centre));
            }
        }
        count
    }

    fn hold<'a>(&mut self, asked: &Asked, acts: &[&Act], told: impl Iterator<Item = &'a String>) {
        for told in told {
            if acts.iter().filter(|act| act.reference == *told).count() != 1 {
                self.lost.push(format!("{} {told}", asked.centre));
            }
        }
        let kinds: Vec<&str> = acts.iter().map(|act| act.kind.as_str()).collect();
        if kinds != ["submit", "correct"][..asked.acts()] {
            self.doubled.push(format!("{}: {kinds:?}", asked.centre));
        }
    }

    pub fn is_right(&self) -> bool {
        self.lost.is_empty() && self.doubled.is_empty() && self.wrong.is_empty()
    }
}

impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (what, n) in [
            ("kills", self.kills),
            ("hops answered", self.hops),
            ("registers marked", self.registers),
            ("references on screens", self.on_screens),
            ("references in receipts", self.in_receipts),
            ("lost", self.lost.len()),
            ("acts that nobody asked for, or too few", self.doubled.len()),
            ("days that stand otherwise", self.wrong.len()),
        ] {
            writeln!(f, "  {what:<40} {n:>7}")?;
        }
        let told = [&self.lost, &self.doubled, &self.wrong];
        told.into_iter().flatten().take(20).try_for_each(|told| writeln!(f, "    {told}"))
    }
}
