//! `cargo mapi host edit`: changes a store as its user would, through its interfaces alone.

mod carry_out;
pub(super) mod eml;
mod flag;
mod folders;
mod messages;
mod options;
mod report;

use std::path::{PathBuf, absolute};
use std::time::Duration;

use mapi_provider_host::abi::SyncFlags;
use mapi_provider_host::untrusted::Untrusted;

pub(super) use self::carry_out::carry_out;
use self::options::Actions;
use self::report::Report;
use super::drive::{Command, drive};
use super::locate::Built;
use super::protocol::{Job, Message, Task};
use super::tally::Tally;
use super::wrapped::{StoreArgs, Wrapped, needs_store};
use super::{locate, settings};
use crate::failure::Failure;
use crate::output;

/// Change a store as its user would
///
/// Logs on, does what is asked for in the order in which it is written, and logs off: the next `cargo mapi host sync`
/// then has something to send. `--message` says which message the actions after it are for: by its whole subject, or by
/// its entry ID, which `cargo mapi host show --json` shows. After `--new` they are for the new message. If several
/// messages have the subject, all of them are listed, and nothing is changed.
///
/// All files are read and all messages looked up before anything is changed. If an action fails, those after it are not
/// begun, and each says what has become of it. A folder's PATH has the names of its parents, as in `Inbox/2026`; a `/` in
/// a name is written `\/`.
#[derive(clap::Args)]
#[command(after_help = "\
JSON:
  actions[]     action, state, error, and what it was given: message, to, file, folder, path, name
    state       done, failed, not begun, or unknown where the provider has crashed or hung
    if done     entry_id, subject, place[], detail: the message as it was named before that
  error         null, or what is wrong
  candidates[]  the messages that may be meant: as in `host show --json`, with place[]

Examples:
  cargo mapi host edit . --profile p --message 'Lunch on Friday?' --read --flag
  cargo mapi host edit . --profile p --message 00a1b2c3 --move Inbox/2026 --json
  cargo mapi host edit . --profile p --new-folder 'To do' --new hello.eml --folder 'To do'
  cargo mapi host edit . --profile p --new answer.eml --folder Outbox --send")]
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

    /// Build the crate with optimisations
    #[arg(long)]
    release: bool,

    /// Print it as JSON
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    actions: Actions,
}

/// How long it may take to change a store, all in all.
const LIMIT: Duration = Duration::from_secs(600);

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let named = args.wrapped.inner.as_deref();
    let built = locate::library(&args.provider, args.release, named)?;
    let mut edit = Edit {
        args,
        built: &built,
        wrapped: Wrapped::default(),
        report: Report::new(args.actions.list()),
        tally: Tally::default(),
    };
    let ended = drive(&built.library, LIMIT, &mut edit).map(|end| (end.status.success(), end));
    let Edit { report, tally, .. } = edit;
    // What the runner itself has told is about the store; all else is about its process.
    let told = tally.has_failed() && ended.as_ref().is_ok_and(|(well, _)| *well);
    let verdict = ended.and_then(|(_, end)| tally.verdict(&end));
    let said = verdict.as_ref().err().map(Failure::sentence);
    if args.json {
        output::json(&report.to_json(said.as_deref(), told))?;
    } else {
        output::say(&report.to_text(said.is_some(), told))?;
    }
    verdict
}

/// One edit of a store.
struct Edit<'a> {
    args: &'a Args,
    built: &'a Built,
    /// Held until the end: the store's file may be for this once alone.
    wrapped: Wrapped,
    report: Report,
    tally: Tally,
}

impl Command for Edit<'_> {
    fn job(&mut self, manifest: Option<&str>) -> Result<Job, Failure> {
        let args = self.args;
        let profile = args.profile.as_deref();
        needs_store(manifest, false)?;
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
            task: Task::Edit(args.actions.list().to_vec()),
        })
    }

    fn hear(&mut self, message: &Message) -> Result<(), Failure> {
        self.tally.note(message);
        if let Message::Step(step) = message {
            self.report.take(step);
        }
        Ok(())
    }

    fn printed(&mut self, line: &Untrusted) {
        eprintln!("{line}");
    }
}
