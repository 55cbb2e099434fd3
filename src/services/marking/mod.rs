//! How a centre marks its register by dialling: what it has said so far goes with the session and is kept as a draft, and
//! becomes an act of the ledger when it is confirmed. Here is what the parts share.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{
    actions::Who,
    posts::AtCentre,
    register::{DayOf, DayView, NotNow, OnRoster, RegisterDraft, View, Wish},
};
use crate::{
    menu::{Outcome, Reply, Session, Var},
    model::{
        CentreCode, DeploymentId,
        season::{DayShape, DayState},
    },
    storage::{StoreError, Tx},
};

pub mod begin;
pub mod change;
pub mod days;
pub mod home;
mod kept;
pub mod newcomer;
pub mod people;
pub mod record;
mod rows;

/// What somebody has said of a day so far. It goes with the session; names are never in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Marks {
    on: NaiveDate,
    shape: DayShape,
    /// Who is absent, by number.
    absent: BTreeMap<i64, DeploymentId>,
    /// The length of the chain that it began from.
    seq: i64,
    /// The numbers of the roster that it began from.
    roster: BTreeSet<i64>,
    /// Whether the day was recorded by then.
    recorded: bool,
    view: View,
}

impl Marks {
    /// What a session has said so far.
    fn of(session: &Session) -> Option<Self> {
        serde_json::from_str(session.text(Var::Marks)?).ok()
    }

    /// What stands, to be changed. A day that was closed is marked as a whole one, unless somebody says otherwise.
    fn standing(day: &DayView) -> Self {
        let absent = day.roster.iter().filter(|one| one.mark == Some(false));
        Self {
            on: day.on,
            shape: if day.shape == DayShape::Closed { DayShape::Full } else { day.shape },
            absent: absent.map(|one| (one.number, one.deployment)).collect(),
            seq: day.seq,
            roster: numbers(&day.roster),
            recorded: day.state == DayState::Submitted,
            view: View::Numbers,
        }
    }

    /// What an earlier call kept. Who is no longer on the roster is not absent from it.
    fn kept(draft: &RegisterDraft, day: &DayView) -> Self {
        let absent = day.roster.iter().filter(|one| draft.absent.contains(&one.deployment));
        Self {
            shape: draft.shape,
            absent: absent.map(|one| (one.number, one.deployment)).collect(),
            seq: draft.base_seq,
            roster: draft.base_roster.clone().unwrap_or_else(|| numbers(&day.roster)),
            view: draft.view,
            ..Self::standing(day)
        }
    }

    fn day<'a>(&self, at: &'a AtCentre) -> DayOf<'a> {
        DayOf { series: &at.series, centre: &at.centre, on: self.on }
    }

    /// What is to be recorded.
    fn wish(&self, series: &str, centre: &CentreCode, reason: Option<String>) -> Wish {
        Wish {
            series: series.to_owned(),
            centre: centre.clone(),
            on: self.on,
            shape: self.shape,
            absent: self.absent.values().copied().collect(),
            reason,
            base_seq: Some(self.seq),
            base_roster: Some(self.roster.clone()),
        }
    }

    /// How many are present and absent.
    fn counts(&self) -> (usize, usize) {
        match self.shape {
            DayShape::Closed => (0, 0),
            DayShape::Full | DayShape::Half => {
                (self.roster.len().saturating_sub(self.absent.len()), self.absent.len())
            }
        }
    }

    /// A reply with all of it.
    fn reply(&self, outcome: Outcome) -> Result<Reply, StoreError> {
        let text =
            serde_json::to_string(self).map_err(|_| StoreError::Unreadable("what is marked so far"))?;
        let (present, absent) = self.counts();
        Ok(Reply::of(outcome)
            .set(Var::Marks, text)
            .set(Var::Day, day_name(self.on))
            .set(Var::DayShape, self.shape.word())
            .set(Var::PresentCount, present.to_string())
            .set(Var::AbsentCount, absent.to_string()))
    }

    /// Whether it is just what stands of a recorded day.
    fn stands(&self, day: &DayView) -> bool {
        let stands = Self::standing(day);
        stands.recorded && (self.shape, &self.absent) == (day.shape, &stands.absent)
    }

    /// Keep it for the next dial, unless it just stands: whoever only looks at a recorded day says nothing.
    async fn keep_if_new(
        &self,
        tx: &mut Tx,
        at: &AtCentre,
        day: &DayView,
        now: DateTime<Utc>,
    ) -> Result<(), StoreError> {
        match (self.stands(day), day.has_draft) {
            (false, _) => self.keep(tx, at, now).await,
            (true, true) => super::register::drop_draft(tx, self.day(at)).await,
            (true, false) => Ok(()),
        }
    }

    /// Keep it for the next dial.
    async fn keep(&self, tx: &mut Tx, at: &AtCentre, now: DateTime<Utc>) -> Result<(), StoreError> {
        let draft = RegisterDraft::of(&self.wish(&at.series, &at.centre, None), self.view, now);
        super::register::keep_draft(tx, self.day(at), &draft).await
    }
}

fn numbers(roster: &[OnRoster]) -> BTreeSet<i64> {
    roster.iter().map(|one| one.number).collect()
}

/// A day as screens name it: `24/11`.
fn day_name(on: NaiveDate) -> String {
    on.format("%d/%m").to_string()
}

/// The day that the session is at.
fn on_day(who: &Who<'_>) -> Option<NaiveDate> {
    who.session.text(Var::OnDay)?.parse().ok()
}

/// The reply to whoever can't mark a day now.
fn not_now(on: NaiveDate, why: &NotNow) -> Reply {
    let (word, from) = match why {
        NotNow::TooEarly { opens } => ("early", super::recovery::from_when(*opens)),
        NotNow::Signed => ("signed", String::new()),
        NotNow::NobodyDeployed => ("nobody", String::new()),
        NotNow::NotASeriesDay => ("no_day", String::new()),
        NotNow::TooLate | NotNow::NeedsReason | NotNow::Moved(_) => ("over", String::new()),
    };
    Reply::of(Outcome::NotNow).set(Var::Day, day_name(on)).set(Var::MarkWhyNot, word).set(Var::AgainAt, from)
}
