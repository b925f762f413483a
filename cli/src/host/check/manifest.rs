//! What a library says about its settings, asked in another process, because loading it runs its code.

use std::path::Path;
use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::host::process::{self, Incoming};
use crate::host::protocol::Message;

/// The text of a library's manifest; `None` if it has none, or ends before it could say. The first scenario reports
/// whatever else is wrong with the library.
pub(super) fn of(library: &Path, limit: Duration) -> Result<Option<String>, Failure> {
    let (mut child, _) = process::start(library, None)?;
    // No job follows: it ends once it has told.
    child.give_last(Vec::new());
    let end = Instant::now() + limit;
    let message = loop {
        let left = end.saturating_duration_since(Instant::now());
        match child.next(left) {
            Ok(Incoming::Printed(_)) if !left.is_zero() => {}
            Ok(Incoming::Message(message)) => break Some(message),
            _ => break None,
        }
    };
    // It may have ended by itself; nothing more is wanted from it.
    child.kill();
    match message {
        Some(Message::Manifest(text)) => Ok(text),
        Some(Message::Failure { text, .. }) => Err(Failure::new(text.to_string())),
        _ => Ok(None),
    }
}
