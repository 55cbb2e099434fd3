//! HTTP as bytes on a socket: for what no well-behaved client sends, and for answers compared byte by byte.

use std::time::Duration;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::town::{SECRET, Town};

pub const FORM: &str = "application/x-www-form-urlencoded";
pub const JSON: &str = "application/json";

/// Longer than any answer may take; only a hang gets there.
pub const HANG_GUARD: Duration = Duration::from_secs(30);

/// An answer as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    pub status: u16,
    /// The status line and the headers in small letters, but for the date.
    pub head: String,
    pub body: String,
}

impl Answered {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }
}

/// One request and its answer.
pub async fn send(base: &str, method: &str, path: &str, content_type: &str, body: &[u8]) -> Answered {
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: {content_type}\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    exchange(base, &[head.as_bytes(), body].concat()).await
}

/// Write these bytes and read until the server closes.
pub async fn exchange(base: &str, bytes: &[u8]) -> Answered {
    let work = async {
        let mut socket =
            TcpStream::connect(base.trim_start_matches("http://")).await.expect("the node listens");
        socket.write_all(bytes).await.expect("the request is taken");
        let mut answer = vec![];
        // A server that has said enough may close before it has read everything.
        let _ = socket.read_to_end(&mut answer).await;
        answer
    };
    let answer = timeout(HANG_GUARD, work).await.expect("the node answers before the hang guard");
    let answer = String::from_utf8(answer).expect("the answer is text");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    let status = head.split(' ').nth(1).and_then(|s| s.parse().ok()).expect("a status");
    let named = head.lines().map(|line| match line.split_once(": ") {
        Some((name, value)) => format!("{}: {value}", name.to_lowercase()),
        None => line.to_owned(),
    });
    let head = named.filter(|line| !line.starts_with("date: ")).collect::<Vec<_>>().join("\n");
    Answered { status, head, body: body.to_owned() }
}

/// The path of a callback.
pub fn path(gateway: &str, event: &str) -> String {
    format!("/callbacks/{gateway}/{SECRET}/{event}")
}

/// A form of these fields.
pub fn form(fields: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// The form of a hop.
pub fn hop(session: &str, number: &str, text: &str) -> String {
    form(&[
        ("sessionId", session),
        ("phoneNumber", number),
        ("networkCode", "63902"),
        ("serviceCode", crate::town::CODE),
        ("text", text),
    ])
}

/// Post a form to a callback of the first node.
pub async fn post(town: &Town, event: &str, body: &str) -> Answered {
    send(&town.nodes[0].url, "POST", &path("africastalking", event), FORM, body.as_bytes()).await
}
