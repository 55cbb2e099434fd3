//! What was typed so far, as the aggregator tells it: everything on every hop, or only the latest input; and its marks,
//! made once a hop.

use std::borrow::Cow;

use secrecy::{ExposeSecret, SecretString};

use super::live::Live;
use crate::{
    gateways::{Hop, Typed},
    secrets::{Mark, Marker},
};

/// The inputs a hop brings. They hold the PIN; they live as long as the hop.
pub enum Inputs<'a> {
    /// Every input of the session.
    Whole(Vec<&'a str>),
    /// Only the latest; `None` on the dial.
    Latest {
        /// What was typed now.
        input: Option<&'a str>,
        /// The aggregator's number of the hop.
        sequence: Option<u32>,
    },
}

/// The inputs a hop brings, and the marks on the way through them.
pub struct History<'a> {
    /// What was typed.
    pub typed: Inputs<'a>,
    /// Which key the marks are made with.
    mark_key: String,
    /// The mark of a session in which nothing has been typed, and those after each input.
    marks: Vec<Mark>,
}

impl<'a> History<'a> {
    /// Every `*` ends an input: it can't be told from the separator. An empty text is the dial itself.
    pub fn of(hop: &'a Hop, marker: &Marker<'_>) -> Self {
        let typed = match &hop.typed {
            Typed::Cumulative(text) if text.expose_secret().is_empty() => Inputs::Whole(vec![]),
            Typed::Cumulative(text) => Inputs::Whole(text.expose_secret().split('*').collect()),
            Typed::Latest { input, sequence } => {
                Inputs::Latest { input: input.as_ref().map(SecretString::expose_secret), sequence: *sequence }
            }
        };
        let marks = marks(marker, marker.start(hop.provider, &hop.session), &typed);
        Self { typed, mark_key: marker.key_id().to_owned(), marks }
    }

    /// The inputs that can be folded again.
    pub fn inputs(&self) -> &[&'a str] {
        match &self.typed {
            Inputs::Whole(inputs) => inputs,
            Inputs::Latest { .. } => &[],
        }
    }

    /// Four keyed bytes that tell this hop from others of its caller; none where a repeat can't be told.
    pub fn tell_apart(&self) -> Option<[u8; 4]> {
        match self.typed {
            Inputs::Latest { sequence: None, .. } => None,
            _ => self.marks.last()?.0.first_chunk().copied(),
        }
    }

    /// Whether a live session has come along this history: whether its mark is on the way.
    pub fn passes(&self, live: &Live, marker: &Marker<'_>, start: &Mark) -> bool {
        let marks = if live.mark_key == self.mark_key {
            Cow::Borrowed(&self.marks)
        } else {
            Cow::Owned(marks(marker, *start, &self.typed))
        };
        marks.get(usize::from(live.inputs)) == Some(&live.mark)
    }

    /// Whether it is the dial that opens a session.
    pub fn opens(&self) -> bool {
        match &self.typed {
            Inputs::Whole(inputs) => inputs.is_empty(),
            Inputs::Latest { input, .. } => input.is_none(),
        }
    }
}

/// The marks from `start` on, through every input.
fn marks(marker: &Marker<'_>, start: Mark, typed: &Inputs<'_>) -> Vec<Mark> {
    let mut marks = vec![start];
    let mut then = |typed: &str| marks.extend(marks.last().map(|mark| marker.then(mark, typed)));
    match typed {
        Inputs::Whole(inputs) => inputs.iter().for_each(|input| then(input)),
        Inputs::Latest { sequence, .. } => sequence.iter().for_each(|n| then(&format!("hop {n}"))),
    }
    marks
}
