//! Redis killed, paused, flushed: hops are answered from the fold, and neither promises nor limits are lost.

use std::time::Instant;

use super::{ACCOUNTS, CONSENTS, MESSAGES, eventually};
use crate::{
    caller::{ACCOUNT, Caller, PIN, WRONG_PIN},
    servers::{Cluster, Server},
    town::{Backend, Town, open_account},
};

/// SQLite and Postgres, each with a Redis of the test's own.
const BOTH: [Backend; 2] = [Backend::Embedded, Backend::Production];

async fn town_with(database: Backend, state: &str) -> Town {
    Town::with(database, &[("DAFTARI_STATE__URL", state)]).await
}

/// Wait until the breaker lets calls through again.
async fn until_redis_is_asked(town: &Town) {
    eventually("Redis is asked again", async || town.app().sessions.ping().await.is_ok()).await;
}

/// What the gateway has asked so far: Redis, then SQL.
fn asked(town: &Town) -> (u64, u64) {
    (town.app().sessions.round_trips(), town.app().deps.store.count().transactions())
}

/// After a hop that saved a state, a hop through menus costs two trips to Redis and no SQL: no fold.
async fn assert_state_is_used(town: &Town, line: u32) {
    let mut caller = Caller::new(town, line);
    caller.walk(0..2).await;
    let before = asked(town);
    caller.walk(2..3).await;
    assert_eq!((asked(town).0 - before.0, asked(town).1 - before.1), (2, 0), "the state is used");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn redis_killed_before_any_hop_is_not_noticed_by_the_caller() {
    for database in BOTH {
        let mut server = Server::start();
        let town = town_with(database, &server.url()).await;
        for killed_before in 0..ACCOUNT.len() {
            let line = 10 + u32::try_from(killed_before).expect("a few");
            let mut caller = Caller::new(&town, line);
            caller.walk(0..killed_before).await;
            server.kill();
            caller.walk(killed_before..ACCOUNT.len()).await;
            server.run();
            until_redis_is_asked(&town).await;
        }
        assert_eq!(town.count(ACCOUNTS).await, 10);
        assert_eq!(town.count(MESSAGES).await, 10);
        assert_eq!(town.count(CONSENTS).await, 10);
        assert_state_is_used(&town, 30).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hops_do_not_wait_for_a_redis_that_is_dead() {
    for database in BOTH {
        let mut server = Server::start();
        let town = town_with(database, &server.url()).await;
        let mut caller = Caller::new(&town, 10);
        caller.walk(0..3).await;
        server.kill();
        let (began, before) = (Instant::now(), asked(&town).0);
        for _ in 0..60 {
            assert!(caller.send().await.text.starts_with(ACCOUNT[2].1));
        }
        // The breaker opens when its window of four is full; then it lets one call a second through.
        let (attempts, seconds) = (asked(&town).0 - before, began.elapsed().as_secs());
        assert!(attempts <= 5 + seconds, "{attempts} attempts in {seconds} s");
        server.run();
        until_redis_is_asked(&town).await;
        assert_state_is_used(&town, 30).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn limits_hold_while_redis_is_dead() {
    for database in BOTH {
        let mut server = Server::start();
        let town = town_with(database, &server.url()).await;
        server.kill();
        for n in 0..14 {
            let shown = Caller::new(&town, 10).send().await;
            let turned_away = shown.ends && shown.text.starts_with("Many calls came from this line");
            assert_eq!(turned_away, n >= 10, "session {n}: {}", shown.text);
        }
        let mut caller = Caller::new(&town, 11);
        caller.walk(0..2).await;
        for n in 2..40 {
            let shown = caller.answer("9").await;
            let turned_away = shown.ends && shown.text.starts_with("Many calls came from this line");
            assert_eq!(turned_away, n >= 30, "hop {n}: {}", shown.text);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn wrong_pins_are_counted_whatever_happens_to_redis() {
    for database in BOTH {
        let mut server = Server::start();
        let town = town_with(database, &server.url()).await;
        open_account(&mut town.phone("+254700000010"), "28461937", PIN).await;
        for (n, says) in
            ["Tries left: 2", "Tries left: 1", "wait: 1 min", "Too many wrong PINs."].iter().enumerate()
        {
            match n {
                1 => server.ask::<()>(&["FLUSHALL"]),
                2 => server.kill(),
                3 => server.run(),
                _ => {}
            }
            let mut caller = Caller::new(&town, 10);
            caller.send().await;
            let shown = caller.answer(WRONG_PIN).await;
            assert!(shown.text.contains(says), "{n}: {}", shown.text);
        }
        assert_eq!(town.count("SELECT failures FROM credentials").await, 3);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_redis_is_not_noticed_by_the_caller() {
    for database in BOTH {
        let server = Server::start();
        let town = town_with(database, &server.url()).await;
        let mut callers: Vec<Caller> = (10..14).map(|line| Caller::new(&town, line)).collect();
        for caller in &mut callers {
            caller.walk(0..4).await;
        }
        server.pause();
        for caller in &mut callers {
            caller.walk(4..6).await;
        }
        server.go_on();
        // Nothing waits until it is used again: what was left in Redis is older than what was typed.
        for caller in &mut callers {
            caller.walk(6..8).await;
        }
        until_redis_is_asked(&town).await;
        // And by its own command, with the connection accepted and nothing answered.
        server.ask::<()>(&["CLIENT", "PAUSE", "1500", "ALL"]);
        for caller in &mut callers {
            caller.walk(8..10).await;
        }
        until_redis_is_asked(&town).await;
        assert_eq!(town.count(ACCOUNTS).await, 4);
        assert_state_is_used(&town, 30).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_flushed_before_every_hop_is_not_noticed_by_the_caller() {
    for database in BOTH {
        let server = Server::start();
        let town = town_with(database, &server.url()).await;
        for (line, command) in [(10, ["FLUSHALL", "SYNC"]), (11, ["SCRIPT", "FLUSH"])] {
            let mut caller = Caller::new(&town, line);
            for step in 0..ACCOUNT.len() {
                server.ask::<()>(&command);
                caller.walk(step..step + 1).await;
            }
        }
        assert_eq!(town.count(ACCOUNTS).await, 2);
        assert_state_is_used(&town, 30).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_that_loses_a_master_is_not_noticed_by_the_caller() {
    let mut cluster = Cluster::start();
    let town = town_with(Backend::Production, &cluster.url()).await;
    let mut callers: Vec<Caller> = (10..22).map(|line| Caller::new(&town, line)).collect();
    for caller in &mut callers {
        caller.walk(0..4).await;
    }
    cluster.0[1].kill();
    for caller in &mut callers {
        caller.walk(4..8).await;
    }
    cluster.0[1].run();
    for caller in &mut callers {
        caller.walk(8..10).await;
    }
    assert_eq!(town.count(ACCOUNTS).await, 12);
    assert_eq!(town.count(MESSAGES).await, 12);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_starts_and_serves_without_redis() {
    for database in BOTH {
        let mut server = Server::absent();
        let town = town_with(database, &server.url()).await;
        Caller::new(&town, 10).walk(0..10).await;
        server.run();
        until_redis_is_asked(&town).await;
        assert_state_is_used(&town, 30).await;
    }
}
