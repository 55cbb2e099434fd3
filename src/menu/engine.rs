//! The engine: one pure step of a session through the menus. It says what to show, what to have done, or which list
//! to fetch; whoever calls it does that and comes back with the outcome. It knows no clock and does no I/O, so the
//! same inputs and outcomes always give the same session.

use sha2::{Digest as _, Sha256};

use super::{
    compiled::{Choice, Goto, Input, Menus, Screen, ScreenId, Target, Then},
    registry::{Action, Flag, LONGEST_REASON, Outcome, Refusal, SIGNED_OUT, Say, Source, Validator, Var},
    render::{self, Constants, Known, Layout, Page},
    session::{Flags, Notice, Reply, Row, Session, Value},
};
use crate::model::{
    CentreCode, DocumentCode, Msisdn, NamePart, NationalId, Pin,
    challenge::TypedCode,
    pin::{PinContext, PinRefusal, folded_digits},
    roster::{self, written},
};
use crate::text::gsm;

/// The most characters one input may have (`security.md` 24).
pub const LONGEST_INPUT: usize = 160;

/// What comes next.
#[derive(Debug)]
pub enum Step {
    /// Show the screen the session is on.
    Show,
    /// Have this done, then call [`Engine::outcome`].
    Act(Call),
    /// Fetch this list, then call [`Engine::rows`].
    List(Source),
}

/// An action that a screen calls for.
#[derive(Debug)]
pub struct Call {
    /// The action.
    pub action: Action,
    /// The secret just typed, for actions that take one. Nowhere else is it kept.
    pub secret: Option<Secret>,
    on: Vec<(Outcome, Goto)>,
}

/// A secret that was just typed.
#[derive(Debug)]
pub enum Secret {
    /// A PIN.
    Pin(Pin),
    /// A one-time code.
    Code(TypedCode),
}

impl Call {
    /// The PIN just typed.
    pub fn pin(&self) -> Option<&Pin> {
        match &self.secret {
            Some(Secret::Pin(pin)) => Some(pin),
            _ => None,
        }
    }

    /// The code just typed.
    pub fn code(&self) -> Option<&TypedCode> {
        match &self.secret {
            Some(Secret::Code(code)) => Some(code),
            _ => None,
        }
    }
}

/// The engine over one version of the menus, for one caller.
#[derive(Clone, Copy)]
pub struct Engine<'a> {
    /// The menus.
    pub menus: &'a Menus,
    /// What texts can show beside the session's variables.
    pub constants: Constants<'a>,
    /// How many septets a screen may have.
    pub budget: usize,
    /// A keyed digest of a secret, for comparing two entries of it.
    pub digest: &'a (dyn Fn(&str) -> [u8; 16] + Sync),
}

