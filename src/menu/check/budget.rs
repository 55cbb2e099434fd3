//! Every screen in every language is within its budget with the longest values there can be and the longest sentence
//! that can stand above it, laid out by the code that serves it. SMS are one segment each,
//! a person's own words two.

use std::borrow::Cow;

use super::{
    in_text,
    ways::{Answer, Step, Ways},
};
use crate::{
    menu::{
        compiled::{Menus, Screen, Text},
        definition::Complaint,
        registry::{Action, Flag, Outcome, Say, Shape, Var},
        render::{self, Layout, Values},
        session::{Flags, Notice},
    },
    model::{Language, message::Purpose},
};

/// The most rows a list has; sources give no more.
pub const MOST_ROWS: usize = 60;

/// The longest value of every variable in one language.
pub struct Longest<'m> {
    /// The menus, for the words that variables show.
    pub menus: &'m Menus,
    /// The language.
    pub language: Language,
}

impl Values for Longest<'_> {
    fn value(&self, var: Var) -> Option<Cow<'_, str>> {
        let length = |word: &&str| {
            let text = self.menus.word(var, word);
            text.map_or(0, |text| render::length(&render::text(self.menus, text, self.language, self)))
        };
        match var.shape() {
            Shape::Text(limit) => Some("M".repeat(limit).into()),
            Shape::Word(words) => words().into_iter().max_by_key(length).map(Cow::from),
            Shape::Hidden => None,
        }
    }
}

pub fn check(ways: &Ways<'_>, budget: usize, complaints: &mut Vec<Complaint>) {
    let menus = ways.menus;
    // A word that shows words can't be measured; `values` has complained about it.
    if Var::ALL
        .iter()
        .copied()
        .flat_map(super::values::words_of)
        .any(|(var, word)| is_endless(menus, var, word))
    {
        return;
    }
    let in_practice = ways.reached(true, |step| practice_after(ways, step));
    for language in Language::ALL {
        let longest = Longest { menus, language };
        for (id, screen) in ways.screens() {
            // A series for training says so at the top of whatever shows something of it.
            let practice = ways.of_screen(id).any(|(spot, _)| in_practice.at(spot));
            let flags = Flags::default().with(Flag::Practice, practice);
            complaints.extend(worst(&longest, screen, flags, budget));
        }
        for say in Say::ALL.iter().copied().filter(|say| say.ends()) {
            let text = menus.say(say);
            complaints.extend(alone(&longest, text, budget, "septets"));
        }
        for purpose in Purpose::ALL.iter().copied() {
            let text = menus.sms(purpose);
            complaints.extend(alone(&longest, text, purpose.most_septets(), "septets in an SMS"));
        }
    }
}

/// What a step makes of whether the caller may be in a series for training, as the engine does.
fn practice_after(ways: &Ways<'_>, step: &Step) -> Option<bool> {
    let told = |(action, outcome): (Action, Outcome)| {
        if action.tells(outcome).contains(&Flag::Practice) {
            return Some(true);
        }
        action.flags_after(outcome).iter().rev().find(|(flag, _)| *flag == Flag::Practice).map(|(_, up)| *up)
    };
    let at_post = |flags: Flags| flags.has(Flag::CentreIn) || flags.has(Flag::OfficerIn);
    let leaves = step.answer == Answer::Main && !ways.spots.get(step.to).is_some_and(|to| at_post(to.flags));
    if leaves { Some(false) } else { step.did.and_then(told) }
}

fn is_endless(menus: &Menus, var: Var, word: &str) -> bool {
    menus.word(var, word).is_some_and(|text| text.vars().any(|v| super::values::is_endless(var, v)))
}

/// A text that nothing else stands beside.
fn alone(longest: &Longest<'_>, text: &Text, allowed: usize, what: &str) -> Option<Complaint> {
    let written = render::text(longest.menus, text, longest.language, longest);
    let measured = render::length(&written);
    let over = measured.checked_sub(allowed).filter(|over| *over > 0)?;
    let says = format!("{measured} {what}, {allowed} allowed: shorten the text by {over}");
    Some(in_text(None, text, longest.language, says))
}

/// The longest page that a screen can have, if it is too long.
fn worst(longest: &Longest<'_>, screen: &Screen, flags: Flags, budget: usize) -> Option<Complaint> {
    let lines = lines(longest, screen);
    let banner = render::banner(longest.menus, flags, longest.language);
    let all = screen.choices.iter().filter_map(|choice| choice.when).filter(|when| when.up);
    let all = all.fold(flags, |flags, when| flags.with(when.flag, true));
    let keys = render::keys(longest.menus, screen, all, longest.language, longest);
    let mut worst: Option<(usize, Complaint)> = None;
    for notice in notices(screen) {
        let head = render::head(longest.menus, screen, notice, longest.language, longest);
        for from in starts(screen) {
            let items = lines.get(from..).unwrap_or_default();
            let items =
                if screen.lines.is_some() { items.to_vec() } else { render::numbered(items.iter().cloned()) };
            let layout = Layout {
                banner: &banner,
                head: &head,
                items: &items,
                most: render::most_items(screen),
                back: screen.back,
                main: screen.main,
                keys: &keys,
                budget,
            };
            for over in too_long(longest, &layout) {
                if worst.as_ref().is_none_or(|(most, _)| over.measured > *most) {
                    worst = Some((over.measured, over.complaint(longest, screen, notice, from, &layout)));
                }
            }
        }
    }
    worst.map(|(_, complaint)| complaint)
}

