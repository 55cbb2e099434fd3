//! Somebody who turned up and is not on the roster: marked, counted apart, and decided on by the director.

use daftari::{
    model::season::{Act, DeployedAs},
    services::register::{self, AddRefused, Added, Answered, DayOf, NewPerson, NotNow, Recorded},
    storage::register_audit,
};

use crate::ground::{Ground, SERIES, at, because, by, day, done, line, on_both_engines, wish};

const CODE: &str = "12345001";

async fn add(ground: &Ground, new: &NewPerson, now: (u32, &str)) -> Added {
    let mut tx = ground.begin().await;
    let manager = line(0);
    let added = register::add_person(&mut tx, ground.deps(), new, &by(&manager), at(now.0, now.1)).await;
    tx.commit().await.expect("it is kept");
    added.expect("an answer")
}

async fn answer(ground: &Ground, of: DayOf<'_>, who: &Added, accepted: bool) -> Answered {
    let Added::Done { deployment, .. } = who else { panic!("nobody was added: {who:?}") };
    let mut tx = ground.begin().await;
    let director = line(5);
    let said = (*deployment, accepted, Some("seen the letter"));
    let answered =
        register::answer_addition(&mut tx, ground.deps(), of, said, &by(&director), at(4, "12:00")).await;
    tx.commit().await.expect("it is kept");
    answered.expect("an answer")
}

fn asha(centre: &daftari::model::CentreCode, on: u32) -> NewPerson {
    NewPerson {
        series: SERIES.to_owned(),
        centre: centre.clone(),
        on: day(on),
        name: "Asha Njeri".to_owned(),
        role: DeployedAs::Invigilator,
        msisdn: None,
    }
}

async fn counts(ground: &Ground, centre: &daftari::model::CentreCode, on: u32) -> (usize, usize, usize) {
    let summary = ground.day(centre, on, at(on, "19:00")).await.summary;
    (summary.present, summary.absent, summary.added)
}

