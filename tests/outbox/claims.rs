//! Many workers, and workers that die.

use std::{collections::HashSet, sync::Arc};

use chrono::Duration;
use daftari::model::message::Fate;

use crate::{
    bench::{Bench, line, reported, route, until_idle},
    fakes::{Gate, Scripted, failed},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_workers_send_each_of_500_messages_once() {
    for bench in Bench::both().await {
        for number in 0..500 {
            bench.queue(number % 100).await;
        }
        let workers = [(); 2].map(|()| Arc::new(bench.worker()));
        let running = workers.clone().map(|worker| tokio::spawn(async move { until_idle(&worker).await }));
        let mut sent_by = vec![];
        for run in running {
            sent_by.push(run.await.expect("a worker goes on"));
        }
        assert_eq!(sent_by.iter().sum::<usize>(), 500, "{sent_by:?}");
        let ids: HashSet<String> = bench.sim.all_since(0).into_iter().map(|sent| sent.id).collect();
        assert_eq!(ids.len(), 500);
        workers[0].turn().await;
        let delivered =
            "SELECT CAST(COUNT(*) AS BIGINT) FROM messages WHERE fate = 'delivered' AND attempts = 1";
        assert_eq!(bench.count(delivered).await, 500);
    }
}

/// A worker that dies after it has handed two messages to its route.
async fn dead_worker(bench: &Bench) {
    let gate = Gate::new();
    let worker = Arc::new(bench.worker_over(vec![route("sim", gate.clone(), 10)]));
    let turn = tokio::spawn(async move { worker.turn().await });
    gate.has_taken(2).await;
    turn.abort();
    assert!(turn.await.expect_err("it was killed").is_cancelled());
}

#[tokio::test]
async fn what_a_dead_worker_may_have_sent_is_looked_for_before_it_is_sent_again() {
    for bench in Bench::both().await {
        bench.queue(10).await;
        bench.queue(11).await;
        dead_worker(&bench).await;
        let heir = bench.worker();
        assert_eq!(heir.turn().await, 0, "the claims still hold");
        bench.report(reported("gone-1", 10, "Success", Some(Fate::Delivered))).await;
        bench.pass(Duration::seconds(61));
        assert_eq!(heir.turn().await, 1);
        assert!(bench.sim.sent_to(&line(10)).is_empty(), "its report tells that it was sent");
        assert_eq!(bench.sim.sent_to(&line(11)).len(), 1);
        assert_eq!(bench.fate(10).await, (Fate::Delivered, None));
        assert_eq!(bench.fate(11).await, (Fate::Delivered, None));
    }
}

#[tokio::test]
async fn a_stray_report_that_may_be_anothers_is_waited_for() {
    for bench in Bench::both().await {
        let unclear = Scripted::new([failed(true, true)]);
        let worker = bench.worker_over(vec![route("sim", unclear.clone(), 10)]);
        bench.queue(10).await;
        worker.turn().await;
        bench.pass(Duration::seconds(73));
        let gate = Gate::new();
        let slow = bench.worker_over(vec![route("sim", gate.clone(), 1)]);
        let second = bench.queue(10).await;
        bench.spoil("UPDATE messages SET priority = 0 WHERE attempts = 0").await;
        tokio::join!(slow.turn(), async {
            gate.has_taken(1).await;
            bench.report(reported("gate-254700000010", 10, "Success", Some(Fate::Delivered))).await;
            bench.pass(Duration::seconds(1));
            assert_eq!(worker.turn().await, 0, "the report may be the second message's, and is");
            gate.answer(1);
        });
        let fates = bench.messages_to(&line(10)).await;
        let delivered: Vec<_> = fates.iter().filter(|m| m.fate == Fate::Delivered).map(|m| m.id).collect();
        assert_eq!(delivered, [second]);
        assert_eq!(worker.turn().await, 1, "the first one was never sent");
        assert_eq!(unclear.asked().len(), 2);
    }
}

#[tokio::test]
async fn a_verdict_after_the_claim_lapsed_still_counts() {
    for bench in Bench::both().await {
        let gate = Gate::new();
        let slow = bench.worker_over(vec![route("sim", gate.clone(), 10)]);
        let busy = Scripted::new([failed(true, false)]);
        let heir = bench.worker_over(vec![route("sim", busy.clone(), 10)]);
        bench.queue(10).await;
        tokio::join!(slow.turn(), async {
            gate.has_taken(1).await;
            bench.pass(Duration::seconds(61));
            assert_eq!(heir.turn().await, 1, "it has taken over, and the route was busy");
            gate.answer(1);
        });
        bench.pass(Duration::seconds(37));
        assert_eq!(heir.turn().await, 0, "the first worker's word is found");
        assert_eq!(bench.fate(10).await, (Fate::Sent, None));
        assert_eq!(busy.asked().len(), 1);
    }
}

#[tokio::test]
async fn a_verdict_is_kept_while_the_database_is_away() {
    for bench in Bench::both().await {
        let gate = Gate::new();
        let worker = bench.worker_over(vec![route("gate", gate.clone(), 10)]);
        bench.queue(10).await;
        tokio::join!(worker.turn(), async {
            gate.has_taken(1).await;
            bench.spoil("ALTER TABLE messages RENAME TO away").await;
            let before = bench.deps.store.count().transactions();
            gate.answer(1);
            while bench.deps.store.count().transactions() < before + 2 {
                tokio::task::yield_now().await;
            }
            bench.spoil("ALTER TABLE away RENAME TO messages").await;
        });
        assert_eq!(bench.fate(10).await, (Fate::Sent, None));
    }
}

#[tokio::test]
async fn what_is_not_begun_at_a_soft_stop_is_given_back() {
    for bench in Bench::both().await {
        bench.queue(10).await;
        bench.life.stop();
        assert_eq!(bench.worker().turn().await, 1, "claimed just before the stop was seen");
        assert!(bench.sim.sent_to(&line(10)).is_empty());
        let given_back = "SELECT CAST(COUNT(*) AS BIGINT) FROM messages
            WHERE fate = 'queued' AND attempts = 0 AND claimed_by IS NULL AND unclear_since IS NULL";
        assert_eq!(bench.count(given_back).await, 1);
    }
}
