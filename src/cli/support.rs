//! `support list`, `show`, `answer` and `close`: the desk's work until the console does it, and after.

use std::process::ExitCode;

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use clap::{Args, Subcommand};
use serde::Serialize;

use crate::{
    app,
    clock::{Chance, Clock},
    config::Config,
    menu::{check, registry::fate_word},
    model::ticket::DeskName,
    services::{
        Deps,
        accounts::NAIROBI,
        support::{self, Shown, Written},
    },
    storage::support::Ticket,
};

#[derive(Subcommand)]
pub(super) enum SupportCommand {
    /// List the tickets, those waiting longest first.
    List {
        /// Also those that are closed.
        #[arg(long)]
        all: bool,
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Read a ticket, with the whole number; it goes into the audit who did.
    Show(Named),
    /// Answer a ticket by SMS, in up to two segments.
    Answer {
        #[command(flatten)]
        named: Named,
        /// What to say.
        words: String,
    },
    /// Close a ticket: what its person writes next begins another.
    Close(Named),
}

/// A ticket, and who works on it.
#[derive(Args)]
pub(super) struct Named {
    /// The ticket, e.g. K7Q2.
    reference: String,
    /// Your name, for the audit.
    #[arg(long = "as", value_name = "NAME")]
    by: DeskName,
}

/// A ticket in `list --json`.
#[derive(Serialize)]
struct Listed<'a> {
    reference: &'a str,
    state: &'static str,
    line: String,
    language: &'static str,
    opened_at: DateTime<Utc>,
    changed_at: DateTime<Utc>,
    texts: i64,
}

impl SupportCommand {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<ExitCode> {
        let deps = app::open_deps(&config, Clock::System, Chance::from_system()).await?;
        match self {
            Self::List { all, json } => list(&deps, all, json).await?,
            Self::Show(Named { reference, by }) => show(&support::show(&deps, &reference, &by).await?),
            Self::Answer { named: Named { reference, by }, words } => {
                let menus = check::load(app::bundle(&config)?, config.ussd.screen_septets)
                    .map_err(|complaints| anyhow::anyhow!("The menus are wrong:\n{}", lines(&complaints)))?;
                support::answer(&deps, &menus, &reference, &words, &by).await?;
                println!("The answer to {} is on its way.", reference.to_uppercase());
            }
            Self::Close(Named { reference, by }) => {
                support::close(&deps, &reference, &by).await?;
                println!("{} is closed.", reference.to_uppercase());
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn lines(complaints: &[impl ToString]) -> String {
    complaints.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

async fn list(deps: &Deps, all: bool, json: bool) -> anyhow::Result<()> {
    let tickets = support::list(deps, all).await?;
    if json {
        let listed: Vec<Listed<'_>> = tickets.iter().map(listed).collect();
        println!("{}", serde_json::to_string_pretty(&listed).context("The list can't be written as JSON")?);
        return Ok(());
    }
    if tickets.is_empty() {
        println!("{}", if all { "There are no tickets." } else { "Nobody waits for the desk." });
        return Ok(());
    }
    println!("REF   STATE     LINE           LANG  TEXTS  OPENED            LAST");
    for ticket in &tickets {
        let Listed { reference, state, line, language, texts, .. } = listed(ticket);
        let (opened, last) = (minute(ticket.opened_at), minute(ticket.changed_at));
        println!("{reference:<5} {state:<9} {line:<14} {language:<5} {texts:>5}  {opened:<17} {last}");
    }
    Ok(())
}

fn listed(ticket: &Ticket) -> Listed<'_> {
    Listed {
        reference: &ticket.reference,
        state: ticket.state.name(),
        line: ticket.msisdn.masked(),
        language: ticket.language.code(),
        opened_at: ticket.opened_at,
        changed_at: ticket.changed_at,
        texts: ticket.texts,
    }
}

fn show(Shown { ticket, notes }: &Shown) {
    let (state, language) = (ticket.state.name(), ticket.language.code());
    println!("{}  {state}  {}  ({language})", ticket.reference, ticket.msisdn.as_e164());
    for note in notes {
        println!("\n{}  {}", minute(note.at), heading(note));
        for line in body(note).lines() {
            println!("  {line}");
        }
    }
}

fn heading(note: &Written) -> String {
    match &note.desk {
        Some((name, fate)) => format!("{name} at the desk ({})", fate_word(*fate)),
        None if note.starred => "the person (digits are starred: they may be a PIN or a code)".to_owned(),
        None => "the person".to_owned(),
    }
}

/// The words, without anything that would act on a terminal.
fn body(note: &Written) -> String {
    let words = note.words.as_deref().unwrap_or("(wiped: words are kept for 90 days)");
    words.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect()
}

/// Day and time in Nairobi.
fn minute(at: DateTime<Utc>) -> String {
    at.with_timezone(&NAIROBI).format("%d/%m/%Y %H:%M").to_string()
}
