//! From one route to the next: after a refusal, an error, a bad report, silence; and never twice what came once.

use std::{sync::Arc, time::Duration as StdDuration};

use chrono::Duration;
use daftari::{
    gateways::{
        Verdict,
        simulator::{Behaviour, Kind, SimulatedCalls},
    },
    model::message::{Fate, Purpose, RefusalReason},
    services::delivery::{Route, Serves},
    storage::{placing, route_stats},
};
use secrecy::ExposeSecret as _;

use crate::{
    bench::{Bench, line, reported, route, until_idle},
    fakes::{Gate, Scripted, accepted, failed, refused},
};

/// A route that calls, over the bench's simulator.
fn calls(bench: &Bench) -> Route {
    route("call", Arc::new(SimulatedCalls(bench.sim.clone())), 100)
}

#[tokio::test]
async fn a_code_that_the_first_route_refuses_goes_by_the_next_at_once() {
    for bench in Bench::both().await {
        let blocked = Scripted::new((0..20).map(|_| refused(RefusalReason::LineBlocks)));
        let worker = bench.worker_over(vec![route("first", blocked.clone(), 100), bench.simulated(100)]);
        for end in 10..30 {
            bench.queue_code(end).await;
        }
        until_idle(&worker).await;
        assert_eq!(blocked.asked().len(), 20);
        for end in 10..30 {
            assert_eq!(bench.fate(end).await, (Fate::Delivered, None));
        }
    }
}

#[tokio::test]
async fn a_silent_code_goes_by_the_next_route_after_25_seconds_and_stays_the_same_code() {
    for bench in Bench::both().await {
        let silent = Scripted::new([accepted("silent-1")]);
        let worker = bench.worker_over(vec![route("silent", silent.clone(), 10), bench.simulated(10)]);
        bench.queue_code(10).await;
        until_idle(&worker).await;
        bench.pass(Duration::seconds(24));
        assert_eq!(until_idle(&worker).await, 0, "patience is not over");
        bench.pass(Duration::seconds(1));
        assert_eq!(until_idle(&worker).await, 1);
        let [sent] = &bench.sim.sent_to(&line(10))[..] else { panic!("one message was sent") };
        assert_eq!(Some(sent.body.expose_secret().to_owned()), silent.bodies().first().cloned());
        assert_eq!(bench.fate(10).await, (Fate::Delivered, None));
        bench.pass(Duration::minutes(5));
        assert_eq!(until_idle(&worker).await, 0, "it has arrived");
    }
}

#[tokio::test]
async fn a_late_report_of_the_first_try_counts() {
    for bench in Bench::both().await {
        let first = Scripted::new([accepted("first-1")]);
        let second = Scripted::new([accepted("second-1")]);
        let worker = bench.worker_over(vec![route("first", first, 10), route("second", second.clone(), 10)]);
        bench.queue_code(10).await;
        until_idle(&worker).await;
        bench.pass(Duration::seconds(25));
        until_idle(&worker).await;
        bench.report(reported("first-1", 10, "Failed", Some(Fate::Refused))).await;
        assert_eq!(bench.fate(10).await, (Fate::Sent, None), "bad news of the first are none of the second");
        bench.report(reported("first-1", 10, "Success", Some(Fate::Delivered))).await;
        assert_eq!(bench.fate(10).await, (Fate::Delivered, None));
        bench.report(reported("second-1", 10, "Failed", Some(Fate::Refused))).await;
        bench.report(reported("first-1", 10, "Success", Some(Fate::Delivered))).await;
        assert_eq!(bench.fate(10).await, (Fate::Delivered, None));
        let tries = "SELECT CAST(COUNT(*) AS BIGINT) FROM message_attempts
            WHERE (route = 'first' AND fate = 'delivered' AND took_ms = 25000) OR (route = 'second' AND fate = 'refused')";
        assert_eq!(bench.count(tries).await, 2);
    }
}

