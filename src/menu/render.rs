//! From a session to the text of a screen. The footer is placed first, so that Back never falls off; what can't stand
//! on one screen is paged by septets. The menu check uses the same code with the longest values.

use std::borrow::Cow;

use super::{
    compiled::{Choice, Menus, Piece, Screen, Text},
    registry::{Say, Shape, Var},
    session::{Flags, Notice, Row, Session, Value},
};
use crate::{model::Language, text::gsm};

/// Room for most screens, so that writing one asks for memory once.
const USUAL_SCREEN: usize = 160;
/// The same for one of its lines.
const USUAL_LINE: usize = 40;

/// What texts can show that comes from the configuration or from the call itself.
#[derive(Debug, Clone, Copy)]
pub struct Constants<'a> {
    /// The caller's user name.
    pub username: &'a str,
    /// Whom to call.
    pub help_line: &'a str,
    /// What to dial.
    pub service_code: &'a str,
    /// How many digits a PIN has.
    pub pin_digits: usize,
    /// How many digits the PIN of a centre or an officer has.
    pub post_pin_digits: usize,
    /// What to tell the help desk about this call.
    pub reference: &'a str,
    /// Where the portal is found.
    pub portal: &'a str,
    /// The code for the portal that the session holds the seed of, derived for this showing alone.
    pub web_code: &'a str,
    /// The word of the caller's network (`registry::network_word`).
    pub network: &'a str,
}

/// Where the values of variables come from: a session, or the longest there can be.
pub trait Values {
    /// The text to show for a variable, unfolded and uncut; `None` shows nothing.
    fn value(&self, var: Var) -> Option<Cow<'_, str>>;
}

/// The values of a session, and those every text can show.
pub struct Known<'a> {
    /// The session.
    pub vars: &'a [(Var, Value)],
    /// What comes from elsewhere.
    pub constants: Constants<'a>,
}

impl Values for Known<'_> {
    fn value(&self, var: Var) -> Option<Cow<'_, str>> {
        match var {
            Var::Username => Some(self.constants.username.into()),
            Var::HelpLine => Some(self.constants.help_line.into()),
            Var::ServiceCode => Some(self.constants.service_code.into()),
            Var::PinDigits => Some(self.constants.pin_digits.to_string().into()),
            Var::PostPinDigits => Some(self.constants.post_pin_digits.to_string().into()),
            Var::Reference => Some(self.constants.reference.into()),
            Var::Portal => Some(self.constants.portal.into()),
            Var::WebCode => Some(self.constants.web_code.into()),
            Var::BlockAdvice => Some(self.constants.network.into()),
            _ => self.vars.iter().find(|(v, _)| *v == var).and_then(|(_, value)| match value {
                Value::Text(text) => Some(text.as_str().into()),
                Value::Digest(_) => None,
            }),
        }
    }
}

/// Write a text with its variables filled in: folded to GSM-7 and cut to what their shape allows.
pub fn write(out: &mut String, menus: &Menus, text: &Text, language: Language, values: &dyn Values) {
    for piece in text.pieces(language) {
        match piece {
            Piece::Words(words) => out.push_str(words),
            Piece::Var(var) => write_var(out, menus, *var, language, values),
        }
    }
}

fn write_var(out: &mut String, menus: &Menus, var: Var, language: Language, values: &dyn Values) {
    let Some(value) = values.value(var) else { return };
    match var.shape() {
        Shape::Text(limit) => out.push_str(gsm::truncate(&gsm::fold(&value), limit)),
        Shape::Word(_) => {
            if let Some(word) = menus.word(var, &value) {
                write(out, menus, word, language, values);
            }
        }
        Shape::Hidden => {}
    }
}

/// A text on its own, such as the body of an SMS.
pub fn text(menus: &Menus, text: &Text, language: Language, values: &dyn Values) -> String {
    let mut out = String::with_capacity(USUAL_LINE);
    write(&mut out, menus, text, language, values);
    out
}

/// The choices a caller in this situation is offered, in the order of their numbers.
pub fn offered(screen: &Screen, flags: Flags) -> impl Iterator<Item = &Choice> {
    screen.choices.iter().filter(move |c| c.when.is_none_or(|when| when.holds(flags)))
}

/// One page of a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The text to show.
    pub text: String,
    /// How many of the items (choices or rows) have been shown up to and with this page.
    pub shown: usize,
    /// Whether `98` leads to another page.
    pub more: bool,
}

