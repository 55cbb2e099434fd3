//! Histories nobody has thought of: whatever is typed, hop by hop or folded from scratch on another node, comes to the
//! same screen (`security.md` 23).

use daftari::{
    clock::Chance,
    phones::{
        phone::Phone,
        wire::{Call, Shown, Wire},
    },
};

use crate::town::{Backend, CODE, Town};

/// What people type, right and wrong; `ID` stands for the line's own.
const TYPED: [&str; 40] = [
    "1",
    "1",
    "1",
    "1",
    "2",
    "2",
    "3",
    "4",
    "5",
    "9",
    "0",
    "0",
    "00",
    "98",
    "Asha",
    "Wanjiku Njeri",
    "O'Brien",
    "ID",
    "ID",
    "907318",
    "907318",
    "907318",
    "462085",
    "123456",
    "1234",
    "",
    " ",
    "a*1",
    "**",
    "1 ",
    "01",
    "é",
    "٣",
    "😀",
    "CON 1",
    "\u{202e}",
    "'; DROP TABLE accounts; --",
    "%00%0a{reference}",
    "0a",
    "999999999999999999999",
];
/// The way to an account.
const SIGN_UP: [&str; 9] = ["1", "1", "1", "Asha", "Wanjiku", "ID", "1", "907318", "907318"];

/// A number below `of`.
pub fn pick(chance: &Chance, of: usize) -> usize {
    usize::from(u16::from_be_bytes(chance.bytes())) % of
}

/// Up to twelve inputs: random ones, or a way that leads somewhere with something strange in it.
fn history(chance: &Chance, id: &str, again: bool) -> Vec<String> {
    let random = || TYPED[pick(chance, TYPED.len())];
    let mut inputs: Vec<&str> = match pick(chance, 6) {
        0 => vec![],
        1 => SIGN_UP[..pick(chance, SIGN_UP.len())].to_vec(),
        _ if !again => SIGN_UP.to_vec(),
        2 => vec!["907318", "2", "1", "0", "98"],
        3 => vec!["907318", "3", "907318", "462085", "462085"],
        _ => vec!["907318"],
    };
    for _ in 0..pick(chance, 3) {
        let at = pick(chance, inputs.len() + 1);
        inputs.insert(at, random());
    }
    while inputs.len() < 12 && pick(chance, 6) > 0 {
        inputs.push(random());
    }
    inputs.truncate(12);
    inputs.into_iter().map(|input| input.replace("ID", id)).collect()
}

fn check(case: u64, sent: &Call, shown: &Shown) {
    assert_eq!(shown.flaw(), None, "case {case}, {:?}: {}", sent.inputs, shown.text);
    assert!(shown.septets() <= 160, "case {case}, {:?}: {}", sent.inputs, shown.text);
}

/// Type a history into a call, then have it folded by another node; both must show the same.
async fn typed_and_folded(town: &Town, case: u64, phone: &mut Phone, inputs: &[String]) {
    phone.dial(CODE).await.expect("a screen");
    for input in inputs {
        if !phone.is_open() {
            break;
        }
        let shown =
            phone.answer(input).await.unwrap_or_else(|fault| panic!("case {case}, {inputs:?}: {fault}"));
        check(case, phone.sent().expect("a call"), &shown);
    }
    let (sent, shown) = (phone.sent().expect("a call"), phone.shown().expect("a screen"));
    let folded = town.aggregator(1, Wire::AfricasTalking).hop(sent).await;
    let folded = folded.unwrap_or_else(|fault| panic!("case {case}, {inputs:?}: {fault}"));
    assert_eq!(
        (&folded.text, folded.ends, &folded.note),
        (&shown.text, shown.ends, &shown.note),
        "case {case}, {inputs:?}"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_history_folded_from_scratch_shows_what_was_shown_hop_by_hop() {
    let mut town = Town::open(Backend::Embedded).await;
    // In-process state is a node's own: the other has none of any session.
    town.add_node().await;
    for case in 10..100 {
        let chance = Chance::seeded(case);
        let mut phone = town.phone(&format!("+2547000000{case}"));
        // The second call begins with what the first has left: an account, a draft, a language.
        for again in [false, true] {
            let inputs = history(&chance, &format!("284619{case}"), again);
            typed_and_folded(&town, case, &mut phone, &inputs).await;
        }
        let most =
            "SELECT COALESCE(MAX(n), 0) FROM (SELECT COUNT(*) AS n FROM accounts GROUP BY msisdn) AS lines";
        assert!(town.count(most).await <= 1, "case {case}");
    }
    for (action, least) in [("open_account", 20), ("sign_in", 20), ("show_message", 3), ("change_pin", 3)] {
        let mut tx = town.app().deps.store.read().await.expect("a read");
        let count = tx.query("SELECT COUNT(*) FROM journal WHERE action = $1").bind(action);
        let (done,): (i64,) = count.one().await.expect("a count");
        assert!(done >= least, "the histories reach {action} only {done} times");
    }
}
