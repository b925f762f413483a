//! The process that runs the provider: it loads it, reports its manifest, and does the job that it is
//! then given.

use std::io::{self, BufRead};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Instant;

use mapi_provider_host::child;
use mapi_provider_host::outlook::{Cancellation, Options, Stop, send_receive};
use mapi_provider_host::{Host, InnerLibrary, Profile, ProviderLibrary};
#[cfg(feature = "pst")]
use mapi_provider_host::{outlook::configure, pst_file};

use super::in_store::in_store;
use super::protocol::{Job, Message, Task};
use super::sync::{PATIENCE, PROGRESS_WAIT};
use super::{book, configure, edit, resolve, send, show};
use crate::failure::Failure;

/// A manifest has about twenty lines.
const LONGEST_MANIFEST: usize = 1 << 19;

/// Run a provider for another process of this program, which says what to do and shows what happens
#[derive(clap::Args)]
pub(crate) struct Args {
    library: PathBuf,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    // Ctrl-C reaches all processes of a terminal. The other process passes it on as an order.
    let _ = ctrlc::set_handler(|| {});
    // Before any of the provider's code runs.
    let teller = child::teller(&mut io::stdin().lock());
    let mut teller = teller.map_err(|error| Failure::new(error.to_string()))?;
    let mut tell = |message: &Message| {
        // If nobody listens any more, there is nobody to tell about it.
        let _ = teller.tell(&message.to_json().to_string());
    };
    if let Err(sentence) = obey(args, &mut tell) {
        tell(&Message::of_failure(sentence, false));
    }
    Ok(())
}

/// Tells the other process.
pub(super) type Tell<'a> = &'a mut dyn FnMut(&Message);

fn obey(args: &Args, tell: Tell<'_>) -> Result<(), String> {
    let library = ProviderLibrary::load(&args.library).map_err(|error| error.to_string())?;
    if library
        .manifest()
        .is_some_and(|text| text.len() > LONGEST_MANIFEST)
    {
        return Err(format!(
            "the provider's manifest has more than {LONGEST_MANIFEST} bytes"
        ));
    }
    tell(&Message::Manifest(library.manifest().map(str::to_owned)));
    let mut line = String::new();
    io::stdin()
        .read_line(&mut line)
        .map_err(|error| format!("no job came: {error}"))?;
    if line.is_empty() {
        return Ok(()); // The other process wants nothing more.
    }
    let job = Job::parse(&line).ok_or("the job can't be read")?;
    let profile = match &job.profile {
        Some(path) => Profile::open(path).map_err(|error| error.to_string())?,
        None => Profile::in_memory(),
    };
    let inner = job.inner.as_ref().map(InnerLibrary::load).transpose();
    let _inner = inner.map_err(|error| error.to_string())?;
    let host = Host::new(library, profile).map_err(|error| error.to_string())?;
    if let Some(pst) = &job.pst {
        fill(&host, &job, pst, tell)?;
    }
    match &job.task {
        Task::Synchronise => work(host, job, tell),
        Task::Configure(dialog) => configure::carry_out(host, &job, dialog, tell)?,
        Task::Send(outgoing) => send::carry_out(host, &job, outgoing, tell)?,
        Task::Resolve(names) => resolve::carry_out(host, &job, names, tell)?,
        Task::Show(look) if host.library().is_address_book() => {
            if look.is_of_messages() {
                return Err("it is an address book, which has no messages".to_owned());
            }
            book::in_book(host, &job.settings, tell, book::show)?;
        }
        Task::Show(look) => in_store(host, &job.settings, tell, |store, tell| {
            show::show(store, look, tell)
        })?,
        Task::Edit(actions) => in_store(host, &job.settings, tell, |store, tell| {
            edit::carry_out(store, actions, tell)
        })?,
    }
    Ok(())
}

/// Fills the store from a PST file, and reports with how much.
#[cfg(feature = "pst")]
fn fill(host: &Host, job: &Job, pst: &Path, tell: Tell<'_>) -> Result<(), String> {
    configure(host, &job.settings).map_err(|error| error.to_string())?;
    let provider = host.init().map_err(|error| error.to_string())?;
    let filled = provider.logon().map(|store| {
        let allocators = host.allocators().for_views();
        let filled = pst_file::fill(store.interface(), allocators, pst);
        store.logoff();
        filled
    });
    // Only filling or logon counts.
    let _ = provider.shutdown();
    let filled = filled
        .map_err(|error| error.to_string())?
        .map_err(|error| error.to_string())?;
    let more_left_out = filled.more_skipped as u64;
    let left_out = filled.skipped.len() as u64 + more_left_out;
    for what in filled.skipped {
        tell(&Message::of_left_out(what));
    }
    tell(&Message::Filled {
        folders: filled.folders as u64,
        messages: filled.messages as u64,
        attachments: filled.attachments as u64,
        left_out,
        more_left_out,
    });
    Ok(())
}

#[cfg(not(feature = "pst"))]
fn fill(_: &Host, _: &Job, _: &Path, _: Tell<'_>) -> Result<(), String> {
    Err("this program was built without the feature `pst`".to_owned())
}

fn work(host: Host, job: Job, tell: Tell<'_>) {
    let cancellation = Cancellation::default();
    let canceller = cancellation.clone();
    // The thread ends with the process: reading standard input can't be stopped.
    thread::spawn(move || {
        // Any word is an order to cancel, and so is the end of the other process.
        let _ = io::stdin().lock().read_line(&mut String::new());
        canceller.cancel();
    });
    let options = Options {
        flags: job.flags,
        settings: job.settings,
        timeout: Some(job.timeout),
        progress_wait: PROGRESS_WAIT,
        patience: PATIENCE,
    };
    let begin = Instant::now();
    let outcome = send_receive(host, &options, &cancellation, &mut |event| {
        if let Some(message) = Message::of_event(event) {
            tell(&message);
        }
    });
    tell(&match outcome.result {
        Ok(status) => Message::of_status(status, begin.elapsed()),
        Err(stop) => Message::of_failure(stop.to_string(), matches!(stop, Stop::Hangs(_))),
    });
    if let Some(report) = &outcome.report {
        tell(&Message::of_report(report));
    } else {
        // The provider hangs. Ending the process here would run its destructors while its worker
        // still runs, so the other process ends this one.
        loop {
            thread::park();
        }
    }
}
