//! The director by phone: who has not marked, a day opened and closed, a PIN that the director never sees; and what headquarters
//! and support see and may.

use daftari::{
    model::{
        CentreCode, Msisdn, Post,
        season::{Channel, DayShape},
    },
    services::{
        demo, officers,
        register::{self, By, DayOf, Recorded, Wish},
        season::calendar::day_of,
    },
    storage::{officers as offices, officers::Role},
};

use crate::{
    posts::{speaks_english, with_pin},
    town::{CODE, Town, msisdn, on_every_back_end, screen},
};

mod disputes;
mod rights;

pub const MANAGER: &str = "+254700000002";
pub const DIRECTOR: &str = "+254700000003";
pub const PIN: &str = "86427531";
pub const OWN: &str = "12345001";
const FOREIGN: &str = "12345004";
const NOWHERE: &str = "99999999";
const NEW_LINE: &str = "+254700000077";

/// A town with the demo's season, its centre and its director.
pub async fn in_demo(town: &Town) {
    demo::fill(&town.app().deps, &town.app().menus.current()).await.expect("the demo's data");
}

/// Put an officer in office who has chosen a PIN.
pub async fn officer(town: &Town, line: &str, role: Role, scope: &str) -> Post {
    let deps = &town.app().deps;
    let added = officers::add(deps, "Rehema Were", msisdn(line), role, scope).await.expect("in office");
    let post = Post::Officer(added.id);
    with_pin(town, &post, line, PIN).await;
    speaks_english(town, line).await;
    post
}

/// Dial, type the PIN and go on; what is on the screen then.
pub async fn call(town: &mut Town, line: &str, inputs: &[&str]) -> String {
    // More sessions than one line may open in five minutes.
    town.flush(&[line]).await;
    let mut phone = town.phone(line);
    phone.dial(CODE).await.expect("a screen");
    for input in [PIN].iter().chain(inputs) {
        phone.answer(input).await.expect("a screen");
    }
    screen(&phone).to_owned()
}

pub async fn change(town: &Town, sql: &'static str) {
    let mut tx = town.app().deps.store.begin().await.expect("a write");
    tx.query(sql).execute().await.expect("it runs");
    tx.commit().await.expect("committed");
}

async fn last_sms(town: &Town, line: &str) -> String {
    town.send_messages().await;
    town.messages_to(line).pop().unwrap_or_default()
}

on_every_back_end! {
    async fn a_director_sees_at_once_who_has_not_marked(town: Town) {
        in_demo(&town).await;
        let said = call(&mut town, DIRECTOR, &[]).await;
        assert!(said.starts_with("Ruiru DEMO ") && said.contains(": 3 of 3 not marked\n"), "{said}");
        let said = call(&mut town, DIRECTOR, &["1"]).await;
        assert_eq!(
            said,
            "Not marked today:\n1: 12345001 Mfano Secondary\n2: 12345002 Tumaini Primary\n3: 12345003 Upendo Girls\n\
             0:Back 00:Main"
        );
        let said = call(&mut town, DIRECTOR, &["1", "1", "1"]).await;
        assert!(said.contains("not marked since ") && said.contains("Manager 0700000002"), "{said}");
    }
}

on_every_back_end! {
    async fn a_foreign_centre_answers_like_one_that_does_not_exist(town: Town) {
        in_demo(&town).await;
        let foreign = call(&mut town, DIRECTOR, &["2", FOREIGN]).await;
        let nowhere = call(&mut town, DIRECTOR, &["2", NOWHERE]).await;
        assert!(foreign.starts_with("There is no centre of this code in your place."), "{foreign}");
        assert_eq!(foreign, nowhere);
        let own = call(&mut town, DIRECTOR, &["2", OWN]).await;
        assert!(own.starts_with("12345001 Mfano Secondary\n"), "{own}");
    }
}

on_every_back_end! {
    async fn a_centre_is_reminded_once_an_hour(town: Town) {
        in_demo(&town).await;
        let said = call(&mut town, DIRECTOR, &["1", "1", "1", "1"]).await;
        assert!(said.starts_with("We remind 12345001 by SMS now."), "{said}");
        assert!(last_sms(&town, MANAGER).await.starts_with("Centre 12345001 has not marked its register of "));
        let said = call(&mut town, DIRECTOR, &["1", "1", "1", "1"]).await;
        assert!(said.starts_with("12345001 was reminded in this hour already."), "{said}");
        assert_eq!(town.count("SELECT COUNT(*) FROM messages WHERE purpose = 'centre_reminded'").await, 1);
        let audited = "SELECT COUNT(*) FROM audit_entries WHERE action = 'centre_reminded'";
        assert_eq!(town.count(audited).await, 1);
        let said = call(&mut town, DIRECTOR, &["1", "2", "1", "1"]).await;
        assert!(said.starts_with("No line of this centre is known. Send it a first PIN"), "{said}");
    }
}

