//! What is wiped when its time is over.

use chrono::Duration;
use daftari::{
    model::message::Fate,
    services::{inbound, retention},
};

use crate::bench::{Bench, line};

const BODIES: &str = "SELECT CAST(COUNT(body) AS BIGINT) FROM messages";
const TEXTS: &str = "SELECT CAST(COUNT(text) AS BIGINT) FROM inbound_messages";
const REPORTS: &str = "SELECT CAST(COUNT(*) AS BIGINT) FROM delivery_reports";
const SECONDS: &str = "SELECT CAST(COUNT(*) AS BIGINT) FROM route_seconds";

async fn sweep(bench: &Bench) -> Option<u64> {
    retention::sweep(&bench.deps).await.expect("it is wiped")
}

#[tokio::test]
async fn bodies_are_wiped_after_90_days_and_fates_stay() {
    for bench in Bench::both().await {
        let sms = daftari::gateways::InboundSms {
            provider_id: "in-1".to_owned(),
            from: "254700000010".to_owned(),
            to: "20880".to_owned(),
            text: "HELP".to_owned().into(),
            at: None,
            network: None,
            link_id: None,
        };
        inbound::receive(&bench.deps, &bench.menus, "africastalking", &sms).await.expect("it is taken in");
        bench.worker().turn().await;
        bench.pass(Duration::days(89));
        assert_eq!(sweep(&bench).await, Some(1), "only the route's second");
        assert_eq!((bench.count(BODIES).await, bench.count(TEXTS).await), (1, 1));
        assert_eq!(bench.count(SECONDS).await, 0);
        bench.pass(Duration::days(2));
        bench.queue(11).await;
        assert_eq!(sweep(&bench).await, Some(3), "a body, a text and a report");
        assert_eq!((bench.count(BODIES).await, bench.count(TEXTS).await), (1, 0));
        assert_eq!(bench.count(REPORTS).await, 0);
        assert_eq!(bench.messages_to(&line(10)).await[0].fate, Fate::Delivered);
    }
}

#[tokio::test]
async fn a_sweep_is_done_once_an_hour_over_all_nodes() {
    for bench in Bench::both().await {
        let (one, other) = tokio::join!(sweep(&bench), sweep(&bench));
        assert_eq!([one, other].iter().flatten().count(), 1);
        bench.pass(Duration::minutes(59));
        assert_eq!(sweep(&bench).await, None);
        bench.pass(Duration::minutes(1));
        assert_eq!(sweep(&bench).await, Some(0));
    }
}

#[tokio::test]
async fn sessions_and_drafts_go_when_their_time_is_over() {
    for bench in Bench::both().await {
        for row in [
            "INSERT INTO journal (provider, session_id, mark, action, claimed_at)
             VALUES ('p', 's', '1', 'sign_in', '2026-03-02T06:00:00+00:00')",
            "INSERT INTO drafts (msisdn, kind, sealed, sealed_key, expires_at)
             VALUES ('+254700000010', 'k', '1', 'f1', '2026-03-03T06:00:00+00:00')",
            "INSERT INTO session_ends (provider, session_id, status, received_at)
             VALUES ('p', 's', 'Success', '2025-12-03T20:00:00+00:00')",
        ] {
            let row = match bench.deps.store.dialect() {
                daftari::storage::Dialect::Sqlite => row.replace("'1'", "x'01'"),
                daftari::storage::Dialect::Postgres => row.to_owned(),
            };
            bench.spoil(Box::leak(row.into_boxed_str())).await;
        }
        assert_eq!(sweep(&bench).await, Some(0));
        bench.pass(Duration::hours(22));
        assert_eq!(sweep(&bench).await, Some(0));
        bench.pass(Duration::hours(2));
        assert_eq!(sweep(&bench).await, Some(2), "the journal and the draft");
        bench.pass(Duration::days(1));
        assert_eq!(sweep(&bench).await, Some(1), "the session's end");
    }
}

#[tokio::test]
async fn more_than_a_batch_is_wiped_in_one_sweep() {
    for bench in Bench::both().await {
        bench
            .spoil(
                "INSERT INTO route_seconds (route, second, taken)
                 WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1234)
                 SELECT 'sim', i, 1 FROM n",
            )
            .await;
        assert_eq!(sweep(&bench).await, Some(1234));
    }
}

#[tokio::test]
async fn what_a_centre_was_marking_goes_after_two_weeks() {
    for bench in Bench::both().await {
        bench
            .spoil(
                "INSERT INTO register_drafts (series, centre, on_day, body, base_seq, changed_at)
                 VALUES ('S26', '12345001', '2026-03-02', '{}', 0, '2026-03-02T06:00:00+00:00')",
            )
            .await;
        bench.pass(Duration::days(13));
        assert_eq!(sweep(&bench).await, Some(0));
        bench.pass(Duration::days(2));
        assert_eq!(sweep(&bench).await, Some(1));
    }
}