/// Every line there can be: all choices, the most rows, or both one below the other.
fn lines(longest: &Longest<'_>, screen: &Screen) -> Vec<String> {
    let write = |text| render::text(longest.menus, text, longest.language, longest);
    let rows = screen.rows().map(|(_, row)| vec![write(row); MOST_ROWS]).unwrap_or_default();
    let choices = screen.choices.iter().filter(|choice| choice.key.is_none());
    let choices: Vec<String> = choices.map(|choice| write(&choice.text)).collect();
    let choices = if screen.lines.is_some() { render::numbered(choices.into_iter()) } else { choices };
    rows.into_iter().chain(choices).collect()
}

/// Which lines can be the first: choices can be missing at the top, so that another one is; of lines to read there may be
/// none.
fn starts(screen: &Screen) -> Vec<usize> {
    if screen.lines.is_some() {
        return vec![0, MOST_ROWS];
    }
    (0..=screen.choices.iter().take_while(|choice| choice.when.is_some()).count()).collect()
}

/// What can stand above a screen: nothing, or what the engine says of an input there.
fn notices(screen: &Screen) -> Vec<Option<Notice>> {
    let mut notices = vec![None];
    if screen.ends {
        return notices;
    }
    notices.push(Some(Notice::Said(Say::Unreadable)));
    match &screen.input {
        Some(input) => notices.extend(input.validator.refusals().iter().map(|r| Some(Notice::Refused(*r)))),
        None => notices.push(Some(Notice::Said(Say::NotAChoice))),
    }
    if screen.list.is_some() {
        notices.push(Some(Notice::Said(Say::ListChanged)));
    }
    notices
}

/// A page that is too long.
struct Over {
    measured: usize,
    page: usize,
    /// How many items stand on the pages before.
    before: usize,
}

fn too_long(longest: &Longest<'_>, layout: &Layout<'_>) -> Vec<Over> {
    let pages = render::pages(longest.menus, longest.language, layout);
    let before = std::iter::once(0).chain(pages.iter().map(|page| page.shown));
    let measured = pages.iter().map(|page| render::length(&page.text));
    let all =
        measured.zip(before).enumerate().map(|(page, (measured, before))| Over { measured, page, before });
    all.filter(|over| over.measured > layout.budget).collect()
}

impl Over {
    fn complaint(
        &self,
        longest: &Longest<'_>,
        screen: &Screen,
        notice: Option<Notice>,
        from: usize,
        layout: &Layout<'_>,
    ) -> Complaint {
        let (measured, allowed, by) = (self.measured, layout.budget, self.measured - layout.budget);
        let under =
            notice.filter(|_| self.page == 0).map(|notice| quote(longest, notice)).unwrap_or_default();
        let own = screen.again.as_ref().filter(|_| notice.is_some()).unwrap_or(&screen.text);
        let length = |text| render::length(&render::text(longest.menus, text, longest.language, longest));
        let item = match screen.rows() {
            Some((_, row)) => Some(("row", row)),
            None => screen.choices.get(from + self.before).map(|choice| ("choice", &choice.text)),
        };
        // The longer of the two is to blame.
        let blamed = item.filter(|(_, text)| self.page > 0 || length(text) > length(own));
        let (which, text) = blamed.unwrap_or(("text", own));
        let what = match (self.page, item) {
            (_, None) => String::new(),
            (0, Some((item, _))) => format!(" for the text and one {item}"),
            (_, Some((item, _))) => format!(" for one {item} and the footer"),
        };
        let says = format!("{measured} septets{what}{under}, {allowed} allowed: shorten the {which} by {by}");
        in_text(Some(screen), text, longest.language, says)
    }
}

/// The beginning of what stands above the text, enough to find it.
fn quote(longest: &Longest<'_>, notice: Notice) -> String {
    let text = match notice {
        Notice::Refused(refusal) => longest.menus.refusal(refusal),
        Notice::Said(say) => longest.menus.say(say),
    };
    let whole = render::text(longest.menus, text, longest.language, longest);
    let mut words = String::new();
    for word in whole.split(' ').take(4) {
        words.push_str(if words.is_empty() { "" } else { " " });
        words.push_str(word);
    }
    let rest = if words.len() < whole.len() { "…" } else { "" };
    format!(" under \"{words}{rest}\"")
}
