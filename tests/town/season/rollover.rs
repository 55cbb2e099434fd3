//! How a series ends.

use chrono::{Days, Duration};
use daftari::{
    model::CentreCode,
    services::{accounts::NAIROBI, retention, season::import::Kind},
    storage::{people, season},
};

use super::{CENTRES, import, rows};
use crate::town::{Town, on_every_back_end};

on_every_back_end! {
    async fn a_series_that_is_over_closes_and_its_pins_end(town: Town) {
        let today = town.clock.now().with_timezone(&NAIROBI).date_naive();
        let (from, to) = (today - Days::new(10), today);
        let series = |code: &str, to| format!("{code},KCSE,{},{from},{to}\n", 2026);
        let both = format!("code,exam,year,starts_on,ends_on\n{}{}", series("S26", to), series("LATER", to + Days::new(60)));
        import(&town, Kind::Series, &both).await;
        import(&town, Kind::Centres, CENTRES).await;
        let row = format!("S26,12345001,driver,Peter Kamau,,,{from},{to},");
        import(&town, Kind::Deployments, &rows(&[&row])).await;
        for (n, series) in [(1, "S26"), (2, "LATER")] {
            credential(&town, n, series).await;
        }
        let live = "SELECT COUNT(*) FROM post_credentials WHERE revoked_at IS NULL";

        town.pass(Duration::days(30));
        retention::sweep(&town.app().deps).await.expect("a sweep");
        assert_eq!(town.count(live).await, 2, "the director may still countersign");
        town.pass(Duration::days(1));
        retention::sweep(&town.app().deps).await.expect("a sweep");
        assert_eq!(town.count(live).await, 1);
        assert_eq!(town.count("SELECT COUNT(*) FROM post_credentials WHERE series = 'S26' AND epoch = 2").await, 1);
        assert_eq!(town.count("SELECT COUNT(*) FROM audit_entries WHERE action = 'series_closed'").await, 1);

        let mut tx = town.app().deps.store.read().await.expect("a read");
        let now = today + Days::new(31);
        let current: Vec<String> =
            season::current(&mut tx, now).await.expect("series").into_iter().map(|series| series.code).collect();
        assert_eq!(current, ["LATER"]);
        assert!(season::series(&mut tx, "S26").await.expect("a series").expect("it is there").closed_at.is_some());
        let centre = CentreCode::parse("12345001").expect("a code");
        let there = people::roster(&mut tx, "S26", &centre, to).await.expect("a roster");
        assert_eq!(there.len(), 1, "what was stays readable");
    }
}

async fn credential(town: &Town, n: u128, series: &str) {
    let now = town.clock.now();
    let mut tx = town.app().deps.store.begin().await.expect("a transaction");
    let sql = "INSERT INTO post_credentials (id, post_kind, post, part, series, phc, pepper_id, issued_to, issued_by, issued_at, epoch)
               VALUES ($1, 'centre', $2, 'holder', $3, 'x', 'p1', '+254700000002', 'cli', $4, 1)";
    tx.query(sql)
        .bind(uuid::Uuid::from_u128(n))
        .bind(format!("1234500{n}"))
        .bind(series)
        .bind(now)
        .execute_exactly(1)
        .await
        .expect("a credential");
    tx.commit().await.expect("it is kept");
}
