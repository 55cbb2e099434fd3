//! What a screen offers and where it leads: it can be reached and left, and it has only the keys that do something.

use std::collections::HashSet;

use super::{
    about, at,
    ways::{Ways, destination},
};
use crate::{
    menu::{
        compiled::{Goto, Screen, ScreenId, Target},
        definition::{Complaint, Place},
        registry::Validator,
        render,
        session::Flags,
    },
    model::Language,
};

/// The highest number a choice can have: `98` is more.
const HIGHEST: usize = 97;
/// The key that a choice can have of its own: no roster has this number.
const OWN_KEY: u8 = 99;

pub fn check(ways: &Ways<'_>, complaints: &mut Vec<Complaint>) {
    front(ways, complaints);
    let stuck = stuck(ways);
    for (id, screen) in ways.screens() {
        offers(screen, complaints);
        if ways.of_screen(id).next().is_none() {
            let says = "no choice, input, list or outcome leads here: nobody can reach it";
            complaints.push(about(screen, says));
            continue;
        }
        keys(ways, id, screen, complaints);
        if let Some(trapped) = dead_end(ways, id, screen).or_else(|| stuck_says(ways, id, &stuck)) {
            complaints.push(about(screen, trapped));
        }
        if let Some(says) = empty_for_ever(ways, id, screen) {
            complaints.push(about(screen, says));
        }
    }
}

/// `entry`, `main` and `signed_out` lead to screens, not only to one another.
fn front(ways: &Ways<'_>, complaints: &mut Vec<Complaint>) {
    let menus = ways.menus;
    let mut complain = |says: String| {
        let place = Place { file: "menus".to_owned(), line: 1 };
        complaints.push(Complaint { place, screen: None, language: None, says });
    };
    if ways.cut_short {
        complain(
            "too many ways to prove them all: say `back = false` where going back is not needed".to_owned(),
        );
    }
    for (name, goto) in [("entry", &menus.entry), ("main", &menus.main), ("signed_out", &menus.signed_out)] {
        if ways.openings().into_iter().any(|flags| destination(menus, goto, flags).is_none()) {
            complain(format!("`{name}` leads in a circle: `entry` and `main` lead to one another"));
        }
    }
}

/// What is on the screen belongs together.
fn offers(screen: &Screen, complaints: &mut Vec<Complaint>) {
    let numbered = screen.choices.iter().any(|choice| choice.key.is_none());
    let both = screen.list.is_some() && (screen.input.is_some() || numbered);
    if both {
        let says = "a list stands alone on its screen: its numbers would be taken for choices or input";
        complaints.push(about(screen, says));
    }
    let takes_numbers = screen.input.as_ref().is_some_and(|it| it.validator == Validator::RosterNumbers);
    for choice in &screen.choices {
        let says = match choice.key {
            None if takes_numbers => "numbers are typed here, so a choice has a `key` of its own".to_owned(),
            Some(OWN_KEY) | None => continue,
            Some(key) => format!("a choice can't have the key {key}: {OWN_KEY} is the one that is left"),
        };
        complaints.push(at(screen, choice.text.place(Language::En), says));
    }
    if screen.lines.is_some() && screen.list.is_some() {
        complaints.push(about(screen, "lines to read and a list to choose from don't go together"));
    }
    if let Some(choice) = screen.choices.get(HIGHEST) {
        let says =
            format!("{} choices are too many: numbers go up to {HIGHEST}, 98 is more", screen.choices.len());
        complaints.push(at(screen, choice.text.place(Language::En), says));
    }
    if screen.ends {
        let answers = screen.input.is_some() || screen.list.is_some() || !screen.choices.is_empty();
        if answers {
            complaints.push(about(screen, "the session ends here, so nothing can be chosen or typed"));
        }
        if screen.back || screen.main {
            complaints.push(about(screen, "the session ends here, so `back` and `main` can't be true"));
        }
    }
}

/// `0` and `00` are shown where they lead somewhere.
fn keys(ways: &Ways<'_>, id: ScreenId, screen: &Screen, complaints: &mut Vec<Complaint>) {
    // A screen that a dial opens may say `back` all the same if it can also be come to from another one: then the
    // engine shows Back only where there is something behind.
    if screen.back && !screen.ends && ways.of_screen(id).all(|(_, spot)| !spot.has_behind()) {
        complaints.push(about(screen, "nothing is ever behind this screen: say `back = false`"));
    }
    let menus = ways.menus;
    let leads_here = |flags: Flags| destination(menus, &menus.main, flags) == Some(id);
    if screen.main && !screen.ends && ways.of_screen(id).all(|(_, spot)| leads_here(spot.flags)) {
        complaints.push(about(screen, "this is the main menu itself: say `main = false`"));
    }
}

