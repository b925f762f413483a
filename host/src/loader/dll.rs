//! What a DLL says about itself: its machine, what it exports, and which libraries it needs.
//!
//! The file may be malicious or cut off: each place in it is checked before it is read, and each list has an end.

use std::collections::BTreeSet;
use std::fmt;
use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::binary::{Image, half, word};
use super::{DECORATED, LoadError};

/// A DLL of this size has no usable debug information.
const LARGEST: u64 = 1 << 30;
/// The most sections that Windows loads.
const MOST_SECTIONS: usize = 96;
/// Exports have numbers of 16 bits.
const MOST_EXPORTS: usize = 1 << 16;
/// More libraries than any program needs.
const MOST_NEEDS: usize = 1 << 12;
/// Longer than any C name, and than most C++ names.
const LONGEST_NAME: usize = 1 << 12;

/// The size of a section's header, of a data directory and of a library's entry in the import table.
const SECTION: usize = 40;
const DIRECTORY: usize = 8;
const IMPORT: usize = 20;

/// A Windows DLL, as its file describes it; nothing in it is run.
#[derive(Debug, Clone)]
pub struct Dll {
    image: Image,
    size: u64,
    exports: Vec<String>,
    needs: Vec<String>,
}

impl Dll {
    /// Reads a file, for any machine.
    ///
    /// # Errors
    ///
    /// The file can't be read, or is not a DLL.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, LoadError> {
        let path = path.as_ref();
        let unreadable = |error| LoadError::Unreadable {
            path: path.to_owned(),
            error,
        };
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(unreadable)?;
        file.take(LARGEST)
            .read_to_end(&mut bytes)
            .map_err(unreadable)?;
        Self::parse(&bytes).ok_or_else(|| LoadError::NotALibrary {
            path: path.to_owned(),
        })
    }

    /// Reads the bytes of a file; `None` if they are not a DLL.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let image = Image::parse(bytes)?;
        let file = Layout::parse(bytes)?;
        Some(Self {
            image,
            size: bytes.len() as u64,
            exports: file.exports()?,
            needs: file.needs()?,
        })
    }

    /// The machine's name on command lines: `x64`, `x86`, `arm64`; `None` for any other.
    pub fn arch(&self) -> Option<&'static str> {
        self.image.arch()
    }

    /// The size of the file.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The names that it exports, in the order of its table.
    pub fn exports(&self) -> &[String] {
        &self.exports
    }

    /// The libraries that Windows loads with it, each once.
    pub fn needs(&self) -> &[String] {
        &self.needs
    }

    /// Whether MAPI would find a provider in it.
    ///
    /// # Errors
    ///
    /// It exports neither `MSProviderInit` nor a transport's `XPProviderInit`, or one under another name.
    pub fn check_provider(&self, path: &Path) -> Result<(), LoadError> {
        let exports = |name: &str| self.exports.iter().any(|export| export == name);
        if exports("MSProviderInit") || exports("XPProviderInit") {
            return Ok(());
        }
        let path = path.to_owned();
        Err(match DECORATED.into_iter().find(|name| exports(name)) {
            Some(found) => LoadError::Decorated { path, found },
            None => LoadError::NotAProvider {
                path,
                symbol: "MSProviderInit",
            },
        })
    }
}

/// `Windows on 64-bit x86`
impl fmt::Display for Dll {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.image.fmt(f)
    }
}

/// Where things are in a file.
struct Layout<'f> {
    bytes: &'f [u8],
    /// The headers of the sections, one after another.
    sections: &'f [u8],
    /// The data directories: exports first, then imports.
    directories: &'f [u8],
}

impl<'f> Layout<'f> {
    fn parse(bytes: &'f [u8]) -> Option<Self> {
        let header = Image::pe_header(bytes)?;
        let (count, optional_size) = (
            usize::from(half(header, 2)?),
            usize::from(half(header, 16)?),
        );
        let is_dll = half(header, 18)? & 0x2000 != 0;
        if !is_dll || count > MOST_SECTIONS {
            return None;
        }
        let optional = header.get(20..)?.get(..optional_size)?;
        let start = match half(optional, 0)? {
            0x10B => 92,
            0x20B => 108,
            _ => return None,
        };
        // At most sixteen mean anything.
        let directories = (word(optional, start)? as usize).min(16) * DIRECTORY;
        Some(Self {
            bytes,
            sections: header.get(20 + optional_size..)?.get(..count * SECTION)?,
            directories: optional.get(start + 4..)?.get(..directories)?,
        })
    }

    /// Where a data directory's table will be in memory; `None` if there is no such table.
    fn table(&self, directory: usize) -> Option<u32> {
        word(self.directories, directory * DIRECTORY).filter(|address| *address != 0)
    }

    /// What will be at an address in memory, up to the end of its section.
    fn at(&self, address: u32) -> Option<&'f [u8]> {
        self.sections.chunks_exact(SECTION).find_map(|section| {
            let (start, size) = (word(section, 12)?, word(section, 16)? as usize);
            let within = address.checked_sub(start)? as usize;
            let begin = word(section, 20)? as usize;
            let end = begin.checked_add(size)?;
            (within < size).then(|| self.bytes.get(begin..end)?.get(within..))?
        })
    }

    /// The name at an address. The total length of all names is subtracted from `left`: they are side by side in
    /// a file, and only a malicious one uses each byte many times.
    fn name(&self, address: u32, left: &mut usize) -> Option<String> {
        let bytes = self.at(address)?;
        let length = bytes
            .iter()
            .take(LONGEST_NAME)
            .position(|byte| *byte == 0)?;
        *left = left.checked_sub(length)?;
        Some(String::from_utf8_lossy(&bytes[..length]).into_owned())
    }

    fn exports(&self) -> Option<Vec<String>> {
        let Some(table) = self.table(0) else {
            return Some(Vec::new());
        };
        let table = self.at(table)?;
        let count = word(table, 24)? as usize;
        if count == 0 {
            return Some(Vec::new());
        }
        if count > MOST_EXPORTS {
            return None;
        }
        let names = self.at(word(table, 32)?)?.get(..count * 4)?;
        let mut left = self.bytes.len();
        let names = names.chunks_exact(4);
        names
            .map(|name| self.name(word(name, 0)?, &mut left))
            .collect()
    }

    fn needs(&self) -> Option<Vec<String>> {
        let Some(table) = self.table(1) else {
            return Some(Vec::new());
        };
        let mut left = self.bytes.len();
        let mut needs = Vec::new();
        // Linkers name a library once for each of its import libraries, and Windows ignores case.
        let mut seen = BTreeSet::new();
        for entry in self.at(table)?.chunks_exact(IMPORT).take(MOST_NEEDS) {
            // An entry without a name is the end.
            let name = match word(entry, 12)? {
                0 => return Some(needs),
                name => self.name(name, &mut left)?,
            };
            if seen.insert(name.to_ascii_lowercase()) {
                needs.push(name);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;
