//! The director is told that a register waits for the countersignature.

use super::*;
use crate::{journeys::tomorrow, town::on_every_back_end};

const TOLD: &str = "SELECT COUNT(*) FROM messages WHERE purpose = 'countersign_due'";
/// From the manager's dial to the signature.
const SIGNS: [&str; 5] = ["1", "24681357", "6", "5", "1"];

async fn signs(town: &Town) {
    let mut phone = town.phone(MANAGER);
    phone.dial(crate::town::CODE).await.expect("a screen");
    for input in SIGNS {
        phone.answer(input).await.expect("a screen");
    }
    let screen = crate::town::screen(&phone).to_owned();
    assert!(screen.starts_with("Signed. Code of the register: "), "{screen}");
    for _ in 0..3 {
        phone.repeat().await.expect("the same");
    }
}

on_every_back_end! {
    async fn the_director_is_told_of_a_signature_once(town: Town) {
        tomorrow(&town, 10);
        to_sign(&town).await;
        signs(&town).await;
        town.send_messages().await;
        assert_eq!(
            town.messages_to(DIRECTOR),
            [format!(
                "Centre {CENTRE} has signed its register of {SERIES} and waits for you. To look at it and countersign \
                 dial *384*2547#: Countersign."
            )]
        );
        assert_eq!(town.count(TOLD).await, 1);
    }
}

on_every_back_end! {
    async fn at_night_the_director_is_told_in_the_morning(town: Town) {
        tomorrow(&town, 21);
        to_sign(&town).await;
        signs(&town).await;
        town.send_messages().await;
        assert_eq!((town.count(TOLD).await, town.messages_to(DIRECTOR).len()), (1, 0), "promised, and not sent");
        town.pass(TimeDelta::minutes(9 * 60 + 31));
        town.send_messages().await;
        assert_eq!(town.messages_to(DIRECTOR).len(), 1, "half past six is over");
    }
}
