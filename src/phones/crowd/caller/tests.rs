//! A phone against answers that are made up here.

use super::*;
use crate::phones::crowd::journey::parse;

const JOURNEY: &str = "dial\n  | Hello\n  | 1: Join\ntype 1\n  | Your name?\nif dropped again\nmistake 4\n  | Letters only. Your name?\n\
    at name\ntype {surname}\n  | {surname}, tries left: 2\ntype 1\n  | Bye {surname}\nends\nsms\n  | Welcome\n\
    part again\ndial\n  | Go on?\ntype 1\n  | Your name?\ngo on at name\n";

fn caller(habits: Habits) -> Caller {
    let person = Person::new(1, 1, 0.0, "*384*2547#").unwrap();
    let journey = parse("hello", JOURNEY).map_err(|fault| fault.to_string()).unwrap();
    Caller::new(person, Arc::new(journey), Arc::new(habits), Arc::new(Says::built_in()), 1, 1)
}

fn habits() -> Habits {
    Habits {
        drops: 0.0,
        duplicates: 0.0,
        mistakes: 0.0,
        retries: 1,
        think: Think::Fixed(Duration::ZERO),
        service_code: "*384*2547#".to_owned(),
        run: 0,
    }
}

#[allow(clippy::unnecessary_wraps, reason = "it stands beside faults of the wire")]
fn shown(text: &str, ends: bool) -> Result<Shown, WireFault> {
    Ok(Shown { text: text.to_owned(), ends, note: None })
}

/// What a faultless gateway answers.
fn right(call: &Call, kept: &mut bool) -> Result<Shown, WireFault> {
    let surname = Person::new(1, 1, 0.0, "*384*2547#").unwrap().surname;
    let inputs: Vec<&str> = call.inputs.iter().map(String::as_str).collect();
    let from = usize::from(inputs.contains(&"4"));
    match (inputs.len() - from, inputs.last()) {
        (0, _) if *kept => shown("Go on?", false),
        (0, _) => shown("Hello\n1: Join", false),
        (_, Some(&"4")) => shown("Letters only. Your name?", false),
        (1, _) => {
            *kept = true;
            shown("Your name?", false)
        }
        (2, _) => shown(&format!("{surname}, tries left: 2"), false),
        _ => shown(&format!("Bye {surname}"), true),
    }
}

/// Walk to the end, with one answer (by its number) replaced; gives what went out and what was found.
fn walk(
    mut caller: Caller,
    at: usize,
    instead: &Result<Shown, WireFault>,
) -> (Vec<String>, Vec<Kind>, Ended) {
    let (mut sent, mut found, mut kept) = (vec![], vec![], false);
    loop {
        match caller.go_on() {
            Next::Send(sending) => {
                let good = right(&sending.call, &mut kept);
                let came = if sent.len() == at { instead.clone() } else { good };
                sent.push(sending.call.text());
                found.extend(caller.came(&came).map(|finding| finding.kind));
            }
            Next::HangUp => sent.push("(hangs up)".to_owned()),
            Next::Look => panic!("this journey has no code"),
            Next::Done => return (sent, found, caller.ended()),
        }
    }
}

#[test]
fn a_faultless_gateway_has_no_findings() {
    let (sent, found, ended) = walk(caller(habits()), 99, &shown("", false));
    assert_eq!(sent.len(), 5, "{sent:?}");
    assert_eq!((found, ended), (vec![], Ended::Well));
}

#[test]
fn mistakes_are_made_and_put_right() {
    let (sent, found, ended) = walk(caller(Habits { mistakes: 1.0, ..habits() }), 99, &shown("", false));
    assert!(sent.contains(&"1*4".to_owned()), "{sent:?}");
    assert_eq!((found, ended), (vec![], Ended::Well));
}

#[test]
fn a_dropped_call_goes_on_where_the_journey_says() {
    let (sent, found, ended) = walk(caller(Habits { drops: 1.0, ..habits() }), 99, &shown("", false));
    assert!(sent.iter().filter(|sent| *sent == "(hangs up)").count() >= 3, "{sent:?}");
    assert_eq!((found, ended), (vec![], Ended::Well));
}

#[test]
fn each_fault_is_told_by_its_name() {
    let broken =
        "Something is broken on our side, not yours. Please dial *1# again in a minute. Reference K7Q2.";
    let many = "Many calls came from this line just now. Please wait 5 minutes, then dial *1# again.";
    let cases = [
        (shown("Your shoe size?", false), Kind::WrongScreen),
        (shown("Your name?", true), Kind::WrongScreen),
        (shown("Hello\n1: Join", false), Kind::LostSession),
        (shown("Go on?", false), Kind::LostSession),
        (shown(broken, true), Kind::TryAgain),
        (shown(many, true), Kind::TurnedAway),
        (Err(WireFault::TooSlow(Duration::from_secs(10))), Kind::Late),
        (Err(WireFault::Unreachable), Kind::NoAnswer),
        (Err(WireFault::Status(500)), Kind::BadAnswer),
        (Err(WireFault::Prefix("Hell".to_owned())), Kind::BadAnswer),
    ];
    for (instead, kind) in cases {
        let (_, found, ended) = walk(caller(habits()), 1, &instead);
        assert_eq!(found, [kind], "{instead:?}");
        let goes_on = matches!(kind, Kind::TryAgain | Kind::Late | Kind::NoAnswer | Kind::BadAnswer);
        assert_eq!(ended == Ended::Well, goes_on, "{kind:?}: who may dial again does");
    }
}

