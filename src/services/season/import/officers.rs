//! `officers.csv`: directors, the desk, headquarters. Who was put in office by hand stays, whatever a file holds.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read,
};

use super::{
    Import, ImportFailed,
    cells::{Cells, or_nearest},
    merge::Said,
    table::{Column, Table},
};
use crate::{
    model::{Msisdn, Post},
    services::posts::issue::revoke,
    storage::{
        officers::{self, Officer, Role},
        season, season_import,
    },
};

pub(super) const COLUMNS: [Column; 4] = [
    Column::new("full_name", "Jane Atieno"),
    Column::new("msisdn", "+254700000003"),
    Column::new("role", "sub_county_director"),
    Column::new("scope", "Thika West"),
];

/// What a file says of an officer.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Office {
    full_name: String,
    role: Role,
    scope: String,
}

pub(super) async fn import(
    import: &mut Import<'_>,
    table: &mut Table<impl Read>,
) -> Result<(), ImportFailed> {
    let places = season::places(import.tx).await?;
    let exact: Vec<String> =
        places.iter().map(|place| format!("{}/{}", place.county, place.sub_county)).collect();
    let known: BTreeSet<&str> = places
        .iter()
        .zip(&exact)
        .flat_map(|(place, exact)| [place.county.as_str(), place.sub_county.as_str(), exact])
        .collect();
    let mut said: Said<Msisdn, Office> = Said::new();
    while let Some(row) = table.next(&mut import.report.told)? {
        let mut cells = Cells { row: &row, told: &mut import.report.told };
        if let Some((line, officer)) = read(&mut cells, &known) {
            said.take(import, row.line, "msisdn", line, officer);
        }
    }
    if known.is_empty() && said.iter().any(|(_, _, officer)| !officer.scope.is_empty()) {
        import.report.told.warning(|| {
            "no centres are imported yet, so the scopes could not be checked: import this file again after them".to_owned()
        });
    }
    let in_office = officers::in_office(import.tx).await?;
    let standing: BTreeMap<Msisdn, Office> =
        in_office.iter().map(|officer| (officer.msisdn.clone(), as_office(officer))).collect();
    let change = said.against(&standing, &mut import.report);
    if import.options.replace {
        for line in change.absent {
            if season_import::dismiss(import.tx, &line, import.now).await? {
                import.report.removed += 1;
                let gone = in_office.iter().filter(|officer| officer.msisdn == line);
                for officer in gone {
                    // Else the line would go on speaking for the office.
                    let post = Post::Officer(officer.id);
                    revoke(import.tx, import.deps, &post, ("import", "cli"), import.now).await?;
                }
            }
        }
    }
    for (msisdn, Office { full_name, role, scope }) in change.write {
        let id = in_office.iter().find(|officer| officer.msisdn == msisdn).map(|officer| officer.id);
        let id = id.unwrap_or_else(|| import.deps.chance.id(import.now));
        let officer = Officer { id, full_name, msisdn, role, scope, added_at: import.now };
        season_import::put_officer(import.tx, &officer).await?;
    }
    Ok(())
}

fn as_office(officer: &Officer) -> Office {
    let Officer { full_name, role, scope, .. } = officer;
    Office { full_name: full_name.clone(), role: *role, scope: scope.clone() }
}

fn read(cells: &mut Cells<'_>, known: &BTreeSet<&str>) -> Option<(Msisdn, Office)> {
    let full_name = cells.full_name("full_name");
    let line = match cells.line("msisdn") {
        Some(None) => cells.fault("msisdn", || "an officer needs a line of their own".to_owned()),
        line => line.flatten(),
    };
    let text = cells.text("role");
    let role = Role::from_name(text);
    if role.is_none() {
        let words = Role::ALL.iter().map(|role| role.name());
        cells.fault::<()>("role", || format!("there is no role {text:?}{}", or_nearest(text, words)));
    }
    let scope = scope(cells, role, known);
    Some((line?, Office { full_name: full_name?, role: role?, scope: scope? }))
}

fn scope(cells: &mut Cells<'_>, role: Option<Role>, known: &BTreeSet<&str>) -> Option<String> {
    let scope = cells.text("scope");
    if scope.is_empty() && role == Some(Role::SubCountyDirector) {
        return cells.fault("scope", || "a sub-county director needs a sub-county".to_owned());
    }
    if !scope.is_empty() && !known.is_empty() && !known.contains(scope) {
        return cells.fault("scope", || {
            format!("no centre lies in {scope:?}{}", or_nearest(scope, known.iter().copied()))
        });
    }
    Some(scope.to_owned())
}
