//! What a route's verdict leads to.

use chrono::Duration;
use daftari::{
    gateways::simulator::Behaviour,
    lifecycle::Ended,
    model::{
        Msisdn,
        message::{Fate, RefusalReason},
    },
};

use crate::{
    bench::{Bench, line, route},
    fakes::{Gate, Scripted, failed},
};

#[tokio::test]
async fn a_message_reaches_its_phone_once_and_its_fate_is_known() {
    for bench in Bench::both().await {
        let id = bench.queue(10).await;
        assert_eq!(bench.fate(10).await, (Fate::Queued, None));
        assert_eq!(bench.worker().turn().await, 1);
        assert_eq!(bench.worker().turn().await, 0);
        let [sent] = &bench.sim.sent_to(&line(10))[..] else { panic!("one message was sent") };
        let words = secrecy::ExposeSecret::expose_secret(&sent.body);
        assert!(words.contains("*384*2547#") && words.contains("0700 000 099"), "{words}");
        assert_eq!(bench.fate(10).await, (Fate::Delivered, None));
        assert_eq!(bench.messages_to(&line(10)).await[0].id, id);
        let events = "SELECT CAST(COUNT(*) AS BIGINT) FROM message_events
            WHERE event IN ('queued', 'claimed', 'sent', 'report')";
        assert_eq!(bench.count(events).await, 4);
    }
}

#[tokio::test]
async fn a_line_that_blocks_is_told_at_once() {
    for bench in Bench::both().await {
        bench.sim.behave(&line(10), Behaviour::Refuse(RefusalReason::LineBlocks));
        bench.queue(10).await;
        bench.worker().turn().await;
        assert_eq!(bench.fate(10).await, (Fate::Refused, Some(RefusalReason::LineBlocks)));
        bench.pass(Duration::minutes(10));
        assert_eq!(bench.worker().turn().await, 0, "it is not tried again");
    }
}

#[tokio::test]
async fn a_route_that_could_not_take_it_is_tried_again_later_and_later() {
    for bench in Bench::both().await {
        bench.sim.behave(&line(10), Behaviour::FailTransiently(2));
        bench.queue(10).await;
        let worker = bench.worker();
        for wait in [5, 30] {
            assert_eq!(worker.turn().await, 1);
            assert_eq!(bench.fate(10).await, (Fate::Queued, None));
            bench.pass(Duration::seconds(wait - 1));
            assert_eq!(worker.turn().await, 0, "{wait} s are not over");
            bench.pass(Duration::seconds(wait / 5 + 1));
        }
        assert_eq!(worker.turn().await, 1);
        assert_eq!(bench.fate(10).await, (Fate::Delivered, None));
    }
}

#[tokio::test]
async fn what_is_too_old_is_never_sent() {
    for bench in Bench::both().await {
        bench.queue(10).await;
        bench.pass(Duration::hours(1));
        assert_eq!(bench.worker().turn().await, 0);
        assert_eq!(bench.fate(10).await, (Fate::Expired, None));
        assert!(bench.sim.sent_to(&line(10)).is_empty());
    }
}

#[tokio::test]
async fn a_message_that_keeps_failing_expires_within_its_age() {
    for bench in Bench::both().await {
        bench.sim.behave(&line(10), Behaviour::FailTransiently(100));
        bench.queue(10).await;
        let worker = bench.worker();
        for _ in 0..60 {
            worker.turn().await;
            bench.pass(Duration::minutes(1));
        }
        assert_eq!(bench.fate(10).await, (Fate::Expired, None));
        let tries = "SELECT attempts FROM messages";
        assert_eq!(bench.count(tries).await, 6, "the seventh would come after the hour");
    }
}

#[tokio::test]
async fn a_dead_route_hands_over_to_the_next() {
    for bench in Bench::both().await {
        let broke = Scripted::new([failed(false, false)]);
        let worker = bench.worker_over(vec![route("first", broke.clone(), 10), bench.simulated(10)]);
        bench.queue(10).await;
        assert_eq!(worker.turn().await, 1);
        assert_eq!(worker.turn().await, 1, "at once, on the other route");
        assert_eq!(bench.fate(10).await, (Fate::Delivered, None));
        assert_eq!(broke.asked().len(), 1);
    }
}

#[tokio::test]
async fn when_no_route_is_left_it_is_our_side() {
    for bench in Bench::both().await {
        let routes =
            ["first", "second"].map(|name| route(name, Scripted::new([failed(false, false)]), 10)).into();
        let worker = bench.worker_over(routes);
        bench.queue(10).await;
        worker.turn().await;
        worker.turn().await;
        assert_eq!(bench.fate(10).await, (Fate::Refused, Some(RefusalReason::OurSide)));
    }
}

