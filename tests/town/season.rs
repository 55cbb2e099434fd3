//! A season from its files: what an import takes, refuses, leaves alone; who sees which deployments; how a series ends.

use daftari::{
    model::{CentreCode, Msisdn},
    services::season::import::{self, ImportFailed, Kind, Options, Report},
    storage::people::{self, OnRoster},
};

use crate::town::{Town, msisdn};

mod files;
mod people_again;
mod rollover;
mod ties;

pub const SERIES: &str = "code,exam,year,starts_on,ends_on\nS26,KCSE,2026,2026-10-16,2026-11-20\n";
pub const CENTRES: &str = "code,name,county_code,county,sub_county,manager_msisdn\n\
    12345001,Mfano Secondary,022,Kiambu,Ruiru,+254700000002\n\
    02345002,Tumaini Primary,022,Kiambu,Limuru,\n";
pub const HEADER: &str = "series,centre,role,full_name,msisdn,national_id,from_on,to_on,ref\n";

pub async fn try_import(
    town: &Town,
    kind: Kind,
    text: &str,
    options: Options,
) -> Result<Report, ImportFailed> {
    import::run(&town.app().deps, kind, text.as_bytes(), options, &mut |_| {}).await
}

/// Import a file that must be right.
pub async fn import(town: &Town, kind: Kind, text: &str) -> Report {
    let report = try_import(town, kind, text, Options::default()).await.expect("it is read");
    assert_eq!(report.told.first_faults(), Vec::<&import::Fault>::new());
    assert!(report.kept);
    report
}

pub async fn replace(town: &Town, kind: Kind, text: &str) -> Report {
    let options = Options { replace: true, ..Options::default() };
    try_import(town, kind, text, options).await.expect("it is read")
}

/// What is wrong with a file, in words.
pub async fn faults(town: &Town, kind: Kind, text: &str) -> Vec<String> {
    let report = try_import(town, kind, text, Options::default()).await.expect("it is read");
    assert!(!report.kept);
    report.told.first_faults().into_iter().map(ToString::to_string).collect()
}

/// A town with a series and two centres.
pub async fn settle(town: &Town) {
    import(town, Kind::Series, SERIES).await;
    import(town, Kind::Centres, CENTRES).await;
}

/// Rows of deployments under their header.
pub fn rows(rows: &[&str]) -> String {
    format!("{HEADER}{}\n", rows.join("\n"))
}

pub fn counts(report: &Report) -> [u64; 4] {
    [report.added, report.changed, report.same, report.removed]
}

pub async fn everybody(town: &Town, centre: &str) -> Vec<OnRoster> {
    let mut tx = town.app().deps.store.read().await.expect("a read");
    let centre = CentreCode::parse(centre).expect("a centre");
    people::everybody(&mut tx, "S26", &centre).await.expect("a roster")
}

/// Who still counts at a centre: `1 Asha Njeri`.
pub async fn roster(town: &Town, centre: &str) -> Vec<String> {
    let all = everybody(town, centre).await.into_iter();
    let standing = all.filter(|one| one.deployment.removed_at.is_none());
    standing.map(|one| format!("{} {}", one.deployment.number, one.full_name)).collect()
}

pub fn line(number: &str) -> Msisdn {
    msisdn(number)
}