impl Engine<'_> {
    /// Open a session: the first screen by the rules of `entry`.
    pub fn begin(&self, session: &mut Session) -> Step {
        self.follow(session, &self.menus.entry)
    }

    /// Take one input.
    pub fn input(&self, session: &mut Session, typed: &str) -> Step {
        let Some(screen) = session.screen().and_then(|id| self.menus.screen(id)) else { return Step::Show };
        if session.ended {
            return Step::Show;
        }
        // What was said about the input before: an ID of unusual length is taken when it comes a second time.
        let before = session.notice.take();
        if typed.chars().count() > LONGEST_INPUT || typed.chars().any(is_unreadable) {
            return Self::say(session, Notice::Said(Say::Unreadable));
        }
        let typed = typed.trim();
        match typed {
            "0" if session.page > 0 => {
                session.page -= 1;
                Step::Show
            }
            "0" if screen.back && session.trail.len() > 1 => self.back(session),
            "00" if screen.main => {
                leave_series(session);
                self.follow(session, &self.menus.main)
            }
            "98" if self.page(session).is_some_and(|page| page.more) => {
                session.page = session.page.saturating_add(1);
                Step::Show
            }
            _ => self.answer(session, screen, typed, before),
        }
    }

    /// Go on with how an action came out.
    pub fn outcome(&self, session: &mut Session, call: &Call, reply: Reply) -> Step {
        for (var, value) in reply.sets {
            session.set(var, value);
        }
        if reply.outcome == Outcome::SignedOut {
            return self.signed_out(session);
        }
        for (flag, up) in call.action.flags_after(reply.outcome) {
            session.flags.set(*flag, *up);
        }
        for (flag, up) in reply.flags {
            session.flags.set(flag, up);
        }
        for (source, rows) in reply.rows {
            session.tell(source, rows);
        }
        session.language = reply.language.unwrap_or(session.language);
        if reply.proof.is_some() {
            (session.proof, session.post) = (reply.proof, None);
        }
        if reply.post.is_some() {
            (session.proof, session.post) = (None, reply.post);
        }
        if call.secret.is_some() {
            session.unset(Var::NewPin);
        }
        // The compiler has seen to it that every outcome is handled but the one that every menu shares.
        let next = call.on.iter().find(|(outcome, _)| *outcome == reply.outcome);
        next.map_or(Step::Show, |(_, goto)| self.follow(session, goto))
    }

    /// Go on without the sign-in: it is over. Where to is asked of what it was.
    pub fn signed_out(&self, session: &mut Session) -> Step {
        let was = session.flags;
        (session.proof, session.post) = (None, None);
        for (flag, up) in SIGNED_OUT {
            session.flags.set(*flag, *up);
        }
        self.follow_as(session, &self.menus.signed_out, was)
    }

    /// Go on with a list's rows.
    pub fn rows(&self, session: &mut Session, rows: Vec<Row>) -> Step {
        session.lists = digest_of(session.lists, &rows);
        session.rows = rows;
        let screen = session.screen().and_then(|id| self.menus.screen(id));
        match screen.and_then(|s| s.list.as_ref()) {
            Some(list) if session.rows.is_empty() => {
                session.trail.pop();
                self.follow(session, &list.empty)
            }
            _ => Step::Show,
        }
    }

    /// Show the list on show again and say that it may have changed, instead of choosing from it.
    pub fn show_list_again(&self, session: &mut Session) {
        session.page = 0;
        session.notice = Some(Notice::Said(Say::ListChanged));
    }

    /// Whether the session is on a list that was fetched, where a number means a row. What an action told stands in the
    /// journal, and is the same whenever it is folded again.
    pub fn is_on_list(&self, session: &Session) -> bool {
        self.on_screen(session, |screen| screen.list.as_ref().is_some_and(|list| !list.source.is_told()))
    }

    /// Whether something secret is typed on the screen the session is on.
    pub fn is_on_secret(&self, session: &Session) -> bool {
        self.on_screen(session, Screen::is_secret)
    }

    fn on_screen(&self, session: &Session, test: impl Fn(&Screen) -> bool) -> bool {
        session.screen().and_then(|id| self.menus.screen(id)).is_some_and(test)
    }

    /// The page on show.
    pub fn page(&self, session: &Session) -> Option<Page> {
        let screen = self.menus.screen(session.screen()?)?;
        let values = Known { vars: &session.vars, constants: self.constants };
        let head = render::head(self.menus, screen, session.notice, session.language, &values);
        let keys = render::keys(self.menus, screen, session.flags, session.language, &values);
        let layout = Layout {
            banner: &render::banner(self.menus, session.flags, session.language),
            head: &head,
            items: &render::items(self.menus, screen, session, self.constants),
            most: render::most_items(screen),
            back: screen.back && session.trail.len() > 1,
            main: screen.main,
            keys: &keys,
            budget: self.budget,
        };
        let mut pages = render::pages(self.menus, session.language, &layout);
        let at = usize::from(session.page).min(pages.len().saturating_sub(1));
        (at < pages.len()).then(|| pages.swap_remove(at))
    }

    fn say(session: &mut Session, notice: Notice) -> Step {
        session.notice = Some(notice);
        session.page = 0;
        Step::Show
    }

    fn back(&self, session: &mut Session) -> Step {
        session.trail.pop();
        match session.trail.pop() {
            Some(before) => self.enter(session, before),
            None => Step::Show,
        }
    }

    fn follow(&self, session: &mut Session, goto: &Goto) -> Step {
        self.follow_as(session, goto, session.flags)
    }

    /// Follow a `goto` whose own rules are asked of another situation than the one that stands now.
    fn follow_as(&self, session: &mut Session, goto: &Goto, flags: Flags) -> Step {
        let mut target = goto.target(flags);
        // `entry` and `main` may lead to one another; a few turns are more than any menu needs.
        for _ in 0..4 {
            target = match target {
                Some(Target::Entry) => self.menus.entry.target(flags),
                Some(Target::Main) => {
                    leave_series(session);
                    self.menus.main.target(flags)
                }
                Some(Target::Screen(id)) => return self.enter(session, id),
                None => break,
            };
        }
        Step::Show
    }

    fn enter(&self, session: &mut Session, id: ScreenId) -> Step {
        let Some(screen) = self.menus.screen(id) else { return Step::Show };
        // Who changes a line of a long screen stays where they are.
        if session.screen() != Some(id) || screen.lines.is_none() {
            session.page = 0;
        }
        session.notice = None;
        session.rows.clear();
        if let Some(behind) = screen.behind {
            session.trail = vec![behind];
        } else if screen.back {
            // A screen that was passed already is gone back to, so that the trail never holds it twice.
            let passed = session.trail.iter().position(|s| *s == id).unwrap_or(session.trail.len());
            session.trail.truncate(passed);
        } else {
            session.trail.clear();
        }
        session.trail.push(id);
        session.ended = screen.ends;
        match &screen.list {
            Some(list) if list.source.is_told() && session.rows_of(list.source).is_empty() => {
                session.trail.pop();
                self.follow(session, &list.empty)
            }
            Some(list) if !list.source.is_told() => Step::List(list.source),
            _ => Step::Show,
        }
    }

    fn answer(&self, session: &mut Session, screen: &Screen, typed: &str, before: Option<Notice>) -> Step {
        let number = folded_digits(typed).and_then(|digits| digits.parse::<usize>().ok()).filter(|n| *n > 0);
        let by_number = number.filter(|_| typed.len() <= 2);
        let choice = by_number.and_then(|n| self.choice(session, screen, n));
        if let Some(choice) = choice {
            for (var, value) in &choice.set {
                session.set(*var, value.as_str().into());
            }
            return self.then(session, &choice.then, None);
        }
        if let (Some(list), Some(number)) = (&screen.list, number) {
            return self.choose_row(session, list.source, &list.then, number);
        }
        match &screen.input {
            Some(input) => self.read(session, input, typed, before),
            None => Self::say(session, Notice::Said(Say::NotAChoice)),
        }
    }

    /// The choice of a number: by its own key, or by its place among the others. Below lines that are read it counts once
    /// it has been shown.
    fn choice<'s>(&self, session: &Session, screen: &'s Screen, number: usize) -> Option<&'s Choice> {
        if let Some(keyed) =
            render::keyed(screen, session.flags).find(|c| c.key.map(usize::from) == Some(number))
        {
            return Some(keyed);
        }
        let above = screen.lines.as_ref().map_or(0, |lines| session.rows_of(lines.source).len());
        let shown = above == 0 || self.page(session).is_some_and(|page| page.shown >= above + number);
        render::offered(screen, session.flags).nth(number - 1).filter(|_| shown)
    }

    /// Only what has been shown can be chosen.
    fn choose_row(&self, session: &mut Session, source: Source, then: &Then, number: usize) -> Step {
        let shown = self.page(session).map_or(0, |page| page.shown);
        match session.rows_of(source).get(number - 1).filter(|_| number <= shown).cloned() {
            Some(row) => {
                for (var, value) in row.values {
                    session.set(var, value);
                }
                session.set(source.chosen(), row.id.into());
                self.then(session, then, None)
            }
            None => Self::say(session, Notice::Said(Say::NotAChoice)),
        }
    }

    fn then(&self, session: &mut Session, then: &Then, secret: Option<Secret>) -> Step {
        match then {
            Then::Goto(goto) => self.follow(session, goto),
            Then::Do(action, on) => Step::Act(Call { action: *action, secret, on: on.clone() }),
        }
    }

    fn read(&self, session: &mut Session, input: &Input, typed: &str, before: Option<Notice>) -> Step {
        match self.validated(session, input.validator, typed, before) {
            Ok(Read { keep, secret }) => {
                if let (Some(var), Some(value)) = (input.keep_as, keep) {
                    session.set(var, value);
                }
                self.then(session, &input.then, secret)
            }
            Err(refusal) => Self::say(session, Notice::Refused(refusal)),
        }
    }

    fn validated(
        &self,
        session: &mut Session,
        validator: Validator,
        typed: &str,
        before: Option<Notice>,
    ) -> Result<Read, Refusal> {
        let (digits, post_digits) = (self.constants.pin_digits, self.constants.post_pin_digits);
        Ok(match validator {
            Validator::Name => Read::text(NamePart::parse(typed)?.as_str()),
            Validator::NationalId => Read::text(usual_id(session, typed, before)?.digits()),
            Validator::Pin => Read { keep: None, secret: Some(Secret::Pin(Pin::parse(typed, digits)?)) },
            Validator::Code => {
                let code = TypedCode::parse(typed).ok_or(Refusal::CodeDigits)?;
                Read { keep: None, secret: Some(Secret::Code(code)) }
            }
            Validator::Phone => Read::text(&Msisdn::from_typed(typed)?.national()),
            Validator::NewPin => self.new_pin(typed, (digits, session.text(Var::NationalId)))?,
            Validator::SamePin => self.same_pin(session, Pin::parse(typed, digits)?)?,
            Validator::PostPin => {
                let pin = Pin::parse(typed, post_digits).map_err(Refusal::of_post)?;
                Read { keep: None, secret: Some(Secret::Pin(pin)) }
            }
            Validator::NewPostPin => {
                self.new_pin(typed, (post_digits, session.text(Var::Post))).map_err(Refusal::of_post)?
            }
            Validator::SamePostPin => {
                self.same_pin(session, Pin::parse(typed, post_digits).map_err(Refusal::of_post)?)?
            }
            Validator::RosterNumbers => Read::text(&written(&roster::numbers(typed)?)),
            Validator::DocumentCode => Read::text(&DocumentCode::parse(typed)?.to_string()),
            Validator::CentreCode => {
                let digits = folded_digits(typed);
                let code = digits.and_then(|digits| CentreCode::parse(&digits));
                Read::text(code.ok_or(Refusal::CentreCodeDigits)?.as_str())
            }
            Validator::Reason => Read::text(reason(typed)?),
        })
    }

    /// A new PIN of so many digits; it may not be part of the line's number, nor of another number of its owner.
    fn new_pin(&self, typed: &str, (length, own): (usize, Option<&str>)) -> Result<Read, PinRefusal> {
        let context = PinContext {
            length,
            msisdn: self.constants.username,
            national_id: own,
            service_code: &self.constants.service_code.replace(['*', '#'], ""),
        };
        let pin = Pin::choose(typed, context)?;
        Ok(Read { keep: Some(Value::Digest((self.digest)(pin.digits()))), secret: None })
    }

    fn same_pin(&self, session: &Session, pin: Pin) -> Result<Read, Refusal> {
        let first = Value::Digest((self.digest)(pin.digits()));
        if session.get(Var::NewPin) != Some(&first) {
            return Err(Refusal::PinNotSame);
        }
        Ok(Read { keep: None, secret: Some(Secret::Pin(pin)) })
    }
}

