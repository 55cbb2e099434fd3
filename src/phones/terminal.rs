//! A phone in the terminal, for `daftari menu play`: what is typed goes out as an answer, what comes back is drawn as
//! a basic phone shows it. Lines that begin with `/` are commands. A session can be saved as a transcript.
//!
//! `alone` plays menus without any gateway, for somebody who edits them.

use std::{
    collections::HashSet,
    io::{self, Write},
    path::Path,
};

use tokio::io::AsyncBufRead;

use super::{
    phone::{Phone, PhoneFault},
    transcript::{self, Act, Transcript},
    wire::{Line, SCREEN_SEPTETS, Shown},
};
use crate::model::{Msisdn, NAIROBI, Network};

mod alone;
mod frame;
mod inbox;
mod samples;

pub use alone::play_menus_alone;
pub use inbox::{HttpInbox, Inbox, InboxFault, InboxKind, InboxMessage, NoInbox};

const HELP: &str = "\
What you type is sent as the answer; an empty line is a blank reply. When no call is open, type a code to dial it.
  /drop            the call drops
  /repeat          the same request goes out again, as aggregators do
  /redial          the call drops, and the code is dialled again
  /sms             all messages and calls to this phone
  /phone NUMBER    take another phone; a network code may follow, such as 63902
  /save FILE       write what was done so far as a transcript, PINs and all
  /help            this
  /quit            leave
";

/// Play a phone: dial `code`, then take lines from `input` until `/quit` or its end.
pub async fn play(
    phone: Phone,
    inbox: &impl Inbox,
    code: &str,
    input: &mut (impl AsyncBufRead + Unpin),
    out: &mut impl Write,
) -> io::Result<()> {
    let mut player = Player {
        phone,
        inbox,
        code: code.to_owned(),
        read: HashSet::new(),
        recording: Transcript::default(),
        out,
    };
    player.take_in_hand().await?;
    player.dial(code).await?;
    loop {
        player.tell_messages().await?;
        let Some(line) = frame::ask(input, player.out, "> ").await? else { return Ok(()) };
        if matches!(line.trim(), "/quit" | "/q") {
            return Ok(());
        }
        player.obey(&line).await?;
    }
}

struct Player<'a, I, W> {
    phone: Phone,
    inbox: &'a I,
    code: String,
    read: HashSet<String>,
    recording: Transcript,
    out: &'a mut W,
}

