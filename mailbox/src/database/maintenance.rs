//! Keeping the file in order: what is checked, thrown away and made smaller.

use std::sync::TryLockError;

use rusqlite::Connection;

use super::connection::{SCHEMA, version};
use super::error::Result;
use super::id::BlobId;
use super::store::{Store, lock};
use super::text_index;
use super::transaction::Transaction;

/// How long a large value that nobody has any more is kept for other processes that may still read it, in seconds.
const KEPT: i64 = 3600;
/// How many large values are thrown away in one transaction.
const AT_ONCE: i64 = 16;
/// How many pages the file is made shorter by at once.
const PAGES: i64 = 1024;

/// What a check has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The version of the schema.
    pub schema: i64,
    /// How many folders there are.
    pub folders: u64,
    /// How many messages, associated ones included.
    pub messages: u64,
    /// How many bytes the file has, without what is not yet written back into it.
    pub bytes: u64,
    /// What is wrong, in plain words. Empty where all is well.
    pub problems: Vec<String>,
}

impl Store {
    /// Looks through the whole file: whether it is sound, and whether counts, index and references agree. It changes
    /// nothing. It takes some seconds for each gigabyte.
    ///
    /// # Errors
    ///
    /// The file can't be read at all.
    pub fn check(&self) -> Result<Report> {
        // FTS5 checks what it remembers of the index instead of what is there where another process has written since:
        // a connection of its own remembers nothing.
        let fresh = self.0.connect()?;
        let look = |connection: &Connection| {
            let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, u64>(0));
            let mut problems = sound(connection)?;
            problems.extend(disagreements(connection)?);
            Ok(Report {
                schema: version(connection)?,
                folders: count("SELECT count(*) FROM folder")?,
                messages: count("SELECT count(*) FROM message")?,
                bytes: count(
                    "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
                )?,
                problems,
            })
        };
        match fresh {
            Some(connection) => look(&*connection.unchecked_transaction()?),
            None => self.read(|reader| look(reader.connection)),
        }
    }

    /// Counts all folders anew. Tells how many were wrong: none, unless somebody else has written to the file. A store
    /// that is opened after a process has died does so by itself.
    ///
    /// # Errors
    ///
    /// The store can't be written.
    pub fn recount(&self) -> Result<usize> {
        self.write(|tx| recount(tx.connection))
    }

    /// Throws away what nobody needs, a little at a time: large values of deleted messages, and the room that they took.
    /// To be called now and then when there is nothing else to do. Tells whether there is more to do.
    ///
    /// # Errors
    ///
    /// The store can't be written.
    pub fn maintain(&self) -> Result<bool> {
        let mut abandoned = Vec::new();
        let done = self.write(|tx| {
            // Nobody opens a message meanwhile, so what is not pinned is not read. Whoever opens one just now is not waited
            // for, since he may wait for this transaction; and nobody waits for this who waits for others that write.
            let _closed = match self.0.opening.try_write() {
                Ok(closed) => closed,
                Err(TryLockError::Poisoned(closed)) => closed.into_inner(),
                Err(TryLockError::WouldBlock) => return Ok(true),
            };
            abandoned = std::mem::take(&mut *lock(&self.0.abandoned));
            let pinned: Vec<BlobId> = lock(&self.0.pins).keys().copied().collect();
            for blob in abandoned.iter().filter(|blob| !pinned.contains(blob)) {
                tx.execute(
                    "DELETE FROM blob WHERE id = ?1 AND refs = 0 AND owner = ?2",
                    (blob, tx.session()),
                )?;
            }
            let session = &tx.inner.session;
            let (others, _) = session.bury_dead(tx.connection, tx.inner.file())?;
            tx.throw_away(&pinned, (others > 0).then_some(KEPT))
        });
        if done.is_err() {
            lock(&self.0.abandoned).extend(abandoned);
        }
        let more = done?;
        let gate = self.0.gate()?;
        Ok(shorten(&gate.connection, PAGES)? || more)
    }

    /// Makes the file as small as it can be. It takes as much room again while it works, and others wait.
    ///
    /// # Errors
    ///
    /// The disk is full, or another process has the file open for writing.
    pub fn compact(&self) -> Result<()> {
        while self.maintain()? {}
        let gate = self.0.gate()?;
        // What is made anew may be larger than memory is.
        let compacted = gate.connection.execute_batch(
            "INSERT INTO text (text) VALUES ('optimize'); PRAGMA temp_store = FILE; VACUUM; \
             PRAGMA wal_checkpoint(TRUNCATE);",
        );
        gate.connection
            .execute_batch("PRAGMA temp_store = MEMORY")?;
        Ok(compacted?)
    }

    /// The newest schema that this version knows.
    pub const fn schema() -> i64 {
        SCHEMA
    }
}

impl Transaction<'_> {
    /// Throws away some of the large values that nobody has referred to for so many seconds. Tells whether there are more.
    ///
    /// One that will be idle in the future, by a clock that has gone back since, is not kept longer than any other.
    fn throw_away(&self, pinned: &[BlobId], patience: Option<i64>) -> Result<bool> {
        let mut select = self.prepared(
            "SELECT id FROM blob WHERE refs = 0 AND owner IS NULL
               AND (?1 IS NULL OR idle NOT BETWEEN unixepoch() - ?1 AND unixepoch() + ?1)
             ORDER BY idle LIMIT ?2",
        )?;
        // Pinned ones may be in the way.
        let limit = AT_ONCE + i64::try_from(pinned.len()).unwrap_or(i64::MAX - AT_ONCE);
        let idle: Vec<BlobId> = select
            .query_map((patience, limit), |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let idle: Vec<BlobId> = idle
            .into_iter()
            .filter(|blob| !pinned.contains(blob))
            .collect();
        for blob in &idle {
            self.execute("DELETE FROM blob WHERE id = ?1", [blob])?;
        }
        Ok(idle.len() as i64 >= AT_ONCE)
    }
}

