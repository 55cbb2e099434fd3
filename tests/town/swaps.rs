//! SIM swaps: asked after the commit, answered whenever, read when the new PIN is confirmed.

use chrono::Duration;
use daftari::{
    app::SimSwapLookUp,
    gateways::simulated_swaps::{Line, SimulatedSwaps},
    services::accounts::NAIROBI,
    workers::sim_swaps,
};
use secrecy::ExposeSecret as _;

use crate::{
    lines::{LINE, NEW_PIN, PIN, code_at, dial, hold, issue, line, says, settle, type_in},
    raw::{self, JSON},
    town::{Town, on_every_back_end, screen},
};

const LOOK_UP: [(&str, &str); 1] = [("DAFTARI_SIM_SWAP__KIND", "simulator")];

fn look_up(town: &Town) -> &SimSwapLookUp {
    town.app().sim_swap.as_ref().expect("somebody to ask")
}

fn swaps(town: &Town) -> &SimulatedSwaps {
    look_up(town).simulated.as_ref().expect("the simulated look-up")
}

/// Let the worker of a node have its turn.
async fn ask_and_hear(town: &Town) {
    sim_swaps::turn(&town.app().deps, look_up(town)).await;
}

/// The line forgets its PIN, and types the code; what is done in between is the network's business.
async fn reset(town: &mut Town, meanwhile: impl AsyncFnOnce(&Town)) -> String {
    let mut phone = dial(town, LINE).await;
    type_in(&mut phone, &["1", "1"]).await;
    let code = code_at(town, LINE).await;
    meanwhile(town).await;
    // "It waits for your network": nobody has told this call that it was sent.
    type_in(&mut phone, &["2", &code, NEW_PIN, NEW_PIN]).await
}

on_every_back_end! {
    async fn a_swap_a_short_time_ago_leaves_the_officer(town: Town) {
        settle(&mut town, &LOOK_UP).await;
        let today = town.clock.now().with_timezone(&NAIROBI).date_naive();
        let said = reset(&mut town, async |town| {
            swaps(town).behave(&line(), Line::SwappedOn(today));
            ask_and_hear(town).await;
        })
        .await;
        assert!(said.starts_with("The SIM of this line was swapped lately."), "{said}");
        assert!(says(&mut town, LINE, &[PIN]).await.starts_with("Hello Asha Njeri."), "the PIN is as it was");

        // The next time it is said before a code is spent.
        let mut phone = dial(&mut town, LINE).await;
        town.send_messages().await;
        let before = town.messages_to(LINE).len();
        let said = type_in(&mut phone, &["1", "1"]).await;
        assert!(said.starts_with("The SIM of this line was swapped lately."), "{said}");
        town.send_messages().await;
        assert_eq!(town.messages_to(LINE).len(), before);

        let issued = issue(&town, LINE).await.expect("a code");
        let said = type_in(&mut phone, &["1", issued.code.expose_secret(), NEW_PIN, NEW_PIN]).await;
        assert!(said.starts_with("Your new PIN is set"), "{said}");
        let told = says(&mut town, LINE, &[NEW_PIN, "1", "1"]).await;
        assert!(told.starts_with("The SIM of this line was new when your PIN was reset. To protect your pay"), "{told}");
        let rests = hold(&town, LINE).await.expect("pay details rest");
        assert!(rests >= Duration::hours(72) && rests <= Duration::hours(96), "{rests}");
    }
}

on_every_back_end! {
    async fn a_line_that_was_not_swapped_goes_on(town: Town) {
        settle(&mut town, &LOOK_UP).await;
        let said = reset(&mut town, ask_and_hear).await;
        assert!(said.starts_with("Your new PIN is set, and all other calls"), "{said}");
        assert_eq!(hold(&town, LINE).await, None);
    }
}

on_every_back_end! {
    async fn an_answer_that_never_comes_lets_pay_details_rest(town: Town) {
        settle(&mut town, &LOOK_UP).await;
        let said = reset(&mut town, async |town| {
            swaps(town).behave(&line(), Line::NeverAnswered);
            ask_and_hear(town).await;
        })
        .await;
        let until = (town.clock.now() + Duration::hours(24)).with_timezone(&NAIROBI).format("%d/%m ").to_string();
        assert!(said.contains(&format!("changes of pay details rest until {until}")), "{said}");
        assert_eq!(hold(&town, LINE).await, Some(Duration::hours(24)));
        let account = says(&mut town, LINE, &[NEW_PIN, "1"]).await;
        assert!(account.contains(&format!("Changes of pay details rest until {until}")), "{account}");
        let why = says(&mut town, LINE, &[NEW_PIN, "5", "2", "1", "1"]).await;
        assert!(why.starts_with("Mtandao haujatuambia kama SIM ya laini hii ilibadilishwa. Kwa usalama"), "{why}");
        assert!(why.contains(&format!("hayabadilishwi kabla ya {until}")), "{why}");
        town.pass(Duration::hours(24));
        let account = says(&mut town, LINE, &[NEW_PIN, "1"]).await;
        assert!(account.contains("Ilifunguliwa") && !account.contains("Malipo"), "{account}");
    }
}

