//! Large values: written and read in pieces, in bounded memory (STORE-30).
//!
//! One that is saved never changes; whoever writes to it gets a copy. So all who read it see what they opened
//! (STORE-21), and copies of messages share it.

use std::sync::{Arc, Weak};

use mapi_provider_abi::mapi::{PT_BINARY, PT_UNICODE};
use rusqlite::OptionalExtension;

use super::error::{Error, Result};
use super::id::BlobId;
use super::property::{LARGEST, LargeValue, Property};
use super::store::{Inner, Store, lock};
use super::transaction::{Reader, Transaction};

/// The bytes of a row of `chunk`.
pub(super) const CHUNK: u64 = 64 * 1024;
/// How many bits of a row's key number the chunks of a value.
const NUMBER_BITS: u32 = 20;
/// 64 GiB: more chunks can't be numbered.
const LONGEST: u64 = CHUNK << NUMBER_BITS;
/// How much is kept in memory before it is written.
const WINDOW: usize = 1024 * 1024;
/// How many chunks are copied in a transaction.
const COPIED: i64 = 64;

/// Keeps a large value readable in this process. What nobody refers to when the last is dropped is thrown away.
#[derive(Debug)]
pub(crate) struct Pin {
    blob: BlobId,
    inner: Weak<Inner>,
}

impl std::fmt::Debug for Inner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store")
            .field("file", &self.file())
            .finish_non_exhaustive()
    }
}

impl Pin {
    pub(super) fn new(inner: &Arc<Inner>, blob: BlobId) -> Arc<Self> {
        *lock(&inner.pins).entry(blob).or_default() += 1;
        Arc::new(Self {
            blob,
            inner: Arc::downgrade(inner),
        })
    }
}

impl Drop for Pin {
    fn drop(&mut self) {
        let Some(inner) = self.inner.upgrade() else {
            return;
        };
        let mut pins = lock(&inner.pins);
        let count = pins.entry(self.blob).or_default();
        *count = count.saturating_sub(1);
        if *count == 0 {
            pins.remove(&self.blob);
            lock(&inner.abandoned).push(self.blob);
        }
    }
}

fn key(blob: BlobId, number: u64) -> i64 {
    (blob.raw() << NUMBER_BITS) | number.cast_signed()
}

impl Reader<'_> {
    /// Reads bytes of a large value from `offset` on; fewer than there is room for only at its end.
    pub(super) fn read_blob(&self, blob: BlobId, offset: u64, to: &mut [u8]) -> Result<usize> {
        let size = self.blob_size(blob)?;
        let length = usize::try_from(size.saturating_sub(offset)).unwrap_or(usize::MAX);
        let length = length.min(to.len());
        let mut chunk = self.prepared("SELECT bytes FROM chunk WHERE key = ?1")?;
        let mut done = 0;
        while done < length {
            let place = offset + done as u64;
            let within = (place % CHUNK) as usize;
            let part = (length - done).min(CHUNK as usize - within);
            let part = &mut to[done..done + part];
            part.fill(0);
            let copied = chunk.query_row([key(blob, place / CHUNK)], |row| {
                let bytes = row.get_ref(0)?.as_blob()?;
                let bytes = bytes.get(within..).unwrap_or_default();
                let some = bytes.len().min(part.len());
                part[..some].copy_from_slice(&bytes[..some]);
                Ok(())
            });
            copied.optional()?;
            done += part.len();
        }
        Ok(length)
    }

    fn blob_size(&self, blob: BlobId) -> Result<u64> {
        let mut find = self.prepared("SELECT size FROM blob WHERE id = ?1")?;
        let size = find.query_row([blob], |row| row.get(0)).optional()?;
        if let Some(size) = size {
            return Ok(size);
        }
        // Was it thrown away, or has the file lost it?
        let mut find = self.prepared("SELECT EXISTS (SELECT 1 FROM large WHERE blob = ?1)")?;
        Err(match find.query_row([blob], |row| row.get(0))? {
            true => Error::Corrupt("a large value is missing".into()),
            false => Error::NotFound("large value"),
        })
    }
}

