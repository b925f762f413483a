//! The log file: `tracing` events in a file, for nobody installs a subscriber inside Outlook.
//!
//! Off by default. The environment variable `MAPI_PROVIDER_LOG` names the file and switches it on when
//! the provider is initialised. There is never a secret in it (ENTRY-11): what is logged are status
//! codes, flags and texts of errors.

use std::fmt::{self, Write as _};
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use tracing::field::{Field, Visit};
use tracing::span;
use tracing::{Event, Level, Metadata, Subscriber};

/// The variable that names the file.
const VARIABLE: &str = "MAPI_PROVIDER_LOG";

/// Switches the log on where the environment asks for it and the process has no log of its own.
pub(crate) fn install() {
    let Some(path) = std::env::var_os(VARIABLE) else {
        return;
    };
    if tracing::dispatcher::has_been_set() {
        return;
    }
    // A file that can't be opened must not keep a mail store from opening.
    if let Ok(log) = LogFile::open(Path::new(&path)) {
        let _ = tracing::subscriber::set_global_default(log);
    }
}

/// A subscriber that writes a line for each event, `info` and above.
struct LogFile {
    file: Mutex<File>,
    spans: AtomicU64,
}

impl LogFile {
    fn open(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().create(true).append(true).open(path)?;
        Ok(Self {
            file: Mutex::new(file),
            spans: AtomicU64::new(1),
        })
    }
}

impl Subscriber for LogFile {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() <= Level::INFO
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(self.spans.fetch_add(1, Ordering::Relaxed).max(1))
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let mut line = Line(format!(
            "{}.{:03} {:5}",
            since.as_secs(),
            since.subsec_millis(),
            event.metadata().level()
        ));
        event.record(&mut line);
        line.0.push('\n');
        if let Ok(mut file) = self.file.lock() {
            // In one write, so that lines of several threads and processes don't mix.
            let _ = file.write_all(line.0.as_bytes());
        }
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// A line in the making: the message first, then the fields.
struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = match field.name() {
            "message" => write!(self.0, " {value:?}"),
            name => write!(self.0, " {name}={value:?}"),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_a_line_of_the_file() {
        let path = std::env::temp_dir().join(format!("mapi-provider-log-{}", std::process::id()));
        let log = LogFile::open(&path).unwrap();
        tracing::subscriber::with_default(log, || {
            tracing::info!(status = 7, "synchronised");
            tracing::debug!("not told");
        });
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::remove_file(&path).unwrap();
        assert!(
            text.ends_with(" INFO  synchronised status=7\n")
                || text.contains("INFO synchronised status=7"),
            "{text}"
        );
        assert_eq!(text.lines().count(), 1);
    }
}
