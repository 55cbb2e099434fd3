//! Every flow in which a PIN or an ID is typed, and where it is typed by mistake.

use daftari::{
    phones::{
        phone::Phone,
        wire::{Call, Wire},
    },
    secrets::Sealed,
    services::{officers, support},
    storage::{inbound, officers::Role},
};
use secrecy::ExposeSecret as _;

use crate::{
    ID, OTHER_PIN, PIN, portal, raw,
    town::{CODE, Town, msisdn, screen},
};

/// The line with this number at its end.
pub fn line(n: u32) -> String {
    format!("+2547000000{n}")
}

fn id(last: u32) -> String {
    format!("{ID}{last}")
}

/// Type, and see what comes of it.
pub async fn typed(phone: &mut Phone, inputs: &[&str], begins: &str) {
    for input in inputs {
        phone.answer(input).await.expect("a screen");
    }
    assert!(screen(phone).starts_with(begins), "{begins}… is expected, not {}", screen(phone));
}

/// A call that has come to its first screen.
pub async fn dialled(town: &Town, n: u32) -> Phone {
    let mut phone = town.phone(&line(n));
    phone.dial(CODE).await.expect("a screen");
    phone
}

/// Open an account with this PIN.
pub async fn account(town: &Town, n: u32, last: u32, pin: &str) {
    let mut phone = dialled(town, n).await;
    typed(&mut phone, &["1", "1", "1", "Asha", "Wanjiku", &id(last), "1", pin, pin], "Your account is open.")
        .await;
}

/// The same request once more, as an aggregator repeats it.
async fn again(town: &Town, call: &Call) {
    town.aggregator(0, Wire::AfricasTalking).hop(call).await.expect("an answer");
}

/// All of them; gives the codes that were sent, which must be nowhere but on the phone.
pub async fn all(town: &mut Town) -> Vec<String> {
    sign_up_and_sign_in(town).await;
    change(town).await;
    wrong_until_disabled(town).await;
    mistyped(town).await;
    pin_as_an_id(town).await;
    deep_dials(town).await;
    hubtel(town).await;
    state_lost(town).await;
    half_way(town).await;
    end_events(town).await;
    inbound_sms(town).await;
    let mut codes = recovery(town).await;
    codes.extend(officers_code(town).await);
    codes.extend(portal::all(town).await);
    town.send_messages().await;
    codes
}

/// A forgotten PIN, with the canary typed for a code and as the new PIN. The code has eight digits, as while somebody
/// guesses: six are found by chance among so many bytes.
async fn recovery(town: &mut Town) -> Vec<String> {
    let mut tx = town.app().deps.store.begin().await.expect("a unit of work");
    tx.query("INSERT INTO code_counts (what, since, counted, unreserved) VALUES ('wrong', $1, 200, 0)")
        .bind(town.clock.now())
        .execute_exactly(1)
        .await
        .expect("guesses");
    tx.commit().await.expect("they are kept");
    account(town, 21, 3, OTHER_PIN).await;
    typed(&mut dialled(town, 21).await, &["1", "1"], "SMS ").await;
    town.send_messages().await;
    let sms = latest_code(town, 21);
    let code = sms.get(..8).expect("a code of eight digits").to_owned();
    let mut phone = dialled(town, 21).await;
    typed(&mut phone, &[PIN], "This code is not right.").await;
    typed(&mut phone, &[&format!("{code}1"), &code], "The code is right.").await;
    phone.repeat().await.expect("a screen");
    phone.drop_call().await.expect("the end is told");
    let mut phone = dialled(town, 21).await;
    typed(&mut phone, &[&code, PIN, PIN], "Your new PIN is set").await;
    phone.repeat().await.expect("a screen");
    typed(&mut phone, &[PIN], "Hello Asha.").await;
    // And one that is still due when everything is looked through, typed where something else is asked.
    town.pass(chrono::Duration::minutes(1));
    let mut phone = dialled(town, 21).await;
    typed(&mut phone, &["1", "1"], "SMS ").await;
    town.send_messages().await;
    let sms = latest_code(town, 21);
    let due = sms.get(..8).expect("a code of eight digits").to_owned();
    typed(&mut phone, &[&due], "Answer with one").await;
    vec![code, due]
}

