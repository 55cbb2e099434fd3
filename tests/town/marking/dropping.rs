//! Wherever a call drops while a day is marked, the next one offers to go on, on any node, and goes on at or just
//! before where it was.

use super::*;

/// What is typed after the PIN until the call drops, and what *Go on* shows at the next dial.
const DROPS: [(&[&str], &str); 22] = [
    (&["1"], "everybody is present, 12 people"),
    (&["1", "2"], "type the numbers of those absent"),
    (&["2"], "type the numbers of those absent"),
    (&["2", "77"], "type the numbers of those absent"),
    (&["2", "3 7"], "present 10, absent 2:\n3 Njeri Taswira\n7 Akinyi Hadithi"),
    (&["2", "1-9", "99"], "present 3, absent 9:"),
    (&["3"], "Choose a role:\n1: manager 1, absent 0"),
    (&["3", "5"], "5: driver 1, absent 0"),
    (&["3", "5", "12"], "5: driver 1, absent 1"),
    (&["3", "5", "12", "0"], "5: driver 1, absent 1"),
    (&["3", "5", "12", "99"], "5: driver 1, absent 1"),
    (&["4"], "1 Amina Mfano P"),
    (&["4", "98", "7", "98"], "1 Amina Mfano P"),
    (&["4", "2"], "2 Otieno Kisa Ab"),
    (&["4", "2", "99"], "2 Otieno Kisa Ab"),
    (&["6", "3", "2"], "half day: everybody is present, 12 people"),
    (&["6", "3", "3"], "the centre was closed"),
    (&["5", "2", "6", "3", "2", "1"], "half day: everybody is present, 12 people"),
    (&["6", "1", "Wairimu Mgeni"], "Wairimu Mgeni: as what?"),
    (&["6", "1", "Wairimu Mgeni", "4"], "Type the phone number of Wairimu Mgeni"),
    (&["6", "1", "Wairimu Mgeni", "4", "1"], "Type the phone number of Wairimu Mgeni"),
    (&["6", "1", "Wairimu Mgeni", "4", "0700000044"], "Type the phone number of Wairimu Mgeni"),
];

/// The same on a node of its own where there are several.
async fn on_another_node(town: &mut Town, inputs: &[&str]) -> String {
    let node = town.nodes.len() - 1;
    town.flush(&[MANAGER]).await;
    let mut phone = town.phone(MANAGER);
    phone.use_aggregator(town.aggregator(node, Wire::AfricasTalking));
    phone.dial(CODE).await.expect("a screen");
    for input in inputs {
        phone.answer(input).await.expect("a screen");
    }
    screen(&phone).to_owned()
}

on_every_back_end! {
    async fn a_call_that_drops_anywhere_in_marking_goes_on_at_or_just_before_where_it_was(town: Town) {
        to_mark(&town).await;
        speaks_english(&town, MANAGER).await;
        if town.backend != crate::town::Backend::Embedded {
            town.add_node().await;
        }
        for (typed, goes_on) in DROPS {
            call(&mut town, MANAGER, &[&[PIN], typed].concat()).await;
            let offered = on_another_node(&mut town, &[PIN]).await;
            assert!(offered.starts_with("You were marking "), "{typed:?}: {offered}");
            let went_on = on_another_node(&mut town, &[PIN, "1"]).await;
            assert!(went_on.contains(goes_on), "{typed:?} goes on with {went_on}");
            let home = call(&mut town, MANAGER, &[PIN, "2"]).await;
            assert!(home.contains(": not marked\n1: All present"), "{typed:?}: {home}");
            let home = call(&mut town, MANAGER, &[PIN]).await;
            assert!(home.contains(": not marked\n1: All present"), "thrown away for good, {typed:?}: {home}");
        }
        assert_eq!(town.count("SELECT COUNT(*) FROM register_drafts").await, 0);
        assert_eq!(town.count("SELECT COUNT(*) FROM drafts").await, 0);
        assert_eq!(town.count("SELECT COUNT(*) FROM register_entries").await, 0);
    }
}

on_every_back_end! {
    async fn a_call_that_drops_over_a_missed_day_is_back_at_that_day(town: Town) {
        to_mark(&town).await;
        speaks_english(&town, MANAGER).await;
        let yesterday = (today(&town) - Days::new(1)).format("%d/%m").to_string();
        call(&mut town, MANAGER, &[PIN, "5", "2"]).await;
        let home = call(&mut town, MANAGER, &[PIN, "1"]).await;
        assert!(home.contains(&format!("S26 {yesterday}: not marked")), "{home}");
        call(&mut town, MANAGER, &[PIN, "1", "2", "3"]).await;
        let summed = call(&mut town, MANAGER, &[PIN, "1"]).await;
        assert!(summed.starts_with(&format!("{yesterday}, whole day: present 11, absent 1:")), "{summed}");
        call(&mut town, MANAGER, &[PIN, "1", "1"]).await;
        let recorded = call(&mut town, MANAGER, &[PIN, "1", "1", "3"]).await;
        assert!(recorded.starts_with(&format!("{yesterday} is recorded: 11 present, 1 absent.")), "{recorded}");
    }
}

on_every_back_end! {
    async fn what_was_said_of_the_day_goes_on_with_somebody_who_was_added_meanwhile(town: Town) {
        to_mark(&town).await;
        speaks_english(&town, MANAGER).await;
        call(&mut town, MANAGER, &[PIN, "2", "3 7", "00", "6", "1", "Wairimu Mgeni"]).await;
        let added = call(&mut town, MANAGER, &[PIN, "1", "1", "1", "1"]).await;
        assert!(added.starts_with("Wairimu Mgeni is number 13 now"), "{added}");
        let summed = call(&mut town, MANAGER, &[PIN, "1"]).await;
        assert!(summed.contains("present 11, absent 2:\n3 Njeri Taswira\n7 Akinyi Hadithi"), "{summed}");
        let recorded = call(&mut town, MANAGER, &[PIN, "1", "1"]).await;
        assert!(recorded.contains("10 present, 1 added (director decides), 2 absent."), "{recorded}");
        let home = call(&mut town, MANAGER, &[PIN]).await;
        assert!(home.contains(": 10 present, 1 added (director decides), 2 absent.\n1: All present"), "{home}");
    }
}

on_every_back_end! {
    async fn the_home_of_a_centre_says_that_a_day_was_half_or_closed(town: Town) {
        to_mark(&town).await;
        speaks_english(&town, MANAGER).await;
        call(&mut town, MANAGER, &[PIN, "6", "3", "2", "1"]).await;
        let home = call(&mut town, MANAGER, &[PIN]).await;
        assert!(home.contains(": half day, 12 present, 0 absent.\n1: All present"), "{home}");
        call(&mut town, MANAGER, &[PIN, "6", "3", "3", "1", "3"]).await;
        let home = call(&mut town, MANAGER, &[PIN]).await;
        assert!(home.contains(": the centre was closed.\n1: All present"), "{home}");
        let listed = call(&mut town, MANAGER, &[PIN, "5"]).await;
        assert!(listed.contains(": the centre was closed."), "{listed}");
    }
}
