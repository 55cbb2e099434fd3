//! What can be typed: how it is looked at, and why it can be refused.

use serde::{Deserialize, Serialize};

use super::Var;
use crate::model::{
    document_code::CodeTypo, msisdn::MsisdnRefusal, name::NameRefusal, national_id::NationalIdRefusal,
    pin::PinRefusal, roster::NumbersRefusal,
};

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
