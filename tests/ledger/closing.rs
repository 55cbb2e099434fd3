//! The end of a register: what is missing, who may sign, what the document says, and who finds out when it lies.

use daftari::{
    model::{
        CentreCode, CredentialId, DocumentCode,
        season::{DeployedAs, RegisterState},
    },
    services::{
        closing::{
            self, Built, Checked, Directed, Director, NotDirected, NotSigned, Of, Signed, Signer, build,
        },
        register::{self, Added, DayOf, NewPerson, NotNow, Recorded},
    },
    storage::{
        documents::Sums,
        officers::{Officer, Role},
        register_audit,
    },
};
use uuid::Uuid;

use crate::ground::{
    Ground, PRACTICE, Placed, SERIES, at, because, by, day, done, line, on_both_engines, wish,
};

/// The fifteen weekdays of the series.
const DAYS: [u32; 15] = [2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 16, 17, 18, 19, 20];
/// The line of the manager.
const MANAGER: usize = 1;
/// The line of the director.
const DIRECTOR: usize = 5;

/// A centre of so many people with every day marked: on day n the person n mod people is absent.
async fn marked(ground: &Ground, people: usize) -> (CentreCode, Vec<Placed>) {
    let centre = ground.centre("12345001").await;
    let placed = ground.people(SERIES, &centre, people).await;
    for (n, on) in DAYS.into_iter().enumerate() {
        let absent = &placed[n % people..=n % people];
        done(&ground.record(&wish(&centre, on, absent), at(on, "07:30")).await);
    }
    (centre, placed)
}

fn of(centre: &CentreCode) -> Of<'_> {
    Of { series: SERIES, centre }
}

async fn built(ground: &Ground, of: Of<'_>) -> Built {
    let built =
        build(&mut ground.read().await, ground.deps(), of, at(20, "18:00")).await.expect("a document");
    built.expect("there is such a register")
}

/// Sign with a PIN typed so many minutes before 17:00 of the last day.
async fn sign_with(ground: &Ground, of: Of<'_>, (deputy, minutes): (bool, i64)) -> Signed {
    let now = at(20, "17:00");
    let manager = line(MANAGER);
    let signer = Signer {
        credential: CredentialId(Uuid::from_u128(0xC0)),
        deputy,
        line: &manager,
        pin_at: now - chrono::TimeDelta::minutes(minutes),
    };
    let mut tx = ground.begin().await;
    let outcome = closing::sign(&mut tx, ground.deps(), of, &signer, now).await.expect("an answer");
    tx.commit().await.expect("it is kept");
    outcome
}

async fn sign(ground: &Ground, centre: &CentreCode) -> DocumentCode {
    match sign_with(ground, of(centre), (false, 1)).await {
        Signed::Done { code, .. } => code,
        Signed::Refused(why) => panic!("{why:?}"),
    }
}

fn officer(role: Role, scope: &str, own: usize) -> Officer {
    Officer {
        id: Uuid::from_u128(0xD0),
        full_name: "Jane Atieno".to_owned(),
        msisdn: line(own),
        role,
        scope: scope.to_owned(),
        added_at: at(1, "12:00"),
    }
}

/// What the director does, an hour after the signature.
async fn countersign_as(
    ground: &Ground,
    code: &DocumentCode,
    (officer, minutes): (&Officer, i64),
) -> Directed {
    let now = at(20, "18:00");
    let pin_at = now - chrono::TimeDelta::minutes(minutes);
    let hand = Director { officer, line: &officer.msisdn, pin_at };
    let mut tx = ground.begin().await;
    let directed = closing::countersign(&mut tx, ground.deps(), code, &hand, now).await.expect("an answer");
    tx.commit().await.expect("it is kept");
    directed
}

async fn reopen_as(ground: &Ground, code: &DocumentCode, (officer, reason): (&Officer, &str)) -> Directed {
    let now = at(20, "19:00");
    let hand = Director { officer, line: &officer.msisdn, pin_at: now };
    let mut tx = ground.begin().await;
    let directed =
        closing::reopen(&mut tx, ground.deps(), (code, reason), &hand, now).await.expect("an answer");
    tx.commit().await.expect("it is kept");
    directed
}

