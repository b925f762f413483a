//! `cargo mapi host`: runs a provider as Outlook would.
//!
//! The provider runs in a process of its own. If it crashes, the user gets a sentence; if it hangs, it
//! is killed. That process is this same program with a hidden subcommand; it reports what happens line
//! by line in JSON.

mod bar;
mod book;
mod check;
mod child;
mod configure;
mod drive;
mod edit;
mod in_store;
mod locate;
mod process;
mod protocol;
mod resolve;
mod scope;
mod screen;
mod send;
mod settings;
mod show;
mod sync;
mod tally;
mod wrapped;

use crate::failure::Failure;

/// Run a provider in a host that plays MAPI and Outlook
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cargo mapi host sync .
  cargo mapi host check . --set server=mail.example.org
  cargo mapi help host sync")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    Sync(sync::Args),
    Send(send::Args),
    Resolve(resolve::Args),
    Check(check::Args),
    Configure(configure::Args),
    Show(show::Args),
    Edit(edit::Args),
    #[command(hide = true)]
    Run(child::Args),
    #[command(hide = true)]
    Scenario(check::ScenarioArgs),
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    match &args.command {
        Command::Sync(args) => sync::run(args),
        Command::Send(args) => send::run(args),
        Command::Resolve(args) => resolve::run(args),
        Command::Check(args) => check::run(args),
        Command::Configure(args) => configure::run(args),
        Command::Scenario(args) => check::run_scenario(args),
        Command::Show(args) => show::run(args),
        Command::Edit(args) => edit::run(args),
        Command::Run(args) => child::run(args),
    }
}