/// In some situation there is nothing to press.
fn dead_end(ways: &Ways<'_>, id: ScreenId, screen: &Screen) -> Option<String> {
    let open = screen.ends || screen.input.is_some() || screen.list.is_some() || screen.main;
    let shut = |flags: Flags| {
        !open && render::offered(screen, flags).chain(render::keyed(screen, flags)).next().is_none()
    };
    let mut spots = ways.of_screen(id);
    let (index, _) = spots.find(|(_, s)| shut(s.flags) && !(screen.back && s.has_behind()))?;
    let way = ways.way(index)?;
    Some(format!("a dead end: nothing to choose, no way back and none to the main menu, on the way {way}"))
}

/// The spots from which neither an end nor the front door can be reached.
fn stuck(ways: &Ways<'_>) -> HashSet<usize> {
    let front: HashSet<ScreenId> =
        [&ways.menus.entry, &ways.menus.main].into_iter().flat_map(screens_of).collect();
    let leaves = |id: ScreenId| {
        front.contains(&id) || ways.menus.screen(id).is_none_or(|screen| screen.ends || screen.main)
    };
    let mut stuck: HashSet<usize> = ways
        .screens()
        .filter(|(id, _)| !leaves(*id))
        .flat_map(|(id, _)| ways.of_screen(id))
        .map(|(n, _)| n)
        .collect();
    loop {
        let out = |spot: &usize| ways.steps(*spot).iter().any(|step| !stuck.contains(&step.to));
        let freed: HashSet<usize> = stuck.iter().copied().filter(out).collect();
        if freed.is_empty() {
            return stuck;
        }
        stuck.retain(|spot| !freed.contains(spot));
    }
}

fn stuck_says(ways: &Ways<'_>, id: ScreenId, stuck: &HashSet<usize>) -> Option<String> {
    let (index, _) = ways.of_screen(id).find(|(index, _)| stuck.contains(index))?;
    let way = ways.way(index)?;
    Some(format!("a trap: from here no end and no main menu can be reached, on the way {way}"))
}

/// Empty lists that lead to one another would have the program fetch lists for ever.
fn empty_for_ever(ways: &Ways<'_>, id: ScreenId, screen: &Screen) -> Option<String> {
    let menus = ways.menus;
    let first = screen.list.as_ref()?;
    let circles = |flags: Flags| {
        let mut seen = HashSet::from([id]);
        let mut next = destination(menus, &first.empty, flags);
        while let Some(list) = next.and_then(|n| menus.screen(n)).and_then(|s| s.list.as_ref()) {
            if !next.is_some_and(|n| seen.insert(n)) {
                return true;
            }
            next = destination(menus, &list.empty, flags);
        }
        false
    };
    ways.of_screen(id)
        .any(|(_, spot)| circles(spot.flags))
        .then(|| "when this list is empty, it leads to itself through empty lists".to_owned())
}

/// The screens that a `goto` names.
pub fn screens_of(goto: &Goto) -> impl Iterator<Item = ScreenId> + '_ {
    goto.0.iter().filter_map(|(_, target)| match target {
        Target::Screen(id) => Some(*id),
        Target::Entry | Target::Main => None,
    })
}

#[cfg(test)]
mod tests {
    use crate::menu::{check::check, compiled::Menus, definition::Bundle};

    #[test]
    fn a_choice_can_have_any_number_below_98() {
        let choice = "\n[[screen.username.choice]]\nen = \"x\"\nsw = \"x\"\ngoto = \"pin\"\n";
        let complaints = |count: usize| {
            let mut bundle = Bundle::built_in();
            bundle.0.get_mut("sign_in.toml").unwrap().push_str(&choice.repeat(count));
            check(&Menus::compile(bundle).unwrap(), 160)
        };
        assert_eq!(complaints(97), []);
        let found = complaints(98);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].says, "98 choices are too many: numbers go up to 97, 98 is more");
    }
}