on_every_back_end! {
    async fn a_question_survives_a_crash_and_is_asked_once(town: Town) {
        settle(&mut town, &LOOK_UP).await;
        town.add_node().await;
        let mut phone = dial(&mut town, LINE).await;
        type_in(&mut phone, &["1", "1"]).await;
        town.restart().await;
        let turns = town.nodes.iter().map(|node| {
            let look_up = node.app.sim_swap.as_ref().expect("somebody to ask");
            sim_swaps::turn(&node.app.deps, look_up)
        });
        futures_util::future::join_all(turns).await;
        assert_eq!(town.count("SELECT COUNT(*) FROM sim_swap_questions WHERE asked_at IS NOT NULL").await, 1);
        assert_eq!(town.count("SELECT COUNT(*) FROM sim_swap_answers").await, 1);
        // Recovery that begins again a short time later asks nobody again.
        town.pass(Duration::minutes(2));
        let mut phone = dial(&mut town, LINE).await;
        type_in(&mut phone, &["2", "1", "1"]).await;
        ask_and_hear(&town).await;
        assert_eq!(town.count("SELECT COUNT(*) FROM sim_swap_questions").await, 1, "{}", screen(&phone));
    }
}

/// An answer as Africa's Talking sends it.
async fn answer(town: &Town, secret: &str, request: &str, status: &str, day: &str) -> u16 {
    let body = format!(r#"{{"status":"{status}","lastSimSwapDate":"{day}","requestId":"{request}"}}"#);
    let path = format!("/callbacks/africastalking/{secret}/sim-swap");
    raw::send(&town.nodes[0].url, "POST", &path, JSON, body.as_bytes()).await.status
}

/// Write down that the question was taken by Africa's Talking under this id, as its worker does.
async fn taken(town: &Town, request: &'static str) {
    let mut tx = town.app().deps.store.begin().await.expect("a transaction");
    tx.query("UPDATE sim_swap_questions SET provider = 'africastalking', request_id = $1, asked_at = $2")
        .bind(request)
        .bind(town.clock.now())
        .execute_exactly(1)
        .await
        .expect("the question");
    tx.commit().await.expect("it is kept");
}

on_every_back_end! {
    async fn answers_come_early_twice_for_nobody_and_forged(town: Town) {
        settle(&mut town, &LOOK_UP).await;
        let today = town.clock.now().with_timezone(&NAIROBI).format("%d-%m-%Y").to_string();
        let secret = crate::town::SECRET;
        let said = reset(&mut town, async |town| {
            assert_eq!(answer(town, "wrong-secret-of-the-tests", "ATSwpid_1", "Swapped", &today).await, 404);
            assert_eq!(town.count("SELECT COUNT(*) FROM sim_swap_answers").await, 0, "a forged one is nothing");
            assert_eq!(answer(town, secret, "", "Swapped", &today).await, 400);
            // For nobody: kept, and about no line.
            assert_eq!(answer(town, secret, "ATSwpid_unknown", "Swapped", &today).await, 200);
            // Before the question is known to be taken; then the same again, and one that takes it back.
            assert_eq!(answer(town, secret, "ATSwpid_1", "Swapped", &today).await, 200);
            taken(town, "ATSwpid_1").await;
            assert_eq!(answer(town, secret, "ATSwpid_1", "Swapped", &today).await, 200);
            assert_eq!(answer(town, secret, "ATSwpid_1", "NotSwapped", "").await, 200);
            assert_eq!(town.count("SELECT COUNT(*) FROM sim_swap_answers").await, 2);
        })
        .await;
        assert!(said.starts_with("The SIM of this line was swapped lately."), "{said}");
    }
}

on_every_back_end! {
    async fn a_late_answer_counts_the_next_time(town: Town) {
        settle(&mut town, &LOOK_UP).await;
        let said = reset(&mut town, async |town| taken(town, "ATSwpid_2").await).await;
        assert!(said.starts_with("Your new PIN is set"), "{said}");
        assert_eq!(hold(&town, LINE).await, Some(Duration::hours(24)));
        let today = town.clock.now().with_timezone(&NAIROBI).format("%d-%m-%Y").to_string();
        assert_eq!(answer(&town, crate::town::SECRET, "ATSwpid_2", "Swapped", &today).await, 200);
        let said = says(&mut town, LINE, &["1", "1"]).await;
        assert!(said.starts_with("The SIM of this line was swapped lately."), "{said}");
    }
}
