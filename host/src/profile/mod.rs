//! A MAPI profile: sections of properties, in memory or in a file.

mod file;
mod text;

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use windows_core::HRESULT;

use crate::locks::lock;
use crate::property::{Property, Value};

/// The name of a section.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SectionUid(pub [u8; 16]);

impl SectionUid {
    /// The section of the provider that a host runs, which it gets for a NULL name at logon.
    pub const PROVIDER: Self = Self(*b"host's provider\0");
    /// The section of its message service, which `ServiceEntry` gets for a NULL name.
    pub const SERVICE: Self = Self(*b"host's service\0\0");
    /// The section of a transport that stands beside a store, whose section is [`PROVIDER`](Self::PROVIDER).
    pub const TRANSPORT: Self = Self(*b"host's transport");
    /// The section of an address book that stands beside a store or a transport.
    pub const ADDRESS_BOOK: Self = Self(*b"host's addresses");
}

impl fmt::Display for SectionUid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for SectionUid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The properties of a section, by ID.
pub type Section = BTreeMap<u16, Value>;

/// Whether a property is in the range that MAPI keeps encrypted and leaves out of lists.
pub fn is_secure(id: u16) -> bool {
    (0x67F0..=0x67FF).contains(&id)
}

/// What can be made to fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Operation {
    /// Opening a section.
    Open,
    /// `GetProps` of a section.
    GetProps,
    /// `SetProps` of a section.
    SetProps,
    /// `DeleteProps` of a section.
    DeleteProps,
    /// `SaveChanges` of a section.
    SaveChanges,
}

/// What is wrong with a profile's file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProfileError {
    /// It can't be read.
    #[error("can't read the profile {}: {error}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It can't be written.
    #[error("can't write the profile {}: {error}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// It is not a profile.
    #[error("{}, line {line}: {what}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        what: String,
    },
}

/// A profile. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Profile(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    sections: Mutex<BTreeMap<SectionUid, Section>>,
    file: Option<PathBuf>,
    /// What distinguishes it from every other profile.
    identity: u128,
    faults: Mutex<BTreeMap<Operation, Injected>>,
}

impl Default for Shared {
    fn default() -> Self {
        let mut hasher = RandomState::new().build_hasher();
        let mut half = |salt: u8| {
            hasher.write_u8(salt);
            hasher.finish()
        };
        let identity = u128::from(half(0)) << 64 | u128::from(half(1));
        Self {
            sections: Mutex::default(),
            file: None,
            identity,
            faults: Mutex::default(),
        }
    }
}

/// Where a file is: the same in every process, whether or not the file exists yet.
fn place(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    match (path.parent().map(Path::canonicalize), path.file_name()) {
        (Some(Ok(folder)), Some(name)) => folder.join(name),
        _ => path,
    }
}

/// FNV-1a of 128 bits.
fn fingerprint(bytes: &[u8]) -> u128 {
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let step = |hash: u128, byte: &u8| (hash ^ u128::from(*byte)).wrapping_mul(PRIME);
    bytes.iter().fold(BASIS, step)
}

/// A planned failure, after a number of successful calls.
#[derive(Clone, Copy, Debug)]
struct Injected {
    result: HRESULT,
    after: u32,
}

impl Profile {
    /// An empty profile that lives only as long as the process.
    pub fn in_memory() -> Self {
        Self::default()
    }

