//! Whatever is done, in whatever order, by two lines on two nodes at once: one standing mark a person and day, a whole
//! history, an unbroken chain, counts that agree, and no mark outside its time without an unlock.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::atomic::{AtomicU32, Ordering},
};

use chrono::{DateTime, Datelike as _, Duration, NaiveDate, Utc};
use daftari::{
    model::{
        CentreCode,
        season::{Act, DayShape, DeployedAs},
    },
    services::{
        closing,
        register::{
            self, Added, Answered, Changed, DayOf, NewPerson, Recorded, RegisterDraft, Unlocked, View, Wish,
        },
        season::calendar::day_of,
    },
    storage::register_audit,
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use sqlx::FromRow;
use uuid::Uuid;

use crate::ground::{Engine, Ground, Placed, SERIES, at, by, day, line, wish};

const PEOPLE: usize = 4;
/// The day that it is.
const TODAY: u32 = 0;

/// Something that somebody does.
#[derive(Debug, Clone)]
enum Deed {
    Record {
        on: u32,
        absent: u8,
        shape: DayShape,
        reason: bool,
        base: Base,
    },
    /// The last wish of this line once more: a repeat of the network, or of somebody who saw no answer.
    Again,
    Keep {
        on: u32,
        absent: u8,
    },
    Finish {
        on: u32,
    },
    Unlock {
        on: u32,
        hours: i64,
    },
    Lock {
        on: u32,
    },
    Add {
        on: u32,
    },
    Answer {
        accepted: bool,
    },
    Remove {
        who: usize,
    },
    Sign,
    Reopen,
}

/// What a wish was made from.
#[derive(Debug, Clone, Copy)]
enum Base {
    Nothing,
    Now,
    Before,
}

fn deed() -> impl Strategy<Value = Deed> {
    let on = || prop_oneof![3 => Just(TODAY), 2 => 2..5_u32];
    let shape =
        prop_oneof![6 => Just(DayShape::Full), 1 => Just(DayShape::Half), 1 => Just(DayShape::Closed)];
    let base = prop_oneof![4 => Just(Base::Nothing), 2 => Just(Base::Now), 1 => Just(Base::Before)];
    let record = (on(), 0..16_u8, shape, prop::bool::weighted(0.8), base)
        .prop_map(|(on, absent, shape, reason, base)| Deed::Record { on, absent, shape, reason, base });
    prop_oneof![
        20 => record,
        5 => Just(Deed::Again),
        3 => (on(), 0..16_u8).prop_map(|(on, absent)| Deed::Keep { on, absent }),
        3 => on().prop_map(|on| Deed::Finish { on }),
        4 => (on(), 1..60_i64).prop_map(|(on, hours)| Deed::Unlock { on, hours }),
        3 => on().prop_map(|on| Deed::Lock { on }),
        3 => on().prop_map(|on| Deed::Add { on }),
        4 => any::<bool>().prop_map(|accepted| Deed::Answer { accepted }),
        1 => (0..PEOPLE).prop_map(|who| Deed::Remove { who }),
        1 => Just(Deed::Sign),
        3 => Just(Deed::Reopen),
    ]
}

/// Deeds of one line, each some hours after the one before.
type Deeds = Vec<(i64, Deed)>;

fn deeds() -> impl Strategy<Value = Deeds> {
    prop::collection::vec((0..6_i64, deed()), 4..30)
}

/// One line at one node.
struct Line<'g> {
    ground: &'g Ground,
    node: usize,
    centre: &'g CentreCode,
    placed: &'g [Placed],
    last: Option<Wish>,
    /// Every reference that was told.
    told: Vec<String>,
}

