//! `cargo mapi host sync`: what Outlook's Send/Receive does.

use std::path::{PathBuf, absolute};
use std::time::Duration;

use mapi_provider_host::abi::SyncFlags;
use mapi_provider_host::untrusted::Untrusted;

use super::drive::{Command, drive};
use super::locate::Built;
use super::protocol::{Job, Message, Task};
use super::screen::Screen;
use super::tally::Tally;
use super::wrapped::{StoreArgs, Wrapped, needs_store};
use super::{locate, scope, settings};
use crate::failure::Failure;

/// How long a cancelled run may go without a `Progress` before it is logged off.
pub(super) const PROGRESS_WAIT: Duration = Duration::from_secs(1);
/// How long it may take after that.
pub(super) const PATIENCE: Duration = Duration::from_secs(6);
/// Synchronise with a provider once, as Outlook's Send/Receive does
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cargo mapi host sync . --profile contoso.profile --set server=messages.txt
  cargo mapi host sync provider.toml --profile contoso.profile --scope download
  cargo mapi host sync . --profile contoso.profile --plan
  cargo mapi host sync target/debug/libcontoso32.so --on-demand --json
  cargo mapi host sync wrapped --inner target/debug/libmspst32.so --store mail.nst")]
pub(crate) struct Args {
    /// A provider's library, its crate's folder, or its `provider.toml`; a crate is built first
    provider: PathBuf,

    /// Set one of the provider's settings; may be repeated
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,

    /// What to synchronise: full, upload, download, headers or SYNC_* names, separated by commas
    #[arg(long, value_name = "SCOPE", default_value = "full", value_parser = scope::parse)]
    scope: SyncFlags,

    /// Say that the user asked for it (SYNC_ON_DEMAND)
    #[arg(long)]
    on_demand: bool,

    /// Show what a run would do, and do nothing of it; for logic that has a `plan`
    #[arg(long)]
    plan: bool,

    /// Keep the profile, with its settings and cursor, in a file; secrets are not written to it
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,

    #[command(flatten)]
    wrapped: StoreArgs,

    /// For a wrapped store or a mailbox: first fill it with the folders and messages of a PST file
    #[cfg(feature = "pst")]
    #[arg(long, value_name = "FILE")]
    pst: Option<PathBuf>,

    /// Cancel the run after this many seconds
    #[arg(long, value_name = "SECS", default_value = "600", value_parser = seconds)]
    timeout: Duration,

    /// Build the crate with optimisations
    #[arg(long)]
    release: bool,

    /// Print what happens as JSON, one object a line
    #[arg(long)]
    json: bool,
}

pub(super) fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_| format!("`{text}` is not a number of seconds"))?;
    if !(0.0..=1e6).contains(&seconds) || seconds == 0.0 {
        return Err(format!("`{text}` is not between 0 and a million seconds"));
    }
    Ok(Duration::from_secs_f64(seconds))
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let screen = Screen::new(args.json);
    let named = args.wrapped.inner.as_deref();
    let library = locate::library(&args.provider, args.release, named);
    let result = library.and_then(|built| show(args, built, &screen));
    screen.finish()?;
    if let Err(failure) = &result {
        screen.failed(failure)?;
    }
    result
}

/// Runs the provider in another process and shows what it reports.
fn show(args: &Args, built: Built, screen: &Screen) -> Result<(), Failure> {
    let mut sync = Sync {
        args,
        built: &built,
        screen,
        tally: Tally::default(),
        wrapped: Wrapped::default(),
        plan: args.plan.then(PlanFile::new).transpose()?,
    };
    let end = drive(&built.library, args.timeout, &mut sync)?;
    let plan = sync.plan.as_ref().and_then(PlanFile::lines);
    if let Some(plan) = &plan {
        screen.plan(plan)?;
    }
    if let Some(words) = sync.tally.left_out() {
        screen.remark(&words)?;
    }
    sync.tally.verdict(&end)?;
    if args.plan && plan.is_none() {
        // Its logic has asked the job for nothing that would have been refused.
        return Err(Failure::new(
            "the run ended well, but made no plan: the provider's logic does not use `mapi_provider::twoway`",
        ));
    }
    Ok(())
}

/// One run, as it is reported.
struct Sync<'a> {
    args: &'a Args,
    built: &'a Built,
    screen: &'a Screen,
    tally: Tally,
    /// Held until the end, because the store's file may be for this run only.
    wrapped: Wrapped,
    plan: Option<PlanFile>,
}

/// Where the provider's process writes its plan.
struct PlanFile(tempfile::TempDir);

impl PlanFile {
    fn new() -> Result<Self, Failure> {
        let folder = tempfile::tempdir();
        let folder = folder.map_err(|error| {
            Failure::new(format!("there is no place for the plan's file: {error}"))
        })?;
        Ok(Self(folder))
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("plan.txt")
    }

    /// The plan; none where no run has got so far, and has said why.
    fn lines(&self) -> Option<Vec<Untrusted>> {
        let text = std::fs::read(self.path()).ok()?;
        let text = String::from_utf8_lossy(&text);
        Some(text.lines().map(Untrusted::from).collect())
    }
}

impl Command for Sync<'_> {
    fn job(&mut self, manifest: Option<&str>) -> Result<Job, Failure> {
        let profile = self.args.profile.as_deref();
        needs_store(manifest, false)?;
        self.wrapped = Wrapped::of(&self.args.wrapped, self.built, manifest, profile)?;
        job(self.args, manifest, &self.wrapped)
    }

    fn hear(&mut self, message: &Message) -> Result<(), Failure> {
        self.tally.note(message);
        self.screen.show(message)
    }

    fn printed(&mut self, line: &Untrusted) {
        self.screen.printed(line);
    }

    fn plan_file(&self) -> Option<PathBuf> {
        self.plan.as_ref().map(PlanFile::path)
    }
}

fn job(args: &Args, manifest: Option<&str>, wrapped: &Wrapped) -> Result<Job, Failure> {
    let full = |path: &Option<PathBuf>| {
        let path = path.as_ref().map(absolute).transpose();
        path.map_err(|error| Failure::new(format!("a path is not valid: {error}")))
    };
    let asked = if args.on_demand {
        SyncFlags::ON_DEMAND
    } else {
        SyncFlags::empty()
    };
    let mut settings = settings::resolve(&args.set, manifest).map_err(Failure::new)?;
    settings.extend(wrapped.store.clone());
    #[cfg(feature = "pst")]
    let pst = full(&args.pst)?;
    #[cfg(not(feature = "pst"))]
    let pst = None;
    if pst.is_some() && wrapped.store.is_none() {
        return Err(Failure::new(
            "`--pst` is for wrapped stores and mailboxes, and the provider is neither",
        ));
    }
    Ok(Job {
        flags: args.scope | asked,
        settings,
        profile: full(&args.profile)?,
        timeout: args.timeout,
        inner: wrapped.inner.clone(),
        pst,
        task: Task::Synchronise,
    })
}
