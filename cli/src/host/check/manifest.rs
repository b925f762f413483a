//! What a library says of its settings, asked in another process: loading it runs its code.

use std::env;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use mapi_provider_host::channel::{Heard, Seal, listen};

use crate::failure::Failure;
use crate::host::protocol::Message;

/// The text of a library's manifest; none where it has none, or ends before it could tell. Whatever is wrong with the
/// library otherwise, the first scenario says.
pub(super) fn of(library: &Path, limit: Duration) -> Result<Option<String>, Failure> {
    let failed = |error| Failure::new(format!("can't start the process for the provider: {error}"));
    let mut child = Command::new(env::current_exe().map_err(failed)?)
        .args(["host", "run"])
        .arg(library)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(failed)?;
    let seal = Seal::new();
    if let Some(mut stdin) = child.stdin.take() {
        // No job follows: it ends once it has told. Where it has gone already, it says so by its end.
        let _ = stdin.write_all(seal.introduction().as_bytes());
    }
    let (sender, heard) = channel();
    if let Some(stdout) = child.stdout.take() {
        thread::spawn(move || {
            listen(stdout, Some(&seal), |heard| match heard {
                Heard::Printed(_) => true,
                Heard::Told(text) => {
                    // Nobody listens where it took too long.
                    if let Some(message) = Message::parse(&text) {
                        let _ = sender.send(message);
                    }
                    false
                }
                Heard::Lost => false,
            });
        });
    }
    let message = heard.recv_timeout(limit);
    // It may have ended by itself; nothing more is wanted of it.
    let _ = child.kill();
    let _ = child.wait();
    match message {
        Ok(Message::Manifest(text)) => Ok(text),
        Ok(Message::Failure { text, .. }) => Err(Failure::new(text.to_string())),
        _ => Ok(None),
    }
}
