//! `demo`: one command, then a phone; and every start is the same.

use std::fs;

use daftari::gateways::http_client;

use super::Program;
use crate::{caller::Caller, faults::eventually};

/// Start the demo, look at everything that its person has, and stop it; gives what was seen.
async fn visit() -> Vec<String> {
    let mut program = Program::configured();
    let listen = format!("127.0.0.1:{}", program.port);
    // The demo takes nothing from its surroundings: not the configuration beside it.
    program.start(&["demo", "--listen", &listen]).await;
    let dial = program.path().join("var/demo-dial.json");
    let mut seen = vec![];
    eventually("the demo says how to dial", async || dial.exists()).await;
    let dial: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&dial).expect("how to dial")).expect("JSON");
    assert_eq!(dial["url"], program.url());
    let mut caller = Caller::on(program.aggregator(dial["secret"].as_str().expect("a secret")), 1);
    seen.push(caller.send().await.text);
    for typed in ["135790", "2", "00", "3"] {
        seen.push(caller.answer(typed).await.text);
    }
    let mut caller = Caller::on(caller.aggregator, 10);
    caller.walk(0..10).await;
    // Its line refuses SMS from the start, which is told before anything else.
    seen.push(Caller::on(caller.aggregator.clone(), 4).send().await.text);
    let messages = format!("{}/simulator/messages?to=%2B254700000001", program.url());
    let messages = http_client().expect("a client").get(messages).send().await.expect("an answer");
    let messages: Vec<serde_json::Value> =
        serde_json::from_str(&messages.text().await.expect("a body")).expect("JSON");
    seen.extend(messages.iter().map(|message| message["body"].to_string()));
    let printed = program.printed("stdout");
    assert!(program.terminate().await.success());
    assert!(!program.path().join("var/demo-dial.json").exists(), "nobody can dial it any more");
    for words in [
        "menu play",
        "+254700000010",
        "+254700000001",
        "+254700000004",
        "135790",
        "*384*2547#",
        "/simulator",
        "/readyz",
    ] {
        assert!(printed.contains(words), "the demo does not print {words}: {printed}");
    }
    let readme = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).expect("README.md");
    for line in printed.lines().filter(|line| !line.starts_with("Metrics:")) {
        let line = line.replace(&program.port.to_string(), "8080");
        assert!(readme.contains(&line), "README.md shows another demo: {line}");
    }
    seen.push(printed.replace(&program.port.to_string(), "PORT"));
    seen
}

/// Without what tells the day, the minute, or the port of the metrics.
fn timeless(seen: &[String]) -> Vec<String> {
    let lines = seen.iter().flat_map(|text| text.lines());
    let told = |line: &&str| !line.starts_with("Opened ") && !line.starts_with("Metrics:");
    let timeless = |line: &str| match line.split_once(" did not arrive") {
        Some((_, reason)) => reason.to_owned(),
        None => line.split(" account: ").last().unwrap_or(line).to_owned(),
    };
    lines.filter(told).map(timeless).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_demo_says_what_to_dial_and_every_start_is_the_same() {
    let (one, other) = (visit().await, visit().await);
    assert!(one[1].starts_with("Hello Amani Baraka."), "{}", one[1]);
    assert!(one[2].starts_with("Amani Baraka Mfano"), "{}", one[2]);
    assert!(one[4].starts_with("Our messages to you:"), "{}", one[4]);
    assert!(one[5].contains("did not arrive. Your line blocks our SMS."), "{}", one[5]);
    assert_eq!(timeless(&one), timeless(&other));
}
