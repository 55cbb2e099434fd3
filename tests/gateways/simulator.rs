//! The route that goes nowhere.

use chrono::{TimeDelta, TimeZone as _, Utc};
use daftari::{
    clock::Clock,
    gateways::{
        Carries, Outgoing, SmsGateway as _, Verdict,
        simulator::{Behaviour, Kind, Reports, SimulatedCalls, Simulator, Unreported},
    },
    model::{
        MessageId, Msisdn,
        message::{Fate, RefusalReason},
    },
};
use secrecy::ExposeSecret as _;
use uuid::Uuid;

fn simulator() -> Simulator {
    let clock = Clock::frozen(Utc.with_ymd_and_hms(2026, 3, 2, 7, 0, 0).unwrap());
    Simulator::new(move || clock.now())
}

fn phone(end: u8) -> Msisdn {
    Msisdn::from_network(&format!("+2547000000{end:02}")).unwrap()
}

async fn send(route: &Simulator, to: &Msisdn, body: &str) -> Verdict {
    let id = MessageId(Uuid::from_u128(1));
    route.send(&Outgoing { id, attempt: 1, to: to.clone(), body: body.to_owned().into(), spoken: None }).await
}

fn id(verdict: &Verdict) -> Option<&str> {
    match verdict {
        Verdict::Accepted { provider_id, .. } => Some(provider_id),
        _ => None,
    }
}

fn failed(verdict: &Verdict, may_be_taken: bool) -> bool {
    matches!(verdict, Verdict::Failed { retry: true, unclear, alert: false, .. } if *unclear == may_be_taken)
}

#[tokio::test]
async fn what_was_sent_to_a_phone_is_kept_for_it_in_order() {
    let route = simulator();
    let first = send(&route, &phone(10), "one").await;
    send(&route, &phone(11), "other").await;
    send(&route.clone(), &phone(10), &"a".repeat(161)).await;
    let sent = route.sent_to(&phone(10));
    assert_eq!(sent.len(), 2);
    assert_eq!(sent[0].body.expose_secret(), "one");
    assert_eq!(Some(sent[0].id.as_str()), id(&first));
    assert_eq!(sent[1].parts.parts, 2);
    assert_eq!(sent[0].at, Utc.with_ymd_and_hms(2026, 3, 2, 7, 0, 0).unwrap());
}

#[tokio::test]
async fn a_cursor_gives_only_what_came_after_it() {
    let route = simulator();
    send(&route, &phone(10), "one").await;
    let cursor = route.all_since(0).last().unwrap().number;
    assert!(route.all_since(cursor).is_empty());
    send(&route, &phone(11), "two").await;
    let new = route.all_since(cursor);
    assert_eq!(new.len(), 1);
    assert_eq!(new[0].to, phone(11));
}

#[tokio::test]
async fn every_accepted_message_is_reported_once_under_its_id() {
    let route = simulator();
    let verdict = send(&route, &phone(10), "one").await;
    let reports = route.take_reports();
    assert_eq!(reports.len(), 1);
    assert_eq!(Some(reports[0].provider_id.as_str()), id(&verdict));
    assert_eq!((reports[0].status.as_str(), reports[0].news), ("Success", Some(Fate::Delivered)));
    assert!(route.take_reports().is_empty());
}

#[tokio::test]
async fn a_refused_message_reaches_nobody() {
    let route = simulator();
    route.behave(&phone(10), Behaviour::Refuse(RefusalReason::LineBlocks));
    let verdict = send(&route, &phone(10), "one").await;
    assert!(matches!(verdict, Verdict::Refused { reason: RefusalReason::LineBlocks, .. }));
    assert!(route.sent_to(&phone(10)).is_empty());
    assert!(route.take_reports().is_empty());
    assert!(id(&send(&route, &phone(11), "two").await).is_some(), "other phones are not concerned");
}

#[tokio::test]
async fn a_transient_failure_passes_after_so_many_tries() {
    let route = simulator();
    route.behave(&phone(10), Behaviour::FailTransiently(2));
    assert!(failed(&send(&route, &phone(10), "one").await, false));
    assert!(failed(&send(&route, &phone(10), "one").await, false));
    assert!(id(&send(&route, &phone(10), "one").await).is_some());
    assert_eq!(route.sent_to(&phone(10)).len(), 1);
}

