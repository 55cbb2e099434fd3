//! A small browser: it keeps cookies as their attributes say, follows no redirect by itself, and says where its requests
//! come from as a browser of today does, or of ten years ago.

use std::{collections::BTreeMap, fmt::Write as _, time::Duration};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::timeout,
};

use crate::raw;

/// Longer than any answer may take; only a hang gets there.
const HANG_GUARD: Duration = Duration::from_secs(30);

/// A browser with its cookies.
#[derive(Clone)]
pub struct Browser {
    pub base: String,
    pub cookies: BTreeMap<String, String>,
    /// What it says of where a request comes from.
    pub says: Vec<(&'static str, String)>,
}

/// A page as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Page {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// Where it leads to.
    pub fn leads_to(&self) -> &str {
        self.header("location").unwrap_or_default()
    }

    /// The token in its forms.
    pub fn token(&self) -> String {
        let (_, rest) = self.body.split_once("name=\"token\" value=\"").expect("a form with a token");
        rest.split('"').next().unwrap_or_default().to_owned()
    }
}

impl Browser {
    /// A browser of today.
    pub fn new(base: &str) -> Self {
        let says = vec![("sec-fetch-site", "same-origin".to_owned()), ("origin", base.to_owned())];
        Self { base: base.to_owned(), cookies: BTreeMap::new(), says }
    }

    /// One that says nothing of where a request comes from.
    pub fn old(base: &str) -> Self {
        Self { says: vec![], ..Self::new(base) }
    }

    pub async fn get(&mut self, path: &str) -> Page {
        self.send("GET", path, "").await
    }

    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        self.send("POST", path, &raw::form(fields)).await
    }

    /// Send a form of the account's page.
    pub async fn change(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let token = self.get("/portal/account").await.token();
        let with_token: Vec<_> = fields.iter().copied().chain([("token", token.as_str())]).collect();
        self.post(path, &with_token).await
    }

    async fn send(&mut self, method: &str, path: &str, body: &str) -> Page {
        let host = self.base.trim_start_matches("http://");
        let cookies: Vec<String> = self.cookies.iter().map(|(k, v)| format!("{k}={v}")).collect();
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
        if !cookies.is_empty() {
            let _ = write!(head, "cookie: {}\r\n", cookies.join("; "));
        }
        for (name, value) in &self.says {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        if method == "POST" {
            let _ = write!(head, "content-type: {}\r\ncontent-length: {}\r\n", raw::FORM, body.len());
        }
        let page = read(&exchange(host, &format!("{head}\r\n{body}")).await);
        self.keep_cookies(&page);
        page
    }

    fn keep_cookies(&mut self, page: &Page) {
        for (_, cookie) in page.headers.iter().filter(|(name, _)| name == "set-cookie") {
            let (pair, attributes) = cookie.split_once(';').expect("attributes");
            let (name, value) = pair.split_once('=').expect("a name and a value");
            let attributes = attributes.to_lowercase();
            for needed in ["secure", "httponly", "samesite=strict", "path=/"] {
                assert!(attributes.contains(needed), "{needed} is not in {attributes}");
            }
            if attributes.contains("max-age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }
}

async fn exchange(host: &str, request: &str) -> String {
    let work = async {
        let mut socket = TcpStream::connect(host).await.expect("the node listens");
        socket.write_all(request.as_bytes()).await.expect("the request is taken");
        let mut answer = vec![];
        socket.read_to_end(&mut answer).await.expect("an answer");
        String::from_utf8(answer).expect("text")
    };
    timeout(HANG_GUARD, work).await.expect("the node answers")
}

fn read(answer: &str) -> Page {
    let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).expect("a status");
    let headers =
        lines.filter_map(|line| line.split_once(": ")).map(|(k, v)| (k.to_lowercase(), v.to_owned()));
    Page { status, headers: headers.filter(|(name, _)| name != "date").collect(), body: body.to_owned() }
}