on_every_back_end! {
    async fn a_day_is_opened_for_a_reason_and_closed_again(town: Town) {
        in_demo(&town).await;
        let opening = ["2", OWN, "1", "2", "2"];
        let said = call(&mut town, DIRECTOR, &[&opening[..], &["no"]].concat()).await;
        assert!(said.starts_with("Say why, in a few words.\n"), "{said}");
        let said = call(&mut town, DIRECTOR, &[&opening[..], &["phones were off"]].concat()).await;
        assert!(said.starts_with("Open 12345001 ") && said.contains("tomorrow evening? phones were off\n"), "{said}");
        assert_eq!(town.count("SELECT COUNT(*) FROM register_entries").await, 0, "nothing before the word is given");
        let said = call(&mut town, DIRECTOR, &[&opening[..], &["phones were off", "1"]].concat()).await;
        assert!(said.contains(" is open until ") && said.contains(" Ref "), "{said}");
        let by_officer = "SELECT COUNT(*) FROM register_entries e JOIN officers o ON o.id = e.actor
             WHERE e.act = 'unlock' AND e.line = '+254700000003' AND e.channel = 'ussd' AND e.reason = 'phones were off'
             AND o.msisdn = e.line";
        assert_eq!(town.count(by_officer).await, 1);
        let sms = last_sms(&town, MANAGER).await;
        assert!(sms.contains("is open for changes until "), "{sms}");
        let said = call(&mut town, DIRECTOR, &["2", OWN, "1", "2"]).await;
        assert!(said.contains(" is open for changes until "), "{said}");
        let said = call(&mut town, DIRECTOR, &["2", OWN, "1", "2", "1"]).await;
        assert!(said.contains(" is closed again. Ref "), "{said}");
        assert!(last_sms(&town, MANAGER).await.contains("is closed again"));
        assert_eq!(town.count("SELECT COUNT(*) FROM register_entries WHERE act = 'lock'").await, 1);
    }
}

on_every_back_end! {
    async fn a_pin_goes_to_the_line_that_was_typed_and_nobody_else_sees_it(town: Town) {
        in_demo(&town).await;
        let own_line = call(&mut town, DIRECTOR, &["2", OWN, "3", "1", "0700000003", "1"]).await;
        assert!(own_line.starts_with("A PIN does not go to your own line."), "{own_line}");
        town.flush(&[DIRECTOR]).await;
        let mut phone = town.phone(DIRECTOR);
        phone.dial(CODE).await.expect("a screen");
        let mut seen = String::new();
        for input in [PIN, "2", OWN, "3", "1", "0700000077", "1"] {
            phone.answer(input).await.expect("a screen");
            seen.push_str(screen(&phone));
        }
        assert!(screen(&phone).starts_with("A first PIN goes to 0700 ***077 by SMS."), "{}", screen(&phone));
        let sms = last_sms(&town, NEW_LINE).await;
        let first = sms.split(' ').next().unwrap_or_default().replace('-', "");
        assert!(first.len() == 8 && first.bytes().all(|b| b.is_ascii_digit()), "{sms}");
        assert!(!seen.contains(&first) && !town.messages_to(DIRECTOR).join("\n").contains(&first));
        assert!(last_sms(&town, MANAGER).await.starts_with("The PIN of centre 12345001 was changed."));
        let by_officer = "SELECT COUNT(*) FROM audit_entries a JOIN officers o ON a.actor LIKE 'officer %'
             WHERE a.action = 'post_pin_issued' AND a.channel = 'ussd' AND o.msisdn = '+254700000003'";
        assert_eq!(town.count(by_officer).await, 1);
        // What it had before has ended.
        town.flush(&[MANAGER]).await;
        let mut manager = town.phone(MANAGER);
        manager.dial(CODE).await.expect("a screen");
        manager.answer("24681357").await.expect("a screen");
        assert!(!screen(&manager).contains("Centre 12345001\n"), "{}", screen(&manager));
    }
}

