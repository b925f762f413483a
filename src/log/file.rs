//! The file of the log.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use crate::platform::{for_owner, open_unlinked};

/// The maximum size of the file. Then it is renamed to `….old`, replacing the last file with that name, and a new one
/// begins, because nobody looks after a forgotten log.
const LARGEST: u64 = 4 * 1024 * 1024;

/// The file; other processes may write to it too.
pub(super) struct LogFile {
    path: PathBuf,
    file: File,
    largest: u64,
}

impl LogFile {
    /// Opens or creates the file: only for its owner, and never through a link (SYNC-23).
    pub(super) fn open(path: PathBuf) -> io::Result<Self> {
        Ok(Self {
            file: open(&path)?,
            path,
            largest: LARGEST,
        })
    }

    /// Writes a line, if that can be.
    pub(super) fn write(&mut self, line: &[u8]) {
        // There is nobody to tell that the log can't be written.
        let _ = self.try_write(line);
    }

    fn try_write(&mut self, line: &[u8]) -> io::Result<()> {
        if !self.has_room(line)? {
            self.turn_over(line)?;
        }
        self.file.write_all(line)
    }

    fn has_room(&self, line: &[u8]) -> io::Result<bool> {
        Ok(self.file.metadata()?.len() + line.len() as u64 <= self.largest)
    }

    /// Begins a new file, unless another process has done so already.
    fn turn_over(&mut self, line: &[u8]) -> io::Result<()> {
        self.file = open(&self.path)?;
        if !self.has_room(line)? {
            let mut old = OsString::from(&self.path);
            old.push(".old");
            fs::rename(&self.path, old)?;
            self.file = open(&self.path)?;
        }
        Ok(())
    }
}

fn open(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    open_unlinked(path, for_owner(options.create(true).append(true)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sync_23_the_log_is_bounded() {
        let folder = tempfile::tempdir().expect("a folder");
        let [path, old] = ["log", "log.old"].map(|name| folder.path().join(name));
        let mut logs = [(), ()].map(|()| {
            let mut log = LogFile::open(path.clone()).expect("it can be made");
            log.largest = 100;
            log
        });
        for number in 0..50 {
            // Both write, as two processes do.
            for log in &mut logs {
                log.write(format!("line {number:03}\n").as_bytes());
            }
            let size = |path| fs::metadata(path).map_or(0, |found| found.len());
            assert!(size(&path) <= 100 && size(&old) <= 100);
        }
        // The two files go on from one to the other.
        let text = [old, path].map(|path| fs::read_to_string(path).expect("a text"));
        assert!(
            text.concat().ends_with("line 048\nline 049\nline 049\n"),
            "{text:?}"
        );
    }
}
