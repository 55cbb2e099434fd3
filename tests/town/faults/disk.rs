//! SQLite on a full disk: callers are told to try again, and when there is room again the same process works on.

use chrono::Duration;
use daftari::storage::Store;
use sqlx::Row as _;

use super::{ACCOUNTS, MESSAGES, clocks::readiness};
use crate::{
    caller::{ACCOUNT, Caller, SOMETHING_IS_BROKEN},
    town::{Backend, Town},
};

/// More pages than any test needs.
const PLENTY: i64 = 1_000_000;

/// Set how many pages the database may have, at least as many as there are. A connection made anew has all the room.
async fn allow_pages(town: &Town, pages: i64) {
    let Store::Sqlite { writer, .. } = &town.app().deps.store else { panic!("SQLite") };
    let set = sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"));
    let row = sqlx::query(set).fetch_one(writer).await.expect("the limit is set");
    assert!(row.get::<i64, _>(0) >= pages);
}

/// Open accounts until the disk is full; gives the number of those that are open, and the call and step in hand.
async fn fill_the_disk(town: &Town) -> (i64, Caller, usize) {
    allow_pages(town, 1).await;
    for opened in town.count(ACCOUNTS).await.. {
        let mut caller = Caller::new(town, 10 + u32::try_from(opened).expect("a few"));
        for (step, (_, says)) in ACCOUNT.iter().enumerate() {
            caller.prepare(step);
            let shown = caller.send().await;
            if shown.text.starts_with(SOMETHING_IS_BROKEN) {
                assert!(shown.ends, "it ends the call");
                return (opened, caller, step);
            }
            assert!(shown.text.starts_with(says), "step {step}: {}", shown.text);
        }
    }
    unreachable!("the disk is full some time")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_loses_nothing_and_the_same_process_works_on() {
    let town = Town::open(Backend::Embedded).await;
    // Three times: nothing of one full disk is left when the next comes.
    for _ in 0..3 {
        let (opened, mut caller, step) = fill_the_disk(&town).await;
        for _ in 0..3 {
            // Where it was the second transaction of a secret's two, the claim of the first must be past its life.
            town.pass(Duration::seconds(10));
            allow_pages(&town, 1).await;
            assert!(caller.send().await.text.starts_with(SOMETHING_IS_BROKEN), "as long as the disk is full");
        }
        assert_eq!(readiness(&town).await.0, 200, "it stays in the balancer");
        assert_eq!(town.count(ACCOUNTS).await, opened, "what was confirmed is there, and nothing else");
        allow_pages(&town, PLENTY).await;
        town.pass(Duration::seconds(10));
        let shown = caller.send().await;
        assert!(shown.text.starts_with(ACCOUNT[step].1), "the same request goes on: {}", shown.text);
        caller.walk(step + 1..ACCOUNT.len()).await;
        assert_eq!(town.count(ACCOUNTS).await, opened + 1);
        assert_eq!(town.count(MESSAGES).await, opened + 1);
    }
}
