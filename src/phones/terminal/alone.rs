//! Menus played alone: the engine is walked without a gateway, and the person says how each action comes out.

use std::io::{self, Write};

use sha2::{Digest as _, Sha256};
use tokio::io::AsyncBufRead;

use super::{super::wire::SCREEN_SEPTETS, frame, samples};
use crate::{
    menu::{
        Action, Call, Engine, Flag, Menus, Outcome, Reply, Session, Source, Step, Var,
        registry::Needs,
        render::{self, Constants},
        session::Flags,
    },
    model::Language,
};

const CONSTANTS: Constants<'static> = Constants {
    username: "254700000010",
    help_line: "0700 000 099",
    service_code: "*384*2547#",
    pin_digits: 6,
    post_pin_digits: 8,
    reference: "K7Q2",
    portal: "daftari.example/portal",
    web_code: "042917",
    network: "other",
};

const HELP: &str = "\
What you type is the answer to the screen. Where the program would do something, choose how it comes out.
  /begin [FLAG ...]   begin again, with these flags up; /flags lists them
  /flags              the flags, and which are up
  /en, /sw            the screen in the other language
  /help               this
  /quit               leave
";

/// Rows of a list when the person doesn't say how many.
const USUAL_ROWS: usize = 5;

/// Play menus without a gateway, until `/quit` or the end of the input.
pub async fn play_menus_alone(
    menus: &Menus,
    input: &mut (impl AsyncBufRead + Unpin),
    out: &mut impl Write,
) -> io::Result<()> {
    let session = Session::new(Language::En, Flags::default());
    let mut alone = Alone { menus, session, input, out };
    writeln!(alone.out, "The menus alone, without a gateway. /help lists the commands.")?;
    let mut goes_on = alone.begin(Flags::default()).await?;
    while goes_on {
        alone.show()?;
        goes_on = match frame::ask(alone.input, alone.out, "> ").await? {
            Some(line) => alone.obey(&line).await?,
            None => false,
        };
    }
    Ok(())
}

struct Alone<'a, R, W> {
    menus: &'a Menus,
    session: Session,
    input: &'a mut R,
    out: &'a mut W,
}

/// Whether the play goes on: `false` at the end of the input.
type GoesOn = bool;

