//! SMS that people send to us.

use chrono::Duration;
use daftari::{
    gateways::InboundSms,
    model::{Language, message::Purpose},
    services::inbound::{self, Received},
};

use crate::bench::{Bench, line};

fn sms(id: &str, from: &str, text: &str) -> InboundSms {
    InboundSms {
        provider_id: id.to_owned(),
        from: from.to_owned(),
        to: "20880".to_owned(),
        text: text.to_owned().into(),
        at: None,
        network: None,
        link_id: None,
    }
}

async fn receive(bench: &Bench, sms: &InboundSms) -> Received {
    inbound::receive(&bench.deps, &bench.menus, "africastalking", sms).await.expect("it is taken in")
}

async fn says(bench: &Bench, id: &str, text: &str) -> bool {
    matches!(receive(bench, &sms(id, "+254700000010", text)).await, Received::Answered(_))
}

#[tokio::test]
async fn a_repeated_sms_gets_one_reply() {
    for bench in Bench::both().await {
        let help = sms("in-1", "254700000010", "HELP");
        assert!(matches!(receive(&bench, &help).await, Received::Answered(_)));
        for _ in 0..2 {
            assert_eq!(receive(&bench, &help).await, Received::Repeat);
        }
        let [reply] = &bench.messages_to(&line(10)).await[..] else { panic!("one reply") };
        assert_eq!(reply.purpose, Purpose::HelpReply);
        let kept = "SELECT CAST(COUNT(*) AS BIGINT) FROM inbound_messages WHERE sender = '+254700000010'";
        assert_eq!(bench.count(kept).await, 1);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_repeat_that_comes_at_the_same_time_gets_no_reply_either() {
    for bench in Bench::both().await {
        let help = sms("in-1", "254700000010", "HELP");
        let calls = (0..8).map(|_| receive(&bench, &help));
        let answered = futures_util::future::join_all(calls).await;
        assert_eq!(answered.iter().filter(|r| matches!(r, Received::Answered(_))).count(), 1);
    }
}

#[tokio::test]
async fn one_number_gets_five_replies_in_half_an_hour() {
    for bench in Bench::both().await {
        for text in ["a", "b", "c", "d", "e"] {
            assert!(says(&bench, text, text).await);
        }
        assert!(!says(&bench, "f", "f").await);
        bench.pass(Duration::minutes(31));
        assert!(says(&bench, "g", "g").await);
    }
}

#[tokio::test]
async fn the_same_text_is_answered_twice_a_day() {
    for bench in Bench::both().await {
        assert!(says(&bench, "1", "Your call is important").await);
        assert!(says(&bench, "2", "your  CALL is important").await);
        assert!(!says(&bench, "3", "Your call is important").await);
        bench.pass(Duration::hours(25));
        assert!(says(&bench, "4", "Your call is important").await);
    }
}

#[tokio::test]
async fn names_short_codes_and_foreign_lines_get_no_reply() {
    for bench in Bench::both().await {
        for from in ["MPESA", "20880", "+15005550006", "0700000010 ext", ""] {
            assert_eq!(receive(&bench, &sms(from, from, "HELP")).await, Received::Kept, "{from}");
        }
        assert_eq!(bench.count("SELECT CAST(COUNT(*) AS BIGINT) FROM messages").await, 0);
    }
}

#[tokio::test]
async fn a_reply_speaks_the_language_of_the_line_or_of_the_keyword() {
    for bench in Bench::both().await {
        bench
            .spoil(
                "INSERT INTO lines (msisdn, language, changed_at)
                 VALUES ('+254700000012', 'sw', '2026-03-01T00:00:00+00:00')",
            )
            .await;
        for (end, text, language) in
            [(10, "help", Language::En), (11, "Msaada tafadhali", Language::Sw), (12, "help", Language::Sw)]
        {
            let from = line(end);
            receive(&bench, &sms(&end.to_string(), from.as_e164(), text)).await;
            bench.worker().turn().await;
            let sent = bench.sim.sent_to(&from);
            let words = secrecy::ExposeSecret::expose_secret(&sent[0].body);
            assert_eq!(words.starts_with("Wasimamizi"), language == Language::Sw, "{words}");
        }
    }
}
