//! Who has marked: one sub-county's centres, a county's totals, the country's.

use daftari::services::register;

use crate::ground::{PRACTICE, SERIES, at, day, done, on_both_engines, wish};

on_both_engines! {
    async fn a_place_sees_its_own_centres_that_have_people_that_day(ground) {
        let one = ground.centre("12345001").await;
        let two = ground.centre("12345002").await;
        let three = ground.centre_in("12345003", "022", "Limuru").await;
        let far = ground.centre_in("47000001", "047", "Westlands").await;
        let gone = ground.centre("12345004").await;
        // Without people, or only with people of another series, a centre has nothing to mark.
        ground.centre("12345005").await;
        let trial = ground.centre("12345006").await;
        ground.people(PRACTICE, &trial, 2).await;
        for centre in [&one, &two, &three, &far, &gone] {
            ground.people(SERIES, centre, 2).await;
        }
        ground.run("UPDATE centres SET removed_at = $1 WHERE code = '12345004'", |q| q.bind(at(1, "12:00"))).await;
        let placed = ground.people(SERIES, &ground.centre("12345007").await, 0).await;
        assert!(placed.is_empty());
        done(&ground.record(&wish(&one, 2, &[]), at(2, "07:00")).await);
        done(&ground.record(&wish(&three, 2, &[]), at(2, "07:00")).await);

        let mut tx = ground.read().await;
        let statements = || ground.deps().store.count().statements();
        let before = statements();
        let due = register::unmarked(&mut tx, SERIES, ("022", "Kikuyu"), day(2)).await.expect("a list");
        let codes: Vec<_> = due.centres.iter().map(|centre| centre.code.as_str()).collect();
        assert_eq!((codes, due.total, statements() - before), (vec!["12345002"], 2, 1));
        let county = register::coverage(&mut tx, SERIES, "022", day(2)).await.expect("totals");
        assert_eq!(statements() - before, 2);
        let told: Vec<_> =
            county.iter().map(|c| (c.place.as_str(), c.centres, c.marked, c.present, c.absent)).collect();
        assert_eq!(told, [("Kikuyu", 2, 1, 2, 0), ("Limuru", 1, 1, 2, 0)]);
        let everywhere = register::country_coverage(&mut tx, SERIES, day(2)).await.expect("totals");
        let told: Vec<_> = everywhere.iter().map(|c| (c.place.as_str(), c.centres, c.marked)).collect();
        assert_eq!(told, [("022", 3, 2), ("047", 1, 0)]);
        let before_the_series = register::unmarked(&mut tx, SERIES, ("022", "Kikuyu"), day(1)).await.expect("a list");
        assert_eq!(before_the_series.total, 0);
    }
}