on_every_back_end! {
    async fn headquarters_goes_by_county_and_support_is_offered_no_acts(town: Town) {
        in_demo(&town).await;
        officer(&town, "+254700000081", Role::Headquarters, "").await;
        officer(&town, "+254700000082", Role::Support, "").await;
        let said = call(&mut town, "+254700000081", &[]).await;
        assert!(said.starts_with("HQ DEMO ") && said.contains(": 12 of 12 not marked\n"), "{said}");
        let said = call(&mut town, "+254700000081", &["1"]).await;
        assert!(said.starts_with("Not marked, of all:\n1: Kiambu: 6 of 6\n2: Nakuru: 6 of 6\n"), "{said}");
        let said = call(&mut town, "+254700000081", &["1", "2"]).await;
        assert!(said.contains("1: Gilgil: 3 of 3\n2: Naivasha: 3 of 3\n"), "{said}");
        let said = call(&mut town, "+254700000081", &["1", "2", "1", "1"]).await;
        assert!(said.contains("1: 12345010 Bidii Primary\n"), "{said}");
        let said = call(&mut town, "+254700000082", &["1", "2", "1", "1", "1", "1"]).await;
        assert!(said.contains("1: Remind by SMS") && !said.contains("Open or close"), "{said}");
        let said = call(&mut town, "+254700000082", &["2", OWN, "3"]).await;
        assert!(!said.contains("Send a new first PIN"), "{said}");
    }
}

on_every_back_end! {
    async fn a_place_whose_name_is_in_two_counties_shows_nothing_until_its_county_is_named(town: Town) {
        in_demo(&town).await;
        change(&town, "UPDATE centres SET sub_county = 'Ruiru' WHERE sub_county = 'Gilgil'").await;
        let said = call(&mut town, DIRECTOR, &[]).await;
        assert!(said.contains(": your place is not clear\n"), "{said}");
        for inputs in [&["6"][..], &["2", OWN], &["2", "12345010"]] {
            let said = call(&mut town, DIRECTOR, inputs).await;
            assert!(said.starts_with("Your place has the name of another"), "{said}");
        }
        change(&town, "UPDATE officers SET scope = 'Kiambu/Ruiru'").await;
        let said = call(&mut town, DIRECTOR, &[]).await;
        assert!(said.contains(": 3 of 3 not marked\n"), "{said}");
        let said = call(&mut town, DIRECTOR, &["2", "12345010"]).await;
        assert!(said.starts_with("There is no centre of this code in your place."), "{said}");
    }
}

on_every_back_end! {
    async fn an_officer_who_leaves_loses_the_pin_and_the_line(town: Town) {
        in_demo(&town).await;
        let line: Msisdn = msisdn(DIRECTOR);
        officers::remove(&town.app().deps, &line).await.expect("left");
        let mut tx = town.app().deps.store.read().await.expect("a read");
        assert!(offices::by_msisdn(&mut tx, &line).await.expect("a read").is_none());
        drop(tx);
        let standing = "SELECT COUNT(*) FROM post_credentials WHERE post_kind = 'officer' AND revoked_at IS NULL";
        assert_eq!(town.count(standing).await, 0);
        let bound = "SELECT COUNT(*) FROM post_lines WHERE post_kind = 'officer' AND unbound_at IS NULL";
        assert_eq!(town.count(bound).await, 0);
    }
}

on_every_back_end! {
    async fn a_marked_day_says_who_was_absent_when_and_from_which_line(town: Town) {
        in_demo(&town).await;
        let deps = &town.app().deps;
        let centre = CentreCode::parse(OWN).expect("a code");
        let on = day_of(deps.clock.now());
        let mut tx = deps.store.begin().await.expect("a write");
        let of = DayOf { series: "DEMO", centre: &centre, on };
        let roster = register::roster(&mut tx, of).await.expect("a roster");
        let absent = roster.iter().filter(|one| [3, 7].contains(&one.number)).map(|one| one.deployment).collect();
        let wish = Wish {
            series: "DEMO".to_owned(),
            centre: centre.clone(),
            on,
            shape: DayShape::Full,
            absent,
            reason: None,
            base_seq: None,
            base_roster: None,
        };
        let line = msisdn(MANAGER);
        let by = By { actor: None, line: Some(&line), channel: Channel::Sms };
        let recorded = register::record(&mut tx, deps, &wish, &by, deps.clock.now()).await.expect("recorded");
        let Recorded::Done { entry, .. } = recorded else { panic!("{recorded:?}") };
        tx.commit().await.expect("committed");
        let said = call(&mut town, DIRECTOR, &["6"]).await;
        assert!(said.contains(": 2 of 3 not marked\n"), "{said}");
        let said = call(&mut town, DIRECTOR, &["2", OWN, "1"]).await;
        assert!(said.contains(", marked: present 18, absent 2, added 0. "), "{said}");
        assert!(said.contains(&entry.reference) && said.contains("by SMS 0700 ***002\n"), "{said}");
        let said = call(&mut town, DIRECTOR, &["2", OWN, "1", "1"]).await;
        assert!(said.contains("\n1: 3 ") && said.contains("\n2: 7 "), "{said}");
        let said = call(&mut town, DIRECTOR, &["2", OWN, "1", "1", "1"]).await;
        assert!(said.starts_with("No. 3 ") && said.contains(": marked absent on "), "{said}");
    }
}
