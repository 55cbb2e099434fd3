//! Lines that changed hands: an officer's code, accounts that move to another line and back.

use chrono::Duration;
use daftari::{
    model::Msisdn,
    phones::{phone::Phone, wire::Wire},
    services::officers::{self, Issued, OfficerRefused},
    storage::{
        accounts,
        holds::{self, HoldKind},
        moves::Move,
        officers::Role,
    },
};
use secrecy::ExposeSecret as _;

use crate::{
    binary::daftari,
    town::{Backend, CODE, Town, msisdn, on_every_back_end, open_account, screen},
};

pub const LINE: &str = "+254700000010";
const OTHER: &str = "+254700000011";
const THIRD: &str = "+254700000012";
pub const OFFICER: &str = "+254700000020";
const SECOND: &str = "+254700000021";
pub const PIN: &str = "907318";
pub const NEW_PIN: &str = "264813";

/// A town in which nobody waits for what a route says, with these settings, one account and two officers.
pub async fn settle(town: &mut Town, settings: &[(&str, &str)]) {
    let mut set = |key: &str, value: &str| town.environment.push((key.to_owned(), value.to_owned()));
    set("DAFTARI_RECOVERY__FATE_WAIT_MS", "0");
    for (key, value) in settings {
        set(key, value);
    }
    town.restart().await;
    open_account(&mut town.phone(LINE), "28461937", PIN).await;
    let deps = &town.app().deps;
    for (line, name) in [(OFFICER, "Jane Atieno"), (SECOND, "Peter Kamau")] {
        officers::add(deps, name, msisdn(line), Role::Support, "").await.expect("an officer");
    }
}

pub async fn type_in(phone: &mut Phone, inputs: &[&str]) -> String {
    for input in inputs {
        phone.answer(input).await.expect("a screen");
    }
    screen(phone).to_owned()
}

/// Dial anew, past the limit on sessions of a line.
pub async fn dial(town: &mut Town, line: &str) -> Phone {
    town.flush(&[line]).await;
    let mut phone = town.phone(line);
    phone.dial(CODE).await.expect("a screen");
    phone
}

pub async fn says(town: &mut Town, line: &str, inputs: &[&str]) -> String {
    let mut phone = dial(town, line).await;
    type_in(&mut phone, inputs).await
}

pub async fn issue(town: &Town, line: &str) -> Result<Issued, OfficerRefused> {
    let app = town.app();
    officers::issue_code(&app.deps, &app.menus.current(), &msisdn(OFFICER), &msisdn(line)).await
}

async fn ask(town: &Town, officer: &str, old: &str, new: &str) -> Result<Move, OfficerRefused> {
    officers::ask_move(&town.app().deps, &msisdn(officer), &msisdn(old), &msisdn(new)).await
}

async fn confirm(town: &Town, officer: &str, reference: &str, new: &str) -> Result<Move, OfficerRefused> {
    let app = town.app();
    let (menus, officer) = (app.menus.current(), msisdn(officer));
    officers::confirm_move(&app.deps, &menus, &officer, reference, &msisdn(new)).await
}

async fn cancel(town: &Town, officer: &str, reference: &str) -> Result<(Move, bool), OfficerRefused> {
    let app = town.app();
    officers::cancel_move(&app.deps, &app.menus.current(), &msisdn(officer), reference).await
}

/// For how long pay details of the account on this line rest.
pub async fn hold(town: &Town, line: &str) -> Option<Duration> {
    let now = town.clock.now();
    let mut tx = town.app().deps.store.read().await.expect("a read");
    let account = accounts::by_msisdn(&mut tx, &msisdn(line)).await.expect("a read").expect("an account");
    let held = holds::standing(&mut tx, account.id, HoldKind::PayDetails, now).await.expect("holds");
    held.map(|held| held.until - now)
}

/// The digits at the front of the last SMS to a line that begins with some.
pub async fn code_at(town: &Town, line: &str) -> String {
    town.send_messages().await;
    let mut codes =
        town.messages_to(line).into_iter().filter(|sms| sms.starts_with(|c: char| c.is_ascii_digit()));
    codes.next_back().and_then(|sms| sms.split(' ').next().map(str::to_owned)).expect("a code")
}

