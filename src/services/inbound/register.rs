//! Registers by SMS: a line that is bound to a centre asks for its roster, or marks today with the code that came with it.
//! A first mark is all that an SMS can do; a correction needs a reason, which is given on the screen.

use std::collections::BTreeSet;

use super::{
    Heard,
    acts::{Answer, say},
};
use crate::{
    menu::{Value, Var, registry::NUMBERS},
    model::{
        CentreCode, CredentialId, DeploymentId, Post, RosterNumber,
        message::Purpose,
        season::{Channel, DayShape, DayState},
    },
    services::{
        attendance::record_and_tell,
        day_codes, receipts,
        register::{self, By, DayOf, NotNow, Recorded, Wish},
        rosters::{self, Why},
        season::calendar::day_of,
    },
    storage::{
        StoreError, Tx, day_code_tries,
        posts::{self, Part},
        season,
    },
    text::listing::listed,
    text::wish::{DayCode, Marks, RegisterFault, RegisterWish},
};

/// Wrong codes a day from one line; then a register is marked by dialling only.
const WRONG_CODES: i64 = 5;
/// How many rosters one SMS brings at most.
const MOST_ROSTERS: usize = 6;

/// A register that the sender's line may mark.
struct Own {
    centre: CentreCode,
    series: String,
    practice: bool,
    /// The PIN of whoever manages the centre, as far as it counts.
    credential: Option<CredentialId>,
}

/// The registers of the centres that the line is bound to, those that count first.
async fn own(tx: &mut Tx, heard: &Heard<'_>) -> Result<Vec<Own>, StoreError> {
    let mut own = vec![];
    for post in posts::of_line(tx, heard.sender, heard.now).await? {
        let Post::Centre(centre) = &post else { continue };
        if !posts::is_bound(tx, &post, heard.sender).await? {
            continue;
        }
        let standing = posts::that_count(tx, &post, heard.now).await?;
        let holder = standing.iter().find(|one| one.part == Part::Holder && one.chosen_at.is_some());
        for series in season::open_for(tx, Some(centre), day_of(heard.now)).await? {
            own.push(Own {
                centre: centre.clone(),
                series: series.code,
                practice: series.practice,
                credential: holder.map(|holder| holder.id),
            });
        }
    }
    Ok(own)
}

