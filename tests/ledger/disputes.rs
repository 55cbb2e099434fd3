//! "I was there": what the centre and the director can answer, and what each answer does to the ledger.

use chrono::{DateTime, Utc};
use daftari::{
    menu::{Menus, definition::Bundle},
    model::{
        AccountId, CredentialId, DisputeId, Msisdn,
        dispute::{DisputeState, RefusedFor, StandsWith, Step},
        message::Purpose,
        season::Act,
    },
    services::{
        attendance::record_and_tell,
        disputes::{self, Answer, Answered},
        posts::{AtCentre, AtOffice},
        register::{self, DayOf},
    },
    storage::{
        disputes as kept, messages,
        officers::{Officer, Role},
        registers, scopes,
    },
};
use uuid::Uuid;

use crate::ground::{Ground, Placed, SERIES, at, because, by, day, done, line, on_both_engines, wish};

const CODE: &str = "12345001";
const HOLDER: &str = "+254700000031";

fn centre_code() -> daftari::model::CentreCode {
    daftari::model::CentreCode::parse(CODE).expect("a code")
}

fn menus() -> std::sync::Arc<Menus> {
    Menus::compile(Bundle::built_in()).expect("the menus are sound")
}

/// Somebody with an account who is marked absent on the 2nd, beside another who is there, and says that it is wrong.
async fn disputed(ground: &Ground) -> (Placed, DisputeId) {
    let centre = ground.centre(CODE).await;
    let placed = ground.people(SERIES, &centre, 2).await;
    let account = ground.account(HOLDER, placed[0].person).await;
    done(&ground.record(&wish(&centre, 2, &placed[..1]), at(2, "07:00")).await);
    (placed[0], open(ground, account, placed[0]).await.expect("it is opened"))
}

async fn open(ground: &Ground, account: AccountId, who: Placed) -> Option<DisputeId> {
    let mut tx = ground.begin().await;
    let about = (who.deployment, day(2));
    let opened = disputes::begin(&mut tx, ground.deps(), &menus(), account, about, at(2, "09:00"))
        .await
        .expect("an answer");
    tx.commit().await.expect("it is kept");
    opened
}

async fn centre_says(ground: &Ground, id: DisputeId, answer: Answer, now: DateTime<Utc>) -> Answered {
    let (menus, line, centre) = (menus(), line(0), daftari::model::CentreCode::parse(CODE).expect("a code"));
    let credential = CredentialId(Uuid::from_u128(0xAC));
    let at = AtCentre { credential, centre, series: SERIES.to_owned(), deputy: false, at: now };
    let mut tx = ground.begin().await;
    let said =
        disputes::by_centre(&mut tx, ground.deps(), &menus, (&at, &by(&line)), (id, answer), now).await;
    tx.commit().await.expect("it is kept");
    said.expect("an answer")
}

fn director_of(scope: &str) -> Officer {
    Officer {
        id: Uuid::from_u128(0x0F),
        full_name: "Atieno Mfano Were".to_owned(),
        msisdn: line(9),
        role: Role::SubCountyDirector,
        scope: scope.to_owned(),
        added_at: at(1, "12:00"),
    }
}

/// How many disputes the director of Kikuyu has to decide.
async fn to_decide(ground: &Ground, left_before: DateTime<Utc>) -> usize {
    let mut tx = ground.read().await;
    let place = scopes::territory(&mut tx, &director_of("Kikuyu")).await.expect("a read").expect("a place");
    kept::within(&mut tx, SERIES, &place, left_before).await.expect("a list").len()
}

async fn director_says(
    ground: &Ground,
    scope: &str,
    (id, answer): (DisputeId, Answer),
    now: DateTime<Utc>,
) -> Answered {
    let (menus, line, officer) = (menus(), line(9), director_of(scope));
    let credential = CredentialId(Uuid::from_u128(0xD1));
    let office = AtOffice { credential, officer, series: SERIES.to_owned(), at: now };
    let by = register::By { actor: Some(credential.0), ..by(&line) };
    let mut tx = ground.begin().await;
    let said = disputes::by_director(&mut tx, ground.deps(), &menus, (&office, &by), (id, answer), now).await;
    tx.commit().await.expect("it is kept");
    said.expect("an answer")
}

