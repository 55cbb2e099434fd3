//! What a day is to the person whom it is about, and who made it so.

words! {
    /// A day of a person at a centre, in the one word that stands on their phone.
    pub enum DayMark {
        /// Present on a day that counts.
        Present = "present",
        /// Present on a day of which the centre held a part.
        Half = "half",
        /// Present on a day that no pay is for: papers are only tried.
        Rehearsal = "rehearsal",
        /// Present, but added at the centre: the director has not answered.
        Waiting = "waiting",
        /// Absent.
        Absent = "absent",
        /// The centre held nothing that day.
        Closed = "closed",
        /// The centre has not marked the day, or has not marked this person.
        Unmarked = "unmarked",
        /// The same of today: it can still be marked.
        Open = "open",
        /// Not a day of the series.
        NoDay = "no_day",
        /// A day of the series, and the person is deployed nowhere.
        NotDeployed = "not_deployed",
    }
}

impl DayMark {
    /// Whether the person can say that it is wrong: "I was there".
    pub fn can_be_disputed(self) -> bool {
        matches!(self, Self::Absent | Self::Unmarked)
    }
}

words! {
    /// Who has marked somebody, and by which way.
    pub enum MarkedBy {
        /// The centre, by a dial.
        CentrePhone = "centre_phone",
        /// The centre, by SMS.
        CentreSms = "centre_sms",
        /// The director of the sub-county or headquarters.
        Director = "director",
        /// Somebody else in office, at a desk.
        Desk = "desk",
    }
}
