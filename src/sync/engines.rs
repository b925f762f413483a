//! The engines and lines of this process: one engine for each section of a profile, one line for each store
//! (SYNC-15).

use std::any::TypeId;
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use super::BackgroundSync;
use super::engine::{EngineOptions, LogonPart, Shared, SyncEngine};
use super::line::Line;
use super::open::Open;
use crate::manifest::Manifest;
use crate::platform::file_identity;

/// All engines and lines.
static OPEN: Open<EngineKey, StoreKey> = Open::new();

/// Which engine: the logic of a provider for one section.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct EngineKey {
    logic: TypeId,
    manifest: usize,
    section: SectionKey,
}

/// Which section of a profile.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum SectionKey {
    /// By its MAPIUID, which no other section of any profile has.
    Uid([u8; 16]),
    /// One that has no MAPIUID, of the provider object with this number: nothing else identifies it.
    Unknown { provider: u64, entry_id: Vec<u8> },
}

/// Which store: what a run must have to itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum StoreKey {
    /// The store that a section of a profile stands for.
    Section([u8; 16], [u8; 16]),
    /// The file that a section names: two sections may name one.
    File(String),
    /// One that only this provider object knows.
    Unknown(u64, Vec<u8>),
}

impl EngineKey {
    pub(crate) fn new<L: 'static>(manifest: &'static Manifest, section: SectionKey) -> Self {
        Self {
            logic: TypeId::of::<L>(),
            manifest: std::ptr::from_ref(manifest) as usize,
            section,
        }
    }
}

impl StoreKey {
    /// The store of a section.
    pub(crate) fn of_section(provider: &[u8; 16], section: &SectionKey) -> Self {
        match section {
            SectionKey::Uid(uid) => Self::Section(*provider, *uid),
            SectionKey::Unknown { provider, entry_id } => {
                Self::Unknown(*provider, entry_id.clone())
            }
        }
    }

    /// The store in a file, whichever section names it.
    pub(crate) fn of_file(path: &Path) -> Self {
        Self::File(file_identity(path))
    }

    /// The name of the lock that other processes see: letters, digits and dashes.
    fn lock_name(&self) -> Option<String> {
        match self {
            Self::Section(provider, section) => Some(hex("section", &[provider, section])),
            // A short name; two files that shared it would only wait for each other.
            Self::File(identity) => Some(hex("file", &[&fingerprint(identity)])),
            Self::Unknown(..) => None,
        }
    }
}

/// FNV-1a of 128 bits: the same in every process, whatever it was built with.
fn fingerprint(text: &str) -> [u8; 16] {
    const BASIS: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    let step = |hash: u128, byte: u8| (hash ^ u128::from(byte)).wrapping_mul(PRIME);
    text.bytes().fold(BASIS, step).to_be_bytes()
}

fn hex(kind: &str, parts: &[&[u8]]) -> String {
    let mut name = kind.to_owned();
    for part in parts {
        name.push('-');
        for byte in *part {
            // Writing to a string can't fail.
            let _ = write!(name, "{byte:02x}");
        }
    }
    name
}

impl<L: BackgroundSync> SyncEngine<L> {
    /// Adds a logon to the engine of a section, if there is one. Otherwise, what the logon brings is given back.
    pub(crate) fn find(key: &EngineKey, part: LogonPart) -> Result<Self, LogonPart> {
        OPEN.find::<Shared<L>>(key, part)
    }

    /// The engine of a section, with this logon: a new one with this logic, or one that another thread has opened
    /// meanwhile; then the logic is dropped.
    pub(crate) fn claim(
        key: EngineKey,
        store: &StoreKey,
        logic: L,
        options: EngineOptions,
        part: LogonPart,
    ) -> Self {
        let new_line = || Line::new(store.lock_name());
        OPEN.claim(key, store, new_line, part, move |line, part| {
            let engine = Self::open(line, logic, options, part);
            (Arc::clone(engine.shared()), engine)
        })
    }
}
