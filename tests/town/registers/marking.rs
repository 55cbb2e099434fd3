//! `REG` from a line that is bound to a centre.

use super::*;

on_every_back_end! {
    async fn reg_brings_the_numbered_roster_with_the_days_code(town: Town) {
        settled(&town).await;
        let parts = asks(&town, MANAGER, "REG").await;
        let code = day_code(&parts);
        let day = today(&town).format("%d/%m");
        assert_eq!(
            parts[0],
            format!(
                "{code} 1/3 Roster centre {CENTRE} {day}. All there: REG {code} ALL. Absent 3, 7: REG {code} AB 3 7\n\
                 1 M Otieno Kisa"
            )
        );
        assert_eq!(
            parts[1],
            format!(
                "2/3 {CENTRE} {day}\n2 I Njeri Taswira, 3 I Barasa Ramani, 4 I Asha Mfano, 5 I Otieno Kisa, \
                 6 I Njeri Taswira, 7 I Barasa Ramani, 8 I Asha Mfano"
            )
        );
        assert_eq!(parts.len(), 3, "{parts:?}");
        let people: String = parts.concat();
        assert!((1..=12).all(|n| people.contains(&format!("{n} I ")) || people.contains(&format!("{n} M "))));
        assert!(parts.iter().all(|part| daftari::text::gsm::septets(part).is_ok_and(|septets| septets <= 160)));
        assert_eq!(day_code(&asks(&town, MANAGER, "orodha tafadhali").await), code, "the same all day");
        let kept = "SELECT COUNT(*) FROM messages WHERE purpose = 'roster'";
        assert_eq!(town.count(kept).await, 2);
        at(&town, today(&town) + Days::new(1), "07:00");
        assert_ne!(day_code(&asks(&town, MANAGER, "REG").await), code, "another one the next day");
    }
}

on_every_back_end! {
    async fn everybody_is_marked_and_a_second_sms_changes_nothing(town: Town) {
        settled(&town).await;
        let code = day_code(&asks(&town, MANAGER, "REG").await);
        let said = told(&town, MANAGER, &format!("REG {code} ALL")).await;
        let day = today(&town).format("%d/%m");
        assert!(
            said[0].starts_with(&format!("Register recorded: centre {CENTRE}, {day}. All 12 are present. Ref ")),
            "{said:?}"
        );
        assert_eq!(absent(&town, CENTRE).await, Some(vec![]));
        let reference = said[0].split("Ref ").nth(1).and_then(|rest| rest.get(..6)).expect("a reference");
        let again = told(&town, MANAGER, &format!("reg {code} all")).await;
        assert!(again[0].starts_with("Nothing changed, it was recorded already"), "{again:?}");
        assert!(again[0].contains(reference), "{again:?}");
        assert_eq!(town.count("SELECT COUNT(*) FROM register_entries WHERE channel = 'sms'").await, 1);
        let by = "SELECT COUNT(*) FROM register_entries e JOIN post_credentials p ON p.id = e.actor
            WHERE e.line = '+254700000002' AND p.post = '12345001'";
        assert_eq!(town.count(by).await, 1, "the entry says who and from where");
    }
}

on_every_back_end! {
    async fn all_but_some_names_them_in_either_language(town: Town) {
        settled(&town).await;
        bind(&town, SECOND, "+254700000005").await;
        let code = day_code(&asks(&town, MANAGER, "REG").await);
        let said = told(&town, MANAGER, &format!("REG {code} AB 3, 7 na 3")).await;
        assert!(
            said[0].contains("12345001") && said[0].contains("3 Barasa Ramani, 7 Barasa Ramani"),
            "who stands there twice counts once: {said:?}"
        );
        assert_eq!(absent(&town, CENTRE).await, Some(vec![3, 7]));
        told(&town, "+254700000005", "SW").await;
        let roster = asks(&town, "+254700000005", "REG").await;
        let own = day_code(&roster);
        assert_ne!(own, code, "each centre has its own");
        assert!(roster[0].contains(" Orodha kituo 12345002 "), "{roster:?}");
        let said = told(&town, "+254700000005", &format!("REG {own} HAYUPO 2")).await;
        assert!(said[0].starts_with("Mahudhurio yamewekwa: kituo 12345002, "), "{said:?}");
        assert!(said[0].contains("Waliopo 2, wasiokuwepo 1: 2 Njeri Taswira."), "{said:?}");
        assert_eq!(absent(&town, SECOND).await, Some(vec![2]));
    }
}

