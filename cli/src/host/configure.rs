//! `cargo mapi host configure`: the settings dialog, as Control Panel would have it shown.

mod answers;
mod carry_out;

use std::path::{PathBuf, absolute};
use std::time::Duration;

use mapi_provider_host::abi::SyncFlags;
use mapi_provider_host::untrusted::Untrusted;

pub(super) use self::carry_out::carry_out;
use super::drive::{Command, drive};
use super::locate;
use super::locate::Built;
use super::protocol::{Dialog, Job, Message, Task};
use super::tally::Tally;
use super::wrapped::{StoreArgs, Wrapped};
use crate::failure::Failure;
use crate::output;

/// Answer the settings dialog of a provider, as the user of Control Panel would
///
/// Creates the service in the profile if it isn't there yet, has it ask for its settings, and prints the property sheet
/// that it shows: what a user may type stands in brackets, of a secret only that there is one. The answers are typed into
/// it, and it is closed with OK. If the provider refuses them, the sheet is printed again with what is wrong, and closed
/// with Cancel: then nothing is written.
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cargo mapi host configure . --cancel
  cargo mapi host configure . --profile contoso.profile --answer server=mail.example.org
  cargo mapi host configure . --profile contoso.profile --answer port=993 --answer tls=yes")]
pub(crate) struct Args {
    /// A provider's library, its crate's folder, or its `provider.toml`; a crate is built first
    provider: PathBuf,

    /// Keep the profile, with its settings, in a file; secrets are not written to it
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,

    /// Type this into the field of a setting, or set its check box; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    answer: Vec<String>,

    /// Close the sheet with Cancel
    #[arg(long, conflicts_with = "answer")]
    cancel: bool,

    /// Show the settings, but let nobody change them (MSG_SERVICE_UI_READ_ONLY)
    #[arg(long)]
    read_only: bool,

    #[command(flatten)]
    wrapped: StoreArgs,

    /// Build the crate with optimisations
    #[arg(long)]
    release: bool,
}

/// How long it may take, all in all: the logic may try what was entered.
const LIMIT: Duration = Duration::from_secs(600);

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let named = args.wrapped.inner.as_deref();
    let built = locate::library(&args.provider, args.release, named)?;
    let mut configure = Configure {
        args,
        built: &built,
        wrapped: Wrapped::default(),
        sheets: Vec::new(),
        tally: Tally::default(),
    };
    let end = drive(&built.library, LIMIT, &mut configure)?;
    let Configure { sheets, tally, .. } = configure;
    if sheets.is_empty() && tally.is_shown() {
        output::say("the provider has shown no sheet\n")?;
    }
    if !sheets.is_empty() {
        output::say(&format!("{}\n", sheets.join("\n\n")))?;
    }
    tally.verdict(&end)?;
    output::say(match (args.cancel, args.read_only) {
        (true, _) => "\ncancelled: nothing was written\n",
        (false, true) => "\nnothing was changed\n",
        (false, false) => "\nconfigured\n",
    })
}

/// One dialog.
struct Configure<'a> {
    args: &'a Args,
    built: &'a Built,
    /// Held until the end: the store's file may be for this once alone.
    wrapped: Wrapped,
    /// The sheets that were shown, as text.
    sheets: Vec<String>,
    tally: Tally,
}

impl Command for Configure<'_> {
    fn job(&mut self, manifest: Option<&str>) -> Result<Job, Failure> {
        let args = self.args;
        let profile = args.profile.as_deref();
        self.wrapped = Wrapped::of(&args.wrapped, self.built, manifest, profile)?;
        let profile = args.profile.as_ref().map(absolute).transpose();
        Ok(Job {
            flags: SyncFlags::empty(),
            settings: self.wrapped.store.clone().into_iter().collect(),
            profile: profile.map_err(|error| Failure::new(format!("`--profile`: {error}")))?,
            timeout: LIMIT,
            inner: self.wrapped.inner.clone(),
            pst: None,
            task: Task::Configure(Dialog {
                answers: answers::resolve(&args.answer, manifest).map_err(Failure::new)?,
                cancel: args.cancel,
                read_only: args.read_only,
            }),
        })
    }

    fn hear(&mut self, message: &Message) -> Result<(), Failure> {
        self.tally.note(message);
        if let Message::Sheet { lines } = message {
            let lines: Vec<String> = lines.iter().map(Untrusted::to_string).collect();
            self.sheets.push(lines.join("\n"));
        }
        Ok(())
    }

    fn printed(&mut self, line: &Untrusted) {
        eprintln!("{line}");
    }
}
