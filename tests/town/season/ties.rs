//! Which account sees a person's deployments.

use chrono::Duration;
use daftari::{
    services::{
        officers,
        season::{
            import::Kind,
            tie::{self, PlaceOnRoster, TieRefused, Tied},
        },
    },
    storage::{accounts, officers::Role, people},
};

use super::{import, line, rows, settle};
use crate::{
    lines,
    town::{Town, on_every_back_end, open_account},
};

const LINE: &str = "+254700000010";
const OTHER: &str = "+254700000011";
const PIN: &str = "907318";
const ID: &str = "28461937";

fn asha(number: &str, id: &str) -> String {
    rows(&[&format!("S26,12345001,invigilator,Asha Njeri,{number},{id},2026-10-16,2026-11-20,")])
}

/// How many deployments the account of a line sees.
async fn seen(town: &Town, number: &str) -> usize {
    let mut tx = town.app().deps.store.read().await.expect("a read");
    let account = accounts::by_msisdn(&mut tx, &line(number)).await.expect("a read").expect("an account");
    people::deployments_of_account(&mut tx, account.id).await.expect("deployments").len()
}

async fn audited(town: &Town, action: &'static str) -> i64 {
    let mut tx = town.app().deps.store.read().await.expect("a read");
    let sql = "SELECT COUNT(*) FROM audit_entries WHERE action = $1";
    let (count,): (i64,) = tx.query(sql).bind(action).one().await.expect("a count");
    count
}

fn place() -> PlaceOnRoster {
    PlaceOnRoster::parse("S26/12345001/1").expect("a place")
}

on_every_back_end! {
    async fn number_and_id_together_tie_and_neither_does_alone(town: Town) {
        settle(&town).await;
        open_account(&mut town.phone(LINE), ID, PIN).await;
        assert_eq!(import(&town, Kind::Deployments, &asha(OTHER, ID)).await.tied, 0, "the ID alone");
        assert_eq!(seen(&town, LINE).await, 0);
        import(&town, Kind::Deployments, &rows(&[
            &format!("S26,02345002,driver,Ruth Mutua,{LINE},28461938,2026-10-16,2026-11-20,"),
        ])).await;
        assert_eq!(seen(&town, LINE).await, 0, "the number alone");
        assert_eq!(import(&town, Kind::Deployments, &asha(LINE, ID)).await.tied, 1, "both");
        assert_eq!((seen(&town, LINE).await, audited(&town, "person_tied").await), (1, 1));
        assert_eq!(import(&town, Kind::Deployments, &asha(LINE, ID)).await.tied, 0, "once");
    }
}

on_every_back_end! {
    async fn an_account_that_is_opened_later_is_tied_at_once(town: Town) {
        settle(&town).await;
        import(&town, Kind::Deployments, &asha(LINE, ID)).await;
        open_account(&mut town.phone(LINE), ID, PIN).await;
        assert_eq!((seen(&town, LINE).await, audited(&town, "person_tied").await), (1, 1));
        open_account(&mut town.phone(OTHER), "28461938", PIN).await;
        assert_eq!(seen(&town, OTHER).await, 0);
    }
}

on_every_back_end! {
    async fn an_account_that_moves_to_the_imported_number_is_tied(town: Town) {
        lines::settle(&mut town, &[]).await;
        settle(&town).await;
        import(&town, Kind::Deployments, &asha(OTHER, ID)).await;
        assert_eq!(seen(&town, LINE).await, 0);
        let app = town.app();
        let (deps, menus) = (&app.deps, app.menus.current());
        let moving = officers::ask_move(deps, &line(lines::OFFICER), &line(LINE), &line(OTHER)).await.expect("a move");
        officers::confirm_move(deps, &menus, &line("+254700000021"), &moving.reference, &line(OTHER)).await.expect("it moves");
        assert_eq!(seen(&town, OTHER).await, 1);
    }
}

on_every_back_end! {
    async fn the_director_of_the_place_ties_alone_and_others_by_two(town: Town) {
        settle(&town).await;
        let deps = &town.app().deps;
        for (number, role, scope) in [
            ("+254700000020", Role::SubCountyDirector, "Ruiru"),
            ("+254700000021", Role::SubCountyDirector, "Limuru"),
            ("+254700000022", Role::Support, ""),
            ("+254700000023", Role::Headquarters, ""),
        ] {
            officers::add(deps, "Jane Atieno", line(number), role, scope).await.expect("an officer");
        }
        open_account(&mut town.phone(LINE), ID, PIN).await;
        open_account(&mut town.phone("+254700000020"), "28461939", PIN).await;
        import(&town, Kind::Deployments, &asha("", "")).await;
        let says = |officer: &'static str, account: &'static str| async move {
            tie::by_officer(deps, &line(officer), &line(account), &place()).await
        };
        assert!(matches!(says("+254700000099", LINE).await, Err(TieRefused::NotAnOfficer)));
        assert!(matches!(says("+254700000021", LINE).await, Err(TieRefused::OutOfScope)));
        assert!(matches!(says("+254700000020", "+254700000020").await, Err(TieRefused::OwnAccount)));
        assert!(matches!(says("+254700000022", LINE).await, Ok(Tied::Asked(_))));
        assert!(matches!(says("+254700000022", LINE).await, Err(TieRefused::SameOfficer)));
        assert_eq!(seen(&town, LINE).await, 0, "one officer is not enough");
        town.pass(Duration::hours(24));
        assert!(matches!(says("+254700000023", LINE).await, Ok(Tied::Asked(_))), "the first word is too old");
        assert!(matches!(says("+254700000022", LINE).await, Ok(Tied::Done)));
        assert_eq!(seen(&town, LINE).await, 1);
        assert!(matches!(says("+254700000020", LINE).await, Ok(Tied::AlreadySo)));

        assert!(matches!(tie::settle(deps, &line("+254700000020"), &place(), false).await, Err(TieRefused::NothingToSay)));
        tie::contest_by_officer(deps, &line("+254700000022"), &place()).await.expect("it is noted");
        assert_eq!(tie::contested(deps).await.expect("ties")[0].number, 1);
        assert_eq!(seen(&town, LINE).await, 1, "until somebody has looked it stands");
        assert!(matches!(tie::settle(deps, &line("+254700000022"), &place(), false).await, Err(TieRefused::NotForThisOfficer)));
        tie::settle(deps, &line("+254700000023"), &place(), true).await.expect("it stays");
        tie::contest_by_officer(deps, &line("+254700000022"), &place()).await.expect("it is noted again");
        tie::settle(deps, &line("+254700000020"), &place(), false).await.expect("it is undone");
        assert_eq!(seen(&town, LINE).await, 0);
        assert!(matches!(says("+254700000020", LINE).await, Ok(Tied::Done)), "a director is enough");
        assert_eq!(audited(&town, "person_tied").await, 2);
        assert_eq!(audited(&town, "person_tie_undone").await, 1);
    }
}

on_every_back_end! {
    async fn an_id_that_speaks_against_it_is_not_overruled(town: Town) {
        settle(&town).await;
        let deps = &town.app().deps;
        let director = line("+254700000020");
        officers::add(deps, "Jane Atieno", director.clone(), Role::SubCountyDirector, "Ruiru").await.expect("an officer");
        open_account(&mut town.phone(LINE), ID, PIN).await;
        import(&town, Kind::Deployments, &asha(OTHER, "28461938")).await;
        let tied = tie::by_officer(deps, &director, &line(LINE), &place()).await;
        assert!(matches!(tied, Err(TieRefused::IdDiffers)), "{tied:?}");
    }
}
