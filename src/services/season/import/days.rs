//! `days.csv`: the days on which registers are marked.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read,
};

use chrono::NaiveDate;

use super::{
    Import, ImportFailed,
    cells::{Cells, or_nearest},
    merge::Said,
    table::{Column, Table},
};
use crate::{
    model::season::DayKind,
    storage::{
        season::{self, Day, Series},
        season_import,
    },
};

pub(super) const COLUMNS: [Column; 5] = [
    Column::new("series", "KCSE2026"),
    Column::new("on", "2026-10-16"),
    Column::new("kind", "rehearsal"),
    Column::optional("opens", "06:00"),
    Column::optional("closes", "20:00"),
];

type Key = (String, NaiveDate);

pub(super) async fn import(
    import: &mut Import<'_>,
    table: &mut Table<impl Read>,
) -> Result<(), ImportFailed> {
    let all = season_import::all_series(import.tx).await?;
    let mut said: Said<Key, Day> = Said::new();
    let mut named = BTreeSet::new();
    while let Some(row) = table.next(&mut import.report.told)? {
        let mut cells = Cells { row: &row, told: &mut import.report.told };
        if let Some((key, day)) = read(&mut cells, &all) {
            named.insert(key.0.clone());
            said.take(import, row.line, "on", key, day);
        }
    }
    let standing = standing(import, &named).await?;
    let change = said.against(&standing, &mut import.report);
    if import.options.replace {
        for (series, on) in change.absent {
            if season_import::remove_day(import.tx, &series, on).await? {
                import.report.removed += 1;
            } else {
                import
                    .report
                    .told
                    .warning(|| format!("{on} of {series} is not in the file, but it was marked: it stays"));
            }
        }
    }
    let days: Vec<(String, Day)> = change.write.into_iter().map(|((series, _), day)| (series, day)).collect();
    Ok(season_import::put_days(import.tx, &days).await?)
}

async fn standing(
    import: &mut Import<'_>,
    series: &BTreeSet<String>,
) -> Result<BTreeMap<Key, Day>, ImportFailed> {
    let mut all = BTreeMap::new();
    for code in series {
        let days = season::days(import.tx, code).await?;
        all.extend(days.into_iter().map(|day| ((code.clone(), day.on_day), day)));
    }
    Ok(all)
}

fn read(cells: &mut Cells<'_>, all: &BTreeMap<String, Series>) -> Option<(Key, Day)> {
    let series = cells.series("series", all);
    let on_day = cells.date("on");
    let text = cells.text("kind");
    let kind = match DayKind::from_word(text) {
        None => cells.fault("kind", || {
            let words = DayKind::ALL.iter().map(|kind| kind.word());
            format!("is rehearsal or exam, not {text:?}{}", or_nearest(text, words))
        }),
        kind => kind,
    };
    let (opens, closes) = (cells.time("opens"), cells.time("closes"));
    let series = series?;
    let on_day = cells.within("on", on_day?, series)?;
    let (opens, closes) = (opens?, closes?);
    match (opens, closes) {
        (Some(from), Some(to)) if to <= from => cells.fault("closes", || "is not after opens".to_owned())?,
        (Some(_), None) | (None, Some(_)) => {
            cells.fault("opens", || "opens and closes stand together, or neither does".to_owned())?;
        }
        _ => {}
    }
    Some(((series.code.clone(), on_day), Day { on_day, kind: kind?, opens, closes }))
}
