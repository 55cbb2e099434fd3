//! Who may do what where: every role, with every kind of place, tries every act on centres inside and outside of it.

use daftari::{
    menu::{
        Flag, Outcome, Reply, Session, Value, Var,
        render::Constants,
        session::{AtPost, Flags},
    },
    model::{
        CentreCode, Language, Post,
        season::{Channel, DeployedAs},
    },
    secrets::Mark,
    services::{
        actions::Who,
        directing::{self, rights::Right},
        register::{self, Added, By, NewPerson},
        season::calendar::day_of,
    },
    storage::{Tx, officers::Role, posts},
};

use super::{change, in_demo, officer};
use crate::town::{Town, msisdn, on_every_back_end};

/// An officer of the matrix: role, scope, and the centres among [`CENTRES`] that lie in it; `None`: the scope is no place.
type Seat = (Role, &'static str, Option<&'static [&'static str]>);

/// A centre of each sub-county, two in sub-counties of one name in two counties, and one that there is not.
const CENTRES: [&str; 7] =
    ["12345001", "12345004", "12345007", "12345010", "88000001", "88000002", "99999999"];
const KIAMBU: &[&str] = &["12345001", "12345004", "88000001"];
const NAKURU: &[&str] = &["12345007", "12345010", "88000002"];
const ALL: &[&str] = &["12345001", "12345004", "12345007", "12345010", "88000001", "88000002"];

const SEATS: [Seat; 13] = [
    (Role::SubCountyDirector, "Ruiru", Some(&["12345001"])),
    (Role::SubCountyDirector, "Gilgil", Some(&["12345010"])),
    (Role::SubCountyDirector, "Central", None),
    (Role::SubCountyDirector, "Kiambu/Central", Some(&["88000001"])),
    (Role::SubCountyDirector, "Nakuru/Central", Some(&["88000002"])),
    (Role::SubCountyDirector, "Kiambu", None),
    (Role::SubCountyDirector, "Nakuru/Ruiru", None),
    (Role::Headquarters, "", Some(ALL)),
    (Role::Headquarters, "Nakuru", Some(NAKURU)),
    (Role::Headquarters, "Central", None),
    (Role::Support, "", Some(ALL)),
    (Role::Support, "Kiambu", Some(KIAMBU)),
    (Role::Support, "Ruiru", Some(&["12345001"])),
];

/// What an act came to, as far as rights go.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// It was done, or only the day or the line stood in its way.
    Reached,
    /// As if there were no such centre.
    Hidden,
    /// The role may not.
    NotYours,
    /// The scope names no place.
    NoPlace,
}

/// The table that the acts are held against, on its own.
fn must_be((role, _, sees): &Seat, right: Right, centre: &str) -> Verdict {
    let support_may = matches!(right, Right::See | Right::Remind);
    match sees {
        _ if *role == Role::Support && !support_may => Verdict::NotYours,
        None => Verdict::NoPlace,
        Some(sees) if sees.contains(&centre) => Verdict::Reached,
        Some(_) => Verdict::Hidden,
    }
}

fn verdict(reply: &Reply) -> Verdict {
    let why = reply.sets.iter().find(|(var, _)| *var == Var::WhyNot).map(|(_, value)| value);
    let is = |word: &str| why == Some(&Value::from(word));
    match reply.outcome {
        Outcome::NotPossible if is("not_yours") => Verdict::NotYours,
        Outcome::NotPossible if is("no_place") => Verdict::NoPlace,
        Outcome::Nothing => Verdict::Hidden,
        _ => Verdict::Reached,
    }
}

/// Somebody was added at every centre and waits for an answer.
async fn add_people(town: &Town) -> Vec<(&'static str, String)> {
    let deps = &town.app().deps;
    let now = deps.clock.now();
    let mut added = vec![];
    for centre in ALL {
        let new = NewPerson {
            series: "DEMO".to_owned(),
            centre: CentreCode::parse(centre).expect("a code"),
            on: day_of(now),
            name: "Baraka Mgeni".to_owned(),
            role: DeployedAs::Invigilator,
            msisdn: None,
        };
        let by = By { actor: None, line: None, channel: Channel::Cli };
        let mut tx = deps.store.begin().await.expect("a write");
        match register::add_person(&mut tx, deps, &new, &by, now).await.expect("an answer") {
            Added::Done { deployment, .. } => added.push((*centre, deployment.to_string())),
            other => panic!("{centre}: {other:?}"),
        }
        tx.commit().await.expect("committed");
    }
    added
}

/// The session of an officer who is signed in, on a centre.
async fn session(tx: &mut Tx, town: &Town, post: &Post, centre: &str, deployment: &str) -> Session {
    let now = town.app().deps.clock.now();
    let pin = posts::that_count(tx, post, now).await.expect("PINs").remove(0);
    let mut session = Session::new(Language::En, Flags::of(&[Flag::OfficerIn]));
    session.post = Some(AtPost {
        credential: pin.id,
        post: post.clone(),
        series: "DEMO".to_owned(),
        deputy: false,
        epoch: pin.epoch,
        at: now,
    });
    let (county, sub_county): (String, String) = tx
        .query("SELECT county_code, sub_county FROM centres WHERE code = $1")
        .bind(centre)
        .optional()
        .await
        .expect("a place")
        .unwrap_or_default();
    for (var, value) in [
        (Var::Centre, centre),
        (Var::County, &county),
        (Var::SubCounty, &sub_county),
        (Var::Deployment, deployment),
        (Var::Reason, "a test of rights"),
        (Var::OpenUntil, "tomorrow"),
        (Var::NewNumber, "0700000077"),
    ] {
        session.set(var, value.into());
    }
    session
}

async fn attempt(tx: &mut Tx, town: &Town, who: &Who<'_>, right: Right) -> Reply {
    let deps = &town.app().deps;
    match right {
        Right::See => directing::centre::show(tx, deps, who).await,
        Right::Remind => directing::acts::remind(tx, deps, who).await,
        Right::OpenDay => directing::acts::open(tx, deps, who).await,
        Right::Answer => directing::additions::answer(tx, deps, who, true).await,
        Right::IssuePin => directing::pins::issue(tx, deps, who).await,
    }
    .expect("an answer")
}

/// What has been written, in all tables that acts write to.
async fn written(tx: &mut Tx) -> i64 {
    let (count,): (i64,) = tx
        .query(
            "SELECT (SELECT COUNT(*) FROM register_entries) + (SELECT COUNT(*) FROM messages)
                + (SELECT COUNT(*) FROM post_credentials) + (SELECT COUNT(*) FROM chases)
                + (SELECT COUNT(*) FROM audit_entries)",
        )
        .one()
        .await
        .expect("a count");
    count
}

on_every_back_end! {
    async fn every_role_does_what_it_may_where_it_may_and_nothing_else(town: Town) {
        in_demo(&town).await;
        change(&town, "INSERT INTO centres (code, name, county_code, county, sub_county)
             VALUES ('88000001', 'Kati A', '022', 'Kiambu', 'Central'), ('88000002', 'Kati B', '032', 'Nakuru', 'Central')")
            .await;
        change(&town, "UPDATE deployments SET centre = '88000001' WHERE centre = '12345006'").await;
        change(&town, "UPDATE deployments SET centre = '88000002' WHERE centre = '12345012'").await;
        let waiting = add_people(&town).await;
        let menus = town.app().menus.current();
        let mut tried = 0;
        for (n, seat) in SEATS.iter().enumerate() {
            let line = format!("+2547000000{:02}", 20 + n);
            let post = officer(&town, &line, seat.0, seat.1).await;
            for right in Right::ALL {
                for centre in CENTRES {
                    let deployment = waiting.iter().find(|(at, _)| *at == centre).map_or("", |(_, id)| id);
                    let mut tx = town.app().deps.store.begin().await.expect("a write");
                    let session = session(&mut tx, &town, &post, centre, deployment).await;
                    let who = Who {
                        msisdn: &msisdn(&line),
                        network: None,
                        session: &session,
                        menus: &menus,
                        constants: CONSTANTS,
                        here: Mark([0; 16]),
                        now: town.app().deps.clock.now(),
                    };
                    let before = written(&mut tx).await;
                    let reply = attempt(&mut tx, &town, &who, right).await;
                    let (said, must) = (verdict(&reply), must_be(seat, right, centre));
                    assert_eq!(said, must, "{:?} of {:?}: {right:?} at {centre}", seat.0, seat.1);
                    if must != Verdict::Reached {
                        assert_eq!(written(&mut tx).await, before, "nothing is written by what may not be");
                    }
                    tried += 1;
                }
            }
        }
        assert_eq!(tried, SEATS.len() * Right::ALL.len() * CENTRES.len());
    }
}

const CONSTANTS: Constants<'static> = Constants {
    username: "254700000020",
    help_line: "0700 000 099",
    service_code: "*384*2547#",
    pin_digits: 6,
    post_pin_digits: 8,
    reference: "",
    portal: "",
    web_code: "",
    network: "other",
};
