//! What every hop costs: requests to the session store, SQL transactions and statements, on every back end; and what
//! it costs when its state was lost before. The tables are exact, so that a change that costs more is seen.

use daftari::{
    model::{CentreCode, Post},
    phones::{phone::Phone, wire::Wire},
    services::{
        disputes,
        register::{self, DayOf},
        season::calendar::day_of,
    },
    storage::{accounts, officers::Role},
};

use crate::{
    directing, marking,
    posts::with_pin,
    town::{Backend, CODE, Town, msisdn, on_every_back_end, open_account, screen},
};

const LINE: &str = "+254700000010";
const UNLUCKY: &str = "+254700000011";
/// Somebody whose own account disputes a day.
const PERSON: &str = "+254700000012";
const PIN: &str = "907318";
const NEW_PIN: &str = "462085";
const OFFICE_PIN: &str = directing::PIN;
const CENTRE_PIN: &str = marking::PIN;
/// Stand for the code that the line was sent, and for another.
const RIGHT_CODE: &str = "(code)";
const WRONG_CODE: &str = "(wrong code)";
/// Stands for an ID number of the line's own.
const ID: &str = "(ID number)";
/// Stands for the code of a centre that is the line's own, or the line's to act on.
const CENTRE: &str = "(centre)";
/// The centres of the two lines, alike in everything.
const CENTRES: [&str; 2] = ["12345002", "12345003"];

/// Requests to the session store, SQL transactions, SQL statements.
type Cost = [u64; 3];

/// What is typed, what the screen says that it leads to, what that costs, and what it costs when the state was lost
/// just before: one transaction more, and one for every list that was shown on the way.
type Row = (&'static str, &'static str, Cost, Cost);

/// Opening an account in English, in the ten hops there must be.
const ACCOUNT: [Row; 10] = [
    (CODE, "Examination staff register", [2, 1, 2], [2, 1, 2]),
    ("1", "This line has no account yet.", [2, 1, 3], [2, 2, 5]),
    ("1", "We keep your name", [2, 0, 0], [2, 1, 2]),
    ("1", "Type your first and middle names", [2, 1, 3], [2, 2, 5]),
    ("Asha Njeri", "Type your surname", [2, 1, 4], [2, 2, 6]),
    ("Wanjiku", "Type your national ID", [2, 1, 4], [2, 2, 6]),
    (ID, "Is this right?", [2, 1, 4], [2, 2, 6]),
    ("1", "Choose a secret PIN", [2, 0, 0], [2, 1, 2]),
    (PIN, "Type the same PIN once more", [2, 0, 0], [2, 1, 2]),
    (PIN, "Your account is open.", [2, 2, 16], [2, 3, 18]),
];

/// Signing in, with a wrong PIN first, and a look at everything.
const SIGN_IN: [Row; 10] = [
    (CODE, "Type your PIN to sign in", [2, 1, 2], [2, 1, 2]),
    ("135790", "This PIN is wrong. Tries left: 2", [2, 2, 5], [2, 3, 7]),
    (PIN, "Hello Asha Njeri.", [2, 2, 6], [2, 3, 8]),
    ("1", "Asha Njeri Wanjiku", [2, 1, 5], [2, 2, 7]),
    ("0", "Hello Asha Njeri.", [2, 0, 0], [2, 1, 2]),
    ("2", "Our messages to you:", [2, 1, 2], [2, 2, 4]),
    ("1", "SMS of ", [2, 1, 4], [2, 3, 8]),
    ("0", "Our messages to you:", [2, 1, 2], [2, 3, 6]),
    ("00", "Hello Asha Njeri.", [2, 0, 0], [2, 3, 6]),
    ("6", "Call 0700 000 099", [2, 0, 0], [2, 3, 6]),
];

/// Changing the PIN.
const CHANGE_PIN: [Row; 6] = [
    (CODE, "Type your PIN to sign in", [2, 1, 2], [2, 1, 2]),
    (PIN, "Hello Asha Njeri.", [2, 2, 6], [2, 3, 8]),
    ("3", "To change your PIN", [2, 0, 0], [2, 1, 2]),
    (PIN, "Choose a new PIN", [2, 2, 6], [2, 3, 8]),
    (NEW_PIN, "Type the new PIN once more", [2, 0, 0], [2, 1, 2]),
    (NEW_PIN, "Your PIN is changed.", [2, 2, 13], [2, 3, 15]),
];

