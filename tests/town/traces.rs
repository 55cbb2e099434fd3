//! What became of messages, step by step, as the simulator's inbox shows it.

use daftari::{
    model::message::Fate,
    services::traces::{self, Followed},
};
use secrecy::ExposeSecret as _;

use crate::town::{Town, msisdn, on_every_back_end, open_account};

const LINE: &str = "+254700000010";

async fn followed(town: &Town, line: &str) -> Vec<Followed> {
    traces::to_line(&town.app().deps, &msisdn(line), 10).await.expect("the messages")
}

fn steps(followed: &Followed) -> Vec<&str> {
    followed.traced.events.iter().map(|event| event.what.as_str()).collect()
}

on_every_back_end! {
    async fn a_message_is_followed_from_its_promise_to_its_report(town: Town) {
        open_account(&mut town.phone(LINE), "28461937", "907318").await;
        let promised = followed(&town, LINE).await;
        assert_eq!((promised.len(), promised[0].traced.fate), (1, Fate::Queued));
        assert_eq!(steps(&promised[0]), ["queued"]);
        town.send_messages().await;
        let delivered = followed(&town, LINE).await;
        let words = delivered[0].words.as_ref().map(|words| words.expose_secret().to_owned());
        assert_eq!(words.as_slice(), town.messages_to(LINE));
        assert_eq!(delivered[0].traced.fate, Fate::Delivered);
        let mut happened = steps(&delivered[0]);
        // The test's clock stands still, so that what follows the promise has one instant.
        happened.sort_unstable();
        assert_eq!(happened, ["claimed", "queued", "report", "sent"]);
        assert!(followed(&town, "+254700000011").await.is_empty());
    }
}
