//! One behaviour, proved three times.

use std::{sync::Arc, time::Duration};

use daftari::sessions::{
    Admission::{Admitted, TooManyHops, TooManySessions},
    Arrival, Limits, SessionStore, Stored,
};

use crate::{TTL, a_hop, a_place, a_place_of, eventually, open};

/// Where a test runs.
#[derive(Clone, Copy)]
enum Engine {
    Memory,
    Redis,
    RedisCluster,
}

impl Engine {
    fn url(self) -> String {
        let server = |variable: &str| {
            std::env::var(variable).unwrap_or_else(|_| {
                panic!("{variable} is not set: run tests/run, which starts the servers the tests need and names them")
            })
        };
        match self {
            Self::Memory => "memory:".to_owned(),
            Self::Redis => server("DAFTARI_TEST_REDIS"),
            Self::RedisCluster => server("DAFTARI_TEST_REDIS_CLUSTER"),
        }
    }

    async fn open(self) -> SessionStore {
        open(&self.url()).await
    }

    async fn open_with(self, hops_per_minute: u32, sessions_per_5_minutes: u32) -> SessionStore {
        let limits = Limits { hops_per_minute, sessions_per_5_minutes };
        SessionStore::connect(&self.url(), limits).await.expect("the URL is well formed")
    }
}

macro_rules! on_every_engine {
    ($($title:ident)+) => {
        on_every_engine!(memory Memory: $($title)+);
        on_every_engine!(redis Redis: $($title)+);
        on_every_engine!(redis_cluster RedisCluster: $($title)+);
    };
    ($module:ident $engine:ident: $($title:ident)+) => {
        mod $module {
            $(
                #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $title() {
                    super::$title(super::Engine::$engine).await;
                }
            )+
        }
    };
}

on_every_engine! {
    the_store_says_what_it_is_and_answers
    nothing_is_loaded_where_nothing_was_saved
    what_was_saved_is_loaded_byte_for_byte
    a_save_over_another_version_changes_nothing
    of_64_parallel_saves_exactly_one_succeeds
    a_state_is_gone_after_its_time
    a_later_save_brings_its_own_time
    a_state_that_is_gone_can_be_saved_anew_but_not_continued
    sessions_and_callers_are_kept_apart
    a_hop_over_the_limit_is_counted_but_not_admitted
    only_a_hop_that_opens_a_session_without_state_counts_as_a_session
    limits_are_kept_for_each_caller_across_sessions
    parallel_calls_get_their_own_answers
    parallel_hops_are_all_counted
    a_hop_that_was_counted_is_not_counted_again
    a_dial_that_is_repeated_counts_as_one_session
    without_an_answer_the_limits_hold_in_this_process
    every_call_is_one_round_trip
}

async fn the_store_says_what_it_is_and_answers(engine: Engine) {
    let store = engine.open().await;
    let kind = match engine {
        Engine::Memory => "memory",
        Engine::Redis => "redis",
        Engine::RedisCluster => "redis-cluster",
    };
    assert_eq!(store.kind(), kind);
    assert_eq!(store.ping().await, Ok(()));
}

async fn nothing_is_loaded_where_nothing_was_saved(engine: Engine) {
    let loaded = engine.open().await.load(&a_place(), true).await.unwrap();
    assert_eq!(loaded.state, None);
    assert_eq!(loaded.admitted, Admitted);
}

async fn what_was_saved_is_loaded_byte_for_byte(engine: Engine) {
    let store = engine.open().await;
    let every_byte: Vec<u8> = (0..=u8::MAX).cycle().take(4096).collect();
    for bytes in [every_byte.as_slice(), b"", b"\0", b"\r\n$-1\r\n"] {
        let place = a_place();
        assert!(store.save(&place, 0, bytes, TTL).await.unwrap());
        let state = store.load(&place, false).await.unwrap().state;
        assert_eq!(state, Some(Stored { version: 1, bytes: bytes.to_vec() }));
    }
}

async fn a_save_over_another_version_changes_nothing(engine: Engine) {
    let (store, place) = (engine.open().await, a_place());
    assert!(!store.save(&place, 1, b"from nothing", TTL).await.unwrap());
    assert!(store.save(&place, 0, b"first", TTL).await.unwrap());
    for stale in [0, 2, 255, 256, u64::MAX - 1, u64::MAX] {
        assert!(!store.save(&place, stale, b"stale", TTL).await.unwrap(), "over {stale}");
    }
    assert!(store.save(&place, 1, b"second", TTL).await.unwrap());
    assert!(!store.save(&place, 1, b"second", TTL).await.unwrap(), "a repeated save says conflict");
    let state = store.load(&place, false).await.unwrap().state;
    assert_eq!(state, Some(Stored { version: 2, bytes: b"second".to_vec() }));
}