pub fn wrong(code: &str) -> String {
    let last = if code.ends_with('1') { '2' } else { '1' };
    format!("{}{last}", &code[..code.len() - 1])
}

on_every_back_end! {
    async fn an_officers_code_opens_the_accounts_own_line_once_and_no_other(town: Town) {
        settle(&mut town, &[]).await;
        open_account(&mut town.phone(OTHER), "28461938", PIN).await;
        let issued = issue(&town, LINE).await.expect("a code");
        let code = issued.code.expose_secret();
        assert_eq!(code.len(), 8);

        let said = says(&mut town, OTHER, &["1", "2", code]).await;
        assert!(said.starts_with("No officer's code counts for this line now"), "{said}");

        let said = says(&mut town, LINE, &["1", "2", &wrong(code)]).await;
        assert!(said.starts_with("These are not the digits. Tries left: 2."), "{said}");
        let mut phone = dial(&mut town, LINE).await;
        let said = type_in(&mut phone, &["1", "2", code]).await;
        assert!(said.starts_with("The code is right. Choose a new PIN of 6 digits"), "{said}");
        // A call that drops here costs typing the code again.
        let mut phone = dial(&mut town, LINE).await;
        let said = type_in(&mut phone, &["1", "2", code, NEW_PIN, NEW_PIN]).await;
        assert!(said.starts_with("Your new PIN is set"), "{said}");
        assert!(type_in(&mut phone, &[NEW_PIN]).await.starts_with("Hello Asha Njeri."));

        let said = says(&mut town, LINE, &["1", "2", code]).await;
        assert!(said.starts_with("No officer's code counts for this line now"), "it works once: {said}");
        town.send_messages().await;
        let told = town.messages_to(LINE);
        assert!(told.iter().any(|sms| sms.starts_with("An officer made a code")), "{told:?}");
        assert!(told.iter().all(|sms| !sms.contains(code)), "the code is in no SMS");
        let issued = "SELECT COUNT(*) FROM audit_entries WHERE action = 'officer_code_issued' AND actor LIKE 'officer %'";
        assert_eq!(town.count(issued).await, 1);
        assert_eq!(town.count("SELECT COUNT(*) FROM audit_entries WHERE action = 'pin_reset_with_officer'").await, 1);
        assert_eq!(hold(&town, LINE).await, None, "where nobody can tell of swaps nothing rests");
    }
}

on_every_back_end! {
    async fn an_officers_code_dies_of_three_wrong_tries_of_a_new_one_and_of_a_day(town: Town) {
        settle(&mut town, &[]).await;
        let issued = issue(&town, LINE).await.expect("a code");
        let code = issued.code.expose_secret();
        let bad = wrong(code);
        let said = says(&mut town, LINE, &["1", "2", &bad, &bad, &bad]).await;
        assert!(said.starts_with("No officer's code counts"), "{said}");
        assert!(says(&mut town, LINE, &["1", "2", code]).await.starts_with("No officer's code counts"));

        let first = issue(&town, LINE).await.expect("a code");
        let second = issue(&town, LINE).await.expect("another");
        let said = says(&mut town, LINE, &["1", "2", first.code.expose_secret()]).await;
        assert!(said.starts_with("These are not the digits."), "the later one counts: {said}");
        town.pass(Duration::hours(24));
        let said = says(&mut town, LINE, &["1", "2", second.code.expose_secret()]).await;
        assert!(said.starts_with("No officer's code counts"), "{said}");
    }
}