/// Whether the line is bound to any centre at all.
async fn is_a_centres(tx: &mut Tx, heard: &Heard<'_>) -> Result<bool, StoreError> {
    for post in posts::of_line(tx, heard.sender, heard.now).await? {
        if matches!(post, Post::Centre(_)) && posts::is_bound(tx, &post, heard.sender).await? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Mark today, where the code is that of one of the line's registers. This is done whether or not it can be answered,
/// because whoever is not marked may not be paid; what was recorded gets its receipt in any case. `None` leaves the rest
/// to [`answer`].
pub(super) async fn mark(
    tx: &mut Tx,
    heard: &Heard<'_>,
    (code, marks): (&DayCode, &Marks),
) -> Result<Option<Answer>, StoreError> {
    let today = day_of(heard.now);
    if day_code_tries::so_far(tx, heard.sender, today).await? >= WRONG_CODES {
        return Ok(None);
    }
    let mut meant = vec![];
    for one in own(tx, heard).await? {
        let of = DayOf { series: &one.series, centre: &one.centre, on: today };
        if day_codes::is_right(heard.deps, of, code) {
            meant.push(one);
        }
    }
    match &meant[..] {
        [] => {
            if is_a_centres(tx, heard).await? {
                day_code_tries::add(tx, heard.sender, today).await?;
            }
            Ok(None)
        }
        [one] => record(tx, heard, one, marks).await.map(Some),
        _ => Ok(Some(Answer::Say(Purpose::MarkByDialling, vec![(Var::DialWhy, "same_code".into())]))),
    }
}

async fn record(tx: &mut Tx, heard: &Heard<'_>, own: &Own, marks: &Marks) -> Result<Answer, StoreError> {
    let of = DayOf { series: &own.series, centre: &own.centre, on: day_of(heard.now) };
    let Some(credential) = own.credential else { return Ok(refused((of, own.practice), "no_pin", vec![])) };
    let absent = match absentees(tx, of, marks).await? {
        Ok(absent) => absent,
        Err(unknown) => {
            let mut vars = receipts::which(of, own.practice);
            vars.push((Var::Numbers, listed(&unknown, NUMBERS).into()));
            return Ok(Answer::Say(Purpose::NoSuchNumbers, vars));
        }
    };
    let wish = Wish {
        series: own.series.clone(),
        centre: own.centre.clone(),
        on: of.on,
        shape: DayShape::Full,
        absent,
        reason: None,
        base_seq: None,
        base_roster: None,
    };
    let by = By { actor: Some(credential.0), line: Some(heard.sender), channel: Channel::Sms };
    let Heard { deps, menus, sender, language, now, .. } = heard;
    let recorded = record_and_tell(tx, deps, menus, &wish, &by, *now).await?;
    match &recorded {
        Recorded::Done { .. } => {
            let receipt = receipts::promise(tx, deps, menus, (of, &recorded), (sender, *language)).await?;
            Ok(receipt.map_or_else(|| say(Purpose::NotUnderstood), Answer::Promised))
        }
        Recorded::AlreadySo { .. } => {
            let words = receipts::words(of, own.practice, &recorded);
            Ok(words
                .map_or_else(|| say(Purpose::NotUnderstood), |(purpose, vars)| Answer::Say(purpose, vars)))
        }
        Recorded::Refused(why) => refusal(tx, heard, (of, own.practice), why).await,
    }
}

/// Who was not there; or the numbers that are not on the roster.
async fn absentees(
    tx: &mut Tx,
    of: DayOf<'_>,
    marks: &Marks,
) -> Result<Result<BTreeSet<DeploymentId>, Vec<String>>, StoreError> {
    let Marks::AllBut(numbers) = marks else { return Ok(Ok(BTreeSet::new())) };
    let roster = register::roster(tx, of).await?;
    let (mut absent, mut unknown) = (BTreeSet::new(), vec![]);
    for number in numbers.iter().filter(|number| !is_run_over(numbers, **number)) {
        match roster.iter().find(|one| one.number == i64::from(*number)) {
            Some(one) => drop(absent.insert(one.deployment)),
            None => unknown.push(number.to_string()),
        }
    }
    Ok(if unknown.is_empty() { Ok(absent) } else { Err(unknown) })
}

/// Whether a number is one that no roster has, and a range goes over it: 97-100.
fn is_run_over(numbers: &BTreeSet<u16>, number: u16) -> bool {
    RosterNumber::new(number.into()).is_none() && numbers.contains(&97) && numbers.contains(&100)
}

fn refused((of, practice): (DayOf<'_>, bool), why: &'static str, more: Vec<(Var, Value)>) -> Answer {
    let mut vars = receipts::which(of, practice);
    vars.push((Var::NotRecorded, why.into()));
    vars.extend(more);
    Answer::Say(Purpose::NotRecorded, vars)
}

async fn refusal(
    tx: &mut Tx,
    heard: &Heard<'_>,
    (of, practice): (DayOf<'_>, bool),
    why: &NotNow,
) -> Result<Answer, StoreError> {
    let of_which = (of, practice);
    Ok(match why {
        NotNow::NotASeriesDay => refused(of_which, "no_day", vec![]),
        NotNow::TooEarly { opens } => {
            let opens = opens.with_timezone(&crate::services::accounts::NAIROBI).format("%H:%M").to_string();
            refused(of_which, "too_early", vec![(Var::OpensAt, opens.into())])
        }
        NotNow::TooLate => refused(of_which, "too_late", vec![]),
        NotNow::Signed => refused(of_which, "signed", vec![]),
        NotNow::NobodyDeployed => refused(of_which, "nobody", vec![]),
        NotNow::Moved(_) => refused(of_which, "moved", vec![]),
        NotNow::NeedsReason => {
            let day = register::day(tx, heard.deps, of, heard.now).await?;
            let marked = day.is_some_and(|day| day.state == DayState::Submitted);
            refused(of_which, if marked { "marked" } else { "missed" }, vec![])
        }
    })
}

/// What is answered to a line where nothing was recorded: the roster to whoever asks for it or has not its code.
pub(super) async fn answer(
    tx: &mut Tx,
    heard: &Heard<'_>,
    wish: &RegisterWish,
) -> Result<Answer, StoreError> {
    if !is_a_centres(tx, heard).await? {
        return Ok(say(Purpose::NotACentre));
    }
    let why = match wish {
        RegisterWish::Roster => Why::Asked,
        RegisterWish::Mark(..) => {
            let wrong = day_code_tries::so_far(tx, heard.sender, day_of(heard.now)).await?;
            if wrong >= WRONG_CODES {
                return Ok(Answer::Say(Purpose::MarkByDialling, vec![(Var::DialWhy, "wrong_codes".into())]));
            }
            Why::WrongCode
        }
        RegisterWish::Fault(RegisterFault::NoCode | RegisterFault::BadCode) => Why::NoCode,
        RegisterWish::Fault(fault) => {
            let vars = vec![(Var::RegisterFault, word(*fault).into())];
            return Ok(Answer::Say(Purpose::RegisterUnread, vars));
        }
    };
    let sent = rosters(tx, heard, why).await?;
    Ok(sent.map_or_else(|| say(Purpose::NoRoster), Answer::Promised))
}

/// The rosters of the line's centres; of a series for training only where there is no other.
async fn rosters(
    tx: &mut Tx,
    heard: &Heard<'_>,
    why: Why,
) -> Result<Option<crate::model::MessageId>, StoreError> {
    let own = own(tx, heard).await?;
    let (mut first, mut sent, mut left) = (None, vec![], MOST_ROSTERS);
    for one in &own {
        if left == 0 || (one.practice && sent.contains(&&one.centre)) {
            continue;
        }
        let Some(on) = rosters::day_to_send(tx, heard.deps, &one.series, heard.now).await? else { continue };
        let of = DayOf { series: &one.series, centre: &one.centre, on };
        let to = (heard.sender, heard.language);
        let message = rosters::send(tx, heard.deps, heard.menus, of, to, why).await?;
        if message.is_some() {
            sent.push(&one.centre);
            left -= 1;
        }
        first = first.or(message);
    }
    Ok(first)
}

fn word(fault: RegisterFault) -> &'static str {
    match fault {
        RegisterFault::NoMarks => "no_marks",
        RegisterFault::NoNumbers => "no_numbers",
        RegisterFault::NumberOutOfRange => "out_of_range",
        RegisterFault::BackwardRange => "backwards",
        RegisterFault::Both => "both",
        RegisterFault::NoCode | RegisterFault::BadCode | RegisterFault::Unreadable => "unreadable",
    }
}
