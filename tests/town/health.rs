//! Up, able to serve, and counted: what a balancer and an operator are told (`design.md` 3 and 4).

use std::net::SocketAddr;

use chrono::Duration;
use daftari::{
    phones::wire::Wire,
    services::clock_watch,
    telemetry::metrics::Metrics,
    web::{self, serve},
};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::{
    raw::{self, Answered},
    town::{Backend, CODE, Town, on_every_back_end, screen},
};

const LINE: &str = "+254700000010";
/// Nothing listens there.
const AWAY: &str = "redis://127.0.0.1:1";

async fn get(base: &str, path: &str) -> Answered {
    raw::send(base, "GET", path, "text/plain", b"").await
}

/// Status code, status word and what is missing.
async fn readiness(town: &Town) -> (u16, String, String) {
    town.follow_the_machine();
    let answer = get(&town.nodes[0].url, "/readyz").await;
    let said: Value = serde_json::from_str(&answer.body).expect("JSON");
    assert!(said["menus"].as_str().is_some_and(|version| version.len() == 16), "{said}");
    (answer.status, said["status"].as_str().expect("a status").to_owned(), said["missing"].to_string())
}

on_every_back_end! {
    async fn a_node_with_everything_is_up_and_ready(town: Town) {
        let answer = get(&town.nodes[0].url, "/livez").await;
        assert_eq!((answer.status, answer.body.as_str()), (200, "up\n"));
        assert_eq!(readiness(&town).await, (200, "ready".to_owned(), "[]".to_owned()));
    }
}

async fn without_redis_a_node_is_degraded_and_serves(backend: Backend) {
    let town = Town::with(backend, &[("DAFTARI_STATE__URL", AWAY)]).await;
    let (code, status, missing) = readiness(&town).await;
    assert_eq!((code, status.as_str()), (200, "degraded"));
    assert!(missing.contains("session store"), "{missing}");
    let mut phone = town.phone(LINE);
    phone.dial(CODE).await.expect("a screen");
    for input in ["1", "1", "1", "Asha", "Wanjiku", "28461937", "1", "907318", "907318"] {
        phone.answer(input).await.expect("a screen");
    }
    assert!(screen(&phone).starts_with("Your account is open."), "{}", screen(&phone));
}

#[tokio::test]
async fn without_redis_a_node_is_degraded_and_serves_on_sqlite() {
    without_redis_a_node_is_degraded_and_serves(Backend::Embedded).await;
}

#[tokio::test]
async fn without_redis_a_node_is_degraded_and_serves_on_postgres() {
    without_redis_a_node_is_degraded_and_serves(Backend::Production).await;
}

on_every_back_end! {
    async fn without_its_database_a_node_is_degraded(town: Town) {
        town.app().deps.store.close().await;
        let (code, status, missing) = readiness(&town).await;
        assert_eq!((code, status.as_str()), (200, "degraded"), "it stays in the balancer");
        assert!(missing.contains("database"), "{missing}");
        assert_eq!(get(&town.nodes[0].url, "/livez").await.status, 200);
    }
}

on_every_back_end! {
    async fn a_schema_of_a_newer_program_makes_a_node_unready(town: Town) {
        let mut tx = town.app().deps.store.begin().await.expect("a unit of work");
        tx.query(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
             VALUES (9999, 'of a newer program', TRUE, $1, 0)",
        )
        .bind(vec![0_u8; 48])
        .execute_exactly(1)
        .await
        .expect("a migration");
        tx.commit().await.expect("it is kept");
        let (code, status, missing) = readiness(&town).await;
        assert_eq!((code, status.as_str()), (503, "unready"));
        assert!(missing.contains("9999") && missing.contains("newer program"), "{missing}");
        assert_eq!(get(&town.nodes[0].url, "/livez").await.status, 200, "it is up all the same");
    }
}

#[tokio::test]
async fn a_clock_far_from_the_databases_makes_a_node_unready() {
    let town = Town::open(Backend::Production).await;
    town.pass(Duration::minutes(2));
    let (code, status, missing) = readiness(&town).await;
    assert_eq!((code, status.as_str()), (503, "unready"));
    assert!(missing.contains("clock"), "{missing}");
    town.pass(-Duration::minutes(4));
    assert_eq!(readiness(&town).await.0, 503, "behind as well as ahead");
    town.pass(Duration::minutes(2));
    assert_eq!(readiness(&town).await.0, 200);
}

