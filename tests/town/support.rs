//! The support desk as the people who work there run it: what nobody understood, read and answered.

use chrono::Duration;
use daftari::services::retention;

use crate::{
    binary::{Said, daftari},
    inbound::{LINE, replies, told},
    town::{Backend, Town},
};

async fn support(town: &Town, arguments: &[&str]) -> Said {
    daftari(&[&["support"], arguments].concat(), &town.environment).await
}

/// The reference that a reply names.
fn reference(reply: &str) -> String {
    let (_, rest) = reply.split_once("(ref ").expect("a reference");
    rest[..4].to_owned()
}

/// What was said, with instants as `(then)`.
fn timeless(said: &str) -> String {
    let digit = |c: &u8| c.is_ascii_digit();
    let mut out = String::new();
    let mut rest = said;
    while let Some(c) = rest.chars().next() {
        let looks = rest.as_bytes().get(..16).is_some_and(|b| {
            b[2] == b'/'
                && b[5] == b'/'
                && b[13] == b':'
                && [0, 1, 3, 4, 6, 9, 11, 15].iter().all(|n| digit(&b[*n]))
        });
        if looks {
            out.push_str("(then)          ");
            rest = &rest[16..];
        } else {
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}

async fn audited(town: &Town, action: &'static str) -> Vec<String> {
    let mut tx = town.app().deps.store.read().await.expect("a read");
    let sql = "SELECT actor FROM audit_entries WHERE action = $1 ORDER BY at, actor";
    let rows: Vec<(String,)> = tx.query(sql).bind(action).all().await.expect("the audit");
    rows.into_iter().map(|(actor,)| actor).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_ticket_is_listed_read_answered_and_closed() {
    for backend in [Backend::Embedded, Backend::Production] {
        let town = Town::open(backend).await;
        let said = support(&town, &["list"]).await;
        assert_eq!((said.code, said.out.as_str()), (0, "Nobody waits for the desk.\n"), "{}", said.err);

        let reply =
            replies(&town, LINE, "The examiners meet in Kisumu and I have no bus fare").await.remove(0);
        let r = reference(&reply);
        town.pass(Duration::minutes(1));
        assert_eq!(
            reference(&told(&town, LINE, "\u{1b}[2JAsha Njeri, chief invigilator").await[0]),
            r,
            "one ticket"
        );

        let said = support(&town, &["list"]).await;
        let row = format!(
            "REF   STATE     LINE           LANG  TEXTS  OPENED            LAST\n\
             {r}  open      0700 ***010    en        2  (then)            (then)          \n"
        );
        assert_eq!(timeless(&said.out), row);
        let said = support(&town, &["list", "--json"]).await;
        let listed: serde_json::Value = serde_json::from_str(&said.out).expect("JSON and nothing else");
        assert_eq!(
            (listed[0]["reference"].as_str(), listed[0]["texts"].as_i64()),
            (Some(r.as_str()), Some(2))
        );
        assert!(!said.out.contains("700000010"), "{}", said.out);

        let lower = r.to_lowercase();
        let said = support(&town, &["show", &lower, "--as", "a.wanjiku"]).await;
        let shown = format!(
            "{r}  open  +254700000010  (en)\n\n\
             (then)            the person\n  The examiners meet in Kisumu and I have no bus fare\n\n\
             (then)            the person\n   [2JAsha Njeri, chief invigilator\n"
        );
        assert_eq!((timeless(&said.out), said.code), (shown, 0), "{}", said.err);
        assert_eq!(audited(&town, "ticket_read").await, ["desk:a.wanjiku"]);

        let words = "Habari Asha, the fare is paid after the meeting. Keep the ticket.";
        let said = support(&town, &["answer", &r, words, "--as", "b.otieno"]).await;
        assert_eq!((said.code, said.out), (0, format!("The answer to {r} is on its way.\n")), "{}", said.err);
        town.pass(Duration::minutes(5));
        town.send_messages().await;
        let last = town.messages_to(LINE).pop().expect("an answer");
        assert_eq!(last, format!("{words} - Exam staff help desk, ref {r}"));
        let said = support(&town, &["show", &r, "--as", "a.wanjiku"]).await;
        let answer = format!("\n(then)            b.otieno at the desk (delivered)\n  {last}\n");
        assert!(timeless(&said.out).contains(&answer), "{}", said.out);
        assert!(said.out.starts_with(&format!("{r}  answered  ")), "{}", said.out);

        assert_eq!(reference(&replies(&town, LINE, "And who keeps the children").await[0]), r, "open again");
        let said = support(&town, &["close", &r, "--as", "b.otieno"]).await;
        assert_eq!((said.code, said.out), (0, format!("{r} is closed.\n")));
        for late in
            [vec!["close", &r, "--as", "b.otieno"], vec!["answer", &r, "too late", "--as", "b.otieno"]]
        {
            let said = support(&town, &late).await;
            assert_eq!((said.code, said.err), (1, format!("ticket {r} is closed\n")));
        }
        assert_eq!(support(&town, &["list"]).await.out, "Nobody waits for the desk.\n");
        assert!(support(&town, &["list", "--all"]).await.out.contains("closed"));
        assert_ne!(reference(&replies(&town, LINE, "Another thing about Kisumu").await[0]), r);

        assert_eq!(audited(&town, "ticket_answered").await, ["desk:b.otieno"]);
        assert_eq!(audited(&town, "ticket_closed").await, ["desk:b.otieno"]);
        assert_eq!(daftari(&["audit", "verify"], &town.environment).await.code, 0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_desk_is_told_what_it_can_not_do() {
    let town = Town::open(Backend::Embedded).await;
    let r = reference(&replies(&town, LINE, "The examiners meet in Kisumu").await[0]);
    let long = "a".repeat(261);
    for (arguments, code, says) in [
        (vec!["show", "ZZZZZ", "--as", "asha"], 1, "there is no ticket ZZZZZ"),
        (vec!["show", &r], 2, "--as <NAME>"),
        (vec!["show", &r, "--as", "a b"], 2, "write a name such as a.wanjiku"),
        (vec!["answer", &r, " ", "--as", "asha"], 1, "the answer has no words"),
        (vec!["answer", &r, "Your PIN is 907318", "--as", "asha"], 1, "looks like a PIN or a code"),
        (vec!["answer", &r, &long, "--as", "asha"], 1, "the answer has 261 characters as an SMS counts them"),
    ] {
        let said = support(&town, &arguments).await;
        assert_eq!(said.code, code, "{arguments:?}: {}", said.err);
        assert!(said.err.contains(says), "{arguments:?}: {}", said.err);
    }
    assert_eq!(town.count("SELECT COUNT(*) FROM audit_entries").await, 0, "nothing was read or done");
    assert_eq!(town.count("SELECT COUNT(*) FROM messages WHERE purpose = 'support_answer'").await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_in_a_text_is_not_shown_to_the_desk() {
    let town = Town::open(Backend::Embedded).await;
    let r = reference(&replies(&town, LINE, "The examiners meet in Kisumu").await[0]);
    replies(&town, LINE, "The gate of the container says 907318 in Kisumu").await;
    let said = support(&town, &["show", &r, "--as", "asha"]).await;
    assert!(
        !said.out.contains("907318") && said.out.contains("container says ****** in Kisumu"),
        "{}",
        said.out
    );
    assert!(said.out.contains("digits are starred"), "{}", said.out);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn texts_are_wiped_after_90_days_and_answered_tickets_close_after_14() {
    for backend in [Backend::Embedded, Backend::Production] {
        let town = Town::open(backend).await;
        let r = reference(&replies(&town, LINE, "The examiners meet in Kisumu").await[0]);
        support(&town, &["answer", &r, "In the town hall", "--as", "asha"]).await;
        let closed = "SELECT COUNT(*) FROM support_tickets WHERE state = 'closed'";
        for (days, expected) in [(13, 0), (2, 1)] {
            town.pass(Duration::days(days));
            retention::sweep(&town.app().deps).await.expect("old things go");
            assert_eq!(town.count(closed).await, expected);
        }
        town.pass(Duration::days(76));
        retention::sweep(&town.app().deps).await.expect("old things go");
        let said = support(&town, &["show", &r, "--as", "asha"]).await;
        assert_eq!(said.out.matches("(wiped: words are kept for 90 days)").count(), 2, "{}", said.out);
    }
}