impl Line<'_> {
    async fn act(&mut self, deeds: &[(i64, Deed)]) {
        let mut now = at(2, "05:00");
        for (hours, deed) in deeds {
            now += Duration::hours(*hours);
            self.one(deed, now).await;
        }
    }

    fn absent(&self, mask: u8) -> Vec<Placed> {
        let absent = self.placed.iter().enumerate().filter(|(n, _)| mask & (1 << n) != 0);
        absent.map(|(_, placed)| *placed).collect()
    }

    fn of(&self, on: u32) -> DayOf<'_> {
        DayOf { series: SERIES, centre: self.centre, on: day(on) }
    }

    async fn one(&mut self, deed: &Deed, now: DateTime<Utc>) {
        let today = day_of(now).day();
        let dated = |on: &u32| if *on == TODAY { today } else { *on };
        let deps = &self.ground.nodes[self.node];
        let number = line(self.node);
        let by = by(&number);
        match deed {
            Deed::Record { on, absent, shape, reason, base } => {
                let base_seq = self.base(*base).await;
                let reason = reason.then(|| "a reason".to_owned());
                let wish = Wish {
                    shape: *shape,
                    reason,
                    base_seq,
                    ..wish(self.centre, dated(on), &self.absent(*absent))
                };
                self.record(wish, now).await;
            }
            Deed::Again => {
                if let Some(wish) = self.last.clone() {
                    self.record(wish, now).await;
                }
            }
            Deed::Keep { on, absent } => {
                let base_seq = self.base(Base::Now).await;
                let wish = Wish { base_seq, ..wish(self.centre, dated(on), &self.absent(*absent)) };
                let mut tx = deps.store.begin().await.expect("a transaction");
                register::keep_draft(
                    &mut tx,
                    self.of(dated(on)),
                    &RegisterDraft::of(&wish, View::Numbers, now),
                )
                .await
                .expect("kept");
                tx.commit().await.expect("kept");
            }
            Deed::Finish { on } => {
                let mut tx = deps.store.read().await.expect("a read");
                let draft = register::draft(&mut tx, self.of(dated(on))).await.expect("a draft");
                drop(tx);
                if let Some(draft) = draft {
                    let wish =
                        Wish { reason: Some("from a draft".to_owned()), ..draft.wish(SERIES, self.centre) };
                    self.record(wish, now).await;
                }
            }
            Deed::Unlock { on, hours } => {
                let mut tx = deps.store.begin().await.expect("a transaction");
                let opened = (now + Duration::hours(*hours), "a letter");
                let done = register::unlock(&mut tx, deps, self.of(dated(on)), opened, &by, now)
                    .await
                    .expect("an answer");
                tx.commit().await.expect("kept");
                self.unlocked(done);
            }
            Deed::Lock { on } => {
                let mut tx = deps.store.begin().await.expect("a transaction");
                let done =
                    register::lock(&mut tx, deps, self.of(dated(on)), &by, now).await.expect("an answer");
                tx.commit().await.expect("kept");
                self.unlocked(done);
            }
            Deed::Add { on } => self.add(dated(on), now).await,
            Deed::Answer { accepted } => self.answer(*accepted, now).await,
            Deed::Remove { who } => {
                let mut tx = deps.store.begin().await.expect("a transaction");
                let sql = "UPDATE deployments SET removed_at = $1 WHERE id = $2 AND removed_at IS NULL";
                tx.query(sql)
                    .bind(now)
                    .bind(self.placed[*who].deployment.0)
                    .execute()
                    .await
                    .expect("removed");
                tx.commit().await.expect("kept");
            }
            Deed::Sign | Deed::Reopen => {
                let act = if matches!(deed, Deed::Sign) { Act::Sign } else { Act::Reopen };
                let mut tx = deps.store.begin().await.expect("a transaction");
                let changed = closing::act(&mut tx, deps, self.of(6), (act, None), &by, now).await;
                tx.commit().await.expect("kept");
                if let Changed::Done(entry) = changed.expect("an answer") {
                    self.told.push(entry.reference);
                }
            }
        }
    }

    async fn base(&self, base: Base) -> Option<i64> {
        let mut tx = self.ground.nodes[self.node].store.read().await.expect("a read");
        let (seq, _) =
            daftari::storage::registers::standing(&mut tx, SERIES, self.centre).await.expect("a head");
        match base {
            Base::Nothing => None,
            Base::Now => Some(seq),
            Base::Before => Some((seq - 2).max(0)),
        }
    }

    async fn record(&mut self, wish: Wish, now: DateTime<Utc>) {
        match self.ground.record_on(self.node, &wish, now).await {
            Recorded::Done { entry, day, .. } => {
                assert_eq!(day.shape, wish.shape);
                self.told.push(entry.reference);
            }
            Recorded::AlreadySo { reference, .. } => assert_eq!(reference.len(), 6),
            Recorded::Refused(_) => {}
        }
        self.last = Some(wish);
    }

    fn unlocked(&mut self, unlocked: Unlocked) {
        if let Unlocked::Done(entry) = unlocked {
            self.told.push(entry.reference);
        }
    }

    async fn add(&mut self, on: u32, now: DateTime<Utc>) {
        let deps = &self.ground.nodes[self.node];
        let new = NewPerson {
            series: SERIES.to_owned(),
            centre: self.centre.clone(),
            on: day(on),
            name: format!("Newcomer {}", self.node),
            role: DeployedAs::Driver,
            msisdn: None,
        };
        let number = line(self.node);
        let mut tx = deps.store.begin().await.expect("a transaction");
        let added = register::add_person(&mut tx, deps, &new, &by(&number), now).await.expect("an answer");
        tx.commit().await.expect("kept");
        if let Added::Done { entry, .. } = added {
            self.told.push(entry.reference);
        }
    }

    async fn answer(&mut self, accepted: bool, now: DateTime<Utc>) {
        let deps = &self.ground.nodes[self.node];
        let waiting = {
            let mut tx = deps.store.read().await.expect("a read");
            register::waiting_additions(&mut tx, SERIES, ("022", "Kikuyu")).await.expect("a list")
        };
        let here = waiting.into_iter().find(|one| one.centre == self.centre.as_str());
        let Some(one) = here else { return };
        let number = line(self.node);
        let said = (daftari::model::DeploymentId(one.deployment), accepted, None);
        let mut tx = deps.store.begin().await.expect("a transaction");
        let answered = register::answer_addition(&mut tx, deps, self.of(2), said, &by(&number), now).await;
        tx.commit().await.expect("kept");
        if let Answered::Done(entry) = answered.expect("an answer") {
            self.told.push(entry.reference);
        }
    }
}

