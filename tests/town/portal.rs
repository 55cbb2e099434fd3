//! The portal as its users meet it: a first password from a call's screen, signing in, sessions and their ends.

use chrono::Duration;

use crate::{
    browser::{Browser, Page},
    town::{CODE, Town, on_every_back_end, open_account, screen},
};

mod guessing;
mod pages;

pub const LINE: &str = "+254700000010";
pub const USER: &str = "254700000010";
/// A line without an account.
pub const STRANGER: &str = "0700000055";
pub const PIN: &str = "907318";
pub const PASSWORD: &str = "mvua kubwa ya jana";

pub fn browser(town: &Town) -> Browser {
    Browser::new(&town.nodes[0].url)
}

/// The code on the screen of a signed-in call.
pub async fn code_on_screen(town: &Town) -> String {
    let mut phone = town.phone(LINE);
    phone.dial(CODE).await.expect("a screen");
    phone.answer(PIN).await.expect("a screen");
    phone.answer("6").await.expect("a screen");
    let code = screen(&phone).strip_prefix("Code ").and_then(|rest| rest.get(..6));
    code.unwrap_or_else(|| panic!("no code in {}", screen(&phone))).to_owned()
}

pub async fn choose(browser: &mut Browser, user: &str, code: &str, password: &str) -> Page {
    let fields = [("username", user), ("code", code), ("new", password), ("again", password)];
    browser.post("/portal/code", &fields).await
}

pub async fn sign_in(browser: &mut Browser, user: &str, password: &str) -> Page {
    browser.post("/portal/sign-in", &[("username", user), ("password", password)]).await
}

/// An account with a password, and a browser that is signed in to it.
pub async fn signed_in(town: &Town) -> Browser {
    open_account(&mut town.phone(LINE), "28461937", PIN).await;
    let mut browser = browser(town);
    let page = choose(&mut browser, USER, &code_on_screen(town).await, PASSWORD).await;
    assert_eq!((page.status, page.leads_to()), (303, "/portal/account?said=password"), "{}", page.body);
    browser
}

async fn is_signed_in(browser: &Browser) -> bool {
    browser.clone().get("/portal/account").await.status == 200
}

on_every_back_end! {
    async fn a_code_on_the_screen_opens_the_first_password(town: Town) {
        let mut browser = signed_in(&town).await;
        let page = browser.get("/portal/account").await;
        for shown in ["Asha Njeri Wanjiku", "*****937", USER] {
            assert!(page.body.contains(shown), "{shown} is not in {}", page.body);
        }
        assert!(!page.body.contains("28461937"), "the whole ID is never shown");
        town.send_messages().await;
        let told = town.messages_to(LINE);
        let says = "The portal password of your exam staff account 254700000010 was set.";
        assert!(told.iter().any(|sms| sms.starts_with(says)), "{told:?}");
        let page = browser.get("/portal/messages").await;
        assert_eq!(page.body.matches("<li>").count(), 2, "{}", page.body);
        for shown in ["password</span>", "account</span>", "class=\"delivered\">delivered</b>"] {
            assert!(page.body.contains(shown), "{shown}: {}", page.body);
        }
        for spelled in ["0700000010", "+254 700 000 010", "700000010"] {
            let mut other = Browser::new(&town.nodes[0].url);
            assert_eq!(sign_in(&mut other, spelled, PASSWORD).await.leads_to(), "/portal/account", "{spelled}");
        }
    }
}

on_every_back_end! {
    async fn a_code_is_the_same_on_screen_and_by_sms_and_accepted_once(town: Town) {
        open_account(&mut town.phone(LINE), "28461937", PIN).await;
        let code = code_on_screen(&town).await;
        let mut asking = browser(&town);
        assert_eq!(asking.post("/portal/forgot", &[("username", USER)]).await.status, 200);
        until_sent(&town, 2).await;
        let (sms, says) = (town.messages_to(LINE), format!("{code} is your code for a new portal password."));
        assert!(sms.iter().any(|sms| sms.starts_with(&says)), "{says} {sms:?}");
        let tries = (0..8).map(|_| {
            let (mut browser, code) = (browser(&town), code.clone());
            async move { choose(&mut browser, USER, &code, PASSWORD).await.status }
        });
        let answers = futures_util::future::join_all(tries).await;
        assert_eq!(answers.iter().filter(|status| **status == 303).count(), 1, "{answers:?}");
        assert_ne!(choose(&mut browser(&town), USER, &code, "kiti cheupe kidogo").await.status, 303);
    }
}

/// Wait for messages that are promised after an answer, and let the outbox have its turn.
pub async fn until_sent(town: &Town, many: usize) {
    let hang_guard = std::time::Instant::now() + std::time::Duration::from_secs(20);
    loop {
        town.send_messages().await;
        if town.messages_to(LINE).len() >= many {
            return;
        }
        assert!(std::time::Instant::now() < hang_guard, "only {:?}", town.messages_to(LINE));
        tokio::task::yield_now().await;
    }
}

