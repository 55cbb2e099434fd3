//! `series.csv`: the examinations of a year.

use std::{collections::BTreeMap, io::Read};

use super::{
    Import, ImportFailed,
    cells::Cells,
    merge::Said,
    table::{Column, Table},
};
use crate::storage::{
    season::{self, Series},
    season_import,
};

pub(super) const COLUMNS: [Column; 6] = [
    Column::new("code", "KCSE2026"),
    Column::new("exam", "KCSE"),
    Column::new("year", "2026"),
    Column::new("starts_on", "2026-10-16"),
    Column::new("ends_on", "2026-11-20"),
    Column::optional("practice", "no"),
];

/// The most characters of a series' code: it stands on screens.
const LONGEST_CODE: usize = 16;

pub(super) async fn import(
    import: &mut Import<'_>,
    table: &mut Table<impl Read>,
) -> Result<(), ImportFailed> {
    let standing: BTreeMap<String, Series> = season::all_series(import.tx)
        .await?
        .into_iter()
        .map(|series| (series.code.clone(), series))
        .collect();
    let mut said = Said::new();
    while let Some(row) = table.next(&mut import.report.told)? {
        import.report.rows += 1;
        let mut cells = Cells { row: &row, told: &mut import.report.told };
        if let Some(mut series) = read(&mut cells) {
            series.closed_at = standing.get(&series.code).and_then(|stands| stands.closed_at);
            said.take(import, row.line, "code", series.code.clone(), series);
        }
    }
    let change = said.against(&standing, &mut import.report);
    for (code, line, series) in said.iter() {
        if standing.get(code).is_some_and(|stands| stands != series) {
            shorter(import, line, series).await?;
        }
    }
    if import.options.replace {
        remove(import, change.absent).await?;
    }
    let series: Vec<Series> = change.write.into_iter().map(|(_, series)| series).collect();
    Ok(season_import::put_series(import.tx, &series).await?)
}

fn read(cells: &mut Cells<'_>) -> Option<Series> {
    let code = cells.code("code", LONGEST_CODE);
    let exam = cells.words("exam", 40);
    let year = cells.number("year", 2000, 2999);
    let (starts_on, ends_on) = (cells.date("starts_on"), cells.date("ends_on"));
    if let Some((from, to)) = starts_on.zip(ends_on)
        && to < from
    {
        cells.fault::<()>("ends_on", || "is before starts_on".to_owned());
        return None;
    }
    let practice = match cells.text("practice") {
        "" | "no" => Some(false),
        "yes" => Some(true),
        other => cells.fault("practice", || format!("is yes or no, not {other:?}")),
    };
    Some(Series {
        code: code?,
        exam: exam?,
        year: year?,
        starts_on: starts_on?,
        ends_on: ends_on?,
        practice: practice?,
        closed_at: None,
    })
}

/// Nobody stays deployed, and no day stays listed, outside a series whose dates were changed.
async fn shorter(import: &mut Import<'_>, line: u64, series: &Series) -> Result<(), ImportFailed> {
    let outside = season_import::outside(import.tx, series).await?;
    if outside > 0 {
        let code = &series.code;
        import.report.told.fault(line, "", || {
            format!("{outside} days or deployments of {code} lie outside these dates: import those first")
        });
    }
    Ok(())
}

/// A series that nobody was ever deployed in goes; what others hang on stays and is told.
async fn remove(import: &mut Import<'_>, absent: Vec<String>) -> Result<(), ImportFailed> {
    for code in absent {
        if season_import::remove_series(import.tx, &code).await? {
            import.report.removed += 1;
        } else {
            import.report.told.warning(|| {
                format!("series {code} is not in the file, but people are deployed in it: it stays")
            });
        }
    }
    Ok(())
}
