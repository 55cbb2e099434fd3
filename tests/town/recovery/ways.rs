//! A code that does not come: the other ways are offered where there are some, on the screen that tells of it and at the
//! next dial, and no request is used up for what never left.

use daftari::{
    gateways::simulator::{Kind, Sent},
    model::AccountId,
    workers::outbox::Outbox,
};

use super::*;
use crate::{faults::eventually, town::Node};

const TWO_ROUTES: [(&str, &str); 4] = [
    ("DAFTARI_SMS__ROUTE__0__NAME", "first"),
    ("DAFTARI_SMS__ROUTE__0__KIND", "simulator"),
    ("DAFTARI_SMS__ROUTE__1__NAME", "second"),
    ("DAFTARI_SMS__ROUTE__1__KIND", "simulator"),
];
const WITH_CALLS: [(&str, &str); 4] = [
    ("DAFTARI_SMS__ROUTE__0__NAME", "first"),
    ("DAFTARI_SMS__ROUTE__0__KIND", "simulator"),
    ("DAFTARI_SMS__ROUTE__1__NAME", "phone"),
    ("DAFTARI_SMS__ROUTE__1__KIND", "simulator-voice"),
];
const WAITING: (&str, &str) = ("DAFTARI_RECOVERY__FATE_WAIT_MS", "3000");
const CHALLENGES: &str = "SELECT COUNT(*) FROM challenges";
const REQUESTS: &str = "SELECT COUNT(*) FROM code_requests";

/// A line with an account in a town of these routes; messages go when the test says so.
async fn quiet(backend: Backend, routes: &[(&str, &str)]) -> Town {
    let settings: Vec<_> = routes.iter().copied().chain([WAITING]).collect();
    let town = Town::with(backend, &settings).await;
    open_account(&mut town.phone(LINE), "28461937", PIN).await;
    town.send_messages().await;
    town
}

/// The same where they go by themselves, and a hop waits for what a route says, as in the program.
async fn settled(backend: Backend, routes: &[(&str, &str)]) -> Town {
    let town = quiet(backend, routes).await;
    town.start_outbox();
    town
}

fn behave(town: &Town, route: &str, behaviour: Option<Behaviour>) {
    town.app().simulator.as_ref().expect("simulated routes").behave_on(route, behaviour);
}

fn refuse(town: &Town, route: &str, reason: RefusalReason) {
    behave(town, route, Some(Behaviour::Refuse(reason)));
}

/// A dial of a line that has made few.
async fn dials(town: &Town) -> Phone {
    let mut phone = town.phone(LINE);
    phone.dial(CODE).await.expect("a screen");
    phone
}

/// Ask for a code in a call; what the screen says.
async fn asks(town: &Town) -> Phone {
    let mut phone = dials(town).await;
    press(&mut phone, "I forgot my PIN").await;
    press(&mut phone, "Send the code").await;
    phone
}

fn has(phone: &Phone, words: &str) -> bool {
    screen(phone).lines().any(|line| line.ends_with(words))
}

/// The code of the last message to the phone.
fn last_code(town: &Town) -> String {
    let code = town.messages_to(LINE).pop().and_then(|sms| sms.get(..6).map(str::to_owned));
    code.filter(|code| code.bytes().all(|b| b.is_ascii_digit())).expect("a code")
}

