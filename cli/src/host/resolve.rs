//! `cargo mapi host resolve`: what Outlook does when somebody types a name and presses Ctrl+K.

mod carry_out;
mod outcome;

use std::path::{PathBuf, absolute};
use std::time::Duration;

use mapi_provider_host::abi::SyncFlags;
use mapi_provider_host::untrusted::Untrusted;

pub(super) use self::carry_out::carry_out;
use self::outcome::Names;
use super::drive::{Command, drive};
use super::protocol::{Job, Message, Task};
use super::tally::Tally;
use super::{locate, settings};
use crate::failure::Failure;
use crate::output;

/// Resolve names through an address book, as Outlook's Ctrl+K does
///
/// Logs on to the address book, asks one container after the other for each name, and logs off. `cargo mapi host show`
/// lists what is in the address book.
#[derive(clap::Args)]
#[command(after_help = "\
JSON:
  names[]    name, outcome, milliseconds, entries[]
             outcome is one, several or nobody
  entry      name, kind, address_type, address, entry_id
             kind is user or list

Examples:
  cargo mapi host resolve . 'ann lee' --set server=ldap.example.org
  cargo mapi host resolve target/debug/libcontoso32.so ann bob --json")]
pub(crate) struct Args {
    /// A provider's library, its crate's folder, or its `provider.toml`; a crate is built first
    provider: PathBuf,

    /// What somebody types
    #[arg(required = true, value_name = "NAME")]
    names: Vec<String>,

    /// Set one of the provider's settings; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,

    /// Keep the profile, with its settings, in a file; secrets are not written to it
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,

    /// Build the crate with optimisations
    #[arg(long)]
    release: bool,

    /// Print what became of them as JSON
    #[arg(long)]
    json: bool,
}

/// How long it may take, all in all.
const LIMIT: Duration = Duration::from_secs(600);

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let built = locate::library(&args.provider, args.release, None)?;
    let mut resolve = Resolve {
        args,
        names: Names::default(),
        tally: Tally::default(),
    };
    let end = drive(&built.library, LIMIT, &mut resolve)?;
    let Resolve { names, tally, .. } = resolve;
    if tally.is_shown() {
        match args.json {
            true => output::json(&names.to_json())?,
            false => output::say(&names.to_text())?,
        }
    }
    tally.verdict(&end)?;
    names.verdict()
}

/// Some names.
struct Resolve<'a> {
    args: &'a Args,
    names: Names,
    tally: Tally,
}

impl Command for Resolve<'_> {
    fn job(&mut self, manifest: Option<&str>) -> Result<Job, Failure> {
        let args = self.args;
        let profile = args.profile.as_ref().map(absolute).transpose();
        Ok(Job {
            flags: SyncFlags::empty(),
            settings: settings::resolve(&args.set, manifest).map_err(Failure::new)?,
            profile: profile.map_err(|error| Failure::new(format!("`--profile`: {error}")))?,
            timeout: LIMIT,
            inner: None,
            pst: None,
            task: Task::Resolve(args.names.clone()),
        })
    }

    fn hear(&mut self, message: &Message) -> Result<(), Failure> {
        self.tally.note(message);
        self.names.take(message);
        Ok(())
    }

    fn printed(&mut self, line: &Untrusted) {
        eprintln!("{line}");
    }
}
