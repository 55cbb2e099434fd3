//! Sessions in the terminal with scripted input: against a gateway, and with the menus alone.

use std::sync::Mutex;

use daftari::{
    menu::{Menus, definition::Bundle},
    model::Msisdn,
    phones::terminal::{self, HttpInbox, Inbox, InboxFault, InboxKind, InboxMessage, NoInbox},
};

use crate::{CODE, Gateway, Says, con, end, line, phone, transcripts::TestStage};

async fn played(url: &str, inbox: &impl Inbox, typed: &str) -> String {
    let mut out = vec![];
    terminal::play(phone(url), inbox, CODE, &mut typed.as_bytes(), &mut out).await.unwrap();
    String::from_utf8(out).unwrap()
}

#[tokio::test]
async fn a_terminal_session_is_saved_and_runs_again() {
    let says = || {
        [
            con("Choose:\n1: Open an account"),
            con("Your name?"),
            con("Your name?"),
            con("Choose:\n1: Open an account"),
            end("Your account is open."),
        ]
    };
    let (gateway, url) = Gateway::serve(says()).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("session.txt");
    let typed = format!("1\n/repeat\n/drop\n/redial\n907318\n/hang\n/save {}\n/quit\n", file.display());
    let shown = played(&url, &NoInbox, &typed).await;

    assert!(shown.contains("| 1: Open an account                       |"), "{shown}");
    assert!(shown.contains("[26/160]  hop 1, 10 keys pressed"), "{shown}");
    assert!(shown.contains("The same answer came."), "{shown}");
    assert!(shown.contains("+- END -"), "{shown}");
    assert!(shown.contains("There is no command /hang"), "{shown}");
    let hops = gateway.got().iter().filter(|got| got.path.ends_with("/ussd")).count();
    assert_eq!(hops, 5);

    let saved = std::fs::read_to_string(&file).unwrap();
    assert!(saved.contains("type 907318\n  | Your account is open.\nends\n"), "{saved}");
    let stage = TestStage::new(says()).await;
    stage.run(&saved).await.unwrap();
}

#[tokio::test]
async fn the_terminal_tells_faults_and_goes_on() {
    let wrong = Says::Plain(500, "text/plain", "CON Hi".to_owned());
    let says = [wrong, con("Choose:"), con(&"x".repeat(170)), con("Again")];
    let (gateway, url) = Gateway::serve(says).await;
    let typed = "1\n/redial\n\n/phone 0700000011\n*384*2547#\n/phone nobody\n/help\n";
    let shown = played(&url, &NoInbox, typed).await;
    assert!(shown.contains("! the gateway answered with status 500; the handset shows"), "{shown}");
    assert!(shown.contains("No call is open. /redial dials *384*2547# again."), "{shown}");
    assert!(shown.contains("[170/160]") && shown.contains("its end is cut off"), "{shown}");
    assert!(shown.contains("This is the phone +254700000011."), "{shown}");
    assert!(shown.contains("Write the number like"), "{shown}");
    assert!(shown.contains("/save FILE"), "{shown}");
    assert_eq!(gateway.got().last().map(|got| got.field("phoneNumber")).as_deref(), Some("+254700000011"));
}

/// An inbox into which a message drops after the first look.
struct Dropping(Mutex<usize>);

impl Inbox for Dropping {
    async fn messages_to(&self, _: &Msisdn) -> Result<Vec<InboxMessage>, InboxFault> {
        let mut looks = self.0.lock().unwrap();
        *looks += 1;
        let message = |id: &str, body: &str| InboxMessage {
            id: id.into(),
            kind: InboxKind::Sms,
            body: body.into(),
            at: "2025-11-22T21:00:07Z".parse().unwrap(),
        };
        let all = [message("1", "An old one"), message("2", "Your account is open.")];
        Ok(all.into_iter().take(*looks).collect())
    }
}

#[tokio::test]
async fn messages_are_shown_once_as_they_arrive_and_all_of_them_when_asked_for() {
    let (_gateway, url) = Gateway::serve([con("Choose:"), con("Choose:")]).await;
    let shown = played(&url, &Dropping(Mutex::new(0)), "1\n").await;
    assert_eq!(shown.matches("Your account is open.").count(), 1, "{shown}");
    assert!(!shown.contains("An old one"), "{shown}");
    let (_gateway, url) = Gateway::serve([con("Choose:")]).await;
    let shown = played(&url, &Dropping(Mutex::new(0)), "/sms\n").await;
    assert!(shown.contains("An old one"), "{shown}");
    assert!(shown.contains(" SMS 23/11 00:00:07 "), "in Nairobi, as on the screens: {shown}");
}

#[tokio::test]
async fn the_simulators_inbox_is_read_oldest_first() {
    let (gateway, url) = Gateway::serve([]).await;
    let messages = serde_json::json!([
        {"id": "b", "kind": "call", "body": "Second", "at": "2025-11-22T07:01:00Z"},
        {"id": "a", "body": "First", "at": "2025-11-22T07:00:00Z"},
    ]);
    *gateway.messages.lock().unwrap() = messages.to_string();
    let inbox = HttpInbox::new(&url).unwrap();
    let found = inbox.messages_to(&line().msisdn).await.unwrap();
    let bodies: Vec<&str> = found.iter().map(|message| message.body.as_str()).collect();
    assert_eq!(bodies, ["First", "Second"]);
    assert_eq!([found[0].kind, found[1].kind].map(InboxKind::title), ["SMS", "CALL"]);
    assert_eq!(gateway.got()[0].path, "/simulator/messages?to=%2B254700000010");
    "not JSON".clone_into(&mut gateway.messages.lock().unwrap());
    assert!(inbox.messages_to(&line().msisdn).await.is_err());
}

async fn alone(typed: &str) -> String {
    let menus = Menus::compile(Bundle::built_in()).unwrap();
    let mut out = vec![];
    terminal::play_menus_alone(&menus, &mut typed.as_bytes(), &mut out).await.unwrap();
    String::from_utf8(out).unwrap()
}

#[tokio::test]
async fn menus_alone_ask_how_an_action_comes_out() {
    let shown = alone("1\n1\n1\nAsha\nWanjiku\n28461937\n1\n907318\n907318\n9\n1\n\n/quit\n").await;
    assert!(shown.contains("(set_language: done)"), "{shown}");
    assert!(shown.contains("The program does open_account. How does it come out?"), "{shown}");
    assert!(shown.contains("  2: already_yours"), "{shown}");
    assert!(shown.contains("Answer with one of the numbers."), "{shown}");
    assert!(shown.contains("Your account is open."), "{shown}");
    assert!(shown.contains("The session ends here."), "{shown}");
    assert!(shown.contains("+- sign_in.pin -"), "the next dial knows the account: {shown}");
}

#[tokio::test]
async fn menus_alone_have_sample_rows_and_values() {
    let home = "/begin language_known has_account\n907318\n1\n";
    let shown = alone(&format!("{home}2\n\n1\n1\n/sw\n/flags\n/nothing\n")).await;
    assert!(shown.contains("Hello Asha Njeri. Choose:"), "{shown}");
    assert!(shown.contains("The list my_messages. How many rows has it?"), "{shown}");
    assert!(shown.contains("1: 22/11 10:01"), "{shown}");
    assert!(shown.contains("+- home.message -"), "{shown}");
    assert!(shown.contains(" ya 22/11 10:01"), "{shown}");
    assert!(shown.contains("  signed_in (up)"), "{shown}");
    let empty = alone(&format!("{home}2\nmany\n0\n")).await;
    assert!(empty.contains("+- home.no_messages -"), "{empty}");
}
