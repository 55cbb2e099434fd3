//! The words themselves: characters that every phone has, no stray blanks, nothing that an aggregator would take for
//! its own.

use super::{in_text, values::words_of};
use crate::{
    menu::{
        compiled::{Menus, Piece, Screen, Text},
        definition::Complaint,
        registry::{Refusal, Say, Var},
    },
    model::{Language, message::Purpose},
    text::gsm,
};

pub fn check(menus: &Menus, complaints: &mut Vec<Complaint>) {
    for (screen, text) in everything(menus) {
        for language in Language::ALL {
            let faults = faults(&written(text, language));
            complaints.extend(faults.into_iter().map(|says| in_text(screen, text, language, says)));
        }
    }
}

fn everything(menus: &Menus) -> impl Iterator<Item = (Option<&Screen>, &Text)> {
    let screens = menus.screens.iter().flat_map(|s| of_screen(s).map(move |text| (Some(s), text)));
    let words = Var::ALL.iter().copied().flat_map(words_of);
    let words = words.filter_map(|(var, word)| menus.word(var, word));
    let alone = Say::ALL.iter().map(|say| menus.say(*say));
    let alone = alone.chain(Refusal::ALL.iter().map(|refusal| menus.refusal(*refusal)));
    let alone = alone.chain(words).chain(Purpose::ALL.iter().copied().map(|purpose| menus.sms(purpose)));
    screens.chain(alone.map(|text| (None, text)))
}

fn of_screen(screen: &Screen) -> impl Iterator<Item = &Text> {
    let own = std::iter::once(&screen.text).chain(&screen.again);
    own.chain(screen.choices.iter().map(|c| &c.text)).chain(screen.rows().map(|(_, row)| row))
}

/// A text as it is written, with a letter for each variable.
fn written(text: &Text, language: Language) -> String {
    let pieces = text.pieces(language).iter().map(|piece| match piece {
        Piece::Words(words) => words.as_str(),
        Piece::Var(_) => "x",
    });
    pieces.collect()
}

fn faults(text: &str) -> Vec<String> {
    let mut faults = vec![];
    if text.is_empty() {
        faults.push("the text is empty".to_owned());
    }
    let mut strange: Vec<char> = text.chars().filter(|c| gsm::char_septets(*c).is_none()).collect();
    strange.sort_unstable();
    strange.dedup();
    for c in strange {
        let (shown, code) = (c.escape_debug(), u32::from(c));
        let instead = match gsm::fold(&c.to_string()).as_str() {
            "?" | " " => "leave it out".to_owned(),
            plain => format!("write {plain}"),
        };
        faults.push(format!("{shown} (U+{code:04X}) is not in GSM-7: {instead}"));
    }
    for line in text.lines().filter(|line| line.trim() != *line) {
        faults.push(format!("a blank begins or ends the line {line:?}"));
    }
    if text.starts_with("CON ") || text.starts_with("END ") {
        faults.push("a text can't begin with CON or END: aggregators read them".to_owned());
    }
    faults
}
