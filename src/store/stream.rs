//! The bytes of a property, one after another.

use std::io::{self, Read, Seek, SeekFrom, Write};

use super::calls::Object;
use super::error::StoreError;
use mapi_provider_abi::mapi::{
    IStream, MAPI_E_NOT_ENOUGH_MEMORY, MAPI_E_TOO_BIG, STREAM_SEEK_CUR, STREAM_SEEK_END,
    STREAM_SEEK_SET,
};

/// The most bytes of a value that is read as a whole. Larger values can be read piece by piece.
pub(super) const LARGEST_VALUE: usize = 1 << 30;

/// How many bytes more are asked for at a time.
const PIECE: usize = 64 * 1024;

/// The bytes of a property as a stream: to read, to write, to move about in.
///
/// [`Properties::reader`](super::Properties::reader) and [`Properties::writer`](super::Properties::writer) open it.
/// Writes take effect with [`commit`](Self::commit), and outside the message with the message’s `save`; without a
/// commit nothing is guaranteed. A stream is used by one thread at a time, which need not be the one that opened it.
///
/// ```
/// use std::io::{self, Read};
/// use mapi_provider::SyncError;
/// use mapi_provider::abi::PR_ATTACH_DATA_BIN;
/// use mapi_provider::store::Attachment;
///
/// /// Copies a file into an attachment, however large it is.
/// fn fill(attachment: &Attachment, mut file: impl Read) -> Result<(), SyncError> {
///     let mut stream = attachment.writer(PR_ATTACH_DATA_BIN)?;
///     io::copy(&mut file, &mut stream)?;
///     stream.commit()?;
///     attachment.save()?;
///     Ok(())
/// }
/// ```
#[derive(Debug)]
pub struct PropertyStream<'run> {
    stream: Object<'run, IStream>,
}

impl<'run> PropertyStream<'run> {
    pub(super) fn new(stream: Object<'run, IStream>) -> Self {
        Self { stream }
    }

    /// Makes what was written the property’s value.
    ///
    /// # Errors
    ///
    /// The stream can’t keep it, for example because there is no room.
    pub fn commit(&self) -> Result<(), StoreError> {
        self.stream.commit()
    }

    /// How many bytes there are.
    ///
    /// # Errors
    ///
    /// The stream doesn’t say.
    pub fn size(&self) -> Result<u64, StoreError> {
        self.stream.size()
    }

    /// Writes bytes and commits them.
    pub(super) fn write_whole(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        // A store that keeps the rest of a longer value would be in the wrong, but cutting it off costs little. What
        // does not take it can still take the bytes.
        let _ = self.stream.set_size(bytes.len() as u64);
        let mut rest = bytes;
        while !rest.is_empty() {
            let count = self.stream.write(rest)?;
            if count == 0 {
                let text = "the stream takes no bytes and tells no error";
                return Err(StoreError::senseless("write a stream", text));
            }
            rest = rest.get(count..).unwrap_or_default();
        }
        self.commit()
    }

    /// All bytes from here to the end.
    pub(super) fn read_rest(&mut self) -> Result<Vec<u8>, StoreError> {
        // Nothing is read of what would be too large in the end. Not every stream says how large it is.
        if self
            .stream
            .size()
            .is_ok_and(|size| size > LARGEST_VALUE as u64)
        {
            return Err(too_big());
        }
        let mut bytes = Vec::new();
        loop {
            let length = bytes.len();
            if length > LARGEST_VALUE {
                return Err(too_big());
            }
            bytes
                .try_reserve(PIECE)
                .map_err(|_| StoreError::new("read a stream", MAPI_E_NOT_ENOUGH_MEMORY, None))?;
            bytes.resize(length + PIECE, 0);
            let count = self
                .stream
                .read(bytes.get_mut(length..).unwrap_or_default())?;
            bytes.truncate(length + count);
            if count == 0 {
                return Ok(bytes);
            }
        }
    }
}

fn too_big() -> StoreError {
    let text = "the value is larger than what is read as a whole".to_owned();
    StoreError::new("read a stream", MAPI_E_TOO_BIG, Some(text))
}

impl Read for PropertyStream<'_> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        Ok(self.stream.read(bytes)?)
    }
}

/// Flushing does nothing; see [`PropertyStream::commit`].
impl Write for PropertyStream<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if bytes.is_empty() {
            return Ok(0);
        }
        Ok(self.stream.write(bytes)?)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for PropertyStream<'_> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let (by, origin) = match to {
            // The same bits, which MAPI takes for unsigned here.
            SeekFrom::Start(position) => (position as i64, STREAM_SEEK_SET),
            SeekFrom::Current(by) => (by, STREAM_SEEK_CUR),
            SeekFrom::End(by) => (by, STREAM_SEEK_END),
        };
        Ok(self.stream.seek(by, origin)?)
    }
}
