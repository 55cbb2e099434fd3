//! Where a signed-in centre begins: the day that it marks and how it stands, and the offer to go on with what an earlier
//! call kept.

use chrono::NaiveDate;

use super::{day_name, kept, on_day};
use crate::{
    menu::{Flag, Reply, Value, Var},
    model::{
        CentreCode,
        season::{DayShape, DayState, RegisterState},
    },
    services::{
        Deps,
        actions::Who,
        posts::AtCentre,
        recovery::from_when,
        register::{self, DayOf, DaySummary, DayView, NotNow},
        season::calendar::day_of,
    },
    storage::{StoreError, Tx},
};

/// How a day stands, for whoever shows it.
pub(super) struct Stands {
    pub(super) on: NaiveDate,
    pub(super) word: &'static str,
    pub(super) present: usize,
    pub(super) absent: usize,
    pub(super) added: usize,
    pub(super) blank: usize,
    pub(super) reference: String,
    pub(super) from: String,
}

impl Stands {
    pub(super) fn of(day: &DayView) -> Self {
        let from = match &day.may {
            Err(NotNow::TooEarly { opens }) => from_when(*opens),
            _ => String::new(),
        };
        Self {
            on: day.on,
            word: word(day),
            present: day.summary.present,
            absent: day.summary.absent,
            added: day.summary.added,
            blank: day.summary.blank,
            reference: day.reference.clone().unwrap_or_default(),
            from,
        }
    }

    pub(super) fn values(&self) -> Vec<(Var, Value)> {
        vec![
            (Var::Day, day_name(self.on).into()),
            (Var::DayStands, self.word.into()),
            (Var::Present, self.present.to_string().into()),
            (Var::Absent, self.absent.to_string().into()),
            (Var::Added, self.added.to_string().into()),
            (Var::BlankCount, self.blank.to_string().into()),
            (Var::MarkReference, self.reference.as_str().into()),
            (Var::AgainAt, self.from.as_str().into()),
        ]
    }

    /// A reply after which the session is at this day.
    pub(super) fn put(&self, mut reply: Reply) -> Reply {
        reply.sets.extend(self.values());
        reply.set(Var::OnDay, self.on.to_string()).set(Var::Marks, "").set(Var::MarkReason, "")
    }
}

fn word(day: &DayView) -> &'static str {
    let marked = marked(&day.summary);
    match (&day.may, day.state) {
        _ if day.register != RegisterState::Open => "signed",
        (_, DayState::Submitted) => marked,
        (Ok(_), DayState::Open) => "due",
        (Err(NotNow::TooEarly { .. }), _) => "early",
        (Err(NotNow::NobodyDeployed), _) => "nobody",
        (Err(NotNow::NotASeriesDay), _) => "no_day",
        (Err(_), _) => "over",
    }
}

/// How a marked day stands. Who came onto its roster after it was marked has no mark.
pub(super) fn marked(day: &DaySummary) -> &'static str {
    match (day.shape, day.added > 0, day.blank > 0) {
        (DayShape::Closed, ..) => "closed",
        (DayShape::Full, false, false) => "marked",
        (DayShape::Full, true, false) => "marked_added",
        (DayShape::Full, false, true) => "marked_blank",
        (DayShape::Full, true, true) => "marked_added_blank",
        (DayShape::Half, false, false) => "half",
        (DayShape::Half, true, false) => "half_added",
        (DayShape::Half, false, true) => "half_blank",
        (DayShape::Half, true, true) => "half_added_blank",
    }
}

/// Put a centre that has just signed in, or gone over to another series, at today; and say whether an earlier call kept
/// marks that can still be recorded, or somebody who was to be added. Five statements, and three for each other day of which
/// something was kept, until one is worth asking about.
pub async fn arrive(
    tx: &mut Tx,
    deps: &Deps,
    who: &Who<'_>,
    (series, centre): (&str, &CentreCode),
    reply: Reply,
) -> Result<Reply, StoreError> {
    let of = DayOf { series, centre, on: day_of(who.now) };
    let Some(day) = register::day(tx, deps, of, who.now).await? else {
        return Err(StoreError::Unreadable("the series of a centre"));
    };
    let kept = kept::to_ask(tx, deps, who, (series, centre), &day).await?;
    let reply = Stands::of(&day)
        .put(reply)
        .set(Var::Centre, centre.as_str())
        .set(Var::SeriesName, series)
        .set(Var::KeptDay, kept.map(day_name).unwrap_or_default());
    Ok(reply.flag(Flag::MarksKept, kept.is_some()))
}

/// What the home shows of its day, after something else than marking has changed a mark of it.
pub async fn again(
    tx: &mut Tx,
    deps: &Deps,
    who: &Who<'_>,
    at: &AtCentre,
) -> Result<Vec<(Var, Value)>, StoreError> {
    let Some(on) = on_day(who) else { return Ok(vec![]) };
    let of = DayOf { series: &at.series, centre: &at.centre, on };
    let day = register::day(tx, deps, of, who.now).await?;
    let mut values = day.map(|day| Stands::of(&day).values()).unwrap_or_default();
    values.retain(|(var, _)| *var != Var::MarkReference);
    Ok(values)
}
