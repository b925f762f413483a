//! What can go wrong, and what MAPI calls it.

use std::borrow::Cow;
use std::path::PathBuf;

use mapi_provider_abi::mapi::{
    HRESULT, MAPI_E_BUSY, MAPI_E_CALL_FAILED, MAPI_E_COLLISION, MAPI_E_CORRUPT_STORE,
    MAPI_E_DISK_ERROR, MAPI_E_FOLDER_CYCLE, MAPI_E_HAS_FOLDERS, MAPI_E_HAS_MESSAGES,
    MAPI_E_INVALID_PARAMETER, MAPI_E_NETWORK_ERROR, MAPI_E_NO_ACCESS, MAPI_E_NOT_ENOUGH_DISK,
    MAPI_E_NOT_ENOUGH_MEMORY, MAPI_E_NOT_ENOUGH_RESOURCES, MAPI_E_NOT_FOUND, MAPI_E_NOT_IN_QUEUE,
    MAPI_E_NOT_INITIALIZED, MAPI_E_OBJECT_CHANGED, MAPI_E_OBJECT_DELETED, MAPI_E_SUBMITTED,
    MAPI_E_TIMEOUT, MAPI_E_TOO_COMPLEX, MAPI_E_UNABLE_TO_ABORT, MAPI_E_VERSION,
};
use rusqlite::{ErrorCode, ffi};

/// What a call of the database answers.
pub type Result<T> = std::result::Result<T, Error>;