async fn check(ground: &Ground, typed: &str) -> Checked {
    closing::check(&mut ground.read().await, typed).await.expect("an answer")
}

async fn audit(ground: &Ground) -> Result<usize, (i64, &'static str)> {
    let verified = register_audit::verify(&mut ground.read().await, &[]).await.expect("a verification");
    verified.map(|verified| verified.entries).map_err(|broken| (broken.seq, broken.why))
}

/// An account that disputes something.
async fn account(ground: &Ground) -> Uuid {
    let id = Uuid::from_u128(0xAA);
    ground
        .run(
            "INSERT INTO accounts (id, msisdn, given_names, surname, national_id, national_id_key, epoch, opened_at)
             VALUES ($1, '+254700000042', 'Asha', 'Mfano', $2, 'k1', 0, $3)",
            |query| query.bind(id).bind(vec![0_u8]).bind(at(1, "12:00")),
        )
        .await;
    id
}

on_both_engines! {
    async fn a_signed_register_says_what_was_marked(ground) {
        let (centre, placed) = marked(&ground, 4).await;
        let draft = built(&ground, of(&centre)).await;
        assert!(draft.missing.is_nothing() && draft.document.code().is_none());
        let code = sign(&ground, &centre).await;
        let signed = built(&ground, of(&centre)).await;
        assert_eq!(signed.state, RegisterState::Signed);
        let document = &signed.document;
        assert_eq!(document.code(), Some(&code));
        assert_eq!((document.days.len(), document.people.len(), document.seq), (15, 4, 16));
        for (n, day) in document.days.iter().enumerate() {
            let said = day.marked.as_ref().expect("marked");
            assert_eq!(said.at.format("%d %H:%M").to_string(), format!("{:02} 07:30", DAYS[n]));
            assert_eq!((said.line_end.as_deref(), said.corrections), (Some("010"), 0));
            let totals = document.of_day(n);
            assert_eq!((totals.present, totals.absent), (3, 1), "day {n}");
            assert_eq!(document.people[n % placed.len()].marks[n], Some(false), "who was absent on day {n}");
        }
        let Checked::Found(found) = check(&ground, &code.to_string()).await else { panic!("unknown") };
        assert_eq!(found.sums, Sums { people: 4, days: 15, present: 45, absent: 15 });
        assert_eq!(document.totals().present, 45);
        assert_eq!((found.centre, found.countersigned_at, found.replaced_at), (centre, None, None));
        assert_eq!(audit(&ground).await, Ok(16));
    }

    async fn nothing_is_marked_once_it_is_signed_and_nobody_signs_twice(ground) {
        let (centre, placed) = marked(&ground, 2).await;
        let code = sign(&ground, &centre).await;
        let late = ground.record(&because("late", wish(&centre, 20, &placed)), at(20, "17:30")).await;
        assert_eq!(late, Recorded::Refused(NotNow::Signed));
        let again = sign_with(&ground, of(&centre), (false, 1)).await;
        let Signed::Refused(NotSigned::Already(document)) = again else { panic!("{again:?}") };
        assert_eq!(document.code, code);
    }

    async fn a_register_is_not_signed_while_something_is_missing(ground) {
        let (centre, _) = marked(&ground, 2).await;
        let new = NewPerson {
            series: SERIES.to_owned(),
            centre: centre.clone(),
            on: day(19),
            name: "Asha Njeri".to_owned(),
            role: DeployedAs::Driver,
            msisdn: None,
        };
        let mut tx = ground.begin().await;
        let now = at(19, "08:00");
        let added = register::add_person(&mut tx, ground.deps(), &new, &by(&line(1)), now).await.expect("added");
        tx.commit().await.expect("it is kept");
        let Added::Done { deployment, number, .. } = added else { panic!("{added:?}") };
        let refused = sign_with(&ground, of(&centre), (false, 1)).await;
        let Signed::Refused(NotSigned::Missing(missing)) = refused else { panic!("{refused:?}") };
        assert_eq!((missing.days, missing.waiting, missing.disputes), (vec![], vec![number], 0));
        assert_eq!(built(&ground, of(&centre)).await.document.people[2].marks[13], Some(true));
        // The director answers: nothing is missing any more.
        let mut tx = ground.begin().await;
        let of_day = DayOf { series: SERIES, centre: &centre, on: day(19) };
        let answer = (deployment, true, Some("seen the letter"));
        register::answer_addition(&mut tx, ground.deps(), of_day, answer, &by(&line(5)), at(19, "09:00"))
            .await
            .expect("answered");
        tx.commit().await.expect("it is kept");
        sign(&ground, &centre).await;
    }

    async fn days_to_come_and_days_that_were_missed_are_named(ground) {
        let centre = ground.centre("12345001").await;
        let placed = ground.people(SERIES, &centre, 1).await;
        for on in &DAYS[..12] {
            if *on != 4 {
                done(&ground.record(&wish(&centre, *on, &[]), at(*on, "07:30")).await);
            }
        }
        let refused = sign_with(&ground, of(&centre), (false, 1)).await;
        let Signed::Refused(NotSigned::Missing(missing)) = refused else { panic!("{refused:?}") };
        assert_eq!(missing.days, [day(4), day(18), day(19), day(20)]);
        // Whoever is on the roster no longer does not keep a register open.
        let (id, last) = (placed[0].deployment.0, day(3));
        ground.run("UPDATE deployments SET to_on = $1 WHERE id = $2", |query| query.bind(last).bind(id)).await;
        assert!(built(&ground, of(&centre)).await.missing.is_nothing());
    }

    async fn an_open_dispute_keeps_a_register_open(ground) {
        let (centre, placed) = marked(&ground, 2).await;
        let account = account(&ground).await;
        ground
            .run(
                "INSERT INTO disputes (id, deployment, on_day, account, state, stands_with, opened_at)
                 VALUES ($1, $2, $3, $4, 'open', 'centre', $5)",
                |query| {
                    let query = query.bind(Uuid::from_u128(1)).bind(placed[0].deployment.0).bind(day(2));
                    query.bind(account).bind(at(3, "09:00"))
                },
            )
            .await;
        let refused = sign_with(&ground, of(&centre), (false, 1)).await;
        let Signed::Refused(NotSigned::Missing(missing)) = refused else { panic!("{refused:?}") };
        assert_eq!((missing.days.len(), missing.disputes), (0, 1));
        ground.run("UPDATE disputes SET state = 'refused', closed_at = $1", |query| query.bind(at(4, "09:00"))).await;
        sign(&ground, &centre).await;
    }

    async fn a_deputy_and_a_pin_of_six_minutes_ago_sign_nothing(ground) {
        let (centre, _) = marked(&ground, 2).await;
        assert_eq!(sign_with(&ground, of(&centre), (true, 0)).await, Signed::Refused(NotSigned::Deputy));
        assert_eq!(sign_with(&ground, of(&centre), (false, 6)).await, Signed::Refused(NotSigned::PinTooOld));
        assert!(matches!(sign_with(&ground, of(&centre), (false, 5)).await, Signed::Done { .. }));
    }

    async fn a_practice_register_is_never_closed(ground) {
        let centre = ground.centre("12345001").await;
        ground.people(PRACTICE, &centre, 2).await;
        for on in DAYS {
            let wish = register::Wish { series: PRACTICE.to_owned(), ..wish(&centre, on, &[]) };
            done(&ground.record(&wish, at(on, "07:30")).await);
        }
        let of = Of { series: PRACTICE, centre: &centre };
        assert_eq!(sign_with(&ground, of, (false, 1)).await, Signed::Refused(NotSigned::Practice));
        let built = built(&ground, of).await;
        assert_eq!((built.state, built.document.practice, built.signed), (RegisterState::Open, true, None));
        assert_eq!(ground.count("SELECT COUNT(*) FROM register_documents").await, 0);
        assert_eq!(ground.count("SELECT COUNT(*) FROM register_entries WHERE act = 'sign'").await, 0);
    }

    async fn the_director_countersigns_as_another_person_from_another_line(ground) {
        let (centre, _) = marked(&ground, 2).await;
        let code = sign(&ground, &centre).await;
        let refused = |why| Directed::Refused(why);
        let director = officer(Role::SubCountyDirector, "Kikuyu", DIRECTOR);
        for (other, why) in [
            (officer(Role::SubCountyDirector, "Limuru", DIRECTOR), NotDirected::NoDocument),
            (officer(Role::Headquarters, "", DIRECTOR), NotDirected::NoDocument),
            (officer(Role::SubCountyDirector, "Kikuyu", MANAGER), NotDirected::SamePerson),
        ] {
            assert_eq!(countersign_as(&ground, &code, (&other, 1)).await, refused(why), "{other:?}");
        }
        assert_eq!(countersign_as(&ground, &code, (&director, 6)).await, refused(NotDirected::PinTooOld));
        ground
            .run(
                "INSERT INTO post_lines (post_kind, post, msisdn, bound_at, unbound_at)
                 VALUES ('centre', $1, $2, $3, $3)",
                |query| query.bind("12345001").bind(line(7).as_e164().to_owned()).bind(at(2, "07:00")),
            )
            .await;
        let spoke = officer(Role::SubCountyDirector, "Kikuyu", 7);
        assert_eq!(countersign_as(&ground, &code, (&spoke, 1)).await, refused(NotDirected::SamePerson));
        let done = countersign_as(&ground, &code, (&director, 5)).await;
        assert!(matches!(done, Directed::Done { .. }), "{done:?}");
        let again = countersign_as(&ground, &code, (&director, 1)).await;
        assert_eq!(again, refused(NotDirected::NotFrom(RegisterState::Countersigned)));
        let Checked::Found(found) = check(&ground, code.digits()).await else { panic!("unknown") };
        assert_eq!(found.countersigned_at, Some(at(20, "18:00")));
        assert_eq!(audit(&ground).await, Ok(17));
    }

    async fn a_reopened_register_has_a_document_that_counts_no_more(ground) {
        let (centre, placed) = marked(&ground, 2).await;
        let code = sign(&ground, &centre).await;
        let director = officer(Role::SubCountyDirector, "Kikuyu", DIRECTOR);
        countersign_as(&ground, &code, (&director, 1)).await;
        assert_eq!(reopen_as(&ground, &code, (&director, " ")).await, Directed::Refused(NotDirected::NeedsReason));
        let done = reopen_as(&ground, &code, (&director, "a day is wrong")).await;
        assert!(matches!(done, Directed::Done { .. }), "{done:?}");
        assert_eq!(reopen_as(&ground, &code, (&director, "again")).await, Directed::Refused(NotDirected::Replaced));
        assert_eq!(countersign_as(&ground, &code, (&director, 1)).await, Directed::Refused(NotDirected::Replaced));
        let corrected = because("he was there", wish(&centre, 20, &placed[1..]));
        crate::ground::done(&ground.record(&corrected, at(20, "19:30")).await);
        let second = sign(&ground, &centre).await;
        assert_ne!(second, code);
        let Checked::Found(first) = check(&ground, code.digits()).await else { panic!("unknown") };
        assert_eq!((first.sums.present, first.replaced_at), (15, Some(at(20, "19:00"))));
        let Checked::Found(now) = check(&ground, second.digits()).await else { panic!("unknown") };
        assert_eq!((now.sums.present, now.replaced_at), (15, None));
        let document = built(&ground, of(&centre)).await.document;
        assert_eq!(document.days[14].marked.as_ref().map(|said| said.corrections), Some(1));
        assert!(audit(&ground).await.is_ok());
    }

    async fn a_signed_document_stays_as_it_was_whoever_is_deployed_later(ground) {
        let (centre, _) = marked(&ground, 3).await;
        sign(&ground, &centre).await;
        let before = built(&ground, of(&centre)).await.document;
        let late = ground.person().await;
        ground.deploy(SERIES, &centre, late, (9, DeployedAs::Driver), (2, 20)).await;
        ground.run("UPDATE deployments SET removed_at = $1 WHERE number = 1", |query| query.bind(at(20, "18:00"))).await;
        assert!(built(&ground, of(&centre)).await.document == before);
        assert!(audit(&ground).await.is_ok());
    }

    async fn codes_that_were_mistyped_or_made_up_are_told_apart(ground) {
        let (centre, _) = marked(&ground, 1).await;
        let code = sign(&ground, &centre).await;
        let mut digits = code.digits().to_owned();
        let last = if digits.ends_with('3') { "4" } else { "3" };
        digits.replace_range(11.., last);
        assert!(matches!(check(&ground, &digits).await, Checked::Typo(_)));
        assert!(matches!(check(&ground, "4821").await, Checked::Typo(_)));
        let other = DocumentCode::new([9; 8]);
        assert_eq!(check(&ground, other.digits()).await, Checked::Unknown);
    }

    async fn a_document_that_does_not_say_what_was_signed_is_found(ground) {
        let (centre, _) = marked(&ground, 2).await;
        let code = sign(&ground, &centre).await;
        let director = officer(Role::SubCountyDirector, "Kikuyu", DIRECTOR);
        countersign_as(&ground, &code, (&director, 1)).await;
        assert_eq!(audit(&ground).await, Ok(17));
        let says = "its document does not say what the ledger says";
        let countersigned = "its document's countersignature is not the one that was given";
        for (sql, why) in [
            ("UPDATE register_documents SET present = present + 1, absent = absent - 1", says),
            ("UPDATE register_documents SET people = 3", says),
            ("UPDATE register_documents SET code = '300000000000'", says),
            ("UPDATE register_documents SET digest = (SELECT hash FROM registers)", says),
            ("UPDATE register_documents SET signed_line = '+254700000099'", "its document has another signer"),
            ("UPDATE register_documents SET signed_by = id FROM (SELECT id FROM people LIMIT 1) p", "its document has another signer"),
            ("UPDATE register_documents SET countersigned_at = signed_at", countersigned),
            ("UPDATE register_documents SET countersigned_at = NULL, countersigned_by = NULL", countersigned),
            (
                "UPDATE register_documents SET replaced_at = signed_at",
                "whether its document counts is not what its acts led to",
            ),
            ("DELETE FROM register_documents", "the document that it signed is gone"),
        ] {
            let mut tx = ground.begin().await;
            assert_eq!(tx.query(sql).execute().await.expect("what tampers"), 1, "{sql}");
            let verified = register_audit::verify(&mut tx, &[]).await.expect("a verification");
            let broken = verified.expect_err("it is broken");
            assert_eq!((broken.seq, broken.why), (16, why), "{sql}");
        }
        let mut tx = ground.begin().await;
        tx.query("UPDATE register_documents SET seq = 3").execute().await.expect("what tampers");
        let broken = register_audit::verify(&mut tx, &[]).await.expect("a verification").expect_err("broken");
        assert_eq!((broken.seq, broken.why), (3, "there is a document that no act signed"));
    }

    async fn what_was_changed_behind_the_ledger_is_neither_countersigned_nor_printed(ground) {
        let (centre, _) = marked(&ground, 2).await;
        let code = sign(&ground, &centre).await;
        let export = async || {
            let of = Of { series: SERIES, centre: &centre };
            closing::export(ground.deps(), of, closing::Format::Csv, ("desk", "cli")).await.map(|_| ())
        };
        assert!(export().await.is_ok());
        ground.run("UPDATE marks SET present = NOT present WHERE seq = 3", |query| query).await;
        let refused = export().await.expect_err("a paper that nobody signed");
        assert!(matches!(&refused, closing::NotExported::Broken(of) if *of == code), "{refused}");
        let director = officer(Role::SubCountyDirector, "Kikuyu", DIRECTOR);
        let refused = countersign_as(&ground, &code, (&director, 1)).await;
        assert_eq!(refused, Directed::Refused(NotDirected::Broken));
    }

    async fn a_document_is_built_in_a_few_statements_whatever_its_size(ground) {
        let (centre, _) = marked(&ground, 30).await;
        sign(&ground, &centre).await;
        let counted = ground.deps().store.count();
        let before = counted.statements();
        built(&ground, of(&centre)).await;
        assert!(counted.statements() - before <= 8, "{} statements", counted.statements() - before);
    }
}
