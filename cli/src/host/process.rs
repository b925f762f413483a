//! The process that runs the provider, seen from the one that shows it.

use std::env;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::mpsc::{RecvTimeoutError, SyncSender};
use std::time::Instant;

use mapi_provider_host::channel::Heard;
use mapi_provider_host::child::Child;
use mapi_provider_host::untrusted::Untrusted;

use super::protocol::{Job, Message};
use crate::failure::Failure;

/// The variable by which the runtime of a provider is told that only a plan is wanted.
const PLAN: &str = "MAPI_PROVIDER_PLAN";

/// The variable that names the folder for what programs keep.
pub(super) const DATA: &str = "LOCALAPPDATA";

/// What comes in while a provider runs.
#[derive(Debug)]
pub(super) enum Incoming {
    /// A message from the runner.
    Message(Message),
    /// A message did not arrive whole.
    Lost,
    /// A line that the provider printed.
    Printed(Untrusted),
    /// The user wants it to end.
    Interrupt,
    /// The runner has ended: nothing more will come from it.
    Ended,
}

/// The process that runs the provider.
pub(super) struct Runner(Child<Incoming>);

impl Runner {
    /// Starts the process for a library. From now on Ctrl-C is an `Incoming::Interrupt`.
    pub(super) fn start(library: &Path, plan_file: Option<&Path>) -> Result<Self, Failure> {
        let (child, sender) = start(library, plan_file)?;
        // If there can be no handler, Ctrl-C ends both processes, as usual.
        let _ = ctrlc::set_handler(move || {
            let _ = sender.send(Incoming::Interrupt);
        });
        Ok(Self(child))
    }

    /// Hands over the job. A runner that is gone says so by its end.
    pub(super) fn give(&mut self, job: &Job) {
        self.0.give(&job.to_json().to_string());
    }

    /// Asks the run to end.
    pub(super) fn cancel(&mut self) {
        self.0.give("cancel");
    }

    /// What comes in next; `None` if nothing did by then, or it is already later than that.
    pub(super) fn next(&self, deadline: Instant) -> Option<Incoming> {
        // A provider that prints endlessly always has something for us.
        let left = deadline.checked_duration_since(Instant::now())?;
        match self.0.next(left) {
            Ok(incoming) => Some(incoming),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Incoming::Ended),
        }
    }

    /// How the process ended, after its last message.
    pub(super) fn ended(self) -> Result<ExitStatus, Failure> {
        self.0.wait().map_err(|error| {
            Failure::new(format!("can't wait for the provider's process: {error}"))
        })
    }

    /// Ends the process, whatever it is doing.
    pub(super) fn kill(self) {
        self.0.kill();
    }
}

/// Starts the process for a library; with a file for it, its runs only make a plan.
pub(super) fn start(
    library: &Path,
    plan_file: Option<&Path>,
) -> Result<(Child<Incoming>, SyncSender<Incoming>), Failure> {
    let failed = |error: io::Error| {
        Failure::new(format!("can't start the process for the provider: {error}"))
    };
    let mut command = Command::new(env::current_exe().map_err(failed)?);
    command.args(["host", "run"]).arg(library);
    if let Some(file) = plan_file {
        command.env(PLAN, file);
    }
    if let Some(folder) = data_folder() {
        command.env(DATA, folder);
    }
    Child::start(command, incoming).map_err(failed)
}

/// What stands for the folder that Windows has in `%LOCALAPPDATA%`, on a system that has none.
fn data_folder() -> Option<PathBuf> {
    let named = |name: &str| env::var_os(name).filter(|value| !value.is_empty());
    if named(DATA).is_some() {
        return None;
    }
    let home = || Some(PathBuf::from(named("HOME")?).join(".local/share"));
    named("XDG_DATA_HOME").map(PathBuf::from).or_else(home)
}

fn incoming(heard: Option<Heard>) -> Incoming {
    match heard {
        Some(Heard::Told(text)) => Message::parse(&text).map_or(Incoming::Lost, Incoming::Message),
        Some(Heard::Printed(line)) => Incoming::Printed(line),
        Some(Heard::Lost) => Incoming::Lost,
        None => Incoming::Ended,
    }
}
