//! What menus may name: actions and their outcomes, sources of lists, validators and their refusals, variables and
//! how long they can get. The menu check holds the files against these, and services match them exhaustively.

use serde::{Deserialize, Serialize};

use crate::model::{
    Network,
    attendance::{DayMark, MarkedBy},
    dispute::{Party, RefusedFor, Step},
    document_code::CodeTypo,
    message::{Fate, Medium, Purpose, RefusalReason},
    msisdn::MsisdnRefusal,
    name::NameRefusal,
    national_id::NationalIdRefusal,
    pay::{Block, ClaimState},
    pin::PinRefusal,
    roster::NumbersRefusal,
    season::{Channel, DayShape, DeployedAs},
};

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

named! {
    /// What a menu can have done. A service carries it out and answers with one of its outcomes.
    pub enum Action {
        /// Remember the language of the line.
        SetLanguage = "set_language",
        /// Record the consent to keep personal data.
        GiveConsent = "give_consent",
        /// Keep what was typed so far for the next dial.
        KeepDraft = "keep_draft",
        /// Take up what an earlier call kept.
        TakeUpDraft = "take_up_draft",
        /// Throw away what an earlier call kept.
        DropDraft = "drop_draft",
        /// Open the account from what was typed and the PIN just confirmed.
        OpenAccount = "open_account",
        /// Check the PIN just typed and sign in.
        SignIn = "sign_in",
        /// Make the PIN just confirmed the account's PIN.
        ChangePin = "change_pin",
        /// Look up what the account holds.
        ShowAccount = "show_account",
        /// Look up what became of the message chosen from a list.
        ShowMessage = "show_message",
        /// Make a code for the portal, or take the one that counts, and show it.
        ShowWebCode = "show_web_code",
        /// Send a code for a new PIN to the line, or the same code again while it counts.
        RequestCode = "request_code",
        /// Look up what became of the message with the code.
        CodeFate = "code_fate",
        /// Check the code just typed.
        CheckCode = "check_code",
        /// Remember that the person has read of the message that did not arrive.
        TellFate = "tell_fate",
        /// Have the code that did not arrive come by the next route.
        AnotherWay = "another_way",
        /// Have the code that did not arrive read out by a call.
        ByACall = "by_a_call",
        /// Make the PIN just confirmed the account's PIN, because the code was right.
        ResetPin = "reset_pin",
        /// Check the officer's code just typed.
        CheckOfficerCode = "check_officer_code",
        /// Look up whether the account is on its way to another line.
        LookForMove = "look_for_move",
        /// Send a code to the line that moves the account to the number just typed.
        AskMove = "ask_move",
        /// Have the code of a move, or of its way back, come by the next route.
        MoveAnotherWay = "move_another_way",
        /// Have it read out by a call.
        MoveByACall = "move_by_a_call",
        /// Check the code just typed: the new line may take the account over.
        CheckMoveCode = "check_move_code",
        /// Take an account over to this line with the PIN just typed.
        TakeOver = "take_over",
        /// Send a code to the line that takes back the account which left it.
        AskTakeBack = "ask_take_back",
        /// Check the code just typed and take the account back.
        TakeBack = "take_back",
        /// Look up the post chosen from the list of the line's.
        ShowPost = "show_post",
        /// Check the PIN just typed and sign in at the post.
        SignInAtPost = "sign_in_at_post",
        /// Make the PIN just confirmed the post's PIN, and sign in with it.
        ChoosePostPin = "choose_post_pin",
        /// Go over to the series chosen from the list.
        EnterSeries = "enter_series",
        /// Look up who stands in for the centre's manager.
        ShowDeputy = "show_deputy",
        /// Give the number just typed a PIN of its own for a day.
        AppointDeputy = "appoint_deputy",
        /// End the PIN of whoever stands in.
        EndDeputy = "end_deputy",
        /// Have everybody present on the day that is marked.
        MarkAll = "mark_all",
        /// Begin with the numbers of those who are absent.
        MarkBut = "mark_but",
        /// Begin with the roles of the roster.
        MarkRoles = "mark_roles",
        /// Begin with everybody, one by one.
        MarkEach = "mark_each",
        /// Open the role chosen from the list.
        OpenRole = "open_role",
        /// Mark absent, or present again, who has the numbers just typed.
        TakeNumbers = "take_numbers",
        /// Say how much of the day was held.
        ShapeDay = "shape_day",
        /// Name everybody who is marked absent so far.
        SumUp = "sum_up",
        /// Record the day as it was summed up.
        RecordRegister = "record_register",
        /// Take up the marks that an earlier call kept.
        TakeUpMarks = "take_up_marks",
        /// Throw away the marks that an earlier call kept.
        DropMarks = "drop_marks",
        /// Look up the days that can be marked or corrected.
        ListDays = "list_days",
        /// Go over to the day chosen from the list.
        GoToDay = "go_to_day",
        /// Put on the roster whom it does not have, with the number just typed.
        AddPerson = "add_person",
        /// The same for somebody without a phone.
        AddWithoutPhone = "add_without_phone",
        /// Send the roster to the line by SMS.
        AskForRoster = "ask_for_roster",
        /// Look up the attendance of the signed-in person, in the series there is.
        LookAtAttendance = "look_at_attendance",
        /// The same in the series that was chosen.
        ShowAttendance = "show_attendance",
        /// Look up a day chosen from a list, as it stands now.
        ShowDay = "show_day",
        /// Say that the chosen day is wrong: "I was there".
        OpenDispute = "open_dispute",
        /// Look up an own dispute.
        ShowDispute = "show_dispute",
        /// Take an own dispute back.
        WithdrawDispute = "withdraw_dispute",
        /// Look up what the days of the chosen series come to, and what is in the way of the money.
        ShowPay = "show_pay",
        /// Look up a dispute that stands with the centre.
        LookIntoDispute = "look_into_dispute",
        /// As the centre: the person was there.
        GrantDispute = "grant_dispute",
        /// As the centre: it stays as it is, for the reason chosen.
        RefuseDispute = "refuse_dispute",
        /// Look up a dispute that the director decides.
        TakeUpDispute = "take_up_dispute",
        /// As the director: the person was there.
        UpholdDispute = "uphold_dispute",
        /// As the director: it stays as it is, for the reason chosen.
        DismissDispute = "dismiss_dispute",
        /// Look up what of the register would be signed, or what is missing of it.
        ShowClosing = "show_closing",
        /// Sign the register that is shown.
        SignRegister = "sign_register",
        /// Look up the document chosen from the list.
        ShowDocument = "show_document",
        /// Countersign the document that is shown.
        CountersignRegister = "countersign_register",
        /// Open the register of the document that is shown again, for the reason chosen.
        ReopenRegister = "reopen_register",
        /// Look up what the document of the code just typed said.
        CheckDocument = "check_document",
        /// Look again at how the officer's place stands.
        LookAtPlace = "look_at_place",
        /// Look up the centre whose code was typed or chosen, and its today.
        ShowCentre = "show_centre",
        /// Look up the centre's day: today's, or the one chosen.
        ShowCentreDay = "show_centre_day",
        /// Ask the centre by SMS to mark the day.
        RemindCentre = "remind_centre",
        /// Look up whether the centre's day stands open by an officer's word.
        ShowOpenDay = "show_open_day",
        /// Open the centre's day for changes, for the reason just typed.
        OpenDay = "open_day",
        /// Close it again.
        CloseDay = "close_day",
        /// Agree that the person who was added belongs there.
        AcceptAddition = "accept_addition",
        /// Turn them away, for the reason just typed.
        RejectAddition = "reject_addition",
        /// Look up how the centre's PIN stands.
        ShowCentrePin = "show_centre_pin",
        /// Send the centre a first PIN, to the number just typed.
        IssueCentrePin = "issue_centre_pin",
    }
}

named! {
    /// How an action can come out.
    pub enum Outcome {
        /// As wished.
        Done = "done",
        /// The line has an account already.
        AlreadyYours = "already_yours",
        /// These details can't be used; the reason is not for the screen.
        NotPossible = "not_possible",
        /// The PIN is wrong; some tries are left.
        WrongPin = "wrong_pin",
        /// Too many wrong tries: wait.
        MustWait = "must_wait",
        /// Too many wrong tries in a row: the PIN is disabled until recovery.
        Disabled = "disabled",
        /// The line has no account.
        NoAccount = "no_account",
        /// The new PIN is the old one.
        SamePin = "same_pin",
        /// The draft holds the given names.
        HasGivenNames = "has_given_names",
        /// The draft holds given names and surname.
        HasSurname = "has_surname",
        /// The draft holds everything but the PIN.
        HasNationalId = "has_national_id",
        /// There is nothing (any more) to take up or to show.
        Nothing = "nothing",
        /// The sign-in this session stood on is over.
        SignedOut = "signed_out",
        /// A route has taken the message with the code.
        Sent = "sent",
        /// The phone has the message with the code.
        Delivered = "delivered",
        /// The message with the code was refused; the reason is known.
        Refused = "refused",
        /// No route has taken the message with the code yet.
        Pending = "pending",
        /// The last code was asked for too short a time ago.
        TooSoon = "too_soon",
        /// Too many codes were asked for.
        TooMany = "too_many",
        /// The service has sent as many codes as it may for now.
        Busy = "busy",
        /// Too many wrong codes: only an officer's code helps.
        OfficerOnly = "officer_only",
        /// The code is wrong; some tries are left.
        WrongCode = "wrong_code",
        /// The code is wrong, and was the last that could be tried.
        CodeDead = "code_dead",
        /// There is no code (any more) that counts.
        CodeOver = "code_over",
        /// A call will bring it.
        Called = "called",
        /// The message with the code was refused, and a call will bring it.
        CalledInstead = "called_instead",
        /// The code was right in another call, which may still be using it.
        UsedElsewhere = "used_elsewhere",
        /// The line's SIM was swapped a short time ago: nobody resets a PIN by themselves.
        Swapped = "swapped",
        /// A code went out and was not typed yet.
        CodeWaits = "code_waits",
        /// The new line must take the account over.
        LineWaits = "line_waits",
        /// The account went to another line a short time ago.
        MovedLately = "moved_lately",
        /// It is the line that the account is on.
        SameLine = "same_line",
        /// What officers did is objected to; they look at it.
        Objected = "objected",
        /// The first route refused the message with the code, and another has taken it.
        Rerouted = "rerouted",
        /// The message with the code was refused, and no other way is left.
        NoWay = "no_way",
        /// As wished, and pay details rest for a while.
        Holding = "holding",
        /// Signed in as a centre.
        AtCentre = "at_centre",
        /// Signed in as an officer.
        AtOffice = "at_office",
        /// The PIN was the first one, which only opens "choose your own".
        MustChoose = "must_choose",
        /// The time of a first PIN, or of a deputy, is over.
        PinOver = "pin_over",
        /// The day can't be marked now; the reason is known.
        NotNow = "not_now",
        /// Those marked absent are few enough to be named on one screen.
        Short = "short",
        /// They are too many for that.
        Long = "long",
        /// They are marked on the list on show.
        Listed = "listed",
        /// Some numbers are not on the roster.
        NotOnRoster = "not_on_roster",
        /// Somebody is absent.
        HasAbsent = "has_absent",
        /// Nobody is marked, for the day was not held.
        HeldNothing = "held_nothing",
        /// The same is recorded already.
        AlreadySo = "already_so",
        /// What was recorded is changed, and that needs a reason.
        NeedsReason = "needs_reason",
        /// It is recorded late, and that needs a reason.
        NeedsExcuse = "needs_excuse",
        /// The day, or its roster, has moved on since.
        Moved = "moved",
        /// There are several: one is chosen.
        Several = "several",
        /// Somebody of the line's number is deployed, with another national ID or none.
        IdDiffers = "id_differs",
        /// The day is as it should be, or can't be disputed; nobody has marked it.
        NoMark = "no_mark",
        /// The person can say that it is wrong.
        CanDispute = "can_dispute",
        /// The same of a day that nobody has marked.
        Unmarked = "unmarked",
        /// There is a dispute over it.
        Disputed = "disputed",
        /// It has been answered, or was right already.
        Settled = "settled",
        /// The centre can't change it any more: the director does.
        PassedOn = "passed_on",
        /// Something is in the way.
        Blocked = "blocked",
        /// Something is missing of the register.
        Missing = "missing",
        /// People have no mark on days that are marked.
        Blank = "blank",
        /// The register is signed.
        Signed = "signed",
        /// The register is countersigned.
        Countersigned = "countersigned",
        /// The document counts no more.
        Replaced = "replaced",
        /// The PIN was typed too long ago for a signature.
        PinTooOld = "pin_too_old",
        /// Whoever stands in does not sign.
        OnlyHolder = "only_holder",
        /// Nothing is signed in a series for training.
        OnlyPractice = "only_practice",
        /// Whoever countersigns is not another person than the signer.
        SamePerson = "same_person",
        /// The ledger no longer says what was signed.
        Broken = "broken",
    }
}

