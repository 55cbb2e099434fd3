//! Any text in any order: sessions bound to their line, deep dials, and what an input may hold (`security.md` 22 to
//! 24, the traps of `wire.md` 1).

use daftari::phones::{
    phone::Phone,
    wire::{Shown, Wire},
};

use crate::town::{CODE, Town, msisdn, on_every_back_end, open_account, screen};

const LINE: &str = "+254700000010";
const PIN: &str = "907318";

async fn typed(phone: &mut Phone, inputs: &[&str]) {
    for input in inputs {
        phone.answer(input).await.expect("a screen");
    }
}

/// Lose the state of the line, and go on with the phone.
async fn lose(town: &mut Town, phone: &mut Phone) {
    town.flush(&[LINE]).await;
    phone.use_aggregator(town.aggregator(0, Wire::AfricasTalking));
}

on_every_back_end! {
    async fn a_session_is_refused_to_another_line_and_another_code(town: Town) {
        let mut owner = town.phone(LINE);
        owner.dial(CODE).await.expect("a screen");
        typed(&mut owner, &["2", "1", "1", "Asha"]).await;
        for lost in [false, true] {
            if lost {
                lose(&mut town, &mut owner).await;
            }
            let aggregator = town.aggregator(0, Wire::AfricasTalking);
            let call = owner.sent().expect("a call").clone();
            for inputs in [vec![], vec!["1"], vec!["2", "1", "1", "Asha"], vec!["2", "1", "1", "Asha", "Mallory"]] {
                let inputs: Vec<String> = inputs.into_iter().map(str::to_owned).collect();
                let mut forged = call.clone();
                forged.inputs = inputs;
                let mut elsewhere = forged.clone();
                forged.line.msisdn = msisdn("+254700000066");
                let shown = aggregator.hop(&forged).await.expect("an answer");
                assert!(shown.ends && shown.text.starts_with("We can't go on with this call."), "{}", shown.text);
                "*384*9999#".clone_into(&mut elsewhere.service_code);
                let shown = aggregator.hop(&elsewhere).await.expect("an answer");
                assert!(shown.ends && !shown.text.contains("Asha"), "{}", shown.text);
            }
            assert_eq!(town.count("SELECT COUNT(*) FROM openings").await, 1);
            assert_eq!(town.count("SELECT COUNT(*) FROM lines").await, 1);
            assert_eq!(town.count("SELECT COUNT(*) FROM journal").await, 3);
        }
        typed(&mut owner, &["Wanjiku"]).await;
        assert!(screen(&owner).starts_with("Andika namba ya kitambulisho"), "the owner goes on: {}", screen(&owner));
    }
}

on_every_back_end! {
    async fn a_deep_dial_stops_before_the_consent_and_every_later_hop_goes_on(town: Town) {
        let mut phone = town.phone(LINE);
        phone.deep_dial("1*1*1*Asha*Wanjiku*28461937*1*907318*907318").await.expect("a screen");
        assert!(screen(&phone).starts_with("We keep your name"), "{}", screen(&phone));
        for nothing in [
            "SELECT COUNT(*) FROM consents",
            "SELECT COUNT(*) FROM drafts",
            "SELECT COUNT(*) FROM accounts",
            "SELECT COUNT(*) FROM messages",
            "SELECT COUNT(*) FROM journal WHERE action <> 'set_language'",
        ] {
            assert_eq!(town.count(nothing).await, 0, "{nothing}");
        }
        for (n, input) in ["1", "Asha", "Wanjiku", "28461937", "1", PIN, PIN].into_iter().enumerate() {
            if n % 2 == 0 {
                lose(&mut town, &mut phone).await;
            }
            let shown = phone.answer(input).await.expect("a screen");
            assert!(!shown.text.starts_with("We keep your name"), "input {n} counts");
        }
        assert!(screen(&phone).starts_with("Your account is open."), "{}", screen(&phone));
        assert_eq!(town.count("SELECT COUNT(*) FROM accounts").await, 1);
    }
}

