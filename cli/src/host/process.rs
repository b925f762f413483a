//! The process that runs the provider, seen from the one that shows it.

use std::env;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Instant;

use super::protocol::{Job, Message};
use crate::failure::Failure;

/// Lines longer than this are cut: a provider that prints without end is not to fill the memory.
const LONGEST_LINE: u64 = 1 << 20;

/// What comes in while a provider runs.
#[derive(Debug)]
pub(super) enum Incoming {
    /// A message of the runner's.
    Message(Message),
    /// A line that the provider printed.
    Printed(String),
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
        let orders = child.stdin.take().ok_or_else(pipe).map_err(failed)?;
        let stdout = child.stdout.take().ok_or_else(pipe).map_err(failed)?;
        let stderr = child.stderr.take().ok_or_else(pipe).map_err(failed)?;
        let (sender, incoming) = channel();
        listen(stdout, stderr, &sender);
        // Where there can be no handler, Ctrl-C ends both processes, as ever.
        let _ = ctrlc::set_handler(move || {
            let _ = sender.send(Incoming::Interrupt);
        });
        Ok(Self {
            child,
            orders,
            incoming,
        })
    }

    /// Hands over the job. A runner that has gone says so by its end.
    pub(super) fn give(&mut self, job: &Job) {
        let _ = writeln!(self.orders, "{}", job.to_json()).and_then(|()| self.orders.flush());
    }

    /// Asks for the run's end.
    pub(super) fn cancel(&mut self) {
        let _ = writeln!(self.orders, "cancel").and_then(|()| self.orders.flush());
    }

    /// What comes in next; none where nothing did by then.
    pub(super) fn next(&self, deadline: Instant) -> Option<Incoming> {
        match self
            .incoming
            .recv_timeout(deadline.saturating_duration_since(Instant::now()))
        {
            Ok(incoming) => Some(incoming),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => Some(Incoming::Ended),
        }
    }

    /// How the process ended, once it has said its last.
    pub(super) fn ended(mut self) -> Result<ExitStatus, Failure> {
        drop(self.orders);
        self.child.wait().map_err(|error| {
            Failure::new(format!("can't wait for the provider's process: {error}"))
        })
    }

    /// Ends the process, whatever it does.
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
    sender: &Sender<Incoming>,
) {
    let errors = sender.clone();
    let errors = thread::spawn(move || {
        lines(stderr, |line| errors.send(Incoming::Printed(line)).is_ok());
    });
    let sender = sender.clone();
    thread::spawn(move || {
        lines(stdout, |line| {
            let message = Message::parse(&line).map(Incoming::Message);
            line.is_empty()
                || sender
                    .send(message.unwrap_or(Incoming::Printed(line)))
                    .is_ok()
        });
        let _ = errors.join();
        let _ = sender.send(Incoming::Ended);
    });
}

fn lines(input: impl Read, mut each: impl FnMut(String) -> bool) {
    let mut input = BufReader::new(input);
    let mut line = Vec::new();
    loop {
        line.clear();
        match input
            .by_ref()
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut line)
        {
            Ok(1..) => {}
            _ => return,
        }
        if !each(String::from_utf8_lossy(&line).trim_end().to_owned()) {
            return;
        }
    }
}