impl<R: AsyncBufRead + Unpin, W: Write> Alone<'_, R, W> {
    async fn obey(&mut self, line: &str) -> io::Result<GoesOn> {
        let mut words = line.split_whitespace();
        match words.next() {
            Some("/quit" | "/q") => return Ok(false),
            Some("/begin") => {
                let flags: Vec<Flag> = words.filter_map(Flag::from_name).collect();
                return self.begin(Flags::of(&flags)).await;
            }
            Some("/flags") => self.list_flags()?,
            Some("/en") => self.session.language = Language::En,
            Some("/sw") => self.session.language = Language::Sw,
            Some("/help") => write!(self.out, "{HELP}")?,
            Some(other) if other.starts_with('/') => {
                writeln!(self.out, "There is no command {other}; /help lists them.")?;
            }
            _ if self.session.ended => return self.dial_again().await,
            _ => {
                let step = engine(self.menus).input(&mut self.session, line);
                return self.settle(step).await;
            }
        }
        Ok(true)
    }

    /// What belongs to the line stays for the next call, what belongs to the call doesn't.
    async fn dial_again(&mut self) -> io::Result<GoesOn> {
        let mut flags = self.session.flags;
        flags.set(Flag::SignedIn, false);
        flags.set(Flag::Resumed, false);
        self.begin(flags).await
    }

    /// Begin like a dial in this situation: nothing of the call before is left but the language.
    async fn begin(&mut self, flags: Flags) -> io::Result<GoesOn> {
        self.session = Session::new(self.session.language, flags);
        let step = engine(self.menus).begin(&mut self.session);
        self.settle(step).await
    }

    /// Do what the engine asks for until there is a screen to show.
    async fn settle(&mut self, mut step: Step) -> io::Result<GoesOn> {
        loop {
            step = match step {
                Step::Show => return Ok(true),
                Step::Act(call) => match self.ask_outcome(call.action).await? {
                    Some(outcome) => self.come_out(&call, outcome),
                    None => return Ok(false),
                },
                Step::List(source) => match self.ask_rows(source).await? {
                    Some(rows) => engine(self.menus).rows(&mut self.session, samples::rows(source, rows)),
                    None => return Ok(false),
                },
            };
        }
    }

    fn come_out(&mut self, call: &Call, outcome: Outcome) -> Step {
        let mut reply = Reply::of(outcome);
        for var in call.action.sets(outcome) {
            reply = reply.set(*var, samples::value(*var, 1));
        }
        for source in call.action.lists(outcome) {
            reply = reply.rows(*source, samples::rows(*source, USUAL_ROWS));
        }
        if call.action == Action::SetLanguage {
            reply.language = self.session.text(Var::Language).and_then(Language::from_code);
        }
        engine(self.menus).outcome(&mut self.session, call, reply)
    }

    /// Which of an action's outcomes it has; an action with one outcome has that.
    async fn ask_outcome(&mut self, action: Action) -> io::Result<Option<Outcome>> {
        let rules = action.rules();
        let signed_out = (rules.needs != Needs::Nobody).then_some(Outcome::SignedOut);
        let outcomes: Vec<Outcome> = rules.outcomes.iter().copied().chain(signed_out).collect();
        if let [only] = *outcomes.as_slice() {
            writeln!(self.out, "({}: {})", action.name(), only.name())?;
            return Ok(Some(only));
        }
        writeln!(self.out, "The program does {}. How does it come out?", action.name())?;
        for (n, outcome) in outcomes.iter().enumerate() {
            writeln!(self.out, "  {}: {}", n + 1, outcome.name())?;
        }
        loop {
            let Some(line) = frame::ask(self.input, self.out, "outcome> ").await? else { return Ok(None) };
            let chosen = line.trim().parse::<usize>().ok().and_then(|n| outcomes.get(n.checked_sub(1)?));
            match chosen {
                Some(outcome) => return Ok(Some(*outcome)),
                None => writeln!(self.out, "Answer with one of the numbers.")?,
            }
        }
    }

    /// How many rows a list has.
    async fn ask_rows(&mut self, source: Source) -> io::Result<Option<usize>> {
        writeln!(self.out, "The list {}. How many rows has it? (Enter: {USUAL_ROWS})", source.name())?;
        loop {
            let Some(line) = frame::ask(self.input, self.out, "rows> ").await? else { return Ok(None) };
            match line.trim().parse::<usize>() {
                Ok(rows) if rows <= 100 => return Ok(Some(rows)),
                Err(_) if line.trim().is_empty() => return Ok(Some(USUAL_ROWS)),
                _ => writeln!(self.out, "Answer with a number up to 100.")?,
            }
        }
    }

    fn show(&mut self) -> io::Result<()> {
        let Some(page) = engine(self.menus).page(&self.session) else {
            return writeln!(self.out, "! No screen: the menus lead nowhere from here.");
        };
        let screen = self.session.screen().and_then(|id| self.menus.screen(id));
        let (name, place) = screen.map_or(("", String::new()), |screen| {
            (screen.name.as_str(), format!("{}:{}", screen.place.file, screen.place.line))
        });
        frame::draw(self.out, &format!(" {name} "), &page.text)?;
        writeln!(self.out, "  [{}/{SCREEN_SEPTETS}]  {place}", render::length(&page.text))?;
        if self.session.ended {
            writeln!(self.out, "The session ends here. Enter dials again, /begin begins with other flags.")?;
        }
        Ok(())
    }

    fn list_flags(&mut self) -> io::Result<()> {
        for flag in Flag::ALL {
            let up = if self.session.flags.has(*flag) { "up" } else { "down" };
            writeln!(self.out, "  {} ({up})", flag.name())?;
        }
        Ok(())
    }
}

fn engine(menus: &Menus) -> Engine<'_> {
    Engine { menus, constants: CONSTANTS, budget: SCREEN_SEPTETS, digest: &digest }
}

/// Only for comparing two entries of one play, so it needs no key.
fn digest(secret: &str) -> [u8; 16] {
    let hash = Sha256::digest(secret.as_bytes());
    std::array::from_fn(|n| hash.get(n).copied().unwrap_or_default())
}