/// Asking for a code and using it; how long a hop waits for the network's word is nothing here.
const ASK: [Row; 3] = [
    (CODE, "Type your PIN to sign in", [2, 1, 2], [2, 1, 2]),
    ("1", "We send a code by SMS", [2, 0, 0], [2, 1, 2]),
    ("1", "SMS ", [2, 2, 15], [2, 3, 17]),
];

/// From the code to the new PIN in four hops, and a wrong code before.
const RESET: [Row; 6] = [
    (CODE, "Type the code from our SMS", [2, 1, 2], [2, 1, 2]),
    (WRONG_CODE, "This code is not right.", [2, 2, 8], [2, 3, 10]),
    (RIGHT_CODE, "The code is right.", [2, 2, 8], [2, 3, 10]),
    (PIN, "Type the new PIN once more", [2, 0, 0], [2, 1, 2]),
    (PIN, "Your new PIN is set", [2, 2, 14], [2, 3, 16]),
    (PIN, "Hello Asha Njeri.", [2, 2, 6], [2, 3, 8]),
];

/// A director's morning: a look at who has not marked, a centre and its day, and a PIN for it.
const DIRECTING: [Row; 12] = [
    (CODE, "Officer Ruiru: today's registers.", [2, 1, 5], [2, 1, 5]),
    (OFFICE_PIN, "Ruiru DEMO ", [2, 2, 17], [2, 3, 19]),
    ("1", "Not marked today:", [2, 1, 5], [2, 2, 7]),
    ("1", "12345001 Mfano Secondary", [2, 1, 9], [2, 3, 16]),
    ("1", "12345001 ", [2, 1, 10], [2, 3, 17]),
    ("2", "Open 12345001 ", [2, 1, 9], [2, 3, 16]),
    ("00", "Ruiru DEMO ", [2, 0, 0], [2, 2, 7]),
    ("2", "Type the centre's code", [2, 0, 0], [2, 2, 7]),
    ("12345001", "12345001 Mfano Secondary", [2, 1, 9], [2, 3, 16]),
    ("2", "12345001: which day?", [2, 1, 7], [2, 3, 14]),
    ("1", "12345001 ", [2, 1, 10], [2, 4, 24]),
    ("0", "12345001: which day?", [2, 1, 7], [2, 4, 21]),
];

/// A centre's morning in four hops after the code, a look at what stands, and a correction with its reason.
const MARKING: [Row; 12] = [
    (CODE, "not marked today. Type its PIN", [2, 1, 7], [2, 1, 7]),
    (CENTRE_PIN, ": not marked", [2, 2, 16], [2, 3, 18]),
    ("2", "type the numbers of those absent", [2, 1, 7], [2, 2, 9]),
    ("3 7 12", "absent 3: 3 ", [2, 1, 5], [2, 2, 7]),
    ("99", "9 present, 3 absent. Reference", [2, 1, 17], [2, 2, 19]),
    ("00", "9 present, 3 absent", [2, 0, 0], [2, 1, 2]),
    ("1", "everybody is present, 12 people", [2, 1, 7], [2, 2, 9]),
    ("1", "Why is it changed?", [2, 1, 6], [2, 2, 8]),
    ("3", "12 present, 0 absent. Reference", [2, 1, 16], [2, 2, 18]),
    ("00", "12 present, 0 absent", [2, 0, 0], [2, 1, 2]),
    ("5", "Which day?", [2, 1, 14], [2, 2, 16]),
    ("2", ": not marked", [2, 1, 7], [2, 2, 9]),
];

/// The same one by one.
const ONE_BY_ONE: [Row; 6] = [
    (CODE, "not marked today. Type its PIN", [2, 1, 7], [2, 1, 7]),
    (CENTRE_PIN, ": not marked", [2, 2, 16], [2, 3, 18]),
    ("4", "1 Amina Mfano P", [2, 1, 7], [2, 2, 9]),
    ("2 3", "2 Otieno Kisa Ab", [2, 1, 5], [2, 2, 7]),
    ("99", "present 10, absent 2", [2, 1, 4], [2, 2, 6]),
    ("1", "10 present, 2 absent. Reference", [2, 1, 17], [2, 2, 19]),
];

/// The same by role, with a look back at the roles.
const BY_ROLE: [Row; 8] = [
    (CODE, "not marked today. Type its PIN", [2, 1, 7], [2, 1, 7]),
    (CENTRE_PIN, ": not marked", [2, 2, 16], [2, 3, 18]),
    ("3", "Choose a role:", [2, 1, 7], [2, 2, 9]),
    ("5", "12 Hassan Ramani P", [2, 1, 4], [2, 2, 6]),
    ("12", "12 Hassan Ramani Ab", [2, 1, 5], [2, 2, 7]),
    ("0", "5: driver 1, absent 1", [2, 0, 0], [2, 1, 2]),
    ("99", "present 11, absent 1", [2, 1, 4], [2, 2, 6]),
    ("1", "11 present, 1 absent. Reference", [2, 1, 17], [2, 2, 19]),
];

