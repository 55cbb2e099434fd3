//! The flags of a caller's situation, and what each outcome of an action makes of them.

use serde::{Deserialize, Serialize};

use super::{Action, Outcome};

impl Action {
    /// What an outcome makes of the caller's situation. The engine does it; the menu check relies on it.
    // A table: each case is a line or two, and nothing in it is logic.
    #[allow(clippy::too_many_lines)]
    pub fn flags_after(self, outcome: Outcome) -> &'static [(Flag, bool)] {
        use Flag::{
            ByCall, CodeDue, CodeMissing, CodeRight, CodeStuck, FateDue, HasAccount, HasDraft, LanguageKnown,
            ManyPosts, MarksKept, MoveWaiting, MovedAway, OtherWay, PinDisabled, PostLine, Resumed, SignedIn,
        };
        match (self, outcome) {
            (_, Outcome::SignedOut) => SIGNED_OUT,
            // Whoever is signed in at a post does nothing else in this call: what the line was otherwise is forgotten.
            (Self::SignInAtPost | Self::ChoosePostPin, Outcome::AtCentre) => AT_CENTRE,
            (Self::SignInAtPost | Self::ChoosePostPin, Outcome::AtOffice) => AT_OFFICE,
            // Whoever goes over to another series stays what they are signed in as.
            (Self::EnterSeries, Outcome::AtCentre) => &[(Flag::CentreIn, true), (Flag::OfficerIn, false)],
            (Self::EnterSeries, Outcome::AtOffice) => &[(Flag::OfficerIn, true), (Flag::CentreIn, false)],
            (Self::SetLanguage, _) => &[(LanguageKnown, true)],
            (Self::RecordRegister, Outcome::NeedsReason | Outcome::NeedsExcuse)
            | (
                Self::MarkAll | Self::MarkRoles | Self::MarkEach | Self::KeepNewName | Self::KeepNewRole,
                Outcome::Done,
            )
            | (Self::MarkBut, Outcome::Done | Outcome::Short | Outcome::Long)
            | (Self::TakeNumbers, Outcome::Short | Outcome::Long | Outcome::Listed | Outcome::NotOnRoster)
            | (Self::ShapeDay, Outcome::Done | Outcome::HasAbsent | Outcome::HeldNothing)
            | (Self::RecordRegister | Self::TakeUpMarks, Outcome::Moved) => &[(MarksKept, true)],
            (Self::RecordRegister, Outcome::Done | Outcome::AlreadySo)
            | (Self::DropMarks, _)
            | (Self::TakeUpMarks, Outcome::Nothing | Outcome::NotNow) => &[(MarksKept, false)],
            (Self::AnotherWay | Self::ByACall, Outcome::CodeOver) => &[
                (FateDue, false),
                (CodeMissing, false),
                (CodeStuck, false),
                (CodeDue, false),
                (CodeRight, false),
            ],
            (Self::AnotherWay | Self::ByACall, Outcome::Nothing | Outcome::NoWay) => &[
                (FateDue, false),
                (CodeMissing, false),
                (CodeStuck, false),
                (CodeDue, true),
                (OtherWay, false),
                (ByCall, false),
            ],
            (Self::AnotherWay | Self::ByACall, _) => {
                &[(FateDue, false), (CodeMissing, false), (CodeStuck, false), (CodeDue, true)]
            }
            (Self::TellFate, _) => &[(FateDue, false), (CodeMissing, false), (CodeStuck, false)],
            (Self::RequestCode | Self::CodeFate, Outcome::NoWay) => {
                &[(CodeDue, true), (OtherWay, false), (ByCall, false)]
            }
            (Self::KeepDraft, _) => &[(HasDraft, true)],
            (Self::TakeUpDraft | Self::OpenAccount, Outcome::Nothing) | (Self::DropDraft, _) => {
                &[(HasDraft, false), (Resumed, false)]
            }
            (Self::TakeUpDraft, _) => &[(HasDraft, true), (Resumed, true)],
            (Self::OpenAccount, Outcome::Done) => &[(HasAccount, true), (HasDraft, false), (Resumed, false)],
            (Self::OpenAccount, Outcome::AlreadyYours) => &[(HasAccount, true)],
            // What a dial asks first is not asked any more in this call; what was not read is told at the next.
            (Self::SignIn, Outcome::Done) => &[
                (SignedIn, true),
                (HasAccount, true),
                (PinDisabled, false),
                (FateDue, false),
                (CodeMissing, false),
                (CodeStuck, false),
                (HasDraft, false),
                (Resumed, false),
                (MoveWaiting, false),
                (MovedAway, false),
                (HasDraft, false),
                (Resumed, false),
                (CodeDue, false),
                (CodeRight, false),
                (FateDue, false),
                (CodeMissing, false),
                (CodeStuck, false),
                (OtherWay, false),
                (ByCall, false),
                (PostLine, false),
                (ManyPosts, false),
            ],
            (Self::SignIn, Outcome::Disabled) => &[(PinDisabled, true)],
            (_, Outcome::NoAccount) => {
                &[(SignedIn, false), (HasAccount, false), (CodeDue, false), (PinDisabled, false)]
            }
            (
                Self::RequestCode,
                Outcome::Sent
                | Outcome::Rerouted
                | Outcome::Pending
                | Outcome::Called
                | Outcome::CalledInstead
                | Outcome::Refused,
            ) => &[(CodeDue, true)],
            (Self::CheckCode | Self::CheckOfficerCode, Outcome::Done) => {
                &[(CodeRight, true), (OtherWay, false), (ByCall, false)]
            }
            // Other codes than the one for a new PIN that went to this line.
            (
                Self::CheckOfficerCode
                | Self::AskMove
                | Self::CheckMoveCode
                | Self::AskTakeBack
                | Self::TakeBack,
                Outcome::CodeOver | Outcome::CodeDead | Outcome::OfficerOnly,
            ) => &[],
            (Self::RequestCode, Outcome::Swapped) => &[],
            (Self::TakeOver, Outcome::Done) => &[(MoveWaiting, false), (HasAccount, true)],
            (Self::TakeOver, Outcome::AlreadyYours) => &[(MoveWaiting, false), (HasAccount, true)],
            (Self::TakeOver, Outcome::Nothing) => &[(MoveWaiting, false)],
            (Self::TakeBack, Outcome::Done) => &[(MovedAway, false), (HasAccount, true), (PinDisabled, true)],
            (Self::AskTakeBack | Self::TakeBack, Outcome::Nothing) => &[(MovedAway, false)],
            (Self::ResetPin, Outcome::Done | Outcome::Holding) => {
                &[(CodeDue, false), (CodeRight, false), (PinDisabled, false), (SignedIn, false)]
            }
            (_, Outcome::CodeOver | Outcome::CodeDead | Outcome::OfficerOnly | Outcome::Swapped) => {
                &[(CodeDue, false), (CodeRight, false), (OtherWay, false), (ByCall, false)]
            }
            _ => &[],
        }
    }

    /// The flags of which the reply itself says whether they are up when it comes out like this: the menu check
    /// proves both.
    pub fn tells(self, outcome: Outcome) -> &'static [Flag] {
        match (self, outcome) {
            (
                Self::RequestCode | Self::CodeFate | Self::AnotherWay,
                Outcome::Sent | Outcome::Rerouted | Outcome::Pending | Outcome::Refused,
            ) => &[Flag::OtherWay, Flag::ByCall],
            (Self::SignInAtPost | Self::ChoosePostPin | Self::EnterSeries, Outcome::AtCentre) => {
                &[Flag::Practice, Flag::MarksKept]
            }
            (Self::SignInAtPost | Self::ChoosePostPin | Self::EnterSeries, Outcome::AtOffice) => {
                &[Flag::Practice, Flag::SeesMore, Flag::MayAct]
            }
            (Self::LookAtAttendance | Self::ShowAttendance, Outcome::Done) => &[Flag::Practice],
            _ => &[],
        }
    }
}