const BOTH: [Backend; 2] = [Backend::Embedded, Backend::Production];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refusal_is_told_in_the_call_with_the_way_that_is_left_and_what_that_one_said() {
    for backend in BOTH {
        let town = settled(backend, &TWO_ROUTES).await;
        refuse(&town, "first", RefusalReason::BadNumber);
        let mut phone = asks(&town).await;
        assert!(
            screen(&phone).contains("was refused. The network says that this number"),
            "{}",
            screen(&phone)
        );
        assert!(has(&phone, "Another way") && !has(&phone, "By a call"), "{}", screen(&phone));
        let said = press(&mut phone, "Another way").await;
        assert!(said.starts_with("The same code now comes another way: SMS "), "{said}");
        // The same words again, and no other message.
        phone.repeat().await.expect("a screen");
        assert_eq!((said.as_str(), town.messages_to(LINE).len()), (screen(&phone), 2));
        let mut phone = dials(&town).await;
        assert!(screen(&phone).starts_with("Type the code from our SMS"), "{}", screen(&phone));
        let said = typed(&mut phone, &[&last_code(&town), NEW_PIN, NEW_PIN]).await;
        assert!(said.starts_with("Your new PIN is set"), "{said}");
        assert_eq!((town.count(CHALLENGES).await, town.count(REQUESTS).await), (1, 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_every_route_refuses_no_way_is_offered_and_people_are_named() {
    for backend in BOTH {
        let town = settled(backend, &TWO_ROUTES).await;
        refuse(&town, "first", RefusalReason::BadNumber);
        refuse(&town, "second", RefusalReason::LineInactive);
        let mut phone = asks(&town).await;
        let said = press(&mut phone, "Another way").await;
        assert!(said.contains("was refused. Your line is suspended: ask your network."), "{said}");
        assert!(!has(&phone, "Another way") && !has(&phone, "By a call"), "{said}");
        assert!(has(&phone, "Officer's code") && has(&phone, "Help"), "{said}");
        let mut phone = dials(&town).await;
        assert!(
            screen(&phone).starts_with("Your code did not arrive. Your line is suspended"),
            "{}",
            screen(&phone)
        );
        assert!(!has(&phone, "Another way") && has(&phone, "Help"), "{}", screen(&phone));
        let said = press(&mut phone, "I remember my PIN").await;
        assert!(said.starts_with("Type your PIN"), "{said}");
        let phone = dials(&town).await;
        assert!(screen(&phone).starts_with("Type the code"), "it is told once: {}", screen(&phone));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_first_route_that_is_blocked_is_told_and_the_next_one_brings_the_code() {
    for backend in BOTH {
        let town = settled(backend, &TWO_ROUTES).await;
        refuse(&town, "first", RefusalReason::LineBlocks);
        let mut phone = asks(&town).await;
        let said = screen(&phone).to_owned();
        assert!(
            said.starts_with(
                "Your line blocks our SMS. Dial *456*9*5*5*1# to allow them. The code comes another way"
            ),
            "{said}"
        );
        assert!(typed(&mut phone, &[&last_code(&town)]).await.starts_with("The code is right."));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_that_takes_no_sms_is_told_of_the_call_that_comes_instead() {
    for backend in BOTH {
        let town = settled(backend, &WITH_CALLS).await;
        refuse(&town, "first", RefusalReason::LineBlocks);
        let phone = asks(&town).await;
        let said = screen(&phone).to_owned();
        assert!(said.starts_with("Your line blocks our SMS.") && said.contains("So we call you"), "{said}");
        assert!(phone.shown().is_some_and(|shown| shown.ends), "a call would not get through");
        let phone = dials(&town).await;
        assert!(screen(&phone).starts_with("Type the code"), "nothing is refused yet: {}", screen(&phone));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_that_is_sent_and_silent_can_be_read_out() {
    for backend in BOTH {
        let town = settled(backend, &WITH_CALLS).await;
        behave(&town, "first", Some(Behaviour::Lose));
        let mut phone = asks(&town).await;
        assert!(screen(&phone).starts_with("The code comes by SMS"), "{}", screen(&phone));
        let mut again = dials(&town).await;
        assert!(screen(&again).starts_with("Type the code"), "a code that was sent: {}", screen(&again));
        for phone in [&mut phone, &mut again] {
            let said = press(phone, "It did not come").await;
            assert!(said.starts_with("Your network has taken SMS "), "{said}");
            assert!(!has(phone, "Another way") && has(phone, "By a call"), "{said}");
        }
        let said = press(&mut again, "By a call").await;
        assert!(said.starts_with("We call you in a moment"), "{said}");
        town.pass(Duration::seconds(8));
        eventually("it is called", async || {
            town.send_messages().await;
            sent_by(&town.nodes[0]).last().is_some_and(|sent| sent.kind == Kind::Call)
        })
        .await;
        assert_eq!((town.count(CHALLENGES).await, town.count(REQUESTS).await), (1, 1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_code_is_told_before_everything_else_and_the_person_may_have_it_all_the_same() {
    for backend in BOTH {
        let town = settled(backend, &TWO_ROUTES).await;
        refuse(&town, "first", RefusalReason::PhoneAway);
        asks(&town).await;
        let mut phone = dials(&town).await;
        assert!(screen(&phone).starts_with("Your code did not arrive."), "{}", screen(&phone));
        assert!(has(&phone, "Another way"), "{}", screen(&phone));
        let said = press(&mut phone, "I have the code").await;
        assert!(said.starts_with("Type the code from our SMS"), "{said}");
        let phone = dials(&town).await;
        assert!(screen(&phone).starts_with("Type the code from our SMS"), "told once: {}", screen(&phone));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_is_used_up_while_every_route_is_dead() {
    for backend in BOTH {
        let mut town = quiet(backend, &TWO_ROUTES[..2]).await;
        refuse(&town, "first", RefusalReason::OurSide);
        for n in 0..5 {
            let requested = asking::request_on(&town, 0, AskedOn::Line).await;
            assert!(matches!(requested, Requested::Sent(_)), "request {n}: {requested:?}");
            town.send_messages().await;
            let too_soon = asking::request_on(&town, 0, AskedOn::Line).await;
            assert!(matches!(too_soon, Requested::Refused(Refused::TooSoon { .. })), "{too_soon:?}");
            town.pass(Duration::seconds(60));
        }
        behave(&town, "first", None);
        for _ in 0..3 {
            let requested = asking::request_on(&town, 0, AskedOn::Line).await;
            assert!(matches!(requested, Requested::Sent(_)), "{requested:?}");
            town.send_messages().await;
            town.pass(Duration::seconds(60));
        }
        let fourth = asking::request_on(&town, 0, AskedOn::Line).await;
        assert!(matches!(fourth, Requested::Refused(Refused::TooMany { .. })), "{fourth:?}");
        let mut phone = dialled(&mut town).await;
        let code = codes(&town).await.pop().expect("a code").0;
        assert!(typed(&mut phone, &[&code]).await.starts_with("The code is right."), "{}", screen(&phone));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_another_way_brought_counts_as_the_request_it_was_for() {
    for backend in BOTH {
        let town = quiet(backend, &TWO_ROUTES).await;
        for _ in 0..3 {
            refuse(&town, "first", RefusalReason::PhoneAway);
            let Requested::Sent(sent) = asking::request_on(&town, 0, AskedOn::Line).await else {
                panic!("it is granted")
            };
            town.send_messages().await;
            let deps = &town.app().deps;
            let mut tx = deps.store.begin().await.expect("a transaction");
            let said =
                messaging::say_again(&mut tx, deps, sent.challenge.id, Way::Next).await.expect("a look");
            tx.commit().await.expect("it is kept");
            assert!(matches!(said, Said::BySms(_)), "{said:?}");
            town.send_messages().await;
            // Each request makes a code of its own, so that each has a second way.
            town.pass(Duration::minutes(11));
        }
        let fourth = asking::request_on(&town, 0, AskedOn::Line).await;
        assert!(matches!(fourth, Requested::Refused(Refused::TooMany { .. })), "{fourth:?}");
    }
}

on_every_back_end! {
    async fn pumping_a_prefix_over_two_nodes_at_once_stops_at_exactly_the_limit(town: Town) {
        town.add_node().await;
        promise_a_code_to_each_of(&town, 100).await;
        let outboxes: Vec<Outbox> = town.nodes.iter().map(outbox).collect();
        for _ in 0..10 {
            join_all(outboxes.iter().map(Outbox::turn)).await;
            town.pass(Duration::seconds(1));
        }
        let sent = town.nodes.iter().map(|node| sent_by(node).len());
        assert_eq!(sent.sum::<usize>(), 30, "the first share that says something, of both nodes together");
        assert_eq!(town.count("SELECT COUNT(*) FROM message_attempts").await, 30);
        assert_eq!(town.count("SELECT COUNT(*) FROM messages WHERE fate = 'refused'").await, 70);
    }
}

fn outbox(node: &Node) -> Outbox {
    let app = &node.app;
    Outbox::new(app.deps.clone(), app.menus.clone(), app.routes.clone(), &app.lifecycle)
}

fn sent_by(node: &Node) -> Vec<Sent> {
    node.app.simulator.as_ref().expect("a simulated route").all_since(0)
}

/// A code for so many numbers of one prefix, as if every limit on requests had let them in.
async fn promise_a_code_to_each_of(town: &Town, numbers: usize) {
    let deps = &town.app().deps;
    let now = town.clock.now();
    let mut tx = deps.store.begin().await.expect("a transaction");
    for n in 0..numbers {
        let line = msisdn(&format!("+2547000000{n:02}"));
        let account = Some(AccountId(deps.chance.id(now)));
        let (door, language, asked_on) = (Door::ResetPin, Language::En, AskedOn::Line);
        let asked = Request { account, door, msisdn: &line, language, asked_on, now };
        let granted = request::grant(&mut tx, deps, &asked).await.expect("an answer");
        assert!(matches!(granted, Requested::Sent(_)), "{granted:?}");
    }
    tx.commit().await.expect("they are kept");
}