async fn state(ground: &Ground, id: DisputeId) -> (DisputeState, StandsWith) {
    let dispute = kept::by_id(&mut ground.read().await, id).await.expect("a read").expect("a dispute");
    (dispute.state, dispute.stands_with)
}

async fn said(ground: &Ground, id: DisputeId) -> Vec<Step> {
    let events = kept::events(&mut ground.read().await, id).await.expect("events");
    events.into_iter().map(|event| event.what).collect()
}

async fn told(ground: &Ground, line: &str) -> Vec<Purpose> {
    let line = Msisdn::from_network(line).expect("a number");
    let sent =
        messages::fates_of(&mut ground.read().await, &line, at(1, "00:00"), 20).await.expect("messages");
    sent.into_iter().map(|message| message.purpose).collect()
}

async fn acts(ground: &Ground, who: Placed) -> Vec<Act> {
    let found = daftari::storage::people::deployment(&mut ground.read().await, who.deployment).await;
    let centre = found.expect("a read").expect("a deployment").centre;
    let of = DayOf { series: SERIES, centre: &centre, on: day(2) };
    let entries = registers::entries_of_day(&mut ground.read().await, of, 0).await.expect("entries");
    entries.into_iter().map(|entry| entry.act).collect()
}

on_both_engines! {
    async fn the_centre_grants_a_dispute_while_it_may_and_only_that_mark_changes(ground) {
        let (who, id) = disputed(&ground).await;
        let granted = centre_says(&ground, id, Answer::Grant, at(2, "10:00")).await;
        assert!(matches!(granted, Answered::PutRight(_)), "{granted:?}");
        assert_eq!(state(&ground, id).await, (DisputeState::Granted, StandsWith::Centre));
        assert_eq!(said(&ground, id).await, [Step::Opened, Step::Granted]);
        assert_eq!(acts(&ground, who).await, [Act::Submit, Act::Correct]);
        let centre = centre_code();
        assert_eq!(ground.marks(&centre, 2).await, [Some(true), Some(true)]);
        let view = ground.day(&centre, 2, at(2, "10:00")).await;
        assert_eq!((view.summary.present, view.summary.absent), (2, 0));
        assert_eq!(told(&ground, HOLDER).await, [Purpose::DisputeGranted]);
        let again = centre_says(&ground, id, Answer::Grant, at(2, "10:01")).await;
        assert_eq!(again, Answered::Nothing, "one effect");
        assert_eq!(acts(&ground, who).await.len(), 2);
        ground.verify().await;
    }

    async fn after_its_time_the_centre_passes_on_and_the_director_opens_corrects_and_closes(ground) {
        let (who, id) = disputed(&ground).await;
        let passed = centre_says(&ground, id, Answer::Grant, at(3, "08:00")).await;
        assert_eq!(passed, Answered::PassedOn);
        assert_eq!(state(&ground, id).await, (DisputeState::Open, StandsWith::Director));
        assert_eq!(centre_says(&ground, id, Answer::Grant, at(3, "08:01")).await, Answered::Nothing);
        let elsewhere = director_says(&ground, "Limuru", (id, Answer::Grant), at(3, "09:00")).await;
        assert_eq!(elsewhere, Answered::Nothing, "another place's director sees nothing");
        let granted = director_says(&ground, "Kikuyu", (id, Answer::Grant), at(3, "09:00")).await;
        assert!(matches!(granted, Answered::PutRight(_)), "{granted:?}");
        assert_eq!(acts(&ground, who).await, [Act::Submit, Act::Unlock, Act::Correct, Act::Lock]);
        assert_eq!(said(&ground, id).await, [Step::Opened, Step::PassedOn, Step::Granted]);
        let centre = centre_code();
        assert_eq!(ground.marks(&centre, 2).await, [Some(true), Some(true)]);
        let after = ground.day(&centre, 2, at(3, "09:00")).await;
        assert_eq!(after.unlocked_until, None, "the day is closed again");
        let mut told = told(&ground, HOLDER).await;
        told.sort_by_key(|purpose| purpose.name());
        assert_eq!(told, [Purpose::DisputeGranted, Purpose::DisputePassedOn]);
        ground.verify().await;
    }

    async fn what_the_centre_refuses_the_director_decides_for_good(ground) {
        let (who, id) = disputed(&ground).await;
        let refused = centre_says(&ground, id, Answer::Refuse(RefusedFor::NotThere), at(2, "10:00")).await;
        assert_eq!(refused, Answered::Refused);
        assert_eq!(state(&ground, id).await, (DisputeState::Open, StandsWith::Director));
        let dismissed =
            director_says(&ground, "Kikuyu", (id, Answer::Refuse(RefusedFor::Replaced)), at(2, "11:00")).await;
        assert_eq!(dismissed, Answered::Refused);
        assert_eq!(state(&ground, id).await, (DisputeState::Refused, StandsWith::Director));
        assert_eq!(acts(&ground, who).await, [Act::Submit], "nothing was changed");
        let events = kept::events(&mut ground.read().await, id).await.expect("events");
        let reasons: Vec<_> = events.iter().map(|event| event.reason.as_deref()).collect();
        assert_eq!(reasons, [None, Some("not_there"), Some("replaced")]);
    }

    async fn a_director_sees_what_a_centre_has_left_for_a_day_and_not_before(ground) {
        let (_, id) = disputed(&ground).await;
        let before = director_says(&ground, "Kikuyu", (id, Answer::Grant), at(3, "08:59")).await;
        assert_eq!(before, Answered::Nothing);
        assert_eq!(to_decide(&ground, at(2, "08:59")).await, 0);
        assert_eq!(to_decide(&ground, at(2, "09:01")).await, 1);
        let after = director_says(&ground, "Kikuyu", (id, Answer::Grant), at(3, "09:01")).await;
        assert!(matches!(after, Answered::PutRight(_)), "{after:?}");
    }

    async fn a_correction_by_the_centre_solves_what_was_disputed(ground) {
        let (who, id) = disputed(&ground).await;
        let (menus, line, centre) = (menus(), line(0), centre_code());
        let right = because("he came at 9", wish(&centre, 2, &[]));
        let mut tx = ground.begin().await;
        let recorded =
            record_and_tell(&mut tx, ground.deps(), &menus, &right, &by(&line), at(2, "10:00")).await;
        tx.commit().await.expect("it is kept");
        done(&recorded.expect("an answer"));
        assert_eq!(state(&ground, id).await.0, DisputeState::Granted);
        assert_eq!(said(&ground, id).await, [Step::Opened, Step::Granted]);
        assert_eq!(acts(&ground, who).await, [Act::Submit, Act::Correct]);
    }

    async fn one_dispute_is_open_over_a_day_and_a_signed_register_stays_as_it_is(ground) {
        let (who, id) = disputed(&ground).await;
        let account = kept::by_id(&mut ground.read().await, id).await.expect("a read").expect("it").account;
        assert_eq!(open(&ground, account, who).await, None);
        let centre = centre_code();
        ground.signed(&centre, "signed").await;
        assert_eq!(centre_says(&ground, id, Answer::Grant, at(2, "11:00")).await, Answered::Signed);
        let late = director_says(&ground, "Kikuyu", (id, Answer::Grant), at(3, "11:00")).await;
        assert_eq!(late, Answered::Signed);
        assert_eq!(acts(&ground, who).await, [Act::Submit]);
        assert_eq!(state(&ground, id).await.0, DisputeState::Open);
    }
}
