//! The log file: `tracing` events in a file, because nobody installs a subscriber inside Outlook.
//!
//! Off by default. The environment variable `MAPI_PROVIDER_LOG` names the file and switches it on when
//! the provider is initialised. There is never a secret in it (ENTRY-11, SYNC-23): it has status codes, flags and texts
//! of errors, from this crate and the provider's own. We can't know what other crates log; `MAPI_PROVIDER_LOG_CRATES`
//! names those that are wanted anyway.

mod file;
mod line;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tracing::level_filters::LevelFilter;
use tracing::subscriber::Interest;
use tracing::{Event, Metadata, Subscriber, span};

pub(crate) use crate::event::{error, info, warn};

use self::file::LogFile;
use self::line::Line;
use crate::manifest::Manifest;
use crate::platform::trusted_variable_in;
use mapi_provider_abi::internal::unlogged;

/// The variable that names the file.
const VARIABLE: &str = "MAPI_PROVIDER_LOG";

/// The variable that names more crates, with commas between them.
const CRATES_VARIABLE: &str = "MAPI_PROVIDER_LOG_CRATES";

/// The crates whose events are taken: this one and the one below it, those of the providers in this module, and those that were asked for.
static CRATES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// Switches the log on if the environment asks for it and the process has no log of its own. `is_service` is what MAPI
/// says about the process, if anything.
pub(crate) fn install(manifest: &Manifest, is_service: bool) {
    // SYNC-23: nobody but the process's own user says where a file is written.
    let Some(path) = trusted_variable_in(is_service, VARIABLE) else {
        return;
    };
    take_crate(crate_of(module_path!()));
    take_crate(crate_of(mapi_provider_abi::internal::MODULE));
    take_crate(crate_of(manifest.module));
    let others = trusted_variable_in(is_service, CRATES_VARIABLE).unwrap_or_default();
    let others = others.to_string_lossy();
    others.split(',').map(str::trim).for_each(take_crate);
    if tracing::dispatcher::has_been_set() {
        return;
    }
    // A file that can't be opened must not keep a mail store from opening.
    if let Ok(file) = LogFile::open(PathBuf::from(path)) {
        let _ = tracing::subscriber::set_global_default(Log::new(file));
    }
}

fn take_crate(name: &str) {
    let mut crates = lock(&CRATES);
    if !name.is_empty() && !crates.iter().any(|taken| taken == name) {
        crates.push(name.to_owned());
    }
}

/// The crate of a module.
fn crate_of(module: &str) -> &str {
    module.split("::").next().unwrap_or(module)
}

/// Whether an event is taken (SYNC-23). Both its target and its place in the code have to belong to such a crate,
/// because any crate can choose any target.
fn is_taken(metadata: &Metadata<'_>) -> bool {
    let crates = lock(&CRATES);
    let is_ours = |module| crates.iter().any(|taken| taken == crate_of(module));
    *metadata.level() <= tracing::Level::INFO
        && is_ours(metadata.target())
        && metadata.module_path().is_none_or(is_ours)
}

fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A subscriber that writes a line for each event, `info` and above.
struct Log {
    file: Mutex<LogFile>,
    spans: AtomicU64,
}

impl Log {
    fn new(file: LogFile) -> Self {
        Self {
            file: Mutex::new(file),
            spans: AtomicU64::new(1),
        }
    }
}

impl Subscriber for Log {
    fn register_callsite(&self, metadata: &'static Metadata<'static>) -> Interest {
        // Of another crate perhaps, and that may be asked for later.
        match *metadata.level() <= tracing::Level::INFO {
            true => Interest::sometimes(),
            false => Interest::never(),
        }
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(LevelFilter::INFO)
    }

    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        is_taken(metadata)
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(self.spans.fetch_add(1, Ordering::Relaxed).max(1))
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    /// The line is made before the file is locked, because values print themselves with foreign code, which may log,
    /// and may panic (SYNC-22).
    fn event(&self, event: &Event<'_>) {
        unlogged(|| {
            let line = Line::of(event);
            // In one write, so that lines of several threads and processes don't mix.
            lock(&self.file).write(line.as_bytes());
        });
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[cfg(test)]
mod tests {
    use std::fmt;
    use std::path::Path;

    use super::*;

    /// What is in the log after this.
    fn logged(what: impl FnOnce()) -> String {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("log");
        take_crate(crate_of(module_path!()));
        let file = LogFile::open(path.clone()).expect("it can be made");
        tracing::subscriber::with_default(Log::new(file), what);
        read(&path)
    }

    fn read(path: &Path) -> String {
        std::fs::read_to_string(path).expect("a text")
    }

    #[test]
    fn an_event_is_a_line_of_the_file() {
        let text = logged(|| {
            tracing::info!(status = 7, "synchronised");
            tracing::debug!("not told");
        });
        assert!(text.ends_with("  INFO synchronised status=7\n"), "{text}");
        assert_eq!(text.lines().count(), 1);
    }

    #[test]
    fn sync_23_what_other_crates_tell_is_not_taken() {
        let text = logged(|| {
            tracing::info!(target: "some_http_client::wire", authorization = "Bearer hunter2", "sending");
            tracing::info!(target: "mapi_provider_of_others", "hunter2");
            tracing::info!("ours");
        });
        assert!(
            text.ends_with(" ours\n") && !text.contains("hunter2"),
            "{text}"
        );
        assert_eq!(crate_of("contoso::sync::folders"), "contoso");
    }

    #[test]
    fn sync_23_a_text_is_one_line_whatever_is_in_it() {
        let forged = "a line\n1764363000.000 ERROR forged\r\u{1b}[2J\u{202e}\u{2028}";
        let text = logged(|| tracing::warn!(%forged, "{forged}"));
        assert_eq!(text.lines().count(), 1);
        let escaped = r"a line\n1764363000.000 ERROR forged\r\u{1b}[2J\u{202e}\u{2028}";
        assert!(
            text.ends_with(&format!("  WARN {escaped} forged={escaped}\n")),
            "{text}"
        );
        assert!(!text.trim_end().contains(char::is_control), "{text:?}");
    }

    #[test]
    fn sync_22_a_value_that_panics_or_logs_costs_its_line_only() {
        struct Loud;
        impl fmt::Debug for Loud {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                tracing::info!("from within");
                f.write_str("loud")
            }
        }
        struct Bomb;
        impl fmt::Debug for Bomb {
            fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
                panic!("a value that can't be printed")
            }
        }
        let text = logged(|| {
            tracing::info!(value = ?Bomb, "never said");
            tracing::info!(value = ?Loud, "after it");
        });
        assert!(text.ends_with("after it value=loud\n"), "{text}");
        assert!(!text.contains("never said"), "{text}");
    }
}
