//! `centre` and `officer pin` as an operator runs them.

use super::*;
use crate::{
    binary::{Said, daftari},
    town::Backend,
};

async fn centre(town: &Town, arguments: &[&str]) -> Said {
    let all: Vec<&str> = ["centre"].iter().chain(arguments).copied().collect();
    daftari(&all, &town.environment).await
}

/// The digits that stand behind `First PIN:`.
fn digits(said: &Said) -> String {
    let first = said.out.lines().next().and_then(|line| line.strip_prefix("First PIN:  "));
    first.unwrap_or_else(|| panic!("{} {}", said.out, said.err)).replace(' ', "")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_centres_first_pin_is_printed_once_and_opens_the_choice_of_its_own() {
    let mut town = Town::open(Backend::Embedded).await;
    in_season(&town).await;
    let issued = centre(&town, &["issue", CENTRE, "--to", "0700000002"]).await;
    assert_eq!(issued.code, 0, "{}", issued.err);
    assert!(issued.out.contains("For:        centre 12345001, from 0700000002"), "{}", issued.out);
    let pin = digits(&issued);
    assert_eq!(pin.len(), 8);
    let promised = "SELECT COUNT(*) FROM messages WHERE purpose = 'first_pin' AND msisdn = '+254700000002'";
    assert_eq!(town.count(promised).await, 1, "it goes to the line by SMS");

    let shown = centre(&town, &["show", CENTRE]).await;
    assert!(shown.out.contains("Lines:      -\n"), "{}", shown.out);
    assert!(shown.out.contains("by desk to 0700 ***002: first PIN, until "), "{}", shown.out);
    assert!(!shown.out.replace(' ', "").contains(&pin), "no secret: {}", shown.out);

    let said = call(&mut town, MANAGER, &[&pin, NEW_PIN, NEW_PIN]).await;
    assert!(said.starts_with("12345001 S26"), "the printed PIN opens it: {said}");
    let shown = centre(&town, &["show", CENTRE]).await;
    assert!(shown.out.contains("Lines:      0700000002\n"), "{}", shown.out);
    assert!(shown.out.contains(": counts; chosen "), "{}", shown.out);

    let second = digits(&centre(&town, &["issue", CENTRE, "--to", "0700000002"]).await);
    assert_ne!(second, pin);
    let said = call(&mut town, MANAGER, &[NEW_PIN]).await;
    assert!(said.starts_with("This PIN is wrong."), "the PIN before has ended: {said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_is_let_go_and_every_pin_ended() {
    let mut town = Town::open(Backend::Embedded).await;
    in_season(&town).await;
    with_pin(&town, &post(), MANAGER, PIN).await;
    let unknown = centre(&town, &["unbind", CENTRE, "--line", "0700000070"]).await;
    assert_eq!((unknown.code, unknown.out.as_str()), (1, ""));
    assert!(unknown.err.contains("this line is not bound to the centre"), "{}", unknown.err);

    let unbound = centre(&town, &["unbind", CENTRE, "--line", "0700000002"]).await;
    assert!(unbound.out.starts_with("The line no longer speaks for the centre"), "{}", unbound.err);
    assert!(centre(&town, &["show", CENTRE]).await.out.contains("Lines:      -\n"));
    let said = call(&mut town, MANAGER, &[]).await;
    assert!(!said.contains(CENTRE), "a stranger's line again: {said}");

    let revoked = centre(&town, &["revoke", CENTRE]).await;
    assert!(revoked.out.starts_with("The PIN is ended"), "{} {}", revoked.out, revoked.err);
    let again = centre(&town, &["revoke", CENTRE]).await;
    assert_eq!(again.out, "The centre had no PIN that counted; no line speaks for it.\n");
    assert!(centre(&town, &["show", CENTRE]).await.out.contains(": ended "));
    let acts =
        "SELECT COUNT(*) FROM audit_entries WHERE action IN ('post_line_unbound', 'post_pins_revoked')";
    assert_eq!(town.count(acts).await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unknown_centre_and_a_code_that_is_none_are_told() {
    let town = Town::open(Backend::Embedded).await;
    in_season(&town).await;
    for command in [&["show", "99999999"][..], &["revoke", "99999999"]] {
        let said = centre(&town, command).await;
        assert_eq!((said.code, said.out.as_str()), (1, ""));
        assert!(said.err.contains("there is no such centre: see the file of centres"), "{}", said.err);
    }
    let said = centre(&town, &["issue", "99999999", "--to", "0700000002"]).await;
    assert!(said.code == 1 && said.err.contains("there is no such centre in the lists"), "{}", said.err);
    let said = centre(&town, &["issue", "1234", "--to", "0700000002"]).await;
    assert!(said.code == 2 && said.err.contains("a centre's code has eight digits"), "{}", said.err);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_officers_first_pin_goes_to_the_officers_own_line() {
    let mut town = Town::open(Backend::Embedded).await;
    in_season(&town).await;
    let issued = daftari(&["officer", "pin", "0700000003"], &town.environment).await;
    assert!(issued.out.contains("For:        the officer, from 0700000003"), "{} {}", issued.out, issued.err);
    let promised = "SELECT COUNT(*) FROM messages WHERE purpose = 'first_pin' AND msisdn = '+254700000003'";
    assert_eq!(town.count(promised).await, 1);
    let said = call(&mut town, DIRECTOR, &[&digits(&issued), NEW_PIN, NEW_PIN]).await;
    assert!(said.starts_with("Ruiru S26"), "{said}");
    let nobody = daftari(&["officer", "pin", "0700000070"], &town.environment).await;
    assert_eq!((nobody.code, nobody.out.as_str()), (1, ""));
    assert!(nobody.err.contains("no officer in office has this line"), "{}", nobody.err);
}