on_every_back_end! {
    async fn an_officers_code_helps_when_ten_codes_were_wrong(town: Town) {
        settle(&mut town, &[]).await;
        let mut phone = dial(&mut town, LINE).await;
        for _ in 0..4 {
            type_in(&mut phone, &["1", "1"]).await;
            let bad = wrong(&code_at(&town, LINE).await);
            let said = type_in(&mut phone, &["2", &bad, &bad, &bad]).await;
            town.pass(Duration::hours(1) + Duration::minutes(1));
            phone = dial(&mut town, LINE).await;
            if said.starts_with("10 wrong codes in a day") {
                break;
            }
        }
        let said = type_in(&mut phone, &["1", "1"]).await;
        assert!(said.starts_with("10 wrong codes in a day"), "{said}");
        let issued = issue(&town, LINE).await.expect("a code");
        let said = type_in(&mut phone, &["1", issued.code.expose_secret(), NEW_PIN, NEW_PIN]).await;
        assert!(said.starts_with("Your new PIN is set"), "{said}");
    }
}

on_every_back_end! {
    async fn an_officers_code_is_used_once_over_two_nodes(town: Town) {
        settle(&mut town, &[]).await;
        town.add_node().await;
        let issued = issue(&town, LINE).await.expect("a code");
        let code = issued.code.expose_secret();
        let mut phones = vec![];
        for node in [0, 1] {
            let mut phone = dial(&mut town, LINE).await;
            phone.use_aggregator(town.aggregator(node, Wire::AfricasTalking));
            type_in(&mut phone, &["1", "2"]).await;
            phones.push(phone);
        }
        let [one, two] = &mut phones[..] else { panic!("two phones") };
        let inputs = [code];
        let (one, two) = tokio::join!(type_in(one, &inputs), type_in(two, &inputs));
        let right = [&one, &two].iter().filter(|said| said.starts_with("The code is right.")).count();
        assert_eq!(right, 1, "{one}\n{two}");
        assert!([&one, &two].iter().any(|said| said.starts_with("This code was typed in another call")));
    }
}

on_every_back_end! {
    async fn two_officers_move_an_account_and_its_old_line_can_object(town: Town) {
        settle(&mut town, &[]).await;
        let asked = ask(&town, OFFICER, LINE, OTHER).await.expect("a move");
        let reference = asked.reference.as_str();
        assert!(says(&mut town, LINE, &[PIN]).await.starts_with("Hello Asha Njeri."), "nothing has moved");
        assert!(says(&mut town, LINE, &[PIN, "4"]).await.starts_with("Officers were asked to move your account"));
        assert!(matches!(confirm(&town, OFFICER, reference, OTHER).await, Err(OfficerRefused::SameOfficer)));
        assert!(matches!(confirm(&town, SECOND, reference, THIRD).await, Err(OfficerRefused::NumberDiffers)));
        assert!(matches!(confirm(&town, LINE, reference, OTHER).await, Err(OfficerRefused::NotAnOfficer)));
        confirm(&town, SECOND, reference, OTHER).await.expect("it moves");
        assert!(matches!(confirm(&town, SECOND, reference, OTHER).await, Err(OfficerRefused::NoMove)));

        let said = says(&mut town, OTHER, &["1", PIN]).await;
        assert!(said.starts_with("Hello Asha Njeri."), "{said}");
        assert_eq!(hold(&town, OTHER).await, Some(Duration::hours(72)));
        town.send_messages().await;
        // Messages of one moment go out in any order.
        let moved = |sms: &String| sms.starts_with("Your exam staff account moved from this line");
        assert!(town.messages_to(LINE).iter().any(moved), "{:?}", town.messages_to(LINE));
        assert!(town.messages_to(OTHER).pop().expect("an SMS").contains("is on this line now. User name: 254700000011"));
        assert!(matches!(ask(&town, OFFICER, OTHER, THIRD).await, Err(OfficerRefused::MovedLately)));

        // The old line proves by a code that it objects; it can't take back what two officers did.
        let said = says(&mut town, LINE, &["2"]).await;
        assert!(said.starts_with("The code comes by SMS, reference "), "{said}");
        let code = code_at(&town, LINE).await;
        let said = says(&mut town, LINE, &["3", &code]).await;
        assert!(said.starts_with("Thank you. Two officers moved this account"), "{said}");
        assert!(says(&mut town, OTHER, &[PIN]).await.starts_with("Hello Asha Njeri."));
        let objected = officers::objected(&town.app().deps).await.expect("objections");
        assert_eq!(objected.iter().map(|found| found.reference.as_str()).collect::<Vec<_>>(), [reference]);

        let (_, undone) = cancel(&town, OFFICER, reference).await.expect("it is undone");
        assert!(undone);
        assert!(matches!(cancel(&town, OFFICER, reference).await, Err(OfficerRefused::NoMove)));
        let said = says(&mut town, LINE, &[]).await;
        assert!(said.starts_with("This PIN was wrong 10 times"), "back, and the PIN is off: {said}");
        assert!(says(&mut town, OTHER, &[]).await.starts_with("This line has no account yet."));
        let steps = "SELECT COUNT(*) FROM audit_entries WHERE action IN ('number_change_asked', 'number_changed',
                     'number_change_contested', 'number_change_undone')";
        assert_eq!(town.count(steps).await, 4);
    }
}

