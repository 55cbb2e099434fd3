//! Where a call ends: too many hops or sessions, too long, or with something broken behind it. Always `END` with 200,
//! in the caller's language, and nothing half-done (`security.md` 22, 26 and 28, `design.md` 4).

use chrono::Duration;
use daftari::phones::{phone::Phone, wire::Wire};

use crate::{
    raw,
    town::{Backend, CODE, Town, on_every_back_end, screen},
};

const LINE: &str = "+254700000010";
const TOO_LONG: &str = "Simu hii imekuwa ndefu";

async fn typed(phone: &mut Phone, inputs: &[&str]) {
    for input in inputs {
        phone.answer(input).await.expect("a screen");
    }
}

/// A call in Kiswahili on the screen that asks for a name.
async fn in_kiswahili(town: &Town) -> Phone {
    let mut phone = town.phone(LINE);
    phone.dial(CODE).await.expect("a screen");
    typed(&mut phone, &["2", "1", "1"]).await;
    phone
}

fn ended(phone: &Phone, begins: &str) {
    assert!(!phone.is_open() && screen(phone).starts_with(begins), "{}", screen(phone));
}

on_every_back_end! {
    async fn the_thirty_first_hop_of_a_minute_is_turned_away_in_the_callers_language(town: Town) {
        let mut phone = in_kiswahili(&town).await;
        for n in 5..=30 {
            phone.answer(&format!("{n}")).await.expect("a screen");
            assert!(phone.is_open(), "hop {n}: {}", screen(&phone));
        }
        typed(&mut phone, &["Asha"]).await;
        ended(&phone, "Simu nyingi zimetoka namba hii");
        assert_eq!(town.count("SELECT COUNT(*) FROM drafts").await, 0, "and nothing was done");
        let mut other = town.phone("+254700000011");
        assert!(!other.dial(CODE).await.expect("a screen").ends, "another line is served");
    }
}

on_every_back_end! {
    async fn the_eleventh_session_in_five_minutes_is_turned_away(town: Town) {
        let mut phone = town.phone(LINE);
        for n in 1..=10 {
            assert!(!phone.dial(CODE).await.expect("a screen").ends, "session {n}: {}", screen(&phone));
        }
        phone.dial(CODE).await.expect("a screen");
        ended(&phone, "Many calls came from this line");
        assert_eq!(town.count("SELECT COUNT(*) FROM openings").await, 10);
        phone.deep_dial("1*1").await.expect("a screen");
        ended(&phone, "Many calls came from this line");
    }
}

on_every_back_end! {
    async fn a_call_ends_after_three_minutes_without_an_answer(town: Town) {
        let mut phone = in_kiswahili(&town).await;
        town.pass(Duration::seconds(180));
        typed(&mut phone, &["12"]).await;
        assert!(phone.is_open(), "three minutes are within the limit");
        town.pass(Duration::seconds(181));
        typed(&mut phone, &["Asha"]).await;
        ended(&phone, TOO_LONG);
        assert_eq!(town.count("SELECT COUNT(*) FROM drafts").await, 0);
    }
}

on_every_back_end! {
    async fn a_call_ends_after_ten_minutes_with_state_and_without(town: Town) {
        for lost in [false, true] {
            let mut phone = in_kiswahili(&town).await;
            for _ in 0..4 {
                town.pass(Duration::seconds(150));
                typed(&mut phone, &["12"]).await;
                assert!(phone.is_open(), "{}", screen(&phone));
            }
            town.pass(Duration::seconds(1));
            if lost {
                town.flush(&[LINE]).await;
                phone.use_aggregator(town.aggregator(0, Wire::AfricasTalking));
            }
            typed(&mut phone, &["Asha"]).await;
            ended(&phone, TOO_LONG);
            assert_eq!(town.count("SELECT COUNT(*) FROM drafts").await, 0);
            // The next call is in Kiswahili at once.
            let mut tx = town.app().deps.store.begin().await.expect("a unit of work");
            tx.query("DELETE FROM lines").execute().await.expect("the line is forgotten");
            tx.commit().await.expect("it is kept");
        }
    }
}

