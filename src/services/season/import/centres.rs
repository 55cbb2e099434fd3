//! `centres.csv`: where examinations are written, and who manages there.

use std::{collections::BTreeMap, io::Read};

use super::{
    Import, ImportFailed,
    cells::Cells,
    merge::Said,
    table::{Column, Table},
};
use crate::{
    model::CentreCode,
    storage::{season::Centre, season_import},
};

pub(super) const COLUMNS: [Column; 6] = [
    Column::new("code", "12345001"),
    Column::new("name", "Mfano Secondary"),
    Column::new("county_code", "022"),
    Column::new("county", "Kiambu"),
    Column::new("sub_county", "Thika West"),
    Column::new("manager_msisdn", "+254700000002"),
];

pub(super) async fn import(
    import: &mut Import<'_>,
    table: &mut Table<impl Read>,
) -> Result<(), ImportFailed> {
    let mut said: Said<CentreCode, Centre> = Said::new();
    while let Some(row) = table.next(&mut import.report.told)? {
        import.report.rows += 1;
        let mut cells = Cells { row: &row, told: &mut import.report.told };
        if let Some(centre) = read(&mut cells) {
            said.take(import, row.line, "code", centre.code.clone(), centre);
        }
        (import.progress)(table.position());
    }
    one_name_a_county(import, &said);
    let standing = season_import::all_centres(import.tx).await?;
    let standing: BTreeMap<CentreCode, Centre> =
        standing.into_iter().map(|centre| (centre.code.clone(), centre)).collect();
    let change = said.against(&standing, &mut import.report);
    if import.options.replace {
        let here = |code: &CentreCode| standing.get(code).is_some_and(|centre| centre.removed_at.is_none());
        let absent: Vec<CentreCode> = change.absent.into_iter().filter(here).collect();
        remove(import, &absent).await?;
    }
    let centres: Vec<Centre> = change.write.into_iter().map(|(_, centre)| centre).collect();
    Ok(season_import::put_centres(import.tx, &centres).await?)
}

fn read(cells: &mut Cells<'_>) -> Option<Centre> {
    let code = cells.centre_code("code");
    let name = cells.words("name", 80);
    let county_code = cells.text("county_code");
    let known = county_code.len() == 3 && matches!(county_code.parse(), Ok(1_u8..=47));
    if !known {
        cells
            .fault::<()>("county_code", || format!("{county_code:?} is not a county's code from 001 to 047"));
    }
    let county = cells.words("county", 40);
    let sub_county = cells.words("sub_county", 40);
    let manager = cells.line("manager_msisdn");
    Some(Centre {
        code: code?,
        name: name?,
        county_code: known.then(|| county_code.to_owned())?,
        county: county?,
        sub_county: sub_county?,
        manager: manager?,
        removed_at: None,
    })
}

/// Officers are put over places by name: a county has one name in a file.
fn one_name_a_county(import: &mut Import<'_>, said: &Said<CentreCode, Centre>) {
    let mut names: BTreeMap<&str, (&str, u64)> = BTreeMap::new();
    for (_, line, centre) in said.iter() {
        let (name, first) = *names.entry(&centre.county_code).or_insert((&centre.county, line));
        if name != centre.county {
            let (code, county) = (&centre.county_code, &centre.county);
            import.report.told.fault(line, "county", || {
                format!("county {code} is {county} here and {name} on line {first}")
            });
        }
    }
}

async fn remove(import: &mut Import<'_>, absent: &[CentreCode]) -> Result<(), ImportFailed> {
    let (now, today) = (import.now, import.today());
    for code in absent {
        let deployed = season_import::deployed_at(import.tx, code, today).await?;
        if deployed > 0 {
            import.report.told.warning(|| {
                format!("centre {code} is not in the file, but {deployed} people are still deployed there")
            });
        }
    }
    import.report.removed += absent.len() as u64;
    Ok(season_import::remove_centres(import.tx, absent, now).await?)
}
