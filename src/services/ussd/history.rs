//! What was typed so far, as the aggregator tells it: everything on every hop, or only the latest input.

use secrecy::{ExposeSecret as _, SecretString};

use crate::{
    gateways::{Hop, Typed},
    secrets::Marker,
};

/// The inputs a hop brings. They hold the PIN; they live as long as the hop.
pub enum History {
    /// Every input of the session.
    Whole(Vec<SecretString>),
    /// Only the latest; `None` on the dial.
    Latest {
        /// What was typed now.
        input: Option<SecretString>,
        /// The aggregator's number of the hop.
        sequence: Option<u32>,
    },
}

impl History {
    /// Every `*` ends an input: it can't be told from the separator. An empty text is the dial itself.
    pub fn of(hop: &Hop) -> Self {
        match &hop.typed {
            Typed::Cumulative(text) if text.expose_secret().is_empty() => Self::Whole(vec![]),
            Typed::Cumulative(text) => {
                Self::Whole(text.expose_secret().split('*').map(SecretString::from).collect())
            }
            Typed::Latest { input, sequence } => Self::Latest { input: input.clone(), sequence: *sequence },
        }
    }

    /// The inputs that can be folded again.
    pub fn inputs(&self) -> &[SecretString] {
        match self {
            Self::Whole(inputs) => inputs,
            Self::Latest { .. } => &[],
        }
    }

    /// Four keyed bytes that tell this hop from others of its caller; none where a repeat can't be told.
    pub fn tell_apart(&self, marker: &Marker<'_>, hop: &Hop) -> Option<[u8; 4]> {
        let start = marker.start(hop.provider, &hop.session);
        let mark = match self {
            Self::Whole(inputs) => {
                inputs.iter().fold(start, |mark, input| marker.then(&mark, input.expose_secret()))
            }
            Self::Latest { sequence, .. } => marker.then(&start, &format!("hop {}", (*sequence)?)),
        };
        mark.0.first_chunk().copied()
    }

    /// Whether it is the dial that opens a session.
    pub fn opens(&self) -> bool {
        match self {
            Self::Whole(inputs) => inputs.is_empty(),
            Self::Latest { input, .. } => input.is_none(),
        }
    }
}
