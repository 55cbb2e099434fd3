//! Reports before the verdict, twice, out of order, of words never seen before, and about nobody's message.

use std::sync::Arc;

use chrono::Duration;
use daftari::{
    gateways::{DeliveryReport, OptOut, simulator::Behaviour},
    model::message::{Fate, RefusalReason},
    services::messaging,
    storage::{
        Dialect,
        outbox::Claim,
        reports::{self, NewReport},
        verdicts,
    },
};
use tokio::task::JoinHandle;

use crate::{
    bench::{Bench, line, reported, route},
    fakes::{Gate, Scripted, accepted, failed},
};

#[tokio::test]
async fn a_report_before_the_verdict_is_not_lost() {
    for bench in Bench::both().await {
        let gate = Gate::new();
        let worker = bench.worker_over(vec![route("gate", gate.clone(), 10)]);
        bench.queue(10).await;
        tokio::join!(worker.turn(), async {
            gate.has_taken(1).await;
            bench.report(reported("gate-254700000010", 10, "Success", Some(Fate::Delivered))).await;
            assert_eq!(bench.fate(10).await, (Fate::Queued, None));
            gate.answer(1);
        });
        assert_eq!(bench.fate(10).await, (Fate::Delivered, None));
    }
}

/// A message that a gate has taken and is about to accept, and what it will be reported as.
async fn taken(bench: &Bench) -> (Arc<Gate>, JoinHandle<usize>, DeliveryReport) {
    let gate = Gate::new();
    let worker = bench.worker_over(vec![route("gate", gate.clone(), 10)]);
    bench.queue(10).await;
    let turn = tokio::spawn(async move { worker.turn().await });
    gate.has_taken(1).await;
    (gate, turn, reported("gate-254700000010", 10, "Success", Some(Fate::Delivered)))
}

