//! One effect, whatever the network does: repeats, races, nodes that come and go, state that is lost.

use daftari::phones::wire::Wire;

use crate::town::{CODE, Town, on_every_back_end, open_account, screen};

const LINE: &str = "+254700000010";

on_every_back_end! {
    async fn sixty_four_copies_of_the_creating_hop_on_two_nodes_open_one_account(town: Town) {
        town.add_node().await;
        let mut phone = town.phone(LINE);
        phone.dial(CODE).await.expect("a screen");
        for input in ["1", "1", "1", "Asha", "Wanjiku", "28461937", "1", "907318"] {
            phone.answer(input).await.expect("a screen");
        }
        let mut last = phone.sent().expect("a call").clone();
        last.inputs.push("907318".to_owned());
        let (one, other) = (town.aggregator(0, Wire::AfricasTalking), town.aggregator(1, Wire::AfricasTalking));
        let copies = (0..64).map(|n| {
            let (aggregator, call) = (if n % 2 == 0 { &one } else { &other }, &last);
            async move { aggregator.hop(call).await.expect("an answer") }
        });
        let answers = futures_util::future::join_all(copies).await;
        let first = &answers[0];
        assert!(first.ends && first.text.starts_with("Your account is open."), "{}", first.text);
        assert!(answers.iter().all(|answer| answer.text == first.text && answer.ends), "every copy gets the same");
        assert_eq!(town.count("SELECT COUNT(*) FROM accounts").await, 1);
        assert_eq!(town.count("SELECT COUNT(*) FROM messages").await, 1);
        assert_eq!(town.count("SELECT COUNT(*) FROM audit_entries").await, 1);
        assert_eq!(town.count("SELECT COUNT(*) FROM journal WHERE action = 'open_account'").await, 1);
    }
}

on_every_back_end! {
    async fn state_lost_before_every_hop_changes_nothing(town: Town) {
        let mut undisturbed = town.phone("+254700000020");
        let mut disturbed = town.phone("+254700000021");
        undisturbed.dial(CODE).await.expect("a screen");
        disturbed.dial(CODE).await.expect("a screen");
        for (n, input) in ["2", "1", "1", "Asha", "Wanjiku", "ID", "1", "907318", "907318"].into_iter().enumerate() {
            let id = |last: u32| if input == "ID" { format!("2846193{last}") } else { input.to_owned() };
            town.flush(&["+254700000021"]).await;
            disturbed.use_aggregator(town.aggregator(0, Wire::AfricasTalking));
            undisturbed.use_aggregator(town.aggregator(0, Wire::AfricasTalking));
            undisturbed.answer(&id(1)).await.expect("a screen");
            disturbed.answer(&id(2)).await.expect("a screen");
            let alike = |text: &str| text.replace("28461932", "28461931").replace("254700000021", "254700000020");
            assert_eq!(alike(screen(&disturbed)), screen(&undisturbed), "after input {n}");
        }
        assert_eq!(town.count("SELECT COUNT(*) FROM accounts").await, 2);
    }
}

on_every_back_end! {
    async fn every_hop_may_go_to_another_node(town: Town) {
        town.add_node().await;
        let mut phone = town.phone(LINE);
        phone.dial(CODE).await.expect("a screen");
        for (n, input) in ["1", "1", "1", "Asha", "Wanjiku", "28461937", "1", "907318", "907318"].into_iter().enumerate() {
            phone.use_aggregator(town.aggregator((n + 1) % 2, Wire::AfricasTalking));
            phone.answer(input).await.expect("a screen");
        }
        assert!(screen(&phone).starts_with("Your account is open."), "{}", screen(&phone));
    }
}

on_every_back_end! {
    async fn a_repeat_gets_the_same_bytes_at_every_step(town: Town) {
        let mut phone = town.phone(LINE);
        phone.dial(CODE).await.expect("a screen");
        for input in ["1", "1", "1", "Asha", "12", "Wanjiku", "28461937", "1", "907318", "907318"] {
            let shown = phone.answer(input).await.expect("a screen");
            let again = phone.repeat().await.expect("a screen");
            assert_eq!((again.text, again.ends, again.note), (shown.text, shown.ends, shown.note));
        }
        assert_eq!(town.count("SELECT COUNT(*) FROM accounts").await, 1);
        assert_eq!(town.count("SELECT COUNT(*) FROM consents").await, 1);
    }
}

