//! From a session to the text of a screen. The footer is placed first, so that Back never falls off; what can't stand
//! on one screen is paged by septets. The menu check uses the same code with the longest values.

use std::borrow::Cow;

use super::{
    compiled::{Choice, Menus, Piece, Screen, Text},
    registry::{Flag, Say, Shape, Var},
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
    let all = screen.choices.iter().filter(|choice| choice.key.is_none());
    all.filter(move |c| c.when.is_none_or(|when| when.holds(flags)))
}

/// The choices that have a key of their own.
pub fn keyed(screen: &Screen, flags: Flags) -> impl Iterator<Item = &Choice> {
    let all = screen.choices.iter().filter(|choice| choice.key.is_some());
    all.filter(move |c| c.when.is_none_or(|when| when.holds(flags)))
}

/// Those as the footer shows them: `99:Done`.
pub fn keys(
    menus: &Menus,
    screen: &Screen,
    flags: Flags,
    language: Language,
    values: &dyn Values,
) -> Vec<String> {
    let key = |choice: &Choice| {
        let key = choice.key.map(|key| key.to_string()).unwrap_or_default();
        format!("{key}:{}", text(menus, &choice.text, language, values))
    };
    keyed(screen, flags).map(key).collect()
}

/// What stands at the top of every page in a series for training.
pub fn banner(menus: &Menus, flags: Flags, language: Language) -> String {
    let practice =
        flags.has(Flag::Practice).then(|| text(menus, menus.say(Say::Practice), language, &Nothing));
    practice.unwrap_or_default()
}

/// How many people stand on a page where some of them are changed.
const PEOPLE_A_PAGE: usize = 5;

/// How many items a page of a screen has at most.
pub fn most_items(screen: &Screen) -> usize {
    if screen.lines.is_some() && screen.input.is_some() { PEOPLE_A_PAGE } else { usize::MAX }
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
    /// What stands at the top of every page.
    pub banner: &'a str,
    /// What stands on the first page above the items.
    pub head: &'a str,
    /// Items, each on a line of its own.
    pub items: &'a [String],
    /// How many of them a page has at most.
    pub most: usize,
    /// Whether `0` leads back.
    pub back: bool,
    /// Whether `00` leads to the main menu.
    pub main: bool,
    /// Other keys that every page offers.
    pub keys: &'a [String],
    /// How many septets a page may have.
    pub budget: usize,
}

/// The pages of a screen; at least one. A page that can't hold even one item holds it all the same and is too long:
/// the menu check complains about that before anybody sees it.
pub fn pages(menus: &Menus, language: Language, layout: &Layout<'_>) -> Vec<Page> {
    let footer = |page: usize, more: bool| {
        footer(menus, language, (layout.back || page > 0, layout.main, more), layout.keys)
    };
    let join = |head: &str, items: &[String], footer: &str| join([layout.banner, head], items, footer);
    let mut pages = vec![];
    let mut from = 0;
    loop {
        let head = if pages.is_empty() { layout.head } else { "" };
        let rest = layout.items.get(from..).unwrap_or_default();
        let last = join(head, rest, &footer(pages.len(), false));
        if (length(&last) <= layout.budget && rest.len() <= layout.most) || rest.is_empty() {
            pages.push(Page { text: last, shown: layout.items.len(), more: false });
            return pages;
        }
        let below = footer(pages.len(), true);
        let fits = (1..=rest.len().min(layout.most))
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

fn join(head: [&str; 2], items: &[String], footer: &str) -> String {
    let mut text = String::with_capacity(USUAL_SCREEN);
    for line in head.into_iter().chain(items.iter().map(String::as_str)).chain([footer]) {
        if !line.is_empty() {
            if !text.is_empty() {
                text.push('\n');
            }
            text.push_str(line);
        }
    }
    text
}

/// `0:Back 00:Main 98:More`, as far as they apply, and the screen's own keys.
fn footer(
    menus: &Menus,
    language: Language,
    (back, main, more): (bool, bool, bool),
    own: &[String],
) -> String {
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
    for key in own {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(key);
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

/// The text above the items of a screen: what there is to say about the last input, then the screen's own words.
pub fn head(
    menus: &Menus,
    screen: &Screen,
    notice: Option<Notice>,
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
    for text in above.into_iter().chain([below]) {
        if !out.is_empty() {
            out.push('\n');
        }
        write(&mut out, menus, text, language, values);
    }
    out
}

/// The lines of a screen: the rows of its list with their numbers, or lines to read and its choices as offered.
pub fn items(menus: &Menus, screen: &Screen, session: &Session, constants: Constants<'_>) -> Vec<String> {
    let language = session.language;
    let rows = screen.rows().map(|(source, shows)| {
        let row = move |row: &Row| {
            let values = Known { vars: &row.values, constants };
            text(menus, shows, language, &values)
        };
        session.rows_of(source).iter().map(row)
    });
    if screen.list.is_some() {
        return numbered(rows.into_iter().flatten());
    }
    let values = Known { vars: &session.vars, constants };
    let choices =
        numbered(offered(screen, session.flags).map(|choice| text(menus, &choice.text, language, &values)));
    rows.into_iter().flatten().chain(choices).collect()
}

/// Lines with their numbers: `1: Open an account`.
pub fn numbered(lines: impl Iterator<Item = String>) -> Vec<String> {
    lines.enumerate().map(|(n, line)| [(n + 1).to_string().as_str(), ": ", &line].concat()).collect()
}