#[tokio::test]
async fn a_line_that_costs_too_much_is_refused_before_any_route() {
    for bench in Bench::both().await {
        let foreign = Msisdn::from_network("+15005550006").expect("a number");
        bench.queue_to(&foreign).await;
        assert_eq!(bench.worker().turn().await, 0);
        let told = bench.messages_to(&foreign).await;
        assert_eq!((told[0].fate, told[0].reason), (Fate::Refused, Some(RefusalReason::BadNumber)));
    }
}

#[tokio::test]
async fn a_row_that_can_t_be_read_fails_alone() {
    for bench in Bench::both().await {
        for end in [10, 11, 12, 13] {
            bench.queue(end).await;
        }
        bench.spoil("UPDATE messages SET body_key = 'f9' WHERE msisdn = '+254700000013'").await;
        bench.spoil("UPDATE messages SET body = NULL WHERE msisdn = '+254700000012'").await;
        let swapped = "UPDATE messages SET body = (SELECT body FROM messages WHERE msisdn = '+254700000010')
            WHERE msisdn = '+254700000011'";
        assert_eq!(bench.spoil(swapped).await, 1);
        bench.worker().turn().await;
        assert_eq!(bench.fate(10).await, (Fate::Delivered, None));
        assert_eq!(bench.fate(11).await, (Fate::Refused, Some(RefusalReason::OurSide)));
        assert_eq!(bench.fate(12).await, (Fate::Refused, Some(RefusalReason::OurSide)));
        assert_eq!(bench.fate(13).await, (Fate::Queued, None), "its key may come");
    }
}

#[tokio::test]
async fn what_is_more_urgent_goes_first() {
    for bench in Bench::both().await {
        for end in [10, 11, 12] {
            bench.queue(end).await;
            bench.pass(Duration::milliseconds(10));
        }
        bench.spoil("UPDATE messages SET priority = 0 WHERE msisdn = '+254700000012'").await;
        let slow = Scripted::new([]);
        let worker = bench.worker_over(vec![route("slow", slow.clone(), 1)]);
        for _ in 0..3 {
            assert_eq!(worker.turn().await, 1);
            bench.pass(Duration::seconds(1));
        }
        assert_eq!(slow.asked(), [line(12), line(10), line(11)]);
    }
}

#[tokio::test]
async fn two_workers_keep_to_one_rate() {
    for bench in Bench::both().await {
        for end in 10..40 {
            bench.queue(end).await;
        }
        let one = bench.worker_over(vec![bench.simulated(7)]);
        let other = bench.worker_over(vec![bench.simulated(7)]);
        for sent in [7, 14, 21] {
            let (a, b) = tokio::join!(one.turn(), other.turn());
            one.turn().await;
            assert!(a + b <= 7, "{a} and {b}");
            assert_eq!(bench.sim.all_since(0).len(), sent);
            bench.pass(Duration::seconds(1));
        }
    }
}

#[tokio::test]
async fn a_soft_stop_finishes_what_is_on_its_way() {
    for bench in Bench::both().await {
        let gate = Gate::new();
        for end in 10..15 {
            bench.queue(end).await;
        }
        let worker = bench.worker_over(vec![route("gate", gate.clone(), 1000)]);
        bench.life.spawn("outbox", async move { worker.run().await });
        gate.has_taken(5).await;
        bench.life.stop();
        bench.queue(20).await;
        gate.answer(5);
        assert_eq!(bench.life.wait().await, Ended::Softly);
        for end in 10..15 {
            assert_eq!(bench.fate(end).await, (Fate::Sent, None));
        }
        let untouched = "SELECT attempts FROM messages WHERE msisdn = '+254700000020' AND claimed_by IS NULL";
        assert_eq!(bench.count(untouched).await, 0);
    }
}

#[tokio::test]
async fn a_bell_wakes_a_running_worker() {
    for bench in Bench::both().await {
        let gate = Gate::new();
        let worker = bench.worker_over(vec![route("gate", gate.clone(), 1000)]);
        bench.life.spawn("outbox", async move { worker.run().await });
        for end in 10..14 {
            bench.queue(end).await;
            bench.deps.outbox.notify_one();
            gate.has_taken(1).await;
        }
        gate.answer(4);
        bench.life.stop();
        assert_eq!(bench.life.wait().await, Ended::Softly);
        assert_eq!(bench.count("SELECT CAST(COUNT(*) AS BIGINT) FROM messages WHERE fate = 'sent'").await, 4);
    }
}
