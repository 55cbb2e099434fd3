//! Signing in: tries are counted before the PIN is looked at, waits grow, ten in a row disable the PIN.

use chrono::Duration;
use daftari::phones::wire::Wire;

use crate::town::{CODE, Town, on_every_back_end, open_account, screen};

const LINE: &str = "+254700000010";
const PIN: &str = "907318";

async fn try_pin(town: &mut Town, pin: &str) -> String {
    // More sessions than one line may open in five minutes.
    town.flush(&[LINE]).await;
    let mut phone = town.phone(LINE);
    phone.dial(CODE).await.expect("a screen");
    phone.answer(pin).await.expect("a screen");
    screen(&phone).to_owned()
}

on_every_back_end! {
    async fn waits_grow_and_ten_wrong_pins_in_a_row_disable_it(town: Town) {
        open_account(&mut town.phone(LINE), "28461937", PIN).await;
        assert!(try_pin(&mut town, "135790").await.contains("Tries left: 2"));
        assert!(try_pin(&mut town, "135790").await.contains("Tries left: 1"));
        for minutes in [1, 5, 15, 60, 60, 60, 60] {
            let said = try_pin(&mut town, "135790").await;
            assert!(said.contains(&format!("wait: {minutes} min")), "{minutes}: {said}");
            let said = try_pin(&mut town, PIN).await;
            assert!(said.starts_with("Too many wrong PINs."), "the right PIN waits as well: {said}");
            town.pass(Duration::minutes(minutes) + Duration::minutes(5));
        }
        assert!(try_pin(&mut town, "135790").await.starts_with("This PIN was wrong 10 times"));
        town.pass(Duration::hours(24));
        town.flush(&[LINE]).await;
        let mut phone = town.phone(LINE);
        phone.dial(CODE).await.expect("a screen");
        assert!(screen(&phone).starts_with("This PIN was wrong 10 times"), "until recovery: {}", screen(&phone));
        phone.answer(PIN).await.expect("a screen");
        assert!(screen(&phone).starts_with("Answer with one of the numbers."), "the PIN is not asked for any more");
        for input in ["00", "1"] {
            phone.answer(input).await.expect("a screen");
        }
        assert!(screen(&phone).starts_with("We send a code by SMS"), "{}", screen(&phone));
    }
}

on_every_back_end! {
    async fn a_right_pin_starts_the_count_anew(town: Town) {
        open_account(&mut town.phone(LINE), "28461937", PIN).await;
        try_pin(&mut town, "135790").await;
        assert!(try_pin(&mut town, PIN).await.starts_with("Hello Asha Njeri."));
        assert!(try_pin(&mut town, "135790").await.contains("Tries left: 2"));
    }
}

on_every_back_end! {
    async fn of_a_hundred_guesses_in_parallel_three_are_evaluated(town: Town) {
        town.add_node().await;
        open_account(&mut town.phone(LINE), "28461937", PIN).await;
        // Sessions opened over a time that the limits allow, then a hundred PINs at once.
        let mut calls = vec![];
        for _ in 0..100 {
            if calls.len() % 8 == 7 {
                town.flush(&[LINE]).await;
            }
            let mut phone = town.phone(LINE);
            phone.dial(CODE).await.expect("a screen");
            let mut call = phone.sent().expect("a call").clone();
            call.inputs.push("135790".to_owned());
            calls.push(call);
        }
        // As many at once as one line's hops in a minute allow, so that it is the PIN that turns them away.
        let mut answers = vec![];
        for some in calls.chunks(25) {
            town.flush(&[LINE]).await;
            let nodes = [town.aggregator(0, Wire::AfricasTalking), town.aggregator(1, Wire::AfricasTalking)];
            let tries = some.iter().enumerate().map(|(n, call)| nodes[n % 2].hop(call));
            answers.extend(futures_util::future::join_all(tries).await);
        }
        let wrong = answers.iter().flatten().filter(|a| a.text.starts_with("This PIN is wrong.")).count();
        let waiting = answers.iter().flatten().filter(|a| a.text.starts_with("Too many wrong PINs.")).count();
        assert!(wrong <= 2, "{wrong} were told how many tries are left");
        assert_eq!(wrong + waiting, 100, "every try has come to the PIN");
        assert_eq!(town.count("SELECT failures FROM credentials").await, 3, "three tries were counted");
    }
}

on_every_back_end! {
    async fn changing_the_pin_needs_the_old_one_and_ends_every_session(town: Town) {
        open_account(&mut town.phone(LINE), "28461937", PIN).await;
        let mut other = town.phone(LINE);
        other.dial(CODE).await.expect("a screen");
        other.answer(PIN).await.expect("a screen");
        let mut phone = town.phone(LINE);
        phone.dial(CODE).await.expect("a screen");
        for input in [PIN, "3", "111111", PIN, PIN, PIN] {
            phone.answer(input).await.expect("a screen");
        }
        assert!(screen(&phone).starts_with("This is the PIN you have already."), "{}", screen(&phone));
        for input in ["462085", "462085"] {
            phone.answer(input).await.expect("a screen");
        }
        assert!(screen(&phone).starts_with("Your PIN is changed."), "{}", screen(&phone));
        other.answer("1").await.expect("a screen");
        assert!(screen(&other).starts_with("You are signed out"), "{}", screen(&other));
        assert!(try_pin(&mut town, "462085").await.starts_with("Hello Asha Njeri."));
        assert_eq!(town.count("SELECT COUNT(*) FROM messages WHERE purpose = 'pin_changed'").await, 1);
        assert_eq!(town.count("SELECT COUNT(*) FROM audit_entries WHERE action = 'pin_changed'").await, 1);
    }
}

on_every_back_end! {
    async fn a_national_id_that_is_taken_leads_to_help_and_tells_nothing(town: Town) {
        open_account(&mut town.phone(LINE), "28461937", PIN).await;
        let mut phone = town.phone("+254700000011");
        phone.dial(CODE).await.expect("a screen");
        for input in ["1", "1", "1", "Otieno", "Odhiambo", "28461937", "1", "462085", "462085"] {
            phone.answer(input).await.expect("a screen");
        }
        assert!(screen(&phone).contains("0700 000 099"), "{}", screen(&phone));
        assert!(!screen(&phone).to_lowercase().contains("taken") && !screen(&phone).contains("registered"));
        assert_eq!(town.count("SELECT COUNT(*) FROM accounts").await, 1);
    }
}
