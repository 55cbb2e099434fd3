//! Guessing: known and unknown can't be told apart, tries are counted before anything is looked at, and nothing that
//! happens on the web touches the PIN.

use chrono::Duration;
use daftari::services::portal::forgot;

use super::{
    LINE, PASSWORD, PIN, STRANGER, USER, browser, choose, code_on_screen, sign_in, signed_in, until_sent,
};
use crate::{
    browser::{Browser, Page},
    town::{CODE, Town, on_every_back_end, open_account, screen},
};

/// SQL transactions, statements, and runs of Argon2 so far.
fn work(town: &Town) -> [u64; 3] {
    let deps = &town.app().deps;
    [deps.store.count().transactions(), deps.store.count().statements(), deps.hasher.runs()]
}

fn since(town: &Town, before: [u64; 3]) -> [u64; 3] {
    let now = work(town);
    std::array::from_fn(|n| now[n] - before[n])
}

/// What somebody sees who names a user: everything but the name itself, which stands in the form again.
fn seen(page: &Page, name: &str) -> (u16, String, Vec<(String, String)>) {
    let headers = page.headers.iter().filter(|(key, _)| key != "content-length").cloned().collect();
    (page.status, page.body.replace(name, "(name)"), headers)
}

on_every_back_end! {
    async fn a_wrong_password_tells_nothing_of_who_is_known(town: Town) {
        signed_in(&town).await;
        open_account(&mut town.phone("+254700000011"), "28461938", PIN).await;
        let mut answers = vec![];
        // With a password, without one, without an account, no number at all.
        for name in ["0700000010", "0700000011", STRANGER, "somebody"] {
            let mut of_name = vec![];
            for _ in 0..4 {
                let before = work(&town);
                let page = sign_in(&mut browser(&town), name, "not the password").await;
                of_name.push((seen(&page, name), since(&town, before)));
            }
            println!("{name}: transactions, statements, Argon2: {:?}", of_name[0].1);
            answers.push(of_name);
        }
        assert_eq!(answers[0][0].1[2], 1, "Argon2 runs");
        assert_eq!(answers[0][3].0.0, 429, "and the fourth waits");
        for other in &answers[1..] {
            assert_eq!(other, &answers[0]);
        }
    }
}

on_every_back_end! {
    async fn a_wrong_code_tells_nothing_of_who_is_known(town: Town) {
        open_account(&mut town.phone(LINE), "28461937", PIN).await;
        open_account(&mut town.phone("+254700000011"), "28461938", PIN).await;
        let wrong = if code_on_screen(&town).await == "135791" { "135792" } else { "135791" };
        let mut answers = vec![];
        // With a code, without one, without an account.
        for name in ["0700000010", "0700000011", STRANGER] {
            let mut of_name = vec![];
            for _ in 0..4 {
                let before = work(&town);
                let page = choose(&mut browser(&town), name, wrong, PASSWORD).await;
                of_name.push((seen(&page, name), since(&town, before)));
            }
            println!("{name}: transactions, statements, Argon2: {:?}", of_name.iter().map(|o| o.1).collect::<Vec<_>>());
            answers.push(of_name);
        }
        for other in &answers[1..] {
            assert_eq!(other, &answers[0]);
        }
    }
}

on_every_back_end! {
    async fn a_forgotten_password_tells_nothing_of_who_is_known(town: Town) {
        open_account(&mut town.phone(LINE), "28461937", PIN).await;
        let known = browser(&town).post("/portal/forgot", &[("username", "0700000010")]).await;
        let unknown = browser(&town).post("/portal/forgot", &[("username", STRANGER)]).await;
        assert_eq!(seen(&known, "0700000010"), seen(&unknown, STRANGER));
        until_sent(&town, 2).await;
        let again = browser(&town).post("/portal/forgot", &[("username", STRANGER)]).await;
        assert!(again.status == 429 && again.body.contains("ask again in 1 min"), "{}", again.body);
        let known = browser(&town).post("/portal/forgot", &[("username", "0700000010")]).await;
        assert_eq!(seen(&known, "0700000010"), seen(&again, STRANGER), "asked for too soon, too");
        assert!(town.messages_to("+254700000055").is_empty());

        // Everything that happens before the answer: the same work.
        town.pass(Duration::hours(2));
        let mut costs = vec![];
        for name in ["0700000010", STRANGER] {
            let before = work(&town);
            let (_, errand) = forgot::admit(&town.app().deps, "192.0.2.7", name).await.expect("it is counted");
            assert!(errand.is_some());
            costs.push(since(&town, before));
        }
        println!("asking for a code: transactions, statements, Argon2: {costs:?}");
        assert_eq!(costs[0], costs[1]);
    }
}

on_every_back_end! {
    async fn wrong_passwords_wait_longer_and_never_touch_the_pin(town: Town) {
        signed_in(&town).await;
        for _ in 0..2 {
            assert_eq!(sign_in(&mut browser(&town), USER, "not the password").await.status, 422);
        }
        for minutes in [1, 5, 15, 60, 60, 60] {
            assert_eq!(sign_in(&mut browser(&town), USER, "not the password").await.status, 422, "{minutes}");
            let waits = sign_in(&mut browser(&town), USER, PASSWORD).await;
            assert_eq!(waits.status, 429, "the right one waits as well");
            assert!(waits.body.contains(&format!("wait {minutes} min")), "{minutes}: {}", waits.body);
            town.pass(Duration::minutes(minutes));
        }
        town.flush(&[LINE]).await;
        let mut phone = town.phone(LINE);
        phone.dial(CODE).await.expect("a screen");
        phone.answer(PIN).await.expect("a screen");
        assert!(screen(&phone).starts_with("Hello Asha Njeri."), "{}", screen(&phone));
        assert_eq!(sign_in(&mut browser(&town), USER, PASSWORD).await.status, 303);
        assert_eq!(sign_in(&mut browser(&town), USER, "not the password").await.status, 422, "it starts anew");
    }
}

on_every_back_end! {
    async fn of_many_guesses_in_parallel_three_are_evaluated(town: Town) {
        town.add_node().await;
        signed_in(&town).await;
        let before = town.app().deps.hasher.runs() + town.nodes[1].app.deps.hasher.runs();
        let tries = (0..40).map(|n| {
            let mut browser = Browser::new(&town.nodes[n % 2].url);
            async move { sign_in(&mut browser, USER, "not the password").await.status }
        });
        let answers = futures_util::future::join_all(tries).await;
        let evaluated = answers.iter().filter(|status| **status == 422).count();
        assert_eq!(evaluated, 3, "{answers:?}");
        let after = town.app().deps.hasher.runs() + town.nodes[1].app.deps.hasher.runs();
        assert_eq!(after - before, 3);
    }
}

on_every_back_end! {
    async fn three_wrong_codes_kill_it_wherever_they_come_from(town: Town) {
        open_account(&mut town.phone(LINE), "28461937", PIN).await;
        let code = code_on_screen(&town).await;
        let wrong = if code == "135791" { "135792" } else { "135791" };
        for _ in 0..3 {
            assert_eq!(choose(&mut browser(&town), USER, wrong, PASSWORD).await.status, 422);
        }
        town.pass(Duration::minutes(2));
        assert_eq!(choose(&mut browser(&town), USER, &code, PASSWORD).await.status, 422, "it is dead");
        town.pass(Duration::minutes(6));
        town.flush(&[LINE]).await;
        let new = code_on_screen(&town).await;
        assert_ne!(new, code);
        assert_eq!(choose(&mut browser(&town), USER, &new, PASSWORD).await.status, 303);
    }
}
