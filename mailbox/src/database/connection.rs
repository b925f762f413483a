//! Connections to the file: how they are set, and what a file must be to be taken.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use mapi_provider_abi::internal::is_remote_drive;
use rusqlite::config::DbConfig;
use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::error::{Error, Result};
use super::log_file;
use mapi_provider_table::text;

/// Says that a file is a mailbox: "MAPI".
const APPLICATION: i64 = 0x4D41_5049;
/// The version of the schema: `user_version`.
pub(super) const SCHEMA: i64 = 3;
/// Makes the newest version of an empty file.
const NEWEST: &str = include_str!("schema.sql");
/// Each makes the next version of the one before: the first makes version 2 of version 1. What they end at is [`NEWEST`].
const MIGRATIONS: [&str; SCHEMA as usize - 1] =
    [include_str!("schema_2.sql"), include_str!("schema_3.sql")];

/// The text index needs what FTS5 can do since 3.43; what is compiled in is newer.
const OLDEST_SQLITE: i32 = 3_045_003;

/// What the writer keeps of the file in memory, in KiB, as SQLite wants it told. Readers, of which there are several,
/// keep a quarter of it: Outlook may have 32 bits.
const WRITERS_CACHE: i64 = -16384;

/// No database has fewer bytes: it is SQLite's smallest page.
const SMALLEST: u64 = 512;

/// How long a process waits for another one that writes (STORE-43).
const PATIENCE: Duration = Duration::from_secs(5);

/// Where a store is kept.
#[derive(Debug, Clone)]
pub(super) enum Place {
    File(PathBuf),
    /// In the memory of one connection.
    Memory,
}

impl Place {
    /// # Errors
    ///
    /// The path leads to another computer: SQLite's write-ahead log needs memory that all processes share.
    pub(super) fn of_file(path: &Path) -> Result<Self> {
        if is_network(path, is_remote_drive) {
            return Err(Error::NetworkPath(path.to_owned()));
        }
        Ok(Self::File(path.to_owned()))
    }

    /// Refuses a file that has something in it and is smaller than any database, or is empty beside a log that is not:
    /// SQLite would write over both. // STORE-43
    fn check_size(&self) -> Result<()> {
        let Self::File(path) = self else {
            return Ok(());
        };
        // Looked at first: a new store has its first page before it has a log.
        let has_log = log_file::size(path) > 0;
        match std::fs::metadata(path) {
            Ok(file) if file.is_file() && (1..SMALLEST).contains(&file.len()) => {
                Err(Error::Corrupt(format!("it has only {} bytes", file.len())))
            }
            Ok(file) if file.is_file() && file.len() == 0 && has_log => {
                let text = "it is empty, and its log is not: it was cut off";
                Err(Error::Corrupt(text.to_owned()))
            }
            // What else is wrong with it SQLite tells.
            _ => Ok(()),
        }
    }

    fn told(&self, error: Error) -> Error {
        match self {
            Self::File(path) => error.at(path),
            Self::Memory => error,
        }
    }
}

/// `\\server\share`, however it is written, or a drive that stands for one; not `\\?\C:\` nor `\\.\`.
fn is_network(path: &Path, is_remote: impl Fn(u8) -> bool) -> bool {
    let text = path.to_string_lossy().replace('/', "\\");
    let Some(rest) = text.strip_prefix("\\\\") else {
        // One that says no drive is on that of the process's folder.
        let drive = drive_of(&text)
            .or_else(|| drive_of(&std::path::absolute(path).ok()?.to_string_lossy()));
        return drive.is_some_and(is_remote);
    };
    let device = rest
        .strip_prefix("?\\")
        .or_else(|| rest.strip_prefix(".\\"));
    device.is_none_or(|device| {
        let head = device.get(..4).unwrap_or_default();
        head.eq_ignore_ascii_case("UNC\\") || drive_of(device).is_some_and(is_remote)
    })
}

/// The letter of the drive that a path begins with.
fn drive_of(text: &str) -> Option<u8> {
    match text.as_bytes() {
        [letter, b':', ..] if letter.is_ascii_alphabetic() => Some(*letter),
        _ => None,
    }
}

/// A connection to look at a file that is there, whatever version it has. It writes nothing.
///
/// # Errors
///
/// The file can't be opened.
pub(super) fn open_to_look(place: &Place) -> Result<Connection> {
    // Not read-only: then SQLite could not read what lies in the log.
    let connection = connect(place, OpenFlags::empty())?;
    connection.pragma_update(None, "query_only", true)?;
    Ok(connection)
}

/// The first connection to a store that is there already, and of this version: it stays as it is.
///
/// # Errors
///
/// As [`open_first`], and the store is of an older version.
pub(super) fn open_existing(place: &Place) -> Result<Connection> {
    let connection = connect(place, OpenFlags::empty())?;
    if connection
        .is_readonly("main")
        .map_err(|error| place.told(error.into()))?
    {
        return Err(place.told(Error::ReadOnly(PathBuf::new())));
    }
    match version(&connection).map_err(|error| place.told(error))? {
        SCHEMA => {}
        0 => return Err(Error::NoStore("it is an empty database")),
        found => {
            return Err(Error::OlderVersion {
                found,
                known: SCHEMA,
            });
        }
    }
    connection.pragma_update(None, "cache_size", WRITERS_CACHE)?;
    keep_log(&connection, place)?;
    Ok(connection)
}