    /// The profile in a file, or an empty one if there is no such file yet. Every
    /// `SaveChanges` of a section writes it, to a temporary file that then replaces it.
    ///
    /// Properties of the secure range (0x67F0 to 0x67FF) are never written to it.
    ///
    /// # Errors
    ///
    /// The file can't be read or isn't a profile.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, ProfileError> {
        let path = path.as_ref().to_owned();
        let sections = file::load(&path)?;
        let identity = fingerprint(place(&path).as_os_str().as_encoded_bytes());
        Ok(Self(Arc::new(Shared {
            sections: Mutex::new(sections),
            file: Some(path),
            identity,
            faults: Mutex::default(),
        })))
    }

    /// The MAPIUID of a provider's section, which no other section of any profile has.
    pub fn provider_uid(&self, SectionUid(section): SectionUid) -> [u8; 16] {
        let mut bytes = self.0.identity.to_be_bytes().to_vec();
        bytes.extend(section);
        fingerprint(&bytes).to_be_bytes()
    }

    /// A copy of a section; empty if there is none.
    pub fn section(&self, uid: SectionUid) -> Section {
        lock(&self.0.sections)
            .get(&uid)
            .cloned()
            .unwrap_or_default()
    }

    /// Whether a section exists.
    pub fn has(&self, uid: SectionUid) -> bool {
        lock(&self.0.sections).contains_key(&uid)
    }

    /// The value of a property.
    pub fn get(&self, uid: SectionUid, id: u16) -> Option<Value> {
        lock(&self.0.sections).get(&uid)?.get(&id).cloned()
    }

    /// Sets a property, as if somebody other than the provider did.
    ///
    /// # Errors
    ///
    /// The file can't be written; the profile is then as it was.
    pub fn set(&self, uid: SectionUid, property: Property) -> Result<(), ProfileError> {
        self.commit(uid, BTreeMap::from([(property.id, Some(property.value))]))
    }

    /// From now on, an operation fails with a result, until [`heal`](Self::heal).
    pub fn fail(&self, operation: Operation, result: HRESULT) {
        self.fail_after(0, operation, result);
    }

    /// An operation fails with a result, after it has succeeded that many times, until
    /// [`heal`](Self::heal).
    pub fn fail_after(&self, after: u32, operation: Operation, result: HRESULT) {
        lock(&self.0.faults).insert(operation, Injected { result, after });
    }

    /// All operations work again.
    pub fn heal(&self) {
        lock(&self.0.faults).clear();
    }

    /// The failure that is due, if any.
    pub(crate) fn injected(&self, operation: Operation) -> Result<(), HRESULT> {
        match lock(&self.0.faults).get_mut(&operation) {
            Some(Injected { result, after: 0 }) => Err(*result),
            Some(injected) => {
                injected.after -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Makes a section, if there is none.
    pub(crate) fn create(&self, uid: SectionUid) {
        lock(&self.0.sections).entry(uid).or_default();
    }

    /// The sections that there are.
    pub fn sections(&self) -> Vec<SectionUid> {
        lock(&self.0.sections).keys().copied().collect()
    }

    /// Puts a section in the place of another, or takes it away, and saves the profile: both or neither.
    ///
    /// # Errors
    ///
    /// The file can't be written; the profile is then as it was.
    pub fn replace(&self, uid: SectionUid, section: Option<Section>) -> Result<(), ProfileError> {
        let mut sections = lock(&self.0.sections);
        let put = |sections: &mut BTreeMap<_, _>, section| match section {
            Some(section) => sections.insert(uid, section),
            None => sections.remove(&uid),
        };
        let before = put(&mut sections, section);
        let saved = self.save(&sections);
        if saved.is_err() {
            put(&mut sections, before);
        }
        saved
    }

    fn save(&self, sections: &BTreeMap<SectionUid, Section>) -> Result<(), ProfileError> {
        match &self.0.file {
            Some(path) => file::save(path, sections),
            None => Ok(()),
        }
    }

    /// Applies changes (`None`: deleted) to a section and saves the profile: both or
    /// neither.
    pub(crate) fn commit(
        &self,
        uid: SectionUid,
        changes: BTreeMap<u16, Option<Value>>,
    ) -> Result<(), ProfileError> {
        let mut sections = lock(&self.0.sections);
        let before = sections.get(&uid).cloned();
        let section = sections.entry(uid).or_default();
        for (id, value) in changes {
            match value {
                Some(value) => section.insert(id, value),
                None => section.remove(&id),
            };
        }
        let saved = self.save(&sections);
        if saved.is_err() {
            match before {
                Some(before) => sections.insert(uid, before),
                None => sections.remove(&uid),
            };
        }
        saved
    }
}

#[cfg(test)]
mod tests;
