//! The file: its header, and bytes from wherever they are.

use std::cell::RefCell;
use std::fmt;
use std::fs;
use std::io::{self, Read, Seek, SeekFrom};

use super::bytes::{u8_at, u16_at, word_at};
use super::crypt::Crypt;
use super::{ReadError, Result, damaged};

/// A PST file.
pub(in crate::pst_file) struct File {
    file: RefCell<Box<dyn Source>>,
    pub(super) length: u64,
    /// How wide IDs and offsets are: 8 bytes, or 4 in the format of Outlook 97 to 2002.
    pub(super) word: usize,
    pub(super) crypt: Crypt,
    /// Where the roots of the trees of nodes and of blocks are.
    pub(super) nodes: u64,
    pub(super) blocks: u64,
}

/// A source to read a file from.
trait Source: Read + Seek {}

impl<T: Read + Seek> Source for T {}

impl fmt::Debug for File {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("File").finish_non_exhaustive()
    }
}

/// Why a file can't be read.
#[derive(Debug)]
pub(in crate::pst_file) enum Refusal {
    /// It is an OST file.
    Ost,
    /// It is not a PST file.
    Other,
    /// It can't be read, or its header is damaged.
    Unreadable(ReadError),
}

impl<E: Into<ReadError>> From<E> for Refusal {
    fn from(error: E) -> Self {
        Self::Unreadable(error.into())
    }
}

/// A header of either format fits into it.
const HEADER: usize = 564;
const MAGIC: &[u8] = b"!BDN";

impl File {
    pub(in crate::pst_file) fn open(file: fs::File) -> std::result::Result<Self, Refusal> {
        Self::from_source(file)
    }

    pub(in crate::pst_file) fn from_source(
        mut source: impl Read + Seek + 'static,
    ) -> std::result::Result<Self, Refusal> {
        let length = source.seek(SeekFrom::End(0))?;
        source.rewind()?;
        let mut header = Vec::new();
        source
            .by_ref()
            .take(HEADER as u64)
            .read_to_end(&mut header)?;
        if !header.starts_with(MAGIC) {
            return Err(Refusal::Other);
        }
        match header.get(8..10) {
            Some(b"SM") => {}
            Some(b"SO") => return Err(Refusal::Ost),
            _ => return Err(Refusal::Other),
        }
        // Where the two roots are, and how blocks are encoded.
        let (word, nodes, blocks, crypt) = match u16_at(&header, 10)? {
            14 | 15 => (4, 188, 196, 461),
            20..36 => (8, 224, 240, 513),
            other => {
                let what = format!("there is no known format {other}");
                return Err(damaged(what).into());
            }
        };
        Ok(Self {
            length,
            word,
            crypt: Crypt::of(u8_at(&header, crypt)?)?,
            nodes: word_at(&header, nodes, word)?,
            blocks: word_at(&header, blocks, word)?,
            file: RefCell::new(Box::new(source)),
        })
    }

    /// That many bytes from there.
    pub(super) fn bytes(&self, at: u64, length: usize) -> Result<Vec<u8>> {
        let end = at.checked_add(length as u64);
        if end.is_none_or(|end| end > self.length) {
            return Err(damaged("it ends before something that it refers to"));
        }
        let mut bytes = vec![0; length];
        let mut file = self.file.borrow_mut();
        file.seek(SeekFrom::Start(at))
            .and_then(|_| file.read_exact(&mut bytes))
            .map_err(|error: io::Error| ReadError::Io(error))?;
        Ok(bytes)
    }
}