/// As whom a session must be signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nobody has to be.
    Nobody,
    /// As the holder of the line's account.
    Account,
    /// As a centre.
    Centre,
    /// As an officer.
    Officer,
}

impl Needs {
    /// The flag that is up while it is so; `None` where nobody has to be signed in.
    pub fn flag(self) -> Option<Flag> {
        match self {
            Self::Nobody => None,
            Self::Account => Some(Flag::SignedIn),
            Self::Centre => Some(Flag::CentreIn),
            Self::Officer => Some(Flag::OfficerIn),
        }
    }
}

/// What an action is to the engine and to the hop.
#[derive(Debug, Clone, Copy)]
pub struct ActionRules {
    /// Every outcome it can have, beside `signed_out` for those that need a sign-in.
    pub outcomes: &'static [Outcome],
    /// Whether it takes the secret just typed.
    pub takes_secret: bool,
    /// As whom a session must be signed in to do it.
    pub needs: Needs,
    /// Whether a deep dial (`*384*2547*1#`) may walk through it.
    pub deep_dialled: bool,
}

/// How asking for a code can come out.
const REQUESTED: &[Outcome] = &[
    Outcome::Sent,
    Outcome::Rerouted,
    Outcome::Pending,
    Outcome::Called,
    Outcome::CalledInstead,
    Outcome::Refused,
    Outcome::NoWay,
    Outcome::TooSoon,
    Outcome::TooMany,
    Outcome::Busy,
    Outcome::OfficerOnly,
    Outcome::CodeOver,
    Outcome::NoAccount,
    Outcome::Swapped,
];

impl Action {
    /// Its outcomes and rules.
    // A table: each case is a line or two, and nothing in it is logic.
    #[allow(clippy::too_many_lines)]
    pub fn rules(self) -> ActionRules {
        use Outcome::{
            AlreadySo, AlreadyYours, AtCentre, AtOffice, Blocked, Busy, Called, CalledInstead, CanDispute,
            CodeDead, CodeOver, CodeWaits, Delivered, Disabled, Disputed, Done, HasAbsent, HasGivenNames,
            HasNationalId, HasSurname, HeldNothing, Holding, IdDiffers, LineWaits, Listed, Long, Moved,
            MovedLately, MustChoose, MustWait, NeedsExcuse, NeedsReason, NoAccount, NoMark, NoWay, NotNow,
            NotOnRoster, NotPossible, Nothing, Objected, OfficerOnly, PassedOn, Pending, PinOver, Refused,
            Rerouted, SameLine, SamePin, Sent, Settled, Several, Short, Signed, Swapped, TooMany, TooSoon,
            Unmarked, UsedElsewhere, WrongCode, WrongPin,
        };
        let plain = |outcomes| ActionRules {
            outcomes,
            takes_secret: false,
            needs: Needs::Nobody,
            deep_dialled: false,
        };
        let of_officer = |outcomes| ActionRules { needs: Needs::Officer, ..plain(outcomes) };
        match self {
            Self::SetLanguage => ActionRules { deep_dialled: true, ..plain(&[Done]) },
            Self::GiveConsent | Self::KeepDraft | Self::DropDraft | Self::TellFate => plain(&[Done]),
            Self::AnotherWay | Self::MoveAnotherWay => {
                plain(&[Sent, Pending, Called, Refused, NoWay, Nothing, CodeOver])
            }
            Self::ByACall | Self::MoveByACall => plain(&[Called, Nothing, CodeOver]),
            Self::TakeUpDraft => plain(&[HasGivenNames, HasSurname, HasNationalId, Nothing]),
            Self::OpenAccount => {
                ActionRules { takes_secret: true, ..plain(&[Done, AlreadyYours, NotPossible, Nothing]) }
            }
            Self::SignIn => {
                ActionRules { takes_secret: true, ..plain(&[Done, WrongPin, MustWait, Disabled, NoAccount]) }
            }
            Self::ChangePin => {
                ActionRules { takes_secret: true, needs: Needs::Account, ..plain(&[Done, SamePin]) }
            }
            Self::ShowAccount => ActionRules { needs: Needs::Account, ..plain(&[Done, Holding]) },
            Self::ShowMessage => ActionRules { needs: Needs::Account, ..plain(&[Done, Nothing]) },
            Self::ShowWebCode => ActionRules { needs: Needs::Account, ..plain(&[Done, OfficerOnly]) },
            Self::RequestCode => plain(REQUESTED),
            Self::CodeFate => plain(&[Sent, Delivered, Pending, Called, Refused, NoWay, CodeOver]),
            Self::CheckCode => ActionRules {
                takes_secret: true,
                ..plain(&[Done, WrongCode, CodeDead, CodeOver, UsedElsewhere, OfficerOnly, NoAccount])
            },
            Self::ResetPin => {
                ActionRules { takes_secret: true, ..plain(&[Done, Holding, CodeOver, Swapped]) }
            }
            Self::CheckOfficerCode => ActionRules {
                takes_secret: true,
                ..plain(&[Done, WrongCode, CodeDead, CodeOver, UsedElsewhere, NoAccount])
            },
            Self::LookForMove => ActionRules {
                needs: Needs::Account,
                ..plain(&[Nothing, CodeWaits, LineWaits, MovedLately, NotPossible])
            },
            Self::AskMove => ActionRules {
                needs: Needs::Account,
                ..plain(&[
                    Sent,
                    Rerouted,
                    Pending,
                    Called,
                    CalledInstead,
                    Refused,
                    NoWay,
                    TooSoon,
                    TooMany,
                    Busy,
                    OfficerOnly,
                    CodeOver,
                    SameLine,
                    MovedLately,
                    NotPossible,
                ])
            },
            Self::CheckMoveCode => ActionRules {
                takes_secret: true,
                needs: Needs::Account,
                ..plain(&[Done, WrongCode, CodeDead, CodeOver, UsedElsewhere, OfficerOnly])
            },
            Self::TakeOver => ActionRules {
                takes_secret: true,
                ..plain(&[Done, WrongPin, MustWait, Disabled, AlreadyYours, Nothing])
            },
            Self::AskTakeBack => plain(&[
                Sent,
                Rerouted,
                Pending,
                Called,
                CalledInstead,
                Refused,
                NoWay,
                TooSoon,
                TooMany,
                Busy,
                OfficerOnly,
                CodeOver,
                Nothing,
            ]),
            Self::ShowPost => plain(&[Done, Nothing]),
            Self::SignInAtPost => ActionRules {
                takes_secret: true,
                ..plain(&[
                    AtCentre, AtOffice, MustChoose, WrongPin, MustWait, Disabled, PinOver, NoAccount, Nothing,
                ])
            },
            Self::ChoosePostPin => {
                ActionRules { takes_secret: true, ..plain(&[AtCentre, AtOffice, SamePin, PinOver, Nothing]) }
            }
            Self::EnterSeries => plain(&[AtCentre, AtOffice, Nothing, PinOver]),
            Self::ShowDeputy => ActionRules { needs: Needs::Centre, ..plain(&[Done, Nothing]) },
            Self::AppointDeputy => {
                ActionRules { needs: Needs::Centre, ..plain(&[Done, SameLine, NotPossible]) }
            }
            Self::EndDeputy => ActionRules { needs: Needs::Centre, ..plain(&[Done, Nothing, NotPossible]) },
            Self::MarkAll | Self::MarkRoles | Self::MarkEach => {
                ActionRules { needs: Needs::Centre, ..plain(&[Done, NotNow]) }
            }
            Self::MarkBut => ActionRules { needs: Needs::Centre, ..plain(&[Done, Short, Long, NotNow]) },
            Self::OpenRole => ActionRules { needs: Needs::Centre, ..plain(&[Done, Nothing]) },
            Self::TakeNumbers => {
                ActionRules { needs: Needs::Centre, ..plain(&[Short, Long, Listed, NotOnRoster, Nothing]) }
            }
            Self::ShapeDay => {
                ActionRules { needs: Needs::Centre, ..plain(&[Done, HasAbsent, HeldNothing, NotNow]) }
            }
            Self::SumUp => {
                ActionRules { needs: Needs::Centre, ..plain(&[Done, HasAbsent, HeldNothing, Nothing]) }
            }
            Self::RecordRegister => ActionRules {
                needs: Needs::Centre,
                ..plain(&[Done, AlreadySo, NeedsReason, NeedsExcuse, Moved, NotNow, Nothing])
            },
            Self::TakeUpMarks => ActionRules {
                needs: Needs::Centre,
                ..plain(&[Done, HasAbsent, HeldNothing, Moved, NotNow, Nothing])
            },
            Self::DropMarks => ActionRules { needs: Needs::Centre, ..plain(&[Done]) },
            Self::ListDays => ActionRules { needs: Needs::Centre, ..plain(&[Done]) },
            Self::GoToDay => ActionRules { needs: Needs::Centre, ..plain(&[Done, Nothing]) },
            Self::AddPerson | Self::AddWithoutPhone => {
                ActionRules { needs: Needs::Centre, ..plain(&[Done, AlreadySo, NotPossible, NotNow]) }
            }
            Self::AskForRoster => ActionRules { needs: Needs::Centre, ..plain(&[Done, TooMany, Nothing]) },
            Self::LookAtAttendance => {
                ActionRules { needs: Needs::Account, ..plain(&[Done, Several, Nothing, IdDiffers]) }
            }
            Self::ShowAttendance => ActionRules { needs: Needs::Account, ..plain(&[Done, Nothing]) },
            Self::ShowDay => ActionRules {
                needs: Needs::Account,
                ..plain(&[Done, NoMark, CanDispute, Unmarked, Disputed, Nothing])
            },
            Self::OpenDispute => {
                ActionRules { needs: Needs::Account, ..plain(&[Done, Disputed, NotPossible, Nothing]) }
            }
            Self::ShowDispute => ActionRules { needs: Needs::Account, ..plain(&[Done, Settled, Nothing]) },
            Self::WithdrawDispute => ActionRules { needs: Needs::Account, ..plain(&[Done, Nothing]) },
            Self::ShowPay => {
                ActionRules { needs: Needs::Account, ..plain(&[Done, Blocked, NotPossible, Nothing]) }
            }
            Self::LookIntoDispute => ActionRules { needs: Needs::Centre, ..plain(&[Done, Nothing]) },
            Self::GrantDispute => ActionRules {
                needs: Needs::Centre,
                ..plain(&[Done, Settled, PassedOn, NotPossible, Signed, Nothing])
            },
            Self::RefuseDispute => ActionRules { needs: Needs::Centre, ..plain(&[Refused, Nothing]) },
            Self::TakeUpDispute => ActionRules { needs: Needs::Officer, ..plain(&[Done, Nothing]) },
            Self::UpholdDispute => {
                ActionRules { needs: Needs::Officer, ..plain(&[Done, Settled, NotPossible, Signed, Nothing]) }
            }
            Self::DismissDispute => ActionRules { needs: Needs::Officer, ..plain(&[Refused, Nothing]) },
            Self::ShowClosing => ActionRules {
                needs: Needs::Centre,
                ..plain(&[Done, Outcome::Blank, Outcome::Missing, Outcome::Signed, Nothing])
            },
            Self::SignRegister => ActionRules {
                needs: Needs::Centre,
                ..plain(&[
                    Done,
                    Outcome::Missing,
                    Outcome::Signed,
                    Outcome::PinTooOld,
                    Outcome::OnlyHolder,
                    Outcome::OnlyPractice,
                    Nothing,
                ])
            },
            Self::ShowDocument => {
                ActionRules { needs: Needs::Officer, ..plain(&[Done, Outcome::Countersigned, Nothing]) }
            }
            Self::CountersignRegister => ActionRules {
                needs: Needs::Officer,
                ..plain(&[
                    Done,
                    Outcome::PinTooOld,
                    Outcome::SamePerson,
                    Outcome::Broken,
                    NotPossible,
                    Nothing,
                ])
            },
            Self::ReopenRegister => {
                ActionRules { needs: Needs::Officer, ..plain(&[Done, NotPossible, Nothing]) }
            }
            Self::CheckDocument => plain(&[Done, Outcome::Signed, Outcome::Replaced, Nothing]),
            Self::LookAtPlace => of_officer(&[Done, NotPossible]),
            Self::ShowCentre => of_officer(&[Done, Nothing, NotPossible]),
            Self::ShowCentreDay => of_officer(&[Done, Nothing, NotPossible]),
            Self::RemindCentre => of_officer(&[Done, TooSoon, Nothing, NotPossible]),
            Self::ShowOpenDay => of_officer(&[Done, Nothing, NotPossible]),
            Self::OpenDay | Self::CloseDay => of_officer(&[Done, Nothing, NotPossible]),
            Self::AcceptAddition | Self::RejectAddition => of_officer(&[Done, Nothing, NotPossible]),
            Self::ShowCentrePin | Self::IssueCentrePin => of_officer(&[Done, Nothing, NotPossible]),
            Self::TakeBack => ActionRules {
                takes_secret: true,
                ..plain(&[
                    Done,
                    Objected,
                    WrongCode,
                    CodeDead,
                    CodeOver,
                    UsedElsewhere,
                    OfficerOnly,
                    NotPossible,
                    Nothing,
                ])
            },
        }
    }