on_every_back_end! {
    async fn a_shorter_text_that_comes_late_is_answered_from_its_own_prefix(town: Town) {
        let mut phone = town.phone(LINE);
        phone.dial(CODE).await.expect("a screen");
        phone.answer("1").await.expect("a screen");
        let early = phone.sent().expect("a call").clone();
        let shown = screen(&phone).to_owned();
        for input in ["1", "1", "Asha"] {
            phone.answer(input).await.expect("a screen");
        }
        let late = town.aggregator(0, Wire::AfricasTalking).hop(&early).await.expect("an answer");
        assert_eq!(late.text, shown);
        phone.answer("Wanjiku").await.expect("a screen");
        assert!(screen(&phone).starts_with("Type your national ID"), "the session has gone on: {}", screen(&phone));
    }
}

on_every_back_end! {
    async fn two_inputs_that_come_at_once_are_taken_in_their_order(town: Town) {
        let mut phone = town.phone(LINE);
        phone.dial(CODE).await.expect("a screen");
        let mut ahead = phone.sent().expect("a call").clone();
        ahead.inputs.extend(["2".to_owned(), "1".to_owned(), "1".to_owned()]);
        let shown = town.aggregator(0, Wire::AfricasTalking).hop(&ahead).await.expect("an answer");
        assert!(shown.text.starts_with("Andika jina la kwanza"), "{}", shown.text);
        assert_eq!(town.count("SELECT COUNT(*) FROM consents").await, 1);
    }
}

on_every_back_end! {
    async fn a_choice_from_a_list_survives_the_loss_of_state_by_the_echoed_note(town: Town) {
        let mut phone = town.phone(LINE);
        open_account(&mut phone, "28461937", "907318").await;
        phone.dial(CODE).await.expect("a screen");
        phone.answer("907318").await.expect("a screen");
        phone.answer("2").await.expect("a screen");
        assert!(screen(&phone).starts_with("Our messages to you:"), "{}", screen(&phone));
        town.flush(&[LINE]).await;
        phone.use_aggregator(town.aggregator(0, Wire::AfricasTalking));
        phone.answer("1").await.expect("a screen");
        assert!(screen(&phone).starts_with("SMS of "), "{}", screen(&phone));
    }
}

on_every_back_end! {
    async fn a_list_that_cannot_be_proved_is_shown_again(town: Town) {
        let mut phone = town.phone(LINE);
        open_account(&mut phone, "28461937", "907318").await;
        phone.dial(CODE).await.expect("a screen");
        phone.answer("907318").await.expect("a screen");
        phone.answer("2").await.expect("a screen");
        let mut call = phone.sent().expect("a call").clone();
        call.inputs.push("1".to_owned());
        call.note = None;
        town.flush(&[LINE]).await;
        let shown = town.aggregator(0, Wire::AfricasTalking).hop(&call).await.expect("an answer");
        assert!(shown.text.starts_with("The list may have changed.\nOur messages to you:"), "{}", shown.text);
        call.inputs.push("1".to_owned());
        let shown = town.aggregator(0, Wire::AfricasTalking).hop(&call).await.expect("an answer");
        assert!(shown.text.starts_with("SMS of "), "the next choice counts: {}", shown.text);
    }
}

on_every_back_end! {
    async fn an_aggregator_that_sends_only_the_latest_input_walks_the_same_journey(town: Town) {
        let mut phone = town.phone_on(LINE, Wire::Hubtel);
        phone.dial(CODE).await.expect("a screen");
        for input in ["1", "1", "1", "Asha", "Wanjiku", "28461937", "1", "907318", "907318"] {
            let shown = phone.answer(input).await.expect("a screen");
            assert_eq!(phone.repeat().await.expect("a screen").text, shown.text, "a repeat is told by its sequence");
        }
        assert!(screen(&phone).starts_with("Your account is open."), "{}", screen(&phone));
        assert_eq!(town.count("SELECT COUNT(*) FROM accounts").await, 1);
    }
}

on_every_back_end! {
    async fn a_lost_session_of_latest_inputs_starts_afresh_and_offers_the_draft(town: Town) {
        let mut phone = town.phone_on(LINE, Wire::Hubtel);
        phone.dial(CODE).await.expect("a screen");
        for input in ["1", "1", "1", "Asha"] {
            phone.answer(input).await.expect("a screen");
        }
        town.flush(&[LINE]).await;
        phone.use_aggregator(town.aggregator(0, Wire::Hubtel));
        phone.answer("Wanjiku").await.expect("a screen");
        assert!(screen(&phone).starts_with("You began to open an account."), "{}", screen(&phone));
        phone.answer("1").await.expect("a screen");
        assert!(screen(&phone).starts_with("Type your surname"), "{}", screen(&phone));
    }
}