async fn of_64_parallel_saves_exactly_one_succeeds(engine: Engine) {
    let (store, place) = (Arc::new(engine.open().await), a_place());
    for expected in 0..3 {
        let saves = (0..64_u8).map(|i| {
            let (store, place) = (Arc::clone(&store), place);
            tokio::spawn(async move { (i, store.save(&place, expected, &[i], TTL).await.unwrap()) })
        });
        let outcomes = futures_util::future::join_all(saves.collect::<Vec<_>>()).await;
        let won: Vec<u8> =
            outcomes.into_iter().map(Result::unwrap).filter(|(_, won)| *won).map(|(i, _)| i).collect();
        let state = store.load(&place, false).await.unwrap().state;
        assert_eq!(won.len(), 1);
        assert_eq!(state, Some(Stored { version: expected + 1, bytes: won }));
    }
}

async fn a_state_is_gone_after_its_time(engine: Engine) {
    let (store, place) = (engine.open().await, a_place());
    assert!(store.save(&place, 0, b"brief", Duration::from_millis(60)).await.unwrap());
    eventually("the state ends, though it is read all the time", || async {
        store.load(&place, false).await.unwrap().state.is_none()
    })
    .await;
    assert!(store.save(&place, 0, b"no time at all", Duration::ZERO).await.unwrap());
    eventually("no time at all is a very short time", || async {
        store.load(&place, false).await.unwrap().state.is_none()
    })
    .await;
}

async fn a_later_save_brings_its_own_time(engine: Engine) {
    let (store, place, other) = (engine.open().await, a_place(), a_place());
    assert!(store.save(&place, 0, b"long", TTL).await.unwrap());
    assert!(store.save(&place, 1, b"brief", Duration::from_millis(60)).await.unwrap());
    assert!(store.save(&other, 0, b"forever", Duration::MAX).await.unwrap());
    eventually("the second save shortened the first", || async {
        store.load(&place, false).await.unwrap().state.is_none()
    })
    .await;
    assert!(store.load(&other, false).await.unwrap().state.is_some());
}

async fn a_state_that_is_gone_can_be_saved_anew_but_not_continued(engine: Engine) {
    let (store, place) = (engine.open().await, a_place());
    assert!(store.save(&place, 0, b"brief", Duration::from_millis(20)).await.unwrap());
    eventually("the state ends", || async { store.load(&place, false).await.unwrap().state.is_none() }).await;
    assert!(!store.save(&place, 1, b"continued", TTL).await.unwrap());
    assert!(store.save(&place, 0, b"folded", TTL).await.unwrap());
}

async fn sessions_and_callers_are_kept_apart(engine: Engine) {
    let (store, place) = (engine.open().await, a_place());
    assert!(store.save(&place, 0, b"mine", TTL).await.unwrap());
    for other in [a_place_of(place.caller, 2), a_place()] {
        assert_eq!(store.load(&other, false).await.unwrap().state, None);
    }
}

async fn a_hop_over_the_limit_is_counted_but_not_admitted(engine: Engine) {
    let (store, place) = (engine.open_with(3, 1).await, a_place());
    assert!(store.save(&place, 0, b"state", TTL).await.unwrap());
    let mut admissions = vec![];
    for _ in 0..5 {
        let loaded = store.load(&place, false).await.unwrap();
        assert!(loaded.state.is_some(), "the state is read all the same");
        admissions.push(loaded.admitted);
    }
    assert_eq!(admissions, [Admitted, Admitted, Admitted, TooManyHops, TooManyHops]);
}

async fn only_a_hop_that_opens_a_session_without_state_counts_as_a_session(engine: Engine) {
    let (store, place) = (engine.open_with(100, 2).await, a_place());
    assert!(store.save(&place, 0, b"state", TTL).await.unwrap());
    for (session, opens) in [(1, true), (2, false)].repeat(5) {
        let place = a_place_of(place.caller, session);
        assert_eq!(store.load(&place, opens).await.unwrap().admitted, Admitted);
    }
    let mut admissions = vec![];
    for session in [3, 4, 5] {
        let place = a_place_of(place.caller, session);
        admissions.push(store.load(&place, true).await.unwrap().admitted);
    }
    assert_eq!(admissions, [Admitted, Admitted, TooManySessions]);
}

