//! A node that died between the two transactions of a hop with a secret: the try is counted, the action is claimed, and
//! there is no outcome. What it leaves behind is written here by raw SQL.

use chrono::Duration;
use daftari::{
    model::SessionId,
    phones::wire::{Call, Shown, Wire},
    secrets::Mark,
};
use futures_util::future::join_all;

use super::{ACCOUNTS, MESSAGES};
use crate::{
    caller::{Caller, PIN, SOMETHING_IS_BROKEN, WRONG_PIN},
    town::{CODE, Town, on_every_back_end, open_account},
};

/// What stands for a session and its inputs in the journal.
fn mark(town: &Town, call: &Call) -> Mark {
    let keys = town.app().deps.keys.current();
    let session = SessionId::parse(&call.session).expect("an id");
    let start = keys.marker().start("africastalking", &session);
    keys.marker().typed(&start, &call.inputs.join("*"))
}

/// What a hop has committed when it dies over a secret: the claim, so many seconds old, and the counted try.
async fn die_over(town: &Town, call: &Call, action: &'static str, seconds: i64) {
    let mut tx = town.app().deps.store.begin().await.expect("a transaction");
    tx.query(
        "INSERT INTO journal (provider, session_id, mark, action, claimed_at)
         VALUES ('africastalking', $1, $2, $3, $4)",
    )
    .bind(call.session.clone())
    .bind(mark(town, call).0.to_vec())
    .bind(action)
    .bind(town.clock.now() - Duration::seconds(seconds))
    .execute_exactly(1)
    .await
    .expect("a claim");
    if action == "sign_in" {
        tx.query("UPDATE credentials SET failures = failures + 1").execute_exactly(1).await.expect("a try");
    }
    tx.commit().await.expect("it is kept");
}

/// The same request sixteen times at once, on both nodes in turn; all get the same answer.
async fn sixteen_repeats(town: &Town, call: &Call) -> Shown {
    let nodes = [town.aggregator(0, Wire::AfricasTalking), town.aggregator(1, Wire::AfricasTalking)];
    let answers = join_all((0..16).map(|n| nodes[n % 2].hop(call))).await;
    let mut answers: Vec<Shown> = answers.into_iter().map(|answer| answer.expect("an answer")).collect();
    let first = answers.remove(0);
    assert!(
        answers.iter().all(|a| (a.ends, &a.text) == (first.ends, &first.text)),
        "all get the same answer"
    );
    first
}

/// A call that has come to its PIN, with an account behind it.
async fn about_to_sign_in(town: &mut Town, pin: &str) -> Caller {
    open_account(&mut town.phone("+254700000010"), "28461937", PIN).await;
    town.add_node().await;
    let mut caller = Caller::new(town, 10);
    assert!(caller.send().await.text.starts_with("Type your PIN to sign in"));
    caller.call.inputs.push(pin.to_owned());
    caller
}

const RECORDED: &str = "SELECT COUNT(*) FROM journal WHERE action = 'sign_in' AND reply IS NOT NULL";
const CLAIMED: &str = "SELECT COUNT(*) FROM journal WHERE action = 'sign_in'";

on_every_back_end! {
    async fn a_wrong_pin_that_a_node_died_over_is_told_once_and_counted_once(town: Town) {
        let caller = about_to_sign_in(&mut town, WRONG_PIN).await;
        die_over(&town, &caller.call, "sign_in", 10).await;
        let shown = sixteen_repeats(&town, &caller.call).await;
        assert!(shown.text.starts_with("This PIN is wrong. Tries left: 2."), "{}", shown.text);
        assert_eq!(town.count("SELECT failures FROM credentials").await, 1, "the try was counted once");
        assert_eq!((town.count(CLAIMED).await, town.count(RECORDED).await), (1, 1));
    }
}

on_every_back_end! {
    async fn a_right_pin_that_a_node_died_over_signs_in(town: Town) {
        let caller = about_to_sign_in(&mut town, PIN).await;
        die_over(&town, &caller.call, "sign_in", 10).await;
        let shown = sixteen_repeats(&town, &caller.call).await;
        assert!(shown.text.starts_with("Hello Asha Njeri."), "{}", shown.text);
        assert_eq!(town.count("SELECT failures FROM credentials").await, 0);
        assert_eq!((town.count(CLAIMED).await, town.count(RECORDED).await), (1, 1));
    }
}

on_every_back_end! {
    async fn an_account_that_a_node_died_over_is_opened_once(town: Town) {
        town.add_node().await;
        let mut caller = Caller::new(&town, 10);
        caller.walk(0..9).await;
        caller.prepare(9);
        die_over(&town, &caller.call, "open_account", 10).await;
        let shown = sixteen_repeats(&town, &caller.call).await;
        assert!(shown.ends && shown.text.starts_with("Your account is open."), "{}", shown.text);
        assert_eq!(town.count(ACCOUNTS).await, 1);
        assert_eq!(town.count(MESSAGES).await, 1);
        assert_eq!(town.count("SELECT COUNT(*) FROM audit_entries").await, 1);
    }
}

on_every_back_end! {
    async fn a_new_pin_that_a_node_died_over_is_set_once(town: Town) {
        let mut caller = about_to_sign_in(&mut town, PIN).await;
        caller.send().await;
        for typed in ["3", PIN, "462085"] {
            caller.answer(typed).await;
        }
        caller.call.inputs.push("462085".to_owned());
        die_over(&town, &caller.call, "change_pin", 10).await;
        let shown = sixteen_repeats(&town, &caller.call).await;
        assert!(shown.ends && shown.text.starts_with("Your PIN is changed."), "{}", shown.text);
        assert_eq!(town.count("SELECT COUNT(*) FROM messages WHERE purpose = 'pin_changed'").await, 1);
        assert_eq!(town.count("SELECT COUNT(*) FROM audit_entries WHERE action = 'pin_changed'").await, 1);
    }
}

on_every_back_end! {
    async fn a_claim_that_may_be_alive_is_waited_for_and_left_alone(town: Town) {
        let mut caller = about_to_sign_in(&mut town, WRONG_PIN).await;
        die_over(&town, &caller.call, "sign_in", 8).await;
        let nodes = [town.aggregator(0, Wire::AfricasTalking), town.aggregator(1, Wire::AfricasTalking)];
        let answers = join_all((0..4).map(|n| nodes[n % 2].hop(&caller.call))).await;
        for shown in answers.into_iter().map(|answer| answer.expect("an answer")) {
            assert!(shown.ends && shown.text.starts_with(SOMETHING_IS_BROKEN), "{}", shown.text);
        }
        assert_eq!((town.count(CLAIMED).await, town.count(RECORDED).await), (1, 0));
        assert_eq!(town.count("SELECT failures FROM credentials").await, 1);
        town.pass(Duration::seconds(2));
        assert!(caller.send().await.text.starts_with("This PIN is wrong. Tries left: 2."), "later it is taken over");
        assert_eq!(town.count("SELECT failures FROM credentials").await, 1);
    }
}

on_every_back_end! {
    async fn a_call_that_drops_over_its_pin_leaves_the_next_call_its_tries(town: Town) {
        let caller = about_to_sign_in(&mut town, WRONG_PIN).await;
        die_over(&town, &caller.call, "sign_in", 1).await;
        let mut phone = town.phone("+254700000010");
        phone.dial(CODE).await.expect("a screen");
        let shown = phone.answer(WRONG_PIN).await.expect("a screen");
        assert!(shown.text.starts_with("This PIN is wrong. Tries left: 1."), "{}", shown.text);
    }
}