/// What the end of a sign-in makes of the caller's situation.
pub const SIGNED_OUT: &[(Flag, bool)] = &[
    (Flag::SignedIn, false),
    (Flag::CentreIn, false),
    (Flag::OfficerIn, false),
    (Flag::Practice, false),
    (Flag::MarksKept, false),
    (Flag::SeesMore, false),
    (Flag::MayAct, false),
];

/// What a sign-in as a centre makes of the caller's situation.
const AT_CENTRE: &[(Flag, bool)] = &at_post(Flag::CentreIn);

/// The same as an officer.
const AT_OFFICE: &[(Flag, bool)] = &at_post(Flag::OfficerIn);

const fn at_post(flag: Flag) -> [(Flag, bool); 21] {
    use Flag::{
        ByCall, CodeDue, CodeMissing, CodeRight, CodeStuck, FateDue, HasAccount, HasDraft, ManyPosts,
        MarksKept, MayAct, MoveWaiting, MovedAway, OtherWay, PinDisabled, PostLine, Practice, Resumed,
        SeesMore, SignedIn,
    };
    [
        (HasAccount, false),
        (HasDraft, false),
        (Resumed, false),
        (SignedIn, false),
        (PinDisabled, false),
        (CodeDue, false),
        (CodeRight, false),
        (FateDue, false),
        (CodeMissing, false),
        (MoveWaiting, false),
        (MovedAway, false),
        (OtherWay, false),
        (ByCall, false),
        (CodeStuck, false),
        (PostLine, false),
        (ManyPosts, false),
        (Practice, false),
        (MarksKept, false),
        (SeesMore, false),
        (MayAct, false),
        (flag, true),
    ]
}

