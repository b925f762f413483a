//! A store's file, looked at from outside: whoever finds out what is wrong with a file must not change it by looking.

use std::fs;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::config::DbConfig;

use super::connection::{self, Place, SCHEMA};
use super::error::{Error, Result};
use super::maintenance::{disagreements, sound};
use super::session;

/// What an SQLite file begins with.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// A store's file that is open to be looked at. Nothing is made, brought up to date, thrown away or entered in it, and it
/// may be one that is damaged or of an older version.
///
/// # Threads
///
/// It may be moved to another thread, and is used by one at a time. Others may use the store meanwhile.
#[derive(Debug)]
pub struct StoreFile {
    connection: Connection,
    path: PathBuf,
    version: i64,
}

/// What an inspection has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    /// The version of the schema.
    pub schema: i64,
    /// How many folders there are; none where they can't be counted.
    pub folders: Option<u64>,
    /// How many messages, associated ones included.
    pub messages: Option<u64>,
    /// What is wrong, in plain words. Empty where all is well.
    pub problems: Vec<String>,
}

/// How many bytes a store takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// The file.
    pub file: u64,
    /// The log beside it: what is committed and not yet written back into it.
    pub log: u64,
    /// What is free within the file, for new messages.
    pub free: u64,
}

impl StoreFile {
    /// Opens a file that is there.
    ///
    /// # Errors
    ///
    /// There is none, it can't be opened, is no store, so damaged that nothing can be told, or of a newer version.
    pub fn open(path: &Path) -> Result<Self> {
        let cant_open = |text: String| Error::CantOpen(path.to_owned(), text);
        let meta = fs::metadata(path).map_err(|error| cant_open(error.to_string()))?;
        if !meta.is_file() {
            return Err(cant_open("it is no file".to_owned()));
        }
        refuse_others(path)?;
        let connection = connection::open_to_look(&Place::of_file(path)?)?;
        if size(&log_path(path)) > 0 {
            // A log that somebody has left behind is read, and stays.
            connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        }
        let version = connection::version(&connection).map_err(|error| error.at(path))?;
        if version == 0 {
            return Err(Error::NoStore("it is an empty database"));
        }
        Ok(Self {
            connection,
            path: path.to_owned(),
            version,
        })
    }

    /// The version of the schema.
    pub fn schema(&self) -> i64 {
        self.version
    }

    /// Looks through the whole file: whether it is sound, and whether counts, index and references agree. Of a store of an
    /// older version only the first is known. It takes some seconds for each gigabyte.
    ///
    /// # Errors
    ///
    /// The file can't be read at all.
    pub fn check(&self) -> Result<Inspection> {
        // One moment for all of it.
        let moment = self.connection.unchecked_transaction()?;
        let mut problems = sound(&moment)?;
        if problems.is_empty() {
            problems.extend(dangling(&moment)?);
        }
        if self.version == SCHEMA {
            match disagreements(&moment) {
                Ok(found) => problems.extend(found),
                // What is damaged has been told.
                Err(error) if problems.is_empty() => problems.push(error.to_string()),
                Err(_) => {}
            }
        }
        let count = |sql: &str| moment.query_row(sql, [], |row| row.get(0)).ok();
        Ok(Inspection {
            schema: self.version,
            folders: count("SELECT count(*) FROM folder"),
            messages: count("SELECT count(*) FROM message"),
            problems,
        })
    }

    /// How many bytes it takes.
    ///
    /// # Errors
    ///
    /// The file can't be read.
    pub fn sizes(&self) -> Result<Sizes> {
        let free =
            "SELECT freelist_count * page_size FROM pragma_freelist_count(), pragma_page_size()";
        Ok(Sizes {
            file: size(&self.path),
            log: size(&log_path(&self.path)),
            free: self.connection.query_row(free, [], |row| row.get(0))?,
        })
    }

    /// How many processes, or stores within them, have the file open as a store.
    ///
    /// # Errors
    ///
    /// The file can't be read.
    pub fn users(&self) -> Result<usize> {
        session::alive(&self.connection, &self.path)
    }
}

/// Refuses what is plainly no database, before SQLite looks at it.
fn refuse_others(path: &Path) -> Result<()> {
    let mut start = [0; MAGIC.len()];
    let read = fs::File::open(path).and_then(|mut file| {
        use std::io::Read;
        file.read_exact(&mut start)
    });
    match read {
        Ok(()) if start == *MAGIC => Ok(()),
        Ok(()) => Err(Error::NoStore("it is no SQLite database")),
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => {
            Err(Error::NoStore("it is shorter than any database"))
        }
        Err(error) => Err(Error::CantOpen(path.to_owned(), error.to_string())),
    }
}

/// Rows that refer to others that are not there.
fn dangling(connection: &Connection) -> Result<Vec<String>> {
    let mut select = connection.prepare(
        "SELECT \"table\", parent, count(*) FROM pragma_foreign_key_check() GROUP BY 1, 2 ORDER BY 1, 2",
    )?;
    let found = select.query_map([], |row| {
        let (table, parent, count): (String, String, u64) = row.try_into()?;
        Ok(format!(
            "{count} rows of `{table}` refer to a `{parent}` that is not there"
        ))
    })?;
    Ok(found.collect::<rusqlite::Result<_>>()?)
}

fn log_path(path: &Path) -> PathBuf {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    log.into()
}

fn size(path: &Path) -> u64 {
    fs::metadata(path).map_or(0, |meta| meta.len())
}
