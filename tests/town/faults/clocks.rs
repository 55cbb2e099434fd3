//! A clock that jumps by two hours, either way, while people are calling.

use chrono::Duration;
use daftari::{gateways::http_client, phones::wire::Wire};

use super::ACCOUNTS;
use crate::{
    caller::{ACCOUNT, Caller, PIN, WRONG_PIN},
    town::{Backend, Town, on_every_back_end, open_account},
};

const TWO_HOURS: Duration = Duration::hours(2);

/// `GET /readyz`: the status and what is told.
pub(super) async fn readiness(town: &Town) -> (u16, String) {
    town.follow_the_machine();
    let url = format!("{}/readyz", town.nodes[0].url);
    let answer = http_client().expect("a client").get(url).send().await.expect("an answer");
    (answer.status().as_u16(), answer.text().await.expect("a body"))
}

on_every_back_end! {
    async fn a_call_goes_on_when_the_clock_is_set_back(town: Town) {
        let mut caller = Caller::new(&town, 10);
        for step in 0..ACCOUNT.len() {
            caller.walk(step..step + 1).await;
            if step == 4 {
                town.pass(-TWO_HOURS);
            }
        }
        assert_eq!(town.count(ACCOUNTS).await, 1);
        // And a new one, two hours before the account was opened.
        let mut caller = Caller::new(&town, 10);
        caller.send().await;
        assert!(caller.answer(PIN).await.text.starts_with("Hello Asha Njeri."));
    }
}

on_every_back_end! {
    async fn a_call_whose_clock_was_set_back_ends_after_sixty_hops(town: Town) {
        assert_eq!(hops_until_it_is_over(&mut town, false).await, 61);
    }
}

on_every_back_end! {
    async fn it_ends_as_well_when_its_state_is_lost_all_the_time(town: Town) {
        assert_eq!(hops_until_it_is_over(&mut town, true).await, 61);
    }
}

/// The answers that a call gets whose opening lies two hours ahead. State is lost from time to time in any case: it
/// holds the limits of the line as well.
async fn hops_until_it_is_over(town: &mut Town, lost_before_every_hop: bool) -> usize {
    let mut caller = Caller::new(town, 10);
    caller.walk(0..2).await;
    town.pass(-TWO_HOURS);
    for answered in 2..100 {
        if lost_before_every_hop || answered % 20 == 0 {
            town.flush(&["+254700000010"]).await;
            caller.aggregator = town.aggregator(0, Wire::AfricasTalking);
        }
        let shown = caller.answer("00").await;
        if shown.ends {
            assert!(shown.text.starts_with("This call has been long"), "{}", shown.text);
            return answered;
        }
    }
    panic!("it never ends")
}

on_every_back_end! {
    async fn a_call_ends_when_the_clock_is_set_forward_and_the_next_one_works(town: Town) {
        let mut caller = Caller::new(&town, 10);
        caller.walk(0..6).await;
        town.pass(TWO_HOURS);
        caller.prepare(6);
        let shown = caller.send().await;
        assert!(shown.ends && shown.text.starts_with("This call has been long"), "{}", shown.text);
        let mut caller = Caller::new(&town, 10);
        assert!(caller.send().await.text.starts_with("You began to open an account."));
    }
}

on_every_back_end! {
    async fn a_wait_is_no_shorter_when_the_clock_is_set_back(town: Town) {
        open_account(&mut town.phone("+254700000010"), "28461937", PIN).await;
        let mut caller = Caller::new(&town, 10);
        caller.send().await;
        for _ in 0..3 {
            caller.answer(WRONG_PIN).await;
        }
        for back in [Duration::zero(), TWO_HOURS] {
            town.pass(-back);
            let mut caller = Caller::new(&town, 10);
            caller.send().await;
            let shown = caller.answer(PIN).await;
            assert!(shown.text.starts_with("Too many wrong PINs."), "{}", shown.text);
        }
    }
}

on_every_back_end! {
    async fn messages_queued_before_the_clock_was_set_back_are_not_lost(town: Town) {
        open_account(&mut town.phone("+254700000010"), "28461937", PIN).await;
        town.pass(-TWO_HOURS);
        town.send_messages().await;
        town.pass(TWO_HOURS);
        town.send_messages().await;
        assert_eq!(town.messages_to("+254700000010").len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_whose_clock_is_not_the_databases_is_not_ready() {
    for jump in [TWO_HOURS, -TWO_HOURS, Duration::seconds(45), Duration::seconds(-45)] {
        let town = Town::open(Backend::Production).await;
        let (status, told) = readiness(&town).await;
        assert_eq!(status, 200, "{told}");
        town.pass(jump);
        let (status, told) = readiness(&town).await;
        assert_eq!(status, 503, "{told}");
        assert!(told.contains("unready") && told.contains("the clock is"), "{told}");
        // Whoever is sent there all the same is served.
        Caller::new(&town, 10).walk(0..10).await;
    }
}