    /// Whether only a session in which the code was right may do it.
    pub fn needs_code(self) -> bool {
        self == Self::ResetPin
    }

    /// Whether it can come out like this.
    pub fn can_end(self, outcome: Outcome) -> bool {
        let rules = self.rules();
        rules.outcomes.contains(&outcome) || (outcome == Outcome::SignedOut && rules.needs != Needs::Nobody)
    }

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
            | (Self::MarkBut, Outcome::Short | Outcome::Long)
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
            _ => &[],
        }
    }

    /// The sources whose rows it tells when it comes out like this.
    pub fn lists(self, outcome: Outcome) -> &'static [Source] {
        match (self, outcome) {
            (Self::MarkRoles, Outcome::Done) => &[Source::RosterRoles],
            (Self::MarkEach | Self::OpenRole, Outcome::Done) | (Self::TakeNumbers, Outcome::Listed) => {
                &[Source::RosterLines]
            }
            (Self::SumUp | Self::ShapeDay | Self::TakeUpMarks, Outcome::HasAbsent) => &[Source::MarkedAbsent],
            (Self::RecordRegister | Self::TakeUpMarks, Outcome::Moved) => &[Source::Differences],
            (Self::ListDays, Outcome::Done) => &[Source::RegisterDays],
            _ => &[],
        }
    }

    /// The variables that are set when it comes out like this.
    // A table: each case is a line or two, and nothing in it is logic.
    #[allow(clippy::too_many_lines)]
    pub fn sets(self, outcome: Outcome) -> &'static [Var] {
        match (self, outcome) {
            (Self::SignIn, Outcome::Done) => &[Var::GivenNames],
            (Self::SignIn, Outcome::WrongPin) => &[Var::TriesLeft],
            (Self::SignIn, Outcome::MustWait) => &[Var::WaitMinutes],
            (Self::TakeUpDraft, Outcome::HasGivenNames) => &[Var::GivenNames],
            (Self::TakeUpDraft, Outcome::HasSurname) => &[Var::GivenNames, Var::Surname],
            (Self::TakeUpDraft, Outcome::HasNationalId) => &[Var::GivenNames, Var::Surname, Var::NationalId],
            (Self::ShowAccount, Outcome::Done) => &[Var::FullName, Var::MaskedId, Var::OpenedOn],
            (Self::ShowAccount, Outcome::Holding) => {
                &[Var::FullName, Var::MaskedId, Var::OpenedOn, Var::AgainAt, Var::HoldReason]
            }
            (Self::ShowWebCode, Outcome::Done) => &[Var::WebCode, Var::CodeUntil],
            (Self::ShowMessage, Outcome::Done) => {
                &[Var::MessageAt, Var::MessagePurpose, Var::MessageFate, Var::MessageReason, Var::MessageWay]
            }
            (Self::LookForMove, Outcome::CodeWaits) => {
                &[Var::Message, Var::CodeReference, Var::CodeUntil, Var::NewNumber]
            }
            (Self::LookForMove, Outcome::LineWaits) | (Self::CheckMoveCode, Outcome::Done) => {
                &[Var::NewNumber, Var::AgainAt]
            }
            (Self::RequestCode | Self::ResetPin, Outcome::Swapped)
            | (Self::ResetPin, Outcome::Holding)
            | (Self::LookForMove | Self::AskMove, Outcome::MovedLately) => &[Var::AgainAt],
            (Self::TakeOver | Self::SignInAtPost, Outcome::WrongPin) => &[Var::TriesLeft],
            (Self::TakeOver, Outcome::MustWait) => &[Var::WaitMinutes],
            (Self::SignInAtPost, Outcome::MustWait) => &[Var::AgainAt],
            (Self::ShowPost, Outcome::Done) => &[Var::PostKind, Var::PostName, Var::PostState],
            (Self::SignInAtPost | Self::ChoosePostPin, Outcome::AtCentre) => AT_HOME,
            (Self::EnterSeries, Outcome::AtCentre)
            | (Self::GoToDay | Self::DropMarks, Outcome::Done)
            | (Self::RecordRegister, Outcome::Done | Outcome::AlreadySo) => AT_HOME,
            (
                Self::MarkAll
                | Self::MarkBut
                | Self::MarkRoles
                | Self::MarkEach
                | Self::ShapeDay
                | Self::RecordRegister
                | Self::TakeUpMarks
                | Self::AddPerson
                | Self::AddWithoutPhone,
                Outcome::NotNow,
            ) => &[Var::Day, Var::MarkWhyNot, Var::AgainAt],
            (Self::TakeNumbers, Outcome::NotOnRoster) => &[
                Var::Day,
                Var::Marks,
                Var::DayShape,
                Var::PresentCount,
                Var::AbsentCount,
                Var::AbsentNumbers,
                Var::Unknown,
            ],
            (Self::MarkBut | Self::TakeNumbers, Outcome::Short) => {
                &[Var::Day, Var::Marks, Var::DayShape, Var::PresentCount, Var::AbsentCount, Var::AbsentNames]
            }
            (Self::MarkBut | Self::TakeNumbers, Outcome::Long) => &[
                Var::Day,
                Var::Marks,
                Var::DayShape,
                Var::PresentCount,
                Var::AbsentCount,
                Var::AbsentNumbers,
            ],
            (
                Self::MarkAll
                | Self::MarkBut
                | Self::MarkRoles
                | Self::MarkEach
                | Self::TakeNumbers
                | Self::ShapeDay
                | Self::SumUp
                | Self::TakeUpMarks,
                Outcome::Done | Outcome::HasAbsent | Outcome::HeldNothing | Outcome::Listed,
            ) => &[Var::Day, Var::Marks, Var::DayShape, Var::PresentCount, Var::AbsentCount],
            (Self::RecordRegister | Self::TakeUpMarks, Outcome::Moved) => &[Var::Day, Var::Marks],
            (Self::OpenRole, Outcome::Done) => &[Var::Marks, Var::Role],
            (Self::AddPerson | Self::AddWithoutPhone, Outcome::Done) => AT_HOME_WITH_ADDED,
            (Self::AddPerson | Self::AddWithoutPhone, Outcome::AlreadySo) => &[Var::Day, Var::Number],
            (Self::AskForRoster, Outcome::Done) => &[Var::RosterDay],
            (Self::SignInAtPost | Self::ChoosePostPin, Outcome::AtOffice) => AT_OFFICE_SETS,
            (Self::EnterSeries, Outcome::AtOffice) | (Self::LookAtPlace, Outcome::Done) => PLACE_SETS,
            (Self::ShowCentre, Outcome::Done) => &[Var::CentreName, Var::OnDay, Var::Day, Var::DayMark],
            (Self::ShowCentreDay, Outcome::Done) => &[
                Var::Day,
                Var::DayMark,
                Var::Present,
                Var::Absent,
                Var::Added,
                Var::EntryReference,
                Var::EntryAt,
                Var::EntryBy,
                Var::Line,
            ],
            (Self::ShowCentreDay, Outcome::Nothing) => {
                &[Var::Day, Var::DayMark, Var::DueSince, Var::LastMarked, Var::ManagerLine]
            }
            (Self::LookAtAttendance | Self::ShowAttendance, Outcome::Done) => {
                &[Var::Series, Var::SeriesName, Var::Today, Var::TodayMark, Var::DaysCounted]
            }
            (Self::ShowDay, Outcome::Done | Outcome::CanDispute) => {
                &[Var::Day, Var::Centre, Var::Mark, Var::MarkedAt, Var::MarkedBy]
            }
            (Self::ShowDay, Outcome::NoMark | Outcome::Unmarked) => &[Var::Day, Var::Centre, Var::Mark],
            (Self::ShowDay, Outcome::Disputed) => &[Var::Day, Var::Centre, Var::Mark, Var::Dispute],
            (Self::OpenDispute, Outcome::Done | Outcome::Disputed) => DISPUTE_AND_ID,
            (Self::ShowDispute, Outcome::Done | Outcome::Settled)
            | (Self::LookIntoDispute | Self::TakeUpDispute, Outcome::Done) => DISPUTE,
            (Self::GrantDispute | Self::UpholdDispute, Outcome::Done) => &[Var::MarkReference],
            (Self::ShowPay, Outcome::Done) => &[Var::SeriesName, Var::DaysCounted, Var::Ksh, Var::ClaimState],
            (Self::ShowPay, Outcome::Blocked) => {
                &[Var::SeriesName, Var::DaysCounted, Var::Ksh, Var::ClaimBlock]
            }
            (Self::ShowOpenDay, Outcome::Done) => &[Var::AgainAt],
            (Self::ShowOpenDay, Outcome::Nothing) => &[Var::Day],
            (Self::OpenDay, Outcome::Done) => &[Var::AgainAt, Var::EntryReference],
            (Self::CloseDay | Self::AcceptAddition | Self::RejectAddition, Outcome::Done) => {
                &[Var::EntryReference]
            }
            (Self::ShowCentrePin, Outcome::Done) => &[Var::PinState, Var::Line],
            (Self::IssueCentrePin, Outcome::Done) => &[Var::Line],
            (
                Self::LookAtPlace
                | Self::ShowCentre
                | Self::ShowCentreDay
                | Self::RemindCentre
                | Self::ShowOpenDay
                | Self::OpenDay
                | Self::CloseDay
                | Self::AcceptAddition
                | Self::RejectAddition
                | Self::ShowCentrePin
                | Self::IssueCentrePin,
                Outcome::NotPossible,
            ) => &[Var::WhyNot],
            (Self::ShowDeputy | Self::AppointDeputy, Outcome::Done) => &[Var::Line, Var::AgainAt],
            (Self::ShowClosing, Outcome::Done) => TO_SIGN,
            (Self::ShowClosing, Outcome::Blank) => TO_SIGN_WITH_BLANKS,
            (Self::ShowClosing | Self::SignRegister, Outcome::Missing) => {
                &[Var::MissingDays, Var::MissingPeople, Var::MissingDisputes]
            }
            (Self::ShowClosing | Self::SignRegister, Outcome::Signed) => {
                &[Var::DocumentCode, Var::SignedAt, Var::DocumentState]
            }
            (Self::SignRegister, Outcome::Done) => &[Var::DocumentCode],
            (Self::ShowDocument, Outcome::Done | Outcome::Countersigned) => SIGNED_BY_CENTRE,
            (Self::CountersignRegister | Self::ReopenRegister, Outcome::Done) => {
                &[Var::Centre, Var::DocumentCode]
            }
            (Self::CheckDocument, Outcome::Done) => COUNTERSIGNED,
            (Self::CheckDocument, Outcome::Signed | Outcome::Replaced) => CHECKED,
            (
                Self::RequestCode
                | Self::CodeFate
                | Self::AnotherWay
                | Self::AskMove
                | Self::AskTakeBack
                | Self::MoveAnotherWay,
                Outcome::Refused | Outcome::NoWay | Outcome::Rerouted | Outcome::CalledInstead,
            ) => &[Var::Message, Var::CodeReference, Var::CodeUntil, Var::MessageReason],
            (
                Self::AnotherWay | Self::ByACall | Self::MoveAnotherWay | Self::MoveByACall,
                Outcome::Nothing,
            ) => &[Var::CodeReference, Var::CodeUntil],
            (
                Self::RequestCode
                | Self::CodeFate
                | Self::AnotherWay
                | Self::AskMove
                | Self::AskTakeBack
                | Self::MoveAnotherWay,
                Outcome::Sent | Outcome::Delivered | Outcome::Pending,
            ) => &[Var::Message, Var::CodeReference, Var::CodeUntil],
            (Self::RequestCode | Self::AskMove | Self::AskTakeBack, Outcome::TooSoon) => &[Var::WaitSeconds],
            (Self::RequestCode | Self::AskMove | Self::AskTakeBack, Outcome::TooMany | Outcome::Busy) => {
                &[Var::AgainAt]
            }
            (
                Self::CheckCode | Self::CheckOfficerCode | Self::CheckMoveCode | Self::TakeBack,
                Outcome::WrongCode,
            ) => &[Var::TriesLeft],
            _ => &[],
        }
    }
}

