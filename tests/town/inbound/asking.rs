//! What people ask for, and what they get.

use super::*;

/// What a line without anything writes, and how the one reply to it begins.
const TEXTS: [(&str, &str); 27] = [
    ("HELP", "Exam staff: dial *384*2547# for your account"),
    ("hlep", "Exam staff: dial"),
    ("Msaada tafadhali", "Wasimamizi wa mitihani: piga *384*2547#"),
    ("RESET", "There is no account on this line."),
    ("Nimesahau PIN yangu nifanyeje", "Laini hii haina akaunti."),
    ("STATUS", "There is no account on this line."),
    ("hali ya akaunti yangu", "Laini hii haina akaunti."),
    ("STOP", "You get no more reminders and notices."),
    ("acha kunitumia ujumbe", "Hutapata tena vikumbusho na taarifa."),
    ("START", "You get reminders and notices again."),
    ("Anza", "Utapata tena vikumbusho na taarifa."),
    ("SW", "Tutakuandikia kwa Kiswahili"),
    ("help", "Wasimamizi wa mitihani"),
    ("I forgot my password please help", "There is no account on this line."),
    ("en", "We write to you in English from now on"),
    ("help me", "Exam staff: dial"),
    ("reset 0700000012", "You wrote about another number."),
    ("nisaidie na pin ya 0700000012", "Umeandika kuhusu namba nyingine."),
    ("my pin is 135790", "Never send a PIN or password to anybody"),
    ("482913", "A code is not sent back by SMS."),
    ("REG", "This line is not a centre's"),
    ("REG 4821 ALL", "This line is not a centre's"),
    ("CHECK 48213377", "This is not the code of a register"),
    ("CHECK 7979-0382-8563", "No register has this code."),
    ("When do the examiners meet in Kisumu", "We did not understand, so a person will read your SMS (ref "),
    ("Mkutano wa watahini ni lini huko Kisumu", "Hatukuelewa, hivyo mtu atasoma SMS yako (ref "),
    ("?", "We did not understand"),
];

on_every_back_end! {
    async fn every_text_gets_one_reply_that_helps(town: Town) {
        for (text, begins) in TEXTS {
            let replies = replies(&town, LINE, text).await;
            let [reply] = &replies[..] else { panic!("{text}: {replies:?}") };
            assert!(reply.starts_with(begins), "{text}: {reply}");
            assert!(daftari::text::gsm::septets(reply).is_ok_and(|septets| septets <= 160), "{text}: {reply}");
            assert!(!reply.contains("135790") && !reply.contains("482913"), "{text}: {reply}");
        }
        assert_eq!(town.count("SELECT COUNT(*) FROM support_tickets").await, 1, "what was not understood");
    }
}

on_every_back_end! {
    async fn a_code_that_was_asked_for_by_sms_makes_a_new_pin(town: Town) {
        open_account(&mut town.phone(LINE), "28461937", PIN).await;
        let said = replies(&town, LINE, "Habari, nimesahau PIN yangu").await;
        let [sms] = &said[..] else { panic!("{said:?}") };
        assert!(sms.contains("ni namba yako ya siri ya PIN mpya"), "the code is the reply: {sms}");
        let code = sms.split(' ').next().expect("the code comes first").to_owned();
        town.flush(&[LINE]).await;
        let mut phone = town.phone(LINE);
        phone.dial(CODE).await.expect("a screen");
        for input in [code.as_str(), "462085", "462085"] {
            phone.answer(input).await.expect("a screen");
        }
        assert!(screen(&phone).starts_with("Your new PIN is set"), "{}", screen(&phone));
    }
}

on_every_back_end! {
    async fn asking_again_says_when_or_says_the_same_code(town: Town) {
        open_account(&mut town.phone(LINE), "28461937", PIN).await;
        let first = told(&town, LINE, "RESET").await;
        let soon = told(&town, LINE, "reset pin").await;
        assert!(soon.len() == 1 && soon[0].starts_with("No new code before "), "{soon:?}");
        town.pass(Duration::seconds(61));
        assert_eq!(told(&town, LINE, "my pin reset").await, first, "the code that counts, said again");
        town.pass(Duration::minutes(5));
        told(&town, LINE, "send me the code").await;
        town.pass(Duration::minutes(26));
        let third = told(&town, LINE, "RESET").await;
        assert!(third[0].starts_with("No new code before "), "three an hour: {third:?}");
        assert_eq!(town.count("SELECT COUNT(*) FROM challenges").await, 1);
    }
}