/// Adding somebody who is not on the roster, and going on after a drop.
const ADDING: [Row; 12] = [
    (CODE, "not marked today. Type its PIN", [2, 1, 7], [2, 1, 7]),
    (CENTRE_PIN, ": not marked", [2, 2, 16], [2, 3, 18]),
    ("6", "Not on the list", [2, 0, 0], [2, 1, 2]),
    ("1", "Type the whole name", [2, 0, 0], [2, 1, 2]),
    ("Wairimu Mgeni", "as what?", [2, 1, 4], [2, 2, 6]),
    (CODE, "not marked today. Type its PIN", [2, 1, 7], [2, 1, 7]),
    (CENTRE_PIN, "You were marking", [2, 2, 16], [2, 3, 18]),
    ("1", "Wairimu Mgeni: as what?", [2, 1, 8], [2, 2, 10]),
    ("1", "Type the phone number", [2, 1, 4], [2, 2, 6]),
    ("1", "invigilator, without a phone", [2, 0, 0], [2, 1, 2]),
    ("1", "is number 13 now", [2, 1, 17], [2, 2, 19]),
    ("00", ": not marked", [2, 0, 0], [2, 1, 2]),
];

/// A centre puts right what somebody disputes.
const ANSWERING: [Row; 6] = [
    (CODE, "marked today. Type its PIN", [2, 1, 7], [2, 1, 7]),
    (CENTRE_PIN, "11 present, 1 absent", [2, 2, 16], [2, 3, 18]),
    ("6", "Disputes", [2, 0, 0], [2, 1, 2]),
    ("4", "They say: I was there.", [2, 1, 3], [2, 2, 5]),
    ("1", "is marked absent and says", [2, 1, 4], [2, 3, 9]),
    ("1", "Done: marked present", [2, 1, 27], [2, 3, 32]),
];

/// What a director does about a centre: reminds it, and opens a day.
const ACTING: [Row; 14] = [
    (CODE, "Officer Ruiru: today's registers.", [2, 1, 5], [2, 1, 5]),
    (OFFICE_PIN, "Ruiru DEMO ", [2, 2, 17], [2, 3, 19]),
    ("2", "Type the centre's code", [2, 0, 0], [2, 1, 2]),
    (CENTRE, "1: ", [2, 1, 9], [2, 2, 11]),
    ("1", ": not marked since ", [2, 1, 11], [2, 2, 13]),
    ("1", "We remind ", [2, 1, 18], [2, 2, 20]),
    ("00", "Ruiru DEMO ", [2, 0, 0], [2, 1, 2]),
    ("2", "Type the centre's code", [2, 0, 0], [2, 1, 2]),
    (CENTRE, "1: ", [2, 1, 9], [2, 2, 11]),
    ("1", ": not marked since ", [2, 1, 11], [2, 2, 13]),
    ("2", "for changes until:", [2, 1, 9], [2, 2, 11]),
    ("1", "Why?", [2, 0, 0], [2, 1, 2]),
    ("phones were off", "until this evening?", [2, 0, 0], [2, 1, 2]),
    ("1", " is open until ", [2, 1, 17], [2, 2, 19]),
];

/// A director gives a centre a first PIN.
const ISSUING: [Row; 8] = [
    (CODE, "Officer Ruiru: today's registers.", [2, 1, 5], [2, 1, 5]),
    (OFFICE_PIN, "Ruiru DEMO ", [2, 2, 17], [2, 3, 19]),
    ("2", "Type the centre's code", [2, 0, 0], [2, 1, 2]),
    (CENTRE, "1: ", [2, 1, 9], [2, 2, 11]),
    ("3", "Centre 1234500", [2, 1, 8], [2, 2, 10]),
    ("1", "To which phone?", [2, 0, 0], [2, 1, 2]),
    ("0700000075", "Send a first PIN", [2, 0, 0], [2, 1, 2]),
    ("1", "A first PIN goes to", [2, 1, 23], [2, 2, 25]),
];

/// What the gateway has asked of its stores so far.
fn reading(town: &Town) -> Cost {
    let count = town.app().deps.store.count();
    [town.app().sessions.round_trips(), count.transactions(), count.statements()]
}