/// The same after somebody was added, with their number.
const AT_HOME_WITH_ADDED: &[Var] = &[
    Var::PostName,
    Var::Centre,
    Var::SeriesName,
    Var::OnDay,
    Var::Day,
    Var::DayStands,
    Var::Present,
    Var::Absent,
    Var::Added,
    Var::BlankCount,
    Var::MarkReference,
    Var::AgainAt,
    Var::KeptDay,
    Var::Number,
    Var::EntryReference,
];
/// What the home of a centre shows.
const AT_HOME: &[Var] = &[
    Var::PostName,
    Var::Centre,
    Var::SeriesName,
    Var::OnDay,
    Var::Day,
    Var::DayStands,
    Var::Present,
    Var::Absent,
    Var::Added,
    Var::BlankCount,
    Var::MarkReference,
    Var::AgainAt,
    Var::KeptDay,
];
/// What is shown of a register that can be signed.
const TO_SIGN: &[Var] = &[
    Var::Register,
    Var::Centre,
    Var::DocumentDays,
    Var::DocumentPeople,
    Var::DocumentPresent,
    Var::DocumentAbsent,
];
/// The same where people have no mark on days that are marked.
const TO_SIGN_WITH_BLANKS: &[Var] = &[
    Var::Register,
    Var::Centre,
    Var::DocumentDays,
    Var::DocumentPeople,
    Var::DocumentPresent,
    Var::DocumentAbsent,
    Var::MissingDays,
    Var::MissingPeople,
];
/// What a director is shown of a document.
const SIGNED_BY_CENTRE: &[Var] = &[
    Var::Centre,
    Var::CentreName,
    Var::DocumentDays,
    Var::DocumentPeople,
    Var::DocumentPresent,
    Var::DocumentAbsent,
    Var::SignedAt,
];
/// What anybody is shown of a document.
const CHECKED: &[Var] = &[
    Var::SeriesName,
    Var::Centre,
    Var::DocumentDays,
    Var::DocumentPeople,
    Var::DocumentPresent,
    Var::DocumentAbsent,
    Var::SignedAt,
];
/// The same of one that is countersigned.
const COUNTERSIGNED: &[Var] = &[
    Var::SeriesName,
    Var::Centre,
    Var::DocumentDays,
    Var::DocumentPeople,
    Var::DocumentPresent,
    Var::DocumentAbsent,
    Var::SignedAt,
    Var::CountersignedAt,
];
/// What is set with the first screen of an officer.
const PLACE_SETS: &[Var] =
    &[Var::SeriesName, Var::Today, Var::LookedAt, Var::Centres, Var::Unmarked, Var::PlaceState];
/// The same, with the place's name, when the officer signs in.
const AT_OFFICE_SETS: &[Var] = &[
    Var::PostName,
    Var::SeriesName,
    Var::Today,
    Var::LookedAt,
    Var::Centres,
    Var::Unmarked,
    Var::PlaceState,
];

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

/// What is shown of a dispute.
const DISPUTE: &[Var] = &[
    Var::DisputeDay,
    Var::Centre,
    Var::RosterNumber,
    Var::PersonName,
    Var::DisputeState,
    Var::DisputeAt,
    Var::DisputeMark,
];
/// The same, with which it is.
const DISPUTE_AND_ID: &[Var] = &[
    Var::DisputeDay,
    Var::Centre,
    Var::RosterNumber,
    Var::PersonName,
    Var::DisputeState,
    Var::DisputeAt,
    Var::DisputeMark,
    Var::Dispute,
];

/// How many septets of their own words somebody at the desk may write in one answer.
pub const LONGEST_ANSWER: usize = 260;

/// How long a sign-up draft lives (design.md 1): what `redial = "ask for 24 hours"` must say.
pub const DRAFT_HOURS: u32 = 24;

named! {
    /// Where the rows of a list come from.
    pub enum Source {
        /// The latest messages to the signed-in person, newest first.
        MyMessages = "my_messages",
        /// The centres and offices that the line speaks for.
        MyPosts = "my_posts",
        /// The series that are open for the post that is signed in.
        MySeries = "my_series",
        /// The roles of a day's roster.
        RosterRoles = "roster_roles",
        /// People of a day's roster with what is marked of them so far.
        RosterLines = "roster_lines",
        /// Everybody who is marked absent so far.
        MarkedAbsent = "marked_absent",
        /// Where a day as it stands is another than what was to be recorded.
        Differences = "differences",
        /// The days that can be marked or corrected.
        RegisterDays = "register_days",
        /// The series in which the signed-in person is deployed.
        MyWork = "my_work",
        /// The person's days in the chosen series, newest first.
        MyDays = "my_days",
        /// The centres of those days.
        MyCentres = "my_centres",
        /// The days at the chosen centre.
        DaysAtCentre = "days_at_centre",
        /// Every mark of the chosen day, the latest first.
        DayChanges = "day_changes",
        /// The person's disputes, newest first.
        MyDisputes = "my_disputes",
        /// What was said in the chosen dispute, the latest first.
        DisputeEvents = "dispute_events",
        /// What stands open with the centre.
        CentreDisputes = "centre_disputes",
        /// What the director has to decide.
        PlaceDisputes = "place_disputes",
        /// The signed registers of the director's centres, those to be countersigned first.
        SignedRegisters = "signed_registers",
        /// The centres of the officer's place, or of the sub-county chosen, that have not marked today.
        UnmarkedCentres = "unmarked_centres",
        /// The counties that the officer sees.
        Counties = "counties",
        /// The sub-counties of the county chosen.
        SubCounties = "sub_counties",
        /// The days of the series up to today.
        CentreDays = "centre_days",
        /// Who was absent from the centre on the day.
        Absentees = "absentees",
        /// Who was added at centres of the place and waits for an answer.
        Additions = "additions",
    }
}