on_every_back_end! {
    async fn whatever_number_is_in_the_text_only_the_senders_account_is_touched(town: Town) {
        open_account(&mut town.phone(LINE), "28461937", PIN).await;
        open_account(&mut town.phone(OTHER), "28461938", PIN).await;
        town.send_messages().await;
        let got = town.messages_to(OTHER).len();
        for number in ["0700000011", "+254700000011", "254700000011", "0700 000 011", "0700-000-011", "700000011"] {
            for words in [
                "reset", "RESET PIN", "nimesahau pin ya", "password for", "status", "STOP", "acha", "start",
                "SW", "my new number is", "send the code to", "mimi ni", "REG 4821 ALL",
            ] {
                for text in [format!("{words} {number}"), format!("{number} {words}")] {
                    replies(&town, LINE, &text).await;
                }
            }
        }
        assert_eq!(town.messages_to(OTHER).len(), got, "the other line hears nothing");
        let of_other = "SELECT (SELECT COUNT(*) FROM challenges WHERE msisdn = '+254700000011')
            + (SELECT COUNT(*) FROM stopped_lines WHERE msisdn = '+254700000011')
            + (SELECT COUNT(*) FROM lines WHERE msisdn = '+254700000011' AND language <> 'en')
            + (SELECT COUNT(*) FROM support_tickets WHERE msisdn = '+254700000011')";
        assert_eq!(town.count(of_other).await, 0);
        let own = replies(&town, LINE, "reset my pin 0700000010").await;
        assert!(own[0].contains("is your code for a new PIN"), "the own number is no other: {own:?}");
    }
}

on_every_back_end! {
    async fn too_many_wrong_codes_send_the_person_to_a_person(town: Town) {
        open_account(&mut town.phone(LINE), "28461937", PIN).await;
        for _ in 0..4 {
            replies(&town, LINE, "RESET").await;
            let mut tx = town.app().deps.store.begin().await.expect("a transaction");
            let tried = tx.query("UPDATE challenges SET tries = 3").execute().await;
            tried.expect("wrong codes");
            tx.commit().await.expect("they are kept");
        }
        let said = replies(&town, LINE, "RESET").await;
        assert!(said[0].starts_with("Too many wrong codes were typed for your account"), "{said:?}");
    }
}

on_every_back_end! {
    async fn status_tells_what_became_of_the_last_code_or_notice(town: Town) {
        open_account(&mut town.phone(LINE), "28461937", PIN).await;
        let said = told(&town, LINE, "STATUS").await;
        assert!(said[0].starts_with("Our last SMS to you, ") && said[0].contains("(account): delivered."), "{said:?}");

        let simulator = town.app().simulator.as_ref().expect("a simulated route");
        town.pass(Duration::minutes(1));
        simulator.behave(&msisdn(LINE), Behaviour::Refuse(RefusalReason::LineBlocks));
        assert!(told(&town, LINE, "RESET").await.is_empty(), "it is refused");
        simulator.behave(&msisdn(LINE), Behaviour::Deliver);
        for text in ["status", "my code has not arrived what is its status"] {
            let said = told(&town, LINE, text).await;
            assert!(said[0].contains("(PIN code): refused. Your line blocks our SMS. Dial *456*9*5*5*1#"), "{said:?}");
        }
        town.pass(Duration::days(91));
        let said = told(&town, LINE, "hali").await;
        assert!(said[0].starts_with("Hatujatuma namba ya siri wala taarifa"), "{said:?}");
    }
}

on_every_back_end! {
    async fn the_line_is_spoken_to_in_the_language_it_asked_for(town: Town) {
        replies(&town, LINE, "SW").await;
        let mut phone = town.phone(LINE);
        phone.dial(CODE).await.expect("a screen");
        assert!(screen(&phone).starts_with("Namba hii bado haina akaunti."), "{}", screen(&phone));
        assert!(replies(&town, LINE, "RESET").await[0].starts_with("Laini hii"), "a word alone is no English");
        assert!(replies(&town, LINE, "I have forgotten my password").await[0].starts_with("There is no account"));
    }
}