#[tokio::test]
async fn a_report_of_the_first_try_while_the_second_is_on_its_way_ends_it() {
    for bench in Bench::both().await {
        let gate = Gate::new();
        let first = route("first", Scripted::new([accepted("first-1")]), 10);
        let worker = bench.worker_over(vec![first, route("gate", gate.clone(), 10)]);
        bench.queue_code(10).await;
        worker.turn().await;
        bench.pass(Duration::seconds(25));
        tokio::join!(worker.turn(), async {
            gate.has_taken(1).await;
            bench.report(reported("first-1", 10, "Success", Some(Fate::Delivered))).await;
            gate.answer(1);
        });
        assert_eq!(bench.fate(10).await, (Fate::Delivered, None));
        bench.report(reported("gate-254700000010", 10, "Success", Some(Fate::Delivered))).await;
        let both = "SELECT CAST(COUNT(*) AS BIGINT) FROM message_attempts WHERE fate = 'delivered'";
        assert_eq!(bench.count(both).await, 2, "the second try is known too");
    }
}

#[tokio::test]
async fn a_notice_never_moves_on_mere_silence() {
    for bench in Bench::both().await {
        let silent = Scripted::new([accepted("silent-1")]);
        let worker = bench.worker_over(vec![route("silent", silent, 10), bench.simulated(10)]);
        bench.queue(10).await;
        until_idle(&worker).await;
        for _ in 0..30 {
            bench.pass(Duration::minutes(1));
            assert_eq!(until_idle(&worker).await, 0);
        }
        assert_eq!(bench.fate(10).await, (Fate::Sent, None));
    }
}

#[tokio::test]
async fn a_notice_that_is_reported_as_not_delivered_goes_by_the_next_route() {
    for bench in Bench::both().await {
        let first = Scripted::new([accepted("first-1")]);
        let worker = bench.worker_over(vec![route("first", first, 10), bench.simulated(10)]);
        bench.queue(10).await;
        until_idle(&worker).await;
        let mut bad = reported("first-1", 10, "Rejected", Some(Fate::Refused));
        bad.reason = Some(RefusalReason::LineBlocks);
        bench.report(bad).await;
        assert_eq!(bench.fate(10).await, (Fate::Refused, Some(RefusalReason::LineBlocks)));
        assert_eq!(until_idle(&worker).await, 1);
        assert_eq!(bench.fate(10).await, (Fate::Delivered, None));
    }
}

#[tokio::test]
async fn a_phone_that_is_away_is_not_tried_by_another_route() {
    for bench in Bench::both().await {
        let first = Scripted::new([accepted("first-1")]);
        let worker = bench.worker_over(vec![route("first", first, 10), bench.simulated(10), calls(&bench)]);
        bench.queue_code(10).await;
        until_idle(&worker).await;
        bench.report(reported("first-1", 10, "AbsentSubscriber", Some(Fate::Refused))).await;
        bench.pass(Duration::seconds(60));
        assert_eq!(until_idle(&worker).await, 0);
        assert_eq!(bench.fate(10).await, (Fate::Refused, Some(RefusalReason::PhoneAway)));
    }
}

#[tokio::test]
async fn a_used_code_is_not_sent_again() {
    for bench in Bench::both().await {
        let silent = Scripted::new([accepted("silent-1")]);
        let worker = bench.worker_over(vec![route("silent", silent, 10), bench.simulated(10)]);
        bench.queue_code(10).await;
        until_idle(&worker).await;
        bench.spoil("UPDATE challenges SET closed_as = 'used', closed_at = created_at").await;
        bench.pass(Duration::seconds(30));
        assert_eq!(until_idle(&worker).await, 0);
        assert_eq!(bench.fate(10).await, (Fate::Sent, None));
    }
}