#[tokio::test]
async fn a_clock_behind_the_latest_instant_kept_makes_a_node_unready() {
    let town = Town::open(Backend::Embedded).await;
    clock_watch::raise(&town.app().deps).await.expect("the instant is kept");
    town.pass(Duration::hours(2));
    assert_eq!(readiness(&town).await.0, 200, "nothing but its own past to hold it against");
    town.pass(-Duration::hours(3));
    let (code, status, missing) = readiness(&town).await;
    assert_eq!((code, status.as_str()), (503, "unready"));
    assert!(missing.contains("clock"), "{missing}");
}

#[tokio::test]
async fn a_node_that_is_stopping_says_so() {
    let town = Town::open(Backend::Embedded).await;
    // Its own listener takes no new connection any more: the same router, on one that does.
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a listener");
    let address = listener.local_addr().expect("its address");
    let base = address.to_string();
    let service =
        web::router(town.app().clone(), address).into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    assert_eq!(get(&base, "/readyz").await.status, 200);
    town.app().lifecycle.stop();
    let answer = get(&base, "/readyz").await;
    let said: Value = serde_json::from_str(&answer.body).expect("JSON");
    assert_eq!(answer.status, 503);
    assert_eq!((said["status"].as_str(), said["missing"][0].as_str()), (Some("unready"), Some("stopping")));
    assert_eq!(get(&base, "/livez").await.status, 200, "it is up until it is gone");
}

#[tokio::test]
async fn a_task_that_has_fallen_makes_a_node_degraded() {
    let town = Town::open(Backend::Embedded).await;
    let lifecycle = &town.app().lifecycle;
    lifecycle.spawn("test worker", async { panic!("on purpose") });
    while lifecycle.fallen().is_empty() {
        tokio::task::yield_now().await;
    }
    let (code, status, missing) = readiness(&town).await;
    assert_eq!((code, status.as_str()), (200, "degraded"));
    assert!(missing.contains("test worker"), "{missing}");
}

fn hops(text: &str) -> u64 {
    let counted =
        text.lines().filter(|line| line.starts_with("daftari_hops_total{provider=\"africastalking\""));
    counted
        .map(|line| line.rsplit_once(' ').and_then(|(_, n)| n.parse::<u64>().ok()).expect("a number"))
        .sum()
}

fn refused(text: &str, reason: &str) -> u64 {
    let line = format!("daftari_callbacks_refused_total{{reason=\"{reason}\"}} ");
    text.lines().find_map(|l| l.strip_prefix(line.as_str())).map_or(0, |n| n.parse().expect("a number"))
}

#[tokio::test]
async fn metrics_are_on_the_admin_listener_and_nowhere_else() {
    let town = Town::open(Backend::Embedded).await;
    let listening = serve::serve(town.app(), Metrics::install().expect("metrics")).await.expect("listeners");
    let (public, admin) = (listening.public.to_string(), listening.admin.to_string());
    assert_eq!(get(&public, "/metrics").await, get(&public, "/nowhere").await);
    assert_eq!(get(&public, "/metrics").await.status, 404);
    let before = get(&admin, "/metrics").await;
    assert_eq!(before.status, 200);
    let mut phone = town.phone(LINE);
    phone.dial(CODE).await.expect("a screen");
    phone.answer("1").await.expect("a screen");
    raw::send(&public, "POST", "/callbacks/africastalking/wrong/ussd", raw::FORM, b"").await;
    raw::post(&town, "ussd", "").await;
    let after = get(&admin, "/metrics").await.body;
    // The process's other tests count along.
    assert!(hops(&after) >= hops(&before.body) + 2, "{after}");
    assert!(refused(&after, "secret") > refused(&before.body, "secret"), "{after}");
    assert!(refused(&after, "body") > refused(&before.body, "body"), "{after}");
    assert!(!after.contains("254700000010"), "no line is a label");
    let hop = raw::hop("s-2", LINE, "");
    let there =
        raw::send(&admin, "POST", &raw::path("africastalking", "ussd"), raw::FORM, hop.as_bytes()).await;
    assert_eq!(there.status, 404, "no callbacks on the admin listener");
    assert_eq!(get(&admin, "/readyz").await.status, 404);
    assert_eq!(get(&admin, "/livez").await.status, 200);
}

#[tokio::test]
async fn hops_of_each_aggregator_are_counted_apart() {
    let town = Town::open(Backend::Embedded).await;
    town.phone_on(LINE, Wire::Hubtel).dial(CODE).await.expect("a screen");
    let text = Metrics::install().expect("metrics").render();
    assert!(text.lines().any(|line| line.starts_with("daftari_hops_total{provider=\"hubtel\"")), "{text}");
}
