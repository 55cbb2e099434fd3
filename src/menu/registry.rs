//! What menus may name: actions and their outcomes, sources of lists, validators and their refusals, variables and
//! how long they can get. The menu check holds the files against these, and services match them exhaustively.

/// An enum whose variants have a name in the menu files.
macro_rules! named {
    ($(#[$doc:meta])* pub enum $enum:ident { $($(#[$variant_doc:meta])* $variant:ident = $name:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum $enum {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $enum {
            /// All of them, in the order of their declaration.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// Its name in the menu files.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }

            /// The one of this name.
            pub fn from_name(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

mod actions;
mod lists;
mod outcomes;
mod results;
mod shapes;
mod situations;
mod texts;
mod typed;
mod variables;
mod words;

pub use actions::{Action, ActionRules, Needs};
pub use lists::Source;
pub use outcomes::Outcome;
pub use shapes::{
    ABSENTEES, FIRST_PEOPLE, LONGEST_ANSWER, LONGEST_REASON, MORE_PEOPLE, MOST_NAMES, NUMBERS, Shape,
    UNMARKED_CENTRES, UNMARKED_COUNTIES, WAITING_CENTRES,
};
pub use situations::{DRAFT_HOURS, Flag, SIGNED_OUT};
pub use texts::{Say, shown_in_sms};
pub use typed::{Refusal, Validator};
pub use variables::Var;
pub use words::{fate_word, is_reason_to_mark, medium_word, network_word, reason_word, told_fate_word};
