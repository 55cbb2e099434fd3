//! Rosters the evening before, reminders and lists in the morning: once, on any number of nodes, and never at night.

use daftari::services::chasing;
use futures_util::future::join_all;

use super::*;

const HEADQUARTERS: &str = "+254700000004";
/// The line of the second centre's manager, which is bound to nothing.
const UNBOUND: &str = "+254700000005";

async fn turn(town: &Town) -> usize {
    turn_of(town, 0).await
}

async fn turn_of(town: &Town, node: usize) -> usize {
    let app = &town.nodes[node].app;
    chasing::turn(&app.deps, &app.menus.current()).await.expect("a turn")
}

/// What a line got since it had so many.
async fn got(town: &Town, line: &str, before: usize) -> Vec<String> {
    town.send_messages().await;
    town.pass(chrono::Duration::seconds(30));
    town.send_messages().await;
    town.messages_to(line).split_off(before)
}

on_every_back_end! {
    async fn whoever_has_not_marked_is_reminded_once_a_step(town: Town) {
        settled(&town).await;
        let (day, shown) = (today(&town), today(&town).format("%d/%m"));
        at(&town, day, "08:29");
        assert_eq!(turn(&town).await, 0);
        at(&town, day, "08:30");
        assert_eq!(turn(&town).await, 4, "two centres, a director, headquarters");
        assert_eq!(turn(&town).await, 0, "once");
        for (line, centre) in [(MANAGER, CENTRE), (UNBOUND, SECOND)] {
            assert_eq!(
                got(&town, line, 0).await,
                [format!(
                    "Centre {centre} has not marked its register of {shown}. Dial *384*2547# or send REG before 20:00: \
                     who is not marked may not be paid."
                )]
            );
        }
        assert_eq!(
            got(&town, DIRECTOR, 0).await,
            [format!("Ruiru, {shown}: 2 of 2 not marked: {CENTRE} Mfano, {SECOND} Tumaini. Dial *384*2547#")]
        );
        assert_eq!(
            got(&town, HEADQUARTERS, 0).await,
            [format!("S26, {shown}: 2 of 2 centres not marked. Kiambu 2/2")]
        );
        let code = day_code(&asks(&town, MANAGER, "REG").await);
        told(&town, MANAGER, &format!("REG {code} ALL")).await;
        let before = town.messages_to(MANAGER).len();
        at(&town, day, "10:02");
        assert_eq!(turn(&town).await, 3, "the one that is left");
        assert!(got(&town, MANAGER, before).await.is_empty());
        assert!(got(&town, DIRECTOR, 1).await[0].contains(": 1 of 2 not marked: 12345002 Tumaini."));
        at(&town, day, "19:00");
        assert_eq!(turn(&town).await, rosters(&town).await, "no more reminders, but tomorrow's rosters");
    }
}

/// How many rosters were promised by schedule.
async fn rosters(town: &Town) -> usize {
    let count = town.count("SELECT COUNT(*) FROM messages WHERE purpose = 'roster_ahead'").await;
    usize::try_from(count).expect("a count")
}

on_every_back_end! {
    async fn nothing_is_missing_nobody_is_told(town: Town) {
        settled(&town).await;
        bind(&town, SECOND, UNBOUND).await;
        for line in [MANAGER, UNBOUND] {
            let code = day_code(&asks(&town, line, "REG").await);
            told(&town, line, &format!("REG {code} ALL")).await;
        }
        at(&town, today(&town), "08:31");
        assert_eq!(turn(&town).await, 0);
        assert!(got(&town, DIRECTOR, 0).await.is_empty());
        assert!(got(&town, HEADQUARTERS, 0).await.is_empty());
    }
}

on_every_back_end! {
    async fn tomorrows_roster_comes_the_evening_before_with_tomorrows_code(town: Town) {
        settled(&town).await;
        let day = today(&town);
        at(&town, day, "18:00");
        assert_eq!(turn(&town).await, 1 + 4, "one centre has a line; the last reminder goes out late");
        let got = got(&town, MANAGER, 0).await;
        let roster: Vec<String> = got.into_iter().filter(|sms| !sms.starts_with("Centre")).collect();
        let tomorrow = (day + Days::new(1)).format("%d/%m");
        assert!(roster.iter().any(|part| part.contains(&format!(" 1/3 Tomorrow centre {CENTRE} {tomorrow}."))), "{roster:?}");
        assert_eq!(turn(&town).await, 0);
        at(&town, day + Days::new(1), "07:00");
        let code = roster.iter().find_map(|part| part.split_once(" 1/3 ")).expect("a first part").0.to_owned();
        let said = told(&town, MANAGER, &format!("REG {code} ALL")).await;
        assert!(said[0].starts_with("Register recorded"), "{said:?}");
    }
}