on_every_back_end! {
    async fn a_call_ends_after_sixty_inputs_with_state_and_without(town: Town) {
        let phone = in_kiswahili(&town).await;
        let mut call = phone.sent().expect("a call").clone();
        call.inputs.extend((4..=60).map(|n| n.to_string()));
        let more = |n: usize| {
            let mut call = call.clone();
            call.inputs.extend((0..n).map(|_| "Asha".to_owned()));
            call
        };
        let shown = town.aggregator(0, Wire::AfricasTalking).hop(&call).await.expect("an answer");
        assert!(!shown.ends, "the sixtieth counts: {}", shown.text);
        for lost in [false, true] {
            if lost {
                town.flush(&[LINE]).await;
            }
            for n in [1, 2, 1_000] {
                let shown = town.aggregator(0, Wire::AfricasTalking).hop(&more(n)).await.expect("an answer");
                assert!(shown.ends && shown.text.starts_with(TOO_LONG), "{n} more, lost {lost}: {}", shown.text);
            }
        }
        assert_eq!(town.count("SELECT COUNT(*) FROM drafts").await, 0);
    }
}

#[tokio::test]
async fn a_dial_that_brings_a_thousand_inputs_does_nothing_for_them() {
    let town = Town::open(Backend::Embedded).await;
    let mut phone = town.phone(LINE);
    // Each pair would change the line's language: a write.
    phone.deep_dial(&["1"; 1_000].join("*4*")).await.expect("a screen");
    assert!(!phone.is_open(), "{}", screen(&phone));
    assert_eq!(town.count("SELECT COUNT(*) FROM journal").await, 0);
    assert_eq!(town.count("SELECT COUNT(*) FROM lines").await, 0);
}

async fn count_on(town: &Town, node: usize, sql: &'static str) -> i64 {
    let mut tx = town.nodes[node].app.deps.store.read().await.expect("a read");
    let (count,): (i64,) = tx.query(sql).one().await.expect("a count");
    count
}

/// The reference at the end of a screen.
fn reference<'a>(text: &'a str, word: &str) -> &'a str {
    let (_, reference) = text.rsplit_once(word).unwrap_or_else(|| panic!("no reference: {text}"));
    let reference = reference.trim_end_matches('.');
    assert!(reference.len() == 4 && reference.chars().all(|c| c.is_ascii_alphanumeric()), "{text}");
    reference
}

on_every_back_end! {
    async fn without_the_database_a_hop_says_so_and_leaves_nothing_half_done(town: Town) {
        town.add_node().await;
        let mut phone = in_kiswahili(&town).await;
        typed(&mut phone, &["Asha", "Wanjiku", "28461937", "1", "907318"]).await;
        town.app().deps.store.close().await;
        typed(&mut phone, &["907318"]).await;
        ended(&phone, "Kuna hitilafu kwetu, si kwako.");
        let first = reference(screen(&phone), "Kumbukumbu ").to_owned();
        phone.repeat().await.expect("a screen");
        assert_ne!(reference(screen(&phone), "Kumbukumbu "), first, "each failure has its own");
        for nothing in [
            "SELECT COUNT(*) FROM accounts",
            "SELECT COUNT(*) FROM messages",
            "SELECT COUNT(*) FROM audit_entries",
            "SELECT COUNT(*) FROM journal WHERE action = 'open_account'",
        ] {
            assert_eq!(count_on(&town, 1, nothing).await, 0, "{nothing}");
        }
        // The same request finds another node, whose database answers.
        phone.use_aggregator(town.aggregator(1, Wire::AfricasTalking));
        phone.repeat().await.expect("a screen");
        ended(&phone, "Akaunti yako iko tayari.");
        assert_eq!(count_on(&town, 1, "SELECT COUNT(*) FROM accounts").await, 1);
        // A line that nothing is known of is answered in English.
        let mut stranger = town.phone("+254700000044");
        stranger.dial(CODE).await.expect("a screen");
        ended(&stranger, "Something is broken on our side");
        reference(screen(&stranger), "Reference ");
    }
}

on_every_back_end! {
    async fn what_needs_no_database_goes_on_without_it(town: Town) {
        let mut phone = in_kiswahili(&town).await;
        town.app().deps.store.close().await;
        typed(&mut phone, &["12"]).await;
        assert!(phone.is_open() && screen(&phone).starts_with("Jina lina herufi tu."), "{}", screen(&phone));
    }
}

on_every_back_end! {
    async fn what_cannot_be_kept_is_refused_so_that_it_is_sent_again(town: Town) {
        town.app().deps.store.close().await;
        for (event, body) in [
            ("ussd-end", raw::form(&[("sessionId", "s-1"), ("status", "Success")])),
            ("sms", raw::form(&[("id", "m-1"), ("from", LINE), ("to", "22384"), ("text", "HELP")])),
            ("delivery", raw::form(&[("id", "m-1"), ("status", "Success")])),
            ("opt-out", raw::form(&[("senderId", "DAFTARI"), ("phoneNumber", LINE)])),
        ] {
            let answer = raw::post(&town, event, &body).await;
            assert_eq!(answer.status, 503, "{event}: {answer:?}");
        }
    }
}