fn since(town: &Town, before: Cost) -> Cost {
    let now = reading(town);
    std::array::from_fn(|n| now[n] - before[n])
}

/// A cost as it must be on this back end: state in process is reached without the network.
fn on(backend: Backend, [trips, transactions, statements]: Cost) -> Cost {
    [if backend == Backend::Embedded { 0 } else { trips }, transactions, statements]
}

/// A phone whose end events are not counted, and whose Redis knows the scripts.
async fn phone(town: &Town, number: &str) -> Phone {
    let mut phone = town.phone(number).without_end_events();
    phone.dial(CODE).await.expect("a screen");
    phone
}

/// The code that a phone was sent last.
async fn code(town: &Town, phone: &Phone) -> String {
    town.send_messages().await;
    let sms = town.messages_to(phone.line().msisdn.as_e164());
    let code = sms.iter().rev().find(|sms| sms.contains("is your code")).and_then(|sms| sms.get(..6));
    code.expect("a code").to_owned()
}

async fn hop(town: &Town, phone: &mut Phone, (typed, shown, ..): &Row, (id, centre): (&str, &str)) -> Cost {
    let code =
        if matches!(*typed, RIGHT_CODE | WRONG_CODE) { code(town, phone).await } else { String::new() };
    let before = reading(town);
    match *typed {
        CODE => phone.dial(CODE).await,
        ID => phone.answer(id).await,
        CENTRE => phone.answer(centre).await,
        RIGHT_CODE => phone.answer(&code).await,
        WRONG_CODE => phone.answer(if code == "111111" { "222222" } else { "111111" }).await,
        typed => phone.answer(typed).await,
    }
    .expect("a screen");
    assert!(screen(phone).contains(shown), "{typed} leads to {}", screen(phone));
    since(town, before)
}

/// Walk a journey and give the cost of every hop; the hop again at once asks the store for the state, and SQL nothing.
async fn undisturbed(town: &Town, rows: &[Row]) -> Vec<Cost> {
    let mut phone = phone(town, LINE).await;
    let mut costs = vec![];
    for row in rows {
        costs.push(hop(town, &mut phone, row, ("28461931", CENTRES[0])).await);
        let before = reading(town);
        phone.repeat().await.expect("a screen");
        assert_eq!(since(town, before), on(town.backend, [1, 0, 0]), "a repeat of {}", row.0);
    }
    costs
}

/// The same on another line, with the state lost before every hop.
async fn forgotten(town: &mut Town, rows: &[Row]) -> Vec<Cost> {
    let mut phone = phone(town, UNLUCKY).await;
    let mut costs = vec![];
    for row in rows {
        town.flush(&[UNLUCKY]).await;
        phone.use_aggregator(town.aggregator(0, Wire::AfricasTalking));
        costs.push(hop(town, &mut phone, row, ("28461932", CENTRES[1])).await);
    }
    costs
}

async fn costs_what_it_must(town: &mut Town, title: &str, rows: &[Row]) {
    // More calls than a line may make in five minutes.
    town.flush(&[LINE, UNLUCKY]).await;
    let (straight, lost) = (undisturbed(town, rows).await, forgotten(town, rows).await);
    print_table(town.backend, title, rows, &straight, &lost);
    for (n, (typed, _, cost, after_loss)) in rows.iter().enumerate() {
        assert_eq!(straight[n], on(town.backend, *cost), "{title}, hop {}: {typed}", n + 1);
        assert_eq!(lost[n], on(town.backend, *after_loss), "{title}, hop {}, state lost: {typed}", n + 1);
    }
}

fn print_table(backend: Backend, title: &str, rows: &[Row], straight: &[Cost], lost: &[Cost]) {
    println!(
        "\n{title} on {backend:?}: store requests, SQL transactions, statements; the same with the state lost"
    );
    for ((typed, shown, ..), (cost, after_loss)) in rows.iter().zip(straight.iter().zip(lost)) {
        println!("  {typed:<12} {shown:<34} {cost:?}  {after_loss:?}");
    }
}

on_every_back_end! {
    async fn every_hop_costs_what_its_table_says(town: Town) {
        costs_what_it_must(&mut town, "Opening an account", &ACCOUNT).await;
        costs_what_it_must(&mut town, "Signing in", &SIGN_IN).await;
        costs_what_it_must(&mut town, "Changing the PIN", &CHANGE_PIN).await;
        costs_what_it_must(&mut town, "Asking for a code", &ASK).await;
        costs_what_it_must(&mut town, "Making the PIN anew", &RESET).await;
    }
}

