//! `cargo mapi host show`: the folders and messages of a store, as Outlook would show them.

use std::path::{PathBuf, absolute};
use std::time::Duration;

use mapi_provider_host::abi::SyncFlags;
use mapi_provider_host::untrusted::Untrusted;

use self::content::Content;
pub(super) use self::store::show;
use super::drive::{Command, drive};
use super::locate::Built;
use super::protocol::{Acts, Job, Message};
use super::tally::Tally;
use super::wrapped::{StoreArgs, Wrapped};
use super::{locate, settings};
use crate::failure::Failure;
use crate::output;

mod content;
mod store;

/// Show the folders and messages of a store, as Outlook would
///
/// Logs on, asks the store for its tables, and logs off. Before that, it can do what the user might, so the
/// next `cargo mapi host sync` has something to send.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cargo mapi host show . --profile contoso.profile
  cargo mapi host show . --profile contoso.profile --read 'Lunch on Friday?' --json")]
pub(crate) struct Args {
    /// A provider's library, its crate's folder, or its `provider.toml`; a crate is built first
    provider: PathBuf,

    /// Set one of the provider's settings; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,

    /// The file that the profile is kept in
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,

    #[command(flatten)]
    wrapped: StoreArgs,

    /// First mark the message with this subject as read; may be repeated
    #[arg(long, value_name = "SUBJECT")]
    read: Vec<String>,

    /// First flag the message with this subject; may be repeated
    #[arg(long, value_name = "SUBJECT")]
    flag: Vec<String>,

    /// First move the message with this subject to the deleted items; may be repeated
    #[arg(long, value_name = "SUBJECT")]
    delete: Vec<String>,

    /// Build the crate with optimisations
    #[arg(long)]
    release: bool,

    /// Print it as JSON
    #[arg(long)]
    json: bool,
}

/// How long it may take to show a store, all in all.
const LIMIT: Duration = Duration::from_secs(600);

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let named = args.wrapped.inner.as_deref();
    let built = locate::library(&args.provider, args.release, named)?;
    let mut show = Show {
        args,
        built: &built,
        wrapped: Wrapped::default(),
        content: Content::default(),
        tally: Tally::default(),
    };
    let end = drive(&built.library, LIMIT, &mut show)?;
    if show.tally.is_shown() {
        if args.json {
            output::json(&show.content.to_json())?;
        } else {
            output::say(&show.content.to_text())?;
        }
    }
    show.tally.verdict(&end)
}

/// One look at a store.
struct Show<'a> {
    args: &'a Args,
    built: &'a Built,
    /// Held until the end: the store's file may be for this once alone.
    wrapped: Wrapped,
    content: Content,
    tally: Tally,
}

impl Command for Show<'_> {
    fn job(&mut self, manifest: Option<&str>) -> Result<Job, Failure> {
        let args = self.args;
        let profile = args.profile.as_deref();
        self.wrapped = Wrapped::of(&args.wrapped, self.built, manifest, profile)?;
        let mut settings = settings::resolve(&args.set, manifest).map_err(Failure::new)?;
        settings.extend(self.wrapped.store.clone());
        let profile = args.profile.as_ref().map(absolute).transpose();
        Ok(Job {
            flags: SyncFlags::empty(),
            settings,
            profile: profile.map_err(|error| Failure::new(format!("`--profile`: {error}")))?,
            timeout: LIMIT,
            inner: self.wrapped.inner.clone(),
            pst: None,
            show: Some(Acts {
                read: args.read.clone(),
                flag: args.flag.clone(),
                delete: args.delete.clone(),
            }),
        })
    }

    fn hear(&mut self, message: &Message) -> Result<(), Failure> {
        self.tally.note(message);
        self.content.take(message);
        Ok(())
    }

    fn printed(&mut self, line: &Untrusted) {
        eprintln!("{line}");
    }
}
