//! What a screen says of a redial, held against what a redial would do: it asks where a draft is kept, starts over
//! where none is, asks for the code where one is due, and never resumes inside a secret.

use std::collections::HashSet;

use super::{about, shape::screens_of, ways::Ways};
use crate::menu::{
    compiled::{Condition, Goto, Redial, Screen, ScreenId, Then},
    definition::Complaint,
    registry::{Action, DRAFT_HOURS, Flag},
};

pub fn check(ways: &Ways<'_>, complaints: &mut Vec<Complaint>) {
    let journeys = keeping(ways);
    for (id, screen) in ways.screens() {
        let says = match screen.redial {
            None => (!screen.ends).then(|| {
                format!(
                    "say what a redial does: `redial = \"start over\"` or `redial = \"ask for {DRAFT_HOURS} hours\"`"
                )
            }),
            Some(_) if screen.ends => Some("the session ends here, so it can't say `redial`".to_owned()),
            Some(Redial::Ask { hours }) => asks(ways, id, hours),
            Some(Redial::Code) => asks_for_the_code(ways, id),
            Some(Redial::Register) => asks_after_the_pin(ways, id),
            Some(Redial::StartOver) => starts_over(ways, id, screen, &journeys),
        };
        complaints.extend(says.map(|says| about(screen, says)));
        complaints.extend(into_secrets(ways, screen));
    }
    let is_offer = |when: Option<Condition>| when.is_some_and(|c| c.flag == Flag::HasDraft && c.up);
    let offers = |goto: &Goto| Goto(goto.0.iter().filter(|(when, _)| is_offer(*when)).copied().collect());
    for secret in [&ways.menus.entry, &ways.menus.main].iter().filter_map(|g| secret(ways, &offers(g))) {
        complaints.push(about(secret, "a redial would resume inside this secret: begin a screen before it"));
    }
}

/// The journeys that keep drafts.
fn keeping<'m>(ways: &Ways<'m>) -> HashSet<&'m str> {
    let keeps = |screen: &&Screen| screen.follows().any(|t| matches!(t, Then::Do(Action::KeepDraft, _)));
    ways.menus.screens.iter().filter(keeps).map(journey).collect()
}

fn journey(screen: &Screen) -> &str {
    screen.name.split_once('.').map_or("", |(journey, _)| journey)
}

/// Where the redial asks, a draft is there on every way.
fn asks(ways: &Ways<'_>, id: ScreenId, hours: u32) -> Option<String> {
    if hours != DRAFT_HOURS {
        return Some(format!(
            "a draft lives {DRAFT_HOURS} hours: say `redial = \"ask for {DRAFT_HOURS} hours\"`"
        ));
    }
    let (without, _) = ways.of_screen(id).find(|(_, spot)| !spot.flags.has(Flag::HasDraft))?;
    let way = ways.way(without)?;
    Some(format!("a redial would not ask, for no draft is kept on the way {way}"))
}

/// Where the redial asks for the code, one is due on every way.
fn asks_for_the_code(ways: &Ways<'_>, id: ScreenId) -> Option<String> {
    let (without, _) = ways.of_screen(id).find(|(_, spot)| !spot.flags.has(Flag::CodeDue))?;
    let way = ways.way(without)?;
    Some(format!("a redial would not ask for a code, for none is due on the way {way}"))
}

/// Where the redial asks after the PIN, a register's draft is kept on every way.
fn asks_after_the_pin(ways: &Ways<'_>, id: ScreenId) -> Option<String> {
    let (without, _) = ways.of_screen(id).find(|(_, spot)| !spot.flags.has(Flag::MarksKept))?;
    let way = ways.way(without)?;
    Some(format!("a redial would not ask, for no register's draft is kept on the way {way}"))
}

/// Where somebody goes on from what was said of a day, or of a newcomer, a redial asks after the PIN.
fn hides_marks(ways: &Ways<'_>, id: ScreenId, screen: &Screen) -> Option<String> {
    ways.of_screen(id).next()?;
    let says = "a redial would ask, for what was said so far is kept: say `redial = \"ask after the PIN\"`";
    screen.follows().any(goes_on).then(|| says.to_owned())
}

/// Whether an answer goes on from what is kept.
fn goes_on(then: &Then) -> bool {
    matches!(
        then,
        Then::Do(
            Action::OpenRole
                | Action::TakeNumbers
                | Action::SumUp
                | Action::RecordRegister
                | Action::KeepNewRole
                | Action::AddPerson
                | Action::AddWithoutPhone,
            _
        )
    )
}

/// Where something is typed and a draft is there on every way, the redial asks. Elsewhere a screen may say that it
/// starts over although a draft happens to be there: the offer at the next dial is then more than was promised.
fn starts_over(ways: &Ways<'_>, id: ScreenId, screen: &Screen, journeys: &HashSet<&str>) -> Option<String> {
    if let Some(says) = hides_marks(ways, id, screen) {
        return Some(says);
    }
    if screen.input.is_none() || !journeys.contains(journey(screen)) {
        return None;
    }
    let mut spots = ways.of_screen(id).peekable();
    spots.peek()?;
    spots.all(|(_, spot)| spot.flags.has(Flag::HasDraft)).then(|| {
        format!("a redial would ask, for a draft is always kept by now: say `redial = \"ask for {DRAFT_HOURS} hours\"`")
    })
}

/// Taking up a draft leads to a screen on which nothing secret is typed.
fn into_secrets(ways: &Ways<'_>, screen: &Screen) -> Vec<Complaint> {
    let taken_up = screen.follows().filter_map(|then| match then {
        Then::Do(Action::TakeUpDraft, on) => Some(on),
        _ => None,
    });
    let into = taken_up.flatten().filter_map(|(outcome, goto)| Some((outcome, secret(ways, goto)?)));
    into.map(|(outcome, secret)| {
        let name = &secret.name;
        about(screen, format!("{} leads straight into the secret of {name}: begin before it", outcome.name()))
    })
    .collect()
}

fn secret<'m>(ways: &Ways<'m>, goto: &Goto) -> Option<&'m Screen> {
    screens_of(goto).filter_map(|id| ways.menus.screen(id)).find(|screen| screen.is_secret())
}