#[tokio::test]
async fn an_unclear_message_was_taken_and_its_report_comes() {
    let route = simulator();
    route.behave(&phone(10), Behaviour::Unclear(1));
    assert!(failed(&send(&route, &phone(10), "one").await, true));
    let sent = route.sent_to(&phone(10));
    assert_eq!(sent.len(), 1);
    assert_eq!(route.take_reports()[0].provider_id, sent[0].id);
    assert!(id(&send(&route, &phone(10), "two").await).is_some());
}

#[tokio::test]
async fn a_silent_phone_is_never_reported() {
    let route = simulator();
    route.behave(&phone(10), Behaviour::Silent);
    assert!(id(&send(&route, &phone(10), "one").await).is_some());
    assert!(route.take_reports().is_empty());
}

#[tokio::test]
async fn a_lost_message_is_accepted_and_never_heard_of() {
    let route = simulator();
    route.behave(&phone(10), Behaviour::Lose);
    assert!(id(&send(&route, &phone(10), "one").await).is_some());
    assert!(route.sent_to(&phone(10)).is_empty() && route.take_reports().is_empty());
}

#[tokio::test]
async fn a_phone_that_is_off_is_reported_and_has_nothing() {
    let route = simulator();
    route.behave(&phone(10), Behaviour::Away);
    let verdict = send(&route, &phone(10), "one").await;
    let reports = route.take_reports();
    assert_eq!(Some(reports[0].provider_id.as_str()), id(&verdict));
    assert_eq!((reports[0].news, reports[0].reason), (Some(Fate::Refused), Some(RefusalReason::PhoneAway)));
    assert!(route.sent_to(&phone(10)).is_empty());
}

#[tokio::test]
async fn a_late_report_comes_when_it_is_due() {
    let clock = Clock::frozen(Utc.with_ymd_and_hms(2026, 3, 2, 7, 0, 0).unwrap());
    let now = clock.clone();
    let route = Simulator::new(move || now.now());
    route.report(&phone(10), Reports::Late(TimeDelta::seconds(20)));
    send(&route, &phone(10), "late").await;
    send(&route, &phone(11), "on time").await;
    assert_eq!(route.take_reports().len(), 1);
    clock.advance(TimeDelta::seconds(20));
    assert_eq!(route.take_reports()[0].msisdn, Some(phone(10)));
    assert!(route.take_reports().is_empty());
}

#[tokio::test]
async fn reports_come_twice_or_out_of_order_when_told_so() {
    let route = simulator();
    route.report(&phone(10), Reports::Twice);
    send(&route, &phone(10), "one").await;
    let twice = route.take_reports();
    assert_eq!(twice.len(), 2);
    assert_eq!(twice[0], twice[1]);
    route.report(&phone(10), Reports::OutOfOrder);
    send(&route, &phone(10), "two").await;
    let news: Vec<_> = route.take_reports().into_iter().map(|report| report.news).collect();
    assert_eq!(news, [Some(Fate::Delivered), Some(Fate::Sent)]);
}

#[tokio::test]
async fn two_simulators_started_at_one_instant_share_no_id() {
    let (one, two) = (simulator(), simulator());
    assert_ne!(id(&send(&one, &phone(10), "a").await), id(&send(&two, &phone(10), "a").await));
}

#[tokio::test]
async fn the_oldest_messages_go_first_when_there_are_too_many() {
    let route = simulator();
    send(&route, &phone(11), "oldest").await;
    for _ in 0..10_000 {
        send(&route, &phone(10), "x").await;
    }
    assert!(route.sent_to(&phone(11)).is_empty());
    assert_eq!(route.all_since(0).len(), 10_000);
    assert_eq!(route.take_reports().len(), 10_000);
}

#[tokio::test]
async fn what_was_sent_shows_neither_words_nor_line() {
    let route = simulator();
    send(&route, &phone(10), "90817263").await;
    let shown = format!("{:?}", route.sent_to(&phone(10)));
    assert!(!shown.contains("90817263") && !shown.contains("254700000010"));
}

