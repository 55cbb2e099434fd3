//! When a day can be recorded: its hours, the days that were missed, the director's unlock, and the end.

use chrono::{Duration, NaiveTime};
use daftari::{
    model::season::{Act, DayKind, DayShape},
    services::{
        closing,
        register::{self, Changed, DayOf, NotNow, Recorded, Unlocked, Wish},
    },
};

use crate::ground::{Ground, PRACTICE, SERIES, at, because, by, day, done, line, on_both_engines, wish};

const CODE: &str = "12345001";

fn refused(recorded: Recorded) -> NotNow {
    match recorded {
        Recorded::Refused(why) => why,
        other => panic!("it was not refused: {other:?}"),
    }
}

async fn unlock(
    ground: &Ground,
    of: DayOf<'_>,
    (until, now): ((u32, &str), (u32, &str)),
    reason: &str,
) -> Unlocked {
    let mut tx = ground.begin().await;
    let director = line(5);
    let until = at(until.0, until.1);
    let unlocked =
        register::unlock(&mut tx, ground.deps(), of, (until, reason), &by(&director), at(now.0, now.1))
            .await
            .expect("an answer");
    tx.commit().await.expect("it is kept");
    unlocked
}

async fn change(ground: &Ground, of: DayOf<'_>, act: Act, now: (u32, &str)) -> Changed {
    let mut tx = ground.begin().await;
    let manager = line(0);
    let changed = closing::act(&mut tx, ground.deps(), of, (act, None), &by(&manager), at(now.0, now.1))
        .await
        .expect("an answer");
    tx.commit().await.expect("it is kept");
    changed
}