on_every_back_end! {
    async fn a_wrong_or_missing_code_marks_nothing_and_brings_the_roster(town: Town) {
        settled(&town).await;
        let code = day_code(&asks(&town, MANAGER, "REG").await);
        let wrong = if code == "1111" { "2222" } else { "1111" };
        town.pass(chrono::Duration::hours(1));
        let said = asks(&town, MANAGER, &format!("REG {wrong} ALL")).await;
        assert!(said[0].starts_with(&format!("{code} 1/3 NOT MARKED, wrong code: centre {CENTRE}")), "{said:?}");
        let said = asks(&town, MANAGER, "REG ALL").await;
        assert!(said[0].starts_with(&format!("{code} 1/3 NOT MARKED, no code: centre {CENTRE}")), "{said:?}");
        assert_eq!(absent(&town, CENTRE).await, None);
        // Yesterday's is none.
        at(&town, today(&town) + Days::new(1), "07:00");
        let said = asks(&town, MANAGER, &format!("REG {code} ALL")).await;
        assert!(said[0].contains("NOT MARKED, wrong code"), "{said:?}");
        assert_eq!(absent(&town, CENTRE).await, None);
    }
}

on_every_back_end! {
    async fn five_wrong_codes_a_day_end_marking_by_sms(town: Town) {
        settled(&town).await;
        let code = day_code(&asks(&town, MANAGER, "REG").await);
        let wrong: Vec<String> =
            (0..9999).map(|n| format!("{n:04}")).filter(|other| *other != code).take(5).collect();
        for (n, wrong) in wrong.iter().enumerate() {
            town.pass(chrono::Duration::minutes(40));
            let said = asks(&town, MANAGER, &format!("REG {wrong} ALL")).await;
            assert_eq!(said[0].contains("NOT MARKED, wrong code"), n < 4, "{said:?}");
        }
        town.pass(chrono::Duration::minutes(40));
        let said = told(&town, MANAGER, &format!("REG {code} ALL")).await;
        assert_eq!(
            said[0],
            "NOTHING RECORDED: too many wrong codes came from this line today. Mark by dialling *384*2547#. \
             Help: 0700 000 099"
        );
        assert_eq!(absent(&town, CENTRE).await, None);
        at(&town, today(&town) + Days::new(1), "07:00");
        let code = day_code(&asks(&town, MANAGER, "REG").await);
        assert!(told(&town, MANAGER, &format!("REG {code} ALL")).await[0].starts_with("Register recorded"));
    }
}

/// The one reply to a text that comes a while after the last.
async fn said(town: &Town, text: String) -> String {
    town.pass(chrono::Duration::minutes(7));
    told(town, MANAGER, &text).await.pop().unwrap_or_default()
}

on_every_back_end! {
    async fn what_cant_be_recorded_is_said_with_what_to_do(town: Town) {
        settled(&town).await;
        let code = day_code(&asks(&town, MANAGER, "REG").await);
        let numbers = said(&town, format!("REG {code} AB 3 44 97")).await;
        assert!(numbers.contains("its roster has no 44, 97. Send REG"), "{numbers}");
        assert!(said(&town, format!("REG {code} AB 98")).await.contains("no roster has such a number"));
        assert!(said(&town, format!("REG {code}")).await.contains("it does not say who was there"));
        assert!(said(&town, format!("REG {code} AB")).await.contains("the numbers are missing"));
        assert!(said(&town, format!("REG {code} AB 7-3")).await.contains("a range goes up"));
        assert!(said(&town, format!("REG {code} AB 3 yesterday")).await.contains("not all of it can be read"));
        assert_eq!(absent(&town, CENTRE).await, None, "nothing of it marks anybody");
        assert!(said(&town, format!("REG {code} AB 1-3")).await.starts_with("Register recorded"));
        let other = said(&town, format!("REG {code} ALL")).await;
        assert!(other.contains("It is marked already: to correct it dial *384*2547#"), "{other}");
        assert_eq!(absent(&town, CENTRE).await, Some(vec![1, 2, 3]));
        let mut tx = town.app().deps.store.begin().await.expect("a transaction");
        tx.query("UPDATE registers SET state = 'signed'").execute().await.expect("it is signed");
        tx.commit().await.expect("it is kept");
        assert!(said(&town, format!("REG {code} AB 5")).await.contains("The register is signed"));
    }
}

