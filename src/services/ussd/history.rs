//! What was typed so far, as the aggregator tells it: everything on every hop, or only the latest input; and the marks
//! that stand for it.

use secrecy::{ExposeSecret, SecretString};

use super::live::Live;
use crate::{
    gateways::{Hop, Typed},
    secrets::{Mark, Marker},
};

/// One input, and everything typed in the session up to its end.
#[derive(Clone, Copy)]
pub struct Input<'a> {
    /// What was typed.
    pub typed: &'a str,
    /// The text from the session's first input to this one.
    pub so_far: &'a str,
}

/// The inputs a hop brings. They hold the PIN; they live as long as the hop.
pub enum Inputs<'a> {
    /// Every input of the session.
    Whole(Vec<Input<'a>>),
    /// Only the latest; `None` on the dial.
    Latest {
        /// What was typed now.
        input: Option<&'a str>,
        /// The aggregator's number of the hop.
        sequence: Option<u32>,
    },
}

/// The inputs a hop brings, and what stands for them under the mark key of today.
pub struct History<'a> {
    /// What was typed.
    pub typed: Inputs<'a>,
    /// The mark of the session before anything was typed.
    pub start: Mark,
    /// The mark of the hop; none where a repeat can't be told.
    mark: Option<Mark>,
    /// Which key both are made with.
    key: &'a str,
}

impl<'a> History<'a> {
    /// Every `*` ends an input: it can't be told from the separator. An empty text is the dial itself.
    pub fn of(hop: &'a Hop, marker: &Marker<'a>) -> Self {
        let start = marker.start(hop.provider, &hop.session);
        let (typed, mark) = match &hop.typed {
            Typed::Cumulative(text) if text.expose_secret().is_empty() => {
                (Inputs::Whole(vec![]), Some(start))
            }
            Typed::Cumulative(text) => {
                let text = text.expose_secret();
                (Inputs::Whole(inputs(text)), Some(marker.typed(&start, text)))
            }
            Typed::Latest { input, sequence } => {
                let mark = sequence.map(|n| marker.then(&start, &format!("hop {n}")));
                let input = input.as_ref().map(SecretString::expose_secret);
                (Inputs::Latest { input, sequence: *sequence }, mark)
            }
        };
        Self { typed, start, mark, key: marker.key_id() }
    }

    /// The mark of the session before anything was typed, and the mark after all of a whole history with that history's
    /// length: taken from here when they were made with the same key.
    pub fn ends(&self, hop: &Hop, marker: &Marker<'_>) -> (Mark, Option<(usize, Mark)>) {
        if marker.key_id() != self.key {
            return (marker.start(hop.provider, &hop.session), None);
        }
        let whole = self.inputs().last().map(|last| last.so_far.len());
        (self.start, whole.zip(self.mark))
    }

    /// The inputs that can be folded again.
    pub fn inputs(&self) -> &[Input<'a>] {
        match &self.typed {
            Inputs::Whole(inputs) => inputs,
            Inputs::Latest { .. } => &[],
        }
    }

    /// Four keyed bytes that tell this hop from others of its caller; none where a repeat can't be told.
    pub fn tell_apart(&self) -> Option<[u8; 4]> {
        self.mark?.0.first_chunk().copied()
    }

    /// Whether a live session has come along this history: whether its mark, of the same session and key as these, is
    /// on the way.
    pub fn passes(&self, live: &Live, marker: &Marker<'_>, start: &Mark) -> bool {
        match usize::from(live.inputs).checked_sub(1) {
            None => live.mark == *start,
            Some(last) => self.inputs().get(last).is_some_and(|i| live.mark == marker.typed(start, i.so_far)),
        }
    }

    /// Whether it is the dial that opens a session.
    pub fn opens(&self) -> bool {
        match &self.typed {
            Inputs::Whole(inputs) => inputs.is_empty(),
            Inputs::Latest { input, .. } => input.is_none(),
        }
    }
}

fn inputs(text: &str) -> Vec<Input<'_>> {
    let stars = || text.bytes().enumerate().filter(|(_, byte)| *byte == b'*').map(|(at, _)| at);
    let mut all = Vec::with_capacity(stars().count() + 1);
    let mut from = 0;
    for end in stars().chain([text.len()]) {
        if let (Some(typed), Some(so_far)) = (text.get(from..end), text.get(..end)) {
            all.push(Input { typed, so_far });
        }
        from = end + 1;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(&str, &str)> {
        inputs(text).iter().map(|input| (input.typed, input.so_far)).collect()
    }

    #[test]
    fn every_star_ends_an_input() {
        assert_eq!(read("1"), [("1", "1")]);
        assert_eq!(read("1*Asha*2"), [("1", "1"), ("Asha", "1*Asha"), ("2", "1*Asha*2")]);
        assert_eq!(read("1*"), [("1", "1"), ("", "1*")]);
        assert_eq!(read("**"), [("", ""), ("", "*"), ("", "**")]);
    }
}
