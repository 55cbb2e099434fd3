//! The receipt of what a centre has recorded, because the last screen of a call vanishes.

use crate::{
    menu::{Menus, Var},
    model::{
        Language, Msisdn,
        message::Purpose,
        roster::{RosterNumber, written},
    },
    services::{
        Deps, messaging,
        register::{DayOf, DaySummary},
    },
    storage::{StoreError, Tx},
};

/// Promise the receipt to the line that acted, in the transaction of the act. Ring [`Deps::outbox`] after its commit.
pub async fn promise(
    tx: &mut Tx,
    deps: &Deps,
    menus: &Menus,
    (line, language): (&Msisdn, Language),
    (of, practice): (DayOf<'_>, bool),
    (day, reference): (&DaySummary, &str),
) -> Result<(), StoreError> {
    let numbers = day.absentees.iter().filter_map(|one| RosterNumber::new(one.number)).collect();
    let numbers = written(&numbers);
    let vars = [
        (Var::Day, of.on.format("%d/%m").to_string().into()),
        (Var::Centre, of.centre.as_str().into()),
        (Var::Present, (day.present + day.added).to_string().into()),
        (Var::Absent, day.absent.to_string().into()),
        (Var::AbsentNumbers, if numbers.is_empty() { "-".into() } else { numbers.into() }),
        (Var::RegisterRef, reference.into()),
    ];
    let purpose = if practice { Purpose::PracticeReceipt } else { Purpose::RegisterReceipt };
    messaging::queue_with(deps, tx, menus, purpose, line, language, &vars).await?;
    Ok(())
}
