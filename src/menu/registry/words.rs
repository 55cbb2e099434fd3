//! The words that stand in the menu files for what the rest of the program has types for.

use crate::model::{
    Network,
    message::{Fate, Medium, RefusalReason},
};

/// How the day can stand that a centre marks.
pub(super) const DAY_STANDS: [&str; 15] = [
    "due",
    "marked",
    "marked_added",
    "marked_blank",
    "marked_added_blank",
    "half",
    "half_added",
    "half_blank",
    "half_added_blank",
    "closed",
    "early",
    "over",
    "no_day",
    "nobody",
    "signed",
];

/// What somebody can be deployed as.
pub(super) const ROLES: [&str; 6] =
    ["centre_manager", "supervisor", "invigilator", "security", "driver", "examiner"];

/// Why a day can't be marked.
pub(super) const MARK_WHY_NOT: [&str; 5] = ["early", "over", "signed", "nobody", "no_day"];

/// How what stands can be another than what was to be recorded.
pub(super) const DIFFERS: [&str; 4] = ["stands_present", "stands_absent", "joined", "left"];

/// The reasons that are offered for a correction, or for a day that is marked late.
pub(super) const REASONS_TO_MARK: [&str; 7] =
    ["came_late", "left_early", "mistake", "no_network", "no_power", "forgot", "away"];

/// Whether it is one of the reasons that are offered, and not one in somebody's own words.
pub fn is_reason_to_mark(reason: &str) -> bool {
    REASONS_TO_MARK.contains(&reason)
}

/// How far a dispute has come, and while it is open, whose turn it is.
pub(super) const DISPUTE_STATES: [&str; 5] =
    ["with_centre", "with_director", "granted", "refused", "withdrawn"];

/// What can have been recorded of a day.
pub(super) const REGISTER_SAID: [&str; 6] =
    ["recorded", "recorded_half", "recorded_closed", "already", "already_half", "already_closed"];

/// Why nothing is recorded of a day.
pub(super) const NOT_RECORDED: [&str; 9] =
    ["no_day", "too_early", "too_late", "missed", "signed", "nobody", "marked", "moved", "no_pin"];

/// What can't be read in a register by SMS.
pub(super) const REGISTER_FAULTS: [&str; 6] =
    ["no_marks", "no_numbers", "out_of_range", "backwards", "both", "unreadable"];

/// Why a signed register can be opened again.
pub(super) const REOPEN_REASONS: [&str; 4] = ["wrong_mark", "person_missing", "not_there", "other"];

/// Why an officer's wish can't be done.
pub(super) const WHY_NOT: [&str; 15] = [
    "not_yours",
    "no_place",
    "no_day",
    "too_early",
    "too_late",
    "signed",
    "nobody",
    "no_reason",
    "moved",
    "marked",
    "open_already",
    "closed_already",
    "no_line",
    "no_centre_line",
    "own_line",
];

/// How the day of a post can stand: what a dial says of it.
pub(super) const POST_STATES: [&str; 7] =
    ["due", "marked", "practice_due", "practice_marked", "no_day", "first_pin", "office"];

/// The networks that advice is written for: labels of `model::Network`, and every other.
pub(super) const NETWORKS: [&str; 5] = ["safaricom", "airtel", "telkom", "equitel", "other"];

/// The word of a network in `[word.block_advice]`.
pub fn network_word(network: Option<&Network>) -> &'static str {
    let label = network.map_or("other", Network::label);
    NETWORKS.into_iter().find(|word| *word == label).unwrap_or("other")
}

pub(super) const FATES: [Fate; 5] = [Fate::Queued, Fate::Sent, Fate::Delivered, Fate::Refused, Fate::Expired];

pub(super) const REASONS: [RefusalReason; 9] = [
    RefusalReason::LineBlocks,
    RefusalReason::BadNumber,
    RefusalReason::PhoneAway,
    RefusalReason::PhoneFull,
    RefusalReason::LineInactive,
    RefusalReason::OurSide,
    RefusalReason::NoRoute,
    RefusalReason::Unknown,
    RefusalReason::Stopped,
];

/// The word for a fate in the menu files.
pub fn fate_word(fate: Fate) -> &'static str {
    match fate {
        Fate::Queued => "queued",
        Fate::Sent => "sent",
        Fate::Delivered => "delivered",
        Fate::Refused => "refused",
        Fate::Expired => "expired",
    }
}

/// The word for the fate of a message that a call will bring.
pub(super) const CALL_TO_COME: &str = "call_to_come";

/// The word in the menu files for the fate of a message that goes this way.
pub fn told_fate_word(fate: Fate, medium: Medium) -> &'static str {
    match (fate, medium) {
        (Fate::Queued, Medium::Call) => CALL_TO_COME,
        (fate, _) => fate_word(fate),
    }
}

pub(super) const MEDIA: [Medium; 2] = [Medium::Sms, Medium::Call];

/// The word for a message's way in the menu files.
pub fn medium_word(medium: Medium) -> &'static str {
    match medium {
        Medium::Sms => "sms",
        Medium::Call => "call",
    }
}

/// The word for a reason in the menu files; `none` where nothing went wrong.
pub fn reason_word(reason: Option<RefusalReason>) -> &'static str {
    match reason {
        Some(RefusalReason::LineBlocks) => "line_blocks",
        Some(RefusalReason::BadNumber) => "bad_number",
        Some(RefusalReason::PhoneAway) => "phone_away",
        Some(RefusalReason::PhoneFull) => "phone_full",
        Some(RefusalReason::LineInactive) => "line_inactive",
        Some(RefusalReason::OurSide) => "our_side",
        Some(RefusalReason::NoRoute) => "no_route",
        Some(RefusalReason::Unknown) => "unknown",
        Some(RefusalReason::Stopped) => "stopped",
        None => "none",
    }
}
