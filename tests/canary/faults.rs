//! Every way in which a request with a PIN in it goes wrong.

use daftari::{phones::wire::Wire, storage::Dialect};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::{
    OTHER_PIN, PIN,
    flows::{account, dialled, line, typed},
    log,
    raw::{self, FORM, JSON},
    town::{CODE, SECRET, Town, screen},
};

const BROKEN: &str = "Something is broken on our side";

/// All of them.
pub async fn all(town: &mut Town) {
    account(town, 30, 9, OTHER_PIN).await;
    refused(town).await;
    not_even_http(town).await;
    statements_that_fail(town).await;
    slow(town).await;
    panics(town).await;
    without_a_database(town).await;
    let told = log::text();
    for line in ["A hop failed", "A hop was turned away", "could not be kept", "its words are withheld"] {
        assert!(told.contains(line), "{line} was to be logged");
    }
}

/// One request, which is to be answered with this status and nothing of what was sent.
async fn answered(town: &Town, status: u16, method: &str, path: &str, content_type: &str, body: &str) {
    let answer = raw::send(&town.nodes[0].url, method, path, content_type, body.as_bytes()).await;
    assert_eq!(answer.status, status, "{method} {path}: {answer:?}");
    assert!(!answer.head.contains(PIN) && !answer.body.contains(PIN), "it is sent back: {answer:?}");
}

async fn refused(town: &Town) {
    let good = raw::hop("s-1", &line(31), PIN);
    let long = format!("{good}*{}", PIN.repeat(3_000));
    for event in ["ussd", "ussd-end", "sms", "delivery", "opt-out"] {
        let path = raw::path("africastalking", event);
        answered(town, 400, "POST", &path, FORM, &format!("text={PIN}&input={PIN}&sessionId=%FF{PIN}")).await;
        answered(town, 400, "POST", &path, FORM, PIN).await;
        answered(town, 405, "GET", &format!("{path}?text={PIN}"), FORM, "").await;
        answered(town, 413, "POST", &path, FORM, &long).await;
        answered(town, 415, "POST", &path, "text/plain", &good).await;
        answered(town, 400, "POST", &format!("{path}?text={PIN}"), FORM, "").await;
        let wrong = format!("/callbacks/africastalking/not-the-secret-{PIN}/{event}?text={PIN}");
        answered(town, 404, "POST", &wrong, FORM, &good).await;
    }
    answered(town, 400, "POST", &raw::path("africastalking", "ussd"), FORM, &format!("{good}%FF")).await;
    answered(town, 404, "POST", &format!("/callbacks/africastalking/{SECRET}/{PIN}"), FORM, &good).await;
    answered(town, 404, "POST", &format!("/{PIN}?{PIN}"), FORM, &good).await;
    let hubtel = raw::path("hubtel", "ussd");
    answered(town, 400, "POST", &hubtel, JSON, &format!("{{\"Message\":\"{PIN}\"")).await;
    answered(town, 400, "POST", &hubtel, JSON, &format!("{{\"Type\":\"{PIN}\",\"Message\":{PIN}}}")).await;
    answered(town, 415, "POST", &hubtel, FORM, &good).await;
}

/// Bytes that no HTTP server can read, and a request that breaks off.
async fn not_even_http(town: &Town) {
    let path = raw::path("africastalking", "ussd");
    for bytes in [
        format!("GET /{PIN} HTTP/9.9\r\n\r\n"),
        format!("{PIN}\r\n\r\n"),
        format!("POST {path} HTTP/1.1\r\nhost: localhost\r\n{PIN}\r\n\r\n"),
        format!("POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {PIN}x\r\n\r\n{PIN}"),
        format!(
            "POST {path} HTTP/1.1\r\nhost: l\r\ncontent-type: {FORM}\r\ncontent-length: 99\r\n\r\ntext={PIN}"
        ),
        format!("POST {path}?{PIN} HTTP/1.1\r\nhost: l\r\ntransfer-encoding: chunked\r\n\r\n{PIN}\r\n"),
    ] {
        let address = town.nodes[0].url.trim_start_matches("http://");
        let mut socket = TcpStream::connect(address).await.expect("the node listens");
        socket.write_all(bytes.as_bytes()).await.expect("the bytes are taken");
        socket.shutdown().await.expect("no more comes");
        let mut answer = vec![];
        // Whether it answers or hangs up is its own affair.
        let _ = socket.read_to_end(&mut answer).await;
        assert!(!String::from_utf8_lossy(&answer).contains(PIN), "it is sent back");
    }
}

