//! A picture of a journey as a Mermaid flowchart: screens as boxes, answers and outcomes as arrows. Where `0` and `00`
//! lead is left out, for every screen would be joined to every other.

use std::{
    collections::BTreeSet,
    fmt::{self, Write as _},
};

use super::{
    compiled::{Condition, Goto, Menus, Piece, Screen, ScreenId, Target, Text, Then},
    registry::{Action, Outcome},
};
use crate::model::Language;

/// How many characters of a screen's text stand in its box.
const SHOWN: usize = 32;

/// The flowchart of one journey, or of all; what it leads to in other journeys is outlined.
pub fn mermaid(menus: &Menus, journey: Option<&str>, language: Language) -> String {
    let graph = Graph { menus, journey, language };
    let mut out = String::new();
    // Writing into a string never fails.
    let _ = graph.write(&mut out);
    out
}

struct Graph<'m> {
    menus: &'m Menus,
    journey: Option<&'m str>,
    language: Language,
}

/// An arrow: where from, what it says, where to.
struct Arrow {
    from: String,
    says: String,
    to: Target,
}

impl Graph<'_> {
    fn write(&self, out: &mut String) -> fmt::Result {
        out.push_str("flowchart TD\n");
        for (id, screen) in self.screens().filter(|(_, screen)| self.is_inside(screen)) {
            writeln!(out, "  {}", self.node(id, screen))?;
        }
        let arrows = self.arrows();
        let targets: BTreeSet<(u8, ScreenId)> = arrows.iter().map(|arrow| key(arrow.to)).collect();
        for (kind, id) in targets {
            if let Some(stub) = self.stub(kind, id) {
                writeln!(out, "  {stub}")?;
            }
        }
        if arrows.iter().any(|arrow| arrow.from == "dial") {
            out.push_str("  dial((\"dial\"))\n");
        }
        for Arrow { from, says, to } in &arrows {
            let to = name(*to);
            if says.is_empty() {
                writeln!(out, "  {from} --> {to}")?;
            } else {
                writeln!(out, "  {from} -->|\"{}\"| {to}", escaped(says))?;
            }
        }
        out.push_str("  classDef other fill:none,stroke-dasharray:4\n");
        Ok(())
    }

    fn screens(&self) -> impl Iterator<Item = (ScreenId, &Screen)> {
        (0u16..).map(ScreenId).zip(&self.menus.screens)
    }

    fn is_inside(&self, screen: &Screen) -> bool {
        let own = screen.name.split_once('.').map(|(journey, _)| journey);
        self.journey.is_none_or(|journey| own == Some(journey))
    }

    /// A screen's box: its shape says what is done there.
    fn node(&self, id: ScreenId, screen: &Screen) -> String {
        let (open, close) = match screen {
            _ if screen.ends => ("([", "])"),
            _ if screen.is_secret() => ("{{", "}}"),
            Screen { input: Some(_), .. } => ("[/", "/]"),
            Screen { list: Some(_), .. } => ("[[", "]]"),
            _ => ("[", "]"),
        };
        let words = escaped(&self.first_words(&screen.text));
        format!("s{}{open}\"{}<br/>{words}\"{close}", id.0, escaped(&screen.name))
    }

    fn stub(&self, kind: u8, id: ScreenId) -> Option<String> {
        match kind {
            0 => Some("entry((\"entry\")):::other".to_owned()),
            1 => Some("main((\"main\")):::other".to_owned()),
            _ => {
                let screen = self.menus.screen(id).filter(|screen| !self.is_inside(screen))?;
                Some(format!("s{}(\"{}\"):::other", id.0, escaped(&screen.name)))
            }
        }
    }

    fn arrows(&self) -> Vec<Arrow> {
        let mut arrows = vec![];
        for (id, screen) in self.screens().filter(|(_, screen)| self.is_inside(screen)) {
            let from = format!("s{}", id.0);
            for choice in &screen.choices {
                let says = with_condition(&self.words(&choice.text), choice.when);
                follow(&mut arrows, &from, &says, &choice.then);
            }
            if let Some(input) = &screen.input {
                follow(&mut arrows, &from, input.validator.name(), &input.then);
            }
            if let Some(list) = &screen.list {
                follow(&mut arrows, &from, "a row", &list.then);
                rules(&mut arrows, &from, "no rows", &list.empty);
            }
        }
        let into = self.menus.entry.0.iter().filter(|(_, target)| match target {
            Target::Screen(id) => self.menus.screen(*id).is_some_and(|screen| self.is_inside(screen)),
            Target::Entry | Target::Main => false,
        });
        for (when, to) in into {
            arrows.push(Arrow { from: "dial".to_owned(), says: with_condition("", *when), to: *to });
        }
        arrows
    }

    fn words(&self, text: &Text) -> String {
        let pieces = text.pieces(self.language).iter().map(|piece| match piece {
            Piece::Words(words) => words.clone(),
            Piece::Var(var) => format!("{{{}}}", var.name()),
        });
        pieces.collect()
    }

    fn first_words(&self, text: &Text) -> String {
        let words = self.words(text);
        let mut first: String = words.chars().take(SHOWN).collect();
        if first.len() < words.len() {
            first.push('…');
        }
        first
    }
}