/// How long a sign-up draft lives (design.md 1): what `redial = "ask for 24 hours"` must say.
pub const DRAFT_HOURS: u32 = 24;

named! {
    /// What can be asked of the caller's situation, by rules and choices (`if = "has_account"`, `if = "not signed_in"`).
    pub enum Flag {
        /// The line's language is known.
        LanguageKnown = "language_known",
        /// The line has an account.
        HasAccount = "has_account",
        /// An earlier call kept a draft.
        HasDraft = "has_draft",
        /// What was typed came from an earlier call, so it is not shown.
        Resumed = "resumed",
        /// The PIN was right in this session.
        SignedIn = "signed_in",
        /// The PIN is disabled until recovery.
        PinDisabled = "pin_disabled",
        /// A code for a new PIN went to the line and still counts.
        CodeDue = "code_due",
        /// The code was right in this session.
        CodeRight = "code_right",
        /// A message did not arrive, and the person was not told yet.
        FateDue = "fate_due",
        /// It is one with a code that still counts, and there is another way for it.
        CodeMissing = "code_missing",
        /// An account waits for this line to take it over.
        MoveWaiting = "move_waiting",
        /// The line's account went to another line, and can still be taken back.
        MovedAway = "moved_away",
        /// The code can come by a route that it was not tried on.
        OtherWay = "other_way",
        /// The code can be read out by a call.
        ByCall = "by_call",
        /// A message with a code that still counts did not arrive, and there is no other way for it.
        CodeStuck = "code_stuck",
        /// The line is a centre's or an officer's.
        PostLine = "post_line",
        /// It is that of several.
        ManyPosts = "many_posts",
        /// The PIN of a centre was right in this session.
        CentreIn = "centre_in",
        /// The PIN of an officer was right in this session.
        OfficerIn = "officer_in",
        /// What is looked at is of a series for training.
        Practice = "practice",
        /// The centre is in the middle of marking a day, and that is kept.
        MarksKept = "marks_kept",
        /// The line's account sees deployments.
        Deployed = "deployed",
        /// The officer sees more than one sub-county.
        SeesMore = "sees_more",
        /// The officer may open days, answer and hand out PINs; support may not.
        MayAct = "may_act",
    }
}