/// An officer's code, typed wrong and right, and one that is still due when everything is looked through.
async fn officers_code(town: &mut Town) -> Vec<String> {
    account(town, 22, 4, OTHER_PIN).await;
    let deps = town.app().deps.clone();
    let officer = msisdn(&line(23));
    officers::add(&deps, "Jane Atieno", officer.clone(), Role::Support, "").await.expect("an officer");
    let issue = async || {
        let menus = town.app().menus.current();
        let issued = officers::issue_code(&deps, &menus, &officer, &msisdn(&line(22))).await;
        issued.expect("a code").code.expose_secret().to_owned()
    };
    let code = issue().await;
    let mut phone = dialled(town, 22).await;
    typed(&mut phone, &["1", "2", PIN], "These are not the digits.").await;
    typed(&mut phone, &[&format!("{code}1"), &code], "The code is right.").await;
    typed(&mut phone, &[PIN, PIN], "Your new PIN is set").await;
    phone.repeat().await.expect("a screen");
    let due = issue().await;
    vec![code, due]
}

/// The latest SMS with a code; others that were due with it may have gone out after it.
fn latest_code(town: &Town, n: u32) -> String {
    let sms = town.messages_to(&line(n));
    sms.into_iter().rfind(|sms| sms.starts_with(|c: char| c.is_ascii_digit())).expect("an SMS with a code")
}

async fn sign_up_and_sign_in(town: &Town) {
    let mut phone = dialled(town, 10).await;
    typed(&mut phone, &["1", "1", "1", "Asha", "Wanjiku", &id(0), "1", PIN], "Type the same PIN").await;
    let early = phone.sent().expect("a call").clone();
    typed(&mut phone, &["917365"], "The two PINs are not the same.").await;
    typed(&mut phone, &["0", "917 364", "917-364"], "Your account is open.").await;
    phone.repeat().await.expect("a screen");
    again(town, &early).await;
    phone.dial(CODE).await.expect("a screen");
    typed(&mut phone, &[PIN], "Hello Asha.").await;
    phone.repeat().await.expect("a screen");
    let early = phone.sent().expect("a call").clone();
    typed(&mut phone, &["1"], "Asha Wanjiku\nID *****").await;
    again(town, &early).await;
    typed(&mut phone, &["00", "2", "1"], "SMS of").await;
    phone.drop_call().await.expect("the end is told");
}

async fn change(town: &Town) {
    account(town, 11, 1, OTHER_PIN).await;
    let mut phone = dialled(town, 11).await;
    typed(&mut phone, &[OTHER_PIN, "3", PIN], "This is not your PIN.").await;
    typed(&mut phone, &[OTHER_PIN, PIN, PIN], "Your PIN is changed.").await;
    phone.repeat().await.expect("a screen");
    phone.dial(CODE).await.expect("a screen");
    typed(&mut phone, &[PIN, "3", PIN, PIN, PIN], "This is the PIN you have already.").await;
    typed(&mut phone, &[OTHER_PIN, OTHER_PIN], "Your PIN is changed.").await;
}

async fn wrong_until_disabled(town: &Town) {
    account(town, 12, 2, OTHER_PIN).await;
    let mut phone = dialled(town, 12).await;
    typed(&mut phone, &[PIN, PIN, PIN], "Too many wrong PINs.").await;
    phone.dial(CODE).await.expect("a screen");
    typed(&mut phone, &[PIN], "Too many wrong PINs.").await;
    let mut tx = town.app().deps.store.begin().await.expect("a unit of work");
    tx.query("UPDATE credentials SET failures = 9, wait_until = NULL WHERE failures = 3")
        .execute_exactly(1)
        .await
        .expect("one account");
    tx.commit().await.expect("it is kept");
    // Two calls that were dialled before the PIN was disabled: the try that disables it, and one too late.
    for mut phone in [dialled(town, 12).await, dialled(town, 12).await] {
        typed(&mut phone, &[PIN], "This PIN was wrong 10 times").await;
    }
}

