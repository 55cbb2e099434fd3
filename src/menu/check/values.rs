//! A text shows a variable only where it has been set on every way there, and never what an earlier call typed: whoever
//! dials now may be somebody else.

use super::{about, in_text, ways::Ways};
use crate::{
    menu::{
        compiled::{Condition, Menus, Piece, Screen, ScreenId, Text},
        definition::Complaint,
        registry::{Refusal, Say, Shape, Var, shown_in_sms},
    },
    model::{Language, message::Purpose},
};

pub fn check(ways: &Ways<'_>, complaints: &mut Vec<Complaint>) {
    let menus = ways.menus;
    constants_only(menus, complaints);
    words(menus, complaints);
    for (id, screen) in ways.screens() {
        for language in Language::ALL {
            for (text, when) in texts(screen) {
                for var in shown(menus, text, language) {
                    let says = says(ways, id, when, var);
                    complaints.extend(says.map(|says| in_text(Some(screen), text, language, says)));
                }
            }
            rows(menus, screen, language, complaints);
        }
        complaints.extend(untold(ways, id, screen));
    }
}

/// The variables a text shows in a language, and those that the words of its variables show.
fn shown(menus: &Menus, text: &Text, language: Language) -> Vec<Var> {
    let mut all: Vec<Var> = direct(text, language).collect();
    for (var, word) in all.clone().into_iter().flat_map(words_of) {
        all.extend(menus.word(var, word).into_iter().flat_map(|text| direct(text, language)));
    }
    all.sort_unstable();
    all.dedup();
    all.retain(|var| !var.is_constant());
    all
}

fn direct(text: &Text, language: Language) -> impl Iterator<Item = Var> {
    text.pieces(language).iter().filter_map(|piece| match piece {
        Piece::Var(var) => Some(*var),
        Piece::Words(_) => None,
    })
}

/// A variable with each word it can show.
pub fn words_of(var: Var) -> Vec<(Var, &'static str)> {
    match var.shape() {
        Shape::Word(words) => words().into_iter().map(|word| (var, word)).collect(),
        Shape::Text(_) | Shape::Hidden => vec![],
    }
}

fn texts(screen: &Screen) -> impl Iterator<Item = (&Text, Option<Condition>)> {
    let own = [Some(&screen.text), screen.again.as_ref()].into_iter().flatten().map(|text| (text, None));
    own.chain(screen.choices.iter().map(|choice| (&choice.text, choice.when)))
}

/// What is wrong with showing a variable on a screen where a condition holds.
fn says(ways: &Ways<'_>, id: ScreenId, when: Option<Condition>, var: Var) -> Option<String> {
    let spots = || ways.of_screen(id).filter(|(_, spot)| when.is_none_or(|c| c.holds(spot.flags)));
    let name = var.name();
    if let Some(way) = spots().find_map(|(n, _)| ways.without(n, var)) {
        return Some(format!("shows {{{name}}}, which is not set on the way {way}"));
    }
    let way = spots().find_map(|(n, _)| ways.with_kept(n, var))?;
    Some(format!(
        "shows {{{name}}} as an earlier call typed it on the way {way}: whoever dials now must not see it"
    ))
}

/// Rows that an action tells have been told on every way.
fn untold(ways: &Ways<'_>, id: ScreenId, screen: &Screen) -> Option<Complaint> {
    let (source, _) = screen.rows().filter(|(source, _)| source.is_told())?;
    let without = ways.reached(false, |step| {
        let (action, outcome) = step.did?;
        action.lists(outcome).contains(&source).then_some(true)
    });
    let way = ways.of_screen(id).find_map(|(n, _)| without.way(n))?;
    Some(about(screen, format!("shows {}, which no action has told on the way {way}", source.name())))
}

/// A row shows what its source gives.
fn rows(menus: &Menus, screen: &Screen, language: Language, complaints: &mut Vec<Complaint>) {
    let Some((source, row)) = screen.rows() else { return };
    for var in shown(menus, row, language).into_iter().filter(|var| !source.row().contains(var)) {
        let known: Vec<&str> = source.row().iter().map(|v| v.name()).collect();
        let says =
            format!("shows {{{}}}, but rows of {} have {}", var.name(), source.name(), known.join(", "));
        complaints.push(in_text(Some(screen), row, language, says));
    }
}

/// What can stand on any screen, or on none, shows only what is known at any time; the footer shows words alone.
fn constants_only(menus: &Menus, complaints: &mut Vec<Complaint>) {
    let footer = |say: &Say| matches!(say, Say::Back | Say::Main | Say::More);
    let says = Say::ALL.iter().map(|say| (menus.say(*say), footer(say), &[][..]));
    let refusals = Refusal::ALL.iter().map(|refusal| (menus.refusal(*refusal), false, &[][..]));
    let sms = Purpose::ALL.iter().copied().map(|purpose| (menus.sms(purpose), false, shown_in_sms(purpose)));
    for (text, footer, known) in says.chain(refusals).chain(sms) {
        for language in Language::ALL {
            let unknown = |var: &Var| footer || !(var.is_constant() || known.contains(var));
            for var in direct(text, language).filter(unknown) {
                let why = if footer { "a footer shows no variables" } else { "it is not known at any time" };
                complaints.push(in_text(
                    None,
                    text,
                    language,
                    format!("can't show {{{}}}: {why}", var.name()),
                ));
            }
        }
    }
}

/// Whether a word of one variable may not show another: one that shows words itself could go on for ever. The words of
/// what every text can show are shown, for they show no words themselves.
pub fn is_endless(of: Var, shown: Var) -> bool {
    matches!(shown.shape(), Shape::Word(_)) && (of.is_constant() || !shown.is_constant())
}

fn words(menus: &Menus, complaints: &mut Vec<Complaint>) {
    let words = Var::ALL.iter().copied().flat_map(words_of);
    for (of, text) in words.filter_map(|(var, word)| Some((var, menus.word(var, word)?))) {
        for language in Language::ALL {
            for var in direct(text, language).filter(|var| is_endless(of, *var)) {
                let says = format!("is a word itself, so it can't show the words of {{{}}}", var.name());
                complaints.push(in_text(None, text, language, says));
            }
        }
    }
}
