//! How actions come out.

use serde::{Deserialize, Serialize};

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
        /// They are marked role by role.
        ByRole = "by_role",
        /// The day was begun, and nothing said of it yet.
        SaidNothing = "said_nothing",
        /// Somebody was to be added, and has a name so far.
        HasName = "has_name",
        /// The same with a role.
        HasRole = "has_role",
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
