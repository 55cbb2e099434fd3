//! A ref that turns out to be a person who is known otherwise moves its deployment, number and marks with it, to that
//! person. Once somebody has been marked under it that is refused: who worked is not decided by a file.

use super::{Import, ImportFailed};
use crate::{
    model::{CentreCode, DeploymentId},
    services::{register::DayOf, season::calendar::day_of},
    storage::{registers, season_import},
};

/// A deployment that a row gives to another person.
pub(super) struct Taken {
    pub line: u64,
    pub id: DeploymentId,
    pub series: String,
    pub centre: CentreCode,
    pub number: i64,
}

/// Refuse the rows that would give marks to somebody else.
pub(super) async fn refuse_marked(
    import: &mut Import<'_>,
    mut taken: Vec<Taken>,
) -> Result<(), ImportFailed> {
    // Locked, in one order, so that no mark comes between the look and the commit.
    taken.sort_by(|one, other| (&one.series, &one.centre).cmp(&(&other.series, &other.centre)));
    for one in &taken {
        let of = DayOf { series: &one.series, centre: &one.centre, on: day_of(import.now) };
        registers::lock(import.tx, of).await?;
    }
    let ids: Vec<DeploymentId> = taken.iter().map(|one| one.id).collect();
    let marked = season_import::marked(import.tx, &ids).await?;
    taken.retain(|one| marked.contains(&one.id));
    taken.sort_by_key(|one| one.line);
    for Taken { line, number, .. } in taken {
        import.report.told.fault(line, "ref", || {
            format!(
                "number {number} of this centre has been marked under this ref, and this row gives it to another \
                 person who is known already: give this person another ref (and another number), or leave the ID \
                 and phone empty to keep the one who was marked"
            )
        });
    }
    Ok(())
}