/// What an input was read as.
struct Read {
    keep: Option<Value>,
    secret: Option<Secret>,
}

impl Read {
    fn text(text: &str) -> Self {
        Self { keep: Some(text.into()), secret: None }
    }
}

/// A reason says something: three characters or more, and no more than a screen shows of it.
fn reason(typed: &str) -> Result<&str, Refusal> {
    if typed.chars().filter(|c| c.is_alphanumeric()).count() < 3 {
        return Err(Refusal::ReasonTooShort);
    }
    if render::length(&gsm::fold(typed)) > LONGEST_REASON {
        return Err(Refusal::ReasonTooLong);
    }
    Ok(typed)
}

/// An ID of 7 or 8 digits is taken at once; one of another length when it has been typed twice.
fn usual_id(session: &mut Session, typed: &str, before: Option<Notice>) -> Result<NationalId, Refusal> {
    let id = NationalId::parse(typed)?;
    let asked_before = before == Some(Notice::Refused(Refusal::IdUnusual));
    let same = asked_before && session.text(Var::NationalId) == Some(id.digits());
    if id.has_usual_length() || same {
        return Ok(id);
    }
    session.set(Var::NationalId, id.digits().into());
    Err(Refusal::IdUnusual)
}

/// Control and bidirectional characters, and what no phone types.
fn is_unreadable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// To the main menu a person leaves the series that was looked at; who is signed in at a post stays in its own.
fn leave_series(session: &mut Session) {
    if session.post.is_none() {
        session.flags.set(Flag::Practice, false);
    }
}

