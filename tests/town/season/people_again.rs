//! The same person, told by ID, ref, phone and name; two people of one name.

use daftari::{
    model::{
        CentreCode,
        season::{Channel, DayShape},
    },
    services::{
        register::{self, By, Recorded, Wish},
        season::{calendar::day_of, import::Kind},
    },
};

use super::{counts, everybody, faults, import, replace, roster, rows, settle};
use crate::town::{Town, on_every_back_end};

const PEOPLE: &str = "SELECT COUNT(*) FROM people";

on_every_back_end! {
    async fn the_same_person_is_known_again_by_id_phone_or_name(town: Town) {
        settle(&town).await;
        import(&town, Kind::Deployments, &rows(&[
            "S26,12345001,invigilator,Asha Njeri,,20000010,2026-10-16,2026-10-20,",
            "S26,02345002,invigilator,Asha Njeri Wanjiku,0700000010,20000010,2026-10-21,2026-11-20,",
            "S26,12345001,driver,NG'ANG'A Peter,0700000011,,2026-10-16,2026-10-20,",
            "S26,02345002,driver,Nganga peter,+254700000011,,2026-10-21,2026-11-20,",
            "S26,12345001,security,Mary Chebet,,,2026-10-16,2026-10-20,",
            "S26,12345001,security,Mary Chebet,,,2026-10-21,2026-11-20,",
        ])).await;
        assert_eq!(town.count(PEOPLE).await, 3);
        // An ID that comes later is added to who was known by phone and name.
        let later = "S26,12345001,driver,Ng\u{2019}ang\u{2019}a Peter,0700000011,20000011,2026-10-16,2026-10-20,";
        assert_eq!(counts(&import(&town, Kind::Deployments, &rows(&[later])).await), [0, 1, 0, 0]);
        assert_eq!(town.count("SELECT COUNT(*) FROM people WHERE national_id IS NOT NULL").await, 2);
        // Empty cells leave what is known.
        let sparse = "S26,12345001,driver,Ng'ang'a Peter,,,2026-10-16,2026-10-20,";
        assert_eq!(counts(&import(&town, Kind::Deployments, &rows(&[sparse])).await), [0, 0, 1, 0]);
        assert_eq!(town.count(PEOPLE).await, 3);
    }
}

on_every_back_end! {
    async fn two_people_of_one_name_need_something_that_tells_them_apart(town: Town) {
        settle(&town).await;
        let plain = "S26,12345001,invigilator,Mary Chebet,,,2026-10-16,2026-10-20,";
        let with_phone = "S26,12345001,invigilator,Mary Chebet,0700000010,,2026-10-16,2026-10-20,";
        let with_ref = "S26,12345001,invigilator,Mary Chebet,,,2026-10-16,2026-10-20,R1";
        let with_id = "S26,12345001,invigilator,Mary Chebet,,20000010,2026-10-16,2026-10-20,";
        for pair in [[plain, plain], [plain, with_phone], [with_ref, plain]] {
            let told = faults(&town, Kind::Deployments, &rows(&pair)).await;
            assert_eq!(told.len(), 1);
            assert!(told[0].starts_with("line 3, full_name: line 2 has the same name at this centre"), "{told:?}");
        }
        let three = rows(&[with_phone, with_ref, with_id]);
        assert_eq!(counts(&import(&town, Kind::Deployments, &three).await), [3, 0, 0, 0]);
        assert_eq!(counts(&import(&town, Kind::Deployments, &three).await), [0, 0, 3, 0]);
        let turned = rows(&[with_id, with_phone, with_ref]);
        assert_eq!(counts(&import(&town, Kind::Deployments, &turned).await), [0, 0, 3, 0]);
        let told = faults(&town, Kind::Deployments, &rows(&[plain])).await;
        assert!(told[0].contains("several people of this name are known here"), "{told:?}");
        assert_eq!(roster(&town, "12345001").await, ["1 Mary Chebet", "2 Mary Chebet", "3 Mary Chebet"]);
    }
}

on_every_back_end! {
    async fn a_ref_that_names_somebody_else_ends_what_stood_under_it(town: Town) {
        settle(&town).await;
        let asha = "S26,12345001,invigilator,Asha Njeri,,20000010,2026-10-16,2026-11-20,R1";
        import(&town, Kind::Deployments, &rows(&[asha])).await;
        // A correction of the name, and of the days, is the same person.
        let named = "S26,12345001,supervisor,Asha Njeri Wanjiku,,20000010,2026-10-17,2026-11-19,R1";
        assert_eq!(counts(&import(&town, Kind::Deployments, &rows(&[named])).await), [0, 1, 0, 0]);
        // Another person under the ref gets another number; the marks of the first stay the first's.
        let other = "S26,12345001,supervisor,Peter Kamau,,20000011,2026-10-17,2026-11-19,R1";
        assert_eq!(counts(&import(&town, Kind::Deployments, &rows(&[other])).await), [1, 0, 0, 1]);
        assert_eq!(roster(&town, "12345001").await, ["2 Peter Kamau"]);
        // The same person at another centre: the old place ends.
        let moved = "S26,02345002,supervisor,Peter Kamau,,20000011,2026-10-17,2026-11-19,R1";
        assert_eq!(counts(&import(&town, Kind::Deployments, &rows(&[moved])).await), [1, 0, 0, 1]);
        assert_eq!(roster(&town, "02345002").await, ["1 Peter Kamau"]);
        assert_eq!(everybody(&town, "12345001").await.len(), 2);
        assert_eq!(counts(&import(&town, Kind::Deployments, &rows(&[moved])).await), [0, 0, 1, 0]);
    }
}

