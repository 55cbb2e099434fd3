//! What comes with the program: the journeys under `journeys/`, and the sentences with which a gateway turns a hop away,
//! taken from its menus.

use super::journey::{Journey, JourneyFault, parse};
use crate::{
    menu::{Menus, Say, compiled::Piece, definition::Bundle},
    model::Language,
    phones::transcript,
};

#[derive(rust_embed::RustEmbed)]
#[folder = "journeys"]
#[include = "*.txt"]
struct BuiltIn;

/// The journeys that are part of the program, by name; not those that are walked only when they are named.
pub fn built_in_journeys() -> Result<Vec<Journey>, JourneyFault> {
    let mut journeys = all_journeys()?;
    journeys.retain(|journey| journey.weight > 0);
    Ok(journeys)
}

fn all_journeys() -> Result<Vec<Journey>, JourneyFault> {
    let mut names: Vec<_> = BuiltIn::iter().collect();
    names.sort();
    let files = names.iter().filter_map(|name| Some((name, BuiltIn::get(name)?)));
    files
        .map(|(name, file)| parse(name.trim_end_matches(".txt"), &String::from_utf8_lossy(&file.data)))
        .collect()
}

/// What a gateway says when it does not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// Something is broken behind it; dial again.
    TryAgain,
    /// Too many hops or sessions from this line.
    TooMany,
    /// The session is over, or can't be gone on with.
    Forgotten,
}

/// The sentences, in both languages, with `{any}` for what varies.
pub struct Says(Vec<(Said, String)>);

impl Says {
    /// Those of the menus that are part of the program.
    pub fn built_in() -> Self {
        let Ok(menus) = Menus::compile(Bundle::built_in()) else { return Self(vec![]) };
        let kinds = [
            (Say::TryAgain, Said::TryAgain),
            (Say::TooMany, Said::TooMany),
            (Say::SessionOver, Said::Forgotten),
            (Say::DialAgain, Said::Forgotten),
        ];
        let each = kinds.into_iter().flat_map(|kind| Language::ALL.map(|language| (kind, language)));
        Self(each.map(|((say, said), language)| (said, pattern(&menus, say, language))).collect())
    }

    /// Whether a text is one of them, whatever the language.
    pub fn said(&self, text: &str) -> Option<Said> {
        self.0.iter().find(|(_, pattern)| transcript::line_matches(pattern, text)).map(|(said, _)| *said)
    }
}

fn pattern(menus: &Menus, say: Say, language: Language) -> String {
    let words = |piece: &Piece| match piece {
        Piece::Words(words) => words.clone(),
        Piece::Var(_) => "{any}".to_owned(),
    };
    menus.say(say).pieces(language).iter().map(words).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_journey_reads() {
        let journeys = all_journeys().map_err(|fault| fault.to_string()).unwrap();
        assert!(journeys.len() >= 5);
        for journey in journeys {
            assert!(journey.hops() <= 28, "{} would be turned away: {} hops", journey.name, journey.hops());
        }
    }

    #[test]
    fn the_example_in_the_readme_reads() {
        let readme = include_str!("../../../journeys/README.md");
        let example = readme.split("```").nth(1).unwrap();
        assert_eq!(parse("example", example).map(|journey| journey.hops()), Ok(3));
    }

    #[test]
    fn a_gateway_that_turns_a_hop_away_is_understood() {
        let says = Says::built_in();
        let broken = "Something is broken on our side, not yours. Please dial *384*2547# again in a minute. Reference K7Q2.";
        assert_eq!(says.said(broken), Some(Said::TryAgain));
        let many =
            "Simu nyingi zimetoka kwa namba hii sasa hivi. Tafadhali subiri dakika 5, kisha piga *1# tena.";
        assert_eq!(says.said(many), Some(Said::TooMany));
        assert_eq!(says.said("Choose:\n1: Help"), None);
    }
}
