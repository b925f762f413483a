//! `cargo mapi mailbox`: looks after the file in which a store of the kind `store` keeps its mail.

mod check;
mod compact;
mod export;

use std::path::Path;

use mapi_provider_mailbox::database::{Error, Store, StoreFile};

use crate::failure::Failure;
use crate::install::helped;

/// Check, compact or export the file of a mailbox
///
/// For support: the file is the one that `[store] path` in `provider.toml` names. None of these makes a file, brings one up
/// to date, or needs the provider.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cargo mapi mailbox check mail.db
  cargo mapi mailbox compact mail.db
  cargo mapi mailbox export mail.db saved")]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    Check(check::Args),
    Compact(compact::Args),
    Export(export::Args),
}

pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    match &args.command {
        Command::Check(args) => check::run(args),
        Command::Compact(args) => compact::run(args),
        Command::Export(args) => export::run(args),
    }
}

/// Opens a file to look at it.
fn look_at(path: &Path) -> Result<StoreFile, Failure> {
    StoreFile::open(path).map_err(|error| failed(path, &error))
}

/// Opens a mailbox that is there.
fn open(path: &Path) -> Result<Store, Failure> {
    // It says more exactly what a file is that is none.
    look_at(path)?;
    Store::open_existing(path).map_err(|error| failed(path, &error))
}

/// Says what is wrong with the file, and what can be done about it.
fn failed(path: &Path, error: &Error) -> Failure {
    let sentence = format!("{}: {error}", path.display());
    match error {
        Error::NoStore(_) => helped(
            sentence,
            "name the file that the provider keeps its mail in: `[store] path` in its `provider.toml` says where it is",
        ),
        _ => Failure::new(sentence),
    }
}
