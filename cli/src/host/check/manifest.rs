//! What a library says about its settings, asked in another process, because loading it runs its code.

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

/// The text of a library's manifest; `None` if it has none, or ends before it could say. The first scenario reports
/// whatever else is wrong with the library.
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
        // No job follows: the process ends once it has answered. If it is already gone, its end says so.
        let _ = stdin.write_all(seal.introduction().as_bytes());
    }
    let (sender, heard) = channel();
    if let Some(stdout) = child.stdout.take() {
        thread::spawn(move || {
            listen(stdout, Some(&seal), |heard| match heard {
                Heard::Printed(_) => true,
                Heard::Told(text) => {
                    // If it took too long, nobody listens.
                    let _ = Message::parse(&text).map(|message| sender.send(message));
                    false
                }
                Heard::Lost => false,
            });
        });
    }
    let message = heard.recv_timeout(limit);
    // It may have ended by itself; nothing more is wanted from it.
    let _ = child.kill();
    let _ = child.wait();
    match message {
        Ok(Message::Manifest(text)) => Ok(text),
        Ok(Message::Failure { text, .. }) => Err(Failure::new(text.to_string())),
        _ => Ok(None),
    }
}