async fn mistyped(town: &Town) {
    let mut phone = dialled(town, 13).await;
    typed(&mut phone, &[PIN], "Answer with one").await;
    typed(&mut phone, &["1", PIN], "Answer with one").await;
    typed(&mut phone, &["2", PIN], "Answer with one").await;
    typed(&mut phone, &["1", PIN], "Answer with one").await;
    let with_a_name = format!("Asha {PIN}");
    typed(&mut phone, &["1", PIN, &with_a_name], "A name has letters only.").await;
    typed(&mut phone, &["Asha", PIN], "A name has letters only.").await;
    typed(&mut phone, &["Wanjiku", PIN], "Most IDs have 7 or 8 digits.").await;
    let long = PIN.repeat(30);
    typed(&mut phone, &[&long], "We could not read that.").await;
    typed(&mut phone, &["917364\u{202e}"], "We could not read that.").await;
    phone.drop_call().await.expect("the end is told");
    phone.dial(CODE).await.expect("a screen");
    typed(&mut phone, &[PIN], "Answer with one").await;
    phone.drop_call().await.expect("the end is told");
}

/// A PIN typed twice where an ID is asked for is an ID, and as well hidden as any.
async fn pin_as_an_id(town: &Town) {
    let mut phone = dialled(town, 14).await;
    typed(&mut phone, &["1", "1", "1", "Asha", "Wanjiku", PIN, PIN], "Is this right?").await;
    phone.drop_call().await.expect("the end is told");
    phone.dial(CODE).await.expect("a screen");
    typed(&mut phone, &["1"], "Your name and ID are kept").await;
    typed(&mut phone, &["1", PIN], "Easy to guess: it is in your phone or ID number.").await;
    typed(&mut phone, &[OTHER_PIN, OTHER_PIN], "Your account is open.").await;
    phone.dial(CODE).await.expect("a screen");
    typed(&mut phone, &[OTHER_PIN, "1"], "Asha Wanjiku\nID ***364").await;
}

async fn deep_dials(town: &Town) {
    let mut phone = town.phone(&line(15));
    for inputs in [format!("1*1*1*Asha*{PIN}"), PIN.to_owned(), format!("1*{PIN}*{PIN}")] {
        phone.deep_dial(&inputs).await.expect("a screen");
    }
    phone.answer(PIN).await.expect("a screen");
    let mut signed_up = town.phone(&line(10));
    signed_up.deep_dial(PIN).await.expect("a screen");
    typed(&mut signed_up, &[PIN], "Hello Asha.").await;
    signed_up.drop_call().await.expect("the end is told");
}

/// Only the latest input: without a store of sessions such a call can't go on, and the PIN is typed all the same.
async fn hubtel(town: &Town) {
    let goes_on = town.app().sessions.ping().await.is_ok();
    let expect = |begins: &'static str| if goes_on { begins } else { "" };
    let mut phone = town.phone_on(&line(16), Wire::Hubtel);
    phone.dial(CODE).await.expect("a screen");
    typed(&mut phone, &[PIN], expect("Answer with one")).await;
    let sign_up = ["1", "1", "1", "Asha", "Wanjiku", &id(6), "1", PIN];
    typed(&mut phone, &sign_up, expect("Type the same PIN")).await;
    phone.repeat().await.expect("a screen");
    typed(&mut phone, &[PIN], expect("Your account is open.")).await;
    phone.repeat().await.expect("a screen");
    phone.dial(CODE).await.expect("a screen");
    typed(&mut phone, &["111222"], expect("This PIN is wrong.")).await;
    typed(&mut phone, &[PIN], expect("Hello Asha.")).await;
    phone.drop_call().await.expect("the end is told");
}