#[tokio::test]
async fn a_call_waits_until_the_session_has_surely_ended_and_says_the_code() {
    for bench in Bench::both().await {
        let blocked = Scripted::new([refused(RefusalReason::LineBlocks)]);
        let worker = bench.worker_over(vec![route("sms", blocked.clone(), 10), calls(&bench)]);
        bench.queue_code(10).await;
        until_idle(&worker).await;
        bench.pass(Duration::seconds(19));
        until_idle(&worker).await;
        assert!(bench.sim.sent_to(&line(10)).is_empty(), "it would ring into the session");
        bench.pass(Duration::seconds(1));
        until_idle(&worker).await;
        let [call] = &bench.sim.sent_to(&line(10))[..] else { panic!("one call was made") };
        assert_eq!(call.kind, Kind::Call);
        assert!(call.body.expose_secret().contains("Your code is:"));
    }
}

#[tokio::test]
async fn a_call_begins_when_the_session_has_ended() {
    for bench in Bench::both().await {
        let blocked = Scripted::new([refused(RefusalReason::LineBlocks)]);
        let worker = bench.worker_over(vec![route("sms", blocked.clone(), 10), calls(&bench)]);
        bench.queue_code(10).await;
        until_idle(&worker).await;
        bench.pass(Duration::seconds(2));
        let mut tx = bench.deps.store.begin().await.expect("a transaction");
        let due = placing::session_ended(&mut tx, &line(10), bench.deps.clock.now()).await;
        tx.commit().await.expect("it is committed");
        assert_eq!(due.expect("it is recorded"), 1);
        until_idle(&worker).await;
        assert_eq!(bench.sim.sent_to(&line(10)).len(), 1);
    }
}

#[tokio::test]
async fn when_every_route_refuses_to_work_a_code_says_so_at_once_and_leaves_nothing() {
    for bench in Bench::both().await {
        let dead = ["first", "second"].map(|name| route(name, Scripted::new([failed(false, false)]), 10));
        let worker = bench.worker_over(dead.into());
        bench.queue_code(10).await;
        until_idle(&worker).await;
        assert_eq!(bench.fate(10).await, (Fate::Refused, Some(RefusalReason::OurSide)));
        assert_eq!(bench.requests_that_count(10).await, 0, "nothing left: no request is used up");
        bench.queue_code(11).await;
        assert_eq!(bench.requests_that_count(11).await, 1, "one that may still be sent counts");
        until_idle(&bench.worker()).await;
        assert_eq!(bench.requests_that_count(11).await, 1);
    }
}

#[tokio::test]
async fn routes_that_can_t_be_reached_end_a_code_after_two_rounds() {
    for bench in Bench::both().await {
        let down = || Scripted::new((0..9).map(|_| failed(true, false)));
        let (first, second) = (down(), down());
        let worker =
            bench.worker_over(vec![route("first", first.clone(), 10), route("second", second.clone(), 10)]);
        bench.queue_code(10).await;
        until_idle(&worker).await;
        assert_eq!((first.asked().len(), second.asked().len()), (1, 1), "both within the session");
        bench.pass(Duration::seconds(6));
        until_idle(&worker).await;
        assert_eq!(bench.fate(10).await, (Fate::Refused, Some(RefusalReason::OurSide)));
        assert_eq!((first.asked().len(), second.asked().len()), (2, 2));
    }
}

#[tokio::test]
async fn a_route_that_keeps_failing_is_left_alone_and_messages_go_by_the_next() {
    for bench in Bench::both().await {
        let down = Scripted::new((0..100).map(|_| failed(true, false)));
        let resting = Route { rest: StdDuration::from_hours(1), ..route("down", down.clone(), 100) };
        let worker = bench.worker_over(vec![resting, bench.simulated(100)]);
        for end in 10..50 {
            bench.queue(end).await;
            until_idle(&worker).await;
            assert_eq!(bench.fate(end).await, (Fate::Delivered, None));
        }
        assert_eq!(down.asked().len(), 9, "after that the breaker is open");
    }
}

#[tokio::test]
async fn a_route_that_works_again_is_used_again() {
    for bench in Bench::both().await {
        let ill = Scripted::new((0..9).map(|_| failed(true, false)));
        let rested = Route { rest: StdDuration::ZERO, ..route("ill", ill.clone(), 100) };
        let worker = bench.worker_over(vec![rested, bench.simulated(100)]);
        for end in 10..30 {
            bench.queue(end).await;
            until_idle(&worker).await;
        }
        assert_eq!(ill.asked().len(), 20, "nine failed and went by the other, eleven were taken");
        assert_eq!(bench.sim.all_since(0).len(), 9);
    }
}