/// Puts the counts of folders right. Tells how many were wrong.
pub(super) fn recount(connection: &Connection) -> Result<usize> {
    let sql = format!("WITH wrong AS ({WRONG_COUNTS}) {RECOUNT}");
    Ok(connection.execute(&sql, [])?)
}

/// Gives free pages back to the disk. Tells whether there are more that can be given back.
fn shorten(connection: &Connection, pages: i64) -> Result<bool> {
    let free = || connection.pragma_query_value(None, "freelist_count", |row| row.get::<_, i64>(0));
    let before = free()?;
    let mut pragma = connection.prepare(&format!("PRAGMA incremental_vacuum({pages})"))?;
    let mut rows = pragma.query([])?;
    while rows.next()?.is_some() {}
    let after = free()?;
    Ok(0 < after && after < before)
}

/// What SQLite's own check finds. The quick one does not compare indexes with their tables: what an index has lost, nobody
/// finds any more.
pub(super) fn sound(connection: &Connection) -> Result<Vec<String>> {
    let mut check = connection.prepare("PRAGMA integrity_check")?;
    let found = check.query_map([], |row| row.get::<_, String>(0))?;
    let mut found: Vec<String> = found.collect::<rusqlite::Result<_>>()?;
    found.retain(|line| line != "ok");
    Ok(found)
}

/// What of counts, index and references does not agree.
pub(super) fn disagreements(connection: &Connection) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for (sql, problem) in AGREE {
        let sql = format!("WITH wrong AS ({WRONG_COUNTS}) {sql}");
        let wrong: u64 = connection.query_row(&sql, [], |row| row.get(0))?;
        if wrong > 0 {
            problems.push(format!("{wrong} {problem}"));
        }
    }
    // What is missing has been told.
    if problems.is_empty() && !text_index::has_all_terms(connection)? {
        problems.push("the text index has other texts than the messages".to_owned());
    }
    Ok(problems)
}

const WRONG_COUNTS: &str = "
  SELECT f.id FROM folder f WHERE
    f.children <> (SELECT count(*) FROM folder c WHERE c.parent = f.id)
    OR (f.kind <> 2 AND (
      f.total <> (SELECT count(*) FROM message m WHERE m.folder = f.id AND m.assoc = 0)
      OR f.unread <> (SELECT count(*) FROM message m WHERE m.folder = f.id AND m.assoc = 0 AND m.read = 0)
      OR f.assoc <> (SELECT count(*) FROM message m WHERE m.folder = f.id AND m.assoc = 1)))
    OR (f.kind = 2 AND (
      f.total <> (SELECT count(*) FROM hit h WHERE h.folder = f.id)
      OR f.unread <> (SELECT count(*) FROM hit h JOIN message m ON m.id = h.message WHERE h.folder = f.id AND m.read = 0)))";

const RECOUNT: &str = "
  UPDATE folder SET
    children = (SELECT count(*) FROM folder c WHERE c.parent = folder.id),
    total = iif(kind = 2, (SELECT count(*) FROM hit h WHERE h.folder = folder.id),
      (SELECT count(*) FROM message m WHERE m.folder = folder.id AND m.assoc = 0)),
    unread = iif(kind = 2,
      (SELECT count(*) FROM hit h JOIN message m ON m.id = h.message WHERE h.folder = folder.id AND m.read = 0),
      (SELECT count(*) FROM message m WHERE m.folder = folder.id AND m.assoc = 0 AND m.read = 0)),
    assoc = (SELECT count(*) FROM message m WHERE m.folder = folder.id AND m.assoc = 1)
  WHERE id IN wrong";

/// What must be nowhere, each with what it is called.
const AGREE: [(&str, &str); 8] = [
    ("SELECT count(*) FROM wrong", "folders have wrong counts"),
    (
        "SELECT count(*) FROM folder WHERE id NOT IN (
           WITH RECURSIVE below (id) AS (
             SELECT id FROM folder WHERE role = 0
             UNION SELECT f.id FROM folder f JOIN below ON f.parent = below.id
           ) SELECT id FROM below)",
        "folders lie nowhere",
    ),
    (
        "SELECT count(*) FROM message m WHERE NOT EXISTS (SELECT 1 FROM folder f WHERE f.id = m.folder)",
        "messages lie in no folder",
    ),
    (
        "SELECT count(*) FROM message m WHERE NOT EXISTS (SELECT 1 FROM rest r WHERE r.id = m.id)",
        "messages have no properties",
    ),
    (
        "SELECT count(*) FROM blob b WHERE b.refs <> (SELECT count(*) FROM large l WHERE l.blob = b.id)",
        "large values have a wrong number of references",
    ),
    (
        "SELECT count(*) FROM large l WHERE NOT EXISTS (SELECT 1 FROM blob b WHERE b.id = l.blob)",
        "large values are missing",
    ),
    (
        "SELECT count(*) FROM message m WHERE m.assoc = 0 AND m.id NOT IN (SELECT rowid FROM text)",
        "messages are missing from the text index",
    ),
    (
        "SELECT count(*) FROM text WHERE rowid NOT IN (SELECT id FROM message WHERE assoc = 0)",
        "entries of the text index are of no message",
    ),
];
