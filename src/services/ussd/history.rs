//! What was typed so far, as the aggregator tells it: everything on every hop, or only the latest input.

use secrecy::{ExposeSecret as _, SecretString};

use crate::gateways::{Hop, Typed};

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

    /// Whether it is the dial that opens a session.
    pub fn opens(&self) -> bool {
        match self {
            Self::Whole(inputs) => inputs.is_empty(),
            Self::Latest { input, .. } => input.is_none(),
        }
    }
}
