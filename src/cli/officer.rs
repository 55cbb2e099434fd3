//! `officer`: who helps people, and what they do. An officer is named by the line on the list of officers; every act is
//! in the audit under the officer's id.

use std::process::ExitCode;

use chrono::{DateTime, Utc};
use clap::{Subcommand, ValueEnum};
use secrecy::ExposeSecret as _;

use crate::{
    app,
    clock::{Chance, Clock},
    config::Config,
    model::Msisdn,
    services::{
        Deps,
        accounts::NAIROBI,
        menus::MenuBook,
        officers::{self, Issued, OfficerRefused},
        posts::{self, issue::NotIssued},
        season::tie::{self, PlaceOnRoster, Tied},
    },
    storage::{moves::Move, officers::Role, ties::Contested},
};

#[derive(Subcommand)]
pub(super) enum OfficerCommand {
    /// Put somebody in office.
    Add {
        /// The whole name.
        #[arg(long)]
        name: String,
        /// The line, like 0712345678.
        #[arg(long, value_parser = line)]
        msisdn: Msisdn,
        /// What the officer is.
        #[arg(long)]
        role: RoleName,
        /// A sub-county or a county; without it: everywhere.
        #[arg(long, default_value = "")]
        scope: String,
    },
    /// Show everybody in office.
    List,
    /// Let somebody go; what was done stays on the record.
    Remove {
        /// The officer's line.
        #[arg(long, value_parser = line)]
        msisdn: Msisdn,
    },
    /// Make an officer's first PIN, send it to the officer's own line and print it once; the PIN before ends.
    Pin {
        /// The officer's line.
        #[arg(value_parser = line)]
        msisdn: Msisdn,
    },
    /// Make a recovery code for an account, to be read out or handed over; it works on the account's own line alone.
    Code {
        /// The account's line.
        #[arg(long = "for", value_name = "MSISDN", value_parser = line)]
        account: Msisdn,
        /// The officer's line.
        #[arg(long = "as", value_name = "OFFICER", value_parser = line)]
        officer: Msisdn,
    },
    /// Ask for the move of an account whose line is gone; another officer must confirm it.
    Move {
        /// The account's line.
        #[arg(long = "for", value_name = "OLD", value_parser = line)]
        account: Msisdn,
        /// The line it shall go to.
        #[arg(long, value_name = "NEW", value_parser = line)]
        to: Msisdn,
        /// The officer's line.
        #[arg(long = "as", value_name = "OFFICER", value_parser = line)]
        officer: Msisdn,
    },
    /// Confirm what another officer asked for: the account moves at once.
    Confirm {
        /// The move's reference.
        reference: String,
        /// The new line, as the person said it to you.
        #[arg(long, value_name = "NEW", value_parser = line)]
        to: Msisdn,
        /// The officer's line.
        #[arg(long = "as", value_name = "OFFICER", value_parser = line)]
        officer: Msisdn,
    },
    /// Cancel a move that waits, or undo one within 72 hours.
    Cancel {
        /// The move's reference.
        reference: String,
        /// The officer's line.
        #[arg(long = "as", value_name = "OFFICER", value_parser = line)]
        officer: Msisdn,
    },
    /// Show the moves that somebody on the old line objects to.
    Objections,
    /// Tie an account to somebody who is deployed: the director of the place alone, or two other officers.
    Tie {
        /// The account's line.
        #[arg(value_name = "MSISDN", value_parser = line)]
        account: Msisdn,
        /// The person's place on a roster: SERIES/CENTRE/NUMBER.
        #[arg(value_parser = place)]
        person: PlaceOnRoster,
        /// The officer's line.
        #[arg(long = "as", value_name = "OFFICER", value_parser = line)]
        officer: Msisdn,
    },
    /// Say that a tie is wrong: pay rests until an officer has looked. Without a person: show every such tie.
    Contest {
        /// The person's place on a roster: SERIES/CENTRE/NUMBER.
        #[arg(value_parser = place, requires = "officer")]
        person: Option<PlaceOnRoster>,
        /// The officer's line.
        #[arg(long = "as", value_name = "OFFICER", value_parser = line)]
        officer: Option<Msisdn>,
    },
    /// Having looked at a contested tie, keep it or undo it.
    Settle {
        /// The person's place on a roster: SERIES/CENTRE/NUMBER.
        #[arg(value_parser = place)]
        person: PlaceOnRoster,
        /// What is right.
        #[arg(value_enum)]
        verdict: Verdict,
        /// The officer's line.
        #[arg(long = "as", value_name = "OFFICER", value_parser = line)]
        officer: Msisdn,
    },
}

