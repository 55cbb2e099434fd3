//! What an officer does by phone: who has not marked, a centre's day, opening a day, people who were added, PINs of
//! centres. Where and what an officer may is asked here, once for every act; whatever lies elsewhere answers like what
//! does not exist.

use chrono::NaiveDate;

use super::{
    Deps,
    actions::{Who, signed_out},
    posts::AtOffice,
    season::calendar::day_of,
};
use crate::{
    menu::{Outcome, Reply, Row, Source, Value, Var},
    model::{CentreCode, Msisdn, Post, message::Purpose, season::Channel},
    services::register::{By, DayOf, NotNow},
    storage::{
        StoreError, Tx, posts,
        scopes::{self, Territory},
        season::Centre,
    },
};

pub mod acts;
pub mod additions;
pub mod centre;
pub mod pins;
pub mod place;
pub mod rights;

use rights::{Right, may};

/// An officer who may do something, and where.
pub(super) struct Seat {
    at: AtOffice,
    territory: Territory,
}

/// An officer about to act on a centre of their own place.
struct Before {
    seat: Seat,
    centre: Centre,
    on: NaiveDate,
}

impl Seat {
    /// As the ledger names who acts.
    fn by<'a>(&'a self, line: &'a Msisdn) -> By<'a> {
        By { actor: Some(self.at.officer.id), line: Some(line), channel: Channel::Ussd }
    }

    /// As the audit does.
    fn actor(&self) -> String {
        format!("officer {}", self.at.officer.id)
    }
}

impl Before {
    fn of(&self) -> DayOf<'_> {
        DayOf { series: &self.seat.at.series, centre: &self.centre.code, on: self.on }
    }
}

/// The officer of the session, if they may do this somewhere; else the reply that says why not.
async fn seat(tx: &mut Tx, who: &Who<'_>, right: Right) -> Result<Result<Seat, Reply>, StoreError> {
    let Some(at) = who.officer(tx).await? else { return Ok(Err(signed_out())) };
    if !may(at.officer.role, right) {
        return Ok(Err(not_possible("not_yours")));
    }
    let territory = scopes::territory(tx, &at.officer).await?;
    Ok(territory.map(|territory| Seat { at, territory }).ok_or_else(|| not_possible("no_place")))
}

/// The same, before an act on the centre and day of the session. A foreign centre is none.
async fn before(tx: &mut Tx, who: &Who<'_>, right: Right) -> Result<Result<Before, Reply>, StoreError> {
    let seat = match seat(tx, who, right).await? {
        Ok(seat) => seat,
        Err(reply) => return Ok(Err(reply)),
    };
    let code = who.session.text(Var::Centre).and_then(CentreCode::parse);
    let centre = match code {
        Some(code) => scopes::centre(tx, &seat.territory, &code).await?,
        None => None,
    };
    let Some(centre) = centre else { return Ok(Err(Reply::of(Outcome::Nothing))) };
    Ok(Ok(Before { seat, centre, on: on_day(who) }))
}

/// The rows of an officer's list; `None` when the sign-in is over.
pub type Listed = Option<Vec<Row>>;

/// A list that is empty, or ended with the sign-in.
fn listed_not(reply: &Reply) -> Listed {
    (reply.outcome != Outcome::SignedOut).then(Vec::new)
}

/// Whether a list is an officer's, whose place is asked for with the sign-in.
pub fn lists(source: Source) -> bool {
    matches!(
        source,
        Source::UnmarkedCentres
            | Source::Counties
            | Source::SubCounties
            | Source::CentreDays
            | Source::Absentees
            | Source::Additions
    )
}

/// The rows of such a list.
pub async fn rows(tx: &mut Tx, who: &Who<'_>, source: Source) -> Result<Listed, StoreError> {
    match source {
        Source::UnmarkedCentres => place::unmarked(tx, who).await,
        Source::Counties => place::counties(tx, who).await,
        Source::SubCounties => place::sub_counties(tx, who).await,
        Source::CentreDays => centre::days(tx, who).await,
        Source::Absentees => centre::absentees(tx, who).await,
        Source::Additions => additions::rows(tx, who).await,
        _ => Ok(Some(vec![])),
    }
}

/// The day that was chosen; today until one is.
fn on_day(who: &Who<'_>) -> NaiveDate {
    who.session.text(Var::OnDay).and_then(|day| day.parse().ok()).unwrap_or_else(|| day_of(who.now))
}

fn not_possible(why: &'static str) -> Reply {
    Reply::of(Outcome::NotPossible).set(Var::WhyNot, why)
}

/// Why the ledger refused, as the screen says it.
fn refused(why: &NotNow) -> Reply {
    not_possible(match why {
        NotNow::NotASeriesDay => "no_day",
        NotNow::TooEarly { .. } => "too_early",
        NotNow::TooLate => "too_late",
        NotNow::Signed => "signed",
        NotNow::NobodyDeployed => "nobody",
        NotNow::NeedsReason => "no_reason",
        NotNow::Moved(_) => "moved",
    })
}

/// A day as screens show it.
fn shown(day: NaiveDate) -> String {
    day.format("%d/%m").to_string()
}

/// Tell the lines of a centre; where none is bound yet, its manager's. How many there were.
async fn tell_centre(
    tx: &mut Tx,
    deps: &Deps,
    who: &Who<'_>,
    (centre, purpose): (&Centre, Purpose),
    vars: &[(Var, Value)],
) -> Result<usize, StoreError> {
    let mut lines = posts::lines_of(tx, &Post::Centre(centre.code.clone())).await?;
    if lines.is_empty() {
        lines.extend(centre.manager.clone());
    }
    for line in &lines {
        super::posts::tell(tx, deps, who.menus, (purpose, line), vars).await?;
    }
    Ok(lines.len())
}