on_every_back_end! {
    async fn nobody_helps_their_own_account_or_without_an_office(town: Town) {
        settle(&mut town, &[]).await;
        open_account(&mut town.phone(OFFICER), "28461938", PIN).await;
        assert!(matches!(issue(&town, OFFICER).await, Err(OfficerRefused::OwnAccount)));
        assert!(matches!(ask(&town, OFFICER, OFFICER, OTHER).await, Err(OfficerRefused::OwnAccount)));
        let asked = ask(&town, SECOND, OFFICER, OTHER).await.expect("a move");
        let refused = confirm(&town, OFFICER, &asked.reference, OTHER).await;
        assert!(matches!(refused, Err(OfficerRefused::OwnAccount)));
        assert!(matches!(issue(&town, THIRD).await, Err(OfficerRefused::NoAccount)));
        assert!(matches!(ask(&town, SECOND, LINE, OFFICER).await, Err(OfficerRefused::LineTaken)));
        assert!(matches!(ask(&town, SECOND, LINE, LINE).await, Err(OfficerRefused::SameLine)));

        let deps = &town.app().deps;
        let twice = officers::add(deps, "Jane Atieno", msisdn(OFFICER), Role::Support, "").await;
        assert!(matches!(twice, Err(OfficerRefused::InOffice)));
        officers::remove(deps, &msisdn(OFFICER)).await.expect("she leaves");
        assert!(matches!(issue(&town, LINE).await, Err(OfficerRefused::NotAnOfficer)));
        assert_eq!(officers::list(deps).await.expect("a list").len(), 1);
    }
}

on_every_back_end! {
    async fn a_move_that_nobody_confirms_in_a_day_is_over(town: Town) {
        settle(&mut town, &[]).await;
        let asked = ask(&town, OFFICER, LINE, OTHER).await.expect("a move");
        town.pass(Duration::hours(24));
        assert!(matches!(confirm(&town, SECOND, &asked.reference, OTHER).await, Err(OfficerRefused::NoMove)));
        let asked = ask(&town, OFFICER, LINE, OTHER).await.expect("another");
        let (_, undone) = cancel(&town, SECOND, &asked.reference).await.expect("it is cancelled");
        assert!(!undone);
        assert!(matches!(confirm(&town, SECOND, &asked.reference, OTHER).await, Err(OfficerRefused::NoMove)));
    }
}

/// Ask for a move on the old line and confirm it with the code that went there.
async fn ask_and_confirm(town: &mut Town, old: &str, new: &str) {
    let mut phone = dial(town, old).await;
    let said = type_in(&mut phone, &[PIN, "4", new, "1"]).await;
    assert!(said.starts_with("The code comes to this line by SMS"), "{said}");
    let code = code_at(town, old).await;
    // An SMS can't be read during a call on most phones.
    let mut phone = dial(town, old).await;
    let said = type_in(&mut phone, &[PIN, "4"]).await;
    assert!(said.starts_with(&format!("Your account shall move to {new}. Type the code")), "{said}");
    let said = type_in(&mut phone, &[&code]).await;
    assert!(said.contains(&format!("from {new}")), "{said}");
}

