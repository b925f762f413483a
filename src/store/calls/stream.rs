//! IStream.

use super::{Call, Object, StoreError, Teller};
use mapi_provider_abi::mapi::{IStream, STATFLAG_NONAME, STATSTG, StreamCommitFlags};

impl<'run> Object<'run, IStream> {
    fn call(&self, operation: &'static str) -> Call<'_> {
        Call {
            operation,
            teller: Teller::Nobody,
            allocators: self.allocators,
        }
    }

    /// Reads the next bytes; how many there were.
    pub(in crate::store) fn read(&self, bytes: &mut [u8]) -> Result<usize, StoreError> {
        let call = self.call("read a stream");
        let (most, mut count) = (at_once(bytes.len()), 0);
        // SAFETY: there is room for that many bytes, and the variable is live.
        let result = unsafe {
            self.interface
                .Read(bytes.as_mut_ptr().cast(), most, &raw mut count)
        };
        call.done(result)?;
        if count > most {
            return Err(call.senseless("there are more bytes than were asked for"));
        }
        Ok(count as usize)
    }

    /// Writes bytes; how many were taken.
    pub(in crate::store) fn write(&self, bytes: &[u8]) -> Result<usize, StoreError> {
        let call = self.call("write a stream");
        let (most, mut count) = (at_once(bytes.len()), 0);
        // SAFETY: there are that many bytes, and the variable is live.
        let result = unsafe {
            self.interface
                .Write(bytes.as_ptr().cast(), most, &raw mut count)
        };
        call.done(result)?;
        if count > most {
            return Err(call.senseless("more bytes were written than there are"));
        }
        Ok(count as usize)
    }

    /// Moves to another position: by so much, from an origin, `STREAM_SEEK_*`.
    pub(in crate::store) fn seek(&self, by: i64, origin: u32) -> Result<u64, StoreError> {
        let mut position = 0;
        // SAFETY: a live variable.
        let result = unsafe { self.interface.Seek(by, origin, &raw mut position) };
        self.call("seek in a stream").done(result)?;
        Ok(position)
    }

    pub(in crate::store) fn set_size(&self, size: u64) -> Result<(), StoreError> {
        // SAFETY: a call without pointers.
        let result = unsafe { self.interface.SetSize(size) };
        self.call("set the size of a stream").done(result)
    }

    pub(in crate::store) fn commit(&self) -> Result<(), StoreError> {
        // SAFETY: a call without pointers.
        let result = unsafe { self.interface.Commit(StreamCommitFlags::empty()) };
        self.call("commit a stream").done(result)
    }

    /// How many bytes there are.
    pub(in crate::store) fn size(&self) -> Result<u64, StoreError> {
        // SAFETY: all zeros is a value of every field.
        let mut stat: STATSTG = unsafe { std::mem::zeroed() };
        // SAFETY: a live variable.
        let result = unsafe { self.interface.Stat(&raw mut stat, STATFLAG_NONAME) };
        self.call("measure a stream").done(result)?;
        Ok(stat.cbSize)
    }
}

/// As many bytes as one call takes: some stores count in signed numbers.
fn at_once(length: usize) -> u32 {
    const MOST: u32 = 1 << 20;
    u32::try_from(length).map_or(MOST, |length| length.min(MOST))
}
