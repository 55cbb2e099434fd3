//! Receipts of the register: to the line that marked a day, by whichever way, because the last screen vanishes and an
//! SMS is answered by one.

use crate::{
    menu::{Menus, Value, Var, registry::ABSENTEES},
    model::{Language, MessageId, Msisdn, message::Purpose, season::DayShape},
    services::{
        Deps, messaging,
        register::{DaySummary, OnRoster, Recorded},
    },
    storage::{StoreError, Tx, registers::DayOf, season},
    text::listing::{listed, short_name},
};

/// Promise the receipt of a day to a line, in the caller's unit of work; `None` where nothing stands that a receipt
/// could be of. Ring [`Deps::outbox`] after the commit. One statement more than the message itself.
pub async fn promise(
    tx: &mut Tx,
    deps: &Deps,
    menus: &Menus,
    (of, recorded): (DayOf<'_>, &Recorded),
    (line, language): (&Msisdn, Language),
) -> Result<Option<MessageId>, StoreError> {
    let practice = season::series(tx, of.series).await?.is_some_and(|series| series.practice);
    let Some((purpose, vars)) = words(of, practice, recorded) else { return Ok(None) };
    messaging::queue_with(deps, tx, menus, purpose, line, language, &vars).await.map(Some)
}

/// The text of a receipt and its variables. Pure.
pub fn words(of: DayOf<'_>, practice: bool, recorded: &Recorded) -> Option<(Purpose, Vec<(Var, Value)>)> {
    let (already, reference, day) = match recorded {
        Recorded::Done { entry, day, .. } => (false, &entry.reference, day),
        Recorded::AlreadySo { reference, day } => (true, reference, day),
        Recorded::Refused(_) => return None,
    };
    let mut vars = which(of, practice);
    vars.extend([
        (Var::RegisterSaid, said(already, day.shape).into()),
        (Var::PresentCount, (day.present + day.added).to_string().into()),
        (Var::AbsentCount, day.absent.to_string().into()),
        (Var::Absentees, listed(&named(&day.absentees), ABSENTEES).into()),
        (Var::MarkReference, reference.as_str().into()),
    ]);
    Some((purpose(day), vars))
}

/// Which day of which register, as every text about one has it.
pub fn which(of: DayOf<'_>, practice: bool) -> Vec<(Var, Value)> {
    vec![
        (Var::RegisterKind, kind(practice).into()),
        (Var::Centre, of.centre.as_str().into()),
        (Var::Day, of.on.format("%d/%m").to_string().into()),
    ]
}

/// Whether something counts or is for training, as the words of every such variable have it.
pub fn kind(practice: bool) -> &'static str {
    if practice { "practice" } else { "real" }
}

/// People as a list names them: number and short name.
fn named(people: &[OnRoster]) -> Vec<String> {
    people.iter().map(|one| format!("{} {}", one.number, short_name(&one.full_name))).collect()
}

fn purpose(day: &DaySummary) -> Purpose {
    match day.shape {
        DayShape::Closed => Purpose::ReceiptClosed,
        DayShape::Full | DayShape::Half if day.absentees.is_empty() => Purpose::ReceiptAll,
        DayShape::Full | DayShape::Half => Purpose::Receipt,
    }
}

fn said(already: bool, shape: DayShape) -> &'static str {
    match (already, shape) {
        (false, DayShape::Full) => "recorded",
        (false, DayShape::Half) => "recorded_half",
        (false, DayShape::Closed) => "recorded_closed",
        (true, DayShape::Full) => "already",
        (true, DayShape::Half) => "already_half",
        (true, DayShape::Closed) => "already_closed",
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use uuid::Uuid;

    use super::*;
    use crate::{
        menu::definition::Bundle,
        model::{CentreCode, DeploymentId, PersonId, season::DeployedAs},
        storage::registers::EntryRef,
    };

    fn day(absent: usize, shape: DayShape) -> DaySummary {
        let someone = |number: usize| OnRoster {
            deployment: DeploymentId(Uuid::nil()),
            person: PersonId(Uuid::nil()),
            number: i64::try_from(number).unwrap(),
            full_name: "Maximiliana Chebet Ong'ondo-Wanjiru".to_owned(),
            role: DeployedAs::Invigilator,
            added: false,
            mark: Some(false),
            version: 1,
        };
        let on = NaiveDate::from_ymd_opt(2026, 11, 24).unwrap();
        let absentees = (1..=absent).map(someone).collect();
        DaySummary { on, shape, present: 19, absent, added: 1, blank: 0, absentees }
    }

    fn written(day: DaySummary, already: bool, practice: bool, language: Language) -> String {
        let (centre, on) = (CentreCode::parse("12345001").unwrap(), day.on);
        let recorded = if already {
            Recorded::AlreadySo { reference: "K7Q2M9".to_owned(), day }
        } else {
            let entry = EntryRef { seq: 1, reference: "K7Q2M9".to_owned() };
            Recorded::Done { entry, day, changed: 20 }
        };
        let of = DayOf { series: "S", centre: &centre, on };
        let (purpose, vars) = words(of, practice, &recorded).unwrap();
        let menus = Menus::compile(Bundle::built_in()).unwrap();
        messaging::plain_words(&menus, purpose, language, &vars)
    }

    #[test]
    fn a_receipt_says_what_was_recorded_and_names_the_absent() {
        assert_eq!(
            written(day(2, DayShape::Full), false, false, Language::En),
            "Register recorded: centre 12345001, 24/11. Present 20, absent 2: 1 Maximiliana Ong'on, \
             2 Maximiliana Ong'on. Ref K7Q2M9. To correct it dial *384*2547#."
        );
        assert_eq!(
            written(day(0, DayShape::Half), true, true, Language::Sw),
            "Hakuna badiliko, nusu siku ilishawekwa: MAZOEZI, kituo 12345001, 24/11. Wote 20 wapo. Ref K7Q2M9. \
             Kusahihisha piga *384*2547#."
        );
        let many = written(day(60, DayShape::Full), false, false, Language::En);
        assert!(many.contains(" +55. Ref K7Q2M9"), "who has no room is counted: {many}");
        let closed = written(day(0, DayShape::Closed), false, false, Language::En);
        assert!(
            closed.starts_with("Closed day recorded: centre 12345001, 24/11. Nobody is marked."),
            "{closed}"
        );
    }
}