on_every_back_end! {
    async fn two_nodes_and_one_that_falls_send_everything_once(town: Town) {
        settled(&town).await;
        bind(&town, SECOND, UNBOUND).await;
        town.add_node().await;
        for (time, most) in [("08:30", 4), ("18:30", 4 + 2)] {
            at(&town, today(&town), time);
            // A node falls after so many steps of its work: what it has not committed is as if it had never been.
            for polls in 1..40 {
                let (app, mut left) = (&town.nodes[1].app, polls);
                let menus = app.menus.current();
                let mut falling = Box::pin(chasing::turn(&app.deps, &menus));
                std::future::poll_fn(|context| {
                    left -= 1;
                    match falling.as_mut().poll(context) {
                        std::task::Poll::Pending if left > 0 => std::task::Poll::Pending,
                        _ => std::task::Poll::Ready(()),
                    }
                })
                .await;
            }
            let turns = join_all((0..8).map(|n| turn_of(&town, n % 2))).await;
            assert!(turns.iter().sum::<usize>() <= most, "{turns:?}");
            for line in [MANAGER, UNBOUND, DIRECTOR, HEADQUARTERS] {
                town.send_messages().await;
                town.pass(chrono::Duration::seconds(1));
                assert!(!town.messages_to(line).is_empty());
            }
        }
        let twice = "SELECT COUNT(*) FROM (SELECT msisdn FROM messages WHERE purpose <> 'roster_ahead_more'
            GROUP BY msisdn, purpose, created_at < (SELECT MAX(done_at) FROM chases) HAVING COUNT(*) > 1) x";
        assert_eq!(town.count(twice).await, 0);
        assert_eq!(rosters(&town).await, 2);
        assert_eq!(town.count("SELECT COUNT(*) FROM messages WHERE purpose = 'reminder'").await, 4, "two steps");
        assert_eq!(town.count("SELECT COUNT(*) FROM messages WHERE purpose = 'unmarked_list'").await, 2);
        assert_eq!(town.count("SELECT COUNT(*) FROM messages WHERE purpose = 'unmarked_total'").await, 2);
    }
}

on_every_back_end! {
    async fn who_wants_no_more_gets_what_was_asked_for_alone(town: Town) {
        settled(&town).await;
        told(&town, MANAGER, "STOP").await;
        let before = town.messages_to(MANAGER).len();
        at(&town, today(&town), "18:30");
        turn(&town).await;
        assert!(got(&town, MANAGER, before).await.is_empty());
        let refused = "SELECT COUNT(*) FROM messages WHERE purpose IN ('reminder', 'roster_ahead') AND fate = 'refused'
            AND reason = 'stopped'";
        assert_eq!(town.count(refused).await, 2);
        day_code(&asks(&town, MANAGER, "REG").await);
    }
}

on_every_back_end! {
    async fn nothing_goes_out_at_night_nor_for_training_nor_on_other_days(town: Town) {
        settled(&town).await;
        let (day, deps) = (today(&town), &town.app().deps);
        let mut tx = deps.store.begin().await.expect("a transaction");
        tx.query("DELETE FROM series_days WHERE series = 'S26' AND on_day = $1").bind(day).execute().await.expect("no day");
        tx.query("UPDATE deployments SET series = 'TRIAL' WHERE centre = '12345002'").execute().await.expect("training");
        tx.commit().await.expect("it is kept");
        at(&town, day, "09:00");
        assert_eq!(turn(&town).await, 0, "no day of the series");
        at(&town, day, "20:00");
        assert_eq!(turn(&town).await, 0, "the quiet hours have begun");
        at(&town, day + Days::new(1), "05:00");
        assert_eq!(turn(&town).await, 0);
        at(&town, day + Days::new(1), "09:00");
        assert_eq!(turn(&town).await, 3, "a centre, its director, headquarters");
        assert!(got(&town, UNBOUND, 0).await.is_empty(), "who trains is not chased");
    }
}

on_every_back_end! {
    async fn what_did_not_go_out_before_the_quiet_hours_never_does(town: Town) {
        settled(&town).await;
        at(&town, today(&town), "19:59");
        turn(&town).await;
        at(&town, today(&town), "20:00");
        assert!(got(&town, MANAGER, 0).await.is_empty());
        assert_eq!(town.count("SELECT COUNT(*) FROM messages WHERE fate = 'queued'").await, 0, "they are over");
    }
}