#[tokio::test]
async fn a_prefix_whose_codes_nobody_uses_costs_thirty_of_them() {
    for bench in Bench::both().await {
        let worker = bench.worker_over(vec![bench.simulated(1000)]);
        for end in 0..100 {
            bench.queue_code(end).await;
        }
        until_idle(&worker).await;
        assert_eq!(bench.sim.all_since(0).len(), 30, "what pumping a prefix of 10,000 numbers costs");
        assert_eq!(bench.fate(99).await, (Fate::Refused, Some(RefusalReason::NoRoute)));
        bench.queue(5).await;
        until_idle(&worker).await;
        assert_eq!(bench.sim.sent_to(&line(5)).len(), 2, "notices still go");
        bench.pass(Duration::minutes(16));
        bench.spoil("DELETE FROM message_events").await;
        bench.queue_code(5).await;
        until_idle(&worker).await;
        assert_eq!(bench.sim.sent_to(&line(5)).len(), 3, "a quarter of an hour later it is tried again");
    }
}

#[tokio::test]
async fn a_prefix_whose_codes_are_used_goes_on() {
    for bench in Bench::both().await {
        let worker = bench.worker_over(vec![bench.simulated(1000)]);
        for end in 0..60 {
            bench.queue_code(end).await;
            until_idle(&worker).await;
            bench.spoil("UPDATE challenges SET closed_as = 'used', closed_at = created_at").await;
        }
        assert_eq!(bench.sim.all_since(0).len(), 60);
    }
}