/// What an officer has found out of a tie.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Verdict {
    /// The account is this person's.
    Keep,
    /// It is not.
    Undo,
}

fn place(typed: &str) -> Result<PlaceOnRoster, String> {
    PlaceOnRoster::parse(typed).ok_or_else(|| "write it like KCSE2026/12345001/7".to_owned())
}

/// What an officer is.
#[derive(Clone, Copy, ValueEnum)]
pub(super) enum RoleName {
    /// The director of education of a sub-county.
    #[value(name = "sub_county_director")]
    SubCountyDirector,
    /// The help desk.
    #[value(name = "support")]
    Support,
    /// Headquarters.
    #[value(name = "headquarters")]
    Headquarters,
}

impl From<RoleName> for Role {
    fn from(name: RoleName) -> Self {
        match name {
            RoleName::SubCountyDirector => Self::SubCountyDirector,
            RoleName::Support => Self::Support,
            RoleName::Headquarters => Self::Headquarters,
        }
    }
}

fn line(typed: &str) -> Result<Msisdn, String> {
    Msisdn::from_typed(typed).map_err(|refusal| refusal.to_string())
}

impl OfficerCommand {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<ExitCode> {
        let deps = app::open_deps(&config, Clock::System, Chance::from_system()).await?;
        let menus = MenuBook::open(deps.clone(), app::proved_menus(&config)?).await?;
        let said = self.carry_out(&deps, &menus).await;
        deps.store.close().await;
        println!("{}", said?);
        Ok(ExitCode::SUCCESS)
    }

    async fn carry_out(self, deps: &Deps, menus: &MenuBook) -> anyhow::Result<String> {
        let menus = menus.current();
        Ok(match self {
            Self::Add { name, msisdn, role, scope } => {
                let officer = officers::add(deps, &name, msisdn, role.into(), &scope).await?;
                format!("{} is in office.", officer.full_name)
            }
            Self::List => list(deps).await?,
            Self::Remove { msisdn } => {
                format!("{} is no longer in office.", officers::remove(deps, &msisdn).await?.full_name)
            }
            Self::Pin { msisdn } => {
                let pin = posts::desk::issue_to_officer(deps, &msisdn).await.map_err(|why| match why {
                    NotIssued::NoPost => anyhow::Error::from(OfficerRefused::NotAnOfficer),
                    why => why.into(),
                })?;
                super::centre::issued(deps, &pin, ("the officer", &msisdn))
            }
            Self::Code { account, officer } => {
                let issued = officers::issue_code(deps, &menus, &officer, &account).await?;
                code(deps, &account, &issued)
            }
            Self::Move { account, to, officer } => {
                asked(&officers::ask_move(deps, &officer, &account, &to).await?)
            }
            Self::Confirm { reference, to, officer } => {
                moved(&officers::confirm_move(deps, &menus, &officer, &upper(&reference), &to).await?)
            }
            Self::Cancel { reference, officer } => {
                let (found, undone) =
                    officers::cancel_move(deps, &menus, &officer, &upper(&reference)).await?;
                cancelled(&found, undone)
            }
            Self::Objections => objections(deps).await?,
            Self::Tie { account, person, officer } => {
                tied(tie::by_officer(deps, &officer, &account, &person).await?)
            }
            Self::Contest { person: Some(person), officer: Some(officer) } => {
                tie::contest_by_officer(deps, &officer, &person).await?;
                "Noted: what this person is owed rests until an officer has looked (`daftari officer settle`).".to_owned()
            }
            Self::Contest { .. } => contested(deps).await?,
            Self::Settle { person, verdict, officer } => {
                tie::settle(deps, &officer, &person, verdict == Verdict::Keep).await?;
                match verdict {
                    Verdict::Keep => "The tie stays.".to_owned(),
                    Verdict::Undo => {
                        "The tie is undone: that account no longer sees these deployments.".to_owned()
                    }
                }
            }
        })
    }
}

/// References are read out: their letters are capitals.
fn upper(reference: &str) -> String {
    reference.trim().to_ascii_uppercase()
}

fn time(at: DateTime<Utc>) -> String {
    at.with_timezone(&NAIROBI).format("%d/%m/%Y %H:%M").to_string()
}