impl Transaction<'_> {
    /// A new large value that nobody refers to yet.
    pub(super) fn new_blob(&self, bytes: &[u8]) -> Result<BlobId> {
        let blob = BlobId::new(self.take_ids(1));
        self.execute(
            "INSERT INTO blob (id, size, owner, idle) VALUES (?1, 0, ?2, unixepoch())",
            (blob, self.session()),
        )?;
        self.write_blob(blob, 0, bytes)?;
        Ok(blob)
    }

    fn write_blob(&self, blob: BlobId, offset: u64, bytes: &[u8]) -> Result<()> {
        let end = offset.saturating_add(bytes.len() as u64);
        if end > LONGEST {
            return Err(Error::Invalid("a value of more than 64 GiB can't be kept"));
        }
        let mut put = self.prepared("INSERT OR REPLACE INTO chunk (key, bytes) VALUES (?1, ?2)")?;
        let mut get = self.prepared("SELECT bytes FROM chunk WHERE key = ?1")?;
        let mut done = 0;
        while done < bytes.len() {
            let place = offset + done as u64;
            let within = (place % CHUNK) as usize;
            let part = (bytes.len() - done).min(CHUNK as usize - within);
            let new = &bytes[done..done + part];
            let key = key(blob, place / CHUNK);
            if part == CHUNK as usize {
                put.execute((key, new))?;
            } else {
                let old: Option<Vec<u8>> = get.query_row([key], |row| row.get(0)).optional()?;
                let mut chunk = old.unwrap_or_default();
                chunk.resize(chunk.len().max(within + part), 0);
                chunk[within..within + part].copy_from_slice(new);
                put.execute((key, chunk))?;
            }
            done += part;
        }
        self.execute(
            "UPDATE blob SET size = max(size, ?2) WHERE id = ?1",
            (blob, end.cast_signed()),
        )?;
        Ok(())
    }

    fn resize_blob(&self, blob: BlobId, size: u64) -> Result<()> {
        if size > LONGEST {
            return Err(Error::Invalid("a value of more than 64 GiB can't be kept"));
        }
        let last = size / CHUNK;
        self.execute(
            "DELETE FROM chunk WHERE key > ?1 AND key < ?2",
            (key(blob, last), key(BlobId::new(blob.raw() + 1), 0)),
        )?;
        self.execute(
            "UPDATE chunk SET bytes = substr(bytes, 1, ?2) WHERE key = ?1 AND length(bytes) > ?2",
            (key(blob, last), (size % CHUNK).cast_signed()),
        )?;
        self.execute(
            "UPDATE blob SET size = ?2 WHERE id = ?1",
            (blob, size.cast_signed()),
        )?;
        Ok(())
    }

    /// Whether a large value is this session's to change: nobody refers to it.
    fn is_own_blob(&self, blob: BlobId) -> Result<bool> {
        let mut find = self.prepared(
            "SELECT EXISTS (SELECT 1 FROM blob WHERE id = ?1 AND refs = 0 AND owner = ?2)",
        )?;
        Ok(find.query_row((blob, self.session()), |row| row.get(0))?)
    }
}

impl Store {
    /// Reads bytes of a large value from `offset` on, as many as there is room for; fewer only at its end.
    ///
    /// # Errors
    ///
    /// The object was deleted by another process an hour ago or more, or the store can't be read.
    pub fn read_blob(&self, value: &LargeValue, offset: u64, to: &mut [u8]) -> Result<usize> {
        self.read(|reader| reader.read_blob(value.blob, offset, to))
    }

    /// All bytes of a large value as a property's value. It is for values that fit into memory.
    ///
    /// # Errors
    ///
    /// As [`read_blob`](Self::read_blob).
    pub fn load_large(
        &self,
        value: &LargeValue,
    ) -> Result<mapi_provider_abi::view::PropValue<'static>> {
        self.read(|reader| reader.load_large(value))
    }

    /// A new value that is written in pieces, and is seen by nobody before an object that has it is saved.
    ///
    /// # Errors
    ///
    /// The store can't be written.
    pub fn new_blob(&self) -> Result<StagedBlob> {
        let blob = self.write(|tx| tx.new_blob(&[]))?;
        Ok(StagedBlob::new(self, blob, 0))
    }

    /// A copy of a large value, to be changed.
    ///
    /// # Errors
    ///
    /// The value is gone, or the store can't be written.
    pub fn edit_blob(&self, value: &LargeValue) -> Result<StagedBlob> {
        let copy = self.new_blob()?;
        self.copy_chunks(value.blob, copy.blob)?;
        Ok(StagedBlob {
            size: value.size,
            ..copy
        })
    }

    /// Copies in several transactions: one of a gigabyte would keep others waiting.
    fn copy_chunks(&self, from: BlobId, to: BlobId) -> Result<()> {
        let size = self.read(|reader| reader.blob_size(from))?;
        let chunks = size.div_ceil(CHUNK).cast_signed();
        for first in (0..chunks).step_by(COPIED as usize) {
            self.write(|tx| {
                tx.execute(
                    "INSERT OR REPLACE INTO chunk (key, bytes)
                     SELECT key - ?1 + ?2, bytes FROM chunk WHERE key >= ?1 + ?3 AND key < ?1 + ?4",
                    (
                        key(from, 0),
                        key(to, 0),
                        first,
                        (first + COPIED).min(chunks),
                    ),
                )
            })?;
        }
        self.write(|tx| tx.resize_blob(to, size))
    }
}