/// Everybody at centre 12345001 is marked present on Monday 19 October.
async fn mark_everybody(town: &Town) {
    let deps = &town.app().deps;
    let now = "2026-10-19T05:00:00Z".parse().expect("an instant");
    let wish = Wish {
        series: "S26".to_owned(),
        centre: CentreCode::parse("12345001").expect("a code"),
        on: day_of(now),
        shape: DayShape::Full,
        absent: [].into(),
        reason: None,
        base_seq: None,
        base_roster: None,
    };
    let by = By { actor: None, line: None, channel: Channel::Cli };
    let mut tx = deps.store.begin().await.expect("a transaction");
    let recorded = register::record(&mut tx, deps, &wish, &by, now).await.expect("an answer");
    assert!(matches!(recorded, Recorded::Done { .. }), "{recorded:?}");
    tx.commit().await.expect("it is kept");
}

on_every_back_end! {
    async fn marks_are_never_given_to_another_person_by_a_file(town: Town) {
        settle(&town).await;
        let row = |name: &str, id: &str, reference: &str| {
            format!("S26,12345001,invigilator,{name},,{id},2026-10-16,2026-11-20,{reference}")
        };
        import(&town, Kind::Deployments, &rows(&[
            "S26,02345002,driver,Asha Njeri Wanjiku,,20000010,2026-10-16,2026-11-20,",
            "S26,02345002,driver,Mary Chebet Koech,,20000011,2026-10-16,2026-11-20,",
            &row("Asha Njeri", "", "R1"),
            &row("Mary Chebet", "", "R2"),
        ])).await;
        // Before anybody is marked, somebody of whom only a name was known may turn out to be known otherwise.
        let known = row("Asha Njeri Wanjiku", "20000010", "R1");
        assert_eq!(counts(&import(&town, Kind::Deployments, &rows(&[&known])).await), [0, 1, 0, 0]);

        mark_everybody(&town).await;
        assert_eq!(counts(&import(&town, Kind::Deployments, &rows(&[&known])).await), [0, 0, 1, 0]);
        let another = row("Mary Chebet Koech", "20000011", "R2");
        let told = faults(&town, Kind::Deployments, &rows(&[&known, &another])).await;
        assert_eq!(told, ["line 3, ref: number 2 of this centre has been marked under this ref, and this row gives it \
            to another person who is known already: give this person another ref (and another number), or leave the \
            ID and phone empty to keep the one who was marked"]);
        let unmoved = "SELECT COUNT(*) FROM deployments d JOIN people p ON p.id = d.person
                       WHERE d.ref = 'R2' AND p.full_name = 'Mary Chebet' AND p.national_id IS NULL";
        assert_eq!(town.count(unmoved).await, 1);
        // Both remedies help.
        let kept = row("Mary Chebet Koech", "", "R2");
        assert_eq!(counts(&import(&town, Kind::Deployments, &rows(&[&kept])).await), [0, 1, 0, 0]);
        let apart = row("Mary Chebet Koech", "20000011", "R3");
        assert_eq!(counts(&import(&town, Kind::Deployments, &rows(&[&apart])).await), [1, 0, 0, 0]);
        let names = ["1 Asha Njeri Wanjiku", "2 Mary Chebet Koech", "3 Mary Chebet Koech"];
        assert_eq!(roster(&town, "12345001").await, names);
    }
}

on_every_back_end! {
    async fn somebody_at_two_centres_on_the_same_days_is_told_of(town: Town) {
        settle(&town).await;
        let here = "S26,12345001,supervisor,Peter Kamau,,20000011,2026-10-16,2026-10-23,";
        let there = "S26,02345002,supervisor,Peter Kamau,,20000011,2026-10-23,2026-10-30,";
        let report = import(&town, Kind::Deployments, &rows(&[here, there])).await;
        assert_eq!(
            report.told.first_warnings(),
            ["line 3: this person is deployed at 12345001 and at 02345002 on the same days"]
                .map(|words| if report.told.first_warnings()[0] == words { words.to_owned() } else {
                    words.replace("12345001 and at 02345002", "02345002 and at 12345001")
                })
        );
    }
}

on_every_back_end! {
    async fn two_stays_at_a_centre_become_one_without_anybody_standing_there_twice(town: Town) {
        settle(&town).await;
        let first = "S26,12345001,driver,Peter Kamau,,20000011,2026-10-16,2026-10-20,";
        let second = "S26,12345001,driver,Peter Kamau,,20000011,2026-10-23,2026-10-30,";
        import(&town, Kind::Deployments, &rows(&[first, second])).await;
        let both = rows(&["S26,12345001,driver,Peter Kamau,,20000011,2026-10-16,2026-10-30,"]);
        let told = faults(&town, Kind::Deployments, &both).await;
        assert!(told[0].starts_with("line 2: this person is deployed here on some of these days already"), "{told:?}");
        assert_eq!(counts(&replace(&town, Kind::Deployments, &both).await), [0, 1, 0, 1]);
        assert_eq!(roster(&town, "12345001").await, ["1 Peter Kamau"]);
    }
}
