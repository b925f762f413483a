//! `cargo mapi host sync`: what Outlook's Send/Receive does.

use std::path::{Path, PathBuf, absolute};
use std::time::{Duration, Instant};

use mapi_provider_host::abi::SyncFlags;

use super::process::{Incoming, Runner};
use super::protocol::{Job, Message};
use super::screen::Screen;
use super::tally::Tally;
use super::wrapped::{StoreArgs, Wrapped};
use super::{locate, scope, settings};
use crate::failure::Failure;

/// How long a cancelled run may go without a `Progress` before it is logged off.
pub(super) const PROGRESS_WAIT: Duration = Duration::from_secs(1);
/// How long it may take after that.
pub(super) const PATIENCE: Duration = Duration::from_secs(6);
/// How long the provider's process may take for everything else: loading, logon, logoff.
const GRACE: Duration = Duration::from_secs(15);
/// How long it may take to end once it was asked to.
const BOUND: Duration = Duration::from_secs(15);

/// Synchronise with a provider once, as Outlook's Send/Receive does
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  cargo mapi host sync . --set server=mail.example.org
  cargo mapi host sync provider.toml --profile contoso.profile --scope download
  cargo mapi host sync target/debug/libcontoso32.so --on-demand --json
  cargo mapi host sync wrapped --inner target/debug/libmspst32.so --store mail.nst")]
pub(crate) struct Args {
    /// A provider's library, its crate's folder, or its `provider.toml`; a crate is built first
    provider: PathBuf,

    /// Set one of the provider's settings; may be given many times
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,

    /// What to synchronise: full, upload, download, headers or SYNC_* names, separated by commas
    #[arg(long, value_name = "SCOPE", default_value = "full", value_parser = scope::parse)]
    scope: SyncFlags,

    /// Say that the user asked for it (SYNC_ON_DEMAND)
    #[arg(long)]
    on_demand: bool,

    /// Keep the profile, and with it settings and cursor, in a file; secrets are not written to it
    #[arg(long, value_name = "FILE")]
    profile: Option<PathBuf>,

    #[command(flatten)]
    wrapped: StoreArgs,

    /// Of a wrapped store: fill it first, with the folders and messages of a PST file
    #[cfg(feature = "pst")]
    #[arg(long, value_name = "FILE")]
    pst: Option<PathBuf>,

    /// Cancel the run after so many seconds
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
    let library = locate::library(&args.provider, args.release);
    let result = library.and_then(|library| show(args, &library, &screen));
    screen.finish();
    if let Err(failure) = &result {
        screen.failed(failure)?;
    }
    result
}

/// Runs the provider in another process and shows what it tells.
fn show(args: &Args, library: &Path, screen: &Screen) -> Result<(), Failure> {
    let mut runner = Runner::start(library)?;
    let mut tally = Tally::default();
    let mut deadline = Instant::now() + args.timeout + GRACE;
    let mut wrapped = Wrapped::default();
    loop {
        match runner.next(deadline) {
            Some(Incoming::Message(Message::Manifest(text))) => {
                let profile = args.profile.as_deref();
                let find = || locate::simulated_pst(&args.provider, args.release);
                let job = Wrapped::of(&args.wrapped, library, text.as_deref(), profile, find)
                    .map(|found| wrapped = found)
                    .and_then(|()| job(args, text.as_deref(), &wrapped));
                match job {
                    Ok(job) => {
                        runner.give(&job);
                        // Something may have been built meanwhile.
                        deadline = Instant::now() + args.timeout + GRACE;
                    }
                    Err(failure) => {
                        runner.kill();
                        return Err(failure);
                    }
                }
            }
            Some(Incoming::Message(message)) => {
                tally.note(&message);
                screen.show(&message)?;
                if let Message::Failure { text, hangs: true } = message {
                    // It may still be using everything: its process must not end in an orderly way.
                    runner.kill();
                    return Err(Failure::new(text));
                }
            }
            Some(Incoming::Printed(line)) => screen.printed(&line),
            Some(Incoming::Interrupt) if tally.interrupted => {
                runner.kill();
                return Err(Failure::new(
                    "interrupted twice: the provider's process was killed",
                ));
            }
            Some(Incoming::Interrupt) => {
                tally.interrupted = true;
                runner.cancel();
                deadline = deadline.min(Instant::now() + BOUND);
            }
            Some(Incoming::Ended) => return tally.verdict(runner.ended()?),
            None => {
                runner.kill();
                return Err(Failure::new("the provider hangs: its process was killed"));
            }
        }
    }
}

fn job(args: &Args, manifest: Option<&str>, wrapped: &Wrapped) -> Result<Job, Failure> {
    let full = |path: &Option<PathBuf>| {
        let path = path.as_ref().map(absolute).transpose();
        path.map_err(|error| Failure::new(format!("a path is none: {error}")))
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
            "`--pst` is for wrapped stores, and the provider is none",
        ));
    }
    Ok(Job {
        flags: args.scope | asked,
        settings,
        profile: full(&args.profile)?,
        timeout: args.timeout,
        inner: wrapped.inner.clone(),
        pst,
    })
}
