//! Asking for a code: how often, what the screen says, what goes out.

use super::*;

on_every_back_end! {
    async fn the_code_comes_in_three_hops_and_makes_a_new_pin_in_four(town: Town) {
        open_account(&mut town.phone(LINE), "28461937", PIN).await;
        let mut signed_in = dialled(&mut town).await;
        typed(&mut signed_in, &[PIN]).await;
        let mut phone = dialled(&mut town).await;
        let said = typed(&mut phone, &["1", "1"]).await;
        let (code, reference) = codes(&town).await.remove(0);
        assert_eq!(code.len(), 6);
        assert!(said.contains(&format!("SMS {reference} waits")), "the same reference: {said}");
        assert!(!said.contains(&code));

        let mut phone = dialled(&mut town).await;
        assert!(screen(&phone).contains(&format!("reference {reference}")), "{}", screen(&phone));
        let said = typed(&mut phone, &[&code, NEW_PIN, NEW_PIN]).await;
        assert!(said.starts_with("Your new PIN is set"), "{said}");
        assert!(typed(&mut phone, &[NEW_PIN]).await.starts_with("Hello Asha Njeri."));

        assert!(typed(&mut signed_in, &["1"]).await.starts_with("You are signed out"), "every other call is");
        assert!(!signs_in(&mut town, PIN).await && signs_in(&mut town, NEW_PIN).await);
        town.send_messages().await;
        assert!(town.messages_to(LINE).last().expect("an SMS").contains("has a new PIN, made with a code"));
        assert_eq!(town.count("SELECT COUNT(*) FROM audit_entries WHERE action = 'pin_reset'").await, 1);
        assert_eq!(town.count("SELECT COUNT(*) FROM challenges WHERE closed_as = 'used'").await, 1);
    }
}

on_every_back_end! {
    async fn a_resend_says_the_same_code_and_keeps_its_end_and_its_tries(town: Town) {
        let code = with_a_code(&mut town).await;
        let mut phone = dialled(&mut town).await;
        assert!(typed(&mut phone, &[&wrong(&code)]).await.contains("Tries left: 2."));
        let said = ask(&mut town).await;
        assert!(said.contains("You can ask again in 60 seconds."), "{said}");
        assert!(said.contains("1: Type the code\n2: Ask again"), "there is something to press: {said}");
        town.pass(Duration::seconds(61));
        let said = ask(&mut town).await;
        assert!(said.contains("waits for your network"), "{said}");
        let sent = codes(&town).await;
        assert_eq!((sent.len(), &sent[0]), (2, &sent[1]), "the same code, the same reference");
        let mut phone = dialled(&mut town).await;
        assert!(typed(&mut phone, &[&wrong(&code)]).await.contains("Tries left: 1."), "the count goes on");
        town.pass(Duration::seconds(8 * 60 + 59));
        let mut phone = dialled(&mut town).await;
        assert!(screen(&phone).starts_with("Type your PIN"), "it ends when it would have: {}", screen(&phone));
        assert!(typed(&mut phone, &["1"]).await.starts_with("We send a code"));
    }
}

on_every_back_end! {
    async fn a_new_code_after_the_end_takes_the_place_of_the_old(town: Town) {
        let old = with_a_code(&mut town).await;
        let mut late = dialled(&mut town).await;
        town.pass(Duration::minutes(11));
        assert!(ask(&mut town).await.contains("waits for your network"));
        let sent = codes(&town).await;
        assert_ne!(sent[0].1, sent[1].1, "another reference");
        // The call was idle for too long; a new one asks for the new code, and the old one is wrong.
        assert!(typed(&mut late, &[&old]).await.starts_with("This call has been long"));
        let mut phone = dialled(&mut town).await;
        assert!(screen(&phone).contains(&sent[1].1), "{}", screen(&phone));
        if sent[0].0 != sent[1].0 {
            assert!(typed(&mut phone, &[&old]).await.starts_with("This code is not right."));
        }
        assert!(typed(&mut phone, &[&sent[1].0]).await.starts_with("The code is right."));
        assert_eq!(town.count("SELECT COUNT(*) FROM challenges WHERE closed_as = 'replaced'").await, 1);
    }
}