impl Source {
    /// The variables each row carries.
    pub fn row(self) -> &'static [Var] {
        match self {
            Self::MyMessages => &[Var::MessageAt, Var::MessagePurpose, Var::MessageFate, Var::MessageWay],
            Self::MyPosts => &[Var::PostKind, Var::PostName, Var::PostState],
            Self::MySeries => &[Var::SeriesName],
            Self::RosterRoles => &[Var::Role, Var::PeopleCount, Var::AbsentCount],
            Self::RosterLines | Self::MarkedAbsent => &[Var::Number, Var::Person, Var::MarkIs],
            Self::Differences => &[Var::Number, Var::Person, Var::Differs],
            Self::RegisterDays => &[
                Var::Day,
                Var::DayStands,
                Var::Present,
                Var::Absent,
                Var::Added,
                Var::BlankCount,
                Var::MarkReference,
                Var::AgainAt,
            ],
            Self::MyWork => &[Var::SeriesName, Var::DaysCounted],
            Self::MyDays | Self::DaysAtCentre => &[Var::Day, Var::Centre, Var::Mark],
            Self::MyCentres => &[Var::Centre, Var::DaysThere, Var::DaysInAll],
            Self::DayChanges => &[Var::ChangedAt, Var::ChangedTo, Var::ChangedBy, Var::MarkReference],
            Self::MyDisputes | Self::CentreDisputes | Self::PlaceDisputes => DISPUTE,
            Self::DisputeEvents => &[Var::SaidAt, Var::SaidBy, Var::Said],
            Self::SignedRegisters => &[Var::Centre, Var::CentreName, Var::DocumentState],
            Self::UnmarkedCentres => &[Var::Centre, Var::CentreName],
            Self::Counties | Self::SubCounties => &[Var::PlaceName, Var::Unmarked, Var::Centres],
            Self::CentreDays => &[Var::Day, Var::DayMark],
            Self::Absentees => &[Var::RosterNumber, Var::FullName, Var::Role],
            Self::Additions => &[Var::Centre, Var::RosterNumber, Var::FullName, Var::Role, Var::Day],
        }
    }

    /// The variable that holds the id of the chosen row.
    pub fn chosen(self) -> Var {
        match self {
            Self::MyMessages => Var::Message,
            Self::MyPosts => Var::Post,
            Self::MySeries => Var::Series,
            Self::RosterRoles => Var::RoleChosen,
            Self::RegisterDays => Var::OnDay,
            // Read, not chosen from.
            Self::RosterLines | Self::MarkedAbsent | Self::Differences => Var::Marks,
            Self::MyWork => Var::Series,
            Self::MyDays | Self::DaysAtCentre => Var::MyDay,
            Self::MyCentres => Var::MyCentre,
            Self::DayChanges | Self::DisputeEvents => Var::Step,
            Self::MyDisputes | Self::CentreDisputes | Self::PlaceDisputes => Var::Dispute,
            Self::SignedRegisters => Var::Document,
            Self::UnmarkedCentres => Var::Centre,
            Self::Counties => Var::County,
            Self::SubCounties => Var::SubCounty,
            Self::CentreDays => Var::OnDay,
            Self::Absentees | Self::Additions => Var::Deployment,
        }
    }

    /// Whether an action tells its rows, instead of their being fetched when they are shown.
    pub fn is_told(self) -> bool {
        matches!(
            self,
            Self::RosterRoles
                | Self::RosterLines
                | Self::MarkedAbsent
                | Self::Differences
                | Self::RegisterDays
        )
    }

    /// As whom a session must be signed in to see it.
    pub fn needs(self) -> Needs {
        match self {
            Self::RosterRoles
            | Self::RosterLines
            | Self::MarkedAbsent
            | Self::Differences
            | Self::RegisterDays => Needs::Centre,
            Self::MyMessages
            | Self::MyWork
            | Self::MyDays
            | Self::MyCentres
            | Self::DaysAtCentre
            | Self::DayChanges
            | Self::MyDisputes => Needs::Account,
            Self::CentreDisputes => Needs::Centre,
            Self::PlaceDisputes => Needs::Officer,
            // Of three sides; who may see it is asked where it is read.
            Self::DisputeEvents => Needs::Nobody,
            Self::SignedRegisters => Needs::Officer,
            // What is open is no secret; whoever has no sign-in has no list of their own.
            Self::MyPosts | Self::MySeries => Needs::Nobody,
            Self::UnmarkedCentres
            | Self::Counties
            | Self::SubCounties
            | Self::CentreDays
            | Self::Absentees
            | Self::Additions => Needs::Officer,
        }
    }
}

named! {
    /// How an input is read.
    pub enum Validator {
        /// One part of a person's name.
        Name = "name",
        /// A national ID number.
        NationalId = "national_id",
        /// The PIN on file: digits of the right number, checked by an action.
        Pin = "pin",
        /// A new PIN: not easily guessed.
        NewPin = "new_pin",
        /// The new PIN once more.
        SamePin = "same_pin",
        /// A one-time code: six or eight digits, checked by an action.
        Code = "code",
        /// A Kenyan mobile number.
        Phone = "phone",
        /// The PIN of a post on file.
        PostPin = "post_pin",
        /// A new PIN of a post: not easily guessed.
        NewPostPin = "new_post_pin",
        /// The same once more.
        SamePostPin = "same_post_pin",
        /// A centre's code: eight digits.
        CentreCode = "centre_code",
        /// Numbers of a roster: `3 7 12`, `3,7,12`, `3-5`.
        RosterNumbers = "roster_numbers",
        /// The code of a closing document: twelve digits, the last of which proves the others.
        DocumentCode = "document_code",
        /// Why somebody does something: a few words.
        Reason = "reason",
    }
}

named! {
    /// Why an input is refused.
    pub enum Refusal {
        /// A name with fewer than two letters.
        NameTooShort = "name.too_short",
        /// A name over 40 characters.
        NameTooLong = "name.too_long",
        /// A name with digits or signs.
        NameNotLetters = "name.not_letters",
        /// An ID with something else than digits.
        IdNotDigits = "national_id.not_digits",
        /// An ID under six digits.
        IdTooShort = "national_id.too_short",
        /// An ID over nine digits.
        IdTooLong = "national_id.too_long",
        /// An ID of an unusual length: to be typed once more.
        IdUnusual = "national_id.unusual",
        /// A PIN with something else than digits, or with another number of them.
        PinDigits = "pin.digits",
        /// Digits that repeat.
        PinRepeats = "new_pin.repeats",
        /// Digits that run up or down.
        PinRuns = "new_pin.runs",
        /// A year or date.
        PinDate = "new_pin.date",
        /// Part of the own number or ID.
        PinOwn = "new_pin.own",
        /// A PIN that many choose.
        PinCommon = "new_pin.common",
        /// The second PIN is not the first.
        PinNotSame = "same_pin.not_same",
        /// A code with something else than digits, or with another number of them.
        CodeDigits = "code.digits",
        /// No phone number can be read from it.
        PhoneNotANumber = "phone.not_a_number",
        /// Not a Kenyan mobile line.
        PhoneNotMobile = "phone.not_mobile",
        /// The PIN of a post with something else than digits, or with another number of them.
        PostPinDigits = "post_pin.digits",
        /// Part of the own number or of the centre's code.
        PostPinOwn = "new_post_pin.own",
        /// A centre's code with something else than eight digits.
        CentreCodeDigits = "centre_code.digits",
        /// Something else than numbers of a roster.
        NumbersUnreadable = "roster_numbers.unreadable",
        /// A number that no roster has.
        NumbersOutOfRange = "roster_numbers.out_of_range",
        /// A range that runs backwards.
        NumbersBackwards = "roster_numbers.backwards",
        /// A document's code with something else than twelve digits.
        DocumentCodeDigits = "document_code.digits",
        /// A document's code in which a digit is wrong, or two are swapped.
        DocumentCodeTypo = "document_code.typo",
        /// A reason that says nothing.
        ReasonTooShort = "reason.too_short",
        /// A reason that is too long to be shown.
        ReasonTooLong = "reason.too_long",
    }
}

impl Validator {
    /// Every reason it can refuse for.
    pub fn refusals(self) -> &'static [Refusal] {
        use Refusal::{
            CodeDigits, IdNotDigits, IdTooLong, IdTooShort, IdUnusual, NameNotLetters, NameTooLong,
            NameTooShort, PhoneNotANumber, PhoneNotMobile, PinCommon, PinDate, PinDigits, PinNotSame, PinOwn,
            PinRepeats, PinRuns, PostPinDigits, PostPinOwn,
        };
        match self {
            Self::PostPin => &[PostPinDigits],
            Self::NewPostPin => &[PostPinDigits, PinRepeats, PinRuns, PinDate, PostPinOwn, PinCommon],
            Self::SamePostPin => &[PostPinDigits, PinNotSame],
            Self::CentreCode => &[Refusal::CentreCodeDigits],
            Self::RosterNumbers => {
                &[Refusal::NumbersUnreadable, Refusal::NumbersOutOfRange, Refusal::NumbersBackwards]
            }
            Self::DocumentCode => &[Refusal::DocumentCodeDigits, Refusal::DocumentCodeTypo],
            Self::Reason => &[Refusal::ReasonTooShort, Refusal::ReasonTooLong],
            Self::Name => &[NameTooShort, NameTooLong, NameNotLetters],
            Self::NationalId => &[IdNotDigits, IdTooShort, IdTooLong, IdUnusual],
            Self::Pin => &[PinDigits],
            Self::NewPin => &[PinDigits, PinRepeats, PinRuns, PinDate, PinOwn, PinCommon],
            Self::SamePin => &[PinDigits, PinNotSame],
            Self::Code => &[CodeDigits],
            Self::Phone => &[PhoneNotANumber, PhoneNotMobile],
        }
    }

    /// Whether what is typed must never be shown, stored or offered again.
    pub fn is_secret(self) -> bool {
        self.is_checked() || matches!(self, Self::NewPin | Self::NewPostPin)
    }

    /// Whether it is a secret that an action takes.
    pub fn is_checked(self) -> bool {
        matches!(self, Self::Pin | Self::SamePin | Self::Code | Self::PostPin | Self::SamePostPin)
    }

    /// What kind of variable it can fill: the variable an input is kept `as`.
    pub fn fills(self, var: Var) -> bool {
        match self {
            Self::Name => matches!(var, Var::GivenNames | Var::Surname | Var::NewPerson),
            Self::NationalId => var == Var::NationalId,
            Self::NewPin | Self::NewPostPin => var == Var::NewPin,
            Self::Phone => var == Var::NewNumber,
            Self::DocumentCode => var == Var::DocumentCode,
            Self::CentreCode => matches!(var, Var::Post | Var::Centre),
            Self::Reason => matches!(var, Var::Reason | Var::MarkReason),
            Self::RosterNumbers => var == Var::Numbers,
            Self::Pin | Self::SamePin | Self::Code | Self::PostPin | Self::SamePostPin => false,
        }
    }
}

