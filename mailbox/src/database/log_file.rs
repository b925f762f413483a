//! The write-ahead log, kept from growing without an end (STORE-43).
//!
//! SQLite goes on at the log's beginning when a writer finds that all of it is in the database and nobody reads it. Where
//! several processes read and write all the time, no writer ever finds that by chance.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use rusqlite::Connection;

use super::connection::patience;

/// From this size on, in bytes, somebody sees to it.
const LARGEST: u64 = 128 * 1024 * 1024;
/// After so many commits the size is looked at.
const OFTEN: u32 = 64;
/// How long readers are waited for. Others that write wait meanwhile.
const MOMENT: Duration = Duration::from_millis(250);

/// Counts a process's commits.
#[derive(Default)]
pub(super) struct LogFile {
    commits: AtomicU32,
}

impl LogFile {
    /// Something was committed to this file by the connection, which is in no transaction now.
    pub(super) fn committed(&self, connection: &mut Connection, file: &Path) {
        let commits = self.commits.fetch_add(1, Ordering::Relaxed);
        if commits.is_multiple_of(OFTEN) && size(file) > LARGEST {
            begin_anew(connection);
        }
    }
}

/// Has the next writer go on at the log's beginning, if readers leave it in time.
fn begin_anew(connection: &mut Connection) {
    // Whatever fails is tried again later; what was committed is committed.
    let _ = connection.busy_timeout(MOMENT);
    let _ = connection.query_row("PRAGMA wal_checkpoint(RESTART)", [], |_| Ok(()));
    let _ = connection.busy_handler(Some(patience()));
}

/// How large the log of a file is.
pub(super) fn size(file: &Path) -> u64 {
    fs::metadata(log_of(file)).map_or(0, |found| found.len())
}

fn log_of(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn store_43_a_log_that_somebody_always_reads_begins_anew_when_it_is_seen_to() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("store.db");
        let [mut writer, reader] = [(), ()].map(|()| Connection::open(&file).expect("opened"));
        writer
            .execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE t (x BLOB);")
            .expect("made");
        let write = |writer: &Connection| {
            let row = "INSERT INTO t VALUES (zeroblob(10000))";
            writer.execute(row, []).expect("written");
        };
        let look = |sql| reader.execute_batch(sql).expect("readable");
        // Somebody reads at each moment, though nobody for long.
        for _ in 0..100 {
            look("BEGIN; SELECT count(*) FROM t;");
            write(&writer);
            look("COMMIT; BEGIN; SELECT count(*) FROM t;");
            write(&writer);
            look("COMMIT;");
        }
        begin_anew(&mut writer);
        let before = size(&file);
        (0..20).for_each(|_| write(&writer));
        assert_eq!(size(&file), before, "it goes on at its beginning");
        // A reader that stays is waited for no longer than a moment, and harms nobody.
        look("BEGIN; SELECT count(*) FROM t;");
        begin_anew(&mut writer);
        write(&writer);
        look("COMMIT;");
        let count: i64 = writer
            .query_row("SELECT count(*) FROM t", [], |row| row.get(0))
            .expect("readable");
        assert_eq!(count, 221);
    }
}
