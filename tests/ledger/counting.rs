//! What pay is counted from: days on which a person was there, each of them once.

use daftari::{
    model::season::{DayShape, DeployedAs},
    services::register::{self, Counted, Wish, days_counted_of_all},
};

use crate::ground::{Ground, PRACTICE, Placed, SERIES, at, because, done, on_both_engines, wish};

const CODE: &str = "12345001";

async fn counted(ground: &Ground, who: Placed) -> Vec<Counted> {
    register::days_counted(&mut ground.read().await, who.person, SERIES).await.expect("counted days")
}

fn invigilated(ksh: i64, days: i64, hundredths: i64) -> Counted {
    Counted { role: DeployedAs::Invigilator, ksh_per_day: Some(ksh), days, hundredths }
}

on_both_engines! {
    async fn days_count_by_the_rate_that_held_then(ground) {
        let centre = ground.centre(CODE).await;
        let placed = ground.people(SERIES, &centre, 2).await;
        ground.rate(DeployedAs::Invigilator, 1, (500, 50)).await;
        ground.rate(DeployedAs::Invigilator, 4, (650, 60)).await;
        for on in [2, 3, 4] {
            done(&ground.record(&wish(&centre, on, &placed[1..]), at(on, "07:00")).await);
        }
        let half = Wish { shape: DayShape::Half, ..wish(&centre, 5, &[]) };
        done(&ground.record(&half, at(5, "07:00")).await);
        let closed = Wish { shape: DayShape::Closed, ..wish(&centre, 6, &[]) };
        done(&ground.record(&closed, at(6, "07:00")).await);
        assert_eq!(counted(&ground, placed[0]).await, [invigilated(500, 2, 200), invigilated(650, 2, 160)]);
        assert_eq!(counted(&ground, placed[1]).await, [invigilated(650, 1, 60)]);
        let all = days_counted_of_all(&mut ground.read().await, SERIES, None, 10).await.expect("all");
        assert_eq!(
            all,
            [
                (placed[0].person, counted(&ground, placed[0]).await),
                (placed[1].person, counted(&ground, placed[1]).await),
            ]
        );
        let rest = days_counted_of_all(&mut ground.read().await, SERIES, Some(placed[0].person), 10).await.expect("rest");
        assert_eq!(rest, all[1..]);
    }

    async fn a_rehearsal_is_marked_and_does_not_count(ground) {
        let centre = ground.centre(CODE).await;
        let placed = ground.people(SERIES, &centre, 1).await;
        ground.rate(DeployedAs::Invigilator, 1, (500, 50)).await;
        for (on, kind) in [(2, "rehearsal"), (3, "exam")] {
            ground
                .run("INSERT INTO series_days (series, on_day, kind) VALUES ($1, $2, $3)", |query| {
                    query.bind(SERIES).bind(crate::ground::day(on)).bind(kind)
                })
                .await;
            done(&ground.record(&wish(&centre, on, &[]), at(on, "07:00")).await);
        }
        let days = register::person_days(&mut ground.read().await, placed[0].person, SERIES).await.expect("days");
        assert_eq!(days.len(), 2, "both days are marked");
        assert_eq!(counted(&ground, placed[0]).await, [invigilated(500, 1, 100)]);
    }

    async fn two_centres_on_one_day_count_once_and_the_better_one(ground) {
        let (one, two) = (ground.centre(CODE).await, ground.centre("12345002").await);
        let person = ground.person().await;
        let here = ground.deploy(SERIES, &one, person, (1, DeployedAs::Invigilator), (2, 20)).await;
        ground.deploy(SERIES, &two, person, (1, DeployedAs::Supervisor), (2, 20)).await;
        ground.rate(DeployedAs::Invigilator, 1, (500, 50)).await;
        ground.rate(DeployedAs::Supervisor, 1, (800, 50)).await;
        done(&ground.record(&wish(&one, 2, &[]), at(2, "07:00")).await);
        done(&ground.record(&Wish { shape: DayShape::Half, ..wish(&two, 2, &[]) }, at(2, "07:00")).await);
        assert_eq!(counted(&ground, here).await, [invigilated(500, 1, 100)], "a whole day is worth more than half a better one");
        done(&ground.record(&because("whole", wish(&two, 2, &[])), at(2, "08:00")).await);
        let supervised = Counted { role: DeployedAs::Supervisor, ksh_per_day: Some(800), days: 1, hundredths: 100 };
        assert_eq!(counted(&ground, here).await, [supervised]);
    }

    async fn a_removed_deployment_keeps_the_days_that_it_worked(ground) {
        let centre = ground.centre(CODE).await;
        let placed = ground.people(SERIES, &centre, 1).await;
        ground.rate(DeployedAs::Invigilator, 1, (500, 50)).await;
        done(&ground.record(&wish(&centre, 2, &[]), at(2, "07:00")).await);
        ground.run("UPDATE deployments SET removed_at = $1", |q| q.bind(at(2, "09:00"))).await;
        assert_eq!(counted(&ground, placed[0]).await, [invigilated(500, 1, 100)]);
    }

    async fn a_role_without_a_rate_is_counted_but_worth_nothing_yet(ground) {
        let centre = ground.centre(CODE).await;
        let placed = ground.people(SERIES, &centre, 1).await;
        done(&ground.record(&wish(&centre, 2, &[]), at(2, "07:00")).await);
        let unpaid = Counted { role: DeployedAs::Invigilator, ksh_per_day: None, days: 1, hundredths: 100 };
        assert_eq!(counted(&ground, placed[0]).await, [unpaid]);
    }

    async fn practice_never_counts(ground) {
        let centre = ground.centre(CODE).await;
        let placed = ground.people(PRACTICE, &centre, 1).await;
        let practice = Wish { series: PRACTICE.to_owned(), ..wish(&centre, 2, &[]) };
        done(&ground.record(&practice, at(2, "07:00")).await);
        let mut tx = ground.read().await;
        let counted = register::days_counted(&mut tx, placed[0].person, PRACTICE).await.expect("nothing");
        assert_eq!(counted, []);
        assert_eq!(days_counted_of_all(&mut tx, PRACTICE, None, 10).await.expect("nothing"), []);
        let days = register::person_days(&mut tx, placed[0].person, PRACTICE).await.expect("days");
        assert_eq!(days.len(), 1, "whoever trained sees it all the same");
    }
}