on_both_engines! {
    async fn a_day_is_marked_within_its_hours_in_nairobi(ground) {
        let centre = ground.centre(CODE).await;
        ground.people(SERIES, &centre, 2).await;
        let early = refused(ground.record(&wish(&centre, 2, &[]), at(2, "05:59")).await);
        assert_eq!(early, NotNow::TooEarly { opens: at(2, "06:00") });
        let tomorrow = refused(ground.record(&wish(&centre, 3, &[]), at(2, "12:00")).await);
        assert_eq!(tomorrow, NotNow::TooEarly { opens: at(3, "06:00") });
        done(&ground.record(&wish(&centre, 2, &[]), at(2, "06:00")).await);
        done(&ground.record(&wish(&centre, 3, &[]), at(3, "19:59")).await);
        let at_eight = refused(ground.record(&wish(&centre, 4, &[]), at(4, "20:00")).await);
        assert_eq!(at_eight, NotNow::NeedsReason, "it counts as missed then");
    }

    async fn weekends_and_days_outside_are_none_of_the_series(ground) {
        let centre = ground.centre(CODE).await;
        ground.people(SERIES, &centre, 2).await;
        for on in [1, 7, 8, 21, 23] {
            let why = refused(ground.record(&wish(&centre, on, &[]), at(on, "07:00")).await);
            // Nobody is deployed outside the series' own dates.
            let outside = [1, 21, 23].contains(&on);
            assert_eq!(why, if outside { NotNow::NobodyDeployed } else { NotNow::NotASeriesDay }, "{on}");
        }
    }

    async fn a_table_of_days_says_which_days_there_are_and_when_they_open(ground) {
        let centre = ground.centre(CODE).await;
        ground.people(SERIES, &centre, 2).await;
        let hour = |hour| NaiveTime::from_hms_opt(hour, 30, 0);
        for (on, kind, opens, closes) in
            [(2, DayKind::Rehearsal, None, None), (7, DayKind::Exam, hour(8), hour(9))]
        {
            ground
                .run(
                    "INSERT INTO series_days (series, on_day, kind, opens, closes) VALUES ($1, $2, $3, $4, $5)",
                    |q| q.bind(SERIES).bind(day(on)).bind(kind).bind(opens).bind(closes),
                )
                .await;
        }
        assert_eq!(ground.day(&centre, 2, at(2, "07:00")).await.kind, Some(DayKind::Rehearsal));
        assert_eq!(ground.day(&centre, 3, at(3, "07:00")).await.may, Err(NotNow::NotASeriesDay));
        let saturday = ground.day(&centre, 7, at(7, "07:00")).await;
        assert_eq!(saturday.hours, (at(7, "08:30"), at(7, "09:30")));
        assert_eq!(saturday.may, Err(NotNow::TooEarly { opens: at(7, "08:30") }));
        done(&ground.record(&wish(&centre, 7, &[]), at(7, "09:29")).await);
    }

    async fn a_missed_day_is_marked_late_with_a_reason_and_only_once(ground) {
        let centre = ground.centre(CODE).await;
        let placed = ground.people(SERIES, &centre, 2).await;
        done(&ground.record(&wish(&centre, 3, &[]), at(3, "07:00")).await);
        let deps = ground.deps();
        let missed = async |now| {
            let days = register::missed_days(&mut ground.read().await, deps, (SERIES, &centre), now).await;
            days.expect("days")
        };
        assert_eq!(missed(at(2, "19:00")).await, []);
        assert_eq!(missed(at(2, "20:00")).await, [day(2)]);
        assert_eq!(missed(at(5, "07:00")).await, [day(2), day(4)]);
        assert_eq!(missed(at(6, "07:00")).await, [day(4), day(5)], "the 2nd is four days back");
        assert_eq!(missed(at(9, "07:00")).await, [day(6)], "a weekend has no days, but passes");
        assert_eq!(refused(ground.record(&wish(&centre, 2, &[]), at(5, "07:00")).await), NotNow::NeedsReason);
        assert_eq!(
            refused(ground.record(&because("no network", wish(&centre, 2, &[])), at(6, "00:00")).await),
            NotNow::TooLate
        );
        done(&ground.record(&because("no network", wish(&centre, 2, &[])), at(5, "23:59")).await);
        let again = because("and again", wish(&centre, 2, &placed[..1]));
        assert_eq!(refused(ground.record(&again, at(5, "23:59")).await), NotNow::TooLate);
    }

    async fn after_its_time_a_day_opens_only_by_the_director_and_only_so_long(ground) {
        let centre = ground.centre(CODE).await;
        let placed = ground.people(SERIES, &centre, 2).await;
        done(&ground.record(&wish(&centre, 2, &[]), at(2, "07:00")).await);
        let of = DayOf { series: SERIES, centre: &centre, on: day(2) };
        let correction = because("he was ill", wish(&centre, 2, &placed[..1]));
        assert_eq!(refused(ground.record(&correction, at(12, "10:00")).await), NotNow::TooLate);

        let wrong = unlock(&ground, of, ((12, "12:00"), (12, "10:00")), "  ").await;
        assert_eq!(wrong, Unlocked::Refused(NotNow::NeedsReason));
        let past = unlock(&ground, of, ((12, "09:00"), (12, "10:00")), "letter").await;
        assert_eq!(past, Unlocked::Refused(NotNow::TooLate));
        assert!(matches!(unlock(&ground, of, ((12, "12:00"), (12, "10:00")), "letter").await, Unlocked::Done(_)));
        assert_eq!(unlock(&ground, of, ((12, "12:00"), (12, "10:05")), "letter").await, Unlocked::AlreadySo);
        let view = ground.day(&centre, 2, at(12, "10:10")).await;
        assert_eq!((view.may, view.unlocked_until), (Ok(true), Some(at(12, "12:00"))));
        let silent = Wish { reason: None, ..correction.clone() };
        assert_eq!(refused(ground.record(&silent, at(12, "11:00")).await), NotNow::NeedsReason);
        done(&ground.record(&correction, at(12, "11:59")).await);
        let back = because("no, he was not", wish(&centre, 2, &[]));
        assert_eq!(refused(ground.record(&back, at(12, "12:00")).await), NotNow::TooLate);

        assert!(matches!(unlock(&ground, of, ((13, "12:00"), (13, "10:00")), "again").await, Unlocked::Done(_)));
        let mut tx = ground.begin().await;
        let director = line(5);
        let deps = ground.deps();
        let locked = register::lock(&mut tx, deps, of, &by(&director), at(13, "10:30")).await.expect("an answer");
        assert!(matches!(locked, Unlocked::Done(_)));
        let twice = register::lock(&mut tx, deps, of, &by(&director), at(13, "10:31")).await.expect("an answer");
        assert_eq!(twice, Unlocked::AlreadySo);
        tx.commit().await.expect("it is kept");
        assert_eq!(refused(ground.record(&back, at(13, "10:32")).await), NotNow::TooLate);
    }

    async fn a_signed_register_refuses_until_it_is_reopened(ground) {
        let centre = ground.centre(CODE).await;
        let placed = ground.people(SERIES, &centre, 2).await;
        done(&ground.record(&wish(&centre, 20, &[]), at(20, "07:00")).await);
        let of = DayOf { series: SERIES, centre: &centre, on: day(20) };
        assert_eq!(
            change(&ground, of, Act::Countersign, (20, "08:00")).await,
            Changed::NotFrom(daftari::model::season::RegisterState::Open)
        );
        assert!(matches!(change(&ground, of, Act::Sign, (20, "09:00")).await, Changed::Done(_)));
        let correction = because("forgotten", wish(&centre, 20, &placed[..1]));
        assert_eq!(refused(ground.record(&correction, at(20, "09:10")).await), NotNow::Signed);
        assert_eq!(
            unlock(&ground, of, ((20, "23:00"), (20, "09:20")), "letter").await,
            Unlocked::Refused(NotNow::Signed)
        );
        assert!(matches!(change(&ground, of, Act::Countersign, (20, "10:00")).await, Changed::Done(_)));
        assert!(matches!(change(&ground, of, Act::Reopen, (20, "11:00")).await, Changed::Done(_)));
        done(&ground.record(&correction, at(20, "11:10")).await);
    }

    async fn a_closed_series_takes_nothing_more_not_even_unlocked(ground) {
        let centre = ground.centre(CODE).await;
        ground.people(SERIES, &centre, 2).await;
        let of = DayOf { series: SERIES, centre: &centre, on: day(20) };
        assert!(matches!(unlock(&ground, of, ((20, "23:00"), (20, "09:20")), "letter").await, Unlocked::Done(_)));
        ground.run("UPDATE series SET closed_at = $1 WHERE code = $2", |q| q.bind(at(20, "12:00")).bind(SERIES)).await;
        let wished = because("late", wish(&centre, 20, &[]));
        assert_eq!(refused(ground.record(&wished, at(20, "12:00")).await), NotNow::TooLate);
        let more = unlock(&ground, of, ((21, "23:00"), (20, "13:00")), "letter").await;
        assert_eq!(more, Unlocked::Refused(NotNow::TooLate));
        done(&ground.record(&wished, at(20, "12:00") - Duration::seconds(1)).await);
    }

    async fn a_practice_register_is_another_register(ground) {
        let centre = ground.centre(CODE).await;
        ground.people(SERIES, &centre, 2).await;
        let trained = ground.people(PRACTICE, &centre, 3).await;
        let practice = Wish { series: PRACTICE.to_owned(), ..wish(&centre, 2, &trained[..1]) };
        done(&ground.record(&practice, at(2, "07:00")).await);
        assert_eq!(ground.marks(&centre, 2).await, [None, None], "the register that counts has heard nothing of it");
        done(&ground.record(&wish(&centre, 2, &[]), at(2, "07:01")).await);
        assert_eq!(ground.count("SELECT COUNT(*) FROM registers").await, 2);
        let deps = ground.deps();
        let of = DayOf { series: PRACTICE, centre: &centre, on: day(2) };
        let view = register::day(&mut ground.read().await, deps, of, at(2, "08:00")).await.expect("a day");
        assert!(view.expect("a series").practice);
    }

    async fn unknown_series_and_centres_and_empty_rosters_are_refused(ground) {
        let centre = ground.centre(CODE).await;
        let now = at(2, "07:00");
        assert_eq!(refused(ground.record(&wish(&centre, 2, &[]), now).await), NotNow::NobodyDeployed);
        let closed = Wish { shape: DayShape::Closed, ..wish(&centre, 2, &[]) };
        assert_eq!(refused(ground.record(&closed, now).await), NotNow::NobodyDeployed);
        let nowhere = daftari::model::CentreCode::parse("99999999").expect("a code");
        assert_eq!(refused(ground.record(&wish(&nowhere, 2, &[]), now).await), NotNow::NobodyDeployed);
        let never = Wish { series: "NONE".to_owned(), ..wish(&centre, 2, &[]) };
        assert_eq!(refused(ground.record(&never, now).await), NotNow::NobodyDeployed);
        assert_eq!(ground.count("SELECT COUNT(*) FROM register_entries").await, 0);
    }
}
