//! Claims: what is owed agrees with what is counted, why it may not be paid, and that nobody is paid twice.

use daftari::{
    model::{
        CentreCode, PersonId,
        pay::{Block, ClaimState},
        season::DeployedAs,
    },
    services::{
        pay::{self, Claim},
        register,
    },
    storage::season,
};

use crate::ground::{Ground, PRACTICE, SERIES, at, done, on_both_engines, wish};

const CODE: &str = "12345001";

async fn claim(ground: &Ground, person: PersonId, on: u32) -> Claim {
    let mut tx = ground.read().await;
    let series = season::series(&mut tx, SERIES).await.expect("a read").expect("the series");
    let claim = pay::claim_of(&mut tx, &series, person, at(on, "12:00")).await.expect("a claim");
    claim.expect("somebody is deployed")
}

async fn standing(ground: &Ground, person: PersonId, on: u32) -> (ClaimState, Option<Block>) {
    let claim = claim(ground, person, on).await;
    (claim.state, claim.block)
}

/// A centre with people who have accounts and are there on two days of 550 shillings.
async fn worked(ground: &Ground, lines: &[&'static str]) -> (CentreCode, Vec<PersonId>) {
    let centre = ground.centre(CODE).await;
    ground.rate(DeployedAs::Invigilator, 1, (550, 50)).await;
    let placed = ground.people(SERIES, &centre, lines.len()).await;
    for (one, line) in placed.iter().zip(lines) {
        ground.account(line, one.person).await;
        ground
            .run("UPDATE people SET full_name = 'Wanjiku Asha Njeri' WHERE id = $1", |query| {
                query.bind(one.person.0)
            })
            .await;
    }
    for on in [2, 3] {
        done(&ground.record(&wish(&centre, on, &[]), at(on, "07:00")).await);
    }
    (centre, placed.into_iter().map(|one| one.person).collect())
}

fn paid(line: &pay::Line) -> String {
    format!("claim,outcome,payer_ref,reason\n{},paid,TKX71HAQ2M,\n", line.claim)
}

on_both_engines! {
    async fn a_claim_goes_from_counting_to_paid_and_says_what_is_in_the_way(ground) {
        let (centre, people) = worked(&ground, &["+254700000031"]).await;
        let counted = register::days_counted(&mut ground.read().await, people[0], SERIES).await.expect("days");
        let owed = claim(&ground, people[0], 4).await;
        assert_eq!((owed.hundredths, owed.cents), (counted[0].hundredths, 110_000));
        assert_eq!(standing(&ground, people[0], 4).await, (ClaimState::Counting, None));
        assert_eq!(standing(&ground, people[0], 21).await, (ClaimState::Blocked, Some(Block::NotSigned)));
        ground.signed(&centre, "signed").await;
        assert_eq!(standing(&ground, people[0], 21).await, (ClaimState::Blocked, Some(Block::NotCountersigned)));
        ground.signed(&centre, "countersigned").await;
        assert_eq!(standing(&ground, people[0], 21).await, (ClaimState::Submitted, None));
        let batch = pay::begin_batch(ground.deps(), SERIES, false).await.expect("a batch");
        assert_eq!((batch.claims, batch.cents), (1, 110_000));
        assert_eq!(standing(&ground, people[0], 21).await, (ClaimState::Approved, None));
        let second = pay::begin_batch(ground.deps(), SERIES, false).await.expect("a batch");
        assert_eq!((second.claims, second.name.as_str()), (0, ""), "nobody is paid twice");
        let lines = pay::lines(ground.deps(), SERIES, &batch.name).await.expect("its lines");
        assert_eq!(lines.len(), 1);
        assert_eq!((lines[0].msisdn.as_str(), lines[0].amount.as_str()), ("254700000031", "1100.00"));
        assert_eq!(lines[0].days, "2");
        assert!(lines[0].national_id.len() == 8 && lines[0].full_name == "Asha Wanjiku");
        let again = pay::lines(ground.deps(), SERIES, &batch.name).await.expect("its lines");
        assert!(again == lines, "the file can be made again");
        let told = paid(&lines[0]);
        let report = pay::take_in(ground.deps(), told.as_bytes(), false).await.expect("a report");
        assert_eq!((report.paid, report.same, report.told.faults()), (1, 0, 0));
        assert_eq!(standing(&ground, people[0], 21).await, (ClaimState::Paid, None));
        let report = pay::take_in(ground.deps(), told.as_bytes(), false).await.expect("a report");
        assert_eq!((report.paid, report.same, report.told.faults()), (0, 1, 0), "the same file changes nothing");
    }

    async fn what_the_payer_could_not_pay_says_why_and_goes_again_only_when_asked(ground) {
        let (centre, people) = worked(&ground, &["+254700000031", "+254700000032"]).await;
        ground.signed(&centre, "signed").await;
        ground.signed(&centre, "countersigned").await;
        let batch = pay::begin_batch(ground.deps(), SERIES, false).await.expect("a batch");
        let lines = pay::lines(ground.deps(), SERIES, &batch.name).await.expect("its lines");
        let file = format!(
            "claim,outcome,payer_ref,reason\n{},paid,TKX71HAQ2M,\n{},failed,,name\n",
            lines[0].claim, lines[1].claim
        );
        let dry = pay::take_in(ground.deps(), file.as_bytes(), true).await.expect("a report");
        assert_eq!((dry.paid, dry.failed), (1, 1));
        assert_eq!(standing(&ground, people[0], 21).await.0, ClaimState::Approved, "a dry run changes nothing");
        pay::take_in(ground.deps(), file.as_bytes(), false).await.expect("a report");
        assert_eq!(standing(&ground, people[0], 21).await, (ClaimState::Paid, None));
        assert_eq!(standing(&ground, people[1], 21).await, (ClaimState::Blocked, Some(Block::PayerName)));
        let none = pay::begin_batch(ground.deps(), SERIES, false).await.expect("a batch");
        assert_eq!((none.claims, none.blocked.as_slice()), (0, &[(Block::PayerName, 1)][..]));
        let again = pay::begin_batch(ground.deps(), SERIES, true).await.expect("a batch");
        assert_eq!((again.claims, again.cents), (1, 110_000));
        assert_eq!(standing(&ground, people[1], 21).await, (ClaimState::Approved, None));
    }

    async fn a_file_with_a_fault_changes_nothing_and_names_the_line(ground) {
        let (centre, people) = worked(&ground, &["+254700000031"]).await;
        ground.signed(&centre, "signed").await;
        ground.signed(&centre, "countersigned").await;
        let batch = pay::begin_batch(ground.deps(), SERIES, false).await.expect("a batch");
        let lines = pay::lines(ground.deps(), SERIES, &batch.name).await.expect("its lines");
        let file = format!(
            "{}x,paid,,\n00000000000000000000000000000000,paid,,\n{},failed,,\n{},lost,,\n",
            paid(&lines[0]), lines[0].claim, lines[0].claim
        );
        let report = pay::take_in(ground.deps(), file.as_bytes(), false).await.expect("a report");
        let faults: Vec<_> = report.told.first_faults().iter().map(|fault| (fault.line, fault.column)).collect();
        assert_eq!(faults, [(3, "claim"), (4, "claim"), (5, "reason"), (6, "outcome")]);
        assert_eq!(standing(&ground, people[0], 21).await.0, ClaimState::Approved);
        pay::take_in(ground.deps(), paid(&lines[0]).as_bytes(), false).await.expect("a report");
        let other = format!("claim,outcome,payer_ref,reason\n{},failed,,limit\n", lines[0].claim);
        let report = pay::take_in(ground.deps(), other.as_bytes(), false).await.expect("a report");
        assert_eq!(report.told.faults(), 1, "paid is not failed afterwards");
        assert_eq!(standing(&ground, people[0], 21).await.0, ClaimState::Paid);
    }

    async fn what_the_person_can_see_to_blocks_at_once(ground) {
        let (_, people) = worked(&ground, &["+254700000031"]).await;
        let set = async |sql: &'static str| {
            ground.run(sql, |query| query.bind(people[0].0)).await;
        };
        set("UPDATE people SET full_name = 'Otieno Kisa' WHERE id = $1").await;
        assert_eq!(standing(&ground, people[0], 4).await, (ClaimState::Blocked, Some(Block::NameDiffers)));
        set("UPDATE people SET contested_at = '2026-11-03 09:00:00+00:00' WHERE id = $1").await;
        assert_eq!(standing(&ground, people[0], 4).await.1, Some(Block::TieContested));
        set("UPDATE people SET contested_at = NULL, account = NULL WHERE id = $1").await;
        assert_eq!(standing(&ground, people[0], 4).await.1, Some(Block::NoNationalId));
        ground.run("DELETE FROM rates WHERE series = $1", |query| query.bind(SERIES)).await;
        set("UPDATE people SET account = (SELECT id FROM accounts LIMIT 1), full_name = 'Asha Wanjiku' WHERE id = $1").await;
        assert_eq!(standing(&ground, people[0], 4).await.1, Some(Block::NoRate));
        assert_eq!(claim(&ground, people[0], 4).await.cents, 0);
    }

    async fn nothing_is_owed_in_a_series_for_training(ground) {
        let centre = ground.centre(CODE).await;
        let placed = ground.people(PRACTICE, &centre, 1).await;
        let mut tx = ground.read().await;
        let series = season::series(&mut tx, PRACTICE).await.expect("a read").expect("the series");
        let claim = pay::claim_of(&mut tx, &series, placed[0].person, at(4, "12:00")).await.expect("an answer");
        assert!(claim.is_none());
        drop(tx);
        let refused = pay::begin_batch(ground.deps(), PRACTICE, false).await;
        assert!(matches!(refused, Err(pay::ExportRefused::Practice(_))));
    }
}
