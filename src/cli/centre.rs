//! `centre`: the PIN of a centre and the lines it is used from, until directors do it by phone and when they can't.

use std::process::ExitCode;

use anyhow::{Context as _, ensure};
use chrono::{DateTime, Utc};
use clap::Subcommand;
use secrecy::ExposeSecret as _;

use crate::{
    app,
    clock::{Chance, Clock},
    config::Config,
    model::{CentreCode, Msisdn},
    services::{
        Deps,
        accounts::NAIROBI,
        posts::{
            desk::{self, CentreView},
            issue::Issued,
        },
    },
    storage::posts::{Credential, Part},
};

#[derive(Subcommand)]
pub(super) enum CentreCommand {
    /// Make a centre's first PIN, send it by SMS and print it once; the PIN before ends.
    Issue {
        /// The centre's code: eight digits.
        #[arg(value_parser = code)]
        code: CentreCode,
        /// The line that the PIN goes to, and works from.
        #[arg(long, value_name = "MSISDN", value_parser = line)]
        to: Msisdn,
    },
    /// Show a centre's lines and the history of its PINs; no secret.
    Show {
        /// The centre's code.
        #[arg(value_parser = code)]
        code: CentreCode,
    },
    /// End every PIN of a centre and let its lines go.
    Revoke {
        /// The centre's code.
        #[arg(value_parser = code)]
        code: CentreCode,
    },
    /// Let one line of a centre go.
    Unbind {
        /// The centre's code.
        #[arg(value_parser = code)]
        code: CentreCode,
        /// The line.
        #[arg(long, value_name = "MSISDN", value_parser = line)]
        line: Msisdn,
    },
}

fn code(typed: &str) -> Result<CentreCode, String> {
    CentreCode::parse(typed).ok_or_else(|| "a centre's code has eight digits".to_owned())
}

fn line(typed: &str) -> Result<Msisdn, String> {
    Msisdn::from_typed(typed).map_err(|refusal| refusal.to_string())
}

impl CentreCommand {
    pub(super) async fn run(self, config: Config) -> anyhow::Result<ExitCode> {
        let deps = app::open_deps(&config, Clock::System, Chance::from_system()).await?;
        let said = self.carry_out(&deps).await;
        deps.store.close().await;
        println!("{}", said?);
        Ok(ExitCode::SUCCESS)
    }

    async fn carry_out(self, deps: &Deps) -> anyhow::Result<String> {
        Ok(match self {
            Self::Issue { code, to } => issued(
                deps,
                &desk::issue_to_centre(deps, &code, &to).await?,
                (&format!("centre {code}"), &to),
            ),
            Self::Show { code } => shown(&known(deps, &code).await?, deps.clock.now()),
            Self::Revoke { code } => {
                known(deps, &code).await?;
                match desk::revoke(deps, &code).await? {
                    0 => "The centre had no PIN that counted; no line speaks for it.".to_owned(),
                    _ => "The PIN is ended, and no line speaks for the centre. `daftari centre issue` makes a new one."
                        .to_owned(),
                }
            }
            Self::Unbind { code, line } => {
                known(deps, &code).await?;
                ensure!(desk::unbind(deps, &code, &line).await?, "this line is not bound to the centre");
                "The line no longer speaks for the centre, and everybody is signed out. Whoever knows the PIN can bind \
                 it again: if that must not be, `daftari centre issue`."
                    .to_owned()
            }
        })
    }
}

async fn known(deps: &Deps, code: &CentreCode) -> anyhow::Result<CentreView> {
    desk::show(deps, code).await?.context("there is no such centre: see the file of centres")
}

/// A first PIN, said once.
pub(super) fn issued(deps: &Deps, issued: &Issued, (whose, to): (&str, &Msisdn)) -> String {
    let digits = issued.pin.expose_secret();
    let (front, back) = digits.split_at(digits.len() / 2);
    let (line, until, dial) = (to.national(), time(issued.until), &deps.settings.service_code);
    format!(
        "First PIN:  {front} {back}\n\
         For:        {whose}, from {line} and from that line alone\n\
         Until:      {until}\n\
         Reference:  {}\n\
         \n\
         It goes to that line by SMS, and is not shown again: a new one takes its place. Every PIN before it has ended.\n\
         The person dials {dial} from {line}, types it and chooses a PIN of their own; it is good for nothing else.",
        issued.reference
    )
}

fn shown(view: &CentreView, now: DateTime<Utc>) -> String {
    let (centre, none) = (&view.centre, || "-".to_owned());
    let removed = centre.removed_at.map(|at| format!("\nRemoved:    {}", time(at))).unwrap_or_default();
    let lines: Vec<String> = view.lines.iter().map(Msisdn::national).collect();
    let lines = if lines.is_empty() { none() } else { lines.join(", ") };
    let pins: Vec<String> = view.pins.iter().map(|pin| history(pin, now)).collect();
    let pins = if pins.is_empty() { "none yet".to_owned() } else { pins.join("\n            ") };
    format!(
        "Centre:     {} {}\n\
         Place:      {}, {} {}\n\
         Manager:    {}\n\
         Lines:      {lines}\n\
         PINs:       {pins}{removed}",
        centre.code,
        centre.name,
        centre.sub_county,
        centre.county_code,
        centre.county,
        centre.manager.as_ref().map_or_else(none, Msisdn::national),
    )
}

fn history(
    (pin, revoked_at, revoked_by): &(Credential, Option<DateTime<Utc>>, Option<String>),
    now: DateTime<Utc>,
) -> String {
    let part = match pin.part {
        Part::Holder => "",
        Part::Deputy => "deputy's, ",
    };
    let state = match (revoked_at, pin.chosen_at, pin.expires_at) {
        (Some(at), ..) => format!("ended {} by {}", time(*at), revoked_by.as_deref().unwrap_or("-")),
        (None, _, Some(until)) if until <= now => format!("expired {}", time(until)),
        (None, Some(at), _) => format!("counts; chosen {}", time(at)),
        (None, None, until) => format!("first PIN, until {}", until.map(time).unwrap_or_default()),
    };
    let (at, by, to) = (time(pin.issued_at), &pin.issued_by, pin.issued_to.masked());
    format!("{part}issued {at} by {by} to {to}: {state}")
}

fn time(at: DateTime<Utc>) -> String {
    at.with_timezone(&NAIROBI).format("%d/%m/%Y %H:%M").to_string()
}