#[derive(Debug, FromRow)]
struct MarkRow {
    deployment: Uuid,
    person: Uuid,
    on_day: NaiveDate,
    version: i64,
    present: bool,
    seq: i64,
    waits: bool,
    rejected: bool,
}

#[derive(Debug, FromRow)]
struct EntryRow {
    seq: i64,
    at: DateTime<Utc>,
    on_day: NaiveDate,
    act: Act,
    reason: Option<String>,
    opened_until: Option<DateTime<Utc>>,
    shape: Option<DayShape>,
    reference: String,
}

/// What is stored of a register, read without the ledger's own code.
struct Stored {
    marks: Vec<MarkRow>,
    entries: Vec<EntryRow>,
    days: Vec<(NaiveDate, String, String, i64, i64, i64)>,
    head: i64,
}

async fn stored(ground: &Ground, centre: &CentreCode) -> Stored {
    let mut tx = ground.read().await;
    let marks = tx
        .query(
            "SELECT m.deployment, d.person, m.on_day, m.version, m.present, m.seq,
                d.origin = 'added' AND d.accepted IS NULL AS waits, COALESCE(d.accepted = FALSE, FALSE) AS rejected
             FROM marks m JOIN deployments d ON d.id = m.deployment WHERE d.centre = $1
             ORDER BY m.deployment, m.on_day, m.version",
        )
        .bind(centre.as_str())
        .all()
        .await
        .expect("marks");
    let entries = tx
        .query(
            "SELECT seq, at, on_day, act, reason, opened_until, shape, reference FROM register_entries
             WHERE centre = $1 ORDER BY seq",
        )
        .bind(centre.as_str())
        .all()
        .await
        .expect("entries");
    let days = tx
        .query("SELECT on_day, state, shape, present, absent, added FROM register_days WHERE centre = $1")
        .bind(centre.as_str())
        .all()
        .await
        .expect("days");
    let head: Option<(i64,)> = tx
        .query("SELECT seq FROM registers WHERE centre = $1")
        .bind(centre.as_str())
        .optional()
        .await
        .expect("a head");
    Stored { marks, entries, days, head: head.map_or(0, |(seq,)| seq) }
}

