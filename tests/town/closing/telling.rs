//! The director is told that a register waits for the countersignature.

use daftari::phones::Phone;

use super::*;
use crate::{
    journeys::tomorrow,
    town::{CODE, on_every_back_end, screen},
};

const TOLD: &str = "SELECT COUNT(*) FROM messages WHERE purpose = 'countersign_due'";

/// The number of a choice on the screen.
fn number(phone: &Phone, choice: &str) -> String {
    let line = screen(phone).lines().find_map(|line| line.strip_suffix(choice)?.strip_suffix(": "));
    line.unwrap_or_else(|| panic!("{choice} is not on {}", screen(phone))).to_owned()
}

async fn signs(town: &Town) {
    let mut phone = town.phone(MANAGER);
    phone.dial(CODE).await.expect("a screen");
    for input in ["1", "24681357"] {
        phone.answer(input).await.expect("a screen");
    }
    for choice in ["More", "Sign register", "Sign it"] {
        phone.answer(&number(&phone, choice)).await.expect("a screen");
    }
    assert!(screen(&phone).starts_with("Signed. Code of the register: "), "{}", screen(&phone));
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