impl From<NameRefusal> for Refusal {
    fn from(refusal: NameRefusal) -> Self {
        match refusal {
            NameRefusal::TooShort => Self::NameTooShort,
            NameRefusal::TooLong | NameRefusal::FullTooLong => Self::NameTooLong,
            NameRefusal::NotLetters => Self::NameNotLetters,
        }
    }
}

impl From<CodeTypo> for Refusal {
    fn from(typo: CodeTypo) -> Self {
        match typo {
            CodeTypo::WrongLength => Self::DocumentCodeDigits,
            CodeTypo::WrongDigit => Self::DocumentCodeTypo,
        }
    }
}

impl From<NationalIdRefusal> for Refusal {
    fn from(refusal: NationalIdRefusal) -> Self {
        match refusal {
            NationalIdRefusal::NotDigits => Self::IdNotDigits,
            NationalIdRefusal::TooShort => Self::IdTooShort,
            NationalIdRefusal::TooLong => Self::IdTooLong,
        }
    }
}

impl From<MsisdnRefusal> for Refusal {
    fn from(refusal: MsisdnRefusal) -> Self {
        match refusal {
            MsisdnRefusal::NotANumber => Self::PhoneNotANumber,
            MsisdnRefusal::NotKenyanMobile => Self::PhoneNotMobile,
        }
    }
}

impl From<NumbersRefusal> for Refusal {
    fn from(refusal: NumbersRefusal) -> Self {
        match refusal {
            NumbersRefusal::NotNumbers => Self::NumbersUnreadable,
            NumbersRefusal::OutOfRange => Self::NumbersOutOfRange,
            NumbersRefusal::Backwards => Self::NumbersBackwards,
        }
    }
}

impl Refusal {
    /// The refusal of a PIN, in the words for the PIN of a post.
    pub fn of_post(refusal: PinRefusal) -> Self {
        match Self::from(refusal) {
            Self::PinDigits => Self::PostPinDigits,
            Self::PinOwn => Self::PostPinOwn,
            other => other,
        }
    }
}

impl From<PinRefusal> for Refusal {
    fn from(refusal: PinRefusal) -> Self {
        match refusal {
            PinRefusal::NotDigits | PinRefusal::WrongLength => Self::PinDigits,
            PinRefusal::Repeats => Self::PinRepeats,
            PinRefusal::Runs => Self::PinRuns,
            PinRefusal::Date => Self::PinDate,
            PinRefusal::Own => Self::PinOwn,
            PinRefusal::Common => Self::PinCommon,
        }
    }
}

named! {
    /// What texts can show and sessions hold.
    pub enum Var {
        /// First and middle names.
        GivenNames = "given_names",
        /// Family name.
        Surname = "surname",
        /// The whole name.
        FullName = "full_name",
        /// The national ID as typed.
        NationalId = "national_id",
        /// The national ID, all but three digits starred.
        MaskedId = "masked_id",
        /// Between two entries of a new PIN: its keyed digest. Can't be shown.
        NewPin = "new_pin",
        /// The user name: the number without its plus.
        Username = "username",
        /// The day the account was opened.
        OpenedOn = "opened_on",
        /// Wrong PINs that may still be typed.
        TriesLeft = "tries_left",
        /// Minutes to wait.
        WaitMinutes = "wait_minutes",
        /// Whom to call.
        HelpLine = "help_line",
        /// What to dial.
        ServiceCode = "service_code",
        /// How many digits a PIN has.
        PinDigits = "pin_digits",
        /// A language, for the action that sets it. Can't be shown.
        Language = "language",
        /// The id of a chosen message. Can't be shown.
        Message = "message",
        /// When a message was written, Nairobi time.
        MessageAt = "message_at",
        /// What a message is about.
        MessagePurpose = "message_purpose",
        /// What became of it.
        MessageFate = "message_fate",
        /// Why it was refused.
        MessageReason = "message_reason",
        /// How the caller's network lets our messages through.
        BlockAdvice = "block_advice",
        /// What to tell the help desk.
        Reference = "reference",
        /// A one-time code. Only in messages.
        Code = "code",
        /// A one-time code for the portal. A session holds what it is derived from, never a digit of it.
        WebCode = "web_code",
        /// Where the portal is found.
        Portal = "portal",
        /// What a message with a code and the screen that asks for it both show.
        CodeReference = "code_reference",
        /// Until when a code counts, Nairobi time.
        CodeUntil = "code_until",
        /// Seconds to wait.
        WaitSeconds = "wait_seconds",
        /// From when something can be asked for again, Nairobi time.
        AgainAt = "again_at",
        /// Why changes of pay details rest.
        HoldReason = "hold_reason",
        /// The number that an account moves to, as it is dialled at home.
        NewNumber = "new_number",
        /// By which a person's texts are known at the desk.
        Ticket = "ticket",
        /// What somebody at the desk has written. Only in messages.
        Answer = "answer",
        /// By which way a message went: as an SMS or as a call.
        MessageWay = "message_way",
        /// A post as tables name it: a centre's code, or an officer's id. Can't be shown.
        Post = "post",
        /// What kind of post it is.
        PostKind = "post_kind",
        /// How people call it: a centre's code, an officer's place.
        PostName = "post_name",
        /// How its day stands.
        PostState = "post_state",
        /// How many digits the PIN of a post has.
        PostPinDigits = "post_pin_digits",
        /// A phone number with stars, as others may see it.
        Line = "line",
        /// The day that somebody stands in. Can't be shown.
        DeputyDay = "deputy_day",
        /// The code of a chosen series. Can't be shown.
        Series = "series",
        /// How people call a series.
        SeriesName = "series_name",
        /// A day of the register, Nairobi: `24/11`.
        Day = "day",
        /// A centre's code.
        Centre = "centre",
        /// The day that an earlier call was in the middle of; empty when there is none.
        KeptDay = "kept_day",
        /// How it stands.
        DayStands = "day_stands",
        /// How much of it was held.
        DayShape = "day_shape",
        /// Why it can't be marked now, and what to do.
        MarkWhyNot = "mark_why_not",
        /// What is marked so far. Can't be shown.
        Marks = "marks",
        /// Those that are not on it.
        Unknown = "unknown",
        /// Who is absent, by number and name.
        AbsentNames = "absent_names",
        /// The same by number alone.
        AbsentNumbers = "absent_numbers",
        /// Somebody's number on the roster.
        Number = "number",
        /// Somebody's name.
        Person = "person",
        /// What is marked of somebody so far.
        MarkIs = "mark_is",
        /// How what stands of somebody is another than what was to be recorded.
        Differs = "differs",
        /// The role chosen from a list. Can't be shown.
        RoleChosen = "role_chosen",
        /// Why a day is corrected, or recorded late.
        MarkReason = "mark_reason",
        /// The name of somebody who is not on the roster, as it was typed.
        NewPerson = "new_person",
        /// The day whose roster is sent.
        RosterDay = "roster_day",
        /// What a day is to the person whom it is about.
        Mark = "mark",
        /// Today, beside what is looked at.
        Today = "today",
        /// What today is to the person whom it is about.
        TodayMark = "today_mark",
        /// Days that count.
        DaysCounted = "days_counted",
        /// Days on which the person was there.
        DaysThere = "days_there",
        /// Days on which the person should have been.
        DaysInAll = "days_in_all",
        /// When a mark was made, Nairobi time.
        MarkedAt = "marked_at",
        /// Who made it, and by which way.
        MarkedBy = "marked_by",
        /// When a mark of a day's history was made, Nairobi time.
        ChangedAt = "changed_at",
        /// What it said.
        ChangedTo = "changed_to",
        /// Who made it, and by which way.
        ChangedBy = "changed_by",
        /// A day chosen from a list. Can't be shown.
        MyDay = "my_day",
        /// A centre chosen from a list. Can't be shown.
        MyCentre = "my_centre",
        /// A row of a history. Can't be shown.
        Step = "step",
        /// A dispute. Can't be shown.
        Dispute = "dispute",
        /// The day that it is over.
        DisputeDay = "dispute_day",
        /// What the register says of that day.
        DisputeMark = "dispute_mark",
        /// How far it has come, and whose turn it is.
        DisputeState = "dispute_state",
        /// When it was opened, Nairobi time.
        DisputeAt = "dispute_at",
        /// When something was said in it, Nairobi time.
        SaidAt = "said_at",
        /// Who said it.
        SaidBy = "said_by",
        /// What was said.
        Said = "said",
        /// Why it stays as it is. Can't be shown.
        DisputeReason = "dispute_reason",
        /// The name of somebody on a roster.
        PersonName = "person_name",
        /// Shillings.
        Ksh = "ksh",
        /// How far a claim has come.
        ClaimState = "claim_state",
        /// What is in the way of a claim.
        ClaimBlock = "claim_block",
        /// A centre's name.
        CentreName = "centre_name",
        /// Which register is on show: its series and centre. Can't be shown.
        Register = "register",
        /// The code of a closing document.
        DocumentCode = "document_code",
        /// The code of the document that was chosen. Can't be shown.
        Document = "document",
        /// How many days of a document are marked.
        DocumentDays = "document_days",
        /// How many people it holds.
        DocumentPeople = "document_people",
        /// How often somebody was present in it.
        DocumentPresent = "document_present",
        /// How often somebody was absent.
        DocumentAbsent = "document_absent",
        /// How far a document has come.
        DocumentState = "document_state",
        /// When it was signed, Nairobi time.
        SignedAt = "signed_at",
        /// When it was countersigned, Nairobi time.
        CountersignedAt = "countersigned_at",
        /// Days that are missing of a register: how many, and the first.
        MissingDays = "missing_days",
        /// People who wait for the director's word: how many, and the first numbers.
        MissingPeople = "missing_people",
        /// Disputes that nobody has answered.
        MissingDisputes = "missing_disputes",
        /// Why a register is opened again.
        ReopenReason = "reopen_reason",
        /// A day in full. Can't be shown.
        OnDay = "on_day",
        /// How a centre's day stands.
        DayMark = "day_mark",
        /// When a place was looked at, Nairobi time: `07:42`.
        LookedAt = "looked_at",
        /// How many centres of a place have people today.
        Centres = "centres",
        /// How many of them have not marked.
        Unmarked = "unmarked",
        /// How a place's day stands.
        PlaceState = "place_state",
        /// A county or sub-county.
        PlaceName = "place_name",
        /// The code of a chosen county. Can't be shown.
        County = "county",
        /// A chosen sub-county. Can't be shown.
        SubCounty = "sub_county",
        /// How many were there.
        Present = "present",
        /// How many were not.
        Absent = "absent",
        /// How many were added at the centre and wait for an answer.
        Added = "added",
        /// How many people have no mark on a day that is marked.
        BlankCount = "blank_count",
        /// The reference of an act of the register.
        EntryReference = "entry_reference",
        /// When it was done, Nairobi time.
        EntryAt = "entry_at",
        /// By which way.
        EntryBy = "entry_by",
        /// Since when a day can be marked, Nairobi time.
        DueSince = "due_since",
        /// The last day before that is marked.
        LastMarked = "last_marked",
        /// Whom to call at a centre, as it is dialled at home.
        ManagerLine = "manager_line",
        /// A number on a roster.
        RosterNumber = "roster_number",
        /// As what somebody is deployed.
        Role = "role",
        /// A place on a roster. Can't be shown.
        Deployment = "deployment",
        /// Why something is done, as it was typed.
        Reason = "reason",
        /// Until when a day is to be opened.
        OpenUntil = "open_until",
        /// How the PIN of a centre stands.
        PinState = "pin_state",
        /// Why something can't be done.
        WhyNot = "why_not",
        /// The code of a centre's day. Only in messages.
        DayCode = "day_code",
        /// Which part of how many: `1/3`.
        Part = "part",
        /// Why a roster is sent.
        RosterFor = "roster_for",
        /// The people of a roster's first part. Only in messages.
        People = "people",
        /// The people of its other parts. Only in messages.
        MorePeople = "more_people",
        /// Whether a register counts or is for training.
        RegisterKind = "register_kind",
        /// What was recorded, and whether it was so already.
        RegisterSaid = "register_said",
        /// How many were there.
        PresentCount = "present_count",
        /// How many were not.
        AbsentCount = "absent_count",
        /// Who was not: `3 Asha Njeri, 7 Otieno Kisa +4`. Only in messages.
        Absentees = "absentees",
        /// By which an act of the register is known.
        MarkReference = "mark_reference",
        /// Why nothing was recorded, and what to do.
        NotRecorded = "not_recorded",
        /// From when a day is marked, Nairobi time.
        OpensAt = "opens_at",
        /// Numbers of a roster.
        Numbers = "numbers",
        /// What can't be read in a register by SMS.
        RegisterFault = "register_fault",
        /// Why a register can't be marked by SMS.
        DialWhy = "dial_why",
        /// Until when a day is marked, Nairobi time.
        ClosesAt = "closes_at",
        /// How many centres have not marked.
        MissingCount = "missing_count",
        /// Of how many.
        CentreCount = "centre_count",
        /// A sub-county.
        Place = "place",
        /// Which centres have not. Only in messages.
        UnmarkedCentres = "unmarked_centres",
        /// How many have not, by county. Only in messages.
        UnmarkedCounties = "unmarked_counties",
        /// How many people there are.
        PeopleCount = "people_count",
    }
}

