//! Machines that answer machines, and callbacks that come more than once.

use super::*;

/// What a machine that answers every SMS of ours makes of it.
async fn rounds(town: &Town, first: &str, answers: impl Fn(usize, &str) -> String) -> usize {
    let (mut text, mut rounds) = (first.to_owned(), 0);
    while let [reply] = &told(town, LINE, &text).await[..] {
        rounds += 1;
        assert!(rounds < 50, "it goes on and on");
        text = answers(rounds, reply);
    }
    rounds
}

on_every_back_end! {
    async fn two_machines_do_not_keep_each_other_busy(town: Town) {
        let same = "Thank you for your message. We will call you back.";
        assert_eq!(rounds(&town, same, |_, _| same.to_owned()).await, 2, "the same text twice");
        town.pass(Duration::hours(1));
        assert_eq!(rounds(&town, "You wrote", |n, _| format!("Request {n} was received")).await, 5);
        town.pass(Duration::hours(1));
        assert_eq!(rounds(&town, "start", |_, reply| reply.to_owned()).await, 5, "an echo");
        town.pass(Duration::hours(1));
        let words = ["HELP", "STOP", "START", "RESET", "STATUS", "EN", "HELP"];
        assert_eq!(rounds(&town, "SW", |n, _| words[n % 7].to_owned()).await, 5);
    }
}

on_every_back_end! {
    async fn names_and_short_codes_get_neither_a_reply_nor_a_ticket(town: Town) {
        for (n, from) in ["MPESA", "22384", "SAFARICOM", "+15005550006", "INFO-KE"].into_iter().enumerate() {
            for text in ["HELP", "RESET", "STOP", "You have won", "reset 0700000010"] {
                arrives(&town, 0, &format!("{n} {text}"), from, text).await;
            }
        }
        for table in ["messages", "support_tickets", "stopped_lines", "challenges"] {
            let sql = format!("SELECT COUNT(*) FROM {table}");
            assert_eq!(town.count(Box::leak(sql.into_boxed_str())).await, 0, "{table}");
        }
    }
}

on_every_back_end! {
    async fn the_same_callback_is_known_for_more_than_seven_days(town: Town) {
        arrives(&town, 0, "in-1", LINE, "HELP").await;
        for hours in [1, 12, 24 * 6, 24] {
            town.pass(Duration::hours(hours));
            retention::sweep(&town.app().deps).await.expect("old things go");
            arrives(&town, 0, "in-1", LINE, "HELP").await;
        }
        town.send_messages().await;
        assert_eq!(town.count("SELECT COUNT(*) FROM messages").await, 1);
    }
}

on_every_back_end! {
    async fn sixteen_copies_at_once_get_one_reply_and_one_ticket(town: Town) {
        town.add_node().await;
        let text = "Where do the examiners meet";
        join_all((0..16).map(|n| arrives(&town, n % 2, "in-1", LINE, text))).await;
        assert_eq!(town.count("SELECT COUNT(*) FROM messages").await, 1);
        assert_eq!(town.count("SELECT COUNT(*) FROM support_notes").await, 1);
    }
}

on_every_back_end! {
    async fn texts_at_once_share_a_ticket_and_get_five_replies(town: Town) {
        town.add_node().await;
        let texts: Vec<String> = (0..30).map(|n| format!("The container of paper {n} is late")).collect();
        let all: Vec<(String, &String)> = texts.iter().enumerate().map(|(n, t)| (n.to_string(), t)).collect();
        let all = all.iter().enumerate();
        join_all(all.map(|(n, (id, text))| arrives(&town, n % 2, id, LINE, text))).await;
        assert_eq!(town.count("SELECT COUNT(*) FROM messages").await, 5);
        assert_eq!(town.count("SELECT COUNT(*) FROM support_tickets").await, 1);
        assert_eq!(town.count("SELECT COUNT(*) FROM support_notes").await, 20, "no machine fills the desk");
        assert_eq!(town.count("SELECT COUNT(*) FROM inbound_messages").await, 30);
    }
}

on_every_back_end! {
    async fn resets_at_once_on_two_nodes_make_one_code(town: Town) {
        town.add_node().await;
        open_account(&mut town.phone(LINE), "28461937", PIN).await;
        let texts = ["RESET", "PIN", "nimesahau", "forgot my pin", "reset my password", "PIN please", "code?"];
        let ids: Vec<String> = (0..14).map(|n| n.to_string()).collect();
        let all = ids.iter().enumerate();
        join_all(all.map(|(n, id)| arrives(&town, n % 2, id, LINE, texts[n / 2]))).await;
        assert_eq!(town.count("SELECT COUNT(*) FROM challenges").await, 1);
        assert_eq!(town.count("SELECT COUNT(*) FROM messages WHERE purpose = 'reset_code'").await, 1);
        assert_eq!(town.count("SELECT COUNT(*) FROM inbound_messages WHERE answered").await, 5);
    }
}
