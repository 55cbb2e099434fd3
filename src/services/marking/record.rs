//! Recording what was summed up, and taking up what an earlier call kept. Where the day has moved on since, the difference
//! is shown before anything is recorded.

use std::collections::BTreeSet;

use super::{
    Marks, change, days,
    home::{Stands, marked},
    kept::{self, Kept},
    newcomer, not_now, rows,
};
use crate::{
    menu::{Outcome, Reply, Source, Var, registry::is_reason_to_mark},
    model::season::Channel,
    services::{
        Deps,
        actions::{Who, signed_out},
        attendance::record_and_tell,
        posts::AtCentre,
        receipts,
        register::{self, By, DayOf, DaySummary, Difference, NotNow, Recorded, View},
        ussd::Fault,
    },
    storage::{StoreError, Tx},
};

/// Record it, and promise the receipt.
pub async fn record(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    let Some(at) = who.centre(tx).await? else { return Ok(signed_out()) };
    let Some(marks) = Marks::of(who.session) else { return Ok(Reply::of(Outcome::Nothing)) };
    let by = By { actor: Some(at.credential.0), line: Some(who.msisdn), channel: Channel::Ussd };
    let mut wish = marks.wish(&at.series, &at.centre, reason(who));
    let mut recorded = record_and_tell(tx, deps, who.menus, &wish, &by, who.now).await?;
    if let Recorded::Refused(NotNow::Moved(difference)) = &recorded
        && says_nothing(difference)
    {
        // Something was done to the day that changes nothing of what was seen, such as unlocking it.
        wish.base_seq = Some(difference.seq);
        recorded = record_and_tell(tx, deps, who.menus, &wish, &by, who.now).await?;
    }
    match recorded {
        Recorded::Done { ref entry, ref day, .. } => {
            let line = (who.msisdn, who.session.language);
            receipts::promise(tx, deps, who.menus, (wish.of(), &recorded), line).await?;
            newcomer::give_up(tx, deps, who, (&at.series, &at.centre)).await?;
            Ok(told(Outcome::Done, &at, (day, entry.reference.clone())))
        }
        Recorded::AlreadySo { reference, day } => {
            register::drop_draft(tx, wish.of()).await?;
            newcomer::give_up(tx, deps, who, (&at.series, &at.centre)).await?;
            Ok(told(Outcome::AlreadySo, &at, (&day, reference)))
        }
        Recorded::Refused(NotNow::NeedsReason) => {
            // Whoever thinks about a reason may lose the call.
            marks.keep(tx, &at, who.now).await?;
            Ok(Reply::of(if marks.recorded { Outcome::NeedsReason } else { Outcome::NeedsExcuse }))
        }
        Recorded::Refused(NotNow::Moved(difference)) => moved(tx, (&at, who), marks, &difference).await,
        Recorded::Refused(why) => Ok(not_now(marks.on, &why)),
    }
}

/// The reason that was chosen, in the words of its choice, or typed.
fn reason(who: &Who<'_>) -> Option<String> {
    let said = who.session.text(Var::MarkReason).filter(|said| !said.is_empty())?;
    if !is_reason_to_mark(said) {
        return Some(said.to_owned());
    }
    let words = who.menus.word(Var::MarkReason, said)?;
    Some(crate::menu::render::text(who.menus, words, who.session.language, &crate::menu::render::Nothing))
}

fn says_nothing(difference: &Difference) -> bool {
    let stands = difference.people.iter().any(|differs| differs.who.mark.is_some());
    !stands && difference.shape.is_none() && difference.joined.is_empty() && difference.left.is_empty()
}

fn told(outcome: Outcome, at: &AtCentre, (day, reference): (&DaySummary, String)) -> Reply {
    let DaySummary { on, present, absent, added, blank, .. } = *day;
    let stands =
        Stands { on, word: marked(day), present, absent, added, blank, reference, from: String::new() };
    stands
        .put(Reply::of(outcome))
        .set(Var::PostName, at.centre.as_str())
        .set(Var::Centre, at.centre.as_str())
        .set(Var::SeriesName, at.series.as_str())
        .set(Var::KeptDay, "")
}

/// Show how the day differs; what is recorded next begins from how it stands now.
async fn moved(
    tx: &mut Tx,
    (at, who): (&AtCentre, &Who<'_>),
    marks: Marks,
    difference: &Difference,
) -> Result<Reply, Fault> {
    let left: BTreeSet<i64> = difference.left.iter().copied().collect();
    let joined = difference.joined.iter().map(|one| one.number);
    let marks = Marks {
        seq: difference.seq,
        roster: marks.roster.iter().copied().filter(|number| !left.contains(number)).chain(joined).collect(),
        absent: marks.absent.into_iter().filter(|(number, _)| !left.contains(number)).collect(),
        view: View::Summed,
        recorded: marks.recorded || difference.people.iter().any(|differs| differs.who.mark.is_some()),
        ..marks
    };
    marks.keep(tx, at, who.now).await?;
    Ok(marks.reply(Outcome::Moved)?.rows(Source::Differences, rows::differences(difference)))
}

/// Go on with what an earlier call kept, and the session was asked about.
pub async fn take_up(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    let Some(at) = who.centre(tx).await? else { return Ok(signed_out()) };
    let Some((kept, day)) = kept::asked(tx, deps, who, (&at.series, &at.centre)).await? else {
        return Ok(Reply::of(Outcome::Nothing));
    };
    if let Err(why) = &day.may {
        return Ok(not_now(day.on, why));
    }
    let draft = match kept {
        Kept::Newcomer(newcomer) => return Ok(newcomer::take_up(&at, &day, newcomer)),
        Kept::Marks(draft) => draft,
    };
    let marks = Marks::kept(&draft, &day);
    let wish = marks.wish(&at.series, &at.centre, None);
    let difference = register::moved(tx, &wish, &day).await?.filter(|difference| !says_nothing(difference));
    let reply = match difference {
        Some(difference) => moved(tx, (&at, who), marks, &difference).await?,
        None => change::resumed(&marks, &day.roster)?,
    };
    if reply.outcome == Outcome::Nothing {
        return Ok(Reply { outcome: Outcome::Nothing, ..days::put(&at, &day) });
    }
    // The session is at that day, whatever day it is.
    Ok(reply.set(Var::OnDay, draft.on.to_string()).set(Var::MarkReason, ""))
}

/// Throw away what an earlier call kept of the day that was asked about, or what this one has said so far; and whoever was to
/// be added. The session is at the day as it stands.
pub async fn drop_marks(tx: &mut Tx, deps: &Deps, who: &Who<'_>) -> Result<Reply, Fault> {
    let Some(at) = who.centre(tx).await? else { return Ok(signed_out()) };
    let on = match Marks::of(who.session) {
        Some(marks) => Some(marks.on),
        None => kept::asked(tx, deps, who, (&at.series, &at.centre)).await?.map(|(_, day)| day.on),
    };
    newcomer::give_up(tx, deps, who, (&at.series, &at.centre)).await?;
    if let Some(on) = on {
        register::drop_draft(tx, DayOf { series: &at.series, centre: &at.centre, on }).await?;
    }
    days::at_day(tx, deps, who, &at, super::on_day(who))
        .await?
        .ok_or_else(|| Fault::Store(StoreError::Unreadable("the series of a centre")))
}
