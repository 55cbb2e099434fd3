//! Which disputes a director sees and decides: those of the own place, also where another county has one of its name.

use daftari::{
    model::{
        CentreCode, DisputeId, Post,
        dispute::{DisputeState, RefusedFor, StandsWith},
        season::{Channel, DayShape},
    },
    services::{
        disputes::{self, Answer, Answered},
        posts::AtOffice,
        register::{self, By, DayOf, Recorded, Wish},
        season::calendar::day_of,
    },
    storage::{accounts, disputes as kept, officers as offices, posts},
};

use super::{DIRECTOR, OWN, PIN, call, change, in_demo};
use crate::town::{CODE, Town, msisdn, on_every_back_end, screen};

/// The demo's account.
const PERSON: &str = "+254700000001";
/// A centre in a place that will have the name of the director's.
const NAMESAKES: &str = "12345010";

/// Two sub-counties of one name, with a dispute in each that stands with the director: of the own one, of the other.
async fn two_disputes(town: &Town) -> [DisputeId; 2] {
    in_demo(town).await;
    change(town, "UPDATE centres SET sub_county = 'Ruiru' WHERE sub_county = 'Gilgil'").await;
    [left_to_the_director(town, OWN).await, left_to_the_director(town, NAMESAKES).await]
}

/// Somebody is marked absent at a centre and says that it is wrong, and the centre does not answer that.
async fn left_to_the_director(town: &Town, centre: &str) -> DisputeId {
    let deps = &town.app().deps;
    let (now, menus) = (deps.clock.now(), town.app().menus.current());
    let centre = CentreCode::parse(centre).expect("a code");
    let of = DayOf { series: "DEMO", centre: &centre, on: day_of(now) };
    let mut tx = deps.store.begin().await.expect("a write");
    let roster = register::roster(&mut tx, of).await.expect("a roster");
    let deployment = roster[2].deployment;
    let wish = Wish {
        series: "DEMO".to_owned(),
        centre: centre.clone(),
        on: of.on,
        shape: DayShape::Full,
        absent: [deployment].into(),
        reason: None,
        base_seq: None,
        base_roster: None,
    };
    let by = By { actor: None, line: None, channel: Channel::Sms };
    let recorded = register::record(&mut tx, deps, &wish, &by, now).await.expect("an answer");
    assert!(matches!(recorded, Recorded::Done { .. }), "{recorded:?}");
    let account =
        accounts::by_msisdn(&mut tx, &msisdn(PERSON)).await.expect("an answer").expect("an account");
    let begun = disputes::begin(&mut tx, deps, &menus, account.id, (deployment, of.on), now).await;
    let id = begun.expect("an answer").expect("the first");
    kept::set(&mut tx, id, (DisputeState::Open, StandsWith::Director), now).await.expect("it is kept");
    tx.commit().await.expect("committed");
    id
}

/// The director answers past all screens, with this scope.
async fn answers(town: &Town, scope: &str, id: DisputeId, answer: Answer) -> Answered {
    let deps = &town.app().deps;
    let (now, line, menus) = (deps.clock.now(), msisdn(DIRECTOR), town.app().menus.current());
    let mut tx = deps.store.begin().await.expect("a write");
    let mut officer = offices::by_msisdn(&mut tx, &line).await.expect("an answer").expect("in office");
    scope.clone_into(&mut officer.scope);
    let post = Post::Officer(officer.id);
    let credential = posts::that_count(&mut tx, &post, now).await.expect("PINs").remove(0).id;
    let at = AtOffice { credential, officer, series: "DEMO".to_owned(), at: now };
    let by = By { actor: Some(credential.0), line: Some(&line), channel: Channel::Ussd };
    let answered = disputes::by_director(&mut tx, deps, &menus, (&at, &by), (id, answer), now).await;
    tx.commit().await.expect("committed");
    answered.expect("an answer")
}

async fn state(town: &Town, id: DisputeId) -> DisputeState {
    let mut tx = town.app().deps.store.read().await.expect("a read");
    kept::by_id(&mut tx, id).await.expect("an answer").expect("a dispute").state
}

on_every_back_end! {
    async fn a_director_whose_county_is_named_decides_the_own_disputes_and_no_others(town: Town) {
        let [own, foreign] = two_disputes(&town).await;
        change(&town, "UPDATE officers SET scope = 'Kiambu/Ruiru'").await;
        let said = call(&mut town, DIRECTOR, &["7"]).await;
        assert!(said.starts_with("For you to decide:\n1: ") && said.contains(OWN), "{said}");
        assert!(!said.contains(NAMESAKES) && !said.contains("\n2: "), "{said}");
        let said = call(&mut town, DIRECTOR, &["7", "1", "3"]).await;
        assert!(said.contains(" person: I was there"), "{said}");
        let refused = Answer::Refuse(RefusedFor::NotThere);
        for answer in [Answer::Grant, refused] {
            assert_eq!(answers(&town, "Kiambu/Ruiru", foreign, answer).await, Answered::Nothing);
        }
        let said = call(&mut town, DIRECTOR, &["7", "1", "1"]).await;
        assert!(said.starts_with("Done: marked present. Reference "), "{said}");
        assert_eq!(state(&town, own).await, DisputeState::Granted);
        assert_eq!(state(&town, foreign).await, DisputeState::Open);
        assert_eq!(answers(&town, "Nakuru/Ruiru", foreign, refused).await, Answered::Refused);
    }
}

on_every_back_end! {
    async fn a_name_of_two_places_decides_no_dispute_in_either(town: Town) {
        let both = two_disputes(&town).await;
        let said = call(&mut town, DIRECTOR, &["7"]).await;
        assert!(said.starts_with("There is nothing to decide."), "{said}");
        for id in both {
            assert_eq!(answers(&town, "Ruiru", id, Answer::Grant).await, Answered::Nothing);
            assert_eq!(state(&town, id).await, DisputeState::Open);
        }
    }
}

on_every_back_end! {
    async fn a_dispute_is_taken_from_a_director_who_loses_its_place_meanwhile(town: Town) {
        let [own, _] = two_disputes(&town).await;
        change(&town, "UPDATE officers SET scope = 'Kiambu/Ruiru'").await;
        town.flush(&[DIRECTOR]).await;
        let mut phone = town.phone(DIRECTOR);
        phone.dial(CODE).await.expect("a screen");
        for input in [PIN, "7", "1"] {
            phone.answer(input).await.expect("a screen");
        }
        assert!(screen(&phone).contains("\n1: Mark present\n2: It stays\n3: What was said\n"), "{}", screen(&phone));
        change(&town, "UPDATE officers SET scope = 'Ruiru'").await;
        phone.answer("3").await.expect("a screen");
        assert!(screen(&phone).starts_with("There is nothing to show."), "{}", screen(&phone));
        phone.answer("0").await.expect("a screen");
        phone.answer("1").await.expect("a screen");
        assert!(screen(&phone).contains("is not in your place."), "{}", screen(&phone));
        assert_eq!(state(&town, own).await, DisputeState::Open);
    }
}