#[tokio::test]
async fn a_call_is_among_the_sent_messages_as_what_was_said() {
    let route = simulator();
    let calls = SimulatedCalls(route.clone());
    assert_eq!((calls.carries(), route.carries()), (Carries::Spoken, Carries::Words));
    let spoken = Some("four, eight".to_owned().into());
    let sms = Outgoing {
        id: MessageId(Uuid::nil()),
        attempt: 1,
        to: phone(10),
        body: "48".to_owned().into(),
        spoken,
    };
    assert!(id(&route.send(&sms).await).is_some() && id(&calls.send(&sms).await).is_some());
    let sent: Vec<_> = route.sent_to(&phone(10)).into_iter().map(|s| (s.kind, s.body)).collect();
    let [(Kind::Sms, words), (Kind::Call, said)] = sent.as_slice() else { panic!("an SMS, then a call") };
    assert_eq!((words.expose_secret(), said.expose_secret()), ("48", "four, eight"));
    assert_eq!(route.take_reports().len(), 2);
}

#[tokio::test]
async fn a_call_with_nothing_to_say_is_for_another_route() {
    let route = simulator();
    let calls = SimulatedCalls(route.clone());
    let sms = Outgoing {
        id: MessageId(Uuid::nil()),
        attempt: 1,
        to: phone(10),
        body: "48".to_owned().into(),
        spoken: None,
    };
    let verdict = calls.send(&sms).await;
    assert!(matches!(verdict, Verdict::Refused { reason: RefusalReason::NoRoute, .. }), "{verdict:?}");
    assert!(route.all_since(0).is_empty());
}

#[tokio::test]
async fn a_line_that_takes_no_sms_can_be_called_and_a_phone_that_is_off_can_not() {
    let route = simulator();
    let calls = SimulatedCalls(route.clone());
    let sms = Outgoing {
        id: MessageId(Uuid::nil()),
        attempt: 1,
        to: phone(10),
        body: "48".to_owned().into(),
        spoken: Some("four, eight".to_owned().into()),
    };
    for behaviour in [
        Behaviour::Refuse(RefusalReason::LineBlocks),
        Behaviour::Refuse(RefusalReason::PhoneFull),
        Behaviour::Lose,
    ] {
        route.behave(&phone(10), behaviour);
        let before = route.all_since(0).len();
        assert!(id(&calls.send(&sms).await).is_some());
        let said = route.all_since(0);
        assert_eq!((said.len(), said.last().map(|sent| sent.kind)), (before + 1, Some(Kind::Call)));
    }
    route.take_reports();
    route.behave(&phone(10), Behaviour::Refuse(RefusalReason::BadNumber));
    assert!(matches!(calls.send(&sms).await, Verdict::Refused { reason: RefusalReason::BadNumber, .. }));
    route.behave(&phone(10), Behaviour::Away);
    assert!(id(&calls.send(&sms).await).is_some());
    assert_eq!((route.all_since(0).len(), route.take_reports().len()), (3, 1), "nobody took it");
}

#[tokio::test]
async fn a_route_without_reports_delivers_and_says_nothing_of_it() {
    let route = simulator();
    let quiet = Unreported(route.clone());
    let sms = Outgoing {
        id: MessageId(Uuid::nil()),
        attempt: 1,
        to: phone(10),
        body: "48".to_owned().into(),
        spoken: None,
    };
    assert!(id(&quiet.send(&sms).await).is_some());
    assert_eq!((route.sent_to(&phone(10)).len(), route.take_reports().len()), (1, 0));
    route.behave(&phone(10), Behaviour::Away);
    assert!(id(&quiet.send(&sms).await).is_some());
    assert_eq!((route.sent_to(&phone(10)).len(), route.take_reports().len()), (1, 0));
    route.behave(&phone(10), Behaviour::Refuse(RefusalReason::LineBlocks));
    assert!(matches!(quiet.send(&sms).await, Verdict::Refused { .. }), "a refusal is no report");
}
