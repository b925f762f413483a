//! `cargo mapi host show`: the folders and messages of a store, or one message, or what is in an address book, as Outlook
//! would show them.

use std::path::{PathBuf, absolute};
use std::time::Duration;

use mapi_provider_host::abi::SyncFlags;
use mapi_provider_host::untrusted::Untrusted;

use self::book::Containers;
use self::content::Content;
use self::letter::Letter;
pub(super) use self::store::show;
use super::drive::{Command, drive};
use super::locate::Built;
use super::protocol::{Job, Look, Message, Task};
use super::tally::Tally;
use super::wrapped::{StoreArgs, Wrapped, needs_store};
use super::{locate, settings};
use crate::failure::Failure;
use crate::output;

mod body;
mod book;
mod content;
mod digest;
pub(super) mod find;
mod held;
mod inside;
mod letter;
mod message;
pub(super) mod row;
mod store;

/// Show the folders and messages of a store, or one message, or an address book, as Outlook would
///
/// Logs on, asks the store, and logs off. Before that, it can do what the user might: the next `cargo mapi host sync`
/// then has something to send. A message is named by its whole subject, or by its entry ID, which `--json` shows; dates
/// are UTC.
#[derive(clap::Args)]
#[command(after_help = "\
JSON of a store:
  folders[]  depth, name, messages[]
  message    entry_id, subject, from, date, message_id, unread, flagged, replied, attachments,
             keywords[], body_sha256, html_sha256, attached[]
  attached   name, mime_type, size, message, sha256
JSON of an address book:
  containers[]  depth, name, find_first, entries[]
  entry         name, kind, address_type, address, entry_id
JSON of one message: the same keys as in a store, and
  folder[], from_address, sent, received     dates as 2026-03-06T08:12:44Z, or null
  to[], cc[], bcc[]                          each with name, address
  headers, body, body_format, body_cut       body_format is text, html, rtf or null

Examples:
  cargo mapi host show . --profile contoso.profile
  cargo mapi host show . 'Lunch on Friday?' --profile contoso.profile
  cargo mapi host show . --profile contoso.profile --read 'Lunch on Friday?' --json")]
pub(crate) struct Args {
    /// A provider's library, its crate's folder, or its `provider.toml`; a crate is built first
    provider: PathBuf,

    /// Show only this message, with its text and attachments
    message: Option<String>,

    /// Set one of the provider's settings; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,

    /// The file that the profile is kept in
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,

    #[command(flatten)]
    wrapped: StoreArgs,

    /// Mark this message as read first; may be repeated
    #[arg(long, value_name = "MESSAGE")]
    read: Vec<String>,

    /// Flag this message first; may be repeated
    #[arg(long, value_name = "MESSAGE")]
    flag: Vec<String>,

    /// Move this message to the deleted items first; may be repeated
    #[arg(long, value_name = "MESSAGE")]
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
/// The same where every message is read for its digests.
const LIMIT_OF_DIGESTS: Duration = Duration::from_secs(3600);

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let named = args.wrapped.inner.as_deref();
    let built = locate::library(&args.provider, args.release, named)?;
    let mut show = Show {
        args,
        built: &built,
        wrapped: Wrapped::default(),
        containers: Containers::default(),
        content: Content::default(),
        letter: Letter::default(),
        tally: Tally::default(),
    };
    let limit = match args.json {
        true => LIMIT_OF_DIGESTS,
        false => LIMIT,
    };
    let end = drive(&built.library, limit, &mut show)?;
    if show.tally.is_shown() {
        match (&args.message, args.json) {
            (_, true) if !show.containers.is_empty() => output::json(&show.containers.to_json())?,
            (_, false) if !show.containers.is_empty() => output::say(&show.containers.to_text())?,
            (None, true) => output::json(&show.content.to_json())?,
            (None, false) => output::say(&show.content.to_text())?,
            (Some(_), true) => output::json(&show.letter.to_json())?,
            (Some(_), false) => output::say(&show.letter.to_text())?,
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
    containers: Containers,
    content: Content,
    letter: Letter,
    tally: Tally,
}

impl Command for Show<'_> {
    fn job(&mut self, manifest: Option<&str>) -> Result<Job, Failure> {
        let args = self.args;
        let profile = args.profile.as_deref();
        needs_store(manifest, true)?;
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
            task: Task::Show(Look {
                read: args.read.clone(),
                flag: args.flag.clone(),
                delete: args.delete.clone(),
                message: args.message.clone(),
                digests: args.json,
            }),
        })
    }

    fn hear(&mut self, message: &Message) -> Result<(), Failure> {
        self.tally.note(message);
        self.containers.take(message);
        match message {
            Message::Part(part) if self.args.message.is_some() => self.letter.take(part),
            message => self.content.take(message),
        }
        Ok(())
    }

    fn printed(&mut self, line: &Untrusted) {
        eprintln!("{line}");
    }
}
