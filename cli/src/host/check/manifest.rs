//! What a library says of its settings, asked in another process: loading it runs its code.

use std::env;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use crate::failure::Failure;
use crate::host::protocol::Message;

/// Lines longer than this are cut: a library that prints without end is not to fill the memory.
const LONGEST_LINE: u64 = 1 << 20;

/// The text of a library's manifest; none where it has none, or ends before it could tell. Whatever is wrong with the
/// library otherwise, the first scenario says.
pub(super) fn of(library: &Path, limit: Duration) -> Result<Option<String>, Failure> {
    let failed = |error| Failure::new(format!("can't start the process for the provider: {error}"));
    let mut child = Command::new(env::current_exe().map_err(failed)?)
        .args(["host", "run"])
        .arg(library)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(failed)?;
    let (sender, heard) = channel();
    if let Some(stdout) = child.stdout.take() {
        thread::spawn(move || {
            // Nobody listens where it took too long.
            let _ = first_message(stdout).map(|message| sender.send(message));
        });
    }
    let message = heard.recv_timeout(limit);
    // It may have ended by itself; nothing more is wanted of it.
    let _ = child.kill();
    let _ = child.wait();
    match message {
        Ok(Message::Manifest(text)) => Ok(text),
        Ok(Message::Failure { text, .. }) => Err(Failure::new(text)),
        _ => Ok(None),
    }
}

/// The first of our messages among the lines that a process prints, of which none is kept.
fn first_message(output: impl Read) -> Option<Message> {
    let mut output = BufReader::new(output);
    let mut line = Vec::new();
    loop {
        line.clear();
        let read = output
            .by_ref()
            .take(LONGEST_LINE)
            .read_until(b'\n', &mut line);
        if !matches!(read, Ok(1..)) {
            return None;
        }
        let message = Message::parse(&String::from_utf8_lossy(&line));
        if message.is_some() {
            return message;
        }
    }
}