impl Stored {
    /// Every act is told once and kept once, and the chain counts them.
    fn every_act_is_kept_once(&self, told: &[String]) {
        let kept: BTreeSet<&str> = self.entries.iter().map(|entry| entry.reference.as_str()).collect();
        let told_once: BTreeSet<&str> = told.iter().map(String::as_str).collect();
        assert_eq!((kept.len(), told.len()), (self.entries.len(), told_once.len()), "no reference twice");
        assert_eq!(kept, told_once);
        let seqs: Vec<i64> = self.entries.iter().map(|entry| entry.seq).collect();
        assert_eq!(seqs, (1..=self.head).collect::<Vec<_>>());
    }

    /// Versions run from 1, each says something else than the one before, and each was made by an act on that day.
    fn histories_are_whole(&self) {
        for (n, mark) in self.marks.iter().enumerate() {
            let before = n.checked_sub(1).map(|n| &self.marks[n]);
            let before = before.filter(|b| (b.deployment, b.on_day) == (mark.deployment, mark.on_day));
            assert_eq!(mark.version, before.map_or(0, |before| before.version) + 1, "{mark:?}");
            assert!(
                before.is_none_or(|before| before.present != mark.present && before.seq < mark.seq),
                "{mark:?}"
            );
            let entry = self.entries.iter().find(|entry| entry.seq == mark.seq).expect("an act");
            assert_eq!(entry.on_day, mark.on_day);
            assert!(matches!(entry.act, Act::Submit | Act::Correct | Act::Add), "{entry:?}");
        }
    }

    /// Each act that marks lies in the day's hours, or is late with a reason, or lies under an unlock.
    fn nothing_is_marked_outside_its_time(&self) {
        for entry in &self.entries {
            let opens = entry.on_day.and_hms_opt(3, 0, 0).expect("06:00 in Nairobi").and_utc();
            let (closes, missed) = (opens + Duration::hours(14), opens + Duration::hours(-6 + 4 * 24));
            let inside = opens <= entry.at && entry.at < closes;
            let mut before =
                self.entries.iter().rev().filter(|e| e.seq < entry.seq && e.on_day == entry.on_day);
            let was_submitted = before.clone().any(|e| matches!(e.act, Act::Submit));
            let latch = before.find(|e| matches!(e.act, Act::Unlock | Act::Lock));
            let unlocked = latch.is_some_and(|e| e.opened_until.is_some_and(|until| entry.at < until));
            let late = !was_submitted && closes <= entry.at && entry.at < missed;
            let reasoned = entry.reason.is_some();
            match entry.act {
                Act::Submit => assert!(inside || (reasoned && (late || unlocked)), "{entry:?}"),
                Act::Correct => assert!(reasoned && (inside || unlocked), "{entry:?}"),
                Act::Add => assert!(inside || late || unlocked, "{entry:?}"),
                _ => {}
            }
        }
    }

    /// The marks that stand: the last of each person's day.
    fn standing(&self) -> Vec<&MarkRow> {
        let mut standing = BTreeMap::new();
        for mark in &self.marks {
            standing.insert((mark.deployment, mark.on_day), mark);
        }
        standing.into_values().collect()
    }

    fn shape(&self, on: NaiveDate) -> Option<DayShape> {
        self.entries.iter().rev().filter(|entry| entry.on_day == on).find_map(|entry| entry.shape)
    }

    /// The rows of days say what the marks come to.
    fn days_agree(&self) {
        let submitted: BTreeSet<NaiveDate> =
            self.entries.iter().filter(|e| e.act == Act::Submit).map(|e| e.on_day).collect();
        for (on, state, shape, present, absent, added) in &self.days {
            assert_eq!(state == "submitted", submitted.contains(on));
            assert_eq!(shape, self.shape(*on).unwrap_or(DayShape::Full).word());
            let held = shape != "closed";
            let count = |pick: &dyn Fn(&MarkRow) -> bool| {
                let picked =
                    self.standing().into_iter().filter(|m| held && m.on_day == *on && !m.rejected && pick(m));
                i64::try_from(picked.count()).expect("a count")
            };
            assert_eq!(*present, count(&|m| m.present && !m.waits), "{on}");
            assert_eq!(*absent, count(&|m| !m.present), "{on}");
            assert_eq!(*added, count(&|m| m.present && m.waits), "{on}");
        }
        let told: BTreeSet<NaiveDate> = self.days.iter().map(|day| day.0).collect();
        assert!(submitted.is_subset(&told));
    }

