//! From the start of the runner's process to its end.

use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use mapi_provider_host::untrusted::Untrusted;

use super::process::{Incoming, Runner};
use super::protocol::{Job, Message};
use crate::failure::Failure;

/// How long the provider's process may take for everything but its job: loading, logon, logoff.
const GRACE: Duration = Duration::from_secs(15);
/// How long it may take to end after it was asked to.
const BOUND: Duration = Duration::from_secs(15);

/// What a command does with a runner.
pub(super) trait Command {
    /// The job, for the provider of this manifest.
    fn job(&mut self, manifest: Option<&str>) -> Result<Job, Failure>;
    /// The runner reports something.
    fn hear(&mut self, message: &Message) -> Result<(), Failure>;
    /// The provider has printed a line.
    fn printed(&mut self, line: &Untrusted);
    /// The file that gets the plan, where nothing else is wanted of a run.
    fn plan_file(&self) -> Option<PathBuf> {
        None
    }
}

/// How a runner ended.
pub(super) struct End {
    pub(super) status: ExitStatus,
    /// Whether the user asked for it.
    pub(super) interrupted: bool,
}

/// Runs a library's provider in another process, with a time limit, until that process has
/// ended.
pub(super) fn drive(
    library: &Path,
    limit: Duration,
    command: &mut dyn Command,
) -> Result<End, Failure> {
    let mut runner = Runner::start(library, command.plan_file().as_deref())?;
    let mut deadline = Instant::now() + limit + GRACE;
    let mut interrupted = false;
    loop {
        let step = match runner.next(deadline) {
            Some(Incoming::Message(Message::Manifest(text))) => {
                let job = command.job(text.as_deref());
                // Something may have been built in the meantime.
                deadline = Instant::now() + limit + GRACE;
                job.map(|job| runner.give(&job))
            }
            Some(Incoming::Message(message)) => match message {
                // It may still be using everything, so its process must not end in an orderly
                // way.
                Message::Failure { text, hangs: true } => Err(Failure::new(text.to_string())),
                message => command.hear(&message),
            },
            Some(Incoming::Lost) => Err(Failure::new(
                "the provider's output got mixed with the host's messages, so the result is not known",
            )),
            Some(Incoming::Printed(line)) => {
                command.printed(&line);
                Ok(())
            }
            Some(Incoming::Interrupt) if interrupted => Err(Failure::new(
                "interrupted twice: the provider's process was killed",
            )),
            Some(Incoming::Interrupt) => {
                interrupted = true;
                runner.cancel();
                deadline = deadline.min(Instant::now() + BOUND);
                Ok(())
            }
            Some(Incoming::Ended) => {
                let status = runner.ended()?;
                return Ok(End {
                    status,
                    interrupted,
                });
            }
            None => Err(Failure::new("the provider hangs: its process was killed")),
        };
        if let Err(failure) = step {
            runner.kill();
            return Err(failure);
        }
    }
}