fn digest_of(before: u64, rows: &[Row]) -> u64 {
    let mut hash = Sha256::new();
    hash.update(before.to_be_bytes());
    for row in rows {
        hash.update(row.id.as_bytes());
        hash.update([0]);
    }
    hash.finalize().iter().take(8).fold(0, |n, byte| n << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        menu::{definition::Bundle, registry::Flag},
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

    fn digest(digits: &str) -> [u8; 16] {
        std::array::from_fn(|n| digits.as_bytes().get(n).copied().unwrap_or(0))
    }

    /// Walk the inputs; every action comes out as its first outcome.
    fn walk(flags: &[Flag], inputs: &[&str]) -> (String, Session) {
        let menus = Menus::compile(Bundle::built_in()).unwrap();
        let engine = Engine { menus: &menus, constants: CONSTANTS, budget: 160, digest: &digest };
        let mut session = Session::new(Language::En, Flags::of(flags));
        let mut step = engine.begin(&mut session);
        for typed in inputs {
            step = settle(&engine, &mut session, step);
            assert!(matches!(step, Step::Show));
            step = engine.input(&mut session, typed);
        }
        settle(&engine, &mut session, step);
        (engine.page(&session).unwrap().text, session)
    }

    fn settle(engine: &Engine<'_>, session: &mut Session, mut step: Step) -> Step {
        loop {
            step = match step {
                Step::Show => return Step::Show,
                Step::Act(call) => {
                    let reply = Reply::of(call.action.rules().outcomes[0]);
                    engine.outcome(session, &call, reply)
                }
                Step::List(_) => {
                    let row = |n: u32| Row {
                        id: format!("m{n}"),
                        values: vec![
                            (Var::MessageAt, format!("22/11 10:{n:02}").into()),
                            (Var::MessagePurpose, "account_opened".into()),
                            (Var::MessageFate, "delivered".into()),
                            (Var::MessageWay, "sms".into()),
                        ],
                    };
                    engine.rows(session, (1..=9).map(row).collect())
                }
            }
        }
    }

    #[test]
    fn an_account_takes_ten_hops_from_dial_to_done() {
        let inputs = ["1", "1", "1", "Asha Njeri", "Wanjiku", "28461937", "1", "907318", "907318"];
        let (text, session) = walk(&[], &inputs);
        assert!(text.starts_with("Your account is open. User name: 254700000010."), "{text}");
        assert!(session.ended);
        assert_eq!(inputs.len() + 1, 10);
        assert_eq!(session.get(Var::NewPin), None, "nothing of the PIN stays behind");
    }

    #[test]
    fn a_refusal_says_why_and_asks_again() {
        let (text, _) = walk(&[Flag::LanguageKnown], &["1", "1", "1234"]);
        assert!(text.starts_with("A name has letters only.\nType your first and middle names."), "{text}");
    }

    #[test]
    fn zero_goes_back_and_double_zero_to_the_main_menu() {
        let (text, _) = walk(&[Flag::LanguageKnown], &["1", "1", "Asha", "0"]);
        assert!(text.starts_with("Type your first and middle names as on"), "{text}");
        let (text, session) = walk(&[Flag::LanguageKnown], &["1", "1", "Asha", "00"]);
        assert!(text.starts_with("This line has no account yet."), "{text}");
        assert_eq!(session.trail.len(), 1);
    }

    #[test]
    fn a_list_pages_and_only_what_was_shown_can_be_chosen() {
        let home = &[Flag::LanguageKnown, Flag::HasAccount];
        let (first, _) = walk(home, &["907318", "2"]);
        assert!(
            first.contains("1: 22/11 10:01 SMS account: delivered") && first.contains("98:More"),
            "{first}"
        );
        let (refused, _) = walk(home, &["907318", "2", "9"]);
        assert!(refused.starts_with("Answer with one of the numbers."), "{refused}");
        let (second, session) = walk(home, &["907318", "2", "98", "98", "9"]);
        assert_eq!(session.text(Var::Message), Some("m9"), "{second}");
        let (back, _) = walk(home, &["907318", "2", "98", "0"]);
        assert_eq!(back, first);
    }

    #[test]
    fn an_id_of_unusual_length_is_taken_when_typed_twice() {
        let to_id = ["1", "1", "Asha", "Wanjiku", "123456"];
        let (text, _) = walk(&[Flag::LanguageKnown], &to_id);
        assert!(text.starts_with("Most IDs have 7 or 8 digits."), "{text}");
        let (text, _) = walk(&[Flag::LanguageKnown], &[&to_id[..], &["123456"]].concat());
        assert!(text.starts_with("Is this right?"), "{text}");
        let (text, _) = walk(&[Flag::LanguageKnown], &[&to_id[..], &["123457"]].concat());
        assert!(text.starts_with("Most IDs have 7 or 8 digits."), "{text}");
    }

    #[test]
    fn every_screen_of_a_series_for_training_says_so() {
        let at_centre = [Flag::LanguageKnown, Flag::CentreIn, Flag::Practice];
        let (text, _) = walk(&at_centre, &["00"]);
        assert!(text.starts_with("PRACTICE\n"), "{text}");
        let (refused, _) = walk(&at_centre, &["00", "x"]);
        assert!(refused.starts_with("PRACTICE\nAnswer with one of the numbers.\n"), "{refused}");
    }

    #[test]
    fn the_second_pin_must_be_the_first() {
        let to_pin = ["1", "1", "Asha", "Wanjiku", "28461937", "1", "907318", "907319"];
        let (text, _) = walk(&[Flag::LanguageKnown], &to_pin);
        assert!(text.starts_with("The two PINs are not the same."), "{text}");
        let (text, _) = walk(&[Flag::LanguageKnown], &[&to_pin[..], &["0"]].concat());
        assert!(text.starts_with("Choose a secret PIN"), "{text}");
    }
}
