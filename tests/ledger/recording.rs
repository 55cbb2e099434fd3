//! Marking a day: one act however many people it marks, once however often it is wished.

use daftari::{
    model::season::{Act, DayShape, DayState, DeployedAs},
    services::register::{self, DayOf, NotNow, Recorded, RegisterDraft, View, Wish},
};

use crate::ground::{SERIES, at, because, day, done, on_both_engines, wish};

const CODE: &str = "12345001";

on_both_engines! {
    async fn everybody_is_marked_in_one_act_whatever_their_number(ground) {
        let statements = |ground: &crate::ground::Ground| ground.deps().store.count().statements();
        let mut spent = vec![];
        for (code, people) in [("12345001", 3), ("12345002", 60), ("12345003", 300)] {
            let centre = ground.centre(code).await;
            let placed = ground.people(SERIES, &centre, people).await;
            let absent = &placed[1..3];
            let first = statements(&ground);
            let recorded = ground.record(&wish(&centre, 2, absent), at(2, "07:10")).await;
            let second = statements(&ground);
            assert_eq!(done(&recorded).len(), 6);
            let Recorded::Done { day: summary, changed, .. } = recorded else { unreachable!() };
            assert_eq!((summary.present, summary.absent, changed), (people - 2, 2, people));
            assert_eq!(summary.absentees.iter().map(|one| one.number).collect::<Vec<_>>(), [2, 3]);
            // The next day: the register is there, and a draft is thrown away.
            let draft = RegisterDraft::of(&wish(&centre, 3, absent), View::Numbers, at(3, "07:00"));
            let mut tx = ground.begin().await;
            register::keep_draft(&mut tx, DayOf { series: SERIES, centre: &centre, on: day(3) }, &draft)
                .await.expect("a draft");
            tx.commit().await.expect("it is kept");
            let third = statements(&ground);
            done(&ground.record(&wish(&centre, 3, &[]), at(3, "07:10")).await);
            spent.push((second - first, statements(&ground) - third));
        }
        assert_eq!(spent, [(8, 7); 3], "statements of the first act, and of one with a draft");
        assert_eq!(ground.count("SELECT COUNT(*) FROM register_entries").await, 6);
        assert_eq!(ground.count("SELECT COUNT(*) FROM marks").await, 2 * 363);
        assert_eq!(ground.count("SELECT COUNT(*) FROM register_drafts").await, 0);
    }

    async fn the_same_wish_again_changes_nothing_and_gives_the_same_reference(ground) {
        let centre = ground.centre(CODE).await;
        let placed = ground.people(SERIES, &centre, 4).await;
        let wished = Wish { base_seq: Some(0), ..wish(&centre, 2, &placed[..1]) };
        let reference = done(&ground.record(&wished, at(2, "07:10")).await).to_owned();
        // By another line, on another node, after the day has closed: what is wished stands.
        for (node, now) in [(1, at(2, "07:11")), (0, at(2, "23:00")), (1, at(19, "09:00"))] {
            let again = ground.record_on(node, &wished, now).await;
            let Recorded::AlreadySo { reference: same, day } = again else { panic!("{again:?}") };
            assert_eq!((same, day.present, day.absent), (reference.clone(), 3, 1));
        }
        assert_eq!(ground.count("SELECT COUNT(*) FROM register_entries").await, 1);
        assert_eq!(ground.count("SELECT COUNT(*) FROM marks").await, 4);
    }

    async fn a_correction_needs_a_reason_and_marks_only_whom_it_changes(ground) {
        let centre = ground.centre(CODE).await;
        let placed = ground.people(SERIES, &centre, 5).await;
        done(&ground.record(&wish(&centre, 2, &placed[..1]), at(2, "07:10")).await);
        let other = wish(&centre, 2, &placed[1..2]);
        for reason in [None, Some(" ".to_owned())] {
            let refused = ground.record(&Wish { reason, ..other.clone() }, at(2, "07:20")).await;
            assert_eq!(refused, Recorded::Refused(NotNow::NeedsReason));
        }
        let corrected = ground.record(&because("came late", other), at(2, "07:30")).await;
        let Recorded::Done { changed, day: summary, .. } = &corrected else { panic!("{corrected:?}") };
        assert_eq!((*changed, summary.present, summary.absent), (2, 4, 1));
        assert_eq!(
            ground.marks(&centre, 2).await,
            [Some(true), Some(false), Some(true), Some(true), Some(true)]
        );
        let history = register::history(&mut ground.read().await, placed[0].deployment).await.expect("marks");
        let told: Vec<_> = history.iter().map(|mark| (mark.version, mark.before, mark.present, mark.act)).collect();
        assert_eq!(told, [(1, None, false, Act::Submit), (2, Some(false), true, Act::Correct)]);
        assert_eq!(history[1].reason.as_deref(), Some("came late"));
        assert_eq!(history[1].reference, done(&corrected));
        assert_eq!(history[1].at, at(2, "07:30"));
        let unchanged = register::history(&mut ground.read().await, placed[4].deployment).await.expect("marks");
        assert_eq!(unchanged.len(), 1);
    }

    async fn a_day_is_closed_and_held_after_all_without_a_mark_lost(ground) {
        let centre = ground.centre(CODE).await;
        let placed = ground.people(SERIES, &centre, 3).await;
        done(&ground.record(&wish(&centre, 2, &placed[..1]), at(2, "07:10")).await);
        let closed = Wish { shape: DayShape::Closed, ..because("flood", wish(&centre, 2, &[])) };
        let recorded = ground.record(&closed, at(2, "08:00")).await;
        let Recorded::Done { day: summary, changed, .. } = &recorded else { panic!("{recorded:?}") };
        assert_eq!((summary.present, summary.absent, *changed), (0, 0, 0));
        let view = ground.day(&centre, 2, at(2, "08:05")).await;
        assert_eq!((view.shape, view.state, view.summary.present), (DayShape::Closed, DayState::Submitted, 0));
        let half = Wish { shape: DayShape::Half, ..because("they came at noon", wish(&centre, 2, &placed[..1])) };
        let recorded = ground.record(&half, at(2, "13:00")).await;
        let Recorded::Done { day: summary, changed, .. } = &recorded else { panic!("{recorded:?}") };
        assert_eq!((summary.shape, summary.present, summary.absent, *changed), (DayShape::Half, 2, 1, 0));
    }

    async fn what_has_moved_since_is_shown_and_not_overwritten(ground) {
        let centre = ground.centre(CODE).await;
        let placed = ground.people(SERIES, &centre, 3).await;
        let base_seq = Some(ground.day(&centre, 3, at(3, "07:00")).await.seq);
        // An act on another day of the register moves nothing.
        done(&ground.record(&because("no airtime", wish(&centre, 2, &[])), at(3, "07:01")).await);
        // The deputy marks the day meanwhile.
        let first = ground.record_on(1, &Wish { base_seq, ..wish(&centre, 3, &placed[..1]) }, at(3, "07:02")).await;
        let mine = Wish { base_seq, ..wish(&centre, 3, &placed[1..2]) };
        let moved = ground.record(&mine, at(3, "07:03")).await;
        let Recorded::Refused(NotNow::Moved(difference)) = &moved else { panic!("{moved:?}") };
        assert_eq!((difference.seq, difference.acts.len(), difference.shape), (2, 1, None));
        assert_eq!(difference.acts[0].reference, done(&first));
        let people: Vec<_> = difference.people.iter().map(|one| (one.who.number, one.who.mark, one.wished)).collect();
        assert_eq!(people, [(1, Some(false), true), (2, Some(true), false)]);
        // Having seen it, he insists: that is a correction now.
        let seen = Wish { base_seq: Some(difference.seq), ..mine };
        let refused = ground.record(&seen, at(3, "07:04")).await;
        assert_eq!(refused, Recorded::Refused(NotNow::NeedsReason));
        done(&ground.record(&because("it was the second", seen), at(3, "07:05")).await);
        assert_eq!(ground.marks(&centre, 3).await, [Some(true), Some(false), Some(true)]);
    }

    async fn a_roster_that_has_grown_or_shrunk_since_is_shown_too(ground) {
        let centre = ground.centre(CODE).await;
        let placed = ground.people(SERIES, &centre, 3).await;
        let view = ground.day(&centre, 3, at(3, "07:00")).await;
        let base_roster = Some(view.roster.iter().map(|one| one.number).collect());
        let mine = Wish { base_seq: Some(view.seq), base_roster, ..wish(&centre, 3, &placed[..1]) };
        // An import puts somebody on the roster, which is no act of the chain.
        let person = ground.person().await;
        ground.deploy(SERIES, &centre, person, (4, DeployedAs::Invigilator), (2, 20)).await;
        let moved = ground.record(&mine, at(3, "07:02")).await;
        let Recorded::Refused(NotNow::Moved(difference)) = &moved else { panic!("{moved:?}") };
        assert_eq!((difference.acts.len(), difference.left.len()), (0, 0));
        assert_eq!(difference.joined.iter().map(|one| one.number).collect::<Vec<_>>(), [4]);
        // Having seen it, he records it with the newcomer.
        let seen = Wish { base_roster: Some((1..=4).collect()), ..mine.clone() };
        done(&ground.record(&seen, at(3, "07:03")).await);
        assert_eq!(ground.count("SELECT COUNT(*) FROM marks").await, 4);
        // The same draft of another day, from which somebody was taken off meanwhile.
        let base_roster = Some((1..=5).collect());
        let other = Wish { on: day(4), base_roster, ..mine };
        let moved = ground.record(&other, at(4, "07:02")).await;
        let Recorded::Refused(NotNow::Moved(difference)) = &moved else { panic!("{moved:?}") };
        assert_eq!((difference.joined.len(), difference.left.as_slice()), (0, &[5][..]));
    }

    async fn a_draft_holds_people_by_id_and_is_found_on_any_node(ground) {
        let centre = ground.centre(CODE).await;
        let placed = ground.people(SERIES, &centre, 3).await;
        let of = DayOf { series: SERIES, centre: &centre, on: day(2) };
        let wished = Wish { base_seq: Some(0), shape: DayShape::Half, ..wish(&centre, 2, &placed[..2]) };
        let draft = RegisterDraft::of(&wished, View::Numbers, at(2, "07:00"));
        let mut tx = ground.begin().await;
        register::keep_draft(&mut tx, of, &RegisterDraft { absent: [].into(), ..draft.clone() }).await.expect("kept");
        register::keep_draft(&mut tx, of, &draft).await.expect("kept");
        tx.commit().await.expect("kept");
        let mut tx = ground.nodes[1].store.begin().await.expect("a transaction");
        assert_eq!(register::draft(&mut tx, of).await.expect("a draft"), Some(draft.clone()));
        assert_eq!(register::latest_drafts(&mut tx, SERIES, &centre).await.expect("drafts"), std::slice::from_ref(&draft));
        assert_eq!(draft.wish(SERIES, &centre), wished);
        register::drop_draft(&mut tx, of).await.expect("dropped");
        assert_eq!(register::draft(&mut tx, of).await.expect("none"), None);
    }

    async fn nobody_who_was_marked_is_lost_when_the_import_removes_him(ground) {
        let centre = ground.centre(CODE).await;
        let placed = ground.people(SERIES, &centre, 3).await;
        done(&ground.record(&wish(&centre, 2, &[]), at(2, "07:10")).await);
        let removed = placed[2].deployment.0;
        ground.run("UPDATE deployments SET removed_at = $1 WHERE id = $2", |q| q.bind(at(2, "09:00")).bind(removed)).await;
        assert_eq!(ground.marks(&centre, 2).await.len(), 3, "he stays on the roster of the day he was marked on");
        assert_eq!(ground.marks(&centre, 3).await.len(), 2, "and is on no other");
        done(&ground.record(&because("the first left", wish(&centre, 2, &placed[..1])), at(2, "10:00")).await);
        assert_eq!(ground.marks(&centre, 2).await, [Some(false), Some(true), Some(true)]);
        let Recorded::Done { day: summary, .. } = ground.record(&wish(&centre, 3, &[]), at(3, "07:10")).await
            else { panic!("the next day is marked") };
        assert_eq!(summary.present, 2);
    }

    async fn a_taken_reference_is_not_given_twice(ground) {
        let centre = ground.centre(CODE).await;
        ground.people(SERIES, &centre, 1).await;
        let recorded = ground.record(&wish(&centre, 2, &[]), at(2, "07:10")).await;
        let reference = done(&recorded).to_owned();
        let other = ground.centre("12345009").await;
        ground.people(SERIES, &other, 1).await;
        let mut tx = ground.begin().await;
        let of = DayOf { series: SERIES, centre: &other, on: day(2) };
        let mut head = daftari::storage::registers::lock(&mut tx, of).await.expect("a head").expect("a register");
        let entry = daftari::storage::registers::NewEntry {
            at: at(2, "07:20"),
            act: Act::Sign,
            channel: daftari::model::season::Channel::Cli,
            actor: None,
            line: None,
            reason: None,
            salt: [0; 16],
            marks: &[],
            shape: None,
            opened_until: None,
            subject: None,
        };
        let mut drawn = vec!["NEW234".to_owned(), reference.clone()];
        let kept = daftari::storage::registers::append(&mut tx, of, &mut head, entry, || {
            drawn.pop().expect("two are enough")
        })
        .await
        .expect("the second is free");
        assert_eq!((kept.seq, kept.reference.as_str()), (1, "NEW234"));
    }
}