async fn state_lost(town: &mut Town) {
    let mut phone = dialled(town, 17).await;
    let inputs = ["1", "1", "1", "Asha", "Wanjiku", &id(7), "1", PIN, PIN];
    for (n, input) in inputs.into_iter().enumerate() {
        if n >= 6 {
            town.flush(&[&line(17)]).await;
            phone.use_aggregator(town.aggregator(0, Wire::AfricasTalking));
        }
        phone.answer(input).await.expect("a screen");
    }
    assert!(screen(&phone).starts_with("Your account is open."), "{}", screen(&phone));
}

/// Calls that are in the middle when everything is looked through: the PIN typed once, and signed in.
async fn half_way(town: &Town) {
    let mut phone = dialled(town, 18).await;
    typed(&mut phone, &["1", "1", "1", "Asha", "Wanjiku", &id(8), "1", PIN], "Type the same PIN").await;
    typed(&mut dialled(town, 17).await, &[PIN, "3", PIN, OTHER_PIN], "Type the new PIN once more.").await;
}

async fn end_events(town: &Town) {
    let (number, input) = (line(19), format!("1*{PIN}*{PIN}"));
    for status in ["Success", "Incomplete", "Failed"] {
        let event = raw::form(&[
            ("sessionId", &format!("s-{status}")),
            ("phoneNumber", &number),
            ("serviceCode", CODE),
            ("status", status),
            ("hopsMetadata", "account.new_pin"),
            ("input", &input),
            ("lastAppResponse", &format!("CON {PIN}\nID {ID}0")),
            ("errorMessage", &format!("no answer to {input}")),
            ("somethingNew", PIN),
        ]);
        assert_eq!(raw::post(town, "ussd-end", &event).await.status, 200);
    }
    let unreadable = raw::form(&[("sessionId", "s 1"), ("input", &input)]);
    assert_eq!(raw::post(town, "ussd-end", &unreadable).await.status, 400);
}

async fn inbound_sms(town: &Town) {
    let texts = [
        ("m-1", line(20), format!("PIN yangu ni {PIN}")),
        ("m-1", line(20), format!("PIN yangu ni {PIN}")),
        ("m-2", line(20), PIN.to_owned()),
        ("m-3", "SAFARICOM".to_owned(), format!("{ID}0 {PIN}")),
        ("m-4", line(20), format!("reset my pin {PIN}, ID {ID}0")),
        ("m-5", line(20), format!("The gate of the container says {PIN}, {ID}0")),
        ("m-6", line(21), format!("REG {PIN} ALL")),
        ("m-7", line(21), format!("STATUS {PIN} 0700000012 {ID}0")),
    ];
    for (id, from, text) in &texts {
        let sms = raw::form(&[("id", id), ("from", from), ("to", "22384"), ("text", text)]);
        assert_eq!(raw::post(town, "sms", &sms).await.status, 200);
    }
    // It is kept, and only sealed.
    let deps = &town.app().deps;
    let [ticket] = &support::list(deps, true).await.expect("tickets")[..] else { panic!("one ticket") };
    let by = "asha".parse().expect("a name");
    let shown = support::show(deps, &ticket.reference, &by).await.expect("a ticket");
    tracing::info!(?shown, "a ticket was read");
    let mut tx = deps.store.read().await.expect("a read");
    let kept = tx.query("SELECT text, text_key FROM inbound_messages WHERE provider_id = 'm-1'");
    let (bytes, key_id): (Vec<u8>, String) = kept.one().await.expect("the message");
    let row = inbound::text_row("africastalking", "m-1");
    let opened = deps.keys.open(inbound::text_place(&row), &Sealed { key_id, bytes }).expect("it opens");
    assert_eq!(String::from_utf8_lossy(&opened), format!("PIN yangu ni {PIN}"));
}