impl<I: Inbox, W: Write> Player<'_, I, W> {
    async fn obey(&mut self, line: &str) -> io::Result<()> {
        let (command, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        match command {
            "/drop" => self.drop_call().await,
            "/repeat" => self.repeat().await,
            "/redial" => {
                if self.phone.is_open() {
                    self.drop_call().await?;
                }
                let code = self.code.clone();
                self.dial(&code).await
            }
            "/sms" => self.all_messages().await,
            "/save" => self.save(rest.trim()),
            "/phone" => self.other_phone(rest).await,
            "/help" => write!(self.out, "{HELP}"),
            other if other.starts_with('/') => {
                writeln!(self.out, "There is no command {other}; /help lists them.")
            }
            _ if self.phone.is_open() => self.answer(line).await,
            code if is_code(code) => self.dial(code).await,
            _ => writeln!(self.out, "No call is open. /redial dials {} again.", self.code),
        }
    }

    async fn take_in_hand(&mut self) -> io::Result<()> {
        let line = self.phone.line().clone();
        writeln!(self.out, "This is the phone {}. /help lists the commands.", line.msisdn.as_e164())?;
        self.recording.record(Act::Phone(line), "");
        // What was there before is not news.
        if let Ok(messages) = self.inbox.messages_to(&self.phone.line().msisdn).await {
            self.read.extend(messages.into_iter().map(|message| message.id));
        }
        Ok(())
    }

    async fn other_phone(&mut self, words: &str) -> io::Result<()> {
        let mut words = words.split_whitespace();
        let number = words.next().unwrap_or_default();
        let msisdn = Msisdn::from_typed(number).ok().or_else(|| Msisdn::from_network(number));
        let Some(msisdn) = msisdn else {
            return writeln!(self.out, "Write the number like 0700000010.");
        };
        let network = words.next().and_then(Network::from_code).or_else(|| self.phone.line().network.clone());
        if self.phone.is_open() {
            self.drop_call().await?;
        }
        self.phone = Phone::new(self.phone.aggregator().clone(), Line { msisdn, network });
        self.take_in_hand().await
    }

    async fn dial(&mut self, code: &str) -> io::Result<()> {
        code.clone_into(&mut self.code);
        writeln!(self.out, "Dialling {code}")?;
        let came = self.phone.dial(code).await;
        self.came(Act::Dial(code.to_owned()), came)
    }

    async fn answer(&mut self, input: &str) -> io::Result<()> {
        let came = self.phone.answer(input).await;
        self.came(Act::Type(input.to_owned()), came)
    }

    async fn repeat(&mut self) -> io::Result<()> {
        let before = self.phone.shown().cloned();
        let came = self.phone.repeat().await;
        if let (Some(before), Ok(now)) = (before, &came) {
            let same = before.text == now.text && before.ends == now.ends;
            writeln!(self.out, "{}", if same { "The same answer came." } else { "ANOTHER answer came:" })?;
        }
        self.came(Act::Repeat, came)
    }

    async fn drop_call(&mut self) -> io::Result<()> {
        if !self.phone.is_open() {
            return writeln!(self.out, "No call is open.");
        }
        self.recording.record(Act::Drop, "");
        match self.phone.drop_call().await {
            Ok(()) => writeln!(self.out, "The call dropped. /redial dials again."),
            Err(fault) => writeln!(self.out, "The call dropped, and its end could not be told: {fault}"),
        }
    }

    /// Draw and record what came back.
    fn came(&mut self, act: Act, came: Result<Shown, PhoneFault>) -> io::Result<()> {
        let shown = match came {
            Ok(shown) => shown,
            Err(fault) => {
                self.recording.record(act, "");
                return writeln!(self.out, "! {fault}");
            }
        };
        self.recording.record(act, &shown.text);
        self.draw(&shown)?;
        if shown.ends {
            self.recording.record(Act::Ends, "");
            writeln!(self.out, "The session is over. /redial dials again.")?;
        }
        match self.phone.take_end_fault() {
            Some(fault) => writeln!(self.out, "! The end of the session could not be told: {fault}"),
            None => Ok(()),
        }
    }

    fn draw(&mut self, shown: &Shown) -> io::Result<()> {
        frame::draw(self.out, if shown.ends { " END " } else { "" }, &shown.text)?;
        let (septets, hops, keys) = (shown.septets(), self.phone.hops(), self.phone.presses());
        writeln!(self.out, "  [{septets}/{SCREEN_SEPTETS}]  hop {hops}, {keys} keys pressed")?;
        shown.flaw().map_or(Ok(()), |flaw| writeln!(self.out, "! {flaw}"))
    }

    async fn tell_messages(&mut self) -> io::Result<()> {
        // An inbox that can't be read is told when somebody asks for it.
        let messages = self.inbox.messages_to(&self.phone.line().msisdn).await.unwrap_or_default();
        for message in messages {
            if self.read.insert(message.id) {
                self.recording.record(Act::Sms, &message.body);
                frame::draw(self.out, &format!(" {} ", message.kind.title()), &message.body)?;
            }
        }
        Ok(())
    }

    async fn all_messages(&mut self) -> io::Result<()> {
        self.tell_messages().await?;
        match self.inbox.messages_to(&self.phone.line().msisdn).await {
            Ok(messages) if messages.is_empty() => writeln!(self.out, "No messages."),
            Ok(messages) => messages.iter().try_for_each(|message| {
                let at = message.at.with_timezone(&NAIROBI).format("%d/%m %H:%M:%S");
                frame::draw(self.out, &format!(" {} {at} ", message.kind.title()), &message.body)
            }),
            Err(fault) => writeln!(self.out, "! {fault}"),
        }
    }

    fn save(&mut self, file: &str) -> io::Result<()> {
        if file.is_empty() {
            return writeln!(self.out, "Say where to: /save FILE");
        }
        match std::fs::write(Path::new(file), transcript::write(&self.recording)) {
            Ok(()) => writeln!(self.out, "Saved to {file}, with everything typed, PINs too."),
            Err(error) => writeln!(self.out, "! {file} can't be written: {error}"),
        }
    }
}

fn is_code(typed: &str) -> bool {
    let keys = typed.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'*' | b'#'));
    keys && typed.starts_with('*') && typed.ends_with('#')
}