/// What a screen is laid out from.
pub struct Layout<'a> {
    /// What stands on the first page above the items.
    pub head: &'a str,
    /// Numbered items, each on a line of its own.
    pub items: &'a [String],
    /// Whether `0` leads back.
    pub back: bool,
    /// Whether `00` leads to the main menu.
    pub main: bool,
    /// How many septets a page may have.
    pub budget: usize,
}

/// The pages of a screen; at least one. A page that can't hold even one item holds it all the same and is too long:
/// the menu check complains about that before anybody sees it.
pub fn pages(menus: &Menus, language: Language, layout: &Layout<'_>) -> Vec<Page> {
    let footer =
        |page: usize, more: bool| footer(menus, language, layout.back || page > 0, layout.main, more);
    let mut pages = vec![];
    let mut from = 0;
    loop {
        let head = if pages.is_empty() { layout.head } else { "" };
        let rest = layout.items.get(from..).unwrap_or_default();
        let last = join(head, rest, &footer(pages.len(), false));
        if length(&last) <= layout.budget || rest.is_empty() {
            pages.push(Page { text: last, shown: layout.items.len(), more: false });
            return pages;
        }
        let below = footer(pages.len(), true);
        let fits = (1..rest.len())
            .take_while(|n| length(&join(head, rest.get(..*n).unwrap_or_default(), &below)) <= layout.budget)
            .last();
        let taken = fits.unwrap_or(1);
        let text = join(head, rest.get(..taken).unwrap_or_default(), &below);
        from += taken;
        let more = from < layout.items.len();
        pages.push(Page { text, shown: from, more });
        if !more {
            return pages;
        }
    }
}

/// Septets; a character outside GSM-7 (which the menu check refuses) counts as one.
pub fn length(text: &str) -> usize {
    text.chars().map(|c| gsm::char_septets(c).unwrap_or(1)).sum()
}

fn join(head: &str, items: &[String], footer: &str) -> String {
    let mut text = String::with_capacity(USUAL_SCREEN);
    for line in std::iter::once(head).chain(items.iter().map(String::as_str)).chain([footer]) {
        if !line.is_empty() {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(line);
        }
    }
    text
}

/// `0:Back 00:Main 98:More`, as far as they apply.
fn footer(menus: &Menus, language: Language, back: bool, main: bool, more: bool) -> String {
    let mut out = String::with_capacity(USUAL_LINE);
    for (key, say, wanted) in [("0:", Say::Back, back), ("00:", Say::Main, main), ("98:", Say::More, more)] {
        if wanted {
            if !out.is_empty() {
                out.push(' ');
            }
            out.push_str(key);
            write(&mut out, menus, menus.say(say), language, &Nothing);
        }
    }
    out
}

/// No values at all.
pub struct Nothing;

impl Values for Nothing {
    fn value(&self, _: Var) -> Option<Cow<'_, str>> {
        None
    }
}

/// The text above the items of a screen: that it is practice, what there is to say about the last input, then the screen's
/// own words.
pub fn head(
    menus: &Menus,
    screen: &Screen,
    (practice, notice): (bool, Option<Notice>),
    language: Language,
    values: &dyn Values,
) -> String {
    let mut out = String::with_capacity(USUAL_SCREEN);
    let above = notice.map(|notice| match notice {
        Notice::Refused(refusal) => menus.refusal(refusal),
        Notice::Said(say) => menus.say(say),
    });
    let below = match (&above, &screen.again) {
        (Some(_), Some(again)) => again,
        _ => &screen.text,
    };
    let practice = practice.then(|| menus.say(Say::Practice));
    for text in practice.into_iter().chain(above).chain([below]) {
        if !out.is_empty() {
            out.push('\n');
        }
        write(&mut out, menus, text, language, values);
    }
    out
}

/// The numbered lines of a screen: its choices as offered, or the rows of its list.
pub fn items(menus: &Menus, screen: &Screen, session: &Session, constants: Constants<'_>) -> Vec<String> {
    let language = session.language;
    if let Some(list) = &screen.list {
        let row = |row: &Row| {
            let values = Known { vars: &row.values, constants };
            text(menus, &list.row, language, &values)
        };
        return numbered(session.rows.iter().map(row));
    }
    let values = Known { vars: &session.vars, constants };
    numbered(offered(screen, session.flags).map(|choice| text(menus, &choice.text, language, &values)))
}

/// Lines with their numbers: `1: Open an account`.
pub fn numbered(lines: impl Iterator<Item = String>) -> Vec<String> {
    lines.enumerate().map(|(n, line)| format!("{}: {line}", n + 1)).collect()
}
