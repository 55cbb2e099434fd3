//! What is typed in a measured session: menus that need no SQL, back and forth, as many hops as the limits leave. Every
//! server is sent the same bytes; only ids and numbers differ, because the limits are per number.

use std::{
    fmt::Write as _,
    sync::atomic::{AtomicU64, Ordering},
};

/// In the path of every callback.
pub const SECRET: &str = "a-secret-that-only-benches-know";

/// From the welcome screen to help, back, to what one needs, back.
const TURN: [(&str, &str); 4] =
    [("3", "CON Call "), ("0", "CON This line"), ("2", "CON You need"), ("0", "CON This line")];

/// Menu hops of a session: with the dial and the language it stays under the 30 hops a minute of one number.
pub const HOPS: usize = 24;

static NUMBER: AtomicU64 = AtomicU64::new(0);

/// A session somewhere in the script.
pub struct Session {
    line: u64,
    number: u64,
    text: String,
    taken: usize,
}

impl Session {
    /// A session of a number that no other has in this run.
    pub fn new() -> Self {
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        Self { line: number, number, text: String::new(), taken: 0 }
    }

    /// Another of the same number.
    pub fn again(&self) -> Self {
        Self { line: self.line, ..Self::new() }
    }

    /// An ID that no other number has.
    pub fn national_id(&self) -> String {
        (20_000_000 + self.line).to_string()
    }

    /// Type something beside the script.
    pub fn typed(&mut self, input: &str) {
        if !self.text.is_empty() {
            self.text.push('*');
        }
        self.text.push_str(input);
    }

    /// Type the next menu hop and give how its answer begins; `None` when the script is over.
    pub fn next(&mut self) -> Option<&'static str> {
        let (input, begins) = TURN.get(self.taken % TURN.len()).filter(|_| self.taken < HOPS)?;
        self.taken += 1;
        self.typed(input);
        Some(begins)
    }

    /// The request as Africa's Talking posts it, into a buffer that is used again.
    pub fn request(&self, into: &mut Vec<u8>, body: &mut String) {
        use std::io::Write as _;
        body.clear();
        let _ = write!(
            body,
            "sessionId=ATUid_{:032x}&phoneNumber=%2B2547{:08}&networkCode=63902&serviceCode=*384*2547%23&text={}",
            u128::from(self.number) * 0x9e37_79b9_7f4a_7c15,
            self.line,
            self.text
        );
        into.clear();
        let _ = write!(
            into,
            "POST /callbacks/africastalking/{SECRET}/ussd HTTP/1.1\r\nHost: 127.0.0.1\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
    }
}