/// What a variable's value looks like, which decides how long it can get on a screen.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// Text of at most so many septets; longer values are cut there, folded to GSM-7.
    Text(usize),
    /// One of a fixed set of words, each with a text in every language (`[word.<var>.<word>]`).
    Word(fn() -> Vec<&'static str>),
    /// Never shown.
    Hidden,
}

impl Var {
    /// Its shape.
    // A table, like those of actions.
    #[allow(clippy::too_many_lines)]
    pub fn shape(self) -> Shape {
        match self {
            Self::GivenNames | Self::Surname | Self::FullName => Shape::Text(18),
            Self::NationalId | Self::MaskedId => Shape::Text(9),
            Self::Username => Shape::Text(15),
            Self::OpenedOn | Self::NewNumber => Shape::Text(10),
            Self::TriesLeft | Self::PinDigits | Self::PostPinDigits | Self::WaitSeconds => Shape::Text(2),
            Self::WaitMinutes => Shape::Text(3),
            Self::HelpLine | Self::ServiceCode => Shape::Text(16),
            Self::MessageAt | Self::AgainAt => Shape::Text(11),
            Self::Reference => Shape::Text(6),
            Self::Code | Self::WebCode | Self::Centre => Shape::Text(8),
            Self::Portal => Shape::Text(36),
            Self::CodeReference | Self::Ticket => Shape::Text(4),
            Self::CodeUntil
            | Self::Day
            | Self::Today
            | Self::KeptDay
            | Self::DisputeDay
            | Self::RosterDay => Shape::Text(5),
            Self::Answer => Shape::Text(LONGEST_ANSWER),
            Self::MessagePurpose => Shape::Word(|| Purpose::ALL.iter().map(|p| p.name()).collect()),
            Self::MessageFate => {
                Shape::Word(|| FATES.iter().map(|f| fate_word(*f)).chain([CALL_TO_COME]).collect())
            }
            Self::MessageReason => Shape::Word(|| {
                REASONS.iter().map(|r| reason_word(Some(*r))).chain([reason_word(None)]).collect()
            }),
            Self::BlockAdvice => Shape::Word(|| NETWORKS.to_vec()),
            Self::HoldReason => Shape::Word(|| vec!["swap_unknown", "swap_recent", "moved"]),
            Self::MessageWay => Shape::Word(|| MEDIA.map(medium_word).to_vec()),
            Self::PostKind => Shape::Word(|| vec!["centre", "officer"]),
            Self::PostName => Shape::Text(18),
            Self::DocumentCode => Shape::Text(14),
            Self::DocumentDays | Self::DocumentPeople | Self::MissingDisputes => Shape::Text(3),
            Self::DocumentPresent | Self::DocumentAbsent => Shape::Text(5),
            Self::SignedAt | Self::CountersignedAt => Shape::Text(11),
            Self::MissingDays => Shape::Text(28),
            Self::MissingPeople => Shape::Text(20),
            Self::DocumentState => Shape::Word(|| vec!["signed", "countersigned"]),
            Self::ReopenReason => Shape::Word(|| REOPEN_REASONS.to_vec()),
            Self::Document | Self::Register => Shape::Hidden,
            Self::Line | Self::SeriesName => Shape::Text(12),
            Self::Number | Self::PeopleCount => Shape::Text(3),
            Self::Unknown => Shape::Text(20),
            Self::AbsentNumbers => Shape::Text(40),
            Self::AbsentNames => Shape::Text(MOST_NAMES),
            Self::Person | Self::NewPerson => Shape::Text(18),
            Self::DayStands => Shape::Word(|| DAY_STANDS.to_vec()),
            Self::DayShape => Shape::Word(|| DayShape::ALL.iter().map(|shape| shape.word()).collect()),
            Self::MarkWhyNot => Shape::Word(|| MARK_WHY_NOT.to_vec()),
            Self::MarkIs => Shape::Word(|| vec!["present", "absent"]),
            Self::Differs => Shape::Word(|| DIFFERS.to_vec()),
            Self::MarkReason => Shape::Word(|| REASONS_TO_MARK.to_vec()),
            Self::CentreName | Self::PlaceName => Shape::Text(18),
            Self::LookedAt | Self::Centres | Self::Unmarked | Self::LastMarked => Shape::Text(5),
            Self::Present | Self::Absent | Self::Added | Self::BlankCount | Self::RosterNumber => {
                Shape::Text(3)
            }
            Self::EntryReference => Shape::Text(6),
            Self::EntryAt | Self::DueSince => Shape::Text(11),
            Self::ManagerLine => Shape::Text(10),
            Self::Reason => Shape::Text(LONGEST_REASON),
            Self::DayMark => Shape::Word(|| vec!["blank", "marked", "half", "closed", "none"]),
            Self::PlaceState => Shape::Word(|| vec!["due", "all", "no_day", "no_series", "no_place"]),
            Self::EntryBy => Shape::Word(|| Channel::ALL.iter().map(|channel| channel.word()).collect()),
            Self::Role => Shape::Word(|| DeployedAs::ALL.iter().map(|role| role.word()).collect()),
            Self::OpenUntil => Shape::Word(|| vec!["today", "tomorrow"]),
            Self::PinState => Shape::Word(|| vec!["none", "first", "chosen"]),
            Self::WhyNot => Shape::Word(|| WHY_NOT.to_vec()),
            Self::PostState => Shape::Word(|| POST_STATES.to_vec()),
            Self::NewPin
            | Self::Language
            | Self::Message
            | Self::Post
            | Self::DeputyDay
            | Self::Series
            | Self::OnDay
            | Self::Marks
            | Self::RoleChosen
            | Self::County
            | Self::SubCounty
            | Self::Deployment => Shape::Hidden,
            Self::Mark | Self::TodayMark => {
                Shape::Word(|| DayMark::ALL.iter().map(|mark| mark.word()).collect())
            }
            Self::ChangedTo => Shape::Word(|| vec!["present", "absent"]),
            Self::MarkedBy | Self::ChangedBy => {
                Shape::Word(|| MarkedBy::ALL.iter().map(|by| by.word()).collect())
            }
            Self::DisputeState => Shape::Word(|| DISPUTE_STATES.to_vec()),
            Self::DisputeMark => Shape::Word(|| vec!["present", "absent", "unmarked"]),
            Self::SaidBy => Shape::Word(|| Party::ALL.iter().map(|party| party.word()).collect()),
            Self::Said => Shape::Word(|| {
                let steps = Step::ALL.iter().map(|step| step.word());
                steps.chain(RefusedFor::ALL.iter().map(|why| why.word())).collect()
            }),
            Self::ClaimState => Shape::Word(|| {
                let blocked = |state: &&ClaimState| **state != ClaimState::Blocked;
                ClaimState::ALL.iter().filter(blocked).map(|state| state.word()).collect()
            }),
            Self::ClaimBlock => Shape::Word(|| Block::ALL.iter().map(|block| block.word()).collect()),
            Self::DaysCounted => Shape::Text(6),
            Self::DaysThere | Self::DaysInAll => Shape::Text(3),
            Self::MarkedAt | Self::ChangedAt | Self::DisputeAt | Self::SaidAt => Shape::Text(11),
            Self::PersonName => Shape::Text(18),
            Self::Ksh => Shape::Text(10),
            Self::MyDay | Self::MyCentre | Self::Step | Self::Dispute | Self::DisputeReason => Shape::Hidden,
            Self::DayCode => Shape::Text(4),
            Self::Part | Self::OpensAt | Self::ClosesAt | Self::MissingCount | Self::CentreCount => {
                Shape::Text(5)
            }
            Self::PresentCount | Self::AbsentCount => Shape::Text(3),
            Self::MarkReference => Shape::Text(6),
            Self::Place => Shape::Text(18),
            Self::Numbers => Shape::Text(NUMBERS),
            Self::People => Shape::Text(FIRST_PEOPLE),
            Self::MorePeople => Shape::Text(MORE_PEOPLE),
            Self::Absentees => Shape::Text(ABSENTEES),
            Self::UnmarkedCentres => Shape::Text(UNMARKED_CENTRES),
            Self::UnmarkedCounties => Shape::Text(UNMARKED_COUNTIES),
            Self::RegisterKind => Shape::Word(|| vec!["real", "practice"]),
            Self::RegisterSaid => Shape::Word(|| REGISTER_SAID.to_vec()),
            Self::RosterFor => Shape::Word(|| vec!["asked", "tomorrow", "wrong_code", "no_code"]),
            Self::NotRecorded => Shape::Word(|| NOT_RECORDED.to_vec()),
            Self::RegisterFault => Shape::Word(|| REGISTER_FAULTS.to_vec()),
            Self::DialWhy => Shape::Word(|| vec!["wrong_codes", "same_code"]),
        }
    }

