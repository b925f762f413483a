//! The other side: the same by SQL, through `rusqlite`.
//!
//! Looking, it has a connection of its own to the same file, so the rows and the indexes are the same; writing, a file with
//! the engine's tables and indexes, without the triggers that do for the engine what a program by hand does itself. The
//! settings are the engine's (`connection.rs` there): WAL, `synchronous = NORMAL`, the same page size, cache and place of
//! temporary tables. All statements are prepared once, and plans don't depend on what is bound, so they are not made anew.

use std::error::Error;
use std::path::Path;

use mapi_provider_mailbox::text;
use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use rusqlite::{CachedStatement, Connection, Row};

/// What a reader of the engine keeps of the file, in KiB.
pub(crate) const READERS_CACHE: i32 = -4096;
/// The same of the writer.
pub(crate) const WRITERS_CACHE: i32 = -16384;

/// A connection with the settings of the engine's.
pub(crate) fn connect(path: &Path, cache: i32) -> Result<Connection, Box<dyn Error>> {
    let connection = Connection::open(path)?;
    connection.set_prepared_statement_cache_capacity(128);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.execute_batch(&format!(
        "PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA cache_size = {cache}; PRAGMA mmap_size = 0;
         PRAGMA cell_size_check = ON; PRAGMA synchronous = NORMAL; PRAGMA journal_size_limit = 67108864;"
    ))?;
    // What text is sorted by, here as there.
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function("mapi_folded", 1, flags, |context| {
        let text: Option<String> = context.get(0)?;
        Ok(text.map(|text| text::folded(&text)))
    })?;
    Ok(connection)
}

/// What a list of mail shows: the columns of `COLUMNS` in `tables.rs`.
pub(crate) struct Shown {
    pub(crate) id: i64,
    pub(crate) delivered: Option<i64>,
    _subject: Option<String>,
    _sender: Option<String>,
    _display_to: String,
    _class: String,
    _numbers: [Option<i64>; 5],
}

pub(crate) const SHOWN: &str =
    "id, delivered, subject, sender, display_to, class, size, flags, read, attachments, importance";

impl Shown {
    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            id: row.get(0)?,
            delivered: row.get(1)?,
            _subject: row.get(2)?,
            _sender: row.get(3)?,
            _display_to: row.get(4)?,
            _class: row.get(5)?,
            _numbers: [
                row.get(6)?,
                row.get(7)?,
                row.get(8)?,
                row.get(9)?,
                row.get(10)?,
            ],
        })
    }
}

/// The mail of a folder, by hand.
pub(crate) struct Bare {
    connection: Connection,
    folder: i64,
}

impl Bare {
    /// The Inbox of a store.
    pub(crate) fn new(path: &Path, folder: i64) -> Result<Self, Box<dyn Error>> {
        let connection = connect(path, READERS_CACHE)?;
        Ok(Self { connection, folder })
    }

    fn prepared(&self, sql: &str) -> CachedStatement<'_> {
        self.connection
            .prepare_cached(sql)
            .expect("it went well before")
    }

    /// How many rows there are, by the folder's own number.
    pub(crate) fn total(&self) -> i64 {
        let mut select = self.prepared("SELECT total FROM folder WHERE id = ?1");
        let total = select.query_row([self.folder], |row| row.get(0));
        total.expect("a folder")
    }

    /// The first rows in an order.
    pub(crate) fn first(&self, order: &str, count: u32) -> Vec<Shown> {
        let sql = format!(
            "SELECT {SHOWN} FROM message WHERE folder = ?1 AND assoc = 0 ORDER BY {order} LIMIT ?2"
        );
        let mut select = self.prepared(&sql);
        let rows = select
            .query_map((self.folder, count), Shown::of)
            .expect("a query");
        rows.collect::<Result<_, _>>().expect("rows")
    }

    /// So many pages of rows, the newest first, each from where the last one ended.
    pub(crate) fn scroll(&self, pages: u32, count: u32) -> usize {
        let mut seen = self.first("delivered DESC, id DESC", count);
        let mut all = seen.len();
        let sql = format!(
            "SELECT {SHOWN} FROM message WHERE folder = ?1 AND assoc = 0 AND (delivered, id) < (?3, ?4)
             ORDER BY delivered DESC, id DESC LIMIT ?2"
        );
        for _ in 1..pages {
            let last = seen.last().map(|last| (last.delivered, last.id));
            let (delivered, id) = last.expect("more rows than pages");
            let mut select = self.prepared(&sql);
            let rows = select.query_map((self.folder, count, delivered, id), Shown::of);
            seen = rows
                .expect("a query")
                .collect::<Result<_, _>>()
                .expect("rows");
            all += seen.len();
        }
        all
    }

    /// How many subjects have a text in them, by the text index, and the newest of them.
    pub(crate) fn restrict(&self, text: &str, count: u32) -> (i64, Vec<Shown>) {
        let hits = "FROM message WHERE folder = ?1 AND assoc = 0
                    AND id IN (SELECT rowid FROM text WHERE text MATCH ?2)";
        let text = format!("subject : \"{text}\"");
        let mut number = self.prepared(&format!("SELECT count(*) {hits}"));
        let number = number
            .query_row((self.folder, &text), |row| row.get(0))
            .expect("a number");
        let mut select = self.prepared(&format!(
            "SELECT {SHOWN} {hits} ORDER BY delivered DESC, id DESC LIMIT ?3"
        ));
        let rows = select
            .query_map((self.folder, &text, count), Shown::of)
            .expect("a query");
        (number, rows.collect::<Result<_, _>>().expect("rows"))
    }

    /// Who has written, how much of it there is and is unread.
    pub(crate) fn group(&self) -> Vec<(Option<String>, i64, i64)> {
        let mut select = self.prepared(
            "SELECT max(sender), count(*), sum(read = 0) FROM message WHERE folder = ?1 AND assoc = 0
             GROUP BY sender_key ORDER BY sender_key",
        );
        let rows = select.query_map([self.folder], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        });
        rows.expect("a query")
            .collect::<Result<_, _>>()
            .expect("rows")
    }
}