/// A large value that is being written. What is saved of it does not change any more: writing goes on in a copy.
#[derive(Debug)]
pub struct StagedBlob {
    store: Store,
    blob: BlobId,
    size: u64,
    /// What was written last and is not in the store yet, and where it belongs.
    window: Vec<u8>,
    window_at: u64,
    pin: Arc<Pin>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

impl StagedBlob {
    fn new(store: &Store, blob: BlobId, size: u64) -> Self {
        Self {
            store: store.clone(),
            blob,
            size,
            window: Vec::new(),
            window_at: 0,
            pin: Pin::new(&store.0, blob),
        }
    }

    /// How many bytes there are.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Writes bytes at an offset. What lies between the end and the offset becomes zeros.
    ///
    /// # Errors
    ///
    /// The store can't be written, or the value would have more than 64 GiB.
    pub fn write_at(&mut self, offset: u64, bytes: &[u8]) -> Result<()> {
        let end = offset.checked_add(bytes.len() as u64);
        let Some(end) = end.filter(|end| *end <= LONGEST) else {
            return Err(Error::Invalid("a value of more than 64 GiB can't be kept"));
        };
        let follows = self.window_at + self.window.len() as u64 == offset;
        if !follows || self.window.len() + bytes.len() > WINDOW {
            self.flush()?;
            self.window_at = offset;
        }
        if bytes.len() > WINDOW {
            for (number, part) in bytes.chunks(WINDOW).enumerate() {
                self.window_at = offset + (number * WINDOW) as u64;
                self.window.extend(part);
                self.size = self.size.max(self.window_at + part.len() as u64);
                self.flush()?;
            }
            return Ok(());
        }
        self.window.extend(bytes);
        self.size = self.size.max(end);
        Ok(())
    }

    /// Reads bytes from an offset on; fewer than there is room for only at the end.
    ///
    /// # Errors
    ///
    /// The store can't be read or written.
    pub fn read_at(&mut self, offset: u64, to: &mut [u8]) -> Result<usize> {
        self.flush()?;
        self.store
            .read(|reader| reader.read_blob(self.blob, offset, to))
    }

    /// Cuts the value, or makes it longer with zeros.
    ///
    /// # Errors
    ///
    /// The store can't be written, or the value would have more than 64 GiB.
    pub fn set_size(&mut self, size: u64) -> Result<()> {
        self.flush()?;
        self.change(|tx, blob, _| tx.resize_blob(blob, size))?;
        self.size = size;
        Ok(())
    }

    /// Writes what is still in memory.
    ///
    /// # Errors
    ///
    /// The store can't be written. What was written stays in memory.
    pub fn flush(&mut self) -> Result<()> {
        if self.window.is_empty() {
            return Ok(());
        }
        let at = self.window_at;
        self.change(|tx, blob, window| tx.write_blob(blob, at, window))?;
        self.window_at += self.window.len() as u64;
        self.window.clear();
        Ok(())
    }

    /// The value as a property of a type, as it is now: itself where it is small.
    ///
    /// # Errors
    ///
    /// The store can't be read or written.
    pub fn property(&mut self, prop_type: u32) -> Result<Property> {
        self.flush()?;
        let large = LargeValue {
            prop_type,
            blob: self.blob,
            size: self.size,
            pin: Some(Arc::clone(&self.pin)),
        };
        if self.size <= LARGEST as u64 && matches!(prop_type, PT_UNICODE | PT_BINARY) {
            return self.store.load_large(&large).map(Property::Value);
        }
        Ok(Property::Large(large))
    }

    /// Changes the value, given what waits to be written; a copy of it, where what was written is saved by now.
    ///
    /// Whether it is saved is asked in the transaction that writes: another thread may just be saving it.
    fn change(
        &mut self,
        change: impl Fn(&Transaction<'_>, BlobId, &[u8]) -> Result<()>,
    ) -> Result<()> {
        loop {
            let is_own = self.store.write(|tx| {
                let is_own = tx.is_own_blob(self.blob)?;
                if is_own {
                    change(tx, self.blob, &self.window)?;
                }
                Ok(is_own)
            })?;
            if is_own {
                return Ok(());
            }
            let copy = self.store.write(|tx| tx.new_blob(&[]))?;
            let pin = Pin::new(&self.store.0, copy);
            self.store.copy_chunks(self.blob, copy)?;
            (self.blob, self.pin) = (copy, pin);
        }
    }
}