on_every_back_end! {
    async fn a_session_ends_by_time_and_on_the_server(town: Town) {
        let mut browser = signed_in(&town).await;
        town.pass(Duration::minutes(29));
        assert!(is_signed_in(&browser).await);
        town.pass(Duration::minutes(29));
        assert!(is_signed_in(&browser).await, "every page begins the half hour anew");
        let kept = browser.clone();
        let page = browser.change("/portal/sign-out", &[]).await;
        assert_eq!(page.leads_to(), "/portal/sign-in?said=out");
        assert!(!browser.cookies.contains_key("__Host-daftari"), "the cookie is taken back");
        assert!(!is_signed_in(&kept).await, "and its id is worth nothing");

        assert_eq!(sign_in(&mut browser, USER, PASSWORD).await.status, 303);
        town.pass(Duration::minutes(31));
        assert!(!is_signed_in(&browser).await, "idle for half an hour");

        assert_eq!(sign_in(&mut browser, USER, PASSWORD).await.status, 303);
        for _ in 0..24 {
            assert!(is_signed_in(&browser).await);
            town.pass(Duration::minutes(29));
        }
        assert!(is_signed_in(&browser).await, "11 hours and 36 minutes");
        town.pass(Duration::minutes(25));
        assert!(!is_signed_in(&browser).await, "12 hours are the end, busy or not");
    }
}

on_every_back_end! {
    async fn a_session_gets_a_new_id_at_sign_in(town: Town) {
        let first = signed_in(&town).await;
        let known = first.cookies["__Host-daftari"].clone();
        let mut browser = first.clone();
        assert_eq!(sign_in(&mut browser, USER, PASSWORD).await.status, 303);
        assert_ne!(browser.cookies["__Host-daftari"], known);
        assert!(!is_signed_in(&first).await, "what the browser had before is over");

        let mut given = Browser::new(&town.nodes[0].url);
        given.cookies.insert("__Host-daftari".to_owned(), known.clone());
        assert_eq!(sign_in(&mut given, USER, PASSWORD).await.status, 303);
        assert_ne!(given.cookies["__Host-daftari"], known, "an id that somebody else chose is not taken");
        assert_eq!(town.count("SELECT COUNT(*) FROM web_sessions").await, 2);
    }
}

on_every_back_end! {
    async fn signing_out_everywhere_ends_other_browsers_and_the_call(town: Town) {
        let mut browser = signed_in(&town).await;
        let mut other = Browser::new(&town.nodes[0].url);
        assert_eq!(sign_in(&mut other, USER, PASSWORD).await.status, 303);
        let mut phone = town.phone(LINE);
        phone.dial(CODE).await.expect("a screen");
        phone.answer(PIN).await.expect("a screen");
        let page = browser.change("/portal/sign-out-everywhere", &[]).await;
        assert_eq!(page.leads_to(), "/portal/sign-in?said=everywhere");
        assert_eq!(other.get("/portal/account").await.leads_to(), "/portal/sign-in?said=over");
        phone.answer("1").await.expect("a screen");
        assert!(!screen(&phone).contains("Asha Njeri Wanjiku"), "{}", screen(&phone));
        assert_eq!(sign_in(&mut other, USER, PASSWORD).await.status, 303, "the password is the same");
    }
}

on_every_back_end! {
    async fn a_new_pin_or_password_ends_every_other_session(town: Town) {
        let mut browser = signed_in(&town).await;
        let mut other = Browser::new(&town.nodes[0].url);
        sign_in(&mut other, USER, PASSWORD).await;
        let new = "kiti cheupe kidogo";
        let fields = [("old", PASSWORD), ("new", new), ("again", new)];
        let page = browser.change("/portal/password", &fields).await;
        assert_eq!(page.leads_to(), "/portal/account?said=password", "{}", page.body);
        assert!(is_signed_in(&browser).await && !is_signed_in(&other).await);
        assert_eq!(sign_in(&mut other, USER, PASSWORD).await.status, 422, "the old one is over");

        town.flush(&[LINE]).await;
        let mut phone = town.phone(LINE);
        phone.dial(CODE).await.expect("a screen");
        for input in [PIN, "3", PIN, "462085", "462085"] {
            phone.answer(input).await.expect("a screen");
        }
        assert!(screen(&phone).starts_with("Your PIN is changed."), "{}", screen(&phone));
        assert!(!is_signed_in(&browser).await);
    }
}

on_every_back_end! {
    async fn a_weak_password_is_refused_and_costs_no_code(town: Town) {
        open_account(&mut town.phone(LINE), "28461937", PIN).await;
        let code = code_on_screen(&town).await;
        let mut browser = browser(&town);
        for (weak, why) in [
            ("mvua", "at least 10 characters"),
            ("Nairobi2026", "many people choose it"),
            ("254700000010", "your name, number or ID"),
            ("asha wanjiku", "your name, number or ID"),
            ("28461937 ok", "your name, number or ID"),
        ] {
            let page = choose(&mut browser, USER, &code, weak).await;
            assert!(page.status == 422 && page.body.contains(why), "{weak}: {}", page.body);
        }
        assert_eq!(choose(&mut browser, USER, &code, PASSWORD).await.status, 303);
    }
}