/// Why the database can't do what it was asked for. Whatever it is, nothing of the transaction has happened.
///
/// [`status`](Self::status) is the MAPI code (STORE-43), the text of `Display` is for `GetLastError`.
#[derive(Debug)]
#[non_exhaustive]
pub enum Error {
    /// The disk, or the file's quota, is full.
    DiskFull,
    /// Another process has held the file for longer than the time limit.
    Busy,
    /// The file is damaged, or none of ours. It says where.
    Corrupt(String),
    /// The file is plainly none of ours. It says why.
    NoStore(&'static str),
    /// An older version of this software has written the file, and it was not to be brought up to date.
    OlderVersion {
        /// The version of the file.
        found: i64,
        /// The one that is known here.
        known: i64,
    },
    /// A newer version of this software has written the file.
    NewerVersion {
        /// The version of the file.
        found: i64,
        /// The newest that is known here.
        known: i64,
    },
    /// The file may only be read.
    ReadOnly(PathBuf),
    /// The file is on another computer, where SQLite can't share it between processes.
    NetworkPath(PathBuf),
    /// SQLite can't keep a write-ahead log for the file where it lies. It says what it would keep instead.
    NoLog(PathBuf, String),
    /// The file can't be opened or made. It says why.
    CantOpen(PathBuf, String),
    /// The disk reported an error.
    Disk(String),
    /// There is not enough memory.
    OutOfMemory,
    /// A call was made inside another one of the same thread that must end first.
    Nested,
    /// There is no such object, or no more.
    NotFound(&'static str),
    /// A folder beside it has the name already.
    Collision(String),
    /// A folder can't be moved or copied into itself.
    FolderCycle,
    /// The folder has messages, and they were not to be deleted.
    HasMessages,
    /// The folder has folders, and they were not to be deleted.
    HasFolders,
    /// A folder that every store has can't be deleted or moved.
    SpecialFolder,
    /// A search folder takes no messages and no folders.
    SearchFolder,
    /// Somebody else has saved the message since it was opened.
    Changed,
    /// The message was deleted since it was opened.
    Deleted,
    /// Messages are nested in attachments more than 32 deep.
    TooDeep,
    /// All IDs for named properties are used up.
    NamesUsedUp,
    /// The message waits to be sent, and can't be changed until it is taken back.
    Submitted,
    /// The spooler has locked the message.
    Locked,
    /// The message does not wait to be sent.
    NotInQueue,
    /// The message is being sent already.
    UnableToAbort,
    /// The search folder has no criteria yet.
    NotInitialized,
    /// An argument makes no sense.
    Invalid(&'static str),
    /// Whoever looked at the data inside a transaction refuses to go on.
    Refused {
        /// The MAPI code.
        status: HRESULT,
        /// Why, for people.
        text: Cow<'static, str>,
    },
    /// SQLite says what should not be. A mistake of ours.
    Internal(rusqlite::Error),
}

impl Error {
    /// Stops a transaction with a code and a text of the caller's.
    pub fn refused(status: HRESULT, text: impl Into<Cow<'static, str>>) -> Self {
        Self::Refused {
            status,
            text: text.into(),
        }
    }

    /// What MAPI calls it. // STORE-43
    pub fn status(&self) -> HRESULT {
        match self {
            Self::DiskFull => MAPI_E_NOT_ENOUGH_DISK,
            Self::Busy => MAPI_E_TIMEOUT,
            Self::Corrupt(_) | Self::NoStore(_) => MAPI_E_CORRUPT_STORE,
            Self::NewerVersion { .. } | Self::OlderVersion { .. } => MAPI_E_VERSION,
            Self::ReadOnly(_) | Self::SpecialFolder | Self::SearchFolder | Self::Locked => {
                MAPI_E_NO_ACCESS
            }
            Self::NetworkPath(_) | Self::NoLog(..) => MAPI_E_NETWORK_ERROR,
            Self::CantOpen(..) | Self::Disk(_) => MAPI_E_DISK_ERROR,
            Self::OutOfMemory => MAPI_E_NOT_ENOUGH_MEMORY,
            Self::Nested => MAPI_E_BUSY,
            Self::NotFound(_) => MAPI_E_NOT_FOUND,
            Self::Collision(_) => MAPI_E_COLLISION,
            Self::FolderCycle => MAPI_E_FOLDER_CYCLE,
            Self::HasMessages => MAPI_E_HAS_MESSAGES,
            Self::HasFolders => MAPI_E_HAS_FOLDERS,
            Self::Changed => MAPI_E_OBJECT_CHANGED,
            Self::Deleted => MAPI_E_OBJECT_DELETED,
            Self::TooDeep => MAPI_E_TOO_COMPLEX,
            Self::NamesUsedUp => MAPI_E_NOT_ENOUGH_RESOURCES,
            Self::Submitted => MAPI_E_SUBMITTED,
            Self::NotInQueue => MAPI_E_NOT_IN_QUEUE,
            Self::UnableToAbort => MAPI_E_UNABLE_TO_ABORT,
            Self::NotInitialized => MAPI_E_NOT_INITIALIZED,
            Self::Invalid(_) => MAPI_E_INVALID_PARAMETER,
            Self::Refused { status, .. } => *status,
            Self::Internal(error) if is_of_damage(error) => MAPI_E_CORRUPT_STORE,
            Self::Internal(_) => MAPI_E_CALL_FAILED,
        }
    }
}

/// What SQLite says only where a file is not as we write it: a table or column is not there, the text index makes no sense, or
/// what is not there, by an index, is there already.
///
/// That a file is damaged or none at all it says with codes of their own, which are [`Error::Corrupt`]. All else may be a
/// mistake of ours, and who restores a backup for that loses mail for nothing.
fn is_of_damage(error: &rusqlite::Error) -> bool {
    const LACKS: [&str; 5] = [
        "no such table",
        "no such column",
        "has no column",
        "vtable constructor failed",
        "invalid fts5 file format",
    ];
    // Whoever makes something has looked whether it is there.
    const TWICE: [i32; 3] = [
        ffi::SQLITE_CONSTRAINT_UNIQUE,
        ffi::SQLITE_CONSTRAINT_PRIMARYKEY,
        ffi::SQLITE_CONSTRAINT_ROWID,
    ];
    match error {
        rusqlite::Error::SqlInputError { msg, .. } => LACKS.iter().any(|lacks| msg.contains(lacks)),
        rusqlite::Error::SqliteFailure(failure, text) => match (failure.code, text) {
            (ErrorCode::ConstraintViolation, _) => TWICE.contains(&failure.extended_code),
            (ErrorCode::Unknown, Some(text)) => LACKS.iter().any(|lacks| text.contains(lacks)),
            _ => false,
        },
        _ => false,
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::DiskFull => f.write_str(
                "the disk that the store lies on is full. Nothing was saved; make room and try again",
            ),
            Self::Busy => f.write_str(
                "another program has held the store's file for five seconds. Nothing was saved; try again",
            ),
            Self::Corrupt(text) => write!(
                f,
                "the store's file is damaged or is no store: {text}. It was left as it is; restore it from a backup"
            ),
            Self::NoStore(text) => write!(f, "the file is no store: {text}"),
            Self::OlderVersion { found, known } => write!(
                f,
                "the store was written by an older version (format {found}, this one knows {known}). \
                 Start the program that it belongs to once: that brings it up to date"
            ),
            Self::NewerVersion { found, known } => write!(
                f,
                "the store was written by a newer version (format {found}, this one knows {known}). \
                 Install the newer version again"
            ),
            Self::ReadOnly(path) => write!(
                f,
                "the store's file {} may only be read. Allow this user to write to it",
                path.display()
            ),
            Self::NetworkPath(path) => write!(
                f,
                "the store's file {} lies on another computer, where it can't be shared safely. \
                 Choose a path on a disk of this computer",
                path.display()
            ),
            Self::NoLog(path, mode) => write!(
                f,
                "the store's file {} lies where programs can't share it safely, on another computer's disk, say: \
                 SQLite keeps no write-ahead log there (it answers `{mode}`). Choose a path on a disk of this computer",
                path.display()
            ),
            Self::CantOpen(path, text) => {
                write!(f, "the store's file {} can't be opened: {text}", path.display())
            }
            Self::Disk(text) => write!(f, "the disk reported an error: {text}"),
            Self::OutOfMemory => f.write_str("there is not enough memory"),
            Self::Nested => f.write_str("the store is in use by a call of the same thread"),
            Self::NotFound(what) => write!(f, "the {what} is not there, or not any more"),
            Self::Collision(name) => write!(f, "there is already a folder \"{name}\" there"),
            Self::FolderCycle => f.write_str("a folder can't be put into itself"),
            Self::HasMessages => f.write_str("the folder has messages"),
            Self::HasFolders => f.write_str("the folder has folders in it"),
            Self::SpecialFolder => {
                f.write_str("every store has this folder: it can't be deleted, moved or copied over")
            }
            Self::SearchFolder => f.write_str("nothing can be put into a search folder"),
            Self::Changed => f.write_str("somebody else has changed the message since it was opened"),
            Self::Deleted => f.write_str("the message or its folder was deleted since it was opened"),
            Self::TooDeep => f.write_str("messages are nested in attachments more than 32 deep"),
            Self::NamesUsedUp => f.write_str("the store has no IDs left for named properties"),
            Self::Submitted => f.write_str("the message waits to be sent: take it back first"),
            Self::Locked => f.write_str("the message is being sent"),
            Self::NotInQueue => f.write_str("the message does not wait to be sent"),
            Self::UnableToAbort => f.write_str("the message is being sent and can't be taken back"),
            Self::NotInitialized => f.write_str("the search folder has no criteria yet"),
            Self::Invalid(text) => f.write_str(text),
            Self::Refused { text, .. } => f.write_str(text),
            Self::Internal(error) if is_of_damage(error) => write!(
                f,
                "the store's file is damaged or was changed by another program: {error}. \
                 It was left as it is; restore it from a backup"
            ),
            Self::Internal(error) => write!(f, "the database does not understand itself: {error}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Internal(error) => Some(error),
            _ => None,
        }
    }
}

/// `SQLITE_IOERR_SHMSIZE`: the index of the log can't grow, for there is no room on the disk.
const SHARED_MEMORY_FULL: i32 = 4874;

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        let rusqlite::Error::SqliteFailure(failure, ref text) = error else {
            return Self::of_values(error);
        };
        if failure.extended_code == SHARED_MEMORY_FULL {
            return Self::DiskFull;
        }
        let text = || text.clone().unwrap_or_else(|| failure.to_string());
        match failure.code {
            ErrorCode::DiskFull => Self::DiskFull,
            ErrorCode::DatabaseBusy
            | ErrorCode::DatabaseLocked
            | ErrorCode::FileLockingProtocolFailed => Self::Busy,
            ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => Self::Corrupt(text()),
            ErrorCode::ReadOnly => Self::ReadOnly(PathBuf::new()),
            ErrorCode::CannotOpen => Self::CantOpen(PathBuf::new(), text()),
            ErrorCode::SystemIoFailure => Self::Disk(text()),
            ErrorCode::OutOfMemory => Self::OutOfMemory,
            _ => Self::Internal(error),
        }
    }
}

impl Error {
    /// What SQLite found is not what we write: the file was damaged, or somebody else wrote to it.
    fn of_values(error: rusqlite::Error) -> Self {
        match error {
            rusqlite::Error::QueryReturnedNoRows => {
                Self::Corrupt("something is missing that is always there".to_owned())
            }
            rusqlite::Error::FromSqlConversionFailure(..)
            | rusqlite::Error::IntegralValueOutOfRange(..)
            | rusqlite::Error::InvalidColumnType(..)
            | rusqlite::Error::Utf8Error(..) => Self::Corrupt(error.to_string()),
            rusqlite::Error::InvalidPath(path) => {
                Self::CantOpen(path, "its path is no Unicode text".to_owned())
            }
            other => Self::Internal(other),
        }
    }

