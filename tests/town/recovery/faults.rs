//! What breaks in the middle of a recovery, and a clock that jumps.

use super::*;

on_every_back_end! {
    async fn state_lost_and_the_gateway_restarted_before_every_hop_change_nothing(town: Town) {
        open_account(&mut town.phone(LINE), "28461937", PIN).await;
        let mut phone = dialled(&mut town).await;
        for input in ["1", "1"] {
            town.flush(&[LINE]).await;
            town.restart().await;
            phone.use_aggregator(town.aggregator(0, Wire::AfricasTalking));
            phone.answer(input).await.expect("a screen");
        }
        let asked = screen(&phone).to_owned();
        let code = codes(&town).await.remove(0).0;
        let mut phone = dialled(&mut town).await;
        for (input, begins) in [
            (code.as_str(), "The code is right."),
            (NEW_PIN, "Type the new PIN once more."),
            (NEW_PIN, "Your new PIN is set"),
            (NEW_PIN, "Hello Asha Njeri."),
        ] {
            town.flush(&[LINE]).await;
            town.restart().await;
            phone.use_aggregator(town.aggregator(0, Wire::AfricasTalking));
            phone.answer(input).await.expect("a screen");
            assert!(screen(&phone).starts_with(begins), "{input}: {}", screen(&phone));
        }
        assert!(asked.contains("waits for your network"), "{asked}");
        assert_eq!(town.count("SELECT COUNT(*) FROM messages WHERE purpose = 'reset_code'").await, 1);
        assert_eq!(town.count("SELECT COUNT(*) FROM messages WHERE purpose = 'pin_reset'").await, 1);
    }
}

on_every_back_end! {
    async fn the_screen_of_the_code_survives_the_loss_of_state_with_its_reference(town: Town) {
        let code = with_a_code(&mut town).await;
        let reference = codes(&town).await.remove(0).1;
        let mut phone = dialled(&mut town).await;
        town.flush(&[LINE]).await;
        phone.use_aggregator(town.aggregator(0, Wire::AfricasTalking));
        assert!(typed(&mut phone, &["abc"]).await.contains(&format!("Type the code of SMS {reference}.")));
        // Also when the code itself has gone meanwhile: the first screen is what it was.
        town.pass(Duration::seconds(100));
        assert!(typed(&mut phone, &[&code]).await.starts_with("The code is right."), "{}", screen(&phone));
    }
}

const TWO_HOURS: Duration = Duration::hours(2);

on_every_back_end! {
    async fn a_clock_set_forward_ends_the_code_and_another_can_be_had(town: Town) {
        let code = with_a_code(&mut town).await;
        town.pass(TWO_HOURS);
        let phone = dialled(&mut town).await;
        assert!(screen(&phone).starts_with("Type your PIN"), "{}", screen(&phone));
        assert!(ask(&mut town).await.contains("waits for your network"));
        let sent = codes(&town).await;
        assert_eq!((sent.len(), &sent[0].0), (2, &code));
        let mut phone = dialled(&mut town).await;
        assert!(typed(&mut phone, &[&sent[1].0]).await.starts_with("The code is right."));
    }
}

on_every_back_end! {
    async fn a_clock_set_back_makes_no_code_live_longer_and_strands_nobody(town: Town) {
        let code = with_a_code(&mut town).await;
        let mut early = dialled(&mut town).await;
        town.pass(-TWO_HOURS);
        assert!(typed(&mut early, &[&code]).await.starts_with("This code no longer counts"), "{}", screen(&early));
        let phone = dialled(&mut town).await;
        assert!(screen(&phone).starts_with("Type your PIN"), "{}", screen(&phone));
        assert!(ask(&mut town).await.contains("waits for your network"), "at once");
        let sent = codes(&town).await;
        let mut phone = dialled(&mut town).await;
        assert!(typed(&mut phone, &[&sent[1].0]).await.starts_with("The code is right."));
        assert_eq!(town.count("SELECT COUNT(*) FROM code_requests").await, 2, "and both requests count");
    }
}

on_every_back_end! {
    async fn codes_are_forgotten_a_day_after_their_end(town: Town) {
        with_a_code(&mut town).await;
        let deps = town.app().deps.clone();
        town.pass(Duration::hours(24));
        daftari::services::retention::sweep(&deps).await.expect("a sweep");
        assert_eq!(town.count("SELECT COUNT(*) FROM challenges").await, 1);
        town.pass(Duration::hours(25));
        daftari::services::retention::sweep(&deps).await.expect("a sweep");
        for table in [
            "SELECT COUNT(*) FROM challenges",
            "SELECT COUNT(*) FROM code_requests",
            "SELECT COUNT(*) FROM code_gates",
            "SELECT COUNT(*) FROM code_counts",
        ] {
            assert_eq!(town.count(table).await, 0, "{table}");
        }
    }
}