    /// The days that pay counts, by person.
    fn paid(&self) -> BTreeMap<Uuid, (i64, i64)> {
        let mut paid = BTreeMap::new();
        for mark in self.standing().into_iter().filter(|m| m.present && !m.waits && !m.rejected) {
            let hundredths = match self.shape(mark.on_day) {
                Some(DayShape::Full) => 100,
                Some(DayShape::Half) => 40,
                Some(DayShape::Closed) | None => continue,
            };
            // A person is at one place here, so each mark is a day of its own.
            let sum: &mut (i64, i64) = paid.entry(mark.person).or_default();
            sum.0 += 1;
            sum.1 += hundredths;
        }
        paid
    }
}

async fn all_holds(ground: &Ground, centre: &CentreCode, told: &[String]) {
    let verified = register_audit::verify(&mut ground.read().await, &[]).await.expect("a verification");
    assert!(verified.is_ok(), "{verified:?}");
    let stored = stored(ground, centre).await;
    stored.every_act_is_kept_once(told);
    stored.histories_are_whole();
    stored.nothing_is_marked_outside_its_time();
    stored.days_agree();
    let people: BTreeSet<Uuid> = stored.marks.iter().map(|mark| mark.person).collect();
    let paid = stored.paid();
    for person in people {
        let mut tx = ground.read().await;
        let counted =
            register::days_counted(&mut tx, daftari::model::PersonId(person), SERIES).await.expect("days");
        let sum = counted.iter().fold((0, 0), |sum, one| (sum.0 + one.days, sum.1 + one.hundredths));
        assert_eq!(sum, paid.get(&person).copied().unwrap_or_default());
    }
}

/// Many cases on one database, each with a centre of its own.
fn many(engine: Engine, cases: u32) {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime");
    let ground = runtime.block_on(async {
        let ground = Ground::open(engine).await;
        for role in [DeployedAs::Invigilator, DeployedAs::Driver] {
            ground.rate(role, 1, (500, 40)).await;
        }
        ground
    });
    let next = AtomicU32::new(10_000_000);
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 60, ..Config::default() };
    let run = |(one, two): (Deeds, Deeds)| {
        runtime.block_on(async {
            let centre = ground.centre(&next.fetch_add(1, Ordering::Relaxed).to_string()).await;
            let placed = ground.people(SERIES, &centre, PEOPLE).await;
            let line = |node| Line {
                ground: &ground,
                node,
                centre: &centre,
                placed: &placed,
                last: None,
                told: vec![],
            };
            let (mut here, mut there) = (line(0), line(1));
            tokio::join!(here.act(&one), there.act(&two));
            let told = [here.told, there.told].concat();
            all_holds(&ground, &centre, &told).await;
        });
        Ok(())
    };
    TestRunner::new(config).run(&(deeds(), deeds()), run).expect("everything holds");
    // What was never done proves nothing.
    let acts: Vec<(String, i64)> = runtime.block_on(async {
        let sql = "SELECT act, COUNT(*) FROM register_entries GROUP BY act ORDER BY act";
        ground.read().await.query(sql).all().await.expect("acts")
    });
    println!("{acts:?}");
    assert_eq!(acts.len(), 9, "every act but the countersignature");
    let again = "SELECT COUNT(*) FROM marks WHERE version > 2";
    assert!(runtime.block_on(ground.count(again)) > 20, "marks were changed again and again");
}

mod two_lines_on_two_nodes_leave_a_ledger_that_holds {
    use super::*;

    #[test]
    fn embedded() {
        many(Engine::Embedded, 120);
    }

    #[test]
    fn postgres() {
        many(Engine::Postgres, 50);
    }
}
