//! Who wants no more reminders and notices: codes and warnings come all the same.

use super::*;

async fn opt_out(town: &Town) {
    let wish = raw::form(&[("senderId", "22384"), ("phoneNumber", LINE)]);
    assert_eq!(raw::post(town, "opt-out", &wish).await.status, 200);
}

async fn signed_in(town: &mut Town) -> daftari::phones::phone::Phone {
    town.flush(&[LINE]).await;
    let mut phone = town.phone(LINE);
    phone.dial(CODE).await.expect("a screen");
    phone.answer(PIN).await.expect("a screen");
    phone
}

on_every_back_end! {
    async fn stop_keeps_notices_away_and_neither_codes_nor_warnings(town: Town) {
        replies(&town, LINE, "STOP").await;
        open_account(&mut town.phone(LINE), "28461937", PIN).await;
        town.send_messages().await;
        assert_eq!(town.messages_to(LINE).len(), 1, "only that it is stopped: {:?}", town.messages_to(LINE));
        let fate = "SELECT COUNT(*) FROM messages WHERE purpose = 'account_opened' AND fate = 'refused'
            AND reason = 'stopped'";
        assert_eq!(town.count(fate).await, 1, "its fate can be seen");
        let status = replies(&town, LINE, "STATUS").await;
        assert!(status[0].contains("refused. You asked us to stop. SMS START to get them again."), "{status:?}");

        let code = replies(&town, LINE, "RESET").await;
        assert!(code[0].contains("is your code for a new PIN"), "{code:?}");
        town.pass(Duration::minutes(11));
        let mut phone = signed_in(&mut town).await;
        for input in ["3", PIN, "462085", "462085"] {
            phone.answer(input).await.expect("a screen");
        }
        assert!(screen(&phone).starts_with("Your PIN is changed"), "{}", screen(&phone));
        town.send_messages().await;
        let last = town.messages_to(LINE).pop().expect("a warning");
        assert!(last.starts_with("The PIN of your exam staff account"), "{last}");
    }
}

on_every_back_end! {
    async fn start_brings_them_back_whoever_stopped_them(town: Town) {
        const STOPPED: &str = "SELECT COUNT(*) FROM stopped_lines";
        for _ in 0..2 {
            opt_out(&town).await;
        }
        town.send_messages().await;
        assert_eq!((town.count(STOPPED).await, town.messages_to(LINE).len()), (1, 0), "the network told us");
        replies(&town, LINE, "START").await;
        assert_eq!(town.count(STOPPED).await, 0);
        replies(&town, LINE, "ACHA").await;
        replies(&town, LINE, "ANZA").await;
        open_account(&mut town.phone(LINE), "28461937", PIN).await;
        town.send_messages().await;
        let last = town.messages_to(LINE).pop().expect("a notice");
        assert!(last.starts_with("Your exam staff account is open.") || last.starts_with("Akaunti"), "{last}");
    }
}

on_every_back_end! {
    async fn who_has_had_five_replies_is_obeyed_all_the_same(town: Town) {
        for text in ["one moment", "two moments", "three moments", "four moments", "five moments"] {
            told(&town, LINE, text).await;
        }
        assert!(told(&town, LINE, "STOP").await.is_empty());
        assert_eq!(town.count("SELECT COUNT(*) FROM stopped_lines").await, 1);
        assert!(told(&town, LINE, "SW").await.is_empty());
        assert_eq!(town.count("SELECT COUNT(*) FROM lines WHERE language = 'sw'").await, 1);
    }
}