#[test]
fn without_a_retry_left_the_journey_is_broken_off() {
    let (_, found, ended) = walk(caller(Habits { retries: 0, ..habits() }), 1, &Err(WireFault::Unreachable));
    assert_eq!((found, ended), (vec![Kind::NoAnswer], Ended::BrokenOff));
}

#[test]
fn twins_that_differ_are_a_double_effect() {
    let mut caller = caller(habits());
    for text in ["Hello\n1: Join", "Your name?"] {
        assert!(matches!(caller.go_on(), Next::Send(_)));
        assert!(caller.came(&shown(text, false)).is_none());
    }
    assert!(matches!(caller.go_on(), Next::Send(_)));
    let screen = caller.person.fill("{surname}, tries left: ");
    let tries = |n| shown(&format!("{screen}{n}"), false);
    assert!(caller.twins_came(tries(2), tries(2)).1.is_none());
    for (first, second) in [(tries(2), tries(1)), (tries(1), tries(2))] {
        let (goes_on_with, finding) = caller.twins_came(first, second);
        assert!(goes_on_with == tries(2));
        let finding = finding.unwrap();
        assert_eq!((finding.kind, finding.line), (Kind::DoubleEffect, 10));
        assert_eq!(finding.got, ["{surname}, tries left: 1", "(goes on)"]);
    }
}

const TOLD: &str = "dial\n  | Hello\nperhaps 1\n  | Our SMS {any}\n  | ...\ntype 2\n  | Bye\nends\n";

/// The kinds found, what went out, and how it ended, when these are the answers.
fn told(texts: &[(&str, bool)]) -> (Vec<Kind>, Vec<String>, Ended) {
    let person = Person::new(1, 1, 0.0, "*384*2547#").unwrap();
    let journey = parse("told", TOLD).map_err(|fault| fault.to_string()).unwrap();
    let says = Arc::new(Says::built_in());
    let mut caller = Caller::new(person, Arc::new(journey), Arc::new(habits()), says, 1, 1);
    let (mut found, mut sent, mut answers) = (vec![], vec![], texts.iter());
    loop {
        match caller.go_on() {
            Next::Send(sending) => {
                sent.push(sending.call.text());
                let (text, ends) = answers.next().expect("an answer");
                found.extend(caller.came(&shown(text, *ends)).map(|finding| finding.kind));
            }
            Next::HangUp => {}
            Next::Look => panic!("this journey has no code"),
            Next::Done => return (found, sent, caller.ended()),
        }
    }
}

#[test]
fn a_screen_that_only_some_phones_see_is_answered_and_is_no_finding() {
    let news = ("Our SMS did not arrive.\n1: Go on", false);
    let with = told(&[news, ("Hello", false), ("Bye", true)]);
    assert_eq!(with, (vec![], ["", "1", "1*2"].map(str::to_owned).to_vec(), Ended::Well));
    let without = told(&[("Hello", false), ("Bye", true)]);
    assert_eq!(without, (vec![], ["", "2"].map(str::to_owned).to_vec(), Ended::Well));
}

#[test]
fn it_may_come_once_and_only_where_the_journey_has_it() {
    let news = ("Our SMS did not arrive.\n1: Go on", false);
    assert_eq!(told(&[news, news]).0, [Kind::WrongScreen]);
    assert_eq!(told(&[("Hello", false), news]).0, [Kind::WrongScreen]);
    assert_eq!(told(&[("Our SMS did not arrive.", true)]).0, [Kind::WrongScreen], "no session ends with it");
}

#[test]
fn a_code_is_waited_for_and_typed_and_may_come_twice() {
    let text = "dial\n  | Hello\ndrop\ncode\n  | {code} is your code. Ref {any}\ndial\n  | Code?\ntype {code}\n  | Right.\n";
    let journey = || Arc::new(parse("code", text).map_err(|fault| fault.to_string()).unwrap());
    let person = Person::new(1, 1, 0.0, "*384*2547#").unwrap();
    let caller =
        || Caller::new(person.clone(), journey(), Arc::new(habits()), Arc::new(Says::built_in()), 1, 1);
    let to_the_code = |caller: &mut Caller| {
        assert!(matches!(caller.go_on(), Next::Send(_)));
        assert!(caller.came(&shown("Hello", false)).is_none());
        assert!(matches!(caller.go_on(), Next::HangUp) && matches!(caller.go_on(), Next::Look));
    };
    let mut knows = caller();
    to_the_code(&mut knows);
    assert!(!knows.looked(&[]) && !knows.looked(&["Your account 254749000001 is open.".to_owned()]));
    let sms = "271828 is your code. Ref K7".to_owned();
    assert!(knows.looked(&["Your account is open.".to_owned(), sms.clone()]));
    assert!(matches!(knows.go_on(), Next::Send(_)));
    assert!(knows.came(&shown("Code?", false)).is_none());
    let Next::Send(sending) = knows.go_on() else { panic!("the code is typed") };
    assert_eq!(sending.call.inputs, ["271828"]);
    let inbox = knows.into_inbox();
    assert!(inbox.is_complete(std::slice::from_ref(&sms)) && inbox.judge(&[sms.clone(), sms]).is_empty());

    let mut waits = caller();
    to_the_code(&mut waits);
    let finding = waits.never_came().unwrap();
    assert_eq!(
        (finding.kind, finding.step.as_str(), waits.ended()),
        (Kind::MissingSms, "code", Ended::BrokenOff)
    );
}
