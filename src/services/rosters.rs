//! Rosters by SMS: everybody of a day with number, role and name, in as many parts as they take. The first part begins
//! with the day's code and says how to use it. On demand they go to whoever may mark; the evening before by `chasing`.

use chrono::{DateTime, Days, Utc};

use super::{
    Deps, day_codes,
    messaging::{self, Letter},
    receipts,
    season::calendar::{day_of, hours, kind},
};
use crate::{
    menu::{
        Menus, Var,
        registry::{FIRST_PEOPLE, MORE_PEOPLE},
    },
    model::{CentreCode, Language, MessageId, Msisdn, message::Purpose, season::DeployedAs},
    storage::{
        StoreError, Tx, calendar,
        marks::{self, OnRoster},
        registers::DayOf,
        season,
    },
    text::listing::{in_parts, short_name},
};

/// Why a roster is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Somebody asked for it.
    Asked,
    /// Marks came with another code than the day's.
    WrongCode,
    /// Marks came without a code.
    NoCode,
    /// It is the evening before.
    Tomorrow {
        /// From when it is not sent any more.
        not_after: DateTime<Utc>,
    },
}

/// How far ahead a roster is looked for when today has no register any more.
const AHEAD: u64 = 7;

/// Promise the roster of a day to a line: the message with its first part; `None` when nobody is on it. Four statements
/// and two for each part. Ring [`Deps::outbox`] after the commit.
pub async fn send(
    tx: &mut Tx,
    deps: &Deps,
    menus: &Menus,
    of: DayOf<'_>,
    (msisdn, language): (&Msisdn, Language),
    why: Why,
) -> Result<Option<MessageId>, StoreError> {
    let (roster, _) = marks::roster(tx, of).await?;
    if roster.is_empty() {
        return Ok(None);
    }
    let practice = season::series(tx, of.series).await?.is_some_and(|series| series.practice);
    let parts = in_parts(&lines(&roster), FIRST_PEOPLE, MORE_PEOPLE);
    let (all, mut first) = (parts.len(), None);
    for (n, people) in parts.into_iter().enumerate() {
        let (purpose, var) = part(n, why);
        let mut vars = receipts::which(of, practice);
        vars.extend([(Var::Part, format!("{}/{all}", n + 1).into()), (var, people.into())]);
        vars.push((Var::RegisterPart, receipts::kind(practice).into()));
        vars.extend([(Var::DayCode, day_codes::BLANK.into()), (Var::RosterFor, word(why).into())]);
        let letter = Letter {
            purpose,
            msisdn,
            language,
            vars: &vars,
            day_code: Some(of).filter(|_| purpose.has_day_code()),
            not_before: None,
            not_after: not_after(why),
            part: u8::try_from(n).unwrap_or(u8::MAX),
        };
        let id = messaging::queue_letter(deps, tx, menus, &letter).await?;
        first = first.or(Some(id));
    }
    Ok(first)
}

/// Each as a line of the roster: `12 I Wanjiru Mfano`.
fn lines(roster: &[OnRoster]) -> Vec<String> {
    let line = |one: &OnRoster| format!("{} {} {}", one.number, letter(one.role), short_name(&one.full_name));
    roster.iter().map(line).collect()
}

/// A role as rosters have it, in either language.
fn letter(role: DeployedAs) -> char {
    match role {
        DeployedAs::CentreManager => 'M',
        DeployedAs::Supervisor => 'S',
        DeployedAs::Invigilator => 'I',
        DeployedAs::Security => 'G',
        DeployedAs::Driver => 'D',
        DeployedAs::Examiner => 'E',
    }
}

fn part(n: usize, why: Why) -> (Purpose, Var) {
    match (n, why) {
        (0, Why::Tomorrow { .. }) => (Purpose::RosterAhead, Var::People),
        (0, _) => (Purpose::Roster, Var::People),
        (_, Why::Tomorrow { .. }) => (Purpose::RosterAheadMore, Var::MorePeople),
        _ => (Purpose::RosterMore, Var::MorePeople),
    }
}

fn word(why: Why) -> &'static str {
    match why {
        Why::Asked => "asked",
        Why::WrongCode => "wrong_code",
        Why::NoCode => "no_code",
        Why::Tomorrow { .. } => "tomorrow",
    }
}

fn not_after(why: Why) -> Option<DateTime<Utc>> {
    match why {
        Why::Tomorrow { not_after } => Some(not_after),
        Why::Asked | Why::WrongCode | Why::NoCode => None,
    }
}

/// The day whose roster a centre is sent when it asks for one: today until its hours are over, else the next day of the
/// series within a week.
pub async fn day_to_send(
    tx: &mut Tx,
    deps: &Deps,
    series: &str,
    now: DateTime<Utc>,
) -> Result<Option<chrono::NaiveDate>, StoreError> {
    let today = day_of(now);
    let last = today.checked_add_days(Days::new(AHEAD)).unwrap_or(today);
    for on in today.iter_days().take_while(|on| *on <= last) {
        let Some(facts) = calendar::day_facts(tx, series, on).await? else { return Ok(None) };
        let (_, closes) = hours(&facts, on, &deps.settings.attendance);
        if kind(&facts, on).is_some() && now < closes {
            return Ok(Some(on));
        }
    }
    Ok(None)
}

/// What came of asking for a roster on a screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// It is promised, for this day.
    Promised(MessageId, chrono::NaiveDate),
    /// No day of the series is near.
    NoDay,
    /// Nobody is on the roster of the next day.
    Nobody,
    /// The line was sent as many as it may get within an hour.
    TooOften,
}

/// How many rosters a line may ask for…
const MOST_ASKED: i64 = 6;
/// …in this time.
const ASKED_WITHIN: chrono::Duration = chrono::Duration::hours(1);

/// Promise a centre's roster of today, or of the next day, to the line that asks for it on the screen of a centre that is
/// signed in. Ring [`Deps::outbox`] after the commit.
pub async fn ask(
    tx: &mut Tx,
    deps: &Deps,
    menus: &Menus,
    (series, centre): (&str, &CentreCode),
    to: (&Msisdn, Language),
    now: DateTime<Utc>,
) -> Result<Asked, StoreError> {
    if crate::storage::messages::since(tx, to.0, Purpose::Roster, now - ASKED_WITHIN).await? >= MOST_ASKED {
        return Ok(Asked::TooOften);
    }
    let Some(on) = day_to_send(tx, deps, series, now).await? else { return Ok(Asked::NoDay) };
    let sent = send(tx, deps, menus, DayOf { series, centre, on }, to, Why::Asked).await?;
    Ok(sent.map_or(Asked::Nobody, |message| Asked::Promised(message, on)))
}