/// Wait until a task is through, or waits for the unit of work that the test has open.
async fn is_through_or_waits<T>(bench: &Bench, task: &JoinHandle<T>, begun_before: u64) {
    let waiting = "SELECT CAST(COUNT(*) AS BIGINT) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
        WHERE d.datname = current_database() AND NOT l.granted";
    while !task.is_finished() {
        let waits = match bench.deps.store.dialect() {
            Dialect::Sqlite => bench.deps.store.count().transactions() > begun_before,
            Dialect::Postgres => bench.count(waiting).await > 0,
        };
        if waits {
            return;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_verdict_recorded_while_the_report_is_being_stored_sees_it() {
    for bench in Bench::both().await {
        let (gate, turn, report) = taken(&bench).await;
        let mut tx = bench.deps.store.begin().await.expect("a transaction");
        let new = NewReport {
            provider: "simulator",
            provider_id: &report.provider_id,
            status: &report.status,
            news: report.news,
            reason: None,
            detail: None,
            msisdn: report.msisdn.as_ref(),
            received_at: bench.deps.clock.now(),
        };
        reports::take_in(&mut tx, &new).await.expect("it is stored");
        let begun = bench.deps.store.count().transactions();
        gate.answer(1);
        is_through_or_waits(&bench, &turn, begun).await;
        tx.commit().await.expect("it is committed");
        turn.await.expect("the worker goes on");
        assert_eq!(bench.fate(10).await, (Fate::Delivered, None));
    }
}

#[tokio::test]
async fn a_report_stored_while_the_verdict_is_being_recorded_is_applied() {
    for bench in Bench::both().await {
        let (gate, turn, report) = taken(&bench).await;
        let mut tx = bench.deps.store.begin().await.expect("a transaction");
        let row = "SELECT claimed_by, claimed_until FROM messages";
        let (worker, until) = tx.query(row).one().await.expect("it is claimed");
        let (route, provider) = ("gate".to_owned(), "simulator".to_owned());
        let id = bench.messages_to(&line(10)).await[0].id;
        let claim = Claim { id, worker, until, route, provider, attempt: 1 };
        reports::hold(&mut tx, "simulator", &report.provider_id).await.expect("it is held");
        let sent = verdicts::sent(&mut tx, &claim, &report.provider_id, None, bench.deps.clock.now()).await;
        assert_eq!(sent.expect("it is recorded"), Some(Fate::Sent));
        let (deps, begun) = (bench.deps.clone(), bench.deps.store.count().transactions());
        let stored = tokio::spawn(async move { messaging::report(&deps, "simulator", &report).await });
        is_through_or_waits(&bench, &stored, begun).await;
        tx.commit().await.expect("it is committed");
        stored.await.expect("no panic").expect("it is stored");
        assert_eq!(bench.fate(10).await, (Fate::Delivered, None));
        gate.answer(1);
        turn.await.expect("the worker goes on");
        assert_eq!(bench.fate(10).await, (Fate::Delivered, None), "its own verdict comes too late to matter");
    }
}

#[tokio::test]
async fn a_second_report_changes_nothing() {
    for bench in Bench::both().await {
        let worker = bench.worker_over(vec![route("r", Scripted::new([accepted("id-1")]), 10)]);
        bench.queue(10).await;
        worker.turn().await;
        let events = "SELECT CAST(COUNT(*) AS BIGINT) FROM message_events";
        bench.report(reported("id-1", 10, "Success", Some(Fate::Delivered))).await;
        let before = bench.count(events).await;
        bench.report(reported("id-1", 10, "Success", Some(Fate::Delivered))).await;
        assert_eq!(bench.count(events).await, before);
        bench.report(reported("id-1", 10, "Failed", Some(Fate::Refused))).await;
        bench.report(reported("id-1", 10, "Sent", Some(Fate::Sent))).await;
        assert_eq!(bench.fate(10).await, (Fate::Delivered, None), "a phone that has it has it");
        assert_eq!(bench.count("SELECT CAST(COUNT(*) AS BIGINT) FROM delivery_reports").await, 3);
    }
}

#[tokio::test]
async fn a_bad_report_says_why_and_a_late_good_one_is_believed() {
    for bench in Bench::both().await {
        let worker = bench.worker_over(vec![route("r", Scripted::new([accepted("id-1")]), 10)]);
        bench.queue(10).await;
        worker.turn().await;
        bench.report(reported("id-1", 10, "Buffered", Some(Fate::Sent))).await;
        bench.report(reported("id-1", 10, "Failed", Some(Fate::Refused))).await;
        assert_eq!(bench.fate(10).await, (Fate::Refused, Some(RefusalReason::PhoneAway)));
        bench.report(reported("id-1", 10, "Success", Some(Fate::Delivered))).await;
        assert_eq!(bench.fate(10).await, (Fate::Delivered, None));
    }
}

#[tokio::test]
async fn a_word_never_seen_before_is_stored_and_changes_nothing() {
    for bench in Bench::both().await {
        let worker = bench.worker_over(vec![route("r", Scripted::new([accepted("id-1")]), 10)]);
        bench.queue(10).await;
        worker.turn().await;
        bench.report(reported("id-1", 10, "Teleported", None)).await;
        assert_eq!(bench.fate(10).await, (Fate::Sent, None));
        let stored = "SELECT CAST(COUNT(*) AS BIGINT) FROM delivery_reports
            WHERE status = 'Teleported' AND news IS NULL AND matched";
        assert_eq!(bench.count(stored).await, 1);
    }
}

#[tokio::test]
async fn an_unclear_message_that_was_taken_is_not_sent_twice() {
    for bench in Bench::both().await {
        bench.sim.behave(&line(10), Behaviour::Unclear(1));
        bench.queue(10).await;
        let worker = bench.worker();
        worker.turn().await;
        assert_eq!(bench.fate(10).await, (Fate::Queued, None));
        bench.pass(Duration::seconds(59));
        assert_eq!(worker.turn().await, 0, "it waits for its report");
        bench.pass(Duration::seconds(14));
        assert_eq!(worker.turn().await, 0, "the report tells that it was sent");
        assert_eq!(bench.fate(10).await, (Fate::Delivered, None));
        assert_eq!(bench.sim.sent_to(&line(10)).len(), 1);
    }
}

#[tokio::test]
async fn an_unclear_message_without_a_report_is_sent_again() {
    for bench in Bench::both().await {
        let gateway = Scripted::new([failed(true, true), accepted("id-2")]);
        let worker = bench.worker_over(vec![route("r", gateway.clone(), 10)]);
        bench.queue(10).await;
        worker.turn().await;
        bench.report(reported("old", 11, "Success", Some(Fate::Delivered))).await;
        bench.pass(Duration::seconds(73));
        assert_eq!(worker.turn().await, 1);
        assert_eq!(gateway.asked().len(), 2);
        assert_eq!(bench.fate(10).await, (Fate::Sent, None));
    }
}

#[tokio::test]
async fn an_unclear_message_that_grew_too_old_is_delivered_if_its_report_came() {
    for bench in Bench::both().await {
        bench.sim.behave(&line(10), Behaviour::Unclear(1));
        bench.queue(10).await;
        let worker = bench.worker();
        worker.turn().await;
        bench.pass(Duration::hours(2));
        worker.turn().await;
        assert_eq!(bench.fate(10).await, (Fate::Delivered, None));
    }
}

#[tokio::test]
async fn a_route_that_uses_an_id_twice_spoils_nothing() {
    for bench in Bench::both().await {
        let gateway = Scripted::new([accepted("same"), accepted("same"), accepted("other")]);
        let worker = bench.worker_over(vec![route("r", gateway, 10)]);
        for end in [10, 11, 12] {
            bench.queue(end).await;
        }
        worker.turn().await;
        for end in [10, 11, 12] {
            assert_eq!(bench.fate(end).await, (Fate::Sent, None));
        }
    }
}

#[tokio::test]
async fn an_opt_out_is_kept_once() {
    for bench in Bench::both().await {
        let wish = OptOut { sender: "EXAMS".to_owned(), msisdn: line(10) };
        for _ in 0..3 {
            messaging::opt_out(&bench.deps, &wish).await.expect("it is kept");
            bench.pass(Duration::minutes(1));
        }
        assert_eq!(bench.count("SELECT CAST(COUNT(*) AS BIGINT) FROM opt_outs").await, 1);
    }
}
