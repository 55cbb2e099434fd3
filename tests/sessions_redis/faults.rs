//! What holds when Redis is killed, paused, flushed, restarted or was never there.

use daftari::sessions::{
    Admission::{Admitted, TooManyHops},
    Arrival, Limits, SessionStore, StateUnavailable, Stored,
};

use crate::{
    TTL, a_hop, a_place, eventually, open,
    servers::{Cluster, Server},
    unhung,
};

/// Calls until the breaker answers: unavailable, and nothing went over the network. Every answer must come in time.
async fn until_the_breaker_answers(store: &SessionStore) {
    let place = a_place();
    eventually("calls fail at once", || async {
        let before = store.round_trips();
        unhung(store.load(&place, true)).await == Err(StateUnavailable) && store.round_trips() == before
    })
    .await;
}

/// Calls until a whole hop works again.
async fn until_it_works(store: &SessionStore) {
    eventually("a state is saved and loaded", || async {
        let place = a_place();
        let saved = unhung(store.save(&place, 0, b"back", TTL)).await;
        let loaded = unhung(store.load(&place, false)).await;
        saved == Ok(true) && loaded.is_ok_and(|loaded| loaded.state.is_some())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_flushed_redis_has_no_state_and_goes_on() {
    let (server, place) = (Server::start(), a_place());
    let store = open(&server.url()).await;
    assert!(store.save(&place, 0, b"state", TTL).await.unwrap());
    server.ask::<String>(&["FLUSHALL"]);
    assert_eq!(store.load(&place, false).await.unwrap().state, None);
    assert!(!store.save(&place, 1, b"continued", TTL).await.unwrap());
    assert!(store.save(&place, 0, b"folded", TTL).await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_forgotten_script_costs_one_more_trip_once() {
    let (server, place) = (Server::start(), a_place());
    let store = open(&server.url()).await;
    store.load(&place, true).await.unwrap();
    for trips in [1, 2, 1] {
        if trips == 2 {
            server.ask::<String>(&["SCRIPT", "FLUSH"]);
        }
        let before = store.round_trips();
        store.load(&place, false).await.unwrap();
        assert_eq!(store.round_trips() - before, trips);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_server_sees_as_many_requests_as_are_counted() {
    let (server, place) = (Server::start(), a_place());
    let store = open(&server.url()).await;
    store.load(&place, true).await.unwrap();
    store.save(&place, 0, b"first", TTL).await.unwrap();
    server.ask::<String>(&["CONFIG", "RESETSTAT"]);
    let before = store.round_trips();
    for expected in 1..=10 {
        store.load(&place, false).await.unwrap();
        store.save(&place, expected, b"next", TTL).await.unwrap();
    }
    assert_eq!(store.round_trips() - before, 20);
    let stats: String = server.ask(&["INFO", "commandstats"]);
    assert!(stats.contains("cmdstat_evalsha:calls=20,"), "{stats}");
    assert!(!stats.contains("cmdstat_eval:"), "{stats}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hop_that_opens_nothing_needs_one_request_and_no_script() {
    let (server, place) = (Server::start(), a_place());
    let store = open(&server.url()).await;
    store.save(&place, 0, b"state", TTL).await.unwrap();
    server.ask::<String>(&["CONFIG", "RESETSTAT"]);
    let before = store.round_trips();
    for n in 0..10 {
        assert!(store.load(&place, a_hop(n)).await.unwrap().state.is_some());
    }
    assert_eq!(store.round_trips() - before, 10);
    let stats: String = server.ask(&["INFO", "commandstats"]);
    assert!(stats.contains("cmdstat_get:calls=10,") && !stats.contains("cmdstat_eval"), "{stats}");
}

/// What Redis before version 7 says to `PEXPIRE … NX` is an error too.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_refuses_the_plain_commands_is_asked_by_script_from_then_on() {
    let (server, place) = (Server::without("PEXPIRE"), a_place());
    let limits = Limits { hops_per_minute: 3, sessions_per_5_minutes: 1 };
    let store = SessionStore::connect(&server.url(), limits).await.expect("the URL is well formed");
    store.load(&place, true).await.unwrap();
    let mut answers = vec![];
    for n in [0, 0, 1, 2] {
        let before = store.round_trips();
        let admitted = store.load(&place, a_hop(n)).await.unwrap().admitted;
        answers.push((admitted, store.round_trips() - before));
    }
    assert_eq!(answers, [(Admitted, 2), (Admitted, 1), (Admitted, 1), (TooManyHops, 1)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_window_begins_with_its_first_hop_and_is_not_prolonged() {
    let (server, place) = (Server::start(), a_place());
    let store = open(&server.url()).await;
    store.load(&place, a_hop(0)).await.unwrap();
    let keys: Vec<String> = server.ask(&["KEYS", "*"]);
    for n in 1..=2 {
        server.ask::<u64>(&["PEXPIRE", &keys[0], "20000"]);
        store.load(&place, a_hop(n)).await.unwrap();
        store.load(&place, false).await.unwrap();
        assert!((1..=20_000).contains(&server.ask::<i64>(&["PTTL", &keys[0]])));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_in_redis_has_an_end_and_a_short_key() {
    let (server, place) = (Server::start(), a_place());
    let store = open(&server.url()).await;
    store.load(&place, true).await.unwrap();
    store.load(&place, false).await.unwrap();
    store.save(&place, 0, b"sealed", TTL).await.unwrap();
    let keys: Vec<String> = server.ask(&["KEYS", "*"]);
    assert_eq!(keys.len(), 3, "{keys:?}");
    for key in &keys {
        let left_ms: i64 = server.ask(&["PTTL", key]);
        assert!((1..=300_000).contains(&left_ms), "{key} ends in {left_ms}");
        assert!(key.len() < 56, "{key}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_value_that_is_not_ours_counts_as_no_state() {
    let (server, place) = (Server::start(), a_place());
    let store = open(&server.url()).await;
    store.save(&place, 0, b"state", TTL).await.unwrap();
    let keys: Vec<String> = server.ask(&["KEYS", "*"]);
    server.ask::<String>(&["SET", &keys[0], "short"]);
    assert_eq!(store.load(&place, false).await.unwrap().state, None);
    assert!(store.save(&place, 0, b"folded", TTL).await.unwrap());
}

#[tokio::test]
async fn what_is_asked_at_once_is_written_at_once() {
    let server = Server::start();
    let store = open(&server.url()).await;
    store.load(&a_place(), true).await.unwrap();
    let reads = || -> u64 {
        let stats: String = server.ask(&["INFO", "stats"]);
        let line = stats.lines().find_map(|line| line.strip_prefix("total_reads_processed:"));
        line.expect("Redis counts what it reads").trim().parse().expect("it is a number")
    };
    let own = {
        let before = reads();
        reads() - before
    };
    let before = reads();
    let places: Vec<_> = (0..40).map(|_| a_place()).collect();
    let loads = places.iter().map(|place| store.load(place, a_hop(1)));
    assert!(futures_util::future::join_all(loads).await.iter().all(Result::is_ok));
    let taken = reads() - before - own;
    assert!((1..=5).contains(&taken), "40 hops are five writes at most, not {taken}");
}

#[tokio::test]
async fn a_refusal_is_of_one_call_and_not_of_those_beside_it() {
    let (server, bad, good) = (Server::start(), a_place(), a_place());
    let store = open(&server.url()).await;
    store.save(&bad, 0, b"state", TTL).await.unwrap();
    let keys: Vec<String> = server.ask(&["KEYS", "*"]);
    server.ask::<u64>(&["DEL", &keys[0]]);
    server.ask::<u64>(&["RPUSH", &keys[0], "of another kind"]);
    store.save(&good, 0, b"state", TTL).await.unwrap();
    let (refused, loaded, later) = tokio::join!(
        store.load(&bad, a_hop(1)),
        store.load(&good, a_hop(1)),
        store.save(&good, 1, b"later", TTL),
    );
    assert_eq!(refused, Err(StateUnavailable));
    assert_eq!(loaded.unwrap().state, Some(Stored { version: 1, bytes: b"state".to_vec() }));
    assert_eq!(later, Ok(true));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_redis_is_unavailable_at_once_and_works_when_it_is_back() {
    let mut server = Server::start();
    let store = open(&server.url()).await;
    until_it_works(&store).await;
    server.kill();
    assert_eq!(unhung(store.load(&a_place(), true)).await, Err(StateUnavailable));
    assert_eq!(unhung(store.save(&a_place(), 0, b"lost", TTL)).await, Err(StateUnavailable));
    assert_eq!(unhung(store.ping()).await, Err(StateUnavailable));
    until_the_breaker_answers(&store).await;
    server.run();
    until_it_works(&store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_redis_is_unavailable_and_keeps_the_state_for_later() {
    let (server, place) = (Server::start(), a_place());
    let store = open(&server.url()).await;
    assert!(store.save(&place, 0, b"state", TTL).await.unwrap());
    server.pause();
    assert_eq!(unhung(store.load(&place, false)).await, Err(StateUnavailable));
    assert_eq!(unhung(store.save(&place, 1, b"unheard", TTL)).await, Err(StateUnavailable));
    until_the_breaker_answers(&store).await;
    server.go_on();
    until_it_works(&store).await;
    // The save that got no answer may have been carried out when Redis woke up; then it was, whole.
    let state = store.load(&place, false).await.unwrap().state.expect("the state is there");
    let before = Stored { version: 1, bytes: b"state".to_vec() };
    let after = Stored { version: 2, bytes: b"unheard".to_vec() };
    assert!(state == before || state == after, "{state:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_is_not_there_yet_delays_no_start() {
    let mut server = Server::absent();
    let store = unhung(open(&server.url())).await;
    assert_eq!(store.kind(), "redis");
    assert_eq!(unhung(store.load(&a_place(), true)).await, Err(StateUnavailable));
    server.run();
    until_it_works(&store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_redis_that_refuses_the_password_is_asked_again_until_it_accepts_it() {
    let server = Server::start();
    server.ask::<String>(&["CONFIG", "SET", "requirepass", "other"]);
    let store = open(&server.url().replace("://", "://:password@")).await;
    assert_eq!(unhung(store.ping()).await, Err(StateUnavailable));
    until_the_breaker_answers(&store).await;
    server.ask_with("other", &["CONFIG", "SET", "requirepass", "password"]);
    until_it_works(&store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_survives_flushes_of_states_and_scripts() {
    let (cluster, place) = (Cluster::start(), a_place());
    let store = open(&cluster.url()).await;
    assert!(store.save(&place, 0, b"state", TTL).await.unwrap());
    for node in &cluster.0 {
        node.ask::<String>(&["FLUSHALL"]);
        node.ask::<String>(&["SCRIPT", "FLUSH"]);
    }
    let before = store.round_trips();
    assert_eq!(store.load(&place, false).await.unwrap().state, None);
    assert_eq!(store.round_trips() - before, 2);
    assert_eq!(store.load(&place, false).await.unwrap().state, None);
    assert_eq!(store.round_trips() - before, 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_master_leaves_the_callers_of_the_others_their_states() {
    let mut cluster = Cluster::start();
    let store = open(&cluster.url()).await;
    let mut places = vec![];
    for _ in 0..60 {
        let place = a_place();
        assert!(store.save(&place, 0, b"state", TTL).await.unwrap());
        places.push(place);
    }
    cluster.0[2].kill();
    let mut found = 0;
    for place in &places {
        if let Ok(loaded) = unhung(store.load(place, false)).await {
            assert!(loaded.state.is_some());
            found += 1;
        }
    }
    assert!((20..60).contains(&found), "{found} of 60 states were found");
    cluster.0[2].run();
    until_it_works(&store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_cluster_is_unavailable_at_once_and_works_when_it_is_back() {
    let mut cluster = Cluster::start();
    let store = open(&cluster.url()).await;
    until_it_works(&store).await;
    cluster.0.iter_mut().for_each(Server::kill);
    until_the_breaker_answers(&store).await;
    cluster.0.iter_mut().for_each(Server::run);
    until_it_works(&store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_cluster_is_unavailable_and_works_when_it_goes_on() {
    let cluster = Cluster::start();
    let store = open(&cluster.url()).await;
    until_it_works(&store).await;
    cluster.0.iter().for_each(Server::pause);
    assert_eq!(unhung(store.load(&a_place(), true)).await, Err(StateUnavailable));
    until_the_breaker_answers(&store).await;
    cluster.0.iter().for_each(Server::go_on);
    until_it_works(&store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_that_is_not_there_yet_delays_no_start() {
    let cluster = Cluster::start();
    cluster.0.iter().for_each(Server::pause);
    let store = unhung(open(&cluster.url())).await;
    assert_eq!(unhung(store.load(&a_place(), true)).await, Err(StateUnavailable));
    cluster.0.iter().for_each(Server::go_on);
    until_it_works(&store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cluster_that_refuses_the_password_is_asked_again_until_it_accepts_it() {
    let cluster = Cluster::start();
    cluster.0.iter().for_each(|node| drop(node.ask::<String>(&["CONFIG", "SET", "requirepass", "other"])));
    let store = open(&cluster.url().replace("://", "://:password@")).await;
    assert_eq!(unhung(store.ping()).await, Err(StateUnavailable));
    until_the_breaker_answers(&store).await;
    cluster.0.iter().for_each(|node| node.ask_with("other", &["CONFIG", "SET", "requirepass", "password"]));
    until_it_works(&store).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_moved_slot_is_followed_within_the_call() {
    follow_a_moved_slot(false.into()).await;
    follow_a_moved_slot(a_hop(0)).await;
}

async fn follow_a_moved_slot(first: Arrival) {
    let (cluster, place) = (Cluster::start(), a_place());
    let store = open(&cluster.url()).await;
    assert!(store.save(&place, 0, b"state", TTL).await.unwrap());
    let keys = cluster.0.each_ref().map(|node| node.ask::<Vec<String>>(&["KEYS", "*"]));
    let from = keys.iter().position(|keys| !keys.is_empty()).expect("one node has the state");
    let slot: u16 = cluster.0[from].ask(&["CLUSTER", "KEYSLOT", &keys[from][0]]);
    cluster.0[from].ask::<String>(&["FLUSHALL"]);
    let to = &cluster.0[(from + 1) % 3];
    let id: String = to.ask(&["CLUSTER", "MYID"]);
    // The new owner first: the others believe it.
    for node in [to].into_iter().chain(&cluster.0) {
        node.ask::<String>(&["CLUSTER", "SETSLOT", &slot.to_string(), "NODE", &id]);
    }
    assert_eq!(unhung(store.load(&place, first)).await.expect("it follows").state, None);
    assert_eq!(unhung(store.save(&place, 0, b"folded", TTL)).await, Ok(true));
    assert_eq!(to.ask::<u64>(&["DBSIZE"]), 2);
}
