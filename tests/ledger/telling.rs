//! Whoever is marked absent is told, once for each change, and nobody else.

use chrono::{DateTime, Utc};
use daftari::{
    menu::{Menus, definition::Bundle},
    model::{Msisdn, PersonId, message::Purpose},
    services::{
        attendance::record_and_tell,
        register::{Recorded, Wish},
    },
    storage::{messages, stops},
};

use crate::ground::{Ground, PRACTICE, at, because, by, done, line, on_both_engines, wish};

const CODE: &str = "12345001";

async fn mark(ground: &Ground, wish: &Wish, now: DateTime<Utc>) -> Recorded {
    let menus = Menus::compile(Bundle::built_in()).expect("the menus are sound");
    let line = line(0);
    // Messages of one instant have no order.
    ground.deps().clock.advance(chrono::Duration::minutes(1));
    let mut tx = ground.begin().await;
    let recorded = record_and_tell(&mut tx, ground.deps(), &menus, wish, &by(&line), now).await;
    tx.commit().await.expect("it is kept");
    recorded.expect("an answer")
}

fn phone(n: u32) -> Msisdn {
    Msisdn::from_network(&format!("+2547000000{n}")).expect("a number")
}

async fn has_line(ground: &Ground, person: PersonId, line: &Msisdn) {
    ground
        .run("UPDATE people SET msisdn = $1 WHERE id = $2", |query| {
            query.bind(line.as_e164().to_owned()).bind(person.0)
        })
        .await;
}

/// What a line was told, the oldest first.
async fn told(ground: &Ground, line: &Msisdn) -> Vec<Purpose> {
    let sent =
        messages::fates_of(&mut ground.read().await, line, at(1, "00:00"), 20).await.expect("messages");
    sent.iter().rev().map(|message| message.purpose).collect()
}

on_both_engines! {
    async fn whoever_is_marked_absent_is_told_once_for_each_change(ground) {
        let centre = ground.centre(CODE).await;
        let placed = ground.people(crate::ground::SERIES, &centre, 3).await;
        for (n, one) in (31..).zip(&placed[..2]) {
            has_line(&ground, one.person, &phone(n)).await;
        }
        let absent = wish(&centre, 2, &placed[1..]);
        done(&mark(&ground, &absent, at(2, "07:00")).await);
        mark(&ground, &absent, at(2, "07:01")).await;
        assert_eq!(told(&ground, &phone(31)).await, [], "who is there is told nothing");
        assert_eq!(told(&ground, &phone(32)).await, [Purpose::MarkedAbsent], "the same wish twice is one act");
        let still = because("the third came", wish(&centre, 2, &placed[1..2]));
        done(&mark(&ground, &still, at(2, "07:30")).await);
        assert_eq!(told(&ground, &phone(32)).await, [Purpose::MarkedAbsent], "nothing changed for this one");
        let back = because("late, but there", wish(&centre, 2, &[]));
        done(&mark(&ground, &back, at(2, "08:00")).await);
        assert_eq!(told(&ground, &phone(32)).await, [Purpose::MarkedAbsent, Purpose::MarkedPresent]);
        assert_eq!(told(&ground, &phone(31)).await, []);
        assert_eq!(ground.count("SELECT COUNT(*) FROM messages").await, 2);
    }

    async fn nobody_is_told_who_asked_for_no_more_or_who_acts(ground) {
        let centre = ground.centre(CODE).await;
        let placed = ground.people(crate::ground::SERIES, &centre, 2).await;
        has_line(&ground, placed[0].person, &phone(31)).await;
        has_line(&ground, placed[1].person, &line(0)).await;
        let mut tx = ground.begin().await;
        stops::stop(&mut tx, &phone(31), "sms", at(1, "12:00")).await.expect("a stop");
        tx.commit().await.expect("it is kept");
        done(&mark(&ground, &wish(&centre, 2, &placed), at(2, "07:00")).await);
        assert_eq!(ground.count("SELECT COUNT(*) FROM messages WHERE fate = 'queued'").await, 0);
        assert_eq!(told(&ground, &line(0)).await, [], "who marks knows");
    }

    async fn nobody_is_told_in_a_series_for_training(ground) {
        let centre = ground.centre(CODE).await;
        let placed = ground.people(PRACTICE, &centre, 1).await;
        has_line(&ground, placed[0].person, &phone(31)).await;
        let absent = Wish { series: PRACTICE.to_owned(), ..wish(&centre, 2, &placed) };
        done(&mark(&ground, &absent, at(2, "07:00")).await);
        assert_eq!(told(&ground, &phone(31)).await, []);
    }
}
