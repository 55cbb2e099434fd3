//! `rates.csv`: what a role is paid a day, from a day on.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read,
};

use chrono::NaiveDate;

use super::{
    Import, ImportFailed,
    cells::Cells,
    merge::Said,
    table::{Column, Table},
};
use crate::{
    model::season::DeployedAs,
    storage::{
        season::{self, Rate, Series},
        season_import,
    },
};

pub(super) const COLUMNS: [Column; 5] = [
    Column::new("series", "KCSE2026"),
    Column::new("role", "invigilator"),
    Column::new("from_on", "2026-10-16"),
    Column::new("ksh_per_day", "550"),
    Column::optional("half_percent", "50"),
];

/// What a half day counts where a file does not say.
const HALF: i64 = 50;

type Key = (String, DeployedAs, NaiveDate);

pub(super) async fn import(
    import: &mut Import<'_>,
    table: &mut Table<impl Read>,
) -> Result<(), ImportFailed> {
    let all = season_import::all_series(import.tx).await?;
    let mut said: Said<Key, Rate> = Said::new();
    let mut named = BTreeSet::new();
    while let Some(row) = table.next(&mut import.report.told)? {
        import.report.rows += 1;
        let mut cells = Cells { row: &row, told: &mut import.report.told };
        if let Some((key, rate)) = read(&mut cells, &all) {
            named.insert(key.0.clone());
            said.take(import, row.line, "from_on", key, rate);
        }
    }
    let mut standing = BTreeMap::new();
    for code in &named {
        let rates = season::rates(import.tx, code).await?;
        standing.extend(rates.into_iter().map(|rate| ((code.clone(), rate.role, rate.from_on), rate)));
    }
    let change = said.against(&standing, &mut import.report);
    if import.options.replace {
        for (series, role, from_on) in change.absent {
            season_import::remove_rate(import.tx, &series, role, from_on).await?;
            import.report.removed += 1;
        }
    }
    let rates: Vec<(String, Rate)> =
        change.write.into_iter().map(|((series, ..), rate)| (series, rate)).collect();
    Ok(season_import::put_rates(import.tx, &rates).await?)
}

fn read(cells: &mut Cells<'_>, all: &BTreeMap<String, Series>) -> Option<(Key, Rate)> {
    let series = cells.series("series", all);
    let role = cells.role("role");
    let from_on = cells.date("from_on");
    let ksh_per_day = cells.number("ksh_per_day", 0, 100_000);
    let half_percent =
        if cells.text("half_percent").is_empty() { Some(HALF) } else { cells.number("half_percent", 0, 100) };
    let (series, from_on) = (series?, from_on?);
    if from_on > series.ends_on {
        let (code, ends_on) = (&series.code, series.ends_on);
        cells.fault("from_on", || format!("is after {code} has ended on {ends_on}"))?;
    }
    let rate = Rate { role: role?, from_on, ksh_per_day: ksh_per_day?, half_percent: half_percent? };
    Some(((series.code.clone(), rate.role, from_on), rate))
}