on_every_back_end! {
    async fn a_pin_that_is_dialled_along_is_not_tried(town: Town) {
        open_account(&mut town.phone(LINE), "28461937", PIN).await;
        let mut phone = town.phone(LINE);
        for dialled in [PIN, "135790*246802*135791", "3*907318", "0*00*98*907318"] {
            phone.deep_dial(dialled).await.expect("a screen");
            assert!(screen(&phone).starts_with("Type your PIN"), "{dialled}: {}", screen(&phone));
        }
        assert_eq!(town.count("SELECT COUNT(*) FROM journal WHERE action = 'sign_in'").await, 0);
        assert_eq!(town.count("SELECT MAX(failures) FROM credentials").await, 0);
        typed(&mut phone, &[PIN]).await;
        assert!(screen(&phone).starts_with("Hello Asha Njeri."), "{}", screen(&phone));
        lose(&mut town, &mut phone).await;
        typed(&mut phone, &["1"]).await;
        assert!(screen(&phone).starts_with("Asha Njeri Wanjiku\nID *****937"), "{}", screen(&phone));
    }
}

on_every_back_end! {
    async fn every_star_ends_an_input(town: Town) {
        let mut phone = town.phone(LINE);
        phone.dial(CODE).await.expect("a screen");
        typed(&mut phone, &["1*1", "1", "Asha*Wanjiku"]).await;
        assert!(screen(&phone).starts_with("Type your national ID"), "{}", screen(&phone));
        lose(&mut town, &mut phone).await;
        typed(&mut phone, &["28461937*1"]).await;
        assert!(screen(&phone).starts_with("Choose a secret PIN"), "{}", screen(&phone));
    }
}

on_every_back_end! {
    async fn a_blank_input_is_an_input(town: Town) {
        let mut phone = town.phone(LINE);
        phone.dial(CODE).await.expect("a screen");
        let dialled = screen(&phone).to_owned();
        typed(&mut phone, &[""]).await;
        assert_eq!(screen(&phone), dialled, "on the wire a first blank is the dial again");
        typed(&mut phone, &["1", ""]).await;
        assert!(screen(&phone).starts_with("Answer with one of the numbers.\nThis line"), "{}", screen(&phone));
        typed(&mut phone, &["1", "1", " "]).await;
        assert!(screen(&phone).starts_with("A name has at least 2 letters."), "{}", screen(&phone));
        lose(&mut town, &mut phone).await;
        typed(&mut phone, &["", "Asha"]).await;
        assert!(screen(&phone).starts_with("Type your surname"), "{}", screen(&phone));
    }
}

on_every_back_end! {
    async fn an_input_that_nobody_types_is_refused_and_kept_nowhere(town: Town) {
        let mut phone = town.phone(LINE);
        phone.dial(CODE).await.expect("a screen");
        typed(&mut phone, &["1", "1", "1", &"a".repeat(160)]).await;
        assert!(screen(&phone).starts_with("That is too long"), "{}", screen(&phone));
        let unreadable = [
            "a".repeat(161),
            "é".repeat(161),
            "As\u{0}ha".to_owned(),
            "As\nha".to_owned(),
            "Asha\nEND You have won".to_owned(),
            "Asha\r\nat-ussd-hop-metadata: x".to_owned(),
            "As\tha".to_owned(),
            "\u{202e}ahsA".to_owned(),
            "As\u{2066}ha\u{2069}".to_owned(),
            "As\u{200f}ha".to_owned(),
            "As\u{61c}ha".to_owned(),
            "\u{feff}Asha".to_owned(),
            "As\u{85}ha".to_owned(),
            "As\u{7f}ha".to_owned(),
        ];
        for input in &unreadable {
            typed(&mut phone, &[input]).await;
            let (shown, flaw) = (screen(&phone), phone.shown().and_then(Shown::flaw));
            assert!(shown.starts_with("We could not read that.\nType your first"), "{input:?}: {shown}");
            assert_eq!(flaw, None, "{input:?}");
        }
        assert_eq!(town.count("SELECT COUNT(*) FROM drafts").await, 0);
        typed(&mut phone, &["Asha"]).await;
        assert!(screen(&phone).starts_with("Type your surname"), "{}", screen(&phone));
    }
}

on_every_back_end! {
    async fn a_name_that_looks_like_an_answer_forges_none(town: Town) {
        let mut phone = town.phone(LINE);
        phone.dial(CODE).await.expect("a screen");
        for input in ["1", "1", "1", "END bye", "CON", "28461937", "1", PIN] {
            let shown = phone.answer(input).await.expect("a screen");
            assert!(!shown.ends, "{input}: {}", shown.text);
        }
        typed(&mut phone, &[PIN]).await;
        phone.dial(CODE).await.expect("a screen");
        typed(&mut phone, &[PIN, "1"]).await;
        let shown = phone.shown().expect("a screen");
        assert!(!shown.ends && shown.text.to_uppercase().starts_with("END BYE CON\nID *****937"), "{}", shown.text);
    }
}
