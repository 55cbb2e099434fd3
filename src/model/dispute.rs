//! A dispute: somebody says "I was there" of a day on which the register says otherwise. The centre answers first; what
//! it leaves or refuses, the director decides.

words! {
    /// How far a dispute has come.
    pub enum DisputeState {
        /// Somebody has to answer.
        Open = "open",
        /// The register was put right.
        Granted = "granted",
        /// The director has refused it.
        Refused = "refused",
        /// The person has taken it back.
        Withdrawn = "withdrawn",
    }
}

words! {
    /// Who has to answer an open dispute.
    pub enum StandsWith {
        /// The centre.
        Centre = "centre",
        /// The director of the sub-county.
        Director = "director",
    }
}

words! {
    /// Whose word it was.
    pub enum Party {
        /// The person's.
        Person = "person",
        /// The centre's.
        Centre = "centre",
        /// The director's.
        Director = "director",
    }
}

words! {
    /// What was said in a dispute.
    pub enum Step {
        /// The person says: I was there.
        Opened = "opened",
        /// The person takes it back.
        Withdrew = "withdrew",
        /// The register was put right.
        Granted = "granted",
        /// It stays as it is.
        Refused = "refused",
        /// The person is right, and the centre can't change the day any more.
        PassedOn = "passed_on",
    }
}

words! {
    /// Why it stays as it is: a choice, so that it can be said in the person's language.
    pub enum RefusedFor {
        /// Not there that day.
        NotThere = "not_there",
        /// Came late or left early.
        NotAllDay = "not_all_day",
        /// Somebody else did the work.
        Replaced = "replaced",
        /// Not on the centre's roster that day.
        NotOurs = "not_ours",
    }
}