async fn execute(town: &Town, sql: &'static str) {
    let mut tx = town.app().deps.store.begin().await.expect("a unit of work");
    tx.query(sql).execute().await.expect("it is done");
    tx.commit().await.expect("it is kept");
}

/// The database answers, with an error of its own.
async fn statements_that_fail(town: &Town) {
    let mut phone = dialled(town, 30).await;
    execute(town, "ALTER TABLE credentials RENAME TO credentials_away").await;
    typed(&mut phone, &[PIN], BROKEN).await;
    execute(town, "ALTER TABLE credentials_away RENAME TO credentials").await;
    execute(town, "ALTER TABLE inbound_messages RENAME TO inbound_messages_away").await;
    let sms = raw::form(&[("id", "m-9"), ("from", &line(31)), ("to", "22384"), ("text", PIN)]);
    assert_eq!(raw::post(town, "sms", &sms).await.status, 503);
    execute(town, "ALTER TABLE inbound_messages_away RENAME TO inbound_messages").await;
    phone.dial(CODE).await.expect("a screen");
    typed(&mut phone, &[PIN], "This PIN is wrong.").await;
    typed(&mut phone, &[OTHER_PIN], "Hello Asha.").await;
    phone.drop_call().await.expect("the end is told");
}

/// Somebody holds what the hop needs for longer than it waits.
async fn slow(town: &Town) {
    let mut phone = dialled(town, 30).await;
    let mut held = town.app().deps.store.begin().await.expect("a unit of work");
    if held.dialect() == Dialect::Postgres {
        held.query("LOCK TABLE credentials IN ACCESS EXCLUSIVE MODE").execute().await.expect("a lock");
    }
    typed(&mut phone, &[PIN], BROKEN).await;
    drop(held);
}

/// A panic within a hop, and one within another callback.
async fn panics(town: &mut Town) {
    let mut phone = dialled(town, 32).await;
    for n in 2..=30 {
        phone.answer(&n.to_string()).await.expect("a screen");
    }
    log::with_a_panic(phone.answer(PIN)).await.expect("a screen");
    assert!(screen(&phone).starts_with(BROKEN), "{}", screen(&phone));
    town.add_node().await;
    town.nodes[1].app.deps.store.close().await;
    let sms = raw::form(&[("id", "m-8"), ("from", &line(31)), ("to", "22384"), ("text", PIN)]);
    let path = raw::path("africastalking", "sms");
    let sent = raw::send(&town.nodes[1].url, "POST", &path, FORM, sms.as_bytes());
    let answer = log::with_a_panic(sent).await;
    assert_eq!((answer.status, answer.body.as_str()), (500, ""), "bare: the words of a panic are nobody's");
}

/// The database goes away in the middle of calls.
async fn without_a_database(town: &mut Town) {
    town.add_node().await;
    let last = town.nodes.len() - 1;
    let mut opening = town.phone(&line(33));
    let mut signing_in = town.phone(&line(30));
    for phone in [&mut opening, &mut signing_in] {
        phone.use_aggregator(town.aggregator(last, Wire::AfricasTalking));
        phone.dial(CODE).await.expect("a screen");
    }
    typed(&mut opening, &["1", "1", "1", "Asha", "Wanjiku", "35719861", "1", PIN], "Type the same PIN").await;
    town.nodes[last].app.deps.store.close().await;
    typed(&mut opening, &[PIN], BROKEN).await;
    opening.repeat().await.expect("a screen");
    typed(&mut signing_in, &[PIN], BROKEN).await;
    let url = town.nodes[last].url.clone();
    for (event, status) in
        [("ussd", 200), ("ussd-end", 503), ("sms", 503), ("delivery", 503), ("opt-out", 503)]
    {
        let body =
            raw::hop("s-9", &line(34), PIN) + "&id=m-7&from=SAFARICOM&status=Success&senderId=x&input=" + PIN;
        let answer =
            raw::send(&url, "POST", &raw::path("africastalking", event), FORM, body.as_bytes()).await;
        assert_eq!(answer.status, status, "{event}: {answer:?}");
        assert!(!answer.body.contains(PIN), "{event} sends it back");
    }
}
