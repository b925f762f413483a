//! The file of a store: a head, and a record for each change that was committed. What is in the file
//! never changes; a record that a killed process has not finished is cut off.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Error, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use mapi_provider::abi::{
    MAPI_E_CORRUPT_STORE, MAPI_E_LOGON_FAILED, MAPI_E_NO_ACCESS, MAPI_E_TOO_BIG, MAPI_E_VERSION,
};

use super::checksum::checksum;
use crate::fault::{Fault, Result};

const MAGIC: &[u8; 16] = b"simulated store\n";
const VERSION: u32 = 1;
/// Instead of the version: the file has been rewritten, and this one is left over.
const OUTDATED: u32 = u32::MAX;
/// Magic, version, UID, checksum.
const HEAD: usize = 16 + 4 + 16 + 4;
/// Length and checksum.
const RECORD_HEAD: usize = 4 + 4;

/// The maximum size of store files, for tests of a full disk.
static QUOTA: AtomicU64 = AtomicU64::new(u64::MAX);

/// Sets the maximum size of store files, in bytes: beyond that, the disk seems to be full.
pub(crate) fn set_quota(bytes: u64) {
    QUOTA.store(bytes, Ordering::Relaxed);
}

/// The file of a store, open and locked.
#[derive(Debug)]
pub(crate) struct Journal {
    file: File,
    path: PathBuf,
    /// Where the next record goes.
    end: u64,
    /// Whether the file is what we think it is: a failure that could not be undone ends its use.
    is_sound: bool,
    /// The maximum size of this file.
    limit: u64,
}

/// A journal that was just opened.
pub(crate) struct Opened {
    pub(crate) journal: Journal,
    pub(crate) uid: [u8; 16],
    pub(crate) records: Vec<Vec<u8>>,
}

impl Journal {
    /// Opens a store's file, or creates it with a UID if there is none, and locks it.
    ///
    /// # Errors
    ///
    /// It can't be opened, somebody else has it open, or it is not a store's.
    pub(crate) fn open(path: &Path, new_uid: [u8; 16]) -> Result<Opened> {
        loop {
            if let Some(opened) = Self::open_once(path, new_uid)? {
                return Ok(opened);
            }
        }
    }

    /// `None` if the file was replaced while it was being opened.
    fn open_once(path: &Path, new_uid: [u8; 16]) -> Result<Option<Opened>> {
        if path.is_dir() {
            let text = format!("the store {} is a folder", path.display());
            return Err(Fault::new(MAPI_E_NO_ACCESS, text));
        }
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = options.open(path);
        let mut file = file.map_err(|error| Fault::of_file(&error, "open", path))?;
        lock(&file, path)?;
        let mut bytes = Vec::new();
        let read = file.read_to_end(&mut bytes);
        read.map_err(|error| Fault::of_file(&error, "read", path))?;
        let mut journal = Self {
            file,
            path: path.to_owned(),
            end: 0,
            is_sound: true,
            limit: u64::MAX,
        };
        if is_unfinished_head(&bytes) {
            journal.cut(0)?;
            journal.write(&head(VERSION, &new_uid))?;
            return Ok(Some(Opened {
                journal,
                uid: new_uid,
                records: Vec::new(),
            }));
        }
        let Some(uid) = journal.check_head(&bytes)? else {
            return Ok(None);
        };
        let (records, end) = records(&bytes).ok_or_else(|| {
            let text = format!("the store {} is damaged", path.display());
            Fault::new(MAPI_E_CORRUPT_STORE, text)
        })?;
        if end < bytes.len() {
            journal.cut(end as u64)?;
        }
        journal.end = end as u64;
        Ok(Some(Opened {
            journal,
            uid,
            records,
        }))
    }

    /// The UID of the store; `None` if the file is left over.
    fn check_head(&self, bytes: &[u8]) -> Result<Option<[u8; 16]>> {
        let path = self.path.display();
        let Some((head, _)) = bytes.split_first_chunk::<HEAD>() else {
            let text = format!("{path} is not a store");
            return Err(Fault::new(MAPI_E_CORRUPT_STORE, text));
        };
        let long =
            |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        if head[..16] != MAGIC[..] || long(36) != checksum(&head[..36]) {
            let text = format!("{path} is not a store");
            return Err(Fault::new(MAPI_E_CORRUPT_STORE, text));
        }
        match long(16) {
            VERSION => {}
            OUTDATED => return Ok(None),
            version => {
                let text = format!("the store {path} is of version {version}, which is not known");
                return Err(Fault::new(MAPI_E_VERSION, text));
            }
        }
        let mut uid = [0; 16];
        uid.copy_from_slice(&head[20..36]);
        Ok(Some(uid))
    }

    /// Appends a record. If that fails, the file is unchanged.
    ///
    /// # Errors
    ///
    /// The disk is full or broken.
    pub(crate) fn append(&mut self, record: &[u8]) -> Result<()> {
        let Ok(length) = u32::try_from(record.len()) else {
            return Err(Fault::new(MAPI_E_TOO_BIG, "the change is too big"));
        };
        let mut bytes = Vec::with_capacity(RECORD_HEAD + record.len());
        bytes.extend(length.to_le_bytes());
        bytes.extend(checksum(record).to_le_bytes());
        bytes.extend(record);
        self.write(&bytes)
    }