on_every_back_end! {
    async fn a_person_moves_to_a_new_line_and_the_old_one_takes_back(town: Town) {
        settle(&mut town, &[]).await;
        let foreign = says(&mut town, LINE, &[PIN, "4", "12345"]).await;
        assert!(foreign.starts_with("This is not a Kenyan mobile number."), "{foreign}");
        let own = says(&mut town, LINE, &[PIN, "4", "0700000010", "1"]).await;
        assert!(own.starts_with("Your account is on this number already."), "{own}");
        ask_and_confirm(&mut town, LINE, "0700000011").await;
        assert!(says(&mut town, LINE, &[PIN]).await.starts_with("Hello Asha Njeri."), "it stays for now");

        // A stranger's line gets no offer, and nobody takes it over without the PIN.
        assert!(!says(&mut town, THIRD, &["1"]).await.contains("can move to this line"));
        let said = says(&mut town, OTHER, &["1", "135790"]).await;
        assert!(said.starts_with("This PIN is wrong. Tries left: 2."), "{said}");
        let said = says(&mut town, OTHER, &[PIN]).await;
        assert!(said.starts_with("Your account is on this line now. User name: 254700000011."), "{said}");
        assert!(says(&mut town, OTHER, &[PIN]).await.starts_with("Hello Asha Njeri."));
        assert!(says(&mut town, OTHER, &[PIN, "4"]).await.starts_with("Your account moved to this line"));
        assert_eq!(hold(&town, OTHER).await, Some(Duration::hours(72)));
        let why = says(&mut town, OTHER, &[PIN, "1", "1"]).await;
        assert!(why.starts_with("Your account moved from one line to another. To protect your pay"), "{why}");

        let said = says(&mut town, LINE, &[]).await;
        assert!(said.starts_with("The account of this line moved to another line."), "{said}");
        let said = says(&mut town, LINE, &["3", "123456"]).await;
        assert!(said.starts_with("This code no longer counts"), "not without a code to it: {said}");
        let said = says(&mut town, LINE, &["2"]).await;
        assert!(said.starts_with("A code was sent less than a minute ago."), "the line's limits hold here too: {said}");
        town.pass(Duration::seconds(61));
        let mut phone = dial(&mut town, LINE).await;
        type_in(&mut phone, &["2"]).await;
        let code = code_at(&town, LINE).await;
        let bad = type_in(&mut phone, &[&wrong(&code)]).await;
        assert!(bad.starts_with("This code is not right. Tries left: 2."), "{bad}");
        let said = type_in(&mut phone, &[&code]).await;
        assert!(said.starts_with("Your account is back on this line"), "{said}");
        town.pass(Duration::seconds(61));
        let said = says(&mut town, LINE, &["1", "1"]).await;
        assert!(said.contains("waits for your network"), "a new PIN by the usual way: {said}");
        assert!(says(&mut town, OTHER, &[]).await.starts_with("This line has no account yet."));
        town.send_messages().await;
        assert!(town.messages_to(OTHER).pop().expect("an SMS").starts_with("The move of an exam staff account was undone"));
    }
}

on_every_back_end! {
    async fn after_72_hours_a_move_stands(town: Town) {
        settle(&mut town, &[]).await;
        ask_and_confirm(&mut town, LINE, "0700000011").await;
        assert!(says(&mut town, OTHER, &["1", PIN]).await.starts_with("Your account is on this line now."));
        town.pass(Duration::hours(72));
        assert_eq!(hold(&town, OTHER).await, None);
        assert!(says(&mut town, LINE, &[]).await.starts_with("This line has no account yet."));
        ask_and_confirm(&mut town, OTHER, "0700000012").await;
    }
}

