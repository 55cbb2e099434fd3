//! What a menu can have done: the actions, and what each of them is to the engine and to the hop.

use serde::{Deserialize, Serialize};

use super::{Flag, Outcome};

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
        /// Keep the name of somebody who is to be added.
        KeepNewName = "keep_new_name",
        /// Keep their name and their role.
        KeepNewRole = "keep_new_role",
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
                ..plain(&[
                    Done,
                    HasAbsent,
                    HeldNothing,
                    Outcome::SaidNothing,
                    Listed,
                    Outcome::ByRole,
                    Outcome::HasName,
                    Outcome::HasRole,
                    Moved,
                    NotNow,
                    Nothing,
                ])
            },
            Self::DropMarks | Self::KeepNewName | Self::KeepNewRole => {
                ActionRules { needs: Needs::Centre, ..plain(&[Done]) }
            }
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
}