/// The first connection: it makes the file what it must be.
///
/// # Errors
///
/// The file is none of ours, damaged, of a newer version, may only be read, or can't be opened. It is as it was.
pub(super) fn open_first(place: &Place) -> Result<Connection> {
    place.check_size()?;
    let connection = connect(place, OpenFlags::SQLITE_OPEN_CREATE)?;
    connection.pragma_update(None, "cache_size", WRITERS_CACHE)?;
    prepare(&connection, place).map_err(|error| place.told(error))?;
    Ok(connection)
}

/// A further connection to a file that was opened already.
///
/// # Errors
///
/// It can't be opened, or is another file than the first connection's.
pub(super) fn open_again(place: &Place, uid: &[u8; 16]) -> Result<Connection> {
    // Where the file is gone, no new one takes its place.
    let connection = connect(place, OpenFlags::empty())?;
    let found = connection.query_row("SELECT uid FROM store", [], |row| row.get::<_, [u8; 16]>(0));
    if found.map_err(|error| place.told(error.into()))? != *uid {
        let text =
            "another store has taken its place. Close all programs that use it, and try again";
        return Err(place.told(Error::CantOpen(PathBuf::new(), text.to_owned())));
    }
    Ok(connection)
}

fn connect(place: &Place, more: OpenFlags) -> Result<Connection> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        let text = format!(
            "it needs SQLite 3.45.3 or newer, and the system has {}. Use the feature `bundled`",
            rusqlite::version()
        );
        return Err(place.told(Error::CantOpen(PathBuf::new(), text)));
    }
    let opened = match place {
        Place::File(path) => {
            let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
            Connection::open_with_flags(path, flags | more)
        }
        Place::Memory => Connection::open_in_memory(),
    };
    let mut connection = opened.map_err(|error| place.told(error.into()))?;
    // Before anything is read: on a disk that may only be read there is no place for the log's index.
    if connection.is_readonly("main")? {
        return Err(place.told(Error::ReadOnly(PathBuf::new())));
    }
    set(&mut connection).map_err(|error| place.told(error.into()))?;
    Ok(connection)
}

/// What holds for every connection. None of it touches the file.
fn set(connection: &mut Connection) -> rusqlite::Result<()> {
    connection.busy_handler(Some(patience()))?;
    connection.set_prepared_statement_cache_capacity(128);
    // Plans don't depend on what is bound. Else SQLite looks at the number behind LIMIT, say, and makes a new plan whenever
    // a statement that was kept is bound anew: for a page of a table that takes longer than the page.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.execute_batch(
        "PRAGMA foreign_keys = ON;
         PRAGMA recursive_triggers = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA cache_size = -4096;
         PRAGMA mmap_size = 0;
         PRAGMA trusted_schema = OFF;
         PRAGMA cell_size_check = ON;
         PRAGMA synchronous = NORMAL;",
    )?;
    let flags = FunctionFlags::SQLITE_UTF8
        | FunctionFlags::SQLITE_DETERMINISTIC
        | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function("mapi_loose", 1, flags, |context| {
        let text: Option<String> = context.get(0)?;
        Ok(text.map(|text| text::loose(&text)))
    })?;
    connection.create_scalar_function("mapi_folded", 1, flags, |context| {
        let text: Option<String> = context.get(0)?;
        Ok(text.map(|text| text::folded(&text)))
    })
}

/// Waits a little for another connection that has the file, and tells whether to ask again. SQLite calls it with the number
/// of times that it has done so for the same cause.
///
/// SQLite's own way asks every tenth of a second. Two processes that do nothing but write leave the file free for some
/// microseconds between their transactions, and whoever asks fifty times may never see it free.
pub(super) fn patience() -> impl FnMut(i32) -> bool + Send {
    let mut began = Instant::now();
    move |times| {
        if times == 0 {
            began = Instant::now();
        }
        let goes_on = began.elapsed() < PATIENCE;
        if goes_on {
            std::thread::sleep(pause(times));
        }
        goes_on
    }
}

/// How long to wait before asking again. Not always as long: else it may go with the rhythm of whoever writes.
fn pause(times: i32) -> Duration {
    const PAUSES: [u64; 7] = [500, 900, 1700, 700, 2900, 1100, 4300];
    let place = usize::try_from(times).unwrap_or(0) % PAUSES.len();
    Duration::from_micros(PAUSES[place])
}

/// Checks what the file is, and makes a store of an empty one.
fn prepare(connection: &Connection, place: &Place) -> Result<()> {
    if version(connection)? == 0 {
        // Both count only before the first table is there.
        connection.execute_batch("PRAGMA page_size = 8192; PRAGMA auto_vacuum = INCREMENTAL;")?;
    }
    keep_log(connection, place)?;
    if version(connection)? == SCHEMA {
        return Ok(());
    }
    connection.execute_batch("BEGIN IMMEDIATE")?;
    let migrated = migrate(connection);
    let end = if migrated.is_ok() {
        "COMMIT"
    } else {
        "ROLLBACK"
    };
    let ended = connection.execute_batch(end);
    migrated?;
    Ok(ended?)
}