async fn limits_are_kept_for_each_caller_across_sessions(engine: Engine) {
    let (store, place) = (engine.open_with(2, 10).await, a_place());
    for session in [1, 2] {
        let place = a_place_of(place.caller, session);
        assert_eq!(store.load(&place, true).await.unwrap().admitted, Admitted);
    }
    let third = a_place_of(place.caller, 3);
    assert_eq!(store.load(&third, true).await.unwrap().admitted, TooManyHops);
    assert_eq!(store.load(&a_place(), true).await.unwrap().admitted, Admitted);
}

async fn parallel_calls_get_their_own_answers(engine: Engine) {
    let store = Arc::new(engine.open().await);
    let hops = (0..64_u8).map(|i| {
        let (store, place) = (Arc::clone(&store), a_place());
        tokio::spawn(async move {
            for expected in 0..4_u8 {
                let loaded = store.load(&place, a_hop(expected)).await.unwrap();
                let bytes = |version: u8| vec![i; usize::from(version)];
                let state = Stored { version: expected.into(), bytes: bytes(expected) };
                assert_eq!(loaded.state, (expected > 0).then_some(state));
                assert!(store.save(&place, expected.into(), &bytes(expected + 1), TTL).await.unwrap());
            }
        })
    });
    for ended in futures_util::future::join_all(hops.collect::<Vec<_>>()).await {
        ended.unwrap();
    }
}

async fn parallel_hops_are_all_counted(engine: Engine) {
    let (store, place) = (engine.open_with(30, 10).await, a_place());
    let told_apart: fn(u8) -> Arrival = a_hop;
    for (arrival, place) in [(told_apart, place), (|_| false.into(), a_place())] {
        let hops = (0..64).map(|n| store.load(&place, arrival(n)));
        let loaded = futures_util::future::join_all(hops).await;
        let admitted = loaded.into_iter().filter(|l| l.as_ref().unwrap().admitted == Admitted);
        assert_eq!(admitted.count(), 30);
    }
}

async fn a_hop_that_was_counted_is_not_counted_again(engine: Engine) {
    let (store, place) = (engine.open_with(3, 1).await, a_place());
    for n in [0, 1, 0, 0, 1, 2, 1] {
        assert_eq!(store.load(&place, a_hop(n)).await.unwrap().admitted, Admitted);
    }
    // Whatever can't be told apart counts each time; and what was turned away is turned away again.
    assert_eq!(store.load(&place, false).await.unwrap().admitted, TooManyHops);
    for n in [3, 3, 0] {
        assert_eq!(store.load(&place, a_hop(n)).await.unwrap().admitted, TooManyHops);
    }
}

async fn a_dial_that_is_repeated_counts_as_one_session(engine: Engine) {
    let (store, place) = (engine.open_with(9, 1).await, a_place());
    let dial = |n| Arrival { opens: true, ..a_hop(n) };
    for n in [0, 0, 0] {
        assert_eq!(store.load(&place, dial(n)).await.unwrap().admitted, Admitted);
    }
    assert_eq!(store.load(&a_place_of(place.caller, 2), dial(1)).await.unwrap().admitted, TooManySessions);
}

async fn without_an_answer_the_limits_hold_in_this_process(engine: Engine) {
    let (store, place) = (engine.open_with(3, 1).await, a_place());
    let admissions = [true, true, false, false].map(|opens| store.admit_locally(&place, opens));
    assert_eq!(admissions, [Admitted, TooManySessions, Admitted, TooManyHops]);
    assert_eq!(store.admit_locally(&a_place(), true), Admitted);
}

async fn every_call_is_one_round_trip(engine: Engine) {
    let (store, place) = (engine.open().await, a_place());
    // The first call of each kind may have to bring its script along.
    store.load(&place, true).await.unwrap();
    store.save(&place, 0, b"first", TTL).await.unwrap();
    let each = u64::from(store.kind() != "memory");
    for expected in 1..4 {
        let before = store.round_trips();
        store.load(&place, true).await.unwrap();
        assert_eq!(store.round_trips() - before, each);
        assert!(store.save(&place, expected, b"next", TTL).await.unwrap());
        assert!(!store.save(&place, expected, b"stale", TTL).await.unwrap());
        assert_eq!(store.round_trips() - before, 3 * each);
        store.ping().await.unwrap();
        assert_eq!(store.round_trips() - before, 4 * each);
    }
}