on_every_back_end! {
    async fn another_number_needs_another_code(town: Town) {
        settle(&mut town, &[]).await;
        says(&mut town, LINE, &[PIN, "4", "0700000011", "1"]).await;
        let code = code_at(&town, LINE).await;
        town.pass(Duration::seconds(61));
        let mut phone = dial(&mut town, LINE).await;
        let said = type_in(&mut phone, &[PIN, "4", "1", "0700000012", "1"]).await;
        assert!(said.starts_with("The code comes to this line by SMS"), "{said}");
        assert!(type_in(&mut phone, &[&code]).await.starts_with("This code is not right."));
        let code = code_at(&town, LINE).await;
        assert!(type_in(&mut phone, &[&code]).await.contains("from 0700000012"));
        assert!(says(&mut town, OTHER, &["1"]).await.starts_with("This line has no account yet."));
        assert!(says(&mut town, THIRD, &["1"]).await.starts_with("An account can move to this line."));
    }
}

on_every_back_end! {
    async fn a_pin_that_was_typed_long_ago_asks_for_no_move(town: Town) {
        settle(&mut town, &[]).await;
        let mut phone = dial(&mut town, LINE).await;
        type_in(&mut phone, &[PIN]).await;
        for _ in 0..2 {
            town.pass(Duration::minutes(2) + Duration::seconds(40));
            phone.answer("00").await.expect("a screen");
        }
        let said = type_in(&mut phone, &["4", "0700000011", "1"]).await;
        assert!(said.starts_with("You are signed out"), "{said}");
        let forged = town.count("SELECT COUNT(*) FROM moves").await;
        assert_eq!(forged, 0);
    }
}

/// The line as a number, for what services take.
pub fn line() -> Msisdn {
    msisdn(LINE)
}

/// What the desk types and reads. The process has a clock of its own, so no phone has a part in it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_desk_reads_what_to_do_next() {
    let mut town = Town::open(Backend::Embedded).await;
    settle(&mut town, &[]).await;
    let run = async |arguments: &[&str], code: i32| {
        let said = daftari(&[&["officer"], arguments].concat(), &town.environment).await;
        assert_eq!(said.code, code, "{arguments:?}: {}{}", said.out, said.err);
        if code == 0 { said.out } else { said.err }
    };
    let list = run(&["list"], 0).await;
    assert_eq!(
        list,
        "Jane Atieno  0700000020  support              everywhere\n\
         Peter Kamau  0700000021  support              everywhere\n"
    );
    let added =
        ["add", "--name", "Mary Naliaka", "--msisdn", "0700 000 022", "--role", "sub_county_director"];
    assert_eq!(
        run(&[&added[..], &["--scope", "Kimilili"]].concat(), 0).await,
        "Mary Naliaka is in office.\n"
    );
    let code = run(&["code", "--for", "0700000010", "--as", "0700000022"], 0).await;
    assert!(code.starts_with("Code:       "), "{code}");
    assert!(code.contains("For:        the account on 0700000010, and on that line alone"), "{code}");
    let refused = run(&["code", "--for", "0700000011", "--as", "0700000022"], 1).await;
    assert_eq!(refused, "no account is on this line: ask the person which line it was opened on\n");
    let refused = run(&["code", "--for", "0700000010", "--as", "0700000023"], 1).await;
    assert_eq!(refused, "no officer in office has this line: see `daftari officer list`\n");

    let asked = run(&["move", "--for", "0700000010", "--to", "0700000011", "--as", "0700000022"], 0).await;
    let reference =
        asked.lines().next().and_then(|line| line.split_whitespace().last()).expect("a reference");
    assert!(asked.contains("Nothing has moved yet."), "{asked}");
    let lower = reference.to_lowercase();
    let refused = run(&["confirm", &lower, "--to", "0700000011", "--as", "0700000022"], 1).await;
    assert_eq!(refused, "this officer asked for the move: another one must confirm it\n");
    let moved = run(&["confirm", &lower, "--to", "0700000011", "--as", "0700000021"], 0).await;
    assert!(moved.starts_with("The account moved from 0700000010 to 0700000011."), "{moved}");
    assert_eq!(run(&["objections"], 0).await, "Nobody objects to a move.\n");
    let undone = run(&["cancel", reference, "--as", "0700000020"], 0).await;
    assert!(undone.starts_with("The account is back on 0700000010."), "{undone}");
    assert_eq!(run(&["remove", "--msisdn", "0700000022"], 0).await, "Mary Naliaka is no longer in office.\n");
}