/// The file has a write-ahead log from now on, which cuts itself. // STORE-43
///
/// # Errors
///
/// It can't have one. SQLite does not fail then, but goes on without: with the locks of another computer, which may be none.
fn keep_log(connection: &Connection, place: &Place) -> Result<()> {
    let wanted = "PRAGMA journal_mode = WAL";
    let mode: String = patiently(|| connection.query_row(wanted, [], |row| row.get(0)))?;
    if let Place::File(path) = place
        && mode != "wal"
    {
        return Err(Error::NoLog(path.clone(), mode));
    }
    Ok(connection.execute_batch("PRAGMA journal_size_limit = 67108864;")?)
}

/// The version of a store; 0 of a file that is empty.
///
/// # Errors
///
/// The file is no store, or of a newer version.
pub(super) fn version(connection: &Connection) -> Result<i64> {
    // At one moment: another process may be making the store.
    let moment = match connection.is_autocommit() {
        true => Some(connection.unchecked_transaction()?),
        false => None,
    };
    let found = version_now(connection);
    drop(moment);
    found
}

fn version_now(connection: &Connection) -> Result<i64> {
    let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (application, found) = (pragma("application_id")?, pragma("user_version")?);
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_master", [], |row| row.get(0))?;
    match (application, found) {
        (APPLICATION, found) if found > SCHEMA => Err(Error::NewerVersion {
            found,
            known: SCHEMA,
        }),
        (APPLICATION, found) if found > 0 => Ok(found),
        (0, 0) if tables == 0 => Ok(0),
        _ => Err(Error::Corrupt("it is another program's database".into())),
    }
}

/// Inside a transaction: another process may have done it meanwhile.
fn migrate(connection: &Connection) -> Result<()> {
    match version(connection)? {
        0 => connection.execute_batch(NEWEST)?,
        found => {
            let steps = MIGRATIONS.iter().skip(found as usize - 1);
            for step in steps {
                connection.execute_batch(step)?;
            }
        }
    }
    connection.pragma_update(None, "application_id", APPLICATION)?;
    connection.pragma_update(None, "user_version", SCHEMA)?;
    Ok(())
}

/// Tries again where SQLite does not wait by itself: when two processes open a new file.
fn patiently<T>(attempt: impl Fn() -> rusqlite::Result<T>) -> Result<T> {
    let end = Instant::now() + PATIENCE;
    loop {
        match attempt() {
            Err(rusqlite::Error::SqliteFailure(failure, _))
                if failure.code == ErrorCode::DatabaseBusy && Instant::now() < end =>
            {
                std::thread::sleep(Duration::from_millis(5));
            }
            other => return Ok(other?),
        }
    }
}

#[cfg(test)]
mod tests {
    use mapi_provider_abi::mapi::MAPI_E_NETWORK_ERROR;

    use super::*;

    #[test]
    fn store_43_whoever_waits_asks_often_enough_to_get_in_between_others() {
        let all: Duration = (0..1000).map(pause).sum();
        assert!(all < PATIENCE, "{all:?}");
    }

    #[test]
    fn store_43_a_file_that_can_have_no_log_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("store.db");
        // A file system as SQLite sees one where processes can't share memory.
        // In memory there is no log either, on any system.
        let connection = Connection::open_in_memory().expect("memory");
        let place = Place::of_file(&path).expect("of this computer");
        let error = prepare(&connection, &place).expect_err("it has no log");
        assert_eq!(error.status(), MAPI_E_NETWORK_ERROR);
        let text = error.to_string();
        assert!(
            text.contains("store.db") && text.contains("on a disk of this computer"),
            "{text}"
        );
        assert_eq!(
            version(&connection).expect("readable"),
            0,
            "nothing is in it"
        );
    }

    #[test]
    fn paths_to_other_computers_are_known() {
        for path in [
            "\\\\server\\share\\x.db",
            "//server/share/x.db",
            "\\\\?\\UNC\\server\\x",
        ] {
            assert!(Place::of_file(Path::new(path)).is_err(), "{path}");
        }
        for path in ["C:\\x.db", "\\\\?\\C:\\x.db", "/home/x.db", "x.db"] {
            assert!(Place::of_file(Path::new(path)).is_ok(), "{path}");
        }
        // Of the drives, one stands for a folder of a server.
        let is_remote = |letter: u8| letter.eq_ignore_ascii_case(&b'Q');
        for (path, expected) in [
            ("Q:\\x.db", true),
            ("q:/x.db", true),
            ("q:x.db", true),
            ("\\\\?\\Q:\\x.db", true),
            ("\\\\.\\q:\\x.db", true),
            ("C:\\Q:\\x.db", false),
            ("Q\\x.db", false),
            ("/Q:/x.db", false),
        ] {
            assert_eq!(is_network(Path::new(path), is_remote), expected, "{path}");
        }
    }
}