on_both_engines! {
    async fn who_was_added_is_counted_apart_until_the_director_agrees(ground) {
        let centre = ground.centre(CODE).await;
        ground.people(SERIES, &centre, 3).await;
        let added = add(&ground, &asha(&centre, 2), (2, "06:50")).await;
        assert!(matches!(added, Added::Done { number: 4, .. }), "{added:?}");
        let recorded = ground.record(&wish(&centre, 2, &[]), at(2, "07:00")).await;
        let Recorded::Done { day: summary, changed, .. } = &recorded else { panic!("{recorded:?}") };
        assert_eq!((summary.present, summary.absent, summary.added, *changed), (3, 0, 1, 4));
        done(&ground.record(&wish(&centre, 3, &[]), at(3, "07:00")).await);
        let waiting = register::waiting_additions(&mut ground.read().await, SERIES, ("022", "Kikuyu")).await;
        assert_eq!(waiting.expect("a list").iter().map(|one| one.number).collect::<Vec<_>>(), [4]);

        let of = DayOf { series: SERIES, centre: &centre, on: day(2) };
        assert!(matches!(answer(&ground, of, &added, true).await, Answered::Done(_)));
        assert_eq!((counts(&ground, &centre, 2).await, counts(&ground, &centre, 3).await), ((4, 0, 0), (4, 0, 0)));
        assert_eq!(answer(&ground, of, &added, false).await, Answered::NobodyWaits);
        let waiting = register::waiting_additions(&mut ground.read().await, SERIES, ("022", "Kikuyu")).await;
        assert!(waiting.expect("a list").is_empty());
    }

    async fn who_is_rejected_counts_nowhere_and_his_marks_stay_in_the_ledger(ground) {
        let centre = ground.centre(CODE).await;
        ground.people(SERIES, &centre, 2).await;
        done(&ground.record(&wish(&centre, 2, &[]), at(2, "07:00")).await);
        // The day is marked already: who turns up is present.
        let added = add(&ground, &asha(&centre, 2), (2, "08:00")).await;
        assert_eq!(counts(&ground, &centre, 2).await, (2, 0, 1));
        let of = DayOf { series: SERIES, centre: &centre, on: day(2) };
        assert!(matches!(answer(&ground, of, &added, false).await, Answered::Done(_)));
        assert_eq!(counts(&ground, &centre, 2).await, (2, 0, 0));
        let Added::Done { deployment, entry, .. } = added else { unreachable!() };
        let history = register::history(&mut ground.read().await, deployment).await.expect("marks");
        assert_eq!(history.len(), 1);
        assert_eq!((history[0].act, &history[0].reference), (Act::Add, &entry.reference));
        assert_eq!(ground.marks(&centre, 2).await.len(), 2, "he is on no roster any more");
    }

    async fn the_same_person_is_added_once(ground) {
        let centre = ground.centre(CODE).await;
        ground.people(SERIES, &centre, 2).await;
        let new = asha(&centre, 2);
        let with_phone = NewPerson { msisdn: Some(line(30)), name: "Otieno Okoth".to_owned(), ..new.clone() };
        for (new, number) in [(&new, 3), (&with_phone, 4)] {
            assert!(matches!(add(&ground, new, (2, "07:00")).await, Added::Done { .. }));
            assert_eq!(add(&ground, new, (2, "07:01")).await, Added::AlreadyThere { number });
            let tomorrow = NewPerson { on: day(3), ..new.clone() };
            assert_eq!(add(&ground, &tomorrow, (3, "07:01")).await, Added::AlreadyThere { number });
        }
        // At another centre it is the same person with another number.
        let other = ground.centre("12345002").await;
        ground.people(SERIES, &other, 1).await;
        let there = NewPerson { centre: other, ..with_phone };
        assert!(matches!(add(&ground, &there, (2, "09:00")).await, Added::Done { number: 2, .. }));
        assert_eq!(ground.count("SELECT COUNT(*) FROM people WHERE full_name = 'Otieno Okoth'").await, 1);
    }

    async fn numbers_are_never_given_again_and_leave_out_the_keys_of_phones(ground) {
        let centre = ground.centre(CODE).await;
        let placed = ground.people(SERIES, &centre, 97).await;
        let last = placed[96].deployment.0;
        ground.run("UPDATE deployments SET removed_at = $1 WHERE id = $2", |q| q.bind(at(1, "13:00")).bind(last)).await;
        let added = add(&ground, &asha(&centre, 2), (2, "07:00")).await;
        assert!(matches!(added, Added::Done { number: 100, .. }), "{added:?}");
    }

    async fn an_import_that_holds_who_was_added_is_an_answer_too(ground) {
        let centre = ground.centre(CODE).await;
        ground.people(SERIES, &centre, 2).await;
        let added = add(&ground, &asha(&centre, 2), (2, "06:50")).await;
        done(&ground.record(&wish(&centre, 2, &[]), at(2, "07:00")).await);
        let Added::Done { deployment, .. } = added else { panic!("{added:?}") };
        let mut tx = ground.begin().await;
        let sql = "UPDATE deployments SET origin = 'import', accepted = NULL WHERE id = $1";
        tx.query(sql).bind(deployment.0).execute_exactly(1).await.expect("what the import writes");
        let alone = register_audit::verify(&mut tx, &[]).await.expect("a verification");
        assert!(alone.is_err(), "nobody else may say so");
        let now = at(3, "12:00");
        register::adopted(&mut tx, ground.deps(), (SERIES, &centre), deployment, now).await.expect("adopted");
        let verified = register_audit::verify(&mut tx, &[]).await.expect("a verification");
        assert!(verified.is_ok(), "{verified:?}");
        tx.commit().await.expect("it is kept");
        assert_eq!(counts(&ground, &centre, 2).await, (3, 0, 0));
    }

    async fn nobody_is_added_to_a_day_that_is_over(ground) {
        let centre = ground.centre(CODE).await;
        ground.people(SERIES, &centre, 2).await;
        done(&ground.record(&wish(&centre, 2, &[]), at(2, "07:00")).await);
        let late = add(&ground, &asha(&centre, 2), (2, "21:00")).await;
        assert_eq!(late, Added::Refused(AddRefused::NotNow(NotNow::TooLate)));
        let missed = add(&ground, &asha(&centre, 3), (4, "21:00")).await;
        assert!(matches!(missed, Added::Done { .. }), "a day that was missed can still be marked: {missed:?}");
        done(&ground.record(&because("no network", wish(&centre, 3, &[])), at(4, "21:10")).await);
        assert_eq!(counts(&ground, &centre, 3).await, (2, 0, 1));
    }
}