    /// Whether a screen can show it.
    pub fn can_be_shown(self) -> bool {
        !matches!(self.shape(), Shape::Hidden)
    }

    /// Whether every text may show it at any time: it comes from the configuration or the call itself.
    pub fn is_constant(self) -> bool {
        matches!(
            self,
            Self::Username
                | Self::HelpLine
                | Self::ServiceCode
                | Self::PinDigits
                | Self::PostPinDigits
                | Self::Reference
                | Self::Portal
                | Self::BlockAdvice
        )
    }

    /// The flags with which a dial knows it from the beginning.
    pub fn known_with(self) -> &'static [Flag] {
        match self {
            Self::CodeReference | Self::CodeUntil => &[Flag::CodeDue],
            Self::Post | Self::PostKind | Self::PostName | Self::PostState => &[Flag::PostLine],
            Self::Message | Self::MessageAt | Self::MessageReason => {
                &[Flag::FateDue, Flag::CodeMissing, Flag::CodeStuck]
            }
            _ => &[],
        }
    }

    /// The values it can have when a choice sets it.
    pub fn settable(self) -> &'static [&'static str] {
        match self {
            Self::Language => &["en", "sw"],
            Self::DisputeReason => &["not_there", "not_all_day", "replaced", "not_ours"],
            Self::ReopenReason => &REOPEN_REASONS,
            Self::DeputyDay | Self::OpenUntil => &["today", "tomorrow"],
            Self::DayShape => &["full", "half", "closed"],
            Self::MarkReason => &REASONS_TO_MARK,
            Self::Role => &ROLES,
            _ => &[],
        }
    }
}

/// How many septets the names of the absent may have on one screen; more are named line by line.
pub const MOST_NAMES: usize = 72;

/// How the day can stand that a centre marks.
const DAY_STANDS: [&str; 11] = [
    "due",
    "marked",
    "marked_added",
    "marked_blank",
    "marked_added_blank",
    "closed",
    "early",
    "over",
    "no_day",
    "nobody",
    "signed",
];

/// What somebody can be deployed as.
const ROLES: [&str; 6] = ["centre_manager", "supervisor", "invigilator", "security", "driver", "examiner"];

/// Why a day can't be marked.
const MARK_WHY_NOT: [&str; 5] = ["early", "over", "signed", "nobody", "no_day"];

/// How what stands can be another than what was to be recorded.
const DIFFERS: [&str; 4] = ["stands_present", "stands_absent", "joined", "left"];

/// The reasons that are offered for a correction, or for a day that is marked late.
const REASONS_TO_MARK: [&str; 7] =
    ["came_late", "left_early", "mistake", "no_network", "no_power", "forgot", "away"];

/// Whether it is one of the reasons that are offered, and not one in somebody's own words.
pub fn is_reason_to_mark(reason: &str) -> bool {
    REASONS_TO_MARK.contains(&reason)
}
/// How far a dispute has come, and while it is open, whose turn it is.
const DISPUTE_STATES: [&str; 5] = ["with_centre", "with_director", "granted", "refused", "withdrawn"];
/// How many septets the people of a roster's first part may take; the rest of it says what to do with them.
pub const FIRST_PEOPLE: usize = 30;
/// The same of its other parts.
pub const MORE_PEOPLE: usize = 138;
/// How many septets numbers that are on no roster may take.
pub const NUMBERS: usize = 18;
/// How many septets the names of the absent may take in a receipt.
pub const ABSENTEES: usize = 120;
/// How many septets a director's list of centres may take.
pub const UNMARKED_CENTRES: usize = 220;
/// How many septets headquarters' list of counties may take.
pub const UNMARKED_COUNTIES: usize = 540;

/// What can have been recorded of a day.
const REGISTER_SAID: [&str; 6] =
    ["recorded", "recorded_half", "recorded_closed", "already", "already_half", "already_closed"];

/// Why nothing is recorded of a day.
const NOT_RECORDED: [&str; 9] =
    ["no_day", "too_early", "too_late", "missed", "signed", "nobody", "marked", "moved", "no_pin"];

/// What can't be read in a register by SMS.
const REGISTER_FAULTS: [&str; 6] =
    ["no_marks", "no_numbers", "out_of_range", "backwards", "both", "unreadable"];

/// Why a signed register can be opened again.
const REOPEN_REASONS: [&str; 4] = ["wrong_mark", "person_missing", "not_there", "other"];
/// How many septets of a reason are kept and shown.
pub const LONGEST_REASON: usize = 40;

/// Why an officer's wish can't be done.
const WHY_NOT: [&str; 14] = [
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
    "own_line",
];

/// How the day of a post can stand: what a dial says of it.
const POST_STATES: [&str; 5] = ["due", "marked", "no_day", "first_pin", "office"];

/// The networks that advice is written for: labels of `model::Network`, and every other.
const NETWORKS: [&str; 5] = ["safaricom", "airtel", "telkom", "equitel", "other"];

/// The word of a network in `[word.block_advice]`.
pub fn network_word(network: Option<&Network>) -> &'static str {
    let label = network.map_or("other", Network::label);
    NETWORKS.into_iter().find(|word| *word == label).unwrap_or("other")
}

const FATES: [Fate; 5] = [Fate::Queued, Fate::Sent, Fate::Delivered, Fate::Refused, Fate::Expired];
const REASONS: [RefusalReason; 9] = [
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
const CALL_TO_COME: &str = "call_to_come";

/// The word in the menu files for the fate of a message that goes this way.
pub fn told_fate_word(fate: Fate, medium: Medium) -> &'static str {
    match (fate, medium) {
        (Fate::Queued, Medium::Call) => CALL_TO_COME,
        (fate, _) => fate_word(fate),
    }
}

const MEDIA: [Medium; 2] = [Medium::Sms, Medium::Call];

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

/// The variables that the message of a purpose can show, beside those that every text can.
pub fn shown_in_sms(purpose: Purpose) -> &'static [Var] {
    match purpose {
        code if code.is_code() => &[Var::Code, Var::CodeReference],
        Purpose::StatusReply => &[Var::MessageAt, Var::MessagePurpose, Var::MessageFate, Var::MessageReason],
        Purpose::NotUnderstood => &[Var::Ticket],
        Purpose::TryLater => &[Var::AgainAt],
        Purpose::FirstPin => &[Var::Code, Var::CodeReference],
        Purpose::PostBound => &[Var::PostName, Var::Line],
        Purpose::PostPinChanged => &[Var::PostName],
        Purpose::CentreReminded | Purpose::DayClosed => &[Var::Centre, Var::Day],
        Purpose::DayOpened => &[Var::Centre, Var::Day, Var::AgainAt],
        Purpose::SupportAnswer => &[Var::Answer, Var::Ticket],
        Purpose::MarkedAbsent
        | Purpose::MarkedPresent
        | Purpose::DisputeGranted
        | Purpose::DisputeRefused
        | Purpose::DisputeRefusedByCentre
        | Purpose::DisputePassedOn => &[Var::Day, Var::Centre],
        Purpose::DisputeOpened => &[Var::Day, Var::Centre, Var::RosterNumber],
        Purpose::StatusMarks => {
            &[Var::Day, Var::Mark, Var::DaysCounted, Var::MessagePurpose, Var::MessageFate]
        }
        Purpose::StatusMarksOnly => &[Var::Day, Var::Mark, Var::DaysCounted],
        Purpose::RegisterSigned | Purpose::RegisterCountersigned => &[Var::Centre, Var::DocumentCode],
        Purpose::CountersignDue => &[Var::Centre, Var::SeriesName],
        Purpose::RegisterReopened => &[Var::Centre, Var::DocumentCode, Var::ReopenReason],
        Purpose::CheckSigned | Purpose::CheckReplaced => CHECKED,
        Purpose::CheckCountersigned => COUNTERSIGNED,
        Purpose::Receipt | Purpose::ReceiptAll | Purpose::ReceiptClosed => &[
            Var::RegisterSaid,
            Var::RegisterKind,
            Var::Centre,
            Var::Day,
            Var::PresentCount,
            Var::AbsentCount,
            Var::Absentees,
            Var::MarkReference,
        ],
        Purpose::NotRecorded => &[Var::RegisterKind, Var::Centre, Var::Day, Var::NotRecorded, Var::OpensAt],
        Purpose::NoSuchNumbers => &[Var::RegisterKind, Var::Centre, Var::Day, Var::Numbers],
        Purpose::RegisterUnread => &[Var::RegisterFault],
        Purpose::MarkByDialling => &[Var::DialWhy],
        Purpose::Roster | Purpose::RosterAhead => {
            &[Var::DayCode, Var::Part, Var::RosterFor, Var::RegisterKind, Var::Centre, Var::Day, Var::People]
        }
        Purpose::RosterMore | Purpose::RosterAheadMore => {
            &[Var::Part, Var::Centre, Var::Day, Var::MorePeople]
        }
        Purpose::Reminder => &[Var::Centre, Var::Day, Var::ClosesAt],
        Purpose::UnmarkedList => {
            &[Var::MissingCount, Var::CentreCount, Var::Place, Var::Day, Var::UnmarkedCentres]
        }
        Purpose::UnmarkedTotal => {
            &[Var::MissingCount, Var::CentreCount, Var::SeriesName, Var::Day, Var::UnmarkedCounties]
        }
        _ => &[],
    }
}

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
        /// The centre is in a series for training.
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

named! {
    /// Sentences the program says by itself, on any screen.
    pub enum Say {
        /// Footer: one screen back.
        Back = "back",
        /// Footer: to the main menu.
        Main = "main",
        /// Footer: the next page.
        More = "more",
        /// The input is none of the choices.
        NotAChoice = "not_a_choice",
        /// The input is too long or has characters that can't be read.
        Unreadable = "unreadable",
        /// A list may have changed since it was shown, so the choice is asked again.
        ListChanged = "list_changed",
        /// Something behind is broken.
        TryAgain = "try_again",
        /// The session is over (too long, too many hops).
        SessionOver = "session_over",
        /// Too many hops or sessions in a short time.
        TooMany = "too_many",
        /// The session can't be taken up; dial again.
        DialAgain = "dial_again",
        /// Above every screen of a series for training.
        Practice = "practice",
    }
}

impl Say {
    /// Whether it stands alone on the last screen of a session (else it is part of a screen).
    pub fn ends(self) -> bool {
        matches!(self, Self::TryAgain | Self::SessionOver | Self::TooMany | Self::DialAgain)
    }
}