on_every_back_end! {
    async fn before_and_after_its_hours_a_day_is_not_marked_by_sms(town: Town) {
        settled(&town).await;
        let next = today(&town) + Days::new(1);
        at(&town, next, "05:30");
        let code = day_code(&asks(&town, MANAGER, "REG").await);
        let early = told(&town, MANAGER, &format!("REG {code} ALL")).await;
        assert!(early[0].contains("Marking begins at 06:00: send it again then."), "{early:?}");
        at(&town, next, "20:05");
        let late = told(&town, MANAGER, &format!("REG {code} ALL")).await;
        assert!(late[0].contains("Its hours are over: dial *384*2547# and give the reason."), "{late:?}");
        let tomorrow = asks(&town, MANAGER, "REG").await;
        let day = (next + Days::new(1)).format("%d/%m").to_string();
        assert!(tomorrow[0].contains(&day), "in the evening the next day's roster: {tomorrow:?}");
        assert_eq!(absent(&town, CENTRE).await, None);
    }
}

on_every_back_end! {
    async fn only_a_bound_line_with_a_pin_that_counts_marks(town: Town) {
        settled(&town).await;
        let code = day_code(&asks(&town, MANAGER, "REG").await);
        let said = told(&town, "+254700000012", &format!("REG {code} ALL")).await;
        assert!(said[0].starts_with("This line is not a centre's"), "{said:?}");
        assert_eq!(town.count("SELECT COUNT(*) FROM day_code_tries").await, 0);
        let mut tx = town.app().deps.store.begin().await.expect("a transaction");
        tx.query("UPDATE post_credentials SET revoked_at = $1").bind(town.clock.now()).execute().await.expect("it ends");
        tx.commit().await.expect("it is kept");
        let said = told(&town, MANAGER, &format!("REG {code} ALL")).await;
        assert!(said[0].contains("Its PIN does not count"), "{said:?}");
        assert_eq!(absent(&town, CENTRE).await, None);
    }
}

on_every_back_end! {
    async fn neither_the_database_nor_an_answering_machine_has_the_code(town: Town) {
        settled(&town).await;
        let parts = asks(&town, MANAGER, "REG").await;
        town.pass(chrono::Duration::hours(1));
        for part in &parts {
            asks(&town, MANAGER, part).await;
        }
        assert_eq!(absent(&town, CENTRE).await, None, "an echo of the roster marks nobody");
        let code = day_code(&parts);
        let mut tx = town.app().deps.store.read().await.expect("a read");
        let bodies: Vec<(uuid::Uuid, Vec<u8>, String)> = tx
            .query("SELECT id, body, body_key FROM messages WHERE purpose = 'roster'")
            .all()
            .await
            .expect("messages");
        for (id, bytes, key_id) in bodies {
            let sealed = daftari::secrets::Sealed { bytes, key_id };
            let id = daftari::model::MessageId(id);
            let plain = town.app().deps.keys.open(daftari::storage::messages::body_place(&id), &sealed);
            let plain = String::from_utf8(plain.expect("it opens").to_vec()).expect("text");
            assert!(!plain.contains(&format!("REG {code}")), "{plain}");
        }
    }
}

on_every_back_end! {
    async fn a_right_mark_counts_when_no_more_replies_are_due(town: Town) {
        settled(&town).await;
        let code = day_code(&asks(&town, MANAGER, "REG").await);
        for text in ["one more", "two more", "three more", "four more"] {
            told(&town, MANAGER, text).await;
        }
        assert!(told(&town, MANAGER, "HELP").await.is_empty(), "five replies in half an hour");
        let said = told(&town, MANAGER, &format!("REG {code} ALL")).await;
        assert!(said[0].starts_with("Register recorded"), "{said:?}");
        assert!(told(&town, MANAGER, &format!("REG {code} ALL")).await.is_empty(), "nothing was done");
    }
}