fn follow(arrows: &mut Vec<Arrow>, from: &str, says: &str, then: &Then) {
    match then {
        Then::Goto(goto) => rules(arrows, from, says, goto),
        Then::Do(action, on) => {
            for (outcome, goto) in on {
                rules(arrows, from, &with_outcome(says, *action, *outcome), goto);
            }
        }
    }
}

fn rules(arrows: &mut Vec<Arrow>, from: &str, says: &str, goto: &Goto) {
    for (when, to) in &goto.0 {
        arrows.push(Arrow { from: from.to_owned(), says: with_condition(says, *when), to: *to });
    }
}

/// An outcome is told where there are several.
fn with_outcome(says: &str, action: Action, outcome: Outcome) -> String {
    match action.rules().outcomes {
        [_] => says.to_owned(),
        _ => format!("{says}: {}", outcome.name()),
    }
}

fn with_condition(says: &str, when: Option<Condition>) -> String {
    let Some(Condition { flag, up }) = when else { return says.to_owned() };
    let (blank, not) = (if says.is_empty() { "" } else { " " }, if up { "" } else { "not " });
    format!("{says}{blank}(if {not}{})", flag.name())
}

fn key(target: Target) -> (u8, ScreenId) {
    match target {
        Target::Entry => (0, ScreenId(0)),
        Target::Main => (1, ScreenId(0)),
        Target::Screen(id) => (2, id),
    }
}

fn name(target: Target) -> String {
    match target {
        Target::Entry => "entry".to_owned(),
        Target::Main => "main".to_owned(),
        Target::Screen(id) => format!("s{}", id.0),
    }
}

/// Mermaid reads `#` as the beginning of an entity and knows HTML in labels.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' => out.push_str("#quot;"),
            '#' => out.push_str("#35;"),
            '&' => out.push_str("#amp;"),
            '<' => out.push_str("#lt;"),
            '>' => out.push_str("#gt;"),
            '\n' => out.push_str("<br/>"),
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::menu::definition::Bundle;

    fn id(menus: &Menus, name: &str) -> String {
        format!("s{}", menus.by_name(name).unwrap().0)
    }

    #[test]
    fn a_journey_shows_all_its_screens_and_outlines_the_others() {
        let menus = Menus::compile(Bundle::built_in()).unwrap();
        let picture = mermaid(&menus, Some("account"), Language::En);
        assert!(picture.starts_with("flowchart TD\n"), "{picture}");
        for screen in menus.screens.iter().filter(|s| s.name.starts_with("account.")) {
            assert!(picture.contains(&format!("\"{}<br/>", screen.name)), "{} is missing", screen.name);
        }
        let other = id(&menus, "start.welcome");
        assert!(picture.contains(&format!("  {other}(\"start.welcome\"):::other\n")), "{picture}");
        assert!(!picture.contains("home.menu"), "{picture}");
    }

    #[test]
    fn shapes_and_arrows_say_what_is_done() {
        let menus = Menus::compile(Bundle::built_in()).unwrap();
        let picture = mermaid(&menus, Some("account"), Language::En);
        let [consent, names, pin, opened] =
            ["account.consent", "account.given_names", "account.same_pin", "account.opened"]
                .map(|name| id(&menus, name));
        assert!(picture.contains(&format!("  {consent}[\"account.consent<br/>")), "{picture}");
        assert!(picture.contains(&format!("  {consent} -->|\"I agree\"| {names}\n")), "{picture}");
        assert!(picture.contains(&format!("  {pin}{{{{\"account.same_pin<br/>")), "{picture}");
        assert!(picture.contains(&format!("  {pin} -->|\"same_pin: done\"| {opened}\n")), "{picture}");
        assert!(picture.contains("(if resumed)"), "{picture}");
        assert!(picture.contains("  dial((\"dial\"))\n"), "{picture}");
    }

    #[test]
    fn labels_can_hold_anything() {
        assert_eq!(escaped("*384# \"a\" <b>\nc"), "*384#35; #quot;a#quot; #lt;b#gt;<br/>c");
    }
}
