//! Where results go: standard output, or a file that is written completely or not at all.

use std::{
    env,
    fs::{self, File, OpenOptions},
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
    process,
};

use mapi_provider_codegen::emit::inf::encode;
use mapi_provider_host::untrusted::{shown_json, shown_lines};
use serde_json::Value as Json;

use crate::failure::Failure;

/// Writes to standard output. A reader that has seen enough (`| head`) is not a failure.
pub(crate) fn print(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::new(format!(
            "can't write to standard output: {error}"
        ))),
        _ => Ok(()),
    }
}

/// Tells people something on standard output, in whole lines. It may contain file names and other people's texts, so
/// control characters are escaped.
pub(crate) fn say(text: &str) -> Result<(), Failure> {
    print(shown_lines(text).as_bytes())
}

/// Tells programs something on standard output: one value a line. It contains no control characters.
pub(crate) fn json(value: &Json) -> Result<(), Failure> {
    print(format!("{}\n", shown_json(&value.to_string())).as_bytes())
}

/// Whether standard output is a terminal whose user wants colours (<https://no-color.org>).
pub(crate) fn coloured() -> bool {
    io::stdout().is_terminal() && env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// A text for standard output that stands out if possible.
pub(crate) fn bold(text: &str) -> String {
    if coloured() {
        format!("\x1b[1m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}

/// A text that Windows reads in its ANSI code page: into a file, or to standard output.
pub(crate) fn windows_text(path: Option<&Path>, text: &str) -> Result<(), Failure> {
    match path {
        Some(path) => write(path, &encode(text)),
        // A terminal shows text; any other reader wants the file.
        None if io::stdout().is_terminal() => say(text),
        None => print(&encode(text)),
    }
}

/// Writes a file in one step: readers see either the old one or the new one, complete.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let written = match replaceable(path) {
        Some(target) => replace(&target, bytes),
        None => fs::write(path, bytes),
    };
    written.map_err(|error| Failure::new(format!("can't write {}: {error}", path.display())))
}

/// The file to replace: what a link points to, never the link. `None` for what can only be written to: devices and
/// pipes (`/dev/stdout` is a link to either), links to nothing.
fn replaceable(path: &Path) -> Option<PathBuf> {
    if fs::symlink_metadata(path).is_err() {
        return Some(path.to_owned());
    }
    let regular = fs::metadata(path).is_ok_and(|target| target.is_file());
    // A link in /proc may lead to a file that has no name any more.
    regular.then(|| fs::canonicalize(path).ok()).flatten()
}

fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let (temporary, mut file) = beside(path)?;
    let replaced = file
        .write_all(bytes)
        .and_then(|()| file.sync_all())
        .and_then(|()| fs::rename(&temporary, path));
    if replaced.is_err() {
        // The failure to write is the one to report.
        let _ = fs::remove_file(&temporary);
    }
    replaced
}

/// A new file in the same folder, and so on the same volume.
fn beside(path: &Path) -> io::Result<(PathBuf, File)> {
    let mut name = path
        .file_name()
        .ok_or(io::ErrorKind::IsADirectory)?
        .to_owned();
    name.push(format!(".{}.tmp", process::id()));
    let temporary = path.with_file_name(name);
    let file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&temporary)?;
    Ok((temporary, file))
}

#[cfg(test)]
mod tests {
    use super::write;
    use std::fs;

    #[test]
    fn a_file_is_replaced_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("a.inf");
        write(&file, b"one").expect("writable");
        write(&file, b"two").expect("writable");
        assert_eq!(fs::read(&file).expect("there"), b"two");
        assert_eq!(fs::read_dir(folder.path()).expect("there").count(), 1);
    }

    #[test]
    fn a_folder_is_not_overwritten_and_a_missing_one_not_made() {
        let folder = tempfile::tempdir().expect("a folder");
        assert!(write(folder.path(), b"x").is_err());
        assert!(write(&folder.path().join("gone/a.inf"), b"x").is_err());
        assert_eq!(fs::read_dir(folder.path()).expect("there").count(), 0);
    }
}
