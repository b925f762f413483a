//! What a library says of its settings, asked in another process: loading it runs its code.

use std::env;
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::host::protocol::Message;

/// How often the end of the process is looked for.
const TICK: Duration = Duration::from_millis(10);

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
    let stdout = child.stdout.take();
    let heard = thread::spawn(move || {
        let mut text = Vec::new();
        // What could be read is what there is.
        let _ = stdout.map(|mut stdout| stdout.read_to_end(&mut text));
        text
    });
    let begin = Instant::now();
    while child.try_wait().map_err(failed)?.is_none() {
        if begin.elapsed() > limit {
            // It may have ended just now.
            let _ = child.kill();
            let _ = child.wait();
            return Ok(None);
        }
        thread::sleep(TICK);
    }
    let heard = heard.join().unwrap_or_default();
    let heard = String::from_utf8_lossy(&heard);
    for message in heard.lines().filter_map(Message::parse) {
        match message {
            Message::Manifest(text) => return Ok(text),
            Message::Failure { text, .. } => return Err(Failure::new(text)),
            _ => {}
        }
    }
    Ok(None)
}