on_every_back_end! {
    async fn a_directors_hops_cost_what_their_table_says(town: Town) {
        directing::in_demo(&town).await;
        for line in [LINE, UNLUCKY] {
            directing::officer(&town, line, Role::SubCountyDirector, "Ruiru").await;
        }
        at_a_post(&mut town, "A director's morning", DIRECTING).await;
    }
}

/// The same for somebody who types the PIN of a post. Its tries are held twice then, and once for a first PIN: a statement
/// each on Postgres, none where there is one writer.
async fn at_a_post<const N: usize>(town: &mut Town, title: &str, mut rows: [Row; N]) {
    if town.backend != Backend::Embedded {
        for (typed, shown, straight, lost) in &mut rows {
            let held = match (*typed, *shown) {
                (OFFICE_PIN | CENTRE_PIN, _) => 2,
                (_, "A first PIN goes to") => 1,
                _ => 0,
            };
            straight[2] += held;
            lost[2] += held;
        }
    }
    costs_what_it_must(town, title, &rows).await;
}

/// Both lines with a centre each, whose day begins.
async fn two_centres(town: &Town) {
    marking::to_mark(town).await;
    for (line, code) in [LINE, UNLUCKY].into_iter().zip(CENTRES) {
        marking::another(town, code, line).await;
    }
}

on_every_back_end! {
    async fn a_centres_hops_cost_what_their_table_says(town: Town) {
        two_centres(&town).await;
        at_a_post(&mut town, "A centre's morning", MARKING).await;
    }
}

on_every_back_end! {
    async fn marking_one_by_one_costs_what_its_table_says(town: Town) {
        two_centres(&town).await;
        at_a_post(&mut town, "One by one", ONE_BY_ONE).await;
    }
}

on_every_back_end! {
    async fn adding_somebody_costs_what_its_table_says(town: Town) {
        two_centres(&town).await;
        at_a_post(&mut town, "Adding somebody", ADDING).await;
    }
}

on_every_back_end! {
    async fn marking_by_role_costs_what_its_table_says(town: Town) {
        two_centres(&town).await;
        at_a_post(&mut town, "By role", BY_ROLE).await;
    }
}

/// Let somebody who was marked absent at each of the centres say: I was there.
async fn disputed(town: &Town) {
    open_account(&mut town.phone(PERSON), "28461937", PIN).await;
    let (deps, now) = (&town.app().deps, town.clock.now());
    let account = accounts::by_msisdn(&mut deps.store.read().await.expect("a read"), &msisdn(PERSON)).await;
    let account = account.expect("an answer").expect("an account").id;
    for (line, code) in [LINE, UNLUCKY].into_iter().zip(CENTRES) {
        let mut phone = town.phone(line);
        phone.dial(CODE).await.expect("a screen");
        for typed in [CENTRE_PIN, "2", "3", "99"] {
            phone.answer(typed).await.expect("a screen");
        }
        assert!(screen(&phone).contains("11 present, 1 absent"), "{}", screen(&phone));
        let centre = CentreCode::parse(code).expect("a code");
        let of = DayOf { series: "S26", centre: &centre, on: day_of(now) };
        let mut tx = deps.store.begin().await.expect("a unit of work");
        let roster = register::roster(&mut tx, of).await.expect("a roster");
        let menus = town.app().menus.current();
        let begun = disputes::begin(&mut tx, deps, &menus, account, (roster[2].deployment, of.on), now).await;
        begun.expect("a dispute").expect("the first");
        tx.commit().await.expect("kept");
    }
}

on_every_back_end! {
    async fn answering_a_dispute_costs_what_its_table_says(town: Town) {
        two_centres(&town).await;
        disputed(&town).await;
        at_a_post(&mut town, "Answering a dispute", ANSWERING).await;
    }
}

on_every_back_end! {
    async fn a_directors_acts_cost_what_their_table_says(town: Town) {
        directing::in_demo(&town).await;
        for (line, code) in [LINE, UNLUCKY].into_iter().zip(CENTRES) {
            directing::officer(&town, line, Role::SubCountyDirector, "Ruiru").await;
            let centre = Post::Centre(CentreCode::parse(code).expect("a code"));
            with_pin(&town, &centre, &line.replace("00001", "00007"), CENTRE_PIN).await;
        }
        at_a_post(&mut town, "A director's acts", ACTING).await;
        at_a_post(&mut town, "A first PIN from the director", ISSUING).await;
    }
}