fn tied(tied: Tied) -> String {
    match tied {
        Tied::Done => "The account sees this person's deployments now.".to_owned(),
        Tied::AlreadySo => "The account sees this person's deployments already.".to_owned(),
        Tied::Asked(until) => format!(
            "Noted. Until {} another officer must say the same with `daftari officer tie`; then the account sees them.",
            time(until)
        ),
    }
}

async fn contested(deps: &Deps) -> anyhow::Result<String> {
    let all = tie::contested(deps).await?;
    if all.is_empty() {
        return Ok("Nobody says that a tie is wrong.".to_owned());
    }
    let row = |one: &Contested| {
        let place = format!("{}/{}/{}", one.series, one.centre, one.number);
        format!("{place}  {}  contested {}", one.full_name, time(one.at))
    };
    Ok(all.iter().map(row).collect::<Vec<_>>().join("\n"))
}

async fn list(deps: &Deps) -> anyhow::Result<String> {
    let all = officers::list(deps).await?;
    if all.is_empty() {
        return Ok("Nobody is in office. `daftari officer add` puts somebody on the list.".to_owned());
    }
    let width = all.iter().map(|officer| officer.full_name.chars().count()).max().unwrap_or(0);
    let row = |officer: &crate::storage::officers::Officer| {
        let scope = if officer.scope.is_empty() { "everywhere" } else { officer.scope.as_str() };
        let (name, line, role) = (&officer.full_name, officer.msisdn.national(), officer.role.name());
        format!("{name:width$}  {line}  {role:<19}  {scope}")
    };
    Ok(all.iter().map(row).collect::<Vec<_>>().join("\n"))
}

fn code(deps: &Deps, account: &Msisdn, issued: &Issued) -> String {
    let digits = issued.code.expose_secret();
    let (front, back) = digits.split_at(digits.len() / 2);
    let (line, until, dial) = (account.national(), time(issued.until), &deps.settings.service_code);
    format!(
        "Code:       {front} {back}\n\
         For:        the account on {line}, and on that line alone\n\
         Until:      {until}, three tries\n\
         \n\
         See an identity document with the photo of the person before you. Read the code out or hand it over; never\n\
         send it by SMS. It is not shown again: a new one takes its place.\n\
         The person dials {dial} from {line}, chooses \"I forgot my PIN\", then \"Officer's code\",\n\
         and types it. You never ask for the new PIN. The line is told by SMS that you made a code.\n\
         If that line is gone: daftari officer move."
    )
}

fn asked(moving: &Move) -> String {
    let (reference, old, new) = (&moving.reference, moving.old.national(), moving.new.national());
    let until = time(moving.expires_at);
    format!(
        "Reference:  {reference}\n\
         From:       {old}\n\
         To:         {new}\n\
         \n\
         Nothing has moved yet. Until {until} another officer, who has seen the person and heard the new\n\
         number from them, confirms it:\n\
         \x20   daftari officer confirm {reference} --to NEW --as OFFICER"
    )
}

fn moved(moving: &Move) -> String {
    let (reference, old, new) = (&moving.reference, moving.old.national(), moving.new.national());
    format!(
        "The account moved from {old} to {new}. Everybody is signed out, and both lines are told.\n\
         The person signs in from {new} with the PIN. If it is forgotten: \"I forgot my PIN\" on that line, or\n\
         daftari officer code --for {new} --as OFFICER\n\
         Pay details rest for 72 hours. As long this undoes the move:\n\
         \x20   daftari officer cancel {reference} --as OFFICER"
    )
}

fn cancelled(found: &Move, undone: bool) -> String {
    let (old, new) = (found.old.national(), found.new.national());
    if undone {
        format!(
            "The account is back on {old}. Everybody is signed out, the PIN is switched off, and both lines are told.\n\
             The person chooses a new PIN on {old}: \"Choose a new PIN\"."
        )
    } else {
        format!("The move from {old} to {new} is cancelled. Nothing has moved.")
    }
}

async fn objections(deps: &Deps) -> anyhow::Result<String> {
    let all = officers::objected(deps).await?;
    if all.is_empty() {
        return Ok("Nobody objects to a move.".to_owned());
    }
    let row = |found: &Move| {
        let (old, new) = (found.old.national(), found.new.national());
        let at = found.objected_at.map(time).unwrap_or_default();
        format!("{}  from {old} to {new}  objected {at}", found.reference)
    };
    let rows: Vec<String> = all.iter().map(row).collect();
    Ok(format!(
        "{}\n\nSee the person. To undo one: daftari officer cancel REFERENCE --as OFFICER",
        rows.join("\n")
    ))
}
