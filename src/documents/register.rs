//! A centre's register as a document: everybody, every day, who marked them and who signed. A plain value.

use chrono::{DateTime, FixedOffset, NaiveDate};

use crate::model::{
    CentreCode, DocumentCode,
    season::{Channel, DayKind, DayShape, DeployedAs},
};

/// A register of attendance. Its instants are Nairobi's.
#[derive(Clone, PartialEq, Eq)]
pub struct RegisterDocument {
    /// The code of the series.
    pub series: String,
    /// The examination.
    pub exam: String,
    /// Its year.
    pub year: i64,
    /// Whether the series is for training, so that nothing of it counts.
    pub practice: bool,
    /// The centre.
    pub centre: CentreCode,
    /// Its name.
    pub centre_name: String,
    /// Its county.
    pub county: String,
    /// Its sub-county.
    pub sub_county: String,
    /// Every day of the series, in order.
    pub days: Vec<RegisterDay>,
    /// Everybody on the register, in the order of their numbers.
    pub people: Vec<RegisterPerson>,
    /// The length of the ledger that it was made from.
    pub seq: i64,
    /// The hash at the ledger's end, in hexadecimal.
    pub head: String,
    /// The digest of what it says, in hexadecimal.
    pub digest: String,
    /// How far it has come.
    pub standing: Standing,
    /// When it was made.
    pub made_at: DateTime<FixedOffset>,
    /// What to dial to check it.
    pub service_code: String,
}

/// A day of a register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterDay {
    /// Which day.
    pub on: NaiveDate,
    /// What it is.
    pub kind: DayKind,
    /// What was said of it; `None` while it is not marked.
    pub marked: Option<Marked>,
}

/// Who marked a day, and when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    /// How much of it was held.
    pub shape: DayShape,
    /// When it was marked last.
    pub at: DateTime<FixedOffset>,
    /// By which way.
    pub channel: Channel,
    /// The last digits of the line; `None` once it is erased.
    pub line_end: Option<String>,
    /// The reference that the phone was told.
    pub reference: String,
    /// How often it was corrected.
    pub corrections: usize,
}

/// Somebody on a register.
#[derive(Clone, PartialEq, Eq)]
pub struct RegisterPerson {
    /// The number on the roster.
    pub number: i64,
    /// The whole name.
    pub full_name: String,
    /// As what.
    pub role: DeployedAs,
    /// Whether the director has still to say that they belong there: counted apart.
    pub waits: bool,
    /// Whether they were there, for each day of the document; `None` where nobody marked them.
    pub marks: Vec<Option<bool>>,
}

/// How far a register has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// Nobody has signed it.
    Draft,
    /// The centre has signed it.
    Signed {
        /// By which anybody can check it.
        code: DocumentCode,
        /// The centre's signature.
        centre: Signature,
        /// The director's.
        director: Option<Signature>,
    },
}

/// A signature given on a phone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// When.
    pub at: DateTime<FixedOffset>,
    /// By whom: a name, or a post where no name is known.
    pub by: String,
    /// The last digits of the line; `None` once it is erased.
    pub line_end: Option<String>,
    /// The act's reference.
    pub reference: String,
}

/// How many were there, and how many not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// There.
    pub present: usize,
    /// Not there.
    pub absent: usize,
}

impl RegisterDocument {
    /// Its code, once it is signed.
    pub fn code(&self) -> Option<&DocumentCode> {
        match &self.standing {
            Standing::Draft => None,
            Standing::Signed { code, .. } => Some(code),
        }
    }

    /// A person's mark of a day as it counts: on a closed day nobody has one.
    pub fn mark(&self, person: &RegisterPerson, day: usize) -> Option<bool> {
        let held = |day: &RegisterDay| day.marked.as_ref().is_none_or(|said| said.shape != DayShape::Closed);
        self.days.get(day).filter(|day| held(day))?;
        person.marks.get(day).copied().flatten()
    }

    /// A day's totals. Who waits for the director's word counts only when absent, as in the ledger.
    pub fn of_day(&self, day: usize) -> Totals {
        self.people.iter().fold(Totals::default(), |sum, person| sum.and(person, self.mark(person, day)))
    }

    /// A person's totals.
    pub fn of_person(&self, person: &RegisterPerson) -> Totals {
        (0..self.days.len()).fold(Totals::default(), |sum, day| sum.and(person, self.mark(person, day)))
    }

    /// The totals of everybody.
    pub fn totals(&self) -> Totals {
        let days = (0..self.days.len()).map(|day| self.of_day(day));
        days.fold(Totals::default(), |sum, day| Totals {
            present: sum.present + day.present,
            absent: sum.absent + day.absent,
        })
    }

    /// How many days are marked.
    pub fn days_marked(&self) -> usize {
        self.days.iter().filter(|day| day.marked.is_some()).count()
    }

    /// Whether somebody waits for the director's word.
    pub fn somebody_waits(&self) -> bool {
        self.people.iter().any(|person| person.waits)
    }
}

impl Totals {
    fn and(self, person: &RegisterPerson, mark: Option<bool>) -> Self {
        let Self { present, absent } = self;
        match mark {
            Some(true) if !person.waits => Self { present: present + 1, absent },
            Some(false) => Self { present, absent: absent + 1 },
            _ => self,
        }
    }
}

/// A mark as registers write it.
pub fn mark_word(mark: Option<bool>) -> &'static str {
    match mark {
        Some(true) => "P",
        Some(false) => "Ab",
        None => "",
    }
}

/// The state as files write it: that of the register's table.
pub fn state_word(standing: &Standing) -> &'static str {
    match standing {
        Standing::Draft => "open",
        Standing::Signed { director: None, .. } => "signed",
        Standing::Signed { director: Some(_), .. } => "countersigned",
    }
}