    /// The same error, of a file.
    pub(crate) fn at(self, path: &std::path::Path) -> Self {
        match self {
            Self::ReadOnly(_) => Self::ReadOnly(path.to_owned()),
            Self::CantOpen(_, text) => Self::CantOpen(path.to_owned(), text),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::Connection;

    use super::*;

    fn error_of(sql: &str) -> Error {
        let connection = Connection::open_in_memory().expect("opened");
        let schema = "CREATE TABLE message (id INTEGER PRIMARY KEY, size INTEGER NOT NULL CHECK (size > 0)) STRICT;
                      INSERT INTO message VALUES (1, 1);";
        connection.execute_batch(schema).expect("made");
        let failed = connection.prepare(sql).and_then(|mut one| one.execute([]));
        failed.expect_err(sql).into()
    }

    #[test]
    fn store_43_a_file_that_lacks_something_or_has_it_twice_is_damaged() {
        let damages = [
            "DELETE FROM folder",
            "UPDATE message SET subject = 1",
            "INSERT INTO message VALUES (1, 1)",
        ];
        for sql in damages {
            let error = error_of(sql);
            assert_eq!(error.status(), MAPI_E_CORRUPT_STORE, "{error:?}");
            assert!(
                error.to_string().contains("restore it from a backup"),
                "{error}"
            );
        }
        for code in [ffi::SQLITE_CORRUPT_VTAB, ffi::SQLITE_NOTADB] {
            let failure = ffi::Error::new(code);
            let error = Error::from(rusqlite::Error::SqliteFailure(failure, None));
            assert_eq!(error.status(), MAPI_E_CORRUPT_STORE, "{error:?}");
        }
    }

    #[test]
    fn store_43_a_mistake_of_ours_sends_nobody_to_a_backup() {
        let mistakes = [
            "INSERT INTO message VALUES (2, 0)",
            "INSERT INTO message VALUES (2, NULL)",
            "INSERT INTO message VALUES (2, 'x')",
            "INSERT INTO message VALUES ('x', 1)",
            "INSERT INTO message VALUES (2, abs(-9223372036854775808))",
            "SELECT FROM",
        ];
        for sql in mistakes {
            let error = error_of(sql);
            assert_eq!(error.status(), MAPI_E_CALL_FAILED, "{sql}: {error:?}");
            assert!(!error.to_string().contains("backup"), "{error}");
        }
    }
}
