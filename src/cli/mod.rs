//! The commands. Each is a file of its own; what they do lives further in.

use std::{path::PathBuf, process::ExitCode};

use clap::{Args, Parser, Subcommand};

use crate::{
    clock::Chance,
    config::{Config, Environment},
    telemetry::logs,
};

mod audit;
mod centre;
mod claims;
mod demo;
mod import;
mod keys;
mod menu;
mod officer;
mod private;
mod register;
mod routes;
mod serve;
mod simulate;
mod support;

/// The SMS and USSD gateway for contracted examination staff.
#[derive(Parser)]
#[command(version, about)]
struct Cli {
    #[command(flatten)]
    configured: Configured,
    #[command(subcommand)]
    command: Command,
}

/// Which configuration.
#[derive(Args)]
struct Configured {
    /// The configuration file; without one, the embedded default.
    #[arg(long, global = true, env = "DAFTARI_CONFIG")]
    config: Option<PathBuf>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the embedded default with demo data; nothing leaves the machine.
    Demo(demo::Demo),
    /// Serve by the configuration.
    Serve,
    /// Bring the database to this program's version.
    Migrate,
    /// Look at the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Prove, play and draw the menus.
    #[command(subcommand)]
    Menu(menu::MenuCommand),
    /// Play many phones against a gateway and judge what they see.
    Simulate(Box<simulate::Simulate>),
    /// Show what each SMS route has done for each network.
    Routes(routes::Routes),
    /// Verify the audit chains, export their heads.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// Officers and what they do for people: codes, accounts on lost lines.
    #[command(subcommand)]
    Officer(officer::OfficerCommand),
    /// A centre's PIN and the lines it is used from.
    #[command(subcommand)]
    Centre(centre::CentreCommand),
    /// Make keys; change them while serving.
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// The support desk: read and answer what people wrote.
    #[command(subcommand)]
    Support(support::SupportCommand),
    /// Registers of attendance: as files, to be signed and handed in.
    #[command(subcommand)]
    Register(register::RegisterCommand),
    /// Load a season from CSV files: series, days, rates, centres, officers, deployments.
    Import(import::Import),
    /// Pay: what is owed, what goes to the payer, what was paid.
    #[command(subcommand)]
    Claims(claims::ClaimsCommand),
}

#[derive(Subcommand)]
enum ConfigCommand {
    /// Say what is wrong with the configuration, all of it at once.
    Check,
}

/// Run the command line and give the exit code: 0 done, 1 not done, 2 not understood.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("The program can't start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(cli)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        Command::Demo(demo) => demo.run().await,
        Command::Serve => serve::run(load(&cli.configured)?).await,
        Command::Migrate => serve::migrate(load(&cli.configured)?).await,
        Command::Config(ConfigCommand::Check) => Ok(check(&cli.configured)),
        Command::Menu(command) => command.run(&cli.configured).await,
        Command::Simulate(simulate) => Ok(simulate.run().await),
        Command::Routes(routes) => routes.run(load(&cli.configured)?).await,
        Command::Audit(command) => command.run(load(&cli.configured)?).await,
        Command::Officer(command) => command.run(load(&cli.configured)?).await,
        Command::Centre(command) => command.run(load(&cli.configured)?).await,
        Command::Keys(command) => command.run(&cli.configured).await,
        Command::Support(command) => command.run(load(&cli.configured)?).await,
        Command::Claims(command) => command.run(load(&cli.configured)?).await,
        Command::Register(command) => command.run(load(&cli.configured)?).await,
        Command::Import(import) => match import.template() {
            Some(template) => {
                print!("{template}");
                Ok(ExitCode::SUCCESS)
            }
            None => import.run(load(&cli.configured)?).await,
        },
    }
}

fn read(configured: &Configured) -> Result<Config, crate::config::Faults> {
    let chance = Chance::from_system();
    Config::load(configured.config.as_deref(), &Environment::of_process(), &mut |bytes| chance.fill(bytes))
}

/// The configuration, and logs as it wants them.
fn load(configured: &Configured) -> anyhow::Result<Config> {
    let config =
        read(configured).map_err(|faults| anyhow::anyhow!("The configuration is wrong:\n{faults}"))?;
    logs::install(&config.log)?;
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
    Ok(config)
}

fn check(configured: &Configured) -> ExitCode {
    match read(configured) {
        Ok(config) => {
            for warning in config.warnings() {
                println!("Note: {warning}");
            }
            println!("The configuration is right.");
            ExitCode::SUCCESS
        }
        Err(faults) => {
            eprintln!("{faults}");
            ExitCode::FAILURE
        }
    }
}