on_every_back_end! {
    async fn three_an_hour_and_the_screen_says_when_again(town: Town) {
        open_account(&mut town.phone(LINE), "28461937", PIN).await;
        for _ in 0..3 {
            assert!(ask(&mut town).await.contains("waits for your network"));
            town.pass(Duration::seconds(60));
        }
        let said = ask(&mut town).await;
        assert!(said.starts_with("3 codes an hour and 5 a day are allowed."), "{said}");
        assert!(said.contains("Type the code") && said.contains("I remember my PIN"), "{said}");
        assert_eq!(town.count("SELECT COUNT(*) FROM messages WHERE purpose = 'reset_code'").await, 3);
        town.pass(Duration::minutes(57));
        assert!(ask(&mut town).await.contains("waits for your network"));
    }
}

/// Ask as the service is asked, on a node.
pub async fn request_on(town: &Town, node: usize, asked_on: AskedOn<'_>) -> Requested {
    let deps = &town.nodes[node].app.deps;
    let line = msisdn(LINE);
    let mut tx = deps.store.begin().await.expect("a transaction");
    let account = accounts::by_msisdn(&mut tx, &line).await.expect("a look").map(|account| account.id);
    let (door, language, now) = (Door::ResetPin, Language::En, deps.clock.now());
    let asked = Request { account, door, msisdn: &line, language, asked_on, now };
    let requested = request::request(&mut tx, deps, &asked).await.expect("an answer");
    tx.commit().await.expect("it is kept");
    requested
}

on_every_back_end! {
    async fn ten_thousand_resets_for_one_number_send_five_a_day(town: Town) {
        open_account(&mut town.phone(LINE), "28461937", PIN).await;
        town.add_node().await;
        let mut sent_at = vec![];
        // A hundred at once over two nodes, every quarter of an hour for a day.
        for _ in 0..100 {
            let asked = (0..100).map(|n| request_on(&town, n % 2, AskedOn::Line));
            let all = join_all(asked).await;
            let sent = all.iter().filter(|requested| matches!(requested, Requested::Sent(_))).count();
            assert!(sent <= 1, "{sent} at once");
            sent_at.extend((0..sent).map(|_| town.clock.now()));
            town.pass(Duration::seconds(863));
        }
        assert_eq!(sent_at.len(), 5, "{sent_at:?}");
        let first_hour = sent_at.iter().filter(|at| **at - sent_at[0] < Duration::hours(1)).count();
        assert_eq!(first_hour, 3);
        assert_eq!(town.count("SELECT COUNT(*) FROM messages WHERE purpose = 'reset_code'").await, 5);
        assert_eq!(town.count("SELECT COUNT(*) FROM code_requests").await, 5);
    }
}

