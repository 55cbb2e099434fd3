//! Typing the code: what counts as a try, and that a code is accepted once.

use super::*;

const WRONG_CODES: &str =
    "SELECT CAST(COALESCE(SUM(counted), 0) AS BIGINT) FROM code_counts WHERE what = 'wrong'";

on_every_back_end! {
    async fn of_two_hundred_wrong_guesses_in_parallel_three_are_evaluated(town: Town) {
        let code = with_a_code(&mut town).await;
        town.add_node().await;
        let calls = calls_before_the_code(&mut town, 200).await;
        let answers = all_type(&mut town, &calls, &wrong(&code)).await;
        assert_eq!(town.count(WRONG_CODES).await, 3, "three were looked at");
        assert_eq!(town.count("SELECT tries FROM challenges").await, 3);
        assert_eq!(town.count("SELECT COUNT(*) FROM challenges WHERE closed_as = 'dead'").await, 1);
        let begins = |words: &str| answers.iter().filter(|answer| answer.text.starts_with(words)).count();
        assert_eq!(begins("This code is not right."), 2);
        let too_late = ["Three codes were wrong", "This code no longer counts", "This code was typed in another call"];
        assert_eq!(too_late.iter().map(|words| begins(words)).sum::<usize>(), 198);
        // The right one comes too late.
        let mut phone = dialled(&mut town).await;
        assert!(screen(&phone).starts_with("Type your PIN"), "{}", screen(&phone));
        assert!(typed(&mut phone, &["1"]).await.starts_with("We send a code"));
        assert!(signs_in(&mut town, PIN).await, "and nothing has changed");
    }
}

on_every_back_end! {
    async fn of_two_hundred_right_codes_in_parallel_one_succeeds(town: Town) {
        let code = with_a_code(&mut town).await;
        town.add_node().await;
        let calls = calls_before_the_code(&mut town, 200).await;
        let answers = all_type(&mut town, &calls, &code).await;
        let right: Vec<usize> =
            (0..200).filter(|n| answers[*n].text.starts_with("The code is right.")).collect();
        assert_eq!(right.len(), 1);
        let elsewhere = answers.iter().filter(|a| a.text.starts_with("This code was typed in another call")).count();
        assert_eq!(elsewhere, 199);
        assert_eq!(town.count("SELECT tries FROM challenges").await, 0, "none was wrong");
        // Everybody goes on as if it had been right: one PIN is set, by the one who may.
        for pin in [NEW_PIN, NEW_PIN] {
            let mut call = calls[right[0]].clone();
            call.inputs.push(code.clone());
            call.inputs.push(pin.to_owned());
            town.flush(&[LINE]).await;
            town.aggregator(0, Wire::AfricasTalking).hop(&call).await.expect("an answer");
            call.inputs.push(pin.to_owned());
            let shown = town.aggregator(1, Wire::AfricasTalking).hop(&call).await.expect("an answer");
            assert!(shown.text.starts_with("Your new PIN is set"), "{}", shown.text);
        }
        assert_eq!(town.count("SELECT COUNT(*) FROM audit_entries WHERE action = 'pin_reset'").await, 1);
        assert_eq!(town.count("SELECT COUNT(*) FROM messages WHERE purpose = 'pin_reset'").await, 1);
    }
}

on_every_back_end! {
    async fn a_call_that_drops_after_the_right_code_costs_typing_it_again(town: Town) {
        let code = with_a_code(&mut town).await;
        let mut phone = dialled(&mut town).await;
        typed(&mut phone, &[&wrong(&code), &wrong(&code)]).await;
        let mut dropped = vec![];
        for inputs in [&[code.as_str()][..], &[&code, NEW_PIN], &[&code]] {
            let mut phone = dialled(&mut town).await;
            assert!(screen(&phone).starts_with("Type the code"), "{}", screen(&phone));
            typed(&mut phone, inputs).await;
            phone.drop_call().await.expect("the end is told");
            dropped.push(phone.sent().expect("a call").clone());
        }
        let mut phone = dialled(&mut town).await;
        assert!(typed(&mut phone, &[&code]).await.starts_with("The code is right."), "{}", screen(&phone));
        // The calls before can't go on with it any more.
        let mut before = dropped.swap_remove(1);
        before.inputs.push(NEW_PIN.to_owned());
        let shown = town.aggregator(0, Wire::AfricasTalking).hop(&before).await.expect("an answer");
        assert!(shown.text.starts_with("This code no longer counts"), "{}", shown.text);
        assert!(typed(&mut phone, &[NEW_PIN, NEW_PIN]).await.starts_with("Your new PIN is set"));
        assert!(signs_in(&mut town, NEW_PIN).await);
    }
}

on_every_back_end! {
    async fn a_used_code_opens_nothing_any_more(town: Town) {
        let code = with_a_code(&mut town).await;
        let mut other = dialled(&mut town).await;
        let mut phone = dialled(&mut town).await;
        typed(&mut phone, &[&code, NEW_PIN, NEW_PIN]).await;
        assert!(typed(&mut other, &[&code]).await.starts_with("This code no longer counts"), "{}", screen(&other));
        let phone = dialled(&mut town).await;
        assert!(screen(&phone).starts_with("Type your PIN"), "{}", screen(&phone));
    }
}

