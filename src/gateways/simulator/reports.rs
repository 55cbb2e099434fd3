//! How the simulated route reports on messages: at once, late, twice, or with the final word before an interim one.

use chrono::{DateTime, TimeDelta, Utc};

use super::DeliveryReport;
use crate::model::{
    Msisdn,
    message::{Fate, RefusalReason},
};

/// How the reports of messages to one number come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reports {
    /// At once, each once.
    #[default]
    OnTime,
    /// So much later.
    Late(TimeDelta),
    /// The same report two times.
    Twice,
    /// The final word first, then an interim one.
    OutOfOrder,
}

/// A report and when it is to be had.
pub(super) struct Due {
    pub at: DateTime<Utc>,
    pub report: DeliveryReport,
}

impl Reports {
    /// What comes of one final report, in the order in which it comes.
    pub(super) fn of(self, report: DeliveryReport, now: DateTime<Utc>) -> Vec<Due> {
        let due = |report| Due { at: now, report };
        match self {
            Self::OnTime => vec![due(report)],
            Self::Late(by) => vec![Due { at: now + by, report }],
            Self::Twice => vec![due(report.clone()), due(report)],
            Self::OutOfOrder => {
                let interim = DeliveryReport {
                    status: "Submitted".to_owned(),
                    news: Some(Fate::Sent),
                    reason: None,
                    detail: None,
                    ..report.clone()
                };
                vec![due(report), due(interim)]
            }
        }
    }
}

/// The phone has it.
pub(super) fn delivered(id: &str, to: &Msisdn) -> DeliveryReport {
    DeliveryReport {
        provider_id: id.to_owned(),
        msisdn: Some(to.clone()),
        status: "Success".to_owned(),
        news: Some(Fate::Delivered),
        reason: None,
        detail: None,
        network: None,
    }
}

/// The phone was off or out of reach until the network gave up.
pub(super) fn absent(id: &str, to: &Msisdn) -> DeliveryReport {
    DeliveryReport {
        status: "AbsentSubscriber".to_owned(),
        news: Some(Fate::Refused),
        reason: Some(RefusalReason::PhoneAway),
        ..delivered(id, to)
    }
}