#[tokio::test]
async fn a_stopped_prefix_goes_by_the_next_route() {
    for bench in Bench::both().await {
        let swallows = Scripted::new([]);
        let worker =
            bench.worker_over(vec![route("swallows", swallows.clone(), 1000), bench.simulated(1000)]);
        for end in 0..50 {
            bench.queue_code(end).await;
        }
        until_idle(&worker).await;
        assert_eq!((swallows.asked().len(), bench.sim.all_since(0).len()), (30, 20));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_workers_send_each_code_once_by_each_route() {
    for bench in Bench::both().await {
        let blocked = Scripted::new((0..25).map(|_| refused(RefusalReason::LineBlocks)));
        let routes = || vec![route("first", blocked.clone(), 1000), bench.simulated(1000)];
        let (one, other) = (bench.worker_over(routes()), bench.worker_over(routes()));
        for end in 0..25 {
            bench.queue_code(end).await;
        }
        tokio::join!(until_idle(&one), until_idle(&other));
        until_idle(&one).await;
        assert_eq!((blocked.asked().len(), bench.sim.all_since(0).len()), (25, 25));
        for end in 0..25 {
            assert_eq!(bench.fate(end).await, (Fate::Delivered, None));
        }
    }
}

#[tokio::test]
async fn a_worker_that_dies_between_two_routes_leaves_the_rest_to_the_next() {
    for bench in Bench::both().await {
        let gate = Gate::new();
        let routes = |bench: &Bench, gate: Arc<Gate>| {
            let first = Scripted::new([refused(RefusalReason::LineBlocks)]);
            vec![route("first", first, 10), route("gate", gate, 10), bench.simulated(10)]
        };
        bench.queue_code(10).await;
        let dying = Arc::new(bench.worker_over(routes(&bench, gate.clone())));
        dying.turn().await;
        let turn = tokio::spawn(async move { dying.turn().await });
        gate.has_taken(1).await;
        turn.abort();
        let _ = turn.await;
        bench.report(reported("gone-1", 10, "Success", Some(Fate::Delivered))).await;
        bench.pass(Duration::seconds(61));
        let heir = bench.worker_over(routes(&bench, gate));
        until_idle(&heir).await;
        assert_eq!(bench.fate(10).await, (Fate::Delivered, None), "its report tells that the second took it");
        assert!(bench.sim.sent_to(&line(10)).is_empty());
    }
}

#[tokio::test]
async fn a_route_carries_what_it_is_for_and_its_networks_go_first() {
    for bench in Bench::both().await {
        let codes = Scripted::new([]);
        let serves = Serves { purposes: vec![Purpose::ResetCode], ..Serves::default() };
        let codes_only = Route { serves, ..route("codes", codes.clone(), 10) };
        let airtel = Scripted::new([]);
        let networks = daftari::model::Network::from_code("63903").into_iter().collect();
        let serves = Serves { networks, ..Serves::default() };
        let for_airtel = Route { serves, ..route("airtel", airtel.clone(), 10) };
        let worker = bench.worker_over(vec![codes_only, for_airtel, bench.simulated(10)]);
        bench
            .spoil(
                "INSERT INTO lines (msisdn, language, network, changed_at)
            SELECT '+254700000011', 'en', '63903', '2026-03-02T07:00:00+00:00'",
            )
            .await;
        bench.queue(10).await;
        bench.queue(11).await;
        bench.queue_code(12).await;
        until_idle(&worker).await;
        assert_eq!(codes.asked(), [line(12)]);
        assert_eq!(airtel.asked(), [line(11)], "the line has moved to another network than its prefix tells");
        assert_eq!(bench.sim.sent_to(&line(10)).len(), 1);
    }
}

#[tokio::test]
async fn an_unknown_report_disturbs_nothing() {
    for bench in Bench::both().await {
        let verdict: [Verdict; 1] = [accepted("a-1")];
        let worker = bench.worker_over(vec![route("a", Scripted::new(verdict), 10), bench.simulated(10)]);
        bench.report(reported("a-1", 10, "Buffered", Some(Fate::Sent))).await;
        bench.queue_code(10).await;
        until_idle(&worker).await;
        bench.report(reported("a-1", 10, "Teleported", None)).await;
        bench.report(reported("nobodys", 10, "Success", Some(Fate::Delivered))).await;
        assert_eq!(bench.fate(10).await, (Fate::Sent, None));
        bench.sim.behave(&line(10), Behaviour::Silent);
        bench.pass(Duration::seconds(25));
        assert_eq!(until_idle(&worker).await, 1, "an interim report is no delivery");
    }
}

#[tokio::test]
async fn routes_tell_what_they_have_done() {
    for bench in Bench::both().await {
        let first = Scripted::new([accepted("a-1"), refused(RefusalReason::LineBlocks)]);
        let worker = bench.worker_over(vec![route("first", first, 10), bench.simulated(10)]);
        bench.queue_code(10).await;
        until_idle(&worker).await;
        bench.queue_code(11).await;
        until_idle(&worker).await;
        bench.pass(Duration::seconds(4));
        bench.report(reported("a-1", 10, "Success", Some(Fate::Delivered))).await;
        let used =
            "UPDATE challenges SET closed_as = 'used', closed_at = created_at WHERE msisdn = '+254700000010'";
        bench.spoil(used).await;
        let mut tx = bench.deps.store.read().await.expect("a transaction");
        let since = bench.deps.clock.now() - Duration::hours(1);
        let all = route_stats::since(&mut tx, since).await.expect("they can be read");
        let [first, sim] = &all[..] else { panic!("two routes were used: {all:?}") };
        assert_eq!((first.route.as_str(), first.network.as_str(), first.tries), ("first", "63902", 2));
        assert_eq!((first.sent, first.delivered, first.refused, first.moved_on), (1, 1, 1, 1));
        assert_eq!((first.top_reason.as_deref(), first.median_ms), (Some("line_blocks"), Some(4000)));
        assert_eq!((first.codes, first.codes_used, first.conversion()), (1, 1, Some(100)));
        assert_eq!((sim.codes, sim.codes_used, sim.delivered, sim.is_failing()), (1, 0, 1, false));
    }
}