on_every_back_end! {
    async fn the_right_code_is_good_for_five_minutes(town: Town) {
        let code = with_a_code(&mut town).await;
        let mut phone = dialled(&mut town).await;
        typed(&mut phone, &[&code]).await;
        for _ in 0..2 {
            town.pass(Duration::seconds(170));
            typed(&mut phone, &[NEW_PIN, "0"]).await;
        }
        let said = typed(&mut phone, &[NEW_PIN, NEW_PIN]).await;
        assert!(said.starts_with("This code no longer counts") && said.contains("1: Send a new code"), "{said}");
        assert!(signs_in(&mut town, PIN).await);
    }
}

on_every_back_end! {
    async fn after_ten_wrong_codes_in_a_day_only_an_officer_helps(town: Town) {
        open_account(&mut town.phone(LINE), "28461937", PIN).await;
        let mut last = String::new();
        for n in 0..10 {
            if n % 3 == 0 {
                town.pass(Duration::hours(2));
                ask(&mut town).await;
            }
            let code = codes(&town).await.pop().expect("a code").0;
            last = typed(&mut dialled(&mut town).await, &[&wrong(&code)]).await;
        }
        assert!(last.starts_with("10 wrong codes in a day: now only an officer"), "{last}");
        assert!(last.contains("0700 000 099") && last.contains("2: I remember my PIN"), "{last}");
        assert_eq!(town.count(WRONG_CODES).await, 10);
        let sent = codes(&town).await.len();
        town.pass(Duration::hours(2));
        assert_eq!(ask(&mut town).await, last);
        assert_eq!(codes(&town).await.len(), sent, "nothing is sent");
        assert_eq!(town.count("SELECT COUNT(*) FROM audit_entries WHERE action = 'codes_blocked'").await, 1);
        assert!(signs_in(&mut town, PIN).await, "the PIN itself is not touched");
        town.pass(Duration::hours(24));
        assert!(ask(&mut town).await.contains("waits for your network"), "a day later");
    }
}

on_every_back_end! {
    async fn a_disabled_pin_is_made_anew(town: Town) {
        open_account(&mut town.phone(LINE), "28461937", PIN).await;
        let mut tx = town.app().deps.store.begin().await.expect("a transaction");
        tx.query("UPDATE credentials SET failures = 10").execute_exactly(1).await.expect("it is disabled");
        tx.commit().await.expect("it is kept");
        let mut phone = dialled(&mut town).await;
        let said = typed(&mut phone, &["1", "1"]).await;
        assert!(said.contains("waits for your network"), "{said}");
        let code = codes(&town).await.remove(0).0;
        let mut phone = dialled(&mut town).await;
        let said = typed(&mut phone, &[&code, NEW_PIN, NEW_PIN, NEW_PIN]).await;
        assert!(said.starts_with("Hello Asha Njeri."), "{said}");
        assert_eq!(town.count("SELECT failures FROM credentials").await, 0);
    }
}

on_every_back_end! {
    async fn while_codes_are_guessed_everywhere_new_ones_have_eight_digits(town: Town) {
        let six = with_a_code(&mut town).await;
        let mut tx = town.app().deps.store.begin().await.expect("a transaction");
        tx.query("INSERT INTO code_counts (what, since, counted, unreserved) VALUES ('wrong', $1, 200, 0)")
            .bind(town.clock.now())
            .execute_exactly(1)
            .await
            .expect("guesses");
        tx.commit().await.expect("they are kept");
        let mut phone = dialled(&mut town).await;
        assert!(typed(&mut phone, &[&six]).await.starts_with("The code is right."), "a code keeps its length");
        // A challenge that has ended, so that the next request makes another.
        let mut tx = town.app().deps.store.begin().await.expect("a transaction");
        tx.query("UPDATE challenges SET closed_as = 'dead', closed_at = created_at")
            .execute_exactly(1)
            .await
            .expect("it is closed");
        tx.commit().await.expect("it is kept");
        town.pass(Duration::minutes(1));
        ask(&mut town).await;
        let eight = codes(&town).await.pop().expect("a code").0;
        assert_eq!(eight.len(), 8);
        let mut phone = dialled(&mut town).await;
        assert!(typed(&mut phone, &[&eight]).await.starts_with("The code is right."), "{}", screen(&phone));
        town.pass(Duration::minutes(10));
        ask(&mut town).await;
        assert_eq!(codes(&town).await.pop().expect("a code").0.len(), 6, "until it is over");
    }
}

on_every_back_end! {
    async fn whoever_has_the_callback_secret_and_no_phone_changes_nothing(town: Town) {
        let code = with_a_code(&mut town).await;
        let kept = "SELECT epoch FROM accounts";
        let before = town.count(kept).await;
        // Forged calls: the new PIN without a code, after a wrong code, and on from every screen.
        let guess = wrong(&code);
        for inputs in [
            &[NEW_PIN, NEW_PIN, NEW_PIN][..],
            &[&guess, NEW_PIN, NEW_PIN],
            &["2", "1", NEW_PIN, NEW_PIN],
            &["1", "2", &guess, NEW_PIN, NEW_PIN, NEW_PIN],
            &["1", "1", "1", NEW_PIN, NEW_PIN],
        ] {
            typed(&mut dialled(&mut town).await, inputs).await;
        }
        assert_eq!(town.count(kept).await, before);
        assert_eq!(town.count("SELECT COUNT(*) FROM audit_entries WHERE action = 'pin_reset'").await, 0);
        town.pass(Duration::minutes(2));
        assert!(signs_in(&mut town, PIN).await, "the PIN is what it was");
    }
}