on_every_back_end! {
    async fn the_web_cannot_use_up_what_the_line_may_ask(town: Town) {
        open_account(&mut town.phone(LINE), "28461937", PIN).await;
        let sources: Vec<String> = (1..=5).map(|n| format!("192.0.2.{n}")).collect();
        let mut refused = 0;
        for source in &sources {
            let requested = request_on(&town, 0, AskedOn::Web { source }).await;
            refused += usize::from(matches!(requested, Requested::Refused(Refused::TooMany { .. })));
            town.pass(Duration::seconds(60));
        }
        assert_eq!(refused, 2, "three an hour for a number, from wherever");
        assert!(ask(&mut town).await.contains("waits for your network"), "the line has its own");
        let references = codes(&town).await.into_iter().map(|(_, reference)| reference);
        assert_eq!(references.collect::<std::collections::BTreeSet<_>>().len(), 1, "and it is one code");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_budget_that_is_used_up_stops_and_keeps_half_for_people_on_their_line() {
    for backend in [Backend::Embedded, Backend::Production] {
        for (key, value) in [("CODES_PER_HOUR", "4"), ("KSH_PER_DAY", "4")] {
            let (key, cost) = (format!("DAFTARI_RECOVERY__{key}"), "DAFTARI_RECOVERY__KSH_PER_CODE");
            let town = Town::with(backend, &[(&key, value), (cost, "1")]).await;
            open_account(&mut town.phone(LINE), "28461937", PIN).await;
            let mut seen = vec![];
            for source in ["192.0.2.1", "192.0.2.2", "192.0.2.3"] {
                seen.push(request_on(&town, 0, AskedOn::Web { source }).await);
                town.pass(Duration::seconds(60));
            }
            for _ in 0..3 {
                seen.push(request_on(&town, 0, AskedOn::Line).await);
                town.pass(Duration::seconds(60));
            }
            let sent: Vec<bool> = seen.iter().map(|r| matches!(r, Requested::Sent(_))).collect();
            assert_eq!(sent, [true, true, false, true, true, false], "{key} on {backend:?}");
            assert!(matches!(seen[5], Requested::Refused(Refused::Budget { .. })));
            assert_eq!(town.count("SELECT COUNT(*) FROM messages WHERE purpose = 'reset_code'").await, 4);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_budget_that_is_used_up_is_told_on_the_screen() {
    let mut town = Town::with(Backend::Embedded, &[("DAFTARI_RECOVERY__CODES_PER_HOUR", "1")]).await;
    open_account(&mut town.phone(LINE), "28461937", PIN).await;
    ask(&mut town).await;
    town.pass(Duration::seconds(60));
    let said = ask(&mut town).await;
    assert!(said.starts_with("Too many people ask for codes now. You can ask again from "), "{said}");
    assert!(said.contains("1: Type the code\n2: I remember my PIN\n3: Help"), "{said}");
    town.pass(Duration::hours(1));
    assert!(ask(&mut town).await.contains("waits for your network"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_route_says_at_once_is_told_in_the_call() {
    for backend in [Backend::Embedded, Backend::Production] {
        for (behaviour, begins) in [
            (Behaviour::Deliver, "The code comes by SMS, reference "),
            (Behaviour::Refuse(RefusalReason::LineBlocks), "SMS "),
        ] {
            let town = Town::with(backend, &[("DAFTARI_RECOVERY__FATE_WAIT_MS", "3000")]).await;
            open_account(&mut town.phone(LINE), "28461937", PIN).await;
            // The SMS about the account: refused, it would be told first.
            town.send_messages().await;
            town.app().simulator.as_ref().expect("a simulated route").behave(&msisdn(LINE), behaviour);
            town.start_outbox();
            let mut phone = town.phone(LINE);
            phone.dial(CODE).await.expect("a screen");
            let said = typed(&mut phone, &["1", "1"]).await;
            assert!(said.starts_with(begins), "{said}");
            let refused = "was refused. Your line blocks our SMS. Dial *456*9*5*5*1# to allow them.";
            assert_eq!(said.contains(refused), begins == "SMS ", "{said}");
        }
    }
}

on_every_back_end! {
    async fn what_became_of_the_message_can_be_looked_at(town: Town) {
        open_account(&mut town.phone(LINE), "28461937", PIN).await;
        let mut phone = dialled(&mut town).await;
        assert!(typed(&mut phone, &["1", "1", "1"]).await.contains("waits for your network"));
        town.send_messages().await;
        assert!(typed(&mut phone, &["1"]).await.contains("is on your phone."), "{}", screen(&phone));
        let reference = codes(&town).await.remove(0).1;
        assert!(screen(&phone).starts_with(&format!("SMS {reference} ")), "{}", screen(&phone));
    }
}

on_every_back_end! {
    async fn a_line_without_an_account_is_told_so_and_offered_one(town: Town) {
        open_account(&mut town.phone(LINE), "28461937", PIN).await;
        let mut phone = dialled(&mut town).await;
        typed(&mut phone, &["1"]).await;
        let mut tx = town.app().deps.store.begin().await.expect("a transaction");
        tx.query("UPDATE accounts SET msisdn = '+254700000099'").execute_exactly(1).await.expect("it moves");
        tx.commit().await.expect("it is kept");
        let said = typed(&mut phone, &["1"]).await;
        assert!(said.starts_with("This line has no account yet.") && said.contains("1: Open an account"), "{said}");
        assert_eq!(town.count("SELECT COUNT(*) FROM messages WHERE purpose = 'reset_code'").await, 0);
    }
}

on_every_back_end! {
    async fn sixty_four_copies_of_the_hop_that_asks_send_one_code(town: Town) {
        open_account(&mut town.phone(LINE), "28461937", PIN).await;
        town.add_node().await;
        let mut phone = dialled(&mut town).await;
        typed(&mut phone, &["1"]).await;
        let mut call = phone.sent().expect("a call").clone();
        call.inputs.push("1".to_owned());
        let nodes = [town.aggregator(0, Wire::AfricasTalking), town.aggregator(1, Wire::AfricasTalking)];
        let answers = join_all((0..64).map(|n| nodes[n % 2].hop(&call))).await;
        let texts: std::collections::BTreeSet<String> =
            answers.into_iter().map(|answer| answer.expect("an answer").text).collect();
        assert_eq!(texts.len(), 1, "{texts:?}");
        assert_eq!(town.count("SELECT COUNT(*) FROM messages WHERE purpose = 'reset_code'").await, 1);
        assert_eq!(town.count("SELECT COUNT(*) FROM code_requests").await, 1);
    }
}
