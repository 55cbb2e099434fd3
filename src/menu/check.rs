//! The proof that menus are good before anybody sees them: everything can be reached and left, every text fits with
//! the longest values, nothing is shown or done before it can be. What the names mean is settled by `compiled`, which
//! complains for itself.
//!
//! - `ways` finds every situation the menus can put a caller in;
//! - `shape` looks at what a screen offers and where it leads;
//! - `drafts` holds what a screen says about a redial against what a redial would do;
//! - `actions` looks at secrets and sign-ins;
//! - `values` proves that a variable is set before it is shown;
//! - `texts` and `budget` look at the words: the alphabet, and the length.

use std::sync::Arc;

use super::{
    compiled::{Menus, Screen, Text},
    definition::{Bundle, Complaint, Place},
};
use crate::model::Language;

mod actions;
mod budget;
mod drafts;
mod shape;
mod texts;
mod values;
mod ways;

pub use budget::{Longest, MOST_ROWS};

use ways::Ways;

/// Everything that is wrong with the menus when a screen may have `budget` septets, sorted by place; nothing means that
/// they are proved.
pub fn check(menus: &Menus, budget: usize) -> Vec<Complaint> {
    let ways = Ways::of(menus);
    let mut complaints = vec![];
    shape::check(&ways, &mut complaints);
    drafts::check(&ways, &mut complaints);
    actions::check(&ways, &mut complaints);
    values::check(&ways, &mut complaints);
    texts::check(menus, &mut complaints);
    budget::check(&ways, budget, &mut complaints);
    complaints.sort();
    complaints.dedup();
    complaints
}

/// The menus of a bundle, compiled and proved: what serving uses, so that a broken version is refused.
pub fn load(bundle: Bundle, budget: usize) -> Result<Arc<Menus>, Vec<Complaint>> {
    let menus = Menus::compile(bundle)?;
    let complaints = check(&menus, budget);
    if complaints.is_empty() { Ok(menus) } else { Err(complaints) }
}

/// A complaint about a screen as a whole.
fn about(screen: &Screen, says: impl Into<String>) -> Complaint {
    at(screen, &screen.place, says)
}

/// A complaint about some place of a screen.
fn at(screen: &Screen, place: &Place, says: impl Into<String>) -> Complaint {
    Complaint { place: place.clone(), screen: Some(screen.name.clone()), language: None, says: says.into() }
}

/// A complaint about a text in one language.
fn in_text(screen: Option<&Screen>, text: &Text, language: Language, says: String) -> Complaint {
    Complaint {
        place: text.place(language).clone(),
        screen: screen.map(|s| s.name.clone()),
        language: Some(language),
        says,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::menu::{
        Say,
        render::{self, Layout},
        session::Notice,
    };

    /// Lists page; a handful of choices is better seen at once, also under the sentence that asks for one of them.
    #[test]
    fn all_choices_of_a_built_in_screen_stand_on_one_page() {
        let menus = Menus::compile(Bundle::built_in()).unwrap();
        let mut split = vec![];
        for language in Language::ALL {
            let longest = Longest { menus: &menus, language };
            for screen in &menus.screens {
                for notice in [None, Some(Notice::Said(Say::NotAChoice))] {
                    let head = render::head(&menus, screen, notice, language, &longest);
                    let numbered = screen.choices.iter().filter(|choice| choice.key.is_none());
                    let said = numbered.map(|c| render::text(&menus, &c.text, language, &longest));
                    // A choice that stands at two places is offered at one of them.
                    let mut lines: Vec<String> = vec![];
                    for line in said {
                        if !lines.contains(&line) {
                            lines.push(line);
                        }
                    }
                    let items = render::numbered(lines.into_iter());
                    let layout = Layout {
                        banner: "",
                        head: &head,
                        items: &items,
                        most: usize::MAX,
                        keys: &[],
                        back: screen.back,
                        main: screen.main,
                        budget: 160,
                    };
                    let pages = render::pages(&menus, language, &layout);
                    if pages.len() > 1 {
                        split.push(format!("{} in {}: {}", screen.name, language.code(), pages[0].text));
                    }
                }
            }
        }
        assert!(split.is_empty(), "{}", split.join("\n\n"));
    }
}