    /// Sets the maximum size of this file, in bytes.
    #[cfg(test)]
    pub(super) fn set_limit(&mut self, bytes: u64) {
        self.limit = bytes;
    }

    /// How long the file is, in bytes.
    pub(crate) fn length(&self) -> u64 {
        self.end
    }

    /// Rewrites the whole store: to another file, which then replaces this one.
    ///
    /// # Errors
    ///
    /// The disk is full or broken, or the system does not let files be replaced. This file is as it was.
    pub(crate) fn rewrite(self, uid: &[u8; 16], record: &[u8]) -> Result<Self, (Self, Fault)> {
        match self.written_anew(uid, record) {
            Ok(journal) => Ok(journal),
            Err(fault) => Err((self, fault)),
        }
    }

    fn written_anew(&self, uid: &[u8; 16], record: &[u8]) -> Result<Self> {
        let mut name = self.path.clone().into_os_string();
        name.push(".new");
        let new_path = PathBuf::from(name);
        let made = self.write_new(&new_path, uid, record);
        if made.is_err() {
            // Its remains are of no use, and harmless.
            let _ = std::fs::remove_file(&new_path);
        }
        let mut journal = made?;
        journal.path.clone_from(&self.path);
        // Processes that wait for the old file, which no longer has a name, should find that out.
        let mut old = &self.file;
        let marked = old
            .seek(SeekFrom::Start(0))
            .and_then(|_| old.write_all(&head(OUTDATED, uid)));
        marked.map_err(|error| Fault::of_file(&error, "write", &self.path))?;
        Ok(journal)
    }

    fn write_new(&self, new_path: &Path, uid: &[u8; 16], record: &[u8]) -> Result<Self> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(true);
        let file = options.open(new_path);
        let file = file.map_err(|error| Fault::of_file(&error, "write", new_path))?;
        lock(&file, new_path)?;
        let mut journal = Self {
            file,
            path: new_path.to_owned(),
            end: 0,
            is_sound: true,
            limit: u64::MAX,
        };
        journal.write(&head(VERSION, uid))?;
        journal.append(record)?;
        let failed = |error: Error| Fault::of_file(&error, "write", &self.path);
        journal.file.sync_all().map_err(failed)?;
        std::fs::rename(new_path, &self.path).map_err(failed)?;
        Ok(journal)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        if !self.is_sound {
            let error = Error::other("an earlier failure could not be undone");
            return Err(Fault::of_file(&error, "write", &self.path));
        }
        let end = self.end + bytes.len() as u64;
        let written = if end > QUOTA.load(Ordering::Relaxed).min(self.limit) {
            // As on a disk that fills up, a part gets there.
            self.write_at_end(&bytes[..bytes.len() / 2])
                .and(Err(Error::from(ErrorKind::StorageFull)))
        } else {
            self.write_at_end(bytes)
        };
        if let Err(error) = written {
            self.is_sound = self.file.set_len(self.end).is_ok();
            return Err(Fault::of_file(&error, "write", &self.path));
        }
        self.end = end;
        Ok(())
    }

    fn write_at_end(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.file.seek(SeekFrom::Start(self.end))?;
        self.file.write_all(bytes)
    }

    fn cut(&mut self, end: u64) -> Result<()> {
        let cut = self.file.set_len(end);
        cut.map_err(|error| Fault::of_file(&error, "write", &self.path))
    }
}

fn lock(file: &File, path: &Path) -> Result<()> {
    match file.try_lock() {
        Ok(()) => Ok(()),
        Err(TryLockError::WouldBlock) => {
            let text = format!("the store {} is open in another process", path.display());
            Err(Fault::new(MAPI_E_LOGON_FAILED, text))
        }
        Err(TryLockError::Error(error)) => Err(Fault::of_file(&error, "lock", path)),
    }
}

fn head(version: u32, uid: &[u8; 16]) -> Vec<u8> {
    let mut head = [&MAGIC[..], &version.to_le_bytes(), uid].concat();
    head.extend(checksum(&head).to_le_bytes());
    head
}

/// Whether a file is new, or its maker was killed before the head was there.
fn is_unfinished_head(bytes: &[u8]) -> bool {
    bytes.len() < HEAD && MAGIC.starts_with(&bytes[..bytes.len().min(MAGIC.len())])
}

/// The complete records, and where they end; `None` if one in the middle is damaged.
fn records(bytes: &[u8]) -> Option<(Vec<Vec<u8>>, usize)> {
    let mut records = Vec::new();
    let mut end = HEAD;
    loop {
        let rest = &bytes[end..];
        let Some((length, rest)) = rest.split_first_chunk::<4>() else {
            break;
        };
        let Some((sum, rest)) = rest.split_first_chunk::<4>() else {
            break;
        };
        let Some(record) = rest.get(..u32::from_le_bytes(*length) as usize) else {
            break;
        };
        if checksum(record) != u32::from_le_bytes(*sum) {
            // The last one was being written; any other must be complete.
            return (record.len() == rest.len()).then_some((records, end));
        }
        end += RECORD_HEAD + record.len();
        records.push(record.to_vec());
    }
    Some((records, end))
}
