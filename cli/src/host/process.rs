//! The process that runs the provider, seen from the one that shows it.

use std::env;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread;
use std::time::Instant;

use mapi_provider_host::channel::{self, Heard, Seal};
use mapi_provider_host::untrusted::Untrusted;

use super::protocol::{Job, Message};
use crate::failure::Failure;

/// How much may wait to be read: a provider that prints faster has to wait, and does not fill the
/// memory.
const MOST_WAITING: usize = 64;

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
pub(super) struct Runner {
    child: Child,
    orders: ChildStdin,
    incoming: Receiver<Incoming>,
}

impl Runner {
    /// Starts the process for a library. From now on Ctrl-C is an `Incoming::Interrupt`.
    pub(super) fn start(library: &Path) -> Result<Self, Failure> {
        let failed = |error: io::Error| {
            Failure::new(format!("can't start the process for the provider: {error}"))
        };
        let mut child = Command::new(env::current_exe().map_err(failed)?)
            .args(["host", "run"])
            .arg(library)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let pipe = || io::Error::other("a pipe is missing");
        let mut orders = child.stdin.take().ok_or_else(pipe).map_err(failed)?;
        let stdout = child.stdout.take().ok_or_else(pipe).map_err(failed)?;
        let stderr = child.stderr.take().ok_or_else(pipe).map_err(failed)?;
        let seal = Seal::new();
        // A runner that is gone says so by its end.
        let _ = orders.write_all(seal.introduction().as_bytes());
        let (sender, incoming) = sync_channel(MOST_WAITING);
        listen(stdout, stderr, seal, &sender);
        // If there can be no handler, Ctrl-C ends both processes, as usual.
        let _ = ctrlc::set_handler(move || {
            let _ = sender.send(Incoming::Interrupt);
        });
        Ok(Self {
            child,
            orders,
            incoming,
        })
    }

    /// Hands over the job. A runner that is gone says so by its end.
    pub(super) fn give(&mut self, job: &Job) {
        let _ = writeln!(self.orders, "{}", job.to_json()).and_then(|()| self.orders.flush());
    }

    /// Asks the run to end.
    pub(super) fn cancel(&mut self) {
        let _ = writeln!(self.orders, "cancel").and_then(|()| self.orders.flush());
    }

    /// What comes in next; `None` if nothing did by then, or it is already later than that.
    pub(super) fn next(&self, deadline: Instant) -> Option<Incoming> {
        // A provider that prints endlessly always has something for us.
        let left = deadline.checked_duration_since(Instant::now())?;
        match self.incoming.recv_timeout(left) {
            Ok(incoming) => Some(incoming),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Incoming::Ended),
        }
    }

    /// How the process ended, after its last message.
    pub(super) fn ended(mut self) -> Result<ExitStatus, Failure> {
        drop(self.orders);
        self.child.wait().map_err(|error| {
            Failure::new(format!("can't wait for the provider's process: {error}"))
        })
    }

    /// Ends the process, whatever it is doing.
    pub(super) fn kill(mut self) {
        // It may just have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Listens to both outputs, each on a thread of its own, until both have ended.
fn listen(
    stdout: impl Read + Send + 'static,
    stderr: impl Read + Send + 'static,
    seal: Seal,
    sender: &SyncSender<Incoming>,
) {
    let errors = sender.clone();
    let errors = thread::spawn(move || {
        channel::listen(stderr, None, |heard| errors.send(incoming(heard)).is_ok());
    });
    let sender = sender.clone();
    thread::spawn(move || {
        channel::listen(stdout, Some(&seal), |heard| {
            sender.send(incoming(heard)).is_ok()
        });
        let _ = errors.join();
        let _ = sender.send(Incoming::Ended);
    });
}

fn incoming(heard: Heard) -> Incoming {
    match heard {
        Heard::Told(text) => Message::parse(&text).map_or(Incoming::Lost, Incoming::Message),
        Heard::Printed(line) => Incoming::Printed(line),
        Heard::Lost => Incoming::Lost,
    }
}
